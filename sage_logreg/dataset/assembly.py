r"""
Assembly: from a source, as it was read, to a checked Dataset

1. :func:`plan_of` finds what was asked for in the columns of a source: label, variables, formula, weights, offset.
2. :func:`assembled` makes the Dataset. Of a chunk it is made like a specimen, which has all levels and labels.

EXAMPLES::

    sage: from sage_logreg.dataset.assembly import Asked, assembled, plan_of
    sage: from sage_logreg.dataset.source import read_source
    sage: source = read_source([[1, 2, 0], [3, 4, 1]])
    sage: assembled(source, plan_of(source, Asked()))
    2 points in x1, x2: 1 with y = 1, 1 with y = 0
"""
import collections
import dataclasses

import numpy

from sage_logreg.dataset.categorical import Coding, Numbers, coded_points, coding_of
from sage_logreg.dataset.cells import check_usable
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.exact_numbers import WHOLE, ExactNumbers, numbers_taken_as
from sage_logreg.dataset.formula import parse_formula
from sage_logreg.dataset.grouped import Groups, is_table_of_numbers, row_offset, row_weights
from sage_logreg.dataset.in_chunks.kept import Kept
from sage_logreg.dataset.labels import classes, classes_of_counts, counts_like, labels_like
from sage_logreg.dataset.names import names_of_titles, numbered_names, variable_names
from sage_logreg.dataset.roles import (asked_places, check_there, check_titles, complete_rows, most_missing, names_rows, place_of,
                                       variable_places)
from sage_logreg.dataset.source import aligned
from sage_logreg.dataset.sparse import SparseTable, check_finite, dense_points, is_sparse
from sage_logreg.dataset.sparse_frame import SparseFrame
from sage_logreg.dataset.table import Table
from sage_logreg.support.arguments import check_not_negative, entries, real_matrix, real_vector, shown
from sage_logreg.support.warned import warn

# cells of columns that no model uses, which are kept with the data
MOST_BESIDE = 5 * 10**6


@dataclasses.dataclass(frozen=True)
class Asked:
    r"""
    The arguments of :func:`~sage_logreg.dataset.load.load_data` that say what a source is read as.
    """

    label: object = None
    variables: object = None
    formula: str = None
    features: object = None
    categorical: object = ()
    reference: dict = None
    positive: object = None
    missing: str = 'error'
    weights: object = None
    offset: object = None
    intercept: object = None
    dtype: str = 'float64'
    exact: str = None


@dataclasses.dataclass(frozen=True)
class Plan:
    r"""
    What was asked for, found in the columns of a source.

    - ``asked`` -- an :class:`Asked`
    - ``request`` -- the places of the columns
    - ``formula`` -- the parsed formula, or ``None``
    - ``like`` -- (default: none) a specimen, the Dataset that decides levels, labels and features of a part of the rows
    - ``counted`` -- (default: ``False``) whether rows whose weight is zero are left out of such parts
    - ``kept`` -- the parts whose rows are kept, a :class:`~sage_logreg.dataset.in_chunks.kept.Kept`
    """

    asked: Asked
    request: object
    formula: object = None
    like: Dataset = None
    counted: bool = False
    # what is replaced in a plan makes another one, which keeps its own
    kept: Kept = dataclasses.field(default_factory=Kept, init=False, compare=False, repr=False)

    @property
    def intercept(self):
        r"""
        Whether models of the data have a bias.
        """
        return self.asked.intercept is not False if self.formula is None else self.formula.intercept

    def of_parts(self, specimen):
        r"""
        Return the plan by which parts of the rows are read like a specimen.
        """
        return dataclasses.replace(self, formula=None, like=specimen)


def plan_of(source, asked):
    r"""
    Return the :class:`Plan` of a source, whose table is prepared for it.
    """
    _check_size(source)
    if isinstance(source.table, SparseTable):
        source.table = _table_for(source.table, formula=asked.formula, features=asked.features, categorical=asked.categorical or None,
                                  reference=asked.reference)
    check_titles(source.table)
    given = asked.label, asked.variables, asked.categorical, asked.reference
    formula, (label, variables, categorical, reference) = None, given
    if asked.formula is not None:
        formula, label, variables, categorical, reference = _parsed(asked.formula, source, asked.label, asked.variables, asked.features,
                                                                     asked.categorical, asked.reference, asked.weights, asked.offset)
        formula.intercept = formula.intercept and asked.intercept is not False
    return Plan(asked, _request(source, label, variables, categorical, reference, asked.weights, asked.offset), formula)


def assembled(source, plan):
    r"""
    Return the checked :class:`~sage_logreg.dataset.dataset.Dataset` of a source, by a :class:`Plan` of it, or of all of which it is a part.
    """
    request, missing, exact = plan.request, plan.asked.missing, plan.asked.exact
    if request.counts:
        source.counts = Table(source.table.name, list(map(source.table.column, request.counts)), source.table.lines)
    if isinstance(source.table, SparseTable):
        source.table = source.table.without_text(request.places)
    for place in sorted(request.categorical):
        check_usable(source.table, place)
    check_numbers(source.table, request.numbers())
    if plan.like is None:
        check_there(source.table, request.columns(source), request.label)
    else:
        _check_kinds(source.table, request.places, plan.like.coding)
    rows = complete_rows(source.table, request.columns(source), missing, request.label)
    beside = _beside(source, request) if plan.like is None else {}
    # what is dropped is nowhere else, and gives its memory back here
    source, *of_rows, dropped = _kept(source, plan, rows, exact)
    if isinstance(source.table, SparseTable):
        return _sparse_dataset(source, plan, *of_rows, rows, dropped)
    data = _dataset(source, plan, *of_rows, rows, dropped)
    data.beside = beside
    return data.counted() if plan.counted else data


def _beside(source, request):
    # By their titles the columns that no model uses, but whose values tell which rows belong together; unless they are large.
    table = source.table
    if isinstance(table, SparseTable) or table.is_plain or table.titles is None:
        return {}
    used = {request.label, *request.places, *request.of_rows(), *request.counts}
    columns = {str(column.title): column for place, column in enumerate(table.columns)
               if place not in used and column.title is not None and not column.is_unread}
    return columns if len(columns) * len(table) <= MOST_BESIDE else {}


def _check_kinds(table, places, coding):
    # text in a part of a column whose other parts are numbers
    for place, column in zip(places, coding.columns):
        given = table.column(place)
        if given.numbers is None and column not in coding.factors:
            row = int(numpy.argmax(given.codes >= 0))
            raise ValueError(f'{table.place(row, place)}: {shown(given.levels[given.codes[row]])} is not a number; expected a number, as in '
                             f'the rest of column {column.title}, or the column in categorical=')


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
    titles = titles_among(given)
    if titles and table.titles is None:
        raise ValueError(f'{name} = {shown(given)}, but the columns of {table.name} have no names; expected {len(table)} '
                         'numbers, one a row')
    if name == 'weights' and len(titles) > 1:
        raise ValueError(f'{name} = {shown(given)}; expected the title of one column')
    return _Places([place_of(name, title, table) for title in titles]) if titles else given


def titles_among(given):
    r"""
    Return the titles of columns among what is given, a list: one, several of them, or none.
    """
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
    left_out = [titles[0]] * names_rows(table) + [*titles_among(weights), *titles_among(offset)]
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


def _kept(source, plan, rows, exact):
    # The source of the rows that are kept, with their weights and offset, and how many are dropped.
    table, request = source.table, plan.request
    if rows is not None and not len(rows) and plan.like is None:
        most = most_missing(table, request.columns(source))
        raise ValueError(f'{table.name}: there are no rows without missing values{most}; expected at least two')
    weights, offset = (_of_rows(getattr(request, name), name, table, rows, exact) if getattr(source, name) is None else
                       _of_chunk(getattr(source, name), name, table, rows, exact) for name in ('weights', 'offset'))
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


def _sparse_dataset(source, plan, weights, offset, rows, dropped):
    request, dtype, exact = plan.request, plan.asked.dtype, plan.asked.exact
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
    made = (_of_groups(source, plan, points, numbers, offset) if source.is_grouped else
            _of_labels(source, dataclasses.replace(plan, request=dataclasses.replace(request, label=None)), points, numbers, weights, offset))
    kept = made.pop('group', slice(None))
    return Dataset(variables=names, row_numbers=None if rows is None else rows[kept], dropped=dropped, intercept=plan.intercept, coding=coding,
                   **made)


def _dataset(source, plan, weights, offset, rows, dropped):
    table, request = source.table, plan.request
    if plan.like is not None:
        coding, features, formula = plan.like.coding, plan.like.features, plan.like.formula
    else:
        coding, features, formula = _coding_and_features(table, plan)
    points = coded_points(coding, table, request.places)
    # whether they stay sparse is not decided chunk by chunk
    points = points if plan.like is None else dense_points(points, 'data in chunks')
    points, numbers = finite_points(points, exact_points(coding, table, request.places, points), table, coding, request.places,
                                    str(plan.asked.dtype))
    numbers = numbers.taken_as(plan.asked.exact)
    made = (_of_groups(source, plan, points, numbers, offset) if source.is_grouped else
            _of_labels(source, plan, points, numbers, weights, offset))
    kept = made.pop('group', slice(None))
    return Dataset(variables=coding.variables, features=checked_features(features, coding.variables), coding=coding, formula=formula,
                   row_numbers=None if rows is None else rows[kept], dropped=dropped,
                   intercept=plan.intercept if plan.like is None else plan.like.intercept, **made)


def _coding_and_features(table, plan):
    request, formula = plan.request, plan.formula
    coding = coding_of(table, request.places, request.categorical, request.reference, names=request.names)
    if formula is None:
        return coding, plan.asked.features, None
    full = formula.needs_full(coding)
    coding = coding_of(table, request.places, request.categorical, request.reference,
                       [place for place in request.places if str(table.columns[place].title) in full])
    return coding, formula.features(coding), formula.text


def _of_labels(source, plan, points, numbers, weights, offset):
    table, request, like = source.table, plan.request, plan.like
    column = source.label_column if request.label is None else table.column(request.label)
    if like is None:
        labels, label_names = classes(table, column, plan.asked.positive, request.chosen)
        title = 'y' if column.title is None else str(column.title).strip() or 'y'
    else:
        labels, label_names, title = labels_like(table, column, like.label_names), like.label_names, like.label_name
    if request.label is not None and labels is column.numbers:
        # of a frame, where points are copied too
        labels = labels.copy()
    text = None if like is not None else lambda label: f'{title} = {label_names[label]!r}'  # noqa: E731
    return dict(points=points, labels=labels, label_name=title, label_names=label_names, exact=numbers, place=table.place,
                weights=None if weights is None else row_weights(weights, labels, text),
                offset=None if offset is None else row_offset(offset, len(labels), len(label_names)))


def _of_groups(source, plan, points, numbers, offset):
    exact, like = plan.asked.exact, plan.like
    if source.counts is None:
        names = (0, 1)
        groups = Groups(points, *(numbers_taken_as(counts, exact) for counts in (source.successes, source.trials)))
        if like is None:
            groups.check_all()
    elif like is not None:
        names = like.label_names
        groups = Groups.of_classes(counts_like(source.counts, names))
    else:
        counts, names = classes_of_counts(source.counts, plan.asked.positive)
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


def _of_chunk(given, name, table, rows, exact):
    # The weights or the offset that stand beside a chunk; of the first wrong one an error names the row.
    with numpy.errstate(invalid='ignore'):
        wrong = ~numpy.isfinite(given) | (name == 'weights') & (given < 0)
    wrong = numpy.flatnonzero(wrong if wrong.ndim == 1 else wrong.any(axis=1))
    wrong = wrong if rows is None else wrong[numpy.isin(wrong, rows)]
    for row in wrong.tolist():
        raise ValueError(f'{table.place(row)}: {name} = {given[row]}; expected a real number{" from 0" * (name == "weights")}')
    return numbers_taken_as(given if rows is None else given[rows], exact)


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
