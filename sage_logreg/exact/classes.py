r"""
Whether more than two classes are separated: the question of two classes, asked of the pairs of a point and another class

EXAMPLES::

    sage: from sage_logreg import separation
    sage: separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']])
    quasi-complete separation of 6 points of 3 classes: 'a' comes apart from 'b', 'c'
    sage: separation([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
    overlap of 7 points of 3 classes: the estimate exists, proved by 6 pairs of a point and another class

ALGORITHM:

The estimate exists if there are no weights `w_k` with `(1, x_i) \cdot (w_{y_i} - w_j) \ge 0` for all points `i` and all classes `j`
other than `y_i`, not all of them zero [AA1984]_. These are the products of one vector, the differences `w_k - w_0` one after the
other, with a row for each pair `(i, j)`, which has `(1, x_i)` at the place of `y_i` and `-(1, x_i)` at that of `j`. So the
pairs are decided as the rows of two classes are. Their table is never written out: products with it are differences of
products with the points. The search in floats is Newton's method on the softmax cost, whose probabilities `p_{ij}` of the
other classes are the multipliers.

REFERENCES:

.. [AA1984] \A. Albert and J. A. Anderson, *On the existence of maximum likelihood estimates in logistic regression models*,
   Biometrika 71 (1984) 1-10.
"""
import functools

import numpy

from sage_logreg.dataset.labels import place_of_label
from sage_logreg.exact.basis import SignedRows
from sage_logreg.exact.certificate import Separation, infinities, sage_vector
from sage_logreg.exact.search import Search, decided_by
from sage_logreg.exact.whitened import WhiteRows, whitened
from sage_logreg.support.arguments import listed
from sage_logreg.support.progress import progress_bar


class PairRows(SignedRows):
    r"""
    The rows of all pairs of a point and a class other than its own, as :class:`~sage_logreg.exact.basis.SignedRows`.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` of K classes
    - ``extremes`` -- (default: those of the data) as for :class:`~sage_logreg.exact.basis.SignedRows`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.exact.classes import PairRows
        sage: import numpy
        sage: rows = PairRows(load_data([[5, 0], [7, 1], [9, 2], [4, 0]]))
        sage: rows.integers(numpy.arange(len(rows)))
        array([[-16, -5, 0, 0],
               [0, 0, -16, -5],
               [16, 7, 0, 0],
               [16, 7, -16, -7],
               [0, 0, 16, 9],
               [-16, -9, 16, 9],
               [-4, -1, 0, 0],
               [0, 0, -4, -1]], dtype=object)
    """

    def __init__(self, data, extremes=None):
        self.of_one = SignedRows(data, extremes)
        # a pair's sign says which class it is of
        self.of_one.signs = numpy.ones(len(data), dtype=numpy.int64)
        self.exact, self.intercept, self.rounding = self.of_one.exact, False, self.of_one.rounding
        self.labels, self.others = data.labels.astype(int), data.classes - 1
        bias = numpy.zeros(int(self.of_one.intercept), dtype=numpy.int64)
        self.exponents = numpy.tile(numpy.concatenate([bias, self.of_one.exponents]), self.others)
        self.width = len(self.exponents)

    def __len__(self):
        return len(self.labels) * self.others

    @functools.cached_property
    def places(self):
        r"""
        The points and the other classes of all pairs, two arrays.
        """
        return self.of_pairs(numpy.arange(len(self)))

    def of_pairs(self, pairs):
        r"""
        Return the points and the other classes of some pairs, given by their numbers.
        """
        points, others = numpy.divmod(pairs, self.others)
        return points, others + (others >= self.labels[points])

    def of_points(self, numbers):
        r"""
        Return the numbers of all pairs of some points.
        """
        return (numpy.asarray(numbers, dtype=numpy.int64)[:, None] * self.others + numpy.arange(self.others)).ravel()

    def _spread(self, pairs, table):
        # The rows of points at the places of the classes, of which the first has none.
        points, others = self.of_pairs(pairs)
        rows = numpy.zeros((len(table), self.others + 1, table.shape[1]), dtype=table.dtype)
        places = numpy.arange(len(table))
        rows[places, self.labels[points]] = table
        rows[places, others] = -table
        return rows[:, 1:].reshape(len(table), self.width)

    def with_ones(self, rows):
        pairs = numpy.asarray(rows, dtype=numpy.int64)
        table = self.of_one.with_ones(pairs // self.others)
        return numpy.column_stack([table[:, :1], self._spread(pairs, self.of_one.of_the_model(table))])

    def products(self, rows, vectors):
        # differences of those of the points with the vectors' parts for each class, of which the first has none
        points, others = self.of_pairs(numpy.asarray(rows, dtype=numpy.int64))
        used, places = numpy.unique(points, return_inverse=True)
        count = vectors.shape[1]
        parts = vectors.reshape(self.others, -1, count).transpose(1, 0, 2).reshape(-1, self.others * count)
        scores = self.of_one.products(used, parts).reshape(len(used), self.others, count)
        scores = numpy.concatenate([scores[:, :1] * 0, scores], axis=1)
        return scores[places, self.labels[points]] - scores[places, others]

    def floats(self, rows):
        pairs = numpy.arange(len(self))[rows]
        return self._spread(pairs, self.of_one.floats(pairs // self.others))

    def values(self, vector, rows):
        # as of two classes, with the bounds of both products and of their difference
        largest = max(abs(entry) for entry in vector)
        weights = numpy.array([float(entry / largest) for entry in vector]).reshape(self.others, -1)
        weights = numpy.vstack([numpy.zeros_like(weights[:1]), weights])
        some = slice(rows.start // self.others, -(-rows.stop // self.others))
        floats = self.of_one.floats(some)
        z, sizes = floats @ weights.T, abs(floats) @ abs(weights).T
        points, others = self.of_pairs(numpy.arange(rows.start, rows.stop))
        own, points = self.labels[points], points - some.start
        bounds = (sizes[points, own] + sizes[points, others]) * (weights.shape[1] + 6) * 2.0**-52 + 2 * self.rounding
        return z[points, own] - z[points, others], bounds


class SoftmaxSearch(Search):
    r"""
    Newton's method on the softmax cost of the points.

    INPUT:

    - ``points`` -- the :class:`~sage_logreg.exact.whitened.WhiteRows` of ``rows.of_one``
    - ``rows`` -- a :class:`PairRows`

    EXAMPLES: see :mod:`sage_logreg.exact.classes`.
    """

    def __init__(self, points, rows, bar):
        self.points, self.rows, self.bar = points, rows, bar
        points.keep()
        self.white = WhiteRows(rows, numpy.kron(numpy.eye(rows.others), points.matrix))
        self.vector = numpy.zeros(self.white.matrix.shape[1])

    def terms(self, vector, curved=True):
        labels, others = self.rows.labels, self.rows.others
        width = len(vector) // others
        weights = numpy.vstack([numpy.zeros(width), vector.reshape(others, width)])
        cost, gradient, hessian, least = 0.0, 0.0, numpy.zeros((others, width, others, width)), numpy.inf
        residuals = numpy.empty((len(labels), others))
        for block, rows in self.points.blocks():
            own = numpy.arange(others + 1) == labels[block, None]
            z = rows @ weights.T
            z -= z[own][:, None]
            least = min(least, -z[~own].max())
            top = z.max(axis=1)
            p = numpy.exp(z - top[:, None])
            wrong = numpy.where(own, 0.0, p).sum(axis=1)
            cost += (top + numpy.log1p(wrong - (1 - p[own]))).sum()
            total = wrong + p[own]
            p /= total[:, None]
            residuals[block] = p[~own].reshape(-1, others)
            # without cancellation where a class is nearly certain
            complement = numpy.where(own, (wrong / total)[:, None], 1 - p)
            gradient = gradient + numpy.where(own, -complement, p).T @ rows
            for a in range(others if curved else 0):
                for b in range(a + 1):
                    curvature = p[:, a + 1] * (complement[:, a + 1] if a == b else -p[:, b + 1])
                    part = rows.T @ (curvature[:, None] * rows)
                    hessian[a, :, b] += part
                    if a != b:
                        hessian[b, :, a] += part.T
        self.residuals, self.least = residuals.ravel(), least
        return cost, gradient[1:].ravel(), hessian.reshape(len(vector), -1)


def decided_of_classes(rows):
    r"""
    Return :func:`~sage_logreg.exact.search.decided` of a :class:`PairRows`.

    EXAMPLES::

        sage: from sage_logreg import penguins
        sage: from sage_logreg.exact.classes import PairRows, decided_of_classes
        sage: data = penguins(label='species', variables='bill_length_mm, body_mass_g')
        sage: decided_of_classes(PairRows(data))
        (None, [])
    """
    with progress_bar(desc='separation', unit=' steps') as bar:
        # the pairs' columns are independent if the points' are
        points = whitened(rows.of_one, numpy.ones(len(rows.of_one)))
        return None if points is None else decided_by(SoftmaxSearch(points, rows, bar))


class SeparationOfClasses(Separation):
    r"""
    What :func:`~sage_logreg.exact.separation.separation` found for K classes, and its certificate.

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, of rows that count
    - ``vector``, ``multipliers``, ``rows`` -- as of two classes, of the pairs and the differences of :class:`PairRows`
    - ``numbers`` -- (default: from 0 on) the numbers of the rows in the user's data

    EXAMPLES::

        sage: from sage_logreg import separation
        sage: answer = separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']])
        sage: answer
        quasi-complete separation of 6 points of 3 classes: 'a' comes apart from 'b', 'c'
        sage: answer.kind(), answer.exists(), answer.check()
        ('quasi-complete', False, True)
    """

    def _signed_rows(self):
        return PairRows(self.data)

    def _pair(self, pair):
        # the point, its class and another
        point, other = divmod(int(pair), self.data.classes - 1)
        own = int(self.data.labels[point])
        return point, own, other + (other >= own)

    def vector(self, baseline=None):
        r"""
        Return weights that separate, exactly: a row a class and the bias first; ``None`` if there are none.

        INPUT:

        - ``baseline`` -- (default: none, and the sum of the rows is zero) a class whose row is zero

        OUTPUT: a K x (n + 1) matrix `V` over ``QQ`` with `(1, x_i) \cdot (V_{y_i} - V_j) \ge 0` for all points and all other
        classes `j`. It is zero for the pairs of :meth:`pairs`, as it is for all weights that separate, and positive for all others

        EXAMPLES::

            sage: from sage_logreg import separation
            sage: answer = separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']])
            sage: V = answer.vector(baseline='b')
            sage: V[0] == -V[1] or V[1] == 0, V[1] == V[2], sum(answer.vector())
            (True, True, (0, 0))
        """
        if self._vector is None:
            return None
        from sage.matrix.constructor import matrix
        place = None if baseline is None else place_of_label(baseline, self.data)
        return matrix([sage_vector(row) for row in self._of_classes(place)])

    def _of_classes(self, place=None):
        # the weights of each class, less those of the one at a place, or such that their sum is zero
        count, zero = self.data.design.count, self._vector[0] * 0
        rows = [[zero] * count] + [list(self._vector[k:k + count]) for k in range(0, len(self._vector), count)]
        first = [sum(column) / len(rows) for column in zip(*rows)] if place is None else rows[place]
        return [[entry - less for entry, less in zip(row, first)] for row in rows]

    def multipliers(self):
        r"""
        Return the proof of an overlap: positive numbers for a few pairs; ``None`` if there is no overlap.

        OUTPUT: a dictionary from pairs of a row of the data, counted from 0, and the label of another class to positive rationals
        `\lambda_{ij}`. With `e_k` the unit vectors of the classes, `\sum \lambda_{ij} (e_{y_i} - e_j) (1, x_i)^T = 0`, and these
        matrices have rank (K - 1)(n + 1)

        EXAMPLES::

            sage: from sage_logreg import separation
            sage: separation([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']]).multipliers()
            {(0, 'b'): 16,
             (1, 'a'): 32,
             (1, 'c'): 1,
             (2, 'b'): 2,
             (3, 'c'): 1,
             (5, 'b'): 16}
        """
        if self._vector is not None:
            return None
        return dict(zip(map(self._named, self._multipliers), sage_vector(self._multipliers.values())))

    def _named(self, pair):
        point, _, other = self._pair(pair)
        return int(self._numbers[point]), self.data.label_names[other]

    def pairs(self):
        r"""
        Return the pairs of a row and another class's label that no weights separate.

        These are all if it is ``'overlap'``, none if it is ``'complete'``, and some if it is ``'quasi-complete'``.

        EXAMPLES::

            sage: from sage_logreg import separation
            sage: separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']]).pairs()
            [(2, 'c'), (3, 'b'), (4, 'c'), (5, 'b')]
        """
        return list(map(self._named, range(self._count()) if self._vector is None else self._rows))

    def rows(self):
        r"""
        Return the rows that no weights separate from all other classes, counted from 0: those of :meth:`pairs`.

        EXAMPLES::

            sage: from sage_logreg import separation
            sage: separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']]).rows()
            [2, 3, 4, 5]
        """
        return list(dict.fromkeys(row for row, _ in self.pairs()))

    def directions(self):
        r"""
        Return which weights go to infinity, and which way, along :meth:`vector`.

        OUTPUT: a dictionary from the labels to dictionaries as of two classes

        EXAMPLES::

            sage: from sage_logreg import separation
            sage: separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']]).directions()
            {'a': {'bias': +Infinity, 'x1': -Infinity}, 'b': {'bias': -Infinity, 'x1': +Infinity}, 'c': {'bias': -Infinity, 'x1': +Infinity}}
        """
        names = self.weight_names()
        rows = [[0] * len(names)] * self.data.classes if self._vector is None else self._of_classes()
        return {label: infinities(names, row) for label, row in zip(self.data.label_names, rows)}

    def apart(self):
        r"""
        Return which pairs of classes come apart along :meth:`vector`: no point of either is on the boundary between them, or beyond it.

        EXAMPLES::

            sage: from sage_logreg import separation
            sage: separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']]).apart()
            [('a', 'b'), ('a', 'c')]
        """
        if self.exists():
            return []
        names, classes = self.data.label_names, self.data.classes
        met = self._met()
        return [(names[a], names[b]) for a in range(classes) for b in range(a + 1, classes) if {a, b} not in met]

    def _met(self):
        # the pairs of classes of which a point is not separated from the other
        return {frozenset(self._pair(pair)[1:]) for pair in self._rows}

    def _count(self):
        return self._number_of_points() * (self.data.classes - 1)

    def _width(self):
        return self.data.design.count * (self.data.classes - 1)

    def _exact_row(self, constants, row):
        point, own, other = self._pair(row)
        elements = self._exact_points(constants, [point])[0]
        return [((k == own) - (k == other)) * element for k in range(1, self.data.classes) for element in elements]

    def _margins(self, points):
        labels, classes, count = self.data.labels[points], self.data.classes, self.data.design.count
        for own in range(classes):
            which = numpy.flatnonzero(labels == own)
            for other in range(classes):
                if other == own or not len(which):
                    continue

                def part(columns, own=own, other=other):
                    # the first class has no columns
                    blocks = [columns.matrix_from_rows(range((k - 1) * count, k * count)) for k in (own, other) if k]
                    return blocks[0] - blocks[1] if len(blocks) == 2 else blocks[0] if own else -blocks[0]
                yield 1, points[which] * (classes - 1) + other - (other > own), which, part

    def __repr__(self):
        what = f'{self._number_of_points()} points of {self.data.classes} classes'
        if self.exists():
            given = self._given_multipliers
            proof = 'the residuals of a fit' if given is None else f'{len(given)} pairs of a point and another class'
            return f'overlap of {what}: the estimate exists, proved by {proof}'
        apart = self.apart()
        if not apart:
            separated = self._count() - self._tight_count()
            return (f'{self.kind()} separation of {what}: {separated} pairs of a point and another class come apart, '
                    'but no class from another')
        return f'{self.kind()} separation of {what}: {_in_words(apart, self.data.label_names)}'


def _in_words(apart, names):
    # Which classes come apart from which, in groups where these say the same as the pairs.
    pairs, groups = {frozenset(pair) for pair in apart}, []
    for name in names:
        group = next((group for group in groups if frozenset((name, group[0])) not in pairs), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    between = {frozenset((a, b)) for one in groups for other in groups if one is not other for a in one for b in other}
    if between != pairs:
        texts = [f'{a!r} from {b!r}' for a, b in apart]
        texts[0] = texts[0].replace(' from ', ' comes apart from ', 1)
        return listed(texts, 'pairs')
    if len(groups) == len(names) > 2:
        return 'each class comes apart from all others'
    texts = [listed(list(map(repr, group)), 'classes') for group in groups]
    if len(groups) == 2:
        return f'{texts[0]} {"come" if len(groups[0]) > 1 else "comes"} apart from {texts[1]}'
    return f'{len(groups)} groups come apart from each other: {"; ".join(texts)}'
