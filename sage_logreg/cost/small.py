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
    # log(1 + e^z), 1/(1 + e^-z), e^-|z| and 1 + e^-|z|
    e = numpy.exp(-abs(z))
    whole = 1.0 + e
    return numpy.maximum(z, 0.0) + numpy.log1p(e), numpy.where(z >= 0.0, 1.0, e) / whole, e, whole


def small_terms(points, labels, weights, penalty=None, frequency=1.0, offset=0.0, derived=True):
    r"""
    Return the numbers of :func:`sage_logreg.cost.graphs.cost_and_gradient`; ``None`` for the gradient if it is not wanted.
    """
    m, n = points.shape
    first = len(weights) - n
    slopes = weights[first:]
    with numpy.errstate(all='ignore'):
        z = points @ slopes + (weights[:first].sum() + offset)
        losses, h, _, _ = _losses(z)
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


def small_newton(points, labels, count, frequency, offset, center, scale):
    r"""
    Return a function of ``count`` weights and of ``curved``, which has the numbers of :func:`sage_logreg.cost.graphs.newton_terms`.
    """
    rows = numpy.ones((len(points), count))
    with numpy.errstate(all='ignore'):
        rows[:, count - points.shape[1]:] = (points - center) * (1.0 / scale)
    # changing the sign turns label 1 into label 0, so that nothing cancels where the log-odds are large
    sign = 1.0 - 2.0 * labels
    signed = sign * frequency

    def terms(weights, curved=True):
        with numpy.errstate(all='ignore'):
            losses, h, e, whole = _losses(sign * (rows @ weights + offset))
            cost, gradient = float(frequency @ losses), (signed * h) @ rows
            if not curved:
                return cost, gradient, numpy.zeros((count, count))
            return cost, gradient, (rows.T * (frequency * (e / whole) / whole)) @ rows
    return terms
