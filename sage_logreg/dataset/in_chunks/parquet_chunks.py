r"""
Parquet files in chunks: whole groups of rows, of which no more columns are read than a plan needs

EXAMPLES::

    sage: import os, pandas
    sage: from sage_logreg.dataset.in_chunks.parquet_chunks import parquet_chunks
    sage: path = os.path.join(tmp_dir(), 'a.parquet')
    sage: pandas.DataFrame({'x': [1r, 2r, 3r], 'y': [0r, 1r, 0r]}).to_parquet(path, row_group_size=2r)
    sage: chunk, = parquet_chunks(path)
    sage: chunk.rows, chunk.source().table.block
    (3, array([[1., 0.],
           [2., 1.],
           [3., 0.]]))
    sage: chunk.reading([0], [1]).source().table.block
    array([[1.],
           [2.],
           [3.]])
"""
import dataclasses

from sage_logreg.dataset.columns import table_of_arrow
from sage_logreg.dataset.formats import unreadable
from sage_logreg.dataset.in_chunks.chunk import CHUNK, Chunk
from sage_logreg.dataset.source import Source
from sage_logreg.dataset.table import Table, unread_column
from sage_logreg.support.arguments import listed, shown
from sage_logreg.support.paths import checked_size, shown_path

# rows of a batch, which are decoded and copied to where they belong while they are in a cache
BATCH = 1 << 16
# bytes of a column that are read at once
BUFFER = 1 << 18
# a group of rows is divided only if it has more than so many chunks, as each part decodes what stands before it
LARGE_GROUP = 4


@dataclasses.dataclass(frozen=True)
class ParquetChunk(Chunk):
    r"""
    Some groups of rows of a Parquet file, or some rows of one group.

    - ``titles`` -- of all columns, in the order that the first file has
    - ``skipped`` -- how many rows of the first group stand before the chunk
    - ``points``, ``others`` -- (default: all) places of the columns that are read: those that stand in one array, and the rest
    """

    path: str
    groups: tuple
    rows: int
    titles: tuple
    skipped: int = 0
    points: tuple = None
    others: tuple = ()

    def reading(self, points, others):
        r"""
        Return the chunk that reads these columns only.
        """
        return dataclasses.replace(self, points=tuple(points), others=tuple(others))

    def source(self):
        r"""
        Return the rows, a :class:`~sage_logreg.dataset.source.Source`; a column that is not read has no numbers.
        """
        import pyarrow
        from pyarrow import parquet
        points = range(len(self.titles)) if self.points is None else self.points
        titles = [self.titles[place] for place in (*points, *self.others)]
        try:
            with parquet.ParquetFile(self.path, pre_buffer=False, buffer_size=BUFFER) as file:
                schema = _fields(file.schema_arrow, titles, self)
                batches = _of_rows((batch.select(titles) for batch in file.iter_batches(
                    BATCH, row_groups=list(self.groups), columns=titles)), self.skipped, self.rows)
                read = table_of_arrow(self.name, schema, batches, self.rows, apart=titles[len(points):])
        except pyarrow.ArrowMemoryError as error:
            raise MemoryError(str(error)) from None
        except (pyarrow.ArrowException, OSError) as error:
            raise unreadable(self.name, error, 'a Parquet file') from None
        return Source(self._whole(read, points))

    def _whole(self, read, points):
        # the table with all columns at their places
        columns = [None] * len(self.titles)
        for place, column in zip((*points, *self.others), read.columns):
            columns[place] = column
        table = Table(self.name, [unread_column(title, self.rows) if column is None else column
                                  for title, column in zip(self.titles, columns)])
        block = None if not read.columns else read.columns[0].numbers
        if block is not None and block.base is not None and block.base.shape == (self.rows, len(points)):
            table.block, table.block_places = block.base, tuple(points)
        table.rows, table.is_part = range(self.first, self.first + self.rows), True
        return table


def _fields(schema, titles, chunk):
    # the schema of some columns, in this order
    import pyarrow
    titles_of_file(schema, chunk.name, chunk.titles)
    return pyarrow.schema([schema.field(title) for title in titles], metadata=schema.metadata)


def titles_of_file(schema, name, titles=None):
    r"""
    Return the titles of the columns of a file without the index of a pandas frame; an error names one that other files do not have.
    """
    index = {index for index in (schema.pandas_metadata or {}).get('index_columns', ()) if isinstance(index, str)}
    given = tuple(title for title in schema.names if title not in index)
    if titles is not None:
        check_titles_like(given, titles, name)
    for title in given:
        if given.count(title) > 1:
            raise ValueError(f'{name}: two columns are called {shown(title)}; expected different titles')
    return given


def check_titles_like(given, titles, name):
    r"""
    Raise an error if a file has other columns than the files before it, in whichever order.

    EXAMPLES::

        sage: from sage_logreg.dataset.in_chunks.parquet_chunks import check_titles_like
        sage: check_titles_like(('y', 'age'), ('age', 'y'), 'b.csv')
        sage: check_titles_like(('y', 'ages'), ('age', 'y'), 'b.csv')
        Traceback (most recent call last):
        ...
        ValueError: b.csv has the columns y, ages; expected age, y, in any order, as in the files before it
    """
    if sorted(map(str, given)) != sorted(map(str, titles)):
        raise ValueError(f'{name} has the columns {listed(list(map(str, given)))}; expected {listed(list(map(str, titles)))}, in any '
                         'order, as in the files before it')


def _of_rows(batches, skipped, count):
    # the rows of batches from one on
    for batch in batches:
        part = batch.slice(skipped, count)
        skipped, count = max(0, skipped - len(batch)), count - len(part)
        if len(part):
            yield part
        if not count:
            return


def parquet_chunks(path, titles=None):
    r"""
    Return the chunks of a Parquet file: groups of rows that are small are joined, a huge one is divided.

    INPUT:

    - ``path`` -- string
    - ``titles`` -- (default: those of the file) of the columns of all files
    """
    import pyarrow
    from pyarrow import parquet
    name = shown_path(path)
    checked_size(path, 'a Parquet file', 'a table')
    try:
        with parquet.ParquetFile(path) as file:
            given = titles_of_file(file.schema_arrow, name, titles)
            counts = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    except (pyarrow.ArrowException, OSError) as error:
        raise unreadable(name, error, 'a Parquet file') from None
    titles, most = titles or given, max(1, CHUNK // (8 * max(1, len(given))))
    chunks, first = [], 0
    for groups in _together(counts, most):
        rows = sum(counts[group] for group in groups)
        pieces = -(-rows // most) if len(groups) == 1 and rows > LARGE_GROUP * most else 1
        ends = [rows * piece // pieces for piece in range(pieces + 1)]
        chunks += [ParquetChunk(name, first + start, path, groups, stop - start, tuple(titles), start)
                   for start, stop in zip(ends, ends[1:])]
        first += rows
    return chunks


def _together(counts, most):
    # tuples of the numbers of groups that follow each other, which have together at most so many rows, or are one group
    groups, rows = (), 0
    for group, count in enumerate(counts):
        if groups and rows + count > most:
            yield groups
            groups, rows = (), 0
        groups, rows = (*groups, group), rows + count
    if rows:
        yield groups
