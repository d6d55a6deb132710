r"""
Rows of a text table: lines into cells, and what in a cell is a number

The grammar is that of :mod:`~sage_logreg.dataset.text`.

EXAMPLES::

    sage: from sage_logreg.dataset.text_rows import mark_of, rows_of
    sage: lines = ['a, "b\n', 'c"\n', '# none\n', '\n', '1.5,2 # two\n']
    sage: list(rows_of(enumerate(lines, 1r), 'the lines', ','))
    [(1, ['a', 'b c']), (5, ['1.5', '2'])]
    sage: mark_of('1,5', ';'), mark_of('1,5', ','), mark_of('1.5', ';'), mark_of('15', ';')
    (',', None, '.', None)
"""
import contextlib
import functools
import re

from sage_logreg.support.arguments import shown

# most characters of a cell
LONGEST = 1 << 17
BLANKS, TAB, NEWLINE = ' \t', '\t', '\n'
SOME_BLANKS = re.compile('[ \t]+')
# with either mark; a comma stands between digits or before them
NUMBER = {'.': re.compile(r'[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?'),
          ',': re.compile(r'[+-]?(?:[0-9]+(?:,[0-9]+)?|,[0-9]+)(?:[eE][+-]?[0-9]+)?'),
          None: re.compile(r'[+-]?[0-9]+(?:[eE][+-]?[0-9]+)?')}
CONTROL = re.compile(r'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]')
# what begins no comment
ERRORS = r'(?:N/A|DIV/0!|NAME\?|NULL!|NUM!|REF!|VALUE!)'
EXCEL_ERROR = re.compile('#' + ERRORS)


def rows_of(lines, name, delimiter):
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
                    raise ValueError(f'{name}, line {number}, column {column}: {shown(cell)} has a control character; '
                                     'expected text')
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
                raise ValueError(f'{where}, column {len(cells) + 1}: a quote within {shown(cell)}; '
                                 'expected quotes around whole cells')
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


def is_number(cell):
    return NUMBER['.'].fullmatch(cell) is not None or NUMBER[','].fullmatch(cell) is not None


def is_almost_number(cell):
    # inf, 1_000, digits of other scripts
    with contextlib.suppress(ValueError):
        float(cell)
        return True
    return False


def value_of(cell):
    # A number to compare with others, whatever its mark.
    return float(cell.replace(',', '.')) if is_number(cell) else None


def mark_of(cell, delimiter):
    # The decimal mark of a number, None if it has none or is none.
    if NUMBER[None].fullmatch(cell):
        return None
    return next((mark for mark in '.,' if mark != delimiter and NUMBER[mark].fullmatch(cell)), None)
