r"""
Imports that Ctrl-C does not break

Sage, matplotlib and others import parts of themselves when these are first used, such as in the first picture. An
interrupt in the middle leaves compiled modules half-loaded, which the session cannot import any more. Once
:func:`finish_imports` was called, an interrupt waits until such an import ends.

EXAMPLES::

    sage: from sage_logreg.support.whole_imports import WholeImports
    sage: import sys
    sage: sys.meta_path[0] is WholeImports
    True
"""
import functools
import importlib.util
import os
import signal
import sys
import threading

from sage_logreg.support.interrupt import held, interrupts_held, is_held, is_main_thread

# the packages that are imported whole; another one may be a program, whose import runs for hours
PACKAGES = {'contourpy', 'cypari2', 'IPython', 'ipywidgets', 'matplotlib', 'mpl_toolkits', 'mpmath', 'numba', 'numpy',
            'pandas', 'PIL', 'pytensor', 'sage', 'sage_logreg', 'scipy', 'theano', 'tqdm'}

# in seconds, how long after an import its interrupt comes: what remains to be done takes microseconds
AFTER = 0.01


class WholeImports:
    r"""
    The first of Python's finders: it lets the others find a module, and holds interrupts while that is loaded.
    """

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        package = name.partition('.')[0]
        # within an import that is held already there is nothing to do
        if package not in PACKAGES or not is_main_thread() or is_held():
            return None
        if package == 'sage' and 'cysignals' not in sys.modules and importlib.util.find_spec('cysignals'):
            # first, as it replaces the handler that holds an interrupt
            with interrupts_held():
                import cysignals.pysignals  # noqa: F401
        specs = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not cls)
        spec = next(filter(None, specs), None)
        # a built-in loader is a class, which is not to be changed
        if spec is not None and not isinstance(spec.loader, (type, type(None))):
            # compiled modules run in either
            for step in ('create_module', 'exec_module'):
                setattr(spec.loader, step, _finished(getattr(spec.loader, step)))
        return spec


def _finished(load):
    # The same, but Ctrl-C comes after it.
    @functools.wraps(load)
    def finish(argument):
        with held() as hold:
            result = load(argument)
        if hold.interrupted:
            # not here, where Python has not yet entered the module everywhere
            threading.Timer(AFTER, os.kill, (os.getpid(), signal.SIGINT)).start()
        return result
    return finish


def finish_imports():
    r"""
    From now on, let imports of the packages in ``PACKAGES`` end before Ctrl-C interrupts.

    EXAMPLES: see :mod:`sage_logreg.support.whole_imports`.
    """
    if WholeImports not in sys.meta_path:
        sys.meta_path.insert(0, WholeImports)
