r"""
Coding: how the columns of a table become variables, factors as indicators of their levels

A column of numbers is a variable. A factor, a column of text, becomes an indicator variable for each level but its
reference level: ``sex_male`` is 1 where the sex is male, else 0. The :class:`Coding` of a model's data also reads new tables.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: data = load_data([[34, 'female', 0], [60, 'male', 1], [19, 'male', 0], [41, 'female', 1]], variables='age, sex')
    sage: data.coding.columns
    (Numbers(title='age', variable='age'), Factor(title='sex', levels=('female', 'male'), reference='female', indicators={'male': 'sex_male'}))
    sage: data.points
    array([[34.,  0.],
           [60.,  1.],
           [19.,  1.],
           [41.,  0.]])

REFERENCES:

- J. M. Chambers and T. J. Hastie (editors), *Statistical Models in S*, Wadsworth and Brooks/Cole, 1992, chapter 2.
"""
import dataclasses
import functools
import difflib

import numpy

from sage_logreg.dataset.cells import check_usable
from sage_logreg.dataset.names import by_truth, name_of_label, names_of_titles, numbered_names, unlike, words
from sage_logreg.dataset.sparse import indicators_and_numbers, stays_sparse
from sage_logreg.support.arguments import as_float, listed, shown

# a factor has no more levels, unless it was asked for
MOST_LEVELS = 50


@dataclasses.dataclass(frozen=True)
class Numbers:
    r"""
    A column that is a variable.

    - ``title`` -- its title in the table, or its variable's name where there is none
    - ``variable`` -- the variable's name
    """

    title: str
    variable: str

    @property
    def variables(self):
        r"""
        The variables that the column becomes, a tuple.
        """
        return (self.variable,)


@dataclasses.dataclass(frozen=True)
class Factor:
    r"""
    A column of text, booleans or numbers with a few values, its levels.

    - ``title`` -- as for :class:`Numbers`
    - ``levels`` -- tuple of the levels, in order
    - ``reference`` -- the level that has no indicator variable, unless the factor is coded fully
    - ``indicators`` -- dictionary from levels to the names of their indicator variables
    """

    title: str
    levels: tuple
    reference: object
    indicators: dict

    def __hash__(self):
        return hash((self.title, self.levels, self.reference, tuple(self.indicators.values())))

    @property
    def variables(self):
        r"""
        The variables that the column becomes, a tuple.
        """
        return tuple(self.indicators.values())

    @property
    def is_full(self):
        r"""
        Whether the reference level has an indicator too.
        """
        return len(self.indicators) == len(self.levels)

    def __str__(self):
        r"""
        Return the factor's title and levels, the reference first.

        EXAMPLES::

            sage: from sage_logreg.dataset.categorical import Factor
            sage: print(Factor('sex', ('female', 'male'), 'male', {'female': 'sex_female'}))
            sex (male, female)
        """
        others = [level for level in self.levels if level != self.reference]
        return f'{self.title} ({listed(list(map(str, [self.reference, *others])), "levels")})'


class Coding:
    r"""
    How the columns of a table become variables.

    - ``columns`` -- tuple of :class:`Numbers` and :class:`Factor`
    - ``named`` -- whether the names are those of a source or a user, so that named columns are found by them

    EXAMPLES: see :mod:`sage_logreg.dataset.categorical`.
    """

    def __init__(self, columns, named=False):
        self.columns, self.named = columns, named

    @classmethod
    def of_variables(cls, names, named=None):
        r"""
        Return the coding of columns that are the variables themselves; ``x1``, ``x2``, ... are no names of a source.
        """
        coding = cls.__new__(cls)
        coding.variables, coding.factors = tuple(names), ()
        coding.named = coding.variables != numbered_names(len(names)) if named is None else named
        return coding

    @functools.cached_property
    def columns(self):
        # of many variables they are not made before anybody asks
        return tuple(Numbers(name, name) for name in self.variables)

    def __eq__(self, other):
        if not isinstance(other, Coding):
            return NotImplemented
        return (self.columns, self.named) == (other.columns, other.named)

    def __hash__(self):
        return hash((self.columns, self.named))

    @functools.cached_property
    def variables(self):
        r"""
        The names of all variables, a tuple.
        """
        return tuple(name for column in self.columns for name in column.variables)

    @functools.cached_property
    def factors(self):
        r"""
        The columns that are factors, a tuple.
        """
        return tuple(column for column in self.columns if isinstance(column, Factor))

    @property
    def titles(self):
        r"""
        A dictionary from the names of the variables to the titles of their columns.
        """
        return {name: column.title for column in self.columns for name in column.variables}

    def entries(self):
        r"""
        Return the coding as lists and text, for a file.

        EXAMPLES::

            sage: from sage_logreg.dataset.categorical import Coding, Factor
            sage: coding = Coding((Factor('sex', ('f', 'm'), 'f', {'m': 'sex_m'}),), True)
            sage: coding.entries()['columns'][0]['indicators']
            ['m', 'sex_m']
            sage: Coding.from_entries(**coding.entries()) == coding
            True
        """
        return {'columns': [{'title': column.title, 'variable': column.variable} if isinstance(column, Numbers) else
                            {'title': column.title, 'levels': list(column.levels), 'reference': column.reference,
                             'indicators': [one for pair in column.indicators.items() for one in pair]}
                            for column in self.columns], 'named': self.named}

    @classmethod
    def from_entries(cls, columns, named):
        r"""
        Return the coding in a file, checked: levels that the indicators have, texts, numbers and booleans.
        """
        made = []
        for entry in columns:
            if set(entry) == {'title', 'variable'}:
                made.append(Numbers(_text('title', entry['title']), _text('variable', entry['variable'])))
                continue
            title, levels, reference, pairs = (entry[name] for name in ('title', 'levels', 'reference', 'indicators'))
            if set(entry) != {'title', 'levels', 'reference', 'indicators'}:
                raise ValueError(f'coding: {shown(entry)}; expected title, levels, reference and indicators')
            indicators = dict(zip(pairs[::2], (_text('indicators', name) for name in pairs[1::2])))
            if (not all(isinstance(level, (str, bool, int, float)) for level in levels) or len(set(map(str, levels))) < len(levels)
                    or reference not in levels or not set(indicators) <= set(levels) or len(pairs) % 2 or not indicators):
                raise ValueError(f'coding: {shown(entry)}; expected different levels, and among them the reference and those that '
                                 'have an indicator')
            made.append(Factor(_text('title', title), tuple(levels), reference, indicators))
        if not isinstance(named, bool):
            raise TypeError(f'coding: named = {shown(named)}; expected true or false')
        return cls(tuple(made), named)

    def __getitem__(self, title):
        return next(column for column in self.columns if column.title == title)

    # what a formula asks

    def is_factor(self, title):
        r"""
        Return whether a column is a factor.
        """
        return isinstance(self[title], Factor)

    def variable(self, title):
        r"""
        Return the name of the variable of a column of numbers.
        """
        return self[title].variable

    def indicators(self, title, full=False):
        r"""
        Return the names of a factor's indicator variables, in the order of its levels; the reference's too if ``full``.
        """
        factor = self[title]
        return [factor.indicators[level] for level in factor.levels
                if level in factor.indicators and (full or level != factor.reference)]

    def renamed(self, names):
        r"""
        Return the coding with other names of the variables.
        """
        names = list(names)
        columns = []
        for column in self.columns:
            if isinstance(column, Factor):
                columns.append(dataclasses.replace(column, indicators={level: names.pop(0) for level in column.indicators}))
            else:
                name = names.pop(0)
                columns.append(Numbers(name, name))
        return Coding(tuple(columns), True)


def _text(name, value):
    if not isinstance(value, str):
        raise TypeError(f'coding: {name} = {shown(value)}; expected text')
    # half of a surrogate pair can be neither printed nor saved
    value.encode('utf-8')
    return value


# Made from a table

def coding_of(table, columns, categorical=(), reference=None, full=(), names=None):
    r"""
    Return the :class:`Coding` of some columns of a table.

    INPUT:

    - ``table`` -- a :class:`~sage_logreg.dataset.table.Table`
    - ``columns`` -- the places of the columns
    - ``categorical`` -- the places of columns that are to be factors, whatever they hold
    - ``reference`` -- dictionary from places to reference levels
    - ``full`` -- the places of factors whose reference has an indicator too
    - ``names`` -- (default: from the titles) a name for each column
    """
    if table.is_plain and not categorical and not reference:
        return Coding.of_variables(numbered_names(len(columns)) if names is None else names, named=names is not None)
    titles = table.titles
    given = names
    if names is None:
        # where columns have titles, each has the same name whichever of them are variables
        of_all = names_of_titles(titles or [None] * len(columns))
        names = of_all if titles is None else [of_all[place] for place in columns]
    reference = reference or {}
    coded, taken = [], set(names)
    for place, name in zip(columns, names):
        column = table.columns[place]
        title = column.title if titles is not None and column.title else name
        if place in categorical or column.numbers is None:
            factor = _factor(table, place, title, name, place in categorical, reference.get(place), place in full, taken)
            taken |= set(factor.variables)
            coded.append(factor)
        elif place in reference:
            raise ValueError(f'reference: {title!r} is a column of numbers and has no levels; expected it in categorical=')
        else:
            coded.append(Numbers(title, name))
    return Coding(tuple(coded), titles is not None or given is not None)


def _factor(table, place, title, name, asked_for, reference, full, taken):
    check_usable(table, place)
    column = table.columns[place]
    codes, levels = levels_of(column)
    where = f'{table.name}, column {place + 1} ({title})' if str(title) != str(place + 1) else f'{table.name}, column {place + 1}'
    if column.numbers is not None and column.bad is None and numpy.isinf(column.numbers).any():
        row = int(numpy.argmax(numpy.isinf(column.numbers)))
        raise ValueError(f'{table.place(row, place)}: {column.numbers[row]} is not a finite number')
    used = numpy.flatnonzero(numpy.bincount(codes[codes >= 0])).tolist()
    levels = [levels[code] for code in used]
    if not asked_for:
        _check_levels(table, place, where, levels, codes)
    if len(levels) < 2:
        left = '' if table.rows is None else ' of the rows without missing values'
        raise ValueError(f'{where}: every cell{left} is {shown(levels[0])}; expected two levels at least, or the column left out, '
                         'by variables=[...]')
    first = levels[0] if reference is None else _level(reference, levels, f'reference: {shown(reference)} is no level of {title}')
    names, taken = {}, set(taken)
    for place, level in enumerate(levels):
        names[level] = unlike(_indicator(name, level, place), taken)
        taken.add(names[level])
    return Factor(title, tuple(levels), first, {level: names[level] for level in levels if full or level != first})


def _check_levels(table, place, where, levels, codes):
    column, count = table.columns[place], numpy.count_nonzero(codes >= 0)
    if getattr(column, 'texts_of_numbers', False):
        row = int(numpy.argmax(codes >= 0))
        raise ValueError(f'{table.place(row, place)}: {shown(column.levels[codes[row]])} is text that reads as a number; expected numbers, '
                         'or the column in categorical= if they are names')
    if len(levels) > MOST_LEVELS or len(levels) == count > 2:
        many = 'one in every row' if len(levels) == count else f'more than {MOST_LEVELS}'
        raise ValueError(f'{where}: {len(levels)} different texts, such as {shown(levels[0])} and {shown(levels[1])}, {many}; '
                         'leave the column out, by variables=[...], or name it in categorical= to have an indicator for each')


def levels_of(column):
    r"""
    Return which level every cell of a column has, -1 if it is missing, and the levels in order.

    EXAMPLES::

        sage: from sage_logreg.dataset.categorical import levels_of
        sage: from sage_logreg.dataset.table import Column
        sage: import numpy
        sage: levels_of(Column('class', numpy.array([3.0, 1.0, numpy.nan]), missing=numpy.array([False, False, True])))
        (array([ 1,  0, -1]), [1, 3])
    """
    if column.numbers is None:
        return column.codes, column.levels
    values = whole_values(column)
    if column.bad is not None:
        values = numpy.array(column.cells, dtype=object).astype(str)
    there = numpy.ones(len(values), dtype=bool) if column.missing is None else ~column.missing
    codes = numpy.full(len(values), -1)
    levels, codes[there] = numpy.unique(values[there], return_inverse=True)
    return codes, [name_of_label(level) for level in levels.tolist()]


def whole_values(column):
    r"""
    Return the numbers of a column, whole ones that floats cannot tell apart as they are.
    """
    if column.beside is None:
        return column.numbers
    return numpy.array([value if kept is None or kept != kept.__int__() else int(kept)
                        for value, kept in zip(column.numbers.tolist(), column.beside)], dtype=object)


def _indicator(name, level, place):
    # The name of a level's indicator variable.
    text = str(level).strip()
    text = 'm' + text[1:] if text[:1] == '-' and as_float(level) is not None else text
    # a name such as lambda_ has the bar already
    return f'{name.rstrip("_")}_{words(text) or place + 1}'


def _level(value, levels, what):
    # The level that a user means: a number may be Sage's.
    number = None if isinstance(value, (str, bool, numpy.bool_)) else as_float(value)
    # as it is written first: floats cannot tell long whole numbers apart
    for level in levels:
        if str(level) == str(value):
            return level
    for level in levels:
        # False and True are 0 and 1 too
        if not isinstance(level, str) and level == number:
            return level
    place = by_truth(value, levels)
    if place is not None:
        return levels[place]
    raise ValueError(f'{what}; expected {listed(list(map(shown, levels)))}')


# Used on a table

def coded_points(coding, table, places):
    r"""
    Return the variables' values in a table without missing cells, as float64 numbers.

    INPUT:

    - ``coding`` -- a :class:`Coding`
    - ``table`` -- a :class:`~sage_logreg.dataset.table.Table`
    - ``places`` -- where each column of the coding stands in the table

    OUTPUT: an array, or a CSR matrix where factors of many levels stay sparse
    """
    if table.block_places == tuple(places) and not coding.factors:
        return table.block
    block, first, end = None if table.block_places else table.block, places[0], places[0] + len(places)
    if block is not None and not coding.factors and list(places) == list(range(first, end)) and end <= block.shape[1]:
        return numpy.ascontiguousarray(block[:, first:end])
    rows, width = len(table), len(coding.variables)
    # the numbers are taken as if none were zero
    if coding.factors and stays_sparse(rows, width, rows * len(coding.columns)):
        return indicators_and_numbers(list(_entries(coding, table, places)), rows, width)
    points = numpy.empty((rows, width))
    j = 0
    for column, place in zip(coding.columns, places):
        if isinstance(column, Factor):
            codes = factor_codes(column, table, place)
            for level in column.indicators:
                points[:, j] = codes == column.levels.index(level)
                j += 1
        else:
            points[:, j] = table.column(place).numbers
            j += 1
    return points


def _entries(coding, table, places):
    # For each column where its only entry in a row stands, and what it is.
    first = 0
    for column, place in zip(coding.columns, places):
        if isinstance(column, Factor):
            indicated = {level: j for j, level in enumerate(column.indicators, first)}
            yield numpy.array([indicated.get(level, -1) for level in column.levels])[factor_codes(column, table, place)], 1.0
        else:
            yield first, table.columns[place].numbers
        first += len(column.variables)


def factor_codes(factor, table, place):
    r"""
    Return the level of every cell in a column, by its place among the factor's levels; an error names an unknown one.
    """
    check_usable(table, place)
    codes, levels = levels_of(table.columns[place])
    known, written = {}, {str(level): j for j, level in reversed(list(enumerate(factor.levels)))}
    for code in numpy.flatnonzero(numpy.bincount(codes)).tolist():
        # as it is written, which is what _level tries first
        known[code] = written.get(str(levels[code]))
        if known[code] is None:
            where = table.place(int(numpy.argmax(codes == code)), place if table.titles is None else None)
            what = f'{where}: {factor.title} = {shown(levels[code])} is a level that the model does not know'
            known[code] = factor.levels.index(_level(levels[code], factor.levels, what))
    # codes are from 0 on, none is missing here
    return numpy.array([known.get(code, -1) for code in range(max(known) + 1)])[codes] if known else codes


def nearest(title, titles):
    r"""
    Return a hint at the most similar of some titles; empty if none is similar.

    EXAMPLES::

        sage: from sage_logreg.dataset.categorical import nearest
        sage: nearest('Dose', ['dose', 'age']), nearest('height', ['dose'])
        (" (is it 'dose'?)", '')
    """
    lower = {str(one).lower(): one for one in titles}
    found = difflib.get_close_matches(str(title).lower(), lower, n=1)
    return f' (is it {lower[found[0]]!r}?)' if found else ''
