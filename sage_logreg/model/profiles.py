r"""
The likelihood itself

EXAMPLES::

    sage: from sage_logreg import *
"""


class Profiles:
    r"""
    The methods of a model that draw or write down the likelihood and what follows from it exactly.

    EXAMPLES: see :mod:`sage_logreg.model.profiles`.
    """
