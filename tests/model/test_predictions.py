r"""
What a model answers: predictions, costs and counts, against NumPy and scikit-learn.
"""
import warnings

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import LogisticModel, ex2data1, gradient_descent, load_data, stochastic_gradient_descent

from helpers import ESTIMATE, exam_model, model_of, sigmoid

few = settings(deadline=None, max_examples=20)


def table_of(matrix):
    # a Sage matrix or, without Sage, an array
    return [[int(entry) for entry in row] for row in matrix]


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


@pytest.mark.lanes
def test_a_single_sage_point(sage):
    model = model_of([-2, 1, 1])
    assert model.predict(sage.vector([1/sage.Integer(2), sage.sqrt(2)])) == 0
    assert model.predict([sage.pi, 0]) == 1


WRONG_POINTS = [
    ([1, 2, 3], ValueError, 'the point has 3 numbers; expected 2 (x1, x2)'),
    ([[1, 2, 3]], ValueError, 'the points have 3 columns; expected 2 (x1, x2)'),
    (numpy.zeros((4, 1)), ValueError, 'the points have 1 column; expected 2 (x1, x2)'),
    ([[1, 2], [3]], ValueError, 'the rows, row 2 has 1 columns; expected 2 as in row 1'),
    ([[1, 2], [3, 'a']], ValueError, "the rows, row 2, column 2: 'a' is not a number; expected a number, as in the rest of column 2, "
     'or the column in categorical='),
    ([[1, 'b'], [3, 'a']], ValueError, "the rows, row 1, column 2: 'b' is not a number; expected numbers, as in the model's data"),
    ([1, 'a'], ValueError, "the point, row 1, column 2: 'a' is not a number; expected numbers, as in the model's data"),
    ([[1, 2], [float('nan'), 4]], ValueError, "the rows, row 2, column 1: the value is missing (in all: 1 in column 1); expected none, or "
     "missing='drop', which drops the 1 row that has any"),
    (numpy.array([[1, 2j]]), ValueError, 'the array, row 1, column 1: (1+0j) is not a real number'),
    (7, TypeError, '7 is not a point; expected 2 numbers (x1, x2), or a table of them'),
    (None, TypeError, 'None is not a point; expected 2 numbers (x1, x2), or a table of them'),
    ('34,78', FileNotFoundError, '34,78: there is no such file'),
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
    for count in (model_of([0, 1]).accuracy, model_of([0, 1]).confusion_matrix):
        with pytest.raises(ValueError, match='^threshold = 1.5; expected a real number at least 0 and at most 1$'):
            count(threshold=1.5)


@few
@given(seed=st.integers(0, 10**6), threshold=st.sampled_from([0.5, 0, 0.2, 0.75, 1]))
def test_accuracy_and_confusion_matrix(seed, threshold):
    metrics = pytest.importorskip('sklearn.metrics')
    random = numpy.random.RandomState(seed)
    data = ex2data1()
    model = exam_model(ESTIMATE + [random.normal() * 5, 0, 0])
    predicted = model.predict(data, threshold)
    counts = metrics.confusion_matrix(data.labels, predicted).tolist()
    assert table_of(model.confusion_matrix(threshold=threshold)) == counts
    assert float(model.accuracy(threshold=threshold)) == metrics.accuracy_score(data.labels, predicted)
    # other data of the same kind
    other = load_data((data.points[30:60], data.labels[30:60]))
    predicted = model.predict(other)
    assert table_of(model.confusion_matrix(other)) == metrics.confusion_matrix(
        other.labels, predicted).tolist()
    assert float(model.accuracy(other)) == metrics.accuracy_score(other.labels, predicted)
    assert float(model.accuracy((other.points, other.labels))) == float(model.accuracy(other))


@pytest.mark.lanes
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
        assert str(caught.value) == 'the points have 2 columns; expected 1 (x1)'


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


@pytest.mark.lanes
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


def test_reading_a_model():
    model = gradient_descent(ex2data1(), iterations=1000)
    assert repr(model) == ('Logistic model in x1, x2 by gradient_descent: 1000 iterations, cost 0.624986, '
                           'largest gradient entry 0.0692')
    assert repr(stochastic_gradient_descent(ex2data1(), epochs=1)).startswith(
        'Logistic model in x1, x2 by stochastic_gradient_descent: 1 epoch, cost ')
    assert all(getattr(LogisticModel, name).__doc__ for name in dir(LogisticModel) if not name.startswith('_'))


# Thresholds

def sage_thresholds():
    sage = pytest.importorskip('sage.all')
    for kind in (sage.QQ, sage.RDF, sage.RealField(100), sage.SR, sage.AA):
        yield from (kind(sage.QQ(number) / 4) for number in range(5))
    yield from (sage.pi / 4, sage.sqrt(2) / 2, sage.ZZ(1))


@pytest.mark.lanes
@pytest.mark.parametrize('thresholds', [
    lambda: [0, 0.25, 0.5, 0.75, 1, numpy.float64(0.25), numpy.int64(1)], sage_thresholds], ids=['Python', 'Sage'])
def test_counts_at_every_threshold(thresholds):
    # log-odds 0, log 3, -log 3 and far out, where the probability is 0 and 1 as a float
    log3 = numpy.log(3.0)
    points = numpy.array([0, log3, -log3, 800, -800, 1, 0, -1])
    labels = numpy.array([0, 1, 0, 1, 0, 0, 1, 1])
    model = model_of([0, 1])
    probabilities = numpy.array(model.probability(points), dtype=float)
    for threshold in thresholds():
        ones = probabilities >= float(threshold)
        expected = [[int(((labels == i) & (ones == j)).sum()) for j in (0, 1)] for i in (0, 1)]
        data = load_data((points, labels))
        assert table_of(model.confusion_matrix(data, threshold=threshold)) == expected
        assert float(model.accuracy(data, threshold=threshold)) == (labels == ones).mean()
        assert model.predict(points, threshold=threshold) == ones.astype(int).tolist()


def test_a_point_just_at_the_threshold_counts_as_one():
    model, data = model_of([0, 1]), load_data([[0, 1], [-1e-15, 0], [1e-15, 1], [-1, 0]])
    assert table_of(model.confusion_matrix(data, threshold=0.5)) == [[2, 0], [0, 2]]
    assert table_of(model.confusion_matrix(data, threshold=numpy.nextafter(0.5, 1))) == [[2, 0], [1, 1]]
    assert table_of(model.confusion_matrix(data, threshold=0)) == [[0, 2], [0, 2]]
    assert table_of(model.confusion_matrix(data, threshold=1)) == [[2, 0], [2, 0]]


def test_weights_are_counted_at_a_threshold():
    data = load_data([[0, 1], [1, 0], [-1, 0], [2, 1]], weights=[1, 2, 4, 8])
    model = LogisticModel(data, numpy.array([0.0, 1.0]))
    assert table_of(model.confusion_matrix(threshold=0.7)) == [[4, 2], [1, 8]]
    assert float(model.accuracy(threshold=0.7)) == 12 / 15


@pytest.mark.parametrize('threshold', [-0.1, 1.1, float('nan'), float('inf'), True, None, '0.5', [0.5], 1j])
def test_a_wrong_threshold_is_named(threshold):
    model = exam_model()
    for ask in (model.accuracy, model.confusion_matrix, lambda threshold: model.predict([1, 1], threshold)):
        with pytest.raises((TypeError, ValueError), match='^threshold = .*; expected a real number at least 0 and at most 1$'):
            ask(threshold=threshold)
