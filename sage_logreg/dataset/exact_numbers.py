r"""
Exact numbers: what the floats of a table stand for, where something is decided or proved

Training takes floats. A number that no float is (1/3, `\sqrt{2}`, the decimal 0.1 of a text table, a whole number beyond
`2^{53}`) is kept beside its float here, in as little memory as possible: a column of floats has nothing beside it, nor has
a column of decimals that are the shortest ones for their floats, which nearly all are.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: data = load_data([[1/3, 0.5r, 0], [2, 0.1r, 1]])
    sage: data.design.exact.kinds
    ('exact', 'binary')
    sage: data.design.exact.rows(slice(None))
    array([[Fraction(1, 3), Fraction(1, 2)],
           [Fraction(2, 1), Fraction(3602879701896397, 36028797018963968)]],
          dtype=object)
"""
import decimal
import functools
import itertools
import re
from fractions import Fraction

import numpy

from sage_logreg.dataset.sparse import is_sparse, same_points
from sage_logreg.support.arguments import as_float, entries, shown
from sage_logreg.support.constants import MOST_DEGREE, UndecidedError
from sage_logreg.support.exact_number import exact_number, is_expression, is_float, sage_number

# up to here every whole number is a float
WHOLE = 2**53
# so many significant digits survive the way to a float and back
DIGITS = 15
# below, floats have fewer digits
SMALLEST_NORMAL = 2.0**-1022
# largest exponent of ten of a decimal: its fraction has as many digits
MOST_EXPONENT = 4000
# most decimals of a table that are kept one by one
MOST_KEPT = 200000

# what is taken as what, in this order
STATEMENTS = {'decimal': 'decimals as they are written',
              'exact': 'integers, rationals and other exact numbers as themselves',
              'shortest': 'floats as the shortest decimals that have them',
              'binary': 'floats as the binary numbers that they are',
              'feature': 'features as their float64 values'}
DECIMALS = {'decimal', 'shortest'}


def checked_exact(exact):
    r"""
    Return the argument ``exact``, checked.

    EXAMPLES::

        sage: from sage_logreg.dataset.exact_numbers import checked_exact
        sage: checked_exact('yes')
        Traceback (most recent call last):
        ...
        ValueError: exact = 'yes'; expected 'decimal' or 'binary'
    """
    if exact is not None and exact not in ('decimal', 'binary'):
        raise ValueError(f"exact = {shown(exact)}; expected 'decimal' or 'binary'")
    return exact


def numbers_beside_floats(column, floats):
    r"""
    Return the kind of a column, and an object array of its numbers that are no floats (``None`` if there are none).

    INPUT:

    - ``column`` -- list or array of real numbers
    - ``floats`` -- float64 array of the same numbers

    EXAMPLES::

        sage: import numpy
        sage: from sage_logreg.dataset.exact_numbers import numbers_beside_floats
        sage: numbers_beside_floats([1, 1/3], numpy.array([1.0, 1/3]))
        ('exact', array([None, 1/3], dtype=object))
        sage: numbers_beside_floats([1, 1/2], numpy.array([1.0, 0.5]))
        ('exact', None)
        sage: numbers_beside_floats(numpy.array([2^60 + 1, 5]), numpy.array([2.0^60, 5.0]))
        ('exact', array([1152921504606846977, None], dtype=object))
    """
    if isinstance(column, numpy.ndarray) and column.dtype.kind in 'biuf':
        types = {float if column.dtype.kind == 'f' else int}
    else:
        types = set(map(type, column))
    kind = 'binary' if any(issubclass(one, (float, numpy.floating)) for one in types) else 'exact'
    if types == {float}:
        return kind, None
    # an infinite or missing number is refused elsewhere
    candidates = numpy.isfinite(floats) & (abs(floats) >= WHOLE) if all(map(_is_whole, types)) else numpy.isfinite(floats)
    kept = {}
    for i in numpy.flatnonzero(candidates).tolist():
        value = column[i].item() if isinstance(column, numpy.ndarray) and column.dtype.kind != 'O' else column[i]
        if type(value) is float:
            continue
        if kind == 'exact' and is_float(value):
            kind = 'binary'
        exact = exact_number(value)
        # Sage would round an irrational number before it compares it with a float
        if not isinstance(exact, Fraction) or exact != floats[i]:
            kept[i] = value
    return kind, _sparse(kept, len(floats))


def _is_whole(kind):
    # whether its numbers are floats up to WHOLE, all of them
    return issubclass(kind, (int, float, numpy.integer)) or (kind.__module__, kind.__name__) == ('sage.rings.integer', 'Integer')


def _sparse(kept, count):
    if not kept:
        return None
    beside = numpy.full(count, None, dtype=object)
    for i, value in kept.items():
        beside[i] = value
    return beside


def kind_of(number):
    r"""
    Return the kind of a single number beside a table, a key of ``STATEMENTS``.

    EXAMPLES::

        sage: from sage_logreg.dataset.exact_numbers import kind_of, taken_as
        sage: kind_of(1/3), kind_of(0.1), kind_of(taken_as(0.1, 'decimal'))
        ('exact', 'binary', 'shortest')
    """
    if isinstance(number, ShortestDecimal):
        return 'shortest'
    return 'binary' if is_float(number) else 'exact'


class ShortestDecimal(Fraction):
    r"""
    The shortest decimal that has a float.
    """


def taken_as(number, exact):
    r"""
    Return a number beside a table, taken as the argument ``exact`` says; as it is if that is ``None``.

    EXAMPLES::

        sage: from sage_logreg.dataset.exact_numbers import taken_as
        sage: taken_as(0.1, 'decimal'), taken_as(1/10, 'decimal'), taken_as(1/10, 'binary'), taken_as(0.5r, None)
        (ShortestDecimal(1, 10), 1/10, 0.1, 0.5)
    """
    if exact == 'binary' and as_float(number) is not None:
        return float(number)
    if exact == 'decimal' and is_float(number):
        return ShortestDecimal(repr(float(number)))
    return number


def numbers_taken_as(numbers, exact):
    r"""
    Return :func:`taken_as` of many numbers, or of rows of them.
    """
    given = None if exact is None else entries(numbers)
    return numbers if given is None else [taken_as(number, exact) if entries(number) is None else numbers_taken_as(number, exact)
                                          for number in given]


class WrittenDecimals:
    r"""
    The decimals of a text table that are not the shortest ones for their floats, gathered cell by cell.

    If there are more than ``MOST_KEPT``, none is kept: the columns in which they stand are lost.

    EXAMPLES::

        sage: from sage_logreg.dataset.exact_numbers import WrittenDecimals
        sage: written = WrittenDecimals()
        sage: for row, cell in enumerate(['0.1', '0.1000000000000000000001', '1e-400']):
        ....:     written.note(int(row), 0r, cell, float(cell))
        sage: written.beside(0r, 3r)
        array([None, Decimal('0.1000000000000000000001'),
               Decimal('1E-400')], dtype=object)
        sage: written.is_lost(0r)
        False
    """

    def __init__(self):
        self.kept, self.later, self.count, self.columns_seen = {}, [], 0, set()

    @property
    def is_full(self):
        r"""
        Whether there were more than are kept.
        """
        return self.count > MOST_KEPT

    def note(self, row, column, cell, value):
        r"""
        Keep the decimal in a cell if it is not what its float prints.
        """
        if len(cell) <= DIGITS and abs(value) >= SMALLEST_NORMAL:
            return
        # a decimal of more is not taken apart where none is kept
        if self.is_full and column in self.columns_seen:
            return
        written = _decimal(cell, value)
        if written is not None:
            self.count += 1
            self.columns_seen.add(column)
            self.kept.setdefault(column, {})[row] = written
            self._drop_if_full()

    def keep(self, rows, columns, cells):
        r"""
        Keep decimals of which it is known that they are not what their floats print; ``cells()`` returns them as text.
        """
        self.count += len(rows)
        self.columns_seen.update(columns.tolist())
        # most tables with many have too many: texts are made at the end
        self.later.append((rows, columns, cells))
        self._drop_if_full()

    def _drop_if_full(self):
        if self.is_full:
            self.kept, self.later = {}, []

    def beside(self, column, count):
        r"""
        Return the decimals of a column as :class:`ExactNumbers` takes them, ``None`` if there are none.
        """
        for rows, columns, cells in self.later:
            for row, other, cell in zip(rows.tolist(), columns.tolist(), cells()):
                self.kept.setdefault(other, {})[row] = decimal.Decimal(cell)
        self.later = []
        return _sparse(self.kept.get(column), count)

    def is_lost(self, column):
        r"""
        Return whether decimals of a column are not kept.
        """
        return self.is_full and column in self.columns_seen


def _decimal(cell, value):
    # The decimal in a cell, or None if its float prints the same or it is not finite.
    if value - value != 0 or not value and not cell.strip('+-.0'):
        return None
    try:
        written = decimal.Decimal(cell)
    except decimal.InvalidOperation:
        written = None
    if written is not None and written == decimal.Decimal(repr(value)):
        return None
    if written is None or abs(written.adjusted()) > MOST_EXPONENT or len(cell) > MOST_EXPONENT:
        raise ValueError(f'{shown(cell)} has more than {MOST_EXPONENT} digits')
    return written


class ExactNumbers:
    r"""
    The numbers of a table, exactly.

    - ``points`` -- float array, m x n: the numbers rounded; a CSR matrix of sparse data
    - ``kinds`` -- (default: all ``'binary'``) tuple of n strings, what the columns hold: ``'exact'`` numbers, floats that
      are the ``'binary'`` numbers nearest to what was meant, floats that stand for a ``'decimal'`` of a text or for the
      ``'shortest'`` decimal that has them, or the float values of a ``'feature'``
    - ``columns`` -- (default: none) dictionary from columns to object arrays of the numbers that the floats do not tell,
      ``None`` for the others
    - ``lost`` -- (default: ``False``) whether there were too many of them

    EXAMPLES::

        sage: import numpy
        sage: from sage_logreg.dataset.exact_numbers import ExactNumbers
        sage: table = numpy.array([[0.1, 0.1]])
        sage: ExactNumbers(table, ('decimal', 'binary')).rows([0])[0]
        array([Fraction(1, 10), Fraction(3602879701896397, 36028797018963968)], dtype=object)
    """

    def __init__(self, points, kinds=None, columns=None, lost=False):
        self.points = points
        self.kinds = ('binary',) * points.shape[1] if kinds is None else kinds
        self.columns = columns or {}
        self.lost = lost

    def are_floats(self):
        r"""
        Return whether the floats are the numbers themselves.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, load_data
            sage: load_data([[1, 0], [1/2, 1]]).exact.are_floats(), load_data([[1, 0], [1/3, 1]]).exact.are_floats()
            (True, False)
            sage: ex2data1().exact.are_floats()
            False
        """
        return not self.columns and DECIMALS.isdisjoint(self.kinds)

    def rows(self, rows):
        r"""
        Return some rows, an object array of ``Fraction``; numbers that are not rational are Sage constants.

        EXAMPLES: see :mod:`sage_logreg.dataset.exact_numbers`.
        """
        if self.lost:
            raise UndecidedError(f'more than {MOST_KEPT} decimals of the table have more digits than floats, too many to be kept '
                                 "as they are written; load it with exact='binary', which takes the floats as they are")
        columns = [self._column(j, rows) for j in range(len(self.kinds))]
        result = numpy.empty(self.points[rows].shape, dtype=object)
        for j, column in enumerate(columns):
            result[:, j] = column
        return result

    def _column(self, j, rows):
        floats = self.points[rows]
        floats = (floats[:, [j]].toarray().ravel() if is_sparse(floats) else floats[:, j]).astype(numpy.float64).tolist()
        beside = self.columns[j][rows] if j in self.columns else itertools.repeat(None)
        to_fraction = (lambda value: Fraction(repr(value))) if self.kinds[j] in DECIMALS else Fraction
        return [to_fraction(value) if kept is None else exact_number(kept) for value, kept in zip(floats, beside)]

    def take(self, rows):
        r"""
        Return the exact numbers of some rows.
        """
        return ExactNumbers(self.points[rows], self.kinds, {j: column[rows] for j, column in self.columns.items()}, self.lost)

    def take_columns(self, columns):
        r"""
        Return the exact numbers of some columns, a list of their numbers.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1/3, 0.5, 0], [2, 0.1, 1]]).exact.take_columns([1r]).rows([0])
            array([[Fraction(1, 2)]], dtype=object)
        """
        beside = {place: self.columns[j] for place, j in enumerate(columns) if j in self.columns}
        return ExactNumbers(self.points[:, columns], tuple(self.kinds[j] for j in columns), beside, self.lost)

    @classmethod
    def of_columns(cls, given, floats):
        r"""
        Return a table of one column of numbers as they were given, or of several.

        INPUT:

        - ``given`` -- array of m numbers, or of m x K; of one column also a list
        - ``floats`` -- float64 array of the same shape

        EXAMPLES::

            sage: import numpy
            sage: from sage_logreg.dataset.exact_numbers import ExactNumbers
            sage: ExactNumbers.of_columns([1/3, 2], numpy.array([1/3, 2.0])).rows([0])
            array([[Fraction(1, 3)]], dtype=object)
        """
        columns = [given] if floats.ndim == 1 else given.T
        floats = floats.reshape(len(floats), -1)
        kinds, beside = zip(*map(numbers_beside_floats, columns, floats.T))
        return cls(floats, kinds, {j: numbers for j, numbers in enumerate(beside) if numbers is not None})

    def taken_as(self, exact):
        r"""
        Return the numbers with their floats taken as ``'decimal'`` or ``'binary'``; ``None`` leaves all as it is.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: data = load_data([[0.1, 1/3, 0], [0.2, 2/3, 1]])
            sage: data.exact.taken_as('decimal').rows([0])
            array([[Fraction(1, 10), Fraction(1, 3)]], dtype=object)
            sage: data.exact.taken_as('binary').kinds
            ('binary', 'binary')
        """
        if exact == 'binary':
            return ExactNumbers(self.points)
        if exact == 'decimal':
            if self.points.dtype != numpy.float64:
                raise ValueError("exact='decimal' needs float64, since float32 does not hold the decimals")
            kinds = tuple('shortest' if kind == 'binary' else kind for kind in self.kinds)
            return ExactNumbers(self.points, kinds, self.columns, self.lost)
        return self

    def __eq__(self, other):
        r"""
        Return whether the numbers are the same.

        TESTS::

            sage: from sage_logreg import load_data
            sage: one, two = (load_data([[x, 0], [2, 1]]).exact for x in (1/3, 1/3 + 1/10^30))
            sage: one == one, one == two
            (True, False)
            sage: one, two, three = (load_data([[x, 0], [1, 1]]).exact for x in (1/2, 0.5, 0.1))
            sage: one == two, one == two.taken_as('decimal'), three == three.taken_as('decimal')
            (True, True, False)
            sage: load_data([[1/10, 0], [1, 1]]).exact == three.taken_as('decimal')
            True
        """
        if not isinstance(other, ExactNumbers) or not same_points(self.points, other.points) or self.lost != other.lost:
            return False
        return all(self._has_column_of(other, j) for j in range(len(self.kinds)))

    def _has_column_of(self, other, j):
        here, there = self.columns.get(j), other.columns.get(j)
        # of the same floats
        if (self.kinds[j] in DECIMALS) == (other.kinds[j] in DECIMALS):
            if here is None and there is None:
                return True
            if here is not None and there is not None and numpy.array_equal(here == None, there == None):  # noqa: E711
                return all(_same(*pair) for pair in zip(here, there) if pair[0] is not None)
        return all(map(_same, self._column(j, slice(None)), other._column(j, slice(None))))

    __hash__ = None

    def entries(self):
        r"""
        Return all but the floats as lists and text, for a file.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1/3, 0], [2, 1]]).exact.entries()
            {'columns': [[0, [0], ['1/3']]], 'kinds': ['exact'], 'lost': False}
        """
        columns = []
        for j, column in self.columns.items():
            rows = [i for i, value in enumerate(column) if value is not None]
            columns.append([j, rows, [entry_of(column[i]) for i in rows]])
        return {'kinds': list(self.kinds), 'columns': columns, 'lost': self.lost}

    @classmethod
    def from_entries(cls, points, kinds, columns, lost):
        r"""
        Return the numbers of a file, checked against their floats.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.dataset.exact_numbers import ExactNumbers
            sage: exact = load_data([[1/3, 0], [sqrt(2), 1]]).exact
            sage: ExactNumbers.from_entries(exact.points, **exact.entries()) == exact
            True

        TESTS::

            sage: ExactNumbers.from_entries(exact.points, ['exact'], [[0, [1], ['7/5']]], False)
            Traceback (most recent call last):
            ...
            ValueError: the exact number '7/5' is not that of its float, 1.4142135623730951
        """
        if not (isinstance(kinds, list) and isinstance(columns, list)
                and all(isinstance(column, list) and len(column) == 3 for column in columns)):
            raise ValueError(f'exact: kinds = {shown(kinds)}, columns = {shown(columns)}; expected lists')
        if len(kinds) != points.shape[1] or not set(kinds) <= STATEMENTS.keys() - {'feature'} or not isinstance(lost, bool):
            raise ValueError(f'exact: kinds = {shown(kinds)}; expected one of each column')
        read = {}
        for j, rows, entries in columns:
            for place, count in ((j, points.shape[1]), *((row, points.shape[0]) for row in rows)):
                if not hasattr(place, '__index__') or not 0 <= place < count:
                    raise ValueError(f'exact: columns has the number {shown(place)} of a column or a row; '
                                     f'expected one from 0 to {count - 1}')
            kept = read[j] = numpy.full(points.shape[0], None, dtype=object)
            for row, entry in zip(rows, entries):
                kept[row] = number_of_entry(entry, float(points[row, j]))
        return cls(points, tuple(kinds), read, lost)

    def statement(self, kinds=()):
        r"""
        Return in words what is taken as what; ``kinds`` are those of numbers beside the points.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, load_data
            sage: ex2data1().exact.statement()
            'decimals as they are written'
            sage: load_data([[1/3, 0.5, 0], [2, 0.1, 1]]).exact.statement()
            'integers, rationals and other exact numbers as themselves, floats as the binary numbers that they are'
        """
        return ', '.join(text for kind, text in STATEMENTS.items() if kind in self.kinds or kind in kinds)

    @functools.cached_property
    def merged_column(self):
        r"""
        A column in which different numbers have become the same float, and two such numbers; ``None`` if there is none.

        EXAMPLES::

            sage: import warnings
            sage: from sage_logreg import load_data
            sage: with warnings.catch_warnings(record=True):
            ....:     data = load_data([[2^60 + i, i % 2] for i in range(4)])
            sage: data.exact.merged_column
            (0, '1152921504606846976', '1152921504606846977')
        """
        for j, column in self.columns.items():
            # only where the same float stands twice, and not for itself
            _, group, counts = numpy.unique(self.points[:, j], return_inverse=True, return_counts=True)
            beside = numpy.zeros(len(counts), dtype=bool)
            beside[group[[value is not None for value in column]]] = True
            rows = numpy.flatnonzero((beside & (counts > 1))[group])
            seen = {}
            for rounded, exact in zip(self.points[rows, j].tolist(), self._column(j, rows)):
                if seen.setdefault(rounded, exact) != exact:
                    return j, shown_number(seen[rounded]), shown_number(exact)
        return None


def entry_of(number):
    r"""
    Return an exact number for a file: a fraction as text, an expression as its tree, an algebraic number as the root of a
    polynomial in an interval.

    EXAMPLES::

        sage: from sage_logreg.dataset.exact_numbers import entry_of, number_of_entry
        sage: entry_of(1/3), entry_of(sqrt(2))
        ('1/3', ['^', 2, '1/2'])
        sage: t = QQ['t'].gen()
        sage: root = AA.polynomial_root(t^5 - t - 1, RIF(1, 2))
        sage: number_of_entry(entry_of(root), float(root)) == root
        True
    """
    number = exact_number(number)
    if isinstance(number, Fraction):
        return str(number)
    if is_expression(number):
        from sage_logreg.symbolic.tree import tree_of
        return tree_of(number, 'the data')
    from sage.rings.qqbar import AA
    from sage.rings.real_mpfi import RealIntervalField
    root = AA(number)
    ends = root.interval_fast(RealIntervalField(256)).endpoints()
    return {'polynomial': list(map(str, root.minpoly())), 'between': [str(exact_number(end)) for end in ends]}


def number_of_entry(entry, value):
    r"""
    Return the number of an entry of a file, checked against its float.
    """
    if isinstance(entry, str):
        number = _fraction(entry)
    elif isinstance(entry, dict):
        number = _root(**entry)
    else:
        from sage_logreg.symbolic.tree import expression_of
        number = exact_number(expression_of(entry, ()))
    # Sage does not always round constants to the nearest float
    error = 0 if isinstance(number, Fraction) else 4 * numpy.spacing(abs(value))
    if as_float(number) is None or not abs(as_float(number) - value) <= error:
        raise ValueError(f'the exact number {shown(entry)} is not that of its float, {value}')
    return number


def _fraction(text):
    if not (isinstance(text, str) and re.fullmatch(r'-?\d{1,4300}(/\d{1,4300})?', text)):
        raise ValueError(f'{shown(text)} is not a fraction')
    return Fraction(text)


def _root(polynomial, between):
    if not (isinstance(polynomial, list) and isinstance(between, list) and 2 <= len(polynomial) <= MOST_DEGREE + 1):
        raise ValueError(f'polynomial = {shown(polynomial)}; expected the {MOST_DEGREE + 1} coefficients of one at most')
    from sage.rings.polynomial.polynomial_ring_constructor import PolynomialRing
    from sage.rings.qqbar import AA
    from sage.rings.rational_field import QQ
    from sage.rings.real_mpfi import RealIntervalField
    coefficients = [sage_number(_fraction(coefficient)) for coefficient in polynomial]
    low, high = (sage_number(_fraction(end)) for end in between)
    return AA.polynomial_root(PolynomialRing(QQ, 'x')(coefficients), RealIntervalField(256)(low, high))


def shown_number(number):
    r"""
    Return a rational number as people write it: whole, or a decimal of 20 digits.

    EXAMPLES::

        sage: from sage_logreg.dataset.exact_numbers import shown_number
        sage: from fractions import Fraction
        sage: shown_number(Fraction('1/10')), shown_number(Fraction(int(2^60 + 1)))
        ('0.1', '1152921504606846977')
    """
    if not isinstance(number, Fraction):
        return shown(number)
    digits = max(20, len(str(int(abs(number)))))
    with decimal.localcontext() as context:
        context.prec = min(digits, 60)
        return str((decimal.Decimal(number.numerator) / decimal.Decimal(number.denominator)).normalize(context))


def _same(one, two):
    return one is two or as_float(one) == as_float(two) and bool(exact_number(one) == exact_number(two))
