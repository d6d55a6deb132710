r"""
The coefficients by name, and tests of all levels of a factor at once.
"""
import copy
import math
import pickle

import numpy
import pytest

from sage_logreg import LogisticModel, gradient_descent, load_data, maximum_likelihood

from helpers import OVERLAPPING, array, close, fitted, in_a_new_process, passengers, spector

pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')


@pytest.mark.lanes
@pytest.mark.parametrize('method', ['wald', 'profile'])
@pytest.mark.parametrize('level', [0.95, 0.5])
def test_they_are_what_the_methods_say_by_name(level, method):
    model = fitted(spector())
    found = model.coefficients(level=level, method=method)
    assert isinstance(found, dict) and tuple(found) == model.weight_names() == ('bias', 'GPA', 'TUCE', 'PSI')
    assert list(found.values()) == list(model.weights())
    assert found.intervals == dict(zip(found, model.confidence_intervals(level, method)))
    assert list(found.standard_errors.values()) == list(model.standard_errors())
    assert list(found.odds_ratios) == list(found.odds_ratio_intervals) == ['GPA', 'TUCE', 'PSI']
    close(list(found.odds_ratios.values()), model.odds_ratios(), 1e-14)
    close(list(found.odds_ratio_intervals.values()), numpy.exp(array(model.confidence_intervals(level, method))[1:]), 1e-14)


def test_they_are_those_of_statsmodels():
    api = pytest.importorskip('statsmodels.api')
    data = spector()
    fit = api.Logit(data.labels, api.add_constant(data.points)).fit(disp=0, method='newton', tol=1e-14)
    found = fitted(data).coefficients(level=0.9)
    close(list(found.values()), fit.params, 1e-11)
    close(list(found.intervals.values()), fit.conf_int(0.1), 1e-9)
    close(list(found.odds_ratio_intervals.values()), numpy.exp(fit.conf_int(0.1)[1:]), 1e-8)


def test_no_coefficient_of_a_bias_that_is_not_there():
    model = fitted(load_data(OVERLAPPING, intercept=False))
    found = model.coefficients()
    assert list(found) == list(found.odds_ratios) == list(found.intervals) == ['x1', 'x2']
    assert list(found.values()) == list(model.weights())
    assert all('' not in row for row in rows_of(found.table()))


# What is shown

def rows_of(table):
    return getattr(table, '_rows', table)


def test_the_table():
    found = fitted(spector()).coefficients(level=0.9)
    header, *rows = rows_of(found.table())
    assert list(header) == ['name', 'weight', 'std. error', '90% interval', 'odds ratio', '90% interval of the odds ratio']
    assert [row[0] for row in rows] == list(found) and list(rows[0][4:]) == ['', '']
    for name, *numbers in rows:
        close([float(numbers[0]), float(numbers[1])], [found[name], found.standard_errors[name]], 5e-6)
        close([float(end) for end in numbers[2].split(' .. ')], found.intervals[name], 5e-6)
        if name != 'bias':
            close(float(numbers[3]), found.odds_ratios[name], 5e-6)
            close([float(end) for end in numbers[4].split(' .. ')], found.odds_ratio_intervals[name], 5e-6)


@pytest.mark.parametrize('model, columns, refused', [
    (lambda: gradient_descent(OVERLAPPING, iterations=3), ['odds ratio'], ['standard_errors', 'intervals']),
    (lambda: fitted(OVERLAPPING, l2=2), ['std. error', 'odds ratio'], ['intervals'])], ids=['descent', 'l2'])
def test_what_only_an_estimate_has_is_left_out(model, columns, refused):
    model = model()
    found = model.coefficients()
    assert list(rows_of(found.table())[0]) == ['name', 'weight', *columns]
    for name in refused:
        ask = {'intervals': model.confidence_intervals, 'standard_errors': model.standard_errors}[name]
        with pytest.raises(ValueError) as expected:
            ask()
        with pytest.raises(ValueError) as caught:
            getattr(found, name)
        assert str(caught.value) == str(expected.value)
    with pytest.raises(ValueError):
        found.odds_ratio_intervals


@pytest.mark.slow
def test_a_cost_of_ones_own_has_weights_and_odds_ratios():
    from sage_logreg.engine import T
    model = gradient_descent(OVERLAPPING, iterations=1, cost=lambda X, y, w: T.sum(w**2))
    assert list(rows_of(model.coefficients().table())[0]) == ['name', 'weight', 'odds ratio']
    with pytest.raises(ValueError, match='a cost of its own'):
        model.coefficients().intervals


@pytest.mark.parametrize('arguments', [{'level': 1}, {'level': 'high'}, {'method': 'bayes'}])
@pytest.mark.parametrize('iterations', [0, None])
def test_arguments_are_checked_of_any_model(arguments, iterations):
    model = fitted(OVERLAPPING) if iterations is None else gradient_descent(OVERLAPPING, iterations=iterations)
    with pytest.raises((TypeError, ValueError), match=f'{next(iter(arguments))} = .*; expected '):
        model.coefficients(**arguments)


def test_an_odds_ratio_may_be_too_large():
    found = LogisticModel(load_data(OVERLAPPING), numpy.array([0.0, 1000.0, -1000.0])).coefficients()
    assert [float(ratio) for ratio in found.odds_ratios.values()] == [math.inf, 0]


def test_they_are_copied_and_pickled():
    for model in (fitted(OVERLAPPING), gradient_descent(OVERLAPPING, iterations=1)):
        found = model.coefficients()
        for other in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):
            assert other == found and repr(other) == repr(found) and other.odds_ratios == found.odds_ratios


@pytest.mark.lanes
def test_the_notebook_shows_a_table(sage):
    found = fitted(load_data(OVERLAPPING, variables='exam_1, exam_2')).coefficients()
    assert repr(found) == repr(found.table()) and sage.latex(found) == sage.latex(found.table())
    assert 'exam\\_1 & ' in str(sage.latex(found)) and '95\\% interval' in str(sage.latex(found))
    assert '<td' in found._repr_html_() and 'exam_1' in found._repr_html_()

    class Notebook:
        class types:
            OutputHtml = str

        def supported_output(self):
            return [str]

    assert found._rich_repr_(Notebook()) == found._repr_html_()


def test_without_sage_it_is_a_dictionary():
    printed = in_a_new_process('''
        import sys
        sys.modules['sage'] = None
        from sage_logreg import ex2data1, maximum_likelihood
        found = maximum_likelihood(ex2data1()).coefficients()
        assert repr(found) == repr(dict(found)) and all(type(weight) is float for weight in found.values())
        assert found.table()[1][0] == 'bias' and found._repr_html_() is None
        print(found.odds_ratios['x1'])
    ''').stdout
    close(float(printed), 1.2290379554367754, 1e-9)


# Factors

@pytest.mark.lanes
def test_all_levels_of_a_factor_are_tested_at_once():
    data = passengers()
    model = fitted(data)
    kept = [0, 1, 2]
    smaller = fitted(load_data((data.points[:, kept], data.labels)))
    expected = 2 * (float(model.log_likelihood()) - float(smaller.log_likelihood()))
    test = model.likelihood_ratio_test(without='port of embarkation')
    close(test.statistic, expected, 1e-9)
    assert test.degrees_of_freedom == 2
    for same in (model.likelihood_ratio_test(without=['port_of_embarkation_Queenstown', 'port_of_embarkation_Southampton_UK']),
                 model.likelihood_ratio_test(['age', 'sex', 'fare']), model.likelihood_ratio_test('age, sex_male, fare'),
                 model.likelihood_ratio_test(without=['port of embarkation'])):
        assert same == test
    # of the smaller model a title is the variables that it has
    assert model.likelihood_ratio_test('port of embarkation') == model.likelihood_ratio_test(without='age, sex, fare')
    assert model.likelihood_ratio_test(without='sex') == model.likelihood_ratio_test(without='sex_male')
    assert model.likelihood_ratio_test(without=[]).degrees_of_freedom == 0


def test_a_factor_is_tested_with_all_that_it_is_in(sage):
    age, male, fare = sage.SR.var('age, sex_male, fare')
    model = maximum_likelihood(passengers([age, male, age * male, fare]))
    test = model.likelihood_ratio_test(without='sex')
    assert test == model.likelihood_ratio_test([age, fare]) and test.degrees_of_freedom == 2
    assert model.likelihood_ratio_test(without=male).degrees_of_freedom == 1
    assert model.likelihood_ratio_test([age, 'sex', fare]) == model.likelihood_ratio_test(without=age * male)
    with pytest.raises(ValueError) as caught:
        model.likelihood_ratio_test(without='port of embarkation')
    assert str(caught.value) == ('the smaller model is without the variable port of embarkation; '
                                 'expected some of age, sex_male, age*sex_male, fare, or a factor: sex')


def test_what_is_no_name_is_named():
    model = fitted(passengers())
    for without, message in (('gender', 'is without the variable gender; expected some of age, .*, or a factor: sex, port of'),
                             (7, 'without = 7; expected a list of variables$')):
        with pytest.raises((TypeError, ValueError), match=message):
            model.likelihood_ratio_test(without=without)
    with pytest.raises(ValueError, match='expected one of them'):
        model.likelihood_ratio_test(model, without='sex')
