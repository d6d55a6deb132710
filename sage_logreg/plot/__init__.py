r"""
Pictures of data and models, as Sage ``Graphics``: returned, never shown
"""
from sage_logreg.support import needs_sage  # noqa: F401
# outside of a running Sage, symbolic functions loaded after sage.plot are not found
from sage.functions.log import exp  # noqa: F401
