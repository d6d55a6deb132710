r"""
Formulas on public data: the coefficients are those of statsmodels' formula interface, to 12 digits
"""
import inspect
import re

import numpy
# as people write it in formulas
import numpy as np  # noqa: F401
import pandas
import pytest

pytest.importorskip('sage.all')
smf = pytest.importorskip('statsmodels.formula.api')
import statsmodels.datasets as public
from sklearn import datasets as learn

from formula_coding import design
from sage_logreg import load_data, maximum_likelihood
from sage_logreg.dataset.formula import parse_formula


def frame(name):
    return getattr(public, name).load_pandas().data


def learned(name):
    # scikit-learn's tables with the names of the classes as text
    bunch = getattr(learn, f'load_{name}')(as_frame=True)
    return bunch.data.assign(kind=numpy.array(bunch.target_names)[bunch.target])


def fair():
    return frame('fair').assign(affair=lambda table: (table.affairs > 0).astype(int))


def randhie():
    health = lambda table: numpy.select([table.hlthg == 1, table.hlthf == 1, table.hlthp == 1], ['good', 'fair', 'poor'], 'excellent')
    return frame('randhie').assign(visited=lambda table: (table.mdvis > 0).astype(int), health=health)


def star98():
    return frame('star98').assign(above=lambda table: (table.NABOVE > table.NBELOW).astype(int))


def statecrime():
    return frame('statecrime').assign(violent=lambda table: (table.violent > table.violent.median()).astype(int))


def macrodata():
    return frame('macrodata').assign(inflated=lambda table: (table.infl > 4).astype(int), late=lambda table: table.year > 1984)


def nile():
    dam = lambda table: pandas.Categorical(numpy.where(table.year < 1903, 'before', 'after'), ['before', 'after'], ordered=True)
    return frame('nile').assign(high=lambda table: (table.volume > 900).astype(int), dam=dam, decade=lambda table: table.year // 10 - 190)


def sunspots():
    return frame('sunspots').assign(active=lambda table: (table.SUNACTIVITY > 50).astype(int))


def grunfeld():
    return frame('grunfeld').assign(grows=lambda table: (table.invest > table.capital / 3).astype(int))


def strikes():
    return frame('strikes').assign(long=lambda table: (table.duration > 30).astype(int))


def engel():
    return frame('engel').assign(frugal=lambda table: (table.foodexp < 0.6 * table.income).astype(int))


def breast_cancer():
    return learned('breast_cancer').assign(malignant=lambda table: (table.kind == 'malignant').astype(int))


def wine():
    return learned('wine').assign(second=lambda table: (table.kind == 'class_1').astype(int))


def iris():
    return learned('iris').query("kind != 'setosa'").assign(virginica=lambda table: (table.kind == 'virginica').astype(int))


def diabetes():
    table = learn.load_diabetes(as_frame=True, scaled=False).frame
    return table.assign(sex=numpy.where(table.sex == 1, 'first', 'second'), worse=(table.target > 140).astype(int))


QUESTIONS = [
    (fair, 'affair ~ rate_marriage + age + C(occupation) + log(yrs_married) + religious*educ'),
    (fair, 'affair ~ C(rate_marriage, Treatment(5)) + C(children)*religious - 1'),
    ('spector', 'GRADE ~ GPA + TUCE*PSI'),
    ('spector', 'GRADE ~ C(PSI)*GPA + TUCE - 1'),
    ('anes96', 'vote ~ logpopul + selfLR + C(PID) + age + I(age^2) + educ:income'),
    ('ccard', 'OWNRENT ~ AGE + log(INCOME) + sqrt(AVGEXP)'),
    ('heart', 'censors ~ age + log(survival)'),
    (star98, 'above ~ LOWINC + PERASIAN + PERBLACK + PERHISP:PCTAF + sqrt(PTRATIO)'),
    (randhie, 'visited ~ lncoins*idp + lpi + physlm + disea + health'),
    (randhie, "visited ~ 0 + C(health, Treatment('good')):physlm + health + log(disea + 1)"),
    ('modechoice', 'choice ~ C(mode, Treatment(reference=4)) + ttme + invc + hinc:C(mode)'),
    ('modechoice', 'choice ~ (gc + ttme + psize)^2 - gc:ttme'),
    (statecrime, 'violent ~ poverty + urban + I((urban/100)^2) + single'),
    (macrodata, 'inflated ~ unemp + C(quarter) + tbilrate:late'),
    (nile, 'high ~ decade*dam'),
    (nile, 'high ~ dam/decade - 1'),
    (sunspots, 'active ~ sin(2*pi*YEAR/11) + cos(2*pi*YEAR/11)'),
    (grunfeld, 'grows ~ log(value) + log(capital) + I((year - 1935)/10)'),
    (strikes, 'long ~ iprod + I(iprod^2)'),
    (engel, 'frugal ~ log(income)'),
    (breast_cancer, 'malignant ~ `mean texture` + log(`mean area`) + `mean smoothness`'),
    (wine, 'second ~ alcohol*color_intensity + log(malic_acid)'),
    (iris, 'virginica ~ `petal length (cm)` + `sepal width (cm)` + I(`petal width (cm)`/`petal length (cm)`)'),
    (diabetes, 'worse ~ sex*age + bmi + exp(s5/2) + bp - age'),
]


def as_statsmodels_has_it(formula):
    # The same formula for patsy.
    formula = re.sub(r'`([^`]*)`', r'Q("\1")', formula.replace('^', '**'))
    return re.sub(r'\b(log|sqrt|exp|sin|cos|pi)\b', r'np.\1', formula)


def reference(table, formula):
    # statsmodels' coefficients and its matrix; Newton's last steps with a gradient in more digits.
    model = smf.logit(as_statsmodels_has_it(formula), table)
    weights = numpy.asarray(model.fit(method='newton', maxiter=100, tol=1e-14, disp=0).params)
    X, y = model.exog.astype(numpy.longdouble), model.endog.astype(numpy.longdouble)
    weights = weights.astype(numpy.longdouble)
    for _ in range(4):
        probability = 1 / (1 + numpy.exp(-X @ weights))
        hessian = (X.T * (probability * (1 - probability))) @ X
        scale = numpy.sqrt(numpy.diag(hessian))
        step = numpy.linalg.solve((hessian / numpy.outer(scale, scale)).astype(float), (X.T @ (y - probability) / scale).astype(float))
        weights = weights + step / scale
    return weights.astype(float), model.exog


def in_our_order(ours, theirs, weights):
    # patsy puts terms without numbers first
    order = [[k for k, other in enumerate(theirs.T) if numpy.allclose(column, other, rtol=1e-9, atol=1e-9)] for column in ours.T]
    assert sorted(order) == [[k] for k in range(theirs.shape[1])]
    return weights[numpy.concatenate(order)]


@pytest.mark.skipif('formula' not in inspect.signature(load_data).parameters, reason='load_data takes no formula yet')
@pytest.mark.parametrize('source, formula', QUESTIONS)
def test_twelve_digits_as_statsmodels(source, formula):
    table = frame(source) if isinstance(source, str) else source()
    weights, exog = reference(table, formula)
    texts = [title for title in table.columns if not pandas.api.types.is_numeric_dtype(table[title])]
    ours = design(table, parse_formula(formula, list(table.columns), levels=texts))
    coefficients = dict(maximum_likelihood(table, formula=formula).coefficients())
    numpy.testing.assert_allclose([float(value) for value in coefficients.values()], in_our_order(ours, exog, weights), rtol=1e-12)


@pytest.mark.parametrize('given, options, message', [
    ('ill ~ age', {'label': 'sex'}, "label = 'sex' and formula = 'ill ~ age', whose label is 'ill'; expected one of them"),
    ('ill ~ age', {'label': 0}, "label = 0 and formula = 'ill ~ age', whose label is 'ill'; expected one of them"),
    ('ill ~ C(sex, Treatment("f"))', {'reference': {'sex': 'm'}}, "reference: 'm' for sex, but 'f' in formula"),
    ('ill ~ log()', {}, r'formula, character 7: log\(\)'),
    ('ill ~ I(2)', {}, r'formula, character 7: I\(2\) is constant; expected an expression that depends on a column'),
])
def test_what_a_formula_says_twice_or_not_at_all(given, options, message):
    frame = {'age': [30, 40, 50, 20], 'sex': ['m', 'f', 'f', 'm'], 'ill': [0, 1, 0, 1]}
    with pytest.raises(ValueError, match=message):
        load_data(frame, formula=given, **options)


def test_what_a_formula_says_may_be_said_again():
    frame = {'age': [30, 40, 50, 20], 'sex': ['m', 'f', 'f', 'm'], 'ill': [0, 1, 0, 1]}
    data = load_data(frame, formula='ill ~ C(sex, Treatment("m"))', label='ill', reference={'sex': 'm'})
    assert data == load_data(frame, formula='ill ~ C(sex, Treatment("m"))', label=-1)
