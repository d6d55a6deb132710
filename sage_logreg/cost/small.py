r"""
Small tables: the logistic cost and its derivatives in plain NumPy

A table of some hundred rows takes NumPy as long as a call of a compiled function, and there is nothing to compile first.

EXAMPLES::

    sage: from sage_logreg.cost.small import small_terms
    sage: import numpy
    sage: points, labels = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0])
    sage: small_terms(points, labels, numpy.zeros(2))[1]
    array([ 0.  , -0.25])
"""
import numpy

# Most entries of such a table; BLAS multiplies it by one core
SMALL = 1 << 12


def _losses(z):
    # log(1 + e^z), 1/(1 + e^-z) and e^-|z|
    e = numpy.exp(-abs(z))
    return numpy.maximum(z, 0.0) + numpy.log1p(e), numpy.where(z >= 0.0, 1.0, e) / (1.0 + e), e


def small_terms(points, labels, weights, penalty=None, frequency=1.0, offset=0.0, derived=True):
    r"""
    Return the numbers of :func:`sage_logreg.cost.graphs.cost_and_gradient`; ``None`` for the gradient if it is not wanted.
    """
    m, n = points.shape
    first = len(weights) - n
    slopes = weights[first:]
    with numpy.errstate(all='ignore'):
        z = points @ slopes + (weights[:first].sum() + offset)
        losses, h, _ = _losses(z)
        cost = (frequency * (losses - labels * z)).sum() / m
        if penalty is not None:
            # with a penalty of zero, the square of a large weight must not count
            slopes = numpy.where(penalty == 0.0, 0.0, slopes)
            cost += penalty @ slopes**2 / 2
        if not derived:
            return float(cost), None
        residual, gradient = frequency * (h - labels), numpy.empty(len(weights))
        gradient[:first] = residual.sum() / m
        gradient[first:] = residual @ points / m
        if penalty is not None:
            gradient[first:] += penalty * slopes
    return float(cost), gradient


def small_newton_terms(points, labels, weights, frequency, offset, center, scale, curved):
    r"""
    Return the numbers of :func:`sage_logreg.cost.graphs.newton_terms`.
    """
    m, n = points.shape
    first = len(weights) - n
    rows = numpy.ones((m, len(weights)))
    with numpy.errstate(all='ignore'):
        rows[:, first:] = (points - center) * (1.0 / scale)
        # changing the sign turns label 1 into label 0, so that nothing cancels where the log-odds are large
        sign = 1.0 - 2.0 * labels
        losses, h, e = _losses(sign * (rows @ weights + offset))
        cost, gradient = frequency @ losses, (sign * frequency * h) @ rows
        if not curved:
            return float(cost), gradient, numpy.zeros((len(weights), len(weights)))
        return float(cost), gradient, (rows.T * (frequency * (e / (1.0 + e)) / (1.0 + e))) @ rows
