r"""
Pictures of a model of more than two classes: where each class is the most probable one, and the lines between

EXAMPLES::

    sage: from sage_logreg import maximum_likelihood, penguins
    sage: model = maximum_likelihood(penguins(label='species', variables='bill_length_mm, body_mass_g'), l2=1)
    sage: print([type(primitive).__name__ for primitive in model.plot()])
    ['RingedPoints', 'RingedPoints', 'RingedPoints', 'Polygon', 'Polygon', 'Polygon', 'Line', 'Line', 'Line']
"""
import numpy
from sage.plot.contour_plot import ContourPlot
from sage.plot.graphics import Graphics
from sage.plot.line import line
from sage.plot.plot import plot
from sage.plot.point import point
from sage.plot.polygon import polygon

from sage_logreg.plot.boundary import level_curves
from sage_logreg.plot.looks import color_of, pale
from sage_logreg.plot.options import checked, options_explained, taken_limits, with_limits, with_rgbcolor
from sage_logreg.plot.plane import GRID, Plane
from sage_logreg.plot.points import draw_points, fitted, look_of
from sage_logreg.plot.theme import ink
from sage_logreg.support.arguments import whole_number

# shortest line between two regions, in widths of the frame: shorter ones are where three meet, up to rounding
SHORTEST = 1e-9
# layers of the regions, as Sage draws points in that of number 0, and of markers on curves
BELOW, ABOVE = -1, 6
# distance of the rows of points under the curves of one variable, and of their markers from the frame, as a share of it
ROW, EDGE = 0.06, 0.02


@options_explained
def plot_classes(model, variables=None, fixed=None, point_options=None, **options):
    r"""
    Return the points of the model's data, the regions where each class is the most probable one, and the lines between them.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.multinomial.MultinomialModel`
    - ``variables``, ``fixed`` -- as for :class:`~sage_logreg.plot.plane.Plane`
    - ``point_options`` -- dictionary of options of Sage's ``point``
    - ``options`` -- options of Sage's ``line`` (for the lines; of one variable, for the curves) and of ``show``

    OUTPUT: a ``Graphics``
    """
    plane = class_plane(model, variables, fixed, taken_limits(options), options.get('scale'))
    regions = draw_regions(model, plane, options, point_options)
    picture = fitted(draw_points(plane, point_options) + regions)
    return with_limits(picture, plane.limits, plane.frame)


def class_plane(model, variables=None, fixed=None, limits=None, scale=None):
    r"""
    Return the :class:`~sage_logreg.plot.plane.Plane` of a model's picture, without a margin where a logarithmic ``scale`` has none;
    in one variable the points of each class are a row under the curves of the probabilities.
    """
    plane = Plane(model.data, variables, fixed, 'the model has', limits)
    for axis, scales, values in ((0, ('semilogx', 'loglog'), plane.horizontal), (1, ('semilogy', 'loglog'), plane.vertical)):
        low, high = plane.ranges[axis]
        if scale in scales and low <= 0 < values.min():
            plane.ranges[axis] = float(values.min()), high
    if len(plane.names) == 1:
        plane.vertical = -ROW * (1 + plane.data.labels)
        plane.axes_labels = [plane.axes_labels[0], 'probability']
        bottom, top = plane.limits.get('ymin', -ROW * (model.data.classes + 1)), plane.limits.get('ymax', 1.05)
        plane.ranges[1] = bottom, top
        plane.frame.update(ymin=bottom, ymax=top)
    return plane


def draw_regions(model, plane, options=(), point_options=None):
    r"""
    Return the regions of the classes in a plane, and the lines between them; of one variable, the curves as well.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.multinomial.MultinomialModel`
    - ``plane`` -- a plane of its data, from :func:`class_plane`
    - ``options`` -- dictionary of options of Sage's ``line`` and of ``show``
    - ``point_options`` -- those of the points, which may give the classes colours

    OUTPUT: a ``Graphics``
    """
    colors = [color_of(label, model.data, checked(point_options)) for label in range(model.data.classes)]
    # the regions fill the frame
    options = {'axes_pad': 0, **with_rgbcolor(dict(options))}
    if plane.text:
        options.setdefault('title', plane.text)
    if len(plane.names) == 1:
        return _draw_bands(model, plane, colors, options, point_options)
    side = whole_number('plot_points', options.pop('plot_points', GRID), minimum=2)
    options = {'rgbcolor': ink(), **options}
    # on other scales straight lines are curves as well
    straight = model.data.features is None and options.get('scale') in (None, 'linear')
    regions, lines = _straight(model, plane) if straight else _curved(model, plane, side)
    # no line, but the options of show
    picture = Graphics()
    picture._set_extra_kwds(Graphics._extract_kwds_for_show(dict(options)))
    for label, region in regions:
        picture += _filled(plane, region, pale(label, colors[label]))
    for piece in lines:
        picture += line(piece.tolist(), **options)
        # one entry in the legend
        options['legend_label'] = None
    return picture


def _filled(plane, region, color):
    # A polygon, by its corners, or the places of a grid where a function is not negative.
    if not isinstance(region, numpy.ma.MaskedArray):
        return polygon(region.tolist(), rgbcolor=color, zorder=BELOW, aspect_ratio='automatic', axes=False)
    picture = Graphics()
    picture.add_primitive(Region(region, *plane.ranges, {'cmap': [color], 'zorder': BELOW}))
    return picture


# One variable

def _draw_bands(model, plane, colors, options, point_options):
    # The curves of the probabilities over bands of the most probable classes.
    low, high = plane.ranges[0]
    places, classes = _changes(model, plane)
    picture = Graphics()
    bottom, top = plane.ranges[1]
    for left, right, label in zip([low, *places], [*places, high], classes):
        band = numpy.array([(left, bottom), (right, bottom), (right, top), (left, top)])
        picture += _filled(plane, band, pale(label, colors[label]))
    for place in places:
        picture += line([(place, bottom), (place, top)], rgbcolor='gray', linestyle='--')
    # no probability is below zero
    ticks = {'ticks': [None, [0, 0.25, 0.5, 0.75, 1]]} if bottom < 0 else {}
    for label, color in enumerate(colors):
        picture += plot(lambda x: model._probabilities_at(plane.points([x]))[0, label], (low, high),
                        **{'rgbcolor': color, 'thickness': 2, **ticks, **options})
        options['legend_label'] = None
    return picture + _tops(model, plane, point_options)


def _tops(model, plane, point_options):
    # A marker of its class at the top of each curve, by which it is known without colours as well.
    low, high = plane.ranges[0]
    # whole ones, within the frame
    x = numpy.linspace(low + EDGE * (high - low), high - EDGE * (high - low), GRID)
    probabilities = model._probabilities_at(plane.points(x))
    picture = Graphics()
    for label, heights in enumerate(probabilities.T):
        if not numpy.isnan(heights).all():
            top = int(numpy.nanargmax(heights))
            picture += point([(float(x[top]), float(heights[top]))], zorder=ABOVE,
                             **{'size': 40, **look_of(label, model.data, point_options), 'legend_label': None})
    return picture


def _changes(model, plane):
    # Where along one variable another class becomes the most probable one, and the classes from left to right.
    x = numpy.linspace(*plane.ranges[0], 4 * GRID)
    top = _most_probable(model, plane, x)
    cells = numpy.flatnonzero(numpy.diff(top))
    low, high, left = x[cells], x[cells + 1], top[cells]
    # halved as often as a float64 has bits
    for _ in range(53):
        middle = (low + high) / 2
        same = _most_probable(model, plane, middle) == left
        low, high = numpy.where(same, middle, low), numpy.where(same, high, middle)
    return high.tolist(), top[[0, *(cells + 1)]].tolist()


def _most_probable(model, plane, *coordinates):
    return model._log_odds_at(plane.points(*coordinates)).argmax(axis=1)


# Two variables, in which the log-odds are linear

def _straight(model, plane):
    # The regions, which are polygons, and the lines between them.
    scores = _scores(model, plane)
    corner, size = (numpy.array(numbers) for numbers in zip(*((low, high - low) for low, high in plane.ranges)))
    polygons = {label: _polygon(scores, label) for label in range(len(scores))}
    regions = {label: polygon for label, polygon in polygons.items() if len(polygon)}
    lines = [_segment(scores, one, other) for one in regions for other in regions if other < one]
    return ([(label, corner + size * polygon) for label, polygon in regions.items()],
            [corner + size * segment for segment in lines if segment is not None])


def _scores(model, plane):
    # The log-odds of each class, a + b u + c v in a frame that goes from 0 to 1 in both directions; K x 3.
    ends = plane.points(*(numpy.array([low, high, low]) if j == 0 else numpy.array([low, low, high])
                          for j, (low, high) in enumerate(plane.ranges)))
    origin, right, above = model._log_odds_at(ends)
    return numpy.column_stack([origin, right - origin, above - origin])


def _polygon(scores, label):
    # Where a class is the most probable one, of equals the first: the frame, cut by one line after the other.
    corners = numpy.array([[0.0, 0.0], [1, 0], [1, 1], [0, 1]])
    for other, score in enumerate(scores):
        if other == label or not len(corners):
            continue
        difference = scores[label] - score
        if not difference.any() and other < label:
            return corners[:0]
        corners = _cut(corners, difference[0] + corners @ difference[1:])
    return corners


def _cut(corners, heights):
    # The part of a convex polygon in which a linear function is not negative, by its values at the corners.
    kept = []
    for k in range(len(corners)):
        one, other = heights[k - 1], heights[k]
        if (one < 0) != (other < 0):
            kept.append(corners[k - 1] + one / (one - other) * (corners[k] - corners[k - 1]))
        if other >= 0:
            kept.append(corners[k])
    return numpy.array(kept) if len(kept) > 2 else corners[:0]


def _segment(scores, one, other):
    # The part of the line on which two classes are equal that lies in the frame, and where no third class is above them.
    constant, *normal = scores[one] - scores[other]
    normal = numpy.array(normal)
    length = numpy.hypot(*normal)
    if not length:
        return None
    place, direction = -constant / length * (normal / length), numpy.array([-normal[1], normal[0]]) / length
    rest = scores[one] - numpy.delete(scores, [one, other], axis=0)
    # on the line, at place + s * direction, all of these are at least zero: the distances from the frame, and from the other classes
    starts = numpy.concatenate([place, 1 - place, rest[:, 0] + rest[:, 1:] @ place])
    slopes = numpy.concatenate([direction, -direction, rest[:, 1:] @ direction])
    if (starts[slopes == 0] < 0).any():
        return None
    crossings = -starts[slopes != 0] / slopes[slopes != 0]
    rising = slopes[slopes != 0] > 0
    low, high = crossings[rising].max(initial=-numpy.inf), crossings[~rising].min(initial=numpy.inf)
    return place + numpy.array([[low], [high]]) * direction if high - low > SHORTEST else None


# Two variables, in features

class Region(ContourPlot):
    r"""
    A ``ContourPlot`` of the places where a function is at least zero, in one colour.

    EXAMPLES::

        sage: from sage_logreg import load_data, maximum_likelihood, penguins, polynomial_features
        sage: features = polynomial_features('bill_length_mm', 'body_mass_g', degree=2)
        sage: data = penguins(label='species', variables='bill_length_mm, body_mass_g')
        sage: model = maximum_likelihood(load_data(data, features=features), l2=1)
        sage: [primitive for primitive in model.plot() if type(primitive).__name__ == 'Region']
        [ContourPlot defined by a 250 x 250 data grid,
         ContourPlot defined by a 250 x 250 data grid,
         ContourPlot defined by a 250 x 250 data grid]
    """

    def _render_on_subplot(self, subplot):
        options, heights = self.options(), self.xy_data_array
        subplot.contourf(heights, [0, 2 * float(heights.max())], colors=options['cmap'], extent=(*self.xrange, *self.yrange),
                         zorder=options['zorder'])


def _curved(model, plane, side):
    # The regions and the lines on a grid; where a feature is undefined there is neither.
    x, y, points = plane.grid(side)
    z = model._log_odds_at(points)
    top = numpy.where(numpy.isnan(z).any(axis=1), -1, z.argmax(axis=1)).reshape(side, side)
    regions = []
    for label in sorted(set(top.ravel().tolist()) - {-1}):
        heights = z[:, label] - numpy.delete(z, label, axis=1).max(axis=1)
        # nothing to see where all classes are equal
        if numpy.nanmax(heights) > 0:
            regions.append((label, numpy.ma.masked_invalid(heights.reshape(side, side))))
    lines = []
    for one, other in sorted(_neighbours(top)):
        for piece in level_curves(x, y, (z[:, one] - z[:, other]).reshape(side, side)):
            lines += _parts_on_top(model, plane, piece, one, other)
    return regions, lines


def _neighbours(top):
    # The pairs of classes that meet in a cell of the grid.
    pairs = set()
    for one, other in ((top[1:], top[:-1]), (top[:, 1:], top[:, :-1]), (top[1:, 1:], top[:-1, :-1]), (top[1:, :-1], top[:-1, 1:])):
        different = (one != other) & (one >= 0) & (other >= 0)
        pairs |= set(zip(*numpy.sort([one[different], other[different]], axis=0).tolist()))
    return pairs


def _parts_on_top(model, plane, piece, one, other):
    # The parts of a curve on which no third class is above the two that are equal there.
    z = model._log_odds_at(plane.points(*piece.T))
    gap = numpy.nan_to_num(numpy.delete(z, [one, other], axis=1).max(axis=1) - (z[:, one] + z[:, other]) / 2, nan=1.0)
    inside = gap <= 0
    cells = numpy.flatnonzero(inside[1:] != inside[:-1])
    ends = piece[cells] + (gap[cells] / (gap[cells] - gap[cells + 1]))[:, None] * (piece[cells + 1] - piece[cells])
    path, stops = numpy.insert(piece, cells + 1, ends, axis=0), [0, *(cells + 1 + numpy.arange(len(cells))), len(piece) + len(cells) - 1]
    # the parts are inside and outside in turn
    return [path[start:stop + 1] for start, stop in list(zip(stops, stops[1:]))[0 if inside[0] else 1::2]]
