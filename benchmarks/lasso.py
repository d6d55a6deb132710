"""Time paths of the lasso beside its peers, all to the same duality gap.

    python benchmarks/lasso.py [1000x5000 ...]

Every contender has the same columns, standardised before if they are dense, and the same penalties, glmnet's own choice, and runs in a
process of its own with one thread: lasso_peer.py, lasso.R. From the weights that it writes the gap is computed here, the bias settled for
it. The peers' tolerances are divided by ten until the largest gap of the path is small enough, or until their time is over.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import contest
from contest import OURS, Contest

SHAPES, COUNT = ['1000x5000', '1000x5000 without an intercept', '10000x500', '100000x100', 'sparse'], 100
# the gap, as a part of the cost of no weights, that all are to reach
GOAL = 1e-4
# Seconds of a peer's path, so many times ours and at least so many, with those in which it starts and compiles; rounds of ours and the fastest
MOST_TIMES, LEAST, START, ROUNDS = 3, 15, 20, 3
# the tolerances that are tried first
PEERS = {'glmnet': 1e-8, 'skglm': 1e-4, 'celer': 1e-4, 'liblinear': 1e-2, 'saga': 1e-3}
TITLES = {'glmnet': 'R glmnet', 'liblinear': 'scikit-learn liblinear', 'saga': 'scikit-learn saga', 'sage_logreg': OURS}
# an environment with celer and skglm
ELSEWHERE = contest.FOLDER.parent / '.venv-lasso' / 'bin' / 'python'


def problem(m, n):
    """Return standardised columns with a factor in common, and labels from a noisy model of few of them."""
    import numpy
    random = numpy.random.RandomState(0)
    X = random.normal(size=(m, n)) + random.normal(size=(m, 1)) * random.uniform(0, 1, size=n)
    z = X @ (random.normal(size=n) * (random.uniform(size=n) < max(0.05, 10 / n)))
    return (X - X.mean(axis=0)) / X.std(axis=0), (random.uniform(size=m) < 1 / (1 + numpy.exp(-1.5 * z / z.std() - 0.5))).astype(float)


def write(folder, X, y, intercept):
    """Write what the contenders read, and return the penalties."""
    import numpy
    m, n = X.shape
    largest = abs(X.T @ (y - (y.mean() if intercept else 0.5))).max() / m
    lambdas = largest * (1e-2 if m < n else 1e-4)**(numpy.arange(COUNT) / (COUNT - 1))
    is_sparse = hasattr(X, 'tocsc')
    if is_sparse:
        X = X.tocsc()
        X.sort_indices()
        parts = {'points': X.data, 'rows': X.indices.astype(numpy.int32), 'pointers': X.indptr.astype(numpy.int32)}
    else:
        parts = {'points': numpy.ascontiguousarray(X.T)}
    for name, values in {**parts, 'labels': y, 'lambdas': lambdas}.items():
        values.tofile(Path(folder, name))
    Path(folder, 'shape').write_text(f'{m} {n} {int(is_sparse)} {int(intercept)}')
    return lambdas


def largest_gap(folder, X, y, lambdas, intercept):
    """Return the largest duality gap of the path in a folder, as a part of the cost of no weights, not by the package's own code."""
    import numpy
    from scipy.sparse import csr_matrix
    from scipy.special import expit, xlogy

    def read(name, kind=float):
        return numpy.fromfile(Path(folder, name), kind)
    weights = csr_matrix((read('weights'), read('columns', numpy.int32), read('starts', numpy.int32)), shape=(len(lambdas), X.shape[1]))
    signs, share, gaps = 2 * y - 1, y.mean() if intercept else 0.5, []
    for lambda_, bias, w in zip(lambdas, read('biases'), weights):
        w = w.toarray().ravel()
        z = X @ w + bias
        for _ in range(50 * intercept):
            p = expit(z)
            z += numpy.clip((y - p).sum() / (p * (1 - p)).sum(), -1, 1)
        wrong = expit(-signs * z)
        scaled = wrong * min(1.0, lambda_ * len(y) / abs(X.T @ (signs * wrong)).max())
        dual = -(xlogy(scaled, scaled) + xlogy(1 - scaled, 1 - scaled)).mean()
        gaps.append(numpy.logaddexp(0, -signs * z).mean() + lambda_ * abs(w).sum() - dual)
    return max(gaps) / -(xlogy(y.mean(), share) + xlogy(1 - y.mean(), 1 - share))


def seconds_of(name, folder, tol, limit):
    """Return the seconds of a path by a contender, who may be missing or too late."""
    if name == 'glmnet':
        command = ['Rscript', contest.FOLDER / 'lasso.R', folder, str(tol)]
    else:
        python = ELSEWHERE if name in ('celer', 'skglm') and ELSEWHERE.exists() else sys.executable
        command = [python, contest.FOLDER / 'lasso_peer.py', folder, name, str(tol)]
    paths = os.pathsep.join(filter(None, [str(contest.FOLDER.parent), os.environ.get('PYTHONPATH')]))
    run = subprocess.run(command, capture_output=True, text=True,
                         env={**os.environ, 'PYTHONPATH': paths, 'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'},
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 1)))
    if run.returncode < 0:
        raise TimeoutError(f'more than {limit - START:.3g} s')
    if run.returncode:
        raise ImportError(' '.join(run.stderr.split())[-80:])
    return float(run.stdout.split()[-1])


def measure(title, X, y, intercept):
    """Return the contest of a path."""
    seconds, gaps, best, left_out = {}, {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        lambdas = write(folder, X, y, intercept)

        def run(name, tol, limit=300):
            seconds[name] = seconds_of(name, folder, tol, limit)
            gaps[name], best[name] = largest_gap(folder, X, y, lambdas, intercept), tol
        run('sage_logreg', GOAL)
        limit = START + max(LEAST, MOST_TIMES * seconds['sage_logreg'])
        for name, tol in PEERS.items():
            if name == 'celer' and intercept:
                continue
            try:
                run(name, tol, limit)
                while gaps[name] > GOAL:
                    run(name, best[name] / 10, limit)
            except (ImportError, OSError, TimeoutError) as error:
                if name not in seconds:
                    left_out[TITLES.get(name, name)] = str(error) if isinstance(error, TimeoutError) else f'missing: {error}'
        near = [name for name in seconds if gaps[name] <= GOAL and name != 'sage_logreg']
        rounds = {name: [seconds[name]] for name in ['sage_logreg', *sorted(near, key=seconds.get)[:1]]}
        for _ in range(ROUNDS - 1):
            for name in rounds:
                rounds[name].append(seconds_of(name, folder, best[name], 300))
    seconds |= {name: statistics.median(values) for name, values in rounds.items()}

    def titled(entries):
        return {TITLES.get(name, name): value for name, value in entries.items()}
    far = [TITLES.get(name, name) for name in gaps if gaps[name] > GOAL]
    return Contest(title, titled(seconds), 'largest gap', titled({name: f'{gap:.1e}' for name, gap in gaps.items()}), far, left_out)


def results():
    from sparse import text_like
    yield (f'Paths of {COUNT} penalties, seconds of the processor. A peer has {MOST_TIMES} times our seconds for a path, at least {LEAST}; with a gap above '
           f'{GOAL:.0e} it is shown with the last that ended in time, and is no best peer.')
    for shape in sys.argv[1:] or SHAPES:
        if shape == 'sparse':
            X, y = text_like()
            yield measure(f'Lasso, sparse {X.shape[0]:,} x {X.shape[1]:,} as from texts', X, y, True)
        else:
            m, n = map(int, shape.split()[0].split('x'))
            yield measure(f'Lasso, {m:,} x {n:,}{shape[len(shape.split()[0]):]}', *problem(m, n), 'without' not in shape)


if __name__ == '__main__':
    contest.main(results)
