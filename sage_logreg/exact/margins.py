r"""
Which rows no vector separates, why, and a vector that separates the others, by a linear programme in floats

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.exact.basis import SignedRows
    sage: from sage_logreg.exact.margins import guessed
    sage: from sage_logreg.exact.whitened import whitened
    sage: import numpy
    sage: rows = SignedRows(load_data([[1, 0], [2, 0], [2, 1], [3, 1]]))
    sage: tight, multipliers, vector = guessed(whitened(rows, numpy.ones(4)))
    sage: tight.tolist(), (multipliers > 0).tolist(), (rows.floats(slice(0, 4)) @ vector > 1e-6).tolist()
    ([False, True, True, False], [False, True, True, False], [True, False, False, True])

ALGORITHM:

The greatest `\sum \min(1, a_i \cdot v)` with all `a_i \cdot v \ge 0`, where the rows have length 1, has 1 for each row that any
vector separates, as their sums and multiples separate as well [Kon2007]_. Its dual programme, "maximise `\sum \min(1, \lambda_i)`
subject to `\sum \lambda_i a_i = 0`, `\lambda \ge 0`", has only as many equations as there are columns; its solution has
`\lambda_i \ge 1` where `a_i \cdot v = 0`, which is the proof. It is solved for some rows, to which those are added that its `v`
leaves below 1, unless all vectors that separate these rows are orthogonal to them.
"""
import typing

import numpy

from sage_logreg.dataset.design import row_blocks
from sage_logreg.exact.basis import BLOCK, spread
from sage_logreg.exact.whitened import WhiteRows
from sage_logreg.support.interrupt import in_another_thread

# margins as small as this are zero, and eigenvalues beside the largest
ZERO, NULL = 1e-6, 1e-11
# rows of the first programme; how many programmes; and the most numbers of a table
FIRST_ROWS, MOST_PROGRAMMES, MOST_NUMBERS = 20000, 10, 10**8
# from such a condition on, columns are taken as combinations of length 1 that are orthogonal to each other
ILL_CONDITIONED = 1e6


def guessed(white):
    r"""
    Return which rows seem not to be separated by any vector, their multipliers, and a vector that separates the others.

    The multipliers are 0 for rows that are within the span of others of these. ``None`` if HiGHS finds none.

    INPUT:

    - ``white`` -- :class:`~sage_logreg.exact.whitened.WhiteRows` of all rows

    EXAMPLES: see :mod:`sage_logreg.exact.margins`.
    """
    rows, matrix = white.rows, white.matrix
    if len(rows) * rows.width > MOST_NUMBERS:
        return None
    if numpy.linalg.cond(matrix) < ILL_CONDITIONED:
        # many zeros stay zeros
        matrix = numpy.eye(rows.width)
    lengths = numpy.sqrt(numpy.concatenate([(part**2).sum(axis=1) for _, part in WhiteRows(rows, matrix).blocks()]))
    work = numpy.flatnonzero(lengths)
    work = work[spread(len(work), FIRST_ROWS)]
    for _ in range(MOST_PROGRAMMES):
        table = numpy.concatenate([part for _, part in WhiteRows(rows, matrix, work).blocks()]) / lengths[work, None]
        solution = in_another_thread(_solution, table)
        if solution is None:
            return None
        vector = matrix @ solution.vector
        margins = _margins(rows, vector) / numpy.where(lengths, lengths, 1)
        tight = abs(margins) <= ZERO
        low = (margins < 1 - ZERO) & (lengths > 0)
        low[work] = False
        zeros = numpy.flatnonzero(low & tight)
        low[zeros] = ~_are_spanned(rows, matrix, work[tight[work]], zeros)
        low = numpy.flatnonzero(low)
        if not len(low):
            multipliers = numpy.zeros(len(rows))
            multipliers[work] = solution.multipliers / lengths[work]
            return tight, multipliers * tight, vector
        work = numpy.union1d(work, low[numpy.argsort(margins[low], kind='stable')[:FIRST_ROWS]])
    return None


class _Solution(typing.NamedTuple):
    vector: numpy.ndarray
    multipliers: numpy.ndarray


def _solution(table):
    # of the programme of these rows, None if HiGHS does not find it
    from scipy import sparse
    from scipy.optimize import linprog
    count, columns = len(table), sparse.csc_matrix(table.T)
    # each multiplier is the sum of one up to 1, which counts, and of one that does not
    answer = linprog(numpy.repeat([-1.0, 0.0], count), A_eq=sparse.hstack([columns, columns], format='csc'),
                     b_eq=numpy.zeros(table.shape[1]), bounds=[(0, 1)] * count + [(0, None)] * count,
                     # with it HiGHS sometimes gives up
                     method='highs-ds', options={'presolve': False})
    return None if answer.status else _Solution(-answer.eqlin.marginals, answer.x[:count] + answer.x[count:])


def _margins(rows, vector):
    largest = abs(vector).max()
    if not largest:
        return numpy.zeros(len(rows))
    return largest * numpy.concatenate([rows.values(vector, block)[0] for block in row_blocks(len(rows), BLOCK)])


def _are_spanned(rows, matrix, spanning, which):
    # whether rows are combinations of those that span, nearly
    if not len(spanning) or not len(which):
        return numpy.zeros(len(which), dtype=bool)
    values, vectors = numpy.linalg.eigh(WhiteRows(rows, matrix, spanning).moments(numpy.ones(len(spanning)))[0])
    normals = matrix @ vectors[:, values < NULL * values[-1]]
    return numpy.concatenate([(abs(part) < ZERO).all(axis=1) for _, part in WhiteRows(rows, normals, which).blocks()])
