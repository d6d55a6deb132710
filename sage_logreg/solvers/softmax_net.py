r"""
The elastic net of K classes along a path of penalties

EXAMPLES::

    sage: from sage_logreg import penguins
    sage: from sage_logreg.solvers.softmax_net import ElasticNetOfClasses
    sage: options = dict(l1_ratio=1.0r, standardize=True, penalty_factors=None, tol=1e-9, grouped=True)
    sage: net = ElasticNetOfClasses(penguins(label='species', variables='bill_length_mm, body_mass_g'), options)
    sage: points = list(net.path(net.lambdas(4, 0.01r)))
    sage: [point.degrees for point in points], max(point.gap for point in points) < 1e-9
    ([0, 2, 2, 2], True)
"""
import numpy

from sage_logreg.solvers.coordinate_classes import PenalizedCostOfClasses
from sage_logreg.solvers.elastic_net import LEAST_GAIN, LEAST_LAMBDAS, LEAST_RATIO, MOST_EXPLAINED, ElasticNet, PathPoint
from sage_logreg.solvers.penalties import penalties_of, relative_factors
from sage_logreg.solvers.records import Training


class PathPointOfClasses(PathPoint):
    r"""
    The weights of K classes at one penalty of a path: as of two, with K numbers as ``bias``, and a row a column as ``slopes``.
    """

    def weights(self, count, intercept):
        r"""
        Return all weights, of ``count`` columns, K x (n + 1), the biases first if there are some.
        """
        slopes = numpy.zeros((len(self.bias), count))
        slopes[:, self.columns] = self.slopes.T
        return numpy.column_stack([self.bias, slopes]) if intercept else slopes


def single_fit_of_classes(data, options):
    r"""
    Return the :class:`~sage_logreg.solvers.records.Training` of :func:`~sage_logreg.training.maximum_likelihood` with ``l1``.
    """
    cost = PenalizedCostOfClasses(data, False)
    fit = cost.null()
    null = fit.cost
    l1, l2 = penalties_of(options, data)
    cost.minimize(fit, l1, l2, options['tol'] * null)
    if fit.converged:
        cost.polish(fit, l1, l2)
    message = None if fit.converged else f'the duality gap is {fit.gap:.2g}, and tol = {options["tol"]:g} asks for {options["tol"] * null:.2g}'
    weights = cost.to_user(fit.bias, cost.centred(fit.w, l1, l2)).ravel()
    return Training(weights, [], fit.steps, fit.converged, 'maximum_likelihood', options, None, 'coordinate descent', message)


class ElasticNetOfClasses(ElasticNet):
    r"""
    The penalised cost of data with more than two classes, for any penalty.

    INPUT: as for :class:`~sage_logreg.solvers.elastic_net.ElasticNet`, with ``grouped`` among the ``options``

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_net`.
    """

    def __init__(self, data, options):
        self.options, self.factors = options, relative_factors(options['penalty_factors'], data.design.width)
        self.cost = PenalizedCostOfClasses(data, options['standardize'], numpy.flatnonzero(self.factors == 0), options['grouped'])
        self.null = self.cost.null()
        self.null_cost = self.null.cost

    def largest(self):
        penalized = self.factors > 0
        if self.cost.intercept:
            penalized &= ~self.cost.columns.is_constant
        ratio = max(self.options['l1_ratio'], LEAST_RATIO)
        return float((self.cost.size(self.null.slopes)[penalized] / self.factors[penalized]).max(initial=0.0) / ratio)

    def start(self, point=None):
        fit = self.null.copy()
        if point is None:
            return fit
        columns, cost = self.cost.columns, self.cost
        fit.w[:] = 0.0
        fit.w[point.columns] = point.slopes * columns.scale[point.columns, None]
        fit.bias = point.bias + (columns.center / columns.scale) @ fit.w if cost.intercept else numpy.zeros(cost.classes)
        chosen = numpy.asarray(point.columns, dtype=numpy.int64)
        fit.z = cost.offset + fit.bias[:, None] + cost.log_odds(chosen, fit.w[chosen])
        cost.settle(fit)
        fit.slopes = cost.slopes(fit)
        return fit

    def path(self, lambdas, ends=False, fit=None, before=None):
        fit, before = fit or self.start(), self.largest() if before is None else before
        explained = []
        for lambda_ in lambdas:
            l1, l2 = self.penalties(lambda_)
            self.cost.minimize(fit, l1, l2, self.options['tol'] * self.null_cost, self.penalties(before)[0])
            before = lambda_
            yield self._point(lambda_, fit, l1, l2)
            explained.append(1 - fit.cost / self.null_cost)
            gain = explained[-1] - explained[-2] if len(explained) >= LEAST_LAMBDAS else numpy.inf
            if ends and (explained[-1] > MOST_EXPLAINED or gain < LEAST_GAIN * explained[-1]):
                return

    def _point(self, lambda_, fit, l1, l2):
        w = self.cost.centred(fit.w, l1, l2)
        columns, intercept = numpy.flatnonzero(w.any(axis=1)), int(self.cost.intercept)
        weights = self.cost.to_user(fit.bias, w)
        bias = weights[:, 0] if intercept else numpy.zeros(len(weights))
        return PathPointOfClasses(float(lambda_), bias, columns, weights[:, columns + intercept].T, float(fit.cost), float(fit.gap / self.null_cost),
                                  fit.steps, fit.converged)
