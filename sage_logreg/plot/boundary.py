r"""
Pictures: the data and the model as Sage Graphics

Everything here is returned and nothing is shown.

EXAMPLES::

    sage: from sage_logreg import *
    sage: data = ex2data1()
    sage: model = gradient_descent(data, iterations=300000)
    sage: x1 = var('x1')
    sage: data.plot() + plot(model.boundary(x1), (x1, 30, 100))
    Graphics object consisting of 3 graphics primitives
    sage: model.plot()
    Graphics object consisting of 3 graphics primitives
"""
import numpy
from sage.plot.graphics import Graphics
from sage.plot.line import line
from sage.plot.plot import parametric_plot, plot
from sage.plot.point import point
from sage.plot.polygon import polygon

from sage_logreg.plot.looks import class_text
from sage_logreg.plot.options import options_explained, taken_limits, with_limits, with_rgbcolor
from sage_logreg.plot.plane import GRID, Plane
from sage_logreg.plot.points import RingedPoints, draw_points, fitted
from sage_logreg.plot.theme import ink
from sage_logreg.support.arguments import entries, real_number, shown, threshold_log_odds, whole_number


# of the confidence band of a curve
LEVEL = 0.95
# area of the smallest marker of a proportion, and the largest as a multiple of it
SMALLEST, LARGEST = 15, 12


@options_explained
def plot_model(model, variables=None, fixed=None, threshold=0.5, point_options=None, **options):
    r"""
    Return the points of the model's data and its boundary over them.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``variables``, ``fixed`` -- as for :class:`~sage_logreg.plot.plane.Plane`
    - ``threshold`` -- (default: 1/2) the probability on the boundary
    - ``point_options`` -- dictionary of options of Sage's ``point``
    - ``options`` -- options of Sage's ``line`` (for the boundary) and of ``show``

    OUTPUT: a ``Graphics``. Where a straight boundary misses the frame, the title says where it runs, and where there is none, what
    the probability is everywhere. The curve of one variable has the band of its confidence intervals, if there are standard errors, and
    the observed proportions of grouped data
    """
    plane = Plane(model.data, variables, fixed, 'the model has', taken_limits(options))
    boundary = draw_boundary(model, plane, threshold, options)
    picture = fitted(draw_points(plane, point_options) + boundary)
    return with_limits(picture, plane.limits, plane.frame)


def draw_boundary(model, plane, threshold=0.5, options=()):
    r"""
    Return the boundary of ``model`` in the frame of a plane; for one variable, the posterior's curve and a vertical
    boundary.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``plane`` -- a :class:`~sage_logreg.plot.plane.Plane` of its data
    - ``threshold`` -- the probability on the boundary
    - ``options`` -- dictionary of options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``, empty where there is no boundary in the frame
    """
    threshold = real_number('threshold', threshold, above=0, below=1)
    data = model.data
    what = f'P({class_text(data, 1)})'
    name = 'boundary' if threshold == 0.5 else f'{what} = {threshold:g}'
    options = {'rgbcolor': ink(), 'legend_label': what if len(plane.names) == 1 else name, **with_rgbcolor(dict(options))}
    if plane.text:
        # in the legend it would hide the picture
        options.setdefault('title', plane.text)
    if len(plane.names) == 1:
        curve, label, band = _three_labels(options['legend_label'], name)
        picture = plot(lambda x: model._probabilities_at(plane.points([x]))[0], plane.ranges[0], **{**options, 'legend_label': curve})
        for place in _crossings(model, plane, threshold):
            picture += line([(place, height) for height in plane.ranges[1]], rgbcolor='gray', linestyle='--', legend_label=label)
            # one entry in the legend
            label = None
        return picture + _band(model, plane, band, options) + _observed(plane)
    if data.features is None:
        return _straight_boundary(model, plane, threshold, name, options)
    side = whole_number('plot_points', options.pop('plot_points', GRID), minimum=2)
    if not model.data.design.parts(numpy.array(model.weights(), dtype=float))[1].any():
        return _no_boundary(model, plane, options)
    picture = _empty(options)
    for piece in _curved_boundary(model, plane, threshold, side):
        picture += line(piece.tolist(), **options)
        # one entry in the legend
        options['legend_label'] = None
    return picture


def _three_labels(given, name):
    # The texts for the curve of one variable, its boundary and its band.
    if given is None:
        return None, None, None
    texts = [given, name, f'{100 * LEVEL:.0f}% confidence'] if isinstance(given, str) else entries(given)
    if texts is None or len(texts) != 3:
        raise ValueError(f'legend_label = {shown(given)}; expected a text, or three: for the curve, the boundary and the band')
    return texts


def _band(model, plane, label, options):
    # The confidence band of a curve, where there are standard errors.
    x = numpy.linspace(*plane.ranges[0], GRID)
    ends = model._band_at(plane.points(x), LEVEL)
    if ends is None:
        return Graphics()
    low, high = ends
    known = numpy.isfinite(low) & numpy.isfinite(high)
    outline = numpy.concatenate([numpy.column_stack([x, low])[known], numpy.column_stack([x, high])[known][::-1]])
    # without an option of its own for the shape of the picture, and below the points
    return polygon(outline.tolist(), rgbcolor=options['rgbcolor'], alpha=0.15, legend_label=label, zorder=-1,
                   aspect_ratio='automatic', axes=False)


def _observed(plane):
    # The observed proportions of grouped data in one variable, as large as there are trials in a place.
    data = plane.data
    if data.trials is None or len(data.variables) > 1:
        return Graphics()
    places, place = numpy.unique(plane.horizontal, return_inverse=True)
    successes, trials = (numpy.bincount(place.ravel(), weights) for weights in (data.weights * data.labels, data.weights))
    places, successes, trials = (numbers[trials > 0] for numbers in (places, successes, trials))
    picture = point(list(zip(places.tolist(), (successes / trials).tolist())), rgbcolor='gray', alpha=0.5, markeredgecolor=ink(),
                    size=SMALLEST, zorder=3, legend_label='observed proportion', aspect_ratio='automatic', axes=False)
    cloud = picture[0]
    cloud.__class__, cloud.xdata, cloud.ydata = RingedPoints, places, successes / trials
    cloud.areas, cloud.layers = numpy.maximum(1, LARGEST * trials / trials.max()), numpy.zeros(len(trials))
    return picture


def _empty(options):
    # No curve, but the options of show.
    picture = Graphics()
    picture._set_extra_kwds(Graphics._extract_kwds_for_show(dict(options)))
    return picture


def _no_boundary(model, plane, options):
    # The title says that the probability is the same everywhere.
    if options.get('title', plane.text) == plane.text:
        low = numpy.array([[low] for low, _ in plane.ranges])
        probability = float(model._probabilities_at(plane.points(*low))[0])
        what = f'P({class_text(model.data, 1)}) = {"1/2" if probability == 0.5 else format(probability, ".4g")}'
        options = {**options, 'title': ', '.join(filter(None, [f'no boundary: {what} everywhere', plane.text]))}
    return _empty(options)


def _crossings(model, plane, threshold):
    # Where in the frame of one variable the probability crosses the threshold, or jumps over it.
    level = threshold_log_odds(threshold)
    # about as many as the picture has pixels
    x = numpy.linspace(*plane.ranges[0], 4 * GRID)
    z = model._log_odds_at(plane.points(x))
    # not where a feature is undefined on one side
    cells = numpy.flatnonzero(numpy.diff(z >= level) & ~numpy.isnan(z[:-1]) & ~numpy.isnan(z[1:]))
    low, high, above = x[cells], x[cells + 1], z[cells] >= level
    # halved as often as a float64 has bits
    for _ in range(53):
        middle = (low + high) / 2
        same = (model._log_odds_at(plane.points(middle)) >= level) == above
        low, high = numpy.where(same, middle, low), numpy.where(same, high, middle)
    return high.tolist()


def _straight_boundary(model, plane, threshold, name, options):
    # The line inside the frame. If it misses the frame, the title says where it runs: drawn, it would stretch the
    # picture away from the points.
    (left, right), (bottom, top) = plane.ranges
    bias, slopes = model.data.design.parts(numpy.array(model.weights(), dtype=float))
    # Python's floats, which overflow to infinity without a warning
    w1, w2 = (float(slopes[j]) for j in plane.axes)
    w0 = float(bias.sum() + slopes @ plane.base - threshold_log_odds(threshold))
    if not (w1 or w2):
        return _no_boundary(model, plane, options)
    if abs(w2) * (top - bottom) <= 1e-6 * abs(w1) * (right - left):
        # vertical, or so steep that the formula for the second variable has no digits left
        place = -(w0 + w2 * (bottom + top) / 2) / w1
        if not left <= place <= right:
            return _outside(plane, name, f'{plane.names[0]} = {place:.4g}', options)
        return parametric_plot((lambda height: -(w0 + w2 * height) / w1, lambda height: height), (bottom, top),
                               **{'aspect_ratio': 'automatic', **options})
    slope, start = -w1 / w2, -w0 / w2
    if w1:
        # the part that is neither below nor above the frame
        ends = sorted(-(w0 + w2 * height) / w1 for height in (bottom, top))
        left, right = max(left, ends[0]), min(right, ends[1])
    if not left < right or not (w1 or bottom <= start <= top):
        return _outside(plane, name, f'{plane.names[1]} = {_line_text(slope, start, plane.names[0])}', options)
    return plot(lambda x: start + slope * x, (left, right), **options)


def _line_text(slope, start, variable):
    # slope*variable + start, to four digits
    slope, start = f'{slope:.4g}', float(f'{start:.4g}')
    if not float(slope):
        return f'{start:.4g}'
    text = {'1': variable, '-1': f'-{variable}'}.get(slope, f'{slope}*{variable}')
    return text + (f' {"-" if start < 0 else "+"} {abs(start):.4g}' if start else '')


def _outside(plane, name, equation, options):
    if options.get('title', plane.text) == plane.text:
        options = {**options, 'title': ', '.join(filter(None, [f'{name} outside the picture: {equation}', plane.text]))}
    return _empty(options)


def _curved_boundary(model, plane, threshold, side):
    x, y, points = plane.grid(side)
    return level_curves(x, y, model._log_odds_at(points).reshape(side, side), threshold_log_odds(threshold))


def level_curves(x, y, heights, level=0.0):
    r"""
    Return polygons along the curves on which heights over a grid have a level; a point where they are ``nan`` is on neither side.
    """
    # in a way that every matplotlib has; newer ones have contourpy for it
    from matplotlib.figure import Figure
    heights = numpy.ma.masked_invalid(heights)
    if not heights.min() < level < heights.max():
        # matplotlib would warn about it
        return []
    return Figure().subplots().contour(x, y, heights, levels=[level]).allsegs[0]
