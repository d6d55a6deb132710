r"""
The negative log-likelihood with its penalty, an objective of Newton's method

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: import numpy
    sage: cost, gradient, hessian = Likelihood(ex2data1()).terms(numpy.zeros(3))
    sage: float(cost)  # abs tol 1e-12
    69.31471805599453
    sage: hessian.shape
    (3, 3)
"""
import numpy

from sage_logreg.dataset.design import Design
from sage_logreg.solvers.newton import minimize
from sage_logreg.solvers.records import Training
from sage_logreg.support.arguments import listed

# Rows used to scale the columns, and rows of the sample that a fit to more than MANY rows starts with
SAMPLE = 25000
MANY = 4 * SAMPLE


class Likelihood:
    r"""
    The summed negative log-likelihood, with its penalty, in scaled variables.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, with the weights and the offset of its rows
    - ``l2`` -- (default: 0) float
    - ``bias_reduced`` -- (default: ``False``) whether Firth's term is included
    - ``scaling`` -- (default: from the data) a pair of arrays, center and scale of the columns

    EXAMPLES: see :mod:`sage_logreg.solvers.likelihood`.
    """

    def __init__(self, data, l2=0.0, bias_reduced=False, scaling=None):
        self.data, self.l2, self.bias_reduced = data, l2, bias_reduced
        count = len(data)
        # views of a single number, which take no memory
        self.frequency = numpy.broadcast_to(1.0, count) if data.weights is None else data.weights
        self.offset = numpy.broadcast_to(0.0, count) if data.offset is None else data.offset
        self.total = data.total()
        self.center, self.scale = _scaling(data.design.points) if scaling is None else scaling
        # the penalty is on the weight in the data's units, the scaled weight divided by the scale
        with numpy.errstate(over='ignore'):
            penalty = numpy.minimum(l2 / self.scale / self.scale, 1e300) if l2 else 0.0 * self.scale
        self.penalty = numpy.concatenate([[0.0], penalty])
        # whether a penalty bounds the weights, whatever the points are
        self.is_bounded = bool(l2) or bias_reduced
        self.keeps_hessian = count > MANY and not bias_reduced
        self.exact_hessian = not bias_reduced
        # whether unscaled variables lose no digits, so that the cost of the descents can be used
        self._unscaled = (data.weights is None and data.offset is None and data.points.dtype == numpy.float64
                          and bool((abs(self.center) <= 4 * self.scale).all()))

    def with_scaling(self, center, scale):
        r"""
        Return the same likelihood with its columns scaled differently.
        """
        return Likelihood(self.data, self.l2, self.bias_reduced, (center, scale))

    def terms(self, v, curved=True):
        r"""
        Return the summed cost at the scaled weights ``v``, its gradient and its Hessian (if ``curved``).
        """
        from sage_logreg.cost.evaluation import evaluate, evaluate_newton
        points = self.data.design.points
        if not curved and self._unscaled:
            cost, gradient = evaluate(points, self.data.labels, self.to_user(v))
            cost, gradient, hessian = self.total * cost, self.total * (self.to_user_matrix().T @ gradient), None
        else:
            cost, gradient, hessian = evaluate_newton(points, self.data.labels, v, self.frequency, self.offset,
                                                      self.center, self.scale, curved)
        if self.bias_reduced:
            sign, logarithm = numpy.linalg.slogdet(hessian)
            if not sign > 0 or not numpy.isfinite(logarithm):
                return numpy.inf, gradient, hessian
            # in the units of the data the determinant has the squares of the scales as factors
            cost -= logarithm / 2 + numpy.log(self.scale).sum()
            gradient = gradient - self._firth(v, hessian)
        return (cost + self.penalty @ v**2 / 2, gradient + self.penalty * v,
                hessian + numpy.diag(self.penalty) if curved else None)

    def mean_cost(self, weights):
        r"""
        Return the mean cost and its gradient at weights in the units of the data.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.solvers.likelihood import Likelihood
            sage: import numpy
            sage: Likelihood(ex2data1()).mean_cost(numpy.zeros(3))[1]  # abs tol 1e-8
            array([ -0.1       , -12.00921659, -11.26284221])
        """
        cost, gradient, _ = self.terms(self.from_user(weights))
        slopes = gradient[0] * self.center + self.scale * gradient[1:]
        return cost / self.total, numpy.concatenate([gradient[:1], slopes]) / self.total

    def _firth(self, v, information):
        # The gradient of log det(information)/2: half of each leverage times the relative change of the curvature.
        from scipy.special import expit
        inverse, gradient = numpy.linalg.inv(information), numpy.zeros(len(v))
        for block in self.data.design.blocks():
            rows = self.data.design.scaled(block, self.center, self.scale)
            z = Design(rows[:, 1:]).log_odds(v) + self.offset[block]
            leverage = self.frequency[block] * expit(z) * expit(-z) * numpy.einsum('ij,jk,ik->i', rows, inverse, rows,
                                                                                   optimize=True)
            gradient += (leverage * (0.5 - expit(z))) @ rows
        return gradient

    def row_lengths(self):
        r"""
        Yield two bounds on the lengths of all rows (1, x) in scaled variables, the second a closer one.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.solvers.likelihood import Likelihood
            sage: list(Likelihood(ex2data1()).row_lengths())  # abs tol 0.01
            [3.32, 3.30]
        """
        low, high = self.data.design.extremes
        for low, high in ((low.min(), high.max()), (low, high)):
            with numpy.errstate(over='ignore'):
                far = numpy.maximum(high - self.center, self.center - low) / self.scale
                yield float(numpy.sqrt(1 + (far**2).sum()))

    def start(self):
        r"""
        Return scaled weights to start from, and the Hessian there or ``None``.

        The weights are zero but for the bias; with many points, the estimate from a sample of them.
        """
        v = self.bias()
        if not self.keeps_hessian:
            return v, None
        sample = Likelihood(self.data.take(_some_rows(len(self.data))), scaling=(self.center, self.scale))
        if not all(sample.frequency[sample.data.labels == label].any() for label in (0, 1)):
            return v, None
        share = sample.total / self.total
        sample.penalty = share * self.penalty
        fit = minimize(sample, v, 1e-3)
        return (fit.weights, fit.hessian / share) if fit.converged else (v, None)

    def better_start(self, weights):
        r"""
        Return weights, given in the units of the data, as scaled ones if better than a bias alone, else ``None``.
        """
        with numpy.errstate(over='ignore', invalid='ignore'):
            v = self.from_user(weights)
            return v if self.terms(v)[0] < self.terms(self.bias())[0] else None

    def bias(self):
        r"""
        Return scaled weights that are zero but for the bias, which fits the frequencies of the labels.
        """
        ones, zeros = (float(self.frequency[self.data.labels == label].sum()) for label in (1, 0))
        v = numpy.zeros(self.data.design.width + 1)
        v[0] = numpy.log(ones) - numpy.log(zeros) - (0.0 if self.data.offset is None else numpy.median(self.offset))
        return v

    def size(self, cost):
        r"""
        Return the size relative to which a change of the summed cost may be a rounding error.
        """
        # with bias_reduced the cost is a difference, and may be near zero; with many points the cost of the descents is
        # used as well, in which large log-odds cancel
        return max(abs(cost), 0.01 * self.total) if self.bias_reduced or self.keeps_hessian else abs(cost)

    def to_user(self, v):
        r"""
        Return the weights in the units of the data.
        """
        slopes = v[1:] / self.scale
        return numpy.concatenate([[v[0] - slopes @ self.center], slopes])

    def from_user(self, w):
        r"""
        Return the scaled weights.
        """
        return numpy.concatenate([[w[0] + w[1:] @ self.center], w[1:] * self.scale])

    def to_user_matrix(self):
        r"""
        Return the matrix of :meth:`to_user`.
        """
        matrix = numpy.diag(numpy.concatenate([[1.0], 1 / self.scale]))
        matrix[0, 1:] = -self.center / self.scale
        return matrix

    def training(self, fit, options):
        r"""
        Return the :class:`~sage_logreg.solvers.records.Training` of a :class:`~sage_logreg.solvers.newton.Fit`.
        """
        weights = self._weights_in_float64(fit)
        dependent = '' if fit.stopped or self.l2 else self._nearly_dependent(fit)
        converged, message = fit.converged and not dependent, None
        if not converged and not fit.stopped:
            reached = f'not converged after {fit.steps} steps, '
            if fit.largest > options['tol']:
                reached += (f'the largest entry of the gradient is {fit.largest:.3g} in scaled variables, '
                            f'above tol={options["tol"]:g}')
            else:
                reached += 'the gradient is within tol, but the steps are not small beside the weights'
            message = dependent or reached
        return Training(weights, fit.history, fit.steps, converged, 'maximum_likelihood', options, message=message)

    def _weights_in_float64(self, fit):
        with numpy.errstate(over='ignore', invalid='ignore'):
            weights = self.to_user(fit.weights)
        # the inverse of a scale below 2^-1021 may not be a float
        wrong = numpy.flatnonzero(~numpy.isfinite(weights[1:]) | (self.scale < 2.0**-1021))
        if len(wrong):
            raise ValueError(f'the weight of {self.data.design.variables[wrong[0]]} is too large for a float, as its values are '
                             'so small; give it in other units')
        return weights

    def _nearly_dependent(self, fit):
        # Names the columns that float64 cannot tell apart, such as a total that was computed and rounded.
        values = numpy.linalg.eigvalsh(fit.hessian)
        if values[0] > 1e-12 * values[-1]:
            return ''
        # the estimate may be the cause, not the columns: at zero weights the curvature is that of the columns alone
        values, vectors = numpy.linalg.eigh(self.terms(numpy.zeros(len(fit.weights)))[2])
        if values[0] > 1e-13 * values[-1]:
            return ''
        share = abs(vectors[1:, 0])
        names = [name for name, part in zip(self.data.design.variables, share) if part > 1e-3 * share.max()]
        return f'the columns {listed(names)} are so nearly dependent that their weights cannot be told apart'


def _some_rows(count):
    return slice(None, None, -(-count // SAMPLE))


def _scaling(points):
    # The scale is a power of two, so that scaling does not round. Where the sample is constant, or
    # its squares overflow, the range of the whole column is used.
    sample = points[_some_rows(len(points))].astype(numpy.float64)
    with numpy.errstate(over='ignore', invalid='ignore'):
        center, deviation = sample.mean(axis=0), sample.std(axis=0)
    for j in numpy.flatnonzero(~(numpy.isfinite(center) & numpy.isfinite(deviation) & (deviation > 0))):
        column = points[:, j].astype(numpy.float64)
        low, high = column.min(), column.max()
        center[j], deviation[j] = low / 2 + high / 2, (high / 2 - low / 2) or 1.0
    return center, 2.0**numpy.round(numpy.log2(deviation))
