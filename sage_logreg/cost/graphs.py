r"""
The cost, as a Theano graph

This is the one place where the cost is defined; its gradient is taken by
``T.grad``.

EXAMPLES: see :func:`negative_log_likelihood`; for its numbers, :mod:`sage_logreg.cost.evaluation`.
"""
import collections

import numpy

from sage_logreg.engine import T, clone_replace, equal_computations, one_thread, scan, softplus, until


def log_odds(X, w):
    r"""
    Return the graph of the log-odds `z = w_0 + X (w_1, ..., w_n)^T`.

    Adding `w_0` replaces a column of ones before ``X``, which is never stored. A vector of only n weights has no bias.

    INPUT:

    - ``X`` -- a Theano matrix, m x n
    - ``w`` -- a Theano vector of n + 1 weights, the bias first, or of n

    OUTPUT: a Theano vector of m numbers

    EXAMPLES::

        sage: from sage_logreg.cost.graphs import log_odds
        sage: from sage_logreg.engine import theano, T
        sage: X, w = T.dmatrix('X'), T.dvector('w')
        sage: theano.function([X, w], log_odds(X, w))([[1, 2], [3, 4]], [10, 1, 1])
        array([13., 17.])
        sage: theano.function([X, w], log_odds(X, w))([[1, 2], [3, 4]], [1, 1])
        array([3., 7.])
    """
    # not more than one, so that weights that do not fit are refused
    first = T.minimum(1, w.shape[0] - X.shape[1])
    # X may be float32; the weights are always float64
    return T.sum(w[:first]) + T.dot(X, T.cast(w[first:], X.dtype))


def negative_log_likelihood(X, y, w, frequency=None, offset=None):
    r"""
    Return the graph of the mean negative log-likelihood of ``w``.

    INPUT:

    - ``X`` -- a Theano matrix, m x n
    - ``y`` -- a Theano vector of m zeros and ones
    - ``w`` -- a Theano vector of n + 1 weights, the bias first, or of n
    - ``frequency`` -- (default: ones) a Theano vector, how often each sample counts, divided by the mean frequency
    - ``offset`` -- (default: zeros) a Theano vector that is added to the log-odds

    OUTPUT: a Theano scalar

    ALGORITHM:

    With `h = 1/(1 + e^{-z})` the cost of a point,
    `-y \log h - (1 - y) \log(1 - h)`, is `\log(1 + e^z) - y z`. In this form,
    with the softplus function `\log(1 + e^z)`, it does not overflow where `h`
    rounds to 0 or 1.

    EXAMPLES::

        sage: from sage_logreg.cost.graphs import negative_log_likelihood
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
    z = log_odds(X, w) if offset is None else log_odds(X, w) + offset
    losses = softplus(z) - y * z
    return T.mean(losses if frequency is None else frequency * losses)


def training_cost(X, y, w, penalty=None, cost=None, frequency=None, offset=None):
    r"""
    Return the graph of the cost that a descent minimises.

    INPUT:

    - ``X``, ``y``, ``w``, ``frequency``, ``offset`` -- as for :func:`negative_log_likelihood`
    - ``penalty`` -- (default: no penalty) a Theano vector of n factors `c_j`;
      `\tfrac12 \sum_j c_j w_j^2` is added, without the bias
    - ``cost`` -- (default: :func:`negative_log_likelihood`) a function of
      ``X, y, w`` that returns a Theano scalar

    OUTPUT: a Theano scalar

    EXAMPLES::

        sage: from sage_logreg.cost.graphs import training_cost
        sage: from sage_logreg.engine import theano, T
        sage: X, y, w, penalty = T.dmatrix('X'), T.dvector('y'), T.dvector('w'), T.dvector('penalty')
        sage: cost = training_cost(X, y, w, penalty, cost=lambda X, y, w: T.mean(y))
        sage: theano.function([y, w, penalty], cost)([0, 1], [0, 2], [3])
        array(6.5)

    TESTS::

        sage: training_cost(X, y, w, cost=lambda X, y, w: y)
        Traceback (most recent call last):
        ...
        TypeError: cost returned y; expected a Theano scalar
    """
    value = cost(X, y, w) if cost else negative_log_likelihood(X, y, w, frequency, offset)
    if getattr(value, 'ndim', None) != 0 or not hasattr(value, 'owner'):
        raise TypeError(f'cost returned {value}; expected a Theano scalar')
    return value if penalty is None else value + T.sum(penalty * w[w.shape[0] - penalty.shape[0]:]**2) / 2


def cost_and_gradient(X, y, w, penalty=None, frequency=None, offset=None, cost=None):
    r"""
    Return the graphs of the cost and of its gradient by ``T.grad``.

    INPUT: as for :func:`training_cost`

    OUTPUT: a list of a Theano scalar and a Theano vector of as many numbers as weights
    """
    value = training_cost(X, y, w, penalty, cost, frequency, offset)
    # a cost of one's own need not depend on the weights
    return [value, T.grad(value, w, disconnected_inputs='ignore')]


def newton_terms(X, y, w, frequency, offset, center, scale, curved):
    r"""
    Return the graphs of the summed cost, its gradient and its Hessian, for Newton's method.

    INPUT:

    - ``X``, ``y`` -- as for :func:`negative_log_likelihood`
    - ``w`` -- a Theano vector of n + 1 weights of the scaled variables, the bias first, or of n
    - ``frequency`` -- a Theano vector, how often each sample counts
    - ``offset`` -- a Theano vector that is added to the log-odds
    - ``center``, ``scale`` -- Theano vectors of n numbers; the scaled variables
      are `(x_j - c_j)/s_j`
    - ``curved`` -- Theano integer, 1 or 0; with 0 the Hessian is zero, and the
      numba code skips it

    OUTPUT: a list of a Theano scalar, a vector of n + 1 and a matrix of
    (n + 1) x (n + 1) numbers (without a bias n and n x n): sums over the samples, not means

    ALGORITHM:

    A sample's cost depends on its log-odds `z` only. So the Hessian is
    `\sum_i c_i \tilde x_i \tilde x_i^T` with `\tilde x_i = (1, x_i)` scaled, and
    ``T.grad`` applied twice gives the `c_i`, the second derivatives in `z_i`.
    """
    points = (T.cast(X, 'float64') - center) / scale
    z = offset + log_odds(points, w)
    # softplus(z) - y z, without its cancellation where the log-odds are large
    wrong = (1 - 2 * y) * z
    cost = T.sum(frequency * (T.switch(wrong > 0, wrong, 0.0) + softplus(T.switch(wrong > 0, -wrong, wrong))))
    curvature = T.grad(T.sum(T.grad(cost, z)), z)
    design = T.concatenate([T.ones((y.shape[0], w.shape[0] - X.shape[1])), points], axis=1)
    return [cost, T.grad(cost, w), curved * T.dot(design.T * curvature, design)]


class KnownCost:
    r"""
    A user's cost with the graph that it builds; still a function of ``X, y, w``.

    INPUT:

    - ``cost`` -- function of Theano's ``X, y, w`` that returns a Theano scalar
    - ``dtype`` -- the type of the points, ``'float64'`` or ``'float32'``

    EXAMPLES: see :func:`known_cost`.
    """

    def __init__(self, cost, dtype):
        self.inputs = [T.matrix('X', dtype=dtype), T.dvector('y'), T.dvector('w')]
        self.graph = training_cost(*self.inputs, cost=cost)

    def __call__(self, *inputs):
        return clone_replace(self.graph, dict(zip(self.inputs, inputs)))


_known_costs = collections.defaultdict(lambda: collections.deque(maxlen=8))


def known_cost(cost, dtype):
    r"""
    Return the :class:`KnownCost` that computes the same as ``cost``.

    Code compiled for a cost is kept with it, and serves every function that builds
    the same graph. A function that builds a different graph than before, because a
    number that it uses has changed, is another cost.

    INPUT: as for :class:`KnownCost`; ``None`` and a known cost are returned as they are

    EXAMPLES::

        sage: from sage_logreg.cost.graphs import known_cost
        sage: from sage_logreg.engine import T
        sage: factor = 2.0r
        sage: cost = lambda X, y, w: factor * T.mean(y * w[0])
        sage: known = known_cost(cost, 'float64')
        sage: known is known_cost(lambda X, y, w: 2.0r * T.mean(y * w[0]), 'float64')
        True
        sage: factor = 3.0r
        sage: known is known_cost(cost, 'float64')
        False
    """
    if cost is None or isinstance(cost, KnownCost):
        return cost
    with one_thread:
        new = KnownCost(cost, dtype)
        for known in _known_costs[dtype]:
            if equal_computations([new.graph], [known.graph], new.inputs, known.inputs):
                return known
        _known_costs[dtype].append(new)
        return new


def gradient_path(X, y, w, penalty, count, rate, tol, frequency=None, offset=None, cost=None):
    r"""
    Return the graph of ``count`` steps against the gradient of the whole cost.

    INPUT:

    - ``X``, ``y``, ``w``, ``penalty``, ``frequency``, ``offset``, ``cost`` -- as for :func:`training_cost`
    - ``count`` -- Theano integer
    - ``rate`` -- Theano scalar, the learning rate
    - ``tol`` -- Theano scalar; stop before the step where no entry of the
      gradient is larger; never if negative

    OUTPUT: a list of two graphs, the weights after the steps and how many
    steps were made, fewer than ``count`` if ``tol`` was reached
    """
    def step(w, made):
        gradient = T.grad(training_cost(X, y, w, penalty, cost, frequency, offset), w)
        small = T.le(T.max(abs(gradient)), tol)
        return [T.switch(small, w, w - rate * gradient), made + T.switch(small, 0, 1)], until(small)

    path, made = scan(step, outputs_info=[w, T.constant(numpy.int64(0))], n_steps=count)
    return [path[-1], made[-1]]


def stochastic_path(X, y, w, penalty, velocity, orders, first, count, size, rate, momentum, frequency=None, offset=None,
                    cost=None):
    r"""
    Return the graph of ``count`` steps, each against the gradient of one batch.

    INPUT:

    - ``X``, ``y``, ``w``, ``penalty``, ``frequency``, ``offset``, ``cost`` -- as for :func:`training_cost`
    - ``velocity`` -- Theano vector, the last change of the weights
    - ``orders`` -- Theano matrix of integers, each row the order of the samples
      in one epoch; after the last row the first one follows again
    - ``first`` -- Theano integer, the number of the first step, counted from
      the beginning of the first row
    - ``count``, ``size`` -- Theano integers, steps and samples per step
    - ``rate``, ``momentum`` -- Theano scalars

    OUTPUT: a list of two graphs, the weights and the velocity after the steps
    """
    batches = (orders.shape[1] + size - 1) // size

    def step(update, w, velocity):
        start = (update % batches) * size
        samples = orders[(update // batches) % orders.shape[0], start:start + size]
        rows = [numbers if numbers is None else numbers[samples] for numbers in (frequency, offset)]
        gradient = T.grad(training_cost(X[samples], y[samples], w, penalty, cost, *rows), w)
        velocity = momentum * velocity - rate * gradient
        return [w + velocity, velocity]

    path, velocities = scan(step, sequences=[T.arange(first, first + count)], outputs_info=[w, velocity])
    return [path[-1], velocities[-1]]
