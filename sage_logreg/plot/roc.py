r"""
The ROC curve
"""
import numpy
from sage.plot.line import line

from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.options import options_explained, with_rgbcolor


@options_explained
def plot_roc(false, true, area, **options):
    r"""
    Return a ROC curve over the dashed line of guessing.

    INPUT:

    - ``false``, ``true`` -- arrays of the false and the true positive rates, rising
    - ``area`` -- float, for the legend
    - ``options`` -- options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``
    """
    # only the corners: between them the curve is straight
    corner = numpy.ones(len(false), dtype=bool)
    corner[1:-1] = (numpy.diff(false)[1:] * numpy.diff(true)[:-1] != numpy.diff(false)[:-1] * numpy.diff(true)[1:])
    options = {'rgbcolor': 'red', 'thickness': 2, 'legend_label': f'area {area:.3f}', 'frame': True, 'axes': False, 'aspect_ratio': 1,
               'axes_labels': ['false positive rate', 'true positive rate'], 'axes_labels_size': 1.2,
               **with_rgbcolor(options)}
    curve = line(list(zip(false[corner].tolist(), true[corner].tolist())), **options)
    picture = line([(0, 0), (1, 1)], rgbcolor='gray', linestyle='--') + curve
    set_legend(picture)
    return picture
