r"""
Files that are read: their names in messages, and what is checked before one is opened
"""
import contextlib
import os
import resource

from sage_logreg.support.arguments import shown

# where Linux says what a container may have
CONTAINER = ('/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes')


def shown_path(path):
    r"""
    Return a path for a message: it may be any string, and a message is one line.

    EXAMPLES::

        sage: from sage_logreg.support.paths import shown_path
        sage: shown_path('scores.csv'), shown_path('two\nlines')
        ('scores.csv', "'two\\nlines'")
    """
    return path if isinstance(path, str) and path.isprintable() and 0 < len(path) < 1000 else shown(path)


def checked_size(path, kind, content):
    r"""
    Return how many bytes a regular file has that this user may read; an error says why it cannot be read.

    INPUT:

    - ``path`` -- string or bytes
    - ``kind`` -- what kind of file is expected, in words
    - ``content`` -- what is expected in it, in words

    EXAMPLES::

        sage: from sage_logreg.support.paths import checked_size
        sage: checked_size('no/such/file.csv', 'a text table', 'a table')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no/such/file.csv: there is no such file
    """
    name = shown_path(path)
    if '\0' in os.fsdecode(path):
        raise ValueError(f'{name}: a path has no null characters; expected the path of a file')
    try:
        size = os.path.getsize(path)
        # nothing else is opened: a FIFO would wait for its writer
        if os.path.isfile(path):
            with open(path, 'rb'):
                pass
    except FileNotFoundError:
        raise FileNotFoundError(f'{name}: there is no such file') from None
    except PermissionError:
        raise PermissionError(f'{name} may not be read by this user') from None
    except OSError as error:
        raise OSError(f'{name}: {error.strerror or error}; expected the path of a file') from None
    if os.path.isdir(path):
        raise IsADirectoryError(f'{name} is a directory; expected a file')
    if not os.path.isfile(path):
        raise ValueError(f'{name} is not a regular file; expected {kind}')
    if not size:
        raise ValueError(f'{name} is empty; expected {content}')
    return size


def memory():
    r"""
    Return how many bytes of memory this process may have, which a table should not exceed: the machine's, or those of a limit.
    """
    limits = [os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')]
    # each is -1 or a word where there is none
    limits += [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA)]
    for path in CONTAINER:
        with contextlib.suppress(OSError, ValueError), open(path) as file:
            limits.append(int(file.read()))
    return min(limit for limit in limits if limit > 0)
