"""Sage expressions as Theano graphs: against Sage's own numbers, Sage's own derivatives, and far out."""
import math

import numpy
import pytest
import scipy.special

pytest.importorskip('sage.all')
from hypothesis import assume, given, settings, strategies as st
from sage.all import (I, NaN, QQ, RDF, RR, SR, Integer, RealField, RealIntervalField, abs_symbolic, arccos, arccosh,
                      arccot, arccoth, arccsc, arccsch, arcsec, arcsech, arcsin, arcsinh, arctan, arctan2, arctanh,
                      cases, catalan, ceil, cos, cosh, cot, coth, csc, csch, diff, e, erf, euler_gamma, exp, factorial,
                      fast_callable, floor, function, gamma, golden_ratio, heaviside, integrate, log, log_gamma, matrix,
                      max_symbolic, min_symbolic, oo, pi, piecewise, psi, real_nth_root, sec, sech, sgn, sin, sinh,
                      sqrt, tan, tanh, unit_step, unsigned_infinity, zeta)

from sage_logreg.engine import T, theano
from sage_logreg.symbolic.translation import theano_graph

# no compiler: each expression is evaluated a few times only
MODE = theano.Mode(linker='py', optimizer=None)
x, y, z = SR.var('x1, x2, z')
# eight bits fewer than a double: an enclosure with room for a few rounding errors in each operation
ENCLOSURE = RealIntervalField(45)
# T.grad takes differences that Sage's derivative, simplified, does not have: half of the digits are asked of it
WIDE_ENCLOSURE, SLACK = RealIntervalField(24), 1e-6


def evaluated(expression, **values):
    """The expression by Theano at some numbers, and its derivatives in them."""
    inputs = {name: T.dscalar(name) for name in values}
    graph = theano_graph(expression, inputs)
    gradient = T.grad(graph, list(inputs.values()), disconnected_inputs='ignore')
    outputs = theano.function(list(inputs.values()), [graph, *gradient], mode=MODE, on_unused_input='ignore')(
        *values.values())
    return [float(output) for output in outputs]


def value(expression, **values):
    return evaluated(expression, **values)[0]


def enclosed(expression, point, field=ENCLOSURE):
    """The numbers that rounding may make of Sage's value, or None where there is none."""
    try:
        result = field(fast_callable(expression, vars=[x, y], domain=field)(*point))
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        return None
    # what is left of e^-1000 is nothing
    return None if result.is_NaN() or abs(result).upper() > 1e100 else result + field(-1e-290, 1e-290)


# Random expressions

UNARY = [exp, log, sqrt, sin, cos, tan, arctan, sinh, cosh, tanh, lambda a: 1 / (1 + exp(-a)), lambda a: log(1 + exp(a))]
BINARY = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a * b + 1]
# not so small that squares underflow
NUMBERS = st.integers(-999, 999).map(lambda k: k / 256)
# where x1, x2 and their differences are not 0: there sqrt has no derivative
FIRST, SECOND = (st.integers(99, 500).map(lambda k, root=root: math.sqrt(root) * k / 256) for root in (2, 3))
LEAVES = st.one_of(st.sampled_from([x, y]), st.integers(-5, 5).map(SR), st.sampled_from([pi, e, sqrt(SR(2))]),
                   st.fractions(-3, 3, max_denominator=9).map(lambda q: SR(QQ(q))),
                   NUMBERS.map(lambda number: SR(RDF(number))))


def grown(children):
    return st.one_of(st.builds(lambda f, a: (f, a), st.sampled_from(UNARY), children),
                     st.builds(lambda f, a, b: (f, a, b), st.sampled_from(BINARY), children, children),
                     st.builds(lambda a, n: (lambda base: base**n, a), children,
                               st.sampled_from([Integer(2), Integer(-1), Integer(-2), Integer(3), QQ((1, 2)), QQ((-3, 2))])))


TREES = st.recursive(LEAVES, grown, max_leaves=8)


def built(tree):
    if not isinstance(tree, tuple):
        return tree
    try:
        return SR(tree[0](*map(built, tree[1:])))
    except (ZeroDivisionError, ValueError, ArithmeticError, RuntimeError):
        # Sage itself refuses 1/0, log(0), ...
        assume(False)


def translated(expression, point):
    try:
        return evaluated(expression, x1=point[0], x2=point[1])
    except ValueError as error:
        # constants that are complex or infinite; everything else must come through
        assert 'is not a finite real number' in str(error)
        assume(False)


@pytest.mark.lanes
@settings(max_examples=150, deadline=None)
@given(TREES, NUMBERS, NUMBERS)
def test_random_expressions_have_sages_value(tree, a, b):
    expression = built(tree)
    expected = enclosed(expression, (a, b))
    assume(expected is not None)
    with numpy.errstate(all='ignore'):
        result = translated(expression, (a, b))[0]
    assert RR(result) in expected


@settings(max_examples=150, deadline=None)
@given(TREES, FIRST, SECOND)
def test_random_expressions_have_sages_derivatives(tree, a, b):
    expression = built(tree)
    expected = [enclosed(expression.diff(variable), (a, b), WIDE_ENCLOSURE) for variable in (x, y)]
    assume(enclosed(expression, (a, b)) is not None and None not in expected)
    assume(all(abs(enclosure).upper() < 1e6 for enclosure in expected))
    with numpy.errstate(all='ignore'):
        result = translated(expression, (a, b))[1:]
    for number, enclosure in zip(result, expected):
        assert RR(number) in enclosure + WIDE_ENCLOSURE(-SLACK, SLACK)


# Every function

POINTS = {arcsec: (-2.5, 1.5), arccsc: (-2.5, 1.5), arccosh: (1.25, 3), arccoth: (-1.5, 2), arcsech: (0.25, 0.75),
          arcsin: (-0.5, 0.25), arccos: (-0.5, 0.25), arctanh: (-0.5, 0.25), log: (0.5, 3), log_gamma: (0.5, 3),
          gamma: (0.5, 3.5), sqrt: (0.5, 2), psi: (0.5, 3), factorial: (0.5, 3)}


EVERY = [exp, log, sin, cos, tan, cot, sec, csc, arcsin, arccos, arctan, arccot, arcsec, arccsc, sinh, cosh, tanh, coth,
         sech, csch, arcsinh, arccosh, arctanh, arccoth, arcsech, arccsch, erf, gamma, log_gamma, psi, factorial, sqrt,
         abs_symbolic]


@pytest.mark.lanes
@pytest.mark.parametrize('function', EVERY, ids=lambda function: getattr(function, '__name__', str(function)))
def test_each_function_and_its_derivative(function):
    for number in POINTS.get(function, (-2.5, 0.5)):
        expression = function(x)
        result = evaluated(expression, x1=number)
        exact = QQ(number)
        assert result[0] == pytest.approx(float(expression.subs(x1=exact).n(100)), rel=1e-13)
        # Sage's derivatives of the three are those of another branch at negative numbers
        if function is not factorial and not (function in (arcsec, arccsc, arccsch) and number < 0):
            derivative = expression.diff(x).subs(x1=exact)
            assert result[1] == pytest.approx(float(derivative.n(100)), rel=1e-12)


@pytest.mark.lanes
@pytest.mark.parametrize('function', [sgn, unit_step, floor, ceil])
def test_steps(function):
    for number in (-2.5, -1.0, 0.0, 0.5, 3.0):
        assert evaluated(function(x), x1=number) == [float(function(SR(QQ(number)))), 0.0]


@pytest.mark.lanes
def test_heaviside():
    assert [value(heaviside(x), x1=number) for number in (-2, 0, 3)] == [0.0, 0.5, 1.0]


def test_functions_of_several():
    assert value(arctan2(y, x), x1=-1, x2=2) == pytest.approx(math.atan2(2, -1), rel=1e-15)
    assert value(max_symbolic(x, y, 1), x1=-1, x2=2) == 2
    assert evaluated(min_symbolic(x, y, 1), x1=-1, x2=2) == [-1, 1, 0]
    assert value(log(x, 2), x1=8) == pytest.approx(3, rel=1e-15)
    assert value(log(x, y), x1=8, x2=2) == pytest.approx(3, rel=1e-15)


@pytest.mark.lanes
def test_powers():
    assert value(x**y, x1=2, x2=0.5) == math.sqrt(2)
    assert value(2**x, x1=10) == 1024
    assert value(x**Integer(-3), x1=2) == 0.125
    assert value(x**QQ((2, 3)), x1=8) == pytest.approx(4, rel=1e-15)
    assert value(e**x, x1=1) == math.e
    assert evaluated(x**2, x1=-3) == [9, -6]
    assert math.isnan(value(sqrt(x), x1=-1))


@pytest.mark.lanes
def test_real_roots():
    for number in (-27, -2.5, 0, 8):
        assert value(real_nth_root(x, 3), x1=number) == pytest.approx(math.copysign(abs(number)**(1 / 3), number), rel=1e-15)
    assert value(real_nth_root(x, -3), x1=-8) == pytest.approx(-0.5, rel=1e-15)
    assert evaluated(real_nth_root(x, 5), x1=-32)[1] == pytest.approx(1 / 80, rel=1e-14)
    assert value(real_nth_root(x, 2), x1=9) == 3 and math.isnan(value(real_nth_root(x, 2), x1=-9))


@pytest.mark.parametrize('expression', [
    unit_step(log(x)), heaviside(log(x)), sgn(log(x)), floor(sqrt(x)), abs_symbolic(arccosh(x)), max_symbolic(log(x), 0),
    cases([(log(x) < 1, 0), (True, 1)]), cases([(x > 5, 0), (1 <= sqrt(x), 0), (True, 1)]), log_gamma(x), log_gamma(x)**2],
    ids=str)
def test_undefined_parts_make_it_undefined(expression):
    # Sage's value is complex, or it can't compare
    assert math.isnan(value(expression, x1=-2.5))
    assert not math.isnan(value(expression, x1=2.5))


@pytest.mark.lanes
def test_cases():
    huber = cases([(abs_symbolic(x) <= 1, x**2 / 2), (x > 1, x - QQ((1, 2))), (True, -x - QQ((1, 2)))])
    assert [evaluated(huber, x1=number) for number in (0.5, 3, -3)] == [[0.125, 0.5], [2.5, 1], [2.5, -1]]
    partial = cases([(x > 0, 1)])
    assert value(partial, x1=1) == 1 and math.isnan(value(partial, x1=0))
    for relation, holds in ((x < 1, 0), (x <= 1, 1), (x >= 1, 1), (x > 1, 0), (x == 1, 1), (x != 1, 0)):
        assert value(cases([(relation, 1), (True, 0)]), x1=1) == holds


# Constants

@pytest.mark.lanes
@pytest.mark.parametrize('constant', [pi, e, euler_gamma, golden_ratio, catalan, sqrt(SR(2)), log(SR(10)), zeta(SR(3)),
                                      erf(SR(1) / 3), SR(10)**300, SR(QQ((1, 3))), SR(RDF(0.1)), SR(RR(0.1)), SR(0.1),
                                      SR(RealField(100)(1) / 3), SR(Integer(2)**60 + 1), (1 + sqrt(SR(5))) / 2])
def test_constants_are_rounded_once(constant):
    # the value to 200 bits, to the nearest double
    expected = float(RR(RealField(200)(constant)))
    assert value(constant) == expected
    assert value(x + constant, x1=0) == expected


@pytest.mark.parametrize('given', [5, 1.5, numpy.float64(0.25), Integer(7), RDF(0.5), 'x1 + 2*x2', True])
def test_whatever_can_become_an_expression(given):
    assert value(given, x1=1, x2=3) == (7 if isinstance(given, str) else float(given))


def test_callable_expression():
    f = (x**2 + y).function(y, x)
    assert value(f, x1=3, x2=1) == 10


# Far out

def logistic_forms():
    z = SR.var('z')
    for h in (1 / (1 + exp(-z)), exp(z) / (1 + exp(z)), 1 / (1 + 1 / exp(z)), exp(z / 2) / (exp(z / 2) + exp(-z / 2))):
        yield h
        yield h.normalize()
        yield 1 - h.subs(z=-z)


@pytest.mark.parametrize('number', [-1000, -50, 0, 1.5, 800])
@pytest.mark.parametrize('h', [*logistic_forms()], ids=str)
def test_logistic_cost_is_finite_everywhere(h, number):
    y = SR.var('y')
    sigmoid = 0.5 * (1 + math.tanh(number / 2))
    for label in (0.0, 1.0):
        expected = [float(numpy.logaddexp(0, number)) - label * number, sigmoid - label]
        for cost in (-(y * log(h) + (1 - y) * log(1 - h)), -log(h**y * (1 - h)**(1 - y)),
                     -y * log(h / (1 - h)) - log(1 - h)):
            assert evaluated(cost, z=number, y=label)[:2] == pytest.approx(expected, rel=1e-13, abs=1e-15)
        squares = evaluated((h - y)**2, z=number, y=label)[:2]
        slope = 2 * (sigmoid - label) * 0.25 / math.cosh(number / 2)**2 if abs(number) < 700 else 0
        assert squares == pytest.approx([(sigmoid - label)**2, slope], rel=1e-13, abs=1e-15)
        likelihood = evaluated(h**y * (1 - h)**(1 - y), z=number, y=label)
        assert likelihood[0] == pytest.approx(abs(1 - label - sigmoid), rel=1e-13, abs=1e-15)
        assert numpy.isfinite(likelihood).all()


@pytest.mark.parametrize('number', [-1000, -1, 0, 1, 1000])
def test_softplus_and_derivatives_are_finite(number):
    h = 1 / (1 + exp(-z))
    assert value(log(1 + exp(z)), z=number) == pytest.approx(numpy.logaddexp(0, number), rel=1e-15)
    assert value(log(3 * exp(-2 * z) + QQ((5, 2))), z=number) == pytest.approx(
        numpy.logaddexp(math.log(3) - 2 * number, math.log(2.5)), rel=1e-14)
    for expression in (diff(h, z), sqrt(h), h**QQ((-1, 3)) * h, log(h)**2, log(1 - h, 2), log(-x * h)):
        assert numpy.isfinite(evaluated(expression, z=number, x1=-2)).all()


@pytest.mark.lanes
def test_softmax_is_finite():
    parts = [exp(x), exp(y), exp(z)]
    for part in parts:
        share = part / sum(parts)
        for point in ((1000, -1000, 3), (-800, -900, -1000), (800, 900, 1000)):
            values = evaluated(log(share), x1=point[0], x2=point[1], z=point[2])
            assert numpy.isfinite(values).all()
            expected = float(log(share).subs(dict(zip((x, y, z), map(Integer, point)))).n(4000))
            assert values[0] == pytest.approx(expected, rel=1e-13)
            assert numpy.isfinite(evaluated(share, x1=point[0], x2=point[1], z=point[2])).all()
            assert numpy.isfinite(evaluated(log(1 - share), x1=point[0], x2=point[1], z=point[2])).all()


@pytest.mark.parametrize('number', [-1e6, -100, -10, 0, 0.5, 3, 100, 1e6])
def test_probit_cost_is_finite_everywhere(number):
    label = SR.var('y')
    for h in ((1 + erf(z / sqrt(SR(2)))) / 2, QQ((1, 2)) - erf(-z / sqrt(SR(2))) / 2, 1.0 - 0.5 * (1 - erf(z / sqrt(2.0)))):
        cost = -(label * log(h) + (1 - label) * log(1 - h))
        for y_is in (0, 1):
            side = -number if y_is else number
            hazard = math.sqrt(2 / math.pi) / scipy.special.erfcx(side / math.sqrt(2))
            expected = [-scipy.special.log_ndtr(-side), -hazard if y_is else hazard]
            assert evaluated(cost, z=number, y=y_is)[:2] == pytest.approx(expected, rel=1e-12)


def test_what_is_no_logistic_function_stays_as_it_is():
    assert value(log(1 + x), x1=1) == math.log(2)
    assert value(log(1 - exp(x)), x1=-1) == pytest.approx(math.log(1 - math.exp(-1)), rel=1e-15)
    assert math.isnan(value(log(1 - exp(x)), x1=1))
    assert value(log(x / (1 + exp(y))), x1=3, x2=0) == pytest.approx(math.log(1.5), rel=1e-15)
    assert math.isnan(value(log(-2 / (1 + exp(y))), x2=0))
    assert value(log(1 - erf(x) / 2), x1=1) == pytest.approx(math.log(1 - math.erf(1) / 2), rel=1e-14)
    assert value(log(2 + erf(x) * y), x1=1, x2=3) == pytest.approx(math.log(2 + 3 * math.erf(1)), rel=1e-14)
    assert value(log((x - 3) * (x - 5)), x1=1) == pytest.approx(math.log(8), rel=1e-15)


# One node for one subexpression

def test_the_same_subexpression_is_the_same_node():
    inputs = {'x1': T.dvector('x1'), 'x2': T.dvector('x2')}
    inner = sin(x * y + 1)
    graph = theano_graph(inner**2 + inner * y + cos(inner), inputs)
    sines, waiting, seen = set(), [graph], set()
    while waiting:
        node = waiting.pop()
        if node.owner is not None and node not in seen:
            seen.add(node)
            if 'sin' in str(node.owner.op).lower():
                sines.add(node)
            waiting.extend(node.owner.inputs)
    assert len(sines) == 1


def test_a_long_sum_is_translated():
    symbols = [SR.var(f'v{i}') for i in range(300)]
    inputs = {str(symbol): T.dscalar(str(symbol)) for symbol in symbols}
    total = sum(symbol**2 * cos(symbol) for symbol in symbols)
    graph = theano_graph(total, inputs)
    assert T.grad(graph, inputs['v7']).ndim == 0


# What cannot be translated

ODD = function('odd')


@pytest.mark.lanes
@pytest.mark.parametrize('expression, message', [
    (zeta(x), r'the cost: zeta\(x1\) cannot be translated to Theano; expected sums, products, .*'),
    (ODD(x), r'the cost: odd\(x1\) cannot be translated to Theano; .*'),
    (ODD(x).diff(x), r'the cost: diff\(odd\(x1\), x1\) cannot be translated to Theano; .*'),
    # held, as Maxima and SymPy would look for a formula first
    (integrate(sin(x**2) * exp(x**3), x, hold=True), r'the cost: integrate\(.*\) cannot be translated to Theano; .*'),
    (x > 0, r'the cost: x1 > 0 cannot be translated to Theano; .*'),
    (cases([(ODD(x) > 0, x)]), r'the cost: odd\(x1\) cannot be translated to Theano; .*'),
    (piecewise([((0, 1), x)]), r'the cost: piecewise\(.*\) cannot be translated to Theano; .*'),
    (real_nth_root(x, x), r'the cost: real_nth_root\(x1, x1\) cannot be translated to Theano; .*'),
    (real_nth_root(x, 0), r'the cost: real_nth_root\(x1, 0\) cannot be translated to Theano; .*'),
    (psi(2, x), r'the cost: psi\(2, x1\) cannot be translated to Theano; .*'),
    (1 + I * x, 'the cost: I is not a finite real number'),
    (sqrt(SR(-2)) * x, r'the cost: sqrt\(-2\) is not a finite real number'),
    (SR(10)**400 + x, r'the cost: 10+\.\.\. is not a finite real number'),
    (x + NaN, 'the cost: NaN is not a finite real number'),
    (x - oo, 'the cost: -Infinity is not a finite real number'),
    (unsigned_infinity, 'the cost: Infinity is not a finite real number'),
    (x + z, 'the cost: the symbol z is not a weight'),
])
def test_errors(expression, message):
    with pytest.raises(ValueError) as error:
        theano_graph(expression, {'x1': T.dscalar()}, name='the cost', known='a weight')
    import re
    assert re.fullmatch(message, str(error.value))


@pytest.mark.parametrize('given', [None, [x], 'x1 +', object(), matrix([[1, 2]]), {}])
def test_what_is_no_expression(given):
    with pytest.raises(TypeError, match='^the cost: .* is not a symbolic expression$'):
        theano_graph(given, {'x1': T.dscalar()}, name='the cost')


def test_real_and_imaginary_parts():
    from sage.all import imag_part, real_part
    # Sage writes the real part of a product with imaginary parts
    assert 'imag_part' in str(real_part(x * y))
    assert evaluated(real_part(x * y)**2, x1=2, x2=-3) == [36, 36, -24]
    assert evaluated(imag_part(x * y) + imag_part(x), x1=2, x2=-3) == [0, 0, 0]


def test_no_long_fraction():
    # written as one fraction, this would be expanded for minutes
    x, y = SR.var('x, y')
    graphs = {'x': T.dscalar('x'), 'y': T.dscalar('y')}
    expression = log(1 - 1/(1 + exp(x) + exp(y))**1000)
    value = theano.function(list(graphs.values()), theano_graph(expression, graphs))(0.0, -9.0)
    assert float(value) == pytest.approx(0, abs=1e-15)
