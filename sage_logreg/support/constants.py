r"""
Real constants beyond the rationals, in the field that they generate, with signs that are decided

Algebraic numbers lie in one real number field. Other constants, such as `\pi` and `\log 2`, are taken as independent
variables over it: an element that is zero as a rational function is zero, one that a ball keeps away from zero has its
sign, and of any other nothing is claimed, and an error says so.

EXAMPLES::

    sage: from sage_logreg.support.constants import ConstantField
    sage: two, three, circle = ConstantField([sqrt(2), sqrt(3), pi]).elements([sqrt(2), sqrt(3), pi])
    sage: two*three < two + three, two*two == 2r, circle*two > circle + three
    (True, True, False)
"""
import contextlib
import functools
import operator
from fractions import Fraction

import numpy

from sage_logreg.support.arguments import shown
from sage_logreg.support.exact_number import algebraic, exact_number, is_expression
from sage_logreg.support.threads import one_thread

# bits of the first and of the last ball in which a sign is looked for
FIRST_BITS, LAST_BITS = 64, 1 << 14
# largest degree of the number field, and most other constants: beyond them an exact decision would take minutes
MOST_DEGREE, MOST_OTHERS = 16, 5


class UndecidedError(ValueError):
    r"""
    Constants are not known well enough for an exact decision.

    EXAMPLES::

        sage: from sage_logreg.support.constants import ConstantField
        sage: ConstantField([sqrt(SR(k)) for k in (2, 3, 5, 7, 11, 13)])
        Traceback (most recent call last):
        ...
        sage_logreg.support.constants.UndecidedError: the algebraic numbers of the data generate a field of degree more than 16, in which nothing is decided; give fewer of them, or exact='binary'
    """


def signs(values):
    r"""
    Return the signs of real numbers, decided exactly, an array of -1, 0 and 1.

    EXAMPLES::

        sage: from sage_logreg.support.constants import signs
        sage: signs([1/3, 0, -0.5, sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6)), pi - 22/7])
        array([ 1,  0, -1,  0, -1])
    """
    if isinstance(values, numpy.ndarray) and values.dtype != object:
        return numpy.sign(values).astype(int)
    return numpy.array([_sign(value) for value in values], dtype=int)


def _sign(value):
    if not isinstance(value, (int, float, Fraction)):
        value = exact_number(value)
    if not isinstance(value, (int, float, Fraction)):
        return ConstantField([value]).elements([value])[0].sign()
    # NumPy's truths cannot be subtracted
    return int(value > 0) - int(value < 0)


def constants_of(exact):
    r"""
    Return the :class:`ConstantField` of a table's numbers, ``None`` if all are rational.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.support.constants import constants_of
        sage: constants_of(load_data([[1/3, 0], [2, 1]]).exact)
        sage: constants_of(load_data([[sqrt(3), 0], [2, 1]]).exact).elements([sqrt(3)])
        [sqrt(3)]
    """
    constants = _irrational(exact)
    return ConstantField(constants) if constants else None


def _irrational(exact):
    numbers = [exact_number(value) for column in exact.columns.values() for value in column if value is not None]
    return [value for value in numbers if not isinstance(value, Fraction)]


def used_alone(exact):
    r"""
    Return a context for arithmetic with exact numbers: one thread at a time where Sage's fields are needed.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.support.constants import used_alone
        sage: with used_alone(load_data([[sqrt(3), 0], [2, 1]]).exact):
        ....:     bool(sqrt(3) < 2)
        True
    """
    return one_thread if _irrational(exact) else contextlib.nullcontext()


class ConstantField:
    r"""
    The field that some real constants generate.

    INPUT:

    - ``constants`` -- list of Sage numbers and symbolic constants

    EXAMPLES: see :mod:`sage_logreg.support.constants`.
    """

    def __init__(self, constants):
        from sage.rings.polynomial.polynomial_ring_constructor import PolynomialRing
        self._algebraic, self._others = {}, []
        for constant in constants:
            self._gather(constant)
        numbers, elements, self._to_reals = _number_field(list(self._algebraic.values()))
        if len(self._others) > MOST_OTHERS:
            raise UndecidedError(f'the data have more than {MOST_OTHERS} constants such as {shown(self._others[0])} that are not '
                                 "algebraic, and nothing is decided; give fewer of them, or exact='binary'")
        self._algebraic = dict(zip(self._algebraic, elements))
        self.field = PolynomialRing(numbers, len(self._others), 't').fraction_field() if self._others else numbers
        self._generator = self._to_reals(numbers.gen())

    def _gather(self, value):
        # the algebraic parts and the other constants in it
        if (isinstance(value, Fraction) or _key(value) in self._algebraic
                or any(value.is_trivially_equal(other) for other in self._others if is_expression(value))):
            return
        number = algebraic(value)
        if number is not None:
            self._algebraic[_key(value)] = number
        elif _parts(value):
            for part in _parts(value):
                self._gather(part)
        else:
            self._others.append(value)

    def elements(self, values):
        r"""
        Return numbers as :class:`Constant` elements of the field.

        EXAMPLES: see :mod:`sage_logreg.support.constants`.
        """
        return [Constant(self, self._element(value)) for value in values]

    def _element(self, value):
        if isinstance(value, (int, Fraction)):
            from sage.rings.rational import Rational
            return self.field(Rational((value.numerator, value.denominator)))
        if _key(value) in self._algebraic:
            return self.field(self._algebraic[_key(value)])
        for place, other in enumerate(self._others):
            if value.is_trivially_equal(other):
                return self.field.gen(place)
        if not _parts(value):
            return self._element(exact_number(value))
        if value.operator() is operator.pow:
            return self._element(value.operands()[0])**int(value.operands()[1])
        parts = [self._element(part) for part in _parts(value)]
        return functools.reduce(operator.mul if 'mul' in value.operator().__name__ else operator.add, parts)

    def ball(self, element, bits):
        r"""
        Return a ball of this precision that contains an element of ``field``.
        """
        from sage.rings.real_arb import RealBallField
        balls = RealBallField(bits)
        root = balls(self._generator)

        def number(coefficient):
            return functools.reduce(lambda value, digit: value * root + digit, reversed(list(coefficient)), balls.zero())

        if not self._others:
            return number(element)
        values = [_ball(balls, other) for other in self._others]

        def polynomial(part):
            total = balls.zero()
            for powers, coefficient in part.dict().items():
                total += functools.reduce(operator.mul, map(operator.pow, values, map(int, powers)), number(coefficient))
            return total

        return polynomial(element.numerator()) / polynomial(element.denominator())

    def sage(self, element):
        r"""
        Return an element of ``field`` as a rational or algebraic number of Sage, or as an expression.
        """
        if not self._others:
            return self._to_reals(element)
        above, below = (sum(functools.reduce(operator.mul, map(operator.pow, self._others, map(int, powers)),
                                             _radicals(self._to_reals(coefficient)))
                            for powers, coefficient in part.dict().items())
                        for part in (element.numerator(), element.denominator()))
        return above / below


def _number_field(numbers):
    # The field of the numbers, these in it, and its map to the reals.
    from sage.rings.qqbar import number_field_elements_from_algebraics
    generators, degree = [], 1
    # one after the other, as the field of all can be too large even to be found
    for number in numbers:
        if degree * number.degree() > MOST_DEGREE**2:
            degree = MOST_DEGREE + 1
        if degree <= MOST_DEGREE:
            larger = number_field_elements_from_algebraics([*generators, number], same_field=True, embedded=True)[0].degree()
            generators, degree = [*generators, number] if larger > degree else generators, larger
        if degree > MOST_DEGREE:
            raise UndecidedError(f'the algebraic numbers of the data generate a field of degree more than {MOST_DEGREE}, in '
                                 "which nothing is decided; give fewer of them, or exact='binary'")
    return number_field_elements_from_algebraics(numbers, same_field=True, embedded=True)


def _ball(balls, constant):
    try:
        return balls(constant)
    except (TypeError, ValueError):
        raise UndecidedError(f'{shown(constant)} cannot be computed to any precision; give another number') from None


def _key(value):
    # of an algebraic number or expression; == between expressions would be a relation
    return (type(value), str(value)) if is_expression(value) else value


def _radicals(value):
    # an algebraic number as people write it, where Sage finds how
    return value.radical_expression() if hasattr(value, 'radical_expression') else value


def _parts(value):
    # the terms, the factors or the base that a symbolic constant is made of
    from sage.symbolic.operators import add_vararg, mul_vararg
    operation = value.operator() if hasattr(value, 'operator') else None
    if operation in (add_vararg, mul_vararg):
        return value.operands()
    if operation is operator.pow and value.operands()[1].is_integer():
        return value.operands()[:1]
    return []


def _lifted(operation):
    # the operation on two constants, or on a constant and a rational number
    def lifted(self, other):
        if not isinstance(other, Constant):
            if not isinstance(other, (int, Fraction)):
                return NotImplemented
            other = self.field.elements([other])[0]
        return operation(self, other)

    return lifted


@functools.total_ordering
class Constant:
    r"""
    An element of a :class:`ConstantField`: a number that can be computed with and compared.

    TESTS::

        sage: from sage_logreg.support.constants import ConstantField
        sage: one, two = ConstantField([log(6), log(2), log(3)]).elements([log(6), log(2) + log(3)])
        sage: one > two
        Traceback (most recent call last):
        ...
        sage_logreg.support.constants.UndecidedError: whether log(6) - log(3) - log(2) is zero cannot be decided; give such constants as multiples of one of them
    """

    def __init__(self, field, element):
        self.field, self.element = field, element

    def __repr__(self):
        return str(self.sage())

    def sage(self):
        r"""
        Return it as a number or expression of Sage.
        """
        return _radicals(self.field.sage(self.element))

    __add__ = __radd__ = _lifted(lambda a, b: Constant(a.field, a.element + b.element))
    __mul__ = __rmul__ = _lifted(lambda a, b: Constant(a.field, a.element * b.element))
    __sub__ = _lifted(lambda a, b: Constant(a.field, a.element - b.element))
    __rsub__ = _lifted(lambda a, b: Constant(a.field, b.element - a.element))
    # in a field every division is exact
    __truediv__ = __floordiv__ = _lifted(lambda a, b: Constant(a.field, a.element / b.element))
    __rtruediv__ = __rfloordiv__ = _lifted(lambda a, b: Constant(a.field, b.element / a.element))
    __eq__ = _lifted(lambda a, b: (a - b).sign() == 0)
    __lt__ = _lifted(lambda a, b: (a - b).sign() < 0)
    __hash__ = None

    def __neg__(self):
        return Constant(self.field, -self.element)

    def __abs__(self):
        return -self if self.sign() < 0 else self

    def __bool__(self):
        return self.sign() != 0

    def __float__(self):
        return float(self._ball(lambda ball: ball.rad() < abs(ball.mid()) * 2**-60).mid()) if self else 0.0

    def __round__(self):
        return round(float(self))

    def sign(self):
        r"""
        Return -1, 0 or 1.
        """
        if self.element == 0:
            return 0
        return 1 if self._ball(lambda ball: True) > 0 else -1

    def _ball(self, is_good):
        # a ball that does not contain zero
        bits = FIRST_BITS
        while bits <= LAST_BITS:
            ball = self.field.ball(self.element, bits)
            if ball.is_nonzero() and is_good(ball):
                return ball
            bits *= 2
        raise UndecidedError(f'whether {self} is zero cannot be decided; give such constants as multiples of one of them')
