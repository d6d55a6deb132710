r"""
load_data: what it accepts, and tables of any content.
"""
import csv
import decimal
import fractions

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import ex2data1, load_data

from helpers import ROOT, needed_pandas, needed_sage

# Right text tables: all say the same four rows

POINTS, LABELS = numpy.array([[34.5, -78.25], [60.0, 0.125], [1e-3, 2e5], [-7.0, 8.0]]), [0.0, 1.0, 1.0, 0.0]
PLAIN = '34.5,-78.25,0\n60,.125,1\n1e-3,+2E5,1\n-7,8,0\n'
RIGHT_TEXT = {
    'comma': PLAIN,
    'comma and space': PLAIN.replace(',', ' , '),
    'semicolon': PLAIN.replace(',', ';'),
    'semicolon and decimal comma': PLAIN.replace(',', ';').replace('.', ','),
    'semicolon, as Excel says': 'sep=;\n' + PLAIN.replace(',', ';').replace('.', ','),
    'comma, as Excel says, and a header': 'SEP=,\r\nx1,x2,y\r\n' + PLAIN,
    'tab, as Excel says': 'sep=\t\n' + PLAIN.replace(',', '\t'),
    'a bar, as Excel says': 'sep=|\n' + PLAIN.replace(',', '|'),
    'tab': PLAIN.replace(',', '\t'),
    'tab and space': PLAIN.replace(',', ' \t '),
    'space': PLAIN.replace(',', ' '),
    'columns aligned by spaces': '  34.5   -78.25 0\n  60       .125 1\n   1e-3   2e5  1  \n  -7     8      0',
    'header': 'x1,x2,y\n' + PLAIN,
    'header of words': 'x1;x2;y\n' + PLAIN.replace(',', ';'),
    'header with an empty name': ',x2,y\n' + PLAIN,
    'no end of the last line': PLAIN.rstrip('\n'),
    'comments': '# from 2011\n' + PLAIN.replace('60,.125,1\n', '# half\n60,.125,1  # the second\n'),
    'comments and header': '# from 2011\n   # by hand\nx1,x2,y\n' + PLAIN,
    'blank lines': '\n\n' + PLAIN.replace('\n', '\n\n \n'),
    'CRLF': PLAIN.replace('\n', '\r\n'),
    'CR': PLAIN.replace('\n', '\r'),
    'quotes': '"x1","x2","y"\n' + ''.join(
        ','.join(f'"{cell}"' for cell in line.split(',')) + '\n' for line in PLAIN.splitlines()),
    'float labels': PLAIN.replace(',0\n', ',0.0\n').replace(',1\n', ',1.0\n'),
}


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16'])
@pytest.mark.parametrize('text', RIGHT_TEXT.values(), ids=RIGHT_TEXT)
def test_right_text(tmp_path, text, encoding):
    path = tmp_path / 'table.txt'
    path.write_bytes(text.encode(encoding))
    data = load_data(path)
    assert data.points.tolist() == POINTS.tolist()
    assert data.labels.tolist() == LABELS
    assert data.points.dtype == data.labels.dtype == numpy.float64
    assert data.variables == ('x1', 'x2')
    assert (data.label_name, data.label_names) == ('y', (0, 1))


HEADERS = {
    'names': ('height,weight,ill', ('height', 'weight'), 'ill'),
    'sentences': ('exam #1,exam (2),admitted?', ('exam_1', 'exam_2'), 'admitted?'),
    'quoted, with the delimiter': ('"exam, first","exam, second","was, or not"', ('exam_first', 'exam_second'),
                                   'was, or not'),
    'other scripts': ('身長,体重,合格', ('身長', '体重'), '合格'),
    'a digit first': ('1st,2nd,y', ('x1st', 'x2nd'), 'y'),
    'a keyword': ('lambda,mu,y', ('lambda_', 'mu'), 'y'),
    'constants': ('pi,e,I', ('pi_', 'e_'), 'I'),
    'another constant': ('I,pie,e', ('I_', 'pie'), 'e'),
    "after Excel's line": ('sep=,\nexam #1,exam #2,y', ('exam_1', 'exam_2'), 'y'),
    'signs only': ('?,!,y', ('x1', 'x2'), 'y'),
    'no name for the label': ('a,b,', ('a', 'b'), 'y'),
}


@pytest.mark.parametrize('header, variables, label_name', HEADERS.values(), ids=HEADERS)
def test_header(tmp_path, header, variables, label_name):
    path = tmp_path / 'table.csv'
    path.write_text(header + '\n1,2,0\n3,4,1\n', encoding='utf-8')
    data = load_data(path)
    assert data.variables == variables
    assert data.label_name == label_name
    assert len(data) == 2
    # variables= selects where there are titles, and names what is loaded
    first, second = csv.reader([header.splitlines()[-1]]).__next__()[:2]
    assert load_data(path, variables=[second, first]).variables == variables[::-1]
    assert load_data(path, variables=[second]).points.tolist() == [[2], [4]]
    assert load_data(load_data(path), variables='u v').variables == ('u', 'v')


def test_text_labels_of_a_file(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('1;2;yes, sure\n3;4;no\n5;6;yes, sure\n')
    data = load_data(path)
    # the comma in a text is none of a number
    assert data.label_names == ('no', 'yes, sure')
    assert data.labels.tolist() == [1, 0, 1]


def test_worksheet_data():
    data = ex2data1()
    source = ROOT / 'data' / 'ex2data1.txt'
    expected = numpy.loadtxt(source, delimiter=',')
    assert data.points.shape == (100, 2)
    assert numpy.array_equal(data.points, expected[:, :2])
    assert numpy.array_equal(data.labels, expected[:, 2])
    assert repr(data) == '100 points in x1, x2: 60 with y = 1, 40 with y = 0'


# Right objects

REAL_TYPES = ['bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64',
              'float16', 'float32', 'float64', 'longdouble', '>f8', '>i4', 'object']


@pytest.mark.lanes
@pytest.mark.parametrize('order', ['C', 'F'])
@pytest.mark.parametrize('dtype', REAL_TYPES)
def test_numpy_types(dtype, order):
    array = numpy.array([[1, 0, 0], [0, 1, 1], [1, 1, 0]], dtype=dtype, order=order)
    for source in (array, (array[:, :2], array[:, 2]), [list(row) for row in array], list(array), array.tolist()):
        data = load_data(source)
        assert data.points.tolist() == [[1, 0], [0, 1], [1, 1]]
        assert data.labels.tolist() == [0, 1, 0]
        assert data.points.dtype == data.labels.dtype == numpy.float64
        assert data.label_names == (0, 1)


def test_values_are_converted_not_rounded_twice():
    third = numpy.longdouble(1) / 3
    data = load_data([[third, 0], [fractions.Fraction(1, 3), 1], [decimal.Decimal('0.1'), 1], [numpy.float32(0.1), 0]])
    assert data.points[:, 0].tolist() == [1/3, 1/3, 0.1, float(numpy.float32(0.1))]


def test_sliced_and_read_only_arrays():
    array = numpy.arange(24.0).reshape(4, 6)
    array[:, 4] = [0, 1, 0, 1]
    view = array[::-1, ::2]
    view.flags.writeable = False
    data = load_data(view)
    assert data.points.tolist() == view[:, :2].tolist()
    assert data.labels.tolist() == [1, 0, 1, 0]


@pytest.mark.lanes
@pytest.mark.parametrize('ring', ['ZZ', 'QQ', 'RR', 'RDF', 'AA', 'SR', 'QQbar', 'CC', 'RIF'])
def test_sage_matrices(ring):
    sage_all = needed_sage()
    table = sage_all.matrix(getattr(sage_all, ring), [[1, 2, 0], [3, 4, 1], [5, 7, 1]])
    for source in (table, sage_all.matrix(table, sparse=True), table.rows(), [list(row) for row in table],
                   (table[:, :2], table.column(2)), (table[:, :2], table[:, 2]), (table[:, :2].rows(), [0, 1, 1])):
        data = load_data(source)
        assert data.points.tolist() == [[1, 2], [3, 4], [5, 7]]
        assert data.labels.tolist() == [0, 1, 1]
        assert all(type(name) is int for name in data.label_names)


@pytest.mark.lanes
def test_sage_numbers():
    sage_all = needed_sage()
    sqrt, pi, Rational = sage_all.sqrt, sage_all.pi, sage_all.Rational
    data = load_data([[sqrt(2), Rational('1/3'), 0], [pi, sage_all.RealField(200)(1) / 3, 1],
                      [sage_all.AA(2).sqrt(), sage_all.exp(1), 1], [sage_all.golden_ratio, sage_all.RDF(0.1), 0]])
    expected = [[2**0.5, 1/3], [numpy.pi, 1/3], [2**0.5, numpy.e], [(1 + 5**0.5) / 2, 0.1]]
    assert numpy.allclose(data.points, expected, rtol=1e-15, atol=0)
    assert data.points[0, 1] == data.points[1, 1] == 1/3


@pytest.mark.lanes
def test_labels_over_a_finite_field():
    sage_all = needed_sage()
    data = load_data((sage_all.matrix([[1], [2], [3]]), sage_all.vector(sage_all.GF(2), [0, 1, 1])))
    assert data.labels.tolist() == [0, 1, 1]


@pytest.mark.lanes
def test_frames():
    pd = needed_pandas()
    frame = pd.DataFrame({'height': pd.array([5, 2, 3], dtype='Int64'), 'exam (2)': pd.array([0.5, 1, 2], 'Float32'),
                          'smokes': [True, False, True], 'ill': pd.array([True, False, True], dtype='boolean')},
                         index=[7, 7, 9])
    data = load_data(frame)
    assert data.points.tolist() == [[5, 0.5, 1], [2, 1, 0], [3, 2, 1]]
    assert data.labels.tolist() == [1, 0, 1]
    assert data.variables == ('height', 'exam_2', 'smokes_True')
    assert (data.label_name, data.label_names) == ('ill', (False, True))
    assert [type(name) for name in data.label_names] == [bool, bool]
    assert load_data(data, variables=['a', 'b', 'c']).variables == ('a', 'b', 'c')


@pytest.mark.parametrize('labels', [
    lambda pd: pd.Categorical(['no', 'yes', 'no']), lambda pd: pd.array(['no', 'yes', 'no'], dtype='string'),
    lambda pd: numpy.array(['no', 'yes', 'no'], dtype=object)], ids=['categorical', 'string', 'object'])
def test_frames_with_named_labels(labels):
    pd = needed_pandas()
    labels = pd.Series(labels(pd), name='answer')
    points = pd.DataFrame({'a': [1, 3, 2]})
    for source in (points.assign(answer=labels), (points, labels), [points, labels]):
        data = load_data(source)
        assert data.labels.tolist() == [0, 1, 0]
        assert (data.variables, data.label_name, data.label_names) == (('a',), 'answer', ('no', 'yes'))
        assert repr(data) == "3 points in a: 1 with answer = 'yes', 2 with answer = 'no'; P(answer = 'yes') is modelled"


def test_frame_without_names():
    pd = needed_pandas()
    data = load_data(pd.DataFrame([[1, 2, 0], [3, 4, 1]]))
    assert (data.variables, data.label_name) == (('x1', 'x2'), 'y')


def test_pairs_of_every_mixture():
    points = [[1, 2.5], [3, 4], [5, 6]]
    labels = [1, 0, 1]
    all_points = [points, tuple(map(tuple, points)), numpy.array(points), list(map(numpy.array, points))]
    all_labels = [labels, tuple(labels), numpy.array(labels), numpy.array(labels, dtype=bool),
                  numpy.array(labels).reshape(3, 1), (label for label in labels)]
    pd = needed_pandas()
    all_points.append(pd.DataFrame(points))
    all_labels.extend([pd.Series(labels), pd.DataFrame({'y': labels})])
    sage_all = needed_sage()
    all_points.extend([sage_all.matrix(sage_all.QQ, points), [sage_all.vector(row) for row in points]])
    all_labels.extend([sage_all.vector(labels), sage_all.matrix(3, 1, labels)])
    for given_labels in all_labels:
        if not hasattr(given_labels, '__len__') and not hasattr(given_labels, 'nrows'):
            # a generator can be read once
            assert load_data((points, given_labels)).labels.tolist() == [1, 0, 1]
            continue
        for given_points in all_points:
            data = load_data((given_points, given_labels))
            assert data.points.tolist() == points
            assert data.labels.tolist() == [1, 0, 1]


def test_generators():
    data = load_data([x, x % 2] for x in range(4))
    assert data.points.tolist() == [[0], [1], [2], [3]]
    assert data.labels.tolist() == [0, 1, 0, 1]
    assert load_data(zip([5, 6], [7, 8], ['a', 'b'])).points.tolist() == [[5, 7], [6, 8]]


LABELS_BY_NAME = {
    '0 and 1': ([1, 0, 1], (0, 1)),
    'True and False': ([True, False, True], (0, 1)),
    '1 and 2': ([2, 1, 2], (1, 2)),
    '-1 and 1': ([1, -1, 1], (-1, 1)),
    '0 and 2': ([2, 0, 2], (0, 2)),
    'halves': ([0.5, -0.5, 0.5], (-0.5, 0.5)),
    'texts': (['yes', 'no', 'yes'], ('no', 'yes')),
    'digits as texts': (['2', '10', '2'], ('10', '2')),
    'capitals': (['b', 'A', 'b'], ('A', 'b')),
}


@pytest.mark.parametrize('labels, names', LABELS_BY_NAME.values(), ids=LABELS_BY_NAME)
def test_labels_are_mapped_in_sorted_order(labels, names):
    points = [[1], [2], [3]]
    rows = [[*point, label] for point, label in zip(points, labels)]
    for source in (rows, (points, labels), (points, numpy.array(labels)), (points, numpy.array(labels, dtype=object))):
        data = load_data(source)
        assert data.labels.tolist() == [1, 0, 1]
        assert data.label_names == names
        assert [type(name) for name in data.label_names] == [type(name) for name in names]
        assert data.label_text(1) == f'y = {names[1]!r}'


@pytest.mark.parametrize('variables', ['a, b', 'a b', 'a,b', ['a', 'b'], ('a', 'b'), numpy.array(['a', 'b']),
                                       (name for name in 'ab')])
def test_variables(variables):
    assert load_data([[1, 2, 0], [3, 4, 1]], variables=variables).variables == ('a', 'b')


@pytest.mark.lanes
def test_symbolic_variables():
    sage_all = needed_sage()
    a, b = sage_all.SR.var('a, b')
    assert load_data([[1, 2, 0], [3, 4, 1]], variables=[a, b]).variables == ('a', 'b')
    assert load_data([[1, 2, 0], [3, 4, 1]], variables=sage_all.SR.var('a, b')).variables == ('a', 'b')
    assert load_data([[1, 0], [3, 1]], variables=a).variables == ('a',)


def test_dataset_is_returned_itself_or_renamed():
    data = load_data([[1, 'no'], [3, 'yes']])
    assert load_data(data) is data
    renamed = load_data(data, variables='hours')
    assert (renamed.variables, data.variables) == (('hours',), ('x1',))
    assert renamed.label_names == ('no', 'yes')


def test_data_are_a_copy():
    table = numpy.array([[1.0, 2.0, 0.0], [3.0, 4.0, 1.0]])
    points, labels = table[:, :2].astype(numpy.float32), numpy.array([0, 1])
    sources = [load_data(table), load_data((points, labels)), load_data((table[:, :2], labels))]
    table[:], points[:], labels[:] = -1, -1, -1
    for data in sources:
        assert data.points.tolist() == [[1, 2], [3, 4]]
        assert data.labels.tolist() == [0, 1]


def test_large_arrays_are_not_copied():
    # a pair of arrays of the right type: twice the memory is more than some have
    for dtype in ('float64', 'float32'):
        points, labels = numpy.array([[1.0, 2.0], [3.0, 4.0]], dtype), numpy.array([0.0, 1.0])
        data = load_data((points, labels), dtype=dtype)
        assert data.points is points or data.points.base is points
        assert numpy.shares_memory(data.labels, labels)


# Any table at all

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw):
    # rows of finite numbers, the last one 0 or 1, both present
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(NUMBERS, min_size=width, max_size=width), min_size=2, max_size=8))
    labels = draw(st.lists(st.sampled_from([0, 1]), min_size=len(rows) - 2, max_size=len(rows) - 2)) + [0, 1]
    return [[*row, label] for row, label in zip(rows, draw(st.permutations(labels)))]


def same_memory(one, two):
    # -0.0 and 0.0 are equal, but not the same
    return one.tobytes() == two.tobytes()


@settings(deadline=None, max_examples=60)
@given(table=tables(), delimiter=st.sampled_from([',', ';', '\t', ' ', ' , ', ';  ']), header=st.booleans(),
       ending=st.sampled_from(['\n', '\r\n', '\r']), quoted=st.booleans())
def test_written_and_read_back(tmp_path_factory, table, delimiter, header, ending, quoted):
    path = tmp_path_factory.getbasetemp() / 'hypothesis.csv'
    quote = '"' if quoted and delimiter != ' ' else ''
    lines = [delimiter.join(quote + repr(cell) + quote for cell in row) for row in table]
    if header:
        lines.insert(0, delimiter.join(f'column_{j}' for j in range(len(table[0]))))
    path.write_bytes((ending.join(lines) + ending).encode())
    data = load_data(path)
    expected = numpy.array(table, dtype=numpy.float64)
    assert same_memory(data.points, numpy.ascontiguousarray(expected[:, :-1]))
    assert same_memory(data.labels, numpy.ascontiguousarray(expected[:, -1]))
    assert (data.variables[0] == 'column_0') == header


@settings(deadline=None, max_examples=30)
@given(table=tables())
def test_csv_module_writes_what_is_read(tmp_path_factory, table):
    path = tmp_path_factory.getbasetemp() / 'hypothesis2.csv'
    with open(path, 'w', newline='') as file:
        csv.writer(file).writerows(table)
    assert same_memory(load_data(path).points, load_data(table).points)


@settings(deadline=None, max_examples=40)
@given(table=tables())
def test_every_kind_of_source_gives_the_same(table):
    array = numpy.array(table, dtype=numpy.float64)
    sources = [table, list(map(tuple, table)), array, array.astype(object), list(array), iter(table),
               (array[:, :-1], array[:, -1]), ([row[:-1] for row in table], [row[-1] for row in table])]
    try:
        from sage.matrix.constructor import matrix
        from sage.rings.real_double import RDF
        sources.append(matrix(RDF, table))
        sources.append(matrix(RDF, table).rows())
    except ImportError:
        pass
    try:
        import pandas
        sources.append(pandas.DataFrame(table))
    except ImportError:
        pass
    if len(table) > 3:
        sources.append(tuple(map(tuple, table)))  # a tuple of two would be a pair, one of three grouped data
    for source in sources:
        data = load_data(source)
        assert same_memory(data.points, numpy.ascontiguousarray(array[:, :-1]))
        assert same_memory(data.labels, numpy.ascontiguousarray(array[:, -1]))
        assert data.variables == tuple(f'x{j + 1}' for j in range(array.shape[1] - 1))


def test_a_flat_pair_is_one_variable():
    points, labels = numpy.array([1.5, 2.5, 3.5]), numpy.array([0, 1, 0])
    for source in [(points, labels), (points.tolist(), labels.tolist()), (list(points), labels)]:
        data = load_data(source)
        assert data.points.tolist() == [[1.5], [2.5], [3.5]]
        assert data.labels.tolist() == [0, 1, 0]


@settings(deadline=None, max_examples=60)
@given(table=tables(), data=st.data(), bad=st.sampled_from(['', 'x', 'nan', '-inf', '1+2j', '1e999']))
def test_a_bad_cell_is_named(tmp_path_factory, table, data, bad):
    # whichever cell is bad, the message says where it stands
    row = data.draw(st.integers(0, len(table) - 1))
    column = data.draw(st.integers(0, len(table[0]) - 2))
    cells = [[repr(cell) for cell in line] for line in table]
    cells[row][column] = bad
    path = tmp_path_factory.getbasetemp() / 'hypothesis3.csv'
    path.write_text(''.join(f'header{j},' for j in range(len(table[0]) - 1)) + 'y\n' + ''.join(','.join(line) + '\n' for line in cells))
    with pytest.raises(ValueError) as caught:
        load_data(path)
    said = {'': "the value is missing (in all: 1 in TITLE); expected none, or missing='drop', which drops the 1 row that has any",
            'nan': "the value is missing (in all: 1 in TITLE); expected none, or missing='drop', which drops the 1 row that has any",
            '1e999': 'inf is not a finite number'}
    expected = said.get(bad, f'{bad!r} is not a number; expected a number, as in the rest of column TITLE, or the column in categorical=')
    assert str(caught.value) == f'{path}, line {row + 2}, column {column + 1}: ' + expected.replace('TITLE', f'header{column}')
