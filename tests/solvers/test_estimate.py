r"""
The estimate against published values, other programs and 60 digits of mpmath.
"""
import math

import mpmath
import numpy
import pytest
from hypothesis import assume, given, settings, strategies as st

from sage_logreg import maximum_likelihood
from sage_logreg.exact.separation import SeparationError

from helpers import Exact, OVERLAPPING, array, check_exactly, close, design, fitted, minimised
from helpers import negative_log_likelihood, random_data, spector, table

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# D. J. Finney, The estimation from individual records of the relationship between dose and quantal response,
# Biometrika 34 (1947), 320-334: volume and rate of air inspired, and vasoconstriction
FINNEY = '''
3.70 0.825 1  3.50 1.090 1  1.25 2.500 1  0.75 1.500 1  0.80 3.200 1  0.70 3.500 1  0.60 0.750 0  1.10 1.700 0
0.90 0.750 0  0.90 0.450 0  0.80 0.570 0  0.55 2.750 0  0.60 3.000 0  1.40 2.330 1  0.75 3.750 1  2.30 1.640 1
3.20 1.600 1  0.85 1.415 1  1.70 1.060 0  1.80 1.800 1  0.40 2.000 0  0.95 1.360 0  1.35 1.350 0  1.50 1.360 0
1.60 1.780 1  0.60 1.500 0  1.80 1.500 1  0.95 1.900 0  1.90 0.950 1  1.60 0.400 0  2.70 0.750 1  2.35 0.030 0
1.10 1.830 0  1.10 2.200 1  1.20 2.000 1  0.80 3.330 1  0.95 1.900 0  0.75 1.900 0  1.30 1.625 1
'''


# Published values

@pytest.mark.lanes
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


@pytest.mark.lanes
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


# Random problems in 60 digits, and in other programs

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
