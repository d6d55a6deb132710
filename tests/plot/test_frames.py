r"""
Frames and limits of pictures, lines outside of them, places of both labels.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from sage_logreg import LogisticModel, gradient_descent, load_data, maximum_likelihood
from sage_logreg.dataset.images import Images

from helpers import BLUE, RED, count_pixels, drawn, drawn_model, frame, kinds, pixels, space, vertices

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2, x3 = sage.SR.var('x1, x2, x3')


@pytest.mark.parametrize('weights, options, equation', [
    ([-70.3, 11.2, 1], {}, 'boundary outside the picture: x2 = -11.2*x1 + 70.3'),
    ([70.3, -1, 1], {}, 'boundary outside the picture: x2 = x1 - 70.3'), ([9, 0, -2], {}, 'boundary outside the picture: x2 = 4.5'),
    ([9, -1, 0], {}, 'boundary outside the picture: x1 = 9'),
    ([12345.678, -1e-9, 3], {}, 'boundary outside the picture: x2 = 3.333e-10*x1 - 4115'),
    ([-9, 1, 0], {'threshold': 0.9}, 'P(y = 1) = 0.9 outside the picture: x1 = 11.2'),
    ([-9, 1, 0], {'title': 'T'}, 'T'), ([0, 1, 2], {'ymin': 1.3, 'xmin': 1}, 'boundary outside the picture: x2 = -0.5*x1')])
def test_a_line_outside_the_frame(weights, options, equation):
    model = drawn_model(None, weights)
    picture = model.plot(**options)
    assert kinds(picture) == ['Point', 'Point'] and picture._extra_kwds['title'] == equation
    # of the points, not of the line
    low, high = frame(model.data.points)
    frames = picture.get_axes_range()
    assert [frames['xmin'], frames['ymin']] == pytest.approx([options.get('xmin', low[0]), options.get('ymin', low[1])])
    assert [frames['xmax'], frames['ymax']] == pytest.approx(high.tolist())


def test_a_line_outside_the_frame_of_two_of_three_variables():
    points = numpy.random.RandomState(0).uniform(-2, 2, (40, 3))
    assert (drawn_model(None, [9, 1, 1, 1], points).plot([x1, x2], {x3: 5})._extra_kwds['title']
            == 'boundary outside the picture: x2 = -x1 - 14, at x3 = 5')


WIDE = {'xmin': -5, 'xmax': sage.QQ(11)/2, 'ymin': -7, 'ymax': 8}


@pytest.mark.parametrize('weights, features', [([1, 1, 1], None), ([1, 1, 0], None), ([1, 0, 1], None), ([1, 1, 1], [x1, x2])])
def test_limits_of_the_boundary(weights, features):
    picture = drawn_model(features, weights).plot(**WIDE)
    curve = drawn(picture[2])
    low, high = numpy.array([-5, -7]), numpy.array([5.5, 8])
    # it goes from edge to edge
    assert all((abs(end - low).min() < 1e-9) or (abs(end - high).min() < 1e-9) for end in curve[[0, -1]])
    assert (curve >= low - 1e-9).all() and (curve <= high + 1e-9).all()
    assert picture.get_axes_range() == {'xmin': -5, 'xmax': 5.5, 'ymin': -7, 'ymax': 8}
    # also where something is added
    assert {name: (picture + picture)._extra_kwds[name] for name in WIDE} == {name: float(WIDE[name]) for name in WIDE}


def test_limits_of_other_pictures():
    model = gradient_descent(drawn_model(None, [0, 0, 0]).data, iterations=20)
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
        assert type(blue).__name__ == 'RingedPoints' and blue.areas.tolist() == [3] * 4 + [2] * 2
        axes = picture.matplotlib(**picture._extra_kwds).axes[0]
        assert [text.get_text() for text in axes.get_legend().get_texts()][:2] == ['y = 0', 'y = 1']
        # the last place is that of two blue points
        twice, rings, red = [part for part in axes.collections if type(part).__name__ == 'PathCollection'][-3:]
        assert sorted(rings.get_offsets().tolist()) == sorted(answers[:4].tolist()) == sorted(red.get_offsets().tolist())
        assert twice.get_offsets().tolist() == [[4, 0]]
        assert rings.get_sizes() == [3 * size] and red.get_sizes() == [size] and twice.get_sizes() == [2 * size]
        image = pixels(picture, tmp_path / f'{size}.png')
        assert count_pixels(image, BLUE) > count_pixels(image, RED) > 20
    apart = load_data((answers[:5], [0, 1, 0, 1, 0]))
    assert kinds(apart.plot()) == kinds(apart.plot('x1')) == ['Point', 'Point']


@pytest.mark.parametrize('counts', [[1, 4], [4, 1], [5, 5], [1, 2, 7], [7, 1, 2], [2, 7, 1], [3, 0, 3], [60, 1]])
def test_more_points_in_one_place_have_a_larger_marker(counts):
    labels = numpy.repeat(numpy.arange(len(counts)), counts)
    rows = numpy.concatenate([numpy.tile([2, 5], (len(labels), 1)), [[0, 9]] * len(counts)])
    data = load_data((rows + 0.0 * rows, [*labels, *range(len(counts))]))
    # alone in their places
    data.points[len(labels):] += numpy.arange(len(counts))[:, None]
    axes = data.plot().matplotlib().axes[0]
    markers = [(float(part.get_sizes()[0]), part.get_zorder(), place) for place, part in enumerate(axes.collections)
               if [2, 5] in part.get_offsets().tolist()]
    assert len(markers) == sum(count > 0 for count in counts)
    # those above are the smaller ones, with a ring of what is below around them
    above = sorted(markers, key=lambda marker: marker[1:], reverse=True)
    assert all(below[0] >= 3 * marker[0] for marker, below in zip(above, above[1:]))
    assert above[0][0] == pytest.approx(25 * min(count for count in counts if count), abs=1) or max(counts) > 16
    assert {float(part.get_sizes()[0]) for part in axes.collections if [2, 5] not in part.get_offsets().tolist()} == {25}


def test_labels_are_read_as_they_are():
    names = ['$5 and $6', 'a name that is much longer than any legend should be in a picture of ordinary size']
    data = load_data([[1, 2, names[0]], [3, 4, names[1]], [3, 2, names[0]]], variables='hours, nights')
    model = LogisticModel(data, numpy.array([-6.0, 1, 1]))
    for picture in (data.plot(), model.plot(), model.plot_probability(plot_points=9)):
        figure = picture.matplotlib(**picture._extra_kwds)
        texts = [text for text in figure.axes[0].get_legend().get_texts()]
        assert texts[0].get_text() == r'y = \$5 and \$6' and "'" not in texts[1].get_text()
        assert max(map(len, texts[1].get_text().split('\n'))) <= 30 and texts[1].get_text().replace('\n', ' ') == f'y = {names[1]}'
        # no formula
        figure.canvas.draw()
        assert texts[0]._preprocess_math(texts[0].get_text()) == ('y = $5 and $6', False)


def test_names_are_no_formulas_in_other_pictures():
    names = ['$5 and $6', 'a $ and $', '$0 to $1']
    classes = load_data(([[1], [2], [3], [1.5]], [*names, names[1]]))
    model = maximum_likelihood(classes, l2=1)
    images = Images(numpy.arange(12, dtype=numpy.uint8).reshape(3, 4), numpy.arange(3.0), (2, 2), names, 1.0)
    fixed = LogisticModel(load_data({'money': ['$5 or $6', '$7', '$8', '$7'], 'x': [1, 2, 4, 3], 'y': [0, 1, 0, 1]}, label='y'),
                          numpy.ones(4))
    pictures = {'confusion': model.plot_confusion_matrix(), 'rows': classes.plot(), 'model': model.plot(),
                'cost': gradient_descent(classes, iterations=3, l2=1).plot_cost_surface([1, 3]), 'images': images.plot_images(),
                'weights': maximum_likelihood(images, l2=1).plot_weights(), 'fixed': fixed.plot('x', fixed={'money': '$5 or $6'})}
    for name, picture in pictures.items():
        figure = picture.matplotlib(**picture._extra_kwds)
        FigureCanvasAgg(figure).draw()
        # the numbers of ticks are formulas
        texts = [text for text in figure.findobj(Text) if '$' in text.get_text() and 'mathdefault' not in text.get_text()]
        assert texts and not any(text._preprocess_math(text.get_text())[1] for text in texts), name


def test_two_classes_differ_in_grey():
    markers = [cloud.options()['marker'] for cloud in drawn_model(None, [0, 1, 1]).data.plot()]
    assert markers == ['o', 'X']
    picture = drawn_model(None, [0, 1, 1]).plot_probability(plot_points=9)
    assert [cloud.options()['marker'] for cloud in picture[1:] if 'Point' in type(cloud).__name__] == ['o', 'X']


@pytest.mark.parametrize('count, opaque', [(9999, True), (10000, False), (30000, False)])
def test_many_points_are_seen_through(count, opaque):
    data = load_data((numpy.random.RandomState(0).normal(size=(count, 2)), numpy.arange(count) % 2))
    assert {cloud.options()['alpha'] == 1 for cloud in data.plot()} == {opaque}
    assert {cloud.options()['alpha'] for cloud in data.plot(alpha=0.25)} == {0.25}


def test_vertical_lines_have_pictures_of_the_same_shape():
    assert drawn_model(None, [-1, 1, 0]).plot().aspect_ratio() == drawn_model(None, [-1, 1, 1]).plot().aspect_ratio() == 'automatic'


@pytest.mark.parametrize('most, share', [(4, 0.05), (5, 0.1)])
def test_there_is_room_for_large_markers(most, share):
    for weights, rows in ((None, [[0, 0, 0]] * most + [[4, 8, 1]]), ([most, 1], [[0, 0, 0], [4, 8, 1]])):
        frame = load_data(rows, weights=weights).plot().get_axes_range()
        assert [frame['xmin'], frame['ymax']] == pytest.approx([-4 * share, 8 + 8 * share])


def test_a_curve_of_one_variable_and_its_boundary_run_to_the_frame():
    picture = drawn_model([x1], [-1, 1], numpy.linspace(-2, 2, 40)[:, None]).plot()
    axes = picture.matplotlib(**picture._extra_kwds).axes[0]
    curve, boundary = [part for part in axes.lines]
    assert (min(curve.get_xdata()), max(curve.get_xdata())) == pytest.approx(axes.get_xlim())
    assert tuple(boundary.get_ydata()) == pytest.approx(axes.get_ylim())


def test_points_in_one_variable_are_inside_the_frame():
    model = drawn_model([x1], [-1, 1], numpy.linspace(-2, 2, 40)[:, None])
    for picture in (model.plot(), model.data.plot()):
        low, high = picture.matplotlib(axes_pad=picture._extra_kwds['axes_pad']).axes[0].get_ylim()
        assert low < -0.03 and high > 1.03


@pytest.mark.parametrize('weights, areas', [([2, 2, 2, 2], [1, 1, 1, 1]), ([1, 3, 0.5, 1], [2, 6, 1, 2]), ([0, 1, 1, 5], [0, 1, 1, 5]),
                                            ([1, 1e6, 1, 1], [1, 16, 1, 1])])
def test_heavier_points_have_a_larger_marker(weights, areas):
    data = load_data([[1, 2, 0], [3, 4, 0], [5, 6, 1], [7, 8, 1]], weights=weights)
    drawn = [numpy.ones(2) if type(part).__name__ == 'Point' else part.areas for part in data.plot()]
    assert numpy.concatenate(drawn) == pytest.approx(areas)
    # a point that does not count is not drawn
    offsets = numpy.concatenate([part.get_offsets() for part in data.plot().matplotlib().axes[0].collections])
    assert len(offsets) == numpy.count_nonzero(weights)


@pytest.mark.parametrize('classes', [3, 5, 10, 40])
def test_rings_of_many_classes_do_not_cover_the_picture(classes):
    data = load_data((numpy.ones((5 * classes, 2)), numpy.arange(5 * classes) % classes))
    areas = [part.areas[0] for part in data.plot()]
    assert len(set(areas)) == classes and max(areas) <= 48 and min(areas) >= 1
