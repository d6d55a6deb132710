"""
The calibration curve.
"""
import numpy
import pytest

from sage_logreg import ex2data1, maximum_likelihood

from helpers import array, axes_labels, drawn, kinds, legend_texts

pytest.importorskip('sage.all')


def test_intervals_and_points_are_those_of_the_table():
    model = maximum_likelihood(ex2data1())
    picture, found = model.plot_calibration(groups=5, level=0.8), model.calibration(groups=5, level=0.8)
    assert kinds(picture) == ['Line', *5 * ['Line'], *5 * ['Point']]
    # equal, as dashed
    assert drawn(picture[0]).tolist() == [[0, 0], [1, 1]] and picture[0].options()['linestyle'] == '--'
    for place, (mean, part, interval, _) in enumerate(found.rows()):
        assert drawn(picture[1 + place]).tolist() == [[mean, interval[0]], [mean, interval[1]]]
        assert (list(picture[6 + place].xdata), list(picture[6 + place].ydata)) == ([mean], [part])
    assert legend_texts(picture) == ['y = 1, 80% interval'] and len(axes_labels(picture)) == 2


def test_larger_groups_are_larger_points():
    picture = maximum_likelihood(([[1], [2], [3], [4]], [1, 4, 6, 9], [10, 100, 10, 50])).plot_calibration()
    sizes = [primitive.options()['size'] for primitive in picture[5:]]
    assert sizes[1] > sizes[3] > sizes[0] == sizes[2]


def test_options_and_other_data():
    model, data = maximum_likelihood(ex2data1()), ex2data1().take(slice(50))
    picture = model.plot_calibration(data=data, groups=3, color='green', size=7, title='other')
    assert all(primitive.options()['rgbcolor'] == 'green' for primitive in picture[1:]) and picture[5].options()['size'] == 7
    assert numpy.isclose(array([point.xdata[0] for point in picture[4:]]), array(model.calibration(3, data=data)['mean probability'])).all()
