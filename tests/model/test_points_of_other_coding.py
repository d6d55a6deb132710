r"""
Points whose categories are coded in another way than the model's: other references, levels, booleans, categories of numbers
"""
import numpy
import pandas
import pytest

from sage_logreg import load_data, maximum_likelihood

ROWS = [(34, 'female', 3), (60, 'male', 1), (19, 'male', 2), (41, 'female', 1), (50, 'other', 3), (23, 'other', 2), (37, 'male', 3),
        (29, 'female', 2), (62, 'other', 1), (44, 'male', 1), (31, 'female', 3), (55, 'male', 2)]
FRAME = pandas.DataFrame(ROWS, columns=['age', 'sex', 'pclass']).assign(y=[0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1])


@pytest.fixture(scope='module')
def model():
    return maximum_likelihood(FRAME, categorical=['pclass'])


def floats(values):
    return [float(value) for value in values]


@pytest.mark.parametrize('options', [{}, {'categorical': ['pclass']}, {'reference': {'sex': 'male'}},
                                     {'categorical': ['pclass'], 'reference': {'sex': 'other', 'pclass': 3}},
                                     {'variables': ['pclass', 'sex', 'age']}, {'formula': 'y ~ sex + age + C(pclass) - 1'}])
def test_a_dataset_is_coded_as_the_model_is(model, options):
    data = load_data(FRAME, **options)
    assert floats(model.probability(data)) == pytest.approx(floats(model.probability(FRAME)), rel=1e-15)
    assert model.confusion_matrix(data) == model.confusion_matrix(FRAME) == model.confusion_matrix()


def test_a_dataset_with_fewer_levels(model):
    some = FRAME[FRAME.sex != 'other']
    assert floats(model.probability(load_data(some))) == floats(model.probability(some))
    assert model.accuracy(load_data(some)) == model.accuracy(some)


def test_an_unknown_level_of_a_dataset_is_no_reference(model):
    # its variables have the same names as the model's
    strange = FRAME.replace('female', 'alien')
    data = load_data(strange, categorical=['pclass'])
    assert data.variables == model.data.variables
    for method in (model.probability, model.predict, model.accuracy, model.confusion_matrix):
        with pytest.raises(ValueError, match="the data, row 1: sex = 'alien' is a level that the model does not know; expected 'female'"):
            method(data)


def test_a_dataset_keeps_its_row_numbers(model):
    holed = FRAME.astype({'age': float}).replace('female', 'alien')
    holed.loc[0, 'age'] = numpy.nan
    data = load_data(holed, missing='drop')
    with pytest.raises(ValueError, match="the data, row 4: sex = 'alien'"):
        model.predict(data)


@pytest.mark.parametrize('labels', [('False', 'True'), ('false', 'true'), ('FALSE', 'TRUE'), (False, True)])
def test_booleans_are_booleans_however_they_are_written(labels):
    smokes = [True, False, True, True, False, False, True, False, True, False, False, True]
    frame = FRAME[['age', 'y']].assign(smokes=[labels[one] for one in smokes])[['age', 'smokes', 'y']]
    model = maximum_likelihood(frame)
    expected = model.probability({'age': 30, 'smokes': labels[1]})
    for point in ([30, True], [30, 1], (30, numpy.True_), {'age': 30, 'smokes': 'TRUE'}, {'age': 30, 'smokes': 1}):
        assert model.probability(point) == expected
    # some BLAS add up a single row in another order than the rows of a table
    assert list(model.probability([[30, True], [30, True]])) == pytest.approx([expected] * 2, rel=1e-15)
    for point in ({'age': 30, 'smokes': 'yes'}, [30, 2], [30, 0.5]):
        with pytest.raises(ValueError, match='smokes = .* is a level that the model does not know'):
            model.probability(point)


def test_boolean_labels_are_booleans_however_they_are_written():
    text = FRAME.assign(y=FRAME.y.map({0: 'FALSE', 1: 'TRUE'}))
    given = FRAME.assign(y=FRAME.y == 1)
    for frame in (FRAME, text, given):
        model = maximum_likelihood(frame)
        assert [model.accuracy(other) for other in (FRAME, text, given)] == [model.accuracy()] * 3
    assert load_data(text, positive=1).label_names == ('FALSE', 'TRUE')
    assert load_data(text, positive=False).label_names == ('TRUE', 'FALSE')


def test_categories_of_numbers_are_numbers_where_the_model_has_numbers():
    model = maximum_likelihood(FRAME, variables=['age', 'pclass'])
    given = FRAME.assign(pclass=FRAME.pclass.astype('category'))
    assert list(model.probability(given)) == list(model.probability(FRAME))
    given.loc[2, 'pclass'] = None
    with pytest.raises(ValueError, match='the frame, row 3, column 3: the value is missing'):
        model.predict(given)
    # booleans are 0 and 1
    assert list(model.probability(FRAME.assign(pclass=True))) == list(model.probability(FRAME.assign(pclass=1)))


def test_no_rows(model):
    none = FRAME.iloc[:0]
    assert model.predict(none) == [] and len(model.probability(none)) == 0
    for method in (model.accuracy, model.confusion_matrix):
        with pytest.raises(ValueError, match='the frame: there are no rows; expected at least one'):
            method(none)
    unknown = FRAME.assign(age=numpy.nan)
    with pytest.raises(ValueError, match='the frame: there are no rows without missing values; expected at least one'):
        model.accuracy(unknown, missing='drop')


@pytest.mark.parametrize('options', [{'categorical': 'x3', 'reference': {'x2': 'male', 'x3': 2}}, {'categorical': ['x3'], 'reference': {1: 'male', 2: 2}},
                                     {'categorical': [2], 'reference': {'x3': 2, 'x2': 'male'}}])
def test_columns_without_titles_are_known_by_the_names_of_their_variables(options):
    rows = [[*row, label] for row, label in zip(ROWS, FRAME.y)]
    assert load_data(rows, **options).variables == ('x1', 'x2_female', 'x2_other', 'x3_1', 'x3_3')
    # x1, x2, ... are the variables, whichever column is the label
    assert load_data([[row[-1], *row[:-1]] for row in rows], label=0, categorical='x3').variables == (
        'x1', 'x2_male', 'x2_other', 'x3_2', 'x3_3')
    with pytest.raises(ValueError, match="categorical = 'x4', but the columns of the rows have no names; expected a position"):
        load_data(rows, categorical='x4')


def test_rows_with_names_are_read_by_their_names(model):
    expected = list(model.probability(FRAME))
    other = FRAME[['pclass', 'y', 'age', 'sex']]
    assert list(model.probability([row for _, row in other.iterrows()])) == expected
    assert list(model.probability(list(other.itertuples()))) == expected
    numbers = maximum_likelihood(FRAME[['age', 'pclass', 'y']])
    other = FRAME[['pclass', 'age']]
    assert list(numbers.probability([row for _, row in other.iterrows()])) == list(numbers.probability(FRAME))
    assert list(numbers.probability(list(other.to_records(index=False)))) == list(numbers.probability(FRAME))


def test_names_of_variables_without_titles_are_names():
    model = maximum_likelihood(FRAME[['age', 'pclass', 'y']].values.tolist())
    assert model.probability({'x2': 3, 'x1': 40}) == model.probability([40, 3]) == model.probability({'age': 40, 'pclass': 3})
    with pytest.raises(ValueError, match="the point has no column 'x2'"):
        model.probability({'a': 3, 'x1': 40})


def test_intervals_at_no_points(model):
    assert list(model.probability(FRAME.iloc[:0], interval=0.95)) == []


def test_indicators_of_factors(model):
    expected = list(model.probability(FRAME))
    dummies = pandas.get_dummies(FRAME, columns=['sex', 'pclass'])
    for given in (dummies, dummies.astype(int), dummies.astype(float)):
        assert list(model.probability(given)) == expected
    full = maximum_likelihood(FRAME, formula='y ~ sex + age - 1')
    assert list(full.probability(dummies)) == list(full.probability(FRAME))
    for male, other, message in ((1, 1, '2 of sex_male, sex_other are 1; expected at most one, the level of sex'),
                                 (2, 0, 'sex_male = 2; expected 0 or 1, an indicator of sex'), ('yes', 0, "sex_male = 'yes'; expected 0 or 1")):
        with pytest.raises(ValueError, match=f'the point, row 1.*: {message}'):
            model.probability({'age': 30, 'sex_male': male, 'sex_other': other, 'pclass': 1})
    with pytest.raises(ValueError, match='0 of sex_female, sex_male, sex_other are 1; expected one'):
        full.probability({'age': 30, 'sex_male': 0, 'sex_other': 0, 'sex_female': 0})
    with pytest.raises(ValueError, match='the point: sex is missing'):
        model.probability({'age': 30, 'sex_male': None, 'sex_other': 0, 'pclass': 1})
