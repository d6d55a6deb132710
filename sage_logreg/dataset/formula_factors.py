r"""
Factors of a formula's terms: columns, categories and expressions, as they are written

A factor is read token by token; nothing in it is ever evaluated as Python.

EXAMPLES::

    sage: from sage_logreg.dataset.formula_factors import read_factor
    sage: columns = {'age': 'age', 'bill length': 'bill length'}
    sage: factor = read_factor('log(age + `bill length`)', columns)
    sage: factor.title, factor.columns
    (None, ['age', 'bill length'])
    sage: factor.expression({'age': 'age', 'bill length': 'bill_length'})
    log(age + bill_length)
    sage: factor = read_factor("C(age, Treatment(30))", columns)
    sage: factor.title, factor.categorical, factor.reference
    ('age', True, 30)
"""
import difflib
import re

from sage_logreg.support.arguments import listed, shown

# functions of Sage that people know by the same name
FUNCTIONS = ('abs', 'arccos', 'arccosh', 'arcsin', 'arcsinh', 'arctan', 'arctan2', 'arctanh', 'ceil', 'cos', 'cosh', 'erf', 'erfc',
             'exp', 'factorial', 'floor', 'gamma', 'heaviside', 'log', 'max', 'min', 'sin', 'sinh', 'sqrt', 'tan', 'tanh',
             'unit_step')
# others, and what Sage reads in front of their argument and behind it
SPELLINGS = {
    'I': ('(', ')'), 'log2': ('log(', ', 2)'), 'log10': ('log(', ', 10)'), 'log1p': ('log(1 + (', '))'),
    'expm1': ('(exp(', ') - 1)'), 'square': ('((', ')^2)'), 'cbrt': ('real_nth_root(', ', 3)'),
    **{name: (sage + '(', ')') for name, sage in (
        ('acos', 'arccos'), ('acosh', 'arccosh'), ('asin', 'arcsin'), ('asinh', 'arcsinh'), ('atan', 'arctan'),
        ('atan2', 'arctan2'), ('atanh', 'arctanh'), ('absolute', 'abs'), ('fabs', 'abs'), ('ceiling', 'ceil'),
        ('lgamma', 'log_gamma'), ('ln', 'log'), ('maximum', 'max'), ('pmax', 'max'), ('minimum', 'min'), ('pmin', 'min'), ('sign', 'sgn'))}}
MODULES = ('np.', 'numpy.', 'math.')
CATEGORICAL = ('C', 'factor', 'as.factor', 'relevel')
TREATMENT = ('Treatment', 'patsy.Treatment', 'contr.treatment')
# what is written instead of functions that people know from elsewhere
INSTEAD = {
    'offset': 'the offset as an argument of its own, offset=...', 'Q': 'a title in quotes, such as Q("bill length")',
    **dict.fromkeys(CATEGORICAL, 'it outside of expressions, such as C(x):z'), **dict.fromkeys(('power', 'pow'), 'I(x^2)'),
    **dict.fromkeys(('poly', 'polynomial'), 'powers, such as x + I(x^2)'),
    **dict.fromkeys(('bs', 'ns', 'cr', 'cc', 'te', 's', 'lo', 'cs', 'basis_spline', 'natural_spline', 'cubic_spline', 'cut', 'lag',
                     'center', 'scale', 'standardize', 'hashed'), 'a column of the data that holds it'),
    **dict.fromkeys(('Sum', 'Helmert', 'Poly', 'Diff', 'contr.sum', 'contr.helmert', 'contr.poly', 'contr.diff', 'contr.SAS',
                     'contr.sdif'), "Treatment, such as C(x, Treatment('level'))")}
TOKEN = re.compile(r'''\s*(?:`(?P<column>[^`]*)`|(?P<name>(?:[^\W\d]|\.(?!\d))[\w.]*)'''
                   r'''|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')'''
                   r'''|(?P<operator>\*\*|[=<>!]=|\S))''', re.DOTALL)
COMPARISONS = ('==', '!=', '<', '>', '<=', '>=')


def formula_error(what, expected, place=None):
    r"""
    Return the error that says what is wrong in a formula, and where, counted from 0.
    """
    return ValueError(f'formula{"" if place is None else f", character {place + 1}"}: {what}; expected {expected}')


def shortened(text, length=60):
    r"""
    Return a text on one line, of at most 60 characters.

    EXAMPLES::

        sage: from sage_logreg.dataset.formula_factors import shortened
        sage: shortened('a +  b'), len(shortened('a + ' * 100))
        ('a + b', 60)
    """
    text = ' '.join(text.split())
    return text if len(text) <= length else text[:length - 3] + '...'


class Factor:
    r"""
    A column, a column as categories, or an expression of columns; plain data.

    - ``text`` -- as it is written, shortened; ``place`` -- where, counted from 0
    - ``title`` -- of a column; ``None`` for an expression
    - ``categorical``, ``reference`` -- whether it is inside of ``C(...)``, and the level that is named there
    - ``columns`` -- titles of the columns that are used
    - ``pieces`` -- of an expression: texts, and whole numbers for the columns
    """

    def __init__(self, text, place, title=None, categorical=False, reference=None, columns=(), pieces=()):
        self.text, self.place, self.title, self.categorical, self.reference = shortened(text), place, title, categorical, reference
        self.columns, self.pieces = [title] if title is not None else list(columns), tuple(pieces)

    @property
    def key(self):
        r"""
        What is equal for the same factor written in another way.
        """
        return self.title, self.categorical, self.reference, tuple(self.columns), self.pieces

    def check_numbers(self, coding):
        r"""
        Raise an error if a column in an expression is categorical, which ``coding.is_factor(title)`` says.
        """
        for title in self.columns if self.title is None else ():
            if coding.is_factor(title):
                raise formula_error(f'{title} in {self.text} is a column of categories', 'a column of numbers', self.place)

    def expression(self, names):
        r"""
        Return an expression of columns, an element of ``SR``; ``names`` are the columns' variables, by title.

        TESTS::

            sage: from sage_logreg.dataset.formula_factors import read_factor
            sage: columns = {'a': 'a', 'c1': 'c1', 'c0': 'c0'}
            sage: read_factor('I(c1^2 + a*c0)', columns).expression({'a': 'pi_', 'c1': 'c0', 'c0': 'c1'})
            c0^2 + c1*pi_
            sage: read_factor('I(2^10^10*a)', columns).expression(columns)
            Traceback (most recent call last):
            ...
            ValueError: formula, character 1: I(2^10^10*a): 2^10000000000 is too large to compute; expected a result below 2^10000
            sage: read_factor('I(a - a)', columns).expression(columns)
            Traceback (most recent call last):
            ...
            ValueError: formula, character 1: I(a - a) is constant; expected an expression that depends on a column
            sage: read_factor('log(a, 2, 3)', columns).expression(columns)
            Traceback (most recent call last):
            ...
            ValueError: formula, character 1: log(a, 2, 3): log(a, 2, 3) cannot be computed; expected what is defined
        """
        from sage_logreg.symbolic.expression import SR, as_expression
        # Sage knows some names as constants or functions, so it reads others in their place
        text = ' '.join(f'c{piece}' if isinstance(piece, int) else piece for piece in self.pieces)
        try:
            expression = as_expression(text, '', 'one')
        except TypeError:
            raise formula_error(f'{self.text} is not an expression', 'one such as I(a^2 + b) or log(a)', self.place) from None
        except ValueError as error:
            reason = str(error).removeprefix(f' = {shown(text)}: ')
            reason = re.sub(r'\bc(\d+)\b', lambda found: self.columns[int(found[1])], reason)
            what, _, expected = reason.rpartition('; expected ')
            raise formula_error(f'{self.text}: {what}', expected, self.place) from None
        expression = expression.subs({SR.var(f'c{j}'): SR.var(names[title]) for j, title in enumerate(self.columns)})
        if not expression.variables():
            raise formula_error(f'{self.text} is constant', 'an expression that depends on a column', self.place)
        return expression


def read_factor(text, columns, place=0):
    r"""
    Return a call such as ``C(x)``, ``I(x^2)``, ``log(x)`` or ``Q("x")``, or an expression, as a :class:`Factor`.

    INPUT:

    - ``text`` -- as it is written
    - ``columns`` -- dictionary from the names that may be written to the columns' titles
    - ``place`` -- (default: 0) where the text stands in the formula, counted from 0

    TESTS::

        sage: from sage_logreg.dataset.formula_factors import read_factor
        sage: columns = {name: name for name in ['age', 'sex']}
        sage: read_factor('Q("sex")', columns).title, read_factor('I(age)', columns).title
        ('sex', 'age')
        sage: read_factor('log(agee)', columns)
        Traceback (most recent call last):
        ...
        ValueError: formula, character 5: agee is not a column; expected one of age, sex (the nearest: age)
        sage: read_factor('lob(age)', columns)
        Traceback (most recent call last):
        ...
        ValueError: formula, character 1: lob is not a known function; expected C, I, Q, abs, ... (the nearest: log)
        sage: read_factor('I(age > 30)', columns)
        Traceback (most recent call last):
        ...
        ValueError: formula, character 7: '>' compares; expected arithmetic, such as unit_step(age - 30), or a column of its own
        sage: read_factor('offset(age)', columns)
        Traceback (most recent call last):
        ...
        ValueError: formula, character 1: offset is not known here; expected the offset as an argument of its own, offset=...
    """
    tokens, text = name_tokens(text, place), shortened(text)
    kind, name, _ = tokens[0] if tokens else (None, None, None)
    if kind == 'name' and name in CATEGORICAL and len(tokens) > 1 and tokens[1][1] == '(':
        title, reference = _category(text, tokens, columns, place)
        return Factor(text, place, title, True, reference)
    return _arithmetic(text, tokens, columns, place)


def column_titled(name, columns, place):
    r"""
    Return the title of the column of this name; an error names the nearest ones.
    """
    if name not in columns:
        near = difflib.get_close_matches(name, columns, 3)
        hint = f' (the nearest: {", ".join(near)})' if near else ''
        raise formula_error(f'{shortened(name)} is not a column', f'one of {listed(columns)}{hint}', place)
    return columns[name]


def text_of_literal(text):
    r"""
    Return what stands in quotes.
    """
    return re.sub(r'\\(.)', r'\1', text[1:-1], flags=re.DOTALL)


def name_tokens(text, place):
    r"""
    Return triples of kind, text and place; Q("name") is patsy's way to quote a column.

    EXAMPLES::

        sage: from sage_logreg.dataset.formula_factors import name_tokens
        sage: name_tokens('a + Q("b c")', 0r)
        [('name', 'a', 0), ('operator', '+', 2), ('column', 'b c', 4)]
    """
    tokens = [(found.lastgroup, found[found.lastgroup], place + found.start(found.lastgroup)) for found in TOKEN.finditer(text)]
    kept = []
    for token in tokens:
        kept.append(token)
        if len(kept) >= 4 and [text for _, text, _ in (kept[-4], kept[-3], kept[-1])] == ['Q', '(', ')'] and kept[-2][0] == 'text':
            kept[-4:] = [('column', text_of_literal(kept[-2][1]), kept[-4][2])]
    return kept


# Categories

def _category(text, tokens, columns, place):
    # The title and the reference of C(x), C(x, Treatment('b')), C(x, contr.treatment(base='b')) or relevel(x, ref='b').
    expected = "C(x), or with its reference C(x, Treatment('level'))"
    inside = tokens[2:-1]
    if not inside or inside[0][0] not in ('column', 'name') or tokens[-1][1] != ')':
        raise formula_error(f'{text} is not a column as categories', expected, place)
    _, name, where = inside[0]
    title = column_titled(name, columns, where)
    rest = inside[1:]
    if tokens[0][1] == 'relevel':
        # as if it were a contrast
        rest = rest[:1] + [('name', 'Treatment', place), ('operator', '(', place), *rest[1:], ('operator', ')', place)]
    if not rest:
        return title, None
    contrast = rest[1][1] if rest[0][1] == ',' and len(rest) > 1 else None
    if contrast in INSTEAD:
        raise formula_error(f'{contrast} is not known here', INSTEAD[contrast], rest[1][2])
    arguments = rest[2:]
    if contrast not in TREATMENT or arguments and (arguments[0][1], arguments[-1][1]) != ('(', ')'):
        raise formula_error(f'{text} is not a column as categories', expected, place)
    return title, _level(arguments[1:-1], text, expected, place)


def _level(tokens, text, expected, place):
    # The level in 'b', reference='b', base='b' or ref=3, if there is one.
    if not tokens:
        return None
    if [tokens[0][1] in ('reference', 'base', 'ref')] + [token[1] == '=' for token in tokens[1:2]] == [True, True]:
        tokens = tokens[2:]
    sign = -1 if len(tokens) == 2 and tokens[0][1] == '-' else 1
    kind, value, _ = tokens[-1] if len(tokens) == (1 if sign == 1 else 2) else (None, None, None)
    if kind == 'text' and sign == 1:
        return text_of_literal(value)
    if kind == 'number':
        return sign * (int(value) if value.isdecimal() else float(value))
    if kind == 'name' and sign == 1 and value in ('True', 'False', 'TRUE', 'FALSE'):
        return value.upper() == 'TRUE'
    raise formula_error(f'{text} names no reference', expected, place)


# Expressions

def _arithmetic(text, tokens, columns, place):
    # An expression for Sage: names of functions as Sage knows them, columns by their number.
    pieces, used, behind = [], [], []
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None]):
        kind, value, where = token
        if before and _ends(before) and (kind != 'operator' or value == '(' and before[0] != 'name'):
            raise formula_error(f'{value} follows {before[1]} at once', 'an operator between them', where)
        if kind == 'name' and after and after[1] == '(':
            continue
        if kind == 'name' and value not in columns and _without_module(value) == 'pi':
            pieces.append('pi')
        elif kind in ('column', 'name'):
            title = column_titled(value, columns, where)
            used += [] if title in used else [title]
            pieces.append(used.index(title))
        elif kind == 'number':
            pieces.append(value)
        elif value == '(':
            start, end = _function(before) if before and before[0] == 'name' else ('(', ')')
            pieces.append(start)
            behind.append(end)
        elif value == ')' and behind:
            pieces.append(behind.pop())
        else:
            pieces.append(_operator(kind, value, text, where))
    inner = [piece for piece in pieces if piece not in ('(', ')')]
    if len(inner) == 1 and used and not behind:
        return Factor(text, place, used[0])
    return Factor(text, place, columns=used, pieces=pieces)


def _ends(token):
    return token[0] != 'operator' or token[1] == ')'


def _without_module(name):
    return name.partition('.')[2] if name.startswith(MODULES) else name


def _function(token):
    # What Sage reads in front of a function's argument and behind it.
    _, written, place = token
    name = _without_module(written)
    if name in INSTEAD:
        raise formula_error(f'{written} is not known here', INSTEAD[name], place)
    if name in SPELLINGS:
        return SPELLINGS[name]
    if name not in FUNCTIONS:
        known = ['C', 'I', 'Q', *sorted({*FUNCTIONS, *SPELLINGS} - {'I'})]
        near = difflib.get_close_matches(name, known, 3)
        raise formula_error(f'{written} is not a known function',
                           ', '.join(known[:4]) + ', ...' + (f' (the nearest: {", ".join(near)})' if near else ''), place)
    return name + '(', ')'


def _operator(kind, value, text, place):
    if kind == 'operator' and value in COMPARISONS:
        raise formula_error(f'{value!r} compares', 'arithmetic, such as unit_step(age - 30), or a column of its own', place)
    if kind != 'operator' or value not in ('+', '-', '*', '/', '^', '**', ','):
        raise formula_error(f'{shown(value) if kind == "operator" else value} in {text}',
                           'arithmetic of columns: + - * / ^ and functions', place)
    return value
