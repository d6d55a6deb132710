r"""
Missing values: counted by column, or dropped with their rows, whose numbers every answer keeps.
"""
import math

import numpy
import pytest

from sage_logreg import load_data, load_model, maximum_likelihood

from helpers import summary_notes

pandas = pytest.importorskip('pandas')
pyarrow = pytest.importorskip('pyarrow')
pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')

TEXT = ('survived,age,sex,port,weight\nyes,34,female,S,1\nno,,male,C,2\nno,60,male,?,1\nNA,19,male,S,1\nyes,23,female,C,N/A\n'
        'no,41,female,S,1\nyes,50,male,C,3\n')


@pytest.fixture
def path(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text(TEXT)
    return path


def complete(path, *titles):
    r"""
    Return the rows of the file that have all of some columns, and their numbers, as pandas finds them.
    """
    frame = pandas.read_csv(path, na_values=['?', '.'])
    kept = frame.dropna(subset=list(titles))
    return kept, kept.index.tolist()


def refused(message, *arguments, **options):
    with pytest.raises(ValueError) as caught:
        load_data(*arguments, **options)
    assert str(caught.value) == message
    assert '\n' not in message and len(message) < 500


def drops(count):
    return f"expected none, or missing='drop', which drops the {count} row{'s' * (count > 1)} that {'have' if count > 1 else 'has'} any"


# Recognised

TEXTS = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', '<NA>', '#N/A', '?', '.', ' NA ', '""', '"NA"']


@pytest.mark.parametrize('text', TEXTS, ids=[text or 'empty' for text in TEXTS])
@pytest.mark.parametrize('column', [0, 1, 2])
def test_texts_that_are_missing(tmp_path, text, column):
    # among numbers, among texts and among labels
    rows = [['1', 'a', '0'], ['5', 'b', '1'], ['2', 'a', '1'], ['7', 'b', '0']]
    rows[2][column] = text
    path = tmp_path / 'table.csv'
    path.write_text('x,s,y\n' + ''.join(','.join(row) + '\n' for row in rows))
    title = 'xsy'[column]
    refused(f"{path}, line 4, column {column + 1}: the {'label' if column == 2 else 'value'} is missing (in all: 1 in {title}); {drops(1)}", path)
    data = load_data(path, missing='drop')
    assert (data.points.tolist(), data.labels.tolist()) == ([[1, 0], [5, 1], [7, 1]], [0, 1, 0])
    assert (data.row_numbers.tolist(), data.dropped) == ([0, 1, 3], 1)


@pytest.mark.parametrize('text', ['none', 'None', 'na', 'NAN', 'Null', '-', '--', '??', 'missing', 'N A'])
def test_texts_that_are_not(tmp_path, text):
    path = tmp_path / 'table.csv'
    path.write_text(f'x,y\n1,0\n{text},1\n2,1\n')
    refused(f'{path}, line 3, column 1: {text!r} is not a number; expected a number, as in the rest of column x, or the column in categorical=',
            path)


def columns_with_a_gap():
    yield pandas.Series([1.0, numpy.nan, 3.0, 7.0])
    yield pandas.Series([1, None, 3, 7], dtype=object)
    yield pandas.array([1, None, 3, 7], dtype='Int64')
    yield pandas.array([1, None, 3, 7], dtype='Float32')
    yield [1, pandas.NA, 3, 7]
    yield [1, pandas.NaT, 3, 7]
    yield [1, math.nan, 3, 7]
    yield [1, 'NA', 3, 7]
    yield numpy.ma.array([1, 2, 3, 7], mask=[0, 1, 0, 0])
    yield pyarrow.array([1, None, 3, 7])


@pytest.mark.parametrize('number', range(10))
def test_gaps_of_every_library(number):
    values = list(columns_with_a_gap())[number]
    source = {'x': values, 'y': [0, 1, 1, 0]}
    refused(f'the columns, row 2, column 1: the value is missing (in all: 1 in x); {drops(1)}', source)
    data = load_data(source, missing='drop')
    assert (data.points.tolist(), data.labels.tolist(), data.row_numbers.tolist()) == ([[1], [3], [7]], [0, 1, 0], [0, 2, 3])
    # as labels
    labels = {'x': [4, 8, 2, 3], 'y': [0, None, 1, 0]}
    refused(f'the columns, row 2, column 2: the label is missing (in all: 1 in y); {drops(1)}', labels)
    assert load_data(labels, missing='drop').row_numbers.tolist() == [0, 2, 3]


@pytest.mark.parametrize('levels', [['a', None, 'b', 'a'], pandas.Categorical(['a', None, 'b', 'a']), pandas.array(['a', None, 'b', 'a'], 'string'),
                                    [True, None, False, True], pandas.array([True, None, False, True], 'boolean'), ['a', '', 'b', 'a']])
def test_gaps_in_factors(levels):
    frame = pandas.DataFrame({'s': levels, 'y': [0, 1, 1, 0]})
    refused(f'the frame, row 2, column 1: the value is missing (in all: 1 in s); {drops(1)}', frame)
    data = load_data(frame, missing='drop')
    # False comes before True, and a before b
    second = {'s_True': [1, 0, 1], 's_b': [0, 1, 0]}[data.variables[0]]
    assert (data.points.ravel().tolist(), data.row_numbers.tolist()) == (second, [0, 2, 3])


# One error that counts them

def test_the_error_counts_by_column(path):
    refused(f'{path}, line 3, column 2: the value is missing (in all: 1 in survived, 1 in age, 1 in port, 1 in weight); {drops(4)}',
            path, label='survived')
    # of the columns that are used
    refused(f'{path}, line 3, column 2: the value is missing (in all: 1 in survived, 1 in age); {drops(2)}', path, label='survived',
            variables=['age', 'sex'])
    refused(f'{path}, line 5, column 1: the label is missing (in all: 1 in survived, 1 in weight); {drops(2)}', path, label='survived',
            variables='sex', weights='weight')
    assert len(load_data(path, label='sex', variables='age', missing='drop')) == 6
    wide = pandas.DataFrame(numpy.where(numpy.eye(30) > 0, numpy.nan, 1.0)).add_prefix('x').assign(y=[0, 1] * 15)
    refused(f'the frame, row 1, column 1: the value is missing (in all: {", ".join(f"1 in x{j}" for j in range(5))}, ..., 1 in x29 (30 columns)); '
            f'{drops(30)}', wide)


def test_labels_beside_the_points():
    refused(f'the rows, row 2: the label is missing (in all: 1 in the labels); {drops(1)}', ([[1], [2], [5]], [0, None, 1]))
    refused(f'the rows, row 1, column 1: the value is missing (in all: 2 in column 1, 1 in the labels); {drops(2)}',
            ([[None], [2], [None], [3]], [0, 1, None, 0]))


@pytest.mark.parametrize('missing', ['keep', None, True, 'DROP', 0])
def test_wrong_missing(path, missing):
    refused(f"missing = {missing!r}; expected 'error' or 'drop'", path, missing=missing)


# Rows that are dropped

def test_rows_are_dropped_as_pandas_drops_them(path):
    for variables, options in [(['age', 'sex', 'port'], {}), (['sex'], {}), (['sex', 'age'], {'weights': 'weight'}), (['sex'], {'offset': 'weight'})]:
        data = load_data(path, label='survived', variables=variables, missing='drop', **options)
        kept, rows = complete(path, 'survived', *variables, *options.values())
        assert data.row_numbers.tolist() == rows and data.dropped == 7 - len(rows)
        assert data.labels.tolist() == (kept.survived == 'yes').tolist()
        assert data.points[:, data.variables.index('sex_male')].tolist() == (kept.sex == 'male').tolist()
        for name, title in options.items():
            assert getattr(data, name).tolist() == kept[title].tolist()
        assert repr(data).endswith(f"; {data.dropped} row{'s' * (data.dropped > 1)} dropped for missing values")
        assert [data.place(row) for row in range(len(data))] == [f'the data, row {row + 1}' for row in rows]
    # nothing to drop
    whole = load_data({'x': [1, 5, 2], 'y': [0, 1, 1]}, missing='drop')
    assert whole.row_numbers is None and whole.dropped == 0 and 'dropped' not in repr(whole)


def test_a_model_says_what_was_dropped(path, tmp_path):
    random = numpy.random.RandomState(5)
    frame = pandas.DataFrame({'age': random.normal(40, 9, 90), 'sex': random.choice(['f', 'm'], 90), 'ill': random.randint(0, 2, 90)})
    frame.loc[[3, 50], 'age'], frame.loc[[7], 'sex'], frame['ill'] = numpy.nan, None, frame.ill.astype('Int64')
    frame.loc[[50, 80], 'ill'] = pandas.NA
    model = maximum_likelihood(frame, missing='drop', progress=False)
    kept = frame.dropna()
    assert summary_notes(model)[0] == 'P(ill = 1) by maximum_likelihood, 86 rows (4 more dropped for missing values)'
    assert model.data.row_numbers.tolist() == kept.index.tolist()
    same = maximum_likelihood(kept, progress=False)
    assert list(model.weights()) == list(same.weights())
    model.save(tmp_path / 'model.json')
    again = load_model(tmp_path / 'model.json')
    assert again.data.row_numbers.tolist() == kept.index.tolist() and again.data.dropped == 4 and repr(again.data) == repr(model.data)
    # data of these data
    assert load_data(model.data, variables='a, b').row_numbers.tolist() == kept.index.tolist()


def test_levels_of_dropped_rows_are_none():
    frame = {'s': ['a', 'b', 'c', 'a'], 'x': [3.0, 1.0, None, 2.0], 'y': [0, 1, 0, 1]}
    data = load_data(frame, missing='drop')
    assert data.coding['s'].levels == ('a', 'b') and data.points.tolist() == [[0, 3], [1, 1], [0, 2]]
    # nor can one of them be the reference
    refused("reference: 'c' is no level of s; expected 'a', 'b'", frame, missing='drop', reference={'s': 'c'})


def test_numbers_beside_the_rows():
    source = ([[1.0], [None], [3.0], [2.0]], [0, 1, 1, 0])
    for given in ([1, 2, 3, 4], numpy.array([1.0, 2.0, 3.0, 4.0]), list(numpy.array([1.0, 2.0, 3.0, 4.0])), (1, 2, 3, 4)):
        data = load_data(source, weights=given, offset=given, missing='drop')
        assert data.weights.tolist() == data.offset.tolist() == [1, 3, 4]
    # their places are those in the source
    refused('weights[3] = -4.0; expected a real number from 0', source, weights=[1, 2, 3, -4], missing='drop')
    refused('offset[3] = nan; expected a real number', source, offset=[1, 2, 3, math.nan], missing='drop')
    refused('weights has 3 entries; expected 4 real numbers', source, weights=[1, 3, 4], missing='drop')


def test_weights_in_a_column(path):
    refused(f"{path}, line 2, column 3: 'female' is not a number; expected numbers, the weights of the rows", path, label='survived',
            weights='sex', missing='drop')
    refused("'survived' is given as label and as weights or offset; expected different columns", path, label='survived', weights='survived')
    refused(f"weights = 'Weight' is no column of {path} (is it 'weight'?); expected one of survived, age, sex, port, weight", path,
            label='survived', weights='Weight')
    path.write_text('x,w,y\n1,2,0\n,1,1\n3,-4,0\n4,1,1\n')
    refused(f'{path}, line 4, column 2: weights = -4.0; expected a real number from 0', path, weights='w', missing='drop')
    assert load_data(path, offset='w', missing='drop').offset.tolist() == [2, -4, 1]


def test_weights_of_rows_without_names():
    refused("weights = 'x2', but the columns of the rows have no names; expected 3 numbers, one a row", [[3, 1, 0], [5, 2, 1], [2, 3, 1]],
            weights='x2')


def test_groups():
    data = load_data(([1.0, None, 3.0], [2, 3, 4], [5, 5, 6]), missing='drop')
    assert (data.row_numbers.tolist(), data.points.ravel().tolist()) == ([0, 2, 0, 2], [1, 3, 1, 3])
    assert (data.weights.tolist(), data.successes.tolist(), data.trials.tolist(), data.dropped) == ([2, 4, 3, 2], [2, 4], [5, 6], 1)
    refused(f'the points, row 2, column 1: the value is missing (in all: 1 in column 1); {drops(1)}', ([1.0, None, 3.0], [2, 3, 4], [5, 5, 6]))


def test_a_bad_cell_is_an_error_whatever_is_dropped():
    refused("the columns, row 2, column 1: 'old' is not a number; expected a number, as in the rest of column age, or the column in "
            'categorical=', {'age': [1, 'old', 3, 7], 'x': [1, None, 3, 2], 'y': [0, 1, 0, 1]}, missing='drop')


# Too much is missing

def test_columns_without_values(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('x,z,y\n1,,0\n5,NA,1\n2,,1\n')
    left_out = ', or the column left out, by variables=[...]'
    for missing in ('error', 'drop'):
        refused(f'{path}, column 2 (z): every cell is missing; expected some values{left_out}', path, missing=missing)
        refused(f'the columns, column 1 (z): every cell is missing; expected some values{left_out}', {'z': [None, None], 'y': [0, 1]},
                missing=missing)
        refused('the rows, column 1: every cell is missing; expected some values', [[None, 5, 0], [None, 3, 1]], missing=missing)
        refused(f'{path}, column 2 (z): every label is missing; expected some values', path, label='z', missing=missing)
        refused('the rows, the labels: every label is missing; expected some values', ([[1], [2]], [None, None]), missing=missing)
    assert load_data(path, variables='x').points.tolist() == [[1], [5], [2]]


def test_too_few_rows_are_left():
    refused('the columns: there are no rows without missing values (of 2 cells in x, 1 are missing, more than in other columns; leave such '
            'columns out, by variables=[...]); expected at least two', {'x': [1, None], 'y': [None, 1]}, missing='drop')
    refused('the columns: every label of the rows without missing values is 0; expected at least two different labels',
            {'x': [1, None, 3], 'y': [0, 1, 0]}, missing='drop')
