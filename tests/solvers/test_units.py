r"""
The estimate in other units, number types and layouts.
"""
import warnings

import mpmath
import numpy
import pytest
from scipy import special

from sage_logreg import load_data

from helpers import Exact, OVERLAPPING, array, check_exactly, close, everything, fitted, summary_rows

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# Units

@pytest.mark.parametrize('shift, scale', [(2010, 1), (0, 1e-8), (0, 1e8), (3e4, 1e-3), (-1e6, 10), (5e-7, 1e-8)])
@pytest.mark.parametrize('l2', [0, 3])
def test_scaled_and_shifted_columns(shift, scale, l2):
    points, labels = OVERLAPPING
    # the first column in other units; what is compared with is the rounded column, taken back exactly
    column = points[:, 0] * scale + shift
    moved = numpy.column_stack([column, points[:, 1]])
    model = fitted((moved, labels), l2=l2)
    exact = Exact(moved, labels, l2)
    w = exact.estimate(array(model.weights()))
    close(model.weights(), w, 1e-9)
    covariance = mpmath.inverse(exact.information(w))
    close(model.standard_errors(), [mpmath.sqrt(covariance[j, j]) for j in range(3)], 1e-9)
    close(model.log_likelihood(), exact.log_likelihood(w), 1e-12)


def test_years():
    random = numpy.random.RandomState(2)
    years = random.randint(2000, 2021, 200).astype(float)
    labels = (random.uniform(size=200) < special.expit(0.3 * (years - 2008))).astype(float)
    model, near = fitted((years[:, None], labels)), fitted((years[:, None] - 2010, labels))
    check_exactly(model, Exact(years[:, None], labels), rtol=1e-11, errors_rtol=1e-9)
    close(array(model.weights())[1], array(near.weights())[1], 1e-11)
    close(array(model.weights())[0], array(near.weights())[0] - 2010 * array(near.weights())[1], 1e-11)
    close(model.confidence_intervals(method='profile')[1], near.confidence_intervals(method='profile')[1], 1e-9)


@pytest.mark.parametrize('exponents', [(498, -498), (-498, 498), (-1, 1), (300, 301)])
def test_powers_of_two_change_no_bit(exponents):
    points, labels = OVERLAPPING
    one, factors = fitted((points, labels)), 2.0**numpy.array(exponents)
    two = fitted((points * factors, labels))
    assert (array(two.weights())[1:] * factors == array(one.weights())[1:]).all()
    assert (array(two.weights())[0] == array(one.weights())[0]).all()
    close(array(two.standard_errors()) * [1, *factors], one.standard_errors(), 1e-13)
    close(two.z_values(), one.z_values(), 1e-13)
    close([two.log_likelihood(), two.area_under_curve(), two.likelihood_ratio_test(['x1']).statistic],
          [one.log_likelihood(), one.area_under_curve(), one.likelihood_ratio_test(['x1']).statistic], 1e-12)
    close(array(two.confidence_intervals(method='profile'))[1:] * factors[:, None],
          array(one.confidence_intervals(method='profile'))[1:], 1e-9)
    assert [row[-1] for row in summary_rows(two)[1:3]] == [row[-1] for row in summary_rows(one)[1:3]]


@pytest.mark.parametrize('exponent', [
    -1000,
    -540,
    540,
    1000])
def test_numbers_whose_squares_leave_float64(exponent):
    points, labels = OVERLAPPING
    one, two = fitted((points, labels)), fitted((points * 2.0**exponent, labels))
    close(array(two.weights())[1:] * 2.0**exponent, array(one.weights())[1:], 1e-12)


def test_standard_errors_of_numbers_whose_squares_leave_float64():
    points, labels = OVERLAPPING
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        two = fitted((points * 2.0**600, labels))
        close(array(two.standard_errors())[1:] * 2.0**600, array(fitted((points, labels)).standard_errors())[1:], 1e-12)


def test_l2_and_a_tiny_column():
    points, labels = OVERLAPPING
    model = fitted((points * [1, 1e-160], labels), l2=1)
    # the penalty keeps the weight of the tiny column so small that the column is as good as absent
    close(array(model.weights())[:2], array(fitted((points[:, :1], labels), l2=1).weights()), 1e-12)


def test_one_far_point():
    # the scale is the far point's, and yet the digits of the others are right
    points, labels = OVERLAPPING
    for far in (1e3, 1e6, 1e9):
        column = points.copy()
        column[0, 0] = -far if labels[0] == 1 else far
        check_exactly(fitted((column, labels)), Exact(column, labels), rtol=1e-9, errors_rtol=1e-8)


def test_float32_points():
    points, labels = OVERLAPPING
    data = load_data((points, labels), dtype='float32')
    same = load_data((data.points.astype(numpy.float64), labels))
    one, two = fitted(data), fitted(same)
    close(one.weights(), two.weights(), 1e-13)
    close(one.standard_errors(), two.standard_errors(), 1e-13)
    close([one.log_likelihood(), one.area_under_curve()], [two.log_likelihood(), two.area_under_curve()], 1e-13)
    check_exactly(one, Exact(same.points, labels))


def test_float32_points_say_that_the_gradient_is_zero():
    points, labels = OVERLAPPING
    model = fitted(load_data((points + 50, labels), dtype='float32'))
    assert abs(array(model.gradient())).max() < 1e-10


@pytest.mark.parametrize('change', [numpy.asfortranarray, lambda points: numpy.repeat(points, 2, axis=1)[:, ::2],
                                    lambda points: points[::-1][::-1], lambda points: points.astype('>f8')])
def test_arrays_as_they_lie_in_memory(change):
    points, labels = OVERLAPPING
    assert (array(fitted((change(points), labels)).weights()) == array(fitted((points, labels)).weights())).all()


def test_arguments_stay_as_they_are():
    points, labels = (part.copy() for part in OVERLAPPING)
    weights, offset = numpy.linspace(1, 2, len(labels)), numpy.linspace(-1, 1, len(labels))
    before = [part.copy() for part in (points, labels, weights, offset)]
    model = fitted((points, labels), weights=weights, offset=offset)
    first = everything(model)
    for part, old in zip((points, labels, weights, offset), before):
        assert (part == old).all()
    # nor does the model change with them
    weights[:], offset[:] = 7, 7
    assert (everything(model) == first).all()
