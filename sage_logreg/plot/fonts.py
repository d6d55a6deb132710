r"""
Fonts for names in any script: matplotlib's own font has no Chinese, Japanese or Korean characters

EXAMPLES::

    sage: from sage_logreg.plot.fonts import have_fonts
    sage: have_fonts(['x1', 'y = 0'])
    ['sans-serif']
"""
import functools
import unicodedata

REGULAR = 400


def have_fonts(texts):
    r"""
    Let matplotlib write some texts, with a second font for the characters that its first one lacks.

    INPUT:

    - ``texts`` -- list of what will be written

    OUTPUT: the font families that matplotlib uses. An installed font that has
    the characters is added to them from now on, also in other pictures: it is
    used only for what the first one lacks (an older matplotlib uses it for
    everything)

    EXAMPLES::

        sage: from sage_logreg.plot.fonts import have_fonts
        sage: from sage_logreg import load_data
        sage: data = load_data([[1, 2, 0], [3, 4, 1]], variables=['exam_1', 'exam_2'])
        sage: have_fonts(data.variables)
        ['sans-serif']
    """
    import matplotlib
    families = matplotlib.rcParams['font.family']
    characters = frozenset(character for text in texts for character in str(text) if not character.isascii())
    font = _font_with(characters, tuple(families)) if characters else None
    if font is not None and font not in families:
        # before 3.6 matplotlib has no second font
        second = getattr(matplotlib, '__version_info__', (0,)) >= (3, 6)
        matplotlib.rcParams['font.family'] = families = [*families, font] if second else [font, *families]
    return families


def width(text):
    r"""
    Return about how wide a text is, in letters: Chinese, Japanese and Korean characters are as wide as two.

    EXAMPLES::

        sage: from sage_logreg.plot.fonts import width
        sage: width('cat'), width('りんご')
        (3, 6)
    """
    return sum(1 + (unicodedata.east_asian_width(character) in 'WF') for character in text)


def in_lines(text, longest):
    r"""
    Return a text in lines that are no wider, broken at spaces where there are some, or after underscores.

    EXAMPLES::

        sage: from sage_logreg.plot.fonts import in_lines
        sage: in_lines('bill_length_mm', 12)
        'bill_length_\nmm'
        sage: in_lines('cat', 12), in_lines('a very long name', 12), in_lines('ジェンツーペンギン', 12)
        ('cat', 'a very long\nname', 'ジェンツーペ\nンギン')
    """
    lines = ['']
    for word in text.split(' '):
        if lines[-1] and width(f'{lines[-1]} {word}') <= longest:
            lines[-1] += f' {word}'
        else:
            lines.append('')
            for character in word:
                if width(lines[-1] + character) > longest:
                    head, underscore, tail = lines[-1].rpartition('_')
                    lines[-1:] = [head + underscore, tail] if head else [tail, '']
                lines[-1] += character
    return '\n'.join(lines[1:])


@functools.lru_cache(maxsize=None)
def _font_with(characters, families):
    # The first installed font that has them all; None if a font in use does, or none does.
    from matplotlib.font_manager import FontProperties, findfont
    codes = set(map(ord, characters))
    if any(codes <= _codes(findfont(FontProperties(family=[family]))) for family in families):
        return None
    fonts = sorted(_installed(), key=_unlike_the_first)
    return next((font.name for font in fonts if codes <= _codes(font.fname)), None)


def _installed():
    # from matplotlib's own list; its Last Resort font draws a box for every character
    from matplotlib.font_manager import fontManager
    return [font for font in fontManager.ttflist if font.style == 'normal' and not font.name.startswith('Last Resort')]


def _unlike_the_first(font):
    # sans serif and regular first, like matplotlib's own; in older versions a weight may be a word. Of several countries' forms of
    # the same characters the Japanese ones, as half of the worksheets are.
    sans = 'sans' in font.name.lower() or 'gothic' in font.name.lower()
    return not sans, abs(font.weight - REGULAR) if isinstance(font.weight, int) else 0, not font.name.endswith('JP'), font.name


@functools.lru_cache(maxsize=None)
def _codes(path):
    from matplotlib.font_manager import get_font
    try:
        return set(get_font(path).get_charmap())
    except (OSError, RuntimeError):
        return set()
