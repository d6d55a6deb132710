r"""
The likelihood-ratio test against two fits.
"""
import numpy
import pytest
from scipy import optimize, special

from sage_logreg import gradient_descent, load_data

from helpers import OVERLAPPING, close, fitted, negative_log_likelihood, random_data

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# The likelihood-ratio test

@pytest.mark.parametrize('names', [(), ('x1',), ('x2',), ('x3', 'x1'), ('x1', 'x2', 'x3')])
def test_likelihood_ratio_against_two_fits(names):
    points, labels = random_data(13, 70, 3)
    random = numpy.random.RandomState(13)
    options = {'weights': random.randint(1, 4, 70), 'offset': random.normal(size=70)}
    model = fitted((points, labels), **options)
    test = model.likelihood_ratio_test(list(names))
    assert test.degrees_of_freedom == 3 - len(names)
    if not names:
        # the bias alone: one equation in one unknown
        f, o = options['weights'], options['offset']
        bias = optimize.brentq(lambda b: numpy.sum(f * (special.expit(b + o) - labels)), -20, 20, xtol=1e-13)
        smaller = -negative_log_likelihood(numpy.array([bias]), numpy.ones((70, 1)), labels, f, o)
    else:
        columns = [int(name[1]) - 1 for name in names]
        other = fitted(load_data((points[:, columns], labels), variables=list(names)), **options)
        smaller = float(other.log_likelihood())
        assert model.likelihood_ratio_test(other) == test
    close(test.statistic, 2 * (float(model.log_likelihood()) - smaller), 1e-9, 1e-11)
    if len(names) < 3:
        close(test.p_value, special.chdtrc(3 - len(names), float(test.statistic)), 1e-12)
    else:
        assert (float(test.statistic), float(test.p_value)) == (0, 1)


def test_likelihood_ratio_against_a_model_of_other_columns():
    # without names of their own the last two columns are called x1 and x2, like the first two
    points, labels = random_data(13, 70, 3)
    model, smaller = fitted((points, labels)), fitted((points[:, 1:], labels))
    expected = 2 * (float(model.log_likelihood()) - float(smaller.log_likelihood()))
    try:
        test = model.likelihood_ratio_test(smaller)
    except ValueError:
        return
    close(test.statistic, expected, 1e-9)


@pytest.mark.parametrize('change', ['weights', 'offset', 'l2', 'bias_reduced', 'points'])
def test_likelihood_ratio_against_a_model_of_another_likelihood(change):
    points, labels = OVERLAPPING
    options = {'weights': {'weights': numpy.linspace(1, 2, 60)}, 'offset': {'offset': numpy.linspace(1, 2, 60)},
               'l2': {'l2': 1}, 'bias_reduced': {'bias_reduced': True}, 'points': {}}[change]
    moved = points[:, :1] + (numpy.linspace(0, 1, 60)[:, None] if change == 'points' else 0)
    smaller = fitted((moved, labels), **options)
    with pytest.raises(ValueError):
        fitted((points, labels)).likelihood_ratio_test(smaller)


def test_the_larger_model_is_to_be_swapped():
    points, labels = random_data(13, 70, 3)
    data = load_data((points, labels), variables='a, b, c')
    larger, smaller = fitted(data), fitted(load_data((points[:, [2, 0]], labels), variables='c, a'))
    with pytest.raises(ValueError) as caught:
        smaller.likelihood_ratio_test(larger)
    assert str(caught.value) == ('the model given is the larger one, its column b is none of this model; expected the '
                                 'smaller one: swap them, larger.likelihood_ratio_test(smaller)')
    assert larger.likelihood_ratio_test(smaller).degrees_of_freedom == 1
    # of other labels
    with pytest.raises(ValueError, match='of other points, with other labels; expected the same points'):
        larger.likelihood_ratio_test(fitted((points[:, :1], 1 - labels)))


@pytest.mark.parametrize('mine, its, column', [([0], [1], 'b'), ([0, 2], [1, 2], 'b'), ([1, 2], [1, 3], 'd')])
def test_neither_model_is_part_of_the_other(mine, its, column):
    points, labels = random_data(13, 70, 3)
    points = numpy.column_stack([points, points[:, 1]**2])
    model, other = (fitted(load_data((points[:, columns], labels), variables=['abcd'[j] for j in columns]))
                    for columns in (mine, its))
    with pytest.raises(ValueError) as caught:
        model.likelihood_ratio_test(other)
    assert str(caught.value) == (
        f'the column {column} of the model given is none of this model: neither model is part of the other, or their '
        "points differ; expected a model in some of this model's columns, on the same points")


@pytest.mark.parametrize('smaller, message', [
    (['x3'], 'the smaller model has the variable x3; expected some of x1, x2'),
    (['x1', 'age'], 'the smaller model has the variable age'),
    ('x1', 'x1'),
    (5, '5'),
    (None, 'None')])
def test_likelihood_ratio_arguments(smaller, message):
    model = fitted(OVERLAPPING)
    try:
        test = model.likelihood_ratio_test(smaller)
    except (TypeError, ValueError) as error:
        assert message in str(error) and 'not iterable' not in str(error)
    else:
        # one name may well be a list of one
        assert isinstance(smaller, str) and test == model.likelihood_ratio_test([smaller])


def test_likelihood_ratio_of_other_points():
    points, labels = OVERLAPPING
    model, other = fitted((points, labels)), fitted((points[:40, :1], labels[:40]))
    with pytest.raises(ValueError, match='other points'):
        model.likelihood_ratio_test(other)
    with pytest.raises(ValueError, match='expected a converged model'):
        model.likelihood_ratio_test(gradient_descent((points[:, :1], labels), iterations=1))
