r"""
Residuals and influence

EXAMPLES::

    sage: from sage_logreg import *
"""


class Influence:
    r"""
    The methods of a model about single observations: how far they are from the model, and what it owes to them.

    EXAMPLES: see :mod:`sage_logreg.model.influence`.
    """
