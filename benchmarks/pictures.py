"""Time pictures of many points beside matplotlib.

    python benchmarks/pictures.py

Points of two classes and the boundary, saved as PNG by every contender in turn, in one process; the medians and their ratios
are printed. Matplotlib draws the same dots in a figure of the same size, once bare, and once with what every picture of
Sage has: small ticks, on all sides, and margins that fit the texts.
"""
import os
import statistics
import tempfile
import time

SIZES, ROUNDS = (100000, 300000), 7


def problem(rows):
    """Return points of two overlapping classes and their labels."""
    import numpy
    random = numpy.random.RandomState(0)
    points = random.normal(size=(rows, 2))
    return points, (points @ [1.0, -2.0] + random.logistic(size=rows) > 0).astype(float)


def by_matplotlib(points, labels, path, as_sage):
    """Save the picture as matplotlib alone draws it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import AutoMinorLocator
    figure = Figure(figsize=(6.4, 4.8), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for label, color in ((0, 'blue'), (1, 'red')):
        axes.scatter(*points[labels == label].T, s=2, c=color, label=f'y = {label}')
    axes.plot([-4, 4], [-2, 2], color='black', label='boundary')
    # otherwise it would compare all points to place the legend
    axes.legend(loc='upper right')
    if as_sage:
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_locator(AutoMinorLocator())
        axes.tick_params(which='both', top=True, right=True)
        figure.tight_layout()
    figure.savefig(path, bbox_inches='tight' if as_sage else None)


def contenders(rows, folder):
    """Return the jobs by name; the first two are ours."""
    from sage_logreg import load_data, maximum_likelihood
    points, labels = problem(rows)
    data = load_data((points, labels))
    model = maximum_likelihood(data)

    def path(name):
        return os.path.join(folder, f'{name}_{rows}.png')

    return {'sage_logreg, model.plot()': lambda: model.plot().save(path('model')),
            'sage_logreg, data.plot()': lambda: data.plot().save(path('data')),
            'matplotlib, laid out as Sage does': lambda: by_matplotlib(points, labels, path('as_sage'), True),
            'matplotlib, bare': lambda: by_matplotlib(points, labels, path('bare'), False)}


def timed(jobs):
    """Return the median seconds of each job, every job once a round, after one round that is not counted."""
    seconds = {name: [] for name in jobs}
    for number in range(ROUNDS + 1):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            if number:
                seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(values) for name, values in seconds.items()}


def lines(folder=None):
    """Return the table as lines of Markdown; the pictures stay in ``folder``, if one is given."""
    rows = ['| points | contender | seconds | model.plot() / contender |', '|---|---|---|---|']
    with tempfile.TemporaryDirectory() as temporary:
        for size in SIZES:
            seconds = timed(contenders(size, folder or temporary))
            ours = next(iter(seconds.values()))
            rows += [f'| {size:,} | {name} | {value:.3f} | {ours / value:.2f} |' for name, value in seconds.items()]
    return rows


if __name__ == '__main__':
    print('\n'.join(lines()))
