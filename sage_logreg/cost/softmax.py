r"""
The cost of more than two classes: the negative log-likelihood of the softmax function, as a graph and as numba code

The weights of K classes are one vector: the bias and the weights of the first class, those of the second, and so on.

EXAMPLES::

    sage: from sage_logreg.cost.softmax import evaluate_softmax
    sage: import numpy
    sage: points, labels = numpy.array([[1.0], [2.0], [4.0]]), numpy.array([0.0, 1.0, 2.0])
    sage: cost, gradient = evaluate_softmax(points, labels, numpy.zeros(6), int(3))
    sage: cost  # abs tol 1e-15
    1.0986122886681098
    sage: gradient  # abs tol 1e-12
    array([ 0.        ,  0.44444444,  0.        ,  0.11111111,  0.        , -0.55555556])
"""
import math

import numpy

from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.kernels import (CONTRACT, FASTMATH, FEW_ROWS, HESSIAN_BLOCK, PRODUCT, REORDER, compiled, exponentials, part_of,
                                      rows_of_a_product)
from sage_logreg.dataset.design import Design, row_blocks
from sage_logreg.dataset.sparse import is_sparse
from sage_logreg.engine import T, function, kept
from sage_logreg.support.cores import in_parallel, products_in_parallel

# Multiplications of a part of the rows, which one core works through in some tenths of a millisecond; and most parts, as each
# has a gradient of its own
PART, MOST_PARTS = 1 << 20, 32
# Numbers of a block of rows for BLAS, which stays in a core's cache, and its least rows
BLOCK, LEAST_ROWS = 1 << 16, 16
# into how many parts the rows are divided for Hessians, and their least numbers
PIECES, LEAST_ENTRIES = 4, 1 << 17


def softmax_log_likelihood(X, y, w, classes, frequency=None, offset=None):
    r"""
    Return the graph of the mean negative log-likelihood of the weights of K classes.

    INPUT:

    - ``X`` -- a Theano matrix, m x n
    - ``y`` -- a Theano vector of m whole numbers from 0 to K - 1
    - ``w`` -- a Theano vector of K (n + 1) weights, class by class, the bias first; or of K n without biases
    - ``classes`` -- K
    - ``frequency`` -- (default: ones) a Theano vector, how often each sample counts, divided by the mean frequency
    - ``offset`` -- (default: zeros) a Theano matrix, m x K, that is added to the log-odds

    OUTPUT: a Theano scalar

    ALGORITHM:

    With `z_k = b_k + x w_k` the cost of a point of class `y` is `\log \sum_k e^{z_k} - z_y`, where the largest `z_k` is
    subtracted from all of them so that nothing overflows.

    EXAMPLES::

        sage: from sage_logreg.cost.softmax import softmax_log_likelihood
        sage: from sage_logreg.engine import theano, T
        sage: X, y, w = T.dmatrix('X'), T.dvector('y'), T.dvector('w')
        sage: cost = theano.function([X, y, w], softmax_log_likelihood(X, y, w, int(3)))
        sage: float(cost([[1], [2]], [0, 2], 6*[0])), float(cost([[1000], [1000]], [0, 2], [0, 1, 0, 0, 0, 0]))  # abs tol 1e-12
        (1.0986122886681098, 500.0)
    """
    of_classes = T.reshape(w, (classes, -1))
    first = of_classes.shape[1] - X.shape[1]
    z = T.dot(X, T.cast(of_classes[:, first:], X.dtype).T) + T.sum(of_classes[:, :first], axis=1)
    z = z if offset is None else z + offset
    z = z - T.max(z, axis=1, keepdims=True)
    losses = T.log(T.sum(T.exp(z), axis=1)) - z[T.arange(y.shape[0]), T.cast(y, 'int64')]
    return T.mean(losses if frequency is None else frequency * losses)


def residuals_of_classes(z, label):
    r"""
    Replace the log-odds of a row by its probabilities less the label's indicator, and return its cost.

    EXAMPLES::

        sage: from sage_logreg.cost.softmax import residuals_of_classes
        sage: import numpy
        sage: z = numpy.array([0.0, 0.0, 800.0])
        sage: residuals_of_classes(z, 2), z
        (0.0, array([0., 0., 0.]))
    """
    top = z[0]
    for k in range(1, len(z)):
        top = max(top, z[k])
    behind = top - z[label]
    # the others are added up apart, so that nothing cancels where the label is nearly certain
    others, own = 0.0, math.exp(-behind)
    for k in range(len(z)):
        z[k] = math.exp(z[k] - top)
        if k != label:
            others += z[k]
    total = others + own
    for k in range(len(z)):
        z[k] /= total
    z[label] = (0.0 - others) / total
    return math.log1p(others) if behind == 0.0 else behind + math.log(total)


def softmax_sums(X, unit, y, w, frequency, offset, order, start, stop, gradient):
    r"""
    Add the gradients of the rows from ``start`` to ``stop`` of an order, all of them if it is ``None``, and return their cost.

    INPUT: ``unit`` -- what the numbers of ``X`` are multiplied by; ``w`` and ``gradient`` -- K x (n + 1), or K x n without biases
    """
    K, count = w.shape
    n = X.shape[1]
    first = 1 if count > n else 0
    x, z, cost = numpy.empty(n), numpy.empty(K), 0.0
    for place in range(start, stop):
        i = place if order is None else order[place]
        for j in range(n):
            x[j] = unit * X[i, j]
        for k in range(K):
            total = w[k, 0] if first else 0.0
            for j in range(n):
                total += x[j] * w[k, j + first]
            z[k] = total if offset is None else total + offset[i, k]
        loss, weight = residuals_of_classes(z, int(y[i])), 1.0 if frequency is None else frequency[i]
        cost += weight * loss
        for k in range(K):
            residual = weight * z[k]
            if first:
                gradient[k, 0] += residual
            for j in range(n):
                gradient[k, j + first] += residual * x[j]
    return cost


def softmax_gradient_path(X, unit, y, w, penalty, count, rate, tol, frequency, offset):
    r"""
    Change ``w`` by at most ``count`` steps against the gradient of the whole cost, and return how many were made.
    """
    m = len(y)
    gradient = numpy.empty_like(w)
    for made in range(count):
        gradient[:] = 0.0
        softmax_sums(X, unit, y, w, frequency, offset, None, 0, m, gradient)
        largest = 0.0
        for k in range(w.shape[0]):
            for j in range(w.shape[1]):
                slope = gradient[k, j] / m + penalty[k, j] * w[k, j]
                gradient[k, j] = slope
                # if this is NaN it is not within tol
                if not abs(slope) <= largest:
                    largest = abs(slope)
        if largest <= tol:
            return made
        for k in range(w.shape[0]):
            for j in range(w.shape[1]):
                w[k, j] -= rate * gradient[k, j]
    return count


def softmax_stochastic_path(X, unit, y, w, penalty, velocity, orders, first, count, size, rate, momentum, frequency, offset):
    r"""
    Change ``w`` and ``velocity`` by ``count`` steps, each against the gradient of one batch of an order.
    """
    gradient, m = numpy.empty_like(w), orders.shape[1]
    batches = (m + size - 1) // size
    for update in range(first, first + count):
        start = update % batches * size
        stop = min(start + size, m)
        gradient[:] = 0.0
        softmax_sums(X, unit, y, w, frequency, offset, orders[update // batches % len(orders)], start, stop, gradient)
        for k in range(w.shape[0]):
            for j in range(w.shape[1]):
                velocity[k, j] = momentum * velocity[k, j] - rate * (gradient[k, j] / (stop - start) + penalty[k, j] * w[k, j])
                w[k, j] += velocity[k, j]


def residuals_of_block(z, y, e):
    r"""
    Replace the log-odds of some rows by their residuals, ``e`` by their probabilities, and return their costs, as
    :func:`residuals_of_classes` does; by vector instructions.
    """
    costs = numpy.empty(len(z))
    for i in range(z.shape[0]):
        top = z[i, 0]
        for k in range(1, z.shape[1]):
            top = max(top, z[i, k])
        costs[i] = top - z[i, int(y[i])]
        for k in range(z.shape[1]):
            z[i, k] -= top
    exponentials(z.ravel(), e.ravel())
    for i in range(z.shape[0]):
        label, others = int(y[i]), 0.0
        for k in range(z.shape[1]):
            if k != label:
                others += e[i, k]
        total = others + e[i, label]
        costs[i] = math.log1p(others) if costs[i] == 0.0 else costs[i] + math.log(total)
        for k in range(z.shape[1]):
            e[i, k] /= total
            z[i, k] = e[i, k]
        z[i, label] = (0.0 - others) / total
    return costs


def fill_floats(X, order, start, rows):
    r"""
    Make rows of an order floats, from ``start`` on.
    """
    for row in range(rows.shape[0]):
        i = start + row if order is None else order[start + row]
        for j in range(rows.shape[1]):
            rows[row, j] = X[i, j]


def rows_of_a_block(rows, count):
    r"""
    Return how many rows of ``count`` numbers are multiplied at a time, out of so many.
    """
    most = max(LEAST_ROWS, BLOCK // count)
    return -(-rows // -(-rows // most))


def sums_by_blocks(X, unit, y, w, frequency, offset, order, start, stop, gradient):
    r"""
    Do the same as :func:`softmax_sums` by BLAS, for blocks of rows that are made floats and stay in a core's cache.
    """
    K, n = w.shape[0], X.shape[1]
    first, size, cost = w.shape[1] - n, rows_of_a_block(stop - start, n), 0.0
    rows, z, e = numpy.empty((size, n)), numpy.empty((size, K)), numpy.empty((size, K))
    columns, product = numpy.ascontiguousarray(w[:, first:]), numpy.empty((K, n))
    for begin in range(start, stop, size):
        count = min(size, stop - begin)
        fill_floats(X, order, begin, rows[:count])
        # a line a class, as BLAS is slow where lines are short
        products = numpy.dot(columns, rows[:count].T)
        labels = numpy.empty(count)
        for row in range(count):
            i = begin + row if order is None else order[begin + row]
            labels[row] = y[i]
            for k in range(K):
                z[row, k] = unit * products[k, row] + (w[k, 0] if first else 0.0) + (0.0 if offset is None else offset[i, k])
        costs = residuals_of_block(z[:count], labels, e[:count])
        for row in range(count):
            weight = 1.0 if frequency is None else frequency[begin + row if order is None else order[begin + row]]
            cost += weight * costs[row]
            for k in range(K):
                if first:
                    gradient[k, 0] += weight * z[row, k]
                z[row, k] *= weight * unit
        numpy.dot(z[:count].T, rows[:count], product)
        for k in range(K):
            for j in range(n):
                gradient[k, j + first] += product[k, j]
    return cost


def softmax_terms(X, y, w, contrasts, frequency, offset, center, scale, curved):
    r"""
    Return the cost, its gradient, K x (n + 1), and the Hessian in contrasts of the classes, L x (n + 1) x L x (n + 1).
    """
    m, n = X.shape
    K, count = w.shape
    first, L = count - n, contrasts.shape[1]
    cost, gradient = 0.0, numpy.zeros((K, count))
    hessian = numpy.zeros((L, count, L, count) if curved else (0, 0, 0, 0))
    block = min(HESSIAN_BLOCK, rows_of_a_product(count))
    room = min(m, block)
    whole, scaled, e = numpy.ones((room, count)), numpy.empty((room, count)), numpy.empty((room, K))
    inverse, columns, means, weights = 1.0 / scale, numpy.ascontiguousarray(w.T), numpy.empty((room, L)), numpy.empty(room)
    for start in range(0, m, block):
        size = min(block, m - start)
        rows = whole[:size]
        for i in range(size):
            for j in range(n):
                rows[i, j + first] = (X[start + i, j] - center[j]) * inverse[j]
        z = numpy.dot(rows, columns)
        if offset is not None:
            for i in range(size):
                for k in range(K):
                    z[i, k] += offset[start + i, k]
        costs = residuals_of_block(z, y[start:start + size], e[:size])
        for i in range(size):
            weights[i] = 1.0 if frequency is None else frequency[start + i]
            cost += weights[i] * costs[i]
            for k in range(K):
                z[i, k] *= weights[i]
        gradient += numpy.dot(z.T, rows)
        if not curved:
            continue
        means[:size] = numpy.dot(e[:size], contrasts)
        for a in range(L):
            for b in range(a + 1):
                for i in range(size):
                    curvature = 0.0
                    # of the deviations from the mean, so that nothing cancels where one class is nearly certain
                    for k in range(K):
                        curvature += e[i, k] * (contrasts[k, a] - means[i, a]) * (contrasts[k, b] - means[i, b])
                    curvature *= weights[i]
                    for j in range(count):
                        scaled[i, j] = curvature * rows[i, j]
                hessian[a, :, b] += numpy.dot(rows.T, scaled[:size])
    for a in range(L if curved else 0):
        for b in range(a):
            hessian[b, :, a] = hessian[a, :, b]
    return cost, gradient, hessian


FASTMATH.update({residuals_of_block: CONTRACT, softmax_terms: CONTRACT, residuals_of_classes: CONTRACT, softmax_sums: REORDER,
                 fill_floats: CONTRACT, rows_of_a_block: CONTRACT, sums_by_blocks: CONTRACT, softmax_gradient_path: CONTRACT,
                 softmax_stochastic_path: CONTRACT})


def parts_of(rows, multiplications):
    r"""
    Return the parts of so many rows, as slices; their number depends on the data only, and is even if it is not one.

    EXAMPLES::

        sage: from sage_logreg.cost.softmax import parts_of
        sage: parts_of(int(150), int(15)), len(parts_of(int(600), int(7850)))
        ([slice(0, 150, None)], 4)
    """
    parts = max(1, min(MOST_PARTS, rows * multiplications // PART))
    return list(row_blocks(rows, -(-rows // (parts if parts == 1 else parts + parts % 2))))


def sums_in_parts(points, unit, labels, of_classes, frequency, offset, order=None, start=0, stop=None):
    r"""
    Return the cost and its gradient, K x (n + 1), summed over some rows by all cores; only where there is numba.

    INPUT: as for :func:`softmax_sums`, to which few rows go; :func:`sums_by_blocks` takes longer to compile
    """
    stop = len(labels) if stop is None else stop
    parts = parts_of(stop - start, of_classes.size)
    gradients = numpy.zeros((len(parts), *of_classes.shape))
    arguments = points, float(unit), labels, of_classes, frequency, offset, order
    run = compiled(softmax_sums if len(parts) == 1 else sums_by_blocks, *arguments, start, stop, gradients[0])

    def sums(number):
        part = parts[number]
        return run(*arguments, start + part.start, start + part.stop, gradients[number])

    costs = products_in_parallel(sums, range(len(parts)))
    return sum(costs), gradients.sum(axis=0)


def softmax_evaluation(points, labels, contrasts, frequency, offset, center, scale, intercept):
    r"""
    Return :func:`softmax_terms` as a function of weights, K x (n + 1), and ``curved``, by all cores; only where there is numba.

    INPUT: as for :func:`softmax_terms`; ``intercept`` -- whether there are biases
    """
    m, (K, L), count = len(points), contrasts.shape, points.shape[1] + int(intercept)
    # so many that a Hessian of each part is little beside the rows
    parts = list(row_blocks(m, max(L * count, LEAST_ENTRIES // count, -(-m // PIECES))))
    contrasts = numpy.ascontiguousarray(contrasts)
    rest = [(contrasts, *(None if numbers is None else numbers[part] for numbers in (frequency, offset)), center, scale) for part in parts]
    rows = [(points[part], labels[part]) for part in parts]
    kernel = compiled(softmax_terms, *rows[0], numpy.zeros((K, count)), *rest[0], True)
    # products of few columns are so small that BLAS has no threads for them
    run = in_parallel if PRODUCT // count**2 >= FEW_ROWS else products_in_parallel

    def in_parts(weights, curved):
        weights = numpy.ascontiguousarray(weights)
        terms = run(lambda k: kernel(*rows[k], weights, *rest[k], bool(curved)), range(len(parts)))
        return terms[0] if len(parts) == 1 else tuple(map(sum, zip(*terms)))
    return in_parts


@kept(8)
def _evaluation(dtype, classes, rows):
    X, (y, w), offset = T.matrix('X', dtype=dtype), map(T.dvector, ('y', 'w')), T.dmatrix('offset')
    given = [T.dvector('frequency'), offset] if rows else []
    value = softmax_log_likelihood(X, y, w, classes, *given)
    return function([X, y, w, *given], [value, T.grad(value, w)])


def evaluate_softmax(points, labels, weights, classes, penalty=None, frequency=None, offset=None, unit=1.0):
    r"""
    Return the mean cost of K classes at ``weights`` and its gradient, as numbers.

    INPUT:

    - ``points`` -- float64, float32 or uint8 array, m x n; times ``unit`` they are the variables; or a CSR matrix of SciPy's, of
      which ``unit`` is 1
    - ``labels`` -- float64 array of m whole numbers from 0 to K - 1
    - ``weights`` -- float64 array of K (n + 1) weights, class by class, the bias first; or of K n without biases
    - ``classes`` -- K
    - ``penalty`` -- (default: none) float64 array of as many factors `c`; `\tfrac12 \sum c w^2` is added
    - ``frequency``, ``offset`` -- (default: ones, zeros) float64 arrays of m and of m x K numbers

    OUTPUT: a ``float`` and a float64 array of as many numbers as weights

    EXAMPLES: see :mod:`sage_logreg.cost.softmax`.
    """
    m = len(labels)
    if is_sparse(points):
        cost, gradient = _of_sparse(points, labels, weights.reshape(classes, -1), frequency, offset)
    elif has_numba():
        cost, gradient = sums_in_parts(points, unit, labels, weights.reshape(classes, -1), frequency, offset)
        cost, gradient = float(cost) / m, gradient.ravel() / m
    else:
        cost, gradient = _by_graph(points, labels, weights, classes, frequency, offset, unit)
    if penalty is not None:
        cost, gradient = cost + float(penalty @ weights**2) / 2, gradient + penalty * weights
    return cost, gradient


def _by_graph(points, labels, weights, classes, frequency, offset, unit):
    rows = [] if frequency is None and offset is None else [
        numpy.ones(len(labels)) if frequency is None else frequency,
        numpy.zeros((len(labels), classes)) if offset is None else offset]
    graph, cost, gradient = _evaluation('float64', classes, bool(rows)), 0.0, 0.0
    for block in row_blocks(len(labels)):
        X = numpy.asarray(points[block], dtype=numpy.float64) * unit
        terms, share = graph(X, labels[block], weights, *(part_of(row, block.start, block.stop) for row in rows)), len(X) / len(labels)
        cost, gradient = cost + share * float(terms[0]), gradient + share * terms[1]
    return cost, gradient


def _of_sparse(points, labels, of_classes, frequency, offset):
    # By SciPy's products.
    first, cost, gradient = of_classes.shape[1] - points.shape[1], 0.0, numpy.zeros(of_classes.shape)
    for block in Design(points).blocks():
        rows = points[block]
        places = numpy.arange(rows.shape[0]), labels[block].astype(int)
        z = rows @ of_classes[:, first:].T + of_classes[:, :first].sum(axis=1) + (0.0 if offset is None else offset[block])
        z -= z.max(axis=1, keepdims=True)
        own, factors = z[places], 1.0 if frequency is None else frequency[block]
        residuals = numpy.exp(z)
        totals = residuals.sum(axis=1)
        cost += float(numpy.sum(factors * (numpy.log(totals) - own)))
        residuals /= totals[:, None]
        # the others are added up, so that nothing cancels where the label is nearly certain
        residuals[places] = 0.0
        residuals[places] = -residuals.sum(axis=1)
        residuals = (residuals.T * factors).T
        gradient[:, :first] += residuals.sum(axis=0)[:, None]
        gradient[:, first:] += (rows.T @ residuals).T
    return cost / len(labels), gradient.ravel() / len(labels)
