r"""
Functions that numba compiles once and keeps on disk, for all processes

EXAMPLES::

    sage: from sage_logreg.cost.cached import in_own_file
    sage: def double(x):
    ....:     return 2*x
    sage: in_own_file(double, 'float64').__qualname__ == in_own_file(double, 'float32').__qualname__
    False
"""
import functools
import hashlib
import importlib.util
import types

from sage_logreg.support.interrupt import is_interrupt


@functools.lru_cache(maxsize=None)
def has_numba():
    r"""
    Return whether numba is available, without importing it.
    """
    return importlib.util.find_spec('numba') is not None


def in_own_file(function, *key):
    r"""
    Return a copy of a function that numba keeps in a file of its own, one for every key.

    Numba numbers what it compiles for several types within one index. Two processes that compile for different types at the
    same time take the same number, and one then finds the code of the other.

    EXAMPLES: see :mod:`sage_logreg.cost.cached`.
    """
    copy = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    digest = hashlib.sha256(repr(tuple(map(str, key))).encode()).hexdigest()[:16]
    copy.__module__, copy.__qualname__ = function.__module__, f'{function.__qualname__}_{digest}'
    return copy


@functools.lru_cache(maxsize=None)
def without_overlap():
    r"""
    Return numba's options for a function whose arrays do not overlap, which saves looking for that at every turn of a loop.
    """
    from numba.core.compiler import CompilerBase, DefaultPassBuilder

    class WithoutOverlap(CompilerBase):
        def define_pipelines(self):
            self.state.flags.noalias = True
            return [DefaultPassBuilder.define_nopython_pipeline(self.state)]
    return {'pipeline_class': WithoutOverlap}


def compiled_for(signature, function, **options):
    r"""
    Return a function compiled by numba for arguments of these types, and ready to be called.

    A Ctrl-C while it runs is a ``KeyboardInterrupt``, not the error that compiled code makes of it.

    EXAMPLES::

        sage: from sage_logreg.cost.cached import compiled_for, has_numba
        sage: def doubled():
        ....:     import numba
        ....:     return compiled_for((numba.float64,), lambda x: x + x)(1.5r)
        sage: not has_numba() or doubled() == 3.0
        True
    """
    import numba
    # a function that was defined at the prompt has no file
    is_kept = function.__code__.co_filename.endswith('.py')
    compiled = numba.njit([tuple(signature)], cache=is_kept, **options)(in_own_file(function, *signature))

    @functools.wraps(function)
    def run(*arguments):
        try:
            return compiled(*arguments)
        except SystemError as error:
            if not is_interrupt(error):
                raise
        raise KeyboardInterrupt
    run.compiled = compiled
    return run
