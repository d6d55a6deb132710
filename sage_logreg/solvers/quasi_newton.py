r"""
A quasi-Newton method: few Hessians, and corrections by the gradients of the steps between them

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.curvature import ByColumns, Diagonal
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: from sage_logreg.solvers.quasi_newton import minimize
    sage: likelihood = Likelihood(ex2data1(), 1.0r)
    sage: start = likelihood.bias()
    sage: fit = minimize(likelihood, start, Diagonal(likelihood), ByColumns, 1e-10r)
    sage: fit.converged, bool(fit.largest < 1e-10)
    (True, True)

ALGORITHM:

The inverse of a Hessian, factorised at some weights, is the initial matrix of L-BFGS [NW2006]_, whose pairs are those
since. When the decrement falls so slowly that the steps still to come would cost more than a new Hessian, it is computed
where the weights are, and the pairs are dropped; but not before the steps so far have cost half as much, since one near
the minimum serves longer.

The error of every weight is at most the decrement `\sqrt{g^T H^{-1} g}` times its standard error, whatever the number of
columns, as the weights lie in an ellipsoid whose half-axes are those of the covariance. So the weights have their digits
as soon as the decrement is small: no inverse is needed.

REFERENCES:

.. [NW2006] \J. Nocedal and S. J. Wright, *Numerical Optimization*, second edition, Springer, 2006, section 7.2.
"""
import math

import numpy

from sage_logreg.solvers.newton import LARGEST_ERROR, ZERO, Fit, line_search
from sage_logreg.solvers.likelihood import EPSILON
from sage_logreg.solvers.records import Record

# The decrement at which the last step is made, a tenth of what the error may be; steps before another method is tried;
# and pairs of L-BFGS
ENOUGH, MOST_STEPS, MOST_PAIRS = 1e-10, 500, 30
# steps that a Hessian is used for at least, and that a new one is thought to take
FEWEST, FURTHER = 3, 4


def minimize(objective, start, inverse, curvature, tol, stops=None, fit=None, enough=ENOUGH):
    r"""
    Return the :class:`~sage_logreg.solvers.newton.Fit`, ``converged`` if the weights are known to have their digits.

    INPUT:

    - ``objective`` -- a :class:`~sage_logreg.solvers.likelihood.Likelihood`
    - ``start`` -- float64 array
    - ``inverse`` -- what is taken as the Hessian at first, see :mod:`sage_logreg.solvers.curvature`
    - ``curvature`` -- function of the objective and weights: the factorised Hessian there
    - ``tol``, ``stops``, ``fit`` -- as for :func:`~sage_logreg.solvers.newton.minimize`
    - ``enough`` -- (default: ``1e-10``) the decrement at which the last step is made
    """
    fit = fit or Fit()
    fit.free = numpy.ones(len(start), dtype=bool)
    fit.move(objective, start, objective.terms(start, False))
    pairs, decrements = [], []
    for fit.steps in range(MOST_STEPS):
        fit.history.append(Record(fit.steps, fit.cost / objective.total, objective.to_user(fit.weights)))
        if stops is not None and stops(*fit.history[-1]):
            fit.stopped = True
            return fit
        if not inverse.determined > 0 or not numpy.isfinite(fit.gradient).all():
            return fit
        direction = _direction(fit, inverse, pairs, decrements)
        arrives = fit.largest <= tol and _left(decrements) <= enough
        if arrives and inverse.is_hessian:
            _end(fit, direction, inverse, _left(decrements))
            return fit
        if arrives or _is_slow(decrements, enough, inverse.price):
            inverse, pairs, decrements = curvature(objective, fit.weights), [], []
            if not inverse.determined > 0:
                return fit
            direction = _direction(fit, inverse, pairs, decrements)
        before = fit.weights, fit.gradient
        if not line_search(fit, direction, False):
            # rounding hides what is left
            if inverse.is_hessian:
                _end(fit, 0.0 * direction, inverse, fit.decrement)
                fit.converged = fit.converged and fit.largest <= tol
            return fit
        pair = fit.weights - before[0], fit.gradient - before[1]
        if pair[0] @ pair[1] > 0:
            pairs = [*pairs[-MOST_PAIRS:], pair]
    return fit


def _direction(fit, inverse, pairs, decrements):
    # The direction, whose decrement is that of the fit and the last of the decrements.
    direction = -_product(inverse, pairs, fit.gradient)
    fit.decrement = math.sqrt(max(0.0, -fit.gradient @ direction))
    decrements.append(fit.decrement)
    return direction


def _product(inverse, pairs, gradient):
    # The two loops of L-BFGS around the inverse.
    gradient, factors = gradient.copy(), []
    for step, change in reversed(pairs):
        factors.append(step @ gradient / (step @ change))
        gradient -= factors[-1] * change
    product = inverse.solve(gradient)
    for (step, change), factor in zip(pairs, reversed(factors)):
        product += (factor - change @ product / (step @ change)) * step
    return product


def _rate(decrements):
    # By what the last steps with this Hessian have made the decrement smaller.
    steps = min(3, len(decrements) - 1)
    return min(0.99, max(0.03, (decrements[-1] / decrements[-1 - steps])**(1 / steps))) if steps > 0 else 0.5


def _left(decrements):
    # What the next step will leave of the decrement.
    rate = _rate(decrements[-2:])
    return decrements[-1] * rate / (1 - rate)


def _is_slow(decrements, enough, price):
    # Whether the steps still to come take longer than a new Hessian and the steps with it.
    if len(decrements) <= max(FEWEST, price / 2) or not decrements[-1] > 0:
        return False
    return math.log(enough / decrements[-1]) / math.log(_rate(decrements)) > price + FURTHER


def _end(fit, direction, inverse, left):
    # The last step, and whether all weights have their digits.
    objective, v = fit.objective, fit.weights + direction
    fit.weights, fit.steps, fit.determined = v, fit.steps + bool(direction.any()), inverse.determined
    # the root of the sum of the curvatures, times what is added up in the log-odds, as in objective.noise
    size = math.sqrt(inverse.total) * (2 + abs(v).sum() + objective.largest_offset)
    noise = EPSILON * size * inverse.rounding()
    bias, cancelled = objective.bias_and_its_terms(v)
    # the standard error of the bias is at least as large as if nothing else were estimated
    rounding = EPSILON * cancelled / max(abs(bias), ZERO / math.sqrt(inverse.total)) if inverse.total > 0 else math.inf
    fit.error = max((left + noise) / ZERO, rounding)
    fit.converged = bool(fit.error <= LARGEST_ERROR)
