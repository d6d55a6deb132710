r"""
The penalised mean log-likelihood, in exact numbers, and what is smooth of it, in ball arithmetic

With `p_i = 1/(1 + e^{-z_i})`, the frequencies `f_i` divided by their sum, and `z_i = o_i + b + x_i \cdot w`, what is minimised is

.. MATH::

    \sum_i f_i (\log(1 + e^{z_i}) - y_i z_i) + \kappa \sum_j |w_j| + \tfrac{\rho}{2} \sum_j w_j^2,
    \qquad \kappa = \lambda \alpha, \quad \rho = \lambda (1 - \alpha).
"""
import copy
import functools

import numpy

from sage_logreg.dataset.design import Design
from sage_logreg.dataset.exact_numbers import kind_of, taken_as
from sage_logreg.exact.balls import BallObjective
from sage_logreg.exact.estimates import checked_exact_number
from sage_logreg.exact.problem import ExactProblem
from sage_logreg.support.arguments import real_number, shown
from sage_logreg.support.threads import one_at_a_time

# below, frequencies may be zero as floats
LEAST = 1e-300


class PenalisedProblem(ExactProblem):
    # The data and the penalty exactly, and in floats: X (m x n), the frequencies f, offset o and labels y.

    @one_at_a_time
    def __init__(self, data, lambda_, l1_ratio, features, weights, offset, exact, **reading):
        real_number('lambda_', lambda_, above=0)
        real_number('l1_ratio', l1_ratio, above=0, maximum=1)
        super().__init__(data, features, weights, offset, 0, exact, **reading)
        if self.data.classes > 2:
            raise ValueError(f'the data have {self.data.classes} classes, and which weights are zero is proved of two; expected '
                             'data.of_classes(one, other)')
        lambda_, l1_ratio = taken_as(lambda_, exact), taken_as(l1_ratio, exact)
        self.kinds |= {kind_of(lambda_)} | ({kind_of(l1_ratio)} if l1_ratio != 1 else set())
        self.lambda_, self.l1_ratio = (checked_exact_number(*pair) for pair in (('lambda_', lambda_), ('l1_ratio', l1_ratio)))
        if not 0 < self.l1_ratio <= 1:
            raise ValueError(f'l1_ratio = {shown(l1_ratio)}; expected a real number above 0 and at most 1')
        if not float(self.lambda_ * self.l1_ratio) > 0:
            raise ValueError(f'lambda_ = {shown(lambda_)} is too small for floating-point numbers; expected a larger one')
        self.data.weights = self.data.exact_weights / sum(self.data.exact_weights)
        self.set_lambda(self.lambda_)
        self.intercept, self.count = self.data.intercept, self.data.design.width
        self.X = numpy.asarray(self.data.design.points, dtype=numpy.float64)
        self.f, self.o = (numpy.array(numbers, dtype=numpy.float64) for numbers in (self.data.exact_weights, self.data.exact_offset))
        self.y = numpy.asarray(self.data.labels, dtype=numpy.float64)

    def set_lambda(self, lambda_):
        self.kappa, self.l2 = lambda_ * self.l1_ratio, lambda_ * (1 - self.l1_ratio)

    @functools.cached_property
    def norms(self):
        # Bounds of the roots of sum f_i (x_ij - c_j)^2; c_j is the mean if there is an intercept, whatever its rounding.
        center = self.f @ self.X if self.intercept else numpy.zeros(self.count)
        rounding = 2.0**-50 * (abs(self.X) + abs(center)) + 2.0**-1000
        return (numpy.sqrt((self.f + LEAST) @ (abs(self.X - center) + rounding)**2) * (1 + 1e-9) + 2.0**-500).tolist()

    @one_at_a_time
    def of_columns(self, columns):
        # with some columns only
        part = copy.copy(self)
        vars(part).pop('points', None)
        part.data, design = copy.copy(self.data), self.data.design
        exact = design.exact.take_columns(columns)
        part.data.design = Design(exact.points, tuple(design.variables[j] for j in columns), exact, intercept=design.intercept)
        return part

    def residuals(self, z):
        # f (y - p) in floats
        with numpy.errstate(over='ignore'):
            return numpy.where(self.y > 0, self.f / (1 + numpy.exp(z)), -self.f / (1 + numpy.exp(-z)))


class SmoothObjective(BallObjective):
    # What is maximised where the subgradients of the absolute values are known: the mean log-likelihood in the bias and the
    # weights of some columns, less the quadratic penalty, less the slopes times the weights.

    def __init__(self, problem, columns, slopes, precision):
        super().__init__(problem.of_columns(columns), precision)
        self.slopes = self.column([0] * problem.intercept + list(slopes))

    def gradient(self, weights):
        return super().gradient(weights) - self.slopes

    def start(self, weights):
        return self.column(list(weights))

    def matrix(self, array):
        from sage.matrix.constructor import matrix
        return matrix(self.field, array.tolist())

    def residuals(self, weights):
        # f (y - p)
        return [frequency / (self.one + z.exp()) if label else -frequency / (self.one + (-z).exp())
                for label, frequency, z in zip(self.labels, self.frequencies, self.log_odds(weights))]
