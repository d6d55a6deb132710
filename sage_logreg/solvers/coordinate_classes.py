r"""
The elastic net of K classes at one penalty

EXAMPLES::

    sage: from sage_logreg import penguins
    sage: from sage_logreg.solvers.coordinate_classes import PenalizedCostOfClasses
    sage: import numpy
    sage: cost = PenalizedCostOfClasses(penguins(label='species', variables='bill_length_mm, body_mass_g'), grouped=True)
    sage: fit = cost.null()
    sage: largest = float(cost.size(fit.slopes).max())
    sage: cost.minimize(fit, numpy.full(2, largest/2r), numpy.zeros(2), tol=1e-12)
    sage: bool(0 <= fit.gap <= 1e-12), bool(abs(fit.w.sum(axis=1)).max() < 1e-12)
    (True, True)

ALGORITHM:

Minimised is `\sum_i f_i (\log \sum_k e^{z_{ik}} - z_{i y_i}) + \sum_j (l_{1j} \|w_j\| + \tfrac12 l_{2j} \|w_j\|_2^2)` with `\sum_i f_i = 1`, where
`w_j` are the K weights of a column and `\|w_j\|` is their Euclidean length, or the sum of their absolute values. The steps are those
of :mod:`sage_logreg.solvers.coordinate`, with blocks in place of coordinates:

1. The quadratic model has the Hessian itself, `\operatorname{diag} q_i - q_i q_i^T` of each row. Of a small working set of dense columns it is
   a matrix, otherwise it is in the rows' residuals. A block is minimised exactly: in the eigenvectors of its K x K
   matrix, with its length found by Newton's method, or by coordinate descent within the block.
2. The dual point is `(1 - t) y + t (p + (\operatorname{diag} q - q q^T) s)`, where the `s` are log-odds that make the residuals
   orthogonal to the columns without a penalty, and the gap is the sum of `f_i \mathrm{KL}` and the columns' terms
   `l_1 \|w\| + \tfrac12 l_2 \|w\|_2^2 - c \cdot w + (\|c\|_* - l_1)_+^2/(2 l_2)`, none of which is negative.
3. What is added to the weights of all classes changes no probability. Lengths and squares are least where the sum is zero, sums of
   absolute values where the median is: without squares that is any number between the middle two of an even number of
   classes, of which the mean is taken, as glmnet does.

REFERENCES:

- N. Simon, J. Friedman and T. Hastie, *A blockwise descent algorithm for group-penalized multiresponse and multinomial
  regression*, :arxiv:`1311.6529`.
- J. Friedman, T. Hastie and R. Tibshirani, *Regularization paths for generalized linear models via coordinate descent*, Journal
  of Statistical Software 33 (2010), no. 1.
"""
import copy
import dataclasses

import numpy

from sage_logreg.cost import coordinate_classes
from sage_logreg.cost.coordinate import run
from sage_logreg.solvers.penalties import frequency_of
from sage_logreg.solvers.scaled_columns import scaled_columns
from sage_logreg.support.cores import one_blas_thread

# Newton's steps before giving up; of the biases as well
MOST_STEPS, MOST_BIAS_STEPS = 300, 200
# most weights of which a matrix is kept, and by which factor the gap must fall that it is kept
MOST_WEIGHTS, KEPT = 1500, 0.25
# changes of the log-odds by the biases at which they are settled; the dual point makes up for the rest
SETTLED = 1e-10
# by which factor the last step is more exact than the gap
POLISHED = 1e-8
# most by which the log-odds change in a step of the biases, and the least damping
FAR, DAMPED = 4.0, 1e-6
# sweeps in one call of compiled code, and such calls in one step
SWEEPS, CALLS, ROW_CALLS = 50, 100, 2


@dataclasses.dataclass
class Fit:
    r"""
    Weights of scaled columns, what follows from them, and the duality gap.

    - ``w`` -- n x K; ``bias`` -- K numbers; ``z`` -- K x m, the log-odds, with the offset
    - ``residuals``, ``p``, ``q``, ``wrong`` -- of the rows, see :func:`~sage_logreg.cost.coordinate_classes.rows_of_classes`; the residuals are
      orthogonal to what has no penalty
    - ``shift`` -- what makes them so, as a change of the probabilities
    - ``cost`` -- without the penalty
    - ``slopes`` -- n x K, the products of all columns with the residuals
    """

    w: numpy.ndarray
    bias: numpy.ndarray
    z: numpy.ndarray
    residuals: numpy.ndarray
    p: numpy.ndarray
    q: numpy.ndarray
    wrong: numpy.ndarray
    shift: numpy.ndarray
    cost: float = numpy.inf
    slopes: numpy.ndarray = None
    gap: float = numpy.inf
    steps: int = 0
    converged: bool = False


class Hessian:
    r"""
    The matrix of the blocks of some columns, with the probabilities as they once were; a x K x a' x K.
    """

    def __init__(self, columns, frequency, intercept):
        self.columns, self.frequency, self.intercept = columns, frequency, intercept
        self.members, self.q = numpy.zeros(0, dtype=numpy.int64), None

    def renew(self, members, q):
        r"""
        Compute the matrix anew.
        """
        self.members, self.q = members, q.copy()
        self.products = self._products(members, members)
        self.sides = sides_of(self.columns, members, self.frequency, q)[0]
        self._eliminate()

    def extend(self, members):
        r"""
        Add columns.
        """
        added = numpy.setdiff1d(members, self.members)
        if not len(added):
            return
        old, count, K = len(self.members), len(self.members) + len(added), len(self.q)
        whole = numpy.empty((count, K, count, K))
        whole[:old, :, :old] = self.products
        whole[:old, :, old:] = self._products(self.members, added)
        whole[old:, :, :old] = whole[:old, :, old:].transpose(2, 3, 0, 1)
        whole[old:, :, old:] = self._products(added, added)
        self.products, self.members = whole, numpy.concatenate([self.members, added])
        self.sides = numpy.concatenate([self.sides, sides_of(self.columns, added, self.frequency, self.q)[0]])
        self._eliminate()

    def _products(self, chosen, others):
        K = len(self.q)
        products = numpy.empty((len(chosen), K, len(others), K))
        for k in range(K):
            for l in range(k + 1):
                # the negative ones outside the diagonal have roots as well
                found = self.columns.matrix(chosen, others, abs(curvature_of(self.frequency, self.q, k, l)))
                products[:, k, :, l] = products[:, l, :, k] = found if k == l else -found
        return products

    def _eliminate(self):
        # The matrix with the biases eliminated, and its blocks.
        count, K = self.sides.shape[:2]
        self.matrix = self.products.reshape(count * K, -1)
        if self.intercept:
            sides = self.sides.reshape(count * K, K)
            self.matrix = self.matrix - sides @ inverse_of(biases_of(self.frequency, self.q)) @ sides.T
        self.blocks = Blocks(self.matrix.reshape(count, K, count, K)[numpy.arange(count), :, numpy.arange(count)])


class Blocks:
    r"""
    The K x K matrices of some columns, with their eigenvalues and eigenvectors.
    """

    def __init__(self, matrices):
        self.matrices = numpy.ascontiguousarray(matrices)
        values, vectors = numpy.linalg.eigh(self.matrices)
        self.values, self.vectors = numpy.maximum(values, 0.0), numpy.ascontiguousarray(vectors)

    def arrays(self):
        r"""
        Return what the kernels take.
        """
        return self.matrices, self.values, self.vectors


def curvature_of(frequency, q, one, other):
    r"""
    Return an entry of the rows' Hessians, m numbers.
    """
    if one != other:
        return -frequency * q[one] * q[other]
    # the sum of the others, so that nothing cancels
    return frequency * q[one] * (q[:one].sum(axis=0) + q[one + 1:].sum(axis=0))


def biases_of(frequency, q):
    r"""
    Return the Hessian of the biases, K x K.
    """
    found = -(q * frequency) @ q.T
    numpy.fill_diagonal(found, [curvature_of(frequency, q, k, k).sum() for k in range(len(q))])
    return found


def inverse_of(matrix):
    r"""
    Return the inverse of a Hessian of biases, of sums zero.
    """
    return numpy.linalg.pinv(matrix, rcond=1e-13, hermitian=True)


def sides_of(columns, chosen, frequency, q):
    r"""
    Return the sums of the rows' Hessians times some columns, and times their squares, two arrays a x K x K.
    """
    K = len(q)
    first, second = numpy.empty((2, len(chosen), K, K))
    for k in range(K):
        for l in range(k + 1):
            one, two = columns.moments(chosen, curvature_of(frequency, q, k, l))
            first[:, k, l] = first[:, l, k] = one
            second[:, k, l] = second[:, l, k] = two
    return first, second


def shifts_of(w, l1, l2):
    r"""
    Return what can be taken from all weights of a column such that its penalty is least, 0 where it is so already.

    EXAMPLES::

        sage: from sage_logreg.solvers.coordinate_classes import shifts_of
        sage: import numpy
        sage: shifts_of(numpy.array([[1.0, 2.0, 4.0], [-1.0, 0.0, 3.0], [1.0, 2.0, 6.0]]), numpy.ones(3), numpy.array([0.0, 0.0, 1.0]))
        array([2.        , 0.        , 2.66666667])
    """
    count, K = w.shape
    ends = numpy.sort(w, axis=1)
    # the minimum of the parabola between two weights that follow each other, if it is there
    with numpy.errstate(all='ignore'):
        turning = w.mean(axis=1)[:, None] + (l1 / (K * l2))[:, None] * (K - 2 * numpy.arange(1, K))
    inner = numpy.clip(numpy.nan_to_num(turning), ends[:, :-1], ends[:, 1:])
    places = numpy.column_stack([numpy.zeros(count), ends, inner])
    moved = w[:, None, :] - places[:, :, None]
    penalties = (l1[:, None, None] * abs(moved) + l2[:, None, None] / 2 * moved**2).sum(axis=2)
    best = penalties.argmin(axis=1)
    is_better = penalties[numpy.arange(count), best] < (1 - 1e-12) * penalties[:, 0]
    return numpy.where(is_better, places[numpy.arange(count), best], 0.0)


class PenalizedCostOfClasses:
    r"""
    The mean cost of some data in scaled columns, to be minimised with penalties.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` of more than two classes, in memory
    - ``standardize`` -- (default: ``True``) whether the columns are divided by their standard deviations
    - ``free`` -- (default: none) array of the numbers of columns without a penalty
    - ``grouped`` -- (default: ``False``) whether the penalty is of the length of a column's weights, not of each

    EXAMPLES: see :mod:`sage_logreg.solvers.coordinate_classes`.
    """

    def __init__(self, data, standardize=True, free=(), grouped=False):
        rows = data.counted()
        self.classes, self.grouped, self.intercept = data.classes, grouped, data.intercept
        self.labels, self.frequency = rows.labels.astype(numpy.int64), frequency_of(rows)
        self.offset = numpy.zeros((self.classes, len(rows))) if rows.offset is None else numpy.ascontiguousarray(rows.offset.T)
        self.columns = scaled_columns(rows, self.frequency, standardize)
        free = numpy.asarray(free, dtype=numpy.int64)
        # beside an intercept constant columns have no weight
        self.free = free[~self.columns.is_constant[free]] if self.intercept else free
        self.lines = self._lines()
        self.forget()

    def forget(self):
        r"""
        Forget what is kept from one minimum for the next.
        """
        self.hessian, self.damping = Hessian(self.columns, self.frequency, self.intercept), 0.0

    def _lines(self):
        # What has no penalty, written out: ones for the biases, and columns.
        lines = numpy.zeros((int(self.intercept) + len(self.free), len(self.labels)))
        lines[:int(self.intercept)] = 1.0
        for line, number in zip(lines[int(self.intercept):], self.free.tolist()):
            self.columns.add(numpy.array([number]), numpy.ones(1), line)
        return lines

    def size(self, blocks):
        r"""
        Return how large blocks of slopes are beside the penalty of absolute values.
        """
        return numpy.sqrt((blocks**2).sum(axis=1)) if self.grouped else abs(blocks).max(axis=1, initial=0.0)

    def norm(self, blocks):
        r"""
        Return the lengths of blocks of weights, or the sums of absolute values.
        """
        return numpy.sqrt((blocks**2).sum(axis=1)) if self.grouped else abs(blocks).sum(axis=1)

    def to_user(self, bias, w):
        r"""
        Return the weights in the units of the data, K x (n + 1), the biases first if there are some; the sum of these is zero.
        """
        slopes = (w / self.columns.scale[:, None]).T
        if not self.intercept:
            return slopes
        bias = bias - slopes @ self.columns.center
        return numpy.column_stack([bias - bias.mean(), slopes])

    def weights(self, fit, l1, l2):
        r"""
        Return the weights of a fit in the units of the data, in one array.
        """
        return self.to_user(fit.bias, self.centred(fit.w, l1, l2)).ravel()

    def centred(self, w, l1, l2):
        r"""
        Return the weights with that added to those of all classes by which the penalty is least, a column at a time.
        """
        if self.grouped:
            # their sum is zero but for rounding
            return w
        w = w.copy()
        free, lasso = (l1 == 0) & (l2 == 0), (l1 > 0) & (l2 == 0)
        w[free] -= w[free].mean(axis=1, keepdims=True)
        w[lasso] -= numpy.median(w[lasso], axis=1, keepdims=True)
        return w

    def null(self):
        r"""
        Return the :class:`Fit` of a penalty so large that only what has none is fitted.
        """
        K, m = self.classes, len(self.labels)
        fit = Fit(numpy.zeros((self.columns.width, K)), numpy.zeros(K), self.offset.copy(), *(numpy.empty((K, m)) for _ in range(3)),
                  numpy.empty(m), numpy.zeros((K, m)))
        self.settle(fit)
        fit.slopes = self.slopes(fit)
        return fit

    def slopes(self, fit, chosen=None):
        r"""
        Return the products of some columns, by default of all, with the residuals.
        """
        if chosen is None:
            return self.columns.products(numpy.ascontiguousarray(fit.residuals.T))
        if not self.columns.is_sparse and 4 * len(chosen) > self.columns.width:
            return self.slopes(fit)[chosen]
        return numpy.column_stack([self.columns.products(line, chosen) for line in fit.residuals])

    def rows_at(self, fit):
        r"""
        Compute the cost, the residuals and the probabilities at the log-odds.
        """
        fit.cost = run(coordinate_classes.rows_of_classes, fit.z, self.labels, self.frequency, self.damping, fit.residuals, fit.wrong, fit.p,
                       fit.q)

    def settle(self, fit):
        r"""
        Minimise over the biases and the weights without a penalty, and make the residuals orthogonal to their columns.
        """
        self.rows_at(fit)
        first, damping = int(self.intercept), 0.0
        if not len(self.lines):
            return
        for _ in range(MOST_BIAS_STEPS):
            step = self._free_step(fit, damping)
            shift = step @ self.lines
            if abs(shift).max() <= SETTLED and not damping:
                break
            before, part = (fit.cost, fit.z, fit.bias, fit.w[self.free]), min(1.0, FAR / abs(shift).max())
            fit.z, fit.bias = before[1] + part * shift, before[2] + part * step[:, :first].sum(axis=1)
            fit.w[self.free] = before[3] + part * step[:, first:].T
            self.rows_at(fit)
            if fit.cost <= before[0] + 1e-12 * abs(before[0]):
                damping = damping / 10 if damping > DAMPED else 0.0
            else:
                # as Levenberg and Marquardt: where all rows are nearly certain, the Hessian says little of what is far
                fit.cost, fit.z, fit.bias, fit.w[self.free] = before
                damping = max(10 * damping, DAMPED)
                self.rows_at(fit)
        fit.shift = fit.p * (shift - (fit.p * shift).sum(axis=0))
        fit.residuals -= self.frequency * fit.shift

    def _free_step(self, fit, damping):
        # Newton's step of what has no penalty, K x (what has none); the Hessian is at most that of which the damping is a part.
        K, count, lines = self.classes, len(self.lines), self.lines
        hessian = numpy.empty((K, count, K, count))
        for k in range(K):
            for l in range(k + 1):
                hessian[k, :, l] = hessian[l, :, k] = lines * curvature_of(self.frequency, fit.p, k, l) @ lines.T
        if damping:
            hessian += damping * numpy.einsum('kl,ij->kilj', numpy.eye(K) - 1 / K, lines * self.frequency @ lines.T) / 2
        gradient = (fit.residuals @ lines.T).ravel()
        return numpy.linalg.lstsq(hessian.reshape(K * count, -1), gradient, rcond=1e-13)[0].reshape(K, count)

    @one_blas_thread()
    def minimize(self, fit, l1, l2, tol, before=None):
        r"""
        Minimise with penalties, from a fit on, until the duality gap is at most ``tol``; change the fit.

        INPUT:

        - ``l1``, ``l2`` -- arrays of the columns' penalties
        - ``before`` -- (default: the same) the penalties ``l1`` of which the fit is the minimum, for the strong rule
        """
        fit.converged = False
        working = self._working_set(fit, l1, 2 * l1 - (l1 if before is None else before))
        last = decrease = numpy.inf
        for fit.steps in range(MOST_STEPS):
            slopes = self.slopes(fit, working) if fit.steps else fit.slopes[working]
            gap = self.gap(fit, slopes, fit.w[working], l1[working], l2[working])
            if gap <= tol:
                fit.slopes = self.slopes(fit)
                fit.gap = self.gap(fit, fit.slopes, fit.w, l1, l2)
                if fit.gap <= tol:
                    fit.converged = True
                    break
                violators = self.size(fit.slopes - l2[:, None] * fit.w) > l1
                violators[working] = False
                if violators.any():
                    working = numpy.concatenate([working, numpy.flatnonzero(violators)])
                    continue
            # far from the dual optimum the gap says little
            rest = min(gap, decrease)
            working, decrease = self._step(fit, working, slopes, gap > KEPT * last, rest, l1, l2, tol)
            if decrease is None:
                break
            last = gap
        if not fit.converged:
            fit.slopes = self.slopes(fit)
            fit.gap = self.gap(fit, fit.slopes, fit.w, l1, l2)
            fit.converged = fit.gap <= tol

    def polish(self, fit, l1, l2):
        r"""
        Make one more of Newton's steps, which squares the error of the weights, where a gap says only its square.
        """
        gap, before = fit.gap, copy.deepcopy(fit)
        working = numpy.union1d(numpy.flatnonzero(fit.w.any(axis=1)), self.free).astype(numpy.int64)
        if not len(working):
            return
        # the matrix anew, with these probabilities
        self._step(fit, working, fit.slopes[working], True, POLISHED * gap, l1, l2, 0.0)
        fit.slopes = self.slopes(fit)
        fit.gap = self.gap(fit, fit.slopes, fit.w, l1, l2)
        if not fit.gap <= gap:
            # what rounding has spoiled
            vars(fit).update(vars(before))

    def _working_set(self, fit, l1, strong):
        kept = fit.w.any(axis=1) | (self.size(fit.slopes) >= strong)
        if self.intercept:
            kept &= ~self.columns.is_constant
        kept[self.free] = True
        return numpy.flatnonzero(kept)

    def _step(self, fit, working, slopes, is_old, rest, l1, l2, tol):
        # Newton's step in the working set, and how much it was to gain; the set may get larger, and its order change.
        hessian = self.hessian
        as_matrix = not self.columns.is_sparse and len(working) * self.classes <= min(MOST_WEIGHTS, 4 * self.columns.count)
        if as_matrix:
            if hessian.q is None or is_old:
                hessian.renew(working, fit.q)
            else:
                hessian.extend(working)
            if len(hessian.members) != len(working) or (hessian.members != working).any():
                working = hessian.members
                slopes = self.slopes(fit, working)
        old, penalties = fit.w[working], (l1[working], l2[working])
        # the gap is about the sum of the weights times the error of a slope
        size = 1.0 + self.norm(old).sum()
        if as_matrix:
            new = self._descend_in_matrix(slopes, old, *penalties, max(1e-2 * tol, 1e-2 * rest) / size)
        else:
            new = self._descend_in_rows(fit, working, old, *penalties, max(0.3 * tol, 0.1 * rest) / size)
        if not self.grouped:
            new -= shifts_of(new, *penalties)[:, None]
        return working, self._move(fit, working, slopes, old, new, *penalties)

    def _descend_in_matrix(self, slopes, old, l1, l2, limit):
        new, slopes, hessian = old.copy(), slopes.copy(), self.hessian
        for _ in range(CALLS):
            if run(coordinate_classes.descend_in_matrix_of_classes, hessian.matrix, slopes, new, *hessian.blocks.arrays(), l1, l2, self.grouped,
                   SWEEPS, float(limit)):
                break
        return new

    def _descend_in_rows(self, fit, working, old, l1, l2, limit):
        new, frequency = old.copy(), self.frequency
        crossed, squares = sides_of(self.columns, working, frequency, fit.q)
        # how the biases follow a block
        means = inverse_of(biases_of(frequency, fit.q)) @ crossed if self.intercept else numpy.zeros(crossed.shape)
        blocks = Blocks(squares - crossed @ means)
        rest = new, *blocks.arrays(), l1, l2, self.grouped, SWEEPS, float(limit)
        kernel = coordinate_classes.descend_in_columns_of_classes
        rows = working, means, frequency, fit.q, fit.residuals.copy()
        if self.columns.is_sparse:
            kernel = coordinate_classes.descend_in_sparse_columns_of_classes
            rows = working, means, crossed, frequency, fit.q.T.copy(), fit.residuals.T.copy()
        for _ in range(ROW_CALLS):
            if run(kernel, *self.columns.arrays, *rows, *rest):
                break
        return new

    def _move(self, fit, working, slopes, old, new, l1, l2):
        # The line search; how much the step was to gain, or None if there is none.
        def penalty(w):
            return float(l1 @ self.norm(w) + l2 @ (w**2).sum(axis=1) / 2)
        change, frequency = new - old, self.frequency
        moved = numpy.flatnonzero(change.any(axis=1))
        if not len(moved):
            return None
        direction, bias = self.log_odds(working[moved], change[moved]), numpy.zeros(self.classes)
        if self.intercept:
            curved = frequency * fit.q * (direction - (fit.q * direction).sum(axis=0))
            bias = -inverse_of(biases_of(frequency, fit.q)) @ curved.sum(axis=1)
            direction += bias[:, None]
        expected = penalty(new) - penalty(old) - float((slopes * change).sum())
        start, whole, at, step = fit.z, fit.cost + penalty(old), fit.bias, 1.0
        for _ in range(40):
            fit.z, fit.bias, fit.w[working] = start + step * direction, at + step * bias, old + step * change
            self.rows_at(fit)
            if fit.cost + penalty(fit.w[working]) <= whole + 1e-4 * step * min(expected, 0.0) + 1e-15 * whole:
                break
            step /= 2
        if step < 1.0:
            self.damping, self.hessian.q = min(max(10 * self.damping, DAMPED), 1.0), None
        elif self.damping:
            self.damping = self.damping / 10 if self.damping > DAMPED else 0.0
        self.settle(fit)
        return max(-expected, 0.0)

    def log_odds(self, chosen, w):
        r"""
        Return what some columns with their weights make of the log-odds, K x m.
        """
        z = numpy.zeros((self.classes, len(self.labels)))
        for line, factors in zip(z, w.T):
            self.columns.add(chosen, numpy.ascontiguousarray(factors), line)
        return z

    def gap(self, fit, slopes, w, l1, l2):
        r"""
        Return the duality gap of the problem in the columns that the ``slopes`` and all that follow are of.
        """
        penalized = (l1 > 0) | (l2 > 0)
        slopes, w, l1, l2 = slopes[penalized], w[penalized], l1[penalized], l2[penalized]
        inside = self.size(slopes - l2[:, None] * w)
        scales = {min(1.0, float((l1 / numpy.maximum(inside, 1e-300)).min(initial=1.0)))} | ({1.0} if len(l2) and l2.min() > 0 else set())
        return min(self._gap_at(fit, scale, scale * slopes, w, l1, l2) for scale in scales)

    def _gap_at(self, fit, scale, slopes, w, l1, l2):
        gap = run(coordinate_classes.divergence_of_classes, fit.p, fit.wrong, self.labels, self.frequency, fit.shift, scale)
        # lengths of one weight, or of all of a column
        size = self.size if self.grouped else abs
        l1, l2 = (l1, l2) if self.grouped else (l1[:, None], l2[:, None])
        beyond = numpy.maximum(size(slopes) - l1, 0.0)
        conjugate = numpy.divide(beyond**2, 2 * l2, out=numpy.zeros(beyond.shape), where=l2 > 0)
        products = (slopes * w, w**2)
        if self.grouped:
            products = [product.sum(axis=1) for product in products]
        return gap + float((l1 * size(w) + l2 * products[1] / 2 - products[0] + conjugate).sum())
