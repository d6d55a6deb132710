r"""
Sparse rows times the weights of several classes, and back, from the nonzero entries alone

EXAMPLES::

    sage: from scipy.sparse import csr_matrix
    sage: from sage_logreg.cost.softmax_sparse import SparseRows
    sage: import numpy
    sage: rows = SparseRows(csr_matrix([[0.0, 2.0], [1.0, 0.0]]), int(3))
    sage: weights = numpy.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0], [0.0, 0.0, 4.0]])
    sage: def turned(block, z):
    ....:     return z.sum(), z
    sage: rows.sums(weights, turned)[1]  # the log-odds are 4, 3, 8 and 1, 3, 0
    array([[ 5.,  1.,  8.],
           [ 6.,  3.,  6.],
           [ 8.,  0., 16.]])
"""
import functools

import numpy

from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.sparse import compiled, row_parts
from sage_logreg.dataset.design import row_blocks
from sage_logreg.support.cores import in_parallel

# numbers of log-odds of a block of rows, so that they stay in the cache
BLOCK = 1 << 15


def add_products(start, stop, pointers, columns, values, table, z):
    r"""
    Add to ``z`` the products of some rows, from ``start`` to ``stop``, with a table that has a line a column.
    """
    for i in range(start, stop):
        for place in range(pointers[i], pointers[i + 1]):
            column, value = columns[place], values[place]
            for k in range(table.shape[1]):
                z[i - start, k] += value * table[column, k]


def add_rows(start, stop, pointers, columns, values, factors, sums):
    r"""
    Add to ``sums``, with a line a column, some rows times the factors of the classes.
    """
    for i in range(start, stop):
        for place in range(pointers[i], pointers[i + 1]):
            column, value = columns[place], values[place]
            for k in range(sums.shape[1]):
                sums[column, k] += value * factors[i - start, k]


class SparseRows:
    r"""
    The rows of a CSR matrix, which are multiplied by the weights of classes.

    INPUT:

    - ``points`` -- CSR matrix of float64 or float32 numbers, m x n
    - ``classes`` -- number of classes K

    EXAMPLES: see :mod:`sage_logreg.cost.softmax_sparse`.
    """

    def __init__(self, points, classes):
        self.points, self.classes = points, classes
        # without signs, so that no index is looked at whether it counts from the end
        self._arrays = points.indptr, points.indices.view(points.indices.dtype.str.replace('i', 'u')), points.data
        size = max(1, BLOCK // classes)
        self.parts = [[slice(start + block.start, start + block.stop) for block in row_blocks(stop - start, size)]
                      for start, stop in row_parts(points, classes)]

    def _add(self, kernel, block, *tables):
        arguments = block.start, block.stop, *self._arrays, *tables
        compiled(kernel, *arguments)(*arguments)

    def _log_odds(self, block, bias, table):
        if not has_numba():
            return bias + self.points[block] @ table
        z = numpy.empty((block.stop - block.start, self.classes))
        z[:] = bias
        self._add(add_products, block, table, z)
        return z

    def sums(self, weights, turned, wanted=True):
        r"""
        Return the sum of what a function says of all rows, and of the rows times its factors, K x (n + 1), by all cores.

        INPUT:

        - ``weights`` -- float64 array, K x (n + 1), or K x n without biases
        - ``turned`` -- function of a slice of rows and their log-odds; it returns a number and an array of as many factors
        - ``wanted`` -- (default: ``True``) whether the rows are summed
        """
        first = weights.shape[1] - self.points.shape[1]
        bias, table = weights[:, :first].sum(axis=1), numpy.ascontiguousarray(weights[:, first:].T)
        if has_numba():
            # compiled here and not by one of the threads
            for kernel in (add_products, add_rows):
                self._add(kernel, slice(0, 0), table[:0], table[:0].copy())

        def of_part(part):
            total, biases, sums = 0.0, numpy.zeros(self.classes), numpy.zeros(table.shape) if wanted else None
            for block in part:
                number, factors = turned(block, self._log_odds(block, bias, table))
                total, biases = total + number, biases + factors.sum(axis=0)
                if wanted and has_numba():
                    self._add(add_rows, block, factors, sums)
                elif wanted:
                    sums += self.points[block].T @ factors
            return total, biases, sums

        totals, biases, sums = zip(*in_parallel(of_part, self.parts))
        if not wanted:
            return sum(totals), None
        return sum(totals), numpy.column_stack([sum(biases)] * first + [functools.reduce(numpy.add, sums).T])
