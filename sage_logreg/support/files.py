r"""
Files that are written whole or not at all

EXAMPLES::

    sage: from sage_logreg.support.files import write_whole
    sage: import os, tempfile
    sage: folder = tempfile.TemporaryDirectory()
    sage: path = os.path.join(folder.name, 'text')
    sage: write_whole(path, b'one')
    sage: write_whole(path, b'two')
    sage: with open(path, 'rb') as file: print(file.read())
    b'two'
    sage: os.listdir(folder.name)
    ['text']
    sage: folder.cleanup()
"""
import contextlib
import hashlib
import os
import re
import stat
import tempfile
import threading

from sage_logreg.support.interrupt import interrupts_held

try:
    import fcntl
except ImportError:
    # not on Windows
    fcntl = None

# most bytes of a name that the name of its part repeats: file systems allow 255, and eCryptfs 143
LONGEST_NAME = 120

_one_thread = threading.Lock()


def write_whole(path, content):
    r"""
    Write bytes to a file: at any time, a reader sees the old content or the new one, whoever else writes.

    An existing file keeps its mode, a new one has that of any new file.
    """
    descriptor, part = _new_part(path)
    try:
        with open(descriptor, 'wb') as file:
            file.write(content)
            file.flush()
            os.chmod(descriptor if os.chmod in os.supports_fd else part, _mode(path))
            os.fsync(file.fileno())
            os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def remove_leftovers(path):
    r"""
    Remove the parts of this file that a killed process has left; one that is being written stays.

    EXAMPLES::

        sage: from sage_logreg.support.files import _new_part, remove_leftovers
        sage: import os, tempfile
        sage: folder = tempfile.TemporaryDirectory()
        sage: path = os.path.join(folder.name, 'text')
        sage: descriptor, part = _new_part(path)
        sage: remove_leftovers(path)
        sage: os.listdir(folder.name) == [os.path.basename(part)]
        True
        sage: os.close(descriptor)
        sage: remove_leftovers(path)
        sage: os.listdir(folder.name)
        []
        sage: folder.cleanup()
    """
    folder, base = os.path.split(path)
    name_of_part = re.compile(rf'{re.escape(_prefix(base))}\w+\.part')
    for name in filter(name_of_part.fullmatch, os.listdir(folder)):
        # another user's, a link, or gone meanwhile
        with contextlib.suppress(OSError):
            part = os.path.join(folder, name)
            descriptor = os.open(part, os.O_RDWR | getattr(os, 'O_NOFOLLOW', 0) | getattr(os, 'O_NONBLOCK', 0))
            try:
                if stat.S_ISREG(os.fstat(descriptor).st_mode) and lock(descriptor):
                    os.unlink(part)
            finally:
                os.close(descriptor)


def _prefix(base):
    # What the name of a part begins with; a long name is shortened, to one of its own.
    if len(os.fsencode(base)) <= LONGEST_NAME:
        return f'.{base}.'
    digest = hashlib.sha256(os.fsencode(base)).hexdigest()[:16]
    return f'.{digest}.'


def _new_part(path):
    # A new file beside it that only this user may read, locked as long as it is open.
    folder, base = os.path.split(path)
    while True:
        descriptor, part = tempfile.mkstemp(prefix=_prefix(base), suffix='.part', dir=folder)
        # another process may have taken it for a leftover
        if lock(descriptor) is not False and os.fstat(descriptor).st_nlink:
            return descriptor, part
        os.close(descriptor)


def lock(descriptor):
    r"""
    Return whether an open file is locked now, until it is closed; ``False`` if another has it, ``None`` if nobody can.

    EXAMPLES::

        sage: from sage_logreg.support.files import lock
        sage: import tempfile
        sage: with tempfile.NamedTemporaryFile() as one, open(one.name) as two:
        ....:     lock(one.fileno()), lock(two.fileno())
        (True, False)
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # not on every file system
        return None
    return True


def _mode(path):
    # Of the existing file, or of a new one.
    with contextlib.suppress(FileNotFoundError):
        return stat.S_IMODE(os.stat(path).st_mode)
    with _one_thread, interrupts_held():
        # read by setting it, for this moment to the strictest
        mask = os.umask(0o077)
        os.umask(mask)
    return 0o666 & ~mask
