r"""
Ctrl-C in what is asked of a model: a KeyboardInterrupt, and where something was reached a sentence.
"""
import os
import signal
import threading

import numpy
import pytest

from sage_logreg import gradient_descent, load_data, maximum_likelihood
from sage_logreg.exact.basis import IntegerBasis

from helpers import summary_rows


@pytest.fixture(scope='module')
def model():
    random = numpy.random.RandomState(0)
    points = random.normal(size=(50000, 20))
    labels = (points[:, 0] + random.logistic(size=50000) > 0).astype(float)
    return maximum_likelihood(load_data((points, labels)))


@pytest.mark.parametrize('ask', [lambda model: model.cost(), lambda model: model.gradient(),
                                 lambda model: model.likelihood_ratio_test()])
def test_compiled_code_is_interrupted_as_python_is(model, ask):
    ask(model)
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            ask(model)


# Models whose estimate was not proved to exist

QUASI = [[0, 0], [1, 0], [1, 1], [2, 1], [3, 1]]


@pytest.fixture
def interrupted_checks(monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(IntegerBasis, 'exchange', interrupt)


@pytest.mark.parametrize('train', [maximum_likelihood, lambda data: gradient_descent(data, iterations=10)], ids=['Newton', 'descent'])
@pytest.mark.filterwarnings('ignore:.*interrupted:RuntimeWarning')
def test_a_summary_is_shown_after_an_interrupted_check(interrupted_checks, train):
    model = train(QUASI)
    header, bias, slope, *_ = summary_rows(model)
    assert header == ['', 'weight', 'right digits'] and bias[2] == slope[2] == ''
    assert 'interrupted while the estimate was being found and proved to exist' in str(model.summary())


def test_what_was_proved_before_is_not_in_doubt(monkeypatch):
    model = maximum_likelihood([[1, 0], [2, 1], [3, 0], [4, 1]])

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr('sage_logreg.model.inference.minimize', interrupt)
    header, bias, *_ = summary_rows(model)
    assert 'std. error' in header and bias[-1] == ''
    assert 'without right digits: interrupted while they were counted' in str(model.summary())


@pytest.mark.filterwarnings('ignore:.*interrupted:RuntimeWarning')
def test_no_distance_from_an_estimate_that_was_not_proved(interrupted_checks):
    model = maximum_likelihood(QUASI)
    assert not model.converged()
    with pytest.raises(ValueError, match='it is not proved that an estimate exists'):
        model.standard_errors()
