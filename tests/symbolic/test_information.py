"""Fisher's information as formulas: the Hessian of the summed cost, the inverse of the covariance, sums over the data"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage_logreg import gradient_descent, load_data, maximum_likelihood  # noqa: E402
from sage_logreg.model.logistic import LogisticModel  # noqa: E402

ROWS = [[0, 1, 0], [1, 3, 1], [2, 0, 0], [4, 1, 1], [1, 3, 0], [3, 2, 1], [2, 2, 0], [0, 4, 1], [3, 0, 0], [4, 4, 0], [0, 0, 1]]
X1 = sage.SR.var('x1')
DATA = {'plain': lambda: load_data(ROWS),
        'weights': lambda: load_data(ROWS, weights=[1, 2, 1, 1, 0, 3, 1, sage.QQ('5/2'), 1, 1, 2]),
        'offset': lambda: load_data(ROWS, offset=[0.5, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1]),
        'no intercept': lambda: load_data(ROWS, intercept=False),
        'features': lambda: load_data([[row[0], row[2]] for row in ROWS], features=[X1, sage.sin(X1)]),
        'factor': lambda: load_data(ROWS, categorical='x2').take([1, 3, 4, 5, 0, 2]),
        'groups': lambda: load_data(([[0, 0], [1, 2], [2, 1], [3, 5]], [1, 2, 2, 4], [5, 4, 6, 5]))}


def untrained(data):
    return LogisticModel(data, numpy.zeros(data.design.count))


def evaluated(information, weights=None):
    symbols = sorted({symbol for entry in information.list() for symbol in entry.variables()}, key=str)
    if weights is not None:
        information = information.subs(dict(zip(symbols, weights)))
    return numpy.array([[float(entry) for entry in row] for row in information.rows()])


def expected(data, weights):
    # from the rows of the design, by the formula itself
    ones = numpy.ones((len(data), int(data.intercept)))
    rows, probabilities = numpy.hstack([ones, data.design.points]), 1 / (1 + numpy.exp(-data.log_odds(weights)))
    counts = numpy.ones(len(data)) if data.weights is None else data.weights
    return (rows.T * (counts * probabilities * (1 - probabilities))) @ rows


@pytest.mark.parametrize('kind', DATA)
def test_it_is_the_sum_over_the_data(kind):
    data = DATA[kind]()
    weights = numpy.random.default_rng(1).normal(size=data.design.count)
    model = untrained(data)
    assert evaluated(model.fisher_information(), weights) == pytest.approx(expected(data, weights), rel=1e-12)
    assert evaluated(model.fisher_information(*weights)) == pytest.approx(expected(data, weights), rel=1e-12)


@pytest.mark.parametrize('kind', ['plain', 'weights', 'offset', 'no intercept', 'groups'])
def test_at_the_estimate_its_inverse_is_the_covariance(kind):
    model = maximum_likelihood(DATA[kind]())
    inverse = numpy.linalg.inv(evaluated(model.fisher_information(*model.weights())))
    assert inverse == pytest.approx(numpy.asarray(model.covariance().numpy()), rel=1e-9)


def test_it_is_the_hessian_of_the_cost():
    model = maximum_likelihood(load_data(ROWS, weights=[1, 2, 1, 1, 3, 3, 1, 2, 1, 1, 1]))
    w = sage.SR.var('a, b, c')
    cost, information = model.symbolic_cost(*w) * 17, model.fisher_information(*w)
    at = dict(zip(w, (0.3, -0.2, 0.7)))
    hessian = [[float(cost.diff(one, other).subs(at)) for other in w] for one in w]
    assert evaluated(information.subs(at)) == pytest.approx(numpy.array(hessian), rel=1e-12)


@pytest.mark.parametrize('intercept', [True, False])
def test_of_more_classes_its_pseudo_inverse_is_the_covariance(intercept):
    rows = [[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c'], [-1, 'b'], [-2, 'c']]
    model = maximum_likelihood(load_data(rows, weights=[1, 2, 1, 1, 1, 1, 2, 1, 1], intercept=intercept))
    information = evaluated(model.fisher_information(*model.weights().list()))
    assert numpy.linalg.pinv(information, hermitian=True) == pytest.approx(numpy.asarray(model.covariance().numpy()), rel=1e-7, abs=1e-9)


def test_exact_numbers_stay_exact():
    third = sage.QQ('1/3')
    model = untrained(load_data([[third, 0], [third, 1], [1, 1]], weights=[1, 2, third]))
    assert model.fisher_information(0, 0).list() == [sage.QQ('5/6'), third, third, sage.QQ('1/6')]


def test_equal_points_are_one_term():
    many = load_data([[j % 3, j % 2] for j in range(3000)])
    information = untrained(many).fisher_information()
    assert len(information[0, 0].operands()) == 3


def test_where_exponentials_overflow_it_is_zero():
    model = untrained(load_data([[1, 0], [2, 1]]))
    for far in (1000, -1000):
        assert evaluated(model.fisher_information(0.0, sage.RDF(far))) == pytest.approx(numpy.zeros((2, 2)))


def test_large_tables_are_refused():
    rng = numpy.random.default_rng(1)
    model = untrained(load_data((rng.normal(size=(6000, 1)), rng.integers(0, 2, 6000))))
    with pytest.raises(ValueError, match=r'the information of 2 weights has up to 24000 terms over 6000 different points; expected at most'):
        model.fisher_information()
    with pytest.raises(TypeError, match='fisher_information takes 2 weights, the bias first, or none; 3 were given'):
        untrained(load_data([[1, 0], [2, 1]])).fisher_information(1, 2, 3)
    with pytest.raises(ValueError, match="trained on a cost of its own; Fisher's information is of the likelihood"):
        gradient_descent([[1, 0], [2, 1]], iterations=1, cost=lambda X, y, w: (w**2).sum()).fisher_information()
