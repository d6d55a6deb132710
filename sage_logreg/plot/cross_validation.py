r"""
The scores of the folds of a cross-validation
"""
import math

import numpy
from sage.plot.line import line
from sage.plot.point import point
from sage.plot.polygon import polygon

from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.options import options_explained, with_rgbcolor
from sage_logreg.plot.theme import ink

# room on the left and on the right of the first and the last fold
SIDE = 0.5
# half the width of a bar's ends, as a part of the distance of two bars and of the whole
CAP, CAP_OF_ALL = 0.12, 0.015
# so many folds or penalties at most are named on the axis
TICKS = 12


@options_explained
def plot_folds(scores, mean, error, score, **options):
    r"""
    Return the scores of single folds, their mean as a line and its standard error as a band.

    INPUT:

    - ``scores`` -- float64 array, nan where there is none
    - ``mean``, ``error`` -- floats
    - ``score`` -- string, its name
    - ``options`` -- options of Sage's ``point`` and of ``show``
    """
    first, last = 1 - SIDE, len(scores) + SIDE
    picture = line([(first, mean), (last, mean)], rgbcolor='red', thickness=2, legend_label='mean', zorder=2)
    if error > 0:
        low, high = mean - error, mean + error
        picture = polygon([(first, low), (last, low), (last, high), (first, high)], rgbcolor='red', alpha=0.2,
                          legend_label='standard error', zorder=1) + picture
    numbers = range(1, len(scores) + 1)
    places = [(place, value) for place, value in zip(numbers, scores.tolist()) if not math.isnan(value)]
    picture += point(places, **{**_options('fold', score), **_ticks(numbers, numbers), 'rgbcolor': ink(), 'size': 30,
                                'legend_label': 'folds', 'zorder': 3, **with_rgbcolor(options)})
    # a polygon has one of its own
    picture.set_aspect_ratio(options.get('aspect_ratio', 'automatic'))
    set_legend(picture)
    return picture


@options_explained
def plot_penalties(penalties, scores, means, errors, chosen, score, **options):
    r"""
    Return the mean scores of penalties, with bars of one standard error.

    INPUT:

    - ``penalties`` -- rising list of floats
    - ``scores`` -- float64 array, folds x penalties
    - ``means``, ``errors`` -- float64 arrays, one of each a penalty
    - ``chosen`` -- two of the penalties: that with the best mean, and the largest one within one standard error of it
    - ``score`` -- string, its name
    - ``options`` -- options of Sage's ``point`` and of ``show``
    """
    places = _places(penalties)
    cap, means = min(CAP * min(numpy.diff(places)), CAP_OF_ALL * (places[-1] - places[0])), means.tolist()
    picture = point([(x, value) for row in scores.tolist() for x, value in zip(places, row) if not math.isnan(value)],
                    **{**_options('l2', score), **_ticks(penalties, places), 'rgbcolor': 'gray', 'alpha': 0.6, 'size': 12,
                       'legend_label': 'folds', 'zorder': 1, **with_rgbcolor(options)})
    for x, mean, error in zip(places, means, numpy.nan_to_num(errors).tolist()):
        for ends in ([(x, mean - error), (x, mean + error)], *([(x - cap, y), (x + cap, y)] for y in (mean - error, mean + error))):
            picture += line(ends, rgbcolor=ink(), zorder=2)
    picture += line(list(zip(places, means)), rgbcolor='red', thickness=2, marker='o', legend_label='mean, one standard error', zorder=3)
    low, high = _extent(scores, means, errors)
    best, simplest = chosen
    marks = [(best, '--', 'best'), (simplest, ':', 'within one standard error')]
    if best == simplest:
        marks = [(best, '--', 'best, none larger within one standard error')]
    for penalty, style, text in marks:
        x = places[penalties.index(penalty)]
        picture += line([(x, low), (x, high)], rgbcolor=ink(), linestyle=style, thickness=1.5, legend_label=f'{text}: {penalty:g}',
                        zorder=2)
    set_legend(picture)
    return picture


def _options(horizontal, score):
    return {'frame': True, 'axes': False, 'aspect_ratio': 'automatic', 'axes_labels': [horizontal, score], 'axes_labels_size': 1.2}


def _places(penalties):
    # Their logarithms; that of zero stands a step to the left of the others.
    places = [math.log10(penalty) for penalty in penalties if penalty]
    if penalties[0] == 0:
        places.insert(0, places[0] - (max(1.0, places[1] - places[0]) if len(places) > 1 else 1.0))
    return places


def _ticks(numbers, places):
    every = -(-len(places) // TICKS)
    return {'ticks': [list(places[::every]), None], 'tick_formatter': [[f'{number:g}' for number in numbers[::every]], None]}


def _extent(scores, means, errors):
    ends = numpy.concatenate([scores[~numpy.isnan(scores)], means - numpy.nan_to_num(errors), means + numpy.nan_to_num(errors)])
    return float(ends.min()), float(ends.max())
