r"""
Pictures on a dark ground, where matplotlib's style has one

Sage writes and draws axes in black whatever the style is.

EXAMPLES::

    sage: import matplotlib.style
    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: model = maximum_likelihood(ex2data1())
    sage: with matplotlib.style.context('dark_background'):
    ....:     picture = model.plot() + line([(30, 60), (60, 30)])
    sage: picture.axes_color(), picture[2].options()['rgbcolor']
    ((1.0, 1.0, 1.0), 'white')
"""
import matplotlib
from matplotlib.colors import to_rgb
from sage.plot.graphics import Graphics

# mean of a colour's parts below which it is dark
DARK = 0.4


def paper():
    r"""
    Return the colour that pictures are drawn on, as three floats.

    EXAMPLES::

        sage: from sage_logreg.plot.theme import paper
        sage: paper()
        (1.0, 1.0, 1.0)
    """
    return to_rgb(matplotlib.rcParams['axes.facecolor'])


def is_dark():
    r"""
    Return whether pictures are drawn on a dark ground.
    """
    return sum(paper()) / 3 < DARK


def ink():
    r"""
    Return the colour of lines and texts.

    EXAMPLES::

        sage: from sage_logreg.plot.theme import ink
        sage: ink()
        'black'
    """
    return 'white' if is_dark() else 'black'


class DarkGraphics(Graphics):
    r"""
    A ``Graphics`` whose axes and legend can be read on a dark ground; so is its sum with another one.

    EXAMPLES: see :mod:`sage_logreg.plot.theme`.
    """

    def __add__(self, other):
        return in_theme(super().__add__(other))

    def __radd__(self, other):
        return self if isinstance(other, int) and other == 0 else in_theme(Graphics.__add__(other, self))


def in_theme(picture):
    r"""
    Return a picture whose axes and legend can be read on the ground of matplotlib's style.
    """
    if is_dark() and isinstance(picture, Graphics):
        picture.__class__ = DarkGraphics
        for set_color in (picture.axes_color, picture.axes_label_color, picture.tick_label_color):
            set_color(ink())
        picture._legend_opts['back_color'] = paper()
    return picture
