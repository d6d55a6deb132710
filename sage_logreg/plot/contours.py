r"""
Contours of the probability
"""
import numpy
from sage.plot.colors import to_mpl_color
from sage.plot.contour_plot import contour_plot
from sage.plot.graphics import Graphics
from sage.plot.line import line

from sage_logreg.plot.boundary import level_curves
from sage_logreg.plot.looks import THIN, class_text, color_of, look
from sage_logreg.plot.options import checked, checked_contours, options_explained, taken_limits, with_limits
from sage_logreg.plot.plane import GRID, on_grid, plane_of_two, sample
from sage_logreg.plot.points import draw_points
from sage_logreg.plot.theme import ink, is_dark, paper

# the colours of the probabilities 0 to 1: those of the labels, pale enough for the points to be seen
PALE = ('#9db8e8', '#d6e1f5', '#f7f7f7', '#f8d9d3', '#eda79a')
ON_DARK = ('#1d3566', '#14213a', '#101010', '#3a1a16', '#66281f')
# share of a class's own colour where its probability is 1
PALEST = 0.6
# of more points only this many are drawn, so that the contours can be seen
MOST_ON_CONTOURS = 1000


@options_explained
def plot_probability(model, variables=None, fixed=None, point_options=None, place=1, **options):
    r"""
    Return the contours of the posterior and the line of 1/2 with the points on top.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``variables``, ``fixed`` -- as for :class:`~sage_logreg.plot.plane.Plane`; two variables are drawn
    - ``point_options`` -- dictionary of options of Sage's ``point``
    - ``place`` -- (default: 1) the number of the class whose probability is drawn
    - ``options`` -- options of Sage's ``contour_plot`` and of ``show``

    OUTPUT: a ``Graphics``. Of very many points a random sample is drawn
    """
    limits, options = taken_limits(options), checked_contours(options)
    plane = plane_of_two(model, variables, fixed, limits, MOST_ON_CONTOURS)
    probability, values, options['plot_points'] = on_grid(model, plane, options.get('plot_points', GRID), place)
    # without any contour, older matplotlib cannot draw the colour bar
    options = {'contours': [level / 10 for level in range(1, 10)], 'colorbar': bool(numpy.isfinite(values).any()),
               'aspect_ratio': 'automatic', 'cmap': colors_of(model.data, place, point_options), 'linewidths': 1,
               'colorbar_format': '%.1f', 'axes_pad': 0, 'colorbar_label': f'P({class_text(model.data, place)})',
               **options}
    picture = contour_plot(probability, *plane.ranges, **options)
    half = _half(plane, values)
    rows = sample(plane.data, MOST_ON_CONTOURS)
    size, larger = (15, 2) if len(rows) == MOST_ON_CONTOURS else (35, 1)
    # but for hollow markers, whose edge has the colour, and thin ones, of which it would leave little
    names = model.data.label_names
    looks = [look(label, len(names)) for label in range(len(names))]
    edges = {name: paper() for name, own in zip(names, looks) if 'markeredgecolor' not in own and own.get('marker') not in THIN}
    picture += draw_points(plane, {'markeredgecolor': edges, 'size': size, 'zorder': 5, **checked(point_options)}, rows) + half
    picture.set_legend_options(markerscale=larger)
    title = probability_title(plane, place)
    if (values == values[0, 0]).all():
        number = '1/2' if values[0, 0] == 0.5 else f'{values[0, 0]:.4g}'
        title = ', '.join(filter(None, [f'P({class_text(model.data, place)}) = {number} everywhere', plane.text]))
    if title and 'title' not in options:
        picture._extra_kwds['title'] = title
    return with_limits(picture, limits)


def _half(plane, values):
    # The line on which the probability is 1/2.
    x, y = (numpy.linspace(*ends, len(values)) for ends in plane.ranges)
    picture, label = Graphics(), 'P = 1/2'
    for piece in level_curves(x, y, values, 0.5):
        picture += line(piece.tolist(), rgbcolor=ink(), linestyle='--', zorder=4, legend_label=label, axes=False)
        # one entry in the legend
        label = None
    return picture


def probability_title(plane, place):
    r"""
    Return the title of a picture of a probability: of which class, but for y = 1 of two, and what is fixed.
    """
    name = f'P({class_text(plane.data, place)})' if plane.data.classes > 2 or place == 0 else ''
    return ', '.join(filter(None, [name, plane.text]))


def colors_of(data, place, point_options=None):
    r"""
    Return the colormap of a class's probabilities: from blue to red, or of more than two classes from white to that of the class.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, penguins
        sage: from sage_logreg.plot.contours import colors_of
        sage: two, three = colors_of(ex2data1(), 1), colors_of(penguins(label='species'), 0)
        sage: [int(100 * part + 0.5r) for part in two(0.0r)[:3]], [int(100 * part + 0.5r) for part in three(0.0r)[:3]]
        ([62, 72, 91], [100, 100, 100])
    """
    from matplotlib.colors import LinearSegmentedColormap
    colors = (ON_DARK if is_dark() else PALE)[::1 if place else -1]
    if data.classes > 2:
        color = to_mpl_color(color_of(place, data, checked(point_options)))
        colors = [paper(), [ground + PALEST * (float(part) - ground) for part, ground in zip(color, paper())]]
    return LinearSegmentedColormap.from_list('probability', colors)
