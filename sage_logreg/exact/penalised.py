r"""
The penalised mean log-likelihood, in exact numbers, and what is smooth of it, in ball arithmetic

With `p_i = 1/(1 + e^{-z_i})`, the frequencies `f_i` divided by their sum, and `z_i = o_i + b + x_i \cdot w`, what is minimised is

.. MATH::

    \sum_i f_i (\log(1 + e^{z_i}) - y_i z_i) + \sum_j (\kappa_j |w_j| + \tfrac{\rho_j}{2} w_j^2),
    \qquad \kappa_j = \lambda \alpha c_j s_j, \quad \rho_j = \lambda (1 - \alpha) c_j s_j^2

with the penalty factors `c_j`, and the standard deviations `s_j` of the columns, or ones. Columns without a penalty are those
with `c_j = 0`. A deviation is the square root of a rational number, and so `\kappa_j^2` is rational, and `\kappa_j` a ball.
"""
import copy
import decimal
import functools
import math
from fractions import Fraction

import numpy

from sage_logreg.dataset.design import Design
from sage_logreg.dataset.exact_numbers import kind_of, numbers_taken_as, taken_as
from sage_logreg.exact.balls import BallObjective, CertificationError
from sage_logreg.exact.estimates import checked_exact_number
from sage_logreg.exact.problem import ExactProblem
from sage_logreg.exact.whole_columns import whole_column
from sage_logreg.support.arguments import entries, real_number, real_vector, shown
from sage_logreg.support.exact_number import exact_number, sage_number
from sage_logreg.support.threads import one_at_a_time

# below, frequencies may be zero as floats
LEAST = 1e-300
# bits in which deviations of columns that are not rational are computed, until they are known as well as floats
PRECISIONS = 128, 512, 2048


def number_text(number):
    # a long fraction that is a float as the float
    text, exact = str(number), exact_number(number)
    is_long_float = len(text) > 20 and isinstance(exact, Fraction) and float(exact) == exact
    return repr(float(exact)) if is_long_float else text


@one_at_a_time
def above_text(number, digits):
    # a short decimal that is not below
    from sage.rings.rational import Rational
    from sage.rings.real_arb import RealBallField
    exact = number if isinstance(number, Rational) else RealBallField(200)(number).upper().exact_rational()
    context = decimal.Context(prec=digits, rounding=decimal.ROUND_CEILING, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
    return str(context.divide(decimal.Decimal(int(exact.numerator())), decimal.Decimal(int(exact.denominator())))).lower()


def _float_of(number):
    from sage.rings.real_arb import RealBallField
    for precision in PRECISIONS:
        ball = RealBallField(precision)(number)
        if ball.rad() <= abs(ball.mid()) / 2**60 or ball.rad() < 2.0**-1010:
            return float(ball.mid())
    raise CertificationError(f'{shown(number)} is not known to {precision} bits')


class PenalisedProblem(ExactProblem):
    # The data and the penalty exactly, and in floats: X (m x n), the frequencies f, offset o and labels y.

    @one_at_a_time
    def __init__(self, data, lambda_, l1_ratio=1, features=None, weights=None, offset=None, exact=None, standardize=False,
                 penalty_factors=None, **reading):
        real_number('lambda_', lambda_, above=0)
        if not real_number('l1_ratio', l1_ratio, minimum=0, maximum=1):
            raise ValueError(f'l1_ratio = {shown(l1_ratio)}; expected a real number above 0 and at most 1, as squares alone make no weight zero')
        if not isinstance(standardize, (bool, numpy.bool_)):
            raise TypeError(f'standardize = {shown(standardize)}; expected True or False')
        super().__init__(data, features, weights, offset, 0, exact, **reading)
        if self.data.classes > 2:
            raise ValueError(f'the data have {self.data.classes} classes, and which weights are zero is proved of two; expected '
                             'data.of_classes(one, other)')
        self._set_penalty(lambda_, l1_ratio, exact)
        # NumPy would divide by a float
        total = sum(self.data.exact_weights.tolist())
        self.data.weights = numpy.array([weight / total for weight in self.data.exact_weights.tolist()], dtype=object)
        self.intercept, self.count = self.data.intercept, self.data.design.width
        self.X = self._floats()
        self.f, self.o = (numpy.array(numbers, dtype=numpy.float64) for numbers in (self.data.exact_weights, self.data.exact_offset))
        self.y = numpy.asarray(self.data.labels, dtype=numpy.float64)
        self.standardize, self.factors = bool(standardize), self._relative_factors(penalty_factors, exact)
        self.free = [j for j, factor in enumerate(self.factors) if not factor]

    def _set_penalty(self, lambda_, l1_ratio, exact):
        taken, ratio = taken_as(lambda_, exact), taken_as(l1_ratio, exact)
        self.kinds |= {kind_of(taken)} | ({kind_of(ratio)} if ratio != 1 else set())
        self.lambda_, self.l1_ratio = checked_exact_number('lambda_', taken), checked_exact_number('l1_ratio', ratio)
        if not 0 < self.l1_ratio <= 1:
            raise ValueError(f'l1_ratio = {shown(l1_ratio)}; expected a real number above 0 and at most 1')
        if not float(self.lambda_ * self.l1_ratio) > 0:
            raise ValueError(f'lambda_ = {shown(lambda_)} is too small for floating-point numbers; expected a larger one')
        self.has_squares = self.l1_ratio != 1

    def _floats(self):
        # of irrational numbers afresh, as an expression in floats may have lost its digits
        design = self.data.design
        X = numpy.array(design.points, dtype=numpy.float64)
        for j, column in design.exact.columns.items():
            for i, number in enumerate(column):
                if number is not None and not isinstance(exact_number(number), Fraction):
                    X[i, j] = _float_of(number)
        return X

    def _relative_factors(self, factors, exact):
        # exactly, divided by their mean
        if factors is None:
            return [1] * self.count
        real_vector('penalty_factors', factors, self.count)
        given = numbers_taken_as(entries(factors), exact)
        self.kinds |= set(map(kind_of, given))
        given = [checked_exact_number(f'penalty_factors[{j}]', factor, 0) for j, factor in enumerate(given)]
        if not any(given):
            raise ValueError('penalty_factors are all zero; expected some above zero, or certified_maximum_likelihood')
        return [factor * self.count / sum(given) for factor in given]

    @functools.cached_property
    def variances(self):
        # exactly, 1 of columns that are constant; None of those that are not rational
        if not self.standardize:
            return [1] * self.count
        weights = [Fraction(exact_number(f)) if isinstance(exact_number(f), Fraction) else None for f in self.data.exact_weights]
        if None in weights:
            return [None] * self.count
        multiple = math.lcm(*(f.denominator for f in weights))
        weights = [f.numerator * (multiple // f.denominator) for f in weights]
        return [self._variance(whole_column(self.data.design.exact, j), weights) for j in range(self.count)]

    def _variance(self, column, weights):
        if column.divisor is None:
            return None
        sums = [w * x for w, x in zip(weights, column.entries)]
        total, squares = sum(weights), sum(one * x for one, x in zip(sums, column.entries))
        variance = Fraction(squares * total - sum(sums)**2, (total * column.divisor)**2)
        return sage_number(variance) if variance else 1

    def _variance_ball(self, j, field):
        if self.variances[j] is not None:
            return field(self.variances[j])
        column, weights = self.of_columns([j]).points, list(map(field, self.data.exact_weights))
        if all(x == column[0][0] for x, in column):
            return field.one()
        mean = sum(f * field(x) for f, (x,) in zip(weights, column))
        return sum(f * (field(x) - mean)**2 for f, (x,) in zip(weights, column))

    @one_at_a_time
    def l1_units(self, columns, field, lambda_=1):
        r"""
        Return the penalties `\kappa_j` of absolute values of some columns as balls, at `\lambda = 1` or another one.
        """
        unit = lambda_ * self.l1_ratio
        if not self.standardize:
            return [field(unit * self.factors[j]) for j in columns]
        return [field(unit * self.factors[j]) * self._variance_ball(j, field).sqrt() for j in columns]

    @one_at_a_time
    def l2_units(self, columns, field, lambda_=1):
        r"""
        Return the penalties `\rho_j` of squares.
        """
        unit = lambda_ * (1 - self.l1_ratio)
        return [field(unit * self.factors[j]) * self._variance_ball(j, field) for j in columns]

    def kappas(self, columns, field):
        r"""
        Return the penalties `\kappa_j` of some columns as balls.
        """
        return self.l1_units(columns, field, self.lambda_)

    def rhos(self, columns, field):
        r"""
        Return the penalties `\rho_j` of some columns as balls.
        """
        return self.l2_units(columns, field, self.lambda_)

    @functools.cached_property
    def float_units(self):
        # kappa_j and rho_j at lambda = 1, in floats, with a relative error of 2^-52
        from sage.rings.real_arb import RealBallField
        columns = range(self.count)
        for precision in PRECISIONS:
            field = RealBallField(precision)
            balls = self.l1_units(columns, field), self.l2_units(columns, field)
            if all(ball.rad() <= abs(ball.mid()) / 2**60 for part in balls for ball in part):
                return tuple(numpy.array([float(ball.mid()) for ball in part]) for part in balls)
        raise CertificationError(f'the penalties of the columns are not known to {precision} bits')

    @functools.cached_property
    def norms(self):
        # Bounds of the roots of sum f_i (x_ij - c_j)^2; c_j is the mean if there is an intercept, whatever its rounding.
        return (numpy.sqrt((self.f + LEAST) @ self.sizes**2) * (1 + 1e-9) + 2.0**-500).tolist()

    @functools.cached_property
    def center(self):
        return self.f @ self.X if self.intercept else numpy.zeros(self.count)

    @functools.cached_property
    def sizes(self):
        # Bounds of |x_ij - c_j|.
        return abs(self.X - self.center) + self.rounding

    @functools.cached_property
    def rounding(self):
        # of exact numbers to floats, and of the difference
        return 2.0**-50 * (abs(self.X) + abs(self.center)) + 2.0**-1000

    @functools.cached_property
    def orthogonal(self):
        # The columns to which a dual point is orthogonal, of whole numbers: of ones, and those without a penalty.
        columns = [whole_column(self.data.design.exact, j) for j in self.free]
        if any(column.divisor is None for column in columns):
            raise ValueError('a column without a penalty is not of rational numbers; expected penalty factors above 0, or rational numbers')
        return [[1] * len(self.y)] * self.intercept + [column.entries for column in columns]

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
        first = int(problem.intercept)
        if problem.has_squares:
            for j, rho in enumerate(problem.rhos(columns, self.field)):
                self.penalty[first + j, first + j] = rho
        self.slopes = self.column([0] * first + list(slopes))

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
