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
# outside of a running Sage, symbolic functions loaded after sage.plot are not found
from sage.functions.log import exp  # noqa: F401
from sage.plot.graphics import Graphics
from sage.plot.line import line
from sage.plot.plot import parametric_plot, plot
from sage.plot.point import Point, point
from sage.symbolic.ring import SR

from sage_logreg.model import LogisticModel

COLORS = ('blue', 'red')
MARGIN = 0.05
MANY = 10000


def plot_points(data, **options):
    r"""
    Return the points of ``data``, y = 1 in red and y = 0 in blue.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset` in one or two variables
    - ``options`` -- options of Sage's ``point`` and of ``show``

    OUTPUT: a ``Graphics`` of two ``point`` primitives. The labels of the axes
    are options of the points, so that they stay when other pictures are added

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.plotting import plot_points
        sage: picture = plot_points(ex2data1(), marker='+')
        sage: [type(primitive).__name__ for primitive in picture]
        ['Point', 'Point']
        sage: [primitive.options()['legend_label'] for primitive in picture]
        ['y = 0', 'y = 1']
    """
    _check_plane(data)
    heights = data.points[:, 1] if len(data.variables) == 2 else data.labels
    options = _with_rgbcolor(options)
    picture = Graphics()
    many = len(data) > MANY
    for label in (0, 1):
        x, y = data.points[data.labels == label, 0], heights[data.labels == label]
        cloud = point(list(zip(x[:1].tolist(), y[:1].tolist())),
                      **{'rgbcolor': COLORS[label], 'size': 25, 'legend_label': data.label_text(label),
                         'axes_labels': _axes_labels(data), **options})
        # arrays draw many times faster than Sage's lists, which it makes and matplotlib takes entry by entry
        cloud[0].xdata, cloud[0].ydata = x, y
        if many:
            cloud[0].__class__ = ManyPoints
        picture += cloud
    if many:
        # the best place for the legend is looked for among all points
        picture.set_legend_options(loc='upper right')
    return picture


def plot_model(model, point_options=None, **options):
    r"""
    Return the points of the model's data and its boundary over them.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel` in one or two variables
    - ``point_options`` -- dictionary of options of Sage's ``point``
    - ``options`` -- options of Sage's ``plot`` (for the boundary) and of ``show``

    OUTPUT: a ``Graphics``

    EXAMPLES:

    A weight of zero makes a vertical line::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.model import LogisticModel
        sage: from sage_logreg.plotting import plot_model
        sage: import numpy
        sage: picture = plot_model(LogisticModel(ex2data1(), numpy.array([-60.0, 1.0, 0.0])))
        sage: picture[2]
        Line defined by 200 points

    One variable::

        sage: from sage_logreg import load_data
        sage: data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]])
        sage: plot_model(LogisticModel(data, numpy.array([-1.0, 0.5])))
        Graphics object consisting of 3 graphics primitives
    """
    data = model.data
    picture = plot_points(data, **(point_options or {}))
    left, right = _with_margin(data.points[:, 0])
    options = {'rgbcolor': 'black', **_with_rgbcolor(options)}
    if len(data.variables) == 1:
        curve = plot(model.posterior(), (left, right), **{'legend_label': f'P({data.label_text(1)})', **options})
    elif not numpy.any(model.weights()[1:]):
        return picture
    else:
        curve = _boundary_curve(model, left, right, {'legend_label': 'boundary', **options})
    picture += curve
    return picture


def plot_history(model, **options):
    r"""
    Return the cost of the recorded weights against the iteration.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel`
    - ``options`` -- options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``

    EXAMPLES::

        sage: from sage_logreg import stochastic_gradient_descent, ex2data1
        sage: from sage_logreg.plotting import plot_history
        sage: picture = plot_history(stochastic_gradient_descent(ex2data1(), epochs=1000))
        sage: picture[0]
        Line defined by 51 points
    """
    # an epoch's record stands before its last batch, next to its end
    later = 1 if model.unit() == 'epoch' else 0
    points = [(iteration + later, LogisticModel(model.data, numpy.array(weights), options=model.options()).cost())
              for iteration, _, weights in model.history()]
    points.append((model.iterations(), model.cost()))
    return line(points, **{'axes_labels': [model.unit(), 'cost'], **options})


def plot_roc(false, true, area, **options):
    r"""
    Return a ROC curve over the dashed line of guessing.

    INPUT:

    - ``false``, ``true`` -- arrays of the false and the true positive rates, rising
    - ``area`` -- float, for the legend
    - ``options`` -- options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``

    EXAMPLES::

        sage: from sage_logreg.plotting import plot_roc
        sage: import numpy
        sage: plot_roc(numpy.array([0., 0, 1]), numpy.array([0., 1, 1]), float(1))
        Graphics object consisting of 2 graphics primitives
    """
    # corners alone: between them the curve is straight
    corner = numpy.ones(len(false), dtype=bool)
    corner[1:-1] = (numpy.diff(false)[1:] * numpy.diff(true)[:-1] != numpy.diff(false)[:-1] * numpy.diff(true)[1:])
    options = {'rgbcolor': 'red', 'thickness': 2, 'legend_label': f'area {area:.3f}', 'frame': True, 'aspect_ratio': 1,
               'axes_labels': ['false positive rate', 'true positive rate'], 'axes_labels_size': 1.2,
               **_with_rgbcolor(options)}
    curve = line(list(zip(false[corner].tolist(), true[corner].tolist())), **options)
    picture = line([(0, 0), (1, 1)], rgbcolor='gray', linestyle='--') + curve
    picture.set_legend_options(loc='lower right')
    return picture


class ManyPoints(Point):
    r"""
    A point primitive whose marker is drawn once and copied to all places.

    That is what matplotlib does with markers whose edge has a colour; the edge
    has no width, so that they look like Sage's others.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.plotting import plot_points
        sage: picture = plot_points(load_data([[i, i % 2] for i in range(10001)]))
        sage: picture[0]
        Point set defined by 5001 point(s)
        sage: type(picture[0]).__name__
        'ManyPoints'
    """

    def _render_on_subplot(self, subplot):
        super()._render_on_subplot(subplot)
        markers = subplot.collections[-1]
        if not len(markers.get_edgecolor()):
            markers.set(edgecolor=markers.get_facecolor(), linewidth=0)


def _axes_labels(data):
    return [data.variables[0], data.variables[1] if len(data.variables) == 2 else data.label_name]


def _check_plane(data):
    if len(data.variables) > 2:
        raise ValueError(f'the data have {len(data.variables)} variables ({", ".join(data.variables)}); '
                         'a plot draws 1 or 2')


def _with_rgbcolor(options):
    # Sage knows a color by two names, and takes one at a time
    options = dict(options)
    if 'color' in options:
        options['rgbcolor'] = options.pop('color')
    return options


def _with_margin(values):
    # equal values still need a frame of some width
    margin = MARGIN * (values.max() - values.min()) or 1.0
    return values.min() - margin, values.max() + margin


def _boundary_curve(model, left, right, options):
    # The line inside the frame of the points; a line that misses the frame is
    # drawn over the whole width, so that one sees where it runs.
    bottom, top = _with_margin(model.data.points[:, 1])
    w0, w1, w2 = (float(weight) for weight in model.weights())
    if abs(w2) * (top - bottom) <= 1e-6 * abs(w1) * (right - left):
        # vertical, or so steep that the formula for the second variable has no digits left
        height = SR.var('height')
        return parametric_plot((-(w0 + w2 * height) / w1, height), (height, bottom, top), **options)
    if w1:
        ends = sorted(-(w0 + w2 * height) / w1 for height in (bottom, top))
        inside = max(left, ends[0]), min(right, ends[1])
        if inside[0] < inside[1]:
            left, right = inside
    return plot(model.boundary(), (left, right), **options)
