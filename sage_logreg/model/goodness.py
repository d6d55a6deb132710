r"""
Goodness of fit

EXAMPLES::

    sage: from sage_logreg import *
"""


class GoodnessOfFit:
    r"""
    The methods of a model that say how well it fits the data it was trained on.

    EXAMPLES: see :mod:`sage_logreg.model.goodness`.
    """
