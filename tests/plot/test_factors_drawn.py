r"""
Pictures and boundaries where some variables are indicators of levels.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage_logreg import LogisticModel, load_data
from sage_logreg.dataset.categorical import Coding, Factor

from helpers import axes_labels, drawn, passengers

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
WEIGHTS = numpy.array([0.5, -0.03, -1.0, 0.05, 0.75, -0.25])
PORT, SEX = 'port of embarkation', 'sex'


def model():
    return LogisticModel(passengers(), WEIGHTS)


@pytest.mark.parametrize('fixed, values, title', [
    (None, (0, 0, 0), 'at sex = female, port of embarkation = Cherbourg'),
    ({SEX: 'male'}, (1, 0, 0), 'at sex = male, port of embarkation = Cherbourg'),
    ({PORT: 'Southampton (UK)', 'sex': 'female'}, (0, 0, 1), 'at sex = female, port of embarkation = Southampton (UK)'),
    ({'sex_male': 1, 'port_of_embarkation_Queenstown': sage.QQ(1)}, (1, 1, 0), 'at sex = male, port of embarkation = Queenstown'),
    ({sage.SR.var('sex_male'): 0.5}, (0.5, 0, 0), 'at sex_male = 0.5, port of embarkation = Cherbourg'),
    # as if half of them came from each port
    ({'port_of_embarkation_Queenstown': 0.5, 'port_of_embarkation_Southampton_UK': 0.5}, (0, 0.5, 0.5),
     'at sex = female, port_of_embarkation_Queenstown = 0.5, port_of_embarkation_Southampton_UK = 0.5')])
def test_a_factor_is_fixed_at_a_level(fixed, values, title):
    picture = model().plot('age, fare', fixed)
    assert picture._extra_kwds['title'].endswith(title)
    male, queenstown, southampton = values
    for age, fare in drawn(picture[2]):
        assert abs(WEIGHTS @ [1, age, male, fare, queenstown, southampton]) < 1e-9


def test_a_curve_over_one_number():
    picture = model().plot('age', {'sex': 'male', 'fare': 30})
    assert axes_labels(picture) == ['age', 'survived']
    assert picture._extra_kwds['title'] == 'at sex = male, fare = 30, port of embarkation = Cherbourg'
    curve = drawn(picture[2])
    numpy.testing.assert_allclose(curve[:, 1], 1 / (1 + numpy.exp(-(1.0 - 0.03 * curve[:, 0]))), rtol=1e-9)


def test_many_factors_are_not_all_named():
    random = numpy.random.RandomState(0)
    points = numpy.column_stack([random.normal(size=(30, 3)), random.randint(0, 2, (30, 3))])
    data = load_data((points, numpy.arange(30) % 2), variables='a, b, c, d_1, e_1, f_1')
    data.coding = Coding(tuple(Factor(title, (0, 1), 0, {1: f'{title}_1'}) for title in 'def'))
    some = LogisticModel(data, numpy.arange(7.0))
    for fixed, title in ((None, 'the other at the mean, the 3 factors at the reference'),
                         ({'d': 1, 'c': 2}, 'at c = 2, d = 1, the 2 factors at the reference'),
                         ({'d': 1, 'e': 0}, 'at d = 1, e = 0, the other at the mean, the factor at the reference')):
        assert some.plot_probability('a, b', fixed)._extra_kwds['title'] == title


def test_all_levels_have_a_variable():
    points = numpy.column_stack([numpy.arange(12), numpy.arange(12) % 3, numpy.arange(12) % 2 == 0, numpy.arange(12) % 2 == 1])
    data = load_data((points.astype(float), [0, 1, 1] * 4), variables='a, b, sex_f, sex_m')
    data.coding = Coding((Factor('sex', ('f', 'm'), 'f', {'f': 'sex_f', 'm': 'sex_m'}),))
    weights = numpy.array([0.1, -0.5, 2, 0.25, -0.75])
    for fixed, female in ((None, 1), ({'sex': 'm'}, 0)):
        for a, b in drawn(LogisticModel(data, weights).plot('a, b', fixed)[2]):
            assert abs(weights @ [1, a, b, female, 1 - female]) < 1e-9


def test_an_indicator_is_drawn_as_any_variable():
    picture = model().plot('age, port_of_embarkation_Queenstown')
    assert axes_labels(picture) == ['age', 'port_of_embarkation_\nQueenstown']
    title = picture._extra_kwds['title']
    assert 'port_of_embarkation_Southampton_UK = 0' in title and 'sex = female' in title


@pytest.mark.parametrize('picture', ['plot', 'plot_probability', 'plot3d'])
def test_the_error_says_what_can_be_drawn(picture):
    with pytest.raises(ValueError) as caught:
        getattr(model(), picture)()
    assert str(caught.value) == (
        'the model has 5 variables (age, sex_male, fare, port_of_embarkation_Queenstown, port_of_embarkation_Southampton_UK); '
        'say which two to draw, as '
        "variables=[age, fare], and at which levels, as fixed={'sex': 'female', 'port of embarkation': 'Cherbourg'}")
    with pytest.raises(ValueError, match=r'say which two to draw, as variables=\[age, fare\]$'):
        passengers().plot()


@pytest.mark.parametrize('fixed, message', [
    ({'sex': 'x'}, "fixed[sex] = 'x'; expected one of 'female', 'male'"),
    ({'Sex': 'male'}, 'fixed has Sex; expected one of age, '), ({'sex_male': 'male'}, "fixed[sex_male] = 'male'; expected a real"),
    ({'age': 3}, 'fixed has age, which is drawn'), ({'sex': 1}, 'fixed[sex] = 1; expected one of')])
def test_wrong_levels_are_named(fixed, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        model().plot('age, fare', fixed)
    assert str(caught.value).startswith(message)
    if 'sex' in fixed:
        with pytest.raises(ValueError, match='fixed has sex, which is drawn'):
            model().plot('age, sex_male', {'sex': 'male'})


# Formulas

def test_a_boundary_is_solved_for_a_number():
    some = model()
    age, male, fare, queenstown, southampton = map(sage.SR.var, some.data.variables)
    solved = some.boundary()
    assert set(solved.variables()) == {age, male, queenstown, southampton}
    at = {age: 30, male: 1, queenstown: 0, southampton: 1}
    assert abs(sage.RDF(some.log_odds().subs({**at, fare: solved.subs(at)}))) < 1e-12
    assert solved == some.boundary(solve_for='fare')
    assert set(some.boundary(solve_for=male).variables()) == {age, fare, queenstown, southampton}
    assert some.boundary(30, 1, 0, 1) == solved.subs(at)
    data = load_data([[0, 1, 0], [1, 0, 1], [0, 0, 1]], variables='p_a, p_b')
    data.coding = Coding((Factor('p', 'cab', 'c', {'a': 'p_a', 'b': 'p_b'}),))
    assert str(LogisticModel(data, numpy.array([1.0, 2, 4])).boundary()) == '-0.5*p_a - 0.25'


def test_features_use_levels():
    age, male = sage.SR.var('age, sex_male')
    some = LogisticModel(passengers([age, male, age * male]), numpy.array([1.0, 2, 3, 4]))
    assert some.log_odds() == 4.0*age*male + 2.0*age + 3.0*male + 1.0
    assert some.weight_names() == ('bias', 'age', 'sex_male', 'age*sex_male')
    text = str(sage.latex(some))
    assert r'\mathit{sex_{male}}' in text and r'P(\text{survived} = \text{yes} \mid ' in text


@pytest.mark.parametrize('name, label', [
    ('sex_male', 'yes'), ('sex_not_known', '50% of_it'), ('class_3rd', '<50K'), ('pclass_2', 'a&b'), ('性別_男', '{'),
    ('性別_男性', '病気'), ('class_', 'x^2 ~ \\y'), ('a__b', '$5'), ('port_of_embarkation_Southampton_UK', '#1'), ('é_à', 'a|b'),
    ('x1_2_3', "it's `so`")])
def test_latex_of_any_names(name, label):
    data = load_data([[1, '0'], [2, '1'], [3, '0']], variables=[name])
    data.label_name, data.label_names = 'was it?', ('', label)
    text = str(sage.latex(LogisticModel(data, numpy.array([1.0, 2]))))
    depth = numpy.cumsum([(character == '{') - (character == '}') for character in text.replace(r'\{', '').replace(r'\}', '')])
    assert depth.min() >= 0 and depth[-1] == 0
    # a sign that TeX would read, or that MathJax does not show, is escaped, and \char is nowhere
    for sign in '%#&$':
        assert text.count(sign) == text.count('\\' + sign) == label.count(sign)
    assert 'char' not in text.replace('\\mathit', '') and '~' not in text and '^2' not in text and '`' not in text
    # matplotlib reads TeX as well, with fewer commands
    from matplotlib.mathtext import MathTextParser
    for escaped, plain in ((r'\text', r'\mathrm'), (r'\mid', '|'), (r'\&', '+')):
        text = text.replace(escaped, plain)
    MathTextParser('path').parse(f'${text}$')
