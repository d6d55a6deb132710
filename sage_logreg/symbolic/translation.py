r"""
From a Sage expression to a Theano graph

EXAMPLES::

    sage: from sage_logreg.engine import theano, T
    sage: from sage_logreg.symbolic.translation import theano_graph
    sage: x1, x2 = var('x1, x2')
    sage: graphs = {'x1': T.dvector('x1'), 'x2': T.dvector('x2')}
    sage: graph = theano_graph(sqrt(x1) + pi*x2^2/3, graphs)
    sage: theano.function(list(graphs.values()), graph)([4, 9], [1, 0])  # abs tol 1e-12
    array([3.04719755, 3.        ])
"""
import functools
import math
import operator

import numpy
from sage.functions.error import erf
from sage.functions.log import exp
from sage.symbolic.expression_conversions import Converter
from sage.symbolic.function import BuiltinFunction
from sage.symbolic.operators import add_vararg, mul_vararg

from sage_logreg.symbolic.expression import as_expression
from sage_logreg.support.arguments import as_float, shown
from sage_logreg.engine import T, sigmoid, sign, softplus

NAN = numpy.float64('nan')
# Sage's functions of a real number, by Sage's names
FUNCTIONS = {
    'exp': T.exp,
    'sin': T.sin, 'cos': T.cos, 'tan': T.tan,
    'cot': lambda x: 1 / T.tan(x), 'sec': lambda x: 1 / T.cos(x), 'csc': lambda x: 1 / T.sin(x),
    'arcsin': T.arcsin, 'arccos': T.arccos, 'arctan': T.arctan,
    'arccot': lambda x: T.arctan(1 / x), 'arcsec': lambda x: T.arccos(1 / x), 'arccsc': lambda x: T.arcsin(1 / x),
    'sinh': T.sinh, 'cosh': T.cosh, 'tanh': T.tanh,
    'coth': lambda x: 1 / T.tanh(x), 'sech': lambda x: 1 / T.cosh(x), 'csch': lambda x: 1 / T.sinh(x),
    'arcsinh': T.arcsinh, 'arccosh': T.arccosh, 'arctanh': T.arctanh,
    'arccoth': lambda x: T.arctanh(1 / x), 'arcsech': lambda x: T.arccosh(1 / x), 'arccsch': lambda x: T.arcsinh(1 / x),
    'abs': abs, 'sgn': sign, 'floor': T.floor, 'ceil': T.ceil,
    # Sage leaves heaviside(0) open; NumPy's users and SymPy take 1/2
    'heaviside': lambda x: (1 + sign(x)) / 2,
    # a comparison would turn nan into 0
    'unit_step': lambda x: (1 + sign(x) + T.eq(x, 0)) / 2,
    'erf': T.erf, 'erfc': T.erfc, 'gamma': T.gamma, 'psi': T.psi,
    # complex for a negative number, where Theano gives the logarithm of the absolute value
    'log_gamma': lambda x: T.switch(T.lt(x, 0), NAN, T.gammaln(x)),
    'factorial': lambda x: T.gamma(x + 1),
    # the numbers are real: these come from Sage's derivatives, and from its real and imaginary parts of a sum or product
    'conjugate': lambda x: x, 'real_part': lambda x: x, 'imag_part': lambda x: 0 * x,
}
FUNCTIONS_OF_TWO = {'arctan2': T.arctan2, 'max': T.maximum, 'min': T.minimum}
RELATIONS = {operator.lt: T.lt, operator.le: T.le, operator.gt: T.gt, operator.ge: T.ge, operator.eq: T.eq,
             operator.ne: T.neq}
EXPECTED = ('expected sums, products, powers, exp, log, trigonometric and hyperbolic functions and their inverses, '
            'abs, sgn, heaviside, unit_step, max_symbolic, min_symbolic, floor, ceil, real_nth_root, erf, gamma, log_gamma '
            'or cases')
# most terms to write as one fraction in search of a logistic function, and its greatest degree
TERMS, DEGREE = 4, 30


def theano_graph(expression, graphs, name='the expression', known=None):
    r"""
    Return the Theano graph that computes ``expression``.

    INPUT:

    - ``expression`` -- an element of ``SR``, or anything that ``SR()`` takes
    - ``graphs`` -- dictionary from the names of symbols (strings) to Theano
      variables, vectors or scalars of ``float64``
    - ``name`` -- string; what the expression is called in error messages
    - ``known`` -- string; what its symbols may be, for error messages
      (default: ``'one of'`` and the names in ``graphs``)

    OUTPUT: a Theano variable, a scalar where the expression is constant. The
    numbers are real: where Sage's value is complex, Theano's is nan. At a jump
    ``unit_step(0)`` is 1 and ``heaviside(0)`` is 1/2. Where a condition of
    ``cases`` compares something undefined, the value is undefined too. All values
    of ``cases`` are computed: where one that is not taken has no finite
    derivative, ``T.grad`` is nan

    ALGORITHM:

    Sage's :class:`~sage.symbolic.expression_conversions.Converter` walks
    through the expression; a subexpression that occurs twice becomes one node.
    (SymPy's printers for Theano know neither PyTensor nor Sage's functions.)

    Sums, products and powers of positive numbers and exponential functions are
    computed through their logarithm, where that is needed, with
    `\log(e^a + e^b) = a + \log(1 + e^{b - a})` and the softplus function. So
    the cost `-y \log h - (1 - y) \log(1 - h)` of `h = 1/(1 + e^{-z})` and its
    gradient are finite even where `h` rounds to 0 or 1. So are those of
    `h = (1 + \operatorname{erf} z)/2`, by the scaled function
    `e^{z^2} \operatorname{erfc} z`.

    EXAMPLES::

        sage: from sage_logreg.engine import theano, T
        sage: from sage_logreg.symbolic.translation import theano_graph
        sage: x, y = var('x, y')
        sage: graphs = {'x': T.dscalar('x'), 'y': T.dscalar('y')}
        sage: h = 1/(1 + exp(-x))
        sage: cost = theano_graph(-(y*log(h) + (1 - y)*log(1 - h)), graphs, name='the cost')
        sage: evaluate = theano.function(list(graphs.values()), [cost, T.grad(cost, graphs['x'])])
        sage: [float(value) for value in evaluate(0, 1)]  # abs tol 1e-15
        [0.6931471805599453, -0.5]
        sage: [float(value) for value in evaluate(1000, 0)]
        [1000.0, 1.0]
        sage: [abs(float(value)) for value in evaluate(1000, 1)]
        [0.0, 0.0]

    Conditions are written with ``cases``::

        sage: huber = cases([(abs(x) <= 1, x^2/2), (True, abs(x) - 1/2)])
        sage: value = theano.function([graphs['x']], theano_graph(huber, graphs))
        sage: float(value(0.5)), float(value(-3))
        (0.125, 2.5)

    TESTS::

        sage: theano_graph(zeta(x), graphs, name='the feature zeta(x)')
        Traceback (most recent call last):
        ...
        ValueError: the feature zeta(x): zeta(x) cannot be translated to Theano; expected sums, products, ...
        sage: theano_graph(x + var('t'), graphs, name='the cost', known='a variable of the data (x)')
        Traceback (most recent call last):
        ...
        ValueError: the cost: the symbol t is not a variable of the data (x)
        sage: theano_graph(x + var('t'), graphs)
        Traceback (most recent call last):
        ...
        ValueError: the expression: the symbol t is not one of x, y
        sage: theano_graph(1 + I*x, graphs)
        Traceback (most recent call last):
        ...
        ValueError: the expression: I is not a finite real number
        sage: theano_graph([x], graphs)
        Traceback (most recent call last):
        ...
        TypeError: the expression: [x] is not a symbolic expression
    """
    expression = as_expression(expression, name)
    graph = _Translation(graphs, name, known or f'one of {", ".join(graphs)}')(expression)
    return T.constant(graph) if isinstance(graph, float) else graph


class _Key:
    # Looks an expression up as it is written; == between expressions asks whether they are equal as functions.

    def __init__(self, expression):
        self.expression, self.hash = expression, hash(expression)

    def __hash__(self):
        return self.hash

    def __eq__(self, other):
        return self.expression.is_trivially_equal(other.expression)


class _Translation(Converter):
    # One translation. A constant becomes a float64, everything else a Theano variable.

    def __init__(self, graphs, name, known):
        super().__init__()
        self.graphs, self.name, self.known = graphs, name, known
        self._made, self._logarithms = {}, {}

    def __call__(self, ex):
        key = _Key(ex)
        if key not in self._made:
            self._made[key] = super().__call__(ex)
        return self._made[key]

    def pyobject(self, ex, obj=None):
        number = as_float(ex)
        if number is None or not math.isfinite(number):
            raise ValueError(f'{self.name}: {shown(ex)} is not a finite real number')
        # Theano would turn a Python float into less than a float64
        return numpy.float64(number)

    def symbol(self, ex):
        if str(ex) not in self.graphs:
            raise ValueError(f'{self.name}: the symbol {ex} is not {self.known}')
        return self.graphs[str(ex)]

    def _refuse(self, ex, operation=None):
        raise ValueError(f'{self.name}: {shown(ex)} cannot be translated to Theano; {EXPECTED}')

    relation = derivative = tuple = _refuse

    # Sums, products and powers

    def arithmetic(self, ex, operation):
        operands = ex.operands()
        if operation is add_vararg:
            graph = _combined(operator.add, [self(term) for term in operands])
        elif operation is mul_vararg:
            graph = self._product(operands)
        else:
            graph = self._power(*operands)
        # Sage rounds a constant only once
        return self.pyobject(ex) if isinstance(graph, float) else graph

    def _product(self, factors):
        exponentials = [factor for factor in factors if _is_exponential(factor)]
        inverses = [factor for factor in factors if self._is_inverse(factor)]
        if not (exponentials and inverses):
            return _combined(operator.mul, [self(factor) for factor in factors])
        # e^u/(1 + e^v) would be inf/inf far out
        rest = [self(factor) for factor in factors if not (_is_exponential(factor) or self._is_inverse(factor))]
        if len(exponentials) == len(inverses) == 1:
            base, exponent = inverses[0].operands()
            v = _one_plus_exponential_of(base)
            if v is not None and _number(exponent) == -1 and v.is_trivially_equal(exponentials[0].operands()[0]):
                return _combined(operator.mul, rest + [sigmoid(self(v))])
        logarithms = [self.logarithm(factor) for factor in exponentials + inverses]
        return _combined(operator.mul, rest + [T.exp(_combined(operator.add, logarithms))])

    def _is_inverse(self, ex):
        # Whether ex is a negative power of a sum of exponential functions.
        return ex.operator() is operator.pow and _number(ex.operands()[1]) < 0 and _is_graph(self.logarithm(ex))

    def _power(self, base, exponent):
        number = _number(exponent)
        logarithm = None if number > 0 and number.is_integer() else self.logarithm(base)
        if _is_graph(logarithm):
            v = _one_plus_exponential_of(base)
            return sigmoid(-self(v)) if v is not None and number == -1 else T.exp(self(exponent) * logarithm)
        base, exponent = self(base), self(exponent)
        if isinstance(base, float) and isinstance(exponent, float):
            return base
        return 1 / base if number == -1 else base**exponent

    # Functions

    def composition(self, ex, operation):
        name = operation.name() if isinstance(operation, BuiltinFunction) else None
        operands = ex.operands()
        if name == 'cases':
            return self._cases(ex)
        if not ex.variables():
            return self.pyobject(ex)
        if name == 'log':
            return self._log(operands[0])
        if name == 'real_nth_root':
            return self._root(ex)
        if name in FUNCTIONS and len(operands) == 1:
            return FUNCTIONS[name](self(operands[0]))
        if name in FUNCTIONS_OF_TWO:
            return _combined(FUNCTIONS_OF_TWO[name], [self(operand) for operand in operands])
        self._refuse(ex)

    def _root(self, ex):
        radicand, degree = ex.operands()
        number = _number(degree)
        if not (number and number.is_integer()):
            self._refuse(ex)
        x = self(radicand)
        return x**(1 / number) if number % 2 == 0 else sign(x) * abs(x)**(1 / number)

    def _cases(self, ex):
        # Where no condition holds Sage raises an error, and Theano gives nan.
        graph = NAN
        for case in reversed(ex.operands()[0].operands()):
            condition, value = case.operands()
            if condition.operator() in RELATIONS:
                sides = [self(side) for side in condition.operands()]
                graph = T.switch(RELATIONS[condition.operator()](*sides), self(value), graph)
                # nan is neither below a number nor above it; data and weights, which have no owner, are never nan
                for side in sides:
                    if getattr(side, 'owner', None) is not None:
                        graph = T.switch(T.isnan(side), NAN, graph)
            elif _number(condition) == 1:
                graph = self(value)
            else:
                self._refuse(condition)
        return graph

    def _log(self, ex):
        # Positive factors are taken out of the logarithm of a product.
        logarithm = self.logarithm(ex)
        if logarithm is not None:
            return logarithm
        factors = ex.operands() if ex.operator() is mul_vararg else [ex]
        logarithms = [self.logarithm(factor) for factor in factors]
        rest = [self(factor) for factor, logarithm in zip(factors, logarithms) if logarithm is None]
        known = [logarithm for logarithm in logarithms if logarithm is not None]
        return _combined(operator.add, known + ([T.log(_combined(operator.mul, rest))] if rest else []))

    def logarithm(self, ex):
        # The logarithm of an expression made of positive numbers and exponential
        # functions by sums, products and powers; None for anything else.
        key = _Key(ex)
        if key not in self._logarithms:
            # an expression that leads back to itself is not of this kind
            self._logarithms[key] = None
            self._logarithms[key] = self._logarithm(ex)
        return self._logarithms[key]

    def _logarithm(self, ex):
        operation, operands = ex.operator(), ex.operands()
        if not operands:
            number = self(ex)
            return numpy.log(number) if isinstance(number, float) and number > 0 else None
        if _is_exponential(ex):
            return self(operands[0])
        if operation is operator.pow:
            logarithm = self.logarithm(operands[0])
            return None if logarithm is None else logarithm * self(operands[1])
        if operation not in (add_vararg, mul_vararg):
            return None
        normal = _normal_probability(ex)
        if normal is not None:
            factor, argument = normal
            return numpy.log(factor) + _log_erfc(self(argument))
        logarithms = []
        for operand in operands:
            logarithms.append(self.logarithm(operand))
            if logarithms[-1] is None:
                # 1 - 1/(1 + e^v) is e^v/(1 + e^v)
                is_short = len(operands) <= TERMS and _degree_in_exponentials(ex) <= DEGREE
                return self.logarithm(ex.normalize()) if is_short else None
        if operation is mul_vararg:
            return _combined(operator.add, logarithms)
        # constants first: log(1 + e^v) is softplus(v)
        return functools.reduce(_log_add_exp, sorted(logarithms, key=lambda graph: not isinstance(graph, float)))


def _combined(function, graphs):
    # Pairs of pairs, so that a long sum does not make a deep graph.
    if len(graphs) == 1:
        return graphs[0]
    middle = len(graphs) // 2
    return function(_combined(function, graphs[:middle]), _combined(function, graphs[middle:]))


def _log_add_exp(a, b):
    # log(e^a + e^b)
    if isinstance(a, float) and isinstance(b, float):
        return numpy.logaddexp(a, b)
    return softplus(b) if isinstance(a, float) and a == 0 else a + softplus(b - a)


def _log_erfc(v):
    # erfc(v) rounds to 0 far out, erfcx(v) = e^(v^2) erfc(v) does not
    above = T.maximum(v, 0)
    return T.switch(T.gt(v, 0), T.log(T.erfcx(above)) - above**2, T.log(T.erfc(T.minimum(v, 0))))


def _is_graph(value):
    return value is not None and not isinstance(value, float)


def _number(ex):
    # The value of a number, nan for everything else.
    number = as_float(ex) if ex.is_numeric() else None
    return math.nan if number is None else number


def _is_exponential(ex):
    return ex.operator() is exp


def _both_ways(ex):
    # The two terms of a sum in both orders; nothing for everything else.
    terms = ex.operands()
    return (terms, terms[::-1]) if ex.operator() is add_vararg and len(terms) == 2 else ()


def _one_plus_exponential_of(ex):
    # The v of 1 + e^v, or None.
    for one, other in _both_ways(ex):
        if _number(one) == 1 and _is_exponential(other):
            return other.operands()[0]
    return None


def _normal_probability(ex):
    # The c and v of c*erfc(v), written as c - c*erf(v); or None. The sum would round to 0 far out.
    for constant, term in _both_ways(ex):
        for argument in [factor.operands()[0] for factor in (term, *term.operands()) if factor.operator() is erf]:
            factor = _number(term / erf(argument))
            if abs(factor) == _number(constant):
                return abs(factor), -argument if factor > 0 else argument
    return None


def _degree_in_exponentials(ex):
    # The degree of a rational function of exponential functions, or more; infinite for everything else.
    if _is_exponential(ex) or ex.is_numeric():
        return int(_is_exponential(ex))
    if ex.operator() is operator.pow:
        number = _number(ex.operands()[1])
        return abs(number) * _degree_in_exponentials(ex.operands()[0]) if number.is_integer() else math.inf
    if ex.operator() in (add_vararg, mul_vararg):
        return sum(map(_degree_in_exponentials, ex.operands()))
    return math.inf
