r"""
Roles: which column of a table is the label, which are variables, which counts the rows

EXAMPLES::

    sage: from sage_logreg.dataset.roles import place_of
    sage: from sage_logreg.dataset.table import Column, Table
    sage: import numpy
    sage: table = Table('the frame', [Column(title, numpy.zeros(2r)) for title in ('age', 'survived', 'fare')])
    sage: place_of('label', 'survived', table), place_of('label', -1, table)
    (1, 2)
"""
import re

import numpy

from sage_logreg.dataset.categorical import nearest
from sage_logreg.dataset.names import names_of_titles
from sage_logreg.support.arguments import as_float, entries, listed, shown, whole_number
from sage_logreg.support.warned import warn

# titles of a column that may number the rows
COUNTERS = ('index', 'row')
# and those that can only be the names or the numbers of rows: of R and pandas, which numbers a second one
OF_ROWS = re.compile(r'|row[._ ]?names?|unnamed: 0(\.\d+)*|\.\.\.1')
# so many rows that are numbered one after the other are no chance, with and without a title
FEW, MANY = 3, 20


def place_of(name, value, table):
    r"""
    Return the place of a column that a user gives by its title or its position, from 0 or from the end.

    INPUT:

    - ``name`` -- of the argument, for error messages
    - ``value`` -- the title or the position
    - ``table`` -- a :class:`~sage_logreg.dataset.table.Table`

    TESTS::

        sage: from sage_logreg.dataset.roles import place_of
        sage: from sage_logreg.dataset.table import Column, Table
        sage: import numpy
        sage: table = Table('the frame', [Column('age', numpy.zeros(2r)), Column('fare', numpy.zeros(2r))])
        sage: place_of('label', 'ages', table)
        Traceback (most recent call last):
        ...
        ValueError: label = 'ages' is no column of the frame (is it 'age'?); expected one of age, fare
        sage: place_of('label', 2, table)
        Traceback (most recent call last):
        ...
        ValueError: label = 2; expected a whole number from -2 to 1
    """
    titles, count = table.titles, table.width
    # a symbol is a name, a number as an expression is a number
    if not isinstance(value, str) and (not hasattr(value, 'variables') or as_float(value) is not None):
        if entries(value) is not None:
            raise TypeError(f'{name} = {shown(value)}; expected the title or the position of one column')
        given = [place for place, title in enumerate(titles or ()) if as_float(value) is not None and title == str(value)]
        if given and not -count <= value < count:
            return given[0]
        place = whole_number(name, value, -count, count - 1) % count
        if given and given != [place]:
            raise ValueError(f'{name} = {shown(value)} is the title of column {given[0] + 1} of {table.name} and the position, from 0, '
                             f'of column {place + 1}; expected the title as text, {str(value)!r}, or another position, {place - count}')
        return place
    value = str(value)
    if titles is None:
        raise ValueError(f'{name} = {shown(value)}, but the columns of {table.name} have no names; expected a position, such as 0 or -1')
    for names in (titles, [str(title).strip() for title in titles], names_of_titles(titles)):
        found = [place for place, title in enumerate(names) if title == value]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(f'{name} = {shown(value)} is the title of the columns {listed([str(place + 1) for place in found])} of '
                             f'{table.name}; expected different titles, or a position')
    raise ValueError(f'{name} = {shown(value)} is no column of {table.name}{nearest(value, titles)}; expected one of '
                     f'{listed([str(title) for title in titles if title])}')


def check_titles(table):
    r"""
    Raise an error if two columns have the same title.
    """
    titles = [title for title in table.titles or () if title]
    repeated = sorted({title for title in titles if titles.count(title) > 1}) if len(set(titles)) < len(titles) else ()
    if repeated:
        places = [str(place + 1) for place, title in enumerate(table.titles) if title == repeated[0]]
        raise ValueError(f'{table.name}: the columns {" and ".join(places)} are both called {repeated[0]!r}'
                         f'{f" (and {listed(repeated[1:])} is there twice)" if repeated[1:] else ""}; expected different titles')


def variable_places(table, taken, asked=None, grouped=False):
    r"""
    Return the places of the columns that are variables.

    INPUT:

    - ``table`` -- a :class:`~sage_logreg.dataset.table.Table`
    - ``taken`` -- the places of the label and of other columns that are no variables
    - ``asked`` -- (default: all others) the places that a user has named
    - ``grouped`` -- whether the rows are groups

    A first column that only counts or names the rows is left out with a warning.
    """
    if asked is not None:
        for place in asked:
            if place in taken:
                raise ValueError(f'variables: {table.column(place).title!r} is the label, or the weights or the offset of the rows; '
                                 'expected other columns')
        return list(asked)
    places = [place for place in range(table.width) if place not in taken]
    if len(places) > 1 and places[0] == 0 and names_rows(table):
        title = table.column(0).title
        what = f'the first column ({title!r})' if title else 'the first column, which has no title,'
        warn(f'{table.name}: {what} numbers or names the rows and is left out; to keep it, name it in '
             f'variables=[{title or names_of_titles(table.titles)[0]!r}, ...]')
        places = places[1:]
    # a single variable may well be 1, 2, ..., and so may the doses of groups
    may_count = grouped or len(places) == 1 and table.column(places[0]).title != ''
    may_count = may_count or len(table) < (MANY if table.titles is None else FEW)
    for place in () if may_count else _from_first_to_last(table, places):
        column = table.column(place)
        if _counts(column):
            title = f' ({column.title})' if column.title else ''
            warn(f'{table.name}, column {place + 1}{title} counts the rows, from {column.numbers[0]:.0f} on; if it is no variable, '
                 'leave it out, by variables=[...]')
    return places


def _from_first_to_last(table, places):
    # those places whose column may count the rows; a glance at all columns together says so of most
    ends = table.ends()
    if ends is None:
        return places
    first, last = ends
    return sorted(set(numpy.flatnonzero((first <= 1) & (last == first + (len(table) - 1))).tolist()).intersection(places))


def names_rows(table):
    r"""
    Return whether the first column of a table only counts or names the rows.
    """
    if table.names_rows is not None or table.titles is None or len(table) < 2:
        return bool(table.names_rows)
    column = table.column(0)
    title = str(column.title).strip().lower()
    of_rows = OF_ROWS.fullmatch(title)
    if title not in COUNTERS and not of_rows:
        return False
    if _counts(column):
        return True
    if not of_rows or column.missing is not None or column.bad is not None:
        return False
    # the names or numbers of some rows of a larger table
    values = column.codes if column.numbers is None else column.numbers
    return len(numpy.unique(values)) == len(values) and (column.numbers is None or bool((values == numpy.floor(values)).all()))


def _counts(column):
    # Whether a column counts 1, 2, ... or 0, 1, ...
    numbers = column.numbers
    if numbers is None or not len(numbers) or numbers[0] not in (0, 1) or column.missing is not None or column.bad is not None:
        return False
    return numbers[-1] == numbers[0] + len(numbers) - 1 and bool((numpy.diff(numbers) == 1).all())


def asked_places(variables, table):
    r"""
    Return the places of the columns that ``variables`` selects by name.
    """
    if isinstance(variables, str):
        known = {*(str(title).strip() for title in table.titles), *names_of_titles(table.titles)}
        # titles may hold blanks, and even commas
        readings = [variables], [part.strip() for part in variables.split(',')], variables.replace(',', ' ').split()
        variables = next((parts for parts in readings if known.issuperset(parts)), readings[1] if ',' in variables else readings[2])
    given = entries(variables)
    given = [variables] if given is None else given
    if not given:
        raise ValueError('variables = []; expected at least one column')
    places = [_place_of_variable(one, table) for one in given]
    for j, place in enumerate(places):
        if place in places[:j]:
            raise ValueError(f'variables: {shown(str(given[j]))} is there twice; expected different columns')
    return places


def _place_of_variable(name, table):
    try:
        return place_of('variables', name, table)
    except ValueError as error:
        if 'is no column' not in str(error):
            raise
        # the other reading of variables
        raise ValueError(f'{error}; where columns have titles, variables selects some of them (to give them other names, load the data '
                         'first, then load_data(data, variables=[...]))') from None


# Missing values

def complete_rows(table, columns, missing, label=None):
    r"""
    Return which rows have no missing cell in some columns, ``None`` for all; an error counts those that are missing.

    INPUT:

    - ``table`` -- a :class:`~sage_logreg.dataset.table.Table`
    - ``columns`` -- pairs of a place (``None`` for labels beside the table) and a column
    - ``missing`` -- ``'error'`` or ``'drop'``
    - ``label`` -- (default: ``None``) the place of the labels

    TESTS::

        sage: from sage_logreg.dataset.roles import complete_rows
        sage: from sage_logreg.dataset.cells import column_of
        sage: from sage_logreg.dataset.table import Table
        sage: table = Table('the rows', [column_of('age', [1, None, None]), column_of('ill', ['yes', 'no', '?'])])
        sage: complete_rows(table, list(enumerate(table.columns)), 'drop')
        array([0])
        sage: complete_rows(table, list(enumerate(table.columns)), 'error', label=1)
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2, column 1: the value is missing (in all: 2 in age, 1 in ill); expected none, or missing='drop', ...
    """
    if missing not in ('error', 'drop'):
        raise ValueError(f"missing = {shown(missing)}; expected 'error' or 'drop'")
    columns = [(place, column) for place, column in columns if column.missing is not None and column.missing.any()]
    if not columns or not len(table):
        return None
    lacking = numpy.logical_or.reduce([column.missing for _, column in columns])
    if missing == 'drop':
        return numpy.flatnonzero(~lacking)
    row = int(numpy.argmax(lacking))
    place = next(place for place, column in columns if column.missing[row])
    counts = [f'{numpy.count_nonzero(column.missing)} in {_called(place, column)}' for place, column in columns]
    count = int(numpy.count_nonzero(lacking))
    among = 'in this chunk' if table.is_part else 'in all'
    what = 'the label is missing' if place == label else 'the value is missing'
    raise ValueError(f'{table.place(row, place)}: {what} ({among}: {listed(counts, "columns")}); expected none, or '
                     f"missing='drop', which drops the {count} row{'s' * (count > 1)} that {'have' if count > 1 else 'has'} any")


def most_missing(table, columns):
    r"""
    Return in words in which column most cells are missing, and what to do where no row is complete.
    """
    place, column = max(columns, key=lambda one: 0 if one[1].missing is None else numpy.count_nonzero(one[1].missing))
    return (f' (of {len(table)} cells in {_called(place, column)}, {numpy.count_nonzero(column.missing)} are missing, more than in other '
            'columns; leave such columns out, by variables=[...])')


def check_there(table, columns, label):
    r"""
    Raise an error if all cells of a column are missing: the rows cannot be dropped for that.
    """
    for place, column in columns:
        if column.missing is not None and column.missing.all():
            where = 'the labels' if place is None else f'column {place + 1}' + (f' ({column.title})' if column.title else '')
            is_label = place == label
            raise ValueError(f'{table.name}, {where}: every {"label" if is_label else "cell"} is missing; expected some values'
                             + ', or the column left out, by variables=[...]' * (not is_label and table.titles is not None))


def _called(place, column):
    return str(column.title) if column.title else 'the labels' if place is None else f'column {place + 1}'
