r"""
What a model answers: predictions, formulas and pictures, against NumPy, scikit-learn and the pixels.

Everything here but the predictions needs Sage, and is skipped where there is none.
"""
import subprocess
import sys
import warnings

import numpy
import pytest
from hypothesis import example, given, settings, strategies as st

from sage_logreg import LogisticModel, ex2data1, gradient_descent, load_data, stochastic_gradient_descent

few = settings(deadline=None, max_examples=20)
ESTIMATE = numpy.array([-25.16133357, 0.20623171, 0.2014716])


def axes_labels(picture):
    # as they are drawn, also where other pictures have been added
    axes = (picture + picture).matplotlib(**picture._extra_kwds).axes[0]
    texts = {text.get_text() for text in axes.texts} | {axes.get_xlabel(), axes.get_ylabel()}
    return [label for label in picture._extra_kwds['axes_labels'] if label in texts]


@pytest.fixture
def sage():
    return pytest.importorskip('sage.all')


def model_of(weights, rows=None):
    width = len(weights) - 1
    if rows is None:
        rows = [[*range(width), 0], [*range(1, width + 1), 1]]
    return LogisticModel(load_data(rows), numpy.array(weights, dtype=numpy.float64))


def exam_model(weights=ESTIMATE):
    return LogisticModel(ex2data1(), numpy.array(weights, dtype=numpy.float64))


def table_of(matrix):
    # a Sage matrix or, without Sage, an array
    return [[int(entry) for entry in row] for row in matrix]


def sigmoid(z):
    return 0.5 * (1 + numpy.tanh(z / 2))


# Predictions

@few
@given(seed=st.integers(0, 10**6), width=st.integers(1, 4), size=st.sampled_from([0.1, 1, 10]))
def test_probability_and_predict(seed, width, size):
    random = numpy.random.RandomState(seed)
    points, weights = random.normal(size=(20, width)), size * random.normal(size=width + 1)
    model = model_of(weights)
    expected = sigmoid(weights[0] + points @ weights[1:])
    numpy.testing.assert_allclose(numpy.array(model.probability(points)), expected, rtol=1e-12, atol=1e-15)
    for threshold in (0.5, 0.2, 0.9):
        assert model.predict(points, threshold=threshold) == (expected >= threshold).astype(int).tolist()
    # in one variable a list of numbers would be many points
    one = points[0].tolist() if width > 1 else points[0, 0]
    assert float(model.probability(one)) == pytest.approx(expected[0], rel=1e-12)
    assert model.predict(one) == int(expected[0] >= 0.5)


def test_probability_far_out():
    model = model_of([0, 1])
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        # e^-z would overflow from z = -710 on
        assert list(model.probability([-1e300, -800, 0, 800, 1e300])) == [0, 0, 0.5, 1, 1]
        assert 0 < float(model.probability(-700)) == pytest.approx(numpy.exp(-700.0), rel=1e-12)


def test_threshold_is_reached_from_above():
    # at the boundary itself the prediction is y = 1
    model = model_of([-2, 1])
    assert model.predict([2, 1.999, 2.001]) == [1, 0, 1]
    assert model.predict([2, 100], threshold=1) == [0, 1]
    assert model.predict([-100, 100], threshold=0) == [1, 1]


@pytest.mark.parametrize('points', [
    lambda: [[1, 2], [3, 4]], lambda: ((1, 2), (3, 4)), lambda: numpy.array([[1, 2], [3, 4]]),
    lambda: numpy.array([[1, 2], [3, 4]], dtype='float32'), lambda: [numpy.array([1, 2]), numpy.array([3, 4])],
    lambda: load_data([[1, 2, 0], [3, 4, 1]]), lambda: ([i, i + 1] for i in (1, 3)),
    lambda: pytest.importorskip('pandas').DataFrame({'a': [1, 3], 'b': [2, 4]}),
    lambda: pytest.importorskip('sage.all').matrix([[1, 2], [3, 4]]),
    lambda: pytest.importorskip('sage.all').matrix([[1, 2], [3, 4]]).rows()],
    ids=['lists', 'tuples', 'array', 'float32', 'arrays', 'Dataset', 'generator', 'frame', 'matrix', 'vectors'])
def test_points_of_every_kind(points):
    model = model_of([-4, 1, 0.5])
    numpy.testing.assert_allclose(numpy.array(model.probability(points())), sigmoid(numpy.array([-2.0, 1.0])))
    assert model.predict(points()) == [0, 1]


def test_points_in_one_variable():
    model = model_of([-2, 1])
    for many in ([1, 3], (1, 3), numpy.array([[1], [3]]), [[1], [3]], numpy.array([1, 3])):
        assert model.predict(many) == [0, 1]
    assert model.predict(3) == 1
    assert model.predict(numpy.float32(1)) == 0


def test_a_single_sage_point(sage):
    model = model_of([-2, 1, 1])
    assert model.predict(sage.vector([1/sage.Integer(2), sage.sqrt(2)])) == 0
    assert model.predict([sage.pi, 0]) == 1


WRONG_POINTS = [
    ([1, 2, 3], ValueError, 'the point has 3 numbers; expected 2 (x1, x2)'),
    ([[1, 2, 3]], ValueError, 'the points have 3 columns; expected 2 (x1, x2)'),
    (numpy.zeros((4, 1)), ValueError, 'the points have 1 columns; expected 2 (x1, x2)'),
    ([[1, 2], [3]], ValueError, 'the rows, row 2 has 1 columns; expected 2 as in row 1'),
    ([[1, 2], [3, 'a']], ValueError, "the rows, row 2, column 2: 'a' is not a number"),
    ([[1, 2], [float('nan'), 4]], ValueError, 'the rows, row 2, column 1: nan is not a finite number'),
    (numpy.array([[1, 2j]]), ValueError, 'the array, row 1, column 1: (1+0j) is not a real number'),
    (7, TypeError, '7 is not a point; expected 2 numbers (x1, x2), or a table of them'),
    (None, TypeError, 'None is not a point; expected 2 numbers (x1, x2), or a table of them'),
    ('34,78', TypeError, "'34,78' is not a point; expected 2 numbers (x1, x2), or a table of them"),
]


@pytest.mark.parametrize('points, error, message', WRONG_POINTS, ids=[row[2] for row in WRONG_POINTS])
def test_wrong_points(points, error, message):
    for answer in (model_of([0, 1, 1]).probability, model_of([0, 1, 1]).predict):
        with pytest.raises(error) as caught:
            answer(points)
        assert caught.type is error
        assert str(caught.value) == message


def test_wrong_threshold():
    with pytest.raises(TypeError, match="^threshold = 'half'; expected a real number at least 0 and at most 1$"):
        model_of([0, 1]).predict([1], threshold='half')


@few
@given(seed=st.integers(0, 10**6))
def test_accuracy_and_confusion_matrix(seed):
    metrics = pytest.importorskip('sklearn.metrics')
    random = numpy.random.RandomState(seed)
    data = ex2data1()
    model = exam_model(ESTIMATE + [random.normal() * 5, 0, 0])
    predicted = model.predict(data)
    assert table_of(model.confusion_matrix()) == metrics.confusion_matrix(data.labels, predicted).tolist()
    assert float(model.accuracy()) == metrics.accuracy_score(data.labels, predicted)
    # other data of the same kind
    other = load_data((data.points[30:60], data.labels[30:60]))
    predicted = model.predict(other)
    assert table_of(model.confusion_matrix(other)) == metrics.confusion_matrix(
        other.labels, predicted).tolist()
    assert float(model.accuracy(other)) == metrics.accuracy_score(other.labels, predicted)
    assert float(model.accuracy((other.points, other.labels))) == float(model.accuracy(other))


def test_the_worksheets_model_in_numbers():
    model = exam_model([-9.25573205, 0.07960975, 0.07329322])
    # rows are the labels, columns the predictions
    assert table_of(model.confusion_matrix()) == [[34, 6], [3, 57]]
    assert float(model.accuracy()) == 0.91
    assert float(model.cost()) == pytest.approx(0.2836869319592, abs=1e-8)


def test_other_data_must_be_of_the_same_kind():
    model = LogisticModel(load_data([[1, 'no'], [2, 'yes']]), numpy.array([-1.5, 1.0]))
    same = load_data([[5, 'yes'], [0, 'no'], [6, 'no']])
    assert table_of(model.confusion_matrix(same)) == [[1, 1], [0, 1]]
    assert model.predict([0, 9]) == ['no', 'yes']
    for answer in (model.accuracy, model.confusion_matrix, model.cost, model.gradient):
        # 'maybe' would come before 'no' and be 0, and 'no' 1: the other way round
        with pytest.raises(ValueError) as caught:
            answer([[1, 'maybe'], [2, 'no']])
        assert str(caught.value) == "the rows, row 1: the label is 'maybe'; the model expects 'no' or 'yes'"
        with pytest.raises(ValueError) as caught:
            answer([[1, 2, 'no'], [3, 4, 'yes']])
        assert str(caught.value) == 'the data have 2 variables (x1, x2); the model expects 1 (x1)'


def test_other_data_of_one_class():
    model = LogisticModel(load_data([[1, 'no'], [2, 'yes']]), numpy.array([-1.5, 1.0]))
    assert float(model.accuracy([[1, 'yes'], [5, 'yes'], [7, 'yes']])) == pytest.approx(2 / 3)
    assert table_of(model.confusion_matrix([[1, 'yes'], [5, 'yes']])) == [[0, 0], [1, 1]]
    numbers = exam_model([-4, 1, 1])
    assert float(numbers.accuracy([[9, 9, 1]])) == 1


def test_columns_in_another_order():
    pandas = pytest.importorskip('pandas')
    data = load_data([[1, 20, 0], [2, 10, 1]], variables='a, b')
    model = LogisticModel(data, numpy.array([0.0, 1.0, -0.1]))
    frame = pandas.DataFrame({'b': [30.0, 5.0], 'a': [1.0, 2.0]})
    assert list(model.probability(frame)) == list(model.probability([[1, 30], [2, 5]]))
    frame['y'] = [0, 1]
    assert float(model.cost(frame)) == float(model.cost([[1, 30, 0], [2, 5, 1]]))


def test_cost_and_gradient_of_other_data():
    data = ex2data1()
    model = exam_model()
    half = load_data((data.points[:50], data.labels[:50]))
    z = ESTIMATE[0] + half.points @ ESTIMATE[1:]
    X = numpy.column_stack([numpy.ones(50), half.points])
    assert float(model.cost(half)) == pytest.approx(numpy.logaddexp(0, numpy.where(half.labels == 1, -z, z)).mean())
    numpy.testing.assert_allclose(numpy.array(model.gradient(half)), X.T @ (sigmoid(z) - half.labels) / 50, rtol=1e-10)


def test_answers_are_sage_objects(sage):
    model = gradient_descent(ex2data1(), iterations=200, report=100)
    assert model.weights().parent() is sage.RDF**3
    assert model.gradient().parent() is sage.RDF**3
    assert model.cost().parent() is sage.RDF
    assert model.accuracy().parent() is sage.RDF
    assert model.iterations().parent() is sage.ZZ
    assert model.confusion_matrix().parent() is sage.MatrixSpace(sage.ZZ, 2)
    assert model.probability([50, 50]).parent() is sage.RDF
    assert model.probability([[50, 50], [60, 60]]).parent() is sage.RDF**2
    assert model.predict([50, 50]).parent() is sage.ZZ
    iteration, cost, weights = model.history()[1]
    assert (iteration.parent(), cost.parent(), weights.parent()) == (sage.ZZ, sage.RDF, sage.RDF**3)


def test_answers_cannot_change_the_model():
    model = gradient_descent(ex2data1(), iterations=200, report=100)
    before, first = list(model.weights()), list(model.history()[0].weights)
    model.weights()[0] = 1000
    model.history()[0].weights[0] = 1000
    model.history().clear()
    model.options().clear()
    assert list(model.weights()) == before
    assert list(model.history()[0].weights) == first
    assert model.options()['learning_rate'] == 0.001


# Formulas

NUMBERS = st.floats(-100, 100, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-3)
VECTORS = st.integers(1, 4).flatmap(lambda n: st.tuples(
    st.lists(NUMBERS, min_size=n + 1, max_size=n + 1), st.lists(NUMBERS, min_size=n, max_size=n)))


@few
@given(VECTORS)
def test_log_odds_and_posterior_at_points(case):
    sage = pytest.importorskip('sage.all')
    weights, point = case
    model = model_of(weights)
    z = weights[0] + numpy.dot(weights[1:], point)
    size = abs(weights[0]) + numpy.dot(numpy.abs(weights[1:]), numpy.abs(point)) + 1

    symbols = [sage.SR.var(name) for name in model.data.variables]
    values = dict(zip(symbols, point))
    for formula in (model.log_odds(), model.log_odds(*symbols), model.log_odds(symbols)):
        assert formula.parent() is sage.SR
        assert float(formula.subs(values)) == pytest.approx(z, abs=1e-14 * size)
    assert float(model.log_odds(*point)) == pytest.approx(z, abs=1e-14 * size)

    expected = sigmoid(z)
    for value in (model.posterior().subs(values), model.posterior(*symbols).subs(values), model.posterior(*point)):
        assert float(value) == pytest.approx(expected, rel=1e-14 * size, abs=1e-15)


@few
@given(st.lists(NUMBERS, min_size=3, max_size=5).filter(lambda weights: weights[-1]),
       st.lists(NUMBERS, min_size=3, max_size=3))
def test_boundary_at_points(weights, point):
    # what the boundary says of the last variable makes the log-odds zero
    sage = pytest.importorskip('sage.all')
    model = model_of(weights)
    point = point[:len(weights) - 2]
    symbols = [sage.SR.var(name) for name in model.data.variables[:-1]]
    last = -(weights[0] + numpy.dot(weights[1:-1], point)) / weights[-1]
    size = (abs(weights[0]) + numpy.dot(numpy.abs(weights[1:-1]), numpy.abs(point))) / abs(weights[-1]) + 1
    for formula in (model.boundary(), model.boundary(*symbols)):
        assert formula.parent() is sage.SR
        assert not formula.is_relational()
        assert float(formula.subs(dict(zip(symbols, point)))) == pytest.approx(last, abs=1e-14 * size)
    assert float(model.boundary(*point)) == pytest.approx(last, abs=1e-14 * size)


def test_the_worksheets_boundary(sage):
    model = exam_model([-9.25573205, 0.07960975, 0.07329322])
    w0, w1, w2 = model.weights()
    x1, t = sage.SR.var('x1, t')
    assert bool(model.boundary(x1) == -w0/w2 - w1/w2*x1)
    assert bool(model.boundary(t) == -w0/w2 - w1/w2*t)
    assert model.boundary(x1).variables() == (x1,)
    assert bool(model.boundary(t**2 + 1) == -w0/w2 - w1/w2*(t**2 + 1))
    assert model.boundary(x1).degree(x1) == 1
    # a formula, that can be differentiated and solved
    assert float(model.boundary(x1).diff(x1)) == pytest.approx(-0.07960975 / 0.07329322, rel=1e-14)
    assert float(model.posterior(x1, model.boundary(x1)).subs(x1=33)) == pytest.approx(0.5, abs=1e-14)


def test_formulas_in_the_users_variables(sage):
    data = load_data([[1, 2, 0], [3, 4, 1]], variables='身長, weight')
    model = LogisticModel(data, numpy.array([1.0, 2.0, 4.0]))
    assert {str(symbol) for symbol in model.log_odds().variables()} == {'身長', 'weight'}
    assert [str(symbol) for symbol in model.boundary().variables()] == ['身長']


def test_vertical_boundary(sage):
    x1, a, b, c = sage.SR.var('x1, a, b, c')
    vertical = model_of([-4, 2, 0]).boundary()
    assert vertical.is_relational()
    assert (vertical.lhs(), float(vertical.rhs())) == (x1, 2)
    assert model_of([-4, 2, 0]).boundary(a).lhs() == a
    assert bool(model_of([-4, 2, 0]).boundary(2)) and not bool(model_of([-4, 2, 0]).boundary(3))
    # in one variable the boundary is a point
    threshold = model_of([3, -2]).boundary()
    assert (threshold.lhs(), float(threshold.rhs())) == (x1, 1.5)
    # in three variables, one or two of them free
    equation = model_of([-4, 2, 1, 0]).boundary(a, b)
    assert equation.is_relational() and set(equation.variables()) == {a, b}
    assert float((equation.lhs() - equation.rhs()).subs({a: 1, b: 2})) == 0
    assert float((equation.lhs() - equation.rhs()).subs({a: 1, b: 3})) != 0
    line = model_of([-4, 0, 8, 0]).boundary(a, b)
    assert (line.lhs(), float(line.rhs())) == (b, 0.5)


WRONG_FORMULAS = [
    (lambda m: m([0, 1, 1]).log_odds(1), TypeError, 'log_odds takes 2 variables (x1, x2), or none; 1 was given'),
    (lambda m: m([0, 1, 1]).posterior(1, 2, 3), TypeError,
     'posterior takes 2 variables (x1, x2), or none; 3 were given'),
    (lambda m: m([0, 1, 1]).boundary(1, 2), TypeError, 'boundary takes 1 variable (x1), or none; 2 were given'),
    (lambda m: m([0, 1]).boundary(1), TypeError, 'boundary takes no variables; 1 was given'),
    (lambda m: m([0, 1, 1]).boundary(None), TypeError,
     'boundary: x[0] = None; expected a variable, an expression or a number'),
    (lambda m: m([0, 1, 1]).boundary('t+'), TypeError,
     "boundary: x[0] = 't+'; expected a variable, an expression or a number"),
    (lambda m: m([0, 1, 1]).boundary(numpy.array([[1.0, 2.0]])), TypeError,
     'boundary: x[0] = array([1., 2.]); expected a variable, an expression or a number'),
    (lambda m: m([0, 1, 1]).log_odds([1, {}]), TypeError,
     'log_odds: x[1] = {}; expected a variable, an expression or a number'),
    (lambda m: m([0, 1, 1]).posterior('1/0', 2), TypeError,
     "posterior: x[0] = '1/0'; expected a variable, an expression or a number"),
    (lambda m: m([0, 0, 0]).boundary(), ValueError, 'the weights of x1, x2 are zero; the model has no boundary'),
    (lambda m: m([3, 0]).boundary(), ValueError, 'the weights of x1 are zero; the model has no boundary'),
]


@pytest.mark.parametrize('ask, error, message', WRONG_FORMULAS, ids=[row[2] for row in WRONG_FORMULAS])
def test_wrong_formulas(sage, ask, error, message):
    with pytest.raises(error) as caught:
        ask(model_of)
    assert str(caught.value) == message


def test_no_names_are_injected(sage):
    from sage.repl import user_globals
    before = user_globals.user_globals
    names = {}
    user_globals.set_globals(names)
    try:
        model = exam_model()
        model.boundary(), model.posterior(), model.log_odds(), model.plot(), model.data.plot()
        assert names == {}
    finally:
        user_globals.user_globals = before


# Pictures

@pytest.fixture
def no_show(sage, monkeypatch):
    # a picture is returned, never shown
    from sage.plot.graphics import Graphics
    import matplotlib.pyplot

    def shown(*arguments, **options):
        raise AssertionError('a picture was shown')

    monkeypatch.setattr(Graphics, 'show', shown)
    monkeypatch.setattr(matplotlib.pyplot, 'show', shown)
    return sage


def kinds(picture):
    return [type(primitive).__name__ for primitive in picture]


def legend_texts(picture):
    return [text.get_text() for text in picture.matplotlib().axes[0].get_legend().get_texts()]


def pixels(picture, path, **options):
    image = pytest.importorskip('PIL.Image')
    picture.save(str(path), **options)
    return numpy.asarray(image.open(path).convert('RGB')).astype(int)


def count(image, color):
    # the pixels of this color, up to the smoothing of edges
    return int((abs(image - color).max(axis=2) < 30).sum())


RED, BLUE, GREEN, ORANGE = (255, 0, 0), (0, 0, 255), (0, 128, 0), (255, 165, 0)


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
    assert legend_texts(picture) == ["y = 'no'", "y = 'yes'", 'boundary']


def test_the_original_worksheets_picture(no_show, tmp_path):
    model = exam_model()
    x1 = no_show.SR.var('x1')
    picture = model.data.plot() + no_show.plot(model.boundary(x1), (x1, 30, 100))
    assert kinds(picture) == ['Point', 'Point', 'Line']
    image = pixels(picture, tmp_path / 'picture.png', figsize=5)
    assert count(image, RED) > 100 and count(image, BLUE) > 100


def test_pixels_of_the_data(no_show, tmp_path):
    image = pixels(ex2data1().plot(), tmp_path / 'data.png')
    assert count(image, RED) > 500
    assert count(image, BLUE) > 300
    assert count(image, GREEN) == 0


def test_pixels_of_the_model(no_show, tmp_path):
    image = pixels(exam_model().plot(color='green', thickness=3), tmp_path / 'model.png')
    assert count(image, RED) > 500
    assert count(image, BLUE) > 300
    assert count(image, GREEN) > 500
    # the line falls from the left upper corner to the right lower one; the legend stands apart from it
    rows, columns = numpy.nonzero(abs(image - GREEN).max(axis=2) < 30)
    left, right = columns < numpy.quantile(columns, 0.2), columns > numpy.quantile(columns, 0.8)
    assert numpy.median(rows[left]) < numpy.median(rows[right])


def test_saved_in_other_formats(no_show, tmp_path):
    for ending, first in (('pdf', b'%PDF'), ('svg', b'<?xml')):
        path = tmp_path / f'model.{ending}'
        exam_model().plot().save(str(path))
        assert path.read_bytes().startswith(first)


def test_options_are_forwarded(no_show, tmp_path):
    data, model = ex2data1(), exam_model()
    small, large = (pixels(data.plot(size=size), tmp_path / f'{size}.png') for size in (5, 60))
    assert count(large, RED) > 3 * count(small, RED)

    # 100 dots an inch; what stands out of the frame at a side may add some, a margin that is left empty is cut off
    for picture in (data.plot(figsize=[4, 3]), model.plot(figsize=[4, 3])):
        height, width, _ = pixels(picture, tmp_path / 'figsize.png').shape
        assert 280 <= height < 350 and 380 <= width < 450
    for name in ('color', 'rgbcolor'):
        image = pixels(data.plot(**{name: 'orange'}), tmp_path / 'color.png')
        assert count(image, ORANGE) > 800 and count(image, RED) == count(image, BLUE) == 0
        image = pixels(model.plot(**{name: 'orange'}, thickness=3), tmp_path / 'color.png')
        assert count(image, ORANGE) > 300 and count(image, RED) > 500

    picture = model.plot(point_options={'size': 60, 'marker': 's'}, linestyle='--', title='Exams', legend_label='w')
    assert [primitive.options().get('size') for primitive in picture] == [60, 60, None]
    assert [primitive.options().get('marker') for primitive in picture] == ['s', 's', None]
    assert picture[2].options()['linestyle'] == '--'
    assert legend_texts(picture)[2] == 'w'
    assert kinds(picture) == ['Point', 'Point', 'Line']
    assert picture.matplotlib(title='Exams').axes[0].get_title() == 'Exams'


def frame_of(points):
    # five per cent around the points
    low, high = points.min(axis=0), points.max(axis=0)
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


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
    low, high = frame_of(data.points)
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
    low, high = frame_of(ex2data1().points)
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
    assert count(pixels(picture, tmp_path / 'picture.png'), RED) > 20


def test_one_variable(no_show, tmp_path):
    data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]], variables='hours')
    model = LogisticModel(data, numpy.array([-2.5, 1]))
    points = data.plot()
    assert [(list(cloud.xdata), list(cloud.ydata)) for cloud in points] == [([1, 3], [0, 0]), ([2, 4], [1, 1])]
    picture = model.plot(color='green')
    assert kinds(picture) == ['Point', 'Point', 'Line', 'Line']
    assert axes_labels(picture) == ['hours', 'y']
    # the boundary, upright
    assert list(picture[3].xdata) == pytest.approx([2.5] * 3)
    x, y = numpy.array(picture[2].xdata), numpy.array(picture[2].ydata)
    numpy.testing.assert_allclose(y, sigmoid(x - 2.5), rtol=1e-12)
    image = pixels(picture, tmp_path / 'picture.png')
    assert min(count(image, RED), count(image, BLUE), count(image, GREEN)) > 20


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
    assert count(image, GREEN) > 100
    # as above, a margin that is left empty is cut off
    assert 280 <= image.shape[0] < 350 and 380 <= image.shape[1] < 450


def test_reading_a_model():
    model = gradient_descent(ex2data1(), iterations=1000)
    assert repr(model) == ('Logistic model in x1, x2 by gradient_descent: 1000 iterations, cost 0.624986, '
                           'largest gradient entry 0.0692')
    assert repr(stochastic_gradient_descent(ex2data1(), epochs=1)).startswith(
        'Logistic model in x1, x2 by stochastic_gradient_descent: 1 epoch, cost ')
    assert all(getattr(LogisticModel, name).__doc__ for name in dir(LogisticModel) if not name.startswith('_'))


@pytest.mark.parametrize('first', ['model.plot()', 'model.certified()', 'separation(data).multipliers()', 'model.covariance()',
                                   'model.summary()', 'model.roc()', 'separation([[1, 0], [2, 1]]).vector()',
                                   'maximum_likelihood(ex2data1()).plot3d()', 'model.animate()', 'model.plot_cost_surface()',
                                   'load_data([[1, 0], [2, 1]], features=["log(x1)*heaviside(x1)"])'])
def test_in_plain_python_anything_may_come_first(first):
    pytest.importorskip('sage')
    # Sage's modules depend on the order in which they are loaded, outside of a running Sage
    code = ('from sage_logreg import *; data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]]); '
            f'model = maximum_likelihood(data); {first}; model.plot().matplotlib(); separation(data).multipliers()')
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
