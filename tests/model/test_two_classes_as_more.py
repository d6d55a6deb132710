r"""
What is asked of K classes is answered by two in the same way.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage_logreg import gradient_descent, load_data, maximum_likelihood

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')

random = numpy.random.RandomState(3)
POINTS = random.randn(60, 2).round(3)
LABELS = numpy.where(POINTS @ [1.0, -0.5] + 1.5 * random.randn(60) > 0.3, 'b', 'a').tolist()


def estimate(**options):
    return maximum_likelihood(load_data({'u': POINTS[:, 0], 'v': POINTS[:, 1], 'y': LABELS}, **options))


def numbers(rows):
    return numpy.array([list(map(float, row)) for row in rows])


@pytest.mark.parametrize('options', [{}, {'intercept': False}])
def test_differences_to_either_label(options):
    model = estimate(**options)
    own, swapped = numpy.array(model.weights()), estimate(positive='a', **options)
    assert model.weights(baseline='a') == sage.matrix(sage.RDF, [0 * own, own])
    assert model.weights(baseline='b') == sage.matrix(sage.RDF, [-own, 0 * own])
    # against the other label it is the model whose labels are swapped
    assert numbers(model.weights(baseline='b'))[0] == pytest.approx(numpy.array(swapped.weights()), rel=1e-8)
    for name in ('standard_errors', 'z_values'):
        against = numbers(getattr(model, name)(baseline='b'))
        assert against[0] == pytest.approx(numpy.array(getattr(swapped, name)()), rel=1e-7) and not against[1].any()
    against = numbers(model.p_values(baseline='b'))
    assert against[0] == pytest.approx(numpy.array(model.p_values()), rel=1e-9) and (against[1] == 1).all()
    n = len(own)
    covariance = numbers(model.covariance(baseline='a'))
    assert covariance.shape == (2 * n, 2 * n) and covariance[n:, n:] == pytest.approx(numbers(model.covariance()), rel=1e-9)
    assert not covariance[:n].any() and not covariance[:, :n].any()
    ratios = numbers(model.relative_risk_ratios('b'))
    assert ratios[0] == pytest.approx(1 / numpy.array(model.odds_ratios())) and (ratios[1] == 1).all()
    assert model.odds_ratios(baseline='b') == model.relative_risk_ratios('b')


@pytest.mark.parametrize('method', ['wald', 'profile'])
def test_intervals_against_either_label(method):
    model = estimate()
    own = model.confidence_intervals(method=method)
    zero, pairs = model.confidence_intervals(method=method, baseline='a')
    assert pairs == own and zero == 3 * [(0.0, 0.0)]
    pairs, zero = model.confidence_intervals(method=method, baseline='b')
    assert pairs == [(-upper, -lower) for lower, upper in own] and zero == 3 * [(0.0, 0.0)]
    found = model.coefficients(method=method, baseline='b')
    assert list(found) == ['a'] and found['a']['u'] == -model.coefficients()['u']
    assert found['a'].intervals['u'] == pairs[1]


def test_summary_against_a_label():
    text = str(estimate().summary(baseline='b'))
    assert "each class against y = 'b'" in text and "y = 'a'" in text
    assert f'{-float(estimate().weights()[1]):.6g}' in text


def test_models_without_an_estimate_say_so_as_before():
    model = gradient_descent(load_data({'u': POINTS[:, 0], 'y': LABELS}), iterations=2)
    with pytest.raises(ValueError, match='standard errors are of an estimate'):
        model.standard_errors(baseline='a')
    assert model.coefficients(baseline='b')['a']['u'] == -model.weights()[1]


@pytest.mark.parametrize('ask', [
    lambda m, name: m.weights(baseline=name), lambda m, name: m.standard_errors(baseline=name),
    lambda m, name: m.confidence_intervals(baseline=name), lambda m, name: m.coefficients(baseline=name),
    lambda m, name: m.summary(baseline=name), lambda m, name: m.between('a', name), lambda m, name: m.relative_risk_ratios(name),
    lambda m, name: m.plot_probability(label=name), lambda m, name: m.plot3d(label=name)])
def test_labels_that_are_none(ask):
    with pytest.raises(ValueError, match="'c' is no label of the data; expected 'a' or 'b'"):
        ask(estimate(), 'c')


def test_log_odds_and_boundary_of_two_labels():
    model = estimate()
    u, v = sage.SR.var('u, v')
    z = model.log_odds()
    assert bool(model.log_odds('b', 'a') == z) and bool(model.log_odds('a', 'b') == -z)
    assert float(model.log_odds('a', 'b', 0.5, 2)) == -float(model.log_odds(0.5, 2)) == float(model.log_odds('a', 'b', [0.5, 2]))
    assert float(model.boundary('a', 'b', 0.5)) == pytest.approx(float(model.boundary(0.5)))
    # the probability of the first label
    assert float(model.boundary('a', 'b', 0.5, threshold=0.25)) == pytest.approx(float(model.boundary(0.5, threshold=0.75)))
    assert str(model.boundary('b', 'a', solve_for=u)) == str(model.boundary(solve_for=u))


def test_numbers_are_a_point_where_they_can_be():
    model = maximum_likelihood(numpy.column_stack([POINTS, numpy.array(LABELS) == 'b']))
    weights = list(map(float, model.weights()))
    assert float(model.log_odds(0, 1)) == pytest.approx(weights[0] + weights[2])
    assert float(model.log_odds(0, 1, 3, 5)) == pytest.approx(-(weights[0] + 3 * weights[1] + 5 * weights[2]))
    three = maximum_likelihood(numpy.column_stack([POINTS, POINTS[:, 0]**2, numpy.array(LABELS) == 'b']), l2=1)
    assert float(three.boundary(1, 0)) == pytest.approx(float(three.boundary().subs(x1=1, x2=0)))
    # text that names a variable is that variable
    named = maximum_likelihood(load_data({'a': POINTS[:, 0], 'b': POINTS[:, 1], 'y': LABELS}))
    assert bool(named.log_odds('b', 'a') == named.log_odds(*sage.SR.var('b, a')))


def test_between_is_the_model_of_one_of_the_labels():
    model = estimate(weights=numpy.arange(60) % 3 + 1, offset=POINTS[:, 0] / 3)
    swapped = model.between('a', 'b')
    assert swapped.data.label_names == ('b', 'a') and swapped.weights() == -model.weights()
    assert float(swapped.cost()) == pytest.approx(float(model.cost()), rel=1e-12)
    assert float(swapped.probability([1, 2])) == pytest.approx(1 - float(model.probability([1, 2])))
    assert float(model.between('b', 'a').cost()) == pytest.approx(float(model.cost()), rel=1e-12)
    with pytest.raises(ValueError, match="y = 'a' is given twice; expected two different labels"):
        model.between('a', 'a')


def test_pictures_of_either_label():
    model = estimate()
    for picture in (model.plot_probability('a'), model.plot_probability(label='a'), model.plot_probability('a', ['u', 'v'], {}, {})):
        contours = picture[0]
        assert float(contours.xy_data_array[0][0]) == pytest.approx(1 - float(model.plot_probability()[0].xy_data_array[0][0]))
        assert picture._extra_kwds['title'] == 'P(y = a)'
    assert str(model.plot_probability('b')[0].xy_data_array) == str(model.plot_probability()[0].xy_data_array)
    assert model.plot3d('a') is not None
    with pytest.raises(TypeError, match='4 arguments were given; expected variables, fixed and point_options, or a label before them'):
        model.plot_probability(['u', 'v'], None, None, None)


@pytest.mark.parametrize('ask', [lambda m: m.plot(foo=1), lambda m: m.roc(foo=1), lambda m: m.plot_history(foo=1), lambda m: m.animate(foo=1)])
def test_options_that_no_picture_has(ask):
    model = gradient_descent(load_data({'u': POINTS[:, 0], 'v': POINTS[:, 1], 'y': LABELS}), iterations=5)
    with pytest.raises(TypeError, match="^foo is no option of this picture; expected options of Sage's line and of show$"):
        ask(model)


@pytest.mark.parametrize('classes', [3, 4, 10])
def test_posteriors_add_up_to_one_as_sage_sees(classes):
    points = numpy.random.RandomState(classes).randn(40, 2).round(2)
    model = maximum_likelihood(load_data((points, numpy.arange(40) % classes)), l2=1)
    posterior = model.posterior()
    assert sum(posterior).normalize() == 1
    # log-odds are differences of powers of e
    assert float((posterior[2] / posterior[0]).log().subs(x1=0.5, x2=-1)) == pytest.approx(float(model.log_odds(2, 0, 0.5, -1)))
    at = [float(value.subs(x1=0.5, x2=-1)) for value in posterior]
    assert at == pytest.approx([float(value) for value in model.posterior(0.5, -1)], rel=1e-12)
    assert at == pytest.approx(list(map(float, model.probability([0.5, -1]))), rel=1e-12)
    # where powers of e are no floats any more
    assert sorted(map(float, model.posterior(1e6, 1e6))) == [0.0] * (classes - 1) + [1.0]
