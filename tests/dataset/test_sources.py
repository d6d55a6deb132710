r"""
Sources that are no text: every kind of container and of file against the plain values it stands for, and what tuples mean.
"""
import collections
import datetime
import decimal
import fractions
import os
import pathlib
import sys
import warnings

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg.dataset.cells import check_usable
from sage_logreg.dataset.columns import read_columns, read_row
from sage_logreg.dataset.formats import read_file
from sage_logreg.dataset.source import aligned, read_source

from helpers import needed_sage

pandas = pytest.importorskip('pandas')
pyarrow = pytest.importorskip('pyarrow')
NAN = float('nan')


def cells(column):
    r"""
    Return a column's cells as they were, None where one is missing.
    """
    missing = numpy.zeros(len(column), bool) if column.missing is None else column.missing
    if column.numbers is None:
        values = [column.levels[code] if code >= 0 else None for code in column.codes]
    else:
        values = column.numbers.tolist()
    assert all((value is None or value != value) for value, lacks in zip(values, missing) if lacks)
    return [None if lacks else value for value, lacks in zip(values, missing)]


def content(table):
    return [cells(column) for column in table.columns]


def refused(call, error, message):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with pytest.raises(error) as caught:
            call()
    assert caught.type is error
    assert str(caught.value) == message


# Numbers, in every container

ROWS = [[1.0, 2.5, 0.0], [3.0, -4.0, 1.0], [5.0, 1e300, 1.0], [0.0, 0.125, 0.0]]
COLUMNS = [list(column) for column in zip(*ROWS)]
TITLES = ['a', 'b', 'y']


def polars():
    return pytest.importorskip('polars')


def sparse():
    return pytest.importorskip('scipy.sparse')


def rows_of_named_tuples():
    Row = collections.namedtuple('Row', TITLES)
    return [Row(*row) for row in ROWS]


class OnlyArrow:
    r"""
    A frame that no library knows but by Arrow's protocol.
    """

    def __init__(self, frame):
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema=None):
        return pyarrow.Table.from_pandas(self.frame).__arrow_c_stream__(requested_schema)


class OnlyInterchange:
    r"""
    A frame that no library knows but by the interchange protocol.
    """

    def __init__(self, frame):
        self.frame = pyarrow.Table.from_pandas(frame)

    def __dataframe__(self, *arguments, **options):
        return self.frame.__dataframe__(*arguments, **options)


def pandas_frame():
    return pandas.DataFrame(dict(zip(TITLES, COLUMNS)))


NAMED = {
    'dictionary': lambda: dict(zip(TITLES, COLUMNS)),
    'dictionary of arrays': lambda: dict(zip(TITLES, map(numpy.array, COLUMNS))),
    'dictionary of Series': lambda: dict(zip(TITLES, map(pandas.Series, COLUMNS))),
    'records': lambda: [dict(zip(TITLES, row)) for row in ROWS],
    'named tuples': rows_of_named_tuples,
    'structured array': lambda: numpy.array(list(map(tuple, ROWS)), dtype=[(title, 'f8') for title in TITLES]),
    'record array': lambda: numpy.rec.fromrecords(ROWS, names=TITLES),
    'masked structured array': lambda: numpy.ma.array(list(map(tuple, ROWS)), dtype=[(title, 'f8') for title in TITLES]),
    'pandas': pandas_frame,
    'pandas, an index': lambda: pandas_frame().set_index(pandas.Index(list('pqrs'), name='who')),
    'pandas, objects': lambda: pandas_frame().astype(object),
    'pandas, nullable': lambda: pandas_frame().astype('Float64'),
    'pandas, Arrow': lambda: pandas_frame().astype(pandas.ArrowDtype(pyarrow.float64())),
    'pandas, sparse': lambda: pandas_frame().astype(pandas.SparseDtype('float64', 0.0)),
    'Arrow': lambda: pyarrow.Table.from_pandas(pandas_frame()),
    'Arrow, an index': lambda: pyarrow.Table.from_pandas(NAMED['pandas, an index']()),
    'Arrow, in chunks': lambda: pyarrow.concat_tables([pyarrow.Table.from_pandas(pandas_frame()[:1]),
                                                       pyarrow.Table.from_pandas(pandas_frame()[1:])]),
    'record batch': lambda: pyarrow.RecordBatch.from_pandas(pandas_frame()),
    'record batches': lambda: pyarrow.Table.from_pandas(pandas_frame()).to_reader(),
    'decimals of Arrow': lambda: pyarrow.table([pyarrow.array(map(decimal.Decimal, COLUMNS[0])), *map(pyarrow.array, COLUMNS[1:])],
                                               TITLES),
    'polars': lambda: polars().DataFrame(dict(zip(TITLES, COLUMNS))),
    'polars, lazy': lambda: polars().LazyFrame(dict(zip(TITLES, COLUMNS))),
    'the protocol of Arrow': lambda: OnlyArrow(pandas_frame()),
    'the interchange protocol': lambda: OnlyInterchange(pandas_frame()),
}
BARE = {
    'rows': lambda: ROWS,
    'rows as tuples': lambda: tuple(map(tuple, ROWS)),
    'rows of arrays': lambda: list(map(numpy.array, ROWS)),
    'rows of fractions': lambda: [list(map(fractions.Fraction, row)) for row in ROWS],
    'a generator': lambda: (row for row in ROWS),
    'array': lambda: numpy.array(ROWS),
    'array by columns': lambda: numpy.asfortranarray(ROWS),
    'big-endian array': lambda: numpy.array(ROWS, '>f8'),
    'array of objects': lambda: numpy.array(ROWS, object),
    'long doubles': lambda: numpy.array(ROWS, 'longdouble'),
    'numpy.matrix': lambda: numpy.asmatrix(ROWS),
    'masked array': lambda: numpy.ma.array(ROWS),
    'pandas': lambda: pandas.DataFrame(ROWS),
    'pandas, other numbers as titles': lambda: pandas.DataFrame(ROWS, columns=[0, 2, 7]),
    'sparse matrix': lambda: sparse().csr_matrix(ROWS),
    'sparse array': lambda: getattr(sparse(), 'coo_array', sparse().coo_matrix)(numpy.array(ROWS)),
    'matrix of Sage': lambda: needed_sage().matrix(needed_sage().QQ, ROWS),
    'matrix of floats': lambda: needed_sage().matrix(needed_sage().RDF, ROWS),
    'sparse matrix of Sage': lambda: needed_sage().matrix(needed_sage().QQ, ROWS, sparse=True),
    'vectors of Sage': lambda: [needed_sage().vector(row) for row in ROWS],
}


@pytest.mark.lanes
@pytest.mark.parametrize('make', NAMED.values(), ids=NAMED)
def test_named_containers(make):
    table = read_columns(make())
    assert table.titles == TITLES
    assert content(table) == COLUMNS
    assert len(table) == 4 and all(column.missing is None and column.bad is None for column in table.columns)


@pytest.mark.lanes
@pytest.mark.parametrize('make', BARE.values(), ids=BARE)
def test_containers_without_names(make):
    table = read_columns(make())
    assert table.titles is None
    assert content(table) == COLUMNS


@pytest.mark.parametrize('thing', [42, 0.5, None, 'ab', b'ab', {1, 2}, len, dict, numpy.array(3.0), datetime.date(2020, 1, 1)])
def test_no_container(thing):
    assert read_columns(thing) is None
    assert read_row(thing) is None


@pytest.mark.parametrize('make', [lambda: pandas.Series([1, 2], name='a'), lambda: pyarrow.array([1, 2]),
                                  lambda: pyarrow.chunked_array([[1], [2]]), lambda: polars().Series('a', [1, 2])],
                         ids=['pandas', 'Arrow', 'chunks', 'polars'])
def test_one_column(make):
    table = read_columns(make())
    assert content(table) == [[1, 2]]
    assert table.titles in (['a'], None)


def test_titles():
    assert read_columns(pandas.DataFrame([[1, 2]], columns=[2019, 'y'])).titles == ['2019', 'y']
    two_levels = pandas.MultiIndex.from_tuples([('a', 'x'), ('a', 'y')])
    assert read_columns(pandas.DataFrame([[1, 2]], columns=two_levels)).titles == ['a_x', 'a_y']
    assert read_columns(pandas.DataFrame([[1, 2]], columns=['a', 'a'])).titles == ['a', 'a']
    assert read_columns({'a': [1], 3: [2]}).titles == ['a', '3']
    assert read_columns([{'a': 1}, {'b': 2, 'a': 3}]).titles == ['a', 'b']


# Text, booleans, categories, missing cells

PEOPLE = {'age': [34.5, None, 60.0, 19.0], 'sex': ['male', 'female', None, 'male'], 'smokes': [True, False, True, None],
          'born': [None] * 4, 'zip': ['1', '22', None, '1']}
FRAMES = {
    'dictionary': lambda: PEOPLE,
    'records': lambda: [dict(zip(PEOPLE, row)) for row in zip(*PEOPLE.values())],
    'pandas': lambda: pandas.DataFrame(PEOPLE),
    'pandas, objects': lambda: pandas.DataFrame(PEOPLE, dtype=object),
    'pandas, nullable': lambda: pandas.DataFrame(PEOPLE).convert_dtypes(),
    'pandas, Arrow': lambda: pandas.DataFrame({title: pandas.array(values, dtype=pandas.ArrowDtype(pyarrow.array(values).type))
                                               for title, values in PEOPLE.items()}),
    'Arrow': lambda: pyarrow.table(PEOPLE),
    'Arrow, large strings': lambda: pyarrow.table({**PEOPLE, 'sex': pyarrow.array(PEOPLE['sex'], pyarrow.large_string())}),
    'polars': lambda: polars().DataFrame(PEOPLE),
    'masked array': lambda: numpy.ma.array([tuple(numpy.nan if cell is None else cell for cell in row)
                                            for row in zip(*PEOPLE.values())],
                                           mask=[tuple(cell is None for cell in row) for row in zip(*PEOPLE.values())],
                                           dtype=[('age', float), ('sex', 'U9'), ('smokes', bool), ('born', float),
                                                  ('zip', 'U9')]),
}


@pytest.mark.lanes
@pytest.mark.parametrize('make', FRAMES.values(), ids=FRAMES)
def test_frames_of_people(make):
    table = read_columns(make())
    assert table.titles == list(PEOPLE)
    assert content(table) == list(PEOPLE.values())
    age, sex, smokes, born, code = table.columns
    assert age.numbers.dtype == numpy.float64 and age.codes is None
    assert (sex.levels, sex.codes.tolist(), sex.ordered) == (['female', 'male'], [1, 0, -1, 1], False)
    assert smokes.levels == [False, True] and all(type(level) is bool for level in smokes.levels)
    assert numpy.isnan(born.numbers).all() and born.missing.all()
    assert code.texts_of_numbers and not sex.texts_of_numbers


CATEGORIES = ['low', 'middle', 'never', 'high']
ORDERED = {
    'pandas': lambda values: pandas.DataFrame({'x': pandas.Categorical(values, categories=CATEGORIES)}),
    'pandas, ordered': lambda values: pandas.DataFrame({'x': pandas.Categorical(values, categories=CATEGORIES, ordered=True)}),
    'pandas array': lambda values: {'x': pandas.Categorical(values, categories=CATEGORIES)},
    'Arrow of pandas': lambda values: pyarrow.Table.from_pandas(ORDERED['pandas'](values)),
    'Arrow, ordered': lambda values: pyarrow.table({'x': pyarrow.DictionaryArray.from_arrays(
        pyarrow.array([None if value is None else CATEGORIES.index(value) for value in values]), CATEGORIES, ordered=True)}),
    'polars, Enum': lambda values: polars().DataFrame({'x': polars().Series(values, dtype=polars().Enum(CATEGORIES))}),
}


@pytest.mark.parametrize('make', ORDERED.values(), ids=ORDERED)
def test_categories_keep_their_order(make):
    column, = read_columns(make(['high', 'low', None, 'middle', 'low'])).columns
    # what does not occur is no level
    assert (column.levels, column.codes.tolist(), column.ordered) == (['low', 'middle', 'high'], [2, 0, -1, 1, 0], True)


def encoded(*parts):
    return pyarrow.table({'x': pyarrow.chunked_array([pyarrow.array(part).dictionary_encode() for part in parts])})


@pytest.mark.parametrize('make', [encoded, lambda values: encoded(values[:1], values[1:]),
                                  lambda values: polars().DataFrame({'x': polars().Series(values, dtype=polars().Categorical)})],
                         ids=['Arrow', 'Arrow, in chunks', 'polars, Categorical'])
def test_dictionaries_in_order_of_appearance_are_sorted(make):
    column, = read_columns(make(['z', 'y', None, 'z', 'x'])).columns
    assert (column.levels, column.codes.tolist(), column.ordered) == (['x', 'y', 'z'], [2, 1, -1, 2, 0], False)


def test_categories_of_all_kinds():
    def levels(values):
        return read_columns(pandas.DataFrame({'x': values})).columns[0].levels
    assert levels(pandas.Categorical([3, 1, None, 3])) == [1, 3]
    assert levels(pandas.Categorical([0.5, 2.0])) == [0.5, 2.0]
    assert levels(pandas.Categorical([True, False])) == [False, True]
    assert levels(pandas.cut([1, 2, 30], [0, 5, 10, 50])) == ['(0, 5]', '(10, 50]']
    assert levels(pandas.Categorical(['b', '?', 'a'], categories=['b', '?', 'a'])) == ['b', 'a']


MISSING_CELLS = [None, NAN, numpy.nan, numpy.float32('nan'), decimal.Decimal('nan'), numpy.ma.masked, pandas.NA, pandas.NaT,
                 '', ' ', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', '<NA>', '#N/A', '?', '.', ' NA ']


@pytest.mark.parametrize('cell', MISSING_CELLS, ids=map(repr, MISSING_CELLS))
def test_missing_cells(cell):
    assert content(read_columns([[1, 'no'], [cell, cell], [2, 'yes']])) == [[1, None, 2], ['no', None, 'yes']]
    assert content(read_columns({'x': [cell, cell]})) == [[None, None]]
    assert content(read_columns(pandas.DataFrame({'x': pandas.Series([cell, 'a'], dtype=object)}))) == [[None, 'a']]


@pytest.mark.parametrize('text', ['na', 'None', '-', 'unknown', 'inf', 'N', '..', '0x10', '1_0', '10-20'])
def test_no_missing_cells(text):
    column, = read_columns({'x': [text, None]}).columns
    assert column.levels == [text] and not column.texts_of_numbers


@pytest.mark.parametrize('text', ['3.5', '-1', '+2', '.5', '1.', '1e5', ' 7 ', '1.5E-300', '1,234', '１'])
def test_texts_of_numbers(text):
    for source in ({'x': [text, 'NA', '2']}, pandas.DataFrame({'x': [text, None, '2']}), numpy.array([[text], [''], ['2']])):
        column, = read_columns(source).columns
        assert column.texts_of_numbers and cells(column) == [text, None, '2']
    assert not read_columns({'x': [text, 'two']}).columns[0].texts_of_numbers
    assert not getattr(read_columns({'x': pandas.Categorical([text, '2'])}).columns[0], 'texts_of_numbers', False)


@pytest.mark.parametrize('make', [lambda values: {'x': values}, lambda values: [[value] for value in values],
                                  lambda values: pandas.DataFrame({'x': values}),
                                  lambda values: numpy.array(values, object)[:, None]],
                         ids=['dictionary', 'rows', 'pandas', 'array'])
def test_text_among_numbers(make):
    column, = read_columns(make([1, None, '44_33', 2.5, 'x'])).columns
    assert (column.bad, column.cells[2], column.cells[4]) == (2, '44_33', 'x')
    assert column.missing.tolist() == [False, True, False, False, False]
    assert column.numbers[[0, 3]].tolist() == [1, 2.5] and numpy.isnan(column.numbers[[1, 2, 4]]).all()


def test_booleans():
    # numbers in rows and arrays, levels in frames
    for source in ([[True], [False]], numpy.array([[True], [False]]), numpy.ma.array([[True], [False]])):
        assert content(read_columns(source)) == [[1.0, 0.0]] and read_columns(source).columns[0].levels is None
    for source in ({'x': [True, False]}, {'x': numpy.array([True, False])}, pandas.DataFrame({'x': [True, False]}),
                   [{'x': True}, {'x': False}],
                   numpy.array([(True,), (False,)], dtype=[('x', bool)]), pyarrow.table({'x': [True, False]})):
        assert read_columns(source).columns[0].levels == [False, True]
    # among numbers they are numbers, and among texts text
    assert content(read_columns({'x': [True, 2.5, None]})) == [[1.0, 2.5, None]]
    assert content(read_columns({'x': [True, 'maybe', None]})) == [['True', 'maybe', None]]


# What can be neither numbers nor levels is said where it is used

REFUSED = {
    'dates': (lambda: pandas.to_datetime(['2020-01-01']), 'column 1, \'x\': dates; expected numbers or text'),
    'dates with a zone': (lambda: pandas.to_datetime(['2020-01-01'], utc=True),
                          'column 1, \'x\': dates; expected numbers or text'),
    'periods': (lambda: pandas.period_range('2020', periods=1, freq='D'), 'column 1, \'x\': dates; expected numbers or text'),
    'dates as objects': (lambda: [datetime.date(2020, 1, 1)], 'column 1, \'x\': dates; expected numbers or text'),
    'dates of Arrow': (lambda: pyarrow.array([datetime.date(2020, 1, 1)]), 'column 1, \'x\': dates; expected numbers or text'),
    'durations': (lambda: pandas.to_timedelta([1]), 'column 1, \'x\': durations; expected numbers or text'),
    'lists of Arrow': (lambda: pyarrow.array([[1]]),
                       'column 1, \'x\': values of the type list<item: int64>; expected numbers or text'),
    'bytes': (lambda: [b'no'], "row 1, column 1: b'no' is not a number"),
    'complex numbers': (lambda: [1j], 'row 1, column 1: 1j is not a real number'),
    'complex array': (lambda: numpy.array([1j]), 'row 1, column 1: 1j is not a real number'),
    'lists': (lambda: [[3]], 'row 1, column 1: [3] is not a real number'),
    'bytes that are no UTF-8': (lambda: numpy.array([b'\xff']), "row 1, column 1: b'\\xff' is not UTF-8 text"),
}


@pytest.mark.parametrize('make, message', REFUSED.values(), ids=REFUSED)
def test_refused_where_it_is_used(make, message):
    table = read_columns({'x': make(), 'y': [1]})
    check_usable(table, 1)
    refused(lambda: check_usable(table, 0), ValueError, f'the columns, {message}')


def test_cells_that_are_no_real_numbers():
    table = read_columns([[1, 2], [3, 4j]])
    refused(lambda: check_usable(table, 1), ValueError, 'the rows, row 2, column 2: 4j is not a real number')
    table = read_columns(numpy.array([['2020-01-01', '2020-01-02']], dtype='M8[ns]'))
    refused(lambda: check_usable(table, 1), ValueError, 'the array, column 2: dates; expected numbers or text')


def test_bytes_of_an_array_are_text():
    table = read_columns(numpy.array([(1, b'yes'), (2, 'naïve'.encode())], dtype=[('x', int), ('y', 'S9')]))
    assert content(table) == [[1, 2], ['yes', 'naïve']]


WRONG = {
    '1-d array': (lambda: numpy.zeros(3), ValueError, 'the array has 1 dimension; expected 2'),
    '3-d array': (lambda: numpy.zeros((2, 2, 2)), ValueError, 'the array has 3 dimensions; expected 2'),
    '2-d structured array': (lambda: numpy.zeros((2, 2), dtype=[('a', float)]), ValueError,
                             'the structured array has 2 dimensions; expected 1'),
    'no rows': (lambda: [], ValueError, 'the rows: there are no rows; expected at least one'),
    'numbers': (lambda: [1, 2, 0], TypeError, 'the rows, row 1 is 1; expected a list of numbers'),
    'lines': (lambda: ['1,2,0', '3,4,1'], TypeError, "the rows, row 1 is '1,2,0'; expected a list of numbers"),
    'short row': (lambda: [[1, 2, 0], [3, 1]], ValueError, 'the rows, row 2 has 2 columns; expected 3 as in row 1'),
    'dictionary of numbers': (lambda: {'a': 3}, TypeError, "the columns, 'a' is 3; expected a list of its cells"),
    'short column': (lambda: {'a': [1, 2], 'y': [1]}, ValueError, "the columns, 'y' has 1 rows; expected 2 as 'a'"),
}


@pytest.mark.parametrize('make, error, message', WRONG.values(), ids=WRONG)
def test_wrong_containers(make, error, message):
    refused(lambda: read_columns(make()), error, message)


# Exactness and memory

LARGE = 2**60 + 1


@pytest.mark.lanes
@pytest.mark.parametrize('make', [
    lambda: numpy.array([[LARGE], [3]]), lambda: numpy.array([[LARGE], [3]], object), lambda: [[LARGE], [3]],
    lambda: {'x': [LARGE, 3]},
    lambda: pandas.DataFrame({'x': [LARGE, 3]}), lambda: pandas.DataFrame({'x': pandas.array([LARGE, 3], 'Int64')}),
    lambda: pyarrow.table({'x': [LARGE, 3]}), lambda: pyarrow.table({'x': pyarrow.array([LARGE, 3], pyarrow.uint64())}),
    lambda: polars().DataFrame({'x': [LARGE, 3]}), lambda: sparse().csr_matrix([[LARGE], [3]]),
    lambda: needed_sage().matrix([[LARGE], [3]]), lambda: pandas.DataFrame({'x': pandas.array([LARGE, 3], 'uint64')})])
def test_large_whole_numbers_are_kept(make):
    column, = read_columns(make()).columns
    assert column.kind == 'exact' and column.numbers.tolist() == [2.0**60, 3.0]
    assert int(column.beside[0]) == LARGE and column.beside[1] is None


def test_large_whole_numbers_beside_missing_ones():
    for values in (pandas.array([None, LARGE, -LARGE, 1], 'Int64'), pyarrow.array([None, LARGE, -LARGE, 1]),
                   [None, LARGE, -LARGE, 1]):
        column, = read_columns({'x': values}).columns
        assert column.kind == 'exact' and column.beside.tolist() == [None, LARGE, -LARGE, None]
        assert cells(column) == [None, 2.0**60, -2.0**60, 1.0]


def test_large_whole_numbers_in_a_later_batch():
    numbers = list(range(100_000))
    numbers[70_000] = LARGE
    column, other = read_columns(pyarrow.table({'x': numbers, 'z': [0.5] * 100_000})).columns
    assert [row for row, value in enumerate(column.beside) if value is not None] == [70_000] and column.beside[70_000] == LARGE
    assert column.numbers.tolist() == list(map(float, numbers)) and other.beside is None and other.kind == 'binary'


def test_kinds():
    table = read_columns([[fractions.Fraction(1, 3), 0.5, decimal.Decimal('0.1')], [1, 2, 3]])
    assert [column.kind for column in table.columns] == ['exact', 'binary', 'exact']
    assert table.columns[0].beside[0] == fractions.Fraction(1, 3) and table.columns[1].beside is None
    decimals = pyarrow.table({'x': pyarrow.array([decimal.Decimal('0.10'), decimal.Decimal('2.00')])})
    column, = read_columns(decimals).columns
    assert (column.kind, column.beside.tolist()) == ('exact', [decimal.Decimal('0.10'), None])
    assert [read_columns(pandas.DataFrame({'x': numpy.array([1, 2], dtype)})).columns[0].kind
            for dtype in ('int8', 'float32')] == ['exact', 'binary']


@pytest.mark.lanes
def test_numbers_of_sage():
    sage_all = needed_sage()
    QQ, AA, SR, pi = sage_all.QQ, sage_all.AA, sage_all.SR, sage_all.pi
    numbers = [QQ('1/3'), AA(2).sqrt(), pi, sage_all.ZZ(2), None]
    for source in ([[number] for number in numbers], {'x': numbers}, pandas.DataFrame({'x': numbers})):
        column, = read_columns(source).columns
        assert cells(column) == [1/3, float(numbers[1]), float(pi), 2.0, None]
        assert column.kind == 'exact' and column.beside[:3].tolist() == numbers[:3] and column.beside[3] is column.beside[4] is None
    assert read_columns({'x': [sage_all.RDF(0.1), sage_all.RealField(100)(1)]}).columns[0].kind == 'binary'
    table = read_columns(sage_all.matrix(SR, [[1, SR.var('t')]]))
    refused(lambda: check_usable(table, 1), ValueError, 'the matrix, row 1, column 2: t is not a real number')


def test_arrays_are_used_as_they_are():
    for dtype in ('float64', 'float32'):
        array = numpy.arange(6, dtype=dtype).reshape(3, 2)
        table = read_columns(array)
        assert table.block is array
        assert all(numpy.shares_memory(column.numbers, array) for column in table.columns)
    label = numpy.array([0.0, 1.0, 1.0])
    assert numpy.shares_memory(read_source((array, label)).label_column.numbers, label)
    # what is not in order is copied once, and what is masked is not written to
    for source in (array[:, ::-1], numpy.asfortranarray(array), array.astype('>f4'), array.astype(int),
                   numpy.ma.array(array, mask=array > 3)):
        before = numpy.array(source)
        table = read_columns(source)
        assert table.block.flags.c_contiguous and table.block.dtype == numpy.float64
        assert not numpy.shares_memory(table.block, source)
        assert all(numpy.shares_memory(column.numbers, table.block) for column in table.columns)
        assert numpy.array_equal(numpy.array(source), before)


def test_sparse_matrices_that_are_too_large(monkeypatch):
    monkeypatch.setattr('sage_logreg.dataset.columns.memory', lambda: 1000)
    monkeypatch.setattr('sage_logreg.dataset.sparse.memory', lambda: 1000)
    filled = numpy.ones((10, 10))
    for make in (sparse().csr_matrix, sparse().coo_matrix):
        refused(lambda: read_columns(make(filled)), MemoryError, 'the sparse matrix: 10 rows x 10 columns are 0.0 GB as a dense table, and this '
                'machine has 0.0 GB of memory; expected at most a quarter of it, or fewer entries that are not zero')


def test_sparse_matrices_of_sage_that_are_too_large():
    sage_all = needed_sage()
    table = read_columns(sage_all.matrix(sage_all.QQ, 10**6, 10**6, {(1, 1): 2}, sparse=True))
    assert table.matrix.shape == (10**6, 10**6) and table.matrix[1, 1] == 2


def test_parquet_that_is_too_large(tmp_path, monkeypatch):
    path = written(tmp_path, '.parquet', pandas_frame())
    monkeypatch.setattr('sage_logreg.dataset.columns.memory', lambda: 90)
    refused(lambda: read_file(path), MemoryError,
            f'{path}: 4 rows x 3 columns of numbers are 0.0 GB, too large for the memory of this '
                                                  'machine (0.0 GB); expected a table that fits')


# Any frame at all

COLUMN = st.one_of(st.lists(st.none() | st.integers(-2**62, 2**62), min_size=4, max_size=4),
                   st.lists(st.none() | st.floats(allow_nan=False), min_size=4, max_size=4),
                   st.lists(st.none() | st.booleans(), min_size=4, max_size=4),
                   st.lists(st.none() | st.sampled_from(['a', 'b', 'Ä', 'NA', ' c', '12', '']), min_size=4, max_size=4))


@settings(deadline=None, max_examples=40)
@given(columns=st.lists(COLUMN, min_size=1, max_size=4))
def test_all_frames_say_the_same(tmp_path_factory, columns):
    frame = {f'x{j}': column for j, column in enumerate(columns)}
    arrow = pyarrow.table(frame)
    path = str(tmp_path_factory.getbasetemp() / 'any.parquet')
    from pyarrow import parquet
    parquet.write_table(arrow, path, row_group_size=3)
    sources = [arrow, pandas.DataFrame(frame, dtype=object), arrow.to_pandas(types_mapper=pandas.ArrowDtype),
               [dict(zip(frame, row)) for row in zip(*columns)]]
    try:
        import polars
        sources.append(polars.DataFrame(frame))
    except ImportError:
        pass
    expected = read_columns(frame)
    for table in [*map(read_columns, sources), read_file(path)]:
        assert table.titles == list(frame) and content(table) == content(expected)
        for one, two in zip(table.columns, expected.columns):
            assert (one.levels, one.ordered, one.bad) == (two.levels, two.ordered, two.bad)
            if any(column is not None for column in frame[one.title]):
                assert one.kind == two.kind and (one.beside is None) == (two.beside is None)
                assert one.beside is None or one.beside.tolist() == two.beside.tolist()


# Files

def written(folder, ending, frame):
    path = str(folder / f'people{ending}')
    if ending == '.parquet':
        frame.to_parquet(path, row_group_size=2)
    elif ending == '.feather':
        frame.to_feather(path)
    elif ending in ('.arrow', '.ipc'):
        table = pyarrow.Table.from_pandas(frame)
        make = pyarrow.ipc.new_file if ending == '.arrow' else pyarrow.ipc.new_stream
        with make(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=3)
    elif ending == '.xlsx':
        pytest.importorskip('openpyxl')
        frame.to_excel(path, index=False)
    else:
        frame.to_stata(path, write_index=False)
    return path


@pytest.mark.lanes
@pytest.mark.parametrize('ending', ['.parquet', '.feather', '.arrow', '.ipc', '.xlsx', '.dta'])
def test_files(tmp_path, ending):
    path = written(tmp_path, ending, pandas.DataFrame({
        'age': [34.5, None, 60.0, 1e-5], 'count': [1, 2, 3, 10**9], 'sex': ['male', 'female', '', 'male'], 'y': [0, 1, 1, 0]}))
    loud = path.replace(ending, ending.upper())
    os.rename(path, loud)
    for given in (loud, pathlib.Path(loud)):
        table = read_file(given)
        assert (table.titles, table.name) == (['age', 'count', 'sex', 'y'], loud)
        assert content(table) == [[34.5, None, 60.0, 1e-5], [1, 2, 3, 10**9], ['male', 'female', None, 'male'], [0, 1, 1, 0]]
        assert [column.kind for column in table.columns if column.levels is None] == ['binary', 'exact', 'exact']
    assert table.place(1, 0) == f'{loud}, {"line 3" if ending == ".xlsx" else "row 2"}, column 1'


@pytest.mark.parametrize('ending', ['.parquet', '.feather', '.arrow', '.ipc', '.dta'])
def test_categories_in_files(tmp_path, ending):
    frame = pandas.DataFrame({'x': pandas.Categorical(['high', 'low', None, 'low'], categories=CATEGORIES)})
    column, = read_file(written(tmp_path, ending, frame)).columns
    assert (column.levels, column.codes.tolist(), column.ordered) == (['low', 'high'], [1, 0, -1, 0], True)


@pytest.mark.parametrize('ending', ['.parquet', '.feather', '.arrow', '.xlsx', '.dta'])
def test_dates_in_files(tmp_path, ending):
    path = written(tmp_path, ending, pandas.DataFrame({'x': pandas.to_datetime(['2020-01-01', '2020-01-02']), 'y': [0, 1]}))
    table = read_file(path)
    check_usable(table, 1)
    refused(lambda: check_usable(table, 0), ValueError, f"{path}, column 1, 'x': dates; expected numbers or text")


@pytest.mark.parametrize('ending', ['.parquet', '.feather', '.arrow', '.ipc', '.xlsx', '.xls', '.ods', '.dta'])
def test_damaged_files(tmp_path, ending):
    path = tmp_path / f'table{ending}'
    # the second is a text table
    for bytes_given in (numpy.random.default_rng(1).bytes(3000), b'age,sex,y\n34,m,0\n' * 9):
        path.write_bytes(bytes_given)
        with pytest.raises(ValueError) as caught:
            read_file(path)
        assert str(caught.value).startswith(f'{path} cannot be read (') and '); expected a' in str(caught.value)
        assert '\n' not in str(caught.value) and len(str(caught.value)) < 500
    path.write_bytes(b'')
    refused(lambda: read_file(path), ValueError, f'{path} is empty; expected a table')


def test_parquet_that_ends_early(tmp_path):
    path = written(tmp_path, '.parquet', pandas.DataFrame({'x': numpy.random.default_rng(0).normal(size=10**4)}))
    whole = open(path, 'rb').read()
    for damaged in (whole[:len(whole) // 2], whole[:500] + numpy.random.default_rng(2).bytes(10**4) + whole[500 + 10**4:]):
        with open(path, 'wb') as file:
            file.write(damaged)
        with pytest.raises(ValueError, match='cannot be read .*; expected a Parquet file$'):
            read_file(path)


def test_wrong_paths(tmp_path):
    refused(lambda: read_file('no/such/file.parquet'), FileNotFoundError, 'no/such/file.parquet: there is no such file')
    refused(lambda: read_source('~/no_such_file.dta'), FileNotFoundError,
            f'{os.path.expanduser("~")}/no_such_file.dta: there is no such file')
    folder = tmp_path / 'folder.parquet'
    folder.mkdir()
    refused(lambda: read_file(folder), IsADirectoryError, f'{folder} is a directory; expected a file')
    refused(lambda: read_file('a\0.dta'), ValueError,
            r"'a\x00.dta': a path has no null characters; expected the path of a file")
    pipe = tmp_path / 'pipe.feather'
    os.mkfifo(pipe)
    refused(lambda: read_file(pipe), ValueError, f'{pipe} is not a regular file; expected a table')
    path = written(tmp_path, '.parquet', pandas_frame())
    refused(lambda: read_file(path, header=True), ValueError,
            f'header = True, but {path} names its columns itself; expected no header')
    refused(lambda: read_file(path, encoding='utf-8'), ValueError,
            f"encoding = 'utf-8', but {path} is no text table; expected no encoding")


def test_parquet_needs_little_memory_beside_the_table(tmp_path):
    path = str(tmp_path / 'large.parquet')
    numbers = numpy.random.default_rng(0).normal(size=(300_000, 8))
    pandas.DataFrame(numbers).rename(columns=str).to_parquet(path, row_group_size=10**6)
    usual = pyarrow.default_memory_pool()
    counted = pyarrow.proxy_memory_pool(usual)
    pyarrow.set_memory_pool(counted)
    try:
        table = read_file(path)
    finally:
        pyarrow.set_memory_pool(usual)
    assert numpy.array_equal(table.block, numbers) and table.block.flags.c_contiguous
    assert 0 < counted.max_memory() < numbers.nbytes


# Workbooks

def workbook(path, **sheets):
    openpyxl = pytest.importorskip('openpyxl')
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return str(path)


def test_workbooks(tmp_path):
    path = tmp_path / 'book.xlsx'
    table = read_file(workbook(path, data=[['age', None, 'y'], [1, 2.5, 'no'], [], [3, '#N/A', 'yes'], ['NA', None, '?']],
                               empty=[]))
    assert (table.titles, content(table)) == (['age', '', 'y'], [[1, 3, None], [2.5, None, None], ['no', 'yes', None]])
    # rows as they stand in the sheet
    assert [table.place(row) for row in range(3)] == [f'{path}, line {line}' for line in (2, 4, 5)]
    assert read_file(workbook(path, data=[[1, 2, 0], [3, 4, 1]])).titles is None
    # years as a header
    table = read_file(workbook(path, data=[[2019, 2020, 'y'], [1, 2, 0], [3, 4, 1]]))
    assert (table.titles, content(table)) == (['2019', '2020', 'y'], [[1, 3], [2, 4], [0, 1]])
    table = read_file(workbook(path, data=[[2019, 2020, 'no'], [1, 2, 'yes'], [3, 4, 'no']]))
    assert (table.titles, content(table)) == (None, [[2019, 1, 3], [2020, 2, 4], ['no', 'yes', 'no']])
    assert read_file(workbook(path, data=[['a', 'b'], ['c', 'd']]), header=False).titles is None
    assert read_file(path, header=True).titles == ['a', 'b']


def test_workbook_that_does_not_begin_at_the_top(tmp_path):
    path = workbook(tmp_path / 'book.xlsx', data=[['Patients of 2020'], [], [None, 'age', 'y'], [None, 1, 0], [None, 2, 1]])
    with pytest.warns(RuntimeWarning) as caught:
        table = read_file(path)
    assert [str(one.message) for one in caught] == [f"{path}, line 1: 'Patients of 2020' stands alone and is left out as a title"]
    assert table.titles[-2:] == ['age', 'y'] and content(table)[-2:] == [[1, 2], [0, 1]]


def test_wrong_workbooks(tmp_path, monkeypatch):
    path = workbook(tmp_path / 'book.xlsx', first=[['x', 'y'], [1, 0]], second=[], third=[['x', 'y'], [1, 0]])
    refused(lambda: read_file(path), ValueError,
            f"{path} has 2 sheets that are not empty ('first', 'third'); expected one, or a frame: "
                                                 "pandas.read_excel(path, sheet_name='first')")
    path = workbook(tmp_path / 'empty.xlsx', first=[])
    refused(lambda: read_file(path), ValueError, f'{path} is empty; expected a table')
    monkeypatch.setitem(sys.modules, 'openpyxl', None)
    refused(lambda: read_file(path), ImportError,
            f'{path}: pandas reads .xlsx files with openpyxl, which is missing or too old; '
                                                  'expected it to be installed: pip install openpyxl')


# Stata

def test_value_labels(tmp_path):
    path = str(tmp_path / 'survey.dta')
    frame = pandas.DataFrame({'old': [1.0, 2.0, 98.0], 'vote': [1.0, 0.0, numpy.nan]})
    frame.to_stata(path, write_index=False, value_labels={'old': {98: '98 or more'}, 'vote': {0: 'no', 1: 'aye'}})
    table = read_file(path)
    vote = table.columns[1]
    assert (vote.levels, vote.codes.tolist(), vote.ordered) == (['no', 'aye'], [1, 0, -1], True)
    refused(lambda: check_usable(table, 0), ValueError,
            f"{path}, column 1, 'old': some of its numbers have value labels ('98 or more'), others have none; expected labels for all or "
            'for none, or a frame: pandas.read_stata(path, convert_categoricals=False)')


# What a tuple means

def pair(*source):
    source = read_source(tuple(source))
    assert source.trials is None
    return content(source.table), cells(source.label_column)


def test_pairs():
    flat, table = [1.5, 2.5, 3.5], [[1.5], [2.5], [3.5]]
    all_points = [flat, tuple(flat), numpy.array(flat), table, numpy.array(table), {'x': flat}, pandas.Series(flat),
                  pandas.DataFrame({'x': flat}),
                  pyarrow.table({'x': flat}), pyarrow.array(flat), pandas.Index(flat)]
    labels = [0, 1, 0]
    all_labels = [labels, tuple(labels), numpy.array(labels), numpy.array(labels)[:, None], numpy.array([labels]),
                  numpy.ma.array(labels),
                  pandas.Series(labels), pandas.DataFrame({'y': labels}), {'y': labels}, pyarrow.array(labels),
                  pyarrow.table({'y': labels})]
    for points in all_points:
        for given_labels in all_labels:
            assert pair(points, given_labels) == ([flat], labels)
    assert pair((x for x in flat), (y for y in labels)) == ([flat], labels)
    assert pair(([x] for x in flat), iter(labels)) == ([flat], labels)


def test_pairs_of_polars():
    frame = polars().DataFrame({'x': [1, 2, 3], 'y': ['no', 'yes', 'no']})
    for points in (frame['x'], frame[['x']], frame.lazy().select('x')):
        for labels in (frame['y'], frame[['y']], frame['y'].to_list()):
            assert pair(points, labels) == ([[1, 2, 3]], ['no', 'yes', 'no'])
    # a frame is a table, of three rows here and not two
    assert len(read_source(frame).table) == 3


@pytest.mark.lanes
def test_pairs_of_sage():
    sage_all = needed_sage()
    labels = sage_all.vector(sage_all.GF(2), [0, 1, 1])
    for points in (sage_all.vector([1, 2, 3]), sage_all.matrix(3, 1, [1, 2, 3]),
                   sage_all.matrix(sage_all.RDF, 3, 1, [1, 2, 3])):
        for given_labels in (labels, sage_all.matrix(3, 1, list(labels)), sage_all.matrix(1, 3, list(labels)), list(labels)):
            assert pair(points, given_labels) == ([[1, 2, 3]], [0, 1, 1])


def test_titles_of_a_pair():
    frame = pandas.DataFrame({'x': [1, 2], 'y': ['a', 'b']})
    for points, labels in ((frame[['x']], frame['y']), (frame['x'], frame[['y']]), (frame['x'], frame['y'])):
        source = read_source((points, labels))
        assert (source.table.titles, source.label_column.title) == (['x'], 'y')
    assert read_source(([[1], [2]], [0, 1])).label_column.title is None


def test_labels_are_of_any_kind():
    assert read_source(([1, 2], pandas.Series([True, False]))).label_column.levels == [False, True]
    label = read_source(([1, 2], pandas.Categorical(['no', 'yes'], categories=['yes', 'no']))).label_column
    assert (label.levels, label.ordered) == (['yes', 'no'], True)
    assert cells(read_source(([[1], [2], [3]], [0, None, 1])).label_column) == [0, None, 1]


def test_lists_of_two():
    points, labels = [[1, 2], [3, 4]], [0, 1]
    assert read_source([points, labels]).label_column is not None
    assert read_source([numpy.array(points), labels]).label_column is not None
    assert read_source([{'a': [1, 2]}, labels]).label_column is not None
    for rows in ([[1, 0], [2, 1]], [numpy.array([1, 0]), numpy.array([2, 1])], [{'a': 1, 'y': 0}, {'a': 2, 'y': 1}]):
        source = read_source(rows)
        assert source.label_column is None and content(source.table) == [[1, 2], [0, 1]]


def test_longer_tuples_are_rows():
    assert content(read_source(((1, 0), (2, 1), (3, 1), (4, 0))).table) == [[1, 2, 3, 4], [0, 1, 1, 0]]
    assert content(read_source([[1, 0], [2, 1], [3, 1]]).table) == [[1, 2, 3], [0, 1, 1]]


def grouped(*source):
    source = read_source(tuple(source))
    assert source.label_column is None
    return content(source.table), list(source.successes), list(source.trials)


def test_triples():
    expected = [[0, 1, 2, 3]], [0, 4, 8, 10], [10] * 4
    doses, successes, trials = [0, 1, 2, 3], [0, 4, 8, 10], [10] * 4
    frame = pandas.DataFrame({'dose': doses, 's': successes, 't': trials})
    for points in (doses, [[dose] for dose in doses], numpy.array(doses), frame['dose'], frame[['dose']], {'dose': doses}):
        assert grouped(points, successes, trials) == expected
    assert grouped(frame['dose'], frame['s'], frame['t']) == expected
    assert grouped(frame[['dose']], frame[['s']], frame['t']) == expected
    assert grouped(iter(doses), iter(successes), iter(trials)) == expected
    assert grouped(numpy.array(doses)[:, None], numpy.array(successes)[:, None], numpy.array(trials)) == expected
    assert grouped([1, 0], [2, 1], [3, 1]) == ([[1, 0]], [2, 1], [3, 1])
    assert grouped(['a', 'b'], [2, 1], [3, 1]) == ([['a', 'b']], [2, 1], [3, 1])


def test_triples_of_polars():
    frame = polars().DataFrame({'dose': [1, 2], 's': [0, 3], 't': [5, 5]})
    for points in (frame['dose'], frame[['dose']]):
        assert grouped(points, frame['s'], frame['t']) == ([[1, 2]], [0, 3], [5, 5])


@pytest.mark.parametrize('rows, place, some, every', [
    (((1, 2, 0), (3, 4, 1), (5, 6, 0)), 2, '1', '0'), (([1, 0], [2, 1], [1, 1]), 0, '2', '1'),
    (((1, 'a'), (2, 'b'), (3, 'a')), 1, "'b'", "'a'"), (([1, 2], [0.5, 1], [1, 1]), 0, '0.5', '1'),
    (([1, 2], [-1, 1], [1, 1]), 0, '-1', '1'), (([1, 2], [1, None], [1, 1]), 1, 'None', '1')])
def test_three_rows_that_are_no_triple(rows, place, some, every):
    refused(lambda: read_source(rows), ValueError,
            f'a tuple of three is (points, successes, trials), but successes[{place}] = {some} is not a whole number from 0 to '
            f'trials[{place}] = {every}; expected such counts, or for three rows of a table a list of them: [row, row, row]')
    assert len(read_source(list(rows)).table) == 3


WRONG_TUPLES = {
    'fewer labels': (([[1], [2], [3]], [0, 1]), ValueError, 'there are 3 points and 2 labels; expected one label a point'),
    '2-d labels': (([[1], [2]], numpy.eye(2)), ValueError, 'the labels have 2 columns; expected one label a point, or for successes and '
                                                           'failures a triple (points, successes, trials)'),
    'three rows of counts': (([[1], [2]], {'y': [0, 1, 2], 'z': [1, 0, 2]}), ValueError,
                             'there are 2 points and 3 rows of counts; expected one row a point'),
    'labels as a number': (([[1], [2]], 7), TypeError, 'the pair ([[1], [2]], 7) is not data; expected points and labels'),
    'labels as one text': (([[1], [2]], 'ab'), TypeError,
                           "the pair ([[1], [2]], 'ab') is not data; expected points and labels"),
    'a number as points': ((7, [1, 2]), TypeError, 'the pair (7, [1, 2]) is not data; expected points and labels'),
    'three numbers': ((1, 2, 0), TypeError, 'the triple (1, 2, 0) is not data; expected points, successes and trials'),
    'no points': (([], []), ValueError, 'the rows: there are no rows; expected at least one'),
    'no data': (42, TypeError, '42 is not data; expected a path, a matrix, rows, an array, a frame or a pair (points, labels)'),
}


@pytest.mark.parametrize('source, error, message', WRONG_TUPLES.values(), ids=WRONG_TUPLES)
def test_wrong_tuples(source, error, message):
    refused(lambda: read_source(source), error, message)


def test_paths_as_points(tmp_path):
    path = written(tmp_path, '.parquet', pandas.DataFrame({'a': [1, 2], 'b': [3.5, 4]}))
    assert content(read_source(path).table) == [[1, 2], [3.5, 4]]
    assert pair(path, ['no', 'yes']) == ([[1, 2], [3.5, 4]], ['no', 'yes'])
    assert cells(read_source([path, ['no', 'yes']]).label_column) == ['no', 'yes']
    assert grouped(path, [1, 2], [3, 3]) == ([[1, 2], [3.5, 4]], [1, 2], [3, 3])


# Indexes

POINTS = pandas.DataFrame({'x': range(6)}, index=list('abcdef'))
SHUFFLED = pandas.Series(list('cbeadf'), index=list('cbeadf'), name='y')
SAME = 'expected the same entries in both, or an array, which is taken by position'


def test_labels_are_aligned():
    for points in (POINTS, POINTS['x'], {'x': POINTS['x']}):
        for labels in (SHUFFLED, SHUFFLED.to_frame(), SHUFFLED.astype('category')):
            assert pair(points, labels) == ([[0, 1, 2, 3, 4, 5]], list('abcdef'))
    counts = pandas.Series([5, 0, 3, 1, 2, 4], index=list('fadbce'))
    nines = pandas.Series(9, index=list('abcdef'))
    assert grouped(POINTS, counts, nines) == ([[0, 1, 2, 3, 4, 5]], [0, 1, 2, 3, 4, 5], [9] * 6)
    # an array has no index
    assert pair(POINTS, SHUFFLED.to_numpy())[1] == pair(POINTS.to_numpy(), SHUFFLED)[1] == list('cbeadf')
    # nor is order missing where the indexes are the same, though some entries are too
    twice = POINTS.set_axis([1, 1, 2, 2, 3, 3])
    assert pair(twice, SHUFFLED.set_axis(twice.index))[1] == list('cbeadf')
    assert pair(POINTS.reset_index(drop=True), pandas.Series(list('uvwxyz'), index=[5.0, 4, 3, 2, 1, 0]))[1] == list('zyxwvu')


def test_columns_of_a_dictionary_are_aligned():
    table = read_columns({'x': POINTS['x'], 'y': SHUFFLED})
    assert content(table) == [[0, 1, 2, 3, 4, 5], list('abcdef')]
    refused(lambda: read_columns({'x': POINTS['x'], 'y': SHUFFLED.rename({'a': 'z'})}), ValueError,
            f"the indexes of the column 'x' and of the column 'y' differ: 'a' is only in that of the column 'x'; {SAME}")


DIFFER = 'the indexes of the points and of the labels differ'
WRONG_INDEXES = {
    'another entry': (POINTS, SHUFFLED.rename({'f': 'g'}), f"{DIFFER}: 'f' is only in that of the points; {SAME}"),
    'numbers from 0 and from 1': (POINTS.reset_index(), SHUFFLED.set_axis(range(1, 7)),
                                  f'{DIFFER}: 0 is only in that of the points; {SAME}'),
    'one more, once': (POINTS.rename({'b': 'a'}), SHUFFLED.rename({'b': 'z'}),
                       f"{DIFFER}: 'z' is only in that of the labels; {SAME}"),
    'the same twice': (POINTS.rename({'b': 'a'}), SHUFFLED.rename({'b': 'a'}),
                       f"{DIFFER} in order, and 'a' stands more than once in that of the points; {SAME}"),
    'fewer labels': (POINTS, SHUFFLED[:5], 'there are 6 points and 5 labels; expected one label a point'),
}


@pytest.mark.parametrize('points, labels, message', WRONG_INDEXES.values(), ids=WRONG_INDEXES)
def test_indexes_that_differ(points, labels, message):
    refused(lambda: read_source((points, labels)), ValueError, message)


def test_weights_are_aligned():
    table = read_columns(POINTS)
    weights = pandas.Series(range(6), index=list('fedcba'))
    for given in (weights, weights.to_frame()):
        assert aligned(given, table, 'the weights').tolist() == [5, 4, 3, 2, 1, 0]
    assert aligned(weights.astype('Int64'), table, 'the weights') == [5, 4, 3, 2, 1, 0]
    assert aligned(weights, read_columns(POINTS.to_numpy()), 'the weights').tolist() == [0, 1, 2, 3, 4, 5]
    for given in ([1, 2, 3, 4, 5, 6], (1, 2, 3, 4, 5, 6), iter([1, 2, 3, 4, 5, 6]), numpy.array([[1, 2, 3, 4, 5, 6]]),
                  pyarrow.array([1, 2, 3, 4, 5, 6])):
        assert [int(str(weight)) for weight in aligned(given, table, 'the weights')] == [1, 2, 3, 4, 5, 6]
    refused(lambda: aligned(weights.rename({'a': 'k'}), table, 'the weights'), ValueError,
            f"the indexes of the points and of the weights differ: 'a' is only in that of the points; {SAME}")


# One row

def test_rows():
    frame = pandas.DataFrame({'age': [3, 4], 'sex': ['male', None], 'smokes': [True, False]})
    Person = collections.namedtuple('Person', ['age', 'sex', 'smokes'])
    structured = numpy.array([(3, 'male', True)], dtype=[('age', int), ('sex', 'U9'), ('smokes', bool)])
    for row in ({'age': 3, 'sex': 'male', 'smokes': True}, frame.iloc[0], Person(3, 'male', True), structured[0]):
        table = read_row(row)
        assert table.titles == ['age', 'sex', 'smokes'] and content(table) == [[3], ['male'], [True]]
    assert content(read_row(frame.iloc[1])) == [[4], [None], [False]]
    assert read_row(frame.iloc[0], ['sex', 'age']) is not None
    assert content(read_row({'x': fractions.Fraction(1, 3), 'y': None})) == [[1/3], [None]]
    for many in ({'age': [3, 4]}, {'age': numpy.array([3])}, frame, frame['age'], [3, 4], [{'age': 3}], (3, 'male'), {},
                 structured):
        assert read_row(many) is None
    # a column whose rows have names is no row
    assert read_row(POINTS['x'], ['x']) is None
