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
import functools
import signal
import sys
import threading


@contextlib.contextmanager
def interrupts_held():
    r"""
    Return a context in which Ctrl-C waits: it comes at its end.

    An interrupted import leaves half-loaded modules, which the session cannot
    import again.

    EXAMPLES: see :mod:`sage_logreg.support.interrupt`.

    TESTS:

    In each other, the outermost one decides::

        sage: from sage_logreg.support.interrupt import interrupts_held
        sage: import os, signal
        sage: try:
        ....:     with interrupts_held():
        ....:         with interrupts_held():
        ....:             os.kill(os.getpid(), signal.SIGINT)
        ....:         print('to the end')
        ....: except KeyboardInterrupt:
        ....:     print('and then interrupted')
        to the end
        and then interrupted
    """
    with held() as hold:
        yield
    if hold.interrupted:
        signal.raise_signal(signal.SIGINT)


class _Hold:
    # A handler of signals that only remembers them.
    interrupted = False

    def __call__(self, number, frame):
        self.interrupted = True


@contextlib.contextmanager
def held():
    r"""
    Return a context in which Ctrl-C is only noted, as the attribute ``interrupted`` of its value.

    EXAMPLES::

        sage: from sage_logreg.support.interrupt import held, is_held
        sage: import os, signal
        sage: with held() as hold:
        ....:     os.kill(os.getpid(), signal.SIGINT)
        ....:     is_held()
        True
        sage: hold.interrupted, is_held()
        (True, False)
    """
    hold, before = _Hold(), signal.getsignal(signal.SIGINT)
    if not is_main_thread() or not callable(before):
        # interrupts go to the main thread; where they are ignored, they stay so
        yield hold
        return
    restore = _catch_in_python(hold, before)
    try:
        yield hold
    finally:
        # what was loaded inside may have installed a handler to stay, as Sage does
        if signal.getsignal(signal.SIGINT) is hold:
            restore()


def is_held():
    r"""
    Return whether Ctrl-C has to wait now.
    """
    return isinstance(signal.getsignal(signal.SIGINT), _Hold)


def _catch_in_python(handler, before):
    # Install a handler; return the function that restores the one before.
    if 'cysignals.signals' not in sys.modules:
        signal.signal(signal.SIGINT, handler)
        return lambda: signal.signal(signal.SIGINT, before)
    # Sage's handler is installed outside of Python, and interrupts Sage's compiled code whatever Python's handler is
    from cysignals.pysignals import getossignal, setsignal
    outside = getossignal(signal.SIGINT)
    signal.signal(signal.SIGINT, handler)
    return lambda: setsignal(signal.SIGINT, before, outside)


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

    if not is_main_thread():
        yield noted
    elif 'cysignals.signals' in sys.modules:
        # signal.signal would replace Sage's handler for compiled code, which must be interruptible
        from cysignals.pysignals import changesignal
        with changesignal(signal.SIGINT, note):
            yield noted
    else:
        before = signal.signal(signal.SIGINT, note)
        try:
            yield noted
        finally:
            signal.signal(signal.SIGINT, before)


class interrupts_explained:
    r"""
    A context, or a decorator, in which Ctrl-C ends in a ``KeyboardInterrupt`` that says how far it came.

    Of contexts in each other the outermost one speaks. A decorated function keeps what was said inside, and
    the traceback ends at the call; IPython shows the sentence alone.

    INPUT:

    - ``sentence`` -- string, or a function that returns one

    EXAMPLES::

        sage: from sage_logreg.support.interrupt import interrupts_explained
        sage: with interrupts_explained('a search: interrupted before anything was found'):
        ....:     raise KeyboardInterrupt
        Traceback (most recent call last):
        ...
        KeyboardInterrupt: a search: interrupted before anything was found
        sage: @interrupts_explained('a walk: interrupted')
        ....: def walk(sentence):
        ....:     raise KeyboardInterrupt(sentence)
        sage: walk('')
        Traceback (most recent call last):
        ...
        KeyboardInterrupt: a walk: interrupted
        sage: walk('interrupted at home')
        Traceback (most recent call last):
        ...
        KeyboardInterrupt: interrupted at home
    """

    def __init__(self, sentence):
        self.sentence = sentence

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if is_interrupt(error):
            # the traceback would show where in the arithmetic it was
            raise told(self._text()) from None

    def __call__(self, function):
        @functools.wraps(function)
        def explained(*arguments, **options):
            try:
                return function(*arguments, **options)
            except (KeyboardInterrupt, SystemError) as error:
                if not is_interrupt(error):
                    raise
                said = str(error) if isinstance(error, KeyboardInterrupt) else ''
            # from here, and not from within, where the frames of the arithmetic would be kept and shown
            raise told(said or self._text()) from None
        return explained

    def _text(self):
        return self.sentence() if callable(self.sentence) else self.sentence


class WorkersGone(ConnectionError):
    r"""
    The workers of a cluster are gone, or its scheduler is: what was computed so far is handed over as after Ctrl-C.
    """


def stopped_by(error):
    r"""
    Return what kept a computation from its end, in words that a step follows; ``None`` if that was an error.

    EXAMPLES::

        sage: from sage_logreg.support.interrupt import WorkersGone, stopped_by
        sage: stopped_by(KeyboardInterrupt())
        'interrupted'
        sage: stopped_by(WorkersGone('the cluster is closed'))
        'the cluster is closed; interrupted'
        sage: stopped_by(ValueError()) is None
        True
    """
    if isinstance(error, WorkersGone):
        return f'{error}; interrupted'
    return 'interrupted' if is_interrupt(error) else None


def told(text):
    r"""
    Return a ``KeyboardInterrupt`` of which IPython, and with it Sage, shows the sentence without a page of code above.

    EXAMPLES::

        sage: from sage_logreg.support.interrupt import told
        sage: told('a walk: interrupted')
        KeyboardInterrupt('a walk: interrupted')
    """
    interrupt = KeyboardInterrupt(text)
    interrupt._render_traceback_ = functools.partial(list, [f'KeyboardInterrupt: {text}'])
    return interrupt


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


def is_main_thread():
    r"""
    Return whether this thread is the one that may install handlers of signals.
    """
    return threading.current_thread() is threading.main_thread()


def in_another_thread(function, *arguments):
    r"""
    Return the function's value, computed in another thread: Ctrl-C comes at once, where it lets go of Python's lock, and not after it.

    INPUT:

    - ``function`` -- compiled code that does not look for signals; it must not use Sage
    - ``arguments`` -- its arguments

    EXAMPLES::

        sage: from sage_logreg.support.interrupt import in_another_thread
        sage: in_another_thread(max, 1, 2)
        2

    TESTS::

        sage: in_another_thread(max, 1)
        Traceback (most recent call last):
        ...
        TypeError: ...
    """
    values, errors = [], []

    def work():
        try:
            values.append(function(*arguments))
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
    if errors:
        raise errors[0]
    return values[0]
