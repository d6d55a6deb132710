"""Time the estimate on sparse data beside scikit-learn's solvers, and measure how much memory it takes.

    python benchmarks/sparse.py [rows columns entries]

The table is like text: columns as frequent as words are (Zipf), values as tf-idf gives them, rows of length 1, labels of a
sparse true model. Every contender fits it in turn, in one process, and the last column says how far it came. Peers are
those that are asked for a gradient as small as ours; their own tolerances are shown beside. Memory is the peak of a new
process above what it had, as a multiple of the matrix (on Linux).
"""
import sys
import warnings

import contest
from contest import OURS, Contest

ROWS, COLUMNS, ENTRIES, L2 = 20000, 100000, 100, 1.0
OWN = 'its own tolerance'
# the gradient of the mean cost that all go to, and how the others call what they stop at
GRADIENT = 1e-8
PEAK = '''
import re, sys
sys.path.insert(0, FOLDER)
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

    return {OURS: ours,
            # its tolerance is that of the summed cost's gradient, relative to the first; its bias is penalised
            f'scikit-learn liblinear, {OWN}': theirs('liblinear'),
            'scikit-learn liblinear': theirs('liblinear', tol=GRADIENT, intercept_scaling=100),
            f'scikit-learn lbfgs, {OWN}': theirs('lbfgs'),
            'scikit-learn lbfgs': theirs('lbfgs', tol=GRADIENT),
            f'scikit-learn newton-cg, {OWN}': theirs('newton-cg'),
            'scikit-learn newton-cg': theirs('newton-cg', tol=GRADIENT),
            f'scikit-learn sag, {OWN}': theirs('sag'),
            f'scikit-learn saga, {OWN}': theirs('saga')}


def largest_gradient(matrix, labels, bias, weights):
    """Return the largest entry of the gradient of the mean cost."""
    import numpy
    from scipy.special import expit
    residual = (expit(bias + matrix @ weights) - labels) / len(labels)
    return max(abs(residual.sum()), abs(matrix.T @ residual + L2 / len(labels) * numpy.asarray(weights)).max())


def peak_memory(*shape):
    """Return in words the peak memory of the estimate with the matrix itself, as a multiple of the matrix."""
    _, printed = contest.run_python(f'FOLDER = {str(contest.FOLDER)!r}' + PEAK, *map(str, shape))
    return f'{float(printed):.2f} times the matrix'


def estimate(rows, columns, entries):
    """Return the contest of the estimate."""
    matrix, labels = text_like(rows, columns, entries)
    seconds, weights, failed = contest.race(contenders(matrix, labels))
    return Contest(f'Estimate, sparse {rows:,} x {columns:,} as from texts, l2 = {L2:g}', seconds, 'largest gradient entry',
                   {name: f'{largest_gradient(matrix, labels, *weights[name]):.1e}' for name in seconds},
                   [name for name in seconds if name.endswith(OWN)], failed)


def results():
    shape = tuple(map(int, sys.argv[1:])) or (ROWS, COLUMNS, ENTRIES)
    yield estimate(*shape)
    yield contest.figures([('estimate, peak memory with the matrix', '2.5', lambda: peak_memory(*shape))])


if __name__ == '__main__':
    contest.main(results)
