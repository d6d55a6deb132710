r"""
Newton's method in the coordinates of the rows, where these are fewer than the columns

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.curvature import products_of_rows
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: from sage_logreg.solvers.rows import minimize
    sage: likelihood = Likelihood(ex2data1(), 1.0r)
    sage: v = minimize(likelihood, products_of_rows(likelihood))
    sage: bool(abs(likelihood.terms(v)[1]).max() < 1e-6)
    True

ALGORITHM:

The minimum's slopes are `P^{-1} Z^T a` with the scaled rows `Z` and the penalty's diagonal matrix `P`, as a part of them
that is orthogonal to all rows would only cost. The log-odds are `w_0 + K a` with `K = Z P^{-1} Z^T`, the penalty is
`a^T K a / 2`, and Newton's step solves `(C^{-1} + K) a + w_0 = z - C^{-1} r` with `\sum_i a_i = 0`, for log-odds `z`
(without the offset), residuals `r` and curvatures `C` before it.
"""
import numpy

from sage_logreg.solvers.curvature import factor_of_rows, weights_of_rows

# steps, and the part of the cost that the last one gains, of which the next would gain the square
MOST_STEPS, SMALL = 100, 1e-8
# log-odds beyond which a wrong label's residual is no longer compared with its curvature
FAR = 60.0


def minimize(likelihood, products):
    r"""
    Return the weights, nearly those of the minimum.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.likelihood.Likelihood` with a penalty
    - ``products`` -- see :func:`~sage_logreg.solvers.curvature.products_of_rows`
    """
    first = int(likelihood.data.design.intercept)
    # the factors a of the rows, the log-odds K a of the slopes, and the bias
    factors, slopes, bias = (numpy.zeros(len(products)), numpy.zeros(len(products)), likelihood.bias()[:first].sum())
    cost, residual, *terms = _terms(likelihood, bias + slopes)
    for _ in range(MOST_STEPS):
        try:
            change, bias_change = _step(products, factors, bias + slopes, *terms, first)
        except (numpy.linalg.LinAlgError, ValueError):
            break
        slopes_change = products @ change
        slope = residual @ (slopes_change + bias_change) + factors @ slopes_change
        whole = cost + factors @ slopes / 2
        if not slope < -SMALL * abs(whole):
            break
        step = 1.0
        while step > 1e-10:
            ahead = factors + step * change, slopes + step * slopes_change, bias + step * bias_change
            cost, residual, *terms = _terms(likelihood, ahead[2] + ahead[1])
            if cost + ahead[0] @ ahead[1] / 2 <= whole + 1e-4 * step * slope:
                break
            step /= 2
        factors, slopes, bias = ahead
    return weights_of_rows(likelihood, numpy.full(first, bias), factors)


def _terms(likelihood, z):
    # The cost, the residuals, the roots of the curvatures, and the residuals divided by these.
    from scipy.special import expit
    sign = 1 - 2 * likelihood.data.labels
    wrong = sign * (z + likelihood.offset)
    frequency, h = numpy.sqrt(likelihood.frequency), expit(wrong)
    cost = likelihood.frequency @ numpy.logaddexp(0, wrong)
    root = frequency * numpy.sqrt(h * expit(-wrong))
    return cost, likelihood.frequency * sign * h, root, frequency * sign * numpy.exp(numpy.minimum(wrong, FAR) / 2)


def _step(products, factors, z, root, relative, first):
    # The changes of the factors and of the bias.
    from scipy.linalg import cho_solve
    factor = factor_of_rows(products, root)
    right, ones = cho_solve(factor, numpy.column_stack([root * z - relative, root])).T
    bias = root @ right / (root @ ones) if first else 0.0
    old = z - products @ factors
    return root * (right - bias * ones) - factors, bias - old[0] if first else 0.0
