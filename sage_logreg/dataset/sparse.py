r"""
Sparse data: matrices of which the nonzero entries alone are kept

One rule, :func:`stays_sparse`, says which tables stay sparse: those of more than a million entries, at most a tenth of them
not zero. A smaller table is made dense, as then everything there is works on it, and is fast. The rule is asked for SciPy's
and Sage's sparse matrices, and for the indicators of factors with many levels; who wants a dense table gives a dense one.

EXAMPLES::

    sage: from scipy.sparse import random
    sage: from sage_logreg import load_data
    sage: points = random(2000r, 1000r, 0.01r, random_state=0r)
    sage: data = load_data((points, [0, 1]*1000))
    sage: data
    2000 points in x1, x2, x3, x4, x5, ..., x1000 (1000 variables): 1000 with y = 1, 1000 with y = 0
    sage: data.design.is_sparse, load_data((points.tocsr()[:100r], [0, 1]*50)).design.is_sparse
    (True, False)
"""
import copy

import numpy

from sage_logreg.dataset.table import Column, Table
from sage_logreg.support.arguments import as_float, shown
from sage_logreg.support.paths import memory

# A table stays sparse if it has more entries, and at most this part of them is not zero
LEAST_ENTRIES, MOST_FILLED = 10**6, 1 / 10
# the part of the memory that a dense table may have, and how much larger an entry of a sparse one is, with its column
DENSE_PART, ENTRY = 1 / 4, 1.5
# most entries of a sparse table that is made dense for what needs it
MOST_DENSE = 10**7


def is_sparse(points):
    r"""
    Return whether points are a sparse matrix and no array.
    """
    return not isinstance(points, numpy.ndarray)


def stays_sparse(rows, columns, nonzero):
    r"""
    Return whether a table stays sparse, or would need too much memory otherwise.

    EXAMPLES::

        sage: from sage_logreg.dataset.sparse import stays_sparse
        sage: stays_sparse(10^4, 10^3, 10^5), stays_sparse(10^3, 10^3, 10^3), stays_sparse(10^4, 10^3, 10^7)
        (True, False, False)
    """
    size = int(rows) * int(columns)
    too_large = not fits_dense(rows, columns) and ENTRY * nonzero < size
    return too_large or size > LEAST_ENTRIES and nonzero <= MOST_FILLED * size


def fits_dense(rows, columns, bytes_each=8):
    r"""
    Return whether a dense table has at most the part of the memory that one may have.

    EXAMPLES::

        sage: from sage_logreg.dataset.sparse import fits_dense
        sage: fits_dense(10^3, 10), fits_dense(10^9, 10^9)
        (True, False)
    """
    return int(rows) * int(columns) * bytes_each <= DENSE_PART * memory()


def check_dense(name, rows, columns, bytes_each=8):
    r"""
    Raise an error if a table is too large to be written out.
    """
    if not fits_dense(rows, columns, bytes_each):
        raise MemoryError(f'{name}: {rows} rows x {columns} columns are {rows * columns * bytes_each / 1e9:.1f} GB as a dense table, and '
                          f'this machine has {memory() / 1e9:.1f} GB of memory; expected at most a quarter of it, or fewer entries that '
                          'are not zero')


def dense_points(points, what):
    r"""
    Return sparse points as an array, for what needs it; an error says that they are too many.

    EXAMPLES::

        sage: from scipy.sparse import csr_matrix
        sage: from sage_logreg.dataset.sparse import dense_points
        sage: dense_points(csr_matrix([[0.0, 1.0]]), 'separation')
        array([[0., 1.]])
        sage: dense_points(csr_matrix((10000r, 10000r)), 'separation')
        Traceback (most recent call last):
        ...
        ValueError: separation: the data are sparse, and 10000 rows x 10000 columns are too many to be written out; ...
    """
    if not is_sparse(points):
        return points
    rows, columns = points.shape
    if rows * columns > MOST_DENSE:
        raise ValueError(f'{what}: the data are sparse, and {rows} rows x {columns} columns are too many to be written out; '
                         f'expected at most {MOST_DENSE} entries, fewer rows or columns')
    return points.toarray(order='C')


def same_points(one, other):
    r"""
    Return whether two tables, dense or sparse, hold the same numbers.
    """
    if is_sparse(one) != is_sparse(other) or one.shape != other.shape:
        return False
    return (one != other).nnz == 0 if is_sparse(one) else numpy.array_equal(one, other)


def canonical(matrix):
    r"""
    Return a matrix of SciPy's as a CSR matrix of floats, its entries sorted and each there once.

    Arrays of the right type are used as they are, not copied; nothing is written to the user's own.

    EXAMPLES::

        sage: from scipy.sparse import coo_matrix
        sage: from sage_logreg.dataset.sparse import canonical
        sage: canonical(coo_matrix(([1r, 2r, 3r], ([0r, 0r, 1r], [1r, 1r, 0r])))).toarray()
        array([[0., 3.],
               [3., 0.]])
    """
    from scipy.sparse import csr_matrix
    given = matrix.tocsr()
    rows = csr_matrix((_floats(given), _indices(given.indices, given.shape[1]), _indices(given.indptr, given.nnz)), given.shape, copy=False)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows


def _floats(matrix):
    # the entries of a CSR matrix as floats
    values = matrix.data
    if values.dtype in ('float64', 'float32') and values.dtype.isnative:
        return values
    if values.dtype.kind in 'biuf':
        with numpy.errstate(over='ignore'):
            return values.astype(numpy.float64)
    floats = [numpy.nan if value is None else as_float(value) for value in values.tolist()]
    for place, number in enumerate(floats):
        if number is None:
            row, column = place_of_entry(matrix, place)
            raise ValueError(f'the sparse matrix, row {row + 1}, column {column + 1}: {shown(values[place])} is not a real number')
    return numpy.array(floats, dtype=numpy.float64)


def _indices(numbers, largest):
    # half the memory where it is enough
    fits = max(largest, 0) <= numpy.iinfo(numpy.int32).max
    return numbers.astype(numpy.int32 if fits else numpy.int64, copy=False)


def place_of_entry(matrix, place):
    r"""
    Return the row and the column of an entry of a CSR matrix, counted from 0.
    """
    return int(numpy.searchsorted(matrix.indptr, place, side='right')) - 1, int(matrix.indices[place])


def of_sage(matrix):
    r"""
    Return a sparse matrix of Sage as one of SciPy, of floats.

    EXAMPLES::

        sage: from sage_logreg.dataset.sparse import of_sage
        sage: of_sage(matrix(QQ, [[0, 1/2], [3, 0]], sparse=True)).toarray()
        array([[0. , 0.5],
               [3. , 0. ]])
    """
    from scipy.sparse import csr_matrix
    entries = matrix.dict()
    values = numpy.empty(len(entries))
    for place, ((row, column), value) in enumerate(entries.items()):
        number = as_float(value)
        if number is None:
            raise ValueError(f'the matrix, row {row + 1}, column {column + 1}: {shown(value)} is not a real number')
        values[place] = number
    places = numpy.array(list(entries), dtype=numpy.int64).reshape(-1, 2)
    return csr_matrix((values, (places[:, 0], places[:, 1])), (int(matrix.nrows()), int(matrix.ncols())))


class SparseTable(Table):
    r"""
    A table that is a sparse matrix, as it was read; its columns have no titles, but those of a frame.

    - ``matrix`` -- CSR matrix of floats
    - ``kind`` -- of its numbers, as for :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`
    - ``places`` -- where its columns stand in the source, ``None`` if these are all
    """

    places = None

    def __init__(self, name, matrix):
        super().__init__(name, ())
        # taken by their places only
        self.columns = range(matrix.shape[1])
        self.kind = 'exact' if matrix.dtype.kind in 'biu' else 'binary'
        self.matrix = canonical(matrix)

    def __len__(self):
        return self.matrix.shape[0]

    @property
    def titles(self):
        r"""
        There are none.
        """
        return None

    def place(self, row, column=None):
        r"""
        Return where a cell or a row stands in the source, in words.
        """
        return super().place(row, column if column is None or self.places is None else self.places[column])

    def take(self, rows):
        r"""
        Return the table of some rows, which still says where they stood.
        """
        taken = copy.copy(self)
        taken.rows, taken.matrix = rows, self.matrix[rows]
        return taken

    def column(self, place):
        r"""
        Return one column, a :class:`~sage_logreg.dataset.table.Column`.
        """
        numbers = self.matrix[:, place].toarray().ravel().astype(numpy.float64)
        missing = numpy.isnan(numbers)
        return Column(None, numbers, missing=missing if missing.any() else None)

    def unlike_numbers(self, places):
        r"""
        Return those places whose columns may hold something else than numbers: none, but in a frame.
        """
        return []

    def without_text(self, places):
        r"""
        Return the same, as some columns of a sparse matrix are never text.
        """
        return self

    def selected(self, places):
        r"""
        Return the table of some columns, in this order.
        """
        chosen = copy.copy(self)
        if list(places) != list(self.columns):
            chosen.matrix, chosen.columns = canonical(self.matrix[:, places]), range(len(places))
            chosen.places = numpy.asarray(places) if self.places is None else self.places[places]
        return chosen

    def columns_with_missing(self, places):
        r"""
        Return pairs of a place and a column, of those columns in which a cell is missing.
        """
        wrong = numpy.isnan(self.matrix.data)
        found = {*numpy.unique(self.matrix.indices[wrong]).tolist()}.intersection(places) if wrong.any() else set()
        return sorted([*((place, self.column(place)) for place in found), *super().columns_with_missing(places)], key=lambda one: one[0])

    def ends(self):
        r"""
        Return the first and the last row as arrays.
        """
        return self.matrix[[0, len(self) - 1]].toarray()


def check_finite(points, table):
    r"""
    Raise an error that names the first entry of a CSR matrix that is infinite.
    """
    with numpy.errstate(over='ignore', invalid='ignore'):
        # a finite sum shows that all entries are finite, without another array
        if numpy.isfinite(points.data.sum(dtype=numpy.float64)):
            return
    infinite = ~numpy.isfinite(points.data)
    if infinite.any():
        place = int(numpy.argmax(infinite))
        row, column = place_of_entry(points, place)
        raise ValueError(f'{table.place(row, column)}: {points.data[place]} is not a finite number')


def indicators_and_numbers(columns, rows, width):
    r"""
    Return a CSR matrix of columns of which each has an entry in a row at most.

    INPUT:

    - ``columns`` -- list of pairs of arrays: for each row the place of the entry, -1 where there is none, and the entry
    - ``rows``, ``width`` -- how many rows and places there are

    EXAMPLES::

        sage: from sage_logreg.dataset.sparse import indicators_and_numbers
        sage: import numpy
        sage: age, sex = (numpy.array([0, 0]), numpy.array([30.0, 40.0])), (numpy.array([-1, 1]), numpy.ones(2))
        sage: indicators_and_numbers([age, sex], 2r, 2r).toarray()
        array([[30.,  0.],
               [40.,  1.]])
    """
    from scipy.sparse import csr_matrix
    places = numpy.empty((rows, len(columns)), dtype=numpy.int32)
    values = numpy.empty((rows, len(columns)))
    for j, (place, value) in enumerate(columns):
        places[:, j], values[:, j] = place, value
    there = (places >= 0) & (values != 0)
    limits = numpy.concatenate([[0], numpy.cumsum(there.sum(axis=1))])
    return csr_matrix((values[there], places[there], _indices(limits, limits[-1])), (rows, width))
