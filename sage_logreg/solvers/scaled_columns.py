r"""
Scaled columns: the design of a penalised fit, stored column by column

Dense columns are centred, too, if there is an intercept; sparse ones are not, as they would be filled in, and it makes no
difference to what is minimised.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.scaled_columns import scaled_columns
    sage: import numpy
    sage: columns = scaled_columns(load_data([[1, 4, 0], [3, 8, 1]]), numpy.ones(2)/2r, standardize=True)
    sage: columns.center, columns.scale, columns.products(numpy.array([1.0, 3.0]))
    (array([2., 6.]), array([1., 2.]), array([2., 2.]))
"""
import numpy

from sage_logreg.cost import coordinate
from sage_logreg.cost.coordinate import run
from sage_logreg.solvers.penalties import ROUNDING, mean_squares

# rows of a block of a product of all columns
ROWS = 4096
# columns that are multiplied by others one by one
FEW = 3
# most columns of which a matrix is made; most entries in a row of them, of sparse ones
MOST_COLUMNS, MOST_ENTRIES = 1500, 20


class Columns:
    r"""
    Columns, centred and scaled; ``is_constant`` says which are all one number, beside an intercept zero.

    EXAMPLES: see :mod:`sage_logreg.solvers.scaled_columns`.
    """

    def products(self, factors, chosen=None):
        r"""
        Return the inner products of the chosen columns, by default of all, with an array of m numbers.
        """
        if chosen is None:
            return self._all_products(factors)
        sums = numpy.empty(len(chosen))
        run(self.kernels['products'], *self.arrays, chosen, factors, sums)
        return sums

    def add(self, chosen, factors, z):
        r"""
        Add to ``z`` the chosen columns, each times its factor.
        """
        run(self.kernels['add'], *self.arrays, chosen, factors, z)

    def moments(self, chosen, curvatures):
        r"""
        Return the sums of the chosen columns and of their squares, times the curvatures.
        """
        first, second = numpy.empty(len(chosen)), numpy.empty(len(chosen))
        run(self.kernels['moments'], *self.arrays, chosen, curvatures, first, second)
        return first, second

    def evaluate(self, fit, labels, frequency, start, moved, change, bias, checked):
        r"""
        Write into a fit what follows from the log-odds ``start + bias`` and the moved columns times their changes.

        OUTPUT: the sums of the residuals and of the curvatures, and both their products with the checked columns, or ``None``
        """
        numpy.add(start, bias, out=fit.z)
        self.add(moved, change, fit.z)
        fit.cost, *sums = run(coordinate.rows_at, fit.z, labels, frequency, fit.least, fit.residuals, fit.curvatures)
        return *sums, None, None


class DenseColumns(Columns):
    r"""
    Columns of a table.
    """

    is_sparse = False
    kernels = {'products': coordinate.products, 'add': coordinate.add_columns, 'moments': coordinate.moments}

    def __init__(self, design, frequency, standardize, center):
        lines = numpy.array(design.points.T, dtype=numpy.float64, order='C')
        means = lines @ frequency
        variances = numpy.empty(len(lines))
        run(coordinate.variances, lines, means, frequency, variances)
        variances[variances <= (ROUNDING * means)**2] = 0.0
        self.center = means if center else numpy.zeros(len(lines))
        self.is_constant = variances == 0
        self.scale = numpy.where(self.is_constant | (not standardize), 1.0, numpy.sqrt(variances))
        if center:
            lines -= means[:, None]
            lines[self.is_constant] = 0.0
        lines /= self.scale[:, None]
        self.arrays, self.width, self.count = (lines,), *lines.shape

    def has_matrix(self, chosen):
        r"""
        Return whether the matrix of the chosen columns is worth its costs.
        """
        return len(chosen) <= min(MOST_COLUMNS, self.count)

    def _all_products(self, factors):
        return self.arrays[0] @ factors

    def evaluate(self, fit, labels, frequency, start, moved, change, bias, checked):
        first, second = numpy.empty(len(checked)), numpy.empty(len(checked))
        fit.cost, *sums = run(coordinate.evaluate, *self.arrays, moved, change, float(bias), start, fit.z, labels, frequency, fit.least, fit.residuals,
                              fit.curvatures, checked, first, second)
        return *sums, first, second

    def matrix(self, chosen, others, curvatures):
        r"""
        Return the products of the chosen columns with others, times the curvatures.
        """
        lines, total = self.arrays[0], numpy.zeros((len(chosen), len(others)))
        if len(others) <= FEW:
            # without a copy
            for k, other in enumerate(others):
                total[:, k] = self.products(lines[other] * curvatures, chosen)
            return total
        roots = numpy.sqrt(curvatures)
        for start in range(0, self.count, ROWS):
            part, root = lines[:, start:start + ROWS], roots[start:start + ROWS]
            mine = part[chosen] * root
            # of the same lines only half is computed
            total += mine @ (mine if others is chosen else part[others] * root).T
        return total

    def descend(self, chosen, means, squares, curvature, curvatures, residuals, *rest):
        r"""
        Go on with :func:`~sage_logreg.cost.coordinate.descend_in_columns`.
        """
        return run(coordinate.descend_in_columns, *self.arrays, chosen, means, squares, curvatures, residuals, *rest)


class SparseColumns(Columns):
    r"""
    Columns of a CSC matrix, not centred.
    """

    is_sparse = True
    kernels = {'products': coordinate.sparse_products, 'add': coordinate.add_sparse_columns, 'moments': coordinate.sparse_moments}

    def __init__(self, design, frequency, standardize, center):
        matrix = design.points.astype(numpy.float64).tocsc()
        variances = mean_squares(design, frequency)[1]
        self.is_constant = variances == 0
        self.scale = numpy.where(self.is_constant | (not standardize), 1.0, numpy.sqrt(variances))
        self.center = numpy.zeros(matrix.shape[1])
        matrix.data /= numpy.repeat(self.scale, numpy.diff(matrix.indptr))
        self.count, self.width, self._transposed = *matrix.shape, matrix.T
        self.arrays = matrix.indptr, matrix.indices.view(matrix.indices.dtype.str.replace('i', 'u')), matrix.data

    def has_matrix(self, chosen):
        pointers = self.arrays[0]
        entries = (pointers[chosen + 1] - pointers[chosen]).sum()
        return len(chosen) <= min(MOST_COLUMNS, self.count) and entries <= MOST_ENTRIES * self.count

    def matrix(self, chosen, others, curvatures):
        left, right = self._transposed[chosen], self._transposed[others]
        left.data *= curvatures[left.indices]
        return (left @ right.T).toarray()

    def _all_products(self, factors):
        return self._transposed @ factors

    def descend(self, chosen, means, squares, curvature, curvatures, residuals, *rest):
        r"""
        Go on with :func:`~sage_logreg.cost.coordinate.descend_in_sparse_columns`.
        """
        return run(coordinate.descend_in_sparse_columns, *self.arrays, chosen, means, squares, curvature, curvatures, residuals, *rest)


def scaled_columns(data, frequency, standardize):
    r"""
    Return the :class:`Columns` of a dataset.

    INPUT:

    - ``frequency`` -- array of m numbers whose sum is 1
    - ``standardize`` -- whether columns are divided by their standard deviations
    """
    kind = SparseColumns if data.design.is_sparse else DenseColumns
    return kind(data.design, frequency, standardize, data.intercept)
