r"""
Work that one thread or one process does for all.
"""
import contextlib
import os
import signal
import subprocess
import sys
import threading

import numpy
import pytest

from sage_logreg import certified_maximum_likelihood, certified_support, ex2data1, gradient_descent, load_data, maximum_likelihood
from sage_logreg import stochastic_gradient_descent
from sage_logreg.cost.evaluation import evaluate
from sage_logreg.engine import COMPILES_WITH_NUMBA
from sage_logreg.exact import balls, gap_safe, problem
from sage_logreg.support.processes import FirstTime
from sage_logreg.support.threads import one_thread

from helpers import ROOT, weights_bits


# Threads

@pytest.fixture
def fast_switching():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(function, arguments):
    # what the function returned for each, all at the same time
    results, together = [None] * len(arguments), threading.Barrier(len(arguments))

    def call(place, argument):
        together.wait()
        results[place] = function(argument)

    threads = [threading.Thread(target=call, args=pair) for pair in enumerate(arguments)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_threads_share_compiled_functions(fast_switching):
    random = numpy.random.RandomState(0)
    tables = [(random.standard_normal((rows, 3)), random.randint(0, 2, rows).astype(float)) for rows in range(2, 10)]

    def costs(table):
        return [evaluate(*table, numpy.arange(4.0))[0] for _ in range(100)]

    assert in_threads(costs, tables) == list(map(costs, tables))


@pytest.mark.lanes
def test_threads_train_as_one_thread_does(fast_switching):
    data = ex2data1()
    trainings = [lambda data: gradient_descent(data, iterations=100),
                 lambda data: gradient_descent(data, iterations=100, l2=1, scale=True),
                 lambda data: stochastic_gradient_descent(data, epochs=3), maximum_likelihood]
    tables = [load_data((data.points[:count], data.labels[:count])) for count in (40, 60, 80, 100)]

    def train(table):
        return [weights_bits(training(table)) for training in trainings]

    expected = list(map(train, tables))
    for _ in range(3):
        assert in_threads(train, tables) == expected


# Processes

def test_the_first_one_is_waited_for(tmp_path):
    path, order = str(tmp_path / 'work'), []

    def work(number):
        with FirstTime(path) as first:
            if not first.is_over():
                order.append('done')
                first.done()
        order.append('over')

    in_threads(work, range(5))
    assert sorted(order) == ['done'] + 5 * ['over'] and order[0] == 'done'


def test_a_killed_process_keeps_nobody_waiting(tmp_path):
    path = str(tmp_path / 'work')
    program = f"""
import time
from sage_logreg.exact import balls, certified
from sage_logreg.support.processes import FirstTime
from sage_logreg.support.threads import one_thread
with FirstTime({path!r}):
    print('begun', flush=True)
    time.sleep(1000)
"""
    process = subprocess.Popen([sys.executable, '-c', program], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b'begun\n'
    entered = threading.Event()

    def wait():
        with FirstTime(path):
            entered.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not entered.wait(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    thread.join(60)
    assert entered.is_set()


def test_where_nothing_can_be_written_nobody_waits(tmp_path):
    path = str(tmp_path / 'no such folder' / 'work')
    with FirstTime(path) as one, FirstTime(path) as two:
        one.done()
        assert not two.is_over()


@pytest.mark.slow
@pytest.mark.skipif(not COMPILES_WITH_NUMBA, reason='the engine itself lets processes wait')
def test_of_processes_that_start_together_one_compiles(tmp_path):
    program = """
from sage_logreg.cost import kernels
import numpy
zeros = numpy.zeros(2)
kernel = kernels.compiled(kernels.cost_and_gradient, numpy.ones((2, 1)), zeros, zeros, zeros[:1], None, None, True)
print(sum(kernel.compiled.stats.cache_misses.values()))
"""
    flags = ','.join(filter(None, [os.environ.get('PYTENSOR_FLAGS'), f'base_compiledir={tmp_path}']))
    processes = [subprocess.Popen([sys.executable, '-c', program], cwd=ROOT, stdout=subprocess.PIPE,
                                  env={**os.environ, 'PYTENSOR_FLAGS': flags, 'NUMBA_CACHE_DIR': str(tmp_path)}) for _ in range(3)]
    misses = [int(process.communicate()[0]) for process in processes]
    assert sum(misses) == 1


def watched(alone, monkeypatch, owner, name):
    # whether the thread is the only one that computes is noted wherever the function is called
    function = getattr(owner, name)

    def watching(*arguments):
        alone.append(one_thread._is_owned())
        return function(*arguments)
    monkeypatch.setattr(owner, name, watching)


def test_one_thread_at_a_time_proves(fast_switching, monkeypatch):
    # two threads would give one of Sage's categories two places among the others
    pytest.importorskip('sage.rings.real_arb')
    alone = []
    watched(alone, monkeypatch, balls.BallObjective, 'hessian')
    watched(alone, monkeypatch, balls, 'krawczyk')
    watched(alone, monkeypatch, problem, 'sage_number')
    tables = [load_data((ex2data1().points[:rows], ex2data1().labels[:rows])) for rows in (40, 60, 80, 100)]

    def proved(table):
        estimate = certified_maximum_likelihood(table, digits=len(table))
        return repr(estimate) + estimate.statement()

    assert in_threads(proved, tables) == list(map(proved, tables))
    assert len(alone) > 10 and all(alone)


def test_one_thread_at_a_time_proves_supports(fast_switching, monkeypatch):
    pytest.importorskip('sage.rings.real_arb')
    alone = []
    for name in ('log_likelihood', 'hessian', 'log_odds'):
        watched(alone, monkeypatch, balls.BallObjective, name)
    watched(alone, monkeypatch, gap_safe, '_product')

    def proved(lambda_):
        support = certified_support(ex2data1(), lambda_)
        return repr(support) + support.statement() + repr(support.next_breakpoint())

    lambdas = [4.75, 5, 5.25, 5.375]
    assert in_threads(proved, lambdas) == list(map(proved, lambdas))
    assert len(alone) > 10 and all(alone)


def test_other_threads_go_on_between_the_steps_of_a_proof(monkeypatch):
    pytest.importorskip('sage.rings.real_arb')
    free = []

    class Bar(contextlib.AbstractContextManager):
        def __exit__(self, *error):
            pass

        def update(self):
            free.append(not one_thread._is_owned())

    monkeypatch.setattr(balls, 'progress_bar', lambda **options: Bar())
    certified_maximum_likelihood([[1, 0], [2, 1], [3, 0], [4, 1]], digits=100)
    assert free and all(free)
