r"""
Text tables: from a file to numbers, with the line and column in every error

A table is plain text, one row per line, the label in the last column. The columns
are separated by commas, semicolons, tabs or spaces. A first row without any
number in it is a header; what follows ``#`` outside of quotes is a comment.
A first line such as ``sep=;``, as Excel writes it, says what separates the columns.
With semicolons a decimal comma is read as well, as spreadsheets write it where
the comma is the decimal sign.

EXAMPLES::

    sage: from sage_logreg.dataset.table import read_table
    sage: path = tmp_filename(ext='.csv')
    sage: with open(path, 'w') as file:
    ....:     _ = file.write('exam1,exam2,admitted\n34.6,78.0,no\n60.1,86.3,yes\n')
    sage: table = read_table(path)
    sage: table.header, table.labels
    (['exam1', 'exam2', 'admitted'], ['no', 'yes'])
    sage: table.points
    array([[34.6, 78. ],
           [60.1, 86.3]])
    sage: table.place(0, 1).endswith('.csv, line 2, column 2')
    True
"""
import array
import codecs
import contextlib
import csv
import os
import re

import numpy

from sage_logreg.dataset.exact_numbers import WHOLE, ExactNumbers, WrittenDecimals
from sage_logreg.support.arguments import shown
from sage_logreg.support.progress import progress_bar

SAMPLE = 1 << 20
LINES_A_TICK = 1 << 14
# Excel's first line, which names the delimiter
SEPARATOR = re.compile(r'sep=([^\w\s"#.+-]|\t)', re.IGNORECASE)
# up to a # that is not in quotes; a quote that is not closed in its line reaches to the end
BEFORE_COMMENT = re.compile(r'(?:[^#"]+|"[^"]*"?)*')


class Table:
    r"""
    A source as it was read: numbers, raw labels, and where each stood.

    - ``points`` -- float64 array of the feature columns, m x n
    - ``labels`` -- the m raw labels, a list or an array
    - ``header`` -- the names of the columns, the label's too, or ``None``
    - ``name`` -- the source's name for error messages
    - ``exact`` -- the points exactly, an :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`
    - ``place(row, column)`` -- where a cell stands, in words; without a
      column, where the row stands; both counted from 0

    EXAMPLES::

        sage: from sage_logreg.dataset.table import Table
        sage: Table(points=None, labels=[0, 1], name='the rows').place(4, 1)
        'the rows, row 5, column 2'
    """

    def __init__(self, points, labels, name, header=None, lines=None, exact=None):
        self.points = points
        self.exact = exact
        self.labels = labels
        self.name = name
        self.header = header
        self._lines = lines

    def place(self, row, column=None):
        r"""
        Return where a cell or a row stands, in words, counted from 1.

        EXAMPLES::

            sage: from sage_logreg.dataset.table import Table
            sage: Table(points=None, labels=[0, 1], name='a.csv', lines=[3, 7]).place(1)
            'a.csv, line 7'
        """
        where = f'row {row + 1}' if self._lines is None else f'line {self._lines[row]}'
        return f'{self.name}, {where}' + ('' if column is None else f', column {column + 1}')


def read_table(path):
    r"""
    Return the :class:`Table` in a text file.

    INPUT:

    - ``path`` -- string or path object

    OUTPUT: a :class:`Table`; its numbers may still be infinite or NaN

    EXAMPLES:

    Semicolons, decimal commas, a comment, no header::

        sage: from sage_logreg.dataset.table import read_table
        sage: path = tmp_filename(ext='.txt')
        sage: with open(path, 'w') as file:
        ....:     _ = file.write('# two rows\n1,5;2,25;0\n\n3;4;1  # the second\n')
        sage: read_table(path).points
        array([[1.5 , 2.25],
               [3.  , 4.  ]])

    TESTS::

        sage: read_table('no/such/file.csv')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no/such/file.csv: there is no such file

    A first row with text in a number column and a number as its label is no
    header::

        sage: with open(path, 'w') as file:
        ....:     _ = file.write('NA,NA,0\n1,2,1\n')
        sage: read_table(path)
        Traceback (most recent call last):
        ...
        ValueError: ...txt, line 1, column 1: 'NA' is not a number; expected a number, as in every column but the last, the label

    A ``#`` in quotes, and Excel's first line::

        sage: with open(path, 'w') as file:
        ....:     _ = file.write('sep=;\n3;"C # 1"\n4;"C # 2"  # the second\n')
        sage: read_table(path).labels
        ['C # 1', 'C # 2']
    """
    path = os.fspath(path)
    # a path may be any string, and a message is one line
    name = path if isinstance(path, str) and path.isprintable() and 0 < len(path) < 1000 else shown(path)
    encoding = _check_file(path, name)
    points, labels, lines, written = array.array('d'), [], array.array('q'), WrittenDecimals()
    header = width = None
    try:
        with open(path, encoding=encoding, newline='') as file, _bar(path, name) as bar:
            for line, cells in _rows(file, name):
                if bar is not None and line % LINES_A_TICK == 0:
                    bar.update(file.buffer.tell() - bar.n)
                if width is None:
                    width = len(cells)
                    if width < 2:
                        raise ValueError(f'{name}, line {line} has one column, {shown(cells[0])}; expected '
                                         'at least two, the label last, separated by comma, semicolon, tab or space')
                    if any(cells[:-1]) and all(_number(cell) is None for cell in cells):
                        header = cells
                        continue
                if len(cells) != width:
                    given = 'one column' if len(cells) == 1 else f'{len(cells)} columns'
                    raise ValueError(f'{name}, line {line} has {given}; expected {width} as in the lines before')
                try:
                    numbers = list(map(float, cells[:-1]))
                except ValueError:
                    column = next(j for j, cell in enumerate(cells) if _number(cell) is None)
                    what = f'{shown(cells[column])} is not a number' if cells[column] else 'the cell is empty'
                    raise ValueError(f'{name}, line {line}, column {column + 1}: {what}; expected a number, '
                                     'as in every column but the last, the label') from None
                _note(written, len(lines), cells, numbers, f'{name}, line {line}')
                points.extend(numbers)
                labels.append(cells[-1])
                lines.append(line)
    except UnicodeDecodeError:
        raise ValueError(f'{name}, line {_undecodable_line(path)} is not UTF-8 text; '
                         'expected a text table, saved as UTF-8') from None
    except MemoryError:
        raise _too_large(path, name) from None
    if not labels:
        raise ValueError(f'{name} has no rows of numbers; expected a table, the label in the last column')
    points = numpy.array(points, dtype=numpy.float64).reshape(len(labels), width - 1)
    exact = ExactNumbers(points, ('decimal',) * points.shape[1], written.columns(*points.shape), written.lost)
    return Table(points, _numbers_if_all(labels), name, header, lines, exact)


def _note(written, row, cells, numbers, place):
    try:
        written.note(row, cells, numbers)
    except ValueError as error:
        raise ValueError(f'{place}: {error}') from None


def _numbers_if_all(labels):
    numbers = [_number(label) for label in labels]
    if None in numbers:
        return labels
    # whole numbers that floats cannot tell apart
    return [int(label) if abs(number) >= WHOLE and label.lstrip('+-').isdecimal() else number
            for label, number in zip(labels, numbers)]


def _check_file(path, name):
    # Checks before reading: is it a file, is it text, will it fit.
    if '\0' in os.fsdecode(path):
        raise ValueError(f'{name}: a path has no null characters; expected the path of a file')
    try:
        size = os.path.getsize(path)
        # nothing else is opened: a FIFO would wait for its writer
        if os.path.isfile(path):
            with open(path, 'rb') as file:
                sample = file.read(SAMPLE)
    except FileNotFoundError:
        raise FileNotFoundError(f'{name}: there is no such file') from None
    except PermissionError:
        raise PermissionError(f'{name} may not be read by this user') from None
    except OSError as error:
        raise OSError(f'{name}: {error.strerror or error}; expected the path of a file') from None
    if os.path.isdir(path):
        raise IsADirectoryError(f'{name} is a directory; expected a file')
    if not os.path.isfile(path):
        raise ValueError(f'{name} is not a regular file; expected a text table')
    if not sample:
        raise ValueError(f'{name} is empty; expected a table, the label in the last column')
    is_utf16 = sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b'\0' in sample and not is_utf16:
        raise ValueError(f'{name} is a binary file; expected a text table')
    if size > SAMPLE and b'\n' not in sample and b'\r' not in sample:
        raise ValueError(f'{name}, line 1 is longer than {SAMPLE} bytes; expected a text table')
    # a file larger than the whole memory is not tried
    if size > _memory():
        raise _too_large(path, name)
    return 'utf-16' if is_utf16 else 'utf-8-sig'


def _bar(path, name):
    # Small tables are read in no time, and should not wait for tqdm to be imported.
    size = os.path.getsize(path)
    if size <= SAMPLE:
        return contextlib.nullcontext()
    return progress_bar(total=size, desc=os.path.basename(name), unit='B', unit_scale=True)


def _memory():
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')


def _too_large(path, name):
    return MemoryError(f'{name} ({os.path.getsize(path) / 1e9:.1f} GB) is too large for the memory of this '
                       f'machine ({_memory() / 1e9:.1f} GB); expected a table that fits')


def _rows(file, name):
    # The line number and the cells of every row; comments and blank lines are skipped.
    first, delimiter = True, None
    for number, line in enumerate(file, 1):
        if line.lstrip().startswith('#'):
            continue
        # a header may name its columns 'exam #1'
        if '#' in line and (not first or line.lstrip()[:1] in '+-.0123456789'):
            line = BEFORE_COMMENT.match(line)[0]
        line = line.strip(' \r\n')
        separator = SEPARATOR.fullmatch(line) if number == 1 else None
        if separator:
            delimiter = separator[1]
        elif line.strip():
            if first:
                first = False
                delimiter = delimiter or next((mark for mark in '\t;,' if mark in line), None)
            try:
                yield number, _cells(line, delimiter)
            except csv.Error as error:
                raise ValueError(f'{name}, line {number}: {error}; expected a text table') from None


def _cells(line, delimiter):
    if delimiter is None:
        return line.split()
    cells = next(csv.reader([line + '\n'], delimiter=delimiter, skipinitialspace=True))
    if cells[-1].endswith('\n'):
        raise csv.Error('a quote is not closed in its line')
    cells = [cell.strip() for cell in cells]
    if delimiter == ';':
        # a comma in a text cell stays
        decimal = [cell.replace(',', '.') for cell in cells]
        cells = [cell if _number(number) is None else number for cell, number in zip(cells, decimal)]
    return cells


def _number(text):
    try:
        return float(text)
    except ValueError:
        return None


def _undecodable_line(path):
    # what is not UTF-8 becomes surrogates, which nothing in UTF-8 becomes
    with open(path, encoding='utf-8', errors='surrogateescape', newline='\n') as file:
        return next((number for number, line in enumerate(file, 1) if re.search('[\udc80-\udcff]', line)), 1)
