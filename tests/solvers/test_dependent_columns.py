r"""
Columns that depend on each other, and too few rows.
"""
import math
from fractions import Fraction

import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood

from helpers import OVERLAPPING, close, fitted

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# Columns that depend on each other, and too few rows

def at_most(count):
    def callback(step, cost, weights):
        assert step < count, f'{count} steps'
    return callback


@pytest.mark.parametrize('columns, message', [
    (lambda p: numpy.column_stack([p, p[:, 0]]), 'the columns x1 and x3 are equal'),
    (lambda p: numpy.column_stack([p, numpy.full(len(p), 3.0)]), 'the column x3 is constant (3.0)'),
    (lambda p: numpy.column_stack([p, numpy.zeros(len(p))]), 'the column x3 is constant (0.0)'),
    (lambda p: numpy.column_stack([p, numpy.full(len(p), 0.1)]), 'the column x3 is constant (0.1)'),
    (lambda p: numpy.column_stack([p, 4 * p[:, 1]]), 'the columns x2 and x3 are linearly dependent: x3 = 4*x2'),
    (lambda p: numpy.column_stack([p[:, 0] > 0, p[:, 0] <= 0, p[:, 1]]).astype(float),
     'the columns x1, x2 and the bias')])
@pytest.mark.parametrize('bias_reduced', [False, True])
def test_dependent_columns(columns, message, bias_reduced):
    points, labels = OVERLAPPING
    with pytest.raises(ValueError) as caught:
        maximum_likelihood((columns(points), labels), bias_reduced=bias_reduced, callback=at_most(200))
    assert message in str(caught.value)


@pytest.mark.parametrize('width', [12, 13, 20])
@pytest.mark.parametrize('bias_reduced', [False, True])
def test_more_columns_than_rows(width, bias_reduced):
    random = numpy.random.RandomState(0)
    data = random.normal(size=(12, width)), numpy.arange(12) % 2.0
    with pytest.raises(ValueError) as caught:
        maximum_likelihood(data, bias_reduced=bias_reduced, callback=at_most(200))
    names = ', '.join(f'x{j + 1}' for j in range(width))
    assert f'the columns {names} and the bias are more than the 12 rows; set a penalty l2, leave columns out' in str(caught.value)


@pytest.mark.filterwarnings('always::RuntimeWarning')
def test_columns_that_depend_but_for_rounding(recwarn):
    # a total that a spreadsheet has computed; in QQ, on the floats, it is independent
    points, labels = OVERLAPPING
    try:
        maximum_likelihood((numpy.column_stack([points, 0.1 * points[:, 0] + 0.3 * points[:, 1]]), labels))
    except ValueError as error:
        assert 'x1' in str(error)
    else:
        assert any('x1' in str(warning.message) for warning in recwarn.list)


def test_columns_are_called_by_their_names():
    data = load_data([[1, 1, 0], [2, 2, 1], [3, 3, 0], [5, 5, 1]], variables='height, weight')
    with pytest.raises(ValueError, match='height and weight are equal'):
        maximum_likelihood(data)


def test_columns_that_depend_where_the_weights_are():
    points, labels = OVERLAPPING
    column = numpy.where(numpy.arange(len(labels)) == 7, 1.0, 0.0)
    data = numpy.column_stack([points, column]), labels
    with pytest.raises(ValueError, match='the column x3 is constant'):
        maximum_likelihood(data, weights=1 - column)


def test_saturated():
    # as many weights as points, and both labels at every point
    model = fitted(([[0, 0], [1, 0], [0, 1]], [3, 5, 2], [10, 10, 10]))
    logit = [math.log(s / (10 - s)) for s in (3, 5, 2)]
    close(model.weights(), [logit[0], logit[1] - logit[0], logit[2] - logit[0]], 1e-12)


@pytest.mark.filterwarnings('default::RuntimeWarning')
@pytest.mark.parametrize('options', [{}, {'initial': [0, 0]}, {'initial': [0.1, 0.1]}, {'bias_reduced': True}])
@pytest.mark.parametrize('number', [lambda i: 2**60 + i, lambda i: Fraction(1, 10) + Fraction(i, 10**30)])
def test_a_column_that_is_constant_as_floats(number, options):
    # the mean of equal floats need not be one of them
    with pytest.warns(RuntimeWarning) as caught:
        model = maximum_likelihood([[number(i), i % 2] for i in range(6)], **options)
    said = [str(warning.message) for warning in caught]
    assert any('numbers that are the same float' in text for text in said)
    assert said[-1] == 'maximum_likelihood: the column x1 is constant as floats, so that its weight cannot be told'
    assert not model.converged() and 'x1' in repr(model)


@pytest.mark.filterwarnings('ignore:training takes floats')
def test_columns_that_are_constant_as_floats_beside_others():
    rows = [[2**60 + i, x, Fraction(1, 3) + Fraction(i * i, 10**30), i % 2]
            for i, x in enumerate([0, 3, 1, 4, 5, 2])]
    with pytest.warns(RuntimeWarning) as caught:
        assert not maximum_likelihood(rows, bias_reduced=True).converged()
    assert 'the columns x1, x3 are constant as floats, so that their weights cannot be told' in str(caught[-1].message)
    # beyond 2^53 a number is rounded where it is loaded, and then merged with others
    with pytest.warns(RuntimeWarning, match='same float'), pytest.warns(RuntimeWarning, match='beyond 2\\^53'):
        assert maximum_likelihood(rows, l2=1).converged()
