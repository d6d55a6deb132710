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
from sage_logreg import needs_sage  # noqa: F401
# outside of a running Sage, symbolic functions loaded after sage.plot are not found
from sage.functions.log import exp  # noqa: F401
from sage.plot.contour_plot import contour_plot
from sage.plot.graphics import Graphics
from sage.plot.line import line
from sage.plot.plot import parametric_plot, plot
from sage.plot.point import Point, point
from sage.symbolic.ring import SR

from sage_logreg.arguments import as_float, entries, real_number, shown, whole_number
from sage_logreg.fonts import have_fonts
from sage_logreg.formula import threshold_log_odds

COLORS = ('blue', 'red')
# the colours of the probabilities 0 to 1: those of the labels, pale enough for the points to be seen
PALE = ('#9db8e8', '#d6e1f5', '#f7f7f7', '#f8d9d3', '#eda79a')
MARGIN = 0.05
# more points than these are drawn as dots, in layers
MANY = 10000
LAYERS = 6
# how many times the area of a marker one beneath another has, for a ring of it to be seen
RING = 3
# points a side of the grid that curves and contours are found on
GRID = 250
# of more points so many are drawn, so that contours are left to be seen
MOST_ON_CONTOURS = 1000
LIMITS = ('xmin', 'xmax', 'ymin', 'ymax')


# What is drawn against what

class Plane:
    r"""
    The one or two variables that a picture shows, and what the others are fixed at.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`
    - ``variables`` -- (default: all) one variable, symbol or name, or a list of one or two
    - ``fixed`` -- (default: the means) dictionary from other variables to real numbers
    - ``whose`` -- string; what has the variables, for error messages
    - ``limits`` -- (default: those of the data, with a margin) dictionary of limits, as of :func:`taken_limits`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.plotting import Plane
        sage: data = load_data([[1, 2, 3, 0], [4, 5, 8, 1]], variables='a, b, c')
        sage: plane = Plane(data, ['c', 'a'], {'b': 7/2})
        sage: plane.names, plane.text
        (['c', 'a'], 'at b = 3.5')
        sage: plane.points([10], [20])
        array([[20. ,  3.5, 10. ]])

    TESTS::

        sage: Plane(data)
        Traceback (most recent call last):
        ...
        ValueError: the data have 3 variables (a, b, c); say which two to draw, as variables=[a, b]
        sage: Plane(data, ['a', 'd'])
        Traceback (most recent call last):
        ...
        ValueError: variables[1] = d; expected one of a, b, c
        sage: Plane(data, ['a', 'b', 'c'])
        Traceback (most recent call last):
        ...
        ValueError: variables has 3 entries; a picture shows 1 or 2
        sage: Plane(data, ['a', 'b'], {'a': 1})
        Traceback (most recent call last):
        ...
        ValueError: fixed has a, which is drawn; expected other variables
    """

    def __init__(self, data, variables=None, fixed=None, whose='the data have', limits=None):
        self.data = data
        self.axes = self._chosen(variables, whose)
        self.names = [data.variables[j] for j in self.axes]
        others = [j for j in range(len(data.variables)) if j not in self.axes]
        self.base = numpy.zeros(len(data.variables))
        self.base[others] = [data.points[:, j].mean(dtype=numpy.float64) for j in others]
        given = self._given(fixed)
        self.base[list(given)] = list(given.values())
        self.text = self._fixed_text(others, given)
        self.horizontal = data.points[:, self.axes[0]]
        self.vertical = data.points[:, self.axes[1]] if len(self.axes) == 2 else data.labels
        self.ranges = within([_with_margin(self.horizontal), _with_margin(self.vertical)], limits or {})

    def _chosen(self, variables, whose):
        names = self.data.variables
        if variables is None:
            if len(names) > 2:
                raise ValueError(f'{whose} {len(names)} variables ({", ".join(names)}); say which two to draw, '
                                 f'as variables=[{names[0]}, {names[1]}]')
            return list(range(len(names)))
        chosen = variables.replace(',', ' ').split() if isinstance(variables, str) else entries(variables)
        if chosen is None and str(variables) in names:
            chosen = [variables]
        if chosen is None:
            raise TypeError(f'variables = {shown(variables)}; expected one or two of {", ".join(names)}')
        if not 1 <= len(chosen) <= 2:
            raise ValueError(f'variables has {len(chosen)} entries; a picture shows 1 or 2')
        axes = [self._index(f'variables[{place}] = {variable}', variable) for place, variable in enumerate(chosen)]
        if len(set(axes)) < len(axes):
            raise ValueError(f'variables has {chosen[0]} twice; expected two different ones')
        return axes

    def _index(self, text, variable):
        if str(variable) not in self.data.variables:
            raise ValueError(f'{text}; expected one of {", ".join(self.data.variables)}')
        return self.data.variables.index(str(variable))

    def _given(self, fixed):
        if fixed is None:
            return {}
        if not isinstance(fixed, dict):
            raise TypeError(f'fixed = {shown(fixed)}; expected a dictionary from variables to numbers')
        given = {}
        for variable, value in fixed.items():
            j = self._index(f'fixed has {variable}', variable)
            if j in self.axes:
                raise ValueError(f'fixed has {variable}, which is drawn; expected other variables')
            given[j] = real_number(f'fixed[{variable}]', value)
        return given

    def _fixed_text(self, others, given):
        # All by name as long as that is short.
        named = others if len(others) <= 3 else list(given)
        text = 'at ' + ', '.join(f'{self.data.variables[j]} = {self.base[j]:.4g}' for j in named) if named else ''
        rest = len(others) - len(named)
        if rest:
            text += f'{", " if text else ""}the {"other" if rest == 1 else f"{rest} others"} at the mean'
        return text

    def points(self, *coordinates):
        r"""
        Return points with these coordinates in the drawn variables.
        """
        points = numpy.tile(self.base, (len(coordinates[0]), 1))
        for j, values in zip(self.axes, coordinates):
            points[:, j] = values
        return points

    def grid(self, side):
        r"""
        Return ``side`` places on each axis, and the points of their grid, a row of places after the other.
        """
        x, y = (numpy.linspace(low, high, side) for low, high in self.ranges)
        return x, y, self.points(*(values.ravel() for values in numpy.meshgrid(x, y)))

    def texts(self):
        r"""
        Return what is written in a picture.
        """
        return [*self.axes_labels(), self.text, *map(self.data.label_text, (0, 1))]

    def axes_labels(self):
        r"""
        Return the labels of the axes.
        """
        return [self.names[0], self.names[1] if len(self.names) == 2 else self.data.label_name]


def _with_margin(values):
    # equal values still need a frame of some width
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def checked(point_options):
    r"""
    Return a copy of a dictionary of options, empty of ``None``.

    EXAMPLES::

        sage: from sage_logreg.plotting import checked
        sage: checked({'size': 5}), checked(None)
        ({'size': 5}, {})

    TESTS::

        sage: checked({'size': 'big'})
        Traceback (most recent call last):
        ...
        TypeError: size = 'big'; expected a real number at least 0
    """
    if point_options is not None and not isinstance(point_options, dict):
        raise TypeError(f'point_options = {shown(point_options)}; expected a dictionary of options')
    if point_options and 'size' in point_options:
        real_number('size', point_options['size'], minimum=0)
    return dict(point_options or {})


def checked_contours(options):
    r"""
    Return options of ``contour_plot`` whose contours are a number of levels or their rising list.

    EXAMPLES::

        sage: from sage_logreg.plotting import checked_contours
        sage: checked_contours({'contours': (1/2, 1/4), 'fill': False})
        {'contours': [0.25, 0.5], 'fill': False}

    TESTS::

        sage: checked_contours({'contours': 'a'})
        Traceback (most recent call last):
        ...
        TypeError: contours = 'a'; expected a number of levels, or a list of levels
        sage: checked_contours({'contours': [1/2, 'a']})
        Traceback (most recent call last):
        ...
        TypeError: contours[1] = 'a'; expected a real number
        sage: checked_contours({'contours': [1/2]})
        Traceback (most recent call last):
        ...
        ValueError: contours has 1 entry; expected two levels or more, or fill=False
    """
    contours = options.get('contours')
    if contours is None:
        return options
    levels = entries(contours)
    if levels is None:
        if as_float(contours) is None:
            raise TypeError(f'contours = {shown(contours)}; expected a number of levels, or a list of levels')
        return {**options, 'contours': whole_number('contours', contours)}
    levels = sorted({real_number(f'contours[{place}]', level) for place, level in enumerate(levels)})
    if not levels:
        raise ValueError('contours has 0 entries; expected a number of levels, or a list of levels')
    if len(levels) == 1 and options.get('fill', True):
        raise ValueError('contours has 1 entry; expected two levels or more, or fill=False')
    # a bar of one level has no length
    return {**({'colorbar': False} if len(levels) == 1 else {}), **options, 'contours': levels}


# The frame, as the user limits it

def taken_limits(options):
    r"""
    Take ``xmin``, ``xmax``, ``ymin`` and ``ymax`` out of a dictionary of options, and return them as floats.

    EXAMPLES::

        sage: from sage_logreg.plotting import taken_limits
        sage: options = {'xmin': 1/2, 'ymax': None, 'color': 'red'}
        sage: taken_limits(options), options
        ({'xmin': 0.5}, {'color': 'red'})

    TESTS::

        sage: taken_limits({'ymin': 'low'})
        Traceback (most recent call last):
        ...
        TypeError: ymin = 'low'; expected a real number
    """
    given = {name: options.pop(name, None) for name in LIMITS}
    return {name: real_number(name, value) for name, value in given.items() if value is not None}


def within(ranges, limits):
    r"""
    Return two ranges with the user's limits in place of their own.

    INPUT:

    - ``ranges`` -- two pairs of floats
    - ``limits`` -- dictionary, as of :func:`taken_limits`

    EXAMPLES::

        sage: from sage_logreg.plotting import within
        sage: within([(0.r, 1.r), (0.r, 1.r)], {'xmin': -2.r, 'ymax': 3.r})
        [(-2.0, 1.0), (0.0, 3.0)]

    TESTS::

        sage: within([(0.r, 1.r), (0.r, 1.r)], {'xmin': 2.r})
        Traceback (most recent call last):
        ...
        ValueError: the picture would go from xmin = 2 to xmax = 1; expected xmin below xmax
    """
    limited = []
    for axis, (low, high) in zip('xy', ranges):
        low, high = limits.get(f'{axis}min', low), limits.get(f'{axis}max', high)
        if not low < high:
            raise ValueError(f'the picture would go from {axis}min = {low:g} to {axis}max = {high:g}; '
                             f'expected {axis}min below {axis}max')
        limited.append((low, high))
    return limited


def with_limits(picture, limits, ranges=None):
    r"""
    Return a picture that is shown within the user's limits.

    INPUT:

    - ``picture`` -- a ``Graphics``
    - ``limits`` -- dictionary, as of :func:`taken_limits`
    - ``ranges`` -- (default: what is drawn) two pairs of floats, the frame as long as no other picture is added

    EXAMPLES::

        sage: from sage_logreg.plotting import with_limits
        sage: with_limits(point((1, 1)), {'xmin': 0.r}).xmin()
        0.0
    """
    # an option of show is kept where another picture is added; the axes' range is not, and is what the picture answers
    picture._extra_kwds.update(limits)
    picture.set_axes_range(**limits)
    # a margin may reach below 0, where a logarithm has no place
    if ranges and 'scale' not in picture._extra_kwds:
        (left, right), (bottom, top) = ranges
        picture.set_axes_range(left, right, bottom, top)
    return picture


# Pictures of the plane

def plot_points(data, variables=None, **options):
    r"""
    Return the points of ``data``, y = 1 in red and y = 0 in blue.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`
    - ``variables`` -- as for :class:`Plane`
    - ``options`` -- options of Sage's ``point`` and of ``show``

    OUTPUT: a ``Graphics`` of two ``point`` primitives. The labels of the axes
    are options of the points, so that they stay when other pictures are added.
    Where points of both labels are in one place, there is a blue ring around the
    red one (in two variables, and where there are at most 10000 points)

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.plotting import plot_points
        sage: picture = plot_points(ex2data1(), marker='+')
        sage: [type(primitive).__name__ for primitive in picture]
        ['Point', 'Point']
        sage: [primitive.options()['legend_label'] for primitive in picture]
        ['y = 0', 'y = 1']
    """
    limits = taken_limits(options)
    plane = Plane(data, variables, limits=limits)
    return with_limits(draw_points(plane, options), limits, plane.ranges if len(plane.names) == 2 else None)


def draw_points(plane, options, rows=slice(None)):
    r"""
    Return the points in a plane, a primitive a label.

    INPUT:

    - ``plane`` -- a :class:`Plane`
    - ``options`` -- dictionary of options of Sage's ``point`` and of ``show``, or ``None``
    - ``rows`` -- (default: all) array of the numbers of the points

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.plotting import Plane, draw_points
        sage: draw_points(Plane(ex2data1()), {'size': 5})
        Graphics object consisting of 2 graphics primitives

    TESTS::

        sage: draw_points(Plane(ex2data1()), 5)
        Traceback (most recent call last):
        ...
        TypeError: point_options = 5; expected a dictionary of options
    """
    data = plane.data
    options = with_rgbcolor(checked(options))
    horizontal, vertical, labels = plane.horizontal[rows], plane.vertical[rows], data.labels[rows]
    many = len(labels) > MANY
    # points at the heights 0 and 1 would lie on the frame
    pad = {'axes_pad': MARGIN} if len(plane.names) == 1 else {}
    picture = Graphics()
    for label in (0, 1):
        x, y = horizontal[labels == label], vertical[labels == label]
        cloud = point(list(zip(x[:1].tolist(), y[:1].tolist())),
                      **{'rgbcolor': COLORS[label], 'size': 2 if many else 25, 'legend_label': data.label_text(label),
                         'axes_labels': plane.axes_labels(), 'frame': True, 'axes': False, **pad, **options})
        # arrays draw many times faster than Sage's lists, which it makes and matplotlib takes entry by entry
        cloud[0].xdata, cloud[0].ydata = x, y
        if many:
            cloud[0].__class__ = ManyPoints
        elif label == 0 and len(plane.names) == 2:
            places = set(zip(*(values[labels == 1].tolist() for values in (horizontal, vertical))))
            shared = numpy.array([place in places for place in zip(x.tolist(), y.tolist())], dtype=bool)
            if shared.any():
                cloud[0].__class__, cloud[0].shared = RingedPoints, shared
        picture += cloud
    picture.set_legend_options(font_family=have_fonts(plane.texts()))
    if many:
        # matplotlib would look for the legend's place among all points
        picture.set_legend_options(loc=legend_place(plane), markerscale=3)
    return picture


def legend_place(plane, curves=()):
    r"""
    Return where in a plane a legend hides little.

    INPUT:

    - ``plane`` -- a :class:`Plane`
    - ``curves`` -- a ``Graphics`` of lines, in one variable

    EXAMPLES:

    In one variable there are no points at half the height, and a curve often on one side only::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.plotting import Plane, legend_place
        sage: legend_place(Plane(load_data([[1, 2, 0], [3, 4, 1]])))
        'upper left'
        sage: plane = Plane(load_data([[1, 0], [2, 1]]))
        sage: legend_place(plane), legend_place(plane, line([(1.9, 0.5), (2, 1)]))
        ('center right', 'center left')

    A flat curve leaves the corners without points::

        sage: legend_place(plane, line([(1, 0.5), (1.5, 0.5), (2, 0.5)]))
        'upper left'
    """
    if len(plane.names) == 2:
        return free_corner(plane.horizontal, plane.vertical, plane.ranges)
    x, y = (numpy.concatenate([numpy.zeros(0)] + [numpy.array(values, dtype=float) for values in lines])
            for lines in ([curve.xdata for curve in curves], [curve.ydata for curve in curves]))
    (left, right), _ = plane.ranges
    # about as wide and high as a legend
    across = (x[abs(y - 0.5) < 0.2] - left) / (right - left)
    if not (across > 0.65).any():
        return 'center right'
    if not (across < 0.35).any():
        return 'center left'
    return free_corner(numpy.append(plane.horizontal, x), numpy.append(plane.vertical, y), plane.ranges)


def free_corner(x, y, ranges):
    r"""
    Return the corner of a frame in which there are the fewest points, for a legend.

    INPUT:

    - ``x``, ``y`` -- arrays of the points' coordinates
    - ``ranges`` -- two pairs of floats, the frame

    EXAMPLES::

        sage: from sage_logreg.plotting import free_corner
        sage: import numpy
        sage: free_corner(numpy.array([0.9, 0.1]), numpy.array([0.9, 0.9]), [(0, 1), (0, 1)])
        'lower right'
    """
    u, v = ((values - low) / (high - low) for values, (low, high) in zip((x, y), ranges))
    seen = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    u, v = u[seen], v[seen]
    corners = {'upper right': (1 - u, 1 - v), 'upper left': (u, 1 - v), 'lower right': (1 - u, v), 'lower left': (u, v)}
    # about as wide and high as a legend
    return min(corners, key=lambda corner: ((corners[corner][0] < 0.3) & (corners[corner][1] < 0.2)).sum())


def plot_model(model, variables=None, fixed=None, threshold=0.5, point_options=None, **options):
    r"""
    Return the points of the model's data and its boundary over them.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel`
    - ``variables``, ``fixed`` -- as for :class:`Plane`
    - ``threshold`` -- (default: 1/2) the probability on the boundary
    - ``point_options`` -- dictionary of options of Sage's ``point``
    - ``options`` -- options of Sage's ``line`` (for the boundary) and of ``show``

    OUTPUT: a ``Graphics``. Where a straight boundary misses the frame, the title says where it runs

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
        sage: picture = plot_model(LogisticModel(data, numpy.array([-1.0, 0.5])))
        sage: [primitive.options()['legend_label'] for primitive in picture]
        ['y = 0', 'y = 1', 'P(y = 1)', 'boundary']

    Two of three variables, the third one fixed::

        sage: data = load_data([[1, 2, 3, 0], [4, 5, 8, 1], [2, 7, 1, 0]])
        sage: picture = plot_model(LogisticModel(data, numpy.array([-1.0, 0.5, 0.25, -0.5])), ['x1', 'x3'], {'x2': 5})
        sage: picture._extra_kwds['title']
        'at x2 = 5'

    The frame is that of the data, or the user's::

        sage: model = LogisticModel(ex2data1(), numpy.array([-70.3, 11.2, 1.0]))
        sage: plot_model(model)._extra_kwds['title']
        'boundary outside the picture: x2 = -11.2*x1 + 70.3'
        sage: plot_model(model, xmin=0)
        Graphics object consisting of 3 graphics primitives
    """
    limits = taken_limits(options)
    plane = Plane(model.data, variables, fixed, 'the model has', limits)
    boundary = draw_boundary(model, plane, threshold, options)
    picture = draw_points(plane, point_options) + boundary
    if len(plane.names) == 2:
        return with_limits(picture, limits, plane.ranges)
    picture.set_legend_options(loc=legend_place(plane, boundary))
    return with_limits(picture, limits)


def draw_boundary(model, plane, threshold=0.5, options=()):
    r"""
    Return the boundary of ``model`` in the frame of a plane; for one variable, the posterior's curve and the boundary
    upright.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel`
    - ``plane`` -- a :class:`Plane` of its data
    - ``threshold`` -- the probability on the boundary
    - ``options`` -- dictionary of options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``, empty where there is no boundary in the frame

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.model import LogisticModel
        sage: from sage_logreg.plotting import Plane, draw_boundary
        sage: import numpy
        sage: x1, x2 = var('x1, x2')
        sage: circle = load_data([[-2, -2, 0], [2, 2, 1]], features=[x1^2, x2^2])
        sage: model = LogisticModel(circle, numpy.array([-1.0, 1.0, 1.0]))
        sage: curve = draw_boundary(model, Plane(circle))[0]
        sage: max(abs(x^2 + y^2 - 1) for x, y in zip(curve.xdata, curve.ydata)) < 0.001
        True
    """
    threshold = real_number('threshold', threshold, above=0, below=1)
    data = model.data
    what = f'P({data.label_text(1)})'
    name = 'boundary' if threshold == 0.5 else f'{what} = {threshold:g}'
    options = {'rgbcolor': 'black', 'legend_label': what if len(plane.names) == 1 else name, **with_rgbcolor(dict(options))}
    if plane.text:
        # in the legend it would hide the picture
        options.setdefault('title', plane.text)
    if len(plane.names) == 1:
        picture = plot(lambda x: model._probabilities_at(plane.points([x]))[0], plane.ranges[0], **options)
        label = None if options['legend_label'] is None else name
        for place in _crossings(model, plane, threshold):
            # the point at half the height is for the legend's place
            picture += line([(place, height) for height in (0, 0.5, 1)], rgbcolor='gray', linestyle='--', legend_label=label)
            # one entry in the legend
            label = None
        return picture
    if data.features is None:
        return _straight_boundary(model, plane, threshold, name, options)
    side = whole_number('plot_points', options.pop('plot_points', GRID), minimum=2)
    picture = _empty(options)
    for piece in _curved_boundary(model, plane, threshold, side):
        picture += line(piece.tolist(), **options)
        # one entry in the legend
        options['legend_label'] = None
    return picture


def _empty(options):
    # No curve, and yet the options of show.
    picture = Graphics()
    picture._set_extra_kwds(Graphics._extract_kwds_for_show(dict(options)))
    return picture


def _crossings(model, plane, threshold):
    # Where in the frame of one variable the probability goes through the threshold, or jumps over it.
    level = threshold_log_odds(threshold)

    def log_odds(x):
        return model._log_odds_at(plane.points(x)) - level

    # about as many as the picture has pixels
    x = numpy.linspace(*plane.ranges[0], 4 * GRID)
    z = log_odds(x)
    # not where a feature is undefined on one side
    cells = numpy.flatnonzero(((z[:-1] >= 0) != (z[1:] >= 0)) & ~numpy.isnan(z[:-1]) & ~numpy.isnan(z[1:]))
    low, high, above = x[cells], x[cells + 1], z[cells] >= 0
    # halved as often as a float64 has digits
    for _ in range(53):
        middle = (low + high) / 2
        same = (log_odds(middle) >= 0) == above
        low, high = numpy.where(same, middle, low), numpy.where(same, high, middle)
    return high.tolist()


def _straight_boundary(model, plane, threshold, name, options):
    # The line inside the frame. One that misses it would make the picture of it and not of the points: the title says
    # where it runs.
    (left, right), (bottom, top) = plane.ranges
    weights = numpy.array(model.weights(), dtype=float)
    # Python's floats, which are infinite without a warning
    w1, w2 = (float(weights[1 + j]) for j in plane.axes)
    w0 = float(weights[0] + weights[1:] @ plane.base - threshold_log_odds(threshold))
    if not (w1 or w2):
        return _empty(options)
    if abs(w2) * (top - bottom) <= 1e-6 * abs(w1) * (right - left):
        # vertical, or so steep that the formula for the second variable has no digits left
        place = -(w0 + w2 * (bottom + top) / 2) / w1
        if not left <= place <= right:
            return _outside(plane, name, f'{plane.names[0]} = {place:.4g}', options)
        height = SR.var('height')
        return parametric_plot((-(w0 + w2 * height) / w1, height), (height, bottom, top),
                               **{'aspect_ratio': 'automatic', **options})
    slope, start = -w1 / w2, -w0 / w2
    if w1:
        # where it is neither below nor above the frame
        ends = sorted(-(w0 + w2 * height) / w1 for height in (bottom, top))
        left, right = max(left, ends[0]), min(right, ends[1])
    if not left < right or not (w1 or bottom <= start <= top):
        return _outside(plane, name, f'{plane.names[1]} = {_line_text(slope, start, plane.names[0])}', options)
    x = SR.var(plane.names[0])
    return plot(start + slope * x, (x, left, right), **options)


def _line_text(slope, start, variable):
    # slope*variable + start, to four digits
    slope, start = f'{slope:.4g}', float(f'{start:.4g}')
    if not float(slope):
        return f'{start:.4g}'
    text = {'1': variable, '-1': f'-{variable}'}.get(slope, f'{slope}*{variable}')
    return text + (f' {"-" if start < 0 else "+"} {abs(start):.4g}' if start else '')


def _outside(plane, name, equation, options):
    text = f'{name} outside the picture: {equation}'
    if options.get('title', plane.text) == plane.text:
        options = {**options, 'title': f'{text}, {plane.text}' if plane.text else text}
    return _empty(options)


def _curved_boundary(model, plane, threshold, side):
    # Polygons along the curve; a point where a feature is undefined is on neither side.
    # by what every matplotlib has; newer ones have contourpy for it
    from matplotlib.figure import Figure
    x, y, points = plane.grid(side)
    heights = numpy.ma.masked_invalid(model._log_odds_at(points).reshape(side, side))
    level = threshold_log_odds(threshold)
    if not heights.min() < level < heights.max():
        # matplotlib would warn of it
        return []
    return Figure().subplots().contour(x, y, heights, levels=[level]).allsegs[0]


def plot_probability(model, variables=None, fixed=None, point_options=None, **options):
    r"""
    Return the contours of the posterior with the points on top.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel`
    - ``variables``, ``fixed`` -- as for :class:`Plane`; two variables are drawn
    - ``point_options`` -- dictionary of options of Sage's ``point``
    - ``options`` -- options of Sage's ``contour_plot`` and of ``show``

    OUTPUT: a ``Graphics``. Of very many points some are drawn, chosen at random

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.model import LogisticModel
        sage: from sage_logreg.plotting import plot_probability
        sage: import numpy
        sage: picture = plot_probability(LogisticModel(ex2data1(), numpy.array([-25.0, 0.2, 0.2])))
        sage: [type(primitive).__name__ for primitive in picture]
        ['ContourPlot', 'Point', 'Point']

    TESTS::

        sage: from sage_logreg import load_data
        sage: plot_probability(LogisticModel(load_data([[1, 0], [2, 1]]), numpy.array([-1.0, 0.5])))
        Traceback (most recent call last):
        ...
        ValueError: the picture is drawn over two variables, and 1 is given (x1); draw one variable by plot()
    """
    limits, options = taken_limits(options), checked_contours(options)
    plane = plane_of_two(model, variables, fixed, limits)
    probability, values, options['plot_points'] = on_grid(model, plane, options.get('plot_points', GRID))
    # without any contour, older matplotlib has no bar
    options = {'contours': [level / 10 for level in range(1, 10)], 'colorbar': bool(numpy.isfinite(values).any()),
               'aspect_ratio': 'automatic', 'cmap': pale_colors(), 'linewidths': 1, 'colorbar_format': '%.1f', 'axes_pad': 0,
               **options}
    picture = contour_plot(probability, *plane.ranges, **options)
    rows = sample(plane.data, MOST_ON_CONTOURS)
    picture += draw_points(plane, {'markeredgecolor': 'white', 'size': 15 if len(rows) == MOST_ON_CONTOURS else 35, 'zorder': 5,
                                   **checked(point_options)}, rows)
    picture.set_legend_options(loc=legend_place(plane),
                               markerscale=2 if len(rows) == MOST_ON_CONTOURS else 1)
    if plane.text and 'title' not in options:
        picture._extra_kwds['title'] = plane.text
    return with_limits(picture, limits)


def pale_colors():
    r"""
    Return the colormap of the probabilities.

    EXAMPLES::

        sage: from sage_logreg.plotting import pale_colors
        sage: pale_colors().name
        'probability'
    """
    from matplotlib.colors import LinearSegmentedColormap
    return LinearSegmentedColormap.from_list('probability', PALE)


def sample(data, most):
    r"""
    Return the numbers of all points, or of ``most`` of them, the same ones each time.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.plotting import sample
        sage: len(sample(ex2data1(), 20)), len(sample(ex2data1(), 200))
        (20, 100)
    """
    rows = numpy.arange(len(data))
    return rows if len(rows) <= most else numpy.random.RandomState(0).choice(rows, most, replace=False)


def on_grid(model, plane, side):
    r"""
    Return the probability as a function, computed for all places of a grid at once; its values as an array, a row of
    places after the other; and how many places there are a side.

    The numbers are the model's own: Sage's formula is complex or unevaluated where a feature is undefined.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.model import LogisticModel
        sage: from sage_logreg.plotting import Plane, on_grid
        sage: import numpy
        sage: data = load_data([[1, 2, 0], [3, 4, 1]])
        sage: probability, values, side = on_grid(LogisticModel(data, numpy.array([0.0, 1.0, -1.0])), Plane(data), 3)
        sage: side, values.shape, values[1, 1] == probability(2.0, 3.0)
        (3, (3, 3), True)
    """
    if hasattr(side, '__len__'):
        raise TypeError(f'plot_points = {shown(side)}; expected one number for both directions')
    side = whole_number('plot_points', side, minimum=2)
    x, y, points = plane.grid(side)
    values = model._probabilities_at(points).reshape(side, side)
    table = values.tolist()
    left, bottom, width, height = x[0], y[0], (x[-1] - x[0]) / (side - 1), (y[-1] - y[0]) / (side - 1)
    return lambda x, y: table[round((y - bottom) / height)][round((x - left) / width)], values, side


def plane_of_two(model, variables, fixed, limits=None):
    r"""
    Return the :class:`Plane` of a picture that needs two variables.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.model import LogisticModel
        sage: from sage_logreg.plotting import plane_of_two
        sage: import numpy
        sage: plane_of_two(LogisticModel(ex2data1(), numpy.zeros(3)), ['x2', 'x1'], None).names
        ['x2', 'x1']
    """
    plane = Plane(model.data, variables, fixed, 'the model has', limits)
    if len(plane.names) == 1:
        raise ValueError(f'the picture is drawn over two variables, and 1 is given ({plane.names[0]}); '
                         'draw one variable by plot()')
    return plane


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
               **with_rgbcolor(options)}
    curve = line(list(zip(false[corner].tolist(), true[corner].tolist())), **options)
    picture = line([(0, 0), (1, 1)], rgbcolor='gray', linestyle='--') + curve
    picture.set_legend_options(loc='lower right')
    return picture


class ManyPoints(Point):
    r"""
    A point primitive whose marker is drawn once and copied to all places, in layers.

    The markers are copied by matplotlib where their edge has a colour; the edge
    has no width, so that they look like Sage's others. The layers of several
    such primitives alternate, so that where points lie over each other the
    colours show how many there are of each.

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
        for layer in range(LAYERS):
            Point(self.xdata[layer::LAYERS], self.ydata[layer::LAYERS], self._options)._render_on_subplot(subplot)
            markers = subplot.collections[-1]
            markers.set_zorder(markers.get_zorder() + layer / LAYERS)
            if layer:
                # one entry in the legend
                markers.set_label(None)
            if not len(markers.get_edgecolor()):
                markers.set(edgecolor=markers.get_facecolor(), linewidth=0)


class RingedPoints(Point):
    r"""
    A point primitive whose markers in shared places are larger, so that a ring of them is seen around other points.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: picture = load_data([[1, 2, 0], [1, 2, 1], [3, 4, 0]]).plot()
        sage: [type(primitive).__name__ for primitive in picture]
        ['RingedPoints', 'Point']
        sage: picture[0].shared
        array([ True, False])
    """

    def _render_on_subplot(self, subplot):
        options = self.options()
        ring = {**options, 'size': RING * float(options['size']), 'legend_label': None}
        for rows, look in ((self.shared, ring), (~self.shared, options)):
            Point(self.xdata[rows], self.ydata[rows], look)._render_on_subplot(subplot)


def with_rgbcolor(options):
    r"""
    Return options in which a color has one name: Sage knows two, and takes one at a time.

    EXAMPLES::

        sage: from sage_logreg.plotting import with_rgbcolor
        sage: with_rgbcolor({'color': 'red', 'size': 5})
        {'rgbcolor': 'red', 'size': 5}
    """
    return {'rgbcolor' if name == 'color' else name: value for name, value in options.items()}
