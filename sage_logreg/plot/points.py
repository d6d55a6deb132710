r"""
Points of two classes and more
"""
import copy

import numpy
from sage.plot.graphics import Graphics
from sage.plot.point import Point, point

from sage_logreg.plot.fitted import FittedGraphics
from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import look, of_class
from sage_logreg.plot.options import checked, taken_limits, with_limits, with_rgbcolor
from sage_logreg.plot.plane import MANY, MARGIN, Plane

LAYERS = 6
# area of a marker beneath another one, as a multiple of the other's, so that a ring of it is seen
RING = 3


# Pictures of the plane

def plot_points(data, variables=None, **options):
    r"""
    Return the points of ``data``, of two classes y = 1 in red and y = 0 in blue.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``variables`` -- as for :class:`~sage_logreg.plot.plane.Plane`
    - ``options`` -- options of Sage's ``point`` and of ``show``; a dictionary from labels to values gives classes their own

    OUTPUT: a ``Graphics`` of a ``point`` primitive for each class. The labels of the axes
    are options of the points, so that they stay when other pictures are added.
    Where points of several classes coincide, there is a ring around the last one
    (in two variables, and with at most 10000 points)
    """
    plane = Plane(data, variables, limits=taken_limits(options))
    if len(plane.names) == 1 and data.classes > 2:
        options = {'ticks': [None, list(range(data.classes))], 'tick_formatter': [None, list(map(str, data.label_names))], **options}
    picture = fitted(draw_points(plane, options))
    return with_limits(picture, plane.limits, plane.frame if len(plane.names) == 2 else None)


def draw_points(plane, options, rows=slice(None)):
    r"""
    Return the points in a plane, one primitive per label.

    INPUT:

    - ``plane`` -- a :class:`~sage_logreg.plot.plane.Plane`
    - ``options`` -- dictionary of options of Sage's ``point`` and of ``show``, or ``None``
    - ``rows`` -- (default: all) array of the indices of the points
    """
    data = plane.data
    options = checked(options)
    horizontal, vertical, labels = plane.horizontal[rows], plane.vertical[rows], data.labels[rows]
    many = len(labels) > MANY
    # points at the heights 0 and 1 would lie on the frame
    pad = {'axes_pad': MARGIN} if len(plane.names) == 1 else {}
    picture = Graphics()
    for label in range(data.classes):
        own = numpy.flatnonzero(labels == label)
        if not len(own):
            continue
        x, y = horizontal[own], vertical[own]
        cloud = point(list(zip(x[:1].tolist(), y[:1].tolist())),
                      **{'size': 2 if many else 25, 'legend_label': data.label_text(label), 'axes_labels': plane.axes_labels,
                         'frame': True, 'axes': False, **pad, **look(label, data.classes, dots=many),
                         **with_rgbcolor(checked(of_class(options, label, data)))})
        # arrays draw many times faster than Sage's lists, which are made and read entry by entry
        cloud[0].xdata, cloud[0].ydata = x, y
        if many:
            cloud[0].__class__ = ManyPoints
        elif label < data.classes - 1 and len(plane.names) == 2:
            above = _classes_above(horizontal, vertical, labels, label, data.classes)
            if above.any():
                cloud[0].__class__, cloud[0].above = RingedPoints, above
        picture += cloud
    set_legend(picture, plane.texts(), markerscale=3 if many else 1)
    return picture


def _classes_above(horizontal, vertical, labels, label, classes):
    # How many classes drawn later have a point in the place of each point of a class; a place as one number, a complex one.
    places = horizontal + 1j * vertical
    own = places[labels == label]
    return sum(numpy.isin(own, places[labels == other]).astype(int) for other in range(label + 1, classes))


def fitted(picture):
    r"""
    Return a picture; if it has many points, as one that is saved in less time.
    """
    if any(isinstance(primitive, ManyPoints) for primitive in picture):
        picture.__class__ = FittedGraphics
    return picture


class ManyPoints(Point):
    r"""
    A point primitive whose marker is drawn once and copied to all places, in layers.

    Matplotlib copies the markers if their edge has a colour; the edge has no
    width, so that they look like Sage's others. The layers of several such
    primitives alternate, so that where points overlap the colours show how many
    there are of each.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.plot.points import plot_points
        sage: picture = plot_points(load_data([[i, i % 2] for i in range(10001)]))
        sage: picture[0]
        Point set defined by 5001 point(s)
        sage: type(picture[0]).__name__
        'ManyPoints'
    """

    def get_minmax_data(self):
        r"""
        Return the limits of the points, as Sage's points do, but by NumPy.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.plot.points import plot_points
            sage: cloud = plot_points(load_data([[i, i % 2] for i in range(20002)]))[1]
            sage: sorted((name, int(value)) for name, value in cloud.get_minmax_data().items())
            [('xmax', 20001), ('xmin', 1), ('ymax', 1), ('ymin', 1)]
        """
        return {'xmin': self.xdata.min(), 'xmax': self.xdata.max(), 'ymin': self.ydata.min(), 'ymax': self.ydata.max()}

    def _render_on_subplot(self, subplot):
        Point(self.xdata[::LAYERS], self.ydata[::LAYERS], self._options)._render_on_subplot(subplot)
        first = subplot.collections[-1]
        if not len(first.get_edgecolor()):
            first.set(edgecolor=first.get_facecolor(), linewidth=0)
        for layer in range(1, LAYERS):
            # a copy has all of Sage's options, and is made many times faster than by Sage
            markers = copy.copy(first)
            markers.set_offsets(numpy.column_stack([self.xdata[layer::LAYERS], self.ydata[layer::LAYERS]]))
            markers.set_zorder(first.get_zorder() + layer / LAYERS)
            # one entry in the legend
            markers.set_label(None)
            subplot.add_collection(markers, autolim=False)


class RingedPoints(Point):
    r"""
    A point primitive whose markers in shared places are larger, so that they are seen as rings around other points.

    - ``above`` -- int array, of how many classes points are drawn over each of these

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: picture = load_data([[1, 2, 0], [1, 2, 1], [3, 4, 0]]).plot()
        sage: [type(primitive).__name__ for primitive in picture]
        ['RingedPoints', 'Point']
        sage: picture[0].shared
        array([ True, False])
        sage: picture = load_data([[1, 2, 0], [1, 2, 1], [1, 2, 2], [3, 4, 2]], label=-1).plot()
        sage: [primitive.above for primitive in picture[:2]]
        [array([2]), array([1])]
    """

    @property
    def shared(self):
        r"""
        Whether there is another point in the place of each of these.
        """
        return self.above > 0

    def _render_on_subplot(self, subplot):
        options = self.options()
        for count in range(self.above.max(), -1, -1):
            rows, label = self.above == count, None if count else options['legend_label']
            look = {**options, 'size': RING**count * float(options['size']), 'legend_label': label}
            Point(self.xdata[rows], self.ydata[rows], look)._render_on_subplot(subplot)
