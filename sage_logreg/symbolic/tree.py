r"""
Expressions as plain lists, and back

A saved model holds its features as such trees. Nothing in a tree is ever
executed: a name is looked up among the symbols and among the functions that
:mod:`sage_logreg.symbolic.translation` translates, and is refused if it is not there.

- a symbol is its name, ``"x1"``,
- a whole number and a float are themselves, ``2`` and ``0.5``,
- a rational number is ``"1/3"``,
- a real number of Sage is ``["real", 53, "0.10000000000000001"]``, with its bits and digits,
- a constant is its name in a list, ``["pi"]``,
- everything else is a list of its operation and its operands, ``["+", "x1", 1]``, ``["^", "x1", 2]``,
  ``["log", "x1"]``, ``["<", "x1", 0]``, and ``["cases", condition, value, condition, value, ...]``.

EXAMPLES::

    sage: from sage_logreg.symbolic.tree import expression_of, tree_of
    sage: x1, x2 = var('x1, x2')
    sage: tree_of(x1*x2/3 + log(x1^2 + pi))
    ['+', ['*', 'x1', 'x2', '1/3'], ['log', ['+', ['pi'], ['^', 'x1', 2]]]]
    sage: expression_of(_, ('x1', 'x2'))
    1/3*x1*x2 + log(pi + x1^2)
"""
import math
import operator
import re

from sage.functions import all as functions
from sage.functions.other import abs_symbolic, cases
from sage.functions.min_max import max_symbolic, min_symbolic
from sage.rings.integer import Integer
from sage.rings.rational import Rational
from sage.rings.rational_field import QQ
from sage.rings.real_double import RealDoubleElement
from sage.rings.real_mpfr import RealField, RealNumber
from sage.symbolic.constants import constants_name_table
from sage.symbolic.expression_conversions import Converter
from sage.symbolic.operators import add_vararg, mul_vararg
from sage.symbolic.ring import SR

from sage_logreg.support.arguments import shown
from sage_logreg.symbolic import bounded
from sage_logreg.symbolic.translation import FUNCTIONS, FUNCTIONS_OF_TWO

SIGNS = {add_vararg: '+', mul_vararg: '*', operator.pow: '^', operator.lt: '<', operator.le: '<=', operator.gt: '>',
         operator.ge: '>=', operator.eq: '==', operator.ne: '!='}
OPERATIONS = {'+': bounded.total, '*': bounded.product, '^': bounded.power}
RELATIONS = {sign: operation for operation, sign in SIGNS.items() if sign not in OPERATIONS}
CONSTANTS = ('pi', 'golden_ratio', 'log2', 'euler_gamma', 'catalan', 'khinchin', 'twinprime', 'mertens', 'glaisher')
# functions that Sage prints under another name than it gives them
CALLED = {'abs': abs_symbolic, 'max': max_symbolic, 'min': min_symbolic}


def tree_of(expression, name='the expression'):
    r"""
    Return ``expression`` as a tree of lists, strings and numbers, exactly.

    INPUT:

    - ``expression`` -- an element of ``SR``
    - ``name`` -- string; what it is called in error messages

    EXAMPLES::

        sage: from sage_logreg.symbolic.tree import tree_of
        sage: x = var('x')
        sage: tree_of(-sqrt(x)), tree_of(0.1*x), tree_of(RDF(0.1)*x)
        (['*', ['^', 'x', '1/2'], -1], ['*', 'x', ['real', 53, '0.10000000000000001']], ['*', 'x', 0.1])
        sage: tree_of(cases([(x < 0, -x), (True, x^2)]))
        ['cases', ['<', 'x', 0], ['*', 'x', -1], 1, ['^', 'x', 2]]
        sage: tree_of(real_nth_root(x, 3))
        ['real_nth_root', 'x', 3]

    TESTS::

        sage: tree_of(zeta(x), 'features[0]')
        Traceback (most recent call last):
        ...
        ValueError: features[0]: zeta(x) cannot be saved; expected what can be trained on
        sage: tree_of(AA(sqrt(2))*x)
        Traceback (most recent call last):
        ...
        ValueError: the expression: 1.414213562373095? cannot be saved; expected rational numbers, and real ones that a float64 can hold
        sage: tree_of(x.add(x, hold=True))
        Traceback (most recent call last):
        ...
        ValueError: the expression: x + x cannot be saved; expected it as Sage would simplify it, 2*x
        sage: tree_of(2^20000*x, 'features[0]')
        Traceback (most recent call last):
        ...
        ValueError: features[0]: 3980... cannot be saved: the number 3980... has 20000 bits; expected at most 10000
    """
    expression = SR(expression)
    try:
        bounded.check_expression(expression)
        tree = _Tree(name)(expression)
        # an expression held back from evaluation would come back evaluated
        again = expression_of(tree, tuple(map(str, expression.variables())))
    except bounded.Refused as error:
        raise ValueError(f'{name}: {shown(expression)} cannot be saved: {error}') from None
    if not same_expression(expression, again):
        raise ValueError(f'{name}: {shown(expression)} cannot be saved; expected it as Sage would simplify it, '
                         f'{shown(again)}')
    return tree


def loaded_expression(tree, variables):
    r"""
    Return the expression of a tree in a file, which can be saved again.

    EXAMPLES::

        sage: from sage_logreg.symbolic.tree import loaded_expression
        sage: loaded_expression(['*', 2r, 'x1'], ('x1',))
        2*x1
    """
    expression = expression_of(tree, variables)
    tree_of(expression)
    return expression


def same_expression(one, two):
    r"""
    Return whether two expressions are written alike, and with the same numbers.

    EXAMPLES::

        sage: from sage_logreg.symbolic.tree import same_expression
        sage: x = var('x')
        sage: same_expression(2*x + 2, 2 + 2*x), same_expression((x + 1)^2, x^2 + 2*x + 1)
        (True, False)
        sage: same_expression(0.1*x, x/10), same_expression(x.add(x, hold=True), 2*x)
        (False, False)

    ALGORITHM:

    Sage's own ``is_trivially_equal`` distinguishes some expressions that are
    written alike, so it is not used alone.
    """
    if str(one) != str(two):
        return False
    return bool(one.is_trivially_equal(two)) or _Tree('')(one) == _Tree('')(two)


class _Tree(Converter):
    # Sage's walk through an expression, with a list for every node.

    def __init__(self, name):
        super().__init__()
        self.name = name

    def _refuse(self, ex, expected='what can be trained on'):
        raise ValueError(f'{self.name}: {shown(ex)} cannot be saved; expected {expected}')

    def pyobject(self, ex, obj):
        if str(ex) in CONSTANTS:
            return [str(ex)]
        if isinstance(obj, (Integer, int, Rational)):
            return int(obj) if obj == int(obj) else str(obj)
        if isinstance(obj, (float, RealDoubleElement)) and math.isfinite(obj):
            return float(obj)
        if isinstance(obj, RealNumber) and math.isfinite(obj):
            return ['real', int(obj.precision()), obj.str(truncate=False)]
        if hasattr(obj, 'is_rational') and obj.is_rational():
            # a rational element of a larger field, which Sage has gone through
            return self.pyobject(ex, QQ(obj))
        self._refuse(ex, 'rational numbers, and real ones that a float64 can hold')

    def symbol(self, ex):
        return str(ex)

    def arithmetic(self, ex, operation):
        return [SIGNS[operation], *map(self, ex.operands())]

    relation = arithmetic

    def composition(self, ex, operation):
        name = operation.name()
        if name == 'cases':
            return ['cases', *(self(part) for case in ex.operands()[0].operands() for part in case.operands())]
        if _function(name) is None:
            self._refuse(ex)
        return [name, *map(self, ex.operands())]

    def derivative(self, ex, operation=None):
        self._refuse(ex)

    tuple = derivative


def _function(name):
    # Sage's function of this name, if it is one that can be trained on.
    if name in ('log', 'real_nth_root') or name in FUNCTIONS or name in FUNCTIONS_OF_TWO:
        return CALLED.get(name) or getattr(functions, name)
    return None


def expression_of(tree, symbols):
    r"""
    Return the expression in a tree.

    INPUT:

    - ``tree`` -- what :func:`tree_of` returned, or what a file holds in its place
    - ``symbols`` -- the names of the symbols allowed in it

    OUTPUT: an element of ``SR``

    EXAMPLES::

        sage: from sage_logreg.symbolic.tree import expression_of
        sage: expression_of(['^', ['sin', 'x'], '-1/2'], ('x',))
        1/sqrt(sin(x))

    TESTS::

        sage: expression_of("__import__('os').system('ls')", ('x',))
        Traceback (most recent call last):
        ...
        ValueError: "__import__('os').system('ls')" is none of the symbols x
        sage: expression_of(['system', 'x'], ('x',))
        Traceback (most recent call last):
        ...
        ValueError: 'system' is no function of the symbols x
        sage: expression_of(['^', 10r, 1000000r], ('x',))
        Traceback (most recent call last):
        ...
        sage_logreg.symbolic.bounded.Refused: 10^1000000 is too large to compute; expected a result below 2^10000
        sage: expression_of(['+', 'x', ['<', 'x', 1r]], ('x',))
        Traceback (most recent call last):
        ...
        ValueError: ['<', 'x', 1] is a condition; expected it in cases alone
    """
    expression = _expression_of(tree, symbols)
    bounded.check_expression(expression)
    return expression


def _expression_of(tree, symbols, depth=1):
    if depth > bounded.DEPTH:
        bounded.refuse(f'the expression is nested more than {bounded.DEPTH} times', 'a simpler one')
    if isinstance(tree, str):
        return _rational_or_symbol(tree, symbols)
    if isinstance(tree, int) and not isinstance(tree, bool):
        return bounded.number(Integer(tree))
    if isinstance(tree, float) and math.isfinite(tree):
        return bounded.number(tree)
    if not isinstance(tree, list) or not tree or not isinstance(tree[0], str):
        raise ValueError(f'{shown(tree)} is not an expression')
    name, *parts = tree
    if name == 'real':
        return _real(tree, *parts)
    if name in CONSTANTS and not parts:
        return SR(constants_name_table[name])
    if name == 'cases' and parts and len(parts) % 2 == 0:
        conditions = [_condition(part, symbols, depth + 1) for part in parts[::2]]
        return SR(cases(list(zip(conditions, [_expression_of(part, symbols, depth + 1) for part in parts[1::2]]))))
    if name in RELATIONS:
        raise ValueError(f'{shown(tree)} is a condition; expected it in cases alone')
    operands = [_expression_of(part, symbols, depth + 1) for part in parts]
    if name in OPERATIONS:
        return _operation(tree, OPERATIONS[name], operands)
    function = _function(name)
    if function is None or not operands:
        raise ValueError(f'{shown(name)} is no function of the symbols {", ".join(symbols)}')
    if not _takes(name, len(operands)):
        raise ValueError(f'{shown(tree)} has {len(operands)} operands; expected another number of them')
    return bounded.applied(name, function, operands)


def _takes(name, count):
    # Whether a function takes so many operands.
    if name in ('max', 'min'):
        return count >= 2
    return count == (2 if name in FUNCTIONS_OF_TWO or name == 'real_nth_root' else 1)


def _condition(tree, symbols, depth):
    # A relation, or the 1 of a case that holds else.
    if tree == 1 and type(tree) is int:
        return SR(1)
    if not (isinstance(tree, list) and len(tree) == 3 and tree[0] in RELATIONS):
        raise ValueError(f'{shown(tree)} is not a condition')
    sides = [_expression_of(side, symbols, depth + 1) for side in tree[1:]]
    for side in sides:
        # there is no order of complex numbers
        bounded.check_real(side, 'a condition of cases')
    return RELATIONS[tree[0]](*sides)


def _rational_or_symbol(text, symbols):
    if text in symbols:
        return SR.var(text)
    if not re.fullmatch('-?[0-9]+/[1-9][0-9]*', text):
        raise ValueError(f'{shown(text)} is none of the symbols {", ".join(symbols)}')
    return bounded.number(QQ(bounded.whole_text(text)))


def _real(tree, bits=None, digits=None):
    if (type(bits) is not int or not 2 <= bits <= bounded.BITS or not isinstance(digits, str)
            or not re.fullmatch('-?[0-9]+([.][0-9]*)?(e[+-]?[0-9]{1,19})?', digits, re.ASCII)):
        raise ValueError(f'{shown(tree)} is not a real number')
    return bounded.number(RealField(bits)(bounded.real_text(digits)))


def _operation(tree, operation, operands):
    if len(operands) < 2 or (operation is bounded.power and len(operands) > 2):
        raise ValueError(f'{shown(tree)} has {len(operands)} operands; expected {"2" if operands[2:] else "2 or more"}')
    return operation(*operands) if operation is bounded.power else operation(operands)
