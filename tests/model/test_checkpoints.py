r"""
Checkpoints: the same call goes on, also after the process was killed.
"""
import signal
import subprocess
import sys
import textwrap
import time

import numpy
import pytest

from sage_logreg import ex2data1, gradient_descent, load_data, load_model, maximum_likelihood
from sage_logreg import stochastic_gradient_descent
from sage_logreg.model import storage

from helpers import bits, interrupted_at, squares, weights_bits

pytestmark = pytest.mark.timeout(600)


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


@pytest.mark.slow
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
    checkpoint = storage.Checkpoint(tmp_path / 'run.json', lambda training: model)
    for cost[0], wait in ((0.0, 3), (0.1, 3), (1.0, 20), (30.0, 600)):
        checkpoint.write(model._training())
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
