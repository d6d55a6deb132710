r"""
What a descent minimises: a cost, its data, and the user's units

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.problem import LogisticProblem
    sage: problem = LogisticProblem(ex2data1())
    sage: problem.evaluate(problem.start(None))[0]  # abs tol 1e-15
    0.6931471805599453
"""
import functools
import inspect

import numpy

from sage_logreg.cost.sample_cost import values_text
from sage_logreg.dataset.design import Design
from sage_logreg.dataset.sparse import is_sparse
from sage_logreg.solvers.likelihood import Likelihood, surely_exists
from sage_logreg.solvers.newton import LARGEST_ERROR, ZERO, minimize
from sage_logreg.solvers.truncated import SparseLikelihood
from sage_logreg.solvers.whitening import Whitened
from sage_logreg.support.arguments import listed, real_number, real_vector, shown
from sage_logreg.support.exact_number import checked_penalty


def penalty_factors(l2, data):
    r"""
    Return the factors `c_j = \lambda/m` of the penalty `\tfrac12 \sum_j c_j w_j^2`, or ``None`` where there is none.

    INPUT:

    - ``l2`` -- float, `\lambda`
    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`; m is the sum of its weights

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.solvers.problem import penalty_factors
        sage: data = load_data([[1, 2, 0], [3, 4, 1]], weights=[1, 3])
        sage: penalty_factors(1.0, data)
        array([0.25, 0.25])
        sage: penalty_factors(0.0, data)
    """
    return numpy.full(data.design.width, float(l2) / data.total()) if l2 else None


class Problem:
    r"""
    A cost and its data.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``points`` -- array, m x n; what the cost takes as ``X``
    - ``cost`` -- function of Theano's ``X, y, w``, ``None`` for the logistic cost

    A subclass says which weights to start from, and how to convert the last ones for the user.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.engine import T
        sage: from sage_logreg.solvers.problem import Problem
        sage: import numpy
        sage: data = ex2data1()
        sage: problem = Problem(data, data.points, lambda X, y, w: T.mean((y - w[0])**2))
        sage: problem.evaluate(numpy.array([0.5]))[0]
        0.25
    """

    # options of the training that belong to the problem
    options = {}
    penalty = frequency = offset = None
    # other data, for early stopping
    validation = None
    # whether scale=True is good advice, and whether the first weight is a bias, which no penalty is on
    scalable = intercept = False
    # labels that the cost knows
    classes = 2
    # whether a cost of one's own is known to be a mean over the rows
    is_mean = False
    # whether the rows are not in memory
    is_chunked = False

    def __init__(self, data, points, cost):
        # the rounding of sums depends on the memory layout
        self.data, self.points, self.labels = data, points if is_sparse(points) else numpy.ascontiguousarray(points), data.labels
        self.cost = cost

    @property
    def count(self):
        r"""
        The number of rows that the cost is a mean of.
        """
        return len(self.labels)

    def updates(self, method):
        r"""
        Return how many updates an iteration of a method makes.
        """
        return method.updates(self.count)

    @property
    def is_sparse(self):
        r"""
        Whether the points are a sparse matrix.
        """
        return is_sparse(self.points)

    @functools.cached_property
    def known_cost(self):
        r"""
        The cost in the form that its compiled code is kept by.
        """
        from sage_logreg.cost.graphs import known_cost
        return known_cost(self.cost, str(self.points.dtype))

    def evaluate(self, weights, samples=None, derived=True):
        r"""
        Return the cost and its gradient, in the units of the descent; of all samples or of some.

        Without ``derived`` the gradient is not wanted, and may be ``None``.
        """
        from sage_logreg.cost.evaluation import evaluate
        rows = self.points, self.labels, self.frequency, self.offset
        if samples is not None:
            rows = [numbers if numbers is None else numbers[samples] for numbers in rows]
        points, labels, frequency, offset = rows
        return evaluate(points, labels, weights, self.penalty, self.known_cost, frequency, offset, derived, self.is_mean)

    def value(self, weights, samples=None):
        r"""
        Return the cost alone, as :meth:`evaluate` does.
        """
        return self.evaluate(weights, samples, derived=False)[0]

    def is_finite(self, weights):
        r"""
        Return whether the cost is finite.
        """
        return bool(numpy.isfinite(self.value(weights)))

    def to_user(self, weights):
        r"""
        Return weights of the descent in the user's units.
        """
        return weights

    def shaped(self, weights):
        r"""
        Return weights in the user's units in the shape that a callback gets them in.
        """
        return weights

    def is_minimum(self, weights, unit):
        r"""
        Return whether Newton's step from there says that the weights have 8 correct digits.

        INPUT:

        - ``weights`` -- in the units of the descent
        - ``unit`` -- float; a change of a weight beside which the cost is smooth

        The Hessian is that of differences of the gradient. Where it is singular, nobody knows.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.engine import T
            sage: from sage_logreg.solvers.problem import Problem
            sage: import numpy
            sage: data = ex2data1()
            sage: problem = Problem(data, data.points, lambda X, y, w: T.mean((y - w[0])**2))
            sage: [problem.is_minimum(numpy.array([w]), 1.0r) for w in (0.6r, 0.6000001r)]
            [True, False]
        """
        gradient = self.evaluate(weights)[1]
        changes = numpy.diag(1e-5 * numpy.maximum(abs(weights), unit))
        with numpy.errstate(all='ignore'):
            rises = [self.evaluate(weights + change)[1] - self.evaluate(weights - change)[1] for change in changes]
            hessian = numpy.array(rises) / (2 * changes.sum(axis=1, keepdims=True))
        unsure = abs(hessian - hessian.T).max() > 1e-3 * abs(hessian).max()
        try:
            numpy.linalg.cholesky(hessian)
            inverse = numpy.linalg.inv(hessian)
        except numpy.linalg.LinAlgError:
            return False
        # what would be the standard errors, if the cost were the mean of the samples' negative log-likelihoods
        errors = numpy.sqrt(numpy.diag(inverse) / self.count)
        right = self.to_user(weights - inverse @ gradient)
        step = abs(right - self.to_user(weights))
        return not unsure and bool((step <= LARGEST_ERROR * numpy.maximum(abs(right), ZERO * errors)).all())

    def advice(self, method):
        r"""
        Return what to try if the learning rate of a ``method`` was too large.
        """
        return f'with learning_rate={method.learning_rate:g}, which is too large; try a smaller one'


def _rows_times(points, factors):
    # The rows of a CSR matrix, each times a factor.
    scaled = points.astype(numpy.float64)
    scaled.data *= numpy.repeat(factors, numpy.diff(points.indptr))
    return scaled


def _takes_three(cost):
    try:
        inspect.signature(cost).bind('X', 'y', 'w')
    except TypeError:
        return False
    except ValueError:
        # the signature of a function not written in Python may be unknown
        return True
    return True


def check_own_cost(cost, data):
    r"""
    Raise an error if a user's own cost meets data whose rows have weights or an offset.
    """
    if cost is not None and not (data.weights is None and data.offset is None):
        raise ValueError("cost: a function of Theano's X, y and w knows nothing of the weights and the offset of the data; "
                         'expected data without them')


def problem_options(data, scale, l2, cost):
    r"""
    Return the options of a :class:`LogisticProblem`, checked.
    """
    if not isinstance(scale, (bool, numpy.bool_)):
        raise TypeError(f'scale = {shown(scale)}; expected True or False')
    if cost is not None and not _takes_three(cost):
        raise TypeError(f"cost = {shown(cost)}; expected a function of Theano's X, y and w")
    check_own_cost(cost, data)
    return {'scale': bool(scale), 'l2': checked_penalty(l2), 'cost': cost}


class LogisticProblem(Problem):
    r"""
    The logistic cost of the data's design, or a user's own cost of it, with its penalty.

    INPUT: as for :func:`~sage_logreg.training.gradient_descent`

    Points and penalty are in the units of the descent: standardised, or the user's.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.solvers.problem import LogisticProblem
        sage: problem = LogisticProblem(ex2data1(), scale=True)
        sage: problem.to_user(problem.start([1, 2, 3]))  # abs tol 1e-12
        array([1., 2., 3.])

    TESTS::

        sage: LogisticProblem(ex2data1(), scale=2)
        Traceback (most recent call last):
        ...
        TypeError: scale = 2; expected True or False
    """

    # the likelihood in variables that determine it better
    _finer = Whitened

    def __init__(self, data, scale=False, l2=0, cost=None):
        self.options = problem_options(data, scale, l2, cost)
        if cost is not None:
            data = data.dense("a cost of one's own")
        self.scalable, self.intercept, self.parts = not scale, data.design.intercept, data.design.parts
        self._mean = self._deviation = None
        self._take_rows(data, cost)
        if scale and self.penalty is not None:
            self.penalty /= self._deviation**2

    def _take_rows(self, data, cost):
        # rows that do not count are left out of batches and deviations
        rows, scale = data.counted(), self.options['scale']
        # bytes stay bytes, unless the numbers of a column are changed
        self.unit = 1.0
        if hasattr(rows.design, 'pixels') and not scale and cost is None and data.classes > 2:
            points, self.unit = rows.design.pixels, rows.design.unit
        else:
            points = rows.design.points
        Problem.__init__(self, data, points, cost)
        self.labels, self.frequency, self.offset = rows.labels, rows.relative_weights(), rows.offset
        self.penalty = penalty_factors(self.options['l2'], rows)
        # whose extremes are kept with the data, where the points are the data's
        self._design = rows.design
        if scale:
            (self._divide if is_sparse(self.points) else self._standardise)()
            self._design = Design(self.points)

    def _extremes(self):
        # of the columns, in the units of the descent
        return self._design.extremes

    @functools.cached_property
    def _largest(self):
        return numpy.concatenate([numpy.ones(int(self.intercept)), numpy.maximum(*map(abs, self._extremes()))])

    @functools.cached_property
    def _farthest(self):
        return 0.0 if self.offset is None else abs(self.offset).max()

    def _divide(self):
        # Sparse columns are divided by their root mean square only: centred they would be filled in.
        design = Design(self.points if self.frequency is None else _rows_times(self.points, numpy.sqrt(self.frequency)))
        self._deviation = design.deviations
        self._mean = numpy.zeros(design.width)
        self.points = self.points.copy()
        self.points.data /= self._deviation[self.points.indices]

    def _standardise(self):
        # Each column is divided by its largest entry first, so that no square
        # overflows. A constant column becomes zeros, exactly; without an intercept a mean of zero is kept.
        with numpy.errstate(over='ignore', invalid='ignore'):
            points = self.points
            constant = points.max(axis=0) == points.min(axis=0)
            mean = (points.mean(axis=0, dtype=numpy.float64) if self.frequency is None
                    else self.frequency @ points / len(points))
            self._mean = numpy.where(constant, points[0], mean) if self.intercept else 0.0 * mean
            constant &= points[0] == self._mean
            self.points = points - self._mean.astype(points.dtype)
            largest = numpy.where(constant, 1.0, abs(self.points).max(axis=0))
            self.points /= largest
            squares = (numpy.einsum('ij,ij->j', self.points, self.points) if self.frequency is None
                       else numpy.einsum('i,ij,ij->j', self.frequency, self.points, self.points))
            relative = numpy.sqrt(squares / len(points))
            relative[constant] = 1.0
            self.points /= relative
            self._deviation = largest * relative
        self._check_units()

    def _check_units(self):
        for name, mean, deviation in zip(self.data.design.variables, self._mean, self._deviation):
            if not (numpy.isfinite(mean) and numpy.isfinite(deviation)):
                raise ValueError(f'scale=True: the values of {name} are too large to standardise; expected at most 1e300')

    def start(self, initial):
        r"""
        Return the weights to start from, in the units of the descent.
        """
        count = self.data.design.count
        if initial is None:
            return numpy.zeros(count)
        weights = real_vector('initial', initial, count)
        if self._mean is None:
            return weights
        bias, slopes = self.parts(weights)
        return numpy.concatenate([bias + slopes @ self._mean, slopes * self._deviation])

    def to_user(self, weights):
        if self._mean is None:
            return weights
        bias, slopes = self.parts(weights)
        slopes = slopes / self._deviation
        return numpy.concatenate([bias - slopes @ self._mean, slopes])

    def error(self, weights):
        r"""
        Return the part of the other data that is not predicted as it is labelled.
        """
        data = self.validation
        wrong = self._predicted(data, self.to_user(weights)) != data.labels
        return float(wrong.mean() if data.weights is None else wrong @ data.weights / data.total())

    def _predicted(self, data, weights):
        return (data.log_odds(weights) >= 0).astype(numpy.float64)

    def is_minimum(self, weights, unit):
        if self.cost is not None:
            return super().is_minimum(weights, unit)
        if self.data.design.is_sparse:
            likelihood = SparseLikelihood(self.data, self.options['l2'])
            return likelihood.is_minimum(self.to_user(weights))
        return self._is_minimum_of(Likelihood(self.data, self.options['l2']), weights)

    def _is_minimum_of(self, likelihood, weights):
        likelihood.keeps_hessian = False
        fit = minimize(likelihood, likelihood.from_user(self.to_user(weights)), numpy.inf, most_steps=1, finer=self._finer,
                       step_error=LARGEST_ERROR)
        return fit.converged and surely_exists(likelihood, fit)

    def is_finite(self, weights):
        # A cheap bound nearly always decides; the cost itself is computed only
        # at the edge of overflow, or if it is a user's own.
        with numpy.errstate(over='ignore', invalid='ignore'):
            bound = self.count * (abs(weights) @ self._largest + self._farthest)
            if self.penalty is not None:
                bound += self.penalty @ self.parts(weights)[1]**2
        return bool(self.cost is None and numpy.isfinite(bound)) or super().is_finite(weights)

    def sure_rate(self, takes_samples=False):
        r"""
        Return a learning rate at which a step of gradient descent, or of its stochastic kind, is sure to go down.

        ALGORITHM: 1/L, where L bounds the curvature: the trace of `X^T X / (4 m)` bounds its eigenvalues; the penalty's is added.
        A step of stochastic gradient descent uses single points.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.solvers.problem import LogisticProblem
            sage: float(LogisticProblem(ex2data1(), scale=True).sure_rate())  # abs tol 1e-12
            1.3333333333333333
        """
        with numpy.errstate(over='ignore'):
            largest, mean = self._square_lengths()
            curvature = (largest if takes_samples else mean) / 4
        return 1 / (curvature + (0 if self.penalty is None else self.penalty.max()))

    def _square_lengths(self):
        # The largest and the mean of the squared lengths of the rows (1, x), with their frequencies.
        with numpy.errstate(over='ignore'):
            # bytes would overflow
            squares = self.intercept + (Design(self.points).squared_rows() if is_sparse(self.points) else self.unit**2 *
                                        numpy.einsum('ij,ij->i', self.points, self.points, dtype=numpy.float64))
            if self.frequency is not None:
                squares *= self.frequency
            return squares.max(), squares.mean()

    def advice(self, method):
        # momentum lengthens a step
        rate = method.learning_rate
        smaller = min((1 - method.momentum) * self.sure_rate(method.takes_samples), rate / 2)
        tries = [f'learning_rate={smaller:.2g}'] if smaller > 0 and self.cost is None else []
        tries += ['scale=True'] if self.scalable else []
        return f'with learning_rate={rate:g}, which is too large' + ('; try ' + ' or '.join(tries) if tries else '')


class SymbolicProblem(Problem):
    r"""
    A :class:`~sage_logreg.cost.sample_cost.SampleCost` as a problem for a descent.

    INPUT:

    - ``cost`` -- a :class:`~sage_logreg.cost.sample_cost.SampleCost`
    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` without features

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.cost.sample_cost import SampleCost
        sage: from sage_logreg.solvers.problem import SymbolicProblem
        sage: a, b, x1, y = var('a, b, x1, y')
        sage: data = load_data([[1, 0], [3, 1]])
        sage: problem = SymbolicProblem(SampleCost((a + b*x1 - y)^2, data, [a, b]), data)
        sage: problem.start({b: 2}), problem.start(None)
        (array([0., 2.]), array([0., 0.]))

    TESTS::

        sage: problem.start({'c': 2})
        Traceback (most recent call last):
        ...
        ValueError: initial: c is not a parameter (a, b)
        sage: problem.start({b: 'two'})
        Traceback (most recent call last):
        ...
        TypeError: initial[b] = 'two'; expected a real number
    """

    is_mean = True

    def __init__(self, cost, data):
        self.sample_cost = cost
        mean, points, labels = cost.mean_over(data)
        super().__init__(data, points, mean)
        self.labels = labels

    def start(self, initial):
        r"""
        Return the weights to start from, checked: the cost and its gradient are finite there.
        """
        names = self.sample_cost.names
        if initial is None:
            weights = numpy.zeros(len(names))
        elif isinstance(initial, dict):
            given = {str(name): real_number(f'initial[{name}]', value) for name, value in initial.items()}
            for name in given:
                if name not in names:
                    raise ValueError(f'initial: {name} is not a parameter ({listed(names)})')
            weights = numpy.array([given.get(name, 0.0) for name in names])
        else:
            weights = real_vector('initial', initial, len(names))
        self._check_start(weights)
        return weights

    def _check_start(self, weights):
        names = self.sample_cost.names
        value, gradient = self.evaluate(weights)
        if numpy.isfinite(value) and numpy.isfinite(gradient).all():
            return
        where = f'at the start ({values_text(names, weights)}); give other weights as initial'
        if numpy.isfinite(value):
            worst = int(numpy.argmin(numpy.isfinite(gradient)))
            raise ValueError(f'the derivative of the cost in {names[worst]} is {float(gradient[worst])} {where}')
        costs = self.sample_cost.costs(self.points, self.labels, weights)
        if numpy.isfinite(costs).all():
            raise ValueError(f'the mean of the cost is {float(value)} {where}')
        row = int(numpy.argmin(numpy.isfinite(costs)))
        # its number among all rows, those that do not count too
        row, cost = int(self.data.rows_that_count()[row]), costs[row]
        sample = values_text([*self.data.variables, self.data.label_name], [*self.data.points[row], self.data.labels[row]])
        raise ValueError(f'the cost is {float(cost)} in row {row + 1} of the data ({sample}) {where}')
