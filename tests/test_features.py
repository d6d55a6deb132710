r"""
Features: expressions in the data's variables, against NumPy, scipy and statsmodels.

The columns of ``features=`` are computed here a second time by NumPy alone; a model of
features must then answer as a model of those columns does.
"""
import hashlib
import itertools
import pickle
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from hypothesis import example, given, settings, strategies as st

sage = pytest.importorskip('sage.all')

from sage_logreg import (LogisticModel, certified_maximum_likelihood, ex2data1, ex2data2, gradient_descent,  # noqa: E402
                         load_data, load_model, maximum_likelihood, polynomial_features, separation, stochastic_gradient_descent)
from sage_logreg.dataset import features as features_module  # noqa: E402
from sage_logreg.dataset.features import Features  # noqa: E402

few = settings(deadline=None, max_examples=15)
ROOT = Path(__file__).resolve().parent.parent
x1, x2, x3 = sage.SR.var('x1, x2, x3')
MICROCHIPS = numpy.loadtxt(ROOT / 'data' / 'ex2data2.txt', delimiter=',')


def sigmoid(z):
    return 1 / (1 + numpy.exp(-z))


def cost_and_gradient(w, columns, y, l2=0.0):
    # the exercise's own formulas, with a column of ones
    X = numpy.column_stack([numpy.ones(len(columns)), columns])
    h = sigmoid(X @ w)
    slopes = numpy.concatenate([[0], w[1:]])
    return (numpy.logaddexp(0, numpy.where(y == 1, -1, 1) * (X @ w)).mean() + l2 / 2 / len(y) * slopes @ slopes,
            X.T @ (h - y) / len(y) + l2 / len(y) * slopes)


def mapped(points, degree=6):
    # the exercise's mapFeature: x1, x2, x1^2, x1*x2, x2^2, ...
    u, v = points[:, 0], points[:, 1]
    return numpy.column_stack([u**(i - j) * v**j for i in range(1, degree + 1) for j in range(i + 1)])


def some_data(seed=0, count=60, features=None, low=0.5, dtype='float64'):
    # two classes that are not separated
    random = numpy.random.RandomState(seed)
    points = random.uniform(low, 3, (count, 2))
    labels = (points[:, 0] * points[:, 1] + random.normal(size=count) > 2).astype(float)
    return load_data((points, labels), features=features, dtype=dtype)


# The expressions

@few
@given(count=st.integers(1, 4), degree=st.integers(1, 5))
def test_polynomial_features(count, degree):
    symbols = [sage.SR.var(f'v{j}') for j in range(count)]
    monomials = polynomial_features(*symbols, degree=sage.Integer(degree))
    assert all(monomial.parent() is sage.SR for monomial in monomials)
    expected = [powers for powers in itertools.product(range(degree + 1), repeat=count) if 1 <= sum(powers) <= degree]
    found = [tuple(monomial.degree(symbol) for symbol in symbols) for monomial in monomials]
    # all of them, once, the lower degrees first
    assert sorted(found) == sorted(expected)
    assert [sum(powers) for powers in found] == sorted(sum(powers) for powers in found)
    for monomial, powers in zip(monomials, found):
        assert bool(monomial == sage.prod(symbol**power for symbol, power in zip(symbols, powers)))


def test_polynomial_features_in_what_order_and_of_what():
    assert polynomial_features(x1, x2, degree=2) == [x1, x2, x1**2, x1*x2, x2**2]
    for names in ([x1, x2], (x1, x2), ('x1', 'x2'), sage.vector([x1, x2])):
        assert polynomial_features(names) == polynomial_features(x1, x2)
    assert polynomial_features('x1, x2') == polynomial_features('x1', 'x2') == polynomial_features(x1, x2)
    assert polynomial_features(sage.log(x1), degree=2) == [sage.log(x1), sage.log(x1)**2]
    assert len(polynomial_features(x1, x2, degree=6)) == 27


WRONG_POLYNOMIALS = [
    (lambda: polynomial_features(), TypeError, 'polynomial_features takes the variables; none was given'),
    (lambda: polynomial_features([]), TypeError, 'variables[0] = []; expected an expression'),
    (lambda: polynomial_features(x1, x2, 6), ValueError,
     'variables[2] = 6 is constant; expected a variable (the degree is given by name, as degree=6)'),
    (lambda: polynomial_features(x1, degree=0), ValueError, 'degree = 0; expected a whole number from 1'),
    (lambda: polynomial_features(x1, degree='two'), TypeError, "degree = 'two'; expected a whole number from 1"),
    (lambda: polynomial_features(x1, degree=sage.QQ(3)/2), ValueError, 'degree = 3/2; expected a whole number from 1'),
    (lambda: polynomial_features('x1 +'), TypeError, "variables[0] = 'x1 +'; expected an expression"),
]


@pytest.mark.parametrize('ask, error, message', WRONG_POLYNOMIALS, ids=[row[2] for row in WRONG_POLYNOMIALS])
def test_wrong_polynomials(ask, error, message):
    with pytest.raises(error) as caught:
        ask()
    assert caught.type is error
    assert str(caught.value) == message


def step(x):
    return (x >= 0).astype(float)


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


def test_values_of_expressions():
    points = numpy.random.RandomState(0).uniform(0.1, 3, (50, 2))
    data = load_data((points, numpy.arange(50) % 2), features=[expression for expression, _ in VALUES])
    assert data.design.points.shape == (50, len(VALUES))
    for (expression, function), column, name in zip(VALUES, data.design.points.T, data.design.variables):
        numpy.testing.assert_allclose(column, function(*points.T), rtol=1e-13, atol=1e-13, err_msg=str(expression))
        assert name == str(expression)


@few
@given(st.data())
def test_random_polynomials(data):
    # not monomials only: sums with coefficients, in one to three variables
    width = data.draw(st.integers(1, 3))
    symbols = [sage.SR.var(name) for name in ('a', 'b', 'c')[:width]]
    points = numpy.random.RandomState(data.draw(st.integers(0, 10**6))).uniform(-2, 2, (20, width))
    expressions, columns = [], []
    term = st.tuples(st.integers(-9, 9).filter(bool), st.lists(st.integers(0, 4), min_size=width, max_size=width).filter(any))
    for terms in data.draw(st.lists(st.lists(term, min_size=1, max_size=4, unique_by=lambda term: tuple(term[1])),
                                    min_size=1, max_size=4, unique_by=str)):
        expressions.append(sum(c * sage.prod(s**k for s, k in zip(symbols, powers)) for c, powers in terms))
        columns.append(sum(c * (points**powers).prod(axis=1) for c, powers in terms))
    table = load_data((points, numpy.arange(20) % 2), variables=symbols, features=expressions)
    numpy.testing.assert_allclose(table.design.points, numpy.column_stack(columns), rtol=1e-12, atol=1e-11)
    # the points themselves stay as they are
    assert numpy.array_equal(table.points, points) and table.variables == tuple(map(str, symbols))


def test_features_of_every_kind():
    f = sage.SR(x1**2 + x2).function(x1, x2)
    ring = sage.QQ['x1, x2']
    for given_features in ([x1**2 + x2], (x1**2 + x2,), x1**2 + x2, f, [f], ['x1^2 + x2'], [' x1^2+x2 '],
                           sage.vector([x1**2 + x2]), (x for x in [x1**2 + x2]), [ring.gen(0)**2 + ring.gen(1)],
                           numpy.array([x1**2 + x2], dtype=object)):
        data = load_data([[1, 2, 0], [3, 4, 1]], features=given_features)
        assert data.design.variables == ('x1^2 + x2',)
        assert data.design.points.tolist() == [[3], [13]]
    assert load_data([[1, 2, 0], [3, 4, 1]], features=['x2', 'x1']).design.points.tolist() == [[2, 1], [4, 3]]


WRONG_FEATURES = [
    ([x1, sage.SR.var('z')*x1], ValueError, 'features[1] = x1*z: z is not a variable of the data (x1, x2)'),
    ([x1, 1], ValueError, 'features[1] = 1 is constant; leave it out, the bias is there already'),
    ([sage.pi], ValueError, 'features[0] = pi is constant; leave it out, the bias is there already'),
    ([x1**0, x1], ValueError, 'features[0] = 1 is constant; leave it out, the bias is there already'),
    ([x1, x2*x1, x1*x2], ValueError, 'features[2] = x1*x2 is features[1] again; leave it out'),
    ([], ValueError, 'features = []; expected at least one expression in x1, x2'),
    (7, TypeError, 'features = 7; expected a list of expressions in x1, x2'),
    ('x1, x2', TypeError, "features = 'x1, x2'; expected a list of expressions in x1, x2"),
    ({x1: 1}, TypeError, 'features = {x1: 1}; expected a list of expressions in x1, x2'),
    ([None], TypeError, 'features[0] = None; expected an expression'),
    (['x1 +'], TypeError, "features[0] = 'x1 +'; expected an expression"),
    ([[x1, x2]], TypeError, 'features[0] = [x1, x2]; expected an expression'),
]


@pytest.mark.parametrize('wrong, error, message', WRONG_FEATURES, ids=[row[2] for row in WRONG_FEATURES])
def test_wrong_features(wrong, error, message):
    rows = [[1, 2, 0], [3, 4, 1], [2, 2, 1], [3, 3, 0]]
    for ask in (lambda: load_data(rows, features=wrong), lambda: gradient_descent(rows, features=wrong, iterations=1),
                lambda: stochastic_gradient_descent(rows, features=wrong, epochs=1),
                lambda: maximum_likelihood(rows, features=wrong)):
        with pytest.raises(error) as caught:
            ask()
        assert caught.type is error
        assert str(caught.value) == message


@pytest.mark.parametrize('wrong, where', [
    (lambda x: x, 'features[0] = <function'), (sage.I*x1, 'features[0] = I*x1'), (x1 == x2, 'features[0] = x1 == x2'),
    (sage.function('g')(x1), 'features[0] = g(x1)'), (x1 + sage.NaN, 'features[0] = NaN + x1'),
    (sage.SR(sage.matrix([[x1, x2]])), 'features[0] = ')], ids=['function', 'complex', 'equation', 'unknown', 'nan', 'matrix'])
def test_what_no_feature_can_be(wrong, where):
    with pytest.raises((TypeError, ValueError)) as caught:
        load_data([[1, 2, 0], [3, 4, 1]], features=[wrong])
    assert str(caught.value).startswith(where)


# Where a feature is undefined

UNDEFINED = [
    (sage.log(x1), 'undefined at x1 = -1.0'), (sage.sqrt(x1*x2), 'undefined at x1 = -1.0, x2 = 2.0'),
    (x2**x1/(x1 + 1), 'not finite (inf) at x1 = -1.0, x2 = 2.0'), (sage.log(x1 + 1), 'not finite (-inf) at x1 = -1.0'),
    (sage.unit_step(sage.log(x1)), 'undefined at x1 = -1.0'),
    (sage.cases([(sage.log(x1) < 0, 0), (True, x2)]), 'undefined at x1 = -1.0, x2 = 2.0'),
    ((x1 + 1)/(x2 - 2), 'undefined at x1 = -1.0, x2 = 2.0'), (sage.exp(-1000*x1), 'not finite (inf) at x1 = -1.0')]


@pytest.mark.parametrize('feature, what', UNDEFINED, ids=[str(row[0]) for row in UNDEFINED])
def test_undefined_features(feature, what):
    rows = [[2, 3, 0], [3, 4, 1], [-1, 2, 1], [-1, 2, 0]]
    for ask in (lambda: load_data(rows, features=[x1, feature]), lambda: gradient_descent(rows, features=[x2, feature]),
                lambda: maximum_likelihood(rows, features=[feature])):
        with pytest.raises(ValueError) as caught:
            ask()
        # the first of two such rows
        assert str(caught.value) == f'the rows, row 3: the feature {feature} is {what}'


def test_undefined_where_else(tmp_path):
    path = tmp_path / 'data.csv'
    path.write_text('# a comment\na,b,y\n1,2,0\n\n-3,4,1\n')
    a = sage.SR.var('a')
    with pytest.raises(ValueError) as caught:
        load_data(str(path), features=[sage.log(a)])
    assert str(caught.value) == f'{path}, line 5: the feature log(a) is undefined at a = -3.0'
    with pytest.raises(ValueError) as caught:
        load_data(load_data(str(path)), features=[sage.log(a)])
    assert str(caught.value) == 'the data, row 2: the feature log(a) is undefined at a = -3.0'

    model = LogisticModel(some_data(features=[sage.log(x1)]), numpy.array([0.0, 1.0]))
    for ask in (model.probability, model.predict):
        with pytest.raises(ValueError) as caught:
            ask([[1, 1], [-1, 1]])
        assert str(caught.value) == 'the points, row 2: the feature log(x1) is undefined at x1 = -1.0'
        with pytest.raises(ValueError) as caught:
            ask([0, 1])
        assert str(caught.value) == 'the point: the feature log(x1) is not finite (-inf) at x1 = 0.0'
    for ask in (model.accuracy, model.cost, model.gradient, model.confusion_matrix):
        with pytest.raises(ValueError) as caught:
            ask([[1, 1, 0], [-1, 1, 1]])
        assert str(caught.value) == 'the rows, row 2: the feature log(x1) is undefined at x1 = -1.0'


def test_too_large_for_float32():
    points = numpy.array([[1.0, 1.0], [1e20, 1.0]])
    assert load_data((points, [0, 1]), features=[x1**2]).design.points[1, 0] == pytest.approx(1e40, rel=1e-15)
    with pytest.raises(ValueError) as caught:
        load_data((points, [0, 1]), features=[x1**2], dtype='float32')
    assert str(caught.value).endswith(f'row 2: the feature x1^2 is not finite (inf) at x1 = {float(numpy.float32(1e20))!r}')


# How they are evaluated

def test_one_function_is_compiled_and_called_for_all_rows(monkeypatch):
    from sage_logreg.engine import theano
    compiled, calls, compile_function = [], [], theano.function

    def counted(inputs, outputs, **options):
        function = compile_function(inputs, outputs, **options)
        compiled.append(len(outputs))

        def call(X):
            calls.append(len(X))
            return function(X)
        return call

    monkeypatch.setattr(theano, 'function', counted)
    monkeypatch.setattr(features_module, 'BLOCK', 25)
    points = numpy.random.RandomState(0).normal(size=(60, 2))
    data = load_data((points, numpy.arange(60) % 2), features=polynomial_features(x1, x2, degree=6))
    assert compiled == [27]
    assert calls == [25, 25, 10]
    numpy.testing.assert_allclose(data.design.points, mapped(points), rtol=1e-12)
    # and serves the points to predict at
    LogisticModel(data, numpy.zeros(28)).predict(points[:5])
    assert compiled == [27] and calls == [25, 25, 10, 5]


def test_nothing_is_injected_or_mutated():
    from sage.repl import user_globals
    before, names = user_globals.user_globals, {}
    user_globals.set_globals(names)
    expressions = [x1, x1*x2]
    points = numpy.arange(8.0).reshape(4, 2)
    copy = points.copy()
    try:
        data = load_data((points, [0, 1, 0, 1]), features=expressions)
        model = LogisticModel(data, numpy.array([1.0, 2.0, 3.0]))
        polynomial_features('x1', 'x2'), model.boundary(), model.log_odds(), model.probability(points), str(model)
    finally:
        user_globals.user_globals = before
    assert names == {}
    assert expressions == [x1, x1*x2] and numpy.array_equal(points, copy)


# Data of every kind

@pytest.mark.parametrize('source', [
    lambda: [[1, 2, 0], [3, 4, 1]], lambda: numpy.array([[1, 2, 0], [3, 4, 1]]),
    lambda: sage.matrix(sage.QQ, [[1, 2, 0], [3, 4, 1]]), lambda: ([[1, 2], [3, 4]], [0, 1]),
    lambda: (sage.matrix([[1, 2], [3, 4]]), sage.vector([0, 1])), lambda: load_data([[1, 2, 0], [3, 4, 1]]),
    lambda: load_data([[1, 2, 0], [3, 4, 1]], features=[x1**5]),
    lambda: pytest.importorskip('pandas').DataFrame({'x1': [1, 3], 'x2': [2, 4], 'y': [0, 1]})],
    ids=['rows', 'array', 'matrix', 'pair', 'Sage pair', 'Dataset', 'Dataset with others', 'frame'])
def test_features_of_data_of_every_kind(source):
    data = load_data(source(), features=[x1, x1*x2])
    assert data.design.points.tolist() == [[1, 2], [3, 12]]
    assert data.points.tolist() == [[1, 2], [3, 4]] and data.labels.tolist() == [0, 1]
    assert repr(data) == '2 points in x1, x2 (2 features): 1 with y = 1, 1 with y = 0'


def test_variables_by_name(tmp_path):
    path = tmp_path / 'data.csv'
    path.write_text('身長,body weight,ill\n2,80,no\n1.5,90,yes\n')
    height, weight = sage.SR.var('身長, body_weight')
    data = load_data(str(path), features=[weight/height**2])
    numpy.testing.assert_allclose(data.design.points[:, 0], [20, 40])
    assert repr(data) == "2 points in 身長, body_weight (1 feature): 1 with ill = 'yes', 1 with ill = 'no'"
    assert load_data(str(path), features=['body_weight/身長^2']).design.points.tolist() == data.design.points.tolist()
    model = LogisticModel(data, numpy.array([-30.0, 1.0]))
    assert model.predict([[2, 80], [1.5, 90]]) == ['no', 'yes']
    assert model.boundary().variables() == (height,)
    # data whose columns stand in another order
    pandas = pytest.importorskip('pandas')
    other = pandas.DataFrame({'body weight': [90, 80], '身長': [1.5, 2], 'ill': ['yes', 'no']})
    assert float(model.accuracy(other)) == 1


def test_renamed_and_reread():
    data = load_data([[1, 2, 0], [3, 4, 1]], features=[x1*x2])
    assert load_data(data) is data
    assert load_data(data, features=[x1]).design.variables == ('x1',)
    with pytest.raises(ValueError) as caught:
        load_data(data, variables='a, b')
    assert str(caught.value) == 'the features of the data are in x1, x2; expected features in a, b too'
    a, b = sage.SR.var('a, b')
    assert load_data(data, variables='a, b', features=[a - b]).design.points.tolist() == [[-1], [-1]]
    # features that were made for other names
    with pytest.raises(ValueError) as caught:
        load_data(load_data([[1, 2, 0], [3, 4, 1]], variables='a, b'), features=data.features)
    assert str(caught.value) == 'features[0] = x1*x2: x1 is not a variable of the data (a, b)'


def test_without_features_nothing_changes():
    data = ex2data1()
    assert data.features is None and data.design is data
    same = load_data(data, features=[x1, x2])
    assert numpy.array_equal(same.design.points, data.points)
    one, two = (gradient_descent(source, iterations=3000) for source in (data, same))
    assert one.weights() == two.weights()
    assert bool(one.boundary() == two.boundary())
    assert repr(two).startswith('Logistic model in x1, x2 (2 features) by gradient_descent: 3000 iterations, ')


# Training

TRAININGS = {
    'gradient_descent': lambda data, **options: gradient_descent(data, learning_rate=0.05, iterations=200, **options),
    'scaled': lambda data, **options: gradient_descent(data, learning_rate=1, iterations=200, scale=True, l2=0.5, **options),
    'stochastic': lambda data, **options: stochastic_gradient_descent(data, epochs=20, seed=3, momentum=0.5, **options),
    'maximum_likelihood': lambda data, **options: maximum_likelihood(data, **options),
    'penalised': lambda data, **options: maximum_likelihood(data, l2=2, **options),
    'bias_reduced': lambda data, **options: maximum_likelihood(data, bias_reduced=True, **options)}


@pytest.mark.parametrize('name', TRAININGS)
def test_a_model_of_features_is_one_of_their_columns(name):
    train, features = TRAININGS[name], [sage.log(x1), x1*x2]
    plain = some_data()
    points = plain.points
    columns = numpy.column_stack([numpy.log(points[:, 0]), points[:, 0] * points[:, 1]])
    of_columns = train(load_data((columns, plain.labels)))
    for model in (train(plain, features=features), train(load_data(plain, features=features))):
        numpy.testing.assert_allclose(numpy.array(model.weights()), numpy.array(of_columns.weights()), rtol=1e-9)
        assert model.iterations() == of_columns.iterations()
        assert [record.iteration for record in model.history()] == [record.iteration for record in of_columns.history()]
        assert float(model.cost()) == pytest.approx(float(of_columns.cost()), rel=1e-12)
        assert model.predict(points) == of_columns.predict(columns)
        assert model.confusion_matrix() == of_columns.confusion_matrix()
        numpy.testing.assert_allclose(numpy.array(model.probability(points)), numpy.array(of_columns.probability(columns)), rtol=1e-9)


def test_going_on_from_a_model_of_features():
    data = some_data(features=[x1, x1*x2])
    half = gradient_descent(data, learning_rate=0.05, iterations=100)
    assert gradient_descent(data, learning_rate=0.05, iterations=100, initial=half).weights() == \
        gradient_descent(data, learning_rate=0.05, iterations=200).weights()
    with pytest.raises(ValueError, match='^initial has 3 entries; expected 2 real numbers$'):
        gradient_descent(data, features=[x1], initial=half)


@few
@given(seed=st.integers(0, 10**6))
def test_cost_and_gradient_against_numpy(seed):
    random = numpy.random.RandomState(seed)
    data = some_data(seed % 7, features=[x1**2, sage.sin(x2), x1/x2])
    other = some_data(seed % 7 + 10, count=25)
    weights, l2 = random.normal(size=4), random.choice([0.0, 3.0])
    model = LogisticModel(data, weights, options={'l2': l2})
    for source in (data, other):
        u, v = source.points.T
        columns = numpy.column_stack([u**2, numpy.sin(v), u / v])
        cost, gradient = cost_and_gradient(weights, columns, source.labels, l2)
        given_source = None if source is data else source
        assert float(model.cost(given_source)) == pytest.approx(cost, rel=1e-12)
        numpy.testing.assert_allclose(numpy.array(model.gradient(given_source)), gradient, rtol=1e-10, atol=1e-13)
        probabilities = sigmoid(weights[0] + columns @ weights[1:])
        numpy.testing.assert_allclose(numpy.array(model.probability(source)), probabilities, rtol=1e-12)
        predicted = probabilities >= 0.5
        assert model.predict(source) == predicted.astype(int).tolist()
        assert float(model.accuracy(given_source)) == (predicted == source.labels).mean()
        table = [[((source.labels == i) & (predicted == j)).sum() for j in (0, 1)] for i in (0, 1)]
        assert model.confusion_matrix(given_source) == sage.matrix(sage.ZZ, 2, 2, [int(n) for row in table for n in row])
    one = other.points[0].tolist()
    assert float(model.probability(one)) == pytest.approx(sigmoid(weights[0] + columns[0] @ weights[1:]), rel=1e-12)


def test_float32():
    features = [x1**2, sage.log(x2)]
    single, double = some_data(features=features, dtype='float32'), some_data(features=features)
    assert single.design.points.dtype == numpy.float32
    numpy.testing.assert_allclose(single.design.points, double.design.points, rtol=1e-6, atol=1e-6)
    for train in (maximum_likelihood, lambda data: gradient_descent(data, learning_rate=0.1, iterations=500)):
        one, two = train(single), train(double)
        numpy.testing.assert_allclose(numpy.array(one.weights()), numpy.array(two.weights()), rtol=1e-3)
        assert one.weights().parent() is sage.RDF**3
        assert one.predict(double.points[:20]) == two.predict(double.points[:20])


# The exercise

def test_the_table():
    data = ex2data2()
    assert hashlib.sha256((ROOT / 'data' / 'ex2data2.txt').read_bytes()).hexdigest() == \
        '5d1fb3eca1b6328375375f5da8980f3458f1c727da4c1ca6e9163fc23b6ddcbc'
    assert numpy.array_equal(numpy.column_stack([data.points, data.labels]), MICROCHIPS)
    assert repr(data) == '118 points in x1, x2: 58 with y = 1, 60 with y = 0'


def test_the_exercise():
    optimize = pytest.importorskip('scipy.optimize')
    points, y = MICROCHIPS[:, :2], MICROCHIPS[:, 2]
    columns = mapped(points)
    data = ex2data2(features=polynomial_features(x1, x2, degree=6))
    numpy.testing.assert_allclose(data.design.points, columns, rtol=1e-12)

    zero = LogisticModel(data, numpy.zeros(28), options={'l2': 1.0})
    ones = LogisticModel(data, numpy.ones(28), options={'l2': 10.0})
    for model, w, l2 in ((zero, numpy.zeros(28), 1), (ones, numpy.ones(28), 10)):
        cost, gradient = cost_and_gradient(w, columns, y, l2)
        assert float(model.cost()) == pytest.approx(cost, rel=1e-12)
        numpy.testing.assert_allclose(numpy.array(model.gradient()), gradient, rtol=1e-11)
    # as the exercise prints them
    assert f'{float(zero.cost()):.3f}' == '0.693'
    assert [f'{entry:.4f}' for entry in zero.gradient()[:5]] == ['0.0085', '0.0188', '0.0001', '0.0503', '0.0115']
    assert f'{float(ones.cost()):.2f}' == '3.16'
    assert [f'{entry:.4f}' for entry in ones.gradient()[:5]] == ['0.3460', '0.1614', '0.1948', '0.2269', '0.0922']

    oracle = optimize.minimize(cost_and_gradient, numpy.zeros(28), (columns, y, 1.0), jac=True, method='BFGS',
                               options={'gtol': 1e-9})
    newton = maximum_likelihood(data, l2=1)
    descent = gradient_descent(data, learning_rate=2, iterations=20000, l2=1, tol=1e-9)
    assert descent.converged()
    for model in (newton, descent):
        assert float(model.cost()) == pytest.approx(oracle.fun, rel=1e-10)
        assert f'{float(model.cost()):.6f}' == '0.529003'
        numpy.testing.assert_allclose(numpy.array(model.weights()), oracle.x, atol=1e-5)
        assert float(model.accuracy()) == ((columns @ oracle.x[1:] + oracle.x[0] >= 0) == y).mean()
        assert f'{100 * float(model.accuracy()):.2f}' == '83.05'


# Inference

@pytest.fixture(scope='module')
def inferred():
    api = pytest.importorskip('statsmodels.api')
    data = some_data(count=80, features=[x1, x2, x1*x2])
    u, v = data.points.T
    return maximum_likelihood(data), api, numpy.column_stack([numpy.ones(80), u, v, u * v]), data


def test_inference_against_statsmodels(inferred):
    model, api, X, data = inferred
    fit = api.Logit(data.labels, X).fit(disp=0, method='newton', tol=1e-12)
    numpy.testing.assert_allclose(numpy.array(model.weights()), fit.params, rtol=1e-7)
    numpy.testing.assert_allclose(numpy.array(model.standard_errors()), fit.bse, rtol=1e-6)
    numpy.testing.assert_allclose(numpy.array(model.p_values()), fit.pvalues, rtol=1e-5)
    numpy.testing.assert_allclose(numpy.array(model.confidence_intervals(), dtype=float), fit.conf_int(), rtol=1e-6)
    numpy.testing.assert_allclose(model.covariance().numpy(), fit.cov_params(), rtol=1e-5)
    assert float(model.aic()) == pytest.approx(fit.aic, rel=1e-9)
    rows = [row[0] for row in model.summary()._rows]
    assert rows[1:5] == ['bias', 'x1', 'x2', 'x1*x2']


def test_likelihood_ratio_of_features(inferred):
    model, api, X, data = inferred
    full, without = (api.Logit(data.labels, columns).fit(disp=0, method='newton', tol=1e-12) for columns in (X, X[:, :3]))
    expected = 2 * (full.llf - without.llf)
    smaller_model = maximum_likelihood(load_data(data, features=[x2, x1]))
    for smaller in ([x1, x2], ['x1', 'x2'], 'x1, x2', smaller_model, maximum_likelihood((data.points, data.labels))):
        test = model.likelihood_ratio_test(smaller)
        assert float(test.statistic) == pytest.approx(expected, rel=1e-6)
        assert test.degrees_of_freedom == 1
    test = model.likelihood_ratio_test([x2*x1])
    without = api.Logit(data.labels, X[:, [0, 3]]).fit(disp=0, method='newton', tol=1e-12)
    assert float(test.statistic) == pytest.approx(2 * (full.llf - without.llf), rel=1e-6)
    with pytest.raises(ValueError) as caught:
        model.likelihood_ratio_test([x1**2])
    assert str(caught.value) == 'the smaller model has the variable x1^2; expected some of x1, x2, x1*x2'


def test_weights_offset_and_groups(inferred):
    api = inferred[1]
    random = numpy.random.RandomState(1)
    points = random.uniform(0.5, 3, (40, 2))
    trials = random.randint(1, 9, 40)
    successes = random.binomial(trials, sigmoid(numpy.log(points[:, 0]) + points[:, 1] - 2))
    offset = random.normal(size=40)
    X = numpy.column_stack([numpy.ones(40), numpy.log(points[:, 0]), points[:, 1]**2])
    features = [sage.log(x1), x2**2]
    family = api.families.Binomial()
    fit = api.GLM(numpy.column_stack([successes, trials - successes]), X, family=family, offset=offset).fit(tol=1e-12)
    model = maximum_likelihood((points, successes, trials), offset=offset, features=features)
    numpy.testing.assert_allclose(numpy.array(model.weights()), fit.params, rtol=1e-7)
    numpy.testing.assert_allclose(numpy.array(model.standard_errors()), fit.bse, rtol=1e-6)
    assert repr(model).startswith('Logistic model in x1, x2 (2 features) by maximum_likelihood')

    labels = (numpy.arange(40) % 3 == 0).astype(float)
    weights = trials.astype(float)
    weights[4] = 0
    fit = api.GLM(labels, X, family=family, offset=offset, freq_weights=weights).fit(tol=1e-12)
    model = maximum_likelihood((points, labels), weights=weights, offset=offset, features=features)
    numpy.testing.assert_allclose(numpy.array(model.weights()), fit.params, rtol=1e-6)
    z = X @ fit.params + offset
    assert float(model.cost()) == pytest.approx((weights * (numpy.logaddexp(0, z) - labels * z)).sum() / weights.sum(), rel=1e-9)


# Existence and proof

def test_separation_by_features():
    rows = [[-2, 1], [-1, 0], [0, 0], [1, 0], [2, 1], [3, 1]]
    assert separation(rows).exists()
    data = load_data(rows, features=[x1**2])
    answer = separation(data)
    assert not answer.exists() and answer.kind() == 'complete'
    # what it says is so: the direction separates the squares
    bias, slope = answer.vector()
    assert all((2*y - 1) * (bias + slope * x**2) > 0 for x, y in rows)
    with pytest.raises(ValueError) as caught:
        maximum_likelihood(data)
    assert 'x1^2' in str(caught.value)
    with pytest.warns(RuntimeWarning, match='complete separation'):
        gradient_descent(data, learning_rate=0.1, iterations=10)
    # columns that depend on each other are named, exactly or up to rounding
    with pytest.raises(ValueError, match=r'the columns x1 and 2\*x1 are linearly dependent'):
        maximum_likelihood(some_data(features=[x1, x2, 2*x1]))
    for features, formula in {(x1, 2*x1): '2*x1 = 2*(x1)', (2*x1, x1): 'x1 = 1/2*(2*x1)',
                              (x1 + x2, 2*x1 + 2*x2): '2*x1 + 2*x2 = 2*(x1 + x2)',
                              (x1, x2, x1 - x2): 'x1 - x2 = (x1) - (x2)'}.items():
        exact = load_data([[1, 2, 0], [3, 5, 1], [4, 4, 0], [2, 7, 1]], features=list(features))
        with pytest.raises(ValueError) as caught:
            maximum_likelihood(exact)
        assert f' are linearly dependent: {formula}; leave one of them out' in str(caught.value)
    with pytest.warns(RuntimeWarning, match=r'the columns x1, x2, 2\*x1 - x2 are so nearly dependent'):
        maximum_likelihood(some_data(features=[x1, x2, 2*x1 - x2]))


def test_proof_of_features():
    data = some_data(features=[x1**2, sage.log(x2)])
    proved = certified_maximum_likelihood(data, digits=30)
    again = certified_maximum_likelihood((data.design.points, data.labels), digits=30)
    model = maximum_likelihood(data)
    for one, two, three, weight in zip(proved.weights(), again.weights(), model.certified(30).weights(), model.weights()):
        assert one.overlaps(two) and one.overlaps(three)
        assert float(abs(one.mid() - sage.RealField(200)(weight))) < 1e-9


# Kept

@pytest.mark.parametrize('keep', [lambda thing: pickle.loads(pickle.dumps(thing)), lambda thing: sage.loads(sage.dumps(thing)),
                                  __import__('copy').deepcopy], ids=['pickle', 'dumps', 'deepcopy'])
def test_kept_models(keep):
    data = some_data(features=[sage.log(x1), x1*x2])
    model = gradient_descent(data, learning_rate=0.05, iterations=100)
    model.predict(data.points)  # which compiles
    other = keep(model)
    assert repr(other) == repr(model)
    assert other.weights() == model.weights() and other.data.variables == model.data.variables
    assert other.data.features.names == ('log(x1)', 'x1*x2')
    assert other.predict(data.points) == model.predict(data.points)
    assert other.accuracy(data) == model.accuracy()
    assert bool(other.boundary() == model.boundary())
    again = keep(data)
    assert repr(again) == repr(data) and numpy.array_equal(again.design.points, data.design.points)


def test_saved_models(tmp_path):
    cases = sage.cases([(x1 < 1, 0), (True, x1*x2)])
    data = some_data(features=[sage.log(x1), sage.heaviside(x1 - 1)*x2, cases, x2**(sage.QQ(1)/3)])
    model = maximum_likelihood(data, l2=1)
    model.save(str(tmp_path / 'model.json'))
    other = load_model(str(tmp_path / 'model.json'))
    assert other == model and other.data.features == data.features
    assert other.predict(data.points) == model.predict(data.points)
    assert bool(other.log_odds() == model.log_odds())


def test_kept_for_another_process(tmp_path):
    # nothing of this one is needed there, not even the symbols
    data = some_data(features=[x1**2, sage.log(x2)])
    model = LogisticModel(data, numpy.array([1.0, -1.0, 2.0]))
    (tmp_path / 'model.pickle').write_bytes(pickle.dumps(model))
    code = (f"import pickle; model = pickle.load(open({str(tmp_path / 'model.pickle')!r}, 'rb'))\n"
            'print(repr(model.predict([[1, 2], [3, 1]])), model.log_odds())')
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, cwd=str(ROOT))
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == f'{model.predict([[1, 2], [3, 1]])!r} {model.log_odds()}'


# Formulas

def model_of(features, weights, low=0.5):
    return LogisticModel(some_data(features=features, low=low), numpy.array(weights, dtype=float))


@few
@given(seed=st.integers(0, 10**6))
@example(seed=22895)
def test_formulas_say_what_the_model_does(seed):
    random = numpy.random.RandomState(seed)
    chosen = [VALUES[j] for j in random.choice(len(VALUES), 3, replace=False)]
    model = model_of([expression for expression, _ in chosen], random.normal(size=4))
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


@pytest.mark.parametrize('features, weights, solved', BOUNDARIES, ids=[str(row[:2]) for row in BOUNDARIES])
@pytest.mark.parametrize('threshold', [None, sage.QQ(3)/4])
def test_boundary_of_features(features, weights, solved, threshold):
    model = model_of(features, weights)
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


def test_vertical_line():
    # the weight of x2 is zero
    for model in (LogisticModel(some_data(), numpy.array([-3.0, 2.0, 0.0])), model_of([x1, x2], [-3, 2, 0])):
        boundary = model.boundary()
        assert boundary.operator() is __import__('operator').eq
        assert (boundary.lhs(), float(boundary.rhs())) == (x1, 1.5)


def jump(low, high, variable=x1):
    return sage.cases([(variable < 50, low), (True, high)])


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
    model = model_of([x1**2, x2], [-4, 1, 1])
    assert bool(model.boundary(a) == 4 - a**2) and float(model.boundary(3)) == -5
    # the last variable in the place of another one
    assert bool(model.boundary(x2) == 4 - x2**2)
    circle = model_of([x1**2, x2**2], [-4, 1, 1])
    assert bool(circle.boundary(a).lhs() == a**2 + x2**2 - 4)
    assert set(circle.boundary(1).variables()) == {x2}
    with pytest.raises(ValueError) as caught:
        model_of([x1**2, x2], [1, 0, 0]).boundary()
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

def test_typeset_model():
    model = model_of([x1 + x2, -x1, 2*x2, sage.sin(x1)*x2**2], [1, -2e-9, 3, 4, -5.1234567])
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


def test_shown_at_the_prompt_and_in_a_notebook(capsys, monkeypatch):
    from sage.repl.rich_output import get_display_manager
    from sage.repl.rich_output import backend_ipython
    from IPython.core.interactiveshell import InteractiveShell
    model = model_of([x1, x2**2], [1, 2, 3])
    sage.show(model)
    assert capsys.readouterr().out == f'{model!r}\n'
    shown, manager = [], get_display_manager()
    monkeypatch.setattr(backend_ipython, 'publish_display_data', lambda data, **rest: shown.append(data))
    before = manager.switch_backend(backend_ipython.BackendIPythonNotebook(), shell=InteractiveShell.instance())
    try:
        sage.show(model)
    finally:
        manager.switch_backend(before)
    assert len(shown) == 1 and str(sage.latex(model)) in shown[0]['text/latex']


def test_features_object():
    features = Features([x1*x2, sage.log(x2)], ('x1', 'x2'))
    values = features.values(numpy.array([[1.0, 2.0], [3.0, -4.0]]))
    # undefined is nan here, and warns of nothing
    numpy.testing.assert_allclose(values, [[2, numpy.log(2)], [-12, numpy.nan]])
    assert features.values(numpy.zeros((0, 2))).shape == (0, 2)


def test_text_in_plain_python():
    # Sage's functions must be there before its symbolic ring, or they are never found, not even by sage.all later
    code = ('from sage_logreg import *\n'
            'print(load_data([[1, 0], [2, 1]], features=["x1^2*heaviside(x1)", "log(x1)"]).design.points.tolist())\n'
            'polynomial_features("x1"); import sage.all; print(sage.all.sin(sage.all.SR.var("t")).operator())')
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split('\n')[:2] == [f'[[1.0, 0.0], [4.0, {numpy.log(2)}]]', 'sin']
