r"""
Rows own their weights, their offset and their groups: every trainer and every answer counts a row as often as it says
"""
import itertools
import warnings

import numpy
import pytest
from scipy.special import expit

from sage_logreg import (certified_maximum_likelihood, gradient_descent, load_data, load_model, maximum_likelihood,
                         minimize_cost, separation, stochastic_gradient_descent)

DOSES = ([[1], [2], [3]], [1, 4, 9], [10, 10, 10])


def repeated(points, labels, weights, offset=None):
    # the same data, each row as often as it counts
    rows = numpy.repeat(numpy.arange(len(labels)), weights)
    data = load_data((points[rows], labels[rows]), offset=None if offset is None else offset[rows])
    return data


def weighted(seed, count=40, width=2):
    random = numpy.random.RandomState(seed)
    points = random.uniform(-2, 2, (count, width))
    labels = (points.sum(axis=1) + random.normal(size=count) > 0).astype(float)
    return points, labels, random.randint(0, 4, count), random.uniform(-1, 1, count)


def array(vector):
    return numpy.array(vector, dtype=float)


def mean_cost(data, weights, l2=0.0):
    # the definition, in plain NumPy
    z = weights[0] + data.points @ weights[1:] + (0 if data.offset is None else data.offset)
    counts = numpy.ones(len(data)) if data.weights is None else data.weights
    loss = numpy.logaddexp(0, z) - data.labels * z
    return (counts @ loss + l2 * weights[1:] @ weights[1:] / 2) / counts.sum()


@pytest.mark.lanes
@pytest.mark.parametrize('options', [{}, {'scale': True}, {'l2': 3}, {'scale': True, 'l2': 1/2}])
def test_gradient_descent_counts_rows(options):
    points, labels, weights, offset = weighted(1)
    one = gradient_descent((points, labels), 0.5, 200, weights=weights, offset=offset, **options)
    other = gradient_descent(repeated(points, labels, weights, offset), 0.5, 200, **options)
    numpy.testing.assert_allclose(array(one.weights()), array(other.weights()), rtol=1e-10)
    for (_, cost, _), (_, expected, _) in zip(one.history(), other.history()):
        assert float(cost) == pytest.approx(float(expected), rel=1e-12)


def test_many_rows_go_block_by_block():
    points, labels, weights, offset = weighted(2, 70000, 3)
    one = gradient_descent((points, labels), 0.5, 5, weights=weights, offset=offset)
    other = gradient_descent(repeated(points, labels, weights, offset), 0.5, 5)
    numpy.testing.assert_allclose(array(one.weights()), array(other.weights()), rtol=1e-10)
    assert float(one.cost()) == pytest.approx(mean_cost(one.data, array(one.weights())), rel=1e-12)


@pytest.mark.lanes
@pytest.mark.parametrize('batch_size, momentum', [(1, 0), (4, 0.5)])
def test_stochastic_steps_are_as_long_as_a_sample_counts(batch_size, momentum):
    points, labels, weights, offset = weighted(3, 11)
    counted = numpy.flatnonzero(weights)
    relative = weights[counted] / weights[counted].mean()
    model = stochastic_gradient_descent((points, labels), 0.1, 3, batch_size, shuffle=None, momentum=momentum,
                                        weights=weights, offset=offset, l2=2)
    w, v = numpy.zeros(3), numpy.zeros(3)
    X = numpy.column_stack([numpy.ones(len(points)), points])
    for _, start in itertools.product(range(3), range(0, len(counted), batch_size)):
        batch = counted[start:start + batch_size]
        residuals = expit(X[batch] @ w + offset[batch]) - labels[batch]
        gradient = (relative[start:start + batch_size] * residuals) @ X[batch] / len(batch)
        gradient[1:] += 2 / weights.sum() * w[1:]
        v = momentum * v - 0.1 * gradient
        w = w + v
    numpy.testing.assert_allclose(array(model.weights()), w, rtol=1e-12)


def test_an_answer_on_the_models_own_data_is_the_same_with_and_without_them():
    points, labels, weights, offset = weighted(4)
    data = load_data((points, labels), weights=weights, offset=offset)
    expanded = repeated(points, labels, weights, offset)
    for model in (maximum_likelihood(data), maximum_likelihood(data, l2=2), maximum_likelihood(data, bias_reduced=True),
                  gradient_descent(data, 0.1, 50), stochastic_gradient_descent(data, 0.1, 5, seed=1)):
        assert float(model.cost()) == float(model.cost(model.data))
        assert array(model.gradient()).tolist() == array(model.gradient(model.data)).tolist()
        assert float(model.accuracy()) == float(model.accuracy(model.data)) == float(model.accuracy(expanded))
        assert [list(map(int, row)) for row in model.confusion_matrix()] == \
            [list(map(int, row)) for row in model.confusion_matrix(expanded)]
        if not model.options().get('bias_reduced'):
            l2 = model.options()['l2']
            assert float(model.cost()) == pytest.approx(mean_cost(data, array(model.weights()), l2), rel=1e-12)
            assert float(model.cost(expanded)) == pytest.approx(float(model.cost()), rel=1e-12)


@pytest.mark.lanes
def test_grouped_data_everywhere():
    groups = ([1, 1, 1, 2, 2, 2, 2, 3, 3], [1] + [0] * 2 + [1] * 2 + [0] * 2 + [1] * 2)
    few = ([[1], [2], [3]], [1, 2, 2], [3, 4, 2])
    data = load_data(few)
    assert data.successes.tolist() == [1, 2, 2] and data.trials.tolist() == [3, 4, 2]
    assert data.total() == 9 and len(data) == 5
    estimate, same = maximum_likelihood(few), maximum_likelihood(groups)
    numpy.testing.assert_allclose(array(estimate.weights()), array(same.weights()), rtol=1e-12)
    numpy.testing.assert_allclose(array(estimate.standard_errors()), array(same.standard_errors()), rtol=1e-10)
    for answer in ('cost', 'accuracy', 'area_under_curve'):
        assert float(getattr(estimate, answer)()) == pytest.approx(float(getattr(same, answer)()), rel=1e-12)
    for answer in ('log_likelihood', 'aic', 'bic', 'null_deviance'):
        assert float(getattr(estimate, answer)(rows='trials')) == pytest.approx(float(getattr(same, answer)()), rel=1e-12)
    # the data that a question is about may be grouped, too
    assert float(same.cost(few)) == pytest.approx(float(same.cost()), rel=1e-12)
    assert float(same.accuracy(([[1], [2]], [3, 3], [3, 3]))) == 0.5
    assert separation(few).kind() == separation(groups).kind() == 'overlap'
    by_descent = gradient_descent(few, 1, 3000, scale=True, tol=1e-10)
    numpy.testing.assert_allclose(array(by_descent.weights()), array(estimate.weights()), rtol=1e-6)


def test_certificates_read_the_rows_weights():
    pytest.importorskip('sage.all')
    given = certified_maximum_likelihood(DOSES, digits=20)
    model = maximum_likelihood(load_data(DOSES))
    assert repr(model.certified(20)) == repr(given)
    assert all(ball.contains_zero() or abs(float(ball) - float(weight)) < 1e-12
               for ball, weight in zip(given.weights(), model.weights()))


def test_rational_weights_are_proved_as_they_are():
    pytest.importorskip('sage.all')
    from sage.all import QQ, RealField, log
    third = QQ((1, 3))
    # a third of the trials succeed: the bias is -log 2, which no float of a third gives
    data = load_data([[0, 1], [0, 0], [1, 1], [1, 0]], weights=[third, 2*third, 1, 1])
    R = RealField(200)
    assert certified_maximum_likelihood(data, digits=40).contains([-log(R(2)), log(R(2))])


def test_successes_are_subtracted_exactly():
    # one trial failed, which the floats of these numbers do not show
    data = load_data(([[1], [2]], [2**53, 3], [2**53 + 1, 5]))
    assert data.weights.tolist() == [2.0**53, 3, 1, 2]
    assert separation(data).exists()


@pytest.mark.parametrize('train', [
    lambda data, **more: gradient_descent(data, 0.1, 40, **more),
    lambda data, **more: stochastic_gradient_descent(data, 0.1, 40, 3, **more)])
def test_saved_resumed_and_checkpointed(train, tmp_path):
    points, labels, weights, offset = weighted(9)
    data = load_data((points, labels), weights=weights, offset=offset)
    whole = train(data)
    half = train(data, callback=lambda iteration, cost, w: iteration >= 20)
    assert half.iterations() < 40
    half.save(tmp_path / 'half.json')
    saved = load_model(tmp_path / 'half.json')
    assert saved == half and saved.data.weights.tolist() == data.weights.tolist()
    assert array(saved.resume().weights()).tolist() == array(whole.weights()).tolist()
    train(data, callback=lambda iteration, cost, w: iteration >= 20, checkpoint=tmp_path / 'run.json')
    again = train(data, checkpoint=tmp_path / 'run.json')
    assert array(again.weights()).tolist() == array(whole.weights()).tolist()
    # other weights are other data
    with pytest.raises(ValueError, match='a model of other data'):
        train(load_data((points, labels), weights=weights + 1, offset=offset), checkpoint=tmp_path / 'run.json')
    grouped = train(DOSES)
    grouped.save(tmp_path / 'grouped.json')
    assert load_model(tmp_path / 'grouped.json').data.trials.tolist() == [10, 10, 10]


@pytest.mark.lanes
def test_a_cost_of_ones_own():
    pytest.importorskip('sage.all')
    from sage.all import SR, exp, log
    a, b, x1, y = SR.var('a, b, x1, y')
    z = a + b*x1
    cost = log(1 + exp(z)) - y*z
    options = {'learning_rate': 0.3, 'iterations': 100}
    one, other = minimize_cost(cost, DOSES, [a, b], **options), gradient_descent(DOSES, **options)
    numpy.testing.assert_allclose(array(one.weights()), array(other.weights()), rtol=1e-10)
    assert float(one.cost()) == float(one.cost(one.data)) == pytest.approx(float(other.cost()), rel=1e-12)
    with pytest.raises(ValueError, match='the data have an offset'):
        minimize_cost(cost, load_data([[1, 0], [2, 1]], offset=[0, 1]), [a, b])
    from sage_logreg.engine import T
    with pytest.raises(ValueError, match='knows nothing of the weights and the offset of the data'):
        gradient_descent(DOSES, cost=lambda X, y, w: T.mean(y * w[0]))


def test_formulas_count_rows():
    pytest.importorskip('sage.all')
    points, labels, weights, offset = weighted(6, 12, 1)
    model = gradient_descent((points, labels), 0.1, 10, weights=weights, offset=offset, l2=2)
    at = {f'w{j}': weight for j, weight in enumerate(model.weights())}
    assert float(model.symbolic_cost().subs(**at)) == pytest.approx(float(model.cost()), rel=1e-12)


@pytest.mark.lanes
def test_the_graph_and_the_kernels_agree():
    # on an engine without numba the graph is what is compiled
    from sage_logreg.cost import cached, kernels
    from sage_logreg.cost.evaluation import evaluate_in_parts
    from sage_logreg.cost.graphs import cost_and_gradient, gradient_path, stochastic_path
    from sage_logreg.engine import T, function
    if not cached.has_numba():
        pytest.skip('without numba there are no kernels')
    points, labels, weights, offset = weighted(7, 13)
    frequency = weights / weights.mean()
    w, penalty, orders = numpy.array([0.1, -0.2, 0.3]), numpy.array([0.5, 0.25]), numpy.arange(13)[None]
    X, y, v, c, f, o = T.dmatrix(), T.dvector(), T.dvector(), T.dvector(), T.dvector(), T.dvector()
    rest, given = [f, o], (frequency, offset)
    count, rate, tol = T.lscalar(), T.dscalar(), T.dscalar()
    order, first, size, momentum, velocity = T.lmatrix(), T.lscalar(), T.lscalar(), T.dscalar(), T.dvector()
    for build, more, values in ((cost_and_gradient, [], ()), (gradient_path, [count, rate, tol], (7, 0.3, -1.0)),
                                (stochastic_path, [velocity, order, first, count, size, rate, momentum],
                                 (numpy.zeros(3), orders, 2, 9, 2, 0.1, 0.5))):
        inputs = [X, y, v, c, *more, *rest]
        arguments = (points, labels, w, penalty, *values, *given)
        fast = (evaluate_in_parts(points, labels, w, penalty, given) if build is cost_and_gradient else
                getattr(kernels, build.__name__)(*arguments))
        for one, other in zip(fast, function(inputs, build(*inputs))(*arguments)):
            numpy.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_rows_that_do_not_count_are_as_if_they_were_not_there():
    points, labels, weights, _ = weighted(8)
    seen = weights > 0
    for options in ({'scale': True}, {'l2': 1}):
        one = stochastic_gradient_descent((points, labels), 0.1, 5, 4, weights=seen.astype(float), **options)
        other = stochastic_gradient_descent((points[seen], labels[seen]), 0.1, 5, 4, **options)
        numpy.testing.assert_allclose(array(one.weights()), array(other.weights()), rtol=1e-12)


def test_given_once():
    data = load_data([[1, 0], [2, 1], [3, 0]], weights=[1, 2, 3], offset=[0, 1, 0])
    for name, value in (('weights', [1, 1, 1]), ('offset', [1, 1, 1])):
        for train in (gradient_descent, stochastic_gradient_descent, maximum_likelihood, certified_maximum_likelihood):
            if train is certified_maximum_likelihood:
                pytest.importorskip('sage.all')
            with pytest.raises(ValueError, match=f'the data have {name} already; expected them once'):
                train(data, **{name: value})
    # what is there stays with other names and with features
    renamed = load_data(data, variables='dose')
    assert renamed.variables == ('dose',) and renamed.weights.tolist() == [1, 2, 3] and renamed.offset.tolist() == [0, 1, 0]


def test_numbers_of_rows_are_checked_at_the_entrance():
    points = ([[1], [2], [3]], [0, 1, 0])
    for options, message in (({'weights': [1, 2]}, 'weights has 2 entries; expected 3 real numbers'),
                             ({'weights': [1, -2, 1]}, r'weights\[1\] = -2.0; expected a real number from 0'),
                             ({'weights': [1, 0, 1]}, 'all points with y = 1 have the weight 0'),
                             ({'offset': [1, 2, numpy.inf]}, r'offset\[2\] = inf; expected a real number')):
        for load in (load_data, gradient_descent, stochastic_gradient_descent):
            with pytest.raises(ValueError, match=message):
                load(points, **options)


def test_a_rate_that_is_too_large_for_a_heavy_sample_is_told():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        stochastic_gradient_descent([[1, 0], [2, 1], [3, 0], [4, 1]], 1e6, 50, weights=[1, 1, 1, 1000])
    assert any('too large' in str(warning.message) for warning in caught)


def test_what_scikit_learn_gives_is_proved():
    pytest.importorskip('sage.all')
    sklearn = pytest.importorskip('sage_logreg.sklearn')
    points, labels, weights = [[1], [2], [3], [4], [5]], [0, 1, 0, 1, 1], [2, 1, 3, 1, 1]
    model = sklearn.SageLogisticRegression(l2=0).fit(points, labels, sample_weight=weights).model_
    assert repr(model.certified(10)) == repr(certified_maximum_likelihood((points, labels), digits=10, weights=weights))


def test_the_exact_weights_are_those_of_the_data():
    data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]], weights=[1, 2, 3, 4])
    data.weights = numpy.array([4.0, 3.0, 2.0, 1.0])
    assert list(data.exact_weights) == list(data.weights)
    assert list(data.take([0, 3]).exact_weights) == [4, 1]


def test_rows_without_weight_have_no_part_in_a_cost_of_ones_own(tmp_path):
    pytest.importorskip('sage.all')
    from sage.all import SR, log
    a, b, x1, y = SR.var('a, b, x1, y')
    # at the third row the cost is not defined, and it does not count
    rows, weights = [[1, 0], [2, 1], [-3, 0], [4, 1], [5, 0]], [1, 2, 0, 1, 3]
    data, fewer = load_data(rows, weights=weights), load_data([row for row in rows if row[0] > 0], weights=[1, 2, 1, 3])
    options = {'learning_rate': 0.05, 'method': 'stochastic_gradient_descent', 'epochs': 10, 'shuffle': None}
    one, other = (minimize_cost((a*log(x1) + b - y)**2, table, [a, b], **options) for table in (data, fewer))
    assert array(one.weights()).tolist() == array(other.weights()).tolist()
    one.save(tmp_path / 'model.json')
    saved = load_model(tmp_path / 'model.json')
    assert saved == one and saved.resume(5).iterations() == 15
    with pytest.raises(ValueError, match='the cost is -?(nan|inf) in row 5 of the data'):
        minimize_cost(log(5 - x1 + a) - y, load_data(rows, weights=[1, 1, 0, 1, 1]), [a], initial=[0])


def test_a_cost_of_ones_own_on_other_data_counts_their_rows():
    pytest.importorskip('sage.all')
    from sage.all import SR
    a, b, x1, y = SR.var('a, b, x1, y')
    points, labels, weights, offset = weighted(10, 9, 1)
    model = minimize_cost((a + b*x1 - y)**2, (points, labels), [a, b], learning_rate=0.1, iterations=50)
    other, expanded = load_data((points, labels), weights=weights), repeated(points, labels, weights)
    for answer in ('cost', 'gradient'):
        numpy.testing.assert_allclose(array(getattr(model, answer)(other)), array(getattr(model, answer)(expanded)), rtol=1e-12)
    assert float(model.cost(([[1], [2]], [3, 1], [4, 4]))) == \
        pytest.approx(float(model.cost(([1] * 4 + [2] * 4, [1, 1, 1, 0, 1, 0, 0, 0]))), rel=1e-12)
    single = minimize_cost((a + b*x1 - y)**2, load_data((points, labels), dtype='float32', weights=weights), [a, b],
                           learning_rate=0.1, iterations=50)
    rounded = minimize_cost((a + b*x1 - y)**2, repeated(points.astype('float32').astype(float), labels, weights), [a, b],
                            learning_rate=0.1, iterations=50)
    numpy.testing.assert_allclose(array(single.weights()), array(rounded.weights()), rtol=1e-12)
    with pytest.raises(ValueError, match='the data have an offset'):
        model.cost(load_data((points, labels), offset=offset))


def test_a_function_as_cost_refuses_weights_of_other_data():
    from sage_logreg.engine import T
    model = gradient_descent([[1, 0], [2, 1], [3, 0]], iterations=1, cost=lambda X, y, w: T.mean((w[0] + X[:, 0] * w[1] - y)**2))
    for other in (DOSES, load_data([[1, 0], [2, 1]], weights=[1, 2]), load_data([[1, 0], [2, 1]], offset=[1, 2])):
        with pytest.raises(ValueError, match='knows nothing of the weights and the offset'):
            model.cost(other)


def test_an_undefined_feature_names_its_group():
    sage = pytest.importorskip('sage.all')
    with pytest.raises(ValueError, match=r'the rows, row 2: the feature log\(x1\) is undefined at x1 = -2.0'):
        load_data(([[1], [-2], [3]], [0, 4, 9], [10] * 3), features=[sage.log(sage.SR.var('x1'))])


def test_a_single_group_can_be_asked_about():
    model = maximum_likelihood(DOSES)
    assert float(model.accuracy(([[3]], [9], [10]))) == 0.9
    with pytest.raises(ValueError, match='grouped data of 1 row; expected at least 2'):
        load_data(([[3]], [9], [10]))


def test_a_weight_too_small_for_a_float_counts_in_a_proof():
    pytest.importorskip('sage.all')
    from sage.all import QQ
    tiny = QQ(10)**-400
    points, labels = [[1], [2], [3], [4]], [0, 1, 0, 1]
    estimate = certified_maximum_likelihood((points, labels), digits=10, weights=[tiny] * 4)
    assert repr(estimate) == repr(certified_maximum_likelihood((points, labels), digits=10))


def test_separation_counts_rows_as_the_data_do():
    data = load_data([[9, 0], [1, 0], [2, 0], [2, 1], [3, 1]], weights=[0, 1, 1, 1, 1])
    answer = separation(data)
    assert answer.kind() == 'quasi-complete' and answer.rows() == [2, 3]
    if separation([[1, 0], [2, 1], [3, 0]]).exists():
        pytest.importorskip('sage.all')
        assert answer.check()
        overlap = separation(load_data([[9, 0], [1, 0], [2, 1], [3, 0], [0, 1]], weights=[0, 1, 1, 1, 1]))
        assert set(overlap.multipliers()) <= {1, 2, 3, 4} and overlap.check()


@pytest.mark.parametrize('change', [{'weights': [0, 0, 0]}, {'weights': [1, -1, 1]}, {'weights': [1, 1]}, {'offset': [0, 1]},
                                    {'successes': [9, 1], 'trials': [3, 3]}, {'trials': [3, 3]}])
def test_a_file_of_impossible_rows_is_refused(change, tmp_path):
    import json
    from sage_logreg.model import storage
    path = tmp_path / 'model.json'
    gradient_descent([[1, 0], [2, 1], [3, 0]], iterations=5, weights=[1, 2, 1]).save(path)
    content = json.loads(path.read_text())
    del content['checksum']
    content['data'].update(change)
    path.write_text(storage._text(content))
    with pytest.raises(ValueError, match='does not hold a model'):
        load_model(path)


def test_a_cost_that_does_not_depend_on_the_weights():
    from sage_logreg.engine import T
    model = gradient_descent([[1, 0], [2, 1], [3, 0]], 0.1, 5, cost=lambda X, y, w: T.mean(y), l2=3, initial=[1, 2])
    assert array(model.weights()).tolist() == [1, pytest.approx(2 * 0.9**5)]
