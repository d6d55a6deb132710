r"""
The ROC curve and the area under it.
"""
import itertools

import numpy
import pytest
from scipy import special

from sage_logreg import gradient_descent, maximum_likelihood

from helpers import OVERLAPPING, array, close, design, fitted

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# The ROC curve

@pytest.mark.parametrize('seed, weighted, shifted', list(itertools.product([0, 1], [False, True], [False, True])))
def test_area_is_that_of_all_pairs(seed, weighted, shifted):
    random = numpy.random.RandomState(seed)
    # few different points: many ties
    points = random.randint(0, 3, size=(90, 2)).astype(float)
    labels = (random.uniform(size=90) < special.expit(points[:, 0] - 1)).astype(float)
    weights = random.randint(0, 4, 90).astype(float) if weighted else numpy.ones(90)
    offset = random.randint(0, 2, 90).astype(float) if shifted else numpy.zeros(90)
    model = fitted((points, labels), weights=weights, offset=offset)
    # ties by the points themselves, not by rounded log-odds
    keys = [tuple(row) for row in numpy.column_stack([points, offset])]
    z = dict(zip(keys, design(points) @ array(model.weights()) + offset))
    favourable = total = 0.0
    for i, j in itertools.product(numpy.flatnonzero(labels == 1), numpy.flatnonzero(labels == 0)):
        pair = weights[i] * weights[j]
        total += pair
        favourable += pair * (0.5 if keys[i] == keys[j] else float(z[keys[i]] > z[keys[j]]))
    close(model.area_under_curve(), favourable / total, 1e-12)


def test_area_of_models_that_tell_all_or_nothing():
    rows = [[1, 0], [2, 0], [3, 1], [4, 1]]
    assert maximum_likelihood(rows, bias_reduced=True).area_under_curve() == 1
    assert gradient_descent(rows, iterations=0).area_under_curve() == 0.5
    assert gradient_descent(rows, initial=[0, -1], iterations=0).area_under_curve() == 0


def test_roc():
    pytest.importorskip('sage.plot.graphics')
    model = fitted(OVERLAPPING)
    picture = model.roc(color='green')
    assert len(picture) == 2
    curve = picture[1]
    x, y = numpy.array(curve.xdata), numpy.array(curve.ydata)
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1) and (numpy.diff(x) >= 0).all() and (numpy.diff(y) >= 0).all()
    area = float(numpy.sum(numpy.diff(x) * (y[1:] + y[:-1])) / 2)
    close(area, model.area_under_curve(), 1e-12)
    assert curve.options()['legend_label'] == f'area {area:.3f}'
