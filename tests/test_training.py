r"""
Training against loops written in plain NumPy, and what else a training promises.

The loops here are the definition: they share no line with the package.
"""
import gc
import itertools
import math
import re
import subprocess
import sys
import textwrap
import warnings
import weakref

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import ex2data1, gradient_descent, load_data, stochastic_gradient_descent
from sage_logreg.cost.evaluation import evaluate
from sage_logreg.support.sage_objects import is_old_sage

PRINTED = '''\
0 0.69314718056
20000 0.547295463694
40000 0.488295709188
60000 0.445118809496
80000 0.41259440171
100000 0.387389522711
120000 0.367353248365
140000 0.351070505109
160000 0.337586093857
180000 0.326237734121
200000 0.316554335209
220000 0.308192817261
240000 0.300897944917
260000 0.294476164256
280000 0.288778154733
'''


def weights_of(model):
    return numpy.array(model.weights(), dtype=numpy.float64)


def same_bits(one, two):
    return weights_of(one).tobytes() == weights_of(two).tobytes()


# The same in NumPy

def cost_and_gradient(points, labels, weights, l2=0.0):
    X = numpy.column_stack([numpy.ones(len(labels)), points])
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


def random_data(seed, count, width):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, width)) * random.uniform(0.3, 3, width) + random.uniform(-2, 2, width)
    labels = (random.uniform(size=count) < 0.5).astype(float)
    labels[:2] = 0, 1
    return load_data((points, labels))


PROBLEMS = st.builds(random_data, st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 3))
few = settings(deadline=None, max_examples=15)


def close(weights, expected):
    numpy.testing.assert_allclose(weights, expected, rtol=1e-9, atol=1e-11)


# (a) the cost and its gradient

@few
@given(data=PROBLEMS, seed=st.integers(0, 10**6), size=st.sampled_from([0.1, 1, 30]), l2=st.sampled_from([0, 0.5, 20]))
def test_cost_and_gradient(data, seed, size, l2):
    weights = size * numpy.random.RandomState(seed).normal(size=data.points.shape[1] + 1)
    penalty = numpy.full(data.points.shape[1], l2 / len(data)) if l2 else None
    cost, gradient = evaluate(data.points, data.labels, weights, penalty)
    assert type(cost) is float and gradient.dtype == numpy.float64

    # more digits than float64 has, from the definition -log P(y) = log(1 + e^-z) or log(1 + e^z)
    mpmath = pytest.importorskip('mpmath')
    with mpmath.workdps(40):
        w = [mpmath.mpf(float(x)) for x in weights]
        z = [w[0] + mpmath.fdot(w[1:], map(float, row)) for row in data.points]
        h = [1 / (1 + mpmath.exp(-value)) for value in z]
        costs = [mpmath.log1p(mpmath.exp(-value if y else value)) for value, y in zip(z, data.labels)]
        penalties = [mpmath.mpf(l2) * x**2 / (2 * len(data)) for x in w[1:]]
        exact = sum(costs) / len(data) + sum(penalties)
        residuals = [p - y for p, y in zip(h, data.labels)]
        columns = [[1] * len(data), *data.points.T.tolist()]
        slopes = [mpmath.fdot(column, residuals) / len(data) + (l2 * w[j] / len(data) if j else 0)
                  for j, column in enumerate(columns)]
        exact, slopes = float(exact), [float(slope) for slope in slopes]
    # z is a sum of n + 1 products: that much of them is lost by rounding, in whatever order they are added
    largest = 1 + (abs(weights[0]) + abs(data.points) @ abs(weights[1:])).max()
    assert cost == pytest.approx(exact, rel=1e-14, abs=1e-15 * largest)
    numpy.testing.assert_allclose(gradient, slopes, rtol=1e-12, atol=1e-14 * largest)

    expected_cost, expected_gradient = cost_and_gradient(data.points, data.labels, weights, l2)
    assert cost == pytest.approx(expected_cost, rel=1e-13, abs=1e-15 * largest)
    numpy.testing.assert_allclose(gradient, expected_gradient, rtol=1e-12, atol=1e-14 * largest)


@few
@given(data=PROBLEMS, seed=st.integers(0, 10**6), l2=st.sampled_from([0, 0.5]))
def test_gradient_is_the_slope_of_the_cost(data, seed, l2):
    weights = numpy.random.RandomState(seed).normal(size=data.points.shape[1] + 1)
    penalty = numpy.full(data.points.shape[1], l2)
    step = 1e-5
    slopes = []
    for direction in step * numpy.eye(len(weights)):
        above, below = (evaluate(data.points, data.labels, weights + sign * direction, penalty)[0] for sign in (1, -1))
        slopes.append((above - below) / (2 * step))
    numpy.testing.assert_allclose(evaluate(data.points, data.labels, weights, penalty)[1], slopes, atol=1e-7)


@pytest.mark.parametrize('size', [1e4, 1e100, 1e200, 1e300])
def test_cost_does_not_overflow(size):
    points, labels = numpy.array([[size], [-size]]), numpy.array([0.0, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        wrong, steep = evaluate(points, labels, numpy.array([0.0, 1.0]))
        right, flat = evaluate(points, labels, numpy.array([0.0, -1.0]))
        # large weights at small points are the same log-odds
        turned = evaluate(points / size, labels, numpy.array([0.0, size]))[0]
    assert wrong == turned == size
    assert right == 0
    assert steep.tolist() == [0, size]
    assert flat.tolist() == [0, 0]


# (b) the descents

@few
@given(data=PROBLEMS, rate=st.floats(0.01, 0.3), iterations=st.integers(0, 40), l2=st.sampled_from([0, 0.7]),
       scale=st.booleans(), initial=st.booleans())
def test_gradient_descent_is_the_loop(data, rate, iterations, l2, scale, initial):
    start = numpy.linspace(-0.5, 1, data.points.shape[1] + 1) if initial else None
    with warnings.catch_warnings():
        # where the rate is too large for the problem the steps are the same all the same
        warnings.filterwarnings('ignore', 'gradient_descent: the cost rose', RuntimeWarning)
        model = gradient_descent(data, learning_rate=rate, iterations=iterations, l2=l2, scale=scale, initial=start)
    close(weights_of(model), gradient_loop(data, rate, iterations, l2, scale, start)[0])
    assert model.iterations() == iterations
    assert float(model.cost()) == pytest.approx(cost_and_gradient(data.points, data.labels, weights_of(model), l2)[0])


@few
@given(data=PROBLEMS, rate=st.floats(0.01, 0.2), epochs=st.integers(0, 12), batch_size=st.integers(1, 6),
       momentum=st.sampled_from([0, 0.5, 0.9]), shuffle=st.sampled_from([None, 'once', 'epoch']),
       seed=st.integers(0, 2**32 - 1), l2=st.sampled_from([0, 0.7]), scale=st.booleans())
def test_stochastic_gradient_descent_is_the_loop(data, rate, epochs, batch_size, momentum, shuffle, seed, l2, scale):
    model = stochastic_gradient_descent(data, learning_rate=rate, epochs=epochs, batch_size=batch_size, l2=l2,
                                        momentum=momentum, shuffle=shuffle, seed=seed, scale=scale)
    # a seed is a promise: these orders are part of what is published with it
    keys = [(seed, epoch) if shuffle == 'epoch' else seed for epoch in range(epochs)]
    orders = None if shuffle is None else [numpy.random.RandomState(key).permutation(len(data)) for key in keys]
    close(weights_of(model), stochastic_loop(data, rate, epochs, batch_size, orders, momentum, l2, scale))
    assert model.iterations() == epochs


def test_ragged_last_batch():
    # 7 points in batches of 3: the last has one point, and its mean is over one
    data = random_data(1, 7, 2)
    model = stochastic_gradient_descent(data, learning_rate=0.1, epochs=50, batch_size=3, momentum=0.3, shuffle=None)
    close(weights_of(model), stochastic_loop(data, 0.1, 50, 3, momentum=0.3))


def test_one_batch_of_everything_is_gradient_descent():
    data = random_data(2, 9, 2)
    one = gradient_descent(data, learning_rate=0.1, iterations=60)
    for batch_size in (9, 10, 10**6):
        two = stochastic_gradient_descent(data, learning_rate=0.1, epochs=60, batch_size=batch_size, shuffle=None)
        close(weights_of(two), weights_of(one))


def test_history_is_the_way():
    data = random_data(3, 10, 2)
    model = gradient_descent(data, learning_rate=0.1, iterations=95, report=10)
    assert [record.iteration for record in model.history()] == list(range(0, 95, 10))
    for iteration, cost, weights in model.history():
        expected = gradient_loop(data, 0.1, int(iteration))[0]
        close(numpy.array(weights), expected)
        assert float(cost) == pytest.approx(cost_and_gradient(data.points, data.labels, expected)[0], rel=1e-12)


def test_history_of_scaled_descent_is_in_the_users_units():
    data = random_data(4, 10, 2)
    model = gradient_descent(data, learning_rate=0.5, iterations=40, report=20, scale=True)
    close(numpy.array(model.history()[1].weights), gradient_loop(data, 0.5, 20, scale=True)[0])


@pytest.mark.parametrize('constant', [5, 1.1, 0.1, 100000.3])
def test_scale_with_a_constant_column(constant):
    # the constant column adds nothing: the same descent without it, and a weight of zero
    rows = [[1, 0], [2, 1], [3, 0], [4, 1], [5, 1], [6, 0], [7, 1]]
    model = gradient_descent([[constant, *row] for row in rows], learning_rate=0.5, iterations=50, scale=True)
    alone = gradient_descent(rows, learning_rate=0.5, iterations=50, scale=True)
    bias, weight = weights_of(alone)
    close(weights_of(model), [bias, 0, weight])


def test_scale_with_large_values():
    rows = [[1e200, 1, 0], [2e200, 2, 1], [3e200, 3, 0], [1e200, 4, 1]]
    small = [[x / 1e200, *rest] for x, *rest in rows]
    close(weights_of(gradient_descent(rows, learning_rate=0.5, iterations=50, scale=True)) * [1, 1e200, 1],
          weights_of(gradient_descent(small, learning_rate=0.5, iterations=50, scale=True)))
    with pytest.raises(ValueError, match='^scale=True: the values of x1 are too large to standardise'):
        gradient_descent([[1e308, 0], [-1e308, 1], [1e308, 1], [1e308, 0]], scale=True)


def test_large_values_still_give_a_model():
    with pytest.warns(RuntimeWarning, match='too large; try scale=True'):
        model = gradient_descent([[1e200, 1, 0], [2e200, 2, 1], [3e200, 3, 0], [1e200, 4, 1]], iterations=1000)
    assert numpy.isfinite(weights_of(model)).all()


def test_going_on_from_the_minimum_is_silent():
    data = random_data(8, 50, 2)
    model = gradient_descent(data, learning_rate=0.2, iterations=2000)
    with warnings.catch_warnings():
        # rounding alone may raise the cost there
        warnings.simplefilter('error')
        for _ in range(10):
            model = gradient_descent(data, learning_rate=0.2, iterations=3, initial=model)


@pytest.mark.parametrize('momentum', [0, 0.9])
def test_stochastic_learning_rate_too_large(momentum):
    with pytest.warns(RuntimeWarning) as caught:
        stochastic_gradient_descent(ex2data1(), learning_rate=1, epochs=10, momentum=momentum)
    told = re.fullmatch('stochastic_gradient_descent: the cost rose from 0.693147 to .* with learning_rate=1, '
                        'which is too large; try learning_rate=(.*) or scale=True', str(caught[0].message))
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        stochastic_gradient_descent(ex2data1(), learning_rate=float(told[1]), epochs=10, momentum=momentum)


def test_the_advice_is_smaller_than_what_was_too_large():
    data = random_data(3, 12, 2)
    for rate in (0.2, 0.5, 2, 10):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            stochastic_gradient_descent(data, learning_rate=rate, epochs=30, momentum=0.9, scale=True)
        for warning in caught:
            assert float(re.search('try learning_rate=(.*)', str(warning.message))[1]) <= rate / 2


def test_a_cost_of_the_users_own():
    from sage_logreg.cost.graphs import negative_log_likelihood
    from sage_logreg.engine import T

    def squares(X, y, w):
        return T.mean((w[0] + T.dot(X, w[1:]) - y)**2) / 2

    data = random_data(3, 40, 2)
    design = numpy.column_stack([numpy.ones(40), data.points])
    solution = numpy.linalg.lstsq(design, data.labels, rcond=None)[0]
    model = gradient_descent(data, learning_rate=0.3, iterations=10**5, cost=squares, tol=1e-12)
    assert model.converged()
    close(weights_of(model), solution)
    assert float(model.cost()) == pytest.approx(((design @ solution - data.labels)**2).mean() / 2)
    # the logistic cost as a user's own goes other ways, and to the same weights
    for train, options in [(gradient_descent, {'iterations': 500, 'l2': 0.5}),
                           (stochastic_gradient_descent, {'epochs': 20, 'batch_size': 7, 'momentum': 0.5, 'seed': 3})]:
        close(weights_of(train(data, learning_rate=0.1, cost=lambda *graphs: negative_log_likelihood(*graphs), **options)),
              weights_of(train(data, learning_rate=0.1, **options)))
    with pytest.raises(TypeError, match='^cost returned .*; expected a Theano scalar$'):
        gradient_descent(data, cost=lambda X, y, w: y)
    for wrong in (3, lambda z, y: y):
        with pytest.raises(TypeError, match="^cost = .*; expected a function of Theano's X, y and w$"):
            gradient_descent(data, cost=wrong)


def test_a_cost_is_what_it_computes_now():
    from sage_logreg.engine import T
    data, factor = random_data(3, 40, 2), 1.0

    def cost(X, y, w):
        return factor * T.mean((w[0] + T.dot(X, w[1:]) - y)**2)

    one = gradient_descent(data, learning_rate=0.01, iterations=1, cost=cost)
    factor = 3.0
    other = gradient_descent(data, learning_rate=0.01, iterations=1, cost=cost)
    close(weights_of(other), 3 * weights_of(one))


def test_float32_points_stay_float32():
    rows = numpy.column_stack([random_data(4, 60, 3).points, random_data(4, 60, 3).labels])
    single, double = load_data(rows, dtype='float32'), load_data(rows)
    assert single.points.dtype == numpy.float32
    for train, options in [(gradient_descent, {'iterations': 200}), (stochastic_gradient_descent, {'epochs': 5})]:
        one, other = train(single, learning_rate=0.1, **options), train(double, learning_rate=0.1, **options)
        numpy.testing.assert_allclose(weights_of(one), weights_of(other), rtol=1e-5, atol=1e-6)
        assert one.data.points.dtype == numpy.float32


# (c), (d) the worksheets' numbers

def test_the_worksheet(capsys):
    model = gradient_descent(ex2data1(), learning_rate=0.001, iterations=300000, report=20000)
    assert capsys.readouterr().out == PRINTED
    assert [f'{weight:.8f}' for weight in weights_of(model)] == ['-9.25573205', '0.07960975', '0.07329322']
    assert [f'{int(i)} {float(cost):.12g}' for i, cost, _ in model.history()] == PRINTED.splitlines()


def test_the_stochastic_worksheet(capsys):
    data = ex2data1()
    model = stochastic_gradient_descent(data, learning_rate=0.0005, epochs=10000, shuffle=None, report=500)
    assert [f'{weight:.8f}' for weight in weights_of(model)] == ['-14.60213966', '0.14766833', '0.13163536']

    # one sample a step in plain Python; the cost is that of an epoch's last sample, before its step
    samples = [(*point, label) for point, label in zip(data.points.tolist(), data.labels.tolist())]
    b = w1 = w2 = 0.0
    expected = []
    for epoch in range(9501):
        for i, (x1, x2, y) in enumerate(samples):
            z = b + w1*x1 + w2*x2
            if i == 99 and epoch % 500 == 0:
                expected.append((epoch, math.log1p(math.exp(-z if y else z))))
            step = 0.0005 * (1 / (1 + math.exp(-z)) - y)
            b, w1, w2 = b - step, w1 - step*x1, w2 - step*x2
    lines = [line.split(' ') for line in capsys.readouterr().out.splitlines()]
    assert [int(epoch) for epoch, _ in lines] == [epoch for epoch, _ in expected] == list(range(0, 10000, 500))
    numpy.testing.assert_allclose([float(cost) for _, cost in lines], [cost for _, cost in expected], rtol=1e-9)
    assert all(cost == f'{float(cost):.12g}' for _, cost in lines)


def test_stochastic_endings():
    # 300 shuffles were seen to end within these bounds; they are allowed 3% on each side
    bounds = [(-15.92, -12.26), (0.069, 0.169), (0.077, 0.154)]
    data = ex2data1()
    endings = [weights_of(stochastic_gradient_descent(data, seed=seed)) for seed in range(10)]
    for ending in endings:
        for weight, (low, high) in zip(ending, bounds):
            assert low - 0.03 * abs(low) <= weight <= high + 0.03 * abs(high)
    # different seeds differ
    for one, two in itertools.combinations(endings, 2):
        assert not numpy.array_equal(one, two)


# (e) reproducible

def in_a_new_process(code, *arguments):
    result = subprocess.run([sys.executable, *arguments, '-c', textwrap.dedent(code)], capture_output=True, text=True,
                            timeout=120)
    assert result.returncode == 0, result.stderr
    return result


@pytest.mark.parametrize('options', [dict(seed=7), dict(seed=7, shuffle='epoch', batch_size=7, momentum=0.5)],
                         ids=['once', 'epoch'])
def test_same_seed_same_weights(options):
    models = [stochastic_gradient_descent(ex2data1(), epochs=50, **options) for _ in range(2)]
    assert same_bits(*models)
    assert not same_bits(models[0], stochastic_gradient_descent(ex2data1(), epochs=50, **{**options, 'seed': 8}))
    # NumPy's own seed has nothing to do with it
    numpy.random.seed(0)
    assert same_bits(models[0], stochastic_gradient_descent(ex2data1(), epochs=50, **options))
    printed = in_a_new_process(f'''
        import numpy
        from sage_logreg import ex2data1, stochastic_gradient_descent
        model = stochastic_gradient_descent(ex2data1(), epochs=50, **{options!r})
        print(numpy.array(model.weights()).tobytes().hex())
        ''').stdout
    assert printed.strip() == weights_of(models[0]).tobytes().hex()


def test_no_seed_is_seed_zero():
    one, two = (stochastic_gradient_descent(ex2data1(), epochs=20, seed=seed) for seed in (None, 0))
    assert same_bits(one, two)


def test_gradient_descent_twice_is_the_same():
    assert same_bits(*(gradient_descent(ex2data1(), iterations=5000) for _ in range(2)))


# (f) tol

@few
@given(seed=st.integers(0, 10**6), tol=st.floats(1e-3, 0.1), l2=st.sampled_from([0, 0.7]), scale=st.booleans())
def test_tol_stops_where_the_gradient_is_small(seed, tol, l2, scale):
    data = random_data(seed, 10, 2)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', RuntimeWarning)
        model = gradient_descent(data, learning_rate=0.1, iterations=400, tol=tol, l2=l2, scale=scale)
    weights, steps = gradient_loop(data, 0.1, 400, l2, scale, tol=tol)
    assert model.iterations() == steps
    close(weights_of(model), weights)


def test_tol_reached_and_not_reached():
    data = random_data(5, 10, 2)
    steps = gradient_loop(data, 0.1, 10**4, tol=1e-3)[1]
    assert 10 < steps < 10**4
    for iterations in (steps, steps + 1, 10**6):
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            model = gradient_descent(data, learning_rate=0.1, iterations=iterations, tol=1e-3)
        assert model.converged() is True
        assert model.iterations() == steps
    with pytest.warns(RuntimeWarning) as caught:
        model = gradient_descent(data, learning_rate=0.1, iterations=steps - 1, tol=1e-3)
    largest = abs(numpy.array(model.gradient())).max()
    assert 1e-3 < largest < 2e-3
    assert [str(warning.message) for warning in caught] == [
        f'gradient_descent: not converged, the largest entry of the gradient is {largest:.6g} after step {steps - 1}, '
        'above tol=0.001; try more iterations or scale=True']
    # the warning is about the line that called
    assert caught[0].filename == __file__
    assert model.converged() is False
    assert model.iterations() == steps - 1


def test_tol_holds_at_the_start():
    data = random_data(5, 10, 2)
    model = gradient_descent(data, learning_rate=0.1, iterations=100, tol=100)
    assert model.converged() and model.iterations() == 0
    assert weights_of(model).tolist() == [0, 0, 0]


def test_stochastic_tol_is_asked_after_every_epoch():
    data = random_data(6, 10, 2)
    largest = [abs(cost_and_gradient(data.points, data.labels, stochastic_loop(data, 0.02, epochs, 3))[1]).max()
               for epochs in range(40)]
    tol = largest[30]
    epochs = next(epochs for epochs in range(1, 40) if largest[epochs] <= tol * 1.0001)
    assert epochs > 3
    model = stochastic_gradient_descent(data, learning_rate=0.02, epochs=1000, batch_size=3, shuffle=None,
                                        tol=tol * 1.0001)
    assert model.converged() and model.iterations() == epochs
    close(weights_of(model), stochastic_loop(data, 0.02, epochs, 3))


def newton(data, l2=0.0):
    X = numpy.column_stack([numpy.ones(len(data)), data.points])
    weights = numpy.zeros(X.shape[1])
    penalty = numpy.diag([0.0] + [l2 / len(data)] * data.points.shape[1])
    for _ in range(50):
        h = 1 / (1 + numpy.exp(-X @ weights))
        gradient = X.T @ (h - data.labels) / len(data) + penalty @ weights
        weights = weights - numpy.linalg.solve((X.T * (h * (1 - h))) @ X / len(data) + penalty, gradient)
    return weights


@pytest.mark.parametrize('l2', [0, 100])
def test_scaled_descent_reaches_the_maximum_likelihood_estimate(l2):
    data = ex2data1()
    model = gradient_descent(data, learning_rate=5 if not l2 else 2, iterations=10**5, scale=True, tol=1e-12, l2=l2)
    assert model.converged()
    numpy.testing.assert_allclose(weights_of(model), newton(data, l2), rtol=1e-8)


def test_the_maximum_likelihood_estimate_is_that_of_sklearn():
    linear_model = pytest.importorskip('sklearn.linear_model')
    data = ex2data1()
    peer = linear_model.LogisticRegression(C=numpy.inf, solver='newton-cholesky', tol=1e-12, max_iter=1000)
    peer.fit(data.points, data.labels)
    model = gradient_descent(data, learning_rate=5, iterations=10**5, scale=True, tol=1e-12)
    numpy.testing.assert_allclose(weights_of(model), [*peer.intercept_, *peer.coef_[0]], rtol=1e-6)


# (g) too large a learning rate

def test_learning_rate_too_large():
    with pytest.warns(RuntimeWarning) as caught:
        model = gradient_descent(ex2data1(), learning_rate=0.1, iterations=20)
    assert [warning.filename for warning in caught] == [__file__]
    cost = float(model.cost())
    assert str(caught[0].message) == (
        f'gradient_descent: the cost rose from 0.693147 to {cost:.6g} with learning_rate=0.1, which is too large; '
        'try learning_rate=0.00042 or scale=True')
    # the model holds what was reached, and the advice is good
    numpy.testing.assert_allclose(weights_of(model), gradient_loop(ex2data1(), 0.1, 20)[0], rtol=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        costs = [float(record.cost) for record in
                 gradient_descent(ex2data1(), learning_rate=0.00042, iterations=1000, report=1).history()]
        gradient_descent(ex2data1(), learning_rate=0.1, iterations=100, scale=True)
    assert costs == sorted(costs, reverse=True)


def first_step_not_finite(data, rate, l2):
    weights = numpy.zeros(data.points.shape[1] + 1)
    for step in itertools.count(1):
        with numpy.errstate(over='ignore', invalid='ignore'):
            after = weights - rate * cost_and_gradient(data.points, data.labels, weights, l2)[1]
            if not math.isfinite(cost_and_gradient(data.points, data.labels, after, l2)[0]):
                return step, weights
        weights = after


@pytest.mark.parametrize('rate, l2', [(1e306, 0), (0.1, 1e5), (0.1, 3e3), (0.1, 2100)])
def test_divergence_is_told_with_its_step(rate, l2):
    data = ex2data1()
    step, last = first_step_not_finite(data, rate, l2)
    with pytest.warns(RuntimeWarning) as caught:
        model = gradient_descent(data, learning_rate=rate, iterations=10**6, l2=l2)
    assert [warning.filename for warning in caught] == [__file__]
    assert str(caught[0].message).startswith(
        f'gradient_descent: the cost is no longer finite after step {step}; the model holds the weights after step '
        f'{step - 1}, with learning_rate={rate:g}, which is too large; try learning_rate=')
    assert model.iterations() == step - 1
    assert math.isfinite(float(model.cost()))
    assert model.converged() is False
    numpy.testing.assert_allclose(weights_of(model), last, rtol=1e-9)


def test_stochastic_divergence_is_told_with_its_update():
    data = random_data(7, 5, 1)
    # on the single slope the penalty alone is 0.5*10*w^2, and 0.5*10 - 1 is the factor of a step
    with pytest.warns(RuntimeWarning, match='the cost is no longer finite after update') as caught:
        model = stochastic_gradient_descent(data, learning_rate=0.5, l2=50, epochs=1000, batch_size=2, shuffle=None)
    update = int(str(caught[0].message).split('after update ')[1].split(';')[0])
    assert model.iterations() == (update - 1) // 3
    weights, updates = numpy.zeros(2), 0
    for start in itertools.cycle([0, 2, 4]):
        batch = slice(start, start + 2)
        with numpy.errstate(over='ignore', invalid='ignore'):
            gradient = cost_and_gradient(data.points[batch], data.labels[batch], weights)[1]
            gradient[1:] += 10 * weights[1:]
            after = weights - 0.5 * gradient
            # over all the data
            if not math.isfinite(cost_and_gradient(data.points, data.labels, after, 50)[0]):
                break
        weights, updates = after, updates + 1
    assert update == updates + 1
    numpy.testing.assert_allclose(weights_of(model), weights, rtol=1e-9)


# (h) bad arguments

NAN, INFINITY = float('nan'), float('inf')
RATE, AT_LEAST_0 = 'expected a real number above 0', 'expected a real number at least 0'
MOMENTUM = 'expected a real number at least 0 and below 1'
SEED = 'expected a whole number from 0 to 4294967295'
SHUFFLE = "expected 'once', 'epoch' or None"
FUNCTION = 'expected a function of (iteration, cost, weights)'
BAD_FOR_BOTH = [
    ('learning_rate', 0, ValueError, f'learning_rate = 0; {RATE}'),
    ('learning_rate', -0.1, ValueError, f'learning_rate = -0.1; {RATE}'),
    ('learning_rate', NAN, ValueError, f'learning_rate = nan; {RATE}'),
    ('learning_rate', INFINITY, ValueError, f'learning_rate = inf; {RATE}'),
    ('learning_rate', '0.1', TypeError, f"learning_rate = '0.1'; {RATE}"),
    ('learning_rate', None, TypeError, f'learning_rate = None; {RATE}'),
    ('learning_rate', 1j, TypeError, f'learning_rate = 1j; {RATE}'),
    ('learning_rate', numpy.complex128(1), TypeError, f'learning_rate = (1+0j); {RATE}'),
    ('learning_rate', [0.1], TypeError, f'learning_rate = [0.1]; {RATE}'),
    ('report', 0, ValueError, 'report = 0; expected a whole number from 1'),
    ('report', 0.5, ValueError, 'report = 0.5; expected a whole number from 1'),
    ('report', 'all', TypeError, "report = 'all'; expected a whole number from 1"),
    ('tol', -1e-9, ValueError, f'tol = -1e-09; {AT_LEAST_0}'),
    ('tol', NAN, ValueError, f'tol = nan; {AT_LEAST_0}'),
    ('tol', 'small', TypeError, f"tol = 'small'; {AT_LEAST_0}"),
    ('l2', -1, ValueError, f'l2 = -1; {AT_LEAST_0}'),
    ('l2', INFINITY, ValueError, f'l2 = inf; {AT_LEAST_0}'),
    ('l2', None, TypeError, f'l2 = None; {AT_LEAST_0}'),
    ('scale', 'no', TypeError, "scale = 'no'; expected True or False"),
    ('scale', None, TypeError, 'scale = None; expected True or False'),
    ('callback', 5, TypeError, f'callback = 5; {FUNCTION}'),
    ('callback', 'print', TypeError, f"callback = 'print'; {FUNCTION}"),
    ('initial', [1, 2], ValueError, 'initial has 2 entries; expected 3 real numbers'),
    ('initial', [[1, 2, 3]], ValueError, 'initial has 1 entries; expected 3 real numbers'),
    ('initial', 7, TypeError, 'initial = 7; expected 3 real numbers'),
    ('initial', 'abc', TypeError, "initial = 'abc'; expected 3 real numbers"),
    ('initial', {0: 1, 1: 2, 2: 3}, TypeError, 'initial = {0: 1, 1: 2, 2: 3}; expected 3 real numbers'),
    ('initial', [1, 'a', 3], TypeError, "initial[1] = 'a'; expected a real number"),
    ('initial', [1, 2, NAN], ValueError, 'initial[2] = nan; expected a real number'),
]
BAD_FOR_GRADIENT_DESCENT = [
    ('iterations', -1, ValueError, 'iterations = -1; expected a whole number from 0'),
    ('iterations', 0.5, ValueError, 'iterations = 0.5; expected a whole number from 0'),
    ('iterations', INFINITY, ValueError, 'iterations = inf; expected a whole number from 0'),
    ('iterations', 'many', TypeError, "iterations = 'many'; expected a whole number from 0"),
    ('iterations', None, TypeError, 'iterations = None; expected a whole number from 0'),
]
BAD_FOR_STOCHASTIC = [
    ('epochs', -1, ValueError, 'epochs = -1; expected a whole number from 0'),
    ('epochs', 1.5, ValueError, 'epochs = 1.5; expected a whole number from 0'),
    ('epochs', [10], TypeError, 'epochs = [10]; expected a whole number from 0'),
    ('batch_size', 0, ValueError, 'batch_size = 0; expected a whole number from 1'),
    ('batch_size', 2.5, ValueError, 'batch_size = 2.5; expected a whole number from 1'),
    ('batch_size', 'all', TypeError, "batch_size = 'all'; expected a whole number from 1"),
    ('shuffle', 'always', ValueError, f"shuffle = 'always'; {SHUFFLE}"),
    ('shuffle', True, ValueError, f'shuffle = True; {SHUFFLE}'),
    ('seed', -1, ValueError, f'seed = -1; {SEED}'),
    ('seed', 2**32, ValueError, f'seed = 4294967296; {SEED}'),
    ('seed', 0.5, ValueError, f'seed = 0.5; {SEED}'),
    ('seed', 'lucky', TypeError, f"seed = 'lucky'; {SEED}"),
    ('momentum', 1, ValueError, f'momentum = 1; {MOMENTUM}'),
    ('momentum', -0.1, ValueError, f'momentum = -0.1; {MOMENTUM}'),
    ('momentum', None, TypeError, f'momentum = None; {MOMENTUM}'),
]
BAD = ([(gradient_descent, *row) for row in BAD_FOR_BOTH + BAD_FOR_GRADIENT_DESCENT]
       + [(stochastic_gradient_descent, *row) for row in BAD_FOR_BOTH + BAD_FOR_STOCHASTIC])


@pytest.mark.parametrize('train, argument, value, error, message', BAD,
                         ids=[f'{row[0].__name__}-{row[1]}-{row[2]}' for row in BAD])
def test_bad_arguments(train, argument, value, error, message):
    with pytest.raises(error) as caught:
        train([[1, 2, 0], [3, 4, 1]], **{argument: value})
    assert caught.type is error
    assert str(caught.value) == message


@pytest.mark.parametrize('train', [gradient_descent, stochastic_gradient_descent])
def test_bad_data_and_a_model_of_other_data(train):
    with pytest.raises(ValueError, match=r'^the rows, row 2 has 1 columns; expected 3 as in row 1$'):
        train([[1, 2, 0], [3]])
    other = gradient_descent([[1, 0], [2, 1]], iterations=1)
    with pytest.raises(ValueError, match=r'^initial has 2 entries; expected 3 real numbers$'):
        train([[1, 2, 0], [3, 4, 1]], initial=other)


# (i) numbers as Sage has them

def test_sage_numbers_as_arguments():
    sage = pytest.importorskip('sage.all')
    one = gradient_descent(ex2data1(), learning_rate=0.001, iterations=300, report=100, initial=[0.5, 0, 0.25],
                           tol=0.5, l2=0.5)
    two = gradient_descent(ex2data1(), learning_rate=1/sage.Integer(1000), iterations=3*sage.Integer(10)**2,
                           report=sage.Integer(100), initial=sage.vector([1/sage.Integer(2), 0, 1/sage.Integer(4)]),
                           tol=sage.RealNumber('0.5'), l2=1/sage.sqrt(4))
    three = gradient_descent(ex2data1(), learning_rate=sage.RealField(100)('0.001'), iterations=sage.RealNumber('3e2'),
                             report=sage.RDF(100), initial=sage.vector(sage.RDF, [0.5, 0, 0.25]),
                             tol=numpy.float64(0.5), l2=sage.AA(4)**sage.Rational('-1/2'))
    assert same_bits(one, two) and same_bits(one, three)
    assert one.options() == two.options() == three.options()

    one = stochastic_gradient_descent(ex2data1(), learning_rate=0.0005, epochs=20, batch_size=7, seed=3, momentum=0.5)
    two = stochastic_gradient_descent(ex2data1(), learning_rate=sage.RealNumber('0.0005'), epochs=sage.Integer(20),
                                      batch_size=sage.Integer(7), seed=sage.Integer(3), momentum=sage.Rational('1/2'))
    assert same_bits(one, two)


# (j) go on from a model

def test_two_halves_are_the_whole():
    whole = gradient_descent(ex2data1(), iterations=2000)
    for initial in (lambda model: model, lambda model: model.weights(), weights_of):
        half = gradient_descent(ex2data1(), iterations=1234)
        assert same_bits(gradient_descent(ex2data1(), iterations=766, initial=initial(half)), whole)


def test_two_halves_are_the_whole_in_the_order_of_the_data():
    whole = stochastic_gradient_descent(ex2data1(), epochs=30, shuffle='once', seed=5)
    half = stochastic_gradient_descent(ex2data1(), epochs=10, shuffle='once', seed=5)
    assert same_bits(stochastic_gradient_descent(ex2data1(), epochs=20, shuffle='once', seed=5, initial=half), whole)


def test_no_iterations_leave_the_initial_weights():
    for train, none in ((gradient_descent, dict(iterations=0)), (stochastic_gradient_descent, dict(epochs=0))):
        model = train(ex2data1(), initial=[1, 2, 3], **none)
        assert weights_of(model).tolist() == [1, 2, 3]
        assert model.iterations() == 0 and model.history() == []


# (k) interrupted

@pytest.mark.parametrize('train, number, unit, done', [(gradient_descent, 'iterations', 'step', 200),
                                                       (stochastic_gradient_descent, 'epochs', 'update', 200*100 + 99)])
def test_interrupted_by_a_callback(train, number, unit, done):
    def interrupt(iteration, cost, weights):
        if iteration == 200:
            raise KeyboardInterrupt

    per_iteration = 1 if unit == 'step' else 100
    with pytest.warns(RuntimeWarning) as caught:
        model = train(ex2data1(), callback=interrupt, **{number: 1000})
    assert [str(warning.message) for warning in caught] == [
        f'{train.__name__}: interrupted after {unit} {done} of {1000 * per_iteration}; '
        'model.resume() goes on from there']
    assert caught[0].filename == __file__
    assert model.iterations() == 200 and model.converged() is False
    # evenly, and closer at the beginning
    assert [record.iteration for record in model.history()] == [0, 1, 2, 5, 10, *range(20, 201, 20)]
    # the state is that of the last record
    assert numpy.array(model.history()[-1].weights).tobytes() == weights_of(model).tobytes()
    if unit == 'step':
        assert same_bits(gradient_descent(ex2data1(), iterations=800, initial=model),
                         gradient_descent(ex2data1(), iterations=1000))


@pytest.mark.parametrize('before', ['', 'import sage.all'], ids=['Python', 'Sage'])
@pytest.mark.parametrize('call', [
    'gradient_descent(ex2data1(), iterations=10**10, report=10**10, callback=begin)',
    'stochastic_gradient_descent(ex2data1(), epochs=10**8, report=10**8, callback=begin)',
], ids=['gradient_descent', 'stochastic_gradient_descent'])
def test_interrupted_by_a_signal(call, before):
    # as Ctrl-C does: the signal comes in the middle of the compiled loop
    if before:
        pytest.importorskip('sage.all')
    result = in_a_new_process(f'''
        {before}
        import os, signal, threading, time, warnings
        from sage_logreg import *

        def begin(iteration, cost, weights):
            global begun
            begun = time.perf_counter()
            threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            model = {call}
        print('seconds', time.perf_counter() - begun)
        print('iterations', model.iterations())
        print('cost', model.cost())
        print(*(warning.category.__name__ + ' ' + str(warning.message) for warning in caught), sep='\\n')
        ''')
    lines = result.stdout.splitlines()[1:]
    values = dict(line.split(' ') for line in lines[:3])
    assert 0.5 < float(values['seconds']) < 3
    assert int(values['iterations']) > 100
    assert 0 < float(values['cost']) < 1
    assert len(lines) == 4 and lines[3].startswith('RuntimeWarning ') and ': interrupted after ' in lines[3]


# (l) callbacks

@pytest.mark.parametrize('true', [True, numpy.bool_(True)], ids=['bool', 'NumPy bool'])
def test_callback_is_called_and_stops(true):
    calls = []

    def callback(iteration, cost, weights):
        calls.append((iteration, cost, weights))
        return true if iteration == 60 else None

    data = random_data(8, 10, 2)
    model = gradient_descent(data, learning_rate=0.1, iterations=100, report=20, callback=callback)
    assert [iteration for iteration, _, _ in calls] == [0, 20, 40, 60]
    assert model.iterations() == 60
    assert model.converged() is False
    for iteration, cost, weights in calls:
        expected = gradient_loop(data, 0.1, iteration)[0]
        close(weights, expected)
        assert cost == pytest.approx(cost_and_gradient(data.points, data.labels, expected)[0], rel=1e-12)
    close(weights_of(model), gradient_loop(data, 0.1, 60)[0])


def test_only_true_stops():
    for answer in (None, False, 0, 1, 'yes', [True], numpy.bool_(False)):
        model = gradient_descent([[1, 0], [2, 1]], iterations=50, callback=lambda *arguments: answer)
        assert model.iterations() == 50


def test_callback_cannot_change_the_descent():
    def spoil(iteration, cost, weights):
        weights[:] = 1e9

    model = gradient_descent(ex2data1(), iterations=500, callback=spoil)
    plain = gradient_descent(ex2data1(), iterations=500)
    assert same_bits(model, plain)
    assert all((numpy.array(one.weights) == numpy.array(two.weights)).all()
               for one, two in zip(model.history(), plain.history()))


def test_error_in_a_callback_comes_through():
    def fail(iteration, cost, weights):
        raise LookupError('mine')

    plain = gradient_descent(ex2data1(), iterations=500)
    with pytest.raises(LookupError, match='^mine$'):
        gradient_descent(ex2data1(), iterations=500, callback=fail)
    # nothing is left over for the next training
    assert same_bits(gradient_descent(ex2data1(), iterations=500), plain)


# (m) a training inside another one

@pytest.mark.parametrize('outer, number', [(gradient_descent, 'iterations'), (stochastic_gradient_descent, 'epochs')])
@pytest.mark.parametrize('inner', [gradient_descent, stochastic_gradient_descent])
def test_nested_training(outer, number, inner):
    other = random_data(9, 12, 3)
    alone = inner(other)
    nested = []

    def callback(iteration, cost, weights):
        if iteration in (100, 300):
            nested.append(inner(other))

    model = outer(ex2data1(), callback=callback, **{number: 500})
    assert same_bits(model, outer(ex2data1(), **{number: 500}))
    assert len(nested) == 2
    assert all(same_bits(one, alone) for one in nested)


# (n) the data

TRAININGS = {
    'gradient_descent': lambda data: gradient_descent(data, iterations=50),
    'tol': lambda data: gradient_descent(data, iterations=50, tol=1e-9, learning_rate=0.0001),
    'l2': lambda data: gradient_descent(data, iterations=50, l2=1),
    'l2 and tol': lambda data: gradient_descent(data, iterations=50, l2=1, tol=1e-9),
    'scale': lambda data: gradient_descent(data, iterations=50, scale=True),
    'stochastic': lambda data: stochastic_gradient_descent(data, epochs=5),
    'batches': lambda data: stochastic_gradient_descent(data, epochs=5, batch_size=7, l2=1, tol=1e-9, scale=True),
}


@pytest.mark.filterwarnings('ignore:.*not converged:RuntimeWarning')
@pytest.mark.parametrize('train', TRAININGS.values(), ids=TRAININGS)
def test_data_are_neither_changed_nor_kept(train):
    data = load_data((ex2data1().points, ex2data1().labels))
    points, labels = data.points.tobytes(), data.labels.tobytes()
    model = train(data)
    float(model.cost())
    assert data.points.tobytes() == points and data.labels.tobytes() == labels
    alive = [weakref.ref(data.points), weakref.ref(data.labels)]
    del data
    # the model itself has its data, and nobody else
    assert all(array() is not None for array in alive)
    del model
    gc.collect()
    assert [array() for array in alive] == [None, None]


def test_data_are_not_kept_by_the_first_training_of_a_process():
    # what is compiled for the first data must not hold them
    printed = in_a_new_process('''
        import gc, weakref
        from sage_logreg import ex2data1, gradient_descent, stochastic_gradient_descent
        for train, number in ((gradient_descent, 'iterations'), (stochastic_gradient_descent, 'epochs')):
            data = ex2data1()
            alive = weakref.ref(data.points)
            train(data, **{number: 10})
            del data
            gc.collect()
            print(alive())
        ''').stdout
    assert printed == 'None\nNone\n'


# (o) importing

@pytest.mark.skipif(is_old_sage(), reason='an old Sage is loaded as a whole')
def test_import_is_silent_and_light():
    result = in_a_new_process('''
        import sys
        import sage_logreg
        heavy = ('sage', 'pytensor', 'theano', 'numba', 'pandas', 'tqdm', 'matplotlib')
        assert not [name for name in heavy if name in sys.modules], sys.modules.keys()
        ''', '-W', 'error')
    assert result.stdout == result.stderr == ''


def test_star_import_gives_the_public_names():
    names = {}
    exec('from sage_logreg import *', names)
    import sage_logreg
    assert set(names) - {'__builtins__'} == set(sage_logreg.__all__)
    assert sage_logreg.__all__ == sorted(sage_logreg.__all__)


def test_everything_but_formulas_works_without_sage():
    result = in_a_new_process('''
        import sys
        sys.modules['sage'] = None
        import numpy
        from sage_logreg import *
        data = ex2data1()
        model = gradient_descent(data, iterations=1000)
        assert type(model.weights()) is numpy.ndarray
        assert type(model.cost()) is float and type(model.iterations()) is int
        assert type(model.confusion_matrix()) is numpy.ndarray
        assert model.predict([45, 85]) in (0, 1)
        assert len(model.history()) == 54
        assert stochastic_gradient_descent(data, epochs=10).iterations() == 10
        print(repr(model))
        ''')
    assert result.stdout == ('Logistic model in x1, x2 by gradient_descent: 1000 iterations, '
                             'cost 0.624986, largest gradient entry 0.0692\n')
    assert result.stderr == ''


def test_training_prints_nothing_without_report(capfd):
    gradient_descent(ex2data1(), iterations=100)
    stochastic_gradient_descent(ex2data1(), epochs=10)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ''


# Separated classes

OVERLAPPING = [[1, 0], [2, 1], [3, 0], [4, 1]]


@pytest.mark.parametrize('train', [gradient_descent, lambda data, iterations, **options:
                                   stochastic_gradient_descent(data, epochs=iterations, **options)])
@pytest.mark.parametrize('rows, kind', [([[1, 0], [2, 0], [3, 1]], 'complete'), ([[1, 0], [2, 0], [2, 1], [3, 1]], 'quasi-complete')])
def test_descents_warn_of_separation(train, rows, kind):
    with pytest.warns(RuntimeWarning, match=f'^[a-z_]+: {kind} separation of the classes, so that there is no minimum'):
        train(rows, iterations=3)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        train(OVERLAPPING, iterations=3)
        train(rows, iterations=3, l2=1)
        train(rows, iterations=0)


def test_in_large_data_the_model_itself_shows_separation(monkeypatch):
    monkeypatch.setattr('sage_logreg.solvers.problem.DECIDED', 0)
    with pytest.warns(RuntimeWarning, match='complete separation'):
        gradient_descent([[1, 0], [2, 0], [3, 1]], learning_rate=1, iterations=1000)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        # not separated yet, and not separable
        gradient_descent([[1, 0], [2, 0], [3, 1]], iterations=1)
        gradient_descent(OVERLAPPING, learning_rate=0.5, iterations=1000)
