r"""
Proofs in floating point: independent columns, and classes that overlap, by bounds on every rounding error

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.exact.basis import SignedRows
    sage: from sage_logreg.exact.whitened import overlap_is_proved, whitened
    sage: import numpy
    sage: rows = SignedRows(ex2data1())
    sage: white = whitened(rows, numpy.ones(100))
    sage: white.proof.are_independent()
    True
    sage: overlap_is_proved(rows, numpy.ones(100))
    False

ALGORITHM:

Let `a_i` be the rows `s_i (1, x_i)`, `r_i \ge 0` any weights, and `b_i = T^T a_i` with a matrix `T` of floats for which
`G = \sum r_i b_i b_i^T` is nearly the unit matrix. `T` is found by Cholesky factors, shifted where the columns are
nearly dependent [FKNYY2020]_; what it was found by does not matter for the proof.

- If `\|G - I\| < 1`, then `G` is invertible, so the rows with `r_i > 0` have full rank: the columns are independent.
- Let `g = \sum r_i b_i` and `d = G^{-1} g`. Then `\sum r_i (1 - b_i \cdot d) b_i = g - G d = 0`, so that
  `\lambda_i = r_i (1 - b_i \cdot d)` are multipliers as in Stiemke's lemma, if all `b_i \cdot d < 1`. This is sure if
  `\|g\| \max \|b_i\| < 1 - \|G - I\|`. Then the classes overlap, and the rows with `r_i > 0` prove it. The residuals
  at the estimate are such weights, as `g` is the gradient there; the next Newton step absorbs what is left of it.

Rounding. The columns are scaled, so that no entry of `a_i` is above 1, or wrong by more than `2^{-52}` of itself and an underflow.
Let `u = 2^{-52}`, twice the unit roundoff. A float product of a row with column `j` of `T` is
wrong by at most `e_j = (n + 8) u \sum_k |t_{kj}|`, in any order of summation. With `E` these errors, `\rho = \sum r_i`, and
`\beta^2 = \sum r_i \|b_i\|^2`, the trace of the computed matrix, the exact `G` differs in the Frobenius norm by at most
`2 \sqrt\rho \|e\| \beta + \rho \|e\|^2` from the one with computed rows, and this from the computed one by at most
`(m + n + 16) u \beta^2`. In the same way the exact `g` is within `\rho \|e\| + (m + n + 16) u \sqrt\rho \beta` of the computed one [Hig2002]_.
The factor of two in `u` is more than the rounding of these few sums themselves, and underflows.

REFERENCES:

.. [FKNYY2020] \T. Fukaya, R. Kannan, Y. Nakatsukasa, Y. Yamamoto and Y. Yanagisawa, *Shifted Cholesky QR for computing the
   QR factorization of ill-conditioned matrices*, SIAM J. Sci. Comput. 42 (2020) A477-A503.

.. [Hig2002] \N. J. Higham, *Accuracy and stability of numerical algorithms*, second edition, SIAM, 2002, chapter 3.
"""
import dataclasses

import numpy

from sage_logreg.dataset.design import row_blocks

# twice the unit roundoff
UNIT = 2.0**-52
# entries of rows that are computed once and kept
MOST_KEPT = 1 << 22
# how often rows are factorised
MOST_FACTORS = 6
# weights that are smaller beside the largest are taken as zero, so that nothing underflows
LEAST_WEIGHT = 1e-30


@dataclasses.dataclass
class Proof:
    r"""
    Bounds that hold for the exact rows: of the norm of `G - I`, the length of `g`, and the longest row.
    """

    defect: float
    gradient: float
    longest: float

    def are_independent(self):
        r"""
        Return whether the columns are proved to be linearly independent.
        """
        return bool(self.defect < 0.5)

    def is_overlap(self):
        r"""
        Return whether the classes are proved to overlap.
        """
        return self.are_independent() and bool(1.01 * self.gradient * self.longest < 1 - self.defect)


class WhiteRows:
    r"""
    The rows, or some of their columns, times a matrix of floats, block by block; no copy is kept unless :meth:`keep` is called.

    - ``rows`` -- a :class:`~sage_logreg.exact.basis.SignedRows`
    - ``matrix`` -- float64 array with a row for each column that is used
    - ``which`` -- (default: all) array of the numbers of the rows
    - ``columns`` -- (default: all) array of the numbers of the columns
    - ``proof`` -- (default: ``None``) the :class:`Proof`, where :func:`whitened` made this

    EXAMPLES: see :mod:`sage_logreg.exact.whitened`.
    """

    def __init__(self, rows, matrix, which=None, columns=None, proof=None):
        self.rows, self.matrix, self.which, self.columns, self.proof = rows, matrix, which, columns, proof
        self.count = len(rows) if which is None else len(which)
        self._kept = None

    def keep(self):
        r"""
        Keep the rows for the next times, unless they are many.
        """
        if self.count * self.matrix.shape[1] <= MOST_KEPT:
            self._kept = list(self._computed())

    def blocks(self):
        r"""
        Return slices of rows with these rows, an iterable.
        """
        return self._computed() if self._kept is None else self._kept

    def _computed(self):
        from sage_logreg.cost.kernels import rows_of_a_product
        columns = slice(None) if self.columns is None else self.columns
        for block in row_blocks(self.count, rows_of_a_product(max(self.matrix.shape))):
            rows = self.rows.floats(block if self.which is None else self.which[block])
            yield block, rows[:, columns] @ self.matrix

    def moments(self, weights):
        r"""
        Return `\sum r_i b_i b_i^T`, `\sum r_i b_i` and the length of the longest row that counts, all as computed.
        """
        width = self.matrix.shape[1]
        gram, total, longest = numpy.zeros((width, width)), numpy.zeros(width), 0.0
        roots = numpy.sqrt(weights)
        for block, rows in self.blocks():
            weighted = roots[block, None] * rows
            gram, total = gram + weighted.T @ weighted, total + weights[block] @ rows
            squares = numpy.where(weights[block] > 0, numpy.einsum('ij,ij->i', rows, rows), 0.0)
            longest = max(longest, float(numpy.sqrt(squares.max())))
        return gram, total, longest

    def proved(self, weights):
        r"""
        Return the :class:`Proof` with these weights, and `\sum r_i b_i b_i^T` as computed.
        """
        gram, total, longest = self.moments(weights)
        width = len(self.matrix)
        errors = ((width + 8) * UNIT + self.rows.rounding) * abs(self.matrix).sum(axis=0)
        wrong, rounding = float(numpy.sqrt(errors @ errors)), (self.count + width + 16) * UNIT
        mass = float(numpy.sqrt(weights.sum()))
        beta = float(numpy.sqrt(numpy.trace(gram)))
        defect = (float(numpy.linalg.norm(gram - numpy.eye(len(gram)))) + rounding * beta**2
                  + 2 * mass * wrong * beta + (mass * wrong)**2)
        gradient = float(numpy.linalg.norm(total)) + mass**2 * wrong + rounding * mass * beta
        return Proof(defect, gradient, longest + wrong), gram


def whitened(rows, weights, which=None, columns=None, matrix=None):
    r"""
    Return the :class:`WhiteRows` whose columns are proved to be independent, or ``None`` where rounding leaves a doubt.

    INPUT:

    - ``rows``, ``which``, ``columns`` -- as for :class:`WhiteRows`
    - ``weights`` -- array of numbers at least 0, of the rows that are used
    - ``matrix`` -- (default: the unit matrix) to start from

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.exact.basis import SignedRows
        sage: from sage_logreg.exact.whitened import whitened
        sage: import numpy
        sage: for error in (0, 1e-9, 1e-15):
        ....:     rows = SignedRows(load_data([[1, 1, 0], [2, 2 + error, 1], [3, 3, 0], [4, 4, 1]]))
        ....:     print(whitened(rows, numpy.ones(4)) is not None)
        False
        True
        False
    """
    from scipy.linalg.lapack import dtrtri
    weights = significant(weights)
    if matrix is None:
        width = rows.width if columns is None else len(columns)
        matrix = numpy.eye(width) / numpy.sqrt(weights.sum())
    with numpy.errstate(all='ignore'):
        for _ in range(MOST_FACTORS):
            white = WhiteRows(rows, matrix, which, columns)
            white.proof, gram = white.proved(weights)
            if white.proof.are_independent():
                return white
            if not numpy.isfinite(gram).all():
                return None
            shift = 4 * len(gram) * UNIT * numpy.trace(gram)
            try:
                factor = numpy.linalg.cholesky(gram + shift * numpy.eye(len(gram)))
            except numpy.linalg.LinAlgError:
                return None
            matrix = matrix @ dtrtri(factor.T)[0]
    return None


def significant(weights):
    r"""
    Return the weights divided by the largest, and those that are nearly nothing beside it as zero.
    """
    weights = weights / weights.max()
    return numpy.where(weights > LEAST_WEIGHT, weights, 0.0)


def overlap_is_proved(rows, weights, which=None, columns=None, matrix=None):
    r"""
    Return whether the classes are proved to overlap by these weights, such as the residuals at the estimate.

    INPUT: as for :func:`whitened`

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: from sage_logreg.exact.basis import SignedRows
        sage: from sage_logreg.exact.whitened import overlap_is_proved
        sage: data = ex2data1()
        sage: residuals = data.labels - maximum_likelihood(data).probability(data).numpy()
        sage: overlap_is_proved(SignedRows(data), abs(residuals))
        True
    """
    if not weights.max() > 0:
        # residuals that are all zero as floats prove nothing
        return False
    white = whitened(rows, weights, which, columns, matrix)
    return white is not None and white.proof.is_overlap()
