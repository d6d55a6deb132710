r"""
The likelihood of more than two classes of sparse rows, which are neither written out nor centred

EXAMPLES::

    sage: from scipy.sparse import csr_matrix
    sage: from sage_logreg.dataset.dataset import Dataset
    sage: from sage_logreg.solvers.softmax_newton import minimize
    sage: from sage_logreg.solvers.softmax_sparse import SparseSoftmaxLikelihood
    sage: import numpy
    sage: data = Dataset(csr_matrix([[0.0], [1.0], [2.0], [3.0], [0.0], [1.0]]), numpy.array([0.0, 1, 2, 1, 2, 0]), ('x1',))
    sage: data.label_names = (0, 1, 2)
    sage: likelihood = SparseSoftmaxLikelihood(data, 1.0r)
    sage: fit = minimize(likelihood, likelihood.bias(), 1e-10r)
    sage: fit.converged, likelihood.to_user(fit.weights)  # abs tol 1e-8
    (True, array([ 0.49732897, -0.44952012, -0.6747299 ,  0.53370527,  0.17740093, -0.08418515]))
"""
import dataclasses
import functools

import numpy

from sage_logreg.cost.softmax_sparse import SparseRows
from sage_logreg.solvers.curvature import ByClasses
from sage_logreg.solvers.preconditioner import FullColumns, Preconditioner
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
from sage_logreg.solvers.truncated import SEPARATED, SURELY, UNDECIDED, check_filled


class SparseSoftmaxLikelihood(SoftmaxLikelihood):
    r"""
    The summed negative log-likelihood of K classes of sparse rows, with its penalty, in contrasts of the classes.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` with a sparse design
    - ``l2`` -- (default: 0) float

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_sparse`.
    """

    def __init__(self, data, l2=0.0):
        # in the units of the data, as the preconditioner scales them
        super().__init__(data, l2, (numpy.zeros(data.design.width), numpy.ones(data.design.width)))
        self._rows = SparseRows(data.design.points, data.classes)

    def likelihood_terms(self, v, curved=False):
        r"""
        Return the cost and its gradient; there is no Hessian.
        """
        def turned(block, z):
            return self._of_rows(z + self.offset[block], block)[:2]
        cost, gradient = self._rows.sums(self._of_rows_weights(v), turned)
        return float(cost), self._of_user_gradient(gradient), None

    def probabilities(self, v):
        found = numpy.empty((len(self.data), self.classes))

        def turned(block, z):
            found[block] = self._of_rows(z + self.offset[block], block)[2]
            return 0.0, found[block]
        self._rows.sums(self._of_rows_weights(v), turned, wanted=False)
        return found

    def hessian(self, v):
        probabilities = self.probabilities(v)

        def turned(block, z):
            return 0.0, self._curved(z, probabilities[block], block)
        return lambda u: self._of_user_gradient(self._rows.sums(self._of_rows_weights(u), turned)[1]) + self.penalty * u

    def scaled_gradient(self, gradient):
        units = numpy.concatenate([numpy.ones(int(self.data.design.intercept)), self.data.design.deviations])
        return gradient.reshape(-1, self.count) / units

    @functools.cached_property
    def full_columns(self):
        r"""
        The columns of which the preconditioner has the Hessian.
        """
        # without a penalty the diagonal says most of what is known of the estimate's existence
        return FullColumns(self.data.design) if self.l2 else None

    def check(self, v):
        r"""
        Raise an error if there is no estimate, as a column is empty or weights separate the classes, where no penalty is.
        """
        if self.l2:
            return
        check_filled(self.data.design)
        labels, least = self.data.labels.astype(int), []

        def turned(block, z):
            z += self.offset[block]
            own = numpy.take_along_axis(z, labels[block, None], axis=1)
            numpy.put_along_axis(z, labels[block, None], -numpy.inf, axis=1)
            margins = (own - z.max(axis=1, keepdims=True))[self.frequency[block] > 0]
            least.append(margins.min(initial=numpy.inf))
            return 0.0, z
        self._rows.sums(self._of_rows_weights(v), turned, wanted=False)
        if min(least) > SURELY:
            raise ValueError(SEPARATED)

    def training(self, fit, options):
        training = super().training(fit, options)
        if not fit.stopped and not self.l2:
            self.check(fit.weights)
            if not self._seems_to_exist(fit):
                return dataclasses.replace(training, converged=False, message=UNDECIDED)
        return training

    def _nearly_dependent(self, fit):
        # which the rows would have to be written out for
        return ''

    def _seems_to_exist(self, fit):
        # As :func:`~sage_logreg.solvers.likelihood.surely_exists`, with the eigenvalue that the conjugate gradients met. The row of
        # a difference of two log-odds is as long as those of the two classes together.
        design, near, longest = self.data.design, SparseCurvature(self, fit.weights), 0.0
        biases, columns = design.parts(1 / near.diagonals.T)
        for block in design.blocks():
            squares = numpy.sort(design.points[block].power(2) @ columns + biases.sum(axis=0), axis=1)
            longest = max(longest, float(squares[:, -2:].sum(axis=1).max()))
        with numpy.errstate(all='ignore'):
            return bool(fit.decrement * numpy.sqrt(longest / fit.determined) < 0.01)


class SparseCurvature(ByClasses):
    r"""
    The diagonals of the Hessians of each class, and their parts for the fullest columns, as a preconditioner.

    INPUT:

    - ``likelihood`` -- a :class:`SparseSoftmaxLikelihood`
    - ``v`` -- float64 array of weights

    ``determined`` is 1: a diagonal is that of columns that do not depend on each other; ``diagonals`` has a row a class.

    EXAMPLES: see :mod:`sage_logreg.solvers.softmax_sparse`.
    """

    determined = 1.0

    def __init__(self, likelihood, v):
        design, probabilities = likelihood.data.design, likelihood.probabilities(v)
        curvatures = likelihood.frequency[:, None] * probabilities * (1 - probabilities)
        columns = sum(design.points[block].astype(numpy.float64).power(2).T @ curvatures[block] for block in design.blocks())
        biases = [curvatures.sum(axis=0)] * int(design.intercept)
        penalty = likelihood.penalty[:likelihood.count]
        diagonals = numpy.vstack([*biases, columns]).T + penalty
        # where nothing is curved, the variables are as long as they are
        self.diagonals = numpy.where(diagonals > 0, diagonals, 1.0)
        super().__init__(likelihood, [Preconditioner(diagonal, likelihood.full_columns, curvature)
                                      for diagonal, curvature in zip(self.diagonals, curvatures.T)])


def likelihood_of(data, l2=0.0):
    r"""
    Return the likelihood of more than two classes, of dense or of sparse rows.
    """
    return (SparseSoftmaxLikelihood if data.design.is_sparse else SoftmaxLikelihood)(data, l2)
