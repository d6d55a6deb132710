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

1. The columns that are looked at in each step are those that the sequential strong rule keeps ([TBFHSTT2012]_), all if these are more than
   half. Of them those that have a weight, no penalty, or violate the conditions of Karush, Kuhn and Tucker are the working set.
2. Newton's direction: a quadratic model of the cost in the working set, with the penalty itself, is minimised by coordinate
   descent. Of a small working set the model is a matrix, kept from step to step and from penalty to penalty as long as the gap falls
   by a factor of ten, as glmnet's covariance updates with old weights of the rows, and its descents alternate with solving for the weights that
   are not zero; otherwise it is in the rows' residuals. It is minimised as exactly as the gap asks for.
3. A line search by the condition of Armijo. Each point takes one pass over the rows. The bias moves with the weights; only where it
   is far it is settled by Newton's method, as are the weights without a penalty. Where steps are shortened, curvatures of rows that are
   far on the wrong side are enlarged, as Levenberg and Marquardt do.
4. The duality gap. With the probabilities `p` and `q = (1 - t) y + t (p + p (1 - p) Z b)`, where `Z b` makes the residuals `y - q`
   orthogonal to the columns without a penalty, and `t \le 1` is the largest with which the others' products `c` with the
   residuals are feasible, it is `\sum_i f_i \mathrm{KL}(q_i \| p_i) + \sum_j (l_{1j} |w_j| + \tfrac12 l_{2j} w_j^2 - c_j w_j + (|c_j| - l_{1j})_+^2/(2 l_{2j}))`:
   sums of terms that are not negative, so that nothing cancels.
5. Where the gap of these columns is small enough, that of all is computed, and those that violate the conditions are looked at, too.

REFERENCES:

.. [TBFHSTT2012] R. Tibshirani, J. Bien, J. Friedman, T. Hastie, N. Simon, J. Taylor and R. J. Tibshirani, *Strong rules for
   discarding predictors in lasso-type problems*, Journal of the Royal Statistical Society B 74 (2012), 245-266.

- J. Friedman, T. Hastie and R. Tibshirani, *Regularization paths for generalized linear models via coordinate descent*, Journal
  of Statistical Software 33 (2010), no. 1.
- M. Massias, A. Gramfort and J. Salmon, *Celer: a fast solver for the lasso with dual extrapolation*, ICML 2018.
- E. Ndiaye, O. Fercoq, A. Gramfort and J. Salmon, *Gap safe screening rules for sparsity enforcing penalties*, Journal of
  Machine Learning Research 18 (2017).
"""
import copy
import dataclasses

import numpy

from sage_logreg.cost import coordinate
from sage_logreg.cost.coordinate import run
from sage_logreg.solvers.penalties import frequency_of
from sage_logreg.solvers.scaled_columns import scaled_columns
from sage_logreg.support.cores import one_blas_thread

# Newton's steps before giving up; of the bias as well
MOST_STEPS, MOST_BIAS_STEPS = 300, 60
# by which factor the gap must fall that a matrix is kept
KEPT = 0.1
# how many violators of the conditions enter the working set at once, or as many as it has
FEW_VIOLATORS = 100
# times as many columns as are needed that a matrix may have
MOST_STALE = 2
# changes of the log-odds by the bias at which it is settled; the dual point makes up for the rest
SETTLED = 1e-10
# by which factor the last step is more exact than the gap
POLISHED = 1e-8
# below that it is settled by Newton's steps of all weights
SETTLED_BY_STEPS = 0.1
# sweeps in one call of compiled code, and such calls in one step; columns that make a sweep more
SWEEPS, FEW_SWEEPS, CALLS, ROW_CALLS, COLUMNS_A_SWEEP = 50, 8, 100, 2, 32
# times that a step is halved
MOST_HALVES = 40
# the damping, how it changes with each step, and in which bounds
DAMPED_BY, LEAST_DAMPING, MOST_DAMPING = 10.0, 1e-12, 1e-3


@dataclasses.dataclass
class Fit:
    r"""
    Weights of scaled columns, what follows from them, and the duality gap.

    - ``w``, ``bias`` -- the weights; ``z`` -- the log-odds, with the offset
    - ``residuals``, ``curvatures`` -- of the rows; the residuals are orthogonal to what has no penalty
    - ``shift`` -- what makes them so, see :func:`~sage_logreg.cost.coordinate.divergence`
    - ``cost`` -- without the penalty
    - ``slopes`` -- the products of all columns with the residuals
    - ``bias_step`` -- Newton's step of the bias, were it alone
    - ``curved`` -- the products of the columns that are checked with the curvatures, ``None`` where they are not known
    - ``least`` -- the damping, see :func:`~sage_logreg.cost.coordinate.rows_at`
    """

    w: numpy.ndarray
    bias: float
    z: numpy.ndarray
    residuals: numpy.ndarray
    curvatures: numpy.ndarray
    shift: numpy.ndarray
    cost: float = numpy.inf
    slopes: numpy.ndarray = None
    bias_step: float = 0.0
    curved: numpy.ndarray = None
    least: float = MOST_DAMPING
    gap: float = numpy.inf
    steps: int = 0
    converged: bool = False


def violation(slopes, w, l1, l2):
    r"""
    Return by how much the conditions of Karush, Kuhn and Tucker are violated.

    EXAMPLES::

        sage: from sage_logreg.solvers.coordinate import violation
        sage: import numpy
        sage: violation(numpy.array([2.0, 0.5]), numpy.array([3.0, 0.0]), numpy.ones(2), numpy.zeros(2)).item()
        1.0
    """
    ahead = slopes - l2 * w
    return numpy.where(w != 0, abs(ahead - l1 * numpy.sign(w)), abs(ahead) - l1).max(initial=0.0)


class Hessian:
    r"""
    The matrix of some columns, with the curvatures of the rows as they once were, the bias eliminated.
    """

    def __init__(self, columns, intercept):
        self.columns, self.intercept = columns, intercept
        self.forget()

    def forget(self):
        r"""
        Forget all columns.
        """
        self.members, self.curvatures = numpy.zeros(0, dtype=numpy.int64), None

    def renew(self, members, curvatures, sums):
        r"""
        Compute the matrix anew, for these columns, whose products with the curvatures are ``sums``.
        """
        self.members, self.curvatures, self.total, self.sums = members, curvatures.copy(), curvatures.sum(), sums
        self._set(self._products(members, members, self.sums, self.sums))

    def extend(self, members):
        r"""
        Add columns.
        """
        added = numpy.setdiff1d(members, self.members)
        if len(added):
            sums = self.columns.products(self.curvatures, added)
            sums = numpy.concatenate([self.sums, sums])
            both = numpy.concatenate([self.members, added])
            sides, corner = numpy.split(self._products(both, added, sums, sums[len(self.members):]), [len(self.members)])
            old, matrix = len(self.members), numpy.empty(2 * [len(self.members) + len(added)])
            matrix[:old, :old], matrix[:old, old:], matrix[old:, :old], matrix[old:, old:] = self.matrix, sides, sides.T, corner
            self.members, self.sums = both, sums
            self._set(matrix)

    def _products(self, members, others, sums, other_sums):
        products = self.columns.matrix(members, others, self.curvatures)
        if self.intercept:
            products -= numpy.outer(sums, other_sums / self.total)
        return products

    def _set(self, matrix):
        self.matrix, self._active, self._factor = matrix, None, None

    def minimum(self, slopes, start, l1, l2, tol):
        r"""
        Return the minimum of the quadratic model: by coordinate descent, and where that is slow by solving for the weights that are not zero.

        INPUT: as for :func:`~sage_logreg.cost.coordinate.descend_in_matrix`, which is not changed here
        """
        w, slopes = start.copy(), slopes.copy()
        # as much work as solving
        sweeps = max(FEW_SWEEPS, numpy.count_nonzero(w) // COLUMNS_A_SWEEP)
        for _ in range(CALLS):
            # where columns are correlated, many small changes sum up, so that these say nothing of how far it is
            run(coordinate.descend_in_matrix, self.matrix, slopes, w, l1, l2, sweeps, float(tol))
            if violation(slopes, w, l1, l2) <= tol:
                break
            self._step_in_signs(slopes, w, l1, l2)
            if violation(slopes, w, l1, l2) <= tol:
                break
        return w

    def _step_in_signs(self, slopes, w, l1, l2):
        # Go to the minimum of the weights that are not zero, those that would change their signs set to zero, or only to where the first does.
        active = numpy.flatnonzero(w)
        old, signed = w[active], l1[active] * numpy.sign(w[active])
        step = self._solved(active, slopes[active] - signed - l2[active] * old, l2[active])
        if step is None:
            return
        # unpenalized weights may change their signs
        crossing = ((old + step) * old <= 0) & (l1[active] > 0)
        change = numpy.where(crossing, -old, step)
        product = self.matrix[:, active] @ change
        if crossing.any() and change @ (signed + l2[active] * (old + change / 2) - slopes[active] + product[active] / 2) > 0:
            parts = numpy.where(crossing, -old / numpy.where(crossing, step, 1.0), numpy.inf)
            first = parts.argmin()
            change = step * parts[first]
            change[first] = -old[first]
            product = self.matrix[:, active] @ change
        w[active] += change
        slopes -= product

    def _solved(self, active, right, l2):
        # None where the matrix is singular.
        from scipy.linalg import lapack
        if self._active is None or not numpy.array_equal(active, self._active) or not numpy.array_equal(l2, self._l2):
            part = self.matrix[numpy.ix_(active, active)]
            part[numpy.diag_indices(len(active))] += l2
            factor, failed = lapack.dpotrf(part.T, lower=True, overwrite_a=True, clean=False)
            self._active, self._l2, self._factor = active, l2, None if failed else factor
        if self._factor is None:
            return None
        step = lapack.dpotrs(self._factor, right, lower=True)[0]
        return step if numpy.isfinite(step).all() else None


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

    def forget(self):
        r"""
        Forget what is kept from one minimum for the next.
        """
        self.hessian.forget()

    def to_user(self, bias, w):
        r"""
        Return the weights in the units of the data, the bias first if there is one.
        """
        slopes = w / self.columns.scale
        return numpy.concatenate([[bias - slopes @ self.columns.center], slopes]) if self.intercept else slopes

    def weights(self, fit, l1, l2):
        r"""
        Return the weights of a fit in the units of the data.
        """
        return self.to_user(fit.bias, fit.w)

    def size(self, slopes):
        r"""
        Return how large slopes are beside the penalty of absolute values.
        """
        return abs(slopes)

    def null(self):
        r"""
        Return the :class:`Fit` of a penalty so large that only what has none is fitted.
        """
        m = len(self.labels)
        fit = Fit(numpy.zeros(self.columns.width), 0.0, self.offset.copy(), *(numpy.empty(m) for _ in range(3)))
        fit.slopes = numpy.empty(self.columns.width)
        self.settle(fit, numpy.arange(self.columns.width))
        return fit

    def rows_at(self, fit):
        r"""
        Compute cost, residuals and curvatures at the log-odds, and return the sums of the latter.
        """
        fit.cost, *sums = run(coordinate.rows_at, fit.z, self.labels, self.frequency, fit.least, fit.residuals, fit.curvatures)
        return sums

    def settle(self, fit, checked):
        r"""
        Minimise over the bias and the weights without a penalty, and compute the slopes of these columns.
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
        self._orthogonal(fit, bias, shift, checked)

    def _orthogonal(self, fit, bias, shift, checked):
        # Make the residuals orthogonal to what has no penalty, and compute slopes.
        fit.bias_step, fit.shift = bias, numpy.broadcast_to(shift, len(fit.z)).copy()
        fit.residuals -= fit.curvatures * shift
        fit.curved = None
        fit.slopes[checked] = self.columns.products(fit.residuals, None if len(checked) == self.columns.width else checked)

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
        fit.converged, last, exactness = False, numpy.inf, 1.0
        checked = self._kept(fit, l1 if before is None else 2 * l1 - before, l2)
        working = numpy.union1d(numpy.flatnonzero(fit.w), self.free)
        if len(self.hessian.members) > MOST_STALE * (len(working) + FEW_SWEEPS):
            self.hessian.forget()
        checked = self._enlarged(checked, self.hessian.members)
        for fit.steps in range(MOST_STEPS):
            gap = self.gap(fit, checked, l1, l2)
            if gap <= tol:
                checked = self._all_checked(fit, checked, gap, l1, l2)
                if fit.gap <= tol:
                    fit.converged = True
                    return
                gap = fit.gap
            working = self._with_violators(fit, working, checked, l1, l2)
            # what is little better than before needs better models
            exactness = exactness / 10 if gap > KEPT * last else 1.0
            if not self._step(fit, working, checked, gap, last, l1, l2, exactness * max(0.3 * tol, 0.02 * gap)):
                break
            last = gap
        self._all_checked(fit, checked, self.gap(fit, checked, l1, l2), l1, l2)
        fit.converged = bool(fit.gap <= tol)

    def polish(self, fit, l1, l2):
        r"""
        Make one more of Newton's steps, which squares the error of the weights, where a gap says only its square.
        """
        gap, before, everything = fit.gap, copy.deepcopy(fit), numpy.arange(self.columns.width)
        working = numpy.union1d(numpy.flatnonzero(fit.w), self.free)
        # the matrix anew, with these probabilities
        self.hessian.forget()
        self._step(fit, working, everything, gap, numpy.inf, l1, l2, POLISHED * gap)
        fit.gap = self.gap(fit, everything, l1, l2)
        if not fit.gap <= gap:
            # what rounding has spoiled
            vars(fit).update(vars(before))

    def _kept(self, fit, l1, l2):
        kept = (fit.w != 0) | (abs(fit.slopes - l2 * fit.w) >= l1)
        if self.intercept:
            kept &= ~self.columns.is_constant
        kept[self.free] = True
        return numpy.flatnonzero(kept)

    def _with_violators(self, fit, working, checked, l1, l2):
        # With the columns that have got a weight. Of many violators the largest come first: most of the others will then be inside.
        beyond = abs(fit.slopes - l2 * fit.w)[checked] - l1[checked]
        beyond[numpy.isin(checked, working) | (self.intercept & self.columns.is_constant[checked])] = 0.0
        most = max(FEW_VIOLATORS, len(working))
        if numpy.count_nonzero(beyond > 0) > most:
            beyond[beyond < numpy.partition(beyond, -most)[-most]] = 0.0
        return numpy.union1d(working, checked[(beyond > 0) | (fit.w[checked] != 0)])

    def _enlarged(self, checked, more):
        # so that the columns of all need not be gone through in addition
        checked = numpy.union1d(checked, more)
        return numpy.arange(self.columns.width) if 2 * len(checked) > self.columns.width else checked

    def _all_checked(self, fit, checked, gap, l1, l2):
        # Compute all slopes, and the gap; the columns to check from now on.
        fit.gap = gap
        if len(checked) == self.columns.width:
            return checked
        fit.slopes, fit.curved = self.columns.products(fit.residuals), None
        fit.gap = self.gap(fit, numpy.arange(self.columns.width), l1, l2)
        return self._enlarged(checked, numpy.flatnonzero(abs(fit.slopes - l2 * fit.w) > l1))

    def _step(self, fit, working, checked, gap, last, l1, l2, wanted):
        # Newton's step in the working set; whether it found a point that is better.
        hessian = self.hessian
        as_matrix = self.columns.has_matrix(working)
        # the gap is about the sum of the weights times the error of a slope, and the square of its part of the penalty
        limit = min(wanted / (1.0 + abs(fit.w).sum()), 0.3 * wanted**0.5 * l1[l1 > 0].min(initial=1.0))
        if as_matrix:
            # a matrix that costs no more than a pass over the data is not kept
            if hessian.curvatures is None or (gap > KEPT * last and not hessian.is_new) or len(working)**2 <= self.columns.width:
                hessian.renew(working, fit.curvatures, self._curved(fit, working))
                hessian.is_new = True
            else:
                hessian.extend(working)
                hessian.is_new = False
            working = hessian.members
            new = hessian.minimum(fit.slopes[working], fit.w[working], l1[working], l2[working], limit)
        else:
            hessian.forget()
            new = self._descend_in_rows(fit, working, limit, l1[working], l2[working])
        return self._move(fit, working, checked, new, l1[working], l2[working])

    def _descend_in_rows(self, fit, working, limit, l1, l2):
        new = fit.w[working]
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

    def _move(self, fit, working, checked, new, l1, l2):
        # The line search; whether it found a point that is better.
        def penalty(w):
            return float(l1 @ abs(w) + l2 @ w**2 / 2)
        old = fit.w[working]
        change = new - old
        moved = numpy.flatnonzero(change)
        bias = fit.bias_step
        if not len(moved) and not bias:
            return False
        if self.intercept:
            bias -= float(self._curved(fit, working[moved]) @ change[moved] / fit.curvatures.sum())
        expected = penalty(new) - penalty(old) - float(fit.slopes[working] @ change)
        start, whole, at, step = fit.z, fit.cost + penalty(old), fit.bias, 1.0
        # log-odds are subtracted from log-odds in the cost
        rounding = 1e-15 * (whole + self.frequency @ abs(start))
        fit.least = max(fit.least / DAMPED_BY, LEAST_DAMPING)
        for _ in range(MOST_HALVES):
            fit.z, fit.bias, fit.w[working] = numpy.empty(len(start)), at + step * bias, old + step * change
            sums = self.columns.evaluate(fit, self.labels, self.frequency, start, working[moved], step * change[moved], step * bias, checked)
            if fit.cost + penalty(fit.w[working]) <= whole + 1e-4 * step * min(expected, 0.0) + rounding:
                break
            step, fit.least = step / 2, min(DAMPED_BY * fit.least, MOST_DAMPING)
        self._after(fit, checked, *sums)
        return True

    def _curved(self, fit, chosen):
        # The products of columns that are checked with the curvatures.
        return self.columns.products(fit.curvatures, chosen) if fit.curved is None else fit.curved[chosen]

    def _after(self, fit, checked, residual, curvature, first, second):
        # What follows from the rows; what has no penalty is settled only where it is far.
        bias, slopes, shift = self._free_step(fit, residual, curvature)
        if abs(shift).max() > SETTLED_BY_STEPS or len(self.free):
            self.settle(fit, checked)
        elif first is None:
            self._orthogonal(fit, bias, shift, checked)
        else:
            fit.bias_step, fit.shift = bias, numpy.full(len(fit.z), shift)
            fit.residuals -= fit.curvatures * shift
            fit.slopes[checked] = first - shift * second
            fit.curved = numpy.full(len(fit.slopes), numpy.nan)
            fit.curved[checked] = second

    def gap(self, fit, chosen, l1, l2):
        r"""
        Return the duality gap of the problem in the chosen columns, whose slopes are known.
        """
        chosen = chosen[(l1[chosen] > 0) | (l2[chosen] > 0)]
        slopes, w, l1, l2 = fit.slopes[chosen], fit.w[chosen], l1[chosen], l2[chosen]
        inside = abs(slopes - l2 * w)
        scales = {min(1.0, float((l1 / numpy.maximum(inside, 1e-300)).min(initial=1.0)))} | ({1.0} if len(l2) and l2.min() > 0 else set())
        return min(self._gap_at(fit, scale, scale * slopes, w, l1, l2) for scale in scales)

    def _gap_at(self, fit, scale, slopes, w, l1, l2):
        gap = run(coordinate.divergence, fit.z, self.labels, self.frequency, fit.least, fit.shift, scale)
        beyond = numpy.maximum(abs(slopes) - l1, 0.0)
        conjugate = numpy.divide(beyond**2, 2 * l2, out=numpy.zeros(len(l2)), where=l2 > 0)
        # none is negative but by rounding
        return gap + float(numpy.maximum(l1 * abs(w) + l2 * w**2 / 2 - slopes * w + conjugate, 0.0).sum())
