r"""
The cost of a model as an expression of Sage.
"""
import numpy
import pytest

pytest.importorskip('sage.all')

from sage.all import QQ, RDF, SR, fast_callable, vector

from sage_logreg import ex2data1, gradient_descent, load_data, maximum_likelihood, stochastic_gradient_descent
from sage_logreg.training import minimize_cost
from sage_logreg.symbolic.formula import symbolic_cost


w0, w1, w2, a, b, x1, x2, y, t = SR.var('w0, w1, w2, a, b, x1, x2, y, t')
FOUR = load_data([[1, 0], [2, 1], [3, 0], [4, 1]])


# The cost of a model as an expression

def agrees(model, expression, symbols, seed=5, spread=0.1):
    """Sage's value and derivatives against the model's own at some points."""
    gradient = [fast_callable(expression.diff(symbol), vars=symbols, domain=RDF) for symbol in symbols]
    value = fast_callable(expression, vars=symbols, domain=RDF)
    for point in numpy.random.RandomState(seed).uniform(-spread, spread, (5, len(symbols))):
        cost, expected = model._evaluate(weights=point)
        assert float(value(*point)) == pytest.approx(cost, rel=1e-12)
        assert [float(derivative(*point)) for derivative in gradient] == pytest.approx(list(expected), rel=1e-10, abs=1e-10)


X2 = [x1, x2, x1 * x2]
WEIGHTED = [1.0, 2.0, 0.0, 0.5] * 25
MODELS = {'descent': lambda: gradient_descent(ex2data1(), iterations=10),
          'penalised': lambda: gradient_descent(ex2data1(), iterations=10, l2=3),
          'standardised': lambda: gradient_descent(ex2data1(), iterations=10, l2=3, scale=True),
          'stochastic': lambda: stochastic_gradient_descent(ex2data1(), epochs=1, l2=1),
          'estimate': lambda: maximum_likelihood(ex2data1()),
          'penalised estimate': lambda: maximum_likelihood(ex2data1(), l2=QQ((1, 2))),
          'weights': lambda: maximum_likelihood(ex2data1(), weights=WEIGHTED, l2=2),
          'offset': lambda: maximum_likelihood(ex2data1(), offset=[0.01 * i for i in range(100)]),
          'features': lambda: gradient_descent(load_data((ex2data1().points / 10, ex2data1().labels)), features=X2, l2=1,
                                               iterations=10)}


@pytest.mark.lanes
@pytest.mark.parametrize('train', MODELS.values(), ids=MODELS)
def test_value_and_derivatives_of_the_symbolic_cost(train):
    model = train()
    expression = model.symbolic_cost()
    symbols = [SR.var(f'w{j}') for j in range(len(model.weights()))]
    assert set(expression.variables()) == set(symbols)
    agrees(model, expression, symbols)


def test_symbols_of_the_symbolic_cost():
    model = gradient_descent(FOUR, iterations=5)
    given = model.symbolic_cost(a, b)
    for others in (('a', 'b'), ([a, b],), (vector(SR, [a, b]),)):
        assert (model.symbolic_cost(*others) - given).is_trivial_zero()
    assert (symbolic_cost(model).subs({SR.var('w0'): a, SR.var('w1'): b}) - given).is_trivial_zero()
    assert float(model.symbolic_cost(*model.weights())) == pytest.approx(model.cost(), rel=1e-12)
    assert float(model.symbolic_cost(0, 0)) == pytest.approx(numpy.log(2), rel=1e-15)
    # a weight may be called like a variable of the data: the data are numbers
    assert (model.symbolic_cost(x1, y).subs({x1: a, y: b}) - given).is_trivial_zero()


def test_both_ways():
    # the cost of all data, minimised as a cost that no sample has a part in
    expression = gradient_descent(FOUR, iterations=0, l2=1).symbolic_cost(a, b)
    model = minimize_cost(expression, FOUR, [a, b], learning_rate=0.1, iterations=200)
    expected = gradient_descent(FOUR, learning_rate=0.1, iterations=200, l2=1)
    assert list(model.weights()) == pytest.approx(list(expected.weights()), rel=1e-10)


def test_many_points():
    generator = numpy.random.RandomState(1)
    points = generator.normal(size=(20000, 2))
    model = gradient_descent((points, (points[:, 0] + generator.normal(size=20000) > 0) * 1.0), iterations=1)
    expression = model.symbolic_cost()
    assert len(expression.operands()) == 20000
    at = {SR.var(f'w{j}'): value for j, value in enumerate([0.1, 0.2, 0.3])}
    assert float(expression.subs(at)) == pytest.approx(model._evaluate(weights=numpy.array([0.1, 0.2, 0.3]))[0], rel=1e-12)


def test_wrong_use_of_the_symbolic_cost():
    from sage_logreg.engine import T
    model = gradient_descent(FOUR, iterations=1, cost=lambda X, y, w: T.mean((w[0] + w[1] * X[:, 0] - y)**2))
    with pytest.raises(ValueError, match='^the cost of the model is a function for Theano; expected a model with the '
                                         'logistic cost$'):
        model.symbolic_cost()
    with pytest.raises(ValueError, match="^the cost of the model has Firth's term, a determinant; "):
        maximum_likelihood(FOUR, bias_reduced=True).symbolic_cost()
    model = gradient_descent(FOUR, iterations=1)
    with pytest.raises(TypeError, match='^symbolic_cost takes 2 weights, the bias first, or none; 1 was given$'):
        model.symbolic_cost(a)
    with pytest.raises(TypeError, match=r'^w\[1\]: \{\} is not a symbolic expression$'):
        model.symbolic_cost(a, {})
