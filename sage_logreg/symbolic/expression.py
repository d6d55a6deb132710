r"""
What a user gives as an expression, as an element of Sage's symbolic ring

EXAMPLES::

    sage: from sage_logreg.symbolic.expression import as_expression
    sage: as_expression('x1 + 1', 'the cost'), as_expression(1/2, 'the cost').parent()
    (x1 + 1, Symbolic Ring)
"""
# outside of a running Sage, functions that are loaded after the symbolic ring are never found
import sage.functions.all  # noqa: F401
from sage.functions.other import factorial
from sage.rings.integer import Integer
from sage.rings.real_mpfr import create_RealNumber
from sage.symbolic.ring import SR

from sage_logreg.support.arguments import shown
from sage_logreg.symbolic import bounded

# most characters of a text, which is read recursively
LONGEST = 10000


def as_expression(value, name, expected=None):
    r"""
    Return ``value`` as an element of ``SR``; an error gives its ``name``, and what was ``expected``.

    Text is read as ``SR`` reads it, but what would take too long to compute is refused.

    EXAMPLES::

        sage: from sage_logreg.symbolic.expression import as_expression
        sage: as_expression('exp(-x1^2/2) + 5!*log(2)', 'the cost')
        e^(-1/2*x1^2) + 120*log(2)

    TESTS::

        sage: as_expression('x1 + 10^10^10', 'the cost')
        Traceback (most recent call last):
        ...
        ValueError: the cost = 'x1 + 10^10^10': 10^10000000000 is too large to compute; expected a result below 2^10000
        sage: as_expression(None, 'the cost')
        Traceback (most recent call last):
        ...
        TypeError: the cost: None is not a symbolic expression
        sage: as_expression('t+', 'x[1]', 'an expression')
        Traceback (most recent call last):
        ...
        TypeError: x[1] = 't+'; expected an expression
    """
    try:
        expression = _read(value) if isinstance(value, str) else SR(value)
        # SR accepts a matrix, which is not a formula
        hash(expression)
    except bounded.Refused as error:
        raise ValueError(f'{name} = {shown(value)}: {error}') from None
    except (TypeError, ValueError, ArithmeticError, AttributeError, RuntimeError, SyntaxError):
        raise TypeError(f'{name} = {shown(value)}; expected {expected}' if expected
                        else f'{name}: {shown(value)} is not a symbolic expression') from None
    return expression


def _read(text):
    # Sage's own parser, with operations that look at their operands before they compute.
    if len(text) > LONGEST:
        bounded.refuse(f'the text has {len(text)} characters', f'at most {LONGEST}')
    from sage.calculus.calculus import SR_parser
    from sage.misc.parser import Parser
    variables, functions = SR_parser._variable_constructor(), SR_parser._callable_constructor()
    for names in (variables, functions):
        # without the names of the last text that was read
        names.set_names({})
    parser = Parser(make_int=lambda digits: _Operand(SR(Integer(bounded.whole_text(digits)))),
                    make_float=lambda digits: _Operand(bounded.number(create_RealNumber(bounded.real_text(digits)))),
                    make_var=lambda name: _Operand(SR(variables(name))),
                    make_function=lambda name: _function(functions(name), name))
    expression = parser.parse_expression(text).expression
    bounded.check_expression(expression)
    return expression


class _Operand:
    # An expression as the parser computes with it.

    def __init__(self, expression):
        self.expression = expression

    def __add__(self, other):
        return _Operand(bounded.total([self.expression, other.expression]))

    def __neg__(self):
        return _Operand(bounded.product([SR(-1), self.expression]))

    def __sub__(self, other):
        return self + -other

    def __mul__(self, other):
        return _Operand(bounded.product([self.expression, other.expression]))

    def __truediv__(self, other):
        return self * other**_Operand(SR(-1))

    def __pow__(self, other):
        return _Operand(bounded.power(self.expression, other.expression))

    def factorial(self):
        # what Sage's function of this name calls for x!
        return _Operand(bounded.applied('factorial', factorial, [self.expression]))


def _function(function, name):
    # A function as the parser calls it. Sage knows some by several names.
    name = function.name() if hasattr(function, 'name') else name
    return lambda *operands: _Operand(bounded.applied(name, function, [operand.expression for operand in operands]))
