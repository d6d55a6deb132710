r"""
Inference on descents and on models with weights and offset; estimates kept, repeated and gone on from.
"""
import pickle
import re
from fractions import Fraction

import mpmath
import numpy
import pytest
from hypothesis import given, settings
from scipy import special

from sage_logreg import gradient_descent, maximum_likelihood, stochastic_gradient_descent
from sage_logreg.exact.separation import SeparationError

from helpers import Exact, OVERLAPPING, PROBLEMS, array, close, design, everything, fitted
from helpers import negative_log_likelihood, random_data, spector, summary_facts, summary_notes, summary_rows

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


def test_history_and_repr():
    model = fitted(OVERLAPPING)
    history = model.history()
    assert [record.iteration for record in history] == list(range(len(history)))
    assert len(history) == model.iterations()
    X, labels = design(OVERLAPPING[0]), OVERLAPPING[1]
    for record in history:
        close(record.cost, negative_log_likelihood(array(record.weights), X, labels) / len(labels), 1e-12)
    text = repr(model)
    assert text.startswith(f'Logistic model in x1, x2 by maximum_likelihood: {model.iterations()} iterations, cost ')
    assert float(text.split()[-1]) < 1e-12


@pytest.mark.parametrize('options, kind', [
    ({}, ''), ({'l2': 0.5}, ', l2 = 0.5'), ({'bias_reduced': True}, ', bias-reduced')])
def test_the_representation_says_what_the_model_is(options, kind):
    model, stopped = fitted(OVERLAPPING, **options), interrupted(OVERLAPPING, **options)
    begin = f'Logistic model in x1, x2 by maximum_likelihood{kind}: '
    assert repr(model).startswith(begin) and 'converged' not in repr(model)
    assert repr(stopped).startswith(f'{begin}2 iterations, cost ') and repr(stopped).endswith(', not converged')
    given = repr(model.with_weights(model.weights()))
    assert given.startswith(f'Logistic model in x1, x2 by given weights{kind}: 0 iterations, cost ')
    assert 'converged' not in given


def test_the_representation_of_a_descent_names_its_penalty():
    text = repr(gradient_descent(OVERLAPPING, iterations=5, l2=2))
    assert text.startswith('Logistic model in x1, x2 by gradient_descent, l2 = 2: 5 iterations, cost ')
    assert 'converged' not in text


@pytest.mark.parametrize('options', [{}, {'l2': 3}, {'bias_reduced': True}])
def test_other_weights_have_the_same_cost(options):
    model = fitted(OVERLAPPING, weights=numpy.arange(60) % 3 + 1.0, **options)
    same = model.with_weights(model.weights())
    for again in (same, same.with_weights(model.weights())):
        close(again.cost(), model.cost(), 1e-12)
        close(again.gradient(), model.gradient(), 0, 1e-12)
    close(same.cost(OVERLAPPING), model.cost(OVERLAPPING), 1e-12)
    close(everything(same), everything(model), 1e-9, 1e-12)


def test_other_weights_have_the_same_cost_of_ones_own():
    from sage_logreg.engine import T
    model = gradient_descent(OVERLAPPING, iterations=1, l2=2, cost=lambda X, y, w: T.mean((w[0] - y)**2))
    close(model.with_weights(model.weights()).cost(), model.cost(), 1e-14)
    exact = fitted(OVERLAPPING, l2=Fraction(1, 3)).with_weights([1, 2, 3]).with_weights([1, 2, 3])
    assert exact.options()['l2'].exact == Fraction(1, 3)


# What is not an estimate has no inference

def with_penalty(model):
    return [model.z_values, model.p_values, model.confidence_intervals, model.likelihood_ratio_test, model.aic,
            model.bic, lambda: model.confidence_intervals(method='profile')]


def of_estimate(model):
    return [model.covariance, model.standard_errors, *with_penalty(model)]


def interrupted(data, **options):
    return maximum_likelihood(data, callback=lambda step, cost, weights: step == 2, **options)


@pytest.mark.parametrize('train, method', [
    (lambda data: gradient_descent(data, iterations=50, learning_rate=0.1), 'gradient_descent'),
    (lambda data: gradient_descent(data, iterations=5, learning_rate=0.1, l2=3, scale=True), 'gradient_descent'),
    (lambda data: stochastic_gradient_descent(data, epochs=20, learning_rate=0.01), 'stochastic_gradient_descent'),
    (lambda data: gradient_descent(data, iterations=0), 'gradient_descent'),
    (interrupted, 'maximum_likelihood'),
    (lambda data: interrupted(data, l2=2), 'maximum_likelihood'),
    (lambda data: interrupted(data, bias_reduced=True), 'maximum_likelihood'),
    (lambda data: maximum_likelihood(data).with_weights([0, 1, 1]), None)])
def test_no_inference_short_of_the_estimate(train, method):
    points, labels = OVERLAPPING
    model = train((points, labels))
    where = f'where {method} stopped' if method else 'given ones'
    refused = f'of an estimate, and the weights are {where}.*; expected a converged model of maximum_likelihood'
    for ask in of_estimate(model):
        with pytest.raises(ValueError, match=refused):
            ask()
    assert summary_rows(model)[0] == ['', 'weight', 'odds ratio', 'right digits']
    assert 'AIC' not in summary_facts(model)
    note, what, _ = summary_notes(model)
    assert what == f'P(y = 1) by {model.method}, 60 rows'
    assert note.startswith('not an estimate') and f'the weights are {where}' in note
    # these are of any weights
    likelihood = -negative_log_likelihood(array(model.weights()), design(points), labels)
    close([model.log_likelihood(), model.deviance()], [likelihood, -2 * likelihood], 1e-12)
    close(model.odds_ratios(), numpy.exp(array(model.weights())[1:]), 1e-12)


def test_the_step_that_is_named_is_newtons():
    points, labels = OVERLAPPING
    model = gradient_descent((points, labels), iterations=50, learning_rate=0.1)
    exact, w = Exact(points, labels), array(model.weights())
    gradient = mpmath.matrix(exact.gradient(w))
    step = mpmath.sqrt((gradient.T * mpmath.lu_solve(exact.information(w), gradient))[0])
    with pytest.raises(ValueError, match=f' {float(step):.2g} standard errors short of it by a Newton step;'):
        model.p_values()


@pytest.mark.parametrize('options, of_what', [
    ({}, 'it by'), ({'l2': 2}, 'it (with the penalty l2 = 2) by'), ({'bias_reduced': True}, 'it (bias-reduced) by')])
def test_the_estimate_that_is_missed_is_named(options, of_what):
    model = interrupted(OVERLAPPING, **options)
    with pytest.raises(ValueError, match=re.escape(f' standard errors short of {of_what} a Newton step')):
        model.standard_errors()
    assert f' standard errors short of {of_what} a Newton step' in str(model.summary())


@pytest.mark.parametrize('options', [
    {}, {'weights': numpy.arange(60) % 3 + 1.0}, {'offset': numpy.linspace(-1, 1, 60)}])
def test_a_descent_that_arrives_has_the_inference_of_the_estimate(options):
    descended = gradient_descent(OVERLAPPING, iterations=20000, learning_rate=1, scale=True, tol=1e-12, **options)
    close(everything(descended), everything(fitted(OVERLAPPING, **options)), 1e-7, 1e-10)
    close(numpy.ravel(descended.confidence_intervals(method='profile')),
          numpy.ravel(fitted(OVERLAPPING, **options).confidence_intervals(method='profile')), 1e-7)
    assert summary_rows(descended)[0][-4:] == ['P(>|z|)', '95% interval', 'odds ratio', 'right digits']


@pytest.mark.parametrize('train', [
    lambda data: fitted(data, l2=3),
    lambda data: gradient_descent(data, iterations=20000, learning_rate=1, scale=True, tol=1e-12, l2=3)])
def test_a_penalty_leaves_standard_errors_only(train):
    points, labels = OVERLAPPING
    model = train((points, labels))
    exact = Exact(points, labels, 3)
    covariance = numpy.array(mpmath.inverse(exact.information(array(model.weights()))).tolist(), dtype=float)
    close(model.covariance(), covariance, 1e-10, 1e-14)
    close(model.standard_errors(), numpy.sqrt(numpy.diag(covariance)), 1e-10)
    for method in with_penalty(model):
        with pytest.raises(ValueError, match='l2 = 3 draws the weights to zero; expected a model without it'):
            method()
    rows = summary_rows(model)
    assert rows[0] == ['', 'weight', 'std. error', 'odds ratio', 'right digits'] and min(float(row[-1]) for row in rows[1:4]) > 9
    note = summary_notes(model)[0]
    assert note.startswith('not the maximum-likelihood estimate') and 'l2 = 3' in note


def test_a_bias_reduced_estimate_says_so():
    model = fitted(OVERLAPPING, bias_reduced=True)
    note = summary_notes(model)[0]
    assert note.startswith('a bias-reduced estimate') and len(summary_rows(model)[0]) == 8
    assert all(numpy.isfinite(numpy.ravel(array(method()))).all() for method in of_estimate(model))


def test_weights_far_out_are_no_estimate_where_there_is_none():
    # Newton's steps are short in standard errors where these are huge
    rows = [[1, 0], [2, 0], [3, 1], [4, 1]]
    with pytest.warns(RuntimeWarning, match='separation'):
        model = gradient_descent(rows, iterations=0).resume(1)
    far = model.with_weights([-75, 30])
    for method in of_estimate(far):
        with pytest.raises(ValueError, match='estimate does not exist, because of complete separation'):
            method()
    assert 'does not exist' in str(far.summary())


@pytest.mark.slow
def test_no_inference_on_a_cost_of_ones_own():
    from sage_logreg.engine import T
    model = gradient_descent(OVERLAPPING, iterations=1, cost=lambda X, y, w: T.sum(w**2))
    for method in (model.standard_errors, model.covariance, model.log_likelihood, model.aic, model.bic, model.deviance,
                   model.z_values, model.p_values, model.summary, model.confidence_intervals):
        with pytest.raises(ValueError, match='a cost of its own'):
            method()


@pytest.mark.parametrize('column', [None, 1, 0])
def test_no_standard_errors_where_the_data_do_not_determine_the_weights(column):
    points, labels = OVERLAPPING
    column = numpy.zeros(60) if column is None else points[:, column]
    model = gradient_descent((numpy.column_stack([points, column]), labels), iterations=100, learning_rate=0.1)
    for method in of_estimate(model):
        with pytest.raises(ValueError, match='singular|linearly dependent|equal|constant'):
            method()
    assert summary_rows(model)[0] == ['', 'weight', 'odds ratio', 'right digits']


# The model's own methods, with weights and offset

def test_model_methods_with_weights_and_offset():
    points, labels = OVERLAPPING
    random = numpy.random.RandomState(15)
    weights, offset = random.randint(0, 4, 60).astype(float), 3 * random.normal(size=60)
    X = design(points)
    for factor in (1, 0.3):
        model = fitted((points, labels), weights=factor * weights, offset=offset, l2=2)
        w, f = array(model.weights()), factor * weights
        h = special.expit(X @ w + offset)
        close(model.cost(), negative_log_likelihood(w, X, labels, f, offset, 2) / f.sum(), 1e-12)
        gradient = X.T @ (f * (h - labels)) + 2 * w * [0, 1, 1]
        close(model.gradient(), gradient / f.sum(), 0, 1e-12)
        right = (h >= 0.5) == (labels == 1)
        assert (right != ((special.expit(X @ w) >= 0.5) == (labels == 1))).any()   # the offset matters
        close(model.accuracy(), f[right].sum() / f.sum(), 1e-12)
        expected = [[f[(labels == i) & ((h >= 0.5) == j)].sum() for j in (0, 1)] for i in (0, 1)]
        close(model.confusion_matrix(), expected, 1e-12)
        # other data have neither
        other = points[:10] + 1, labels[:10]
        close(model.cost(other), (negative_log_likelihood(w, design(other[0]), other[1]) + w[1:] @ w[1:]) / 10, 1e-12)
        close(model.accuracy(other), numpy.mean((design(other[0]) @ w >= 0) == (other[1] == 1)), 1e-12)
        close(model.probability(other[0]), special.expit(design(other[0]) @ w), 1e-12)


@settings(deadline=None, max_examples=10)
@given(problem=PROBLEMS)
def test_the_gradient_away_from_the_estimate(problem):
    # that of a model with weights goes another way through the code than that of one without
    points, labels = random_data(*problem)
    random = numpy.random.RandomState(problem[0])
    weights, offset = random.uniform(0.1, 2, len(labels)), random.normal(size=len(labels))
    model = maximum_likelihood((points, labels), weights=weights, offset=offset, callback=lambda *arguments: True)
    with mpmath.workdps(60):
        exact = Exact(points, labels, 0, weights, offset)
        gradient = [x / mpmath.fsum(exact.weights) for x in exact.gradient(array(model.weights()))]
    close(model.gradient(), gradient, 1e-10, 1e-13)


# Again, and elsewhere

@pytest.mark.parametrize('options', [{}, {'l2': 1}, {'bias_reduced': True}, {'weights': numpy.arange(60) % 3 + 1.0}])
def test_the_same_twice_and_after_pickling(options):
    one, two = fitted(OVERLAPPING, **options), fitted(OVERLAPPING, **options)
    fresh = pickle.loads(pickle.dumps(two))
    first = everything(one)
    assert (first == everything(two)).all() and (first == everything(one)).all()
    assert summary_rows(one) == summary_rows(two)
    used = pickle.loads(pickle.dumps(one))
    assert (everything(used) == first).all() and (everything(fresh) == first).all()
    assert used.converged() and used.options().keys() == one.options().keys()
    assert summary_rows(used) == summary_rows(one)


def test_separation_error_pickles():
    with pytest.raises(SeparationError) as caught:
        maximum_likelihood([[1, 0], [2, 0], [3, 1], [4, 1]])
    error = pickle.loads(pickle.dumps(caught.value))
    assert type(error) is SeparationError and str(error) == str(caught.value)
    assert error.separation.kind() == 'complete'


def test_a_descent_may_go_on_from_the_estimate():
    model = fitted(OVERLAPPING)
    after = gradient_descent(OVERLAPPING, initial=model, iterations=10, learning_rate=0.1)
    close(after.weights(), model.weights(), 1e-14)


@pytest.mark.lanes
def test_the_proof_agrees():
    certificate = pytest.importorskip('sage.rings.real_arb') and fitted(spector()).certified(15)
    close([float(ball.center() if hasattr(ball, 'center') else ball) for ball in certificate.weights()],
          fitted(spector()).weights(), 1e-13)
