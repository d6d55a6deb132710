r"""
Ctrl-C in what is asked of a model: a KeyboardInterrupt, and where something was reached a sentence.
"""
import os
import signal
import threading
import traceback

import numpy
import pytest

from sage_logreg import certified_maximum_likelihood, gradient_descent, load_data, load_model, maximum_likelihood
from sage_logreg import minimize_cost, separation
from sage_logreg.exact.basis import IntegerBasis

from helpers import in_a_new_process, summary_rows


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


@pytest.mark.parametrize('train', [maximum_likelihood, lambda data: gradient_descent(data, iterations=10)],
                         ids=['Newton', 'descent'])
@pytest.mark.filterwarnings('ignore:.*interrupted:RuntimeWarning')
def test_a_summary_is_shown_after_an_interrupted_check(interrupted_checks, train):
    model = train(QUASI)
    header, bias, slope, *_ = summary_rows(model)
    assert header == ['', 'weight', 'odds ratio', 'right digits'] and bias[-1] == slope[-1] == ''
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


# Sentences

OVERLAP = [[1, 0], [2, 1], [3, 0], [4, 1]]


def in_the_proof(path):
    pytest.importorskip('sage.all')
    certified_maximum_likelihood(OVERLAP)


# where Ctrl-C comes, in which call, and what is said
SAID = {
    'separation': ('dataset.load.read_source', lambda path: separation(OVERLAP), 'load_data: interrupted before'),
    'proof': ('dataset.load.read_source', in_the_proof, 'the proof of the estimate: interrupted before it was decided'),
    'Newton': ('dataset.load.read_source', lambda path: maximum_likelihood(OVERLAP),
               'interrupted before the first step'),
    'Firth': ('training.check_columns', lambda path: maximum_likelihood(OVERLAP, bias_reduced=True),
              'interrupted before the first step'),
    'descent': ('dataset.load.read_source', lambda path: gradient_descent(OVERLAP), 'before the first step'),
    'cost': ('training.SampleCost', lambda path: minimize_cost('a', OVERLAP, 'a'), 'while the cost was compiled'),
    'save': ('model.storage._content', lambda path: maximum_likelihood(OVERLAP).save(path),
             'save: interrupted; the file is'),
    'load': ('model.storage._read', lambda path: load_model(path), 'load_model: interrupted before'),
    'formula': ('symbolic.formula.symbolic_cost', lambda path: maximum_likelihood(OVERLAP).symbolic_cost(),
                'symbolic_cost: interrupted before'),
    'profile': ('solvers.estimate.Estimate.profile_intervals',
                lambda path: maximum_likelihood(OVERLAP).confidence_intervals(method='profile'),
                'confidence_intervals: interrupted before')}


@pytest.mark.parametrize('where, call, said', SAID.values(), ids=SAID)
def test_the_sentence_and_nothing_else(monkeypatch, tmp_path, where, call, said):
    maximum_likelihood(OVERLAP).save(tmp_path / 'model.json')

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    if where.startswith('symbolic'):
        pytest.importorskip('sage.symbolic.ring')
    monkeypatch.setattr(f'sage_logreg.{where}', interrupt)
    with pytest.raises(KeyboardInterrupt, match=said) as caught:
        call(tmp_path / 'model.json')
    # this test, the lambda, and at most two frames that lead to the sentence
    assert len(traceback.extract_tb(caught.value.__traceback__)) <= 5 and not caught.value.__cause__


def test_ipython_shows_the_sentence_alone():
    pytest.importorskip('IPython')
    result = in_a_new_process('''
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell()
        shell.colors = 'NoColor'
        shell.run_cell('from sage_logreg import separation')
        from sage_logreg.exact import separation as module
        def interrupt(*arguments):
            raise KeyboardInterrupt
        module._checked_columns = interrupt
        shell.run_cell('separation([[1, 0], [2, 1], [3, 0]])')
        ''').stdout
    assert result == ('KeyboardInterrupt: separation: interrupted before it was decided; nothing is known of the '
                      'estimate\n')
