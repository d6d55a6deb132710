r"""
Names: of variables, of labels and of symbols
"""
import keyword
import re

from sage_logreg.support.arguments import entries, listed

# a symbol of such a name would be read as the constant in a formula
CONSTANTS = ('pi', 'e', 'I')


def name_of_label(value):
    r"""
    Return a label as people write it: text, a whole number, or another number.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import name_of_label
        sage: [name_of_label(value) for value in ('no', 2.0, 0.5)]
        ['no', 2, 0.5]
    """
    if isinstance(value, str):
        return value
    return int(value) if value == int(value) else float(value)


# Names

def variable_names(variables, count):
    r"""
    Return the names that a user gives to ``count`` variables, checked.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import variable_names
        sage: variable_names('a, b', 2)
        ('a', 'b')
    """
    if isinstance(variables, str):
        variables = variables.replace(',', ' ').split()
    given = entries(variables)
    names = tuple(str(name) for name in ([variables] if given is None else given))
    if len(names) != count:
        raise ValueError(f'variables has {len(names)} name{"s" * (len(names) != 1)} ({listed(names)}); '
                         f'expected {count}, one a feature column')
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f'variables: {name!r} cannot name a variable; expected a name such as x1')
    if len(set(names)) < count:
        repeated = [name for name in names if names.count(name) > 1]
        raise ValueError(f'variables = {listed(repeated)}; expected different names')
    return names


def names_of_header(header, count):
    r"""
    Return names for ``count`` variables: the header's, made into valid names, or ``x1``, ``x2``, ...

    Python's keywords, and ``pi``, ``e`` and ``I``, which a formula would show as constants, get a trailing ``_``.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import names_of_header
        sage: names_of_header(['exam #1', '2nd exam', 'admitted'], 2)
        ('exam_1', 'x2nd_exam')
        sage: names_of_header(['pi', 'e', 'class', 'admitted'], 3)
        ('pi_', 'e_', 'class_')
        sage: names_of_header(None, 2)
        ('x1', 'x2')
    """
    default = tuple(f'x{j + 1}' for j in range(count))
    if header is None:
        return default
    names = []
    for j, title in enumerate(header[:count]):
        name = re.sub(r'\W+', '_', str(title).strip()).strip('_')
        name = symbol_name('x' + name if name[:1].isdigit() else name)
        names.append(name if name.isidentifier() else default[j])
    return tuple(names) if len(set(names)) == count else default


def weight_names(variables, intercept=True):
    r"""
    Return a name for every weight, the bias first: ``'bias'``, or ``'w0'`` if a variable is called bias.

    Without an ``intercept`` there is no bias.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import weight_names
        sage: weight_names(('x1', 'x2')), weight_names(('bias',)), weight_names(('w0', 'bias'))
        (('bias', 'x1', 'x2'), ('w0', 'bias'), ('the bias', 'w0', 'bias'))
        sage: weight_names(('x1', 'x2'), intercept=False)
        ('x1', 'x2')
    """
    if not intercept:
        return tuple(variables)
    return (next(name for name in ('bias', 'w0', 'the bias') if name not in variables), *variables)


def symbol_name(name):
    r"""
    Return a name that is valid for a symbol: with a trailing ``_`` if it is a keyword or names a constant.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import symbol_name
        sage: [symbol_name(name) for name in ('x1', 'e', 'class')]
        ['x1', 'e_', 'class_']
    """
    return name + '_' if keyword.iskeyword(name) or name in CONSTANTS else name
