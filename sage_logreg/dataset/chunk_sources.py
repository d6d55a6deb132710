r"""
Sources in chunks: Dask arrays and frames, folders and globs of files, tables larger than half of the memory

EXAMPLES::

    sage: from sage_logreg.dataset.chunk_sources import chunks_of
    sage: chunks_of([[1, 2], [3, 4]]) is None
    True
"""
import dataclasses
import glob
import os

import numpy

from sage_logreg.dataset.cells import is_of
from sage_logreg.dataset.chunks import Chunk
from sage_logreg.dataset.columns import read_columns, table_of_arrow
from sage_logreg.dataset.source import Source
from sage_logreg.dataset.workers import client_there
from sage_logreg.support.paths import shown_path

# bytes of numbers that a chunk has at most
CHUNK = 1 << 26


@dataclasses.dataclass(frozen=True)
class ParquetChunk(Chunk):
    r"""
    Some row groups of a Parquet file.
    """

    path: str
    groups: tuple

    def source(self):
        import pyarrow.parquet
        with pyarrow.parquet.ParquetFile(self.path) as file:
            rows = file.read_row_groups(list(self.groups))
        table = table_of_arrow(self.name, rows.schema, rows.to_batches(), len(rows))
        table.rows = range(self.first, self.first + len(rows))
        return Source(table)


@dataclasses.dataclass(frozen=True)
class PartitionChunk(Chunk):
    r"""
    A partition of a Dask frame, or blocks of rows of Dask arrays side by side.
    """

    delayed: object

    def source(self):
        import dask
        # what is persisted is where the client's workers are
        table = read_columns(dask.compute(self.delayed, scheduler=client_there() or 'synchronous')[0])
        table.name, table.rows = self.name, range(self.first, self.first + len(table))
        return Source(table)


def chunks_of(source):
    r"""
    Return the chunks of a source, a list; ``None`` of one that is read at once.
    """
    if isinstance(source, tuple) and any(is_of(part, 'dask.array', 'Array') for part in source):
        return _of_arrays(source)
    if is_of(source, 'dask.dataframe', 'DataFrame'):
        return [PartitionChunk(f'the frame, partition {k + 1}', 0, part) for k, part in enumerate(source.to_delayed())]
    if isinstance(source, (str, os.PathLike)):
        paths = sorted(glob.glob(os.path.expanduser(os.fspath(source)))) if '*' in os.fspath(source) else []
        return [chunk for path in paths for chunk in _of_parquet(path)] or None
    return None


def _of_parquet(path):
    import pyarrow.parquet
    first, chunks = 0, []
    with pyarrow.parquet.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            chunks.append(ParquetChunk(shown_path(path), first, path, (group,)))
            first += file.metadata.row_group(group).num_rows
    return chunks


def _of_arrays(arrays):
    import dask
    points, rest = arrays[0], [array.rechunk((arrays[0].chunks[0],)).to_delayed() for array in arrays[1:]]
    rows = points.rechunk({1: -1}).to_delayed()[:, 0]
    return [PartitionChunk(f'the arrays, block {k + 1}', 0, dask.delayed(numpy.column_stack)([row, *others]))
            for k, (row, *others) in enumerate(zip(rows, *rest))]
