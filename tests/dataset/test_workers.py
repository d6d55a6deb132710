r"""
Chunks computed by threads and by a real Dask cluster of two processes: the same bits, whatever happens to workers and files
"""
import contextlib
import dataclasses
import gc
import logging
import os
import signal
import sys
import threading
import time
import types

import numpy
import pytest

from sage_logreg import ex2data1, gradient_descent, load_data, maximum_likelihood, stochastic_gradient_descent
from sage_logreg.dataset.in_chunks import kept, workers
from sage_logreg.dataset.in_chunks.chunk import Chunk, folded
from sage_logreg.dataset.in_chunks.workers import computed, same_workers
from sage_logreg.support.interrupt import WorkersGone
from sage_logreg.support.progress import bars_shown, progress_bar

dask = pytest.importorskip('dask')
distributed = pytest.importorskip('distributed')
pandas = pytest.importorskip('pandas')
pytest.importorskip('pyarrow')
pytestmark = pytest.mark.timeout(60)

_running = []


def cluster_there():
    # started when it is needed, and again after it was closed
    if not _running or _running[0].status != distributed.core.Status.running:
        _running[:] = [new_cluster(2)]
    return _running[0]


def new_cluster(workers):
    # its processes are forks of one that has loaded what they need
    preloaded = ['distributed', 'pandas', 'pyarrow.parquet', 'dask.dataframe', 'sage_logreg.dataset.in_chunks.cluster']
    with dask.config.set({'distributed.worker.multiprocessing-method': 'forkserver'}):
        distributed.utils.get_mp_context().set_forkserver_preload(preloaded)
        return distributed.LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, memory_limit='1GB',
                                        dashboard_address=':0', silence_logs=logging.CRITICAL + 1)


@pytest.fixture(scope='module', autouse=True)
def no_cluster_remains():
    yield
    for cluster in _running:
        cluster.close()


@pytest.fixture(autouse=True)
def rows_are_kept(monkeypatch):
    # as by workers of more memory than these have
    monkeypatch.setattr('sage_logreg.dataset.in_chunks.cluster.OWN', 0)


@pytest.fixture
def client():
    # a client whose cluster was closed leaves Dask's choice of a scheduler as its own
    with dask.config.set(scheduler=None), distributed.Client(cluster_there(), set_as_default=True) as client:
        yield client
    # as long as an exception is shown somewhere, so are the frames with its futures
    gc.collect()


@pytest.fixture(params=['threads', 'cluster'])
def who(request):
    if request.param == 'cluster':
        request.getfixturevalue('client')
    return request.param


@pytest.fixture
def folder(tmp_path):
    random = numpy.random.RandomState(0)
    for k in range(3):
        table = pandas.DataFrame(random.normal(size=(600, 4)), columns=list('abcd'))
        table['y'] = (random.uniform(size=600) < 0.4).astype(int)
        table.to_parquet(tmp_path / f'{k}.parquet', row_group_size=200)
    return tmp_path


def loaded(folder):
    return load_data(str(folder / '*.parquet'))


# What is computed of chunks; workers find it in this module

def sums(data, w):
    residuals = 1 / (1 + numpy.exp(-data.design.points @ w)) - data.labels
    return float(residuals @ residuals), data.design.points.T @ residuals, data.design.points.T @ data.design.points


def sums_with_a_death(data, w, folder):
    # the first one to come here dies
    with contextlib.suppress(FileExistsError):
        os.close(os.open(os.path.join(folder, 'killed'), os.O_CREAT | os.O_EXCL))
        os.kill(os.getpid(), signal.SIGKILL)
    return sums(data, w)


def process(data):
    return os.getpid()


def name(chunk):
    return chunk.name


def odd_ones_fail(number):
    if number % 2:
        # the later, the sooner
        time.sleep(0.1 / number)
        raise ValueError(f'{number} is odd')
    return number


def always_too_large(data):
    raise MemoryError


def take_all_memory(data):
    blocks = []
    for _ in range(40):
        blocks.append(numpy.ones(10**7))
        time.sleep(0.05)
    time.sleep(30)


def wait_for(data, begun, end):
    open(begun, 'w').close()
    while not os.path.exists(end):
        time.sleep(0.02)
    return 1


def forget_package():
    for module in [name for name in sys.modules if name.partition('.')[0] == 'sage_logreg']:
        del sys.modules[module]
    # so that importing it fails
    sys.modules['sage_logreg'] = None


def descended(data, function, *more):
    w = numpy.zeros(4)
    for _ in range(4):
        _, gradient, square = data.computed(function, w, *more)
        w = w - numpy.linalg.solve(square, gradient)
    return w


def bits(value):
    return [numpy.asarray(part).tobytes() for part in (value if isinstance(value, tuple) else (value,))]


@dataclasses.dataclass(frozen=True)
class Logged(Chunk):
    # a chunk that notes in a file that it was read
    path: str
    chunk: object
    log: str

    def source(self):
        with open(self.log, 'a') as file:
            file.write('.')
        return self.chunk.source()


def logged(data, log):
    # the same data, of chunks that say when they are read, with nothing kept yet
    data.chunks = [Logged(chunk.name, chunk.first, chunk.path, chunk, str(log)) for chunk in data.chunks]
    data.plan = dataclasses.replace(data.plan)
    return data


# The same bits

def test_threads_and_workers_find_the_same_bits(folder, client, monkeypatch):
    data, w = loaded(folder), numpy.arange(4.0)
    found = [bits(data.computed(sums, w)) for _ in range(3)]
    client.close()
    fresh = loaded(folder)
    for count in (1, 2, 5):
        monkeypatch.setattr(workers, 'core_count', lambda: count)
        found += [bits(fresh.computed(sums, w)), bits(data.computed(sums, w))]
    assert all(one == found[0] for one in found)
    # in the tree that is written down
    values = fresh.computed(sums, w, combine=None)
    assert bits(folded([value[2] for value in values], numpy.add)) == [found[0][2]]


def test_values_come_in_the_order_of_the_chunks(who):
    chunks = [Chunk(str(k), 0) for k in range(30)]
    assert computed(name, chunks) == [chunk.name for chunk in chunks]
    assert computed(name, chunks, combine=max) == '9'
    assert computed(name, chunks[:1]) == ['0']


def test_a_frame_is_computed_where_it_is(folder, client):
    import dask.dataframe
    frame = dask.dataframe.read_parquet(str(folder / '*.parquet'))
    expected = bits(load_data(frame).computed(sums, numpy.ones(4)))
    for frame in (frame, frame.persist()):
        data = load_data(frame)
        assert os.getpid() not in data.computed(process, combine=None)
        # the first time read, then kept
        assert [bits(data.computed(sums, numpy.ones(4))) for _ in range(2)] == [expected] * 2


def test_batches_of_rows_that_workers_keep(folder, client):
    options = dict(learning_rate=0.01, epochs=2, batch_size=50)
    data = loaded(folder)
    # the passes in which they come to be kept
    maximum_likelihood(data)
    model = stochastic_gradient_descent(data, **options)
    client.close()
    assert model.weights() == stochastic_gradient_descent(loaded(folder), **options).weights()


def test_expressions_reach_the_workers(folder, client):
    sage = pytest.importorskip('sage.symbolic.ring')
    a, b = map(sage.SR.var, 'ab')
    data = load_data(str(folder / '*.parquet'), features=[a * b, b**2])
    found = bits(data.computed(sums, numpy.ones(2)))
    client.close()
    assert bits(data.computed(sums, numpy.ones(2))) == found


# What is kept

def test_files_are_read_once_where_memory_allows(folder, who, monkeypatch):
    log = folder / 'log'
    data = logged(loaded(folder), log)
    found = [bits(data.computed(sums, numpy.ones(4))) for _ in range(5)]
    # a cluster learns in the first pass how large they are
    assert log.stat().st_size == len(data.chunks) * (2 if who == 'cluster' else 1)
    # in another process nothing of it is there
    assert not data.plan.kept.__reduce__()[0]().is_used()
    # half of the chunks
    size = sum(data.plan.kept.sizes.values())
    monkeypatch.setattr(kept, 'memory', lambda: kept.OWN + 4 * size * 4.5 / 9)
    monkeypatch.setattr('sage_logreg.dataset.in_chunks.cluster.PART', size * 4.5 / 9 / 2e9)
    data.plan = dataclasses.replace(data.plan)
    data.computed(sums, numpy.ones(4))
    data.computed(sums, numpy.ones(4))
    log.unlink()
    found.append(bits(data.computed(sums, numpy.ones(4))))
    assert log.stat().st_size == len(data.chunks) - len(data.chunks) // 2 and all(one == found[0] for one in found)


def test_data_that_are_used_now_come_first(folder, monkeypatch):
    one, other = loaded(folder), loaded(folder)
    size = sum(other.plan.kept.sizes.values())
    assert one.plan.kept.is_used() and other.plan.kept.is_used()
    monkeypatch.setattr(kept, 'memory', lambda: kept.OWN + 4 * size)
    one.plan = dataclasses.replace(one.plan)
    one.computed(sums, numpy.ones(4))
    assert one.plan.kept.is_used() and not other.plan.kept.is_used()


def test_a_file_that_changes_is_named(folder, who):
    data = loaded(folder)
    data.computed(sums, numpy.ones(4))
    table = pandas.read_parquet(folder / '1.parquet')
    (table + 1).assign(y=table.y).to_parquet(folder / '1.parquet', row_group_size=200)
    # what is kept is what it was
    data.plan.kept.clear()
    with pytest.raises(ValueError, match=r'1\.parquet has changed since it was first read \(.*\); expected the same file'):
        data.computed(sums, numpy.ones(4))


# Faults

@pytest.mark.parametrize('harm', [os.unlink, lambda path: os.truncate(path, 1000)])
def test_a_file_that_cannot_be_read_is_named(folder, who, harm):
    data = loaded(folder)
    data.plan = dataclasses.replace(data.plan)
    harm(folder / '1.parquet')
    with pytest.raises((OSError, ValueError), match=r'1\.parquet'):
        data.computed(sums, numpy.ones(4))


def test_the_first_error_is_told(who):
    for _ in range(3):
        with pytest.raises(ValueError, match='^3 is odd$'):
            computed(odd_ones_fail, [0, 2, 3, 4, 99])


def test_a_worker_killed_changes_nothing(folder, client):
    data = loaded(folder)
    expected = bits(descended(data, sums))
    data.plan = dataclasses.replace(data.plan)
    before = set(client.run(os.getpid).values())
    assert bits(descended(data, sums_with_a_death, str(folder))) == expected
    client.wait_for_workers(2)
    assert len(before & set(client.run(os.getpid).values())) == 1


def test_no_memory_is_told(folder, who):
    data = loaded(folder)
    data.computed(sums, numpy.ones(4))
    with pytest.raises(MemoryError, match=r'0\.parquet: the memory is not enough for the rows of this chunk; expected smaller row groups'):
        data.computed(always_too_large)
    assert not data.plan.kept.is_used()
    # without anything kept it goes on
    assert bits(data.computed(sums, numpy.ones(4))) == bits(loaded(folder).computed(sums, numpy.ones(4)))


def test_a_worker_out_of_memory_ends_in_a_sentence(folder, client, monkeypatch):
    data = loaded(folder)
    monkeypatch.setattr(cluster_there().scheduler, 'allowed_failures', 0)
    data.plan = dataclasses.replace(data.plan)
    with pytest.raises(MemoryError, match=r'\.parquet: 1 workers? w\S+ killed .* smaller row groups or partitions, or more memory per worker'):
        data.computed(take_all_memory)


def test_workers_without_the_package(folder):
    data = loaded(folder)
    with new_cluster(1) as cluster, distributed.Client(cluster) as client:
        client.run(forget_package)
        with pytest.raises(ModuleNotFoundError, match='the workers of the Dask cluster tcp://.* do not have sage_logreg; expected'):
            data.computed(sums, numpy.ones(4))


def test_a_cluster_without_workers(monkeypatch):
    cluster = pytest.importorskip('sage_logreg.dataset.in_chunks.cluster')
    monkeypatch.setattr(cluster, 'LOOK', 0.05)
    monkeypatch.setattr(cluster, 'PATIENCE', 1)
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=':0', silence_logs=logging.CRITICAL + 1) as empty:
        with distributed.Client(empty):
            with pytest.raises(WorkersGone, match='has had no workers for 1 seconds'):
                computed(name, [Chunk('0', 0)])


def test_workers_that_have_paused(folder, client, monkeypatch):
    data, end = loaded(folder), folder / 'end'
    monkeypatch.setattr('sage_logreg.dataset.in_chunks.cluster.LOOK', 0.05)
    monkeypatch.setattr('sage_logreg.dataset.in_chunks.cluster.PATIENCE', 1)
    monkeypatch.setattr('sage_logreg.dataset.in_chunks.cluster._workers', lambda client: {'tcp://a': {'status': 'paused', 'memory_limit': 0}})
    try:
        with pytest.raises(MemoryError, match='all workers of the Dask cluster tcp://.* have paused for 1 seconds, as their memory is nearly'):
            data.computed(wait_for, str(folder / 'begun'), str(end))
    finally:
        end.touch()


def test_ctrl_c_does_not_wait_for_chunks(folder, who):
    data, begun, end = loaded(folder), folder / 'begun', folder / 'end'

    def interrupt():
        while not begun.exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            data.computed(wait_for, str(begun), str(end))
    finally:
        end.touch()
    # and others can be computed
    assert len(data.computed(process, combine=None)) == len(data.chunks)


def test_ctrl_c_at_a_terminal_ends_no_worker(folder, client):
    # a terminal sends it to all processes of its session
    data = load_data(folder)
    model = maximum_likelihood(data)
    processes = client.run(os.getpid)
    for process in processes.values():
        os.kill(process, signal.SIGINT)
    assert maximum_likelihood(data) == model
    assert client.run(os.getpid) == processes


def test_a_cluster_that_is_closed_under_a_computation(folder, client):
    data, begun, end = loaded(folder), folder / 'begun', folder / 'end'

    def close():
        while not begun.exists():
            time.sleep(0.02)
        cluster_there().close()

    thread = threading.Thread(target=close)
    thread.start()
    try:
        with same_workers():
            with pytest.raises(WorkersGone, match='^the Dask cluster tcp://.* is gone$'):
                data.computed(wait_for, str(begun), str(end))
            # nobody else steps in
            with pytest.raises(WorkersGone):
                data.computed(sums, numpy.ones(4))
    finally:
        end.touch()
        thread.join(30)
    client.close()
    # afterwards this process does
    assert set(data.computed(process, combine=None)) == {os.getpid()}


@pytest.mark.parametrize('train', [maximum_likelihood, lambda data, **options: stochastic_gradient_descent(data, epochs=100, **options)])
def test_trainers_hand_over_the_model_when_workers_are_gone(train):
    steps = []

    def gone(step, cost, weights):
        steps.append(step)
        if len(steps) > 2:
            raise WorkersGone('the Dask cluster tcp://somewhere is gone')

    with pytest.warns(RuntimeWarning, match='the Dask cluster tcp://somewhere is gone; interrupted after .* goes on from there'):
        model = train(ex2data1(), callback=gone)
    assert not model.converged() and len(steps) == 3


def test_dask_that_is_being_imported_has_no_client(monkeypatch):
    # by another thread, whose first value of Dask's imports it
    monkeypatch.setitem(sys.modules, 'distributed', types.ModuleType('distributed'))
    assert workers.client_there() is None


def test_a_bar_over_the_chunks(monkeypatch):
    bars = []
    monkeypatch.setattr(workers, 'progress_bar', lambda **options: bars.append(progress_bar(**options)) or bars[-1])
    with bars_shown(True):
        assert computed(pow, [1, 2, 3], (2,), desc='squares') == computed(pow, [1, 2, 3], (2,)) == [1, 4, 9]
    shown, hidden = bars
    assert (shown.desc, shown.n, shown.total, hidden.disable) == ('squares', 3, 3, True)


# Trainings

def test_a_worker_killed_in_a_training_changes_nothing(folder, client):
    data, killed = loaded(folder), []

    def kill(step, cost, weights):
        if step == 2 and not killed:
            killed.append(sorted(client.run(os.getpid).values())[0])
            os.kill(killed[0], signal.SIGKILL)

    model = maximum_likelihood(data, callback=kill)
    assert killed and model.converged()
    client.close()
    assert model.weights() == maximum_likelihood(loaded(folder)).weights()


@pytest.mark.parametrize('train', [maximum_likelihood, lambda data, **options: gradient_descent(data, 0.1, 1000, report=1, **options)])
def test_a_cluster_that_is_closed_under_a_training(folder, client, train):
    data = loaded(folder)
    with pytest.warns(RuntimeWarning, match=r'the Dask cluster .* is gone; interrupted after step [123]\b'):
        model = train(data, callback=lambda step, cost, weights: step == 2 and cluster_there().close())
    assert model.iterations() in (1, 2, 3) and not model.converged()
    # the weights are the model's own, whoever computes from here on
    assert numpy.isfinite(model.weights()).all() and model.accuracy() > 0.5
