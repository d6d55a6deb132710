r"""
Saved models of features and of costs written in Sage.
"""
import copy
import json
import math
import pickle

import pytest
from hypothesis import assume, given, settings, strategies as st

from sage_logreg import ex2data1, gradient_descent, load_data, load_model
from sage_logreg.support.arguments import as_float
from sage_logreg.engine import T

from helpers import arrays, cost_of_a_line, in_a_new_process, stored, x1_and_x2

pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings('ignore::RuntimeWarning')]


def test_features_come_back(tmp_path):
    x1, x2 = x1_and_x2()
    from sage.all import QQ, RDF, RealField, cases, cos, exp, log, max_symbolic, pi, sqrt
    tiny = RealField(200)(1) / 3
    features = [x1, x1**2 * x2, sqrt(x1) / 3, log(x1 + pi), exp(-x2 / QQ(100)), RDF(0.1) * x1, tiny * x2, 0.1 * x1 * x2,
                max_symbolic(x1, x2, 50), cases([(x1 <= 50, x2), (True, cos(x1))])]
    model = gradient_descent(load_data((ex2data1().points, ex2data1().labels), features=features), iterations=50, scale=True)
    again = stored(model, tmp_path / 'model.json')
    assert again == model and arrays(again) == arrays(model)
    assert again.data.features.names == model.data.features.names
    assert all(one.is_trivially_equal(two) for one, two in zip(again.data.features.expressions, features))
    assert again.log_odds().is_trivially_equal(model.log_odds())
    assert again.predict([45, 85]) == model.predict([45, 85])
    assert again.resume(20) == model.resume(20)
    content = json.loads((tmp_path / 'model.json').read_text())
    assert content['data']['features'][1] == ['*', ['^', 'x1', 2], 'x2']
    for copied in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert copied == model and hash(copied) == hash(model) and arrays(copied) == arrays(model)
    from sage.all import TestSuite, dumps, loads
    assert loads(dumps(model)) == model
    TestSuite(model).run(raise_on_failure=True)
    other = load_data((ex2data1().points, ex2data1().labels), features=[2 * feature for feature in features])
    assert other != model.data and other.features != model.data.features and model.data.features != 7


@pytest.mark.slow
def test_minimized_costs_come_back(tmp_path):
    model = cost_of_a_line(report=None)
    again = stored(model, tmp_path / 'model.json')
    assert arrays(again) == arrays(model) and again == model and hash(again) == hash(model) and repr(again) == repr(model)
    assert again.parameters() == model.parameters() and again.values() == model.values()
    assert again.symbolic_cost().is_trivially_equal(model.symbolic_cost())
    assert again.resume(10) == model.resume(10)
    content = json.loads((tmp_path / 'model.json').read_text())
    assert (content['kind'], content['parameters'], content['cost'][0]) == ('MinimizedCost', ['a', 'b'], '+')
    for copied in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert copied == model and arrays(copied) == arrays(model)
    from sage.all import TestSuite
    TestSuite(model).run(raise_on_failure=True)
    with pytest.raises(ValueError, match='not trained with a cost of its own; expected cost=None'):
        load_model(tmp_path / 'model.json', cost=lambda X, y, w: T.mean(y * w[0]))


def test_checkpoint_of_a_minimized_cost(tmp_path):
    path = tmp_path / 'run.json'
    half = cost_of_a_line(checkpoint=path, callback=lambda iteration, cost, weights: iteration == 25)
    assert half.iterations() == 25 and load_model(path) == half
    assert cost_of_a_line(checkpoint=path) == cost_of_a_line() == load_model(path)
    with pytest.raises(ValueError, match='holds a model of another cost; the file is left alone'):
        gradient_descent(load_model(path).data, learning_rate=0.5, checkpoint=path)
    gradient_descent(half.data, learning_rate=0.5, iterations=50).save(path)
    with pytest.raises(ValueError, match='holds a model of another cost; the file is left alone'):
        cost_of_a_line(checkpoint=path)


def expression_strategy():
    from sage.all import QQ, RDF, RR, RealField, SR, cases, catalan, euler_gamma, golden_ratio, pi
    from sage_logreg.symbolic.translation import FUNCTIONS, FUNCTIONS_OF_TWO
    from sage_logreg.symbolic.tree import _function
    x1, x2 = SR.var('x1, x2')
    # not so small that a product underflows, and leaves a sum with 0.0 in it
    finite = st.floats(-1e30, 1e30).filter(lambda x: abs(x) > 1e-30 or x == 0)
    rationals = st.builds(lambda p, q: SR(QQ((p, q))), st.integers(-10**25, 10**25), st.integers(1, 10**25))
    reals = st.builds(lambda bits, m, e: SR(RealField(bits)(m) * RealField(bits)(2)**e), st.integers(2, 300),
                      st.integers(1, 2**300), st.integers(-400, -200))
    leaves = st.one_of(st.sampled_from([x1, x2, SR(pi), SR(catalan), SR(euler_gamma), SR(golden_ratio)]),
                       st.integers(-10, 10).map(SR), rationals, finite.map(SR), finite.map(lambda x: SR(RDF(x))),
                       finite.map(lambda x: SR(RR(x))), reals)
    # a number in the exponent is a small one
    exponents = st.one_of(st.integers(-6, 6).map(SR), st.sampled_from([SR(QQ((1, 2))), SR(QQ((-2, 3))), x1, x2, SR(0.5)]))
    conditions = [lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b, lambda a, b: a == b,
                  lambda a, b: a != b]

    def sized(number):
        # Sage would compute the factorial of anything, or try
        assume(number.variables() or abs(as_float(number) or 1e99) < 100)
        return number

    def larger(smaller):
        function = st.sampled_from(sorted(FUNCTIONS) + ['log']).map(_function)
        of_two = st.sampled_from(sorted(FUNCTIONS_OF_TWO)).map(_function)
        condition = st.builds(lambda relation, a, b: relation(a, b), st.sampled_from(conditions),
                              st.sampled_from([x1, x2, x1 + x2]), st.integers(-9, 9).map(SR))
        smaller = smaller.map(SR)
        return st.one_of(st.builds(lambda a, b: a + b, smaller, smaller), st.builds(lambda a, b: a * b, smaller, smaller),
                         st.builds(lambda a, b: sized(a)**b, smaller, exponents), st.builds(lambda f, a: f(sized(a)), function, smaller),
                         st.builds(lambda f, a, b: f(a, b), of_two, smaller, smaller),
                         st.builds(lambda c, a, b: cases([(c, a), (True, b)]), condition, smaller, smaller))

    # Sage's functions return numbers of their own kind, now and then
    return st.recursive(leaves, larger, max_leaves=8).map(SR)


try:
    EXPRESSIONS = expression_strategy()
except ImportError:
    EXPRESSIONS = st.nothing()


def can_be_trained_on(expression):
    # Sage makes complex numbers and imaginary parts of some real ones, and infinite ones
    if not expression.operands():
        number = as_float(expression)
        return expression.is_symbol() or (number is not None and math.isfinite(number)
                                          and 'omplex' not in type(expression.pyobject()).__name__)
    return str(expression.operator()) != 'imag_part' and all(map(can_be_trained_on, expression.operands()))


def evaluated_again(expression):
    # whether Sage makes another expression of a part of one, out of the same operands
    operands = expression.operands()
    if not operands or expression.is_relational() or expression.operator() is tuple or str(expression.operator()) == 'cases':
        return any(map(evaluated_again, operands))
    again = expression.operator()(*operands)
    return (not again.is_trivially_equal(expression)) or any(map(evaluated_again, operands))


def has_infinite_constant(expression):
    from sage.all import CC
    if expression.is_relational() or expression.operator() is tuple or expression.variables():
        return any(map(has_infinite_constant, expression.operands()))
    try:
        value = CC(expression)
    except TypeError:
        # Sage knows no value, such as of factorial(pi)
        return True
    return not (value.real().is_real() and abs(value) < 2**1024) or any(map(has_infinite_constant, expression.operands()))


def has_complex_constant(expression):
    from sage.all import CC
    if expression.is_relational() or expression.operator() is tuple or expression.variables():
        return any(map(has_complex_constant, expression.operands()))
    return CC(expression).imag() != 0 or any(map(has_complex_constant, expression.operands()))


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_expression_comes_back(data):
    x1_and_x2()
    from sage_logreg.symbolic.tree import expression_of, tree_of
    try:
        expression = data.draw(EXPRESSIONS)
    except (ArithmeticError, RuntimeError, TypeError, ValueError):
        # 1/0, and what Sage cannot compute
        assume(False)
    assume(can_be_trained_on(expression))
    try:
        tree = tree_of(expression)
    except ValueError as error:
        # a sum or product that Sage writes otherwise when it sees it a second time, or a constant as the logarithm of 0
        if 'is not a finite number; expected one within the range of a float64' in str(error):
            assert has_infinite_constant(expression)
        elif 'is not real; expected real numbers there' in str(error):
            assert has_complex_constant(expression)
        else:
            assert 'expected it as Sage would simplify it' in str(error)
            assert evaluated_again(expression)
        return
    again = expression_of(json.loads(json.dumps(tree, allow_nan=False)), ('x1', 'x2'))
    assert again.is_trivially_equal(expression) or tree_of(again) == tree
    assert str(again) == str(expression) and again.variables() == expression.variables()


def test_features_without_sage(tmp_path):
    x1, x2 = x1_and_x2()
    path = str(tmp_path / 'model.json')
    gradient_descent(ex2data1(), features=[x1, x2, x1 * x2], iterations=1, scale=True).save(path)
    printed = in_a_new_process(f'''
        import sys
        sys.modules['sage'] = None
        from sage_logreg import load_model
        try:
            load_model({path!r})
        except ImportError as error:
            print(error)
        ''', '-W', 'error').stdout
    assert printed.startswith(f'{path}: the model holds expressions of Sage, which is not here: ')
