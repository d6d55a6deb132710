r"""
A dual point, its duality gap, and the sphere around it that proves weights to be zero

The dual of the problem of :mod:`sage_logreg.exact.penalised` is to maximise, with `H(p) = -p \log p - (1 - p) \log(1 - p)`
and `q_i = f_i (y_i - p_i)`,

.. MATH::

    D(q) = \sum_i \left(f_i H(p_i) - q_i o_i\right) - \sum_j \frac{\max(|x_j^T q| - \kappa, 0)^2}{2 \rho},
    \qquad 0 \le p_i \le 1, \quad \sum_i q_i = 0,

the last only if there is an intercept; of the lasso (`\rho = 0`) the sum over `j` gives way to the condition
`|x_j^T q| \le \kappa` for all `j`.
"""
import dataclasses
import math
from fractions import Fraction

import numpy

from sage_logreg.exact.balls import CertificationError
from sage_logreg.exact.penalised import LEAST
from sage_logreg.support.exact_number import sage_number
from sage_logreg.support.threads import one_at_a_time

# what the rounding of one product and of one entry may be, relatively; an underflow; how near to kappa floats decide nothing
UNIT, UNDERFLOW, NEAR = 2.0**-52, 2.0**-1000, 1e-6
# how often a point is shrunk before it must satisfy the conditions
SHRINKINGS = 4


@dataclasses.dataclass
class DualPoint:
    # q_i = wholes[i] / 2^bits: whole numbers, so that the sum is exactly zero

    wholes: list
    bits: int

    def balls(self, field):
        return [field(whole) / field(2)**self.bits for whole in self.wholes]

    def floats(self):
        return numpy.array([whole / (1 << self.bits) for whole in self.wholes])


def limits(problem, bits):
    # The largest whole numbers that are at most f_i 2^bits.
    from sage.rings.real_arb import RealBallField
    field = RealBallField(bits + 64)
    return [int((field(frequency) * field(2)**bits).lower().floor()) for frequency in problem.data.exact_weights]


@one_at_a_time
def dual_point(problem, residuals, precision):
    r"""
    Return a :class:`DualPoint` near f (y - p), given as balls; it satisfies all conditions but those of the columns.
    """
    size = math.log2(len(residuals)) + math.log2(float(abs(problem.X).max(initial=1))) - math.log2(float(problem.kappa))
    bits = precision + 16 + max(0, math.ceil(size)) + max(0, -math.floor(math.log2(problem.f.min() + LEAST)))
    most = limits(problem, bits)
    wholes = [min(int((abs(residual.real().mid()) << bits).floor()), limit) for residual, limit in zip(residuals, most)]
    return balanced(problem, [whole if label else -whole for whole, label in zip(wholes, problem.y)], most, bits)


def balanced(problem, wholes, most, bits):
    # with the sum zero, by a change of the entry that has most room
    if problem.intercept:
        rooms = [min(abs(whole), limit - abs(whole)) for whole, limit in zip(wholes, most)]
        total, place = sum(wholes), max(range(len(rooms)), key=rooms.__getitem__)
        if abs(total) > rooms[place]:
            raise CertificationError('the sum of the dual point is not zero within its rounding errors')
        wholes[place] -= total
    return DualPoint(wholes, bits)


def is_point(problem, dual):
    # whether it is in the domain, exactly
    return ((not problem.intercept or sum(dual.wholes) == 0) and len(dual.wholes) == len(problem.y)
            and all(0 <= (whole if label else -whole) <= limit
                    for whole, label, limit in zip(dual.wholes, problem.y, limits(problem, dual.bits))))


def float_bounds(problem, q):
    # Bounds of |x_j^T q| of all columns, whatever the order of summation, and wherever the exact q and x are rounded to these.
    with numpy.errstate(all='ignore'):
        return abs(q @ problem.X) + (len(q) + 16) * (UNIT * (abs(q) @ abs(problem.X)) + UNDERFLOW)


@one_at_a_time
def products(problem, columns, dual, field):
    r"""
    Return balls of `x_j^T q` for some columns; the products of rational numbers are exact, and rounded once.
    """
    return [_product(problem.of_columns([j]).data.design.exact.rows(slice(None))[:, 0], dual, field) for j in columns]


def _product(column, dual, field):
    unit = field(2)**-dual.bits
    if not all(isinstance(x, Fraction) for x in column):
        return unit * sum((field(sage_number(x)) * whole for x, whole in zip(column, dual.wholes)), field.zero())
    multiple = math.lcm(*(x.denominator for x in column))
    return unit * field(sum(x.numerator * (multiple // x.denominator) * whole for x, whole in zip(column, dual.wholes))) / multiple


def gradients(problem, dual, field, screen=True):
    r"""
    Return upper bounds of `|x_j^T q|` of all columns, a list of balls, and a dictionary of the balls that were computed.

    INPUT:

    - ``screen`` -- (default: ``True``) whether columns are not computed exactly that bounds in floats keep away from `\kappa`
    """
    bounds = float_bounds(problem, dual.floats())
    near = numpy.flatnonzero(~(bounds < (1 - NEAR) * float(problem.kappa))).tolist() if screen else list(range(problem.count))
    signed = dict(zip(near, products(problem, near, dual, field)))
    return [field(abs(signed[j]).upper() if j in signed else bound) for j, bound in enumerate(bounds.tolist())], signed


class Sphere:
    # What a dual point and a primal point prove: the gap, and a bound on the distance of the optimal q from this one in the
    # norm sum (q_i - q'_i)^2 / f_i, as a bound on the change of every x_j^T q.

    def __init__(self, problem, objective, sizes, signed, gap):
        self.sizes, self.signed, self.gap = sizes, signed, gap
        self.kappa = objective.reals(problem.kappa)
        radius = (objective.reals(gap.above_abs()) / 2).sqrt()
        self.moves = [radius * objective.reals(norm) for norm in problem.norms]

    def is_zero(self, j):
        return bool(self.sizes[j] + self.moves[j] < self.kappa)

    def slope(self, j):
        # the ball that has the subgradient of kappa |w_j|
        one = self.kappa.parent().one()
        move = self.moves[j].above_abs()
        if j in self.signed:
            around = self.signed[j] + (move * one).union(-move * one)
        else:
            around = (self.sizes[j] + move).union(-self.sizes[j] - move)
        return around.max(-self.kappa).min(self.kappa)


@one_at_a_time
def sphere(problem, objective, center, dual, sizes, signed):
    r"""
    Return the :class:`Sphere` of a dual point and the weights of the objective's columns, or ``None`` if a column's condition is violated.

    INPUT:

    - ``sizes``, ``signed`` -- as from :func:`gradients`
    """
    q, zero = dual.balls(objective.field), objective.reals.zero()
    kappa, rho = objective.reals(problem.kappa), objective.reals(problem.l2)
    if problem.l2:
        beyond = sum(((sizes[j] - kappa).max(zero)**2 for j in signed), zero) / (2 * rho)
    elif all(size <= kappa for size in sizes):
        beyond = zero
    else:
        return None
    value = sum(map(_entropy, objective.frequencies, q), zero) - beyond
    value -= sum((one * offset for one, offset in zip(q, objective.offset.list())), objective.field.zero()).real()
    slopes = [weight.real() for weight in center.list()[problem.intercept:]]
    primal = (-objective.log_likelihood(center) + kappa * sum(map(abs, slopes), zero)
              + rho / 2 * sum((slope**2 for slope in slopes), zero))
    return Sphere(problem, objective, sizes, signed, primal - value)


def _entropy(frequency, q):
    # f H(p) from f (y - p), from below where p may be 0 or 1, which it is not beyond
    f, t = frequency.real(), abs(q.real())
    share = t / f
    if not (share > 0 and share < 1):
        return f.parent().zero()
    return -(t * share.log() + (f - t) * (-share).log1p())


def shrunk(problem, objective, center, dual):
    r"""
    Return the dual point, shrunk where the lasso's conditions need it, and its sphere.
    """
    reals, most, point = objective.reals, limits(problem, dual.bits), dual
    sizes, signed = gradients(problem, dual, reals)
    largest = reals(max((size.upper() for size in sizes), default=0))
    for attempt in range(SHRINKINGS):
        found = sphere(problem, objective, center, point, sizes, signed)
        if found:
            return point, found
        factor = reals(problem.kappa) / largest * (1 - reals(2)**(8 + 4 * attempt - objective.precision))
        factor = int((factor.lower() << dual.bits).floor())
        wholes = [(1 if whole > 0 else -1) * (abs(whole) * factor >> dual.bits) for whole in dual.wholes]
        point = balanced(problem, wholes, most, dual.bits)
        sizes, signed = gradients(problem, point, reals)
    raise CertificationError('the dual point violates its conditions')
