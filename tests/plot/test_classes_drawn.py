r"""
Pictures of more than two classes: what is drawn, against the model's own numbers.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sage_logreg import MultinomialModel, gradient_descent, load_data, maximum_likelihood, penguins
from sage_logreg.plot.looks import look

from helpers import array, drawn, frame, kinds, legend_texts, pixels

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2 = sage.SR.var('x1, x2')


def some_model(classes, seed=0, features=None, variables=2):
    # with given weights: the lines need not separate the points
    random = numpy.random.RandomState(seed)
    data = load_data((random.uniform(-2, 3, (10 * classes, variables)) * [1, 100, 1][:variables], numpy.arange(10 * classes) % classes),
                     features=features)
    rows = random.normal(size=(classes, data.design.count)) / [1, 1, 100, 1, 100, 10**4][:data.design.count]
    return MultinomialModel(data, (rows - rows.mean(axis=0)).ravel())


def log_odds(model, points):
    return numpy.column_stack([numpy.ones(len(points)), points]) @ array(model.weights()).T


def of_kind(picture, kind):
    return [primitive for primitive in picture if type(primitive).__name__ == kind]


def lengths(path):
    return numpy.hypot(*numpy.diff(path, axis=0).T).sum()


def area(corners):
    x, y = corners.T
    return abs(x @ numpy.roll(y, 1) - y @ numpy.roll(x, 1)) / 2


# Points

@pytest.mark.parametrize('classes', [3, 5, 7, 12, 60])
def test_no_two_classes_look_the_same(classes):
    looks = [look(label, classes) for label in range(classes)]
    assert len({tuple(sorted(one.items())) for one in looks}) == classes
    if classes <= 12:
        # in black and white as well
        assert len({(one['marker'], one['rgbcolor'] == 'white') for one in looks}) == classes
    if classes <= 7:
        assert len({one['rgbcolor'] for one in looks}) == classes


@pytest.mark.parametrize('classes', [3, 12])
def test_points(classes):
    data = some_model(classes).data
    picture = data.plot()
    assert kinds(picture) == ['Point'] * classes
    for label, cloud in enumerate(picture):
        assert numpy.array_equal(drawn(cloud), data.points[data.labels == label])
        assert look(label, classes).items() <= cloud.options().items()
    assert legend_texts(picture) == [f'y = {label}' for label in range(classes)]


def test_options_by_class(tmp_path):
    data = penguins(label='species', variables='bill_length_mm, body_mass_g')
    picture = data.plot(color={'Gentoo': 'teal', 'Adelie': (1, 0, 0)}, size={'Adelie': 60}, marker='s')
    assert [cloud.options()['rgbcolor'] for cloud in picture] == [(1, 0, 0), '#e69f00', 'teal']
    assert [cloud.options()['size'] for cloud in picture] == [60, 25, 25]
    assert [cloud.options()['marker'] for cloud in picture] == ['s'] * 3
    with pytest.raises(ValueError, match="color is given for 'Emperor'; expected labels of the data: 'Adelie', 'Chinstrap', 'Gentoo'"):
        data.plot(color={'Emperor': 'red'})
    # labels that are numbers, as Sage has them
    numbered = load_data((data.points, data.labels))
    assert [cloud.options()['marker'] for cloud in numbered.plot(marker={sage.Integer(2): 'p'})] == ['o', '^', 'p']


def test_classes_in_one_place_are_rings():
    data = load_data([[1, 2, 0], [1, 2, 1], [1, 2, 2], [3, 4, 0], [3, 4, 2], [5, 6, 1]], label=-1)
    rings = data.plot()
    assert kinds(rings) == ['RingedPoints', 'RingedPoints', 'Point']
    assert [ring.areas.tolist() for ring in rings[:2]] == [[9, 3], [3, 1]]


def test_classes_without_points_are_left_out():
    data = some_model(4).data
    assert legend_texts(data.take(data.labels > 1).plot()) == ['y = 2', 'y = 3']


def test_many_points(tmp_path):
    random = numpy.random.RandomState(0)
    data = load_data((random.normal(size=(20000, 2)), random.randint(0, 5, 20000)))
    picture = data.plot()
    assert kinds(picture) == ['ManyPoints'] * 5 and sum(len(cloud.xdata) for cloud in picture) == 20000
    image = pixels(picture, tmp_path / 'many.png')
    # on white, seen through
    sheer = picture[0].options()['alpha']
    colors = [255 - sheer * (255 - numpy.array([int(look(label, 5)['rgbcolor'][k:k + 2], 16) for k in (1, 3, 5)])) for label in range(5)]
    counts = [(abs(image - color).max(axis=2) < 30).sum() for color in colors]
    # none buries the others
    assert min(counts) > 500 and max(counts) < 4 * min(counts)


# Regions

@pytest.mark.parametrize('classes', [3, 4, 7, 12])
@pytest.mark.parametrize('seed', range(5))
def test_lines_lie_where_the_two_most_probable_classes_tie(classes, seed):
    model = some_model(classes, seed)
    picture = model.plot()
    low, high = frame(model.data.points)
    size = high - low
    lines, polygons = ([(drawn(one) - low) / size for one in of_kind(picture, kind)] for kind in ('Line', 'Polygon'))
    for path in lines:
        assert path.shape == (2, 2) and path.min() > -1e-9 and path.max() < 1 + 1e-9
        # also between the ends
        z = numpy.sort(log_odds(model, low + size * (path[:1] + numpy.linspace(0, 1, 9)[:, None] * (path[1:] - path[:1]))), axis=1)
        assert abs(z[:, -1] - z[:, -2]).max() < 1e-9 * abs(z).max()
    # the regions cover the frame, and all their sides within it are lines
    assert sum(map(area, polygons)) == pytest.approx(1, abs=1e-9)
    around = sum(lengths(numpy.vstack([polygon, polygon[:1]])) for polygon in polygons)
    assert around == pytest.approx(4 + 2 * sum(map(lengths, lines)), abs=1e-7)


@pytest.mark.parametrize('seed', range(3))
def test_regions_are_those_of_the_predictions(seed, tmp_path):
    from matplotlib.path import Path
    model = some_model(6, seed)
    points = model.data.points.mean(axis=0) + numpy.random.RandomState(1).uniform(-2, 2, (300, 2)) * [1, 100]
    predicted = numpy.array(model.predict(points))
    found = numpy.full(len(points), -1)
    colors = {}
    for polygon in of_kind(model.plot(), 'Polygon'):
        inside = Path(drawn(polygon)).contains_points(points)
        found[inside] = predicted[inside][0] if inside.any() else -1
        colors[polygon.options()['rgbcolor']] = True
    assert numpy.array_equal(found[found >= 0], predicted[found >= 0]) and (found >= 0).mean() > 0.9
    assert len(colors) == len(of_kind(model.plot(), 'Polygon'))


@pytest.mark.parametrize('classes', [3, 5, 9])
def test_curves_lie_where_the_two_most_probable_classes_tie(classes):
    model = some_model(classes, 3, features=[x1, x2, x1**2, x1 * x2, x2**2])
    picture = model.plot()
    low, high = frame(model.data.points)
    scale = abs(log_odds_at(model, model.data.points)).max()
    curves = of_kind(picture, 'Line')
    assert curves and 'Region' in kinds(picture)
    for curve in curves:
        path = drawn(curve)
        z = numpy.sort(log_odds_at(model, path), axis=1)
        # as exactly as the grid is fine
        assert abs(z[:, -1] - z[:, -2]).max() < 1e-3 * scale
        assert (path >= low - 1e-9 * abs(low)).all() and (path <= high + 1e-9 * abs(high)).all()
    for region in of_kind(picture, 'Region'):
        rows, columns = region.xy_data_array.shape
        x, y = numpy.meshgrid(numpy.linspace(*region.xrange, columns), numpy.linspace(*region.yrange, rows))
        top = log_odds_at(model, numpy.column_stack([x.ravel(), y.ravel()])).argmax(axis=1)
        inside = (region.xy_data_array >= 0).ravel()
        assert len(set(top[inside])) == 1 and top[inside][0] not in top[~inside]


def log_odds_at(model, points):
    a, b = points.T
    return log_odds(model, numpy.column_stack([a, b, a**2, a * b, b**2]))


def test_features_that_are_somewhere_undefined(tmp_path):
    data = load_data((numpy.random.RandomState(0).uniform(0.1, 3, (30, 2)), numpy.arange(30) % 3), features=[sage.log(x1), x2])
    model = MultinomialModel(data, numpy.array([0.0, 2, 0, 0, -1, 1, 0, -1, -1]))
    picture = model.plot(xmin=-1)
    for region in of_kind(picture, 'Region'):
        assert region.xy_data_array.mask.any()
    for curve in of_kind(picture, 'Line'):
        assert (drawn(curve)[:, 0] > 0).all()
    picture.save(str(tmp_path / 'undefined.png'))


def test_without_any_line():
    # of equally probable classes the first is predicted
    data = some_model(3).data
    picture = MultinomialModel(data, numpy.zeros(9)).plot()
    assert kinds(picture) == ['Point'] * 3 + ['Polygon'] and area(drawn(picture[3])) > 0
    curved = load_data(data, features=[x1**2, x2])
    assert kinds(MultinomialModel(curved, numpy.zeros(9)).plot()) == ['Point'] * 3
    # the second and the third class are equal everywhere
    rows = numpy.array([[1.0, 2, 0], [0, 0, 0], [0, 0, 0]])
    picture = MultinomialModel(data, rows.ravel()).plot()
    assert kinds(picture) == ['Point'] * 3 + ['Polygon'] * 2 + ['Line']
    assert drawn(picture[5])[:, 0] == pytest.approx([-0.5, -0.5])


def test_limits_and_options(tmp_path):
    model = some_model(4, 2)
    picture = model.plot(xmin=-10, ymax=500, color='red', thickness=2, legend_label='edge', title='T')
    assert min(drawn(polygon)[:, 0].min() for polygon in of_kind(picture, 'Polygon')) == -10
    assert max(drawn(polygon)[:, 1].max() for polygon in of_kind(picture, 'Polygon')) == 500
    lines = of_kind(picture, 'Line')
    assert all(line.options()['rgbcolor'] == 'red' and line.options()['thickness'] == 2 for line in lines)
    assert legend_texts(picture).count('edge') == 1
    assert picture.matplotlib(**picture._extra_kwds).axes[0].get_title() == 'T'
    # a user's own picture can be added
    assert len(picture + sage.point((0, 0))) == len(picture) + 1
    colored = model.plot(point_options={'color': {1: 'black'}})
    assert colored[1].options()['rgbcolor'] == 'black' and (0.8, 0.8, 0.8) in [one.options()['rgbcolor'] for one in of_kind(colored, 'Polygon')]


def test_more_variables():
    model = maximum_likelihood(penguins(label='species', variables='bill_length_mm, bill_depth_mm, body_mass_g, sex'), l2=1)
    with pytest.raises(ValueError, match=r'the model has 4 variables .*; say which two to draw, as variables=\[bill_length_mm, bill_depth_mm\]'):
        model.plot()
    picture = model.plot(['bill_depth_mm', 'bill_length_mm'], fixed={'sex': 'male', 'body_mass_g': 4000})
    assert picture._extra_kwds['title'] == 'at body_mass_g = 4000, sex = male'
    for line in of_kind(picture, 'Line'):
        for depth, length in drawn(line):
            *_, second, first = sorted(model.probability([length, depth, 4000, 'male']))
            assert first == pytest.approx(second, rel=1e-8)


def test_one_variable():
    data = some_model(4, variables=1).data
    model = MultinomialModel(data, numpy.array([0.0, -3, 0.5, -1, 0, 1, -1.5, 2]))
    picture = model.plot()
    bands, lines = of_kind(picture, 'Polygon'), of_kind(picture, 'Line')
    cuts, curves = lines[:-4], lines[-4:]
    assert len(bands) == len(cuts) + 1 > 2
    for cut in cuts:
        z = numpy.sort(log_odds(model, drawn(cut)[:1, :1]))[0]
        assert z[-1] - z[-2] == pytest.approx(0, abs=1e-12)
    for label, curve in enumerate(curves):
        x, y = drawn(curve).T
        z = numpy.exp(log_odds(model, x[:, None]))
        numpy.testing.assert_allclose(y, z[:, label] / z.sum(axis=1), rtol=1e-12)
    low, high = frame(model.data.points)
    assert sum(drawn(band)[:, 0].max() - drawn(band)[:, 0].min() for band in bands) == pytest.approx((high - low)[0])
    # the points, a row for each class below the curves
    for label, cloud in enumerate(picture[:4]):
        assert numpy.array_equal(cloud.xdata, model.data.points[model.data.labels == label, 0])
        assert len(set(cloud.ydata)) == 1 and cloud.ydata[0] < 0
    assert len({cloud.ydata[0] for cloud in picture[:4]}) == 4
    assert [float(cloud.ydata[0]) for cloud in model.data.plot()] == [0, 1, 2, 3]
    # a marker of its class at the top of each curve
    for label, (curve, mark) in enumerate(zip(curves, of_kind(picture, 'Point')[4:], strict=True)):
        assert mark.options()['marker'] == look(label, 4)['marker']
        assert mark.ydata[0] == pytest.approx(max(curve.ydata), abs=0.02)


def test_legends_of_many_classes_hide_no_points():
    for classes in (4, 10):
        model = some_model(classes)
        for picture in (model.data.plot(), model.plot(), model.plot_probability(1, plot_points=20)):
            figure = picture.matplotlib(**picture._extra_kwds)
            FigureCanvasAgg(figure).draw()
            axes = next(axes for axes in figure.axes if axes.get_legend())
            legend, frame = axes.get_legend().get_window_extent(), axes.get_window_extent()
            right = max([frame.x1, *(other.get_tightbbox().x1 for other in figure.axes if other is not axes)])
            places = numpy.concatenate([axes.transData.transform(cloud.get_offsets()) for cloud in axes.collections])
            assert not ((places > legend.p0) & (places < legend.p1)).all(axis=1).any()
            # there is no room for many in the frame
            assert legend.x0 > right or classes == 4 and legend.x1 < frame.x1


# Other pictures of a model

def test_probability_of_a_class():
    model = some_model(4, 1)
    for label in range(4):
        picture = model.plot_probability(label, plot_points=20)
        x, y = numpy.meshgrid(*(numpy.linspace(*ends, 20) for ends in (picture[0].xrange, picture[0].yrange)))
        z = numpy.exp(log_odds(model, numpy.column_stack([x.ravel(), y.ravel()])))
        numpy.testing.assert_allclose(numpy.ravel(picture[0].xy_data_array), z[:, label] / z.sum(axis=1), rtol=1e-9)
        assert picture._extra_kwds['title'] == f'P(y = {label})'
    with pytest.raises(ValueError, match='draws the probability of one class; say which: 0, 1, 2, 3'):
        model.plot_probability()
    with pytest.raises(ValueError, match='7 is no label of the data; expected 0 or 1 or 2 or 3'):
        model.plot_probability(7)


def test_surface_of_a_class(tmp_path):
    model = some_model(3, 1)
    picture = model.plot3d(2, plot_points=10)
    heights = [point.loc[2] for point in picture.all[1].all]
    assert heights == (model.data.labels == 2).astype(int).tolist()
    picture.save(str(tmp_path / 'surface.png'))
    with pytest.raises(ValueError, match='plot3d draws the probability of one class'):
        model.plot3d()


def test_pictures_of_a_training():
    data = penguins(label='species', variables='bill_length_mm, body_mass_g')
    model = gradient_descent(data, scale=True, learning_rate=1, iterations=50)
    assert kinds(model.plot_history()) == ['Line']
    surface = model.plot_cost_surface([1, 4])
    assert surface._extra_kwds['axes_labels'] == ['weight of bill_length_mm\n(Adelie)', 'weight of bill_length_mm\n(Chinstrap)']
    film = model.animate(frames=3)
    assert [kinds(picture).count('Polygon') for picture in film._frames] == [1, 3, 3]
    with pytest.raises(ValueError, match='the model has no history'):
        some_model(3).animate()


def test_names_in_japanese(tmp_path, recwarn):
    from matplotlib.font_manager import fontManager
    if not any('CJK JP' in font.name or 'IPA' in font.name for font in fontManager.ttflist):
        pytest.skip('no Japanese font')
    random = numpy.random.RandomState(0)
    names = numpy.array(['犬', '猫', '鳥'])[numpy.arange(30) % 3]
    model = maximum_likelihood(load_data((random.normal(size=(30, 2)), names), variables='体重, 身長'), l2=1)
    for number, picture in enumerate([model.plot(), model.plot_confusion_matrix(), model.plot_probability('猫')]):
        picture.save(str(tmp_path / f'{number}.png'))
    assert not [warning for warning in recwarn if 'Glyph' in str(warning.message)]
