r"""
Workers: who computes the values of chunks

Without a ``dask.distributed`` client the threads of this process do, one chunk each; with one, its workers do (schedulers of
``dask.config`` are for Dask's own collections, and make no difference here). The bits are the same: the value of a chunk is
computed by one core with the same arguments, the values are combined in the same tree (:mod:`sage_logreg.dataset.in_chunks.chunk`), and who
is done first makes no difference to either.

- A worker that dies loses values, and rows that it has kept. Dask knows how they were made, and makes them again elsewhere.
- An exception is a value as well, so that of several the one of the first chunk is told, whichever came first.
- No wait is without end: whoever waits looks whether the scheduler answers, and whether there are workers.

EXAMPLES::

    sage: from sage_logreg.dataset.in_chunks.chunk import added
    sage: from sage_logreg.dataset.in_chunks.workers import computed
    sage: computed(pow, [1, 2, 3], (2,), added)
    14
"""
import collections
import concurrent.futures
import contextlib
import contextvars
import sys

from sage_logreg.dataset.in_chunks.chunk import Folding
from sage_logreg.dataset.in_chunks.kept import stamp_of_file
from sage_logreg.dataset.in_chunks.reading import read, too_large
from sage_logreg.support.cores import beside_others, core_count, one_blas_thread
from sage_logreg.support.progress import progress_bar

# how long the main thread sleeps at most, in seconds, before it looks for Ctrl-C
PAUSE = 0.1
# the client that a training has begun with
_begun = contextvars.ContextVar('begun', default=None)


def computed(function, chunks, arguments=(), combine=None, plan=None, desc=None):
    r"""
    Return ``function(chunk, *arguments)`` of all chunks, combined two by two; without ``combine`` a list of them.

    INPUT:

    - ``function`` -- can be pickled, as all arguments can
    - ``chunks`` -- list
    - ``combine`` -- (default: none) function of two values that can be pickled, such as :func:`~sage_logreg.dataset.in_chunks.chunk.added`
    - ``plan`` -- (default: none) a :class:`~sage_logreg.dataset.assembly.Plan`: the function gets the Dataset of a chunk in place
      of the chunk; Datasets are kept where memory allows (:mod:`sage_logreg.dataset.in_chunks.kept`)
    - ``desc`` -- (default: none is shown) string, of a bar over the chunks; what a cluster does its own dashboard shows

    EXAMPLES: see :mod:`sage_logreg.dataset.in_chunks.workers`.
    """
    client = _begun.get() or client_there()
    # waiting for a worker in this process as well
    with one_blas_thread():
        if client is None:
            return _by_threads(function, chunks, arguments, combine, plan, desc)
        from sage_logreg.dataset.in_chunks.cluster import by_cluster
        return by_cluster(client, function, chunks, arguments, combine, plan)


def client_there():
    r"""
    Return the ``dask.distributed`` client of this session, or ``None``.

    EXAMPLES::

        sage: from sage_logreg.dataset.in_chunks.workers import client_there
        sage: client_there() is None
        True
    """
    distributed = sys.modules.get('distributed')
    # another thread may be importing it, as Dask does when it computes for the first time; of the names used here this is the last
    if not hasattr(distributed, 'get_worker') or _is_worker(distributed):
        return None
    try:
        client = distributed.default_client()
    except ValueError:
        return None
    # some are of a program with an event loop, which must not wait
    return None if client.asynchronous or client.status == 'closed' else client


def _is_worker(distributed):
    # a task that waited for other tasks would keep them from being computed
    try:
        distributed.get_worker()
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def same_workers():
    r"""
    A context in which those compute who are there at its beginning: where they are gone, nobody else steps in, and
    :class:`~sage_logreg.support.interrupt.WorkersGone` is raised.
    """
    token = _begun.set(_begun.get() or client_there())
    try:
        yield
    finally:
        _begun.reset(token)


# Threads of this process

def _by_threads(function, chunks, arguments, combine, plan, desc):
    if plan is not None and plan.kept.client is not None:
        plan.kept.clear(None)
    folding, waiting, rest = Folding(combine), collections.deque(), iter(chunks)
    threads = max(1, min(core_count(), len(chunks)))
    pool = concurrent.futures.ThreadPoolExecutor(threads, 'sage_logreg_chunks')
    bar = progress_bar(total=len(chunks), desc=desc, unit=' chunks', disable=None if desc else True)
    try:
        while True:
            # values wait for those before them, rows do not: a thread has one chunk at a time
            for chunk in rest:
                waiting.append(pool.submit(_of_chunk, function, chunk, arguments, plan))
                if len(waiting) > 2 * threads:
                    break
            if not waiting:
                return folding.value()
            # an exception of the first chunk comes first
            folding.add(_value(waiting.popleft()))
            bar.update()
    finally:
        # after Ctrl-C nobody waits for chunks that are being read
        pool.shutdown(wait=False, cancel_futures=True)
        bar.close()


def _value(future):
    while not concurrent.futures.wait([future], PAUSE).done:
        pass
    return future.result()


def _of_chunk(function, chunk, arguments, plan):
    with beside_others():
        try:
            return function(chunk if plan is None else rows_of(chunk, plan), *arguments)
        except MemoryError:
            # not within the handler, whose traceback has the arrays
            pass
        if plan is not None:
            plan.kept.give_up()
        try:
            return function(chunk if plan is None else read(chunk, plan), *arguments)
        except MemoryError:
            raise MemoryError(too_large(chunk)) from None


def rows_of(chunk, plan):
    r"""
    Return the Dataset of a chunk, which is kept where memory allows.
    """
    if plan.kept.client is not None:
        # what its workers keep are futures; this process reads the rows for itself
        return read(chunk, plan)
    data = plan.kept.of(chunk)
    if data is None:
        stamp = stamp_of_file(chunk)
        plan.kept.note(chunk, stamp)
        data = read(chunk, plan)
        plan.kept.keep(chunk, data)
    return data
