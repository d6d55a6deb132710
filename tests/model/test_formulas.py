r"""
What a model answers in formulas.
"""
import re

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import LogisticModel, load_data

from helpers import exam_model, model_of, sigmoid

few = settings(deadline=None, max_examples=20)


# Formulas

NUMBERS = st.floats(-100, 100, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-3)
VECTORS = st.integers(1, 4).flatmap(lambda n: st.tuples(
    st.lists(NUMBERS, min_size=n + 1, max_size=n + 1), st.lists(NUMBERS, min_size=n, max_size=n)))


@few
@given(VECTORS)
def test_log_odds_and_posterior_at_points(case):
    sage = pytest.importorskip('sage.all')
    weights, point = case
    model = model_of(weights)
    z = weights[0] + numpy.dot(weights[1:], point)
    size = abs(weights[0]) + numpy.dot(numpy.abs(weights[1:]), numpy.abs(point)) + 1

    symbols = [sage.SR.var(name) for name in model.data.variables]
    values = dict(zip(symbols, point))
    for formula in (model.log_odds(), model.log_odds(*symbols), model.log_odds(symbols)):
        assert formula.parent() is sage.SR
        assert float(formula.subs(values)) == pytest.approx(z, abs=1e-14 * size)
    assert float(model.log_odds(*point)) == pytest.approx(z, abs=1e-14 * size)

    expected = sigmoid(z)
    for value in (model.posterior().subs(values), model.posterior(*symbols).subs(values), model.posterior(*point)):
        assert float(value) == pytest.approx(expected, rel=1e-14 * size, abs=1e-15)


@few
@given(st.lists(NUMBERS, min_size=3, max_size=5).filter(lambda weights: weights[-1]),
       st.lists(NUMBERS, min_size=3, max_size=3))
def test_boundary_at_points(weights, point):
    # what the boundary says of the last variable makes the log-odds zero
    sage = pytest.importorskip('sage.all')
    model = model_of(weights)
    point = point[:len(weights) - 2]
    symbols = [sage.SR.var(name) for name in model.data.variables[:-1]]
    last = -(weights[0] + numpy.dot(weights[1:-1], point)) / weights[-1]
    size = (abs(weights[0]) + numpy.dot(numpy.abs(weights[1:-1]), numpy.abs(point))) / abs(weights[-1]) + 1
    for formula in (model.boundary(), model.boundary(*symbols)):
        assert formula.parent() is sage.SR
        assert not formula.is_relational()
        assert float(formula.subs(dict(zip(symbols, point)))) == pytest.approx(last, abs=1e-14 * size)
    assert float(model.boundary(*point)) == pytest.approx(last, abs=1e-14 * size)


@pytest.mark.lanes
def test_the_worksheets_boundary(sage):
    model = exam_model([-9.25573205, 0.07960975, 0.07329322])
    w0, w1, w2 = model.weights()
    x1, t = sage.SR.var('x1, t')
    assert bool(model.boundary(x1) == -w0/w2 - w1/w2*x1)
    assert bool(model.boundary(t) == -w0/w2 - w1/w2*t)
    assert model.boundary(x1).variables() == (x1,)
    assert bool(model.boundary(t**2 + 1) == -w0/w2 - w1/w2*(t**2 + 1))
    assert model.boundary(x1).degree(x1) == 1
    # a formula, that can be differentiated and solved
    assert float(model.boundary(x1).diff(x1)) == pytest.approx(-0.07960975 / 0.07329322, rel=1e-14)
    assert float(model.posterior(x1, model.boundary(x1)).subs(x1=33)) == pytest.approx(0.5, abs=1e-14)


def test_formulas_in_the_users_variables(sage):
    data = load_data([[1, 2, 0], [3, 4, 1]], variables='身長, weight')
    model = LogisticModel(data, numpy.array([1.0, 2.0, 4.0]))
    assert {str(symbol) for symbol in model.log_odds().variables()} == {'身長', 'weight'}
    assert [str(symbol) for symbol in model.boundary().variables()] == ['身長']


@pytest.mark.lanes
def test_vertical_boundary(sage):
    x1, a, b, c = sage.SR.var('x1, a, b, c')
    vertical = model_of([-4, 2, 0]).boundary()
    assert vertical.is_relational()
    assert (vertical.lhs(), float(vertical.rhs())) == (x1, 2)
    assert model_of([-4, 2, 0]).boundary(a).lhs() == a
    # every point with x1 = 2 is on it
    assert bool(model_of([-4, 2, 0]).boundary(2))
    # in one variable the boundary is a point
    threshold = model_of([3, -2]).boundary()
    assert (threshold.lhs(), float(threshold.rhs())) == (x1, 1.5)
    # in three variables, one or two of them free
    equation = model_of([-4, 2, 1, 0]).boundary(a, b)
    assert equation.is_relational() and set(equation.variables()) == {a, b}
    assert float((equation.lhs() - equation.rhs()).subs({a: 1, b: 2})) == 0
    assert float((equation.lhs() - equation.rhs()).subs({a: 1, b: 3})) != 0
    line = model_of([-4, 0, 8, 0]).boundary(a, b)
    assert (line.lhs(), float(line.rhs())) == (b, 0.5)


WRONG_FORMULAS = [
    (lambda m: m([0, 1, 1]).log_odds(1), TypeError, 'log_odds takes 2 variables (x1, x2), or none; 1 was given'),
    (lambda m: m([0, 1, 1]).posterior(1, 2, 3), TypeError,
     'posterior takes 2 variables (x1, x2), or none; 3 were given'),
    (lambda m: m([0, 1, 1]).boundary(1, 2), TypeError, 'boundary takes 1 variable (x1), or none; 2 were given'),
    (lambda m: m([0, 1]).boundary(1), TypeError, 'boundary takes no variables; 1 was given'),
    (lambda m: m([0, 1, 1]).boundary(None), TypeError,
     'boundary: x[0] = None; expected a variable, an expression or a number'),
    (lambda m: m([0, 1, 1]).boundary('t+'), TypeError,
     "boundary: x[0] = 't+'; expected a variable, an expression or a number"),
    (lambda m: m([0, 1, 1]).boundary(numpy.array([[1.0, 2.0]])), TypeError,
     'boundary: x[0] = array([1., 2.]); expected a variable, an expression or a number'),
    (lambda m: m([0, 1, 1]).log_odds([1, {}]), TypeError,
     'log_odds: x[1] = {}; expected a variable, an expression or a number'),
    (lambda m: m([0, 1, 1]).posterior('1/0', 2), ValueError,
     "posterior: x[0] = '1/0': 0^(-1) cannot be computed; expected what is defined"),
    (lambda m: m([0, 0, 0]).boundary(), ValueError, 'the weights of x1, x2 are zero; the model has no boundary'),
    (lambda m: m([3, 0]).boundary(), ValueError, 'the weights of x1 are zero; the model has no boundary'),
    (lambda m: m([1, 2, 0]).boundary(3), ValueError,
     'the model has no boundary at x1 = 3, where the log-odds do not depend on x2'),
    (lambda m: m([1, 2, 3, 0]).boundary(1, 0.5), ValueError,
     'the model has no boundary at x1 = 1, x2 = 0.5, where the log-odds do not depend on x3'),
    (lambda m: m([1, 2, 0]).boundary('pi', threshold=0.75), ValueError,
     'the model has no boundary at x1 = pi, where the log-odds do not depend on x2'),
]


@pytest.mark.parametrize('ask, error, message', WRONG_FORMULAS, ids=[row[2] for row in WRONG_FORMULAS])
def test_wrong_formulas(sage, ask, error, message):
    with pytest.raises(error) as caught:
        ask(model_of)
    assert str(caught.value) == message


@pytest.mark.parametrize('ask, name', [
    (lambda model, value: model.boundary(value), 'boundary: x[0]'),
    (lambda model, value: model.boundary(value, solve_for='x1'), 'boundary: x[0]'),
    (lambda model, value: model.log_odds([1, value]), 'log_odds: x[1]'),
    (lambda model, value: model.posterior(value, 1), 'posterior: x[0]'),
    (lambda model, value: model.symbolic_cost(1, value, 1), 'w[1]')])
def test_a_relation_is_no_place(sage, ask, name):
    x1 = sage.SR.var('x1')
    for relation in (x1 == 2, x1 < 2, x1 != 2):
        with pytest.raises(TypeError) as caught:
            ask(model_of([1, 2, 3]), relation)
        assert str(caught.value) == f'{name} = {relation}; expected a variable, an expression or a number'


def test_no_names_are_injected(sage):
    from sage.repl import user_globals
    before = user_globals.user_globals
    names = {}
    user_globals.set_globals(names)
    try:
        model = exam_model()
        model.boundary(), model.posterior(), model.log_odds(), model.plot(), model.data.plot()
        assert names == {}
    finally:
        user_globals.user_globals = before


# What stands in whose place, and what is solved for

def test_solved_for_each_variable(sage):
    a, b, c = (sage.SR.var(name) for name in 'abc')
    data = load_data([[1, 2, 3, 0], [3, 2, 1, 1]], variables='a, b, c')
    model = LogisticModel(data, numpy.array([1.0, 2.0, -4.0, 8.0]))
    place = {a: 0.5, b: 0.25, c: -1.5}
    for unknown in (a, b, c):
        for solved in (model.boundary(solve_for=unknown), model.boundary(solve_for=str(unknown), threshold=1/2)):
            assert set(solved.variables()) == {a, b, c} - {unknown}
            there = {**place, unknown: solved.subs(place)}
            assert float(model.log_odds(*(there[variable] for variable in (a, b, c)))) == pytest.approx(0, abs=1e-14)
    t = sage.SR.var('t')
    # the others in the order of the data
    assert bool(model.boundary(t, 5, solve_for=b) == (1 + 2*t + 40)/4)
    assert bool(model.boundary(a, c, solve_for=b) == model.boundary(solve_for=b))
    assert bool(model.boundary(solve_for=c) == model.boundary())
    # a number, where there is nothing else
    assert float(model_of([3, -2]).boundary(solve_for='x1')) == 1.5


MISPLACED = [
    (lambda m, a, b, c: m.boundary(a, c), 'c is put in the place of b; expected boundary(solve_for=b)'),
    (lambda m, a, b, c: m.boundary(b, c), 'b is put in the place of a; expected boundary(solve_for=a)'),
    (lambda m, a, b, c: m.boundary([c**2 + 1, 5]), 'c^2 + 1 is put in the place of a; expected boundary(solve_for=a)'),
    (lambda m, a, b, c: m.boundary(b, 5), 'b is put in the place of a; expected boundary(solve_for=a)'),
    (lambda m, a, b, c: m.boundary('b', 'c'), 'b is put in the place of a; expected boundary(solve_for=a)'),
    (lambda m, a, b, c: m.boundary(b, c, solve_for=b), 'b is put in the place of a; expected boundary(solve_for=a)'),
    (lambda m, a, b, c: m.boundary(c, b, solve_for=a), 'c is put in the place of b; expected boundary(solve_for=a)'),
    (lambda m, a, b, c: m.boundary(a, a**2), None),
    (lambda m, a, b, c: m.boundary(b, b), None),
]


@pytest.mark.parametrize('ask, message', MISPLACED)
def test_a_variable_does_not_stand_for_another(sage, ask, message):
    data = load_data([[1, 2, 3, 0], [3, 2, 1, 1]], variables='a, b, c')
    model, symbols = LogisticModel(data, numpy.array([1.0, 2.0, -4.0, 8.0])), sage.SR.var('a, b, c')
    if message is None:
        assert ask(model, *symbols).parent() is sage.SR
        return
    with pytest.raises(ValueError) as caught:
        ask(model, *symbols)
    assert str(caught.value) == f'boundary: {message}, or a symbol that is no variable of the data'


def test_what_cannot_be_solved_for(sage):
    x1, x2 = sage.SR.var('x1, x2')
    curved = LogisticModel(load_data([[1, 2, 0], [3, 4, 1]], features=[x1**2, x2]), numpy.array([-4.0, 1.0, 1.0]))
    for model, message in ((curved, 'the log-odds are not linear in x1'),
                           (model_of([1, 0, 2]), 'the log-odds do not depend on x1')):
        with pytest.raises(ValueError, match=message):
            model.boundary(solve_for=x1)
    for wrong in ('x3', 0, x1 + x2):
        with pytest.raises(ValueError, match=re.escape(f'solve_for = {wrong!r}; expected one of x1, x2')):
            curved.boundary(solve_for=wrong)
