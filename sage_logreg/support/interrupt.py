r"""
Ctrl-C: where it must wait, and what it looks like when it arrives

EXAMPLES::

    sage: from sage_logreg.support.interrupt import interrupts_held
    sage: import os, signal
    sage: try:
    ....:     with interrupts_held():
    ....:         os.kill(os.getpid(), signal.SIGINT)
    ....:         print('to the end')
    ....: except KeyboardInterrupt:
    ....:     print('and then interrupted')
    to the end
    and then interrupted
"""
import contextlib
import signal
import sys
import threading


@contextlib.contextmanager
def interrupts_held():
    r"""
    Return a context in which Ctrl-C waits: the ``KeyboardInterrupt`` comes at its end.

    An import that is interrupted leaves modules that are half there, and the
    session cannot import them again.

    EXAMPLES: see :mod:`sage_logreg.support.interrupt`.
    """
    if threading.current_thread() is not threading.main_thread():
        # interrupts go to the main thread
        yield
        return
    held = []
    with _handled_by(lambda *signal: held.append(signal)):
        yield
    if held:
        before = signal.getsignal(signal.SIGINT)
        if callable(before):
            before(*held[0])
        raise KeyboardInterrupt


@contextlib.contextmanager
def interrupts_noted():
    r"""
    Return a context whose list has an entry when Ctrl-C came, even if somebody inside has dealt with it.

    EXAMPLES::

        sage: from sage_logreg.support.interrupt import interrupts_noted
        sage: import os, signal
        sage: with interrupts_noted() as noted:
        ....:     try:
        ....:         os.kill(os.getpid(), signal.SIGINT)
        ....:     except KeyboardInterrupt:
        ....:         print('dealt with')
        dealt with
        sage: len(noted)
        1
    """
    noted = []

    def note(*signal):
        noted.append(signal)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield noted
        return
    with _handled_by(note):
        yield noted


@contextlib.contextmanager
def _handled_by(handler):
    if 'cysignals.signals' in sys.modules:
        # Sage's handler stands outside of Python, where signal.signal would not put it back
        from cysignals.pysignals import changesignal
        with changesignal(signal.SIGINT, handler):
            yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def is_interrupt(error):
    r"""
    Return whether an exception is a ``KeyboardInterrupt``, or what compiled code has made of one.

    Sage's signal handler raises inside compiled code, which then complains of
    a result with an exception set.

    EXAMPLES::

        sage: from sage_logreg.support.interrupt import is_interrupt
        sage: is_interrupt(KeyboardInterrupt()), is_interrupt(SystemError())
        (True, False)
        sage: error = SystemError()
        sage: error.__cause__ = KeyboardInterrupt()
        sage: is_interrupt(error)
        True
    """
    while isinstance(error, SystemError):
        # Theano makes a new error of it, with the place in its graph
        error = error.__cause__ or error.__context__
    return isinstance(error, KeyboardInterrupt)
