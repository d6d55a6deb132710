r"""
LaTeX code of models and tables: readable and valid whatever the names are.
"""
import re

import pytest

from sage_logreg import load_data, maximum_likelihood, minimize_cost

pytestmark = pytest.mark.usefixtures('sage')

TITLES = ['bill_length_mm', 'x_1_2', '_low_', 'a__b', 'mean_x2', 'x1_x2', '身長_cm_右',
          'sex_male', '% of $', 'x^2', 'a & b #1', '{', 'alpha_1']
LABELS = ['bill_length_mm', '100 %', '$5', '#1', 'a & b', '身長 (cm)', 'x^2', 'a\\b', '{', '}}', '~', '_', '<50K', "it's", 'a_1^2_b']


def latex(thing):
    from sage.misc.latex import latex
    return str(latex(thing))


def groups(code):
    """Check the braces of a formula or a table; return it without what is escaped, and the deepest subscript of a subscript."""
    bare = re.sub(r'\\\\|\\[%_&#${},;]|\\[~^]\{\}', ' ', code)
    bare = re.sub(r'\\[A-Za-z]+', 'c', bare)
    stack, deepest = [], 0
    for place, sign in enumerate(bare):
        if sign == '{':
            stack.append(place and bare[place - 1] == '_')
            deepest = max(deepest, sum(stack))
        elif sign == '}':
            stack.pop()
    assert not stack
    return bare, deepest


def check(code):
    """Check a formula: no sign stands where it means something else, no subscript of a subscript or of nothing."""
    bare, deepest = groups(code)
    assert deepest <= 1 and not re.search(r'[%$#~\\]', bare) and not re.search(r'(^|[\s{(+])_', bare)
    assert bare.count('&') == 0 or 'aligned' in code


def check_table(code):
    """Check a table, in which formulas are between dollars."""
    bare, _ = groups(code)
    text = bare.split('$')
    assert len(text) % 2 and not re.search(r'[%_#^~\\]', ''.join(text[::2])) and '&' in code


def rows(names, labels=('no', 'yes')):
    return {**{name: [(3 * row + place) % 7 for row in range(12)] for place, name in enumerate(names)},
            'label': [labels[(row // 2) % len(labels)] for row in range(12)]}


@pytest.mark.parametrize('title', TITLES)
@pytest.mark.parametrize('labels', [('no', 'yes'), ('a', 'b', 'c')])
def test_names_of_columns(title, labels):
    model = maximum_likelihood(rows([title, 'z'], labels), label='label', l2=1)
    code = latex(model)
    check(code)
    check_table(latex(model.summary()))
    name = model.data.variables[0]
    assert name.count('_') < 2 or r'\mathit{' + name.replace('_', r'\_') + '}' in code


def test_subscripts_that_stay():
    names = ['x1', 'x_2', 'sex_male', 'alpha_1', 'bill_length_mm', 'dose']
    code = latex(maximum_likelihood(rows(names), label='label', l2=1))
    for written in ('x_{1}', 'x_{2}', r'\mathit{sex_{male}}', r'\alpha_{1}', r'\mathit{bill\_length\_mm}', r'\mathit{dose}'):
        assert written in code


@pytest.mark.parametrize('label', LABELS)
@pytest.mark.parametrize('others', [['other'], ['other', 'third']])
def test_names_of_labels(label, others):
    model = maximum_likelihood(rows(['x1', 'x2'], [label, *others]), label='label', l2=1)
    check(latex(model))
    check_table(latex(model.summary()))


def test_the_name_of_the_label():
    for name in LABELS:
        table = rows(['x1'], ['a', 'b', 'c'])
        table[name] = table.pop('label')
        check(latex(maximum_likelihood(table, label=name, l2=1)))


def test_features():
    from sage.symbolic.ring import SR
    a, b, c = SR.var('bill_length_mm, mm, length_mm')
    table = rows(['bill_length_mm', 'mm', 'length_mm'])
    code = latex(maximum_likelihood(table, label='label', l2=1, features=[a**2 * b, (a / (c + 1)).exp(), c + b, a]))
    check(code)
    assert code.count(r'\mathit{bill\_length\_mm}') >= 3 and r'\mathit{bill\_length\_mm}^{2}' in code and r'\mathit{length_{mm}}' in code


def test_names_of_ones_own():
    from sage.symbolic.ring import SR
    SR.var('own_latex_name', latex_name=r'\xi_{1}^{\prime}')
    code = latex(maximum_likelihood(rows(['own_latex_name']), label='label', l2=1))
    assert r'\xi_{1}^{\prime}' in code


def test_costs_of_ones_own():
    from sage.symbolic.ring import SR
    a, b, x, y = SR.var('rate_of_rise, b, x_long_name, y')
    model = minimize_cost((a * x + b - y)**2, load_data([[1, 0], [2, 1], [3, 1]], variables=[x]), [a, b], iterations=2)
    check(latex(model))
    assert r'\mathit{rate\_of\_rise}' in latex(model)
