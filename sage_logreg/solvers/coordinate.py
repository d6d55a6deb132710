r"""
The elastic net at one penalty: working sets, Newton's steps with coordinate descent inside, the duality gap

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.coordinate import PenalizedCost
    sage: import numpy
    sage: cost = PenalizedCost(ex2data1())
    sage: fit = cost.null()
    sage: largest = float(abs(fit.slopes).max())
    sage: cost.minimize(fit, numpy.full(2, largest/2r), numpy.zeros(2), tol=1e-12)
    sage: cost.to_user(fit.bias, fit.w)  # abs tol 1e-6
    array([-3.69612129,  0.03435642,  0.02884022])
    sage: bool(0 <= fit.gap <= 1e-12)
    True

ALGORITHM:

Minimised is `\sum_i f_i \ell(y_i, z_i) + \sum_j (l_{1j} |w_j| + \tfrac12 l_{2j} w_j^2)` with `\sum_i f_i = 1` and
`\ell = \log(1 + e^z) - y z`.

1. The working set: the columns with a weight, those without a penalty, and those that the sequential strong rule keeps
   ([TBFHSTT2012]_). If it is more than half of all, it is all.
2. Newton's direction: a quadratic model of the cost in the working set, with the penalty itself, is minimised by coordinate
   descent. Of a small working set of dense columns the model is a matrix, kept from step to step and from penalty to penalty as
   long as the gap falls by a factor of four, as glmnet's covariance updates with old weights of the rows; otherwise it is in the rows' residuals.
3. A line search by the condition of Armijo, then the bias (and the weights without a penalty) are settled by Newton's method.
4. The duality gap. With the probabilities `p` and `q = (1 - t) y + t (p + p (1 - p) Z b)`, where `Z b` makes the residuals `y - q`
   orthogonal to the columns without a penalty, and `t \le 1` is the largest with which the others' products `c` with the
   residuals are feasible, it is `\sum_i f_i \mathrm{KL}(q_i \| p_i) + \sum_j (l_{1j} |w_j| + \tfrac12 l_{2j} w_j^2 - c_j w_j + (|c_j| - l_{1j})_+^2/(2 l_{2j}))`:
   sums of terms that are not negative, so that nothing cancels.
5. Where the gap of the working set is small enough, that of all columns is computed, and those that violate the conditions of
   Karush, Kuhn and Tucker enter the working set.

REFERENCES:

.. [TBFHSTT2012] R. Tibshirani, J. Bien, J. Friedman, T. Hastie, N. Simon, J. Taylor and R. J. Tibshirani, *Strong rules for
   discarding predictors in lasso-type problems*, Journal of the Royal Statistical Society B 74 (2012), 245-266.

- J. Friedman, T. Hastie and R. Tibshirani, *Regularization paths for generalized linear models via coordinate descent*, Journal
  of Statistical Software 33 (2010), no. 1.
- M. Massias, A. Gramfort and J. Salmon, *Celer: a fast solver for the lasso with dual extrapolation*, ICML 2018.
- E. Ndiaye, O. Fercoq, A. Gramfort and J. Salmon, *Gap safe screening rules for sparsity enforcing penalties*, Journal of
  Machine Learning Research 18 (2017).
"""
import dataclasses

import numpy

from sage_logreg.cost import coordinate
from sage_logreg.cost.coordinate import run
from sage_logreg.solvers.penalties import frequency_of
from sage_logreg.solvers.scaled_columns import scaled_columns
from sage_logreg.support.cores import one_blas_thread

# Newton's steps before giving up; of the bias as well
MOST_STEPS, MOST_BIAS_STEPS = 300, 60
# most columns of which a matrix is kept, and by which factor the gap must fall that it is kept
MOST_COLUMNS, KEPT = 1500, 0.25
# changes of the log-odds by the bias at which it is settled; the dual point makes up for the rest
SETTLED = 1e-10
# sweeps in one call of compiled code, and such calls in one step
SWEEPS, FEW_SWEEPS, CALLS, ROW_CALLS = 50, 20, 100, 2


@dataclasses.dataclass
class Fit:
    r"""
    Weights of scaled columns, what follows from them, and the duality gap.

    - ``w``, ``bias`` -- the weights; ``z`` -- the log-odds, with the offset
    - ``residuals``, ``curvatures`` -- of the rows; the residuals are orthogonal to what has no penalty
    - ``shift`` -- what makes them so, see :func:`~sage_logreg.cost.coordinate.divergence`
    - ``cost`` -- without the penalty
    - ``slopes`` -- the products of all columns with the residuals
    """

    w: numpy.ndarray
    bias: float
    z: numpy.ndarray
    residuals: numpy.ndarray
    curvatures: numpy.ndarray
    shift: numpy.ndarray
    cost: float = numpy.inf
    slopes: numpy.ndarray = None
    gap: float = numpy.inf
    steps: int = 0
    converged: bool = False


class Hessian:
    r"""
    The matrix of some columns, with the curvatures of the rows as they once were.
    """

    def __init__(self, columns, intercept):
        self.columns, self.intercept = columns, intercept
        self.members = numpy.zeros(0, dtype=numpy.int64)
        self.curvatures, self.is_new = None, False

    def renew(self, members, curvatures):
        r"""
        Compute the matrix anew.
        """
        self.members, self.curvatures, self.is_new = members, curvatures.copy(), True
        self.total = self.curvatures.sum()
        self.products = self.columns.matrix(members, members, self.curvatures)
        self.sums = self.columns.products(self.curvatures, members)

    def extend(self, members):
        r"""
        Add columns.
        """
        added = numpy.setdiff1d(members, self.members)
        if len(added):
            sides = self.columns.matrix(self.members, added, self.curvatures)
            self.products = numpy.block([[self.products, sides], [sides.T, self.columns.matrix(added, added, self.curvatures)]])
            self.sums = numpy.concatenate([self.sums, self.columns.products(self.curvatures, added)])
            self.members = numpy.concatenate([self.members, added])

    def matrix(self):
        r"""
        Return the matrix, the bias eliminated.
        """
        return self.products - numpy.outer(self.sums, self.sums / self.total) if self.intercept else self.products


def minimum_in_matrix(hessian, slopes, start, l1, l2, tol):
    r"""
    Return the minimum of a quadratic model: by coordinate descent, and where that is slow by solving for the weights that are not zero.

    INPUT: as for :func:`~sage_logreg.cost.coordinate.descend_in_matrix`, which is not changed here

    EXAMPLES::

        sage: from sage_logreg.solvers.coordinate import minimum_in_matrix
        sage: import numpy
        sage: nearly_singular, slopes = numpy.array([[1.0, 0.9999], [0.9999, 1.0]]), numpy.array([2.0, 1.0])
        sage: minimum_in_matrix(nearly_singular, slopes, numpy.zeros(2), numpy.full(2, 0.5r), numpy.zeros(2), 1e-9r)
        array([1.5, 0. ])
    """
    w, slopes = start.copy(), slopes.copy()
    # as much work as solving
    sweeps = max(FEW_SWEEPS, len(w) // 8)
    for _ in range(CALLS):
        if run(coordinate.descend_in_matrix, hessian, slopes, w, l1, l2, sweeps, float(tol)):
            break
        step = _step_in_signs(hessian, slopes, w, l1, l2)
        if step is not None:
            w += step
            slopes -= hessian @ step
    return w


def _step_in_signs(hessian, slopes, w, l1, l2):
    # The step to the minimum of the weights that are not zero, or to where the first of them is.
    active = numpy.flatnonzero(w)
    part = hessian[numpy.ix_(active, active)] + numpy.diag(l2[active])
    try:
        factor = numpy.linalg.cholesky(part)
    except numpy.linalg.LinAlgError:
        return None
    from scipy.linalg import cho_solve
    step = cho_solve((factor, True), slopes[active] - l1[active] * numpy.sign(w[active]) - l2[active] * w[active])
    if not numpy.isfinite(step).all():
        return None
    # unpenalized weights may change their signs
    crossing = (numpy.sign(w[active] + step) != numpy.sign(w[active])) & (l1[active] > 0)
    whole = numpy.zeros(len(w))
    if crossing.any():
        parts = numpy.where(crossing, -w[active] / numpy.where(crossing, step, 1.0), numpy.inf)
        first = parts.argmin()
        step = step * parts[first]
        step[first] = -w[active[first]]
    whole[active] = step
    return whole


class PenalizedCost:
    r"""
    The mean cost of some data in scaled columns, to be minimised with penalties.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` of two classes, in memory
    - ``standardize`` -- (default: ``True``) whether the columns are divided by their standard deviations
    - ``free`` -- (default: none) array of the numbers of columns without a penalty

    EXAMPLES: see :mod:`sage_logreg.solvers.coordinate`.
    """

    def __init__(self, data, standardize=True, free=()):
        rows = data.counted()
        self.labels, self.intercept = rows.labels, data.intercept
        self.frequency = frequency_of(rows)
        self.offset = numpy.zeros(len(rows)) if rows.offset is None else rows.offset
        self.columns = scaled_columns(rows, self.frequency, standardize)
        free = numpy.asarray(free, dtype=numpy.int64)
        # beside an intercept constant columns have no weight
        self.free = free[~self.columns.is_constant[free]] if self.intercept else free
        self.hessian = Hessian(self.columns, self.intercept)

    def to_user(self, bias, w):
        r"""
        Return the weights in the units of the data, the bias first if there is one.
        """
        slopes = w / self.columns.scale
        return numpy.concatenate([[bias - slopes @ self.columns.center], slopes]) if self.intercept else slopes

    def null(self):
        r"""
        Return the :class:`Fit` of a penalty so large that only what has none is fitted.
        """
        m = len(self.labels)
        fit = Fit(numpy.zeros(self.columns.width), 0.0, self.offset.copy(), *(numpy.empty(m) for _ in range(3)))
        self.settle(fit)
        fit.slopes = self.columns.products(fit.residuals)
        return fit

    def rows_at(self, fit):
        r"""
        Compute cost, residuals and curvatures at the log-odds, and return the sums of the latter.
        """
        fit.cost, *sums = run(coordinate.rows_at, fit.z, self.labels, self.frequency, fit.residuals, fit.curvatures)
        return sums

    def settle(self, fit):
        r"""
        Minimise over the bias and the weights without a penalty, and make the residuals orthogonal to their columns.
        """
        residual, curvature = self.rows_at(fit)
        for _ in range(MOST_BIAS_STEPS):
            bias, slopes, shift = self._free_step(fit, residual, curvature)
            if abs(shift).max() <= SETTLED:
                break
            before = fit.cost, fit.z, fit.bias, fit.w[self.free]
            step = min(1.0, 4.0 / abs(shift).max())
            for _ in range(60):
                fit.z, fit.bias = before[1] + step * shift, before[2] + step * bias
                fit.w[self.free] = before[3] + step * slopes
                residual, curvature = self.rows_at(fit)
                if fit.cost <= before[0] + 1e-12 * abs(before[0]):
                    break
                step /= 2
        fit.shift = numpy.full(len(fit.z), shift) if numpy.ndim(shift) == 0 else shift
        fit.residuals -= fit.curvatures * shift

    def _free_step(self, fit, residual, curvature):
        # Newton's step of what has no penalty, and how it changes the log-odds.
        if not len(self.free):
            bias = residual / curvature if self.intercept and curvature > 0 else 0.0
            return bias, 0.0, numpy.float64(bias)
        columns, first = self.columns, int(self.intercept)
        gradient, hessian = numpy.empty(len(self.free) + first), numpy.empty(2 * [len(self.free) + first])
        gradient[first:] = columns.products(fit.residuals, self.free)
        sides = []
        for number in self.free.tolist():
            line = numpy.zeros(len(fit.z))
            columns.add(numpy.array([number]), numpy.ones(1), line)
            sides.append(columns.products(fit.curvatures * line, self.free))
        hessian[first:, first:] = sides
        if first:
            gradient[0] = residual
            hessian[0, 0], hessian[0, 1:] = curvature, columns.products(fit.curvatures, self.free)
            hessian[1:, 0] = hessian[0, 1:]
        step = numpy.linalg.lstsq(hessian, gradient, rcond=1e-13)[0]
        shift = numpy.full(len(fit.z), step[0] if first else 0.0)
        columns.add(self.free, step[first:], shift)
        return step[:first].sum(), step[first:], shift

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
        last = numpy.inf
        for fit.steps in range(MOST_STEPS):
            is_all = len(working) == self.columns.width
            # in the order of the working set
            whole = fit.slopes if not fit.steps else self.columns.products(fit.residuals) if is_all else None
            slopes = whole[working] if whole is not None else self.columns.products(fit.residuals, working)
            gap = self.gap(fit, slopes, fit.w[working], l1[working], l2[working])
            if gap <= tol:
                fit.slopes = whole if is_all else self.columns.products(fit.residuals)
                fit.gap = gap if is_all else self.gap(fit, fit.slopes, fit.w, l1, l2)
                if fit.gap <= tol:
                    fit.converged = True
                    return
                violators = abs(fit.slopes - l2 * fit.w) > l1
                violators[working] = False
                if violators.any():
                    working = self._enlarged(numpy.concatenate([working, numpy.flatnonzero(violators)]))
                    continue
            working, is_better = self._step(fit, working, slopes, gap, last, l1, l2, tol)
            if not is_better:
                break
            last = gap
        fit.slopes = self.columns.products(fit.residuals)
        fit.gap = self.gap(fit, fit.slopes, fit.w, l1, l2)
        fit.converged = fit.gap <= tol

    def _working_set(self, fit, l1, strong):
        kept = (fit.w != 0) | (abs(fit.slopes) >= strong)
        if self.intercept:
            kept &= ~self.columns.is_constant
        kept[self.free] = True
        return self._enlarged(numpy.flatnonzero(kept))

    def _enlarged(self, working):
        # so that the columns of all need not be gone through in addition
        return numpy.arange(self.columns.width) if 2 * len(working) > self.columns.width else working

    def _step(self, fit, working, slopes, gap, last, l1, l2, tol):
        # Newton's step in the working set; the set may get larger, and its order change.
        hessian = self.hessian
        as_matrix = not self.columns.is_sparse and len(working) <= min(MOST_COLUMNS, self.columns.count)
        if as_matrix:
            if hessian.curvatures is None or gap > KEPT * last and not hessian.is_new:
                hessian.renew(working, fit.curvatures)
            else:
                hessian.extend(working)
                hessian.is_new = False
            if len(hessian.members) != len(working) or (hessian.members != working).any():
                working = hessian.members
                slopes = self.columns.products(fit.residuals, working)
        old, penalties = fit.w[working], (l1[working], l2[working])
        # the gap is about the sum of the weights times the error of a slope
        size = 1.0 + abs(old).sum()
        if as_matrix:
            new = minimum_in_matrix(hessian.matrix(), slopes, old, *penalties, 1e-2 * tol / size)
        else:
            new = self._descend_in_rows(fit, working, old, *penalties, max(0.3 * tol, 0.1 * gap) / size)
        return working, self._move(fit, working, slopes, old, new, *penalties)

    def _descend_in_rows(self, fit, working, old, l1, l2, limit):
        new = old.copy()
        first, second = self.columns.moments(working, fit.curvatures)
        curvature = fit.curvatures.sum() if self.intercept else 0.0
        means = first / curvature if curvature else numpy.zeros(len(first))
        squares = second - curvature * means**2
        # rounding
        squares[squares < 1e-14 * second] = 0.0
        residuals = fit.residuals.copy()
        for _ in range(ROW_CALLS):
            if self.columns.descend(working, means, squares, float(curvature), fit.curvatures, residuals, new, l1, l2, SWEEPS, float(limit)):
                break
        return new

    def _move(self, fit, working, slopes, old, new, l1, l2):
        # The line search; whether it found a point that is better.
        def penalty(w):
            return float(l1 @ abs(w) + l2 @ w**2 / 2)
        change, direction = new - old, numpy.zeros(len(fit.z))
        moved = numpy.flatnonzero(change)
        if not len(moved):
            return False
        self.columns.add(working[moved], change[moved], direction)
        bias = -(fit.curvatures @ direction) / fit.curvatures.sum() if self.intercept else 0.0
        direction += bias
        expected = penalty(new) - penalty(old) - float(slopes @ change)
        start, whole, at, step = fit.z, fit.cost + penalty(old), fit.bias, 1.0
        for _ in range(40):
            fit.z, fit.bias, fit.w[working] = start + step * direction, at + step * bias, old + step * change
            self.rows_at(fit)
            if fit.cost + penalty(fit.w[working]) <= whole + 1e-4 * step * min(expected, 0.0) + 1e-15 * whole:
                break
            step /= 2
        self.settle(fit)
        return True

    def gap(self, fit, slopes, w, l1, l2):
        r"""
        Return the duality gap of the problem in the columns that the ``slopes`` and all that follow are of.
        """
        penalized = (l1 > 0) | (l2 > 0)
        slopes, w, l1, l2 = slopes[penalized], w[penalized], l1[penalized], l2[penalized]
        inside = abs(slopes - l2 * w)
        scales = {min(1.0, float((l1 / numpy.maximum(inside, 1e-300)).min(initial=1.0)))} | ({1.0} if len(l2) and l2.min() > 0 else set())
        return min(self._gap_at(fit, scale, scale * slopes, w, l1, l2) for scale in scales)

    def _gap_at(self, fit, scale, slopes, w, l1, l2):
        gap = run(coordinate.divergence, fit.z, self.labels, self.frequency, fit.shift, scale)
        beyond = numpy.maximum(abs(slopes) - l1, 0.0)
        conjugate = numpy.divide(beyond**2, 2 * l2, out=numpy.zeros(len(l2)), where=l2 > 0)
        return gap + float((l1 * abs(w) + l2 * w**2 / 2 - slopes * w + conjugate).sum())
