r"""
Chunks: pieces of a table that are read where and when they are needed, and sums over them

A chunk can be sent to another process: it says where its rows are, and holds none of them. What is computed of all chunks is a
fold in a fixed tree, so that its bits depend on the chunks alone, not on who computes them, or when.

EXAMPLES::

    sage: from sage_logreg.dataset.chunks import folded
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


def folded(values, combine):
    r"""
    Return the values combined two by two, those that follow each other, until one is left.

    INPUT:

    - ``values`` -- list, not empty
    - ``combine`` -- function of two values

    EXAMPLES: see :mod:`sage_logreg.dataset.chunks`.
    """
    while len(values) > 1:
        pairs = [combine(*values[k:k + 2]) for k in range(0, len(values) - 1, 2)]
        values = pairs + values[len(values) - len(values) % 2:]
    return values[0]


def added(one, other):
    r"""
    Return the sum of two numbers or arrays, or of two tuples of these, entry by entry; ``None`` counts as nothing.

    EXAMPLES::

        sage: from sage_logreg.dataset.chunks import added
        sage: added((1, None), (2, None)), added(None, 4)
        ((3, None), 4)
    """
    if one is None or other is None:
        return other if one is None else one
    return tuple(map(added, one, other)) if isinstance(one, tuple) else one + other
