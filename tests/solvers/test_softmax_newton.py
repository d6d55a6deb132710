r"""
The estimate of many weights of K classes, against scikit-learn and against Newton's method with the whole Hessian.
"""
import numpy
import pytest

from sage_logreg import digits, load_data, maximum_likelihood
from sage_logreg.exact.separation import SeparationError
from sage_logreg.solvers import choice, newton, softmax_newton
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood

from helpers import close, weights_of


def wide(seed, m=300, n=40, classes=5, center=0.0, **options):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(m, n)) * random.uniform(0.1, 3, n)
    labels = (points @ random.normal(size=(n, classes)) / 2 + 2 * random.gumbel(size=(m, classes))).argmax(axis=1)
    return load_data((points + center, labels), **options)


@pytest.mark.parametrize('m, n, classes', [(300, 40, 5), (60, 90, 4), (2000, 80, 3)])
@pytest.mark.parametrize('center', [0, 1000])
def test_the_estimate_is_that_of_newton(monkeypatch, m, n, classes, center):
    monkeypatch.setattr(choice, 'MANY_WEIGHTS', 100)
    random = numpy.random.RandomState(n)
    more = {'weights': random.randint(0, 3, m)} if center else {}
    likelihood = SoftmaxLikelihood(wide(n, m, n, classes, center, **more), 0.7)
    fit = choice.minimize(likelihood, 1e-10)
    assert 'truncated Newton' in fit.solver and fit.converged and fit.largest < 1e-10
    other = newton.minimize(likelihood, likelihood.bias(), 1e-12)
    close(fit.weights, other.weights, 1e-8, 1e-9)


def test_a_product_is_that_of_the_hessian():
    likelihood = SoftmaxLikelihood(wide(1), 0.3)
    random = numpy.random.RandomState(1)
    v, u = random.normal(size=(2, len(likelihood.penalty))) / 5
    close(likelihood.hessian(v)(u), likelihood.terms(v)[2] @ u, 1e-10, 1e-9)


@pytest.mark.parametrize('center', [0.0, 20.0])
def test_the_least_information_is_at_most_the_information(center):
    likelihood = SoftmaxLikelihood(wide(6, 400, 6, 4, center, weights=numpy.arange(400) % 3))
    v = numpy.random.RandomState(6).normal(size=len(likelihood.penalty)) / 3
    least = numpy.kron(numpy.eye(3), likelihood.least_information(v))
    values = numpy.linalg.eigvalsh(likelihood.terms(v)[2] - least)
    assert values[0] > -1e-10 * values[-1] and numpy.linalg.eigvalsh(least)[0] > 0
    # it is the information itself where all classes are as probable
    zeros = numpy.zeros(len(v))
    close(numpy.kron(numpy.eye(3), likelihood.least_information(zeros)), likelihood.terms(zeros)[2], 1e-10, 1e-10)


def test_the_existence_is_seen_without_the_hessian(monkeypatch):
    data = wide(3, 3000, 40, 4)
    monkeypatch.setattr(choice, 'MANY_WEIGHTS', 100)
    hessians = []
    terms = SoftmaxLikelihood.terms
    monkeypatch.setattr(SoftmaxLikelihood, 'terms', lambda self, v, curved=True: hessians.append(curved) or terms(self, v, curved))
    assert maximum_likelihood(data).converged() and not any(hessians)


def test_digits_are_scikit_learns():
    linear_model = pytest.importorskip('sklearn.linear_model')
    data = digits().take(slice(600))
    model = maximum_likelihood(data, l2=1)
    assert model.converged() and 'Hessian of each class' in model.solver()
    other = linear_model.LogisticRegression(C=1, tol=1e-9, max_iter=1000, solver='newton-cg').fit(data.points, data.labels)
    rows = weights_of(model)
    close(rows[:, 1:], other.coef_ - other.coef_.mean(axis=0), 1e-6, 1e-5)
    # the slopes are no farther from the minimum than the length of the gradient
    z = rows[:, 0] + data.points @ rows[:, 1:].T
    p = numpy.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[numpy.arange(len(p)), data.labels.astype(int)] -= 1
    assert abs(p.T @ data.points + rows[:, 1:]).max() < 1e-9 and abs(p.sum(axis=0)).max() < 1e-10


def test_without_a_penalty(monkeypatch):
    data = wide(3, 3000, 40, 4)
    expected = weights_of(maximum_likelihood(data))
    monkeypatch.setattr(choice, 'MANY_WEIGHTS', 100)
    model = maximum_likelihood(data)
    assert model.converged() and 'truncated Newton' in model.solver()
    close(weights_of(model), expected, 1e-8, 1e-9)


def test_separated_classes_have_no_estimate(monkeypatch):
    monkeypatch.setattr(choice, 'MANY_WEIGHTS', 10)
    points = numpy.random.RandomState(4).normal(size=(80, 5))
    with pytest.raises(SeparationError):
        maximum_likelihood((points, points[:, :3].argmax(axis=1)))


def test_nothing_is_claimed_before_a_direction_was_found():
    likelihood = SoftmaxLikelihood(wide(5), 1.0)
    fit = softmax_newton.minimize(likelihood, likelihood.bias(), 1e-10, lambda step, cost, weights: step == 1)
    assert fit.stopped and not fit.converged and fit.error > 1e-8


def test_many_rows_start_at_the_estimate_of_a_sample(monkeypatch):
    from sage_logreg.solvers import likelihood as module
    monkeypatch.setattr(module, 'MANY', 1000), monkeypatch.setattr(module, 'SAMPLE', 500)
    data = wide(6, 3000, 4, 3)
    few = maximum_likelihood(data, l2=2)
    assert few.solver() == 'Newton, from the estimate of a sample of the rows' and few.converged()
    monkeypatch.undo()
    close(weights_of(few), weights_of(maximum_likelihood(data, l2=2)), 1e-8, 1e-10)


def _far_classes(classes, apart, scale):
    numbers = numpy.random.default_rng(1)
    labels = numpy.arange(60) % classes
    centers = numbers.normal(size=(classes, 3))
    if classes == 3:
        centers = 0.3 * numbers.normal(size=(classes, 3)) + (numpy.arange(classes) == 2)[:, None]
    return (numbers.normal(size=(60, 3)) + apart * centers[labels]) * scale, labels


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('classes, apart, scale, l2', [(3, 3, 1e6, 1e-3), (5, 3, 1e6, 1), (5, 30, [1e-6, 1, 1e6], 1)])
def test_far_classes_with_a_tiny_penalty_converge(classes, apart, scale, l2):
    import mpmath
    points, labels = _far_classes(classes, apart, scale)
    model = maximum_likelihood((points, labels), l2=l2)
    assert model.converged() and model.iterations() < 60
    # Newton's step from there, in many digits: it says how far the minimum is
    mpmath.mp.dps = 60
    W = numpy.array(model._weights.tolist()).reshape(classes, 4)
    rows, k = numpy.column_stack([numpy.ones(60), points]), classes
    X = [[mpmath.mpf(float(entry)) for entry in row] for row in rows]
    size = 4 * k
    g, H = mpmath.matrix(size, 1), mpmath.matrix(size, size)
    for row, label in zip(X, labels):
        e = [mpmath.exp(sum(mpmath.mpf(float(w)) * x for w, x in zip(weights, row))) for weights in W]
        p = [entry / sum(e) for entry in e]
        for a in range(k):
            for i in range(4):
                g[4 * a + i] += (p[a] - (a == label)) * row[i]
                for b in range(k):
                    for j in range(4):
                        H[4 * a + i, 4 * b + j] += p[a] * ((a == b) - p[b]) * row[i] * row[j]
    for a in range(k):
        for i in range(1, 4):
            g[4 * a + i] += l2 * mpmath.mpf(float(W[a, i]))
            H[4 * a + i, 4 * a + i] += l2
    for a in range(k):
        for b in range(k):
            # the biases' sum is free: it is kept
            H[4 * a, 4 * b] += 1
    inverse = mpmath.inverse(H)
    step = numpy.array([float(entry) for entry in inverse * g]).reshape(k, 4)
    errors = numpy.array([float(mpmath.sqrt(inverse[i, i])) for i in range(size)]).reshape(k, 4)
    assert (abs(step) <= 1e-8 * numpy.maximum(abs(W), newton.ZERO * errors)).all()
