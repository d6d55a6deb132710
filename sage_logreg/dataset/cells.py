r"""
One column of a source: cells of any kind become numbers or levels

EXAMPLES::

    sage: from sage_logreg.dataset.cells import column_of
    sage: column_of('dose', [1/3, None, 2]).numbers
    array([0.33333333,        nan, 2.        ])
    sage: column = column_of('sex', ['male', 'female', 'male', 'NA'])
    sage: column.levels, column.codes, column.missing
    (['female', 'male'], array([ 1,  0,  1, -1]), array([False, False, False,  True]))
"""
import contextlib
import datetime
import itertools
import operator
import re
import sys
import unicodedata

import numpy

from sage_logreg.dataset.exact_numbers import numbers_beside_floats
from sage_logreg.dataset.table import MISSING, Column
from sage_logreg.support.arguments import as_float, entries, shown

# a number as text, in ASCII digits
NUMBER = re.compile(r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?')
# as people write numbers: with a currency or a percent sign, thousands separated, any decimal mark
SIGN, CURRENCY, GROUPS = '[+-]?', r'[$\u20ac\u00a3\u00a5\u5186]?', r"[0-9]{1,3}(?:[,.' \u2019][0-9]{3})+"
WRITTEN = re.compile(rf'{SIGN} ?{CURRENCY} ?{SIGN}(?:{GROUPS}|[0-9]+)(?:[.,][0-9]+)? ?(?:{CURRENCY}|%)')
DATES = 'dates; expected numbers or text'
DURATIONS = 'durations; expected numbers or text'


def is_of(value, module, *kinds):
    r"""
    Return whether a value is of one of a library's classes; what is not imported has no values.

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import is_of
        sage: import numpy
        sage: is_of(numpy.zeros(2), 'numpy', 'ndarray'), is_of(numpy.zeros(2), 'no_such_library', 'Frame')
        (True, False)
    """
    module = sys.modules.get(module)
    # an older library may not have all of them
    return module is not None and isinstance(value, tuple(getattr(module, kind) for kind in kinds if hasattr(module, kind)))


def reads_as_number(text):
    r"""
    Return whether a person would read a text as a number, in whichever form.

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import reads_as_number
        sage: [reads_as_number(text) for text in ('1,234.5', '12 %', '$3', '-1.5e3', '1 000', '１２')]
        [True, True, True, True, True, True]
        sage: [reads_as_number(text) for text in ('', 'x1', '10-20', '<5', '2020-01-02', '1.2.3', '0x1f', '1_000')]
        [False, False, False, False, False, False, False, False]
    """
    text = text.strip()
    if NUMBER.fullmatch(text):
        return True
    # digits of other scripts and widths, other blanks and signs
    plain = ''.join(str(unicodedata.digit(character)) if character.isdecimal() else character
                    for character in unicodedata.normalize('NFKC', text).replace('\u2212', '-'))
    return WRITTEN.fullmatch(plain) is not None


def is_missing(value):
    r"""
    Return whether a cell is missing.

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import is_missing
        sage: [is_missing(value) for value in (None, float('nan'), ' NA ', '?', 0, 'no')]
        [True, True, True, True, False, False]
    """
    if isinstance(value, str):
        return value.strip() in MISSING
    # pandas' own, without pandas
    if value is None or value is numpy.ma.masked or type(value).__name__ in ('NAType', 'NaTType'):
        return True
    if isinstance(value, (numpy.datetime64, numpy.timedelta64)):
        return bool(numpy.isnat(value))
    return isinstance(value, (float, numpy.floating)) and bool(value != value)


def column_of(title, values, framed=False):
    r"""
    Return the :class:`~sage_logreg.dataset.table.Column` of a list, an array, a Series or the like, ``None`` if it is none.

    A column that is neither numbers nor text has the attribute ``refused``, words for :func:`check_usable`; one of texts
    that are numbers, such as ``'3.5'``, has ``texts_of_numbers``.

    INPUT:

    - ``title`` -- the text above it, or ``None``
    - ``values`` -- list, tuple, vector, array of one dimension, generator, Series, Index, or Arrow array
    - ``framed`` -- whether booleans are levels, as in a frame; else they are the numbers 0 and 1

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import column_of
        sage: column_of(None, [True, False]).numbers, column_of(None, [True, False], framed=True).levels
        (array([1., 0.]), [False, True])
        sage: column = column_of(None, [2, 'two', 3])
        sage: column.bad, column.cells, column.numbers
        (1, ['2', 'two', '3'], array([ 2., nan,  3.]))
        sage: column_of(None, ['3.5', '4']).texts_of_numbers
        True
        sage: column_of(None, 7) is None
        True
    """
    if is_of(values, 'pandas', 'Index') or is_of(values, 'pandas.api.extensions', 'ExtensionArray'):
        import pandas
        values = pandas.Series(values)
    if is_of(values, 'pandas', 'Series'):
        return _of_pandas(title, values)
    if is_of(values, 'pyarrow', 'Array', 'ChunkedArray'):
        return of_arrow(title, values)
    if isinstance(values, numpy.ndarray):
        return of_array(title, values, framed) if values.ndim == 1 and values.dtype.names is None else None
    if hasattr(type(values), '__arrow_c_stream__') and not hasattr(type(values), 'columns'):
        return _of_series(title, values)
    cells = entries(values)
    return None if cells is None else of_cells(title, cells, framed)


def check_usable(table, j):
    r"""
    Raise an error if a column of a table can be neither numbers nor levels.

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import check_usable, column_of
        sage: from sage_logreg.dataset.table import Table
        sage: check_usable(Table('the rows', [column_of(None, [1, I])]), 0)
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2, column 1: I is not a real number
        sage: import numpy
        sage: born = column_of('born', numpy.array(['2020-01-01'], dtype='M8[s]'))
        sage: check_usable(Table('the frame', [born]), 0)
        Traceback (most recent call last):
        ...
        ValueError: the frame, column 1, 'born': dates; expected numbers or text
    """
    column = table.column(j)
    what = getattr(column, 'refused', None)
    if what is not None:
        title = '' if column.title is None else f', {shown(column.title)}'
        place = f'{table.name}, column {j + 1}{title}' if column.refused_row is None else table.place(column.refused_row, j)
        raise ValueError(f'{place}: {what}')


def refused_column(title, count, what, row=None):
    r"""
    Return a column that cannot be used, and why.
    """
    column = Column(title, numpy.full(count, numpy.nan))
    column.refused, column.refused_row = what, row
    return column


# Numbers

def of_numbers(title, given, floats):
    r"""
    Return a column of real numbers, given and rounded to floats; nan is missing.
    """
    return of_block([title], [given], floats[:, None])[0]


def of_block(titles, given, block):
    r"""
    Return the columns of an array of floats; ``given`` are the numbers that were rounded.
    """
    with numpy.errstate(invalid='ignore', over='ignore'):
        if isinstance(given, numpy.ndarray) and given.dtype.kind == 'f':
            exact = itertools.repeat(('binary', None))
        else:
            exact = map(numbers_beside_floats, given, block.T)
        # a sum that is a number shows that no entry is nan, without a second table
        complete = not numpy.isnan(block.sum(dtype=numpy.float64))
        columns = [Column(title, floats, *one) for title, floats, one in zip(titles, block.T, exact)]
    for column in () if complete else columns:
        missing = numpy.isnan(column.numbers)
        column.missing = missing if missing.any() else None
    return columns


def all_missing(title, count):
    r"""
    Return a column of missing cells only.
    """
    return Column(title, numpy.full(count, numpy.nan), missing=numpy.ones(count, dtype=bool))


def of_array(title, array, framed=False):
    r"""
    Return a column of an array of one dimension; float64 numbers are a view of it.

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import of_array
        sage: import numpy
        sage: of_array(None, numpy.ma.array([1, 2], mask=[False, True])).numbers
        array([ 1., nan])
        sage: of_array(None, numpy.array(['b', 'a'])).levels
        ['a', 'b']
    """
    mask = numpy.ma.getmaskarray(array) if isinstance(array, numpy.ma.MaskedArray) else None
    array = numpy.asarray(array)
    kind = array.dtype.kind
    if kind == 'S':
        try:
            array = numpy.char.decode(array, 'utf-8')
        except UnicodeDecodeError:
            row = next(i for i, value in enumerate(array.tolist()) if not _is_utf8(value))
            return refused_column(title, len(array), f'{shown(array[row])} is not UTF-8 text', row)
    elif kind == 'b' and framed:
        codes = array.astype(numpy.int64)
        return of_levels(title, codes if mask is None else numpy.where(mask, -1, codes), [False, True])
    elif kind in 'Mm':
        return refused_column(title, len(array), DATES if kind == 'M' else DURATIONS)
    elif kind in 'biuf':
        with numpy.errstate(over='ignore'):
            floats = array.astype(numpy.float64, copy=mask is not None)
        if mask is not None:
            floats[mask] = numpy.nan
        return of_numbers(title, array, floats)
    cells = array.tolist() if array.dtype.names is None else list(array)
    if mask is not None:
        cells = [None if masked else cell for cell, masked in zip(cells, mask)]
    return of_cells(title, cells, framed)


def _is_utf8(value):
    try:
        value.decode('utf-8')
    except UnicodeDecodeError:
        return False
    return True


# Cells of any kind

def of_cells(title, cells, framed=False):
    r"""
    Return a column of a list of cells: numbers of Sage or Python, text, booleans, and what is missing.

    EXAMPLES: see :func:`column_of`.
    """
    kinds = set(map(type, cells))
    if kinds and kinds <= {float, int}:
        try:
            return of_numbers(title, cells, numpy.array(cells, dtype=numpy.float64))
        except OverflowError:
            pass  # a whole number beyond all floats is infinite below
    floats, texts, truths = numpy.full(len(cells), numpy.nan), [], []
    for i, cell in enumerate(cells):
        if is_missing(cell):
            continue
        if isinstance(cell, str):
            texts.append(i)
            continue
        # NumPy makes a number of an array of one entry
        number = None if isinstance(cell, numpy.ndarray) and cell.ndim else as_float(cell)
        if number is None:
            return refused_column(title, len(cells), *_refusal(cell, i))
        floats[i] = number
        if framed and isinstance(cell, (bool, numpy.bool_)):
            truths.append(i)
    is_number = ~numpy.isnan(floats)
    if not is_number.any() and not texts:
        return all_missing(title, len(cells))
    if is_number.sum() == len(truths):
        return _of_texts(title, cells, texts, truths)
    if texts:
        # the cells as text, for the level that each of them would be
        column = Column(title, floats, bad=texts[0], cells=['' if is_missing(cell) else str(cell) for cell in cells])
        missing = ~is_number
        missing[texts] = False
        column.missing = missing if missing.any() else None
        return column
    return of_numbers(title, [cell if real else 0 for cell, real in zip(cells, is_number)], floats)


def _refusal(cell, row):
    # why a cell is neither a number nor text, and its row if that says more
    if isinstance(cell, (datetime.date, datetime.time, numpy.datetime64)):
        return DATES, None
    if isinstance(cell, (datetime.timedelta, numpy.timedelta64)):
        return DURATIONS, None
    return f'{shown(cell)} is not a {"number" if isinstance(cell, bytes) else "real number"}', row


def _of_texts(title, cells, texts, truths):
    # no cell is a number
    kind = bool if not texts else str
    code, codes = {}, numpy.full(len(cells), -1)
    for i in (*texts, *truths):
        codes[i] = code.setdefault(kind(cells[i]), len(code))
    return of_levels(title, codes, list(code), plain=True)


def of_levels(title, codes, values, ordered=False, plain=False):
    r"""
    Return a column of levels: those that occur, sorted unless the source has put them in order.

    INPUT:

    - ``codes`` -- int array, which of the values each cell is; -1 where one is missing
    - ``values`` -- list of different values; some may be missing ones
    - ``ordered`` -- whether their order counts
    - ``plain`` -- whether it is ordinary text, not marked as categories by the source

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import of_levels
        sage: import numpy
        sage: column = of_levels('size', numpy.array([2, 0, 3]), ['small', 'middle', 'large', '?'], ordered=True)
        sage: column.levels, column.codes
        (['small', 'large'], array([ 1,  0, -1]))
    """
    used = numpy.zeros(len(values), dtype=bool)
    used[codes[codes >= 0]] = True
    names = {k: _level(value) for k, value in enumerate(values) if used[k] and not is_missing(value)}
    if not names:
        return all_missing(title, len(codes))
    levels = list(dict.fromkeys(names.values())) if ordered else sorted(set(names.values()))
    # a cell with the code -1 takes the last one
    code_of, place = numpy.full(len(values) + 1, -1), {level: code for code, level in enumerate(levels)}
    code_of[list(names)] = [place[level] for level in names.values()]
    column = Column.of_levels(title, code_of[codes], levels, ordered)
    column.texts_of_numbers = plain and all(isinstance(level, str) and reads_as_number(level) for level in levels)
    return column


def _level(value):
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bool, numpy.bool_)):
        return bool(value)
    if isinstance(value, (float, numpy.floating)):
        return float(value)
    try:
        return operator.index(value)
    except TypeError:
        # an interval or a date
        return str(value)


# Columns of libraries

def _of_pandas(title, series):
    import pandas
    import pyarrow
    dtype = series.dtype
    if dtype == object and pandas.api.types.infer_dtype(series) == 'string':
        # much faster than cell by cell; but surrogates, which stand for bytes that are no text, are none for Arrow
        with contextlib.suppress(UnicodeError):
            return of_arrow(title, pyarrow.array(series.to_numpy(), pyarrow.large_string(), mask=series.isna().to_numpy()))
    if isinstance(dtype, numpy.dtype):
        return of_cells(title, series.tolist(), True) if dtype.kind == 'O' else of_array(title, series.to_numpy(), True)
    if isinstance(dtype, pandas.CategoricalDtype):
        return of_levels(title, series.cat.codes.to_numpy().astype(numpy.int64), dtype.categories.tolist(), ordered=True)
    if isinstance(dtype, pandas.SparseDtype):
        return of_array(title, series.sparse.to_dense().to_numpy(), True)
    if isinstance(dtype, (pandas.DatetimeTZDtype, pandas.PeriodDtype)):
        return refused_column(title, len(series), DATES)
    try:
        return of_arrow(title, pyarrow.Array.from_pandas(series))
    except (pyarrow.ArrowException, TypeError, ValueError):
        return refused_column(title, len(series), f'values of the type {dtype}; expected numbers or text')


def _of_series(title, series):
    # of polars or another library that narwhals knows
    import narwhals
    known = narwhals.from_native(series, pass_through=True, allow_series=True)
    if not isinstance(known, narwhals.Series):
        import pyarrow
        return of_arrow(title, pyarrow.chunked_array(series))
    if known.implementation.is_pandas_like():
        return _of_pandas(title, known.to_pandas())
    return of_arrow(title, known.to_arrow(), known.dtype == narwhals.Enum)


def of_arrow(title, data, ordered=False):
    r"""
    Return a column of an Arrow array; a dictionary's order counts if its type says so, or ``ordered``.

    EXAMPLES::

        sage: from sage_logreg.dataset.cells import of_arrow
        sage: import pyarrow
        sage: of_arrow('a', pyarrow.array([1, None], pyarrow.int8())).numbers
        array([ 1., nan])
        sage: of_arrow('a', pyarrow.array(['b', 'a', 'b'])).codes
        array([1, 0, 1])
    """
    import pyarrow
    types, count = pyarrow.types, len(data)
    data = data if isinstance(data, pyarrow.ChunkedArray) else pyarrow.chunked_array([data])
    kind = data.type
    if types.is_null(kind):
        return all_missing(title, count)
    if types.is_integer(kind) or types.is_floating(kind):
        return _of_arrow_numbers(title, data)
    if types.is_boolean(kind):
        return of_levels(title, _codes(data.cast(pyarrow.int64())), [False, True])
    if types.is_decimal(kind):
        return of_cells(title, data.to_pylist())
    if types.is_dictionary(kind):
        return _of_dictionary(title, data, ordered or kind.ordered)
    if kind in _text_types():
        return _of_dictionary(title, data.cast(pyarrow.large_string()).dictionary_encode(), plain=True)
    if types.is_temporal(kind):
        return refused_column(title, count, DURATIONS if types.is_duration(kind) or types.is_interval(kind) else DATES)
    return refused_column(title, count, f'values of the type {shown(str(kind))[1:-1]}; expected numbers or text')


def _text_types():
    import pyarrow
    return {pyarrow.string(), pyarrow.large_string(), *([pyarrow.string_view()] if hasattr(pyarrow, 'string_view') else [])}


def _of_arrow_numbers(title, data):
    missing = data.is_null().to_numpy() if data.null_count else None
    given = data.to_numpy() if missing is None else data.fill_null(0).to_numpy()
    floats = given.astype(numpy.float64, copy=missing is not None)
    if missing is not None:
        floats[missing] = numpy.nan
    return of_numbers(title, given, floats)


def _of_dictionary(title, data, ordered=False, plain=False):
    import pyarrow
    if data.num_chunks == 0:
        return all_missing(title, 0)
    data = data.unify_dictionaries()
    codes = numpy.concatenate([_codes(chunk.indices.cast(pyarrow.int64())) for chunk in data.chunks])
    return of_levels(title, codes, data.chunk(0).dictionary.to_pylist(), ordered, plain)


def _codes(numbers):
    filled = numbers.fill_null(-1)
    return filled.to_numpy() if hasattr(filled, 'chunks') else filled.to_numpy(zero_copy_only=False)
