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
    """

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


class Table:
    r"""
    A source as it was read.

    - ``name`` -- the source's name for error messages
    - ``columns`` -- list of :class:`Column`
    - ``lines`` -- (default: none) of a text, the line in which each row stands
    - ``index`` -- (default: none) the pandas index of the rows
    """

    def __init__(self, name, columns, lines=None, index=None):
        self.name, self.columns, self.index = name, columns, index
        self._lines = lines

    def __len__(self):
        return len(self.columns[0]) if self.columns else 0

    @property
    def titles(self):
        r"""
        The titles of the columns, ``None`` if there is no header.
        """
        titles = [column.title for column in self.columns]
        return None if all(title is None for title in titles) else titles

    def place(self, row, column=None):
        r"""
        Return where a cell or a row stands, in words, counted from 1.

        EXAMPLES::

            sage: from sage_logreg.dataset.table import Table
            sage: Table('a.csv', [], lines=[3, 7]).place(1)
            'a.csv, line 7'
        """
        where = f'row {row + 1}' if self._lines is None else f'line {self._lines[row]}'
        return f'{self.name}, {where}' + ('' if column is None else f', column {column + 1}')
