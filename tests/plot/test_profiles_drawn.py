"""Profiles of the likelihood as pictures: what they show, against R and against intervals"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

import matplotlib.style  # noqa: E402

from sage_logreg import ex2data1, load_data, maximum_likelihood  # noqa: E402

TREND = ([[0, 1], [1, 1], [2, 3], [3, 1], [4, 1], [0, 2]], [1, 1, 4, 3, 5, 0], [5, 5, 6, 5, 6, 2])
CLASSES = [[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']]


def drawn(picture):
    """The curve of the profile, the parabola, and the marks at the ends of the interval."""
    parabola, profile = picture[0], picture[len(picture) - 1]
    marks = [primitive for primitive in picture if type(primitive).__name__ == 'Point']
    return [numpy.array([one.xdata, one.ydata], dtype=float) for one in [profile, parabola, *marks]]


def test_the_profile_is_that_of_r():
    # R 4.2.2: f <- function(b) logLik(glm(cbind(s, n - s) ~ z + offset(b * x), binomial, control = glm.control(epsilon = 1e-15)))
    # f(b) - logLik(glm(cbind(s, n - s) ~ x + z, ...)) at b = 0, 0.5, 2
    (profile, _, _) = drawn(maximum_likelihood(TREND).likelihood_profile('x1', level=0.999))
    estimate = maximum_likelihood(TREND)._estimate
    from sage_logreg.solvers.estimate import Profile
    one = Profile(estimate, 1)
    falls = [one.rise((weight - one.weight) * one.unit) / -2 for weight in (0.0, 0.5, 2.0)]
    assert falls == pytest.approx([-4.45897538866697, -0.7204377919349, -3.48049844952815], rel=1e-9)
    assert numpy.interp([0.0, 0.5, 2.0], *profile) == pytest.approx(falls, rel=0.02)


@pytest.mark.parametrize('weight', ['bias', 'x1', 2])
def test_the_interval_is_where_the_profile_meets_the_line(weight):
    model = maximum_likelihood(TREND)
    j = {'bias': 0, 'x1': 1}.get(weight, weight)
    profile, parabola, marks = drawn(model.likelihood_profile(weight, level=0.9))
    ends = model.confidence_intervals(level=0.9, method='profile')[j]
    assert marks[0] == pytest.approx(numpy.array(ends, dtype=float), rel=1e-9)
    # half of the quantile of chi-squared with one degree of freedom
    assert marks[1] == pytest.approx([-1.3527717271] * 2, rel=1e-9)
    # both are on the way, so that the picture shows them
    assert profile[0][0] < ends[0] and ends[1] < profile[0][-1]
    assert profile[1].max() == 0 and parabola[1].max() == 0
    error, estimate = float(model.standard_errors()[j]), float(model.weights()[j])
    assert parabola[1] == pytest.approx(-((parabola[0] - estimate) / error)**2 / 2, rel=1e-9)


def test_of_classes_it_is_of_a_difference():
    model = maximum_likelihood(CLASSES)
    picture = model.likelihood_profile('x1', label='b', baseline='c')
    assert drawn(picture)[2][0] == pytest.approx(numpy.array(model.confidence_intervals(method='profile', baseline='c')[1][1], dtype=float))
    assert picture._extra_kwds['axes_labels'][0] == "weight of x1 (y = 'b' against y = 'c')"
    # that of two classes against each other is the same in both orders, mirrored
    profile, other = (drawn(model.likelihood_profile('bias', label=one, baseline=two))[0] for one, two in ('bc', 'cb'))
    assert profile == pytest.approx(numpy.array([-other[0][::-1], other[1][::-1]]), rel=1e-6, abs=1e-8)


def test_a_bias_reduced_estimate_has_the_profile_of_its_penalised_likelihood():
    model = maximum_likelihood([[1, 0], [2, 0], [3, 1], [4, 1]], bias_reduced=True)
    marks = drawn(model.likelihood_profile('x1'))[2]
    assert marks[0] == pytest.approx(numpy.array(model.confidence_intervals(method='profile')[1], dtype=float))


@pytest.mark.parametrize('given, texts', [
    ({}, ["Wald's parabola", '95% interval 0.127936 .. 0.320452', 'profile']),
    ({'legend_label': 'likelihood'}, ["Wald's parabola", '95% interval 0.127936 .. 0.320452', 'likelihood']),
    ({'legend_label': ['a', 'b', 'c']}, ['b', 'c', 'a']),
    ({'legend_label': None}, [])])
def test_legends(given, texts, no_show):
    picture = maximum_likelihood(ex2data1()).likelihood_profile('x1', **given)
    assert [one.options()['legend_label'] for one in picture if one.options().get('legend_label')] == texts


def test_options_are_forwarded_and_the_dark_style_is_seen():
    model = maximum_likelihood(TREND)
    with matplotlib.style.context('dark_background'):
        picture = model.likelihood_profile('x1', color='orange', thickness=4, figsize=3, title='a title')
    profile = picture[len(picture) - 1].options()
    assert (profile['rgbcolor'], profile['thickness']) == ('orange', 4)
    assert picture[1].options()['rgbcolor'] == 'white'
    assert picture._extra_kwds['title'] == 'a title'
    with pytest.raises(TypeError, match="foo is no option of this picture; expected options of Sage's line and of show"):
        model.likelihood_profile('x1', foo=1)


@pytest.mark.parametrize('arguments, said', [
    (('x3',), "weight = 'x3'; expected one of bias, x1, x2, or its number"), ((3,), 'weight = 3; expected a whole number from 0 to 2'),
    (('x1', 95), 'level = 95; expected a real number above 0 and below 1')])
def test_bad_arguments_are_named(arguments, said):
    with pytest.raises(ValueError, match=said):
        maximum_likelihood(TREND).likelihood_profile(*map(sage.sage_eval, map(repr, arguments)))
