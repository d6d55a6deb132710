r"""
Contours of the probability
"""
import numpy
from sage.plot.contour_plot import contour_plot

from sage_logreg.plot.options import checked, checked_contours, taken_limits, with_limits
from sage_logreg.plot.plane import GRID, legend_place, on_grid, plane_of_two, sample
from sage_logreg.plot.points import draw_points

# the colours of the probabilities 0 to 1: those of the labels, pale enough for the points to be seen
PALE = ('#9db8e8', '#d6e1f5', '#f7f7f7', '#f8d9d3', '#eda79a')
# of more points only this many are drawn, so that the contours can be seen
MOST_ON_CONTOURS = 1000


def plot_probability(model, variables=None, fixed=None, point_options=None, **options):
    r"""
    Return the contours of the posterior with the points on top.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``variables``, ``fixed`` -- as for :class:`~sage_logreg.plot.plane.Plane`; two variables are drawn
    - ``point_options`` -- dictionary of options of Sage's ``point``
    - ``options`` -- options of Sage's ``contour_plot`` and of ``show``

    OUTPUT: a ``Graphics``. Of very many points a random sample is drawn
    """
    limits, options = taken_limits(options), checked_contours(options)
    plane = plane_of_two(model, variables, fixed, limits)
    probability, values, options['plot_points'] = on_grid(model, plane, options.get('plot_points', GRID))
    # without any contour, older matplotlib cannot draw the colour bar
    options = {'contours': [level / 10 for level in range(1, 10)], 'colorbar': bool(numpy.isfinite(values).any()),
               'aspect_ratio': 'automatic', 'cmap': pale_colors(), 'linewidths': 1, 'colorbar_format': '%.1f', 'axes_pad': 0,
               **options}
    picture = contour_plot(probability, *plane.ranges, **options)
    rows = sample(plane.data, MOST_ON_CONTOURS)
    size, larger = (15, 2) if len(rows) == MOST_ON_CONTOURS else (35, 1)
    picture += draw_points(plane, {'markeredgecolor': 'white', 'size': size, 'zorder': 5, **checked(point_options)}, rows)
    picture.set_legend_options(loc=legend_place(plane), markerscale=larger)
    if plane.text and 'title' not in options:
        picture._extra_kwds['title'] = plane.text
    return with_limits(picture, limits)


def pale_colors():
    r"""
    Return the colormap of the probabilities.
    """
    from matplotlib.colors import LinearSegmentedColormap
    return LinearSegmentedColormap.from_list('probability', PALE)
