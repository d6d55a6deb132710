r"""
Some rows of data, and the data of some classes.
"""
from importlib.util import find_spec

import numpy
import pytest

from sage_logreg import certified_maximum_likelihood, digits, ex2data1, gradient_descent, load_data, maximum_likelihood, separation

WITHOUT_SAGE = find_spec('sage') is None
THREE = [[1, 2, 'a'], [2, 1, 'b'], [3, 1, 'a'], [1, 1, 'b'], [2, 2, 'b'], [0, 3, 'a'], [0, 0, 'b'], [5, 5, 'c'], [6, 5, 'c']]


@pytest.mark.parametrize('rows, expected', [
    (slice(2, 6, 2), [2, 4]), ([5, 0], [5, 0]), ((-1,), [99]), (range(3), [0, 1, 2]), (numpy.arange(3, dtype='uint8'), [0, 1, 2]),
    ([2.0], [2]), (numpy.arange(100) == 7, [7]), ([], [])])
def test_rows(rows, expected):
    data = ex2data1()
    taken = data.take(rows)
    assert taken.row_numbers.tolist() == expected and (taken.points == data.points[expected]).all()


@pytest.mark.parametrize('rows, kind, said', [
    ([1000], ValueError, r'rows\[0\] = 1000; expected a whole number from -100 to 99'),
    ([0, -101], ValueError, r'rows\[1\] = -101; expected a whole number from -100 to 99'),
    (numpy.array([100]), ValueError, r'rows\[0\] = 100; expected a whole number from -100 to 99'),
    ([1.5], ValueError, r'rows\[0\] = 1.5; expected a whole number from -100 to 99'),
    (['x'], TypeError, r"rows\[0\] = 'x'; expected a whole number from -100 to 99"),
    ([True], ValueError, 'rows has 1 truth values; expected a slice, a list of row numbers, or 100 truth values'),
    (3, TypeError, 'rows = 3; expected a slice, a list of row numbers, or 100 truth values'),
    ('abc', TypeError, "rows = 'abc'; expected a slice")])
def test_rows_that_are_none(rows, kind, said):
    with pytest.raises(kind, match=said):
        ex2data1().take(rows)


def test_classes_without_rows_are_left_out():
    data = digits()
    some = data.take(data.labels < 2)
    assert some.classes == 10
    two = some.of_classes()
    assert two.label_names == (0, 1) and len(two) == len(some) and two == data.of_classes(0, 1)
    assert float(maximum_likelihood(two, l2=1).accuracy()) == 1.0


@pytest.mark.parametrize('train', [
    lambda data: maximum_likelihood(data), lambda data: maximum_likelihood(data, l2=1),
    pytest.param(lambda data: certified_maximum_likelihood(data, digits=5, l2=1), marks=pytest.mark.skipif(WITHOUT_SAGE, reason='no Sage'))])
def test_estimates_say_which_classes_have_no_rows(train):
    data = load_data(THREE, label=-1)
    with pytest.raises(ValueError, match="with y = 'b', 'c'; expected some of each of the 3 classes, or of_classes"):
        train(data.take([0, 2, 5]))


def test_classes_without_rows_come_apart_from_the_others():
    data = load_data(THREE, label=-1)
    some = data.take(data.labels < 2)
    answer = separation(some)
    assert (WITHOUT_SAGE or answer.check()) and "'a', 'b' come apart from 'c'" in str(answer)
    with pytest.warns(RuntimeWarning, match='separation of the classes, so that there is no minimum'):
        gradient_descent(some, iterations=20, learning_rate=0.1)
    # a model of all classes takes them as other data
    assert [list(row) for row in maximum_likelihood(data, l2=1).confusion_matrix(some)][2] == [0, 0, 0]


def test_offsets_and_weights_of_some_classes():
    offset = numpy.arange(27.0).reshape(9, 3)**2
    data = load_data(THREE, label=-1, offset=offset, weights=numpy.arange(1, 10))
    two = data.of_classes('c', 'a')
    rows = [0, 2, 5, 7, 8]
    assert two.label_names == ('c', 'a') and two.labels.tolist() == [1, 1, 1, 0, 0]
    assert two.offset.tolist() == (offset[rows, 0] - offset[rows, 2]).tolist() and two.weights.tolist() == [1, 3, 6, 8, 9]
    turned = two.of_classes('a', 'c')
    assert turned.offset.tolist() == (-two.offset).tolist() and turned.labels.tolist() == [0, 0, 0, 1, 1]
    mixed = data.of_classes('b', 'c', 'a')
    assert mixed.offset.tolist() == offset[:, [1, 2, 0]].tolist() and mixed.labels.tolist() == [2, 0, 2, 0, 0, 2, 0, 1, 1]
    assert data.of_classes() is data


@pytest.mark.parametrize('labels, said', [
    (['a'], "there is one class, y = 'a'; expected at least two different labels"),
    (['a', 'a'], "y = 'a' is given twice"), (['a', 'd'], "'d' is no label of the data; expected 'a' or 'b' or 'c'")])
def test_classes_that_are_refused(labels, said):
    with pytest.raises(ValueError, match=said):
        load_data(THREE, label=-1).of_classes(*labels)
