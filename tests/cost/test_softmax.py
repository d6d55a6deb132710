r"""
The cost of more than two classes: the loops, the graph, and an oracle in many digits.
"""
import mpmath
import numpy
import pytest

from sage_logreg.cost import softmax
from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.softmax import evaluate_softmax, parts_of


def problem(seed, m=40, n=3, classes=4, dtype='float64', intercept=True):
    random = numpy.random.RandomState(seed)
    points = random.randint(0, 256, (m, n)).astype('uint8') if dtype == 'uint8' else random.normal(size=(m, n)).astype(dtype)
    labels = random.randint(0, classes, m).astype(float)
    weights = random.normal(size=classes * (n + intercept)) / (64 if dtype == 'uint8' else 1)
    frequency = random.uniform(0, 2, m)
    return points, labels, weights, classes, frequency / frequency.mean(), random.normal(size=(m, classes))


def in_many_digits(points, labels, weights, classes, frequency, offset):
    with mpmath.workdps(40):
        rows, total = weights.reshape(classes, -1), mpmath.mpf(0)
        first = rows.shape[1] - points.shape[1]
        for x, y, f, o in zip(points.tolist(), labels.astype(int), frequency.tolist(), offset.tolist()):
            z = [mpmath.fdot(row[first:].tolist(), x) + sum(row[:first].tolist()) + b for row, b in zip(rows, o)]
            total += f * (mpmath.log(mpmath.fsum(map(mpmath.exp, z))) - z[y])
        return float(total / len(points))


@pytest.mark.parametrize('dtype', ['float64', 'float32', 'uint8'])
@pytest.mark.parametrize('intercept', [True, False])
@pytest.mark.parametrize('classes', [3, 7])
def test_cost_and_gradient(dtype, intercept, classes):
    points, labels, weights, classes, frequency, offset = problem(classes, dtype=dtype, classes=classes, intercept=intercept)
    cost, gradient = evaluate_softmax(points, labels, weights, classes, None, frequency, offset)
    assert cost == pytest.approx(in_many_digits(points, labels, weights, classes, frequency, offset), rel=1e-13)
    other, slopes = softmax._by_graph(points, labels, weights, classes, frequency, offset, 1.0)
    assert cost == pytest.approx(other, rel=1e-12)
    numpy.testing.assert_allclose(gradient, slopes, rtol=1e-10, atol=1e-12 * abs(slopes).max())


def test_the_unit_of_bytes():
    points, labels, weights, classes, *rows = problem(1, dtype='uint8')
    for one, other in zip(evaluate_softmax(points, labels, weights, classes, None, *rows, 1 / 256),
                          evaluate_softmax(points / 256, labels, weights, classes, None, *rows)):
        numpy.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)


def test_nothing_overflows_and_nothing_cancels():
    points, labels = numpy.array([[1.0], [1.0], [1.0]]), numpy.array([0.0, 1.0, 2.0])
    cost, gradient = evaluate_softmax(points, labels, numpy.array([0.0, 1e6, 0.0, -1e6, 0.0, 0.0]), 3)
    assert cost == pytest.approx(1e6) and numpy.isfinite(gradient).all()
    # the residual of a label that is nearly certain has all its digits
    cost, gradient = evaluate_softmax(points[:1], labels[:1], numpy.array([50.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 3)
    assert cost == pytest.approx(2 * numpy.exp(-50.0), rel=1e-12) and gradient[0] == pytest.approx(-2 * numpy.exp(-50.0), rel=1e-12)


@pytest.mark.skipif(not has_numba(), reason='parts are of compiled loops')
@pytest.mark.parametrize('dtype', ['float64', 'uint8'])
def test_the_same_bits_on_any_number_of_cores(monkeypatch, dtype):
    from sage_logreg.support import cores
    monkeypatch.setattr(softmax, 'PART', 100)
    points, labels, weights, classes, *rows = problem(2, m=1001, dtype=dtype)
    found = set()
    for count in (1, 2, 3):
        monkeypatch.setattr(cores, 'core_count', lambda: count)
        cores._pool.cache_clear()
        cost, gradient = evaluate_softmax(points, labels, weights, classes, None, *rows)
        found.add((cost, gradient.tobytes()))
    cores._pool.cache_clear()
    assert len(found) == 1


@pytest.mark.parametrize('rows, size', [(1, 1), (7, 3), (600, 7850), (50000, 7850), (10**6, 63)])
def test_parts(rows, size):
    parts = parts_of(rows, size)
    assert parts[0].start == 0 and parts[-1].stop == rows and len(parts) <= softmax.MOST_PARTS + 1
    assert all(one.stop == other.start for one, other in zip(parts, parts[1:]))


@pytest.mark.skipif(not has_numba(), reason='both are compiled')
@pytest.mark.parametrize('dtype', ['float64', 'float32', 'uint8'])
@pytest.mark.parametrize('m, n, intercept', [(1, 3, True), (500, 300, True), (37, 5000, False)])
def test_blocks_have_the_sums_of_rows(dtype, m, n, intercept):
    points, labels, weights, classes, *rows = problem(m, m, n, 5, dtype, intercept)
    weights = weights.reshape(5, -1) / n**0.5
    order = numpy.random.RandomState(m).permutation(m)
    for frequency, offset in ((None, None), rows):
        found = []
        for kernel in (softmax.softmax_sums, softmax.sums_by_blocks):
            gradient = numpy.zeros(weights.shape)
            arguments = points, 0.5, labels, weights, frequency, offset, order, m // 3, m, gradient
            found.append((softmax.compiled(kernel, *arguments)(*arguments), gradient))
        assert found[1][0] == pytest.approx(found[0][0], rel=1e-12)
        numpy.testing.assert_allclose(found[1][1], found[0][1], rtol=1e-10, atol=1e-12 * abs(found[0][1]).max())
