r"""
Pictures of residuals and of influence: what is drawn where, how rows are named, few and many points, and on dark pages.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

import matplotlib.style
from scipy import stats

from sage_logreg import gradient_descent, load_data, maximum_likelihood
from sage_logreg.solvers.diagnostics import normal_envelope, normal_quantiles, smooth

from helpers import array, axes_labels, close, drawn, ex2data1, kinds, legend_texts, random_data, sigmoid

pytestmark = [pytest.mark.usefixtures('no_show', 'no_names_are_injected'), pytest.mark.filterwarnings('error::RuntimeWarning')]


def parts(picture, kind):
    return [part for part in picture if type(part).__name__ == kind]


def cloud(picture):
    # all points, of which those that are named are drawn again one by one
    return max((part for part in picture if type(part).__name__ in ('Point', 'ManyPoints')), key=lambda part: len(part.xdata))


def names(picture):
    return {part.string.strip() for part in parts(picture, 'Text')}


def test_what_the_four_pictures_show():
    model = maximum_likelihood(ex2data1())
    picture = model.plot_diagnostics(seed=3)
    assert (picture.nrows(), picture.ncols()) == (2, 2)
    x = array(model.probability(ex2data1().points))
    residuals = array(model.residuals('quantile', seed=3))
    first, second, third, fourth = (drawn(cloud(part)) for part in picture)
    close(first, numpy.column_stack([numpy.log(x / (1 - x)), residuals]), 1e-8, 1e-12)
    quantiles = stats.norm.ppf((numpy.arange(100) + 0.5) / 100)
    close(second[numpy.argsort(second[:, 0])], numpy.column_stack([quantiles, numpy.sort(residuals)]), 1e-9)
    close(third, numpy.column_stack([array(model.leverage()), array(model.residuals('standardised_pearson'))]), 1e-12)
    close(fourth, drawn(cloud(model.plot_binned_residuals())), 0)
    # the curves are those of Cook's distances
    level = float(legend_texts(picture[2])[0].split()[-1])
    h, r = drawn(parts(picture[2], 'Line')[1]).T
    close(r**2 * h / (1 - h) / 3, numpy.full(len(h), level), 1e-9)
    most = {str(row) for row in model.influence(3)['row']}
    assert names(picture[0]) == names(picture[2]) == most and not names(picture[1])
    assert [axes_labels(part) for part in picture] == [['log-odds of y = 1', 'quantile residual'], ['normal quantile', 'quantile residual'],
                                                       ['leverage', 'standardised Pearson residual'], ['P(y = 1)', 'mean residual']]
    assert axes_labels(model.plot_diagnostics('standardised_pearson')[0])[1] == 'standardised Pearson residual'


def test_names_are_of_the_source_and_as_many_as_wanted():
    points, labels = random_data(1, 30, 2)
    rows = [[None, 1, 0]] * 100 + [[*point, label] for point, label in zip(points.tolist(), labels)]
    model = maximum_likelihood(rows, missing='drop')
    for most in (0, 5):
        picture = model.plot_diagnostics(most=most)
        assert names(picture[2]) == {str(row) for row in model.influence()['row'][:most]}
        assert all(int(name) >= 100 for name in names(picture[2]))


def test_means_in_bins():
    random = numpy.random.RandomState(0)
    points, trials = random.normal(size=(90, 2)), random.randint(1, 20, 90)
    successes = random.binomial(trials, sigmoid(points[:, 0]))
    model = maximum_likelihood((points, successes, trials))
    p, values = array(model.probability(points)), points[:, 1]
    picture = model.plot_binned_residuals(bins=7, by='x2')
    found, line = drawn(cloud(picture)), drawn(parts(picture, 'Line')[1])
    assert len(found) == 7 and (numpy.diff(found[:, 0]) > 0).all()
    # which points are in which bin follows from the mean values
    order, start = numpy.argsort(values), 0
    for (value, residual), (_, bound) in zip(found, line):
        stop = next(stop for stop in range(start + 1, 91)
                    if abs(numpy.average(values[order[start:stop]], weights=trials[order[start:stop]]) - value) < 1e-12)
        own = order[start:stop]
        n = trials[own].sum()
        close([residual, bound], [(successes - trials * p)[own].sum() / n, 2 * numpy.sqrt((trials * p * (1 - p))[own].sum()) / n], 1e-9)
        assert abs(n - trials.sum() / 7) <= 2 * trials.max()
        start = stop
    assert start == 90
    # numbers of one's own, and values that are equal remain together
    close(drawn(cloud(model.plot_binned_residuals(7, values.tolist()))), found, 0)
    assert drawn(cloud(model.plot_binned_residuals(7, numpy.arange(90) // 30)))[:, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize('count, bins', [(6, 3), (40, 10), (150, 12)])
def test_how_many_bins(count, bins):
    x = numpy.arange(count) * 1.0
    model = maximum_likelihood((x[:, None]**0.5, numpy.arange(count) % 3 == 1))
    assert len(drawn(cloud(model.plot_binned_residuals()))) == bins


def test_bins_of_factors_and_features():
    size = numpy.random.RandomState(0).normal(size=60)
    kind = numpy.array(['a long name of a kind', 'b', 'c'])[numpy.arange(60) % 3]
    labels = numpy.where(size + numpy.sin(9 * size) > 0, 'no', 'yes')
    model = maximum_likelihood({'size': size, 'kind': kind, 'answer': labels})
    picture = model.plot_binned_residuals(by='kind')
    # the weights of the levels see to it
    close(drawn(cloud(picture)), [[0, 0], [1, 0], [2, 0]], 0, 1e-9)
    figure = picture.matplotlib(**picture._extra_kwds)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ['a long name\nof a kind', 'b', 'c']
    assert axes_labels(picture) == ['kind', 'mean residual'] and axes_labels(model.plot_binned_residuals())[0] == 'P(answer = yes)'
    x1 = sage.SR.var('x1')
    squared = maximum_likelihood(load_data(random_data(0, 50, 1), features=[x1, x1**2]))
    assert drawn(cloud(squared.plot_binned_residuals(by=x1**2)))[:, 0].min() >= 0
    assert drawn(cloud(squared.plot_binned_residuals(by=x1)))[:, 0].min() < 0
    with pytest.raises(ValueError, match='by = \'size\'; expected one of x1, x1\\^2, or 50 real numbers'):
        squared.plot_binned_residuals(by='size')
    with pytest.raises(ValueError, match='by has 3 entries; expected 50 real numbers'):
        squared.plot_binned_residuals(by=[1, 2, 3])


@pytest.mark.parametrize('count', [8, 400, 12000])
def test_few_and_many_points(count, tmp_path):
    random = numpy.random.RandomState(count)
    points = random.normal(size=(count, 1))
    labels = random.uniform(size=count) < sigmoid(points[:, 0])
    labels[:4], points[:4, 0] = [0, 1, 0, 1], [0, 0, 1, 1]
    picture = maximum_likelihood((points, labels)).plot_diagnostics(color='green')
    assert all(len(cloud(part).xdata) == count for part in list(picture)[:3])
    assert all(cloud(part).options()['rgbcolor'] == 'green' for part in picture)
    figure = picture.matplotlib()
    assert figure.get_size_inches().tolist() == [10, 8] and picture.matplotlib(figsize=5).get_size_inches()[0] == 5
    if count < 1000:
        picture.save(str(tmp_path / 'picture.png'))
        assert (tmp_path / 'picture.png').stat().st_size > 10000


def test_on_dark_pages():
    with matplotlib.style.context('dark_background'):
        for part in maximum_likelihood(ex2data1()).plot_diagnostics():
            assert sum(part.axes_color()) == 3
            assert {text.options()['rgbcolor'] for text in parts(part, 'Text')} <= {(1, 1, 1)}


def test_the_smooth_line_is_that_of_lowess():
    lowess = pytest.importorskip('statsmodels.api').nonparametric.lowess
    random = numpy.random.RandomState(0)
    x = random.normal(size=101)
    y = numpy.sin(2 * x) + random.normal(size=101) / 3
    places, heights = smooth(x, y)
    close(heights, lowess(y, x, frac=2 / 3, it=0, xvals=places), 1e-9, 1e-12)
    # values that are all the same, and two
    assert smooth(numpy.ones(5), numpy.arange(5.0))[1].tolist() == [2.0] * len(places)
    heights = smooth(numpy.array([0.0, 1, 1]), numpy.array([0.0, 1, 3]))[1]
    # where the nearest points are in one place
    close(heights[[0, *range(30, len(heights))]], [0] + [2] * 30, 1e-12)
    # of many points it is nearly the same
    x = random.normal(size=9000)
    y = numpy.sin(2 * x)
    places, heights = smooth(x, y)
    inner = abs(places) < 2
    close(heights[inner], lowess(y, x, frac=2 / 3, it=0, xvals=places[inner]), 0, 1e-2)


@pytest.mark.parametrize('count', [2, 25, 1000])
def test_the_envelope_of_normal_numbers(count):
    places, low, high = normal_envelope(count)
    assert places[0] == 0 and places[-1] == count - 1
    expected = normal_quantiles(count)[places]
    assert ((low < expected) & (expected < high)).all()
    close(low, stats.norm.ppf(stats.beta.ppf(0.025, places + 1, count - places)), 1e-9)
    close(high, stats.norm.ppf(stats.beta.ppf(0.975, places + 1, count - places)), 1e-9)


def test_what_is_refused():
    model = maximum_likelihood(ex2data1())
    with pytest.raises(ValueError, match="kind = 'raw'; expected one of 'response'"):
        model.plot_diagnostics('raw')
    with pytest.raises(ValueError, match='most = -1; expected a whole number from 0'):
        model.plot_diagnostics(most=-1)
    stopped = gradient_descent(ex2data1(), iterations=5)
    with pytest.raises(ValueError, match='where gradient_descent stopped'):
        stopped.plot_diagnostics()
    # means of residuals are of any weights
    assert kinds(stopped.plot_binned_residuals())
    with pytest.raises(ValueError, match='fits each observation exactly'):
        maximum_likelihood(([[0], [1]], [1, 2], [3, 4])).plot_diagnostics()
