r"""
Points of two classes and more
"""
import copy

import numpy
from sage.plot.graphics import Graphics
from sage.plot.point import Point, point

from sage_logreg.plot.fitted import FittedGraphics
from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import MANY_COLORS, class_text, look, name_text, of_class
from sage_logreg.plot.options import checked, options_explained, taken_limits, with_limits, with_rgbcolor
from sage_logreg.plot.plane import MANY, Plane, shares

LAYERS = 6
# opacity of the dots
SHEER = 0.6
# area of a marker beneath another one, as a multiple of the other's, so that a ring of it is seen; less of it where many classes are
RING = 3
# where classes are known by more than colours, so many dots of each have its marker, over all layers
MARKED, ABOVE = 25, 7
# the largest area of a marker for points in one place, as a multiple of that for one; it is proportional to their weight. With rings
LARGEST, LARGEST_RING = 16, 48


# Pictures of the plane

@options_explained
def plot_points(data, variables=None, **options):
    r"""
    Return the points of ``data``, of two classes y = 1 in red and y = 0 in blue.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``variables`` -- as for :class:`~sage_logreg.plot.plane.Plane`
    - ``options`` -- options of Sage's ``point`` and of ``show``; a dictionary from labels to values gives classes their own

    OUTPUT: a ``Graphics`` of a ``point`` primitive for each class. The labels of the axes
    are options of the points, so that they stay when other pictures are added.
    The more points of a class are in one place, and the heavier they are, the larger is its marker there (none for the
    weight zero); of several classes the larger is a ring around the smaller. 10000 points and more are dots that are seen
    through; of more classes than there are colours some dots of each, the same every time, have its larger marker, by which
    the class is known
    """
    plane = Plane(data, variables, limits=taken_limits(options))
    if len(plane.names) == 1 and data.classes > 2:
        options = {'ticks': [None, list(range(data.classes))], 'tick_formatter': [None, list(map(name_text, data.label_names))], **options}
    if plane.sampled:
        options = {'title': plane.sampled, **options}
    picture = fitted(draw_points(plane, options))
    return with_limits(picture, plane.limits, plane.frame)


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
    many = len(labels) >= MANY
    marked = many and data.classes > len(MANY_COLORS)
    areas, layers = (None, None) if many else _areas(horizontal, vertical, labels, data.classes, shares(data)[rows])
    markers = Graphics()
    picture = Graphics()
    for label in range(data.classes):
        own = numpy.flatnonzero(labels == label)
        if not len(own):
            continue
        x, y = horizontal[own], vertical[own]
        cloud = point(list(zip(x[:1].tolist(), y[:1].tolist())),
                      **{'size': 2 if many else 25, 'alpha': SHEER if many else 1, 'legend_label': class_text(data, label),
                         'axes_labels': plane.axes_labels, 'frame': True, 'axes': False,
                         **look_of(label, data, options, dots=many)})
        # arrays draw many times faster than Sage's lists, which are made and read entry by entry
        cloud[0].xdata, cloud[0].ydata = x, y
        if marked:
            cloud[0]._options['legend_label'] = None
            some = numpy.random.RandomState(label).permutation(len(own))[:MARKED]
            markers += point(list(zip(x[some].tolist(), y[some].tolist())),
                             **{'size': 60, 'markeredgecolor': 'white', 'legend_label': class_text(data, label), 'zorder': ABOVE,
                                **look_of(label, data, options)})
        if many:
            cloud[0].__class__ = ManyPoints
        elif (areas[own] != 1).any() or layers[own].any():
            cloud[0].__class__, cloud[0].areas, cloud[0].layers = RingedPoints, areas[own], layers[own]
        picture += cloud
    # they are seen over all dots
    picture += markers
    set_legend(picture, plane.texts(), markerscale=3 if many and not marked else 1)
    return picture


def look_of(label, data, options, dots=False):
    r"""
    Return the options of Sage's ``point`` of one class: its :func:`~sage_logreg.plot.looks.look`, and what the user has given.
    """
    return {**look(label, data.classes, dots), **with_rgbcolor(checked(of_class(checked(options), label, data)))}


def _areas(horizontal, vertical, labels, classes, shares):
    # The areas of the markers, as multiples of one's, and their layers, from below, in places of several classes.
    places, labels = horizontal + 1j * vertical, labels.astype(int)
    _, place = numpy.unique(places, return_inverse=True)
    place = place.ravel()
    counts = numpy.zeros((place.max(initial=-1) + 1, classes))
    numpy.add.at(counts, (place, labels), shares)
    most = counts.max(initial=1)
    areas = counts if most <= LARGEST else numpy.where(counts > 0, 1 + (LARGEST - 1) * (counts - 1) / (most - 1), 0)
    # the larger below, of equals the first class; it must be seen as a ring
    order = numpy.argsort(-areas, axis=1, kind='stable')
    rows, above = numpy.arange(len(areas)), numpy.zeros(len(areas))
    rings = numpy.maximum((areas > 0).sum(axis=1) - 1, 1)
    ring = numpy.minimum(RING, LARGEST**(1 / rings))
    for column in order.T[::-1]:
        areas[rows, column] = numpy.where(areas[rows, column] > 0, numpy.maximum(areas[rows, column], ring * above), 0)
        above = numpy.maximum(above, areas[rows, column])
    areas *= numpy.minimum(1, LARGEST_RING / numpy.maximum(above, 1))[:, None]
    # the classes are drawn one after the other, as they stay where they are in this order
    natural = ((numpy.diff(order, axis=1) > 0) | ~(numpy.take_along_axis(counts, order, axis=1)[:, 1:] > 0)).all(axis=1, keepdims=True)
    layers = numpy.where(natural, 0, numpy.argsort(order, axis=1))
    return areas[place, labels], layers[place, labels]


def fitted(picture):
    r"""
    Return a picture; if it has many points, as one that is saved in less time.
    """
    if type(picture) is Graphics and any(isinstance(primitive, ManyPoints) for primitive in picture):
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
            sage: from sage_logreg.plot.plane import Plane
            sage: from sage_logreg.plot.points import draw_points
            sage: cloud = draw_points(Plane(load_data([[i, i % 2] for i in range(20002)])), {})[1]
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
    A point primitive whose markers are the larger the more points are in a place, and that are rings around those of other classes.

    - ``areas`` -- float array, of each point its marker's area, as a multiple of a single one's
    - ``layers`` -- int array, how many markers of other classes are below its own, where they are not in the order of the classes

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: picture = load_data([[1, 2, 0], [1, 2, 1], [3, 4, 0]]).plot()
        sage: [type(primitive).__name__ for primitive in picture]
        ['RingedPoints', 'Point']
        sage: picture[0].areas
        array([3., 1.])
        sage: picture = load_data([[1, 2, 0], [1, 2, 1], [1, 2, 1], [3, 4, 0], [5, 6, 0], [5, 6, 0]]).plot()
        sage: picture[0].areas, picture[1].areas
        (array([1., 1., 2., 2.]), array([3., 3.]))
    """

    def _render_on_subplot(self, subplot):
        options = self.options()
        # the legend shows the marker of a single point, even where there is none
        Point([], [], options)._render_on_subplot(subplot)
        for area, layer in sorted(set(zip(self.areas[self.areas > 0].tolist(), self.layers[self.areas > 0].tolist()))):
            rows = (self.areas == area) & (self.layers == layer)
            places = numpy.unique(numpy.column_stack([self.xdata[rows], self.ydata[rows]]), axis=0)
            look = {**options, 'size': area * float(options['size']), 'legend_label': None}
            Point(places[:, 0], places[:, 1], look)._render_on_subplot(subplot)
            # over the classes below, under lines
            subplot.collections[-1].set_zorder(subplot.collections[-1].get_zorder() + layer / 100)
