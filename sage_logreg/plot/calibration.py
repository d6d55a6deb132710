r"""
The calibration curve

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).plot_calibration()
    Graphics object consisting of 21 graphics primitives
"""
from sage.plot.line import line
from sage.plot.point import point

from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.options import options_explained, with_rgbcolor

# areas of the markers of the group with the fewest and with the most rows, in points
SMALL, LARGE = 20, 90


@options_explained
def plot_calibration(probabilities, proportions, ends, trials, label, level, **options):
    r"""
    Return the proportions of groups against their mean probabilities, with intervals, over the dashed line where they are equal.

    INPUT:

    - ``probabilities``, ``proportions``, ``trials`` -- arrays, of each group
    - ``ends`` -- two arrays, of the intervals of the proportions
    - ``label`` -- string; what is predicted, for the legend
    - ``level`` -- of the intervals, for the legend
    - ``options`` -- options of Sage's ``point`` and of ``show``

    OUTPUT: a ``Graphics``
    """
    options = {'rgbcolor': 'red', 'legend_label': f'{label}, {100 * level:g}% interval', 'frame': True, 'axes': False, 'aspect_ratio': 1,
               'axes_labels': ['mean probability', 'proportion'], 'axes_labels_size': 1.2, 'zorder': 5,
               **with_rgbcolor(options)}
    picture = line([(0, 0), (1, 1)], rgbcolor='gray', linestyle='--')
    for place, low, high in zip(probabilities.tolist(), *(end.tolist() for end in ends)):
        picture += line([(place, low), (place, high)], rgbcolor=options['rgbcolor'], thickness=1.5, alpha=0.6)
    # Sage knows one size for all points
    for place, part, share in zip(probabilities.tolist(), proportions.tolist(), trials / trials.max()):
        picture += point((place, part), **{'size': max(SMALL, int(LARGE * share)), **options})
        options.pop('legend_label', None)
    set_legend(picture)
    return picture
