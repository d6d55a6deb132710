r"""
The cost and its derivatives against mpmath and NumPy.
"""
import warnings

import mpmath
import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg.cost.evaluation import evaluate, evaluate_newton

from helpers import UNRELATED, close, cost_and_gradient

few = settings(deadline=None, max_examples=15)


# The cost and its gradient

@pytest.mark.lanes
@few
@given(data=UNRELATED, seed=st.integers(0, 10**6), size=st.sampled_from([0.1, 1, 30]), l2=st.sampled_from([0, 0.5, 20]))
def test_cost_and_gradient(data, seed, size, l2):
    weights = size * numpy.random.RandomState(seed).normal(size=data.points.shape[1] + 1)
    penalty = numpy.full(data.points.shape[1], l2 / len(data)) if l2 else None
    cost, gradient = evaluate(data.points, data.labels, weights, penalty)
    assert type(cost) is float and gradient.dtype == numpy.float64

    # more digits than float64 has, from the definition -log P(y) = log(1 + e^-z) or log(1 + e^z)
    with mpmath.workdps(40):
        w = [mpmath.mpf(float(x)) for x in weights]
        z = [w[0] + mpmath.fdot(w[1:], map(float, row)) for row in data.points]
        h = [1 / (1 + mpmath.exp(-value)) for value in z]
        costs = [mpmath.log1p(mpmath.exp(-value if y else value)) for value, y in zip(z, data.labels)]
        penalties = [mpmath.mpf(l2) * x**2 / (2 * len(data)) for x in w[1:]]
        exact = sum(costs) / len(data) + sum(penalties)
        residuals = [p - y for p, y in zip(h, data.labels)]
        columns = [[1] * len(data), *data.points.T.tolist()]
        slopes = [mpmath.fdot(column, residuals) / len(data) + (l2 * w[j] / len(data) if j else 0)
                  for j, column in enumerate(columns)]
        exact, slopes = float(exact), [float(slope) for slope in slopes]
    # z is a sum of n + 1 products: that much of them is lost by rounding, in whatever order they are added
    largest = 1 + (abs(weights[0]) + abs(data.points) @ abs(weights[1:])).max()
    assert cost == pytest.approx(exact, rel=1e-14, abs=1e-15 * largest)
    numpy.testing.assert_allclose(gradient, slopes, rtol=1e-12, atol=1e-14 * largest)

    expected_cost, expected_gradient = cost_and_gradient(data.points, data.labels, weights, l2)
    assert cost == pytest.approx(expected_cost, rel=1e-13, abs=1e-15 * largest)
    numpy.testing.assert_allclose(gradient, expected_gradient, rtol=1e-12, atol=1e-14 * largest)


@few
@given(data=UNRELATED, seed=st.integers(0, 10**6), l2=st.sampled_from([0, 0.5]))
def test_gradient_is_the_slope_of_the_cost(data, seed, l2):
    weights = numpy.random.RandomState(seed).normal(size=data.points.shape[1] + 1)
    penalty = numpy.full(data.points.shape[1], l2)
    step = 1e-5
    slopes = []
    for direction in step * numpy.eye(len(weights)):
        above, below = (evaluate(data.points, data.labels, weights + sign * direction, penalty)[0] for sign in (1, -1))
        slopes.append((above - below) / (2 * step))
    numpy.testing.assert_allclose(evaluate(data.points, data.labels, weights, penalty)[1], slopes, atol=1e-7)


@pytest.mark.parametrize('size', [1e4, 1e100, 1e200, 1e300])
def test_cost_does_not_overflow(size):
    points, labels = numpy.array([[size], [-size]]), numpy.array([0.0, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        wrong, steep = evaluate(points, labels, numpy.array([0.0, 1.0]))
        right, flat = evaluate(points, labels, numpy.array([0.0, -1.0]))
        # large weights at small points are the same log-odds
        turned = evaluate(points / size, labels, numpy.array([0.0, size]))[0]
    assert wrong == turned == size
    assert right == 0
    assert steep.tolist() == [0, size]
    assert flat.tolist() == [0, 0]


@pytest.mark.lanes
@pytest.mark.usefixtures('sixty_digits')
@pytest.mark.parametrize('log_odds', [0.0, 10.0, 20.0, 40.0, 300.0])
@pytest.mark.parametrize('label', [0, 1])
def test_derivatives_at_large_log_odds(log_odds, label):
    one = numpy.ones(1)
    for z in (log_odds, -log_odds):
        cost, gradient, hessian = evaluate_newton(numpy.zeros((1, 1)), label * one, numpy.zeros(2), one, z * one, 0 * one, one)
        small, wrong = mpmath.exp(-abs(z)), (z > 0) != label
        expected = [abs(z) * wrong + mpmath.log1p(small), (1 if wrong else small) / (1 + small), small / (1 + small)**2]
        if z == 0:
            expected = [mpmath.log(2), mpmath.mpf(1) / 2, mpmath.mpf(1) / 4]
        close([cost, gradient[0] * (1 - 2 * label), hessian[0, 0]], [float(x) for x in expected], 1e-14)
