"""Sparse data: read, checked, kept sparse, and the same answers as dense ones."""
import numpy
import pytest

from sage_logreg import gradient_descent, load_data, load_model, maximum_likelihood, separation, stochastic_gradient_descent
from sage_logreg.dataset import sparse
from sage_logreg.dataset.columns import read_columns
from helpers import needed_sage

scipy_sparse = pytest.importorskip('scipy.sparse')
KINDS = ['csr_matrix', 'csc_matrix', 'coo_matrix', 'lil_matrix', 'dok_matrix'] + ['csr_array', 'coo_array'] * hasattr(scipy_sparse, 'csr_array')


@pytest.fixture
def small(monkeypatch):
    # every sparse matrix stays so, whatever its size
    monkeypatch.setattr(sparse, 'LEAST_ENTRIES', 0)
    monkeypatch.setattr(sparse, 'MOST_FILLED', 1.0)


def refused(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def table(rows=300, columns=8, filled=0.3, seed=0):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(rows, columns)) * (random.random_sample((rows, columns)) < filled)
    weights = random.normal(size=columns)
    labels = (random.random_sample(rows) < 1 / (1 + numpy.exp(-points @ weights - 0.3))).astype(float)
    return points, labels


def test_the_rule():
    assert sparse.stays_sparse(2000, 1000, 2000) and not sparse.stays_sparse(1000, 1000, 10)
    assert not sparse.stays_sparse(2000, 1000, 10**6) and sparse.stays_sparse(10**7, 10**6, 0)
    large = scipy_sparse.random(2000, 1000, 0.01, random_state=0)
    labels = numpy.arange(2000) % 2
    assert load_data((large, labels)).design.is_sparse
    assert not load_data((large.toarray(), labels)).design.is_sparse
    assert not load_data((large.tocsr()[:, :50], labels)).design.is_sparse


@pytest.mark.parametrize('kind', KINDS)
def test_all_kinds_of_matrices(small, kind):
    points, labels = table(30, 5)
    data = load_data((getattr(scipy_sparse, kind)(points), labels))
    assert data.design.is_sparse and numpy.array_equal(data.points.toarray(), points)
    whole = load_data(getattr(scipy_sparse, kind)(numpy.column_stack([points, labels])))
    assert whole == data and repr(whole) == repr(data)
    first = load_data(getattr(scipy_sparse, kind)(numpy.column_stack([labels, points])), label=0)
    assert numpy.array_equal(first.points.toarray(), points) and numpy.array_equal(first.labels, labels)


@pytest.mark.parametrize('dtype', ['int8', 'uint64', 'bool', 'float32', 'float64', 'object', '>f8'])
def test_all_types_of_entries(small, dtype):
    points = numpy.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]])
    matrix = scipy_sparse.csr_matrix(points)
    # newer versions of SciPy make no matrix of objects, but may hold one
    matrix.data = numpy.array([1, 1, 1], dtype=dtype)
    data = load_data((matrix, [0, 1, 1, 0]))
    assert data.design.is_sparse and numpy.array_equal(data.points.toarray(), points)
    assert data.points.dtype == 'float64' and load_data((matrix, [0, 1, 1, 0]), dtype='float32').points.dtype == 'float32'


def test_the_users_own_matrix_is_used_and_left_alone(small):
    points, labels = table()
    matrix = scipy_sparse.csr_matrix(points)
    assert numpy.shares_memory(load_data((matrix, labels)).points.data, matrix.data)
    # out of order, with an entry twice and a zero written down
    other = scipy_sparse.csr_matrix((numpy.array([1.0, 2.0, 3.0, 0.0]), numpy.array([2, 0, 2, 1]), numpy.array([0, 3, 4])), shape=(2, 3))
    before = other.data.copy(), other.indices.copy()
    data = load_data((other, [0, 1]))
    assert numpy.array_equal(data.points.toarray(), [[2, 0, 4], [0, 0, 0]]) and data.points.has_canonical_format
    assert numpy.array_equal(before[0], other.data) and numpy.array_equal(before[1], other.indices)


def test_sparse_matrices_of_sage(small):
    sage_all = needed_sage()
    rows = [[0, sage_all.QQ('1/3'), 0], [2, 0, 0], [0, 0, -5]]
    for ring in (sage_all.QQ, sage_all.RDF):
        data = load_data((sage_all.matrix(ring, rows, sparse=True), [0, 1, 1]))
        assert data.design.is_sparse and numpy.array_equal(data.points.toarray(), numpy.array(rows, dtype=float))
    refused(lambda: load_data((sage_all.matrix(sage_all.CC, [[0, sage_all.I]], sparse=True), [0])), ValueError,
            'the matrix, row 1, column 2: 1.00000000000000*I is not a real number')


def test_what_is_refused(small):
    points = numpy.zeros((4, 3))
    points[2, 1], labels = numpy.inf, [0, 1, 0, 1]
    refused(lambda: load_data((scipy_sparse.csr_matrix(points), labels)), ValueError,
            'the sparse matrix, row 3, column 2: inf is not a finite number')
    points[2, 1] = 2
    matrix = scipy_sparse.csr_matrix(points)
    refused(lambda: load_data((matrix, labels[:3])), ValueError, 'there are 4 points and 3 labels; expected one label a point')
    refused(lambda: load_data((matrix * 1j, labels)), ValueError, 'the sparse matrix, row 3, column 2: 2j is not a real number')
    for name, value in (('formula', 'y ~ x1'), ('features', ['x1']), ('categorical', [0]), ('reference', {0: 1})):
        with pytest.raises(ValueError, match=f'^{name} = .*stays sparse, with 4 rows x 3 columns that have no names'):
            load_data((matrix, labels), **{name: value})
    with pytest.raises(ValueError, match='no names'):
        load_data((matrix, labels), weights='w')
    assert load_data((matrix, labels), variables='a, b, c').variables == ('a', 'b', 'c')
    with pytest.raises(ValueError, match='expected 3, one a feature column'):
        load_data((matrix, labels), variables='a, b')


def test_missing_values(small):
    points, labels = table(20, 4)
    points[3, 1] = points[7, 0] = numpy.nan
    matrix = scipy_sparse.csr_matrix(points)
    with pytest.raises(ValueError, match=r'^the sparse matrix, row 4, column 2: the value is missing \(in all: 1 in column 1, 1 in column 2\)'):
        load_data((matrix, labels))
    data, dense = (load_data((given, labels), missing='drop') for given in (matrix, points))
    assert numpy.array_equal(data.points.toarray(), dense.points) and data.dropped == dense.dropped == 2
    assert numpy.array_equal(data.row_numbers, dense.row_numbers) and data.place(5) == dense.place(5)


def test_grouped_data(small):
    points, _ = table(20, 4)
    successes, trials = numpy.arange(20) % 4, numpy.full(20, 3)
    data, dense = (load_data((given, successes, trials)) for given in (scipy_sparse.csr_matrix(points), points))
    assert data.design.is_sparse and numpy.array_equal(data.points.toarray(), dense.points)
    assert numpy.array_equal(data.weights, dense.weights) and numpy.array_equal(data.labels, dense.labels)


def options():
    random = numpy.random.RandomState(1)
    rows = {'weights': random.randint(0, 3, 300).astype(float), 'offset': random.normal(size=300)}
    yield gradient_descent, {'iterations': 40, 'learning_rate': 1.0}
    yield gradient_descent, {'iterations': 40, 'learning_rate': 0.3, 'l2': 3, 'scale': True, 'intercept': False, **rows}
    yield stochastic_gradient_descent, {'epochs': 2, 'learning_rate': 0.1}
    yield stochastic_gradient_descent, {'epochs': 2, 'learning_rate': 0.1, 'l2': 30, 'momentum': 0.9, **rows}
    yield stochastic_gradient_descent, {'epochs': 2, 'learning_rate': 0.1, 'l2': 30, 'batch_size': 7, 'shuffle': 'epoch', 'momentum': 0.5}


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('trainer, given', list(options()))
def test_descents_are_those_of_dense_data(small, trainer, given):
    points, labels = table()
    dense, model = (trainer((one, labels), **given) for one in (points, scipy_sparse.csr_matrix(points)))
    assert model.data.design.is_sparse and not dense.data.design.is_sparse
    assert abs(model._weights - dense._weights).max() < 1e-12
    assert [record.iteration for record in model._history] == [record.iteration for record in dense._history]
    assert model.cost() == pytest.approx(float(dense.cost()), rel=1e-12)
    assert abs(numpy.array(model.gradient()) - numpy.array(dense.gradient())).max() < 1e-12


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('stop', [1, 3])
def test_a_descent_is_resumed_to_the_last_bit(small, stop):
    points, labels = table()
    given = dict(epochs=5, learning_rate=0.1, l2=3, momentum=0.5, batch_size=4, report=1)
    whole = stochastic_gradient_descent((scipy_sparse.csr_matrix(points), labels), **given)
    part = stochastic_gradient_descent((scipy_sparse.csr_matrix(points), labels), callback=lambda epoch, *_: epoch == stop, **given)
    assert numpy.array_equal(part.resume()._weights, whole._weights)


def test_predictions(small):
    points, labels = table()
    matrix = scipy_sparse.csr_matrix(points)
    model, dense = maximum_likelihood((matrix, labels), l2=1), maximum_likelihood((points, labels), l2=1)
    for one in (model, dense):
        for new in (points[:5], matrix[:5], scipy_sparse.coo_matrix(points[:5])):
            assert numpy.allclose(numpy.array(one.probability(new)), numpy.array(dense.probability(points[:5])), rtol=1e-9)
            assert one.predict(new) == dense.predict(points[:5])
        assert one.accuracy((matrix, labels)) == dense.accuracy()
        assert one.confusion_matrix((matrix, labels)) == dense.confusion_matrix()
        assert one.cost((matrix, labels)) == pytest.approx(float(dense.cost()), rel=1e-9)
        assert one.log_likelihood() == pytest.approx(float(dense.log_likelihood()), rel=1e-9)
        assert one.area_under_curve() == pytest.approx(float(dense.area_under_curve()), rel=1e-12)
    refused(lambda: model.predict(matrix[:, :3]), ValueError,
            'the points have 3 columns; expected 8 (x1, x2, x3, x4, x5, x6, x7, x8)')
    matrix[2, 3] = numpy.inf
    refused(lambda: model.predict(matrix), ValueError, 'the sparse matrix, row 3, column 4: inf is not a finite number')


@pytest.mark.parametrize('dtype', ['float64', 'float32'])
def test_saved_and_loaded(small, tmp_path, dtype):
    points, labels = table(400, 300)
    model = maximum_likelihood((scipy_sparse.csr_matrix(points), labels), l2=1, dtype=dtype)
    model.save(tmp_path / 'model.json')
    loaded = load_model(tmp_path / 'model.json')
    assert loaded == model and loaded.data.design.is_sparse and loaded.data.points.dtype == dtype
    text = (tmp_path / 'model.json').read_text()
    assert len(text) < 30 * model.data.points.nnz + 60000


def test_what_needs_few_columns(small):
    points, labels = table(60, 3, 0.5)
    matrix = scipy_sparse.csr_matrix(points)
    assert separation((matrix, labels)).kind() == separation((points, labels)).kind() == 'overlap'
    assert numpy.allclose(maximum_likelihood((matrix, labels))._weights, maximum_likelihood((points, labels))._weights, rtol=1e-12)
    model, dense = (maximum_likelihood((one, labels), l2=1) for one in (matrix, points))
    assert numpy.allclose(numpy.array(model.standard_errors()), numpy.array(dense.standard_errors()), rtol=1e-8)
    assert all(f'{error:.6g}' in str(model.summary()) for error in dense.standard_errors())


def test_what_is_too_large():
    matrix = scipy_sparse.random(3000, 5000, 0.001, random_state=0, format='csr')
    labels = numpy.arange(3000) % 2
    with pytest.raises(ValueError, match='^separation: the data are sparse, and 3000 rows x 5000 columns are too many'):
        separation((matrix, labels))
    model = maximum_likelihood((matrix, labels), l2=1)
    with pytest.raises(ValueError, match='the Hessian of 5000 sparse columns is too large'):
        model.standard_errors()
    tall = scipy_sparse.random(12000, 1000, 0.001, random_state=0, format='csr')
    with pytest.raises(ValueError, match='^bias_reduced=True: the data are sparse, and 12000 rows x 1000 columns are too many'):
        maximum_likelihood((tall, numpy.arange(12000) % 2), bias_reduced=True)
    with pytest.raises(ValueError, match='more than the 3000 rows'):
        maximum_likelihood((matrix, labels))
    summary = str(model.summary())
    assert 'sparse data, without standard errors' in summary
    assert '... and 4981 more rows' in summary and len(summary) < 5000 and len(repr(model)) < 300


def test_indicators_of_many_levels_stay_sparse(monkeypatch):
    random = numpy.random.RandomState(0)
    frame = {'age': random.normal(size=400), 'town': [f't{i}' for i in random.randint(0, 60, 400)], 'sex': list('fm' * 200),
             'y': random.randint(0, 2, 400)}
    dense = load_data(frame, categorical='town')
    monkeypatch.setattr(sparse, 'LEAST_ENTRIES', 100)
    data = load_data(frame, categorical='town')
    assert data.design.is_sparse and data.variables == dense.variables and data.coding == dense.coding
    assert numpy.array_equal(data.points.toarray(), dense.points)
    model, other = (maximum_likelihood(one, l2=1) for one in (data, dense))
    assert numpy.allclose(model._weights, other._weights, rtol=1e-8, atol=1e-9)
    assert model.probability({'age': 1, 'town': 't3', 'sex': 'm'}) == pytest.approx(float(other.probability({'age': 1, 'town': 't3', 'sex': 'm'})))
    assert model.accuracy(frame) == other.accuracy()
    assert load_data(frame, formula='y ~ age + town', categorical='town').design.is_sparse
    monkeypatch.setattr(sparse, 'LEAST_ENTRIES', 10**6)
    assert model.accuracy(frame) == other.accuracy()


def test_sparse_matrices_that_are_too_large_when_dense():
    table = read_columns(scipy_sparse.csr_matrix((10**7, 10**6)))
    assert isinstance(table, sparse.SparseTable) and len(table) == 10**7


def frame(points, **more):
    pandas = pytest.importorskip('pandas')
    made = pandas.DataFrame.sparse.from_spmatrix(scipy_sparse.csr_matrix(points))
    made.columns = [f'word {j}' for j in range(points.shape[1])]
    return made.assign(**more)


def test_frames_of_sparse_columns(small):
    points, labels = table(40, 5)
    text = numpy.array(['no', 'yes'])[labels.astype(int)]
    numbers = numpy.arange(1.0, 41.0)
    given = frame(points, age=numbers, spam=text, times=numbers)
    data = load_data(given, label='spam', weights='times', offset='age')
    assert data.design.is_sparse and numpy.array_equal(data.points.toarray(), points)
    assert data.variables == tuple(f'word_{j}' for j in range(5)) and data.label_names == ('no', 'yes')
    assert numpy.array_equal(data.labels, labels) and numpy.array_equal(data.weights, numbers) and numpy.array_equal(data.offset, numbers)
    some = load_data(given, label='spam', variables=['age', 'word 3'])
    assert numpy.array_equal(some.points.toarray(), numpy.column_stack([numbers, points[:, 3]]))
    beside = load_data((given[given.columns[:5]].iloc[::-1], given['spam']))
    assert numpy.array_equal(beside.points.toarray(), points[::-1]) and numpy.array_equal(beside.labels, labels[::-1])


def test_indicators_of_pandas(small):
    pandas = pytest.importorskip('pandas')
    cities = [f'city {j % 7}' for j in range(60)]
    points = pandas.get_dummies(pandas.DataFrame({'city': cities, 'age': numpy.arange(60.0)}), sparse=True)
    data = load_data((points, numpy.arange(60) % 2))
    assert data.design.is_sparse and numpy.array_equal(data.points.toarray(), points.to_numpy(dtype=float))
    assert data.variables == ('age', *(f'city_city_{j}' for j in range(7)))


def test_points_of_sparse_frames_are_taken_by_name(small):
    points, labels = table(200, 6)
    model = maximum_likelihood((frame(points), labels), l2=1)
    mixed = frame(points)[[f'word {j}' for j in (3, 1, 5, 0, 4, 2)]]
    expected = model.probability(points)
    for other in (mixed, mixed.sparse.to_dense(), scipy_sparse.csr_matrix(points)):
        assert abs(model.probability(other).numpy() - expected.numpy()).max() < 1e-15
    assert model.accuracy(mixed.assign(y=labels)) == model.accuracy((points, labels))
    refused(lambda: model.probability(mixed.drop(columns='word 4')), ValueError,
            "the points have no column 'word 4' (is it 'word 5'?); the model expects word 0, word 1, word 2, word 3, word 4, word 5")
    dense = maximum_likelihood((frame(points).sparse.to_dense(), labels), l2=1)
    assert abs(dense.probability(mixed).numpy() - expected.numpy()).max() < 1e-8


def test_missing_labels_of_sparse_frames_are_dropped(small):
    points, labels = table(40, 3)
    spam = numpy.array(['no', 'yes'], dtype=object)[labels.astype(int)]
    spam[[0, 7]] = None
    data = load_data(frame(points, spam=spam), missing='drop')
    kept = numpy.delete(numpy.arange(40), [0, 7])
    assert data.design.is_sparse and numpy.array_equal(data.points.toarray(), points[kept]) and numpy.array_equal(data.labels, labels[kept])


def test_sparse_frames_become_dense_by_the_rule():
    pandas = pytest.importorskip('pandas')
    points, labels = table(40, 3)
    assert not load_data((frame(points), labels)).design.is_sparse
    # what is left out is 1, so that nothing is sparse
    ones = pandas.DataFrame({'x': pandas.arrays.SparseArray([1.0, 1.0, 2.0] * 10, fill_value=1.0), 'y': [0, 1, 1] * 10})
    assert not load_data(ones).design.is_sparse


def test_labels_in_a_sparse_table(small):
    pandas = pytest.importorskip('pandas')
    points, labels = table(40, 3)
    column = scipy_sparse.csr_matrix(labels[:, None])
    for given in (column, pandas.DataFrame({'spam': pandas.arrays.SparseArray(labels.astype('int8'), fill_value=0)})):
        data = load_data((points, given))
        assert numpy.array_equal(data.labels, labels) and data.label_name == getattr(given, 'columns', ['y'])[0]
    refused(lambda: load_data((points, scipy_sparse.csr_matrix(points[:, :2]))), ValueError,
            'the labels have 2 columns; expected one label a point, or for successes and failures a triple (points, successes, trials)')
