r"""
Files that would take all time or memory: each is refused at once, in one sentence, and so are such features of a user.
"""
import json
import re
import time

import pytest

pytest.importorskip('sage.all')

from sage_logreg import ex2data1, gradient_descent, load_data, load_model, maximum_likelihood
from sage_logreg.model import storage

from attack import model_files
from helpers import cost_of_a_line, x1_and_x2

pytestmark = [pytest.mark.timeout(600), pytest.mark.filterwarnings('ignore::RuntimeWarning')]


# `make attack` mutates many more
FILES = 300


def forged(model, path, change):
    model.save(path)
    content = json.loads(path.read_text())
    change(content)
    content.pop('checksum')
    path.write_text(json.dumps({**content, 'checksum': storage._checksum(content)}))
    return path


@pytest.mark.slow
def test_mutated_files():
    counts = model_files.main(600, 14, files=FILES)
    assert counts['refused'] > 0 and counts['loaded'] > 0


def nested(name, times, inner='x1'):
    for _ in range(times):
        inner = [name, ['log', inner]]
    return inner


def real(digits, bits=53):
    return ['real', bits, digits]


HUGE = ['^', ['+', 'x1', 'x2', 1], 1000]
TREES = [
    ['floor', real('1e999999999999')], ['ceil', real('-1e999999999999')], ['floor', real('1e9999999999')], ['sin', real('1e30000000')],
    ['gamma', real('0.3', 10**6)], ['factorial', 12345678.5], ['factorial', '24691357/2'], ['factorial', 10**9], ['log_gamma', 10**9],
    ['psi', 10**9], ['psi', 10**9, 'x1'], ['gamma', real('1e8')], ['^', 10, 10**10], ['^', ['*', 2, 'x1'], 10**12],
    ['^', ['+', ['*', 2, 'x1'], ['*', 4, 'x2']], 10**12], ['^', ['^', 2, '1/2'], 10**12], ['exp', ['*', 10**12, ['log', 2]]],
    ['exp', ['*', 10**12, ['log', ['*', 3, 'x1']]]], ['exp', ['*', 10**12, ['arccosh', 3]]],
    ['*', ['exp', 'x1'], ['exp', ['+', ['*', 10**12, ['log', 2]], ['*', -1, 'x1']]]], ['sin', ['exp', ['exp', 30]]],
    ['exp', ['exp', ['exp', 10]]], ['sinh', HUGE], ['tan', HUGE], ['real_part', HUGE], ['imag_part', ['*', *([['+', 'x1', 'x2']] * 30)]],
    ['abs', ['exp', ['*', *([['+', 'x1', 'x2']] * 30)]]], nested('sinh', 30), nested('tanh', 12), ['real_nth_root', 2, '1/1000000000000'],
    ['floor', ['+', ['^', ['sin', 1], 2], ['^', ['cos', 1], 2]]], ['cases', 'x1', 'x1'], ['cases', ['sin', 'x1'], 'x1'],
    ['cases', ['<', 'x1', 0], 'x1', True, 'x1'], ['+', 'x1', ['<', 'x1', 0]], ['*', ['==', 'x1', 'x1'], 0], ['^', 0, -1], ['log', 0],
    ['csc', 0], ['arctanh', 1], ['^', -1, f'{10**3000}/7'], 10**4000, ['*', 10**400, 'x1'], ['sin', 'x1', 'x2'], ['max', 'x1'],
    f'1/{10**4000}', real('1' * 5000), real('0.5', 10**5), ['+'], ['^', 'x1'],
]
# Sage ends the process at some of these
COMPLEX = [['gamma', ['arccos', 2]], ['*', ['gamma', ['arccos', 2]], ['arcsin', 2]], ['log', ['gamma', ['arccos', '355/113']]],
           ['log', -0.5], ['^', -2.5, '1/2'], ['arcsin', 2.0], ['sin', ['arccos', 2.0]], ['log_gamma', -0.5], ['^', -2, '1/2']]
OF_REALS = ['floor', 'ceil', 'factorial', 'gamma', 'log_gamma', 'psi', 'sgn', 'heaviside', 'unit_step']


@pytest.mark.parametrize('tree', TREES, ids=lambda tree: json.dumps(tree)[:60])
def test_trees_that_are_not_computed(tree, tmp_path):
    x1, x2 = x1_and_x2()
    model = gradient_descent(ex2data1(), features=[x1, x1 * x2], iterations=1, scale=True)
    path = forged(model, tmp_path / 'model.json', lambda content: content['data'].update(features=['x1', ['+', 'x2', tree]]))
    begun = time.process_time()
    with pytest.raises(ValueError, match='^.*model.json (does not hold a model|is damaged): ') as refused:
        load_model(path)
    assert '\n' not in str(refused.value) and len(str(refused.value)) < 1000
    # it is refused, or it takes minutes
    assert time.process_time() - begun < 20


@pytest.mark.parametrize('inner', COMPLEX, ids=json.dumps)
def test_functions_of_complex_constants(inner):
    x1_and_x2()
    from sage_logreg.symbolic.bounded import Refused
    from sage_logreg.symbolic.tree import expression_of
    for name in OF_REALS:
        for operand in (inner, ['+', 'x1', inner], ['*', 'x1', inner], ['sin', ['^', inner, 'x1']]):
            with pytest.raises(Refused, match='is not real; expected real numbers there$'):
                expression_of([name, operand], ('x1',))


@pytest.mark.parametrize('inner', COMPLEX, ids=json.dumps)
def test_comparisons_of_complex_constants(inner):
    x1_and_x2()
    from sage_logreg.symbolic.bounded import Refused
    from sage_logreg.symbolic.tree import expression_of
    for tree in (['max', 'x1', inner], ['min', inner, 2], ['arctan2', inner, 1], ['real_nth_root', inner, 3],
                 ['cases', ['<', inner, 1], 'x1', 1, 2], ['cases', ['==', 'x1', ['*', 'x1', inner]], 'x1', 1, 2]):
        with pytest.raises(Refused, match='is not real; expected real numbers there$'):
            expression_of(tree, ('x1',))


def test_complex_constants_whose_parts_are_real():
    x1_and_x2()
    from sage_logreg.symbolic.tree import expression_of
    assert str(expression_of(['*', 'x1', ['imag_part', ['log', -2]]], ('x1',))) == 'pi*x1'
    assert float(expression_of(['abs', ['^', -4, '1/2']], ())) == 2
    assert str(expression_of(['floor', ['*', 10, ['gamma', '1/3']]], ())) == '26'
    of_cases = ['floor', ['cases', ['<', 'x1', 0], 'x1', 1, 0]]
    assert str(expression_of(of_cases, ('x1',))) == 'floor(cases(((x1 < 0, x1), (1, 0))))'


@pytest.mark.parametrize('tree, words', [
    (['ceil', ['log_gamma', ['pi']]], 'log_gamma(pi) is not computed by Sage; expected log_gamma of another number'),
    (['^', 0, -1], '0^(-1) cannot be computed; expected what is defined'),
    (['^', ['+', 'x1', ['*', -1, 'x1']], ['log', -0.5]], 'cannot be computed; expected what is defined')], ids=str)
def test_what_sage_cannot_compute(tree, words, capfd):
    x1_and_x2()
    from sage_logreg.symbolic.bounded import Refused
    from sage_logreg.symbolic.tree import expression_of
    with pytest.raises(Refused) as refused:
        expression_of(tree, ('x1',))
    assert str(refused.value).endswith(words) and '\n' not in str(refused.value)
    assert capfd.readouterr() == ('', '')


@pytest.mark.parametrize('tree', [['cases', 'a', 'b'], ['factorial', 10**9], ['^', 'a', ['<', 'b', 1]], ['floor', real('1e9999999999')],
                                  ['zeta', 'a'], ['*', real('1e300'), real('1e300'), 'a', 'b'], ['exp', ['+', 'a', 'b', 't']],
                                  ['log', ['+', 'a', 'b', ['*', -1, 'b']]]], ids=str)
def test_costs_that_are_none(tree, tmp_path):
    path = forged(cost_of_a_line(), tmp_path / 'model.json', lambda content: content.update(cost=tree))
    with pytest.raises(ValueError, match='^.*model.json does not hold a model: '):
        load_model(path)


@pytest.mark.parametrize('option, value', [
    ('learning_rate', 'fast'), ('learning_rate', -1), ('learning_rate', None), ('tol', -1), ('tol', 'x'), ('tol', True), ('scale', 2),
    ('scale', 'yes'), ('l2', -1), ('l2', [1]), ('surprise', 1), ('momentum', 0.5), ('', 0)])
def test_options_of_a_descent(option, value, tmp_path):
    path = forged(gradient_descent(ex2data1(), iterations=1), tmp_path / 'model.json', lambda content: content['options'].update({option: value}))
    with pytest.raises(ValueError, match='^.*model.json does not hold a model: '):
        load_model(path)


@pytest.mark.parametrize('option, value', [('l2', 'much'), ('bias_reduced', 1), ('bias_reduced', None), ('tol', 0), ('tol', {}), ('scale', True),
                                           ('cost', None)])
def test_options_of_an_estimate(option, value, tmp_path):
    path = forged(maximum_likelihood(ex2data1()), tmp_path / 'model.json', lambda content: content['options'].update({option: value}))
    with pytest.raises(ValueError, match='^.*model.json does not hold a model: '):
        load_model(path)


@pytest.mark.parametrize('change', [
    lambda content: content['options'].pop('learning_rate'), lambda content: content['options'].pop('scale'),
    lambda content: content.update(method='maximum_likelihood'), lambda content: content.update(method='magic'),
    lambda content: content.update(descent=None), lambda content: content.update(iterations=2**53),
    lambda content: content['descent'].update(total=10**300), lambda content: content['descent'].update(stopped='bored'),
    lambda content: content['descent'].update(report=10**300), lambda content: content['history'].update(iterations=[5], costs=[1], weights=[[0, 0, 0]]),
    lambda content: content['history'].update(iterations=[0.5], costs=[1], weights=[[0, 0, 0]]),
    lambda content: content.update(weights=['1', '2', '3']), lambda content: content.update(weights=[True, False, True]),
    lambda content: content.update(weights={'dtype': '<f8', 'shape': [3], 'base64': 'AAAAAAAA8H8AAAAAAADwfwAAAAAAAPB/'}),
    lambda content: content.update(weights={'dtype': '<f8', 'shape': [10**18, 0], 'base64': ''}),
    lambda content: content['data'].update(labels=[0.5] * 100), lambda content: content['data'].update(label_name=7),
    lambda content: content['data'].update(label_name='\ud800'), lambda content: content['data'].update(label_names=[[0], {}]),
    lambda content: content['data'].update(label_names=[None, True]), lambda content: content['data'].update(variables=[], points=[[]] * 100),
])
def test_entries_that_are_none(change, tmp_path):
    path = forged(gradient_descent(ex2data1(), iterations=1), tmp_path / 'model.json', change)
    with pytest.raises(ValueError, match='^.*model.json does not hold a model: '):
        load_model(path)


# what Python says of a value of another type
WORDS_OF_PYTHON = re.compile(
    "argument|object|unpack|iterable|attribute|subscript|hashable|has no len|indices|__|NoneType")
OTHERS = [{}, [], [0], 'x', 1.0, 7, False, True, None, {'x': 1}, [[]]]


@pytest.mark.parametrize('place', ['options', 'history', 'descent', 'data', 'kind', 'method', 'weights', 'iterations', 'options.cost',
                                   'history.costs', 'descent.stopped', 'descent.weights', 'data.label_names', 'data.label_name',
                                   'data.variables', 'data.features', 'data.dtype', 'data.labels', 'data.points', 'data.exact',
                                   'data.weights', 'data.trials', 'data.exact_weights', 'data.exact.kinds',
                                   'data.exact.lost', 'data.surprise', 'parameters', 'cost'])
def test_entries_of_another_type(place, tmp_path):
    x1_and_x2()
    model = cost_of_a_line() if place in ('parameters', 'cost') else gradient_descent(ex2data1(), iterations=1)
    *folders, name = place.split('.')
    for other in OTHERS:
        def change(content):
            for folder in folders:
                content = content[folder]
            content[name] = other
        try:
            load_model(forged(model, tmp_path / 'model.json', change))
        except ValueError as error:
            said = str(error).partition('model.json')[2]
            assert not WORDS_OF_PYTHON.search(said) and len(said.splitlines()) == 1, said


FEATURES = ['factorial(10^9)', 'x1*factorial(10^9)', '(10^9)!*x1', 'x1 + 10^10^10', 'gamma(1e9)*x1', 'exp(exp(exp(exp(10))))*x1',
            'sin(1e30000000)*x1', '(2*x1)^(10^12)', 'x1*exp(10^12*log(2))', 'binomial(10^9, 5*10^8)*x1', 'zeta(10^30)*x1',
            'psi(10^9) + x1', '2^2^2^2^2^2*x1', 'x1*2^(-10^12)', 'sinh((x1 + x2 + 1)^1000)', 'real_part((x1 + x2)^1000)',
            '9' * 5000 + '*x1', 'x1' + '+x1' * 5000, '(' * 6000 + 'x1' + ')' * 6000, 'x1^' * 200 + 'x1',
            'x1*floor(gamma(arccos(2)))', 'floor(x1 + gamma(arccos(2)))', 'x1*factorial(log(-1.5))', 'x1*log(-1.5)!', 'x1*floor(I)',
            'x1*log_gamma(pi)', 'x1/0', 'x1*log(x1, x2, x2)', 'x1*binomial(log(-1.5), 2)']


@pytest.mark.parametrize('feature', FEATURES, ids=lambda feature: feature[:40])
def test_features_that_are_not_computed(feature):
    x1_and_x2()
    begun = time.process_time()
    with pytest.raises(ValueError, match=r'^features\[1\] = .*; expected [^\n]*$'):
        load_data(ex2data1(), features=['x1', feature])
    assert time.process_time() - begun < 20


@pytest.mark.parametrize('feature, written', [
    ('log(2)*x1', 'x1*log(2)'), ('sqrt(2) + x1', 'x1 + sqrt(2)'), ('x1^10', 'x1^10'), ('exp(-x1^2/2)', 'e^(-1/2*x1^2)'),
    ('factorial(5)*x1', '120*x1'), ('5!*x1', '120*x1'), ('pi*x1', 'pi*x1'), ('e^x1', 'e^x1'), ('x1 - x2/3', 'x1 - 1/3*x2'),
    ('-x1^-2', '-1/x1^2'), ('1.25e3*x1', '1250.00000000000*x1'), ('2^10*x1', '1024*x1'), ('floor(10*pi)*x1', '31*x1'),
    ('x1*zeta(3)', 'x1*zeta(3)'), ('tanh(x1/100)^2', 'tanh(1/100*x1)^2'), ('exp(-1000000*x1)', 'e^(-1000000*x1)'), ('x1 x2', 'x1*x2')])
def test_features_that_are(feature, written):
    from sage.all import SR
    data = load_data(ex2data1(), features=[feature])
    assert data.features.names == (written,) == (str(SR(feature)),)
