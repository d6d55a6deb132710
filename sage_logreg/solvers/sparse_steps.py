r"""
Descent steps on sparse rows, many in one call

EXAMPLES::

    sage: from scipy.sparse import csr_matrix
    sage: from sage_logreg.dataset.dataset import Dataset
    sage: from sage_logreg.solvers.descent import GradientDescent, descend
    sage: from sage_logreg.solvers.problem import LogisticProblem
    sage: import numpy
    sage: data = Dataset(csr_matrix([[0.0], [1.0], [2.0], [3.0]]), numpy.array([0.0, 1.0, 0.0, 1.0]), ('x1',))
    sage: descend(LogisticProblem(data), GradientDescent(0.5, 1000)).weights  # abs tol 1e-6
    array([-1.36227572,  0.90818362])
"""
import numpy

from sage_logreg.cost.sparse import SparseCost, compiled, stochastic_path
from sage_logreg.solvers.records import State
from sage_logreg.solvers.steps import GradientSteps, StochasticSteps


class SparseGradientSteps(GradientSteps):
    r"""
    Steps against the gradient of the whole cost; as :class:`~sage_logreg.solvers.steps.GradientSteps`.

    EXAMPLES: see :mod:`sage_logreg.solvers.sparse_steps`.
    """

    def __init__(self, problem, method):
        self.problem, self.method = problem, method
        self._penalty = 0.0 if problem.penalty is None else problem.penalty
        self._rows = SparseCost(problem.points, problem.labels, problem.frequency, problem.offset, problem.intercept)

    def run(self, state, count):
        r"""
        Return the :class:`~sage_logreg.solvers.records.State` at most ``count`` updates after ``state``.
        """
        weights, tol = state.weights.copy(), self.method.tol or -1.0
        slopes = self.problem.parts(weights)[1]
        for made in range(count):
            gradient = self._rows.terms(weights, False)[1] / len(self.problem.labels)
            self.problem.parts(gradient)[1][:] += self._penalty * slopes
            if abs(gradient).max() <= tol:
                return State(state.position + made, weights, state.velocity, True)
            weights -= self.method.learning_rate * gradient
        return State(state.position + count, weights, state.velocity, False)


class SparseStochasticSteps(StochasticSteps):
    r"""
    Steps against the gradient of one sample, or of a batch; as :class:`~sage_logreg.solvers.steps.StochasticSteps`.

    A step takes as long as its rows have entries: what momentum and penalty do to the other weights meanwhile is done when
    they are needed, and at fixed places, wherever a run ends, so that the same numbers are rounded. They are as far apart as
    rows have together as many entries as there are columns, and before and after the last update of an epoch, where weights
    are recorded.
    """

    def __init__(self, problem, method):
        self.problem, self.method = problem, method
        self._begin_orders()
        rows, points = len(problem.labels), problem.points
        self._arguments = (points.indptr, points.indices, points.data, problem.labels,
                           numpy.ones(rows) if problem.frequency is None else problem.frequency,
                           numpy.zeros(rows) if problem.offset is None else problem.offset)
        self._penalty = numpy.zeros(points.shape[1]) if problem.penalty is None else problem.penalty
        self._apart = max(1, points.shape[1] * rows // max(1, points.nnz * method.batch_size))

    def _next_place(self, first):
        # the next fixed place in an epoch
        last = self.updates_per_epoch - 1
        return min((first // self._apart + 1) * self._apart, last if first < last else last + 1)

    def run(self, state, count):
        r"""
        Return the :class:`~sage_logreg.solvers.records.State` at the next fixed place that is ``count`` updates after ``state``.
        """
        epoch, first = divmod(state.position, self.updates_per_epoch)
        end = state.position + (min(count, self.updates_per_epoch - first) if self.method.tol else count)
        weights, velocity, position = state.weights.copy(), state.velocity.copy(), state.position
        (bias, slopes), (bias_velocity, velocities) = map(self.problem.parts, (weights, velocity))
        while position < end:
            epoch, first = divmod(position, self.updates_per_epoch)
            made = self._next_place(first) - first
            arguments = (*self._arguments, bias, slopes, bias_velocity, velocities, self._penalty, self.order(epoch), first, made,
                         self.method.batch_size, self.method.learning_rate, float(self.method.momentum))
            compiled(stochastic_path, *arguments)(*arguments)
            position += made
        converged = self.method.tol and position % self.updates_per_epoch == 0 and bool(
            abs(self.problem.evaluate(weights)[1]).max() <= self.method.tol)
        return State(position, weights, velocity, bool(converged))
