r"""
Models of features, against models of their columns, scipy and statsmodels.
"""
import hashlib
import pickle

import numpy
import pytest
from hypothesis import given, settings, strategies as st

sage = pytest.importorskip('sage.all')

from sage_logreg import LogisticModel, certified_maximum_likelihood, ex2data2, gradient_descent, load_data
from sage_logreg import load_model, maximum_likelihood, polynomial_features, separation, stochastic_gradient_descent

from helpers import ROOT, cost_and_gradient, in_a_new_process, mapped, sigmoid, some_data

few = settings(deadline=None, max_examples=15)
x1, x2, x3 = sage.SR.var('x1, x2, x3')
MICROCHIPS = numpy.loadtxt(ROOT / 'data' / 'ex2data2.txt', delimiter=',')
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
        cost, gradient = cost_and_gradient(columns, source.labels, weights, l2)
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


@pytest.mark.slow
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
        cost, gradient = cost_and_gradient(columns, y, w, l2)
        assert float(model.cost()) == pytest.approx(cost, rel=1e-12)
        numpy.testing.assert_allclose(numpy.array(model.gradient()), gradient, rtol=1e-11)
    # as the exercise prints them
    assert f'{float(zero.cost()):.3f}' == '0.693'
    assert [f'{entry:.4f}' for entry in zero.gradient()[:5]] == ['0.0085', '0.0188', '0.0001', '0.0503', '0.0115']
    assert f'{float(ones.cost()):.2f}' == '3.16'
    assert [f'{entry:.4f}' for entry in ones.gradient()[:5]] == ['0.3460', '0.1614', '0.1948', '0.2269', '0.0922']

    oracle = optimize.minimize(lambda w: cost_and_gradient(columns, y, w, 1.0), numpy.zeros(28), jac=True,
                               method='BFGS', options={'gtol': 1e-9})
    newton = maximum_likelihood(data, l2=1)
    descent = gradient_descent(data, learning_rate=2, iterations=20000, l2=1, tol=1e-11)
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
    rows = [row[0] for row in model.summary()._rows()]
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


@pytest.mark.slow
def test_kept_for_another_process(tmp_path):
    # nothing of this one is needed there, not even the symbols
    data = some_data(features=[x1**2, sage.log(x2)])
    model = LogisticModel(data, numpy.array([1.0, -1.0, 2.0]))
    (tmp_path / 'model.pickle').write_bytes(pickle.dumps(model))
    code = (f"import pickle; model = pickle.load(open({str(tmp_path / 'model.pickle')!r}, 'rb'))\n"
            'print(repr(model.predict([[1, 2], [3, 1]])), model.log_odds())')
    printed = in_a_new_process(code, cwd=str(ROOT)).stdout
    assert printed.strip() == f'{model.predict([[1, 2], [3, 1]])!r} {model.log_odds()}'
