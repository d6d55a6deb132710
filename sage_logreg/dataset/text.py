r"""
Text tables: from a file to columns of numbers and of text, with the line and column in every error

The grammar of a text table:

- **rows** -- one a line (LF, CRLF or CR), all with the same number of cells; empty lines are skipped
- **delimiter** -- tab, ``;``, ``,`` or ``|``, or any number of blanks (spaces and tabs): the one with which the first lines have
  equally many cells and most numbers. If two do equally well the table is refused, unless a first line such as ``sep=;``
  (Excel's) says which. Empty columns after delimiters at the end of all lines are none. Blanks around a cell do not count
- **quote** -- ``"`` around a whole cell, as in RFC 4180: ``""`` within stands for one, delimiters and ends of lines are part of the
  cell (which gets a blank for the latter). A quote anywhere else is refused. Quoted numbers are numbers
- **number** -- a sign or none, ASCII digits with or without a decimal mark, ``e`` and a whole exponent or none: ``-12``, ``.5``,
  ``1.``, ``+2.5E-3``; and not ``inf``, ``1_000``, ``1,234.5`` or ``0x1f``, which are text
- **decimal mark** -- the same in the whole table: ``.``, or ``,`` with digits around it where the delimiter is no comma
- **missing value** -- an empty cell or one of ``NA``, ``N/A``, ``n/a``, ``NaN``, ``nan``, ``NULL``, ``null``, ``<NA>``, ``#N/A``,
  ``?``, ``.``
- **comment** -- a line that begins with ``#``; after a row what follows a blank and ``#`` if it stands behind a number, and what
  follows ``#`` behind a closed quote. ``#N/A`` and Excel's other errors begin no comment
- **header** -- the first row, if no cell of it is a number and it has text above a column of numbers, or if no text in it stands
  again in its column below and none but empty cells are missing. Also if some of its cells are different whole numbers (years)
  that do not stand again in their columns, and others are names above columns of numbers. It may be one cell shorter than the
  rows, as R writes it when the first column has the names of the rows. ``header=True`` or ``False`` decides otherwise
- **title** -- text alone in lines above all rows, or in the first cell of an otherwise empty row above the header: left out,
  with a warning

Control characters are refused. A file is UTF-8 (or UTF-16 with its mark), unless ``encoding=`` says otherwise, and may be
compressed (``.gz``, ``.bz2``, ``.xz``, ``.zip``).

Large tables are read by :mod:`~sage_logreg.dataset.text_blocks`; what that cannot read is read, or explained, by the reader here.

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
import bz2
import codecs
import collections
import contextlib
import functools
import gzip
import io
import itertools
import lzma
import os
import re
import sys
import warnings
import zipfile
import zlib

import numpy

from sage_logreg.dataset.cells import reads_as_number
from sage_logreg.dataset.exact_numbers import WrittenDecimals
from sage_logreg.dataset.table import MISSING, Column, Table
from sage_logreg.dataset.text_blocks import LONGEST, has_numba, read_blocks
from sage_logreg.support.arguments import listed, shown
from sage_logreg.support.progress import progress_bar

# bytes that are looked at before reading, and characters from which the layout is taken
SAMPLE, LAYOUT = 1 << 20, 1 << 16
# lines that decide the delimiter
FIRST_LINES = 100
# bytes from which on a bar is shown by the two readers
LONG_READING, LONG_BLOCKS = 1 << 20, 50 * 10**6
# bytes from which on blocks are read where numba is there already; it takes half a second to come
SMALL = 1 << 16
LINES_A_TICK = 1 << 14
DELIMITERS = {'\t': 'tabs', ';': 'semicolons', ',': 'commas', '|': 'bars', ' ': 'blanks'}
BLANKS = ' \t'

# Excel's first line, which names the delimiter
SEPARATOR = re.compile(r'sep=([^\w\s"#.+-]|\t)', re.IGNORECASE)
# with either mark; a comma stands between digits or before them
NUMBER = {'.': re.compile(r'[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?'),
          ',': re.compile(r'[+-]?(?:[0-9]+(?:,[0-9]+)?|,[0-9]+)(?:[eE][+-]?[0-9]+)?'),
          None: re.compile(r'[+-]?[0-9]+(?:[eE][+-]?[0-9]+)?')}
WHOLE_NUMBER = re.compile('[+-]?[0-9]+')
CONTROL = re.compile(r'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]')
# what begins no comment
ERRORS = r'(?:N/A|DIV/0!|NAME\?|NULL!|NUM!|REF!|VALUE!)'
EXCEL_ERROR = re.compile('#' + ERRORS)
SOME_BLANKS = re.compile('[ \t]+')
TAB, NEWLINE, NAN = '\t', '\n', float('nan')

ARCHIVES = {'.gz': 'gzip', '.bz2': 'bzip2', '.xz': 'xz', '.zip': 'zip'}
DAMAGES = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError, RuntimeError)


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
         array([[1.5 , 2.25, 0.  ],
                [3.  , 4.  , 1.  ]]))

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
        ValueError: ...txt, line 2, column 1: '55.86' has a decimal point, numbers before it a decimal comma; expected the same in the whole table
    """
    source = _File(path, encoding)
    try:
        with source.explained():
            layout = _Layout(source, header)
            for warning in layout.warnings:
                warnings.warn(warning, stacklevel=3)
            table = _read_blocks(source, layout, exact)
            return _read_rows(source, layout, exact) if table is None else table
    except MemoryError:
        raise source.too_large() from None


# The file

class _File:
    # A text file, perhaps compressed: what is checked before reading, and what goes wrong while it is read.

    def __init__(self, path, encoding):
        self.path = path = os.fspath(path)
        # a path may be any string, and a message is one line
        self.name = path if isinstance(path, str) and path.isprintable() and 0 < len(path) < 1000 else shown(path)
        self.archive = ARCHIVES.get(os.path.splitext(os.fsdecode(path))[1].lower())
        self.size, self.given = _size(path, self.name), encoding
        with self.explained(), self.open() as (_, file):
            sample = file.read(SAMPLE)
            # a text of which it is all is not too large
            self.is_small = not file.read(1)
        self.encoding = self._encoding(sample)
        if not self.is_small and b'\n' not in sample and b'\r' not in sample:
            raise ValueError(f'{self.name}, line 1 is longer than {SAMPLE} bytes; expected a text table')
        # a file larger than the whole memory is not tried
        if self.size > _memory():
            raise self.too_large()

    def _encoding(self, sample):
        name, encoding = self.name, self.given
        if encoding is not None:
            try:
                found = codecs.lookup(encoding)
                encoding = found.name if found._is_text_encoding else None
            except (LookupError, TypeError, ValueError):
                encoding = None
            if encoding is None:
                raise ValueError(f"encoding = {shown(self.given)}; expected the name of an encoding, such as 'utf-8' or 'shift_jis'")
            if sample.startswith(codecs.BOM_UTF8) and not encoding.startswith('utf-8'):
                raise ValueError(f'{name} begins with the mark of UTF-8, but encoding = {self.given!r}; expected no encoding')
        elif sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = 'utf-16'
        if not sample:
            raise ValueError(f'{name} is empty; expected a table, the label in the last column')
        if b'\0' in sample and not (encoding or '').startswith(('utf-16', 'utf-32')):
            raise ValueError(f'{name} is a binary file; expected a text table')
        return 'utf-8-sig' if encoding in (None, 'utf-8') else encoding

    @contextlib.contextmanager
    def open(self):
        r"""
        Return a context with the file, and with the text in it, in bytes.
        """
        with open(self.path, 'rb') as raw:
            if self.archive is None:
                yield raw, raw
            elif self.archive == 'zip':
                with zipfile.ZipFile(raw) as archive, archive.open(self._member(archive)) as file:
                    yield raw, file
            else:
                with {'gzip': gzip.open, 'bzip2': bz2.open, 'xz': lzma.open}[self.archive](raw) as file:
                    yield raw, file

    def _member(self, archive):
        # macOS adds files of its own
        names = [entry for entry in archive.infolist() if not entry.is_dir() and not entry.filename.startswith('__MACOSX/')]
        if len(names) != 1:
            there = listed([entry.filename for entry in names], 'files') or 'no file'
            raise ValueError(f'{self.name} holds {there}; expected an archive of one text table')
        return names[0]

    @contextlib.contextmanager
    def lines(self):
        r"""
        Return a context with the file, and with the lines of the text and their numbers, counted from 1.
        """
        with self.open() as (raw, file), io.TextIOWrapper(file, self.encoding, newline='') as text:
            yield raw, enumerate(text, 1)

    @contextlib.contextmanager
    def bar(self, longest):
        r"""
        Return a context with a bar for a file of more bytes, else with ``None``: small tables should not wait for tqdm.
        """
        if self.size <= longest:
            yield None
        else:
            with progress_bar(total=self.size, desc=os.path.basename(self.name), unit='B', unit_scale=True) as bar:
                yield bar

    def too_large(self):
        r"""
        Return the error of a file that does not fit into the memory.
        """
        return MemoryError(f'{self.name} ({self.size / 1e9:.1f} GB) is too large for the memory of this '
                           f'machine ({_memory() / 1e9:.1f} GB); expected a table that fits')

    @contextlib.contextmanager
    def explained(self):
        r"""
        Return a context in which errors of decoding and of archives say where and what they are.
        """
        try:
            yield
        except UnicodeError:
            raise ValueError(self._undecodable()) from None
        except (*DAMAGES, OSError) as error:
            # OSError: what bzip2 and gzip raise
            if self.archive is None or isinstance(error, RecursionError):
                raise
            what = ' '.join(str(error).split()).rstrip('.') or 'it ends too early'
            raise ValueError(f'{self.name} is not a whole {self.archive} archive ({what}); expected a compressed text table') from None

    def _undecodable(self):
        with self.open() as (_, file):
            data = file.read()
        line = 1
        try:
            data.decode(self.encoding)
        except UnicodeDecodeError as error:
            line += len(re.findall('\r\n?|\n', data[:error.start].decode(self.encoding, 'ignore')))
        said = 'UTF-8' if self.encoding.startswith('utf-8') else self.encoding
        suggestion = _suggested_encoding(data, self.encoding)
        return (f'{self.name}, line {line} is not {said} text; expected a text table, saved as UTF-8'
                + (f', or its encoding: try encoding={suggestion!r}' if suggestion else ''))


def _size(path, name):
    if '\0' in os.fsdecode(path):
        raise ValueError(f'{name}: a path has no null characters; expected the path of a file')
    try:
        size = os.path.getsize(path)
        # nothing else is opened: a FIFO would wait for its writer
        if os.path.isfile(path):
            with open(path, 'rb'):
                pass
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
    if not size:
        raise ValueError(f'{name} is empty; expected a table, the label in the last column')
    return size


def _memory():
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')


def _suggested_encoding(data, tried):
    # The encoding in which bytes are text, Japanese before Western.
    for encoding in ('utf-8', 'shift_jis', 'cp932', 'euc_jp', 'cp1252'):
        if encoding == tried.removesuffix('-sig'):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # accented letters would be rare kanji between Latin letters, and EUC's would be half-width kana
        strange = len(re.findall(r'[\uff61-\uff9f]|(?<=[a-z])[\u4e00-\u9fff]|[\u4e00-\u9fff](?=[a-z])', text))
        if encoding in ('utf-8', 'cp1252') or 2 * strange < len(re.findall(r'[\u3000-\u9fff\uff00-\uffef]', text)):
            return encoding if not CONTROL.search(text) else None
    return None


# Rows

def _rows(lines, name, delimiter):
    r"""
    Return the line and the cells of every row; comments and empty lines are left out.
    """
    blanks = ' ' if delimiter == '\t' else BLANKS
    lines = iter(lines)
    for number, line in lines:
        line = line.rstrip('\r\n')
        text = line.strip(blanks)
        if not text or text[0] == '#' and not EXCEL_ERROR.match(text):
            continue
        if '"' in line or '#' in line:
            cells = _split(line, number, lines, name, delimiter, blanks)
        else:
            cells = SOME_BLANKS.split(text) if delimiter == ' ' else [cell.strip(blanks) for cell in line.split(delimiter)]
        if len(line) > LONGEST and max(map(len, cells)) > LONGEST:
            raise ValueError(f'{name}, line {number}: field larger than field limit ({LONGEST}); expected a text table')
        if CONTROL.search(line) or '"' in line:
            for column, cell in enumerate(cells, 1):
                if CONTROL.search(cell):
                    raise ValueError(f'{name}, line {number}, column {column}: {shown(cell)} has a control character; expected text')
        yield number, cells


def _split(line, number, lines, name, delimiter, blanks):
    # The cells of a row with quotes or a comment; a quoted cell may go on in the next lines.
    cells, place = [], 0
    ending, comment = _patterns(delimiter)
    while True:
        while line[place:place + 1] and line[place] in blanks:
            place += 1
        where = f'{name}, line {number + line.count(NEWLINE, 0, place)}'
        is_quoted = line[place:place + 1] == '"'
        if is_quoted:
            line, end = _closed(line, place, lines, where)
            cells.append(' '.join(line[place + 1:end].replace('""', '"').split(NEWLINE)).strip(BLANKS))
            place = end + 1
            end = place + len(line[place:]) - len(line[place:].lstrip(blanks))
            if end == len(line) or line[end] == '#':
                return cells
        else:
            match = comment.match(line, place)
            if match:
                return [*cells, match[1]]
            match = ending.search(line, place)
            end = match.start() if match else len(line)
            cell = line[place:end].strip(blanks)
            if '"' in cell:
                raise ValueError(f'{where}, column {len(cells) + 1}: a quote within {shown(cell)}; expected quotes around whole cells')
            # blanks at the end of a line
            if cell or delimiter != ' ':
                cells.append(cell)
            if not match:
                return cells
        match = ending.match(line, place if is_quoted and delimiter == ' ' else end)
        if not match:
            raise ValueError(f'{where}, column {len(cells)}: {shown(line[end:end + 20])} after a closed quote; '
                             'expected quotes around whole cells')
        place = match.end()


@functools.lru_cache(maxsize=None)
def _patterns(delimiter):
    # of what ends a cell, and of a number with a comment behind it
    number = NUMBER['.'].pattern + ('' if delimiter == ',' else '|' + NUMBER[','].pattern)
    comment = re.compile(f'({number}){" +" if delimiter == TAB else SOME_BLANKS.pattern}#(?!{ERRORS})')
    return SOME_BLANKS if delimiter == ' ' else re.compile(re.escape(delimiter)), comment


def _closed(line, place, lines, where):
    # The line, with those in which its cell goes on, and where the quote that opens at the place closes.
    end = place + 1
    while True:
        end, before = line.find('"', end), len(line)
        if end >= 0 and line[end + 1:end + 2] != '"':
            return line, end
        if end >= 0:
            end += 2
            continue
        parts = [line]
        while '"' not in parts[-1] or len(parts) == 1:
            _, more = next(lines, (0, None))
            if more is None or sum(map(len, parts[1:])) > LONGEST:
                raise ValueError(f'{where}: a quote is not closed; expected a text table')
            parts.append(more.rstrip('\r\n'))
        line, end = NEWLINE.join(parts), before


# The layout

class _Layout:
    r"""
    How a text is laid out, as its first lines say.

    - ``delimiter`` -- character, a blank for any number of them, the end of a line for a table of one column
    - ``mark`` -- the decimal mark, ``None`` if there are whole numbers only
    - ``width``, ``titles`` -- number of columns; their titles, ``None`` each without a header
    - ``trailing`` -- with how many delimiters rows end behind the last column
    - ``above`` -- how many rows stand above the table, its header counted
    - ``kinds`` -- what the columns hold, as for the reader of blocks; ``None`` if that should not be tried
    - ``first`` -- line of the first row
    """

    def __init__(self, source, header):
        lines, length = [], 0
        with source.lines() as (_, text):
            for number, line in text:
                lines.append((number, line))
                length += len(line)
                if length > LAYOUT:
                    break
        name, self.warnings = source.name, []
        separator = SEPARATOR.fullmatch(lines[0][1].strip(' \r\n'))
        self.has_separator = separator is not None
        lines = lines[self.has_separator:]
        self.delimiter = separator[1] if separator else _delimiter(lines, name)
        rows = []
        # what is wrong there is said when the table is read
        with contextlib.suppress(ValueError):
            rows.extend(_rows(lines, name, self.delimiter))
        self.above = 0
        while self._is_title(rows[self.above:], name):
            self.above += 1
        self._take_header(rows[self.above:], header)
        self.first = rows[self.above][0] if len(rows) > self.above else None
        if self.first is None or any(line.endswith('\r') for _, line in lines):
            self.kinds = None

    def _is_title(self, rows, name):
        # Whether the first row is a title above the header.
        if len(rows) < 2:
            return False
        (line, first), (_, second) = rows[:2]
        width = _most_common(len(cells) for _, cells in rows[1:])
        is_text = any(map(str.isalpha, first[0])) and not _is_number(first[0])
        above_header = len(second) == width and all(second) and not any(map(_is_number, second)) and len(rows) > 2
        alone = len(first) == 1 < width
        padded = 3 <= width == len(first) and not any(first[1:]) and above_header
        in_pieces = len(first) != width and above_header and any(map(_is_number, rows[2][1]))
        if not is_text or not (alone or padded or in_pieces):
            return False
        text = (' ' if self.delimiter == ' ' else self.delimiter).join(first).rstrip(self.delimiter)
        self.warnings.append(f'{name}, line {line}: the title {shown(text)} above the table is left out')
        return True

    def _take_header(self, rows, header):
        self.mark = next(filter(None, (_mark(cell, self.delimiter) for _, cells in rows for cell in cells)), None)
        self.width, self.titles, self.trailing, self.kinds = 1, [None], 0, None
        if not rows:
            return
        first, below = rows[0][1], [cells for _, cells in rows[1:]]
        width = _most_common(map(len, below)) if below else len(first)
        if below and self.delimiter != ' ':
            self.trailing = _trailing(first, [cells for cells in below if len(cells) == width])
            width -= self.trailing
            first = first[:width] if self.trailing else first
        below = [cells[:width] for cells in below if len(cells) >= width]
        # R gives the names of the rows no title
        if len(first) == width - 1 and header is not False and (header or not any(map(_is_number, first))):
            first, header = ['', *first], True
        self.width = len(first)
        columns = list(zip(*below)) if below and len(first) == width else [()] * self.width
        self.columns = [(any(map(self.is_number, cells)), any(map(self.is_text, cells)), cells) for cells in columns]
        if header is None:
            header = self._is_header(first)
        self.titles = first if header else [None] * self.width
        if not header:
            self.columns = [(numbers or self.is_number(cell), texts or self.is_text(cell), None)
                            for (numbers, texts, _), cell in zip(self.columns, first)]
        self.above += header
        if not any(numbers and texts for numbers, texts, _ in self.columns) and len(first) == width:
            self.kinds = ''.join('t' if texts else 'n' for _, texts, _ in self.columns) + 'e' * self.trailing

    def _is_header(self, first):
        numbers = [self.is_number(cell) for cell in first]
        texts = [self.is_text(cell) for cell in first]
        above_numbers = [text and has_numbers and not has_texts
                         for text, (has_numbers, has_texts, _) in zip(texts, self.columns)]
        # text that other programs take for a number is a bad cell rather than a name
        if any(text and _is_almost_number(cell) for text, cell in zip(texts, first)):
            return False
        again = any(cell in cells for cell, text, (*_, cells) in zip(first, texts, self.columns) if text)
        if not any(numbers):
            return any(above_numbers) or any(texts) and not again and not any(cell in MISSING for cell in first if cell)
        titles = [cell for cell, is_number in zip(first, numbers) if is_number]
        stands_out = all(WHOLE_NUMBER.fullmatch(title) for title in titles) and len(set(titles)) == len(titles) \
            and not any(float(cell) in map(_value, cells) for cell, (*_, cells), is_number in zip(first, self.columns, numbers)
                        if is_number)
        return stands_out and any(above_numbers) and all(cell[0].isalpha() for cell, text in zip(first, texts) if text)

    def is_number(self, cell):
        r"""
        Return whether a cell is a number with the mark of the table.
        """
        return NUMBER[self.mark].fullmatch(cell) is not None

    def is_text(self, cell):
        r"""
        Return whether a cell is neither a number nor missing.
        """
        return cell not in MISSING and not self.is_number(cell)

    def rows(self, lines, name):
        r"""
        Return the line and the cells of every row of the table in the lines of its text.
        """
        return itertools.islice(_rows(itertools.islice(lines, self.has_separator, None), name, self.delimiter), self.above, None)


def _trailing(first, below):
    # How many columns are empty at the end of all rows, at most so many that two are left; in the first row they may lack.
    width = len(below[0])
    for count in range(width - 2, 0, -1):
        if len(first) in (width - count, width) and not any(map(any, (cells[width - count:] for cells in (first, *below)))):
            return count
    return 0


def _is_number(cell):
    return NUMBER['.'].fullmatch(cell) is not None or NUMBER[','].fullmatch(cell) is not None


def _is_almost_number(cell):
    # inf, 1_000, digits of other scripts
    with contextlib.suppress(ValueError):
        float(cell)
        return True
    return False


def _value(cell):
    # A number to compare with others, whatever its mark.
    return float(cell.replace(',', '.')) if _is_number(cell) else None


def _mark(cell, delimiter):
    # The decimal mark of a number, None if it has none or is none.
    if NUMBER[None].fullmatch(cell):
        return None
    return next((mark for mark in '.,' if mark != delimiter and NUMBER[mark].fullmatch(cell)), None)


def _most_common(values):
    counts = collections.Counter(values)
    return max(counts, key=counts.get)


def _delimiter(lines, name):
    # The delimiter with which the first lines have equally many cells, and most numbers.
    text = ''.join(line for _, line in lines[:FIRST_LINES])
    readings = {}
    for delimiter in DELIMITERS:
        if delimiter in text or delimiter == ' ' and '\t' in text:
            reading = _reading(lines, name, delimiter)
            if reading is not None:
                readings[delimiter] = reading
    blanks = readings.pop(' ', None)
    ranked = sorted(readings, key=lambda delimiter: readings[delimiter][0], reverse=True)
    if not ranked:
        return ' ' if blanks else _delimiter_of_line(lines, name)
    if len(ranked) > 1 and readings[ranked[0]][0] == readings[ranked[1]][0]:
        raise ValueError(_ambiguous(name, {delimiter: readings[delimiter] for delimiter in ranked[:2]}))
    best = readings[ranked[0]]
    above, *below = [line.strip() for _, line in lines[:FIRST_LINES] if line.strip() and line.strip()[0] != '#']
    if ranked[0] == ',' and best[2:] == (True, 2) and below and ',' not in above and all(map(NUMBER[','].fullmatch, below)):
        raise ValueError(f'{name} can be read as a title above two columns or as the name of one column with decimal commas; '
                         'expected a name above each column, or a first line sep=; for one column')
    same = ranked[0] == '\t' and blanks is not None and blanks[3] == best[3]
    if blanks is None or blanks[0] < best[0] or blanks[0] == best[0] and blanks[1] < 1 or same and best[2]:
        return ranked[0]
    # texts hold blanks, numbers do not
    if best[2] and (blanks[1] < 1 or blanks[0] == best[0]):
        raise ValueError(_ambiguous(name, {ranked[0]: best, ' ': blanks}))
    return ' '


def _ambiguous(name, readings):
    texts = [f'with {DELIMITERS[delimiter]} ({reading[3]} columns)' for delimiter, reading in readings.items()]
    return (f'{name} can be read {" or ".join(texts)}; expected a first line that says which delimiter it is, '
            f'such as sep={next(iter(readings))}'.replace('\t', '<tab>'))


def _reading(lines, name, delimiter):
    # How good a delimiter is, the share of numbers, whether all rows have as many cells, and how many; None if it is none.
    rows, is_whole = [], True
    try:
        rows.extend(cells for _, cells in itertools.islice(_rows(lines, name, delimiter), FIRST_LINES))
    except ValueError:
        is_whole = False
    if not rows:
        return None
    first, below = rows[0], rows[1:] or rows
    width = _most_common(map(len, below))
    if width < 2 or len(first) == 1 and (any(mark in first[0] for mark in '\t;,|') or not any(map(str.isalpha, first[0]))):
        return None
    right = [cells for cells in below if len(cells) == width]
    cells = [cell for row in right for cell in row if cell not in MISSING]
    share = max(sum(NUMBER[mark].fullmatch(cell) is not None for cell in cells) for mark in '.,' if mark != delimiter) / max(len(cells), 1)
    is_consistent = is_whole and len(right) == len(below)
    return len(right) / len(below) * (1 + share) * (1 if is_whole else 0.5), share, is_consistent, width


def _delimiter_of_line(lines, name):
    # Where rows do not agree the first line decides, so that an error names the first other one.
    line, text = next(((number, line) for number, line in lines if line.strip() and line.lstrip()[0] != '#'), (0, ''))
    mark = next((mark for mark in '\t;,|' if mark in text.strip()), None)
    if mark is None and len(text.split()) > 1 and any(map(_is_number, text.split())):
        mark = ' '
    return mark or NEWLINE


# Tables

def _read_blocks(source, layout, exact):
    # The table by the reader of blocks; None if it is small, or if the other reader has to read or to explain.
    smallest = SMALL if 'numba' in sys.modules else SAMPLE
    if layout.kinds is None or not layout.delimiter.isascii() or source.is_small and source.size < smallest or not has_numba():
        return None
    written = None if exact == 'binary' else WrittenDecimals()
    with source.open() as (raw, file), source.bar(LONG_BLOCKS) as bar:
        try:
            found = read_blocks(file, source.encoding, layout.first, source.size * (4 if source.archive else 1), layout.delimiter,
                                layout.mark or '.', layout.kinds, written,
                                None if bar is None else lambda: bar.update(raw.tell() - bar.n))
        except ValueError:
            return None
    if found is None:
        return None
    block, texts, lines, gaps = found
    parts = []
    for codes, index in texts:
        try:
            levels = [text.decode() for text in index]
        except UnicodeDecodeError:
            return None
        if any(map(CONTROL.search, levels)) or any(_is_number(level) for level in levels) or max(map(len, levels), default=0) > LONGEST:
            return None
        parts.append(_levels(codes, levels))
    return _table(source, layout, block, [None if kind == 'n' else parts.pop(0) for kind in layout.kinds[:layout.width]],
                  lines, written, gaps)


def _levels(codes, levels):
    # Codes into sorted levels, -1 for what is missing.
    order = sorted(set(levels) - MISSING)
    place = {level: code for code, level in enumerate(order)}
    new = numpy.array([place.get(level, -1) for level in levels] + [-1], dtype=numpy.int64)
    return new[codes], order


def _table(source, layout, block, texts, lines, written, gaps):
    columns, count = [], 0
    # once for all columns, which are not contiguous
    empty = numpy.isnan(block) if any(gaps) else None
    for column, (title, text) in enumerate(zip(layout.titles, texts)):
        if text is not None:
            columns.append(Column.of_levels(title, *text))
            columns[-1].texts_of_numbers = all(map(reads_as_number, columns[-1].levels))
            continue
        numbers = block[:, count]
        missing = empty[:, count].copy() if gaps[count] else None
        kept = (None, False) if written is None else (written.beside(column, len(numbers)), written.is_lost(column))
        columns.append(Column(title, numbers, 'binary' if written is None else 'decimal', *kept,
                              missing=missing))
        count += 1
    table = Table(source.name, columns, lines)
    table.block, table.is_text = block, True
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
                if number is None and _mark(cell, layout.delimiter):
                    if mark is not None:
                        raise ValueError(_two_marks(f'{source.name}, line {line}, column {column + 1}', cell, mark))
                    mark, number = _mark(cell, layout.delimiter), True
                if number is None:
                    columns[column].add(cell)
                    continue
                decimal = cell if mark != ',' else cell.replace(',', '.')
                value = float(decimal)
                columns[column].add(cell, value)
                if written is not None:
                    _note(written, len(lines), column, decimal, value, f'{source.name}, line {line}')
            lines.append(line)
    if not lines:
        raise ValueError(f'{source.name} has no rows of numbers; expected a table, the label in the last column')
    return _table_of_cells(source, layout, columns, lines, written)


def _note(written, row, column, text, value, place):
    try:
        written.note(row, column, text, value)
    except ValueError as error:
        raise ValueError(f'{place}: {error}') from None


def _two_marks(place, cell, mark):
    names = {'.': 'point', ',': 'comma'}
    return (f'{place}: {shown(cell)} has a decimal {names["," if mark == "." else "."]}, numbers before it a decimal {names[mark]}; '
            'expected the same in the whole table')


def _table_of_cells(source, layout, columns, lines, written):
    are_text = [bool(cells.index) and not cells.has_numbers for cells in columns]
    block = numpy.empty((len(lines), are_text.count(False)))
    for j, cells in enumerate(cells for cells, is_text in zip(columns, are_text) if not is_text):
        block[:, j] = cells.numbers
    texts = [_levels(numpy.array(cells.codes), list(cells.index)) if is_text else None
             for cells, is_text in zip(columns, are_text)]
    table = _table(source, layout, block, texts, lines, written, numpy.isnan(block).any(axis=0))
    for column, cells, is_text in zip(table.columns, columns, are_text):
        if cells.index and not is_text:
            codes = numpy.array(cells.codes)
            column.bad, column.cells = int(numpy.argmax(codes >= 0)), cells.texts()
            column.missing = codes == -1 if (codes == -1).any() else None
    return table
