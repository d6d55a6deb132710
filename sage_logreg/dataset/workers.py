r"""
Workers: who computes the values of chunks

Without a ``dask.distributed`` client the threads of this process do, one chunk each; with one, its workers do. The values are
folded in the same tree (:mod:`sage_logreg.dataset.chunks`).

EXAMPLES::

    sage: from sage_logreg.dataset.chunks import added
    sage: from sage_logreg.dataset.workers import computed
    sage: computed(pow, [1, 2, 3], (2,), added)
    14
"""
import concurrent.futures
import os

from sage_logreg.dataset.chunks import folded


def computed(function, chunks, arguments=(), combine=None):
    r"""
    Return ``function(chunk, *arguments)`` of all chunks, combined two by two; without ``combine`` a list of them.

    INPUT:

    - ``function`` -- can be pickled, as all arguments can
    - ``chunks`` -- list
    - ``combine`` -- (default: none) function of two values that can be pickled, such as :func:`~sage_logreg.dataset.chunks.added`

    EXAMPLES: see :mod:`sage_logreg.dataset.workers`.
    """
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        values = list(pool.map(lambda chunk: function(chunk, *arguments), chunks))
    return values if combine is None else folded(values, combine)
