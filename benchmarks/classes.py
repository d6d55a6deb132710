"""Time more than two classes beside NumPy's and Theano's loops, scikit-learn, statsmodels and R's nnet.

    python benchmarks/classes.py

An epoch is that of the tutorial: 50,000 images of MNIST, batches of 600, float64 weights. A pass over the pixels is the sum of
the bytes by NumPy. The estimates go to a gradient of the mean cost of at most ``GRADIENT``, or as near as a peer comes.
"""
import subprocess
import tempfile
import warnings
from pathlib import Path

import contest
from contest import OURS, Contest

GRADIENT, RATE, BATCH, LIMIT = 1e-7, 0.13, 600, 6
# rows, columns, classes, penalty
SHAPES = [(150, 3, 3, 0), (10000, 10, 5, 1), (100000, 50, 10, 1), (1000000, 20, 3, 0)]


# An epoch

def images():
    from sage_logreg import mnist
    return mnist(contest.FOLDER.parent / 'data' / 'mnist')[0].take(slice(50000))


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
    data = images()
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


def in_r(X, y, classes):
    with tempfile.TemporaryDirectory() as folder:
        X.T.tofile(Path(folder, 'points')), y.astype(float).tofile(Path(folder, 'labels'))
        command = ['Rscript', contest.FOLDER / 'classes.R', folder, *map(str, X.shape), str(classes)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        if run.returncode:
            raise ImportError(' '.join(run.stderr.split())[-100:])
        return map(float, run.stdout.split()[-2:])


def estimates(title, data, X, y, l2):
    peers = {OURS: package, 'scikit-learn lbfgs': scikit('lbfgs'), 'scikit-learn newton-cg': scikit('newton-cg')}
    if not l2:
        peers['statsmodels MNLogit'] = statsmodels
    jobs, left_out = contest.prepared(peers, data, X, y, l2)
    results, racing = {}, {}
    for name, job in jobs.items():
        try:
            with warnings.catch_warnings(), contest.limited(LIMIT):
                warnings.simplefilter('ignore')
                results[name] = job()
            racing[name] = job
        except Exception as error:
            left_out[name] = str(error) if isinstance(error, TimeoutError) else contest.in_short(error)
    seconds = contest.take_turns(racing)
    reached = {name: gradient_of(X, y, l2, rows) for name, rows in results.items()}
    if not l2:
        try:
            seconds['R nnet::multinom'], reached['R nnet::multinom'] = in_r(X, y, data.classes)
        except subprocess.TimeoutExpired:
            left_out['R nnet::multinom'] = f'more than {LIMIT} s'
        except (OSError, ImportError, ValueError) as error:
            left_out['R nnet::multinom'] = contest.in_short(error)
    far = [name for name, at in reached.items() if at > 10 * GRADIENT]
    return Contest(title, seconds, 'largest gradient entry', {name: f'{at:.1e}' for name, at in reached.items()}, far, left_out)


def results():
    from sage_logreg import load_data
    try:
        yield epochs()
        few = images().take(slice(5000))
        yield estimates('Estimate of 10 classes, 5,000 x 784 digits, l2 = 1', few, few.design.pixels / 256, few.labels.astype(int), 1)
    except (OSError, ValueError) as error:
        yield f'The digits: {error}'
    for m, n, classes, l2 in SHAPES:
        X, y = problem(m, n, classes)
        title = f'Estimate of {classes} classes, {m:,} x {n}, {f"l2 = {l2}" if l2 else "no penalty"}'
        yield estimates(title, load_data((X, y)), X, y, l2)


if __name__ == '__main__':
    contest.main(results)
