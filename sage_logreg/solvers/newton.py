r"""
Newton's method with a line search, on any objective

An objective, the function to minimise, has:

- ``terms(v, curved=True)`` -- a sum at ``v``, its gradient and its Hessian (if ``curved``)
- ``total`` -- the divisor that makes the sum a mean
- ``size(cost)`` -- the size relative to which a change of the sum may be a rounding error
- ``keeps_hessian`` -- whether a Hessian is so expensive that it is used more than once
- ``exact_hessian`` -- whether it is the Hessian itself, so that a step doubles the digits
- ``to_user(v)`` -- ``v`` in the user's units

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: from sage_logreg.solvers.newton import minimize
    sage: likelihood = Likelihood(ex2data1())
    sage: fit = minimize(likelihood, likelihood.start()[0], 1e-10r)
    sage: fit.converged, fit.largest < 1e-10
    (True, True)
"""
import dataclasses

import numpy

from sage_logreg.solvers.records import Record

MOST_STEPS = 200
# largest last step relative to the weights: a Newton step doubles the digits, one with an older Hessian does not
SMALL_STEP = {False: 1e-7, True: 1e-4}
# longest step relative to them
LONG_STEP = 100.0


@dataclasses.dataclass
class Fit:
    r"""
    The state of Newton's method, at the end its result.

    ``stopped`` -- by the callback or Ctrl-C; ``largest`` -- largest entry of the mean gradient; ``hessian`` -- used for
    the last direction; ``decrement`` -- the last direction's length in the norm of the Hessian.
    """

    weights: numpy.ndarray = None
    steps: int = 0
    converged: bool = False
    stopped: bool = False
    cost: float = numpy.inf
    largest: float = numpy.inf
    decrement: float = numpy.inf
    hessian: numpy.ndarray = None
    history: list = dataclasses.field(default_factory=list)


def minimize(objective, start, tol, stops=None, free=None, hessian=None, fit=None, most_steps=MOST_STEPS):
    r"""
    Return the :class:`Fit` that minimises an objective.

    INPUT:

    - ``objective`` -- see :mod:`sage_logreg.solvers.newton`
    - ``start`` -- float64 array
    - ``tol`` -- float; bound for the gradient of the mean
    - ``stops`` -- (default: never) function of step, mean and weights, called before each step; whether to stop there
    - ``free`` -- (default: all) boolean array, the weights that may change
    - ``hessian`` -- (default: that of ``start``) for the first step
    - ``fit`` -- (default: a new one) the fit to fill in, so that the caller has it after an interrupt
    - ``most_steps`` -- (default: 200) how many steps to make before giving up

    ALGORITHM: as in :func:`~sage_logreg.training.maximum_likelihood`, with the same numbering of the steps.
    """
    fit, v, last = fit or Fit(), start, numpy.inf
    fit.weights = start
    free = numpy.ones(len(v), dtype=bool) if free is None else free
    terms = objective.terms(v, hessian is None)
    fit.hessian = terms[2] if hessian is None else hessian
    for fit.steps in range(most_steps):
        fit.cost, gradient, before = terms[0], terms[1], fit.largest
        fit.weights, fit.largest = v, float(abs(gradient[free]).max()) / objective.total
        fit.history.append(Record(fit.steps, fit.cost / objective.total, objective.to_user(v)))
        if stops is not None and stops(*fit.history[-1]):
            fit.stopped = True
            return fit
        gradient = numpy.where(free, gradient, 0.0)
        # 3. the direction
        direction, singular = _direction(fit.hessian, gradient, free)
        fit.decrement = float(numpy.sqrt(max(0.0, -gradient @ direction)))
        small = fit.decrement**2 <= 1e-9 * objective.size(terms[0])
        size, length = max(1.0, abs(v).max()), abs(direction).max()
        if length > LONG_STEP * size:
            direction *= LONG_STEP * size / length
        # 5. stop, though rounding may keep the steps from getting small
        noise = length >= last / 2 and length <= 0.01 * size and small
        last = length
        if fit.largest <= tol and (length <= SMALL_STEP[objective.keeps_hessian] * size or noise):
            fit.converged = not singular
            # 6. the Hessian doubles the digits, the Fisher information gains about one per step
            if singular or objective.exact_hessian or length <= 1e-13 * size or noise:
                fit.weights = v + direction
                fit.steps += 1
                return fit
        # 4. the line search; a Hessian is reused as long as the gradient falls by a factor of ten
        curved = not objective.keeps_hessian or fit.largest > before / 10
        moved = _line_search(objective, v, (terms[0], gradient), direction, curved, free)
        if moved is None:
            fit.converged = fit.largest <= tol and length <= 0.01 * size and small and not singular
            return fit
        v, terms = moved
        if curved:
            fit.hessian = terms[2]
    return fit


def _direction(hessian, gradient, free):
    # -H^-1 g for the free weights, and whether H is singular; if so, with just enough added to its diagonal.
    from scipy.linalg import cho_factor, cho_solve
    part = numpy.ix_(free, free)
    direction, damping = numpy.zeros(len(gradient)), 0.0
    largest = numpy.diag(hessian)[free].max()
    if not (numpy.isfinite(hessian).all() and numpy.isfinite(gradient).all()):
        # no way down from here; the line search will find none
        return direction, True
    while True:
        damped = hessian[part] + damping * numpy.eye(int(free.sum()))
        try:
            direction[free] = -cho_solve(cho_factor(damped), gradient[free], check_finite=False)
            if numpy.isfinite(direction).all():
                return direction, damping > 0
        except numpy.linalg.LinAlgError:
            pass
        damping = max(100 * damping, 1e-14 * largest, 1e-300)


def _line_search(objective, v, terms, direction, curved, free):
    # The point and its terms after the longest of the steps 1, 1/2, 1/4, ... that descends enough,
    # and does not overshoot so far that the cost rises there as steeply as it fell here.
    cost, gradient = terms
    slope = float(gradient @ direction)
    if not slope < 0:
        return None
    step, size = 1.0, objective.size(cost)
    for _ in range(100):
        there = v + step * direction
        with numpy.errstate(over='ignore', invalid='ignore'):
            new = objective.terms(there, curved)
        new_gradient = numpy.where(free, new[1], 0.0)
        if new[0] <= cost + 1e-4 * step * slope and new_gradient @ direction <= -0.9 * slope:
            return there, new
        # where the fall of the cost is lost in rounding, the gradient decides
        if -slope <= 1e-9 * size and abs(new_gradient).max() < abs(gradient).max():
            return there, new
        if step < 1e-3 and -slope <= 1e-16 * size:
            return None
        step /= 2
    return None
