r"""
Multipliers of few rows that prove an overlap, from a vertex of a linear programme in floats

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.exact.basis import SignedRows
    sage: from sage_logreg.exact.vertices import multipliers_at_a_vertex
    sage: import numpy
    sage: len(multipliers_at_a_vertex(SignedRows(ex2data1()), numpy.arange(100))) <= 6
    True

ALGORITHM:

Let R be rows that span what all rows do. If the rows overlap, there are `\mu_i \ge 0` with
`\sum \mu_i a_i = -\sum_R a_i`, and a vertex of these has as many rows as there are dimensions, at most. Together they are
multipliers. The vertex is found by the simplex method in floats and rounded; then `\sum_R \lambda_i a_i = -\sum \mu_i a_i` is solved
by p-adic lifting [Dix1982]_, in Sage, with `\lambda_i` near 1, which are positive therefore.

REFERENCES:

.. [Dix1982] \J. D. Dixon, *Exact solution of linear equations using p-adic expansions*, Numer. Math. 40 (1982) 137-141.
"""
import functools
import math

import numpy

from sage_logreg.exact.basis import spread
from sage_logreg.exact.whitened import WhiteRows, whitened
from sage_logreg.support.interrupt import in_another_thread

# eigenvalues that are zero beside the largest, and multipliers that are zero
NULL, ZERO = 1e-9, 1e-9
# multipliers are at most as large, beside the length of the target
LARGEST = 1e5
# bits after the point of multipliers that are rounded
ROUNDED = 30
# rows from which those are chosen that span
MOST_CHOSEN = 4000


def multipliers_at_a_vertex(rows, which):
    r"""
    Return multipliers of some rows of ``which``, that span what all of them do; ``None`` if floats do not find them.

    INPUT:

    - ``rows`` -- a :class:`~sage_logreg.exact.basis.SignedRows` of rational numbers
    - ``which`` -- array of numbers of rows that overlap within their span

    OUTPUT: a dictionary from rows to positive whole numbers, multipliers of ``rows.integers``

    EXAMPLES: see :mod:`sage_logreg.exact.vertices`.
    """
    from scipy.linalg import qr
    white = whitened(rows, numpy.ones(len(rows)))
    if white is None:
        return None
    values, vectors = numpy.linalg.eigh(WhiteRows(rows, white.matrix, which).moments(numpy.ones(len(which)))[0])
    space = white.matrix @ vectors[:, values > NULL * values[-1]]
    if not space.size:
        return None
    # rows of zeros have no multipliers
    which = which[numpy.concatenate([(part**2).sum(axis=1) > 0 for _, part in WhiteRows(rows, space, which).blocks()])]
    chosen = which[spread(len(which), MOST_CHOSEN)]
    spanning = chosen[qr(_floats(rows, chosen, space).T, mode='r', pivoting=True)[1][:space.shape[1]]]
    vertex = _vertex(rows, which, space, -_floats(rows, spanning, space).sum(axis=0))
    return None if vertex is None else _solved(rows, *vertex, spanning)


def _vertex(rows, which, space, target):
    # The rows with multipliers at a vertex, and these, of as few of the rows as have one; None if there is none.
    from scipy.optimize import linprog
    size = numpy.sqrt(target @ target)
    count = 10 * space.shape[1] + 20
    while True:
        some = which[spread(len(which), count)]
        floats = _floats(rows, some, space)
        lengths = numpy.sqrt((floats**2).sum(axis=1))
        floats = floats / lengths[:, None]
        # of rows that are nearly separated larger ones make sums that are only nearly the target
        programme = functools.partial(linprog, numpy.ones(len(some)), A_eq=floats.T, b_eq=target / max(size, 1e-300),
                                      method='highs-ds', bounds=(0, LARGEST))
        answer = in_another_thread(programme)
        if answer.status == 0:
            used = answer.x > ZERO
            return some[used], size * answer.x[used] / lengths[used]
        if count >= len(which):
            return None
        count *= 4


def _solved(rows, vertex, multipliers, spanning):
    # The multipliers exactly: those of the vertex rounded, and what the rows that span, with multipliers near 1, leave to add.
    from sage_logreg.support import needs_sage  # noqa: F401
    from sage.matrix.constructor import matrix
    from sage.modules.free_module_element import vector
    from sage.rings.integer_ring import ZZ
    from scipy.linalg import qr
    table, integers = rows.with_ones(vertex), rows.integers(spanning)
    sizes = [abs(size) for size in table[:, 0].tolist()]
    whole = math.lcm(*sizes)
    added = [whole // size * round(2.0**ROUNDED * multiplier) for size, multiplier in zip(sizes, multipliers.tolist())]
    right = -rows.of_the_model(table).T.dot(added)
    # as many of the equations as determine the solution
    columns = qr(rows.floats(spanning), mode='r', pivoting=True)[1][:len(spanning)]
    square = matrix(ZZ, integers[:, columns].T.tolist())
    if square.rank() < len(spanning):
        return None
    solution = square.solve_right(vector(ZZ, right[columns].tolist()))
    whole = int(solution.denominator())
    solution = [int(entry * whole) for entry in solution]
    if min(solution) <= 0 or (numpy.array(solution, dtype=object).dot(integers) != whole * right).any():
        return None
    found = dict.fromkeys([*spanning.tolist(), *vertex.tolist()], 0)
    for row, multiplier in zip([*spanning.tolist(), *vertex.tolist()], solution + [whole * multiplier for multiplier in added]):
        found[row] += multiplier
    return {row: multiplier for row, multiplier in found.items() if multiplier}


def _floats(rows, which, space):
    return numpy.concatenate([part for _, part in WhiteRows(rows, space, which).blocks()])
