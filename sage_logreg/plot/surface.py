r"""
The probability as a surface in space

In a notebook it can be turned around; a still picture of it is drawn by matplotlib.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=300000)
    sage: model.plot3d()
    Graphics3d Object
"""
import io
import warnings

import numpy
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap
from matplotlib.transforms import Bbox
from sage.plot.colors import to_mpl_color
from sage.plot.plot3d.base import Graphics3dGroup
from sage.plot.plot3d.plot3d import plot3d
from sage.plot.plot3d.shapes2 import Point as Point3d, text3d

from sage_logreg.plot.fonts import have_fonts, width
from sage_logreg.plot.looks import class_text, color_of, look, of_class
from sage_logreg.plot.options import checked, options_explained, taken_limits
from sage_logreg.plot.plane import on_grid, plane_of_two, sample
from sage_logreg.plot.contours import colors_of

# most points that a browser can turn around
MOST_IN_SPACE = 2000
# file endings of still pictures, and the options that both Sage and matplotlib can draw with
STILL = ('.png', '.pdf', '.svg', '.eps', '.ps', '.jpg', '.jpeg', '.tif', '.tiff')
SURFACE_OPTIONS = {'plot_points', 'opacity', 'axes_labels', 'color'}
POINT_OPTIONS = {'size', 'opacity', 'color'}
# position of the viewer: distance from the axis in the middle, height, and angle from the direction in which the probability rises,
# to one side of it, so that the slope is seen and neither corner hides the surface
DISTANCE, HEIGHT, ASIDE = 3.68, 2.1, -92
# letters of an axis' name that is written large
LONGEST = 16
# no axis is looked along: degrees between the view and each of them
OFF_AXES = 14
# the direction of a surface that rises by less than this from edge to edge, on the whole
LEVEL, ANYWHERE = 0.1, 45
# brightness of a slope that is turned away from the light, which comes from the viewer's left shoulder
DARKEST, LIGHT = 0.7, (-40, 50)
# inches around a still picture that needs more room than its figure has
PADDING = 0.02


@options_explained
def plot_surface(model, variables=None, fixed=None, point_options=None, place=1, **options):
    r"""
    Return the surface of the posterior over two variables, the points at the heights 0 and 1.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``variables``, ``fixed`` -- as for :class:`~sage_logreg.plot.plane.Plane`; two variables are drawn
    - ``point_options`` -- dictionary of options of Sage's ``point3d``
    - ``place`` -- (default: 1) the number of the class whose probability is drawn; its points are at the height 1
    - ``options`` -- options of Sage's ``plot3d`` and of ``show``; ``xmin``, ``xmax``, ``ymin`` and ``ymax`` limit the
      surface and the points

    OUTPUT: a :class:`Surface`, which is a ``Graphics3d``. Of very many points a random sample is drawn
    """
    plane = plane_of_two(model, variables, fixed, taken_limits(options), MOST_IN_SPACE)
    point_options = checked(point_options)
    (left, right), (bottom, top) = plane.ranges
    probability, heights, side = on_grid(model, plane, options.get('plot_points', 60), place)
    colors = colors_of(model.data, place, point_options)
    camera = camera_of(heights)
    shown = {'color': (probability, colors),
             # the points can be seen through it
             'opacity': 0.8,
             # a cube, whatever the units
             'aspect_ratio': [1 / (right - left), 1 / (top - bottom), 0.7],
             'axes_labels': [*plane.axes_labels, f'P({class_text(model.data, place)})'],
             # lit from behind the camera: no shadows are seen
             'zoom': 1.3, 'camera_position': list(camera), 'light_position': [2 * place for place in camera],
             **options, 'plot_points': side}
    rows = sample(plane.data, MOST_IN_SPACE)
    # in 3D nothing is cut off at a frame
    rows = rows[(left <= plane.horizontal[rows]) & (plane.horizontal[rows] <= right)
                & (bottom <= plane.vertical[rows]) & (plane.vertical[rows] <= top)]
    have_fonts(plane.texts() + shown['axes_labels'])
    parts = [plot3d(probability, *plane.ranges, **shown), _points_in_space(plane, rows, place, point_options)]
    if plane.text:
        parts.append(text3d(plane.text, ((left + right) / 2, (bottom + top) / 2, 1.2)))
    picture = Surface(parts)
    if set(options) <= SURFACE_OPTIONS and set(point_options) <= POINT_OPTIONS:
        picture.still = _Still(plane, heights, rows, place, {**shown, 'color': options.get('color', colors)}, point_options)
    return picture


def camera_of(heights):
    r"""
    Return the position of the viewer of a surface, in a cube around the origin, by its heights over a grid.

    EXAMPLES::

        sage: from sage_logreg.plot.surface import camera_of
        sage: import numpy
        sage: across, up = numpy.meshgrid(numpy.linspace(0, 1, 5), numpy.linspace(0, 1, 5))
        sage: camera_of(across + up), camera_of(-across - up)  # abs tol 1e-2
        ((2.51, -2.69, 2.1), (-2.51, 2.69, 2.1))
    """
    with warnings.catch_warnings():
        # nothing is known where a feature is undefined
        warnings.simplefilter('ignore', RuntimeWarning)
        middle = len(heights) // 2
        across = numpy.nanmean(heights[:, -middle:]) - numpy.nanmean(heights[:, :middle])
        up = numpy.nanmean(heights[-middle:]) - numpy.nanmean(heights[:middle])
    angle = numpy.degrees(numpy.arctan2(up, across)) if numpy.hypot(across, up) >= LEVEL else ANYWHERE
    turned = angle + ASIDE
    axis = 90 * numpy.round(turned / 90)
    if abs(turned - axis) < OFF_AXES:
        turned = axis + numpy.copysign(OFF_AXES, turned - axis)
    turned = numpy.radians(turned)
    return float(DISTANCE * numpy.cos(turned)), float(DISTANCE * numpy.sin(turned)), HEIGHT


def _shaded(colors, heights, camera):
    # Colours of a surface in the light, by its slopes in a cube, whatever the units of the axes.
    side = len(heights)
    up, across = numpy.gradient(0.7 * heights, 1 / (side - 1))
    normals = numpy.dstack([-across, -up, numpy.ones_like(heights)])
    normals /= numpy.linalg.norm(normals, axis=2, keepdims=True)
    aside, above = numpy.radians(LIGHT)
    azimuth = numpy.arctan2(camera[1], camera[0]) + aside
    light = numpy.array([numpy.cos(azimuth) * numpy.cos(above), numpy.sin(azimuth) * numpy.cos(above), numpy.sin(above)])
    brightness = DARKEST + (1 - DARKEST) * numpy.clip(numpy.nan_to_num(normals @ light, nan=1.0), 0, 1)
    shaded = numpy.array(numpy.broadcast_to(colors, (*heights.shape, numpy.shape(colors)[-1])), dtype=float)
    shaded[..., :3] *= brightness[..., None]
    return shaded


def _points_in_space(plane, rows, place, options):
    # One group at once: Sage's point3d adds them one by one, in quadratic time.
    data, labels = plane.data, plane.data.labels[rows].astype(int).tolist()
    looks = [{'color': color_of(label, data, options), 'size': 7, **of_class(options, label, data)} for label in range(data.classes)]
    places = zip(plane.horizontal[rows].tolist(), plane.vertical[rows].tolist(), labels)
    return Graphics3dGroup([Point3d((x, y, int(label == place)), **looks[label]) for x, y, label in places])


class Surface(Graphics3dGroup):
    r"""
    A surface that Sage's viewers can turn around, and whose still pictures matplotlib draws.

    Sage's own still pictures have no axis labels, and numbers only where there is Java.
    They are made if options are given that matplotlib does not know, and with ``viewer='tachyon'``.
    ``show(surface, viewer='matplotlib')`` shows the still picture in a notebook.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: picture = maximum_likelihood(ex2data1()).plot3d()
        sage: path = tmp_filename(ext='.pdf')
        sage: picture.save(path, figsize=5)
        sage: with open(path, 'rb') as file:
        ....:     file.read(4) == b'%PDF'
        True
    """

    # what matplotlib draws, if it can
    still = None

    def save(self, filename, **options):
        r"""
        Save the picture, see Sage's ``Graphics3d.save``; also as ``.pdf`` and ``.svg``.
        """
        drawn = str(filename).lower().endswith(STILL) and options.get('viewer', 'matplotlib') == 'matplotlib'
        if drawn and self._stands_still(options):
            self.still.save(str(filename), **options)
        else:
            super().save(filename, **options)

    def _stands_still(self, options):
        return self.still is not None and set(options) <= {'viewer', 'figsize', 'dpi'}

    def _rich_repr_(self, display_manager, **options):
        if not (options.get('viewer') == 'matplotlib' and self._stands_still(options)):
            return super()._rich_repr_(display_manager, **options)
        types = display_manager.types
        # Sage asks again for a text form, which there is none of
        if types.OutputImagePng in display_manager.supported_output():
            png = io.BytesIO()
            self.still.save(png, **options)
            return types.OutputImagePng(png.getvalue())


class _Still:
    # The surface as matplotlib draws it.

    def __init__(self, plane, heights, rows, place, look, point_options):
        self.plane, self.heights, self.rows, self.place, self.look = plane, heights, rows, place, look
        self.point_options = point_options

    def save(self, file, figsize=6, dpi=100, viewer=None):
        figure = self.figure(figsize)
        FigureCanvasAgg(figure)
        # long names, and the labels on the side to which the camera has turned, may need more room
        needed = figure.get_tightbbox(figure.canvas.get_renderer()).padded(PADDING)
        figure.savefig(file, dpi=dpi, bbox_inches=Bbox.union([figure.bbox_inches, needed]))

    def figure(self, size):
        from matplotlib.figure import Figure
        from mpl_toolkits.mplot3d import Axes3D  # noqa: F401 (older ones know projection='3d' by it)
        width, height = map(float, size if isinstance(size, (list, tuple)) else (size, 0.85 * size))
        figure = Figure(figsize=(width, height))
        # the labels beside the axes are as large in a small figure
        axes = figure.add_axes([0, 0.15 / height, 1 - 0.6 / width, 1 - 0.35 / height],
                               projection='3d', computed_zorder=False)
        self._draw_surface(axes)
        # seen from above, the surface lies over the points at 0 and under those at 1
        for label in range(self.plane.data.classes):
            self._draw_points(axes, label, *((1, 3) if label == self.place else (0, 1)))
        self._draw_frame(axes)
        return figure

    def _draw_surface(self, axes):
        x, y = (numpy.linspace(low, high, len(self.heights)) for low, high in self.plane.ranges)
        color = self.look['color']
        colors = color(self.heights) if isinstance(color, Colormap) else to_mpl_color(color)
        with warnings.catch_warnings():
            # places where a feature is undefined are left out
            warnings.simplefilter('ignore', UserWarning)
            axes.plot_surface(*numpy.meshgrid(x, y), self.heights, rcount=len(y), ccount=len(x), linewidth=0,
                              antialiased=True, alpha=float(self.look['opacity']), zorder=2, shade=False,
                              facecolors=_shaded(colors, self.heights, self.look['camera_position']))

    def _draw_points(self, axes, label, height, zorder):
        plane, data, options = self.plane, self.plane.data, of_class(self.point_options, label, self.plane.data)
        rows = self.rows[data.labels[self.rows] == label]
        size = options.get('size', 7 if len(self.rows) < MOST_IN_SPACE else 2)
        # an edge would make squares of small crosses
        axes.scatter(plane.horizontal[rows], plane.vertical[rows], height, s=4 * float(size), linewidths=0,
                     color=to_mpl_color(options.get('color', color_of(label, data, options))), alpha=float(options.get('opacity', 1)),
                     depthshade=False, zorder=zorder, label=class_text(data, label), marker=look(label, data.classes).get('marker', 'o'))

    def _draw_frame(self, axes):
        for axis, name in zip('xyz', self.look['axes_labels']):
            # long ones would reach other axes
            size = 'x-large' if width(name) <= LONGEST else 'medium'
            getattr(axes, f'set_{axis}label')(name, fontsize=size, labelpad=8 + 10 * name.count('\n'))
        # read upwards on either side
        axes.zaxis.set_rotate_label(False)
        axes.zaxis.label.set_rotation(90)
        axes.set(xlim=self.plane.ranges[0], ylim=self.plane.ranges[1], zlim=(0, 1))
        axes.set_box_aspect((1, 1, 0.7))
        x, y, z = self.look['camera_position']
        axes.view_init(elev=numpy.degrees(numpy.arctan2(z, numpy.hypot(x, y))), azim=numpy.degrees(numpy.arctan2(y, x)))
        if self.plane.text:
            axes.figure.suptitle(self.plane.text)
        # beside the surface, which lies lower there
        axes.legend(loc='upper left', bbox_to_anchor=(0, 1), bbox_transform=axes.figure.transFigure)
