r"""
Pictures of effects: probabilities over a variable, with their intervals
"""
import numpy
from sage.plot.graphics import Graphics
from sage.plot.line import line
from sage.plot.plot import graphics_array
from sage.plot.point import point
from sage.plot.polygon import polygon

from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.looks import MARKERS, base_color, class_text, name_text
from sage_logreg.plot.options import options_explained, with_rgbcolor
from sage_logreg.plot.theme import ink

# opacity of a band, and distance of the points of levels of two factors
SHEER, APART = 0.15, 0.12


@options_explained
def plot_effect(data, variable, by, curves, text, **options):
    r"""
    Return curves of probabilities over a variable, or points over the levels of a factor.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``variable``, ``by`` -- names, the second may be ``None``
    - ``curves`` -- list of :class:`~sage_logreg.model.effects.Curve`, one for each level of ``by``
    - ``text`` -- the title
    - ``options`` -- options of Sage's ``line`` (of a factor ``point``) and of ``show``

    OUTPUT: a ``Graphics``, or an array of them
    """
    options = {'axes_labels': [name_text(variable), f'P({class_text(data, 1)})'], 'frame': True, 'axes': False,
               'aspect_ratio': 'automatic', **({'title': name_text(text, 70)} if text else {}), **with_rgbcolor(options)}
    by_text = [None if by is None else name_text(f'{by} = {_value_text(curve.level)}') for curve in curves]
    if data.classes == 2:
        return _drawn([_of_class(curve, 1) for curve in curves], by_text, options)
    options['axes_labels'] = [options['axes_labels'][0], 'probability']
    if by is not None:
        # to be compared
        options = {'ymin': 0, 'ymax': 1, **options}
    texts = [class_text(data, k) for k in range(data.classes)]
    panels = [_drawn([_of_class(curve, k) for k in range(data.classes)], texts,
                     options if title is None else {**options, 'title': '\n'.join(filter(None, [title, options.get('title')]))})
              for curve, title in zip(curves, by_text)]
    return panels[0] if by is None else graphics_array(panels, 1, len(panels))


def _of_class(curve, k):
    return curve.values, curve.probabilities[:, k], curve.ends and [end[:, k] for end in curve.ends]


def _value_text(value):
    return f'{value:.4g}' if isinstance(value, float) else str(value)


def _drawn(curves, texts, options):
    draw = _curve if isinstance(curves[0][0][0], float) else _points
    picture = Graphics()
    for place, (curve, text) in enumerate(zip(curves, texts)):
        color = ink() if len(curves) == 1 else base_color(place, 3)
        picture += draw(curve, place, len(curves), {'rgbcolor': color, 'legend_label': text, **options})
    set_legend(picture, [text for text in texts if text])
    return picture


def _curve(curve, place, count, options):
    x, p, ends = curve
    picture = line(list(zip(x, p.tolist())), **{'thickness': 1.5, **options})
    if ends is not None:
        outline = [*zip(x, ends[0].tolist()), *reversed(list(zip(x, ends[1].tolist())))]
        picture += polygon(outline, rgbcolor=options['rgbcolor'], alpha=SHEER, zorder=-1, aspect_ratio='automatic', axes=False)
    return picture


def _points(curve, place, count, options):
    levels, p, ends = curve
    x = [number + APART * (place - (count - 1) / 2) for number in range(len(levels))]
    options = {'ticks': [list(range(len(levels))), None], 'tick_formatter': [[name_text(level, 14) for level in levels], None],
               'size': 40, 'marker': MARKERS[place % len(MARKERS)], 'zorder': 5, 'xmin': -0.5, 'xmax': len(levels) - 0.5, **options}
    picture = Graphics()
    if ends is not None:
        for at, low, high in zip(x, *(end.tolist() for end in ends)):
            picture += line([(at, low), (at, high)], rgbcolor=options['rgbcolor'], thickness=1.5, zorder=4, aspect_ratio='automatic',
                            axes=False)
    return picture + point(list(zip(x, p.tolist())), **options)
