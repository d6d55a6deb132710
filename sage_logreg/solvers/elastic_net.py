r"""
The elastic net along a path of penalties, each fit begun at the one before

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.elastic_net import ElasticNet
    sage: net = ElasticNet(ex2data1(), dict(l1_ratio=1.0r, standardize=True, penalty_factors=None, tol=1e-9))
    sage: net.largest()  # abs tol 1e-6
    0.281229
    sage: points = list(net.path(net.lambdas(5, 0.01r)))
    sage: [point.degrees for point in points], max(point.gap for point in points) < 1e-9
    ([0, 2, 2, 2, 2], True)
"""
import copy
import dataclasses

import numpy

from sage_logreg.dataset.observations import observations
from sage_logreg.solvers.coordinate import PenalizedCost
from sage_logreg.solvers.penalties import column_penalties, penalties_of, relative_factors
from sage_logreg.solvers.records import Training

# the least l1_ratio by which the largest penalty is found; glmnet's
LEAST_RATIO = 1e-3
# a path that was not asked for by its lambdas ends where so much of the deviance is explained, or where a step explains so little
# more; also glmnet's
MOST_EXPLAINED, LEAST_GAIN, LEAST_LAMBDAS = 0.999, 1e-5, 5


@dataclasses.dataclass(frozen=True)
class PathPoint:
    r"""
    The weights at one penalty of a path, in the units of the data.

    - ``lambda_`` -- float
    - ``bias`` -- float, 0 without an intercept
    - ``columns``, ``slopes`` -- arrays of the numbers of the columns with a weight, and of these weights
    - ``cost`` -- the mean negative log-likelihood
    - ``explained`` -- which part of the deviance of the model without penalised weights is explained
    - ``gap`` -- the duality gap, beside the cost at no weights
    - ``steps``, ``converged`` -- Newton's steps, and whether the gap is as small as was asked for
    """

    lambda_: float
    bias: float
    columns: numpy.ndarray
    slopes: numpy.ndarray
    cost: float
    explained: float
    gap: float
    steps: int
    converged: bool

    @property
    def degrees(self):
        r"""
        How many weights besides the bias are not zero.
        """
        return len(self.columns)

    def weights(self, count, intercept):
        r"""
        Return all weights, of ``count`` columns, the bias first if there is one.
        """
        slopes = numpy.zeros(count)
        slopes[self.columns] = self.slopes
        return numpy.concatenate([[self.bias], slopes]) if intercept else slopes


def least_cost(data):
    r"""
    Return the mean cost of probabilities that are the proportions seen in each group, 0 if the rows are not grouped.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, load_data
        sage: from sage_logreg.solvers.elastic_net import least_cost
        sage: least_cost(ex2data1()), least_cost(load_data(([[1], [2]], [1, 2], [2, 4])))  # abs tol 1e-12
        (0.0, 0.6931471805599453)
    """
    if data.trials is None:
        return 0.0
    groups = observations(data)
    shares = numpy.where(groups.counts > 0, groups.proportions, 1.0)
    return -float((groups.counts * numpy.log(shares)).sum() / groups.trials.sum())


def single_fit(data, options, of_data=PenalizedCost):
    r"""
    Return the :class:`~sage_logreg.solvers.records.Training` of :func:`~sage_logreg.training.maximum_likelihood` with ``l1``.

    INPUT:

    - ``of_data`` -- (default: that of two classes) the class of the penalised cost
    """
    cost = of_data(data, False)
    fit = cost.null()
    (l1, l2), gap = penalties_of(options, data), options['tol'] * fit.cost
    cost.minimize(fit, l1, l2, gap)
    if fit.converged:
        cost.polish(fit, l1, l2)
    message = None if fit.converged else f'the duality gap is {fit.gap:.2g}, and tol = {options["tol"]:g} asks for {gap:.2g}'
    return Training(cost.weights(fit, l1, l2), [], fit.steps, fit.converged, 'maximum_likelihood', options, None, 'coordinate descent', message)


class ElasticNet:
    r"""
    The penalised cost of some data, for any penalty.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` of two classes, in memory
    - ``options`` -- dictionary with ``l1_ratio``, ``standardize``, ``penalty_factors`` and ``tol``

    EXAMPLES: see :mod:`sage_logreg.solvers.elastic_net`.
    """

    def __init__(self, data, options):
        self.options, self.factors = options, relative_factors(options['penalty_factors'], data.design.width)
        self.cost = self._cost_of(data, numpy.flatnonzero(self.factors == 0))
        self.null = self.cost.null()
        self.null_cost, self.least_cost = self.null.cost, least_cost(data)

    def _cost_of(self, data, free):
        return PenalizedCost(data, self.options['standardize'], free)

    def largest(self):
        r"""
        Return the smallest penalty at which all weights with a penalty are zero.
        """
        penalized = self.factors > 0
        if self.cost.intercept:
            penalized &= ~self.cost.columns.is_constant
        ratio = max(self.options['l1_ratio'], LEAST_RATIO)
        return float((self.cost.size(self.null.slopes)[penalized] / self.factors[penalized]).max(initial=0.0) / ratio)

    def lambdas(self, count, smallest):
        r"""
        Return ``count`` penalties from the largest down to its ``smallest`` part, at equal ratios.
        """
        largest = self.largest()
        if not largest:
            raise ValueError('no column says anything of the labels, so that all weights are zero at every penalty; expected lambdas')
        return largest * smallest**(numpy.arange(count) / max(1, count - 1))

    def penalties(self, lambda_):
        r"""
        Return the penalties of the scaled columns.
        """
        return column_penalties(self.options, lambda_, numpy.ones(len(self.factors)))

    def start(self, point=None):
        r"""
        Return a fit to begin with, that of no weights or of a point of the path.
        """
        fit = self._anew()
        if point is None:
            return fit
        columns, cost = self.cost.columns, self.cost
        fit.w[:] = 0.0
        fit.w[point.columns] = point.slopes * columns.scale[point.columns]
        fit.bias = point.bias + float(fit.w @ (columns.center / columns.scale)) if cost.intercept else 0.0
        fit.z = cost.offset + fit.bias
        columns.add(numpy.asarray(point.columns, dtype=numpy.int64), fit.w[point.columns], fit.z)
        cost.settle(fit, numpy.arange(columns.width))
        return fit

    def _anew(self):
        # without what an earlier path has left, on which the last digits would depend
        self.cost.forget()
        return copy.deepcopy(self.null)

    def path(self, lambdas, ends=False, fit=None, before=None):
        r"""
        Yield a :class:`PathPoint` for each penalty, from the largest on.

        INPUT:

        - ``lambdas`` -- falling floats
        - ``ends`` -- (default: ``False``) whether the path may end before, as glmnet's
        - ``fit``, ``before`` -- (default: that of no weights) a fit to begin with, and its penalty
        """
        fit, before = fit or self.start(), self.largest() if before is None else before
        explained = []
        for lambda_ in lambdas:
            l1, l2 = self.penalties(lambda_)
            self.cost.minimize(fit, l1, l2, self.options['tol'] * self.null_cost, self.penalties(before)[0])
            before = lambda_
            yield self._point(lambda_, fit, l1, l2)
            explained.append(self.explained(fit))
            gain = explained[-1] - explained[-2] if len(explained) >= LEAST_LAMBDAS else numpy.inf
            if ends and (explained[-1] > MOST_EXPLAINED or gain < LEAST_GAIN):
                return

    def explained(self, fit):
        r"""
        Return which part of the deviance of the model without penalised weights is explained.
        """
        whole = self.null_cost - self.least_cost
        return float((self.null_cost - fit.cost) / whole) if whole > 0 else 0.0

    def _point(self, lambda_, fit, l1, l2):
        columns = numpy.flatnonzero(fit.w)
        slopes = fit.w[columns] / self.cost.columns.scale[columns]
        bias = fit.bias - float(slopes @ self.cost.columns.center[columns]) if self.cost.intercept else 0.0
        return PathPoint(float(lambda_), bias, columns, slopes, float(fit.cost), self.explained(fit), float(fit.gap / self.null_cost),
                         fit.steps, fit.converged)
