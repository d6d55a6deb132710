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

import numpy

from sage_logreg.exact.balls import CertificationError
from sage_logreg.exact.penalised import LEAST
from sage_logreg.support.threads import one_at_a_time

# what the rounding of one product and of one entry may be, relatively; an underflow; how near to kappa floats decide nothing
UNIT, UNDERFLOW, NEAR = 2.0**-52, 2.0**-1000, 1e-6
# entries of a matrix of balls that is made at once, and how often a point is shrunk before it must satisfy the conditions
ENTRIES, SHRINKINGS = 1 << 17, 4


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
    size = len(residuals) * float(abs(problem.X).max(initial=1)) / float(problem.kappa)
    bits = precision + 16 + max(0, math.ceil(math.log2(size))) + max(0, -math.floor(math.log2(problem.f.min() + LEAST)))
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
def products(problem, columns, q, field):
    # Balls of x_j^T q, for a list of q's balls.
    from sage.matrix.constructor import matrix
    size, result = max(1, ENTRIES // len(q)), []
    row = matrix(field, 1, len(q), q)
    for first in range(0, len(columns), size):
        block = columns[first:first + size]
        result += (row * matrix(field, len(q), len(block), problem.of_columns(block).points)).list()
    return [ball.real() for ball in result]


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
        around = self.signed[j] + (self.moves[j].above_abs() * one).union(-self.moves[j].above_abs() * one)
        return around.max(-self.kappa).min(self.kappa)


@one_at_a_time
def sphere(problem, objective, center, dual, screen=True):
    r"""
    Return the :class:`Sphere` of a dual point and the weights of the objective's columns, or ``None`` if the point violates a condition.

    INPUT:

    - ``screen`` -- (default: ``True``) whether columns that bounds in floats keep away from `\kappa` are not computed in balls
    """
    q = dual.balls(objective.field)
    kappa = objective.reals(problem.kappa)
    bounds = float_bounds(problem, dual.floats())
    far = (bounds < float(kappa.lower()) * (1 - NEAR)) if screen else numpy.zeros(problem.count, dtype=bool)
    near = numpy.flatnonzero(~far).tolist()
    signed = dict(zip(near, products(problem, near, q, objective.field)))
    sizes = [objective.reals(abs(signed[j]).upper()) if j in signed else objective.reals(bound) for j, bound in enumerate(bounds.tolist())]
    value, rho = objective.reals.zero(), objective.reals(problem.l2)
    if problem.l2:
        value -= sum(((sizes[j] - kappa).max(objective.reals.zero())**2 for j in near), objective.reals.zero()) / (2 * rho)
    elif not all(size <= kappa for size in sizes):
        return None
    value += sum(map(_entropy, objective.frequencies, q), objective.reals.zero())
    value -= sum((one * offset for one, offset in zip(q, objective.offset.list())), objective.field.zero()).real()
    slopes = [weight.real() for weight in center.list()[problem.intercept:]]
    primal = (-objective.log_likelihood(center) + kappa * sum(map(abs, slopes), objective.reals.zero())
              + rho / 2 * sum((slope**2 for slope in slopes), objective.reals.zero()))
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
    precision, most = objective.precision, limits(problem, dual.bits)
    found = sphere(problem, objective, center, dual)
    largest = None if found else _largest(problem, objective, dual)
    for attempt in range(SHRINKINGS):
        if found:
            return dual, found
        margin = objective.reals(1) - objective.reals(2)**(8 + 4 * attempt - precision)
        factor = int(((objective.reals(problem.kappa) / largest * margin).lower() << dual.bits).floor())
        wholes = [(1 if whole > 0 else -1) * (abs(whole) * factor >> dual.bits) for whole in dual.wholes]
        smaller = balanced(problem, wholes, most, dual.bits)
        found = sphere(problem, objective, center, smaller)
        if found:
            return smaller, found
    raise CertificationError('the dual point violates its conditions')


def _largest(problem, objective, dual):
    bounds = float_bounds(problem, dual.floats())
    near = numpy.flatnonzero(~(bounds < (1 - NEAR) * float(problem.kappa))).tolist()
    return objective.reals(max(abs(ball).upper() for ball in products(problem, near, dual.balls(objective.field), objective.field)))
