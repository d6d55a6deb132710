r"""
To be imported before Sage's own modules; if there is no Sage, says so in one sentence

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

if importlib.util.find_spec('sage') is None:
    raise ImportError('formulas, pictures and proofs need Sage, and this Python has none; install it with: '
                      "pip install 'sage_logreg[sage]'", name='sage')
