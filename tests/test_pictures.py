"""
Pictures of models with features, in several variables, of trainings: what is drawn, against NumPy, and its pixels.
"""
import itertools
import os

import numpy
import pytest
from hypothesis import given, settings, strategies as st

sage = pytest.importorskip('sage.all')

from sage_logreg import (LogisticModel, ex2data1, ex2data2, gradient_descent, load_data,  # noqa: E402
                         maximum_likelihood, polynomial_features, stochastic_gradient_descent)
from sage.plot.plot3d.base import Graphics3d  # noqa: E402
from sage_logreg.plot.contours import MOST_ON_CONTOURS  # noqa: E402
from sage_logreg.plot.plane import free_corner  # noqa: E402
from sage_logreg.plot.surface import MOST_IN_SPACE, Surface  # noqa: E402
from test_model import BLUE, GREEN, RED, axes_labels, count, kinds, legend_texts, pixels  # noqa: E402

x1, x2, x3 = sage.SR.var('x1, x2, x3')
MICROCHIPS = polynomial_features(x1, x2, degree=6)


@pytest.fixture(autouse=True)
def nothing_is_shown(monkeypatch):
    from sage.repl.rich_output.display_manager import DisplayManager
    import matplotlib.pyplot

    def shown(*arguments, **options):
        raise AssertionError('a picture was shown')

    # what every show comes to
    monkeypatch.setattr(DisplayManager, 'display_immediately', shown)
    monkeypatch.setattr(matplotlib.pyplot, 'show', shown)


@pytest.fixture(autouse=True)
def no_names_are_injected():
    from sage.repl import user_globals
    before, names = user_globals.user_globals, {}
    user_globals.set_globals(names)
    yield
    user_globals.user_globals = before
    assert names == {}


def sigmoid(z):
    return 1 / (1 + numpy.exp(-z))


def model_of(features, weights, points=None, **options):
    # any labels will do
    if points is None:
        points = numpy.random.RandomState(0).uniform(-2, 2, (40, 2))
    data = load_data((points, numpy.arange(len(points)) % 2), features=features, **options)
    return LogisticModel(data, numpy.array(weights, dtype=float))


def microchips(l2=1.0):
    return maximum_likelihood(ex2data2(features=MICROCHIPS), l2=l2)


def five_variables(seed=0, count=60):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, 5)) + numpy.arange(5)
    return LogisticModel(load_data((points, numpy.arange(count) % 2), variables='a, b, c, d, e'), random.normal(size=6))


def drawn(line):
    return numpy.column_stack([line.xdata, line.ydata]).astype(float)


def frame(points):
    # five per cent around the points
    low, high = points.min(axis=0), points.max(axis=0)
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


# Boundaries that are curves. Log-odds by NumPy, weights, threshold; points from -2 to 2.

def heaviside(x):
    return (x >= 0).astype(float)


CURVES = {
    'circle': ([x1**2, x2**2], [-1, 1, 1], 0.5, lambda u, v: u**2 + v**2 - 1, 1),
    'circle at another threshold': ([x1**2, x2**2], [-2, 1, 1], 0.3, lambda u, v: u**2 + v**2 - 2, 1),
    'four islands': ([sage.cos(3*x1), sage.cos(3*x2)], [-1.2, 1, 1], 0.5,
                     lambda u, v: numpy.cos(3 * u) + numpy.cos(3 * v) - 1.2, None),
    'two branches': ([x1*x2], [-1, 1], 0.5, lambda u, v: u * v - 1, 2),
    'a line after all': ([x1, x2], [0.3, 1, -2], 0.5, lambda u, v: 0.3 + u - 2 * v, 1),
    'a line in one variable': ([x1**3], [-1, 1], 0.5, lambda u, v: u**3 - 1, 1),
}


@pytest.mark.parametrize('name', CURVES)
def test_curves_are_where_the_log_odds_are(name):
    features, weights, threshold, log_odds, pieces = CURVES[name]
    model = model_of(features, weights)
    picture = model.plot(threshold=threshold)
    lines = list(picture)[2:]
    assert kinds(picture)[:2] == ['Point', 'Point'] and all(kind == 'Line' for kind in kinds(picture)[2:])
    if pieces is not None:
        assert len(lines) == pieces
    level = numpy.log(threshold / (1 - threshold))

    def side(places):
        return numpy.sign(log_odds(*places.T) - level)

    low, high = frame(model.data.points)
    curve = numpy.concatenate([drawn(line) for line in lines])
    assert (curve >= low - 1e-9).all() and (curve <= high + 1e-9).all()
    # around each drawn place the sign of the log-odds changes within a cell of the grid
    cell = (high - low) / 249
    around = [side(curve + cell * numpy.array(shift)) for shift in itertools.product((-1, 1), repeat=2)]
    assert (numpy.ptp(around, axis=0) > 0).all()
    # and wherever it changes, something is drawn
    grid = numpy.stack(numpy.meshgrid(*(numpy.linspace(a, b, 41) for a, b in zip(low, high)), indexing='ij'), axis=-1)
    signs = side(grid.reshape(-1, 2)).reshape(41, 41)
    step = (high - low) / 40
    changes = [grid[:-1][signs[:-1] != signs[1:]], grid[:, :-1][signs[:, :-1] != signs[:, 1:]]]
    places = numpy.concatenate(changes)
    assert len(places) > 20
    distances = abs((curve[None] - places[:, None]) / step).max(axis=2).min(axis=1)
    assert distances.max() <= 1.5


def test_a_closed_curve_is_closed():
    for line in list(model_of([x1**2, x2**2], [-1, 1, 1]).plot())[2:]:
        assert (line.xdata[0], line.ydata[0]) == (line.xdata[-1], line.ydata[-1])


def test_line_of_features_is_the_line_of_the_variables():
    points = numpy.random.RandomState(3).uniform(0, 100, (30, 2))
    weights = [-25, 0.2, 0.25]
    straight, curve = model_of(None, weights, points).plot()[2], model_of([x1, x2], weights, points).plot()[2]
    ends = [sorted(drawn(line)[[0, -1]].tolist()) for line in (straight, curve)]
    numpy.testing.assert_allclose(ends[0], ends[1], atol=1e-4)


def test_undefined_regions_have_no_boundary():
    # the frame's margin leaves the domain of the logarithm, and so does the inside of the second one
    points = numpy.random.RandomState(0).uniform(0.01, 2, (40, 2))
    curve = numpy.concatenate([drawn(line) for line in list(model_of([sage.log(x1), x2], [-1, 1, 1], points).plot())[2:]])
    assert frame(points)[0][0] < 0 < curve[:, 0].min()
    points = points[points[:, 0] < 0.8]
    points = numpy.concatenate([points, -points])
    model = model_of([sage.sqrt(1 - x1**2 - 0*x2), x2], [-1, 1, 1], numpy.concatenate([points, [[-1, 0], [1, 0]]]))
    curve = numpy.concatenate([drawn(line) for line in list(model.plot())[2:]])
    assert abs(curve[:, 0]).max() <= 1


def test_jumps():
    # both log-odds and picture jump at x1 = 1/2, though no place of the grid lies there
    model = model_of([sage.heaviside(x1 - sage.QQ(1)/2)], [-1, 2])
    curve = drawn(model.plot()[2])
    low, high = frame(model.data.points)
    assert abs(curve[:, 0] - 0.5).max() <= (high - low)[0] / 249
    numpy.testing.assert_allclose([curve[:, 1].min(), curve[:, 1].max()], [low[1], high[1]])


def test_no_curve_in_the_frame():
    # the options of show are there all the same
    for model in (model_of([x1**2], [1, 1]), model_of([x1, x2], [1, 0, 0]), model_of(None, [1, 0, 0])):
        picture = model.plot(figsize=[3, 2], title='none')
        assert kinds(picture) == ['Point', 'Point']
        assert picture._extra_kwds['figsize'] == [3, 2] and picture._extra_kwds['title'] == 'none'
        assert legend_texts(picture) == ['y = 0', 'y = 1']


@pytest.mark.parametrize('weights, options, equation', [
    ([-70.3, 11.2, 1], {}, 'boundary outside the picture: x2 = -11.2*x1 + 70.3'),
    ([70.3, -1, 1], {}, 'boundary outside the picture: x2 = x1 - 70.3'), ([9, 0, -2], {}, 'boundary outside the picture: x2 = 4.5'),
    ([9, -1, 0], {}, 'boundary outside the picture: x1 = 9'),
    ([12345.678, -1e-9, 3], {}, 'boundary outside the picture: x2 = 3.333e-10*x1 - 4115'),
    ([-9, 1, 0], {'threshold': 0.9}, 'P(y = 1) = 0.9 outside the picture: x1 = 11.2'),
    ([-9, 1, 0], {'title': 'T'}, 'T'), ([0, 1, 2], {'ymin': 1.3, 'xmin': 1}, 'boundary outside the picture: x2 = -0.5*x1')])
def test_a_line_outside_the_frame(weights, options, equation):
    model = model_of(None, weights)
    picture = model.plot(**options)
    assert kinds(picture) == ['Point', 'Point'] and picture._extra_kwds['title'] == equation
    # of the points, not of the line
    low, high = frame(model.data.points)
    frames = picture.get_axes_range()
    assert [frames['xmin'], frames['ymin']] == pytest.approx([options.get('xmin', low[0]), options.get('ymin', low[1])])
    assert [frames['xmax'], frames['ymax']] == pytest.approx(high.tolist())


def test_a_line_outside_the_frame_of_two_of_three_variables():
    points = numpy.random.RandomState(0).uniform(-2, 2, (40, 3))
    assert (model_of(None, [9, 1, 1, 1], points).plot([x1, x2], {x3: 5})._extra_kwds['title']
            == 'boundary outside the picture: x2 = -x1 - 14, at x3 = 5')


WIDE = {'xmin': -5, 'xmax': sage.QQ(11)/2, 'ymin': -7, 'ymax': 8}


@pytest.mark.parametrize('weights, features', [([1, 1, 1], None), ([1, 1, 0], None), ([1, 0, 1], None), ([1, 1, 1], [x1, x2])])
def test_limits_of_the_boundary(weights, features):
    picture = model_of(features, weights).plot(**WIDE)
    curve = drawn(picture[2])
    low, high = numpy.array([-5, -7]), numpy.array([5.5, 8])
    # it goes from edge to edge
    assert all((abs(end - low).min() < 1e-9) or (abs(end - high).min() < 1e-9) for end in curve[[0, -1]])
    assert (curve >= low - 1e-9).all() and (curve <= high + 1e-9).all()
    assert picture.get_axes_range() == {'xmin': -5, 'xmax': 5.5, 'ymin': -7, 'ymax': 8}
    # also where something is added
    assert {name: (picture + picture)._extra_kwds[name] for name in WIDE} == {name: float(WIDE[name]) for name in WIDE}


def test_limits_of_other_pictures():
    model = gradient_descent(model_of(None, [0, 0, 0]).data, iterations=20)
    low, high = frame(model.data.points)
    for picture in (model.plot_probability(plot_points=9, **WIDE), model.plot_cost_surface(**WIDE)):
        assert picture[0].xrange == (-5, 5.5) and picture[0].yrange == (-7, 8)
        assert picture.get_axes_range() == {'xmin': -5, 'xmax': 5.5, 'ymin': -7, 'ymax': 8}
        figure = picture.matplotlib(**picture._extra_kwds).axes[0]
        assert figure.get_xlim() == (-5, 5.5) and figure.get_ylim() == (-7, 8)
    picture = model.data.plot(xmin=-1, ymax=None)
    assert [picture.xmin(), picture.xmax(), picture.ymax()] == pytest.approx([-1, high[0], high[1]])
    one = model.plot('x1', xmin=-9, xmax=9, ymax=2)
    assert (one.xmin(), one.xmax(), one.ymax()) == (-9, 9, 2)
    assert drawn(one[2])[:, 0].min() == -9 and drawn(one[2])[:, 0].max() == 9
    parts = space(model.plot3d(plot_points=9, xmin=0, xmax=9))
    places = vertices(parts['surface'][0])
    assert [places[:, 0].min(), places[:, 0].max()] == [0, 9] and places[:, 1].min() == pytest.approx(low[1])
    assert len(parts['point']) == (model.data.points[:, 0] >= 0).sum()
    film = model.animate(frames=2, **WIDE)
    assert [film._kwds[name] for name in WIDE] == [-5, 5.5, -7, 8]


def test_limits_and_logarithms():
    # the margin would reach below 0
    picture = load_data([[1, 1, 0], [1000, 1000, 1]]).plot(scale='loglog')
    assert picture.xmin() == 1
    picture.matplotlib(**picture._extra_kwds)


def test_places_of_both_labels_have_rings(tmp_path):
    answers = numpy.array([[place, 4 - place] for place in range(5)] * 2)
    data = load_data((answers, [0] * 5 + [1] * 4 + [0]))
    for size, picture in ((25, data.plot()), (60, data.plot(size=60)),
                          (35, LogisticModel(data, numpy.array([-2.0, 1, 0])).plot_probability(plot_points=9))):
        blue, red = [part for part in picture if 'Point' in type(part).__name__]
        assert type(blue).__name__ == 'RingedPoints' and blue.shared.tolist() == [True] * 4 + [False] * 2
        axes = picture.matplotlib(**picture._extra_kwds).axes[0]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ['y = 0', 'y = 1']
        rings, blue, red = [part for part in axes.collections if type(part).__name__ == 'PathCollection'][-3:]
        assert sorted(rings.get_offsets().tolist()) == sorted(answers[:4].tolist()) == sorted(red.get_offsets().tolist())
        assert rings.get_sizes() == [3 * size] and blue.get_sizes() == red.get_sizes() == [size]
        image = pixels(picture, tmp_path / f'{size}.png')
        assert count(image, BLUE) > count(image, RED) > 20
    apart = load_data((answers[:5], [0, 1, 0, 1, 0]))
    assert kinds(apart.plot()) == ['Point', 'Point'] and kinds(data.plot('x1')) == ['Point', 'Point']


def test_undefined_everywhere():
    points = numpy.random.RandomState(0).uniform(0.1, 2, (20, 3))
    model = model_of([x1**2, x2, sage.sqrt(x3)], [1, 2, -3, 1], points)
    assert kinds(model.plot([x1, x2], {x3: -1})) == ['Point', 'Point']
    model.plot_probability([x1, x2], {x3: -1}, plot_points=5).matplotlib()
    parts = space(model.plot3d([x1, x2], {x3: -1}, plot_points=5))
    assert len(parts['point']) == 20 and all(not surface['faces'] for surface in parts['surface'])


def test_microchips(tmp_path):
    model = microchips()
    picture = model.plot(color='green', thickness=3)
    assert kinds(picture) == ['Point', 'Point', 'Line']
    assert legend_texts(picture) == ['y = 0', 'y = 1', 'boundary']
    assert axes_labels(picture) == ['x1', 'x2']
    curve = drawn(picture[2])
    assert curve[0].tolist() == curve[-1].tolist()
    # most accepted chips are inside: by the angle that the curve turns around them
    def inside(place):
        around = curve - place
        return round(abs(numpy.unwrap(numpy.arctan2(around[:, 1], around[:, 0]))[[0, -1]] @ [-1, 1]) / (2 * numpy.pi))
    predicted = [inside(place) for place in model.data.points]
    assert predicted == model.predict(model.data)
    image = pixels(picture, tmp_path / 'chips.png')
    assert min(count(image, color) for color in (RED, BLUE, GREEN)) > 300


def test_the_boundary_drawn_by_sage_itself():
    model = model_of([x1**2, x2**2], [-1, 1, 1])
    picture = sage.implicit_plot(model.boundary(), (x1, -2, 2), (x2, -2, 2)) + model.data.plot()
    assert kinds(picture) == ['ContourPlot', 'Point', 'Point']
    line = model_of([x1**2, x2], [-1, 1, 1])
    assert kinds(sage.plot(line.boundary(), (x1, -2, 2)) + line.plot()) == ['Line', 'Point', 'Point', 'Line']


def test_options_go_where_they_belong(tmp_path):
    model = model_of([sage.cos(3*x1), sage.cos(3*x2)], [-1.2, 1, 1])
    picture = model.plot(color='green', linestyle='--', legend_label='edge', figsize=[4, 3], title='T', plot_points=60,
                         point_options={'size': 60, 'marker': 's', 'color': 'orange'})
    points, lines = list(picture)[:2], list(picture)[2:]
    assert len(lines) > 2
    assert all(cloud.options()['marker'] == 's' and cloud.options()['rgbcolor'] == 'orange' for cloud in points)
    assert all(line.options()['rgbcolor'] == 'green' and line.options()['linestyle'] == '--' for line in lines)
    # one entry for all pieces
    assert legend_texts(picture) == ['y = 0', 'y = 1', 'edge']
    assert picture._extra_kwds['title'] == 'T'
    assert sum(len(line.xdata) for line in lines) < sum(len(line.xdata) for line in list(model.plot())[2:]) / 2
    height, width, _ = pixels(picture, tmp_path / 'options.png').shape
    assert 280 <= height < 350 and 380 <= width < 450


# More variables than two

def test_two_of_five_variables():
    model = five_variables()
    weights, means = numpy.array(model.weights()), model.data.points.mean(axis=0)
    half, two = sage.QQ(1)/2, sage.sqrt(2)
    for variables, fixed, values, title in [
            (['a', 'b'], None, means, 'at c = {2:.4g}, d = {3:.4g}, e = {4:.4g}'),
            (sage.SR.var('a, b'), {'c': half, sage.SR.var('d'): two}, [0, 0, 0.5, 2**0.5, means[4]],
             'at c = 0.5, d = 1.414, e = {4:.4g}'),
            ('e, c', {'a': sage.RDF(1), 'b': 2, 'd': 3}, [1, 2, 0, 3, 0], 'at a = 1, b = 2, d = 3')]:
        picture = model.plot(variables, fixed)
        drawn_names = [str(name) for name in (variables.split(', ') if isinstance(variables, str) else variables)]
        assert axes_labels(picture) == drawn_names
        assert picture._extra_kwds['title'] == title.format(*means)
        j, k = ('abcde'.index(name) for name in drawn_names)
        shown = numpy.concatenate([drawn(cloud) for cloud in list(picture)[:2]])
        assert sorted(shown.tolist()) == sorted(model.data.points[:, [j, k]].tolist())
        curve = drawn(picture[2])
        points = numpy.tile(numpy.array(values, dtype=float), (len(curve), 1))
        points[:, [j, k]] = curve
        assert abs(weights[0] + points @ weights[1:]).max() < 1e-9


def test_features_of_three_variables():
    points = numpy.random.RandomState(0).uniform(-2, 2, (40, 3))
    model = model_of([x1**2, x2**2, x3], [0, 1, 1, -1], points)
    for height in (1, sage.QQ(9)/4):
        picture = model.plot([x1, x2], fixed={x3: height})
        curve = numpy.concatenate([drawn(line) for line in list(picture)[2:]])
        numpy.testing.assert_allclose((curve**2).sum(axis=1), float(height), atol=1e-3)
        assert picture._extra_kwds['title'] == f'at x3 = {float(height):g}'


def test_many_others_are_not_all_named():
    points = numpy.random.RandomState(0).normal(size=(20, 8))
    model = LogisticModel(load_data((points, numpy.arange(20) % 2)), numpy.arange(9.0))
    assert model.plot_probability([x1, x2])._extra_kwds['title'] == 'the 6 others at the mean'
    assert model.plot_probability([x1, x2], {x3: 1})._extra_kwds['title'] == 'at x3 = 1, the 5 others at the mean'
    fixed = {f'x{j}': 0 for j in range(3, 8)}
    assert model.plot([x1, x2], fixed)._extra_kwds['title'].endswith('x7 = 0, the other at the mean')
    assert 'title' not in model.data.plot([x1, x2])._extra_kwds


def test_one_variable_of_several():
    model = model_of([x1**2, x2], [-1, 2, 1])
    for variables in ([x1], x1, 'x1'):
        picture = model.plot(variables=variables, fixed={'x2': sage.QQ(1)/2})
        assert axes_labels(picture) == ['x1', 'y'] and picture._extra_kwds['title'] == 'at x2 = 0.5'
        assert legend_texts(picture) == ['y = 0', 'y = 1', 'P(y = 1)', 'boundary']
        curve = drawn(picture[2])
        numpy.testing.assert_allclose(curve[:, 1], sigmoid(-1 + 2 * curve[:, 0]**2 + 0.5), rtol=1e-12)
        assert [line.xdata[0] for line in picture[3:]] == pytest.approx([-0.5, 0.5], rel=1e-12)


@pytest.mark.parametrize('feature, weights, threshold, places', [
    (x1, [-1, 2], 0.5, [0.5]), (x1, [-1, 2], 0.9, [(numpy.log(9) + 1) / 2]), (x1, [-1, 2], 0.9999, []), (x1, [0, 0], 0.5, []),
    (x1**3 - x1, [0, 1], 0.5, [-1, 0, 1]), (x1**2, [1, 1], 0.5, []), (sage.heaviside(x1 - 1), [-1, 2], 0.5, [1]),
    (sage.log(x1), [0, 1], 0.5, [1]), (sage.log(x1), [0, 1], 0.2, [0.25])])
def test_boundaries_of_one_variable(feature, weights, threshold, places):
    points = numpy.random.RandomState(0).uniform(-2, 2, (40, 1))
    picture = model_of([feature], weights, abs(points) + 0.01 if feature.has(sage.log(x1)) else points).plot(threshold=threshold)
    lines = picture[3:]
    assert [line.xdata[0] for line in lines] == pytest.approx(places, abs=1e-12)
    assert all(len(set(line.xdata)) == 1 and line.options()['linestyle'] == '--' for line in lines)
    assert legend_texts(picture)[3:] == ([] if not places else ['boundary'] if threshold == 0.5 else [f'P(y = 1) = {threshold:g}'])


def test_a_curve_without_a_legend_has_a_boundary_without_one():
    picture = model_of([x1], [0, 1], numpy.linspace(-2, 2, 40)[:, None]).plot(legend_label=None)
    assert kinds(picture)[2:] == ['Line', 'Line'] and legend_texts(picture) == ['y = 0', 'y = 1']


ONE_VARIABLE = [
    (sage.log(x1), lambda u: numpy.log(u)), (sage.heaviside(x1 - 1), lambda u: heaviside(u - 1)),
    (sage.cases([(x1 < 1, 0), (True, x1 - 1)]), lambda u: numpy.maximum(u - 1, 0)), (x1**2, lambda u: u**2),
    (1/x1, lambda u: 1 / u)]


@pytest.mark.parametrize('feature, function', ONE_VARIABLE, ids=[str(row[0]) for row in ONE_VARIABLE])
def test_features_of_one_variable(feature, function):
    points = numpy.random.RandomState(0).uniform(0.01, 3, (30, 1))
    model = model_of([feature], [-1, 2], points)
    picture = model.plot()
    assert kinds(picture) == ['Point', 'Point', 'Line'] + ['Line'] * len(picture[3:])
    curve = drawn(picture[2])
    # nothing where the feature is undefined, though the frame goes beyond
    if feature.has(sage.log(x1)):
        assert curve[:, 0].min() > 0
    with numpy.errstate(over='ignore'):
        numpy.testing.assert_allclose(curve[:, 1], sigmoid(-1 + 2 * function(curve[:, 0])), rtol=1e-9, atol=1e-12)
    assert curve[:, 0].max() == pytest.approx(frame(points)[1][0])


# Probabilities

def test_contours_of_the_probability():
    model = model_of([x1**2, x1*x2], [-1, 1, -1])
    picture = model.plot_probability(plot_points=100)
    assert kinds(picture) == ['ContourPlot', 'Point', 'Point']
    assert axes_labels(picture) == ['x1', 'x2'] and legend_texts(picture) == ['y = 0', 'y = 1']
    low, high = frame(model.data.points)
    u, v = numpy.meshgrid(*(numpy.linspace(a, b, 100) for a, b in zip(low, high)))
    numpy.testing.assert_allclose(numpy.array(picture[0].xy_data_array, dtype=float), sigmoid(u**2 - u * v - 1), rtol=1e-9)
    assert picture[0].xrange == pytest.approx((low[0], high[0])) and picture[0].yrange == pytest.approx((low[1], high[1]))
    assert picture[0].options()['contours'] == [pytest.approx(level / 10) for level in range(1, 10)]


def test_colours_of_the_probability():
    # at chosen places of the rendered picture, apart from the points
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    model = microchips()
    picture = model.plot_probability(point_options={'size': 1}, colorbar=False)
    figure = picture.matplotlib(**picture._extra_kwds)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = numpy.asarray(canvas.buffer_rgba()).astype(int)
    axes = figure.axes[0]
    places = numpy.random.RandomState(0).uniform(*frame(model.data.points), (400, 2))
    columns = numpy.column_stack([places[:, 0]**(i - j) * places[:, 1]**j for i in range(1, 7) for j in range(i + 1)])
    weights = numpy.array(model.weights())
    band = numpy.floor(10 * sigmoid(weights[0] + columns @ weights[1:])).astype(int)
    corner = axes.get_legend().get_window_extent()
    warmth = {}
    for place, number in zip(places, band):
        x, y = axes.transData.transform(place)
        near = axes.transData.transform(model.data.points) - (x, y)
        if abs(near).max(axis=1).min() < 4 or corner.padded(5).contains(x, y):
            continue
        red, _, blue, _ = image[image.shape[0] - 1 - int(y), int(x)]
        warmth.setdefault(number, []).append(red - blue)
    medians = [numpy.median(warmth[number]) for number in sorted(warmth)]
    # the same band has one colour but for its edges, a higher one is redder, a half is neither
    assert len(medians) >= 8
    assert medians == sorted(medians) and medians[0] < -40 and medians[-1] > 40
    assert all(abs(numpy.median(warmth[number])) < 25 for number in (4, 5))


def test_options_of_the_probability():
    model = five_variables()
    picture = model.plot_probability(['a', 'c'], {'b': sage.QQ(1)/2}, plot_points=sage.Integer(20), contours=[0.5], fill=False,
                                     cmap=['black'], colorbar=False, point_options={'marker': '+'})
    means = model.data.points.mean(axis=0)
    assert picture._extra_kwds['title'] == f'at b = 0.5, d = {means[3]:.4g}, e = {means[4]:.4g}'
    assert picture[0].options()['contours'] == [0.5] and picture[0].options()['fill'] is False
    assert picture[1].options()['marker'] == '+'
    low, high = frame(model.data.points[:, [0, 2]])
    a, c = numpy.meshgrid(*(numpy.linspace(*ends, 20) for ends in zip(low, high)))
    w = numpy.array(model.weights())
    expected = sigmoid(w[0] + w[1] * a + w[2] * 0.5 + w[3] * c + w[4] * means[3] + w[5] * means[4])
    numpy.testing.assert_allclose(numpy.array(picture[0].xy_data_array, dtype=float), expected, rtol=1e-9)


@pytest.mark.parametrize('contours, levels', [([sage.QQ(1)/2], [0.5]), (numpy.array([0.8, 0.2]), [0.2, 0.8]), (3, 3)])
def test_contours_as_they_are_given(contours, levels, tmp_path, recwarn):
    model = model_of(None, [0, 1, 1])
    picture = model.plot_probability(contours=contours, fill=False, plot_points=20)
    assert picture[0].options()['contours'] == levels
    picture.save(str(tmp_path / 'contours.png'))
    assert [warning for warning in recwarn if warning.category is RuntimeWarning] == []


def test_undefined_probability():
    points = numpy.random.RandomState(0).uniform(0.01, 3, (40, 2))
    table = numpy.array(model_of([sage.log(x1), x2], [0, 1, 1], points).plot_probability(plot_points=100)[0].xy_data_array, dtype=float)
    low, high = frame(points)
    assert numpy.array_equal(numpy.isnan(table), numpy.tile(numpy.linspace(low[0], high[0], 100) < 0, (100, 1)))


# In space

def space(picture):
    parts = {'surface': [], 'point': [], 'text': []}
    for kind, description in picture.threejs_repr(picture.default_render_params()):
        parts[kind].append(description)
    return parts


def vertices(surface):
    return numpy.array([[vertex[name] for name in 'xyz'] for vertex in surface['vertices']])


@pytest.mark.parametrize('features, log_odds', [
    (None, lambda u, v: -1 + 2 * u - v), ([x1**2, x1*x2], lambda u, v: -1 + 2 * u**2 - u * v),
    ([sage.heaviside(x1), x2], lambda u, v: -1 + 2 * heaviside(u) - v)], ids=['plane', 'polynomial', 'jump'])
def test_surface(features, log_odds):
    model = model_of(features, [-1, 2, -1])
    picture = model.plot3d(plot_points=31)
    assert isinstance(picture, Graphics3d)
    parts = space(picture)
    (surface,) = parts['surface']
    places = vertices(surface)
    assert len(places) == 31**2 and surface['opacity'] < 1
    numpy.testing.assert_allclose(places[:, 2], sigmoid(log_odds(*places[:, :2].T)), atol=1e-9)
    low, high = frame(model.data.points)
    numpy.testing.assert_allclose([places[:, :2].min(axis=0), places[:, :2].max(axis=0)], [low, high])
    # every point at its label, in its label's colour
    spots = sorted((*part['point'], part['color']) for part in parts['point'])
    expected = sorted((*point, label, ('#0000ff', '#ff0000')[int(label)])
                      for point, label in zip(model.data.points.tolist(), model.data.labels.tolist()))
    assert [spot[2:] for spot in spots] == [spot[2:] for spot in expected]
    numpy.testing.assert_allclose([spot[:2] for spot in spots], [spot[:2] for spot in expected], rtol=1e-12)
    assert parts['text'] == []
    assert picture._extra_kwds['axes_labels'] == ['x1', 'x2', 'P(y = 1)']


def test_surface_of_two_of_five_variables():
    model = five_variables()
    picture = model.plot3d(['e', 'b'], {'a': 1}, plot_points=9, color='green', opacity=0.5, axes_labels=['A', 'B', 'C'],
                           point_options={'size': 9, 'color': 'black'})
    parts, w, means = space(picture), numpy.array(model.weights()), model.data.points.mean(axis=0)
    places = vertices(parts['surface'][0])
    expected = sigmoid(w[0] + w[1] + w[2] * places[:, 1] + w[3] * means[2] + w[4] * means[3] + w[5] * places[:, 0])
    numpy.testing.assert_allclose(places[:, 2], expected, rtol=1e-9)
    assert parts['surface'][0]['color'] == '#008000' and parts['surface'][0]['opacity'] == 0.5
    assert {(part['color'], part['size']) for part in parts['point']} == {('#000000', 9)}
    assert [part['text'] for part in parts['text']] == [f'at a = 1, c = {means[2]:.4g}, d = {means[3]:.4g}']
    assert picture._extra_kwds['axes_labels'] == ['A', 'B', 'C']


def test_no_surface_where_a_feature_is_undefined():
    points = numpy.random.RandomState(0).uniform(0.01, 3, (40, 2))
    parts = space(model_of([sage.log(x1), sage.log(x2)], [0, 1, 1], points).plot3d())
    places = vertices(parts['surface'][0])
    assert (places[:, :2] > 0).all() and (places[:, 2] >= 0).all()
    numpy.testing.assert_allclose(places[:, 2], sigmoid(numpy.log(places[:, :2]).sum(axis=1)), rtol=1e-9)


def test_many_points_in_space():
    random = numpy.random.RandomState(0)
    model = model_of([x1**2, x2], [0, 1, 1], random.normal(size=(30000, 2)))
    parts = space(model.plot3d(plot_points=5))
    assert len(parts['point']) == MOST_IN_SPACE
    spots = {tuple(part['point']) for part in parts['point']}
    everything = {(*point, label) for point, label in zip(model.data.points.tolist(), model.data.labels.tolist())}
    # some of each label, all of them points of the data
    assert spots <= everything and {spot[2] for spot in spots} == {0.0, 1.0}
    # the same ones each time
    assert spots == {tuple(part['point']) for part in space(model.plot3d(plot_points=5))['point']}


def test_many_points_in_the_plane(tmp_path):
    random = numpy.random.RandomState(0)
    model = model_of([x1**2, x2**2], [-1, 1, 1], random.uniform(-2, 2, (20000, 2)))
    picture = model.plot(color='green', thickness=3)
    assert sum(len(cloud.xdata) for cloud in picture if type(cloud).__name__ == 'ManyPoints') == 20000
    image = pixels(picture, tmp_path / 'many.png')
    # neither colour buries the other
    assert 0.5 < count(image, RED) / count(image, BLUE) < 2 and count(image, GREEN) > 300


def test_dots_of_two_colours_show_how_many_there_are_of_each(tmp_path):
    random = numpy.random.RandomState(0)
    points = random.uniform(-2, 2, (80000, 2))
    data = load_data((points, random.uniform(size=80000) < 0.25))
    image = pixels(data.plot(), tmp_path / 'dense.png')
    red, blue = count(image, RED), count(image, BLUE)
    # whichever were drawn last would be nearly all that is seen
    assert red + blue > 20000 and 0.15 < red / (red + blue) < 0.25


def test_contours_are_seen_through_many_points(tmp_path):
    points = numpy.random.RandomState(0).uniform(-2, 2, (30000, 2))
    model = model_of([x1**2, x2**2], [-1, 1, 1], points)
    picture = model.plot_probability(plot_points=50)
    drawn_points = [tuple(point) for cloud in picture[1:] for point in zip(cloud.xdata, cloud.ydata)]
    assert len(drawn_points) == MOST_ON_CONTOURS and set(drawn_points) <= set(map(tuple, points.tolist()))
    image = pixels(picture, tmp_path / 'contours.png')
    pale = (image.min(axis=2) > 100) & (image.max(axis=2) - image.min(axis=2) > 10)
    assert pale.sum() > 0.3 * image.shape[0] * image.shape[1]


def test_still_surface():
    model = five_variables()
    (axes,) = model.plot3d(['e', 'b'], {'a': 1}).still.figure(6).axes
    assert [axes.get_xlabel(), axes.get_ylabel(), axes.get_zlabel()] == ['e', 'b', 'P(y = 1)']
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ['y = 0', 'y = 1']
    assert axes.figure._suptitle.get_text().startswith('at a = 1, c = ')
    low, high = frame(model.data.points[:, [4, 1]])
    numpy.testing.assert_allclose([axes.get_xlim(), axes.get_ylim(), axes.get_zlim()], [*zip(low, high), (0, 1)])
    clouds = [part for part in axes.collections if hasattr(part, '_offsets3d')]
    for label, cloud in enumerate(clouds):
        chosen = model.data.points[model.data.labels == label]
        x, y, z = cloud._offsets3d
        numpy.testing.assert_allclose(sorted(zip(x, y)), sorted(zip(chosen[:, 4], chosen[:, 1])))
        assert set(numpy.atleast_1d(z)) == {label}
    # those at 0 under the surface, those at 1 over it
    (surface,) = [part for part in axes.collections if part not in clouds]
    assert clouds[0].zorder < surface.zorder < clouds[1].zorder


@pytest.mark.parametrize('options, shape', [({}, (510, 600)), ({'figsize': 4}, (340, 400)),
                                            ({'figsize': [8, 6], 'dpi': 50}, (300, 400))])
def test_still_surface_is_inside_its_picture(tmp_path, options, shape):
    path = tmp_path / 'surface.png'
    microchips().plot3d(plot_points=15).save(path, **options)
    image = numpy.asarray(pytest.importorskip('PIL.Image').open(path).convert('RGB')).astype(int)
    # the height may be rounded
    assert abs(numpy.array(image.shape[:2]) - shape).max() <= 1
    # a white border: nothing is cut off
    for border in (image[0], image[-1], image[:, 0], image[:, -1]):
        assert border.min() == 255
    assert count(image, RED) > 50


def test_surface_saved_otherwise(tmp_path):
    model = model_of(None, [-1, 2, -1])
    picture = model.plot3d(plot_points=5, color='green', opacity=0.5, point_options={'size': 3, 'color': 'black'})
    for ending, start in (('pdf', b'%PDF'), ('svg', b'<?xml'), ('jpg', b'\xff\xd8')):
        picture.save(str(tmp_path / f'surface.{ending}'))
        assert (tmp_path / f'surface.{ending}').read_bytes().startswith(start)
    # what matplotlib can't do is left to Sage
    assert model.plot3d(plot_points=5, mesh=True).still is None
    assert model.plot3d(plot_points=5, point_options={'texture': 'red'}).still is None
    tachyon = tmp_path / 'tachyon.png'
    picture.save(str(tachyon), viewer='tachyon')
    assert tachyon.read_bytes().startswith(b'\x89PNG')
    assert isinstance(picture + sage.sphere(), Graphics3d)


def test_still_surface_in_a_notebook(monkeypatch):
    from types import SimpleNamespace
    from sage.repl.rich_output import get_display_manager
    types = get_display_manager().types
    notebook = SimpleNamespace(types=types, supported_output=lambda: {types.OutputImagePng, types.OutputSceneThreejs})
    monkeypatch.setattr(Surface, '_rich_repr_threejs', lambda self, **options: 'turned around', raising=False)
    picture = model_of(None, [-1, 2, -1]).plot3d(plot_points=5)
    shown = picture._rich_repr_(notebook, viewer='matplotlib', figsize=4)
    assert isinstance(shown, types.OutputImagePng) and shown.png.get().startswith(b'\x89PNG')
    assert picture._rich_repr_(SimpleNamespace(types=types, supported_output=set), viewer='matplotlib') is None
    # what can be turned around stays what is shown
    assert picture._rich_repr_(notebook) == 'turned around'


def test_still_surface_where_a_feature_is_undefined(tmp_path, recwarn):
    points = numpy.random.RandomState(0).uniform(0.01, 3, (40, 2))
    model_of([sage.log(x1), sage.log(x2)], [0, 1, 1], points).plot3d().save(tmp_path / 'surface.png')
    assert not [warning for warning in recwarn if 'NaN' in str(warning.message)]


def test_saved_surface(tmp_path):
    path = tmp_path / 'surface.png'
    microchips().plot3d(plot_points=15).save(str(path), viewer='tachyon')
    image = numpy.asarray(pytest.importorskip('PIL.Image').open(path).convert('RGB')).astype(int)
    # red points, the pale surface, and the frame
    assert ((image[..., 0] > image[..., 1] + 80) & (image[..., 0] > image[..., 2] + 80)).sum() > 50
    assert (image.max(axis=2) < 60).sum() > 300
    assert ((image.min(axis=2) > 60) & (image.min(axis=2) < 230)).sum() > 5000


# Histories

def test_several_histories():
    data = ex2data1()
    models = [gradient_descent(data, iterations=1000), gradient_descent(data, learning_rate=1, iterations=500, scale=True),
              stochastic_gradient_descent(data, epochs=100), maximum_likelihood(data)]
    picture = models[0].plot_history(*models[1:], thickness=2)
    assert kinds(picture) == ['Line'] * 4
    assert len({line.options()['rgbcolor'] for line in picture}) == 4
    assert legend_texts(picture) == ['gradient_descent, learning_rate=0.001, iterations=1000',
                                     'gradient_descent, learning_rate=1, scale=True, iterations=500',
                                     'stochastic_gradient_descent, learning_rate=0.0005', 'maximum_likelihood']
    assert axes_labels(picture) == ['epoch or iteration', 'cost']
    for line, model in zip(picture, models):
        assert line.options()['thickness'] == 2
        end, cost = model.iterations(), model.cost()
        if model.unit() == 'epoch':
            # before the last batch
            iteration, _, weights = model.history()[-1]
            end, cost = iteration + 1, model._evaluate(weights=numpy.array(weights))[0]
        assert (line.xdata[-1], float(line.ydata[-1])) == (end, pytest.approx(float(cost), rel=1e-12))
    named = models[0].plot_history(models[1], labels=['slow', 'fast'])
    assert legend_texts(named) == ['slow', 'fast']
    logarithmic = models[0].plot_history(models[1], scale='semilogx')
    assert min(min(line.xdata) for line in logarithmic) > 0
    logarithmic.matplotlib(**logarithmic._extra_kwds)
    assert legend_texts(models[2].plot_history(labels='SGD')) == ['SGD']


@pytest.mark.filterwarnings('ignore:stochastic_gradient_descent:RuntimeWarning')
def test_labels_of_a_history_tell_the_trainings_apart():
    def labels(*options):
        models = [stochastic_gradient_descent(ex2data1(), **{'epochs': 2, **option}) for option in options]
        texts = legend_texts(models[0].plot_history(*models[1:]))
        start = 'stochastic_gradient_descent, learning_rate=0.0005'
        assert all(text.startswith(start) for text in texts)
        return [text[len(start):] for text in texts]

    assert labels({'batch_size': 5}, {}) == [', batch_size=5', ', batch_size=1']
    assert labels({'shuffle': None}, {'shuffle': 'epoch', 'seed': 3}) == [', shuffle=None, seed=0', ', shuffle=epoch, seed=3']
    assert labels({'tol': 1e-9}, {}) == [', tol=1e-09', ', tol=0']
    assert labels({'epochs': 3}, {}) == [', epochs=3', ', epochs=2']
    # in the user's units
    assert labels({'initial': [1, 0, 0.3], 'scale': True}, {}) == [', scale=True, initial=(1, 0, 0.3)', ', initial=(0, 0, 0)']
    assert labels({'initial': [1, 0, 0.3], 'scale': True}, {'initial': [1, 0, 0.3]}) == [', scale=True', '']
    assert labels({}, {'momentum': 0.5}, {}) == [' (1)', ', momentum=0.5', ' (2)']


@pytest.mark.parametrize('batch_size', [1, 40, 100])
def test_no_jump_at_the_end_of_a_stochastic_history(batch_size):
    model = stochastic_gradient_descent(ex2data1(), epochs=200, batch_size=batch_size)
    line = model.plot_history()[0]
    records = [record.iteration for record in model.history()]
    # an epoch of one batch is an iteration, whose records are in step with the end
    assert list(line.xdata) == (records + [200] if batch_size == 100 else [record + 1 for record in records])
    steps = numpy.diff(numpy.array(line.ydata[-10:], dtype=float)) / numpy.diff(numpy.array(line.xdata[-10:], dtype=float))
    assert (steps < 0).all() and steps.min() > 2 * steps.max()


def test_history_of_features():
    model = gradient_descent(ex2data2(features=MICROCHIPS), learning_rate=1, iterations=300, l2=1)
    line = model.plot_history()[0]
    points, y = model.data.points, model.data.labels
    columns = numpy.column_stack([points[:, 0]**(i - j) * points[:, 1]**j for i in range(1, 7) for j in range(i + 1)])
    for cost, record in zip(line.ydata, model.history()):
        w = numpy.array(record.weights)
        z = w[0] + columns @ w[1:]
        expected = numpy.logaddexp(0, numpy.where(y == 1, -z, z)).mean() + w[1:] @ w[1:] / 2 / 118
        assert float(cost) == pytest.approx(expected, rel=1e-10)


def cost_of(columns, y, w, l2):
    z = w[0] + columns @ w[1:]
    return numpy.logaddexp(0, numpy.where(y == 1, -z, z)).mean() + l2 / 2 / len(y) * w[1:] @ w[1:]


@pytest.mark.parametrize('weights, names', [(None, ['weight of x1', 'weight of x1*x2']), ([0, 2], ['bias', 'weight of x1*x2'])])
def test_cost_surface(weights, names):
    data = load_data((ex2data2().points, ex2data2().labels), features=[x1, x1*x2])
    model = gradient_descent(data, learning_rate=1, iterations=50, l2=2)
    pair = weights or [1, 2]
    picture = model.plot_cost_surface() if weights is None else model.plot_cost_surface(tuple(map(sage.Integer, weights)))
    assert kinds(picture) == ['ContourPlot', 'Line', 'Point', 'Point']
    assert axes_labels(picture) == names and legend_texts(picture) == ['training', 'start', 'end']
    records = numpy.array([list(record.weights) for record in model.history()] + [list(model.weights())])
    assert drawn(picture[1]).tolist() == records[:, pair].tolist()
    assert drawn(picture[2]).tolist() == [records[0, pair].tolist()] and drawn(picture[3]).tolist() == [records[-1, pair].tolist()]
    # the contours: the other weight stays where the training ended
    table = numpy.array(picture[0].xy_data_array, dtype=float)
    rows, across = table.shape
    end, columns = records[-1].copy(), numpy.column_stack([data.points[:, 0], data.points.prod(axis=1)])
    for row, column in [(0, 0), (rows - 1, 0), (0, across - 1), (rows // 2, across // 3)]:
        a = numpy.linspace(*picture[0].xrange, across)[column]
        b = numpy.linspace(*picture[0].yrange, rows)[row]
        there = end.copy()
        there[pair] = a, b
        assert table[row, column] == pytest.approx(cost_of(columns, data.labels, there, 2), rel=1e-9)
    assert picture._extra_kwds['title'] == (f'weight of x1 = {end[1]:.4g}' if weights else f'bias = {end[0]:.4g}')
    # the path is inside, with room around it
    for values, (low, high) in zip(records[:, pair].T, (picture[0].xrange, picture[0].yrange)):
        assert low < values.min() and values.max() < high


def test_cost_surface_of_others():
    one = gradient_descent([[1, 0], [2, 1], [3, 0], [4, 1]], learning_rate=0.1, iterations=20)
    picture = one.plot_cost_surface()
    assert axes_labels(picture) == ['bias', 'weight of x1'] and 'title' not in picture._extra_kwds
    many = microchips().plot_cost_surface(fill=False, contours=5, cmap='hot')
    assert many._extra_kwds['title'] == 'the 26 other weights as trained'
    assert many[0].options()['fill'] is False and many[0].options()['cmap'] == 'hot'
    # a path of one place has a frame too
    LogisticModel(ex2data1(), numpy.array([0.0, 0.0, 0.0])).plot_cost_surface().matplotlib()


def test_colorbar_tells_its_levels_apart():
    # a cost that is nearly flat around the path
    model = gradient_descent(ex2data2(), learning_rate=0.01, iterations=10)
    picture = model.plot_cost_surface()
    axes = picture.matplotlib(**picture._extra_kwds).axes
    labels = [text.get_text() for text in axes[1].get_yticklabels()]
    assert len(labels) > 4 and len(set(labels)) == len(labels)


def test_cost_surface_of_many_points():
    points = numpy.random.RandomState(0).uniform(-2, 2, (20000, 2))
    model = gradient_descent((points, points.sum(axis=1) > 0), learning_rate=0.1, iterations=10)
    contours = model.plot_cost_surface()[0]
    table, end = numpy.array(contours.xy_data_array, dtype=float), numpy.array(model.weights())
    for row, b in ((0, contours.yrange[0]), (-1, contours.yrange[1])):
        for column, a in ((0, contours.xrange[0]), (-1, contours.xrange[1])):
            assert table[row, column] == pytest.approx(cost_of(points, model.data.labels, numpy.array([end[0], a, b]), 0), rel=1e-9)


def test_numbers_at_the_axis_do_not_run_into_each_other():
    # weights near 0.0008
    model = maximum_likelihood((250 * ex2data1().points, ex2data1().labels))

    def gaps(picture):
        figure = picture.matplotlib(figsize=[6, 5], **picture._extra_kwds)
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.axes[0].get_xticklabels()]
        return [right.x0 - left.x1 for left, right in zip(boxes, boxes[1:])]

    assert min(gaps(model.plot_cost_surface())) > 2
    # as they would without a care
    assert min(gaps(model.plot_cost_surface(ticks=None))) < 0


# Films

@pytest.fixture(scope='module')
def trained():
    return gradient_descent(ex2data2(features=polynomial_features(x1, x2)), learning_rate=1, iterations=300, l2=1)


def test_film_of_the_boundary(trained):
    film = trained.animate(frames=6)
    records = [(int(record.iteration), record.weights) for record in trained.history()] + [(300, trained.weights())]
    frames = list(film._frames)
    titles = [picture._extra_kwds['title'] for picture in frames]
    shown = [next(record for record in records if f'iteration {record[0]},' in title) for title in titles]
    assert len(film) == len(frames) == 6
    # evenly spaced among the records, the first and the last with them
    places = [records.index(record) for record in shown]
    assert places[0] == 0 and places[-1] == len(records) - 1
    assert max(numpy.diff(places)) - min(numpy.diff(places)) <= 1
    for (iteration, weights), title, picture in zip(shown, titles, frames):
        model = trained.with_weights(weights)
        assert title == f'iteration {iteration}, cost {float(model.cost()):.4f}'
        own = model.plot()
        assert kinds(picture) == kinds(own)
        for one, two in zip(picture, own):
            assert drawn(one).tolist() == drawn(two).tolist()


def test_frames_of_a_film_are_alike(trained, tmp_path):
    image = pytest.importorskip('PIL.Image')
    film = trained.animate(frames=4, figsize=[4, 3], color='green', thickness=3, threshold=0.6, point_options={'size': 9})
    folder = film.png(str(tmp_path))
    images = [numpy.asarray(image.open(os.path.join(folder, name)).convert('RGB')).astype(int) for name in sorted(os.listdir(folder))]
    assert len(images) == 4 and len({picture.shape for picture in images}) == 1
    # no boundary yet at zero weights, one at the end; the points stay
    assert count(images[0], GREEN) == 0 and count(images[-1], GREEN) > 100
    red = abs(images[0] - RED).max(axis=2) < 30
    kept = (abs(images[-1] - RED).max(axis=2) < 30)[red].mean()
    assert red.sum() > 50 and kept > 0.8


def test_animated_png(trained, tmp_path):
    path = tmp_path / 'film.png'
    trained.animate(frames=3, figsize=2).save(str(path))
    content = path.read_bytes()
    assert content.startswith(b'\x89PNG') and content.count(b'acTL') == 1 and content.count(b'fcTL') == 3


def test_film_shows_itself_without_programs(trained, monkeypatch):
    from sage.plot.animate import Animation
    from sage.repl.rich_output import get_display_manager
    manager, film = get_display_manager(), trained.animate(frames=2, figsize=2)
    types = manager.types

    class Manager:
        def __init__(self, *supported):
            self.types, self.supported = types, frozenset(supported)

        def supported_output(self):
            return self.supported

    def without(self, display_manager, **options):
        raise OSError('Error: Neither ImageMagick nor ffmpeg appear to be installed.')

    with monkeypatch.context() as patched:
        patched.setattr(Animation, '_rich_repr_', lambda self, display_manager, **options: ('gif', options))
        assert film._rich_repr_(Manager(), delay=3) == ('gif', {'delay': 3})
        patched.setattr(Animation, '_rich_repr_', without)
        # also where something else is called convert
        shown = film._rich_repr_(Manager(types.OutputImageGif, types.OutputImagePng), delay=50)
        assert isinstance(shown, types.OutputImagePng)
        content = shown.png.get()
        assert b'acTL' in content and content.count(b'fcTL') == 2
        for supported, options in [((types.OutputImageGif,), {}), ((types.OutputImagePng,), {'format': 'mp4'})]:
            with pytest.raises(OSError, match='Neither ImageMagick'):
                film._rich_repr_(Manager(*supported), **options)


def test_films_of_every_training():
    data = ex2data1()
    for model, unit in ((stochastic_gradient_descent(data, epochs=30), 'epoch'), (maximum_likelihood(data), 'iteration')):
        film = model.animate(frames=sage.Integer(3))
        titles = [picture._extra_kwds['title'] for picture in film._frames]
        assert len(titles) == 3 and titles[0].startswith(f'{unit} 0, cost')
        assert titles[-1] == f'{unit} {model.iterations()}, cost {float(model.cost()):.4f}'
    points = numpy.random.RandomState(0).normal(size=(40, 3))
    model = gradient_descent((points, (points[:, 0] > points[:, 1] / 2 + numpy.sin(5 * points[:, 2])).astype(int)), iterations=50)
    film = model.animate(['x1', 'x3'], {'x2': 1}, frames=2)
    assert film._frames[1]._extra_kwds['title'].endswith(', at x2 = 1')


# Corners

@pytest.mark.parametrize('rows', [[[1, 1, 0], [1, 1, 1]], [[1, 5, 0], [2, 5, 1]], [[1e-9, 1e9, 0], [3e-9, 2e9, 1], [2e-9, 3e9, 1]]],
                         ids=['one place', 'one line', 'units'])
def test_few_points(rows):
    for features in (None, [x1, x2], [x1*x2]):
        model = LogisticModel(load_data(rows, features=features), numpy.array([0.5] + [1.0] * (1 if features == [x1*x2] else 2)))
        model.plot().matplotlib()
        model.plot_probability(plot_points=10).matplotlib()
        assert space(model.plot3d(plot_points=5))['point']


def test_float32_and_names():
    points = numpy.random.RandomState(0).uniform(-2, 2, (40, 2)).astype('float32')
    one = model_of([sage.SR.var('身長')**2, sage.SR.var('_w2')], [-1, 1, 1], points, variables='身長, _w2', dtype='float32')
    two = model_of([x1**2, x2], [-1, 1, 1], points.astype(float))
    pictures = [model.plot() for model in (one, two)]
    numpy.testing.assert_allclose(drawn(pictures[0][2]), drawn(pictures[1][2]), atol=1e-5)
    assert pictures[0]._extra_kwds['axes_labels'] == ['身長', '_w2']
    assert one.plot3d(plot_points=5)._extra_kwds['axes_labels'][:2] == ['身長', '_w2']


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_legends_go_where_there_are_the_fewest_points(points):
    x, y = numpy.array(points).T
    counts = {f'{vertical} {horizontal}': ((u < 0.3) & (v < 0.2)).sum() for vertical, v in (('upper', 1 - y), ('lower', y))
              for horizontal, u in (('left', x), ('right', 1 - x))}
    assert counts[free_corner(x, y, [(0, 1), (0, 1)])] == min(counts.values())


@pytest.mark.parametrize('weights, place', [([3, 3], 'center right'), ([-3, -3], 'center right'), ([-3, 3], 'center left')])
def test_legend_of_one_variable_is_beside_the_curve(weights, place):
    # no points are at half the height, and the curve is there at -1 or at 1 only
    assert model_of([x1], weights, numpy.linspace(-2, 2, 40)[:, None]).plot()._legend_opts['loc'] == place


def test_legend_of_a_film_in_one_variable():
    # flat at first: there is no place at half the height
    points = numpy.concatenate([numpy.linspace(0, 5, 40), numpy.linspace(3, 9, 40)])[:, None]
    for labels, place in (([0] * 40 + [1] * 40, 'upper left'), ([1] * 40 + [0] * 40, 'upper right')):
        film = gradient_descent((points, labels), learning_rate=1, iterations=200, scale=True).animate(frames=3)
        assert {picture._legend_opts['loc'] for picture in film._frames} == {place}


def test_vertical_lines_have_pictures_of_the_same_shape():
    assert model_of(None, [-1, 1, 0]).plot().aspect_ratio() == model_of(None, [-1, 1, 1]).plot().aspect_ratio() == 'automatic'


def test_points_in_one_variable_are_inside_the_frame():
    model = model_of([x1], [-1, 1], numpy.linspace(-2, 2, 40)[:, None])
    for picture in (model.plot(), model.data.plot()):
        low, high = picture.matplotlib(axes_pad=picture._extra_kwds['axes_pad']).axes[0].get_ylim()
        assert low < -0.03 and high > 1.03


@pytest.fixture
def fonts(monkeypatch):
    import matplotlib
    from sage_logreg.plot import fonts
    monkeypatch.setitem(matplotlib.rcParams, 'font.family', ['sans-serif'])
    fonts._font_with.cache_clear()
    yield fonts
    fonts._font_with.cache_clear()


def test_names_in_japanese(fonts, tmp_path, recwarn):
    import matplotlib
    if fonts._font_with(frozenset('数学英語合格不一二回目'), ('sans-serif',)) is None:
        pytest.skip('no font with Japanese characters is installed')
    points = numpy.random.RandomState(0).uniform(-2, 2, (40, 2))
    labels = ['合格' if label else '不合格' for label in numpy.arange(40) % 2]
    model = LogisticModel(load_data((points, labels), variables='数学, 英語'), numpy.array([0.0, 1, 1]))
    for name, picture in {'plot': model.plot(), 'probability': model.plot_probability(), 'surface': model.plot3d(),
                          'one': model.plot(['数学']), 'history': model.plot_history(model, labels=['一回目', '二回目'])}.items():
        picture.save(str(tmp_path / f'{name}.png'))
    assert [warning for warning in recwarn if 'missing from' in str(warning.message)] == []
    # nor in boxes
    assert not any(family.startswith('Last Resort') for family in matplotlib.rcParams['font.family'])


def test_no_font_has_a_name(fonts, monkeypatch):
    monkeypatch.setattr(fonts, '_installed', lambda: [])
    assert fonts.have_fonts(['数学']) == ['sans-serif']
    # matplotlib's own font has these
    assert fonts.have_fonts(['x1', 'взвешенный', 'αβγ', 'größe']) == ['sans-serif']


def three():
    return LogisticModel(load_data([[1, 2, 3, 0], [4, 5, 7, 1]]), numpy.array([1.0, 2.0, 3.0, 4.0]))


def two():
    return LogisticModel(load_data([[1, 2, 0], [4, 5, 1]], features=[x1, x1*x2]), numpy.array([1.0, 2.0, 3.0]))


SAY_WHICH = 'the model has 3 variables (x1, x2, x3); say which two to draw, as variables=[x1, x2]'
OVER_TWO = 'the picture is drawn over two variables, and 1 is given (x1); draw one variable by plot()'
WRONG = [
    (lambda: three().plot(), ValueError, SAY_WHICH), (lambda: three().plot_probability(), ValueError, SAY_WHICH),
    (lambda: three().plot3d(), ValueError, SAY_WHICH),
    (lambda: maximum_likelihood(([[1, 2, 3], [4, 5, 7]]*3, [0, 1, 1]*2), l2=1).animate(), ValueError, SAY_WHICH),
    (lambda: three().data.plot(), ValueError, SAY_WHICH.replace('the model has', 'the data have')),
    (lambda: three().plot(['x1', 'x4']), ValueError, 'variables[1] = x4; expected one of x1, x2, x3'),
    (lambda: three().plot([x1, x2**2]), ValueError, 'variables[1] = x2^2; expected one of x1, x2, x3'),
    (lambda: three().plot([x1, x2, x3]), ValueError, 'variables has 3 entries; a picture shows 1 or 2'),
    (lambda: three().plot([]), ValueError, 'variables has 0 entries; a picture shows 1 or 2'),
    (lambda: three().plot([x1, x1]), ValueError, 'variables has x1 twice; expected two different ones'),
    (lambda: three().plot(7), TypeError, 'variables = 7; expected one or two of x1, x2, x3'),
    (lambda: three().plot(x1 + x2), TypeError, 'variables = x1 + x2; expected one or two of x1, x2, x3'),
    (lambda: three().plot([x1, x2], {x1: 1}), ValueError, 'fixed has x1, which is drawn; expected other variables'),
    (lambda: three().plot([x1, x2], {'z': 1}), ValueError, 'fixed has z; expected one of x1, x2, x3'),
    (lambda: three().plot([x1, x2], {x3: 'a'}), TypeError, "fixed[x3] = 'a'; expected a real number"),
    (lambda: three().plot([x1, x2], [1]), TypeError, 'fixed = [1]; expected a dictionary from variables to numbers'),
    (lambda: two().plot(threshold=1), ValueError, 'threshold = 1; expected a real number above 0 and below 1'),
    (lambda: two().plot(point_options=3), TypeError, 'point_options = 3; expected a dictionary of options'),
    (lambda: two().plot_probability(point_options=3), TypeError, 'point_options = 3; expected a dictionary of options'),
    (lambda: two().plot3d(point_options=3), TypeError, 'point_options = 3; expected a dictionary of options'),
    (lambda: two().plot(plot_points=1), ValueError, 'plot_points = 1; expected a whole number from 2'),
    (lambda: two().plot_probability(plot_points=sage.QQ(5)/2), ValueError, 'plot_points = 5/2; expected a whole number from 2'),
    (lambda: two().plot_probability(plot_points=(9, 9)), TypeError, 'plot_points = (9, 9); expected one number for both directions'),
    (lambda: two().plot3d(plot_points=1), ValueError, 'plot_points = 1; expected a whole number from 2'),
    (lambda: two().plot_probability([x1]), ValueError, OVER_TWO), (lambda: two().plot3d('x1'), ValueError, OVER_TWO),
    (lambda: two().animate(), ValueError, 'the model has no history, so that nothing moves; train it for some iterations'),
    (lambda: two().animate(frames=1), ValueError, 'frames = 1; expected a whole number from 2'),
    (lambda: two().plot_cost_surface([0]), ValueError, 'weights = [0]; expected the numbers of two different weights'),
    (lambda: two().plot_cost_surface([1, 1]), ValueError, 'weights = [1, 1]; expected the numbers of two different weights'),
    (lambda: two().plot_cost_surface([0, 3]), ValueError, 'weights[1] = 3; expected a whole number from 0 to 2'),
    (lambda: two().plot_cost_surface(7), ValueError, 'weights = 7; expected the numbers of two different weights'),
    (lambda: two().plot_history(labels=['a', 'b']), ValueError, 'labels has 2 entries; expected one for each of the 1 models'),
    (lambda: two().plot_history(two(), labels='SGD'), TypeError,
     "labels = 'SGD'; expected a list of 2 texts, one for each model"),
    (lambda: two().plot_history(labels=7), TypeError, 'labels = 7; expected a text'),
    (lambda: two().plot(xmin='left'), TypeError, "xmin = 'left'; expected a real number"),
    (lambda: two().plot(ymin=2, ymax=1), ValueError, 'the picture would go from ymin = 2 to ymax = 1; expected ymin below ymax'),
    (lambda: two().data.plot(xmax=0), ValueError,
     'the picture would go from xmin = 0.85 to xmax = 0; expected xmin below xmax'),
    (lambda: two().plot_probability(xmin=sage.oo), ValueError, 'xmin = +Infinity; expected a real number'),
    (lambda: two().plot3d(xmin=9), ValueError, 'the picture would go from xmin = 9 to xmax = 4.15; expected xmin below xmax'),
    (lambda: two().plot_cost_surface(ymin=99), ValueError,
     'the picture would go from ymin = 99 to ymax = 6; expected ymin below ymax'),
    (lambda: two().plot(point_options={'size': 'big'}), TypeError, "size = 'big'; expected a real number at least 0"),
    (lambda: two().data.plot(size=-1), ValueError, 'size = -1; expected a real number at least 0'),
    (lambda: two().plot3d(point_options={'size': 'big'}), TypeError, "size = 'big'; expected a real number at least 0"),
    (lambda: two().plot_probability(contours='a'), TypeError, "contours = 'a'; expected a number of levels, or a list of levels"),
    (lambda: two().plot_cost_surface(contours=[1, 'a']), TypeError, "contours[1] = 'a'; expected a real number"),
    (lambda: two().plot_probability(contours=[0.5]), ValueError,
     'contours has 1 entry; expected two levels or more, or fill=False'),
    (lambda: two().plot_probability(contours=[], fill=False), ValueError,
     'contours has 0 entries; expected a number of levels, or a list of levels'),
    (lambda: two().plot_history('fast'), TypeError, "'fast' is not a trained model; expected models, and options by name"),
]


@pytest.mark.parametrize('ask, error, message', WRONG, ids=[f'{place} {row[2]}' for place, row in enumerate(WRONG)])
def test_wrong_use(ask, error, message):
    with pytest.raises(error) as caught:
        ask()
    assert caught.type is error
    assert str(caught.value) == message
