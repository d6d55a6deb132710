r"""
Firth's penalty: the estimate, its tests and its profile intervals.
"""
import math

import mpmath
import numpy
import pytest
from scipy import special

import sage_logreg.solvers.likelihood
from sage_logreg import load_data
from sage_logreg.solvers.choice import minimize
from sage_logreg.solvers.likelihood import Likelihood

from helpers import Exact, OVERLAPPING, QUANTILE_95, array, close, design, everything, fitted, minimised
from helpers import negative_log_likelihood, random_data, summary_rows
from oracle import Oracle, error, weight_error

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# Bias reduction

@pytest.mark.lanes
@pytest.mark.parametrize('table', [(7, 3, 2, 8), (10, 0, 0, 10), (5, 0, 3, 2), (1, 0, 0, 1)])
def test_bias_reduced_table_of_two_by_two(table):
    # Firth's penalty on a saturated model adds 1/2 to every cell
    a, b, c, d = table
    points = numpy.repeat([[0.0], [0], [1], [1]], table, axis=0)
    labels = numpy.repeat([1.0, 0, 1, 0], table)
    model = fitted((points, labels), bias_reduced=True)
    first = math.log((a + 0.5) / (b + 0.5))
    close(model.weights(), [first, math.log((c + 0.5) / (d + 0.5)) - first], 1e-10, 1e-12)
    variances = [(a + b) * (a + 0.5) * (b + 0.5) / (a + b + 1)**2, (c + d) * (c + 0.5) * (d + 0.5) / (c + d + 1)**2]
    close(model.standard_errors(), [variances[0]**-0.5, (1 / variances[0] + 1 / variances[1])**0.5], 1e-10)


@pytest.mark.parametrize('seed, count, width, weighted, shifted', [
    (1, 12, 1, False, False), (2, 15, 2, False, False), (3, 20, 2, True, False), (4, 20, 2, True, True),
    (5, 25, 3, False, True)])
def test_bias_reduced(seed, count, width, weighted, shifted):
    points, labels = random_data(seed, count, width)
    random = numpy.random.RandomState(seed)
    weights = random.randint(1, 4, count).astype(float) if weighted else numpy.ones(count)
    offset = random.normal(size=count) if shifted else numpy.zeros(count)
    model = fitted((points, labels), bias_reduced=True, weights=weights if weighted else None,
                   offset=offset if shifted else None)
    X, w = design(points), array(model.weights())
    best, where = minimised(X, labels, weights=weights, offset=offset, firth=True)
    close(w, where, 1e-5, 1e-5)
    assert negative_log_likelihood(w, X, labels, weights, offset, firth=True) <= best + 1e-10
    exact = Exact(points, labels, 0, weights, offset)
    assert max(abs(x) for x in exact.penalised_gradient(w)) < 1e-11
    covariance = mpmath.inverse(exact.information(w))
    close(model.standard_errors(), [mpmath.sqrt(covariance[j, j]) for j in range(width + 1)], 1e-10)
    close(model.log_likelihood(), exact.log_likelihood(w), 1e-12)
    close(model.gradient(), numpy.zeros(width + 1), 0, 1e-12)


def test_bias_reduced_under_separation():
    rows = numpy.array([[1.0, 0], [2, 0], [3, 1], [4, 1], [6, 1]])
    model = fitted(rows, bias_reduced=True)
    w = array(model.weights())
    assert numpy.isfinite(w).all() and numpy.isfinite(array(model.standard_errors())).all()
    assert max(abs(x) for x in Exact(rows[:, :1], rows[:, 1]).penalised_gradient(w)) < 1e-11
    assert [len(row) for row in summary_rows(model)] == [8] * 3


def test_bias_reduced_weights_are_repeated_rows():
    points, labels = random_data(9, 15, 2)
    weights = numpy.random.RandomState(9).randint(0, 4, 15)
    assert len(set(labels[weights > 0])) == 2
    one = fitted((points, labels), weights=weights, bias_reduced=True)
    two = fitted((points.repeat(weights, axis=0), labels.repeat(weights)), bias_reduced=True)
    # the cost is another matter, see below
    keep = numpy.arange(len(everything(one))) != 36
    close([one.cost()], everything(one)[~keep], 0)
    close(everything(one)[keep], everything(two)[keep], 1e-9, 1e-11)


def test_bias_reduced_in_other_units():
    points, labels = random_data(2, 15, 2)
    model, other = (fitted((points * scale + shift, labels), bias_reduced=True)
                    for scale, shift in ((1, 0), ([1e-8, 365], [0, 2000])))
    close(array(other.weights())[1:] * [1e-8, 365], array(model.weights())[1:], 1e-9)
    close(array(other.standard_errors())[1:] * [1e-8, 365], array(model.standard_errors())[1:], 1e-9)
    close(other.log_likelihood(), model.log_likelihood(), 1e-11)


def test_bias_reduced_cost_is_that_of_the_users_units():
    points, labels = random_data(2, 15, 2)
    for factor in (1, 1.5, 2, 10):
        model = fitted((points * factor, labels), bias_reduced=True)
        close(model.cost(), -Exact(points * factor, labels).penalised(array(model.weights())) / 15, 1e-10)


def test_bias_reduced_with_offsets_that_differ():
    points, labels = OVERLAPPING
    offset = numpy.where(numpy.arange(len(labels)) % 2, 30.0, -30.0)
    fitted((points, labels), offset=offset, bias_reduced=True)


@pytest.fixture
def counted_evaluations(monkeypatch):
    count, terms = [0], sage_logreg.solvers.likelihood.Likelihood.terms

    def counting(self, v, curved=True):
        count[0] += 1
        assert count[0] <= 5000, 'more than 5000 evaluations'
        return terms(self, v, curved)

    monkeypatch.setattr(sage_logreg.solvers.likelihood.Likelihood, 'terms', counting)
    return count


@pytest.mark.parametrize('seed, count, width', [
    (2, 15, 2), (3, 20, 2), (4, 20, 2),
    (5, 25, 3)])
def test_likelihood_ratio_of_bias_reduced_estimates(seed, count, width, counted_evaluations):
    # the penalty is that of all columns, as in R's logistf
    points, labels = random_data(seed, count, width)
    random = numpy.random.RandomState(seed)
    options = {'weights': random.randint(1, 4, count).astype(float), 'offset': random.normal(size=count)}
    model, X = fitted((points, labels), bias_reduced=True, **options), design(points)
    best = minimised(X, labels, start=array(model.weights()), firth=True, **options)[0]
    for names in ([], ['x1'], ['x2']):
        free = numpy.array([True] + [f'x{j + 1}' in names for j in range(width)])
        expected = 2 * (minimised(X, labels, free=free, firth=True, **options)[0] - best)
        test = model.likelihood_ratio_test(names)
        close(test.statistic, expected, 0, 1e-7)
        close(test.p_value, special.chdtrc(width - len(names), expected), 1e-6)


def test_likelihood_ratio_of_a_bias_reduced_estimate_under_separation(counted_evaluations):
    rows = numpy.array([[1.0, 0], [2, 0], [3, 1], [4, 1], [6, 1]])
    X, labels = design(rows[:, :1]), rows[:, 1]
    model = fitted(rows, bias_reduced=True)
    best = minimised(X, labels, start=array(model.weights()), firth=True)[0]
    smaller = minimised(X, labels, free=numpy.array([True, False]), firth=True)[0]
    close(model.likelihood_ratio_test().statistic, 2 * (smaller - best), 0, 1e-7)


def test_profile_intervals_of_a_bias_reduced_estimate(counted_evaluations):
    points, labels = random_data(1, 15, 1)
    model = fitted((points, labels), bias_reduced=True)
    w, X = array(model.weights()), design(points)
    best = negative_log_likelihood(w, X, labels, firth=True)
    for j, ends in enumerate(model.confidence_intervals(method='profile')):
        for end in map(float, ends):
            value = w.copy()
            value[j] = end
            rise = minimised(X, labels, start=w, free=numpy.arange(2) != j, value=value, firth=True)[0] - best
            close(2 * rise, QUANTILE_95**2, 1e-6)


def test_profile_intervals_of_a_bias_reduced_estimate_under_separation(counted_evaluations):
    model = fitted([[1, 0], [2, 0], [3, 1], [4, 1]], bias_reduced=True)
    low, high = model.confidence_intervals(method='profile')[1]
    assert low < array(model.weights())[1] < high


# Columns that nearly depend on each other

# a pivot of the information at the start is exactly zero
ALIKE = ([[0, 0], [1, 1 + 1e-8], [2, 2 - 1e-8], [3, 3 + 1e-8], [4, 4 + 2e-8]],
         [1000, 2000, 1000, 3000, 2000], [4000] * 5)
# the information keeps some digits, but its inverse too few for the gradient to fall below tol
LESS_ALIKE = ([[-3, -2.797789182267639], [2, 1.8651984215594897], [1, .9326414611377226], [3, 2.7978229825540213],
               [3, 2.7978567828404035], [1, .932556960421767]], [1, 0, 0, 0, 0, 0], [2, 2, 3, 5, 2, 5])


def firth_oracle(model):
    return Oracle(model.data.points, model.data.labels, model.data.weights, firth=True, start=array(model.weights()))


@pytest.mark.parametrize('table', [ALIKE, LESS_ALIKE])
def test_bias_reduced_with_columns_that_are_nearly_alike(table):
    model = fitted(table, bias_reduced=True)
    exact = firth_oracle(model)
    assert model.iterations() < 30 and numpy.isfinite([float(record.cost) for record in model.history()]).all()
    assert weight_error(model.weights(), exact) < 1e-8
    assert error(model.standard_errors(), exact.errors, exact.errors) < 1e-8


def nearly_alike(seed):
    random = numpy.random.RandomState(seed)
    base = numpy.arange(6.0) + random.randint(0, 2)
    trials = random.randint(2, 4000, 6)
    points = numpy.column_stack([base, base + 10.0**-random.uniform(3, 9) * random.permutation(6)**2])
    return points, random.randint(1, trials), trials


@pytest.mark.parametrize('seed', range(12))
def test_bias_reduced_with_random_columns_that_are_nearly_alike(seed):
    model = fitted(nearly_alike(seed), bias_reduced=True)
    assert weight_error(model.weights(), firth_oracle(model)) < 1e-8


@pytest.mark.parametrize('table', [ALIKE, LESS_ALIKE])
def test_bias_reduced_cost_and_gradient_with_columns_that_are_nearly_alike(table):
    model = fitted(table, bias_reduced=True)
    exact, total = firth_oracle(model), sum(table[2])
    with mpmath.workdps(60):
        weights = mpmath.matrix([mpmath.mpf(float(w)) for w in model.weights()])
        cost, gradient = exact.cost(weights) / total, exact.step(weights)[0] / total
    close(model.cost(), cost, 1e-10)
    close(model.gradient(), list(gradient), 1e-6, 1e-13)


@pytest.mark.parametrize('table', [ALIKE, LESS_ALIKE])
def test_likelihood_of_smaller_bias_reduced_models_with_columns_that_are_nearly_alike(table):
    # in scaled variables, the only ones in which a single weight can be fixed, the determinant is only rounding
    model = fitted(table, bias_reduced=True)
    for method in (lambda: model.likelihood_ratio_test(['x1']), lambda: model.confidence_intervals(method='profile')):
        with pytest.raises(ValueError, match='so nearly dependent that rounding hides the penalty of smaller models'):
            method()


def test_likelihood_ratio_with_a_smaller_model_far_from_the_larger_ones_weights(counted_evaluations):
    # with the weight of x1 alone, which is some thousands, all probabilities would be 0 or 1
    rows = numpy.arange(-4.0, 4)
    points = numpy.column_stack([rows, rows + 2e-4 * numpy.array([3, -1, 0, -3, -2, -2, -1, -2])])
    labels = numpy.array([1.0, 0, 0, 0, 0, 0, 0, 0])
    model = fitted((points, labels), bias_reduced=True)
    X, w = design(points), array(model.weights())
    best = negative_log_likelihood(w, X, labels, firth=True)
    smaller = minimised(X, labels, free=numpy.array([True, True, False]), firth=True)[0]
    close(model.likelihood_ratio_test(['x1']).statistic, 2 * (smaller - best), 0, 1e-5)


@pytest.mark.parametrize('count, width', [(300, 2), (300, 40), (400, 100), (300, 140)])
def test_bias_reduced_terms_of_blocks_are_those_of_the_whole(count, width):
    # blocks of few rows, where their products would be shared among threads, and of many
    random = numpy.random.RandomState(width)
    points, labels, v = random.normal(size=(count, width)), (random.rand(count) < 0.5) * 1.0, 0.1 * random.normal(size=width + 1)
    weights, offset = random.randint(1, 4, count) * 1.0, random.normal(size=count)
    data = load_data((points, labels), weights=weights, offset=offset)
    likelihood = Likelihood(data, bias_reduced=True, scaling=(numpy.zeros(width), numpy.ones(width)))
    rows = numpy.column_stack([numpy.ones(count), points])
    h = 1 / (1 + numpy.exp(-rows @ v - offset))
    curvature = weights * h * (1 - h)
    information = rows.T @ (curvature[:, None] * rows)
    leverage = curvature * numpy.einsum('ij,jk,ik->i', rows, numpy.linalg.inv(information), rows)
    # the cost is a difference, here of numbers of some hundreds
    cost, gradient, hessian = likelihood.terms(v)
    losses = weights * numpy.logaddexp(0, numpy.where(labels == 1, -1, 1) * (rows @ v + offset))
    numpy.testing.assert_allclose(cost, losses.sum() - numpy.linalg.slogdet(information)[1] / 2, rtol=1e-12, atol=1e-10)
    numpy.testing.assert_allclose(gradient, (weights * (h - labels) + leverage * (h - 0.5)) @ rows, rtol=1e-9, atol=1e-9)
    # of the Hessian only what rows of a high leverage add
    high = numpy.where(leverage > 0.1 * weights, leverage, 0.0)
    numpy.testing.assert_allclose(hessian, rows.T @ ((curvature + high * h * (1 - h))[:, None] * rows), rtol=1e-9, atol=1e-9)


def test_bias_reduced_steps_become_shorter_faster_and_faster():
    # the changes of the gradient show what the Hessian lacks; with the Hessian that is computed alone there are 110 steps
    random = numpy.random.RandomState(0)
    points = random.normal(size=(500, 200))
    labels = (random.rand(500) < 1 / (1 + numpy.exp(-points @ random.normal(size=200) / 14))) * 1.0
    likelihood = Likelihood(load_data((points, labels)), bias_reduced=True)
    fit = minimize(likelihood, 1e-10)
    assert fit.converged and fit.steps < 60 and abs(likelihood.terms(fit.weights)[1]).max() < 1e-8


@pytest.mark.parametrize('seed', range(4))
def test_bias_reduced_estimate_of_levels_with_one_row(seed):
    # a level of its own for each of some rows, of which the leverage is nearly 1
    random = numpy.random.RandomState(seed)
    points = numpy.column_stack([random.normal(size=(1200, 3)), numpy.eye(1200)[:, :15]])
    labels = (random.rand(1200) < 1 / (1 + numpy.exp(2 - points[:, 0]))) * 1.0
    likelihood = Likelihood(load_data((points, labels)), bias_reduced=True)
    fit = minimize(likelihood, 1e-10)
    assert fit.converged and fit.steps < 30 and abs(likelihood.terms(fit.weights)[1]).max() < 1e-8
