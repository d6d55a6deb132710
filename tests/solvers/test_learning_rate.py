r"""
Learning rates that are too large, and what is then said.
"""
import itertools
import math
import re
import warnings

import numpy
import pytest

from sage_logreg import digits, ex2data1, gradient_descent, stochastic_gradient_descent

from helpers import cost_and_gradient, gradient_loop, unrelated, weights_of


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
    data = unrelated(3, 12, 2)
    for rate in (0.2, 0.5, 2, 10):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            stochastic_gradient_descent(data, learning_rate=rate, epochs=30, momentum=0.9, scale=True)
        for warning in caught:
            assert float(re.search('try learning_rate=(.*)', str(warning.message))[1]) <= rate / 2


# Too large a learning rate

@pytest.mark.lanes
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


@pytest.mark.parametrize('l2', [0, 30])
def test_advice_for_images_goes_down(l2):
    # their pixels are bytes, whose squares are none
    with pytest.warns(RuntimeWarning) as caught:
        gradient_descent(digits(), learning_rate=10, iterations=50, l2=l2)
    rate = float(re.search('try learning_rate=(.*) or', str(caught[0].message))[1])
    costs = [float(record.cost) for record in
             gradient_descent(digits(), learning_rate=rate, iterations=50, report=1, l2=l2).history()]
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
    data = unrelated(7, 5, 1)
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
    monkeypatch.setattr('sage_logreg.exact.separation.DECIDED', 0)
    with pytest.warns(RuntimeWarning, match='complete separation'):
        gradient_descent([[1, 0], [2, 0], [3, 1]], learning_rate=1, iterations=1000)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        # not separated yet, and not separable
        gradient_descent([[1, 0], [2, 0], [3, 1]], iterations=1)
        gradient_descent(OVERLAPPING, learning_rate=0.5, iterations=1000)
