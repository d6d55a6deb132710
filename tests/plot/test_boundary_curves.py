r"""
Boundaries that are curves, against NumPy.
"""
import itertools

import numpy
import pytest

sage = pytest.importorskip('sage.all')

from helpers import BLUE, GREEN, RED, axes_labels, count_pixels, drawn, drawn_model, frame, kinds, legend_texts
from helpers import microchips, pixels, space

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2, x3 = sage.SR.var('x1, x2, x3')


# Boundaries that are curves. Log-odds by NumPy, weights, threshold; points from -2 to 2.


CURVES = {
    'circle': ([x1**2, x2**2], [-1, 1, 1], 0.5, lambda u, v: u**2 + v**2 - 1, 1),
    'circle at another threshold': ([x1**2, x2**2], [-2, 1, 1], 0.3, lambda u, v: u**2 + v**2 - 2, 1),
    'four islands': ([sage.cos(3*x1), sage.cos(3*x2)], [-1.2, 1, 1], 0.5,
                     lambda u, v: numpy.cos(3 * u) + numpy.cos(3 * v) - 1.2, None),
    'two branches': ([x1*x2], [-1, 1], 0.5, lambda u, v: u * v - 1, 2),
    'a line after all': ([x1, x2], [0.3, 1, -2], 0.5, lambda u, v: 0.3 + u - 2 * v, 1),
    'a line in one variable': ([x1**3], [-1, 1], 0.5, lambda u, v: u**3 - 1, 1),
}


@pytest.mark.lanes
@pytest.mark.parametrize('name', CURVES)
def test_curves_are_where_the_log_odds_are(name):
    features, weights, threshold, log_odds, pieces = CURVES[name]
    model = drawn_model(features, weights)
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
    for line in list(drawn_model([x1**2, x2**2], [-1, 1, 1]).plot())[2:]:
        assert (line.xdata[0], line.ydata[0]) == (line.xdata[-1], line.ydata[-1])


def test_line_of_features_is_the_line_of_the_variables():
    points = numpy.random.RandomState(3).uniform(0, 100, (30, 2))
    weights = [-25, 0.2, 0.25]
    straight, curve = drawn_model(None, weights, points).plot()[2], drawn_model([x1, x2], weights, points).plot()[2]
    ends = [sorted(drawn(line)[[0, -1]].tolist()) for line in (straight, curve)]
    numpy.testing.assert_allclose(ends[0], ends[1], atol=1e-4)


def test_undefined_regions_have_no_boundary():
    # the frame's margin leaves the domain of the logarithm, and so does the inside of the second one
    points = numpy.random.RandomState(0).uniform(0.01, 2, (40, 2))
    curve = numpy.concatenate([drawn(line) for line in list(drawn_model([sage.log(x1), x2], [-1, 1, 1], points).plot())[2:]])
    assert frame(points)[0][0] < 0 < curve[:, 0].min()
    points = points[points[:, 0] < 0.8]
    points = numpy.concatenate([points, -points])
    model = drawn_model([sage.sqrt(1 - x1**2 - 0*x2), x2], [-1, 1, 1], numpy.concatenate([points, [[-1, 0], [1, 0]]]))
    curve = numpy.concatenate([drawn(line) for line in list(model.plot())[2:]])
    assert abs(curve[:, 0]).max() <= 1


def test_jumps():
    # both log-odds and picture jump at x1 = 1/2, though no place of the grid lies there
    model = drawn_model([sage.heaviside(x1 - sage.QQ(1)/2)], [-1, 2])
    curve = drawn(model.plot()[2])
    low, high = frame(model.data.points)
    assert abs(curve[:, 0] - 0.5).max() <= (high - low)[0] / 249
    numpy.testing.assert_allclose([curve[:, 1].min(), curve[:, 1].max()], [low[1], high[1]])


def test_no_curve_in_the_frame():
    # the options of show are there all the same
    for model in (drawn_model([x1**2], [1, 1]), drawn_model([x1, x2], [1, 0, 0]), drawn_model(None, [1, 0, 0])):
        picture = model.plot(figsize=[3, 2], title='none')
        assert kinds(picture) == ['Point', 'Point']
        assert picture._extra_kwds['figsize'] == [3, 2] and picture._extra_kwds['title'] == 'none'
        assert legend_texts(picture) == ['y = 0', 'y = 1']


def test_undefined_everywhere():
    points = numpy.random.RandomState(0).uniform(0.1, 2, (20, 3))
    model = drawn_model([x1**2, x2, sage.sqrt(x3)], [1, 2, -3, 1], points)
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
    assert min(count_pixels(image, color) for color in (RED, BLUE, GREEN)) > 300


@pytest.mark.lanes
def test_the_boundary_drawn_by_sage_itself():
    model = drawn_model([x1**2, x2**2], [-1, 1, 1])
    picture = sage.implicit_plot(model.boundary(), (x1, -2, 2), (x2, -2, 2)) + model.data.plot()
    assert kinds(picture) == ['ContourPlot', 'Point', 'Point']
    line = drawn_model([x1**2, x2], [-1, 1, 1])
    assert kinds(sage.plot(line.boundary(), (x1, -2, 2)) + line.plot()) == ['Line', 'Point', 'Point', 'Line']


def test_options_go_where_they_belong(tmp_path):
    model = drawn_model([sage.cos(3*x1), sage.cos(3*x2)], [-1.2, 1, 1])
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
