r"""
Surfaces in space: turned around and still.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage.plot.plot3d.base import Graphics3d

from sage_logreg.plot.surface import MOST_IN_SPACE, Surface

from helpers import RED, count_pixels, drawn_model, five_variables, frame, microchips, sigmoid, space, step, vertices

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2, x3 = sage.SR.var('x1, x2, x3')


@pytest.mark.lanes
@pytest.mark.parametrize('features, log_odds', [
    (None, lambda u, v: -1 + 2 * u - v), ([x1**2, x1*x2], lambda u, v: -1 + 2 * u**2 - u * v),
    ([sage.heaviside(x1), x2], lambda u, v: -1 + 2 * step(u) - v)], ids=['plane', 'polynomial', 'jump'])
def test_surface(features, log_odds):
    model = drawn_model(features, [-1, 2, -1])
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
    parts = space(drawn_model([sage.log(x1), sage.log(x2)], [0, 1, 1], points).plot3d())
    places = vertices(parts['surface'][0])
    assert (places[:, :2] > 0).all() and (places[:, 2] >= 0).all()
    numpy.testing.assert_allclose(places[:, 2], sigmoid(numpy.log(places[:, :2]).sum(axis=1)), rtol=1e-9)


def test_many_points_in_space():
    random = numpy.random.RandomState(0)
    model = drawn_model([x1**2, x2], [0, 1, 1], random.normal(size=(30000, 2)))
    parts = space(model.plot3d(plot_points=5))
    assert len(parts['point']) == MOST_IN_SPACE
    spots = {tuple(part['point']) for part in parts['point']}
    everything = {(*point, label) for point, label in zip(model.data.points.tolist(), model.data.labels.tolist())}
    # some of each label, all of them points of the data
    assert spots <= everything and {spot[2] for spot in spots} == {0.0, 1.0}
    # the same ones each time
    assert spots == {tuple(part['point']) for part in space(model.plot3d(plot_points=5))['point']}


@pytest.mark.lanes
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
    assert count_pixels(image, RED) > 50


@pytest.mark.parametrize('weights', [[0, 3, 2], [0, -3, 2], [0, -3, -2], [0, 3, -2]])
def test_the_name_of_the_height_is_inside_from_every_side(tmp_path, weights):
    # the camera turns with the slope, and the axis of the heights to the left or to the right
    model = drawn_model(None, weights, variables=['a', 'a_name_of_more_letters_than_there_is_room_for'])
    path = tmp_path / 'surface.png'
    model.plot3d(plot_points=8).save(path, figsize=5)
    image = numpy.asarray(pytest.importorskip('PIL.Image').open(path).convert('RGB')).astype(int)
    for border in (image[0], image[-1], image[:, 0], image[:, -1]):
        assert border.min() == 255


def test_surface_saved_otherwise(tmp_path):
    model = drawn_model(None, [-1, 2, -1])
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
    picture = drawn_model(None, [-1, 2, -1]).plot3d(plot_points=5)
    shown = picture._rich_repr_(notebook, viewer='matplotlib', figsize=4)
    assert isinstance(shown, types.OutputImagePng) and shown.png.get().startswith(b'\x89PNG')
    assert picture._rich_repr_(SimpleNamespace(types=types, supported_output=set), viewer='matplotlib') is None
    # what can be turned around stays what is shown
    assert picture._rich_repr_(notebook) == 'turned around'


def test_still_surface_where_a_feature_is_undefined(tmp_path, recwarn):
    points = numpy.random.RandomState(0).uniform(0.01, 3, (40, 2))
    drawn_model([sage.log(x1), sage.log(x2)], [0, 1, 1], points).plot3d().save(tmp_path / 'surface.png')
    assert not [warning for warning in recwarn if 'NaN' in str(warning.message)]


@pytest.mark.lanes
def test_saved_surface(tmp_path):
    path = tmp_path / 'surface.png'
    microchips().plot3d(plot_points=15).save(str(path), viewer='tachyon')
    image = numpy.asarray(pytest.importorskip('PIL.Image').open(path).convert('RGB')).astype(int)
    # red points, the pale surface, and the frame
    assert ((image[..., 0] > image[..., 1] + 80) & (image[..., 0] > image[..., 2] + 80)).sum() > 50
    assert (image.max(axis=2) < 60).sum() > 300
    assert ((image.min(axis=2) > 60) & (image.min(axis=2) < 230)).sum() > 5000


# The viewer, the light

SLOPES = [(2, 1), (-2, 1), (2, -1), (-2, -1), (0, 3), (0, -3), (3, 0), (-3, 0)]


@pytest.mark.parametrize('slopes', SLOPES)
def test_the_slope_is_seen_from_its_side(slopes):
    model = drawn_model(None, [0, *slopes])
    picture = model.plot3d(plot_points=21)
    x, y, height = picture._extra_kwds['camera_position']
    low, high = frame(model.data.points)
    rise = numpy.array(slopes) * (high - low)
    cosine = (rise @ [x, y]) / numpy.hypot(*rise) / numpy.hypot(x, y)
    # neither from above the edge, where all is a line, nor from its back
    assert abs(cosine) < 0.25 and height > 0
    # always from the same side
    assert rise[0] * y - rise[1] * x < 0
    (axes,) = picture.still.figure(4).axes
    assert axes.azim % 360 == pytest.approx(numpy.degrees(numpy.arctan2(y, x)) % 360)


@pytest.mark.parametrize('slopes', SLOPES[:4])
def test_as_much_of_every_surface_is_seen(slopes, tmp_path):
    # the pale surface in pixels: of every direction about as many as of the first
    def seen(slopes):
        path = tmp_path / 'seen.png'
        drawn_model(None, [0, *slopes]).plot3d(plot_points=21, point_options={'size': 1}).save(path, figsize=4)
        image = numpy.asarray(pytest.importorskip('PIL.Image').open(path).convert('RGB')).astype(int)
        return (image.max(axis=2) - image.min(axis=2) > 12).sum()

    assert seen(slopes) > 0.8 * seen((2, 1))


@pytest.mark.parametrize('units', [(1e9, 1e-9), (1e-9, 1e9), (1e5, 1)])
def test_units_do_not_darken_a_surface(units, tmp_path):
    points = drawn_model(None, [0, 1, 1]).data.points

    def image(units):
        path = tmp_path / 'units.png'
        # the numbers at the axes differ, the surface does not
        drawn_model(None, [0, *(numpy.array([2, 1]) / units)], points * units).plot3d(plot_points=15).save(path, figsize=4)
        colours = numpy.asarray(pytest.importorskip('PIL.Image').open(path).convert('RGB')).astype(int)
        return colours[100:220, 130:230]

    one, other = image((1, 1)), image(units)
    assert abs(one - other).mean() < 3 and other.mean() > 150


def test_a_surface_of_no_slope_is_seen_from_the_usual_place():
    x, y, _ = drawn_model([x1**2, x2**2], [-1, 1, 1]).plot3d(plot_points=9)._extra_kwds['camera_position']
    assert x > 0 > y
