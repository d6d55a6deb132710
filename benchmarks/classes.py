"""Time more than two classes beside NumPy's and Theano's loops, scikit-learn, statsmodels and R's nnet.

    python benchmarks/classes.py

An epoch is that of the tutorial: 50,000 images of MNIST, batches of 600, float64 weights. A pass over the pixels is the sum of
the bytes by NumPy. The estimates go to a gradient of the mean cost of at most ``GRADIENT``, or as near as a peer comes; ``TIMES``
times our seconds, and at least ``LEAST``, are a peer's limit.
"""
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import contest
from contest import OURS, Contest

GRADIENT, RATE, BATCH = 1e-7, 0.13, 600
# Seconds, and times ours, that a peer has for an estimate; ours; above which only ours and the fastest peer are timed again
LEAST, TIMES, OUR_LIMIT, QUICK = 4, 2, 120, 1
# rows, columns, classes, penalty
SHAPES = [(150, 3, 3, 0), (10000, 10, 5, 1), (100000, 50, 10, 1), (1000000, 20, 3, 0)]


# An epoch

def images():
    from sage_logreg import mnist
    return mnist(contest.FOLDER.parent / 'data' / 'mnist')[0]


def package_epoch(data):
    import numpy
    from sage_logreg.solvers.descent import StochasticGradientDescent
    from sage_logreg.solvers.records import State
    from sage_logreg.solvers.softmax_problem import SoftmaxProblem
    steps = StochasticGradientDescent(RATE, 1, batch_size=BATCH, shuffle=None, drop_last=True).steps(SoftmaxProblem(data))
    zeros = numpy.zeros(data.classes * data.design.count)
    return lambda: steps.run(State(0, zeros, zeros, False), len(data) // BATCH).weights.reshape(data.classes, -1)


def numpy_epoch(data):
    import numpy
    points, labels, rows = data.design.pixels / 256, data.labels.astype(int), numpy.arange(BATCH)

    def epoch():
        w, bias = numpy.zeros((784, 10)), numpy.zeros(10)
        for start in range(0, len(points) - BATCH + 1, BATCH):
            batch = points[start:start + BATCH]
            z = batch @ w + bias
            p = numpy.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            p[rows, labels[start:start + BATCH]] -= 1
            w -= RATE / BATCH * (batch.T @ p)
            bias -= RATE / BATCH * p.sum(axis=0)
        return numpy.column_stack([bias, w.T])
    return epoch


def theano_epoch(data):
    import numpy
    from sage_logreg.engine import T, theano
    X, y = theano.shared(data.design.pixels / 256), theano.shared(data.labels.astype('int64'))
    w, bias, index = theano.shared(numpy.zeros((784, 10))), theano.shared(numpy.zeros(10)), T.lscalar()
    batch, labels = X[index * BATCH:(index + 1) * BATCH], y[index * BATCH:(index + 1) * BATCH]
    z = T.dot(batch, w) + bias
    z = z - T.max(z, axis=1, keepdims=True)
    cost = T.mean(T.log(T.sum(T.exp(z), axis=1)) - z[T.arange(BATCH), labels])
    gradients = T.grad(cost, [w, bias])
    step = theano.function([index], [], updates=[(of, of - RATE * gradient) for of, gradient in zip((w, bias), gradients)])

    def epoch():
        w.set_value(numpy.zeros((784, 10))), bias.set_value(numpy.zeros(10))
        for number in range(len(data) // BATCH):
            step(number)
        return numpy.column_stack([bias.get_value(), w.get_value().T])
    return epoch


def epochs():
    data = images().take(slice(50000))
    jobs, left_out = contest.prepared({OURS: package_epoch, 'NumPy': numpy_epoch, 'one Theano call a batch': theano_epoch}, data)
    jobs['one pass over the pixels'] = data.design.pixels.sum
    seconds, results, failed = contest.race(jobs)
    same = {name: f'{abs(weights - results[OURS]).max():.0e}' for name, weights in results.items() if hasattr(weights, 'shape') and weights.ndim}
    return Contest('An epoch of the digits, 50,000 x 784', seconds, 'difference', same, ['one pass over the pixels'], {**left_out, **failed})


# Estimates

def problem(m, n, classes):
    import numpy
    random = numpy.random.RandomState(m + n)
    X = random.normal(size=(m, n)) * random.uniform(0.2, 2, n)
    return X, (X @ random.normal(size=(n, classes)) / n**0.5 + random.gumbel(size=(m, classes))).argmax(axis=1)


def gradient_of(X, y, l2, rows):
    import numpy
    z = X @ rows[:, 1:].T + rows[:, 0]
    p = numpy.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[numpy.arange(len(y)), y] -= 1
    return max(abs(p.sum(axis=0)).max(), abs(p.T @ X + l2 * rows[:, 1:]).max()) / len(y)


def package(data, X, y, l2):
    from sage_logreg import maximum_likelihood
    return lambda: maximum_likelihood(data, l2=l2, check=False)._weights.reshape(data.classes, -1)


def scikit(solver):
    def prepare(data, X, y, l2):
        import numpy
        from sklearn.linear_model import LogisticRegression

        def fit():
            model = LogisticRegression(C=1 / l2 if l2 else numpy.inf, solver=solver, tol=GRADIENT, max_iter=10000).fit(X, y)
            return numpy.column_stack([model.intercept_, model.coef_])
        return fit
    return prepare


def statsmodels(data, X, y, l2):
    import numpy
    from statsmodels.discrete.discrete_model import MNLogit
    model = MNLogit(y, numpy.column_stack([numpy.ones(len(y)), X]))
    zeros = numpy.zeros((1, X.shape[1] + 1))
    return lambda: numpy.concatenate([zeros, model.fit(method='newton', tol=GRADIENT, disp=0).params.T])


def in_r(X, y, classes, limit):
    with tempfile.TemporaryDirectory() as folder:
        X.T.tofile(Path(folder, 'points')), y.astype(float).tofile(Path(folder, 'labels'))
        command = ['Rscript', contest.FOLDER / 'classes.R', folder, *map(str, X.shape), str(classes)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=limit)
        if run.returncode:
            raise ImportError(' '.join(run.stderr.split())[-100:])
        return map(float, run.stdout.split()[-2:])


def first_runs(jobs):
    """Return what each job returned, in how many seconds, and who did not end in time."""
    found, seconds, late = {}, {}, {}
    # what is compiled at this shape is not timed
    jobs[OURS]()
    for name, job in jobs.items():
        begun = time.perf_counter()
        try:
            with warnings.catch_warnings(), contest.limited(OUR_LIMIT if name == OURS else limit_after(seconds)):
                warnings.simplefilter('ignore')
                found[name] = job()
            seconds[name] = time.perf_counter() - begun
        except Exception as error:
            late[name] = str(error) if isinstance(error, TimeoutError) else contest.in_short(error)
    return found, seconds, late


def limit_after(seconds):
    return max(LEAST, TIMES * seconds.get(OURS, 0))


def estimates(title, data, X, y, l2, solvers=('lbfgs', 'newton-cg')):
    peers = {OURS: package, **{f'scikit-learn {solver}': scikit(solver) for solver in solvers}}
    if not l2:
        peers['statsmodels MNLogit'] = statsmodels
    jobs, left_out = contest.prepared(peers, data, X, y, l2)
    found, seconds, late = first_runs(jobs)
    fastest = min((name for name in seconds if name != OURS), key=seconds.get, default=None)
    again = [name for name in seconds if seconds[name] <= QUICK or name in (OURS, fastest) and seconds[name] <= contest.SLOW]
    seconds |= contest.take_turns({name: jobs[name] for name in again})
    left_out |= late
    reached = {name: gradient_of(X, y, l2, rows) for name, rows in found.items()}
    if not l2:
        limit = limit_after(seconds)
        try:
            seconds['R nnet::multinom'], reached['R nnet::multinom'] = in_r(X, y, data.classes, limit)
        except subprocess.TimeoutExpired:
            left_out['R nnet::multinom'] = f'more than {limit:.3g} s'
        except (OSError, ImportError, ValueError) as error:
            left_out['R nnet::multinom'] = contest.in_short(error)
    far = [name for name, at in reached.items() if at > 10 * GRADIENT]
    return Contest(title, seconds, 'largest gradient entry', {name: f'{at:.1e}' for name, at in reached.items()}, far, left_out)


def results():
    from sage_logreg import load_data
    yield (f'A peer has {TIMES} times our seconds for an estimate, at least {LEAST}. What takes over {QUICK} s, other than ours and the '
           f'fastest peer, or over {contest.SLOW} s, is timed once.')
    try:
        yield epochs()
        data = images()
        # newton-cg takes as long again
        yield estimates('Estimate of 10 classes, 60,000 x 784 digits, l2 = 1', data, data.design.pixels / 256, data.labels.astype(int), 1,
                        ['lbfgs'])
    except (OSError, ValueError) as error:
        yield f'The digits: {error}'
    for m, n, classes, l2 in SHAPES:
        X, y = problem(m, n, classes)
        title = f'Estimate of {classes} classes, {m:,} x {n}, {f"l2 = {l2}" if l2 else "no penalty"}'
        yield estimates(title, load_data((X, y)), X, y, l2)


if __name__ == '__main__':
    contest.main(results)
