r"""
What a descent on the cost of more than two classes minimises

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.softmax_problem import SoftmaxProblem
    sage: problem = SoftmaxProblem(load_data([[1, 0], [2, 1], [3, 2], [4, 1]]))
    sage: cost, gradient = problem.evaluate(problem.start(None))
    sage: cost, gradient  # abs tol 1e-12
    (1.0986122886681098, array([ 0.08333333,  0.58333333, -0.16666667, -0.66666667,  0.08333333,  0.08333333]))
"""
import numpy

from sage_logreg.dataset.sparse import MOST_DENSE
from sage_logreg.solvers import softmax_newton
from sage_logreg.solvers.choice import MANY_WEIGHTS
from sage_logreg.solvers.newton import LARGEST_ERROR
from sage_logreg.solvers.problem import LogisticProblem
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
from sage_logreg.solvers.softmax_whitening import WhitenedSoftmax
from sage_logreg.support.arguments import real_matrix


class SoftmaxProblem(LogisticProblem):
    r"""
    The cost of K classes, or a user's own cost of K (n + 1) weights, with its penalty.

    INPUT: as for :class:`~sage_logreg.solvers.problem.LogisticProblem`; a cost of one's own takes the weights as a K x (n + 1) matrix

    The weights of a descent are one vector, class by class.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_problem`.
    """

    _finer = WhitenedSoftmax

    def __init__(self, data, scale=False, l2=0, cost=None):
        super().__init__(data, scale, l2, cost)
        self.classes = data.classes
        if cost is not None:
            self.cost = lambda X, y, w: cost(X, y, w.reshape((data.classes, -1)))
        if self.penalty is not None:
            # none on the biases
            self.penalty = numpy.tile(numpy.concatenate([numpy.zeros(int(self.intercept)), self.penalty]), self.classes)

    def _of_each(self, change, weights):
        # What a change makes of the weights of each class.
        return numpy.concatenate([change(row) for row in weights.reshape(self.classes, -1)])

    def evaluate(self, weights, samples=None, derived=True):
        if self.cost is not None:
            return super().evaluate(weights, samples, derived)
        from sage_logreg.cost.softmax import evaluate_softmax
        rows = self.points, self.labels, self.frequency, self.offset
        if samples is not None:
            rows = [numbers if numbers is None else numbers[samples] for numbers in rows]
        points, labels, frequency, offset = rows
        return evaluate_softmax(points, labels, weights, self.classes, self.penalty, frequency, offset, self.unit)

    def _predicted(self, data, weights):
        z = data.design.products(weights.reshape(self.classes, -1))
        return (z if data.offset is None else z + data.offset).argmax(axis=1).astype(numpy.float64)

    def is_minimum(self, weights, unit):
        # of a cost of one's own nobody knows: what is added to the weights of all classes may change nothing
        if self.cost is not None or self.is_sparse and len(self.data) * self.data.design.width > MOST_DENSE:
            return False
        _, slopes = self.data.design.parts(weights.reshape(self.classes, -1).T)
        # with a penalty, the minimum has none of that
        if self.penalty is not None and abs(slopes.mean(axis=1)).max() > LARGEST_ERROR * abs(slopes).max():
            return False
        likelihood = SoftmaxLikelihood(self.data.dense('converged'), self.options['l2'])
        if len(weights) < MANY_WEIGHTS or self.data.is_chunked:
            return self._is_minimum_of(likelihood, weights)
        return softmax_newton.is_minimum(likelihood, likelihood.from_user(self.to_user(weights)))

    def start(self, initial):
        if initial is None:
            return numpy.zeros(self.classes * self.data.design.count)
        weights = real_matrix('initial', initial, self.classes, self.data.design.count)
        return self._of_each(super().start, weights.ravel())

    def shaped(self, weights):
        return weights.reshape(self.classes, -1)

    def to_user(self, weights):
        return self._of_each(super().to_user, weights)

    def is_finite(self, weights):
        with numpy.errstate(over='ignore', invalid='ignore'):
            # the difference of two log-odds
            bound = 2 * self.count * (abs(weights).reshape(self.classes, -1).sum(axis=0) @ self._largest + self._farthest)
            if self.penalty is not None:
                bound += self.penalty @ weights**2
        return bool(self.cost is None and numpy.isfinite(bound)) or bool(numpy.isfinite(self.value(weights)))
