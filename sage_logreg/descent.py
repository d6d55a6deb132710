r"""
Descent steps, many in one call of a compiled Theano function

A step takes a :class:`State` some updates further. The loop over the updates
is Theano's ``scan``, so that it runs inside the compiled function. Data,
labels and weights are shared variables, the change of the weights is an
``updates`` of the function, as in the worksheet.

A compiled function serves data of any size. It is kept, without data, for the
next training in the same process.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.descent import GradientSteps, State
    sage: import numpy
    sage: data = ex2data1()
    sage: steps = GradientSteps(data.points, data.labels, learning_rate=0.001)
    sage: state = steps.run(State(0, numpy.zeros(3), numpy.zeros(3), False), 20000)
    sage: state.position, state.converged
    (20000, False)
    sage: state.weights  # abs tol 1e-8
    array([-1.28301202,  0.0194236 ,  0.01046422])
    sage: steps.close()
"""
import collections

import numpy

from sage_logreg.cost import evaluate, negative_log_likelihood
from sage_logreg.engine import T, scan, theano, until

State = collections.namedtuple('State', 'position weights velocity converged')
State.__doc__ = r"""
Where a descent stands: updates done, weights, velocity, whether ``tol`` was reached.
"""


class CompiledSteps:
    r"""
    The shared variables of one descent and the functions that update them.

    - ``penalized`` -- whether the cost has a penalty (one multiplication more a step)

    EXAMPLES::

        sage: from sage_logreg.descent import CompiledSteps
        sage: compiled = CompiledSteps(penalized=False)
        sage: compiled.w.get_value()
        array([], dtype=float64)
    """

    def __init__(self, penalized):
        self.X = theano.shared(numpy.empty((0, 0)), name='X')
        self.y = theano.shared(numpy.empty(0), name='y')
        self.w = theano.shared(numpy.empty(0), name='w')
        self.velocity = theano.shared(numpy.empty(0), name='velocity')
        self.penalty = theano.shared(numpy.empty(0), name='penalty') if penalized else None
        self._functions = {}

    def function(self, build):
        r"""
        Return the function that the method ``build`` compiles, compiled once.

        TESTS::

            sage: from sage_logreg.descent import CompiledSteps
            sage: compiled = CompiledSteps(penalized=False)
            sage: build = compiled.gradient_steps
            sage: compiled.function(build) is compiled.function(build)
            True
        """
        if build.__name__ not in self._functions:
            self._functions[build.__name__] = build()
        return self._functions[build.__name__]

    def gradient_steps(self):
        r"""
        Return the compiled function of ``(count, learning_rate)`` that takes ``count`` gradient steps.

        EXAMPLES::

            sage: from sage_logreg.descent import CompiledSteps
            sage: compiled = CompiledSteps(penalized=False)
            sage: train = compiled.gradient_steps()
            sage: import numpy
            sage: compiled.X.set_value(numpy.array([[1.0], [2.0]]))
            sage: compiled.y.set_value(numpy.array([0.0, 1.0]))
            sage: compiled.w.set_value(numpy.zeros(2))
            sage: _ = train(1, 0.5)
            sage: compiled.w.get_value()
            array([0.   , 0.125])
        """
        count, rate = T.lscalar('count'), T.dscalar('learning_rate')

        def step(w):
            cost = negative_log_likelihood(self.X, self.y, w, self.penalty)
            return w - rate * T.grad(cost, w)

        path = scan(step, outputs_info=[self.w], n_steps=count)
        return theano.function([count, rate], [], updates={self.w: path[-1]})

    def gradient_steps_until(self):
        r"""
        Return the compiled function of ``(count, learning_rate, tol)`` that stops where the gradient is small.

        It returns how many updates it made: fewer than ``count`` when the
        largest entry of the gradient fell to ``tol`` before.

        EXAMPLES::

            sage: from sage_logreg.descent import CompiledSteps
            sage: compiled = CompiledSteps(penalized=False)
            sage: train = compiled.gradient_steps_until()
            sage: import numpy
            sage: compiled.X.set_value(numpy.array([[1.0], [-1.0]]))
            sage: compiled.y.set_value(numpy.array([0.0, 1.0]))
            sage: compiled.w.set_value(numpy.zeros(2))
            sage: int(train(1000, 0.5, 0.01))
            204
            sage: float(1/(1 + numpy.exp(-compiled.w.get_value()[1])))  # abs tol 1e-4
            0.00996
        """
        count, rate, tol = T.lscalar('count'), T.dscalar('learning_rate'), T.dscalar('tol')

        def step(w, made):
            cost = negative_log_likelihood(self.X, self.y, w, self.penalty)
            gradient = T.grad(cost, w)
            small = T.le(T.max(abs(gradient)), tol)
            return [T.switch(small, w, w - rate * gradient), made + T.switch(small, 0, 1)], until(small)

        path, made = scan(step, outputs_info=[self.w, T.constant(numpy.int64(0))], n_steps=count)
        return theano.function([count, rate, tol], made[-1], updates={self.w: path[-1]})

    def stochastic_steps(self):
        r"""
        Return the compiled function that takes one step a batch of samples.

        Its arguments are ``(order, starts, stops, learning_rate, momentum)``:
        batch ``i`` is the samples ``order[starts[i]:stops[i]]``.

        EXAMPLES::

            sage: from sage_logreg.descent import CompiledSteps
            sage: compiled = CompiledSteps(penalized=False)
            sage: train = compiled.stochastic_steps()
            sage: import numpy
            sage: compiled.X.set_value(numpy.array([[1.0], [2.0]]))
            sage: compiled.y.set_value(numpy.array([0.0, 1.0]))
            sage: compiled.w.set_value(numpy.zeros(2))
            sage: compiled.velocity.set_value(numpy.zeros(2))
            sage: _ = train([1, 0], [0], [1], 0.5, 0.0)
            sage: compiled.w.get_value()
            array([0.25, 0.5 ])
        """
        order, starts, stops = T.lvector('order'), T.lvector('starts'), T.lvector('stops')
        rate, momentum = T.dscalar('learning_rate'), T.dscalar('momentum')

        def step(start, stop, w, velocity):
            samples = order[start:stop]
            cost = negative_log_likelihood(self.X[samples], self.y[samples], w, self.penalty)
            velocity = momentum * velocity - rate * T.grad(cost, w)
            return [w + velocity, velocity]

        path, velocities = scan(step, sequences=[starts, stops], outputs_info=[self.w, self.velocity])
        return theano.function([order, starts, stops, rate, momentum], [],
                               updates=[(self.w, path[-1]), (self.velocity, velocities[-1])])


# Compiled and not in use now; a training that runs inside another one's
# callback finds its place empty and compiles for itself.
_idle = {False: [], True: []}


class _Steps:
    # What the two kinds of steps share: data lent to compiled functions.

    def __init__(self, points, labels, penalty, build):
        self.points, self.labels, self.penalty = points, labels, penalty
        penalized = penalty is not None
        self._compiled = _idle[penalized].pop() if _idle[penalized] else CompiledSteps(penalized)
        # compiled before the data come in: what PyTensor compiles keeps the values that it saw
        self._function = self._compiled.function(getattr(self._compiled, build))
        self._compiled.X.set_value(points, borrow=True)
        self._compiled.y.set_value(labels, borrow=True)
        if penalized:
            self._compiled.penalty.set_value(penalty, borrow=True)

    def _call(self, *arguments):
        try:
            return self._function(*arguments)
        except SystemError as error:
            # so an interrupt arrives that Sage's signal handler raises inside compiled code
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise error.__cause__
            raise

    def close(self):
        r"""
        Give the compiled functions back, without the data.
        """
        compiled, self._compiled = self._compiled, None
        compiled.X.set_value(numpy.empty((0, 0)))
        compiled.y.set_value(numpy.empty(0))
        _idle[compiled.penalty is not None].append(compiled)


class GradientSteps(_Steps):
    r"""
    Steps against the gradient of the whole cost.

    INPUT:

    - ``points``, ``labels`` -- float64 arrays, m x n and m
    - ``learning_rate`` -- float
    - ``tol`` -- float; stop when no entry of the gradient is larger; 0 for never
    - ``penalty`` -- ``None`` or float64 array of n factors

    EXAMPLES: see :mod:`sage_logreg.descent`.
    """

    updates_per_epoch = 1

    def __init__(self, points, labels, learning_rate, tol=0.0, penalty=None):
        super().__init__(points, labels, penalty, 'gradient_steps_until' if tol else 'gradient_steps')
        self.learning_rate, self.tol = learning_rate, tol

    def run(self, state, count):
        r"""
        Return the :class:`State` at most ``count`` updates after ``state``.
        """
        self._compiled.w.set_value(state.weights)
        made = count
        if self.tol:
            made = int(self._call(count, self.learning_rate, self.tol))
        else:
            self._call(count, self.learning_rate)
        return State(state.position + made, self._compiled.w.get_value(), state.velocity, made < count)

    def cost(self, state):
        r"""
        Return the cost that the next update starts from.
        """
        return evaluate(self.points, self.labels, state.weights, self.penalty)[0]


class StochasticSteps(_Steps):
    r"""
    Steps against the gradient of one sample, or of a batch, at a time.

    INPUT:

    - ``points``, ``labels`` -- float64 arrays, m x n and m
    - ``learning_rate``, ``momentum`` -- floats
    - ``batch_size`` -- int; the last batch of an epoch has what is left
    - ``shuffle`` -- ``'once'``, ``'epoch'`` or ``None``
    - ``seed`` -- int
    - ``tol`` -- float; after an epoch, stop when no entry of the whole cost's
      gradient is larger; 0 for never
    - ``penalty`` -- ``None`` or float64 array of n factors

    The order of an epoch depends on the seed and the epoch alone, so that any
    stretch of a run can be run again.

    EXAMPLES::

        sage: from sage_logreg.descent import StochasticSteps, State
        sage: import numpy
        sage: points, labels = numpy.arange(5.0).reshape(5, 1), numpy.array([0., 1., 0., 1., 1.])
        sage: steps = StochasticSteps(points, labels, 0.1, 0.0, 2, None, 0)
        sage: steps.updates_per_epoch
        3
        sage: order, starts, stops = steps.batches(2, 3)
        sage: [order[start:stop].tolist() for start, stop in zip(starts, stops)]
        [[4], [0, 1], [2, 3]]

    One stretch is as good as two::

        sage: start = State(0, numpy.zeros(2), numpy.zeros(2), False)
        sage: whole = steps.run(start, 7)
        sage: parts = steps.run(steps.run(start, 4), 3)
        sage: bool((whole.weights == parts.weights).all())
        True
        sage: steps.close()
    """

    def __init__(self, points, labels, learning_rate, momentum, batch_size, shuffle, seed, tol=0.0, penalty=None):
        super().__init__(points, labels, penalty, 'stochastic_steps')
        self.learning_rate, self.momentum, self.tol = learning_rate, momentum, tol
        self.shuffle, self.seed = shuffle, seed
        self._starts = numpy.arange(0, len(labels), batch_size)
        self._stops = numpy.minimum(self._starts + batch_size, len(labels))
        self.updates_per_epoch = len(self._starts)
        self._orders = collections.OrderedDict()

    def order(self, epoch):
        r"""
        Return the order in which an epoch takes the samples.
        """
        if self.shuffle is None:
            return numpy.arange(len(self.labels))
        key = self.seed if self.shuffle == 'once' else (self.seed, epoch)
        if key not in self._orders:
            if len(self._orders) > 1:
                self._orders.popitem(last=False)
            # NumPy keeps the stream of RandomState unchanged for good
            self._orders[key] = numpy.random.RandomState(key).permutation(len(self.labels))
        return self._orders[key]

    def batches(self, position, count):
        r"""
        Return ``order, starts, stops`` of the ``count`` batches from ``position`` on.
        """
        size = self.updates_per_epoch
        epochs = range(position // size, (position + count - 1) // size + 1)
        order = (self.order(epochs[0]) if len(epochs) == 1
                 else numpy.concatenate([self.order(epoch) for epoch in epochs]))
        offsets = numpy.arange(len(epochs))[:, None] * len(self.labels)
        taken = slice(position % size, position % size + count)
        return order, (offsets + self._starts).ravel()[taken], (offsets + self._stops).ravel()[taken]

    def run(self, state, count):
        r"""
        Return the :class:`State` at most ``count`` updates after ``state``.
        """
        if self.tol:
            count = min(count, self.updates_per_epoch - state.position % self.updates_per_epoch)
        self._compiled.w.set_value(state.weights)
        self._compiled.velocity.set_value(state.velocity)
        self._call(*self.batches(state.position, count), self.learning_rate, self.momentum)
        position, weights = state.position + count, self._compiled.w.get_value()
        converged = False
        if self.tol and position % self.updates_per_epoch == 0:
            gradient = evaluate(self.points, self.labels, weights, self.penalty)[1]
            converged = bool(abs(gradient).max() <= self.tol)
        return State(position, weights, self._compiled.velocity.get_value(), converged)

    def cost(self, state):
        r"""
        Return the cost of the batch that the next update takes.
        """
        order, starts, stops = self.batches(state.position, 1)
        samples = order[starts[0]:stops[0]]
        return evaluate(self.points[samples], self.labels[samples], state.weights, self.penalty)[0]
