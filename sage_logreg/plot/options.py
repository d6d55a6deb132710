r"""
Options of pictures, checked, and the limits of a frame
"""

from sage_logreg.support.arguments import as_float, entries, real_number, shown, whole_number

LIMITS = ('xmin', 'xmax', 'ymin', 'ymax')


def checked(point_options):
    r"""
    Return a copy of a dictionary of options, empty of ``None``.

    EXAMPLES::

        sage: from sage_logreg.plot.options import checked
        sage: checked({'size': 5}), checked(None)
        ({'size': 5}, {})

    TESTS::

        sage: checked({'size': 'big'})
        Traceback (most recent call last):
        ...
        TypeError: size = 'big'; expected a real number at least 0
    """
    if point_options is not None and not isinstance(point_options, dict):
        raise TypeError(f'point_options = {shown(point_options)}; expected a dictionary of options')
    if point_options and 'size' in point_options:
        real_number('size', point_options['size'], minimum=0)
    return dict(point_options or {})


def checked_contours(options):
    r"""
    Return options of ``contour_plot`` whose contours are a number of levels or their rising list.

    EXAMPLES::

        sage: from sage_logreg.plot.options import checked_contours
        sage: checked_contours({'contours': (1/2, 1/4), 'fill': False})
        {'contours': [0.25, 0.5], 'fill': False}

    TESTS::

        sage: checked_contours({'contours': 'a'})
        Traceback (most recent call last):
        ...
        TypeError: contours = 'a'; expected a number of levels, or a list of levels
        sage: checked_contours({'contours': [1/2, 'a']})
        Traceback (most recent call last):
        ...
        TypeError: contours[1] = 'a'; expected a real number
        sage: checked_contours({'contours': [1/2]})
        Traceback (most recent call last):
        ...
        ValueError: contours has 1 entry; expected two levels or more, or fill=False
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
    # a bar of one level has no length
    return {**({'colorbar': False} if len(levels) == 1 else {}), **options, 'contours': levels}


# The frame, as the user limits it

def taken_limits(options):
    r"""
    Take ``xmin``, ``xmax``, ``ymin`` and ``ymax`` out of a dictionary of options, and return them as floats.

    EXAMPLES::

        sage: from sage_logreg.plot.options import taken_limits
        sage: options = {'xmin': 1/2, 'ymax': None, 'color': 'red'}
        sage: taken_limits(options), options
        ({'xmin': 0.5}, {'color': 'red'})

    TESTS::

        sage: taken_limits({'ymin': 'low'})
        Traceback (most recent call last):
        ...
        TypeError: ymin = 'low'; expected a real number
    """
    given = {name: options.pop(name, None) for name in LIMITS}
    return {name: real_number(name, value) for name, value in given.items() if value is not None}


def within(ranges, limits):
    r"""
    Return two ranges with the user's limits in place of their own.

    INPUT:

    - ``ranges`` -- two pairs of floats
    - ``limits`` -- dictionary, as of :func:`taken_limits`

    EXAMPLES::

        sage: from sage_logreg.plot.options import within
        sage: within([(0.r, 1.r), (0.r, 1.r)], {'xmin': -2.r, 'ymax': 3.r})
        [(-2.0, 1.0), (0.0, 3.0)]

    TESTS::

        sage: within([(0.r, 1.r), (0.r, 1.r)], {'xmin': 2.r})
        Traceback (most recent call last):
        ...
        ValueError: the picture would go from xmin = 2 to xmax = 1; expected xmin below xmax
    """
    limited = []
    for axis, (low, high) in zip('xy', ranges):
        low, high = limits.get(f'{axis}min', low), limits.get(f'{axis}max', high)
        if not low < high:
            raise ValueError(f'the picture would go from {axis}min = {low:g} to {axis}max = {high:g}; '
                             f'expected {axis}min below {axis}max')
        limited.append((low, high))
    return limited


def with_limits(picture, limits, ranges=None):
    r"""
    Return a picture that is shown within the user's limits.

    INPUT:

    - ``picture`` -- a ``Graphics``
    - ``limits`` -- dictionary, as of :func:`taken_limits`
    - ``ranges`` -- (default: what is drawn) two pairs of floats, the frame as long as no other picture is added

    EXAMPLES::

        sage: from sage_logreg.plot.options import with_limits
        sage: with_limits(point((1, 1)), {'xmin': 0.r}).xmin()
        0.0
    """
    # an option of show is kept where another picture is added; the axes' range is not, and is what the picture answers
    picture._extra_kwds.update(limits)
    picture.set_axes_range(**limits)
    # a margin may reach below 0, where a logarithm has no place
    if ranges and 'scale' not in picture._extra_kwds:
        (left, right), (bottom, top) = ranges
        picture.set_axes_range(left, right, bottom, top)
    return picture


def with_rgbcolor(options):
    r"""
    Return options in which a color has one name: Sage knows two, and takes one at a time.

    EXAMPLES::

        sage: from sage_logreg.plot.options import with_rgbcolor
        sage: with_rgbcolor({'color': 'red', 'size': 5})
        {'rgbcolor': 'red', 'size': 5}
    """
    return {'rgbcolor' if name == 'color' else name: value for name, value in options.items()}
