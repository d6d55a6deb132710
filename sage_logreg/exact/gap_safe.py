r"""
A dual point, its duality gap, and the sphere around it that proves weights to be zero

The dual of the problem of :mod:`sage_logreg.exact.penalised` is to maximise, with `H(p) = -p \log p - (1 - p) \log(1 - p)`
and `q_i = f_i (y_i - p_i)`,

.. MATH::

    D(q) = \sum_i \left(f_i H(p_i) - q_i o_i\right) - \sum_j \frac{\max(|x_j^T q| - \kappa_j, 0)^2}{2 \rho_j},
    \qquad 0 \le p_i \le 1, \quad \sum_i q_i = 0,

the last only if there is an intercept; where `\rho_j = 0` the term of the sum gives way to the condition `|x_j^T q| \le \kappa_j`, which
is `x_j^T q = 0` for columns without a penalty.
"""
import dataclasses
import math

import numpy

from sage_logreg.exact.balls import CertificationError
from sage_logreg.exact.penalised import LEAST
from sage_logreg.exact.whole_columns import whole_column
from sage_logreg.support.threads import one_at_a_time

# what the rounding of one product and of one entry may be, relatively; an underflow; how near to kappa floats decide nothing
UNIT, UNDERFLOW, NEAR = 2.0**-52, 2.0**-1000, 1e-6
# how often a point is shrunk before it must satisfy the conditions
SHRINKINGS = 4


@dataclasses.dataclass
class DualPoint:
    # q_i = wholes[i] / divisor: whole numbers, so that sums of products with rational columns are exact

    wholes: list
    divisor: int

    def balls(self, field):
        return [field(whole) / self.divisor for whole in self.wholes]

    def floats(self):
        return numpy.array([whole / self.divisor for whole in self.wholes])


def limits(problem, divisor):
    # The largest whole numbers that are at most f_i times the divisor.
    from sage.rings.real_arb import RealBallField
    field = RealBallField(divisor.bit_length() + 64)
    return [int((field(frequency) * divisor).lower().floor()) for frequency in problem.data.exact_weights]


@one_at_a_time
def dual_point(problem, residuals, precision):
    r"""
    Return a :class:`DualPoint` near f (y - p), given as balls; it satisfies all conditions but those of the penalised columns.
    """
    kappas, largest = float(problem.lambda_) * problem.float_units[0], abs(problem.X).max(axis=0, initial=LEAST)
    sizes = [math.log2(size) - math.log2(kappa) for size, kappa in zip(largest.tolist(), kappas.tolist()) if kappa > 0]
    bits = precision + 16 + math.ceil(max(0.0, math.log2(len(residuals)) + max(sizes)))
    bits += max(0, -math.floor(math.log2(problem.f.min() + LEAST)))
    most = limits(problem, 1 << bits)
    wholes = [min(int((abs(residual.real().mid()) << bits).floor()), limit) for residual, limit in zip(residuals, most)]
    return balanced(problem, [whole if label else -whole for whole, label in zip(wholes, problem.y)], most, 1 << bits)


def balanced(problem, wholes, most, divisor):
    # orthogonal to ones and to the columns without a penalty, by a change of as few entries as possible, that have most room
    columns = problem.orthogonal
    if not columns:
        return DualPoint(wholes, divisor)
    rooms = [min(abs(whole), limit - abs(whole)) for whole, limit in zip(wholes, most)]
    order = sorted(range(len(rooms)), key=rooms.__getitem__, reverse=True)
    sums = [sum(map(int.__mul__, column, wholes)) for column in columns]
    if len(columns) == 1 and columns[0][order[0]] == 1:
        places, changes, multiple = order[:1], [-sums[0]], 1
    else:
        places, changes, multiple = _changes(columns, sums, order)
    if any(abs(change) > rooms[place] * multiple for place, change in zip(places, changes)):
        raise CertificationError('the dual point is not orthogonal to what has no penalty within its rounding errors')
    wholes = [whole * multiple for whole in wholes]
    for place, change in zip(places, changes):
        wholes[place] += change
    return DualPoint(wholes, divisor * multiple)


def _changes(columns, sums, order):
    # Of which entries, and by which whole numbers over which one, so that the products with the columns change by the sums.
    from sage.matrix.constructor import matrix
    from sage.modules.free_module_element import vector
    from sage.rings.rational_field import QQ
    table = matrix(QQ, [[column[i] for i in order] for column in columns])
    pivots, independent = table.pivots(), table.pivot_rows()
    part = table.matrix_from_rows_and_columns(independent, pivots)
    changes = part.solve_right(vector(QQ, [-sums[a] for a in independent]))
    multiple = changes.denominator()
    return [order[k] for k in pivots], [int(change * multiple) for change in changes], int(multiple)


def is_point(problem, dual):
    # whether it is in the domain, exactly
    return (len(dual.wholes) == len(problem.y) and dual.divisor > 0
            and not any(sum(map(int.__mul__, column, dual.wholes)) for column in problem.orthogonal)
            and all(0 <= (whole if label else -whole) <= limit
                    for whole, label, limit in zip(dual.wholes, problem.y, limits(problem, dual.divisor))))


def float_bounds(problem, q):
    # Bounds of |x_j^T q| of all columns, whatever the order of summation, and wherever the exact q and x are rounded to these.
    with numpy.errstate(all='ignore'):
        return abs(q @ problem.X) + (len(q) + 16) * (UNIT * ((abs(q) + UNDERFLOW) @ abs(problem.X)) + UNDERFLOW)


@one_at_a_time
def products(problem, columns, dual, field):
    r"""
    Return balls of `x_j^T q` for some columns; the products of rational numbers are exact, and rounded once.
    """
    return [_product(whole_column(problem.data.design.exact, j), dual, field) for j in columns]


def _product(column, dual, field):
    if column.divisor is None:
        return sum((field(x) * whole for x, whole in zip(column.entries, dual.wholes)), field.zero()) / dual.divisor
    return field(sum(map(int.__mul__, column.entries, dual.wholes))) / (dual.divisor * column.divisor)


@dataclasses.dataclass
class Gradients:
    # Upper bounds of |x_j^T q| of all columns, and a dictionary of the balls of x_j^T q that were computed.

    sizes: list
    signed: dict


@one_at_a_time
def gradients(problem, dual, field, screen=True):
    r"""
    Return the :class:`Gradients` at a dual point.

    INPUT:

    - ``screen`` -- (default: ``True``) whether columns are not computed exactly that bounds in floats keep away from `\kappa_j`
    """
    bounds = float_bounds(problem, dual.floats())
    limits = (1 - NEAR) * float(problem.lambda_) * problem.float_units[0]
    near = numpy.flatnonzero(~(bounds < limits)).tolist() if screen else list(range(problem.count))
    signed = dict(zip(near, products(problem, near, dual, field)))
    return Gradients([field(abs(signed[j]).upper() if j in signed else bound) for j, bound in enumerate(bounds.tolist())], signed)


class Sphere:
    # What a dual point and a primal point prove: the gap, and a bound on the distance of the optimal q from this one in the
    # norm sum (q_i - q'_i)^2 / f_i, as a bound on the change of every x_j^T q.

    def __init__(self, problem, objective, kappas, found, gap):
        self.sizes, self.signed, self.gap, self.kappas = found.sizes, found.signed, gap, kappas
        radius = (objective.reals(gap.above_abs()) / 2).sqrt()
        self.moves = [radius * objective.reals(norm) for norm in problem.norms]

    def is_zero(self, j):
        return bool(self.sizes[j] + self.moves[j] < self.kappas[j])

    def slope(self, j):
        # the ball that has the subgradient of kappa |w_j|
        kappa = self.kappas[j]
        if kappa.is_zero():
            return kappa
        one, move = kappa.parent().one(), self.moves[j].above_abs()
        if j in self.signed:
            around = self.signed[j] + (move * one).union(-move * one)
        else:
            around = (self.sizes[j] + move).union(-self.sizes[j] - move)
        return around.max(-kappa).min(kappa)


@one_at_a_time
def sphere(problem, objective, columns, center, dual, found):
    r"""
    Return the :class:`Sphere` of a dual point and the weights of the objective's columns, or ``None`` if a column's condition is violated.

    INPUT:

    - ``found`` -- the :class:`Gradients` at the dual point
    """
    q, zero, everything = dual.balls(objective.field), objective.reals.zero(), range(problem.count)
    kappas = problem.kappas(everything, objective.reals)
    rhos = problem.rhos(everything, objective.reals) if problem.has_squares else [zero] * problem.count
    beyond = zero
    for size, kappa, rho, factor in zip(found.sizes, kappas, rhos, problem.factors):
        if size <= kappa:
            continue
        if not (problem.has_squares and factor):
            return None
        beyond += (size - kappa).max(zero)**2 / (2 * rho)
    value = sum(map(_entropy, objective.frequencies, q), zero) - beyond
    value -= sum((one * offset for one, offset in zip(q, objective.offset.list())), objective.field.zero()).real()
    slopes = [weight.real() for weight in center.list()[problem.intercept:]]
    primal = -objective.log_likelihood(center) + sum((kappas[j] * abs(w) + rhos[j] / 2 * w**2 for j, w in zip(columns, slopes)), zero)
    return Sphere(problem, objective, kappas, found, primal - value)


def _entropy(frequency, q):
    # f H(p) from f (y - p), from below where p may be 0 or 1, which it is not beyond
    f, t = frequency.real(), abs(q.real())
    share = t / f
    if not (share > 0 and share < 1):
        return f.parent().zero()
    return -(t * share.log() + (f - t) * (-share).log1p())


@one_at_a_time
def shrunk(problem, objective, columns, center, dual, found):
    r"""
    Return the dual point, shrunk where conditions of columns without squares need it, and its sphere.
    """
    reals = objective.reals
    kappas = problem.kappas(range(problem.count), reals)
    largest = max(((size / kappa).upper() for size, kappa, factor in zip(found.sizes, kappas, problem.factors) if factor), default=0)
    point, most = dual, limits(problem, dual.divisor)
    for attempt in range(SHRINKINGS):
        sphere_of_point = sphere(problem, objective, columns, center, point, found)
        if sphere_of_point:
            return point, sphere_of_point
        factor = (1 - reals(2)**(8 + 4 * attempt - objective.precision)) / reals(largest)
        bits = dual.divisor.bit_length()
        factor = int((factor.lower() << bits).floor())
        wholes = [(1 if whole > 0 else -1) * (abs(whole) * factor >> bits) for whole in dual.wholes]
        point = balanced(problem, wholes, most, dual.divisor)
        found = gradients(problem, point, reals)
    raise CertificationError('the dual point violates its conditions')
