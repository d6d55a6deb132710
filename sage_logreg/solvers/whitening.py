r"""
The likelihood in variables in which its information is nearly the unit matrix

Where columns nearly depend on each other, or a few trials stand beside millions, the Hessian in scaled variables has
lost the digits that the estimate needs: its condition is the square of the design's. A :class:`Whitened` likelihood
has the rows `b_i = (1, x_i) T` with a triangular matrix `T` of floats for which `\sum_i c_i b_i b_i^T` is nearly the
unit matrix, `c_i` the curvatures. The rows are computed as if in twice as many digits, so that they
have all their digits whatever the condition of the design is. A step of length 1 is then one standard error.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: from sage_logreg.solvers.whitening import Whitened
    sage: import numpy
    sage: likelihood = Whitened(Likelihood(ex2data1()), numpy.zeros(3))
    sage: bool(abs(likelihood.terms(numpy.zeros(3))[2] - numpy.eye(3)).max() < 1e-14)
    True

ALGORITHM:

`R` of a QR factorisation of the rows times `\sqrt{c_i}`, block by block of rows, gives `T = R^{-1}`; where that was
rounded, the rows `b_i` are factorised again [YNYF2015]_. Factors of a product of matrices are cut into
slices with so few bits that the products of the slices are exact [OOOR2012]_.

REFERENCES:

.. [OOOR2012] \K. Ozaki, T. Ogita, S. Oishi and S. M. Rump, *Error-free transformations of matrix multiplication by
   using fast routines of matrix multiplication and its applications*, Numer. Algorithms 59 (2012) 95-118.

.. [YNYF2015] \Y. Yamamoto, Y. Nakatsukasa, Y. Yanagisawa and T. Fukaya, *Roundoff error analysis of the CholeskyQR2
   algorithm*, Electron. Trans. Numer. Anal. 44 (2015) 306-326.
"""
import functools

import numpy

from sage_logreg.dataset.design import row_blocks
from sage_logreg.dataset.in_chunks.chunk import added
from sage_logreg.solvers.chunked import larger, over_chunks, triangle_of_both
from sage_logreg.solvers.likelihood import FIRTH_DETERMINED, PLATEAU, Likelihood, determinacy, triangle_of

# entries of a block of rows, so that its slices and their products stay in the cache
ENTRIES = 1 << 14
# slices of a factor, of at least 20 bits each
MOST_SLICES = 6
# how often rows are factorised, and a condition of the last factor that is small enough
MOST_FACTORS, WHITE = 5, 1.1
# sine of the angle between a column and those before it that is as good as zero
SINGULAR = 1e-20


def _slices(matrix, axis, bits):
    # Matrices whose sum is the matrix, the entries of each with a common unit along the axis.
    for _ in range(MOST_SLICES):
        largest = abs(matrix).max(axis=axis, keepdims=True)
        if not largest.any():
            return
        exponent = numpy.frexp(largest)[1]
        # adding the shift rounds to multiples of the unit
        shift = numpy.ldexp(1.0, exponent + 53 - bits)
        part = (matrix + shift) - shift
        yield part
        matrix = matrix - part


def exact_product(left, right):
    r"""
    Return the product of two matrices, nearly as if computed exactly and then rounded.

    EXAMPLES::

        sage: from sage_logreg.solvers.whitening import exact_product
        sage: import numpy
        sage: exact_product(numpy.array([[1e20, 1.0, -1e20]]), numpy.array([[1.0], [1e-20], [1.0]]))
        array([[1.e-20]])
    """
    bits = (53 - int(left.shape[1]).bit_length()) // 2
    rights = list(_slices(right, 0, bits))
    high, low = numpy.zeros((len(left), right.shape[1])), 0.0
    for one in _slices(left, 1, bits):
        for other in rights:
            product = one @ other
            total = high + product
            # what the sum has rounded away
            back = total - high
            low = low + ((high - (total - back)) + (product - back))
            high = total
    return high + low


class Whitened(Likelihood):
    r"""
    A likelihood near some weights, in variables in which its information there is nearly the unit matrix.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.likelihood.Likelihood`
    - ``v`` -- weights in its variables; in those of the whitened one they are ``start``

    It raises a ``numpy.linalg.LinAlgError`` if the information is singular, as far as floats can tell.

    EXAMPLES: see :mod:`sage_logreg.solvers.whitening`.
    """

    is_white = True

    def __init__(self, likelihood, v):
        # a shallow copy: the same data, penalty and scale
        self.__dict__.update(likelihood.__dict__)
        self.__dict__.pop('_longest_row', None)
        self.keeps_hessian, self._plateau, self.start = False, PLATEAU, v
        # the variables are this matrix times the scaled ones
        self.factor = numpy.eye(len(v)) if not likelihood.is_white else likelihood.factor
        for _ in range(MOST_FACTORS):
            first = int(self.data.design.intercept)
            triangle = self._triangle_with(numpy.sqrt(self.penalty)[first:, None] * self.basis[first:])
            self._turn(triangle)
            if numpy.linalg.cond(triangle) < WHITE:
                return
        raise numpy.linalg.LinAlgError('the information is singular')

    def _turn(self, triangle):
        from scipy.linalg import solve_triangular
        sines = numpy.zeros(1)
        if triangle.shape[0] == triangle.shape[1] and numpy.isfinite(triangle).all() and numpy.diag(triangle).all():
            with numpy.errstate(over='ignore', invalid='ignore'):
                self.factor, self.start = triangle @ self.factor, triangle @ self.start
                self.basis = solve_triangular(triangle, self.basis.T, trans='T', check_finite=False).T
                # of the angles between a column and those before it
                sines = abs(numpy.diag(self.factor)) / numpy.sqrt((self.factor**2).sum(axis=0))
        if not (sines.min() > SINGULAR and numpy.isfinite(self.basis).all()):
            raise numpy.linalg.LinAlgError('the information is singular')

    def rows(self, design=None, most=None):
        design = design or self.data.design
        for block in row_blocks(len(design), most or max(64, ENTRIES // len(self.basis))):
            yield block, exact_product(design.scaled(block, 0.0, self.scale), self.basis)

    def curved_rows(self):
        r"""
        Yield slices of rows with these rows and the weights with which they are made white.
        """
        for block, rows, _, curvature in self.row_terms(self.start):
            yield block, rows, self.frequency[block] * curvature

    def _triangle_with(self, start):
        # R of the weighted rows and of those of ``start``.
        return triangle_of_both(start, self._triangle(start[:0])) if self.data.is_chunked else self._triangle(start)

    @over_chunks(triangle_of_both)
    def _triangle(self, start):
        return triangle_of((numpy.sqrt(curvature)[:, None] * rows for _, rows, curvature in self.curved_rows()), start)

    @over_chunks()
    def likelihood_terms(self, v, curved=True):
        from sage_logreg.cost.evaluation import evaluate_newton
        total, zeros, ones = None, numpy.zeros(len(v)), numpy.ones(len(v))
        for block, rows in self.rows():
            # the rows have the bias in them already
            terms = evaluate_newton(rows, self.data.labels[block], v, self.frequency[block], self.offset[block], zeros, ones)
            total = added(total, terms)
        return total

    def scaled_gradient(self, gradient):
        return self.factor.T @ gradient

    def sum_of_curvatures(self, hessian):
        return self.factor[:, 0] @ hessian @ self.factor[:, 0]

    def log_of_factor(self):
        return numpy.log(abs(numpy.diag(self.factor))).sum()

    def penalty_terms(self, v):
        w = self.basis @ v
        return self.penalty @ w**2 / 2, self.basis.T @ (self.penalty * w)

    def penalty_matrix(self):
        return self.basis.T @ (self.penalty[:, None] * self.basis)

    @functools.cached_property
    def _longest_row(self):
        return self._longest_of_all()

    @over_chunks(larger)
    def _longest_of_all(self):
        return max(float(numpy.sqrt((rows**2).sum(axis=1).max())) for _, rows in self.rows())

    def to_user(self, v):
        w = self.basis @ v
        with numpy.errstate(over='ignore'):
            return w / self.units

    def from_user(self, w):
        r"""
        Return the weights in these variables; those whose log-odds differ least from the exact ones.
        """
        w, v = w * self.units, self.start
        for _ in range(2):
            right, information = self._missing(w, v)
            v = v + numpy.linalg.lstsq(information, right, rcond=None)[0]
        return v

    @over_chunks()
    def _missing(self, w, v):
        # The sums of the rows times the log-odds that v lacks, and of the information.
        right, information = 0.0, 0.0
        for block, rows, curvature in self.curved_rows():
            missing = exact_product(numpy.column_stack([self.data.design.scaled(block, 0.0, self.scale), rows]),
                                    numpy.append(w, -v)[:, None])[:, 0]
            weighted = curvature[:, None] * rows
            right, information = right + missing @ weighted, information + rows.T @ weighted
        return right, information


def determined(likelihood, weights):
    r"""
    Return a likelihood in variables in which Firth's term has its digits at weights in the units of the data.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.solvers.likelihood import Likelihood
        sage: from sage_logreg.solvers.whitening import determined
        sage: import numpy
        sage: for x in (7, 2.001):
        ....:     data = load_data([[0, 0, 0], [1, 1, 1], [2, x, 0], [3, 3, 1]])
        ....:     determined(Likelihood(data, bias_reduced=True), numpy.zeros(3)).is_white
        False
        True
    """
    v = likelihood.from_user(weights)
    if not likelihood.bias_reduced or determinacy(likelihood.information(v)) > FIRTH_DETERMINED:
        return likelihood
    try:
        return Whitened(likelihood, v)
    except numpy.linalg.LinAlgError:
        return likelihood
