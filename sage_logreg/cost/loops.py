r"""
Loops: descents on a user's own cost, around the gradient that PyTensor compiles

These are the descents of :mod:`sage_logreg.cost.graphs`. Where PyTensor compiles with
numba, a numba loop can call the compiled function of a gradient, without ``scan``.
The gradient is an argument: the loops are compiled once, cached on disk, and serve
every cost.

EXAMPLES::

    sage: from sage_logreg.cost.graphs import known_cost
    sage: from sage_logreg.engine import COMPILES_WITH_NUMBA, T
    sage: from sage_logreg.cost.loops import compiled_cost, gradient_path
    sage: import numpy
    sage: def squares(X, y, w):
    ....:     return T.mean((w[0] + T.dot(X, w[1:]) - y)**2)
    sage: X, y, w = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0]), numpy.zeros(2)
    sage: def descend():
    ....:     loop = compiled_cost('float64', known_cost(squares, 'float64')).loop(gradient_path)
    ....:     return loop(X, y, w, numpy.zeros(1), 1, 0.5, -1)
    sage: not COMPILES_WITH_NUMBA or [numpy.asarray(value).tolist() for value in descend()] == [[0.5, 1.0], 1]
    True
"""
import numpy

from sage_logreg.cost.cached import compiled_for
from sage_logreg.cost.graphs import training_cost
from sage_logreg.engine import T, compiling, function, kept, one_thread


def gradient_path(gradient, X, y, w, penalty, count, rate, tol):
    r"""
    The numba code of :func:`sage_logreg.cost.graphs.gradient_path`.

    ``gradient`` takes ``(X, y, w)`` as one tuple, and returns a tuple of one array, without the penalty.

    EXAMPLES::

        sage: from sage_logreg.cost.loops import gradient_path
        sage: import numpy
        sage: X, y, w = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0]), numpy.zeros(2)
        sage: gradient_path(lambda inputs: (inputs[2] - 1,), X, y, w, numpy.ones(1), int(1), 0.5r, -1.0r)
        (array([0.5, 0.5]), 1)
    """
    w, ahead, first = w.copy(), w.copy(), len(w) - len(penalty)
    for made in range(count):
        slopes, = gradient((X, y, w))
        small = True
        for j in range(len(w)):
            slope = slopes[j] + (penalty[j - first] * w[j] if j >= first else 0.0)
            if not abs(slope) <= tol:
                small = False
            ahead[j] = w[j] - rate * slope
        if small:
            return w, made
        w, ahead = ahead, w
    return w, count


# the place of size in the arguments of a stochastic path, after the gradient
SIZE = 8


def stochastic_path(gradient, X, y, w, penalty, velocity, orders, first, count, size, rate, momentum):
    r"""
    The numba code of :func:`sage_logreg.cost.graphs.stochastic_path`; ``gradient`` as for :func:`gradient_path`.

    EXAMPLES::

        sage: from sage_logreg.cost.loops import stochastic_path
        sage: import numpy
        sage: X, y, w, orders = numpy.array([[1.0], [2.0]]), numpy.zeros(2), numpy.zeros(2), numpy.array([[1, 0]])
        sage: def gradient(inputs):
        ....:     return inputs[2] - inputs[0][0],
        sage: stochastic_path(gradient, X, y, w, w[1:], w, orders, int(0), int(1), int(1), 0.5r, 0.0r)
        (array([1., 1.]), array([1., 1.]))
    """
    m, n = orders.shape[1], X.shape[1]
    w, velocity, first_slope = w.copy(), velocity.copy(), len(w) - len(penalty)
    size = min(size, m)
    points, labels = numpy.empty((size, n), X.dtype), numpy.empty(size)
    batches = (m + size - 1) // size
    for update in range(first, first + count):
        start = update % batches * size
        stop = min(start + size, m)
        for place in range(stop - start):
            sample = orders[update // batches % len(orders), start + place]
            labels[place] = y[sample]
            for j in range(n):
                points[place, j] = X[sample, j]
        slopes, = gradient((points[:stop - start], labels[:stop - start], w))
        for j in range(len(w)):
            slope = slopes[j] + (penalty[j - first_slope] * w[j] if j >= first_slope else 0.0)
            velocity[j] = momentum * velocity[j] - rate * slope
            w[j] += velocity[j]
    return w, velocity


@kept()
def _compiled_loop(path, gradient, X, vector):
    # For every gradient of this numba type; cached on disk, beside this file or in numba's own cache.
    import numba
    rest = {gradient_path: (numba.int64, numba.float64, numba.float64),
            stochastic_path: (vector, numba.int64[:, ::1], *[numba.int64] * 3, numba.float64, numba.float64)}
    with compiling(path.__name__, gradient, X) as first:
        loop = compiled_for((gradient, X, vector, vector, vector, *rest[path]), path)
        first.done()
    return loop


class CompiledCost:
    r"""
    A user's cost and its gradient, compiled by PyTensor; only where it compiles with numba.

    INPUT:

    - ``dtype`` -- the points' type, ``'float64'`` or ``'float32'``
    - ``cost`` -- a :class:`sage_logreg.cost.graphs.KnownCost`

    EXAMPLES: see :mod:`sage_logreg.cost.loops`.
    """

    def __init__(self, dtype, cost):
        self.dtype, self.cost = dtype, cost
        # what has been compiled: functions, and numba functions of gradients
        self._functions, self._gradients, self._unlocked = {}, {}, {}

    def _function(self, derived, rows=None):
        # Separately: one function of the cost and its gradient would compute the cost in every step.
        with one_thread:
            if (derived, rows) not in self._functions:
                X, y = (T.TensorType(dtype, (rows, None)[:ndim])(name)
                        for name, dtype, ndim in (('X', self.dtype, 2), ('y', 'float64', 1)))
                inputs = X, y, T.dvector('w')
                graph = training_cost(*inputs, cost=self.cost)
                if derived:
                    graph = T.grad(graph, inputs[2], disconnected_inputs='ignore')
                self._functions[derived, rows] = function(inputs, graph, on_unused_input='ignore', trust_input=True)
            return self._functions[derived, rows]

    @property
    def value(self):
        r"""
        The compiled cost, a function of arrays ``X, y, w``.
        """
        return self._function(False)

    @property
    def gradient(self):
        r"""
        Its compiled gradient.
        """
        return self._function(True)

    def unlocked(self, derived):
        r"""
        Return the cost, or with ``derived`` its gradient, as a function of numba that lets go of Python's lock.

        EXAMPLES::

            sage: from sage_logreg.cost.graphs import known_cost
            sage: from sage_logreg.cost.loops import compiled_cost
            sage: from sage_logreg.engine import COMPILES_WITH_NUMBA
            sage: import numpy
            sage: def gradient():
            ....:     cost = known_cost(lambda X, y, w: (y * w[0]**2).mean(), 'float64')
            ....:     return compiled_cost('float64', cost).unlocked(True)(numpy.ones((2, 1)), numpy.ones(2), numpy.ones(1))
            sage: not COMPILES_WITH_NUMBA or gradient().tolist() == [2.0]
            True
        """
        with one_thread:
            if derived not in self._unlocked:
                import numba
                inner = self._function(derived).vm.jit_fn
                function = numba.njit(lambda X, y, w: inner(X, y, w)[0], nogil=True)
                X, vector = self._types()
                function.compile((X, vector, vector))
                self._unlocked[derived] = function
            return self._unlocked[derived]

    def _types(self):
        # of the points, and of vectors
        import numba
        return numba.from_dtype(numpy.dtype(self.dtype))[:, ::1], numba.float64[::1]

    def loop(self, path):
        r"""
        Return :func:`gradient_path` or :func:`stochastic_path` along this gradient, compiled.

        It takes the arguments after ``gradient``: arrays, and numbers or zero-dimensional arrays.
        """
        import numba
        X, vector = self._types()
        types = (numba.types.Tuple((X, vector, vector)),)

        def run(*arguments):
            # the loop is compiled for contiguous, writeable arrays and for plain numbers
            arguments = [numpy.require(value, requirements='CAW') for value in arguments]
            arguments = [value if value.ndim else value.item() for value in arguments]
            # where it is known that a batch is one row, products of it need no BLAS
            rows = 1 if path is stochastic_path and arguments[SIZE] == 1 else None
            gradient = self._tupled(rows, types)
            return _compiled_loop(path, numba.types.FunctionType(gradient.overloads[types].signature), X, vector)(
                gradient, *arguments)
        return run

    def _tupled(self, rows, types):
        # The numba function of the gradient that takes its arguments as one tuple, compiled.
        with one_thread:
            if rows not in self._gradients:
                import numba
                inner = self._function(True, rows).vm.jit_fn
                # PyTensor's own function does so already, unless it contains an operation that runs in Python
                tupled = numba.njit(lambda *inputs: inner(*inputs)) if inner.py_func.__code__.co_argcount else inner
                tupled.compile(types)
                self._gradients[rows] = tupled
            return self._gradients[rows]


@kept(16)
def compiled_cost(dtype, cost):
    r"""
    Return the :class:`CompiledCost`, kept for the next training.

    EXAMPLES: see :mod:`sage_logreg.cost.loops`.
    """
    return CompiledCost(dtype, cost)
