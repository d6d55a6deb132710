r"""
Models without an intercept: n weights everywhere, none of them a bias
"""
import json
import warnings

import numpy
import pytest
from scipy import optimize, stats
from scipy.special import expit

from sage_logreg import (ex2data1, gradient_descent, load_data, load_model, maximum_likelihood, minimize_cost, separation,
                         stochastic_gradient_descent)
from sage_logreg.cost.evaluation import evaluate, evaluate_newton
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.features import Features
from sage_logreg.engine import T, theano
from sage_logreg.solvers.problem import LogisticProblem
from tests.helpers import array, axes_labels, bits, close, everything, separated, summary_facts, summary_rows, through_a_file
from tests.oracle import Oracle, error, weight_error

DOSES = ([[1], [2], [-3]], [6, 9, 1], [10, 10, 10])


def some(seed=0, count=40, width=2):
    # columns whose means are not zero, so that it matters that nothing is centred
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, width)) * 10.0**numpy.arange(width) + 0.5 * 10.0**numpy.arange(width)
    labels = (random.uniform(size=count) < expit(points @ (0.7 / 10.0**numpy.arange(width)))).astype(float)
    return points, labels, random.randint(0, 4, count), random.uniform(-1, 1, count)


def plain(data, **options):
    return load_data(data, intercept=False, **options)


def mean_cost(X, labels, w, l2=0.0, frequency=1.0, offset=0.0):
    z, frequency = X @ w + offset, frequency * numpy.ones(len(labels))
    return (frequency @ (numpy.logaddexp(0, z) - labels * z) + l2 * w @ w / 2) / frequency.sum()


def mean_gradient(X, labels, w, l2=0.0, frequency=1.0, offset=0.0):
    frequency = frequency * numpy.ones(len(labels))
    return (X.T @ (frequency * (expit(X @ w + offset) - labels)) + l2 * w) / frequency.sum()


# The estimate

@pytest.mark.lanes
@pytest.mark.parametrize('options', [{}, {'l2': 2}, {'l2': 1/7, 'weights': True}, {'weights': True, 'offset': True},
                                     {'offset': True}, {'bias_reduced': True}, {'bias_reduced': True, 'weights': True}])
@pytest.mark.parametrize('width', [1, 2, 4])
def test_estimates_have_the_digits_of_sixty(options, width):
    points, labels, weights, offset = some(width, 40, width)
    given = {**options, **{name: numbers for name, numbers in (('weights', weights), ('offset', offset)) if name in options}}
    model = maximum_likelihood((points, labels), intercept=False, **given)
    given['firth'] = given.pop('bias_reduced', False)
    oracle = Oracle(points, labels, intercept=False, **given)
    assert model.converged() and len(model.weights()) == width
    assert weight_error(array(model.weights()), oracle) < 1e-12
    # those of a bias-reduced estimate are by the information, without the rows' leverages
    assert error(array(model.standard_errors()), oracle.errors, oracle.errors) < 1e-9
    # Firth's determinant is in scaled variables
    assert float(model.cost()) * model.data.total() == pytest.approx(float(oracle.cost(oracle.w)), rel=1e-11, abs=1e-11)


@pytest.mark.lanes
def test_other_packages_agree():
    points, labels, _, _ = some(5, 200, 3)
    model = maximum_likelihood((points, labels), intercept=False)
    api = pytest.importorskip('statsmodels.api')
    result = api.GLM(labels, points, family=api.families.Binomial()).fit(tol=1e-14)
    close(model.weights(), result.params, 1e-11)
    close(model.standard_errors(), result.bse, 1e-9)
    close(model.covariance(), result.cov_params(), 1e-8)
    close(model.z_values(), result.tvalues, 1e-9)
    close(model.p_values(), result.pvalues, 1e-8)
    close(model.confidence_intervals(0.9), result.conf_int(0.1), 1e-8)
    close([model.log_likelihood(), model.aic(), model.deviance()], [result.llf, result.aic, result.deviance], 1e-12)
    assert float(model.bic()) == pytest.approx(3 * numpy.log(200) - 2 * result.llf, rel=1e-12)
    close(model.odds_ratios(), numpy.exp(result.params), 1e-10)
    close(model.probability(points), result.fittedvalues, 1e-10)


@pytest.mark.lanes
@pytest.mark.parametrize('options', [{}, {'weights': True}, {'offset': True}, {'l2': 3}])
def test_a_column_of_ones_is_an_intercept(options):
    points, labels, weights, offset = some(1)
    given = {**options, **{name: numbers for name, numbers in (('weights', weights), ('offset', offset)) if name in options}}
    with_ones = numpy.column_stack([numpy.ones(len(points)), points])
    usual, other = maximum_likelihood((points, labels), **given), maximum_likelihood((with_ones, labels), intercept=False, **given)
    if 'l2' in given:
        # now the penalty is on that column's weight too
        assert abs(float(other.weights()[0])) < abs(float(usual.weights()[0]))
        return
    close(other.weights(), usual.weights(), 1e-11)
    close(other.standard_errors(), usual.standard_errors(), 1e-9)
    close([other.log_likelihood(), other.aic(), other.area_under_curve()],
          [usual.log_likelihood(), usual.aic(), usual.area_under_curve()], 1e-12)
    assert other.weight_names() == ('x1', 'x2', 'x3')


@pytest.mark.lanes
def test_many_rows():
    points, labels, _, _ = some(3, 150000, 2)
    model = maximum_likelihood((points, labels), intercept=False)
    assert model.converged()
    w = array(model.weights())
    for _ in range(3):
        h = expit(points @ w)
        w = w - numpy.linalg.solve((points * (h * (1 - h))[:, None]).T @ points, points.T @ (h - labels))
    close(model.weights(), w, 1e-10)


@pytest.mark.lanes
@pytest.mark.parametrize('gap', [1e-5, 1e-9])
def test_nearly_dependent_columns(gap):
    points, labels, _, _ = some(7, 30, 1)
    # far from the origin nearly any two columns are
    points = numpy.column_stack([1000 + points[:, 0], 1000 + points[:, 0] + gap * numpy.random.RandomState(1).normal(size=30)])
    model = maximum_likelihood((points, labels), intercept=False)
    oracle = Oracle(points, labels, start=array(model.weights()), intercept=False)
    assert model.converged()
    assert weight_error(array(model.weights()), oracle) < 1e-8
    assert error(array(model.standard_errors()), oracle.errors, oracle.errors) < 1e-8


@pytest.mark.lanes
@pytest.mark.parametrize('size', [1e-200, 1e-9, 1e9, 1e200])
def test_units_do_not_matter(size):
    points, labels, _, _ = some(4)
    model, other = (maximum_likelihood((points * unit, labels), intercept=False) for unit in (1.0, size))
    close(array(other.weights()) * size, model.weights(), 1e-11)
    assert float(other.log_likelihood()) == pytest.approx(float(model.log_likelihood()), rel=1e-12)


@pytest.mark.lanes
def test_grouped_data_and_repeated_rows():
    grouped = maximum_likelihood(DOSES, intercept=False)
    rows = [[x, int(k < successes)] for (x,), successes, trials in zip(*DOSES) for k in range(trials)]
    repeated = maximum_likelihood(rows, intercept=False)
    assert grouped.data.intercept is False and len(grouped.weights()) == 1
    close(grouped.weights(), repeated.weights(), 1e-12)
    close(grouped.standard_errors(), repeated.standard_errors(), 1e-10)


@pytest.mark.lanes
def test_weighted_rows_and_repeated_rows():
    points, labels, weights, _ = some(8)
    rows = numpy.repeat(numpy.arange(len(labels)), weights)
    one = maximum_likelihood((points, labels), weights=weights, intercept=False)
    close(everything(one), everything(maximum_likelihood((points[rows], labels[rows]), intercept=False)), 1e-9, 1e-13)


def test_features(sage):
    x1, x2 = sage.var('x1, x2')
    points, labels, _, _ = some(9)
    columns = numpy.column_stack([points[:, 0]**2, points[:, 0] * points[:, 1]])
    model = maximum_likelihood((points, labels), features=[x1**2, x1 * x2], intercept=False)
    close(model.weights(), maximum_likelihood((columns, labels), intercept=False).weights(), 1e-11)
    assert model.weight_names() == ('x1^2', 'x1*x2')
    assert repr(model.data).startswith('40 points in x1, x2 (2 features, no intercept): ')
    assert repr(model).startswith('Logistic model in x1, x2 (2 features, no intercept) by maximum_likelihood')
    z = model.log_odds(*points[3].tolist())
    assert float(z) == pytest.approx(array(model.weights()) @ columns[3], rel=1e-12)
    with pytest.raises(ValueError, match='is constant; leave it out, the bias is there already, with intercept=True'):
        load_data((points, labels), features=[x1, x1**0], intercept=False)


# Descents, and the code that they run

@pytest.mark.lanes
@pytest.mark.parametrize('weighted', [False, True])
@pytest.mark.parametrize('l2', [0.0, 3.0])
def test_cost_gradient_and_hessian_are_those_of_numpy(l2, weighted):
    points, labels, weights, offset = some(10)
    w = numpy.array([0.3, -0.02])
    rows = {'frequency': weights / weights.mean(), 'offset': offset} if weighted else {}
    cost, gradient = evaluate(points, labels, w, numpy.full(2, l2 / 40), **rows)
    assert cost == pytest.approx(mean_cost(points, labels, w, l2, **rows), rel=1e-13)
    close(gradient, mean_gradient(points, labels, w, l2, **rows), 1e-11, 1e-14)
    rows = [rows.get('frequency', numpy.ones(40)), rows.get('offset', numpy.zeros(40))]
    center, scale = numpy.zeros(2), numpy.array([2.0, 4.0])
    cost, gradient, hessian = evaluate_newton(points, labels, w, *rows, center, scale)
    X = points / scale
    h = expit(X @ w + rows[1])
    assert cost == pytest.approx(rows[0].sum() * mean_cost(X, labels, w, 0.0, *rows), rel=1e-13)
    close(gradient, X.T @ (rows[0] * (h - labels)), 1e-11, 1e-13)
    close(hessian, X.T @ ((rows[0] * h * (1 - h))[:, None] * X), 1e-12)


@pytest.mark.lanes
def test_theanos_own_graphs_take_as_many_weights_as_columns():
    from sage_logreg.cost.graphs import cost_and_gradient, gradient_path, newton_terms, stochastic_path
    points, labels, weights, offset = some(11)
    w, penalty = numpy.array([0.3, -0.02]), numpy.array([0.1, 0.2])
    X, y, v, c, frequency, z, velocity = T.dmatrix(), *(T.dvector() for _ in range(6))
    cost = theano.function([X, y, v, c, frequency, z], cost_and_gradient(X, y, v, c, frequency, z), mode='FAST_COMPILE')
    close(cost(points, labels, w, penalty, weights / weights.mean(), offset)[1],
          evaluate(points, labels, w, penalty, None, weights / weights.mean(), offset)[1], 1e-12)
    terms = theano.function([X, y, v, frequency, z, c, velocity], newton_terms(X, y, v, frequency, z, c, velocity, 1),
                            mode='FAST_COMPILE')
    arguments = points, labels, w, weights.astype(float), offset, numpy.zeros(2), numpy.ones(2)
    close(terms(*arguments)[2], evaluate_newton(*arguments)[2], 1e-12)
    count, rate = T.lscalar(), T.dscalar()
    path = theano.function([X, y, v, c, count, rate], gradient_path(X, y, v, c, count, rate, T.constant(-1.0)), mode='FAST_COMPILE')
    expected = w
    for _ in range(5):
        expected = expected - 1e-3 * (mean_gradient(points, labels, expected) + penalty * expected)
    close(path(points, labels, w, penalty, 5, 1e-3)[0], expected, 1e-11)
    orders = T.lmatrix()
    path = theano.function([X, y, v, c, velocity, orders], stochastic_path(
        X, y, v, c, velocity, orders, T.constant(0), T.constant(40), T.constant(1), T.constant(1e-3), T.constant(0.5)),
                           mode='FAST_COMPILE')
    expected, moved = w, 0.0
    for i in range(40):
        moved = 0.5 * moved - 1e-3 * (mean_gradient(points[i:i + 1], labels[i:i + 1], expected) + penalty * expected)
        expected = expected + moved
    close(path(points, labels, w, penalty, 0.0 * w, [numpy.arange(40)])[0], expected, 1e-11)


def descended(points, labels, rate, steps, w=None, l2=0.0, scale=False, frequency=1.0, offset=0.0):
    size = numpy.sqrt((frequency * points.T**2).mean(axis=1)) if scale else numpy.ones(points.shape[1])
    v = numpy.zeros(points.shape[1]) if w is None else w * size
    for _ in range(steps):
        v = v - rate * (mean_gradient(points / size, labels, v, 0.0, frequency, offset)
                        + l2 / (frequency * numpy.ones(len(labels))).sum() * v / size**2)
    return v / size


@pytest.mark.lanes
@pytest.mark.parametrize('options', [{}, {'scale': True}, {'l2': 3}, {'scale': True, 'l2': 1/2}])
@pytest.mark.parametrize('count', [30, 9000])
def test_gradient_descent(options, count):
    # a small table is stored by columns, a large one goes block by block
    points, labels, weights, offset = some(12, count)
    rate = 0.5 if options.get('scale') else 0.005
    model = gradient_descent((points, labels), rate, 50, initial=[1/4, -1/100], intercept=False, **options)
    close(model.weights(), descended(points, labels, rate, 50, numpy.array([0.25, -0.01]), **options), 1e-10)
    assert all(len(record.weights) == 2 for record in model.history())
    record = model.history()[7]
    w = descended(points, labels, rate, int(record.iteration), numpy.array([0.25, -0.01]), **options)
    close(record.weights, w, 1e-10)
    assert float(record.cost) == pytest.approx(mean_cost(points, labels, w, options.get('l2', 0.0)), rel=1e-11)
    rows = numpy.flatnonzero(weights)
    model = gradient_descent((points, labels), rate, 50, weights=weights, offset=offset, intercept=False, **options)
    frequency = weights[rows] / weights.mean() * len(rows) / count
    options = {**options, 'l2': options.get('l2', 0.0) * len(rows) / weights.sum()}
    close(model.weights(), descended(points[rows], labels[rows], rate, 50, None, frequency=frequency, offset=offset[rows],
                                     **options), 1e-10)


@pytest.mark.lanes
@pytest.mark.parametrize('size', [1, 7])
@pytest.mark.parametrize('options', [{}, {'scale': True}, {'l2': 2}, {'momentum': 1/2}])
def test_stochastic_gradient_descent(options, size):
    points, labels, _, _ = some(13)
    model = stochastic_gradient_descent((points, labels), 0.002, 9, batch_size=size, shuffle=None, intercept=False, **options)
    deviation = numpy.sqrt((points**2).mean(axis=0)) if options.get('scale') else numpy.ones(2)
    v, moved = numpy.zeros(2), 0.0
    for start in [*range(0, 40, size)] * 9:
        batch = slice(start, start + size)
        moved = options.get('momentum', 0) * moved - 0.002 * (
            mean_gradient(points[batch] / deviation, labels[batch], v) + options.get('l2', 0) / 40 * v / deviation**2)
        v = v + moved
    close(model.weights(), v / deviation, 1e-10)


@pytest.mark.lanes
@pytest.mark.parametrize('train', [gradient_descent, stochastic_gradient_descent])
@pytest.mark.parametrize('l2', [0, 2])
def test_a_cost_of_ones_own_takes_n_weights(train, l2):
    def own(X, y, w):
        z = T.dot(X, w)
        return T.mean(T.log(1 + T.exp(z)) - y * z)

    points, labels, _, _ = some(14)
    one = train((points, labels), 0.001, 20, cost=own, l2=l2, intercept=False)
    other = train((points, labels), 0.001, 20, l2=l2, intercept=False)
    close(one.weights(), other.weights(), 1e-10)
    close(one.gradient(), other.gradient(), 1e-9, 1e-13)
    assert float(one.cost()) == pytest.approx(float(other.cost()), rel=1e-12)


@pytest.mark.lanes
def test_columns_are_divided_by_their_root_mean_square_and_not_centred():
    points, labels, _, _ = some(15)
    # a constant column is one like the others
    points[:, 1] = 7
    problem = LogisticProblem(plain((points, labels)), scale=True)
    close((problem.points**2).mean(axis=0), [1, 1], 1e-12)
    close(problem.points[:, 1], numpy.ones(40), 1e-15)
    close(problem.points[:, 0] / points[:, 0], numpy.full(40, problem.points[0, 0] / points[0, 0]), 1e-13)
    model = gradient_descent((points, labels), 1, 20000, scale=True, tol=1e-12, intercept=False)
    assert model.converged()
    close(model.weights(), maximum_likelihood((points, labels), intercept=False).weights(), 1e-8)


@pytest.mark.lanes
def test_a_rate_that_is_too_large_gets_advice_that_helps():
    points, labels, _, _ = some(16)
    with pytest.warns(RuntimeWarning, match='try learning_rate='):
        gradient_descent((points, labels), 10, 20, intercept=False)


# Going on, saving, loading

@pytest.mark.lanes
@pytest.mark.parametrize('options', [{}, {'scale': True, 'l2': 1}])
def test_resume_to_the_bit(options, tmp_path):
    points, labels, _, _ = some(17)
    for train in (gradient_descent, stochastic_gradient_descent):
        whole = train((points, labels), 0.001, 60, intercept=False, **options)
        parts = train((points, labels), 0.001, 60, intercept=False, callback=lambda iteration, *record: iteration >= 20,
                      **options)
        assert int(parts.iterations()) < 60
        assert bits(parts.resume()) == bits(whole)
        assert bits(through_a_file(tmp_path / 'parts.json')(parts).resume()) == bits(whole)
        path = tmp_path / f'{train.__name__}.json'
        again = [train((points, labels), 0.001, 60, intercept=False, checkpoint=path, **options) for _ in range(2)]
        assert bits(again[0]) == bits(again[1]) == bits(whole)
        with pytest.raises(ValueError, match='holds a model of other data'):
            train((points, labels), 0.001, 60, checkpoint=path, **options)


@pytest.mark.lanes
def test_files(tmp_path):
    points, labels, weights, offset = some(18)
    model = maximum_likelihood((points, labels), weights=weights, offset=offset, intercept=False)
    path = tmp_path / 'model.json'
    model.save(path)
    loaded = load_model(path)
    assert loaded == model and loaded.data.intercept is False and len(loaded.weights()) == 2
    close(loaded.standard_errors(), model.standard_errors(), 1e-15)
    assert json.loads(path.read_text())['data']['intercept'] is False
    usual = maximum_likelihood((points, labels))
    usual.save(path)
    # such files are as they were
    assert 'intercept' not in json.loads(path.read_text())['data']
    assert load_model(path) == usual and load_model(path).data.intercept is True


@pytest.mark.lanes
def test_a_damaged_entry_is_refused(tmp_path):
    from sage_logreg.model.storage import _checksum
    path = tmp_path / 'model.json'
    maximum_likelihood(DOSES, intercept=False).save(path)
    for value, match in ((7, 'intercept = 7; expected true or false'), (True, 'weights has the shape')):
        content = json.loads(path.read_text())
        content['data']['intercept'] = value
        content.pop('checksum')
        path.write_text(json.dumps({**content, 'checksum': _checksum(content)}))
        with pytest.raises(ValueError, match=match):
            load_model(path)


@pytest.mark.lanes
def test_other_weights():
    model = maximum_likelihood(DOSES, intercept=False).with_weights([1/2])
    assert model.weight_names() == ('x1',) and array(model.weights()) == [0.5]
    with pytest.raises(ValueError, match='weights has 2 entries; expected 1'):
        model.with_weights([1, 2])
    started = maximum_likelihood(DOSES, intercept=False, initial=model)
    close(started.weights(), maximum_likelihood(DOSES, intercept=False).weights(), 1e-12)
    for train in (gradient_descent, stochastic_gradient_descent, maximum_likelihood):
        with pytest.raises(ValueError, match='initial has 2 entries; expected 1'):
            train(DOSES, intercept=False, initial=[0, 0])


# Data

@pytest.mark.lanes
def test_data_with_and_without():
    data = ex2data1()
    without = load_data(data, intercept=False)
    assert (data.intercept, without.intercept) == (True, False) and data != without
    assert load_data(without) is without and load_data(without, intercept=True) == data
    assert load_data(without, variables='a, b').intercept is False
    assert without.take(slice(50)).intercept is False and without.without_features().intercept is False
    assert numpy.shares_memory(data.points, without.points)
    weighted = load_data(without, weights=[1] * 99 + [0])
    assert weighted.intercept is False and weighted.counted().intercept is False
    assert repr(without) == '100 points in x1, x2 (no intercept): 60 with y = 1, 40 with y = 0'
    assert load_data(data, intercept=numpy.bool_(False)).intercept is False
    for wrong in ('no', 0, 1, 2.0, []):
        with pytest.raises(TypeError, match='intercept = .*; expected True or False'):
            load_data(data, intercept=wrong)
    with pytest.raises(TypeError, match='minimize_cost takes no intercept: write the bias into the cost'):
        minimize_cost('x1', data, 'w', intercept=False)


@pytest.mark.lanes
def test_predictions():
    points, labels, _, _ = some(19)
    model = maximum_likelihood((points, labels), intercept=False)
    z = points @ array(model.weights())
    close(model.probability(points), expit(z), 1e-13)
    assert float(model.probability([0, 0])) == 0.5
    assert list(map(int, model.predict(points))) == (z >= 0).astype(int).tolist()
    assert float(model.accuracy()) == ((z >= 0) == labels).mean()
    # other data are read like the model's own, with or without an intercept
    for other in ((points[:20], labels[:20]), load_data((points[:20], labels[:20])), plain((points[:20], labels[:20]))):
        assert float(model.cost(other)) == pytest.approx(mean_cost(points[:20], labels[:20], array(model.weights())), rel=1e-12)
        assert len(model.gradient(other)) == 2
        assert float(model.accuracy(other)) == ((z >= 0) == labels)[:20].mean()
    metrics = pytest.importorskip('sklearn.metrics')
    assert float(model.area_under_curve()) == pytest.approx(metrics.roc_auc_score(labels, z), abs=1e-13)


# Tests and intervals

@pytest.mark.lanes
def test_likelihood_ratios():
    points, labels, weights, offset = some(20)
    model = maximum_likelihood((points, labels), intercept=False)
    likelihood = float(model.log_likelihood())
    answer = model.likelihood_ratio_test()
    # the smallest model has no weights at all
    assert float(answer.statistic) == pytest.approx(2 * (likelihood + 40 * numpy.log(2)), rel=1e-12)
    assert answer.degrees_of_freedom == 2
    assert float(answer.p_value) == pytest.approx(stats.chi2.sf(float(answer.statistic), 2), rel=1e-10)
    one = maximum_likelihood((points[:, :1], labels), intercept=False)
    for smaller in (['x1'], one):
        answer = model.likelihood_ratio_test(smaller)
        assert answer.degrees_of_freedom == 1
        assert float(answer.statistic) == pytest.approx(2 * (likelihood - float(one.log_likelihood())), rel=1e-9)
    assert model.likelihood_ratio_test(model).degrees_of_freedom == 0
    # a model with a bias is larger than the same without
    usual = maximum_likelihood((points, labels))
    for smaller, degrees in ((model, 1), (one, 2)):
        answer = usual.likelihood_ratio_test(smaller)
        assert answer.degrees_of_freedom == degrees
        assert float(answer.statistic) == pytest.approx(
            2 * (float(usual.log_likelihood()) - float(smaller.log_likelihood())), rel=1e-9)
    with pytest.raises(ValueError, match='the smaller model has an intercept and this one has none'):
        model.likelihood_ratio_test(maximum_likelihood((points[:, :1], labels)))
    model = maximum_likelihood((points, labels), weights=weights, offset=offset, intercept=False)
    nothing = -weights @ (numpy.logaddexp(0, offset) - labels * offset)
    assert float(model.likelihood_ratio_test().statistic) == pytest.approx(2 * (float(model.log_likelihood()) - nothing), rel=1e-11)


@pytest.mark.lanes
def test_profile_intervals():
    points, labels, _, _ = some(21)
    model = maximum_likelihood((points, labels), intercept=False)
    lowest, quantile = 40 * float(model.cost()), stats.chi2.ppf(0.95, 1)
    for j, pair in enumerate(model.confidence_intervals(method='profile')):
        assert float(pair[0]) < float(model.weights()[j]) < float(pair[1])
        for end in map(float, pair):
            def cost(other):
                return 40 * mean_cost(points, labels, numpy.insert([other], j, end))

            other = float(model.weights()[1 - j])
            width = 10 * float(model.standard_errors()[1 - j])
            value = optimize.minimize_scalar(cost, bounds=(other - width, other + width), method='bounded',
                                             options={'xatol': 1e-9 * width}).fun
            assert 2 * (value - lowest) == pytest.approx(quantile, rel=1e-8)


@pytest.mark.lanes
def test_summary():
    model = maximum_likelihood(DOSES, intercept=False)
    pytest.importorskip('sage.all')
    assert str(model.summary()).splitlines()[0] == 'P(y = 1) by maximum_likelihood, 3 groups with 30 trials, no intercept'
    assert [row[0] for row in summary_rows(model)] == ['', 'x1'] and summary_facts(model)['null deviance'] == f'{model.null_deviance():.6g}'
    lines = str(maximum_likelihood(DOSES, intercept=False, l2=1).summary()).splitlines()
    assert lines[1].endswith(', no intercept')
    assert lines[0] == 'not the maximum-likelihood estimate, therefore without tests and intervals: the penalty l2 = 1 draws the weights to zero'
    assert 'intercept' not in str(maximum_likelihood(DOSES).summary())


# Existence, and proofs

def kind_by_linear_programming(signed):
    # of rows s_i x_i; the least of the products, or else their sum, made as large as it can be
    count, width = signed.shape
    least = optimize.linprog([*numpy.zeros(width), -1], A_ub=numpy.column_stack([-signed, numpy.ones(count)]),
                             b_ub=numpy.zeros(count), bounds=[(-1, 1)] * width + [(None, None)])
    if -least.fun > 1e-7:
        return 'complete'
    total = optimize.linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=numpy.zeros(count), bounds=(-1, 1))
    return 'quasi-complete' if -total.fun > 1e-7 else 'overlap'


@pytest.mark.parametrize('width', [1, 2, 3])
def test_separation_is_decided_and_proved(sage, width):
    found = set()
    for seed in range(60):
        random = numpy.random.RandomState(seed)
        count = random.randint(width + 1, 4 * width + 3)
        points = random.randint(-2, 3, (count, width)).astype(float)
        labels = numpy.append([0.0, 1.0], random.randint(0, 2, count - 2))
        if seed % 3 == 0:
            # a row of zeros says nothing
            points[0] = 0
        if numpy.linalg.matrix_rank(points) < width:
            continue
        answer = separation((points, labels), intercept=False)
        signed = points * (2 * labels - 1)[:, None]
        assert answer.kind() == kind_by_linear_programming(signed) and answer.check()
        assert answer.weight_names() == answer.data.variables
        found.add(answer.kind())
        if answer.exists():
            assert numpy.allclose(sum(float(factor) * signed[row] for row, factor in answer.multipliers().items()), 0, atol=1e-9)
            assert answer.rows() == list(range(count))
        else:
            values = numpy.array([sum(int(x) * v for x, v in zip(row, answer.vector())) for row in signed])
            assert len(answer.vector()) == width and (values >= 0).all()
            assert answer.rows() == numpy.flatnonzero(values == 0).tolist()
            # some only: Newton's method goes on for its 200 steps
            if seed < 6:
                with pytest.raises(ValueError, match='does not exist'):
                    maximum_likelihood((points, labels), intercept=False)
        if answer.exists():
            assert maximum_likelihood((points, labels), intercept=False).converged()
    assert found == {'overlap', 'complete', 'quasi-complete'}


@pytest.mark.parametrize('seed', range(12))
def test_separation_with_ones_is_that_with_an_intercept(sage, seed):
    random = numpy.random.RandomState(seed)
    points, labels = random.randint(-2, 3, (12, 2)).astype(float), numpy.append([0.0, 1.0], random.randint(0, 2, 10))
    labels = labels if seed % 2 else (points @ [1, 2] > 0.0).astype(float)
    usual = separation((points, labels))
    other = separation((numpy.column_stack([numpy.ones(12), points]), labels), intercept=False)
    assert (other.kind(), other.rows(), other.check()) == (usual.kind(), usual.rows(), True)
    assert other.exists() != separated(points, labels)
    assert usual.exists() or other.vector() == usual.vector()


def test_separation_in_words(sage):
    assert repr(separation([[1, 0], [2, 0], [3, 1], [4, 1]], intercept=False)).startswith('overlap of 4 points')
    answer = separation([[-1, 2, 0], [0, 0, 1], [0, 0, 0], [3, -1, 1]], intercept=False)
    assert (answer.kind(), answer.rows(), answer.check()) == ('quasi-complete', [1, 2], True)
    assert set(answer.directions()) == {'x1', 'x2'}
    assert 'bias' not in repr(answer) and 'bias' not in str(answer.directions())
    from sage_logreg.exact.separation import SeparationError
    with pytest.raises(SeparationError, match='set a penalty l2, or bias_reduced=True, or leave x1 out'):
        maximum_likelihood([[-1, 0], [2, 1], [3, 1]], intercept=False)
    # of one class the rows may overlap all the same
    ones = Dataset(numpy.array([[1.0], [-2.0]]), numpy.ones(2), ('x1',), intercept=False)
    assert separation(ones).exists()
    assert separation(Dataset(numpy.array([[1.0], [2.0]]), numpy.ones(2), ('x1',), intercept=False)).kind() == 'complete'
    # a large table is not decided exactly, but weights that separate are a proof
    points = numpy.random.RandomState(0).normal(size=(30000, 1))
    with pytest.warns(RuntimeWarning, match='complete separation of the classes'):
        gradient_descent((points, (points[:, 0] > 0).astype(float)), 1, 5, intercept=False)


@pytest.mark.lanes
def test_columns_that_depend():
    from sage_logreg.exact.separation import check_columns, dependent_columns
    check_columns(plain([[1, 3, 0], [2, 3, 1], [5, 3, 0]]))
    for rows, match in (([[1, 0, 0], [2, 0, 1], [5, 0, 0]], 'the column x2 is zero; leave it out'),
                        ([[1, 1, 0], [2, 2, 1], [5, 5, 0]], 'the columns x1 and x2 are equal'),
                        ([[1, 2, 0], [2, 4, 1], [5, 10, 0]], r'the columns x1 and x2 are linearly dependent: x2 = 2\*x1;'),
                        ([[1, 2, 3, 0], [2, 4, 5, 1]], 'the columns x1, x2, x3 are more than the 2 rows; .* at least 3 rows')):
        for decide in (check_columns, lambda data: maximum_likelihood(data)):
            with pytest.raises(ValueError, match=match):
                decide(plain(rows))
    # what a bias would explain is no relation
    pytest.importorskip('sage.all')
    rows = [[1, 2, 0], [2, 3, 1], [5, 6, 0]]
    assert list(map(int, dependent_columns(load_data(rows)))) == [-1, -1, 1]
    assert dependent_columns(plain(rows)) is None
    assert list(map(int, dependent_columns(plain([[1, 2, 0], [2, 4, 1]])))) == [-2, 1]


@pytest.mark.parametrize('options', [{}, {'l2': 1/2}, {'weights': [1, 2, 3, 4] * 5}, {'offset': [0.25, -1.5] * 10}])
def test_certified_digits(sage, options):
    import mpmath
    from sage_logreg.exact.certified import certified_maximum_likelihood, certify
    points, labels, _, _ = some(22, 20)
    estimate = certified_maximum_likelihood((points, labels), digits=30, intercept=False, **options)
    oracle = Oracle(points, labels, intercept=False, **options)
    assert estimate.weight_names() == ('x1', 'x2') and len(estimate.weights()) == 2
    with mpmath.workdps(60):
        for balls, exact in ((estimate.weights(), oracle.weights), (estimate.standard_errors(), oracle.errors)):
            for ball, number in zip(balls, exact):
                # the digits of the oracle are more than those that are proved
                assert ball.overlaps(ball.parent()(mpmath.nstr(number, 45)).add_error(sage.RR(10)**-44 * float(abs(number))))
                assert ball.rad() < 10.0**-30 * abs(float(number))
    assert certify((points, labels), estimate.weights(), intercept=False, **options)
    assert not certify((points, labels), [ball + 4 * ball.parent()(ball.rad()) for ball in estimate.weights()],
                       intercept=False, **options)
    with pytest.raises(TypeError, match='expected 3 elements of a RealBallField'):
        certify((points, labels), estimate.weights(), **options)
    bounded = 'the penalty bounds the weights' if 'l2' in options else 'The columns x1, x2 are linearly independent'
    assert bounded in estimate.statement() and 'Exactly one vector of 2 weights' in estimate.statement()
    model = maximum_likelihood((points, labels), intercept=False, **options)
    if not options:
        assert all(ball.overlaps(other) for ball, other in zip(model.certified(20).weights(), estimate.weights()))
    close(model.weights(), [float(ball) for ball in estimate.weights()], 1e-12)


def test_certified_where_the_answer_is_known(sage):
    from sage_logreg.exact.certified import certified_maximum_likelihood
    # three of four ones where x1 = 1: the log-odds are log 3
    estimate = certified_maximum_likelihood([[1, 1], [1, 1], [1, 1], [1, 0]], digits=40, intercept=False)
    assert estimate.contains([sage.log(3)]) and not estimate.contains([sage.log(3) + sage.QQ(10)**-38])
    assert 'The column x1 is not zero, and the classes overlap' in estimate.statement()
    assert 'Exactly one vector of 1 weight maximises' in estimate.statement()
    # rationals and constants stay exact
    third = sage.QQ(1) / 3
    estimate = certified_maximum_likelihood([[third, 1], [third, 1], [third, 1], [third, 0]], digits=30, intercept=False)
    assert estimate.contains([3 * sage.log(3)])
    estimate = certified_maximum_likelihood([[sage.pi, 1], [sage.pi, 1], [sage.pi, 1], [sage.pi, 0]], digits=30, intercept=False)
    assert estimate.contains([sage.log(3) / sage.pi])
    with pytest.raises(ValueError, match='does not exist'):
        certified_maximum_likelihood([[-1, 0], [2, 1]], intercept=False)


# Formulas and pictures

def test_formulas(sage):
    x1, x2 = sage.var('x1, x2')
    model = maximum_likelihood(plain(ex2data1())).with_weights([1/2, -1/4])
    assert str(model.log_odds()) == '0.5*x1 - 0.25*x2'
    assert str(model.posterior()) == '1/(e^(-0.5*x1 + 0.25*x2) + 1)'
    assert str(model.boundary()) == '2.0*x1' and str(model.boundary(solve_for=x1)) == '0.5*x2'
    assert float(model.boundary(0)) == 0 and float(model.log_odds(0, 0)) == 0
    assert float(model.boundary(0, threshold=0.75)) == pytest.approx(-4 * numpy.log(3), rel=1e-12)
    assert sage.latex(model).split('quad ')[1] == r'z = 0.5 \, x_{1} - 0.25 \, x_{2}'
    assert sage.latex(model.with_weights([-1/2, 1/4])).split('quad ')[1] == r'z = -0.5 \, x_{1} + 0.25 \, x_{2}'
    assert str(model.with_weights([1/2, 0]).boundary()) == 'x1 == 0'
    with pytest.raises(ValueError, match='the weights of x1, x2 are zero; the model has no boundary'):
        model.with_weights([0, 0]).boundary()
    one = maximum_likelihood(DOSES, intercept=False)
    assert str(one.boundary()) == 'x1 == 0'
    assert str(one.log_odds()) == f'{float(one.weights()[0])!r}*x1'
    curved = maximum_likelihood(plain(ex2data1(), features=[x1, x1 * x2])).with_weights([-1, 1/2])
    assert str(curved.boundary()) == '2.0'


@pytest.mark.parametrize('options', [{}, {'l2': 3}, {'weights': True, 'offset': True}])
def test_symbolic_cost(sage, options):
    points, labels, weights, offset = some(23, 25)
    given = {**options, **{name: numbers for name, numbers in (('weights', weights), ('offset', offset)) if name in options}}
    model = gradient_descent((points, labels), 0.001, 10, intercept=False, **given)
    cost = model.symbolic_cost()
    w1, w2 = sage.var('w1, w2')
    assert set(cost.variables()) == {w1, w2}
    for w in ([0.1, 0.02], [-0.3, 0.01]):
        there, at = model.with_weights(w), {w1: w[0], w2: w[1]}
        assert float(cost.subs(at)) == pytest.approx(float(there.cost()), rel=1e-12)
        close([float(cost.diff(symbol).subs(at)) for symbol in (w1, w2)], there.gradient(), 1e-9, 1e-12)
    assert set(model.symbolic_cost('a', 'b').variables()) == set(sage.var('a, b'))
    with pytest.raises(TypeError, match='symbolic_cost takes 2 weights, or none; 3 were given'):
        model.symbolic_cost(1, 2, 3)


def test_pictures(sage, no_show):
    points, labels, _, _ = some(24)
    model = maximum_likelihood((points, labels), intercept=False)
    w1, w2 = map(float, model.weights())
    picture = model.plot()
    boundary = picture[2]
    assert len(picture) == 3 and len(boundary.xdata) > 1
    # a line through the origin
    close(numpy.array(boundary.xdata) * w1, -numpy.array(boundary.ydata) * w2, 1e-9, 1e-12)
    shifted = model.plot(threshold=0.75)[2]
    close(numpy.array(shifted.xdata) * w1 + numpy.array(shifted.ydata) * w2, numpy.full(len(shifted.xdata), numpy.log(3)), 1e-9)
    one = maximum_likelihood(DOSES, intercept=False).plot()
    assert any(set(numpy.round(curve.xdata, 12)) == {0.0} for curve in one if hasattr(curve, 'xdata'))
    three = maximum_likelihood((some(25, 40, 3)[0], labels), intercept=False)
    line = three.plot(variables='x1, x2', fixed={'x3': 100})[2]
    w = array(three.weights())
    close(numpy.array(line.xdata) * w[0] + numpy.array(line.ydata) * w[1], numpy.full(len(line.xdata), -100 * w[2]), 1e-8, 1e-11)
    assert len(model.plot_probability()) == 4 and model.roc()[1].options()['legend_label'].startswith('area ')
    assert 'Graphics3d' in repr(model.plot3d())


def test_pictures_of_a_training(sage, no_show):
    points, labels, _, _ = some(26)
    model = gradient_descent((points, labels), 0.5, 50, scale=True, intercept=False)
    assert len(model.plot_history()) == 1
    assert axes_labels(model.plot_cost_surface()) == ['weight of x1', 'weight of x2']
    assert str(model.animate(frames=4)) == 'Animation with 4 frames'
    with pytest.raises(ValueError, match='the cost has one parameter only'):
        gradient_descent((points[:, :1], labels), 0.1, 5, intercept=False).plot_cost_surface()


# scikit-learn

@pytest.mark.lanes
@pytest.mark.parametrize('l2', [1.0, 0.0])
def test_the_estimator(l2):
    linear = pytest.importorskip('sklearn.linear_model')
    pytest.importorskip('sklearn', minversion='1.6')
    from sage_logreg.sklearn import SageLogisticRegression
    points, labels, _, _ = some(27, 100, 3)
    classifier = SageLogisticRegression(l2=l2, fit_intercept=False).fit(points, labels)
    with warnings.catch_warnings():
        # newer versions prefer C=inf to penalty=None
        warnings.simplefilter('ignore')
        theirs = linear.LogisticRegression(C=1 / l2 if l2 else numpy.inf, fit_intercept=False, solver='newton-cholesky',
                                           tol=1e-12).fit(points, labels)
    close(classifier.coef_, theirs.coef_, 1e-7)
    assert classifier.intercept_.tolist() == theirs.intercept_.tolist() == [0.0]
    assert classifier.coef_.shape == (1, 3)
    close(classifier.predict_proba(points), theirs.predict_proba(points), 1e-7)
    close(classifier.decision_function(points), points @ classifier.coef_[0], 1e-12, 1e-14)
    for method in ('gradient_descent', 'stochastic_gradient_descent'):
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            trained = SageLogisticRegression(method, l2=1, fit_intercept=False, max_iter=200).fit(points, labels)
        assert trained.intercept_.tolist() == [0.0] and trained.model_.data.intercept is False
    with pytest.raises(TypeError, match='fit_intercept = .*; expected True or False'):
        SageLogisticRegression(fit_intercept='no').fit(points, labels)
    assert SageLogisticRegression(l2=1.0).fit(points, labels).intercept_[0] != 0
