r"""
Clusters: which observations belong together, as those of one school, one patient, one day

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.dataset.clusters import cluster_numbers
    sage: from sage_logreg.dataset.observations import observations
    sage: data = load_data({'school': ['b', 'a', 'b'], 'x': [1, 2, 3], 'y': [0, 1, 1]}, variables='x')
    sage: cluster_numbers('school', data, observations(data))
    array([0, 1, 0])
    sage: cluster_numbers([7, 7, 5], data, observations(data))
    array([0, 0, 1])
"""
import numpy

from sage_logreg.dataset.observations import groups_of_rows
from sage_logreg.support.arguments import entries, shown


def cluster_numbers(given, data, found, argument='cluster'):
    r"""
    Return the number of the cluster of each observation, an int array; in the order in which they are seen first.

    INPUT:

    - ``given`` -- the title of a variable, a factor or another column of the source; or values of any kind, one for each row of the
      data (of grouped data for each group), or for each of their source where some were dropped: equal ones are a cluster
    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` in memory
    - ``found`` -- its :class:`~sage_logreg.dataset.observations.Observations`
    - ``argument`` -- (default: ``'cluster'``) what the user knows it as

    TESTS::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.dataset.clusters import cluster_numbers
        sage: from sage_logreg.dataset.observations import observations
        sage: data = ex2data1()
        sage: for given in ('x3', [1, 2], 7, [1] * 100, [None] + [1, 2] * 50):
        ....:     try:
        ....:         cluster_numbers(given, data, observations(data))
        ....:     except (TypeError, ValueError) as error:
        ....:         print(error)
        cluster: the data have no column 'x3'; expected one of x1, x2, y, or one value for each of the 100 rows
        cluster has 2 entries; expected 100, one for each row of the data
        cluster = 7; expected the title of a column, or one value for each of the 100 rows
        cluster has the same value for all rows; expected at least two different ones
        cluster has 101 entries; expected 100, one for each row of the data
    """
    values = (_of_column if isinstance(given, str) else _of_rows)(given, data, found, argument)
    if isinstance(values, numpy.ndarray) and values.dtype.kind in 'iufbU':
        _, first, numbers = numpy.unique(values, return_index=True, return_inverse=True)
        numbers = numpy.argsort(numpy.argsort(first))[numbers.ravel()]
    else:
        seen = {}
        numbers = numpy.array([seen.setdefault(value, len(seen)) for value in values], dtype=int)
    if not numbers.any():
        raise ValueError(f'{argument} has the same value for all rows; expected at least two different ones')
    return numbers


def _of_column(name, data, found, argument):
    # The values of a column, which is a variable, a factor, or one that the model does not use.
    try:
        values = data.column(name)
    except ValueError as error:
        raise ValueError(f'{argument}: {error}, or one value for each of the {_how_many(data)}') from None
    values = [values[row] for row in found.first.tolist()]
    _check_there([value is None or value != value for value in values], name, found)
    return values


def _of_rows(given, data, found, argument):
    if isinstance(given, numpy.ndarray) and given.ndim != 1:
        raise TypeError(f'{argument} is an array of {given.ndim} dimensions; expected one value for each of the {_how_many(data)}')
    values = entries(given)
    if values is None:
        raise TypeError(f'{argument} = {shown(given)}; expected the title of a column, or one value for each of the {_how_many(data)}')
    count, rows = (len(data), found.first) if data.trials is None else (len(data.trials), groups_of_rows(data)[found.first])
    source = count + data.dropped
    if data.dropped and len(values) == source and found.rows.max() < source:
        count, rows = source, found.rows
    if len(values) != count:
        of = 'row of the data' if data.trials is None else 'group'
        others = f', or {source} with those that were dropped' if data.dropped else ''
        raise ValueError(f'{argument} has {len(values)} entries; expected {count}, one for each {of}{others}')
    values = [values[row] for row in rows.tolist()]
    try:
        # what is missing, nan among it, is not equal to itself
        missing = numpy.array([value is None or hash(value) is None or bool(value != value) for value in values])
    except TypeError:
        raise TypeError(f'{argument}[0] = {shown(values[0])}; expected numbers or texts') from None
    _check_there(missing, argument, found)
    return values


def _how_many(data):
    return f'{len(data)} rows' if data.trials is None else f'{len(data.trials)} groups'


def _check_there(missing, name, found):
    if any(missing):
        row = found.rows[int(numpy.argmax(missing))]
        raise ValueError(f'{name} is missing in row {row + 1}; expected a value for every row')
