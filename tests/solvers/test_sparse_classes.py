r"""
Sparse data of K classes: the estimate of the dense solver and of scikit-learn, and what is said where there is none.
"""
import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.cost import softmax_sparse
from sage_logreg.dataset import sparse
from sage_logreg.solvers import softmax_newton
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
from sage_logreg.solvers.softmax_sparse import SparseSoftmaxLikelihood

from helpers import array, close, weights_of

scipy_sparse = pytest.importorskip('scipy.sparse')


@pytest.fixture(autouse=True)
def stays_sparse(monkeypatch):
    monkeypatch.setattr(sparse, 'LEAST_ENTRIES', 0)
    monkeypatch.setattr(sparse, 'MOST_FILLED', 1.0)


@pytest.fixture(params=[True, False], ids=['numba', 'SciPy'])
def compiled(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(softmax_sparse, 'has_numba', lambda: False)


def table(rows, columns, filled, classes, seed=0, scales=0.0):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(rows, columns)) * (random.random_sample((rows, columns)) < filled)
    z = points @ random.normal(size=(columns, classes)) + random.gumbel(size=(rows, classes)) + numpy.arange(classes) / 4
    return points * 10.0**random.uniform(-scales, scales, columns), z.argmax(axis=1)


def both(points, labels, **given):
    dense = maximum_likelihood((points, labels), **given)
    model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels), **given)
    assert model.data.design.is_sparse and model.converged() and dense.converged()
    return dense, model


SHAPES = [(200, 5, 0.5, 3), (60, 90, 0.1, 4), (500, 40, 0.05, 5), (300, 1, 0.4, 3), (400, 30, 0.2, 7, 3, 2.0)]


@pytest.mark.parametrize('shape', SHAPES)
@pytest.mark.parametrize('given', [{'l2': 1}, {'l2': 1e-3, 'intercept': False}, {'l2': 1e4}])
def test_the_estimate_of_the_dense_solver(compiled, shape, given):
    dense, model = both(*table(*shape), **given)
    sizes = numpy.maximum(abs(weights_of(dense)), 0.1 * array(dense.standard_errors()))
    assert (abs(weights_of(model) - weights_of(dense)) / sizes).max() < 1e-8
    assert model.cost() == pytest.approx(float(dense.cost()), rel=1e-12)
    assert float(model.log_likelihood()) == pytest.approx(float(dense.log_likelihood()), rel=1e-10)


def test_with_weights_and_offset(compiled):
    points, labels = table(300, 20, 0.2, 4)
    random = numpy.random.RandomState(3)
    given = {'weights': random.randint(0, 4, 300), 'offset': random.normal(size=(300, 4)), 'l2': 2}
    dense, model = both(points, labels, **given)
    close(weights_of(model), weights_of(dense), 1e-8, 1e-9)


@pytest.mark.parametrize('given', [{}, {'intercept': False}])
def test_without_a_penalty(monkeypatch, given):
    points, labels = table(2000, 12, 0.3, 3)
    dense = maximum_likelihood((points, labels), **given)
    monkeypatch.setattr('sage_logreg.training.MOST_DENSE', 100)
    model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels), **given)
    assert model.data.design.is_sparse and model.converged() and 'truncated Newton' in model.solver()
    close(weights_of(model), weights_of(dense), 1e-8, 1e-9)


def test_without_a_penalty_the_existence_is_decided_where_that_is_possible():
    points, labels = table(100, 4, 0.5, 3)
    model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels))
    assert not model.data.design.is_sparse and model.converged()


def test_separated_classes_have_no_estimate(monkeypatch):
    monkeypatch.setattr('sage_logreg.training.MOST_DENSE', 10)
    points, labels = table(200, 12, 0.3, 3)
    points[:, 0] = labels
    apart = scipy_sparse.csr_matrix(points)
    with pytest.raises(ValueError, match='the classes are separated completely, .* set a penalty l2$'):
        maximum_likelihood((apart, (points[:, 0] > 0) + (points[:, 0] > 1)))
    # of which only one comes apart
    points[:, 0] = labels == 2
    with pytest.warns(RuntimeWarning, match='it is not decided whether an estimate exists'):
        model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels))
    assert not model.converged()
    assert maximum_likelihood((apart, labels), l2=1).converged()


def test_an_empty_column(monkeypatch):
    monkeypatch.setattr('sage_logreg.training.MOST_DENSE', 10)
    points, labels = table(200, 12, 0.3, 3)
    points[:, 3] = 0
    with pytest.raises(ValueError, match='the column x4 is zero, .* or set a penalty l2$'):
        maximum_likelihood((scipy_sparse.csr_matrix(points), labels))


def test_scikit_learn():
    linear_model = pytest.importorskip('sklearn.linear_model')
    points, labels = table(400, 1000, 0.02, 4)
    matrix = scipy_sparse.csr_matrix(points)
    other = linear_model.LogisticRegression(C=0.5, tol=1e-12, max_iter=1000, solver='newton-cg').fit(matrix, labels)
    rows = numpy.column_stack([other.intercept_, other.coef_])
    close(weights_of(maximum_likelihood((matrix, labels), l2=2)), rows - rows.mean(axis=0), 1e-6, 1e-7)


def test_a_product_is_that_of_the_hessian(compiled):
    points, labels = table(150, 6, 0.4, 4)
    random = numpy.random.RandomState(1)
    more = {'weights': random.randint(0, 3, 150), 'offset': random.normal(size=(150, 4))}
    dense = SoftmaxLikelihood(load_data((points, labels), **more), 0.3, (numpy.zeros(6), numpy.ones(6)))
    likelihood = SparseSoftmaxLikelihood(load_data((scipy_sparse.csr_matrix(points), labels), **more), 0.3)
    v, u = random.normal(size=(2, 21))
    close(likelihood.hessian(v)(u), dense.terms(v)[2] @ u, 1e-10, 1e-9)
    close(likelihood.terms(v, False)[1], dense.terms(v)[1], 1e-10, 1e-9)


def test_inference_is_that_of_the_dense_data_or_one_sentence():
    points, labels = table(300, 8, 0.3, 3)
    dense, model = both(points, labels, l2=1)
    close(model.standard_errors(), dense.standard_errors(), 1e-8)
    points, labels = table(300, 1500, 0.01, 3)
    model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels), l2=1)
    with pytest.raises(ValueError, match='the Hessian of 3002 weights is too large for standard errors and tests; expected at most 2000'):
        model.standard_errors()
    assert 'which need the Hessian of 3002 weights' in str(model.summary())


def test_what_stays_sparse_is_not_written_out(monkeypatch):
    points, labels = table(300, 40, 0.1, 3)

    def refuse(*arguments):
        raise AssertionError('written out')
    matrix = load_data((scipy_sparse.csr_matrix(points), labels))
    monkeypatch.setattr('sage_logreg.dataset.dataset.dense_points', refuse)
    model = maximum_likelihood(matrix, l2=1)
    again = maximum_likelihood(matrix, l2=1, initial=model)
    assert again.converged() and again.iterations() <= 1


def test_the_same_bits_on_every_run():
    points, labels = table(3000, 20, 0.2, 4)
    likelihood = SparseSoftmaxLikelihood(load_data((scipy_sparse.csr_matrix(points), labels)), 1.0)
    one, two = (softmax_newton.minimize(likelihood, likelihood.bias(), 1e-10).weights for _ in range(2))
    assert (one == two).all()
