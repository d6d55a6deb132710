r"""
Names: of variables, of labels and of symbols
"""
import functools
import itertools
import keyword
import math
import re

from sage_logreg.support.arguments import as_float, entries, listed

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
    if isinstance(value, (str, bool)):
        return value
    return int(value) if math.isfinite(value) and value == int(value) else float(value)


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


def names_of_titles(titles):
    r"""
    Return a name for every column: its title made into a valid name, or ``x1``, ``x2``, ... by its place.

    Python's keywords, and ``pi``, ``e`` and ``I``, which a formula would show as constants, get a trailing ``_``. A title
    that is a name keeps it; others that would become the same name get numbers.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import names_of_titles
        sage: names_of_titles(['exam #1', '2nd exam', None, '?'])
        ('exam_1', 'x2nd_exam', 'x3', 'x4')
        sage: names_of_titles(['pi', 'e', 'class'])
        ('pi_', 'e_', 'class_')
        sage: names_of_titles(['a b', 'a-b', 'a_b'])
        ('a_b_2', 'a_b_3', 'a_b')

    Names of rows, without a title, take no column's name::

        sage: names_of_titles([None, 'x1', 'x2'])
        ('x1_2', 'x1', 'x2')
    """
    if set(titles) == {None}:
        return numbered_names(len(titles))
    names = ['' if title is None else valid_name(title) for title in titles]
    valid = {title: j for j, title in reversed(list(enumerate(titles))) if names[j] and names[j] == title}
    taken = set(valid)
    for j, title in enumerate(titles):
        if valid.get(title) != j:
            names[j] = unlike(names[j] or f'x{j + 1}', taken)
            taken.add(names[j])
    return tuple(names)


@functools.lru_cache(maxsize=8)
def numbered_names(count):
    r"""
    Return the names of ``count`` columns without titles; of many columns they take longer to make than all else.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import numbered_names
        sage: numbered_names(3)
        ('x1', 'x2', 'x3')
    """
    return tuple([f'x{j}' for j in range(1, count + 1)])


def valid_name(text):
    r"""
    Return the nearest name to a text that can name a variable; empty if there is none.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import valid_name
        sage: [valid_name(text) for text in ('exam #1', '2019', 'lambda', '身長', '!')]
        ['exam_1', 'x2019', 'lambda_', '身長', '']
    """
    name = words(text)
    return symbol_name('x' + name if name[:1].isdigit() else name) if name else ''


def words(text):
    r"""
    Return the letters and digits of a text, joined by ``_``.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import words
        sage: words(' <= 50 K'), words('x\xb2')
        ('50_K', 'x')
    """
    # not every letter or digit of a script may stand in a name
    return re.sub('_+', '_', ''.join(letter if ('a' + letter).isidentifier() else '_' for letter in str(text))).strip('_')


def unlike(name, others):
    r"""
    Return a name, with a number after it if it is among the others.
    """
    return name if name not in others else next(new for new in map(f'{name}_{{}}'.format, itertools.count(2)) if new not in others)


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


def truth_value(value):
    r"""
    Return what a boolean says, also one that is written as text or as 0 or 1; ``None`` if it is none.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import truth_value
        sage: [truth_value(value) for value in (True, 'FALSE', 1, 0.0, 2, 'yes')]
        [True, False, True, False, None, None]
    """
    if isinstance(value, str):
        return {'true': True, 'false': False}.get(value.strip().lower())
    return {0.0: False, 1.0: True}.get(as_float(value))


def by_truth(value, values):
    r"""
    Return the place of the boolean that a value stands for, where others are two booleans; else ``None``.

    A table may hold ``True`` where another has 1, or ``TRUE``.

    EXAMPLES::

        sage: from sage_logreg.dataset.names import by_truth
        sage: by_truth(1, ['False', 'True']), by_truth('TRUE', [False, True]), by_truth(1, ['no', 'yes'])
        (1, 1, None)
    """
    truths = [truth_value(other) for other in values]
    given = truth_value(value)
    return truths.index(given) if given is not None and sorted(map(str, truths)) == ['False', 'True'] else None
