"""The names of doctests, those of Sage's prompt; and, imported once here instead of in each file's process, what most files need."""
from sage.repl.ipython_kernel.all_jupyter import *  # noqa: F401, F403


def _import_what_most_need():
    import importlib
    for name in ('matplotlib.pyplot', 'numba', 'pandas', 'pytensor.tensor', 'scipy.sparse.linalg', 'scipy.stats'):
        importlib.import_module(name)


_import_what_most_need()
