r"""
Pictures of a regularization path: weights and deviances against the penalty

EXAMPLES::

    sage: from sage_logreg import *
    sage: path = regularization_path(ex2data1(), count=20)
    sage: path.plot()[0]
    Line defined by 17 points
"""
import itertools
import math

import numpy
from sage.plot.graphics import Graphics
from sage.plot.line import line
from sage.plot.point import points
from sage.plot.text import text

from sage_logreg.plot.diagnostics import Panels
from sage_logreg.plot.history import CURVES, CURVES_ON_DARK
from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import name_text
from sage_logreg.plot.options import options_explained, with_rgbcolor
from sage_logreg.plot.theme import in_theme, ink, is_dark

TITLE = 'degrees of freedom'
# pictures of classes in a row, letters of their names, and the size of each in inches
BESIDE, TITLE_LETTERS, SIZE = 3, 30, (6, 4.5)
# numbers of degrees of freedom above the frame, and by which part of the height it reaches over the curves
NUMBERS, ABOVE = 8, 0.08
# as a part of the width, for the half of the first number and of the last
ROOM = 0.02
# letters of a name, the width of one as a part of the picture's, and least distance of two names as a part of the height
LETTERS, LETTER, APART = 20, 0.018, 0.045


@options_explained
def plot_path(lambdas, weights, names, degrees, most_names, **options):
    r"""
    Return the weights against the logarithm of the penalty.

    INPUT:

    - ``lambdas`` -- list of floats, falling
    - ``weights`` -- array, penalties x columns
    - ``names`` -- list of the columns' names
    - ``degrees`` -- list of the degrees of freedom
    - ``most_names`` -- how many of the columns are named
    - ``options`` -- options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``
    """
    x, picture = [math.log(value) for value in lambdas], Graphics()
    low, high = float(weights.min(initial=0.0)), float(weights.max(initial=0.0))
    height = (high - low) or 1.0
    options = {'title': TITLE, 'axes_labels': ['log lambda', 'weight of the scaled column'], 'axes_labels_size': 1.2, 'frame': True, 'axes': False,
               **with_rgbcolor(options)}
    colors = CURVES_ON_DARK if is_dark() else CURVES
    # a single penalty makes no curve
    marks = {'marker': 'o'} if len(x) == 1 else {}
    for column, color in zip(weights.T, itertools.cycle(colors)):
        picture += line(list(zip(x, column.tolist())), **{'rgbcolor': color, **marks, **options})
    if not names:
        picture += line([(x[0], 0), (x[-1], 0)], **{'rgbcolor': ink(), **options})
    largest = numpy.argsort(-abs(weights[-1]), kind='stable')[:most_names] if names else []
    largest = [j for j in largest if weights[-1, j]]
    for j, y in _apart([(j, float(weights[-1, j])) for j in largest], APART * height):
        picture += text(name_text(_in_letters(names[j]), LETTERS) + ' ', (x[-1], y), horizontal_alignment='right', fontsize=9,
                        rgbcolor=options.get('rgbcolor', colors[j % len(colors)]))
    picture = _with_degrees(picture, x, degrees, high + ABOVE * height, height)
    # room for the names
    letters = max((min(LETTERS, len(names[j])) for j in largest), default=0)
    picture.set_axes_range(xmin=x[-1] - (x[0] - x[-1] or 1.0) * LETTER * (letters + 2))
    return picture


@options_explained
def plot_paths_of_classes(lambdas, weights, titles, *rest, **options):
    r"""
    Return a picture of each class, side by side.

    INPUT:

    - ``weights`` -- array, penalties x classes x columns
    - ``titles`` -- list of texts, one a class
    - ``lambdas``, ``rest``, ``options`` -- as for :func:`plot_path`

    OUTPUT: a ``GraphicsArray``
    """
    figsize = options.pop('figsize', None)
    pictures = [plot_path(lambdas, weights[:, k], *rest, **{'title': name_text(title, TITLE_LETTERS), **options}) for k, title in enumerate(titles)]
    rows = [pictures[start:start + BESIDE] for start in range(0, len(pictures), BESIDE)]
    # the last row is filled
    rows[-1] += [_nothing() for _ in range(len(rows[0]) - len(rows[-1]))]
    array = Panels(rows)
    array.figsize = figsize or [SIZE[0] * len(rows[0]), SIZE[1] * len(rows)]
    return array


def _nothing():
    picture = Graphics()
    picture.axes(False)
    return picture


def _in_letters(name):
    # A name in one line; what tells long ones apart is often at their end.
    return name if len(name) <= LETTERS else f'{name[:LETTERS // 2 - 1]}…{name[-LETTERS // 2:]}'


def _apart(places, distance):
    # Names from below to above, moved up where they would cover each other.
    before = -math.inf
    for name, y in sorted(places, key=lambda place: place[1]):
        before = max(y, before + distance)
        yield name, before


def _with_degrees(picture, x, degrees, top, height):
    # The degrees of freedom in a line above the curves.
    chosen = sorted({round(place) for place in numpy.linspace(0, len(x) - 1, NUMBERS)})
    for k in chosen:
        # a text that may leave the frame makes Sage forget a legend beside it when it saves the picture
        picture += text(str(degrees[k]), (x[k], top), fontsize=9, rgbcolor=ink(), clip=True)
    room = ROOM * (x[0] - x[-1]) or 0.5
    picture.set_axes_range(xmin=x[-1] - room, xmax=x[0] + room, ymax=top + 0.5 * ABOVE * height)
    return in_theme(picture)


@options_explained
def plot_validation(lambdas, means, errors, least, one_error, degrees, **options):
    r"""
    Return the deviances of rows left out with their standard errors, against the logarithm of the penalty.

    INPUT:

    - ``lambdas``, ``means``, ``errors`` -- arrays
    - ``least``, ``one_error`` -- floats, the two penalties that are marked
    - ``degrees`` -- list of the degrees of freedom
    - ``options`` -- options of Sage's ``point`` and of ``show``

    OUTPUT: a ``Graphics``
    """
    x = numpy.log(lambdas).tolist()
    low, high = float((means - errors).min()), float((means + errors).max())
    height = (high - low) or 1.0
    options = {'title': TITLE, 'axes_labels': ['log lambda', 'deviance of rows left out'], 'axes_labels_size': 1.2, 'frame': True, 'axes': False,
               'size': 18, 'rgbcolor': CURVES_ON_DARK[1] if is_dark() else CURVES[1], 'zorder': 5, **with_rgbcolor(options)}
    picture = Graphics()
    for place, mean, error in zip(x, means.tolist(), errors.tolist()):
        picture += line([(place, mean - error), (place, mean + error)], rgbcolor='gray', thickness=0.8)
    picture += points(list(zip(x, means.tolist())), **options)
    for value, label, style in ((least, 'lambda_min', '--'), (one_error, 'lambda_1se', ':')):
        picture += line([(math.log(value), low), (math.log(value), high)], rgbcolor=ink(), linestyle=style, legend_label=label)
    picture = _with_degrees(picture, x, degrees, high + ABOVE * height, height)
    set_legend(picture)
    return picture
