r"""
Columns of text become indicators of their levels, as pandas codes them.
"""
import csv
import re

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.dataset.categorical import Factor, Numbers

from helpers import needed_pandas, needed_sage, summary_rows

pandas = pytest.importorskip('pandas')
pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')
NUMBER = re.compile(r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?')
FRAME = {'age': [34.0, 60.0, 19.0, 41.0, 23.0], 'sex': ['male', 'female', 'male', 'female', 'male'],
         'port': ['S', 'C', 'Q', 'S', 'C'], 'ill': [0, 1, 0, 1, 1]}


def dummies(frame, references=None):
    r"""
    Return the columns of a frame as pandas codes them, without those of the reference levels, row by row.
    """
    columns = []
    for title in frame:
        if pandas.api.types.is_numeric_dtype(frame[title]) and frame[title].dtype != bool:
            columns.append(frame[title].to_numpy(float)[:, None])
            continue
        coded = pandas.get_dummies(frame[title], dtype=float)
        coded = coded[[level for level in coded if coded[level].any()]]
        columns.append(coded.drop(columns=(references or {}).get(title, coded.columns[0])).to_numpy())
    return numpy.hstack(columns).tolist()


def refused(message, *arguments, error=ValueError, **options):
    with pytest.raises(error) as caught:
        load_data(*arguments, **options)
    assert str(caught.value) == message
    assert '\n' not in message and len(message) < 500


def test_text_becomes_indicators(tmp_path):
    frame = pandas.DataFrame(FRAME)
    frame.to_csv(tmp_path / 'table.csv', index=False)
    frame.to_parquet(tmp_path / 'table.parquet')
    categories = frame.assign(sex=frame.sex.astype('category'), port=frame.port.astype('string'))
    for source in (FRAME, frame, categories, tmp_path / 'table.csv', tmp_path / 'table.parquet', frame.to_dict('records')):
        data = load_data(source)
        assert data.variables == ('age', 'sex_male', 'port_Q', 'port_S')
        assert data.points.tolist() == dummies(frame.drop(columns='ill'))
        assert data.coding.factors == (Factor('sex', ('female', 'male'), 'female', {'male': 'sex_male'}),
                                       Factor('port', ('C', 'Q', 'S'), 'C', {'Q': 'port_Q', 'S': 'port_S'}))
        assert repr(data) == ('5 points in age, sex (female, male), port (C, Q, S): 3 with ill = 1, 2 with ill = 0; '
                              'P(ill = 1) is modelled')
    # rows have no titles
    rows = load_data(frame.values.tolist())
    assert rows.variables == ('x1', 'x2_male', 'x3_Q', 'x3_S') and rows.points.tolist() == data.points.tolist()
    named = load_data(frame.values.tolist(), variables='a, b, c')
    assert named.variables == ('a', 'b_male', 'c_Q', 'c_S')


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_levels_as_pandas_has_them(tmp_path_factory, data):
    count = data.draw(st.integers(4, 12))
    texts = st.text(st.characters(codec='utf-8', exclude_categories=['C', 'Z']), min_size=1, max_size=4)
    cells = st.lists(data.draw(st.lists(texts, min_size=2, max_size=3, unique=True).map(st.sampled_from)), min_size=count, max_size=count)
    frame = pandas.DataFrame({'a': data.draw(cells), 'b': data.draw(cells), 'x': numpy.arange(count) ** 2.0})
    is_missing = frame[['a', 'b']].isin(['NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', '<NA>', '#N/A', '?', '.']).to_numpy().any()
    are_numbers = [[bool(NUMBER.fullmatch(cell)) for cell in frame[title]] for title in 'ab']
    if is_missing or any(map(all, are_numbers)) or frame.a.nunique() < 2 or frame.b.nunique() < 2:
        return
    found = load_data((frame, numpy.arange(count) % 2))
    assert found.points.tolist() == dummies(frame)
    assert len(set(found.variables)) == len(found.variables) and all(name.isidentifier() for name in found.variables)
    assert [factor.levels for factor in found.coding.factors] == [tuple(sorted(set(frame[title]))) for title in 'ab']
    if any(map(any, are_numbers)):
        # in a file these would be numbers with a bad cell
        return
    path = tmp_path_factory.getbasetemp() / 'levels.csv'
    frame.assign(y=numpy.arange(count) % 2).to_csv(path, index=False, quoting=csv.QUOTE_ALL)
    assert load_data(path) == load_data(frame.assign(y=numpy.arange(count) % 2))


# References

def test_references():
    frame = pandas.DataFrame(FRAME)
    data = load_data(frame, reference={'sex': 'male', 'port': 'Q'})
    assert data.variables == ('age', 'sex_female', 'port_C', 'port_S')
    assert data.points.tolist() == dummies(frame.drop(columns='ill'), {'sex': 'male', 'port': 'Q'})
    assert '(male, female), port (Q, C, S)' in repr(data)
    # by position, and of rows that have names only
    assert load_data(frame, reference={1: 'male'}).variables[1] == 'sex_female'
    assert load_data(frame.values.tolist(), variables='a, b, c', reference={'b': 'male'}).variables[1] == 'b_female'
    assert load_data(frame, reference={}).variables == load_data(frame).variables


def test_a_reference_changes_no_probability():
    random = numpy.random.RandomState(1)
    frame = pandas.DataFrame({'port': random.choice(list('CQS'), 80), 'x': random.normal(size=80), 'y': random.randint(0, 2, 80)})
    one, other = (maximum_likelihood(frame, reference={'port': level}, progress=False) for level in 'CS')
    numpy.testing.assert_allclose(list(one.probability(frame)), list(other.probability(frame)), rtol=1e-10)
    numpy.testing.assert_allclose(float(one.coefficients()['port_S']), -float(other.coefficients()['port_C']), rtol=1e-9)
    # the block of a factor names its reference
    assert [row[0] for row in summary_rows(other) if 'port' in row[0]] == ['port (reference S)']


WRONG_REFERENCES = {
    'no level': ({'sex': 'Male'}, ValueError, "reference: 'Male' is no level of sex; expected 'female', 'male'"),
    'no column': ({'Sex': 'male'}, ValueError, "reference = 'Sex' is no column of the columns (is it 'sex'?); expected one of "
                                               'age, sex, port, ill'),
    'numbers': ({'age': 34}, ValueError, "reference: 'age' is a column of numbers and has no levels; expected it in categorical="),
    'the label': ({'ill': 0}, ValueError, "reference: 'ill' is no variable; expected some of the variables"),
    'a list': (['sex'], TypeError, "reference = ['sex']; expected a dictionary from columns to levels, such as {'sex': 'female'}"),
    'a level': ('male', TypeError, "reference = 'male'; expected a dictionary from columns to levels, such as {'sex': 'female'}"),
}


@pytest.mark.parametrize('reference, error, message', WRONG_REFERENCES.values(), ids=WRONG_REFERENCES)
def test_wrong_reference(reference, error, message):
    refused(message, FRAME, reference=reference, error=error)


# Numbers as categories

@pytest.mark.parametrize('categorical', [['pclass'], 'pclass', ('pclass',), [0], 0, numpy.array(['pclass']), {'pclass': None}.keys()])
def test_numbers_that_are_names(categorical):
    frame = pandas.DataFrame({'pclass': [1, 3, 2, 3], 'fare': [7.0, 8.0, 5.0, 9.0], 'ill': [0, 1, 0, 1]})
    data = load_data(frame, categorical=categorical)
    assert data.variables == ('pclass_2', 'pclass_3', 'fare')
    assert data.points.tolist() == dummies(frame.assign(pclass=frame.pclass.astype(str)).drop(columns='ill'))
    assert data.coding.columns == (Factor('pclass', (1, 2, 3), 1, {2: 'pclass_2', 3: 'pclass_3'}), Numbers('fare', 'fare'))
    assert [type(level) for level in data.coding['pclass'].levels] == [int, int, int]


@pytest.mark.lanes
def test_references_of_every_kind():
    sage = needed_sage()
    table = {'pclass': [1, 3, 2, 3], 'ill': [0, 1, 0, 1]}
    for three in (3, 3.0, '3', numpy.int8(3), sage.ZZ(3), sage.QQ(3), sage.RR(3), sage.SR(3)):
        assert load_data(table, categorical=['pclass'], reference={'pclass': three}).variables == ('pclass_1', 'pclass_2')
    refused('reference: 4 is no level of pclass; expected 1, 2, 3', table, categorical=['pclass'], reference={'pclass': 4})
    halves = load_data({'d': [0.5, -1, 2, 0.5], 'ill': [0, 1, 0, 1]}, categorical=['d'], reference={'d': sage.QQ('1/2')})
    assert halves.variables == ('d_m1', 'd_2') and halves.points.tolist() == [[0, 0], [1, 0], [0, 1], [0, 0]]


def test_categorical_where_it_is_no_variable():
    refused("categorical: 'ill' is no variable; expected some of the variables", FRAME, categorical=['ill'])
    refused("categorical = 'Age' is no column of the columns (is it 'age'?); expected one of age, sex, port, ill", FRAME, categorical=['Age'])
    # text is categorical anyway
    assert load_data(FRAME, categorical=['sex']).variables == load_data(FRAME).variables
    refused("categorical: 'sex' is no variable; expected some of the variables", FRAME, variables=['age'], categorical=['sex'])


def test_what_can_be_no_category():
    dates = pandas.DataFrame({'born': pandas.to_datetime(['2020', '2021', '2020']), 'x': [3, 1, 2], 'y': [0, 1, 0]})
    refused("the frame, column 1, 'born': dates; expected numbers or text", dates, categorical=['born'])
    assert load_data(dates, variables='x').variables == ('x',)
    refused('the columns, row 2, column 1: 2j is not a real number', {'d': [1, 2j, 3], 'y': [0, 1, 0]}, categorical=['d'])
    refused('the columns, row 2, column 1: inf is not a finite number', {'d': [1, numpy.inf, 1], 'y': [0, 1, 0]}, categorical=['d'])


def test_a_bad_cell_makes_no_category(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('dose,y\n1,0\n2,1\nlow,0\n1,1\n')
    message = f"{path}, line 4, column 1: 'low' is not a number; expected a number, as in the rest of column dose, or the column in categorical="
    refused(message, path)
    data = load_data(path, categorical=['dose'])
    assert data.variables == ('dose_2', 'dose_low') and data.points.tolist() == [[0, 0], [1, 0], [0, 1], [0, 0]]
    # neither do numbers that are text
    refused("the columns, row 1, column 1: '10115' is text that reads as a number; expected numbers, or the column in categorical= "
            'if they are names', {'code': ['10115', '04109', '10115'], 'y': [0, 1, 1]})
    data = load_data({'code': ['10115', '04109', '10115'], 'y': [0, 1, 1]}, categorical='code')
    assert data.variables == ('code_10115',) and data.points.tolist() == [[1], [0], [1]]


# Booleans and Categoricals

def test_truths(tmp_path):
    frame = pandas.DataFrame({'smokes': [True, False, True], 'x': [3.0, 1.0, 2.0], 'y': [0, 1, 1]})
    frame.to_csv(tmp_path / 'table.csv', index=False)
    frame.to_parquet(tmp_path / 'table.parquet')
    for source in (frame, frame.astype({'smokes': 'boolean'}), frame.astype({'smokes': object}), frame.to_dict('list'),
                   tmp_path / 'table.csv', tmp_path / 'table.parquet'):
        data = load_data(source)
        assert data.variables == ('smokes_True', 'x') and data.points.tolist() == [[1, 3], [0, 1], [1, 2]]
        for reference in (True, 'True', numpy.True_):
            assert load_data(source, reference={'smokes': reference}).variables == ('smokes_False', 'x')


def test_the_order_of_categories():
    sizes = pandas.Categorical(['M', 'S', 'M', 'L'], categories=['XS', 'S', 'M', 'L'])
    frame = pandas.DataFrame({'size': sizes, 'y': [0, 1, 0, 1]})
    for data in (load_data(frame), load_data(frame.assign(size=sizes.as_ordered()))):
        # XS is not there
        assert data.coding['size'] == Factor('size', ('S', 'M', 'L'), 'S', {'M': 'size_M', 'L': 'size_L'})
        assert data.points.tolist() == dummies(frame[['size']])
    refused("reference: 'XS' is no level of size; expected 'S', 'M', 'L'", frame, reference={'size': 'XS'})
    numbers = frame.assign(size=pandas.Categorical([2, 1, 2, 3], categories=[3, 1, 2]))
    assert load_data(numbers).variables == ('size_1', 'size_2')


# How many levels

def test_too_many_levels():
    labels = [row // 2 % 2 for row in range(120)]
    fifty, more = ({'town': [f'town{row % count:02}' for row in range(120)], 'y': labels} for count in (50, 51))
    assert load_data(fifty).points.tolist() == dummies(pandas.DataFrame(fifty)[['town']])
    what = 'leave the column out, by variables=[...], or name it in categorical= to have an indicator for each'
    refused(f"the columns, column 1 (town): 51 different texts, such as 'town00' and 'town01', more than 50; {what}", more)
    assert load_data(more, categorical=['town']).points.shape == (120, 50)
    names = {'name': ['ann', 'bob', 'cid', 'dora'], 'x': [3.0, 1.0, 2.0, 7.0], 'y': [0, 1, 1, 0]}
    refused(f"the columns, column 1 (name): 4 different texts, such as 'ann' and 'bob', one in every row; {what}", names)
    assert load_data(names, variables='x').variables == ('x',)
    assert load_data(names, categorical=['name']).variables == ('name_bob', 'name_cid', 'name_dora', 'x')


def test_one_level():
    refused("the columns, column 1 (sex): every cell is 'male'; expected two levels at least, or the column left out, by variables=[...]",
            {'sex': ['male'] * 3, 'x': [3.0, 1.0, 2.0], 'y': [0, 1, 1]})
    refused("the columns, column 1 (sex): every cell of the rows without missing values is 'male'; expected two levels at least, or the "
            'column left out, by variables=[...]', {'sex': ['male', None, 'male', 'female'], 'x': [3, 1, 2, None], 'y': [0, 1, 1, 0]},
            missing='drop')


# Names of indicators

@pytest.mark.parametrize('title, levels, names', [
    ('sign', ['+', '-'], ['sign_2']), ('income', ['<=50K', '>50K'], ['income_50K_2']), ('性別', ['女', '男'], ['性別_男']),
    ('a b', ['a b', 'a-b', 'a_b'], ['a_b_a_b_2', 'a_b_a_b_3']), ('lambda', ['x', 'y'], ['lambda_y']), ('e', ['1st', '2nd'], ['e_2nd']),
    ('kg', ['<1', '>1', '≥1'], ['kg_1_2', 'kg_1_3']), ('x', ['A', 'a'], ['x_a']), ('m', ["d'Or", 'x' * 100], ['m_' + 'x' * 100])])
def test_names_of_odd_levels(title, levels, names):
    # the same whichever level is the reference: that has a name too
    cells = [*levels, *levels]
    table = {title: cells, 'y': [row % 2 for row in range(len(cells) - 1)] + [0]}
    data = load_data(table)
    assert data.variables == tuple(names)
    assert data.coding.columns[0].levels == tuple(sorted(levels))
    assert data.points.tolist() == dummies(pandas.DataFrame({title: cells}))


def test_names_that_are_taken():
    # the column with the name keeps it, wherever it stands
    for titles in (['sex', 'sex_m', 'y'], ['sex_m', 'sex', 'y']):
        table = {'sex': ['f', 'm', 'm', 'f'], 'sex_m': [5.0, 2.0, 3.0, 1.0], 'y': [0, 1, 0, 1]}
        data = load_data({title: table[title] for title in titles})
        assert set(data.variables) == {'sex_m', 'sex_m_2'}
        assert data.points[:, data.variables.index('sex_m')].tolist() == table['sex_m']
        assert data.points[:, data.variables.index('sex_m_2')].tolist() == [0, 1, 1, 0]
    data = load_data({'a': ['x', 'b_c', 'x', 'b_c'], 'a_b': ['a', 'c', 'a', 'c'], 'y': [0, 1, 0, 1]}, reference={'a': 'x'})
    assert data.variables == ('a_b_c', 'a_b_c_2')


# Features and formulas of levels

def test_features_of_indicators():
    frame = pandas.DataFrame(FRAME)
    data = load_data(FRAME, features=['age', 'age*sex_male', 'port_Q'])
    age, male, port = frame.age, (frame.sex == 'male').astype(float), (frame.port == 'Q').astype(float)
    assert data.design.points.tolist() == numpy.column_stack([age, age * male, port]).tolist()
    sage = needed_sage()
    symbols = sage.SR.var('age, sex_male')
    assert load_data(FRAME, features=[symbols[0], symbols[0] * symbols[1]]).design.points.tolist() == data.design.points[:, :2].tolist()


@pytest.mark.lanes
def test_levels_in_formulas():
    sage = needed_sage()
    random = numpy.random.RandomState(4)
    frame = pandas.DataFrame({'age': random.normal(size=60), 'sex': random.choice(['female', 'male'], 60), 'ill': random.randint(0, 2, 60)})
    model = maximum_likelihood(frame, progress=False)
    age, male = sage.SR.var('age, sex_male')
    assert set(model.log_odds().variables()) == {age, male}
    bias, slope, step = map(float, model.weights())
    assert float(model.log_odds().subs({age: 2, male: 1})) == pytest.approx(bias + 2 * slope + step, rel=1e-12)
    assert male in model.boundary().variables() and r'\mathit{sex}_{\mathit{male}}' in str(sage.latex(model.log_odds())) \
        or 'sex_{' in str(sage.latex(model.log_odds()))


# Grouped data

def test_grouped_data_with_factors():
    points = {'sex': ['f', 'm', 'f', 'm'], 'dose': [1.0, 1.0, 2.0, 2.0]}
    successes, trials = [2, 3, 4, 1], [5, 5, 6, 7]
    data = load_data((points, successes, trials))
    assert data.variables == ('sex_m', 'dose')
    assert data.points.tolist() == 2 * dummies(pandas.DataFrame(points))
    assert data.weights.tolist() == [2, 3, 4, 1, 3, 2, 2, 6]
    # as row by row
    rows = [(sex, dose, label) for sex, dose, some, every in zip(*points.values(), successes, trials)
            for label in [1] * some + [0] * (every - some)]
    one = maximum_likelihood((points, successes, trials), progress=False)
    each = maximum_likelihood({title: [row[place] for row in rows] for place, title in enumerate(['sex', 'dose', 'y'])}, progress=False)
    numpy.testing.assert_allclose(list(map(float, one.weights())), list(map(float, each.weights())), rtol=1e-9)
    assert list(one.probability({'dose': [1, 2], 'sex': ['m', 'f']})) == list(one.probability([['m', 1], ['f', 2]]))
