r"""
Coordinate descent: the loops of the elastic net in numba code

The columns of dense data are lines of a table, n x m, those of sparse data are in a CSC matrix. A quadratic model of the cost,
with the curvatures ``v`` of the rows, is minimised coordinate by coordinate, by its matrix (:func:`descend_in_matrix`) or by the
residuals of the rows (:func:`descend_in_columns`, :func:`descend_in_sparse_columns`). The bias is eliminated from it: columns
count as if they were centred by the curvatures, which costs nothing as long as the residuals sum to zero.

EXAMPLES::

    sage: from sage_logreg.cost.coordinate import soft_threshold
    sage: [soft_threshold(value, 1.0r) for value in (3.0r, -1.5r, 0.5r)]
    [2.0, -0.5, 0.0]
"""
import math

import numpy

from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.kernels import CONTRACT, FASTMATH, REORDER, compiled, exponentials, losses

# rows of a block, so that what belongs to them stays in the cache while the columns pass
ROWS = 4096
# fewest rows of a block, and about how many numbers of one are in the cache
FEW_ROWS, ENTRIES = 256, 1 << 16
# up to here the series of a divergence has all digits; least divisor
NEAR, TINY = 1 / 16, 1e-300
DIVERGENCE_SERIES = tuple(1 / (k * (k - 1)) for k in range(13, 1, -1))


def soft_threshold(value, threshold):
    r"""
    Return a number, moved towards zero by at most ``threshold``.
    """
    if value > threshold:
        return value - threshold
    if value < -threshold:
        return value + threshold
    return 0.0


def rows_at(z, y, frequency, least, residuals, curvatures):
    r"""
    Write the rows' residuals `f (y - p)` and curvatures `f p (1 - p)`, and return the cost and both sums.

    The probability of the label that was seen counts as ``least`` in a curvature if it is smaller: there curvatures fall faster than
    residuals, and steps would have no bound.
    """
    m = len(z)
    cost, of_residuals, of_curvatures, e = 0.0, 0.0, 0.0, numpy.empty(min(m, ROWS))
    for start in range(0, m, ROWS):
        stop = min(m, start + ROWS)
        loss = e[:stop - start]
        losses(z[start:stop], y[start:stop], loss)
        block = 0.0
        for i in range(start, stop):
            block += frequency[i] * loss[i - start]
        cost += block
        exponentials(z[start:stop], loss)
        block, curved = 0.0, 0.0
        for i in range(start, stop):
            t = loss[i - start]
            # of the label that was not seen, so that nothing cancels
            wrong = (t if (z[i] >= 0.0) == (y[i] > 0.5) else 1.0) / (1.0 + t)
            residuals[i] = frequency[i] * (2.0 * y[i] - 1.0) * wrong
            curvatures[i] = frequency[i] * wrong * max((1.0 if wrong < 0.5 else t) / (1.0 + t), least)
            block += residuals[i]
            curved += curvatures[i]
        of_residuals += block
        of_curvatures += curved
    return cost, of_residuals, of_curvatures


def relative_divergence(x):
    r"""
    Return `(1 - x) \log(1 - x) + x`, so that nothing cancels.
    """
    if x > 1.0:
        return math.inf
    if x == 1.0:
        return 1.0
    if abs(x) > NEAR:
        return (1.0 - x) * math.log1p(-x) + x
    series = 0.0
    for coefficient in DIVERGENCE_SERIES:
        series = series * x + coefficient
    return series * x * x


def divergence(z, y, frequency, least, shift, scale):
    r"""
    Return by how much the cost exceeds the dual one: the mean Kullback-Leibler divergence of the probabilities `q` from `p`.

    INPUT:

    - ``least`` -- as for :func:`rows_at`
    - ``shift`` -- array of m numbers `s`, at most 1: the dual point is first `p + p (1 - p) s`
    - ``scale`` -- `t`, of which `q = (1 - t) y + t (p + p (1 - p) s)` is made

    ALGORITHM:

    With the probability `u` of the label that was not seen, and `1 - \kappa` times as much in `q`, it is
    `u \varphi(\kappa) + (1 - u) \varphi(-\kappa u/(1 - u))` with `\varphi(x) = (1 - x) \log(1 - x) + x`: the linear terms cancel.
    """
    m, total = len(z), 0.0
    e, parts = numpy.empty(min(m, ROWS)), numpy.empty((4, min(m, ROWS)))
    for start in range(0, m, ROWS):
        count = min(m, start + ROWS) - start
        exponentials(z[start:start + count], e[:count])
        largest = 0.0
        for k in range(count):
            i, t = start + k, e[k]
            agrees = (z[i] >= 0.0) == (y[i] > 0.5)
            wrong, right = (t if agrees else 1.0) / (1.0 + t), (1.0 if agrees else t) / (1.0 + t)
            kappa = 1.0 - scale + scale * (2.0 * y[i] - 1.0) * max(right, least) * shift[i]
            # t is positive where it counts
            beside = -kappa * (t if agrees else 1.0 / max(t, TINY))
            parts[0, k], parts[1, k] = frequency[i] * wrong, frequency[i] * right
            parts[2, k], parts[3, k] = kappa, beside
            largest = max(largest, abs(kappa), abs(beside))
        block = 0.0
        if largest <= NEAR:
            # without a branch, in vector instructions
            for k in range(count):
                one, two, first, second = parts[2, k], parts[3, k], 0.0, 0.0
                for coefficient in DIVERGENCE_SERIES:
                    first, second = first * one + coefficient, second * two + coefficient
                block += parts[0, k] * (first * one * one) + parts[1, k] * (second * two * two)
        else:
            for k in range(count):
                block += parts[0, k] * relative_divergence(parts[2, k]) + parts[1, k] * relative_divergence(parts[3, k])
        total += block
    return total


def evaluate(columns, moved, change, bias, start, z, y, frequency, least, residuals, curvatures, chosen, first, second):
    r"""
    Go through the rows once: write the log-odds ``start + bias`` and the moved columns times their changes into ``z``, what follows
    from them as :func:`rows_at`, and the products of the chosen columns with residuals and curvatures; return as that.
    """
    m, cost, of_residuals, of_curvatures = len(z), 0.0, 0.0, 0.0
    first[:], second[:] = 0.0, 0.0
    rows = min(ROWS, max(FEW_ROWS, ENTRIES // (1 + len(chosen))))
    for begin in range(0, m, rows):
        end = min(m, begin + rows)
        odds = z[begin:end]
        odds[:] = start[begin:end]
        for i in range(len(odds)):
            odds[i] += bias
        for k in range(len(moved)):
            column, factor = columns[moved[k], begin:end], change[k]
            for i in range(len(odds)):
                odds[i] += factor * column[i]
        r, v = residuals[begin:end], curvatures[begin:end]
        sums = rows_at(odds, y[begin:end], frequency[begin:end], least, r, v)
        cost, of_residuals, of_curvatures = cost + sums[0], of_residuals + sums[1], of_curvatures + sums[2]
        for k in range(len(chosen)):
            column, one, two = columns[chosen[k], begin:end], 0.0, 0.0
            for i in range(len(odds)):
                one += column[i] * r[i]
                two += column[i] * v[i]
            first[k] += one
            second[k] += two
    return cost, of_residuals, of_curvatures


def products(columns, chosen, factors, sums):
    r"""
    Write the inner products of the chosen columns with ``factors`` into ``sums``.
    """
    sums[:] = 0.0
    for start in range(0, len(factors), ROWS):
        part = factors[start:start + ROWS]
        for k in range(len(chosen)):
            column, total = columns[chosen[k], start:start + ROWS], 0.0
            for i in range(len(part)):
                total += column[i] * part[i]
            sums[k] += total


def add_columns(columns, chosen, factors, z):
    r"""
    Add to ``z`` the chosen columns, each times its factor.
    """
    for start in range(0, len(z), ROWS):
        part = z[start:start + ROWS]
        for k in range(len(chosen)):
            column, factor = columns[chosen[k], start:start + ROWS], factors[k]
            for i in range(len(part)):
                part[i] += factor * column[i]


def variances(columns, means, frequency, squares):
    r"""
    Write the weighted mean squares of the columns' differences from their means.
    """
    for j in range(len(columns)):
        column, mean, total = columns[j], means[j], 0.0
        for i in range(len(column)):
            total += frequency[i] * (column[i] - mean)**2
        squares[j] = total


def moments(columns, chosen, curvatures, first, second):
    r"""
    Write the sums of the chosen columns, and of their squares, both times the curvatures.
    """
    for k in range(len(chosen)):
        column, one, two = columns[chosen[k]], 0.0, 0.0
        for i in range(len(column)):
            curved = curvatures[i] * column[i]
            one += curved
            two += curved * column[i]
        first[k], second[k] = one, two


def sparse_products(pointers, rows, values, chosen, factors, sums):
    r"""
    The same of sparse columns.
    """
    for k in range(len(chosen)):
        total = 0.0
        for place in range(pointers[chosen[k]], pointers[chosen[k] + 1]):
            total += values[place] * factors[rows[place]]
        sums[k] = total


def add_sparse_columns(pointers, rows, values, chosen, factors, z):
    r"""
    The same of sparse columns.
    """
    for k in range(len(chosen)):
        for place in range(pointers[chosen[k]], pointers[chosen[k] + 1]):
            z[rows[place]] += factors[k] * values[place]


def sparse_moments(pointers, rows, values, chosen, curvatures, first, second):
    r"""
    The same of sparse columns.
    """
    for k in range(len(chosen)):
        one, two = 0.0, 0.0
        for place in range(pointers[chosen[k]], pointers[chosen[k] + 1]):
            curved = curvatures[rows[place]] * values[place]
            one += curved
            two += curved * values[place]
        first[k], second[k] = one, two


# Each of the descents makes at most ``sweeps`` over the coordinates, over all of them and then over those that are not zero
# until these stand still, and so on; it returns whether the last one over all changed no slope by more than ``tol``.

def descend_in_matrix(hessian, slopes, w, l1, l2, sweeps, tol):
    r"""
    Minimise `-s^T d + \tfrac12 d^T H d` with the penalties of `w + d`; change ``w`` and the ``slopes`` `s - H d`.
    """
    over_all = True
    for _ in range(sweeps):
        largest = 0.0
        for j in range(len(w)):
            if not over_all and w[j] == 0.0:
                continue
            curvature = hessian[j, j]
            if curvature + l2[j] <= 0.0:
                continue
            new = soft_threshold(curvature * w[j] + slopes[j], l1[j]) / (curvature + l2[j])
            change = new - w[j]
            if change != 0.0:
                w[j] = new
                row = hessian[j]
                for k in range(len(w)):
                    slopes[k] -= change * row[k]
                largest = max(largest, (curvature + l2[j]) * abs(change))
        if largest <= tol:
            if over_all:
                return True
            over_all = True
        else:
            over_all = False
    return False


def descend_in_columns(columns, chosen, means, squares, curvatures, residuals, w, l1, l2, sweeps, tol):
    r"""
    The same for columns of which only the ``means`` and mean squares, weighted by the curvatures, are known; change ``residuals``.
    """
    over_all = True
    for _ in range(sweeps):
        largest = 0.0
        for k in range(len(w)):
            if not over_all and w[k] == 0.0 or squares[k] + l2[k] <= 0.0:
                continue
            column, slope, mean = columns[chosen[k]], 0.0, means[k]
            for i in range(len(column)):
                slope += column[i] * residuals[i]
            new = soft_threshold(squares[k] * w[k] + slope, l1[k]) / (squares[k] + l2[k])
            change = new - w[k]
            if change != 0.0:
                w[k] = new
                for i in range(len(column)):
                    residuals[i] -= change * curvatures[i] * (column[i] - mean)
                largest = max(largest, (squares[k] + l2[k]) * abs(change))
        if largest <= tol:
            if over_all:
                return True
            over_all = True
        else:
            over_all = False
    return False


def descend_in_sparse_columns(pointers, rows, values, chosen, means, squares, curvature, curvatures, residuals, w, l1, l2, sweeps, tol):
    r"""
    The same of sparse columns; ``curvature`` is the sum of all.
    """
    # within, the true residuals are residuals + missing * curvatures
    over_all, done, missing = True, False, 0.0
    for _ in range(sweeps):
        largest = 0.0
        for k in range(len(w)):
            if not over_all and w[k] == 0.0 or squares[k] + l2[k] <= 0.0:
                continue
            slope = missing * curvature * means[k]
            for place in range(pointers[chosen[k]], pointers[chosen[k] + 1]):
                slope += values[place] * residuals[rows[place]]
            new = soft_threshold(squares[k] * w[k] + slope, l1[k]) / (squares[k] + l2[k])
            change = new - w[k]
            if change != 0.0:
                w[k] = new
                for place in range(pointers[chosen[k]], pointers[chosen[k] + 1]):
                    residuals[rows[place]] -= change * curvatures[rows[place]] * values[place]
                missing += change * means[k]
                largest = max(largest, (squares[k] + l2[k]) * abs(change))
        if largest <= tol:
            if over_all:
                done = True
                break
            over_all = True
        else:
            over_all = False
    for i in range(len(residuals)):
        residuals[i] += missing * curvatures[i]
    return done


def run(kernel, *arguments):
    r"""
    Return what a kernel returns, compiled where there is numba.
    """
    return (compiled(kernel, *arguments) if has_numba() else kernel)(*arguments)


FASTMATH.update({soft_threshold: CONTRACT, rows_at: REORDER, relative_divergence: CONTRACT, divergence: REORDER, evaluate: REORDER,
                 products: REORDER, add_columns: REORDER,
                 moments: REORDER, variances: REORDER, sparse_products: CONTRACT, add_sparse_columns: CONTRACT, sparse_moments: CONTRACT,
                 descend_in_matrix: REORDER, descend_in_columns: REORDER, descend_in_sparse_columns: CONTRACT})
