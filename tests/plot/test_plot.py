r"""
Pictures of data and models: what is drawn, and its pixels.
"""
import numpy
import pytest
from hypothesis import example, given, settings, strategies as st

from sage_logreg import LogisticModel, ex2data1, gradient_descent, load_data, stochastic_gradient_descent

from helpers import BLUE, GREEN, ORANGE, RED, axes_labels, count_pixels, exam_model, frame, kinds, legend_texts
from helpers import model_of, pixels, sigmoid

few = settings(deadline=None, max_examples=20)


# Pictures


@pytest.mark.lanes
def test_picture_of_the_data(no_show):
    data = ex2data1()
    picture = data.plot()
    assert kinds(picture) == ['Point', 'Point']
    for primitive, label, color in zip(picture, (0, 1), ('blue', 'red')):
        drawn = numpy.column_stack([primitive.xdata, primitive.ydata])
        assert numpy.array_equal(drawn, data.points[data.labels == label])
        assert primitive.options()['rgbcolor'] == color
    assert axes_labels(picture) == ['x1', 'x2']
    assert legend_texts(picture) == ['y = 0', 'y = 1']


@pytest.mark.lanes
def test_picture_of_the_model(no_show):
    picture = exam_model().plot()
    assert kinds(picture) == ['Point', 'Point', 'Line']
    assert axes_labels(picture) == ['x1', 'x2']
    assert legend_texts(picture) == ['y = 0', 'y = 1', 'boundary']
    figure = picture.matplotlib(**picture._extra_kwds)
    drawn = {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, 'get_text'))}
    assert {'x1', 'x2'} <= drawn


def test_picture_with_names(no_show):
    data = load_data([[1, 2, 'no'], [3, 4, 'yes'], [2, 5, 'yes']], variables='hours, nights')
    picture = LogisticModel(data, numpy.array([-6.0, 1, 1])).plot()
    assert axes_labels(picture) == ['hours', 'nights']
    assert legend_texts(picture) == ['y = no', 'y = yes', 'boundary']


@pytest.mark.lanes
def test_the_original_worksheets_picture(no_show, tmp_path):
    model = exam_model()
    x1 = no_show.SR.var('x1')
    picture = model.data.plot() + no_show.plot(model.boundary(x1), (x1, 30, 100))
    assert kinds(picture) == ['Point', 'Point', 'Line']
    image = pixels(picture, tmp_path / 'picture.png', figsize=5)
    assert count_pixels(image, RED) > 100 and count_pixels(image, BLUE) > 100


def test_pixels_of_the_data(no_show, tmp_path):
    image = pixels(ex2data1().plot(), tmp_path / 'data.png')
    assert count_pixels(image, RED) > 500
    assert count_pixels(image, BLUE) > 300
    assert count_pixels(image, GREEN) == 0


@pytest.mark.lanes
def test_pixels_of_the_model(no_show, tmp_path):
    image = pixels(exam_model().plot(color='green', thickness=3), tmp_path / 'model.png')
    assert count_pixels(image, RED) > 500
    assert count_pixels(image, BLUE) > 300
    assert count_pixels(image, GREEN) > 500
    # the line falls from the left upper corner to the right lower one; the legend stands apart from it
    rows, columns = numpy.nonzero(abs(image - GREEN).max(axis=2) < 30)
    left, right = columns < numpy.quantile(columns, 0.2), columns > numpy.quantile(columns, 0.8)
    assert numpy.median(rows[left]) < numpy.median(rows[right])


@pytest.mark.lanes
def test_saved_in_other_formats(no_show, tmp_path):
    for ending, first in (('pdf', b'%PDF'), ('svg', b'<?xml')):
        path = tmp_path / f'model.{ending}'
        exam_model().plot().save(str(path))
        assert path.read_bytes().startswith(first)


@pytest.mark.slow
def test_options_are_forwarded(no_show, tmp_path):
    data, model = ex2data1(), exam_model()
    small, large = (pixels(data.plot(size=size), tmp_path / f'{size}.png') for size in (5, 60))
    assert count_pixels(large, RED) > 3 * count_pixels(small, RED)

    # 100 dots an inch; what stands out of the frame at a side may add some, a margin that is left empty is cut off
    for picture in (data.plot(figsize=[4, 3]), model.plot(figsize=[4, 3])):
        height, width, _ = pixels(picture, tmp_path / 'figsize.png').shape
        assert 280 <= height < 350 and 380 <= width < 450
    for name in ('color', 'rgbcolor'):
        image = pixels(data.plot(**{name: 'orange'}), tmp_path / 'color.png')
        assert count_pixels(image, ORANGE) > 800 and count_pixels(image, RED) == count_pixels(image, BLUE) == 0
        image = pixels(model.plot(**{name: 'orange'}, thickness=3), tmp_path / 'color.png')
        assert count_pixels(image, ORANGE) > 300 and count_pixels(image, RED) > 500

    picture = model.plot(point_options={'size': 60, 'marker': 's'}, linestyle='--', title='Exams', legend_label='w')
    assert [primitive.options().get('size') for primitive in picture] == [60, 60, None]
    assert [primitive.options().get('marker') for primitive in picture] == ['s', 's', None]
    assert picture[2].options()['linestyle'] == '--'
    assert legend_texts(picture)[2] == 'w'
    assert kinds(picture) == ['Point', 'Point', 'Line']
    assert picture.matplotlib(title='Exams').axes[0].get_title() == 'Exams'


@few
@given(angle=st.floats(0, 6.28), offset=st.floats(-2, 2))
@example(angle=1e-300, offset=0.0)
@example(angle=1e-7, offset=0.5)
@example(angle=1e-5, offset=0.5)
@example(angle=1.5707963267948966, offset=0.5)
@example(angle=0.0, offset=2.0)
def test_boundary_is_drawn_inside_the_frame(angle, offset):
    pytest.importorskip('sage.all')
    data = ex2data1()
    low, high = frame(data.points)
    # a line at some distance from the middle, in some direction
    direction = numpy.array([numpy.cos(angle), numpy.sin(angle)]) / ((high - low) / 2)
    weights = numpy.append(-offset - direction @ (low + high) / 2, direction)
    lines = LogisticModel(data, weights).plot()[2:]
    corners = [weights[0] + weights[1] * corner1 + weights[2] * corner2
               for corner1 in (low[0], high[0]) for corner2 in (low[1], high[1])]
    slack = 2e-6 * (high - low)
    if min(corners) > 1e-5 or max(corners) < -1e-5:
        # it misses the frame
        assert not lines
    elif min(corners) < -1e-5 and max(corners) > 1e-5:
        x, y = numpy.array(lines[0].xdata), numpy.array(lines[0].ydata)
        # what is drawn is the boundary
        assert abs(weights[0] + weights[1] * x + weights[2] * y).max() < 1e-6
        # it meets the frame: all of it is inside, and it ends on the frame's edges
        assert (x >= low[0] - slack[0]).all() and (x <= high[0] + slack[0]).all()
        assert (y >= low[1] - slack[1]).all() and (y <= high[1] + slack[1]).all()
        for end in (0, -1):
            gaps = [abs(x[end] - low[0]) / slack[0], abs(x[end] - high[0]) / slack[0],
                    abs(y[end] - low[1]) / slack[1], abs(y[end] - high[1]) / slack[1]]
            assert min(gaps) <= 1


def test_vertical_and_horizontal_lines(no_show):
    low, high = frame(ex2data1().points)
    vertical = exam_model([-60, 1, 0]).plot()[2]
    assert set(vertical.xdata) == {60}
    assert (vertical.ydata[0], vertical.ydata[-1]) == pytest.approx((low[1], high[1]))
    horizontal = exam_model([-60, 0, 1]).plot()[2]
    assert set(horizontal.ydata) == {60}
    assert (horizontal.xdata[0], horizontal.xdata[-1]) == pytest.approx((low[0], high[0]))


def test_no_boundary_no_line(no_show):
    assert kinds(exam_model([1, 0, 0]).plot()) == ['Point', 'Point']


@pytest.mark.parametrize('weights', [[-7, 1, 1], [-5, 1, 0], [-2, 0, 1]])
@pytest.mark.parametrize('rows', [[[5, 1, 0], [5, 2, 1], [5, 3, 1]], [[4, 2, 0], [5, 2, 1], [6, 2, 1]]],
                         ids=['the same x1', 'the same x2'])
def test_points_on_one_line(no_show, rows, weights, tmp_path):
    # the frame must not be of no width
    picture = LogisticModel(load_data(rows), numpy.array(weights, dtype=float)).plot()
    assert kinds(picture) == ['Point', 'Point', 'Line']
    assert count_pixels(pixels(picture, tmp_path / 'picture.png'), RED) > 20


def test_one_variable(no_show, tmp_path):
    data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]], variables='hours')
    model = LogisticModel(data, numpy.array([-2.5, 1]))
    points = data.plot()
    assert [(list(cloud.xdata), list(cloud.ydata)) for cloud in points] == [([1, 3], [0, 0]), ([2, 4], [1, 1])]
    picture = model.plot(color='green')
    assert kinds(picture) == ['Point', 'Point', 'Line', 'Line']
    assert axes_labels(picture) == ['hours', 'y']
    # the boundary, upright
    assert list(picture[3].xdata) == pytest.approx([2.5] * 2)
    x, y = numpy.array(picture[2].xdata), numpy.array(picture[2].ydata)
    numpy.testing.assert_allclose(y, sigmoid(x - 2.5), rtol=1e-12)
    image = pixels(picture, tmp_path / 'picture.png')
    assert min(count_pixels(image, RED), count_pixels(image, BLUE), count_pixels(image, GREEN)) > 20


def test_three_variables_have_no_picture(no_show):
    model = model_of([0, 1, 1, 1])
    for plot, who in ((model.plot, 'the model has'), (model.data.plot, 'the data have')):
        with pytest.raises(ValueError) as caught:
            plot()
        assert str(caught.value) == f'{who} 3 variables (x1, x2, x3); say which two to draw, as variables=[x1, x2]'


@pytest.mark.parametrize('train, unit', [
    (lambda: gradient_descent(ex2data1(), iterations=500, report=100), 'iteration'),
    (lambda: stochastic_gradient_descent(ex2data1(), epochs=50, report=10), 'epoch'),
], ids=['gradient descent', 'stochastic'])
def test_picture_of_the_history(no_show, tmp_path, train, unit):
    model = train()
    picture = model.plot_history()
    assert kinds(picture) == ['Line']
    assert axes_labels(picture) == [unit, 'cost']
    records = [(record.iteration, record.weights) for record in model.history()] + [(model.iterations(), model.weights())]
    if unit == 'epoch':
        # an epoch's record stands next to the epoch's end; the end of the last one is a batch ahead
        records = [(epoch + 1, w) for epoch, w in records[:-1]]
    assert picture[0].xdata == [iteration for iteration, _ in records]
    weights = [numpy.array(w) for _, w in records]
    data = ex2data1()
    assert len(picture[0].ydata) == len(weights)
    for cost, w in zip(picture[0].ydata, weights):
        z = w[0] + data.points @ w[1:]
        # the cost over all the data, also where a step saw one sample
        assert cost == pytest.approx(numpy.logaddexp(0, numpy.where(data.labels == 1, -z, z)).mean(), rel=1e-12)
    image = pixels(model.plot_history(color='green', thickness=3, figsize=[4, 3]), tmp_path / 'history.png')
    assert count_pixels(image, GREEN) > 100
    # as above, a margin that is left empty is cut off
    assert 280 <= image.shape[0] < 350 and 380 <= image.shape[1] < 450
