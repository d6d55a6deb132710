r"""
Training on data in chunks gives what it gives in memory
"""
import os
import pickle
import signal
import subprocess
import sys
import textwrap

import numpy
import pandas
import pytest

from sage_logreg import load_data, maximum_likelihood, minimize_cost
from sage_logreg.dataset.in_chunks import workers
from sage_logreg.solvers.choice import minimize
from sage_logreg.solvers.chunked_problem import problem_of
from sage_logreg.solvers.descent import GradientDescent, StochasticGradientDescent, descend
from sage_logreg.solvers.likelihood import Likelihood
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
from sage_logreg.training import gradient_descent, stochastic_gradient_descent

ROWS = 240


def table(classes=2, dependent=0.0, weighted=False, ordered=False):
    numbers = numpy.random.RandomState(classes)
    points = numbers.randn(ROWS, 3) * [1, 10, 0.1] + [0, 5, 1]
    if dependent:
        points[:, 2] = points[:, 0] - points[:, 1] + dependent * numbers.randn(ROWS)
    log_odds = numpy.column_stack([points[:, 0] * k - 0.1 * points[:, 1] * k * k for k in range(classes)])
    labels = (log_odds + numbers.gumbel(size=log_odds.shape)).argmax(axis=1)
    columns = dict(zip('abc', points.T))
    if weighted:
        columns |= {'w': numbers.randint(0, 4, ROWS) * 0.5, 'o': numbers.randn(ROWS)}
    frame = pandas.DataFrame({**columns, 'y': labels})
    return frame.sort_values('y', ignore_index=True) if ordered else frame


def in_chunks(folder, frame, sizes=(60,) * 4, **reading):
    for number, rows in enumerate(numpy.split(numpy.arange(len(frame)), numpy.cumsum(sizes)[:-1])):
        frame.iloc[rows].to_parquet(folder / f'{number}.parquet', row_group_size=1000)
    data = load_data(str(folder / '*.parquet'), **reading)
    assert data.is_chunked and len(data) == len(frame)
    return data


def likelihood(data, **options):
    return (Likelihood if data.classes == 2 else SoftmaxLikelihood)(data, **options)


WEIGHTED = {'weights': 'w', 'offset': 'o'}


@pytest.mark.parametrize('of_table, options, reading', [
    ({}, {}, {}), ({}, {'l2': 3.0}, {}), ({}, {'bias_reduced': True}, {}), ({}, {}, {'intercept': False}),
    ({}, {'bias_reduced': True}, {'intercept': False}), ({'weighted': True}, {'l2': 0.5}, WEIGHTED),
    ({'weighted': True}, {'bias_reduced': True}, WEIGHTED), ({'ordered': True}, {}, {}), ({'dependent': 1e-9}, {}, {}),
    ({'dependent': 1e-9}, {'bias_reduced': True}, {}), ({'dependent': 1e-9}, {'l2': 1e-12}, {}), ({}, {}, {'dtype': 'float32'}),
    ({'classes': 3}, {}, {}), ({'classes': 3}, {'l2': 2.0}, {'intercept': False}), ({'classes': 3, 'dependent': 1e-9}, {}, {}),
    ({'classes': 3, 'ordered': True, 'weighted': True}, {}, {'weights': 'w'})])
@pytest.mark.parametrize('sizes', [(60,) * 4, (1, 2, 0, 200, 37)])
def test_the_estimate_in_memory(tmp_path, of_table, options, reading, sizes):
    frame = table(**of_table)
    if 'offset' not in reading and 'o' in frame:
        frame = frame.drop(columns='o')
    chunked, whole = in_chunks(tmp_path, frame, sizes, **reading), load_data(frame, **reading)
    fits = [minimize(likelihood(data, **options), 1e-10) for data in (chunked, whole)]
    ours, theirs = (fit.objective.to_user(fit.weights) for fit in fits)
    assert fits[0].converged and fits[0].objective.is_white == fits[1].objective.is_white == ('dependent' in of_table)
    assert abs(ours / theirs - 1).max() < 1e-10
    assert fits[0].cost == pytest.approx(fits[1].cost, rel=1e-12)


def test_features_and_other_options(tmp_path):
    frame = table()
    data = in_chunks(tmp_path, frame)
    for reading in ({'formula': 'y ~ a*b + c'}, {'variables': 'c, a'}):
        models = [maximum_likelihood(source, tol=1e-9, initial=[0.1] * count, **reading)
                  for source, count in ((str(tmp_path / '*.parquet'), 5 if 'formula' in reading else 3),
                                        (frame, 5 if 'formula' in reading else 3))]
        ours, theirs = (model._weights for model in models)
        assert models[0].converged() and abs(ours / theirs - 1).max() < 1e-10
    assert maximum_likelihood(data, check=False)._weights == pytest.approx(maximum_likelihood(frame)._weights, rel=1e-10)


@pytest.mark.parametrize('options', [{}, {'bias_reduced': True}])
def test_the_same_bits_by_any_number_of_threads(tmp_path, monkeypatch, options):
    data, found = in_chunks(tmp_path, table(dependent=1e-9), (40, 30, 50, 60, 60)), []
    for threads in (1, 3):
        monkeypatch.setattr(workers, 'core_count', lambda: threads)
        fit = minimize(Likelihood(data, **options), 1e-10)
        found.append(fit.weights.tolist() + [fit.cost])
    assert found[0] == found[1]


def test_what_is_sent_has_no_rows(tmp_path):
    data = in_chunks(tmp_path, table(classes=3, dependent=1e-9))
    fit = minimize(SoftmaxLikelihood(data), 1e-10)
    assert fit.objective.is_white and len(pickle.dumps(fit.objective.without_rows())) < 1e5


def test_too_many_weights_and_what_takes_all_rows(tmp_path, monkeypatch):
    frame = table(classes=3)
    data = in_chunks(tmp_path, frame)
    with pytest.raises(ValueError, match='chunks.*in_memory'):
        minimize_cost('a', data, 'a')
    with pytest.raises(ValueError, match='cost: .*chunks.*in_memory'):
        gradient_descent(data, cost=lambda X, y, w: y.mean())
    with pytest.raises(ValueError, match='validation: .*chunks'):
        stochastic_gradient_descent(data, epochs=1, validation=data)
    with pytest.raises(ValueError, match='drop_last=True: no chunk.*60'):
        stochastic_gradient_descent(data, epochs=1, batch_size=61, drop_last=True)
    with pytest.raises(ValueError, match='bias_reduced'):
        maximum_likelihood(data, bias_reduced=True)
    monkeypatch.setattr('sage_logreg.training.MOST_WEIGHTS', 7)
    with pytest.raises(ValueError, match='chunks, and their 8 weights are too many.*at most 7'):
        maximum_likelihood(data)


# Descents

METHODS = [GradientDescent(0.5, 20), GradientDescent(1, 200, 1e-2), StochasticGradientDescent(0.01, 3, shuffle=None),
           StochasticGradientDescent(0.1, 5, batch_size=10, shuffle=None, momentum=0.5),
           StochasticGradientDescent(0.2, 100, 0.05, batch_size=20, shuffle=None)]


@pytest.mark.parametrize('method', METHODS)
@pytest.mark.parametrize('of_table, options, reading', [
    ({}, {'scale': True}, {}), ({}, {'l2': 2, 'scale': True}, {'intercept': False}), ({'weighted': True}, {'l2': 1, 'scale': True}, WEIGHTED),
    ({'classes': 3}, {'scale': True, 'l2': 1}, {})])
def test_the_descent_in_memory(tmp_path, method, of_table, options, reading):
    frame = table(**of_table)
    if 'weighted' in of_table:
        # in memory, rows without weight make no chunk shorter
        frame['w'] += 0.5
    trainings = [descend(problem_of(data, **options), method) for data in (in_chunks(tmp_path, frame, **reading),
                                                                           load_data(frame, **reading))]
    ours, theirs = trainings
    assert ours.iterations == theirs.iterations and (method.tol == 0 or ours.iterations < method.total)
    assert abs(ours.weights / theirs.weights - 1).max() < 1e-10
    assert [record.cost for record in ours.history] == pytest.approx([record.cost for record in theirs.history], rel=1e-10)


def test_units_and_learning_rates_as_in_memory(tmp_path):
    frame = table(weighted=True)
    frame['b'] = 7.0
    chunked, whole = (problem_of(data, scale=True, l2=1) for data in (in_chunks(tmp_path, frame, (1, 99, 140), **WEIGHTED),
                                                                      load_data(frame, **WEIGHTED)))
    assert chunked.count == whole.count < ROWS
    assert chunked.to_user(numpy.ones(4)) == pytest.approx(whole.to_user(numpy.ones(4)), rel=1e-12)
    for takes_samples in (False, True):
        assert chunked.sure_rate(takes_samples) == pytest.approx(whole.sure_rate(takes_samples), rel=1e-12)


@pytest.mark.parametrize('shuffle', ['once', 'epoch'])
def test_the_order_of_batches_depends_on_the_seed_alone(tmp_path, shuffle):
    problem, weights = problem_of(in_chunks(tmp_path, table(), (7, 100, 73, 60))), []
    for seed in (1, 1, 2):
        method = StochasticGradientDescent(0.01, 4, batch_size=8, shuffle=shuffle, seed=seed)
        weights.append(descend(problem, method).weights.tolist())
    assert weights[0] == weights[1] != weights[2]
    steps = StochasticGradientDescent(0.01, 4, shuffle=shuffle).steps(problem)
    orders = [steps.order(epoch).tolist() for epoch in range(6)]
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders) and (min(orders) == max(orders)) == (shuffle == 'once')


def test_every_sample_is_taken_once_an_epoch(tmp_path):
    # of a tiny learning rate the changes of an epoch add up to the gradient
    frame = table()
    problem = problem_of(in_chunks(tmp_path, frame, (7, 100, 73, 60)))
    method = StochasticGradientDescent(1e-9, 1, shuffle='epoch')
    change = descend(problem, method).weights / (-1e-9 * ROWS)
    assert change == pytest.approx(problem.evaluate(numpy.zeros(4))[1], rel=1e-5)


@pytest.mark.parametrize('train, options', [
    (gradient_descent, {'iterations': 9}), (stochastic_gradient_descent, {'epochs': 7, 'batch_size': 9, 'shuffle': 'epoch'})])
def test_a_checkpoint_goes_on_with_the_same_data_only(tmp_path, train, options):
    data, path = in_chunks(tmp_path, table()), tmp_path / 'checkpoint.json'
    options = {'learning_rate': 0.01, 'scale': True, 'l2': 1, **options}
    whole = train(data, **options)
    stopped = train(data, checkpoint=path, callback=lambda iteration, *_: iteration == 5, **options)
    assert stopped.iterations() == 5
    assert stopped.resume()._weights.tolist() == whole._weights.tolist()
    assert train(data, checkpoint=path, **options)._weights.tolist() == whole._weights.tolist()
    # no rows: of 240 the file has a few
    assert os.path.getsize(path) < 20000
    other = tmp_path / 'other'
    other.mkdir()
    changed = table()
    changed.loc[3, 'a'] += 1
    with pytest.raises(ValueError, match='holds a model of other data'):
        train(in_chunks(other, changed), checkpoint=path, **options)


KILLED = '''
    import os, signal, sys
    from sage_logreg.training import stochastic_gradient_descent
    from sage_logreg.model import storage
    # written after every call
    storage.SECONDS = storage.TIMES = 0
    def callback(epoch, *_):
        if epoch == 6 and sys.argv[3] == 'killed':
            os.kill(os.getpid(), signal.SIGKILL)
    model = stochastic_gradient_descent(sys.argv[1], 0.01, 12, 7, shuffle='epoch', report=2, l2=1, progress=False,
                                        checkpoint=sys.argv[2] or None, callback=callback)
    print([float(weight).hex() for weight in model._weights])
'''


def test_a_killed_session_goes_on(tmp_path):
    in_chunks(tmp_path, table())

    def trained(checkpoint, how='whole'):
        command = [sys.executable, '-c', textwrap.dedent(KILLED), str(tmp_path / '*.parquet'), checkpoint, how]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    path = str(tmp_path / 'checkpoint.json')
    assert trained(path, 'killed').returncode == -signal.SIGKILL and os.path.getsize(path)
    continued, whole = trained(path), trained('')
    # what was done before is not reported again
    assert continued.stdout.splitlines()[-1] == whole.stdout.splitlines()[-1]
    assert 0 < len(continued.stdout.splitlines()) < len(whole.stdout.splitlines())


def test_ctrl_c_hands_over_the_model_so_far(tmp_path, monkeypatch):
    data = in_chunks(tmp_path, table())

    def interrupted(step, *_):
        if step == 3:
            raise KeyboardInterrupt
    with pytest.warns(RuntimeWarning, match='interrupted after step 3'):
        model = maximum_likelihood(data, callback=interrupted)
    assert model.iterations() == 3 and not model.converged()
    with pytest.warns(RuntimeWarning, match='interrupted after'):
        model = stochastic_gradient_descent(data, 0.01, 9, callback=interrupted)
    monkeypatch.undo()
    whole = stochastic_gradient_descent(data, 0.01, 9)
    assert model.resume()._weights.tolist() == whole._weights.tolist()
