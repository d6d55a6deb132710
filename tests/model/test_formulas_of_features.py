r"""
Features as formulas: their values, boundaries, and typeset models.
"""
import numpy
import pytest
from hypothesis import example, given, settings, strategies as st

sage = pytest.importorskip('sage.all')

from sage_logreg import LogisticModel, ex2data1, ex2data2, load_data, polynomial_features
from sage_logreg.dataset.features import Features

from helpers import sigmoid, some_data, step

few = settings(deadline=None, max_examples=15)
x1, x2, x3 = sage.SR.var('x1, x2, x3')


# an expression, and what NumPy computes at x1, x2 (all above zero)
VALUES = [
    (x1, lambda u, v: u), (x1**2*x2, lambda u, v: u**2 * v), (x1/x2, lambda u, v: u / v),
    ((x1 + x2)**3, lambda u, v: (u + v)**3), (sage.sin(x1) + sage.cos(2*x2), lambda u, v: numpy.sin(u) + numpy.cos(2 * v)),
    (sage.exp(-x1**2/2), lambda u, v: numpy.exp(-u**2 / 2)), (sage.log(x1), lambda u, v: numpy.log(u)),
    (sage.sqrt(x1*x2), lambda u, v: numpy.sqrt(u * v)), (abs(x1 - x2), lambda u, v: abs(u - v)),
    (x1**x2, lambda u, v: u**v), (x1**(sage.QQ(1)/3), lambda u, v: numpy.cbrt(u)),
    (sage.pi*x1 + sage.e, lambda u, v: numpy.pi * u + numpy.e), (2*x1 - sage.QQ(7)/3, lambda u, v: 2 * u - 7 / 3),
    (sage.heaviside(x1 - 1), lambda u, v: step(u - 1)), (x2*sage.unit_step(x1 - 1), lambda u, v: v * step(u - 1)),
    (sage.max_symbolic(x1, x2), lambda u, v: numpy.maximum(u, v)), (1/(1 + sage.exp(-x1)), lambda u, v: 1 / (1 + numpy.exp(-u))),
    (sage.arctan2(x1, x2), lambda u, v: numpy.arctan2(u, v)), (sage.floor(2*x1), lambda u, v: numpy.floor(2 * u)),
]


@pytest.mark.lanes
def test_values_of_expressions():
    points = numpy.random.RandomState(0).uniform(0.1, 3, (50, 2))
    data = load_data((points, numpy.arange(50) % 2), features=[expression for expression, _ in VALUES])
    assert data.design.points.shape == (50, len(VALUES))
    for (expression, function), column, name in zip(VALUES, data.design.points.T, data.design.variables):
        numpy.testing.assert_allclose(column, function(*points.T), rtol=1e-13, atol=1e-13, err_msg=str(expression))
        assert name == str(expression)


# Formulas

def model_of_features(features, weights, low=0.5):
    return LogisticModel(some_data(features=features, low=low), numpy.array(weights, dtype=float))


@few
@given(seed=st.integers(0, 10**6))
@example(seed=22895)
def test_formulas_say_what_the_model_does(seed):
    random = numpy.random.RandomState(seed)
    chosen = [VALUES[j] for j in random.choice(len(VALUES), 3, replace=False)]
    model = model_of_features([expression for expression, _ in chosen], random.normal(size=4))
    weights = numpy.array(model.weights())
    point = random.uniform(0.5, 3, 2)
    z = weights[0] + sum(w * float(function(*point.reshape(2, 1))[0]) for w, (_, function) in zip(weights[1:], chosen))
    for formula in (model.log_odds(), model.log_odds(x1, x2), model.log_odds([x1, x2])):
        assert formula.parent() is sage.SR
        assert float(formula.subs({x1: point[0], x2: point[1]})) == pytest.approx(z, rel=1e-11, abs=1e-11)
    assert float(model.log_odds(*point)) == pytest.approx(z, rel=1e-11, abs=1e-11)
    assert float(model.posterior(*point)) == pytest.approx(sigmoid(z), rel=1e-10)
    if not any(expression.has(sage.pi) for expression, _ in chosen):
        # of e^pi Sage's subs makes cosh and sinh, which it cannot evaluate far out
        assert float(model.posterior().subs({x1: point[0], x2: point[1]})) == pytest.approx(sigmoid(z), rel=1e-10)
    # variables by others, and by each other
    a, b = sage.SR.var('a, b')
    assert float(model.log_odds(a, b).subs({a: point[0], b: point[1]})) == pytest.approx(z, rel=1e-11, abs=1e-11)
    assert float(model.log_odds(x2, x1).subs({x2: point[0], x1: point[1]})) == pytest.approx(z, rel=1e-11, abs=1e-11)


# features, weights, and the variable that the boundary is solved for (None: it stays an equation)
BOUNDARIES = [
    ([x1, x2], [1, 2, 4], x2), ([x1, x2], [-3, 2, 0], x1), ([x1**2, x2], [1, 2, -4], x2), ([x1, x2**2], [-9, 2, 1], x1),
    ([x1**2, x2**2], [-4, 1, 1], None), ([x1*x2], [-2, 1], x2), ([x1, x2, x1*x2], [-4, 1, 1, 1], x2),
    ([sage.sin(x1), x2], [-1, 1, 1], x2), ([x1, sage.log(x2)], [-1, 1, 1], x1), ([(x1 + 1)*x2, x1], [-4, 1, 1], x2),
    ([x1 + x2], [-4, 1], x2), ([x1], [-3, 2], x1), ([x1**2], [-4, 1], None), ([sage.exp(x2), x2], [-2, 0, 1], x2),
    ([(x1 + x2)**2, x2**2], [-4, 1, -1], x2), ([x1 + x2**2, x2**2], [-2, 1, -1], x1), ([abs(x2), x1**2], [-3, 1, 1], None),
    ([sage.heaviside(x1 - 1)*x2, x2], [-2, 1, 1], x2), ([x2*sage.unit_step(x2 - 1), x1], [-3, 1, 1], x1)]


@pytest.mark.lanes
@pytest.mark.parametrize('features, weights, solved', BOUNDARIES, ids=[str(row[:2]) for row in BOUNDARIES])
@pytest.mark.parametrize('threshold', [None, sage.QQ(3)/4])
def test_boundary_of_features(features, weights, solved, threshold):
    model = model_of_features(features, weights)
    boundary = model.boundary() if threshold is None else model.boundary(threshold=threshold)
    assert boundary.parent() is sage.SR
    level = 0 if threshold is None else float(numpy.log(3))
    if solved is x2:
        assert not boundary.is_relational() and not boundary.has(x2)
        for value in (0.7, 1.5, 2.5):
            z = model.log_odds(value, boundary.subs({x1: value}))
            assert float(z) == pytest.approx(level, abs=1e-9)
    elif solved is x1:
        # an equation, so that it is not taken for the last variable
        assert boundary.lhs() is not None and bool(boundary.lhs() == x1) and not boundary.rhs().has(x1)
        for value in (0.7, 1.5, 2.5):
            assert float(model.log_odds(boundary.rhs().subs({x2: value}), value)) == pytest.approx(level, abs=1e-9)
    else:
        assert boundary.is_relational() and boundary.rhs() == 0
        assert float((boundary.lhs() - model.log_odds()).subs({x1: 1.25, x2: 2.5})) == pytest.approx(-level, abs=1e-9)


@pytest.mark.lanes
def test_vertical_line():
    # the weight of x2 is zero
    for model in (LogisticModel(some_data(), numpy.array([-3.0, 2.0, 0.0])), model_of_features([x1, x2], [-3, 2, 0])):
        boundary = model.boundary()
        assert boundary.operator() is __import__('operator').eq
        assert (boundary.lhs(), float(boundary.rhs())) == (x1, 1.5)


def jump(low, high, variable=x1):
    return sage.cases([(variable < 50, low), (True, high)])


@pytest.mark.lanes
@pytest.mark.parametrize('features, solved', [
    ([jump(0, 1), x2], True), ([jump(1, 2)*x2, x1], True), ([sage.sin(jump(1, x1))*x2, x2], True),
    ([(jump(1, 2) + x2)**2, x2**2], True), ([jump(jump(1, 2), 3)*x2, jump(2, x1)], True),
    ([jump(1, 2, x2) + x2, x1**2], False), ([jump(x2, jump(1, 2)*x2)], False)], ids=str)
def test_boundary_with_cases(features, solved):
    # Sage differentiates cases wrongly, also in a variable that they do not have
    model = LogisticModel(load_data(ex2data1(), features=features), numpy.array([-60.0, 2.0, -2.0][:len(features) + 1]))
    boundary = model.boundary()
    assert boundary.is_relational() is not solved and 'D[0]' not in str(boundary)
    if not solved:
        assert boundary.rhs() == 0 and boundary.lhs().is_trivially_equal(model.log_odds())
        return
    for value in (40, 60):
        height = float(boundary.subs({x1: value}))
        assert model.probability([value, height]) == pytest.approx(0.5, abs=1e-9)
        assert float(model.boundary(value)) == pytest.approx(height, rel=1e-12)


def test_boundary_with_cases_of_the_last_variable():
    model = LogisticModel(load_data(ex2data1(), features=[x1, jump(1, 2, x2), x2**2]), numpy.array([-60.0, 2.0, -2.0, 0.01]))
    boundary = model.boundary()
    assert boundary.lhs() == x1
    for value in (40, 60):
        assert model.probability([float(boundary.rhs().subs({x2: value})), value]) == pytest.approx(0.5, abs=1e-9)


def test_boundary_with_arguments():
    a = sage.SR.var('a')
    model = model_of_features([x1**2, x2], [-4, 1, 1])
    assert bool(model.boundary(a) == 4 - a**2) and float(model.boundary(3)) == -5
    circle = model_of_features([x1**2, x2**2], [-4, 1, 1])
    assert bool(circle.boundary(a).lhs() == a**2 + x2**2 - 4)
    assert set(circle.boundary(1).variables()) == {x2}
    with pytest.raises(ValueError) as caught:
        model_of_features([x1**2, x2], [1, 0, 0]).boundary()
    assert str(caught.value) == 'the weights of x1^2, x2 are zero; the model has no boundary'
    for wrong in (0, 1, -1, 2):
        with pytest.raises(ValueError) as caught:
            circle.boundary(threshold=wrong)
        assert str(caught.value) == f'threshold = {wrong}; expected a real number above 0 and below 1'


def test_boundary_in_three_variables():
    rows = numpy.random.RandomState(0).normal(size=(20, 3))
    data = load_data((rows, numpy.arange(20) % 2), features=[x1, x2**2, x1*x3])
    boundary = LogisticModel(data, numpy.array([1.0, 2.0, 3.0, 4.0])).boundary()
    assert bool(boundary == -(1 + 2*x1 + 3*x2**2)/(4*x1))
    boundary = LogisticModel(data, numpy.array([1.0, 2.0, 3.0, 0.0])).boundary()
    # not linear in x2, but in x1
    assert boundary.lhs() == x1 and bool(boundary.rhs() == -(1 + 3*x2**2)/2)


# Typeset

@pytest.mark.lanes
def test_typeset_model():
    model = model_of_features([x1 + x2, -x1, 2*x2, sage.sin(x1)*x2**2], [1, -2e-9, 3, 4, -5.1234567])
    text = sage.latex(model)
    assert text == (r'P(y = 1 \mid x_{1}, x_{2}) = \frac{1}{1 + e^{-z}}, \quad z = 1.0 - 2 \cdot 10^{-9} \, '
                    r'\left(x_{1} + x_{2}\right) + 3.0 \, \left(-x_{1}\right) + 4.0 \, \left(2 \, x_{2}\right) '
                    r'- 5.12346 \, x_{2}^{2} \sin\left(x_{1}\right)')
    many = LogisticModel(ex2data2(features=polynomial_features(x1, x2, degree=6)), numpy.arange(1.0, 29.0))
    text = str(sage.latex(many))
    # no line is long, and all terms are there
    lines = text.split(r'\\ & ')
    assert len(lines) > 4 and max(map(len, lines[1:])) < 200
    assert all(f'{weight}.0' in text for weight in range(1, 29))
    for name, (opening, closing) in {'braces': '{}', 'round': '()'}.items():
        assert text.count(opening) == text.count(closing), name


@pytest.mark.lanes
def test_shown_at_the_prompt_and_in_a_notebook(capsys, monkeypatch):
    from sage.repl.rich_output import get_display_manager
    from sage.repl.rich_output import backend_ipython
    from IPython.core.interactiveshell import InteractiveShell
    model = model_of_features([x1, x2**2], [1, 2, 3])
    sage.show(model)
    assert capsys.readouterr().out == f'{model!r}\n'
    shown, manager = [], get_display_manager()
    monkeypatch.setattr(backend_ipython, 'publish_display_data', lambda data, **rest: shown.append(data))
    before = manager.switch_backend(backend_ipython.BackendIPythonNotebook(), shell=InteractiveShell.instance())
    try:
        sage.show(model)
    finally:
        manager.switch_backend(before)
        # the next tests run without a shell again
        InteractiveShell.clear_instance()
    assert len(shown) == 1 and str(sage.latex(model)) in shown[0]['text/latex']


def test_features_object():
    features = Features([x1*x2, sage.log(x2)], ('x1', 'x2'))
    values = features.values(numpy.array([[1.0, 2.0], [3.0, -4.0]]))
    # undefined is nan here, and warns of nothing
    numpy.testing.assert_allclose(values, [[2, numpy.log(2)], [-12, numpy.nan]])
    assert features.values(numpy.zeros((0, 2))).shape == (0, 2)
