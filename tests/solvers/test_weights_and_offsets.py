r"""
Weights, offsets and grouped data: the same data told in other ways.
"""
import math

import numpy
import pytest
from hypothesis import assume, given, settings, strategies as st

from sage_logreg import maximum_likelihood

from helpers import Exact, OVERLAPPING, PROBLEMS, array, check_exactly, close, everything, fitted, random_data
from helpers import separated

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# The same data told in other ways

def test_weights_are_repeated_rows():
    points, labels = OVERLAPPING
    random = numpy.random.RandomState(5)
    weights, offset = random.randint(0, 5, len(labels)), random.normal(size=len(labels))
    assert (weights == 0).any()
    one = fitted((points, labels), weights=weights, offset=offset)
    two = fitted((points.repeat(weights, axis=0), labels.repeat(weights)), offset=offset.repeat(weights))
    close(everything(one), everything(two), 1e-10, 1e-13)
    close(one.confidence_intervals(method='profile'), two.confidence_intervals(method='profile'), 1e-9)
    close(one.gradient(), two.gradient(), 0, 1e-14)
    assert (array(one.confusion_matrix()) == array(two.confusion_matrix())).all()


def test_weights_of_any_size_are_one_scale():
    points, labels = OVERLAPPING
    weights = numpy.random.RandomState(6).uniform(0.1, 2, len(labels))
    one = fitted((points, labels), weights=weights)
    for factor in (2.0**-300, 2.0**-20, 2.0**20, 2.0**300):
        two = fitted((points, labels), weights=factor * weights)
        close(two.weights(), one.weights(), 1e-14)
        close(array(two.standard_errors()) * math.sqrt(factor), one.standard_errors(), 1e-13)
        close([two.cost(), two.area_under_curve()], [one.cost(), one.area_under_curve()], 1e-14)


def test_one_weight_beyond_all_others():
    points, labels = OVERLAPPING
    weights = numpy.ones(len(labels))
    weights[labels == 1] *= [1e20] + [1] * int(labels.sum() - 1)
    maximum_likelihood((points, labels), weights=weights)


@pytest.mark.parametrize('size', [1e4, 1e8, 1e12, 1e16, 1e20])
def test_one_point_against_many(size):
    # separated but for one point of the last two, so that the log-odds of the others are large
    points, labels, weights = [[0], [1], [2], [3], [4]], [0, 0, 1, 1, 0], [size] * 4 + [1]
    model = fitted((points, labels), weights=weights)
    close(model.weights(), Exact(points, labels, weights=weights).estimate(array(model.weights())), 1e-12)
    # and the same with the labels exchanged
    other = fitted((points, [1 - label for label in labels]), weights=weights)
    close(other.weights(), -array(model.weights()), 1e-12)


def test_an_estimate_that_is_too_far_away_is_no_estimate():
    with pytest.warns(RuntimeWarning, match='not converged after 199 steps, the gradient is within tol, but the steps'):
        assert not maximum_likelihood(([0, 1, 2, 3, 4], [0, 0, 1, 1, 0]), weights=[1e100] * 4 + [1]).converged()


@pytest.mark.parametrize('far', [1e3, 1e6, 1e9, 1e10, 1e12])
def test_a_far_point(far):
    # the estimate is that of the first four points
    model, four = (fitted(([0, 1, 2, 3, far][:count], [0, 1, 0, 1, 1][:count])) for count in (5, 4))
    close(model.weights(), four.weights(), 1e-9)


@pytest.mark.parametrize('far', [1e100, 1e300])
def test_a_point_so_far_that_the_others_are_one(far):
    # float64 does not see the others
    with pytest.warns(RuntimeWarning, match='not converged'):
        assert not maximum_likelihood(([0, 1, 2, 3, far], [0, 1, 0, 1, 1])).converged()


def test_weights_that_are_no_floats():
    with pytest.raises(ValueError, match='the weight of x1 is too large for a float'):
        maximum_likelihood(([0, 5e-324, 1e-323, 1.5e-323], [0, 1, 0, 1]))


def test_grouped_data_are_repeated_rows():
    doses, successes, trials = [[1, 5], [2, 3], [3, 4], [4, 9], [5, 2]], [1, 0, 7, 6, 4], [10, 3, 9, 6, 4]
    one = fitted((doses, successes, trials))
    points = numpy.repeat(doses, trials, axis=0)
    labels = numpy.concatenate([[1] * s + [0] * (t - s) for s, t in zip(successes, trials)])
    two = fitted((points, labels))
    close(everything(one), everything(two), 1e-10, 1e-13)
    # the log-likelihood of the groups has the ways to choose the successes
    ways = sum(math.log(math.comb(t, s)) for s, t in zip(successes, trials))
    close(one.log_likelihood(), two.log_likelihood() + ways, 1e-12)
    close(one.weights(), Exact(points, labels).estimate(array(one.weights())), 1e-12)
    # points that nothing was tried at say nothing
    three = fitted((doses + [[100, 7]], successes + [0], trials + [0]))
    close(everything(three), everything(one), 1e-12, 1e-14)


def test_grouped_data_in_every_form():
    expected = array(fitted(([[1], [2], [3]], [1, 4, 9], [10, 10, 10])).weights())
    points, successes, trials = numpy.array([[1.0], [2], [3]]), numpy.array([1, 4, 9]), numpy.array([10, 10, 10])
    for data in ((points, successes, trials), (points.tolist(), tuple(successes), trials),
                 ([(1,), (2,), (3,)], successes, [10.0, 10.0, 10.0])):
        assert (array(fitted(data).weights()) == expected).all()
    pandas = pytest.importorskip('pandas')
    frame = pandas.DataFrame({'dose': [1, 2, 3], 'dead': [1, 4, 9], 'of': [10, 10, 10]})
    model = fitted((frame[['dose']], frame['dead'], frame['of']))
    assert (array(model.weights()) == expected).all() and model.data.variables == ('dose',)
    # a tuple of three is no three rows, which a list is
    with pytest.raises(ValueError, match='for three rows of a table a list of them'):
        maximum_likelihood(((1, 0), (2, 1), (3, 0)))
    assert len(maximum_likelihood([(1, 0), (2, 1), (3, 0)]).data) == 3


@settings(deadline=None, max_examples=15)
@given(problem=PROBLEMS, constant=st.floats(-200, 200), slope=st.floats(-5, 5))
def test_an_offset_that_the_columns_can_make_is_taken_off_the_weights(problem, constant, slope):
    points, labels = random_data(*problem)
    assume(not separated(points, labels))
    one = maximum_likelihood((points, labels))
    assume(abs(array(one.weights())).max() < 20)
    two = fitted((points, labels), offset=constant + slope * points[:, 0])
    expected = array(one.weights())
    expected[:2] -= constant, slope
    close(two.weights(), expected, 1e-8, 1e-9)
    close(two.standard_errors(), one.standard_errors(), 1e-7)
    close([two.log_likelihood(), two.cost(), two.area_under_curve(), two.accuracy()],
          [one.log_likelihood(), one.cost(), one.area_under_curve(), one.accuracy()], 1e-10)
    # a bias and a slope are left out of the likelihood-ratio test of the shifted model, so nothing else may change
    close(array(two.confidence_intervals(0.5)) - array(one.confidence_intervals(0.5)),
          numpy.outer(expected - array(one.weights()), [1, 1]), 1e-7, 1e-7)


@pytest.mark.parametrize('size', [30, 300, 3000])
def test_offsets_that_agree_with_the_labels(size):
    points, labels = OVERLAPPING
    labels = labels.copy()
    labels[:2] = 1, 0
    offset = numpy.zeros(len(labels))
    offset[:2] = size, -size
    check_exactly(fitted((points, labels), offset=offset), Exact(points, labels, offset=offset))


@pytest.mark.parametrize('size', [100, 10**5])
def test_one_large_offset(size):
    # that point is certain, and says nothing of the weights
    points, labels = OVERLAPPING
    assert labels[1] == 1
    offset = numpy.where(numpy.arange(len(labels)) == 1, float(size), 0.0)
    one, two = fitted((points, labels), offset=offset), fitted((points, labels), weights=1.0 * (offset == 0))
    close(one.weights(), two.weights(), 1e-12)


@pytest.mark.parametrize('size', [30, 300])
def test_offsets_that_do_not_agree_with_the_labels(size):
    points, labels = OVERLAPPING
    offset = numpy.where(numpy.arange(len(labels)) % 2, float(size), -float(size))
    fitted((points, labels), offset=offset)


ROWS = [[1, 0], [2, 1], [3, 0], [4, 1]]
DOSES = [[1], [2], [3]]


def test_grouped_data_have_an_offset_a_group():
    offset = [0.5, -1.0, 2.0]
    model = fitted((DOSES, [1, 4, 9], [10, 10, 10]), offset=offset)
    points = numpy.repeat(DOSES, 10, axis=0)
    labels = numpy.concatenate([[1] * s + [0] * (10 - s) for s in (1, 4, 9)])
    close(model.weights(), fitted((points, labels), offset=numpy.repeat(offset, 10)).weights(), 1e-10)
