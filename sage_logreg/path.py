r"""
Paths: the graphs of many updates in one loop

The loop is Theano's ``scan``, so that it runs inside a compiled function. For the
logistic cost :mod:`sage_logreg.fused` has faster code for it, for gradient descent
on a user's own cost :mod:`sage_logreg.loops`.

EXAMPLES: see :func:`gradient_path` and :func:`stochastic_path`.
"""
import numpy

from sage_logreg.cost import training_cost
from sage_logreg.engine import T, scan, until


def gradient_path(X, y, w, penalty, count, rate, tol, cost=None):
    r"""
    Return the graph of ``count`` steps against the gradient of the whole cost.

    INPUT:

    - ``X``, ``y``, ``w``, ``penalty``, ``cost`` -- as for
      :func:`sage_logreg.cost.training_cost`
    - ``count`` -- Theano integer
    - ``rate`` -- Theano scalar, the learning rate
    - ``tol`` -- Theano scalar; stop before the step where no entry of the
      gradient is larger; negative for never

    OUTPUT: a list of two graphs, the weights after the steps and how many
    steps were made, fewer than ``count`` if ``tol`` was reached

    EXAMPLES::

        sage: from sage_logreg.path import gradient_path
        sage: from sage_logreg.engine import theano, T
        sage: import numpy
        sage: X, y, w = map(theano.shared, (numpy.array([[1.], [-1.]]), numpy.array([0., 1.]), numpy.zeros(2)))
        sage: count, tol = T.lscalar('count'), T.dscalar('tol')
        sage: end, made = gradient_path(X, y, w, None, count, 0.5r, tol)
        sage: train = theano.function([count, tol], [end, made])
        sage: [value.tolist() for value in train(1, -1)]
        [[0.0, -0.25], 1]
        sage: int(train(1000, 0.01)[1])
        204
    """
    def step(w, made):
        gradient = T.grad(training_cost(X, y, w, penalty, cost), w)
        small = T.le(T.max(abs(gradient)), tol)
        return [T.switch(small, w, w - rate * gradient), made + T.switch(small, 0, 1)], until(small)

    path, made = scan(step, outputs_info=[w, T.constant(numpy.int64(0))], n_steps=count)
    return [path[-1], made[-1]]


def stochastic_path(X, y, w, penalty, velocity, orders, first, count, size, rate, momentum, cost=None):
    r"""
    Return the graph of ``count`` steps, each against the gradient of one batch.

    INPUT:

    - ``X``, ``y``, ``w``, ``penalty``, ``cost`` -- as for
      :func:`sage_logreg.cost.training_cost`
    - ``velocity`` -- Theano vector, the last change of the weights
    - ``orders`` -- Theano matrix of integers, a row the order of the samples
      in an epoch; after the last row comes the first one again
    - ``first`` -- Theano integer, the first step's number, counted from the
      first row on
    - ``count``, ``size`` -- Theano integers, steps and samples a step
    - ``rate``, ``momentum`` -- Theano scalars

    OUTPUT: a list of two graphs, the weights and the velocity after the steps

    EXAMPLES::

        sage: from sage_logreg.path import stochastic_path
        sage: from sage_logreg.engine import theano, T
        sage: import numpy
        sage: X, y, w = map(theano.shared, (numpy.array([[1.], [2.]]), numpy.array([0., 1.]), numpy.zeros(2)))
        sage: orders, count = T.lmatrix('orders'), T.lscalar('count')
        sage: path = stochastic_path(X, y, w, None, w, orders, T.constant(0r), count, T.constant(1r), 0.5r, 0.0r)
        sage: theano.function([orders, count], path[0])([[1, 0]], 1)
        array([0.25, 0.5 ])
    """
    batches = (y.shape[0] + size - 1) // size

    def step(update, w, velocity):
        start = (update % batches) * size
        samples = orders[(update // batches) % orders.shape[0], start:start + size]
        gradient = T.grad(training_cost(X[samples], y[samples], w, penalty, cost), w)
        velocity = momentum * velocity - rate * gradient
        return [w + velocity, velocity]

    path, velocities = scan(step, sequences=[T.arange(first, first + count)], outputs_info=[w, velocity])
    return [path[-1], velocities[-1]]
