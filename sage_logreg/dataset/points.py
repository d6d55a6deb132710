r"""
New points: tables read as a model's own data were, by the names of their columns

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.dataset.points import load_points
    sage: data = load_data({'age': [34, 60, 19], 'sex': ['female', 'male', 'male'], 'survived': [1, 0, 1]})
    sage: load_points({'sex': 'male', 'fare': 7, 'age': 50}, data).points
    array([[50.,  1.]])
"""
import collections
import copy
import dataclasses
import os

import numpy

from sage_logreg.dataset.categorical import Coding, Numbers, coded_points, levels_of, nearest
from sage_logreg.dataset.cells import is_of
from sage_logreg.dataset.columns import read_columns, read_row, sparse_table
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.formats import read_file
from sage_logreg.dataset.grouped import Groups
from sage_logreg.dataset.images import ImageDesign, Images
from sage_logreg.dataset.labels import any_of, counts_like, labels_like
from sage_logreg.dataset.assembly import check_numbers, exact_points, finite_points
from sage_logreg.dataset.names import names_of_titles, truth_value
from sage_logreg.dataset.roles import complete_rows, place_of
from sage_logreg.dataset.source import Source, read_source
from sage_logreg.dataset.sparse import SparseTable, check_finite
from sage_logreg.dataset.sparse_frame import SparseFrame
from sage_logreg.dataset.table import Column, Table
from sage_logreg.support.arguments import as_float, entries, listed, shown
from sage_logreg.support.warned import warn

# points k x n in a model's variables, whether a single one was given, a function that says where a row stood, and which rows are left
# where some are dropped
NewPoints = collections.namedtuple('NewPoints', 'points single place rows', defaults=[None])


def load_points(source, reference, missing='error'):
    r"""
    Return points to predict at.

    INPUT:

    - ``source`` -- one point (n numbers or levels, a dictionary or a Series of them), or a table without labels: anything
      that :func:`~sage_logreg.dataset.load.load_data` reads, or a ``Dataset``. For a model of images an array of them as well, m x
      height x width, or a single one; arrays of bytes are pixels, other numbers the variables themselves
    - ``reference`` -- the :class:`~sage_logreg.dataset.dataset.Dataset` that a model was trained on
    - ``missing`` -- ``'error'`` (default) or ``'drop'``

    OUTPUT: :class:`NewPoints`, a float64 array of points in the model's variables (a CSR matrix of a sparse one),
    whether a single one was given, and a
    function that says where a row stood

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.points import load_points
        sage: data = load_data([[1, 2, 0], [3, 5, 1]])
        sage: load_points([1/2, 3], data)[:2]
        (array([[0.5, 3. ]]), True)
        sage: load_points(matrix([[1, 2], [3, 4]]), data).points
        array([[1., 2.],
               [3., 4.]])

    With one variable a number is a point, and a list of numbers is many points::

        sage: data = load_data([[1, 0], [3, 1]])
        sage: load_points(7, data)[:2]
        (array([[7.]]), True)
        sage: load_points([7, 8], data).points
        array([[7.],
               [8.]])

    TESTS::

        sage: data = load_data([[1, 2, 0], [3, 5, 1]])
        sage: load_points([[1, 2], [3, 'a']], data)
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2, column 2: 'a' is not a number...
        sage: load_points('abc.csv', data)
        Traceback (most recent call last):
        ...
        FileNotFoundError: abc.csv: there is no such file
        sage: data = load_data({'age': [20, 40, 60], 'dose': [1, 3, 2], 'ill': [0, 0, 1]})
        sage: load_points({'Dose': 3, 'age': 40}, data)
        Traceback (most recent call last):
        ...
        ValueError: the point has no column 'dose' (is it 'Dose'?); the model expects age, dose
    """
    coding = reference.coding
    design, single = image_design(source, reference)
    if design is not None:
        return NewPoints(design.points, single, lambda row: 'the point' if single else f'the points, row {row + 1}')
    if isinstance(reference, Images):
        # of floats
        source, single = reference.pictures(source)
        if single:
            return load_points(source, reference, missing)._replace(single=True)
    if isinstance(source, Dataset):
        return NewPoints(_points_of_dataset(source, reference), False, source.place)
    is_sparse = reference.features is None and not coding.factors and not isinstance(source, Table)
    table, single = sparse_table(source) if is_sparse else None, False
    if table is None:
        table, single = _table_of_points(source, coding)
        table = table.written_out() if isinstance(table, SparseFrame) else table
    if table is None:
        raise TypeError(f'{shown(source)} is not a point; expected {_expected(coding)}, or a table of them')
    coding, places = _places(table, coding, single)
    if isinstance(table, SparseTable):
        table = table.without_text(places)
    if isinstance(table, SparseTable):
        return _sparse_points(table.selected(places), missing)
    _check_numbers(table, coding, places)
    given = [] if table.is_plain else [(place, table.columns[place]) for place in places]
    missing_in = [column.title for column, (_, cells) in zip(coding.columns, given) if cells.missing is not None]
    if single and missing_in:
        raise ValueError(f'the point: {listed(missing_in)} {"are" if len(missing_in) > 1 else "is"} missing; expected a value of each of '
                         f'{listed([column.title for column in coding.columns])}')
    rows = complete_rows(table, given, missing)
    if rows is not None:
        _tell_of_dropped(table, rows)
        table = table.take(rows)
    points, _ = _coded(table, coding, places)
    return NewPoints(points, single, (lambda row: 'the point') if single else table.place, rows)


def check_columns(table, reference):
    r"""
    Raise an error if a table has not the columns of a model's points.

    TESTS::

        sage: from sage_logreg import ex2data1, load_data
        sage: from sage_logreg.dataset.columns import read_columns
        sage: from sage_logreg.dataset.points import check_columns
        sage: check_columns(read_columns({'a': [1], 'c': [2]}), load_data(ex2data1(), variables='a, b'))
        Traceback (most recent call last):
        ...
        ValueError: ...
    """
    _places(table, reference.coding)


def image_design(source, reference):
    r"""
    Return the design of images, or of pixels as bytes, for a model of images, and whether it is of a single one; else ``None``.

    EXAMPLES::

        sage: from sage_logreg import digits
        sage: from sage_logreg.dataset.points import image_design
        sage: data = digits()
        sage: design, single = image_design(data.design.pixels[0], data)
        sage: design.pixels.shape, single, image_design([0]*64, data)
        ((1, 64), True, (None, False))
    """
    if not isinstance(reference, Images):
        return None, False
    if isinstance(source, Images):
        reference.check_like(source)
        return source.with_intercept(reference.intercept).design, False
    pixels, single = reference.pictures(source)
    if not isinstance(pixels, numpy.ndarray) or pixels.dtype != numpy.uint8 or pixels.shape[-1] != reference.design.width:
        return None, False
    single = single or pixels.ndim == 1
    return ImageDesign(pixels.reshape(-1, reference.design.width), reference.design.unit, reference.variables, reference.intercept), single


def _sparse_points(table, missing):
    # Points that stay sparse, whatever the model's data are.
    rows = complete_rows(table, table.columns_with_missing(table.columns), missing)
    if rows is not None:
        _tell_of_dropped(table, rows)
        table = table.take(rows)
    check_finite(table.matrix, table)
    return NewPoints(table.matrix, False, table.place, rows)


def _check_width(count, coding, what='the points', single=False):
    if count != len(coding.columns):
        has = f'the point has {count} number' if single else f'{what} have {count} column'
        raise ValueError(f'{has}{"s" * (count != 1)}; expected {len(coding.columns)} '
                         f'({listed([column.title for column in coding.columns])})')


def _points_of_dataset(data, reference):
    # Indicator variables of the same names may be of other levels.
    if (data.coding.factors or reference.coding.factors) and data.coding.columns != reference.coding.columns:
        table = _table_of_dataset(data.dense('points in other levels'))
        coding, places = _places(table, reference.coding, what='the data')
        _check_numbers(table, coding, places)
        return _coded(table, coding, places)[0]
    if data.variables == reference.variables:
        return data.points
    if set(reference.variables) <= set(data.variables):
        places = {name: place for place, name in enumerate(data.variables)}
        return data.points[:, [places[name] for name in reference.variables]]
    if len(data.variables) != len(reference.variables) or data.coding.named and reference.coding.named:
        raise ValueError(f'the data have {_counted(data.variables)}; the model expects {_counted(reference.variables)}')
    return data.points


def _table_of_dataset(data):
    # The columns that the data were made of, and where these have titles the indicators beside them.
    columns, coding = [], data.coding
    values = dict(zip(data.variables, data.points.T.astype(numpy.float64)))
    for column in coding.columns:
        title = column.title if coding.named else None
        if isinstance(column, Numbers):
            columns.append(Column(title, values[column.variable]))
            continue
        codes = numpy.full(len(data), column.levels.index(column.reference))
        for level, name in column.indicators.items():
            codes[values[name] == 1] = column.levels.index(level)
        columns.append(Column.of_levels(title, codes, column.levels))
    titles = {column.title for column in columns}
    columns += [Column(name, values[name]) for name in values if coding.named and name not in titles]
    table = Table('the data', columns)
    table.rows = data.row_numbers
    return table


def _counted(variables):
    return f'{len(variables)} variable{"s" * (len(variables) != 1)} ({listed(variables)})'


def _expected(coding):
    count = len(coding.columns)
    return f'{count} number{"s" * (count != 1)} ({listed([column.title for column in coding.columns])})'


def _table_of_points(source, coding):
    # The table of what was given, and whether that is a single point.
    if isinstance(source, Table):
        return source, False
    if is_path(source, coding):
        return read_file(os.path.expanduser(source)), False
    row = read_row(source, [column.title for column in coding.columns])
    if row is not None:
        return row, True
    count = len(coding.columns)
    # a Series is a column, or a point where there are more columns
    is_flat = len(getattr(source, 'shape', ())) == 1
    is_table = (_is_table(source) or is_of(source, 'pandas', 'Series')) and not (count > 1 and is_flat)
    numbers = None if is_table else entries(source)
    if numbers is None and not is_table:
        single = count == 1 and (as_float(source) is not None or isinstance(source, str))
        return (read_columns([[source]]) if single else None), single
    if numbers and all(entries(number) is None for number in numbers) and not isinstance(numbers[0], dict):
        # flat numbers: points in one variable, or one point
        return (read_columns([[number] for number in numbers]), False) if count == 1 else (read_columns([numbers], 'the point'), True)
    # a generator has been read already
    return read_columns(source if numbers is None else numbers), False


def is_path(source, coding):
    r"""
    Return whether points are the path of a file, and not a level, the value of the only variable.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.dataset.points import is_path
        sage: is_path('points.csv', ex2data1().coding), is_path('points', ex2data1().coding)
        (True, False)
    """
    return isinstance(source, os.PathLike) or isinstance(source, str) and _is_path(source) and not _is_level(source, coding)


def _is_path(text):
    return os.path.exists(os.path.expanduser(text)) or os.sep in text or bool(os.path.splitext(text)[1])


def _is_level(text, coding):
    return len(coding.columns) == 1 and bool(coding.factors) and text in map(str, coding.factors[0].levels)


def _is_table(source):
    # anything that has columns, or rows of a matrix
    return (hasattr(source, 'nrows') or hasattr(type(source), 'columns') or hasattr(source, '__dataframe__') or isinstance(source, dict)
            or getattr(source, 'ndim', 1) == 2 or getattr(getattr(source, 'dtype', None), 'names', None) is not None
            or hasattr(source, '__arrow_c_stream__'))


def _places(table, coding, single=False, what='the points', label=None):
    # Where the model's columns stand in a table beside its label: by name where both have names, else by position.
    columns, places = coding.columns, [place for place in range(table.width) if place != label]
    titles = table.titles
    if titles is not None:
        names = [_by_title(places, titles), _by_title(places, [str(title).strip() for title in titles])]
        found = [_find(column.title, names) for column in columns]
        _find_made(found, [column.title for column in columns], places, titles)
        if None not in found:
            return coding, found
        if coding.named or len(places) != len(columns) or any(place is not None for place in found):
            return _by_variables(table, coding, names, found, 'the point has' if single else f'{what} have')
    _check_width(len(places), coding, what, single)
    return coding, places


def _by_title(places, titles):
    # the places of each title, which may be there more than once
    found = collections.defaultdict(list)
    for place in places:
        found[str(titles[place])].append(place)
    return found


def _find(title, names):
    for places in names:
        found = places.get(title, ())
        if len(found) > 1:
            raise ValueError(f'the points have two columns {title!r}; expected different titles')
        if found:
            return found[0]
    return None


def _find_made(found, titles, places, given):
    # a title may have been made a name, here or there
    if None not in found:
        return
    names, taken = names_of_titles(titles), set(found)
    known, made = _by_title(places, given), _by_title(places, names_of_titles(given))
    for j, place in enumerate(found):
        others = {*known.get(names[j], ()), *made.get(titles[j], ())} - taken if place is None else ()
        if len(others) == 1:
            found[j] = others.pop()
            taken.add(found[j])


def _by_variables(table, coding, names, found, have):
    # Indicator variables may be given themselves, as 0 and 1.
    columns, places = [], []
    for column, place in zip(coding.columns, found):
        if place is not None:
            columns.append(column)
            places.append(place)
            continue
        indicators = [_find(name, names) for name in column.variables]
        if None in indicators:
            raise ValueError(f'{have} no column {column.title!r}{nearest(column.title, table.titles)}; '
                             f'the model expects {listed([column.title for column in coding.columns])}')
        if isinstance(column, Numbers):
            columns.append(Numbers(column.variable, column.variable))
            places += indicators
            continue
        columns.append(column)
        places.append(len(table.columns))
        table.columns.append(_column_of_indicators(table, column, indicators))
    return Coding(tuple(columns), True), places


def _column_of_indicators(table, factor, places):
    # The column of a factor that is given by its indicators: zeros and ones, or booleans.
    ones, missing = numpy.zeros((len(table), len(places)), dtype=bool), numpy.zeros(len(table), dtype=bool)
    check_numbers(table, places)
    for j, (place, name) in enumerate(zip(places, factor.variables)):
        codes, levels = levels_of(table.columns[place])
        truths = [truth_value(level) for level in levels]
        for code, truth in enumerate(truths):
            if truth is None:
                row = int(numpy.argmax(codes == code))
                raise ValueError(f'{table.place(row, place)}: {name} = {shown(levels[code])}; expected 0 or 1, '
                                 f'an indicator of {factor.title}')
        ones[:, j] = numpy.array([*truths, False], dtype=bool)[codes]
        missing |= codes < 0
    counts = ones.sum(axis=1)
    wrong = ~missing & ((counts > 1) | (factor.is_full & (counts == 0)))
    if wrong.any():
        row = int(numpy.argmax(wrong))
        raise ValueError(f'{table.place(row)}: {counts[row]} of {listed(factor.variables)} are 1; '
                         f'expected {"" if factor.is_full else "at most "}'
                         f'one, the level of {factor.title}')
    places = [factor.levels.index(level) for level in factor.indicators]
    codes = numpy.where(counts == 0, factor.levels.index(factor.reference), numpy.array(places)[ones.argmax(axis=1)])
    return Column.of_levels(factor.title, numpy.where(missing, -1, codes), factor.levels)


def _check_numbers(table, coding, places):
    if table.is_plain:
        return
    places = [place for column, place in zip(coding.columns, places) if isinstance(column, Numbers)]
    check_numbers(table, places)
    for place in places:
        column = table.columns[place]
        if column.numbers is None and all(not isinstance(level, str) for level in column.levels):
            # booleans, or a Categorical of numbers; the last of them is for cells that are missing
            levels = numpy.array([*column.levels, numpy.nan], dtype=numpy.float64)
            table.columns[place], table.block = Column(column.title, levels[column.codes], missing=column.missing), None
        elif column.numbers is None:
            row = int(numpy.argmax(column.codes >= 0))
            raise ValueError(f"{table.place(row, place)}: {shown(column.levels[column.codes[row]])} is not a number; "
                             "expected numbers, as in "
                             "the model's data")


def _coded(table, coding, places):
    points = coded_points(coding, table, places)
    return finite_points(points, exact_points(coding, table, places, points), table, coding, places, str(points.dtype))


def _tell_of_dropped(table, rows):
    dropped = sorted(set(range(len(table))) - set(rows.tolist()))
    places = f'row{"s" * (len(dropped) > 1)} {listed([str(row + 1) for row in dropped], "rows")}'
    warn(f'{table.name}: {len(dropped)} of {len(table)} rows with missing values left out: {places}')


# Labels of other data

def load_data_like(source, reference, missing='error'):
    r"""
    Return data read like other data: with their labels, and their variables by name.

    INPUT:

    - ``source`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes; here all labels may be the same
    - ``reference`` -- the :class:`~sage_logreg.dataset.dataset.Dataset` that a model was trained on
    - ``missing`` -- ``'error'`` (default) or ``'drop'``

    OUTPUT: a ``Dataset``

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.points import load_data_like
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
        ValueError: the data have 1 column; expected 2 (a, b)
    """
    if isinstance(source, Images) and isinstance(reference, Images):
        reference.check_like(source)
        if source.label_names == reference.label_names:
            return source.with_intercept(reference.intercept)
        return _images_like(source, reference)
    if isinstance(reference, Images) and isinstance(source, tuple) and len(source) == 2:
        design, _ = image_design(source[0], reference)
        if design is not None:
            return _images_of(design, source[1], reference)
        source = reference.pictures(source[0])[0], source[1]
    if isinstance(source, Dataset):
        if (source.variables, source.label_names, source.features, source.coding.columns) == (
                reference.variables, reference.label_names, reference.features, reference.coding.columns):
            return source.with_intercept(reference.intercept)
        return _dataset_like(source, reference)
    source = source if isinstance(source, Source) else read_source(source)
    if isinstance(source.table, SparseFrame) and (reference.features is not None or reference.coding.factors):
        source.table = source.table.written_out()
    if source.is_alone:
        source.counts = _columns_of_counts(source.table, reference)
    table, label = source.table, source.label_column
    label_place = _label_place(table, reference) if source.is_alone else None
    label = label if label_place is None else table.column(label_place)
    coding, places = _places(table, reference.coding, what='the data', label=label_place)
    if isinstance(table, SparseTable):
        table = source.table = table.without_text(places)
    if isinstance(table, SparseTable):
        return _sparse_data_like(source, label, label_place, places, reference, missing)
    columns = [] if table.is_plain else [(place, table.columns[place]) for place in places]
    columns += _of_labels(source, label, label_place)
    _check_numbers(table, coding, places)
    rows = complete_rows(table, columns, missing, label_place)
    if rows is not None:
        source = dataclasses.replace(source, label_column=label).take(rows)
        table, label = source.table, source.label_column
    if not len(table):
        raise ValueError(f'{table.name}: there are no rows{" without missing values" * (rows is not None)}; expected at least one')
    points, exact = _coded(table, coding, places)
    of_rows, group = {}, slice(None)
    if source.is_grouped:
        groups = _groups_like(source, points, reference)
        labels, group = groups.labels, groups.group
        exact = exact.take(group)
        points, of_rows = exact.points, dict(weights=groups.weights, successes=groups.successes, trials=groups.trials)
    else:
        labels, of_rows = labels_like(table, label, reference.label_names), dict(row_numbers=rows)
    return Dataset(points, labels, reference.variables, reference.label_name, reference.label_names, reference.features, **of_rows,
                   place=lambda row: table.place(group[row] if source.is_grouped else row), exact=exact, coding=reference.coding,
                   formula=reference.formula, intercept=reference.intercept)


def _sparse_data_like(source, label, label_place, places, reference, missing):
    # Data in a sparse matrix, with the labels in one of its columns or beside it.
    table = source.table
    if reference.coding.factors:
        raise ValueError(f'{table.name} has no columns of text; expected {listed([column.title for column in reference.coding.columns])} '
                         'in a table')
    columns = table.columns_with_missing(places) + _of_labels(source, label, label_place)
    rows = complete_rows(table, columns, missing, label_place)
    source = dataclasses.replace(source, table=table.selected(places), label_column=label)
    source = source if rows is None else source.take(rows)
    table = source.table
    if not len(table):
        raise ValueError(f'{table.name}: there are no rows{" without missing values" * (rows is not None)}; expected at least one')
    check_finite(table.matrix, table)
    points, group, of_rows = table.matrix, slice(None), {}
    if source.is_grouped:
        groups = _groups_like(source, points, reference)
        labels, group = groups.labels, groups.group
        points, of_rows = points[group], dict(weights=groups.weights, successes=groups.successes, trials=groups.trials)
    else:
        labels = labels_like(table, source.label_column, reference.label_names)
    return Dataset(points, labels, reference.variables, reference.label_name, reference.label_names, reference.features, **of_rows,
                   place=lambda row: table.place(group[row] if of_rows else row), coding=reference.coding, formula=reference.formula,
                   intercept=reference.intercept)


def _of_labels(source, label, place):
    # The columns of labels, or of counts, with the place of a label, as missing cells are looked for in them.
    if source.counts is not None:
        return [(None, column) for _, column in source.counts.columns_with_missing(list(range(source.counts.width)))]
    return [] if label is None else [(place, label)]


def _groups_like(source, points, reference):
    # The rows of grouped data; successes are what the reference calls 1.
    if source.counts is not None:
        return Groups.of_classes(counts_like(source.counts, reference.label_names))
    if reference.classes > 2:
        raise ValueError(f'successes and trials are of two classes, and the model has {reference.classes}; '
                         'expected a pair (points, counts)')
    return Groups(points, source.successes, source.trials)


def _columns_of_counts(table, reference):
    # Of a table with a column for each class and none for the label, the table of these.
    titles = [str(title).strip() for title in table.titles or ()]
    names = list(map(str, reference.label_names))
    if not set(names) <= set(titles) or reference.label_name in titles or set(names) & {one.title for one in reference.coding.columns}:
        return None
    return Table(table.name, [table.column(titles.index(name)) for name in names], table.lines)


def _dataset_like(data, reference):
    of_rows = {**data.of_rows(), 'offset': _offset_like(data, reference)}
    return Dataset(_points_of_dataset(data, reference), _labels_like(data, reference), reference.variables, reference.label_name,
                   reference.label_names, reference.features, **of_rows, place=data.place, coding=reference.coding,
                   formula=reference.formula, intercept=reference.intercept)


def _images_of(design, labels, reference):
    # Images from their pixels and labels; the labels are read beside a table of as many rows.
    source = read_source((numpy.zeros((len(design), 1)), labels))
    data = Images(design.pixels, labels_like(source.table, source.label_column, reference.label_names), reference.shape,
                  reference.label_names, design.unit)
    return data.with_intercept(reference.intercept)


def _images_like(data, reference):
    # Images whose labels are in another order, or fewer.
    like = copy.copy(data.with_intercept(reference.intercept))
    like.labels, like.offset, like.label_names = _labels_like(data, reference), _offset_like(data, reference), reference.label_names
    return like


def _labels_like(data, reference):
    # The labels of a dataset as the numbers that they have in another one.
    known = reference.label_names
    places = numpy.array([known.index(name) if name in known else -1 for name in data.label_names], dtype=numpy.float64)
    labels = places[data.labels.astype(int)]
    if (labels < 0).any():
        row = int(numpy.argmin(labels))
        raise ValueError(f'{data.place(row)}: the label is {shown(data.label_names[int(data.labels[row])])}; '
                         f'the model expects {any_of(known)}')
    return labels


def _offset_like(data, reference):
    # The offset of a dataset, of more than two classes in the order that they have in another one.
    if data.offset is None or data.label_names == reference.label_names:
        return data.offset
    if set(data.label_names) != set(reference.label_names):
        raise ValueError(f'the offset of the data is of the classes {listed(list(map(shown, data.label_names)))}; '
                         'expected those of the model, '
                         f'{listed(list(map(shown, reference.label_names)))}')
    # of two classes it is that of the second
    return -data.offset if data.classes == 2 else data.offset[:, [data.label_names.index(name) for name in reference.label_names]]


def _label_place(table, reference):
    # The column of the labels: by its name where both have names, else the last.
    if table.titles is None or not reference.coding.named or reference.label_name == 'y' and 'y' not in table.titles:
        return table.width - 1
    try:
        return place_of('label', reference.label_name, table)
    except ValueError as error:
        if 'is no column' not in str(error):
            raise
        raise ValueError(f'{table.name} has no column {reference.label_name!r}{nearest(reference.label_name, table.titles)}, '
                         f'the label of the model; expected it beside {listed([column.title for column in reference.coding.columns])}') from None
