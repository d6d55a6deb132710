r"""
Inference of more than two classes, against statsmodels, R and Newton's method in differences to the first class.
"""
import shutil
import subprocess
import warnings

import numpy
import pytest
from scipy import special

from sage_logreg import gradient_descent, load_data, maximum_likelihood, penguins

from helpers import QUANTILE_95, array, close, summary_facts, summary_notes, summary_rows, weights_of


# The oracle: differences to the first class, one vector

def cost_of(theta, X, labels, classes, weights, offset, l2=0.0, curved=True):
    m, n = X.shape
    rows = numpy.vstack([numpy.zeros(n), theta.reshape(classes - 1, n)])
    z = X @ rows.T + offset
    z = z - z.max(axis=1, keepdims=True)
    p = numpy.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    own = numpy.eye(classes)[labels]
    cost = -(weights * numpy.log((p * own).sum(axis=1))).sum()
    gradient = ((weights[:, None] * (p - own)).T @ X)[1:].ravel()
    blocks = [[(X * (weights * p[:, a] * ((a == b) - p[:, b]))[:, None]).T @ X for b in range(1, classes)] for a in range(1, classes)]
    hessian = numpy.block(blocks)
    if l2:
        # the penalty on the weights whose sum over the classes is zero
        inner = (numpy.eye(classes) - 1 / classes)[1:, 1:]
        penalty = numpy.kron(inner, l2 * numpy.diag([0.0] + [1.0] * (n - 1)))
        cost, gradient, hessian = cost + theta @ penalty @ theta / 2, gradient + penalty @ theta, hessian + penalty
    return cost, gradient, hessian


def fitted_differences(X, labels, classes, weights=None, offset=None, l2=0.0, free=None, start=None):
    weights = numpy.ones(len(X)) if weights is None else numpy.asarray(weights, dtype=float)
    offset = numpy.zeros((len(X), classes)) if offset is None else offset
    theta = numpy.zeros((classes - 1) * X.shape[1]) if start is None else start
    free = numpy.ones(len(theta), dtype=bool) if free is None else free
    for _ in range(100):
        cost, gradient, hessian = cost_of(theta, X, labels, classes, weights, offset, l2)
        step, size = numpy.zeros(len(theta)), 1.0
        step[free] = -numpy.linalg.solve(hessian[numpy.ix_(free, free)], gradient[free])
        while size > 1e-3 and cost_of(theta + size * step, X, labels, classes, weights, offset, l2)[0] > cost + 1e-12 * abs(cost):
            size /= 2
        theta = theta + size * step
        if abs(step).max() < 1e-13 * max(1, abs(theta).max()):
            break
    return theta, cost_of(theta, X, labels, classes, weights, offset, l2)


def of_differences(theta, covariance, classes, baseline=None):
    r"""
    Return weights and covariance of all classes, in the symmetric form or as differences to a class.
    """
    change = numpy.eye(classes) - (1 / classes if baseline is None else numpy.eye(classes)[baseline])
    change = numpy.kron(change[:, 1:], numpy.eye(len(theta) // (classes - 1)))
    return change @ theta, change @ covariance @ change.T


def problem(seed, m=150, n=3, classes=3, kind='plain'):
    r"""
    Points, labels and options of a random problem, and the same for the oracle.
    """
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(m, n))
    scores = 0.7 * points @ random.normal(size=(n, classes)) + random.normal(size=classes)
    labels = (scores + random.gumbel(size=(m, classes))).argmax(axis=1)
    options = {}
    if 'weights' in kind:
        options['weights'] = random.randint(1, 5, m) / 2
    if 'offset' in kind:
        options['offset'] = random.normal(size=(m, classes))
    if 'l2' in kind:
        options['l2'] = 3.0
    intercept = 'origin' not in kind
    X = numpy.column_stack([numpy.ones(m), points]) if intercept else points
    theta, (cost, _, hessian) = fitted_differences(X, labels, classes, **options)
    return (points, labels), {**options, **({} if intercept else {'intercept': False})}, theta, cost, numpy.linalg.inv(hessian)


KINDS = ['plain', 'weights', 'offset', 'weights and offset', 'origin', 'weights, offset, origin', 'l2', 'l2, weights, offset']


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('classes', [3, 5])
def test_weights_errors_and_covariance(kind, classes):
    data, options, theta, cost, covariance = problem(classes, classes=classes, kind=kind)
    # in other units, unless there is a penalty in them
    scale = numpy.ones(3) if 'l2' in kind else numpy.array([1e-3, 1, 500])
    model = maximum_likelihood((data[0] * scale, data[1]), **options)
    units = numpy.tile(numpy.concatenate([[1.0] * (options.get('intercept', True)), scale]), classes)
    for baseline in (None, *range(classes)):
        weights, expected = of_differences(theta, covariance, classes, baseline)
        close(array(model.weights(baseline)).ravel(), weights / units, 1e-9, 1e-11)
        close(array(model.covariance(baseline)), expected / numpy.outer(units, units), 1e-9, 1e-11 / numpy.outer(units, units))
        errors = numpy.sqrt(numpy.maximum(0, numpy.diag(expected))) / units
        close(array(model.standard_errors(baseline)).ravel(), errors, 1e-10, 1e-13)
        if 'l2' in kind:
            continue
        z = numpy.divide(weights / units, errors, out=numpy.zeros(len(errors)), where=errors > 0)
        close(array(model.z_values(baseline)).ravel(), z, 1e-9, 1e-10)
        close(array(model.p_values(baseline)).ravel(), special.erfc(abs(z) / numpy.sqrt(2)), 1e-8, 1e-10)
        intervals = array(model.confidence_intervals(0.95, baseline=baseline)).reshape(-1, 2)
        close(intervals, numpy.column_stack([weights / units - QUANTILE_95 * errors, weights / units + QUANTILE_95 * errors]), 1e-8, 1e-10)
    if 'l2' not in kind:
        count, total = len(theta), float(numpy.sum(options.get('weights', numpy.ones(len(data[1])))))
        close([model.log_likelihood(), model.deviance(), model.aic(), model.bic()],
              [-cost, 2 * cost, 2 * cost + 2 * count, 2 * cost + count * numpy.log(total)], 1e-11)


def test_statsmodels_voters():
    api = pytest.importorskip('statsmodels.api')
    voters = api.datasets.anes96.load()
    exog = api.add_constant(voters.exog)
    expected = api.MNLogit(voters.endog, exog).fit(method='newton', tol=1e-14, disp=0, maxiter=100)
    model = maximum_likelihood(voters.exog.assign(PID=voters.endog.astype(int)), label='PID')
    for numbers, theirs in [(model.weights, expected.params), (model.standard_errors, expected.bse), (model.z_values, expected.tvalues),
                            (model.p_values, expected.pvalues)]:
        close(array(numbers(baseline=0))[1:].T, theirs.to_numpy(), 1e-10)
    close([model.log_likelihood(), model.aic(), model.bic()], [expected.llf, expected.aic, expected.bic], 1e-12)
    close(array(model.relative_risk_ratios())[1:].T, numpy.exp(expected.params.to_numpy()[1:]), 1e-10)
    intervals = array(model.confidence_intervals(baseline=0))[1:]
    close(intervals.reshape(-1, 2), expected.conf_int().to_numpy(), 1e-9)
    test = model.likelihood_ratio_test()
    # the model of a bias alone has the frequencies of the classes, of which statsmodels finds some digits
    counts = voters.endog.value_counts().to_numpy()
    null = numpy.sum(counts * numpy.log(counts / counts.sum()))
    close(null, expected.llnull, 1e-8)
    close(test.statistic, 2 * (expected.llf - null), 1e-10)
    assert test.degrees_of_freedom == expected.df_model == 30
    close(test.p_value, special.chdtrc(30, 2 * (expected.llf - null)), 1e-8)
    # against statsmodels' model without two of the variables
    smaller = api.MNLogit(voters.endog, exog[['const', 'logpopul', 'selfLR', 'income']]).fit(method='newton', tol=1e-14, disp=0, maxiter=100)
    test = model.likelihood_ratio_test(without='age, educ')
    close(test.statistic, 2 * (expected.llf - smaller.llf), 1e-9)
    assert test.degrees_of_freedom == 12


def test_multinom_of_r(tmp_path):
    if shutil.which('Rscript') is None or subprocess.run(['Rscript', '-e', 'library(nnet)'], capture_output=True).returncode:
        pytest.skip('there is no R with nnet')
    (points, labels), options, *_ = problem(8, kind='weights')
    path = tmp_path / 'table.csv'
    numpy.savetxt(path, numpy.column_stack([points, labels, options['weights']]), delimiter=',', header='a,b,c,y,f', comments='', fmt='%.17g')
    program = f"""
        table <- read.csv('{path}')
        fit <- nnet::multinom(factor(y) ~ a + b + c, table, weights = f, trace = FALSE, maxit = 1000, reltol = 1e-16, abstol = 0)
        found <- summary(fit)
        cat(format(c(t(found$coefficients), t(found$standard.errors), deviance(fit)), digits = 15))"""
    done = subprocess.run(['Rscript', '-e', program], capture_output=True, text=True, check=True)
    found, model = numpy.array(done.stdout.split(), dtype=float), maximum_likelihood((points, labels), **options)
    # it stops by the gradient of a quasi-Newton method
    close(array(model.weights(0))[1:].ravel(), found[:8], 1e-5, 1e-5)
    close(array(model.standard_errors(0))[1:].ravel(), found[8:16], 1e-5)
    close(model.deviance(), found[16], 1e-9)


# Tests of smaller models

@pytest.mark.parametrize('kind', ['plain', 'weights and offset', 'origin'])
@pytest.mark.parametrize('names', [(), ('x1',), ('x3', 'x2'), ('x1', 'x2', 'x3')])
def test_likelihood_ratio_against_two_fits(kind, names):
    (points, labels), options, _, cost, _ = problem(4, classes=4, kind=kind)
    model = maximum_likelihood((points, labels), **options)
    test = model.likelihood_ratio_test(names)
    assert test.degrees_of_freedom == 3 * (3 - len(names))
    columns = sorted(int(name[1]) - 1 for name in names)
    X = numpy.column_stack([numpy.ones((len(points), int('origin' not in kind))), points[:, columns]])
    others = {name: value for name, value in options.items() if name != 'intercept'}
    if X.shape[1]:
        smaller = fitted_differences(X, labels, 4, **others)[1][0]
    else:
        smaller = len(labels) * numpy.log(4)
    close(test.statistic, 2 * (smaller - cost), 1e-9, 1e-9)
    if len(names) < 3:
        close(test.p_value, special.chdtrc(3 * (3 - len(names)), 2 * (smaller - cost)), 1e-8)
    left = [name for name in ('x1', 'x2', 'x3') if name not in names]
    assert model.likelihood_ratio_test(without=left) == test
    if names:
        other = maximum_likelihood(load_data((points[:, columns], labels), variables=[f'x{j + 1}' for j in columns]), **options)
        assert model.likelihood_ratio_test(other) == test


def test_likelihood_ratio_without_a_bias():
    (points, labels), options, _, cost, _ = problem(6)
    smaller = fitted_differences(points, labels, 3)[1][0]
    model = maximum_likelihood((points + 0.0, labels))
    test = model.likelihood_ratio_test(maximum_likelihood((points, labels), intercept=False))
    close(test.statistic, 2 * (smaller - cost), 1e-9)
    assert test.degrees_of_freedom == 2


def test_likelihood_ratio_of_factors_and_others():
    table = penguins(label='island', variables='body_mass_g, species')
    # Gentoo live on one island only
    model = maximum_likelihood(table, l2=1)
    with pytest.raises(ValueError, match='likelihood-ratio tests are of an estimate by the likelihood alone, and the penalty l2 = 1'):
        model.likelihood_ratio_test(without='species')
    model = maximum_likelihood(penguins(label='species', variables='body_mass_g, sex'))
    assert model.likelihood_ratio_test(without='sex').degrees_of_freedom == 2
    (points, labels), options, *_ = problem(4, kind='offset')
    model, other = maximum_likelihood((points, labels), **options), maximum_likelihood((points[:, :1], labels))
    with pytest.raises(ValueError, match='the smaller model was estimated with other offset; expected the same'):
        model.likelihood_ratio_test(other)
    with pytest.raises(ValueError, match='of other points, with other labels'):
        model.likelihood_ratio_test(maximum_likelihood((points[:, :1], (labels + 1) % 3)))


# Intervals

@pytest.mark.parametrize('kind, baseline', [('plain', 0), ('weights and offset', 2), ('origin', 1)])
def test_profile_intervals_are_where_the_likelihood_falls(kind, baseline):
    (points, labels), options, _, cost, _ = problem(11, m=60, n=2, kind=kind)
    model = maximum_likelihood((points, labels), **options)
    found = array(model.confidence_intervals(0.9, 'profile', baseline))
    assert not found[baseline].any()
    # the oracle is in differences to its first class
    order = [baseline, *(k for k in range(3) if k != baseline)]
    own = numpy.argsort(order)[labels]
    others = {name: value[:, order] if name == 'offset' else value for name, value in options.items() if name != 'intercept'}
    X = numpy.column_stack([numpy.ones((60, int('origin' not in kind))), points])
    count = X.shape[1]
    estimate = array(model.weights(baseline))[order[1:]].ravel()
    for place in range(2 * count):
        for end in found[order[1 + place // count], place % count]:
            start = estimate.copy()
            start[place] = end
            fixed = fitted_differences(X, own, 3, free=numpy.arange(2 * count) != place, start=start, **others)[1][0]
            close(2 * (fixed - cost), special.chdtri(1, 0.1), 1e-8)


@pytest.mark.parametrize('kind', ['plain', 'weights and offset', 'origin'])
def test_intervals_of_probabilities(kind):
    (points, labels), options, theta, _, covariance = problem(3, classes=4, kind=kind)
    model = maximum_likelihood((points, labels), **options)
    new = numpy.random.RandomState(0).normal(size=(5, 3)) * 2
    X = numpy.column_stack([numpy.ones((5, int('origin' not in kind))), new])

    def log_odds(theta, x, k):
        z = numpy.concatenate([[0.0], theta.reshape(3, -1) @ x])
        return z[k] - special.logsumexp(numpy.delete(z, k))

    rows = model.probability(new, interval=0.95)
    probabilities = array(model.probability(new))
    assert len(rows) == 5 and all(len(row) == 4 for row in rows)
    for i, x in enumerate(X):
        for k in range(4):
            unit = 1e-5 * numpy.eye(len(theta))
            slopes = numpy.array([log_odds(theta + step, x, k) - log_odds(theta - step, x, k) for step in unit]) / 2e-5
            half = QUANTILE_95 * numpy.sqrt(slopes @ covariance @ slopes)
            close(list(rows[i][k]), [probabilities[i, k], *special.expit([log_odds(theta, x, k) - half, log_odds(theta, x, k) + half])], 1e-7)
    close(array(model.probability(new[0], interval=0.95)), array(rows[0]), 1e-12)


# Which models have what

def test_what_is_no_estimate():
    (points, labels), *_ = problem(5)
    short = gradient_descent((points, labels), iterations=5, learning_rate=0.1)
    with pytest.raises(ValueError, match='standard errors are of an estimate, and the weights are where gradient_descent stopped, .* short'):
        short.standard_errors()
    with pytest.raises(ValueError, match='covariances are of an estimate'):
        short.covariance(baseline=1)
    assert 'std. error' not in summary_rows(short)[0]
    near = gradient_descent((points, labels), iterations=20000, learning_rate=0.5, tol=1e-10)
    close(array(near.standard_errors()), array(maximum_likelihood((points, labels)).standard_errors()), 1e-6)
    penalised = maximum_likelihood((points, labels), l2=1)
    for method in (penalised.p_values, penalised.z_values, penalised.confidence_intervals, penalised.aic, penalised.bic):
        with pytest.raises(ValueError, match='the penalty l2 = 1 draws the weights to zero'):
            method()
    given = maximum_likelihood((points, labels)).with_weights(numpy.zeros((3, 4)))
    with pytest.raises(ValueError, match='the weights are given ones'):
        given.p_values()
    close(given.log_likelihood(), -150 * numpy.log(3), 1e-12)


def test_what_is_of_two_classes():
    model = maximum_likelihood(problem(5)[0])
    for method in (model.roc, model.area_under_curve):
        with pytest.raises(ValueError, match=r'is of two classes, and the model has 3; expected that of two of them, as model.between\(0, 1\)'):
            method()
    for method in (lambda: model.predict([[1, 2, 3]], threshold=0.3), lambda: model.accuracy(threshold=0.3),
                   lambda: model.confusion_matrix(threshold=0.3)):
        with pytest.raises(ValueError, match='threshold = 0.3 is of two classes, and the model has 3'):
            method()
    for method in (model.standard_errors, model.weights, model.summary, model.relative_risk_ratios, model.coefficients):
        with pytest.raises(ValueError, match="'Emperor' is no label of the data"):
            method(baseline='Emperor')


@pytest.mark.parametrize('gap', range(4, 44, 4))
def test_nearly_dependent_columns_have_eight_digits_or_none(gap):
    random = numpy.random.RandomState(gap)
    # few bits, so that the second column is exact
    one, two = numpy.round(random.normal(size=(2, 80)) * 16) / 16
    labels = (numpy.column_stack([0 * one, one, two]) + random.gumbel(size=(80, 3))).argmax(axis=1)
    _, (_, _, hessian) = fitted_differences(numpy.column_stack([numpy.ones(80), one, two]), labels, 3)
    covariance = numpy.linalg.inv(hessian)
    # x1 v1 + x2 v2 = one (v1 + v2) + 2^-gap two v2
    change = numpy.kron(numpy.eye(2), [[1, 0, 0], [0, 1, -2.0**gap], [0, 0, 2.0**gap]])
    expected = numpy.sqrt(numpy.diag(change @ covariance @ change.T)).reshape(2, 3)
    with warnings.catch_warnings():
        # that it has not converged
        warnings.simplefilter('ignore', RuntimeWarning)
        model = maximum_likelihood((numpy.column_stack([one, one + 2.0**-gap * two]), labels))
    try:
        errors = array(model.standard_errors(baseline=0))
    except ValueError as error:
        assert not model.converged() or 'singular' in str(error)
    else:
        close(errors[1:], expected, 1e-8)
    assert model.converged() or gap > 40


# By name

@pytest.mark.parametrize('baseline', [None, 'Adelie', 'Gentoo'])
def test_tables(baseline):
    model = maximum_likelihood(penguins(label='species', variables='body_mass_g, sex'))
    place = ['Adelie', 'Chinstrap', 'Gentoo'].index(baseline or 'Adelie')
    others = [name for name in ('Adelie', 'Chinstrap', 'Gentoo') if name != (baseline or 'Adelie')]
    name = baseline or 'Adelie'
    weights, errors = array(model.weights(name)), array(model.standard_errors(name))
    coefficients = model.coefficients(baseline=baseline)
    assert list(coefficients) == others and list(coefficients[others[1]]) == list(model.weight_names())
    for label in others:
        row = ['Adelie', 'Chinstrap', 'Gentoo'].index(label)
        close(list(coefficients[label].values()), weights[row], 0)
        close(list(coefficients[label].standard_errors.values()), errors[row], 0)
        close(list(coefficients[label].odds_ratios.values()), array(model.relative_risk_ratios(baseline))[row], 1e-14)
        close(list(coefficients[label].intervals.values()), array(model.confidence_intervals(baseline=name))[row], 0)
    assert f"each class against species = '{name}'" in summary_notes(model, baseline=baseline)
    rows = summary_rows(model, baseline=baseline)
    blocks = [row[0] for row in rows if row[0].startswith('species = ')]
    assert blocks == [f"species = '{label}'" for label in others]
    places = [k for k in range(3) if k != place]
    shown = [row for row in rows if row[1] and row[0] in ('bias', 'body_mass_g', '  male')]
    assert [row[1] for row in shown] == [f'{weight:.6g}' for k in places for weight in weights[k]]
    assert [row[2] for row in shown] == [f'{error:.6g}' for k in places for error in errors[k]]
    assert all(float(row[-1]) >= 10 for row in shown)
    facts = summary_facts(model, baseline=baseline)
    assert facts['AIC'] == f'{float(model.aic()):.6g}' and facts['log-likelihood'] == f'{float(model.log_likelihood()):.6g}'


def test_a_model_too_large_for_its_hessian():
    random = numpy.random.RandomState(0)
    points, labels = random.normal(size=(30, 1100)), random.randint(3, size=30)
    model = gradient_descent((points, labels), l2=1, iterations=3)
    with pytest.raises(ValueError, match='the Hessian of 2202 weights is too large for standard errors and tests; expected at most 2000'):
        model.standard_errors()
    rows = summary_rows(model)
    assert rows[0] == ['', 'weight', 'relative risk ratio'] and len(rows) < 30
    assert any('more rows' in row[0] for row in rows)
    z = numpy.column_stack([numpy.ones(30), points]) @ weights_of(model).T
    close(model.log_likelihood(), (z[numpy.arange(30), labels] - special.logsumexp(z, axis=1)).sum(), 1e-11)


# Formulas

@pytest.mark.parametrize('kind', ['plain', 'l2, weights, offset', 'origin'])
def test_the_symbolic_cost(kind, sage):
    (points, labels), options, *_ = problem(2, m=20, n=2, kind=kind)
    model = maximum_likelihood((points, labels), **options) if 'l2' in kind else gradient_descent((points, labels), iterations=5, **options)
    cost = model.symbolic_cost()
    symbols = [sage.SR.var(f'w{k}_{j}') for k in range(3) for j in range('origin' in kind, 3)]
    assert set(cost.variables()) == set(symbols)
    random = numpy.random.RandomState(1)
    w = random.normal(size=len(symbols))
    other = model.with_weights(w.reshape(3, -1))
    values = dict(zip(symbols, map(float, w)))
    close(cost.subs(values), other.cost(), 1e-12)
    close([cost.diff(symbol).subs(values) for symbol in symbols], array(other.gradient()).ravel(), 1e-10, 1e-12)
    close(model.symbolic_cost(model.weights()), model.cost(), 1e-12)
    close(model.symbolic_cost(*model.weights().list()), model.cost(), 1e-12)


def test_formulas_of_features(sage):
    x = sage.SR.var('x1')
    data = load_data([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c'], [5, 'c']], features=[x, x**2])
    model = maximum_likelihood(data)
    t = sage.SR.var('t')
    posterior = model.posterior(t)
    close([p.subs({t: 2.5}) for p in posterior], array(model.probability(2.5)), 1e-9)
    close(model.log_odds('c', 'a', 2.5), numpy.log(float(model.probability(2.5)[2] / model.probability(2.5)[0])), 1e-8)
    code = str(sage.latex(model))
    assert code.startswith(r'P(y = k \mid x_{1}) = \frac{e^{z_{k}}}{\sum_{j} e^{z_{j}}}')
    assert all(f'z_{{{label}}} & = ' in code for label in 'abc') and r'x_{1}^{2}' in code
