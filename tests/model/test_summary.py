r"""
The summary and its correct digits.
"""
import math

import mpmath
import numpy
import pytest

from sage_logreg import ex2data1, gradient_descent, load_data, maximum_likelihood, regularization_path, separation, stochastic_gradient_descent

from helpers import Exact, OVERLAPPING, array, close, fitted, nearly_separated, spector, summary_facts, summary_notes, summary_rows

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


def right_digits(weights, exact):
    # the log relative error
    errors = [abs(mpmath.mpf(float(w)) - x) / abs(x) for w, x in zip(weights, exact)]
    return [15.0 if error == 0 else min(15.0, max(0.0, float(-mpmath.log10(error)))) for error in errors]


def as_shown(digits):
    # from ten on whole digits
    return [math.floor(number) if number >= 10 else number for number in digits]


@pytest.mark.parametrize('iterations, l2', [(0, 0), (1, 0), (30, 0), (300, 0), (1000, 0), (300, 5)])
@pytest.mark.parametrize('method', [gradient_descent, stochastic_gradient_descent])
def test_right_digits_of_descents(method, iterations, l2):
    points, labels = OVERLAPPING
    if method is gradient_descent:
        model = gradient_descent((points, labels), iterations=iterations, learning_rate=0.2, l2=l2)
    else:
        model = stochastic_gradient_descent((points, labels), epochs=iterations, learning_rate=0.05, batch_size=20,
                                            l2=l2)
    best = maximum_likelihood((points, labels), l2=l2)
    expected = right_digits(array(model.weights()), Exact(points, labels, l2).estimate(array(best.weights())))
    rows = summary_rows(model)
    shown = [float(row[-1]) for row in rows[1:4]]
    for one, two in zip(shown, as_shown(expected)):
        # beyond 13 digits the estimate itself is rounded
        assert abs(one - two) <= 0.051 or min(one, two) > 13
    close([float(row[1]) for row in rows[1:4]], model.weights(), 6e-6, 1e-300)


def test_right_digits_come_with_every_kind_of_fit():
    points, labels = OVERLAPPING
    random = numpy.random.RandomState(3)
    for options in ({}, {'l2': 2}, {'weights': random.randint(1, 4, 60)}, {'offset': random.normal(size=60)}):
        model = fitted((points, labels), **options)
        assert min(float(row[-1]) for row in summary_rows(model)[1:4]) >= 13
        stopped = maximum_likelihood((points, labels), callback=lambda step, cost, w: step == 1, **options)
        expected = right_digits(array(stopped.weights()), map(mpmath.mpf, array(model.weights())))
        close([float(row[-1]) for row in summary_rows(stopped)[1:4]], as_shown(expected), 0, 0.051)


def test_right_digits_where_the_classes_hardly_overlap():
    points, labels = nearly_separated(1e-12)
    model = fitted((points, labels))
    expected = right_digits(array(model.weights()), Exact(points, labels).estimate(array(model.weights())))
    claimed = [float(row[-1]) for row in summary_rows(model)[1:4]]
    assert all(one <= two + 1 for one, two in zip(claimed, expected)), (claimed, expected)


@pytest.mark.parametrize('size', [1e-2, 1e-4, 1e-6])
def test_right_digits_where_columns_are_nearly_equal(size):
    # what is claimed may be a digit too much, not several
    points, labels = OVERLAPPING
    points = numpy.column_stack([points[:, 0], points[:, 0] + size * points[:, 1]])
    model = fitted((points, labels))
    expected = right_digits(array(model.weights()), Exact(points, labels).estimate(array(model.weights())))
    claimed = [float(row[-1]) for row in summary_rows(model)[1:4]]
    assert all(one <= two + 1 for one, two in zip(claimed, expected)), (claimed, expected)


def test_no_digits_where_there_is_no_estimate():
    rows = [[1, 0], [2, 0], [3, 1], [4, 1]]
    with pytest.warns(RuntimeWarning, match='separation of the classes'):
        model = gradient_descent(rows, iterations=100, learning_rate=0.1)
    assert [row[-1] for row in summary_rows(model)[1:3]] == ['', '']


def test_no_digits_where_there_is_no_estimate_by_a_hair():
    rows = [[3, 1], [1, 1], [-1, 0], [0, 1], [-2, 0], [2, 1], [-1, 0], [0, 0]]
    assert not separation(rows).exists()
    with pytest.warns(RuntimeWarning, match='separation of the classes'):
        model = gradient_descent(rows, iterations=100, learning_rate=0.1)
    assert [row[-1] for row in summary_rows(model)[1:3]] == ['', '']


def test_no_right_digit_is_zero():
    assert {row[-1] for row in summary_rows(gradient_descent(OVERLAPPING, iterations=0))[1:4]} == {'0.0'}


def test_summary_is_what_the_methods_say():
    model = fitted(spector())
    rows = summary_rows(model, level=0.9)
    assert rows[0] == ['', 'weight', 'std. error', 'z', 'P(>|z|)', '90% interval', 'odds ratio', 'right digits']
    assert [row[0] for row in rows[1:]] == ['bias', 'GPA', 'TUCE', 'PSI']
    for j, row in enumerate(rows[1:5]):
        expected = [array(model.weights())[j], array(model.standard_errors())[j], array(model.z_values())[j],
                    array(model.p_values())[j]]
        close([float(entry) for entry in row[1:5]], expected, [5e-6, 5e-6, 5e-4, 5e-3])
        close([float(entry) for entry in row[5].split(' .. ')], array(model.confidence_intervals(0.9)[j]), 5e-6)
    assert rows[1][6] == ''
    close([float(row[6]) for row in rows[2:5]], array(model.odds_ratios()), 5e-6)
    facts, numbers = summary_facts(model), model.summary().facts()
    assert facts.pop('largest gradient entry') == 'below 1e-12' and abs(array(model.gradient())).max() < 1e-12
    expected = {'log-likelihood': model.log_likelihood(), 'null deviance': model.null_deviance(), 'residual deviance': model.deviance(),
                'AIC': model.aic(), 'BIC': model.bic(), 'pseudo-R²': model.pseudo_r_squared(), 'cost': model.cost()}
    assert list(facts) == list(expected)
    close([float(text) for text in facts.values()], list(expected.values()), 5e-6)
    assert {name: float(numbers[name]) for name in expected} == {name: float(value) for name, value in expected.items()}
    assert (numbers['rows'], numbers['null degrees of freedom'], numbers['residual degrees of freedom']) == (32, 31, 28)


@pytest.mark.parametrize('train, first', [
    (lambda data: gradient_descent(data, iterations=3), 'not an estimate, therefore without standard errors, tests and intervals: the weights'),
    (lambda data: fitted(data, l2=2), 'not the maximum-likelihood estimate, therefore without tests and intervals: the penalty l2 = 2 draws')])
def test_the_first_line_says_that_the_weights_are_not_the_estimate(train, first):
    model = train(OVERLAPPING)
    summary = model.summary()
    assert str(summary).startswith(first) and summary.note.split('\n')[1].startswith('P(y = 1) by ')
    assert not {'z', 'P(>|z|)', '95% interval'} & set(summary_rows(model)[0]) and not {'AIC', 'BIC'} & set(summary.facts())
    assert 'P(>|z|)' not in summary.csv() and 'interval' not in summary.csv()


def test_the_numbers_of_a_summary_can_be_taken_along(tmp_path):
    pandas = pytest.importorskip('pandas')
    model = fitted(spector())
    summary = model.summary(level=0.9)
    frame = summary.pandas()
    assert frame['name'].tolist() == list(model.weight_names())
    intervals = array(model.confidence_intervals(0.9))
    for title, expected in [('weight', model.weights()), ('std. error', model.standard_errors()), ('z', model.z_values()),
                            ('P(>|z|)', model.p_values()), ('90% interval lower', intervals[:, 0]), ('90% interval upper', intervals[:, 1])]:
        assert (frame[title].to_numpy() == array(expected)).all()
    close(frame['odds ratio'][1:], model.odds_ratios(), 1e-15)
    summary.csv(tmp_path / 'summary.csv')
    close(pandas.read_csv(tmp_path / 'summary.csv')['z'], frame['z'], 1e-15)


@pytest.mark.lanes
def test_summary_in_latex():
    latex = pytest.importorskip('sage.misc.latex').latex
    data = load_data(OVERLAPPING, variables='exam_1, exam_2')
    text = str(latex(fitted(data).summary(level=0.9)))
    # every line as many cells, which a % would hide, and a _ outside of formulas is an error
    assert text.splitlines()[1] == r'P(y = 1) by maximum\_likelihood, 60 rows \\'
    lines = [line for line in text.splitlines() if '&' in line]
    assert len(lines) == 12 and all(line.count('&') == 7 for line in lines[:4]) and all(line.count('&') == 2 for line in lines[4:])
    assert '90\\% interval' in lines[0] and 'P($>$$|$z$|$)' in lines[0] and lines[2].startswith('exam\\_1 & ')


@pytest.mark.parametrize('rows', [50, 200])
def test_a_wide_table_is_not_searched_for_an_estimate(monkeypatch, rows):
    # rows that do not count are no rows
    random = numpy.random.RandomState(4)
    points, labels, counts = random.normal(size=(rows, 200)), numpy.arange(rows) % 2, numpy.arange(rows) < 50
    model = gradient_descent((points, labels), iterations=1, weights=None if rows == 50 else 1 * counts)
    monkeypatch.setattr('sage_logreg.model.inference.minimize', None)
    monkeypatch.setattr('sage_logreg.exact.separation._independent_rows', None)
    note = summary_notes(model)[0]
    told = 'and the bias are more than the 50 rows; set a penalty l2, leave columns out, or give at least 201 rows'
    assert note.startswith('not an estimate') and note.endswith(told)
    assert {row[-1] for row in summary_rows(model)[1:202]} == {''}
    with pytest.raises(ValueError, match=told):
        model.p_values()
    with pytest.raises(ValueError, match=told):
        separation(model.data)


@pytest.mark.parametrize('l2', [0, 1])
def test_a_descent_that_arrives_is_summed_up_like_the_estimate(l2):
    arrived = gradient_descent(ex2data1(), learning_rate=5, iterations=10000, scale=True, tol=1e-11, l2=l2)
    estimate = fitted(ex2data1(), l2=l2)
    close(arrived.standard_errors(), estimate.standard_errors(), 1e-8)
    one, two = summary_rows(arrived), summary_rows(estimate)
    assert [row[:-1] for row in one[:5]] == [row[:-1] for row in two[:5]]
    assert min(float(row[-1]) for row in one[1:4]) > 8
    if l2:
        with pytest.raises(ValueError, match='the penalty l2 = 1 draws the weights to zero'):
            arrived.p_values()
    else:
        close(arrived.p_values(), estimate.p_values(), 1e-7)


@pytest.mark.parametrize('robust, said', [({'kind': 'hc3'}, 'sandwich, HC3'), ({'cluster': [i // 4 for i in range(32)]}, 'sandwich, HC1 by clusters'),
                                          ({'kind': 'HC0', 'cluster': [i // 4 for i in range(32)]}, 'sandwich, HC0 by clusters')])
def test_a_summary_by_robust_errors_says_so(robust, said):
    model = fitted(spector())
    frame = model.summary(**robust)._numbers
    assert model.summary(**robust).note.split('\n')[-1] == f'standard errors, tests and intervals: {said}'
    for title, expected in [('std. error', model.standard_errors), ('z', model.z_values), ('P(>|z|)', model.p_values)]:
        close(frame[title], expected(**robust), 1e-13)
    close(frame['95% interval'], model.confidence_intervals(**robust), 1e-13)
    assert summary_facts(model, **robust) == summary_facts(model)


def test_many_weights_of_a_lasso_are_those_that_are_not_zero():
    random = numpy.random.RandomState(0)
    points = random.normal(size=(60, 200))
    for labels in (points[:, 3] > 0, numpy.digitize(points[:, 3] + random.normal(size=60) / 2, [-0.5, 0.5])):
        model = regularization_path((points, labels.astype(int)), lambdas=[0.15]).model(0.15)
        weights = array(model.weights()).ravel()
        zeros = int((weights == 0).sum())
        lines = str(model.summary()).splitlines()
        assert f'({zeros} weights are zero)' in [line.strip() for line in lines]
        table = lines[[line.startswith('├') for line in lines].index(True) + 1:]
        shown = [line.split()[0] for line in table[:table.index('')] if line.split()[-1] != 'zero)' and '=' not in line]
        assert len(shown) == len(weights) - zeros and set(shown) >= {'bias', 'x4'}
        # those of K classes are free but for their sum
        classes = 3 if weights.size > 201 else 2
        columns = numpy.count_nonzero(weights.reshape(-1, 201).any(axis=0))
        assert model.degrees_of_freedom() == ((classes - 1) * (60 - columns), (classes - 1) * 59)
        # all are there for a program
        assert len(model.summary().csv().splitlines()) == len(weights) + 1
