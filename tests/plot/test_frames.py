r"""
Frames and limits of pictures, lines outside of them, places of both labels.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage_logreg import LogisticModel, gradient_descent, load_data

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
        assert type(blue).__name__ == 'RingedPoints' and blue.shared.tolist() == [True] * 4 + [False] * 2
        axes = picture.matplotlib(**picture._extra_kwds).axes[0]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ['y = 0', 'y = 1']
        rings, blue, red = [part for part in axes.collections if type(part).__name__ == 'PathCollection'][-3:]
        assert sorted(rings.get_offsets().tolist()) == sorted(answers[:4].tolist()) == sorted(red.get_offsets().tolist())
        assert rings.get_sizes() == [3 * size] and blue.get_sizes() == red.get_sizes() == [size]
        image = pixels(picture, tmp_path / f'{size}.png')
        assert count_pixels(image, BLUE) > count_pixels(image, RED) > 20
    apart = load_data((answers[:5], [0, 1, 0, 1, 0]))
    assert kinds(apart.plot()) == ['Point', 'Point'] and kinds(data.plot('x1')) == ['Point', 'Point']


def test_vertical_lines_have_pictures_of_the_same_shape():
    assert drawn_model(None, [-1, 1, 0]).plot().aspect_ratio() == drawn_model(None, [-1, 1, 1]).plot().aspect_ratio() == 'automatic'


def test_points_in_one_variable_are_inside_the_frame():
    model = drawn_model([x1], [-1, 1], numpy.linspace(-2, 2, 40)[:, None])
    for picture in (model.plot(), model.data.plot()):
        low, high = picture.matplotlib(axes_pad=picture._extra_kwds['axes_pad']).axes[0].get_ylim()
        assert low < -0.03 and high > 1.03
