r"""
Preconditioner of sparse rows: the Hessian of the fullest columns, and its diagonal elsewhere

Words that are in many texts, and the bias, have large eigenvalues together, which a diagonal knows nothing of. There are
few of them: their part of the Hessian is formed and factored, which halves the number of conjugate gradients.

EXAMPLES::

    sage: from scipy.sparse import csr_matrix
    sage: from sage_logreg.dataset.design import Design
    sage: from sage_logreg.solvers.preconditioner import FullColumns, Preconditioner
    sage: import numpy
    sage: full = FullColumns(Design(csr_matrix([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 3.0]])))
    sage: full.places
    array([0, 1])
    sage: hessian = Preconditioner(numpy.array([6.0, 6.0, 9.0]), full, numpy.ones(5))
    sage: hessian.solve(numpy.array([11.0, 11.0, 9.0])), hessian.least  # abs tol 1e-10
    (array([1., 1., 1.]), 0.1659822010779507)
"""
import numpy

from sage_logreg.dataset.design import row_blocks

# a column is full if this part of its rows is, so that it takes little more memory than its entries do; most such columns
FULL, MOST_COLUMNS = 1 / 4, 64
# multiplications of a block's product: so few that BLAS does not share them among threads, which wait for each other
MULTIPLICATIONS = 2**18
# indices that are counted at a time
COUNTED = 1 << 20
# eigenvalues that are not from rounding of single precision only
LEAST = 1e-5


class FullColumns:
    r"""
    The fullest columns of a sparse design, written out, after a column of ones for the bias if there is one.

    - ``places`` -- of their weights
    - ``points`` -- float32 array; ``None`` if no column is full

    EXAMPLES: see :mod:`sage_logreg.solvers.preconditioner`.
    """

    points = None

    def __init__(self, design):
        first, indices = int(design.intercept), design.points.indices
        # in blocks, as indices of 32 bits are copied
        counts = sum((numpy.bincount(indices[block], minlength=design.width) for block in row_blocks(len(indices), COUNTED)),
                     numpy.zeros(design.width, dtype=int))
        fullest = numpy.argsort(-counts, kind='stable')[:MOST_COLUMNS]
        columns = numpy.sort(fullest[counts[fullest] >= FULL * len(design)])
        self.places = numpy.concatenate([numpy.arange(first), columns + first])
        if not len(columns):
            return
        self.points = numpy.ones((len(design), len(self.places)), dtype=numpy.float32)
        for rows in design.blocks():
            # what is too large for it gives no inverse later
            with numpy.errstate(over='ignore'):
                self.points[rows, first:] = design.points[rows][:, columns].toarray()

    def hessian(self, curvature):
        r"""
        Return the Hessian of these columns' weights, given the curvatures of the rows.
        """
        root, total = numpy.sqrt(curvature).astype(numpy.float32), 0.0
        for rows in row_blocks(len(root), max(1, MULTIPLICATIONS // len(self.places)**2)):
            block = self.points[rows] * root[rows, None]
            total += (block.T @ block).astype(numpy.float64)
        return total


class Preconditioner:
    r"""
    A matrix that is easily inverted and near the Hessian of sparse rows.

    - ``diagonal`` -- float64 array, the Hessian's
    - ``full`` -- :class:`FullColumns`; or ``None``, and it is the diagonal alone
    - ``curvature`` -- float64 array of the rows' curvatures

    EXAMPLES: see :mod:`sage_logreg.solvers.preconditioner`.
    """

    def __init__(self, diagonal, full=None, curvature=None):
        # a lower bound of its eigenvalues where the diagonal is scaled to ones
        self.diagonal, self.least, self._inverse = diagonal, 1.0, None
        if full is None or full.points is None:
            return
        self._places, roots = full.places, numpy.sqrt(diagonal[full.places])
        with numpy.errstate(over='ignore', invalid='ignore'):
            block = full.hessian(curvature)
        block[numpy.diag_indices_from(block)] = diagonal[full.places]
        try:
            inverse = numpy.linalg.inv(block / numpy.outer(roots, roots))
        except numpy.linalg.LinAlgError:
            return
        least = 1 / numpy.linalg.norm(inverse)
        # otherwise the columns are dependent but for rounding, and only the diagonal is positive for certain
        if least > LEAST:
            self.least, self._inverse = min(1.0, float(least)), inverse / numpy.outer(roots, roots)

    def solve(self, vector):
        r"""
        Return the inverse times a vector.
        """
        solution = vector / self.diagonal
        if self._inverse is not None:
            solution[self._places] = self._inverse @ vector[self._places]
        return solution
