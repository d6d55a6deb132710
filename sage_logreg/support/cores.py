r"""
All cores: parts of a long step, computed at the same time

The results come in the order of the parts, so that sums of them are the same on every run and on every machine.

EXAMPLES::

    sage: from sage_logreg.support.cores import in_parallel
    sage: in_parallel(lambda part: part^2, [1, 2, 3])
    [1, 4, 9]
"""
import concurrent.futures
import contextlib
import functools
import os
import threading

import numpy

# from so many numbers on, BLAS shares an inner product among threads
SHARED = 10000


@functools.lru_cache(maxsize=None)
def core_count():
    r"""
    Return how many cores this process may use.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1


@functools.lru_cache(maxsize=None)
def _pool():
    # the thread that asks takes parts itself
    return concurrent.futures.ThreadPoolExecutor(core_count() - 1, thread_name_prefix='sage_logreg')


# the threads of a process are not those of its forks
os.register_at_fork(after_in_child=_pool.cache_clear)


def in_parallel(function, parts):
    r"""
    Return the list of the function's values, computed by several threads where there are several cores and parts.

    INPUT:

    - ``function`` -- of one part; to gain from threads it must let go of Python's lock, as NumPy's products and
      numba's functions with ``nogil`` do, and it must not use Sage
    - ``parts`` -- a list

    EXAMPLES: see :mod:`sage_logreg.support.cores`.
    """
    parts = list(parts)
    workers = min(core_count(), len(parts))
    if workers < 2 or _is_beside_others():
        return [function(part) for part in parts]
    results, numbers, helpers, errors = [None] * len(parts), iter(range(len(parts))), [], numpy.geterr()

    def work():
        # whoever is free takes the next part; a thread begins with NumPy's own errstate
        with numpy.errstate(**errors):
            for k in numbers:
                results[k] = function(parts[k])

    try:
        helpers.extend(_pool().submit(work) for _ in range(workers - 1))
        work()
    finally:
        # also after Ctrl-C nothing goes on in the background, where arrays may be used again
        for _ in numbers:
            pass
        helpers = [helper for helper in helpers if not helper.cancel()]
        concurrent.futures.wait(helpers)
    for helper in helpers:
        helper.result()
    return results


def inner(one, other):
    r"""
    Return the inner product of two vectors by one core: threads would wait for each other longer than they work.

    EXAMPLES::

        sage: from sage_logreg.support.cores import inner
        sage: import numpy
        sage: [float(inner(numpy.ones(count), numpy.ones(count))) for count in (3, 30000)]
        [3.0, 30000.0]
    """
    return one @ other if len(one) < SHARED else numpy.einsum('i,i', one, other)


@functools.lru_cache(maxsize=None)
def _blas():
    # What sets the number of threads of BLAS, with NumPy's and SciPy's loaded; None where threadpoolctl is not installed.
    try:
        import scipy.linalg
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return scipy.linalg and ThreadpoolController().select(user_api='blas')


def _renew_lock():
    # A lock that another thread holds when the process is forked would never be free in the fork.
    global _one_fit
    _one_fit = threading.Lock()


# the threads of BLAS are those of the process, and whoever limits them must be alone
_renew_lock()
os.register_at_fork(after_in_child=_renew_lock)
# what a thread in the context holds
_held = threading.local()


def _hold(stack):
    stack.enter_context(_one_fit)
    stack.enter_context(_blas().limit(limits=1))


@contextlib.contextmanager
def one_blas_thread():
    r"""
    A context in which BLAS computes in the thread that calls it, where threadpoolctl is installed to say so.

    Its own threads wait for each other longer than small matrices take, above all where other programs run. Where
    another thread is in this context, it is waited for.

    EXAMPLES::

        sage: from sage_logreg.support.cores import one_blas_thread
        sage: import numpy
        sage: with one_blas_thread():
        ....:     print(numpy.ones((2, 2)) @ numpy.ones(2))
        [2. 2.]
    """
    if _blas() is None or getattr(_held, 'stack', None) is not None or _is_beside_others():
        yield
        return
    with contextlib.ExitStack() as _held.stack:
        try:
            _hold(_held.stack)
            yield
        finally:
            _held.stack = None


def _is_beside_others():
    return getattr(_held, 'beside', False)


@contextlib.contextmanager
def beside_others():
    r"""
    A context for one of several threads that take a core each: it computes alone, and BLAS is limited by who waits for it.

    EXAMPLES::

        sage: from sage_logreg.support.cores import beside_others, in_parallel
        sage: import threading
        sage: with beside_others():
        ....:     len(set(in_parallel(lambda part: threading.get_ident(), [1, 2, 3])))
        1
    """
    before, _held.beside = _is_beside_others(), True
    try:
        yield
    finally:
        _held.beside = before


@functools.lru_cache(maxsize=None)
def limit_blas():
    r"""
    From now on BLAS computes in the thread that calls it, in all threads of this process, which is one of several workers.
    """
    return None if _blas() is None else _blas().limit(limits=1)


@contextlib.contextmanager
def blas_of_the_user():
    r"""
    A context for a user's function that is called in :func:`one_blas_thread`: BLAS has its threads, and others may fit.
    """
    stack = getattr(_held, 'stack', None)
    if stack is None:
        yield
        return
    stack.close()
    _held.stack = None
    try:
        yield
    finally:
        _held.stack = stack
        _hold(stack)


def products_in_parallel(function, parts):
    r"""
    Do the same as :func:`in_parallel`, in :func:`one_blas_thread`, for products of matrices.

    Without threadpoolctl BLAS spreads each product over the cores itself.

    EXAMPLES::

        sage: from sage_logreg.support.cores import products_in_parallel
        sage: products_in_parallel(lambda part: part^2, [1, 2, 3])
        [1, 4, 9]
    """
    if _blas() is None:
        return [function(part) for part in parts]
    with one_blas_thread():
        return in_parallel(function, parts)
