r"""
What a model says it is: which label, from what, and each factor with its levels.
"""
import pickle
import re

import numpy
import pytest

from sage_logreg import gradient_descent, load_data, maximum_likelihood
from sage_logreg.dataset.categorical import Coding, Factor

from helpers import OVERLAPPING, close, fitted, passengers, summary_notes, summary_rows

pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')


def coded(columns, labels, factors, names):
    data = load_data((numpy.column_stack(columns).astype(float), labels), variables=names)
    data.coding = Coding(tuple(factors))
    return data


# What is modelled

@pytest.mark.lanes
def test_the_summary_begins_with_what_is_modelled():
    data = passengers()
    assert summary_notes(fitted(data)) == [
        "P(survived = 'yes') by maximum_likelihood, 200 rows", 'variables: age, sex, fare, port of embarkation']
    data.dropped, data.formula = 177, 'survived ~ age + sex\n + C(port)'
    what, formula = summary_notes(fitted(data))
    assert what == "P(survived = 'yes') by maximum_likelihood, 200 rows (177 more dropped for missing values)"
    assert formula == 'formula: survived ~ age + sex + C(port)'
    doubt, what, formula = summary_notes(gradient_descent(data, iterations=1, learning_rate=1e-6))
    assert what.startswith("P(survived = 'yes') by gradient_descent, 200 rows (177") and doubt.startswith('not an estimate')


@pytest.mark.parametrize('source, options, rows', [
    (OVERLAPPING, {'weights': numpy.arange(60) % 3 + 1}, '60 rows with weights, 120 in all'),
    (([[1], [2], [3]], [1, 4, 9], [10, 10, 10]), {}, '3 groups with 30 trials')])
def test_rows_that_count_more_than_once(source, options, rows):
    assert summary_notes(maximum_likelihood(source, **options))[0] == f'P(y = 1) by maximum_likelihood, {rows}'


@pytest.mark.parametrize('labels, name, said', [
    ((0, 1), 'y', None), (('no', 'yes'), 'y', "P(y = 'yes')"), ((0, 1), 'survived', 'P(survived = 1)'),
    ((1, 2), 'y', 'P(y = 2)'), ((-1, 1), 'y', 'P(y = 1)'), (('健康', '病気'), '診断', "P(診断 = '病気')")])
def test_a_model_says_which_label(labels, name, said):
    data = load_data([[0, labels[0]], [1, labels[1]], [2, labels[0]], [3, labels[1]]])
    data.label_name = name
    model = fitted(data)
    of = f'of {said} ' if said else ''
    assert repr(model).startswith(f'Logistic model {of}in x1 by maximum_likelihood: ')
    assert summary_notes(model)[0].startswith(f'{said or "P(y = 1)"} by ')


# The factors

@pytest.mark.lanes
def test_a_block_for_each_factor():
    model = fitted(passengers())
    rows = summary_rows(model)
    assert [row[0] for row in rows][1:9] == ['bias', 'age', 'sex (reference female)', '  male', 'fare',
                                             'port of embarkation', '  (reference Cherbourg)', '  Queenstown']
    assert rows[9][0] == '  Southampton (UK)'
    assert all(set(row[1:]) == {''} for row in rows if 'reference' in row[0] or 'port' in row[0])
    found = model.coefficients()
    by_name = dict(zip(model.weight_names(), (row for row in rows[1:10] if row[1])))
    assert list(by_name) == list(found)
    for name, row in by_name.items():
        close([float(row[1]), float(row[2])], [found[name], found.standard_errors[name]], 5e-6)
        assert (row[6] == '') == (name == 'bias')
        if name != 'bias':
            close(float(row[6]), found.odds_ratios[name], 5e-6)


def test_levels_of_every_kind():
    random = numpy.random.RandomState(2)
    labels, columns = numpy.arange(60) % 2, [random.randint(0, 2, 60) for _ in range(4)]
    factors = [Factor('smoker', (False, True), False, {True: 'smoker_True'}), Factor('class', (1, 2.5), 1, {2.5: 'class_2_5'}),
               Factor('性別', ('女', '男'), '女', {'男': '性別_男'}),
               Factor('the\nincome', ('more  than\n50K', 'x' * 80), 'more  than\n50K', {'x' * 80: 'income_x'})]
    data = coded(columns, labels, factors, 'smoker_True, class_2_5, 性別_男, income_x')
    assert [row[0] for row in summary_rows(fitted(data))][2:11] == [
        'smoker (reference False)', '  True', 'class (reference 1)', '  2.5', '性別 (reference 女)', '  男',
        'the income', '  (reference more than 50K)', '  ' + 'x' * 57 + '...']


def test_a_level_with_a_weight_is_no_reference(sage):
    # all levels have a variable, and the weights are of some
    sex = Factor('sex', ('female', 'male'), 'female', {'female': 'sex_female', 'male': 'sex_male'})
    random = numpy.random.RandomState(2)
    male, age, labels = random.randint(0, 2, 60), random.normal(size=60), numpy.arange(60) % 2
    data = coded([1 - male, male, age], labels, [sex], 'sex_female, sex_male, age')
    a, f, m = sage.SR.var('age, sex_female, sex_male')
    for features, expected in [
            ([m, a], ['bias', 'sex (reference female)', '  male', 'age']),
            ([a, f, m * a], ['bias', 'age', 'sex', '  female', 'age*sex_male']),
            ([f * a, m * a], ['bias', 'age*sex_female', 'age*sex_male'])]:
        kept = load_data(data, features=features)
        kept.coding = data.coding
        assert [row[0] for row in summary_rows(fitted(kept))][1:len(expected) + 1] == expected
    assert [row[0] for row in summary_rows(maximum_likelihood(data, l2=1))][1:6] == ['bias', 'sex', '  female', '  male', 'age']


def test_it_is_readable():
    lines = str(fitted(passengers()).summary()).splitlines()
    if len(lines) > 1:
        assert max(map(len, lines)) <= 130


@pytest.mark.lanes
def test_it_is_typeset(sage):
    random = numpy.random.RandomState(2)
    factor = Factor('income_$', ('<50K', '>50K & 5%'), '<50K', {'>50K & 5%': 'income_50K_5'})
    data = coded([random.randint(0, 2, 60), random.normal(size=60)], numpy.arange(60) % 2, [factor], 'income_50K_5, age')
    data.dropped = 3
    summary = fitted(data).summary()
    text = str(sage.latex(summary))
    assert r'income\_\$ (reference $<$50K) & ' in text and r'\quad $>$50K \& 5\% & ' in text
    assert text.splitlines()[1] == 'P(y = 1) by maximum\\_likelihood, 60 rows (3 more dropped for missing values) \\\\'
    page = summary._repr_html_()
    assert '&emsp;&gt;50K &amp; 5%</td>' in page and 'income_&#36; (reference &lt;50K)</td>' in page
    # no tags but those of the table
    assert set(re.findall(r'</?(\w+)', page)) == {'p', 'br', 'div', 'table', 'tbody', 'tr', 'th', 'td'}
    assert str(sage.latex(pickle.loads(pickle.dumps(summary)))) == text


def test_the_summary_of_a_table_with_all_of_it():
    pytest.importorskip('formulaic')
    pytest.importorskip('sage.all')
    random = numpy.random.RandomState(3)
    table = {'age': [None, *random.randint(20, 80, 60)], 'sex': ['m', *random.choice(['f', 'm'], 60)],
             'grade': [3, *random.randint(1, 4, 60)], 'sick': ['no', *random.choice(['no', 'yes'], 60)]}
    model = maximum_likelihood(table, formula='sick ~ age*sex + C(grade) - 1', missing='drop')
    assert summary_notes(model) == [
        "P(sick = 'yes') by maximum_likelihood, 60 rows (1 more dropped for missing values), no intercept",
        'formula: sick ~ age*sex + C(grade) - 1']
    names = [row[0] for row in summary_rows(model)]
    assert names[1:] == ['age', 'sex', '  f', '  m', 'grade (reference 1)', '  2', '  3', 'age*sex_m']
    assert list(model.coefficients()) == ['age', 'sex_f', 'sex_m', 'grade_2', 'grade_3', 'age*sex_m']
    assert model.likelihood_ratio_test(without='grade').degrees_of_freedom == 2
