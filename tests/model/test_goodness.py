"""
Goodness of fit, against R 4.2.2 (glm with control=glm.control(epsilon=1e-15, maxit=100), printed by %.15g) and statsmodels.
"""
import math

import numpy
import pytest
from scipy import special, stats

from sage_logreg import ex2data1, gradient_descent, load_data, maximum_likelihood, penguins
from sage_logreg.solvers import goodness

from helpers import OVERLAPPING, array, close, fitted, random_data, sigmoid, spector, table

pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')

# MASS::menarche: age, girls, of whom so many
MENARCHE = '''
9.21 376 0  10.21 200 0  10.58 93 0  10.83 120 2  11.08 90 2  11.33 88 5  11.58 105 10  11.83 111 17  12.08 100 16  12.33 93 29
12.58 100 39  12.83 108 51  13.08 99 47  13.33 106 67  13.58 105 81  13.83 117 88  14.08 98 79  14.33 97 90  14.58 120 113
14.83 102 95  15.08 122 117  15.33 111 107  15.58 94 92  15.83 114 112  17.58 1049 1049
'''


def menarche():
    age, total, some = table(MENARCHE, 3).T
    return maximum_likelihood((age[:, None], some, total))


def answers(model, **options):
    return [model.log_likelihood(**options), model.deviance(**options), model.null_deviance(**options), model.aic(**options),
            model.bic(**options), model.pearson_chi_squared(**options), *model.degrees_of_freedom(**options)]


# Grouped data

def test_grouped_data_as_in_R():
    # m <- glm(cbind(Menarche, Total-Menarche) ~ Age, binomial, menarche)
    # c(logLik(m), deviance(m), m$null.deviance, AIC(m), BIC(m), sum(residuals(m, "pearson")^2), m$df.residual, m$df.null)
    model = menarche()
    close(answers(model), [-55.3776271565519, 26.7034516357648, 3693.88357479415, 114.755254313104, 117.19300596284, 21.8698536754649,
                           23, 24], 1e-12)
    # summary(glm(..., quasibinomial))$dispersion
    close(model.dispersion(), 0.950863203281081, 1e-11)
    assert [round(float(number), 1) for number in (model.deviance('trials'), model.aic('trials'))] == [1639.3, 1643.3]
    assert answers(model) == answers(model, rows='groups')


GROUPS = {'trials': [10, 12, 0, 9, 20, 1], 'successes': [1, 4, 0, 5, 19, 1]}
DOSES, OFFSET = [[-1.5], [-0.3], [0], [0.8], [2.2], [2.5]], [0.1, -0.4, 0.2, 0.9, 0, -1]


@pytest.mark.parametrize('intercept, expected', [
    # n <- c(10,12,0,9,20,1); s <- c(1,4,0,5,19,1); x <- c(-1.5,-.3,0,.8,2.2,2.5); o <- c(.1,-.4,.2,.9,0,-1)
    # glm(cbind(s, n-s) ~ x + offset(o), binomial), and ~ x - 1 + offset(o); R's BIC counts the group without trials, its degrees of
    # freedom do not: here the BIC is that without this group
    (True, [-6.98163638328608, 4.55766921921737, 30.9467144854096, 17.9632727665722, 17.1821485914404, 5.14302746537433, 3, 4]),
    (False, [-7.56155802014205, 5.71751249292931, 31.8095619821909, 17.1231160402841, 16.7325539527182, 7.65343628760181, 4, 5])])
def test_an_offset_and_a_group_without_trials(intercept, expected):
    model = maximum_likelihood((DOSES, GROUPS['successes'], GROUPS['trials']), offset=OFFSET, intercept=intercept)
    close(answers(model), expected, 1e-11)


def test_large_groups_lose_no_digits():
    # n <- c(1e7, 2e7, 1.5e7); s <- c(1000100, 5000200, 7000300); glm(cbind(s, n-s) ~ c(1, 2, 3), binomial)
    model = maximum_likelihood(([[1], [2], [3]], [1000100, 5000200, 7000300], [10**7, 2 * 10**7, 15 * 10**6]))
    close(answers(model), [-3684.26373928729, 7319.03349774444, 4381200.41628088, 7372.52747857459, 7370.72470315192, 7284.75479685937,
                           1, 2], 1e-9)


def test_the_deviance_in_many_digits(sixty_digits):
    import mpmath
    for n, k, p in ((10**9, 4 * 10**8, 0.4000001), (50, 3, 0.06), (7, 7, 0.999), (3, 0, 0.25)):
        p = mpmath.mpf(p)
        expected = 2 * sum(x * mpmath.log(x / (n * q)) for x, q in ((k, p), (n - k, 1 - p)) if x)
        counts, logs = numpy.array([[n - k, k]], dtype=float), numpy.array([[float(mpmath.log(1 - p)), float(mpmath.log(p))]])
        close(goodness.deviance(counts, logs), expected, 1e-7 if n > 10**6 else 1e-12, 1e-18)
        exact = mpmath.log(mpmath.binomial(n, k)) + sum(x * mpmath.log(mpmath.mpf(x) / n) for x in (k, n - k) if x)
        close(goodness.saturated_log_likelihood(counts), exact, 1e-14, 1e-14)


def test_counts_of_more_classes():
    # each group one multinomial observation: the definition
    random = numpy.random.RandomState(3)
    points, counts = random.normal(size=(12, 2)), random.multinomial(15, [0.2, 0.5, 0.3], size=12)
    model = maximum_likelihood((points, counts))
    p, n = array(model.probability(points)), 15.0
    likelihood = sum(stats.multinomial.logpmf(row, 15, q / q.sum()) for row, q in zip(counts, p))
    saturated = sum(stats.multinomial.logpmf(row, 15, row / 15) for row in counts)
    share = counts.sum(axis=0) / counts.sum()
    null = sum(stats.multinomial.logpmf(row, 15, share) for row in counts)
    close(answers(model), [likelihood, 2 * (saturated - likelihood), 2 * (saturated - null), 12 - 2 * likelihood,
                           6 * math.log(12) - 2 * likelihood, ((counts - n * p)**2 / (n * p)).sum(), 18, 22], 1e-10)
    single = maximum_likelihood((numpy.repeat(points, 15, axis=0), numpy.concatenate([numpy.repeat(range(3), row) for row in counts])))
    close(answers(model, rows='trials'), answers(single), 1e-10)


def test_a_wrong_kind_of_rows_is_refused():
    model = menarche()
    for method in (model.deviance, model.null_deviance, model.log_likelihood, model.aic, model.bic, model.pearson_chi_squared,
                   model.degrees_of_freedom, model.dispersion):
        with pytest.raises(ValueError, match="rows = 'rows'; expected 'groups' or 'trials'"):
            method(rows='rows')


# Single rows

def test_weights_count_rows():
    points, labels = OVERLAPPING
    weights = numpy.arange(60) % 3 + 1
    model, repeated = (fitted((points, labels), weights=weights), fitted((numpy.repeat(points, weights, axis=0), numpy.repeat(labels, weights))))
    close(answers(model), answers(repeated), 1e-10)
    for ask in (lambda m: m.hosmer_lemeshow(), lambda m: m.area_under_curve(interval=0.9), lambda m: [m.brier_score(), m.log_loss()],
                lambda m: [m.pseudo_r_squared(kind) for kind in ('mcfadden', 'nagelkerke', 'cox_snell', 'tjur')],
                lambda m: m.calibration(7)['proportion'], lambda m: m.classification_table(0.4)['y = 1']):
        close([float(number) for number in ask(model)], [float(number) for number in ask(repeated)], 1e-9)


def test_null_deviance_with_an_offset_is_that_of_statsmodels():
    api = pytest.importorskip('statsmodels.api')
    points, labels = OVERLAPPING
    offset = 2 * numpy.random.RandomState(1).normal(size=60)
    fit = api.GLM(labels, numpy.ones((60, 1)), family=api.families.Binomial(), offset=offset).fit(tol=1e-14)
    close(fitted((points, labels), offset=offset).null_deviance(), fit.deviance, 1e-12)
    by_classes = api.MNLogit(penguins(label='species', variables='bill_length_mm').labels, numpy.ones((342, 1))).fit(disp=0, tol=1e-14)
    model = maximum_likelihood(penguins(label='species', variables='bill_length_mm'))
    close([model.null_deviance(), model.pseudo_r_squared()], [-2 * by_classes.llf, 1 - float(model.log_likelihood()) / by_classes.llf], 1e-12)


def test_null_deviance_of_classes_with_an_offset():
    random = numpy.random.RandomState(4)
    labels, offset = random.randint(3, size=90), 2 * random.normal(size=(90, 3))
    model = maximum_likelihood((random.normal(size=(90, 1)), labels), offset=offset)
    test = model.likelihood_ratio_test()
    close(model.null_deviance() - model.deviance(), test.statistic, 1e-9)


def test_pseudo_r_squared():
    # of spector, as logLik of R's glm with 32 rows; Tjur's is a difference of means
    api = pytest.importorskip('statsmodels.api')
    data = spector()
    model = fitted(data)
    fit = api.Logit(data.labels, api.add_constant(data.points)).fit(disp=0, method='newton', tol=1e-14)
    cox_snell = 1 - math.exp(2 * (fit.llnull - fit.llf) / 32)
    p = fit.predict()
    expected = {'mcfadden': fit.prsquared, 'cox_snell': cox_snell, 'nagelkerke': cox_snell / (1 - math.exp(2 * fit.llnull / 32)),
                'tjur': p[data.labels == 1].mean() - p[data.labels == 0].mean()}
    for kind, number in expected.items():
        close(model.pseudo_r_squared(kind), number, 1e-11)
    groups = menarche()
    close([groups.pseudo_r_squared(rows='groups'), groups.pseudo_r_squared()],
          [1 - 55.3776271565519 / (55.3776271565519 + (3693.88357479415 - 26.7034516357648) / 2),
           1 - float(groups.deviance('trials')) / float(groups.null_deviance('trials'))], 1e-12)


def plain_hosmer_lemeshow(p, y, groups):
    # as ResourceSelection's hoslem.test: cut(p, unique(quantile(p, seq(0, 1, 1/groups))), include.lowest=TRUE)
    cuts = numpy.unique(numpy.quantile(p, numpy.arange(1, groups) / groups))
    group = numpy.searchsorted(cuts, p)
    statistic = sum((seen[group == k].sum() - q[group == k].sum())**2 / q[group == k].sum()
                    for k in set(group.tolist()) for seen, q in ((y, p), (1 - y, 1 - p)))
    return statistic, len(set(group.tolist())) - 2


@pytest.mark.parametrize('groups', [3, 7, 10])
@pytest.mark.parametrize('decimals', [None, -1])
def test_hosmer_lemeshow(groups, decimals):
    # with many equal rows as well
    data = ex2data1()
    points = data.points if decimals is None else data.points.round(decimals)
    model = fitted((points, data.labels))
    test = model.hosmer_lemeshow(groups)
    p = array(model.probability(points))
    statistic, degrees = plain_hosmer_lemeshow(p.round(12), data.labels, groups)
    close(list(test), [statistic, degrees, stats.chi2.sf(statistic, degrees)], 1e-8)


def test_hosmer_lemeshow_of_classes():
    data = penguins(label='island', variables='bill_length_mm, body_mass_g')
    model = maximum_likelihood(data)
    p = array(model.probability(data.points))
    group = numpy.searchsorted(numpy.quantile(1 - p[:, 0], numpy.arange(1, 8) / 8), 1 - p[:, 0])
    seen = numpy.eye(3)[data.labels.astype(int)]
    tables = [numpy.array([numbers[group == k].sum(axis=0) for k in range(8)]) for numbers in (seen, p)]
    statistic = ((tables[0] - tables[1])**2 / tables[1]).sum()
    close(list(model.hosmer_lemeshow(8)), [statistic, 12, stats.chi2.sf(statistic, 12)], 1e-8)


def test_what_is_refused():
    descended = gradient_descent(OVERLAPPING, iterations=3)
    for method in (descended.hosmer_lemeshow, descended.aic, descended.bic):
        with pytest.raises(ValueError, match='expected a converged model'):
            method()
    model = maximum_likelihood(penguins(label='island', variables='bill_length_mm'))
    for name, arguments in [('calibration', ()), ('plot_calibration', ()), ('area_under_curve', (0.95,)), ('pseudo_r_squared', ('tjur',))]:
        with pytest.raises(ValueError, match=r"is of two classes, and the model has 3; .*model.between\('Biscoe', 'Dream'\)"):
            getattr(model, name)(*arguments)
    with pytest.raises(ValueError, match='threshold = 0.5 is of two classes'):
        model.classification_table(0.5)
    with pytest.raises(ValueError, match='groups = 2; expected a whole number from 3'):
        fitted(OVERLAPPING).hosmer_lemeshow(2)
    with pytest.raises(ValueError, match='interval = 95'):
        fitted(OVERLAPPING).area_under_curve(interval=95)


# The probabilities of any weights, on any data

@pytest.mark.parametrize('train', [fitted, lambda data: gradient_descent(data, iterations=30, learning_rate=0.1), lambda data: fitted(data, l2=3)])
def test_scores_of_other_data(train):
    model, (points, labels) = train(OVERLAPPING), random_data(7, 40, 2)
    p = sigmoid(array(model.weights())[0] + points @ array(model.weights())[1:])
    other = points, labels
    close(model.brier_score(other), ((p - labels)**2).mean(), 1e-13)
    close(model.log_loss(other), -numpy.log(numpy.where(labels == 1, p, 1 - p)).mean(), 1e-12)
    found, at = model.classification_table(0.4, other), p >= 0.4
    by_name = dict(found.rows())
    tp, fp, fn, tn = (int((at & (labels == 1)).sum()), int((at & (labels == 0)).sum()), int((~at & (labels == 1)).sum()),
                      int((~at & (labels == 0)).sum()))
    expected = {'true positives': tp, 'false positives': fp, 'false negatives': fn, 'true negatives': tn, 'prevalence': (tp + fn) / 40,
                'accuracy': (tp + tn) / 40, 'sensitivity': tp / (tp + fn), 'specificity': tn / (tn + fp),
                'positive predictive value': tp / (tp + fp), 'negative predictive value': tn / (tn + fn), 'F1': 2 * tp / (2 * tp + fp + fn),
                'positive likelihood ratio': tp / (tp + fn) / (fp / (tn + fp)), 'negative likelihood ratio': fn / (tp + fn) / (tn / (tn + fp)),
                "Youden's index": tp / (tp + fn) + tn / (tn + fp) - 1}
    assert list(by_name) == [*expected, 'kappa']
    close([float(by_name[name]) for name in expected], list(expected.values()), 1e-13)
    metrics = pytest.importorskip('sklearn.metrics')
    close(by_name['kappa'], metrics.cohen_kappa_score(labels, at), 1e-12)


def test_scores_of_classes():
    metrics = pytest.importorskip('sklearn.metrics')
    data = penguins(label='island', variables='bill_length_mm, body_mass_g')
    model = maximum_likelihood(data)
    p, labels = array(model.probability(data.points)), data.labels.astype(int)
    close(model.brier_score(), ((p - numpy.eye(3)[labels])**2).sum(axis=1).mean(), 1e-12)
    close(model.log_loss(), metrics.log_loss(labels, p), 1e-12)
    report = model.classification_table()
    found = {name: [float(report[f"island = '{island}'"][place]) for island in model.data.label_names]
             for place, name in enumerate(report['measure'])}
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(labels, p.argmax(axis=1))
    close([found['positive predictive value'], found['sensitivity'], found['F1']], [precision, recall, f1], 1e-12)
    assert f'kappa {metrics.cohen_kappa_score(labels, p.argmax(axis=1)):.6g}' in report.note


def test_what_is_not_defined_is_left_empty():
    model = fitted(OVERLAPPING)
    none = dict(model.classification_table(1).rows())
    assert none['positive predictive value'] is None and none['positive likelihood ratio'] is None and none['sensitivity'] == 0
    every = dict(model.classification_table(0).rows())
    assert every['negative predictive value'] is None and every['specificity'] == 0 and every['positive likelihood ratio'] == 1


def test_calibration():
    proportion = pytest.importorskip('statsmodels.stats.proportion')
    model = fitted(OVERLAPPING)
    points, labels = OVERLAPPING
    found = model.calibration(groups=6, level=0.8)
    order = numpy.argsort(array(model.probability(points))).reshape(6, 10)
    close(array(found['mean probability']), array(model.probability(points))[order].mean(axis=1), 1e-12)
    close(array(found['proportion']), labels[order].mean(axis=1), 1e-15)
    ends = proportion.proportion_confint(labels[order].sum(axis=1), 10, 0.2, 'wilson')
    close(array(found['80% interval']), numpy.column_stack(ends), 1e-12, 1e-15)
    assert found['count'] == 6 * [10]
    # no more probabilities than groups
    few = maximum_likelihood(([[1], [2], [3], [4]], [1, 4, 6, 9], [10, 100, 10, 10])).calibration()
    assert few['count'] == [10, 100, 10, 10] and array(few['proportion']).tolist() == [0.1, 0.04, 0.6, 0.9]


# The area under the curve

def plain_delong(z, labels, level):
    # DeLong, DeLong and Clarke-Pearson, by all pairs
    one, zero = z[labels == 1], z[labels == 0]
    wins = (one[:, None] > zero) + (one[:, None] == zero) / 2
    area = wins.mean()
    error = math.sqrt(wins.mean(axis=1).var(ddof=1) / len(one) + wins.mean(axis=0).var(ddof=1) / len(zero))
    half = special.ndtri((1 + level) / 2) * error
    return [area, max(0, area - half), min(1, area + half)]


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('decimals', [0, 3])
def test_the_interval_of_the_area(seed, decimals):
    points, labels = random_data(seed, 50, 2)
    points = points.round(decimals)
    model = maximum_likelihood((points, labels), bias_reduced=True).with_weights([0, 1, 2])
    expected = plain_delong(points @ [1, 2], labels, 0.9)
    close(list(model.area_under_curve(interval=0.9)), expected, 1e-11)
    close(model.area_under_curve(), expected[0], 1e-13)


def test_the_interval_ends_where_areas_do():
    # and grouped data count as their trials
    model = maximum_likelihood(ex2data1())
    assert list(model.area_under_curve(interval=0.9999))[2] == 1
    groups, single = (maximum_likelihood(data) for data in (
        ([[1], [2], [3]], [1, 4, 9], [10, 10, 10]),
        (numpy.repeat([[1.0], [2], [3]], 10, axis=0), [int(i % 10 < (1, 4, 9)[i // 10]) for i in range(30)])))
    close(list(groups.area_under_curve(interval=0.95)), list(single.area_under_curve(interval=0.95)), 1e-12)


def test_one_class_alone_is_summed_up():
    data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]])
    with pytest.warns(RuntimeWarning, match='complete separation'):
        model = gradient_descent(data.take(data.labels == 1), iterations=5)
    assert math.isnan(model.pseudo_r_squared()) and math.isnan(model.pseudo_r_squared('nagelkerke'))
    assert math.isnan(model.summary().facts()['pseudo-R²'])


def test_groups_are_the_rows_of_a_summary():
    summary = maximum_likelihood(([[1], [2], [3], [4]], [1, 2, 1, 3], [4, 4, 4, 4])).summary()
    assert summary.facts()['rows'] == 4 and '4 groups with 16 trials' in repr(summary)
