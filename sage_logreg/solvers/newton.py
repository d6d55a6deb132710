r"""
Newton's method with a line search, on any objective

An objective, the function to minimise, has:

- ``terms(v, curved=True)`` -- a sum at ``v``, its gradient and its Hessian (if ``curved``)
- ``total`` -- the divisor that makes the sum a mean
- ``size(cost)`` -- the size relative to which a change of the sum may be a rounding error
- ``keeps_hessian`` -- whether a Hessian is so expensive that it is used more than once
- ``exact_hessian`` -- whether it is the Hessian itself, so that a step doubles the digits
- ``least_determined`` -- the part of a variable's curvature that is its own, below which a step has too few digits
- ``accuracy(v, direction, hessian)`` -- weights, their standard errors, the step, and what rounding may do
- ``noises(v, cost, hessian)`` -- closer and closer bounds of about the length, in the norm of the Hessian, of a Newton step
  that is only rounding; where the variables are not independent it is longer
- ``reaches(hessian, free)`` -- closer and closer bounds of the rows, in the norm of the inverse of the Hessian
- ``scaled_gradient(gradient)`` -- the gradient in scaled variables
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
import math
import typing

import numpy

from sage_logreg.solvers.records import Record
from sage_logreg.support.cores import inner

MOST_STEPS = 200
# steps one after the other that get no shorter
MOST_FRUITLESS = 10
# longest step relative to the weights
LONG_STEP = 100.0
# Largest errors, relative to the weights: what Newton's steps may leave, what rounding may without another choice of
# variables, and what a minimum that was found may have
STEP_ERROR, ROUNDING_ERROR, LARGEST_ERROR = 1e-12, 1e-10, 1e-8
# Newton's steps double their digits only where none of the log-odds that a step can change, changes by more than this:
# further out the curvature falls as fast as the gradient, and any number of steps of the same length may follow
NEAR = 0.1
# the part of the slope that a full step leaves only where the curvature falls as the gradient does, by a factor of e
PLATEAU_SLOPE = 0.3
# where steps are so costly that a Hessian is kept, how many times larger errors are left
KEPT = 5e3
# a weight that is a smaller part of its standard error is nearly zero
ZERO = 0.1
# Newton's decrement of a step over which the Hessian hardly changes
SHORT = 1.0
# the part of a column's curvature that is not also that of the others, above which other variables would not help
INDEPENDENT = 0.1


@dataclasses.dataclass
class Fit:
    r"""
    The state of Newton's method, at the end its result.

    - ``objective`` -- that of the weights, in whose variables they are
    - ``stopped`` -- by the callback or Ctrl-C
    - ``largest`` -- largest entry of the mean gradient, in scaled variables
    - ``hessian`` -- used for the last direction; ``decrement`` -- its length in the norm of the Hessian;
      ``determined`` -- the least part of a variable's curvature that is its own, 0 if the Hessian is singular
    - ``free`` -- the weights that may change
    - ``correction`` -- what was added to the Hessian, where the objective has not the Hessian itself
    - ``error`` -- of the weights at the end, relative to themselves, or to ``ZERO`` standard errors where this is more
    - ``solver`` -- string; how the minimum was found
    - ``exists`` -- whether it was proved on the way that there is a minimum
    - ``finer`` -- function of an objective and weights that returns the same objective in variables that determine them
      better, with these weights as ``start``; ``None`` if there is none
    """

    objective: object = None
    weights: numpy.ndarray = None
    steps: int = 0
    converged: bool = False
    stopped: bool = False
    cost: float = numpy.inf
    gradient: numpy.ndarray = None
    largest: float = numpy.inf
    decrement: float = numpy.inf
    hessian: numpy.ndarray = None
    determined: float = 0.0
    error: float = numpy.inf
    free: numpy.ndarray = None
    correction: typing.Any = 0.0
    solver: str = 'Newton'
    exists: bool = False
    finer: typing.Callable = None
    history: list = dataclasses.field(default_factory=list)

    def is_determined(self):
        r"""
        Return whether the cost and its curvature are known at the weights.
        """
        return bool(numpy.isfinite(self.cost)) and self.determined > 0

    def move(self, objective, weights, terms):
        r"""
        Stand at other weights, or at the same in other variables.
        """
        self.objective, self.weights, (self.cost, gradient, hessian) = objective, weights, terms
        self.gradient = numpy.where(self.free, gradient, 0.0)
        self.largest = float(abs(objective.scaled_gradient(self.gradient)).max()) / objective.total
        self.hessian = self.hessian if hessian is None else hessian


def minimize(objective, start, tol, stops=None, free=None, hessian=None, fit=None, most_steps=MOST_STEPS, finer=None,
             step_error=STEP_ERROR, leaps=False):
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
    - ``finer`` -- (default: none) see :class:`Fit`
    - ``step_error`` -- (default: ``1e-12``) how far from the minimum the last step may end, relative to the weights;
      ``KEPT`` times as far where a Hessian is used more than once
    - ``leaps`` -- (default: ``False``) whether steps on a plateau are doubled as long as the cost falls

    ALGORITHM: as in :func:`~sage_logreg.training.maximum_likelihood`, with the same numbering of the steps.
    """
    # a fit that another method began goes on
    fit, before = fit or Fit(), numpy.inf
    last, made = fit.decrement, len(fit.history)
    shortest, fruitless = numpy.inf, 0
    fit.free = numpy.ones(len(start), dtype=bool) if free is None else free
    fit.finer, fit.hessian = finer, hessian
    fit.move(objective, start, objective.terms(start, hessian is None))
    if not numpy.isfinite(fit.cost):
        # the variables may be the cause, not the weights
        _in_finer_variables(fit, None)
    for fit.steps in range(made, made + most_steps):
        fit.history.append(Record(fit.steps, fit.cost / objective.total, fit.objective.to_user(fit.weights)))
        if stops is not None and stops(*fit.history[-1]):
            fit.stopped = True
            return fit
        # 3. the direction
        direction = _direction(fit)
        if fit.determined < fit.objective.least_determined:
            direction = _in_finer_variables(fit, direction)
        # 5. stop
        if fit.largest <= tol and abs(direction).max() <= 0.01 * _size(fit):
            direction, ends = _last_direction(fit, direction, last, step_error, 0 < made == fit.steps)
            if ends:
                # 6. the last direction
                fit.weights, fit.steps = fit.weights + direction, fit.steps + 1
                fit.converged = fit.is_determined() and fit.error <= max(step_error, LARGEST_ERROR)
                return fit
        # where rounding alone makes the steps, more of them would not help
        fruitless = fruitless + 1 if fit.largest <= tol and fit.decrement > 0.9 * shortest else 0
        shortest = min(shortest, fit.decrement)
        if fruitless == MOST_FRUITLESS:
            return fit
        # 4. the line search; a Hessian is reused as long as the gradient falls by a factor of ten
        curved = not fit.objective.keeps_hessian or fit.largest > before / 10
        before, last = fit.largest, fit.decrement
        if not line_search(fit, direction, curved, leaps):
            if fit.determined > INDEPENDENT or _in_finer_variables(fit, None) is None:
                fit.error = max(_errors(fit, direction)) if _is_near(fit) else numpy.inf
                fit.converged = fit.largest <= tol and fit.is_determined() and fit.error <= LARGEST_ERROR
                return fit
    return fit


def _size(fit):
    return max(1.0, abs(fit.weights).max())


def _direction(fit):
    # -H^-1 g for the free weights; if H is singular, with just enough added to its diagonal.
    # LAPACK itself, as SciPy's functions for it take longer than the work of a few variables
    from scipy.linalg.lapack import dpotrf, dpotrs
    part, gradient = fit.hessian, fit.gradient
    if not fit.free.all():
        part, gradient = part[numpy.ix_(fit.free, fit.free)], gradient[fit.free]
    direction, damping, curvature = numpy.zeros(len(fit.gradient)), 0.0, part.diagonal()
    fit.determined = 0.0
    while numpy.isfinite(part).all() and numpy.isfinite(gradient).all():
        factor, failed = dpotrf(part + damping * numpy.eye(len(part)) if damping else part, clean=False)
        if not failed:
            direction[fit.free] = -dpotrs(factor, gradient)[0]
            if numpy.isfinite(direction).all():
                fit.determined = 0.0 if damping else float((factor.diagonal()**2 / curvature).min())
                break
        damping = max(100 * damping, 1e-14 * curvature.max(), 1e-300)
    fit.decrement = math.sqrt(max(0.0, -fit.gradient @ direction))
    return direction * min(1.0, LONG_STEP * _size(fit) / max(abs(direction).max(), 1e-300))


def _in_finer_variables(fit, direction):
    # The direction in variables that determine the weights better, or the given one where there are none.
    if fit.finer is None:
        return direction
    try:
        objective = fit.finer(fit.objective, fit.weights)
    except numpy.linalg.LinAlgError:
        fit.finer = None
        return direction
    fit.move(objective, objective.start, objective.terms(objective.start))
    fit.correction = 0.0
    return _direction(fit)


def _last_direction(fit, direction, last, step_error, is_handed_over):
    # The direction, and whether the weights are right enough where it leads to, or further steps would not help.
    squares = fit.objective.exact_hessian and not fit.objective.keeps_hessian
    most = KEPT * step_error if fit.objective.keeps_hessian else step_error
    # rounding keeps the steps from getting shorter
    noise = (numpy.isfinite(last) and fit.decrement > (0.5 if squares else 0.9) * last
             and fit.decrement**2 <= 1e-9 * fit.objective.size(fit.cost))
    step, rounding = _errors(fit, direction)
    if rounding > ROUNDING_ERROR and fit.determined < INDEPENDENT and fit.finer is not None:
        direction, noise = _in_finer_variables(fit, direction), False
        step, rounding = _errors(fit, direction)
    # What a step leaves falls as the steps did, or as their square with the Hessian itself; hardly more, as the first
    # steps with an inexact one may have fallen more than the next ones will.
    rate = min(1.0, fit.decrement / last) if 0 < last < numpy.inf else 1.0
    if not noise:
        step *= max(rate**2, 1e-3) if squares else max(rate, 0.03) / max(1 - rate, 0.05)
    is_handed_over = squares and is_handed_over and fit.determined > 0
    fit.error = numpy.inf
    if not (noise or is_handed_over or step <= most):
        return direction, False
    # what bounds it takes longer than all of this
    change = _change(fit)
    if is_handed_over:
        # the steps of another method say nothing about these; the decrement that this step leaves is at most about half
        # the product of its own and the change, and bounds each weight's error in standard errors
        step = min(step, fit.decrement * change / ZERO)
    ends = change <= NEAR and (noise or step <= most)
    if not ends and noise and fit.decrement > 0.9 * last and fit.finer is not None and not fit.objective.is_white:
        # rounding may hide less there
        return _in_finer_variables(fit, direction), False
    if ends:
        fit.error = max(step, rounding)
    return direction, ends


def _is_near(fit):
    # Whether the minimum is so near that the curvature there is that of here.
    return _change(fit) <= NEAR


def _change(fit):
    # What the steps to the minimum change in the log-odds at most, infinite if more than NEAR. The cost is
    # self-concordant, and the decrement times the longest row is a bound. Rounding of the gradient, which may hide it or
    # even all of it, counts as if it were one. Where the Hessian is singular, nothing is near, and further steps would
    # not help.
    reaches = fit.objective.reaches(fit.hessian, fit.free)
    if fit.determined == 0:
        return 0.0
    noises, noise = fit.objective.noises(fit.weights, fit.cost, fit.hessian), numpy.inf
    for reach in reaches:
        noise = next(noises, noise)
        change = (fit.decrement + noise / numpy.sqrt(fit.determined)) * reach
        if change <= NEAR:
            return change
    return numpy.inf


def _errors(fit, direction):
    # The largest step and the largest error by rounding, relative to the weights.
    hessian = fit.hessian
    if not fit.free.all():
        hessian = numpy.where(numpy.outer(fit.free, fit.free), hessian, numpy.eye(len(hessian)))
    try:
        weights, errors, step, rounding = fit.objective.accuracy(fit.weights, direction, hessian)
    except numpy.linalg.LinAlgError:
        return numpy.inf, numpy.inf
    size = numpy.maximum(abs(weights), ZERO * errors)
    largest = float((step / size).max()), float((rounding / size).max())
    return largest if numpy.isfinite(largest).all() else (numpy.inf, numpy.inf)


def line_search(fit, direction, curved, leaps=False):
    r"""
    Move to the point after the longest of the steps 1, 1/2, 1/4, ... that descends enough, and return whether there is one.

    It does not overshoot so far that the cost rises there as steeply as it fell here.
    """
    slope = float(inner(fit.gradient, direction))
    if not slope < 0:
        return False
    step, size = 1.0, fit.objective.size(fit.cost)
    for _ in range(100):
        there = fit.weights + step * direction
        with numpy.errstate(over='ignore', invalid='ignore'):
            new = fit.objective.terms(there, curved)
        gradient = numpy.where(fit.free, new[1], 0.0)
        ahead = inner(gradient, direction)
        # where the fall of the cost is lost in rounding, the gradient decides
        if ((new[0] <= fit.cost + 1e-4 * step * slope and ahead <= -0.9 * slope)
                or (-slope <= 1e-9 * size and abs(gradient).max() < abs(fit.gradient).max())):
            if leaps and step == 1 and ahead < PLATEAU_SLOPE * slope:
                there, new = _leap(fit, direction, there, new)
            start, before, decrement = fit.weights, fit.gradient, fit.decrement
            fit.move(fit.objective, there, new)
            if curved and not fit.objective.exact_hessian:
                _correct(fit, there - start, fit.gradient - before, decrement)
            return True
        if step < 1e-3 and -slope <= 1e-16 * size:
            return False
        step /= 2
    return False


def _correct(fit, step, change, decrement):
    # Adds to the Hessian what it lacks, as the changes of the gradient show, by the formula of BFGS for the last short step
    # and those before it. Without the Hessian itself, steps get shorter faster and faster only with this.
    hessian, before, fit.correction = fit.hessian, fit.hessian + fit.correction, 0.0
    image = before @ step
    # where the gradient is only rounding, its change is no curvature
    if not (decrement < SHORT and image @ step > 0 and 0.1 < (change @ step) / (image @ step) < 10):
        return
    corrected = before - numpy.outer(image, image) / (image @ step) + numpy.outer(change, change) / (change @ step)
    try:
        numpy.linalg.cholesky(corrected)
    except numpy.linalg.LinAlgError:
        return
    fit.hessian, fit.correction = corrected, corrected - hessian


def _leap(fit, direction, there, new):
    # The farthest of the points after 1, 2, 4, ... steps to which the cost falls, and its terms.
    for power in range(1, 100):
        ahead = fit.weights + 2.0**power * direction
        with numpy.errstate(over='ignore', invalid='ignore'):
            terms = fit.objective.terms(ahead)
        if not (terms[0] <= new[0] and numpy.where(fit.free, terms[1], 0.0) @ direction < 0):
            break
        there, new = ahead, terms
    return there, new
