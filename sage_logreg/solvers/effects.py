r"""
Averages over rows of the classes' probabilities and of their derivatives, with standard errors by the delta method

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: from sage_logreg.solvers.effects import average_probabilities, errors
    sage: import numpy
    sage: model = maximum_likelihood(ex2data1())
    sage: design = model.data.design
    sage: average = average_probabilities(design, model._probabilities_of_classes(design), numpy.full(100r, 0.01r))
    sage: average.values  # rel tol 1e-9
    array([0.4, 0.6])
    sage: errors([average], model._estimate)  # rel tol 1e-6
    array([[0.02493624, 0.02493624]])

ALGORITHM:

With `z_k = x^T w_k` and `p = \mathrm{softmax}(z)`, `\partial p_k / \partial w_l = p_k (\delta_{kl} - p_l) x`. Where `d` is the
derivative of `x` by a variable, and `s_k = d^T w_k`, `t_k = s_k - \sum_j p_j s_j`, that of `p_k` is `p_k t_k`, with

.. MATH::

    \frac{\partial (p_k t_k)}{\partial w_l} = (p_k (\delta_{kl} - p_l) t_k - p_k p_l t_l) x + p_k (\delta_{kl} - p_l) d.

The standard error of an average is the root of `g^T C g`, `g` its gradient and `C` the covariance of the weights.

REFERENCES:

- W. H. Greene, *Econometric Analysis*, eighth edition, Pearson, 2018, sections 17.3.2 and 18.2.3.
- A. Agresti, *Categorical Data Analysis*, third edition, Wiley, 2013, section 16.1.
"""
import dataclasses

import numpy

from sage_logreg.solvers.estimate import Wald


@dataclasses.dataclass(frozen=True)
class Average:
    r"""
    A number for each class, and its gradient by the weights of all classes.

    - ``values`` -- float64 array of K numbers
    - ``terms`` -- list of pairs, a :class:`~sage_logreg.dataset.design.Design` of m rows, and an array m x K x K: what its rows are
      multiplied by in the gradient of each value, for the weights of each class
    - ``rest`` -- float64 array, K x K x (n + 1), what is added to these sums
    """

    values: numpy.ndarray
    terms: list
    rest: numpy.ndarray

    def __sub__(self, other):
        negative = [(design, -factors) for design, factors in other.terms]
        return Average(self.values - other.values, self.terms + negative, self.rest - other.rest)


def average_probabilities(design, probabilities, shares):
    r"""
    Return the :class:`Average` of the probabilities of the classes.

    INPUT:

    - ``design`` -- a :class:`~sage_logreg.dataset.design.Design` of m rows
    - ``probabilities`` -- float64 array, m x K
    - ``shares`` -- float64 array of m numbers whose sum is 1
    """
    classes = probabilities.shape[1]
    factors = shares[:, None, None] * _curvatures(probabilities)
    return Average(shares @ probabilities, [(design, factors)], numpy.zeros((classes, classes, design.count)))


def average_slopes(design, slopes, probabilities, weights, shares):
    r"""
    Return the :class:`Average` of the derivatives of the probabilities by a variable.

    INPUT: as for :func:`average_probabilities`, and

    - ``slopes`` -- float64 array, m x n: the derivatives of the columns by the variable
    - ``weights`` -- float64 array, K x (n + 1); of two classes the first row is zero
    """
    changes = slopes @ design.parts(weights.T)[1]
    # t, without the loss of digits where a class is nearly sure
    relative = numpy.einsum('ij,ikj->ik', probabilities, changes[:, :, None] - changes[:, None, :])
    own = probabilities * relative
    curvatures = shares[:, None, None] * _curvatures(probabilities)
    factors = curvatures * relative[:, :, None] - shares[:, None, None] * probabilities[:, :, None] * own[:, None, :]
    rest = numpy.zeros((*curvatures.shape[1:], design.count))
    rest[..., int(design.intercept):] = numpy.einsum('ikl,ij->klj', curvatures, slopes, optimize=True)
    return Average(shares @ own, [(design, factors)], rest)


def _curvatures(probabilities):
    # p_k (delta_kl - p_l); 1 - p_k would lose the digits of a small difference
    curvatures = -probabilities[:, :, None] * probabilities[:, None, :]
    every = numpy.arange(probabilities.shape[1])
    curvatures[:, every, every] = 0.0
    curvatures[:, every, every] = -curvatures.sum(axis=2)
    return curvatures


def errors(averages, uncertainty):
    r"""
    Return the standard errors of a list of :class:`Average`, an array with K numbers a row.

    INPUT:

    - ``uncertainty`` -- an :class:`~sage_logreg.solvers.estimate.Estimate`, such as one with robust errors
    """
    # in one step, whatever the variables are
    half = numpy.hstack([_gradients(average, uncertainty) for average in averages])
    return numpy.sqrt((uncertainty.half_of(half)**2).sum(axis=0)).reshape(len(averages), -1)


def _gradients(average, uncertainty):
    # A column a class, in variables in which the sums do not cancel each other.
    classes = len(average.values)
    # of two classes the weights are those of the second
    first = int(classes == 2)
    rest = average.rest[:, first:].reshape(classes, -1).T
    terms = [(design, factors[:, :, 1] if first else factors) for design, factors in average.terms]
    return sum((uncertainty.sums_of_rows(*term) for term in terms), uncertainty.to_user_matrix().T @ rest)


class Effects(Wald):
    r"""
    Numbers with their standard errors, for tests and intervals.

    INPUT:

    - ``averages`` -- list of :class:`Average`
    - ``uncertainty`` -- as for :func:`errors`
    """

    def __init__(self, averages, uncertainty):
        self.weights = numpy.concatenate([average.values for average in averages])
        self.errors = errors(averages, uncertainty).ravel()


def probability_intervals(averages, uncertainty, level):
    r"""
    Return the lower and the upper ends of intervals of averaged probabilities, two arrays with K numbers a row.

    ALGORITHM:

    With its standard error `s`, a probability `p` has the log-odds `\log(p/(1 - p))` with the standard error `s/(p (1 - p))`; the
    ends of their interval are converted to probabilities.
    """
    from scipy.special import expit, ndtri
    p = numpy.array([average.values for average in averages])
    q = p @ (1 - numpy.eye(p.shape[1]))
    with numpy.errstate(all='ignore'):
        half = ndtri((1 + level) / 2) * errors(averages, uncertainty) / (p * q)
        log_odds = numpy.log(p) - numpy.log(q)
        low, high = expit(log_odds - half), expit(log_odds + half)
    # of a probability that is 0 or 1 as a float nothing is known
    return numpy.where(numpy.isnan(low), 0.0, low), numpy.where(numpy.isnan(high), 1.0, high)
