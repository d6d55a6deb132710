r"""
Joined: one Dataset of the rows of several that are of one model, one after the other

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.dataset.joined import joined
    sage: data = ex2data1()
    sage: joined([data.take(slice(40)), data.take(slice(40, 100))]) == data
    True
"""
import copy
from fractions import Fraction

import numpy

from sage_logreg.dataset.design import Design
from sage_logreg.dataset.exact_numbers import DECIMALS, ExactNumbers
from sage_logreg.dataset.sparse import is_sparse


def joined(parts):
    r"""
    Return the rows of datasets that differ in nothing else, such as chunks, a Dataset without groups.

    INPUT:

    - ``parts`` -- list of Datasets, not empty

    EXAMPLES: see :mod:`sage_logreg.dataset.joined`.

    TESTS:

    Numbers stay exact where a column is of another kind in another part::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.joined import joined
        sage: rows = [load_data([[1/3, 0], [2, 1]]), load_data([[0.1, 0], [0.5, 1]], exact='decimal', weights=[2, 1/3])]
        sage: rows[0].weights = rows[1].weights[[0r, 0r]]
        sage: both = joined(rows)
        sage: both.exact.rows(slice(None)).ravel().tolist()
        [Fraction(1, 3), Fraction(2, 1), Fraction(1, 10), Fraction(1, 2)]
        sage: both.exact_weights.tolist()
        [2, 2, 2, 1/3]
    """
    whole, first = copy.copy(parts[0]), parts[0]
    whole.labels = numpy.concatenate([part.labels for part in parts])
    whole.exact = _numbers([part.exact for part in parts])
    whole.points = whole.exact.points
    if first.features is None:
        whole.design = Design(whole.points, first.variables, whole.exact, intercept=first.intercept)
    else:
        whole.design = Design(numpy.concatenate([part.design.points for part in parts]), first.design.variables, whole.exact, first.features,
                              first.intercept)
    for name in ('weights', 'offset'):
        given = [getattr(part, f'exact_{name}') for part in parts]
        setattr(whole, name, None if given[0] is None else numpy.concatenate(given))
    whole.successes = whole.trials = None
    whole.row_numbers, whole.dropped = None, sum(part.dropped for part in parts)
    return whole


def _numbers(parts):
    # The exact numbers of the rows of all parts.
    if is_sparse(parts[0].points):
        from scipy.sparse import vstack
        points = vstack([part.points for part in parts], format='csr')
    else:
        points = numpy.concatenate([part.points for part in parts])
    kinds, columns = [], {}
    for j, of_parts in enumerate(zip(*(part.kinds for part in parts))):
        kind = of_parts[0] if len(set(of_parts)) == 1 else 'binary' if 'binary' in of_parts else 'exact'
        beside = [_beside(part, j, kind) for part in parts]
        if any(numbers.any() for numbers in beside):
            columns[j] = numpy.concatenate(beside)
        kinds.append(kind)
    return ExactNumbers(points, tuple(kinds), columns, any(part.lost for part in parts))


def _beside(numbers, j, kind):
    # What the floats of a column do not tell, where the column is taken as another kind.
    count = numbers.points.shape[0]
    if numbers.kinds[j] in DECIMALS and kind not in DECIMALS:
        column = numpy.empty(count, dtype=object)
        column[:] = [Fraction(repr(value)) for value in numbers.points[:, j].tolist()]
        given = numbers.columns.get(j)
        return column if given is None else numpy.where(numpy.equal(given, None), column, given)
    return numbers.columns.get(j, numpy.full(count, None, dtype=object))
