r"""
What rows have besides points and labels: weights, an offset, and for grouped data successes and trials

EXAMPLES::

    sage: from sage_logreg.dataset.grouped import Groups
    sage: groups = Groups([[1], [2], [3]], [0, 4, 9], [10, 10, 10])
    sage: groups.labels, groups.weights
    (array([1., 1., 0., 0., 0.]), array([4, 9, 10, 6, 1], dtype=object))
"""
import numpy

from sage_logreg.support.arguments import check_not_negative, entries, real_matrix, real_vector, shown
from sage_logreg.support.constants import signs
from sage_logreg.support.exact_number import exact_difference


class Groups:
    r"""
    The rows of grouped data: the groups that have successes, with the label 1, followed by those that have failures; of more than
    two classes class by class.

    - ``successes``, ``trials`` -- float64 arrays of k numbers, one of each per group; of K > 2 classes ``successes`` are k x K counts
    - ``group`` -- the group of each row
    - ``labels``, ``weights`` -- float64 arrays, one entry per row
    - ``exact_weights`` -- the weights as they were given

    EXAMPLES::

        sage: from sage_logreg.dataset.grouped import Groups
        sage: Groups([[1], [2]], [1, 2], [3, 2]).group
        array([0, 1, 0])

    TESTS::

        sage: Groups([[1], [2]], [1, 5], [10, 4])
        Traceback (most recent call last):
        ...
        ValueError: successes[1] = 5 is more than the 4 trials
        sage: Groups([[1], [2]], [1, 2, 3], [10, 4, 4])
        Traceback (most recent call last):
        ...
        ValueError: there are 2 points, and successes and trials for 3; expected as many of each
    """

    def __init__(self, points, successes, trials):
        given = entries(successes)
        if given is None:
            raise TypeError(f'successes = {shown(successes)}; expected a number for every point')
        count = len(given)
        self.successes, self.trials = real_vector('successes', successes, count), real_vector('trials', trials, count)
        check_not_negative('successes', self.successes)
        rows = getattr(points, 'nrows', None)
        rows = (rows() if callable(rows) else points.shape[0] if hasattr(points, 'shape') else
                len(points) if hasattr(points, '__len__') else count)
        if rows != count:
            raise ValueError(f'there are {rows} points, and successes and trials for {count}; expected as many of each')
        some, all_of = _as_given(successes, self.successes), _as_given(trials, self.trials)
        failures = numpy.empty(count, dtype=object)
        failures[:] = list(map(exact_difference, all_of, some))
        if (signs(failures) < 0).any():
            row = int(numpy.argmin(signs(failures)))
            raise ValueError(f'successes[{row}] = {shown(some[row])} is more than the {shown(all_of[row])} trials')
        self._set_rows([failures, some])

    @classmethod
    def of_classes(cls, counts):
        r"""
        Return the rows of groups of which the counts of all classes are given.

        INPUT:

        - ``counts`` -- a list for each class, of k numbers, one per group, as they were given

        EXAMPLES::

            sage: from sage_logreg.dataset.grouped import Groups
            sage: groups = Groups.of_classes([[2, 0], [1, 1/2], [0, 3]])
            sage: groups.group, groups.labels, groups.weights
            (array([0, 0, 1, 1]), array([0., 1., 1., 2.]), array([2, 1, 1/2, 3], dtype=object))
            sage: groups.trials
            array([3. , 3.5])

        Of two classes as of successes and trials, of which the second class is that of the successes::

            sage: Groups.of_classes([[10, 6, 1], [0, 4, 9]]).weights
            array([4, 9, 10, 6, 1], dtype=object)
        """
        groups = cls.__new__(cls)
        floats = [real_vector('counts', numbers, len(counts[0])) for numbers in counts]
        table = numpy.column_stack(floats)
        groups.successes, groups.trials = floats[1] if len(counts) == 2 else table, table.sum(axis=1)
        groups._set_rows(list(map(_as_given, counts, floats)))
        return groups

    def _set_rows(self, counts):
        # The rows of the groups, from their counts of each class as they were given; the second of two classes comes first.
        count, classes = len(counts[0]), len(counts)
        order = [1, 0] if classes == 2 else list(range(classes))
        exact = numpy.concatenate([counts[label] for label in order])
        seen = numpy.flatnonzero(signs(exact))
        self.group, self.labels, self.weights = seen % count, numpy.array(order, dtype=numpy.float64)[seen // count], exact[seen]

    def check_all(self, names=None):
        r"""
        Raise an error if there are no successes, no failures, nothing of one of the classes of these names, or only one group.
        """
        lacking = sorted(set(range(2 if names is None else len(names))).difference(self.labels.tolist()))
        if lacking and names is not None:
            raise ValueError(f'counts: those of {shown(names[lacking[0]])} are all 0; expected some of each class')
        if lacking:
            raise ValueError(f'there are {"only" if self.labels.any() else "no"} successes; expected some, and some failures')
        if len(self.trials) < 2:
            raise ValueError('grouped data of 1 row; expected at least 2')


def row_weights(weights, labels, label_text=None):
    r"""
    Return the weights of rows as they were given, in an array, checked: some rows of each label count.

    INPUT:

    - ``weights`` -- as many real numbers as there are labels
    - ``labels`` -- float64 array of the numbers of classes, each there
    - ``label_text`` -- (default: none, of some rows of many, of which some may have only labels that do not count) function that names
      a label

    EXAMPLES::

        sage: from sage_logreg.dataset.grouped import row_weights
        sage: import numpy
        sage: row_weights([1/3, 1], numpy.array([0.0, 1.0]), str)
        array([1/3, 1], dtype=object)
    """
    floats = real_vector('weights', weights, len(labels))
    check_not_negative('weights', floats)
    given = _as_given(weights, floats)
    if label_text is not None:
        # exact ones may be too small for a float
        check_both_count(signs(given), labels, label_text)
    return given


def check_both_count(weights, labels, label_text):
    r"""
    Raise an error if all weights of a label are zero.
    """
    counts = numpy.bincount(labels.astype(int), weights != 0, minlength=2)
    if not counts.all():
        raise ValueError(f'weights: all points with {label_text(int(counts.argmin()))} have the weight 0; '
                         'expected some of each label to count')


def row_offset(offset, count, classes=2):
    r"""
    Return the offset of ``count`` rows or groups as it was given, in an array, checked; of K > 2 ``classes`` it is ``count`` x K.

    EXAMPLES::

        sage: from sage_logreg.dataset.grouped import row_offset
        sage: row_offset([1/2, 0], 2)
        array([1/2, 0], dtype=object)
        sage: row_offset([[1/2, 0, 0], [0, 0, 1/3]], 2, 3)
        array([[1/2, 0, 0],
               [0, 0, 1/3]], dtype=object)

    TESTS::

        sage: row_offset([1/2, 0], 2, 3)
        Traceback (most recent call last):
        ...
        ValueError: offset has one number a row, which added to all 3 classes changes nothing; expected a table, 3 numbers a row
    """
    if classes == 2:
        return _as_given(offset, real_vector('offset', offset, count))
    if not is_table_of_numbers(offset):
        raise ValueError(f'offset has one number a row, which added to all {classes} classes changes nothing; '
                         f'expected a table, {classes} numbers a row')
    return _as_given(offset, real_matrix('offset', offset, count, classes))


def is_table_of_numbers(numbers):
    r"""
    Return whether these are rows of numbers and not numbers.

    EXAMPLES::

        sage: from sage_logreg.dataset.grouped import is_table_of_numbers
        sage: is_table_of_numbers(matrix([[1, 2]])), is_table_of_numbers(vector([1, 2]))
        (True, False)
    """
    if isinstance(numbers, numpy.ndarray) or hasattr(numbers, 'nrows'):
        return getattr(numbers, 'ndim', 2) == 2
    given = entries(numbers)
    return bool(given) and entries(given[0]) is not None


def check_row_numbers(labels, classes=2, weights=None, offset=None, successes=None, trials=None):
    r"""
    Raise an error if the arrays are not what rows with these labels can have.
    """
    if weights is not None:
        row_weights(weights, labels, str)
    if offset is not None:
        row_offset(offset, len(labels), classes)
    if (successes is None) != (trials is None):
        raise ValueError(f'{"successes" if successes is None else "trials"} is missing; expected both successes and trials, or neither')
    if successes is not None:
        _check_trials(successes, real_vector('trials', trials, len(successes)), classes)


def _check_trials(successes, trials, classes):
    if classes > 2:
        successes = real_matrix('successes', successes, len(trials), classes)
        check_not_negative('successes', successes.ravel())
        if not numpy.array_equal(successes.sum(axis=1), trials):
            raise ValueError('successes and trials: the counts of the classes are not in all the trials; expected their sums')
        return
    successes = real_vector('successes', successes, len(trials))
    check_not_negative('successes', successes)
    if (successes > trials).any():
        row = int(numpy.argmax(successes > trials))
        raise ValueError(f'successes[{row}] = {successes[row]} is more than the {trials[row]} trials')


def _as_given(numbers, floats):
    # an array of floats is what it is
    if isinstance(numbers, numpy.ndarray) and numbers.dtype.kind == 'f':
        return floats
    # Sage's numbers as they are: NumPy would make floats of some
    objects = numpy.empty(floats.shape, dtype=object)
    for place, given in enumerate(entries(numbers)):
        objects[place] = given if floats.ndim == 1 else entries(given)
    return objects
