r"""
Pictures of effects and of weights, and the observed proportions of grouped data.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage_logreg import load_data, maximum_likelihood, penguins

from helpers import array, axes_labels, close, drawn, kinds, legend_texts, pixels

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')


@pytest.fixture(scope='module')
def sexes():
    return maximum_likelihood(penguins(formula='sex ~ species + body_mass_g', missing='drop'))


@pytest.fixture(scope='module')
def islands():
    return maximum_likelihood(penguins(label='island', variables='bill_length_mm, sex', missing='drop'))


def texts_of_ticks(picture, axis):
    axes = picture.matplotlib(**picture._extra_kwds).axes[0]
    return [text.get_text() for text in getattr(axes, f'get_{axis}ticklabels')()]


def band(polygon):
    # the lower ends, and the upper ones from right to left
    half = len(polygon.xdata) // 2
    return numpy.column_stack([polygon.ydata[:half], polygon.ydata[half:][::-1]])


# A variable of numbers

def test_curves_are_the_probabilities(sexes):
    picture = sexes.plot_effect('body_mass_g', by='species', interval=0.9)
    assert kinds(picture) == ['Line', 'Polygon'] * 3
    assert legend_texts(picture) == [f'species = {level}' for level in ('Adelie', 'Chinstrap', 'Gentoo')]
    assert axes_labels(picture) == ['body_mass_g', 'P(sex = male)']
    for curve, area, level in zip(picture[::2], picture[1::2], ('Adelie', 'Chinstrap', 'Gentoo')):
        places = drawn(curve)
        assert [places[0, 0], places[-1, 0]] == [2700, 6300]
        found = sexes.probability([{'species': level, 'body_mass_g': mass} for mass in places[::50, 0].tolist()], interval=0.9)
        close(places[::50, 1], [interval.probability for interval in found], 1e-10)
        close(band(area)[::50], array([interval[1:] for interval in found]), 1e-8)


def test_other_options(sexes, tmp_path):
    picture = sexes.plot_effect('body_mass_g', interval=None, color='green', thickness=4, title='T', figsize=[4, 3])
    assert kinds(picture) == ['Line'] and picture._extra_kwds['title'] == 'T'
    assert picture[0].options()['thickness'] == 4 and picture[0].options()['rgbcolor'] == 'green'
    picture = sexes.plot_effect('body_mass_g', fixed={'species': 'Gentoo'})
    assert picture._extra_kwds['title'] == 'at species = Gentoo'
    assert sexes.plot_effect('body_mass_g', at='overall')._extra_kwds['title'] == 'averaged over 333 rows'
    with pytest.raises(TypeError, match='foo is no option of this picture'):
        sexes.plot_effect('body_mass_g', foo=1)
    assert pixels(picture, tmp_path / 'effect.png').std() > 10


def test_curves_of_classes(islands):
    picture = islands.plot_effect('bill_length_mm')
    assert kinds(picture) == ['Line', 'Polygon'] * 3
    assert legend_texts(picture) == ['island = Biscoe', 'island = Dream', 'island = Torgersen']
    assert picture._extra_kwds['title'] == 'at sex = female'
    close(sum(drawn(curve)[:, 1] for curve in picture[::2]), numpy.ones(201), 1e-12)
    panels = islands.plot_effect('bill_length_mm', by='sex')
    assert (panels.nrows(), panels.ncols()) == (1, 2)
    for panel, level in zip(panels, ('female', 'male')):
        places = drawn(panel[0])[::100]
        expected = islands.probability([{'bill_length_mm': length, 'sex': level} for length in places[:, 0].tolist()])
        close(places[:, 1], array(expected)[:, 0], 1e-10)


# A factor

def test_levels_are_points_with_intervals(sexes):
    picture = sexes.plot_effect('species', by={'body_mass_g': [4000, 4700]})
    assert kinds(picture) == (['Line'] * 3 + ['Point']) * 2
    table = sexes.effect_table('species', by={'body_mass_g': [4000, 4700]})
    heights = [height for cloud in (picture[3], picture[7]) for height in cloud.ydata]
    close(heights, table['probability'], 1e-12)
    close([line.ydata for line in picture if type(line).__name__ == 'Line'], table['95% interval'], 1e-12)
    assert texts_of_ticks(picture, 'x') == ['Adelie', 'Chinstrap', 'Gentoo']
    # beside each other
    assert (array(picture[3].xdata) < array(picture[7].xdata)).all()
    assert legend_texts(picture) == ['body_mass_g = 4000', 'body_mass_g = 4700']


# Forest plots

def bars(picture):
    return [sorted(line.xdata) for line in picture[1:] if type(line).__name__ == 'Line']


def test_forest_of_weights(sexes):
    picture = sexes.plot_coefficients(level=0.9)
    weights, intervals = array(sexes.weights())[1:], sexes.confidence_intervals(0.9)[1:]
    close(picture[0].xdata, [0, 0], 0)
    close(bars(picture), array(intervals), 1e-12)
    close(picture[-1].xdata, weights, 1e-12)
    assert texts_of_ticks(picture, 'y') == ['species (reference Adelie):', 'Chinstrap', 'Gentoo', 'body_mass_g']
    # below each other, the first at the top
    assert list(picture[-1].ydata) == [2, 1, 0]
    assert kinds(sexes.plot_coefficients(level=None)) == ['Line', 'Point']


def test_a_long_title_is_one_row():
    levels = ['low', 'high', 'low', 'high', 'high', 'low'] * 3
    data = load_data({'a title of a factor with many words': levels, 'y': [0, 1, 1, 0, 1, 0] * 3})
    picture = maximum_likelihood(data).plot_coefficients()
    texts = [' '.join(text.split()) for text in texts_of_ticks(picture, 'y')]
    assert texts == ['a title of a factor with many words (reference high):', 'low']


def test_forest_of_odds_ratios(sexes):
    picture = sexes.plot_coefficients(odds_ratios=True)
    close(picture[0].xdata, [1, 1], 0)
    close(bars(picture), numpy.exp(array(sexes.confidence_intervals()[1:])), 1e-12)
    axes = picture.matplotlib(**picture._extra_kwds).axes[0]
    assert axes.get_xscale() == 'log' and axes.get_xlabel() == 'odds ratio'
    assert '1' in texts_of_ticks(picture, 'x')


def test_forest_of_classes(islands):
    picture = islands.plot_coefficients(baseline='Dream', odds_ratios=True)
    clouds = [cloud for cloud in picture if type(cloud).__name__ == 'Point']
    assert legend_texts(picture) == ['island = Biscoe', 'island = Torgersen']
    ratios = array(islands.relative_risk_ratios('Dream'))
    close([cloud.xdata for cloud in clouds], ratios[[0, 2]], 1e-12)
    assert len({cloud.options()['rgbcolor'] for cloud in clouds}) == len({cloud.options()['marker'] for cloud in clouds}) == 2


@pytest.mark.parametrize('high', [1.05, 1.8, 7.0, 300.0, 1e9])
def test_ticks_of_a_logarithmic_axis(high):
    from sage_logreg.plot.forest import _log_ticks
    ticks = _log_ticks(0.97, high)
    assert 2 <= len(ticks) <= 10 and min(ticks) >= 0.97 and max(ticks) <= high
    assert len({f'{tick:g}' for tick in ticks}) == len(ticks)


def test_many_long_names(tmp_path):
    random = numpy.random.RandomState(0)
    names = [f'a variable number {j} with a name of many words' for j in range(40)]
    data = load_data({**dict(zip(names, random.normal(size=(40, 400)))), 'y': random.randint(0, 2, 400)})
    picture = maximum_likelihood(data).plot_coefficients()
    assert picture._extra_kwds['figsize'][1] > 10
    assert len(texts_of_ticks(picture, 'y')) == 40
    picture.save(str(tmp_path / 'many.png'))


# Observed proportions

def test_proportions_of_grouped_data(tmp_path):
    # two groups are in one place, one has no trials
    data = load_data(([[1], [2], [2], [3], [4]], [1, 3, 2, 5, 0], [4, 6, 4, 20, 0]))
    picture = maximum_likelihood(data).plot()
    cloud = picture[-1]
    assert legend_texts(picture)[-1] == 'observed proportion'
    close(drawn(cloud), [[1, 1 / 4], [2, 5 / 10], [3, 5 / 20]], 1e-12)
    close(cloud.areas / cloud.areas.max(), [4 / 20, 10 / 20, 1], 1e-12)
    assert pixels(picture, tmp_path / 'groups.png').std() > 10
    # rows are their own proportions
    assert 'observed proportion' not in legend_texts(maximum_likelihood([[1, 0], [2, 1], [3, 0], [4, 1]]).plot())


def test_dark_ground(sexes, islands):
    import matplotlib.style
    with matplotlib.style.context('dark_background'):
        assert sexes.plot_effect('body_mass_g')[0].options()['rgbcolor'] == 'white'
        for picture in (sexes.plot_effect('species'), sexes.plot_coefficients(), islands.plot_effect('bill_length_mm')):
            assert picture.axes_color() == (1.0, 1.0, 1.0)
