"""The loops around a user's own gradient, against NumPy around a ``T.grad`` that no rewrite and no numba touched."""
import functools
import subprocess
import sys

import numpy
import pytest

from sage_logreg import gradient_descent, load_data, stochastic_gradient_descent
from sage_logreg.cost.graphs import known_cost, negative_log_likelihood, training_cost
from sage_logreg.engine import COMPILES_WITH_NUMBA, T, scan, theano
from sage_logreg.cost.evaluation import evaluate
from sage_logreg.cost.loops import compiled_cost, gradient_path, stochastic_path
from sage_logreg.cost import graphs as path

pytestmark = pytest.mark.skipif(not COMPILES_WITH_NUMBA, reason='this engine does not compile with numba')


def log_odds(X, w):
    return w[0] + T.dot(X, w[1:])


def worksheet(X, y, w):
    ones = T.concatenate([T.ones((X.shape[0], 1)), X], axis=1)
    h = 1 / (1 + T.exp(-T.dot(ones, w)))
    return T.mean(-y * T.log(h) - (1 - y) * T.log(1 - h))


def huber(X, y, w):
    residual = log_odds(X, w) - y
    return T.mean(T.switch(abs(residual) < 0.5, residual**2 / 2, 0.5 * abs(residual) - 0.125))


def exponential(X, y, w):
    return T.mean(T.exp(-(2 * y - 1) * log_odds(X, w)))


def scanned(X, y, w):
    return T.mean(scan(lambda row, label: (w[0] + T.dot(row, w[1:]) - label)**2, sequences=[X, y]))


def of_the_weights(X, y, w):
    known = T.sum((w[:2] - numpy.array([0.5, -0.25]))**2)
    return known + T.sum(w[::2]**2) + T.sum((w[:-1] - w[1:])**2) + w[-1]**2 / 2 + T.sum(T.outer(w, w)**2) / 8


def positive(X, y, w):
    # how many there are depends on the weights
    z = log_odds(X, w)
    return T.sum(z[(z > 0).nonzero()]**2) / 10


# A cost each for what a gradient may hold
COSTS = {
    'logistic': negative_log_likelihood,
    'worksheet': worksheet,
    'row before the matrix': lambda X, y, w: T.mean(T.maximum(0, 1 - (2 * y - 1) * (w[0] + T.dot(w[1:], X.T)))),
    'probit': lambda X, y, w: -T.mean(T.log((1 + (2 * y - 1) * T.erf(log_odds(X, w))) / 2 + 1e-3)),
    'exponential': exponential,
    'huber': huber,
    'scan in the cost': scanned,
    'columns': lambda X, y, w: T.mean((w[0] + T.sum(X * w[1:], axis=1) - y)**2) + 0.1 * T.sum(abs(w)),
    'summed matrix': lambda X, y, w: T.sum(T.exp(-(X * w[1:] - y[:, None])**2)) + w[0]**2,
    'weights': of_the_weights,
    'weights themselves': lambda X, y, w: T.sum(w**2) / 2,
    'constant gradient': lambda X, y, w: T.sum(w),
    'no labels': lambda X, y, w: T.sum(w) + T.dot(T.mean(X, axis=0), w[1:]),
    'no points': lambda X, y, w: T.mean((y - w[0])**2),
    'cumulated': lambda X, y, w: T.mean(T.cumsum(log_odds(X, w))**2) / 30,
    'integers': lambda X, y, w: T.mean((T.cast(y, 'int64') * 2 - 1 - log_odds(X, w))**2),
    'random shape': positive,
}


@functools.lru_cache(maxsize=None)
def plain(cost, dtype='float64'):
    """The cost without its penalty, and its gradient with it."""
    X, y, w, penalty = T.matrix(dtype=dtype), T.dvector(), T.dvector(), T.dvector()
    return theano.function([X, y, w, penalty], [training_cost(X, y, w, cost=cost),
                                                T.grad(training_cost(X, y, w, penalty, cost), w)],
                           on_unused_input='ignore', mode=theano.compile.mode.Mode('py', None))


def descent_by_hand(cost, X, y, w, penalty, count, rate, tol):
    for made in range(count):
        gradient = plain(cost, str(X.dtype))(X, y, w, penalty)[1]
        if abs(gradient).max() <= tol:
            return w, made
        w = w - rate * gradient
    return w, count


def stochastic_by_hand(cost, X, y, w, penalty, velocity, orders, first, count, size, rate, momentum):
    batches = [order[start:start + size] for order in orders for start in range(0, len(y), size)]
    for update in range(first, first + count):
        batch = batches[update % len(batches)]
        velocity = momentum * velocity - rate * plain(cost, str(X.dtype))(X[batch], y[batch], w, penalty)[1]
        w = w + velocity
    return w, velocity


def loop(name, cost, dtype='float64'):
    return compiled_cost(dtype, known_cost(cost, dtype)).loop(name)


def problem(seed):
    random = numpy.random.RandomState(seed)
    m, n = random.randint(2, 30), random.randint(1, 6)
    return (random.normal(size=(m, n)), (random.uniform(size=m) < 0.5).astype(float), random.normal(size=n + 1),
            random.uniform(size=n) * random.randint(2))


def orders_for(seed, m):
    random = numpy.random.RandomState(seed)
    return numpy.array([random.permutation(m) for _ in range(random.randint(1, 4))])


@pytest.mark.lanes
@pytest.mark.parametrize('name', COSTS)
def test_every_cost_as_its_gradient_by_hand(name):
    cost, close = COSTS[name], functools.partial(numpy.testing.assert_allclose, rtol=1e-11, atol=1e-12)
    for seed in range(5):
        X, y, w, penalty = problem(seed)
        copies = [values.copy() for values in (X, y, w, penalty)]
        for count, tol in ((0, -1.0), (1, -1.0), (60, 0.05)):
            arguments = X, y, w, penalty, count, 0.05, tol
            wanted, got = descent_by_hand(cost, *arguments), loop(gradient_path, cost)(*arguments)
            assert wanted[1] == got[1]
            close(got[0], wanted[0])
        for count, size, momentum in ((0, 1, 0.0), (2 * len(y) + 1, 1, 0.5), (9, 2, 0.0), (5, len(y), 0.25)):
            arguments = X, y, w, penalty, w / 100, orders_for(seed, len(y)), 3, count, size, 0.02, momentum
            for wanted, got in zip(stochastic_by_hand(cost, *arguments), loop(stochastic_path, cost)(*arguments)):
                close(got, wanted)
        for factors in (None, penalty + 1):
            wanted = plain(cost)(X, y, w, 0 * penalty if factors is None else factors)
            value, gradient = evaluate(X, y, w, factors, cost)
            close(value, wanted[0] + (0 if factors is None else (factors * w[1:]**2).sum() / 2))
            close(gradient, wanted[1])
        # nothing of this has changed what it was given
        for values, copy in zip((X, y, w, penalty), copies):
            assert (values == copy).all()


@pytest.mark.lanes
def test_the_same_as_scan():
    inputs = [T.dmatrix(), T.dvector(), T.dvector(), T.dvector()]
    numbers = [T.lscalar(), T.dscalar(), T.dscalar()]
    scans = {gradient_path: theano.function([*inputs, *numbers], path.gradient_path(*inputs, *numbers, cost=huber))}
    rest = [T.dvector(), T.lmatrix(), T.lscalar(), *numbers[:1], T.lscalar(), *numbers[1:]]
    scans[stochastic_path] = theano.function([*inputs, *rest], path.stochastic_path(*inputs, *rest, cost=huber))
    for seed in range(10):
        X, y, w, penalty = problem(seed)
        for name, arguments in ((gradient_path, (300, 0.1, 0.02)),
                                (stochastic_path, (0 * w, orders_for(seed, len(y)), 1, 100, 3, 0.1, 0.5))):
            wanted, got = scans[name](X, y, w, penalty, *arguments), loop(name, huber)(X, y, w, penalty, *arguments)
            for one, other in zip(wanted, got):
                numpy.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize('dtype', ['float64', 'float32'])
def test_points_in_any_layout(dtype):
    for rows, columns in ((5000, 2), (3, 200), (1, 1)):
        random = numpy.random.RandomState(rows)
        X = random.normal(size=(rows, columns)).astype(dtype)
        fixed = X.copy()
        fixed.flags.writeable = False
        y, w = (random.uniform(size=rows) < 0.5).astype(float), random.normal(size=columns + 1)
        digits = 1e-10 if dtype == 'float64' else 1e-4
        for points in (X, numpy.asfortranarray(X), numpy.repeat(X, 2, axis=1)[:, ::2], fixed):
            arguments = points, y, 0.3 * w, numpy.ones(columns)
            numbers = 5, 0.3, -1.0
            got = loop(gradient_path, negative_log_likelihood, dtype)(*arguments, *numbers)[0]
            wanted = descent_by_hand(negative_log_likelihood, *arguments, *numbers)[0]
            numpy.testing.assert_allclose(got, wanted, rtol=digits, atol=digits / 100)
            rest = 0 * w, orders_for(1, rows), 0, 9, 7, 0.3, 0.5
            got = loop(stochastic_path, negative_log_likelihood, dtype)(*arguments, *rest)[0]
            wanted = stochastic_by_hand(negative_log_likelihood, *arguments, *rest)[0]
            numpy.testing.assert_allclose(got, wanted, rtol=digits, atol=digits / 100)


@pytest.mark.lanes
@pytest.mark.filterwarnings('ignore:overflow', 'ignore:invalid value')
def test_far_out_and_not_finite():
    X, y = numpy.array([[1000.0], [-1000.0], [0.5]]), numpy.array([1.0, 0.0, 1.0])
    for cost in (negative_log_likelihood, exponential):
        for slope in (5.0, -5.0, 1e300, -numpy.inf, numpy.inf, numpy.nan):
            for tol in (-1.0, 0.1):
                arguments = X, y, numpy.array([0.0, slope]), numpy.zeros(1), 3, 0.1, tol
                wanted, got = descent_by_hand(cost, *arguments), loop(gradient_path, cost)(*arguments)
                assert wanted[1] == got[1]
                numpy.testing.assert_allclose(got[0], wanted[0], rtol=1e-12, atol=1e-300)
    # no penalty is not one of zero, where squares overflow
    w = numpy.array([1e200, 1e200])
    assert evaluate(X, y, w, None, COSTS['no labels'])[0] < 1e204
    assert evaluate(X, y, w * [1, 0], numpy.ones(1), COSTS['no labels'])[0] == 1e200


@pytest.mark.lanes
def test_divergence_ends_at_the_last_finite_weights():
    data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]])
    for train, options in ((gradient_descent, {'iterations': 1000}),
                           (stochastic_gradient_descent, {'epochs': 1000, 'shuffle': None})):
        with pytest.warns(RuntimeWarning, match='no longer finite'):
            model = train(data, learning_rate=10, cost=exponential, **options)
        begun = data.points, data.labels, numpy.zeros(2), numpy.zeros(1)
        reached = model._descent.state.position
        costs = []
        for count in (reached, reached + 1):
            if train is gradient_descent:
                w = descent_by_hand(exponential, *begun, count, 10, -1.0)[0]
            else:
                rest = numpy.zeros(2), numpy.arange(4)[None], 0, count, 1, 10, 0.0
                w = stochastic_by_hand(exponential, *begun, *rest)[0]
            costs.append(float(plain(exponential)(*begun[:2], w, begun[3])[0]))
            if count == reached:
                numpy.testing.assert_allclose(model._weights, w, rtol=1e-12)
        assert numpy.isfinite(costs).tolist() == [True, False]


def test_an_operation_that_numba_does_not_know():
    class Square(theano.graph.op.Op):
        __props__ = ()

        def make_node(self, x):
            return theano.graph.basic.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0]**2

        def pullback(self, inputs, outputs, gradients):
            # itself in the gradient
            return [2 * inputs[0] * gradients[0] + 0 * self(inputs[0])]

        L_op = pullback

    def cost(X, y, w):
        return T.mean(Square()(log_odds(X, w) - y))

    X, y, w, penalty = problem(1)
    with pytest.warns(UserWarning, match='object mode'):
        got = loop(gradient_path, cost)(X, y, w, penalty, 20, 0.1, -1.0)
    wanted = descent_by_hand(cost, X, y, w, penalty, 20, 0.1, -1.0)
    numpy.testing.assert_allclose(got[0], wanted[0], rtol=1e-12)
    arguments = X, y, w, penalty, 0 * w, orders_for(1, len(y)), 0, 20, 2, 0.1, 0.0
    numpy.testing.assert_allclose(loop(stochastic_path, cost)(*arguments)[0], stochastic_by_hand(cost, *arguments)[0],
                                  rtol=1e-12)


def test_what_does_not_fit_is_refused():
    X, y, w = numpy.ones((5, 2)), numpy.zeros(5), numpy.zeros(3)
    for points, labels, weights in ((X, y[:4], w), (X, y, w[:1]), (X, y, numpy.zeros(4)), (X[:3], y, w)):
        with pytest.raises((ValueError, AssertionError)):
            loop(gradient_path, negative_log_likelihood)(points, labels, weights, weights[1:], 3, 0.1, -1.0)


@pytest.mark.lanes
def test_a_cost_that_does_not_fit_is_told_by_its_own_operation():
    X, y, w = numpy.ones((5, 2)), numpy.zeros(5), numpy.zeros(3)
    with pytest.raises(IndexError, match='index 5'):
        evaluate(X, y, w, None, lambda X, y, w: (w[5] - 1)**2)
    with pytest.raises(ValueError, match=r'\(3,\) \(5,\)'):
        evaluate(X, y, w, None, lambda X, y, w: T.sum((y[:3] - T.dot(X, w[1:]))**2))


TRAIN = '''
from sage_logreg import ex2data1, gradient_descent, stochastic_gradient_descent
from sage_logreg.cost import loops
from sage_logreg.cost.graphs import known_cost, negative_log_likelihood
def cost(X, y, w):
    return negative_log_likelihood(X, y, w)
print(gradient_descent(ex2data1(), iterations=1000, cost=cost).weights())
print(stochastic_gradient_descent(ex2data1(), epochs=2, cost=cost).weights())
compiled = loops.compiled_cost('float64', known_cost(cost, 'float64'))
print(sum(sum(function.vm.jit_fn.stats.cache_misses.values()) for function in (compiled.value, compiled.gradient)))
print(len(compiled.gradient.vm.jit_fn.overloads))
'''


def test_compiled_once_and_kept_on_the_disk():
    # the second process takes what the first one has compiled, unless that was there already
    results = [subprocess.run([sys.executable, '-c', TRAIN], capture_output=True, text=True, check=True).stdout
               .splitlines() for _ in range(2)]
    assert results[0][:2] == results[1][:2] and results[1][2:] == ['0', '1']
