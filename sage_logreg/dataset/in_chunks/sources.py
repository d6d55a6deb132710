r"""
Sources in chunks: Dask arrays and frames, folders and globs of files, tables larger than half of the memory

EXAMPLES::

    sage: import os
    sage: from sage_logreg.dataset.in_chunks.sources import chunks_of
    sage: chunks_of([[1, 2], [3, 4]]) is None
    True
    sage: folder = tmp_dir()
    sage: for name in ('part-10.csv', 'part-2.csv'):
    ....:     with open(os.path.join(folder, name), 'w') as file:
    ....:         _ = file.write('x,y\n1,0\n2,1\n')
    sage: [os.path.basename(chunk.name) for chunk in chunks_of(folder)]
    ['part-2.csv', 'part-10.csv']
"""
import dataclasses
import glob
import hashlib
import os
import re

import numpy

from sage_logreg.dataset.cells import is_of
from sage_logreg.dataset.columns import read_columns
from sage_logreg.dataset.formats import EXCEL, READERS, read_file
from sage_logreg.dataset.grouped import row_offset
from sage_logreg.dataset.in_chunks.chunk import CHUNK, Chunk
from sage_logreg.dataset.in_chunks.dask_chunks import dask_chunks, divided, is_dask, value_of
from sage_logreg.dataset.in_chunks.parquet_chunks import check_titles_like, parquet_chunks
from sage_logreg.dataset.in_chunks.text_parts import text_chunks
from sage_logreg.dataset.in_chunks.workers import computed
from sage_logreg.dataset.source import Source
from sage_logreg.dataset.text_file import ARCHIVES
from sage_logreg.support.arguments import check_not_negative, listed, real_vector, shown
from sage_logreg.support.paths import memory, shown_path

# bytes of a text by which it is judged how many cells it has
SAMPLE = 1 << 16


def chunks_of(source, encoding=None, header=None, exact=None):
    r"""
    Return the chunks of a source, a list; ``None`` of one that is read at once.

    INPUT:

    - ``source`` -- what :func:`~sage_logreg.dataset.load.load_data` takes
    - ``encoding``, ``header``, ``exact`` -- as for :func:`~sage_logreg.dataset.text.read_text`
    """
    parts = source if isinstance(source, tuple) else (source,)
    if any(map(is_dask, parts)):
        if not is_dask(parts[0]) or len(parts) > 3:
            raise TypeError(f'{shown(source)} is not data; expected points of Dask, or a pair (points, labels) whose points are Dask\'s')
        return dask_chunks(parts)
    if isinstance(source, (str, os.PathLike)):
        return _of_path(os.path.expanduser(os.fspath(source)), (encoding, header, exact))
    if is_of(source, 'pandas', 'DataFrame') or is_of(source, 'pyarrow', 'Table'):
        return _of_frame(source)
    return None


# Files

def _of_path(path, options):
    if isinstance(path, bytes) or '\0' in path:
        return None
    if os.path.isdir(path):
        return _of_files(_files_in(path), shown_path(path), options)
    if not os.path.exists(path) and glob.has_magic(path):
        found = sorted(filter(os.path.isfile, glob.glob(path)), key=_in_order)
        if not found:
            raise FileNotFoundError(f'{shown_path(path)}: there is no such file; expected a pattern of the names of some files')
        return _of_files(found, shown_path(path), options)
    return _of_large_file(path, options) if os.path.isfile(path) else None


def _files_in(folder):
    # what other programs leave there, such as _SUCCESS, is hidden
    names = [name for name in os.listdir(folder) if name[0] not in '._']
    found = [path for path in (os.path.join(folder, name) for name in sorted(names, key=_in_order)) if os.path.isfile(path)]
    if not found:
        inside = ('a directory of directories; expected a file, or a pattern of the names of files, such as '
                  f'{shown(os.path.join(folder, "*", "*.parquet"))}' if names else
                  'a directory without files; expected a file, or Parquet files or text tables in it')
        raise IsADirectoryError(f'{shown_path(folder)} is {inside}')
    return found


def _in_order(path):
    # part-2 before part-10
    return [(int(piece), '') if piece.isdecimal() else (-1, piece) for piece in re.split('([0-9]+)', path)]


def _ending(path):
    stem, ending = os.path.splitext(path.lower())
    return os.path.splitext(stem)[1] + ending if ending in ARCHIVES else ending


def _of_files(paths, name, options):
    kinds = sorted(set(map(_ending, paths)))
    if len({kind if kind in READERS or kind in EXCEL else 'text' for kind in kinds}) > 1:
        raise ValueError(f'{name} has files of different kinds ({listed(kinds)}); expected one kind, as the pattern '
                         f'{shown("*" + kinds[-1])} would choose')
    chunks = []
    for path in paths:
        # the file that says how all are laid out
        like = chunks[0] if chunks else None
        chunks += _of_file(path, options, like)
    if not chunks:
        raise ValueError(f'{name}: there are no rows; expected at least two')
    return chunks


def _of_file(path, options, like=None):
    ending = os.path.splitext(path)[1].lower()
    if ending not in READERS and ending not in EXCEL:
        return text_chunks(path, *options, like)
    encoding, header, _ = options
    if encoding is not None or header is not None and ending not in EXCEL:
        given = f'encoding = {shown(encoding)}' if encoding is not None else f'header = {shown(header)}'
        raise ValueError(f'{given}, but {shown_path(path)} is no text table; expected none')
    if ending == '.parquet':
        return parquet_chunks(path, None if like is None else like.titles)
    return [FileChunk(shown_path(path), 0, path, header, path if like is None else like.path)]


@dataclasses.dataclass(frozen=True)
class FileChunk(Chunk):
    r"""
    A file that is read as a whole.

    - ``like`` -- path of the first file, whose columns this one has, in whichever order
    """

    path: str
    header: bool
    like: str

    def source(self):
        r"""
        Return the rows, a :class:`~sage_logreg.dataset.source.Source`.
        """
        table = read_file(self.path, None, self.header)
        table.is_part = True
        if self.path == self.like:
            return Source(table)
        titles = read_file(self.like, None, self.header).titles
        if table.titles != titles:
            check_titles_like(table.titles or (), titles or (), self.name)
            table.columns, table.block = [table.columns[table.titles.index(title)] for title in titles], None
        return Source(table)


def _of_large_file(path, options):
    # a file whose table would be larger than half of the memory
    ending = os.path.splitext(path)[1].lower()
    if ending == '.parquet':
        return _of_large_parquet(path, options)
    if ending in READERS or ending in EXCEL or ending in ARCHIVES or 8 * os.path.getsize(path) <= memory() // 2:
        return None
    with open(path, 'rb') as file:
        sample = file.read(SAMPLE)
    cells = sample.count(b'\n') + max(map(sample.count, (b',', b';', b'\t', b'|', b' ')))
    is_large = 8 * cells * os.path.getsize(path) > len(sample) * (memory() // 2)
    return text_chunks(path, *options) if is_large else None


def _of_large_parquet(path, options):
    from pyarrow import ArrowException, parquet
    try:
        with parquet.ParquetFile(path) as file:
            is_large = 8 * file.metadata.num_rows * file.metadata.num_columns > memory() // 2
    except (ArrowException, OSError):
        # the reader of all files says what is wrong
        return None
    return _of_file(path, options) if is_large else None


# Frames in memory

@dataclasses.dataclass(frozen=True)
class FrameChunk(Chunk):
    r"""
    Some rows of a frame that is in memory; they are not copied.
    """

    rows: int
    frame: object = dataclasses.field(compare=False, repr=False)

    def source(self):
        r"""
        Return the rows, a :class:`~sage_logreg.dataset.source.Source`.
        """
        table = read_columns(self.frame)
        table.name, table.rows, table.is_part = self.name, range(self.first, self.first + self.rows), True
        return Source(table)


def _of_frame(frame):
    rows, columns = frame.shape
    if 8 * rows * columns <= memory() // 2:
        return None
    size = max(1, CHUNK // (8 * columns))
    starts = range(0, rows, size)
    if is_of(frame, 'pandas', 'DataFrame'):
        return [FrameChunk('the frame', start, min(size, rows - start), frame.iloc[start:start + size]) for start in starts]
    return [FrameChunk('the table', start, min(size, rows - start), frame.slice(start, size)) for start in starts]


# Weights and offsets of all rows

@dataclasses.dataclass(frozen=True)
class BesideChunk(Chunk):
    r"""
    A chunk, and the weights and the offset of its rows.
    """

    chunk: Chunk
    key: str
    weights: object = dataclasses.field(compare=False, repr=False)
    offset: object = dataclasses.field(compare=False, repr=False)

    @property
    def rows(self):
        r"""
        How many rows there are, if that is known.
        """
        return getattr(self.chunk, 'rows', None)

    def reading(self, points, others):
        r"""
        Return the chunk that reads these columns only.
        """
        return dataclasses.replace(self, chunk=self.chunk.reading(points, others))

    def source(self):
        r"""
        Return the rows, a :class:`~sage_logreg.dataset.source.Source`.
        """
        source = self.chunk.source()
        for name in ('weights', 'offset'):
            given = value_of(getattr(self, name))
            if given is not None:
                numbers = numpy.asarray(given, dtype=numpy.float64)
                if len(numbers) != len(source.table):
                    raise ValueError(f'{self.name}: there are {len(source.table)} rows and {len(numbers)} {name}; expected one a row')
                setattr(source, name, numbers.ravel() if numbers.size == len(numbers) else numbers)
        return source


def with_beside(chunks, weights, offset):
    r"""
    Return chunks whose rows have the weights and the offset that stand beside the table, ``None`` or numbers of all rows.

    EXAMPLES::

        sage: import pandas
        sage: from sage_logreg.dataset.in_chunks.sources import FrameChunk, with_beside
        sage: chunks = [FrameChunk('the frame', 0r, 2r, pandas.DataFrame({'x': [1r, 2r]}))]
        sage: with_beside(chunks, [3, 4], None)[0r].source().weights
        array([3., 4.])
    """
    if weights is None and offset is None:
        return chunks
    given = {'weights': weights, 'offset': offset}
    # those of Dask may be divided as the chunks are
    counts = [getattr(chunk, 'rows', None) for chunk in chunks]
    if None in counts and any(one is not None and not (is_dask(one) and len(_blocks(one)) == len(chunks)) for one in given.values()):
        counts = computed(_count, chunks)
    parts = {}
    for name, numbers in given.items():
        if numbers is not None and not is_dask(numbers):
            numbers = _checked(name, numbers, sum(counts))
        parts[name] = [None] * len(chunks) if numbers is None else divided(numbers, counts, len(chunks), name)
    return [BesideChunk(chunk.name, chunk.first, chunk, f'{_key(one)} {_key(other)}', one, other)
            for chunk, one, other in zip(chunks, parts['weights'], parts['offset'])]


def _blocks(values):
    return values.chunks[0] if hasattr(values, 'chunks') else range(values.npartitions)


def _count(chunk):
    return len(chunk.source().table)


def _checked(name, numbers, count):
    # as floats
    if name == 'offset':
        array = numpy.asarray(numbers)
        return row_offset(numbers, count, array.shape[1] if array.ndim == 2 else 2)
    floats = real_vector(name, numbers, count)
    check_not_negative(name, floats)
    return floats


def _key(part):
    return getattr(part, 'key', None) if part is None or hasattr(part, 'dask') else hashlib.sha256(part.tobytes()).hexdigest()
