r"""
What was decided of the existence of an estimate, with its certificate

EXAMPLES::

    sage: from sage_logreg import separation
    sage: separation([[1, 0], [2, 0], [3, 1], [4, 1]]).check()
    True
"""
import functools
import math
from decimal import Context, Decimal

import numpy

from sage_logreg.dataset.design import row_blocks
from sage_logreg.dataset.names import weight_names
from sage_logreg.exact.basis import SignedRows
from sage_logreg.exact.programme import few_multipliers, primitive
from sage_logreg.exact.vertices import multipliers_at_a_vertex
from sage_logreg.support.constants import Constant, constants_of, used_alone
from sage_logreg.support.exact_number import exact_number
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.progress import progress_bar
from sage_logreg.support.threads import one_at_a_time

# points that are checked at once
CHECKED = 1 << 12


class Separation:
    r"""
    What :func:`separation` found, and its certificate.

    Vectors have n + 1 entries, in the order of :meth:`weight_names`, and without an intercept n; `s_i` is 1 where the
    label is 1, and -1 where it is 0. In print, entries that are zero are left out and long numbers are rounded to six digits;
    :meth:`vector` is exact.

    EXAMPLES::

        sage: from sage_logreg.exact.separation import separation
        sage: answer = separation([[1, 0], [2, 0], [3, 1], [4, 1]])
        sage: answer
        complete separation of 4 points: w_x1 goes to +Infinity, the bias to -Infinity along (bias: -5/2, x1: 1)
        sage: answer.exists(), answer.check()
        (False, True)
    """

    def __init__(self, data, vector, multipliers, rows, numbers=None):
        # the rows that count; where some do not, their numbers in the user's data
        self.data, self._numbers = data, numbers or range(len(data))
        self._vector = vector
        # None where they are found when they are asked for
        self._given_multipliers = multipliers
        self._rows = rows

    @functools.cached_property
    def _multipliers(self):
        if self._given_multipliers is not None:
            return self._given_multipliers
        if self._vector is not None and not self._rows:
            return {}
        with used_alone(self.data.design.exact):
            rows = self._signed_rows()
            which = numpy.arange(len(rows)) if self._vector is None else numpy.array(self._rows, dtype=numpy.int64)
            return in_units_of_data(rows, multipliers_at_a_vertex(rows, which) or few_multipliers(rows, which))

    def _signed_rows(self):
        return SignedRows(self.data)

    def kind(self):
        r"""
        Return ``'overlap'``, ``'complete'`` or ``'quasi-complete'``.

        EXAMPLES::

            sage: from sage_logreg.exact.separation import separation
            sage: [separation(zip([1, 2, 2, 3], labels)).kind() for labels in ([0, 0, 1, 1], [0, 1, 1, 0])]
            ['quasi-complete', 'overlap']
        """
        if self._vector is None:
            return 'overlap'
        return 'quasi-complete' if self._tight_count() else 'complete'

    def exists(self):
        r"""
        Return whether the maximum-likelihood estimate exists.

        EXAMPLES::

            sage: from sage_logreg.exact.separation import separation
            sage: separation([[1, 0], [2, 1], [3, 0]]).exists()
            True
        """
        return self._vector is None

    def weight_names(self):
        r"""
        Return the names of the entries of :meth:`vector`.

        OUTPUT: a tuple of strings: ``'bias'`` (``'w0'``, if a variable is itself called bias), and the variables
        or features

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.exact.separation import separation
            sage: answer = separation(load_data([[1, 0], [2, 0], [3, 1]], variables='dose'))
            sage: dict(zip(answer.weight_names(), answer.vector()))
            {'bias': -5/2, 'dose': 1}
        """
        return weight_names(self.data.design.variables, self.data.intercept)

    def vector(self):
        r"""
        Return a vector `v` that separates, or ``None`` if there is none.

        OUTPUT: a vector over ``QQ`` (of algebraic numbers or expressions, if the data have such) with `s_i (v_0 + v_1 x_{i1} + \dots) \ge 0` on every row. If it is ``'complete'``,
        all are positive. If it is ``'quasi-complete'``, those of :meth:`rows` are zero, as they are for every vector
        that separates, and all others are positive. It is scaled so that its last nonzero entry is 1 or -1.

        EXAMPLES::

            sage: from sage_logreg.exact.separation import separation
            sage: separation([[1, 0], [2, 0], [2, 1], [3, 1]]).vector()
            (-2, 1)
            sage: print(separation([[1, 0], [2, 1], [3, 0]]).vector())
            None
        """
        return None if self._vector is None else sage_vector(self._vector)

    def multipliers(self):
        r"""
        Return the proof of an overlap: positive numbers for a few rows; ``None`` if there is no overlap.

        OUTPUT: a dictionary from rows of the data (counted from 0; of grouped data the groups with successes come
        first, then those with failures) to positive rationals `\lambda_i` with
        `\sum \lambda_i s_i (1, x_i) = 0`; these are at most 2n + 2 rows, and they have rank n + 1
        (without an intercept `\sum \lambda_i s_i x_i = 0`, at most 2n rows, and rank n). If `v` separated,
        `\sum \lambda_i s_i (1, x_i) \cdot v = 0` would be a sum of terms that are at least zero, so all would be zero;
        but only `v = 0` is orthogonal to rows of full rank.

        EXAMPLES::

            sage: from sage_logreg.exact.separation import separation
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
        multipliers = sage_vector(self._multipliers.values())
        return {self._numbers[row]: multiplier for row, multiplier in zip(self._multipliers, multipliers)}

    def rows(self):
        r"""
        Return the rows that no vector separates, counted from 0.

        These are all rows if it is ``'overlap'``, none if it is ``'complete'``, and some if it is
        ``'quasi-complete'``; they overlap among themselves.

        EXAMPLES::

            sage: from sage_logreg.exact.separation import separation
            sage: separation([[1, 0], [2, 0], [2, 1], [3, 1]]).rows()
            [1, 2]
        """
        return list(self._numbers) if self._vector is None else [self._numbers[row] for row in self._rows]

    def directions(self):
        r"""
        Return which weights go to infinity, and which way.

        OUTPUT: a dictionary from the :meth:`weight_names` to
        ``+Infinity``, ``-Infinity`` or ``0``, the last for a weight that stays finite

        The convention is that of [Kon2007]_: the answer describes the likelihood along :meth:`vector`. A weight with a
        positive entry goes to ``+Infinity``, one with a negative entry to ``-Infinity``, as the likelihood of the rows
        that are separated goes to 1. If only the multiples of one vector separate, the answer is unique. If several
        vectors separate (as always if it is ``'complete'``), it is for the one returned; another can have other signs
        and zeros.

        EXAMPLES::

            sage: from sage_logreg.exact.separation import separation
            sage: separation([[5, 1, 0], [3, 2, 0], [4, 2, 1], [5, 2, 0], [2, 3, 1]]).directions()
            {'bias': -Infinity, 'x1': 0, 'x2': +Infinity}
            sage: separation([[1, 0], [2, 1], [3, 0]]).directions()
            {'bias': 0, 'x1': 0}
        """
        names = self.weight_names()
        return infinities(names, self._vector or [0] * len(names))

    @interrupts_explained('check: interrupted; the certificate is not checked yet')
    @one_at_a_time
    def check(self):
        r"""
        Return whether the certificate proves the answer, checked anew in ``QQ`` on every row.

        It uses Sage's own matrices, and nothing of how the certificate was found.

        EXAMPLES::

            sage: from sage_logreg.exact.separation import Separation, separation
            sage: data = [[1, 0], [2, 0], [3, 1], [4, 1]]
            sage: answer = separation(data)
            sage: answer.check()
            True
            sage: Separation(answer.data, [-3, 1], {}, []).check()
            False
        """
        constants, count, width = constants_of(self.data.design.exact), self._count(), self._width()
        support = self._support(constants)
        if support is None or self._vector is None:
            return support is not None and support.rank() == width
        field = support.base_ring()
        # every vector that separates is zero on the support, so also on the rows orthogonal to this kernel
        kernel = whole_rows(field, support.right_kernel_matrix(basis='computed').rows(), width).transpose()
        separating, zeros = whole_rows(field, [field_elements(constants, self._vector)[1]], width).transpose(), []
        with progress_bar(total=len(self.data), desc='check') as bar:
            for points in row_blocks(len(self.data), CHECKED):
                numbers = numpy.arange(points.start, points.stop)
                table = whole_rows(field, self._exact_points(constants, numbers), self.data.design.count)
                for sign, rows, which, part in self._margins(numbers):
                    some = table.matrix_from_rows(which.tolist())
                    signs = numpy.array([sign * _sign(constants, value) for value in (some * part(separating)).list()], dtype=int)
                    none = numpy.flatnonzero(signs == 0)
                    if (signs < 0).any() or not (some.matrix_from_rows(none.tolist()) * part(kernel)).is_zero():
                        return False
                    zeros += rows[none].tolist()
                bar.update(len(numbers))
        return sorted(zeros) == self._rows and len(zeros) < count

    def _support(self, constants):
        # The rows with multipliers, a matrix; None if these do not add up to zero.
        from sage_logreg.support import needs_sage  # noqa: F401
        from sage.matrix.constructor import matrix
        from sage.modules.free_module_element import vector
        if not (all(0 <= row < self._count() for row in self._multipliers) and all(m > 0 for m in self._multipliers.values())):
            return None
        field, factors = field_elements(constants, self._multipliers.values())
        support = matrix(field, len(factors), self._width(), [self._exact_row(constants, row) for row in self._multipliers])
        return support if (vector(field, factors) * support).is_zero() else None

    def _margins(self, points):
        # The pairs of which the margins are products of these points with the same part of a matrix, in groups: a sign, their
        # numbers, the places of their points among these, and the function that takes the part
        for label in range(2):
            which = numpy.flatnonzero(self.data.labels[points] == label)
            yield 2 * label - 1, points[which], which, lambda columns: columns

    def _exact_points(self, constants, numbers):
        given = [[1] * self.data.intercept + list(row) for row in self.data.design.exact.rows(numbers)]
        return [field_elements(constants, row)[1] for row in given]

    def _number_of_points(self):
        return len(self.data)

    def _tight_count(self):
        return len(self._rows)

    def _count(self):
        return self._number_of_points()

    def _width(self):
        return self.data.design.count

    def _exact_row(self, constants, row):
        sign = 1 if self.data.labels[row] == 1 else -1
        return [sign * element for element in self._exact_points(constants, [row])[0]]

    def __repr__(self):
        if self._vector is None:
            given = self._given_multipliers
            return (f'overlap of {self._number_of_points()} points: the estimate exists, '
                    f'proved by {"the residuals of a fit" if given is None else f"{len(given)} of them"}')
        return (f'{self.kind()} separation of {self._number_of_points()} points: '
                f'{self._infinite_weights()} along ({self._vector_text()})')

    def _vector_text(self, most=5):
        texts = [f'{name}: {_number_text(entry)}' for name, entry in zip(self.weight_names(), self._vector) if entry]
        return ', '.join(texts[:most] + ['...'] * (len(texts) > most))

    def _infinite_weights(self, most=5):
        names = [f'w_{name}' for name in self.data.design.variables] + ['the bias'] * self.data.intercept
        bias, slopes = self.data.design.parts(self._vector)
        entries = slopes + bias
        texts = [f'{name} to {"+" if entry > 0 else "-"}Infinity' for name, entry in zip(names, entries) if entry]
        texts[0] = texts[0].replace(' to ', ' goes to ')
        return ', '.join(texts[:most] + [f'and {len(texts) - most} more'] * (len(texts) > most))


# Numbers of Sage's, and texts

def field_elements(constants, values):
    # The field, QQ unless there are irrational constants, and the values as elements of it.
    if constants is not None:
        return constants.field, [value.element if isinstance(value, Constant) else constants.elements([value])[0].element
                                 for value in values]
    # outside of a running Sage the field can only be loaded after its integers
    from sage.rings.integer import Integer  # noqa: F401
    from sage.rings.rational_field import QQ
    return QQ, [QQ((value.numerator, value.denominator)) for value in map(exact_number, values)]


def whole_rows(field, rows, width):
    r"""
    Return the matrix of rows, each times the least positive number that makes it whole if they are rational.
    """
    from sage.matrix.constructor import matrix
    from sage.rings.integer_ring import ZZ
    from sage.rings.rational_field import QQ
    if field is not QQ:
        return matrix(field, len(rows), width, rows)
    wholes = [math.lcm(*(int(entry.denominator()) for entry in row)) for row in rows]
    return matrix(ZZ, len(rows), width, [[entry * whole for entry in row] for row, whole in zip(rows, wholes)])


def _sign(constants, element):
    return element.sign() if constants is None else Constant(constants, element).sign()


def infinities(names, vector):
    r"""
    Return which way the entries of a vector go to infinity, by their names.
    """
    from sage.rings.infinity import Infinity
    from sage.rings.integer import Integer
    return {name: Infinity if entry > 0 else -Infinity if entry < 0 else Integer(0) for name, entry in zip(names, vector)}


@one_at_a_time
def sage_vector(values):
    # over QQ; where there are irrational constants, over the algebraic reals or of expressions
    from sage_logreg.support import needs_sage  # noqa: F401
    from sage.modules.free_module_element import vector
    values = list(values)
    if any(isinstance(value, Constant) for value in values):
        return vector([value.sage() if isinstance(value, Constant) else value for value in values])
    return vector(*field_elements(None, values))


def _number_text(value):
    if isinstance(value, Constant):
        return f'{float(value):.6g}'
    if max(abs(value.numerator), value.denominator) < 10**6:
        return str(value)
    context = Context(prec=6)
    return str(context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(context))


def in_units_of_data(rows, multipliers):
    # with the rows and the columns unscaled
    support = sorted(multipliers)
    sizes = numpy.abs(rows.with_ones(support)[:, 0])
    return primitive({row: multipliers[row] * size for row, size in zip(support, sizes)})
