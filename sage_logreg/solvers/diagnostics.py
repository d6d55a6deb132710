r"""
Residuals and influence of observations, as arrays

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.dataset.observations import observations
    sage: from sage_logreg.solvers.diagnostics import Diagnostics
    sage: import numpy
    sage: found = observations(load_data(([[1], [2]], [3, 1], [4, 2])))
    sage: diagnostics = Diagnostics(found, numpy.array([[0.5, 0.5], [0.5, 0.5]]))
    sage: diagnostics.residuals('response'), diagnostics.residuals('pearson')
    (array([0.25, 0.  ]), array([1., 0.]))
"""
import functools
import math
import typing

import numpy

from sage_logreg.support.arguments import shown

# a leverage nearer to 1 is one, but for rounding, as R has it
ONE = 1 - 10 * 2.0**-52
# shares of the points that a smooth line looks at around a place; at how many places, and of how many points
SPAN, PLACES, MOST_POINTS = 2 / 3, 60, 4000
# at most so many places of an envelope are drawn
MOST_PLACES = 60


class Diagnostics:
    r"""
    How far observations are from a model, and what its estimate owes to them.

    INPUT:

    - ``observations`` -- :class:`~sage_logreg.dataset.observations.Observations`
    - ``probabilities`` -- float64 array, g x K, those of the classes by the model
    - ``estimate`` -- (default: none, which residuals do not need) the :class:`~sage_logreg.solvers.estimate.Estimate`
    - ``seed`` -- (default: 0) of randomised residuals

    What is not defined, such as a standardised residual where the leverage is 1, is NaN.

    EXAMPLES: see :mod:`sage_logreg.solvers.diagnostics`.
    """

    def __init__(self, observations, probabilities, estimate=None, seed=0):
        self.observations, self.probabilities, self.estimate, self.seed = observations, probabilities, estimate, seed

    def residuals(self, kind):
        r"""
        Return the residuals of a kind, of two classes or a single number a row an array of g numbers, otherwise g x K.
        """
        with numpy.errstate(all='ignore'):
            residuals = KINDS[kind](self)
        return residuals[:, 1] if residuals.ndim == 2 and residuals.shape[1] == 2 else residuals

    @functools.cached_property
    def response(self):
        r"""
        Proportions less probabilities, g x K.
        """
        # of a sum of classes by itself, as 1 - p would lose the digits of a small one
        others = 1 - numpy.eye(self.probabilities.shape[1])
        proportions = self.observations.proportions
        return proportions * (self.probabilities @ others) - (proportions @ others) * self.probabilities

    @functools.cached_property
    def pearson(self):
        r"""
        The response residuals, divided by their standard deviation of two classes, of more by the root of the expected counts, g x K.
        """
        p = self.probabilities
        scale = numpy.sqrt(p * p[:, ::-1] if p.shape[1] == 2 else p)
        # a class that is surely another one, and is
        return numpy.where(self.response == 0, 0.0, numpy.sqrt(self.observations.trials)[:, None] * self.response / scale)

    @functools.cached_property
    def deviance(self):
        r"""
        The roots of what the observations add to the deviance; of two classes with the sign of the response residual.
        """
        counts, trials = self.observations.counts, self.observations.trials[:, None]
        # the second terms sum to zero, and take away what the first ones would cancel
        logarithms = numpy.where(counts > 0, numpy.log1p(self.response / self.probabilities), 0.0)
        parts = numpy.maximum(0.0, 2 * (counts * logarithms - trials * self.response).sum(axis=1))
        return numpy.sqrt(parts) * (numpy.sign(self.response[:, 1]) if counts.shape[1] == 2 else 1)

    @functools.cached_property
    def leverage(self):
        r"""
        The diagonal of the hat matrix.
        """
        p = self.probabilities
        errors = self.estimate.log_odds_errors(self.observations.design)
        leverage = self.observations.trials * p[:, 0] * p[:, 1] * errors**2
        return numpy.where(leverage > ONE, 1.0, leverage)

    def _standardised(self, residuals):
        return numpy.where(self.leverage == 1, math.nan, residuals / numpy.sqrt(1 - self.leverage))

    def _studentised(self):
        added = self.leverage * self._standardised(self.pearson[:, 1])**2
        return numpy.sign(self.deviance) * numpy.sqrt(self.deviance**2 + added)

    @functools.cached_property
    def cooks_distance(self):
        r"""
        Cook's distances, by one Newton step.
        """
        with numpy.errstate(divide='ignore', invalid='ignore'):
            standardised = self._standardised(self.pearson[:, 1])
            return standardised**2 * self.leverage / (1 - self.leverage) / len(self.estimate.weights)

    def dfbetas(self):
        r"""
        Return the change of the weights by each observation in standard errors, by one Newton step, g x weights.
        """
        half, found = self.estimate.half_covariance, self.observations
        changes = numpy.empty((len(found.design), half.shape[1]))
        for block, columns in self.estimate.half_of_rows(found.design):
            changes[block] = columns.T @ half
        with numpy.errstate(divide='ignore', invalid='ignore'):
            steps = numpy.where(self.leverage == 1, math.nan, found.trials * self.response[:, 1] / (1 - self.leverage))
        return changes * steps[:, None] / self.estimate.errors

    def most_influential(self, most):
        r"""
        Return the places of the observations with the largest Cook's distances, or of all; those that have none come first.
        """
        distances = numpy.where(numpy.isnan(self.cooks_distance), math.inf, self.cooks_distance)
        return numpy.argsort(-distances, kind='stable')[:most]

    @functools.cached_property
    def quantile(self):
        r"""
        Randomised quantile residuals: standard normal, if the model is right.
        """
        from scipy.special import ndtri
        counts, trials = self.observations.counts, self.observations.trials
        self._check_whole(counts)
        p, uniform = self.probabilities, numpy.random.RandomState(self.seed).uniform(size=len(trials))
        # of both tails the smaller one, which has its digits
        below, above = (_tail(counts[:, k], trials, p[:, k], p[:, 1 - k], share) for k, share in ((1, uniform), (0, 1 - uniform)))
        return numpy.where(below <= above, ndtri(below), -ndtri(above))

    def _check_whole(self, counts):
        wrong = numpy.flatnonzero((counts % 1 != 0).any(axis=1))
        if len(wrong):
            row, count = self.observations.rows[wrong[0]], counts[wrong[0]].max()
            raise ValueError(f'quantile residuals are of whole counts, and row {row + 1} counts {shown(count)} times; '
                             "expected whole weights, or kind='deviance'")


def _tail(count, trials, p, q, share):
    # P(S < count) and a share of P(S = count) of a binomial distribution.
    below, until = _distribution(count - 1, trials, q), _distribution(count, trials, q)
    return below + share * (until - below)


def _distribution(count, trials, q):
    # P(S <= count), by the incomplete beta function, in which the small one of p and q keeps its digits.
    from scipy.special import betainc
    inner = betainc(numpy.maximum(trials - count, 1), numpy.maximum(count, 0) + 1, q)
    return numpy.where(count < 0, 0.0, numpy.where(count >= trials, 1.0, inner))


KINDS = {'response': lambda self: self.response, 'pearson': lambda self: self.pearson, 'deviance': lambda self: self.deviance,
         'standardised': lambda self: self._standardised(self.deviance),
         'standardised_pearson': lambda self: self._standardised(self.pearson[:, 1]),
         'studentised': lambda self: self._studentised(), 'quantile': lambda self: self.quantile}
# the kinds that need the estimate, and those that are of more than two classes as well
OF_ESTIMATE, OF_CLASSES = ('standardised', 'standardised_pearson', 'studentised'), ('response', 'pearson', 'deviance')


# What pictures show

class Bins(typing.NamedTuple):
    r"""
    Mean residuals of observations with nearly the same value.

    - ``values`` -- float64 array, the mean value of each bin
    - ``residuals`` -- float64 array, the mean response residuals
    - ``errors`` -- float64 array, their standard errors if the model is right
    """

    values: numpy.ndarray
    residuals: numpy.ndarray
    errors: numpy.ndarray


def usual_bins(count):
    r"""
    Return how many bins are made of so many observations where nobody says it, as R's ``arm::binnedplot`` has it.
    """
    return max(1, math.isqrt(count) if count >= 100 else 10 if count > 10 else count // 2)


def binned(diagnostics, values, bins):
    r"""
    Return the :class:`Bins` of about as many trials each, at most ``bins``; observations with the same value remain together.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: from sage_logreg.solvers.diagnostics import Diagnostics, binned
        sage: diagnostics = Diagnostics(*maximum_likelihood(ex2data1())._observations('bins'))
        sage: binned(diagnostics, diagnostics.probabilities[:, 1], 2r).residuals  # abs tol 1e-5
        array([ 0.01438656, -0.01438656])
    """
    trials = diagnostics.observations.trials
    distinct, place = numpy.unique(values, return_inverse=True)
    if len(distinct) > bins:
        own = numpy.bincount(place, trials)
        middle = numpy.cumsum(own) - own / 2
        number = numpy.minimum((bins * middle / own.sum()).astype(int), bins - 1)
        place = numpy.unique(number[place], return_inverse=True)[1]
    total = numpy.bincount(place, trials)
    variances = numpy.bincount(place, trials * diagnostics.probabilities.prod(axis=1))
    return Bins(numpy.bincount(place, trials * values) / total, numpy.bincount(place, trials * diagnostics.response[:, 1]) / total,
                numpy.sqrt(variances) / total)


class Pictured(typing.NamedTuple):
    r"""
    What the pictures of diagnostics show, as arrays with an entry for each observation.

    - ``kind`` -- string; of which kind the residuals are
    - ``log_odds``, ``residuals``, ``standardised`` (by Pearson), ``leverages`` -- float64 arrays
    - ``quantiles`` -- those of the normal distribution at the residuals
    - ``line`` -- places and heights of a smooth line through the residuals over the log-odds
    - ``envelope`` -- quantiles, and ends of the interval in which the sorted residuals are there
    - ``named``, ``names`` -- int arrays: the places of the observations that are named, and the numbers of their rows
    - ``parameters`` -- how many weights there are
    - ``largest`` -- the largest of Cook's distances
    """

    kind: str
    log_odds: numpy.ndarray
    residuals: numpy.ndarray
    standardised: numpy.ndarray
    leverages: numpy.ndarray
    quantiles: numpy.ndarray
    line: tuple
    envelope: tuple
    named: numpy.ndarray
    names: numpy.ndarray
    parameters: int
    largest: float


def pictured(diagnostics, kind, most):
    r"""
    Return the :class:`Pictured`, with ``most`` names; observations with the leverage 1 or the probability 0 or 1 are left out.
    """
    with numpy.errstate(divide='ignore'):
        logarithms = numpy.log(diagnostics.probabilities)
    numbers = numpy.array([logarithms[:, 1] - logarithms[:, 0], diagnostics.residuals(kind), diagnostics.residuals('standardised_pearson')])
    finite = numpy.isfinite(numbers).all(axis=0)
    if not finite.any():
        raise ValueError('the model fits each observation exactly, by weights of its own; expected more observations, or fewer weights')
    log_odds, residuals, standardised = numbers[:, finite]
    count = len(residuals)
    quantiles = numpy.empty(count)
    quantiles[numpy.argsort(residuals, kind='stable')] = sorted_quantiles = normal_quantiles(count)
    places, *ends = normal_envelope(count)
    order = diagnostics.most_influential(None)
    named = order[finite[order]][:most]
    return Pictured(kind, log_odds, residuals, standardised, diagnostics.leverage[finite], quantiles, smooth(log_odds, residuals),
                    (sorted_quantiles[places], *ends), (numpy.cumsum(finite) - 1)[named], diagnostics.observations.rows[named],
                    len(diagnostics.estimate.weights), diagnostics.cooks_distance[finite].max())


def smooth(x, y, span=SPAN):
    r"""
    Return places along ``x`` and there the heights of a smooth line through the points, two arrays.

    EXAMPLES::

        sage: from sage_logreg.solvers.diagnostics import smooth
        sage: import numpy
        sage: x = numpy.arange(10.0)
        sage: places, heights = smooth(x, 2 * x + 1)
        sage: bool(abs(heights - 2 * places - 1).max() < 1e-12)
        True

    ALGORITHM:

    Local lines by least squares with tricube weights of the nearest points [Cle1979]_, without the steps that make it robust; of
    many points, through means of neighbours.

    REFERENCES:

    .. [Cle1979] \W. S. Cleveland, *Robust locally weighted regression and smoothing scatterplots*, J. Amer. Statist. Assoc. 74
       (1979), no. 368, 829-836.
    """
    places = numpy.linspace(x.min(), x.max(), PLACES)
    if len(x) > MOST_POINTS:
        x, y = _means_of_neighbours(x, y, -(-len(x) // MOST_POINTS))
    nearest = min(len(x), max(2, int(span * len(x))))
    heights = numpy.empty(PLACES)
    for number, place in enumerate(places):
        distance = abs(x - place)
        # where the nearest points are all in one place, that is what counts
        radius = numpy.partition(distance, nearest - 1)[nearest - 1]
        weights = _cube(1 - _cube(numpy.minimum(distance / radius, 1))) if radius > 0 else (distance == 0).astype(float)
        if not weights.any():
            # all nearest are just as far away
            weights = (distance <= radius).astype(float)
        weights /= weights.sum()
        center, mean = weights @ x, weights @ y
        spread = weights @ (x - center)**2
        slope = (weights * (x - center)) @ y / spread if spread > 0 else 0.0
        heights[number] = mean + slope * (place - center)
    return places, heights


def _means_of_neighbours(x, y, size):
    # So many at a time, in the order of x; the last fewer are left out.
    order = numpy.argsort(x, kind='stable')[:len(x) // size * size]
    return x[order].reshape(-1, size).mean(axis=1), y[order].reshape(-1, size).mean(axis=1)


def _cube(numbers):
    # many times faster than a power
    return numbers * numbers * numbers


def normal_quantiles(count):
    r"""
    Return the quantiles of a normal distribution that are expected of so many sorted numbers, an array.
    """
    from scipy.special import ndtri
    return ndtri((numpy.arange(count) + 0.5) / count)


def normal_envelope(count, level=0.95):
    r"""
    Return places among the sorted numbers, and the ends of the intervals in which each of these numbers is, of a normal distribution.

    EXAMPLES::

        sage: from sage_logreg.solvers.diagnostics import normal_envelope
        sage: normal_envelope(1r)  # abs tol 1e-6
        (array([0]), array([-1.95996398]), array([1.95996398]))

    ALGORITHM:

    The `i`-th smallest of `m` uniform numbers has a beta distribution with the parameters `i` and `m + 1 - i`.
    """
    from scipy.special import betaincinv, ndtri
    places = numpy.linspace(0, count - 1, min(count, MOST_PLACES)).astype(int)
    # as many from above
    places = numpy.unique([places, count - 1 - places])
    low = ndtri(betaincinv(places + 1.0, count - places, (1 - level) / 2))
    return places, low, -low[::-1]
