r"""
Formulas as the field writes them: ``survived ~ age + sex*pclass + C(embarked) + log(fare)``

Wilkinson's notation is parsed by formulaic's parser, which here sees nothing but names: columns, ``C(...)`` and expressions are
read before (:mod:`~sage_logreg.dataset.formula_factors`), and nothing is ever evaluated as Python.

EXAMPLES::

    sage: from sage_logreg.dataset.formula import parse_formula
    sage: formula = parse_formula('survived ~ log(fare)*sex - 1', ['survived', 'sex', 'fare'])
    sage: formula.label, formula.columns, formula.intercept
    ('survived', ['fare', 'sex'], False)
"""
import itertools
import math
import re

from sage_logreg.dataset.formula_factors import Factor, column_titled, formula_error, name_tokens, read_factor, shortened
from sage_logreg.support.arguments import shown
from sage_logreg.support.warned import warn

# most characters of a formula, and how deep its parentheses may be nested
LONGEST, DEPTH = 10000, 100
# most products that are multiplied out, most columns of one of them, and the greatest power
PRODUCTS, COLUMNS, POWER = 100000, 10, 20
OPERATORS = ('+', '-', '*', '/', ':', '^', '**', 'in')
EXPECTED = "a text such as 'y ~ a + b'"


class Formula:
    r"""
    A formula in the columns of some data; plain data. :func:`parse_formula` makes it.

    - ``text`` -- as it was given
    - ``label`` -- title of the column on the left, ``None`` if there is none; of ``cbind(a, b, c)`` a list of titles
    - ``intercept`` -- whether the model has one
    - ``terms`` -- list of tuples of :class:`~sage_logreg.dataset.formula_factors.Factor`: the products, by their degree
    - ``columns`` -- titles of the columns that they use, in order of appearance
    - ``categorical`` -- titles of those in ``C(...)``
    - ``reference`` -- dictionary from titles to the levels named there: text, numbers or booleans
    """

    def __init__(self, text, label, intercept, terms):
        self.text, self.label, self.intercept, self.terms = text, label, intercept, terms
        factors = [factor for term in terms for factor in term]
        self.columns = list(dict.fromkeys(title for factor in factors for title in factor.columns))
        self.categorical = list(dict.fromkeys(factor.title for factor in factors if factor.categorical))
        self.reference = {factor.title: factor.reference for factor in factors if factor.reference is not None}

    def __repr__(self):
        return self.text

    def needs_full(self, coding):
        r"""
        Return the titles of the columns of which all levels get an indicator variable somewhere, the reference too.

        ``coding`` is as for :meth:`features`; only its ``is_factor`` is asked.

        EXAMPLES::

            sage: from sage_logreg.dataset.formula import parse_formula
            sage: class Coding:
            ....:     def is_factor(self, title): return title in ('sex', 'port')
            sage: titles = ['survived', 'sex', 'port', 'age']
            sage: [parse_formula('survived ~ ' + text, titles).needs_full(Coding())
            ....:  for text in ('sex + port', 'sex + port - 1', 'sex*port', 'sex:port', 'port + sex:age')]
            [[], ['sex'], [], ['port'], ['sex']]
        """
        return list(dict.fromkeys(factor.title for _, _, full in self._coded(coding) for factor in full if full[factor]))

    def features(self, coding):
        r"""
        Return the columns of the design as expressions, in order; ``None`` if they are the variables themselves.

        INPUT:

        - ``coding`` -- what is known of the columns by their titles: ``is_factor(title)``, whether it is categorical;
          ``variable(title)``, the variable of a numeric column; ``indicators(title, full)``, the variables of a factor's levels,
          all of them or all but the reference

        OUTPUT: list of elements of ``SR``, or ``None``

        ALGORITHM:

        A term such as ``a:b`` of two factors stands for all products of functions of `a` with functions of `b`. What the terms
        before it span already (the constant, functions of `a`) is left out, so that no column of the design follows from others:
        see :func:`subterms`. The columns of a product stand as in R, patsy and formulaic: the first factor's levels change
        fastest. The terms themselves stand by their degree, as in R and formulaic (patsy puts those without numbers first).

        EXAMPLES::

            sage: from sage_logreg.dataset.formula import parse_formula
            sage: class Coding:
            ....:     def is_factor(self, title): return title == 'sex'
            ....:     def variable(self, title): return title
            ....:     def indicators(self, title, full): return ['sex_female', 'sex_male'][0 if full else 1:]
            sage: titles = ['survived', 'sex', 'age', 'fare']
            sage: parse_formula('survived ~ sex*age + log(fare) + I(age^2)', titles).features(Coding())
            [sex_male, age, log(fare), age^2, age*sex_male]
            sage: parse_formula('survived ~ sex:age', titles).features(Coding())
            [age*sex_female, age*sex_male]
            sage: parse_formula('survived ~ sex + age', titles).features(Coding())

        TESTS::

            sage: parse_formula('survived ~ log(sex)', titles).features(Coding())
            Traceback (most recent call last):
            ...
            ValueError: formula, character 12: sex in log(sex) is a column of categories; expected a column of numbers
            sage: parse_formula('survived ~ age:fare + I(fare*age)', titles).features(Coding())
            Traceback (most recent call last):
            ...
            ValueError: formula: age:fare and I(fare*age) are the same column, age*fare; expected it once
        """
        coded = [(term, full) for _, term, full in self._coded(coding)]
        if all(len(term) == 1 and term[0].title is not None for term in self.terms):
            return None
        from sage.misc.misc_c import prod
        made = {}
        for term, full in coded:
            written = ':'.join(factor.text for factor in term)
            of_factors = [self._elements(factor, coding, full.get(factor)) for factor in term]
            # the first one's levels change fastest
            for elements in itertools.product(*reversed(of_factors)):
                product = prod(elements[::-1])
                if str(product) in made:
                    other, _ = made[str(product)]
                    raise formula_error(f'{written} and {other} are the same column, {shown(product)}', 'it once')
                made[str(product)] = written, product
        return [product for _, product in made.values()]

    def _elements(self, factor, coding, full):
        # The columns of one factor, as expressions.
        from sage_logreg.symbolic.expression import SR
        if factor.title is None:
            return [factor.expression({title: coding.variable(title) for title in factor.columns})]
        names = [coding.variable(factor.title)] if full is None else coding.indicators(factor.title, full)
        return list(map(SR.var, names))

    def columns_of_terms(self, coding):
        r"""
        Return for each term how many columns of the design are its own, a list; ``coding`` is as for :meth:`features`.

        EXAMPLES::

            sage: from sage_logreg.dataset.formula import parse_formula
            sage: class Coding:
            ....:     def is_factor(self, title): return title == 'port'
            ....:     def indicators(self, title, full): return ['port_C', 'port_Q', 'port_S'][0 if full else 1:]
            sage: titles = ['survived', 'port', 'age']
            sage: [parse_formula('survived ~ ' + text, titles).columns_of_terms(Coding()) for text in ('port*age', 'port:age - 1')]
            [[2, 1, 2], [3]]
        """
        counts = [0] * len(self.terms)
        for place, _, full in self._coded(coding):
            counts[place] += math.prod(len(coding.indicators(factor.title, full[factor])) for factor in full)
        return counts

    def _coded(self, coding):
        # For each term, by its place, what is coded of it: its factors, and of those with levels whether all of them are coded.
        known = set() if not self.intercept else {(frozenset(), frozenset())}
        for place, term in enumerate(self.terms):
            for factor in term:
                factor.check_numbers(coding)
            of_levels = [factor for factor in term if factor.title is not None and coding.is_factor(factor.title)]
            others = frozenset(factor for factor in term if factor not in of_levels)
            for full in subterms(of_levels, others, known):
                yield place, tuple(factor for factor in term if factor in full or factor not in of_levels), full


def subterms(factors, others, known):
    r"""
    Return how a term is coded such that it spans what it stands for, but nothing that is known already.

    INPUT:

    - ``factors`` -- the term's factors with levels
    - ``others`` -- the rest of the term
    - ``known`` -- set of what is spanned already, to which the term is added

    OUTPUT: list of dictionaries from some of the factors to whether all of their levels are coded

    ALGORITHM:

    With all levels coded (``a+``), a factor spans the constants; without its reference (``a-``) it does not. So ``a:b`` stands for
    ``1 + a- + b- + a-:b-``, of which those that are known are left out; what is left is simplified, from the left, by
    ``u + u:a- = u:a+``.

    REFERENCES:

    - J. M. Chambers and T. J. Hastie, Statistical Models in S, 1992, section 2.4
    - patsy's documentation, How formulas work, https://patsy.readthedocs.io/en/latest/formulas.html

    EXAMPLES::

        sage: from sage_logreg.dataset.formula import subterms
        sage: known = {(frozenset(), frozenset())}
        sage: subterms(['a', 'b'], frozenset(), known)
        [{'b': False}, {'a': False, 'b': True}]
        sage: subterms(['a'], frozenset(['x']), known), subterms(['a', 'b'], frozenset(['x']), known)
        ([{'a': True}], [{'a': True, 'b': False}])
    """
    left = []
    for count in range(len(factors) + 1):
        for subset in itertools.combinations(factors, count):
            key = others, frozenset(subset)
            if key not in known:
                known.add(key)
                left.append(dict.fromkeys(subset, False))
    pairs = True
    while pairs:
        pairs = next(((short, long) for short, long in itertools.combinations(left, 2)
                      if len(long) == len(short) + 1 and short.items() <= long.items()), None)
        if pairs:
            short, long = pairs
            left[left.index(long)] = {factor: short.get(factor, True) for factor in long}
            left.remove(short)
    return left


def parse_formula(text, titles, label=None, left_out=(), names=None, levels=()):
    r"""
    Return a text as a :class:`Formula`.

    INPUT:

    - ``text`` -- string such as ``'y ~ a + b'``
    - ``titles`` -- titles of all columns of the data
    - ``label`` -- (default: ``None``) title of the label, for a formula that names none
    - ``left_out`` -- (default: none) titles of columns that ``.`` does not stand for
    - ``names`` -- (default: none) dictionary from other names, under which columns are known too, to their titles
    - ``levels`` -- (default: none) titles of columns that are categories in any case, within ``C(...)`` or without

    The right side is made of columns (`` `bill length` `` or ``Q("bill length")`` where the title is no name), of ``C(x)`` or
    ``C(x, Treatment('level'))`` for a column as categories, and of expressions of columns: ``log(x)``, ``I(x^2)``, ``{x/y}``.
    Between them ``+``, ``a:b`` for the interaction, ``a*b`` for ``a + b + a:b``, ``(a + b + c)^2`` for all interactions of two,
    ``a/b`` or ``b %in% a`` for ``a + a:b``, and ``-`` for what is left out; ``.`` is all other columns, ``- 1`` or ``+ 0`` is no
    intercept.

    EXAMPLES::

        sage: from sage_logreg.dataset.formula import parse_formula
        sage: titles = ['bill length', 'sex', 'year', 'island']
        sage: formula = parse_formula("sex ~ `bill length`*C(year, Treatment(2008)) + .", titles)
        sage: formula.columns, formula.categorical, formula.reference
        (['bill length', 'year', 'island'], ['year'], {'year': 2008})
        sage: parse_formula('~ . - year', titles, label='sex').columns
        ['bill length', 'island']

    TESTS::

        sage: for text in ['sex', 'sex ~ year ~ island', 'log(sex) ~ year', 'sex ~ yaer', 'sex ~ sex + year', 'sex ~ 1',
        ....:              'sex ~ year +', 'sex ~ 2*year', 'sex ~ (1 + island)', 'sex ~ 1 | island', 'sex ~ year == 2007',
        ....:              'sex ~ year + C(year)', 'sex ~ .^30']:
        ....:     try:
        ....:         parse_formula(text, titles)
        ....:     except ValueError as error:
        ....:         print(error)
        formula = 'sex': there is no ~; expected a text such as 'y ~ a + b'
        formula, character 12: a second ~; expected one, between the label and the columns
        formula, character 1: 'log(sex)' on the left side; expected the label, one column
        formula, character 7: yaer is not a column; expected one of bill length, sex, year, island (the nearest: year)
        formula, character 7: the label sex is on the right side too; expected other columns
        formula = 'sex ~ 1': no column is left on the right side; expected at least one
        formula, character 12: + without what it stands between; expected a text such as 'y ~ a + b'
        formula, character 7: the number 2; expected 0 or 1 for the intercept, arithmetic inside of I(...)
        formula, character 8: the number 1 in parentheses; expected -1 or +0 outside of them
        formula, character 9: '|' is not known here; expected + - * / : ^ %in%
        formula, character 12: '==' is not known here; expected + - * / : ^ %in%
        formula, character 7: year is written with and without C(...); expected one of them
        formula, character 9: the power 30; expected a whole number from 1 to 20
    """
    if not isinstance(text, str):
        raise TypeError(f'formula = {shown(text)}; expected {EXPECTED}')
    left, right = _sides(text)
    titles = [title for title in titles if title is not None]
    columns = {**(names or {}), **dict(zip(titles, titles))}
    given = _label(text, left, columns)
    label = label if given is None else given
    labels = label if isinstance(label, list) else [label]
    others = [title for title in titles if title not in labels and title not in left_out]
    return _Right(text, right, columns, others, labels, levels).formula(given)


# Tokens

def _sides(text):
    # The tokens on the left of ~ and on the right: of a kind, a text and the place, as formulaic finds them.
    from formulaic.errors import FormulaicError
    from formulaic.parser.algos.tokenize import tokenize
    if len(text) > LONGEST:
        raise formula_error(f'{len(text)} characters', f'at most {LONGEST}')
    depths = itertools.accumulate((character in '([{') - (character in ')]}') for character in text)
    if max(depths, default=0) > DEPTH:
        raise formula_error(f'parentheses are nested more than {DEPTH} times', 'a simpler one')
    try:
        tokens = [(token.kind.value, token.token, token.source_start) for token in tokenize(text)]
    except FormulaicError:
        raise _unreadable(text, 'a parenthesis, a brace or a quote is not closed, or stands where it cannot') from None
    tokens = [part for token in tokens for part in _signs_apart(*token)]
    tildes = [j for j, (kind, written, _) in enumerate(tokens) if (kind, written) == ('operator', '~')]
    if not tildes:
        raise _unreadable(text, 'there is no ~')
    if len(tildes) > 1:
        raise formula_error('a second ~', 'one, between the label and the columns', tokens[tildes[1]][2])
    return tokens[:tildes[0]], tokens[tildes[0] + 1:]


def _unreadable(text, what, expected=EXPECTED):
    return ValueError(f'formula = {shown(text)}: {what}; expected {expected}')


def _signs_apart(kind, written, place):
    # ~ and signs that follow each other are one token of formulaic's.
    if kind == 'operator' and re.fullmatch('~?[-+]*', written):
        return [(kind, sign, place) for sign in written]
    return [(kind, written, place)]


def _factor(kind, written, place, text, columns):
    # A name or a call as a Factor.
    if kind == 'python':
        return read_factor(written, columns, place + (text[place] == '{'))
    return Factor(written, place, column_titled(written, columns, place))


# The left side

def _label(text, tokens, columns):
    # The title of the label's column, None if there is none; of counts a list of titles.
    if not tokens:
        return None
    kind, name, place = tokens[0]
    written = text[place:].partition('~')[0].strip()
    expected = 'the label, one column'
    is_title = kind == 'name' or name.startswith('Q(')
    compares = not is_title and (re.search(r'[=<>\[]', name) or ',' in name)
    if len(tokens) == 1 and not compares and (is_title or re.match(r'(C|I|factor|as\.factor)\(', name)):
        title = _factor(*tokens[0], text, columns).title
        if title is not None:
            return title
    if len(tokens) == 1 and name.startswith('cbind('):
        return _counts(name, place, columns)
    if compares or any(re.search('[=<>]', written) for kind, written, _ in tokens if kind == 'operator'):
        expected += "; which of its values counts as 1 is said by positive='yes'"
    raise formula_error(f'{shown(written)} on the left side', expected, place)


def _counts(written, place, columns):
    # The titles in cbind(a, b, c), the columns of counts.
    tokens = name_tokens(written, place)[2:]
    titles = [column_titled(name, columns, where) for kind, name, where in tokens[::2] if kind in ('name', 'column')]
    marks = [mark for _, mark, _ in tokens[1::2]]
    if 2 * len(titles) != len(tokens) or len(titles) < 2 or marks != [','] * (len(titles) - 1) + [')'] or len(set(titles)) < len(titles):
        raise formula_error(f'{shortened(written)} on the left side', 'cbind(a, b, c) of different columns of counts, one for each class',
                            place)
    return titles


# The right side

class _Right:
    # The right side of a formula on its way to terms: its factors get names of their own, and formulaic sees these alone.

    def __init__(self, text, tokens, columns, others, labels, levels):
        self.text, self.tokens, self.columns, self.others, self.labels = text, tokens, columns, others, labels
        self.levels, self.factors, self.codes = levels, [], {}

    def formula(self, given):
        # The whole right side.
        from formulaic.errors import FormulaicError
        from formulaic.parser import DefaultFormulaParser
        written = ' '.join(self._rewritten())
        everything = [self._code(Factor(title, None, title)) for title in self.others]
        if not self.others and any(token[:2] == ('value', '.') for token in self.tokens):
            raise _unreadable(self.text, 'there are no other columns for the dot', 'at least one')
        parser = DefaultFormulaParser(feature_flags=set())
        try:
            _check_products(parser.get_ast(written), len(everything))
            terms = list(parser.get_terms(written, context={'__formulaic_variables_available__': everything}))
        except FormulaicError as error:
            # its first line; further ones show the place in colours
            reason = str(error).strip().partition('\n')[0].rstrip('.')
            reason = re.sub(r'\bf(\d+)\b', lambda found: self.factors[int(found[1])].text, reason)
            raise _unreadable(self.text, reason) from None
        terms = [[factor.expr for factor in term.factors] for term in terms]
        intercept = ['1'] in terms
        return Formula(self.text, given, intercept, self._checked([term for term in terms if term != ['1']]))

    def _code(self, factor):
        # The name under which formulaic sees a factor.
        if factor.key not in self.codes:
            self.codes[factor.key] = f'f{len(self.factors)}'
            self.factors.append(factor)
        return self.codes[factor.key]

    def _rewritten(self):
        # The tokens for formulaic, one by one.
        for kind, written, place in self.tokens:
            if kind == 'operator' and written not in OPERATORS:
                raise formula_error(f'{written!r} is not known here', '+ - * / : ^ %in%', place)
        depth, before = 0, None
        for token, after in itertools.zip_longest(self.tokens, self.tokens[1:]):
            kind, written, place = token
            depth += (written == '(') - (written == ')')
            if kind in ('name', 'python'):
                yield self._code(_factor(*token, self.text, self.columns))
            elif kind == 'operator':
                yield self._operator(token, before, after)
            elif kind == 'context':
                if written in ('[', ']') or depth < 0:
                    raise formula_error(f'{written} stands where it cannot', 'parentheses in pairs', place)
                yield written
            elif written == '.' or before and before[1] in ('^', '**'):
                yield written
            else:
                yield self._intercept(token, before, after, depth)
            before = token
        if depth:
            raise _unreadable(self.text, 'a parenthesis is not closed')

    def _operator(self, token, before, after):
        _, written, place = token
        if after is None or after[1] == ')':
            raise formula_error(f'{written} without what it stands between', EXPECTED, place)
        if written in ('^', '**') and not (re.fullmatch('[0-9]{1,5}', after[1]) and 1 <= int(after[1]) <= POWER):
            raise formula_error(f'the power {after[1]}', f'a whole number from 1 to {POWER}', after[2])
        if written in ('^', '**') and before and before[0] in ('name', 'python'):
            name = shortened(before[1])
            warn(f'formula, character {place + 1}: {name}{written}{after[1]} is {name} itself, as all interactions with '
                 f'itself are; its power is written I({name}^{after[1]})', UserWarning)
        return '%in%' if written == 'in' else written

    def _intercept(self, token, before, after, depth):
        # 0 or 1; other numbers are refused.
        _, written, place = token
        hint = f'; the column is written `{written}`' if written in self.columns else ''
        if written[0] in '\'"':
            raise formula_error(f'{written} in quotes', f'a column, which is written `{written[1:-1]}`', place)
        if written not in ('0', '1') or any(token and token[1] not in ('+', '-', '(', ')') for token in (before, after)):
            raise formula_error(f'the number {written}', f'0 or 1 for the intercept, arithmetic inside of I(...){hint}', place)
        if depth:
            raise formula_error(f'the number {written} in parentheses', '-1 or +0 outside of them', place)
        return written

    def _checked(self, terms):
        # The terms as factors, if a model can be made of them.
        terms = [tuple(self.factors[int(code[1:])] for code in term) for term in terms]
        used = list(dict.fromkeys(itertools.chain(*terms)))
        categories = {}
        for factor in sorted(used, key=lambda factor: factor.reference is None):
            if factor.categorical:
                other = categories.setdefault(factor.title, factor)
                if factor.reference not in (None, other.reference):
                    both = f'{shown(other.reference)} and {shown(factor.reference)}'
                    raise formula_error(f'{factor.title} has two references, {both}', 'one', factor.place)
        for factor in used:
            self._check_factor(factor, categories)
        # a column is categorical if it is in C(...) beside it: what the dot stands for, and text
        terms = [tuple(dict.fromkeys(categories.get(factor.title, factor) for factor in term)) for term in terms]
        terms = sorted(dict.fromkeys(terms), key=len)
        if not terms:
            raise _unreadable(self.text, 'no column is left on the right side', 'at least one')
        if len(terms[-1]) > COLUMNS:
            raise formula_error(f'an interaction of {len(terms[-1])} columns', f'at most {COLUMNS}', terms[-1][0].place)
        return terms

    def _check_factor(self, factor, categories):
        for label in set(self.labels).intersection(factor.columns):
            raise formula_error(f'the label {label} is on the right side too', 'other columns', factor.place)
        for title in factor.columns:
            expected = factor.categorical or factor.place is None or title in self.levels
            if title in categories and not expected:
                raise formula_error(f'{title} is written with and without C(...)', 'one of them', factor.place)


def _check_products(tree, everything):
    # Refuses what would be multiplied out to too much; the tree can be too deep for recursion.
    counts, left = {}, [tree]
    while left:
        node = left[-1]
        parts = list(getattr(node, 'args', ()))
        waiting = [part for part in parts if id(part) not in counts]
        if waiting:
            left += waiting
            continue
        left.pop()
        counts[id(node)] = _count(node, [counts[id(part)] for part in parts], everything)
        if counts[id(node)] > PRODUCTS:
            raise formula_error(f'more than {PRODUCTS} products of columns', 'fewer interactions')


def _count(node, counts, everything):
    # How many products a node of formulaic's tree stands for, at most.
    if not hasattr(node, 'operator'):
        return 1
    symbol = node.operator.symbol
    if symbol == '.':
        return everything
    if symbol in ('^', '**'):
        return counts[0]**int(node.args[1].token)
    if symbol == ':':
        return counts[0] * counts[1]
    return sum(counts) + (counts[0] * counts[1] if symbol == '*' else 0)
