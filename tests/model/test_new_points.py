r"""
Predictions at new points of any kind, their columns found by name; and what a saved model keeps for them.
"""
import json
import re

import numpy
import pytest

from sage_logreg import load_data, load_model, maximum_likelihood
from sage_logreg.model import storage

from helpers import needed_sage

pandas = pytest.importorskip('pandas')
pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')

random = numpy.random.RandomState(7)
FRAME = pandas.DataFrame({'age': random.normal(40, 12, 120).round(1), 'sex': random.choice(['female', 'male'], 120),
                          'port of call': random.choice(['C', 'Q', 'S'], 120), 'smokes': random.rand(120) < 0.3})
FRAME['survived'] = numpy.where(random.rand(120) < 1 / (1 + numpy.exp((FRAME.sex == 'male') - 0.02 * FRAME.age)), 'yes', 'no')
NEW = FRAME.drop(columns='survived').iloc[[4, 0, 77, 30, 5]].reset_index(drop=True)
MODEL = maximum_likelihood(FRAME, label='survived', progress=False)
EXPECTS = 'age, sex, port of call, smokes'


def by_hand(frame):
    r"""
    Return the probabilities that the weights give at a frame's rows, which pandas codes.
    """
    ports = pandas.get_dummies(pandas.Categorical(frame['port of call'], categories=['C', 'Q', 'S']), dtype=float).to_numpy()[:, 1:]
    design = numpy.column_stack([numpy.ones(len(frame)), frame.age, frame.sex == 'male', ports, frame.smokes.astype(float)]).astype(float)
    return 1 / (1 + numpy.exp(-design @ numpy.array(list(map(float, MODEL.weights())))))


def refused(message, ask, points, error=ValueError, **options):
    with pytest.raises(error) as caught:
        ask(points, **options)
    assert str(caught.value) == message
    assert '\n' not in message and len(message) < 500


def tables(tmp_path):
    pyarrow, polars = pytest.importorskip('pyarrow'), None
    NEW.to_csv(tmp_path / 'new.csv', index=False)
    NEW.to_csv(tmp_path / 'index.csv')
    NEW.to_csv(tmp_path / 'new.tsv.gz', index=False, sep='\t')
    NEW.to_parquet(tmp_path / 'new.parquet')
    yield from [tmp_path / 'new.csv', str(tmp_path / 'index.csv'), tmp_path / 'new.tsv.gz', tmp_path / 'new.parquet', NEW]
    yield from [NEW.to_dict('list'), NEW.to_dict('records'), NEW.to_dict('series'), pyarrow.Table.from_pandas(NEW), NEW.to_records(index=False)]
    yield from [NEW.values.tolist(), NEW.to_numpy(), list(map(tuple, NEW.values)), iter(NEW.values.tolist())]
    # in another order, with other columns beside them, and categories in another order
    yield from [NEW[['smokes', 'sex', 'age', 'port of call']], NEW.assign(survived='?', fare=numpy.nan), FRAME.loc[[4, 0, 77, 30, 5]]]
    yield NEW.assign(sex=pandas.Categorical(NEW.sex, categories=['male', 'other', 'female']))
    yield NEW.rename(columns={'port of call': ' port of call '})
    # truths as they are counted
    yield NEW.assign(smokes=NEW.smokes.astype(int))
    try:
        import polars
    except ImportError:
        return
    yield from [polars.from_pandas(NEW), polars.from_pandas(NEW).lazy(), polars.from_pandas(NEW[['sex', 'smokes', 'age', 'port of call']])]


def test_tables_of_every_kind(tmp_path):
    expected = by_hand(NEW)
    for points in tables(tmp_path):
        found = numpy.array(list(MODEL.probability(points)), dtype=float)
        numpy.testing.assert_allclose(found, expected, rtol=1e-12)
    for points in tables(tmp_path):
        assert MODEL.predict(points) == ['yes' if probability >= 0.5 else 'no' for probability in expected]
    assert MODEL.predict(NEW, threshold=0.9) == ['yes' if probability >= 0.9 else 'no' for probability in expected]


def test_one_point(tmp_path):
    row = NEW.iloc[2]
    expected = by_hand(NEW)[2]
    points = [dict(row), row, row[['smokes', 'age', 'port of call', 'sex']], {**row, 'fare': None}, row.tolist(), tuple(row),
              next(NEW.iloc[2:3].itertuples(index=False, name=None)), NEW.to_records(index=False)[2], FRAME.loc[77]]
    for point in points:
        assert float(MODEL.probability(point)) == pytest.approx(expected, rel=1e-12)
        assert MODEL.predict(point) == ('yes' if expected >= 0.5 else 'no')
    # a table of one row has a vector
    for table in (NEW.iloc[2:3], {title: [cell] for title, cell in row.items()}, [dict(row)], [row.tolist()]):
        assert list(MODEL.probability(table)) == [pytest.approx(expected, rel=1e-12)]


def test_names_made_of_titles():
    # as features and formulas name them
    assert float(MODEL.probability({'age': 30, 'sex': 'male', 'port_of_call': 'Q', 'smokes': 'True'})) == pytest.approx(
        by_hand(pandas.DataFrame({'age': [30], 'sex': ['male'], 'port of call': ['Q'], 'smokes': [True]}))[0], rel=1e-12)


def test_indicators_themselves():
    table = {'age': [30, 40], 'sex_male': [1, 0], 'port_of_call_Q': [0, 1], 'port_of_call_S': [1, 0], 'smokes': [True, False]}
    frame = pandas.DataFrame({'age': [30, 40], 'sex': ['male', 'female'], 'port of call': ['S', 'Q'], 'smokes': [True, False]})
    numpy.testing.assert_allclose(numpy.array(list(MODEL.probability(table)), float), by_hand(frame), rtol=1e-12)


# The issue's own: Dose, Age for age, dose

def test_columns_in_another_order_and_case():
    data = load_data({'age': [20, 40, 60, 35], 'dose': [1, 3, 2, 5], 'ill': [0, 1, 0, 1]})
    model = maximum_likelihood(data, l2=1, progress=False)
    one = model.probability({'age': 40, 'dose': 3})
    assert model.probability({'dose': 3, 'age': 40}) == one and model.probability([40, 3]) == one
    refused("the points have no column 'age' (is it 'Age'?); the model expects age, dose", model.probability, {'Dose': [3], 'Age': [40]})
    refused("the point has no column 'dose'; the model expects age, dose", model.predict, {'age': 40})
    # columns without titles are taken by position
    assert list(model.probability(pandas.DataFrame([[40, 3]]))) == [one]


WRONG = {
    'missing column': (NEW.drop(columns='sex'), f"the points have no column 'sex'; the model expects {EXPECTS}"),
    'misspelt': (NEW.rename(columns={'port of call': 'port_call'}),
                 f"the points have no column 'port of call' (is it 'port_call'?); the model expects {EXPECTS}"),
    'a missing cell in a dictionary': ({'age': 3, 'sex': 'male'}, f"the point has no column 'port of call'; the model expects {EXPECTS}"),
    'unknown level': (NEW.assign(sex=['male', 'female', 'man', 'male', 'man']),
                      "the frame, row 3: sex = 'man' is a level that the model does not know; expected 'female', 'male'"),
    'unknown level of a row': ([30, 'male', 'c', True], "the point, row 1, column 3: port of call = 'c' is a level that the model does not "
                                                        "know; expected 'C', 'Q', 'S'"),
    'a number for a level': (NEW.assign(smokes=[0, 1, 2, 0, 1]), "the frame, row 3: smokes = 2 is a level that the model does not know; "
                                                                 'expected False, True'),
    'a bad cell': ([[30, 'male', 'C', True], ['old', 'male', 'Q', False]],
                   "the rows, row 2, column 1: 'old' is not a number; expected a number, as in the rest of column 1, or the column in categorical="),
    'text': (NEW.assign(age='old'), "the frame, row 1, column 1: 'old' is not a number; expected numbers, as in the model's data"),
    'infinite': (NEW.assign(age=[1, 2, 3, numpy.inf, 4]), 'the frame, row 4, column 1: inf is not a finite number'),
    'too few': ([30, 'male', 'C'], f'the point has 3 numbers; expected 4 ({EXPECTS})'),
    'columns twice': (pandas.concat([NEW, NEW[['age']]], axis=1), "the points have two columns 'age'; expected different titles"),
    'missing': (NEW.assign(age=[1, None, 3, 4, None], sex=['male', 'male', None, 'male', 'male']),
                "the frame, row 2, column 1: the value is missing (in all: 2 in age, 1 in sex); expected none, or missing='drop', which drops "
                'the 3 rows that have any'),
    'missing in one point': ({**NEW.iloc[0], 'age': None, 'sex': '?'}, f'the point: age, sex are missing; expected a value of each of {EXPECTS}'),
    'no point': ({'age': None}, f"the point has no column 'sex'; the model expects {EXPECTS}"),
}


@pytest.mark.parametrize('points, message', WRONG.values(), ids=WRONG)
def test_wrong_points(points, message):
    for ask in (MODEL.probability, MODEL.predict):
        refused(message, ask, points)


def test_wrong_files(tmp_path):
    path = tmp_path / 'new.csv'
    path.write_text('age,sex,port of call,smokes\n30,male,C,True\n\n31,male,X,True\n')
    refused(f"{path}, line 4: port of call = 'X' is a level that the model does not know; expected 'C', 'Q', 'S'", MODEL.probability, path)
    path.write_text('age,sex,port of call,smokes\n30,male,C,True\nNA,male,S,True\n')
    refused(f"{path}, line 3, column 1: the value is missing (in all: 1 in age); expected none, or missing='drop', which drops the 1 row that "
            'has any', MODEL.probability, path)
    refused('no/such.csv: there is no such file', MODEL.probability, 'no/such.csv', error=FileNotFoundError)


# Missing values

def test_missing_points_are_left_out():
    points = NEW.assign(age=[1, None, 3, 4, None], fare=None)
    with pytest.warns(RuntimeWarning) as caught:
        found = MODEL.probability(points, missing='drop')
    assert [str(warning.message) for warning in caught] == ['the frame: 2 of 5 rows with missing values left out: rows 2, 5']
    numpy.testing.assert_allclose(numpy.array(list(found), float), by_hand(points.dropna(subset=['age'])), rtol=1e-12)
    with pytest.warns(RuntimeWarning, match='1 of 5 rows with missing values left out: row 1$'):
        assert len(MODEL.predict(NEW.assign(sex=[None, *NEW.sex[1:]]), missing='drop')) == 4
    refused(f'the point: age is missing; expected a value of each of {EXPECTS}', MODEL.probability, {**NEW.iloc[0], 'age': None}, missing='drop')
    refused("missing = 'keep'; expected 'error' or 'drop'", MODEL.probability, NEW, missing='keep')


# Accuracy of other data

def counted(table):
    return [list(map(int, row)) for row in table.rows()] if hasattr(table, 'rows') else numpy.array(table).tolist()


def test_accuracy_of_other_data(tmp_path):
    other = FRAME.iloc[20:70]
    predicted = numpy.where(by_hand(other) >= 0.5, 'yes', 'no')
    share, counts = (predicted == other.survived).mean(), pandas.crosstab(other.survived, predicted).reindex(
        index=['no', 'yes'], columns=['no', 'yes'], fill_value=0).to_numpy().tolist()
    other.to_csv(tmp_path / 'other.csv', index=False)
    other.to_csv(tmp_path / 'index.csv')
    # the label is found by its name
    sources = [other, other[['survived', 'smokes', 'age', 'port of call', 'sex']], other.to_dict('list'), tmp_path / 'other.csv',
               tmp_path / 'index.csv', (other.drop(columns='survived'), other.survived), (other, other.survived.tolist())]
    for source in sources:
        assert float(MODEL.accuracy(source)) == pytest.approx(share, rel=1e-15)
        assert counted(MODEL.confusion_matrix(source)) == counts
    strict = numpy.where(by_hand(other) >= 0.7, 'yes', 'no')
    assert float(MODEL.accuracy(other, threshold=0.7)) == pytest.approx((strict == other.survived).mean(), rel=1e-15)
    # all labels may be the same
    assert float(MODEL.accuracy(other[other.survived == 'no'])) == pytest.approx((predicted == 'no')[other.survived == 'no'].mean(), rel=1e-15)


def test_accuracy_without_labels():
    expected = f'the label of the model; expected it beside {EXPECTS}'
    refused(f"the frame has no column 'survived', {expected}", MODEL.accuracy, NEW)
    refused(f"the frame has no column 'survived' (is it 'Survived'?), {expected}", MODEL.accuracy, FRAME.rename(columns={'survived': 'Survived'}))
    refused("the frame, row 2: the label is 'maybe'; the model expects 'no' or 'yes'", MODEL.accuracy,
            FRAME.assign(survived=['yes', 'maybe', *FRAME.survived[2:]]))
    refused("the frame, row 1, column 5: the label is missing (in all: 1 in survived); expected none, or missing='drop', which drops the 1 row "
            'that has any', MODEL.accuracy, FRAME.assign(survived=[None, *FRAME.survived[1:]]))
    lacking = FRAME.assign(survived=[None, *FRAME.survived[1:]])
    assert float(MODEL.accuracy(lacking, missing='drop')) == float(MODEL.accuracy(FRAME[1:]))


def test_labels_of_numbers_and_truths():
    table = {'y': [0, 1, 1, 0], 'x': [1.0, 5.0, 2.0, 3.0]}
    model = maximum_likelihood(table, label='y', l2=1, progress=False)
    for labels in ([0, 1, 1, 0], [False, True, True, False], [0.0, 1.0, 1.0, 0.0]):
        assert float(model.accuracy({'x': table['x'], 'y': labels})) == float(model.accuracy())


def test_points_of_data_without_names():
    model = maximum_likelihood([[1, 2, 0], [5, 3, 1], [2, 1, 1], [3, 3, 0]], l2=1, progress=False)
    one = model.probability([1, 2])
    for point in (pandas.Series([1, 2]), pandas.DataFrame([[1, 2]]).iloc[0], {'x2': 2, 'x1': 1}, pandas.Series({'x2': 2, 'x1': 1}), (1, 2)):
        assert model.probability(point) == one
    for points in (pandas.DataFrame([[1, 2]]), pandas.DataFrame({'x2': [2], 'x1': [1]}), pandas.DataFrame({'a': [1], 'b': [2]})):
        assert list(model.probability(points)) == [one]
    refused("the point has no column 'x1'; the model expects x1, x2", model.probability, {'a': 1, 'b': 2, 'c': 3})


def test_one_variable():
    model = maximum_likelihood({'x': [1.0, 5.0, 2.0, 3.0], 'y': [0, 1, 1, 0]}, l2=1, progress=False)
    two = list(model.probability([1, 2]))
    for points in (pandas.Series([1, 2]), pandas.Series([1, 2], name='x'), pandas.DataFrame({'x': [1, 2]}), {'x': [1, 2]}, numpy.array([1, 2])):
        assert list(model.probability(points)) == two
    for point in (1, True, {'x': 1}, pandas.Series({'x': 1}), {'x': True}):
        assert model.probability(point) == two[0]
    refused("the points have no column 'x'; the model expects x", model.probability, pandas.Series([1, 2], name='z'))
    levels = maximum_likelihood({'s': ['a', 'b', 'a', 'b', 'a'], 'y': [0, 1, 1, 0, 0]}, l2=1, progress=False)
    a, b = levels.probability(['a', 'b'])
    assert a != b and levels.probability('b') == levels.probability({'s': 'b'}) == b
    assert list(levels.probability(pandas.Series(['b', 'a']))) == list(levels.probability([['b'], ['a']])) == [b, a]


# Formulas and features

def test_points_of_a_formula(tmp_path):
    model = maximum_likelihood(FRAME, formula='survived ~ age + I(age^2) + sex*smokes',
                               progress=False)
    frame = NEW[['smokes', 'sex', 'age']]
    male, smokes = (frame.sex == 'male').astype(float), frame.smokes.astype(float)
    names = [str(name) for name in model.weight_names()]
    columns = {'bias': 1 + 0 * male, 'age': frame.age, 'age^2': frame.age ** 2, 'sex_male': male, 'smokes_True': smokes,
               'sex_male*smokes_True': male * smokes}
    assert set(names) == set(columns)
    expected = 1 / (1 + numpy.exp(-sum(float(weight) * columns[name] for name, weight in zip(names, model.weights()))))
    for points in (frame, NEW, frame.to_dict('records')):
        numpy.testing.assert_allclose(numpy.array(list(model.probability(points)), float), expected, rtol=1e-11)
    # the columns that it does not use need not be there
    model.save(tmp_path / 'model.json')
    again = load_model(tmp_path / 'model.json')
    assert again.data.formula == model.data.formula
    assert list(again.probability(frame)) == list(model.probability(frame))


# Saved models

def test_a_saved_model_reads_new_points(tmp_path):
    path = tmp_path / 'model.json'
    frame = FRAME.assign(age=[None, *FRAME.age[1:]], pclass=1 + numpy.arange(120) % 3)
    model = maximum_likelihood(frame, label='survived', positive='no', categorical=['pclass'], reference={'sex': 'male', 'pclass': 2},
                               missing='drop', progress=False)
    model.save(path)
    again = load_model(path)
    assert again.data == model.data and again.data.coding == model.data.coding
    assert (again.data.dropped, again.data.row_numbers.tolist()) == (1, list(range(1, 120)))
    assert [(factor.title, factor.levels, factor.reference) for factor in again.data.coding.factors] == [
        ('sex', ('female', 'male'), 'male'), ('port of call', ('C', 'Q', 'S'), 'C'), ('smokes', (False, True), False), ('pclass', (1, 2, 3), 2)]
    assert again.data.label_names == ('yes', 'no')
    new = frame.iloc[5:9, ::-1]
    assert list(again.probability(new)) == list(model.probability(new)) and again.predict(new) == model.predict(new)
    assert str(again.summary()) == str(model.summary())
    refused("the frame, row 1: pclass = 4 is a level that the model does not know; expected 1, 2, 3", again.probability, new.assign(pclass=4))


DAMAGES = {
    'levels twice': (lambda data: data['coding']['columns'][1].update(levels=['male', 'male']), 'expected different levels'),
    'no such reference': (lambda data: data['coding']['columns'][1].update(reference='man'), 'expected different levels'),
    'an indicator of no level': (lambda data: data['coding']['columns'][1].update(indicators=['man', 'sex_male']), 'expected different levels'),
    'an indicator alone': (lambda data: data['coding']['columns'][1]['indicators'].append('female'), 'expected different levels'),
    'a level that is a list': (lambda data: data['coding']['columns'][1].update(levels=['female', ['male']]), 'expected different levels'),
    'no levels': (lambda data: data['coding']['columns'][1].pop('levels'), 'levels'),
    'a title that is a number': (lambda data: data['coding']['columns'][0].update(title=3), 'title = 3; expected text'),
    'another variable': (lambda data: data['coding']['columns'][0].update(variable='x'), 'expected age'),
    'a column less': (lambda data: data['coding']['columns'].pop(), 'expected age'),
    'columns that are none': (lambda data: data['coding'].update(columns=7), 'columns'),
    'a column that is none': (lambda data: data['coding']['columns'].append('sex'), 'coding'),
    'named maybe': (lambda data: data['coding'].update(named='maybe'), "named = 'maybe'; expected true or false"),
    'named not at all': (lambda data: data['coding'].pop('named'), 'named'),
    'a coding that is none': (lambda data: data.update(coding='sex'), 'coding'),
    'a formula that is none': (lambda data: data.update(formula=7), 'formula'),
    'negative rows': (lambda data: data.update(row_numbers=[-1] * 120, dropped=0), 'row_numbers'),
    'rows of text': (lambda data: data.update(row_numbers=['a'] * 120, dropped=0), 'row_numbers'),
    'too few rows': (lambda data: data.update(row_numbers=[1], dropped=0), 'row_numbers'),
    'rows without how many were dropped': (lambda data: data.update(row_numbers=list(range(120))), 'dropped'),
    'less than none dropped': (lambda data: data.update(row_numbers=list(range(120)), dropped=-1), 'dropped'),
}


@pytest.mark.parametrize('damage, said', DAMAGES.values(), ids=DAMAGES)
def test_damaged_by_hand(tmp_path, damage, said):
    path = tmp_path / 'model.json'
    MODEL.save(path)
    content = json.loads(path.read_text())
    damage(content['data'])
    content.pop('checksum')
    path.write_text(json.dumps({**content, 'checksum': storage._checksum(content)}))
    with pytest.raises(ValueError) as caught:
        load_model(path)
    assert said in str(caught.value) and '\n' not in str(caught.value) and len(str(caught.value)) < 700, str(caught.value)


@pytest.mark.lanes
def test_points_of_sage():
    sage = needed_sage()
    model = maximum_likelihood({'dose': [1, 2, 3, 5], 'sex': ['f', 'm', 'm', 'f'], 'y': [0, 1, 0, 1]}, l2=1, progress=False)
    one = model.probability({'dose': sage.QQ('7/2'), 'sex': 'm'})
    assert one == model.probability([sage.RR(3.5), 'm']) == model.probability({'sex': ['m'], 'dose': [3.5]})[0]
    assert one.parent() is sage.RDF
