r"""
Truncated Newton for more than two classes of many columns: steps by conjugate gradients

EXAMPLES::

    sage: from sage_logreg import penguins
    sage: from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
    sage: from sage_logreg.solvers.softmax_newton import minimize
    sage: likelihood = SoftmaxLikelihood(penguins(label='species', variables='bill_length_mm, body_mass_g'), 1.0r)
    sage: fit = minimize(likelihood, likelihood.bias(), 1e-10r)
    sage: fit.converged, bool(fit.largest < 1e-10)
    (True, True)

ALGORITHM:

1. Newton's equation `H d = -g` is solved by conjugate gradients, up to a part `\eta` of the gradient, the square of the part
   that the last step left [EW1996]_. A product of `H` with a vector takes one pass over the rows, as a gradient does.
2. The preconditioner has the Hessian of each class, as if the others' weights were fixed: one matrix of n + 1 rows a class, of
   some of the rows, as a Cholesky factor in single precision (:mod:`~sage_logreg.solvers.curvature`). In contrasts of the
   classes it is `Q^T \operatorname{diag}(H_1^{-1}, ..., H_K^{-1}) Q`. It is made anew, at first in place of
   a diagonal, when the products since took longer than that would.
3. Stop when the decrement `\sqrt{g^T H^{-1} g}`, which bounds the error of each weight in its standard errors, is as small as
   the digits need. It is taken from the preconditioner and the smallest eigenvalue that the conjugate gradients met: an
   estimate of the bound.

REFERENCES:

.. [EW1996] \S. C. Eisenstat and H. F. Walker, *Choosing the forcing terms in an inexact Newton method*, SIAM Journal on
   Scientific Computing 17 (1996), no. 1, 16-32.
"""
import math

import numpy

from sage_logreg.solvers.curvature import ByClasses, ByColumns
from sage_logreg.solvers.newton import LARGEST_ERROR, ZERO, Fit, line_search
from sage_logreg.solvers.records import Record
from sage_logreg.solvers.softmax_likelihood import complements
from sage_logreg.solvers.softmax_sparse import SparseCurvature
from sage_logreg.solvers.truncated import conjugate_gradients
from sage_logreg.support.cores import one_blas_thread

MOST_STEPS, FIRST_FORCING, CLOSEST = 100, 0.1, 1e-8
# what a step leaves of the error and of the gradient that there may be
LEFT = 0.1
# rows of the preconditioner's matrices, for each column
ROWS_A_COLUMN = 8


class ClassCurvature(ByClasses):
    r"""
    The Hessians of the weights of each class, without those of two, factorised.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.softmax_likelihood.SoftmaxLikelihood`
    - ``v`` -- float64 array of weights

    ``determined`` is the least part of a variable's curvature that is its own, 0 where a Hessian is singular.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_newton`.
    """

    def __init__(self, likelihood, v):
        every = _every(likelihood)
        # as many times the curvatures are beside the whole penalty
        sample = likelihood.of_rows(likelihood.data.take(slice(None, None, every)), likelihood.l2)
        probabilities = sample.probabilities(v)
        curvatures = every * sample.frequency[:, None] * probabilities * complements(probabilities)
        classes = [ByColumns(sample, None, numpy.ascontiguousarray(of_class)) for of_class in curvatures.T]
        super().__init__(likelihood, classes)
        self.determined = min(of_class.determined for of_class in classes)


class Diagonal:
    r"""
    About the diagonal of the Hessian: to each scaled column belongs the sum of the curvatures where all classes are as probable.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_newton`.
    """

    determined = 1.0

    def __init__(self, likelihood):
        self._inverse = 1 / (likelihood.total / likelihood.classes + likelihood.penalty)

    def solve(self, gradient):
        r"""
        Return the inverse times a vector.
        """
        return self._inverse * gradient


def _every(likelihood):
    # The preconditioner's matrices are of every so many rows.
    return max(1, len(likelihood.data) // (ROWS_A_COLUMN * likelihood.count))


def _price(likelihood):
    # About how many products ClassCurvature costs.
    count, rows = likelihood.count, len(likelihood.data)
    if likelihood.data.design.is_sparse:
        return 1
    return 1 + count * (rows // _every(likelihood) + count) / (20 * rows)


def minimize(likelihood, start, tol, stops=None, fit=None):
    r"""
    Return the :class:`~sage_logreg.solvers.newton.Fit`, ``converged`` if the weights are known to have their digits.

    INPUT: as for :func:`~sage_logreg.solvers.newton.minimize`

    ALGORITHM: see :mod:`sage_logreg.solvers.softmax_newton`.
    """
    with one_blas_thread():
        return _minimize(likelihood, start, tol, stops, fit or Fit())


def _minimize(likelihood, start, tol, stops, fit):
    is_sparse = likelihood.data.design.is_sparse
    curvature, near = (SparseCurvature, SparseCurvature(likelihood, start)) if is_sparse else (ClassCurvature, Diagonal(likelihood))
    fit.free, before = numpy.ones(len(start), dtype=bool), math.inf
    fit.move(likelihood, start, likelihood.terms(start, False))
    # no eigenvalue has been met
    fit.determined, spent, price = 0.0, 0, _price(likelihood)
    for fit.steps in range(MOST_STEPS):
        fit.history.append(Record(fit.steps, fit.cost / likelihood.total, likelihood.to_user(fit.weights)))
        if stops is not None and stops(*fit.history[-1]):
            fit.stopped = True
            return fit
        # 3. stop
        _judge(fit, near, tol)
        if fit.converged:
            return fit
        # 2. the preconditioner
        if spent >= price:
            near, spent = curvature(likelihood, fit.weights), 0
        if not (near.determined > 0 and numpy.isfinite(fit.gradient).all()):
            return fit
        # 1. the direction
        forcing = FIRST_FORCING
        if fit.steps > 1:
            # no closer than the gradient and the weights' digits need
            needed = LEFT * min(tol / fit.largest, LARGEST_ERROR / fit.error) if fit.largest > 0 else CLOSEST
            forcing = min(FIRST_FORCING, max(CLOSEST, needed, (fit.largest / before)**2))
        product = Counted(likelihood.hessian(fit.weights))
        direction, fit.determined = conjugate_gradients(product, -fit.gradient, near.solve, forcing)
        before, spent = fit.largest, spent + product.count
        if not line_search(fit, direction, False):
            break
        if is_sparse and fit.cost < likelihood.total / 10:
            likelihood.check(fit.weights)
    return fit


class Counted:
    r"""
    A function that counts how often it is called.
    """

    def __init__(self, function):
        self.function, self.count = function, 0

    def __call__(self, vector):
        self.count += 1
        return self.function(vector)


def _judge(fit, near, tol):
    # Whether the weights have their digits, by the preconditioner with which the last direction was found.
    with numpy.errstate(all='ignore'):
        fit.decrement = float(numpy.sqrt(fit.gradient @ near.solve(fit.gradient) / numpy.float64(fit.determined)))
        fit.error = max(fit.decrement / ZERO, fit.objective.rounding_of_biases(fit.weights))
    fit.converged = bool(fit.largest <= tol and fit.error <= LARGEST_ERROR)


def is_minimum(likelihood, v):
    r"""
    Return whether the weights ``v`` have their digits, with a penalty.

    EXAMPLES::

        sage: from sage_logreg import penguins
        sage: from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
        sage: from sage_logreg.solvers.softmax_newton import is_minimum, minimize
        sage: likelihood = SoftmaxLikelihood(penguins(label='species', variables='bill_length_mm, body_mass_g'), 1.0r)
        sage: v = minimize(likelihood, likelihood.bias(), 1e-10r).weights
        sage: is_minimum(likelihood, v), is_minimum(likelihood, 1.000001r * v)
        (True, False)
    """
    fit, near = Fit(), ClassCurvature(likelihood, v)
    if not (likelihood.is_bounded and near.determined > 0):
        return False
    fit.free = numpy.ones(len(v), dtype=bool)
    fit.move(likelihood, v, likelihood.terms(v, False))
    fit.determined = conjugate_gradients(likelihood.hessian(v), -fit.gradient, near.solve, FIRST_FORCING)[1]
    _judge(fit, near, numpy.inf)
    return fit.converged
