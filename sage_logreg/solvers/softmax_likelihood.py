r"""
The negative log-likelihood of more than two classes, an objective of Newton's method

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
    sage: import numpy
    sage: likelihood = SoftmaxLikelihood(load_data([[1, 0], [2, 1], [3, 2], [4, 1]]))
    sage: cost, gradient, hessian = likelihood.terms(numpy.zeros(4))
    sage: float(cost), hessian.shape  # abs tol 1e-12
    (4.394449154672439, (4, 4))
"""
import functools

import numpy

from sage_logreg.dataset.design import row_blocks
from sage_logreg.solvers.likelihood import EPSILON, Likelihood

# entries of a block of rows
ENTRIES = 1 << 20


def contrasts(classes):
    r"""
    Return a K x (K - 1) matrix whose columns are orthogonal to each other and to (1, ..., 1), and have the length 1.

    EXAMPLES::

        sage: from sage_logreg.solvers.softmax_likelihood import contrasts
        sage: contrasts(int(3))  # abs tol 1e-15
        array([[ 0.70710678,  0.40824829],
               [-0.70710678,  0.40824829],
               [ 0.        , -0.81649658]])
    """
    columns = numpy.zeros((classes, classes - 1))
    for k in range(1, classes):
        columns[:k, k - 1], columns[k, k - 1] = 1, -k
        columns[:, k - 1] /= numpy.sqrt(k * (k + 1))
    return columns


class SoftmaxLikelihood(Likelihood):
    r"""
    The summed negative log-likelihood of K classes, with its penalty, in scaled variables and in contrasts of the classes.

    INPUT: as for :class:`~sage_logreg.solvers.likelihood.Likelihood`

    - ``symmetric`` -- (default: ``False``) whether there is a vector of weights for each class instead of for each contrast

    ALGORITHM:

    The same vector added to the weights of all classes changes no probability. Among all that are the same the smallest
    weights are those whose sum over the classes is zero: `W = Q V` with the :func:`contrasts` `Q`, and the penalty on `W` is that
    on `V`. At `W = 0` the Hessian in `V` is `I \otimes X^T X / K`.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_likelihood`.
    """

    def __init__(self, data, l2=0.0, scaling=None, symmetric=False):
        super().__init__(data, l2, scaling=scaling)
        self.classes, self.count = data.classes, data.design.count
        self.contrasts = numpy.eye(self.classes) if symmetric else contrasts(self.classes)
        self.penalty = numpy.tile(self.penalty, self.contrasts.shape[1])
        self.keeps_hessian = False
        if data.offset is None:
            self.offset = numpy.broadcast_to(0.0, (len(data), self.classes))

    @functools.cached_property
    def basis(self):
        one = numpy.eye(self.count)
        if self.data.design.intercept:
            one[0, 1:] = -self.center / self.scale
        return numpy.kron(self.contrasts, one)

    def of_classes(self, v):
        r"""
        Return the scaled weights, a row a class.
        """
        return self.contrasts @ v.reshape(-1, self.count)

    def likelihood_terms(self, v, curved=True):
        if not curved and self._unscaled:
            # which imports Theano
            from sage_logreg.cost.softmax import evaluate_softmax
            cost, gradient = evaluate_softmax(self.data.design.points, self.data.labels, self.to_user(v), self.classes)
            gradient = numpy.array([self._from_user_gradient(row) for row in gradient.reshape(self.classes, -1)])
            return self.total * cost, self.total * (self.contrasts.T @ gradient).ravel(), None
        weights, cost, gradient = self.of_classes(v), 0.0, 0.0
        hessian = numpy.zeros((self.contrasts.shape[1], self.count) * 2) if curved else None
        for block, rows in self.rows(most=max(64, ENTRIES // self.count)):
            block_cost, residuals, probabilities = self._of_rows(rows @ weights.T + self.offset[block], block)
            cost += block_cost
            gradient = gradient + residuals.T @ rows
            if curved:
                self._add_hessian(hessian, rows, probabilities, self.frequency[block])
        size = self.contrasts.shape[1] * self.count
        return float(cost), (self.contrasts.T @ gradient).ravel(), hessian.reshape(size, size) if curved else None

    def _of_rows(self, z, block):
        # The cost of some rows, their residuals and their probabilities; of an array of log-odds that is written over.
        labels, frequency = self.data.labels[block].astype(int), self.frequency[block]
        places = numpy.arange(len(z)), labels
        z -= z.max(axis=1, keepdims=True)
        own = z[places]
        numpy.exp(z, out=z)
        total = z.sum(axis=1)
        cost = frequency @ (numpy.log(total) - own)
        z /= total[:, None]
        residuals = z.copy()
        # the others are added up, so that nothing cancels where the label is nearly certain
        residuals[places] = 0.0
        residuals[places] = -residuals.sum(axis=1)
        residuals *= frequency[:, None]
        return cost, residuals, z

    def _add_hessian(self, hessian, rows, probabilities, frequency):
        means = probabilities @ self.contrasts
        for a, one in enumerate(self.contrasts.T):
            for b, other in enumerate(self.contrasts.T[:a + 1]):
                curvature = frequency * (probabilities @ (one * other) - means[:, a] * means[:, b])
                part = rows.T @ (curvature[:, None] * rows)
                hessian[a, :, b] += part
                if a != b:
                    hessian[b, :, a] += part.T

    def probabilities(self, v):
        r"""
        Return the probabilities of the classes at the weights ``v``, m x K.
        """
        found, weights = numpy.empty((len(self.data), self.classes)), self.of_classes(v)
        for block, rows in self.rows(most=max(64, ENTRIES // self.count)):
            found[block] = self._of_rows(rows @ weights.T + self.offset[block], block)[2]
        return found

    @functools.cached_property
    def _longest_row(self):
        # of the difference of two log-odds
        return float(numpy.sqrt(2) * super()._longest_row)

    def bias(self):
        r"""
        Return scaled weights that are zero but for the biases, if there are any, which fit the frequencies of the classes.
        """
        v = numpy.zeros((self.contrasts.shape[1], self.count))
        if self.data.design.intercept:
            counts = numpy.bincount(self.data.labels.astype(int), self.frequency, self.classes)
            logarithms = numpy.log(counts) - (0.0 if self.data.offset is None else numpy.median(self.offset, axis=0))
            v[:, 0] = self.contrasts.T @ (logarithms - logarithms.mean())
        return v.ravel()

    def start(self):
        return self.bias(), None

    def to_user(self, v):
        return numpy.concatenate([super(SoftmaxLikelihood, self).to_user(row) for row in self.of_classes(v)])

    def from_user(self, w):
        scaled = numpy.array([super(SoftmaxLikelihood, self).from_user(row) for row in w.reshape(self.classes, -1)])
        return (self.contrasts.T @ (scaled - scaled.mean(axis=0))).ravel()

    def sum_of_curvatures(self, hessian):
        places = range(0, len(hessian), self.count)
        return sum(hessian[place, place] for place in places)

    def noises(self, v, cost, hessian):
        lengths = numpy.sqrt(numpy.diag(hessian))
        with numpy.errstate(all='ignore'):
            yield EPSILON * (self._rounded(v, hessian) * numpy.sqrt(len(v)) + 2 * cost * self.longest_row() / lengths.min())

    def _rounded(self, v, hessian):
        curvature = numpy.sqrt(self.sum_of_curvatures(hessian) if self.data.design.intercept else numpy.diag(hessian).max())
        return curvature * (2 + numpy.sqrt(numpy.diag(hessian)) @ abs(v) / curvature + self.largest_offset)

    def reaches(self, hessian, free):
        try:
            half = numpy.linalg.cholesky(hessian)
        except numpy.linalg.LinAlgError:
            return
        least = self._least_singular(half)
        with numpy.errstate(over='ignore', divide='ignore'):
            yield float(self.longest_row() / least)

    def _weights_in_float64(self, fit):
        with numpy.errstate(over='ignore', invalid='ignore'):
            return self.to_user(fit.weights)

    def _nearly_dependent(self, fit):
        return ''
