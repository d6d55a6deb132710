r"""
Labels: a column of few values, the classes, and their order

EXAMPLES::

    sage: from sage_logreg.dataset.labels import classes
    sage: from sage_logreg.dataset.table import Column, Table
    sage: import numpy
    sage: column = Column.of_levels('survived', numpy.array([1, 0, 1]), ['no', 'yes'])
    sage: classes(Table('the frame', [column]), column)
    (array([1., 0., 1.]), ('no', 'yes'))
"""
import re

import numpy

from sage_logreg.dataset.categorical import nearest, whole_values
from sage_logreg.dataset.names import by_truth, name_of_label
from sage_logreg.support.arguments import as_float, listed, shown

# words of which the first says no, whatever their order in the alphabet
NO_YES = (('no', 'yes'), ('false', 'true'), ('0', '1'))
# more different labels are no classes that a model could tell apart
MOST_CLASSES = 10000


def classes(table, column, positive=None, chosen=False):
    r"""
    Return the labels in a column as numbers from 0 on, and their original values, the one for 0 first.

    INPUT:

    - ``table`` -- the :class:`~sage_logreg.dataset.table.Table` that says where a label stands
    - ``column`` -- a :class:`~sage_logreg.dataset.table.Column` without missing cells
    - ``positive`` -- (default: by their order) the value that comes last, of two the one that counts as 1
    - ``chosen`` -- (default: ``False``) whether the user has said that these are the labels; if not, three and more values
      that do not look like classes are refused

    EXAMPLES::

        sage: from sage_logreg.dataset.labels import classes
        sage: from sage_logreg.dataset.table import Column, Table
        sage: import numpy
        sage: column = Column.of_levels('species', numpy.array([1, 0, 2, 1]), ['Adelie', 'Gentoo', 'Chinstrap'])
        sage: classes(Table('the frame', [column]), column, positive='Gentoo')
        (array([2., 0., 1., 2.]), ('Adelie', 'Chinstrap', 'Gentoo'))

    TESTS::

        sage: column = Column('share', numpy.array([0.17, 0.83]))
        sage: classes(Table('the frame', [column]), column)
        Traceback (most recent call last):
        ...
        ValueError: the frame, row 1: the label 0.17 is a fraction; expected classes, or for shares of trials a triple (points, successes, trials)
        sage: column = Column('y', numpy.array([1.0, 2.0]))
        sage: classes(Table('the frame', [column]), column, positive='yes')
        Traceback (most recent call last):
        ...
        ValueError: positive = 'yes' is no label of the frame; expected 1 or 2
        sage: column = Column('age', numpy.array([34.0, 61.0, 19.0, 34.0]))
        sage: classes(Table('the frame', [column]), column)
        Traceback (most recent call last):
        ...
        ValueError: the frame, row 3: the label 19 is a third one after 34 and 61, and they are not numbered one after the other; if these are classes say so, as label='age', or the name of another column as label=
    """
    codes, values = coded_labels(table, column)
    _check_classes(table, column, codes, values, positive is not None, chosen)
    last = _last(values, column.ordered) if positive is None else _position(positive, values, table)
    order = [*(code for code in range(len(values)) if code != last), last]
    names = tuple(values[code] for code in order)
    if column.numbers is not None and names == tuple(range(len(names))):
        # an array of a user's stays itself
        return numpy.ascontiguousarray(column.numbers, dtype=numpy.float64), names
    return numpy.argsort(order).astype(numpy.float64)[codes], names


def classes_of_counts(table, positive=None):
    r"""
    Return the counts in a table, a list for each class, and the names of the classes, in the order of the labels' numbers.

    INPUT:

    - ``table`` -- a :class:`~sage_logreg.dataset.table.Table` with a column for each class, without missing cells
    - ``positive`` -- (default: by their order) as for :func:`classes`; of two classes without a yes and a no it is the first, as
      where counts are successes and failures

    EXAMPLES::

        sage: from sage_logreg.dataset.columns import read_columns
        sage: from sage_logreg.dataset.labels import classes_of_counts
        sage: classes_of_counts(read_columns([[5, 0, 1], [2, 1/3, 2]]))
        ([[5, 2], [0, 1/3], [1, 2]], (0, 1, 2))
        sage: classes_of_counts(read_columns({'cured': [3, 4], 'ill': [1, 0]}))
        ([[1, 0], [3, 4]], ('ill', 'cured'))

    TESTS::

        sage: classes_of_counts(read_columns({'a': [3, 4], 'b': [1, -1], 'c': [1, 1]}))
        Traceback (most recent call last):
        ...
        ValueError: the columns, row 2: the count of 'b' is -1; expected a number from 0
        sage: classes_of_counts(read_columns({'a': [3, 4], 'b': [1, 1], 'c': ['x', 'y']}))
        Traceback (most recent call last):
        ...
        ValueError: the columns, row 1: the count of 'c' is 'x'; expected a number from 0
    """
    names = list(range(table.width)) if table.titles is None else [str(title).strip() for title in table.titles]
    if all(re.fullmatch('0|-?[1-9][0-9]*', str(name)) for name in names):
        names = list(map(int, names))
    counts = [_counts(table, place, name) for place, name in enumerate(names)]
    if len(names) == 2:
        counts, names = counts[::-1], names[::-1]
    last = _last(names, False) if positive is None else _position(positive, names, table)
    order = [*(place for place in range(len(names)) if place != last), last]
    return [counts[place] for place in order], tuple(names[place] for place in order)


def counts_like(table, names):
    r"""
    Return the counts in a table, a list for each class of these names, by their titles where it has some.

    EXAMPLES::

        sage: from sage_logreg.dataset.columns import read_columns
        sage: from sage_logreg.dataset.labels import counts_like
        sage: counts_like(read_columns({'a': [3, 4], 'c': [1, 0], 'b': [7, 8]}), ('a', 'b', 'c'))
        [[3, 4], [7, 8], [1, 0]]
        sage: counts_like(read_columns({'a': [3, 4], 'd': [1, 0], 'b': [7, 8]}), ('a', 'b', 'c'))
        Traceback (most recent call last):
        ...
        ValueError: the columns has counts of 'a' or 'd' or 'b'; the model expects 'a' or 'b' or 'c'
    """
    given = list(names) if table.titles is None else [str(title).strip() for title in table.titles]
    places = [_place_in(name, names) for name in given]
    if sorted(place for place in places if place is not None) != list(range(len(names))) or table.width != len(names):
        what = f'{table.width} counts a row' if table.titles is None else f'counts of {any_of(given)}'
        raise ValueError(f'{table.name} has {what}; the model expects {any_of(names)}')
    counts = [_counts(table, place, name) for place, name in enumerate(given)]
    return [counts[places.index(place)] for place in range(len(names))]


def _counts(table, place, name):
    # The counts of one class as they were given.
    column = table.column(place)
    wrong = [0] if column.numbers is None else numpy.flatnonzero(~(numpy.isfinite(column.numbers) & (column.numbers >= 0)))
    for row in wrong:
        cell = (column.levels[column.codes[row]] if column.numbers is None else column.cells[row] if column.bad is not None else
                name_of_label(column.numbers[row]))
        raise ValueError(f'{table.place(row)}: the count of {shown(name)} is {shown(cell)}; expected a number from 0')
    beside = [None] * len(column) if column.beside is None else column.beside
    return [value if kept is None else kept for value, kept in zip(map(name_of_label, column.numbers.tolist()), beside)]


def labels_like(table, column, names):
    r"""
    Return the labels in a column as numbers from 0 on, where the values are known; here all may be the same.

    EXAMPLES::

        sage: from sage_logreg.dataset.labels import labels_like
        sage: from sage_logreg.dataset.table import Column, Table
        sage: import numpy
        sage: column = Column.of_levels('survived', numpy.array([0, 0]), ['yes'])
        sage: labels_like(Table('the frame', [column]), column, ('no', 'yes'))
        array([1., 1.])
    """
    codes, values = coded_labels(table, column)
    places = [_place_in(value, names) for value in values]
    for row in numpy.flatnonzero(numpy.isin(codes, [code for code, place in enumerate(places) if place is None])).tolist():
        raise ValueError(f'{table.place(row)}: the label is {shown(values[codes[row]])}; '
                         f'the model expects {any_of(names)}')
    return numpy.array([place or 0 for place in places], dtype=numpy.float64)[codes]


def any_of(names):
    r"""
    Return labels for an error message that expects one of them.

    EXAMPLES::

        sage: from sage_logreg.dataset.labels import any_of
        sage: any_of(['no', 'yes']), any_of(range(100r))
        ("'no' or 'yes'", 'one of 0, 1, 2, 3, 4, ..., 99 (100 labels)')
    """
    if len(names) <= 12:
        return ' or '.join(map(shown, names))
    return f'one of {listed(list(map(shown, names)), "labels")}'


def place_of_label(value, data):
    r"""
    Return the number of a label of a :class:`~sage_logreg.dataset.dataset.Dataset`, from 0 on.

    TESTS::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.dataset.labels import place_of_label
        sage: place_of_label(1, ex2data1())
        1
        sage: place_of_label('yes', ex2data1())
        Traceback (most recent call last):
        ...
        ValueError: 'yes' is no label of the data; expected 0 or 1
        sage: from sage_logreg import penguins
        sage: place_of_label('Gento', penguins(label='species'))
        Traceback (most recent call last):
        ...
        ValueError: 'Gento' is no label of the data (is it 'Gentoo'?); expected 'Adelie' or 'Chinstrap' or 'Gentoo'
    """
    place = _place_in(value, data.label_names)
    if place is None:
        near = nearest(value, data.label_names)
        raise ValueError(f'{shown(value)} is no label of the data{near}; expected {any_of(data.label_names)}')
    return place


def place_if_label(value, data):
    r"""
    Return the number of a label of the data, from 0 on; ``None`` for text and numbers that are none, and for anything else.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.dataset.labels import place_if_label
        sage: [place_if_label(value, ex2data1()) for value in (1, 0, 2, 'yes', SR.var('x1'))]
        [1, 0, None, None, None]
    """
    return _place_in(value, data.label_names) if isinstance(value, str) or as_float(value) is not None else None


def coded_labels(table, column):
    r"""
    Return which of its different values each cell of a column has, and these values: text, numbers or booleans.
    """
    if getattr(column, 'refused', None) is not None:
        raise ValueError(f'{table.name}, the labels: {column.refused}' if column.refused_row is None else
                         f'{table.place(column.refused_row)}: the label {column.refused}; expected numbers or text')
    if column.bad is not None:
        raise ValueError(f'{table.place(column.bad)}: the label {shown(column.cells[column.bad])} is text, others are numbers; '
                         'expected values of one kind')
    if column.numbers is None:
        used, codes = numpy.unique(column.codes, return_inverse=True)
        return codes, [column.levels[code] for code in used]
    numbers = column.numbers
    if not numpy.isfinite(numbers).all():
        row = int(numpy.argmin(numpy.isfinite(numbers)))
        raise ValueError(f'{table.place(row)}: the label is {numbers[row]}; expected a finite number')
    if column.beside is None and len(numbers):
        # faster than to sort them, and what most labels are
        ones = numbers == 1
        if numpy.count_nonzero(ones) + numpy.count_nonzero(numbers == 0) == len(numbers) and 0 < numpy.count_nonzero(ones) < len(numbers):
            return ones.astype(numpy.int8), [0, 1]
    values, codes = numpy.unique(whole_values(column), return_inverse=True)
    return codes, [name_of_label(value) for value in values.tolist()]


def _check_classes(table, column, codes, values, is_positive_given, chosen):
    if len(values) > MOST_CLASSES:
        raise ValueError(f'{table.name}: there are {len(values)} different labels; expected classes, at most {MOST_CLASSES} of them'
                         f'{_other(table)}')
    if len(values) == 2 and (is_positive_given or not _are_shares(values)):
        return
    if len(values) == 1:
        left = '' if table.rows is None else ' of the rows without missing values'
        raise ValueError(f'{table.name}: every label{left} is {shown(values[0])}; expected at least two different labels')
    fractions = [not isinstance(value, (str, bool)) and value != int(value) for value in values]
    if any(fractions):
        row = int(numpy.argmax(numpy.isin(codes, numpy.flatnonzero(fractions))))
        shares = ', or for shares of trials a triple (points, successes, trials)' * _are_shares(values)
        raise ValueError(f'{table.place(row)}: the label {shown(values[codes[row]])} is a fraction; expected classes{shares}')
    if len(values) == len(codes):
        raise ValueError(f'{table.name}: every row has a label of its own, such as {shown(values[codes[0]])}; '
                         f'expected classes{_other(table)}')
    if chosen or is_positive_given:
        return
    if isinstance(values[0], str):
        doubt = f'there are {len(values)} different ones in {len(codes)} rows' if 2 * len(values) > len(codes) else ''
    else:
        doubt = '' if max(values) - min(values) == len(values) - 1 else 'they are not numbered one after the other'
    if doubt:
        rows = numpy.sort(numpy.unique(codes, return_index=True)[1])[:3]
        first, second, third = (shown(values[codes[row]]) for row in rows)
        raise ValueError(f'{table.place(rows[2])}: the label {third} is a third one after {first} and {second}, and {doubt}; '
                         f'if these are classes say so, as label={-1 if column.title is None else str(column.title)!r}{_other(table)}')


def _other(table):
    return ', or the name of another column as label=' if table.titles else ''


def _are_shares(values):
    numbers = [value for value in values if not isinstance(value, (str, bool))]
    return len(numbers) == len(values) and all(0 <= value <= 1 for value in values) and any(0 < value < 1 for value in values)


def _last(values, ordered):
    # The position of the value that comes last.
    texts = tuple(str(value).strip().lower() for value in values)
    return 0 if not ordered and texts[::-1] in NO_YES else len(values) - 1


def _position(positive, values, table):
    place = _place_in(positive, values)
    if place is None:
        raise ValueError(f'positive = {shown(positive)} is no label of {table.name}; expected {any_of(values)}')
    return place


def _place_in(value, values):
    # Where a value is among others; a number may be Sage's, or text where the others are text.
    number = None if isinstance(value, (str, bool, numpy.bool_)) else as_float(value)
    for place, other in enumerate(values):
        if isinstance(other, str) or isinstance(value, str):
            if str(value) == str(other):
                return place
        elif (value if number is None else number) == other and as_float(value) is not None:
            return place
    return by_truth(value, values)
