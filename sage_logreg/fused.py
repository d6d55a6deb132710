r"""
Fused graphs: the logistic cost and its descents as one Theano Op each, with numba code of their own

:func:`fused` takes a function that builds a Theano graph (the cost, its
``T.grad``, the ``scan`` of a descent) and returns the graph of an Op that holds this
graph. Where PyTensor compiles with numba, the Op is compiled to the loops below
instead, which go through the data once a step and store nothing but the
gradient; elsewhere the graph itself is used. Only this file knows of it.

EXAMPLES::

    sage: from sage_logreg.descent import gradient_path
    sage: from sage_logreg.engine import theano, T
    sage: from sage_logreg.fused import fused
    sage: X, y, w, penalty = T.dmatrix(), T.dvector(), T.dvector(), T.dvector()
    sage: count, rate, tol = T.lscalar(), T.dscalar(), T.dscalar()
    sage: inputs = [X, y, w, penalty, count, rate, tol]
    sage: train = theano.function(inputs, fused(gradient_path, *inputs))
    sage: train([[1], [2]], [0, 1], [0, 0], [0], 1, 0.5, -1)
    [array([0.   , 0.125]), array(1)]
"""
import functools
import hashlib
import inspect

import numpy

from sage_logreg.engine import ENGINE


def has_numba():
    r"""
    Return whether this engine compiles with numba.

    EXAMPLES::

        sage: from sage_logreg.fused import has_numba
        sage: has_numba() in (True, False)
        True
    """
    if ENGINE != 'pytensor':
        return False
    from pytensor.compile.mode import get_default_mode
    return type(get_default_mode().linker).__name__ == 'NumbaLinker'


def cost_and_gradient(X, y, w, penalty):
    r"""
    The numba code of :func:`sage_logreg.cost.cost_and_gradient`.

    EXAMPLES::

        sage: from sage_logreg.fused import cost_and_gradient
        sage: import numpy
        sage: X, y = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0])
        sage: cost, gradient = cost_and_gradient(X, y, numpy.zeros(2), numpy.zeros(1))
        sage: float(cost), gradient  # abs tol 1e-15
        (0.6931471805599453, array([ 0.  , -0.25]))
    """
    m, n = X.shape
    gradient = numpy.zeros(n + 1)
    cost = 0.0
    for i in range(m):
        z = w[0]
        for j in range(n):
            z += X[i, j] * w[j + 1]
        # softplus(z) - y z, and sigmoid(z) - y, from the one exponential that cannot overflow
        e = numpy.exp(-abs(z))
        cost += max(z, 0.0) + numpy.log1p(e) - y[i] * z
        residual = (1.0 if z >= 0 else e) / (1.0 + e) - y[i]
        gradient[0] += residual
        for j in range(n):
            gradient[j + 1] += residual * X[i, j]
    gradient /= m
    cost /= m
    squares = 0.0
    for j in range(n):
        # where there is no penalty, the square of a large weight must not count
        if penalty[j] != 0.0:
            squares += penalty[j] * w[j + 1]**2
            gradient[j + 1] += penalty[j] * w[j + 1]
    return numpy.asarray(cost + squares / 2), gradient


def gradient_path(X, y, w, penalty, count, rate, tol):
    r"""
    The numba code of :func:`sage_logreg.descent.gradient_path`.

    EXAMPLES::

        sage: from sage_logreg.fused import gradient_path
        sage: import numpy
        sage: X, y = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0])
        sage: gradient_path(X, y, numpy.zeros(2), numpy.zeros(1), int(1), float(0.5), -1.0)
        (array([0.   , 0.125]), array(1))
    """
    m, n = X.shape
    w = w.copy()
    gradient = numpy.empty(n + 1)
    made = 0
    for _ in range(count):
        gradient[:] = 0.0
        for i in range(m):
            z = w[0]
            for j in range(n):
                z += X[i, j] * w[j + 1]
            residual = 1.0 / (1.0 + numpy.exp(-z)) - y[i]
            gradient[0] += residual
            for j in range(n):
                gradient[j + 1] += residual * X[i, j]
        gradient /= m
        largest = abs(gradient[0])
        for j in range(n):
            gradient[j + 1] += penalty[j] * w[j + 1]
            largest = max(largest, abs(gradient[j + 1]))
        if largest <= tol:
            break
        for j in range(n + 1):
            w[j] -= rate * gradient[j]
        made += 1
    return w, numpy.asarray(made)


def stochastic_path(X, y, w, penalty, velocity, orders, first, count, size, rate, momentum):
    r"""
    The numba code of :func:`sage_logreg.descent.stochastic_path`.

    EXAMPLES::

        sage: from sage_logreg.fused import stochastic_path
        sage: import numpy
        sage: X, y, zeros = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0]), numpy.zeros(2)
        sage: stochastic_path(X, y, zeros, zeros[1:], zeros, numpy.array([[1, 0]]), *map(int, (0, 1, 1)), float(0.5), 0.0)
        (array([0.25, 0.5 ]), array([0.25, 0.5 ]))
    """
    m, n = X.shape
    w, velocity = w.copy(), velocity.copy()
    gradient = numpy.empty(n + 1)
    batches = (m + size - 1) // size
    epoch, batch = first // batches % orders.shape[0], first % batches
    for _ in range(count):
        start = batch * size
        stop = min(start + size, m)
        if stop - start == 1:
            # one sample: its row is the gradient, up to a factor
            i = orders[epoch, start]
            z = w[0]
            for j in range(n):
                z += X[i, j] * w[j + 1]
            change = rate * (1.0 / (1.0 + numpy.exp(-z)) - y[i])
            velocity[0] = momentum * velocity[0] - change
            w[0] += velocity[0]
            for j in range(n):
                velocity[j + 1] = momentum * velocity[j + 1] - (change * X[i, j] + rate * penalty[j] * w[j + 1])
                w[j + 1] += velocity[j + 1]
        else:
            gradient[:] = 0.0
            for place in range(start, stop):
                i = orders[epoch, place]
                z = w[0]
                for j in range(n):
                    z += X[i, j] * w[j + 1]
                residual = 1.0 / (1.0 + numpy.exp(-z)) - y[i]
                gradient[0] += residual
                for j in range(n):
                    gradient[j + 1] += residual * X[i, j]
            gradient /= stop - start
            velocity[0] = momentum * velocity[0] - rate * gradient[0]
            w[0] += velocity[0]
            for j in range(n):
                velocity[j + 1] = momentum * velocity[j + 1] - rate * (gradient[j + 1] + penalty[j] * w[j + 1])
                w[j + 1] += velocity[j + 1]
        batch += 1
        if batch == batches:
            batch = 0
            epoch = (epoch + 1) % orders.shape[0]
    return w, velocity


KERNELS = {kernel.__name__: kernel for kernel in (cost_and_gradient, gradient_path, stochastic_path)}
# In the descents sums may be taken in another order, so that long rows use vector
# instructions; infinities and NaN stay what they are. The cost keeps to its order:
# it says exactly where it overflows.
FASTMATH = {'cost_and_gradient': set(), 'gradient_path': {'reassoc', 'contract'},
            'stochastic_path': {'reassoc', 'contract'}}


@functools.lru_cache(maxsize=None)
def _fused_operation():
    # made when it is first needed: without numba there is nothing to import
    from pytensor.compile.builders import OpFromGraph
    from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

    class FusedGraph(OpFromGraph):
        r"""
        A graph, whose numba code is the kernel of the same name.
        """

    @register_funcify_and_cache_key(FusedGraph)
    def numba_code(op, node=None, **options):
        kernel = KERNELS[op.name]
        # the source in the key: what was compiled from older code is not taken for it
        flags = FASTMATH[op.name]
        key = hashlib.sha256((inspect.getsource(kernel) + repr(sorted(flags))).encode()).hexdigest()
        return numba_njit(kernel, fastmath=flags or False), f'sage_logreg_{op.name}_{key}'

    return FusedGraph


def fused(build, *inputs):
    r"""
    Return ``build(*inputs)``, compiled to the kernel of the same name where numba compiles.

    INPUT:

    - ``build`` -- :func:`sage_logreg.cost.cost_and_gradient`,
      :func:`sage_logreg.descent.gradient_path` or
      :func:`sage_logreg.descent.stochastic_path`
    - ``inputs`` -- its Theano variables

    OUTPUT: a list of Theano variables

    EXAMPLES: see :mod:`sage_logreg.fused`.
    """
    if not has_numba():
        return build(*inputs)
    inner = [variable.type() for variable in inputs]
    return _fused_operation()(inner, build(*inner), name=build.__name__)(*inputs)
