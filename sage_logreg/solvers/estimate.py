r"""
How well the data determine weights: covariance, intervals and tests, as arrays

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: from sage_logreg.solvers.estimate import Estimate
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: weights = maximum_likelihood(ex2data1())._weights
    sage: Estimate(Likelihood(ex2data1()), weights, 1e-10r).errors.tolist()  # rel tol 1e-9
    [5.79855218057, 0.0480006519983, 0.0486250434995]
"""
import functools
import math

import numpy

from sage_logreg.solvers.likelihood import Likelihood, determinacy
from sage_logreg.solvers.newton import LARGEST_ERROR, minimize
from sage_logreg.solvers.whitening import Whitened

MOST_DIGITS = 15
# Where the information's eigenvalues have a smaller ratio, or larger numbers cancel in the log-odds, less than nine
# digits of the standard errors would be left
SQUARE, MOST_CANCELLED = 1e-6, 1e6
# eigenvalues with a smaller ratio leave Firth's penalty less than six digits in scaled variables
PENALTY_DETERMINED = 1e-9
# how well the weights must be known for the cost, whose error is as the square of it
COST_ERROR = 1e-9
# bound for the mean gradient where the estimate near the weights is found for them
TOL = 1e-10


class Estimate:
    r"""
    A likelihood and weights, which need not maximise it.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.likelihood.Likelihood`
    - ``weights`` -- float64 array of the design's weights, in the units of the data
    - ``tol`` -- float; bound for the gradient where other weights are re-estimated

    EXAMPLES: see :mod:`sage_logreg.solvers.estimate`.
    """

    def __init__(self, likelihood, weights, tol):
        self.likelihood, self.weights, self.tol = likelihood, weights, tol

    @functools.cached_property
    def terms(self):
        r"""
        The summed cost, its gradient and its Hessian, in scaled variables.
        """
        return self.likelihood.terms(self.likelihood.from_user(self.weights))

    @functools.cached_property
    def _information(self):
        # The likelihood in variables in which its information is not nearly singular, and the Cholesky factor of that.
        likelihood, weights = self.likelihood, self.likelihood.from_user(self.weights)
        information = likelihood.information(weights)
        # what a bias cancels in the log-odds
        cancelled = abs(likelihood.basis[0]) @ abs(weights) if likelihood.data.design.intercept else 0.0
        if not (determinacy(information) > SQUARE and cancelled < MOST_CANCELLED):
            likelihood, information = self._in_finer_variables()
        return likelihood, numpy.linalg.cholesky(information)

    @functools.cached_property
    def half_covariance(self):
        r"""
        A matrix whose transpose times itself is the covariance.
        """
        from scipy.linalg import solve_triangular
        likelihood, factor = self._information
        return solve_triangular(factor, likelihood.to_user_matrix().T, lower=True)

    def _in_finer_variables(self):
        # The likelihood in such variables, and its information there.
        try:
            likelihood = Whitened(self.likelihood, self.likelihood.from_user(self.weights))
            weights = likelihood.from_user(self.weights)
            information = likelihood.information(weights)
            sizes, errors, *_ = likelihood.accuracy(weights, weights, information)
        except numpy.linalg.LinAlgError:
            raise ValueError('the Hessian of the likelihood is singular at the weights; '
                             'the data do not determine them') from None
        # weights that are the estimate, but for rounding, have its standard errors
        fit = minimize(likelihood, weights, TOL, finer=Whitened)
        arrived = abs(fit.objective.basis @ fit.weights - sizes) <= LARGEST_ERROR * numpy.maximum(abs(sizes), errors)
        if fit.converged and arrived.all():
            return fit.objective, fit.objective.information(fit.weights)
        return likelihood, information

    @functools.cached_property
    def errors(self):
        r"""
        The standard errors.
        """
        return _norms(self.half_covariance)

    def log_odds_intervals(self, design, level):
        r"""
        Return the lower and the upper ends of Wald's intervals of the log-odds of the rows of a design, without the offset.
        """
        with numpy.errstate(over='ignore', invalid='ignore'):
            log_odds, half = design.log_odds(self.weights), _quantile(level) * self.log_odds_errors(design)
            low, high = log_odds - half, log_odds + half
        # where both are too large for floats, all log-odds are possible
        return numpy.where(numpy.isnan(low), -math.inf, low), numpy.where(numpy.isnan(high), math.inf, high)

    def log_odds_errors(self, design):
        r"""
        Return the standard errors of the log-odds of the rows of a design, without the offset.

        EXAMPLES::

            sage: from sage_logreg import load_data, maximum_likelihood
            sage: from sage_logreg.solvers.estimate import Estimate
            sage: from sage_logreg.solvers.likelihood import Likelihood
            sage: data = load_data([[0, 0], [1, 1], [2, 0], [3, 1]])
            sage: estimate = Estimate(Likelihood(data), maximum_likelihood(data)._weights, 1e-10r)
            sage: estimate.log_odds_errors(data.design).tolist()  # rel tol 1e-8
            [1.97488295, 1.24293154, 1.24293154, 1.97488295]

        ALGORITHM:

        The errors are the norms of the rows times the inverse of the information's Cholesky factor, in the variables of
        the likelihood: in the units of the data the terms of `x^T C x` may cancel each other.
        """
        from scipy.linalg import solve_triangular
        likelihood, factor = self._information
        errors = numpy.empty(len(design))
        for block, rows in likelihood.rows(design):
            errors[block] = _norms(solve_triangular(factor, rows.T, lower=True, check_finite=False))
        return errors

    def covariance(self):
        r"""
        Return the inverse of the Hessian, in the units of the data.
        """
        with numpy.errstate(over='ignore', under='ignore'):
            return self.half_covariance.T @ self.half_covariance

    def p_values(self):
        r"""
        Return the two-sided p-values of Wald's tests that single weights are zero.
        """
        return numpy.array([math.erfc(abs(z) / math.sqrt(2)) for z in self.weights / self.errors])

    def wald_intervals(self, level):
        r"""
        Return a pair of arrays, the lower and the upper ends.
        """
        half = _quantile(level) * self.errors
        return self.weights - half, self.weights + half

    def profile_intervals(self, level):
        r"""
        Return a list of pairs, the ends of the profile intervals; an end may be infinite.
        """
        self._check_penalty()
        return [tuple(self._profile_end(j, sign, _quantile(level)) for sign in (-1, 1)) for j in range(len(self.weights))]

    def _profile_end(self, j, sign, quantile):
        # The value on one side of the weight where twice the rise of the cost is the square of the quantile.
        from scipy.optimize import brentq
        whole = self.likelihood
        # the bias is relative to the data's own origin
        likelihood = whole.with_scaling(whole.center * (j > 0), whole.scale)
        estimate = likelihood.from_user(self.weights)
        lowest, hessian = likelihood.terms(estimate)[::2]
        free = numpy.arange(len(estimate)) != j
        unit = likelihood.units[j]
        nearest = [estimate, hessian]
        # kept, so that rounding cannot change a value that brentq asks for again
        rises = {0.0: -quantile**2}

        def rise(distance):
            if distance in rises:
                return rises[distance]
            # start from the last fit, along the tangent of the path on which the other weights follow this one
            start, hessian = nearest[0].copy(), nearest[1]
            change = estimate[j] + sign * distance - start[j]
            start[free] -= change * numpy.linalg.lstsq(hessian[numpy.ix_(free, free)], hessian[free, j], rcond=None)[0]
            start[j] += change
            fit = minimize(likelihood, start, self.tol, free=free, step_error=COST_ERROR)
            if fit.converged:
                nearest[:] = fit.weights, fit.hessian
            rises[distance] = 2 * (fit.cost - lowest) - quantile**2
            return rises[distance]

        near, far = 0.0, quantile * self.errors[j] * unit
        for _ in range(60):
            if rise(far) >= 0:
                end = brentq(rise, near, far, xtol=1e-12 * far, rtol=1e-13)
                return (estimate[j] + sign * end) / unit
            near, far = far, 1.5 * far
        return sign * math.inf

    def log_likelihood(self):
        r"""
        Return the log-likelihood of the weights, without any penalty.
        """
        likelihood = Likelihood(self.likelihood.data, scaling=(self.likelihood.center, self.likelihood.scale))
        return -likelihood.terms(likelihood.from_user(self.weights))[0]

    def likelihood_ratio(self, free):
        r"""
        Return the statistic, the degrees of freedom and the p-value of the likelihood-ratio test that weights are zero.

        INPUT:

        - ``free`` -- boolean array, an entry for each weight; the other weights are zero in the smaller model
        """
        from scipy.special import chdtrc
        self._check_penalty()
        likelihood, intercept = self.likelihood, self.likelihood.data.design.intercept
        if intercept and not free[0]:
            # a bias of zero at the data's own origin
            likelihood = likelihood.with_scaling(0.0 * likelihood.center, likelihood.scale)
        start = numpy.where(free, likelihood.from_user(self.weights), 0.0)
        if not numpy.isfinite(likelihood.terms(start)[0]):
            # weights of columns that cancelled each other's are too large alone
            start = numpy.where(free, likelihood.bias(), 0.0)
        cost = (minimize(likelihood, start, self.tol, free=free, step_error=COST_ERROR).cost if free.any()
                else likelihood.terms(start)[0])
        statistic = max(0.0, 2 * (cost - self.terms[0]))
        degrees = int((~free).sum())
        return statistic, degrees, float(chdtrc(degrees, statistic)) if degrees else 1.0

    def _check_penalty(self):
        # other variables, in which the penalty has its digits, would mix weights that are fixed with those that are not
        likelihood = self.likelihood
        if likelihood.bias_reduced and not (
                determinacy(likelihood.information(likelihood.from_user(self.weights))) > PENALTY_DETERMINED):
            raise ValueError('the columns are so nearly dependent that rounding hides the penalty of smaller models; '
                             'expected columns that differ more, or Wald intervals and tests')

    def right_digits(self, fit):
        r"""
        Return how many decimal digits of each weight agree with the estimate found by ``fit`` (log relative error).
        """
        estimate = fit.objective.to_user(fit.weights)
        # the estimate itself is known only as well as rounding lets the gradient vanish
        weights, _, _, rounding = fit.objective.accuracy(fit.weights, 0.0 * fit.weights, fit.hessian)
        with numpy.errstate(divide='ignore', invalid='ignore'):
            error = abs(self.weights - estimate) / numpy.where(estimate == 0, 1.0, abs(estimate))
            error += rounding / numpy.where(weights == 0, 1.0, abs(weights))
            return numpy.clip(-numpy.log10(error), 0, MOST_DIGITS) + 0.0


def _norms(columns):
    # of each column, without overflow of the squares
    largest = abs(columns).max(axis=0)
    return largest * numpy.sqrt(((columns / numpy.where(largest == 0, 1.0, largest))**2).sum(axis=0))


def roc_curve(data, weights):
    r"""
    Return false and true positive rates as the threshold falls, one point per distinct probability.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.solvers.estimate import roc_curve
        sage: import numpy
        sage: roc_curve(load_data([[1, 0], [2, 1], [3, 0], [4, 1]]), numpy.array([0.0, 1.0]))
        [array([0. , 0. , 0.5, 0.5, 1. ]), array([0. , 0.5, 0.5, 1. , 1. ])]
    """
    z = data.log_odds(weights)
    frequency = 1.0 if data.weights is None else data.weights
    order = numpy.argsort(-z, kind='stable')
    last = numpy.append(numpy.flatnonzero(numpy.diff(z[order])), len(z) - 1)
    rates = []
    for label in (0.0, 1.0):
        counted = numpy.cumsum((frequency * (data.labels == label))[order])[last]
        rates.append(numpy.concatenate([[0.0], counted / counted[-1]]))
    return rates


def _quantile(level):
    # two-sided, of the standard normal distribution
    from scipy.special import ndtri
    return ndtri((1 + level) / 2)
