r"""
Looks of classes: colours and shapes that remain apart

Two classes are blue and red, discs and crosses. More have the colours of Okabe and Ito, which the colour-blind can tell apart,
and shapes that can be told apart without any colour.

REFERENCES:

- M. Okabe and K. Ito, *Color Universal Design: how to make figures and presentations that are friendly to colorblind people*,
  University of Tokyo, 2002.

EXAMPLES::

    sage: from sage_logreg.plot.looks import look
    sage: look(1, 2), look(1, 3)
    ({'marker': 'X', 'rgbcolor': 'red'}, {'marker': '^', 'rgbcolor': '#e69f00'})
"""
from sage.plot.colors import to_mpl_color

from sage_logreg.plot.fonts import in_lines
from sage_logreg.plot.options import with_rgbcolor
from sage_logreg.plot.theme import is_dark, paper
from sage_logreg.support.arguments import listed, shown

COLORS, ON_DARK, SHAPES = ('blue', 'red'), ('#6a9bff', '#ff5f4a'), ('o', 'X')
# in an order of which neighbours differ in lightness as well; their yellow is hardly seen on white
MANY_COLORS = ('#0072b2', '#e69f00', '#009e73', '#cc79a7', '#000000', '#56b4e9', '#d55e00')
# their number and that of the colours have no common divisor, so that 63 pairs are different
MARKERS = ('o', '^', 's', 'D', 'v', 'P', '*', '<', 'X')
THIN = ('P', '*', 'X')
# share of a colour in the region of its class; more of it when the colours come again
PALE, LESS_PALE = 0.2, 0.45
# letters in a line of a legend
LETTERS = 30


def look(label, classes, dots=False):
    r"""
    Return the options of Sage's ``point`` that one of several classes is drawn with, a dictionary.

    INPUT:

    - ``label`` -- the number of the class
    - ``classes`` -- how many there are
    - ``dots`` -- (default: ``False``) whether markers are too small to have a shape: then all are round, as a shape changes how
      much of them is seen. When the colours come again, dots are paler, and other markers are hollow

    EXAMPLES::

        sage: from sage_logreg.plot.looks import look
        sage: look(8, 10)
        {'marker': 'X', 'markeredgecolor': '#e69f00', 'rgbcolor': 'white'}
        sage: look(1, 10, dots=True), look(11, 12, dots=True)
        ({'rgbcolor': '#e69f00'}, {'rgbcolor': (0.55, 0.55, 0.55)})
        sage: looks = [tuple(sorted(look(label, 60).items())) for label in range(60)]
        sage: len(set(looks))
        60
    """
    color, again = base_color(label, classes), _comes_again(label)
    if dots:
        return {'rgbcolor': pale(label, color) if again else color}
    if classes == 2:
        return {'rgbcolor': color, 'marker': SHAPES[label]}
    marker = MARKERS[label % len(MARKERS)]
    return {'rgbcolor': 'white', 'markeredgecolor': color, 'marker': marker} if again else {'rgbcolor': color, 'marker': marker}


def base_color(label, classes):
    r"""
    Return the colour of one of several classes.
    """
    if classes == 2:
        return (ON_DARK if is_dark() else COLORS)[label]
    color = MANY_COLORS[label % len(MANY_COLORS)]
    return 'white' if color == '#000000' and is_dark() else color


def plain(text):
    r"""
    Return a text as it is to be read: what stands between two dollars is no formula.

    EXAMPLES::

        sage: from sage_logreg.plot.looks import plain
        sage: print(plain('from $5 to $10'))
        from \$5 to \$10
    """
    return text.replace('$', r'\$')


def name_text(name, longest=LETTERS):
    r"""
    Return a name as it is to be read, in lines that are no longer.

    EXAMPLES::

        sage: from sage_logreg.plot.looks import name_text
        sage: print(name_text('between $5 and $10', 12))
        between \$5
        and \$10
    """
    return plain(in_lines(str(name), longest))


def class_text(data, label):
    r"""
    Return what a class is called in a picture, in lines that are not too long.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.plot.looks import class_text
        sage: data = load_data([[1, 'no'], [2, 'yes, as far as anybody can tell from here']])
        sage: [class_text(data, label) for label in (0, 1)]
        ['y = no', 'y = yes, as far as anybody can\ntell from here']
    """
    return name_text(f'{data.label_name} = {data.label_names[label]}')


def _comes_again(label):
    # Whether the colours are gone through a second time, or a fourth.
    return bool(label // len(MANY_COLORS) % 2)


def color_of(label, data, options):
    r"""
    Return the colour of a class: that of its points, where the options give each class its own.

    EXAMPLES::

        sage: from sage_logreg import penguins
        sage: from sage_logreg.plot.looks import color_of
        sage: data = penguins(label='species')
        sage: color_of(2, data, None), color_of(2, data, {'color': {'Gentoo': 'teal'}}), color_of(2, data, {'color': 'teal'})
        ('#009e73', 'teal', '#009e73')
    """
    own = {name: value for name, value in (options or {}).items() if isinstance(value, dict)}
    return with_rgbcolor(of_class(own, label, data)).get('rgbcolor') or base_color(label, data.classes)


def pale(label, color):
    r"""
    Return the colour of a region, for matplotlib.

    EXAMPLES::

        sage: from sage_logreg.plot.looks import pale
        sage: pale(0, 'black'), pale(7, 'black')  # abs tol 1e-12
        ((0.8, 0.8, 0.8), (0.55, 0.55, 0.55))
    """
    share = LESS_PALE if _comes_again(label) else PALE
    return tuple(ground + share * (float(part) - ground) for part, ground in zip(to_mpl_color(color), paper()))


def of_class(options, label, data):
    r"""
    Return the options of one class: those that are dictionaries have a value for each label.

    EXAMPLES::

        sage: from sage_logreg import penguins
        sage: from sage_logreg.plot.looks import of_class
        sage: options = {'size': 10, 'marker': {'Gentoo': 's'}}
        sage: [of_class(options, label, penguins(label='species')) for label in (0, 2)]
        [{'size': 10}, {'marker': 's', 'size': 10}]

    TESTS::

        sage: of_class({'marker': {'Emperor': 's'}}, 0, penguins(label='species'))
        Traceback (most recent call last):
        ...
        ValueError: marker is given for 'Emperor'; expected labels of the data: 'Adelie', 'Chinstrap', 'Gentoo'
    """
    own = {}
    for name, value in options.items():
        if not isinstance(value, dict):
            own[name] = value
            continue
        for key in value:
            if key not in data.label_names:
                raise ValueError(f'{name} is given for {shown(key)}; expected labels of the data: {listed(map(shown, data.label_names))}')
        if data.label_names[label] in value:
            own[name] = value[data.label_names[label]]
    return own
