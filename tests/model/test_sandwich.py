r"""
Robust standard errors: by single observations and by clusters, beside statsmodels and plain sums
"""
import fractions
import math
import warnings

import numpy
import pytest
from scipy.special import expit, logit, softmax

from sage_logreg import gradient_descent, load_data, maximum_likelihood

CLOSE = dict(rtol=1e-10, atol=0)


def table(rows=90, classes=2, seed=1):
    # The points of some rows, their labels and clusters of different sizes.
    random = numpy.random.default_rng(seed)
    x = numpy.column_stack([random.normal(3, 1, rows), random.normal(0, 20, rows)])
    z = numpy.column_stack([numpy.zeros(rows), *(x @ numpy.array([[k, -0.03 * k]]).T - 3 * k for k in range(1, classes))])
    y = numpy.array([random.choice(classes, p=row) for row in softmax(z, axis=1)])
    return x, y, random.integers(0, 11, rows)


def numbers(result):
    return numpy.array([[float(number) for number in row] if hasattr(row, '__len__') or hasattr(row, 'list') else float(row) for row in result])


def with_ones(x):
    return numpy.column_stack([numpy.ones(len(x)), x])


def sandwich(x, successes, trials, weights, kind='HC0', clusters=None, offset=0):
    # As the definitions have it.
    p = expit(x @ weights + offset)
    bread = numpy.linalg.inv((x * (trials * p * (1 - p))[:, None]).T @ x)
    leverage = trials * p * (1 - p) * numpy.einsum('ij,jk,ik->i', x, bread, x)
    scores = (successes - trials * p)[:, None] * x / ((1 - leverage)**{'HC2': 0.5, 'HC3': 1}.get(kind, 0))[:, None]
    n, k = x.shape
    factor = n / (n - k) if kind == 'HC1' else 1
    if clusters is not None:
        scores = numpy.array([scores[[c == cluster for c in clusters]].sum(axis=0) for cluster in sorted(set(clusters))])
        factor = len(scores) / (len(scores) - 1) * (n - 1) / (n - k) if kind == 'HC1' else 1
    return factor * bread @ scores.T @ scores @ bread


def weights_of(model):
    return numbers(model.weights())


@pytest.mark.parametrize('kind', ['HC0', 'HC1', 'HC2', 'HC3'])
def test_single_rows(kind):
    x, y, _ = table()
    model = maximum_likelihood((x, y))
    covariance = numbers(model.covariance(kind=kind))
    expected = sandwich(with_ones(x), y, numpy.ones(len(y)), weights_of(model), kind)
    numpy.testing.assert_allclose(covariance, expected, **CLOSE)
    errors = numbers(model.standard_errors(kind=kind.lower()))
    numpy.testing.assert_allclose(errors, numpy.sqrt(numpy.diag(covariance)), **CLOSE)
    numpy.testing.assert_allclose(numbers(model.z_values(kind=kind)), weights_of(model) / errors, **CLOSE)
    ends = numbers(model.confidence_intervals(kind=kind))
    numpy.testing.assert_allclose(ends[:, 1] - ends[:, 0], 2 * 1.959963984540054 * errors, **CLOSE)
    coefficients = model.coefficients(kind=kind)
    numpy.testing.assert_allclose([float(coefficients.standard_errors[name]) for name in coefficients], errors, **CLOSE)


@pytest.mark.parametrize('classes', [2, 3])
def test_intervals_of_probabilities(classes):
    x, y, clusters = table(classes=classes)
    model, points = maximum_likelihood((x, y)), with_ones(x[:4])
    for options in ({'kind': 'HC1'}, {'cluster': clusters}):
        found, covariance = model.probability(x[:4], interval=0.9, **options), numbers(model.covariance(**options))
        for k in range(classes) if classes > 2 else [1]:
            # by the delta method, on the log-odds of a class against all others
            slopes = points
            if classes > 2:
                others = numpy.exp(points @ numbers(model.weights()).T)
                others[:, k] = 0
                by_class = -others / others.sum(axis=1, keepdims=True)
                by_class[:, k] = 1
                slopes = (by_class[:, :, None] * points[:, None, :]).reshape(4, -1)
            expected = 2 * 1.6448536269514722 * numpy.sqrt(numpy.einsum('ij,jk,ik->i', slopes, covariance, slopes))
            intervals = [row if classes == 2 else row[k] for row in found]
            ends = numpy.array([[float(one.lower), float(one.upper)] for one in intervals])
            numpy.testing.assert_allclose(numpy.diff(logit(ends), axis=1)[:, 0], expected, rtol=1e-8)
        with pytest.raises(ValueError, match='is of confidence intervals; expected their level as well'):
            model.probability(x[:4], **options)


def test_as_statsmodels():
    sm = pytest.importorskip('statsmodels.api')
    x, y, clusters = table()
    model = maximum_likelihood((x, y))
    logit = sm.Logit(y, with_ones(x))
    # whose own HC1 to HC3 of this model are HC0
    plain = logit.fit(cov_type='HC0', disp=0, method='newton', tol=1e-14)
    numpy.testing.assert_allclose(numbers(model.standard_errors(kind='HC0')), plain.bse, **CLOSE)
    numpy.testing.assert_allclose(numbers(model.p_values(kind='HC0')), plain.pvalues, rtol=1e-9)
    clustered = logit.fit(cov_type='cluster', cov_kwds={'groups': clusters}, disp=0, tol=1e-14)
    numpy.testing.assert_allclose(numbers(model.standard_errors(cluster=clusters)), clustered.bse, **CLOSE)
    numpy.testing.assert_allclose(numbers(model.confidence_intervals(cluster=clusters)), clustered.conf_int(), rtol=1e-9)
    without = logit.fit(cov_type='cluster', cov_kwds={'groups': clusters, 'use_correction': False}, disp=0, tol=1e-14)
    numpy.testing.assert_allclose(numbers(model.covariance(cluster=clusters, kind='HC0')), without.cov_params(), **CLOSE)


def test_groups_as_statsmodels():
    sm = pytest.importorskip('statsmodels.api')
    random = numpy.random.default_rng(2)
    x, trials, clusters = random.normal(size=(30, 2)), random.integers(1, 9, 30), random.integers(0, 6, 30)
    successes = random.binomial(trials, expit(x @ [1, -1]))
    fit = sm.GLM(numpy.column_stack([successes, trials - successes]), with_ones(x), sm.families.Binomial())
    model = maximum_likelihood((x, successes, trials))
    for kind, cluster, kwds in [('HC0', None, None), ('HC1', clusters, {'groups': clusters})]:
        expected = fit.fit(cov_type='cluster' if kwds else kind, cov_kwds=kwds, tol=1e-14, maxiter=100)
        numpy.testing.assert_allclose(numbers(model.covariance(kind=kind, cluster=cluster)), expected.cov_params(), **CLOSE)
    for kind in ('HC2', 'HC3'):
        numpy.testing.assert_allclose(numbers(model.covariance(kind=kind)),
                                      sandwich(with_ones(x), successes, trials, weights_of(model), kind), **CLOSE)


def test_classes_as_statsmodels():
    sm = pytest.importorskip('statsmodels.api')
    x, y, clusters = table(150, 3)
    x = x / [1, 10]
    model = maximum_likelihood((x, y))
    for options, given in [({'cov_type': 'HC0'}, {'kind': 'HC0'}),
                           ({'cov_type': 'cluster', 'cov_kwds': {'groups': clusters}}, {'cluster': clusters})]:
        fit = sm.MNLogit(y, with_ones(x)).fit(disp=0, method='newton', tol=1e-14, **options)
        covariance = numbers(model.covariance(baseline=0, **given))[3:, 3:]
        numpy.testing.assert_allclose(covariance, numpy.asarray(fit.cov_params()), rtol=1e-9, atol=1e-12)
        errors = numbers(model.standard_errors(baseline=0, **given))
        numpy.testing.assert_allclose(errors[1:].ravel(), numpy.sqrt(numpy.diag(covariance)), **CLOSE)
        assert not errors[0].any()


def test_two_classes_against_either():
    x, y, clusters = table()
    model = maximum_likelihood((x, y))
    errors = numbers(model.standard_errors(cluster=clusters))
    for baseline, other in ((0, 1), (1, 0)):
        found = numbers(model.standard_errors(baseline=baseline, cluster=clusters))
        numpy.testing.assert_allclose(found[other], errors, **CLOSE)
        assert not found[baseline].any()


def test_weights_offsets_and_no_intercept():
    sm = pytest.importorskip('statsmodels.api')
    x, y, clusters = table()
    random = numpy.random.default_rng(3)
    weights, offset = random.choice([0, 0.5, 1, 3], len(y)), random.normal(size=len(y))
    model = maximum_likelihood((x, y), weights=weights, offset=offset, intercept=False)
    counted = weights > 0
    for kind in ('HC0', 'HC1', 'HC2', 'HC3'):
        expected = sandwich(x[counted], (weights * y)[counted], weights[counted], weights_of(model), kind, offset=offset[counted])
        numpy.testing.assert_allclose(numbers(model.covariance(kind=kind)), expected, **CLOSE)
    # rows that do not count are no observations and no clusters
    expected = sandwich(x[counted], (weights * y)[counted], weights[counted], weights_of(model), 'HC1', clusters[counted], offset[counted])
    numpy.testing.assert_allclose(numbers(model.covariance(cluster=clusters)), expected, **CLOSE)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        fit = sm.GLM(y[counted], x[counted], sm.families.Binomial(), var_weights=weights[counted], offset=offset[counted]).fit(cov_type='HC0', tol=1e-14, maxiter=100)
    numpy.testing.assert_allclose(numbers(model.covariance(kind='HC0')), fit.cov_params(), **CLOSE)


def test_every_row_a_cluster_is_no_clusters():
    x, y, _ = table()
    model = maximum_likelihood((x, y))
    for kind in ('HC0', 'HC1'):
        numpy.testing.assert_allclose(numbers(model.covariance(kind=kind, cluster=range(len(y)))), numbers(model.covariance(kind=kind)), **CLOSE)


def test_units_do_not_matter():
    # such that the Hessian in the units of the data has lost all its digits
    x, y, clusters = table()
    near, far = maximum_likelihood((x, y)), maximum_likelihood((x * [1e-6, 1] + [1e6, 0], y))
    for given in ({'kind': 'HC3'}, {'cluster': clusters}):
        one, other = numbers(near.standard_errors(**given)), numbers(far.standard_errors(**given))
        numpy.testing.assert_allclose(other[2], one[2], rtol=1e-3)
    x = numpy.column_stack([x, x.sum(axis=1) + 1e-7 * numpy.random.default_rng(4).normal(size=len(x))])
    model = maximum_likelihood((x, y))
    center = x - x.mean(axis=0)
    turned = numpy.column_stack([center[:, :2], (center[:, 2] - center[:, :2].sum(axis=1)) * 2.0**23])
    again = maximum_likelihood((turned, y))
    numpy.testing.assert_allclose(float(model.standard_errors(kind='HC0')[3]), float(again.standard_errors(kind='HC0')[3]) * 2.0**23, rtol=1e-6)


VALUES = {'texts': lambda c: [f'school {k}' for k in c], 'floats': lambda c: c / 3, 'fractions': lambda c: [fractions.Fraction(int(k), 7) for k in c],
          'pairs': lambda c: [(int(k), 'a') for k in c], 'booleans and numbers': lambda c: [True if k == 1 else int(k) for k in c],
          'generator': lambda c: (int(k) for k in c), 'tuple': tuple}


@pytest.mark.parametrize('values', VALUES)
def test_values_of_clusters(values):
    x, y, clusters = table(60)
    model = maximum_likelihood((x, y))
    numpy.testing.assert_allclose(numbers(model.standard_errors(cluster=VALUES[values](clusters))),
                                  numbers(model.standard_errors(cluster=clusters)), **CLOSE)


def test_frames_of_clusters(sage):
    pandas = pytest.importorskip('pandas')
    x, y, clusters = table(60)
    model = maximum_likelihood((x, y))
    expected = numbers(model.standard_errors(cluster=clusters))
    series = pandas.Series(clusters, index=range(100, 160))
    for given in (series, series.astype('category'), series.astype(str), sage.vector(sage.ZZ, clusters.tolist()),
                  [sage.QQ(int(k)) / 2 for k in clusters]):
        numpy.testing.assert_allclose(numbers(model.standard_errors(cluster=given)), expected, **CLOSE)


def test_columns_by_name(tmp_path):
    x, y, clusters = table(60)
    texts = [f'ward {k % 4}' for k in clusters]
    columns = {'a': x[:, 0].tolist(), 'clinic': clusters.tolist(), 'ward': texts, 'y': y.tolist()}
    path = tmp_path / 'patients.csv'
    path.write_text('\n'.join([','.join(columns), *(','.join(map(str, row)) for row in zip(*columns.values()))]))
    for source in (columns, str(path)):
        for model in (maximum_likelihood(source, variables='a'), maximum_likelihood(source, formula='y ~ a'),
                      maximum_likelihood(load_data(source, variables='a').take(slice(None)), intercept=True)):
            for name, values in (('clinic', clusters), ('ward', texts)):
                numpy.testing.assert_allclose(numbers(model.standard_errors(cluster=name)),
                                              numbers(model.standard_errors(cluster=values)), **CLOSE)
    # as variables of the model, a factor by its title
    model = maximum_likelihood(columns, label='y')
    for name, values in (('clinic', clusters), ('ward', texts)):
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            numpy.testing.assert_allclose(numbers(model.standard_errors(cluster=name)),
                                          numbers(model.standard_errors(cluster=values)), **CLOSE)


def test_dropped_rows():
    x, y, clusters = table(60)
    rows = [[None if row in (3, 40) else x[row, 0], f'c{clusters[row]}', int(y[row])] for row in range(60)]
    columns = dict(zip(('a', 'clinic', 'y'), map(list, zip(*rows))))
    model = maximum_likelihood(columns, variables='a', missing='drop')
    kept = numpy.delete(clusters, [3, 40])
    expected = numbers(model.standard_errors(cluster=kept))
    for given in (clusters, 'clinic'):
        numpy.testing.assert_allclose(numbers(model.standard_errors(cluster=given)), expected, **CLOSE)
    with pytest.raises(ValueError, match='cluster has 59 entries; expected 58, one for each row of the data, or 60 with those that were dropped'):
        model.standard_errors(cluster=clusters[:59])
    # a missing cluster of a dropped row is none of these
    columns['clinic'][3] = None
    numpy.testing.assert_allclose(numbers(maximum_likelihood(columns, variables='a', missing='drop').standard_errors(cluster='clinic')), expected,
                                  **CLOSE)
    columns['clinic'][4] = None
    with pytest.raises(ValueError, match='clinic is missing in row 5; expected a value for every row'):
        maximum_likelihood(columns, variables='a', missing='drop').standard_errors(cluster='clinic')


@pytest.mark.parametrize('cluster, sentence', [
    ('school', "cluster: the data have no column 'school'; expected one of x1, x2, y, or one value for each of the 60 rows"),
    ([1] * 60, 'the same value for all rows'), ([1, math.nan] * 30, 'cluster is missing in row 2'), (7, 'cluster = 7; expected'),
    (numpy.zeros((60, 2)), 'an array of 2 dimensions'), ({'a': 1}, 'cluster = .*; expected the title of a column'),
    ([[1], [2]] * 30, r'cluster\[0\] = \[1\]; expected numbers or texts')])
def test_refused_clusters(cluster, sentence):
    x, y, _ = table(60)
    with pytest.raises((TypeError, ValueError), match=sentence):
        maximum_likelihood((x, y)).coefficients(cluster=cluster)


def test_what_has_no_robust_errors():
    x, y, clusters = table(60)
    for model, sentence in [(maximum_likelihood((x, y), l2=1), 'robust standard errors are of an estimate by the likelihood alone'),
                            (maximum_likelihood((x, y), bias_reduced=True), "bias_reduced=True adds Firth's penalty"),
                            (gradient_descent((x, y), iterations=0), 'robust standard errors are of an estimate, and the weights')]:
        for given in ({'kind': 'HC0'}, {'cluster': clusters}):
            with pytest.raises(ValueError, match=sentence):
                model.standard_errors(**given)
    with pytest.raises(ValueError, match=r"leverage, and that of row 1 is 1; expected kind='HC0' or 'HC1'"):
        maximum_likelihood(([[0], [1]], [1, 2], [3, 4])).standard_errors(kind='HC3')
    with pytest.raises(ValueError, match="there are 2 for 2 weights; expected kind='HC0'"):
        maximum_likelihood(([[0], [1]], [1, 2], [3, 4])).standard_errors(kind='HC1')


def test_few_clusters_are_told():
    x, y, _ = table(60)
    with pytest.warns(RuntimeWarning, match='3 clusters for 3 weights: the covariance is singular'):
        maximum_likelihood((x, y)).standard_errors(cluster=[row % 3 for row in range(60)])


def test_dropped_groups():
    x = [[0.0], [1.0], [None], [2.0], [3.0], [4.0]]
    model = maximum_likelihood((x, [1, 2, 1, 4, 3, 6], [6, 7, 5, 8, 5, 8]), missing='drop')
    given = ['a', 'b', 'x', 'a', 'c', 'b']
    expected = numbers(model.standard_errors(cluster=given))
    numpy.testing.assert_allclose(numbers(model.standard_errors(cluster=given[:2] + given[3:])), expected, **CLOSE)
    with pytest.raises(ValueError, match='cluster has 4 entries; expected 5, one for each group, or 6 with those that were dropped'):
        model.standard_errors(cluster=given[:4])
