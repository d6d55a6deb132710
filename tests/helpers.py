r"""
What several tests share: random data, oracles, comparisons, new processes, and what a picture holds.

The oracles are written anew and share no line with the package.
"""
import contextlib
import functools
import itertools
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import mpmath
import numpy
import pytest
from hypothesis import strategies as st
from scipy import optimize, special

from sage_logreg import LogisticModel, ex2data1, ex2data2, load_data, load_model, maximum_likelihood
from sage_logreg import polynomial_features

ROOT = Path(__file__).resolve().parent.parent
QUANTILE_95 = 1.959963984540054
# the distance from 1 to the next float
EPSILON = 2.0**-52


# Numbers and comparisons

def list_of(values):
    # mpmath's and Sage's numbers, pairs of them, or one
    return [list_of(value) for value in values] if hasattr(values, '__len__') else float(values)


def array(values):
    # a Sage vector or matrix, an array, or lists
    values = values.rows() if hasattr(values, 'nrows') else values
    return numpy.array(values if isinstance(values, numpy.ndarray) else list_of(values), dtype=numpy.float64)


def weights_of(model):
    return array(model.weights())


def close(values, expected, rtol, atol=0.0):
    r"""
    Every value is within ``rtol`` times what is expected, plus ``atol``; both may be lists.
    """
    values, expected = array(values), array(expected)
    assert values.shape == expected.shape
    wrong = ~((abs(values - expected) <= array(rtol) * abs(expected) + array(atol)) | (values == expected))
    assert not wrong.any(), f'{values[wrong]} are not {expected[wrong]}'


def same_way(weights, expected):
    r"""
    Two descents of some hundred steps ended in the same place, each step rounded in its own way.
    """
    close(weights, expected, 1e-9, 1e-11)


def same_bits(one, two):
    return weights_of(one).tobytes() == weights_of(two).tobytes()


def bits(model):
    r"""
    Return all numbers of a model, to the last bit.
    """
    return (model._weights.tobytes(), model._iterations, model._converged,
            [(record.iteration, float(record.cost).hex(), record.weights.tobytes()) for record in model._history])


def weights_bits(model):
    return model._weights.tobytes()


def everything(model):
    r"""
    Return all numbers of a model that do not depend on how often a point is written down.
    """
    penalised = bool(model.options().get('l2'))

    def unpenalised(*asked):
        # what a model with a penalty does not have
        return [] if penalised else numpy.concatenate([numpy.ravel(array(method())) for method in asked])

    return numpy.concatenate([
        array(model.weights()), array(model.standard_errors()), array(model.covariance()).ravel(),
        unpenalised(model.z_values, model.p_values), array(model.odds_ratios()),
        unpenalised(lambda: model.confidence_intervals(0.9), lambda: list(model.likelihood_ratio_test())),
        array([model.log_likelihood('trials'), model.deviance('trials')]),
        unpenalised(lambda: model.aic('trials'), lambda: model.bic('trials')),
        array([model.cost(), model.area_under_curve(), model.accuracy()]),
        array(model.confusion_matrix()).ravel()])


def summary_rows(model, **options):
    # the weights, the header first
    return model.summary(**options)._rows()


def summary_facts(model, **options):
    # what is below, as texts by name
    return {name: text for name, text, _ in model.summary(**options)._below()}


def summary_notes(model, **options):
    # the lines above the table
    return model.summary(**options).note.split('\n')


def sigmoid(z):
    with numpy.errstate(over='ignore'):
        return 1 / (1 + numpy.exp(-z))


def step(x):
    return (x >= 0).astype(float)


# Data

def random_data(seed, count, width, related=True):
    r"""
    Return points and labels; the labels follow the first column, or nothing.
    """
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, width)) * random.uniform(0.3, 3, width) + random.uniform(-2, 2, width)
    odds = 1 / (1 + numpy.exp(-points[:, 0])) if related else 0.5
    labels = (random.uniform(size=count) < odds).astype(float)
    labels[:2] = 0, 1
    return points, labels


def unrelated(seed, count, width):
    return load_data(random_data(seed, count, width, related=False))


PROBLEMS = st.tuples(st.integers(0, 10**6), st.integers(8, 30), st.integers(1, 3))
UNRELATED = st.builds(unrelated, st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 3))
OVERLAPPING = random_data(20, 60, 2)

# Spector and Mazzeo, Probit analysis and economic education, Journal of Economic Education 11 (1980), 37-44; in Greene,
# Econometric Analysis, and in statsmodels.datasets.spector: GPA, TUCE, PSI, and whether the grade got better
SPECTOR = '''
2.66 20 0 0  2.89 22 0 0  3.28 24 0 0  2.92 12 0 0  4.00 21 0 1  2.86 17 0 0  2.76 17 0 0  2.87 21 0 0
3.03 25 0 0  3.92 29 0 1  2.63 20 0 0  3.32 23 0 0  3.57 23 0 0  3.26 25 0 1  3.53 26 0 0  2.74 19 0 0
2.75 25 0 0  2.83 19 0 0  3.12 23 1 0  3.16 25 1 1  2.06 22 1 0  3.62 28 1 1  2.89 14 1 0  3.51 26 1 0
3.54 24 1 1  2.83 27 1 1  3.39 17 1 1  2.67 24 1 0  3.65 21 1 1  4.00 23 1 1  3.10 21 1 0  2.39 19 1 1
'''


def table(text, width):
    return numpy.array(text.split(), dtype=float).reshape(-1, width)


def spector():
    rows = table(SPECTOR, 4)
    return load_data((rows[:, :3], rows[:, 3]), variables='GPA, TUCE, PSI')


def passengers(features=None, seed=5, count=200):
    r"""
    Columns of text beside columns of numbers.
    """
    random = numpy.random.RandomState(seed)
    age, sex, fare, port = (random.randint(*ends, count) for ends in ((1, 80), (0, 2), (5, 90), (0, 3)))
    z = 1 - 0.02 * age - 2 * sex + 0.02 * fare + 0.5 * (port == 1)
    return load_data({'age': age, 'sex': numpy.array(['female', 'male'])[sex], 'fare': fare,
                      'port of embarkation': numpy.array(['Cherbourg', 'Queenstown', 'Southampton (UK)'])[port],
                      'survived': numpy.where(random.uniform(size=count) < 1 / (1 + numpy.exp(-z)), 'yes', 'no')},
                     features=features)


def nearly_separated(gap):
    random = numpy.random.RandomState(4)
    points = random.normal(size=(30, 2))
    labels = (points[:, 0] > 0).astype(float)
    return numpy.concatenate([points, [[0.0, 0], [gap, 0]]]), numpy.concatenate([labels, [1.0, 0.0]])


def design(points):
    return numpy.column_stack([numpy.ones(len(points)), points]).astype(numpy.float64)


def fitted(*arguments, **options):
    model = maximum_likelihood(*arguments, **options)
    assert model.converged() and model.method == 'maximum_likelihood'
    return model


# The likelihood in many digits, rows in plain loops

class Exact:

    def __init__(self, points, labels, l2=0, weights=None, offset=None):
        self.count = len(labels)
        self.rows = [[mpmath.mpf(1), *map(mpmath.mpf, map(float, row))] for row in points]
        self.labels = [int(label) for label in labels]
        self.l2 = mpmath.mpf(l2)
        self.weights = [mpmath.mpf(float(x)) for x in (numpy.ones(self.count) if weights is None else weights)]
        self.offset = [mpmath.mpf(float(x)) for x in (numpy.zeros(self.count) if offset is None else offset)]

    def log_likelihood(self, w):
        w = list(map(mpmath.mpf, w))
        return -mpmath.fsum(f * mpmath.log1p(mpmath.exp(-z if y else z)) for f, y, z
                            in zip(self.weights, self.labels, self.log_odds(w)))

    def log_odds(self, w):
        return [o + mpmath.fdot(row, w) for o, row in zip(self.offset, self.rows)]

    def gradient(self, w):
        w = list(map(mpmath.mpf, w))
        total = [self.l2 * value if j else mpmath.mpf(0) for j, value in enumerate(w)]
        for row, y, f, z in zip(self.rows, self.labels, self.weights, self.log_odds(w)):
            residual = f * (1 / (1 + mpmath.exp(-z)) - y)
            total = [value + residual * x for value, x in zip(total, row)]
        return total

    def information(self, w, l2=None):
        w = list(map(mpmath.mpf, w))
        total = mpmath.diag([(self.l2 if l2 is None else l2) if j else 0 for j in range(len(w))])
        for row, f, z in zip(self.rows, self.weights, self.log_odds(w)):
            curvature = f / (2 + mpmath.exp(z) + mpmath.exp(-z))
            for j, k in itertools.product(range(len(w)), repeat=2):
                total[j, k] += curvature * row[j] * row[k]
        return total

    def penalised(self, w):
        return self.log_likelihood(w) + mpmath.log(mpmath.det(self.information(w, 0))) / 2

    def penalised_gradient(self, w):
        # central differences: half of the 60 digits are lost, and no formula is needed
        w, h = list(map(mpmath.mpf, w)), mpmath.mpf(10)**-20
        moved = [[[x + sign * h * (i == j) for i, x in enumerate(w)] for sign in (1, -1)] for j in range(len(w))]
        return [(self.penalised(up) - self.penalised(down)) / (2 * h) for up, down in moved]

    def estimate(self, start):
        # from a start that the package gave: Newton's method squares its error, or does not arrive
        w = mpmath.matrix([mpmath.mpf(float(x)) for x in start])
        for _ in range(12):
            step = mpmath.lu_solve(self.information(w), mpmath.matrix(self.gradient(w)))
            w -= step
            if mpmath.norm(step, mpmath.inf) <= mpmath.mpf(10)**-40 * mpmath.norm(w, mpmath.inf):
                return list(w)
        raise AssertionError('Newton in 60 digits does not arrive from the weights given')


def check_exactly(model, exact, rtol=1e-12, errors_rtol=1e-10):
    r"""
    The weights, standard errors and likelihood of a model are those of 60 digits.
    """
    w = exact.estimate(array(model.weights()))
    scale = max(abs(x) for x in w)
    # log-odds of nearly zero have no more digits than 1 has
    close(model.weights(), w, rtol, rtol * float(scale) * 1e-3 + 1e-15)
    covariance = mpmath.inverse(exact.information(w))
    close(model.standard_errors(), [mpmath.sqrt(covariance[j, j]) for j in range(len(w))], errors_rtol)
    close(model.log_likelihood(), exact.log_likelihood(array(model.weights())), 1e-12,
          1e-15 * exact.count)
    return w


# The likelihood in NumPy, for a minimiser that needs no derivative from the package

def negative_log_likelihood(w, X, labels, weights=1.0, offset=0.0, l2=0.0, firth=False):
    z = X @ w + offset
    value = numpy.sum(weights * numpy.logaddexp(0, numpy.where(labels == 1, -z, z))) + l2 * numpy.sum(w[1:]**2) / 2
    if firth:
        h = special.expit(z)
        value -= numpy.linalg.slogdet(X.T @ (X * (weights * h * (1 - h))[:, None]))[1] / 2
    return value


def minimised(X, labels, start=None, free=None, value=None, **options):
    r"""
    Return the minimum, and where it is, with the weights that are not free kept at ``value``.
    """
    free = numpy.ones(X.shape[1], dtype=bool) if free is None else free
    whole = numpy.zeros(X.shape[1]) if value is None else numpy.array(value, dtype=float)

    def cost(part):
        whole[free] = part
        return negative_log_likelihood(whole, X, labels, **options)

    part = numpy.zeros(free.sum()) if start is None else numpy.array(start, dtype=float)[free]
    for method, options_of_method in (('Nelder-Mead', {'xatol': 1e-7, 'fatol': 1e-13, 'maxiter': 2000}),
                                      ('BFGS', {'gtol': 1e-8, 'maxiter': 50})):
        part = optimize.minimize(cost, part, method=method, options=options_of_method).x
    value = cost(part)
    return value, whole.copy()


def separated(points, labels):
    r"""
    Whether a hyperplane separates the classes, completely or not, by linear programming (for small whole numbers).
    """
    signed = design(points) * numpy.where(labels == 1, 1, -1)[:, None]
    answer = optimize.linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=numpy.zeros(len(signed)), bounds=(-1, 1))
    return -answer.fun > 1e-7


# The descents as loops in NumPy

def cost_and_gradient(points, labels, weights, l2=0.0):
    r"""
    Return the mean cost, with its penalty, and its gradient.
    """
    X = design(points)
    z = X @ weights
    with numpy.errstate(over='ignore', invalid='ignore'):
        # -log of the probability of the label that was seen, and the penalty
        cost = numpy.logaddexp(0, numpy.where(labels == 1, -z, z)).mean()
        cost += (l2 / len(labels) * weights[1:]**2).sum() / 2
        h = 0.5 * (1 + numpy.tanh(z / 2))
        gradient = X.T @ (h - labels) / len(labels)
        gradient[1:] += l2 * weights[1:] / len(labels)
    return cost, gradient


def standardised(points):
    deviation = points.std(axis=0)
    return points.mean(axis=0), numpy.where(deviation > 0, deviation, 1)


def gradient_loop(data, rate, iterations, l2=0.0, scale=False, weights=None, tol=0.0):
    r"""
    Return the weights and the number of steps.
    """
    points, mean, deviation = data.points, numpy.zeros(data.points.shape[1]), numpy.ones(data.points.shape[1])
    if scale:
        mean, deviation = standardised(points)
    weights = numpy.zeros(points.shape[1] + 1) if weights is None else numpy.array(weights, dtype=float)
    # what is descended on are weights of (x - mean)/deviation; the penalty is on those of x
    v = numpy.append(weights[0] + weights[1:] @ mean, weights[1:] * deviation)
    steps = 0
    for steps in range(iterations + 1):
        gradient = cost_and_gradient((points - mean) / deviation, data.labels, v)[1]
        gradient[1:] += l2 * v[1:] / deviation**2 / len(data)
        if steps == iterations or abs(gradient).max() <= tol:
            break
        v = v - rate * gradient
    return numpy.append(v[0] - v[1:] @ (mean / deviation), v[1:] / deviation), steps


def stochastic_loop(data, rate, epochs, batch_size=1, orders=None, momentum=0.0, l2=0.0, scale=False):
    points, m = data.points, len(data)
    mean, deviation = standardised(points) if scale else (numpy.zeros(points.shape[1]), numpy.ones(points.shape[1]))
    z = (points - mean) / deviation
    v, velocity = numpy.zeros(points.shape[1] + 1), numpy.zeros(points.shape[1] + 1)
    for epoch in range(epochs):
        order = numpy.arange(m) if orders is None else orders[epoch]
        for start in range(0, m, batch_size):
            batch = order[start:start + batch_size]
            gradient = cost_and_gradient(z[batch], data.labels[batch], v)[1]
            gradient[1:] += l2 * v[1:] / deviation**2 / m
            velocity = momentum * velocity - rate * gradient
            v = v + velocity
    return numpy.append(v[0] - v[1:] @ (mean / deviation), v[1:] / deviation)


# Interrupted trainings

@contextlib.contextmanager
def interrupted_at(*positions):
    r"""
    Raise KeyboardInterrupt as soon as a descent stands at each of these positions.
    """
    from sage_logreg.solvers import steps as descent
    from sage_logreg.solvers.softmax_steps import SoftmaxGradientSteps
    left = sorted(positions)

    def stopping(run):
        def stopped(steps, state, count):
            while left and left[0] < state.position:
                del left[0]
            if left and left[0] == state.position:
                del left[0]
                raise KeyboardInterrupt
            return run(steps, state, min(count, left[0] - state.position) if left else count)
        return stopped

    with pytest.MonkeyPatch.context() as patch:
        for steps in (descent.GradientSteps, descent.StochasticSteps, SoftmaxGradientSteps):
            patch.setattr(steps, 'run', stopping(steps.run))
        yield


def squares(X, y, w):
    r"""
    A cost of one's own, which pickle finds by its name.
    """
    from sage_logreg.engine import T, sigmoid
    return T.mean((sigmoid(w[0] + T.dot(X, w[1:])) - y)**2)


def through_a_file(path):
    def passage(model):
        model.save(path)
        return load_model(path, cost=model._options['cost'])
    return passage


# New processes

# for a program that is to be interrupted as by Ctrl-C
INTERRUPT_AFTER = '''
import os, signal, threading

def interrupt_after(seconds):
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()
'''


# for a program that tries several things, each as if it were the first: what they import and compile is not here
IN_A_CHILD = '''
import os, sys, traceback

def in_a_child(function, *arguments):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        status = 1
        try:
            function(*arguments)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0, arguments
'''


def in_a_new_process(program, *options, before='', timeout=300, cwd=None, **environment):
    r"""
    Run a program in a Python of its own, which has to end well, and return what it printed.
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get('PYTHONPATH')]))
    command = [sys.executable, *options, '-c', before + textwrap.dedent(program)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=cwd,
                            env={**os.environ, 'PYTHONPATH': path, **environment})
    assert result.returncode == 0, result.stderr
    return result


# Models with given weights

# of the exam scores
ESTIMATE = numpy.array([-25.16133357, 0.20623171, 0.2014716])


def model_of(weights, rows=None):
    width = len(weights) - 1
    if rows is None:
        rows = [[*range(width), 0], [*range(1, width + 1), 1]]
    return LogisticModel(load_data(rows), numpy.array(weights, dtype=numpy.float64))


def exam_model(weights=ESTIMATE):
    return LogisticModel(ex2data1(), numpy.array(weights, dtype=numpy.float64))


def drawn_model(features, weights, points=None, **options):
    # any labels will do
    if points is None:
        points = numpy.random.RandomState(0).uniform(-2, 2, (40, 2))
    data = load_data((points, numpy.arange(len(points)) % 2), features=features, **options)
    return LogisticModel(data, numpy.array(weights, dtype=float))


def five_variables(seed=0, count=60):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, 5)) + numpy.arange(5)
    return LogisticModel(load_data((points, numpy.arange(count) % 2), variables='a, b, c, d, e'), random.normal(size=6))


@functools.lru_cache(maxsize=None)
def microchips(l2=1.0):
    return maximum_likelihood(ex2data2(features=polynomial_features('x1', 'x2', degree=6)), l2=l2)


def mapped(points, degree=6):
    # the exercise's mapFeature: x1, x2, x1^2, x1*x2, x2^2, ...
    u, v = points[:, 0], points[:, 1]
    return numpy.column_stack([u**(i - j) * v**j for i in range(1, degree + 1) for j in range(i + 1)])


def some_data(seed=0, count=60, features=None, low=0.5, dtype='float64'):
    # two classes that are not separated
    random = numpy.random.RandomState(seed)
    points = random.uniform(low, 3, (count, 2))
    labels = (points[:, 0] * points[:, 1] + random.normal(size=count) > 2).astype(float)
    return load_data((points, labels), features=features, dtype=dtype)


def symbolic_ring():
    """Sage's, or a skipped test; with all functions, as those that are loaded after the ring are never found."""
    return pytest.importorskip('sage.all').SR


def x1_and_x2():
    return symbolic_ring().var('x1, x2')


def cost_of_a_line(**options):
    a, b, x1, y = symbolic_ring().var('a, b, x1, y')
    from sage_logreg import minimize_cost
    from sage.all import abs_symbolic, cases, exp
    r = y - 1 / (1 + exp(-a - b * x1))
    cost = cases([(abs_symbolic(r) <= 0.3, r**2), (True, 0.6 * abs_symbolic(r) - 0.09)]) + b**2 / 100
    table = load_data([[1, 'no'], [2, 'yes'], [3, 'no'], [4, 'yes']])
    return minimize_cost(cost, table, [a, b], **{'learning_rate': 0.5, 'iterations': 50, **options})


# Saved models

def arrays(model):
    r"""
    Return all arrays of a model, and the numbers beside them, in a form that is equal only if all bits are.
    """
    def exactly(value):
        if isinstance(value, numpy.ndarray):
            return value.dtype.str, value.shape, value.tobytes()
        if isinstance(value, dict):
            return {name: exactly(entry) for name, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value).__name__, [exactly(entry) for entry in value]
        return ('float', float(value).hex()) if isinstance(value, float) else (type(value).__name__, repr(value))

    data = model.data
    return exactly([model._weights, model._history, model._iterations, model._converged, model.method, model._options,
                    model._descent, data.points, data.labels, data.variables, data.label_name, data.label_names,
                    data.design.points])


def stored(model, path):
    model.save(path)
    return load_model(path)


# What a test needs that is not everywhere

def needed_sage():
    return pytest.importorskip('sage.all')


def needed_pandas():
    return pytest.importorskip('pandas')


# Pictures

RED, BLUE, GREEN, ORANGE = (255, 0, 0), (0, 0, 255), (0, 128, 0), (255, 165, 0)


def axes_labels(picture):
    # as they are drawn, also where other pictures have been added
    axes = (picture + picture).matplotlib(**picture._extra_kwds).axes[0]
    texts = {text.get_text() for text in axes.texts} | {axes.get_xlabel(), axes.get_ylabel()}
    return [label for label in picture._extra_kwds['axes_labels'] if label in texts]


def kinds(picture):
    return [type(primitive).__name__ for primitive in picture]


def legend_texts(picture):
    return [text.get_text() for text in picture.matplotlib().axes[0].get_legend().get_texts()]


def drawn(line):
    return numpy.column_stack([line.xdata, line.ydata]).astype(float)


def frame(points):
    # five per cent around the points
    low, high = points.min(axis=0), points.max(axis=0)
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def space(picture):
    r"""
    Return what a picture in space hands to three.js, by its kind.
    """
    parts = {'surface': [], 'point': [], 'text': []}
    for kind, description in picture.threejs_repr(picture.default_render_params()):
        parts[kind].append(description)
    return parts


def vertices(surface):
    return numpy.array([[vertex[name] for name in 'xyz'] for vertex in surface['vertices']])


def pixels(picture, path, **options):
    image = pytest.importorskip('PIL.Image')
    picture.save(str(path), **options)
    return numpy.asarray(image.open(path).convert('RGB')).astype(int)


def count_pixels(image, color):
    # the pixels of this color, up to the smoothing of edges
    return int((abs(image - color).max(axis=2) < 30).sum())
