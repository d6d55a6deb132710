"""Truncated Newton on sparse data: the minimum of the dense solver and of scikit-learn, and what it says where there is none."""
import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.cost import sparse as cost_of_sparse_rows
from sage_logreg.cost.evaluation import evaluate
from sage_logreg.cost.sparse import SparseCost, evaluate_sparse, row_parts
from sage_logreg.dataset import sparse
from sage_logreg.solvers import truncated

scipy_sparse = pytest.importorskip('scipy.sparse')


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(sparse, 'LEAST_ENTRIES', 0)
    monkeypatch.setattr(sparse, 'MOST_FILLED', 1.0)


def table(rows, columns, filled, seed=0, scales=0):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(rows, columns)) * (random.random_sample((rows, columns)) < filled)
    points *= 10.0**random.uniform(-scales, scales, size=columns)
    z = points @ (random.normal(size=columns) / 10.0**scales) + 0.5
    return points, (random.random_sample(rows) < 1 / (1 + numpy.exp(-z))).astype(float)


@pytest.mark.parametrize('shape', [(200, 5, 0.5, 0, 0), (60, 90, 0.1, 1, 0), (500, 40, 0.05, 2, 2), (2, 3, 0.9, 5, 0), (300, 1, 0.4, 4, 0)])
@pytest.mark.parametrize('given', [{'l2': 1}, {'l2': 1e-3, 'intercept': False}, {'l2': 1e4}, {'l2': 1e-6}])
def test_the_minimum_of_the_dense_solver(shape, given):
    points, labels = table(*shape)
    labels[:2] = 0, 1
    dense = maximum_likelihood((points, labels), **given)
    model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels), **given)
    assert model.data.design.is_sparse and model.converged() and dense.converged()
    # a tenth of a standard error at least
    sizes = numpy.maximum(abs(dense._weights), 0.1 * numpy.array(dense.standard_errors()))
    assert (abs(model._weights - dense._weights) / sizes).max() < 2e-8


def test_with_weights_and_offset():
    points, labels = table(300, 20, 0.2)
    random = numpy.random.RandomState(3)
    given = {'weights': random.randint(0, 4, 300), 'offset': random.normal(size=300), 'l2': 2}
    dense, model = (maximum_likelihood((one, labels), **given) for one in (points, scipy_sparse.csr_matrix(points)))
    assert numpy.allclose(model._weights, dense._weights, rtol=1e-8, atol=1e-9)
    assert model.cost() == pytest.approx(float(dense.cost()), rel=1e-12)


def test_scikit_learn():
    linear_model = pytest.importorskip('sklearn.linear_model')
    points, labels = table(400, 1000, 0.02)
    matrix = scipy_sparse.csr_matrix(points)
    other = linear_model.LogisticRegression(C=0.5, tol=1e-12, max_iter=1000, solver='newton-cg').fit(matrix, labels)
    model = maximum_likelihood((matrix, labels), l2=2)
    assert numpy.allclose(model._weights, [*other.intercept_, *other.coef_[0]], rtol=1e-6, atol=1e-7)


def test_the_bound_holds():
    points, labels = table(200, 50, 0.2)
    data = load_data((scipy_sparse.csr_matrix(points), labels))
    best = maximum_likelihood(data, l2=0.5)._weights
    likelihood = truncated.SparseLikelihood(data, 0.5)
    for size in (1e-2, 1e-5, 1e-8):
        weights = best + size * numpy.random.RandomState(0).normal(size=len(best))
        cost, gradient, diagonal = likelihood.terms(weights)
        sizes = numpy.maximum(abs(weights), truncated.ZERO / numpy.sqrt(diagonal))
        assert (abs(weights - best) / sizes).max() <= likelihood.distance_bound(weights, gradient, diagonal) * (1 + 1e-6)


def test_the_same_bits_on_every_run():
    points, labels = table(3000, 60, 0.2)
    matrix = scipy_sparse.csr_matrix(points)
    assert len(row_parts(matrix)) > 2
    assert numpy.array_equal(*(maximum_likelihood((matrix, labels), l2=1)._weights for _ in range(2)))


@pytest.mark.parametrize('numba', [True, False])
@pytest.mark.parametrize('dtype', ['float64', 'float32'])
@pytest.mark.parametrize('intercept', [True, False])
def test_the_cost_of_sparse_rows(monkeypatch, numba, dtype, intercept):
    if numba:
        pytest.importorskip('numba')
    else:
        monkeypatch.setattr(cost_of_sparse_rows, 'has_numba', lambda: False)
    points, labels = table(100, 30, 0.2)
    points[10], points[:, 3] = 0, 0
    points = points.astype(dtype)
    random = numpy.random.RandomState(1)
    frequency, offset, penalty = random.random_sample(100), random.normal(size=100), random.random_sample(30)
    weights = random.normal(size=30 + intercept)
    dense = evaluate(points.astype('float64'), labels, weights, penalty, None, frequency, offset)
    value, gradient = evaluate_sparse(scipy_sparse.csr_matrix(points), labels, weights, penalty, frequency, offset)
    assert value == pytest.approx(dense[0], rel=1e-12) and numpy.allclose(gradient, dense[1], rtol=1e-10, atol=1e-13)
    rows = SparseCost(scipy_sparse.csr_matrix(points), labels, frequency, offset, intercept)
    diagonal = rows.terms(weights)[2]
    hessian = numpy.array([rows.hessian_product(unit) for unit in numpy.eye(len(weights))])
    assert numpy.allclose(hessian, hessian.T, atol=1e-13) and numpy.allclose(numpy.diag(hessian), diagonal, rtol=1e-10)
    step = 1e-6 * random.normal(size=len(weights))
    change = rows.terms(weights + step)[1] - rows.terms(weights - step)[1]
    assert numpy.allclose(change / 2, hessian @ step, rtol=1e-5, atol=1e-12)


def too_large_to_be_written_out(monkeypatch):
    monkeypatch.setattr('sage_logreg.training.MOST_DENSE', 0)


def test_without_a_penalty(monkeypatch):
    points, labels = table(2000, 20, 0.3)
    dense = maximum_likelihood((points, labels))
    too_large_to_be_written_out(monkeypatch)
    model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels))
    assert model.data.design.is_sparse and model.converged()
    assert numpy.allclose(model._weights, dense._weights, rtol=1e-8, atol=1e-9)


def test_without_a_penalty_and_an_estimate(monkeypatch):
    too_large_to_be_written_out(monkeypatch)
    points, labels = table(200, 5, 0.5)
    points[:, 2] = 0
    with pytest.raises(ValueError, match='^the column x3 is zero, so that nothing is known of the weight'):
        maximum_likelihood((scipy_sparse.csr_matrix(points), labels))
    points[:, 2] = 2 * labels - 1
    with pytest.raises(ValueError, match='^the classes are separated completely, so that there is no estimate'):
        maximum_likelihood((scipy_sparse.csr_matrix(points), labels))
    # separated but for rows that lie on the boundary
    points[:100, 2] = 0
    with pytest.warns(RuntimeWarning, match='not decided whether an estimate exists'):
        assert not maximum_likelihood((scipy_sparse.csr_matrix(points), labels)).converged()


def test_stopped_and_gone_on():
    points, labels = table(300, 100, 0.1)
    data = load_data((scipy_sparse.csr_matrix(points), labels))
    part = maximum_likelihood(data, l2=1, callback=lambda step, *_: step == 2)
    assert part.iterations() == 2 and not part.converged()
    whole = maximum_likelihood(data, l2=1)
    again = maximum_likelihood(data, l2=1, initial=part)
    assert again.converged() and again.iterations() < whole.iterations()
    assert numpy.allclose(again._weights, whole._weights, rtol=1e-8, atol=1e-9)


def test_conjugate_gradients():
    random = numpy.random.RandomState(0)
    half = random.normal(size=(30, 12))
    matrix, right = half.T @ half, random.normal(size=12)
    solution, smallest = truncated.conjugate_gradients(matrix.dot, right, lambda b: b / numpy.diag(matrix), 1e-13)
    assert numpy.allclose(matrix @ solution, right)
    roots = numpy.sqrt(numpy.diag(matrix))
    assert smallest == pytest.approx(numpy.linalg.eigvalsh(matrix / numpy.outer(roots, roots))[0], rel=1e-6)


@pytest.mark.parametrize('intercept', [True, False])
def test_the_preconditioner(intercept):
    points, labels = table(300, 40, 0.1)
    points[:, [3, 17]] = numpy.random.RandomState(1).random_sample((300, 2)) + [1, 3]
    data = load_data((scipy_sparse.csr_matrix(points), labels), intercept=intercept)
    likelihood = truncated.SparseLikelihood(data, 0.5)
    diagonal = likelihood.terms(likelihood.start())[2]
    near = likelihood.preconditioner(diagonal)
    hessian = numpy.array([likelihood.hessian_product(unit) for unit in numpy.eye(len(diagonal))])
    full = [0][:intercept] + [3 + intercept, 17 + intercept]
    inverse = numpy.array([near.solve(unit) for unit in numpy.eye(len(diagonal))])
    assert numpy.allclose(inverse[numpy.ix_(full, full)], numpy.linalg.inv(hessian[numpy.ix_(full, full)]), rtol=1e-3)
    others = numpy.delete(numpy.arange(len(diagonal)), full)
    assert numpy.allclose(inverse[others], numpy.diag(1 / diagonal)[others])
    roots = numpy.sqrt(diagonal)
    assert near.least <= numpy.linalg.eigvalsh(numpy.linalg.inv(inverse * numpy.outer(roots, roots)))[0] * (1 + 1e-6)


@pytest.mark.parametrize('other', ['the same', 'huge'])
def test_full_columns_that_no_preconditioner_has(other):
    points, labels = table(300, 40, 0.1)
    points[:, 3] = numpy.random.RandomState(1).random_sample(300)
    points[:, 17] = points[:, 3] if other == 'the same' else 1e30 * points[:, 3]
    model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels), l2=1e-9 if other == 'the same' else 1)
    dense = maximum_likelihood((points, labels), l2=1e-9 if other == 'the same' else 1)
    assert model.cost() == pytest.approx(float(dense.cost()), rel=1e-9)


def test_full_columns_take_few_products():
    points, labels = table(400, 200, 0.05)
    points[:, :20] = numpy.random.RandomState(1).random_sample((400, 1)) + 0.1 * points[:, 20:40] + 0.2
    counts = []
    for most in (64, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr('sage_logreg.solvers.preconditioner.MOST_COLUMNS', most)
            product = SparseCost.hessian_product
            made = []
            patch.setattr(SparseCost, 'hessian_product', lambda *args: made.append(1) or product(*args))
            maximum_likelihood((scipy_sparse.csr_matrix(points), labels), l2=1)
            counts.append(len(made))
    assert 2 * counts[0] < 1.5 * counts[1]
