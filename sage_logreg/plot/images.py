r"""
Images side by side, as one picture

EXAMPLES::

    sage: from sage_logreg import digits
    sage: digits().plot_images()
    Graphics object consisting of 21 graphics primitives
"""
import numpy
from matplotlib import cm
from sage.plot.matrix_plot import matrix_plot
from sage.plot.text import text

from sage_logreg.plot.fonts import have_fonts
from sage_logreg.plot.fonts import width as text_width
from sage_logreg.plot.looks import plain
from sage_logreg.plot.options import options_explained
from sage_logreg.plot.theme import in_theme, ink
from sage_logreg.support.arguments import entries, shown, whole_number

# width of an image and least width of all in inches, size of the captions in points, and width of a letter as a share of it
WIDTH, LEAST, FONT, LETTER = 0.8, 2, 9, 0.62
# empty pixels between images, as a share of their width: beside them, and over them, for the captions
BESIDE, OVER = 0.1, 0.4


@options_explained
def plot_images(images, names, captions=None, columns=10, **options):
    r"""
    Return images in rows, each with a caption above it; no axes.

    INPUT:

    - ``images`` -- array of m x height x width numbers
    - ``names`` -- what the m images are called
    - ``captions`` -- (default: these) list of m texts; what stands between two dollars is a formula, as in Sage
    - ``columns`` -- (default: 10) how many images stand in a row
    - ``options`` -- options of Sage's ``matrix_plot`` and of ``show``

    OUTPUT: a ``Graphics`` of one ``MatrixPlot``, in which what lies between the images is ``nan``, and the captions as texts
    """
    columns = min(whole_number('columns', columns, minimum=1), len(images))
    captions = [plain(str(name)) for name in names] if captions is None else _checked(captions, len(images))
    count, height, width = images.shape
    beside, over = (max(1, round(share * width)) for share in (BESIDE, OVER))
    rows = -(-count // columns)
    sheet = numpy.full((rows * (height + over), columns * (width + beside)), numpy.nan)
    pixel = max(WIDTH * columns, LEAST) / (columns * width)
    picture_size = [pixel * sheet.shape[1] + bool(options.get('colorbar')), pixel * sheet.shape[0]]
    places = [(k // columns * (height + over) + over, k % columns * (width + beside) + beside // 2) for k in range(count)]
    for image, (top, left) in zip(images, places):
        sheet[top:top + height, left:left + width] = image
    have_fonts(captions)
    # long captions are smaller, so that they do not meet
    letters = max(1, *map(text_width, captions))
    font = min(FONT, 72 * pixel * (width + beside) / (LETTER * letters))
    # by themselves, as Sage 9.5 finds no map by the name of a reversed one
    picture = matrix_plot(sheet, **{'cmap': cm.gray_r, 'frame': False, 'axes': False, 'figsize': picture_size, **options})
    for caption, (top, left) in zip(captions, places):
        picture += text(caption, (left + (width - 1) / 2, top - 0.5), rgbcolor=ink(), fontsize=font, vertical_alignment='bottom',
                        axes=False)
    return in_theme(picture)


def plot_weights(weights, names, columns=5, captions=None, **options):
    r"""
    Return weights as images, in one scale of colours that is symmetric about zero.

    INPUT:

    - ``weights`` -- array of m x height x width numbers
    - ``names`` -- what stands above them
    - ``columns``, ``captions``, ``options`` -- as for :func:`plot_images`
    """
    most = float(abs(weights).max()) or 1.0
    return plot_images(weights, names, captions, columns, **{'cmap': cm.RdBu_r, 'vmin': -most, 'vmax': most, **options})


def _checked(captions, count):
    texts = entries(captions)
    if texts is None:
        raise TypeError(f'captions = {shown(captions)}; expected a list of {count} texts')
    if len(texts) != count:
        raise ValueError(f'captions has {len(texts)} entries; expected one for each of the {count} images')
    return list(map(str, texts))


def chosen_rows(rows, count, first=20):
    r"""
    Return the numbers of the rows that are meant, as ints: by default the first.

    INPUT:

    - ``rows`` -- a whole number, a slice, or a list or range of whole numbers; those below 0 count from the end
    - ``count`` -- how many there are

    EXAMPLES::

        sage: from sage_logreg.plot.images import chosen_rows
        sage: chosen_rows(None, 3), chosen_rows(slice(0, 6, 2), 5), chosen_rows([7, -1], 10), chosen_rows((1..3), 10), chosen_rows(2, 3)
        ([0, 1, 2], [0, 2, 4], [7, 9], [1, 2, 3], [2])

    TESTS::

        sage: chosen_rows([3, 10], 10)
        Traceback (most recent call last):
        ...
        ValueError: rows[1] = 10; expected a whole number from -10 to 9
        sage: chosen_rows([], 10)
        Traceback (most recent call last):
        ...
        ValueError: rows = []; expected at least one row
    """
    if rows is None:
        rows = slice(first)
    if isinstance(rows, slice):
        chosen = list(range(count))[rows]
    else:
        given = entries(rows)
        names = ['rows'] if given is None else [f'rows[{place}]' for place in range(len(given))]
        chosen = [whole_number(name, row, -count, count - 1) % count for name, row in zip(names, [rows] if given is None else given)]
    if not chosen:
        raise ValueError(f'rows = {shown(rows)}; expected at least one row')
    return chosen
