r"""
Work that processes share: the first one to come does it, those that come meanwhile wait and find its result

EXAMPLES::

    sage: from sage_logreg.support.processes import FirstTime
    sage: import os, tempfile
    sage: folder = tempfile.TemporaryDirectory()
    sage: path = os.path.join(folder.name, 'work')
    sage: with FirstTime(path) as first:
    ....:     first.done()
    sage: FirstTime(path).is_over()
    True
    sage: folder.cleanup()
"""
import contextlib
import os
import time

from sage_logreg.support.files import lock

# how often a process that waits looks again, and how long it waits at most, in seconds
PAUSE, PATIENCE = 0.05, 120


class FirstTime:
    r"""
    A context that only one process of those with the same path enters at a time, until it is :meth:`done`.

    A process that was killed does not keep the others waiting. Where files cannot be written or locked, none waits.
    """

    def __init__(self, path):
        self.path, self._descriptor = path, None

    def is_over(self):
        r"""
        Return whether a process has done the work, so that none waits any more.
        """
        try:
            return os.path.getsize(self.path) > 0
        except OSError:
            return False

    def done(self):
        r"""
        Let others know that the work is done, in the cache of whatever does it.
        """
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.write(self._descriptor, b'done\n')

    def __enter__(self):
        end = time.monotonic() + PATIENCE
        try:
            while not self.is_over() and time.monotonic() < end:
                if self._descriptor is None:
                    self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
                if lock(self._descriptor) is not False:
                    break
                time.sleep(PAUSE)
        except OSError:
            # work that cannot be shared is still done
            pass
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error):
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
