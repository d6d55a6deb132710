r"""
Sources: the kind of container the data are in, and the numbers, labels and names in it

EXAMPLES::

    sage: from sage_logreg.dataset.columns import read_source
    sage: read_source((matrix([[1, 2], [3, 4]]), [0, 1])).points
    array([[1., 2.],
           [3., 4.]])
"""
import math
import operator
import os
import warnings

import numpy

from sage_logreg.dataset.exact_numbers import WHOLE, ExactNumbers, numbers_beside_floats
from sage_logreg.dataset.names import name_of_label
from sage_logreg.dataset.table import Table, read_table
from sage_logreg.support.arguments import as_float, entries, shown

# What kind of source it is


def read_source(source):
    r"""
    Return the :class:`~sage_logreg.dataset.table.Table` in a source with the label in its last column, or in a pair.

    INPUT:

    - ``source`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes, but no ``Dataset`` or grouped data

    EXAMPLES::

        sage: from sage_logreg.dataset.columns import read_source
        sage: table = read_source([[1/2, 3, 'no'], [2, 1/4, 'yes']])
        sage: table.points, table.labels
        (array([[0.5 , 3.  ],
               [2.  , 0.25]]), ['no', 'yes'])
    """
    table = _read(source)
    if table.points.shape[1] < 1:
        raise ValueError(f'{table.name}: there is one column; expected at least two, the label last')
    if not len(table.labels):
        raise ValueError(f'{table.name}: there are no rows; expected at least two')
    return table


def _read(source):
    if isinstance(source, (str, os.PathLike)):
        return read_table(os.path.expanduser(source))
    # two flat sequences in a tuple are a pair as well: points in one variable, and labels
    if (isinstance(source, (list, tuple)) and len(source) == 2
            and (isinstance(source, tuple) or _is_two_dimensional(source[0]))):
        return _read_pair(*source)
    name, columns, header = columns_of(source)
    if columns is None:
        raise TypeError(f'{shown(source)} is not data; expected a path, a matrix, rows, an array, '
                        'a frame or a pair (points, labels)')
    if not columns:
        raise ValueError(f'{name}: there are no columns; expected at least two, the label last')
    # a column of an array is a view of it
    points, exact = float_columns(name, columns[:-1])
    return Table(points, columns[-1].copy(), name, header, exact=exact)


def _read_pair(points, labels):
    if not _is_two_dimensional(points) and entries(points):
        header = getattr(points, 'name', None)
        name, columns = 'the points', [_column(points) if isinstance(points, numpy.ndarray) else entries(points)]
        header = None if header is None else [str(header)]
    else:
        name, columns, header = columns_of(points)
    given, label_header = labels, getattr(labels, 'name', None)
    if isinstance(labels, numpy.ndarray) or hasattr(labels, 'iloc'):
        labels = _column(labels)
        if labels.size != max(labels.shape, default=0):
            raise ValueError(f'the labels have the shape {labels.shape}; expected one label a point')
        labels = labels.ravel()
    else:
        labels = labels.list() if hasattr(labels, 'nrows') else entries(labels)
    if columns is None or labels is None:
        raise TypeError(f'the pair ({shown(points)}, {shown(given)}) is not data; expected points and labels')
    count = len(columns[0]) if columns else 0
    if len(labels) != count:
        raise ValueError(f'there are {count} points and {len(labels)} labels; expected one label a point')
    if header is not None:
        header = [*header, 'y' if label_header is None else label_header]
    points, exact = _points(points, name, columns)
    return Table(points, labels, name, header, exact=exact)


def read_points(source, dtype='float64'):
    r"""
    Return the :class:`~sage_logreg.dataset.table.Table` of points without labels, all finite; ``None`` if it is none.
    """
    name, columns, header = columns_of(source)
    if columns is None:
        return None
    points, exact = _points(source, name, columns)
    table = Table(points, None, name, header, exact=exact)
    make_finite(table, dtype)
    return table


def _points(source, name, columns):
    as_it_is = (type(source) is numpy.ndarray and source.ndim == 2 and source.dtype in ('float64', 'float32')
                and source.flags.c_contiguous)
    return (source, ExactNumbers(source)) if as_it_is else float_columns(name, columns)


def _is_two_dimensional(thing):
    if hasattr(thing, 'nrows') or hasattr(thing, 'iloc'):
        return True
    if isinstance(thing, numpy.ndarray):
        return thing.ndim == 2
    return isinstance(thing, (list, tuple)) and len(thing) > 0 and entries(thing[0]) is not None


def columns_of(source):
    r"""
    Return a source's name, its columns (``None`` if it has none) and its header.
    """
    if hasattr(source, 'nrows') and hasattr(source, 'ncols'):
        cells, width = source.list(), int(source.ncols())
        return 'the matrix', [cells[j::width] for j in range(width)], None
    if hasattr(source, 'iloc') and hasattr(source, 'columns'):
        columns = [_column(source.iloc[:, j]) for j in range(source.shape[1])]
        named = any(isinstance(name, str) for name in source.columns)
        return 'the frame', columns, list(map(str, source.columns)) if named else None
    if isinstance(source, numpy.ndarray) and source.dtype.kind != 'V' and source.ndim > 0:
        if source.ndim != 2:
            raise ValueError(f'the array has {source.ndim} dimension{"s" * (source.ndim > 1)}; expected 2')
        return 'the array', [_column(source[:, j]) for j in range(source.shape[1])], None
    rows = None if isinstance(source, numpy.ndarray) else entries(source)
    if rows is None:
        return None, None, None
    return 'the rows', _columns_of_rows(rows), None


def _columns_of_rows(source):
    rows = [entries(row) for row in source]
    for i, cells in enumerate(rows):
        if cells is None:
            raise TypeError(f'the rows, row {i + 1} is {shown(source[i])}; expected a list of numbers')
        if len(cells) != len(rows[0]):
            raise ValueError(f'the rows, row {i + 1} has {len(cells)} columns; expected {len(rows[0])} as in row 1')
    if not rows:
        raise ValueError('the rows: there are no rows; expected at least one')
    return [list(column) for column in zip(*rows)]


def _column(values):
    # a masked entry is a missing one; pandas stores numbers in ways of its own
    if isinstance(values, numpy.ma.MaskedArray):
        return values.astype(object).filled(numpy.nan)
    return numpy.asarray(values)


# Numbers

def float_columns(name, columns):
    r"""
    Return columns of numbers as a float64 array and exactly; an error names the place of what is not a number.

    EXAMPLES::

        sage: from sage_logreg.dataset.columns import float_columns
        sage: points, exact = float_columns('the rows', [[1/3, 1]])
        sage: exact.rows([0])
        array([[Fraction(1, 3)]], dtype=object)
    """
    points = numpy.empty((len(columns[0]) if columns else 0, len(columns)), dtype=numpy.float64)
    for j, column in enumerate(columns):
        if isinstance(column, numpy.ndarray) and column.dtype.kind in 'biuf':
            with numpy.errstate(over='ignore'):
                points[:, j] = column
            continue
        for i, value in enumerate(column):
            number = as_float(value)
            if number is None:
                kind = 'a number' if isinstance(value, (str, bytes)) or value is None else 'a real number'
                place = Table(None, None, name).place(i, j)
                raise ValueError(f'{place}: {shown(value)} is not {kind}')
            points[i, j] = number
    with numpy.errstate(invalid='ignore'):
        kinds, beside = zip(*map(numbers_beside_floats, columns, points.T)) if columns else ((), ())
    return points, ExactNumbers(points, kinds, {j: column for j, column in enumerate(beside) if column is not None})


def make_finite(table, dtype):
    r"""
    Give a table's points a type, and raise a ``ValueError`` that names the first one that is then infinite or NaN.
    """
    # a finite sum shows that all entries are finite, without a second table
    with numpy.errstate(over='ignore', invalid='ignore'):
        points = table.points.astype(dtype, copy=False)
        if points is not table.points:
            _tell_of_merged(table, points)
            table.points, table.exact = points, ExactNumbers(points)
        if numpy.isfinite(table.points.sum(dtype=numpy.float64)):
            return
    finite = numpy.isfinite(table.points)
    if not finite.all():
        row, column = numpy.argwhere(~finite)[0]
        raise ValueError(f'{table.place(row, column)}: {table.points[row, column]} is not a finite number')


def _tell_of_merged(table, points):
    # Warns if float32 cannot tell numbers of a column apart that are far from zero and near to each other.
    for j in range(points.shape[1]) if points.dtype == numpy.float32 else ():
        column = table.points[:, j]
        if abs(column).max(initial=0) >= 2**24 and len(numpy.unique(column)) > len(numpy.unique(points[:, j])):
            warnings.warn(f'{table.name}, column {j + 1}: float32 cannot tell some of the numbers apart; subtract a number near '
                          'them first, or take float64', RuntimeWarning, stacklevel=4)


# Labels

def two_classes(table):
    r"""
    Return a table's labels as zeros and ones, and their two original values.
    """
    raw = table.labels
    if not (isinstance(raw, numpy.ndarray) and raw.dtype.kind in 'biuf'):
        raw = uniform_labels(table)
    values = numpy.unique(raw)
    if raw.dtype.kind == 'f' and not numpy.isfinite(values).all():
        row = int(numpy.argmin(numpy.isfinite(raw)))
        raise ValueError(f'{table.place(row)}: the label is {raw[row]}; expected a finite number')
    if len(values) == 1:
        raise ValueError(f'{table.name}: every label is {shown(name_of_label(values[0]))}; '
                         'expected two different labels')
    if len(values) > 2:
        rows = numpy.sort(numpy.unique(raw, return_index=True)[1])[:3]
        first, second, third = (shown(name_of_label(raw[row])) for row in rows)
        raise ValueError(f'{table.place(rows[2])}: the label {third} is a third one after {first} and {second}; '
                         'expected two different labels')
    if raw.dtype.kind != 'O' and values[0] == 0 and values[1] == 1:
        return raw.astype(numpy.float64, copy=False), (0, 1)
    return (raw == values[1]).astype(numpy.float64), (name_of_label(values[0]), name_of_label(values[1]))


def uniform_labels(table):
    r"""
    Return a table's labels as a float array, or as an object array of strings.
    """
    labels = numpy.empty(len(table.labels), dtype=object)
    for i, value in enumerate(table.labels):
        number = as_float(value)
        if _is_missing(value) or (number is not None and math.isnan(number)):
            raise ValueError(f'{table.place(i)}: the label is missing')
        if number is None and not isinstance(value, str):
            raise ValueError(f'{table.place(i)}: the label {shown(value)} is neither a real number nor text')
        labels[i] = str(value) if number is None else _label_number(value, number)
        if isinstance(labels[i], str) != isinstance(labels[0], str):
            kind = 'text' if number is None else 'a number'
            raise ValueError(f'{table.place(i)}: the label {shown(value)} is {kind}, the ones before are not; '
                             'expected two values of one kind')
    return labels.astype(numpy.float64) if all(isinstance(label, float) for label in labels) else labels


def _label_number(value, number):
    # floats cannot tell large whole numbers apart
    return operator.index(value) if abs(number) >= WHOLE and hasattr(value, '__index__') else number


def _is_missing(value):
    # an empty string, None, and the missing values of pandas and NumPy
    return (value is None or value is numpy.ma.masked or type(value).__name__ in ('NAType', 'NaTType')
            or (isinstance(value, str) and not value))
