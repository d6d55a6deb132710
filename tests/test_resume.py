r"""
Interrupted and resumed training is bit for bit the training that nobody interrupted.
"""
import contextlib
import copy
import itertools
import pickle
import signal
import subprocess
import sys
import textwrap
import time

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import (LogisticModel, ex2data1, gradient_descent, load_data, load_model, maximum_likelihood,
                         stochastic_gradient_descent)
from sage_logreg.solvers import steps as descent
from sage_logreg.model import storage
from sage_logreg.engine import T, sigmoid
from sage_logreg.solvers.problem import LogisticProblem

pytestmark = pytest.mark.timeout(600)


def bits(model):
    """All numbers of a model, to the last bit."""
    return (model._weights.tobytes(), model._iterations, model._converged,
            [(record.iteration, float(record.cost).hex(), record.weights.tobytes()) for record in model._history])


@contextlib.contextmanager
def interrupted_at(*positions):
    """KeyboardInterrupt as soon as a descent stands at each of these positions."""
    left = sorted(positions)

    def stopping(run):
        def stopped(steps, state, count):
            while left and left[0] < state.position:
                del left[0]
            if left and left[0] == state.position:
                del left[0]
                raise KeyboardInterrupt
            return run(steps, state, min(count, left[0] - state.position) if left else count)
        return stopped

    with pytest.MonkeyPatch.context() as patch:
        for steps in (descent.GradientSteps, descent.LoopedSteps, descent.StochasticSteps):
            patch.setattr(steps, 'run', stopping(steps.run))
        yield


def in_a_new_process(program, *options):
    return subprocess.run([sys.executable, *options, '-c', textwrap.dedent(program)], check=True, capture_output=True,
                          text=True)


def squares(X, y, w):
    return T.mean((sigmoid(w[0] + T.dot(X, w[1:])) - y)**2)


def through_a_file(path):
    def stored(model):
        model.save(path)
        return load_model(path, cost=model._options['cost'])
    return stored


# Bit for bit

GRADIENT = {
    'plain': dict(),
    'report': dict(report=37),
    'scale': dict(scale=True, learning_rate=1),
    'scale and l2': dict(scale=True, l2=3, learning_rate=1),
    'tol reached': dict(scale=True, learning_rate=1, tol=0.01),
    'initial': dict(initial=[-1, 0.5, 0.25], scale=True),
    'cost': dict(cost=squares, scale=True, learning_rate=5, l2=1),
}
STOCHASTIC = {f'{shuffle}, {size}, {momentum}': dict(shuffle=shuffle, batch_size=size, momentum=momentum, seed=11)
              for shuffle, size, momentum in itertools.product(['once', 'epoch', None], [1, 7, 100], [0, 0.9])}
STOCHASTIC['scale, l2 and tol'] = dict(shuffle='epoch', batch_size=7, scale=True, l2=3, momentum=0.5, learning_rate=0.1,
                                       tol=1e-9)
STOCHASTIC['tol reached'] = dict(batch_size=10, scale=True, learning_rate=0.1, tol=0.015)
STOCHASTIC['cost'] = dict(cost=squares, batch_size=7, momentum=0.9)
CASES = [*(pytest.param(gradient_descent, dict(iterations=300, **options), 1, id=f'gradient: {name}')
           for name, options in GRADIENT.items()),
         *(pytest.param(stochastic_gradient_descent, dict(epochs=60, **options),
                        -(-100 // options.get('batch_size', 1)), id=f'stochastic: {name}')
           for name, options in STOCHASTIC.items())]


@pytest.mark.filterwarnings('ignore::RuntimeWarning')
@pytest.mark.parametrize('train, options, size', CASES)
def test_resumed_is_never_interrupted(train, options, size, tmp_path):
    whole = train(ex2data1(), **options)
    # the first update, and in the middle of an epoch, before and after a record
    positions = [0, 1, 5 * size + size // 2, 20 * size - 1, 41 * size]
    passages = [lambda model: model, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)),
                through_a_file(tmp_path / 'model.json'), copy.copy]
    if options.get('cost'):
        # known by its name to pickle, if it can be found again
        assert pickle.loads(pickle.dumps(squares)) is squares
    reached = []
    with interrupted_at(*positions):
        model = train(ex2data1(), **options)
        for passage in passages:
            if model._descent.stopped == 'interrupted':
                reached.append(model._descent.state.position)
                model = passage(model).resume()
    assert reached == [position for position in positions if position <= whole._descent.state.position]
    assert len(reached) >= (4 if options.get('tol') else 5)
    assert bits(model) == bits(whole)
    assert model == whole and hash(model) == hash(whole)


@pytest.mark.filterwarnings('ignore::RuntimeWarning')
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_resumed_is_never_interrupted_on_random_data(data):
    draw = data.draw
    random = numpy.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    count, width = draw(st.integers(2, 40)), draw(st.integers(1, 4))
    points = random.standard_normal((count, width)) * 10.0**random.uniform(-3, 3, width)
    labels = numpy.append([0.0, 1.0], random.randint(0, 2, count - 2))
    table = load_data((points, labels), dtype=draw(st.sampled_from(['float64', 'float32'])))
    options = dict(learning_rate=draw(st.sampled_from([1e-3, 0.1])), l2=draw(st.sampled_from([0, 0.5])),
                   scale=draw(st.booleans()), tol=draw(st.sampled_from([0, 0.05])),
                   report=draw(st.sampled_from([None, 1, 7])))
    if draw(st.booleans()):
        train, options['iterations'], size = gradient_descent, draw(st.integers(1, 200)), 1
        total = options['iterations']
    else:
        train, options['epochs'] = stochastic_gradient_descent, draw(st.integers(1, 30))
        options.update(batch_size=draw(st.integers(1, count + 3)), shuffle=draw(st.sampled_from(['once', 'epoch', None])),
                       seed=draw(st.integers(0, 2**32 - 1)), momentum=draw(st.sampled_from([0, 0.5, 0.99])))
        size = -(-count // options['batch_size'])
        total = options['epochs'] * size
    positions = draw(st.lists(st.integers(0, total - 1), max_size=4, unique=True))
    whole = train(table, **options)
    with interrupted_at(*positions):
        model = train(table, **options)
        while model._descent.stopped == 'interrupted':
            model = pickle.loads(pickle.dumps(model)).resume()
    assert bits(model) == bits(whole)


@pytest.mark.parametrize('train, number', [(gradient_descent, 'iterations'), (stochastic_gradient_descent, 'epochs')])
def test_stopped_by_a_callback_and_resumed(train, number, capsys):
    whole = train(ex2data1(), report=20, **{number: 100})
    expected, calls = capsys.readouterr().out, []

    def once(iteration, cost, weights):
        calls.append(iteration)
        return iteration == 40

    model = train(ex2data1(), report=20, callback=once, **{number: 100})
    resumed = model.resume(callback=once)
    assert calls == [0, 20, 40, 60, 80]
    assert capsys.readouterr().out == expected
    assert bits(resumed) == bits(whole)
    # and the first model is what it was
    assert model.iterations() == 40 and len(model.history()) == 3


@pytest.mark.parametrize('train, number', [(gradient_descent, 'iterations'), (stochastic_gradient_descent, 'epochs')])
def test_more_than_was_asked_for(train, number, capsys):
    whole = train(ex2data1(), report=10, **{number: 100})
    expected = capsys.readouterr().out
    model = train(ex2data1(), report=10, **{number: 35}).resume(45).resume(20)
    assert capsys.readouterr().out == expected
    assert bits(model) == bits(whole)
    # without a report the records are as far from each other as for the whole
    silent = train(ex2data1(), **{number: 100}).resume(900)
    assert [record.iteration for record in silent.history()] == [
        0, 1, *range(2, 100, 2), *range(100, 1000, 20)]
    assert weights_bits(silent) == weights_bits(train(ex2data1(), **{number: 1000}))
    # another report
    train(ex2data1(), **{number: 20}).resume(20, report=15)
    assert [line.split(' ')[0] for line in capsys.readouterr().out.splitlines()] == ['30']


def weights_bits(model):
    return model._weights.tobytes()


def test_an_epoch_begun_is_not_one_done():
    with interrupted_at(2050), pytest.warns(RuntimeWarning, match='interrupted after update 2050 of 10000'):
        model = stochastic_gradient_descent(ex2data1(), epochs=100)
    assert model.iterations() == 20
    whole = stochastic_gradient_descent(ex2data1(), epochs=25)
    resumed = model.resume(5)
    assert resumed.iterations() == 25 and weights_bits(resumed) == weights_bits(whole)


def test_features_and_float32():
    x1, x2 = pytest.importorskip('sage.symbolic.ring').SR.var('x1, x2')
    table = load_data((ex2data1().points, ex2data1().labels), features=[x1, x2, x1 * x2 / 100], dtype='float32')
    options = dict(epochs=50, batch_size=9, scale=True, learning_rate=0.1)
    whole = stochastic_gradient_descent(table, **options)
    with interrupted_at(333), pytest.warns(RuntimeWarning, match='interrupted'):
        model = stochastic_gradient_descent(table, **options)
    assert bits(model.resume()) == bits(whole)


def test_the_order_in_memory_does_not_matter():
    # sums over columns that lie one after the other are rounded otherwise
    random = numpy.random.RandomState(0)
    points, labels = random.standard_normal((1000, 3)) * [1, 100, 1e-3] + [5, 0.1, 1], random.randint(0, 2, 1000) * 1.0
    one, two = load_data((points, labels)), load_data((points, labels))
    two.points = numpy.asfortranarray(points)
    options = dict(scale=True, learning_rate=1, iterations=100)
    assert bits(gradient_descent(one, **options)) == bits(gradient_descent(two, **options))


# What is said

@pytest.mark.parametrize('train, number, unit, total', [(gradient_descent, 'iterations', 'step', 1000),
                                                        (stochastic_gradient_descent, 'epochs', 'update', 100000)])
def test_the_warning(train, number, unit, total, tmp_path):
    path = tmp_path / 'run.json'
    with interrupted_at(123, 456):
        with pytest.warns(RuntimeWarning) as caught:
            model = train(ex2data1(), **{number: 1000})
        with pytest.warns(RuntimeWarning) as caught_again:
            model.resume(checkpoint=str(path))
    assert str(caught[0].message) == f'{train.__name__}: interrupted after {unit} 123 of {total}; model.resume() goes on from there'
    assert str(caught_again[0].message) == (f'{train.__name__}: interrupted after {unit} 456 of {total}; '
                                            f'model.resume(checkpoint={str(path)!r}) goes on from there')
    assert caught[0].filename == caught_again[0].filename == __file__


def test_the_warnings_of_the_end_come_after_a_resume_too():
    options = dict(iterations=20, learning_rate=0.1)
    with pytest.warns(RuntimeWarning) as expected:
        gradient_descent(ex2data1(), **options)
    with interrupted_at(7), pytest.warns(RuntimeWarning, match='interrupted'):
        model = gradient_descent(ex2data1(), **options)
    with pytest.warns(RuntimeWarning) as caught:
        model.resume()
    assert 'the cost rose from 0.693147 to' in str(caught[0].message)
    assert [str(warning.message) for warning in caught] == [str(warning.message) for warning in expected]


def test_models_that_cannot_be_resumed():
    data = ex2data1()
    complete = stochastic_gradient_descent(data, epochs=10)
    with pytest.raises(ValueError, match=r'^the training is complete after 10 epochs; resume\(epochs\) goes on for more of them$'):
        complete.resume()
    for bad, error in ((0, ValueError), (-1, ValueError), (1.5, ValueError), ('all', TypeError), (True, TypeError)):
        with pytest.raises(error, match='^iterations = .*; expected a whole number from 1$'):
            complete.resume(bad)
    with pytest.raises(ValueError, match='^report = 0; expected a whole number from 1$'):
        complete.resume(5, report=0)
    with pytest.raises(TypeError, match='^callback = 7; expected a function'):
        complete.resume(5, callback=7)
    with pytest.raises(TypeError, match='^progress = 7; expected True, False or None$'):
        complete.resume(5, progress=7)
    converged = gradient_descent(data, learning_rate=5, scale=True, tol=0.01)
    for iterations in (None, 5):
        with pytest.raises(ValueError, match='^the training has converged; for a smaller tol than 0.01 train again, with this model'):
            converged.resume(iterations)
    with pytest.warns(RuntimeWarning, match='no longer finite'):
        diverged = gradient_descent(data, learning_rate=1e306, iterations=10**5)
    for iterations in (None, 5):
        with pytest.raises(ValueError, match='^the training has diverged after [0-9]+ iterations; train again, with a smaller '
                                             'learning_rate than 1e[+]306$'):
            diverged.resume(iterations)
    with pytest.raises(ValueError, match='^a model by maximum_likelihood cannot be resumed; expected one that a descent'):
        maximum_likelihood(data).resume()
    for model in (complete.with_weights([1, 2, 3]), LogisticModel(data, numpy.zeros(3))):
        with pytest.raises(ValueError, match='^a model with given weights cannot be resumed; expected one that a descent'):
            model.resume()


# Interrupted at other moments

def interrupts_once(function):
    def interrupted(*arguments, **options):
        if not interrupted.done:
            interrupted.done = True
            raise KeyboardInterrupt
        return function(*arguments, **options)
    interrupted.done = False
    return interrupted


@pytest.mark.parametrize('owner, name, position', [
    (descent.CompiledSteps, 'lend', 0),
    (LogisticProblem, 'evaluate', 0),
    (descent.GradientSteps, 'cost', 0),
    (LogisticProblem, 'is_finite', 0),
    (LogisticProblem, 'warning', 300),
], ids=['compiling', 'first cost', 'record', 'check of the weights', 'last check'])
def test_interrupted_elsewhere(owner, name, position, monkeypatch):
    whole = gradient_descent(ex2data1(), iterations=300)
    monkeypatch.setattr(owner, name, interrupts_once(getattr(owner, name)))
    with pytest.warns(RuntimeWarning, match=f'interrupted after step {position} of 300'):
        model = gradient_descent(ex2data1(), iterations=300)
    assert model._descent.state.position == position
    assert bits(model.resume()) == bits(whole)


def test_interrupted_just_as_it_converges(monkeypatch):
    options = dict(batch_size=10, scale=True, learning_rate=0.1, tol=0.015)
    whole = stochastic_gradient_descent(ex2data1(), **options)
    assert whole.converged()

    class Interrupting(int):
        # the first thing that is asked of a state that has converged
        def __bool__(self):
            if int(self) and not Interrupting.done:
                Interrupting.done = True
                raise KeyboardInterrupt
            return int(self) != 0

    Interrupting.done = False
    run = descent.StochasticSteps.run
    monkeypatch.setattr(descent.StochasticSteps, 'run', lambda steps, state, count: (
        lambda result: result._replace(converged=Interrupting(result.converged)))(run(steps, state, count)))
    with pytest.warns(RuntimeWarning, match='interrupted'):
        model = stochastic_gradient_descent(ex2data1(), **options)
    assert not model.converged()
    assert bits(model.resume()) == bits(whole)


@pytest.mark.parametrize('before', ['', 'import sage.all'], ids=['Python', 'Sage'])
@pytest.mark.parametrize('module', ['pytensor.tensor', 'numba.core', 'tqdm.asyncio'])
def test_interrupted_while_theano_is_imported(module, before):
    # half a Theano could not be imported again
    pytest.importorskip(module.partition('.')[0])
    if before:
        pytest.importorskip('sage.all')
    result = in_a_new_process(f'''
        {before}
        import os, signal, sys, warnings
        from sage_logreg import *

        class Finder:
            def find_spec(name, path=None, target=None):
                if name == {module!r} and sys.meta_path[0] is Finder:
                    del sys.meta_path[0]
                    os.kill(os.getpid(), signal.SIGINT)
        sys.meta_path.insert(0, Finder)
        assert {module!r} not in sys.modules

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            model = gradient_descent(ex2data1(), iterations=1000)
        print(*(warning.message for warning in caught))
        print(model.iterations(), model.resume() == gradient_descent(ex2data1(), iterations=1000))
        ''')
    assert result.stdout == ('gradient_descent: interrupted after step 0 of 1000; model.resume() goes on from there\n'
                             '0 True\n')


@pytest.mark.parametrize('before', ['', 'import sage.all'], ids=['Python', 'Sage'])
@pytest.mark.parametrize('call', ['gradient_descent(ex2data1(), iterations=10**7, callback=begin)',
                                  'stochastic_gradient_descent(ex2data1(), epochs=3*10**5, callback=begin)'],
                         ids=['gradient_descent', 'stochastic_gradient_descent'])
def test_interrupted_by_a_signal(call, before):
    if before:
        pytest.importorskip('sage.all')
    result = in_a_new_process(f'''
        {before}
        import os, signal, threading, warnings
        from sage_logreg import *

        def begin(iteration, cost, weights):
            if iteration == 0 and len(waiting):
                threading.Timer(waiting.pop(), os.kill, (os.getpid(), signal.SIGINT)).start()

        warnings.simplefilter('ignore')
        waiting = []
        whole = {call}
        waiting = [0.1]
        model = {call}
        print(0 < model.iterations() < whole.iterations(), model.resume() == whole)
        ''')
    assert result.stdout == 'True True\n'


# Checkpoints

def test_the_same_call_goes_on(tmp_path):
    path = tmp_path / 'run.json'
    options = dict(epochs=60, batch_size=7, momentum=0.9, shuffle='epoch')
    whole = stochastic_gradient_descent(ex2data1(), **options)
    with interrupted_at(100, 500):
        for position in (100, 500):
            with pytest.warns(RuntimeWarning, match=f'interrupted after update {position} '):
                model = stochastic_gradient_descent(ex2data1(), checkpoint=path, **options)
            assert model._descent.state.position == position
            assert bits(load_model(path)) == bits(model)
        assert bits(stochastic_gradient_descent(ex2data1(), checkpoint=path, **options)) == bits(whole)
    assert bits(load_model(path)) == bits(whole)
    # once more, when all is done
    before = path.read_bytes()
    assert bits(stochastic_gradient_descent(ex2data1(), checkpoint=path, **options)) == bits(whole)
    assert path.read_bytes() == before
    # and further
    options['epochs'] = 100
    model = stochastic_gradient_descent(ex2data1(), checkpoint=path, **options)
    assert model.iterations() == 100
    assert weights_bits(model) == weights_bits(stochastic_gradient_descent(ex2data1(), **options))
    assert [entry.name for entry in tmp_path.iterdir()] == ['run.json']


def test_resume_with_a_checkpoint(tmp_path):
    path = tmp_path / 'run.json'
    whole = gradient_descent(ex2data1(), iterations=300)
    with interrupted_at(100), pytest.warns(RuntimeWarning, match='interrupted'):
        model = gradient_descent(ex2data1(), iterations=300)
    with interrupted_at(200), pytest.warns(RuntimeWarning, match='interrupted after step 200'):
        further = model.resume(checkpoint=path)
    assert bits(load_model(path)) == bits(further)
    # the file is further than the model
    assert bits(model.resume(checkpoint=path)) == bits(whole)
    assert bits(load_model(path)) == bits(whole)


def test_a_checkpoint_of_another_training_is_left_alone(tmp_path):
    path = tmp_path / 'run.json'
    data = ex2data1()
    gradient_descent(data, iterations=100, checkpoint=path)
    before = path.read_bytes()
    other = load_data((data.points + 1, data.labels))
    for difference, call in {
        'a training with learning_rate=0.001, not 0.5': lambda: gradient_descent(data, learning_rate=0.5, checkpoint=path),
        'a training with l2=0.0, not 1.0': lambda: gradient_descent(data, l2=1, checkpoint=path),
        'a training with tol=0.0, not 1.0': lambda: gradient_descent(data, tol=1, checkpoint=path),
        'a training with scale=False, not True': lambda: gradient_descent(data, scale=True, checkpoint=path),
        'a training from other initial weights': lambda: gradient_descent(data, initial=[1, 2, 3], checkpoint=path),
        '100 iterations, more than 99': lambda: gradient_descent(data, iterations=99, checkpoint=path),
        r'a model of other data \(100 points in x1, x2: 60 with y = 1, 40 with y = 0\)':
            lambda: gradient_descent(other, checkpoint=path),
        'a model by gradient_descent': lambda: stochastic_gradient_descent(data, checkpoint=path),
    }.items():
        with pytest.raises(ValueError, match=f'^checkpoint: .*run.json holds {difference}; the file is left alone$'):
            call()
    maximum_likelihood(data).save(path)
    with pytest.raises(ValueError, match='^checkpoint: .* holds a model by maximum_likelihood; the file is left alone$'):
        gradient_descent(data, checkpoint=path)
    path.write_bytes(before)
    assert gradient_descent(data, iterations=200, checkpoint=path).iterations() == 200


def test_a_checkpoint_with_a_cost_of_ones_own(tmp_path):
    path = tmp_path / 'run.json'
    options = dict(learning_rate=5, scale=True, iterations=300)
    whole = gradient_descent(ex2data1(), cost=squares, **options)
    with interrupted_at(100), pytest.warns(RuntimeWarning, match='interrupted'):
        gradient_descent(ex2data1(), cost=squares, checkpoint=path, **options)
    for cost, text in ((None, "trained with a cost of its own, 'squares'"),
                       (lambda X, y, w: 2 * squares(X, y, w), "trained with another cost, 'squares'")):
        with pytest.raises(ValueError, match=f'^checkpoint: .*: the model was {text}.*; the file is left alone$'):
            gradient_descent(ex2data1(), cost=cost, checkpoint=path, **options)
    assert bits(gradient_descent(ex2data1(), cost=squares, checkpoint=path, **options)) == bits(whole)


@pytest.mark.parametrize('content', [b'hello', b'{}', b'{"format": "sage_logreg model"}', b'1,2,0\n3,4,1\n', b'\0\1'])
def test_what_is_no_checkpoint_is_never_overwritten(content, tmp_path):
    path = tmp_path / 'run.json'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='^checkpoint: .*run.json is (not a saved model|damaged).*; the file is left alone$'):
        gradient_descent(ex2data1(), iterations=10, checkpoint=path)
    assert path.read_bytes() == content


def test_checkpoints_that_cannot_be(tmp_path):
    for path, error, text in (
            (tmp_path, IsADirectoryError, 'is a directory'),
            (tmp_path / 'no' / 'run.json', FileNotFoundError, 'there is no directory'),
            ('/dev/null', ValueError, 'is not a regular file'),
            (7, TypeError, 'path = 7'),
            (str(tmp_path / 'run.sobj'), ValueError, "Sage's own save")):
        with pytest.raises(error, match=text):
            gradient_descent(ex2data1(), iterations=10**12, checkpoint=path)
    # an empty file has nothing to lose
    (tmp_path / 'run.json').touch()
    gradient_descent(ex2data1(), iterations=10, checkpoint=tmp_path / 'run.json')
    assert load_model(tmp_path / 'run.json').iterations() == 10


def test_a_full_disk_does_not_end_the_training(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(storage.os, 'fsync', full)
    with pytest.warns(RuntimeWarning, match='the checkpoint cannot be written: .*No space left on device'):
        model = gradient_descent(ex2data1(), iterations=300, checkpoint=tmp_path / 'run.json')
    assert model.iterations() == 300 and list(tmp_path.iterdir()) == []


def test_impatience(tmp_path, monkeypatch):
    # Ctrl-C, and again while the checkpoint is written
    def interrupted(descriptor):
        raise KeyboardInterrupt
    monkeypatch.setattr(storage.os, 'fsync', interrupted)
    with interrupted_at(100), pytest.warns(RuntimeWarning, match='interrupted after step 100'):
        model = gradient_descent(ex2data1(), iterations=300, checkpoint=tmp_path / 'run.json')
    assert model.iterations() == 100 and list(tmp_path.iterdir()) == []


def test_how_often_a_checkpoint_is_written(tmp_path, monkeypatch):
    # a clock of our own: writing takes `cost` seconds, everything else no time
    now, cost = [100.0], [0.0]
    monkeypatch.setattr(storage.time, 'monotonic', lambda: now[0])
    monkeypatch.setattr(storage, '_write', lambda path, text: now.__setitem__(0, now[0] + cost[0]))
    model = gradient_descent(ex2data1(), iterations=10)
    checkpoint = storage.Checkpoint(tmp_path / 'run.json')
    for cost[0], wait in ((0.0, 3), (0.1, 3), (1.0, 20), (30.0, 600)):
        checkpoint.write(model)
        now[0] += wait - 0.5
        assert not checkpoint.is_due()
        now[0] += 0.5
        assert checkpoint.is_due()


# Killed

KILLED = '''
    import sage_logreg.model.storage
    from sage_logreg import *
    # as often as can be
    sage_logreg.model.storage.SECONDS = sage_logreg.model.storage.TIMES = 0
    {call}
    '''
CALLS = {'gradient_descent': 'gradient_descent(ex2data1(), iterations={much}, checkpoint={path!r})',
         'stochastic_gradient_descent':
             "stochastic_gradient_descent(ex2data1(), epochs={much}, batch_size=7, shuffle='epoch', momentum=0.9, checkpoint={path!r})"}


def killed_at(program, reached):
    """Run a program until `reached()`, then kill it as nothing else does."""
    process = subprocess.Popen([sys.executable, '-c', textwrap.dedent(program)])
    try:
        deadline = time.monotonic() + 300
        while not reached():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize('name', CALLS)
def test_killed_and_resumed(name, tmp_path):
    path = tmp_path / 'run.json'
    program = KILLED.format(call=CALLS[name].format(path=str(path), much=10**9))
    positions = []
    for _ in range(3):
        # the first time there is no file; then one that has gone on
        before = positions[-1] if positions else -1
        killed_at(program, lambda: path.exists() and load_model(path)._descent.state.position > before)
        positions.append(load_model(path)._descent.state.position)
    assert 0 <= positions[0] < positions[1] < positions[2] < 10**9
    killed = load_model(path)
    # a training that was asked for fewer iterations, so that its end can be waited for
    much = int(killed.iterations()) + 1000
    names = {'gradient_descent': gradient_descent, 'stochastic_gradient_descent': stochastic_gradient_descent,
             'ex2data1': ex2data1}
    model = eval(CALLS[name].format(path=str(path), much=much), names)
    whole = eval(CALLS[name].format(path=str(tmp_path / 'whole.json'), much=much), names)
    assert model.iterations() == much
    assert weights_bits(model) == weights_bits(whole)
    assert weights_bits(killed.resume(1000)) == weights_bits(whole)


def test_killed_and_resumed_to_the_end(tmp_path):
    # the history too is that of a training that was never killed
    path, much = tmp_path / 'run.json', 4 * 10**6
    program = KILLED.format(call=CALLS['gradient_descent'].format(path=str(path), much=much))
    killed_at(program, lambda: path.exists() and load_model(path).iterations() > 1000)
    killed = load_model(path)
    assert 1000 < killed.iterations() < much
    whole = gradient_descent(ex2data1(), iterations=much)
    assert bits(killed.resume()) == bits(whole)
    assert bits(gradient_descent(ex2data1(), iterations=much, checkpoint=path)) == bits(whole)


def test_killed_while_it_writes(tmp_path):
    # the file is one of the two models at any moment
    path = tmp_path / 'model.json'
    one, two = (gradient_descent(ex2data1(), iterations=number) for number in (2000, 3000))
    for random in range(5):
        wait = time.monotonic() + numpy.random.RandomState(random).uniform(0, 0.05)
        first = path.stat().st_ino if path.exists() else 0
        killed_at(f"""
            from sage_logreg import *
            one, two = (gradient_descent(ex2data1(), iterations=number) for number in (2000, 3000))
            while True:
                one.save({str(path)!r})
                two.save({str(path)!r})
            """, lambda: path.exists() and path.stat().st_ino != first and time.monotonic() > wait)
        assert load_model(path) in (one, two)
