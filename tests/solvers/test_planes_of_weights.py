"""The cost over two weights, with all others minimised, against SciPy."""
import numpy
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from sage_logreg import gradient_descent, load_data
from sage_logreg.solvers.plane import LikelihoodPlane

X = numpy.array([0.0, 1.0, -0.7])
Y = numpy.array([-1.0, 0.5])


def table(classes, rows=60, scale=(1.0, 1.0)):
    numbers = numpy.random.RandomState(classes)
    points = numbers.randn(rows, 2)
    scores = points @ numbers.randn(2, classes) + 2 * numbers.gumbel(size=(rows, classes))
    return load_data((points * scale, scores.argmax(axis=1)))


def cost(data, weights):
    ones = numpy.column_stack([numpy.ones(len(data)), data.points])
    if data.classes == 2:
        z = ones @ weights
        return numpy.mean(numpy.logaddexp(0, z) - data.labels * z)
    z = ones @ weights.reshape(data.classes, -1).T
    return numpy.mean(logsumexp(z, axis=1) - z[numpy.arange(len(z)), data.labels.astype(int)])


@pytest.mark.parametrize('pair', [[1, 2], [0, 5], [1, 4]])
@pytest.mark.parametrize('classes', [3, 4])
def test_classes_compared_to_their_mean(classes, pair):
    data = table(classes)
    plane = LikelihoodPlane(data, 0.0, pair)
    found = plane.profile(numpy.zeros(3 * classes), X, Y)

    def centred(weights):
        # a weight is meant beside the mean of the classes
        weights = weights.reshape(classes, 3)
        return (weights - weights.mean(axis=0)).ravel()

    for row, b in enumerate(Y):
        for column, a in enumerate(X):
            constraint = {'type': 'eq', 'fun': lambda w: centred(w)[pair] - [a, b]}
            best = minimize(lambda w: cost(data, w), numpy.zeros(3 * classes), constraints=[constraint], method='SLSQP',
                            options={'maxiter': 500, 'ftol': 1e-14})
            assert found[row, column] == pytest.approx(best.fun, rel=1e-5)
    # not the same everywhere
    assert numpy.ptp(found) > 0.01


@pytest.mark.parametrize('scale', [1, 100, 1e6])
def test_places_far_from_the_data_are_minimised_too(scale):
    data = table(2, scale=(scale, 1))
    plane = LikelihoodPlane(data, 0.0, [1, 2])
    # at most places all probabilities are 0 or 1 when the bias is that of the start
    start, x, y = numpy.array([1000.0, 0, 0]), X / scale, 10 * Y
    found = plane.profile(start, x, y)
    for row, b in enumerate(y):
        for column, a in enumerate(x):
            biases = numpy.linspace(-40, 40, 8001)
            assert found[row, column] <= min(cost(data, numpy.array([bias, a, b])) for bias in biases[::10]) + 1e-6
            assert found[row, column] >= min(cost(data, numpy.array([bias, a, b])) for bias in biases[::10]) - 1e-2


def test_the_path_lies_above_the_lowest_costs():
    data = table(3)
    model = gradient_descent(data, learning_rate=0.5, iterations=200)
    plane = model._plane([1, 2])
    for record in model._history:
        lowest = plane.profile(model._weights, record.weights[1:2], record.weights[2:3])[0, 0]
        assert lowest <= cost(data, record.weights) + 1e-9
