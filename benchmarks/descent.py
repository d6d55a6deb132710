"""Time the worksheet's two jobs beside C, a user's own cost beside calls of Theano, and full-batch steps beside NumPy's products.

    python benchmarks/descent.py
"""
import ctypes
import subprocess
import tempfile
from pathlib import Path

import contest
from contest import OURS, Contest

STEPS, EPOCHS, RATES = 300000, 10000, {'gradient_descent': 0.001, 'stochastic_gradient_descent': 0.0005}
# one Theano call an update is so slow that a part is timed and multiplied
PART = 20
PER_CALL = f'one Theano call an update (1/{PART} timed, times {PART})'
LARGE, LARGE_STEPS = [(1000000, 20, 'float64'), (100000, 200, 'float64'), (1000000, 20, 'float32')], 30

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
void stochastic_gradient_descent(const double *X, const double *y, double *w, long m, long n, long epochs, double rate) {
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


# Contenders: each function prepares itself and returns a job, which returns its weights.

def strict_c(name, data):
    import numpy
    folder = tempfile.mkdtemp()
    source, library = Path(folder, 'loops.c'), Path(folder, 'loops.so')
    source.write_text(C_SOURCE)
    subprocess.run(['gcc', '-O3', '-march=native', '-shared', '-fPIC', '-o', library, source, '-lm'], check=True)
    function = getattr(ctypes.CDLL(str(library)), name)
    points, labels = data.points.copy(), data.labels.copy()
    count = STEPS if name == 'gradient_descent' else EPOCHS

    def job():
        w = numpy.zeros(3)
        function(*(ctypes.c_void_p(array.ctypes.data) for array in (points, labels, w)),
                 ctypes.c_long(100), ctypes.c_long(2), ctypes.c_long(count), ctypes.c_double(RATES[name]))
        return w
    return job


def package(name, data, part=1, **options):
    import sage_logreg
    many = {'iterations': STEPS // part} if name == 'gradient_descent' else {'epochs': EPOCHS // part, 'shuffle': None}
    return lambda: getattr(sage_logreg, name)(data, learning_rate=RATES[name], **many, **options)._weights


def own_cost(name, data):
    """The logistic cost as if it were a user's own."""
    from sage_logreg.cost.graphs import negative_log_likelihood
    return package(name, data, cost=lambda X, y, w: negative_log_likelihood(X, y, w))


def call_an_update(name, data):
    """The original worksheet's loop: one call of a Theano function an update."""
    import numpy
    from sage_logreg.cost.graphs import negative_log_likelihood
    from sage_logreg.engine import T, theano
    stochastic = name != 'gradient_descent'
    X, y = theano.shared(data.points), theano.shared(data.labels)
    w, i = theano.shared(numpy.zeros(3)), T.lscalar()
    cost = negative_log_likelihood(X[i:i + 1], y[i:i + 1], w) if stochastic else negative_log_likelihood(X, y, w)
    train = theano.function([i] if stochastic else [], cost, updates=[(w, w - RATES[name] * T.grad(cost, w))])

    def job():
        w.set_value(numpy.zeros(3))
        for step in range((EPOCHS if stochastic else STEPS) // PART):
            for arguments in ((sample,) for sample in range(100)) if stochastic else [()]:
                train(*arguments)
        return w.get_value()
    return job


def scikit_learn(name, data):
    from sklearn.linear_model import SGDClassifier

    def job():
        model = SGDClassifier(loss='log_loss', penalty=None, learning_rate='constant', eta0=RATES[name], shuffle=False,
                              max_iter=EPOCHS, tol=None)
        model.fit(data.points, data.labels)
        return [model.intercept_[0], *model.coef_[0]]
    return job


def worksheet(job, name, contenders):
    """Return the contest of one of the worksheet's jobs; the same weights, or the times say nothing."""
    import numpy
    from sage_logreg import ex2data1
    data = ex2data1()
    jobs, missing = contest.prepared(contenders, name, data)
    seconds, weights, failed = contest.race(jobs)
    # where ours failed, there is nothing to compare with
    ends = dict.fromkeys(seconds, weights[OURS]) if OURS in weights else {}
    if PER_CALL in seconds:
        seconds[PER_CALL] *= PART
        ends[PER_CALL] = package(name, data, PART)()
    apart = {contender: f'{abs(numpy.array(weights[contender]) / end - 1).max():.1e}' for contender, end in ends.items()}
    return Contest(job, seconds, f'weights apart from {OURS}', apart, [BUILT_IN], {**missing, **failed})


def full_batch(m, n, dtype):
    """Return the contest of full-batch steps beside the two products that each of them needs."""
    import numpy
    from sage_logreg import gradient_descent, load_data
    random = numpy.random.RandomState(0)
    X = random.normal(size=(m, n)).astype(dtype)
    y = (random.uniform(size=m) < 0.5).astype(float)
    data, v, r = load_data((X, y), dtype=dtype), numpy.ones(n, dtype), y.astype(dtype)

    def products():
        for _ in range(LARGE_STEPS):
            X @ v, X.T @ r

    seconds, _, failed = contest.race({OURS: lambda: gradient_descent(data, learning_rate=0.1, iterations=LARGE_STEPS),
                                       'NumPy, X @ w and X.T @ r': products})
    return Contest(f'{LARGE_STEPS} full-batch steps, {m:,} x {n}, {dtype}', seconds, left_out=failed)


BUILT_IN = 'the same with the built-in cost'
C = 'C, gcc -O3 -march=native'


def results():
    descent, stochastic = RATES
    steps, updates = f'{STEPS:,} steps, 100 x 3', f'{EPOCHS * 100:,} updates, 100 x 3'
    yield worksheet(f'Gradient descent, {steps}', descent, {OURS: package, C: strict_c})
    yield worksheet(f'Stochastic gradient descent, {updates}', stochastic,
                    {OURS: package, C: strict_c, 'scikit-learn SGDClassifier': scikit_learn})
    for kind, name, many in [('Gradient', descent, steps), ('Stochastic gradient', stochastic, updates)]:
        yield worksheet(f"{kind} descent of a user's own cost, {many}", name,
                        {OURS: own_cost, BUILT_IN: package, PER_CALL: call_an_update})
    for m, n, dtype in LARGE:
        yield full_batch(m, n, dtype)


if __name__ == '__main__':
    contest.main(results)
