r"""
Loading: from a file, a matrix or rows to a checked Dataset

:func:`load_data` is the one entrance: everything else in the package works on
the :class:`~sage_logreg.dataset.dataset.Dataset` that it returns, whose numbers are
finite floats and whose labels are 0 and 1, both present.

EXAMPLES::

    sage: from sage_logreg import load_data, ex2data1
    sage: ex2data1()
    100 points in x1, x2: 60 with y = 1, 40 with y = 0
    sage: load_data(matrix(QQ, [[1/2, 0], [3/2, 1]]))
    2 points in x1: 1 with y = 1, 1 with y = 0
"""
import os

import numpy

from sage_logreg.dataset.columns import make_finite, read_points, read_source, two_classes, uniform_labels
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.exact_numbers import checked_exact, numbers_taken_as
from sage_logreg.dataset.grouped import Groups, is_grouped, row_offset, row_weights
from sage_logreg.dataset.names import name_of_label, names_of_header, variable_names
from sage_logreg.dataset.table import Table
from sage_logreg.support.arguments import as_float, entries, listed, shown
from sage_logreg.support.interrupt import interrupts_explained


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


def ex2data2(features=None):
    r"""
    Return 118 microchips: two test results, accepted or not. Their boundary is a closed curve.

    INPUT:

    - ``features`` -- as for :func:`load_data`

    OUTPUT: a :class:`Dataset` with the variables ``x1`` and ``x2``

    EXAMPLES::

        sage: from sage_logreg import ex2data2, polynomial_features
        sage: ex2data2()
        118 points in x1, x2: 58 with y = 1, 60 with y = 0
        sage: x1, x2 = var('x1, x2')
        sage: ex2data2(features=polynomial_features(x1, x2, degree=6))
        118 points in x1, x2 (27 features): 58 with y = 1, 60 with y = 0

    REFERENCES:

    The second programming exercise (logistic regression) of Andrew Ng's course
    *Machine Learning*, Stanford University and Coursera, 2011.
    """
    return load_data(_data_file('ex2data2.txt'), features=features)


def _data_file(name):
    # Installed, the tables lie inside the package; in a checkout (and so in an
    # editable install) they lie beside it.
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = os.path.join(package, 'data', name)
    return inside if os.path.exists(inside) else os.path.join(os.path.dirname(package), 'data', name)


@interrupts_explained('load_data: interrupted before the data were read')
def load_data(source, variables=None, features=None, dtype='float64', weights=None, offset=None, exact=None,
              intercept=None):
    r"""
    Return the checked :class:`Dataset` from a file, a matrix, rows, a pair or a triple.

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
      * grouped data: a triple ``(points, successes, trials)`` of k points and k numbers of each,
      * a :class:`Dataset`

    - ``variables`` -- (default: the header, else ``x1``, ``x2``, ...) the names
      of the feature columns: a list of strings or of symbolic variables, or one
      string such as ``'x1, x2'``

    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables; a model of the data is linear in them. No feature may be
      constant, which the bias is

    - ``dtype`` -- (default: ``'float64'``) ``'float32'`` keeps the points in
      half the memory; weights and costs are float64 all the same

    - ``weights`` -- (default: ones) m numbers at least 0: how often each row counts; not with grouped data

    - ``offset`` -- (default: zeros) m numbers that are added to the log-odds; k for grouped data

    - ``exact`` -- (default: ``'decimal'`` for text tables, ``'binary'`` for others) what floats stand for where
      something is decided or proved: ``'decimal'``, the shortest decimal that has this float, and in a text table the
      decimal as it is written; or ``'binary'``, the number that the float is. Exact numbers (integers, rationals,
      Python's ``Fraction`` and ``Decimal``, algebraic numbers, constants such as `\pi`) stay exact, unless ``'binary'``
      is given. Training takes floats in either case

    - ``intercept`` -- (default: ``True``, and for a :class:`Dataset` as it is) whether models of the data have a bias;
      without it the log-odds are `w_1 x_1 + ... + w_n x_n`, and a model has n weights

    OUTPUT: a :class:`Dataset`. Labels 0 and 1 stay; any other two values become
    0 and 1 in sorted order and are remembered in ``label_names``. With grouped data
    the groups that have successes come first, with the label 1, followed by those
    that have failures

    Rows, columns and lines in error messages are counted from 1.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: load_data([[1, 2, 0], [sqrt(2), 1/3, 1]])
        2 points in x1, x2: 1 with y = 1, 1 with y = 0
        sage: load_data((matrix(RDF, [[1, 2], [3, 4]]), vector(ZZ, [-1, 1])))
        2 points in x1, x2: 1 with y = 1, 1 with y = -1

    Grouped data, three doses with 0, 4 and 9 successes in ten trials each::

        sage: data = load_data(([[1], [2], [3]], [0, 4, 9], [10, 10, 10]))
        sage: data
        5 points in x1: 2 with y = 1, 3 with y = 0
        sage: data.weights, data.trials
        (array([ 4.,  9., 10.,  6.,  1.]), array([10., 10., 10.]))

    Large data in half the memory::

        sage: load_data([[1, 2, 0], [3, 4, 1]], dtype='float32').points.dtype
        dtype('float32')

    Numbers that no float is stay exact, for what is decided or proved; floats can be taken as decimals::

        sage: load_data([[1/3, 0], [0.1, 1]]).exact.rows([0, 1]).tolist()
        [[Fraction(1, 3)], [Fraction(3602879701896397, 36028797018963968)]]
        sage: load_data([[1/3, 0], [0.1, 1]], exact='decimal').exact.rows([1]).tolist()
        [[Fraction(1, 10)]]

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
        ValueError: weights and grouped data (points, successes, trials) are the same thing; expected one of them
    """
    exact = checked_exact(exact)
    if intercept is not None and not isinstance(intercept, (bool, numpy.bool_)):
        raise TypeError(f'intercept = {shown(intercept)}; expected True or False')
    if isinstance(source, Dataset):
        data = _with_more(source, variables, features, weights, offset, exact)
        return data if intercept is None else data.with_intercept(bool(intercept))
    intercept = intercept is None or bool(intercept)
    if str(dtype) not in ('float64', 'float32'):
        raise ValueError(f"dtype = {shown(dtype)}; expected 'float64' or 'float32'")
    if is_grouped(source):
        if weights is not None:
            raise ValueError('weights and grouped data (points, successes, trials) are the same thing; expected one of them')
        groups = Groups(source[0], *(numbers_taken_as(counts, exact) for counts in source[1:]))
        groups.check_both()
        return _rows_of_groups(groups, source[0], variables, features, dtype, offset, exact).with_intercept(intercept)
    table = read_source(source)
    make_finite(table, str(dtype))
    labels, label_names = two_classes(table)
    count = table.points.shape[1]
    names = names_of_header(table.header, count) if variables is None else variable_names(variables, count)
    label_name = 'y' if table.header is None else str(table.header[-1]).strip() or 'y'
    data = Dataset(table.points, labels, names, label_name, label_names, _features(features, names), place=table.place,
                   exact=table.exact.taken_as(exact))
    return _with_row_numbers(data, weights, offset, exact).with_intercept(intercept)


def _rows_of_groups(groups, points, variables=None, features=None, dtype='float64', offset=None, exact=None):
    table = read_points(points, str(dtype))
    count = table.points.shape[1]
    names = names_of_header(table.header, count) if variables is None else variable_names(variables, count)
    offset = None if offset is None else row_offset(numbers_taken_as(offset, exact), len(groups.trials))[groups.group]
    taken = table.exact.taken_as(exact).take(groups.group)
    return Dataset(taken.points, groups.labels, names, features=_features(features, names), exact=taken,
                   weights=groups.weights, offset=offset, successes=groups.successes, trials=groups.trials,
                   place=lambda row: table.place(groups.group[row]))


def _with_more(data, variables, features, weights, offset, exact):
    # The dataset with other names or features, or with weights and an offset that it does not have yet.
    if all(argument is None for argument in (variables, features, weights, offset, exact)):
        return data
    names = data.variables if variables is None else variable_names(variables, len(data.variables))
    if features is not None:
        features = _features(features, names)
    elif names == data.variables:
        features = data.features
    elif data.features is not None:
        raise ValueError(f'the features of the data are in {listed(data.variables)}; expected features in '
                         f'{listed(names)} too')
    of_rows = {**data.of_rows(), 'weights': data.exact_weights, 'offset': data.exact_offset}
    new = Dataset(data.points, data.labels, names, data.label_name, data.label_names, features, **of_rows,
                  exact=data.exact.taken_as(exact), intercept=data.intercept)
    return _with_row_numbers(new, weights, offset, exact)


def _with_row_numbers(data, weights, offset, exact):
    # new data with the weights and the offset that a user gives, checked
    for name, given in (('weights', weights), ('offset', offset)):
        if given is not None and getattr(data, name) is not None:
            raise ValueError(f'the data have {name} already; expected them once')
    if weights is not None:
        data.weights = row_weights(numbers_taken_as(weights, exact), data.labels, data.label_text)
    if offset is not None:
        data.offset = row_offset(numbers_taken_as(offset, exact), len(data))
    return data


def _features(features, names):
    if features is None:
        return None
    from sage_logreg.dataset.features import Features
    if isinstance(features, Features):
        return features if features.variables == names else Features(features.expressions, names)
    return Features(features, names)


# Points without labels, and labels of other data

def load_points(source, variables):
    r"""
    Return points to predict at, and whether a single one was given.

    INPUT:

    - ``source`` -- one point (n numbers), or a list, matrix, array or frame of
      points without labels, or a :class:`Dataset`
    - ``variables`` -- the n names

    OUTPUT: a float64 array, k x n, and a boolean

    EXAMPLES::

        sage: from sage_logreg.dataset.load import load_points
        sage: load_points([1/2, 3], ('x1', 'x2'))
        (array([[0.5, 3. ]]), True)
        sage: load_points(matrix([[1, 2], [3, 4]]), ('x1', 'x2'))[0]
        array([[1., 2.],
               [3., 4.]])

    With one variable a number is a point, and a list of numbers is many points::

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
    count, names = len(variables), listed(variables)
    if isinstance(source, Dataset):
        points, single, given = source.points, False, source.variables
    else:
        source, single = _rows_of_points(source, count)
        table = read_points(source)
        if table is None:
            raise TypeError(f'{shown(source)} is not a point; expected {count} numbers ({names}), or a table of them')
        points, given = table.points, names_of_header(table.header, table.points.shape[1])
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
    Return data read like other data: with their labels and their order of variables.

    INPUT:

    - ``source`` -- anything that :func:`load_data` takes; here all labels may be the same
    - ``reference`` -- the :class:`Dataset` that a model was trained on

    OUTPUT: a :class:`Dataset`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.load import load_data_like
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
    if is_grouped(source):
        data = _rows_of_groups(Groups(*source), source[0])
        # successes are what the reference calls 1
        data.label_names = reference.label_names
        source = data
    if isinstance(source, Dataset):
        if (source.variables, source.label_names, source.features) == (reference.variables, reference.label_names,
                                                                       reference.features):
            return source.with_intercept(reference.intercept)
        points, names, of_rows = source.points, source.variables, source.of_rows()
        table = Table(points, [source.label_names[label] for label in source.labels.astype(int)], 'the data')
    else:
        table = read_source(source)
        make_finite(table, table.points.dtype)
        points, names, of_rows = table.points, names_of_header(table.header, table.points.shape[1]), {}
    variables, count = reference.variables, len(names)
    if count != len(variables):
        raise ValueError(f'the data have {count} variable{"s" * (count != 1)} ({listed(names)}); '
                         f'the model expects {len(variables)} ({listed(variables)})')
    labels, (first, second) = uniform_labels(table), reference.label_names
    for row, label in enumerate(labels):
        if label not in (first, second):
            raise ValueError(f'{table.place(row)}: the label is {shown(name_of_label(label))}; '
                             f'the model expects {shown(first)} or {shown(second)}')
    ones = numpy.array([label == second for label in labels], dtype=numpy.float64)
    return Dataset(_in_order(points, names, variables), ones, variables, reference.label_name, reference.label_names,
                   reference.features, **of_rows, place=table.place, intercept=reference.intercept)


def _in_order(points, names, variables):
    # Puts columns that have the model's names into the model's order.
    if names == variables or sorted(names) != sorted(variables):
        return points
    return points[:, [names.index(name) for name in variables]]
