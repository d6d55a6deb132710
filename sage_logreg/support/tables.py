r"""
Tables of answers: read as text, typeset, and taken along as CSV or as a frame of pandas

EXAMPLES::

    sage: from sage_logreg.support.tables import Table
    sage: table = Table({'name': ['a', 'b'], 'size': [1/3, None], 'interval': [(0, 1/2), None]}, 'Some sizes')
    sage: table
    Some sizes
      name   size       interval
    ...
      a      0.333333   0 .. 0.5
      b
    sage: print(table.csv())
    name,size,interval lower,interval upper
    a,0.3333333333333333,0,0.5
    b,,,
    <BLANKLINE>
"""
import functools
import math
import operator

import numpy

from sage_logreg.support import sage_objects
from sage_logreg.support.files import write_whole


def interval_text(ends):
    r"""
    Return an interval as a table shows it.

    EXAMPLES::

        sage: from sage_logreg.support.tables import interval_text
        sage: interval_text((-1, 1/3))
        '-1 .. 0.333333'
    """
    return ' .. '.join(f'{float(end):.6g}' for end in ends)


class Shown:
    r"""
    What is shown as a table of texts.

    A subclass has ``_rows()``, lists of texts, the header first, and ``_columns()``, a dictionary from titles to lists of texts,
    numbers, pairs of numbers (the ends of intervals) and ``None``; ``note``, of one or more lines above, or ``None``; and ``_below()``,
    rows of texts of another table below it, or ``None``.
    """

    note = None

    def __new__(cls, *arguments, **options):
        return super().__new__(_of_sage(cls))

    def _below(self):
        return None

    def table(self):
        r"""
        Return the texts as a Sage ``table``, numbers to six digits; without Sage as lists.
        """
        return sage_objects.text_table(self._rows(), self.note, self._below())

    def __repr__(self):
        table = self.table()
        if not isinstance(table, list):
            return repr(table)
        return super().__repr__() if isinstance(self, dict) else plain_text(self._rows(), self.note, self._below())

    def _latex_(self):
        return self.table()._latex_()

    def _repr_html_(self):
        table = self.table()
        return None if isinstance(table, list) else str(table._html_())

    def _rich_repr_(self, display_manager, **options):
        return self.table()._rich_repr_(display_manager, **options)

    def latex(self):
        r"""
        Return the table as LaTeX code, Sage's ``latex`` of it.
        """
        from sage_logreg.support import needs_sage  # noqa: F401
        from sage.misc.latex import latex
        return latex(self)

    def show(self):
        r"""
        Show the table typeset, as Sage's ``show`` does.
        """
        from sage_logreg.support import needs_sage  # noqa: F401
        from sage.repl.rich_output.pretty_print import pretty_print
        pretty_print(self)

    def _plain_columns(self):
        # Floats, texts and None; of intervals a column for each end.
        columns = {}
        for title, cells in self._columns().items():
            if any(isinstance(cell, tuple) for cell in cells):
                for place, end in enumerate(('lower', 'upper')):
                    columns[f'{title} {end}'] = [None if cell is None else plain(cell[place]) for cell in cells]
            else:
                columns[title] = list(map(plain, cells))
        return columns

    def csv(self, path=None):
        r"""
        Return the table as CSV, numbers to all their digits; or write it to a file.

        INPUT:

        - ``path`` -- (default: none) of the file, which is written whole or not at all

        OUTPUT: a string, or ``None`` if it was written

        EXAMPLES::

            sage: from sage_logreg.support.tables import Table
            sage: Table({'name': ['a, b'], 'size': [1/3]}).csv()
            'name,size\n"a, b",0.3333333333333333\n'
        """
        import csv
        import io
        columns, text = self._plain_columns(), io.StringIO()
        csv.writer(text, lineterminator='\n').writerows([list(columns), *zip(*columns.values())])
        if path is None:
            return text.getvalue()
        write_whole(path, text.getvalue().encode())

    def pandas(self):
        r"""
        Return the table as a frame of pandas, numbers to all their digits.

        EXAMPLES::

            sage: from sage_logreg.support.tables import Table
            sage: Table({'name': ['a'], 'size': [1/4]}).pandas().to_dict('list')
            {'name': ['a'], 'size': [0.25]}
        """
        import pandas
        return pandas.DataFrame(self._plain_columns())


def _new(kind, *arguments):
    return kind.__new__(kind, *arguments)


@functools.lru_cache(maxsize=None)
def _of_sage(kind):
    # Sage's show asks how it is to be shown only what is a SageObject, and Sage is not loaded before there is something to show.
    try:
        from sage_logreg.support import needs_sage  # noqa: F401
        from sage.structure.sage_object import SageObject
    except ImportError:
        return kind
    if issubclass(kind, SageObject):
        return kind

    def reduce(self, protocol):
        # pickled as of the class that has a place in a module
        _, (_, *rest), *state = kind.__reduce_ex__(self, protocol)
        return _new, (kind, *rest), *state

    names = {name: getattr(kind, name) for name in ('__module__', '__qualname__', '__doc__')}
    return type(kind.__name__, (kind, SageObject), {**names, '__reduce_ex__': reduce})


class Table(Shown):
    r"""
    A table in columns.

    INPUT:

    - ``columns`` -- dictionary from titles to lists of cells: texts, numbers, pairs of numbers (the ends of intervals) or ``None``
    - ``note`` -- (default: none) lines above the table

    ``table['title']`` is a column, of numbers over ``RDF`` or ``ZZ``; ``len(table)`` counts the rows.

    EXAMPLES::

        sage: from sage_logreg.support.tables import Table
        sage: table = Table({'term': ['x1', 'x2'], 'statistic': [1.5r, 2.5r], 'rows': [3r, 4r]})
        sage: table['statistic'], table['rows'][0].parent(), len(table)
        ([1.5, 2.5], Integer Ring, 2)
        sage: table.rows()[1]
        ('x2', 2.5, 4)
        sage: loads(dumps(table)) == table
        True
        sage: latex(table) == table.latex()
        True

    TESTS::

        sage: table['size']
        Traceback (most recent call last):
        ...
        KeyError: "the table has no column 'size'; expected one of term, statistic, rows"
    """

    def __init__(self, columns, note=None):
        self.columns, self.note = {title: list(cells) for title, cells in columns.items()}, note

    def _columns(self):
        return self.columns

    def _rows(self):
        return [list(self.columns), *([cell_text(cell) for cell in row] for row in zip(*self.columns.values()))]

    def __getitem__(self, title):
        if title not in self.columns:
            raise KeyError(f'the table has no column {title!r}; expected one of {", ".join(self.columns)}')
        return list(map(as_sage, self.columns[title]))

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def __eq__(self, other):
        return type(self) is type(other) and repr((self.columns, self.note)) == repr((other.columns, other.note))

    __hash__ = None

    def rows(self):
        r"""
        Return the rows, a list of tuples.
        """
        return list(zip(*(self[title] for title in self.columns)))


def cell_text(cell):
    r"""
    Return a cell as a table shows it: numbers to six digits, nothing of what is missing.

    EXAMPLES::

        sage: from sage_logreg.support.tables import cell_text
        sage: cell_text('a'), cell_text(2/3), cell_text((1, 2)), cell_text(None), cell_text(float(-0.0))
        ('a', '0.666667', '1 .. 2', '', '0')
    """
    if cell is None or isinstance(cell, str):
        return cell or ''
    if isinstance(cell, tuple):
        return interval_text(cell)
    value = float(cell)
    return '' if math.isnan(value) else str(cell) if isinstance(cell, (int, numpy.integer)) else f'{value + 0.0:.6g}'


def plain_text(rows, note=None, below=None):
    r"""
    Return rows of texts as lines of columns, as Sage's ``table`` does where there is Sage.

    EXAMPLES::

        sage: from sage_logreg.support.tables import plain_text
        sage: print(plain_text([['', 'a'], ['bias', '1']], 'A note'))
        A note
                 a
          bias   1
    """
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ['  ' + '   '.join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return '\n'.join([*[note] * bool(note), *lines]) + (f'\n\n{plain_text(below)}' if below else '')


def plain(cell):
    r"""
    Return a cell with an ``int`` or a ``float`` in place of a number.

    EXAMPLES::

        sage: from sage_logreg.support.tables import plain
        sage: plain((1, RDF(1/2))), plain('a'), type(plain(1)).__name__
        ((1, 0.5), 'a', 'int')
    """
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, tuple):
        return tuple(map(plain, cell))
    try:
        return operator.index(cell)
    except TypeError:
        return float(cell)


def as_sage(cell):
    r"""
    Return a cell with its numbers over ``RDF`` or ``ZZ``.
    """
    if isinstance(cell, tuple):
        return tuple(map(as_sage, cell))
    if cell is None or isinstance(cell, str):
        return cell
    return sage_objects.integer(int(cell)) if isinstance(cell, (int, numpy.integer)) else sage_objects.real_number(float(cell))
