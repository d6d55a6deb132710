r"""
The bootstrap: samples beside models that are trained on them one by one
"""
import warnings

import numpy
import pytest
from scipy.special import expit

from sage_logreg import gradient_descent, load_data, maximum_likelihood
from sage_logreg.solvers import bootstrap as solver
from sage_logreg.solvers.bootstrap import corrected_ends


def numbers(result):
    return numpy.array([[float(number) for number in row] for row in result])


def points(rows=60, seed=5):
    random = numpy.random.default_rng(seed)
    x = random.normal(size=(rows, 2)) * [1, 30] + [0, 100]
    return x, (random.random(rows) < expit(x @ [1, 0.02] - 2)).astype(int), random.integers(0, 9, rows)


def trained(x, y, **options):
    return numpy.array([float(number) for number in maximum_likelihood((x, y), **options).weights()])


@pytest.mark.parametrize('options', [{}, {'intercept': False}, {'weights': True}, {'offset': True}, {'l2': 0.5}, {'bias_reduced': True}])
def test_rows_drawn_again(options):
    x, y, _ = points()
    random = numpy.random.default_rng(7)
    of_rows = {name: random.integers(1, 4, len(y)) / 2 for name in ('weights', 'offset') if name in options}
    model = maximum_likelihood((x, y), **{**options, **of_rows})
    found = numbers(model.bootstrap(samples=4, seed=11).replicates())
    random = numpy.random.default_rng(11)
    for replicate in found:
        rows = random.integers(len(y), size=len(y))
        taken = {name: values[rows] for name, values in of_rows.items()}
        numpy.testing.assert_allclose(replicate, trained(x[rows], y[rows], **{**options, **taken}), rtol=1e-8)


def test_clusters_drawn_again():
    x, y, clusters = points()
    model = maximum_likelihood((x, y))
    names = [f'c{k}' for k in clusters]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    order = numpy.array([places[name] for name in names])
    random = numpy.random.default_rng(3)
    for replicate in numbers(model.bootstrap(samples=3, cluster=names, seed=3).replicates()):
        rows = numpy.concatenate([numpy.flatnonzero(order == place) for place in random.integers(9, size=9)])
        numpy.testing.assert_allclose(replicate, trained(x[rows], y[rows]), rtol=1e-8)


def groups():
    random = numpy.random.default_rng(8)
    x, trials = numpy.arange(12.0)[:, None], random.integers(3, 9, 12)
    return x, random.binomial(trials, expit(0.4 * x[:, 0] - 2)), trials


def test_groups_drawn_again():
    x, successes, trials = groups()
    random = numpy.random.default_rng(2)
    for replicate in numbers(maximum_likelihood((x, successes, trials)).bootstrap(samples=3, seed=2).replicates()):
        rows = random.integers(12, size=12)
        expected = maximum_likelihood((x[rows], successes[rows], trials[rows]))
        numpy.testing.assert_allclose(replicate, [float(weight) for weight in expected.weights()], rtol=1e-8)


def test_labels_drawn_again():
    x, successes, trials = groups()
    model = maximum_likelihood((x, successes, trials))
    p = expit(x @ [float(model.weights()[1])] + float(model.weights()[0]))
    random = numpy.random.default_rng(4)
    for replicate in numbers(model.bootstrap(samples=3, kind='parametric', seed=4).replicates()):
        new = random.multinomial(trials, numpy.column_stack([1 - p, p]))[:, 1]
        expected = maximum_likelihood((x, new, trials))
        numpy.testing.assert_allclose(replicate, [float(weight) for weight in expected.weights()], rtol=1e-8)


def test_classes_drawn_again():
    random = numpy.random.default_rng(6)
    x = random.normal(size=(90, 1))
    y = numpy.array([random.choice(['a', 'b', 'c'], p=row) for row in numpy.exp([[0, z, -z] for z in x[:, 0]])
                     / numpy.exp([[0, z, -z] for z in x[:, 0]]).sum(axis=1)[:, None]])
    model = maximum_likelihood((x, y))
    bootstrap = model.bootstrap(samples=3, seed=1, baseline='b', method='percentile')
    assert bootstrap.columns['name'] == ['bias', 'x1'] * 2 and bootstrap.columns['class'][::2] == ["y = 'a'", "y = 'c'"]
    numpy.testing.assert_allclose(bootstrap.columns['weight'], numbers(model.weights(baseline='b'))[[0, 2]].ravel(), rtol=1e-12)
    random = numpy.random.default_rng(1)
    for replicate in numbers(bootstrap.replicates()):
        rows = random.integers(90, size=90)
        expected = numbers(maximum_likelihood((x[rows], y[rows])).weights(baseline='b'))[[0, 2]]
        numpy.testing.assert_allclose(replicate, expected.ravel(), rtol=1e-8)
    # by the influence of the observations
    assert len(model.bootstrap(samples=60, method='bca')['95% interval']) == 4


def test_two_classes_against_either():
    x, y, _ = points()
    model = maximum_likelihood((x, y))
    plain, of_one = (model.bootstrap(samples=40, baseline=baseline, method='bca') for baseline in (None, 1))
    numpy.testing.assert_allclose(numbers(plain.replicates()), -numbers(of_one.replicates()), rtol=1e-12)
    numpy.testing.assert_allclose(numbers(plain.intervals()), -numbers(of_one.intervals())[:, ::-1], rtol=1e-9)


def test_what_the_table_has():
    x, y, _ = points()
    model = maximum_likelihood((x, y))
    bootstrap = model.bootstrap(samples=30, level=0.9)
    replicates = numbers(bootstrap.replicates())
    numpy.testing.assert_allclose([float(error) for error in bootstrap['std. error']], replicates.std(axis=0, ddof=1), rtol=1e-12)
    numpy.testing.assert_allclose([float(error) for error in bootstrap.standard_errors()], replicates.std(axis=0, ddof=1), rtol=1e-12)
    numpy.testing.assert_allclose([float(bias) for bias in bootstrap['bias']],
                                  replicates.mean(axis=0) - [float(weight) for weight in model.weights()], atol=1e-12)
    numpy.testing.assert_allclose(numbers(bootstrap['90% interval']), numpy.quantile(replicates, [0.05, 0.95], axis=0).T, rtol=1e-12)
    assert numbers(bootstrap.intervals(0.5)).tolist() == numbers(model.bootstrap(samples=30, level=0.5).intervals()).tolist()
    assert model.bootstrap(samples=30, level=0.9) == bootstrap != model.bootstrap(samples=30, level=0.9, seed=1)


def test_corrected_ends_as_scipy():
    stats = pytest.importorskip('scipy.stats')
    x = numpy.random.default_rng(9).exponential(size=40)
    # of a mean the jackknife has the same influences
    found = stats.bootstrap((x,), numpy.mean, method='BCa', n_resamples=500, random_state=numpy.random.default_rng(0))
    ends = corrected_ends(found.bootstrap_distribution[:, None], numpy.array([x.mean()]), (x - x.mean())[:, None], 0.95)
    numpy.testing.assert_allclose(ends[:, 0], found.confidence_interval, rtol=1e-12)


def test_influences_are_those_of_more_of_a_row():
    x, y, clusters = points(40)
    model = maximum_likelihood((x, y))
    influences = model.bootstrap(samples=2)._influences
    of_clusters = model.bootstrap(samples=2, cluster=clusters)._influences
    here = numpy.array([float(weight) for weight in model.weights()])
    step = 1e-5
    changes = []
    for row in range(6):
        more = numpy.where(numpy.arange(40) == row, 1 + step, 1)
        changes.append((trained(x, y, weights=more) - here) / step)
    # those of all rows sum to zero
    numpy.testing.assert_allclose(influences[:6], changes, rtol=1e-3, atol=1e-4)
    order = dict.fromkeys(clusters.tolist())
    numpy.testing.assert_allclose(of_clusters, [influences[clusters == k].sum(axis=0) for k in order], rtol=1e-9, atol=1e-12)


def test_samples_without_an_estimate_are_counted():
    # of twelve rows some samples are separated, or have a class only, or a single point
    data = load_data([[1, 0], [2, 0], [3, 1], [4, 0], [5, 1], [6, 0], [7, 1], [8, 1]])
    model = maximum_likelihood(data)
    with pytest.warns(RuntimeWarning, match='of the samples have no estimate, and are left out'):
        bootstrap = model.bootstrap(samples=60)
    random, none = numpy.random.default_rng(0), 0
    for _ in range(60):
        rows = random.integers(8, size=8)
        try:
            maximum_likelihood(data.take(rows))
        except ValueError:
            none += 1
    assert int(bootstrap.failed()) == none > 0
    assert len(numbers(bootstrap.replicates())) == 60 - none
    assert f'{none} of the samples have no estimate' in bootstrap.note
    # all have a bias-reduced one, unless there is only one point
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert maximum_likelihood(data, bias_reduced=True).bootstrap(samples=60).failed() == 0


def test_interrupted_samples_are_there(monkeypatch):
    x, y, _ = points()
    model, minimize, calls = maximum_likelihood((x, y)), solver.minimize, []

    def interrupted(*arguments, **options):
        calls.append(None)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return minimize(*arguments, **options)
    whole = numbers(model.bootstrap(samples=5).replicates())
    monkeypatch.setattr(solver, 'minimize', interrupted)
    with pytest.warns(RuntimeWarning, match='bootstrap: interrupted; 100 samples were asked for'):
        bootstrap = model.bootstrap(samples=100)
    assert bootstrap.note.startswith('5 bootstrap samples') and bootstrap.failed() == 0
    assert numbers(bootstrap.replicates()).tolist() == whole.tolist()
    calls[:] = [None] * 4
    with pytest.raises(KeyboardInterrupt, match='interrupted before two samples had an estimate'):
        model.bootstrap(samples=100)


@pytest.mark.parametrize('options, sentence', [
    ({'samples': 1}, 'samples = 1; expected a whole number from 2'), ({'level': 95}, 'level = 95; expected'), ({'seed': -1}, 'seed = -1; expected'),
    ({'method': 'basic'}, "method = 'basic'; expected 'percentile' or 'bca'"), ({'kind': 'pairs'}, "kind = 'pairs'; expected 'cases' or 'parametric'"),
    ({'kind': 'parametric', 'cluster': [1, 2] * 30}, "cluster is of kind='cases'"), ({'cluster': 'x3'}, "cluster: the data have no column 'x3'"),
    ({'kind': 'parametric', 'method': 'bca'}, "kind = 'parametric' draws labels")])
def test_refused_arguments(options, sentence):
    x, y, _ = points()
    with pytest.raises(ValueError, match=sentence):
        maximum_likelihood((x, y)).bootstrap(**options)


def test_what_has_no_samples():
    x, y, _ = points()
    with pytest.raises(ValueError, match='bootstrap samples are of an estimate, and the weights are'):
        gradient_descent((x, y), iterations=0).bootstrap()
    with pytest.raises(ValueError, match="the weight of row 2 is 0.5, and kind = 'parametric' draws that many labels"):
        maximum_likelihood((x, y), weights=[1, 0.5] * 30).bootstrap(kind='parametric')
    with pytest.raises(ValueError, match='0 of 3 samples have an estimate'):
        maximum_likelihood(([[0], [1]], [1, 2], [3, 4])).bootstrap(samples=3, seed=4)
