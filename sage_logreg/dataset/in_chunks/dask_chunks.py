r"""
Dask's frames and arrays in chunks: a partition, or a block of rows, each

A pair or a triple of them is divided like its points. What is not Dask's there has as many rows as all chunks together.

EXAMPLES::

    sage: from sage_logreg.dataset.in_chunks.dask_chunks import dask_chunks
    sage: import dask.array, numpy                                                                 # optional - dask
    sage: table = dask.array.from_array(numpy.arange(8r).reshape(4r, 2r), chunks=(3r, 2r))         # optional - dask
    sage: [chunk.source().table.block.tolist() for chunk in dask_chunks((table,))]                 # optional - dask
    [[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], [[6.0, 7.0]]]
"""
import dataclasses

import numpy

from sage_logreg.dataset.cells import is_of
from sage_logreg.dataset.in_chunks.chunk import Chunk
from sage_logreg.dataset.in_chunks.workers import client_there, computed
from sage_logreg.dataset.source import read_source
from sage_logreg.support.arguments import entries, shown


def is_dask(value):
    r"""
    Return whether a value is a Dask array, frame or series.
    """
    return is_of(value, 'dask.array', 'Array') or is_of(value, 'dask.dataframe', 'DataFrame', 'Series')


@dataclasses.dataclass(frozen=True)
class DaskChunk(Chunk):
    r"""
    A partition of a Dask frame, or a block of rows of an array, and what stands beside it.

    - ``key`` -- string that says which
    - ``parts`` -- tuple of delayed values, or arrays: the points, or points and labels, or points, successes and trials
    - ``rows`` -- how many these are, ``None`` if it is not known
    """

    key: str
    parts: tuple = dataclasses.field(compare=False, repr=False)
    rows: int = None

    def source(self):
        r"""
        Return the rows, a :class:`~sage_logreg.dataset.source.Source`.
        """
        parts = tuple(map(value_of, self.parts))
        source = read_source(parts[0] if len(parts) == 1 else parts)
        table = source.table
        table.name, table.rows, table.is_part = self.name, range(self.first, self.first + len(table)), True
        return source


def value_of(part):
    r"""
    Return a delayed value, computed in this thread or, what is persisted, by the workers of a client; anything else as it is.
    """
    if hasattr(part, 'dask'):
        part = part.compute(scheduler=client_there() or 'synchronous')
    return part.toarray() if is_of(part, 'scipy.sparse', 'spmatrix', 'sparray') else part


def dask_chunks(parts):
    r"""
    Return the chunks of a tuple whose first entry is Dask's: points, or points and labels, or points, successes and trials.
    """
    points, rest = parts[0], parts[1:]
    counts = _counts(points)
    pieces = _delayed(points)
    if None in counts and any(not _is_divided_like(one, pieces) for one in rest):
        counts = computed(_rows_of, pieces)
    names = ('labels',) if len(rest) == 1 else ('successes', 'trials')
    beside = [divided(one, counts, len(pieces), what) for one, what in zip(rest, names)]
    what, first, chunks = 'the array' if is_of(points, 'dask.array', 'Array') else 'the frame', 0, []
    for k, (piece, *others) in enumerate(zip(pieces, *beside)):
        is_known = None not in counts[:k]
        name = what if is_known and what == 'the array' else f'{what}, partition {k + 1}'
        chunks.append(DaskChunk(name, first if name == what else 0, str(piece.key), (piece, *others), counts[k]))
        first += counts[k] or 0
    return chunks


def _counts(values):
    # the numbers of rows of all partitions, None where it is not known
    if is_of(values, 'dask.array', 'Array'):
        return [None if count != count else int(count) for count in values.chunks[0]]
    return [None] * values.npartitions


def _rows_of(piece):
    return len(value_of(piece))


def _delayed(values):
    # a delayed value for each block of rows
    if not is_of(values, 'dask.array', 'Array'):
        # not optimised further, which may make one partition of several files, of some columns and not of others
        return list(values.simplify().to_delayed(optimize_graph=False))
    if values.ndim > 2:
        raise ValueError(f'the Dask array has {values.ndim} dimensions; expected 2')
    if values.ndim == 2 and len(values.chunks[1]) > 1:
        values = values.rechunk({1: -1})
    return list(values.to_delayed().ravel())


def _is_divided_like(values, pieces):
    return is_dask(values) and len(_counts(values)) == len(pieces)


def divided(values, counts, pieces, what):
    r"""
    Return what stands beside the points, divided like them: a list of delayed values or of arrays.

    INPUT:

    - ``values`` -- Dask's, or an array, a list, ...
    - ``counts`` -- the numbers of rows of the points, ``None`` where it is not known
    - ``pieces`` -- how many these are
    - ``what`` -- string; what it is, for error messages

    EXAMPLES::

        sage: from sage_logreg.dataset.in_chunks.dask_chunks import divided
        sage: divided([1, 2, 3], [2r, 1r], 2r, 'labels')
        [[1, 2], [3]]
        sage: divided([1, 2], [2r, 1r], 2r, 'labels')
        Traceback (most recent call last):
        ...
        ValueError: there are 3 points and 2 labels; expected as many, one a point
    """
    known = _counts(values) if is_dask(values) else None
    if known is not None and len(known) == pieces and (None in counts or None in known or known == counts):
        # of another number of rows a chunk speaks when it is read
        return _delayed(values)
    if None in counts:
        raise ValueError(f'the points have {pieces} partitions whose numbers of rows are not known, and the {what} are divided otherwise; '
                         'expected both divided in the same way')
    if known is None and entries(values) is None and not hasattr(values, '__getitem__'):
        raise TypeError(f'{what} = {shown(values)}; expected one for each row')
    if known is not None and None in known:
        values = values.to_dask_array(lengths=True) if hasattr(values, 'to_dask_array') else values.compute_chunk_sizes()
    total = len(values)
    if total != sum(counts):
        raise ValueError(f'there are {sum(counts)} points and {total} {what}; expected as many, one a point')
    if known is not None:
        values = values.to_dask_array(lengths=True) if hasattr(values, 'to_dask_array') else values
        return _delayed(values.rechunk({0: tuple(counts)}))
    # an index is not that of the chunks
    values = values.to_numpy() if is_of(values, 'pandas', 'Series', 'DataFrame') else values
    ends = numpy.cumsum([0, *counts]).tolist()
    return [values[start:stop] for start, stop in zip(ends, ends[1:])]
