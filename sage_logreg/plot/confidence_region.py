r"""
The joint confidence region of two weights
"""
from sage.plot.line import line
from sage.plot.point import point

from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import name_text
from sage_logreg.plot.options import options_explained, with_rgbcolor
from sage_logreg.plot.theme import ink

# letters in a line of an axis' name
BESIDE = 26


@options_explained
def plot_region(names, estimate, levels, borders, ellipses, **options):
    r"""
    Return the borders of confidence regions, with Wald's ellipses dashed beside them, around the estimate.

    INPUT:

    - ``names`` -- two strings, what the weights are called
    - ``estimate`` -- the two weights
    - ``levels`` -- rising list of levels
    - ``borders``, ``ellipses`` -- lists of arrays, a row a point, one for each level
    - ``options`` -- options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``: for each level the ellipse and the border, and the estimate
    """
    options = {'rgbcolor': 'red', 'thickness': 2, 'frame': True, 'axes': False, 'aspect_ratio': 'automatic', 'axes_labels_size': 1.2,
               'axes_labels': [name_text(name, BESIDE) for name in names], **with_rgbcolor(options)}
    label = options.pop('legend_label', f'{listed_levels(levels)} region{"s" * (len(levels) > 1)}')
    wald, picture = "Wald's ellipse" + 's' * (len(levels) > 1), 0
    for border, ellipse in zip(borders, ellipses):
        picture += line(_closed(ellipse), rgbcolor='gray', linestyle='--', legend_label=wald)
        picture += line(_closed(border), legend_label=label, **options)
        # one entry each in the legend
        wald = label = None
    picture += point([tuple(estimate)], rgbcolor=ink(), size=30, zorder=5, legend_label='estimate', aspect_ratio='automatic')
    set_legend(picture)
    return picture


def listed_levels(levels):
    r"""
    Return levels as percentages, the last one after an "and".

    EXAMPLES::

        sage: from sage_logreg.plot.confidence_region import listed_levels
        sage: listed_levels([0.5r]), listed_levels([0.5r, 0.9r, 0.99r])
        ('50%', '50%, 90% and 99%')
    """
    *first, last = (f'{100 * level:g}%' for level in levels)
    return ', '.join(first) + ' and ' * bool(first) + last


def _closed(points):
    return [*points.tolist(), points[0].tolist()]
