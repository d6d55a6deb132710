"""Time the worksheet's two jobs, large data, starting and drawing, beside their peers.

    python benchmarks/bench.py

README.md beside this file says what is compared and how. The tables go to
RESULTS.md; a peer that is not installed is named as missing.
"""
import argparse
import ctypes
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
THREADS = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMBA_NUM_THREADS')
ROUNDS = 5
STEPS, EPOCHS = 300000, 10000
# one Theano call an update is so slow that a part is timed and multiplied
PART = 10

C_SOURCE = r"""
#include <math.h>
/* the same order of work as the package's own loops */
void gradient_descent(const double *X, const double *y, double *w, long m, long n, long steps, double rate) {
    double gradient[64];
    for (long k = 0; k < steps; k++) {
        for (long j = 0; j <= n; j++) gradient[j] = 0;
        for (long i = 0; i < m; i++) {
            double z = w[0];
            for (long j = 0; j < n; j++) z += X[i*n + j] * w[j + 1];
            double residual = 1 / (1 + exp(-z)) - y[i];
            gradient[0] += residual;
            for (long j = 0; j < n; j++) gradient[j + 1] += residual * X[i*n + j];
        }
        for (long j = 0; j <= n; j++) w[j] -= rate * gradient[j] / m;
    }
}
void stochastic(const double *X, const double *y, double *w, long m, long n, long epochs, double rate) {
    for (long k = 0; k < epochs; k++)
        for (long i = 0; i < m; i++) {
            double z = w[0];
            for (long j = 0; j < n; j++) z += X[i*n + j] * w[j + 1];
            double change = rate * (1 / (1 + exp(-z)) - y[i]);
            w[0] -= change;
            for (long j = 0; j < n; j++) w[j + 1] -= change * X[i*n + j];
        }
}
"""


def c_library():
    folder = tempfile.mkdtemp()
    source, library = Path(folder, 'loops.c'), Path(folder, 'loops.so')
    source.write_text(C_SOURCE)
    subprocess.run(['gcc', '-O3', '-march=native', '-shared', '-fPIC', '-o', library, source, '-lm'], check=True)
    return ctypes.CDLL(str(library))


# Contenders: each function prepares itself and returns a job, which returns its weights

def c_loop(name, count, rate):
    def prepare(data):
        import numpy
        function = getattr(c_library(), name)
        points, labels = data.points.copy(), data.labels.copy()

        def job():
            w = numpy.zeros(3)
            function(*(ctypes.c_void_p(array.ctypes.data) for array in (points, labels, w)),
                     ctypes.c_long(100), ctypes.c_long(2), ctypes.c_long(count), ctypes.c_double(rate))
            return w
        return job
    return prepare


def numba_loop(name, count, rate):
    def prepare(data):
        import numba
        import numpy
        from sage_logreg.cost import kernels as fused
        kernel = numba.njit(getattr(fused, name))
        order = numpy.arange(100)[None]
        if name == 'gradient_path':
            return lambda: kernel(data.points, data.labels, numpy.zeros(3), numpy.zeros(2), count, rate, -1.0)[0]
        return lambda: kernel(data.points, data.labels, numpy.zeros(3), numpy.zeros(2), numpy.zeros(3), order,
                              0, count * 100, 1, rate, 0.0)[0]
    return prepare


def package(train, **options):
    def prepare(data):
        import sage_logreg
        return lambda: getattr(sage_logreg, train)(data, **options)._weights
    return prepare


def as_own_cost(train, **options):
    """The logistic cost as if it were a user's own."""
    from sage_logreg.cost.graphs import negative_log_likelihood
    return package(train, cost=lambda X, y, w: negative_log_likelihood(X, y, w), **options)


def call_an_update(stochastic, rate):
    """The original worksheet's loop: one call of a Theano function an update."""
    def prepare(data):
        import numpy
        from sage_logreg.cost.graphs import negative_log_likelihood
        from sage_logreg.engine import T, theano
        X, y = theano.shared(data.points), theano.shared(data.labels)
        w, i = theano.shared(numpy.zeros(3)), T.lscalar()
        cost = negative_log_likelihood(X[i:i + 1], y[i:i + 1], w) if stochastic else negative_log_likelihood(X, y, w)
        train = theano.function([i] if stochastic else [], cost, updates=[(w, w - rate * T.grad(cost, w))])

        def job():
            w.set_value(numpy.zeros(3))
            if stochastic:
                for _ in range(EPOCHS // PART):
                    for sample in range(100):
                        train(sample)
            else:
                for _ in range(STEPS // PART):
                    train()
            return w.get_value()
        return job
    return prepare


def sklearn_sgd(data):
    from sklearn.linear_model import SGDClassifier

    def job():
        model = SGDClassifier(loss='log_loss', penalty=None, learning_rate='constant', eta0=0.0005, shuffle=False,
                              max_iter=EPOCHS, tol=None)
        model.fit(data.points, data.labels)
        return [model.intercept_[0], *model.coef_[0]]
    return job


PER_CALL = f'one Theano call an update (1/{PART} timed, times {PART})'
JOBS = {
    f'Gradient descent, {STEPS:,} steps, 100 x 3': {
        'sage_logreg': package('gradient_descent', learning_rate=0.001, iterations=STEPS),
        'C, gcc -O3 -march=native': c_loop('gradient_descent', STEPS, 0.001),
        'numba, the same loop': numba_loop('gradient_path', STEPS, 0.001),
        "a user's own cost": lambda data: as_own_cost('gradient_descent', learning_rate=0.001,
                                                      iterations=STEPS)(data),
        PER_CALL: call_an_update(False, 0.001)},
    f'Stochastic gradient descent, {EPOCHS * 100:,} updates, 100 x 3': {
        'sage_logreg': package('stochastic_gradient_descent', learning_rate=0.0005, epochs=EPOCHS, shuffle=None),
        'C, gcc -O3 -march=native': c_loop('stochastic', EPOCHS, 0.0005),
        'numba, the same loop': numba_loop('stochastic_path', EPOCHS, 0.0005),
        'scikit-learn SGDClassifier': sklearn_sgd,
        "a user's own cost": lambda data: as_own_cost('stochastic_gradient_descent', learning_rate=0.0005,
                                                      epochs=EPOCHS, shuffle=None)(data),
        PER_CALL: call_an_update(True, 0.0005)}}


def large(m, n, dtype='float64'):
    """One full-batch step beside NumPy's two products."""
    import numpy
    from sage_logreg import load_data
    from sage_logreg.solvers.descent import GradientDescent
    from sage_logreg.solvers.problem import LogisticProblem
    from sage_logreg.solvers.steps import GradientSteps, State
    random = numpy.random.RandomState(0)
    X = random.normal(size=(m, n)).astype(dtype)
    y = (random.uniform(size=m) < 0.5).astype(float)
    v, r = numpy.ones(n, dtype), y.astype(dtype)
    steps, start = GradientSteps(LogisticProblem(load_data((X, y), dtype=dtype)), GradientDescent(0.1, 1)), State(0, numpy.zeros(n + 1), None, False)
    contenders = {'sage_logreg, one step': lambda: steps.run(start, 1), "NumPy, X @ w and X.T @ r": lambda: (X @ v, X.T @ r)}
    table = timed(contenders, rounds=9)
    steps.close()
    return table


def maximum_likelihood(m=1000000, n=20):
    """The estimate itself beside its peers, each with the largest entry of the gradient where it ended."""
    import numpy
    import sage_logreg
    from sage_logreg.cost.evaluation import evaluate
    random = numpy.random.RandomState(0)
    X = random.normal(size=(m, n))
    y = (random.uniform(size=m) < 1 / (1 + numpy.exp(-X[:, 0] + X[:, 1] / 2))).astype(float)
    data, weights, missing = sage_logreg.load_data((X, y)), {}, {}

    def keep(name, job):
        def run():
            weights[name] = job()
        return run

    def scikit(solver, tol):
        from sklearn.linear_model import LogisticRegression

        def job():
            model = LogisticRegression(C=numpy.inf, solver=solver, tol=tol, max_iter=1000).fit(X, y)
            return numpy.concatenate([model.intercept_, model.coef_[0]])
        return job

    def logit():
        import statsmodels.api
        return lambda: statsmodels.api.Logit(y, statsmodels.api.add_constant(X)).fit(disp=0).params

    contenders = {'sage_logreg': lambda: lambda: sage_logreg.maximum_likelihood(data)._weights,
                  'sage_logreg, tol=1e-4': lambda: lambda: sage_logreg.maximum_likelihood(data, tol=1e-4)._weights,
                  'statsmodels Logit': logit}
    for solver in ('lbfgs', 'newton-cholesky'):
        for tol in (1e-4, 1e-8):
            contenders[f'scikit-learn {solver}, tol={tol:g}'] = lambda solver=solver, tol=tol: scikit(solver, tol)
    jobs = {}
    for name, prepare in contenders.items():
        try:
            jobs[name] = keep(name, prepare())
        except ImportError as error:
            missing[name] = f'missing: {error}'
    table = timed(jobs, rounds=3)
    return {**{name: {'seconds': seconds, 'gradient': float(abs(evaluate(X, y, weights[name])[1]).max())}
               for name, seconds in table.items()}, **missing}


def timed(contenders, rounds=ROUNDS):
    """Return the median seconds of each job, every job once a round, after one round that is not counted."""
    seconds = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, job in contenders.items():
            begun = time.perf_counter()
            job()
            if number:
                seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(values) for name, values in seconds.items()}


def worksheet_jobs():
    import numpy
    from sage_logreg import ex2data1
    data, tables = ex2data1(), {}
    for title, contenders in JOBS.items():
        jobs, missing, weights = {}, {}, {}
        for name, prepare in contenders.items():
            try:
                jobs[name] = prepare(data)
                weights[name] = numpy.array(jobs[name](), dtype=float)
            except (ImportError, OSError, subprocess.CalledProcessError) as error:
                jobs.pop(name, None)
                missing[name] = f'missing: {error}'
        table = timed(jobs)
        if PER_CALL in table:
            table[PER_CALL] *= PART
        # the same weights, or the times say nothing
        table = {name: {'seconds': seconds, 'apart': float(abs(weights[name] / weights['sage_logreg'] - 1).max())
                        if name != PER_CALL else apart_from_call(data, title, weights[name])}
                 for name, seconds in table.items()}
        tables[title] = {**table, **missing}
    return tables


def apart_from_call(data, title, weights):
    """The package after the part of the job that the call an update has done."""
    import sage_logreg
    if title.startswith('Stochastic'):
        model = sage_logreg.stochastic_gradient_descent(data, epochs=EPOCHS // PART, shuffle=None)
    else:
        model = sage_logreg.gradient_descent(data, iterations=STEPS // PART)
    return float(abs(weights / model._weights - 1).max())


def child():
    """What is measured with a given number of threads; printed as JSON."""
    tables = worksheet_jobs()
    for m, n, dtype in [(1000000, 20, 'float64'), (100000, 200, 'float64'), (1000000, 20, 'float32')]:
        tables[f'One full-batch step, {m:,} x {n}, {dtype}'] = {
            name: {'seconds': seconds} for name, seconds in large(m, n, dtype).items()}
    tables['Maximum likelihood, 1,000,000 x 20'] = maximum_likelihood()
    print(json.dumps(tables))


def run_python(code, **environment):
    begun = time.perf_counter()
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, cwd=FOLDER.parent,
                            env={**os.environ, **environment})
    seconds = time.perf_counter() - begun
    if result.returncode:
        raise ImportError(result.stderr.strip().splitlines()[-1])
    return seconds, result.stdout


TRAIN = {'gradient_descent': 'from sage_logreg import *; gradient_descent(ex2data1(), iterations=1000)',
         'stochastic_gradient_descent': 'from sage_logreg import *; stochastic_gradient_descent(ex2data1(), epochs=10)',
         "gradient_descent on a user's own cost": '''
from sage_logreg import *
from sage_logreg.engine import T, sigmoid
gradient_descent(ex2data1(), iterations=1000, cost=lambda X, y, w: T.mean((sigmoid(w[0] + T.dot(X, w[1:])) - y)**2))
'''}
MEMORY = '''
import resource, sys
import numpy
from sage_logreg import *
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
TRAIN((numpy.array([[1., 2.], [2., 1.], [3., 1.], [1., 3.], [4., 4.], [2., 5.]]), numpy.array([0., 1., 0., 1., 0., 1.])))
random = numpy.random.RandomState(0)
X = numpy.empty((1000000, 20))
for row in X.reshape(1000, 20000):
    row[:] = random.normal(size=20000)
y = numpy.empty(1000000)
for part, row in zip(y.reshape(1000, 1000), X.reshape(1000, 1000, 20)):
    part[:] = row[:, 0] + row[:, 1] > row[:, 2]
y[::50] = 1 - y[::50]
before = peak()
TRAIN((X, y))
print((peak() - before) / X.nbytes)
'''
INTERRUPT = '''
import os, subprocess, sys, time, warnings
from sage_logreg import *
warnings.simplefilter('ignore')
gradient_descent(ex2data1(), iterations=10), stochastic_gradient_descent(ex2data1(), epochs=10)
# another process sends it: a thread of this one would wait for the compiled code to end
SEND = 'import os, time; time.sleep(0.8); print(time.monotonic(), flush=True); os.kill({}, 2)'.format(os.getpid())
late = []
for train, many in [(gradient_descent, {'iterations': 10**9}), (stochastic_gradient_descent, {'epochs': 10**7})] * 5:
    sender = subprocess.Popen([sys.executable, '-c', SEND], stdout=subprocess.PIPE, text=True)
    train(ex2data1(), **many)
    late.append(time.monotonic() - float(sender.communicate()[0]))
print(max(late))
'''
BAR = '''
import statistics, sys, time
from sage_logreg import *
seconds = {True: [], False: []}
gradient_descent(ex2data1(), iterations=100)
for _ in range(9):
    for bar in seconds:
        begun = time.perf_counter()
        gradient_descent(ex2data1(), iterations=3000000, progress=bar)
        seconds[bar].append(time.perf_counter() - begun)
# in pairs, since a machine's speed drifts by more than the bar costs
print(statistics.median(a / b for a, b in zip(seconds[True], seconds[False])))
'''
DRAW = '''
import statistics, time
import matplotlib; matplotlib.use('Agg')
import matplotlib.pyplot as pyplot
import numpy
from sage_logreg import *
random = numpy.random.RandomState(0)
X = random.normal(size=(100000, 2))
data = load_data((X, (X[:, 0] + X[:, 1] > random.normal(size=100000)).astype(float)))
model = gradient_descent(data, learning_rate=0.5, iterations=100)
def ours():
    model.plot().save('/dev/shm/sage_logreg_bench.png')
def matplotlib_alone():
    figure, axes = pyplot.subplots()
    for label, color in ((0, 'blue'), (1, 'red')):
        chosen = data.labels == label
        axes.scatter(X[chosen, 0], X[chosen, 1], s=25, c=color)
    figure.savefig('/dev/shm/sage_logreg_bench.png')
    pyplot.close(figure)
seconds = {ours: [], matplotlib_alone: []}
for _ in range(6):
    for job in seconds:
        begun = time.perf_counter(); job(); seconds[job].append(time.perf_counter() - begun)
print(*(statistics.median(values[1:]) for values in seconds.values()))
'''


def single_figures():
    """What has no peer to take turns with: lines of the table, each with the wanted bound."""
    rows = []

    def row(what, wanted, measure):
        try:
            rows.append((what, wanted, measure()))
        except ImportError as error:
            rows.append((what, wanted, f'missing: {error}'))

    def median(code, **environment):
        return f'{statistics.median(run_python(code, **environment)[0] for _ in range(3)):.2f} s'

    def cold(code):
        with tempfile.TemporaryDirectory() as folder:
            return f'{run_python(code, PYTENSOR_FLAGS=f"base_compiledir={folder}")[0]:.2f} s'

    def draw():
        ours, alone = map(float, run_python(DRAW)[1].split())
        return f'{ours / alone:.2f} ({ours:.2f} s, {alone:.2f} s)'

    row('new process, `import sage_logreg`', '0.5 s', lambda: median('import sage_logreg'))
    for name, code in TRAIN.items():
        row(f'new process, first {name}, compiled before', '2 s', lambda: median(code))
        row('the same, nothing compiled before', '8 s', lambda: cold(code))
    for name, call in (('gradient_descent', 'lambda data: gradient_descent(data, learning_rate=0.1, iterations=5)'),
                       ('maximum_likelihood', 'maximum_likelihood')):
        row(f'{name}, peak memory above the data, 1,000,000 x 20, part of X', '10%',
            lambda: f'{100 * float(run_python(MEMORY.replace("TRAIN", f"({call})"))[1]):.1f}%')
    row('Ctrl-C, longest of ten', '0.2 s', lambda: f'{float(run_python(INTERRUPT)[1]):.2f} s')
    row('progress bar, time with / without', '1.02', lambda: f'{float(run_python(BAR)[1]):.3f}')
    row('drawing 100,000 points and a boundary, time / matplotlib scatter', '1.5', draw)
    return rows


def shown(table):
    first = next(iter(table.values()))
    column = 'largest gradient entry' if 'gradient' in first else 'weights apart from sage_logreg'
    lines = [f'| contender | seconds | times sage_logreg | {column} |', '|---|---|---|---|']
    for name, entry in table.items():
        if isinstance(entry, str):
            lines.append(f'| {name} | {entry} | | |')
            continue
        last = entry.get('gradient', entry.get('apart'))
        lines.append(f'| {name} | {entry["seconds"]:.4f} | {entry["seconds"] / first["seconds"]:.2f} | '
                     f'{f"{last:.1e}" if last else ""} |')
    return lines


def main():
    cores = os.cpu_count()
    lines = ['# Results', '', f'Made by `make bench`. {platform.machine()}, {cores} cores, Python '
             f'{platform.python_version()}. Medians of {ROUNDS} rounds in which all contenders took turns; '
             'machines differ, so the ratios are what counts.']
    for count in sorted({1, cores}):
        print(f'measuring with {count} threads', file=sys.stderr)
        environment = {**os.environ, **{name: str(count) for name in THREADS}}
        result = subprocess.run([sys.executable, __file__, '--child'], env=environment, capture_output=True, text=True)
        if result.returncode:
            sys.exit(result.stderr)
        lines += ['', f'## {count} thread{"s" * (count > 1)}']
        for title, table in json.loads(result.stdout.splitlines()[-1]).items():
            lines += ['', f'### {title}', '', *shown(table)]
    print('measuring starts, memory, interrupts, drawing', file=sys.stderr)
    lines += ['', '## Starting, memory, interrupting, drawing', '', '| what | wanted at most | measured |', '|---|---|---|']
    lines += [f'| {what} | {wanted} | {measured} |' for what, wanted, measured in single_figures()]
    print('measuring growth', file=sys.stderr)
    growth = subprocess.run([sys.executable, FOLDER / 'growth.py'], env={**os.environ, **dict.fromkeys(THREADS, '1')},
                            capture_output=True, text=True)
    lines += ['', '## Growth, 1 thread', growth.stdout.rstrip() if growth.returncode == 0 else f'\n{growth.stderr}']
    print('measuring reading', file=sys.stderr)
    reading = subprocess.run([sys.executable, FOLDER / 'reading.py'], env={**os.environ, 'PYTHONPATH': str(FOLDER.parent)},
                             capture_output=True, text=True)
    lines += ['', f'## Reading, {cores} cores', '', reading.stdout.rstrip() if reading.returncode == 0 else reading.stderr]
    text = '\n'.join(lines) + '\n'
    print(text)
    (FOLDER / 'RESULTS.md').write_text(text)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--child', action='store_true', help=argparse.SUPPRESS)
    warnings.simplefilter('ignore')
    child() if parser.parse_args().child else main()
