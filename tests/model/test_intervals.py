r"""
Profile intervals against refits, and Wald intervals.
"""
import re

import numpy
import pytest
from scipy import special

from sage_logreg import ex2data1

from helpers import OVERLAPPING, QUANTILE_95, array, close, design, fitted

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


def constrained_minimum(X, labels, j, value, near):
    r"""
    Return the least cost with the weight ``j`` kept at ``value``, by Newton's method on orthonormal columns.

    It begins with the log-odds closest to those of the weights ``near``.
    """
    kept, shift = numpy.delete(X, j, axis=1), X[:, j] * value
    Q = numpy.linalg.qr(kept)[0]
    u = Q.T @ (X @ near - shift)

    def cost(u):
        z = Q @ u + shift
        return numpy.sum(numpy.logaddexp(0, numpy.where(labels == 1, -z, z)))

    for _ in range(200):
        h = special.expit(Q @ u + shift)
        gradient = Q.T @ (h - labels)
        step = -numpy.linalg.solve(Q.T @ (Q * (h * (1 - h))[:, None]), gradient)
        length = 1.0
        while cost(u + length * step) > cost(u) + 1e-14 * abs(cost(u)) and length > 1e-12:
            length /= 2
        u = u + length * step
        if abs(gradient).max() < 1e-10:
            return cost(u)
    raise AssertionError('the oracle did not arrive')


# Profile intervals

@pytest.mark.parametrize('options', [{}, {'weights': True}, {'offset': True}, {'weights': True, 'offset': True}])
@pytest.mark.parametrize('level', [0.5, 0.95, 0.999])
def test_profile_intervals_against_refits(options, level):
    points, labels = OVERLAPPING
    random = numpy.random.RandomState(11)
    weights = random.randint(1, 4, len(labels)).astype(float) if 'weights' in options else None
    offset = random.normal(size=len(labels)) if 'offset' in options else numpy.zeros(len(labels))
    model = fitted((points, labels), weights=weights, offset=offset)
    intervals = model.confidence_intervals(level, method='profile')
    quantile = special.ndtri((1 + level) / 2)
    for j in (1, 2):
        low, high = map(float, intervals[j])
        assert low < array(model.weights())[j] < high
        for end in (low, high):
            refit = fitted((points[:, [2 - j]], labels), weights=weights, offset=offset + end * points[:, j - 1])
            close(2 * (model.log_likelihood() - refit.log_likelihood()), quantile**2, 1e-9)


@pytest.mark.parametrize('shift', [0, 3, 60, 2010])
def test_profile_interval_of_the_bias(shift):
    random = numpy.random.RandomState(12)
    points = random.normal(size=(20, 1))
    labels = (random.uniform(size=20) < special.expit(points[:, 0])).astype(float)
    points = points + shift
    model = fitted((points, labels))
    w = array(model.weights())
    for end in map(float, model.confidence_intervals(method='profile')[0]):
        rise = constrained_minimum(design(points), labels, 0, end, w) + float(model.log_likelihood())
        close(2 * rise, QUANTILE_95**2, 1e-6)


@pytest.mark.lanes
def test_profile_intervals_of_the_exam_scores():
    data = ex2data1()
    model = fitted(data)
    for j, ends in enumerate(model.confidence_intervals(method='profile')):
        for end in map(float, ends):
            rise = constrained_minimum(design(data.points), data.labels, j, end, array(model.weights()))
            close(2 * (rise + float(model.log_likelihood())), QUANTILE_95**2, 1e-7)


def test_intervals_grow_with_the_level():
    model = fitted(OVERLAPPING)
    for method in ('wald', 'profile'):
        widths = [numpy.diff(array(model.confidence_intervals(level, method=method)), axis=1)
                  for level in (1e-6, 0.1, 0.5, 0.9, 0.999999)]
        assert all((one < two).all() for one, two in zip(widths, widths[1:]))
    # a narrow one is the same by both ways
    wald, profile = (numpy.diff(array(model.confidence_intervals(1e-3, method=m)), axis=1) for m in ('wald', 'profile'))
    close(profile, wald, 1e-4)


@pytest.mark.parametrize('options, error, message', [
    ({'level': 95}, ValueError, 'level = 95; expected a real number above 0 and below 1'),
    ({'level': 0}, ValueError, 'level = 0; expected a real number above 0 and below 1'),
    ({'level': '0.95'}, TypeError, "level = '0.95'; expected a real number above 0 and below 1"),
    ({'method': 'bayes'}, ValueError, "method = 'bayes'; expected 'wald' or 'profile'"),
    ({'method': None}, ValueError, "method = None; expected 'wald' or 'profile'")])
def test_wrong_arguments_of_intervals(options, error, message):
    model = fitted(OVERLAPPING)
    with pytest.raises(error, match=re.escape(message)):
        model.confidence_intervals(**options)
    if 'level' in options:
        with pytest.raises(error, match=re.escape(message)):
            model.summary(**options)
