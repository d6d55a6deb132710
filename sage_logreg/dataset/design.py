r"""
The design: the columns that the weights belong to, block by block of rows

This is the one place outside of the compiled kernels where the points are multiplied by weights.

EXAMPLES::

    sage: from sage_logreg.dataset.design import Design
    sage: import numpy
    sage: design = Design(numpy.array([[1.0, 2.0], [3.0, 4.0]]), ('x1', 'x2'))
    sage: design.log_odds(numpy.array([10.0, 1.0, 1.0]))
    array([13., 17.])
"""
import functools

import numpy

from sage_logreg.dataset.exact_numbers import ExactNumbers
from sage_logreg.dataset.sparse import is_sparse

# rows of a block, so that temporary arrays stay small compared with the data; entries of a block of sparse rows
ROWS, SPARSE_ENTRIES = 1 << 16, 1 << 18
# numbers of a row that NumPy goes through as fast as it can
LONG_ROW = 1 << 10


def row_blocks(count, size=ROWS):
    r"""
    Yield slices of at most ``size`` of ``count`` rows, one after the other.

    EXAMPLES::

        sage: from sage_logreg.dataset.design import row_blocks
        sage: list(row_blocks(int(5), int(2)))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def over_rows(ufunc, points, dtype=None):
    r"""
    Return ``ufunc.reduce(points, axis=0, dtype=dtype)``; of short rows, which NumPy takes one by one, many are taken as one.

    EXAMPLES::

        sage: from sage_logreg.dataset.design import over_rows
        sage: import numpy
        sage: over_rows(numpy.add, numpy.ones((5000r, 2r))), over_rows(numpy.maximum, numpy.eye(2r))
        (array([5000., 5000.]), array([1., 1.]))
    """
    count, width = points.shape
    together = LONG_ROW // max(1, width)
    if not width or together < 2 or count < 2 * together or not points.flags.c_contiguous:
        return ufunc.reduce(points, axis=0, dtype=dtype)
    whole = count - count % together
    several = ufunc.reduce(points[:whole].reshape(-1, together * width), axis=0, dtype=dtype).reshape(together, width)
    return ufunc.reduce(numpy.concatenate([several, points[whole:]]), axis=0, dtype=dtype)


class Design:
    r"""
    A table of numbers with a weight for each column.

    - ``points`` -- float64 or float32 array, m x n; or a CSR matrix
    - ``variables`` -- tuple of the n columns' names
    - ``given`` -- (default: the points) the variables' numbers exactly, an
      :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`
    - ``features`` -- (default: none) the :class:`~sage_logreg.dataset.features.Features` of which these are the values
    - ``intercept`` -- (default: ``True``) whether the weights begin with that of a column of ones, the bias

    EXAMPLES: see :mod:`sage_logreg.dataset.design`.
    """

    # also of those that were pickled before there was a choice
    intercept = True

    def __init__(self, points, variables=(), given=None, features=None, intercept=True):
        self.points = points
        self.variables = variables
        self.intercept = intercept
        self._given, self._features = given or ExactNumbers(points), features

    def __len__(self):
        return self.points.shape[0]

    @property
    def is_sparse(self):
        r"""
        Whether the points are a sparse matrix.
        """
        return is_sparse(self.points)

    @property
    def width(self):
        r"""
        The number of columns.
        """
        return self.points.shape[1]

    @property
    def count(self):
        r"""
        The number of weights: one of each column, and the bias.
        """
        return self.width + self.intercept

    def parts(self, weights):
        r"""
        Return two arrays, the bias (no number without an intercept) and the weights of the columns.

        EXAMPLES::

            sage: from sage_logreg.dataset.design import Design
            sage: import numpy
            sage: points = numpy.array([[1.0, 2.0]])
            sage: Design(points).parts(numpy.array([10.0, 1.0, 2.0]))
            (array([10.]), array([1., 2.]))
            sage: Design(points, intercept=False).parts(numpy.array([1.0, 2.0]))
            (array([], dtype=float64), array([1., 2.]))
        """
        first = int(self.intercept)
        return weights[:first], weights[first:]

    @functools.cached_property
    def extremes(self):
        r"""
        The smallest and the largest entry of every column, two float64 arrays.
        """
        if self.is_sparse:
            ends = [end.toarray().ravel() for end in (self.points.min(axis=0), self.points.max(axis=0))]
        else:
            ends = over_rows(numpy.minimum, self.points), over_rows(numpy.maximum, self.points)
        return tuple(numpy.asarray(end, dtype=numpy.float64) for end in ends)

    @functools.cached_property
    def _squares(self):
        # The sums of the squares of the rows and of the columns of sparse points.
        of_rows, of_columns = numpy.empty(len(self)), numpy.zeros(self.width)
        for rows in self.blocks():
            block = self.points[rows].astype(numpy.float64)
            block.data **= 2
            of_rows[rows] = block @ numpy.ones(self.width)
            of_columns += block.T @ numpy.ones(block.shape[0])
        return of_rows, of_columns

    def squared_rows(self):
        r"""
        Return the sums of the squares of each row of sparse points.
        """
        return self._squares[0]

    def squared_columns(self):
        r"""
        Return the sums of the squares of each column of sparse points.
        """
        return self._squares[1]

    @functools.cached_property
    def deviations(self):
        r"""
        The root of the mean square of each column of sparse points, 1 where it is empty; sparse columns are not centred.
        """
        squares = self._squares[1]
        return numpy.where(squares > 0, numpy.sqrt(squares / len(self)), 1.0)

    @functools.cached_property
    def exact(self):
        r"""
        The columns exactly, an :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`.
        """
        return self._given if self._features is None else self._features.exact_values(self._given, self.points)

    def take(self, rows):
        r"""
        Return the design of some of the rows.
        """
        points = self.points[rows]
        return Design(points if self.is_sparse else numpy.ascontiguousarray(points), self.variables, self._given.take(rows), self._features,
                      self.intercept)

    def blocks(self):
        r"""
        Yield slices of rows, fewer at a time the more columns there are.
        """
        if self.is_sparse:
            return row_blocks(len(self), max(1, SPARSE_ENTRIES * len(self) // max(1, self.points.nnz)))
        return row_blocks(len(self), max(1, 16 * ROWS // max(16, self.width)))

    def log_odds(self, weights):
        r"""
        Return `w_0 + X (w_1, ..., w_n)^T`, an array of m numbers.

        INPUT:

        - ``weights`` -- float64 array of n + 1 weights, the bias first; or of n, where there is no bias
        """
        # not more than one, so that weights that do not fit are refused
        first = min(1, len(weights) - self.width)
        bias, slopes = weights[:first].sum(), weights[first:]
        if self.is_sparse:
            return bias + self.points @ slopes
        z = numpy.empty(len(self))
        for rows in self.blocks():
            z[rows] = bias + self.points[rows] @ slopes
        return z

    def products(self, rows):
        r"""
        Return the log-odds of several models, m x K, by the weights of each, a row of K x (n + 1), or of K x n without a bias.
        """
        first, z = rows.shape[1] - self.width, numpy.empty((len(self), len(rows)))
        for block in self.blocks():
            z[block] = self.numbers(block) @ rows[:, first:].T + rows[:, :first].sum(axis=1)
        return z

    def numbers(self, rows):
        r"""
        Return some rows as an array of floats.
        """
        return self.points[rows]

    def sums(self, factors):
        r"""
        Return the sum of each column, its rows times ``factors``.
        """
        return sum((factors[rows] @ self.points[rows] for rows in self.blocks()), numpy.zeros(self.width))

    def scaled(self, rows, center, scale):
        r"""
        Return some rows, their columns shifted by ``center`` and divided by ``scale``, with a one before each for the bias.

        EXAMPLES::

            sage: from sage_logreg.dataset.design import Design
            sage: import numpy
            sage: Design(numpy.array([[1.0], [3.0]])).scaled(slice(None), numpy.array([2.0]), numpy.array([0.5]))
            array([[ 1., -2.],
                   [ 1.,  2.]])
        """
        points = self.numbers(rows)
        scaled = numpy.ones((len(points), self.count))
        columns = scaled[:, int(self.intercept):]
        numpy.subtract(points, center, out=columns)
        columns /= scale
        return scaled
