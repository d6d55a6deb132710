r"""
Pictures over one or two of several variables.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage_logreg import LogisticModel, load_data
from helpers import axes_labels, drawn, drawn_model, five_variables, frame, kinds, legend_texts, sigmoid, space, step

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2, x3 = sage.SR.var('x1, x2, x3')


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
    model = drawn_model([x1**2, x2**2, x3], [0, 1, 1, -1], points)
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
    model = drawn_model([x1**2, x2], [-1, 2, 1])
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
    picture = drawn_model([feature], weights, abs(points) + 0.01 if feature.has(sage.log(x1)) else points).plot(threshold=threshold)
    lines = picture[3:]
    assert [line.xdata[0] for line in lines] == pytest.approx(places, abs=1e-12)
    assert all(len(set(line.xdata)) == 1 and line.options()['linestyle'] == '--' for line in lines)
    assert legend_texts(picture)[3:] == ([] if not places else ['boundary'] if threshold == 0.5 else [f'P(y = 1) = {threshold:g}'])


def test_a_curve_without_a_legend_has_a_boundary_without_one():
    picture = drawn_model([x1], [0, 1], numpy.linspace(-2, 2, 40)[:, None]).plot(legend_label=None)
    assert kinds(picture)[2:] == ['Line', 'Line'] and legend_texts(picture) == ['y = 0', 'y = 1']


ONE_VARIABLE = [
    (sage.log(x1), lambda u: numpy.log(u)), (sage.heaviside(x1 - 1), lambda u: step(u - 1)),
    (sage.cases([(x1 < 1, 0), (True, x1 - 1)]), lambda u: numpy.maximum(u - 1, 0)), (x1**2, lambda u: u**2),
    (1/x1, lambda u: 1 / u)]


@pytest.mark.parametrize('feature, function', ONE_VARIABLE, ids=[str(row[0]) for row in ONE_VARIABLE])
def test_features_of_one_variable(feature, function):
    points = numpy.random.RandomState(0).uniform(0.01, 3, (30, 1))
    model = drawn_model([feature], [-1, 2], points)
    picture = model.plot()
    assert kinds(picture) == ['Point', 'Point', 'Line'] + ['Line'] * len(picture[3:])
    curve = drawn(picture[2])
    # nothing where the feature is undefined, though the frame goes beyond
    if feature.has(sage.log(x1)):
        assert curve[:, 0].min() > 0
    with numpy.errstate(over='ignore'):
        numpy.testing.assert_allclose(curve[:, 1], sigmoid(-1 + 2 * function(curve[:, 0])), rtol=1e-9, atol=1e-12)
    assert curve[:, 0].max() == pytest.approx(frame(points)[1][0])


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
    one = drawn_model([sage.SR.var('身長')**2, sage.SR.var('_w2')], [-1, 1, 1], points, variables='身長, _w2', dtype='float32')
    two = drawn_model([x1**2, x2], [-1, 1, 1], points.astype(float))
    pictures = [model.plot() for model in (one, two)]
    numpy.testing.assert_allclose(drawn(pictures[0][2]), drawn(pictures[1][2]), atol=1e-5)
    assert pictures[0]._extra_kwds['axes_labels'] == ['身長', '_w2']
    assert one.plot3d(plot_points=5)._extra_kwds['axes_labels'][:2] == ['身長', '_w2']
