r"""
What a user gives as an expression, as an element of Sage's symbolic ring

EXAMPLES::

    sage: from sage_logreg.symbolic.expression import as_expression
    sage: as_expression('x1 + 1', 'the cost'), as_expression(1/2, 'the cost').parent()
    (x1 + 1, Symbolic Ring)
"""
# outside of a running Sage, functions that are loaded after the symbolic ring are never found
import sage.functions.all  # noqa: F401
from sage.symbolic.ring import SR

from sage_logreg.support.arguments import shown


def as_expression(value, name, expected=None):
    r"""
    Return ``value`` as an element of ``SR``; an error gives its ``name``, and what was ``expected``.

    EXAMPLES::

        sage: from sage_logreg.symbolic.expression import as_expression
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
        expression = SR(value)
        # SR accepts a matrix, which is not a formula
        hash(expression)
    except (TypeError, ValueError, ArithmeticError, RuntimeError):
        raise TypeError(f'{name} = {shown(value)}; expected {expected}' if expected
                        else f'{name}: {shown(value)} is not a symbolic expression') from None
    return expression
