r"""
Exact numbers, of any kind that a Sage user types: converted once, where something is decided or proved

EXAMPLES::

    sage: from sage_logreg.support.exact_number import exact_number, is_float
    sage: exact_number(1/3), is_float(1/3), is_float(0.1)
    (Fraction(1, 3), False, True)
"""
import decimal
import operator
from fractions import Fraction

import numpy

from sage_logreg.support.arguments import real_number


def exact_number(value):
    r"""
    Return a real number exactly: a ``Fraction``, or if it is not rational the Sage constant that it is.

    EXAMPLES::

        sage: from decimal import Decimal
        sage: from sage_logreg.support.exact_number import exact_number
        sage: [str(exact_number(x)) for x in (7, 1/3, 0.5, 0.1, Decimal('0.1'), AA(4).sqrt(), sqrt(2), GF(7)(3))]
        ['7', '1/3', '1/2', '3602879701896397/36028797018963968', '1/10', '2', 'sqrt(2)', '3']
    """
    if isinstance(value, FloatOf):
        value = value.exact
    if isinstance(value, float):
        return Fraction(value)
    if type(value).__module__.startswith('sage.'):
        return _of_sage(value)
    try:
        return Fraction(operator.index(value))
    except TypeError:
        pass
    if isinstance(value, (Fraction, decimal.Decimal)):
        return Fraction(value)
    return Fraction(*value.as_integer_ratio()) if isinstance(value, numpy.floating) else Fraction(float(value))


def _of_sage(value):
    from sage.rings.rational_field import QQ
    if hasattr(value, 'exact_rational'):
        rational = value.exact_rational()
    elif is_expression(value) and value.is_numeric():
        return exact_number(value.pyobject())
    elif is_expression(value) or _is_exact(value):
        try:
            rational = QQ(value)
        except (TypeError, ValueError):
            return value if is_expression(value) or algebraic(value) is not None else Fraction(float(value))
    else:
        return Fraction(float(value))
    return Fraction(int(rational.numerator()), int(rational.denominator()))


def is_expression(value):
    r"""
    Return whether a number is an expression of Sage.

    EXAMPLES::

        sage: from sage_logreg.support.exact_number import is_expression
        sage: is_expression(pi), is_expression(1/3)
        (True, False)
    """
    return hasattr(value, 'is_trivially_equal')


def _is_exact(value):
    # of elements of the lazy real field Sage knows no zero
    parent = getattr(value, 'parent', None)
    return callable(parent) and hasattr(parent(), 'is_exact') and parent().is_exact()


def algebraic(value):
    r"""
    Return a number as a real algebraic one, ``None`` if it is none.

    EXAMPLES::

        sage: from sage_logreg.support.exact_number import algebraic
        sage: algebraic(sqrt(2)), algebraic(pi)
        (1.414213562373095?, None)
    """
    from sage.rings.qqbar import AA
    try:
        return AA(value)
    except (TypeError, ValueError, NotImplementedError):
        return None


def sage_number(exact):
    r"""
    Return what :func:`exact_number` returns as a number of Sage.

    EXAMPLES::

        sage: from sage_logreg.support.exact_number import exact_number, sage_number
        sage: sage_number(exact_number(0.25)), sage_number(exact_number(sqrt(2)))
        (1/4, sqrt(2))
    """
    from sage.rings.rational_field import QQ
    return QQ((exact.numerator, exact.denominator)) if isinstance(exact, Fraction) else exact


def exact_difference(one, other):
    r"""
    Return the exact difference of two real numbers, an ``int`` if both are whole.

    EXAMPLES::

        sage: from sage_logreg.support.exact_number import exact_difference
        sage: exact_difference(2^60 + 1, 2^60), exact_difference(1, 0.5), exact_difference(sqrt(2), 0.5r)
        (1, Fraction(1, 2), sqrt(2) - 1/2)
    """
    try:
        return operator.index(one) - operator.index(other)
    except TypeError:
        pair = exact_number(one), exact_number(other)
    if not all(isinstance(number, Fraction) for number in pair):
        pair = list(map(sage_number, pair))
    return pair[0] - pair[1]


def is_float(value):
    r"""
    Return whether a number is a float, Python's, NumPy's or Sage's: the binary number nearest to what was meant.

    EXAMPLES::

        sage: from sage_logreg.support.exact_number import is_float
        sage: [is_float(x) for x in (0.5, 0.5r, RDF(1), 1/2, 1, pi, SR(0.5), 0.5*pi)]
        [True, True, True, False, False, False, True, True]
    """
    if isinstance(value, FloatOf):
        value = value.exact
    if isinstance(value, (float, numpy.floating)):
        return True
    if is_expression(value):
        return any(map(is_float, value.operands() or [value.pyobject()] * value.is_numeric()))
    return type(value).__module__.startswith(('sage.', 'mpmath.', 'sympy.')) and not _is_exact(value)


class FloatOf(float):
    r"""
    A float that remembers the number that it was made from, for what is exact: ``exact``.

    EXAMPLES::

        sage: from sage_logreg.support.exact_number import FloatOf
        sage: FloatOf(1/3), FloatOf(1/3).exact
        (0.3333333333333333, 1/3)
    """

    def __new__(cls, value):
        number = super().__new__(cls, value)
        number.exact = value
        return number


def checked_penalty(l2, name='l2'):
    r"""
    Return a penalty, the argument ``l2`` or another one, as a float that remembers the number given, checked.

    EXAMPLES::

        sage: from sage_logreg.support.exact_number import checked_penalty
        sage: checked_penalty(1/10), checked_penalty(1/10).exact
        (0.1, 1/10)

    TESTS::

        sage: checked_penalty(-1)
        Traceback (most recent call last):
        ...
        ValueError: l2 = -1; expected a real number at least 0
    """
    number = real_number(name, l2, minimum=0)
    return l2 if isinstance(l2, FloatOf) else number if is_float(l2) else FloatOf(l2)
