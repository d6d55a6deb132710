r"""
Loading: from a file, a frame, a matrix or rows to a checked Dataset

:func:`load_data` is the one entrance: everything else in the package works on
the :class:`~sage_logreg.dataset.dataset.Dataset` that it returns, whose numbers are
finite floats and whose labels are the numbers of classes from 0 on, all present.

1. :func:`~sage_logreg.dataset.source.read_source` reads a source to a table of named columns.
2. :mod:`~sage_logreg.dataset.roles` finds the label and the variables, and the rows without missing cells.
3. :mod:`~sage_logreg.dataset.categorical` turns factors into indicator variables.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: load_data(matrix(QQ, [[1/2, 0], [3/2, 1]]))
    2 points in x1: 1 with y = 1, 1 with y = 0
"""
import collections
import copy
import dataclasses

import numpy

from sage_logreg.dataset.categorical import Coding, Numbers, coded_points, coding_of
from sage_logreg.dataset.cells import check_usable
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.exact_numbers import WHOLE, ExactNumbers, checked_exact, numbers_taken_as
from sage_logreg.dataset.formula import parse_formula
from sage_logreg.dataset.grouped import Groups, is_table_of_numbers, row_offset, row_weights
from sage_logreg.dataset.labels import classes, classes_of_counts
from sage_logreg.dataset.names import names_of_titles, numbered_names, variable_names
from sage_logreg.dataset.roles import (asked_places, check_there, check_titles, complete_rows, most_missing, names_rows, place_of,
                                       variable_places)
from sage_logreg.dataset.source import aligned, read_source
from sage_logreg.dataset.sparse import SparseTable, check_finite, is_sparse
from sage_logreg.dataset.sparse_frame import SparseFrame
from sage_logreg.dataset.table import Table
from sage_logreg.support.arguments import check_not_negative, entries, listed, real_matrix, real_vector, shown
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.warned import warn


@interrupts_explained('load_data: interrupted before the data were read')
def load_data(source, label=None, variables=None, formula=None, features=None, categorical=(), reference=None, positive=None,
              missing='error', weights=None, offset=None, intercept=None, encoding=None, header=None, dtype='float64', exact=None):
    r"""
    Return the checked :class:`Dataset` from a file, a matrix, rows, a pair or a triple.

    INPUT:

    - ``source`` -- one of

      * the path of a text table (``.csv``, ``.tsv``, ``.txt``, also compressed; :mod:`~sage_logreg.dataset.text` states
        its grammar), of a ``.parquet``, ``.feather``, Excel or Stata file,
      * a frame (pandas, polars, PyArrow), a dictionary of columns, a NumPy structured array,
      * a Sage matrix over any ring whose elements are real numbers, a SciPy sparse matrix; sparse matrices, and frames
        with sparse columns, of more than a million entries, of which at most a tenth is not zero, stay sparse
        (:mod:`sage_logreg.dataset.sparse`): their numbers are the floats,
      * a list of rows (lists, tuples, vectors) of Sage or Python numbers and text, a NumPy array of any real type,
      * a pair ``(points, labels)`` of a table without the label and the labels
        (in one variable the table may be a flat list); NumPy arrays of the
        right type are used as they are, not copied,
      * grouped data: a triple ``(points, successes, trials)`` of k points and k numbers of each; of any number of classes a pair
        ``(points, counts)`` with a table (array, matrix, rows, frame) of k counts for each class, a column a class. The columns of
        counts have the names of the classes, else these are 0, 1, ...; two columns need names, and the first one is of the
        successes unless they say no and yes,
      * a :class:`Dataset`

    - ``label`` -- (default: the last column) the column of the labels: its title, or its position, from 0 or from the end; of
      grouped data a list of the columns of counts, one for each class

    - ``variables`` -- (default: all other columns) where the columns have titles: those that are variables; else names for
      the columns, which are ``x1``, ``x2``, ... without. A list of strings or of symbolic variables, or one string such as
      ``'x1, x2'``. A first column that only counts or names the rows is left out by default, with a warning

    - ``formula`` -- (default: none) what the model is, as the field writes it: ``'survived ~ age + sex*pclass + log(fare)'``;
      in place of ``label``, ``variables`` and ``features``, see :mod:`~sage_logreg.dataset.formula`

    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables; a model of the data is linear in them. No feature may be
      constant, which the bias is

    - ``categorical`` -- (default: columns of text or booleans) more columns that are factors, such as numbers that are
      names. A factor has an indicator variable, such as ``sex_male``, for each level but its reference

    - ``reference`` -- (default: the first level, sorted or in the order of a Categorical) dictionary from factors to
      reference levels

    - ``positive`` -- (default: 1, ``True`` or yes; else the second label, sorted or in the order of a Categorical) which
      label counts as 1; of more than two labels, which one comes last (default: they are in order)

    - ``missing`` -- ``'error'`` (default) refuses missing values, ``'drop'`` drops the rows that have any

    - ``weights`` -- (default: ones) m numbers at least 0: how often each row counts, or the title of a column of them; not
      with grouped data

    - ``offset`` -- (default: zeros) m numbers that are added to the log-odds, or the title of a column; k for grouped data. With
      K > 2 labels a table (matrix, array, rows, frame) of m x K numbers, or a list of K titles, in the order of ``label_names``

    - ``encoding`` -- (default: UTF-8) of a text table, such as ``'shift_jis'``

    - ``header`` -- (default: by the grammar of text tables) whether the first row of a text table is a header

    - ``dtype`` -- (default: ``'float64'``) ``'float32'`` keeps the points in
      half the memory; weights and costs are float64 all the same

    - ``exact`` -- (default: ``'decimal'`` for text tables, ``'binary'`` for others) what floats stand for where
      something is decided or proved: ``'decimal'``, the shortest decimal that has this float, and in a text table the
      decimal as it is written; or ``'binary'``, the number that the float is. Exact numbers (integers, rationals,
      Python's ``Fraction`` and ``Decimal``, algebraic numbers, constants such as `\pi`) stay exact, unless ``'binary'``
      is given. Training takes floats in either case

    - ``intercept`` -- (default: ``True``, and for a :class:`Dataset` as it is) whether models of the data have a bias;
      without it the log-odds are `w_1 x_1 + ... + w_n x_n`, and a model has n weights

    OUTPUT: a :class:`Dataset`. With grouped data the groups that have successes come first, with the label 1, followed by
    those that have failures; with counts of K > 2 classes class by class, and ``successes`` are k x K counts

    Rows, columns and lines in error messages are counted from 1.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: load_data([[1, 2, 0], [sqrt(2), 1/3, 1]])
        2 points in x1, x2: 1 with y = 1, 1 with y = 0
        sage: load_data((matrix(RDF, [[1, 2], [3, 4]]), vector(ZZ, [-1, 1])))
        2 points in x1, x2: 1 with y = 1, 1 with y = -1; P(y = 1) is modelled

    Grouped data, three doses with 0, 4 and 9 successes in ten trials each::

        sage: data = load_data(([[1], [2], [3]], [0, 4, 9], [10, 10, 10]))
        sage: data
        5 points in x1: 2 with y = 1, 3 with y = 0
        sage: data.weights, data.trials
        (array([ 4.,  9., 10.,  6.,  1.]), array([10., 10., 10.]))

    Counts of three classes at two doses, from a table of them, from columns, or in a formula::

        sage: load_data(([[1], [2]], matrix([[5, 1, 0], [2, 2, 3]]))).weights
        array([5., 2., 1., 2., 3.])
        sage: table = {'dose': [1, 2], 'none': [5, 2], 'mild': [1, 2], 'severe': [0, 3]}
        sage: data = load_data(table, label=['none', 'mild', 'severe'])
        sage: data
        5 points in dose: 2 with y = 'none', 2 with y = 'mild', 1 with y = 'severe'
        sage: load_data(table, formula='cbind(none, mild, severe) ~ dose') == data
        True
        sage: data.successes, data.trials
        (array([[5., 1., 0.],
               [2., 2., 3.]]), array([6., 7.]))

    Large data in half the memory::

        sage: load_data([[1, 2, 0], [3, 4, 1]], dtype='float32').points.dtype
        dtype('float32')

    Numbers that no float is stay exact, for what is decided or proved; floats can be taken as decimals::

        sage: load_data([[1/3, 0], [0.1, 1]]).exact.rows([0, 1]).tolist()
        [[Fraction(1, 3)], [Fraction(3602879701896397, 36028797018963968)]]
        sage: load_data([[1/3, 0], [0.1, 1]], exact='decimal').exact.rows([1]).tolist()
        [[Fraction(1, 10)]]

    A table with text and missing values, the label not last::

        sage: path = tmp_filename(ext='.csv')
        sage: with open(path, 'w') as file:
        ....:     _ = file.write('survived,age,sex\nyes,34,female\nno,,male\nno,60,male\nyes,19,male\nno,23,female\n')
        sage: data = load_data(path, label='survived', missing='drop')
        sage: data
        4 points in age, sex (female, male): 2 with survived = 'yes', 2 with survived = 'no'; P(survived = 'yes') is modelled; 1 row dropped for missing values
        sage: data.variables, data.row_numbers
        (('age', 'sex_male'), array([0, 2, 3, 4]))
        sage: load_data(path, label='survived')
        Traceback (most recent call last):
        ...
        ValueError: ...csv, line 3, column 2: the value is missing (in all: 1 in age); expected none, or missing='drop', which ...

    Names can be symbolic variables, and features expressions in them::

        sage: height, weight = var('height, weight')
        sage: data = load_data([[1, 2, 0], [3, 4, 1]], variables=[height, weight], features=[weight/height^2])
        sage: data
        2 points in height, weight (1 feature): 1 with y = 1, 1 with y = 0
        sage: data.design.points  # abs tol 1e-15
        array([[2.        ],
               [0.44444444]])

    Models without a bias, of these data::

        sage: load_data([[1, 2, 0], [3, 4, 1]], intercept=False)
        2 points in x1, x2 (no intercept): 1 with y = 1, 1 with y = 0

    TESTS::

        sage: load_data([[1, 2, 0], [3, 4, 1]], intercept='no')
        Traceback (most recent call last):
        ...
        TypeError: intercept = 'no'; expected True or False
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
        sage: x1 = var('x1')
        sage: load_data([[1, 0], [-3, 1]], features=[x1, log(x1)])
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2: the feature log(x1) is undefined at x1 = -3.0
        sage: load_data([[1, 0], [2, 1], [3, 1]], weights=[1, 0, 0])
        Traceback (most recent call last):
        ...
        ValueError: weights: all points with y = 1 have the weight 0; expected some of each label to count
        sage: load_data(([[1], [2]], [1, 2], [10, 4]), weights=[1, 1])
        Traceback (most recent call last):
        ...
        ValueError: weights and grouped data are the same thing; expected one of them
        sage: load_data(([[1], [2]], [[1, 2, 0], [3, 1, 0]]))
        Traceback (most recent call last):
        ...
        ValueError: counts: those of 2 are all 0; expected some of each class
        sage: load_data(([[1], [2]], [[1, 2], [3, 1]]))
        Traceback (most recent call last):
        ...
        ValueError: the labels have 2 columns; expected one label a point, or for successes and failures a triple (points, successes,
        trials)
    """
    exact = checked_exact(exact)
    if str(dtype) not in ('float64', 'float32'):
        raise ValueError(f"dtype = {shown(dtype)}; expected 'float64' or 'float32'")
    if intercept is not None and not isinstance(intercept, (bool, numpy.bool_)):
        raise TypeError(f'intercept = {shown(intercept)}; expected True or False')
    if isinstance(source, Dataset):
        _refuse_for_dataset(label=label, categorical=categorical or None, reference=reference, positive=positive, encoding=encoding,
                            header=header)
        return _with_more(source, variables, formula, features, weights, offset, intercept, exact)
    source = read_source(source, encoding=encoding, header=header, exact=exact)
    _check_size(source)
    if isinstance(source.table, SparseTable):
        source.table = _table_for(source.table, formula=formula, features=features, categorical=categorical or None, reference=reference)
    check_titles(source.table)
    if formula is not None:
        formula, label, variables, categorical, reference = _parsed(formula, source, label, variables, features, categorical, reference,
                                                                     weights, offset)
        intercept = formula.intercept = formula.intercept and intercept is not False
    request = _request(source, label, variables, categorical, reference, weights, offset)
    if isinstance(source.table, SparseTable):
        source.table = source.table.without_text(request.places)
    for place in sorted(request.categorical):
        check_usable(source.table, place)
    check_numbers(source.table, request.numbers())
    check_there(source.table, request.columns(source), request.label)
    rows = complete_rows(source.table, request.columns(source), missing, request.label)
    # what is dropped is nowhere else, and gives its memory back here
    source, *of_rows, dropped = _kept(source, request, rows, exact)
    if isinstance(source.table, SparseTable):
        return _sparse_dataset(source, request, positive, *of_rows, intercept is not False, dtype, exact, rows, dropped)
    return _dataset(source, request, formula, features, positive, *of_rows, intercept is not False, dtype, exact, rows, dropped)


# the places of columns, where numbers could be given as well
_Places = collections.namedtuple('_Places', 'places')


@dataclasses.dataclass
class _Request:
    # What was asked for, as places in the table.
    label: object
    places: list
    names: object
    categorical: set
    reference: dict
    # numbers, or _Places
    weights: object
    offset: object
    # of grouped data, the places of the columns of counts that the user has named
    counts: tuple = ()
    # whether the user has said which are the labels
    chosen: bool = True

    def of_rows(self):
        # the places of columns of weights and offsets
        return _taken(self.weights, self.offset)

    def numbers(self):
        # the places of columns that may hold numbers, but not beside text
        return [*(place for place in self.places if place not in self.categorical), *self.of_rows(), *self.counts]

    def columns(self, source):
        # those in which no cell may be missing though some are, with their places
        beside = [] if source.label_column is None else [(None, source.label_column)]
        if source.counts is not None and not self.counts:
            beside = [(None, column) for _, column in source.counts.columns_with_missing(list(range(source.counts.width)))]
        places = {*self.places, *self.of_rows(), *self.counts}
        places |= set() if self.label is None else {self.label}
        return source.table.columns_with_missing(sorted(places)) + beside


def _taken(*given):
    return [place for one in given if isinstance(one, _Places) for place in one.places]


def _check_once(source, label, weights):
    # labels, and the counts of rows, are given in one way
    if label is not None and not source.is_alone:
        given = 'successes and trials' if source.trials is not None else 'the counts' if source.is_grouped else 'the labels'
        raise ValueError(f'label = {shown(label)}, but {given} are given beside the points; expected one of them')
    if weights is not None and (source.is_grouped or len(_several(label)) > 1):
        raise ValueError('weights and grouped data are the same thing; expected one of them')


def _request(source, label, variables, categorical, reference, weights, offset):
    _check_once(source, label, weights)
    table = source.table
    chosen = label is not None or source.label_column is not None
    # of grouped data the columns of counts, and no label
    counts = _places_of_counts(label, table) if len(_several(label)) > 1 else ()
    if counts:
        label, source.counts = None, Table(table.name, list(map(table.column, counts)), table.lines)
    elif label is not None:
        label = place_of('label', label, table)
    elif source.is_alone:
        label = table.width - 1
    weights, offset = (_column_or_numbers(name, given, table) for name, given in (('weights', weights), ('offset', offset)))
    taken = set(_taken(weights, offset))
    for place in taken.intersection([label, *counts]):
        raise ValueError(f'{table.column(place).title!r} is given as label and as weights or offset; expected different columns')
    taken |= {*counts} if label is None else {label}
    names = None
    if variables is not None and table.titles is not None:
        places = variable_places(table, taken, asked_places(variables, table))
    else:
        places = variable_places(table, taken, grouped=source.is_grouped)
        names = None if variables is None else variable_names(variables, len(places))
    if not places:
        raise ValueError(f'{table.name}: there is no column besides the label; expected at least one')
    _check_not_among(source.label_column, table, places)
    # x1, x2, ... where there are no others
    known = numbered_names(len(places)) if names is None and table.titles is None else names
    return _Request(label, places, names, _places('categorical', categorical, table, places, known),
                    _references(reference, table, places, known), weights, offset, counts, chosen)


def _places_of_counts(label, table):
    # The places of the columns of counts, one for each class.
    places = tuple(place_of('label', one, table) for one in _several(label))
    for place in places:
        if places.count(place) > 1:
            raise ValueError(f'label = {shown(label)} has a column twice; expected different columns of counts, one for each class')
    return places


def _column_or_numbers(name, given, table):
    titles = _titles(given)
    if titles and table.titles is None:
        raise ValueError(f'{name} = {shown(given)}, but the columns of {table.name} have no names; expected {len(table)} '
                         'numbers, one a row')
    if name == 'weights' and len(titles) > 1:
        raise ValueError(f'{name} = {shown(given)}; expected the title of one column')
    return _Places([place_of(name, title, table) for title in titles]) if titles else given


def _titles(given):
    # the titles of columns among what is given: one, a list of them, or none
    given = [given] if isinstance(given, str) else () if isinstance(given, numpy.ndarray) and given.dtype.kind in 'iuf' else _several(given)
    return list(given) if given and all(isinstance(one, str) for one in given) else []


def _check_not_among(labels, table, places):
    # labels that were taken from the table, and not out of it, would explain themselves
    titles = table.titles if labels is not None and labels.title else None
    for place in () if titles is None else [place for place in places if titles[place] == labels.title]:
        column = table.column(place)
        if column.levels == labels.levels and numpy.array_equal(
                *((one.numbers if one.codes is None else one.codes) for one in (column, labels)), equal_nan=True):
            raise ValueError(f'{table.name}, column {place + 1} ({column.title}) is the labels, which are given beside the points too; '
                             f'expected one of them: the table alone and label={str(column.title)!r}, or the points without it')


def _parsed(text, source, label, variables, features, categorical, reference, weights, offset):
    # The formula, and what it says of the columns.
    for name, given in (('variables', variables), ('features', features)):
        if given is not None:
            raise ValueError(f'{name} = {shown(given)} and formula = {shown(text)}; expected one of them')
    table = source.table
    if table.titles is None:
        # the names that the columns would have
        for column, name in zip(table.columns, numbered_names(len(table.columns))):
            column.title = name
        if source.is_alone:
            table.columns[-1].title = 'y'
    titles = list(map(str, table.titles))
    beside = None if source.label_column is None else str(source.label_column.title or 'y')
    counted = len(_several(label)) > 1
    default = beside if beside is not None else titles[-1] if source.is_alone else None
    if label is not None and source.is_alone:
        default = [titles[place_of('label', one, table)] for one in _several(label)] if counted else titles[place_of('label', label, table)]
    factors = [title for title, column in zip(titles, table.columns) if column.numbers is None]
    left_out = [titles[0]] * names_rows(table) + [*_titles(weights), *_titles(offset)]
    names = {name: title for name, title in zip(names_of_titles(titles), titles) if name not in titles}
    formula = parse_formula(text, titles if beside is None else [*titles, beside], default, left_out, names,
                            [*factors, *map(str, _several(categorical))])
    if not formula.columns:
        # says which of the expressions is constant
        formula.features(None)
    if beside is not None and formula.label not in (None, beside):
        raise ValueError(f'formula = {shown(text)}: the labels are {beside!r}, beside the points; expected no other label')
    if label is not None and formula.label is not None and beside is None and default != formula.label:
        raise ValueError(f'label = {shown(label)} and formula = {shown(text)}, whose label is {formula.label!r}; expected one of them')
    label = label if formula.label is None or beside is not None else formula.label
    return (formula, label, formula.columns, [*_several(categorical), *formula.categorical],
            _both_references(reference, formula, text))


def _both_references(reference, formula, text):
    # those that are given, and those in the formula
    if not isinstance(reference, dict):
        # what is no dictionary is refused later
        return formula.reference if reference is None else reference
    for title, level in reference.items():
        other = formula.reference.get(str(title), level)
        if str(other) != str(level):
            raise ValueError(f'reference: {shown(level)} for {title}, but {shown(other)} in formula = {shown(text)}; expected one of them')
    return {**reference, **formula.reference}


def _several(columns):
    # one column, or a list of them
    given = entries(columns)
    return [columns] if given is None else given


def _check_size(source):
    table, alone = source.table, source.is_alone
    if table.width < 1 + alone:
        separated = ', separated by comma, semicolon, tab, bar or blanks' if table.is_text else ''
        raise ValueError(f'{table.name}: there {"is one column" if table.width else "are no columns"}; expected at least '
                         f'{"two, the label last" if alone else "one"}{separated}')
    if not len(table):
        raise ValueError(f'{table.name}: there are no rows; expected at least two')


def _places(name, given, table, places, names):
    # The places of columns that are given by titles, by names of variables, or by positions.
    given = _several(given)
    if not given:
        return set()
    found = {places[names.index(str(one))] if names is not None and str(one) in names else place_of(name, one, table) for one in given}
    for place in found - set(places):
        raise ValueError(f'{name}: {table.column(place).title or place!r} is no variable; expected some of the variables')
    return found


def _references(reference, table, places, names):
    if reference is None:
        return {}
    if not isinstance(reference, dict):
        raise TypeError(f"reference = {shown(reference)}; expected a dictionary from columns to levels, such as {{'sex': 'female'}}")
    return {place: level for one, level in reference.items() for place in _places('reference', [one], table, places, names)}


def _kept(source, request, rows, exact):
    # The source of the rows that are kept, with their weights and offset, and how many are dropped.
    table = source.table
    if rows is not None and not len(rows):
        most = most_missing(table, request.columns(source))
        raise ValueError(f'{table.name}: there are no rows without missing values{most}; expected at least two')
    weights, offset = (_of_rows(getattr(request, name), name, table, rows, exact) for name in ('weights', 'offset'))
    if rows is None:
        return source, weights, offset, 0
    return source.take(rows), weights, offset, len(table) - len(rows)


def _table_for(table, **given):
    # a sparse table, written out for arguments that need it where it is a frame that fits
    for name, value in given.items():
        if value is not None and isinstance(table, SparseFrame) and table.fits_dense():
            return table.written_out()
        if value is not None:
            expected = '; expected a dense frame' if table.titles else ' that have no names; expected a dense table, or a frame,'
            raise ValueError(f'{name} = {shown(value)}, but {table.name} stays sparse, with {len(table)} rows x {table.width} columns'
                             f'{expected} for that')
    return table


def _sparse_dataset(source, request, positive, weights, offset, intercept, dtype, exact, rows, dropped):
    titles, places, names, coding = source.table.titles, request.places, request.names, None
    column = source.label_column if request.label is None else source.table.column(request.label)
    # neither a frame nor the labels are kept beside the variables
    table = source.table.selected(places)
    if names is None:
        of_all = numbered_names(len(places)) if titles is None else names_of_titles(titles)
        names = of_all if titles is None else tuple(of_all[place] for place in places)
    if titles is not None:
        coding = Coding(tuple(map(Numbers, [title or name for title, name in zip(table.titles, names)], names)), True)
    points = table.matrix
    check_finite(points, table)
    if points.dtype != dtype:
        with numpy.errstate(over='ignore'):
            points = points.astype(dtype)
        check_finite(points, table)
    numbers = ExactNumbers(points, (table.kind,) * len(names)).taken_as(exact)
    source = dataclasses.replace(source, table=table, label_column=column)
    made = (_of_groups(source, points, numbers, offset, positive, exact) if source.is_grouped else
            _of_labels(source, dataclasses.replace(request, label=None), points, numbers, weights, offset, positive))
    kept = made.pop('group', slice(None))
    return Dataset(variables=names, row_numbers=None if rows is None else rows[kept], dropped=dropped, intercept=intercept, coding=coding,
                   **made)


def _dataset(source, request, formula, features, positive, weights, offset, intercept, dtype, exact, rows, dropped):
    table, places = source.table, request.places
    coding = coding_of(table, places, request.categorical, request.reference, names=request.names)
    if formula is not None:
        full = formula.needs_full(coding)
        coding = coding_of(table, places, request.categorical, request.reference,
                           [place for place in places if str(table.columns[place].title) in full])
        features = formula.features(coding)
    points = coded_points(coding, table, places)
    points, numbers = finite_points(points, exact_points(coding, table, places, points), table, coding, places, str(dtype))
    numbers = numbers.taken_as(exact)
    if source.is_grouped:
        made = _of_groups(source, points, numbers, offset, positive, exact)
    else:
        made = _of_labels(source, request, points, numbers, weights, offset, positive)
    kept = made.pop('group', slice(None))
    return Dataset(variables=coding.variables, features=checked_features(features, coding.variables), coding=coding,
                   formula=None if formula is None else formula.text, row_numbers=None if rows is None else rows[kept],
                   dropped=dropped, intercept=intercept, **made)


def _of_labels(source, request, points, numbers, weights, offset, positive):
    table = source.table
    column = source.label_column if request.label is None else table.column(request.label)
    labels, label_names = classes(table, column, positive, request.chosen)
    if request.label is not None and labels is column.numbers:
        # of a frame, where points are copied too
        labels = labels.copy()
    title = 'y' if column.title is None else str(column.title).strip() or 'y'
    text = lambda label: f'{title} = {label_names[label]!r}'  # noqa: E731
    return dict(points=points, labels=labels, label_name=title, label_names=label_names, exact=numbers, place=table.place,
                weights=None if weights is None else row_weights(weights, labels, text),
                offset=None if offset is None else row_offset(offset, len(labels), len(label_names)))


def _of_groups(source, points, numbers, offset, positive, exact):
    if source.counts is None:
        names = (0, 1)
        groups = Groups(points, *(numbers_taken_as(counts, exact) for counts in (source.successes, source.trials)))
        groups.check_all()
    else:
        counts, names = classes_of_counts(source.counts, positive)
        groups = Groups.of_classes([numbers_taken_as(column, exact) for column in counts])
        groups.check_all(names)
    offset = None if offset is None else row_offset(offset, len(groups.trials), len(names))[groups.group]
    taken = numbers.take(groups.group)
    return dict(points=taken.points, labels=groups.labels, label_names=names, exact=taken, weights=groups.weights, offset=offset,
                successes=groups.successes, trials=groups.trials, group=groups.group,
                place=lambda row: source.table.place(groups.group[row]))


def _of_rows(given, name, table, rows, exact):
    # The weights or the offset of the rows that are kept, as they were given.
    if given is None:
        return None
    if isinstance(given, _Places):
        columns = [_of_column(place, name, table, rows) for place in given.places]
        values = columns[0] if len(columns) == 1 else list(zip(*columns))
    else:
        values = aligned(given, table, f'the {name}')
        if rows is not None:
            # what is wrong is named by its place among all rows
            if name == 'offset' and is_table_of_numbers(values):
                floats = real_matrix(name, values, len(table), len(values[0]))
            else:
                floats = real_vector(name, values, len(table))
            if name == 'weights':
                check_not_negative(name, floats)
            values = values[rows] if isinstance(values, numpy.ndarray) else [values[row] for row in rows]
    return numbers_taken_as(values, exact)


def _of_column(place, name, table, rows):
    column = table.column(place)
    if column.numbers is None:
        row = int(numpy.argmax(column.codes >= 0))
        raise ValueError(f'{table.place(row, place)}: {shown(column.levels[column.codes[row]])} is not a number; expected numbers, the '
                         f'{name} of the rows')
    column = column if rows is None else column.take(rows)
    wrong = ~numpy.isfinite(column.numbers) | (name == 'weights') & (column.numbers < 0)
    if wrong.any():
        row = int(numpy.argmax(wrong))
        raise ValueError(f'{table.place(row if rows is None else rows[row], place)}: {name} = {column.numbers[row]}; expected a real number'
                         f'{" from 0" * (name == "weights")}')
    beside = [None] * len(column) if column.beside is None else column.beside
    return [value if kept is None else kept for value, kept in zip(column.numbers.tolist(), beside)]


# Numbers

def check_numbers(table, places):
    r"""
    Raise an error that names the first cell in some columns which is no number.
    """
    for place in table.unlike_numbers(places):
        column = table.column(place)
        check_usable(table, place)
        if column.bad is not None:
            raise ValueError(f'{table.place(column.bad, place)}: {shown(column.cells[column.bad])} is not a number; expected a number, '
                             f'as in the rest of column {column.title or place + 1}, or the column in categorical=')


def exact_points(coding, table, places, points):
    r"""
    Return the variables' values exactly, an :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`.
    """
    if table.is_plain:
        return ExactNumbers(points, (table.kind,) * len(places))
    kinds, beside, lost, factors = [], {}, False, coding.factors
    for column, place in zip(coding.columns, places):
        if column in factors:
            kinds += ['exact'] * len(column.variables)
            continue
        given = table.columns[place]
        if given.beside is not None:
            beside[len(kinds)] = given.beside
        if given.beside is not None or given.lost:
            _tell_of_rounded(table, place)
        lost = lost or given.lost
        kinds.append(given.kind)
    return ExactNumbers(points, tuple(kinds), beside, lost)


def _tell_of_rounded(table, place):
    column = table.columns[place]
    for row in numpy.flatnonzero(abs(column.numbers) >= WHOLE).tolist():
        if column.lost:
            # the number itself is not kept
            warn(f'{table.place(row, place)}: {column.numbers[row]:.17g} is beyond 2^53, where floats do not tell all whole numbers apart')
            return
        number = column.beside[row]
        if number is not None and number == int(number):
            warn(f'{table.place(row, place)}: {number} is a whole number beyond 2^53, which training rounds to '
                 f'{column.numbers[row]:.17g}')
            return


def finite_points(points, exact, table, coding, places, dtype):
    r"""
    Return the points in a type, and their exact numbers; an error names the first that is infinite.
    """
    with numpy.errstate(over='ignore', invalid='ignore'):
        converted = points.astype(dtype, copy=False)
        if is_sparse(points):
            # levels are none of its columns' fault
            check_finite(converted, table)
            return converted, exact if converted.dtype == points.dtype else ExactNumbers(converted)
        if converted is not points:
            _tell_of_merged(table.name, points, converted)
            exact = ExactNumbers(converted)
        # a finite sum shows that all entries are finite, without a second table
        if numpy.isfinite(converted.sum(dtype=numpy.float64)):
            return converted, exact
    finite = numpy.isfinite(converted)
    if not finite.all():
        row, j = numpy.argwhere(~finite)[0]
        columns = [place for column, place in zip(coding.columns, places) for _ in column.variables]
        raise ValueError(f'{table.place(row, columns[j])}: {converted[row, j]} is not a finite number')
    return converted, exact


def _tell_of_merged(name, points, converted):
    # Warns if float32 cannot tell numbers of a column apart that are far from zero and near to each other.
    for j in range(points.shape[1]):
        column = points[:, j]
        if abs(column).max(initial=0) >= 2**24 and len(numpy.unique(column)) > len(numpy.unique(converted[:, j])):
            warn(f'{name}, column {j + 1}: float32 cannot tell some of the numbers apart; subtract a number near '
                 'them first, or take float64')


# More of data that are loaded

def _refuse_for_dataset(**given):
    for name, value in given.items():
        if value is not None:
            raise ValueError(f'{name} = {shown(value)}, but the data are loaded already; expected {name} where they are loaded from '
                             'their source')


def _with_more(data, variables, formula, features, weights, offset, intercept, exact):
    # The dataset with other names or features, or with weights and an offset that it does not have yet.
    if formula is not None:
        features, intercept, formula = _features_of_formula(data, variables, formula, features, intercept)
    if all(argument is None for argument in (variables, formula, features, exact)):
        if weights is not None or offset is not None:
            data = copy.copy(data)
        data = data if intercept is None else data.with_intercept(bool(intercept))
        return _with_row_numbers(data, weights, offset, exact)
    names = data.variables if variables is None else variable_names(variables, len(data.variables))
    if names != data.variables and set(names) == set(data.variables):
        raise ValueError(f'variables = {listed(names)} are the names of the data in another order ({listed(data.variables)}): it would '
                         'either rename the columns or reorder them; expected new names')
    if features is not None:
        features = checked_features(features, names)
    elif names == data.variables:
        features, formula = (data.features, data.formula) if formula is None else (None, formula)
    elif data.features is not None:
        raise ValueError(f'the features of the data are in {listed(data.variables)}; expected features in '
                         f'{listed(names)} too')
    of_rows = {**data.of_rows(), 'weights': data.exact_weights, 'offset': data.exact_offset}
    new = Dataset(data.points, data.labels, names, data.label_name, data.label_names, features, **of_rows,
                  exact=data.exact.taken_as(exact), coding=data.coding if variables is None else data.coding.renamed(names),
                  formula=formula, row_numbers=data.row_numbers, dropped=data.dropped,
                  intercept=data.intercept if intercept is None else bool(intercept))
    return _with_row_numbers(new, weights, offset, exact)


def _features_of_formula(data, variables, text, features, intercept):
    # The features that a formula in the columns of loaded data stands for.
    for name, given in (('variables', variables), ('features', features)):
        if given is not None:
            raise ValueError(f'{name} = {shown(given)} and formula = {shown(text)}; expected one of them')
    titles = [column.title for column in data.coding.columns]
    counted = [] if data.trials is None else sorted(map(str, data.label_names))
    formula = parse_formula(text, [*titles, data.label_name, *counted], data.label_name, left_out=counted,
                            levels=[factor.title for factor in data.coding.factors])
    formula.label = sorted(formula.label) if isinstance(formula.label, list) else formula.label
    formula.intercept = formula.intercept and intercept is not False and (data.intercept or bool(intercept))
    # of counts the classes are on the left
    if formula.label not in (None, data.label_name) and formula.label != counted:
        raise ValueError(f'formula = {shown(text)}: the label of the data is {data.label_name!r}; expected it on the left')
    lacking = [title for title in formula.categorical if not data.coding.is_factor(title)]
    lacking += [title for title, level in formula.reference.items()
                if data.coding.is_factor(title) and data.coding[title].reference != level]
    lacking += [title for title in formula.needs_full(data.coding) if not data.coding[title].is_full]
    if lacking:
        raise ValueError(f'formula = {shown(text)} needs other indicators of {listed(lacking)} than the data have; expected it where the '
                         'data are loaded from their source, as load_data(source, formula=...)')
    features = formula.features(data.coding)
    if features is None and formula.columns != titles:
        features = [name for title in formula.columns for name in data.coding[title].variables]
    return features, formula.intercept, formula.text


def _with_row_numbers(data, weights, offset, exact):
    # new data with the weights and the offset that a user gives, checked
    for name, given in (('weights', weights), ('offset', offset)):
        if given is not None and getattr(data, name) is not None:
            raise ValueError(f'the data have {name} already; expected them once')
    if weights is not None:
        data.weights = row_weights(numbers_taken_as(weights, exact), data.labels, data.label_text)
    if offset is not None:
        data.offset = row_offset(numbers_taken_as(offset, exact), len(data), data.classes)
    return data


def checked_features(features, names):
    r"""
    Return features as a :class:`~sage_logreg.dataset.features.Features`, ``None`` if there are none.
    """
    if features is None:
        return None
    from sage_logreg.dataset.features import Features
    if isinstance(features, Features):
        return features if features.variables == names else Features(features.expressions, names)
    return Features(features, names)
