r"""
Chunks: pieces of a table that are read where and when they are needed, and sums over them

A chunk can be sent to another process: it says where its rows are, and holds none of them. What is computed of all chunks is a
fold in a fixed tree, so that its bits depend on the chunks alone, not on who computes them, or when.

EXAMPLES::

    sage: from sage_logreg.dataset.in_chunks.chunk import folded
    sage: folded([1, 2, 3, 4, 5], lambda one, other: (one, other))
    (((1, 2), (3, 4)), 5)
"""
import dataclasses

# bytes of numbers that a chunk has at most, more or less
CHUNK = 1 << 26


@dataclasses.dataclass(frozen=True)
class Chunk:
    r"""
    A piece of a table.

    - ``name`` -- string; its source for error messages: a file, or a partition of a frame
    - ``first`` -- int; how many rows of that source stand before it

    A subclass reads it in ``source()``; the rows of the table know their numbers in the source.
    It may know how many ``rows`` there are.
    """

    name: str
    first: int

    def reading(self, points, others):
        r"""
        Return the chunk that reads no other columns than these, if it can: places of points, and of other columns.
        """
        return self

    def source(self):
        r"""
        Return the rows, a :class:`~sage_logreg.dataset.source.Source`.
        """
        raise NotImplementedError


class Folding:
    r"""
    The fold of values that come one by one, in their order: of those that came it holds no more than it must.

    INPUT:

    - ``combine`` -- function of two values; ``None`` for a list of them

    EXAMPLES::

        sage: from sage_logreg.dataset.in_chunks.chunk import Folding, folded
        sage: def pair(one, other):
        ....:     return one, other
        sage: folding = Folding(pair)
        sage: for value in range(7):
        ....:     folding.add(value)
        sage: folding.value() == folded(list(range(7)), pair)
        True
    """

    def __init__(self, combine=None):
        # values with how many they are the fold of, powers of two that decrease
        self._combine, self._values = combine, []

    def add(self, value):
        r"""
        Take the next value.
        """
        values, count = self._values, 1
        while self._combine is not None and values and values[-1][1] == count:
            value, count = self._combine(values.pop()[0], value), 2 * count
        values.append((value, count))

    def value(self):
        r"""
        Return the fold of all values, or the list of them.
        """
        values = [value for value, _ in self._values]
        if self._combine is None:
            return values
        while len(values) > 1:
            last = values.pop()
            values.append(self._combine(values.pop(), last))
        return values[0]


def folded(values, combine):
    r"""
    Return the values combined two by two, those that follow each other, until one is left.

    INPUT:

    - ``values`` -- list, not empty
    - ``combine`` -- function of two values

    EXAMPLES: see :mod:`sage_logreg.dataset.in_chunks.chunk`.
    """
    while len(values) > 1:
        pairs = [combine(*values[k:k + 2]) for k in range(0, len(values) - 1, 2)]
        values = pairs + values[len(values) - len(values) % 2:]
    return values[0]


def added(one, other):
    r"""
    Return the sum of two numbers or arrays, or of two tuples of these, entry by entry; ``None`` counts as nothing.

    EXAMPLES::

        sage: from sage_logreg.dataset.in_chunks.chunk import added
        sage: added((1, None), (2, None)), added(None, 4)
        ((3, None), 4)
    """
    if one is None or other is None:
        return other if one is None else one
    return tuple(map(added, one, other)) if isinstance(one, tuple) else one + other
