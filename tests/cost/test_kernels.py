"""The numba code against the Theano graph that it stands for."""
import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg.cost import kernels
from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.evaluation import evaluate, evaluate_in_parts, evaluate_newton
from sage_logreg.cost.graphs import cost_and_gradient, gradient_path, newton_terms, stochastic_path
from sage_logreg.cost.kernels import BLOCK, SMALL, exponentials, losses, residuals
from sage_logreg.cost.small import small_newton, small_terms
from sage_logreg.engine import T, theano

pytestmark = pytest.mark.skipif(not has_numba(), reason='this engine does not compile with numba')


def cost_by_kernel(X, y, w, penalty):
    return evaluate_in_parts(numpy.ascontiguousarray(X), y, w, penalty, ())


def both(build, inputs):
    """Return the graph of ``build``, compiled, and its numba code."""
    fast = cost_by_kernel if build is cost_and_gradient else getattr(kernels, build.__name__)
    return theano.function(inputs, build(*inputs)), fast


def cost_inputs():
    return [T.dvector(), T.dvector(), T.dvector()]


@pytest.fixture(scope='module')
def cost_functions():
    return both(cost_and_gradient, [T.dmatrix(), *cost_inputs()])


@pytest.fixture(scope='module')
def gradient_functions():
    return both(gradient_path, [T.dmatrix(), *cost_inputs(), T.lscalar(), T.dscalar(), T.dscalar()])


@pytest.fixture(scope='module')
def stochastic_functions():
    X, y, w, penalty, velocity = T.dmatrix(), T.dvector(), T.dvector(), T.dvector(), T.dvector()
    return both(stochastic_path, [X, y, w, penalty, velocity, T.lmatrix(), T.lscalar(), T.lscalar(), T.lscalar(),
                                  T.dscalar(), T.dscalar()])


def problem(seed):
    random = numpy.random.RandomState(seed)
    m, n = random.randint(2, 30), random.randint(1, 6)
    return (random, random.normal(size=(m, n)), (random.uniform(size=m) < 0.5).astype(float),
            # some weights with a bias, others without
            random.normal(size=n + random.randint(2)), random.uniform(size=n) * random.randint(2))


@pytest.mark.lanes
@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 40), tol=st.sampled_from([-1.0, 1e-2, 0.1]))
def test_gradient_path(gradient_functions, seed, count, tol):
    _, X, y, w, penalty = problem(seed)
    scanned, fast = (function(X, y, w, penalty, count, 0.1, tol) for function in gradient_functions)
    assert int(scanned[1]) == int(fast[1])
    numpy.testing.assert_allclose(fast[0], scanned[0], rtol=1e-9, atol=1e-12)


@pytest.mark.lanes
@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 60), size=st.integers(1, 7), momentum=st.sampled_from([0.0, 0.9]))
def test_stochastic_path(stochastic_functions, seed, count, size, momentum):
    random, X, y, w, penalty = problem(seed)
    m = len(y)
    orders = numpy.array([random.permutation(m) for _ in range(random.randint(1, 4))])
    first = random.randint(0, 3 * m)
    size = min(size, m)
    scanned, fast = (function(X, y, w, penalty, w * 0.1, orders, first, count, size, 0.05, momentum)
                     for function in stochastic_functions)
    numpy.testing.assert_allclose(fast[0], scanned[0], rtol=1e-9, atol=1e-12)
    numpy.testing.assert_allclose(fast[1], scanned[1], rtol=1e-8, atol=1e-12)


@pytest.mark.lanes
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), far=st.sampled_from([1, 30, 1000]))
def test_cost_and_gradient(cost_functions, seed, far):
    _, X, y, w, penalty = problem(seed)
    cost, gradient = cost_functions[0](X, y, far * w, penalty)
    for function in (cost_functions[1], small_terms):
        other = function(X, y, far * w, penalty)
        numpy.testing.assert_allclose(other[0], cost, rtol=1e-12, atol=1e-14)
        numpy.testing.assert_allclose(other[1], gradient, rtol=1e-10, atol=1e-12)


@pytest.fixture(scope='module')
def newton_function():
    inputs = [T.dmatrix(), *(T.dvector() for _ in range(6)), T.lscalar()]
    return theano.function(inputs, newton_terms(*inputs))


@pytest.mark.lanes
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), far=st.sampled_from([1, 30, 1000]), curved=st.booleans())
def test_newton_terms(newton_function, seed, far, curved):
    random, X, y, w, _ = problem(seed)
    arguments = (X, y, far * w, random.uniform(size=len(y)), random.normal(size=len(y)), random.normal(size=X.shape[1]),
                 random.uniform(0.5, 2, size=X.shape[1]), curved)
    terms = newton_function(*arguments)
    X, y, w, *rest, curved = arguments
    for values in (kernels.compiled(kernels.newton_terms, *arguments)(*arguments), small_newton(X, y, len(w), *rest)(w, curved)):
        for one, other in zip(values, terms):
            numpy.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


@pytest.mark.lanes
def test_newton_terms_of_one_number_for_all_rows():
    # of a table with more entries than a small one
    X, ones = numpy.random.RandomState(0).normal(size=(3000, 2)), numpy.broadcast_to(1.0, 3000)
    y, w, rest = (X[:, 0] > 0).astype(float), numpy.array([0.1, 0.2, 0.3]), (ones, 0 * ones, numpy.zeros(2), numpy.ones(2))
    for one, other in zip(evaluate_newton(X, y, w, *rest), small_newton(X, y, 3, *rest)(w)):
        numpy.testing.assert_allclose(one, other, rtol=1e-10)


@pytest.mark.lanes
def test_far_weights_without_a_penalty():
    # the square of the weight overflows
    X, y, w = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0]), numpy.array([0.0, 1e200])
    for function in (cost_by_kernel, small_terms):
        cost, gradient = function(X, y, w, numpy.zeros(1))
        assert cost == 5e199 and gradient.tolist() == [0.5, 0.5]


@pytest.mark.lanes
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_one_step_is_the_gradient_of_theano(gradient_functions, seed):
    _, X, y, w, penalty = problem(seed)
    end = gradient_functions[1](X, y, w, penalty, 1, 0.25, -1.0)[0]
    numpy.testing.assert_allclose((w - end) / 0.25, evaluate(X, y, w, penalty)[1], rtol=1e-9, atol=1e-12)


@pytest.mark.lanes
def test_far_out_nothing_is_lost(gradient_functions):
    X, y, w = numpy.array([[1000.0], [-1000.0]]), numpy.array([1.0, 0.0]), numpy.array([0.0, 5.0])
    for function in gradient_functions:
        assert function(X, y, w, numpy.zeros(1), 10, 0.1, -1.0)[0].tolist() == [0.0, 5.0]
        assert function(-X, y, w, numpy.zeros(1), 1, 0.1, -1.0)[0].tolist() == [0.0, -95.0]


@pytest.fixture(scope='module', params=['float64', 'float32'])
def functions_of_a_type(request):
    inputs = [T.matrix('X', dtype=request.param), *cost_inputs()]
    return (request.param, both(cost_and_gradient, inputs),
            both(gradient_path, [*inputs, T.lscalar(), T.dscalar(), T.dscalar()]))


@pytest.mark.slow
@pytest.mark.parametrize('layout', ['C', 'F', 'strided'])
@pytest.mark.parametrize('rows, columns', [(SMALL // 2, 2), (SMALL // 2 + 1, 2), (2 * BLOCK, 5), (2 * BLOCK + 1, 5), (90, 200)])
def test_small_and_large_tables_in_any_layout(functions_of_a_type, rows, columns, layout):
    dtype, costs, descents = functions_of_a_type
    random = numpy.random.RandomState(rows)
    X = random.normal(size=(rows, columns)).astype(dtype)
    X = {'C': X, 'F': numpy.asfortranarray(X), 'strided': numpy.repeat(X, 2, axis=1)[:, ::2]}[layout]
    y = (random.uniform(size=rows) < 0.5).astype(float)
    w, penalty = 0.3 * random.normal(size=columns + 1), random.uniform(size=columns)
    digits = 1e-9 if dtype == 'float64' else 1e-4
    # the graph itself is compiled for one layout only: its numbers are the same in any
    same = numpy.ascontiguousarray(X)
    for plain, fast in zip(costs[0](same, y, w, penalty), costs[1](X, y, w, penalty)):
        numpy.testing.assert_allclose(fast, plain, rtol=digits, atol=digits / 100)
    scanned, fast = descents[0](same, y, w, penalty, 5, 0.3, -1.0), descents[1](X, y, w, penalty, 5, 0.3, -1.0)
    numpy.testing.assert_allclose(fast[0], scanned[0], rtol=digits, atol=digits / 100)


@pytest.mark.lanes
@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-745, 745), min_size=1, max_size=20))
def test_exponentials_to_their_last_digits(values):
    z, e = numpy.array(values), numpy.empty(len(values))
    exponentials(z, e)
    numpy.testing.assert_allclose(e, numpy.exp(-abs(z)), rtol=5e-16, atol=1e-307)
    losses(z, numpy.zeros(len(z)), e)
    numpy.testing.assert_allclose(e, numpy.logaddexp(0, z), rtol=1e-15, atol=1e-307)
    residuals(z, numpy.zeros(len(z)), e)
    with numpy.errstate(over='ignore'):
        numpy.testing.assert_allclose(z, 1 / (1 + numpy.exp(-numpy.array(values))), rtol=1e-15, atol=1e-307)


@pytest.mark.lanes
@pytest.mark.filterwarnings('ignore:invalid value')
def test_infinities_and_nan_stay():
    z, e = numpy.array([numpy.inf, -numpy.inf, numpy.nan]), numpy.empty(3)
    losses(z, numpy.zeros(3), e)
    assert not numpy.isfinite(e).any()
    residuals(z, numpy.zeros(3), e)
    assert z[:2].tolist() == [1, 0] and numpy.isnan(z[2])
