r"""
The likelihood of more than two classes in variables in which columns that nearly depend on each other do not

It is :mod:`~sage_logreg.solvers.whitening` with the same matrix `T` for the weights of every contrast: the rows `b_i = (1, x_i) T` have
`\sum_i c_i b_i b_i^T` nearly the unit matrix, where `c_i` is the sum of the variances of the labels' indicators.

The contrasts are of groups of classes, those joined first that are most often taken for each other. Where a class lies far from
two that overlap, its contrast with both has a tiny gradient, which must not be the difference of two large numbers.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.likelihood import determinacy
    sage: from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
    sage: from sage_logreg.solvers.softmax_whitening import WhitenedSoftmax
    sage: import numpy
    sage: likelihood = SoftmaxLikelihood(load_data([[1, 1, 0], [2, 2.001, 1], [3, 3, 2], [4, 4, 1], [5, 5.001, 0]]))
    sage: white = WhitenedSoftmax(likelihood, numpy.zeros(6))
    sage: bool(determinacy(likelihood.information(numpy.zeros(6))) < 1e-6), bool(determinacy(white.information(white.start)) > 0.1)
    (True, True)
"""
import functools

import numpy

from sage_logreg.solvers.likelihood import Likelihood
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood, nested_contrasts
from sage_logreg.solvers.whitening import Whitened


class WhitenedRows(Whitened):
    r"""
    The rows of a likelihood, times a matrix with which they are white.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.likelihood.Likelihood`, of which only rows, units and penalty count
    - ``start`` -- array with a column of its variables for each contrast
    - ``softmax``, ``v`` -- a likelihood of the classes and weights in its variables, whose variances are the weights of the rows
    """

    def __init__(self, likelihood, start, softmax, v):
        # rows that are white already keep their weights
        self._softmax, self._v = softmax, v
        super().__init__(likelihood, start)

    @functools.cached_property
    def _curvature(self):
        return self._softmax.variances(self._v)

    def take_rows(self, data):
        super().take_rows(data)
        self._softmax = self._softmax.with_rows(data)
        self.__dict__.pop('_curvature', None)

    def without_rows(self):
        rows = super().without_rows()
        rows._softmax = rows._softmax.without_rows()
        return rows

    def curved_rows(self):
        for block, rows in self.rows():
            yield block, rows, self._curvature[block]

    def from_user(self, w):
        self.start = numpy.zeros(len(w))
        return super().from_user(w)


class WhitenedSoftmax(SoftmaxLikelihood):
    r"""
    A likelihood of K classes near some weights, in such variables.

    INPUT:

    - ``likelihood`` -- a :class:`~sage_logreg.solvers.softmax_likelihood.SoftmaxLikelihood`
    - ``v`` -- weights in its variables; in those of the whitened one they are ``start``

    It raises a ``numpy.linalg.LinAlgError`` if the information is singular, as far as floats can tell.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_whitening`.
    """

    is_white = True

    def __init__(self, likelihood, v):
        # a shallow copy: the same data, penalty and contrasts
        self.__dict__.update(likelihood.__dict__)
        rows = likelihood.white if likelihood.is_white else Likelihood(self.data, self.l2, scaling=(self.center, self.scale))
        start = v
        if self._kind == (False, None):
            self.contrasts = nested_contrasts(likelihood.couplings(v))
            self.inverse = self.contrasts.T
            start = self.inverse @ likelihood.of_classes(v)
        self.white = WhitenedRows(rows, start.reshape(-1, self.count).T, likelihood, v)
        self.start = self.white.start.T.ravel()
        # in place of what was computed for the other variables
        self.basis, self._unscaled = numpy.kron(self.contrasts, self.white.basis), False
        self._is_compiled, self._pixels = False, None
        self._longest_row = float(numpy.sqrt(2) * self.white.longest_row())

    def take_rows(self, data):
        super().take_rows(data)
        self.white = self.white.with_rows(data)

    def without_rows(self):
        likelihood = super().without_rows()
        likelihood.white = self.white.without_rows()
        return likelihood

    def _of_each(self, change, v):
        # What a change makes of the variables of each contrast.
        return numpy.concatenate([change(row) for row in v.reshape(-1, self.count)])

    def rows(self, design=None, most=None):
        return self.white.rows(design)

    def scaled_gradient(self, gradient):
        return self._of_each(self.white.scaled_gradient, gradient)

    def sum_of_curvatures(self, hessian):
        places = range(0, len(hessian), self.count)
        return sum(self.white.sum_of_curvatures(hessian[place:place + self.count, place:place + self.count]) for place in places)

    def penalty_terms(self, v):
        costs, gradients = zip(*map(self.white.penalty_terms, v.reshape(-1, self.count)))
        return sum(costs), numpy.concatenate(gradients)

    def penalty_matrix(self):
        return numpy.kron(numpy.eye(self.contrasts.shape[1]), self.white.penalty_matrix())

    def to_user(self, v):
        return numpy.concatenate([self.white.to_user(row) for row in self.of_classes(v)])

    def from_user(self, w):
        return (self.inverse @ [self.white.from_user(row) for row in w.reshape(self.classes, -1)]).ravel()

    def probabilities(self, v):
        found, weights = numpy.empty((len(self.data), self.classes)), self.of_classes(v)
        for block, rows in self.rows():
            found[block] = self._of_rows(rows @ weights.T + self.offset[block], block)[2]
        return found
