r"""
Sage expressions: to Theano, to JSON and back, and the model's formulas
"""
from sage_logreg.support import needs_sage  # noqa: F401
