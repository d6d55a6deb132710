"""Paths of more than two classes: their conditions, their gaps, other programs' weights, and kinds of data."""
import numpy
import pytest

from sage_logreg import ex2data1, load_data, load_model, maximum_likelihood, regularization_path
from sage_logreg.solvers.softmax_net import ElasticNetOfClasses


def table(classes=3, rows=60, columns=6, seed=0):
    random = numpy.random.default_rng([seed, classes])
    points = random.normal(size=(rows, columns)) * 3.0**numpy.arange(columns)
    slopes = numpy.zeros((columns, classes))
    slopes[:2] = random.normal(size=(2, classes)) / 3.0**numpy.arange(2)[:, None]
    labels = (points @ slopes + random.gumbel(size=(rows, classes))).argmax(axis=1)
    labels[:classes] = numpy.arange(classes)
    return points, labels


def weights_of(path, lambda_):
    return numpy.array([list(row) for row in path.weights(lambda_)], dtype=float)


OPTIONS = [{}, {'l1_ratio': 0.4}, {'l1_ratio': 0}, {'standardize': False}, {'penalty_factors': [0, 1, 2, 1, 1, 1]}, {'weights': True},
           {'offset': True}, {'intercept': False}]


def as_given(options, rows, classes):
    random = numpy.random.default_rng(1)
    values = {'weights': 1 + numpy.arange(rows) % 3, 'offset': random.normal(size=(rows, classes))}
    return {name: values.get(name, value) for name, value in options.items()}


@pytest.mark.parametrize('grouped', [True, False])
@pytest.mark.parametrize('classes', [3, 4])
@pytest.mark.parametrize('options', OPTIONS)
def test_conditions_of_the_minimum_hold_and_sparse_is_dense(classes, grouped, options):
    points, labels = table(classes)
    given = as_given(options, len(points), classes)
    path = regularization_path((points, labels), lambdas=[0.1], grouped=grouped, tol=1e-13, **given)
    # the entries of the subgradient nearest to zero, in the units of columns of deviation 1
    entries = numpy.array([list(row) for row in path.model(0.1).gradient()], dtype=float)
    first = int(given.get('intercept', True))
    entries[:, first:] /= points.std(axis=0)
    assert abs(entries).max() < 1e-6
    from scipy.sparse import csr_matrix
    again = regularization_path((csr_matrix(points), labels), lambdas=[0.1], grouped=grouped, tol=1e-13, **given)
    one, other = weights_of(path, 0.1), weights_of(again, 0.1)
    numpy.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert ((one == 0) == (other == 0)).all()
    # what is added to all classes is where the penalty is least
    if first:
        assert abs(one[:, 0].sum()) < 1e-9
    if grouped or 'l1_ratio' not in options:
        middle = one[:, first:].sum(axis=0) if grouped else numpy.median(one[:, first + ('penalty_factors' in options):], axis=0)
        assert abs(middle).max() < 1e-9
    if not options:
        assert (one == 0).any()


@pytest.mark.parametrize('grouped', [True, False])
def test_the_gap_is_honest(grouped):
    points, labels = table(4, columns=10)
    data = load_data((points, labels))
    options = {'l1_ratio': 0.8, 'standardize': True, 'penalty_factors': [0] + [1] * 9, 'grouped': grouped}
    rough, fine = (ElasticNetOfClasses(data, {**options, 'tol': tol}) for tol in (1e-3, 1e-14))
    for lambda_ in (0.2, 0.05, 0.01):
        costs, gaps = [], []
        for net in (rough, fine):
            point, = net.path([lambda_])
            assert point.converged and 0 <= point.gap <= net.options['tol']
            l1, l2 = net.penalties(lambda_)
            w = net.start(point).w
            costs.append(point.cost + l1 @ net.cost.norm(w) + l2 @ (w**2).sum(axis=1) / 2)
            gaps.append(point.gap)
        assert -1e-13 <= costs[0] - costs[1] <= gaps[0] * rough.null_cost + 1e-13


@pytest.mark.parametrize('grouped', [True, False])
def test_weights_are_repeated_rows(grouped):
    points, labels = table(3, rows=30)
    times = 1 + numpy.arange(30) % 3
    one = regularization_path((points, labels), lambdas=[0.05], grouped=grouped, tol=1e-13, weights=times)
    other = regularization_path((points.repeat(times, axis=0), labels.repeat(times)), lambdas=[0.05], grouped=grouped, tol=1e-13)
    numpy.testing.assert_allclose(weights_of(one, 0.05), weights_of(other, 0.05), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize('grouped', [True, False])
def test_two_classes_are_those_of_two(grouped):
    # Log-odds v of two classes are weights -v/2 and v/2, whose length is |v|/sqrt(2) and whose sum of absolute values is |v|, as is that
    # of their squares v^2/2.
    data, lambda_, ratio = ex2data1(), 0.05, 0.5 if grouped else 1.0
    options = {'l1_ratio': ratio, 'standardize': True, 'penalty_factors': None, 'tol': 1e-14}
    net = ElasticNetOfClasses(data, {**options, 'grouped': grouped})
    point, = net.path([lambda_])
    l1, l2 = (penalties[0] for penalties in net.penalties(lambda_))
    l1, l2 = (l1 / numpy.sqrt(2), l2 / 2) if grouped else (l1, l2)
    path = regularization_path(data, l1 / (l1 + l2), [l1 + l2], tol=1e-14)
    found = point.weights(2, True)
    numpy.testing.assert_allclose(found[1] - found[0], numpy.array(path.weights(l1 + l2), dtype=float), rtol=1e-6)


def test_scikit_learn_has_the_same_weights():
    linear_model = pytest.importorskip('sklearn.linear_model')
    points, labels = table(3)
    points = points / points.std(axis=0)
    l1, l2 = 3.0, 1.0
    theirs = linear_model.LogisticRegression(penalty='elasticnet', C=1 / (l1 + l2), l1_ratio=l1 / (l1 + l2), solver='saga', tol=1e-10,
                                             max_iter=100000).fit(points, labels)
    model = maximum_likelihood((points, labels), l1=l1, l2=l2, tol=1e-15)
    found = numpy.array([list(row) for row in model.weights()], dtype=float)
    # their biases are as they come
    numpy.testing.assert_allclose(found[:, 1:], theirs.coef_, atol=1e-6)
    numpy.testing.assert_allclose(found[:, 0], theirs.intercept_ - theirs.intercept_.mean(), atol=1e-6)
    assert model.converged() and (found == 0).any() and ((found[:, 1:] == 0) == (abs(theirs.coef_) < 1e-7)).all()


@pytest.mark.parametrize('make', [lambda data: regularization_path(data, 0.5, [0.1], penalty_factors=[1, 2, 1, 0, 1, 1]).model(0.1),
                                  lambda data: regularization_path(data, lambdas=[0.1], grouped=False).model(0.1),
                                  lambda data: maximum_likelihood(data, l1=3, l2=1)])
def test_a_model_is_saved_with_its_penalty(make, tmp_path):
    model = make(load_data(table(3)))
    other = numpy.random.default_rng(0).normal(size=(3, 7))
    for one in (model, model.with_weights(other.tolist())):
        one.save(tmp_path / 'model.json')
        again = load_model(tmp_path / 'model.json')
        assert again == one and again.cost() == one.cost() and again.options().keys() == one.options().keys()
    # the gradient is that of differences
    def cost(weights):
        return float(model.with_weights(weights.tolist()).cost())
    h, unit = 1e-6, numpy.random.default_rng(1).normal(size=(3, 7))
    rise = (cost(other + h * unit) - cost(other - h * unit)) / (2 * h)
    gradient = numpy.array([list(row) for row in model.with_weights(other.tolist()).gradient()], dtype=float)
    numpy.testing.assert_allclose((gradient * unit).sum(), rise, rtol=1e-6)
    assert cost(other) > model.cost()
    with pytest.raises(ValueError, match='has no curvature'):
        model.standard_errors()
    text = str(model.summary())
    assert 'without standard errors' in text and text.count('bias') == 3


def test_validation_predicts_rows_that_are_left_out():
    data = load_data(table(3, rows=40))
    path = regularization_path(data, count=5)
    validation = path.cross_validate(folds=4, seed=1)
    left_out = path._folds(4, 1) == 0
    own = regularization_path(data.take(~left_out), lambdas=path.lambdas()).model(path.lambdas()[2])
    test = data.take(left_out)
    probabilities = numpy.array([list(row) for row in own.probability(test.points)], dtype=float)
    expected = -2 * numpy.log(probabilities[numpy.arange(len(test)), test.labels.astype(int)]).mean()
    numpy.testing.assert_allclose(validation._deviances[0, 2], expected, rtol=1e-5)
    assert validation.lambda_min() <= validation.lambda_1se()


def test_an_interrupted_path_is_what_it_is_so_far(monkeypatch):
    from sage_logreg.solvers.coordinate_classes import PenalizedCostOfClasses
    minimize, calls = PenalizedCostOfClasses.minimize, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) > 4:
            raise KeyboardInterrupt
        return minimize(*arguments)
    monkeypatch.setattr(PenalizedCostOfClasses, 'minimize', interrupted)
    with pytest.warns(RuntimeWarning, match='interrupted after 4 of 100 penalties'):
        path = regularization_path(load_data(table(3)))
    assert len(path) == 4


@pytest.mark.parametrize('l1_ratio', [1, 1e-3])
@pytest.mark.parametrize('grouped', [True, False])
@pytest.mark.parametrize('kind', ['duplicates', 'units', 'offset', 'weights', 'more columns'])
def test_the_gap_is_reached_in_corners(kind, grouped, l1_ratio):
    points, labels = table(4, rows=40, columns=60 if kind == 'more columns' else 8)
    random, options = numpy.random.default_rng(0), {}
    if kind == 'duplicates':
        points[:, 4:], points[:, 0] = points[:, :4], 1
    if kind == 'units':
        points = points * 10.0**random.uniform(-8, 8, points.shape[1])
    if kind == 'offset':
        options = {'offset': random.uniform(-50, 50, (40, 4))}
    if kind == 'weights':
        options = {'weights': 10.0**random.uniform(-6, 6, 40)}
    path = regularization_path((points, labels), l1_ratio, count=8, grouped=grouped, **options)
    path = regularization_path((points, labels), l1_ratio, [path.lambdas()[0], path.lambdas()[0] / 1000], grouped=grouped, **options)
    assert all(point.converged for point in path._points)


@pytest.mark.parametrize('data, options, error, sentence', [
    (ex2data1(), {'grouped': False}, ValueError, 'grouped = False is of more than two classes'),
    (load_data(table(3)), {'grouped': 1}, TypeError, 'grouped = 1; expected True or False')])
def test_what_is_wrong_is_said(data, options, error, sentence):
    with pytest.raises(error, match=sentence):
        regularization_path(data, **options)


def test_sparse_sweeps_go_on_where_those_before_have_ended(monkeypatch):
    # the residuals are those of dense columns after each call
    monkeypatch.setattr('sage_logreg.dataset.sparse.LEAST_ENTRIES', 0)
    from scipy.sparse import csc_matrix

    from sage_logreg.cost import coordinate_classes as kernels
    from sage_logreg.cost.coordinate import run
    from sage_logreg.solvers.coordinate_classes import Blocks, PenalizedCostOfClasses, biases_of, inverse_of, sides_of
    random = numpy.random.RandomState(0)
    X, labels = random.normal(size=(90, 30)) * (random.uniform(size=(90, 30)) < 0.05), numpy.arange(90) % 3
    found = []
    for points in (X, csc_matrix(X)):
        cost = PenalizedCostOfClasses(load_data((points, labels)), standardize=False)
        assert cost.columns.is_sparse == (points is not X)
        fit, working = cost.null(), numpy.arange(30)
        crossed, squares = sides_of(cost.columns, working, cost.frequency, fit.q)
        means = inverse_of(biases_of(cost.frequency, fit.q)) @ crossed
        w = numpy.zeros((30, 3))
        rest = w, *Blocks(squares - crossed @ means).arrays(), numpy.full(30, 1e-3), numpy.zeros(30), False, 1, 0.0
        if points is X:
            kernel, rows = kernels.descend_in_columns_of_classes, (working, means, cost.frequency, fit.q, fit.residuals.copy())
        else:
            kernel = kernels.descend_in_sparse_columns_of_classes
            rows = working, means, crossed, cost.frequency, fit.q.T.copy(), fit.residuals.T.copy()
        for _ in range(2):
            run(kernel, *cost.columns.arrays, *rows, *rest)
        found.append((w, rows[-1] if points is X else rows[-1].T))
    for one, other in zip(*found):
        numpy.testing.assert_allclose(one, other, atol=1e-12)
