r"""
Sources: the entrance of all data, and what a tuple means

A tuple of two is a pair ``(points, labels)``, or ``(points, counts)`` with a column of counts for each class, a tuple of three
grouped data ``(points, successes, trials)``; of these a flat list of points is one variable. A list is a table,
row by row, but for a list of two whose first entry is a table itself: that is a pair too. pandas objects with an index are matched by it.

EXAMPLES::

    sage: from sage_logreg.dataset.source import read_source
    sage: source = read_source((matrix([[1, 2], [3, 4]]), ['no', 'yes']))
    sage: [column.numbers.tolist() for column in source.table.columns], source.label_column.levels
    ([[1.0, 3.0], [2.0, 4.0]], ['no', 'yes'])
    sage: source = read_source(([0, 1, 2, 3], [0, 4, 8, 10], [10]*4))
    sage: source.table.columns[0].numbers, source.successes, source.trials
    (array([0., 1., 2., 3.]), [0, 4, 8, 10], [10, 10, 10, 10])
    sage: source = read_source(([0, 1, 2], [[5, 0, 1], [2, 2, 2], [0, 1, 5]]))
    sage: [column.numbers.tolist() for column in source.counts.columns]
    [[5.0, 2.0, 0.0], [0.0, 2.0, 1.0], [1.0, 2.0, 5.0]]
"""
import dataclasses
import os
import typing

import numpy

from sage_logreg.dataset.cells import column_of, is_of
from sage_logreg.dataset.columns import positions, read_columns
from sage_logreg.dataset.formats import read_file
from sage_logreg.dataset.grouped import is_table_of_numbers
from sage_logreg.dataset.roles import check_titles
from sage_logreg.dataset.table import Column, Table
from sage_logreg.support.arguments import as_float, entries, shown


@dataclasses.dataclass
class Source:
    r"""
    What a source holds.

    - ``table`` -- :class:`~sage_logreg.dataset.table.Table` of all columns; of a pair or grouped data, of the points
    - ``label_column`` -- of a pair, the :class:`~sage_logreg.dataset.table.Column` of its labels, in the order of the points
    - ``successes``, ``trials`` -- of grouped data, lists or arrays of as many numbers as there are points, in their order
    - ``counts`` -- of groups with a count for each class, the :class:`~sage_logreg.dataset.table.Table` of these, a column a class
    - ``weights``, ``offset`` -- of a chunk, those of its rows, where they were given beside the table: arrays
    """

    table: Table
    label_column: Column = None
    successes: typing.Any = None
    trials: typing.Any = None
    counts: Table = None
    weights: typing.Any = None
    offset: typing.Any = None

    @property
    def is_grouped(self):
        r"""
        Whether the rows are groups with counts.
        """
        return self.trials is not None or self.counts is not None

    @property
    def is_alone(self):
        r"""
        Whether neither labels nor counts were given beside the table.
        """
        return self.label_column is None and not self.is_grouped

    def take(self, rows):
        r"""
        Return the source of some rows.
        """
        label = None if self.label_column is None else self.label_column.take(rows)
        trials = [numbers if numbers is None else [numbers[row] for row in rows] for numbers in (self.successes, self.trials)]
        beside = [numbers if numbers is None else numbers[rows] for numbers in (self.weights, self.offset)]
        return Source(self.table.take(rows), label, *trials, None if self.counts is None else self.counts.take(rows), *beside)


def read_source(source, encoding=None, header=None, exact=None):
    r"""
    Return the :class:`Source` in a path, a container, a pair or a triple.

    INPUT:

    - ``source`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes, but a ``Dataset``
    - ``encoding``, ``header``, ``exact`` -- as for :func:`~sage_logreg.dataset.formats.read_file`

    EXAMPLES: see :mod:`sage_logreg.dataset.source`.

    TESTS::

        sage: from sage_logreg.dataset.source import read_source
        sage: read_source(42)
        Traceback (most recent call last):
        ...
        TypeError: 42 is not data; expected a path, a matrix, rows, an array, a frame or a pair (points, labels)
        sage: read_source(([1, 2, 0], [3, 4, 1], [5, 6, 0]))
        Traceback (most recent call last):
        ...
        ValueError: a tuple of three is (points, successes, trials), but successes[2] = 1 is not a whole number from 0 to
        trials[2] = 0; expected such counts, or for three rows of a table a list of them: [row, row, row]
        sage: read_source(([1, 2], [0, 1, 0]))
        Traceback (most recent call last):
        ...
        ValueError: there are 2 points and 3 labels; expected one label a point
    """
    options = encoding, header, exact
    if isinstance(source, (str, os.PathLike)):
        return Source(read_file(os.path.expanduser(source), *options))
    if _is_pair(source):
        return _pair(*source, options)
    if isinstance(source, tuple) and len(source) == 3:
        return _grouped(*source, options)
    table = read_columns(source)
    if table is None:
        raise TypeError(f'{shown(source)} is not data; expected a path, a matrix, rows, an array, '
                        'a frame or a pair (points, labels)')
    return Source(table)


def aligned(values, table, what):
    r"""
    Return numbers of the rows, or rows of numbers, in the order of a table: a Series or a frame by its index if the table has one too,
    else as they are.

    INPUT:

    - ``values`` -- list, array, Series or the like
    - ``table`` -- a :class:`~sage_logreg.dataset.table.Table`
    - ``what`` -- string; whose they are, for error messages

    EXAMPLES::

        sage: import pandas
        sage: from sage_logreg.dataset.columns import read_columns
        sage: from sage_logreg.dataset.source import aligned
        sage: table = read_columns(pandas.DataFrame({'x': [1, 2, 3]}, index=['a', 'b', 'c']))
        sage: aligned(pandas.Series([30, 10, 20], index=['c', 'a', 'b']), table, 'the weights')
        array([10, 20, 30], dtype=object)
    """
    values = in_order(_read_once(values), table, what)
    if is_of(values, 'pandas', 'DataFrame'):
        values = values.iloc[:, 0] if values.shape[1] == 1 else values.to_numpy()
    if is_of(values, 'pandas', 'Series'):
        return values.to_numpy() if isinstance(values.dtype, numpy.dtype) else values.tolist()
    if isinstance(values, numpy.ndarray):
        return values.ravel() if values.size == max(values.shape, default=0) else values
    # a matrix of one row or column is a list of numbers
    is_flat = hasattr(values, 'nrows') and 1 in (values.nrows(), values.ncols())
    given = values.list() if is_flat else entries(values)
    return values if given is None else given


def in_order(values, table, what):
    r"""
    Return a pandas object in the order of a table's index, if there is one; anything else as it is.
    """
    if table.index is None or not is_of(values, 'pandas', 'Series', 'DataFrame') or len(values) != len(table):
        return values
    order = positions(table.index, values.index, 'the points', what)
    return values if order is None else values.iloc[order]


# What a tuple means

def _is_pair(source):
    if not isinstance(source, (tuple, list)) or len(source) != 2:
        return False
    first, second = source
    if isinstance(source, tuple):
        return True
    # a list of two lines, or of two records, is one of rows
    return not isinstance(second, str) and _is_table(first) and not (isinstance(first, dict) and _is_record(first))


def _is_record(cells):
    return any(column_of(None, cell) is None for cell in cells.values())


def _is_table(thing):
    # what has columns or rows, or is the path of a file
    if isinstance(thing, (str, os.PathLike, dict)) or hasattr(thing, 'nrows') or hasattr(type(thing), 'columns'):
        return True
    if hasattr(thing, 'ndim'):
        return thing.ndim == 2 or getattr(getattr(thing, 'dtype', None), 'names', None) is not None
    return isinstance(thing, (list, tuple)) and len(thing) > 0 and (entries(thing[0]) is not None or isinstance(thing[0], dict))


def _pair(points, labels, options):
    given, points, labels = (points, labels), _read_once(points), _read_once(labels)
    table = _points(points, options)
    labels = labels if table is None else in_order(labels, table, 'the labels')
    counts = None if table is None else _counts(labels, len(table))
    if counts is not None:
        return Source(table, counts=counts)
    column = None if table is None else _label_column(labels)
    if column is None:
        raise TypeError(f'the pair ({shown(given[0])}, {shown(given[1])}) is not data; expected points and labels')
    if len(column) != len(table):
        raise ValueError(f'there are {len(table)} points and {len(column)} labels; expected one label a point')
    return Source(table, column)


def _grouped(points, successes, trials, options):
    given, points = (points, successes, trials), _read_once(points)
    table = _points(points, options)
    counts = [None if table is None else aligned(numbers, table, what) for numbers, what in
              ((successes, 'the successes'), (trials, 'the trials'))]
    if counts[0] is not None and is_table_of_numbers(counts[0]):
        raise ValueError('the successes are a table; expected one number a point, or for counts of all classes a pair '
                         '(points, counts) with a column a class')
    if any(numbers is None or entries(numbers) is None for numbers in counts):
        raise TypeError(f'the triple ({", ".join(map(shown, given))}) is not data; expected points, successes and trials')
    if not _is_table(points) and len(counts[0]) == len(counts[1]) == len(table):
        _check_no_rows(*counts)
    return Source(table, None, *counts)


def _check_no_rows(successes, trials):
    # three flat lists of one length could be three rows as well
    for i, (some, every) in enumerate(zip(successes, trials)):
        count, most = as_float(some), as_float(every)
        if count is None or most is None or not 0 <= count <= most or count % 1:
            raise ValueError(f'a tuple of three is (points, successes, trials), but successes[{i}] = {shown(some)} is not a whole '
                             f'number from 0 to trials[{i}] = {shown(every)}; expected such counts, or for three rows of a table '
                             'a list of them: [row, row, row]')


def _read_once(values):
    # a generator as a list
    if hasattr(values, '__len__') or hasattr(values, 'nrows'):
        return values
    given = entries(values)
    return values if given is None else given


def _points(points, options):
    # flat points are one variable
    if isinstance(points, (str, os.PathLike)):
        return read_file(os.path.expanduser(points), *options)
    if _is_table(points):
        return read_columns(points)
    if is_of(points, 'pandas', 'Series'):
        return read_columns(points, 'the points')
    column = column_of(getattr(points, 'name', None) or None, points)
    return Table('the points', [column]) if column is not None and len(column) else read_columns(points)


def _counts(labels, count):
    # The table, if it is one of counts: a column for each class. Two of them need names, as nothing else says which are successes.
    if isinstance(labels, (str, os.PathLike)) or not _is_table(labels) or len(getattr(labels, 'shape', '..')) != 2:
        return None
    table = read_columns(labels)
    if table is None or table.width < 2 or len(table) == 1 != count:
        return None
    if is_of(labels, 'pandas', 'DataFrame') and table.titles is None and not is_of(labels.columns, 'pandas', 'RangeIndex'):
        # numbers are names of columns too
        for column, name in zip(table.columns, labels.columns):
            column.title = str(name)
    if table.width == 2 and table.titles is None:
        raise ValueError('the labels have 2 columns; expected one label a point, or for successes and failures a triple '
                         '(points, successes, trials)')
    if len(table) != count:
        raise ValueError(f'there are {count} points and {len(table)} rows of counts; expected one row a point')
    check_titles(table)
    return table


def _label_column(labels):
    if isinstance(labels, (str, os.PathLike)):
        return None
    if isinstance(labels, numpy.ndarray) and labels.ndim or hasattr(labels, 'nrows'):
        shape = labels.shape if hasattr(labels, 'shape') else (labels.nrows(), labels.ncols())
        flat = labels.ravel() if hasattr(labels, 'ravel') else labels.list()
        if len(flat) != max(shape):
            raise ValueError(f'the labels have the shape {tuple(map(int, shape))}; expected one label a point')
        return column_of(None, flat)
    if not is_of(labels, 'pandas', 'Series') and (not _is_table(labels) or isinstance(labels, (list, tuple))):
        return column_of(getattr(labels, 'name', None) or None, labels)
    table = read_columns(labels)
    if table.width != 1:
        raise ValueError(f'the labels have {table.width} columns; expected one label a point')
    return table.column(0)
