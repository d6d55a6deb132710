r"""
BLAS in one thread while a fit asks for it, and its own threads afterwards.
"""
import os
import sys
import threading
import time

import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.cost.evaluation import evaluate_newton
from sage_logreg.solvers.curvature import square
from sage_logreg.support import cores
from sage_logreg.support.cores import one_blas_thread, products_in_parallel

from helpers import weights_of


def blas_threads():
    """The threads of NumPy's and SciPy's BLAS; Sage may load one of its own."""
    pytest.importorskip('threadpoolctl')
    return [library['num_threads'] for library in cores._blas().info()]


def wide_data(rows, columns):
    random = numpy.random.RandomState(0)
    points = random.normal(size=(rows, columns))
    return load_data((points, (random.uniform(size=rows) < 1 / (1 + numpy.exp(-points[:, 0]))).astype(float)))


def test_blas_has_its_threads_again():
    before = blas_threads()
    with one_blas_thread():
        assert set(blas_threads()) == {1}
        with one_blas_thread():
            assert set(blas_threads()) == {1}
        assert set(blas_threads()) == {1}
    assert blas_threads() == before
    with pytest.raises(ValueError):
        with one_blas_thread():
            raise ValueError
    assert blas_threads() == before


def test_threads_wait_for_each_other():
    before, seen = blas_threads(), []

    def other():
        with one_blas_thread():
            seen.append(blas_threads())

    thread = threading.Thread(target=other)
    with one_blas_thread():
        thread.start()
        thread.join(0.2)
        assert thread.is_alive() and not seen
    thread.join(60)
    assert set(seen[0]) == {1} and blas_threads() == before


def test_fits_in_several_threads_have_the_same_bits():
    data, found = wide_data(60, 200), []
    threads = [threading.Thread(target=lambda: found.append(weights_of(maximum_likelihood(data, l2=1)).tobytes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 4 and set(found) == {weights_of(maximum_likelihood(data, l2=1)).tobytes()}


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='no forks')
def test_a_fork_does_not_wait_for_threads_that_it_has_not():
    inside, leave = threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            inside.set()
            leave.wait(60)

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(60)
    child = os.fork()
    if not child:
        with one_blas_thread():
            os._exit(7)
    leave.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_fit_that_a_callback_ends_gives_them_back():
    before, seen = blas_threads(), []

    def fail(step, cost, weights):
        seen.append(blas_threads())
        raise KeyError

    for shape in ((50, 80), (200, 40)):
        with pytest.raises(KeyError):
            maximum_likelihood(wide_data(*shape), l2=1, callback=fail)
    # also while it runs
    assert seen == [before, before] and blas_threads() == before


def test_a_callback_may_wait_for_another_fit():
    data, found = wide_data(60, 200), []

    def wait(step, cost, weights):
        thread = threading.Thread(target=lambda: found.append(weights_of(maximum_likelihood(data, l2=1)).tobytes()))
        thread.start()
        thread.join(60)
        assert not thread.is_alive()

    model = maximum_likelihood(data, l2=1, callback=wait)
    assert set(found) == {weights_of(model).tobytes()}


def test_floating_point_errors_are_those_of_whoever_asks(monkeypatch):
    monkeypatch.setattr(cores, 'core_count', lambda: 3)
    cores._pool.cache_clear()
    with numpy.errstate(over='raise'), pytest.raises(FloatingPointError):
        cores.in_parallel(lambda part: numpy.float64(1e300) * 1e300 if part == 3 else time.sleep(0.05), range(4))
    with numpy.errstate(over='ignore'):
        assert cores.in_parallel(lambda part: numpy.array([1e300]) * 1e300, range(8)) == 8 * [numpy.inf]
    cores._pool.cache_clear()


@pytest.mark.parametrize('shape', [(150, 400), (700, 150)])
def test_the_same_bits_for_any_number_of_cores_and_the_same_digits_without_threadpoolctl(monkeypatch, shape):
    data, found = wide_data(*shape), []
    for count in (1, 2, 3):
        monkeypatch.setattr(cores, 'core_count', lambda: count)
        cores._pool.cache_clear()
        found.append(weights_of(maximum_likelihood(data, l2=1)))
    assert len({weights.tobytes() for weights in found}) == 1
    monkeypatch.setitem(sys.modules, 'threadpoolctl', None)
    cores._blas.cache_clear()
    try:
        with one_blas_thread():
            assert products_in_parallel(lambda part: threading.current_thread(), range(8)) == 8 * [threading.current_thread()]
        model = maximum_likelihood(data, l2=1)
    finally:
        cores._blas.cache_clear()
        cores._pool.cache_clear()
    assert model.converged()
    numpy.testing.assert_allclose(weights_of(model), found[0], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize('shape', [(1, 1), (1, 5), (5, 1), (7, 30), (30, 7), (64, 64), (401, 100)])
def test_a_square_by_pieces(shape):
    part = numpy.random.RandomState(sum(shape)).normal(size=shape)
    with one_blas_thread():
        for matrix in (part, numpy.asfortranarray(part)):
            numpy.testing.assert_allclose(square(matrix), part.T @ part, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize('rows, columns', [(5, 3), (9, 200), (4001, 5), (1203, 60)])
def test_the_hessian_by_parts_of_the_rows(monkeypatch, rows, columns):
    data, found = wide_data(rows, columns), set()
    random = numpy.random.RandomState(1)
    weights, frequency, offset = random.normal(size=columns + 1) / columns, random.randint(0, 3, size=rows) * 1.0, random.normal(size=rows)
    center, scale = random.normal(size=columns), random.uniform(1, 2, size=columns)
    for count in (1, 2, 3):
        monkeypatch.setattr(cores, 'core_count', lambda: count)
        cores._pool.cache_clear()
        with one_blas_thread():
            terms = evaluate_newton(data.points, data.labels, weights, frequency, offset, center, scale)
        found.add(tuple(numpy.asarray(term).tobytes() for term in terms))
    cores._pool.cache_clear()
    assert len(found) == 1
    scaled = numpy.column_stack([numpy.ones(rows), (data.points - center) / scale])
    z = scaled @ weights + offset
    h = 1 / (1 + numpy.exp(-z))
    wanted = (frequency @ (numpy.logaddexp(0, z) - data.labels * z), (frequency * (h - data.labels)) @ scaled,
              (scaled.T * (frequency * h * (1 - h))) @ scaled)
    for term, right in zip(terms, wanted):
        numpy.testing.assert_allclose(term, right, rtol=1e-10, atol=1e-10)
