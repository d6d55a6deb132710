r"""
The path of a training over the cost of two weights

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=300000)
    sage: model.plot_cost_surface()
    Graphics object consisting of 4 graphics primitives
"""
import math

import numpy
from sage.plot.contour_plot import contour_plot
from sage.plot.line import line
from sage.plot.point import point

from sage_logreg.plot.fonts import have_fonts, in_lines
from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import name_text, plain
from sage_logreg.plot.options import checked_contours, options_explained, taken_limits, with_limits, within
from sage_logreg.plot.plane import looked_up, with_margin
from sage_logreg.plot.theme import ink, is_dark
from sage_logreg.support.arguments import entries, listed, shown, whole_number

# low to high
COSTS_ON_DARK = ('#08101c', '#3d7fb8')
LEVELS = 14
# the texts of a path
PATH = ('training', 'start', 'end')
TICKS = 5
# share of a cost that is no difference
FLAT = 1e-6
# letters in a line of a title, and of an axis' name
LONGEST, BESIDE = 60, 26


@options_explained
def plot_cost_surface(model, weights=None, labels=None, **options):
    r"""
    Return the contours of the cost over two weights, with the path of the training.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.trained.Trained`
    - ``weights`` -- (default: the first two after a bias) the indices of two weights
    - ``labels`` -- (default: ``PATH``) three texts for the legend: the path, its start and its end
    - ``options`` -- options of Sage's ``contour_plot`` and of ``show``

    OUTPUT: a ``Graphics``: contours of the profile, for which all other weights are minimised at each place; path, its start and its end
    """
    pair, limits = two_weights(model, weights), taken_limits(options)
    labels = PATH if labels is None else _texts_of_path(labels)
    return with_limits(draw_contours(model, pair, options, limits) + draw_path(model, pair, labels=labels), limits)


def _texts_of_path(labels):
    texts = None if isinstance(labels, str) else entries(labels)
    if texts is None or len(texts) != len(PATH):
        raise ValueError(f'labels = {shown(labels)}; expected three texts: for the path, its start and its end')
    return list(map(str, texts))


def draw_contours(model, pair, options, limits=None, through=None, plane=None):
    r"""
    Return the contours of the cost over two weights, in a frame around the path of the training.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.trained.Trained`
    - ``pair`` -- the indices of two weights
    - ``options`` -- dictionary of options of Sage's ``contour_plot`` and of ``show``
    - ``limits`` -- (default: around the path) as for :func:`~sage_logreg.plot.options.within`
    - ``through`` -- (default: none, the others are minimised at each place) weights at which the others stay
    - ``plane`` -- (default: made from the model) where several are drawn, what its ``_plane`` returns
    """
    options, ranges = checked_contours(options), _ranges(model, pair, limits)
    plane = plane or model._plane(pair)
    x, y = (numpy.linspace(*limits, plane.side) for limits in ranges)
    costs = plane.profile(model._weights, x, y) if through is None else plane.slice(through, x, y)
    low, high = costs[numpy.isfinite(costs)].min(), costs[numpy.isfinite(costs)].max()
    # the levels must differ where the cost does not
    high = max(high, low + FLAT * abs(low)) or 1.0
    names = list(map(plain, model._weight_names()))
    axes_labels = [name_text(model._weight_names()[j], BESIDE) for j in pair]
    have_fonts(names)
    title = ', '.join(filter(None, [_others_text(names, pair, through, plane), plane.sampled]))
    # enough to tell one level from the next but one
    digits = max(3, math.ceil(math.log10(high / (high - low) * (LEVELS / 2)**2))) if 0 < low < high else 3
    # near the minimum the cost is flat, so the levels are closer together there
    options = {'contours': [low + (high - low) * (level / LEVELS)**2 for level in range(LEVELS + 1)], 'cmap': _colors(),
               'colorbar': True, 'colorbar_format': f'%.{digits}g', 'aspect_ratio': 'automatic', 'linewidths': 1, 'axes_pad': 0,
               'axes_labels': axes_labels, 'ticks': [_ticks(*ranges[0]), None],
               **({'title': title} if title else {}), **options, 'plot_points': plane.side}
    return contour_plot(looked_up(x, y, costs), *ranges, **options)


def _colors():
    from matplotlib.colors import LinearSegmentedColormap
    return LinearSegmentedColormap.from_list('costs', COSTS_ON_DARK) if is_dark() else 'Blues'


def _others_text(names, pair, through, plane):
    # What the picture says of the weights that are not drawn.
    others = [j for j in range(len(names)) if j not in pair]
    few = len(others) <= 3
    if not others:
        return ''
    if through is not None:
        return 'cost where ' + (listed([f'{names[j]} = {through[j]:.4g}' for j in others]) if few
                                else f'the {len(others)} other weights are as now')
    what = listed([names[j] for j in others]) if few else f'the {len(others)} other weights'
    how = [', moved along the path'] * plane.is_narrow + [', with the same sums over the classes'] * plane.keeps_sums
    return in_lines(f'lowest cost over {what}{"".join(how)}', LONGEST)


def _ticks(low, high):
    # few enough for the numbers not to overlap
    from matplotlib.ticker import MaxNLocator
    return [place for place in MaxNLocator(TICKS).tick_values(low, high).tolist() if low <= place <= high]


def draw_path(model, pair, records=None, labels=PATH):
    r"""
    Return the path of the training over two weights: a line, its start and its end.

    INPUT:

    - ``model``, ``pair`` -- as for :func:`draw_contours`
    - ``records`` -- (default: all) how many records are shown
    - ``labels`` -- as for :func:`plot_cost_surface`
    """
    path = _path(model, pair)
    # a start is beside the records, if there is one
    path = path[:None if records is None else records + len(path) - len(recorded(model))].tolist()
    picture = line(path, rgbcolor=ink(), thickness=1.5, marker='.', legend_label=labels[0], zorder=3)
    for place, color, label in ((path[0], 'white', labels[1]), (path[-1], 'red', labels[2])):
        picture += point([place], rgbcolor=color, markeredgecolor=ink(), size=60, legend_label=label, zorder=4)
    set_legend(picture, labels)
    return picture


def recorded(model):
    r"""
    Return the iterations and weights of a model's history, with its last ones.
    """
    return [(record.iteration, record.weights) for record in model._history] + [(model._iterations, model._weights)]


def _path(model, pair):
    path = [weights for _, weights in recorded(model)]
    if model._descent is not None and model.unit() == 'epoch':
        # the first record is that of an epoch's end
        path.insert(0, model._problem().to_user(model._descent.start))
    return numpy.array([numpy.ravel(weights)[pair] for weights in path])


def two_weights(model, weights):
    r"""
    Return the indices of two weights of ``model``, by default those of the first two variables.
    """
    count = len(model._weights)
    if count < 2:
        raise ValueError('the cost has one parameter only; a surface needs two')
    if weights is None:
        return [1, 2] if count > 2 and model._has_bias else [0, 1]
    chosen = entries(weights)
    if chosen is None or len(chosen) != 2 or chosen[0] == chosen[1]:
        raise ValueError(f'weights = {shown(weights)}; expected the numbers of two different weights')
    return [whole_number(f'weights[{place}]', value, maximum=count - 1) for place, value in enumerate(chosen)]


def _ranges(model, pair, limits):
    # room around the path, so that one sees where else it could have gone
    return within([with_margin(values, 0.3, max(1.0, abs(values[0]))) for values in _path(model, pair).T], limits or {})
