r"""
Options of pictures, checked, and the limits of a frame
"""
import functools
import re

from sage.plot.point import Point

from sage_logreg.plot.fonts import have_fonts
from sage_logreg.support.arguments import as_float, entries, real_number, shown, whole_number

# options that have texts
TEXTS = ('title', 'axes_labels', 'legend_label', 'colorbar_label', 'labels', 'point_options')
LIMITS = ('xmin', 'xmax', 'ymin', 'ymax')


def checked(point_options):
    r"""
    Return a checked copy of a dictionary of point options, empty for ``None``.
    """
    if point_options is not None and not isinstance(point_options, dict):
        raise TypeError(f'point_options = {shown(point_options)}; expected a dictionary of options')
    if point_options and not isinstance(point_options.get('size', {}), dict):
        real_number('size', point_options['size'], minimum=0)
    return dict(point_options or {})


def checked_contours(options):
    r"""
    Return options of ``contour_plot`` with ``contours`` checked: a number of levels, or a rising list of them.
    """
    contours = options.get('contours')
    if contours is None:
        return options
    levels = entries(contours)
    if levels is None:
        if as_float(contours) is None:
            raise TypeError(f'contours = {shown(contours)}; expected a number of levels, or a list of levels')
        return {**options, 'contours': whole_number('contours', contours)}
    levels = sorted({real_number(f'contours[{place}]', level) for place, level in enumerate(levels)})
    if not levels:
        raise ValueError('contours has 0 entries; expected a number of levels, or a list of levels')
    if len(levels) == 1 and options.get('fill', True):
        raise ValueError('contours has 1 entry; expected two levels or more, or fill=False')
    # a colour bar of one level has no length
    return {**({'colorbar': False} if len(levels) == 1 else {}), **options, 'contours': levels}


def options_explained(draw):
    r"""
    Return a function that draws, such that an option that Sage does not know is an error in one sentence, and that there are fonts
    for the texts among the options.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: maximum_likelihood(ex2data1()).plot(foo=1)
        Traceback (most recent call last):
        ...
        TypeError: foo is no option of this picture; expected options of Sage's line and of show
    """
    @functools.wraps(draw)
    def explained(*arguments, **options):
        have_fonts([str(options.get(name, '')) for name in TEXTS] + [str(value) for value in arguments if isinstance(value, dict)])
        try:
            return draw(*arguments, **options)
        except RuntimeError as error:
            # as Sage says it
            found = re.fullmatch(r"error in (\w+)\(\): option '(.*)' not valid", str(error))
            if found is None:
                raise
            raise TypeError(f"{found[2]} is no option of this picture; expected options of Sage's {found[1]} and of show") from None
    return explained


# The frame, as the user limits it

def taken_limits(options):
    r"""
    Take ``xmin``, ``xmax``, ``ymin`` and ``ymax`` out of a dictionary of options, and return them as floats.
    """
    given = {name: options.pop(name, None) for name in LIMITS}
    return {name: real_number(name, value) for name, value in given.items() if value is not None}


def within(ranges, limits):
    r"""
    Return two ranges with the user's limits in place of their own.

    INPUT:

    - ``ranges`` -- two pairs of floats
    - ``limits`` -- dictionary, as from :func:`taken_limits`
    """
    limited = []
    for axis, (low, high) in zip('xy', ranges):
        low, high = limits.get(f'{axis}min', low), limits.get(f'{axis}max', high)
        if not low < high:
            raise ValueError(f'the picture would go from {axis}min = {low:g} to {axis}max = {high:g}; '
                             f'expected {axis}min below {axis}max')
        limited.append((low, high))
    return limited


def with_limits(picture, limits, frame=None):
    r"""
    Return a picture that is shown within the user's limits.

    INPUT:

    - ``picture`` -- a ``Graphics``
    - ``limits`` -- dictionary, as from :func:`taken_limits`
    - ``frame`` -- (default: what is drawn) dictionary of all four limits, of points with their margin
    """
    # an option of show is kept when another picture is added; the axes' range is not, but is what the picture reports
    picture._extra_kwds.update(limits)
    picture.set_axes_range(**limits)
    # a margin may reach below 0, where there is no logarithm
    if frame and 'scale' not in picture._extra_kwds:
        picture.set_axes_range(**frame)
        # what a sum shows is what its parts extend to: the points take their margin with them, and lines run to the frame
        picture._extra_kwds.setdefault('axes_pad', 0)
        for primitive in picture:
            if isinstance(primitive, Point):
                primitive.get_minmax_data = functools.partial(dict, frame)
    return picture


def with_rgbcolor(options):
    r"""
    Return options with one name for a colour: Sage knows two, and accepts only one at a time.
    """
    return {'rgbcolor' if name == 'color' else name: value for name, value in options.items()}
