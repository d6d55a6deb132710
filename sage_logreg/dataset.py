r"""
Data: from a file, a matrix or rows to a checked Dataset

:func:`load_data` is the one entrance: everything else in the package works on
the :class:`Dataset` that it returns, whose numbers are finite float64 and whose
labels are 0 and 1, both present.

EXAMPLES::

    sage: from sage_logreg import load_data, ex2data1
    sage: ex2data1()
    100 points in x1, x2: 60 with y = 1, 40 with y = 0
    sage: load_data(matrix(QQ, [[1/2, 0], [3/2, 1]]))
    2 points in x1: 1 with y = 1, 1 with y = 0
"""
import keyword
import math
import os
import re

import numpy

from sage_logreg.arguments import as_float, entries, shown
from sage_logreg.table import Table, read_table


class Dataset:
    r"""
    Points with two kinds of labels. :func:`load_data` makes and checks them.

    - ``points`` -- float64 array (float32 where that was asked for), m x n, a row a point, in the user's units
    - ``labels`` -- float64 array of m zeros and ones
    - ``variables`` -- tuple of n strings, the names of the columns
    - ``label_name`` -- string, the name of the label's column, ``'y'`` if it has none
    - ``label_names`` -- the two values that the labels had in the source, the
      one for 0 first

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: data = load_data([[1, 2, 'no'], [3, 4, 'yes'], [5, 1, 'no']], variables='a, b')
        sage: data
        3 points in a, b: 1 with y = 'yes', 2 with y = 'no'
        sage: data.points
        array([[1., 2.],
               [3., 4.],
               [5., 1.]])
        sage: data.labels
        array([0., 1., 0.])
        sage: data.variables, data.label_names
        (('a', 'b'), ('no', 'yes'))
        sage: len(data)
        3
    """

    def __init__(self, points, labels, variables, label_name='y', label_names=(0, 1)):
        self.points = points
        self.labels = labels
        self.variables = variables
        self.label_name = label_name
        self.label_names = label_names

    def __len__(self):
        return len(self.labels)

    def __repr__(self):
        ones = int(self.labels.sum())
        return (f'{len(self)} points in {", ".join(self.variables)}: {ones} with {self.label_text(1)}, '
                f'{len(self) - ones} with {self.label_text(0)}')

    def label_text(self, label):
        r"""
        Return what the label 0 or 1 is called, for legends and messages.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 'no'], [3, 'yes']]).label_text(1)
            "y = 'yes'"
        """
        return f'{self.label_name} = {self.label_names[label]!r}'

    def plot(self, **options):
        r"""
        Return the points as a Sage ``Graphics``, one ``point`` primitive a class.

        INPUT:

        - ``options`` -- any options of Sage's ``point`` (``size``, ``marker``,
          ``alpha``, ...) and of ``show`` (``figsize``, ``title``, ...)

        OUTPUT: a ``Graphics``; y = 1 is red, y = 0 is blue. Data in one
        variable are drawn at the heights 0 and 1.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: picture = ex2data1().plot(size=20)
            sage: picture
            Graphics object consisting of 2 graphics primitives
    
        TESTS::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 2, 3, 0], [4, 5, 6, 1]]).plot()
            Traceback (most recent call last):
            ...
            ValueError: the data have 3 variables (x1, x2, x3); a plot draws 1 or 2
        """
        from sage_logreg.plotting import plot_points
        return plot_points(self, **options)


def ex2data1():
    r"""
    Return the worksheet's data: 100 applicants, two exam scores, admitted or not.

    OUTPUT: a :class:`Dataset` with the variables ``x1`` and ``x2``

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: data = ex2data1()
        sage: data
        100 points in x1, x2: 60 with y = 1, 40 with y = 0
        sage: data.points[0]
        array([34.62365962, 78.02469282])

    REFERENCES:

    The second programming exercise (logistic regression) of Andrew Ng's course
    *Machine Learning*, Stanford University and Coursera, 2011.
    """
    return load_data(_data_file('ex2data1.txt'))


def _data_file(name):
    # Installed, the tables lie inside the package; in a checkout (and so in an
    # editable install) they lie beside it.
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, 'data', name)
    return inside if os.path.exists(inside) else os.path.join(os.path.dirname(package), 'data', name)


def load_data(source, variables=None, dtype='float64'):
    r"""
    Return the :class:`Dataset` in a file, a matrix, rows or a pair, checked.

    INPUT:

    - ``source`` -- the features in the first columns, the label in the last; one of

      * the path of a text table (comma, semicolon, tab or spaces between the
        columns; with or without a header; ``#`` starts a comment),
      * a Sage matrix over any ring whose elements are real numbers,
      * a list of rows (lists, tuples, vectors) of Sage or Python numbers,
      * a NumPy array of any real type,
      * a pandas frame, whose columns name the variables,
      * a pair ``(points, labels)`` of a table without the label and the labels
        (in one variable the table may be a flat list); NumPy arrays of the
        right type are used as they are, not copied,
      * a :class:`Dataset`

    - ``variables`` -- (default: the header, else ``x1``, ``x2``, ...) the names
      of the feature columns: a list of strings or of symbolic variables, or one
      string such as ``'x1, x2'``

    - ``dtype`` -- (default: ``'float64'``) ``'float32'`` keeps the points in
      half the memory; weights and costs are float64 all the same

    OUTPUT: a :class:`Dataset`. Labels 0 and 1 stay; any other two values become
    0 and 1 in sorted order and are remembered in ``label_names``.

    Rows, columns and lines in error messages are counted from 1.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: load_data([[1, 2, 0], [sqrt(2), 1/3, 1]])
        2 points in x1, x2: 1 with y = 1, 1 with y = 0
        sage: load_data((matrix(RDF, [[1, 2], [3, 4]]), vector(ZZ, [-1, 1])))
        2 points in x1, x2: 1 with y = 1, 1 with y = -1

    Large data in half the memory::

        sage: load_data([[1, 2, 0], [3, 4, 1]], dtype='float32').points.dtype
        dtype('float32')

    Names can be symbolic variables::

        sage: height, weight = var('height, weight')
        sage: load_data([[1, 2, 0], [3, 4, 1]], variables=[height, weight])
        2 points in height, weight: 1 with y = 1, 1 with y = 0

    TESTS::

        sage: load_data([[1, 2, 0], [3, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2 has 2 columns; expected 3 as in row 1
        sage: load_data(matrix(CC, [[1, I, 0], [2, 3, 1]]))
        Traceback (most recent call last):
        ...
        ValueError: the matrix, row 1, column 2: 1.00000000000000*I is not a real number
        sage: load_data(42)
        Traceback (most recent call last):
        ...
        TypeError: 42 is not data; expected a path, a matrix, rows, an array, a frame or a pair (points, labels)
    """
    if isinstance(source, Dataset):
        if variables is None:
            return source
        names = _variable_names(variables, len(source.variables))
        return Dataset(source.points, source.labels, names, source.label_name, source.label_names)
    if str(dtype) not in ('float64', 'float32'):
        raise ValueError(f"dtype = {shown(dtype)}; expected 'float64' or 'float32'")
    table = _checked_table(source)
    with numpy.errstate(over='ignore'):
        table.points = table.points.astype(str(dtype), copy=False)
    _check_finite(table)
    labels, label_names = _two_classes(table)
    names = _names_of_header(table.header, table.points.shape[1]) if variables is None else _variable_names(variables, table.points.shape[1])
    label_name = 'y' if table.header is None else str(table.header[-1]).strip() or 'y'
    return Dataset(table.points, labels, names, label_name, label_names)


# What kind of source it is

def _checked_table(source):
    table = _read(source)
    if table.points.shape[1] < 1:
        raise ValueError(f'{table.name}: there is one column; expected at least two, the label last')
    if not len(table.labels):
        raise ValueError(f'{table.name}: there are no rows; expected at least two')
    return table


def _read(source):
    if isinstance(source, (str, os.PathLike)):
        return read_table(os.path.expanduser(source))
    # two flat things in a tuple are a pair as well: points in one variable, and labels
    if isinstance(source, (list, tuple)) and len(source) == 2 and (isinstance(source, tuple) or _is_two_dimensional(source[0])):
        return _read_pair(*source)
    name, columns, header = _columns(source)
    if columns is None:
        raise TypeError(f'{shown(source)} is not data; expected a path, a matrix, rows, an array, '
                        'a frame or a pair (points, labels)')
    if not columns:
        raise ValueError(f'{name}: there are no columns; expected at least two, the label last')
    labels = columns[-1]
    # a column of an array is a view of it
    labels = labels.copy() if isinstance(labels, numpy.ndarray) else labels
    return Table(_float_columns(name, columns[:-1], len(labels)), labels, name, header)


def _read_pair(points, labels):
    if not _is_two_dimensional(points) and entries(points):
        header = getattr(points, 'name', None)
        name, columns = 'the points', [_column(points) if isinstance(points, numpy.ndarray) else entries(points)]
        header = None if header is None else [str(header)]
    else:
        name, columns, header = _columns(points)
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
    if not _can_be_used_as_it_is(points):
        points = _float_columns(name, columns, count)
    return Table(points, labels, name, header)


def _can_be_used_as_it_is(points):
    return (type(points) is numpy.ndarray and points.ndim == 2 and points.dtype in ('float64', 'float32')
            and points.flags.c_contiguous)


def _is_two_dimensional(thing):
    if hasattr(thing, 'nrows') or hasattr(thing, 'iloc'):
        return True
    if isinstance(thing, numpy.ndarray):
        return thing.ndim == 2
    return isinstance(thing, (list, tuple)) and len(thing) > 0 and entries(thing[0]) is not None


def _columns(source):
    # The source's name, its columns (arrays or lists; None if it has none) and its header.
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
    rows = []
    for i, row in enumerate(source):
        cells = entries(row)
        if cells is None:
            raise TypeError(f'the rows, row {i + 1} is {shown(row)}; expected a list of numbers')
        rows.append(cells)
        if len(cells) != len(rows[0]):
            raise ValueError(f'the rows, row {i + 1} has {len(cells)} columns; '
                             f'expected {len(rows[0])} as in row 1')
    if not rows:
        raise ValueError('the rows: there are no rows; expected at least one')
    return [list(column) for column in zip(*rows)]


def _column(values):
    # a masked entry is a missing one; pandas has its own ways to store numbers
    if isinstance(values, numpy.ma.MaskedArray):
        return values.astype(object).filled(numpy.nan)
    return numpy.asarray(values)


# Numbers

def _float_columns(name, columns, count):
    points = numpy.empty((count, len(columns)), dtype=numpy.float64)
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
    return points


def _check_finite(table):
    # a finite sum says that all is finite, and needs no second table
    with numpy.errstate(over='ignore', invalid='ignore'):
        if numpy.isfinite(table.points.sum(dtype=numpy.float64)):
            return
    finite = numpy.isfinite(table.points)
    if not finite.all():
        row, column = numpy.argwhere(~finite)[0]
        raise ValueError(f'{table.place(row, column)}: {table.points[row, column]} is not a finite number')


# Labels

def _two_classes(table):
    # Zeros and ones, and what they were called.
    raw = table.labels
    if not (isinstance(raw, numpy.ndarray) and raw.dtype.kind in 'biuf'):
        raw = _uniform_labels(table)
    values = numpy.unique(raw)
    if raw.dtype.kind == 'f' and not numpy.isfinite(values).all():
        row = int(numpy.argmin(numpy.isfinite(raw)))
        raise ValueError(f'{table.place(row)}: the label is {raw[row]}; expected a finite number')
    if len(values) == 1:
        raise ValueError(f'{table.name}: every label is {shown(_label_name(values[0]))}; '
                         'expected two different labels')
    if len(values) > 2:
        first, second, third = _first_three(raw)
        first, second, third_name = (shown(_label_name(raw[row])) for row in (first, second, third))
        raise ValueError(f'{table.place(third)}: the label {third_name} is a third one after {first} and {second}; '
                         'expected two different labels')
    if raw.dtype.kind != 'O' and values[0] == 0 and values[1] == 1:
        return raw.astype(numpy.float64, copy=False), (0, 1)
    return (raw == values[1]).astype(numpy.float64), (_label_name(values[0]), _label_name(values[1]))


def _uniform_labels(table):
    # A float array when every label is a number, else an object array of strings.
    labels = numpy.empty(len(table.labels), dtype=object)
    for i, value in enumerate(table.labels):
        number = as_float(value)
        if _is_missing(value) or (number is not None and math.isnan(number)):
            raise ValueError(f'{table.place(i)}: the label is missing')
        if number is None and not isinstance(value, str):
            raise ValueError(f'{table.place(i)}: the label {shown(value)} is neither a real number nor text')
        labels[i] = str(value) if number is None else number
        if type(labels[i]) is not type(labels[0]):
            kind = 'text' if number is None else 'a number'
            raise ValueError(f'{table.place(i)}: the label {shown(value)} is {kind}, the ones before are not; '
                             'expected two values of one kind')
    return labels.astype(numpy.float64) if isinstance(labels[0], float) else labels


def _is_missing(value):
    # an empty text, None, and what pandas and NumPy put where there is nothing
    return (value is None or value is numpy.ma.masked or type(value).__name__ in ('NAType', 'NaTType')
            or (isinstance(value, str) and not value))


def _first_three(raw):
    # The rows where the first, the second and the third different label stand.
    seen = []
    for i, value in enumerate(raw):
        if all(value != raw[j] for j in seen):
            seen.append(i)
            if len(seen) == 3:
                return seen


def _label_name(value):
    if isinstance(value, str):
        return value
    return int(value) if value == int(value) else float(value)


# Names

def _variable_names(variables, count):
    if isinstance(variables, str):
        variables = variables.replace(',', ' ').split()
    given = entries(variables)
    names = tuple(str(name) for name in ([variables] if given is None else given))
    if len(names) != count:
        raise ValueError(f'variables has {len(names)} name{"s" * (len(names) != 1)} ({", ".join(names)}); '
                         f'expected {count}, one a feature column')
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f'variables: {name!r} cannot name a variable; expected a name such as x1')
    if len(set(names)) < count:
        raise ValueError(f'variables = {", ".join(names)}; expected different names')
    return names


def _names_of_header(header, count):
    # A header is written for people: what it says is bent until it can name variables.
    default = tuple(f'x{j + 1}' for j in range(count))
    if header is None:
        return default
    names = []
    for j, title in enumerate(header[:count]):
        name = re.sub(r'\W+', '_', str(title).strip()).strip('_')
        if name[:1].isdigit():
            name = 'x' + name
        if keyword.iskeyword(name):
            name += '_'
        names.append(name if name.isidentifier() else default[j])
    return tuple(names) if len(set(names)) == count else default


# Points without labels, and labels of other data

def load_points(source, variables):
    r"""
    Return points to predict at, and whether it is a single one.

    INPUT:

    - ``source`` -- one point (n numbers), or a list, matrix, array or frame of
      points without labels, or a :class:`Dataset`
    - ``variables`` -- the n names

    OUTPUT: a float64 array, k x n, and a boolean

    EXAMPLES::

        sage: from sage_logreg.dataset import load_points
        sage: load_points([1/2, 3], ('x1', 'x2'))
        (array([[0.5, 3. ]]), True)
        sage: load_points(matrix([[1, 2], [3, 4]]), ('x1', 'x2'))[0]
        array([[1., 2.],
               [3., 4.]])

    With one variable a number is a point and a list of numbers is many::

        sage: load_points(7, ('x1',))
        (array([[7.]]), True)
        sage: load_points([7, 8], ('x1',))[0]
        array([[7.],
               [8.]])

    TESTS::

        sage: load_points([[1, 2], [3, 'a']], ('x1', 'x2'))
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2, column 2: 'a' is not a number
        sage: load_points('abc', ('x1', 'x2'))
        Traceback (most recent call last):
        ...
        TypeError: 'abc' is not a point; expected 2 numbers (x1, x2), or a table of them
    """
    count, names = len(variables), ', '.join(variables)
    if isinstance(source, Dataset):
        points, single, given = source.points, False, source.variables
    else:
        source, single = _rows_of_points(source, count)
        name, columns, header = _columns(source)
        if columns is None:
            raise TypeError(f'{shown(source)} is not a point; expected {count} numbers ({names}), or a table of them')
        points = _float_columns(name, columns, len(columns[0]) if columns else 0)
        _check_finite(Table(points, None, name))
        given = _names_of_header(header, points.shape[1])
    if points.shape[1] != count:
        what = f'the point has {points.shape[1]} numbers' if single else f'the points have {points.shape[1]} columns'
        raise ValueError(f'{what}; expected {count} ({names})')
    return _in_order(points, given, variables), single


def _rows_of_points(source, count):
    # A single point becomes a table of one row.
    if hasattr(source, 'nrows') or hasattr(source, 'iloc') or getattr(source, 'ndim', 1) == 2:
        return source, False
    numbers = entries(source)
    if numbers is None:
        single = count == 1 and as_float(source) is not None
        return ([[source]] if single else source), single
    if numbers and entries(numbers[0]) is None:
        return ([[number] for number in numbers], False) if count == 1 else ([numbers], True)
    return numbers, False


def load_data_like(source, reference):
    r"""
    Return data read in the sense of others: with their labels and their order of variables.

    INPUT:

    - ``source`` -- anything that :func:`load_data` takes; here all labels may be the same
    - ``reference`` -- the :class:`Dataset` that a model was trained on

    OUTPUT: a :class:`Dataset`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset import load_data_like
        sage: one = load_data([[1, 2, 'no'], [2, 3, 'yes']], variables='a, b')
        sage: load_data_like([[5, 6, 'yes'], [7, 8, 'yes']], one).labels
        array([1., 1.])

    Columns with the same names in another order are put in order::

        sage: other = load_data([[20, 10, 'no'], [40, 30, 'yes']], variables='b, a')
        sage: load_data_like(other, one).points
        array([[10., 20.],
               [30., 40.]])

    TESTS::

        sage: load_data_like([[5, 6, 'maybe'], [7, 8, 'no']], one)
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 1: the label is 'maybe'; the model expects 'no' or 'yes'
        sage: load_data_like([[5, 'no'], [7, 'yes']], one)
        Traceback (most recent call last):
        ...
        ValueError: the data have 1 variable (x1); the model expects 2 (a, b)
    """
    if isinstance(source, Dataset):
        if (source.variables, source.label_names) == (reference.variables, reference.label_names):
            return source
        points, names = source.points, source.variables
        table = Table(points, [source.label_names[label] for label in source.labels.astype(int)], 'the data')
    else:
        table = _checked_table(source)
        _check_finite(table)
        points, names = table.points, _names_of_header(table.header, table.points.shape[1])
    variables, count = reference.variables, len(names)
    if count != len(variables):
        raise ValueError(f'the data have {count} variable{"s" * (count != 1)} ({", ".join(names)}); '
                         f'the model expects {len(variables)} ({", ".join(variables)})')
    labels = _uniform_labels(table)
    zeros, ones = ([label == name for label in labels] for name in reference.label_names)
    known = numpy.logical_or(zeros, ones)
    if not known.all():
        row = int(numpy.argmin(known))
        first, second = reference.label_names
        raise ValueError(f'{table.place(row)}: the label is {shown(_label_name(labels[row]))}; '
                         f'the model expects {shown(first)} or {shown(second)}')
    return Dataset(_in_order(points, names, variables), numpy.array(ones, dtype=numpy.float64), variables,
                   reference.label_name, reference.label_names)


def _in_order(points, names, variables):
    # Columns that have the model's names, in the model's order.
    if names == variables or sorted(names) != sorted(variables):
        return points
    return points[:, [names.index(name) for name in variables]]
