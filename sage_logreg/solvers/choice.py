r"""
Which method finds the minimum of a likelihood: the choice by its shape

================================================  ========================================================================
rows and columns                                  method
================================================  ========================================================================
in chunks                                         Newton, from the estimate of a sample of the rows
sparse                                            truncated Newton, each step by conjugate gradients
                                                  (:mod:`~sage_logreg.solvers.truncated`, of more than two classes
                                                  :mod:`~sage_logreg.solvers.softmax_sparse`)
more than two classes, ``MANY_WEIGHTS`` weights   truncated Newton, preconditioned by the Hessian of each class
or more                                           (:mod:`~sage_logreg.solvers.softmax_newton`)
fewer than ``WIDE`` columns, or Firth's term,     Newton (:mod:`~sage_logreg.solvers.newton`); with many rows it
or more than two classes                          starts at the estimate of a sample of them
fewer rows than columns, with a penalty           Newton in the coordinates of the rows (:mod:`~sage_logreg.solvers.rows`),
                                                  then quasi-Newton steps in the weights
any other                                         quasi-Newton (:mod:`~sage_logreg.solvers.quasi_newton`): few Hessians,
                                                  in single precision
================================================  ========================================================================

Where the quasi-Newton method does not reach the digits that are wanted, and without a penalty, where the Hessian has to
say whether the estimate exists, Newton's method goes on from there.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.choice import minimize
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: minimize(Likelihood(ex2data1()), 1e-10r).solver
    'Newton'
"""
import numpy

from sage_logreg.solvers import newton, quasi_newton, rows, softmax_newton, truncated
from sage_logreg.solvers.curvature import ByColumns, ByRows, Diagonal, products_of_rows
from sage_logreg.solvers.likelihood import surely_exists
from sage_logreg.solvers.newton import Fit
from sage_logreg.solvers.softmax_whitening import WhitenedSoftmax
from sage_logreg.solvers.whitening import Whitened
from sage_logreg.support.cores import one_blas_thread

# columns from which on Hessians are so much more costly than gradients that few of them are computed
WIDE = 30
# weights of more than two classes from which on no Hessian is formed at first, and above which it never is
MANY_WEIGHTS, MOST_WEIGHTS = 300, 4000
# the decrement from which Newton's method needs one more Hessian
NEAR = 1e-7


def minimize(likelihood, tol, start=None, stops=None, fit=None):
    r"""
    Return the :class:`~sage_logreg.solvers.newton.Fit` by the method for the likelihood's shape; its ``solver`` says which.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.likelihood.Likelihood`
    - ``start`` -- (default: the method's own) float64 array of weights in its variables
    - ``tol``, ``stops``, ``fit`` -- as for :func:`~sage_logreg.solvers.newton.minimize`
    """
    fit, design = fit or Fit(), likelihood.data.design
    if likelihood.data.is_chunked:
        return _newton(likelihood, tol, start, stops, fit, Whitened if likelihood.data.classes == 2 else WhitenedSoftmax)
    if design.is_sparse and likelihood.data.classes > 2:
        fit.solver = 'truncated Newton, preconditioned by the diagonal of the Hessian of each class'
        start = likelihood.bias() if start is None else start
        likelihood.check(start)
        return softmax_newton.minimize(likelihood, start, tol, stops, fit)
    if design.is_sparse:
        fit.solver = 'truncated Newton, by conjugate gradients'
        return truncated.minimize(likelihood, likelihood.start() if start is None else start, tol, stops, fit)
    if likelihood.data.classes > 2:
        return _of_classes(likelihood, tol, start, stops, fit)
    if likelihood.bias_reduced or design.count < WIDE:
        return _newton(likelihood, tol, start, stops, fit)
    if likelihood.l2 and len(design) < design.width:
        return _by_rows(likelihood, tol, start, stops, fit)
    return _by_columns(likelihood, tol, start, stops, fit)


def _of_classes(likelihood, tol, start, stops, fit):
    size = len(likelihood.penalty)
    if size < MANY_WEIGHTS:
        return _newton(likelihood, tol, start, stops, fit, WhitenedSoftmax)
    fit.solver = 'truncated Newton, preconditioned by the Hessian of each class'
    softmax_newton.minimize(likelihood, likelihood.bias() if start is None else start, tol, stops, fit)
    if fit.stopped or fit.converged and likelihood.is_bounded:
        return fit
    if fit.converged and likelihood.count <= MOST_WEIGHTS:
        # which says whether the estimate exists, nearly always
        fit.hessian = likelihood.least_information(fit.weights)
        if surely_exists(likelihood, fit):
            return fit
        fit.hessian = None
    if size > MOST_WEIGHTS:
        return fit
    if fit.converged:
        fit.hessian = likelihood.terms(fit.weights)[2]
        return fit
    return _ended(fit, tol, stops, WhitenedSoftmax)


def _newton(likelihood, tol, start, stops, fit, finer=Whitened):
    fit.solver, hessian = 'Newton', None
    if start is None:
        start, hessian = likelihood.start()
        if hessian is not None:
            fit.solver = 'Newton, from the estimate of a sample of the rows'
    return newton.minimize(likelihood, start, tol, stops, hessian=hessian if likelihood.keeps_hessian else None, fit=fit,
                           finer=finer)


def _by_rows(likelihood, tol, start, stops, fit):
    fit.solver = f'Newton in the {len(likelihood.data)} coordinates of the rows, then quasi-Newton'
    with one_blas_thread():
        products = products_of_rows(likelihood)
        if start is None:
            start = rows.minimize(likelihood, products)

        def curvature(objective, v):
            return ByRows(objective, v, products)
        quasi_newton.minimize(likelihood, start, curvature(likelihood, start), curvature, tol, stops, fit)
        return _ended(fit, tol, stops)


def _by_columns(likelihood, tol, start, stops, fit):
    fit.solver = 'quasi-Newton'
    start = likelihood.bias() if start is None else start
    enough = quasi_newton.ENOUGH if likelihood.is_bounded else NEAR
    with one_blas_thread():
        quasi_newton.minimize(likelihood, start, Diagonal(likelihood), ByColumns, tol, stops, fit, enough)
        return _ended(fit, tol, stops)


def _ended(fit, tol, stops, finer=Whitened):
    # The fit, after Newton's steps where the minimum is not found yet or may not exist.
    if fit.stopped or fit.converged and fit.objective.is_bounded:
        return fit
    fit.solver += ', then Newton'
    start = fit.weights if numpy.isfinite(fit.cost) else fit.objective.bias()
    return newton.minimize(fit.objective, start, tol, stops, fit=fit, finer=finer)
