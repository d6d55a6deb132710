r"""
The estimate at every shape: whichever method is chosen finds what Newton's method does.
"""
import warnings

import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.solvers import choice, newton
from sage_logreg.solvers.likelihood import Likelihood
from sage_logreg.solvers.whitening import Whitened

KINDS = {
    'plain': lambda random, points: points,
    'other units': lambda random, points: points * 10.0**random.randint(-8, 9, size=points.shape[1]),
    'far from zero': lambda random, points: points + 100 * random.normal(size=points.shape[1]),
    'equal rows': lambda random, points: points[random.randint(0, max(1, len(points) // 3), size=len(points))],
    'constant and equal columns': lambda random, points: numpy.column_stack([points * 0 + 1, points, points])[:, :points.shape[1] + 2],
    'nearly dependent': lambda random, points: (random.normal(size=(len(points), 3)) @ random.normal(size=(3, points.shape[1]))
                                                + 1e-3 * points),
    'zeros and ones': lambda random, points: (points > 1).astype(float)}
SHAPES = [(40, 70), (150, 60), (5, 200), (90, 90)]


def data_of(kind, shape, seed, **options):
    random = numpy.random.RandomState(seed)
    points = KINDS[kind](random, random.normal(size=shape))
    deviation = points.std(axis=0)
    scaled = (points - points.mean(axis=0)) / numpy.where(deviation > 0, deviation, 1)
    z = scaled @ random.normal(size=points.shape[1]) * 2 / points.shape[1]**0.5
    labels = (random.uniform(size=len(points)) < 1 / (1 + numpy.exp(-z))).astype(float)
    labels[:2] = 0, 1
    if seed % 3 == 1:
        options.update(weights=random.randint(0, 4, size=len(points)) + (numpy.arange(len(points)) < 2), offset=random.normal(size=len(points)))
    return load_data((points, labels), intercept=seed % 2 == 0, **options)


def worst_error(likelihood, fit, reference):
    r"""
    The largest error of a weight, relative to itself or a tenth of its standard error.
    """
    weights, right = (numpy.array(one.objective.to_user(one.weights)) for one in (fit, reference))
    information = likelihood.terms(likelihood.from_user(right))[2]
    covariance = numpy.linalg.inv(information)
    errors = numpy.sqrt(abs(numpy.einsum('ij,jk,ik->i', likelihood.basis, covariance, likelihood.basis))) / likelihood.units
    return (abs(weights - right) / numpy.maximum(abs(right), 0.1 * errors)).max()


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('l2', [1e-4, 1, 1e5])
def test_the_same_minimum_as_newton(kind, l2):
    for seed, shape in enumerate(SHAPES):
        likelihood = Likelihood(data_of(kind, shape, seed), float(l2))
        fit = choice.minimize(likelihood, 1e-10)
        reference = newton.minimize(likelihood, likelihood.start()[0], 1e-12, finer=Whitened)
        assert fit.solver != 'Newton'
        assert fit.converged and reference.converged and fit.largest <= 1e-10
        assert worst_error(likelihood, fit, reference) < 1e-8


def test_single_precision_points():
    data = data_of('plain', (60, 100), 0, dtype='float32')
    model = maximum_likelihood(data, l2=1)
    assert model.converged() and max(map(abs, model.gradient())) < 1e-8


def test_the_claimed_error_is_one():
    # stopped early, the weights are no further from the minimum than is said
    likelihood = Likelihood(data_of('plain', (300, 80), 0), 1.0)
    start = likelihood.bias()
    from sage_logreg.solvers import quasi_newton
    from sage_logreg.solvers.curvature import ByColumns, Diagonal
    reference = newton.minimize(likelihood, start, 1e-12)
    for enough in (1e-3, 1e-5, 1e-7):
        fit = quasi_newton.minimize(likelihood, start, Diagonal(likelihood), ByColumns, 1.0, enough=enough)
        assert not fit.converged or worst_error(likelihood, fit, reference) <= 1e-8
        assert worst_error(likelihood, fit, reference) <= fit.error


def test_no_penalty_and_many_columns():
    data = data_of('plain', (1500, 40), 0)
    model = maximum_likelihood(data)
    assert model.converged() and model.solver() == 'quasi-Newton, then Newton'
    assert max(map(abs, model.gradient())) < 1e-12


@pytest.mark.parametrize('kind', ['plain', 'other units', 'far from zero', 'nearly dependent'])
def test_without_a_penalty_one_hessian_ends_it(kind):
    # Newton's first step after the quasi-Newton ones is known to be the last where the decrement is small enough
    for seed in range(3):
        likelihood = Likelihood(data_of(kind, (1500, 40), seed))
        fit = choice.minimize(likelihood, 1e-10)
        reference = newton.minimize(likelihood, likelihood.start()[0], 1e-12, finer=Whitened)
        assert fit.solver == 'quasi-Newton, then Newton' and fit.converged and reference.converged
        assert worst_error(likelihood, fit, reference) < 1e-9


def test_separated_classes_of_many_columns():
    points = numpy.random.RandomState(0).normal(size=(200, 40))
    data = load_data((points, (points[:, 0] > 0).astype(float)))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        with pytest.raises(ValueError, match='does not exist'):
            maximum_likelihood(data)


def test_steps_are_counted_and_may_be_stopped():
    seen = []
    data = data_of('plain', (300, 80), 0)
    whole = maximum_likelihood(data, l2=1, callback=lambda step, cost, weights: seen.append((step, cost)))
    assert [step for step, cost in seen] == list(range(len(seen))) and whole.iterations() == len(seen)
    costs = [cost for step, cost in seen]
    assert all(after <= before + 1e-12 for before, after in zip(costs, costs[1:]))
    stopped = maximum_likelihood(data, l2=1, callback=lambda step, cost, weights: step == 2)
    assert not stopped.converged() and stopped.iterations() == 2


def test_how_it_was_found_is_told_and_saved(tmp_path):
    from sage_logreg import load_model
    model = maximum_likelihood(data_of('plain', (20, 60), 0), l2=1)
    assert '20 coordinates of the rows' in model.solver() and model.solver() in str(model.summary())
    model.save(str(tmp_path / 'model.json'))
    again = load_model(str(tmp_path / 'model.json'))
    assert again.solver() == model.solver() and again == model
