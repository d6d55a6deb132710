r"""
Callbacks, interrupts and trainings inside each other; data are neither changed nor kept.
"""
import gc
import signal
import weakref

import numpy
import pytest

from sage_logreg import ex2data1, gradient_descent, load_data, stochastic_gradient_descent

from helpers import cost_and_gradient, gradient_loop, in_a_new_process, same_bits, same_way, unrelated, weights_of


# Go on from a model

@pytest.mark.lanes
def test_two_halves_are_the_whole():
    whole = gradient_descent(ex2data1(), iterations=2000)
    for initial in (lambda model: model, lambda model: model.weights(), weights_of):
        half = gradient_descent(ex2data1(), iterations=1234)
        assert same_bits(gradient_descent(ex2data1(), iterations=766, initial=initial(half)), whole)


def test_two_halves_are_the_whole_in_the_order_of_the_data():
    whole = stochastic_gradient_descent(ex2data1(), epochs=30, shuffle='once', seed=5)
    half = stochastic_gradient_descent(ex2data1(), epochs=10, shuffle='once', seed=5)
    assert same_bits(stochastic_gradient_descent(ex2data1(), epochs=20, shuffle='once', seed=5, initial=half), whole)


def test_no_iterations_leave_the_initial_weights():
    for train, none in ((gradient_descent, dict(iterations=0)), (stochastic_gradient_descent, dict(epochs=0))):
        model = train(ex2data1(), initial=[1, 2, 3], **none)
        assert weights_of(model).tolist() == [1, 2, 3]
        assert model.iterations() == 0 and model.history() == []


# Interrupted

@pytest.mark.parametrize('train, number, unit, done', [(gradient_descent, 'iterations', 'step', 200),
                                                       (stochastic_gradient_descent, 'epochs', 'update', 200*100 + 99)])
def test_interrupted_by_a_callback(train, number, unit, done):
    def interrupt(iteration, cost, weights):
        if iteration == 200:
            raise KeyboardInterrupt

    per_iteration = 1 if unit == 'step' else 100
    with pytest.warns(RuntimeWarning) as caught:
        model = train(ex2data1(), callback=interrupt, **{number: 1000})
    assert [str(warning.message) for warning in caught] == [
        f'{train.__name__}: interrupted after {unit} {done} of {1000 * per_iteration}; '
        'model.resume() goes on from there']
    assert caught[0].filename == __file__
    assert model.iterations() == 200 and model.converged() is False
    # evenly, and closer at the beginning
    assert [record.iteration for record in model.history()] == [0, 1, 2, 5, 10, *range(20, 201, 20)]
    # the state is that of the last record
    assert numpy.array(model.history()[-1].weights).tobytes() == weights_of(model).tobytes()
    if unit == 'step':
        assert same_bits(gradient_descent(ex2data1(), iterations=800, initial=model),
                         gradient_descent(ex2data1(), iterations=1000))


# Callbacks

@pytest.mark.parametrize('true', [True, numpy.bool_(True)], ids=['bool', 'NumPy bool'])
def test_callback_is_called_and_stops(true):
    calls = []

    def callback(iteration, cost, weights):
        calls.append((iteration, cost, weights))
        return true if iteration == 60 else None

    data = unrelated(8, 10, 2)
    model = gradient_descent(data, learning_rate=0.1, iterations=100, report=20, callback=callback)
    assert [iteration for iteration, _, _ in calls] == [0, 20, 40, 60]
    assert model.iterations() == 60
    assert model.converged() is False
    for iteration, cost, weights in calls:
        expected = gradient_loop(data, 0.1, iteration)[0]
        same_way(weights, expected)
        assert cost == pytest.approx(cost_and_gradient(data.points, data.labels, expected)[0], rel=1e-12)
    same_way(weights_of(model), gradient_loop(data, 0.1, 60)[0])


def test_only_true_stops():
    for answer in (None, False, 0, 1, 'yes', [True], numpy.bool_(False)):
        model = gradient_descent([[1, 0], [2, 1]], iterations=50, callback=lambda *arguments: answer)
        assert model.iterations() == 50


def test_callback_cannot_change_the_descent():
    def spoil(iteration, cost, weights):
        weights[:] = 1e9

    model = gradient_descent(ex2data1(), iterations=500, callback=spoil)
    plain = gradient_descent(ex2data1(), iterations=500)
    assert same_bits(model, plain)
    assert all((numpy.array(one.weights) == numpy.array(two.weights)).all()
               for one, two in zip(model.history(), plain.history()))


def test_error_in_a_callback_comes_through():
    def fail(iteration, cost, weights):
        raise LookupError('mine')

    plain = gradient_descent(ex2data1(), iterations=500)
    with pytest.raises(LookupError, match='^mine$'):
        gradient_descent(ex2data1(), iterations=500, callback=fail)
    # nothing is left over for the next training
    assert same_bits(gradient_descent(ex2data1(), iterations=500), plain)


# A training inside another one

@pytest.mark.parametrize('outer, number', [(gradient_descent, 'iterations'), (stochastic_gradient_descent, 'epochs')])
@pytest.mark.parametrize('inner', [gradient_descent, stochastic_gradient_descent])
def test_nested_training(outer, number, inner):
    other = unrelated(9, 12, 3)
    alone = inner(other)
    nested = []

    def callback(iteration, cost, weights):
        if iteration in (100, 300):
            nested.append(inner(other))

    model = outer(ex2data1(), callback=callback, **{number: 500})
    assert same_bits(model, outer(ex2data1(), **{number: 500}))
    assert len(nested) == 2
    assert all(same_bits(one, alone) for one in nested)


# The data

TRAININGS = {
    'gradient_descent': lambda data: gradient_descent(data, iterations=50),
    'tol': lambda data: gradient_descent(data, iterations=50, tol=1e-9, learning_rate=0.0001),
    'l2': lambda data: gradient_descent(data, iterations=50, l2=1),
    'l2 and tol': lambda data: gradient_descent(data, iterations=50, l2=1, tol=1e-9),
    'scale': lambda data: gradient_descent(data, iterations=50, scale=True),
    'stochastic': lambda data: stochastic_gradient_descent(data, epochs=5),
    'batches': lambda data: stochastic_gradient_descent(data, epochs=5, batch_size=7, l2=1, tol=1e-9, scale=True),
}


@pytest.mark.filterwarnings('ignore:.*not converged:RuntimeWarning')
@pytest.mark.parametrize('train', TRAININGS.values(), ids=TRAININGS)
def test_data_are_neither_changed_nor_kept(train):
    data = load_data((ex2data1().points, ex2data1().labels))
    points, labels = data.points.tobytes(), data.labels.tobytes()
    model = train(data)
    float(model.cost())
    assert data.points.tobytes() == points and data.labels.tobytes() == labels
    alive = [weakref.ref(data.points), weakref.ref(data.labels)]
    del data
    # the model itself has its data, and nobody else
    assert all(array() is not None for array in alive)
    del model
    gc.collect()
    assert [array() for array in alive] == [None, None]


def test_data_are_not_kept_by_the_first_training_of_a_process():
    # what is compiled for the first data must not hold them
    printed = in_a_new_process('''
        import gc, weakref
        from sage_logreg import ex2data1, gradient_descent, stochastic_gradient_descent
        for train, number in ((gradient_descent, 'iterations'), (stochastic_gradient_descent, 'epochs')):
            data = ex2data1()
            alive = weakref.ref(data.points)
            train(data, **{number: 10})
            del data
            gc.collect()
            print(alive())
        ''').stdout
    assert printed == 'None\nNone\n'


def test_training_prints_nothing_without_report(capfd):
    gradient_descent(ex2data1(), iterations=100)
    stochastic_gradient_descent(ex2data1(), epochs=10)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ''


@pytest.mark.parametrize('train', [gradient_descent, stochastic_gradient_descent])
def test_interrupted_before_the_first_step(train, monkeypatch):
    def interrupted(*arguments):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr('sage_logreg.solvers.problem.LogisticProblem.start', interrupted)
    with pytest.raises(KeyboardInterrupt, match=f'^{train.__name__}: interrupted before the first step$'):
        train(ex2data1())
