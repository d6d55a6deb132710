r"""
Penalties of absolute values and squares: the options that say them, and what they are of each column

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.penalties import penalties_of
    sage: penalties_of({'l1': 10.0r, 'l2': 1.0r}, ex2data1())
    (array([0.1, 0.1]), array([0.01, 0.01]))
"""
import numpy

from sage_logreg.support.arguments import check_not_negative, real_number, real_vector, shown

# a deviation that is a smaller part of the mean is rounding
ROUNDING = 1e-14


def mean_squares(design, frequency):
    r"""
    Return the means of the columns and their variances, weighted by ``frequency``, whose sum is 1; those of constant ones are 0.
    """
    if design.is_sparse:
        squares = design.points.astype(numpy.float64)
        means = squares.T @ frequency
        squares.data **= 2
        variances, of_rounding = squares.T @ frequency - means**2, ROUNDING
    else:
        means = frequency @ design.points
        variances = numpy.array([frequency @ (column - mean)**2 for column, mean in zip(design.points.T, means)])
        of_rounding = ROUNDING**2
    return means, numpy.where(variances <= of_rounding * means**2, 0.0, variances)


def frequency_of(rows):
    r"""
    Return the weights of rows that all count, divided by their sum.
    """
    relative = rows.relative_weights()
    return numpy.full(len(rows), 1.0 / len(rows)) if relative is None else relative / len(rows)


def deviations_of(rows):
    r"""
    Return the columns' standard deviations, 1 where they are constant.
    """
    variances = mean_squares(rows.design, frequency_of(rows))[1]
    return numpy.where(variances > 0, numpy.sqrt(variances), 1.0)


def path_options(columns, l1_ratio, standardize, penalty_factors, tol):
    r"""
    Return the options of a path, checked, of data with so many columns.
    """
    if not isinstance(standardize, (bool, numpy.bool_)):
        raise TypeError(f'standardize = {shown(standardize)}; expected True or False')
    if penalty_factors is not None:
        factors = real_vector('penalty_factors', penalty_factors, columns)
        check_not_negative('penalty_factors', factors)
        if not factors.any():
            raise ValueError('penalty_factors are all zero; expected some above zero, or maximum_likelihood')
        penalty_factors = factors.tolist()
    return {'l1_ratio': real_number('l1_ratio', l1_ratio, minimum=0, maximum=1), 'standardize': bool(standardize),
            'penalty_factors': penalty_factors, 'tol': real_number('tol', tol, above=0)}


def has_l1(options):
    r"""
    Return whether a model with these options minimises a penalty of absolute values beside the cost.
    """
    return bool(options.get('l1') or options.get('lambda_'))


def relative_factors(factors, count):
    r"""
    Return penalty factors whose sum is their number, as glmnet scales them.

    EXAMPLES::

        sage: from sage_logreg.solvers.penalties import relative_factors
        sage: relative_factors(None, 2), relative_factors([0.0r, 1.0r], 2)
        (array([1., 1.]), array([0., 2.]))
    """
    return numpy.ones(count) if factors is None else numpy.asarray(factors) * (count / sum(factors))


def column_penalties(options, lambda_, scale):
    r"""
    Return two arrays, the penalties of `|w_j|` and of `w_j^2/2` in the units of the data.

    INPUT:

    - ``options`` -- dictionary with ``l1_ratio`` and ``penalty_factors``
    - ``scale`` -- array, by what the columns are divided
    """
    factors = relative_factors(options['penalty_factors'], len(scale))
    ratio = options['l1_ratio']
    return lambda_ * ratio * factors * scale, lambda_ * (1 - ratio) * factors * scale**2


def penalties_of(options, data):
    r"""
    Return the penalties of `|w_j|` and `w_j^2/2` of each column beside the mean cost, two arrays in the units of the data.
    """
    if options.get('lambda_'):
        standardized = options['standardize']
        scale = deviations_of(data.counted()) if standardized else numpy.ones(data.design.width)
        return column_penalties(options, options['lambda_'], scale)
    return tuple(numpy.full(data.design.width, float(options.get(name, 0.0)) / data.total()) for name in ('l1', 'l2'))


def with_penalties(cost, gradient, slopes, l1, l2):
    r"""
    Return a cost and its gradient with penalties; where a weight is zero, the entry nearest to zero that is in the subgradient.

    EXAMPLES::

        sage: from sage_logreg.solvers.penalties import with_penalties
        sage: import numpy
        sage: with_penalties(1.0r, numpy.array([0.5, 0.5, -2.0]), numpy.array([1.0, 0.0, 0.0]), numpy.ones(3), numpy.zeros(3))
        (2.0, array([ 1.5,  0. , -1. ]))
    """
    ahead = gradient + l2 * slopes
    nearest = numpy.sign(ahead) * numpy.maximum(abs(ahead) - l1, 0.0)
    return cost + float(l1 @ abs(slopes) + l2 @ slopes**2 / 2), numpy.where(slopes != 0, ahead + l1 * numpy.sign(slopes), nearest)
