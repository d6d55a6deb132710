r"""
Descent steps, many in one call of a compiled Theano function

A call advances a :class:`State` by some updates, along a graph of
:mod:`sage_logreg.cost.graphs`. Data, labels and weights are shared variables; the weights
are changed by the function's ``updates``, as in the worksheet.

A compiled function serves data of any size. It is kept, without data, for the
next training in the same process.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.descent import GradientDescent
    sage: from sage_logreg.solvers.problem import LogisticProblem
    sage: from sage_logreg.solvers.steps import GradientSteps, State
    sage: import numpy
    sage: steps = GradientSteps(LogisticProblem(ex2data1()), GradientDescent(0.001, 300000))
    sage: state = steps.run(State(0, numpy.zeros(3), numpy.zeros(3), False), 20000)
    sage: state.position, state.converged
    (20000, False)
    sage: state.weights  # abs tol 1e-8
    array([-1.28301202,  0.0194236 ,  0.01046422])
    sage: steps.close()
"""
import collections
import functools

import numpy

from sage_logreg.cost import loops
from sage_logreg.cost.evaluation import evaluate_in_parts, weighted_rows
from sage_logreg.cost.graphs import gradient_path, stochastic_path
from sage_logreg.cost.kernels import fused, has_numba, mode_of_fused, rows_of_a_part
from sage_logreg.engine import COMPILES_WITH_NUMBA, T, function, one_thread, theano
from sage_logreg.solvers.records import State


class CompiledSteps:
    r"""
    The shared variables of one descent and the functions that update them.

    INPUT:

    - ``dtype`` -- the points' type, ``'float64'`` or ``'float32'``
    - ``cost`` -- (default: the negative log-likelihood) as for
      :func:`sage_logreg.cost.graphs.training_cost`
    - ``weighted`` -- (default: ``False``) whether the samples have frequencies and offsets

    EXAMPLES::

        sage: from sage_logreg.solvers.steps import CompiledSteps
        sage: compiled = CompiledSteps('float64')
        sage: train = compiled.gradient_steps
        sage: import numpy
        sage: compiled.lend(numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0]), numpy.zeros(1))
        sage: compiled.w.set_value(numpy.zeros(2))
        sage: int(train(*map(numpy.array, (1r, 0.5r, -1.0r))))
        1
        sage: compiled.w.get_value()
        array([0.   , 0.125])
    """

    def __init__(self, dtype, cost=None, weighted=False):
        self.key, self.cost = (dtype, cost, weighted), cost
        self.mode = mode_of_fused() if cost is None else None
        self.X = theano.shared(numpy.empty((0, 0), dtype), name='X')
        self.y = theano.shared(numpy.empty(0), name='y')
        self.penalty = theano.shared(numpy.empty(0), name='penalty')
        self.w = theano.shared(numpy.empty(0), name='w')
        self.velocity = theano.shared(numpy.empty(0), name='velocity')
        self.rows = [theano.shared(numpy.empty(0), name=name) for name in ('frequency', 'offset')] if weighted else []

    def lend(self, points, labels, penalty, *rows):
        r"""
        Let the functions work on these arrays, which are not copied.
        """
        for variable, values in zip((self.X, self.y, self.penalty, *self.rows), (points, labels, penalty, *rows)):
            variable.set_value(values, borrow=True)

    def _path(self, build, *inputs):
        inputs = (self.X, self.y, self.w, self.penalty, *inputs, *self.rows)
        return fused(build, *inputs) if self.cost is None else build(*inputs, cost=self.cost)

    @functools.cached_property
    def gradient_steps(self):
        r"""
        The compiled function of ``(count, learning_rate, tol)``, see :func:`gradient_path`.

        It returns how many steps it made.
        """
        count, rate, tol = T.lscalar('count'), T.dscalar('learning_rate'), T.dscalar('tol')
        with one_thread:
            end, made = self._path(gradient_path, count, rate, tol)
        # _Steps gives it arrays of these types
        return function([count, rate, tol], made, updates=[(self.w, end)], mode=self.mode).trusting()

    @functools.cached_property
    def stochastic_steps(self):
        r"""
        The compiled function of ``(orders, first, count, size, learning_rate, momentum)``,
        see :func:`stochastic_path`.
        """
        orders, first, count, size = T.lmatrix('orders'), T.lscalar('first'), T.lscalar('count'), T.lscalar('size')
        rate, momentum = T.dscalar('learning_rate'), T.dscalar('momentum')
        with one_thread:
            end, velocity = self._path(stochastic_path, self.velocity, orders, first, count, size, rate, momentum)
        return function([orders, first, count, size, rate, momentum], [],
                        updates=[(self.w, end), (self.velocity, velocity)], mode=self.mode).trusting()


class LoopedSteps(CompiledSteps):
    r"""
    The same for a user's own cost, by loops around its gradient; only where PyTensor compiles with numba.

    INPUT: as for :class:`CompiledSteps`
    """

    def _looped(self, path, given, updated):
        loop = loops.compiled_cost(*self.key[:2]).loop(path)

        def steps(*arguments):
            results = loop(*(variable.get_value(borrow=True) for variable in given), *arguments)
            for variable, value in zip(updated, results):
                variable.set_value(value, borrow=True)
            return results[-1]
        return steps

    @functools.cached_property
    def gradient_steps(self):
        r"""
        The function of ``(count, learning_rate, tol)``, as for :class:`CompiledSteps`.
        """
        return self._looped(loops.gradient_path, (self.X, self.y, self.w, self.penalty), (self.w,))

    @functools.cached_property
    def stochastic_steps(self):
        r"""
        The function of ``(orders, first, count, size, learning_rate, momentum)``, as for :class:`CompiledSteps`.
        """
        return self._looped(loops.stochastic_path, (self.X, self.y, self.w, self.penalty, self.velocity),
                            (self.w, self.velocity))


# Compiled steps that are not in use; a training inside another one's
# callback finds none here and compiles its own.
_idle = collections.defaultdict(list)
MOST_IDLE = 16


class _Steps:
    # What the two kinds of steps share: data lent to compiled functions.

    def __init__(self, problem, method, function):
        self.problem, self.method = problem, method
        rows = weighted_rows(len(problem.points), problem.frequency, problem.offset)
        key = str(problem.points.dtype), problem.known_cost, bool(rows)
        make = LoopedSteps if COMPILES_WITH_NUMBA and problem.cost is not None else CompiledSteps
        try:
            self._compiled = _idle[key].pop()
        except IndexError:
            self._compiled = make(*key)
        # compiled before the data are lent: PyTensor's compiled code keeps the values that it saw
        self._function = getattr(self._compiled, function)
        penalty = numpy.empty(0) if problem.penalty is None else problem.penalty
        self._compiled.lend(problem.points, problem.labels, penalty, *rows)

    def _begin(self, weights):
        self._compiled.w.set_value(weights.copy(), borrow=True)
        if self.problem.penalty is None:
            self._compiled.penalty.set_value(numpy.zeros(len(weights) - self.problem.intercept), borrow=True)

    def _value(self, name):
        # a copy, sooner than get_value makes it
        return getattr(self._compiled, name).get_value(borrow=True).copy()

    def _call(self, *arguments):
        return self._function(*map(numpy.asarray, arguments))

    def close(self):
        r"""
        Give the compiled functions back, without the data.
        """
        compiled, self._compiled = self._compiled, None
        compiled.lend(numpy.empty((0, 0), compiled.key[0]), *(numpy.empty(0) for _ in range(4)))
        if len(_idle) > MOST_IDLE:
            _idle.clear()
        _idle[compiled.key].append(compiled)


class GradientSteps(_Steps):
    r"""
    Steps against the gradient of the whole cost.

    INPUT:

    - ``problem`` -- a :class:`~sage_logreg.solvers.problem.Problem`
    - ``method`` -- a :class:`~sage_logreg.solvers.descent.GradientDescent`

    EXAMPLES: see :mod:`sage_logreg.solvers.steps`.
    """

    def __init__(self, problem, method):
        super().__init__(problem, method, 'gradient_steps')

    def run(self, state, count):
        r"""
        Return the :class:`State` at most ``count`` updates after ``state``.
        """
        self._begin(state.weights)
        # a negative tolerance is never reached
        made = int(self._call(count, self.method.learning_rate, self.method.tol or -1.0))
        return State(state.position + made, self._value('w'), state.velocity, made < count)

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
        sage: from sage_logreg.cost.kernels import has_numba, rows_of_a_part
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
        sage: steps.close()
    """

    def __init__(self, problem, method):
        self.problem, self.method = problem, method
        self._rows = weighted_rows(len(problem.points), problem.frequency, problem.offset)

    def run(self, state, count):
        r"""
        Return the :class:`State` at most ``count`` updates after ``state``.
        """
        problem, weights = self.problem, state.weights
        # weights that are no longer finite are told of by whoever asked for the steps
        with numpy.errstate(all='ignore'):
            for made in range(count):
                gradient = evaluate_in_parts(problem.points, problem.labels, weights, problem.penalty, self._rows, False)[1]
                if abs(gradient).max() <= (self.method.tol or -1.0):
                    return State(state.position + made, weights, state.velocity, True)
                weights = weights - self.method.learning_rate * gradient
        return State(state.position + count, weights, state.velocity, False)

    def cost(self, state):
        r"""
        Return the cost that the next update starts from.
        """
        return self.problem.value(state.weights)

    def close(self):
        r"""
        Do nothing: the kernel keeps no data.
        """


def gradient_steps(problem, method):
    r"""
    Return :class:`PartedSteps` where the table has more than one part, otherwise :class:`GradientSteps`.
    """
    m, n = problem.points.shape
    parted = has_numba() and problem.cost is None and m > rows_of_a_part(n)
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
        sage: start = State(0, numpy.zeros(2), numpy.zeros(2), False)
        sage: whole = steps.run(start, 7)
        sage: parts = steps.run(steps.run(start, 4), 3)
        sage: bool((whole.weights == parts.weights).all())
        True
        sage: steps.close()
    """

    def __init__(self, problem, method):
        super().__init__(problem, method, 'stochastic_steps')
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
        return self._shuffled([self.method.seed, epoch]) if self._fixed_order is None else self._fixed_order

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
            orders = self._fixed_order[None]
        else:
            last = epoch + (first + count - 1) // self.updates_per_epoch
            orders = numpy.array([self.order(number) for number in range(epoch, last + 1)])
        self._begin(state.weights)
        self._compiled.velocity.set_value(state.velocity.copy(), borrow=True)
        self._call(orders, first, count, self.method.batch_size, self.method.learning_rate, self.method.momentum)
        position, weights = state.position + count, self._value('w')
        converged = False
        if self.method.tol and position % self.updates_per_epoch == 0:
            converged = bool(abs(self.problem.evaluate(weights)[1]).max() <= self.method.tol)
        return State(position, weights, self._value('velocity'), converged)

    def cost(self, state):
        r"""
        Return the cost of the batch that the next update takes.
        """
        return self.problem.value(state.weights, self.batch(state.position))
