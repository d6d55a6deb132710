r"""
Sparse rows: the logistic cost, its gradient and products with its Hessian, from the nonzero entries alone

Two passes over the rows are all that training needs: one for the cost, its gradient and the diagonal of its Hessian, one
for the Hessian times a vector, which is never formed. Both go through the entries once, by loops in numba where it is
installed, with SciPy's products elsewhere. The rows are cut into parts that depend on the data only; each part is added up
for itself, on a core of its own where there are several, and the sums are added in order: the same bits on every run.

EXAMPLES::

    sage: from scipy.sparse import csr_matrix
    sage: from sage_logreg.cost.sparse import SparseCost
    sage: import numpy
    sage: cost = SparseCost(csr_matrix([[0.0, 2.0], [1.0, 0.0]]), numpy.array([0.0, 1.0]))
    sage: value, gradient, diagonal = cost.terms(numpy.zeros(3))
    sage: float(value), gradient  # abs tol 1e-12
    (1.3862943611198906, array([ 0. , -0.5,  1. ]))
    sage: diagonal, cost.hessian_product(numpy.array([1.0, 0.0, 0.0]))
    (array([0.5 , 0.25, 1.  ]), array([0.5 , 0.25, 0.5 ]))
"""
import functools
import math

import numpy

from sage_logreg.cost.cached import compiled_for, has_numba
from sage_logreg.support.cores import in_parallel

# Most parts of the rows, and the entries that a column should have in a part on average: each part adds up a vector of its own
PARTS, ENTRIES_A_COLUMN = 8, 8


# Each kernel goes through the entries twice, as gathering from one vector and adding to another in turn misses the caches.

def terms_of_rows(start, stop, pointers, columns, values, bias, w, y, frequency, offset, curvature, residuals, gradient, diagonal):
    r"""
    Add the gradient and the Hessian's diagonal of some rows to ``gradient`` and, unless it is empty, ``diagonal``; write
    their curvatures and residuals, and return their cost, the sum of their residuals and of their curvatures.
    """
    cost, sum_of_residuals, sum_of_curvatures = 0.0, 0.0, 0.0
    for i in range(start, stop):
        z = bias + offset[i]
        for k in range(pointers[i], pointers[i + 1]):
            z += values[k] * w[columns[k]]
        # changing the sign turns label 1 into label 0, so that nothing cancels where the log-odds are large
        sign = 1.0 - 2.0 * y[i]
        z *= sign
        e = math.exp(-abs(z))
        cost += frequency[i] * (max(z, 0.0) + math.log1p(e))
        residuals[i] = sign * frequency[i] * ((1.0 if z >= 0.0 else e) / (1.0 + e))
        curvature[i] = frequency[i] * (e / (1.0 + e)) / (1.0 + e)
        sum_of_residuals += residuals[i]
        sum_of_curvatures += curvature[i]
    for i in range(start, stop):
        residual, curved = residuals[i], curvature[i]
        if len(diagonal) > 0:
            for k in range(pointers[i], pointers[i + 1]):
                gradient[columns[k]] += residual * values[k]
                diagonal[columns[k]] += curved * values[k] * values[k]
        else:
            for k in range(pointers[i], pointers[i + 1]):
                gradient[columns[k]] += residual * values[k]
    return cost, sum_of_residuals, sum_of_curvatures


def hessian_product_of_rows(start, stop, pointers, columns, values, curvature, bias, v, factors, product):
    r"""
    Add the Hessian of some rows, times a vector, to ``product``, and return its entry for the bias; ``factors`` is written.
    """
    total = 0.0
    for i in range(start, stop):
        z = bias
        for k in range(pointers[i], pointers[i + 1]):
            z += values[k] * v[columns[k]]
        factors[i] = curvature[i] * z
        total += factors[i]
    for i in range(start, stop):
        factor = factors[i]
        for k in range(pointers[i], pointers[i + 1]):
            product[columns[k]] += factor * values[k]
    return total


def without_gradient(velocity, w, steps, momentum, decay):
    r"""
    Return the velocity and the weight of a column after steps in which no row had it, so that only momentum and penalty act.

    ALGORITHM: the matrix of one step is raised to a power, by squaring.

    EXAMPLES::

        sage: from sage_logreg.cost.sparse import without_gradient
        sage: without_gradient(0.5r, 1.0r, 2r, 0.5r, 0.25r)  # one step gives 0 and 1
        (-0.25, 0.75)
    """
    a, b, c, d = momentum, -decay, momentum, 1.0 - decay
    while steps > 0:
        if steps % 2 == 1:
            velocity, w = a * velocity + b * w, c * velocity + d * w
        a, b, c, d = a * a + b * c, a * b + b * d, c * a + d * c, c * b + d * d
        steps //= 2
    return velocity, w


def stochastic_path(pointers, columns, values, y, frequency, offset, bias, w, bias_velocity, velocity, penalty, order, first, count,
                    size, rate, momentum):
    r"""
    Make ``count`` updates by batches of ``size`` rows in an order, from the batch ``first`` on; change weights and velocities.

    A column that no row of a batch has waits until it is needed.
    """
    # how many of the updates a weight has had, and the sums of a batch
    done, gradient = numpy.zeros(len(w), numpy.int64), numpy.zeros(len(w))
    waits = momentum != 0.0 or penalty.max() > 0.0
    for update in range(count):
        start = (first + update) * size
        stop = min(start + size, len(order))
        total = 0.0
        for place in range(start, stop):
            i = order[place]
            z = offset[i] + bias.sum()
            for k in range(pointers[i], pointers[i + 1]):
                j = columns[k]
                if waits and done[j] < update:
                    velocity[j], w[j] = without_gradient(velocity[j], w[j], update - done[j], momentum, rate * penalty[j])
                done[j] = update
                z += values[k] * w[j]
            residual = frequency[i] * (1.0 / (1.0 + numpy.exp(-z)) - y[i])
            total += residual
            for k in range(pointers[i], pointers[i + 1]):
                gradient[columns[k]] += residual * values[k]
        for place in range(start, stop):
            i = order[place]
            for k in range(pointers[i], pointers[i + 1]):
                j = columns[k]
                if done[j] == update:
                    velocity[j] = momentum * velocity[j] - rate * (gradient[j] / (stop - start) + penalty[j] * w[j])
                    w[j] += velocity[j]
                    gradient[j], done[j] = 0.0, update + 1
        if len(bias) > 0:
            bias_velocity[0] = momentum * bias_velocity[0] - rate * (total / (stop - start))
            bias[0] += bias_velocity[0]
    for j in range(len(w) if waits else 0):
        velocity[j], w[j] = without_gradient(velocity[j], w[j], count - done[j], momentum, rate * penalty[j])


@functools.lru_cache(maxsize=None)
def _compiled(kernel, types):
    from numba.extending import register_jitable
    register_jitable(without_gradient)
    # not reordered: vector instructions that gather entries from all over memory are slower
    return compiled_for(types, kernel, nogil=True, fastmath={'contract'}, error_model='numpy')


def compiled(kernel, *arguments):
    r"""
    Return a kernel, where there is numba compiled for arguments of the types of these.

    EXAMPLES::

        sage: from sage_logreg.cost.sparse import compiled, without_gradient
        sage: compiled(without_gradient, 0.5r, 1.0r, 2r, 0.5r, 0.25r)(0.5r, 1.0r, 2r, 0.5r, 0.25r)
        (-0.25, 0.75)
    """
    if not has_numba():
        return kernel
    import numba
    return _compiled(kernel, tuple(map(numba.typeof, arguments)))


def row_parts(points, classes=1):
    r"""
    Return the limits of parts of the rows of a CSR matrix, with about as many entries in each.

    The more ``classes`` there are, each with a vector of its own, the fewer are the parts.

    EXAMPLES::

        sage: from scipy.sparse import csr_matrix
        sage: from sage_logreg.cost.sparse import row_parts
        sage: row_parts(csr_matrix([[1.0, 2.0], [3.0, 0.0], [0.0, 4.0]]))
        [(0, 1), (1, 3)]
    """
    count = min(PARTS, max(2, points.nnz // (ENTRIES_A_COLUMN * classes * max(1, points.shape[1]))))
    limits = numpy.searchsorted(points.indptr, numpy.linspace(0, points.nnz, count + 1)[1:-1])
    limits = [0, *limits.tolist(), points.shape[0]]
    return [(start, stop) for start, stop in zip(limits, limits[1:]) if start < stop]


class SparseCost:
    r"""
    The summed negative log-likelihood of sparse rows, without any penalty.

    INPUT:

    - ``points`` -- CSR matrix of float64 or float32 numbers, m x n
    - ``labels`` -- float64 array of m zeros and ones
    - ``frequency``, ``offset`` -- (default: ones and zeros) float64 arrays of m numbers
    - ``intercept`` -- (default: ``True``) whether weights begin with a bias

    EXAMPLES: see :mod:`sage_logreg.cost.sparse`.
    """

    def __init__(self, points, labels, frequency=None, offset=None, intercept=True):
        self.points, self.labels, self.first = points, labels, int(intercept)
        count = points.shape[0]
        self.frequency = numpy.ones(count) if frequency is None else frequency
        self.offset = numpy.zeros(count) if offset is None else offset
        self.parts, self.curvature, self.factors = row_parts(points), numpy.empty(count), numpy.empty(count)
        # used again and again, as new memory costs time
        self.sums = [numpy.empty(points.shape[1]) for _ in self.parts]
        # without signs, so that no index is looked at whether it counts from the end
        self.arrays = points.indptr, points.indices.view(points.indices.dtype.str.replace('i', 'u')), points.data

    def _in_parallel(self, part):
        return in_parallel(lambda one: part(*one), list(zip(self.parts, self.sums)))

    def _split(self, weights):
        # the bias as a number, and the weights of the columns
        return float(weights[:self.first].sum()), numpy.ascontiguousarray(weights[self.first:])

    def _joined(self, biases, columns):
        # the sums of the parts, in their order
        return numpy.concatenate([[sum(biases)] * self.first, functools.reduce(numpy.add, columns)])

    def terms(self, weights, curved=True):
        r"""
        Return the cost, its gradient, and the diagonal of its Hessian (``None`` unless ``curved``).

        The curvatures of the rows are kept for :meth:`hessian_product`.
        """
        bias, w = self._split(weights)
        if not has_numba():
            return self._scipy_terms(bias, w, curved)
        rows = *self.arrays, bias, w, self.labels, self.frequency, self.offset, self.curvature, self.factors
        # compiled here and not by one of the threads
        run = compiled(terms_of_rows, 0, 0, *rows, *2 * self.sums[:1])

        def part(limits, gradient):
            gradient.fill(0.0)
            diagonal = numpy.zeros(len(w) if curved else 0)
            return *run(*limits, *rows, gradient, diagonal), gradient, diagonal

        costs, residuals, curvatures, gradients, diagonals = zip(*self._in_parallel(part))
        return sum(costs), self._joined(residuals, gradients), self._joined(curvatures, diagonals) if curved else None

    def hessian_product(self, vector):
        r"""
        Return the Hessian at the weights of the last :meth:`terms`, times a vector.
        """
        bias, v = self._split(vector)
        if not has_numba():
            z = self.curvature * (bias + self.points @ v)
            return self._joined([z.sum()], [self.points.T @ z])
        rows = *self.arrays, self.curvature, bias, v, self.factors
        run = compiled(hessian_product_of_rows, 0, 0, *rows, self.sums[0])

        def part(limits, product):
            product.fill(0.0)
            return run(*limits, *rows, product), product

        return self._joined(*zip(*self._in_parallel(part)))

    def _scipy_terms(self, bias, w, curved):
        from scipy.special import expit
        sign, matrix = 1 - 2 * self.labels, self.points
        z = sign * (bias + matrix @ w + self.offset)
        residual = sign * self.frequency * expit(z)
        self.curvature = self.frequency * expit(z) * expit(-z)
        cost = float(self.frequency @ numpy.logaddexp(0, z))
        gradient = self._joined([residual.sum()], [matrix.T @ residual])
        if not curved:
            return cost, gradient, None
        squares = matrix.astype(numpy.float64).power(2).T @ self.curvature
        return cost, gradient, self._joined([self.curvature.sum()], [squares])


def evaluate_sparse(points, labels, weights, penalty=None, frequency=None, offset=None):
    r"""
    Return the mean cost of sparse rows and its gradient, as :func:`sage_logreg.cost.evaluation.evaluate` does.

    EXAMPLES::

        sage: from scipy.sparse import csr_matrix
        sage: from sage_logreg.cost.sparse import evaluate_sparse
        sage: import numpy
        sage: points, labels = csr_matrix([[1.0], [2.0]]), numpy.array([0.0, 1.0])
        sage: evaluate_sparse(points, labels, numpy.array([0.0, 2.0]), penalty=numpy.array([3.0]))[0]  # abs tol 1e-12
        7.072538969480391
    """
    first = len(weights) - points.shape[1]
    cost, gradient, _ = SparseCost(points, labels, frequency, offset, bool(first)).terms(weights, False)
    cost, gradient = cost / len(labels), gradient / len(labels)
    if penalty is not None:
        cost += float(numpy.einsum('i,i,i', penalty, weights[first:], weights[first:])) / 2
        gradient[first:] += penalty * weights[first:]
    return float(cost), gradient
