r"""
Sums over the pixels that are not zero, against the sums over all.
"""
import numpy
import pytest

from sage_logreg.cost.cached import has_numba

if not has_numba():
    pytest.skip('the sums are compiled by numba', allow_module_level=True)

from sage_logreg.cost import pixels
from sage_logreg.cost.pixels import Pixels, filled, is_indexed
from sage_logreg.cost.softmax import sums_in_parts
from sage_logreg.support import cores


def images(seed, m=700, n=30, classes=4, filled=0.2):
    random = numpy.random.RandomState(seed)
    points = random.randint(1, 256, (m, n)).astype('uint8') * (random.uniform(size=(m, n)) < filled)
    points[random.randint(m)] = 0
    return points.astype('uint8'), random.randint(0, classes, m).astype(float), random


@pytest.mark.parametrize('intercept', [0, 1])
@pytest.mark.parametrize('classes', [3, 8, 11])
@pytest.mark.parametrize('m, share', [(1, 0.5), (130, 0.0), (700, 0.2), (1100, 1.0)])
def test_sums_are_those_of_all_pixels(m, share, classes, intercept):
    points, labels, random = images(classes, m, classes=classes, filled=share)
    w = random.normal(size=(classes, 30 + intercept))
    for frequency, offset in ((None, None), (random.uniform(size=m), random.normal(size=(m, classes)))):
        cost, gradient = Pixels(points, m).sums(1 / 256, labels, w, frequency, offset)
        expected = sums_in_parts(points / 256, 1.0, labels, w, frequency, offset)
        assert cost == pytest.approx(expected[0], rel=1e-13)
        numpy.testing.assert_allclose(gradient, expected[1], rtol=1e-12, atol=1e-12 * max(1, abs(expected[1]).max()))


@pytest.mark.parametrize('intercept', [0, 1])
def test_products_with_the_hessian(intercept):
    points, labels, random = images(1)
    X = numpy.column_stack([numpy.ones((700, intercept)), points / 256])
    p = random.dirichlet(numpy.ones(4), 700)
    w, frequency = random.normal(size=(4, 30 + intercept)), random.uniform(size=700)
    z = X @ w.T
    expected = (frequency[:, None] * p * (z - (p * z).sum(axis=1, keepdims=True))).T @ X
    product = Pixels(points, 700).curved_sums(1 / 256, p, w, frequency)
    numpy.testing.assert_allclose(product, expected, rtol=1e-11, atol=1e-12 * abs(expected).max())


@pytest.mark.parametrize('size', [128, 333, 1000])
def test_steps_in_any_order(size):
    points, labels, random = images(2, 1000)
    order = random.permutation(1000)[:900]
    index, w, velocity, penalty = Pixels(points, size, order), numpy.zeros(124), numpy.zeros(124), numpy.full(124, 0.01)
    updates = -(-900 // size)
    found = index.descend(0, updates, 1 / 256, labels, w, penalty, velocity, 4, 0.5, 0.3, None, None)
    for rows in numpy.split(order, range(size, 900, size)):
        gradient = sums_in_parts(points[rows] / 256, 1.0, labels[rows], w.reshape(4, -1), None, None)[1].ravel()
        velocity = 0.3 * velocity - 0.5 * (gradient / len(rows) + penalty * w)
        w = w + velocity
    numpy.testing.assert_allclose(found[0], w, rtol=1e-11, atol=1e-13)
    numpy.testing.assert_allclose(found[1], velocity, rtol=1e-11, atol=1e-13)


def test_the_same_bits_on_any_number_of_cores(monkeypatch):
    points, labels, random = images(3, 3000)
    w, found = random.normal(size=124), set()
    for count in (1, 2, 3):
        monkeypatch.setattr(cores, 'core_count', lambda: count)
        cores._pool.cache_clear()
        index = Pixels(points, 1500)
        found.add(index.sums(1 / 256, labels, w.reshape(4, -1), None, None, 1)[1].tobytes()
                  + index.descend(0, 2, 1 / 256, labels, w, 0 * w, 0 * w, 4, 0.5, 0.0, None, None)[0].tobytes())
    cores._pool.cache_clear()
    assert len(found) == 1


def test_what_is_filled():
    points = numpy.zeros((3, 300), 'uint8')
    points[0, :9], points[2, 299] = 5, 255
    starts, places, numbers = filled(points)
    assert starts.tolist() == [0, 2, 2, 3] and numbers.sum() == 9 * 5 + 255
    assert places[2, 0] == 299 and numbers[2].tolist() == [255] + [0] * (pixels.GROUP - 1)


def test_which_images_are_indexed():
    few, many = images(4)[0], images(5, filled=0.9)[0]
    assert is_indexed(few, 700) and not is_indexed(few, 60) and not is_indexed(many, 700) and not is_indexed(few.astype(float), 700)


def test_the_index_is_not_much_larger_than_the_pixels():
    points = images(6, 3000, 200)[0]
    index = Pixels(points, 600)._indices.values()
    assert sum(numbers.nbytes for block in index for numbers in block) < 1.5 * points.nbytes
