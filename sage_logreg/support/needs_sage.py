r"""
To be imported before Sage's own modules, in any thread; if there is no Sage, says so in one sentence

What every use of Sage needs is loaded here, whole even if Ctrl-C comes; formulas, pictures and proofs load the rest
in the same way.

EXAMPLES::

    sage: from sage_logreg.support import needs_sage

TESTS::

    sage: import importlib, importlib.util
    sage: find_spec = importlib.util.find_spec
    sage: importlib.util.find_spec = lambda name: None
    sage: try:
    ....:     _ = importlib.reload(needs_sage)
    ....: except ImportError as error:
    ....:     print(error)
    ....: finally:
    ....:     importlib.util.find_spec = find_spec
    formulas, pictures and proofs need Sage, and this Python has none; install it with: pip install 'sage_logreg[sage]'
"""
import importlib.util

from sage_logreg.support.interrupt import interrupts_held
from sage_logreg.support.main_thread import in_main_thread

if importlib.util.find_spec('sage') is None:
    raise ImportError('formulas, pictures and proofs need Sage, and this Python has none; install it with: '
                      "pip install 'sage_logreg[sage]'", name='sage')


def _load():
    with interrupts_held():
        # first, as it installs a handler of its own
        import cysignals  # noqa: F401
    with interrupts_held():
        import sage.libs.pari
        import sage.matrix.constructor
        import sage.misc.latex
        import sage.misc.table
        import sage.modules.free_module_element
        import sage.rings.infinity
        # outside of a running Sage the field can only be loaded after its integers
        import sage.rings.integer
        import sage.rings.rational_field
        import sage.rings.real_double  # noqa: F401


# in another thread Sage cannot install its handler, and PARI would crash when the main thread used it
in_main_thread(_load)
