r"""
A cluster: the values of chunks, computed by the workers of a ``dask.distributed`` client

A pass over the data is one graph of Dask's: a task for each chunk, and the tree of their combinations, of which only the value at
its root travels to the client. Partitions of Dask's collections are nodes of this graph, so that they are computed, or are already,
where the workers are. Rows that are kept (:mod:`sage_logreg.dataset.kept`) are futures: Dask computes a value where its rows are.

EXAMPLES::

    sage: from dask.distributed import Client, LocalCluster  # optional - dask
    sage: from sage_logreg.dataset.chunks import added
    sage: from sage_logreg.dataset.workers import computed
    sage: with LocalCluster(n_workers=1r, threads_per_worker=1r, processes=False, dashboard_address=None) as cluster:  # optional - dask
    ....:     with Client(cluster):
    ....:         computed(pow, [1, 2, 3], (2,), added)
    14
"""
import contextlib
import dataclasses
import functools
import operator
import pickle
import time
import uuid

from sage_logreg.dataset.chunks import folded
from sage_logreg.dataset.kept import PART, size_of, stamp_of_file
from sage_logreg.dataset.workers import name_of, read, too_large
from sage_logreg.support.cores import beside_others, limit_blas
from sage_logreg.support.interrupt import WorkersGone
from sage_logreg.support.memory import usable_memory
from sage_logreg.support.threads import one_thread

# in seconds: how often is looked whether the cluster is there, and how long it may not answer, or have no workers
LOOK, PATIENCE = 2, 60
# the process that sends tasks: a worker can be a thread of it
PROCESS = uuid.uuid4().hex


def by_cluster(client, function, chunks, arguments, combine, plan):
    r"""
    Return what :func:`~sage_logreg.dataset.workers.computed` does, computed by the workers of a client.
    """
    if combine is None:
        function, combine = functools.partial(_in_list, function), operator.add
    work = function, arguments, combine
    if plan is None:
        return _passed(client, chunks, work, None)
    if plan.kept.client is not client:
        plan.kept.clear(client)
    try:
        try:
            return _passed(client, chunks, work, plan)
        except MemoryError:
            if not plan.kept.is_used():
                raise
        # once more, with all memory for what is computed
        plan.kept.give_up()
        return _passed(client, chunks, work, plan)
    except Exception:
        plan.kept.clear()
        raise


def _passed(client, chunks, work, plan):
    # One pass over the chunks.
    with _told(client):
        graph = _Graph(client, chunks, work, plan)
        root, *rows = client.compute([graph.root, *graph.rows.values()])
        for k, future in zip(graph.rows, rows):
            plan.kept.keep(chunks[k], future=future)
        try:
            result = _awaited(client, root, graph.names)
        finally:
            root.release()
    if isinstance(result, _Failed):
        raise result.error
    for k, (size, stamp) in result.read.items():
        plan.kept.note(chunks[k], stamp, size)
    return result.value


class _Graph:
    # The graph of a pass: its root, the nodes of rows that are to be kept from now on, and names of nodes for messages.

    def __init__(self, client, chunks, work, plan):
        self.rows, self.names, self._plan = {}, {}, plan
        function, arguments, combine = work
        # the plan is pickled here, where Sage is, and sent once; a worker that dies has nothing that only it had
        self._sent = plan and _node(bytes, pickle.dumps(plan))()
        self._room = 0 if plan is None else PART * _memory(client)
        leaves = [self._leaf(k, chunk, function, arguments) for k, chunk in enumerate(chunks)]
        self.root = folded(leaves, lambda one, other: _node(_both, combine)(one, other))

    def _leaf(self, k, chunk, function, arguments):
        part, rows = getattr(chunk, 'delayed', None), None
        sent = chunk if part is None else dataclasses.replace(chunk, delayed=None)
        origin = PROCESS, k, sent, self._plan and self._plan.kept.stamp_of(chunk)
        if self._plan is not None:
            rows = self._rows(k, chunk, origin, part)
        if rows is not None:
            leaf = _node(_value_of_rows, origin, function, arguments)(rows)
        else:
            leaf = _node(_value_of_chunk, origin, function, arguments)(self._sent, part)
        for node in (leaf, part, rows):
            self.names[getattr(node, 'key', None)] = name_of(chunk)
        return leaf

    def _rows(self, k, chunk, origin, part):
        # the rows of a chunk that are kept, or are to be kept as their size is known and there is room
        kept = self._plan.kept
        size, there = kept.sizes.get(id(chunk)), kept.of(chunk)
        if size is None or kept.has_given_up:
            return None
        self._room -= size
        if self._room < 0:
            kept.drop(chunk)
            return None
        if there is not None and there.status in ('pending', 'finished'):
            return there
        self.rows[k] = _node(_rows_of_chunk, origin)(self._sent, part)
        return self.rows[k]


def _node(function, *arguments):
    # a node of its own in each pass, whose arguments Dask takes as they are
    import dask
    return dask.delayed(functools.partial(function, *arguments), pure=False, traverse=False)


def _memory(client):
    # bytes of all workers; of those that do not say, and may be processes of this machine, a part of its memory
    workers = _workers(client)
    return sum(worker.get('memory_limit') or usable_memory() / len(workers) for worker in workers.values())


# Waiting

def _workers(client):
    return client.sync(client.scheduler.identity, callback_timeout=PATIENCE)['workers']


def _awaited(client, future, names):
    # The result of a future; meanwhile looks whether the cluster is still there.
    import distributed
    seen = time.monotonic()
    while True:
        try:
            return future.result(timeout=LOOK)
        except distributed.KilledWorker as error:
            raise MemoryError(f'{names.get(error.task, "a partition")}: {error.allowed_failures + 1} workers were killed while they computed '
                              'this chunk, as happens where the memory is not enough; expected smaller row groups or partitions, or more '
                              'memory per worker') from None
        except distributed.TimeoutError:
            if future.done():
                raise
        if _workers(client):
            seen = time.monotonic()
        elif time.monotonic() > seen + PATIENCE:
            raise WorkersGone(f'the Dask cluster {client.scheduler.address} has had no workers for {PATIENCE} seconds')


@contextlib.contextmanager
def _told(client):
    # A context in which what comes of a cluster that is gone, or of one that lacks the package, is one sentence.
    import distributed
    address = getattr(client.scheduler, 'address', 'of this session')
    gone = WorkersGone(f'the Dask cluster {address} is gone')
    if client.status != 'running':
        raise gone
    try:
        yield
    except (WorkersGone, MemoryError):
        raise
    except distributed.client.CancelledError:
        # its connection is lost, it is closed, or started anew
        raise gone from None
    except Exception as error:
        if client.status != 'running' or isinstance(error, distributed.CommClosedError):
            raise gone from None
        if _lacks_package(error):
            raise ModuleNotFoundError(f'the workers of the Dask cluster {address} do not have sage_logreg; expected it installed where '
                                      'they and the scheduler run, in the same version as here') from None
        raise


def _lacks_package(error):
    while error is not None:
        if isinstance(error, ImportError) and 'sage_logreg' in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


# What workers do

@dataclasses.dataclass
class _Value:
    # with the bytes and the stamps of chunks that were read
    value: object
    read: dict


@dataclasses.dataclass
class _Failed:
    # an exception, with the number of its chunk
    k: int
    error: Exception


class _Rows:
    # A Dataset, of which Dask knows how large it is.

    def __init__(self, data, size):
        self.data, self.size = data, size

    def __sizeof__(self):
        return self.size


def _in_list(function, chunk, *arguments):
    return [function(chunk, *arguments)]


def _both(combine, one, other):
    for result in (one, other):
        if isinstance(result, _Failed):
            return result
    return _Value(combine(one.value, other.value), {**one.read, **other.read})


def _task(function):
    # The function as a task: on one core, and an exception is a value.
    @functools.wraps(function)
    def task(origin, *arguments):
        process, k, chunk, _ = origin
        if process != PROCESS:
            limit_blas()
        with beside_others():
            try:
                return function(origin, *arguments)
            except MemoryError:
                return _Failed(k, MemoryError(too_large(chunk)))
            except Exception as error:
                return _Failed(k, _sendable(error))
    return task


def _sendable(error):
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f'{type(error).__name__}: {error}')
    return error


def _chunk_of(chunk, part):
    return chunk if part is None else dataclasses.replace(chunk, delayed=part)


@functools.lru_cache(maxsize=4)
def _plan(sent):
    # with it, it may be, comes Sage
    with one_thread:
        return pickle.loads(sent)


@_task
def _rows_of_chunk(origin, sent, part):
    _, _, chunk, stamp = origin
    data = read(_chunk_of(chunk, part), _plan(sent), stamp)
    return _Rows(data, size_of(data))


@_task
def _value_of_rows(origin, function, arguments, rows):
    return rows if isinstance(rows, _Failed) else _Value(function(rows.data, *arguments), {})


@_task
def _value_of_chunk(origin, function, arguments, sent, part):
    _, k, chunk, stamp = origin
    chunk = _chunk_of(chunk, part)
    if sent is None:
        return _Value(function(chunk, *arguments), {})
    now = stamp_of_file(chunk)
    data = read(chunk, _plan(sent), stamp)
    return _Value(function(data, *arguments), {k: (size_of(data), now)})
