r"""
Whether more than two classes are separated: the question of two classes, asked of the pairs of a row and another class

EXAMPLES::

    sage: from sage_logreg import separation
    sage: separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']])
    quasi-complete separation of 6 points of 3 classes: 'a' comes apart from 'b', 'a' from 'c'
    sage: separation([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
    overlap of 7 points of 3 classes: the estimate exists, proved by 4 pairs of a point and another class
"""
import numpy

from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.exact_numbers import ExactNumbers
from sage_logreg.support.arguments import listed

# most numbers of a table of pairs
MOST_PAIRS = 10**8


def table_of_pairs(data):
    r"""
    Return the data of the pairs of a row `i` and a class `j` other than its own, all of one label and without an intercept.

    A pair's row times the weights of all classes but the first, one after the other, is `(1, x_i) (w_{y_i} - w_j)`, with
    `w_0 = 0`.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.exact.classes import table_of_pairs
        sage: table_of_pairs(load_data([[5, 'a'], [7, 'b'], [9, 'c'], [4, 'a']])).points
        array([[-1., -5.,  0.,  0.],
               [ 0.,  0., -1., -5.],
               [ 1.,  7.,  0.,  0.],
               [ 1.,  7., -1., -7.],
               [ 0.,  0.,  1.,  9.],
               [-1., -9.,  1.,  9.],
               [-1., -4.,  0.,  0.],
               [ 0.,  0., -1., -4.]])
    """
    design, classes, given = data.design, data.classes, data.design.exact
    size = len(data) * (classes - 1)**2 * design.count
    if size > MOST_PAIRS:
        raise ValueError(f'separation: {len(data)} points of {classes} classes in {design.width} columns make pairs of {size} numbers; '
                         f'expected at most {MOST_PAIRS}')
    rows, others, signs = pairs_of(data)
    first = int(design.intercept)
    points = numpy.zeros((len(rows), classes - 1, design.count))
    columns = {}
    for k in range(1, classes):
        sign = signs(k)
        points[:, k - 1, :first] = sign[:, None]
        points[:, k - 1, first:] = sign[:, None] * design.points[rows]
        for j, column in given.columns.items():
            signed = [None if number is None or not s else s * number for number, s in zip(column[rows], sign.astype(int).tolist())]
            columns[(k - 1) * design.count + first + j] = numpy.array([*signed, None], dtype=object)[:-1]
    kinds = (('binary',) * first + tuple(given.kinds)) * (classes - 1)
    points = points.reshape(len(rows), -1)
    names = [f'{name} of {label}' for label in data.label_names[1:] for name in [*['bias'] * first, *design.variables]]
    return Dataset(points, numpy.ones(len(rows)), tuple(names), exact=ExactNumbers(points, kinds, columns, given.lost), intercept=False)


def pairs_of(data):
    r"""
    Return the rows and the other classes of the pairs, and a function that says in which sign the weights of a class are in them.
    """
    labels = data.labels.astype(int)
    rows = numpy.repeat(numpy.arange(len(data)), data.classes - 1)
    others = numpy.array([[j for j in range(data.classes) if j != label] for label in labels]).ravel()
    return rows, others, lambda k: (labels[rows] == k).astype(numpy.float64) - (others == k)


class SeparationOfClasses:
    r"""
    Whether the estimate of more than two classes exists, with its certificate.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, of rows that count
    - ``answer`` -- the :class:`~sage_logreg.exact.separation.Separation` of its :func:`table_of_pairs`

    REFERENCES:

    - A. Albert and J. A. Anderson, *On the existence of maximum likelihood estimates in logistic regression models*, Biometrika 71
      (1984), no. 1, 1-10.

    EXAMPLES: see :mod:`sage_logreg.exact.classes`.
    """

    def __init__(self, data, answer):
        self.data, self._answer = data, answer

    def kind(self):
        r"""
        Return ``'overlap'``, ``'complete'`` or ``'quasi-complete'``.
        """
        return self._answer.kind()

    def exists(self):
        r"""
        Return whether the maximum-likelihood estimate exists.
        """
        return self._answer.exists()

    def vector(self):
        r"""
        Return weights that separate, exactly: a K x (n + 1) matrix whose first row is zero; ``None`` if none do.
        """
        vector = self._answer.vector()
        if vector is None:
            return None
        from sage.matrix.constructor import matrix
        count = self.data.design.count
        return matrix([[0] * count] + [list(vector[k * count:(k + 1) * count]) for k in range(self.data.classes - 1)])

    def multipliers(self):
        r"""
        Return the positive multipliers of pairs whose sum is zero, a dictionary from pairs of a row's number and another label.
        """
        rows, others, _ = pairs_of(self.data)
        names = self.data.label_names
        return {(int(rows[pair]), names[others[pair]]): value for pair, value in self._answer.multipliers().items()}

    def check(self):
        r"""
        Return whether the certificate proves the answer, checked anew in ``QQ`` on every pair.
        """
        return table_of_pairs(self.data) == self._answer.data and self._answer.check()

    def apart(self):
        r"""
        Return which pairs of classes come apart along :meth:`vector`: between them no point is on the boundary or beyond it.
        """
        if self.exists():
            return []
        rows, others, _ = pairs_of(self.data)
        labels, zero = self.data.labels.astype(int)[rows], numpy.zeros(len(rows), dtype=bool)
        zero[self._answer._rows] = True
        names = self.data.label_names
        return [(names[a], names[b]) for a in range(len(names)) for b in range(a + 1, len(names))
                if not zero[((labels == a) & (others == b)) | ((labels == b) & (others == a))].any()]

    def __repr__(self):
        what = f'{len(self.data)} points of {self.data.classes} classes'
        if self.exists():
            return f'overlap of {what}: the estimate exists, proved by {len(self._answer.multipliers())} pairs of a point and another class'
        pairs = [f'{a!r} from {b!r}' for a, b in self.apart()]
        if not pairs:
            return f'{self.kind()} separation of {what}'
        pairs[0] = pairs[0].replace(' from ', ' comes apart from ', 1)
        return f'{self.kind()} separation of {what}: {listed(pairs, "pairs")}'
