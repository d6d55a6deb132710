r"""
A column of exact numbers as whole numbers over a common divisor, by which sums of products are exact and quick

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.exact.whole_columns import whole_column
    sage: exact = load_data([[1/3, 0.5, sqrt(2), 0], [2, 0.25, 1, 1]]).exact
    sage: [whole_column(exact, j) for j in (0, 1, 2)]
    [WholeColumn(entries=[1, 6], divisor=3),
     WholeColumn(entries=[4, 2], divisor=8),
     WholeColumn(entries=[sqrt(2), 1], divisor=None)]
"""
import dataclasses
import math
from fractions import Fraction

import numpy

from sage_logreg.dataset.exact_numbers import DECIMALS, DIGITS
from sage_logreg.support.exact_number import sage_number

# up to this exponent a float may be shifted to a whole number
MOST_SHIFT = 1000


@dataclasses.dataclass
class WholeColumn:
    # Python integers over a divisor; or numbers of Sage, whose divisor is None.

    entries: list
    divisor: int


def whole_column(exact, j):
    r"""
    Return a column of :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers` as a :class:`WholeColumn`.
    """
    if j not in exact.columns and not exact.lost:
        found = (_of_decimals if exact.kinds[j] in DECIMALS else _of_binaries)(numpy.asarray(exact.points[:, j], dtype=numpy.float64))
        if found:
            return found
    column = exact.take_columns([j]).rows(slice(None))[:, 0].tolist()
    if not all(isinstance(x, Fraction) for x in column):
        return WholeColumn(list(map(sage_number, column)), None)
    multiple = math.lcm(*(x.denominator for x in column))
    return WholeColumn([x.numerator * (multiple // x.denominator) for x in column], multiple)


def _of_decimals(floats):
    # Two decimals of 15 digits are not rounded to the same float, and the quotient of two whole numbers that are floats is rounded to
    # the nearest: so if it is the float, it is the float of this decimal, and this the shortest one.
    for places in range(DIGITS):
        wholes = numpy.rint(floats * 10.0**places)
        if not (abs(wholes) < 10.0**DIGITS).all():
            return None
        if (wholes / 10.0**places == floats).all():
            return WholeColumn(list(map(int, wholes.tolist())), 10**places)
    return None


def _of_binaries(floats):
    if not len(floats) or not floats.any():
        return WholeColumn([0] * len(floats), 1)
    exponents = numpy.frexp(floats[floats != 0])[1]
    # multiples of the last bit of the smallest one, or whole numbers
    shift = 0 if (floats == numpy.rint(floats)).all() else 53 - int(exponents.min())
    if int(exponents.max()) + shift > MOST_SHIFT:
        return None
    while shift > 1 and (numpy.ldexp(floats, shift // 2) % 1 == 0).all():
        shift //= 2
    return WholeColumn(list(map(int, numpy.ldexp(floats, shift).tolist())), 1 << shift)
