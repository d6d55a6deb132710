r"""
Forest plots: numbers with their intervals, a line each
"""
import numpy
from matplotlib.ticker import MaxNLocator
from sage.plot.graphics import Graphics
from sage.plot.line import line
from sage.plot.point import point

from sage_logreg.plot.fonts import have_fonts
from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import MARKERS, base_color, name_text, plain
from sage_logreg.plot.options import options_explained, with_rgbcolor
from sage_logreg.plot.theme import ink

# height of a line of the picture and of what is around them, in inches, and between classes, in lines
HEIGHT, AROUND, APART = 0.32, 1.3, 0.2
# letters in a line of a name, and the fewest inches of a picture's height
LETTERS, LEAST = 34, 2.4
# numbers within a power of ten that are written at a logarithmic axis, the sparser the longer it is
TICKS = ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 2, 5), (1,))


@options_explained
def plot_forest(titles, rows, ratio=None, **options):
    r"""
    Return a forest plot.

    INPUT:

    - ``titles`` -- list of the classes' titles, of two classes an empty text
    - ``rows`` -- list of pairs: a name, and for each class the number and the ends of its interval,
      which are the number itself where there is none; or an empty text, of a name that stands above others
    - ``ratio`` -- (default: none) what the exponentials are called, if these are drawn
    - ``options`` -- options of Sage's ``point`` and of ``show``

    OUTPUT: a ``Graphics``
    """
    rows = _titles_joined(rows)
    count, classes = len(rows), len(titles)
    # the first one at the top
    places = list(range(count - 1, -1, -1))
    # a name that stands above others
    texts = [name_text(text.strip() + ':' * (not numbers), LETTERS) for text, numbers in rows]
    have_fonts([*texts, *titles])
    lines = max(1, classes / 2, 0.7 * max(text.count('\n') + 1 for text in texts))
    shown = [(place, numbers) for place, (_, numbers) in zip(places, rows) if numbers]
    zero = 1 if ratio else 0
    options = {'axes_labels': [ratio or 'weight', ''], 'frame': True, 'axes': False, 'ticks': [None, places],
               'tick_formatter': [None, texts], 'size': 35, 'aspect_ratio': 'automatic', 'ymin': -0.7, 'ymax': count - 0.3, 'axes_pad': 0,
               'figsize': [7, max(LEAST, AROUND + HEIGHT * count * lines)], **with_rgbcolor(options)}
    ends = numpy.array([triple for _, numbers in shown for triple in numbers])
    if ratio:
        with numpy.errstate(over='ignore'):
            ends = numpy.exp(ends)
    low, high = _limits(ends, zero, bool(ratio))
    options = {'xmin': low, 'xmax': high, **options}
    if ratio:
        ticks = _log_ticks(low, high)
        # Sage makes the axis as long as a power of the base at least
        base = next(base for base in (10, 2, high / low) if base <= high / low)
        options['scale'] = 'semilogx', base
        options['ticks'] = [ticks, options['ticks'][1]]
        options['tick_formatter'] = [[f'{tick:g}' for tick in ticks], options['tick_formatter'][1]]
    picture = line([(zero, -0.7), (zero, count - 0.3)], rgbcolor='gray', linestyle='--', zorder=1)
    triples = ends.reshape(len(shown), classes, 3)
    for k, title in enumerate(titles):
        heights = [place + APART * ((classes - 1) / 2 - k) for place, _ in shown]
        color = options.get('rgbcolor') or (ink() if classes == 1 else base_color(k, 3))
        picture += _bars(triples[:, k], heights, color)
        look = {'marker': 'o' if classes == 1 else MARKERS[k % len(MARKERS)], 'legend_label': plain(title) or None, 'zorder': 5}
        picture += point(list(zip(triples[:, k, 0].tolist(), heights)), **{**look, **options, 'rgbcolor': color})
    set_legend(picture, [*texts, *titles])
    return picture


def _bars(triples, heights, color):
    # The intervals, where there are some.
    picture = Graphics()
    for (_, low, high), height in zip(triples.tolist(), heights):
        if low < high:
            picture += line([(low, height), (high, height)], rgbcolor=color, thickness=1.5, zorder=4)
    return picture


def _titles_joined(rows):
    # A factor's title and its reference may come as two rows.
    joined = []
    for text, numbers in rows:
        if joined and not numbers and not joined[-1][1]:
            joined[-1] = f'{joined[-1][0]} {text.strip()}', numbers
        else:
            joined.append((text, numbers))
    return joined


def _limits(ends, zero, logarithmic):
    # What there is, the line of no effect among it, with a margin.
    finite = ends[numpy.isfinite(ends) & ((ends > 0) | (not logarithmic))]
    low, high = min(finite.min(initial=zero), zero), max(finite.max(initial=zero), zero)
    if logarithmic:
        margin = max((high / low)**0.04, 1.02)
        return low / margin, high * margin
    margin = 0.04 * (high - low) or 1.0
    return low - margin, high + margin


def _log_ticks(low, high):
    powers = numpy.arange(numpy.floor(numpy.log10(low)), numpy.ceil(numpy.log10(high)) + 1)
    if high / low < 2:
        ticks = MaxNLocator(7, steps=[1, 2, 5, 10]).tick_values(low, high)
        return ticks[(ticks >= low) & (ticks <= high)].tolist()
    for digits in TICKS:
        ticks = [float(digit * 10.0**power) for power in powers for digit in digits if low <= digit * 10.0**power <= high]
        if len(ticks) <= 9:
            break
    return ticks[::-(-len(ticks) // 9) or 1]
