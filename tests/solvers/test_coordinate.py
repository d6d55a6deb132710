"""The elastic net at one penalty: the conditions of Karush, Kuhn and Tucker, the duality gap, all ways to the same minimum."""
import numpy
import pytest
from scipy.special import expit

from sage_logreg import load_data
from sage_logreg.solvers import scaled_columns
from sage_logreg.solvers.coordinate import PenalizedCost
from sage_logreg.solvers.elastic_net import ElasticNet

KINDS = ('dense', 'by rows', 'sparse', 'wide', 'weighted', 'no intercept', 'elastic', 'free')


def problem(kind, monkeypatch):
    """Return data, a PenalizedCost and the columns' penalties."""
    random = numpy.random.default_rng(len(kind))
    m, n = (40, 130) if kind == 'wide' else (120, 12)
    X = random.normal(size=(m, n)) + 0.7 * random.normal(size=(m, 1)) + 3
    if kind == 'sparse':
        X *= random.random((m, n)) < 0.3
    y = (random.random(m) < expit(X[:, :3] @ [1.0, -1.0, 0.5] - 1)).astype(float)
    more = {'weights': random.integers(0, 4, m).astype(float), 'offset': random.normal(size=m)} if kind == 'weighted' else {}
    if kind == 'by rows':
        monkeypatch.setattr(scaled_columns, 'MOST_COLUMNS', 0)
    if kind == 'sparse':
        from scipy.sparse import csr_matrix
        X = csr_matrix(X)
    data = load_data((X, y), intercept=kind != 'no intercept', **more)
    free = [0, 5] if kind == 'free' else []
    cost = PenalizedCost(data, True, free)
    l1 = numpy.full(n, 0.1 * abs(cost.null().slopes).max())
    l1[free] = 0.0
    return data, cost, l1, l1 if kind == 'elastic' else 0.0 * l1


@pytest.mark.parametrize('kind', KINDS)
def test_the_conditions_of_the_minimum_hold(kind, monkeypatch):
    data, cost, l1, l2 = problem(kind, monkeypatch)
    fit = cost.null()
    null = fit.cost
    cost.minimize(fit, l1, l2, 1e-15 * null)
    assert fit.converged and 0 <= fit.gap <= 1e-15 * null
    assert 0 < numpy.count_nonzero(fit.w) < len(fit.w)
    # in the units of the data, with nothing that the solver has kept
    weights = cost.to_user(fit.bias, fit.w)
    rows = data.counted()
    share = (numpy.ones(len(rows)) if rows.weights is None else rows.weights) / rows.total()
    residuals = share * (rows.labels - expit(rows.design.log_odds(weights) + (0 if rows.offset is None else rows.offset)))
    scale, (bias, slopes) = cost.columns.scale, data.design.parts(weights)
    ahead = (rows.design.points.T @ residuals) / scale - l2 * slopes * scale
    active = slopes != 0
    assert abs(residuals.sum() * len(bias)) < 1e-10
    assert abs(ahead[active] - (l1 * numpy.sign(slopes))[active]).max() < 1e-7
    assert (abs(ahead[~active]) <= l1[~active] + 1e-10).all()
    # and the gap is that of the cost: other points cost more, and by the gap at most
    monkeypatch.undo()
    early = cost.null()
    cost.minimize(early, l1, l2, 1e-3 * null)

    def whole(at):
        return at.cost + l1 @ abs(at.w) + l2 @ at.w**2 / 2
    assert -1e-14 <= whole(early) - whole(fit) <= early.gap + 1e-14


def test_weights_are_rows_as_often_and_constant_columns_have_none():
    random = numpy.random.default_rng(5)
    X, often = random.normal(size=(50, 4)), random.integers(1, 4, 50)
    X[:, 2] = 7.0
    y = (X[:, 0] + random.normal(size=50) > 0).astype(float)
    found = []
    for data in (load_data((X, y), weights=often), load_data((numpy.repeat(X, often, axis=0), numpy.repeat(y, often)))):
        cost = PenalizedCost(data)
        fit = cost.null()
        cost.minimize(fit, numpy.full(4, 0.02), numpy.zeros(4), 1e-15)
        found.append(cost.to_user(fit.bias, fit.w))
    numpy.testing.assert_allclose(*found, atol=1e-7)
    assert found[0][3] == 0 and found[0][1] > 0


def test_separated_classes_have_a_minimum():
    cost = PenalizedCost(load_data([[1, 0], [2, 0], [3, 1], [4, 1]]))
    fit = cost.null()
    cost.minimize(fit, numpy.array([1e-4]), numpy.zeros(1), 1e-12)
    assert fit.converged and numpy.isfinite(fit.w).all() and fit.w[0] > 5


CORNERS = {'plain': {}, 'separated': {'labels': 'separated'}, 'scales': {'scale': 8}, 'dependent': {'dependent': True}, 'offset': {'offset': 50},
           'weights': {'weights': 6}, 'squares': {'l1_ratio': 0.0}, 'mixed': {'l1_ratio': 0.5}, 'factors': {'free': [3, 4]}}


@pytest.mark.parametrize('is_sparse', [False, True])
@pytest.mark.parametrize('corner', CORNERS)
def test_every_penalty_reaches_its_gap(corner, is_sparse):
    from scipy.sparse import csc_matrix
    options = CORNERS[corner]
    random = numpy.random.default_rng(1)
    m, n = 200, 20
    X = random.normal(size=(m, n))
    y = (X[:, 0] > 0 if 'labels' in options else X[:, :3].sum(axis=1) + random.normal(size=m) > 0).astype(float)
    X *= 10.0**(options.get('scale', 0) * random.uniform(-1, 1, n))
    if 'dependent' in options:
        X[:, 5], X[:, 6], X[:, 7] = 3.0, X[:, 1], -X[:, 2]
    if is_sparse:
        X = csc_matrix(X * (random.random((m, n)) < 0.5))
    more = {'offset': random.choice([-50.0, 50.0], m)} if corner == 'offset' else {}
    if corner == 'weights':
        more['weights'] = 10.0**random.uniform(-6, 6, m)
    factors = [0.0 if j in options.get('free', ()) else 1.0 for j in range(n)]
    net = ElasticNet(load_data((X, y), **more), {'l1_ratio': options.get('l1_ratio', 1.0), 'standardize': True, 'penalty_factors': factors, 'tol': 1e-9})
    # the last of them after a jump, and from no weights on
    for parts in ([0.5, 0.1, 1e-2, 1e-5], [1e-4]):
        for point in net.path([net.largest() * part for part in parts]):
            assert point.converged and 0 <= point.gap <= 1e-9, (point.lambda_, point.gap, point.steps)


def test_wide_sparse_data_reach_their_gap_after_a_jump():
    # more columns than rows are in the working set, and each call of compiled code goes on where the one before has ended
    from scipy.sparse import csc_matrix
    random = numpy.random.default_rng(1)
    m, n, entries = 60, 3000, 4
    X = csc_matrix((random.normal(size=n * entries) + 1, random.integers(0, m, n * entries), numpy.arange(0, n * entries + 1, entries)), shape=(m, n))
    X.sum_duplicates()
    net = ElasticNet(load_data((X, random.random(m) < 0.5)), {'l1_ratio': 1.0, 'standardize': True, 'penalty_factors': None, 'tol': 1e-8})
    for parts in ([0.5, 0.1, 1e-2], [1e-3]):
        assert all(point.converged for point in net.path([net.largest() * part for part in parts]))


@pytest.mark.parametrize('scale', [1.0, 0.9, 0.0])
def test_the_divergence_is_that_of_its_formula(scale):
    from scipy.special import xlogy

    from sage_logreg.cost.coordinate import divergence, run
    random = numpy.random.default_rng(2)
    z, y, shift = random.normal(size=50) * 2, (random.random(50) < 0.5).astype(float), random.normal(size=50) * 1e-3
    p, frequency = expit(z), numpy.full(50, 1 / 50)
    q = (1 - scale) * y + scale * (p + p * (1 - p) * shift)
    expected = frequency @ (xlogy(q, q / p) + xlogy(1 - q, (1 - q) / (1 - p)))
    assert abs(run(divergence, z, y, frequency, 1e-12, shift, scale) - expected) < 1e-12 * max(expected, 1e-3)
