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


def path_options(columns, l1_ratio, standardize, penalty_factors, tol, classes=2, grouped=None):
    r"""
    Return the options of a path, checked, of data with so many columns and classes; of two ``grouped`` is none of them.
    """
    if grouped is not None:
        if not isinstance(grouped, (bool, numpy.bool_)):
            raise TypeError(f'grouped = {shown(grouped)}; expected True or False')
        if classes == 2:
            raise ValueError(f'grouped = {shown(grouped)} is of more than two classes; the data have 2, and one weight for each column')
    if not isinstance(standardize, (bool, numpy.bool_)):
        raise TypeError(f'standardize = {shown(standardize)}; expected True or False')
    if penalty_factors is not None:
        factors = real_vector('penalty_factors', penalty_factors, columns)
        check_not_negative('penalty_factors', factors)
        if not factors.any():
            raise ValueError('penalty_factors are all zero; expected some above zero, or maximum_likelihood')
        penalty_factors = factors.tolist()
    of_classes = {} if classes == 2 else {'grouped': grouped is None or bool(grouped)}
    return {'l1_ratio': real_number('l1_ratio', l1_ratio, minimum=0, maximum=1), 'standardize': bool(standardize),
            'penalty_factors': penalty_factors, **of_classes, 'tol': real_number('tol', tol, above=0)}


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


def with_penalties(cost, gradient, slopes, l1, l2, grouped=False):
    r"""
    Return a cost and its gradient with penalties; where a weight is zero, the entry nearest to zero that is in the subgradient.

    INPUT:

    - ``gradient``, ``slopes`` -- arrays of n numbers, or K x n
    - ``grouped`` -- (default: ``False``) whether ``l1`` is of the lengths of columns of K weights, not of each of these

    EXAMPLES::

        sage: from sage_logreg.solvers.penalties import with_penalties
        sage: import numpy
        sage: with_penalties(1.0r, numpy.array([0.5, 0.5, -2.0]), numpy.array([1.0, 0.0, 0.0]), numpy.ones(3), numpy.zeros(3))
        (2.0, array([ 1.5,  0. , -1. ]))
    """
    def size(numbers):
        return numpy.sqrt((numbers**2).sum(axis=0)) if grouped else abs(numbers)

    ahead, sizes = gradient + l2 * slopes, size(slopes)
    with numpy.errstate(all='ignore'):
        nearest = numpy.where(size(ahead) > l1, ahead * (1 - l1 / size(ahead)), 0.0)
        whole = numpy.where(sizes > 0, ahead + l1 * slopes / sizes, nearest)
    return cost + float((l1 * sizes).sum() + (l2 * slopes**2).sum() / 2), whole
