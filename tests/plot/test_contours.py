r"""
Contours of the probability and of the cost.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from scipy import interpolate, optimize

from sage_logreg import LogisticModel, digits, ex2data1, ex2data2, gradient_descent, load_data, maximum_likelihood, minimize_cost
from sage_logreg import penguins, polynomial_features
from sage_logreg.plot.contours import MOST_ON_CONTOURS

from helpers import axes_labels, cost_and_gradient, drawn, drawn_model, five_variables, frame, kinds, legend_texts
from helpers import microchips, pixels, sigmoid

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2, x3 = sage.SR.var('x1, x2, x3')


# Probabilities

@pytest.mark.lanes
def test_contours_of_the_probability():
    model = drawn_model([x1**2, x1*x2], [-1, 1, -1])
    picture = model.plot_probability(plot_points=100)
    # and the line of 1/2, in its two branches
    assert kinds(picture) == ['ContourPlot', 'Point', 'Point', 'Line', 'Line']
    assert axes_labels(picture) == ['x1', 'x2'] and legend_texts(picture) == ['y = 0', 'y = 1', 'P = 1/2']
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
    model = drawn_model(None, [0, 1, 1])
    picture = model.plot_probability(contours=contours, fill=False, plot_points=20)
    assert picture[0].options()['contours'] == levels
    picture.save(str(tmp_path / 'contours.png'))
    assert [warning for warning in recwarn if warning.category is RuntimeWarning] == []


def test_undefined_probability():
    points = numpy.random.RandomState(0).uniform(0.01, 3, (40, 2))
    table = numpy.array(drawn_model([sage.log(x1), x2], [0, 1, 1], points).plot_probability(plot_points=100)[0].xy_data_array, dtype=float)
    low, high = frame(points)
    assert numpy.array_equal(numpy.isnan(table), numpy.tile(numpy.linspace(low[0], high[0], 100) < 0, (100, 1)))


def test_contours_are_seen_through_many_points(tmp_path):
    points = numpy.random.RandomState(0).uniform(-2, 2, (30000, 2))
    model = drawn_model([x1**2, x2**2], [-1, 1, 1], points)
    picture = model.plot_probability(plot_points=50)
    drawn_points = [tuple(point) for cloud in picture[1:3] for point in zip(cloud.xdata, cloud.ydata)]
    assert len(drawn_points) == MOST_ON_CONTOURS and set(drawn_points) <= set(map(tuple, points.tolist()))
    image = pixels(picture, tmp_path / 'contours.png')
    pale = (image.min(axis=2) > 100) & (image.max(axis=2) - image.min(axis=2) > 10)
    assert pale.sum() > 0.3 * image.shape[0] * image.shape[1]


@pytest.mark.lanes
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
    # the contours: at each place the lowest cost over the other weight
    table = numpy.array(picture[0].xy_data_array, dtype=float)
    rows, across = table.shape
    end, columns = records[-1].copy(), numpy.column_stack([data.points[:, 0], data.points.prod(axis=1)])
    for row, column in [(0, 0), (rows - 1, 0), (0, across - 1), (rows // 2, across // 3)]:
        a = numpy.linspace(*picture[0].xrange, across)[column]
        b = numpy.linspace(*picture[0].yrange, rows)[row]
        assert table[row, column] == pytest.approx(lowest_cost(columns, data.labels, end, pair, (a, b), 2), rel=1e-7)
    assert picture._extra_kwds['title'] == f'lowest cost over {"weight of x1" if weights else "bias"}'
    # the path is inside, with room around it
    for values, (low, high) in zip(records[:, pair].T, (picture[0].xrange, picture[0].yrange)):
        assert low < values.min() and values.max() < high


def lowest_cost(columns, labels, weights, pair, values, l2=0.0):
    # an oracle: scipy's minimum over the other weights
    others = numpy.setdiff1d(numpy.arange(len(weights)), pair)

    def cost(free):
        there = weights.copy()
        there[pair], there[others] = values, free
        value, gradient = cost_and_gradient(columns, labels, there, l2)
        return value, gradient[others]

    return optimize.minimize(cost, weights[others], jac=True, tol=1e-12).fun


def colour_under(picture, place):
    # the level of the contours at a place, between the lines of their grid
    x, y = (numpy.linspace(*ends, picture[0].options()['plot_points']) for ends in (picture[0].xrange, picture[0].yrange))
    return interpolate.RectBivariateSpline(y, x, numpy.array(picture[0].xy_data_array, dtype=float))(place[1], place[0])[0, 0]


@pytest.mark.parametrize('pair', [[0, 1], [1, 2], [0, 2]])
def test_colour_under_the_path_is_the_lowest_cost_there(pair):
    data = ex2data1()
    for options in ({'iterations': 300000}, {'learning_rate': 1, 'iterations': 4000, 'scale': True}):
        model = gradient_descent(data, **options)
        picture = model.plot_cost_surface(pair)
        for place in [0, 10, -1]:
            weights = numpy.array(model.history()[place].weights)
            cost = cost_and_gradient(data.points, data.labels, weights)[0]
            # in units in which scipy finds it
            units = numpy.array([1, 100, 100])
            lowest = lowest_cost(data.points / 100, data.labels, weights * units, pair, (weights * units)[pair])
            assert colour_under(picture, weights[pair]) == pytest.approx(lowest, rel=2e-3)
            assert lowest <= cost * (1 + 1e-9)
            # the third weight is soon where it should be; at the start it is not
            assert place == 0 or cost < 1.03 * lowest


def test_colour_under_the_path_of_two_weights_is_its_cost():
    for model in (gradient_descent(ex2data1(), intercept=False, iterations=3000),
                  gradient_descent([[1, 0], [2, 1], [3, 0], [4, 1]], learning_rate=0.1, iterations=20)):
        picture = model.plot_cost_surface()
        for record in model.history():
            assert colour_under(picture, record.weights) == pytest.approx(float(model.with_weights(record.weights).cost()), rel=1e-3)


@pytest.mark.parametrize('data, options, pair', [
    (lambda: penguins(label='species', variables='bill_length_mm, body_mass_g', missing='drop'), {'l2': 1}, [1, 5]),
    (lambda: load_data([[1, 2, 0], [2, 1, 1], [3, 3, 1], [4, 0, 0], [2, 2, 1]], weights=[1, 2, 0, 1, 3],
                       offset=[0, 1, 0, -1, 0.5]), {}, [0, 2]),
    (lambda: load_data([[1, 0], [2, 1], [3, 2], [4, 1], [2, 0], [3, 1], [1.5, 2]]), {}, [0, 3]),
    (lambda: ex2data2(features=polynomial_features(x1, x2, degree=3)), {'l2': 0.5}, [0, 4]),
    (lambda: ex2data1(), {'bias_reduced': True}, [1, 2])],
    ids=['classes', 'weights and offset', 'one variable', 'features', 'bias-reduced'])
def test_profile_is_below_every_slice_and_touches_it(data, options, pair):
    model = maximum_likelihood(data(), **options)
    plane, w = model._plane(pair), model._weights
    x, y = (numpy.linspace(w[j] - 0.3 * abs(w[j]) - 0.01, w[j] + 0.2 * abs(w[j]) + 0.01, 5) for j in pair)
    profile = plane.profile(w, x, y)
    classes, others = model.data.classes, numpy.setdiff1d(numpy.arange(len(w)), pair)
    columns = len(w) // classes if classes > 2 else 0

    def cost(free, a, b):
        there = w.copy()
        there[others], there[pair] = free, (a, b)
        # of more classes the sum over them stays, as it changes nothing
        for j in range(columns):
            own = others[others % columns == j]
            there[own] -= (there[j::columns].sum() - w[j::columns].sum()) / len(own)
        return model._evaluate(weights=there)[0]

    assert all(profile[row, column] <= cost(w[others], x[column], y[row]) * (1 + 1e-9) for row in range(5) for column in range(5))
    # nowhere is there anything lower, by a minimum of slices
    for row, column in ((0, 0), (4, 1), (2, 3)):
        found = optimize.minimize(cost, w[others], args=(x[column], y[row]), method='Powell',
                                  options={'maxiter': 200, 'xtol': 1e-9, 'ftol': 1e-12})
        assert profile[row, column] <= found.fun * (1 + 1e-6)
    # in the middle of itself it is the minimum
    own = plane.profile(w, w[pair][:1], w[pair][1:])[0, 0]
    assert own == pytest.approx(float(model.cost()), rel=1e-8)
    # and a slice is the cost
    changed = w.copy()
    changed[pair] = x[1], y[3]
    assert plane.slice(w, x, y)[3, 1] == pytest.approx(model._evaluate(weights=changed)[0], rel=1e-12)


def test_profile_of_a_cost_of_ones_own():
    a, b, c, y = sage.SR.var('a, b, c, y')
    data = ex2data1()
    model = minimize_cost((a + b*x1/50 + c*x2/50 - y)**2, data, [a, b, c], learning_rate=0.1, iterations=200)
    picture = model.plot_cost_surface([0, 1])
    assert picture._extra_kwds['title'] == 'lowest cost over c'
    last = numpy.array(model.weights())
    # least squares: the best c is known
    residual = last[0] + last[1] * data.points[:, 0] / 50 - data.labels
    column = data.points[:, 1] / 50
    expected = ((residual - column * (residual @ column) / (column @ column))**2).mean()
    assert colour_under(picture, last[:2]) == pytest.approx(expected, rel=1e-3)


def test_of_very_many_weights_the_path_tells_the_directions():
    model = gradient_descent(digits().take(slice(400)), learning_rate=0.05, iterations=20)
    picture = model.plot_cost_surface([20, 30])
    assert picture._extra_kwds['title'] == ('lowest cost over the 648 other weights, moved along the\n'
                                             'path, with the same sums over the classes')
    last = numpy.array(model._weights)
    # lower than the cost there, as others are minimised
    assert 0 < colour_under(picture, last[[20, 30]]) < float(model.cost())


def test_cost_surface_of_others():
    one = gradient_descent([[1, 0], [2, 1], [3, 0], [4, 1]], learning_rate=0.1, iterations=20)
    picture = one.plot_cost_surface()
    assert axes_labels(picture) == ['bias', 'weight of x1'] and 'title' not in picture._extra_kwds
    many = microchips().plot_cost_surface(fill=False, contours=5, cmap='hot')
    assert many._extra_kwds['title'] == 'lowest cost over the 26 other weights'
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
            assert table[row, column] == pytest.approx(lowest_cost(points, model.data.labels, end, [1, 2], (a, b)), rel=1e-9)


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
