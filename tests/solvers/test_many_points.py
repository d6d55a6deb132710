r"""
Many points, and the start at a sample of them.
"""
import math

import numpy
import pytest
from scipy import special

import sage_logreg.solvers.likelihood

from helpers import EPSILON, array, close, fitted

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# Many points

def many_points(count):
    random = numpy.random.RandomState(8)
    points = random.normal(size=(count, 3)) * [1, 100, 1e-3] + [0, 2000, 5]
    labels = (random.uniform(size=count) < special.expit((points - [0, 2000, 5]) @ [1, 0.005, 300] - 0.5)).astype(float)
    return points, labels


def check_gradient(model, points, labels, left=0.0):
    r"""
    The gradient in scaled variables is what rounding makes of zero, and at most ``left`` besides.
    """
    w = array(model.weights())
    h = special.expit(w[0] + points @ w[1:])
    # n + 1 weights, as many products and n sums, each rounded by half an EPSILON of the parts, which may cancel:
    # once here, and once where the package computed its last step
    rounding = EPSILON * (len(w) + 2) * h * (1 - h) * (abs(w[0]) + abs(points) @ abs(w[1:]))
    scaled = (points - points.mean(axis=0)) / points.std(axis=0)
    for column in (numpy.ones(len(labels)), *scaled.T):
        # summed without rounding
        assert abs(math.fsum((h - labels) * column)) / len(labels) < numpy.mean(rounding * abs(column)) + left


def test_fifty_thousand_points():
    points, labels = many_points(50000)
    model = fitted((points, labels))
    check_gradient(model, points, labels)
    assert model.iterations() < 12


@pytest.fixture
def small_sample(monkeypatch):
    monkeypatch.setattr(sage_logreg.solvers.likelihood, 'MANY', 200)
    monkeypatch.setattr(sage_logreg.solvers.likelihood, 'SAMPLE', 50)


def test_start_at_a_sample(small_sample, monkeypatch):
    points, labels = many_points(2000)
    random = numpy.random.RandomState(1)
    weights, offset = random.uniform(0, 2, 2000), random.normal(size=2000)
    costs, models = [], []
    for many in (200, 10**6):
        monkeypatch.setattr(sage_logreg.solvers.likelihood, 'MANY', many)
        seen = []
        models.append(fitted((points, labels), weights=weights, offset=offset,
                             callback=lambda step, cost, w: seen.append(cost)))
        costs.append(seen)
    # it begins nearer, and ends in the same place
    assert costs[0][0] < costs[1][0] - 0.05
    close(models[0].weights(), models[1].weights(), 1e-9)
    close(models[0].standard_errors(), models[1].standard_errors(), 1e-9)


@pytest.mark.parametrize('l2', [0, 50])
def test_samples_that_say_nothing(small_sample, l2):
    points, labels = many_points(2000)
    expected = {}
    every = 40   # the sample is every 40th row
    separate, constant, sorted_rows = labels.copy(), points.copy(), numpy.argsort(labels, kind='stable')
    separate[::every] = 1
    constant[::every, 0] = 4.0
    separating = points[:, 0] > 0
    completely = labels.copy()
    completely[::every] = separating[::every]
    for name, data in {'one class': (points, separate), 'constant': (constant, labels),
                       'separated': (points, completely), 'sorted': (points[sorted_rows], labels[sorted_rows])}.items():
        model = fitted(data, l2=l2)
        if not l2:
            # Newton's last step is from a gradient within tol=1e-10, and leaves up to a tenth of it where the Hessian is older
            check_gradient(model, *data, left=1e-11)
        sage_logreg.solvers.likelihood.MANY = 10**6
        expected[name] = fitted(data, l2=l2)
        sage_logreg.solvers.likelihood.MANY = 200
        close(model.weights(), expected[name].weights(), 1e-8)


def test_a_sample_without_weight(small_sample):
    # every 40th row held out, which are the rows of the sample
    points, labels = many_points(2000)
    weights = (numpy.arange(2000) % 40 > 0).astype(float)
    close(fitted((points, labels), weights=weights).weights(),
          fitted((points[weights > 0], labels[weights > 0])).weights(), 1e-9)


def test_bias_reduced_and_a_column_that_the_sample_does_not_see(small_sample):
    points, labels = many_points(2000)
    points[:, 0] = 0
    points[1:2000:40, 0] = numpy.random.RandomState(0).choice([-1.0, 1.0], 50)
    fitted((points, labels), bias_reduced=True)
