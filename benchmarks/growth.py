"""Time training and drawing against the size of the data, and draw it, log-log.

    python benchmarks/growth.py

Prints a table with the slopes (1 means: twice the data, twice the time) and
saves benchmarks/growth_rows.png and growth_columns.png.
"""
import math
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import numpy

FOLDER = Path(__file__).resolve().parent
ROWS = [1000, 3000, 10000, 30000, 100000, 300000, 1000000]
COLUMNS = [3, 10, 30, 100, 300]
# Training against rows has this many columns, training against columns this many rows
WIDTH, HEIGHT = 10, 30000
ROUNDS = 3


def data(rows, columns):
    from sage_logreg import load_data
    random = numpy.random.RandomState(0)
    points = random.normal(size=(rows, columns))
    return load_data((points, (points[:, 0] + random.normal(size=rows) > 0).astype(float)))


def problem(rows, columns):
    from sage_logreg.solvers.problem import LogisticProblem
    return LogisticProblem(data(rows, columns))


def descent(rows, columns):
    """Seconds of one step of gradient descent."""
    from sage_logreg.solvers.descent import GradientDescent
    from sage_logreg.solvers.steps import GradientSteps, State
    steps = GradientSteps(problem(rows, columns), GradientDescent(0.1, 1))
    count = max(1, 10**7 // (rows * columns))
    start = State(0, numpy.zeros(columns + 1), None, False)
    seconds = median(lambda: steps.run(start, count)) / count
    return seconds


def stochastic_descent(rows, columns):
    """Seconds of one epoch of stochastic gradient descent."""
    from sage_logreg.solvers.descent import StochasticGradientDescent
    from sage_logreg.solvers.steps import State, StochasticSteps
    steps = StochasticSteps(problem(rows, columns), StochasticGradientDescent(0.01, 1))
    epochs = max(1, 10**7 // (rows * columns))
    start = State(0, numpy.zeros(columns + 1), numpy.zeros(columns + 1), False)
    seconds = median(lambda: steps.run(start, epochs * rows)) / epochs
    return seconds


def drawing(rows, columns):
    """Seconds of a picture of points and boundary, saved."""
    from sage_logreg.model.logistic import LogisticModel
    model = LogisticModel(data(rows, 2), numpy.array([0.1, 1.0, 0.5]))
    with tempfile.TemporaryDirectory() as folder:
        return median(lambda: model.plot().save(f'{folder}/picture.png'))


def median(job):
    seconds = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[1:])


def slope(sizes, seconds):
    """The slope of the line of least squares through the upper half of the sizes, log-log.

    Below it, what does not depend on the size (a call, the axes of a picture) takes most of the time.
    """
    half = len(sizes) // 2
    return numpy.polyfit([math.log(size) for size in sizes[half:]], [math.log(value) for value in seconds[half:]], 1)[0]


def draw(name, axis, sizes, curves):
    from sage.plot.graphics import Graphics
    from sage.plot.plot import list_plot
    picture = Graphics()
    for color, (label, seconds) in zip(('blue', 'red', 'green'), curves.items()):
        picture += list_plot(list(zip(sizes, seconds)), scale='loglog', plotjoined=True, marker='o', rgbcolor=color,
                             legend_label=f'{label}, slope {slope(sizes, seconds):.2f}')
    picture.axes_labels([axis, 'seconds'])
    picture.set_legend_options(loc='lower right')
    picture.save(str(FOLDER / name), scale='loglog', frame=True, axes_labels_size=1, figsize=6)


def main():
    lines = []
    for name, axis, sizes, jobs in [
            ('growth_rows.png', 'rows', ROWS, {
                f'gradient descent, a step, {WIDTH} columns': lambda rows: descent(rows, WIDTH),
                f'stochastic, an epoch, {WIDTH} columns': lambda rows: stochastic_descent(rows, WIDTH),
                'drawing, points and boundary': lambda rows: drawing(rows, 2)}),
            ('growth_columns.png', 'columns', COLUMNS, {
                f'gradient descent, a step, {HEIGHT:,} rows': lambda columns: descent(HEIGHT, columns),
                f'stochastic, an epoch, {HEIGHT:,} rows': lambda columns: stochastic_descent(HEIGHT, columns)})]:
        curves = {label: [job(size) for size in sizes] for label, job in jobs.items()}
        lines += ['', f'Seconds against {axis} ({name}):', '',
                  '| what | ' + ' | '.join(f'{size:,}' for size in sizes) + ' | slope |', '|---' * (len(sizes) + 2) + '|']
        lines += [f'| {label} | ' + ' | '.join(f'{value:.2g}' for value in seconds) + f' | {slope(sizes, seconds):.2f} |'
                  for label, seconds in curves.items()]
        try:
            draw(name, axis, sizes, curves)
        except ImportError as error:
            lines.append(f'\nno picture: {error}')
    print('\n'.join(lines))


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    main()
