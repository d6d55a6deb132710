r"""
What is said of data and models in very many variables is short.
"""
import numpy
import pytest

from sage_logreg import LogisticModel, load_data, minimize_cost, separation
from sage_logreg.exact.separation import SeparationError

COUNT = 2000
ENDS = 'x1, x2, x3, x4, x5, ..., x2000'


@pytest.fixture(scope='module')
def data():
    random = numpy.random.RandomState(0)
    return load_data((random.normal(size=(10, COUNT)), numpy.arange(10) % 2))


@pytest.fixture(scope='module')
def model(data):
    return LogisticModel(data, numpy.arange(COUNT + 1.0))


def test_representations(data, model):
    assert repr(data) == f'10 points in {ENDS} (2000 variables): 5 with y = 1, 5 with y = 0'
    assert repr(model).startswith(f'Logistic model in {ENDS} (2000 variables) by given weights')


def test_few_variables_are_all_named():
    text = repr(load_data(numpy.eye(12)[:, :11]))
    assert text == '12 points in x1, x2, x3, x4, x5, x6, x7, x8, x9, x10: 1 with y = 1, 11 with y = 0'


ERRORS = {
    'a picture': lambda model: model.plot(),
    'another variable': lambda model: model.plot(variables=['x1', 'age']),
    'a point': lambda model: model.probability([1, 2]),
    'no point': lambda model: model.probability(None),
    'other data': lambda model: model.accuracy([[1, 2, 0], [3, 4, 1]]),
    'names': lambda model: load_data(model.data, variables=[*model.data.variables, 'age']),
    'the same names': lambda model: load_data(model.data, variables=['age'] * COUNT),
    'a formula': lambda model: model.log_odds(1, 2),
    'a boundary': lambda model: model.boundary(1, 2),
    'solved for': lambda model: model.boundary(solve_for='age'),
    'no boundary': lambda model: LogisticModel(model.data, numpy.zeros(COUNT + 1)).boundary(),
    'features': lambda model: load_data(model.data, features=7)}


@pytest.mark.parametrize('ask', ERRORS)
def test_errors(model, ask):
    pytest.importorskip('sage.all')
    with pytest.raises((TypeError, ValueError)) as caught:
        ERRORS[ask](model)
    assert len(str(caught.value)) < 300, str(caught.value)[:1000]
    assert 'x7' not in str(caught.value)


def test_separation_of_many_columns():
    # as many rows as columns and the bias, so that any labels are separated
    count = 40
    random = numpy.random.RandomState(1)
    with pytest.raises(ValueError, match='^the columns x1, x2, x3, x4, x5, ..., x40 and the bias are more than'):
        separation((random.normal(size=(count, count)), numpy.arange(count) % 2))
    answer = separation((random.normal(size=(count, count - 1)), numpy.arange(count) % 2))
    assert not answer.exists() and len(repr(answer)) < 500 and len(str(SeparationError(answer))) < 700
    assert len(answer.weight_names()) == count and ', ...)' in repr(answer)


def test_formulas(sage, model):
    code = sage.latex(model)
    assert len(code) < 1000 and r'x_{1}, x_{2}, x_{3}, x_{4}, x_{5}, \ldots, x_{2000}' in code
    assert r'+ \cdots + 2000.0 \, x_{2000}' in code
    a = [sage.SR.var(f'a{j}') for j in range(21)]
    minimum = minimize_cost((sum(a) - sage.SR.var('x1'))**2, [[1, 0], [2, 1]], a, iterations=0)
    assert repr(minimum).startswith('Minimum of a cost in a0, a1, a2, a3, a4, ..., a20 (21 parameters) by ')
