r"""
A cluster: the values of chunks, computed by the workers of a ``dask.distributed`` client

A pass over the data is one graph of Dask's: a task for each chunk, and the tree of their combinations, of which only the value at
its root travels to the client. Partitions of Dask's collections are nodes of this graph, so that they are computed, or are already,
where the workers are. Rows that are kept (:mod:`sage_logreg.dataset.in_chunks.kept`) are futures: Dask computes a value where its rows are.

EXAMPLES::

    sage: from dask.distributed import Client, LocalCluster  # optional - dask
    sage: from sage_logreg.dataset.in_chunks.chunk import added
    sage: from sage_logreg.dataset.in_chunks.workers import computed
    sage: with LocalCluster(n_workers=1r, threads_per_worker=1r, processes=False, dashboard_address=':0') as cluster:  # optional - dask
    ....:     with Client(cluster):
    ....:         computed(pow, [1, 2, 3], (2,), added)
    14
"""
import collections
import contextlib
import dataclasses
import functools
import operator
import pickle
import signal
import threading
import time
import uuid
import weakref

from sage_logreg.dataset.in_chunks.chunk import folded
from sage_logreg.dataset.in_chunks.kept import OWN, PART, size_of, stamp_of_file
from sage_logreg.dataset.in_chunks.reading import name_of, read, too_large
from sage_logreg.support.cores import beside_others, limit_blas
from sage_logreg.support.interrupt import WorkersGone
from sage_logreg.support.paths import memory
from sage_logreg.support.threads import one_thread

# in seconds: how often is looked whether the cluster is there, and how long it may not answer, or have no workers
LOOK, PATIENCE = 2, 60
# so many values are combined by a task: a power of two, as the tree is one of pairs
TOGETHER = 8
# what a worker or a scheduler evaluates to tell whether it has the package, and the clients whose workers were asked
HAS_PACKAGE = "__import__('importlib.util').util.find_spec('sage_logreg') is not None"
_asked = weakref.WeakSet()
# the process that sends tasks: a worker can be a thread of it
PROCESS = uuid.uuid4().hex


def by_cluster(client, function, chunks, arguments, combine, plan):
    r"""
    Return what :func:`~sage_logreg.dataset.in_chunks.workers.computed` does, computed by the workers of a client.
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
        _check_package(client)
        graph = _Graph(client, chunks, work, plan)
        root, *rows = client.get(graph.culled(), [graph.root, *graph.rows.values()], sync=False)
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
    # The graph of a pass: its root, the keys of rows that are to be kept from now on, and names of keys for messages.

    def __init__(self, client, chunks, work, plan):
        self.rows, self.names, self._plan, self._name = {}, {}, plan, f'sage_logreg-{uuid.uuid4().hex}'
        function, arguments, combine = work
        self._tasks, self._parts = {}, {}
        # the plan is pickled here, where Sage is, and sent once; a worker that dies has nothing that only it had
        self._sent = [] if plan is None else [self._add('plan', 0, (bytes, pickle.dumps(plan)))]
        self._room = 0 if plan is None else PART * _memory(client)
        keys, level = [self._leaf(k, chunk, function, arguments) for k, chunk in enumerate(chunks)], 0
        while len(keys) > 1:
            level += 1
            keys = [self._add(f'sum{level}', k, (_folded, combine), *keys[k:k + TOGETHER])
                    for k in range(0, len(keys), TOGETHER)]
        self.root, = keys

    def culled(self):
        # with what Dask's nodes need; partitions have a graph in common
        import dask.optimization
        graph = dict(self._tasks)
        for part in self._parts.values():
            graph.update(part)
        return dask.optimization.cull(graph, [self.root, *self.rows.values()])[0] if self._parts else graph

    def _add(self, what, k, call, *keys):
        # a task that calls a function with its arguments and the values of keys
        key = f'{what}-{self._name}', k
        self._tasks[key] = _Call(key, *call), *keys
        return key

    def _leaf(self, k, chunk, function, arguments):
        # Dask's own nodes in a chunk are computed before the chunk's, wherever that is
        parts, rows = [], None
        sent = _changed(chunk, lambda thing: _out_of(thing, parts))
        self._parts.update((id(part.dask), part.dask) for part in parts)
        keys = [*self._sent, *(part.key for part in parts)]
        origin = _Origin(PROCESS, k, sent, self._plan and self._plan.kept.stamp_of(chunk))
        if self._plan is not None:
            rows = self._rows(k, chunk, origin, keys)
        if rows is not None:
            leaf = self._add('value', k, (_value_of_rows, origin, function, arguments), rows)
        else:
            leaf = self._add('value', k, (_value_of_chunk, origin, function, arguments, self._plan is not None), *keys)
        self.names.update(dict.fromkeys([leaf, rows, *keys[len(self._sent):]], name_of(chunk)))
        return leaf

    def _rows(self, k, chunk, origin, keys):
        # the key of the rows of a chunk that are kept, or are to be kept as their size is known and there is room
        kept = self._plan.kept
        size, there = kept.sizes.get(id(chunk)), kept.of(chunk)
        if size is None or kept.has_given_up:
            return None
        self._room -= size
        if self._room < 0:
            kept.drop(chunk)
            return None
        if there is not None and there.status in ('pending', 'finished'):
            self._tasks[there.key] = there
            return there.key
        self.rows[k] = self._add('rows', k, (_rows_of_chunk, origin), *keys)
        return self.rows[k]


class _Call:
    # A function with its first arguments, which Dask neither looks into nor compares.

    def __init__(self, key, function, *arguments):
        self._key, self._function, self._arguments = key, function, arguments

    def __call__(self, *values):
        return self._function(*self._arguments, *values)

    def __dask_tokenize__(self):
        return self._key


def _changed(thing, change):
    # A chunk, with what it is made of changed.
    if dataclasses.is_dataclass(thing):
        return dataclasses.replace(thing, **{field.name: _changed(getattr(thing, field.name), change)
                                             for field in dataclasses.fields(thing) if field.init})
    return tuple(_changed(one, change) for one in thing) if type(thing) is tuple else change(thing)


# of one of Dask's nodes that has been taken out of a chunk
_Place = collections.namedtuple('_Place', 'number')


def _out_of(thing, parts):
    if not hasattr(thing, '__dask_graph__'):
        return thing
    parts.append(thing)
    return _Place(len(parts) - 1)


def _memory(client):
    # bytes of all workers besides what each takes itself; of those that do not say, and may be processes of this machine, a part of its memory
    workers = _workers(client)
    return sum(max(0, (worker.get('memory_limit') or memory() / len(workers)) - OWN) for worker in workers.values())


# Waiting

def _workers(client):
    return client.sync(client.scheduler.identity, callback_timeout=PATIENCE)['workers']


def _awaited(client, future, names):
    # The result of a future; meanwhile looks whether the cluster is still there.
    import distributed
    done, seen = threading.Event(), time.monotonic()
    future.add_done_callback(lambda future: done.set())
    while not (done.wait(LOOK) or future.done()):
        workers = _workers(client).values()
        # one whose memory is nearly full pauses, and goes on only where something gives memory back
        if any(worker.get('status') != 'paused' for worker in workers):
            seen = time.monotonic()
        elif time.monotonic() > seen + PATIENCE and workers:
            raise MemoryError(f'all workers of the Dask cluster {client.scheduler.address} have paused for {PATIENCE} seconds, as their memory '
                              'is nearly full; expected smaller row groups or partitions, or more memory per worker')
        elif time.monotonic() > seen + PATIENCE:
            raise WorkersGone(f'the Dask cluster {client.scheduler.address} has had no workers for {PATIENCE} seconds')
    try:
        return future.result(timeout=PATIENCE)
    except distributed.KilledWorker as error:
        raise MemoryError(f'{names.get(error.task, "a partition")}: {error.allowed_failures + 1} workers were killed while they computed this '
                          'chunk, as happens where the memory is not enough; expected smaller row groups or partitions, or more memory per '
                          'worker') from None


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
        if client.status != 'running' or isinstance(error, (distributed.comm.CommClosedError, distributed.TimeoutError)):
            raise gone from None
        raise


def _check_package(client):
    # Asked before anything is sent that cannot be read without the package: connections would be closed for that.
    if client in _asked:
        return
    if not all([client.run_on_scheduler(eval, HAS_PACKAGE), *client.run(eval, HAS_PACKAGE, on_error='ignore').values()]):
        raise ModuleNotFoundError(f'the workers of the Dask cluster {client.scheduler.address} do not have sage_logreg; expected it installed '
                                  'where they and the scheduler run, in the same version as here')
    client.run(_leave_interrupts, on_error='ignore')
    _asked.add(client)


def _leave_interrupts(dask_worker):
    # Ctrl-C at a terminal reaches the processes of a local cluster too, and would end them; it is for the session.
    if dask_worker.nanny and threading.current_thread() is threading.main_thread():
        with contextlib.suppress(ImportError):
            # it takes the signal where it is imported, later otherwise
            import cysignals.signals  # noqa: F401
        signal.signal(signal.SIGINT, signal.SIG_IGN)


# What workers do

# who asks for the value of which chunk, and the stamp of its file when it was first read
_Origin = collections.namedtuple('_Origin', 'process k chunk stamp')


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


def _folded(combine, *results):
    # a part of the tree: its number of results is a power of two, but for the last ones
    for result in results:
        if isinstance(result, _Failed):
            return result
    return _Value(folded([result.value for result in results], combine), dict(item for result in results for item in result.read.items()))


def _task(function):
    # The function as a task: on one core, and an exception is a value.
    @functools.wraps(function)
    def task(origin, *arguments):
        if origin.process != PROCESS:
            limit_blas()
        with beside_others():
            try:
                return function(origin, *arguments)
            except MemoryError:
                return _Failed(origin.k, MemoryError(too_large(origin.chunk)))
            except Exception as error:
                return _Failed(origin.k, _sendable(error))
    return task


def _sendable(error):
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f'{type(error).__name__}: {error}')
    return error


@functools.lru_cache(maxsize=4)
def _plan(sent):
    with one_thread:
        if b'sage.' in sent:
            # expressions, it seems: Sage is loaded in the main thread, before they are
            with contextlib.suppress(ImportError):
                import sage_logreg.support.needs_sage  # noqa: F401
                import sage.functions.all  # noqa: F401
        return pickle.loads(sent)


@_task
def _rows_of_chunk(origin, sent, *parts):
    data = read(_filled(origin.chunk, parts), _plan(sent), origin.stamp)
    return _Rows(data, size_of(data))


@_task
def _value_of_rows(origin, function, arguments, rows):
    return rows if isinstance(rows, _Failed) else _Value(function(rows.data, *arguments), {})


@_task
def _value_of_chunk(origin, function, arguments, has_plan, *parts):
    if not has_plan:
        return _Value(function(_filled(origin.chunk, parts), *arguments), {})
    sent, *parts = parts
    chunk = _filled(origin.chunk, parts)
    stamp = stamp_of_file(chunk)
    data = read(chunk, _plan(sent), origin.stamp)
    return _Value(function(data, *arguments), {origin.k: (size_of(data), stamp)})


def _filled(chunk, parts):
    return _changed(chunk, lambda thing: parts[thing.number] if isinstance(thing, _Place) else thing)
