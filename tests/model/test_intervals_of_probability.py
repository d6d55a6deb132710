r"""
Confidence intervals of a probability, against statsmodels, the formula by hand and sixty digits.
"""
import mpmath
import numpy
import pytest
from scipy import special

from sage_logreg import ex2data1, gradient_descent, load_data, maximum_likelihood
from sage_logreg.dataset.design import Design

from helpers import Exact, OVERLAPPING, QUANTILE_95, array, close, design, fitted, passengers, random_data, spector

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


def ends(intervals):
    return array([[point.lower, point.upper] for point in intervals])


def by_hand(model, points, level=0.95):
    # R: z <- predict(fit, newdata, type = 'link', se.fit = TRUE); plogis(z$fit +- qnorm((1 + level)/2)*z$se.fit)
    X, w = design(points), array(model.weights())
    errors = numpy.sqrt(numpy.einsum('ij,jk,ik->i', X, array(model.covariance()), X))
    half = special.ndtri((1 + level) / 2) * errors
    return special.expit(numpy.column_stack([X @ w - half, X @ w + half]))


def in_sixty_digits(points, labels, at, start, **options):
    exact = Exact(points, labels, **options)
    w = exact.estimate(start)
    covariance = mpmath.inverse(exact.information(w))
    for row in at:
        x = mpmath.matrix([1, *map(float, row)])
        z, half = (x.T * mpmath.matrix(w))[0], QUANTILE_95 * mpmath.sqrt((x.T * covariance * x)[0])
        yield [1 / (1 + mpmath.exp(-end)) for end in (z - half, z + half)]


@pytest.mark.lanes
@pytest.mark.parametrize('level', [0.5, 0.95, 0.999])
def test_intervals_of_statsmodels(level):
    api = pytest.importorskip('statsmodels.api')
    for data in (spector(), load_data(OVERLAPPING), ex2data1()):
        fit = api.Logit(data.labels, design(data.points)).fit(disp=0, method='newton', tol=1e-14)
        expected = fit.get_prediction(design(data.points)).summary_frame(alpha=1 - level)
        found = fitted(data).probability(data.points, interval=level)
        close([point.probability for point in found], expected['predicted'], 1e-9)
        close(ends(found), numpy.array(expected[['ci_lower', 'ci_upper']]), 1e-7)


@pytest.mark.parametrize('seed', range(6))
def test_intervals_by_hand(seed):
    random = numpy.random.RandomState(seed)
    points, labels = random_data(seed, 70, 3)
    options = [{}, {'weights': random.randint(0, 4, 70)}, {'offset': random.normal(size=70)}, {'bias_reduced': True}][seed % 4]
    model = fitted((points, labels), **options)
    at = 3 * random.normal(size=(20, 3))
    close(ends(model.probability(at, interval=0.9)), by_hand(model, at, 0.9), 1e-9)


@pytest.mark.parametrize('far, near', [(0, 1), (1e3, 1), (0, 1e-5), (1e5, 1e-3), (1e7, 1), (0, 1e-9)])
def test_eight_digits_where_the_covariance_has_few(far, near):
    # a column far from zero cancels the bias, and nearly equal ones each other: x^T C x would have no digits left
    points, labels = OVERLAPPING
    points = numpy.column_stack([far + points[:, 0], far + points[:, 0] + near * points[:, 1]])
    model = fitted((points, labels))
    at = points[::10]
    expected = list(in_sixty_digits(points, labels, at, array(model.weights())))
    found = ends(model.probability(at, interval=0.95))
    # the log-odds themselves have the digits that what is added up in them has
    loss = 1e-15 * (abs(design(at)) @ abs(array(model.weights())))
    close(found, expected, numpy.broadcast_to(1e-8 + loss[:, None], found.shape))


def test_far_from_the_data():
    model = fitted(spector())
    intervals = array(model.confidence_intervals())[1:]
    # the sign of one weight is not certain
    assert sorted((intervals > 0).all(axis=1) | (intervals < 0).all(axis=1)) == [False, True, True]
    for size in (1e5, 1e10, 1e100, 1e300):
        for j, weight in enumerate(array(model.weights())[1:]):
            at = numpy.zeros(3)
            at[j] = size * numpy.sign(weight)
            certain = (intervals[j] * weight > 0).all()
            assert model.probability(at, interval=0.95) == (1, float(certain), 1)
            assert model.probability(-at, interval=0.95) == (0, 0, float(not certain))
    # where not even the log-odds are a float, nothing is known
    low, high = model._estimate.log_odds_intervals(Design(numpy.array([[1.7e308, -1.7e308, 1.7e308]])), 0.95)
    assert (low, high) == (-numpy.inf, numpy.inf)


def test_at_zero_it_is_the_interval_of_the_bias():
    model = fitted(spector())
    for level in (0.6, 0.95):
        point = model.probability([0, 0, 0], interval=level)
        close([point.lower, point.upper], special.expit(array(model.confidence_intervals(level)[0])), 1e-8)
    # and of an indicator's log odds ratio, between its levels
    low, high = (model.probability([3, 20, psi], interval=0.95) for psi in (0, 1))
    assert low.lower < low.probability < low.upper and low.probability < high.probability


def test_intervals_of_features(sage):
    x1, x2 = sage.SR.var('x1, x2')
    points, labels = random_data(3, 80, 2)
    model = maximum_likelihood(load_data((points, labels), features=[x1, x2, x1 * x2, x1**2]))
    at = points[:7]
    columns = numpy.column_stack([at, at[:, 0] * at[:, 1], at[:, 0]**2])
    close(ends(model.probability(at, interval=0.95)), by_hand(model, columns), 1e-9)


@pytest.mark.lanes
def test_what_is_returned():
    model = fitted(passengers())
    rows = [[30, 'female', 50, 'Queenstown'], [60, 'male', 20, 'Cherbourg']]
    one, many = model.probability(rows[0], interval=0.95), model.probability(rows, interval=0.95)
    assert isinstance(many, list) and many[0] == one == (one.probability, one.lower, one.upper)
    assert [point.probability for point in many] == list(model.probability(rows))
    number = type(model.probability(rows[0]))
    assert {type(value) for point in many for value in point} == {number}
    assert 0 < one.lower < one.probability < one.upper < 1
    narrow = model.probability(rows[0], interval=0.5)
    assert one.lower < narrow.lower < narrow.probability < narrow.upper < one.upper
    columns = dict(zip(('age', 'sex', 'fare', 'port of embarkation'), map(list, zip(*rows))))
    assert model.probability(columns, interval=0.95) == many
    close(ends(many), by_hand(model, numpy.array([[30.0, 0, 50, 1, 0], [60, 1, 20, 0, 0]])), 1e-9)
    close(ends(model.probability(model.data, interval=0.95)), by_hand(model, model.data.points), 1e-9)
    assert len(model.probability([rows[0]], interval=0.95)) == 1


def test_intervals_without_an_intercept():
    api = pytest.importorskip('statsmodels.api')
    data = load_data(OVERLAPPING, intercept=False)
    fit = api.Logit(data.labels, data.points).fit(disp=0, method='newton', tol=1e-14)
    expected = fit.get_prediction(data.points).summary_frame(alpha=0.05)
    found = fitted(data).probability(data.points, interval=0.95)
    close([point.probability for point in found], expected['predicted'], 1e-9)
    close(ends(found), numpy.array(expected[['ci_lower', 'ci_upper']]), 1e-7)


def test_levels_of_every_kind(sage):
    model = fitted(OVERLAPPING)
    expected = model.probability([1, 1], interval=0.75)
    for level in (sage.QQ(3) / 4, sage.RDF(0.75), sage.RealField(100)(0.75), numpy.float32(0.75), sage.SR(3) / 4):
        assert model.probability([1, 1], interval=level) == expected


def test_an_offset_of_new_points_is_zero():
    points, labels = OVERLAPPING
    data = load_data((points, labels), offset=numpy.linspace(-1, 1, 60))
    model = fitted(data)
    assert model.probability(data, interval=0.9) == model.probability(points, interval=0.9)


@pytest.mark.parametrize('interval', [0, 1, 95, -0.5, float('nan'), True, '0.95', [0.9]])
def test_a_wrong_level_is_named(interval):
    for model in (fitted(OVERLAPPING), gradient_descent(OVERLAPPING, iterations=0)):
        with pytest.raises((TypeError, ValueError), match='^interval = .*; expected a real number above 0 and below 1$'):
            model.probability([1, 1], interval=interval)


@pytest.mark.parametrize('train', [
    lambda: gradient_descent(OVERLAPPING, iterations=5), lambda: fitted(OVERLAPPING, l2=1),
    lambda: fitted(OVERLAPPING).with_weights([0, 1, 1])])
def test_refused_as_the_intervals_of_the_weights_are(train):
    model = train()
    with pytest.raises(ValueError) as expected:
        model.confidence_intervals()
    with pytest.raises(ValueError) as caught:
        model.probability([1, 1], interval=0.95)
    assert str(caught.value) == str(expected.value)
    assert 0 < float(model.probability([1, 1])) < 1


def test_they_contain_the_probability_as_often_as_they_say():
    # 200 samples of 300 rows: the share is 0.9 but for three of its own standard errors
    random, w, at = numpy.random.RandomState(8), numpy.array([0.3, 1.0, -0.5]), numpy.array([1.0, 0.5])
    truth, hits = special.expit(w[0] + at @ w[1:]), 0
    for _ in range(200):
        points = random.normal(size=(300, 2))
        labels = random.uniform(size=300) < special.expit(w[0] + points @ w[1:])
        point = maximum_likelihood((points, labels.astype(float))).probability(at, interval=0.9)
        hits += point.lower <= truth <= point.upper
    assert abs(hits / 200 - 0.9) < 3 * (0.9 * 0.1 / 200)**0.5
