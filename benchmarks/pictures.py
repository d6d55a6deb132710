"""Time pictures of many points beside matplotlib.

    python benchmarks/pictures.py

Points of two classes and the boundary, saved as PNG by every contender in turn, in one process. Matplotlib draws the same
dots in a figure of the same size, once bare, and once with what every picture of Sage has: small ticks, on all sides, and
margins that fit the texts. Two points by Sage alone tell what a picture of Sage costs at least.
"""
import os
import tempfile

import contest
from contest import OURS, Contest

SIZES = 100000, 300000
BARE, AS_SAGE = 'matplotlib', 'matplotlib, laid out as by Sage'
POINTS_ONLY, TWO_POINTS = 'sage_logreg, points only', 'Sage, two points'


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


def picture(rows, folder):
    """Return the contest of a picture of so many points."""
    from sage.plot.point import point
    from sage_logreg import load_data, maximum_likelihood
    points, labels = problem(rows)
    data = load_data((points, labels))
    model, path = maximum_likelihood(data), os.path.join(folder, 'picture.png')
    seconds, _, failed = contest.race({OURS: lambda: model.plot().save(path),
                                       BARE: lambda: by_matplotlib(points, labels, path, False),
                                       AS_SAGE: lambda: by_matplotlib(points, labels, path, True),
                                       POINTS_ONLY: lambda: data.plot().save(path),
                                       TWO_POINTS: lambda: point([(0, 1), (1, 2)], frame=True, axes=False).save(path)})
    return Contest(f'Picture of {rows:,} points with a boundary', seconds, aside=[POINTS_ONLY, TWO_POINTS], left_out=failed)


def results():
    with tempfile.TemporaryDirectory() as folder:
        for rows in SIZES:
            yield picture(rows, folder)


if __name__ == '__main__':
    contest.main(results)
