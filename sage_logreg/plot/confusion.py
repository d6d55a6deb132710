r"""
A confusion matrix as a picture

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).plot_confusion_matrix()
    Graphics object consisting of 5 graphics primitives
"""
import numpy
from sage.plot.matrix_plot import matrix_plot
from sage.plot.text import text

from sage_logreg.plot.fonts import have_fonts, width
from sage_logreg.plot.looks import name_text
from sage_logreg.plot.options import options_explained
from sage_logreg.plot.theme import in_theme

# sides of a cell, width of a letter and height of a line, in inches; below the cells, longer names go on in the next line
CELL, LETTER, LINE, LONGEST = 0.55, 0.09, 0.17, 18
# share above which a cell is so dark that its number is white
DARK = 0.55


@options_explained
def plot_confusion(table, label_names, **options):
    r"""
    Return a confusion matrix as a picture: each cell with its number, as dark as its share of the row.

    INPUT:

    - ``table`` -- array of K x K counts; row i is for the points with the label i
    - ``label_names`` -- the K labels
    - ``options`` -- options of Sage's ``matrix_plot`` and of ``show``

    OUTPUT: a ``Graphics`` of one ``MatrixPlot`` of the shares, its first row below, and a text for each cell
    """
    sums = table.sum(axis=1, keepdims=True)
    shares = table / numpy.where(sums > 0, sums, 1)
    numbers = [[f'{count:.0f}' if count == round(count) else f'{count:.4g}' for count in row] for row in table.tolist()]
    below, beside = [name_text(name, LONGEST) for name in label_names], list(map(name_text, label_names))
    across = max(CELL, LETTER * max(map(_widest, [*below, *sum(numbers, [])])))
    left, lines = max(1.5, 1 + LETTER * max(map(_widest, beside))), max(name.count('\n') for name in below)
    classes = len(table)
    places = list(range(classes))
    have_fonts(below)
    # the first label stands above, as in the matrix, and the predictions below
    options = {'cmap': 'Blues', 'vmin': 0, 'vmax': 1, 'flip_y': False, 'ticks': [places, places], 'tick_formatter': [below, beside[::-1]],
               'axes_labels': ['prediction', 'label'], 'axes_labels_size': 1.2, 'axes_pad': 0, 'aspect_ratio': CELL / across,
               'figsize': [left + across * classes, 1 + LINE * lines + CELL * classes], **options}
    picture = matrix_plot(shares[::-1], **options)
    for i in places:
        for j in places:
            picture += text(numbers[i][j], (j, classes - 1 - i), rgbcolor='white' if shares[i, j] > DARK else 'black', axes=False)
    return in_theme(picture)


def _widest(text):
    return max(map(width, text.split('\n')))
