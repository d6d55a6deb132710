r"""
Interrupted and resumed training is bit for bit the training that nobody interrupted.
"""
import copy
import itertools
import pickle
from importlib.util import find_spec

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import LogisticModel, ex2data1, gradient_descent, load_data, maximum_likelihood
from sage_logreg.model import classifier
from sage_logreg.solvers import steps as descent
from sage_logreg import stochastic_gradient_descent
from sage_logreg.solvers.problem import LogisticProblem

from helpers import INTERRUPT_AFTER, IN_A_CHILD
from helpers import bits, in_a_new_process, interrupted_at, squares, symbolic_ring, through_a_file, weights_bits

pytestmark = pytest.mark.timeout(600)


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


def compiled(options):
    # a cost of one's own is
    return [pytest.mark.slow] if 'cost' in options else []


CASES = [*(pytest.param(gradient_descent, dict(iterations=300, **options), 1, id=f'gradient: {name}',
                        marks=compiled(options))
           for name, options in GRADIENT.items()),
         *(pytest.param(stochastic_gradient_descent, dict(epochs=60, **options),
                        -(-100 // options.get('batch_size', 1)), id=f'stochastic: {name}', marks=compiled(options))
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


def test_an_epoch_begun_is_not_one_done():
    with interrupted_at(2050), pytest.warns(RuntimeWarning, match='interrupted after update 2050 of 10000'):
        model = stochastic_gradient_descent(ex2data1(), epochs=100)
    assert model.iterations() == 20
    whole = stochastic_gradient_descent(ex2data1(), epochs=25)
    resumed = model.resume(5)
    assert resumed.iterations() == 25 and weights_bits(resumed) == weights_bits(whole)


def test_features_and_float32():
    x1, x2 = symbolic_ring().var('x1, x2')
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
        with pytest.raises(ValueError, match='^the training has reached tol=0.01; for a smaller one train again'):
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
    (descent.GradientSteps, '__init__', 0),
    (LogisticProblem, 'evaluate', 0),
    (descent.GradientSteps, 'cost', 0),
    (LogisticProblem, 'is_finite', 0),
    (classifier, 'separation_text', 300),
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
    assert whole._descent.stopped == 'converged' and not whole.converged()

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


# Interrupted by a signal, as Ctrl-C does

BEFORE = pytest.mark.parametrize('before', ['', 'import sage.all'], ids=['Python', 'Sage'])


@BEFORE
@pytest.mark.slow
def test_interrupted_while_theano_is_imported(before):
    # half a Theano could not be imported again
    modules = [module for module in ('pytensor.tensor', 'numba.core', 'tqdm.asyncio')
               if find_spec(module.partition('.')[0])]
    if before:
        pytest.importorskip('sage.all')
    printed = in_a_new_process(f'''
        {before}
        import os, signal, sys, warnings
        from sage_logreg import *

        def interrupted_in(module):
            class Finder:
                def find_spec(name, path=None, target=None):
                    if name == module and sys.meta_path[0] is Finder:
                        del sys.meta_path[0]
                        os.kill(os.getpid(), signal.SIGINT)
            sys.meta_path.insert(0, Finder)
            assert module not in sys.modules

            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter('always')
                model = gradient_descent(ex2data1(), iterations=1000)
            print(*(warning.message for warning in caught))
            print(model.iterations(), model.resume() == gradient_descent(ex2data1(), iterations=1000))

        for module in {modules!r}:
            in_a_child(interrupted_in, module)
        ''', before=IN_A_CHILD).stdout
    assert printed == len(modules) * (
        'gradient_descent: interrupted after step 0 of 1000; model.resume() goes on from there\n0 True\n')


@pytest.mark.lanes
@BEFORE
@pytest.mark.slow
def test_interrupted_by_a_signal(before):
    # it comes in the middle of the compiled loop, which is left soon, and gone on with to the last bit
    if before:
        pytest.importorskip('sage.all')
    result = in_a_new_process(f'''
        {before}
        import time, warnings
        from sage_logreg import *

        def begin(iteration, cost, weights):
            global begun
            if iteration == 0 and waiting:
                begun = time.perf_counter()
                interrupt_after(waiting.pop())

        for train, number, much, enough in ((gradient_descent, 'iterations', 10**10, 3*10**6),
                                            (stochastic_gradient_descent, 'epochs', 10**8, 3*10**5)):
            # what is compiled by now does not take the second before the interrupt
            waiting = []
            train(ex2data1(), callback=begin, **{{number: 1}})
            waiting = [1.0]
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter('always')
                model = train(ex2data1(), report=10**10, callback=begin, **{{number: much}})
            print('seconds', time.perf_counter() - begun)
            print('iterations', model.iterations())
            print('cost', model.cost())
            print(*(warning.category.__name__ + ' ' + str(warning.message) for warning in caught), sep='\\n')
            warnings.simplefilter('ignore')
            whole = train(ex2data1(), callback=begin, **{{number: enough}})
            waiting = [0.1]
            model = train(ex2data1(), callback=begin, **{{number: enough}})
            print(0 < model.iterations() < whole.iterations(), model.resume() == whole)
        ''', before=INTERRUPT_AFTER)
    lines = result.stdout.splitlines()
    assert len(lines) == 12
    for _, *reached, warning, resumed in (lines[:6], lines[6:]):
        values = dict(line.split(' ') for line in reached)
        assert 0.5 < float(values['seconds']) < 3
        assert int(values['iterations']) > 100
        assert 0 < float(values['cost']) < 1
        assert warning.startswith('RuntimeWarning ') and ': interrupted after ' in warning
        assert resumed == 'True True'
