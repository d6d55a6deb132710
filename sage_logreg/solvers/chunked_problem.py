r"""
What a descent on data in chunks minimises: the cost, whose sums over rows are reduced

EXAMPLES::

    sage: import numpy, os, pandas
    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.chunked_problem import problem_of
    sage: folder = tmp_dir()
    sage: for k in range(3):
    ....:     x = numpy.arange(4r*k, 4r*k + 4r)
    ....:     pandas.DataFrame({'x': x, 'y': x*x % 3r % 2r}).to_parquet(os.path.join(folder, f'{k}.parquet'))
    sage: problem = problem_of(load_data(os.path.join(folder, '*.parquet')), scale=True)
    sage: problem.evaluate(numpy.zeros(2))  # abs tol 1e-12
    (0.6931471805599453, array([-0.16666667, -0.09656091]))
    sage: problem.part(1).points.ravel()  # abs tol 1e-8
    array([-0.43452409, -0.14484136,  0.14484136,  0.43452409])
"""
import copy
import functools

import numpy

from sage_logreg.dataset.in_chunks.chunk import added
from sage_logreg.solvers.problem import LogisticProblem, penalty_factors
from sage_logreg.solvers.softmax_problem import SoftmaxProblem


# Of the rows of a chunk, sent to where they are

def _sums_of_columns(data):
    rows = data.counted()
    points = rows.design.points
    return points.sum(axis=0, dtype=numpy.float64) if rows.weights is None else rows.weights @ points


def _of_part(data, problem, function, *arguments):
    # a chunk without rows that count has no share
    return function(problem.with_rows(data), *arguments) if len(data.rows_that_count()) else None


def _squares(part):
    frequency = numpy.ones(part.count) if part.frequency is None else part.frequency
    return numpy.einsum('i,ij,ij->j', frequency, part.points, part.points)


def _terms(part, weights, derived):
    cost, gradient = part.evaluate(weights, derived=derived)
    return part.count * cost, part.count * gradient if derived else None


def _lengths(part):
    largest, mean = part._square_lengths()
    return largest, part.count * mean


def _of_both_lengths(one, other):
    if one is None or other is None:
        return other if one is None else one
    return max(one[0], other[0]), one[1] + other[1]


class ChunkedProblem:
    r"""
    What is different in a problem whose data are in chunks; the other half of its classes is the problem in memory.

    - ``counts`` -- list, how many rows of each chunk count

    EXAMPLES: see :mod:`sage_logreg.solvers.chunked_problem`.
    """

    is_chunked, is_sparse, unit, penalty = True, False, 1.0, None

    def _take_rows(self, data, cost):
        self.data, self.cost = data, None
        self.counts = data.totals.counted.tolist()
        # what weights are divided by
        self._mean_weight = data.total() / self.count
        if self.options['scale']:
            self._standardise()
        self.penalty = penalty_factors(self.options['l2'], data)

    @property
    def count(self):
        return sum(self.counts)

    def updates(self, method):
        updates = method.updates_of_chunks(self.counts)
        if not updates:
            raise ValueError(f'drop_last=True: no chunk has as many rows as a batch; expected batch_size at most {max(self.counts)}')
        return updates

    def _standardise(self):
        # as in memory: by the largest entry first, so that no square overflows
        low, high = self.data.design.extremes
        with numpy.errstate(over='ignore', invalid='ignore'):
            mean = (self.data.computed(_sums_of_columns) if self.data.has_weights else self.data.totals.sums) / self.data.total()
            constant = low == high
            self._mean = numpy.where(constant, low, mean) if self.intercept else 0.0 * mean
            self._deviation = numpy.where(constant & (low == self._mean), 1.0, numpy.maximum(*self._extremes()))
            relative = numpy.sqrt(self._computed(_squares) / self.count)
            self._deviation = self._deviation * numpy.where(relative == 0, 1.0, relative)
        self._check_units()

    def _extremes(self):
        low, high = self.data.design.extremes
        if not self.options['scale']:
            return abs(low), abs(high)
        deviation = 1.0 if self._deviation is None else self._deviation
        return abs(low - self._mean) / deviation, abs(high - self._mean) / deviation

    @functools.cached_property
    def _farthest(self):
        return self.data.totals.offset

    def with_rows(self, data):
        r"""
        Return the ordinary problem of the rows of a chunk, in the same units.
        """
        part = (LogisticProblem if self.classes == 2 else SoftmaxProblem)(data)
        part.penalty = self.penalty
        if part.frequency is not None:
            part.frequency = data.counted().weights / self._mean_weight
        if self._mean is not None:
            part.points = part.points - self._mean.astype(part.points.dtype)
            part.points /= self._deviation
        return part

    def part(self, number):
        r"""
        Return the ordinary problem of one chunk.
        """
        return self.with_rows(self.data.part(number))

    def _computed(self, function, *arguments, combine=added):
        problem = copy.copy(self)
        # what is sent has no rows, and what is added up no penalty
        del problem.data, problem.parts
        problem.penalty = None
        return self.data.computed(_of_part, problem, function, *arguments, combine=combine)

    def evaluate(self, weights, samples=None, derived=True):
        cost, gradient = self._computed(_terms, weights, derived)
        cost, gradient = cost / self.count, gradient / self.count if derived else None
        if self.penalty is None:
            return float(cost), gradient
        factors = numpy.concatenate([numpy.zeros(len(weights) - len(self.penalty)), self.penalty])
        with numpy.errstate(over='ignore', invalid='ignore'):
            penalised = numpy.where(factors == 0, 0.0, factors * weights)
            return float(cost + penalised @ weights / 2), gradient + penalised if derived else None

    def _square_lengths(self):
        largest, total = self._computed(_lengths, combine=_of_both_lengths)
        return largest, total / self.count


class ChunkedLogisticProblem(ChunkedProblem, LogisticProblem):
    r"""
    The cost of two classes on data in chunks.

    EXAMPLES: see :mod:`sage_logreg.solvers.chunked_problem`.
    """


class ChunkedSoftmaxProblem(ChunkedProblem, SoftmaxProblem):
    r"""
    The cost of more than two classes on data in chunks.

    EXAMPLES: see :mod:`sage_logreg.solvers.chunked_problem`.
    """


def problem_of(data, scale=False, l2=0, cost=None):
    r"""
    Return what a descent on some data minimises, of two classes or of more, in memory or in chunks.

    INPUT: as for :class:`~sage_logreg.solvers.problem.LogisticProblem`

    EXAMPLES: see :mod:`sage_logreg.solvers.chunked_problem`.
    """
    if not data.is_chunked:
        return (LogisticProblem if data.classes == 2 else SoftmaxProblem)(data, scale, l2, cost)
    if cost is not None:
        raise ValueError("cost: a function of Theano's X, y and w takes all rows at once, and the data are in chunks; expected "
                         'data.in_memory(), or data.sample(...) for some of the rows')
    return (ChunkedLogisticProblem if data.classes == 2 else ChunkedSoftmaxProblem)(data, scale, l2)
