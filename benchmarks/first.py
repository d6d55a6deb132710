"""Time the first answer: of a new process, and of a new clone.

    python benchmarks/first.py          each training in a new process, with nothing compiled and then with compiled caches
    python benchmarks/first.py --make   also make run in a new clone, without .venv

The seconds of the first call count the imports; those of the second call are what every later one takes. The processor's
seconds are less noisy than the clock's on a machine that does other work.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
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
TIMED = '''
import time
for _ in range(2):
    begun = time.perf_counter(), time.process_time()
    from sage_logreg import *
    {call}
    print(time.perf_counter() - begun[0], time.process_time() - begun[1])
'''


def in_a_new_process(training, caches):
    """Return the clock's and the processor's seconds of the first and of the second call."""
    prepared, call = TRAININGS[training]
    environment = {**os.environ, 'NUMBA_CACHE_DIR': os.path.join(caches, 'numba'),
                   'PYTENSOR_FLAGS': f'base_compiledir={os.path.join(caches, "pytensor")}',
                   'PYTHONPATH': os.pathsep.join([str(ROOT), os.environ.get('PYTHONPATH', '')])}
    result = subprocess.run([sys.executable, '-W', 'ignore', '-c', prepared + TIMED.format(call=call)], capture_output=True, text=True,
                            env=environment, check=True)
    return [[float(number) for number in line.split()] for line in result.stdout.splitlines()[-2:]]


def lines():
    """Return the table as lines of Markdown."""
    rows = ['| training | nothing compiled: seconds (of the processor) | compiled caches: seconds (of the processor) | second call |',
            '|---|---|---|---|']
    for training in TRAININGS:
        cold, warm, second = [], [], []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as caches:
                cold.append(in_a_new_process(training, caches)[0])
                first, later = in_a_new_process(training, caches)
                warm.append(first)
                second.append(later)
        each = [[statistics.median(column) for column in zip(*runs)] for runs in (cold, warm, second)]
        rows.append(f'| {training} | {each[0][0]:.1f} ({each[0][1]:.1f}) | {each[1][0]:.1f} ({each[1][1]:.1f}) | {each[2][0]:.3f} |')
    return rows


def make_run():
    """Return the seconds of make run in a new clone; what the package index gave before may be in uv's cache."""
    with tempfile.TemporaryDirectory() as folder:
        clone, caches = os.path.join(folder, 'clone'), os.path.join(folder, 'caches')
        subprocess.run(['git', 'clone', '--quiet', str(ROOT), clone], check=True)
        environment = {name: value for name, value in os.environ.items() if name not in ('PYTHONPATH', 'VIRTUAL_ENV')}
        # as for a user: byte code is written, and nothing is compiled
        environment.pop('PYTHONDONTWRITEBYTECODE', None)
        environment.update(NUMBA_CACHE_DIR=os.path.join(caches, 'numba'),
                           PYTENSOR_FLAGS=f'base_compiledir={os.path.join(caches, "pytensor")}')
        begun = time.perf_counter()
        subprocess.run(['make', 'run'], cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun


if __name__ == '__main__':
    print('\n'.join(lines()))
    if '--make' in sys.argv:
        print(f'\nmake run in a new clone{", with uv" if shutil.which("uv") else ""}: {make_run():.0f} s')
