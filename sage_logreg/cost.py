r"""
The cost, as a Theano graph

This is the one place where the cost is defined; its gradient is what
``T.grad`` makes of it.

EXAMPLES:

The cost and its gradient where the worksheet starts, at zero weights::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.cost import evaluate
    sage: data = ex2data1()
    sage: import numpy
    sage: cost, gradient = evaluate(data.points, data.labels, numpy.zeros(3))
    sage: cost  # abs tol 1e-15
    0.6931471805599453
    sage: gradient  # abs tol 1e-12
    array([ -0.1       , -12.00921659, -11.26284221])
"""
import functools

import numpy

from sage_logreg.engine import T, softplus, theano


def log_odds(X, w):
    r"""
    Return the graph of the log-odds `z = w_0 + X (w_1, ..., w_n)^T`.

    The column of ones that stands before ``X`` in the formula is the addition
    of `w_0`: it is never stored.

    INPUT:

    - ``X`` -- a Theano matrix, m x n
    - ``w`` -- a Theano vector of n + 1 weights, the bias first

    OUTPUT: a Theano vector of m numbers

    EXAMPLES::

        sage: from sage_logreg.cost import log_odds
        sage: from sage_logreg.engine import theano, T
        sage: X, w = T.dmatrix('X'), T.dvector('w')
        sage: theano.function([X, w], log_odds(X, w))([[1, 2], [3, 4]], [10, 1, 1])
        array([13., 17.])
    """
    return w[0] + T.dot(X, w[1:])


def negative_log_likelihood(X, y, w, penalty=None):
    r"""
    Return the graph of the mean negative log-likelihood of ``w``.

    INPUT:

    - ``X`` -- a Theano matrix, m x n
    - ``y`` -- a Theano vector of m zeros and ones
    - ``w`` -- a Theano vector of n + 1 weights, the bias first
    - ``penalty`` -- (default: no penalty) a Theano vector of n factors `c_j`;
      `\tfrac12 \sum_j c_j w_j^2` is added, the bias left out

    OUTPUT: a Theano scalar

    ALGORITHM:

    With `h = 1/(1 + e^{-z})` the cost of a point,
    `-y \log h - (1 - y) \log(1 - h)`, is `\log(1 + e^z) - y z`. Written so,
    with the softplus function `\log(1 + e^z)`, it does not overflow where `h`
    rounds to 0 or 1.

    EXAMPLES::

        sage: from sage_logreg.cost import negative_log_likelihood
        sage: from sage_logreg.engine import theano, T
        sage: X, y, w = T.dmatrix('X'), T.dvector('y'), T.dvector('w')
        sage: cost = theano.function([X, y, w], negative_log_likelihood(X, y, w))
        sage: float(cost([[1], [2]], [0, 1], [0, 0]))  # abs tol 1e-15
        0.6931471805599453

    TESTS:

    Far out, where `\log(1 - h)` would be infinite::

        sage: float(cost([[1000], [1000]], [0, 1], [0, 1]))
        500.0
    """
    z = log_odds(X, w)
    cost = T.mean(softplus(z) - y * z)
    return cost if penalty is None else cost + T.sum(penalty * w[1:]**2) / 2


@functools.lru_cache(maxsize=None)
def _evaluation(penalized):
    X, y, w, penalty = T.dmatrix('X'), T.dvector('y'), T.dvector('w'), T.dvector('penalty')
    if not penalized:
        cost = negative_log_likelihood(X, y, w)
        return theano.function([X, y, w], [cost, T.grad(cost, w)])
    cost = negative_log_likelihood(X, y, w, penalty)
    return theano.function([X, y, w, penalty], [cost, T.grad(cost, w)])


def evaluate(points, labels, weights, penalty=None):
    r"""
    Return the cost at ``weights`` and its gradient, as numbers.

    INPUT:

    - ``points`` -- float64 array, m x n
    - ``labels`` -- float64 array of m zeros and ones
    - ``weights`` -- float64 array of n + 1 weights, the bias first
    - ``penalty`` -- (default: no penalty) float64 array of n factors, as for
      :func:`negative_log_likelihood`

    OUTPUT: a ``float`` and a float64 array of n + 1 numbers

    EXAMPLES::

        sage: from sage_logreg.cost import evaluate
        sage: import numpy
        sage: points, labels = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0])
        sage: evaluate(points, labels, numpy.zeros(2))[1]
        array([ 0.  , -0.25])
        sage: evaluate(points, labels, numpy.array([0.0, 2.0]), penalty=numpy.array([3.0]))[0]  # abs tol 1e-12
        7.072538969480391

    TESTS:

    No penalty is not a penalty of zero, where the weights' squares overflow::

        sage: evaluate(points, labels, numpy.array([0.0, 1e200]))[0]
        5e+199
    """
    if penalty is None:
        cost, gradient = _evaluation(False)(points, labels, weights)
    else:
        cost, gradient = _evaluation(True)(points, labels, weights, penalty)
    return float(cost), gradient
