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
import typing

import numpy

from sage_logreg.solvers.likelihood import determinacy
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
# how much farther than its interval a profile is followed
WIDER = 1.25


class Restricted(typing.NamedTuple):
    r"""
    The estimate of a smaller model: a likelihood, in its variables the weights, and the summed cost there.
    """

    likelihood: object
    weights: numpy.ndarray
    cost: float


class Wald:
    r"""
    Weights and what a matrix whose transpose times itself is their covariance says of them.

    A subclass has ``weights`` and ``half_covariance``.

    EXAMPLES: see :mod:`sage_logreg.solvers.estimate`.
    """

    @functools.cached_property
    def errors(self):
        r"""
        The standard errors.
        """
        return _norms(self.half_covariance)

    def covariance(self):
        r"""
        Return the inverse of the Hessian, in the units of the data.
        """
        with numpy.errstate(over='ignore', under='ignore'):
            return self.half_covariance.T @ self.half_covariance

    def z_values(self):
        r"""
        Return the weights divided by their standard errors, zero for a weight of zero.
        """
        return self.weights / numpy.where(self.weights == 0, 1.0, self.errors)

    def p_values(self):
        r"""
        Return the two-sided p-values of Wald's tests that single weights are zero.
        """
        return numpy.array([math.erfc(abs(z) / math.sqrt(2)) for z in self.z_values()])

    def wald_intervals(self, level):
        r"""
        Return a pair of arrays, the lower and the upper ends.
        """
        half = _quantile(level) * self.errors
        return self.weights - half, self.weights + half

    def right_digits(self, fit):
        r"""
        Return how many decimal digits of each weight agree with the estimate found by ``fit`` (log relative error).
        """
        estimate = self.differences(fit.objective.to_user(fit.weights))
        # the estimate itself is known only as well as rounding lets the gradient vanish
        weights, _, _, rounding = fit.objective.accuracy(fit.weights, 0.0 * fit.weights, fit.hessian)
        weights, rounding = self.differences(weights), self.sums(rounding)
        with numpy.errstate(divide='ignore', invalid='ignore'):
            error = abs(self.weights - estimate) / numpy.where(estimate == 0, 1.0, abs(estimate))
            error += rounding / numpy.where(weights == 0, 1.0, abs(weights))
            return numpy.clip(-numpy.log10(error), 0, MOST_DIGITS) + 0.0

    def differences(self, numbers):
        r"""
        Return what numbers of all weights are for these, such as differences to a class.
        """
        return numbers

    def sums(self, errors):
        r"""
        Return bounds of the errors of :meth:`differences`.
        """
        return errors


class Contrasts(Wald):
    r"""
    The weights of some classes less those of another one.

    INPUT:

    - ``estimate`` -- an :class:`Estimate`; of two classes the weights of the first are zero
    - ``baseline`` -- number of the class whose weights are taken from those of the others
    - ``classes`` -- list of the classes' numbers

    EXAMPLES::

        sage: from sage_logreg import load_data, maximum_likelihood
        sage: from sage_logreg.solvers.estimate import Contrasts
        sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
        sage: contrasts = Contrasts(model._estimate, 0, [0, 2])
        sage: contrasts.weights, contrasts.errors  # abs tol 1e-6
        (array([ 0.        ,  0.        , -2.14745545,  0.77734752]), array([0.        , 0.        , 2.90016372, 1.20658027]))
    """

    def __init__(self, estimate, baseline, classes):
        self.estimate, self.baseline, self.classes = estimate, baseline, classes

    @functools.cached_property
    def weights(self):
        r"""
        The differences of the weights.
        """
        return self.differences(self.estimate.weights)

    @functools.cached_property
    def half_covariance(self):
        r"""
        A matrix whose transpose times itself is the covariance of the differences.
        """
        # of differences, as one class of few rows makes the errors of all weights large
        return self.estimate.half_of(self.differences(self.estimate.to_user_matrix().T))

    def _changed(self, numbers, change):
        classes = self.estimate.likelihood.data.classes
        if classes == 2:
            numbers = numpy.concatenate([numpy.zeros_like(numbers), numbers], axis=-1)
        of_classes = numbers.reshape(*numbers.shape[:-1], classes, -1)
        changed = change(of_classes[..., self.classes, :], of_classes[..., [self.baseline], :])
        return changed.reshape(*numbers.shape[:-1], -1)

    def differences(self, numbers):
        return self._changed(numbers, numpy.subtract)

    def sums(self, errors):
        return self._changed(errors, numpy.add)


class Estimate(Wald):
    r"""
    A likelihood and weights, which need not maximise it.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.likelihood.Likelihood`
    - ``weights`` -- float64 array of the design's weights, in the units of the data
    - ``tol`` -- float; bound for the gradient where other weights are re-estimated
    - ``finer`` -- (default: :class:`~sage_logreg.solvers.whitening.Whitened`) see :class:`~sage_logreg.solvers.newton.Fit`

    EXAMPLES: see :mod:`sage_logreg.solvers.estimate`.
    """

    def __init__(self, likelihood, weights, tol, finer=Whitened):
        self.likelihood, self.weights, self.tol, self.finer = likelihood, weights, tol, finer

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
        design = likelihood.data.design
        cancelled = (abs(likelihood.basis[::design.count]) @ abs(weights)).max() if design.intercept else 0.0
        if not (determinacy(information) > SQUARE and cancelled < MOST_CANCELLED):
            likelihood, information = self._in_finer_variables()
        return likelihood, numpy.linalg.cholesky(information)

    @functools.cached_property
    def half_covariance(self):
        r"""
        A matrix whose transpose times itself is the covariance.
        """
        return self.half_of(self.to_user_matrix().T)

    def to_user_matrix(self):
        r"""
        Return the matrix that makes weights in the units of the data, from the variables of :meth:`half_of`.
        """
        return self._information[0].to_user_matrix()

    def half_of(self, columns):
        r"""
        Return a matrix whose transpose times itself is the covariance of linear functions of the variables, a column each.
        """
        from scipy.linalg import solve_triangular
        return solve_triangular(self._information[1], columns, lower=True, check_finite=False)

    def sums_of_rows(self, design, factors):
        r"""
        Return sums of the rows of a design, each times factors, in the variables of :meth:`half_of`, a column a sum.

        INPUT:

        - ``factors`` -- float64 array, m x E for E sums; of K > 2 classes m x E x K, for the weights of each class
        """
        likelihood = self._information[0]
        if factors.ndim == 3:
            factors = factors @ likelihood.contrasts
        total = 0.0
        for block, rows in likelihood.rows(design):
            flat = factors[block].reshape(len(rows), -1)
            total = total + flat.T @ rows
        return total.reshape(factors.shape[1], -1).T

    def _in_finer_variables(self):
        # The likelihood in such variables, and its information there.
        try:
            likelihood = self.finer(self.likelihood, self.likelihood.from_user(self.weights))
            weights = likelihood.from_user(self.weights)
            information = likelihood.information(weights)
            sizes, errors, *_ = likelihood.accuracy(weights, weights, information)
        except numpy.linalg.LinAlgError:
            raise ValueError('the Hessian of the likelihood is singular at the weights; '
                             'the data do not determine them') from None
        # weights that are the estimate, but for rounding, have its standard errors
        fit = minimize(likelihood, weights, TOL, finer=self.finer)
        arrived = abs(fit.objective.basis @ fit.weights - sizes) <= LARGEST_ERROR * numpy.maximum(abs(sizes), errors)
        if fit.converged and arrived.all():
            return fit.objective, fit.objective.information(fit.weights)
        return likelihood, information

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
        errors = numpy.empty(len(design))
        for block, columns in self.half_of_rows(design):
            errors[block] = _norms(columns)
        return errors

    def half_of_rows(self, design):
        r"""
        Yield slices of rows of a design with :meth:`half_of` their log-odds, a column a row.
        """
        for block, rows in self._information[0].rows(design):
            yield block, self.half_of(rows.T)

    def class_intervals(self, design, level):
        r"""
        Return the lower and the upper ends of Wald's intervals of the log-odds of each class against all others, two m x K arrays.

        ALGORITHM:

        With `z_k` the log-odds of class `k` and `q_j` the probability of class `j` given that it is not `k`, the derivative of
        `z_k - \log \sum_{j \neq k} e^{z_j}` by `z_j` is `-q_j`, by `z_k` 1 (the delta method).
        """
        likelihood, z = self._information[0], design.products(self.weights.reshape(self.likelihood.classes, -1))
        log_odds, errors = numpy.empty_like(z), numpy.empty_like(z)
        for k in range(z.shape[1]):
            others = numpy.where(numpy.arange(z.shape[1]) == k, -math.inf, z)
            top = others.max(axis=1, keepdims=True)
            parts = numpy.exp(others - top)
            total = parts.sum(axis=1, keepdims=True)
            log_odds[:, k] = z[:, k] - (top + numpy.log(total))[:, 0]
            slopes = -parts / total
            slopes[:, k] = 1.0
            slopes = slopes @ likelihood.contrasts
            for block, rows in likelihood.rows(design):
                columns = slopes[block][:, :, None] * rows[:, None, :]
                errors[block, k] = _norms(self.half_of(columns.reshape(len(rows), -1).T))
        half = _quantile(level) * errors
        return log_odds - half, log_odds + half

    def profile_intervals(self, level, errors=None):
        r"""
        Return a list of pairs, the ends of the profile intervals; an end may be infinite.

        INPUT:

        - ``errors`` -- (default: those of the weights) standard errors of the likelihood's variables, in the units of the data
        """
        self._check_penalty()
        errors, quantile = self.errors if errors is None else errors, _quantile(level)
        return [tuple(Profile(self, j).end(sign, quantile, error) for sign in (-1, 1)) for j, error in enumerate(errors)]

    def profile(self, j, level, error, count):
        r"""
        Return the profile of a weight around its interval: this, weights, how far the log-likelihood falls there, and at the ends.

        INPUT:

        - ``j`` -- number of a variable of the likelihood
        - ``level`` -- float, of the interval
        - ``error`` -- float, the standard error of the variable, in the units of the data
        - ``count`` -- how many weights there are on each side of the estimate
        """
        self._check_penalty()
        quantile, ends, sides = _quantile(level), [], []
        for sign in (-1, 1):
            profile = Profile(self, j)
            ends.append(profile.end(sign, quantile, error))
            distance = abs(ends[-1] - profile.weight) if math.isfinite(ends[-1]) else 0.0
            changes = sign * numpy.linspace(0, WIDER * max(distance, quantile * error), count + 1)
            # anew, from the estimate outwards
            profile = Profile(self, j)
            sides.append((profile.weight + changes, [profile.rise(change * profile.unit) / 2 for change in changes.tolist()]))
        weights, falls = (numpy.concatenate([numpy.flip(left)[:-1], right]) for left, right in zip(*sides))
        return tuple(ends), weights, falls, quantile**2 / 2

    def log_likelihood(self):
        r"""
        Return the log-likelihood of the weights, without any penalty.
        """
        return -self.likelihood.likelihood_terms(self.likelihood.from_user(self.weights))[0]

    def likelihood_ratio(self, free):
        r"""
        Return the statistic, the degrees of freedom and the p-value of the likelihood-ratio test that weights are zero.

        INPUT:

        - ``free`` -- boolean array, an entry for each variable of the likelihood; the others are zero in the smaller model
        """
        from scipy.special import chdtrc
        statistic = max(0.0, 2 * (self.restricted(free).cost - self.terms[0]))
        degrees = int((~free).sum())
        return statistic, degrees, float(chdtrc(degrees, statistic)) if degrees else 1.0

    def restricted(self, free, step_error=COST_ERROR):
        r"""
        Return the :class:`Restricted` of the smaller model in which the weights that are not ``free`` are zero.

        INPUT:

        - ``free`` -- as for :meth:`likelihood_ratio`
        - ``step_error`` -- (default: as its cost needs it) as for :func:`~sage_logreg.solvers.newton.minimize`
        """
        self._check_penalty()
        likelihood, intercept = self.likelihood, self.likelihood.data.design.intercept
        if intercept and not free[0]:
            # a bias of zero at the data's own origin
            likelihood = likelihood.with_scaling(0.0 * likelihood.center, likelihood.scale)
        start = numpy.where(free, likelihood.from_user(self.weights), 0.0)
        if not numpy.isfinite(likelihood.terms(start)[0]):
            # weights of columns that cancelled each other's are too large alone
            start = numpy.where(free, likelihood.bias(), 0.0)
        if not free.any():
            return Restricted(likelihood, start, likelihood.terms(start)[0])
        fit = minimize(likelihood, start, self.tol, free=free, step_error=step_error)
        return Restricted(likelihood, fit.weights, fit.cost)

    def _check_penalty(self):
        # other variables, in which the penalty has its digits, would mix weights that are fixed with those that are not
        likelihood = self.likelihood
        if likelihood.bias_reduced and not (
                determinacy(likelihood.information(likelihood.from_user(self.weights))) > PENALTY_DETERMINED):
            raise ValueError('the columns are so nearly dependent that rounding hides the penalty of smaller models; '
                             'expected columns that differ more, or Wald intervals and tests')


class Profile:
    r"""
    The likelihood along a weight, with the other ones re-estimated.

    INPUT:

    - ``estimate`` -- an :class:`Estimate`
    - ``j`` -- number of a variable of its likelihood

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: from sage_logreg.solvers.estimate import Profile
        sage: profile = Profile(maximum_likelihood(ex2data1())._estimate, 1r)
        sage: float(profile.end(1r, 1.959963984540054r, 0.048r))  # rel tol 1e-6
        0.320451903
    """

    def __init__(self, estimate, j):
        whole = estimate.likelihood
        # the bias is relative to the data's own origin
        self.likelihood = whole.with_scaling(whole.center * (j % whole.data.design.count > 0), whole.scale)
        self.j, self.tol, self.unit = j, estimate.tol, self.likelihood.units[j]
        self.estimate = self.likelihood.from_user(estimate.weights)
        self._lowest, hessian = self.likelihood.terms(self.estimate)[::2]
        self._nearest = self.estimate, hessian
        # kept, so that rounding cannot change a value that is asked for again
        self._rises = {0.0: 0.0}

    @property
    def weight(self):
        r"""
        The estimated weight, in the units of the data.
        """
        return self.estimate[self.j] / self.unit

    def rise(self, change):
        r"""
        Return how far twice the cost rises when the variable changes, in the units of the likelihood.
        """
        if change in self._rises:
            return self._rises[change]
        j, free = self.j, numpy.arange(len(self.estimate)) != self.j
        # start from the last fit, along the tangent of the path on which the other weights follow this one
        start, hessian = self._nearest[0].copy(), self._nearest[1]
        step = self.estimate[j] + change - start[j]
        start[free] -= step * numpy.linalg.lstsq(hessian[numpy.ix_(free, free)], hessian[free, j], rcond=None)[0]
        start[j] += step
        fit = minimize(self.likelihood, start, self.tol, free=free, step_error=COST_ERROR)
        if fit.converged:
            self._nearest = fit.weights, fit.hessian
        self._rises[change] = 2 * (fit.cost - self._lowest)
        return self._rises[change]

    def end(self, sign, quantile, error):
        r"""
        Return the weight on one side where twice the rise of the cost is the square of the quantile; it may be infinite.
        """
        from scipy.optimize import brentq

        def excess(distance):
            return self.rise(sign * distance) - quantile**2

        near, far = 0.0, quantile * error * self.unit
        for _ in range(60):
            if excess(far) >= 0:
                return (self.estimate[self.j] + sign * brentq(excess, near, far, xtol=1e-12 * far, rtol=1e-13)) / self.unit
            near, far = far, 1.5 * far
        return sign * math.inf


def _norms(columns):
    # of each column, without overflow of the squares
    largest = abs(columns).max(axis=0)
    return largest * numpy.sqrt(((columns / numpy.where(largest == 0, 1.0, largest))**2).sum(axis=0))


def _quantile(level):
    # two-sided, of the standard normal distribution
    from scipy.special import ndtri
    return ndtri((1 + level) / 2)
