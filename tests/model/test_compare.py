r"""
Models side by side
"""
import itertools

import numpy
import pytest

from sage_logreg import compare, load_data, maximum_likelihood, penguins

from helpers import close, random_data

TEST = 'against', 'statistic', 'degrees of freedom', 'p-value'


def by_name(table, *titles):
    return dict(zip(table['model'], zip(*(table[title] for title in titles))))


@pytest.fixture(scope='module')
def exams():
    # a model in three variables, one in two of them, one in another one, and one without an intercept
    points, labels = random_data(11, 80, 3)
    data = {'large': (points, labels), 'small': (points[:, :2], labels), 'other': (points[:, 2:], labels)}
    models = {name: maximum_likelihood(given) for name, given in data.items()}
    models['origin'] = maximum_likelihood(data['small'], intercept=False)
    return models


@pytest.mark.parametrize('order', list(itertools.permutations(['large', 'small', 'origin', 'other'])))
def test_models_in_any_order(exams, order):
    table = compare(*map(exams.get, order), names=list(order))
    assert table['model'] == list(order)
    tests = by_name(table, *TEST)
    assert tests['origin'] == tests['other'] == (None, None, None, None)
    assert [tests[name][0] for name in ('large', 'small')] == ['small', 'origin']
    for larger, smaller in (('large', 'small'), ('small', 'origin')):
        expected = exams[larger].likelihood_ratio_test(exams[smaller])
        close(tests[larger][1:], expected, 1e-9)
    for name, (weights, log_likelihood, deviance, aic, bic) in by_name(table, 'weights', 'log-likelihood', 'deviance', 'AIC', 'BIC').items():
        model = exams[name]
        assert weights == len(model.weights())
        close([log_likelihood, deviance, aic, bic], [model.log_likelihood(), model.deviance(), model.aic(), model.bic()], 1e-14)
    # Burnham and Anderson: the weights add up to 1, and their ratios are those of the likelihoods with AIC's penalty
    close(sum(table['Akaike weight']), 1, 1e-14)
    best = table['delta AIC'].index(0)
    close(table['Akaike weight'], [table['Akaike weight'][best] * numpy.exp(-delta / 2) for delta in map(float, table['delta AIC'])], 1e-12)


def test_nested_by_what_the_columns_span():
    # another reference, other units and another coding of the same columns make no difference
    points, labels = random_data(2, 70, 2)
    kinds = numpy.array(list('abc'))[numpy.arange(70) % 3]
    table = {'x': points[:, 0], 'kind': kinds, 'y': labels}
    one, other = (maximum_likelihood(load_data(table, label='y', variables=names, reference={'kind': level}))
                  for names, level in ((['kind'], 'a'), (['x', 'kind'], 'c')))
    statistic = 2 * (other.log_likelihood() - one.log_likelihood())
    found = compare(one, other)
    assert [row[-4] for row in found.rows()] == [None, 'model 1']
    close(found['statistic'][1], statistic, 1e-9)
    # the same model twice is not nested in itself
    again = maximum_likelihood(load_data(table, label='y', variables=['kind'], reference={'kind': 'b'}))
    assert compare(one, again)['against'] == [None, None]


def test_of_models_as_large_the_one_that_fits_best_is_the_smaller_one():
    points, labels = random_data(6, 60, 3)
    singles = [maximum_likelihood((points[:, [j]], labels)) for j in range(3)]
    best = max(range(3), key=lambda j: singles[j].log_likelihood())
    table = compare(*singles, maximum_likelihood((points, labels)))
    assert table['against'] == [None, None, None, f'model {best + 1}']


def test_of_more_classes_and_of_groups():
    rng = numpy.random.RandomState(4)
    points, labels = rng.normal(size=(80, 2)), rng.randint(3, size=80)
    larger, smaller = maximum_likelihood((points, labels)), maximum_likelihood((points[:, :1], labels))
    table = compare(smaller, larger)
    assert table['weights'] == [4, 6] and table['degrees of freedom'] == [None, 2]
    close(table['statistic'][1], larger.likelihood_ratio_test(smaller).statistic, 1e-9)
    points = numpy.column_stack([numpy.arange(1.0, 7), [3, 1, 4, 1, 5, 9]])
    larger, smaller = (maximum_likelihood((columns, [1, 3, 4, 4, 8, 9], [10] * 6)) for columns in (points, points[:, :1]))
    close(compare(smaller, larger)['statistic'][1], larger.likelihood_ratio_test(smaller).statistic, 1e-9)


def test_models_of_other_points_are_refused():
    # the mistake that is made most often: a column with missing values drops rows
    some, all_rows = (maximum_likelihood(penguins(label='island', variables=names, missing='drop').of_classes('Biscoe', 'Dream'))
                      for names in ('bill_length_mm, sex', 'bill_length_mm'))
    with pytest.raises(ValueError, match='other rows'):
        compare(some, all_rows)
    points, labels = random_data(8, 40, 2)
    model = maximum_likelihood((points, labels))
    for options in ({'weights': [2] + [1] * 39}, {'offset': [0.5] + [0] * 39}):
        with pytest.raises(ValueError, match=f'other {list(options)[0]}'):
            compare(model, maximum_likelihood((points[:, :1], labels), **options))
    with pytest.raises(ValueError, match='other labels'):
        compare(model, maximum_likelihood((points[:, :1], 1 - labels)))
    with pytest.raises(ValueError, match='bias_reduced'):
        compare(model, maximum_likelihood((points, labels), bias_reduced=True))


def test_bias_reduced_estimates_have_criteria_but_no_test():
    points, labels = random_data(8, 40, 2)
    models = [maximum_likelihood((columns, labels), bias_reduced=True) for columns in (points, points[:, :1])]
    assert compare(models)['against'] == [None, None]


@pytest.mark.parametrize('names', ['a', 'a, a', 7, ['a', 'b', 'c']])
def test_names(names):
    model = maximum_likelihood(random_data(8, 40, 2))
    with pytest.raises(ValueError, match='names = .*; expected 2 different texts'):
        compare(model, model, names=names)
