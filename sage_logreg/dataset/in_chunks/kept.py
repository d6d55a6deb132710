r"""
Rows that are kept: those of chunks that were read, decoded, as many as a part of the memory holds

A training passes over its data many times; of chunks that are kept it reads the files once. What is read again must be in the
files that were read first: a changed file is an error, not a mixture.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.dataset.in_chunks.chunk import Chunk
    sage: from sage_logreg.dataset.in_chunks.kept import Kept
    sage: kept, chunk = Kept(), Chunk('the first rows', 0)
    sage: kept.keep(chunk, ex2data1())
    sage: kept.of(chunk)
    100 points in x1, x2: 60 with y = 1, 40 with y = 0
    sage: kept.clear(); kept.of(chunk) is None
    True
"""
import os
import sys
import threading
import weakref

import numpy

from sage_logreg.support.paths import memory

# what the process itself, with Sage, takes, and the chunks that are being read; and the part of the other memory that is used at most
OWN, PART = 1 << 30, 1 / 4

_lock = threading.RLock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
# of all data of this process, who share the memory
_all = weakref.WeakSet()


class Kept:
    r"""
    What is kept of the chunks of one :class:`~sage_logreg.dataset.assembly.Plan`, in this process or by the workers of a client.

    - ``sizes`` -- dictionary from the ids of chunks to bytes, of those that were read
    - ``client`` -- whose workers keep the rows, as futures; ``None`` for this process
    - ``has_given_up`` -- whether the memory was not enough
    """

    def __init__(self):
        self.sizes, self.client, self.has_given_up = {}, None, False
        # the chunks as well, whose ids are theirs as long as they are there
        self._rows, self._stamps = {}, {}
        with _lock:
            _all.add(self)

    def __reduce__(self):
        # another process keeps its own
        return Kept, ()

    def of(self, chunk):
        r"""
        Return the rows of a chunk that are kept, or ``None``.
        """
        return self._rows.get(id(chunk), (None, None))[1]

    def keep(self, chunk, data=None, future=None):
        r"""
        Keep the rows of a chunk: a Dataset in this process, if there is room, or a future of them.
        """
        if future is not None:
            self._rows[id(chunk)] = chunk, future
            return
        size = size_of(data)
        with _lock:
            self.sizes[id(chunk)] = size
            room = PART * (memory() - OWN) - self._bytes() - size
            others = [other for other in _all if other is not self and other.client is None]
            # data that are used now come before others
            while others and 0 <= room < sum(other._bytes() for other in others):
                others.pop().clear()
            if not self.has_given_up and room >= sum(other._bytes() for other in others):
                self._rows[id(chunk)] = chunk, data

    def is_used(self):
        r"""
        Return whether anything is kept.
        """
        return bool(self._rows)

    def drop(self, chunk):
        r"""
        Keep a chunk no longer.
        """
        self._rows.pop(id(chunk), None)

    def clear(self, *client):
        r"""
        Keep nothing; if it is given, change the client.
        """
        with _lock:
            self._rows = {}
            if client:
                self.client, = client

    def give_up(self):
        r"""
        Keep nothing from now on.
        """
        self.has_given_up = True
        self.clear()

    def stamp_of(self, chunk):
        r"""
        Return the size and the time of a chunk's file when it was first read; ``None`` before that, or of what is no file.
        """
        return self._stamps.get(path_of(chunk))

    def note(self, chunk, stamp, size=None):
        r"""
        Note what file was read, which must be the one that was read first, and how many bytes the rows take.
        """
        if size is not None:
            self.sizes[id(chunk)] = size
        if stamp is not None:
            check_same(chunk, stamp, self._stamps.setdefault(path_of(chunk), stamp))

    def _bytes(self):
        return sum(self.sizes[number] for number in list(self._rows))


def path_of(chunk):
    r"""
    Return the path of a chunk's file, or ``None``; a chunk may be in another one that has more about its rows.
    """
    while hasattr(chunk, 'chunk'):
        chunk = chunk.chunk
    return getattr(chunk, 'path', None)


def stamp_of_file(chunk):
    r"""
    Return the size and the time of the file of a chunk, as they are now; ``None`` of what is no file.
    """
    try:
        status = os.stat(path_of(chunk))
    except (OSError, TypeError):
        # what cannot be opened says so itself
        return None
    return status.st_size, status.st_mtime_ns


def check_same(chunk, stamp, first):
    r"""
    Check that the file of a chunk is still what it was when it was first read.

    EXAMPLES::

        sage: from sage_logreg.dataset.in_chunks.chunk import Chunk
        sage: from sage_logreg.dataset.in_chunks.kept import check_same
        sage: check_same(Chunk('rows.csv', 0), (10, 5), (12, 5))
        Traceback (most recent call last):
        ...
        ValueError: rows.csv has changed since it was first read (from 12 to 10 bytes); expected the same file, or load_data(...) again
    """
    if None not in (stamp, first) and stamp != first:
        change = f'from {first[0]} to {stamp[0]} bytes' if stamp[0] != first[0] else f'{stamp[0]} bytes, written again'
        raise ValueError(f'{chunk.name} has changed since it was first read ({change}); expected the same file, or load_data(...) again')


def size_of(data, seen=None):
    r"""
    Return how many bytes data take: the arrays in them, and what stands in lists.

    EXAMPLES::

        sage: import numpy
        sage: from sage_logreg.dataset.in_chunks.kept import size_of
        sage: one = numpy.zeros(1000)
        sage: size_of({'a': one, 'b': one[10:], 'c': (one,)})
        8000
    """
    seen = set() if seen is None else seen
    while isinstance(data, numpy.ndarray) and isinstance(data.base, numpy.ndarray):
        data = data.base
    if id(data) in seen or isinstance(data, (str, bytes, type, numpy.generic)):
        return 0
    seen.add(id(data))
    if isinstance(data, numpy.ndarray):
        # of objects, about as much again as a small object takes
        return data.nbytes + (48 * data.size if data.dtype.hasobject else 0)
    if isinstance(data, dict):
        # those share what they are compiled to
        return sum(size_of(one, seen) for name, one in data.items() if name != 'features')
    if isinstance(data, (list, tuple)):
        long = len(data) > 1000
        return sys.getsizeof(data) + 48 * len(data) if long else sum(size_of(one, seen) for one in data)
    ours = type(data).__module__.startswith(('sage_logreg.dataset', 'scipy.sparse'))
    return size_of(vars(data), seen) if ours and hasattr(data, '__dict__') else 0
