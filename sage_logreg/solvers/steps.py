r"""
Descent steps, many in one call of a compiled function

A call advances a :class:`State` by some updates, along a path of :mod:`sage_logreg.cost.graphs`: computed
by numba code where there is numba, otherwise by Theano's function of the graph. What is
compiled serves data of any size and is kept, without data, for the next training in the same process.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.descent import GradientDescent
    sage: from sage_logreg.solvers.problem import LogisticProblem
    sage: from sage_logreg.solvers.steps import GradientSteps, State
    sage: import numpy
    sage: steps = GradientSteps(LogisticProblem(ex2data1()), GradientDescent(0.001, 300000))
    sage: state = steps.run(State(0, numpy.zeros(3), numpy.zeros(3), False), int(20000))
    sage: state.position, state.converged
    (20000, False)
    sage: state.weights  # abs tol 1e-8
    array([-1.28301202,  0.0194236 ,  0.01046422])
"""
import functools

import numpy

from sage_logreg.cost import graphs, kernels, loops
from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.evaluation import evaluate_in_parts, own_gradient_in_parts, parts_of_rows, weighted_rows
from sage_logreg.engine import COMPILES_WITH_NUMBA, T, function, kept
from sage_logreg.solvers.records import State


@kept(16)
def graph_path(name, dtype, cost=None, weighted=False):
    r"""
    Return the compiled function of a path of :mod:`sage_logreg.cost.graphs`, which takes the arguments of the path.

    INPUT:

    - ``name`` -- ``'gradient_path'`` or ``'stochastic_path'``
    - ``dtype`` -- the points' type, ``'float64'`` or ``'float32'``
    - ``cost`` -- (default: the negative log-likelihood) as for
      :func:`sage_logreg.cost.graphs.training_cost`
    - ``weighted`` -- (default: ``False``) whether the samples have frequencies and offsets

    EXAMPLES::

        sage: from sage_logreg.solvers.steps import graph_path
        sage: path = graph_path('gradient_path', 'float64')
        sage: import numpy
        sage: X, y = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0])
        sage: path(X, y, numpy.zeros(2), numpy.zeros(1), 1r, 0.5r, -1.0r)
        [array([0.   , 0.125]), array(1)]
    """
    X, (y, w, penalty) = T.matrix('X', dtype=dtype), map(T.dvector, ('y', 'w', 'penalty'))
    if name == 'gradient_path':
        rest = [T.lscalar('count'), T.dscalar('learning_rate'), T.dscalar('tol')]
    else:
        rest = [T.dvector('velocity'), T.lmatrix('orders'), *map(T.lscalar, ('first', 'count', 'size')),
                *map(T.dscalar, ('learning_rate', 'momentum'))]
    inputs = [X, y, w, penalty, *rest, *map(T.dvector, ('frequency', 'offset') if weighted else ())]
    outputs = getattr(graphs, name)(*inputs, cost=cost)
    # a user's cost may not use X or y
    return function(inputs, outputs, on_unused_input='ignore')


class _Steps:
    # What the two kinds of steps share: the compiled path along this problem's data.

    def __init__(self, problem, method, name):
        self.problem, self.method = problem, method
        dtype, rows = str(problem.points.dtype), weighted_rows(len(problem.points), problem.frequency, problem.offset)
        rows = dict(zip(('frequency', 'offset'), rows))
        if problem.cost is None and has_numba():
            path = getattr(kernels, name)
        elif COMPILES_WITH_NUMBA:
            path = loops.compiled_cost(dtype, problem.known_cost).loop(getattr(loops, name))
        else:
            path = graph_path(name, dtype, problem.known_cost, bool(rows))
        self._path = functools.partial(path, problem.points, problem.labels, **rows)

    def _penalty(self, weights):
        return numpy.zeros(len(weights) - self.problem.intercept) if self.problem.penalty is None else self.problem.penalty


class GradientSteps(_Steps):
    r"""
    Steps against the gradient of the whole cost.

    INPUT:

    - ``problem`` -- a :class:`~sage_logreg.solvers.problem.Problem`
    - ``method`` -- a :class:`~sage_logreg.solvers.descent.GradientDescent`

    EXAMPLES: see :mod:`sage_logreg.solvers.steps`.
    """

    def __init__(self, problem, method):
        super().__init__(problem, method, 'gradient_path')

    def run(self, state, count):
        r"""
        Return the :class:`State` at most ``count`` updates after ``state``.
        """
        # a negative tolerance is never reached
        weights, made = self._path(state.weights, self._penalty(state.weights), count, self.method.learning_rate,
                                   self.method.tol or -1.0)
        return State(state.position + int(made), weights, state.velocity, int(made) < count)

    def cost(self, state):
        r"""
        Return the cost that the next update starts from.
        """
        return self.problem.value(state.weights)


class PartedSteps:
    r"""
    The same steps where a table has so many numbers that all cores share each step.

    INPUT: as for :class:`GradientSteps`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.cost.cached import has_numba
        sage: from sage_logreg.cost.kernels import rows_of_a_part
        sage: from sage_logreg.solvers.descent import GradientDescent
        sage: from sage_logreg.solvers.problem import LogisticProblem
        sage: from sage_logreg.solvers.steps import State
        sage: import numpy
        sage: labels = numpy.arange(2 * rows_of_a_part(int(1))) % 2
        sage: method = GradientDescent(0.5, 10)
        sage: steps = method.steps(LogisticProblem(load_data((labels[:, None] + 1, labels))))
        sage: type(steps).__name__ == ('PartedSteps' if has_numba() else 'GradientSteps')
        True
        sage: state = steps.run(State(0, numpy.zeros(2), numpy.zeros(2), False), 1)
        sage: state.position, state.weights  # abs tol 1e-12
        (1, array([0.   , 0.125]))
    """

    def __init__(self, problem, method):
        self.problem, self.method = problem, method
        self._rows = weighted_rows(len(problem.points), problem.frequency, problem.offset)
        # the weights at which the cost was computed last, and the gradient there, for the step from them
        self._weights = self._gradient = None

    def _gradient_at(self, weights):
        problem = self.problem
        if weights is self._weights:
            return self._gradient
        if problem.cost is not None:
            return own_gradient_in_parts(problem.points, problem.labels, weights, problem.known_cost)
        return evaluate_in_parts(problem.points, problem.labels, weights, problem.penalty, self._rows, False)[1]

    def run(self, state, count):
        r"""
        Return the :class:`State` at most ``count`` updates after ``state``.
        """
        weights = state.weights
        # weights that are no longer finite are told of by whoever asked for the steps
        with numpy.errstate(all='ignore'):
            for made in range(count):
                gradient = self._gradient_at(weights)
                if abs(gradient).max() <= (self.method.tol or -1.0):
                    return State(state.position + made, weights, state.velocity, True)
                weights = weights - self.method.learning_rate * gradient
        return State(state.position + count, weights, state.velocity, False)

    def cost(self, state):
        r"""
        Return the cost that the next update starts from.
        """
        cost, self._gradient = self.problem.evaluate(state.weights)
        self._weights = state.weights
        return cost


def gradient_steps(problem, method):
    r"""
    Return :class:`PartedSteps` where the table has more than one part, otherwise :class:`GradientSteps`.
    """
    may_be_parted = has_numba() if problem.cost is None else COMPILES_WITH_NUMBA and problem.is_mean
    parted = may_be_parted and len(parts_of_rows(problem.points)) > 1
    return (PartedSteps if parted else GradientSteps)(problem, method)


class StochasticSteps(_Steps):
    r"""
    Steps against the gradient of one sample, or of a batch, at a time.

    INPUT:

    - ``problem`` -- a :class:`~sage_logreg.solvers.problem.Problem`
    - ``method`` -- a :class:`~sage_logreg.solvers.descent.StochasticGradientDescent`; with its ``tol`` a run stops after
      an epoch at whose end no entry of the whole cost's gradient is larger

    The order of an epoch depends only on the seed and the epoch, so that any part
    of a run can be repeated.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.solvers.descent import StochasticGradientDescent
        sage: from sage_logreg.solvers.problem import LogisticProblem
        sage: from sage_logreg.solvers.steps import StochasticSteps, State
        sage: problem = LogisticProblem(load_data(([0, 1, 2, 3, 4], [0, 1, 0, 1, 1])))
        sage: steps = StochasticSteps(problem, StochasticGradientDescent(0.1, 10, batch_size=2, shuffle=None))
        sage: steps.updates_per_epoch
        3
        sage: [steps.batch(update).tolist() for update in (2, 3, 4)]
        [[4], [0, 1], [2, 3]]

    One run gives the same as two shorter ones::

        sage: import numpy
        sage: start = State(int(0), numpy.zeros(2), numpy.zeros(2), False)
        sage: whole = steps.run(start, int(7))
        sage: parts = steps.run(steps.run(start, int(4)), int(3))
        sage: bool((whole.weights == parts.weights).all())
        True
    """

    # whether a path takes and changes the log-odds of the next sample
    _looks_ahead = False

    def __init__(self, problem, method):
        super().__init__(problem, method, 'stochastic_path')
        self._looks_ahead = self._path.func is kernels.stochastic_path
        self._begin_orders()

    def _begin_orders(self):
        self.updates_per_epoch = self.method.updates(len(self.problem.labels))
        self._fixed_order, self._random = None, numpy.random.RandomState(0)
        if self.method.shuffle is None:
            self._fixed_order = numpy.arange(len(self.problem.labels))
        elif self.method.shuffle == 'once':
            self._fixed_order = self._shuffled(self.method.seed)

    def _shuffled(self, key):
        # NumPy guarantees that the stream of RandomState never changes; making one takes longer than to seed it again
        self._random.seed(key)
        return self._random.permutation(len(self.problem.labels))

    def order(self, epoch):
        r"""
        Return the order in which an epoch takes the samples.
        """
        order = self._shuffled([self.method.seed, epoch]) if self._fixed_order is None else self._fixed_order
        # without the samples that make no whole batch, where they are dropped
        return order[:self.updates_per_epoch * self.method.batch_size]

    def batch(self, position):
        r"""
        Return the samples of the update at ``position``.
        """
        epoch, number = divmod(position, self.updates_per_epoch)
        return self.order(epoch)[number * self.method.batch_size:(number + 1) * self.method.batch_size]

    def run(self, state, count):
        r"""
        Return the :class:`State` at most ``count`` updates after ``state``.
        """
        epoch, first = divmod(state.position, self.updates_per_epoch)
        if self.method.tol:
            count = min(count, self.updates_per_epoch - first)
        if self._fixed_order is not None:
            orders = self.order(0)[None]
        else:
            last = epoch + (first + count - 1) // self.updates_per_epoch
            orders = numpy.array([self.order(number) for number in range(epoch, last + 1)])
        # only one path takes and changes the next sample's log-odds
        ahead = numpy.array([numpy.nan if state.log_odds is None else state.log_odds])
        weights, velocity = self._path(state.weights, self._penalty(state.weights), state.velocity, orders, first, count,
                                       self.method.batch_size, self.method.learning_rate, self.method.momentum,
                                       **({'ahead': ahead} if self._looks_ahead else {}))
        position = state.position + count
        converged = False
        if self.method.tol and position % self.updates_per_epoch == 0:
            converged = bool(abs(self.problem.evaluate(weights)[1]).max() <= self.method.tol)
        return State(position, weights, velocity, converged, float(ahead[0]) if self._looks_ahead and numpy.isfinite(ahead[0]) else None)

    def cost(self, state):
        r"""
        Return the cost of the batch that the next update takes.
        """
        return self.problem.value(state.weights, self.batch(state.position))
