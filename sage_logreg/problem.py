r"""
What is descended on: a cost, the numbers that it is a cost of, and the user's units

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.problem import LogisticProblem
    sage: problem = LogisticProblem(ex2data1())
    sage: problem.evaluate(problem.start(None))[0]  # abs tol 1e-15
    0.6931471805599453
"""
import inspect

import numpy

from sage_logreg.arguments import real_number, real_vector, shown
from sage_logreg.model import LogisticModel, penalty_factors
from sage_logreg.trained import Trained

# entries of a table whose separation is decided after every descent
DECIDED = 20000


class Problem:
    r"""
    A cost and the numbers that it is a cost of.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`
    - ``points`` -- array, m x n; what the cost takes as ``X``
    - ``cost`` -- function of Theano's ``X, y, w``, ``None`` for the logistic cost

    A subclass says with which weights to start, and what to make of the last ones.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.engine import T
        sage: from sage_logreg.problem import Problem
        sage: import numpy
        sage: data = ex2data1()
        sage: problem = Problem(data, data.points, lambda X, y, w: T.mean((y - w[0])**2))
        sage: problem.evaluate(numpy.array([0.5]))[0]
        0.25
    """

    # options of the training that belong to the problem
    options = {}
    penalty = None
    # whether scale=True is good advice
    scalable = False

    def __init__(self, data, points, cost):
        # the rounding of sums depends on how the numbers lie in memory
        self.data, self.points, self.labels = data, numpy.ascontiguousarray(points), data.labels
        self.cost = cost

    def evaluate(self, weights):
        r"""
        Return the cost and its gradient, in the units of the descent.
        """
        from sage_logreg.evaluation import evaluate
        return evaluate(self.points, self.labels, weights, self.penalty, self.cost)

    def is_finite(self, weights):
        r"""
        Return whether the cost is finite.
        """
        return bool(numpy.isfinite(self.evaluate(weights)[0]))

    def to_user(self, weights):
        r"""
        Return weights of the descent in the units of the user.
        """
        return weights

    def advice(self, options):
        r"""
        Return what to try where the learning rate was too large.
        """
        return f'with learning_rate={options["learning_rate"]:g}, which is too large; try a smaller one'

    def warning(self, model):
        r"""
        Return what the user should know of a training that ended well, or ``None``.
        """
        return None


def _takes_three(cost):
    try:
        inspect.signature(cost).bind('X', 'y', 'w')
    except TypeError:
        return False
    except ValueError:
        # of a function that is not Python's nothing is known
        return True
    return True


class LogisticProblem(Problem):
    r"""
    The logistic cost of the data's design, or a user's own cost of it, with its penalty.

    INPUT: as for :func:`~sage_logreg.training.gradient_descent`

    Points and penalty are in the units of the descent: standardised, or the user's.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.problem import LogisticProblem
        sage: problem = LogisticProblem(ex2data1(), scale=True)
        sage: problem.to_user(problem.start([1, 2, 3]))  # abs tol 1e-12
        array([1., 2., 3.])

    TESTS::

        sage: LogisticProblem(ex2data1(), scale=2)
        Traceback (most recent call last):
        ...
        TypeError: scale = 2; expected True or False
    """

    def __init__(self, data, scale=False, l2=0, cost=None):
        if not isinstance(scale, (bool, numpy.bool_)):
            raise TypeError(f'scale = {shown(scale)}; expected True or False')
        if cost is not None and not _takes_three(cost):
            raise TypeError(f"cost = {shown(cost)}; expected a function of Theano's X, y and w")
        self.options = {'scale': bool(scale), 'l2': real_number('l2', l2, minimum=0), 'cost': cost}
        super().__init__(data, data.design.points, cost)
        self.scalable = not scale
        self._mean = self._deviation = None
        self.penalty = penalty_factors(self.options['l2'], self.points)
        if scale:
            self._standardise()
            if self.penalty is not None:
                self.penalty /= self._deviation**2
        self._largest = numpy.concatenate([[1.0], numpy.maximum(self.points.max(axis=0), -self.points.min(axis=0))])

    def _standardise(self):
        # Each column is divided by its largest entry first, so that no square
        # overflows. A constant column becomes zeros, exactly.
        with numpy.errstate(over='ignore', invalid='ignore'):
            points = self.points
            constant = points.max(axis=0) == points.min(axis=0)
            self._mean = numpy.where(constant, points[0], points.mean(axis=0, dtype=numpy.float64))
            self.points = points - self._mean.astype(points.dtype)
            largest = numpy.where(constant, 1.0, abs(self.points).max(axis=0))
            self.points /= largest
            relative = numpy.sqrt(numpy.einsum('ij,ij->j', self.points, self.points) / len(points))
            relative[constant] = 1.0
            self.points /= relative
            self._deviation = largest * relative
        for name, mean, deviation in zip(self.data.design.variables, self._mean, self._deviation):
            if not (numpy.isfinite(mean) and numpy.isfinite(deviation)):
                raise ValueError(f'scale=True: the values of {name} are too large to standardise; expected at most 1e300')

    def start(self, initial):
        r"""
        Return the weights to begin with, in the units of the descent.
        """
        count = self.points.shape[1] + 1
        if initial is None:
            return numpy.zeros(count)
        weights = real_vector('initial', initial.weights() if isinstance(initial, Trained) else initial, count)
        if self._mean is None:
            return weights
        return numpy.concatenate([[weights[0] + weights[1:] @ self._mean], weights[1:] * self._deviation])

    def model(self, weights, history, iterations, converged, method, options, descent):
        r"""
        Return the model of weights in the units of the user.
        """
        return LogisticModel(self.data, weights, history, iterations, converged, method, {**options, **self.options},
                             descent)

    def to_user(self, weights):
        if self._mean is None:
            return weights
        slopes = weights[1:] / self._deviation
        return numpy.concatenate([[weights[0] - slopes @ self._mean], slopes])

    def is_finite(self, weights):
        # Whether the cost is finite. A bound that costs nothing answers
        # nearly always; the cost itself is asked only at the edge of overflow,
        # or where it is a user's own.
        with numpy.errstate(over='ignore', invalid='ignore'):
            bound = len(self.data) * (abs(weights) @ self._largest)
            if self.penalty is not None:
                bound += self.penalty @ weights[1:]**2
        return bool(self.cost is None and numpy.isfinite(bound)) or super().is_finite(weights)

    def advice(self, options):
        # A step of gradient descent is sure to go down at the rate 1/L, where L bounds the curvature:
        # the trace of X^T X / (4 m) bounds its eigenvalues; the penalty's comes on top. A step of
        # stochastic gradient descent meets single points, and momentum lengthens it.
        rate = options['learning_rate']
        with numpy.errstate(over='ignore'):
            squares = 1 + numpy.einsum('ij,ij->i', self.points, self.points)
            curvature = (squares.max() if 'batch_size' in options else squares.mean()) / 4
        if self.penalty is not None:
            curvature += self.penalty.max()
        smaller = min((1 - options.get('momentum', 0)) / curvature, rate / 2)
        tries = [f'learning_rate={smaller:.2g}'] if numpy.isfinite(curvature) and self.cost is None else []
        tries += ['scale=True'] if self.scalable else []
        return f'with learning_rate={rate:g}, which is too large' + ('; try ' + ' or '.join(tries) if tries else '')

    def warning(self, model):
        if self.options['l2'] or self.cost is not None:
            return None
        separated = _separation_text(self.data, model)
        return separated and (
            f'{separated}, so that there is no minimum: the weights grow as long as training goes on; set a penalty '
            'l2, or see maximum_likelihood(..., bias_reduced=True)')


def _separation_text(data, model):
    # How the classes are separated, or None. Decided exactly where that takes no time to speak of;
    # beyond, a model that has separated them is its own proof.
    if data.design.points.size <= DECIDED:
        from sage_logreg.existence import separation
        try:
            answer = separation(data)
        except (ImportError, ValueError):
            # no Sage for the hard cases; columns that depend on each other
            return None
        return None if answer.exists() else f'{answer.kind()} separation of the classes'
    return 'complete separation of the classes' if model._separates() else None
