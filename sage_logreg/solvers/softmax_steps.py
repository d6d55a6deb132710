r"""
Descent steps on the cost of more than two classes

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.descent import GradientDescent
    sage: from sage_logreg.solvers.softmax_problem import SoftmaxProblem
    sage: from sage_logreg.solvers.records import State
    sage: import numpy
    sage: method = GradientDescent(1, 100)
    sage: steps = method.steps(SoftmaxProblem(load_data([[1, 0], [2, 1], [3, 2], [4, 1]])))
    sage: state = steps.run(State(0, numpy.zeros(6), numpy.zeros(6), False), int(1))
    sage: state.weights.reshape(3, 2)  # abs tol 1e-12
    array([[-0.08333333, -0.58333333],
           [ 0.16666667,  0.66666667],
           [-0.08333333, -0.08333333]])
"""
import numpy

from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.kernels import compiled
from sage_logreg.cost.softmax import parts_of, softmax_gradient_path, softmax_stochastic_path, sums_in_parts
from sage_logreg.solvers.records import State
from sage_logreg.solvers.steps import GradientSteps, StochasticSteps


class SoftmaxSteps:
    r"""
    What the two kinds of steps share: the rows, in one call of a compiled loop or in parts for all cores.
    """

    def _begin(self, problem, method, rows):
        self.problem, self.method = problem, method
        points = problem.points
        size = problem.classes * problem.data.design.count
        self._by_kernels = has_numba() and not problem.is_sparse
        # bytes are images, whose zeros are left out
        self._is_parted = not self._by_kernels or points.dtype == numpy.uint8 or len(parts_of(rows, size)) > 1
        self._rows = points, float(problem.unit), problem.labels
        self._weighted = problem.frequency, problem.offset

    def _as_matrix(self, weights):
        return weights.reshape(self.problem.classes, -1)

    @property
    def _factors(self):
        penalty = self.problem.penalty
        return numpy.zeros(self.problem.classes * self.problem.data.design.count) if penalty is None else penalty


class SoftmaxGradientSteps(SoftmaxSteps, GradientSteps):
    r"""
    Steps against the gradient of the whole cost; as :class:`~sage_logreg.solvers.steps.GradientSteps`.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_steps`.
    """

    def __init__(self, problem, method):
        self._begin(problem, method, len(problem.labels))

    def run(self, state, count):
        r"""
        Return the :class:`~sage_logreg.solvers.records.State` at most ``count`` updates after ``state``.
        """
        weights, rate, tol = state.weights.copy(), float(self.method.learning_rate), float(self.method.tol or -1.0)
        if not self._is_parted:
            arguments = (*self._rows, self._as_matrix(weights), self._as_matrix(self._factors), count, rate, tol, *self._weighted)
            made = compiled(softmax_gradient_path, *arguments)(*arguments)
            return State(state.position + made, weights, state.velocity, made < count)
        with numpy.errstate(all='ignore'):
            for made in range(count):
                gradient = self.problem.evaluate(weights)[1]
                if abs(gradient).max() <= tol:
                    return State(state.position + made, weights, state.velocity, True)
                weights -= rate * gradient
        return State(state.position + count, weights, state.velocity, False)


class SoftmaxStochasticSteps(SoftmaxSteps, StochasticSteps):
    r"""
    Steps against the gradient of one sample, or of a batch; as :class:`~sage_logreg.solvers.steps.StochasticSteps`.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_steps`.
    """

    def __init__(self, problem, method):
        self._begin(problem, method, method.batch_size)
        self._begin_orders()

    def _path(self, weights, penalty, velocity, orders, first, count, size, rate, momentum):
        # as the paths of two classes are called
        weights, velocity = weights.copy(), velocity.copy()
        if not self._is_parted:
            arguments = (*self._rows, *map(self._as_matrix, (weights, self._factors, velocity)), orders, first, count,
                         size, float(rate), float(momentum), *self._weighted)
            compiled(softmax_stochastic_path, *arguments)(*arguments)
            return weights, velocity
        with numpy.errstate(all='ignore'):
            for update in range(first, first + count):
                epoch, number = divmod(update, self.updates_per_epoch)
                start = number * size
                stop = min(start + size, orders.shape[1])
                velocity = momentum * velocity - rate * self._gradient(weights, orders[epoch % len(orders)], start, stop)
                weights = weights + velocity
        return weights, velocity

    def _gradient(self, weights, order, start, stop):
        # Of a batch, with the penalty.
        if not self._by_kernels:
            return self.problem.evaluate(weights, order[start:stop])[1]
        gradient = sums_in_parts(*self._rows, self._as_matrix(weights), *self._weighted, order, start, stop)[1]
        return gradient.ravel() / (stop - start) + self._factors * weights

    def _penalty(self, weights):
        return self._factors
