r"""
Features: expressions in the data's variables, against NumPy.
"""
import itertools

import functools

import numpy
import pytest
from hypothesis import given, settings, strategies as st

sage = pytest.importorskip('sage.all')

from sage_logreg import LogisticModel, ex2data1, gradient_descent, load_data
from sage_logreg.dataset import features as features_module
from sage_logreg import maximum_likelihood, polynomial_features, stochastic_gradient_descent

from helpers import in_a_new_process, mapped, some_data, x1_and_x2

few = settings(deadline=None, max_examples=15)
x1, x2, x3 = sage.SR.var('x1, x2, x3')


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


@pytest.mark.lanes
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
    ([x1, 1], ValueError, 'features[1] = 1 is constant; leave it out, the bias is there already, with intercept=True'),
    ([sage.pi], ValueError, 'features[0] = pi is constant; leave it out, the bias is there already, with intercept=True'),
    ([x1**0, x1], ValueError, 'features[0] = 1 is constant; leave it out, the bias is there already, with intercept=True'),
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
        assert str(caught.value) == 'the rows, row 2: the feature log(x1) is undefined at x1 = -1.0'
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
    monkeypatch.setattr(features_module, 'row_blocks', functools.partial(features_module.row_blocks, size=25))
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
    assert repr(data) == "2 points in 身長, body_weight (1 feature): 1 with ill = 'yes', 1 with ill = 'no'; P(ill = 'yes') is modelled"
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
    assert data.features is None and data.design.points is data.points and data.design.variables == data.variables
    same = load_data(data, features=[x1, x2])
    assert numpy.array_equal(same.design.points, data.points)
    one, two = (gradient_descent(source, iterations=3000) for source in (data, same))
    assert one.weights() == two.weights()
    assert bool(one.boundary() == two.boundary())
    assert repr(two).startswith('Logistic model in x1, x2 (2 features) by gradient_descent: 3000 iterations, ')


# Training


def test_constants_are_named_in_plain_python():
    # a new process, where nothing of Sage has been loaded before
    x1_and_x2()
    printed = in_a_new_process('''
        from sage_logreg import load_data
        for feature in ('log(0.5)', 'exp(0.5)', 'sin(0.5)', 'sqrt(-2.5)', 'sqrt(-2)', 'log(-0.5)'):
            try:
                load_data([[1, 0], [2, 1]], features=[feature])
            except ValueError as error:
                print(error)
        ''').stdout.splitlines()
    assert len(printed) == 6
    assert all(line.endswith(' is constant; leave it out, the bias is there already, with intercept=True') for line in printed[:3])
    assert all(line.endswith(' is not real; expected an expression with real values') for line in printed[3:])
