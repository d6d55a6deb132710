r"""
Files: which reader a file needs, by the ending of its name

===================================================  ============================================================
``.parquet``                                         Parquet, read by PyArrow
``.feather``, ``.arrow``, ``.ipc``                   Feather and Arrow's own format, read by PyArrow
``.xlsx``, ``.xlsm``, ``.xlsb``, ``.xls``, ``.ods``  the one sheet of a workbook that is not empty, read by pandas with
                                                     openpyxl, pyxlsb, xlrd or odfpy
``.dta``                                             Stata, read by pandas; value labels are levels in their order
any other                                            a text table, see :mod:`~sage_logreg.dataset.text`
===================================================  ============================================================

EXAMPLES::

    sage: import pandas
    sage: from sage_logreg.dataset.formats import read_file
    sage: path = tmp_filename(ext='.parquet')
    sage: pandas.DataFrame({'age': [34r, 60r], 'sex': ['m', 'f']}).to_parquet(path)
    sage: table = read_file(path)
    sage: table.titles, table.columns[0].numbers, table.columns[1].levels
    (['age', 'sex'], array([34., 60.]), ['f', 'm'])
"""
import os
import warnings

from sage_logreg.dataset.cells import column_of, is_missing, of_cells, refused_column
from sage_logreg.dataset.columns import ROWS_AT_ONCE, table_of_arrow
from sage_logreg.dataset.table import Table
from sage_logreg.support.arguments import as_float, listed, shown
from sage_logreg.support.paths import checked_size, shown_path
from sage_logreg.support.warned import warn

# bytes of a column that are read from a Parquet file at once
BUFFER = 1 << 16
# the packages that pandas reads workbooks with
EXCEL = {'.xlsx': 'openpyxl', '.xlsm': 'openpyxl', '.xlsb': 'pyxlsb', '.xls': 'xlrd', '.ods': 'odfpy'}


def read_file(path, encoding=None, header=None, exact=None):
    r"""
    Return the :class:`~sage_logreg.dataset.table.Table` in a file.

    INPUT:

    - ``path`` -- string or path object
    - ``encoding`` -- (default: UTF-8) of a text table
    - ``header`` -- (default: by its cells) whether the first row of a text table or a sheet is a header
    - ``exact`` -- (default: decimals of a text table are kept) ``'binary'`` keeps none

    EXAMPLES: see :mod:`sage_logreg.dataset.formats`.

    TESTS::

        sage: from sage_logreg.dataset.formats import read_file
        sage: path = tmp_filename(ext='.parquet')
        sage: with open(path, 'w') as file:
        ....:     _ = file.write('age,sex\n34,m\n')
        sage: read_file(path)
        Traceback (most recent call last):
        ...
        ValueError: ...parquet cannot be read (Parquet magic bytes not found in footer...); expected a Parquet file
        sage: read_file('no/such/file.dta')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no/such/file.dta: there is no such file
    """
    path = os.fspath(path)
    ending = os.path.splitext(path)[1].lower()
    if ending not in EXCEL and ending not in READERS:
        from sage_logreg.dataset.text import read_text
        return read_text(path, encoding, header, exact)
    name = shown_path(path)
    checked_size(path, 'a table', 'a table')
    if encoding is not None:
        raise ValueError(f'encoding = {shown(encoding)}, but {name} is no text table; expected no encoding')
    if ending in EXCEL:
        return _read_workbook(path, name, ending, header)
    if header is not None:
        raise ValueError(f'header = {shown(header)}, but {name} names its columns itself; expected no header')
    return READERS[ending](path, name)


def unreadable(name, error, expected):
    r"""
    Return the error of a file that a library cannot read: what it says, on one line.
    """
    is_said = isinstance(error, (ValueError, OSError))
    said = ' '.join(str(error).split()).rstrip('.')[:200] if is_said else 'damaged, or of another kind'
    return ValueError(f'{name} cannot be read ({said}); expected {expected}')


# Arrow

def _read_parquet(path, name):
    import pyarrow
    from pyarrow import parquet
    try:
        # neither the file nor its numbers are ever in memory beside the table
        with parquet.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER) as file:
            return table_of_arrow(name, file.schema_arrow, file.iter_batches(ROWS_AT_ONCE), file.metadata.num_rows)
    except (pyarrow.ArrowException, OSError) as error:
        raise unreadable(name, error, 'a Parquet file') from None


def _read_arrow(path, name):
    import pyarrow
    from pyarrow import ipc
    try:
        with pyarrow.memory_map(path) as file:
            try:
                reader = ipc.open_file(file)
            except pyarrow.ArrowInvalid:
                file.seek(0)
                table = ipc.open_stream(file).read_all()
                return table_of_arrow(name, table.schema, table.to_batches(), table.num_rows)
            # the first column alone tells the number of rows
            lengths = ipc.open_file(file, options=ipc.IpcReadOptions(included_fields=[0]))
            count = sum(map(len, _batches(lengths))) if len(reader.schema) else 0
            return table_of_arrow(name, reader.schema, _batches(reader), count)
    except (pyarrow.ArrowException, OSError) as error:
        raise unreadable(name, error, 'a Feather or Arrow file') from None


def _batches(reader):
    return (reader.get_batch(number) for number in range(reader.num_record_batches))


# Workbooks

def _read_workbook(path, name, ending, header):
    import pandas
    try:
        # all cells as they are: what is missing or a header is decided here, as for text tables
        sheets = pandas.read_excel(path, sheet_name=None, header=None, dtype=object, na_filter=False)
    except ImportError:
        package = EXCEL[ending]
        raise ImportError(f'{name}: pandas reads {ending} files with {package}, which is missing or too old; '
                          f'expected it to be installed: pip install {package}') from None
    except Exception as error:
        # each engine has errors of its own, down to KeyError
        raise unreadable(name, error, f'an Excel workbook ({ending})') from None
    sheets = {title: _filled(sheet) for title, sheet in sheets.items()}
    sheets = {title: rows for title, rows in sheets.items() if rows}
    if not sheets:
        raise ValueError(f'{name} is empty; expected a table')
    if len(sheets) > 1:
        raise ValueError(f'{name} has {len(sheets)} sheets that are not empty ({listed(map(shown, sheets), "sheets")}); expected '
                         f'one, or a frame: pandas.read_excel(path, sheet_name={shown(list(sheets)[0])})')
    return _table_of_sheet(name, *sheets.values(), header)


def _filled(sheet):
    # pairs of a row's number in the sheet and its cells, without empty rows, and without empty columns on the outside
    # and, as in a text table, without blanks around the cells
    rows = [(number, [cell.strip() if isinstance(cell, str) else cell for cell in cells])
            for number, cells in enumerate(sheet.values.tolist(), 1)]
    rows = [(number, cells) for number, cells in rows if not all(cell == '' for cell in cells)]
    columns = [j for j in range(sheet.shape[1]) if not all(cells[j] == '' for _, cells in rows)]
    return [(number, cells[columns[0]:columns[-1] + 1]) for number, cells in rows]


def _table_of_sheet(name, rows, header):
    above = next((i for i, (_, cells) in enumerate(rows) if not _is_title(cells)), 0)
    for number, cells in rows[:above] if header is None and len(rows[0][1]) > 1 else ():
        rows = rows[1:]
        title = next(cell for cell in cells if not is_missing(cell))
        warn(f'{name}, line {number}: {shown(title)} stands alone and is left out as a title')
    titles = [None] * len(rows[0][1])
    if _is_header([cells for _, cells in rows]) if header is None else header:
        titles = ['' if is_missing(cell) else ' '.join(str(cell).split()) for cell in rows[0][1]]
        rows = rows[1:]
    columns = [of_cells(title, [cells[j] for _, cells in rows], framed=True) for j, title in enumerate(titles)]
    return Table(name, columns, lines=[number for number, _ in rows])


def _is_title(cells):
    filled = [cell for cell in cells if not is_missing(cell)]
    return len(filled) == 1 and isinstance(filled[0], str)


def _is_header(rows):
    # no cell is a number; or whole numbers, such as years, and text above columns of numbers; or clearly years
    first, rest = rows[0], rows[1:]
    texts = [j for j, cell in enumerate(first) if isinstance(cell, str) and not is_missing(cell)]
    numbers = [cell for cell in first if not isinstance(cell, str) and not is_missing(cell)]
    if not texts or not numbers:
        return bool(texts)
    below = [row[j] for row in rest for j in texts if not is_missing(row[j])]
    are_whole = all(not isinstance(cell, bool) and (as_float(cell) or 0.5) % 1 == 0 for cell in numbers)
    if not are_whole or not below:
        return False
    from sage_logreg.dataset.text_layout import are_years
    again = any(first[j] == row[j] for row in rest for j in texts)
    return (not any(isinstance(cell, str) for cell in below)
            or not again and are_years(numbers, [row[j] for row in rest for j in range(len(first)) if j not in texts]))


# Stata

def _read_stata(path, name):
    import pandas
    try:
        with warnings.catch_warnings():
            # of value labels for some numbers only, which are refused below
            warnings.simplefilter('ignore')
            frame = pandas.read_stata(path)
    except Exception as error:
        # damaged files end in errors of any kind, down to struct.error
        raise unreadable(name, error, 'a Stata file (.dta)') from None
    return Table(name, [_of_stata(str(title), frame.iloc[:, j]) for j, title in enumerate(frame.columns)])


def _of_stata(title, series):
    # numbers of which some have labels: neither reading is right for all of them
    import pandas
    labels = series.cat.categories if isinstance(series.dtype, pandas.CategoricalDtype) else ()
    named = [label for label in labels if isinstance(label, str)]
    if 0 < len(named) < len(labels):
        return refused_column(title, len(series), f'some of its numbers have value labels ({listed(map(shown, named))}), others '
                              'have none; expected labels for all or for none, or a frame: pandas.read_stata(path, '
                              'convert_categoricals=False)')
    return column_of(title, series)


READERS = {'.parquet': _read_parquet, '.feather': _read_arrow, '.arrow': _read_arrow, '.ipc': _read_arrow, '.dta': _read_stata}
