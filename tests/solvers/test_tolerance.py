r"""
Where a descent stops by its tol.
"""
import warnings

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import gradient_descent, stochastic_gradient_descent

from helpers import cost_and_gradient, gradient_loop, same_way, stochastic_loop, unrelated, weights_of

few = settings(deadline=None, max_examples=15)


# Tol

@few
@given(seed=st.integers(0, 10**6), tol=st.floats(1e-3, 0.1), l2=st.sampled_from([0, 0.7]), scale=st.booleans())
def test_tol_stops_where_the_gradient_is_small(seed, tol, l2, scale):
    data = unrelated(seed, 10, 2)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', RuntimeWarning)
        model = gradient_descent(data, learning_rate=0.1, iterations=400, tol=tol, l2=l2, scale=scale)
    weights, steps = gradient_loop(data, 0.1, 400, l2, scale, tol=tol)
    assert model.iterations() == steps
    same_way(weights_of(model), weights)


def test_tol_reached_and_not_reached():
    data = unrelated(5, 10, 2)
    steps = gradient_loop(data, 0.1, 10**4, tol=1e-3)[1]
    assert 10 < steps < 10**4
    for iterations in (steps, steps + 1, 10**6):
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            model = gradient_descent(data, learning_rate=0.1, iterations=iterations, tol=1e-3)
        # the gradient is small, and the weights are far from 8 correct digits
        assert model._descent.stopped == 'converged' and model.converged() is False
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
    data = unrelated(5, 10, 2)
    model = gradient_descent(data, learning_rate=0.1, iterations=100, tol=100)
    assert model._descent.stopped == 'converged' and not model.converged() and model.iterations() == 0
    assert weights_of(model).tolist() == [0, 0, 0]


def test_stochastic_tol_is_asked_after_every_epoch():
    data = unrelated(6, 10, 2)
    largest = [abs(cost_and_gradient(data.points, data.labels, stochastic_loop(data, 0.02, epochs, 3))[1]).max()
               for epochs in range(40)]
    tol = largest[30]
    epochs = next(epochs for epochs in range(1, 40) if largest[epochs] <= tol * 1.0001)
    assert epochs > 3
    model = stochastic_gradient_descent(data, learning_rate=0.02, epochs=1000, batch_size=3, shuffle=None,
                                        tol=tol * 1.0001)
    assert model._descent.stopped == 'converged' and model.iterations() == epochs
    same_way(weights_of(model), stochastic_loop(data, 0.02, epochs, 3))
