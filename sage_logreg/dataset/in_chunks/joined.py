r"""
Joining: columns, sources and data one after the other

EXAMPLES::

    sage: from sage_logreg.dataset.cells import column_of
    sage: from sage_logreg.dataset.in_chunks.joined import joined_column
    sage: column = joined_column([column_of('sex', ['m', 'f', 'm']), column_of('sex', [None]), column_of('sex', ['d'])])
    sage: column.levels, column.codes
    (['d', 'f', 'm'], array([ 2,  1,  2, -1,  0]))
"""
import copy

import numpy

from sage_logreg.dataset.cells import all_missing, refused_column
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.exact_numbers import ExactNumbers
from sage_logreg.dataset.names import name_of_label
from sage_logreg.dataset.source import Source
from sage_logreg.dataset.table import Column, Table, unread_column

# of the numbers of a column, the first that a part of it has: a decimal of a text is less sure than a float, and that than a number
KINDS = ('decimal', 'shortest', 'binary', 'exact')


def joined_column(columns):
    r"""
    Return the column of the cells of several.

    Where some hold text and others numbers it is one of numbers in which text stands, as where a table is read as a whole.

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import column_of
        sage: from sage_logreg.dataset.in_chunks.joined import joined_column
        sage: column = joined_column([column_of('x', [1, 2]), column_of('x', ['low'])])
        sage: column.numbers, column.bad, column.cells
        (array([ 1.,  2., nan]), 2, ['1', '2', 'low'])
    """
    title, count = columns[0].title, sum(map(len, columns))
    for column in columns:
        if getattr(column, 'refused', None) is not None:
            return refused_column(title, count, column.refused)
    columns = _all_read(columns)
    filled = [column for column in columns if len(column) and (column.missing is None or not column.missing.all())]
    if not filled:
        return all_missing(title, count)
    if all(column.numbers is None for column in filled):
        return _of_levels(title, columns, filled)
    numbers = numpy.concatenate([numpy.full(len(column), numpy.nan) if column.numbers is None else column.numbers for column in columns])
    missing = _missing(columns)
    known = [column for column in filled if column.numbers is not None]
    if all(column.is_unread for column in filled):
        return unread_column(title, count)
    made = Column(title, numbers, next(kind for kind in KINDS if any(column.kind == kind for column in known)),
                  _beside([column.beside for column in columns], columns), any(column.lost for column in known), missing=missing)
    is_text = numpy.isnan(numbers) if missing is None else numpy.isnan(numbers) & ~missing
    if any(column.numbers is None or column.bad is not None for column in filled):
        made.bad, made.cells = int(numpy.argmax(is_text)), [cell for column in columns for cell in _texts(column)]
    return made


def _all_read(columns):
    # a column that was not read in some chunks has there a number that it has elsewhere
    first = next((column for column in columns if len(column) and not column.is_unread), None)
    if first is None or first.numbers is None:
        return columns
    return [Column(column.title, numpy.full(len(column), first.numbers[0]), first.kind) if column.is_unread else column
            for column in columns]


def _of_levels(title, columns, filled):
    # a Categorical's order is kept where all have the same one
    ordered = all(column.ordered and column.levels == filled[0].levels for column in filled)
    levels = filled[0].levels if ordered else sorted({level for column in filled for level in column.levels}, key=lambda level: (
        isinstance(level, str), level))
    place = {level: code for code, level in enumerate(levels)}
    codes = [numpy.array([*(place[level] for level in column.levels or ()), -1])[
        numpy.full(len(column), -1) if column.codes is None else column.codes] for column in columns]
    made = Column.of_levels(title, numpy.concatenate(codes), levels, ordered)
    made.texts_of_numbers = all(getattr(column, 'texts_of_numbers', False) for column in filled)
    return made


def _missing(columns):
    if all(column.missing is None for column in columns):
        return None
    return numpy.concatenate([numpy.zeros(len(column), dtype=bool) if column.missing is None else column.missing for column in columns])


def _beside(parts, sized):
    # what stands beside the numbers of several columns
    if all(part is None for part in parts):
        return None
    return numpy.concatenate([numpy.full(len(one), None) if part is None else part for part, one in zip(parts, sized)])


def _texts(column):
    if column.bad is not None:
        return column.cells
    if column.numbers is None:
        return [str(column.levels[code]) if code >= 0 else '' for code in column.codes]
    return ['' if number != number else str(name_of_label(number)) for number in column.numbers.tolist()]


class PlacedTable(Table):
    r"""
    A table of rows from different places.

    - ``places`` -- list of pairs, of each row a table that holds it, without its cells, and its number there
    """

    def __init__(self, name, columns, places):
        super().__init__(name, columns)
        self.places, self.names_rows = places, False

    def place(self, row, column=None):
        r"""
        Return where a cell or a row stands, in words.
        """
        table, row = self.places[row if self.rows is None else self.rows[row]]
        return table.place(row, column)

    def ends(self):
        r"""
        Return rows that say of no column that it counts the rows.
        """
        return numpy.full((2, self.width), numpy.inf)


def placed(source):
    r"""
    Return a source with a :class:`PlacedTable` of its table, which is small.
    """
    table = source.table
    if isinstance(table, PlacedTable):
        return source
    # of all that a table is only what says where its rows stand
    where = Table(table.name, [], table.lines)
    rows = range(len(table)) if table.rows is None else table.rows
    if table.lines is not None:
        where.lines, rows = [table.lines[row] for row in rows], range(len(table))
    source = copy.copy(source)
    source.table = PlacedTable(table.name, table.columns, [(where, int(row)) for row in rows])
    return source


def joined_sources(sources):
    r"""
    Return the :class:`~sage_logreg.dataset.source.Source` of the rows of several, which know where they stood.
    """
    if len(sources) == 1:
        return placed(sources[0])
    sources = list(map(placed, sources))
    tables = [source.table for source in sources]
    rows = [range(len(table.places)) if table.rows is None else table.rows for table in tables]
    columns = [joined_column([table.columns[place] for table in tables]) for place in range(tables[0].width)]
    table = PlacedTable(tables[0].name, columns, [table.places[row] for table, some in zip(tables, rows) for row in some])
    labels = [source.label_column for source in sources]
    counts = [source.counts for source in sources]
    return Source(table, None if labels[0] is None else joined_column(labels),
                  *(None if parts[0] is None else [number for part in parts for number in part]
                    for parts in ([source.successes for source in sources], [source.trials for source in sources])),
                  None if counts[0] is None else Table(counts[0].name, [joined_column([part.columns[place] for part in counts])
                                                                        for place in range(counts[0].width)]),
                  *(None if parts[0] is None else numpy.concatenate(parts)
                    for parts in ([source.weights for source in sources], [source.offset for source in sources])))


def joined_data(parts, like, row_numbers=None):
    r"""
    Return the :class:`~sage_logreg.dataset.dataset.Dataset` of the rows of several, which are read like the same specimen.

    ``row_numbers`` are those of all rows, in the order of the parts. Of grouped data the rows stand as in memory: of two classes the
    second one first, else class by class.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.dataset.in_chunks.joined import joined_data
        sage: data = ex2data1()
        sage: joined_data([data.take(slice(0, 30)), data.take(slice(30, 100))], data) == data
        True
    """
    points = numpy.concatenate([part.points for part in parts])
    exact = ExactNumbers(points, tuple(next(kind for kind in KINDS if any(part.exact.kinds[j] == kind for part in parts))
                                       for j in range(points.shape[1])),
                         {j: _beside([part.exact.columns.get(j) for part in parts], parts) for j in range(points.shape[1])
                          if any(j in part.exact.columns for part in parts)}, any(part.exact.lost for part in parts))
    made = {name: None if getattr(parts[0], name) is None else numpy.concatenate([getattr(part, name) for part in parts])
            for name in ('exact_weights', 'exact_offset', 'labels', 'successes', 'trials')}
    order = slice(None)
    if made['trials'] is not None:
        order = numpy.argsort(-made['labels'] if like.classes == 2 else made['labels'], kind='stable')
        exact = exact.take(order)
    return Dataset(exact.points, made['labels'][order], like.variables, like.label_name, like.label_names, like.features,
                   *(None if made[name] is None else made[name][order] for name in ('exact_weights', 'exact_offset')),
                   made['successes'], made['trials'], exact=exact, coding=like.coding, formula=like.formula,
                   row_numbers=None if row_numbers is None else row_numbers[order],
                   dropped=sum(part.dropped for part in parts), intercept=like.intercept)
