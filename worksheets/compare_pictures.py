# nodoctest: Sage is not needed here
"""Compare two pictures as a person would, who does not see how their edges are smoothed."""
import io

import numpy
from PIL import Image

# Another library for fonts moves texts and frames by a pixel or two, and where a picture is cut.
PIXELS = 4
# Compared are thumbnails, in which a pixel stands for a square of so many.
SQUARE = 20
# How far a colour of these may be off, of 255: other libraries make up to 8, another colour of a thin line 12, a legend 30.
DISTANCE = 10
# The same on the average of a row or a column: other libraries make up to 3, a side of a frame 7.
ALONG_A_LINE = 5


def read(png):
    """Return the bytes of a picture, of a film its first one, as colours on white paper."""
    picture = Image.open(io.BytesIO(png)).convert('RGBA')
    paper = Image.new('RGBA', picture.size, 'white')
    paper.alpha_composite(picture)
    return paper.convert('RGB')


def difference(new, old):
    """Return in words what is different in two pictures, given as bytes; nothing, if they look alike."""
    new, old = read(new), read(old)
    if any(abs(one - other) > PIXELS for one, other in zip(new.size, old.size)):
        return 'now {} x {} pixels, stored {} x {}'.format(*new.size, *old.size)
    columns, rows = (max(length // SQUARE, 1) for length in old.size)
    # this filter looks beyond a square, so that a line that moves by a pixel into the next one changes little
    new, old = (numpy.asarray(picture.resize((columns, rows), Image.BILINEAR), dtype=int) for picture in (new, old))
    distances = abs(new - old).max(axis=2)
    found = ((distances > DISTANCE) | (distances.mean(axis=0, keepdims=True) > ALONG_A_LINE)
             | (distances.mean(axis=1, keepdims=True) > ALONG_A_LINE))
    if not found.any():
        return ''
    row, column = numpy.unravel_index(distances.argmax(), distances.shape)
    return (f'{found.mean():.1%} of the picture look different, most {column / columns:.0%} from the left and {row / rows:.0%} '
            f'from the top: now the colour {tuple(new[row, column].tolist())}, stored {tuple(old[row, column].tolist())}')
