r"""
Long steps by all cores: against plain NumPy, the same bits for any number of cores.
"""
import numpy
import pytest

from sage_logreg import gradient_descent, load_data, minimize_cost, stochastic_gradient_descent
from sage_logreg.cost.evaluation import evaluate
from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.kernels import BATCH_PART, MANY_SAMPLES, rows_of_a_part
from sage_logreg.solvers.descent import GradientDescent
from sage_logreg.solvers.problem import LogisticProblem
from sage_logreg.solvers.records import State
from sage_logreg.support import cores

from helpers import weights_of

needs_numba = pytest.mark.skipif(not has_numba(), reason='without numba the graph is computed by one core')


@pytest.fixture
def use_cores(monkeypatch):
    """A function that says how many cores there are."""
    def use(count):
        monkeypatch.setattr(cores, 'core_count', lambda: count)
        cores._pool.cache_clear()
    yield use
    cores._pool.cache_clear()


def table(columns, dtype='float64', weighted=False, parts=3.4):
    """Rows for some parts, the last of them shorter."""
    random = numpy.random.RandomState(columns)
    rows = int(parts * rows_of_a_part(columns))
    X = random.normal(size=(rows, columns)).astype(dtype)
    y = (random.uniform(size=rows) < 0.4).astype(float)
    more = {'weights': random.randint(1, 4, size=rows), 'offset': random.normal(size=rows)} if weighted else {}
    return load_data((X, y), dtype=dtype, **more)


def by_hand(data, w, l2):
    """The cost and its gradient, in NumPy."""
    X, y = data.points.astype(float), data.labels
    counts = numpy.ones(len(y)) if data.weights is None else numpy.asarray(data.weights, dtype=float)
    z = w[0] + X @ w[1:] + (0.0 if data.offset is None else numpy.asarray(data.offset, dtype=float))
    residual = counts * (1 / (1 + numpy.exp(-z)) - y) / counts.sum()
    penalty = numpy.full(len(w) - 1, l2 / counts.sum())
    cost = counts @ (numpy.logaddexp(0, z) - y * z) / counts.sum() + penalty @ w[1:]**2 / 2
    return cost, numpy.append(residual.sum(), X.T @ residual + penalty * w[1:])


@pytest.mark.lanes
@needs_numba
@pytest.mark.parametrize('columns, dtype, weighted, l2', [(1, 'float64', False, 0), (3, 'float64', True, 2), (20, 'float32', False, 5),
                                                           (70, 'float64', True, 0)])
def test_as_by_hand_and_the_same_bits_for_any_number_of_cores(use_cores, columns, dtype, weighted, l2):
    data = table(columns, dtype, weighted)
    problem, method = LogisticProblem(data, l2=l2), GradientDescent(0.5, 4)
    assert type(method.steps(problem)).__name__ == 'PartedSteps'
    w = numpy.linspace(-0.1, 0.2, columns + 1)
    wanted = by_hand(data, w, l2)
    end = numpy.zeros(columns + 1)
    for _ in range(4):
        end = end - 0.5 * by_hand(data, end, l2)[1]
    bits = set()
    for count in (1, 2, 3):
        use_cores(count)
        cost, gradient = problem.evaluate(w)
        numpy.testing.assert_allclose(cost, wanted[0], rtol=1e-12)
        numpy.testing.assert_allclose(gradient, wanted[1], rtol=1e-10, atol=1e-13)
        model = gradient_descent(data, 0.5, 4, l2=l2)
        numpy.testing.assert_allclose(weights_of(model), end, rtol=1e-10, atol=1e-13)
        bits.add((cost, gradient.tobytes(), weights_of(model).tobytes()))
    assert len(bits) == 1


@pytest.mark.lanes
@needs_numba
def test_tol_resume_and_divergence_of_many_points(use_cores):
    use_cores(2)
    data = table(2)
    # the standardised steps soon reach tol
    model = gradient_descent(data, 1, 1000, tol=1e-6, scale=True)
    assert model.iterations() < 1000 and abs(by_hand(data, weights_of(model), 0)[1]).max() < 1e-5
    whole = gradient_descent(data, 0.5, 9)
    assert (weights_of(gradient_descent(data, 0.5, 4).resume(5)) == weights_of(whole)).all()
    with pytest.warns(RuntimeWarning, match='no longer finite'):
        far = gradient_descent(data, 1e308, 9)
    assert numpy.isfinite(weights_of(far)).all()


@pytest.mark.lanes
@needs_numba
def test_far_out_in_parts():
    # log-odds of +-800 and beyond, right and wrong labels in every part
    rows = 3 * rows_of_a_part(1)
    X, y = numpy.where(numpy.arange(rows) % 2, 1000.0, -1000.0)[:, None], (numpy.arange(rows) % 4 < 2).astype(float)
    for slope in (0.8, 1e300, -5.0):
        cost, gradient = evaluate(X, y, numpy.array([0.0, slope]))
        numpy.testing.assert_allclose(cost, 500 * abs(slope), rtol=1e-12)
        numpy.testing.assert_allclose(gradient[1], numpy.sign(slope) * 500, rtol=1e-12)


@pytest.mark.lanes
@pytest.mark.parametrize('count', [1, 2, 3, 8])
def test_in_parallel_keeps_the_order_and_tells_errors(use_cores, count):
    use_cores(count)
    assert cores.in_parallel(lambda part: part * 2, range(20)) == list(range(0, 40, 2))
    # within another one too, where no thread is free
    nested = cores.in_parallel(lambda part: sum(cores.in_parallel(lambda k: part * k, range(4))), range(6))
    assert nested == [6 * part for part in range(6)]
    with pytest.raises(ZeroDivisionError):
        cores.in_parallel(lambda part: 1 / part, [1, 2, 3, 0, 5])
    assert cores.in_parallel(abs, []) == []


@pytest.mark.lanes
@pytest.mark.filterwarnings('ignore:stochastic_gradient_descent. the cost rose')
@pytest.mark.parametrize('options', [{}, {'momentum': 0.5}, {'l2': 1}, {'shuffle': 'epoch'}, {'batch_size': 3}, {'batch_size': 40}])
def test_stochastic_updates_far_out(options):
    # log-odds far beyond what an exponential can hold, and labels that agree or not
    X = numpy.array([[1000.0, 1.0], [-1000.0, 0.5], [900.0, -1.0], [0.1, 0.2], [-0.3, 1.0]])
    y = numpy.array([1.0, 0.0, 0.0, 1.0, 0.0])
    start = numpy.array([0.5, 0.8, -0.25])
    model = stochastic_gradient_descent((X, y), 0.01, 3, initial=start, **options)
    size, momentum, l2 = options.get('batch_size', 1), options.get('momentum', 0), options.get('l2', 0)
    w, v = start, numpy.zeros(3)
    order = numpy.random.RandomState(0).permutation(5)
    with numpy.errstate(over='ignore'):
        for epoch in range(3):
            if options.get('shuffle') == 'epoch':
                order = numpy.random.RandomState([0, epoch]).permutation(5)
            for first in range(0, 5, size):
                batch = order[first:first + size]
                residual = 1 / (1 + numpy.exp(-(w[0] + X[batch] @ w[1:]))) - y[batch]
                gradient = numpy.append(residual.sum(), residual @ X[batch]) / len(batch)
                v = momentum * v - 0.01 * (gradient + numpy.append(0, l2 / 5 * w[1:]))
                w = w + v
    numpy.testing.assert_allclose(weights_of(model), w, rtol=1e-12)


def test_stochastic_runs_in_parts_are_the_same_bits():
    random = numpy.random.RandomState(4)
    data = load_data((random.normal(size=(30, 3)), numpy.arange(30) % 2))
    for options in ({}, {'momentum': 0.9, 'l2': 1}, {'batch_size': 4}):
        whole = stochastic_gradient_descent(data, 0.1, 40, **options)
        parts = stochastic_gradient_descent(data, 0.1, 40, report=1, **options)
        assert (weights_of(whole) == weights_of(parts)).all()


@pytest.mark.lanes
@needs_numba
def test_a_step_is_the_same_bits_whether_its_cost_was_recorded(use_cores):
    use_cores(2)
    for columns, weighted in ((2, False), (21, True)):
        data = table(columns, weighted=weighted, parts=2.3)
        # the cost is recorded before every step
        model = gradient_descent(data, 0.5, 6, l2=1, report=1)
        steps = GradientDescent(0.5, 6).steps(LogisticProblem(data, l2=1))
        zeros = numpy.zeros(columns + 1)
        assert (steps.run(State(0, zeros, zeros, False), 6).weights == weights_of(model)).all()


def batches_by_hand(data, order, size, rate, momentum, l2, epochs):
    """The weights after some epochs of large batches, in NumPy."""
    X, y, m = data.points.astype(float), data.labels, len(data)
    counts = numpy.ones(m) if data.weights is None else numpy.asarray(data.weights, dtype=float)
    offset = numpy.zeros(m) if data.offset is None else numpy.asarray(data.offset, dtype=float)
    w, v, penalty = numpy.zeros(X.shape[1] + 1), numpy.zeros(X.shape[1] + 1), l2 / counts.sum()
    for _ in range(epochs):
        for start in range(0, m, size):
            batch = order[start:start + size]
            residual = counts[batch] / counts.mean() * (1 / (1 + numpy.exp(-(w[0] + X[batch] @ w[1:] + offset[batch]))) - y[batch])
            slopes = residual @ X[batch] / len(batch) + penalty * w[1:]
            v = momentum * v - rate * numpy.append(residual.sum() / len(batch), slopes)
            w = w + v
    return w


@pytest.mark.lanes
@pytest.mark.filterwarnings('ignore:stochastic_gradient_descent. the cost rose')
@pytest.mark.parametrize('columns, dtype, weighted, parts', [(1, 'float64', True, 1.2), (20, 'float64', False, 2.5),
                                                             (20, 'float32', True, 3.1), (150, 'float64', False, 2.0), (7, 'float64', True, 0.1)])
def test_large_batches_as_by_hand_and_the_same_bits_for_any_number_of_cores(use_cores, columns, dtype, weighted, parts):
    size = int(parts * rows_of_a_part(columns, BATCH_PART))
    assert size > MANY_SAMPLES
    data = table(columns, dtype, weighted, parts=0.9)
    order, bits = numpy.random.RandomState(3).permutation(len(data)), set()
    for count in (1, 2, 3):
        use_cores(count)
        model = stochastic_gradient_descent(data, 0.2, 3, batch_size=size, momentum=0.5, l2=2, seed=3)
        numpy.testing.assert_allclose(weights_of(model), batches_by_hand(data, order, size, 0.2, 0.5, 2, 3), rtol=1e-9, atol=1e-12)
        resumed = stochastic_gradient_descent(data, 0.2, 1, batch_size=size, momentum=0.5, l2=2, seed=3).resume(2)
        bits |= {weights_of(model).tobytes(), weights_of(resumed).tobytes()}
    assert len(bits) == 1


@pytest.mark.filterwarnings('ignore:stochastic_gradient_descent. complete separation')
def test_single_samples_whose_products_overflow():
    # the product of two rows is infinite, while the log-odds and the weights are not
    X, y = numpy.array([[1e200], [2e200], [-3e200], [1e199]]), numpy.array([1.0, 1.0, 0.0, 1.0])
    model = stochastic_gradient_descent((X, y), 0.5, 5, initial=[0, 1e-195], shuffle=None)
    # every label is as probable as the model says: no update changes anything
    assert weights_of(model).tolist() == [0, 1e-195]


@pytest.mark.slow
@pytest.mark.parametrize('dtype, weighted', [('float64', False), ('float32', True)])
def test_a_cost_of_ones_own_as_by_hand_and_the_same_bits_for_any_number_of_cores(sage, use_cores, dtype, weighted):
    a, b, x1, y = sage.SR.var('a, b, x1, y')
    random = numpy.random.RandomState(5)
    rows = int(2.4 * rows_of_a_part(1))
    X = random.normal(size=(rows, 1)).astype(dtype)
    labels, counts = (random.uniform(size=rows) < 0.4) * 1.0, random.randint(1, 4, size=rows) if weighted else numpy.ones(rows)
    data = load_data((X, labels), dtype=dtype, weights=counts if weighted else None)
    slope, bits = X[:, 0].astype(float), set()
    for count in (1, 2, 3):
        use_cores(count)
        model = minimize_cost((a + b*x1 - y)**2, data, [a, b], learning_rate=0.1, iterations=5)
        v = numpy.zeros(2)
        for _ in range(5):
            residual = counts * (v[0] + v[1] * slope - labels) / counts.sum()
            v = v - 0.2 * numpy.array([residual.sum(), residual @ slope])
        numpy.testing.assert_allclose(weights_of(model), v, rtol=1e-6 if dtype == 'float32' else 1e-10)
        residual = v[0] + v[1] * slope - labels
        numpy.testing.assert_allclose(float(model.cost()), counts @ residual**2 / counts.sum(), rtol=1e-6)
        resumed = minimize_cost((a + b*x1 - y)**2, data, [a, b], learning_rate=0.1, iterations=2, report=2).resume(3)
        bits |= {weights_of(model).tobytes(), weights_of(resumed).tobytes()}
    assert len(bits) == 1
