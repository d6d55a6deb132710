r"""
Joint confidence regions of two weights, drawn: their borders beside likelihood-ratio tests, by other means
"""
import numpy
import pytest
from scipy.special import chdtri, expit

from sage_logreg import gradient_descent, maximum_likelihood

pytest.importorskip('sage.all')


def points(rows=50, classes=2):
    random = numpy.random.default_rng(12)
    x = random.normal(size=(rows, 2)) * [1, 20] + [3, 50]
    return x, (random.random((classes - 1, rows)) < expit(x @ [0.6, 0.01] - 2.3)).sum(axis=0)


def border(picture, place=1):
    return numpy.column_stack([picture[place].xdata, picture[place].ydata])


def cost(x, y, w):
    z = w[0] + x @ w[1:]
    return float(numpy.logaddexp(0, z).sum() - y @ z)


def lowest(x, y, fixed):
    # twice the rise to the minimum over the one weight that is left, by bisection of the derivative
    free, = {0, 1, 2} - set(fixed)
    columns = numpy.column_stack([numpy.ones(len(x)), x])
    w = numpy.zeros(3)
    for j, value in fixed.items():
        w[j] = value
    low, high = -200.0, 200.0
    for _ in range(200):
        w[free] = (low + high) / 2
        slope = columns[:, free] @ (expit(columns @ w) - y)
        low, high = (w[free], high) if slope < 0 else (low, w[free])
    return cost(x, y, w)


@pytest.mark.parametrize('pair', [(1, 2), (0, 1), (2, 0)])
def test_border_is_where_the_likelihood_ratio_says(pair):
    x, y = points()
    model = maximum_likelihood((x, y))
    names, least = model.weight_names(), cost(x, y, numpy.array([float(weight) for weight in model.weights()]))
    picture = model.plot_confidence_region(names[pair[0]], pair[1], level=[0.8, 0.95])
    for place, level in ((1, 0.8), (3, 0.95)):
        found = [2 * (lowest(x, y, dict(zip(pair, there))) - least) for there in border(picture, place)[::18].tolist()]
        numpy.testing.assert_allclose(found, chdtri(2, 1 - level), rtol=1e-7)
        assert border(picture, place)[0].tolist() == border(picture, place)[-1].tolist()


def test_ellipse_is_wald_s():
    x, y = points()
    model = maximum_likelihood((x, y))
    covariance = numpy.array([[float(number) for number in row] for row in model.covariance()])[1:, 1:]
    away = border(model.plot_confidence_region('x1', 'x2'), 0) - [float(weight) for weight in model.weights()][1:]
    numpy.testing.assert_allclose(numpy.einsum('ij,jk,ik->i', away, numpy.linalg.inv(covariance), away), chdtri(2, 0.05), rtol=1e-9)


def test_one_variable_has_nothing_else_to_estimate():
    x, y = points()
    x = x[:, :1]
    model = maximum_likelihood((x, y))
    least = cost(x, y, numpy.array([float(weight) for weight in model.weights()]))
    rises = [2 * (cost(x, y, there) - least) for there in border(model.plot_confidence_region('bias', 'x1'))]
    numpy.testing.assert_allclose(rises, chdtri(2, 0.05), rtol=1e-7)


def test_of_more_classes_it_is_of_differences():
    x, y = points(90, 3)
    model = maximum_likelihood((x, y))
    one, other = (model.plot_confidence_region('x1', 'x2', label=label, baseline=baseline) for label, baseline in ((2, 0), (0, 2)))
    assert one._extra_kwds['axes_labels'][0].replace('\n', ' ') == 'weight of x1 (y = 2 against y = 0)'
    ends = [numpy.array([border(picture).min(axis=0), border(picture).max(axis=0)]) for picture in (one, other)]
    # as many points, on other rays
    numpy.testing.assert_allclose(ends[0], -ends[1][::-1], rtol=1e-2)
    estimate = [float(weight) for weight in model.weights(baseline=0)[2]][1:]
    numpy.testing.assert_allclose([one[2].xdata[0], one[2].ydata[0]], estimate, rtol=1e-9)


def test_what_has_no_region():
    x, y = points()
    model = maximum_likelihood((x, y))
    for options, sentence in [({'label': 1}, 'label and baseline are of more than two classes'), ({'level': []}, 'level has 0 entries'),
                              ({'level': [0.5, 2]}, r'level\[1\] = 2; expected'), ({'fill': 7}, 'fill is no option of this picture')]:
        with pytest.raises((TypeError, ValueError), match=sentence):
            model.plot_confidence_region('x1', 'x2', **options)
    for other, sentence in [(gradient_descent((x, y), iterations=0), 'confidence regions are of an estimate, and the weights'),
                            (maximum_likelihood((x, y), l2=1), 'confidence regions are of an estimate by the likelihood alone')]:
        with pytest.raises(ValueError, match=sentence):
            other.plot_confidence_region('x1', 'x2')
    x, y = points(90, 3)
    with pytest.raises(ValueError, match='confidence regions are of one class against another; expected label=1 or 2, of those against y = 0'):
        maximum_likelihood((x, y)).plot_confidence_region('x1', 'x2')
