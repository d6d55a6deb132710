r"""
Tests of terms

EXAMPLES::

    sage: from sage_logreg import *
"""


class Terms:
    r"""
    The methods of a model that test its variables, a factor as one.

    EXAMPLES: see :mod:`sage_logreg.model.terms`.
    """
