r"""
Grouped data: how many of so many trials succeeded at every point

EXAMPLES::

    sage: from sage_logreg.grouped import ungrouped
    sage: data, weights, offset = ungrouped(([[1], [2], [3]], [0, 4, 9], [10, 10, 10]))
    sage: data
    5 points in x1: 2 with y = 1, 3 with y = 0
    sage: weights
    array([ 4.,  9., 10.,  6.,  1.])
"""
import numpy

from sage_logreg.arguments import check_not_negative, entries, real_vector, shown
from sage_logreg.dataset import Dataset, load_data


def ungrouped(data, weights=None, offset=None, features=None):
    r"""
    Return data with the frequencies and the offset of its rows; of a triple every point twice, once for each label.

    INPUT:

    - ``data`` -- anything that :func:`~sage_logreg.dataset.load_data` takes, or a
      triple ``(points, successes, trials)``: k points, and k numbers of each
    - ``weights`` -- (default: ``None``) frequencies of the rows; not with a triple
    - ``offset`` -- (default: ``None``) a number for every point
    - ``features`` -- as for :func:`~sage_logreg.dataset.load_data`

    OUTPUT: a tuple ``(dataset, weights, offset)``. Of a triple, the points that have successes come first, with
    the label 1, and after them those that have failures; otherwise weights and offset are those given

    EXAMPLES::

        sage: from sage_logreg.grouped import ungrouped
        sage: ungrouped(([[1], [2]], [1, 2], [3, 2]), offset=[1/2, 1/3])[1:]
        (array([1., 2., 2.]), [1/2, 1/3, 1/2])
        sage: ungrouped([[1, 0], [2, 1]], weights=[3, 4])[1:]
        ([3, 4], None)

    TESTS::

        sage: ungrouped(([[1], [2]], [1, 5], [10, 4]))
        Traceback (most recent call last):
        ...
        ValueError: successes[1] = 5.0 is more than the 4.0 trials
        sage: ungrouped(([[1], [2]], [1, 2], [10, 4]), weights=[1, 1])
        Traceback (most recent call last):
        ...
        ValueError: weights and grouped data (points, successes, trials) are the same thing; expected one of them
        sage: ungrouped(([[1], [2]], [1, 2], [10, 4]), offset=[1])
        Traceback (most recent call last):
        ...
        ValueError: offset has 1 entries; expected 2 real numbers
    """
    if not _is_grouped(data):
        return load_data(data, features=features), weights, offset
    if weights is not None:
        raise ValueError('weights and grouped data (points, successes, trials) are the same thing; expected one of them')
    table, successes, trials = data
    successes, trials = _counts(successes, trials)
    count = len(trials)
    rows = getattr(table, 'nrows', None)
    rows = rows() if callable(rows) else len(table) if hasattr(table, '__len__') else count
    if rows != count:
        raise ValueError(f'there are {rows} points, and successes and trials for {count}; expected as many of each')
    # the labels are there to be read with the points, and then forgotten
    one = load_data((table, numpy.arange(count) % 2))
    frequencies = numpy.concatenate([successes, trials - successes])
    seen = numpy.flatnonzero(frequencies)
    if offset is not None:
        real_vector('offset', offset, count)
        # as they were given: a proof takes rational numbers as such
        offset = entries(offset)
        offset = [offset[i % count] for i in seen]
    both = Dataset(one.points[seen % count], numpy.where(seen < count, 1.0, 0.0), one.variables)
    return load_data(both, features=features), frequencies[seen], offset


def _is_grouped(data):
    # Three rows of numbers are data themselves, unless the first entry is a table.
    if not (isinstance(data, tuple) and len(data) == 3):
        return False
    first = data[0]
    rows = entries(first)
    return hasattr(first, 'nrows') or getattr(first, 'ndim', 1) == 2 or bool(rows and entries(rows[0]) is not None)


def _counts(successes, trials):
    if entries(successes) is None:
        raise TypeError(f'successes = {shown(successes)}; expected a number for every point')
    count = len(entries(successes))
    successes, trials = real_vector('successes', successes, count), real_vector('trials', trials, count)
    check_not_negative('successes', successes)
    if (successes > trials).any():
        row = int(numpy.argmax(successes > trials))
        raise ValueError(f'successes[{row}] = {successes[row]} is more than the {trials[row]} trials')
    if not successes.any() or not (trials - successes).any():
        raise ValueError(f'there are {"only" if successes.any() else "no"} successes; expected some, and some failures')
    if count < 2:
        raise ValueError('grouped data of 1 row; expected at least 2')
    return successes, trials
