r"""
Tests of terms, as R and statsmodels have them
"""
import itertools

import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood, penguins
from sage_logreg.dataset.terms import terms

from helpers import ROOT, close, random_data

# MASS::menarche of R: ages, girls, and those who have reached menarche (Milicer and Szczotka, 1966)
AGES = [9.21, 10.21, 10.58, 10.83, 11.08, 11.33, 11.58, 11.83, 12.08, 12.33, 12.58, 12.83, 13.08, 13.33, 13.58, 13.83, 14.08, 14.33,
        14.58, 14.83, 15.08, 15.33, 15.58, 15.83, 17.58]
GIRLS = [376, 200, 93, 120, 90, 88, 105, 111, 100, 93, 100, 108, 99, 106, 105, 117, 98, 97, 120, 102, 122, 111, 94, 114, 1049]
REACHED = [0, 0, 0, 2, 2, 5, 10, 17, 16, 29, 39, 51, 47, 67, 81, 88, 79, 90, 113, 95, 117, 107, 92, 112, 1049]


def complete_penguins(**options):
    # of those with missing values none is used, as by na.omit
    return penguins(missing='drop', **options)


@pytest.fixture(scope='module')
def interaction():
    pytest.importorskip('sage.all')
    return maximum_likelihood(complete_penguins(formula='sex ~ species*bill_depth_mm + log(body_mass_g) + island'))


def rows_of(table, *titles):
    return dict(zip(table['term'], zip(*(table[title] for title in titles))))


def check(table, expected, *titles):
    found = rows_of(table, *titles)
    assert list(found) == list(expected)
    for name, numbers in expected.items():
        # a small p-value has fewer digits than its statistic
        close(found[name], numbers, [1e-9 if title == 'p-value' else 1e-10 for title in titles])


# R 4.2.2, of the rows of penguins.csv without missing values:
# m <- glm(factor(sex) ~ species*bill_depth_mm + log(body_mass_g) + island, binomial, p, control=glm.control(epsilon=1e-15, maxit=100))
# Rao's statistics by their definition, at the fitted probabilities mu of the smaller models, n their prior weights and X the design of
# the larger model: u <- crossprod(X, n*(y-mu)); crossprod(u, solve(crossprod(X, n*mu*(1-mu)*X), u)). Those of drop1(m, test='Rao') are the
# same to nine digits, as their weights are of the step before the last; without an intercept they are others, as R then subtracts a mean.

def test_drop1_is_that_of_r(interaction):
    # drop1(m, test='LRT'): neither species nor bill_depth_mm, which are in an interaction
    check(interaction.drop1(), {
        'log(body_mass_g)': [1, 91.1545717846388, 1.32876076851062e-21, 264.38758957913],
        'island': [2, 0.821756109946023, 0.663067784489698, 172.054773904437],
        'species:bill_depth_mm': [2, 7.23101906633966, 0.0269032136445474, 178.464036860831]},
        'degrees of freedom', 'statistic', 'p-value', 'AIC')
    # beside drop1(m, test='Rao'): 73.1998524476267, 0.818993769701819, 7.3262772555845
    check(interaction.drop1('score'), {
        'log(body_mass_g)': [1, 73.1998523764358, 1.17164526745475e-17, 264.38758957913],
        'island': [2, 0.818993769701625, 0.663984226638199, 172.054773904437],
        'species:bill_depth_mm': [2, 7.32627725558848, 0.0256518745594944, 178.464036860831]},
        'degrees of freedom', 'statistic', 'p-value', 'AIC')


def test_anova_is_that_of_r(interaction):
    # anova(m, test='Chisq')
    table = interaction.anova()
    assert table['term'][0] == '(bias)' and table.rows()[0][1:3] == (None, None)
    close(table.rows()[0][3:5], [332, 461.608994860289], 1e-12)
    titles = 'degrees of freedom', 'deviance', 'residual degrees of freedom', 'residual deviance', 'p-value'
    # the p-value of a difference that is small beside the deviance has fewer digits
    expected = {
        'species': [2, 0.0486108726170187, 330, 461.560383987672, 0.975987562189535],
        'bill_depth_mm': [1, 200.959446894463, 329, 260.600937093209, 1.28961938922263e-45],
        'log(body_mass_g)': [1, 95.0550299934742, 328, 165.545907099735, 1.8516567809549e-22],
        'island': [2, 1.08187023890403, 326, 164.464036860831, 0.5822035678598],
        'species:bill_depth_mm': [2, 7.23101906633966, 324, 157.233017794491, 0.0269032136445474]}
    found = rows_of(table, *titles)
    del found['(bias)']
    assert list(found) == list(expected)
    for name, numbers in expected.items():
        close(found[name], numbers, 2e-10)
    # beside anova(m, test='Rao'): 0.0486071701748756, 150.636528222522, 77.8886619992885, 1.08084630992647, 7.3262772555845
    table = interaction.anova('score')
    close(table['score statistic'][1:], [0.0486071701407773, 150.636528222546, 77.8886604498503, 1.0808463099264, 7.32627725558848], 1e-10)
    close(table['p-value'][1:], [0.975989368976588, 1.25843767443374e-34, 1.09015425592558e-18, 0.582501711724829, 0.0256518745594944], 1e-10)


def test_weights_offset_and_no_intercept():
    # w <- 1 + (seq_len(nrow(p)) %% 3); o <- p$year/1000 - 2
    # glm(factor(sex) ~ species + body_mass_g - 1, binomial, p, weights=w, offset=o); drop1(m, test='LRT'), drop1(m, test='Rao')
    pytest.importorskip('sage.all')
    years = complete_penguins(label='sex', variables='year').points.ravel()
    data = load_data(complete_penguins(formula='sex ~ species + body_mass_g - 1'), weights=1 + numpy.arange(1, 334) % 3,
                     offset=years / 1000 - 2)
    model = maximum_likelihood(data)
    titles = 'degrees of freedom', 'statistic', 'p-value', 'AIC'
    check(model.drop1(), {'species': [3, 505.098819872833, 3.7468851129711e-109, 916.790456112533],
                          'body_mass_g': [1, 512.511938317278, 1.80173708688957e-113, 928.203574556979]}, *titles)
    check(model.drop1('score'), {'species': [3, 357.896751210508, 2.90894350214591e-77, 916.790456112533],
                                 'body_mass_g': [1, 360.904580855542, 1.78901819983589e-80, 928.203574556979]}, *titles)
    # anova(m, test='Chisq'), whose first model has the offset alone
    table = model.anova()
    assert table['term'][0] == '(none)'
    close(table['residual deviance'], [923.101918725078, 922.203574556979, 409.6916362397], 1e-12)
    # a row with a weight stands for so many
    assert table['residual degrees of freedom'] == [data.total(), data.total() - 3, data.total() - 4]


def test_grouped_data():
    # glm(cbind(Menarche, Total-Menarche) ~ Age + I(Age^2), binomial, menarche)
    pytest.importorskip('sage.all')
    model = maximum_likelihood(load_data(load_data((numpy.array(AGES)[:, None], REACHED, GIRLS), variables='age'),
                                         formula='~ age + I(age^2)'))
    # of whole groups, with the binomial coefficients in the AIC
    check(model.drop1(), {'age': [1, 14.533645472762, 0.000137678588075272, 125.787516086937],
                          'I(age^2)': [1, 3.50138369892891, 0.0613175773340506, 114.755254313104]},
          'degrees of freedom', 'statistic', 'p-value', 'AIC')
    check(model.drop1('score'), {'age': [14.5805566267536, 0.000134293064292514], 'I(age^2)': [3.72640910976636, 0.0535584189549708]},
          'statistic', 'p-value')
    table = model.anova('score')
    close(table['deviance'][1:], [3667.18012315839, 3.50138369892891], 1e-10)
    close(table['residual deviance'], [3693.88357479415, 26.7034516357648, 23.2020679368359], 1e-10)
    close(table['score statistic'][1:], [2546.11458305776, 3.72640910976636], 1e-10)
    assert table['residual degrees of freedom'] == [24, 23, 22]


def test_wald_tests_are_those_of_statsmodels(interaction):
    api, pandas = pytest.importorskip('statsmodels.api'), pytest.importorskip('pandas')
    formulas = pytest.importorskip('statsmodels.formula.api')
    frame = pandas.read_csv(ROOT / 'data' / 'penguins.csv').dropna()
    frame['male'], frame['log_mass'] = (frame.sex == 'male').astype(int), numpy.log(frame.body_mass_g)
    fit = formulas.glm('male ~ species*bill_depth_mm + log_mass + island', frame, family=api.families.Binomial()).fit(tol=1e-14)
    expected = fit.wald_test_terms(scalar=True).table
    found = rows_of(interaction.drop1('wald'), 'statistic', 'degrees of freedom', 'p-value')
    assert list(found) == ['log(body_mass_g)', 'island', 'species:bill_depth_mm']
    for name, other in zip(found, ['log_mass', 'island', 'species:bill_depth_mm']):
        # the intercept of statsmodels' design is far from the data, which costs it digits
        close(found[name], expected.loc[other, ['statistic', 'df_constraint', 'pvalue']].astype(float), 1e-9)


@pytest.mark.parametrize('robust', [{'kind': 'HC0'}, {'kind': 'HC0', 'cluster': numpy.arange(120) // 6}])
def test_robust_wald_tests_are_those_of_statsmodels(robust):
    api, pandas = pytest.importorskip('statsmodels.formula.api'), pytest.importorskip('pandas')
    points, labels = random_data(4, 120, 2)
    kind = numpy.array(list('abc'))[numpy.arange(120) % 3]
    options = {'cov_type': 'HC0'} if len(robust) == 1 else {
        'cov_type': 'cluster', 'cov_kwds': {'groups': robust['cluster'], 'use_correction': False}}
    frame = pandas.DataFrame({'x': points[:, 0], 'z': points[:, 1], 'kind': kind, 'y': labels})
    fit = api.logit('y ~ x + z + kind', frame).fit(disp=False, method='newton', tol=1e-14, maxiter=50, **options)
    expected = fit.wald_test_terms(scalar=True).table
    found = rows_of(maximum_likelihood(frame, label='y').drop1('wald', **robust), 'statistic', 'degrees of freedom', 'p-value')
    for name in ('x', 'z', 'kind'):
        close(found[name], expected.loc[name, ['statistic', 'df_constraint', 'pvalue']].astype(float), 1e-9)


@pytest.mark.parametrize('classes', [2, 3])
def test_tests_of_a_term_are_those_of_nested_models(classes):
    # of any number of classes: models without the term, estimated anew
    rng = numpy.random.RandomState(classes)
    points, labels = rng.normal(size=(90, 3)), rng.randint(classes, size=90)
    model = maximum_likelihood((points, labels))
    table = model.drop1()
    assert table['degrees of freedom'] == 3 * [classes - 1]
    for j in range(3):
        smaller = maximum_likelihood((numpy.delete(points, j, axis=1), labels))
        close(table['statistic'][j], 2 * (model.log_likelihood() - smaller.log_likelihood()), 1e-9, 1e-11)
        close(table['AIC'][j], smaller.aic(), 1e-11)
    # the three tests agree where the term hardly matters
    for test in ('score', 'wald'):
        close(model.drop1(test)['statistic'], table['statistic'], 0.2, 0.1)


def test_tests_of_more_classes_are_those_of_statsmodels():
    discrete = pytest.importorskip('statsmodels.discrete.discrete_model')
    rng = numpy.random.RandomState(7)
    points, labels = rng.normal(size=(120, 3)), rng.randint(3, size=120)
    design = numpy.column_stack([numpy.ones(120), points])

    def fit(columns):
        return discrete.MNLogit(labels, design[:, columns]).fit(method='newton', disp=False, tol=1e-14, maxiter=50)

    model, whole = maximum_likelihood((points, labels)), fit([0, 1, 2, 3])
    wald, score = model.drop1('wald')['statistic'], model.drop1('score')['statistic']
    for j in range(1, 4):
        # of both classes' weights, whose parameters stand class by class
        places = [j, 4 + j]
        weights = whole.params.T.ravel()[places]
        close(wald[j - 1], weights @ numpy.linalg.solve(whole.cov_params()[numpy.ix_(places, places)], weights), 1e-9)
        others = [column for column in range(4) if column != j]
        params = numpy.zeros((4, 2))
        params[others] = fit(others).params
        gradient, hessian = whole.model.score(params.ravel('F')), whole.model.hessian(params.ravel('F'))
        close(score[j - 1], gradient @ numpy.linalg.solve(-hessian, gradient), 1e-9)


def test_a_test_does_not_depend_on_units_and_reference():
    points, labels = random_data(3, 60, 2)
    model = maximum_likelihood((points, labels))
    moved = maximum_likelihood((points * [1e-6, 1e5] + [3, -1e6], labels))
    for test in ('lr', 'score', 'wald'):
        close(moved.drop1(test)['statistic'], model.drop1(test)['statistic'], 1e-7)
    statistics = [maximum_likelihood(complete_penguins(label='sex', variables='species, body_mass_g', reference={'species': level}))
                  .drop1(test)['statistic'] for level, test in itertools.product(['Adelie', 'Gentoo'], ['lr', 'score', 'wald'])]
    for one, other in zip(statistics[:3], statistics[3:]):
        close(one, other, 1e-9)


def test_a_bias_reduced_estimate_has_no_aic_without_a_term():
    model = maximum_likelihood(random_data(5, 30, 2), bias_reduced=True)
    assert list(model.drop1().columns) == ['term', 'degrees of freedom', 'statistic', 'p-value']
    test = model.likelihood_ratio_test(without='x1')
    close(model.drop1()['statistic'][0], test.statistic, 1e-12)
    with pytest.raises(ValueError, match='bias-reduced'):
        model.drop1('score')


def test_terms_of_a_formula_with_nothing_but_an_interaction(sage):
    rng = numpy.random.RandomState(0)
    table = {'a': list('uvw') * 20, 'b': list('ghhg') * 15, 'x': rng.normal(size=60), 'y': rng.randint(2, size=60)}
    for formula, counts in [('y ~ a:b', {'a:b': 5}), ('y ~ a:b - 1', {'a:b': 6}), ('y ~ a/x', {'a': 2, 'a:x': 3}),
                            ('y ~ (a + b + x)^2 - a:b', {'a': 2, 'b': 1, 'x': 1, 'a:x': 2, 'b:x': 1}),
                            ('y ~ . - b + I(x^2)', {'a': 2, 'x': 1, 'I(x^2)': 1})]:
        found = terms(load_data(table, formula=formula))
        assert {term.name: len(term.columns) for term in found} == counts
        assert [column for term in found for column in term.columns] == list(range(sum(counts.values())))


def test_data_in_chunks(tmp_path):
    points, labels = random_data(1, 80, 2)
    for part in (slice(0, 30), slice(30, 80)):
        numpy.savetxt(tmp_path / f'{part.stop}.csv', numpy.column_stack([points, labels])[part], delimiter=',', header='a,b,y', comments='')
    chunked, whole = (maximum_likelihood(load_data(source, label='y'))
                      for source in (str(tmp_path / '*.csv'), {'a': points[:, 0], 'b': points[:, 1], 'y': labels}))
    assert chunked.data.is_chunked
    for test in ('lr', 'score', 'wald'):
        close(chunked.drop1(test)['statistic'], whole.drop1(test)['statistic'], 1e-9)
    close(chunked.anova()['residual deviance'], whole.anova()['residual deviance'], 1e-11)
