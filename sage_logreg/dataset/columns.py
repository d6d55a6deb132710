r"""
Containers: from a matrix, rows, an array, a frame or a dictionary to a table of named columns

EXAMPLES::

    sage: from sage_logreg.dataset.columns import read_columns
    sage: table = read_columns([[1/2, 3, 'no'], [2, 1/4, 'yes']])
    sage: [column.levels or column.numbers.tolist() for column in table.columns]
    [[0.5, 2.0], [3.0, 0.25], ['no', 'yes']]
    sage: read_columns({'age': [34, 60], 'sex': ['m', 'f']}).titles
    ['age', 'sex']
"""
import collections.abc

import numpy

from sage_logreg.dataset.cells import column_of, is_missing, is_of, of_array, of_arrow, of_block, of_cells
from sage_logreg.dataset.exact_numbers import WHOLE
from sage_logreg.dataset.sparse import SparseTable, check_dense, of_sage, stays_sparse
from sage_logreg.dataset.sparse_frame import sparse_frame
from sage_logreg.dataset.table import NumberTable, Table
from sage_logreg.support.arguments import as_float, entries, shown
from sage_logreg.support.paths import memory

# rows that are copied at once, so that they stay in a cache
ROWS_AT_ONCE = 1 << 14
# of frames that are not pandas' or Arrow's
FRAME_PROTOCOLS = ('__narwhals_dataframe__', '__narwhals_lazyframe__', '__arrow_c_stream__', '__dataframe__', 'columns')


def read_columns(source, name=None):
    r"""
    Return the :class:`~sage_logreg.dataset.table.Table` in a container, ``None`` if it is no data.

    Where all columns are numbers of one array already, or had to be copied, they are views of ``table.block``, an array in C
    order; it may be the user's own, so nothing is written to it, and float32 if that is.

    INPUT:

    - ``source`` -- matrix of Sage or SciPy, dense or sparse; list of rows or of dictionaries; NumPy array, also a structured
      or masked one; frame or Series of pandas, polars, Arrow or what else narwhals knows; dictionary of columns
    - ``name`` -- (default: what kind it is) its name for error messages

    EXAMPLES::

        sage: from sage_logreg.dataset.columns import read_columns
        sage: read_columns(matrix(QQ, [[1/3, 2], [0, 1]])).columns[0].beside
        array([1/3, None], dtype=object)
        sage: read_columns([{'x': 1, 'y': 'no'}, {'x': 2, 'y': 'yes'}]).titles
        ['x', 'y']
        sage: read_columns(7) is None
        True

    TESTS::

        sage: read_columns([[1, 2, 0], [3, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2 has 2 columns; expected 3 as in row 1
        sage: import numpy
        sage: read_columns(numpy.zeros(3))
        Traceback (most recent call last):
        ...
        ValueError: the array has 1 dimension; expected 2
    """
    for read in (_of_sage, _of_scipy, _of_array, _of_pandas, _of_arrow, _of_dictionary, _of_narwhals, _of_rows):
        table = read(source)
        if table is not None:
            table.name = table.name if name is None else name
            return table
    return None


def sparse_table(source):
    r"""
    Return the :class:`SparseTable` of a sparse matrix of SciPy's or Sage's, or a frame with sparse columns, whatever its size; else ``None``.
    """
    if is_of(source, 'scipy.sparse', 'spmatrix', 'sparray') and source.ndim == 2:
        return SparseTable('the sparse matrix', source)
    if hasattr(source, 'is_sparse') and hasattr(source, 'nrows') and source.is_sparse():
        return SparseTable('the matrix', of_sage(source))
    return sparse_frame(source, titles_of, always=True)


def read_row(source, titles=None):
    r"""
    Return the table of one row in a dictionary of cells, a Series indexed by titles, a named tuple or a structured scalar;
    ``None`` if it is none.

    INPUT:

    - ``source`` -- anything
    - ``titles`` -- (default: any) the titles of which a Series has some in its index, if it is a row and not a column

    EXAMPLES::

        sage: from sage_logreg.dataset.columns import read_row
        sage: row = read_row({'age': 3, 'sex': 'male'})
        sage: row.titles, row.columns[0].numbers, row.columns[1].levels
        (['age', 'sex'], array([3.]), ['male'])
        sage: read_row({'age': [3, 4]}) is None, read_row([3, 4]) is None
        (True, True)
    """
    if isinstance(source, collections.abc.Mapping):
        cells = dict(source)
    elif is_of(source, 'pandas', 'Series'):
        cells = dict(zip(source.index, source.tolist())) if all(isinstance(title, str) for title in source.index) else {}
        if titles is not None and not any(title in cells for title in titles):
            return None
    elif isinstance(source, numpy.void) and source.dtype.names:
        cells = dict(zip(source.dtype.names, source.tolist()))
    elif isinstance(source, tuple) and hasattr(source, '_fields'):
        cells = dict(zip(source._fields, source))
    else:
        return None
    if not cells or not all(map(_is_cell, cells.values())):
        return None
    return Table('the point', [of_cells(str(title), [cell], framed=True) for title, cell in cells.items()])


def _is_cell(value):
    # NumPy makes a number of an array of one entry
    return is_missing(value) or getattr(value, 'ndim', 0) == 0 and (as_float(value) is not None or entries(value) is None)


def positions(index, other, what, other_what):
    r"""
    Return where the entries of a pandas index stand in another one, ``None`` if both are the same.

    INPUT:

    - ``index``, ``other`` -- two pandas indexes of one length
    - ``what``, ``other_what`` -- strings; whose they are, for the error message

    EXAMPLES::

        sage: from sage_logreg.dataset.columns import positions
        sage: import pandas
        sage: positions(pandas.Index(list('abc')), pandas.Index(list('cab')), 'the points', 'the labels')
        array([1, 2, 0])

    TESTS::

        sage: positions(pandas.Index(list('abc')), pandas.Index(list('abd')), 'the points', 'the labels')
        Traceback (most recent call last):
        ...
        ValueError: the indexes of the points and of the labels differ: 'c' is only in that of the points; expected the same
        entries in both, or an array, which is taken by position
    """
    if index.equals(other):
        return None
    expected = 'expected the same entries in both, or an array, which is taken by position'
    both = ((index, other, what), (other, index, other_what))
    if index.nlevels != other.nlevels:
        raise ValueError(f'the indexes of {what} and of {other_what} differ: {shown(index[0])} is in that of {what}, {shown(other[0])} '
                         f'in that of {other_what}; {expected}')
    for one, two, which in both:
        alone = one[~one.isin(two)]
        if len(alone):
            raise ValueError(f'the indexes of {what} and of {other_what} differ: {shown(alone[0])} is only in that of {which}; '
                             f'{expected}')
    for one, _, which in both:
        if not one.is_unique:
            twice = shown(one[one.duplicated()][0])
            raise ValueError(f'the indexes of {what} and of {other_what} differ in order, and {twice} stands more than once in '
                             f'that of {which}; {expected}')
    return other.get_indexer(index)


# Arrays and matrices

def _of_sage(source):
    if not (hasattr(source, 'nrows') and hasattr(source, 'ncols')):
        return None
    rows, width = int(source.nrows()), int(source.ncols())
    if hasattr(source, 'is_sparse') and source.is_sparse():
        if stays_sparse(rows, width, len(source.dict())):
            return SparseTable('the matrix', of_sage(source))
        # an entry is an object, and an address in a list
        check_dense('the matrix', rows, width, bytes_each=16)
    if width and type(source).__name__ == 'Matrix_real_double_dense':
        return _table_of_array('the matrix', source.numpy())
    cells = source.list()
    return Table('the matrix', [of_cells(None, cells[j::width]) for j in range(width)])


def _of_scipy(source):
    if not is_of(source, 'scipy.sparse', 'spmatrix', 'sparray'):
        return None
    if source.ndim != 2:
        raise _not_two_dimensional('the sparse array', source.ndim)
    if stays_sparse(*source.shape, source.nnz):
        return SparseTable('the sparse matrix', source)
    check_dense('the sparse matrix', *source.shape)
    return _table_of_array('the sparse matrix', source.toarray(order='C'))


def _not_two_dimensional(name, dimensions):
    return ValueError(f'{name} has {dimensions} dimension{"s" * (dimensions > 1)}; expected 2')


def _of_array(source):
    if not isinstance(source, numpy.ndarray) or source.ndim == 0:
        return None
    names = source.dtype.names
    if names is not None and source.ndim == 1:
        # a field may have an array in each row
        return Table('the array', [of_array(name, source[name], framed=True) if source[name].ndim == 1 else
                                   of_cells(name, list(source[name])) for name in names])
    if names is not None:
        raise ValueError(f'the structured array has {source.ndim} dimensions; expected 1')
    if source.ndim != 2:
        raise _not_two_dimensional('the array', source.ndim)
    return _table_of_array('the array', source)


def _table_of_array(name, array):
    mask = numpy.ma.getmaskarray(array) if isinstance(array, numpy.ma.MaskedArray) else None
    if array.dtype.kind not in 'biuf':
        columns = array if mask is not None else numpy.asarray(array)
        return Table(name, [of_array(None, columns[:, j]) for j in range(array.shape[1])])
    array = numpy.asarray(array)
    block = array
    if not (array.dtype in ('float64', 'float32') and array.dtype.isnative and array.flags.c_contiguous and mask is None):
        with numpy.errstate(over='ignore'):
            block = numpy.array(array, dtype=numpy.float64, order='C')
    if mask is not None:
        block[mask] = numpy.nan
    # whole numbers beyond WHOLE, and what is missing, are of single columns
    is_float = array.dtype.kind == 'f'
    with numpy.errstate(invalid='ignore', over='ignore'):
        # a sum that is a number shows that no entry is nan, without a second table
        if not numpy.isnan(block.sum(dtype=numpy.float64)) and (
                is_float or -WHOLE < block.min(initial=0) <= block.max(initial=0) < WHOLE):
            return NumberTable(name, block, 'binary' if is_float else 'exact')
    table = Table(name, of_block([None] * block.shape[1], array.T, block))
    table.block = block
    return table


# Frames

def _of_pandas(source):
    if is_of(source, 'pandas', 'Series'):
        title = None if source.name is None else titles_of([source.name])[0]
        return Table('the series', [column_of(title, source)], index=source.index)
    if not is_of(source, 'pandas', 'DataFrame'):
        return None
    sparse = sparse_frame(source, titles_of)
    if sparse is not None:
        return sparse
    columns = [column_of(title, source.iloc[:, j]) for j, title in enumerate(titles_of(source.columns))]
    return Table('the frame', columns, index=source.index)


def titles_of(names):
    r"""
    Return the names of a frame's columns as text; no titles if all of them are integers, empty ones for None and nan.

    EXAMPLES::

        sage: from sage_logreg.dataset.columns import titles_of
        sage: titles_of([0, 1]), titles_of([0, 'y']), titles_of([('a', 'x'), ('a', 'y')])
        ([None, None], ['0', 'y'], ['a_x', 'a_y'])
        sage: titles_of([None, 'y']), titles_of([float('nan'), 'y'])
        (['', 'y'], ['', 'y'])
        sage: titles_of(['a', None]), titles_of([('a', 'x'), ('y', '')])
        (['a', ''], ['a_x', 'y'])
    """
    names = list(names)
    if all(isinstance(name, (int, numpy.integer)) or hasattr(name, 'is_integer') and name.is_integer() for name in names):
        return [None] * len(names)
    # pandas makes nan of a name that is None
    names = [name if isinstance(name, tuple) else (name,) for name in names]
    return ['_'.join(str(part) for part in name if isinstance(part, str) and part or not is_missing(part)) for name in names]


def _of_arrow(source):
    if is_of(source, 'pyarrow', 'RecordBatch'):
        import pyarrow
        source = pyarrow.Table.from_batches([source])
    if is_of(source, 'pyarrow', 'Array', 'ChunkedArray'):
        return Table('the series', [column_of(None, source)])
    if not is_of(source, 'pyarrow', 'Table'):
        return None
    return table_of_arrow('the table', source.schema, source.to_batches(ROWS_AT_ONCE), source.num_rows)


def table_of_arrow(name, schema, batches, count, ordered=(), apart=()):
    r"""
    Return the table in record batches of Arrow that follow each other, its numbers in one block.

    INPUT:

    - ``name`` -- string
    - ``schema`` -- their schema; what is the index of a pandas frame in it is left out
    - ``batches`` -- iterable of record batches, taken one by one, so that no more of them than that need memory
    - ``count`` -- how many rows they have together
    - ``ordered`` -- titles of columns whose dictionaries are in order, though Arrow does not say so
    - ``apart`` -- titles of columns that are not in the block with the other numbers

    EXAMPLES::

        sage: import pyarrow
        sage: from sage_logreg.dataset.columns import table_of_arrow
        sage: frame = pyarrow.table({'x': [1r, 2r], 'y': [0r, 1r]})
        sage: table_of_arrow('a.parquet', frame.schema, frame.to_batches(), 2r).block
        array([[1., 0.],
               [2., 1.]])
    """
    import pyarrow
    index, categories = _of_pandas_metadata(schema)
    fields = [j for j, title in enumerate(schema.names) if title not in index]
    numeric = [j for j in fields if schema.names[j] not in apart
               and (pyarrow.types.is_integer(schema.types[j]) or pyarrow.types.is_floating(schema.types[j]))]
    size = count * len(numeric) * 8
    if size > memory():
        raise MemoryError(f'{name}: {count} rows x {len(numeric)} columns of numbers are {size / 1e9:.1f} GB, too large for the '
                          f'memory of this machine ({memory() / 1e9:.1f} GB); expected a table that fits')
    block, rows = numpy.empty((count, len(numeric))), 0
    chunks = {j: [] for j in fields if j not in numeric}
    large = {j: numpy.full(0, None) for j in numeric if schema.types[j] in (pyarrow.int64(), pyarrow.uint64())}
    for batch in batches:
        part = block[rows:rows + len(batch)]
        _fill(part, batch, numeric)
        for j in chunks:
            chunks[j].append(batch.column(j))
        if large and len(part) and not -WHOLE < part.min() <= part.max() < WHOLE:
            _keep_large(large, batch, rows, count)
        rows += len(batch)
    columns = dict(zip(numeric, of_block([schema.names[j] for j in numeric], block.T, block)))
    for j, column in columns.items():
        column.kind = 'exact' if pyarrow.types.is_integer(schema.types[j]) else 'binary'
        column.beside = large[j] if len(large.get(j, ())) else None
    for j, pieces in chunks.items():
        data = pyarrow.chunked_array(pieces, schema.types[j])
        columns[j] = of_arrow(schema.names[j], data, schema.names[j] in categories or schema.names[j] in ordered)
    table = Table(name, [columns[j] for j in fields])
    if len(numeric) == len(fields):
        table.block = block
    return table


def _of_pandas_metadata(schema):
    # the columns that are a pandas frame's index, and those that are Categoricals
    known = schema.pandas_metadata or {}
    index = {name for name in known.get('index_columns', ()) if isinstance(name, str)}
    return index, {column.get('field_name') for column in known.get('columns', ())
                   if column.get('pandas_type') == 'categorical'}


def _fill(block, batch, numeric):
    # Arrow's missing numbers become nan
    for start in range(0, len(batch), ROWS_AT_ONCE):
        part = batch.slice(start, ROWS_AT_ONCE)
        with numpy.errstate(over='ignore'):
            for k, j in enumerate(numeric):
                block[start:start + len(part), k] = part.column(j).to_numpy(zero_copy_only=False)


def _keep_large(large, batch, start, count):
    # the whole numbers that no floats are
    for j in large:
        kept = of_arrow(None, batch.column(j)).beside
        if kept is not None:
            if not len(large[j]):
                large[j] = numpy.full(count, None, dtype=object)
            large[j][start:start + len(kept)] = kept


def _of_narwhals(source):
    if isinstance(source, type) or not any(hasattr(type(source), protocol) for protocol in FRAME_PROTOCOLS):
        return None
    import narwhals
    known = narwhals.from_native(source, pass_through=True, allow_series=True)
    if isinstance(known, narwhals.Series):
        return Table('the series', [column_of(known.name or None, source)])
    if isinstance(known, narwhals.LazyFrame):
        known = known.collect()
    if isinstance(known, narwhals.DataFrame):
        if known.implementation.is_pandas_like():
            return _of_pandas(known.to_pandas())
        table = _to_arrow(known)
        ordered = {title for title, kind in known.schema.items() if kind == narwhals.Enum}
        return table_of_arrow('the frame', table.schema, table.to_batches(ROWS_AT_ONCE), table.num_rows, ordered)
    import pyarrow
    import pyarrow.interchange
    if hasattr(source, '__arrow_c_stream__'):
        table = pyarrow.table(source)
    elif hasattr(source, '__dataframe__'):
        table = pyarrow.interchange.from_dataframe(source)
    else:
        return None
    return table_of_arrow('the frame', table.schema, table.to_batches(ROWS_AT_ONCE), table.num_rows)


def _to_arrow(frame):
    import pyarrow
    try:
        return frame.to_arrow()
    except (pyarrow.ArrowException, TypeError, NotImplementedError):
        kinds = ', '.join(f'{title}: {kind}' for title, kind in frame.schema.items())
        raise ValueError(f'the frame has columns that Arrow does not know ({kinds[:200]}); expected numbers or text') from None


# Dictionaries and rows

def _of_dictionary(source):
    if not isinstance(source, collections.abc.Mapping):
        return None
    columns, index = [], None
    for title, (key, values) in zip(titles_of(source), source.items()):
        if is_of(values, 'pandas', 'Series'):
            if index is None:
                index, first = values.index, key
            elif len(index) == len(values):
                order = positions(index, values.index, f'the column {shown(first)}', f'the column {shown(key)}')
                values = values if order is None else values.iloc[order]
        # the cells of a frame would be its titles
        column = None if hasattr(type(values), 'columns') else column_of(title, values, framed=True)
        if column is None:
            raise TypeError(f'the columns, {shown(key)} is {shown(values)}; expected a list of its cells')
        columns.append(column)
        if len(column) != len(columns[0]):
            raise ValueError(f'the columns, {shown(key)} has {len(column)} rows; expected {len(columns[0])} as '
                             f'{shown(list(source)[0])}')
    return Table('the columns', columns, index=index)


def _record(row):
    # The cells of a row by their names, None where they have none.
    if isinstance(row, numpy.void) and row.dtype.names:
        return dict(zip(row.dtype.names, row.tolist()))
    if is_of(row, 'pandas', 'Series') and len(row) and all(isinstance(title, str) for title in row.index) \
            and row.index.is_unique:
        return dict(zip(row.index, row.tolist()))
    return row if isinstance(row, dict) else None


def _of_rows(source):
    if hasattr(source, 'read') and hasattr(source, 'close'):
        raise TypeError(f'{shown(source)} is an open file; expected its path')
    given = None if isinstance(source, numpy.ndarray) else entries(source)
    if given is None:
        return None
    if not given:
        raise ValueError('the rows: there are no rows; expected at least one')
    records = [None] if _record(given[0]) is None else list(map(_record, given))
    if None not in records:
        given = records
        titles = list(dict.fromkeys(key for row in given for key in row))
        # what a record does not have is missing
        return Table('the records', [of_cells(title, [row.get(key) for row in given], framed=True)
                                     for title, key in zip(titles_of(titles), titles)])
    rows = [entries(row) for row in given]
    for i, cells in enumerate(rows):
        if cells is None:
            raise TypeError(f'the rows, row {i + 1} is {shown(given[i])}; expected a list of numbers')
        if len(cells) != len(rows[0]):
            raise ValueError(f'the rows, row {i + 1} has {len(cells)} columns; expected {len(rows[0])} as in row 1')
    fields = getattr(given[0], '_fields', None) or [None] * len(rows[0])
    return Table('the rows', [of_cells(title, list(column)) for title, column in zip(fields, zip(*rows))])
