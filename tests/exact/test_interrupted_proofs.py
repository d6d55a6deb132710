r"""
Ctrl-C in exact arithmetic: what has been reached is handed over, or one sentence says how far it came.
"""
import re
import threading

import numpy
import pytest
import scipy.optimize

from sage_logreg import digits, separation
from sage_logreg.exact.basis import IntegerBasis

from helpers import in_a_new_process

BEFORE = pytest.mark.parametrize('before', ['', 'import sage.all'], ids=['Python', 'Sage'])

PROGRAM = '''
import os, signal, traceback, warnings
import numpy
from sage_logreg import *
from sage_logreg.exact import balls, basis, certified, programme, whitened

def interrupted_in(owner, name, function):
    # Ctrl-C at its second call
    original, calls = getattr(owner, name), []

    def interrupting(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return original(*arguments)

    setattr(owner, name, interrupting)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            result = function()
        print(result.converged(), *(warning.message for warning in caught))
    except KeyboardInterrupt as interrupt:
        short = len(traceback.extract_tb(interrupt.__traceback__)) <= 4 and interrupt.__suppress_context__
        print(type(interrupt).__name__, short, interrupt)
    finally:
        setattr(owner, name, original)

data = load_data([[0, 3, 0], [1, 1, 0], [1, 2, 1], [2, 5, 1], [3, 0, 1], [4, 4, 0], [2, 2, 0]])
quasi = load_data([[0, 0], [1, 0], [1, 1], [2, 1], [3, 1]])
interrupted_in(basis.IntegerBasis, 'exchange', lambda: maximum_likelihood(quasi))
interrupted_in(basis.IntegerBasis, 'exchange', lambda: separation(data))
interrupted_in(programme._Programme, 'leaving', lambda: separation(data))
interrupted_in(whitened.WhiteRows, 'moments', lambda: maximum_likelihood(data, bias_reduced=True))
table = digits()
classes = (table.points[:300, 2:6].astype(float), table.labels[:300].astype(int))
interrupted_in(whitened.WhiteRows, 'moments', lambda: separation(classes))
if {sage}:
    interrupted_in(basis.IntegerBasis, 'exchange', lambda: certified_maximum_likelihood(data, digits=20))
    interrupted_in(balls.BallObjective, 'hessian', lambda: certified_maximum_likelihood(data, digits=20))
    interrupted_in(balls.SoftmaxBallObjective, 'hessian', lambda: certified_maximum_likelihood(classes, digits=20, l2=1))
    interrupted_in(whitened.WhiteRows, 'moments', separation(classes).check)
'''

SAID = """False maximum_likelihood: interrupted while it was being proved that the estimate exists; the weights are those of \
Newton's last step
KeyboardInterrupt True separation: interrupted before it was decided; nothing is known of the estimate
KeyboardInterrupt True separation: interrupted before it was decided; nothing is known of the estimate
KeyboardInterrupt True maximum_likelihood: interrupted before the first step
KeyboardInterrupt True separation: interrupted before it was decided; nothing is known of the estimate
"""
SAID_OF_THE_PROOF = """\
KeyboardInterrupt True the proof of the estimate: interrupted before it was decided whether the estimate exists; no digits \
are proved yet
KeyboardInterrupt True the proof of the estimate: interrupted in ball arithmetic of 131 bits; the estimate exists and is near \
(-0.418105, 0.172863, -0.0800678); no digits are proved yet
KeyboardInterrupt True the proof of the estimate: interrupted in ball arithmetic of 131 bits; the estimate exists and is near \
(...); no digits are proved yet
KeyboardInterrupt True check: interrupted; the certificate is not checked yet
"""


@pytest.mark.lanes
@BEFORE
def test_interrupted_by_a_signal(before):
    if before:
        pytest.importorskip('sage.all')
    result = in_a_new_process(before + PROGRAM.replace('{sage}', repr(bool(before))))
    # of many weights some are shown
    assert re.sub(r'\([^)]*\.\.\.,[^)]*\)', '(...)', result.stdout) == SAID + (SAID_OF_THE_PROOF if before else '')


def test_linear_programmes_in_floats_leave_the_main_thread_to_signals(monkeypatch):
    pytest.importorskip('sage.all')
    threads, original = [], scipy.optimize.linprog

    def linprog(*arguments, **options):
        threads.append(threading.current_thread())
        return original(*arguments, **options)

    table = digits()
    answer = separation((table.points[:300, 2:6].astype(float), table.labels[:300].astype(int)))
    monkeypatch.setattr('scipy.optimize.linprog', linprog)
    assert answer.check() and threads and threading.main_thread() not in threads


def test_long_numbers_are_computed_block_by_block(monkeypatch):
    # between the blocks Ctrl-C can come; the result is that of the whole
    random = numpy.random.RandomState(0)

    def columns(size, bits):
        return [[int(number) << bits for number in random.randint(-99, 99, size)] for _ in range(size)]

    def inverse(given):
        basis = IntegerBasis(len(given))
        for number, column in enumerate(given):
            basis.enter(number, numpy.array(column, dtype=object), basis.units())
        return basis

    given = columns(6, 300)
    whole = inverse(given)
    monkeypatch.setattr('sage_logreg.exact.basis.WORDS', 1)
    small = inverse(given)
    assert small.determinant == whole.determinant and (small.inverse == whole.inverse).all()
    matrix = numpy.array([given[member] for member in whole.members], dtype=object).T
    assert (whole.inverse.dot(matrix) == whole.determinant * numpy.eye(6, dtype=int).astype(object)).all()
