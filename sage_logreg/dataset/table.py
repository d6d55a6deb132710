r"""
A source as it was read: named columns of numbers or of text, and where each cell stood

What reads a source (:mod:`~sage_logreg.dataset.text`, :mod:`~sage_logreg.dataset.columns`) makes a
:class:`Table`; which of its columns is what is decided later, by :mod:`~sage_logreg.dataset.roles`.

EXAMPLES::

    sage: from sage_logreg.dataset.table import Column, Table
    sage: import numpy
    sage: ages = Column('age', numpy.array([34.0, 60.0]))
    sage: sexes = Column.of_levels('sex', numpy.array([1, 0]), ['female', 'male'])
    sage: table = Table('the frame', [ages, sexes])
    sage: len(table), table.titles
    (2, ['age', 'sex'])
    sage: table.place(0, 1)
    'the frame, row 1, column 2'
"""
import copy
import functools

import numpy

# cells of text that stand for a missing value
MISSING = frozenset(['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', '<NA>', '#N/A', '?', '.'])


class Column:
    r"""
    A column of a source.

    - ``title`` -- the text above it, ``None`` without a header
    - ``numbers`` -- float64 array of m numbers, nan where one is missing; ``None`` if no cell is a number
    - ``kind``, ``beside``, ``lost`` -- the numbers exactly, as for :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`
    - ``codes`` -- of a column without numbers: int array, which of the levels each cell is, -1 where one is missing
    - ``levels`` -- its different values, text or booleans
    - ``ordered`` -- whether the source itself has put the levels in order, as a Categorical does; else they are sorted
    - ``missing`` -- boolean array of the cells that are missing, ``None`` if none is
    - ``bad`` -- ``None``, or the row of the first cell that is text where others are numbers
    - ``cells`` -- the m cells as text, if ``bad`` is not ``None``
    - ``is_unread`` -- whether it has stayed in its file, and has no numbers here
    """

    is_unread = False

    def __init__(self, title, numbers=None, kind='exact', beside=None, lost=False, codes=None, levels=None, ordered=False,
                 missing=None, bad=None, cells=None):
        self.title, self.numbers, self.kind, self.beside, self.lost = title, numbers, kind, beside, lost
        self.codes, self.levels, self.ordered = codes, levels, ordered
        self.missing, self.bad, self.cells = missing, bad, cells

    @classmethod
    def of_levels(cls, title, codes, levels, ordered=False):
        r"""
        Return a column of text or booleans.
        """
        missing = codes < 0
        return cls(title, codes=codes, levels=list(levels), ordered=ordered, missing=missing if missing.any() else None)

    def __len__(self):
        return len(self.codes if self.numbers is None else self.numbers)

    def take(self, rows):
        r"""
        Return the column of some rows without missing cells.
        """
        taken = copy.copy(self)
        for name in ('numbers', 'beside', 'codes'):
            if getattr(self, name) is not None:
                setattr(taken, name, getattr(self, name)[rows])
        if self.bad is not None:
            taken.cells = [self.cells[row] for row in rows]
            bad = numpy.flatnonzero([self._is_text(row) for row in rows])
            taken.bad = int(bad[0]) if len(bad) else None
        taken.missing = None if self.missing is None or not self.missing[rows].any() else self.missing[rows]
        return taken

    def values(self):
        r"""
        Return the cells, a list of numbers, texts or booleans, ``None`` where one is missing.

        EXAMPLES::

            sage: from sage_logreg.dataset.table import Column
            sage: import numpy
            sage: Column.of_levels('sex', numpy.array([1, 0, -1]), ['female', 'male']).values()
            ['male', 'female', None]
        """
        if self.numbers is None:
            values = [None if code < 0 else self.levels[code] for code in self.codes.tolist()]
        else:
            values = self.numbers.tolist() if self.cells is None else list(self.cells)
        if self.missing is None:
            return values
        return [None if missing else value for value, missing in zip(values, self.missing.tolist())]

    def _is_text(self, row):
        return numpy.isnan(self.numbers[row]) and not (self.missing is not None and self.missing[row])


def unread_column(title, count):
    r"""
    Return a column that nobody has read, which takes no memory.
    """
    column = Column(title, numpy.broadcast_to(numpy.nan, count))
    column.is_unread = True
    return column


class Table:
    r"""
    A source as it was read.

    - ``name`` -- the source's name for error messages
    - ``columns`` -- list of :class:`Column`
    - ``lines`` -- (default: none) of a text, the line in which each row stands
    - ``index`` -- (default: none) the pandas index of the rows
    - ``block`` -- (default: ``None``) an array that holds all columns, or the first ones, if these are numbers
    - ``block_places`` -- (default: 0, 1, ...) tuple, which columns the array holds, if it is of some of them
    - ``rows`` -- (default: ``None``) the rows that these have been in the source
    - ``is_text`` -- whether it was a text with delimiters
    - ``is_part`` -- whether there are more rows elsewhere
    - ``names_rows`` -- (default: as its rows say) whether the first column is known to name or to count the rows
    - ``is_plain`` -- whether it is a :class:`NumberTable` whose columns need not be looked at one by one
    """

    lines = index = block = block_places = rows = names_rows = None
    is_text = is_plain = is_part = False

    def __init__(self, name, columns, lines=None, index=None):
        self.name, self.columns, self.lines, self.index = name, columns, lines, index

    def __len__(self):
        return len(self.columns[0]) if self.columns else 0

    @property
    def width(self):
        r"""
        The number of columns.
        """
        return len(self.columns)

    def column(self, place):
        r"""
        Return one of the columns.
        """
        return self.columns[place]

    def unlike_numbers(self, places):
        r"""
        Return those places whose columns may hold something else than numbers.
        """
        return places

    def columns_with_missing(self, places):
        r"""
        Return pairs of a place and a column, of those columns in which a cell is missing.
        """
        return [(place, column) for place, column in ((place, self.column(place)) for place in self.unlike_numbers(places))
                if column.missing is not None]

    def ends(self):
        r"""
        Return the first and the last row as arrays, ``None`` where the columns have to be looked at one by one.
        """
        return None

    @property
    def titles(self):
        r"""
        The titles of the columns, ``None`` if there is no header.
        """
        titles = [column.title for column in self.columns]
        return None if titles.count(None) == len(titles) else titles

    def place(self, row, column=None):
        r"""
        Return where a cell or a row stands, in words, counted from 1.

        EXAMPLES::

            sage: from sage_logreg.dataset.table import Table
            sage: Table('a.csv', [], lines=[3, 7]).place(1)
            'a.csv, line 7'
        """
        row = row if self.rows is None else self.rows[row]
        where = f'row {row + 1}' if self.lines is None else f'line {self.lines[row]}'
        return f'{self.name}, {where}' + ('' if column is None else f', column {column + 1}')

    def take(self, rows):
        r"""
        Return the table of some rows, which still says where they stood.

        EXAMPLES::

            sage: from sage_logreg.dataset.table import Column, Table
            sage: import numpy
            sage: Table('the rows', [Column('age', numpy.arange(5.0r))]).take([3, 4]).place(0)
            'the rows, row 4'
        """
        taken = copy.copy(self)
        taken.columns, taken.rows, taken.block = [column.take(rows) for column in self.columns], self._numbers(rows), None
        return taken

    def _numbers(self, rows):
        # of some rows, in the source
        return rows if self.rows is None else numpy.asarray(self.rows)[rows]

    def without(self, place):
        r"""
        Return the table without a column.
        """
        rest = copy.copy(self)
        rest.columns, rest.block = self.columns[:place] + self.columns[place + 1:], None
        return rest


class NumberTable(Table):
    r"""
    A table that is an array of numbers, none of them missing; its columns have no titles, and are made when they are asked for.

    Once they are, they may be changed, and the table is no longer plain.

    - ``block`` -- float array in C order
    - ``kind`` -- of all its numbers, as for :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`

    EXAMPLES::

        sage: from sage_logreg.dataset.table import NumberTable
        sage: import numpy
        sage: table = NumberTable('the array', numpy.array([[1.0, 2.0], [3.0, 4.0]]), 'binary')
        sage: table.width, table.titles, table.column(1).numbers, table.is_plain
        (2, None, array([2., 4.]), True)
        sage: table.columns[0].numbers, table.is_plain
        (array([1., 3.]), False)
    """

    def __init__(self, name, block, kind):
        self.name, self.block, self.kind = name, block, kind

    def __len__(self):
        return len(self.block) if self.is_plain else super().__len__()

    @functools.cached_property
    def columns(self):
        r"""
        The columns, a list.
        """
        return [Column(None, numbers, self.kind) for numbers in self.block.T]

    @property
    def is_plain(self):
        r"""
        Whether nobody has asked for all columns yet.
        """
        return 'columns' not in vars(self)

    @property
    def titles(self):
        r"""
        The titles that the columns may have been given.
        """
        return None if self.is_plain else super().titles

    @property
    def width(self):
        r"""
        The number of columns.
        """
        return self.block.shape[1] if self.is_plain else super().width

    def column(self, place):
        r"""
        Return one of the columns.
        """
        return Column(None, self.block[:, place], self.kind) if self.is_plain else super().column(place)

    def unlike_numbers(self, places):
        r"""
        Return those places whose columns may hold something else than numbers.
        """
        return [] if self.is_plain else places

    def ends(self):
        r"""
        Return the first and the last row as arrays, ``None`` where the columns have to be looked at one by one.
        """
        return (self.block[0], self.block[-1]) if self.is_plain else None

    def take(self, rows):
        r"""
        Return the table of some rows, which still says where they stood.
        """
        if not self.is_plain:
            return super().take(rows)
        taken = copy.copy(self)
        taken.rows, taken.block = self._numbers(rows), self.block[rows]
        return taken
