r"""
Coordinate descent of K classes: the loops of the elastic net in numba code

The unknowns of a column are the K weights of the classes, a block; where the penalty is of their lengths, a block is zero as a whole. What
belongs to rows is K x m, a line a class. The Hessian of the cost of a row is `f (\operatorname{diag} q - q q^T)` with its
probabilities `q`. The biases are eliminated as in :mod:`sage_logreg.cost.coordinate`: columns count as if they were centred by
matrices ``means``, K x K, which say how the biases follow a block.

EXAMPLES::

    sage: from sage_logreg.cost.coordinate_classes import move_group
    sage: import numpy
    sage: w, change = numpy.zeros(2), numpy.zeros(2)
    sage: move_group(numpy.ones(2), numpy.eye(2), numpy.array([3.0, 4.0]), w, 1.0r, 0.0r, change)
    sage: w  # abs tol 1e-14
    array([2.4, 3.2])
"""
import math

import numpy

from sage_logreg.cost.coordinate import ROWS, soft_threshold
from sage_logreg.cost.kernels import CONTRACT, FASTMATH, REORDER, exponentials

# rows whose numbers of all classes stay in the cache; steps to the length of a block, and rounds over one
FEW_ROWS, MOST_STEPS, ROUNDS = 512, 50, 10


def rows_of_classes(z, labels, frequency, damping, residuals, wrong, p, q):
    r"""
    Return the cost at the log-odds ``z``, and write what belongs to the rows.

    INPUT:

    - ``damping`` -- from 0 to 1, the part of `1/K` in ``q``: where all rows are nearly certain, steps would have no bound
    - ``residuals``, ``p``, ``q`` -- K x m: `f (y - p)`, the probabilities, and those by which curvatures are counted
    - ``wrong`` -- m: the probabilities of all other labels
    """
    K, m = z.shape
    cost, e = 0.0, numpy.empty((K, min(m, ROWS)))
    tops, totals, others = numpy.empty(min(m, ROWS)), numpy.empty(min(m, ROWS)), numpy.empty(min(m, ROWS))
    for start in range(0, m, ROWS):
        size = min(m - start, ROWS)
        tops[:size] = z[0, start:start + size]
        for k in range(1, K):
            for i in range(size):
                tops[i] = max(tops[i], z[k, start + i])
        others[:] = 0.0
        for k in range(K):
            line = e[k, :size]
            for i in range(size):
                line[i] = tops[i] - z[k, start + i]
            exponentials(line, line)
            for i in range(size):
                if labels[start + i] != k:
                    others[i] += line[i]
        block = 0.0
        for i in range(size):
            own, behind = e[labels[start + i], i], tops[i] - z[labels[start + i], start + i]
            totals[i] = own + others[i]
            block += frequency[start + i] * (math.log1p(others[i]) if behind == 0.0 else behind + math.log(totals[i]))
            wrong[start + i] = others[i] / totals[i]
        cost += block
        for k in range(K):
            for i in range(size):
                share, is_own = e[k, i] / totals[i], labels[start + i] == k
                p[k, start + i] = share
                q[k, start + i] = (1.0 - damping) * share + damping / K
                residuals[k, start + i] = frequency[start + i] * (wrong[start + i] if is_own else -share)
    return cost


def divergence_of_classes(p, wrong, labels, frequency, shift, scale):
    r"""
    Return by how much the cost exceeds the dual one: the mean Kullback-Leibler divergence of other probabilities from `p`.

    INPUT:

    - ``shift`` -- K x m: the others are first `p` with it added
    - ``scale`` -- `t`, of which `(1 - t) y + t (p + s)` is made
    """
    total = 0.0
    for i in range(len(labels)):
        for k in range(len(p)):
            # their difference, without cancellation; the sum over all classes is zero
            change = (1.0 - scale) * (wrong[i] if labels[i] == k else -p[k, i]) + scale * shift[k, i]
            if change == 0.0:
                continue
            if p[k, i] + change < 0.0 or p[k, i] == 0.0:
                return math.inf
            term = -change
            if p[k, i] + change > 0.0:
                term += (p[k, i] + change) * math.log1p(change / p[k, i])
            total += frequency[i] * term
    return total


def is_zero(block):
    r"""
    Return whether all weights of a block are zero.
    """
    for weight in block:
        if weight != 0.0:
            return False
    return True


def move_group(values, vectors, slopes, w, l1, l2, change):
    r"""
    Move a block to the minimum of its quadratic model with the penalty of its length, and write how it changed.

    INPUT: ``values``, ``vectors`` -- the eigenvalues of its matrix, rising, and its eigenvectors as columns

    ALGORITHM:

    In these coordinates the minimum is `v_k/(\lambda_k + l_2 + l_1/t)`, with `t` its length, which is found by Newton's method on
    the inverse of `|\cdot|/t`; that is concave, so that the steps come from below.
    """
    K = len(w)
    if is_zero(w):
        square = 0.0
        for slope in slopes:
            square += slope**2
        if square <= l1**2:
            change[:] = 0.0
            return
    v, near, far = numpy.empty(K), numpy.empty(K), 1e-14 * (values[K - 1] + l2)
    square, length = 0.0, 0.0
    for k in range(K):
        along, slope = 0.0, 0.0
        for l in range(K):
            along += vectors[l, k] * w[l]
            slope += vectors[l, k] * slopes[l]
        v[k], near[k] = values[k] * along + slope, along
        square += v[k]**2
        length += along**2
    t = 0.0
    if square > l1**2 and l1 > 0.0:
        t = math.sqrt(length)
        for step in range(MOST_STEPS):
            one, two = 0.0, 0.0
            for k in range(K):
                below = (max(values[k], far) + l2) * t + l1
                one += (v[k] / below)**2
                two += (v[k] / below)**2 * (max(values[k], far) + l2) / below
            # of 1/sqrt(one) - 1, whose derivative is two/one^(3/2)
            by = (math.sqrt(one) - 1.0) * one / two
            t = max(t + by, 0.0)
            if abs(by) <= 1e-10 * t:
                break
    for k in range(K):
        if l1 > 0.0:
            near[k] = v[k] / (max(values[k], far) + l2 + l1 / t) if t > 0.0 else 0.0
        elif values[k] + l2 > far:
            near[k] = v[k] / (values[k] + l2)
    for k in range(K):
        new = 0.0
        if t > 0.0 or l1 == 0.0:
            for l in range(K):
                new += vectors[k, l] * near[l]
        change[k] = new - w[k]
        w[k] = new


def move_elements(block, slopes, w, l1, l2, tol, change):
    r"""
    Move a block towards the minimum of its quadratic model with the penalty of each weight, coordinate by coordinate.
    """
    K = len(w)
    change[:] = 0.0
    for _ in range(ROUNDS):
        largest = 0.0
        for k in range(K):
            curvature, slope = block[k, k], slopes[k]
            if curvature + l2 <= 0.0:
                continue
            for l in range(K):
                slope -= block[k, l] * change[l]
            new = soft_threshold(curvature * w[k] + slope, l1) / (curvature + l2)
            by = new - w[k]
            change[k] += by
            w[k] = new
            largest = max(largest, (curvature + l2) * abs(by))
        if largest <= tol:
            break


def move(number, blocks, values, vectors, slopes, w, l1, l2, grouped, tol, change):
    r"""
    Move one of the blocks, and return by how much a slope changes, or -1 if it stays where it is.
    """
    if grouped:
        move_group(values[number], vectors[number], slopes, w[number], l1[number], l2[number], change)
    else:
        move_elements(blocks[number], slopes, w[number], l1[number], l2[number], tol, change)
    largest = -1.0
    for k in range(len(change)):
        if change[k] != 0.0:
            largest = max(largest, (blocks[number, k, k] + l2[number]) * abs(change[k]))
    return largest


# Each of the descents makes at most ``sweeps`` over the blocks, as those of two classes do.

def descend_in_matrix_of_classes(hessian, slopes, w, blocks, values, vectors, l1, l2, grouped, sweeps, tol):
    r"""
    Minimise the quadratic model with the penalties; change ``w`` and ``slopes``, a line a column. The ``hessian`` is a K x a K.
    """
    over_all, K, change = True, w.shape[1], numpy.empty(w.shape[1])
    flat = slopes.ravel()
    for _ in range(sweeps):
        largest = 0.0
        for j in range(len(w)):
            if not over_all and is_zero(w[j]):
                continue
            moved = move(j, blocks, values, vectors, slopes[j], w, l1, l2, grouped, tol, change)
            if moved < 0.0:
                continue
            for k in range(K):
                row, by = hessian[j * K + k], change[k]
                if by != 0.0:
                    for place in range(len(flat)):
                        flat[place] -= by * row[place]
            largest = max(largest, moved)
        if largest <= tol:
            if over_all:
                return True
            over_all = True
        else:
            over_all = False
    return False


def descend_in_columns_of_classes(columns, chosen, means, frequency, q, residuals, w, blocks, values, vectors, l1, l2, grouped, sweeps, tol):
    r"""
    The same by the residuals of the rows, K x m, which are changed.
    """
    over_all, (K, m) = True, residuals.shape
    slopes, change, biases, mean = numpy.empty(K), numpy.empty(K), numpy.empty(K), numpy.empty(FEW_ROWS)
    for _ in range(sweeps):
        largest = 0.0
        for j in range(len(w)):
            if not over_all and is_zero(w[j]):
                continue
            column = columns[chosen[j]]
            for k in range(K):
                line, slope = residuals[k], 0.0
                for i in range(m):
                    slope += column[i] * line[i]
                slopes[k] = slope
            moved = move(j, blocks, values, vectors, slopes, w, l1, l2, grouped, tol, change)
            if moved < 0.0:
                continue
            largest = max(largest, moved)
            for k in range(K):
                biases[k] = 0.0
                for l in range(K):
                    biases[k] += means[j, k, l] * change[l]
            for start in range(0, m, FEW_ROWS):
                part = column[start:start + FEW_ROWS]
                mean[:] = 0.0
                for k in range(K):
                    share, by, bias = q[k, start:start + FEW_ROWS], change[k], biases[k]
                    for i in range(len(part)):
                        mean[i] += share[i] * (part[i] * by - bias)
                for k in range(K):
                    share, line, by, bias = q[k, start:start + FEW_ROWS], residuals[k, start:start + FEW_ROWS], change[k], biases[k]
                    for i in range(len(part)):
                        line[i] -= frequency[start + i] * share[i] * (part[i] * by - bias - mean[i])
        if largest <= tol:
            if over_all:
                return True
            over_all = True
        else:
            over_all = False
    return False


def descend_in_sparse_columns_of_classes(pointers, rows, numbers, chosen, means, crossed, frequency, q, residuals, w, blocks, values, vectors,
                                         l1, l2, grouped, sweeps, tol):
    r"""
    The same of sparse columns; ``q`` and the residuals are m x K.
    """
    # within, the residuals lack what changes of the biases make of them, which the matrices ``crossed`` make slopes of
    over_all, done, K = True, False, w.shape[1]
    slopes, change, missing = numpy.empty(K), numpy.empty(K), numpy.zeros(K)
    for _ in range(sweeps):
        largest = 0.0
        for j in range(len(w)):
            if not over_all and is_zero(w[j]):
                continue
            for k in range(K):
                slopes[k] = 0.0
                for l in range(K):
                    slopes[k] += crossed[j, k, l] * missing[l]
            for place in range(pointers[chosen[j]], pointers[chosen[j] + 1]):
                line = residuals[rows[place]]
                for k in range(K):
                    slopes[k] += numbers[place] * line[k]
            moved = move(j, blocks, values, vectors, slopes, w, l1, l2, grouped, tol, change)
            if moved < 0.0:
                continue
            largest = max(largest, moved)
            for place in range(pointers[chosen[j]], pointers[chosen[j] + 1]):
                i, mean = rows[place], 0.0
                share, line = q[i], residuals[i]
                for k in range(K):
                    mean += share[k] * change[k]
                for k in range(K):
                    line[k] -= frequency[i] * numbers[place] * share[k] * (change[k] - mean)
            for k in range(K):
                for l in range(K):
                    missing[k] += means[j, k, l] * change[l]
        if largest <= tol:
            if over_all:
                done = True
                break
            over_all = True
        else:
            over_all = False
    for i in range(len(residuals)):
        mean = 0.0
        for k in range(K):
            mean += q[i, k] * missing[k]
        for k in range(K):
            residuals[i, k] += frequency[i] * q[i, k] * (missing[k] - mean)
    return done


FASTMATH.update({rows_of_classes: CONTRACT, divergence_of_classes: CONTRACT, move_group: CONTRACT, move_elements: CONTRACT, is_zero: CONTRACT,
                 move: CONTRACT, descend_in_matrix_of_classes: REORDER, descend_in_columns_of_classes: REORDER,
                 descend_in_sparse_columns_of_classes: CONTRACT})
