r"""
What is said to have converged has its digits: random problems against Newton's method in 60 digits.
"""
import math
import warnings

import mpmath
import numpy
import pytest
from scipy import special

from sage_logreg import gradient_descent, maximum_likelihood, minimize_cost, separation, stochastic_gradient_descent
from sage_logreg.exact.separation import SeparationError
from sage_logreg.solvers.whitening import exact_product

from helpers import array, close, summary_rows
from oracle import Oracle, error, weight_error


def said(train, *arguments, **options):
    # the model, or None where it says nothing, and then says so
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            model = train(*arguments, **options)
        except SeparationError:
            return None
    if not model.converged():
        assert caught
        return None
    return model


# The estimate and its standard errors

KINDS = ['plain', 'weights', 'offset', 'l2', 'bias_reduced', 'grouped']


def problem(kind, seed):
    r"""
    Columns that may differ by 1e-10 only, weights to 1e9, and other units: data and options.
    """
    random = numpy.random.RandomState(seed)
    width, count = random.randint(1, 4), random.randint(6, 16)
    points = random.normal(size=(count, width))
    if width > 1:
        points[:, -1] = points[:, 0] + points[:, -1] * 10.0**random.choice([0, -random.uniform(0, 10)])
    points = points * 10.0**random.randint(-3, 4, width) + random.choice([0, 0, 1, 100], width)
    options = {'l2': {'l2': float(10**random.uniform(-6, 3))}, 'bias_reduced': {'bias_reduced': True},
               'offset': {'offset': random.normal(size=count) * random.choice([1, 10])}}.get(kind, {})
    if kind == 'grouped':
        trials = numpy.round(10**random.uniform(0.4, 9, count))
        successes = numpy.floor(trials * random.uniform(size=count)**random.choice([1, 5]))
        return (points, numpy.clip(successes, 1, trials - 1), trials), options
    labels = (numpy.arange(count) + random.randint(2, size=count) > count / 2).astype(float)
    random.shuffle(labels)
    if kind != 'plain' and random.uniform() < 0.7:
        options['weights'] = numpy.round(10**random.uniform(0, 9, count))
    return (points, labels), options


def oracle_of(data, options, model):
    options = {'firth' if name == 'bias_reduced' else name: value for name, value in options.items()}
    if len(data) == 2:
        return Oracle(*data, start=array(model.weights()), **options)
    points, successes, trials = data
    return Oracle(points.repeat(2, axis=0), numpy.tile([1, 0], len(points)), start=array(model.weights()),
                  weights=numpy.column_stack([successes, trials - successes]).ravel(), **options)


@pytest.mark.parametrize('kind', KINDS)
def test_converged_means_eight_digits(kind):
    found = 0
    for seed in range(35):
        data, options = problem(kind, seed)
        model = said(maximum_likelihood, data, **options)
        if model is None:
            continue
        found += 1
        oracle = oracle_of(data, options, model)
        assert weight_error(array(model.weights()), oracle) < 1e-8, seed
        assert error(array(model.standard_errors()), oracle.errors, oracle.errors) < 1e-8, seed
    # that nothing is said must stay the exception
    assert found >= 25


@pytest.mark.parametrize('condition', range(2, 11))
def test_standard_errors_of_nearly_collinear_columns(condition):
    for seed in range(3):
        random = numpy.random.RandomState(seed)
        points = random.normal(size=(40, 3))
        points[:, 1] = points[:, 0] + points[:, 1] / 10.0**condition
        labels = (random.uniform(size=40) < special.expit(points[:, 0] + points[:, 2])).astype(float)
        model = maximum_likelihood((points, labels))
        oracle = Oracle(points, labels, start=array(model.weights()))
        assert model.converged() and weight_error(array(model.weights()), oracle) < 1e-8
        assert error(array(model.standard_errors()), oracle.errors, oracle.errors) < 1e-8
        with mpmath.workdps(60):
            right = [-math.log10(max(1e-15, abs(float((w - x) / x))))
                     for w, x in zip(array(model.weights()), oracle.weights)]
        assert all(float(row[-1]) <= digits + 1 for row, digits in zip(summary_rows(model)[1:5], right))


def test_standard_errors_by_blocks_of_rows(monkeypatch):
    points = numpy.random.RandomState(0).normal(size=(200, 2))
    points[:, 1] = points[:, 0] + 1e-7 * points[:, 1]
    labels = numpy.arange(200) % 3 % 2.0
    whole = maximum_likelihood((points, labels))
    monkeypatch.setattr('sage_logreg.solvers.whitening.ENTRIES', 64 * 3)
    blocks = maximum_likelihood((points, labels))
    close(blocks.weights(), whole.weights(), 1e-9)
    close(blocks.standard_errors(), whole.standard_errors(), 1e-9)


@pytest.mark.parametrize('groups', [
    ([1, 10], [2, 10**6]), ([1, 10], [2, 10**9]), ([1, 5 * 10**8], [2, 10**9]), ([10**8, 1], [10**9, 3]),
    ([1, 1], [10**9, 2])])
@pytest.mark.parametrize('at', [(0, 1), (-7, 3), (2000, 2001)])
def test_a_small_group_beside_millions(groups, at):
    # saturated: the log-odds of the two groups
    first, second = (math.log(s / (t - s)) for s, t in zip(*groups))
    slope = (second - first) / (at[1] - at[0])
    model = maximum_likelihood(([[x] for x in at], *groups))
    bias = first - slope * at[0]
    size = abs(slope * at[0]) + abs(first)
    assert model.converged()
    close(model.weights(), [bias, slope], 1e-12, 1e-10 if size == 0 else 1e-12 * size)


# Firth

TABLES = [(a, m, b, n) for a, m in ((0, 1), (5, 5), (0, 7), (3, 10), (1, 2))
          for b, n in ((0, 1), (1, 1000), (1000, 1000), (0, 10**6), (10**5, 10**6), (1, 10**9), (5 * 10**8, 10**9))
          # some successes and some failures
          if 0 < a + b < m + n]


@pytest.mark.parametrize('labels', [1, -1])
def test_bias_reduction_ends_at_every_table(labels):
    for a, m, b, n in TABLES:
        model = maximum_likelihood(([[0], [labels]], [a, b], [m, n]), bias_reduced=True)
        first, second = (math.log((s + 0.5) / (t - s + 0.5)) for s, t in ((a, m), (b, n)))
        assert model.converged(), (a, m, b, n)
        close(model.weights(), [first, labels * (second - first)], 1e-9, 1e-10)


def test_bias_reduction_of_a_saturated_model_of_three_columns():
    successes, trials = [0, 3, 10**6, 1], [1, 3, 10**6, 10**8]
    log_odds = [math.log((s + 0.5) / (t - s + 0.5)) for s, t in zip(successes, trials)]
    rows = numpy.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]])
    model = maximum_likelihood((rows, successes, trials), bias_reduced=True)
    expected = numpy.linalg.solve(numpy.column_stack([numpy.ones(4), rows]), log_odds)
    assert model.converged()
    close(model.weights(), expected, 1e-9, 1e-10)


# Descents

def test_converged_descents_have_eight_digits():
    found = 0
    for seed in range(6):
        random = numpy.random.RandomState(seed)
        points, labels = random.normal(size=(12, 2)), numpy.arange(12) % 2.0
        options = [{}, {'l2': 0.3}, {'weights': random.randint(1, 5, 12).astype(float)}][seed % 3]
        for tol in (1e-2, 1e-6, 1e-8, 1e-9, 1e-10, 1e-12):
            for train, more in ((gradient_descent, {'iterations': 30000}),
                                (stochastic_gradient_descent, {'epochs': 30000, 'batch_size': 12})):
                with warnings.catch_warnings():
                    warnings.simplefilter('ignore')
                    model = train((points, labels), learning_rate=0.5, scale=True, tol=tol, **more, **options)
                if model.converged():
                    found += 1
                    oracle = Oracle(points, labels, start=array(model.weights()), **options)
                    assert weight_error(array(model.weights()), oracle) < 1.01e-8
                else:
                    assert tol > 1e-11
    assert 6 <= found < 60


def test_converged_costs_of_ones_own_have_eight_digits():
    pytest.importorskip('sage.all')
    from sage.all import SR, exp, log
    a, b, x1, y = (SR.var(name) for name in ('a', 'b', 'x1', 'y'))
    points, labels = numpy.array([[0.3], [1], [2], [3.1], [4]]), numpy.array([0.0, 1, 0, 1, 1])
    cost = log(1 + exp(a + b * x1)) - y * (a + b * x1)
    oracle = Oracle(points, labels)
    answers = []
    for tol in (1e-3, 1e-6, 1e-9, 1e-12):
        model = minimize_cost(cost, (points, labels), [a, b], learning_rate=0.5, iterations=10**5, tol=tol)
        answers.append(model.converged())
        assert not model.converged() or weight_error(array(model.weights()), oracle) < 1.01e-8
    assert not answers[0] and answers[-1]


def test_a_small_gradient_of_separated_classes_is_no_minimum():
    rows = [[1, 0], [2, 0], [3, 1], [4, 1]]
    assert not separation(rows).exists()
    for tol in (1e-3, 0.3):
        assert not gradient_descent(rows, learning_rate=0.5, iterations=20000, tol=tol).converged()


# Products that do not round on their way

@pytest.mark.parametrize('seed', range(5))
def test_exact_product(seed):
    random = numpy.random.RandomState(seed)
    left, right = random.normal(size=(4, 5)) * 10.0**random.randint(-9, 9, (4, 5)), random.normal(size=(5, 3))
    right[0] = -(left[0, 1:] @ right[1:]) / left[0, 0]
    with mpmath.workdps(60):
        for row, values in zip(left, exact_product(left, right)):
            for column, value in zip(right.T, values):
                expected = mpmath.fdot(map(mpmath.mpf, row.tolist()), map(mpmath.mpf, column.tolist()))
                dropped = 2.0**-100 * abs(row).max() * abs(column).max()
                assert abs(value - expected) <= 2.0**-52 * abs(expected) + dropped
