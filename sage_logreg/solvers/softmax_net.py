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
from sage_logreg.solvers.elastic_net import ElasticNet, PathPoint


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


class ElasticNetOfClasses(ElasticNet):
    r"""
    The penalised cost of data with more than two classes, for any penalty.

    INPUT: as for :class:`~sage_logreg.solvers.elastic_net.ElasticNet`, with ``grouped`` among the ``options``

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_net`.
    """

    def _cost_of(self, data, free):
        return PenalizedCostOfClasses(data, self.options['standardize'], free, self.options['grouped'])

    def start(self, point=None):
        fit = self._anew()
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

    def _point(self, lambda_, fit, l1, l2):
        w = self.cost.centred(fit.w, l1, l2)
        columns, intercept = numpy.flatnonzero(w.any(axis=1)), int(self.cost.intercept)
        weights = self.cost.to_user(fit.bias, w)
        bias = weights[:, 0] if intercept else numpy.zeros(len(weights))
        return PathPointOfClasses(float(lambda_), bias, columns, weights[:, columns + intercept].T, float(fit.cost), self.explained(fit),
                                  float(fit.gap / self.null_cost), fit.steps, fit.converged)
