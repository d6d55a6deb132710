r"""
Memory: how much of it this process may use

EXAMPLES::

    sage: from sage_logreg.support.memory import usable_memory
    sage: usable_memory() > 0
    True
"""
import contextlib

from sage_logreg.support.paths import memory

# where Linux says what a container may use
LIMITS = '/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'


def usable_memory():
    r"""
    Return how many bytes this process may use: those of the machine, or fewer, where it or its container has a limit.
    """
    limits = [memory()]
    for path in LIMITS:
        # it may not be there, or be 'max'
        with contextlib.suppress(OSError, ValueError), open(path) as file:
            limits.append(int(file.read()))
    with contextlib.suppress(ImportError):
        import resource
        limits += [limit for limit in (resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA)) if limit >= 0]
    return min(limits)
