"""Time the estimate on sparse data beside scikit-learn's solvers, and measure how much memory it takes.

    python benchmarks/sparse.py [rows columns entries]

The table is like text: columns as frequent as words are (Zipf), values as tf-idf gives them, rows of length 1, labels of a
sparse true model. Every contender fits it in turn, in one process; the minima of the seconds and their ratios are printed,
and how far each came. Memory is the peak of a new process above what it had, as a multiple of the matrix (on Linux).
"""
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROWS, COLUMNS, ENTRIES, L2, ROUNDS = 20000, 100000, 100, 1.0, 3
# the gradient of the mean cost that all go to, and how the others call what they stop at
GRADIENT = 1e-8
PEAK = '''
import re, sys
from sparse import text_like, fitted
def status(name):
    with open('/proc/self/status') as file:
        return 1024 * int(re.search(name + ':\\s*(\\d+)', file.read())[1])
# what is compiled and imported once is not counted
fitted(*text_like(2000, 1000, 20))
matrix, labels = text_like(*map(int, sys.argv[1:]))
with open('/proc/self/clear_refs', 'w') as file:
    file.write('5')
before = status('VmRSS')
model = fitted(matrix, labels)
size = sum(part.nbytes for part in (matrix.data, matrix.indices, matrix.indptr))
# with the user's own
print(1 + (status('VmHWM') - before) / size)
'''


def text_like(rows=ROWS, columns=COLUMNS, entries=ENTRIES):
    """Return a CSR matrix and labels."""
    import numpy
    import scipy.sparse
    random = numpy.random.RandomState(0)
    frequency = 1 / numpy.arange(1, columns + 1)
    frequency = random.permutation(frequency / frequency.sum())
    words = random.choice(columns, size=(rows, 2 * entries), p=frequency)
    counts = scipy.sparse.csr_matrix((numpy.ones(words.size), words.ravel(), numpy.arange(0, words.size + 1, 2 * entries)),
                                     shape=(rows, columns))
    counts.sum_duplicates()
    documents = numpy.bincount(counts.indices, minlength=columns)
    counts.data *= (numpy.log((1 + rows) / (1 + documents)) + 1)[counts.indices]
    lengths = numpy.sqrt(numpy.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    counts.data /= numpy.repeat(lengths, numpy.diff(counts.indptr))
    weights = random.normal(size=columns) * 10 * (random.random_sample(columns) < 0.05)
    labels = (random.random_sample(rows) < 1 / (1 + numpy.exp(-(counts @ weights)))).astype(float)
    return counts, labels


def fitted(matrix, labels, l2=L2):
    """Return our estimate."""
    from sage_logreg import maximum_likelihood
    return maximum_likelihood((matrix, labels), l2=l2, progress=False)


def contenders(matrix, labels):
    """Return the jobs by name; each returns the bias and the other weights."""
    from sklearn.linear_model import LogisticRegression

    def ours():
        weights = fitted(matrix, labels)._weights
        return weights[0], weights[1:]

    def theirs(solver, **options):
        def job():
            model = LogisticRegression(C=1 / L2, solver=solver, max_iter=options.pop('max_iter', 1000), **options)
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')
                model.fit(matrix, labels)
            return model.intercept_[0], model.coef_[0]
        return job

    return {'sage_logreg': ours,
            # its tolerance is that of the summed cost's gradient, relative to the first; its bias is penalised
            'liblinear, its own tolerance': theirs('liblinear'),
            'liblinear, 1e-8': theirs('liblinear', tol=1e-8, intercept_scaling=100),
            'lbfgs, its own tolerance': theirs('lbfgs'),
            'lbfgs, 1e-8': theirs('lbfgs', tol=GRADIENT),
            'newton-cg, its own tolerance': theirs('newton-cg'),
            'newton-cg, 1e-8': theirs('newton-cg', tol=GRADIENT),
            'sag, its own tolerance': theirs('sag'),
            'saga, its own tolerance': theirs('saga')}


def largest_gradient(matrix, labels, bias, weights):
    """Return the largest entry of the gradient of the mean cost."""
    import numpy
    from scipy.special import expit
    residual = (expit(bias + matrix @ weights) - labels) / len(labels)
    return max(abs(residual.sum()), abs(matrix.T @ residual + L2 / len(labels) * numpy.asarray(weights)).max())


def timed(jobs):
    """Return the least seconds of each job and its result, every job once a round, after one that is not counted."""
    seconds, results = {name: [] for name in jobs}, {}
    for number in range(ROUNDS + 1):
        for name, job in jobs.items():
            begun = time.perf_counter()
            results[name] = job()
            if number:
                seconds[name].append(time.perf_counter() - begun)
    return {name: min(values) for name, values in seconds.items()}, results


def peak_memory(*shape):
    """Return the peak memory of the estimate with the matrix itself, as a multiple of the matrix."""
    path = os.pathsep.join([str(FOLDER), str(FOLDER.parent), os.environ.get('PYTHONPATH', '')])
    result = subprocess.run([sys.executable, '-c', PEAK, *map(str, shape)], capture_output=True, text=True,
                            env={**os.environ, 'PYTHONPATH': path})
    return f'{float(result.stdout):.2f}' if result.returncode == 0 else f'missing: {result.stderr.strip().splitlines()[-1]}'


def lines(rows=ROWS, columns=COLUMNS, entries=ENTRIES):
    """Return the table as lines of Markdown."""
    matrix, labels = text_like(rows, columns, entries)
    seconds, results = timed(contenders(matrix, labels))
    table = [f'| {rows:,} x {columns:,}, {matrix.nnz:,} entries, l2 = {L2:g} | seconds | times sage_logreg | largest gradient entry |',
             '|---|---|---|---|']
    for name, value in seconds.items():
        gradient = largest_gradient(matrix, labels, *results[name])
        table.append(f'| {name} | {value:.3f} | {value / seconds["sage_logreg"]:.2f} | {gradient:.1e} |')
    return [*table, '', f'Peak memory / matrix: {peak_memory(rows, columns, entries)}']


if __name__ == '__main__':
    print('\n'.join(lines(*map(int, sys.argv[1:]))))
