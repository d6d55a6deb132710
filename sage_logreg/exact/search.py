r"""
Existence decided by Newton's method in floats, whose results are then proved

Newton's method on `\sum \log(1 + e^{-b_i \cdot v})`, with the rows of :class:`~sage_logreg.exact.whitened.WhiteRows`,
finds a minimum if the classes overlap: its residuals are the proof. If not, it goes on along a vector that separates; the
rows whose residuals do not vanish are those that no vector separates. What it finds is a guess until it is proved: a vector
of whole numbers, by its exact signs on all rows; rows that no vector separates, by an overlap within their span.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.exact.basis import SignedRows
    sage: from sage_logreg.exact.search import decided
    sage: decided(SignedRows(ex2data1())) == (None, [])
    True
"""
import math
from fractions import Fraction

import numpy

from sage_logreg.dataset.design import row_blocks
from sage_logreg.exact.basis import BLOCK, IntegerBasis, spread
from sage_logreg.exact.margins import guessed
from sage_logreg.exact.programme import rounded_vector
from sage_logreg.exact.whitened import WhiteRows, overlap_is_proved, whitened
from sage_logreg.support.progress import progress_bar

# Newton's steps at most, and how long in standard errors a step is that ends them
MOST_STEPS, LAST_STEP = 80, 1e-9
# an overlap is tried to be proved at a step as short as this
SHORT_STEP = 1e-3
# the part of the slope left after a full step, above which steps are doubled; and how often at most
PLATEAU, MOST_DOUBLINGS = 0.3, 40
# log-odds of rows that are surely separated
SEPARATED = 1.0
# Residuals of rows that are separated are smaller than the first; smaller ones than the second are not told apart. How many
# gaps between residuals are tried
VANISHED, SMALLEST, MOST_GAPS = 1e-3, 1e-20, 3
# eigenvalues of zero, and numbers that are short: with denominators up to LONGEST
NULL, LONGEST, SHORT_ERROR, LARGEST_EXPONENT = 1e-11, 1000, 1e-7, 200
# columns whose part that is not also the others' is smaller are taken as dependent
DEPENDENT = 1e-8
# rows from which those are chosen that span the space of the rows that are not separated
MOST_CHOSEN = 4000


def decided(rows):
    r"""
    Return the decision, a separating vector (``None`` if there is none) and the rows that are not separated.

    OUTPUT: as whole numbers in the units of ``rows``, and as an array of numbers of rows; ``None`` if nothing was proved

    EXAMPLES: see :mod:`sage_logreg.exact.search`.
    """
    with progress_bar(desc='separation', unit=' steps') as bar:
        white = whitened(rows, numpy.ones(len(rows)))
        return None if white is None else decided_by(Search(white, bar))


def decided_by(search):
    r"""
    Return what :func:`decided` does, by a :class:`Search` in all rows.
    """
    white, rows = search.white, search.white.rows
    outcome = search.run()
    if outcome == 'overlap':
        return None, []
    if outcome == 'separated':
        vector = rounded_vector(rows, white.matrix @ search.vector, numpy.zeros(len(rows), dtype=bool))
        return None if vector is None else (vector, [])
    return _quasi_complete(rows, white, search, search.bar)


class Search:
    # Newton's method on some rows.

    def __init__(self, white, bar):
        self.white, self.bar = white, bar
        white.keep()
        self.vector, self.residuals = numpy.zeros(white.matrix.shape[1]), numpy.full(white.count, 0.5)

    def terms(self, vector, curved=True):
        # cost, gradient and Hessian; keeps the residuals and the least of the log-odds
        from scipy.special import expit
        cost, gradient, hessian, least = 0.0, 0.0, 0.0, numpy.inf
        residuals = numpy.empty(self.white.count)
        for block, rows in self.white.blocks():
            z = rows @ vector
            r = residuals[block] = expit(-z)
            cost, gradient, least = cost + numpy.logaddexp(0, -z).sum(), gradient - r @ rows, min(least, z.min())
            if curved:
                weighted = numpy.sqrt(r * expit(z))[:, None] * rows
                hessian = hessian + weighted.T @ weighted
        self.residuals, self.least = residuals, least
        return cost, gradient, hessian

    def run(self):
        # 'overlap' (proved), 'separated' (in floats), or None
        tried = False
        cost, gradient, hessian = self.terms(self.vector)
        for _ in range(MOST_STEPS):
            self.bar.update()
            if self.least > SEPARATED:
                return 'separated'
            try:
                direction = -numpy.linalg.solve(hessian, gradient)
            except numpy.linalg.LinAlgError:
                break
            slope = -float(gradient @ direction)
            if not (0 < slope < numpy.inf) or slope < LAST_STEP**2:
                break
            if slope < SHORT_STEP**2 and not tried:
                tried = True
                if self.is_overlap():
                    return 'overlap'
            terms = self.step(direction, cost, slope)
            if terms is None:
                break
            cost, gradient, hessian = terms
        return 'overlap' if self.is_overlap() else None

    def is_overlap(self):
        white = self.white
        return overlap_is_proved(white.rows, self.residuals, white.which, white.columns, white.matrix)

    def step(self, direction, cost, slope):
        # To the point after the first of the steps 1, 1/2, ... where the cost is less, or the last of 1, 2, 4, ... to which
        # it still falls as steeply; there are the terms.
        length = 1.0
        terms = self.terms(self.vector + direction)
        while not terms[0] < cost:
            length /= 2
            if length < 1e-6:
                return None
            terms = self.terms(self.vector + length * direction)
        while length >= 1 and self.least <= SEPARATED and -terms[1] @ direction > PLATEAU * slope and length < 2.0**MOST_DOUBLINGS:
            further = self.terms(self.vector + 2 * length * direction)
            if not further[0] <= terms[0]:
                terms = self.terms(self.vector + length * direction)
                break
            length, terms = 2 * length, further
        self.vector = self.vector + length * direction
        return terms


def _quasi_complete(rows, white, search, bar):
    # A linear programme tells which rows no vector separates, or residuals do, beside which the others vanish.
    candidates = [(numpy.flatnonzero(tight), search.residuals, white.matrix @ search.vector) for tight in _gaps(search.residuals)]
    guess = guessed(white)
    if guess is not None:
        tight, multipliers, vector = guess
        if tight.all() and overlap_is_proved(rows, multipliers, matrix=white.matrix):
            return None, []
        if not tight.any():
            vector = rounded_vector(rows, vector, tight)
            return None if vector is None else (vector, [])
        candidates.insert(0, (numpy.flatnonzero(tight), multipliers, vector))
    while candidates:
        which, multipliers, separating = candidates.pop(0)
        for orthogonal in (_short_normals, _normals):
            normals, coordinates = orthogonal(rows, white, which)
            if not len(normals) or not _are_orthogonal(rows, which, normals):
                continue
            # the rows have no more rank than the other columns, so that a proof of these is one of all
            columns = numpy.setdiff1d(numpy.arange(rows.width), coordinates)
            overlapping = _overlapping(rows, which, columns, multipliers[which], bar)
            if 0 < len(overlapping) < len(which):
                candidates.insert(0, (overlapping, multipliers, separating))
                break
            if not len(overlapping):
                continue
            floats = separating[coordinates]
            tight = _within_span(rows, which, normals, floats)
            vector = _vector(rows, floats, tight, normals, coordinates, bar)
            if vector is not None:
                return vector, numpy.flatnonzero(tight).tolist()
    return None


def _overlapping(rows, which, columns, multipliers, bar):
    # These rows, if they are proved to overlap within their span; if not, those of them that another search leaves, or none.
    if not len(columns):
        # rows of zeros, without an intercept: every vector is orthogonal to them
        return which
    if multipliers.any() and overlap_is_proved(rows, multipliers, which, columns):
        return which
    inner = whitened(rows, numpy.ones(len(which)), which, columns)
    if inner is None:
        return which[:0]
    search = Search(inner, bar)
    if search.run() == 'overlap':
        return which
    return next((which[tight] for tight in _gaps(search.residuals)), which[:0])


def _within_span(rows, which, normals, floats):
    # Which rows are orthogonal to all normals, as these are: no vector separates them either, though their residuals be small.
    tight = numpy.zeros(len(rows), dtype=bool)
    tight[which] = True
    largest = max(abs(floats)) or 1.0
    vector = normals.T.dot([round(entry / largest * 2.0**30) for entry in floats.tolist()])
    if any(vector):
        # few others are orthogonal to this one combination
        zeros = numpy.flatnonzero((rows.signed_values(vector, tight) == 0) & ~tight)
        for block in row_blocks(len(zeros), BLOCK):
            tight[zeros[block]] = ~(rows.products(zeros[block], normals.T) != 0).any(axis=1)
    return tight


def _gaps(residuals):
    # Yields which rows are above a wide gap between the residuals, for the widest gaps.
    order = numpy.sort(numpy.maximum(residuals, SMALLEST))
    gaps = numpy.where(order[:-1] < VANISHED, numpy.log(order[1:] / order[:-1]), 0.0)
    for place in numpy.argsort(-gaps, kind='stable')[:MOST_GAPS]:
        if gaps[place] > 1:
            yield residuals > order[place]


def _short_normals(rows, white, which):
    # Vectors that may be orthogonal to these rows, one for each of some coordinates, all with the same whole number at their
    # own coordinate and 0 at the others; none if not all their numbers are short, as they are for levels of a factor.
    from scipy.linalg import qr
    values, vectors = numpy.linalg.eigh(WhiteRows(rows, white.matrix, which).moments(numpy.ones(len(which)))[0])
    null = white.matrix @ vectors[:, values < NULL * values[-1]]
    count = null.shape[1]
    if not count or abs(rows.exponents).max() > LARGEST_EXPONENT:
        return [], []
    coordinates = numpy.sort(qr(null.T, mode='r', pivoting=True)[1][:count])
    units = numpy.ldexp(1.0, rows.exponents)
    units = numpy.append(1.0, units) if rows.intercept else units
    # in the units of the data
    null = numpy.linalg.solve(null[coordinates].T, null.T) / units * units[coordinates, None]
    # not only nearly, as the proof is one for all columns only if these numbers are what they should be
    null[:, coordinates] = numpy.eye(count)
    normals = []
    for vector, coordinate in zip(null.tolist(), coordinates):
        fractions = [Fraction(entry).limit_denominator(LONGEST) for entry in vector]
        if max(abs(entry - short) / max(1, abs(entry)) for entry, short in zip(vector, fractions)) > SHORT_ERROR:
            return [], []
        normals.append([short * Fraction(unit / units[coordinate]) for short, unit in zip(fractions, units)])
    whole = math.lcm(*(entry.denominator for normal in normals for entry in normal))
    normals = [[int(entry * whole) for entry in normal] for normal in normals]
    return numpy.array(normals, dtype=object), coordinates.tolist()


def _normals(rows, white, which):
    # The same of any numbers, from as many of the rows as have full rank in floats.
    from scipy.linalg import qr
    chosen = which[spread(len(which), MOST_CHOSEN)]
    floats = numpy.concatenate([part for _, part in WhiteRows(rows, white.matrix, chosen).blocks()])
    triangle, order = qr(floats.T, mode='r', pivoting=True)
    sizes = abs(numpy.diag(triangle))
    order = numpy.sort(chosen[order[:int((sizes > DEPENDENT * sizes[0]).sum())]])
    basis = IntegerBasis(rows.width)
    for row, integers in zip(order.tolist(), rows.integers(order)):
        basis.enter(row, integers, basis.units())
    units = basis.units()
    return basis.inverse[units], [rows.width + basis.members[unit] for unit in units]


def _are_orthogonal(rows, which, normals):
    return all(not (rows.products(which[block], normals.T) != 0).any() for block in row_blocks(len(which), BLOCK))


def _vector(rows, floats, tight, normals, coordinates, bar):
    # A combination of the normals that separates all other rows: that of the search, or another search's among these.
    vector = rounded_vector(rows, floats, tight, normals)
    if vector is not None:
        return vector
    height = int(normals[0, coordinates[0]])
    scaled = numpy.array([[float(Fraction(entry, height)) for entry in normal] for normal in normals.tolist()])
    search = Search(WhiteRows(rows, scaled.T, numpy.flatnonzero(~tight)), bar)
    return rounded_vector(rows, search.vector, tight, normals) if search.run() == 'separated' else None
