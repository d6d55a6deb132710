"""Time the estimate at every shape beside its peers, all of them to the same accuracy.

    python benchmarks/estimate.py [5000x500 ...]
"""
import os
import subprocess
import sys
import tempfile
import time

import contest
from contest import OURS, Contest

# largest entry of the mean cost's gradient that everyone is to reach
GOAL = 1e-8
SHAPES = [(100, 3), (10000, 10), (1000000, 20), (100000, 200), (5000, 500), (5000, 2000), (500, 5000), (50, 20000)]
# with fewer rows a column, the estimate without a penalty would not exist
ROWS_A_COLUMN = 10
# from so many columns on, independent ones are a job of its own, easy for methods that use gradients only, and stochastic
# methods do not get to the goal
MANY_COLUMNS = 200
# Seconds of a peer's search for its tolerance: so many times those of the fastest peer, but at least and at most so many, for R
# at least so many, as it starts and reads the data in them; and ours
MOST_TIMES, LEAST, LIMIT, LEAST_OF_R, OUR_LIMIT = 4, 2, 10, 5, 60
# Solvers whose compiled loops do not hear the alarm, with the seconds of a pass, for each row and for each number in it
SECONDS_OF_A_PASS = {'sag': (5e-7, 4e-9), 'saga': (5e-7, 4e-9), 'liblinear': (0, 4e-8)}
FEWEST_PASSES, MOST_PASSES = 10, 10000


def problem(m, n, independent=False):
    """Return points, their columns correlated and of different scales if not independent, and labels from a noisy true model."""
    import numpy
    random = numpy.random.RandomState(0)
    points, weights = random.normal(size=(m, n)), random.normal(size=n)
    if not independent:
        points += random.normal(size=(m, 1)) * random.uniform(0, 1, size=n)
    log_odds = points @ weights
    labels = (random.uniform(size=m) < 1 / (1 + numpy.exp(-1.5 * log_odds / log_odds.std() - 0.5))).astype(float)
    return points if independent else points * 10**random.uniform(-0.5, 0.5, size=n), labels


def largest_gradient(X, y, l2, w):
    """Return the largest entry of the gradient of the mean cost, not by the package's own code."""
    import numpy
    from scipy.special import expit
    residual = expit(w[0] + X @ w[1:]) - y
    gradient = numpy.concatenate([[residual.sum()], X.T @ residual + l2 * w[1:]])
    return float(abs(gradient).max() / len(y))


# Contenders: each function prepares itself and returns a function of the tolerance and a limit of seconds, which returns the weights.

def package(X, y, l2):
    import sage_logreg
    # as a user calls it, from arrays as the others: its own tolerance is smaller than what is asked of them
    return lambda tol, limit: sage_logreg.maximum_likelihood((X, y), l2=l2)._weights


def most_passes(solver, m, n, limit):
    """Return how many passes over the data take about so many seconds."""
    of_a_row, of_a_number = SECONDS_OF_A_PASS.get(solver, (0, 0))
    seconds = m * (of_a_row + of_a_number * n)
    return int(min(MOST_PASSES, max(FEWEST_PASSES, limit / seconds))) if seconds else MOST_PASSES


def scikit(solver, **options):
    def prepare(X, y, l2):
        import numpy
        from sklearn.linear_model import LogisticRegression

        def fit(tol, limit):
            passes = most_passes(solver, len(X), X.shape[1], limit)
            model = LogisticRegression(C=1 / l2 if l2 else numpy.inf, solver=solver, tol=tol, max_iter=passes, **options)
            begun = time.perf_counter()
            model.fit(X, y)
            if max(model.n_iter_) >= passes:
                raise TimeoutError(f'not in {passes} passes, {time.perf_counter() - begun:.3g} s')
            return numpy.concatenate([model.intercept_, model.coef_[0]])
        return fit
    return prepare


def glum(solver):
    def prepare(X, y, l2):
        import numpy
        from glum import GeneralizedLinearRegressor

        def fit(tol, limit):
            model = GeneralizedLinearRegressor(family='binomial', alpha=l2 / len(y), gradient_tol=tol, max_iter=10000, solver=solver)
            model.fit(X, y)
            return numpy.concatenate([[model.intercept_], model.coef_])
        return fit
    return prepare


def logit(X, y, l2):
    from statsmodels.api import Logit, add_constant
    return lambda tol, limit: Logit(y, add_constant(X)).fit(disp=0, maxiter=100, tol=tol).params


def contenders(m, n, l2):
    """Return the peers that can do the job, by name. One likely to be the fastest is first: the others' limit follows from it."""
    newton = ['newton-cholesky', 'newton-cg'] if m >= ROWS_A_COLUMN * n else ['newton-cg', 'newton-cholesky']
    peers = {f'scikit-learn {solver}': scikit(solver) for solver in [*newton, 'lbfgs']}
    # glum's lbfgs is SciPy's, as scikit-learn's is; GLM of statsmodels takes longer than its Logit
    peers['glum'] = glum('irls-ls')
    if l2:
        # its penalty includes the bias, which is made so large a column that this does not matter
        peers['scikit-learn liblinear'] = scikit('liblinear', intercept_scaling=1e3)
        if n > m:
            peers['scikit-learn liblinear, dual'] = scikit('liblinear', intercept_scaling=1e3, dual=True)
    else:
        peers['statsmodels Logit'] = logit
    if n < MANY_COLUMNS:
        peers |= {'scikit-learn sag': scikit('sag'), 'scikit-learn saga': scikit('saga')}
    return peers


def search(fit, gradient, limit):
    """Return a tolerance, divided by ten until the goal is reached, with the seconds that it takes and the gradient reached."""
    begun, tol, found, least = time.perf_counter(), 1e-6, None, []
    while True:
        start = time.perf_counter()
        try:
            with contest.limited(limit - (start - begun)):
                weights = fit(tol, limit)
        except TimeoutError:
            if found is None:
                raise
            return found
        found = tol, time.perf_counter() - start, gradient(weights)
        least.append(min([found[2], *least[-1:]]))
        # smaller tolerances may change nothing
        stuck = len(least) > 4 and least[-1] == least[-5]
        if found[2] <= GOAL or stuck or tol < 1e-20 or time.perf_counter() - begun > limit:
            return found
        tol /= 10


def in_r(X, y, l2, limit):
    """Return a dictionary of seconds and gradient reached by R's function, and what is missing."""
    found, missing = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        X.T.tofile(os.path.join(folder, 'points')), y.tofile(os.path.join(folder, 'labels'))
        for name in ['glmnet'] + ['glm.fit'] * (not l2):
            try:
                run = subprocess.run(['Rscript', contest.FOLDER / 'estimate.R', folder, name, *map(str, X.shape), str(l2), str(GOAL)],
                                     capture_output=True, text=True, timeout=limit)
                seconds, gradient = map(float, run.stdout.split()[-2:])
                found[f'R {name}'] = seconds, gradient
            except FileNotFoundError:
                missing[f'R {name}'] = 'missing: there is no Rscript'
            except subprocess.TimeoutExpired:
                missing[f'R {name}'] = f'more than {limit:.3g} s'
            except ValueError:
                missing[f'R {name}'] = f'missing: {" ".join(run.stderr.split())[-100:]}'
    return found, missing


def measure(m, n, l2, independent=False):
    """Return the contest at a shape."""
    X, y = problem(m, n, independent)

    def gradient(w):
        return largest_gradient(X, y, l2, w)

    peers, left_out = contest.prepared(contenders(m, n, l2), X, y, l2)
    fits, racing, seconds, reached, fastest = {OURS: package(X, y, l2), **peers}, {}, {}, {}, LIMIT
    for name, fit in fits.items():
        limit = OUR_LIMIT if name == OURS else min(LIMIT, max(LEAST, MOST_TIMES * fastest))
        try:
            tol, seconds[name], reached[name] = search(fit, gradient, limit)
        except Exception as error:
            # from TimeoutError to a solver that can't do this
            left_out[name] = str(error) if isinstance(error, TimeoutError) else contest.in_short(error)
            continue
        if name != OURS and reached[name] <= GOAL:
            fastest = min(fastest, seconds[name])
        # who did not reach the goal, or takes long, has been timed enough
        if name == OURS or reached[name] <= GOAL and seconds[name] <= contest.SLOW:
            racing[name] = lambda fit=fit, tol=tol, limit=limit: fit(tol, limit)
    seconds |= contest.take_turns(racing)
    by_r, missing = in_r(X, y, l2, min(LIMIT, max(LEAST_OF_R, MOST_TIMES * fastest)))
    seconds |= {name: pair[0] for name, pair in by_r.items()}
    reached |= {name: pair[1] for name, pair in by_r.items()}
    title = f'Estimate, {m:,} x {n:,}, {f"l2 = {l2}" if l2 else "no penalty"}{", independent columns" * independent}'
    return Contest(title, seconds, 'largest gradient entry',
                   {name: f'{at:.1e}' for name, at in reached.items()}, [name for name, at in reached.items() if at > GOAL],
                   {**left_out, **missing})


def results():
    shapes = [tuple(map(int, text.split('x'))) for text in sys.argv[1:]] or SHAPES
    # compiles
    package(*problem(100, 3), 1)(None, None)
    yield (f'A peer has {MOST_TIMES} times the seconds of the fastest peer before it to reach {GOAL:.0e}, at least {LEAST} '
           f'(R {LEAST_OF_R}) and at most {LIMIT}. What takes over a second and {contest.FAR} times as long as the second fastest, '
           f'or over {contest.SLOW} s, is timed once.')
    for m, n in shapes:
        yield measure(m, n, 1)
        if m >= ROWS_A_COLUMN * n:
            yield measure(m, n, 0)
        if n >= MANY_COLUMNS:
            yield measure(m, n, 1, independent=True)


if __name__ == '__main__':
    contest.main(results)
