r"""
Sums, products, powers and functions of Sage's expressions, refused where they would not end

Sage computes with constants as soon as it sees them: ``factorial(10^9)`` and ``2^(10^12)`` take all time and memory
there is, or end the process. Each function here looks at its operands first, which are small as they were made here
too, and raises a :class:`Refused` instead. What a user or a file writes as text is built by these alone.

The numbers stay below :data:`BITS` bits, and constants within the range of a float64, as nothing else can be trained on.

EXAMPLES::

    sage: from sage_logreg.symbolic.bounded import applied, power
    sage: x = var('x')
    sage: power(2*x, SR(10)), applied('factorial', factorial, [SR(5)])
    (1024*x^10, 120)
    sage: applied('factorial', factorial, [SR(10^9)])
    Traceback (most recent call last):
    ...
    sage_logreg.symbolic.bounded.Refused: factorial(1000000000) is too large to compute; expected a number up to 1000
"""
import cmath
import math
import operator

# outside of a running Sage, functions that are loaded after the symbolic ring are never found
import sage.functions.all  # noqa: F401
# without its constants, Sage fails to compute log(0.5)
import sage.symbolic.constants  # noqa: F401
from sage.functions.log import exp
from sage.misc.misc_c import prod
from sage.rings.complex_mpfr import ComplexField
from sage.rings.integer import Integer
from sage.rings.rational import Rational
from sage.rings.real_mpfr import RealField, RealNumber
from sage.symbolic.function import Function
from sage.symbolic.operators import add_vararg, mul_vararg
from sage.symbolic.ring import SR


# most bits of a number, and of one that a function is computed of
BITS, BITS_OF_ARGUMENT = 10000, 1000
# least and greatest power of ten of a real number
EXPONENTS = (-10000, 308)
TINY = RealField(53)(f'1e{EXPONENTS[0]}')
# most symbols, numbers and operations of an expression, and how deep they may be nested
NODES, DEPTH = 20000, 100
# greatest number that functions are computed of where that takes the longer the greater it is
ARGUMENT = 1000
# most terms where Sage expands an operand or takes its real part, and most parts of one that is a function to be inverted
MANY, FEW = 5000, 100
# how near to a whole number floor and ceil of a constant are decided
NEAR = 1e-9
# Sage expands the operands of these
CIRCULAR = [name + h for name in ('sin', 'cos', 'tan', 'cot', 'sec', 'csc') for h in ('', 'h')]
LOGARITHMS = {'log', *('arc' + name for name in CIRCULAR if name.endswith('h'))}
# Sage looks up, or computes at once, what these are of any number; of others it may take long
QUICK = {'exp', 'log', 'sqrt', 'abs', 'sgn', 'floor', 'ceil', 'heaviside', 'unit_step', 'erf', 'erfc', 'conjugate', 'real_part',
         'imag_part', 'arctan2', 'max', 'min', 'cases',
         *CIRCULAR, *('arc' + name for name in CIRCULAR)}
# Sage computes these for integers and half-integers only
AT_HALVES = {'psi', 'log_gamma'}
# Sage computes these of complex numbers; others compare or round what they are of, or need integers,
# and may end the process
OF_COMPLEX = {'exp', 'log', 'sqrt', 'abs', 'conjugate', 'real_part', 'imag_part', 'erf', 'erfc',
              *CIRCULAR, *('arc' + name for name in CIRCULAR)}
# what Sage raises for operands that it cannot compute with
NOT_COMPUTED = (ArithmeticError, RuntimeError, TypeError, ValueError)


class Refused(ValueError):
    r"""
    What is too large to compute.
    """


def refuse(text, expected):
    r"""
    Raise the error that says what is too large, and what is expected.
    """
    raise Refused(f'{text}; expected {expected}')


# Numbers

def number(value):
    r"""
    Return a number as an element of ``SR``, refused if it is too long or out of range.

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import number
        sage: number(1/3), number(0.5)
        (1/3, 0.500000000000000)

    TESTS::

        sage: number(10^4000)
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: the number 1000... has 13287 bits; expected at most 10000
        sage: number(RealField(53)('1e400'))
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: 1.00000000000000e400 is not a finite number; expected one within the range of a float64
    """
    return _checked_number(SR(value))


def real_text(digits):
    r"""
    Return the digits of a real number, refused before they are read if there are too many or the exponent is too large.

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import real_text
        sage: real_text('1.5e10')
        '1.5e10'
        sage: real_text('1e999999999999')
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: the number 1e999999999999 is out of range; expected an exponent from -10000 to 308
    """
    mantissa, _, exponent = digits.lower().partition('e')
    _check_digits(mantissa)
    least, greatest = EXPONENTS
    if len(exponent) > 10 or not least <= int(exponent or 0) <= greatest:
        refuse(f'the number {_short(digits)} is out of range', f'an exponent from {least} to {greatest}')
    return digits


def whole_text(digits):
    r"""
    Return the digits of a whole number, refused before they are read if there are too many.
    """
    _check_digits(digits)
    return digits


def _check_digits(digits):
    # with a sign, a point and the zeros behind it
    most = int(BITS * math.log10(2)) + 20
    if len(digits) > most:
        refuse(f'the number {_short(digits)} has {len(digits)} digits', f'at most {most}')


def _short(text):
    return text if len(text) <= 20 else text[:4] + '...'


def _checked_number(ex):
    bits = _bits_of_number(ex.pyobject())
    if bits > BITS:
        refuse(f'the number {_short(str(ex))} has {bits} bits', f'at most {BITS}')
    if isinstance(ex.pyobject(), RealNumber) and 0 < abs(ex.pyobject()) < TINY:
        refuse(f'{text_of(ex)} is out of range', f'an exponent from {EXPONENTS[0]}')
    return _finite(ex)


def _bits_of_number(value):
    # Of what is computed exactly; a real number stays as long as it is.
    if isinstance(value, (Integer, int, Rational)):
        value = Rational(value)
        return max(value.numerator().nbits() - 1, 0) + value.denominator().nbits() - 1
    if isinstance(value, RealNumber):
        return value.precision()
    return 64 if isinstance(value, float) else 4 * len(str(value))


def _is_exact(ex):
    return ex.is_numeric() and isinstance(ex.pyobject(), (Integer, int, Rational))


def _bits(ex):
    # Of all exact numbers in an expression.
    return sum(_bits_of_number(part.pyobject()) for part in parts(ex) if _is_exact(part))


def value_of(ex):
    r"""
    Return the value of a constant as a ``float`` or ``complex``, nan if it is none; ``None`` for an expression with symbols.

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import value_of
        sage: value_of(sqrt(SR(4))), value_of(SR(pi)^1000), value_of(SR(-1)^(1/2)), value_of(SR(oo)), value_of(var('x'))
        (2.0, inf, 1j, inf, None)
    """
    if ex.variables():
        return None
    try:
        value = float(ex)
    except OverflowError:
        return math.inf
    except NOT_COMPUTED:
        value = math.nan
    if not math.isnan(value):
        return value
    try:
        return complex(ComplexField(53)(ex))
    except NOT_COMPUTED:
        return math.nan


def _finite(ex):
    value = value_of(ex)
    if value is not None and not cmath.isfinite(value):
        refuse(f'{text_of(ex)} is not a finite number', 'one within the range of a float64')
    return ex


def _checked(ex):
    return _checked_number(ex) if ex.is_numeric() else _finite(ex)


# Expressions as a whole

def parts(ex):
    r"""
    Return all subexpressions of an expression, with itself; more than :data:`NODES`, or nested too deeply, are refused.

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import parts
        sage: x = var('x')
        sage: parts(2*sin(x))
        [2*sin(x), sin(x), x, 2]
        sage: parts(sum(x^k for k in range(10000)))
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: the expression has more than 20000 parts; expected a smaller one
    """
    found, left = [], [(ex, 1)]
    while left:
        part, depth = left.pop()
        found.append(part)
        if len(found) > NODES:
            refuse(f'the expression has more than {NODES} parts', 'a smaller one')
        if depth > DEPTH:
            refuse(f'the expression is nested more than {DEPTH} times', 'a simpler one')
        left += [(operand, depth + 1) for operand in reversed(part.operands())]
    return found


def check_expression(ex):
    r"""
    Raise an error if an expression is too large, or one of its numbers is.

    TESTS::

        sage: from sage_logreg.symbolic.bounded import check_expression
        sage: x = var('x')
        sage: check_expression(x + 1/3)
        sage: check_expression(2^20000*x)
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: the number 3980... has 20000 bits; expected at most 10000
    """
    for part in parts(ex):
        if part.is_numeric():
            _checked_number(part)


# Operations

def total(terms):
    r"""
    Return a sum.

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import total
        sage: total([var('x'), SR(1), SR(2)])
        x + 3
    """
    return _computed(lambda: ' + '.join(map(text_of, terms)), terms[0].add, terms[1:])


def product(factors):
    r"""
    Return a product.

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import product
        sage: x = var('x')
        sage: product([SR(2), x, x])
        2*x^2

    TESTS::

        sage: product([exp(10^12*log(SR(2)) - x), exp(x)])
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: e^(1000000000000*log(2)) is too large to compute; expected a result below 2^10000
    """
    exponents = {}
    # exponents of the same base are added
    for factor in _factors(factors):
        base, exponent = _base_and_exponent(factor)
        if not exponent.is_numeric():
            exponents.setdefault(str(base), (base, []))[1].append(exponent)
    for base, added in exponents.values():
        if len(added) > 1:
            _check_power(base, total(added))
    return _computed(lambda: '*'.join(map(_base_text, factors)), factors[0].mul, factors[1:])


def _factors(factors):
    for factor in factors:
        yield from factor.operands() if factor.operator() is mul_vararg else [factor]


def _base_and_exponent(ex):
    # e^u has the base e, which is exp(1).
    if ex.operator() is exp:
        return exp(SR(1)), ex.operands()[0]
    return ex.operands() if ex.operator() is operator.pow else (ex, SR(1))


def power(base, exponent):
    r"""
    Return a power.

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import power
        sage: x = var('x')
        sage: power(x, SR(10)^9), power(SR(2), SR(1/2))
        (x^1000000000, sqrt(2))

    TESTS::

        sage: power(SR(10), SR(10)^10)
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: 10^10000000000 is too large to compute; expected a result below 2^10000
        sage: power(2*x + 4, SR(10)^10)
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: (2*x + 4)^10000000000 is too large to compute; expected a result below 2^10000
        sage: power(SR(0), SR(-1))
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: 0^(-1) cannot be computed; expected what is defined
    """
    _check_power(base, exponent)
    return _computed(lambda: _text_of_power(base, exponent), operator.pow, [base, exponent])


def _check_power(base, exponent):
    # exponents of a power of a power are multiplied
    if base.operator() is exp:
        return _check_exponential(product([base.operands()[0], exponent]))
    if base.operator() is operator.pow:
        base, inner = base.operands()
        return _check_power(base, product([inner, exponent]))
    times = value_of(exponent)
    # not of nan either
    if times is not None and not abs(times) * _bits(base) <= BITS:
        _refuse_power(base, exponent)


def _refuse_power(base, exponent):
    refuse(f'{_text_of_power(base, exponent)} is too large to compute', f'a result below 2^{BITS}')


def _text_of_power(base, exponent):
    return f'{_base_text(base)}^{_base_text(exponent)}'


def _base_text(ex):
    text = text_of(ex)
    is_whole = text.isalnum() or _is_function(ex) or _is_exact(ex) and '/' not in text and text[0] != '-'
    return text if is_whole else f'({text})'


def _computed(text, operation, operands):
    # What an operation returns; text returns how it is written, for a message alone.
    try:
        made = SR(operation(*operands))
    except NOT_COMPUTED:
        refuse(f'{text()} cannot be computed', 'what is defined')
    return _checked(made)


def text_of(ex, length=60):
    r"""
    Return a short text of an expression.
    """
    text = str(ex)
    return text if len(text) <= length else text[:length - 3] + '...'


def _check_exponential(exponent):
    # e^(n*log(v)) is v^n
    value = value_of(exponent)
    if value is not None and not abs(value) <= BITS:
        _refuse_power(exp(SR(1)), exponent)
    for term in exponent.operands() if exponent.operator() is add_vararg else [exponent]:
        factors = list(_factors([term]))
        for factor in factors:
            # and so on with the inverse hyperbolic functions
            if _is_function(factor) and factor.operator().name() in LOGARITHMS:
                times = prod(abs(value_of(other)) for other in factors if other is not factor and not other.variables())
                if not times * _bits(factor) <= BITS:
                    _refuse_power(exp(SR(1)), exponent)


# Functions

def applied(name, function, operands):
    r"""
    Return a function of some operands.

    INPUT:

    - ``name`` -- string; Sage's name of the function
    - ``function`` -- what is called
    - ``operands`` -- list of elements of ``SR``

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import applied
        sage: x = var('x')
        sage: applied('exp', exp, [-x^2/2]), applied('floor', floor, [10*SR(pi)]), applied('gamma', gamma, [x + 10^9])
        (e^(-1/2*x^2), 31, gamma(x + 1000000000))

    TESTS::

        sage: applied('exp', exp, [10^12*log(2*x)])
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: e^(1000000000000*log(2*x)) is too large to compute; expected a result below 2^10000
        sage: applied('floor', floor, [sin(SR(1))^2 + cos(SR(1))^2 + 1])
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: floor(cos(1)^2 + sin(1)^2 + 1) is too near to a whole number; expected the number itself
        sage: applied('real_part', real_part, [prod(SR.var('x', 20))])
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: real_part(x0*x1*...) has too many terms; expected at most 5000
        sage: applied('real_nth_root', real_nth_root, [x, SR(1/2)])
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: real_nth_root(x, 1/2) is no root; expected a whole number from 1
        sage: applied('floor', floor, [x + gamma(arccos(SR(2)))])
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: gamma(arccos(2)) in floor(x + gamma(arccos(2))) is not real; expected real numbers there
    """
    text = f'{name}({", ".join(map(text_of, operands))})'
    values = [value_of(operand) for operand in operands]
    for operand, value in zip(operands, values):
        if value is not None:
            _check_argument(name, text, operand, value)
        if name not in OF_COMPLEX:
            check_real(operand, text)
    if name == 'exp':
        _check_exponential(operands[0])
    if name in ('floor', 'ceil') and values[0] is not None and not operands[0].is_numeric():
        if abs(values[0] - round(values[0].real)) <= NEAR * max(1, abs(values[0])):
            refuse(f'{text} is too near to a whole number', 'the number itself')
    elif name == 'real_nth_root':
        if not (operands[-1].is_integer() and operands[-1].is_positive()):
            refuse(f'{text} is no root', 'a whole number from 1')
    elif name in CIRCULAR and (_terms(operands[0]) > MANY or (_is_function(operands[0]) and len(parts(operands[0])) > FEW)):
        refuse(f'{text} has too many terms', f'at most {MANY}')
    elif (_terms_of_absolute_value(operands[0]) if name == 'abs' else
          _terms(operands[0], 2) if name in ('real_part', 'imag_part') else 1) > MANY:
        refuse(f'{text} has too many terms', f'at most {MANY}')
    made = _computed(lambda: text, function, operands)
    # some functions of a function are written with its operand several times
    parts(made)
    return made


def check_real(ex, text):
    r"""
    Raise an error if a constant anywhere in an expression is complex or unknown; ``text`` is where it stands.

    EXAMPLES::

        sage: from sage_logreg.symbolic.bounded import check_real
        sage: check_real(var('x') + log(SR(2)), 'it')
        sage: check_real(var('x') + SR(-2)^(1/2), 'it')
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: sqrt(-2) in it is not real; expected real numbers there
    """
    left = [ex]
    while left:
        part = left.pop()
        # the conditions and the pairs within cases have no value
        value = None if part.is_relational() or part.operator() is tuple else value_of(part)
        if value is not None and (isinstance(value, complex) or math.isnan(value)):
            refuse(f'{text_of(part)} in {text} is not real', 'real numbers there')
        # what other functions are of was looked at when they were made
        if not _is_function(part) or part.operator().name() in OF_COMPLEX or part.operator().name() == 'cases':
            left += part.operands()


def _is_function(ex):
    return isinstance(ex.operator(), Function)


def _check_argument(name, text, operand, value):
    if not cmath.isfinite(value):
        refuse(f'{text_of(operand)} in {text} is not a finite number', 'one within the range of a float64')
    if name == 'log_gamma' and not operand.operands() and not operand.is_numeric():
        # Sage fails at pi alone, and prints that it does
        refuse(f'{text} is not computed by Sage', f'{name} of another number')
    if operand.is_numeric() and not _is_exact(operand) and _bits_of_number(operand.pyobject()) > BITS_OF_ARGUMENT:
        refuse(f'{text} is of a number with too many bits', f'at most {BITS_OF_ARGUMENT}')
    if name not in QUICK and abs(value) > ARGUMENT and (name not in AT_HALVES or (2 * operand).is_integer()):
        refuse(f'{text} is too large to compute', f'a number up to {ARGUMENT}')


def _terms(ex, of_symbol=1):
    # How many terms the expanded form may have, or its real part, where a symbol has two.
    if not ex.operands():
        return 1 if ex.is_numeric() else of_symbol
    base, exponent = _base_and_exponent(ex)
    if exponent.is_numeric() and not exponent.is_trivially_equal(SR(1)):
        terms, times = (min(count, MANY) for count in (_terms(base, of_symbol), math.ceil(abs(float(exponent)))))
        return math.comb(times + terms - 1, terms - 1)
    counts = [_terms(operand, of_symbol) for operand in ex.operands()]
    if ex.operator() is add_vararg:
        return sum(counts)
    # the real part of a function takes the real and the imaginary parts of its operands
    return prod(counts) if ex.operator() is mul_vararg or of_symbol > 1 else 1


def _terms_of_absolute_value(ex):
    # Sage takes the real part of an exponent.
    operands = ex.operands()
    if ex.operator() is exp or ex.operator() is operator.pow:
        return max(_terms(operands[-1], 2), _terms_of_absolute_value(operands[0]) if operands[1:] else 1)
    return max(map(_terms_of_absolute_value, operands), default=1) if ex.operator() is mul_vararg else 1
