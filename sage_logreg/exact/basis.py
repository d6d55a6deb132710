r"""
Rows as whole numbers, and a basis of some of them
"""
import functools
import math
from fractions import Fraction

import numpy

from sage_logreg.dataset.design import Design, row_blocks
from sage_logreg.support.constants import constants_of

# Rows of a block, so that temporary arrays stay small compared with the data.
BLOCK = 1 << 14
# Words of whole numbers that are computed at once.
WORDS = 1 << 14


def spread(count, most):
    r"""
    Return at most ``most`` of the numbers from 0 to ``count - 1``, evenly spread.
    """
    return numpy.unique(numpy.linspace(0, count - 1, min(count, most)).astype(numpy.int64))


def exact_product(table, matrix):
    r"""
    Return the product of two arrays of whole numbers, exactly: in floats where no sum of theirs can be rounded.

    EXAMPLES::

        sage: from sage_logreg.exact.basis import exact_product
        sage: import numpy
        sage: [exact_product(numpy.array([[1, 2], [0, 3]], dtype=object), numpy.array([[factor], [5]], dtype=object)).tolist()
        ....:  for factor in (1r, 10r^30)]
        [[[11], [15]], [[1000000000000000000000000000010], [15]]]
    """
    if not (table.size and matrix.size) or not isinstance(table.flat[0], int):
        return table.dot(matrix)
    if int(abs(table).max()) * int(abs(matrix).max()) * len(matrix) >= 2**53:
        return table.dot(matrix)
    return (table.astype(numpy.float64) @ matrix.astype(numpy.float64)).astype(numpy.int64).astype(object)


class SignedRows:
    # The rows s_i (1, x_i) of the data, or s_i x_i without an intercept. Column j is divided by 2^exponents[j], which
    # brings it into (-1, 1), so that floats cannot overflow and whole numbers are short. Vectors are lists of whole
    # numbers in these units; where some numbers of the data are irrational, everything is a Constant in place of a
    # whole number. Of a part of the data, the extremes of all columns may be given, for the same units in all parts.

    def __init__(self, data, extremes=None):
        self.exact = data.design.exact
        self.points = self.exact.points
        self.signs = numpy.where(data.labels == 1, 1, -1)
        self.intercept, self.width = data.design.intercept, data.design.count
        largest = numpy.maximum(*map(abs, Design(self.points).extremes if extremes is None else extremes))
        self.exponents = numpy.frexp(largest)[1].astype(numpy.int64)
        # how far rounding to a float moves a number of the scaled columns, besides its relative error
        self.rounding = 2.0**-1000 + (0.0 if self.exact.are_floats() else numpy.ldexp(1.0, -1074 - self.exponents).sum())

    def __len__(self):
        return len(self.points)

    @functools.cached_property
    def constants(self):
        return constants_of(self.exact)

    def of_points(self, numbers):
        # the numbers of the rows of some points
        return numbers

    def integers(self, rows):
        # Each row times the least number that makes it whole: Python ints, len(rows) x width.
        return self.of_the_model(self.with_ones(rows))

    def products(self, rows, vectors):
        # Of each row times a positive number with vectors of whole numbers, one a column: exact.
        return exact_product(self.integers(rows), vectors)

    def of_the_model(self, table):
        # Rows as of with_ones, without the ones if there is no intercept.
        return table[:, 1 - self.intercept:]

    def with_ones(self, rows):
        # The same with a one before each row in any case, which shows the number: s_i (1, x_i) times it.
        rows = numpy.asarray(rows, dtype=numpy.int64)
        if not self.exact.are_floats():
            return self._of_exact_numbers(rows)
        mantissas, exponents = numpy.frexp(self.points[rows].astype(numpy.float64))
        numbers = numpy.ldexp(mantissas, 53).astype(numpy.int64)
        twos = numpy.where(numbers == 0, 0, numpy.frexp((numbers & -numbers).astype(numpy.float64))[1] - 1)
        exponents = numpy.where(numbers == 0, 0, exponents - 53 + twos - self.exponents)
        lowest = numpy.minimum(exponents.min(axis=1, keepdims=True), 0)
        numbers = numpy.insert(numbers >> twos, 0, 1, axis=1) * self.signs[rows, None]
        return numbers.astype(object) << numpy.insert(exponents - lowest, [0], -lowest, axis=1).astype(object)

    def _of_exact_numbers(self, rows):
        table = self.exact.rows(rows)
        if self.constants is not None:
            table = numpy.array(self.constants.elements(table.ravel()), dtype=object).reshape(table.shape)
        table = table / numpy.array([Fraction(2)**int(exponent) for exponent in self.exponents], dtype=object)
        if self.constants is not None:
            ones = numpy.array(self.constants.elements([1] * len(rows)), dtype=object)
            return numpy.column_stack([ones, table]) * self.signs[rows, None].astype(object)
        wholes = [math.lcm(*(number.denominator for number in row)) for row in table]
        return numpy.array([[sign * whole, *(sign * whole // number.denominator * number.numerator for number in row)]
                            for sign, whole, row in zip(self.signs[rows].tolist(), wholes, table)],
                           dtype=object).reshape(len(rows), 1 + self.points.shape[1])

    def floats(self, rows):
        # The rows rounded to floats, for a slice or an array of numbers.
        scaled = numpy.ldexp(self.points[rows].astype(numpy.float64), -self.exponents)
        if self.intercept:
            scaled = numpy.column_stack([numpy.ones(len(scaled)), scaled])
        return self.signs[rows, None] * scaled

    def values(self, vector, rows):
        # The products of a slice of rows with the vector divided by its largest entry, and a bound on their errors:
        # (width + 4) 2^-52 is twice the bound on the rounding, that of the points included; the rest covers underflow.
        largest = max(abs(entry) for entry in vector)
        floats = numpy.array([float(entry / largest) for entry in vector])
        scaled = numpy.ldexp(self.points[rows].astype(numpy.float64), -self.exponents)
        values = self.signs[rows] * Design(scaled).log_odds(floats)
        sizes = Design(abs(scaled)).log_odds(abs(floats))
        return values, sizes * (self.width + 4) * 2.0**-52 + self.rounding

    def first_not_orthogonal(self, vector):
        for rows in row_blocks(len(self), BLOCK):
            values, bounds = self.values(vector, rows)
            certain = numpy.abs(values) > bounds
            if not certain.any():
                certain = self.integers(numpy.arange(rows.start, rows.stop)).dot(vector) != 0
            if certain.any():
                return rows.start + int(numpy.argmax(certain))
        return None

    def signed_values(self, vector, skip):
        # The products with the vector, approximate, but with exact signs and zeros where skip is not set.
        result = numpy.empty(len(self))
        for rows in row_blocks(len(result), BLOCK):
            values, bounds = self.values(vector, rows)
            unsure = numpy.flatnonzero((numpy.abs(values) <= bounds) & ~skip[rows])
            if len(unsure):
                exact = self.products(rows.start + unsure, numpy.array(vector, dtype=object)[:, None])[:, 0]
                values[unsure] = numpy.sign(exact).astype(float) * bounds[unsure]
            result[rows] = values
        return result

    def in_units_of_data(self, vector):
        # As fractions, scaled so that the last nonzero entry is 1 or -1.
        entries = [Fraction(entry) if self.constants is None else entry for entry in vector]
        first = int(self.intercept)
        entries[first:] = [entry / Fraction(2)**int(exponent) for entry, exponent in zip(entries[first:], self.exponents)]
        last = [abs(entry) for entry in entries if entry][-1]
        return [entry / last for entry in entries]

    def whole_numbers(self, vector):
        # The other way: whole numbers in these units, of a vector of rational numbers in units of the data.
        exponents = [0] * int(self.intercept) + self.exponents.tolist()
        entries = [Fraction(entry) * Fraction(2)**exponent for entry, exponent in zip(vector, exponents)]
        whole = math.lcm(*(entry.denominator for entry in entries))
        return numpy.array([int(entry * whole) for entry in entries], dtype=object)


class IntegerBasis:
    # A square matrix of whole numbers whose columns, unit vectors at first, are exchanged for rows of the data. Stored
    # are its determinant and its inverse times the determinant, both whole numbers, so that every division is exact.
    # The member of a place is i if row i of the data stands there, and negative if a unit vector does.

    def __init__(self, size):
        self.inverse = numpy.array([[int(i == j) for j in range(size)] for i in range(size)], dtype=object)
        self.determinant = 1
        self.members = list(range(-size, 0))

    def units(self):
        return [place for place, member in enumerate(self.members) if member < 0]

    def rows(self):
        return [member for member in self.members if member >= 0]

    def exchange(self, place, member, coordinates):
        pivot, kept = coordinates[place], self.inverse[place].copy()
        # block by block, as Ctrl-C has to wait while NumPy computes with long numbers
        bits = pivot.bit_length() if isinstance(pivot, int) else 0
        for rows in row_blocks(len(kept), max(1, WORDS // (1 + bits // 64) // len(kept))):
            self.inverse[rows] = (pivot * self.inverse[rows] - numpy.outer(coordinates[rows], kept)) // self.determinant
        self.inverse[place] = kept
        self.determinant = pivot
        if pivot < 0:
            self.inverse, self.determinant = -self.inverse, -pivot
        self.members[place] = member

    def enter(self, member, column, places):
        # Puts the column at the first of the places where it keeps the matrix invertible, if there is one.
        coordinates = self.inverse[places].dot(column) if places else []
        for place, coordinate in zip(places, coordinates):
            if coordinate:
                return self.exchange(place, member, self.inverse.dot(column))

    def complete(self, rows):
        # Rows enter until all others are in the span of those that are here; returns the numbers of those that entered.
        entered, relations = [], self.units()
        while relations:
            row = rows.first_not_orthogonal(self.inverse[relations[0]])
            if row is not None:
                self.enter(row, rows.integers([row])[0], relations[:1])
                entered.append(row)
            relations.pop(0)
        return entered

    def normals(self):
        # a basis of the vectors that are orthogonal to the rows that are here, without unit vectors none
        return self.inverse[self.units()]
