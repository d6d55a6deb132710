r"""
Effects

EXAMPLES::

    sage: from sage_logreg import *
"""


class Effects:
    r"""
    The methods of a model that say what a variable changes in the probabilities.

    EXAMPLES: see :mod:`sage_logreg.model.effects`.
    """
