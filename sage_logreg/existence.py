r"""
Existence: whether the maximum-likelihood estimate exists, decided exactly and proved

The estimate exists exactly when the classes overlap [AA1984]_. Where they are
separated, the likelihood still grows while some weights go to infinity, and no
weights attain its supremum. :func:`separation` decides which of the two it is
and returns a certificate that anyone can check: a rational vector that
separates, or rational multipliers that prove that there is none.

EXAMPLES::

    sage: from sage_logreg.existence import separation
    sage: separation([[0, 0], [1, 1], [1 + 1e-7, 0], [2, 1]])
    overlap of 4 points: the estimate exists, proved by 3 of them
    sage: answer = separation([[0, 0], [1, 0], [1 + 1e-7, 1], [2, 1]])
    sage: answer.kind(), answer.directions()
    ('complete', {'bias': -Infinity, 'x1': +Infinity})

A float is a rational number, and "exact" means exact in ``QQ`` on the floats
of the data. Nothing here needs Sage but the answers that are Sage objects.

REFERENCES:

.. [AA1984] \A. Albert and J. A. Anderson, *On the existence of maximum likelihood
   estimates in logistic regression models*, Biometrika 71 (1984) 1-10.

.. [Kon2007] \K. Konis, *Linear programming algorithms for detecting separated data in
   binary logistic regression models*, DPhil thesis, University of Oxford, 2007.

.. [Sti1915] \E. Stiemke, *Ueber positive Loesungen homogener linearer Gleichungen*,
   Math. Ann. 76 (1915) 340-342.

.. [Edm1967] \J. Edmonds, *Systems of distinct representatives and linear algebra*,
   J. Res. Nat. Bur. Standards 71B (1967) 241-245.
"""
import math
from decimal import Context, Decimal
from fractions import Fraction

import numpy

from sage_logreg.dataset import load_data
from sage_logreg.grouped import ungrouped
from sage_logreg.progress import progress_bar


def separation(data, features=None):
    r"""
    Return whether the classes overlap or are separated, with the proof.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`, anything that
      :func:`~sage_logreg.dataset.load_data` takes, or grouped data: a triple
      ``(points, successes, trials)``; its columns and the bias must be linearly
      independent
    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables, as for :func:`~sage_logreg.dataset.load_data`

    OUTPUT: a :class:`Separation`, of one of three kinds

    - ``'overlap'``: no vector separates, the estimate exists and is unique
    - ``'complete'``: some log-odds is positive on every point of the one class
      and negative on every point of the other
    - ``'quasi-complete'``: some log-odds is so too, but for points where it is
      zero, and there are such points for every log-odds that separates

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.existence import separation
        sage: separation(ex2data1())
        overlap of 100 points: the estimate exists, proved by 4 of them

    At 3/2 both labels were seen, and the second column separates the rest::

        sage: rows = [[0, 0, 0], [1, 1, 0], [2, 3/2, 0], [3, 3/2, 1], [4, 3/2, 0], [0, 2, 1], [1, 3, 1]]
        sage: answer = separation(rows)
        sage: answer
        quasi-complete separation of 7 points: w_x2 goes to +Infinity, the bias to -Infinity along (-3/2, 0, 1)
        sage: answer.rows()
        [2, 3, 4]

    Grouped data, of which the points with successes come first, then those with failures::

        sage: separation(([[1], [2], [3]], [0, 4, 10], [10, 10, 10]))
        quasi-complete separation of 4 points: w_x1 goes to +Infinity, the bias to -Infinity along (-2, 1)

    A curve separates these::

        sage: x1 = var('x1')
        sage: separation([[-2, 1], [-1, 0], [1, 0], [2, 1]], features=[x1, x1^2])
        complete separation of 4 points: w_x1^2 goes to +Infinity, the bias to -Infinity along (-2, 0, 1)

    TESTS::

        sage: separation([[1, 2, 0], [2, 4, 1], [3, 6, 0]])
        Traceback (most recent call last):
        ...
        ValueError: the columns x1 and x2 are linearly dependent: x2 = 2*x1; leave one of them out

    One class only is separated by the bias alone::

        sage: import numpy
        sage: from sage_logreg.dataset import Dataset
        sage: separation(Dataset(numpy.array([[1.0], [2.0]]), numpy.zeros(2), ('x1',)))
        complete separation of 2 points: the bias goes to -Infinity along (-1, 0)

    Numbers of very different size::

        sage: separation([[1e-300, 0], [1e300, 1], [2e-300, 0], [3e-300, 1], [1, 0]]).kind()
        'overlap'
        sage: separation([[1e-300, 0], [1e300, 1], [2e-300, 0], [3e-300, 1], [1, 1]])
        complete separation of 5 points: w_x1 goes to +Infinity, the bias to -Infinity along (-2.5E-300, 1)

    ALGORITHM:

    Let `a_i = s_i (1, x_i)` with `s_i = 1` for the label 1 and `-1` for the label 0. A vector `v` separates if
    `a_i \cdot v \ge 0` for all `i` and not all are zero. Either all these can be positive, or there are multipliers
    `\lambda_i \ge 0`, not all zero, with `\sum \lambda_i a_i = 0`, and then `a_i \cdot v = 0` where
    `\lambda_i > 0`, for every `v` that separates. The rows that are found so, and those in their span, are set
    apart, and the question is put again to the rest, with `v` orthogonal to the rows set apart. It ends with a `v`
    that is positive on all rows that are left, or, when the rows set apart span the space, with the proof by
    Stiemke's lemma [Sti1915]_ that nothing separates.

    Each question is the linear programme "minimise `\sum_j |\sum_i \lambda_i a_{ij}|` subject to
    `\sum_i \lambda_i = 1`, `\lambda \ge 0`", solved by the simplex method in whole numbers [Edm1967]_ on a few
    rows, to which those are added that its dual solution `v` does not separate, until there are none. Those are
    found in floating point, with a bound of the rounding error; where it leaves a doubt, in whole numbers.
    """
    data = ungrouped(data, features=features)[0].design
    independent = _checked_columns(data)
    if data.labels.min() == data.labels.max():
        sign = 1 if data.labels[0] == 1 else -1
        return Separation(data, [Fraction(sign)] + [Fraction(0)] * len(data.variables), {}, [])
    rows = _Rows(data)
    vector, multipliers, zeros = _certificate(rows, independent)
    # in the units of the data, where the rows and the columns are as they were
    support = sorted(multipliers)
    sizes = numpy.abs(rows.integers(support)[:, 0])
    multipliers = _primitive({row: multipliers[row] * size for row, size in zip(support, sizes)})
    if vector is None:
        return Separation(data, None, multipliers, [])
    return Separation(data, rows.in_units_of_data(vector), multipliers, numpy.flatnonzero(zeros).tolist())


class Separation:
    r"""
    What :func:`separation` found, and its certificate.

    Vectors have n + 1 entries, the bias first; `s_i` is 1 where the label is 1,
    and -1 where it is 0. Where it is printed, long numbers are rounded to six
    digits; :meth:`vector` is exact.

    EXAMPLES::

        sage: from sage_logreg.existence import separation
        sage: answer = separation([[1, 0], [2, 0], [3, 1], [4, 1]])
        sage: answer
        complete separation of 4 points: w_x1 goes to +Infinity, the bias to -Infinity along (-5/2, 1)
        sage: answer.exists(), answer.check()
        (False, True)
    """

    def __init__(self, data, vector, multipliers, rows):
        self.data = data
        self._vector = vector
        self._multipliers = multipliers
        self._rows = rows

    def kind(self):
        r"""
        Return ``'overlap'``, ``'complete'`` or ``'quasi-complete'``.

        EXAMPLES::

            sage: from sage_logreg.existence import separation
            sage: [separation(zip([1, 2, 2, 3], labels)).kind() for labels in ([0, 0, 1, 1], [0, 1, 1, 0])]
            ['quasi-complete', 'overlap']
        """
        if self._vector is None:
            return 'overlap'
        return 'quasi-complete' if self._multipliers else 'complete'

    def exists(self):
        r"""
        Return whether the maximum-likelihood estimate exists.

        EXAMPLES::

            sage: from sage_logreg.existence import separation
            sage: separation([[1, 0], [2, 1], [3, 0]]).exists()
            True
        """
        return self._vector is None

    def vector(self):
        r"""
        Return a vector `v` that separates, or ``None`` if there is none.

        OUTPUT: a vector over ``QQ`` with `s_i (v_0 + v_1 x_{i1} + \dots) \ge 0` on every row. If it is ``'complete'``,
        all are positive. If it is ``'quasi-complete'``, those of :meth:`rows` are zero, as they are for every vector
        that separates, and all others are positive. It is scaled so that its last entry that is not zero is 1 or -1.

        EXAMPLES::

            sage: from sage_logreg.existence import separation
            sage: separation([[1, 0], [2, 0], [2, 1], [3, 1]]).vector()
            (-2, 1)
            sage: print(separation([[1, 0], [2, 1], [3, 0]]).vector())
            None
        """
        if self._vector is None:
            return None
        from sage_logreg import needs_sage  # noqa: F401
        from sage.modules.free_module_element import vector
        from sage.rings.rational_field import QQ
        return vector(QQ, [_rational(entry) for entry in self._vector])

    def multipliers(self):
        r"""
        Return the proof of an overlap: positive numbers for a few rows; ``None`` if it is none.

        OUTPUT: a dictionary from rows (counted from 0) to positive rationals `\lambda_i` with
        `\sum \lambda_i s_i (1, x_i) = 0`; these are at most 2n + 2 rows, and they have rank n + 1. If `v` separated,
        `\sum \lambda_i s_i (1, x_i) \cdot v = 0` would be a sum of terms that are at least zero, so all would be zero;
        but only `v = 0` is orthogonal to rows of full rank.

        EXAMPLES::

            sage: from sage_logreg.existence import separation
            sage: points, labels = [0, 1, 1 + 1e-7, 2], [0, 1, 0, 1]
            sage: multipliers = separation((points, labels)).multipliers()
            sage: list(multipliers)
            [1, 2, 3]
            sage: sum(m * (2*labels[i] - 1) * vector([1, Rational(float(points[i]).as_integer_ratio())])
            ....:     for i, m in multipliers.items())
            (0, 0)
        """
        if self._vector is not None:
            return None
        return {row: _rational(multiplier) for row, multiplier in self._multipliers.items()}

    def rows(self):
        r"""
        Return the rows that no vector separates, counted from 0.

        These are all rows if it is ``'overlap'``, none if it is ``'complete'``, and some if it is
        ``'quasi-complete'``; they overlap among themselves.

        EXAMPLES::

            sage: from sage_logreg.existence import separation
            sage: separation([[1, 0], [2, 0], [2, 1], [3, 1]]).rows()
            [1, 2]
        """
        return list(range(len(self.data))) if self._vector is None else list(self._rows)

    def directions(self):
        r"""
        Return which weights go to infinity, and which way.

        OUTPUT: a dictionary from ``'bias'`` (``'w0'``, if a variable is itself called bias) and the variables to
        ``+Infinity``, ``-Infinity`` or ``0``, the last for a weight that stays finite

        The convention is that of [Kon2007]_: it is told of the likelihood along :meth:`vector`. A weight with a
        positive entry goes to ``+Infinity``, one with a negative entry to ``-Infinity``, as the likelihood of the rows
        that are separated goes to 1. Where only the multiples of one vector separate, that is the one answer. Where
        several vectors separate (as always if it is ``'complete'``), it tells of the one returned; another can have
        other signs and zeros.

        EXAMPLES::

            sage: from sage_logreg.existence import separation
            sage: separation([[5, 1, 0], [3, 2, 0], [4, 2, 1], [5, 2, 0], [2, 3, 1]]).directions()
            {'bias': -Infinity, 'x1': 0, 'x2': +Infinity}
            sage: separation([[1, 0], [2, 1], [3, 0]]).directions()
            {'bias': 0, 'x1': 0}
        """
        from sage.rings.infinity import Infinity
        from sage.rings.integer import Integer
        names = ('w0' if 'bias' in self.data.variables else 'bias',) + tuple(self.data.variables)
        vector = self._vector or [0] * len(names)
        return {name: Infinity if entry > 0 else -Infinity if entry < 0 else Integer(0)
                for name, entry in zip(names, vector)}

    def check(self):
        r"""
        Return whether the certificate proves the answer, checked anew in ``QQ`` on every row.

        It uses nothing of how the certificate was found, and Sage's own matrices.

        EXAMPLES::

            sage: from sage_logreg.existence import Separation, separation
            sage: data = [[1, 0], [2, 0], [3, 1], [4, 1]]
            sage: answer = separation(data)
            sage: answer.check()
            True
            sage: Separation(answer.data, [-3, 1], {}, []).check()
            False
        """
        from sage_logreg import needs_sage  # noqa: F401
        from sage.matrix.constructor import matrix
        from sage.modules.free_module_element import vector
        from sage.rings.rational_field import QQ
        width = len(self.data.variables) + 1
        multipliers = vector(QQ, [_rational(multiplier) for multiplier in self._multipliers.values()])
        if not all(0 <= row < len(self.data) for row in self._multipliers) or not all(m > 0 for m in multipliers):
            return False
        support = matrix(QQ, len(multipliers), width, [self._exact_row(row) for row in self._multipliers])
        if not (multipliers * support).is_zero():
            return False
        if self._vector is None:
            return support.rank() == width
        # every vector that separates is zero on the support, so on the rows orthogonal to this kernel
        kernel, separating, zeros = support.right_kernel().basis_matrix(), self.vector(), []
        for row in progress_bar(range(len(self.data)), desc='check'):
            exact = vector(QQ, self._exact_row(row))
            value = separating * exact
            if value < 0 or value == 0 and not (kernel * exact).is_zero():
                return False
            if value == 0:
                zeros.append(row)
        return zeros == self._rows and len(zeros) < len(self.data)

    def _exact_row(self, row):
        sign = 1 if self.data.labels[row] == 1 else -1
        return [_rational(Fraction(sign * value)) for value in [1.0] + self.data.points[row].tolist()]

    def __repr__(self):
        if self._vector is None:
            return (f'overlap of {len(self.data)} points: the estimate exists, '
                    f'proved by {len(self._multipliers)} of them')
        return (f'{self.kind()} separation of {len(self.data)} points: '
                f'{self._infinite_weights()} along {_vector_text(self._vector)}')

    def _infinite_weights(self, most=5):
        names = [f'w_{name}' for name in self.data.variables] + ['the bias']
        entries = self._vector[1:] + self._vector[:1]
        texts = [f'{name} to {"+" if entry > 0 else "-"}Infinity' for name, entry in zip(names, entries) if entry]
        texts[0] = texts[0].replace(' to ', ' goes to ')
        return ', '.join(texts[:most] + [f'and {len(texts) - most} more'] * (len(texts) > most))


class SeparationError(ValueError):
    r"""
    The maximum-likelihood estimate does not exist, as the classes are separated.

    - ``separation`` -- the :class:`Separation`

    EXAMPLES::

        sage: from sage_logreg.existence import SeparationError, separation
        sage: raise SeparationError(separation([[1, 0], [2, 0], [3, 1], [4, 1]]))
        Traceback (most recent call last):
        ...
        SeparationError: the maximum-likelihood estimate does not exist, because of complete separation of 4 points: w_x1 goes to +Infinity, the bias to -Infinity along (-5/2, 1); set a penalty l2, or bias_reduced=True, or leave x1 out

    TESTS::

        sage: error = loads(dumps(SeparationError(separation([[1, 0], [2, 0], [2, 1]]))))
        sage: error.separation.kind()
        'quasi-complete'
        sage: import numpy
        sage: from sage_logreg.dataset import Dataset
        sage: raise SeparationError(separation(Dataset(numpy.array([[1.0], [2.0]]), numpy.ones(2), ('x1',))))
        Traceback (most recent call last):
        ...
        SeparationError: the maximum-likelihood estimate does not exist, because of complete separation of 2 points: the bias goes to +Infinity along (1, 0); give points of both classes, or bias_reduced=True
    """

    def __init__(self, separation):
        super().__init__(separation)
        self.separation = separation

    def __str__(self):
        names = [name for name, entry in zip(self.separation.data.variables, self.separation._vector[1:]) if entry]
        # a penalty leaves the bias alone, so it does not help where there is one class only
        remedies = ['set a penalty l2'] if names else ['give points of both classes']
        remedies.append('bias_reduced=True')
        if names:
            which = names[0] if len(names) == 1 else 'one of ' + ', '.join(names) if len(names) < 4 else 'variables'
            remedies.append(f'leave {which} out')
        return (f'the maximum-likelihood estimate does not exist, because of {self.separation}; '
                + ', or '.join(remedies))


# Rank

def dependent_columns(data):
    r"""
    Return a linear relation between the columns 1, x1, ..., xn, or ``None`` if they are independent.

    INPUT:

    - ``data`` -- as for :func:`separation`

    OUTPUT: a vector `r` over ``QQ`` with n + 1 entries and `r_0 + r_1 x_1 + \dots + r_n x_n = 0` on every row,
    exactly. It expresses the first column that depends on those before it, whose entry is 1.

    EXAMPLES::

        sage: from sage_logreg.existence import dependent_columns
        sage: dependent_columns([[1, 5, 3, 0], [2, 7, 5, 1], [4, 1, 9, 0], [3, 3, 7, 1]])
        (-1, -2, 0, 1)
        sage: print(dependent_columns([[1, 0], [2, 1]]))
        None

    Floats are taken as they are: 0.1 + 0.2 is not 0.3::

        sage: print(dependent_columns([[0.1, 0.1, 0], [0.2, 0.2, 1], [0.1 + 0.2, 0.3, 0]]))
        None

    ALGORITHM:

    Rows are entered one by one into an integer matrix that is inverted as it grows [Edm1967]_, first a few rows from
    all over the data, then any row that contradicts a relation that is left. In floating point with a bound of the
    rounding error, and where it leaves a doubt in whole numbers, every row is tried.
    """
    relation = _independent_rows(load_data(data).design)[1]
    if relation is None:
        return None
    from sage.modules.free_module_element import vector
    from sage.rings.rational_field import QQ
    return vector(QQ, [_rational(entry) for entry in relation])


def check_columns(data):
    r"""
    Raise a ``ValueError`` that names the columns if they and the bias are linearly dependent.

    INPUT:

    - ``data`` -- as for :func:`separation`

    EXAMPLES::

        sage: from sage_logreg.existence import check_columns
        sage: from sage_logreg import load_data
        sage: check_columns([[1, 2, 0], [3, 4, 1], [5, 7, 0]])

    TESTS::

        sage: check_columns([[1, 3, 0], [2, 3, 1], [5, 3, 0]])
        Traceback (most recent call last):
        ...
        ValueError: the column x2 is constant (3.0), as the bias is; leave it out
        sage: check_columns([[1, 1, 0], [2, 2, 1], [5, 5, 0]])
        Traceback (most recent call last):
        ...
        ValueError: the columns x1 and x2 are equal; leave one of them out
        sage: check_columns([[1, 0, 3, 0], [0, 1, 2, 1], [0, 0, 4, 1], [0, 1, 1, 0], [1, 0, 0, 1]])
        sage: check_columns([[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 1, 1], [0, 1, 0, 0], [1, 0, 0, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the columns x1, x2, x3 and the bias are linearly dependent: x3 = 1 - x1 - x2; leave one of them out
        sage: check_columns([[1, 2, 0], [3, 5, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the columns x1, x2 and the bias are more than the 2 rows; leave columns out, or give at least 3 rows
        sage: x1 = var('x1')
        sage: check_columns(load_data([[1, 0], [2, 1], [5, 0]], features=[x1, 2*x1]))
        Traceback (most recent call last):
        ...
        ValueError: the columns x1 and 2*x1 are linearly dependent: 2*x1 = 2*(x1); leave one of them out
    """
    _checked_columns(load_data(data).design)


def _checked_columns(data):
    # The rows that prove that the columns are independent.
    independent, relation = _independent_rows(data)
    if relation is None:
        return independent
    width = len(data.variables) + 1
    if len(data) < width:
        raise ValueError(f'the columns {", ".join(data.variables)} and the bias are more than the {len(data)} '
                         f'row{"s" * (len(data) > 1)}; leave columns out, or give at least {width} rows')
    used = [j for j, entry in enumerate(relation) if entry]
    names = [data.variables[j - 1] for j in used if j]
    if len(names) == 1:
        raise ValueError(f'the column {names[0]} is constant ({float(data.points[0, used[-1] - 1])}), '
                         'as the bias is; leave it out')
    listed = ', '.join(names) + ' and the bias' if used[0] == 0 else ', '.join(names[:-1]) + f' and {names[-1]}'
    if len(used) == 2 and relation[used[0]] == -1:
        raise ValueError(f'the columns {listed} are equal; leave one of them out')
    formula = _formula_text([-relation[j] for j in used[:-1]], ['1' if j == 0 else data.variables[j - 1] for j in used])
    raise ValueError(f'the columns {listed} are linearly dependent{formula}; leave one of them out')


def _independent_rows(data):
    # n + 1 rows that are linearly independent, or those there are and a relation between the columns.
    rows = _Rows(data)
    basis = _IntegerBasis(rows.width)
    sample = _spread(len(data), 10 * rows.width)
    for row, integers in zip(sample.tolist(), rows.integers(sample)):
        basis.enter(row, integers, basis.units())
    while basis.units():
        relation = basis.inverse[basis.units()[0]]
        row = rows.first_not_orthogonal(relation)
        if row is None:
            return basis.rows(), rows.in_units_of_data(relation)
        basis.enter(row, rows.integers([row])[0], basis.units())
    return basis.rows(), None


def _spread(count, most):
    return numpy.unique(numpy.linspace(0, count - 1, min(count, most)).astype(numpy.int64))


# Exact rows, and a basis of some of them

# Rows that are looked at together, so that what is made of them stays small beside the data.
BLOCK = 1 << 14


class _Rows:
    # The rows s_i (1, x_i) of the data. Column j is divided by 2^exponents[j], which brings it into (-1, 1): floats
    # cannot overflow then, and whole numbers are short. Vectors are lists of whole numbers in these units.

    def __init__(self, data):
        self.points = data.points
        self.signs = numpy.where(data.labels == 1, 1, -1)
        self.width = data.points.shape[1] + 1
        largest = numpy.maximum(data.points.max(axis=0), -data.points.min(axis=0)).astype(numpy.float64)
        self.exponents = numpy.frexp(largest)[1].astype(numpy.int64)

    def integers(self, rows):
        # Each row times the least power of two that makes it whole: Python ints, len(rows) x width.
        rows = numpy.asarray(rows, dtype=numpy.int64)
        mantissas, exponents = numpy.frexp(self.points[rows].astype(numpy.float64))
        numbers = numpy.ldexp(mantissas, 53).astype(numpy.int64)
        twos = numpy.where(numbers == 0, 0, numpy.frexp((numbers & -numbers).astype(numpy.float64))[1] - 1)
        exponents = numpy.where(numbers == 0, 0, exponents - 53 + twos - self.exponents)
        lowest = numpy.minimum(exponents.min(axis=1, keepdims=True), 0)
        numbers = numpy.insert(numbers >> twos, 0, 1, axis=1) * self.signs[rows, None]
        return numbers.astype(object) << numpy.insert(exponents - lowest, [0], -lowest, axis=1).astype(object)

    def values(self, vector, first, last):
        # The products of the rows first, ..., last - 1 with the vector divided by its largest entry, and a bound of
        # their errors: (width + 3) 2^-52 is twice the bound of the roundings, the rest is for what underflows.
        largest = max(abs(entry) for entry in vector)
        floats = numpy.array([entry / largest for entry in vector])
        scaled = numpy.ldexp(self.points[first:last].astype(numpy.float64), -self.exponents)
        values = self.signs[first:last] * (floats[0] + scaled @ floats[1:])
        sizes = abs(floats[0]) + numpy.abs(scaled) @ numpy.abs(floats[1:])
        return values, sizes * (self.width + 3) * 2.0**-52 + 2.0**-1000

    def first_not_orthogonal(self, vector):
        for first in range(0, len(self.points), BLOCK):
            values, bounds = self.values(vector, first, first + BLOCK)
            certain = numpy.abs(values) > bounds
            if not certain.any():
                certain = self.integers(first + numpy.arange(len(values))).dot(vector) != 0
            if certain.any():
                return first + int(numpy.argmax(certain))
        return None

    def signed_values(self, vector, skip):
        # The products with the vector: approximately, but their signs and zeros are exact where skip is not set.
        result = numpy.empty(len(self.points))
        for first in range(0, len(result), BLOCK):
            values, bounds = self.values(vector, first, first + BLOCK)
            unsure = numpy.flatnonzero((numpy.abs(values) <= bounds) & ~skip[first:first + BLOCK])
            if len(unsure):
                values[unsure] = numpy.sign(self.integers(first + unsure).dot(vector)).astype(float) * bounds[unsure]
            result[first:first + BLOCK] = values
        return result

    def in_units_of_data(self, vector):
        # As fractions, the last entry that is not zero made 1 or -1.
        entries = [Fraction(entry) for entry in vector]
        entries[1:] = [entry / Fraction(2)**int(exponent) for entry, exponent in zip(entries[1:], self.exponents)]
        last = [abs(entry) for entry in entries if entry][-1]
        return [entry / last for entry in entries]


class _IntegerBasis:
    # A square matrix of whole numbers whose columns, unit vectors at first, are exchanged for rows of the data. Kept
    # are its determinant and its inverse times the determinant, both whole numbers, so that every division is exact.
    # A place where row i of the data stands has the member i, one where a unit vector stands has a negative member.

    def __init__(self, size):
        self.inverse = numpy.array([[int(i == j) for j in range(size)] for i in range(size)], dtype=object)
        self.determinant = 1
        self.members = list(range(-size, 0))

    def units(self):
        return [place for place, member in enumerate(self.members) if member < 0]

    def rows(self):
        return [member for member in self.members if member >= 0]

    def exchange(self, place, member, coordinates):
        pivot, kept = coordinates[place], self.inverse[place].copy()
        self.inverse = (pivot * self.inverse - numpy.outer(coordinates, kept)) // self.determinant
        self.inverse[place] = kept
        self.determinant = pivot
        if pivot < 0:
            self.inverse, self.determinant = -self.inverse, -pivot
        self.members[place] = member

    def enter(self, member, column, places):
        # At the first of the places where it keeps the matrix invertible, if there is one.
        coordinates = self.inverse[places].dot(column) if places else []
        for place, coordinate in zip(places, coordinates):
            if coordinate:
                return self.exchange(place, member, self.inverse.dot(column))


# The search for the certificate

def _certificate(rows, independent):
    # A separating vector (or None), multipliers of rows.integers, and which rows are zero for all separating vectors.
    count, width = len(rows.points), rows.width
    work = numpy.union1d(_spread(count, 10 * width), independent)
    integers = rows.integers(work)
    tight, multipliers = numpy.zeros(count, dtype=bool), {}
    while True:
        programme = _Programme(rows, multipliers)
        if not len(programme.normals):
            return None, multipliers, tight
        tight[work[programme.orthogonal(integers)]] = True
        programme.add(work[~tight[work]], integers[~tight[work]])
        while programme.minimize():
            vector = programme.vector()
            wrong = _not_separated(rows, vector, tight, programme)
            if not len(wrong):
                return _short(rows, programme, tight), multipliers, tight
            work, integers = numpy.append(work, wrong), numpy.vstack([integers, rows.integers(wrong)])
            programme.add(wrong, integers[-len(wrong):])
        multipliers = _sum_of_multipliers(multipliers, programme.multipliers())


def _not_separated(rows, vector, tight, programme):
    # The rows that the vector separates worst, 5 times their width at most; marks those that turn out to be tight.
    values = rows.signed_values(vector, tight)
    zeros = numpy.flatnonzero((values == 0) & ~tight)
    for first in range(0, len(zeros), BLOCK):
        part = zeros[first:first + BLOCK]
        tight[part[programme.orthogonal(rows.integers(part))]] = True
    wrong = numpy.flatnonzero((values <= 0) & ~tight)
    return wrong[numpy.argsort(values[wrong], kind='stable')[:5 * rows.width]]


def _sum_of_multipliers(old, new):
    # The new ones may be negative on the old rows; enough of the old ones makes all positive.
    times = max([1] + [-new.get(row, 0) // multiplier + 1 for row, multiplier in old.items()])
    total = {row: times * old.get(row, 0) + new.get(row, 0) for row in [*old, *(row for row in new if row not in old)]}
    return _primitive(total)


def _primitive(multipliers):
    divisor = math.gcd(*multipliers.values())
    return {row: multiplier // divisor for row, multiplier in multipliers.items()}


class _Programme:
    # The linear programme: minimise the sum of |u_j| where sum of lambda_i (a_i, 1) + sum of mu_t (a_t, 0) = (u, 1),
    # lambda_i >= 0; i are the rows that were added, t the rows set apart before. The unit vectors that are still in
    # the basis, with either sign, stand for the u_j. They cost 1 each, and once out they never come back.

    def __init__(self, rows, apart):
        self.width = rows.width
        self.basis = _IntegerBasis(self.width + 1)
        apart = list(apart)
        for row, column in zip(apart, rows.integers(apart)):
            self.basis.enter(row, numpy.append(column, 0), self.basis.units()[:-1])
        units = self.basis.units()[:-1]
        self.free = set(range(self.width)) - set(units)
        # a basis of the vectors that are orthogonal to the rows set apart
        self.normals = self.basis.inverse[units, :self.width]
        self.coordinates = [self.width + 1 + self.basis.members[unit] for unit in units]
        self.members, self.columns = numpy.empty(0, dtype=numpy.int64), numpy.empty((0, self.width + 1), dtype=object)

    def orthogonal(self, integers):
        return (integers.dot(self.normals.T) == 0).all(axis=1)

    def add(self, rows, integers):
        # The last entry makes each row as large as it was before it was made whole.
        columns = numpy.column_stack([integers, numpy.abs(integers[:, 0])])
        if not len(self.members):
            self.basis.enter(int(rows[0]), columns[0], [self.width])
            for unit in self.basis.units():
                if self.basis.inverse[unit, -1] < 0:
                    self.basis.inverse[unit] *= -1
        self.members, self.columns = numpy.append(self.members, rows), numpy.vstack([self.columns, columns])
        self.sizes = self.columns[:, -1].max() // self.columns[:, -1]

    def costs(self):
        return self.basis.inverse[self.basis.units()].sum(axis=0)

    def vector(self):
        return -self.costs()[:-1]

    def multipliers(self):
        return {member: self.basis.inverse[place, -1] for place, member in enumerate(self.basis.members)
                if member >= 0 and self.basis.inverse[place, -1]}

    def minimize(self):
        # Whether the minimum over the rows that were added is above zero; stops at zero.
        stalled = 0
        while True:
            costs = self.costs() if self.basis.units() else [0]
            if costs[-1] == 0:
                return False
            gains = self.columns.dot(costs)
            candidates = numpy.flatnonzero(gains > 0)
            if not len(candidates):
                return True
            # the largest gain first; the first row (Bland's rule) after some steps that gained nothing, as that
            # cannot go round in a circle
            chosen = (numpy.argmin(self.members[candidates]) if stalled > 20
                      else numpy.argmax(gains[candidates] * self.sizes[candidates]))
            column = candidates[chosen]
            coordinates = self.basis.inverse.dot(self.columns[column])
            place = self.leaving(coordinates)
            stalled = 0 if self.basis.inverse[place, -1] else stalled + 1
            self.basis.exchange(place, int(self.members[column]), coordinates)

    def leaving(self, coordinates):
        # The place that first becomes zero, of several the one with the first member.
        best = None
        for place in range(self.width + 1):
            if place in self.free or coordinates[place] <= 0:
                continue
            if best is not None:
                order = (self.basis.inverse[place, -1] * coordinates[best]
                         - self.basis.inverse[best, -1] * coordinates[place])
            if best is None or order < 0 or order == 0 and self.basis.members[place] < self.basis.members[best]:
                best = place
        return best


def _short(rows, programme, tight):
    # The vector with its coordinates in the programme's normals rounded to as few bits as still separate.
    vector = programme.vector()
    coordinates = [vector[j] for j in programme.coordinates]
    largest = max(abs(coordinate) for coordinate in coordinates)
    for bits in (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64):
        rounded = [round(Fraction(coordinate << bits, largest)) for coordinate in coordinates]
        candidate = programme.normals.T.dot(rounded)
        if (rows.signed_values(candidate, tight)[~tight] > 0).all():
            return candidate
    return vector


# Text

def _rational(value):
    # outside of a running Sage the field can only be loaded after its integers
    from sage.rings.integer import Integer  # noqa: F401
    from sage.rings.rational_field import QQ
    return QQ((value.numerator, value.denominator)) if isinstance(value, Fraction) else QQ(value)


def _number_text(value):
    if max(abs(value.numerator), value.denominator) < 10**6:
        return str(value)
    context = Context(prec=6)
    return str(context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(context))


def _vector_text(vector, most=8):
    texts = [_number_text(entry) for entry in vector]
    return f'({", ".join(texts[:most] + ["..."] * (len(texts) > most))})'


def _formula_text(coefficients, names, longest=60):
    # ': x3 = 2*x2 - 1/2', or nothing if that is long or not short numbers. A feature stands in parentheses where it is a
    # sum or the like, and where the formula would say that it is itself: 2*x1 = 2*(x1).
    if any(max(abs(value.numerator), value.denominator) >= 10**6 for value in coefficients):
        return ''
    text = _sum_text(coefficients, [name if name == '1' or name.isidentifier() else f'({name})' for name in names])
    if text == names[-1]:
        text = _sum_text(coefficients, [name if name == '1' else f'({name})' for name in names])
    return f': {names[-1]} = {text}' if len(text) <= longest else ''


def _sum_text(coefficients, names):
    terms = []
    for value, name in zip(coefficients, names):
        size = abs(value)
        term = str(size) if name == '1' else name if size == 1 else f'{size}*{name}'
        terms.append((' - ' if value < 0 else ' + ') + term)
    text = ''.join(terms)
    return text[3:] if text.startswith(' + ') else '-' + text[3:]
