r"""
The joint confidence region of two weights, by the likelihood

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: from sage_logreg.solvers.confidence_region import likelihood_region
    sage: import numpy
    sage: estimate = maximum_likelihood(ex2data1())._estimate
    sage: likelihood_region(estimate, [1r, 2r], numpy.diag([0.05, 0.05]), [5.99], 4r)[0]  # abs tol 1e-6
    array([[0.26705407, 0.2014716 ],
           [0.20623171, 0.26389603],
           [0.15252936, 0.2014716 ],
           [0.20623171, 0.1468114 ]])

ALGORITHM:

A pair of weights is in the region of a level if a likelihood-ratio test does not reject it: where twice the rise of the cost, with
all other weights re-estimated, is at most the quantile of the chi-squared distribution with two degrees of freedom [CH1974]_. The cost
is convex, and so is its minimum over the others, so that every ray from the estimate leaves the region once. The rays are those that
divide Wald's ellipse evenly.

REFERENCES:

.. [CH1974] \D. R. Cox and D. V. Hinkley, *Theoretical Statistics*, Chapman and Hall, 1974, section 9.3.
"""
import math

import numpy

from sage_logreg.solvers.estimate import COST_ERROR
from sage_logreg.solvers.newton import minimize

# how often a ray is followed farther before the region is taken as unbounded
MOST_STRETCHES = 60


def directions(half, rays):
    r"""
    Return the points of an ellipse around 0, a row each: those of a circle times ``half``.
    """
    angles = 2 * math.pi * numpy.arange(rays) / rays
    return numpy.column_stack([numpy.cos(angles), numpy.sin(angles)]) @ half


def likelihood_region(estimate, pair, half, quantiles, rays):
    r"""
    Return the borders of the regions of two weights, an array of so many points for each quantile.

    INPUT:

    - ``estimate`` -- an :class:`~sage_logreg.solvers.estimate.Estimate`, whose variables are the weights but for their units
    - ``pair`` -- numbers of two variables of the likelihood
    - ``half`` -- 2 x 2 array, whose transpose times itself is about their covariance
    - ``quantiles`` -- rising list of how much twice the cost rises on the borders
    - ``rays`` -- how many points a border has
    """
    borders = [[] for _ in quantiles]
    for direction in directions(half, rays):
        ray = _Ray(estimate, pair, direction)
        length = 0.0
        for border, quantile in zip(borders, quantiles):
            length = ray.end(quantile, length)
            border.append(ray.start + length * direction)
    return list(map(numpy.array, borders))


class _Ray:
    # The cost along a ray from the estimate, with all weights but the pair re-estimated.

    def __init__(self, estimate, pair, direction):
        whole, self.pair, self.tol = estimate.likelihood, pair, estimate.tol
        # a bias is relative to the data's own origin
        has_bias = estimate.likelihood.data.design.intercept and any(j % whole.data.design.count == 0 for j in pair)
        self.likelihood = whole.with_scaling(whole.center * (not has_bias), whole.scale)
        self.weights = self.likelihood.from_user(estimate.weights)
        self.units = self.likelihood.units[pair]
        self.start, self.direction = self.weights[pair] / self.units, direction
        self.lowest, self.hessian = self.likelihood.terms(self.weights)[::2]
        self.free = numpy.ones(len(self.weights), dtype=bool)
        self.free[pair] = False
        self.rises = {0.0: 0.0}

    def rise(self, length):
        # Twice the rise of the cost; kept, so that rounding cannot change a value that is asked for again.
        if length not in self.rises:
            free, weights = self.free, self.weights.copy()
            # along the tangent of the path on which the other weights follow these
            change = (self.start + length * self.direction) * self.units - weights[self.pair]
            weights[free] -= numpy.linalg.lstsq(self.hessian[numpy.ix_(free, free)], self.hessian[free][:, self.pair] @ change, rcond=None)[0]
            weights[self.pair] += change
            if free.any():
                fit = minimize(self.likelihood, weights, self.tol, free=free, step_error=COST_ERROR)
                cost = fit.cost
                if fit.converged:
                    self.weights, self.hessian = fit.weights, fit.hessian
            else:
                cost = self.likelihood.terms(weights, False)[0]
            self.rises[length] = 2 * (cost - self.lowest)
        return self.rises[length]

    def end(self, quantile, near):
        # How far the ray goes until the rise is the quantile, beyond ``near``.
        from scipy.optimize import brentq
        far = max(math.sqrt(quantile), 1.1 * near)
        for _ in range(MOST_STRETCHES):
            if self.rise(far) >= quantile:
                return brentq(lambda length: self.rise(length) - quantile, near, far, xtol=1e-9 * far, rtol=1e-12)
            near, far = far, 1.5 * far
        raise ValueError('the confidence region is unbounded, as far as floats can tell; expected a lower level')
