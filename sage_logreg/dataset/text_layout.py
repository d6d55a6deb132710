r"""
The layout of a text table: its delimiter, decimal mark, header and title, as its first lines say

The grammar is that of :mod:`~sage_logreg.dataset.text`.

EXAMPLES::

    sage: from sage_logreg.dataset.text_file import TextFile
    sage: from sage_logreg.dataset.text_layout import Layout
    sage: path = tmp_filename(ext='.csv')
    sage: with open(path, 'w') as file:
    ....:     _ = file.write('age;sex\n34,5;male\n60;female\n')
    sage: layout = Layout(TextFile(path, None), None)
    sage: layout.delimiter, layout.mark, layout.titles, layout.kinds
    (';', ',', ['age', 'sex'], 'nt')
"""
import collections
import contextlib
import itertools
import re

from sage_logreg.dataset.table import MISSING
from sage_logreg.dataset.text_rows import NEWLINE, NUMBER, is_almost_number, is_number, mark_of, rows_of, value_of
from sage_logreg.support.arguments import shown

# characters from which the layout is taken, and lines that decide the delimiter
LAYOUT, FIRST_LINES = 1 << 16, 100
DELIMITERS = {'\t': 'tabs', ';': 'semicolons', ',': 'commas', '|': 'bars', ' ': 'blanks'}
# Excel's first line, which names the delimiter
SEPARATOR = re.compile(r'sep=([^\w\s"#.+-]|\t)', re.IGNORECASE)
WHOLE_NUMBER = re.compile('[+-]?[0-9]+')
YEARS = range(1000, 3000)


class Layout:
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

    def __init__(self, source, header, delimiter=None):
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
        self.delimiter = separator[1] if separator else delimiter or _delimiter(lines, name)
        rows = []
        # what is wrong there is said when the table is read
        with contextlib.suppress(ValueError):
            rows.extend(rows_of(lines, name, self.delimiter))
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
        is_text = any(map(str.isalpha, first[0])) and not is_number(first[0])
        below = [cells for _, cells in rows[2:] if len(cells) == width]
        # names, of which some stand above numbers
        above_header = (len(second) == width and not any(cell in MISSING or is_number(cell) for cell in second)
                        and any(all(cell in MISSING or is_number(cell) for cell in column) for column in zip(*below)))
        alone = len(first) == 1 < width
        padded = 3 <= width == len(first) and not any(first[1:]) and above_header
        in_pieces = (len(first) < width or len(first) > width and self.delimiter == ' ') and above_header
        if not is_text or not (alone or padded or in_pieces):
            return False
        text = (' ' if self.delimiter == ' ' else self.delimiter).join(first).rstrip(self.delimiter)
        self.warnings.append(f'{name}, line {line}: the title {shown(text)} above the table is left out')
        return True

    def _take_header(self, rows, header):
        self.mark = next(filter(None, (mark_of(cell, self.delimiter) for _, cells in rows for cell in cells)), None)
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
        if len(first) == width - 1 and header is not False and (header or not any(map(is_number, first))):
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
        if any(text and is_almost_number(cell) for text, cell in zip(texts, first)):
            return False
        again = any(cell in cells for cell, text, (*_, cells) in zip(first, texts, self.columns) if text)
        if not any(numbers):
            return any(above_numbers) or any(texts) and not again and not any(cell in MISSING for cell in first if cell)
        titles = [cell for cell, number in zip(first, numbers) if number]
        stands_out = all(map(WHOLE_NUMBER.fullmatch, titles)) and len(set(titles)) == len(titles) and not any(
            float(cell) in map(value_of, cells) for cell, (*_, cells), number in zip(first, self.columns, numbers) if number)
        below = [value_of(cell) for (*_, cells), number in zip(self.columns, numbers) if number for cell in cells]
        return stands_out and (any(above_numbers) or not again and are_years(titles, below)) and all(
            cell[0].isalpha() for cell, text in zip(first, texts) if text)

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
        lines = itertools.islice(lines, self.has_separator, None)
        return itertools.islice(rows_of(lines, name, self.delimiter), self.above, None)


def _trailing(first, below):
    # How many columns are empty at the end of all rows, at most so many that two are left; in the first row they may lack.
    width = len(below[0])
    for count in range(width - 2, 0, -1):
        if len(first) in (width - count, width) and not any(map(any, (cells[width - count:] for cells in (first, *below)))):
            return count
    return 0


def are_years(cells, below):
    r"""
    Return whether some cells are years one after the other, at the same distance, and none of those below them is a year.

    EXAMPLES::

        sage: from sage_logreg.dataset.text_layout import are_years
        sage: are_years(['2010', '2015', '2020'], [3.5]), are_years(['1', '2'], []), are_years([2019, 2020], [2021])
        (True, False, False)
    """
    years = list(map(float, cells))
    return (set(years) <= set(YEARS) and len({later - year for year, later in zip(years, years[1:])}) == 1
            and not any(value in YEARS for value in below))


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
        rows.extend(cells for _, cells in itertools.islice(rows_of(lines, name, delimiter), FIRST_LINES))
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
    counts = [sum(NUMBER[mark].fullmatch(cell) is not None for cell in cells) for mark in '.,' if mark != delimiter]
    share = max(counts) / max(len(cells), 1)
    is_consistent = is_whole and len(right) == len(below)
    # a first line of as many cells, or one less as R writes it, is a header rather than a title
    bonus = 0.1 * (len(first) == width or 1 < len(first) == width - 1)
    return len(right) / len(below) * (1 + share) * (1 if is_whole else 0.5) + bonus, share, is_consistent, width


def _delimiter_of_line(lines, name):
    # Where rows do not agree the first line decides, so that an error names the first other one.
    line, text = next(((number, line) for number, line in lines if line.strip() and line.lstrip()[0] != '#'), (0, ''))
    mark = next((mark for mark in '\t;,|' if mark in text.strip()), None)
    if mark is None and len(text.split()) > 1 and any(map(is_number, text.split())):
        mark = ' '
    return mark or NEWLINE
