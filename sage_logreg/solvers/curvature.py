r"""
The curvature of a likelihood, factorised to solve with it: by its columns, or by its rows where these are fewer

Either is the Hessian at some weights, or nearly: a quasi-Newton method corrects it as it goes on
(:mod:`sage_logreg.solvers.quasi_newton`), so that a few digits will do, and at first the diagonal alone.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.curvature import ByColumns, ByRows
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: import numpy
    sage: likelihood, v, g = Likelihood(ex2data1(), 1.0r), numpy.zeros(3), numpy.array([1.0, 2.0, 3.0])
    sage: direction = numpy.linalg.solve(likelihood.terms(v)[2], g)
    sage: bool(abs(ByColumns(likelihood, v).solve(g) - direction).max() < 1e-6)
    True
    sage: bool(abs(ByRows(likelihood, v).solve(g) - direction).max() < 1e-12)
    True
"""
import numpy

from sage_logreg.dataset.design import row_blocks
from sage_logreg.support.cores import in_parallel, products_in_parallel

# entries of a block of rows: so few that it stays in the cache, so many that products of wide rows are fast
FEWEST, MOST = 1 << 20, 1 << 24
# entries of rows that are scaled at a time, and pieces of a block that are multiplied by themselves
ROWS, PIECES = 1 << 15, 4
# below this part of a column's curvature that is its own, single precision says too little
SINGLE = 1e-4


def curvatures(likelihood, v):
    r"""
    Return the curvature of each row, with its frequency, at the weights ``v``.
    """
    from scipy.special import expit
    z = likelihood.data.design.log_odds(likelihood.to_user(v)) + likelihood.offset
    return likelihood.frequency * expit(z) * expit(-z)


def price(likelihood):
    r"""
    Return about how many gradients a Hessian costs, factorised.
    """
    return 1 + likelihood.data.design.count / 50


class ByColumns:
    r"""
    The Hessian, as a Cholesky factor in single precision where that says enough, in units in which its diagonal is 1.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.likelihood.Likelihood`
    - ``v`` -- float64 array of weights
    - ``curvature`` -- (default: those at ``v``) float64 array, the curvature of each row

    ``total`` is the sum of the curvatures, ``determined`` the least part of a variable's curvature that is its own,
    ``price`` about how many gradients it costs.

    EXAMPLES: see :mod:`sage_logreg.solvers.curvature`.
    """

    is_hessian = True

    def __init__(self, likelihood, v, curvature=None):
        curvature = curvatures(likelihood, v) if curvature is None else curvature
        self.total = curvature.sum()
        self.price = price(likelihood)
        for dtype in (numpy.float32, numpy.float64):
            self._factorise(likelihood, curvature, dtype)
            if self.determined > SINGLE:
                return

    def _factorise(self, likelihood, curvature, dtype):
        from scipy.linalg import cho_factor
        hessian = 0.0
        with numpy.errstate(all='ignore'):
            for part in weighted_rows(likelihood, curvature, dtype):
                hessian += square(part)
            diagonal = numpy.diag(hessian).astype(numpy.float64) + likelihood.penalty[:likelihood.data.design.count]
            self.unit, self.determined = 1 / numpy.sqrt(diagonal), 0.0
            hessian *= self.unit[:, None].astype(dtype)
            hessian *= self.unit.astype(dtype)
            numpy.fill_diagonal(hessian, 1.0 + len(diagonal) * numpy.finfo(dtype).eps)
        if not numpy.isfinite(hessian).all():
            return
        try:
            # seen by columns, so that no copy is made
            self.factor = cho_factor(hessian.T, lower=True, overwrite_a=True, check_finite=False)
        except numpy.linalg.LinAlgError:
            return
        self.determined = float(numpy.diag(self.factor[0]).min())**2

    def solve(self, gradient):
        r"""
        Return the inverse of the Hessian times a vector.
        """
        from scipy.linalg import cho_solve
        right = self.unit * gradient
        # in single precision small numbers would vanish
        largest = abs(right).max() or 1.0
        return largest * self.unit * cho_solve(self.factor, (right / largest).astype(self.factor[0].dtype), check_finite=False)

    def rounding(self):
        r"""
        Return what the inverse makes, in its own norm, of an error in each entry of the gradient of 1 beside the entry's size.
        """
        return float(numpy.sqrt(len(self.unit) / self.determined))


class Diagonal:
    r"""
    About the Hessian's diagonal: to each scaled column belongs the sum of the curvatures.

    INPUT: ``likelihood``, as for :class:`ByColumns`; ``price`` is that of the Hessian that would come next

    EXAMPLES: see :mod:`sage_logreg.solvers.curvature`.
    """

    is_hessian, determined = False, 1.0

    def __init__(self, likelihood):
        # that of a bias alone, which takes no pass over the data
        share = likelihood.frequency @ likelihood.data.labels / likelihood.total
        self.total = likelihood.total * share * (1 - share)
        self.price = price(likelihood)
        self.inverse = 1 / (self.total + likelihood.penalty)

    def solve(self, gradient):
        r"""
        Return the inverse of the diagonal times a vector.
        """
        return self.inverse * gradient


class ByClasses:
    r"""
    What the preconditioners of more than two classes share: of each class the Hessian of its weights, or its diagonal, alone.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.softmax_likelihood.SoftmaxLikelihood`
    - ``classes`` -- list of what solves with the Hessian of each class

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_newton`.
    """

    def __init__(self, likelihood, classes):
        self._contrasts, self._count, self._classes = likelihood.contrasts, likelihood.count, classes

    def solve(self, gradient):
        r"""
        Return the inverse times a vector.
        """
        of_classes = self._contrasts @ gradient.reshape(-1, self._count)
        solutions = [of_class.solve(right) for of_class, right in zip(self._classes, of_classes)]
        return (self._contrasts.T @ numpy.array(solutions)).ravel()


class ByRows:
    r"""
    The Hessian of fewer rows than columns with a penalty, by the products of the rows with each other.

    INPUT: as for :class:`ByColumns`

    - ``products`` -- (default: computed) those of :func:`products_of_rows`

    ALGORITHM:

    With the rows `Z`, the curvatures `C`, the penalty's diagonal matrix `P` and `K = Z P^{-1} Z^T`, the inverse of
    `Z^T C Z + P` is `P^{-1} - P^{-1} Z^T C^{1/2} (1 + C^{1/2} K C^{1/2})^{-1} C^{1/2} Z P^{-1}` (Woodbury). The bias,
    which has no penalty, is eliminated first.

    EXAMPLES: see :mod:`sage_logreg.solvers.curvature`.
    """

    is_hessian = True

    def __init__(self, likelihood, v, products=None):
        self.likelihood = likelihood
        self.products = products_of_rows(likelihood) if products is None else products
        curvature = curvatures(likelihood, v)
        self.total, self.determined, self.price = curvature.sum(), 0.0, 1 + len(curvature) / 50
        self.root = numpy.sqrt(curvature)
        self.trace = float(curvature @ numpy.diag(self.products))
        try:
            self.factor = factor_of_rows(self.products, self.root)
        except (numpy.linalg.LinAlgError, ValueError):
            return
        from scipy.linalg import cho_solve
        self.bias = cho_solve(self.factor, self.root * likelihood.data.design.intercept, check_finite=False)
        self.determined = 1.0

    def solve(self, gradient):
        r"""
        Return the inverse of the Hessian times a vector.
        """
        from scipy.linalg import cho_solve
        design, likelihood = self.likelihood.data.design, self.likelihood
        penalty = design.parts(likelihood.penalty)[1]
        bias, slopes = design.parts(gradient)
        right = self.root * _centred_log_odds(likelihood, slopes / penalty)
        row = cho_solve(self.factor, right, check_finite=False)
        if design.intercept:
            bias = (bias - self.bias @ right) / (self.root @ self.bias)
            row = row + bias * self.bias
        return numpy.concatenate([bias, (slopes - _centred_sums(likelihood, self.root * row)) / penalty])

    def rounding(self):
        r"""
        Return what the inverse makes, in its own norm, of an error in each entry of the gradient of 1 beside the entry's size.
        """
        # of an entry in the unit of the root of its curvature; the penalty bounds the inverse
        return float(numpy.sqrt(1 + self.trace))


def weighted_rows(likelihood, curvature, dtype):
    r"""
    Yield blocks of rows (1, x), scaled, times the root of its curvature.
    """
    design, first = likelihood.data.design, int(likelihood.data.design.intercept)
    for rows in row_blocks(len(design), _block(design.count)):
        points, root = design.numbers(rows), numpy.sqrt(curvature[rows])[:, None]
        part = numpy.empty((len(root), design.count), dtype)
        part[:, :first] = root

        def fill(some):
            scaled = points[some] - likelihood.center
            scaled *= root[some]
            numpy.multiply(scaled, 1 / likelihood.scale, out=part[some, first:], casting='same_kind')

        # so few rows at a time that they stay in the cache
        in_parallel(fill, row_blocks(len(root), max(1, ROWS // design.count)))
        yield part


def _block(count):
    # How many vectors of so many entries are multiplied at a time.
    return max(1, min(MOST // count, max(FEWEST // count, 2 * count)))


def square(part):
    r"""
    Return the product of a matrix's transpose with the matrix, the sum of its pieces' products, by all cores.

    EXAMPLES::

        sage: from sage_logreg.solvers.curvature import square
        sage: import numpy
        sage: square(numpy.array([[1.0, 2.0], [3.0, 4.0]]))
        array([[10., 14.],
               [14., 20.]])
    """
    size, count = part.shape
    # a product of a matrix with its own transpose takes half the time; few rows of many columns would be a large sum
    return sum(products_in_parallel(lambda rows: part[rows].T @ part[rows],
                                    row_blocks(size, max(1, count // 2, -(-size // PIECES)))))


def products_of_rows(likelihood):
    r"""
    Return the products of the scaled rows, without the bias, by the inverse of the penalty: an m x m array.
    """
    design = likelihood.data.design
    with numpy.errstate(all='ignore'):
        unit = 1 / (likelihood.scale * numpy.sqrt(design.parts(likelihood.penalty)[1]))
        products = 0.0
        for columns in row_blocks(design.width, _block(len(design))):
            part = design.points[:, columns] - likelihood.center[columns]
            part *= unit[columns]
            products += square(part.T)
    return products


def factor_of_rows(products, root):
    r"""
    Return the Cholesky factor of the unit matrix plus the products, times the roots of the curvatures on both sides.
    """
    from scipy.linalg import cho_factor
    matrix = root[:, None] * products * root
    matrix[numpy.diag_indices_from(matrix)] += 1
    return cho_factor(matrix.T, lower=True, overwrite_a=True)


def _centred_log_odds(likelihood, slopes):
    slopes = slopes / likelihood.scale
    return likelihood.data.design.log_odds(slopes) - likelihood.center @ slopes


def _centred_sums(likelihood, factors):
    return (likelihood.data.design.sums(factors) - factors.sum() * likelihood.center) / likelihood.scale


def weights_of_rows(likelihood, bias, factors):
    r"""
    Return the weights whose slopes are a sum of rows by the inverse of the penalty, each times its factor.
    """
    penalty = likelihood.data.design.parts(likelihood.penalty)[1]
    return numpy.concatenate([bias, _centred_sums(likelihood, factors) / penalty])
