r"""
Truncated Newton: steps by conjugate gradients, which need only products of the Hessian with vectors

For sparse designs of so many columns that a Hessian could be neither kept nor factored.

EXAMPLES::

    sage: from scipy.sparse import csr_matrix
    sage: from sage_logreg.dataset.dataset import Dataset
    sage: from sage_logreg.solvers.truncated import SparseLikelihood, minimize
    sage: import numpy
    sage: points = csr_matrix([[0.0], [1.0], [2.0], [3.0]])
    sage: data = Dataset(points, numpy.array([0.0, 1.0, 0.0, 1.0]), ('x1',))
    sage: likelihood = SparseLikelihood(data, 1.0r)
    sage: fit = minimize(likelihood, likelihood.start(), 1e-10r)
    sage: fit.converged, fit.weights  # abs tol 1e-8
    (True, array([-0.6793129 ,  0.45287526]))

ALGORITHM:

1. Newton's equation `H d = -g` is solved by the method of conjugate gradients, preconditioned by the diagonal of `H` and,
   with a penalty, its part for the fullest columns (:mod:`~sage_logreg.solvers.preconditioner`), up to a residual that
   is a part `\eta` of the gradient, `\eta` by the second choice of Eisenstat and Walker [EW1996]_: the nearer the minimum,
   the closer [NW2006]_, algorithm 7.1.
2. The step is halved until the cost falls by the fraction that Armijo's condition requires.
3. Stop when the weights have their digits. With a penalty `\lambda` the slopes of the cost in all but the bias rise by
   `\lambda` at least, wherever the bias goes along, so that the slopes' weights are no farther from the minimum than
   `(|g| + R |g_0|)/\lambda`, `R` the length of the longest row. Without a penalty, or with one so small that rounding
   keeps the gradient larger than that, the smallest eigenvalue that the conjugate gradients met takes its place:
   an estimate of the error and no bound.

REFERENCES:

.. [EW1996] \S. C. Eisenstat and H. F. Walker, *Choosing the forcing terms in an inexact Newton method*, SIAM Journal on
   Scientific Computing 17 (1996), no. 1, 16-32.

.. [NW2006] \J. Nocedal and S. J. Wright, *Numerical Optimization*, second edition, Springer, 2006, chapter 7.
"""
import functools

import numpy

from sage_logreg.cost.sparse import SparseCost
from sage_logreg.solvers.newton import KEPT, LARGEST_ERROR, LONG_STEP, STEP_ERROR, ZERO, Fit
from sage_logreg.solvers.preconditioner import FullColumns, Preconditioner
from sage_logreg.solvers.records import Record, Training
from sage_logreg.support.arguments import listed

MOST_STEPS, MOST_PRODUCTS = 100, 1000
# how closely the first step is solved, and any at the most; what is left of the error that the weights may have
FIRST_FORCING, CLOSEST, LEFT = 0.1, 1e-10, 0.5
# log-odds that are positive, whatever rounding has done
SURELY = 1e-3
# the part of the gradient that is left after a step, above which rounding keeps it from falling further
STALLED = 0.5
# what is said of data without a penalty
UNDECIDED = ('it is not decided whether an estimate exists, for which the sparse data are too large; set a penalty l2, with which it '
             'does')
SEPARATED = ('the classes are separated completely, so that there is no estimate: the weights would grow without end; set a penalty '
             'l2')


class SparseLikelihood:
    r"""
    The summed negative log-likelihood of sparse data, with its penalty, in the units of the data.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` with a sparse design
    - ``l2`` -- (default: 0) float

    EXAMPLES: see :mod:`sage_logreg.solvers.truncated`.
    """

    def __init__(self, data, l2=0.0):
        self.data, self.l2, self.total, self.parts = data, l2, data.total(), data.design.parts
        self.is_bounded = bool(l2)
        self.cost = SparseCost(data.design.points, data.labels, data.weights, data.offset, data.design.intercept)
        self.penalty = numpy.full(data.design.count, float(l2))
        self.parts(self.penalty)[0][:] = 0.0

    def terms(self, weights, curved=True):
        r"""
        Return the summed cost, its gradient and the diagonal of its Hessian (``None`` unless ``curved``).
        """
        cost, gradient, diagonal = self.cost.terms(weights, curved)
        if not self.l2:
            return cost, gradient, diagonal
        penalised = self.penalty * weights
        return cost + _dot(penalised, weights) / 2, gradient + penalised, diagonal + self.penalty if curved else None

    def hessian_product(self, vector):
        r"""
        Return the Hessian at the weights of the last :meth:`terms`, times a vector.
        """
        product = self.cost.hessian_product(vector)
        return product + self.penalty * vector if self.l2 else product

    def preconditioner(self, diagonal):
        r"""
        Return a matrix near the Hessian at the weights of the last :meth:`terms`, which has this diagonal.
        """
        # without a penalty the diagonal says most of what is known of the estimate's existence
        return Preconditioner(diagonal, self._full_columns if self.l2 else None, self.cost.curvature)

    @functools.cached_property
    def _full_columns(self):
        return FullColumns(self.data.design)

    def start(self):
        r"""
        Return weights that are zero but for the bias, if there is one, which fits the frequencies of the labels.
        """
        weights = numpy.zeros(self.data.design.count)
        if self.data.design.intercept:
            ones, zeros = (float(self.cost.frequency[self.data.labels == label].sum()) for label in (1, 0))
            weights[0] = numpy.log(ones) - numpy.log(zeros) - numpy.median(self.cost.offset)
        return weights

    def better_start(self, weights):
        r"""
        Return weights if they are better than a bias alone, else ``None``.
        """
        with numpy.errstate(over='ignore', invalid='ignore'):
            return weights if self.terms(weights, False)[0] < self.terms(self.start(), False)[0] else None

    def distance_bound(self, weights, gradient, diagonal):
        r"""
        Return a bound on the distance of any weight from the minimum, relative to itself, or to ``ZERO`` standard errors.

        A weight's standard error is at least the inverse of the root of its entry of the Hessian's diagonal.
        """
        if not self.l2:
            return numpy.inf
        bias, slopes = self.parts(gradient)
        longest = numpy.sqrt(self.data.design.squared_rows().max())
        distance = (numpy.sqrt(_dot(slopes, slopes)) + longest * abs(bias).sum()) / self.l2
        changes = numpy.concatenate([abs(bias) / self.parts(diagonal)[0] + longest * distance, numpy.full(len(slopes), distance)])
        return float((changes / _sizes(weights, diagonal)).max())

    def is_minimum(self, weights):
        r"""
        Return whether weights are known to have 8 correct digits.
        """
        return self.distance_bound(weights, *self.terms(weights)[1:]) <= LARGEST_ERROR

    def training(self, fit, options):
        r"""
        Return the :class:`~sage_logreg.solvers.records.Training` of a :class:`~sage_logreg.solvers.newton.Fit`.
        """
        message, converged = None, fit.converged
        if not fit.stopped and not converged:
            what = f'the largest entry of the gradient is {fit.largest:.3g}'
            message = f'not converged after {fit.steps} steps, ' + (
                f'{what}, above tol={options["tol"]:g}' if fit.largest > options['tol'] else
                f'{what}, but the weights are not known to 8 digits')
        if not fit.stopped and not self.l2 and not self._seems_to_exist(fit):
            converged, message = False, UNDECIDED
        return Training(fit.weights, fit.history, fit.steps, converged, 'maximum_likelihood', options, solver=fit.solver, message=message)

    def _seems_to_exist(self, fit):
        # As :func:`~sage_logreg.solvers.likelihood.surely_exists`, with the eigenvalue that the conjugate gradients met.
        design, (bias, slopes) = self.data.design, self.parts(1 / fit.hessian)
        longest = max(float((design.points[rows].power(2) @ slopes).max()) for rows in design.blocks()) + bias.sum()
        return bool(fit.decrement * numpy.sqrt(longest / fit.determined) < 0.01)

    def check(self, weights):
        r"""
        Raise an error if there is no estimate, as a column is empty or weights separate the classes, where no penalty is.
        """
        if self.l2:
            return
        check_filled(self.data.design)
        sides = (2 * self.data.labels - 1) * self.data.log_odds(weights)
        if (sides[self.cost.frequency > 0] > SURELY).all():
            raise ValueError(SEPARATED)


def check_filled(design):
    r"""
    Raise an error if columns of sparse points are empty.
    """
    names = [design.variables[j] for j in numpy.flatnonzero(design.squared_columns() == 0)]
    if names:
        raise ValueError(f'the column{"s" * (len(names) > 1)} {listed(names)} {"are" if len(names) > 1 else "is"} zero, so that '
                         'nothing is known of the weight; leave it out, or set a penalty l2')


def _sizes(weights, diagonal):
    # what the error of a weight is relative to
    with numpy.errstate(divide='ignore'):
        return numpy.maximum(abs(weights), ZERO / numpy.sqrt(diagonal))


def minimize(likelihood, start, tol, stops=None, fit=None, most_steps=MOST_STEPS, step_error=KEPT * STEP_ERROR):
    r"""
    Return the :class:`~sage_logreg.solvers.newton.Fit` that minimises a :class:`SparseLikelihood`.

    INPUT:

    - ``likelihood``, ``start`` -- the objective, and float64 weights
    - ``tol`` -- float; bound for the gradient of the mean, each entry relative to the root of its column's mean square
    - ``stops``, ``fit``, ``most_steps``, ``step_error`` -- as for :func:`sage_logreg.solvers.newton.minimize`

    ALGORITHM: see :mod:`sage_logreg.solvers.truncated`.
    """
    fit, forcing, before = fit or Fit(), FIRST_FORCING, numpy.inf
    units = likelihood.total * numpy.concatenate([numpy.ones(int(likelihood.data.design.intercept)), likelihood.data.design.deviations])
    likelihood.check(start)
    fit.objective, fit.weights, fit.determined = likelihood, start, 1.0
    # of the Hessian there is the diagonal only
    fit.cost, fit.gradient, fit.hessian = likelihood.terms(start)
    for fit.steps in range(most_steps):
        fit.history.append(Record(fit.steps, fit.cost / likelihood.total, fit.weights))
        if stops is not None and stops(*fit.history[-1]):
            fit.stopped = True
            return fit
        # 3. stop
        fit.largest = float(abs(fit.gradient / units).max())
        size = _preconditioned_norm(fit.gradient, fit.hessian)
        fit.error = likelihood.distance_bound(fit.weights, fit.gradient, fit.hessian)
        if fit.largest <= tol and fit.error <= step_error:
            fit.converged = True
            return fit
        if fit.largest <= tol and (size > STALLED * before or not likelihood.l2) or not numpy.isfinite(size):
            break
        # 1. the direction
        if fit.steps:
            # no closer than the weights' digits need
            needed = LEFT * step_error / fit.error if likelihood.l2 else CLOSEST
            forcing = min(FIRST_FORCING, max(CLOSEST, needed, (size / before)**2))
        near = likelihood.preconditioner(fit.hessian)
        direction, smallest = conjugate_gradients(likelihood.hessian_product, -fit.gradient, near.solve, forcing)
        fit.determined = smallest * near.least
        direction *= min(1.0, LONG_STEP * max(1.0, abs(fit.weights).max()) / max(abs(direction).max(), 1e-300))
        # 2. the line search
        before = size
        moved = _line_search(likelihood, fit, direction)
        if moved is None:
            break
        fit.weights, (fit.cost, fit.gradient, fit.hessian) = moved
        if fit.cost < likelihood.total / 10:
            likelihood.check(fit.weights)
    _judge(fit, tol)
    return fit


def _judge(fit, tol):
    # Whether the weights have their digits where the gradient falls no further, by the smallest eigenvalue that was met.
    size = _preconditioned_norm(fit.gradient, fit.hessian)
    with numpy.errstate(all='ignore'):
        fit.decrement = size / numpy.sqrt(fit.determined)
        fit.error = float((size / fit.determined / numpy.sqrt(fit.hessian) / _sizes(fit.weights, fit.hessian)).max())
    fit.converged = bool(fit.largest <= tol and fit.error <= LARGEST_ERROR)


def _preconditioned_norm(gradient, diagonal):
    with numpy.errstate(all='ignore'):
        return float(numpy.sqrt((gradient**2 / diagonal).sum()))


def _dot(one, other):
    # not by BLAS, whose threads wait for each other longer than so few products take, and change the order of the sum
    return float(numpy.einsum('i,i', one, other))


def conjugate_gradients(product, right, precondition, forcing, most=MOST_PRODUCTS):
    r"""
    Return a solution of `A x = b`, and the smallest eigenvalue that was met of `M^{-1} A`, `M` the preconditioner.

    INPUT:

    - ``product`` -- function of a vector, `A` times it; symmetric and positive definite
    - ``right`` -- float64 array, `b`
    - ``precondition`` -- function of a vector, `M^{-1}` times it
    - ``forcing`` -- the part of `b` that may be left as residual, both in the norm of `M^{-1}`
    - ``most`` -- (default: 1000) most products

    EXAMPLES::

        sage: from sage_logreg.solvers.truncated import conjugate_gradients
        sage: import numpy
        sage: A = numpy.array([[2.0, 1.0], [1.0, 2.0]])
        sage: conjugate_gradients(A.dot, numpy.array([3.0, 0.0]), lambda b: b / 2, 1e-12r)  # abs tol 1e-10
        (array([ 2., -1.]), 0.5)
    """
    solution, residual = numpy.zeros_like(right), right.copy()
    direction = scaled = precondition(residual)
    square = first = _dot(residual, scaled)
    lengths, ratios = [], []
    for _ in range(most):
        if not square > forcing**2 * first:
            break
        image = product(direction)
        curvature = _dot(direction, image)
        if not curvature > 0:
            # only by rounding, or where weights are infinite
            break
        lengths.append(square / curvature)
        solution += lengths[-1] * direction
        residual -= lengths[-1] * image
        scaled = precondition(residual)
        square, before = _dot(residual, scaled), square
        ratios.append(square / before)
        direction = scaled + ratios[-1] * direction
    return solution, _smallest_eigenvalue(lengths, ratios)


def _smallest_eigenvalue(lengths, ratios):
    # That of Lanczos' tridiagonal matrix, whose entries the conjugate gradients compute on their way.
    if not lengths:
        return 1.0
    from scipy.linalg import eigvalsh_tridiagonal
    lengths, ratios = numpy.array(lengths), numpy.array(ratios[:-1])
    main = 1 / lengths
    main[1:] += ratios / lengths[:-1]
    return float(eigvalsh_tridiagonal(main, numpy.sqrt(ratios) / lengths[:-1], select='i', select_range=(0, 0))[0])


def _line_search(likelihood, fit, direction):
    # The point after the longest of the steps 1, 1/2, 1/4, ... that descends enough, and its terms; None if there is none.
    slope = _dot(fit.gradient, direction)
    if not slope < 0:
        return None
    step = 1.0
    for _ in range(60):
        there = fit.weights + step * direction
        with numpy.errstate(over='ignore', invalid='ignore'):
            new = likelihood.terms(there)
        # where the fall of the cost is lost in rounding, the gradient decides
        if (new[0] <= fit.cost + 1e-4 * step * slope
                or -slope <= 1e-9 * abs(fit.cost) and _preconditioned_norm(*new[1:]) < _preconditioned_norm(fit.gradient, fit.hessian)):
            return there, new
        step /= 2
    return None
