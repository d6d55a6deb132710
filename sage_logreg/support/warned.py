r"""
Warnings that point at the user's line, however deep in the package they arise
"""
import sys
import warnings


def warn(message, category=RuntimeWarning):
    r"""
    Warn of something on the line that called the package.

    EXAMPLES::

        sage: import warnings
        sage: from sage_logreg import load_data
        sage: table = {'number': [1, 2, 3], 'age': [5, 7, 6], 'ill': [0, 1, 1]}
        sage: with warnings.catch_warnings(record=True) as caught:
        ....:     warnings.simplefilter('always')
        ....:     data = load_data(table)
        sage: caught[0].filename.startswith('<doctest')
        True
    """
    level, frame = 2, sys._getframe(1)
    # contextlib stands between, where a context is a decorator
    while frame.f_back is not None and frame.f_globals.get('__name__', '').partition('.')[0] in ('sage_logreg', 'contextlib'):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
