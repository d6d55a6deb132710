r"""
Models in other ones: Rao's and Wald's tests that weights are zero, and whether columns are combinations of others

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: from sage_logreg.solvers.nested import score_statistic, wald_statistic
    sage: import numpy
    sage: estimate = maximum_likelihood(ex2data1())._estimate
    sage: smaller = estimate.restricted(numpy.array([True, True, False]))
    sage: score_statistic(smaller)  # rel tol 1e-6
    40.6824668
    sage: wald_statistic(estimate.weights[[2]], estimate.half_covariance[:, [2]])  # rel tol 1e-6
    17.1675244
"""
import numpy

# columns of length 1 that are left so long beside others are combinations of them
DEPENDENT = 1e-8
# an entry of a triangle that is so small beside the errors is zero
SINGULAR = 1e-10


def score_statistic(smaller, free=slice(None)):
    r"""
    Return Rao's statistic of a smaller model, by the gradient and the information of a larger one at the estimate of the smaller.

    INPUT:

    - ``smaller`` -- a :class:`~sage_logreg.solvers.estimate.Restricted`
    - ``free`` -- (default: all) boolean array, the weights of the larger model

    REFERENCES:

    - C. R. Rao, *Large sample tests of statistical hypotheses concerning several parameters with applications to problems of
      estimation*, Proceedings of the Cambridge Philosophical Society 44 (1948), no. 1, 50-57.
    """
    from scipy.linalg import solve_triangular
    _, gradient, information = smaller.likelihood.terms(smaller.weights)
    try:
        factor = numpy.linalg.cholesky(information[free][:, free])
    except numpy.linalg.LinAlgError:
        raise ValueError('the information is singular at the estimate of a smaller model; expected a likelihood-ratio test') from None
    return float((solve_triangular(factor, gradient[free], lower=True)**2).sum())


def wald_statistic(weights, half):
    r"""
    Return Wald's statistic of some weights.

    INPUT:

    - ``weights`` -- float64 array
    - ``half`` -- a matrix whose transpose times itself is their covariance

    REFERENCES:

    - A. Wald, *Tests of statistical hypotheses concerning several parameters when the number of observations is large*,
      Transactions of the American Mathematical Society 54 (1943), no. 3, 426-482.

    TESTS::

        sage: from sage_logreg.solvers.nested import wald_statistic
        sage: import numpy
        sage: wald_statistic(numpy.ones(2), numpy.ones((3, 2)))
        Traceback (most recent call last):
        ...
        ValueError: the covariance of 2 weights is singular; expected more rows or clusters than they are
    """
    from scipy.linalg import solve_triangular
    errors = numpy.sqrt((half**2).sum(axis=0))
    triangle = numpy.linalg.qr(half / errors, mode='r')
    if len(triangle) < len(weights) or abs(triangle.diagonal()).min() < SINGULAR:
        raise ValueError(f'the covariance of {len(weights)} weights is singular; expected more rows or clusters than they are')
    return float((solve_triangular(triangle, weights / errors, trans='T')**2).sum())


def are_spanned(columns, others):
    r"""
    Return whether all columns of a matrix are combinations of the columns of another one, as far as floats can tell.

    EXAMPLES::

        sage: from sage_logreg.solvers.nested import are_spanned
        sage: import numpy
        sage: a, b = numpy.array([1.0, 2.0, 4.0]), numpy.array([1e6, 3e6, 1e6])
        sage: pairs = numpy.column_stack([a, b])
        sage: are_spanned(numpy.column_stack([a + b]), pairs), are_spanned(numpy.column_stack([a * b]), pairs)
        (True, False)
    """
    columns, others = _of_length_1(columns), _of_length_1(others)
    # of dependent columns, such as those of a factor with all its levels, an orthogonal basis is what is left of them
    basis, sizes, _ = numpy.linalg.svd(others, full_matrices=False)
    basis = basis[:, sizes > DEPENDENT * sizes.max(initial=0.0)]
    return bool((abs(columns - basis @ (basis.T @ columns)) <= DEPENDENT).all())


def _of_length_1(columns):
    lengths = numpy.sqrt((columns**2).sum(axis=0))
    return columns / numpy.where(lengths == 0, 1.0, lengths)
