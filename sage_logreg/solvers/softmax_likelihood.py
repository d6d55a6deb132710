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

from sage_logreg.cost.cached import has_numba
from sage_logreg.dataset.design import row_blocks
from sage_logreg.dataset.images import ImageDesign
from sage_logreg.solvers.chunked import larger, over_chunks
from sage_logreg.solvers.likelihood import EPSILON, Likelihood
from sage_logreg.solvers.newton import ZERO
from sage_logreg.support.cores import products_in_parallel

# entries of a block of rows
ENTRIES, IN_CACHE = 1 << 20, 1 << 16


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


def nested_contrasts(couplings):
    r"""
    Return such a matrix of contrasts of two groups each, of which those are joined first that have the largest couplings.

    EXAMPLES::

        sage: from sage_logreg.solvers.softmax_likelihood import nested_contrasts
        sage: import numpy
        sage: nested_contrasts(numpy.array([[0, 1, 1], [1, 0, 9], [1, 9, 0]])).round(int(3)) + 0.0
        array([[ 0.   ,  0.816],
               [ 0.707, -0.408],
               [-0.707, -0.408]])
    """
    groups, columns = [[k] for k in range(len(couplings))], []
    while len(groups) > 1:
        pairs = [(a, b) for b in range(len(groups)) for a in range(b)]
        a, b = max(pairs, key=lambda pair: couplings[numpy.ix_(groups[pair[0]], groups[pair[1]])].max())
        one, other = groups[a], groups.pop(b)
        column = numpy.zeros(len(couplings))
        # the same float for a whole group
        column[one] = numpy.sqrt(len(other) / len(one) / (len(one) + len(other)))
        column[other] = -numpy.sqrt(len(one) / len(other) / (len(one) + len(other)))
        columns.append(column)
        groups[a] = one + other
    return numpy.array(columns).T


def complements(probabilities):
    r"""
    Return one less each of the probabilities of rows, with all digits where one is nearly certain.

    EXAMPLES::

        sage: from sage_logreg.solvers.softmax_likelihood import complements
        sage: import numpy
        sage: complements(numpy.array([[1.0, 1e-20]]))
        array([[1.e-20, 1.e+00]])
    """
    found, others = 1 - probabilities, probabilities.copy()
    places = numpy.arange(len(others)), probabilities.argmax(axis=1)
    others[places] = 0.0
    found[places] = others.sum(axis=1)
    return found


class SoftmaxLikelihood(Likelihood):
    r"""
    The summed negative log-likelihood of K classes, with its penalty, in scaled variables and in contrasts of the classes.

    INPUT: as for :class:`~sage_logreg.solvers.likelihood.Likelihood`

    - ``symmetric`` -- (default: ``False``) whether there is a vector of weights for each class instead of for each contrast
    - ``baseline`` -- (default: none) number of the class with which the contrasts are

    ALGORITHM:

    The same vector added to the weights of all classes changes no probability. Among all that are the same the smallest
    weights are those whose sum over the classes is zero: `W = Q V` with the :func:`contrasts` `Q`, and the penalty on `W` is that
    on `V`. At `W = 0` the Hessian in `V` is `I \otimes X^T X / K`. Each column of `Q` compares a class with more frequent ones, so that
    the columns are not nearly dependent where a class is rare.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_likelihood`.
    """

    def __init__(self, data, l2=0.0, scaling=None, symmetric=False, baseline=None):
        super().__init__(data, l2, scaling=scaling)
        self.classes, self.count = data.classes, data.design.count
        self._kind = symmetric, baseline
        self.contrasts = numpy.eye(self.classes)
        # the weights of the classes times this are those of the contrasts
        self.inverse = self.contrasts
        if baseline is not None:
            columns = numpy.delete(self.contrasts, baseline, axis=1)
            # the same differences, with weights whose sum over the classes is zero
            self.contrasts, self.inverse = columns - 1 / self.classes, columns.T - self.inverse[baseline]
        elif not symmetric:
            rarest_last = numpy.argsort(-self.counts(), kind='stable')
            self.contrasts = contrasts(self.classes)[numpy.argsort(rarest_last)]
            self.inverse = self.contrasts.T
        self.units = numpy.tile(self.units, self.classes)
        self.penalty = numpy.tile(self.penalty, self.contrasts.shape[1])

    @functools.cached_property
    def basis(self):
        one = numpy.eye(self.count)
        if self.data.design.intercept:
            one[0, 1:] = -self.center / self.scale
        return numpy.kron(self.contrasts, one)

    def take_rows(self, data):
        super().take_rows(data)
        if not data.is_chunked and data.offset is None:
            self.offset = numpy.broadcast_to(0.0, (len(data), data.classes))

    def with_scaling(self, center, scale):
        return SoftmaxLikelihood(self.data, self.l2, (center, scale), *self._kind)

    def of_classes(self, v):
        r"""
        Return the scaled weights, a row a class.
        """
        return self.contrasts @ v.reshape(-1, self.count)

    @functools.cached_property
    def _is_of_images(self):
        return isinstance(self.data.design, ImageDesign)

    @functools.cached_property
    def _unscaled(self):
        # as for two classes; of images without making floats of them
        return self.data.weights is None and self.data.offset is None if self._is_of_images else super()._unscaled

    @functools.cached_property
    def _is_raw(self):
        # whether unscaled rows lose no digits in products
        return bool((abs(self.center) <= 4 * self.scale).all())

    @functools.cached_property
    def _is_compiled(self):
        return has_numba() and not self._is_of_images

    @functools.cached_property
    def _pixels(self):
        from sage_logreg.cost.pixels import Pixels, is_indexed
        design = self.data.design
        is_used = self._is_of_images and self._is_raw and is_indexed(design.pixels, len(design))
        return Pixels(design.pixels, len(design)) if is_used else None

    def _of_user_gradient(self, gradient):
        return (self.contrasts.T @ numpy.array([self._from_user_gradient(row) for row in gradient])).ravel()

    def hessian(self, v):
        r"""
        Return the function that multiplies the Hessian at ``v`` by a vector.
        """
        probabilities, frequency = self.probabilities(v), numpy.ascontiguousarray(self.frequency)

        def sums(of_classes):
            if self._pixels is not None:
                return self._pixels.curved_sums(self.data.design.unit, probabilities, of_classes, frequency)
            return sum(products_in_parallel(lambda block: self._curved_sums(block, probabilities, of_classes), self._blocks()))

        return lambda u: self._of_gradient(sums(self._of_rows_weights(u))) + self.penalty * u

    def least_information(self, v):
        r"""
        Return a matrix that is, for every contrast, at most the Fisher information at ``v``: that of the least probable classes.

        ALGORITHM:

        Orthogonal to (1, ..., 1), `\operatorname{diag}(p) - p p^T` is at least `\min_k p_k`: for `u` with the mean `\mu` under `p`,
        `\sum_k p_k (u_k - \mu)^2 \ge \min_k p_k \sum_k (u_k - \mu)^2`, which is least where `\mu` is 0, the mean of `u`.
        """
        least, total = self.frequency * self.probabilities(v).min(axis=1), 0.0
        for block, rows in self.rows(most=max(64, ENTRIES // self.count)):
            rows *= numpy.sqrt(least[block])[:, None]
            total = total + rows.T @ rows
        return total

    def _blocks(self):
        # which stay in a core's cache for both products
        return row_blocks(len(self.data), max(64, IN_CACHE // self.count))

    # Products with rows that are scaled only where this keeps digits

    def _of_rows_weights(self, v):
        return (self.to_user(v) if self._is_raw else self.of_classes(v)).reshape(self.classes, -1)

    def _of_gradient(self, gradient):
        return self._of_user_gradient(gradient) if self._is_raw else (self.contrasts.T @ gradient).ravel()

    def _columns(self, block):
        design = self.data.design
        return design.numbers(block) if self._is_raw else design.scaled(block, self.center, self.scale)[:, int(design.intercept):]

    def _log_odds(self, columns, weights):
        first = int(self.data.design.intercept)
        return columns @ weights[:, first:].T + weights[:, :first].sum(axis=1)

    def _curved_sums(self, block, probabilities, weights):
        columns, shares = self._columns(block), probabilities[block]
        z = self._curved(self._log_odds(columns, weights), shares, block)
        return numpy.column_stack([z.sum(axis=0)[:, None]] * int(self.data.design.intercept) + [z.T @ columns])

    def _curved(self, z, probabilities, block):
        # What log-odds become by the curvatures of some rows; they are written over.
        z -= (probabilities * z).sum(axis=1, keepdims=True)
        z *= probabilities
        z *= self.frequency[block][:, None]
        return z

    def of_rows(self, rows, l2):
        likelihood = SoftmaxLikelihood(rows, l2, (self.center, self.scale), *self._kind)
        # whose order is that of all the rows
        likelihood.contrasts, likelihood.inverse = self.contrasts, self.inverse
        return likelihood

    @over_chunks()
    def likelihood_terms(self, v, curved=True):
        if not curved and self._pixels is not None:
            weights = self.to_user(v).reshape(self.classes, -1)
            cost, gradient = self._pixels.sums(self.data.design.unit, self.data.labels, weights, self.data.weights, self.data.offset)
            return float(cost), self._of_user_gradient(gradient), None
        if self._is_compiled:
            cost, gradient, hessian = self._terms_in_parts(self.of_classes(v), curved)
            return float(cost), (self.contrasts.T @ gradient).ravel(), hessian.reshape(len(v), len(v)) if curved else None
        if not curved and self._unscaled:
            # which imports Theano
            from sage_logreg.cost.softmax import evaluate_softmax
            design = self.data.design
            points, unit = (design.pixels, design.unit) if self._is_of_images else (design.points, 1.0)
            cost, gradient = evaluate_softmax(points, self.data.labels, self.to_user(v), self.classes, unit=unit)
            return len(self.data) * cost, len(self.data) * self._of_user_gradient(gradient.reshape(self.classes, -1)), None
        weights, cost, gradient = self.of_classes(v), 0.0, 0.0
        hessian = numpy.zeros((self.contrasts.shape[1], self.count) * 2) if curved else None
        for block, rows in self.rows(most=max(64, ENTRIES // self.count)):
            block_cost, residuals, probabilities = self._of_rows(rows @ weights.T + self.offset[block], block)
            cost += block_cost
            gradient = gradient + self._in_contrasts(residuals, block).T @ rows
            if curved:
                self._add_hessian(hessian, rows, probabilities, self.frequency[block])
        size = self.contrasts.shape[1] * self.count
        return float(cost), gradient.ravel(), hessian.reshape(size, size) if curved else None

    def _in_contrasts(self, residuals, block):
        # Such that between classes that a contrast does not tell apart nothing is left, not even rounding.
        labels, found = self.data.labels[block], numpy.empty((len(residuals), self.contrasts.shape[1]))
        for own, place in enumerate(self.contrasts):
            some = labels == own
            found[some] = residuals[some] @ (self.contrasts - place)
        return found

    @functools.cached_property
    def _terms_in_parts(self):
        # what is the same at all weights is prepared once
        from sage_logreg.cost.softmax import softmax_evaluation
        data = self.data
        return softmax_evaluation(data.design.points, data.labels, self.contrasts, data.weights, data.offset, self.center, self.scale,
                                  data.design.intercept)

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
            # the deviations from the mean, so that nothing cancels where one class is nearly certain
            weighted = frequency[:, None] * probabilities * (one - means[:, [a]])
            for b, other in enumerate(self.contrasts.T[:a + 1]):
                curvature = numpy.einsum('ij,ij->i', weighted, other - means[:, [b]])
                part = rows.T @ (curvature[:, None] * rows)
                hessian[a, :, b] += part
                if a != b:
                    hessian[b, :, a] += part.T

    def rounding_of_biases(self, v):
        r"""
        Return what rounding may do to the biases in the units of the data, relative to them or to a part of their standard errors.
        """
        biases = numpy.array([self.bias_and_its_terms(row) for row in self.of_classes(v)])
        return EPSILON * float((biases[:, 1] / numpy.maximum(abs(biases[:, 0]), ZERO / numpy.sqrt(self.total))).max())

    def probabilities(self, v):
        r"""
        Return the probabilities of the classes at the weights ``v``, m x K.
        """
        found, weights = numpy.empty((len(self.data), self.classes)), self._of_rows_weights(v)

        def fill(block):
            found[block] = self._of_rows(self._log_odds(self._columns(block), weights) + self.offset[block], block)[2]
        products_in_parallel(fill, self._blocks())
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
            logarithms = numpy.log(self.counts()) - self._middle_offset()
            v[:, 0] = self.inverse @ (logarithms - logarithms.mean())
        return v.ravel()

    @over_chunks()
    def couplings(self, v):
        r"""
        Return how often each two classes are taken for each other at the weights ``v``, a K x K matrix.
        """
        probabilities = self.probabilities(v)
        return probabilities.T @ (self.frequency[:, None] * probabilities)

    def variances(self, v):
        r"""
        Return of each row the sum of the variances of its labels' indicators at the weights ``v``, with its frequency.
        """
        probabilities = self.probabilities(v)
        return self.frequency * (probabilities * complements(probabilities)).sum(axis=1)

    def sample(self, rows, share):
        return self.of_rows(rows, share * self.l2)

    def to_user(self, v):
        rows, first = self.of_classes(v), int(self.data.design.intercept)
        slopes = rows[:, first:] / self.scale
        # not by BLAS, whose threads change the order of the sum
        return numpy.column_stack([rows[:, :first] - numpy.einsum('kj,j->k', slopes, self.center)[:, None]][:first] + [slopes]).ravel()

    def from_user(self, w):
        scaled = numpy.array([super(SoftmaxLikelihood, self).from_user(row) for row in w.reshape(self.classes, -1)])
        return (self.inverse @ (scaled - scaled.mean(axis=0))).ravel()

    def sum_of_curvatures(self, hessian):
        places = range(0, len(hessian), self.count)
        return sum(hessian[place, place] for place in places)

    def noises(self, v, cost, hessian):
        lengths = numpy.sqrt(numpy.diag(hessian))
        with numpy.errstate(all='ignore'):
            rounded = self._rounded(v, hessian) * numpy.sqrt(len(v))
            yield EPSILON * (rounded + 2 * cost * self.longest_row() / lengths.min())
            yield EPSILON * (rounded + numpy.sqrt(((self._sizes_of_gradients(v) / lengths)**2).sum()))

    @over_chunks()
    def _sizes_of_gradients(self, v):
        weights, sums = self.of_classes(v), 0.0
        for block, rows in self.rows(most=max(64, ENTRIES // self.count)):
            residuals = self._of_rows(rows @ weights.T + self.offset[block], block)[1]
            # what is rounded in the sums of the classes is so in those of the contrasts
            residuals = abs(self._in_contrasts(residuals, block)) if self.is_white else abs(residuals) @ abs(self.contrasts)
            sums = sums + residuals.T @ abs(rows)
        return sums.ravel()

    def _rounded(self, v, hessian):
        curvature = numpy.sqrt(self.sum_of_curvatures(hessian) if self.data.design.intercept else numpy.diag(hessian).max())
        return curvature * (2 + numpy.sqrt(numpy.diag(hessian)) @ abs(v) / curvature + self.largest_offset)

    def reaches(self, hessian, free):
        try:
            half = numpy.linalg.cholesky(hessian[numpy.ix_(free, free)])
        except numpy.linalg.LinAlgError:
            return
        least = self._least_singular(half)
        with numpy.errstate(over='ignore', divide='ignore'):
            yield float(self.longest_row() / least)
        if free.all():
            yield self._longest_difference(half)

    @over_chunks(larger)
    def _longest_difference(self, half):
        # Of the rows of all differences of two classes' log-odds, in the norm of the inverse of a Hessian with this factor.
        from scipy.linalg.lapack import dtrtri
        # the half of the covariance that belongs to each class
        covariance, longest = dtrtri(half.T)[0].reshape(-1, self.count * len(half)), 0.0
        of_classes = (self.contrasts @ covariance).reshape(self.classes, self.count, -1)
        for block, rows in self.rows(most=max(64, ENTRIES // len(half))):
            rows = rows[self.frequency[block] > 0]
            for k in range(1, self.classes):
                for other in range(k):
                    products = rows @ (of_classes[k] - of_classes[other])
                    longest = max(longest, float(numpy.einsum('ij,ij->i', products, products).max(initial=0.0)))
        return float(numpy.sqrt(longest))

    def _weights_in_float64(self, fit):
        with numpy.errstate(over='ignore', invalid='ignore'):
            return fit.objective.to_user(fit.weights)
