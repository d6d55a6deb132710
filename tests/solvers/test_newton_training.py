r"""
maximum_likelihood while it runs: callbacks, interrupts, tolerances, and the arguments that it refuses.
"""
import math
import signal

import numpy
import pytest

from sage_logreg import maximum_likelihood

from helpers import OVERLAPPING, array, close, everything, fitted, needed_sage, symbolic_ring

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# Callback, tol, and what a model says of itself

@pytest.mark.parametrize('stop', [0, 1, 3])
def test_callback_stops(stop):
    seen = []

    def callback(step, cost, weights):
        seen.append((step, float(cost), array(weights)))
        return step == stop

    model = maximum_likelihood(OVERLAPPING, callback=callback)
    assert [step for step, _, _ in seen] == list(range(stop + 1)) and not model.converged()
    assert model.iterations() == stop and len(model.history()) == stop + 1
    assert (array(model.weights()) == seen[-1][2]).all()
    close(model.cost(), seen[-1][1], 1e-13)
    costs = [cost for _, cost, _ in seen]
    assert costs == sorted(costs, reverse=True)
    for method in (lambda: model.confidence_intervals(method='profile'), model.standard_errors):
        with pytest.raises(ValueError, match='expected a converged model'):
            method()


@pytest.mark.parametrize('bias_reduced', [False, True])
def test_initial(bias_reduced):
    model = fitted(OVERLAPPING, bias_reduced=bias_reduced)
    for initial in (model, array(model.weights()), [float(weight) for weight in model.weights()]):
        again = fitted(OVERLAPPING, bias_reduced=bias_reduced, initial=initial)
        close(again.weights(), model.weights(), 1e-12)
        assert again.converged() and again.iterations() <= 2 < model.iterations()


@pytest.mark.parametrize('initial', [[1e300, 1e308, -1e308], [0, 1e5, -1e5], [50, -50, 50]])
def test_initial_weights_that_are_worse_than_none(initial):
    model = fitted(OVERLAPPING)
    again = fitted(OVERLAPPING, initial=initial)
    assert again.converged() and (array(again.weights()) == array(model.weights())).all()


def test_report(capsys):
    model = fitted(OVERLAPPING, report=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f'{step} {cost:.12g}' for step, cost, _ in model.history() if step % 2 == 0]
    assert len(lines) >= 3


def test_interrupt_hands_over_the_model_so_far():
    def callback(step, cost, weights):
        if step == 3:
            signal.raise_signal(signal.SIGINT)

    with pytest.warns(RuntimeWarning, match=r'interrupted after step 3; maximum_likelihood\(data, initial=model\) goes on'):
        model = maximum_likelihood(OVERLAPPING, callback=callback)
    assert model.iterations() == 3 and len(model.history()) == 4 and not model.converged()
    whole = fitted(OVERLAPPING)
    assert (array(model.weights()) == array(whole.history()[3][2])).all()
    close(fitted(OVERLAPPING, initial=model).weights(), whole.weights(), 1e-12)


def test_only_true_stops_and_weights_may_be_spoilt():
    model = fitted(OVERLAPPING)
    for answer in (None, 1, 'yes', numpy.float64(1), False):
        def callback(step, cost, weights):
            array(weights)[:] = 9
            if isinstance(weights, numpy.ndarray):
                weights[:] = 9
            return answer
        other = fitted(OVERLAPPING, callback=callback)
        assert (array(other.weights()) == array(model.weights())).all()
        assert all((array(one.weights) == array(two.weights)).all()
                   for one, two in zip(other.history(), model.history()))


def test_an_error_in_the_callback_comes_through():
    def callback(step, cost, weights):
        raise KeyError('mine')
    with pytest.raises(KeyError, match='mine'):
        maximum_likelihood(OVERLAPPING, callback=callback)


def test_a_tolerance_that_cannot_be_met_is_told():
    best = fitted(OVERLAPPING)
    with pytest.warns(RuntimeWarning, match=r'not converged after \d+ steps, the largest entry of the gradient is '
                                            r'\d\S* in scaled variables, above tol=1e-40'):
        model = maximum_likelihood(OVERLAPPING, tol=1e-40)
    assert model.converged() is False
    close(model.weights(), best.weights(), 1e-12)


def test_tolerance_counts():
    steps = [fitted(OVERLAPPING, tol=tol).iterations() for tol in (1e-4, 1e-10, 1e-14)]
    assert steps == sorted(steps)
    # even a rough one gives the estimate to the digits that Newton's last step doubles
    close(fitted(OVERLAPPING, tol=0.5).weights(), fitted(OVERLAPPING).weights(), 1e-9)


# Wrong arguments

ROWS = [[1, 0], [2, 1], [3, 0], [4, 1]]
DOSES = [[1], [2], [3]]


@pytest.mark.parametrize('arguments, options, error, message', [
    ((ROWS,), {'weights': [1, 2]}, ValueError, 'weights has 2 entries; expected 4 real numbers'),
    ((ROWS,), {'weights': 3}, TypeError, 'weights = 3; expected 4 real numbers'),
    ((ROWS,), {'weights': [1, 'a', 1, 1]}, TypeError, "weights[1] = 'a'; expected a real number"),
    ((ROWS,), {'weights': [1, math.nan, 1, 1]}, ValueError, 'weights[1] = nan; expected a real number'),
    ((ROWS,), {'weights': [1, 1, math.inf, 1]}, ValueError, 'weights[2] = inf; expected a real number'),
    ((ROWS,), {'weights': [1, 1, -2, 1]}, ValueError, 'weights[2] = -2.0; expected a real number from 0'),
    ((ROWS,), {'weights': [0, 1, 0, 1]}, ValueError, 'all points with y = 0 have the weight 0'),
    ((ROWS,), {'weights': [0, 0, 0, 0]}, ValueError, 'have the weight 0'),
    (([[1, 'no'], [2, 'yes'], [3, 'no']],), {'weights': [1, 0, 1]}, ValueError, "all points with y = 'yes' have"),
    ((ROWS,), {'offset': [1, 2]}, ValueError, 'offset has 2 entries; expected 4 real numbers'),
    ((ROWS,), {'offset': 0.5}, TypeError, 'offset = 0.5; expected 4 real numbers'),
    ((ROWS,), {'offset': [0, 0, math.nan, 0]}, ValueError, 'offset[2] = nan; expected a real number'),
    ((ROWS,), {'offset': [0, 0, 1j, 0]}, TypeError, 'offset[2] = 1j; expected a real number'),
    ((ROWS,), {'l2': -1}, ValueError, 'l2 = -1; expected a real number at least 0'),
    ((ROWS,), {'l2': math.nan}, ValueError, 'l2 = nan; expected a real number at least 0'),
    ((ROWS,), {'l2': 'much'}, TypeError, "l2 = 'much'; expected a real number at least 0"),
    ((ROWS,), {'l2': True}, TypeError, 'l2 = True; expected a real number at least 0'),
    ((ROWS,), {'tol': 0}, ValueError, 'tol = 0; expected a real number above 0'),
    ((ROWS,), {'tol': None}, TypeError, 'tol = None; expected a real number above 0'),
    ((ROWS,), {'bias_reduced': 1}, TypeError, 'bias_reduced = 1; expected True or False'),
    ((ROWS,), {'bias_reduced': 'yes'}, TypeError, "bias_reduced = 'yes'; expected True or False"),
    ((ROWS,), {'l2': 1, 'bias_reduced': True}, ValueError, 'l2 and bias_reduced=True are two penalties'),
    ((ROWS,), {'initial': [1]}, ValueError, 'initial has 1 entries; expected'),
    ((ROWS,), {'initial': 'near'}, TypeError, "initial = 'near'; expected"),
    ((ROWS,), {'report': 0}, ValueError, 'report = 0; expected'),
    ((ROWS,), {'callback': 5}, TypeError, 'callback = 5; expected a function of (step, cost, weights)'),
    ((42,), {}, TypeError, '42 is not data'),
    (([[1, 1], [2, 1], [3, 1]],), {}, ValueError, 'every label is 1; expected at least two different labels'),
    (((DOSES, [1, 2, 3], [10, 10, 10]),), {'weights': [1, 1, 1]}, ValueError, 'weights and grouped data'),
    (((DOSES, [1, 2], [10, 10, 10]),), {}, ValueError, 'trials has 3 entries; expected 2 real numbers'),
    (((DOSES, 4, [10, 10, 10]),), {}, TypeError, 'is not data; expected points, successes and trials'),
    (((DOSES, [1, 11, 3], [10, 10, 10]),), {}, ValueError, 'successes[1] = 11 is more than the 10 trials'),
    (((DOSES, [1, -1, 3], [10, 10, 10]),), {}, ValueError, 'successes[1] = -1.0; expected a real number from 0'),
    (((DOSES, [0, 0, 0], [10, 10, -10]),), {}, ValueError, 'successes[2] = 0 is more than the -10 trials'),
    (((DOSES, [1, 'a', 3], [10, 10, 10]),), {}, TypeError, "successes[1] = 'a'; expected a real number"),
    (((DOSES, [1, 2, 3], [10, 10, 10]),), {'offset': [0, 0]}, ValueError, 'offset has 2 entries'),
    (((DOSES, [1, 2, 3], 10),), {}, TypeError, 'is not data; expected points, successes and trials'),
    (((DOSES, [1, 2], [10, 10]),), {}, ValueError, 'trials'),
    ((([[1]], [3], [10]),), {}, ValueError, '1 row'),
    (((DOSES, [0, 0, 0], [9, 9, 9]),), {}, ValueError, 'success')])
def test_wrong_arguments(arguments, options, error, message):
    with pytest.raises(error) as caught:
        maximum_likelihood(*arguments, **options)
    assert message in str(caught.value)
    assert '\n' not in str(caught.value)


# Sage's numbers

@pytest.mark.lanes
def test_sage_numbers():
    # the whole of Sage first: functions that come after the symbolic ring are not found
    needed_sage()
    from sage.matrix.constructor import matrix
    from sage.modules.free_module_element import vector
    from sage.rings.integer import Integer
    from sage.rings.rational import Rational
    from sage.rings.rational_field import QQ
    from sage.rings.real_double import RDF
    from sage.rings.real_mpfr import RealField
    points, labels = OVERLAPPING
    count = len(labels)
    points = numpy.round(points * 16) / 16   # rationals with few digits
    weights, offset = numpy.arange(count) % 3 + 1, (numpy.arange(count) % 5 - 2) / 4
    plain = fitted((points, labels), weights=weights, offset=offset, l2=0.5, tol=1e-9)
    real = RealField(100)
    table = matrix(QQ, count, 3, [Rational(float(x)) for row, y in zip(points, labels) for x in [*row, y]])
    for one, two in (([Integer(int(x)) for x in weights], [Rational(float(x)) for x in offset]),
                     (vector(QQ, [int(x) for x in weights]), vector(RDF, offset)),
                     ([real(int(x)) for x in weights], [real(float(x)) for x in offset])):
        model = fitted(table, weights=one, offset=two, l2=Rational('1/2'), tol=real('1e-9'))
        assert (everything(model) == everything(plain)).all()
    plain = fitted(table)
    assert plain.confidence_intervals(Rational('9/10')) == plain.confidence_intervals(0.9)
    assert plain.weights().base_ring() is RDF and plain.covariance().base_ring() is RDF
    assert plain.log_likelihood().parent() is RDF and plain.area_under_curve().parent() is RDF
    assert plain.likelihood_ratio_test().degrees_of_freedom.parent() is Integer(1).parent()
    assert all(end.parent() is RDF for pair in plain.confidence_intervals(method='profile') for end in pair)
    grouped = fitted((matrix(QQ, 3, 1, [1, 2, 3]), vector(QQ, [1, 4, 9]), [Integer(10)] * 3))
    assert grouped.weights() == fitted((DOSES, [1, 4, 9], [10, 10, 10])).weights()
    # variables are symbols too
    SR = symbolic_ring()
    assert plain.likelihood_ratio_test([SR.var('x2')]) == plain.likelihood_ratio_test(['x2'])
