r"""
Ctrl-C while something is imported, and Sage in other threads: the session goes on.
"""
import contextlib
import signal
import sys
import threading
import time
from importlib.util import find_spec

import pytest

from sage_logreg.support import main_thread
from sage_logreg.support.interrupt import interrupts_held
from sage_logreg.support.sage_objects import is_old_sage

from helpers import IN_A_CHILD, INTERRUPT_AFTER, in_a_new_process

# what a session does first
FIRST = '''
import os, signal, sys, threading, time, warnings
CODE = """
from sage_logreg import *
model = gradient_descent(ex2data1(), iterations=1000)
model.weights()
model.plot().save('{picture}')
"""

def again():
    # the interrupt may have come in the training, which hands over what it has
    names = {}
    warnings.simplefilter('ignore')
    exec(CODE, names)
    assert abs(float(names['model'].cost()) - 0.624986) < 1e-6 and os.path.getsize('{picture}') > 0

def interrupted():
    warnings.simplefilter('ignore')
    try:
        exec(CODE, {})
        # it may be about to come
        time.sleep(0.1)
    except (KeyboardInterrupt, ValueError):
        pass
'''

pytestmark = pytest.mark.skipif(find_spec('sage') is None or is_old_sage(), reason='needs a Sage that is loaded in parts')


@pytest.mark.slow
def test_interrupted_in_an_import(tmp_path):
    # each is in the middle of one that would leave compiled modules half-loaded
    modules = ['scipy.linalg', 'numba.core.types', 'sage.structure.coerce', 'sage.plot.primitive',
               'matplotlib.transforms']
    in_a_new_process(FIRST.replace('{picture}', str(tmp_path / 'x.png')) + f'''
class Finder:
    def find_spec(name, path=None, target=None):
        if name == wanted and sys.meta_path.count(Finder):
            sys.meta_path.remove(Finder)
            os.kill(os.getpid(), signal.SIGINT)

def interrupted_in(module):
    global wanted
    wanted = module
    sys.meta_path.insert(0, Finder)
    interrupted()
    assert Finder not in sys.meta_path, 'it is not imported'
    again()

for module in {modules!r}:
    if module.partition('.')[0] not in sys.modules:
        in_a_child(interrupted_in, module)
''', before=IN_A_CHILD)


@pytest.mark.slow
def test_interrupted_at_any_time(tmp_path):
    in_a_new_process(FIRST.replace('{picture}', str(tmp_path / 'x.png')) + '''
def interrupted_after(seconds):
    interrupt_after(seconds)
    interrupted()
    try:
        # at the latest now
        time.sleep(seconds)
    except KeyboardInterrupt:
        pass
    again()

for seconds in (0.1, 0.3, 0.9, 1.7):
    in_a_child(interrupted_after, seconds)
''', before=IN_A_CHILD + INTERRUPT_AFTER)


def test_ctrl_c_is_not_dead_after_an_import():
    in_a_new_process('''
        import os, signal, time
        from sage_logreg import *
        gradient_descent(ex2data1(), iterations=1).weights()
        for _ in range(2):
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(10)
                raise AssertionError
            except KeyboardInterrupt:
                pass
        # nothing of it is left for Sage's compiled code
        from sage.rings.integer import Integer
        assert Integer(30).factorial().factor()
        ''')


# Threads

@pytest.mark.lanes
def test_the_first_use_of_sage_may_be_in_a_thread(tmp_path):
    printed = in_a_new_process(f'''
        import os, signal, threading, time
        from sage_logreg import *

        def work():
            model = gradient_descent(ex2data1(), iterations=10)
            print(type(model.weights()).__module__)
            model.plot().save({str(tmp_path / 'x.png')!r})

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        # PARI, which belongs to the thread that loads it
        from sage.rings.integer import Integer
        print(Integer(2**64 + 1).factor())
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
        except KeyboardInterrupt:
            print(Integer(2**64 + 1).factor())
        ''').stdout
    assert printed == 'sage.modules.vector_real_double_dense\n' + 2 * '274177 * 67280421310721\n'
    assert (tmp_path / 'x.png').exists()


@pytest.mark.parametrize('wait', ['socket.create_server(("127.0.0.1", 0)).accept()', 'sys.stdin.readline()',
                                  'time.sleep(100)', 'threading.Event().wait(100)', 'os.read(os.pipe()[0], 1)'])
def test_the_main_thread_may_wait_for_anything(wait):
    printed = in_a_new_process(f'''
        import os, socket, subprocess, sys, threading, time
        from sage_logreg import *

        def work():
            model = gradient_descent(ex2data1(), iterations=10)
            time.sleep(0.5)
            print(type(model.weights()).__module__, flush=True)
            os._exit(0)

        # a pipe to read from, in which nothing is
        reading, writing = os.pipe()
        os.dup2(reading, 0)
        threading.Thread(target=work).start()
        {wait}
        ''').stdout
    assert printed == 'sage.modules.vector_real_double_dense\n'


def in_a_thread(function):
    errors = []

    def call():
        try:
            main_thread.in_main_thread(function)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    return errors


def test_errors_and_interrupts_of_the_main_thread():
    def fail():
        raise LookupError('mine')

    error, = in_a_thread(fail)
    assert isinstance(error, LookupError) and threading.current_thread() is threading.main_thread()

    def interrupted():
        raise KeyboardInterrupt

    # an interrupt is the main thread's
    with pytest.raises(KeyboardInterrupt):
        assert in_a_thread(interrupted) == []
        time.sleep(10)


def test_a_main_thread_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(main_thread, 'PATIENCE', 0)
    monkeypatch.setattr(main_thread, '_wait_for_main_thread', lambda begun: False)
    error, = in_a_thread(lambda: None)
    assert 'load it there first' in str(error)


# Held

@contextlib.contextmanager
def handler(action):
    """A handler for a while; with Sage loaded, signal.signal would not restore Sage's own one."""
    if 'cysignals.signals' in sys.modules:
        from cysignals.pysignals import changesignal
        with changesignal(signal.SIGINT, action):
            yield
        return
    before = signal.signal(signal.SIGINT, action)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def test_ignored_interrupts_stay_ignored():
    with handler(signal.SIG_IGN):
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_a_handler_of_the_user_gets_it_after_the_hold():
    got = []
    with handler(lambda *arguments: got.append(arguments)):
        with interrupts_held():
            with interrupts_held():
                signal.raise_signal(signal.SIGINT)
            assert got == []
        assert len(got) == 1
