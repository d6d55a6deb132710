r"""
Effects, against statsmodels, and against derivatives by finite differences of the probabilities written down by hand.
"""
import numpy
import pytest
from scipy import special

from sage_logreg import ex2data1, load_data, maximum_likelihood, penguins

from helpers import array, close, design, fitted, random_data, spector

pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')


def dummies():
    points, labels = random_data(3, 90, 2)
    points = numpy.column_stack([points, numpy.arange(90) % 3 == 0, numpy.arange(90) % 5 > 2])
    return points, labels


def three_classes(seed=1, count=120):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, 2))
    z = points @ random.normal(size=(2, 3)) + random.gumbel(size=(count, 3))
    return points, z.argmax(axis=1)


# statsmodels

@pytest.mark.parametrize('at', ['overall', 'mean'])
@pytest.mark.parametrize('name', ['exams', 'spector', 'dummies'])
def test_effects_of_statsmodels(name, at):
    api = pytest.importorskip('statsmodels.api')
    data = {'exams': ex2data1, 'spector': spector, 'dummies': lambda: load_data(dummies())}[name]()
    fit = api.Logit(data.labels, design(data.points)).fit(disp=0, method='newton', tol=1e-14)
    for discrete in (False, True):
        expected = fit.get_margeff(at=at, dummy=discrete)
        found = fitted(data).marginal_effects(at=at, discrete=discrete)
        close(found['effect'], expected.margeff, 1e-10)
        close(found['std. error'], expected.margeff_se, 1e-10)
        close(found['P(>|z|)'], expected.pvalues, 1e-8)
        close(found['95% interval'], expected.conf_int(), 1e-9)
        assert list(found.dict().values()) == found['effect']


@pytest.mark.parametrize('at', ['overall', 'mean'])
def test_effects_of_statsmodels_on_classes(at):
    api = pytest.importorskip('statsmodels.api')
    points, labels = three_classes()
    fit = api.MNLogit(labels, design(points)).fit(disp=0, method='newton', tol=1e-14)
    expected, found = fit.get_margeff(at=at), maximum_likelihood((points, labels)).marginal_effects(at=at)
    close(array(found['effect']).reshape(3, 2), expected.margeff.T, 1e-10)
    close(array(found['std. error']).reshape(3, 2), expected.margeff_se.T, 1e-10)
    assert found['class'] == ['0', '0', '1', '1', '2', '2']
    # the probabilities add up to 1
    close(sum(array(list(effects.values())) for effects in found.dict().values()), [0, 0], 0, 1e-15)


# By hand: the columns of the weights as functions of the variables, rows with their trials

class ByHand:
    def __init__(self, model, columns, points, trials=None, offset=0.0):
        self.weights, self.covariance, self.columns = array(model.weights()).astype(numpy.longdouble), array(model.covariance()), columns
        self.points = numpy.asarray(points, dtype=numpy.longdouble)
        self.shares = numpy.ones(len(points)) if trials is None else numpy.asarray(trials, dtype=float)
        self.shares, self.offset = self.shares / self.shares.sum(), offset

    def probabilities(self, weights, points):
        columns = numpy.array(self.columns(*points.T)).T
        if weights.ndim == 1:
            return 1 / (1 + numpy.exp(-columns @ weights - self.offset))[:, None]
        z = columns @ weights.T + self.offset
        return numpy.exp(z) / numpy.exp(z).sum(axis=1, keepdims=True)

    def slope(self, j):
        # by a complex step
        def average(weights):
            points = self.points.astype(numpy.clongdouble)
            points[:, j] += 1e-30j
            return self.shares @ (self.probabilities(weights, points).imag / numpy.longdouble(1e-30))
        return self.with_errors(average)

    def average(self, changes):
        def average(weights):
            points = self.points.copy()
            points[:, list(changes)] = list(changes.values())
            return self.shares @ self.probabilities(weights, points)
        return average

    def change(self, one, other):
        return self.with_errors(lambda weights: self.average(other)(weights) - self.average(one)(weights))

    def with_errors(self, function):
        gradient = []
        for place in numpy.ndindex(self.weights.shape):
            step = numpy.zeros_like(self.weights)
            step[place] = 1e-6 * max(1e-2, abs(self.weights[place]))
            gradient.append((function(self.weights + step) - function(self.weights - step)) / (2 * step[place]))
        gradient = numpy.array(gradient, dtype=float)
        return function(self.weights), numpy.sqrt(numpy.einsum('ik,ij,jk->k', gradient, self.covariance, gradient))


def agree(table, rows, expected):
    effects, errors = zip(*expected)
    close([table['effect'][row] for row in rows], numpy.ravel(effects).astype(float), 1e-10)
    close([table['std. error'][row] for row in rows], numpy.ravel(errors).astype(float), 1e-7)


def grouped(seed=0, count=30):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, 2))
    trials = random.randint(1, 9, count)
    return points, random.binomial(trials, special.expit(points @ [1, -0.5])), trials


@pytest.mark.parametrize('kind', ['weighted', 'grouped', 'offset', 'no intercept', 'dropped rows', 'bias_reduced'])
def test_rows_of_all_kinds(kind):
    points, labels = random_data(5, 70, 2)
    weights, offset = numpy.random.RandomState(1).randint(0, 4, 70), numpy.random.RandomState(2).normal(size=70)
    columns = (lambda a, b: [a, b]) if kind == 'no intercept' else (lambda a, b: [a**0, a, b])
    if kind == 'grouped':
        points, successes, trials = grouped()
        hand = ByHand(model := fitted((points, successes, trials)), columns, points, trials)
    elif kind == 'weighted':
        hand = ByHand(model := fitted((points, labels), weights=weights), columns, points, weights)
    elif kind == 'offset':
        hand = ByHand(model := fitted((points, labels), offset=offset), columns, points, offset=offset)
    elif kind == 'dropped rows':
        missing = numpy.vstack([[numpy.nan, 1], points])
        hand = ByHand(model := fitted((missing, [0, *labels]), missing='drop'), columns, points)
    else:
        model = fitted((points, labels), **({'intercept': False} if kind == 'no intercept' else {'bias_reduced': True}))
        hand = ByHand(model, columns, points)
    agree(model.marginal_effects(), [0, 1], [hand.slope(0), hand.slope(1)])
    mean = ByHand(model, columns, hand.shares[None] @ hand.points, offset=numpy.sum(hand.shares * hand.offset))
    agree(model.marginal_effects(at='mean', variables='x2'), [0], [mean.slope(1)])


def test_formula_with_powers_interactions_and_a_factor():
    pytest.importorskip('sage.all')
    data = penguins(formula='sex ~ species*log(body_mass_g) + I(bill_depth_mm^2)', missing='drop')
    model = fitted(data)
    chinstrap, gentoo, mass, depth = map(data.variables.index, ('species_Chinstrap', 'species_Gentoo', 'body_mass_g', 'bill_depth_mm'))

    def columns(*x):
        levels, log = [x[chinstrap], x[gentoo]], numpy.log(x[mass])
        by_name = {'species_Chinstrap': levels[0], 'species_Gentoo': levels[1], 'log(body_mass_g)': log, 'bill_depth_mm^2': x[depth]**2,
                   'species_Chinstrap*log(body_mass_g)': levels[0] * log, 'species_Gentoo*log(body_mass_g)': levels[1] * log}
        return [log**0, *(by_name[name] for name in data.design.variables)]

    hand = ByHand(model, columns, data.points)
    found = model.marginal_effects()
    rows = {name: row for row, name in enumerate(found['variable'])}
    agree(found, [rows['body_mass_g'], rows['bill_depth_mm']], [hand.slope(mass), hand.slope(depth)])
    adelie = {chinstrap: 0, gentoo: 0}
    agree(found, [rows['species_Chinstrap'], rows['species_Gentoo']],
          [hand.change(adelie, {**adelie, chinstrap: 1}), hand.change(adelie, {**adelie, gentoo: 1})])
    assert found['change'][rows['species_Gentoo']] == 'Adelie to Gentoo'


def test_classes_with_weights():
    points, labels = three_classes(4)
    weights = numpy.random.RandomState(0).randint(1, 4, len(points))
    model = maximum_likelihood((points, labels), weights=weights)
    hand = ByHand(model, lambda a, b: [a**0, a, b], points, weights)
    agree(model.marginal_effects(variables=['x2']), [0, 1, 2], [hand.slope(1)])


def test_far_from_zero():
    points, labels = random_data(7, 60, 2)
    near, far = (fitted((points + shift, labels)).marginal_effects() for shift in (0.0, 2.0**30))
    for title in ('effect', 'std. error'):
        close(far[title], near[title], 1e-6)


def test_sparse_data():
    sparse = pytest.importorskip('scipy.sparse')
    points, labels = random_data(2, 50, 2)
    dense, thin = (maximum_likelihood((form, labels)).marginal_effects() for form in (points, sparse.csr_matrix(points)))
    close(thin['std. error'], dense['std. error'], 1e-9)


@pytest.mark.parametrize('kind', ['HC0', 'cluster'])
def test_robust_errors_of_statsmodels(kind):
    api = pytest.importorskip('statsmodels.api')
    groups = numpy.arange(120) // 4
    robust = {'cov_type': 'HC0'} if kind == 'HC0' else {'cov_type': 'cluster', 'cov_kwds': {'groups': groups}}
    given = {'kind': 'HC0'} if kind == 'HC0' else {'cluster': groups}
    points, labels = three_classes()
    for fit, model in ((api.Logit(labels > 0, design(points)), fitted((points, (labels > 0).astype(int)))),
                       (api.MNLogit(labels, design(points)), maximum_likelihood((points, labels)))):
        expected = fit.fit(disp=0, method='newton', tol=1e-14, **robust).get_margeff().margeff_se
        close(array(model.marginal_effects(**given)['std. error']), expected.T.ravel(), 1e-9)
        # all that has intervals takes the same
        plain, other = (model.effect_table('x1', values=[1], **options)['95% interval'] for options in ({}, given))
        assert (array(plain) != array(other)).all()
    model = fitted((points, (labels > 0).astype(int)))
    close(model.odds_ratios(interval=0.95, **given)['95% interval'], numpy.exp(array(model.confidence_intervals(**given)[1:])), 1e-12)
    with pytest.raises(ValueError, match='kind'):
        model.marginal_effects(kind='HC7')


def test_without_standard_errors():
    model = maximum_likelihood(ex2data1(), l2=1)
    table = model.marginal_effects(level=None)
    assert list(table.columns) == ['variable', 'change', 'effect']
    p = array(model.probability(ex2data1().points))
    close(table['effect'], (p * (1 - p)).mean() * array(model.weights())[1:], 1e-12)
    assert list(model.effect_table('x1', interval=None).columns) == ['x1', 'probability']
    with pytest.raises(ValueError, match='level = None leaves out the standard errors'):
        model.marginal_effects(level=None, kind='HC0')


# Probabilities over a variable

def test_probabilities_are_those_at_the_points():
    model = fitted(penguins(formula='sex ~ species + body_mass_g + bill_depth_mm', missing='drop'))
    table = model.effect_table('body_mass_g', by='species', values=[3000, 4000], fixed={'bill_depth_mm': 17})
    points = [{'species': species, 'body_mass_g': mass, 'bill_depth_mm': 17} for species, mass, *_ in table.rows()]
    assert [(point['species'], point['body_mass_g']) for point in points] == [
        (species, mass) for species in ('Adelie', 'Chinstrap', 'Gentoo') for mass in (3000, 4000)]
    intervals = [model.probability(point, interval=0.95) for point in points]
    close(table['probability'], [interval.probability for interval in intervals], 1e-12)
    close(table['95% interval'], [interval[1:] for interval in intervals], 1e-9)
    mean = penguins(formula='sex ~ species + body_mass_g + bill_depth_mm', missing='drop').points
    j = model.data.variables.index('bill_depth_mm')
    expected = model.probability([{'species': level, 'body_mass_g': 4000, 'bill_depth_mm': mean[:, j].mean()}
                                  for level in ('Adelie', 'Gentoo')])
    close(model.effect_table('species', values=['Adelie', 'Gentoo'], fixed={'body_mass_g': 4000})['probability'], expected, 1e-12)


def test_probabilities_of_classes():
    model = maximum_likelihood(three_classes())
    table = model.effect_table('x1', values=[-1, 2], fixed={'x2': 1}, interval=0.9)
    expected = model.probability([[-1, 1], [2, 1]], interval=0.9)
    close(table['probability'], [interval.probability for row in expected for interval in row], 1e-12)
    close(table['90% interval'], [interval[1:] for row in expected for interval in row], 1e-9)


def test_averaged_probabilities():
    points, successes, trials = grouped()
    model = fitted((points, successes, trials))
    hand = ByHand(model, lambda a, b: [a**0, a, b], points, trials)
    table = model.effect_table('x1', values=[-1, 1], by={'x2': [0, 2]}, at='overall')
    assert [row[:2] for row in table.rows()] == [(0, -1), (0, 1), (2, -1), (2, 1)]
    table = model.effect_table('x1', values=[-1, 1], at='overall')
    for row, value in enumerate((-1, 1)):
        (p,), (error,) = hand.with_errors(hand.average({0: value}))
        close(table['probability'][row], float(p), 1e-11)
        # on the scale of the log-odds
        half = special.ndtri(0.975) * error / float(p * (1 - p))
        close(table['95% interval'][row], special.expit([special.logit(float(p)) - half, special.logit(float(p)) + half]), 1e-8)


def test_typical_values_count_trials():
    x = numpy.arange(10.0)
    model = fitted((x[:, None], [1, 0, 2, 1, 3, 2, 3, 4, 30, 3], [4, 5, 4, 4, 5, 4, 4, 5, 40, 4]))
    # more than half of the trials are at 8
    assert model.effect_table('x1')['x1'] == [0, 4, 8, 9]
    with pytest.raises(ValueError, match=r"fixed has x1, which varies"):
        model.effect_table('x1', fixed={'x1': 3})
    with pytest.raises(TypeError, match='values = 3; expected a list of values'):
        model.effect_table('x1', values=3)
    with pytest.raises(ValueError, match='variable = x7; expected one of x1'):
        model.effect_table('x7')


# Odds ratios

@pytest.mark.parametrize('classes', [2, 3])
def test_odds_ratios_with_intervals(classes):
    model = fitted(random_data(1, 80, 2)) if classes == 2 else maximum_likelihood(three_classes(2))
    for baseline in ([None, 0, 1] if classes == 2 else [0, 1, 2]):
        table = model.odds_ratios(baseline, interval=0.9)
        others = [k for k in range(classes) if k != baseline] if baseline is not None else [None]
        ends = model.confidence_intervals(0.9, baseline=baseline)
        rows = [pair for k in others for pair in (ends if k is None else ends[k])[1:]]
        close(table['90% interval'], numpy.exp(array(rows)), 1e-12)
        ratios = array(model.odds_ratios(baseline))
        close(table[model.RATIO], (ratios if baseline is None else numpy.delete(ratios, baseline, axis=0)).ravel(), 1e-12)
        assert table['variable'] == ['x1', 'x2'] * len(others)
