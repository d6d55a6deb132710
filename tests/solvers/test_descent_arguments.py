r"""
What the descents refuse, and numbers as Sage has them.
"""
import numpy
import pytest

from sage_logreg import ex2data1, gradient_descent, stochastic_gradient_descent

from helpers import same_bits


# Bad arguments

NAN, INFINITY = float('nan'), float('inf')
RATE, AT_LEAST_0 = 'expected a real number above 0', 'expected a real number at least 0'
MOMENTUM = 'expected a real number at least 0 and below 1'
SEED = 'expected a whole number from 0 to 4294967295'
SHUFFLE = "expected 'once', 'epoch' or None"
FUNCTION = 'expected a function of (iteration, cost, weights)'
BAD_FOR_BOTH = [
    ('learning_rate', 0, ValueError, f'learning_rate = 0; {RATE}'),
    ('learning_rate', -0.1, ValueError, f'learning_rate = -0.1; {RATE}'),
    ('learning_rate', NAN, ValueError, f'learning_rate = nan; {RATE}'),
    ('learning_rate', INFINITY, ValueError, f'learning_rate = inf; {RATE}'),
    ('learning_rate', '0.1', TypeError, f"learning_rate = '0.1'; {RATE}"),
    ('learning_rate', None, TypeError, f'learning_rate = None; {RATE}'),
    ('learning_rate', 1j, TypeError, f'learning_rate = 1j; {RATE}'),
    ('learning_rate', numpy.complex128(1), TypeError, f'learning_rate = (1+0j); {RATE}'),
    ('learning_rate', [0.1], TypeError, f'learning_rate = [0.1]; {RATE}'),
    ('report', 0, ValueError, 'report = 0; expected a whole number from 1'),
    ('report', 0.5, ValueError, 'report = 0.5; expected a whole number from 1'),
    ('report', 'all', TypeError, "report = 'all'; expected a whole number from 1"),
    ('tol', -1e-9, ValueError, f'tol = -1e-09; {AT_LEAST_0}'),
    ('tol', NAN, ValueError, f'tol = nan; {AT_LEAST_0}'),
    ('tol', 'small', TypeError, f"tol = 'small'; {AT_LEAST_0}"),
    ('l2', -1, ValueError, f'l2 = -1; {AT_LEAST_0}'),
    ('l2', INFINITY, ValueError, f'l2 = inf; {AT_LEAST_0}'),
    ('l2', None, TypeError, f'l2 = None; {AT_LEAST_0}'),
    ('scale', 'no', TypeError, "scale = 'no'; expected True or False"),
    ('scale', None, TypeError, 'scale = None; expected True or False'),
    ('callback', 5, TypeError, f'callback = 5; {FUNCTION}'),
    ('callback', 'print', TypeError, f"callback = 'print'; {FUNCTION}"),
    ('initial', [1, 2], ValueError, 'initial has 2 entries; expected 3 real numbers'),
    ('initial', [[1, 2, 3]], ValueError, 'initial has 1 entries; expected 3 real numbers'),
    ('initial', 7, TypeError, 'initial = 7; expected 3 real numbers'),
    ('initial', 'abc', TypeError, "initial = 'abc'; expected 3 real numbers"),
    ('initial', {0: 1, 1: 2, 2: 3}, TypeError, 'initial = {0: 1, 1: 2, 2: 3}; expected 3 real numbers'),
    ('initial', [1, 'a', 3], TypeError, "initial[1] = 'a'; expected a real number"),
    ('initial', [1, 2, NAN], ValueError, 'initial[2] = nan; expected a real number'),
]
BAD_FOR_GRADIENT_DESCENT = [
    ('iterations', -1, ValueError, 'iterations = -1; expected a whole number from 0'),
    ('iterations', 0.5, ValueError, 'iterations = 0.5; expected a whole number from 0'),
    ('iterations', INFINITY, ValueError, 'iterations = inf; expected a whole number from 0'),
    ('iterations', 'many', TypeError, "iterations = 'many'; expected a whole number from 0"),
    ('iterations', None, TypeError, 'iterations = None; expected a whole number from 0'),
]
BAD_FOR_STOCHASTIC = [
    ('epochs', -1, ValueError, 'epochs = -1; expected a whole number from 0'),
    ('epochs', 1.5, ValueError, 'epochs = 1.5; expected a whole number from 0'),
    ('epochs', [10], TypeError, 'epochs = [10]; expected a whole number from 0'),
    ('batch_size', 0, ValueError, 'batch_size = 0; expected a whole number from 1'),
    ('batch_size', 2.5, ValueError, 'batch_size = 2.5; expected a whole number from 1'),
    ('batch_size', 'all', TypeError, "batch_size = 'all'; expected a whole number from 1"),
    ('shuffle', 'always', ValueError, f"shuffle = 'always'; {SHUFFLE}"),
    ('shuffle', True, ValueError, f'shuffle = True; {SHUFFLE}'),
    ('seed', -1, ValueError, f'seed = -1; {SEED}'),
    ('seed', 2**32, ValueError, f'seed = 4294967296; {SEED}'),
    ('seed', 0.5, ValueError, f'seed = 0.5; {SEED}'),
    ('seed', 'lucky', TypeError, f"seed = 'lucky'; {SEED}"),
    ('momentum', 1, ValueError, f'momentum = 1; {MOMENTUM}'),
    ('momentum', -0.1, ValueError, f'momentum = -0.1; {MOMENTUM}'),
    ('momentum', None, TypeError, f'momentum = None; {MOMENTUM}'),
]
BAD = ([(gradient_descent, *row) for row in BAD_FOR_BOTH + BAD_FOR_GRADIENT_DESCENT]
       + [(stochastic_gradient_descent, *row) for row in BAD_FOR_BOTH + BAD_FOR_STOCHASTIC])


@pytest.mark.parametrize('train, argument, value, error, message', BAD,
                         ids=[f'{row[0].__name__}-{row[1]}-{row[2]}' for row in BAD])
def test_bad_arguments(train, argument, value, error, message):
    with pytest.raises(error) as caught:
        train([[1, 2, 0], [3, 4, 1]], **{argument: value})
    assert caught.type is error
    assert str(caught.value) == message


@pytest.mark.parametrize('train', [gradient_descent, stochastic_gradient_descent])
def test_bad_data_and_a_model_of_other_data(train):
    with pytest.raises(ValueError, match=r'^the rows, row 2 has 1 columns; expected 3 as in row 1$'):
        train([[1, 2, 0], [3]])
    other = gradient_descent([[1, 0], [2, 1]], iterations=1)
    with pytest.raises(ValueError, match=r'^initial has 2 entries; expected 3 real numbers$'):
        train([[1, 2, 0], [3, 4, 1]], initial=other)


# Numbers as Sage has them

@pytest.mark.lanes
def test_sage_numbers_as_arguments():
    sage = pytest.importorskip('sage.all')
    one = gradient_descent(ex2data1(), learning_rate=0.001, iterations=300, report=100, initial=[0.5, 0, 0.25],
                           tol=0.5, l2=0.5)
    two = gradient_descent(ex2data1(), learning_rate=1/sage.Integer(1000), iterations=3*sage.Integer(10)**2,
                           report=sage.Integer(100), initial=sage.vector([1/sage.Integer(2), 0, 1/sage.Integer(4)]),
                           tol=sage.RealNumber('0.5'), l2=1/sage.sqrt(4))
    three = gradient_descent(ex2data1(), learning_rate=sage.RealField(100)('0.001'), iterations=sage.RealNumber('3e2'),
                             report=sage.RDF(100), initial=sage.vector(sage.RDF, [0.5, 0, 0.25]),
                             tol=numpy.float64(0.5), l2=sage.AA(4)**sage.Rational('-1/2'))
    assert same_bits(one, two) and same_bits(one, three)
    assert one.options() == two.options() == three.options()

    one = stochastic_gradient_descent(ex2data1(), learning_rate=0.0005, epochs=20, batch_size=7, seed=3, momentum=0.5)
    two = stochastic_gradient_descent(ex2data1(), learning_rate=sage.RealNumber('0.0005'), epochs=sage.Integer(20),
                                      batch_size=sage.Integer(7), seed=sage.Integer(3), momentum=sage.Rational('1/2'))
    assert same_bits(one, two)
