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
from sage_logreg.cost.pixels import Pixels, is_indexed
from sage_logreg.cost.softmax import parts_of, softmax_gradient_path, softmax_stochastic_path, sums_in_parts
from sage_logreg.solvers.records import State
from sage_logreg.solvers.steps import GradientSteps, StochasticSteps


class SoftmaxSteps:
    r"""
    What the two kinds of steps share: the rows, in one call of a compiled loop, in parts for all cores, or by the graph.
    """

    def _begin(self, problem, method, rows, is_fixed=True):
        self.problem, self.method = problem, method
        points = problem.points
        # another index for every order of the rows would take longer than it saves
        self._is_indexed = not problem.is_sparse and is_fixed and is_indexed(points, rows)
        self._by_kernels = has_numba() and not problem.is_sparse
        self._is_parted = self._by_kernels and len(parts_of(rows, problem.classes * problem.data.design.count)) > 1
        self._rows = points, float(problem.unit), problem.labels
        self._weighted = problem.frequency, problem.offset
        self._pixels = None

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
        if self._by_kernels and not (self._is_parted or self._is_indexed):
            arguments = (*self._rows, self._as_matrix(weights), self._as_matrix(self._factors), count, rate, tol, *self._weighted)
            made = compiled(softmax_gradient_path, *arguments)(*arguments)
            return State(state.position + made, weights, state.velocity, made < count)
        with numpy.errstate(all='ignore'):
            for made in range(count):
                gradient = self._gradient(weights)
                if abs(gradient).max() <= tol:
                    return State(state.position + made, weights, state.velocity, True)
                weights -= rate * gradient
        return State(state.position + count, weights, state.velocity, False)

    def _gradient(self, weights):
        if not self._is_indexed:
            return self.problem.evaluate(weights)[1]
        points, unit, labels = self._rows
        if self._pixels is None:
            self._pixels = Pixels(points, len(labels))
        gradient = self._pixels.sums(unit, labels, self._as_matrix(weights), *self._weighted)[1]
        return gradient.ravel() / len(labels) + self._factors * weights


class SoftmaxStochasticSteps(SoftmaxSteps, StochasticSteps):
    r"""
    Steps against the gradient of one sample, or of a batch; as :class:`~sage_logreg.solvers.steps.StochasticSteps`.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_steps`.
    """

    def __init__(self, problem, method):
        self._begin(problem, method, method.batch_size, method.shuffle != 'epoch')
        self._begin_orders()

    def _path(self, weights, penalty, velocity, orders, first, count, size, rate, momentum):
        # as the paths of two classes are called
        if self._by_kernels and not (self._is_parted or self._is_indexed):
            weights, velocity = weights.copy(), velocity.copy()
            arguments = (*self._rows, *map(self._as_matrix, (weights, self._factors, velocity)), orders, first, count,
                         size, float(rate), float(momentum), *self._weighted)
            compiled(softmax_stochastic_path, *arguments)(*arguments)
            return weights, velocity
        last = first + count
        with numpy.errstate(all='ignore'):
            while first < last:
                epoch, batch = divmod(first, self.updates_per_epoch)
                count = min(last - first, self.updates_per_epoch - batch)
                run = self._of_pixels if self._is_indexed else self._in_batches
                weights, velocity = run(orders[epoch % len(orders)], batch, count, weights, velocity)
                first += count
        return weights, velocity

    def _of_pixels(self, order, first, count, weights, velocity):
        points, unit, labels = self._rows
        if self._pixels is None or not numpy.array_equal(order, self._pixels.order):
            self._pixels = Pixels(points, self.method.batch_size, order)
        return self._pixels.descend(first, count, unit, labels, weights, self._factors, velocity, self.problem.classes,
                                    self.method.learning_rate, self.method.momentum, *self._weighted)

    def _in_batches(self, order, first, count, weights, velocity):
        size = self.method.batch_size
        for start in range(first * size, (first + count) * size, size):
            stop = min(start + size, len(order))
            if self._is_parted:
                gradient = sums_in_parts(*self._rows, self._as_matrix(weights), *self._weighted, order, start, stop)[1]
                gradient = gradient.ravel() / (stop - start) + self._factors * weights
            else:
                gradient = self.problem.evaluate(weights, order[start:stop])[1]
            velocity = self.method.momentum * velocity - self.method.learning_rate * gradient
            weights = weights + velocity
        return weights, velocity

    def _penalty(self, weights):
        return self._factors
