r"""
Ctrl-C in what is asked of a model: a KeyboardInterrupt, and where something was reached a sentence.
"""
import os
import signal
import threading

import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood


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
