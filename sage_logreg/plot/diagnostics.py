r"""
Pictures of residuals and of influence

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).plot_diagnostics()
    Graphics Array of size 2 x 2
"""
import math

import numpy
from sage.plot.graphics import Graphics
from sage.plot.line import line
from sage.plot.multigraphics import GraphicsArray
from sage.plot.point import point
from sage.plot.polygon import polygon
from sage.plot.text import text

from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import base_color, class_text, name_text
from sage_logreg.plot.options import options_explained, with_rgbcolor
from sage_logreg.plot.plane import MANY
from sage_logreg.plot.points import SHEER, ManyPoints
from sage_logreg.plot.theme import in_theme, ink

# of four pictures, in inches
FIGSIZE = (10, 8)
# points from which on they are drawn smaller
SOME = 300
# levels of Cook's distance whose curves are drawn, beside powers of ten
LEVELS = (1, 2, 5)
# share of a picture's width beside its frame in which names stand on the other side
NEAR = 0.1
# letters in a line of the name of a level
LETTERS = 12


class Panels(GraphicsArray):
    r"""
    A ``graphics_array`` that is larger than a single picture, where nobody says how large it is.
    """

    def matplotlib(self, figure=None, figsize=None, **options):
        r"""
        Return the figure, see Sage's ``GraphicsArray.matplotlib``.
        """
        return super().matplotlib(figure=figure, figsize=self.figsize if figsize is None else figsize, **options)


@options_explained
def plot_diagnostics(shown, bins, data, **options):
    r"""
    Return residuals over log-odds and over normal quantiles, over leverages, and in bins, an array of four pictures.

    INPUT:

    - ``shown`` -- a ``Pictured`` of :mod:`sage_logreg.solvers.diagnostics`
    - ``bins`` -- a ``Bins`` by the probability
    - ``data`` -- the :class:`~sage_logreg.dataset.dataset.Dataset` that the names are of
    - ``options`` -- options of Sage's ``point`` and of ``show``
    """
    figsize = options.pop('figsize', FIGSIZE)
    parts = [_over_log_odds(shown, data, options), _over_quantiles(shown, options), _over_leverages(shown, options),
             plot_binned(bins, data, **options)]
    array = Panels([parts[:2], parts[2:]])
    array.figsize = figsize
    return array


@options_explained
def plot_binned(bins, data, name=None, levels=None, **options):
    r"""
    Return mean residuals between the lines of two standard errors.

    INPUT:

    - ``bins`` -- a ``Bins`` of :mod:`sage_logreg.solvers.diagnostics`
    - ``data`` -- the :class:`~sage_logreg.dataset.dataset.Dataset` that the names are of
    - ``name`` -- (default: the probability) text; what the values of the bins are
    - ``levels`` -- (default: none) texts that the values count
    - ``options`` -- options of Sage's ``point`` and of ``show``
    """
    if levels is not None:
        texts = [name_text(level, LETTERS) for level in levels]
        options = {'ticks': [list(range(len(levels))), None], 'tick_formatter': [texts, None], **options}
    name = f'P({class_text(data, 1)})' if name is None else name_text(name)
    picture = _zero(bins.values)
    for sign, legend_label in ((1, '2 standard errors'), (-1, None)):
        picture += _line(bins.values, sign * 2 * bins.errors, rgbcolor='gray', legend_label=legend_label)
    return _finished(picture + _cloud(bins.values, bins.residuals, [name, 'mean residual'], options), [name, *(levels or [])])


def _over_log_odds(shown, data, options):
    picture = _zero(shown.log_odds)
    picture += _cloud(shown.log_odds, shown.residuals, [f'log-odds of {class_text(data, 1)}', _residual_text(shown.kind)], options)
    picture += _line(*shown.line, rgbcolor=ink(), thickness=2, legend_label='smooth line', zorder=6)
    return _finished(picture + _names(shown, shown.log_odds, shown.residuals), [class_text(data, 1)])


def _over_quantiles(shown, options):
    places, low, high = shown.envelope
    outline = [*zip(places.tolist(), low.tolist()), *zip(places[::-1].tolist(), high[::-1].tolist())]
    band = {'rgbcolor': 'gray', 'alpha': 0.25, 'legend_label': '95% of each', 'aspect_ratio': 'automatic'}
    picture = polygon(outline, **band) if len(places) > 1 else Graphics()
    ends = numpy.array([shown.quantiles.min(), shown.quantiles.max()])
    picture += _line(ends, ends, rgbcolor='gray', linestyle='--')
    picture += _cloud(shown.quantiles, shown.residuals, ['normal quantile', _residual_text(shown.kind)], options)
    return _finished(picture)


def _over_leverages(shown, options):
    leverages, residuals = shown.leverages, shown.standardised
    picture = _zero(leverages)
    # where r^2 h / (1 - h) is as large as the distance times the number of weights, within what is drawn
    low, high, top = leverages[leverages > 0].min(initial=1.0), leverages.max(), abs(residuals).max()
    for level in _levels(shown.largest):
        size = level * shown.parameters
        first = max(low, size / (size + (1.05 * top)**2))
        if not first < high:
            continue
        places = numpy.linspace(first, high, 100)
        heights = numpy.sqrt(size * (1 - places) / places)
        for sign, legend_label in ((1, f"Cook's distance {level:g}"), (-1, None)):
            picture += _line(places, sign * heights, rgbcolor='gray', linestyle='--' if level == _levels(shown.largest)[0] else ':',
                             legend_label=legend_label)
    picture += _cloud(leverages, residuals, ['leverage', 'standardised Pearson residual'], options)
    return _finished(picture + _names(shown, leverages, residuals))


def _levels(largest):
    # Two round numbers below the largest distance, the larger first.
    if not largest > 0:
        return []
    power = math.floor(math.log10(largest))
    rounds = [level * 10.0**exponent for exponent in (power, power - 1) for level in LEVELS[::-1]]
    return [level for level in rounds if level < largest][:2]


def _residual_text(kind):
    return f'{kind.replace("_", " ").replace("pearson", "Pearson")} residual'


def _zero(values):
    ends = [float(values.min()), float(values.max())]
    return line([(ends[0], 0), (ends[1], 0)], rgbcolor='gray', linestyle='--')


def _line(x, y, **options):
    return line(list(zip(x.tolist(), y.tolist())), **options)


def _cloud(x, y, axes_labels, options):
    # Points, the smaller the more there are.
    many = len(x) >= MANY
    cloud = point(list(zip(x[:1].tolist(), y[:1].tolist())),
                  **{'size': 2 if many else 10 if len(x) >= SOME else 20, 'alpha': SHEER, 'rgbcolor': base_color(0, 2),
                     'axes_labels': axes_labels, 'axes_labels_size': 1.2, 'frame': True, 'axes': False,
                     'axes_pad': 0.06, **with_rgbcolor(options)})
    # arrays draw many times faster than Sage's lists
    cloud[0].xdata, cloud[0].ydata = x, y
    if many:
        cloud[0].__class__ = ManyPoints
    return cloud


def _names(shown, x, y):
    # The most influential observations again, with the numbers of their rows beside them.
    picture, order = Graphics(), numpy.argsort(y[shown.named], kind='stable')
    left, right = x.min() + NEAR * numpy.ptp(x), x.max() - NEAR * numpy.ptp(x)
    for number, place in enumerate(shown.named[order].tolist()):
        at = float(x[place]), float(y[place])
        picture += point([at], rgbcolor=base_color(1, 2), size=30, zorder=7)
        # those of neighbours stand on different sides, at different heights, within the frame
        side = 'left' if at[0] < left or number % 2 == 0 and at[0] <= right else 'right'
        height = 'center' if 0 < number < len(order) - 1 or len(order) == 1 else 'bottom' if number else 'top'
        picture += text(f' {shown.names[order][number]} ', at, rgbcolor=ink(), fontsize=9, horizontal_alignment=side,
                        vertical_alignment=height, axes=False, zorder=8)
    return picture


def _finished(picture, texts=()):
    set_legend(picture, texts)
    return in_theme(picture)
