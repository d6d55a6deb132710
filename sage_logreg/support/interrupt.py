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

    An interrupted import leaves half-loaded modules, which the session cannot
    import again.

    EXAMPLES: see :mod:`sage_logreg.support.interrupt`.
    """
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
    Return a context with a list that gets an entry on Ctrl-C, even if the interrupt is handled inside.

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

    with _handled_by(note):
        yield noted


@contextlib.contextmanager
def _handled_by(handler):
    if threading.current_thread() is not threading.main_thread():
        # interrupts go to the main thread
        yield
    elif 'cysignals.signals' in sys.modules:
        # Sage's handler is installed outside of Python, so signal.signal would not restore it
        from cysignals.pysignals import changesignal
        with changesignal(signal.SIGINT, handler):
            yield
    else:
        before = signal.signal(signal.SIGINT, handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def is_interrupt(error):
    r"""
    Return whether an exception is a ``KeyboardInterrupt``, or what compiled code has made of one.

    Sage's signal handler raises inside compiled code, which then complains about
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
        # Theano wraps it in a new error that names the place in its graph
        error = error.__cause__ or error.__context__
    return isinstance(error, KeyboardInterrupt)
