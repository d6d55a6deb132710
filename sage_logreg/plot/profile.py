r"""
The profile of the likelihood along a weight
"""
import math

import numpy
from sage.plot.line import line
from sage.plot.point import point

from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import name_text
from sage_logreg.plot.options import options_explained, with_rgbcolor
from sage_logreg.plot.theme import ink
from sage_logreg.support.arguments import entries, shown
from sage_logreg.support.tables import interval_text

# how far down the picture goes, in falls at the ends of the interval
DEEPEST = 1.8
# letters in a line of the axis' name
LONGEST = 60


@options_explained
def plot_profile(name, profile, error, level, **options):
    r"""
    Return how far the log-likelihood falls along a weight, with the parabola of Wald's test.

    INPUT:

    - ``name`` -- string, what the weight is called
    - ``profile`` -- what :meth:`~sage_logreg.solvers.estimate.Estimate.profile` returns
    - ``error`` -- float, the standard error
    - ``level`` -- float, of the interval
    - ``options`` -- options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``: the parabola, the line of the fall, the ends of the interval, and the profile
    """
    ends, weights, falls, fall = profile
    # the fall is 0 at the estimate, which is in the middle
    estimate = weights[len(weights) // 2]
    options = {'rgbcolor': 'red', 'thickness': 2, 'frame': True, 'axes': False, 'axes_labels_size': 1.2, 'ymin': -DEEPEST * fall,
               'ymax': 0.1 * fall, 'axes_labels': [name_text(name, LONGEST), 'log-likelihood below its maximum'], **with_rgbcolor(options)}
    curve, parabola, interval = _three_labels(options.pop('legend_label', ()), f'{100 * level:g}% interval {interval_text(ends)}')
    bottom = options['ymin']
    picture = _curve(weights, (weights - estimate)**2 / (2 * error**2), bottom, rgbcolor='gray', linestyle='--', legend_label=parabola)
    picture += line([(weights[0], -fall), (weights[-1], -fall)], rgbcolor=ink(), linestyle=':')
    for end in filter(math.isfinite, ends):
        picture += line([(end, -fall), (end, bottom)], rgbcolor=ink(), linestyle=':')
    marks = [(end, -fall) for end in ends if math.isfinite(end)]
    if marks:
        picture += point(marks, rgbcolor=ink(), size=25, zorder=5, legend_label=interval)
    picture += _curve(weights, falls, bottom, **{'legend_label': curve, **options})
    set_legend(picture, [curve, parabola, interval])
    return picture


def _curve(weights, falls, bottom, **options):
    # down to where the picture ends, and one point farther
    shown = numpy.isfinite(falls) & (-falls > bottom)
    shown[1:-1] |= shown[2:] | shown[:-2]
    shown &= numpy.isfinite(falls)
    return line(numpy.column_stack([weights, -falls])[shown].tolist(), **options)


def _three_labels(given, interval):
    if given is None:
        return None, None, None
    texts = ['profile', "Wald's parabola", interval] if given == () else entries(given)
    if isinstance(given, str):
        texts = [given, "Wald's parabola", interval]
    if texts is None or len(texts) != 3:
        raise ValueError(f'legend_label = {shown(given)}; expected a text, or three: for the profile, the parabola and the interval')
    return texts
