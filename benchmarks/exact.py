"""Time the exact decision whether there is an estimate, and Firth's steps beside Newton's and R's.

    python benchmarks/exact.py
"""
import os
import subprocess
import tempfile

import contest
from contest import OURS, Contest

# Shapes, and the seconds that the decision may take
SEPARATIONS, LIMIT = [((80, 60), 1), ((10000, 20), 5), ((100000, 20), 60)], 90
# Caravan's shape
FIRTH = (5822, 85)
FLOATS = 'HiGHS, in floats, which proves nothing'


def problem(m, n, noise):
    """Return points and labels, separated without the noise."""
    import numpy
    random = numpy.random.RandomState(0)
    points = random.normal(size=(m, n))
    log_odds = points @ random.normal(size=n) / n**0.5 + 0.3
    return points, (log_odds + noise * random.logistic(size=m) > 0).astype(float)


def programme(points, labels):
    """Whether a vector separates, as a linear programme in floats: maximise the sum of a_i v where all are between 0 and 1."""
    import numpy
    from scipy.optimize import linprog
    rows = numpy.column_stack([numpy.ones(len(points)), points]) * (2 * labels - 1)[:, None]
    bounds = numpy.concatenate([numpy.ones(len(rows)), numpy.zeros(len(rows))])
    return linprog(-rows.sum(axis=0), numpy.concatenate([rows, -rows]), bounds, bounds=(None, None), method='highs').fun < -1e-6


def decision(m, n, noise, wanted):
    """Return the contest of the decision whether classes are separated."""
    import sage_logreg
    points, labels = problem(m, n, noise)
    data, said, seconds, left_out = sage_logreg.load_data((points, labels)), {}, {}, {}

    def ours():
        said[OURS] = sage_logreg.separation(data).kind()

    def floats():
        said[FLOATS] = 'separation' if programme(points, labels) else 'overlap'

    for name, job in {OURS: ours, FLOATS: floats}.items():
        try:
            # the other one is no peer: it need not end
            with contest.limited(LIMIT if name == OURS else LIMIT / 6):
                seconds[name] = contest.seconds_of(job)
        except Exception as error:
            left_out[name] = str(error) if isinstance(error, TimeoutError) else contest.in_short(error)
    title = f'Separation, {m:,} x {n}, {"hardly overlapping" if noise else "separated"} classes (wanted: {wanted} s)'
    return Contest(title, seconds, 'answer', said, [FLOATS], left_out)


def firth(m, n):
    """Return the contest of Firth's estimate beside Newton's method and R's; the last column tells of a step."""
    import sage_logreg
    points, labels = problem(m, n, 1)
    # few successes, as there
    points[:, 0] += 3 * labels
    data, steps = sage_logreg.load_data((points, labels)), {}
    newton = 'maximum_likelihood without Firth\'s term'

    def run(name, **options):
        steps[name] = sage_logreg.maximum_likelihood(data, **options).iterations()

    seconds, _, left_out = contest.race({OURS: lambda: run(OURS, bias_reduced=True), newton: lambda: run(newton)})
    step = {name: seconds[name] / steps[name] for name in seconds}
    notes = {name: f'{step[name]:.3g} s, {step[name] / step[newton]:.1f} of Newton\'s' for name in step if newton in step}
    with tempfile.TemporaryDirectory() as folder:
        points.T.tofile(os.path.join(folder, 'points')), labels.tofile(os.path.join(folder, 'labels'))
        for package in ('brglm2', 'logistf'):
            try:
                result = subprocess.run(['Rscript', contest.FOLDER / 'firth.R', folder, package, str(m), str(n)], capture_output=True,
                                        text=True, timeout=LIMIT)
                seconds[f'R {package}'] = float(result.stdout.split()[-1])
            except (OSError, subprocess.TimeoutExpired, IndexError, ValueError) as error:
                left_out[f'R {package}'] = f'more than {LIMIT} s' if isinstance(error, subprocess.TimeoutExpired) else 'missing'
    return Contest(f'Firth\'s estimate, {m:,} x {n}', seconds, 'a step', notes, [newton], left_out)


def collinear(m=5000, n=69):
    """Return points of which every third column is nearly the mean of the two before it, and labels."""
    points, labels = problem(m, n, 0.03)
    points[:, 2::3] = (points[:, 0::3] + points[:, 1::3]) / 2 + 1e-5 * points[:, 2::3]
    return points, labels


def estimate(points, labels):
    """Return in words how long the estimate, or its refusal, takes."""
    import sage_logreg

    def job():
        try:
            sage_logreg.maximum_likelihood((points, labels))
        except ValueError:
            pass

    with contest.limited(LIMIT):
        return f'{contest.seconds_of(job):.2f} s'


def results():
    import sage_logreg
    sage_logreg.separation([[1, 0], [2, 1], [3, 0]])
    for (m, n), wanted in SEPARATIONS:
        for noise in (0.01, 0) if m > 2 * n else (0,):
            yield decision(m, n, noise, wanted)
    yield firth(*FIRTH)
    yield contest.figures([
        ('estimate, 5,000 x 69 with nearly collinear columns, the exact check included', '2 s', lambda: estimate(*collinear())),
        ('estimate without a penalty, 300 x 600, until it is refused', '0.5 s', lambda: estimate(*problem(300, 600, 1)))])


if __name__ == '__main__':
    contest.main(results)
