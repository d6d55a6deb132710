r"""
What must be done in the main thread, when another one asks for it

EXAMPLES::

    sage: from sage_logreg.support.main_thread import in_main_thread
    sage: import threading
    sage: ran_in = []
    sage: def note():
    ....:     ran_in.append(threading.current_thread())
    sage: thread = threading.Thread(target=in_main_thread, args=(note,))
    sage: thread.start(); thread.join()
    sage: ran_in == [threading.main_thread()]
    True
"""
import collections
import ctypes
import os
import signal
import threading
import time

from sage_logreg.support.interrupt import is_main_thread

# how often the main thread is woken, and how long it is waited for, in seconds
PAUSE, PATIENCE = 0.02, 10

# a callback must not be freed before it is called
_callbacks = []

# what a handler of a signal is to call
_waiting = collections.deque()


def _call_waiting(*signal):
    while _waiting:
        _waiting.popleft()()


def answer_other_threads():
    r"""
    Let the main thread, which calls this, answer also while it waits for input: there only handlers of signals run.

    By itself the signal, ``SIGURG``, does nothing; a handler of the user's is left alone.
    """
    if is_main_thread() and signal.getsignal(signal.SIGURG) == signal.SIG_DFL:
        signal.signal(signal.SIGURG, _call_waiting)


def in_main_thread(function):
    r"""
    Call a function without arguments in the main thread, and wait for it; there its errors are raised here.

    A main thread that does not come back to Python code within ten seconds is an error.

    EXAMPLES: see :mod:`sage_logreg.support.main_thread`.
    """
    if is_main_thread():
        function()
        return
    begun, done, errors = threading.Event(), threading.Event(), []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
    def call(_):
        begun.set()
        try:
            function()
        except KeyboardInterrupt:
            # it is the main thread's, but cannot pass through this callback
            threading.Timer(PAUSE, os.kill, (os.getpid(), signal.SIGINT)).start()
        except BaseException as error:
            errors.append(error)
        done.set()
        return 0

    if signal.getsignal(signal.SIGURG) is _call_waiting:
        _waiting.append(lambda: call(None))
    else:
        _callbacks.append(call)
        ctypes.pythonapi.Py_AddPendingCall(call, None)
    if not _wait_for_main_thread(begun):
        raise RuntimeError('Sage can be loaded by the main thread only, which is busy; load it there first, with: '
                           'import sage_logreg.support.needs_sage')
    done.wait()
    if errors:
        raise errors[0]


def _wait_for_main_thread(begun):
    # Wake it from waiting for a lock, as in thread.join(), by a signal that does nothing else; with a handler in Python
    # from waiting for anything.
    handled = signal.getsignal(signal.SIGURG) is _call_waiting
    libc = ctypes.CDLL(None)
    libc.signal.restype = ctypes.c_void_p
    libc.signal.argtypes = ctypes.c_int, ctypes.c_void_p
    unused = signal.getsignal(signal.SIGURG) == signal.SIG_DFL
    if unused:
        before = libc.signal(signal.SIGURG, ctypes.cast(libc.abs, ctypes.c_void_p))
        libc.siginterrupt(signal.SIGURG, 1)
    try:
        end = time.monotonic() + PATIENCE
        while not begun.wait(PAUSE) and time.monotonic() < end:
            if unused or handled:
                signal.pthread_kill(threading.main_thread().ident, signal.SIGURG)
        return begun.is_set()
    finally:
        if unused:
            libc.signal(signal.SIGURG, before)


answer_other_threads()
