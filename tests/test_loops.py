"""The loops written for a user's own cost, against the scan and the T.grad that they stand for."""
import functools
import os
import re
import subprocess
import sys

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg.cost.graphs import known_cost, negative_log_likelihood, training_cost
from sage_logreg.engine import T, scan, sigmoid as theano_sigmoid, theano
from sage_logreg.cost.evaluation import evaluate
from sage_logreg.cost.kernels import SMALL
from sage_logreg.cost.codegen import HAS_LOOPS, Unsuited, along, exponential, looped_descent, product, sigmoid, text_of
from sage_logreg.cost.graphs import gradient_path

mpmath = pytest.importorskip('mpmath')

pytestmark = pytest.mark.skipif(not HAS_LOOPS, reason='this engine does not compile with numba')


def log_odds(X, w):
    return w[0] + T.dot(X, w[1:])


def worksheet(X, y, w):
    ones = T.concatenate([T.ones((X.shape[0], 1)), X], axis=1)
    h = 1 / (1 + T.exp(-T.dot(ones, w)))
    return T.mean(-y * T.log(h) - (1 - y) * T.log(1 - h))


def huber(X, y, w):
    residual = log_odds(X, w) - y
    return T.mean(T.switch(abs(residual) < 0.5, residual**2 / 2, 0.5 * abs(residual) - 0.125))


def scanned(X, y, w):
    return T.mean(scan(lambda row, label: (w[0] + T.dot(row, w[1:]) - label)**2, sequences=[X, y]))


def of_the_weights(X, y, w):
    known = T.sum((w[:2] - numpy.array([0.5, -0.25]))**2)
    return known + T.sum(w[::2]**2) + T.sum((w[:-1] - w[1:])**2) + w[-1]**2 / 2 + T.sum(T.outer(w, w)**2) / 8


def integers(X, y, w):
    signs = T.cast(T.cast(y, 'int64') * 2 - 1, 'float64')
    return T.mean((signs - log_odds(X, w))**2)


# A cost each for what a gradient may hold
COSTS = {
    'logistic': negative_log_likelihood,
    'worksheet': worksheet,
    'row before the matrix': lambda X, y, w: T.mean(T.maximum(0, 1 - (2 * y - 1) * (w[0] + T.dot(w[1:], X.T)))),
    'probit': lambda X, y, w: -T.mean(T.log((1 + (2 * y - 1) * T.erf(log_odds(X, w))) / 2 + 1e-3)),
    'exponential': lambda X, y, w: T.mean(T.exp(-(2 * y - 1) * log_odds(X, w))),
    'huber': huber,
    'scan in the cost': scanned,
    'columns': lambda X, y, w: T.mean((w[0] + T.sum(X * w[1:], axis=1) - y)**2),
    'summed matrix': lambda X, y, w: T.sum(T.exp(-(X * w[1:] - y[:, None])**2)) + w[0]**2,
    'penalties': lambda X, y, w: negative_log_likelihood(X, y, w) + 0.1 * T.sum(abs(w)) + 0.2 * T.sum(w**2),
    'quadratic form': lambda X, y, w: T.dot(w, T.dot(T.eye(w.shape[0]) * 2 + 0.3, w)) - T.sum(w),
    'weights': of_the_weights,
    'weights themselves': lambda X, y, w: T.sum(w**2) / 2,
    'linear': lambda X, y, w: T.sum(w) + T.dot(T.mean(X, axis=0), w[1:]),
    'one weight': lambda X, y, w: T.mean((y - w[0])**2),
    'cumulated': lambda X, y, w: T.mean(T.cumsum(log_odds(X, w))**2) / 30,
    'integers': integers,
    'largest': lambda X, y, w: T.max(abs(log_odds(X, w) - y)),
    'length of the result': lambda X, y, w: T.sum(log_odds(X, w)[(log_odds(X, w) > 0).nonzero()]**2) / 10,
}
# what needs scan: a length that depends on the weights
UNSUITED = {'length of the result'}


def variables(dtype='float64'):
    return [T.matrix(dtype=dtype), T.dvector(), T.dvector(), T.dvector(), T.lscalar(), T.dscalar(), T.dscalar()]


@functools.lru_cache(maxsize=None)
def looping(cost, dtype='float64'):
    train = looped_descent(dtype, known_cost(cost, dtype))
    return lambda *arguments: train(*map(numpy.asarray, arguments))


@functools.lru_cache(maxsize=None)
def cost_and_gradient_of(cost, dtype='float64'):
    """The cost and ``T.grad`` as they are, through no rewrites and no numba."""
    X, y, w, penalty = variables(dtype)[:4]
    return theano.function([X, y, w, penalty], [training_cost(X, y, w, cost=cost),
                                                T.grad(training_cost(X, y, w, penalty, cost), w)],
                           on_unused_input='ignore', mode=theano.compile.mode.Mode('py', None))


def gradient_of(cost, dtype='float64'):
    return lambda *arguments: cost_and_gradient_of(cost, dtype)(*arguments)[1]


def by_hand(cost, X, y, w, penalty, count, rate, tol, dtype='float64'):
    for made in range(count):
        gradient = gradient_of(cost, dtype)(X, y, w, penalty)
        if abs(gradient).max() <= tol:
            return w, made
        w = w - rate * gradient
    return w, count


def problem(seed):
    random = numpy.random.RandomState(seed)
    m, n = random.randint(2, 30), random.randint(1, 6)
    return (random.normal(size=(m, n)), (random.uniform(size=m) < 0.5).astype(float), random.normal(size=n + 1),
            random.uniform(size=n) * random.randint(2))


@pytest.mark.parametrize('name', COSTS)
def test_every_cost_as_its_gradient_by_hand(name):
    if name in UNSUITED:
        with pytest.raises(Unsuited):
            text_of(variables()[:4], COSTS[name])
    else:
        assert text_of(variables()[:4], COSTS[name]).step or name == 'weights themselves'
    for seed in range(12):
        for count, tol in ((0, -1.0), (1, -1.0), (100, 0.05)):
            arguments = (*problem(seed), count, 0.05, tol)
            wanted, got = by_hand(COSTS[name], *arguments), looping(COSTS[name])(*arguments)
            assert wanted[1] == int(got[1])
            numpy.testing.assert_allclose(got[0], wanted[0], rtol=1e-10, atol=1e-12)
            # and what they cost where the loop ended
            cost, gradient = cost_and_gradient_of(COSTS[name])(*arguments[:2], got[0], arguments[3])
            numpy.testing.assert_allclose(got[2], cost, rtol=1e-12, atol=1e-13)
            numpy.testing.assert_allclose(got[3], gradient, rtol=1e-10, atol=1e-12)


def test_the_cost_is_not_computed_in_every_step():
    text = text_of(variables()[:4], lambda X, y, w: T.mean(T.log1p((y - log_odds(X, w))**2)))
    called = [set(re.findall(r'\bf\d+(?=\()', '\n'.join(lines))) for lines in (text.step, text.last)]
    # the logarithm, alone or fused with what is around it
    assert len(called[1] - called[0]) >= 1


def test_an_evaluation_is_that_of_theano():
    X, y, w, penalty = problem(5)
    for factors in (None, penalty + 1):
        for name, cost in COSTS.items():
            wanted = cost_and_gradient_of(cost)(X, y, w, 0 * penalty if factors is None else factors)
            extra = 0 if factors is None else (factors * w[1:]**2).sum() / 2
            value, gradient = evaluate(X, y, w, factors, cost)
            numpy.testing.assert_allclose(value, wanted[0] + extra, rtol=1e-13, err_msg=name)
            numpy.testing.assert_allclose(gradient, wanted[1], rtol=1e-11, atol=1e-12, err_msg=name)
    # no penalty is not one of zero, where squares overflow
    assert evaluate(X, y, 1e200 * abs(w), None, COSTS['linear'])[0] < 1e202


def test_the_same_as_scan():
    inputs = variables()
    scanning = theano.function(inputs, gradient_path(*inputs, cost=negative_log_likelihood))
    looped = looped_descent('float64', known_cost(negative_log_likelihood, 'float64'))
    for function, kind, other in ((scanning, 'Scan', 'LoopedDescent'), (looped, 'LoopedDescent', 'Scan')):
        # otherwise scan would be compared with itself
        names = [type(node.op).__name__ for node in function.maker.fgraph.apply_nodes]
        assert kind in names and other not in names
    for seed in range(20):
        arguments = (*problem(seed), 300, 0.1, 0.02)
        wanted, got = scanning(*arguments), looping(negative_log_likelihood)(*arguments)
        assert int(wanted[1]) == int(got[1])
        numpy.testing.assert_allclose(got[0], wanted[0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize('name', ['logistic', 'worksheet', 'exponential', 'probit'])
def test_one_step_is_the_gradient_of_theano(name):
    for seed in range(20):
        X, y, w, penalty = problem(seed)
        end = looping(COSTS[name])(X, y, w, penalty, 1, 1.0, -1.0)[0]
        numpy.testing.assert_allclose(w - end, gradient_of(COSTS[name])(X, y, w, penalty), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize('dtype', ['float64', 'float32'])
@pytest.mark.parametrize('layout', ['C', 'F', 'strided'])
@pytest.mark.parametrize('rows, columns', [(SMALL // 2, 2), (SMALL // 2 + 1, 2), (3, 200), (3, 3), (1, 1), (200, SMALL // 128)])
def test_small_and_large_tables_in_any_layout(rows, columns, layout, dtype):
    random = numpy.random.RandomState(rows)
    X = random.normal(size=(rows, columns)).astype(dtype)
    X = {'C': X, 'F': numpy.asfortranarray(X), 'strided': numpy.repeat(X, 2, axis=1)[:, ::2]}[layout]
    y, w = (random.uniform(size=rows) < 0.5).astype(float), random.normal(size=columns + 1)
    arguments = X, y, 0.3 * w, numpy.ones(columns), 5, 0.3, -1.0
    got = looping(negative_log_likelihood, dtype)(*arguments)[0]
    wanted = by_hand(negative_log_likelihood, *arguments, dtype=dtype)[0]
    digits = 1e-10 if dtype == 'float64' else 1e-4
    numpy.testing.assert_allclose(got, wanted, rtol=digits, atol=digits / 100)


def test_the_arguments_stay_as_they_are():
    for name in ('logistic', 'weights', 'weights themselves'):
        arguments = problem(3)
        copies = [values.copy() for values in arguments]
        looping(COSTS[name])(*arguments, 10, 0.1, -1.0)
        for values, copy in zip(arguments, copies):
            assert (values == copy).all()


@pytest.mark.filterwarnings('ignore:overflow', 'ignore:invalid value')
def test_far_out_and_not_finite():
    X, y = numpy.array([[1000.0], [-1000.0], [0.5]]), numpy.array([1.0, 0.0, 1.0])
    for name in ('logistic', 'exponential'):
        for slope in (5.0, -5.0, 1e300, -numpy.inf, numpy.inf, numpy.nan):
            for tol in (-1.0, 0.1):
                arguments = X, y, numpy.array([0.0, slope]), numpy.zeros(1), 3, 0.1, tol
                wanted, got = by_hand(COSTS[name], *arguments), looping(COSTS[name])(*arguments)
                assert wanted[1] == int(got[1])
                numpy.testing.assert_allclose(got[0], wanted[0], rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize('name', ['logistic', 'columns', 'summed matrix'])
def test_lengths_that_do_not_fit_are_refused(name):
    X, y, w = numpy.ones((5, 2)), numpy.zeros(5), numpy.zeros(3)
    train = looping(COSTS[name])
    train(X, y, w, numpy.zeros(2), 3, 0.1, -1.0)
    for arguments in ((X, y[:4], w), (X, y, w[:2]), (X, y, numpy.zeros(4)), (X[:3], y, w)):
        with pytest.raises((ValueError, AssertionError)):
            train(*arguments, numpy.zeros(len(arguments[2]) - 1), 3, 0.1, -1.0)


def test_an_index_beyond_the_weights_is_refused():
    train = looping(lambda X, y, w: (w[5] - 1)**2)
    data = numpy.ones((2, 1)), numpy.zeros(2)
    assert train(*data, numpy.zeros(6), numpy.zeros(5), 1, 0.5, -1.0)[0].tolist() == [0, 0, 0, 0, 0, 1]
    with pytest.raises((ValueError, IndexError)):
        train(*data, numpy.zeros(2), numpy.zeros(1), 1, 0.5, -1.0)


def test_a_cost_that_does_not_fit_is_told_by_its_own_operation():
    X, y, w = numpy.ones((5, 2)), numpy.zeros(5), numpy.zeros(3)
    with pytest.raises(IndexError, match='index'):
        evaluate(X, y, w, None, lambda X, y, w: (w[5] - 1)**2)
    with pytest.raises(ValueError, match='(?i)mismatch|shape|align'):
        evaluate(X, y, w, None, lambda X, y, w: T.sum((y[:3] - T.dot(X, w[1:]))**2))


def test_keys_on_the_disk_tell_costs_apart():
    keys = [text_of(variables()[:4], cost).compiled()[1] for cost in (
        lambda X, y, w: T.sum((w - 2.0)**2), lambda X, y, w: T.sum((w - 3.0)**2), lambda X, y, w: T.sum((w - 2.0)**3),
        lambda X, y, w: T.sum((w - numpy.array([2.0, 3.0]))**2), lambda X, y, w: T.sum((w - numpy.array([2.0, 4.0]))**2))]
    assert None not in keys and len(set(keys)) == 5
    assert text_of(variables()[:4], lambda X, y, w: T.sum((w - 2.0)**2)).compiled()[1] == keys[0]


TRAIN = '''
from sage_logreg import ex2data1, gradient_descent
from sage_logreg.cost.graphs import negative_log_likelihood
print(gradient_descent(ex2data1(), iterations=1000, cost=lambda X, y, w: negative_log_likelihood(X, y, w)).weights())
'''


def test_the_same_weights_from_the_disk(tmp_path):
    # the second process takes what the first one has compiled
    results = [subprocess.run([sys.executable, '-c', TRAIN], capture_output=True, text=True, check=True,
                              env={**os.environ, 'PYTENSOR_FLAGS': f'base_compiledir={tmp_path}'}).stdout
               for _ in range(2)]
    assert results[0] == results[1] and list(tmp_path.rglob('*.nbc'))


# The functions that the text calls

def compiled(function):
    import numba
    from sage_logreg.cost.codegen import _looped_operation
    _looped_operation()

    @numba.njit(error_model='numpy')
    def many(x):
        out = numpy.empty(len(x))
        for i in range(len(x)):
            out[i] = function(x[i])
        return out
    return many


@pytest.fixture(scope='module')
def compiled_exponential():
    return compiled(exponential)


@pytest.fixture(scope='module')
def compiled_sigmoid():
    return compiled(sigmoid)


def ulps(values, exact):
    """How far the values are from exact numbers, in units of the last place of these."""
    with mpmath.workprec(200):
        return max(float(abs(mpmath.mpf(float(value)) - number) / mpmath.mpf(float(numpy.spacing(abs(float(number))))))
                   for value, number in zip(values, exact))


def numbers():
    random = numpy.random.RandomState(0)
    return numpy.concatenate([numpy.linspace(-745, 709.78, 1501), random.uniform(-745, 709.78, 1500), random.normal(size=1500),
                              10.0**random.uniform(-300, 0, 200), -10.0**random.uniform(-300, 0, 200),
                              [0.0, -0.0, -708.39, -708.41, -744.44, -745.13, 709.7827128933, numpy.log(2) / 2]])


def test_exponential_over_the_whole_range(compiled_exponential):
    x = numbers()
    with mpmath.workprec(200):
        exact = [mpmath.exp(mpmath.mpf(float(number))) for number in x]
    assert ulps(compiled_exponential(x), exact) < 1.1


def test_sigmoid_over_the_whole_range(compiled_sigmoid):
    x = numbers()
    # where e^-x overflows the result is 0, as it is in Theano's own function
    x = x[x > -709.78]
    with mpmath.workprec(1200):
        exact = [1 / (1 + mpmath.exp(-mpmath.mpf(float(number)))) for number in x]
    assert ulps(compiled_sigmoid(x), exact) < 2.5
    z = T.dvector()
    function = theano.function([z], theano_sigmoid(z))
    numpy.testing.assert_allclose(compiled_sigmoid(x), function(x), rtol=1e-15)


def test_the_ends(compiled_exponential, compiled_sigmoid):
    ends = numpy.array([-numpy.inf, -1e300, -746.0, 709.79, 711.0, 1e300, numpy.inf, numpy.nan])
    infinity = numpy.inf
    numpy.testing.assert_array_equal(compiled_exponential(ends), [0, 0, 0] + 4 * [infinity] + [numpy.nan])
    numpy.testing.assert_array_equal(compiled_sigmoid(ends), [0, 0, 0] + 4 * [1] + [numpy.nan])


@settings(max_examples=100, deadline=None)
@given(x=st.floats(allow_nan=False))
def test_exponential_is_numpys(compiled_exponential, x):
    with numpy.errstate(over='ignore', under='ignore'):
        wanted = numpy.exp(x)
        numpy.testing.assert_allclose(exponential(x), wanted, rtol=5e-16, atol=5e-324)
    numpy.testing.assert_allclose(compiled_exponential(numpy.array([x])), wanted, rtol=5e-16, atol=5e-324)


@pytest.mark.parametrize('m, n', [(1, 1), (2, 5), (5, 2), (3, 3), (SMALL, 1), (1, SMALL), (SMALL + 1, 1), (2, SMALL)])
def test_products(m, n):
    random = numpy.random.RandomState(m + n)
    matrix, vector, out = random.normal(size=(m, n)), random.normal(size=n), numpy.empty(m)
    product(matrix, along(matrix), vector, out)
    numpy.testing.assert_allclose(out, matrix @ vector, rtol=1e-11, atol=1e-11)
