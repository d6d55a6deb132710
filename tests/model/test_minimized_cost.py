r"""
Costs written in Sage: against the package's own training, SciPy's minima, and what a user gets wrong.
"""
import pickle
import re
import warnings

import numpy
import pytest
import scipy.optimize
import scipy.special

pytest.importorskip('sage.all')

from sage.all import Integer, QQ, RDF, RealNumber, SR, ZZ, abs_symbolic, cases, erf, exp, latex, log, matrix
from sage.all import max_symbolic, pi, sin, sqrt, vector

from sage_logreg import ex2data1, gradient_descent, load_data, load_model, polynomial_features
from sage_logreg import stochastic_gradient_descent
from sage_logreg.training import METHODS, minimize_cost
from sage_logreg.model.minimized import MinimizedCost
from sage_logreg.solvers.problem import SymbolicProblem
from sage_logreg.model.trained import Trained

from helpers import INTERRUPT_AFTER, IN_A_CHILD, in_a_new_process


w0, w1, w2, a, b, x1, x2, y, t = SR.var('w0, w1, w2, a, b, x1, x2, y, t')
z = w0 + w1 * x1 + w2 * x2
h = 1 / (1 + exp(-z))
E = -(y * log(h) + (1 - y) * log(1 - h))
# four points: nothing is separated
FOUR = load_data([[1, 0], [2, 1], [3, 0], [4, 1]])
POINTS, LABELS = FOUR.points[:, 0], FOUR.labels


def minimum(function, start):
    """SciPy's minimum without derivatives, from several starts for the corners of a cost."""
    found = scipy.optimize.minimize(function, start, method='Nelder-Mead',
                                    options={'xatol': 1e-11, 'fatol': 1e-15, 'maxiter': 10000, 'maxfev': 10000})
    return found.x, found.fun


def straight(function, *arguments, **options):
    """Call, and let no warning pass."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        # of Theano 1.0.5's own imports
        warnings.simplefilter('ignore', ImportWarning)
        return function(*arguments, **options)


# The worksheet

FORMS = [E, -log(h**y * (1 - h)**(1 - y)), log(1 + exp(z)) - y * z,
         E.expand(), -(y * log(exp(z) / (1 + exp(z))) + (1 - y) * log(1 / (1 + exp(z))))]


@pytest.mark.slow
@pytest.mark.parametrize('cost', FORMS, ids=str)
def test_the_worksheets_weights_to_twelve_digits(cost):
    expected = gradient_descent(ex2data1(), learning_rate=0.001, iterations=300000)
    model = minimize_cost(cost, ex2data1(), [w0, w1, w2], learning_rate=0.001, iterations=300000)
    assert list(model.weights()) == pytest.approx(list(expected.weights()), rel=1e-12)
    assert model.cost() == pytest.approx(expected.cost(), rel=1e-12)
    assert list(model.gradient()) == pytest.approx(list(expected.gradient()), rel=1e-9)
    assert [record.iteration for record in model.history()] == [record.iteration for record in expected.history()]
    assert [record.cost for record in model.history()] == pytest.approx([record.cost for record in expected.history()],
                                                                        rel=1e-12)
    assert repr(model) == repr(expected).replace('Logistic model in x1, x2', 'Minimum of a cost in w0, w1, w2')


@pytest.mark.slow
def test_the_order_of_the_parameters_is_the_order_of_the_weights():
    expected = gradient_descent(ex2data1(), iterations=1000).weights()
    model = minimize_cost(E, ex2data1(), [w2, w0, w1], iterations=1000)
    assert list(model.weights()) == pytest.approx([expected[2], expected[0], expected[1]], rel=1e-12)
    assert model.parameters() == (w2, w0, w1)
    assert list(model.values()) == [w2, w0, w1]
    assert model.values()[w0].parent() is RDF
    value = RDF(h.subs(model.values()).subs({x1: 45, x2: 85}))
    assert value == pytest.approx(gradient_descent(ex2data1(), iterations=1000).probability([45, 85]), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize('options', [{'shuffle': None}, {'seed': 3, 'batch_size': 7}, {'shuffle': 'epoch', 'momentum': 0.5}])
def test_stochastic_gradient_descent_too(options):
    expected = stochastic_gradient_descent(ex2data1(), epochs=20, **options)
    model = minimize_cost(E, ex2data1(), [w0, w1, w2], method='stochastic_gradient_descent', epochs=20, **options)
    assert list(model.weights()) == pytest.approx(list(expected.weights()), rel=1e-12)
    assert (model.unit(), model.iterations()) == ('epoch', 20)
    assert repr(model).startswith('Minimum of a cost in w0, w1, w2 by stochastic_gradient_descent: 20 epochs, cost ')


@pytest.mark.slow
def test_a_penalty_is_part_of_the_formula():
    m, l2 = len(ex2data1()), QQ((3, 2))
    expected = gradient_descent(ex2data1(), iterations=5000, l2=l2)
    model = minimize_cost(E + l2 / (2 * m) * (w1**2 + w2**2), ex2data1(), [w0, w1, w2], iterations=5000)
    assert list(model.weights()) == pytest.approx(list(expected.weights()), rel=1e-12)
    assert model.cost() == pytest.approx(expected.cost(), rel=1e-12)


# Other costs, against SciPy

def reaches(cost, parameters, function, **options):
    model = straight(minimize_cost, cost, FOUR, parameters, **options)
    weights, value = minimum(function, [0.1] * len(model.weights()))
    assert float(model.cost()) == pytest.approx(value, rel=1e-9)
    # as many digits as the simplex finds
    assert list(model.weights()) == pytest.approx(list(weights), rel=1e-6, abs=1e-6)
    return model


@pytest.mark.slow
def test_least_squares():
    model = reaches((a + b * x1 - y)**2, [a, b], lambda w: ((w[0] + w[1] * POINTS - LABELS)**2).mean(),
                    learning_rate=0.1, iterations=5000)
    slope, intercept = numpy.polyfit(POINTS, LABELS, 1)
    assert list(model.weights()) == pytest.approx([intercept, slope], rel=1e-10, abs=1e-10)


@pytest.mark.slow
def test_probit():
    p = (1 + erf((w0 + w1 * x1) / sqrt(SR(2)))) / 2

    def negative(w):
        u = w[0] + w[1] * POINTS
        return -(LABELS * scipy.special.log_ndtr(u) + (1 - LABELS) * scipy.special.log_ndtr(-u)).mean()

    cost = -y * log(p) - (1 - y) * log(1 - p)
    reaches(cost, [w0, w1], negative, learning_rate=0.2, iterations=20000, tol=1e-9)
    # far from everything: the data are separated, the weights grow, nothing overflows
    model = minimize_cost(cost, load_data([[-1000, 0], [1000, 1]]), [w0, w1], learning_rate=1, iterations=1000)
    assert numpy.isfinite(model.cost()) and model.iterations() == 1000


@pytest.mark.slow
def test_huber():
    r = a + b * x1 - y - sin(x1)

    def huber(w):
        r = abs(w[0] + w[1] * POINTS - LABELS - numpy.sin(POINTS))
        return numpy.where(r <= 0.5, r**2, r - 0.25).mean()

    for cost in (cases([(abs_symbolic(r) <= QQ((1, 2)), r**2), (True, abs_symbolic(r) - QQ((1, 4)))]),
                 # the same without a case: a square up to 1/2 and a straight line from there on
                 abs_symbolic(r) - QQ((1, 4)) + max_symbolic(QQ((1, 2)) - abs_symbolic(r), 0)**2):
        reaches(cost, [a, b], huber, learning_rate=0.05, iterations=100000, tol=1e-10)


@pytest.mark.slow
def test_squared_hinge():
    s = 2 * y - 1

    def hinge(w):
        return (numpy.maximum(0, 1 - (2 * LABELS - 1) * (w[0] + w[1] * POINTS))**2).mean()

    reaches(max_symbolic(0, 1 - s * (w0 + w1 * x1))**2, [w0, w1], hinge, learning_rate=0.05, iterations=50000, tol=1e-10)


@pytest.mark.slow
def test_one_parameter():
    model = straight(minimize_cost, (a * x1 - y)**2, FOUR, [a], learning_rate=0.05, tol=1e-12)
    assert list(model.weights()) == pytest.approx([POINTS @ LABELS / (POINTS @ POINTS)], rel=1e-12)
    assert model.converged()
    assert repr(model).startswith('Minimum of a cost in a by gradient_descent: ')


@pytest.mark.slow
def test_a_cost_without_data():
    model = straight(minimize_cost, (a - pi)**2 + (b + a)**2, ex2data1(), 'a, b', learning_rate=0.1, tol=1e-9)
    assert model.weights()[0] == pytest.approx(numpy.pi, rel=1e-9)


@pytest.mark.slow
def test_more_parameters_than_variables():
    # a quadratic boundary: six weights over two variables
    names = SR.var('v0, v1, v2, v3, v4, v5')
    features = polynomial_features(x1, x2)
    u = names[0] + sum(v * feature for v, feature in zip(names[1:], features))
    data = load_data((ex2data1().points / 100, ex2data1().labels))
    expected = gradient_descent(data, features=features, learning_rate=1, iterations=2000)
    model = minimize_cost(log(1 + exp(u)) - y * u, data, names, learning_rate=1, iterations=2000)
    assert list(model.weights()) == pytest.approx(list(expected.weights()), rel=1e-10)


@pytest.mark.slow
def test_fewer_parameters_than_variables():
    data = load_data([[1, 5, 2, 0], [2, 4, 1, 1], [3, 1, 7, 1]])
    model = straight(minimize_cost, (a - y)**2, data, a, learning_rate=0.1, tol=1e-12)
    assert list(model.weights()) == pytest.approx([2 / 3], rel=1e-10)


def test_features_of_the_data_have_no_part_in_it():
    data = load_data(ex2data1(), features=[x1**2])
    model = minimize_cost(E, data, [w0, w1, w2], iterations=100)
    assert model.weights() == minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=100).weights()


@pytest.mark.slow
def test_float32_points():
    data = load_data((ex2data1().points.astype('float32'), ex2data1().labels), dtype='float32')
    model = minimize_cost(E, data, [w0, w1, w2], iterations=1000)
    exact = load_data((data.points.astype('float64'), data.labels))
    assert list(model.weights()) == pytest.approx(
        list(minimize_cost(E, exact, [w0, w1, w2], iterations=1000).weights()), rel=1e-12)


# Names

def test_the_label_by_its_name_or_as_y(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('score,admitted\n1,0\n2,1\n3,0\n4,1\n')
    admitted, score = SR.var('admitted, score')
    expected = minimize_cost((a + b * x1 - y)**2, FOUR, [a, b], learning_rate=0.05, iterations=100).weights()
    for label in (admitted, y):
        model = minimize_cost((a + b * score - label)**2, str(path), [a, b], learning_rate=0.05, iterations=100)
        assert model.weights() == expected


def test_a_variable_named_like_the_label():
    data = load_data([[1, 0], [2, 1]], variables='y')
    with pytest.raises(ValueError, match='^y is a variable of the data and the name of their label; expected variables '):
        minimize_cost((a * y - 1)**2, data, [a])
    # the cost of another test, which is compiled once
    model = minimize_cost((a - 1)**2 - 5, data, [a], learning_rate=0.5, iterations=1)
    assert model.weights()[0] == 1


def test_parameters_as_names():
    for given in ('a, b', 'a b', ['a', 'b'], (a, 'b'), vector(SR, [a, b])):
        assert minimize_cost(a + b**2, FOUR, given, iterations=1).parameters() == (a, b)


@pytest.mark.lanes
def test_sage_numbers():
    plain = minimize_cost((a + b * x1 - y)**2, FOUR, [a, b], learning_rate=0.03125, iterations=64, initial=[1.0, 2.0])
    for options in ({'learning_rate': QQ((1, 32)), 'iterations': Integer(64), 'initial': vector(ZZ, [1, 2])},
                    {'learning_rate': RealNumber('0.03125'), 'iterations': RDF(64), 'initial': {a: QQ(1), 'b': sqrt(SR(4))}}):
        assert minimize_cost((a + b * x1 - y)**2, FOUR, [a, b], **options).weights() == plain.weights()
    assert minimize_cost('(a + b*x1 - y)^2', matrix([[1, 0], [2, 1], [3, 0], [4, 1]]), 'a b', learning_rate=0.03125,
                         iterations=64, initial=(1, 2)).weights() == plain.weights()


# Going on

@pytest.mark.slow
def test_going_on_is_as_good_as_not_stopping():
    whole = minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=1000)
    half = minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=400)
    assert minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=600, initial=half).weights() == whole.weights()
    # by the names, where the order is another one
    other = minimize_cost(E, ex2data1(), [w2, w1, w0], iterations=0, initial=half)
    assert list(other.weights()) == list(half.weights())[::-1]
    assert list(minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=0, initial={'w2': 7}).weights()) == [0, 0, 7]


def test_going_on_between_the_two_kinds_of_models():
    logistic = gradient_descent(ex2data1(), iterations=400)
    on = minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=600, initial=logistic)
    back = gradient_descent(ex2data1(), iterations=0, initial=on)
    assert back.weights() == on.weights()
    assert list(on.weights()) == pytest.approx(list(gradient_descent(ex2data1(), iterations=1000).weights()), rel=1e-12)


def test_report_and_callback(capsys):
    seen = []
    model = minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=60000, report=20000,
                          callback=lambda *record: seen.append(record))
    assert capsys.readouterr().out.splitlines() == ['0 0.69314718056', '20000 0.547295463694', '40000 0.488295709188']
    assert [(record.iteration, record.cost) for record in model.history()] == [record[:2] for record in seen]


# What it is

@pytest.mark.slow
def test_the_model_is_trained_and_can_be_saved(tmp_path):
    model = minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=500)
    assert isinstance(model, Trained) and isinstance(model, MinimizedCost)
    model.cost()
    other = pickle.loads(pickle.dumps(model))
    assert (other.weights(), other.cost(), other.parameters()) == (model.weights(), model.cost(), model.parameters())
    assert other == model and len({model, other}) == 1
    assert other.symbolic_cost().is_trivially_equal(E) and repr(other) == repr(model)
    assert model != minimize_cost(log(1 + exp(z)) - y * z, ex2data1(), [w0, w1, w2], iterations=500)
    assert model != minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=501)
    model.save(tmp_path / 'model.json')
    assert load_model(tmp_path / 'model.json') == model
    half = load_data((ex2data1().points[::2], ex2data1().labels[::2]))
    expected = gradient_descent(half, iterations=0, initial=model.weights())
    assert model.cost(half) == pytest.approx(expected.cost(), rel=1e-12)
    assert list(model.gradient(half)) == pytest.approx(list(expected.gradient()), rel=1e-10)
    assert sorted(model.options()) == ['learning_rate', 'tol']


def test_pictures_of_the_descent():
    model = minimize_cost((a + b * x1 - y)**2, FOUR, [a, b], learning_rate=0.05, iterations=100)
    picture = model.plot_history()
    assert picture[0].ydata[-1] == pytest.approx(model.cost(), rel=1e-12)
    assert model.plot_cost_surface() is not None
    assert model._weight_names() == ['a', 'b']


# Warnings

def warning_of(function, *arguments, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        model = function(*arguments, **options)
    assert len(caught) == 1 and caught[0].filename == __file__
    return model, str(caught[0].message)


@pytest.mark.slow
def test_divergence_is_told():
    model, message = warning_of(minimize_cost, (a + b * x1 - y)**2, FOUR, [a, b], learning_rate=1, iterations=1000)
    assert re.fullmatch(r'gradient_descent: the cost is no longer finite after step \d+; the model holds the weights after '
                        r'step \d+, with learning_rate=1, which is too large; try a smaller one', message)
    assert numpy.isfinite(model.cost())


def test_a_rising_cost_is_told():
    _, message = warning_of(minimize_cost, (a * x1 - y)**2, FOUR, [a], learning_rate=0.2, iterations=3)
    assert re.fullmatch(r'gradient_descent: the cost rose from 0.5 to .* with learning_rate=0.2, which is too large; '
                        r'try a smaller one', message)


@pytest.mark.slow
def test_a_negative_cost_that_falls_is_no_rise():
    model = straight(minimize_cost, (a - 1)**2 - 5 + 0 * x1, FOUR, [a], learning_rate=0.1, iterations=50)
    assert model.cost() == pytest.approx(-5, rel=1e-6)
    straight(minimize_cost, (a - 1)**2 - 5, FOUR, [a], learning_rate=0.1, iterations=50, initial=[1])


def test_not_converged_is_told():
    _, message = warning_of(minimize_cost, (a * x1 - y)**2, FOUR, [a], learning_rate=0.001, iterations=10, tol=1e-9)
    assert re.fullmatch(r'gradient_descent: not converged, the largest entry of the gradient is .* after step 10, above '
                        r'tol=1e-09; try more iterations', message)


def test_separated_classes_are_no_matter_of_other_costs():
    straight(minimize_cost, (a + b * x1 - y)**2, [[1, 0], [2, 1]], [a, b], iterations=10)


@pytest.mark.slow
def test_interrupt():
    def interrupt(iteration, cost, weights):
        if iteration:
            raise KeyboardInterrupt
    model, message = warning_of(minimize_cost, E, ex2data1(), [w0, w1, w2], iterations=1000, report=100, callback=interrupt)
    assert message == 'gradient_descent: interrupted after step 100 of 1000; model.resume() goes on from there'
    assert model.iterations() == 100
    whole = minimize_cost(E, ex2data1(), [w0, w1, w2], iterations=1000, report=100)
    assert model.resume() == whole
    assert model.resume(400).resume(500) == whole


def test_interrupted_while_the_cost_is_compiled(monkeypatch):
    # there is no model yet, and what was being compiled is nobody's concern
    def interrupted(*arguments):
        raise KeyboardInterrupt

    def interrupted_inside(*arguments):
        raise SystemError from KeyboardInterrupt()
    for name, function in [('evaluate', interrupted), ('evaluate', interrupted_inside), ('_check_start', interrupted)]:
        for method in METHODS:
            with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt) as caught:
                patched.setattr(SymbolicProblem, name, function)
                minimize_cost(E, ex2data1(), [w0, w1, w2], method)
            assert str(caught.value) == 'minimize_cost: interrupted while the cost was compiled, before the first step'
            # from this file, and out of minimize_cost itself
            assert len(caught.traceback) == 2 and caught.value.__suppress_context__
    with monkeypatch.context() as patched, pytest.raises(SystemError, match='another'):
        patched.setattr(SymbolicProblem, 'evaluate', lambda *arguments: exec('raise SystemError("another")'))
        minimize_cost(E, ex2data1(), [w0, w1, w2])


@pytest.mark.slow
def test_interrupted_by_a_signal_while_the_cost_is_compiled():
    # as Ctrl-C does: when Theano begins to compile
    printed = in_a_new_process('''
        from sage.all import SR, exp, log
        import warnings
        from sage_logreg import *
        from sage_logreg.engine import T, theano
        from sage_logreg.solvers.problem import SymbolicProblem
        import sage_logreg.solvers.steps
        import signal
        a, b, x1, y = SR.var('a, b, x1, y')

        def interrupted_compiler(*arguments, compiler=theano.function, **options):
            os.kill(os.getpid(), signal.SIGINT)
            return compiler(*arguments, **options)

        def check_start(problem, weights, check=SymbolicProblem._check_start):
            theano.function = interrupted_compiler
            return check(problem, weights)

        def slow(X, y, w):
            theano.function = interrupted_compiler
            return T.mean(T.log(1 + T.exp(-(2*y - 1)*(w[0] + T.dot(X, w[1:])))) + w[0]**4)

        SymbolicProblem._check_start = check_start

        def call(train):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter('always')
                try:
                    print('iterations', train().iterations())
                except KeyboardInterrupt as error:
                    print(error)
            print(*(warning.message for warning in caught if warning.category is RuntimeWarning))

        cost = log(1 + exp(-(2*y - 1)*(a + b*x1))) + a**4
        in_a_child(call, lambda: minimize_cost(cost, ex2data1(), [a, b], iterations=10**9))
        in_a_child(call, lambda: gradient_descent(ex2data1(), cost=slow, iterations=10**9))
        in_a_child(call, lambda: stochastic_gradient_descent(ex2data1(), cost=slow, epochs=10**9))
        ''', before=INTERRUPT_AFTER + IN_A_CHILD).stdout
    minimized, no_warning, iterations, descent, epochs, stochastic = printed.splitlines()
    assert minimized == 'minimize_cost: interrupted while the cost was compiled, before the first step'
    assert not no_warning
    # these return the model that they started from
    assert iterations == epochs == 'iterations 0'
    assert descent.startswith('gradient_descent: interrupted after step 0 of ')
    assert stochastic.startswith('stochastic_gradient_descent: interrupted after update 0 of ')


# Typeset

@pytest.mark.slow
def test_latex():
    model = minimize_cost((a + b*x1 - y)**2, FOUR, [a, b], iterations=0, initial=[-1/3, 2e-9])
    assert str(latex(model)) == (r'\operatorname{mean}\left({\left(b x_{1} + a - y\right)}^{2}\right), \quad '
                                 r'a = -0.333333, \; b = 2 \cdot 10^{-9}')
    symbols = SR.var('p', n=12)
    text = str(latex(minimize_cost(sum(symbols)**2 * x1, FOUR, symbols, iterations=0, initial=range(12))))
    assert text.endswith(r'p_{3} = 3.0, \; p_{4} = 4.0, \\ & p_{5} = 5.0, \; p_{6} = 6.0, \; p_{7} = 7.0, \; p_{8} = 8.0, \; '
                         r'p_{9} = 9.0, \\ & p_{10} = 10.0, \; p_{11} = 11.0 \end{aligned}')


# Names of the label

def test_labels_named_as_constants(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('x1,e\n1,0\n2,1\n3,0\n4,1\n')
    data, label = load_data(path), SR.var('e_')
    options = dict(learning_rate=0.01, iterations=100)
    model = minimize_cost((a * x1 - label)**2, data, [a], **options)
    assert model.weights() == minimize_cost((a * x1 - y)**2, data, [a], **options).weights()
    model.save(tmp_path / 'model.json')
    assert load_model(tmp_path / 'model.json') == model
    with pytest.raises(ValueError, match=r'a variable of the data \(x1\) or the label e_ or y$'):
        minimize_cost((a * x1 - t)**2, data, [a])


# Wrong use

@pytest.mark.parametrize('arguments, options, kind, message', [
    ((E + t, 'DATA', [w0, w1, w2]), {}, ValueError,
     'the cost: the symbol t is not a parameter (w0, w1, w2), a variable of the data (x1, x2) or the label y'),
    ((E, 'DATA', [w0, w1]), {}, ValueError,
     'the cost: the symbol w2 is not a parameter (w0, w1), a variable of the data (x1, x2) or the label y'),
    ((E, 'DATA', [w0, w1, w2]), {'method': ['x']}, ValueError,
     "method = ['x']; expected 'gradient_descent' or 'stochastic_gradient_descent'"),
    ((E, 'DATA', [w0, w1, w2, a]), {}, ValueError, 'the parameter a does not occur in the cost'),
    ((E, 'DATA', []), {}, ValueError, 'parameters = []; expected at least one symbol of the cost'),
    ((E, 'DATA', ''), {}, ValueError, 'parameters = []; expected at least one symbol of the cost'),
    ((E, 'DATA', 3), {}, TypeError, 'parameters = 3; expected a list of symbols'),
    ((E, 'DATA', [w0, w1, 2 * w2]), {}, TypeError, 'parameters[2] = 2*w2; expected a symbol'),
    ((E, 'DATA', [w0, 'w 1', w2]), {}, TypeError, "parameters[1] = 'w 1'; expected a symbol"),
    ((E, 'DATA', [w0, pi, w2]), {}, TypeError, 'parameters[1] = pi; expected a symbol'),
    ((E, 'DATA', [w0, w1, w2, 'w1']), {}, ValueError, 'parameters[3] = w1 is parameters[1] again'),
    ((E, 'DATA', [w0, w1, w2, x1]), {}, ValueError, 'parameters[3] = x1 is a variable of the data'),
    ((E, 'DATA', [y, w0, w1, w2]), {}, ValueError, 'parameters[0] = y is the label of the data'),
    ((None, 'DATA', [w0]), {}, TypeError, 'the cost: None is not a symbolic expression'),
    ((lambda X, y, w: 0, 'DATA', [w0]), {}, TypeError, None),
    ((w0 + SR(-1).sqrt(), 'DATA', [w0]), {}, ValueError, 'the cost: I is not a finite real number'),
    ((h > y, 'DATA', [w0, w1, w2]), {}, ValueError, None),
    ((E, 'DATA', [w0, w1, w2]), {'method': 'newton'}, ValueError,
     "method = 'newton'; expected 'gradient_descent' or 'stochastic_gradient_descent'"),
    ((E, 'DATA', [w0, w1, w2]), {'scale': True}, TypeError,
     "minimize_cost takes no scale: the cost is a formula in the data's own variables"),
    ((E, 'DATA', [w0, w1, w2]), {'l2': 1}, TypeError,
     'minimize_cost takes no l2: write the penalty into the cost, such as + l2/(2*m)*(w1^2 + w2^2)'),
    ((E, 'DATA', [w0, w1, w2]), {'features': [x1]}, TypeError, 'minimize_cost takes no features: write them into the cost'),
    ((E, 'DATA', [w0, w1, w2]), {'epochs': 3}, TypeError,
     'minimize_cost takes no epochs; expected options of gradient_descent: learning_rate, iterations, report, initial, '
     'tol, progress, callback, checkpoint'),
    ((E, 'DATA', [w0, w1, w2]), {'learning_rate': 0}, ValueError, 'learning_rate = 0; expected a real number above 0'),
    ((E, 'DATA', [w0, w1, w2]), {'iterations': -1}, ValueError, 'iterations = -1; expected a whole number from 0'),
    ((E, 'DATA', [w0, w1, w2]), {'initial': [1, 2]}, ValueError, 'initial has 2 entries; expected 3 real numbers'),
    ((E, 'DATA', [w0, w1, w2]), {'initial': {a: 2}}, ValueError, 'initial: a is not a parameter (w0, w1, w2)'),
    ((E, 'DATA', [w0, w1, w2]), {'initial': {w0: 'x'}}, TypeError, "initial[w0] = 'x'; expected a real number"),
    ((log(w0 + x1 - 40) * y, 'DATA', [w0]), {}, ValueError, None),
    ((y / w0, 'DATA', [w0]), {}, ValueError, None),
    ((sqrt(w0) * x1, 'DATA', [w0]), {}, ValueError,
     'the derivative of the cost in w0 is inf at the start (w0 = 0.0); give other weights as initial'),
    ((exp(w0 * x1), 'DATA', [w0]), {'initial': [1000]}, ValueError, None),
])
def test_wrong_use(arguments, options, kind, message):
    arguments = [ex2data1() if isinstance(argument, str) and argument == 'DATA' else argument for argument in arguments]
    with pytest.raises(kind) as error:
        minimize_cost(*arguments, **options)
    text = str(error.value)
    assert text == message if message else '\n' not in text
    assert len(text) < 350


def test_the_first_row_without_a_cost_is_named():
    data = load_data([[1, 0], [-2, 1], [-3, 0]])
    with pytest.raises(ValueError, match=re.escape('the cost is nan in row 2 of the data (x1 = -2.0, y = 1.0) at the start '
                                                   '(a = 0.0, b = 1.0); give other weights as initial')):
        minimize_cost(a + b * log(x1), data, [a, b], initial={b: 1})


def test_a_long_list_of_parameters_is_cut():
    names = [SR.var(f'v{j}') for j in range(50)]
    with pytest.raises(ValueError) as error:
        minimize_cost(sum(names) + t, FOUR, names)
    assert str(error.value) == ('the cost: the symbol t is not a parameter (v0, v1, v2, v3, v4, ..., v49), a variable of the '
                                'data (x1) or the label y')
