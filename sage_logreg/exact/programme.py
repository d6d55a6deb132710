r"""
The linear programme that finds a certificate, in whole numbers
"""
import math
from fractions import Fraction

import numpy

from sage_logreg.dataset.design import row_blocks
from sage_logreg.exact.basis import BLOCK, IntegerBasis, spread
from sage_logreg.support.progress import progress_bar

# The search for the certificate


def certificate(rows, independent):
    # A separating vector (or None), multipliers of rows.integers, and which rows are zero for all separating vectors.
    work = numpy.union1d(spread(len(rows), 10 * rows.width), independent)
    return _searched(rows, work, numpy.zeros(len(rows), dtype=bool))


def few_multipliers(rows, which):
    # Multipliers of a few of these rows, which are known to overlap within their span and stay tight.
    tight = numpy.ones(len(rows), dtype=bool)
    tight[which] = False
    return _searched(rows, which[spread(len(which), 10 * rows.width)], tight)[1]


def _searched(rows, work, tight):
    # The same with some rows to begin with, of those that are not tight.
    table, multipliers = rows.with_ones(work), {}
    with progress_bar(desc='separation', unit=' exchanges') as bar:
        while True:
            programme = _Programme(rows, multipliers, bar)
            if not len(programme.normals):
                return None, multipliers, tight
            tight[work[programme.orthogonal(rows.of_the_model(table))]] = True
            if tight[work].all():
                wrong = _not_orthogonal(rows, tight, programme)
                if not len(wrong):
                    return None, multipliers, tight
                work, table = numpy.append(work, wrong), numpy.vstack([table, rows.with_ones(wrong)])
            programme.add(work[~tight[work]], table[~tight[work]])
            while programme.minimize():
                vector = programme.vector()
                wrong = _not_separated(rows, vector, tight, programme)
                if not len(wrong):
                    return _short(rows, programme, tight), multipliers, tight
                work, table = numpy.append(work, wrong), numpy.vstack([table, rows.with_ones(wrong)])
                programme.add(wrong, table[-len(wrong):])
            multipliers = _sum_of_multipliers(multipliers, programme.multipliers())


def _not_orthogonal(rows, tight, programme):
    # The first rows that are not orthogonal to the normals; marks the others as tight.
    for some in row_blocks(len(tight), BLOCK):
        part = some.start + numpy.flatnonzero(~tight[some])
        orthogonal = programme.orthogonal(rows.integers(part))
        tight[part[orthogonal]] = True
        if not orthogonal.all():
            return part[~orthogonal][:5 * rows.width]
    return numpy.empty(0, dtype=numpy.int64)


def _not_separated(rows, vector, tight, programme):
    # The rows that the vector separates worst, at most 5 times their width; marks those that turn out to be tight.
    values = rows.signed_values(vector, tight)
    zeros = numpy.flatnonzero((values == 0) & ~tight)
    for some in row_blocks(len(zeros), BLOCK):
        part = zeros[some]
        tight[part[programme.orthogonal(rows.integers(part))]] = True
    wrong = numpy.flatnonzero((values <= 0) & ~tight)
    return wrong[numpy.argsort(values[wrong], kind='stable')[:5 * rows.width]]


def _sum_of_multipliers(old, new):
    # The new ones may be negative on the old rows; adding the old ones often enough makes all positive.
    times = max([1] + [-new.get(row, 0) // multiplier + 1 for row, multiplier in old.items()])
    return primitive({row: times * old.get(row, 0) + new.get(row, 0) for row in old | new})


def primitive(multipliers):
    if not all(isinstance(multiplier, int) for multiplier in multipliers.values()):
        return multipliers
    divisor = math.gcd(*multipliers.values())
    return {row: multiplier // divisor for row, multiplier in multipliers.items()}


class _Programme:
    # The linear programme: minimise the sum of |u_j| where sum of lambda_i (a_i, 1) + sum of mu_t (a_t, 0) = (u, 1),
    # lambda_i >= 0; i are the rows that were added, t the rows set apart before. The unit vectors that are still in
    # the basis, with either sign, stand for the u_j. They cost 1 each, and once out they never come back.

    def __init__(self, rows, apart, bar):
        self.rows, self.width, self.bar = rows, rows.width, bar
        self.basis = IntegerBasis(self.width + 1)
        apart = list(apart)
        for row, column in zip(apart, rows.integers(apart)):
            self.basis.enter(row, numpy.append(column, 0), self.basis.units()[:-1])
        units = self.basis.units()[:-1]
        self.free = set(range(self.width)) - set(units)
        # a basis of the vectors that are orthogonal to the rows set apart
        self.normals = self.basis.inverse[units, :self.width]
        self.coordinates = [self.width + 1 + self.basis.members[unit] for unit in units]
        self.members, self.columns = numpy.empty(0, dtype=numpy.int64), numpy.empty((0, self.width + 1), dtype=object)

    def orthogonal(self, integers):
        return (integers.dot(self.normals.T) == 0).all(axis=1)

    def add(self, rows, table):
        # The last entry is the factor that made the row whole, so that the constraints are those of the original rows.
        columns = numpy.column_stack([self.rows.of_the_model(table), numpy.abs(table[:, 0])])
        if not len(self.members):
            self.basis.enter(int(rows[0]), columns[0], [self.width])
            for unit in self.basis.units():
                if self.basis.inverse[unit, -1] < 0:
                    self.basis.inverse[unit] *= -1
        self.members, self.columns = numpy.append(self.members, rows), numpy.vstack([self.columns, columns])
        self.sizes = self.columns[:, -1].max() // self.columns[:, -1]

    def costs(self):
        return self.basis.inverse[self.basis.units()].sum(axis=0)

    def vector(self):
        return -self.costs()[:-1]

    def multipliers(self):
        return {member: self.basis.inverse[place, -1] for place, member in enumerate(self.basis.members)
                if member >= 0 and self.basis.inverse[place, -1]}

    def minimize(self):
        # Whether the minimum over the rows that were added is above zero; stops at zero.
        stalled = 0
        while True:
            costs = self.costs() if self.basis.units() else [0]
            if costs[-1] == 0:
                return False
            gains = self.columns.dot(costs)
            candidates = numpy.flatnonzero(gains > 0)
            if not len(candidates):
                return True
            # the largest gain first; after some steps that gained nothing, the first row (Bland's rule), which
            # cannot cycle
            chosen = (numpy.argmin(self.members[candidates]) if stalled > 20
                      else numpy.argmax(gains[candidates] * self.sizes[candidates]))
            column = candidates[chosen]
            coordinates = self.basis.inverse.dot(self.columns[column])
            place = self.leaving(coordinates)
            stalled = 0 if self.basis.inverse[place, -1] else stalled + 1
            self.basis.exchange(place, int(self.members[column]), coordinates)
            self.bar.update()

    def leaving(self, coordinates):
        # The place that first becomes zero; of several, the one with the first member.
        places = [place for place in range(self.width + 1) if place not in self.free and coordinates[place] > 0]
        return min(places, key=lambda place: (_quotient(self.basis.inverse[place, -1], coordinates[place]),
                                              self.basis.members[place]))


def _quotient(one, other):
    return Fraction(one, other) if isinstance(one, int) and isinstance(other, int) else one / other


def _short(rows, programme, tight):
    # The programme's vector, shorter if that still separates.
    vector = programme.vector()
    shorter = rounded_vector(rows, [vector[j] for j in programme.coordinates], tight, programme.normals)
    return vector if shorter is None else shorter


def rounded_vector(rows, coordinates, tight, normals=None):
    r"""
    Return a vector with these coordinates, rounded to as few bits as still separate all rows that are not tight.

    INPUT:

    - ``coordinates`` -- list of numbers, in the ``normals``, or without them the vector itself

    OUTPUT: an array of whole numbers, ``None`` if no rounding separates
    """
    largest = max(abs(coordinate) for coordinate in coordinates)
    for bits in (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64):
        rounded = [round(_quotient(coordinate * 2**bits, largest)) for coordinate in coordinates]
        candidate = numpy.array(rounded, dtype=object) if normals is None else normals.T.dot(rounded)
        if any(candidate) and (rows.signed_values(candidate, tight)[~tight] > 0).all():
            return candidate
    return None
