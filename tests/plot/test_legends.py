r"""
Legends: over no data, of one style wherever a picture is shown; and what a sum of pictures keeps.
"""
import numpy
import pytest
from hypothesis import given, settings, strategies as st

sage = pytest.importorskip('sage.all')

from matplotlib.backends.backend_agg import FigureCanvasAgg

from sage_logreg import ex2data1, gradient_descent, load_data, maximum_likelihood, penguins
from sage_logreg.plot.coefficients_path import plot_validation

from helpers import drawn_model, exam_model, microchips

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2 = sage.SR.var('x1, x2')


def rendered(picture, **options):
    figure = picture.matplotlib(**{**picture._extra_kwds, **options})
    FigureCanvasAgg(figure).draw()
    return figure


def legends(figure):
    return [axes.get_legend() for axes in figure.axes if axes.get_legend() is not None]


def under(legend):
    # how many points are drawn where the legend is, and whether it stands in the frame
    box, axes, count = legend.get_window_extent(), legend.axes, 0
    for cloud in axes.collections:
        if type(cloud).__name__ == 'PathCollection' and len(cloud.get_sizes()):
            places = axes.transData.transform(cloud.get_offsets())
            count += ((places >= box.p0) & (places <= box.p1)).all(axis=1).sum()
    return count, box.x1 <= axes.get_window_extent().x1


def birds():
    return penguins(label='species', variables='bill_length_mm, body_mass_g', missing='drop')


PICTURES = {
    'data': lambda: ex2data1().plot(), 'model': lambda: exam_model().plot(), 'chips': lambda: microchips().plot(),
    'probability': lambda: exam_model().plot_probability(),
    'one variable': lambda: drawn_model([x1], [0, 3], numpy.linspace(-2, 2, 40)[:, None]).plot(),
    'sum': lambda: exam_model().plot() + microchips().plot(), 'regions': lambda: maximum_likelihood(birds(), l2=1).plot(),
    'probability of a class': lambda: maximum_likelihood(birds(), l2=1).plot_probability('Gentoo'),
    'cost': lambda: gradient_descent(ex2data1(), iterations=300).plot_cost_surface([0, 1]),
    'many': lambda: load_data((numpy.random.RandomState(0).normal(size=(12000, 2)), numpy.arange(12000) % 2)).plot()}


@pytest.mark.parametrize('name', PICTURES)
def test_legends_are_over_no_data(name):
    picture = PICTURES[name]()
    for size in ([3, 2.5], [4, 3], [6, 5], [9, 4]):
        for legend in legends(rendered(picture, figsize=size)):
            count, _ = under(legend)
            assert count == 0


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40), st.sampled_from([[3, 2], [5, 4]]))
def test_random_points_and_their_legend(points, size):
    picture = load_data((numpy.array(points), numpy.arange(len(points)) % 2)).plot()
    (legend,) = legends(rendered(picture, figsize=size))
    assert under(legend)[0] == 0


@pytest.mark.parametrize('weights', [[0, 1, -1], [-1, 1, 1]])
def test_legends_are_over_no_boundary(weights):
    # nothing is free but the two corners into which the boundary runs
    across, up = (grid.ravel() for grid in numpy.meshgrid(numpy.linspace(0, 1, 30), numpy.linspace(0, 1, 30)))
    along = across + up - 1 if weights[2] < 0 else across - up
    points = numpy.column_stack([across, up])[abs(along) < 0.45]
    picture = drawn_model(None, weights, points).plot()
    (legend,) = legends(rendered(picture, figsize=[6, 5]))
    box, axes = legend.get_window_extent(), legend.axes
    (boundary,) = axes.lines
    ends = axes.transData.transform(numpy.column_stack(boundary.get_data()))
    places = ends[0] + numpy.linspace(0, 1, 500)[:, None] * (ends[-1] - ends[0])
    assert not ((places > box.p0) & (places < box.p1)).all(axis=1).any()


def test_the_legend_has_the_marker_of_one_point():
    data = load_data(([[0.0], [1.0]] * 20, [0, 1] * 20))
    (legend,) = legends(rendered(data.plot(), figsize=[5, 4]))
    handles = legend.legend_handles if hasattr(legend, 'legend_handles') else legend.legendHandles
    assert [handle.get_sizes().max() for handle in handles] == [25, 25]


def test_outside_if_nothing_is_free_and_only_then(tmp_path):
    across, up = (grid.ravel() for grid in numpy.meshgrid(numpy.linspace(0, 1, 30), numpy.linspace(0, 1, 30)))
    hole = (abs(across - 0.72) < 0.16) & (up > 0.7)
    for rows, inside in ((across > -1, False), (~hole, True)):
        picture = load_data((numpy.column_stack([across, up])[rows], numpy.arange(rows.sum()) % 2)).plot()
        (legend,) = legends(rendered(picture, figsize=[6, 5]))
        assert under(legend) == (0, inside)
        # saved, it is all there
        picture.save(str(tmp_path / 'legend.png'), figsize=[6, 5])
        image = numpy.asarray(pytest.importorskip('PIL.Image').open(tmp_path / 'legend.png').convert('L'))
        assert min(image[:, -1].min(), image[:, 0].min(), image[0].min(), image[-1].min()) == 255
    # beside a bar of colours
    model = maximum_likelihood((numpy.column_stack([across, up]), numpy.arange(900) % 2))
    figure = rendered(model.plot_probability())
    (legend,), bar = legends(figure), figure.axes[1]
    assert legend.get_window_extent().x0 > bar.get_window_extent().x1


def test_a_legend_beside_texts_is_saved_whole(tmp_path):
    # curves everywhere, and degrees of freedom above them
    lambdas = numpy.logspace(0, -3, 40)
    means = numpy.linspace(0, 1, 40)
    plot_validation(lambdas, means, numpy.full(40, 2.0), 0.5, 0.6, [7777] * 40).save(str(tmp_path / 'legend.png'))
    image = numpy.asarray(pytest.importorskip('PIL.Image').open(tmp_path / 'legend.png').convert('L'))
    assert min(image[:, -1].min(), image[:, 0].min(), image[0].min(), image[-1].min()) == 255


def test_a_place_of_the_users_own():
    picture = ex2data1().plot()
    picture.set_legend_options(loc='lower left')
    (legend,) = legends(rendered(picture))
    box, frame = legend.get_window_extent(), legend.axes.get_window_extent()
    assert box.x0 - frame.x0 < 15 and box.y0 - frame.y0 < 15


def test_legends_of_curves_hide_no_curve():
    models = [gradient_descent(ex2data1(), iterations=count) for count in (200, 2000)]
    for picture in (models[0].plot_history(models[1], labels=['a', 'b']), maximum_likelihood(ex2data1()).roc(),
                    drawn_model([x1], [0, 3], numpy.linspace(-2, 2, 40)[:, None]).plot()):
        (legend,) = legends(rendered(picture, figsize=[5, 4]))
        box = legend.get_window_extent()
        for line in legend.axes.lines:
            path = line.get_transform().transform(numpy.column_stack(line.get_data()).astype(float))
            shares = numpy.linspace(0, 1, 200)[:, None]
            between = numpy.concatenate([one + shares * (two - one) for one, two in zip(path, path[1:])])
            assert not ((between > box.p0) & (between < box.p1)).all(axis=1).any()


def test_one_style_everywhere():
    model = exam_model()
    film = gradient_descent(ex2data1(), iterations=3000).animate(frames=3)
    pictures = [model.data.plot(), model.plot(), model.plot() + sage.line([(30, 30), (60, 60)], legend_label='more'), model.plot_probability(),
                sage.plot(x1, (x1, 30, 40), legend_label='first') + model.plot(), maximum_likelihood(ex2data1()).roc(),
                model.plot_history(model, labels=['a', 'b']) if model._history else model.plot(), maximum_likelihood(birds(), l2=1).plot(),
                gradient_descent(ex2data1(), iterations=30).plot_cost_surface(), *film._frames]
    found = [legends(rendered(picture)) for picture in pictures]
    found.append(legends(sage.graphics_array(pictures[:2]).matplotlib()))
    # as show hands Sage's own style on
    found.append(legends(pictures[0].matplotlib(legend_options=sage.Graphics.LEGEND_OPTIONS)))
    styles = {(legend.shadow, legend.handlelength, legend.handletextpad, legend.labelspacing, legend.markerscale, legend.numpoints)
              for group in found for legend in group}
    assert all(found) and len(styles) == 1
    assert not next(iter(styles))[0]
    # a dash is seen as one, which needs three of its lengths
    assert next(iter(styles))[1] >= 1.5


def test_legend_of_a_film_stays_in_its_place():
    # flat at first; then there is a curve
    points = numpy.concatenate([numpy.linspace(0, 5, 40), numpy.linspace(3, 9, 40)])[:, None]
    for data in ((points, [0] * 40 + [1] * 40), (points, [1] * 40 + [0] * 40), ex2data1()):
        film = gradient_descent(data, learning_rate=1, iterations=200, scale=True).animate(frames=3)
        assert len({str(picture._legend_opts['loc']) for picture in film._frames}) == 1
        for picture in film._frames:
            options = {name: film._kwds[name] for name in ('xmin', 'xmax', 'ymin', 'ymax', 'axes_pad', 'frame')}
            (legend,) = legends(rendered(picture, **options))
            assert under(legend)[0] == 0


def test_frames_of_a_film_have_one_layout_also_beside_a_legend():
    # points everywhere, and no boundary at first
    across, up = (grid.ravel() for grid in numpy.meshgrid(numpy.linspace(0, 1, 25), numpy.linspace(0, 1, 25)))
    film = gradient_descent((numpy.column_stack([across, up]), across > 0.5), learning_rate=1, iterations=50).animate(frames=3)
    places = []
    for picture in film._frames:
        figure = picture.matplotlib(**{name: film._kwds[name] for name in ('xmin', 'xmax', 'ymin', 'ymax', 'axes_pad', 'frame')})
        FigureCanvasAgg(figure)
        figure.tight_layout()
        figure.canvas.draw()
        (legend,) = legends(figure)
        assert [text.get_text() for text in legend.get_texts()] == ['y = 0', 'y = 1', 'boundary']
        # all of it in the picture
        assert legend.axes.get_window_extent().x1 < legend.get_window_extent().x0 and legend.get_window_extent().x1 <= figure.bbox.x1
        places.append(legend.axes.get_window_extent().x1)
    assert numpy.ptp(places) < 1


def test_wide_legends_stand_below():
    # curves everywhere
    model, up = gradient_descent(ex2data1(), iterations=10), numpy.linspace(0.6, 0.7, 40)
    picture = model.plot_history(labels='a name of some length of a training')
    for height in up:
        picture += sage.line([(0, height), (10, height)])
    figure = rendered(picture, figsize=[4, 3])
    figure.tight_layout()
    figure.canvas.draw()
    (legend,) = legends(figure)
    frame = legend.axes.get_window_extent()
    assert legend.get_window_extent().y1 < legend.axes.xaxis.label.get_window_extent().y0
    # the curves keep their room
    assert frame.width > 0.6 * figure.bbox.width


@pytest.mark.parametrize('size', [3, 4, [4, 6]])
@pytest.mark.parametrize('name', ['chips', 'regions', 'probability'])
def test_small_pictures_keep_their_width(name, size, tmp_path):
    figure = rendered(PICTURES[name](), figsize=size)
    figure.tight_layout()
    figure.canvas.draw()
    (legend,) = legends(figure)
    frame, box = legend.axes.get_window_extent(), legend.get_window_extent()
    assert under(legend)[0] == 0 and frame.width > 0.45 * figure.bbox.width
    # below it and within the picture
    assert box.y1 < frame.y0 and box.y0 >= 0 and box.x0 >= -1 and box.x1 <= figure.bbox.x1
    # nothing is lost, and what fits stands side by side
    texts = legend.get_texts()
    middles = [text.get_window_extent().y0 for text in texts]
    assert [text.get_text() for text in texts][0] in ('y = 0', 'species = Adelie') and len(texts) == 3
    assert name == 'regions' or len({round(middle / 5) for middle in middles}) < 3
    # the box of the legend is around all its texts
    outline = legend.get_frame().get_window_extent()
    assert all(outline.y0 <= text.get_window_extent().y0 and text.get_window_extent().x1 <= outline.x1 for text in texts)


def test_pictures_of_an_array_keep_their_width():
    figure = sage.graphics_array([[exam_model().plot(), microchips().plot()], [ex2data1().plot(), microchips().plot()]]).matplotlib()
    FigureCanvasAgg(figure)
    figure.tight_layout()
    figure.canvas.draw()
    for legend in legends(figure):
        assert under(legend)[0] == 0 and legend.axes.get_window_extent().width > 0.3 * figure.bbox.width


# Margins

def limits(picture):
    axes = rendered(picture).axes[0]
    return numpy.array([axes.get_xlim(), axes.get_ylim()])


def test_margins_stay_in_a_sum():
    model = exam_model()
    own = limits(model.data.plot())
    low, high = model.data.points.min(axis=0), model.data.points.max(axis=0)
    numpy.testing.assert_allclose(own, numpy.column_stack([low - 0.05 * (high - low), high + 0.05 * (high - low)]))
    inside = sage.line([(50, 50), (60, 60)])
    for picture in (model.plot(), model.plot() + inside, inside + model.plot(), model.data.plot() + model.plot(),
                    model.plot_probability() + inside, sum([model.plot(threshold=t) for t in (0.25, 0.75)])):
        numpy.testing.assert_allclose(limits(picture), own)
    # what reaches beyond is shown to its end
    assert limits(model.plot() + sage.line([(0, 50), (60, 60)]))[0, 0] == 0
    # the user's own limits win
    numpy.testing.assert_allclose(limits(model.plot(xmin=0, xmax=90))[0], [0, 90])


@pytest.mark.parametrize('weights', [[-90, 1, 0.5], [-60, 1, 0], [-60, 0, 1], [-12, 0.1, 0.08]])
def test_the_boundary_runs_to_the_frame(weights):
    model = exam_model(weights)
    for picture in (model.plot(), model.plot() + sage.point((50, 50))):
        (line,) = [part for part in picture if type(part).__name__ == 'Line']
        frame = limits(picture)
        for x, y in zip((line.xdata[0], line.xdata[-1]), (line.ydata[0], line.ydata[-1])):
            assert min(abs(frame[0] - x).min() / numpy.ptp(frame[0]), abs(frame[1] - y).min() / numpy.ptp(frame[1])) < 1e-6
