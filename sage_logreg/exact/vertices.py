r"""
Few rows that may prove an overlap, found by a linear programme in floats

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.exact.basis import SignedRows
    sage: from sage_logreg.exact.vertices import supports
    sage: import numpy
    sage: [len(support) for support in supports(SignedRows(ex2data1()), numpy.arange(100))]
    [4]
"""
import numpy

from sage_logreg.exact.basis import spread
from sage_logreg.exact.whitened import WhiteRows, whitened

# singular values that are zero beside the largest, and multipliers that are zero
NULL, ZERO = 1e-9, 1e-11


def spanning_multipliers(rows, which):
    r"""
    Return multipliers of rows as one vertex of the linear programme has them, if these span what all ``which`` do.

    INPUT: as for :func:`supports`, with rational numbers

    OUTPUT: a dictionary from rows to positive whole numbers, multipliers of ``rows.integers``; ``None`` if it is not so
    simple

    ALGORITHM:

    The equations for r + 1 rows of rank r are solved in Sage by p-adic lifting [Dix1982]_.

    REFERENCES:

    .. [Dix1982] \J. D. Dixon, *Exact solution of linear equations using p-adic expansions*, Numer. Math. 40 (1982) 137-141.
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    from sage.matrix.constructor import matrix
    from sage.modules.free_module_element import vector
    from sage.rings.integer_ring import ZZ
    from scipy.linalg import qr
    space = _space(rows, which)
    support = _support(rows, which, space)
    if support is None or len(support) != space.shape[1] + 1:
        return None
    integers = rows.integers(support)
    columns = qr(rows.floats(support), mode='r', pivoting=True)[1][:space.shape[1]]
    square = matrix(ZZ, integers[:-1, columns].T.tolist())
    if square.rank() < len(columns):
        return None
    solution = square.solve_right(vector(ZZ, (-integers[-1, columns]).tolist()))
    whole = solution.denominator()
    multipliers = [int(entry * whole) for entry in solution] + [int(whole)]
    if min(multipliers) <= 0 or numpy.array(multipliers, dtype=object).dot(integers).any():
        return None
    return dict(zip(support.tolist(), multipliers))


def supports(rows, which):
    r"""
    Yield arrays of numbers of rows, each with multipliers that may prove an overlap beside those before.

    INPUT:

    - ``rows`` -- a :class:`~sage_logreg.exact.basis.SignedRows`
    - ``which`` -- array of numbers of rows that overlap within their span

    EXAMPLES: see :mod:`sage_logreg.exact.vertices`.
    """
    matrix = _space(rows, which)
    while matrix.shape[1]:
        support = _support(rows, which, matrix)
        if support is None:
            return
        yield support
        # the next ones are for the rows that are not in the span of these
        _, values, vectors = numpy.linalg.svd(_floats(rows, support, matrix))
        rank = int((values > NULL * values[0]).sum())
        matrix = matrix @ vectors[rank:].T
        which = which[numpy.concatenate([abs(part).max(axis=1, initial=0) > NULL
                                         for _, part in WhiteRows(rows, matrix, which).blocks()])]


def _space(rows, which):
    # A matrix with as many columns as the rows have rank, whose products with the rows have that rank too.
    white = whitened(rows, numpy.ones(len(rows.points)))
    if white is None:
        return numpy.zeros((rows.width, 0))
    values, vectors = numpy.linalg.eigh(WhiteRows(rows, white.matrix, which).moments(numpy.ones(len(which)))[0])
    return white.matrix @ vectors[:, values > NULL * values[-1]]


def _support(rows, which, matrix):
    # The rows with multipliers at a vertex, of as few of the rows as have one; None if there is none.
    from scipy.optimize import linprog
    if not matrix.shape[1]:
        return None
    count = 10 * matrix.shape[1] + 20
    while True:
        some = which[spread(len(which), count)]
        floats = _floats(rows, some, matrix)
        floats = floats / numpy.sqrt((floats**2).sum(axis=1, keepdims=True))
        table = numpy.vstack([floats.T, numpy.ones(len(some))])
        answer = linprog(numpy.zeros(len(some)), A_eq=table, b_eq=numpy.append(numpy.zeros(len(table) - 1), 1.0),
                         method='highs-ds')
        if answer.x is not None and answer.status == 0:
            return some[answer.x > ZERO]
        if len(some) == len(which):
            return None
        count *= 4


def _floats(rows, which, matrix):
    return numpy.concatenate([part for _, part in WhiteRows(rows, matrix, which).blocks()])
