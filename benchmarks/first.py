"""Time the first answer: of a new process, and of a new clone.

    python benchmarks/first.py          each training in a new process, with nothing compiled and then with compiled caches
    python benchmarks/first.py --make   also make run in a new clone, without .venv

The seconds of a first call count the imports; those of the second call in the process are what every later one takes. The
processor's seconds are less noisy than the clock's on a machine that does other work.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import contest
from contest import OURS, Contest

ROUNDS = 3
IMPORTS = 'from sage_logreg import *'
OWN = '''
def own(X, y, w):
    from sage_logreg.engine import T
    z = w[0] + T.dot(X, w[1:])
    return T.mean(T.log(1 + T.exp(z)) - y * z)
'''
EXPRESSION = '''
import sage.all
from sage_logreg import minimize_cost
w0, w1, w2, x1, x2, y = sage.all.SR.var('w0, w1, w2, x1, x2, y')
h = 1 / (1 + sage.all.exp(-(w0 + w1*x1 + w2*x2)))
E = -(y * sage.all.log(h) + (1 - y) * sage.all.log(1 - h))
'''
# what is prepared before the clock starts, and the call
TRAININGS = {'gradient_descent': ('', 'gradient_descent(ex2data1(), iterations=100)'),
             'stochastic_gradient_descent': ('', 'stochastic_gradient_descent(ex2data1(), epochs=10)'),
             'maximum_likelihood': ('', 'maximum_likelihood(ex2data1())'),
             'gradient_descent, own cost': (OWN, 'gradient_descent(ex2data1(), iterations=100, cost=own)'),
             'stochastic_gradient_descent, own cost': (OWN, 'stochastic_gradient_descent(ex2data1(), epochs=10, cost=own)'),
             'minimize_cost': (EXPRESSION, 'minimize_cost(E, ex2data1(), [w0, w1, w2], learning_rate=0.001, iterations=100)')}
# the same number of rows and columns
PEER = {'maximum_likelihood': ('scikit-learn, newton-cholesky', '''
import numpy
random = numpy.random.RandomState(0)
X, y = random.normal(size=(100, 2)), random.randint(0, 2, 100)
''', 'from sklearn.linear_model import LogisticRegression', "LogisticRegression(solver='newton-cholesky').fit(X, y)")}
TIMED = '''
import time
for _ in range(2):
    begun = time.perf_counter(), time.process_time()
    {imports}
    {call}
    print(time.perf_counter() - begun[0], time.process_time() - begun[1])
'''


def in_a_new_process(prepared, imports, call, caches):
    """Return the clock's and the processor's seconds of the first and of the second call."""
    _, printed = contest.run_python(prepared + TIMED.format(imports=imports, call=call), NUMBA_CACHE_DIR=os.path.join(caches, 'numba'),
                                    PYTENSOR_FLAGS=f'base_compiledir={os.path.join(caches, "pytensor")}')
    return [[float(number) for number in line.split()] for line in printed.splitlines()[-2:]]


def first_answer(training):
    """Return the contest of a training's first call."""
    prepared, call = TRAININGS[training]
    with tempfile.TemporaryDirectory() as caches:
        cold, _ = in_a_new_process(prepared, IMPORTS, call, caches)
        runs = {OURS: [], f'{OURS}, the second call': []}
        peers, left_out = {}, {}
        for _ in range(ROUNDS):
            for name, run in zip(runs, in_a_new_process(prepared, IMPORTS, call, caches)):
                runs[name].append(run)
            if training in PEER:
                name, *code = PEER[training]
                try:
                    peers.setdefault(name, []).append(in_a_new_process(*code, caches)[0])
                except ImportError as error:
                    left_out[name] = f'missing: {error}'
    runs |= {f'{OURS}, nothing compiled': [cold], **peers}
    seconds, processor = ({name: statistics.median(run[clock] for run in each) for name, each in runs.items()} for clock in (0, 1))
    return Contest(f'First call in a new process: {training}, 100 x 3', seconds, 'seconds of the processor',
                   {name: f'{value:.3g}' for name, value in processor.items()},
                   [name for name in runs if name.startswith(OURS)], left_out)


def make_run():
    """Return the seconds of make run in a new clone; what the package index gave before may be in uv's cache."""
    with tempfile.TemporaryDirectory() as folder:
        clone, caches = os.path.join(folder, 'clone'), os.path.join(folder, 'caches')
        subprocess.run(['git', 'clone', '--quiet', str(contest.FOLDER.parent), clone], check=True)
        environment = {name: value for name, value in os.environ.items() if name not in ('PYTHONPATH', 'VIRTUAL_ENV')}
        # as for a user: byte code is written, and nothing is compiled
        environment.pop('PYTHONDONTWRITEBYTECODE', None)
        environment.update(NUMBA_CACHE_DIR=os.path.join(caches, 'numba'),
                           PYTENSOR_FLAGS=f'base_compiledir={os.path.join(caches, "pytensor")}')
        begun = time.perf_counter()
        subprocess.run(['make', 'run'], cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun


def results():
    for training in TRAININGS:
        yield first_answer(training)
    if '--make' in sys.argv:
        yield f'make run in a new clone{", with uv" if shutil.which("uv") else ""}: {make_run():.0f} s'


if __name__ == '__main__':
    contest.main(results)
