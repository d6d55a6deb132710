r"""
Typical points: variables at their means, factors at a level, one of them changed

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.dataset.typical import column_of, numbers_of, points_with
    sage: data = load_data([[34, 'f', 0], [60, 'm', 1], [19, 'm', 0], [41, 'f', 1]], variables='age, sex')
    sage: sex = column_of(data, 'sex', 'by')
    sage: points_with(data.points[:2], numbers_of(data, sex, 'm', 'by'))
    array([[34.,  1.],
           [60.,  1.]])
"""
import numpy

from sage_logreg.dataset.categorical import Factor
from sage_logreg.support.arguments import entries, listed, one_of, real_number, shown

# a column of at most so many different numbers is known by them
FEW = 5


def columns_in_use(data):
    r"""
    Return the columns of the table that a model of the data depends on, numbers and factors.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.typical import column_name, columns_in_use
        sage: data = load_data([[1, 2, 0], [3, 4, 1]], variables='a, b', features=['b^2'])
        sage: list(map(column_name, columns_in_use(data)))
        ['b']
    """
    if data.features is None:
        return data.coding.columns
    used = {str(symbol) for expression in data.features.expressions for symbol in expression.variables()}
    return tuple(column for column in data.coding.columns if used.intersection(column.variables))


def column_name(column):
    r"""
    Return what a column is called: a factor by its title, another one by its variable.
    """
    return str(column.title).strip() if isinstance(column, Factor) else column.variable


def column_of(data, name, argument):
    r"""
    Return the column of a name, of those in use.

    TESTS::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.dataset.typical import column_of
        sage: column_of(ex2data1(), 'x3', 'by')
        Traceback (most recent call last):
        ...
        ValueError: by = x3; expected one of x1, x2
    """
    columns = columns_in_use(data)
    for column in columns:
        if str(name).strip() == column_name(column):
            return column
    raise ValueError(f'{argument} = {name if isinstance(name, str) else shown(name)}; expected one of {listed(map(column_name, columns))}')


def columns_of(data, names, argument):
    r"""
    Return the columns of names, a text with commas or a list; for ``None`` all in use.
    """
    if names is None:
        return list(columns_in_use(data))
    if isinstance(names, str):
        # a title may have commas
        given = [names] if names.strip() in map(column_name, columns_in_use(data)) else names.split(',')
    else:
        given = [names] if hasattr(names, 'variables') else entries(names)
    if given is None:
        raise TypeError(f'{argument} = {shown(names)}; expected a list of names')
    return [column_of(data, name, f'{argument}[{place}]') for place, name in enumerate(given)]


def numbers_of(data, column, value, text):
    r"""
    Return the numbers of a column's variables at a value, a dictionary by their places.
    """
    if isinstance(column, Factor):
        level = one_of(text, value, column.levels)
        return {data.variables.index(name): float(own == level) for own, name in column.indicators.items()}
    return {data.variables.index(column.variable): real_number(text, value)}


def points_with(points, numbers):
    r"""
    Return points with other numbers in some places.
    """
    points = points.copy()
    points[:, list(numbers)] = list(numbers.values())
    return points


def typical_values(points, shares, column, data, ends=True):
    r"""
    Return values of a column that stand for all: the levels of a factor, a few numbers, or else the extremes and the quartiles.

    INPUT:

    - ``points`` -- float64 array, m x n
    - ``shares`` -- float64 array of m numbers whose sum is 1
    - ``ends`` -- (default: ``True``) whether the smallest and the largest number are among many

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.typical import column_of, typical_values
        sage: import numpy
        sage: data = load_data([[x, x % 2] for x in range(9)])
        sage: column, shares = column_of(data, 'x1', 'by'), numpy.full(9r, 1/9r)
        sage: typical_values(data.points, shares, column, data), typical_values(data.points, shares, column, data, ends=False)
        ([0.0, 2.0, 4.0, 6.0, 8.0], [2.0, 4.0, 6.0])
    """
    if isinstance(column, Factor):
        return list(column.levels)
    values = points[:, data.variables.index(column.variable)]
    different, place = numpy.unique(values[shares > 0], return_inverse=True)
    if len(different) <= FEW:
        return different.tolist()
    # the smallest value at which so much of the whole is not above it
    reached = numpy.cumsum(numpy.bincount(place.ravel(), shares[shares > 0])) + 1e-12
    quartiles = different[numpy.searchsorted(reached, [0.25, 0.5, 0.75])].tolist()
    return sorted({*quartiles, *different[[0, -1]].tolist()} if ends else set(quartiles))
