"""The jobs of large.py, each in a process of its own; what one did is the last line that it prints, as JSON.

    python benchmarks/large_jobs.py JOB MEMORY WORKERS FILE ...

MEMORY is a limit of bytes, or 0 for none. The first file, of 100,000 rows, is trained on before the clock starts, as that compiles.
"""
import json
import resource
import sys
import time

FEATURES = [f'x{k + 1}' for k in range(20)]
LABEL = 'y'
# what all are to reach: the largest entry of the mean cost's gradient
GOAL = 1e-8


def largest_gradient(weights, files):
    """Return the largest entry of the gradient of the mean cost, file by file, not by the package's own code."""
    import numpy
    from scipy.special import expit
    total, count = 0, 0
    for X, y in map(arrays, files):
        residual = expit(weights[0] + X @ weights[1:]) - y
        total, count = total + numpy.append(residual.sum(), residual @ X), count + len(y)
    return float(abs(total).max() / count)


def arrays(file):
    import pyarrow.parquet
    table = pyarrow.parquet.read_table(file)
    return table.select(FEATURES).to_pandas().to_numpy(), table[LABEL].to_numpy()


def done(**result):
    print(json.dumps({**result, 'peak': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}), flush=True)


def in_memory(files, workers):
    """Ours, all rows in memory, read at once as a user does."""
    import pandas
    from sage_logreg import load_data, maximum_likelihood

    def loaded(files):
        return load_data(pandas.read_parquet(files), label=LABEL)
    maximum_likelihood(loaded(files[:1]))
    begun = time.perf_counter()
    data = loaded(files[1:])
    middle = time.perf_counter()
    model = maximum_likelihood(data)
    done(load=middle - begun, train=time.perf_counter() - middle, weights=model._weights.tolist())


def chunked(files, workers):
    """Ours, in chunks: by the threads of this process, or by the processes of a local cluster."""
    import glob
    import os

    from sage_logreg import load_data, maximum_likelihood
    from sage_logreg.dataset.in_chunks.chunked import ChunkedDataset
    folder = os.path.join(os.path.dirname(files[-1]), '*.parquet')
    assert sorted(glob.glob(folder)) == files[1:]
    passes, computed = [0], ChunkedDataset.computed

    def counted(data, *arguments, **options):
        passes[0] += 1
        return computed(data, *arguments, **options)
    ChunkedDataset.computed = counted
    with cluster(workers):
        maximum_likelihood(load_data(os.path.join(os.path.dirname(files[0]), '*.parquet'), label=LABEL))
        begun, passes[0] = time.perf_counter(), 0
        data = load_data(folder, label=LABEL)
        middle, passes_to_load = time.perf_counter(), passes[0]
        model = maximum_likelihood(data)
        end = time.perf_counter()
        # a pass in which nothing is computed: reading, decoding, filling, reducing
        data.computed(len)
        done(load=middle - begun, train=end - middle, weights=model._weights.tolist(), passes_to_load=passes_to_load,
             passes=passes[0] - passes_to_load - 1, empty=time.perf_counter() - end)


def cluster(workers):
    import contextlib
    if not workers:
        return contextlib.nullcontext()
    from distributed import Client
    # a gigabyte for each worker, as for the process that trains alone
    return Client(n_workers=workers, threads_per_worker=1, memory_limit='1GB', dashboard_address=None)


def dask_ml(solver, **options):
    """dask-ml, by as many worker processes as there are cores, with all memory: the rows are read once and kept."""
    def run(files, workers):
        import dask.dataframe
        import distributed
        from dask_ml.linear_model import LogisticRegression

        def fitted(files):
            begun = time.perf_counter()
            rows = dask.dataframe.read_parquet(files)[[*FEATURES, LABEL]].astype(float).to_dask_array(lengths=True).persist()
            distributed.wait(rows)
            X, y = rows[:, :-1], rows[:, -1]
            middle = time.perf_counter()
            # the penalty that it cannot leave out is next to none
            model = LogisticRegression(solver=solver, penalty='l2', C=1e12, solver_kwargs=options).fit(X, y)
            return model, middle - begun, time.perf_counter() - middle
        with distributed.Client(n_workers=workers, threads_per_worker=1, memory_limit=0, dashboard_address=None):
            fitted(files[:1])
            model, load, train = fitted(files[1:])
            done(load=load, train=train, weights=[float(model.intercept_), *map(float, model.coef_)])
    return run


def scikit_learn(files, workers):
    """scikit-learn's stochastic descent, a file at a time, pass after pass until it is stopped."""
    import numpy
    from sklearn.linear_model import SGDClassifier
    from sklearn.preprocessing import StandardScaler
    begun, aside, passes = time.perf_counter(), 0, 0
    scaler = StandardScaler().fit(arrays(files[1])[0])
    model = SGDClassifier(loss='log_loss', penalty=None, learning_rate='invscaling', eta0=0.5, power_t=0.5, average=True)
    while True:
        for X, y in map(arrays, files[1:]):
            model.partial_fit(scaler.transform(X), y, classes=[0, 1])
        passes, end = passes + 1, time.perf_counter()
        w = model.coef_[0] / scaler.scale_
        weights = numpy.append(model.intercept_ - w @ scaler.mean_, w)
        gradient = largest_gradient(weights, files[1:])
        done(load=0, train=end - begun - aside, weights=weights.tolist(), passes=passes)
        aside += time.perf_counter() - end
        if gradient <= GOAL:
            return


JOBS = {'in memory': in_memory, 'chunked': chunked, 'dask-ml newton': dask_ml('newton', tol=1e-6, max_iter=100),
        'dask-ml lbfgs': dask_ml('lbfgs', tol=1e-8, max_iter=1000), 'scikit-learn': scikit_learn}


if __name__ == '__main__':
    # sparse.py beside this file is not the package that dask-ml imports
    del sys.path[0]
    job, memory, workers, *files = sys.argv[1:]
    if int(memory):
        # what the process takes for itself; files that are mapped, such as libraries, are not among it
        # (the weights are taken as NumPy's: Sage's PARI reserves a gigabyte of addresses when Sage begins, which counts)
        resource.setrlimit(resource.RLIMIT_DATA, (int(memory), int(memory)))
    JOBS[job](files, int(workers))
