r"""
Text tables: from a file to columns of numbers and of text, with the line and column in every error

The grammar of a text table:

- **rows** -- one a line (LF, CRLF or CR), all with the same number of cells; empty lines are skipped
- **delimiter** -- tab, ``;``, ``,`` or ``|``, or any number of blanks (spaces and tabs): the one with which the first lines
  have equally many cells and most numbers. If two do equally well the table is refused, unless a first line such as ``sep=;``
  (Excel's) says which. Empty columns after delimiters at the end of all lines are none. Blanks around a cell do not count
- **quote** -- ``"`` around a whole cell, as in RFC 4180: ``""`` within stands for one, delimiters and ends of lines are part of
  the cell (which gets a blank for the latter). A quote anywhere else is refused. Quoted numbers are numbers
- **number** -- a sign or none, ASCII digits with or without a decimal mark, ``e`` and a whole exponent or none: ``-12``,
  ``.5``, ``1.``, ``+2.5E-3``; and not ``inf``, ``1_000``, ``1,234.5`` or ``0x1f``, which are text
- **decimal mark** -- the same in the whole table: ``.``, or ``,`` before a digit where the delimiter is no comma
- **missing value** -- an empty cell or one of ``NA``, ``N/A``, ``n/a``, ``NaN``, ``nan``, ``NULL``, ``null``, ``<NA>``,
  ``#N/A``, ``?``, ``.``
- **comment** -- a line that begins with ``#``; after a row what follows a blank and ``#`` if it stands behind a number, and what
  follows ``#`` behind a closed quote. ``#N/A`` and Excel's other errors begin no comment
- **header** -- the first row, if no cell of it is a number and it has text above a column of numbers, or if no text in it stands
  again in its column below and none but empty cells are missing. Also if some of its cells are different whole numbers (years)
  that do not stand again in their columns, and others are names above columns of numbers, or names that do not stand
  again and years one after the other above columns without any. It may be one cell shorter than the
  rows, as R writes it when the first column has the names of the rows. ``header=True`` or ``False`` decides otherwise
- **title** -- text alone in lines above all rows, or in the first cell of an otherwise empty row above the header: left out,
  with a warning

Control characters are refused. A file is UTF-8 (or UTF-16 with its mark), unless ``encoding=`` says otherwise, and may be
compressed (``.gz``, ``.bz2``, ``.xz``, ``.zip``).

Large tables are read by :mod:`~sage_logreg.dataset.text_blocks`; what that cannot read is read, or explained, by
the reader here.

EXAMPLES::

    sage: from sage_logreg.dataset.text import read_text
    sage: path = tmp_filename(ext='.csv')
    sage: with open(path, 'w') as file:
    ....:     _ = file.write('exam1,sex,admitted\n34.6,male,0\nNA,female,1\n')
    sage: table = read_text(path)
    sage: table.titles, table.columns[1].levels
    (['exam1', 'sex', 'admitted'], ['female', 'male'])
    sage: table.columns[0].numbers, table.columns[0].missing
    (array([34.6,  nan]), array([False,  True]))
    sage: table.place(0, 1).endswith('.csv, line 2, column 2')
    True
"""
import array
import sys

import numpy

from sage_logreg.dataset.cells import reads_as_number
from sage_logreg.dataset.exact_numbers import WrittenDecimals
from sage_logreg.dataset.table import MISSING, Column, Table
from sage_logreg.dataset.text_blocks import has_numba, read_blocks
from sage_logreg.dataset.text_file import SAMPLE, TextFile
from sage_logreg.dataset.text_layout import Layout
from sage_logreg.dataset.text_rows import CONTROL, LONGEST, NEWLINE, NUMBER, is_number, mark_of
from sage_logreg.support.arguments import shown
from sage_logreg.support.warned import warn

# bytes from which on a bar is shown by the two readers
LONG_READING, LONG_BLOCKS = 1 << 20, 50 * 10**6
# bytes from which on blocks are read where numba is there already; it takes half a second to come
SMALL = 1 << 16
LINES_A_TICK = 1 << 14
NAN = float('nan')


def read_text(path, encoding=None, header=None, exact=None):
    r"""
    Return the :class:`~sage_logreg.dataset.table.Table` in a text file.

    INPUT:

    - ``path`` -- string or path object

    - ``encoding`` -- (default: UTF-8, or UTF-16 with its mark) name of the encoding, such as ``'shift_jis'``

    - ``header`` -- (default: as the grammar of :mod:`~sage_logreg.dataset.text` says) whether the first row holds the titles

    - ``exact`` -- (default: decimals as they are written) ``'binary'`` keeps no decimals beside their floats

    OUTPUT: a table whose numbers may be infinite (``1e400``); its attribute ``block`` is the array of all columns of numbers

    EXAMPLES:

    Semicolons, decimal commas, a comment, no header::

        sage: from sage_logreg.dataset.text import read_text
        sage: path = tmp_filename(ext='.txt')
        sage: with open(path, 'w') as file:
        ....:     _ = file.write('# two rows\n1,5;2,25;0\n\n3;4;1  # the second\n')
        sage: table = read_text(path)
        sage: table.titles, table.block
        (None,
         array([[1.5 , 2.25],
                [3.  , 4.  ]]))

    TESTS::

        sage: read_text('no/such/file.csv')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no/such/file.csv: there is no such file

    A ``#`` in quotes, and Excel's first line::

        sage: with open(path, 'w') as file:
        ....:     _ = file.write('sep=;\n3;"C # 1"\n4;"C # 2"  # the second\n')
        sage: read_text(path).columns[1].levels
        ['C # 1', 'C # 2']

    Two decimal marks::

        sage: with open(path, 'w') as file:
        ....:     _ = file.write('53,78;0\n55.86;1\n')
        sage: read_text(path)
        Traceback (most recent call last):
        ...
        ValueError: ...txt, line 2, column 1: '55.86' has a decimal point, numbers before it a decimal comma; expected one of them
    """
    source = TextFile(path, encoding)
    with source.explained():
        layout = Layout(source, header)
        for warning in layout.warnings:
            warn(warning, UserWarning)
    return read_laid_out(source, layout, exact)


def read_laid_out(source, layout, exact=None):
    r"""
    Return the :class:`~sage_logreg.dataset.table.Table` in a text whose layout is known.

    INPUT:

    - ``source`` -- a :class:`~sage_logreg.dataset.text_file.TextFile`, or a part of one
    - ``layout`` -- a :class:`~sage_logreg.dataset.text_layout.Layout`
    - ``exact`` -- as for :func:`read_text`
    """
    try:
        with source.explained():
            table = _read_blocks(source, layout, exact)
            return _read_rows(source, layout, exact) if table is None else table
    except MemoryError:
        raise source.too_large() from None


def _read_blocks(source, layout, exact):
    # The table by the reader of blocks; None if it is small, or if the other reader has to read or to explain.
    smallest = SMALL if 'numba' in sys.modules else SAMPLE
    if layout.kinds is None or not layout.delimiter.isascii() or source.is_small and source.size < smallest or not has_numba():
        return None
    written = None if exact == 'binary' else WrittenDecimals()
    with source.open() as (raw, file), source.bar(LONG_BLOCKS) as bar:
        try:
            # archives are a quarter of their text, more or less
            found = read_blocks(file, source.encoding, layout.first, source.size * (4 if source.archive else 1),
                                layout.delimiter, layout.mark or '.', layout.kinds, written,
                                None if bar is None else lambda: bar.update(raw.tell() - bar.n))
        except ValueError:
            return None
    if found is None:
        return None
    block, last, texts, lines, gaps = found
    if source.above:
        lines = range(lines.start + source.above, lines.stop + source.above) if isinstance(lines, range) else lines + source.above
    parts = []
    for codes, index in texts:
        try:
            levels = [text.decode() for text in index]
        except UnicodeDecodeError:
            return None
        if any(CONTROL.search(level) or is_number(level) or len(level) > LONGEST for level in levels):
            return None
        parts.append(_levels(codes, levels))
    return _table(source, layout, block, last, [None if kind == 'n' else parts.pop(0) for kind in layout.kinds[:layout.width]],
                  lines, written, gaps)


def _levels(codes, levels):
    # Codes into sorted levels, -1 for what is missing.
    order = sorted(set(levels) - MISSING)
    place = {level: code for code, level in enumerate(order)}
    new = numpy.array([place.get(level, -1) for level in levels] + [-1], dtype=numpy.int64)
    return new[codes], order


def _table(source, layout, block, last, texts, lines, written, gaps):
    # Of numbers in a block, and of those in the last column.
    columns, count = [], 0
    # once for all columns, which are not contiguous
    empty = numpy.isnan(block) if any(gaps[:block.shape[1]]) else None
    for column, (title, text) in enumerate(zip(layout.titles, texts)):
        if text is not None:
            columns.append(Column.of_levels(title, *text))
            columns[-1].texts_of_numbers = all(map(reads_as_number, columns[-1].levels))
            continue
        is_last = count == block.shape[1]
        numbers = last if is_last else block[:, count]
        missing = None if not gaps[count] else numpy.isnan(last) if is_last else empty[:, count].copy()
        kept = (None, False) if written is None else (written.beside(column, len(numbers)), written.is_lost(column))
        columns.append(Column(title, numbers, 'binary' if written is None else 'decimal', *kept,
                              missing=missing))
        count += 1
    table = Table(source.name, columns, lines)
    table.is_text = True
    if all(text is None for text in texts[:-1]):
        table.block = block
    return table


class _Cells:
    # The cells of a column, as they are read.

    def __init__(self):
        self.numbers, self.codes, self.index, self.parts, self.last = array.array('d'), array.array('q'), {}, [], []
        self.has_numbers = False

    def add(self, cell, value=None):
        # a number has the code -2, what is missing -1
        self.numbers.append(NAN if value is None else value)
        self.codes.append(-2 if value is not None else -1 if cell in MISSING else self.index.setdefault(cell, len(self.index)))
        self.has_numbers |= value is not None
        self.last.append(cell)
        if len(self.last) == LINES_A_TICK:
            # one string takes less memory than many
            self.parts.append(NEWLINE.join(self.last))
            self.last = []

    def texts(self):
        return [cell for part in self.parts for cell in part.split(NEWLINE)] + self.last


def _read_rows(source, layout, exact):
    # The table by the reader that knows lines and columns.
    columns, lines = [_Cells() for _ in range(layout.width)], []
    written = None if exact == 'binary' else WrittenDecimals()
    mark = layout.mark
    with source.lines() as (raw, text), source.bar(LONG_READING) as bar:
        for line, cells in layout.rows(text, source.name):
            if bar is not None and len(lines) % LINES_A_TICK == 0:
                bar.update(raw.tell() - bar.n)
            if layout.trailing and len(cells) == layout.width + layout.trailing and not any(cells[layout.width:]):
                del cells[layout.width:]
            if len(cells) != layout.width:
                given = 'one column' if len(cells) == 1 else f'{len(cells)} columns'
                raise ValueError(f'{source.name}, line {line} has {given}; expected {layout.width} as in the lines before')
            for column, cell in enumerate(cells):
                number = NUMBER[mark].fullmatch(cell)
                if number is None and mark_of(cell, layout.delimiter):
                    if mark is not None:
                        raise ValueError(_two_marks(f'{source.name}, line {line}, column {column + 1}', cell, mark))
                    mark, number = mark_of(cell, layout.delimiter), True
                if number is None:
                    columns[column].add(cell)
                    continue
                decimal = cell if mark != ',' else cell.replace(',', '.')
                value = float(decimal)
                columns[column].add(cell, value)
                if written is not None:
                    _note(written, len(lines), column, decimal, value, f'{source.name}, line {line}')
            lines.append(line)
    if not lines and not source.above:
        raise ValueError(f'{source.name} has no rows of numbers; expected a table, the label in the last column')
    return _table_of_cells(source, layout, columns, lines, written)


def _note(written, row, column, text, value, place):
    try:
        written.note(row, column, text, value)
    except ValueError as error:
        raise ValueError(f'{place}: {error}') from None


def _two_marks(place, cell, mark):
    names = {'.': 'point', ',': 'comma'}
    other = names['.' if mark == ',' else ',']
    return (f'{place}: {shown(cell)} has a decimal {other}, numbers before it a decimal {names[mark]}; '
            'expected one of them')


def _table_of_cells(source, layout, columns, lines, written):
    are_text = [bool(cells.index) and not cells.has_numbers for cells in columns]
    numbers = [cells.numbers for cells, is_text in zip(columns, are_text) if not is_text]
    last = None if are_text[-1] else numpy.array(numbers.pop())
    block = numpy.empty((len(lines), len(numbers)))
    for j, column in enumerate(numbers):
        block[:, j] = column
    gaps = [*numpy.isnan(block).any(axis=0), *([] if last is None else [numpy.isnan(last).any()])]
    texts = [_levels(numpy.array(cells.codes), list(cells.index)) if is_text else None
             for cells, is_text in zip(columns, are_text)]
    table = _table(source, layout, block, last, texts, lines, written, gaps)
    for column, cells, is_text in zip(table.columns, columns, are_text):
        if cells.index and not is_text:
            codes = numpy.array(cells.codes)
            column.bad, column.cells = int(numpy.argmax(codes >= 0)), cells.texts()
            column.missing = codes == -1 if (codes == -1).any() else None
    return table
