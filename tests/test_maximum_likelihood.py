r"""
maximum_likelihood and its inference against published values, other programs and 60 digits of mpmath.

The oracles here are written anew and share no line with the package. A test marked with ``bug`` shows
what is wrong in the package: it is strict, so that it fails as soon as that is mended, and the mark can go.
"""
import itertools
import math
import pickle
import re
import signal
import warnings

import numpy
import pytest
from hypothesis import assume, given, settings, strategies as st

import sage_logreg.solvers.newton
from sage_logreg import (ex2data1, gradient_descent, load_data, maximum_likelihood, separation,
                         stochastic_gradient_descent)
from sage_logreg.cost.evaluation import evaluate_newton
from sage_logreg.exact.separation import SeparationError

mpmath = pytest.importorskip('mpmath')
optimize = pytest.importorskip('scipy.optimize')
special = pytest.importorskip('scipy.special')

# What is computed must not overflow on its way either.
pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')


# Spector and Mazzeo, Probit analysis and economic education, Journal of Economic Education 11 (1980), 37-44; in Greene,
# Econometric Analysis, and in statsmodels.datasets.spector: GPA, TUCE, PSI, and whether the grade got better
SPECTOR = '''
2.66 20 0 0  2.89 22 0 0  3.28 24 0 0  2.92 12 0 0  4.00 21 0 1  2.86 17 0 0  2.76 17 0 0  2.87 21 0 0
3.03 25 0 0  3.92 29 0 1  2.63 20 0 0  3.32 23 0 0  3.57 23 0 0  3.26 25 0 1  3.53 26 0 0  2.74 19 0 0
2.75 25 0 0  2.83 19 0 0  3.12 23 1 0  3.16 25 1 1  2.06 22 1 0  3.62 28 1 1  2.89 14 1 0  3.51 26 1 0
3.54 24 1 1  2.83 27 1 1  3.39 17 1 1  2.67 24 1 0  3.65 21 1 1  4.00 23 1 1  3.10 21 1 0  2.39 19 1 1
'''
# D. J. Finney, The estimation from individual records of the relationship between dose and quantal response,
# Biometrika 34 (1947), 320-334: volume and rate of air inspired, and vasoconstriction
FINNEY = '''
3.70 0.825 1  3.50 1.090 1  1.25 2.500 1  0.75 1.500 1  0.80 3.200 1  0.70 3.500 1  0.60 0.750 0  1.10 1.700 0
0.90 0.750 0  0.90 0.450 0  0.80 0.570 0  0.55 2.750 0  0.60 3.000 0  1.40 2.330 1  0.75 3.750 1  2.30 1.640 1
3.20 1.600 1  0.85 1.415 1  1.70 1.060 0  1.80 1.800 1  0.40 2.000 0  0.95 1.360 0  1.35 1.350 0  1.50 1.360 0
1.60 1.780 1  0.60 1.500 0  1.80 1.500 1  0.95 1.900 0  1.90 0.950 1  1.60 0.400 0  2.70 0.750 1  2.35 0.030 0
1.10 1.830 0  1.10 2.200 1  1.20 2.000 1  0.80 3.330 1  0.95 1.900 0  0.75 1.900 0  1.30 1.625 1
'''
QUANTILE_95 = 1.959963984540054


def table(text, width):
    return numpy.array(text.split(), dtype=float).reshape(-1, width)


def spector():
    rows = table(SPECTOR, 4)
    return load_data((rows[:, :3], rows[:, 3]), variables='GPA, TUCE, PSI')


def list_of(values):
    # mpmath's and Sage's numbers, pairs of them, or one
    return [list_of(value) for value in values] if hasattr(values, '__len__') else float(values)


def array(values):
    # a Sage vector or matrix, an array, or lists
    values = values.rows() if hasattr(values, 'nrows') else values
    return numpy.array(values if isinstance(values, numpy.ndarray) else list_of(values), dtype=numpy.float64)


def fitted(*arguments, **options):
    model = maximum_likelihood(*arguments, **options)
    assert model.converged() and model.method == 'maximum_likelihood'
    return model


def random_data(seed, count, width):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, width)) * random.uniform(0.3, 3, width) + random.uniform(-2, 2, width)
    labels = (random.uniform(size=count) < 1 / (1 + numpy.exp(-points[:, 0]))).astype(float)
    labels[:2] = 0, 1
    return points, labels


def design(points):
    return numpy.column_stack([numpy.ones(len(points)), points]).astype(numpy.float64)


def close(values, expected, rtol, atol=0.0):
    r"""
    Every value is within ``rtol`` times what is expected, plus ``atol``; both may be lists.
    """
    values, expected = array(values), array(expected)
    assert values.shape == expected.shape
    wrong = ~((abs(values - expected) <= array(rtol) * abs(expected) + array(atol)) | (values == expected))
    assert not wrong.any(), f'{values[wrong]} are not {expected[wrong]}'


def everything(model):
    r"""
    Return all numbers of a model that do not depend on how often a point is written down.
    """
    return numpy.concatenate([
        array(model.weights()), array(model.standard_errors()), array(model.covariance()).ravel(),
        array(model.z_values()), array(model.p_values()), array(model.odds_ratios()),
        array(model.confidence_intervals(0.9)).ravel(), array(list(model.likelihood_ratio_test())),
        array([model.log_likelihood(), model.deviance(), model.aic(), model.bic(), model.cost(),
               model.area_under_curve(), model.accuracy()]),
        array(model.confusion_matrix()).ravel()])


# Oracle one: 60 digits, rows in plain loops

class Exact:

    def __init__(self, points, labels, l2=0, weights=None, offset=None):
        self.count = len(labels)
        self.rows = [[mpmath.mpf(1), *map(mpmath.mpf, map(float, row))] for row in points]
        self.labels = [int(label) for label in labels]
        self.l2 = mpmath.mpf(l2)
        self.weights = [mpmath.mpf(float(x)) for x in (numpy.ones(self.count) if weights is None else weights)]
        self.offset = [mpmath.mpf(float(x)) for x in (numpy.zeros(self.count) if offset is None else offset)]

    def log_likelihood(self, w):
        w = list(map(mpmath.mpf, w))
        return -mpmath.fsum(f * mpmath.log1p(mpmath.exp(-z if y else z)) for f, y, z
                            in zip(self.weights, self.labels, self.log_odds(w)))

    def log_odds(self, w):
        return [o + mpmath.fdot(row, w) for o, row in zip(self.offset, self.rows)]

    def gradient(self, w):
        w = list(map(mpmath.mpf, w))
        total = [self.l2 * value if j else mpmath.mpf(0) for j, value in enumerate(w)]
        for row, y, f, z in zip(self.rows, self.labels, self.weights, self.log_odds(w)):
            residual = f * (1 / (1 + mpmath.exp(-z)) - y)
            total = [value + residual * x for value, x in zip(total, row)]
        return total

    def information(self, w, l2=None):
        w = list(map(mpmath.mpf, w))
        total = mpmath.diag([(self.l2 if l2 is None else l2) if j else 0 for j in range(len(w))])
        for row, f, z in zip(self.rows, self.weights, self.log_odds(w)):
            curvature = f / (2 + mpmath.exp(z) + mpmath.exp(-z))
            for j, k in itertools.product(range(len(w)), repeat=2):
                total[j, k] += curvature * row[j] * row[k]
        return total

    def penalised(self, w):
        return self.log_likelihood(w) + mpmath.log(mpmath.det(self.information(w, 0))) / 2

    def penalised_gradient(self, w):
        # central differences: half of the 60 digits are lost, and no formula is needed
        w, h = list(map(mpmath.mpf, w)), mpmath.mpf(10)**-20
        moved = [[[x + sign * h * (i == j) for i, x in enumerate(w)] for sign in (1, -1)] for j in range(len(w))]
        return [(self.penalised(up) - self.penalised(down)) / (2 * h) for up, down in moved]

    def estimate(self, start):
        # from a start that the package gave: Newton's method squares its error, or does not arrive
        w = mpmath.matrix([mpmath.mpf(float(x)) for x in start])
        for _ in range(12):
            step = mpmath.lu_solve(self.information(w), mpmath.matrix(self.gradient(w)))
            w -= step
            if mpmath.norm(step, mpmath.inf) <= mpmath.mpf(10)**-40 * mpmath.norm(w, mpmath.inf):
                return list(w)
        raise AssertionError('Newton in 60 digits does not arrive from the weights given')


@pytest.fixture(autouse=True)
def sixty_digits():
    with mpmath.workdps(60):
        yield


def check_exactly(model, exact, rtol=1e-12, errors_rtol=1e-10):
    r"""
    The weights, standard errors and likelihood of a model are those of 60 digits.
    """
    w = exact.estimate(array(model.weights()))
    scale = max(abs(x) for x in w)
    # log-odds of nearly zero have no more digits than 1 has
    close(model.weights(), w, rtol, rtol * float(scale) * 1e-3 + 1e-15)
    covariance = mpmath.inverse(exact.information(w))
    close(model.standard_errors(), [mpmath.sqrt(covariance[j, j]) for j in range(len(w))], errors_rtol)
    close(model.log_likelihood(), exact.log_likelihood(array(model.weights())), 1e-12,
          1e-15 * exact.count)
    return w


# Oracle two: the likelihood in NumPy, for a minimiser that needs no derivative from the package

def negative_log_likelihood(w, X, labels, weights=1.0, offset=0.0, l2=0.0, firth=False):
    z = X @ w + offset
    value = numpy.sum(weights * numpy.logaddexp(0, numpy.where(labels == 1, -z, z))) + l2 * numpy.sum(w[1:]**2) / 2
    if firth:
        h = special.expit(z)
        value -= numpy.linalg.slogdet(X.T @ (X * (weights * h * (1 - h))[:, None]))[1] / 2
    return value


def minimised(X, labels, start=None, free=None, value=None, **options):
    r"""
    Return the minimum, and where it is, with the weights that are not free kept at ``value``.
    """
    free = numpy.ones(X.shape[1], dtype=bool) if free is None else free
    whole = numpy.zeros(X.shape[1]) if value is None else numpy.array(value, dtype=float)

    def cost(part):
        whole[free] = part
        return negative_log_likelihood(whole, X, labels, **options)

    part = numpy.zeros(free.sum()) if start is None else numpy.array(start, dtype=float)[free]
    for method, options_of_method in (('Nelder-Mead', {'xatol': 1e-7, 'fatol': 1e-13, 'maxiter': 2000}),
                                      ('BFGS', {'gtol': 1e-8, 'maxiter': 50})):
        part = optimize.minimize(cost, part, method=method, options=options_of_method).x
    value = cost(part)
    return value, whole.copy()


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


def separated(points, labels):
    r"""
    Whether a hyperplane separates the classes, completely or not, by linear programming (for small whole numbers).
    """
    signed = design(points) * numpy.where(labels == 1, 1, -1)[:, None]
    answer = optimize.linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=numpy.zeros(len(signed)), bounds=(-1, 1))
    return -answer.fun > 1e-7


OVERLAPPING = random_data(20, 60, 2)


# (a) published values

def test_spector_and_mazzeo():
    model = fitted(spector())
    constant, gpa, tuce, psi = array(model.weights())
    close([gpa, tuce, psi, constant],
          [2.826112594889321, 0.09515766131790929, 2.378687655093354, -13.02134685811569], 2e-14)
    close(model.log_likelihood(), -12.88963422213142, 1e-14)
    close(array(model.standard_errors())[[1, 2, 3, 0]], [1.262941, 0.1415542, 1.064564, 4.931325], 5e-7)
    # Greene's table: the likelihood-ratio statistic of all slopes, 15.404 with 3 degrees of freedom
    test = model.likelihood_ratio_test()
    close([test.statistic, test.degrees_of_freedom, test.p_value], [15.404, 3, 0.0015], 0, [5e-4, 0, 5e-5])
    check_exactly(model, Exact(spector().points, spector().labels))


def test_finney():
    rows = table(FINNEY, 3)
    assert len(rows) == 39
    model = fitted((numpy.log(rows[:, :2]), rows[:, 2]))
    close(model.weights(), [-2.875421710216811, 5.179324019271893, 4.561675278807110], 2e-14)
    close(model.standard_errors(), [1.320793293510806, 1.864849653713310, 1.837991053858098], 2e-14)


@pytest.mark.parametrize('table', [
    (7, 3, 2, 8), (1, 1, 1, 1), (100, 1, 3, 1000), (10, 1, 3, 10**4),
    (100, 1, 3, 10**4),
    (1000, 1, 3, 10**6)])
def test_a_table_of_two_by_two(table):
    # saturated: the odds of each row are what was counted
    a, b, c, d = table
    model = fitted(([[0], [1]], [a, c], [a + b, c + d]))
    close(model.weights(), [math.log(a / b), math.log(c / d) - math.log(a / b)], 1e-12, 1e-15)
    close(model.standard_errors(), [math.sqrt(1 / a + 1 / b), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)], 1e-12)
    close(array(model.covariance())[0, 1], -(1 / a + 1 / b), 1e-12)


# (b) random problems in 60 digits, and in other programs

PROBLEMS = st.tuples(st.integers(0, 10**6), st.integers(8, 30), st.integers(1, 3))


@settings(deadline=None, max_examples=25)
@given(problem=PROBLEMS, l2=st.sampled_from([0, 0, 1e-3, 2.5, 1e4]), weighted=st.booleans(), shifted=st.booleans())
def test_random_problems_in_60_digits(problem, l2, weighted, shifted):
    points, labels = random_data(*problem)
    random = numpy.random.RandomState(problem[0] + 1)
    weights = random.randint(1, 6, size=len(labels)) * random.choice([1, 0.37]) if weighted else None
    offset = random.normal(size=len(labels)) * 2 if shifted else None
    exact = Exact(points, labels, l2, weights, offset)
    try:
        model = maximum_likelihood((points, labels), l2=l2, weights=weights, offset=offset)
    except SeparationError:
        assume(False)
    # beyond this, rounding of the data alone changes the digits that are compared
    information = numpy.array(exact.information(array(model.weights())).tolist(), dtype=float)
    assume(numpy.linalg.cond(information) < 1e5)
    assert model.converged()
    with mpmath.workdps(60):
        check_exactly(model, exact)
        covariance = mpmath.inverse(exact.information(array(model.weights())))
        close(model.covariance(), numpy.array(covariance.tolist(), dtype=float), 1e-9,
              1e-10 * float(max(abs(x) for x in covariance)))
        # what the user is told
        gradient = [x / mpmath.fsum(exact.weights) for x in exact.gradient(array(model.weights()))]
        assert max(abs(x) for x in gradient) < 1e-12
        close(model.gradient(), gradient, 0, 1e-12)
        total = mpmath.fsum(exact.weights)
        penalty = exact.l2 * mpmath.fsum(mpmath.mpf(x)**2 for x in array(model.weights())[1:]) / 2
        close(model.cost(), (penalty - exact.log_likelihood(array(model.weights()))) / total, 1e-12)


@pytest.mark.parametrize('seed', range(6))
def test_statsmodels(seed):
    statsmodels = pytest.importorskip('statsmodels.api')
    points, labels = random_data(seed, 80, 1 + seed % 3)
    random = numpy.random.RandomState(seed)
    weights = random.randint(1, 5, size=80).astype(float) if seed % 2 else None
    offset = random.normal(size=80) if seed > 1 else None
    model = fitted((points, labels), weights=weights, offset=offset)
    X = design(points)
    other = statsmodels.GLM(labels, X, family=statsmodels.families.Binomial(), freq_weights=weights,
                            offset=offset).fit(tol=1e-14, tol_criterion='params')
    close(model.weights(), other.params, 1e-10, 1e-12)
    close(model.standard_errors(), other.bse, 1e-9)
    close(model.covariance(), other.cov_params(), 1e-9, 1e-12)
    close(model.z_values(), other.tvalues, 1e-9, 1e-10)
    close(model.p_values(), other.pvalues, 1e-8)
    close(model.confidence_intervals(0.9), other.conf_int(0.1), 1e-9, 1e-12)
    close(model.log_likelihood(), other.llf, 1e-12)
    close(model.deviance(), other.deviance, 1e-12)
    close(model.aic(), other.aic, 1e-12)
    total = 80 if weights is None else weights.sum()
    close(model.bic(), X.shape[1] * math.log(total) - 2 * other.llf, 1e-12)
    close(model.odds_ratios(), numpy.exp(other.params[1:]), 1e-10)


@pytest.mark.parametrize('l2', [0.01, 1, 300])
@pytest.mark.parametrize('weighted', [False, True])
def test_l2_in_scikit_learn(l2, weighted):
    linear_model = pytest.importorskip('sklearn.linear_model')
    points, labels = OVERLAPPING
    weights = numpy.random.RandomState(1).uniform(0, 3, len(labels)) if weighted else None
    model = fitted((points, labels), l2=l2, weights=weights)
    other = linear_model.LogisticRegression(C=1 / l2, solver='newton-cholesky', tol=1e-12, max_iter=500)
    other.fit(points, labels, sample_weight=weights)
    close(model.weights(), [*other.intercept_, *other.coef_[0]], 1e-7, 1e-9)


def test_l2_where_the_classes_are_separated():
    points, labels = numpy.array([[1.0], [2], [3], [4]]), numpy.array([0.0, 0, 1, 1])
    # a probability of 1 - 1e-9 leaves 7 digits of what is missing to 1
    for l2, rtol in ((1e-10, 1e-7), (1e-4, 1e-11), (1, 1e-12), (1e8, 1e-12)):
        model = fitted((points, labels), l2=l2)
        check_exactly(model, Exact(points, labels, l2), rtol=rtol, errors_rtol=100 * rtol)
        minimum, where = minimised(design(points), labels, start=array(model.weights()), l2=l2)
        assert negative_log_likelihood(array(model.weights()), design(points), labels, l2=l2) <= minimum + 1e-12


def test_l2_makes_dependent_columns_an_estimate():
    points, labels = OVERLAPPING
    doubled = numpy.column_stack([points, points[:, 0], numpy.full(len(labels), 7.0)])
    model = fitted((doubled, labels), l2=2)
    w = array(model.weights())
    # the penalty shares the weight among equal columns, and leaves nothing to a constant one
    close(w[1], w[3], 1e-12)
    assert abs(w[4]) < 1e-14
    check_exactly(model, Exact(doubled, labels, 2), errors_rtol=1e-9)


# (c) the same data told in other ways

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


@pytest.mark.parametrize('far', [1e9, 1e10, 1e12, 1e100, 1e300])
def test_a_point_so_far_that_the_others_are_one(far):
    # the estimate is that of the first four points, and float64 does not see it
    with pytest.warns(RuntimeWarning, match='not converged'):
        assert not maximum_likelihood(([0, 1, 2, 3, far], [0, 1, 0, 1, 1])).converged()


def test_weights_that_are_no_floats():
    with pytest.raises(ValueError, match='the weight of x1 is too large for a float'):
        maximum_likelihood(([0, 5e-324, 1e-323, 1.5e-323], [0, 1, 0, 1]))


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


def test_grouped_data_are_repeated_rows():
    doses, successes, trials = [[1, 5], [2, 3], [3, 4], [4, 9], [5, 2]], [1, 0, 7, 6, 4], [10, 3, 9, 6, 4]
    one = fitted((doses, successes, trials))
    points = numpy.repeat(doses, trials, axis=0)
    labels = numpy.concatenate([[1] * s + [0] * (t - s) for s, t in zip(successes, trials)])
    two = fitted((points, labels))
    close(everything(one), everything(two), 1e-10, 1e-13)
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
    # three rows are three rows
    assert len(maximum_likelihood(((1, 0), (2, 1), (3, 0))).data) == 3


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


def test_options_are_a_copy():
    points, labels = OVERLAPPING
    one, two = (fitted((points, labels), weights=numpy.ones(60)) for _ in range(2))
    one.options()['weights'][:] = 5
    close(one.standard_errors(), two.standard_errors(), 1e-12)


def test_permuted_columns_and_rows():
    points, labels = random_data(3, 50, 3)
    model, order = fitted((points, labels)), numpy.random.RandomState(0).permutation(50)
    other = fitted((points[order][:, [2, 0, 1]], labels[order]))
    close(array(other.weights())[[0, 2, 3, 1]], model.weights(), 1e-12)
    close(array(other.standard_errors())[[0, 2, 3, 1]], model.standard_errors(), 1e-12)


def test_labels_exchanged():
    points, labels = OVERLAPPING
    one, two = fitted((points, labels)), fitted((points, 1 - labels))
    close(two.weights(), -array(one.weights()), 1e-12)
    close(two.standard_errors(), one.standard_errors(), 1e-12)
    close(two.area_under_curve(), one.area_under_curve(), 1e-12)


# (d) units

@pytest.mark.parametrize('shift, scale', [(2010, 1), (0, 1e-8), (0, 1e8), (3e4, 1e-3), (-1e6, 10), (5e-7, 1e-8)])
@pytest.mark.parametrize('l2', [0, 3])
def test_scaled_and_shifted_columns(shift, scale, l2):
    points, labels = OVERLAPPING
    # the first column in other units; what is compared with is the rounded column, taken back exactly
    column = points[:, 0] * scale + shift
    moved = numpy.column_stack([column, points[:, 1]])
    model = fitted((moved, labels), l2=l2)
    exact = Exact(moved, labels, l2)
    w = exact.estimate(array(model.weights()))
    close(model.weights(), w, 1e-9)
    covariance = mpmath.inverse(exact.information(w))
    close(model.standard_errors(), [mpmath.sqrt(covariance[j, j]) for j in range(3)], 1e-9)
    close(model.log_likelihood(), exact.log_likelihood(w), 1e-12)


def test_years():
    random = numpy.random.RandomState(2)
    years = random.randint(2000, 2021, 200).astype(float)
    labels = (random.uniform(size=200) < special.expit(0.3 * (years - 2008))).astype(float)
    model, near = fitted((years[:, None], labels)), fitted((years[:, None] - 2010, labels))
    check_exactly(model, Exact(years[:, None], labels), rtol=1e-11, errors_rtol=1e-9)
    close(array(model.weights())[1], array(near.weights())[1], 1e-11)
    close(array(model.weights())[0], array(near.weights())[0] - 2010 * array(near.weights())[1], 1e-11)
    close(model.confidence_intervals(method='profile')[1], near.confidence_intervals(method='profile')[1], 1e-9)


@pytest.mark.parametrize('exponents', [(498, -498), (-498, 498), (-1, 1), (300, 301)])
def test_powers_of_two_change_no_bit(exponents):
    points, labels = OVERLAPPING
    one, factors = fitted((points, labels)), 2.0**numpy.array(exponents)
    two = fitted((points * factors, labels))
    assert (array(two.weights())[1:] * factors == array(one.weights())[1:]).all()
    assert (array(two.weights())[0] == array(one.weights())[0]).all()
    close(array(two.standard_errors()) * [1, *factors], one.standard_errors(), 1e-13)
    close(two.z_values(), one.z_values(), 1e-13)
    close([two.log_likelihood(), two.area_under_curve(), two.likelihood_ratio_test(['x1']).statistic],
          [one.log_likelihood(), one.area_under_curve(), one.likelihood_ratio_test(['x1']).statistic], 1e-12)
    close(array(two.confidence_intervals(method='profile'))[1:] * factors[:, None],
          array(one.confidence_intervals(method='profile'))[1:], 1e-9)
    assert [row[-1] for row in summary_rows(two)[1:3]] == [row[-1] for row in summary_rows(one)[1:3]]


@pytest.mark.parametrize('exponent', [
    -1000,
    -540,
    540,
    1000])
def test_numbers_whose_squares_leave_float64(exponent):
    points, labels = OVERLAPPING
    one, two = fitted((points, labels)), fitted((points * 2.0**exponent, labels))
    close(array(two.weights())[1:] * 2.0**exponent, array(one.weights())[1:], 1e-12)


def test_standard_errors_of_numbers_whose_squares_leave_float64():
    points, labels = OVERLAPPING
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        two = fitted((points * 2.0**600, labels))
        close(array(two.standard_errors())[1:] * 2.0**600, array(fitted((points, labels)).standard_errors())[1:], 1e-12)


def test_l2_and_a_tiny_column():
    points, labels = OVERLAPPING
    model = fitted((points * [1, 1e-160], labels), l2=1)
    # the penalty keeps the weight of the tiny column so small that the column is as good as absent
    close(array(model.weights())[:2], array(fitted((points[:, :1], labels), l2=1).weights()), 1e-12)


def test_one_far_point():
    # the scale is the far point's, and yet the digits of the others are right
    points, labels = OVERLAPPING
    for far in (1e3, 1e6, 1e9):
        column = points.copy()
        column[0, 0] = -far if labels[0] == 1 else far
        check_exactly(fitted((column, labels)), Exact(column, labels), rtol=1e-9, errors_rtol=1e-8)


def test_float32_points():
    points, labels = OVERLAPPING
    data = load_data((points, labels), dtype='float32')
    same = load_data((data.points.astype(numpy.float64), labels))
    one, two = fitted(data), fitted(same)
    close(one.weights(), two.weights(), 1e-13)
    close(one.standard_errors(), two.standard_errors(), 1e-13)
    close([one.log_likelihood(), one.area_under_curve()], [two.log_likelihood(), two.area_under_curve()], 1e-13)
    check_exactly(one, Exact(same.points, labels))


def test_float32_points_say_that_the_gradient_is_zero():
    points, labels = OVERLAPPING
    model = fitted(load_data((points + 50, labels), dtype='float32'))
    assert abs(array(model.gradient())).max() < 1e-10


@pytest.mark.parametrize('change', [numpy.asfortranarray, lambda points: numpy.repeat(points, 2, axis=1)[:, ::2],
                                    lambda points: points[::-1][::-1], lambda points: points.astype('>f8')])
def test_arrays_as_they_lie_in_memory(change):
    points, labels = OVERLAPPING
    assert (array(fitted((change(points), labels)).weights()) == array(fitted((points, labels)).weights())).all()


def test_arguments_stay_as_they_are():
    points, labels = (part.copy() for part in OVERLAPPING)
    weights, offset = numpy.linspace(1, 2, len(labels)), numpy.linspace(-1, 1, len(labels))
    before = [part.copy() for part in (points, labels, weights, offset)]
    model = fitted((points, labels), weights=weights, offset=offset)
    first = everything(model)
    for part, old in zip((points, labels, weights, offset), before):
        assert (part == old).all()
    # nor does the model change with them
    weights[:], offset[:] = 7, 7
    assert (everything(model) == first).all()


# (e) at the edge of existence

@pytest.mark.parametrize('gap, rtol', [(1e-2, 1e-12), (1e-4, 1e-10), (1e-6, 1e-8)])
def test_nearly_separated(gap, rtol):
    points, labels = numpy.array([[0.0], [1], [1 + gap], [2]]), numpy.array([0.0, 1, 0, 1])
    assert separation((points, labels)).exists()
    model = fitted((points, labels))
    exact = Exact(points, labels)
    assert max(abs(x) for x in exact.gradient(array(model.weights()))) < 1e-13
    close(model.weights(), exact.estimate(array(model.weights())), rtol)


def nearly_separated(gap):
    random = numpy.random.RandomState(4)
    points = random.normal(size=(30, 2))
    labels = (points[:, 0] > 0).astype(float)
    return numpy.concatenate([points, [[0.0, 0], [gap, 0]]]), numpy.concatenate([labels, [1.0, 0.0]])


@pytest.mark.parametrize('gap', [1e-3, 1e-6, 1e-9, 1e-15])
def test_nearly_separated_is_right_or_says_that_it_is_not(gap):
    points, labels = nearly_separated(gap)
    assert separation((points, labels)).exists()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        model = maximum_likelihood((points, labels))
    if model.converged():
        assert not caught
        # an overlap of g leaves digits of 1e-16/g
        close(model.weights(), Exact(points, labels).estimate(array(model.weights())), 1e-14 / gap)
    else:
        assert any('not converged' in str(warning.message) for warning in caught)


def test_completely_separated():
    pytest.importorskip('sage.rings.rational_field')
    with pytest.raises(SeparationError) as caught:
        maximum_likelihood([[1, 0], [2, 0], [3, 1], [4, 1]])
    answer, text = caught.value.separation, str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert answer.kind() == 'complete' and not answer.exists() and answer.check()
    v = [float(x) for x in answer.vector()]
    assert v[0] + 2 * v[1] < 0 < v[0] + 3 * v[1]
    for remedy in ('l2', 'bias_reduced=True', 'leave x1 out'):
        assert remedy in text


def test_every_way_to_label_eight_points():
    x = numpy.array([3.0, 1, -1, 0, -2, 2, -1, 0])
    wrong = []
    for bits in range(1, 255):
        labels = numpy.array([bits >> i & 1 for i in range(8)], dtype=float)
        low, high = x[labels == 0], x[labels == 1]
        exists = not (low.max() <= high.min() or high.max() <= low.min())
        try:
            found = maximum_likelihood((x[:, None], labels)).converged()
        except SeparationError:
            found = False
        if found != exists:
            wrong.append(labels.astype(int).tolist())
    assert not wrong


@pytest.mark.parametrize('points, labels', [
    pytest.param([[0], [1], [1], [2], [3]], [0, 0, 1, 1, 1], id='five points'),
    pytest.param([[3], [1], [-1], [0], [-2], [2], [-1], [0]], [1, 1, 0, 1, 0, 1, 0, 0], id='quasi-complete'),
    pytest.param([[1, -1, 2], [1, 3, 3], [2, -1, 0], [2, -1, -1], [-3, -1, 1], [0, -3, 2], [-3, -2, 2], [-2, -3, 0],
                  [-1, 0, -2]], [0, 1, 0, 1, 1, 1, 1, 1, 1], id='complete'),
    pytest.param([[0, 1], [2, 2], [-2, 3], [2, 2], [0, -3], [3, 0], [-1, -3], [-1, 0]], [1, 1, 1, 1, 1, 1, 0, 1],
                 id='complete-2')])
def test_separated_data_have_no_estimate(points, labels):
    points, labels = numpy.array(points, dtype=float), numpy.array(labels, dtype=float)
    assert separated(points, labels) and not separation((points, labels)).exists()
    try:
        model = maximum_likelihood((points, labels))
    except SeparationError:
        return
    assert not model.converged(), f'an estimate that does not exist: {model.weights()}'


@pytest.mark.parametrize('count, tol', [(300, 1e-2), (20000, 1e-6)])
def test_a_column_that_few_rows_have_does_not_hide_a_separation(count, tol):
    # its one row is long in scaled variables, so that gradient and steps are short, and the curvature is not
    random = numpy.random.RandomState(1)
    points = random.normal(size=(count, 2))
    labels = (random.uniform(size=count) < special.expit(points[:, 0] + 0.3)).astype(float)
    points[:, 1] = numpy.arange(count) == 7
    labels[7] = 1
    with pytest.raises(SeparationError, match='quasi-complete.*w_x2 goes to .Infinity'):
        maximum_likelihood((points, labels), tol=tol)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_where_the_estimate_exists_it_is_found(seed):
    random = numpy.random.RandomState(seed)
    count, width = random.randint(6, 16), random.randint(1, 4)
    points = random.randint(-3, 4, size=(count, width)).astype(float)
    labels = (random.uniform(size=count) < 0.5).astype(float)
    assume(0 < labels.sum() < count and numpy.linalg.matrix_rank(design(points)) == width + 1)
    assume(not separated(points, labels))
    model = maximum_likelihood((points, labels))
    assert model.converged()
    X = design(points)
    gradient = X.T @ (special.expit(X @ array(model.weights())) - labels) / count
    assert abs(gradient).max() < 1e-10


def test_points_without_weight_neither_separate_nor_overlap():
    rows = [[1, 0], [2, 0], [3, 1], [4, 1], [5, 0]]
    assert fitted(rows, weights=[1, 1, 1, 1, 1e-3]).converged()
    with pytest.raises(SeparationError, match='4 points'):
        maximum_likelihood(rows, weights=[1, 1, 1, 1, 0])
    # an offset moves the estimate, not whether there is one
    with pytest.raises(SeparationError):
        maximum_likelihood(rows[:4], offset=[5, -5, 5, -5])
    fitted(rows, offset=[5, -5, 5, -5, 1])


# (f) columns that depend on each other, and too few rows

def at_most(count):
    def callback(step, cost, weights):
        assert step < count, f'{count} steps'
    return callback


@pytest.mark.parametrize('columns, message', [
    (lambda p: numpy.column_stack([p, p[:, 0]]), 'the columns x1 and x3 are equal'),
    (lambda p: numpy.column_stack([p, numpy.full(len(p), 3.0)]), 'the column x3 is constant (3.0)'),
    (lambda p: numpy.column_stack([p, numpy.zeros(len(p))]), 'the column x3 is constant (0.0)'),
    (lambda p: numpy.column_stack([p, numpy.full(len(p), 0.1)]), 'the column x3 is constant (0.1)'),
    (lambda p: numpy.column_stack([p, 4 * p[:, 1]]), 'the columns x2 and x3 are linearly dependent: x3 = 4*x2'),
    (lambda p: numpy.column_stack([p[:, 0] > 0, p[:, 0] <= 0, p[:, 1]]).astype(float),
     'the columns x1, x2 and the bias')])
@pytest.mark.parametrize('bias_reduced', [False, True])
def test_dependent_columns(columns, message, bias_reduced):
    points, labels = OVERLAPPING
    with pytest.raises(ValueError) as caught:
        maximum_likelihood((columns(points), labels), bias_reduced=bias_reduced, callback=at_most(200))
    assert message in str(caught.value)


@pytest.mark.parametrize('width', [12, 13, 20])
@pytest.mark.parametrize('bias_reduced', [False, True])
def test_more_columns_than_rows(width, bias_reduced):
    random = numpy.random.RandomState(0)
    data = random.normal(size=(12, width)), numpy.arange(12) % 2.0
    with pytest.raises(ValueError) as caught:
        maximum_likelihood(data, bias_reduced=bias_reduced, callback=at_most(200))
    names = ', '.join(f'x{j + 1}' for j in range(width))
    assert f'the columns {names} and the bias are more than the 12 rows; leave columns out' in str(caught.value)


@pytest.mark.filterwarnings('always::RuntimeWarning')
def test_columns_that_depend_but_for_rounding(recwarn):
    # a total that a spreadsheet has computed; in QQ, on the floats, it is independent
    points, labels = OVERLAPPING
    try:
        maximum_likelihood((numpy.column_stack([points, 0.1 * points[:, 0] + 0.3 * points[:, 1]]), labels))
    except ValueError as error:
        assert 'x1' in str(error)
    else:
        assert any('x1' in str(warning.message) for warning in recwarn.list)


def test_columns_are_called_by_their_names():
    data = load_data([[1, 1, 0], [2, 2, 1], [3, 3, 0], [5, 5, 1]], variables='height, weight')
    with pytest.raises(ValueError, match='height and weight are equal'):
        maximum_likelihood(data)


def test_columns_that_depend_where_the_weights_are():
    points, labels = OVERLAPPING
    column = numpy.where(numpy.arange(len(labels)) == 7, 1.0, 0.0)
    data = numpy.column_stack([points, column]), labels
    with pytest.raises(ValueError, match='the column x3 is constant'):
        maximum_likelihood(data, weights=1 - column)


def test_saturated():
    # as many weights as points, and both labels at every point
    model = fitted(([[0, 0], [1, 0], [0, 1]], [3, 5, 2], [10, 10, 10]))
    logit = [math.log(s / (10 - s)) for s in (3, 5, 2)]
    close(model.weights(), [logit[0], logit[1] - logit[0], logit[2] - logit[0]], 1e-12)


# (g) many points

def many_points(count):
    random = numpy.random.RandomState(8)
    points = random.normal(size=(count, 3)) * [1, 100, 1e-3] + [0, 2000, 5]
    labels = (random.uniform(size=count) < special.expit((points - [0, 2000, 5]) @ [1, 0.005, 300] - 0.5)).astype(float)
    return points, labels


def check_gradient(model, points, labels, weights=1.0):
    # the gradient in scaled variables, summed without rounding
    z = array(model.weights())[0] + points @ array(model.weights())[1:]
    residual = weights * (special.expit(z) - labels)
    scaled = (points - points.mean(axis=0)) / points.std(axis=0)
    for column in (numpy.ones(len(labels)), *scaled.T):
        assert abs(math.fsum(residual * column)) / len(labels) < 1e-12


def test_fifty_thousand_points():
    points, labels = many_points(50000)
    model = fitted((points, labels))
    check_gradient(model, points, labels)
    assert model.iterations() < 12


@pytest.fixture
def small_sample(monkeypatch):
    monkeypatch.setattr(sage_logreg.solvers.newton, 'MANY', 200)
    monkeypatch.setattr(sage_logreg.solvers.newton, 'SAMPLE', 50)


def test_start_at_a_sample(small_sample, monkeypatch):
    points, labels = many_points(2000)
    random = numpy.random.RandomState(1)
    weights, offset = random.uniform(0, 2, 2000), random.normal(size=2000)
    costs, models = [], []
    for many in (200, 10**6):
        monkeypatch.setattr(sage_logreg.solvers.newton, 'MANY', many)
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
            check_gradient(model, *data)
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


# (h) bias reduction

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
    assert [len(row) for row in summary_rows(model)] == [7] * 7


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


# (i) profile intervals

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


def test_profile_intervals_of_the_exam_scores():
    data = ex2data1()
    model = fitted(data)
    for j, ends in enumerate(model.confidence_intervals(method='profile')):
        for end in map(float, ends):
            rise = constrained_minimum(design(data.points), data.labels, j, end, array(model.weights()))
            close(2 * (rise + float(model.log_likelihood())), QUANTILE_95**2, 1e-7)


def test_profile_intervals_with_l2():
    points, labels = OVERLAPPING
    model = fitted((points, labels), l2=4)
    X, w = design(points), array(model.weights())
    best = negative_log_likelihood(w, X, labels, l2=4)
    for j, ends in enumerate(model.confidence_intervals(0.9, method='profile')):
        for end in map(float, ends):
            value = w.copy()
            value[j] = end
            rise = minimised(X, labels, start=w, free=numpy.arange(3) != j, value=value, l2=4)[0] - best
            close(2 * rise, special.ndtri(0.95)**2, 1e-7)


def test_intervals_grow_with_the_level():
    model = fitted(OVERLAPPING)
    for method in ('wald', 'profile'):
        widths = [numpy.diff(array(model.confidence_intervals(level, method=method)), axis=1)
                  for level in (1e-6, 0.1, 0.5, 0.9, 0.999999)]
        assert all((one < two).all() for one, two in zip(widths, widths[1:]))
    # a narrow one is the same by both ways
    wald, profile = (numpy.diff(array(model.confidence_intervals(1e-3, method=m)), axis=1) for m in ('wald', 'profile'))
    close(profile, wald, 1e-4)


# (j) the likelihood-ratio test

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


# (k) the ROC curve

@pytest.mark.parametrize('seed, weighted, shifted', list(itertools.product([0, 1], [False, True], [False, True])))
def test_area_is_that_of_all_pairs(seed, weighted, shifted):
    random = numpy.random.RandomState(seed)
    # few different points: many ties
    points = random.randint(0, 3, size=(90, 2)).astype(float)
    labels = (random.uniform(size=90) < special.expit(points[:, 0] - 1)).astype(float)
    weights = random.randint(0, 4, 90).astype(float) if weighted else numpy.ones(90)
    offset = random.randint(0, 2, 90).astype(float) if shifted else numpy.zeros(90)
    model = fitted((points, labels), weights=weights, offset=offset)
    # ties by the points themselves, not by rounded log-odds
    keys = [tuple(row) for row in numpy.column_stack([points, offset])]
    z = dict(zip(keys, design(points) @ array(model.weights()) + offset))
    favourable = total = 0.0
    for i, j in itertools.product(numpy.flatnonzero(labels == 1), numpy.flatnonzero(labels == 0)):
        pair = weights[i] * weights[j]
        total += pair
        favourable += pair * (0.5 if keys[i] == keys[j] else float(z[keys[i]] > z[keys[j]]))
    close(model.area_under_curve(), favourable / total, 1e-12)


def test_area_of_models_that_tell_all_or_nothing():
    rows = [[1, 0], [2, 0], [3, 1], [4, 1]]
    assert maximum_likelihood(rows, bias_reduced=True).area_under_curve() == 1
    assert gradient_descent(rows, iterations=0).area_under_curve() == 0.5
    assert gradient_descent(rows, initial=[0, -1], iterations=0).area_under_curve() == 0


def test_roc():
    pytest.importorskip('sage.plot.graphics')
    model = fitted(OVERLAPPING)
    picture = model.roc(color='green')
    assert len(picture) == 2
    curve = picture[1]
    x, y = numpy.array(curve.xdata), numpy.array(curve.ydata)
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1) and (numpy.diff(x) >= 0).all() and (numpy.diff(y) >= 0).all()
    area = float(numpy.sum(numpy.diff(x) * (y[1:] + y[:-1])) / 2)
    close(area, model.area_under_curve(), 1e-12)
    assert curve.options()['legend_label'] == f'area {area:.3f}'


# (l) the summary and its right digits

def summary_rows(model, **options):
    summary = model.summary(**options)
    return list(getattr(summary, '_rows', summary))


def right_digits(weights, exact):
    # the log relative error
    errors = [abs(mpmath.mpf(float(w)) - x) / abs(x) for w, x in zip(weights, exact)]
    return [15.0 if error == 0 else min(15.0, max(0.0, float(-mpmath.log10(error)))) for error in errors]


def as_shown(digits):
    # from ten on whole digits
    return [math.floor(number) if number >= 10 else number for number in digits]


@pytest.mark.parametrize('iterations, l2', [(0, 0), (1, 0), (30, 0), (300, 0), (1000, 0), (300, 5)])
@pytest.mark.parametrize('method', [gradient_descent, stochastic_gradient_descent])
def test_right_digits_of_descents(method, iterations, l2):
    points, labels = OVERLAPPING
    if method is gradient_descent:
        model = gradient_descent((points, labels), iterations=iterations, learning_rate=0.2, l2=l2)
    else:
        model = stochastic_gradient_descent((points, labels), epochs=iterations, learning_rate=0.05, batch_size=20,
                                            l2=l2)
    best = maximum_likelihood((points, labels), l2=l2)
    expected = right_digits(array(model.weights()), Exact(points, labels, l2).estimate(array(best.weights())))
    rows = summary_rows(model)
    shown = [float(row[-1]) for row in rows[1:4]]
    for one, two in zip(shown, as_shown(expected)):
        # beyond 13 digits the estimate itself is rounded
        assert abs(one - two) <= 0.051 or min(one, two) > 13
    close([float(row[1]) for row in rows[1:4]], model.weights(), 6e-6, 1e-300)


def test_right_digits_come_with_every_kind_of_fit():
    points, labels = OVERLAPPING
    random = numpy.random.RandomState(3)
    for options in ({}, {'l2': 2}, {'weights': random.randint(1, 4, 60)}, {'offset': random.normal(size=60)}):
        model = fitted((points, labels), **options)
        assert min(float(row[-1]) for row in summary_rows(model)[1:4]) >= 13
        stopped = maximum_likelihood((points, labels), callback=lambda step, cost, w: step == 1, **options)
        expected = right_digits(array(stopped.weights()), map(mpmath.mpf, array(model.weights())))
        close([float(row[-1]) for row in summary_rows(stopped)[1:4]], as_shown(expected), 0, 0.051)


def test_right_digits_where_the_classes_hardly_overlap():
    points, labels = nearly_separated(1e-12)
    model = fitted((points, labels))
    expected = right_digits(array(model.weights()), Exact(points, labels).estimate(array(model.weights())))
    claimed = [float(row[-1]) for row in summary_rows(model)[1:4]]
    assert all(one <= two + 1 for one, two in zip(claimed, expected)), (claimed, expected)


@pytest.mark.parametrize('size', [1e-2, 1e-4, 1e-6])
def test_right_digits_where_columns_are_nearly_equal(size):
    # what is claimed may be a digit too much, not several
    points, labels = OVERLAPPING
    points = numpy.column_stack([points[:, 0], points[:, 0] + size * points[:, 1]])
    model = fitted((points, labels))
    expected = right_digits(array(model.weights()), Exact(points, labels).estimate(array(model.weights())))
    claimed = [float(row[-1]) for row in summary_rows(model)[1:4]]
    assert all(one <= two + 1 for one, two in zip(claimed, expected)), (claimed, expected)


def test_no_digits_where_there_is_no_estimate():
    rows = [[1, 0], [2, 0], [3, 1], [4, 1]]
    with pytest.warns(RuntimeWarning, match='separation of the classes'):
        model = gradient_descent(rows, iterations=100, learning_rate=0.1)
    assert [row[-1] for row in summary_rows(model)[1:3]] == ['', '']


def test_no_digits_where_there_is_no_estimate_by_a_hair():
    rows = [[3, 1], [1, 1], [-1, 0], [0, 1], [-2, 0], [2, 1], [-1, 0], [0, 0]]
    assert not separation(rows).exists()
    with pytest.warns(RuntimeWarning, match='separation of the classes'):
        model = gradient_descent(rows, iterations=100, learning_rate=0.1)
    assert [row[-1] for row in summary_rows(model)[1:3]] == ['', '']


def test_no_right_digit_is_zero():
    assert {row[-1] for row in summary_rows(gradient_descent(OVERLAPPING, iterations=0))[1:4]} == {'0.0'}


def test_summary_is_what_the_methods_say():
    model = fitted(spector())
    rows = summary_rows(model, level=0.9)
    assert rows[0] == ['', 'weight', 'std. error', 'z', 'P(>|z|)', '90% interval', 'right digits']
    assert [row[0] for row in rows[1:]] == ['bias', 'GPA', 'TUCE', 'PSI', 'cost', 'largest gradient entry',
                                            'log-likelihood', 'AIC']
    for j, row in enumerate(rows[1:5]):
        expected = [array(model.weights())[j], array(model.standard_errors())[j], array(model.z_values())[j],
                    array(model.p_values())[j]]
        close([float(entry) for entry in row[1:5]], expected, [5e-6, 5e-6, 5e-4, 5e-3])
        close([float(entry) for entry in row[5].split(' .. ')], array(model.confidence_intervals(0.9)[j]), 5e-6)
    assert rows[6][1] == 'below 1e-12' and abs(array(model.gradient())).max() < 1e-12
    close([float(rows[place][1]) for place in (5, 7, 8)], [model.cost(), model.log_likelihood(), model.aic()], 5e-6)


def test_summary_in_latex():
    latex = pytest.importorskip('sage.misc.latex').latex
    data = load_data(OVERLAPPING, variables='exam_1, exam_2')
    text = str(latex(fitted(data).summary(level=0.9)))
    # every line as many cells, which a % would hide, and a _ outside of formulas is an error
    lines = text.splitlines()[1:-1]
    assert len(lines) == 8 and all(line.count('&') == 6 for line in lines)
    assert '90\\% interval' in lines[0] and 'P($>$$|$z$|$)' in lines[0] and lines[2].startswith('exam\\_1 & ')


# (m) wrong arguments

ROWS = [[1, 0], [2, 1], [3, 0], [4, 1]]
DOSES = [[1], [2], [3]]


@pytest.mark.parametrize('arguments, options, error, message', [
    ((ROWS,), {'weights': [1, 2]}, ValueError, 'weights has 2 entries; expected 4 real numbers'),
    ((ROWS,), {'weights': 3}, TypeError, 'weights = 3; expected 4 real numbers'),
    ((ROWS,), {'weights': [1, 'a', 1, 1]}, TypeError, "weights[1] = 'a'; expected a real number"),
    ((ROWS,), {'weights': [1, math.nan, 1, 1]}, ValueError, 'weights[1] = nan; expected a real number'),
    ((ROWS,), {'weights': [1, 1, math.inf, 1]}, ValueError, 'weights[2] = inf; expected a real number'),
    ((ROWS,), {'weights': [1, 1, -2, 1]}, ValueError, 'weights[2] = -2.0; expected a real number from 0'),
    ((ROWS,), {'weights': [0, 1, 0, 1]}, ValueError, 'all points with y = 0 have the weight 0'),
    ((ROWS,), {'weights': [0, 0, 0, 0]}, ValueError, 'have the weight 0'),
    (([[1, 'no'], [2, 'yes'], [3, 'no']],), {'weights': [1, 0, 1]}, ValueError, "all points with y = 'yes' have"),
    ((ROWS,), {'offset': [1, 2]}, ValueError, 'offset has 2 entries; expected 4 real numbers'),
    ((ROWS,), {'offset': 0.5}, TypeError, 'offset = 0.5; expected 4 real numbers'),
    ((ROWS,), {'offset': [0, 0, math.nan, 0]}, ValueError, 'offset[2] = nan; expected a real number'),
    ((ROWS,), {'offset': [0, 0, 1j, 0]}, TypeError, 'offset[2] = 1j; expected a real number'),
    ((ROWS,), {'l2': -1}, ValueError, 'l2 = -1; expected a real number at least 0'),
    ((ROWS,), {'l2': math.nan}, ValueError, 'l2 = nan; expected a real number at least 0'),
    ((ROWS,), {'l2': 'much'}, TypeError, "l2 = 'much'; expected a real number at least 0"),
    ((ROWS,), {'l2': True}, TypeError, 'l2 = True; expected a real number at least 0'),
    ((ROWS,), {'tol': 0}, ValueError, 'tol = 0; expected a real number above 0'),
    ((ROWS,), {'tol': None}, TypeError, 'tol = None; expected a real number above 0'),
    ((ROWS,), {'bias_reduced': 1}, TypeError, 'bias_reduced = 1; expected True or False'),
    ((ROWS,), {'bias_reduced': 'yes'}, TypeError, "bias_reduced = 'yes'; expected True or False"),
    ((ROWS,), {'l2': 1, 'bias_reduced': True}, ValueError, 'l2 and bias_reduced=True are two penalties'),
    ((ROWS,), {'initial': [1]}, ValueError, 'initial has 1 entries; expected'),
    ((ROWS,), {'initial': 'near'}, TypeError, "initial = 'near'; expected"),
    ((ROWS,), {'report': 0}, ValueError, 'report = 0; expected'),
    ((ROWS,), {'callback': 5}, TypeError, 'callback = 5; expected a function of (step, cost, weights)'),
    ((42,), {}, TypeError, '42 is not data'),
    (([[1, 1], [2, 1], [3, 1]],), {}, ValueError, 'every label is 1; expected two different labels'),
    (((DOSES, [1, 2, 3], [10, 10, 10]),), {'weights': [1, 1, 1]}, ValueError, 'weights and grouped data'),
    (((DOSES, [1, 2], [10, 10, 10]),), {}, ValueError, 'trials has 3 entries; expected 2 real numbers'),
    (((DOSES, 4, [10, 10, 10]),), {}, TypeError, 'successes = 4; expected a number for every point'),
    (((DOSES, [1, 11, 3], [10, 10, 10]),), {}, ValueError, 'successes[1] = 11.0 is more than the 10.0 trials'),
    (((DOSES, [1, -1, 3], [10, 10, 10]),), {}, ValueError, 'successes[1] = -1.0; expected a real number from 0'),
    (((DOSES, [0, 0, 0], [10, 10, -10]),), {}, ValueError, 'successes[2] = 0.0 is more than the -10.0 trials'),
    (((DOSES, [1, 'a', 3], [10, 10, 10]),), {}, TypeError, "successes[1] = 'a'; expected a real number"),
    (((DOSES, [1, 2, 3], [10, 10, 10]),), {'offset': [0, 0]}, ValueError, 'offset has 2 entries'),
    (((DOSES, [1, 2, 3], 10),), {}, TypeError, 'trials = 10'),
    (((DOSES, [1, 2], [10, 10]),), {}, ValueError, 'trials'),
    ((([[1]], [3], [10]),), {}, ValueError, '1 row'),
    (((DOSES, [0, 0, 0], [9, 9, 9]),), {}, ValueError, 'success')])
def test_wrong_arguments(arguments, options, error, message):
    with pytest.raises(error) as caught:
        maximum_likelihood(*arguments, **options)
    assert message in str(caught.value)
    assert '\n' not in str(caught.value)


def test_grouped_data_have_an_offset_a_group():
    offset = [0.5, -1.0, 2.0]
    model = fitted((DOSES, [1, 4, 9], [10, 10, 10]), offset=offset)
    points = numpy.repeat(DOSES, 10, axis=0)
    labels = numpy.concatenate([[1] * s + [0] * (10 - s) for s in (1, 4, 9)])
    close(model.weights(), fitted((points, labels), offset=numpy.repeat(offset, 10)).weights(), 1e-10)


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


# (n) Sage's numbers

def test_sage_numbers():
    pytest.importorskip('sage.rings.integer')
    from sage.matrix.constructor import matrix
    from sage.modules.free_module_element import vector
    from sage.rings.integer import Integer
    from sage.rings.rational import Rational
    from sage.rings.rational_field import QQ
    from sage.rings.real_double import RDF
    from sage.rings.real_mpfr import RealField
    points, labels = OVERLAPPING
    count = len(labels)
    points = numpy.round(points * 16) / 16   # rationals with few digits
    weights, offset = numpy.arange(count) % 3 + 1, (numpy.arange(count) % 5 - 2) / 4
    plain = fitted((points, labels), weights=weights, offset=offset, l2=0.5, tol=1e-9)
    real = RealField(100)
    table = matrix(QQ, count, 3, [Rational(float(x)) for row, y in zip(points, labels) for x in [*row, y]])
    for one, two in (([Integer(int(x)) for x in weights], [Rational(float(x)) for x in offset]),
                     (vector(QQ, [int(x) for x in weights]), vector(RDF, offset)),
                     ([real(int(x)) for x in weights], [real(float(x)) for x in offset])):
        model = fitted(table, weights=one, offset=two, l2=Rational('1/2'), tol=real('1e-9'))
        assert (everything(model) == everything(plain)).all()
        assert model.confidence_intervals(Rational('9/10')) == plain.confidence_intervals(0.9)
    assert plain.weights().base_ring() is RDF and plain.covariance().base_ring() is RDF
    assert plain.log_likelihood().parent() is RDF and plain.area_under_curve().parent() is RDF
    assert plain.likelihood_ratio_test().degrees_of_freedom.parent() is Integer(1).parent()
    assert all(end.parent() is RDF for pair in plain.confidence_intervals(method='profile') for end in pair)
    grouped = fitted((matrix(QQ, 3, 1, [1, 2, 3]), vector(QQ, [1, 4, 9]), [Integer(10)] * 3))
    assert grouped.weights() == fitted((DOSES, [1, 4, 9], [10, 10, 10])).weights()
    # variables are symbols too
    from sage.symbolic.ring import SR
    assert plain.likelihood_ratio_test([SR.var('x2')]) == plain.likelihood_ratio_test(['x2'])


# (o) callback, tol, and what a model says of itself

@pytest.mark.parametrize('stop', [0, 1, 3])
def test_callback_stops(stop):
    seen = []

    def callback(step, cost, weights):
        seen.append((step, float(cost), array(weights)))
        return step == stop

    model = maximum_likelihood(OVERLAPPING, callback=callback)
    assert [step for step, _, _ in seen] == list(range(stop + 1)) and not model.converged()
    assert model.iterations() == stop and len(model.history()) == stop + 1
    assert (array(model.weights()) == seen[-1][2]).all()
    close(model.cost(), seen[-1][1], 1e-13)
    costs = [cost for _, cost, _ in seen]
    assert costs == sorted(costs, reverse=True)
    with pytest.raises(ValueError, match='expected a converged model'):
        model.confidence_intervals(method='profile')
    # it stands where it stands, and that has its own standard errors
    X = design(OVERLAPPING[0])
    h = special.expit(X @ array(model.weights()))
    close(array(model.standard_errors())**2, numpy.diag(numpy.linalg.inv(X.T @ (X * (h * (1 - h))[:, None]))), 1e-9)


@pytest.mark.parametrize('bias_reduced', [False, True])
def test_initial(bias_reduced):
    model = fitted(OVERLAPPING, bias_reduced=bias_reduced)
    for initial in (model, array(model.weights()), [float(weight) for weight in model.weights()]):
        again = fitted(OVERLAPPING, bias_reduced=bias_reduced, initial=initial)
        close(again.weights(), model.weights(), 1e-12)
        assert again.converged() and again.iterations() <= 2 < model.iterations()


@pytest.mark.parametrize('initial', [[1e300, 1e308, -1e308], [0, 1e5, -1e5], [50, -50, 50]])
def test_initial_weights_that_are_worse_than_none(initial):
    model = fitted(OVERLAPPING)
    again = fitted(OVERLAPPING, initial=initial)
    assert again.converged() and (array(again.weights()) == array(model.weights())).all()


def test_report(capsys):
    model = fitted(OVERLAPPING, report=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f'{step} {cost:.12g}' for step, cost, _ in model.history() if step % 2 == 0]
    assert len(lines) >= 3


def test_interrupt_hands_over_the_model_so_far():
    def callback(step, cost, weights):
        if step == 3:
            signal.raise_signal(signal.SIGINT)

    with pytest.warns(RuntimeWarning, match=r'interrupted after step 3; maximum_likelihood\(data, initial=model\) goes on'):
        model = maximum_likelihood(OVERLAPPING, callback=callback)
    assert model.iterations() == 3 and len(model.history()) == 4 and not model.converged()
    whole = fitted(OVERLAPPING)
    assert (array(model.weights()) == array(whole.history()[3][2])).all()
    close(fitted(OVERLAPPING, initial=model).weights(), whole.weights(), 1e-12)


def test_only_true_stops_and_weights_may_be_spoilt():
    model = fitted(OVERLAPPING)
    for answer in (None, 1, 'yes', numpy.float64(1), False):
        def callback(step, cost, weights):
            array(weights)[:] = 9
            if isinstance(weights, numpy.ndarray):
                weights[:] = 9
            return answer
        other = fitted(OVERLAPPING, callback=callback)
        assert (array(other.weights()) == array(model.weights())).all()
        assert all((array(one.weights) == array(two.weights)).all()
                   for one, two in zip(other.history(), model.history()))


def test_an_error_in_the_callback_comes_through():
    def callback(step, cost, weights):
        raise KeyError('mine')
    with pytest.raises(KeyError, match='mine'):
        maximum_likelihood(OVERLAPPING, callback=callback)


def test_history_and_repr():
    model = fitted(OVERLAPPING)
    history = model.history()
    assert [record.iteration for record in history] == list(range(len(history)))
    assert len(history) == model.iterations()
    X, labels = design(OVERLAPPING[0]), OVERLAPPING[1]
    for record in history:
        close(record.cost, negative_log_likelihood(array(record.weights), X, labels) / len(labels), 1e-12)
    text = repr(model)
    assert text.startswith(f'Logistic model in x1, x2 by maximum_likelihood: {model.iterations()} iterations, cost ')
    assert float(text.split()[-1]) < 1e-12


def test_a_tolerance_that_cannot_be_met_is_told():
    best = fitted(OVERLAPPING)
    with pytest.warns(RuntimeWarning, match=r'not converged after \d+ steps, the largest entry of the gradient is '
                                            r'\d\S* in scaled variables, above tol=1e-40'):
        model = maximum_likelihood(OVERLAPPING, tol=1e-40)
    assert model.converged() is False
    close(model.weights(), best.weights(), 1e-12)


def test_tolerance_counts():
    steps = [fitted(OVERLAPPING, tol=tol).iterations() for tol in (1e-4, 1e-10, 1e-14)]
    assert steps == sorted(steps)
    # even a rough one gives the estimate to the digits that Newton's last step doubles
    close(fitted(OVERLAPPING, tol=0.5).weights(), fitted(OVERLAPPING).weights(), 1e-9)


# (p) inference on descents

@pytest.mark.parametrize('model, l2', [
    (lambda data: gradient_descent(data, iterations=50, learning_rate=0.1), 0),
    (lambda data: gradient_descent(data, iterations=50, learning_rate=0.1, l2=3, scale=True), 3),
    (lambda data: stochastic_gradient_descent(data, epochs=20, learning_rate=0.01, l2=2), 2),
    (lambda data: gradient_descent(data, iterations=0), 0)])
def test_inference_on_descents(model, l2):
    points, labels = OVERLAPPING
    model = model((points, labels))
    w, X = array(model.weights()), design(points)
    exact = Exact(points, labels, l2)
    covariance = numpy.array(mpmath.inverse(exact.information(w)).tolist(), dtype=float)
    errors = numpy.sqrt(numpy.diag(covariance))
    close(model.covariance(), covariance, 1e-10, 1e-14)
    close(model.standard_errors(), errors, 1e-10)
    close(model.z_values(), w / errors, 1e-10)
    close(model.p_values(), 2 * special.ndtr(-abs(w / errors)), 1e-9)
    close(model.confidence_intervals(), numpy.column_stack([w - QUANTILE_95 * errors, w + QUANTILE_95 * errors]), 1e-9)
    likelihood = -negative_log_likelihood(w, X, labels)
    close([model.log_likelihood(), model.deviance(), model.aic(), model.bic()],
          [likelihood, -2 * likelihood, 6 - 2 * likelihood, 3 * math.log(60) - 2 * likelihood], 1e-12)
    for method in (lambda: model.confidence_intervals(method='profile'), model.likelihood_ratio_test):
        with pytest.raises(ValueError, match='expected a converged model of maximum_likelihood'):
            method()


def test_no_inference_on_a_cost_of_ones_own():
    from sage_logreg.engine import T
    model = gradient_descent(OVERLAPPING, iterations=1, cost=lambda X, y, w: T.sum(w**2))
    for method in (model.standard_errors, model.covariance, model.log_likelihood, model.aic, model.bic, model.deviance,
                   model.z_values, model.p_values, model.summary, model.confidence_intervals):
        with pytest.raises(ValueError, match='a cost of its own'):
            method()


@pytest.mark.parametrize('column', [None, 1, 0])
def test_no_standard_errors_where_the_data_do_not_determine_the_weights(column):
    points, labels = OVERLAPPING
    column = numpy.zeros(60) if column is None else points[:, column]
    model = gradient_descent((numpy.column_stack([points, column]), labels), iterations=100, learning_rate=0.1)
    for method in (model.standard_errors, model.confidence_intervals, model.summary):
        with pytest.raises(ValueError, match='singular'):
            method()


# (q) the model's own methods, with weights and offset

def test_model_methods_with_weights_and_offset():
    points, labels = OVERLAPPING
    random = numpy.random.RandomState(15)
    weights, offset = random.randint(0, 4, 60).astype(float), 3 * random.normal(size=60)
    X = design(points)
    for factor in (1, 0.3):
        model = fitted((points, labels), weights=factor * weights, offset=offset, l2=2)
        w, f = array(model.weights()), factor * weights
        h = special.expit(X @ w + offset)
        close(model.cost(), negative_log_likelihood(w, X, labels, f, offset, 2) / f.sum(), 1e-12)
        gradient = X.T @ (f * (h - labels)) + 2 * w * [0, 1, 1]
        close(model.gradient(), gradient / f.sum(), 0, 1e-12)
        right = (h >= 0.5) == (labels == 1)
        assert (right != ((special.expit(X @ w) >= 0.5) == (labels == 1))).any()   # the offset matters
        close(model.accuracy(), f[right].sum() / f.sum(), 1e-12)
        expected = [[f[(labels == i) & ((h >= 0.5) == j)].sum() for j in (0, 1)] for i in (0, 1)]
        close(model.confusion_matrix(), expected, 1e-12)
        # other data have neither
        other = points[:10] + 1, labels[:10]
        close(model.cost(other), (negative_log_likelihood(w, design(other[0]), other[1]) + w[1:] @ w[1:]) / 10, 1e-12)
        close(model.accuracy(other), numpy.mean((design(other[0]) @ w >= 0) == (other[1] == 1)), 1e-12)
        close(model.probability(other[0]), special.expit(design(other[0]) @ w), 1e-12)


@settings(deadline=None, max_examples=10)
@given(problem=PROBLEMS)
def test_the_gradient_away_from_the_estimate(problem):
    # that of a model with weights goes another way through the code than that of one without
    points, labels = random_data(*problem)
    random = numpy.random.RandomState(problem[0])
    weights, offset = random.uniform(0.1, 2, len(labels)), random.normal(size=len(labels))
    model = maximum_likelihood((points, labels), weights=weights, offset=offset, callback=lambda *arguments: True)
    with mpmath.workdps(60):
        exact = Exact(points, labels, 0, weights, offset)
        gradient = [x / mpmath.fsum(exact.weights) for x in exact.gradient(array(model.weights()))]
    close(model.gradient(), gradient, 1e-10, 1e-13)


# (r) again, and elsewhere

@pytest.mark.parametrize('options', [{}, {'l2': 1}, {'bias_reduced': True}, {'weights': numpy.arange(60) % 3 + 1.0}])
def test_the_same_twice_and_after_pickling(options):
    one, two = fitted(OVERLAPPING, **options), fitted(OVERLAPPING, **options)
    fresh = pickle.loads(pickle.dumps(two))
    first = everything(one)
    assert (first == everything(two)).all() and (first == everything(one)).all()
    assert summary_rows(one) == summary_rows(two)
    used = pickle.loads(pickle.dumps(one))
    assert (everything(used) == first).all() and (everything(fresh) == first).all()
    assert used.converged() and used.options().keys() == one.options().keys()
    assert summary_rows(used) == summary_rows(one)


def test_separation_error_pickles():
    with pytest.raises(SeparationError) as caught:
        maximum_likelihood([[1, 0], [2, 0], [3, 1], [4, 1]])
    error = pickle.loads(pickle.dumps(caught.value))
    assert type(error) is SeparationError and str(error) == str(caught.value)
    assert error.separation.kind() == 'complete'


def test_a_descent_may_go_on_from_the_estimate():
    model = fitted(OVERLAPPING)
    after = gradient_descent(OVERLAPPING, initial=model, iterations=10, learning_rate=0.1)
    close(after.weights(), model.weights(), 1e-14)


def test_the_proof_agrees():
    certificate = pytest.importorskip('sage.rings.real_arb') and fitted(spector()).certified(15)
    close([float(ball.center() if hasattr(ball, 'center') else ball) for ball in certificate.weights()],
          fitted(spector()).weights(), 1e-13)
