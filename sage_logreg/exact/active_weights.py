r"""
The weights that are not zero, in balls

EXAMPLES: see :mod:`sage_logreg.exact.support`.
"""
import dataclasses

from sage_logreg.exact.balls import CertificationError, enclosed, newton
from sage_logreg.exact.gap_safe import DualPoint, Gradients, dual_point, gradients
from sage_logreg.exact.penalised import SmoothObjective
from sage_logreg.support.threads import one_at_a_time

# how often columns enter or leave before that is given up
MOST_CHANGES = 50


@dataclasses.dataclass
class Solution:
    # Where the smooth problem of some columns is solved: the center, a column of exact numbers, and the inverse of the Hessian; at
    # a solution of all columns the dual point there, and its gradients.

    objective: SmoothObjective
    columns: list
    signs: dict
    center: object
    inverse: object
    dual: DualPoint = None
    gradients: Gradients = None

    def weights(self):
        first = self.objective.points.ncols() - len(self.columns)
        values = [value.real() for value in self.center.list()]
        return values[:first], dict(zip(self.columns, values[first:]))


def solved(problem, bias, weights, precision):
    r"""
    Return the :class:`Solution` near a start at which signs and gradients fit, with half of the precision.

    INPUT:

    - ``bias`` -- list of the bias, empty without an intercept
    - ``weights`` -- dictionary from columns to weights that are not zero
    """
    signs = {j: 1 if weight > 0 else -1 for j, weight in weights.items()}
    signs.update(dict.fromkeys(problem.free, 0))
    for _ in range(MOST_CHANGES):
        columns = sorted(signs)
        try:
            solution = smooth(problem, columns, signs, bias, weights, precision)
        except CertificationError:
            # with these signs there is no maximum, or more than one
            dependence, penalised = dependent(problem, columns), [j for j in columns if signs[j]]
            if not (dependence or penalised):
                raise
            least = [min(penalised, key=lambda j: abs(float(weights.get(j, 0))) * problem.norms[j])] if penalised else []
            for j in dependence.others if dependence else least:
                del signs[j]
            continue
        bias, weights = solution.weights()
        wrong = [j for j in columns if signs[j] and not weights[j] * signs[j] > 0]
        new = {} if wrong else _violated(problem, solution)
        if not wrong and not new:
            return solution
        for j in wrong:
            del signs[j]
        signs.update(new)
    raise CertificationError(f'the signs of the weights have not settled after {MOST_CHANGES} changes')


def smooth(problem, columns, signs, bias, weights, precision, slopes=None):
    # The solution where the subgradients are these: those of the signs, or others that are given as balls.
    from sage.rings.real_arb import RealBallField
    slopes, kappas = slopes or {}, problem.kappas(columns, RealBallField(precision))
    objective = SmoothObjective(problem, columns, [slopes.get(j, signs.get(j, 0) * kappa) for j, kappa in zip(columns, kappas)], precision)
    start = [*bias, *(weights.get(j, 0) for j in columns)]
    center, inverse = newton(objective, start) if start else (objective.column([]), None)
    return Solution(objective, columns, signs, center, inverse)


@one_at_a_time
def _violated(problem, solution):
    # The columns whose gradient is too large, by more than half of the precision, and its signs.
    objective, inside = solution.objective, set(solution.columns)
    solution.dual = dual_point(problem, objective.residuals(solution.center), objective.precision)
    solution.gradients = gradients(problem, solution.dual, objective.reals)
    signed = {j: ball for j, ball in solution.gradients.signed.items() if j not in inside and problem.factors[j]}
    larger = 1 + objective.reals(2)**(-objective.precision // 2)
    return {j: 1 if ball > 0 else -1 for (j, ball), kappa in zip(signed.items(), problem.kappas(signed, objective.reals))
            if abs(ball) > kappa * larger}


@one_at_a_time
def enclosure(solution):
    # Balls of the bias (a list) and of the weights, twice as wide as what Krawczyk's operator gives, so that it maps them into
    # themselves; or None.
    if solution.inverse is None:
        return [], {}
    objective, inverse = solution.objective, solution.inverse
    proved = enclosed(objective, solution.center, inverse, [abs(inverse[j, j].real()).sqrt() for j in range(inverse.nrows())])
    if proved is None:
        return None
    balls = [ball.real() for ball in proved[0].list()]
    balls = [ball.add_error(ball.rad_as_ball()) for ball in balls]
    first = len(balls) - len(solution.columns)
    return balls[:first], dict(zip(solution.columns, balls[first:]))


@dataclasses.dataclass
class Dependence:
    # Columns that are linear combinations of others and of ones, and all that occur in these combinations; whether ones do.

    others: list
    involved: set
    is_bias_involved: bool


@one_at_a_time
def dependent(problem, columns):
    r"""
    Return the :class:`Dependence` of some columns, decided exactly; ``None`` if they are independent, or not rational.

    Columns with squares in their penalties are left out: there is one minimum only, and one cannot take the part of others.

    EXAMPLES::

        sage: from sage_logreg.exact.active_weights import dependent
        sage: from sage_logreg.exact.penalised import PenalisedProblem
        sage: points = [[1, 2, 5, 1/3], [2, 4, 6, 1], [3, 6, 1, 0], [4, 8, 1, 7]]
        sage: problem = PenalisedProblem((points, [0, 1, 1, 0]), 1)
        sage: dependent(problem, [0, 1, 2, 3])
        Dependence(others=[1], involved={0, 1}, is_bias_involved=False)
        sage: dependent(problem, [1, 2, 3])
    """
    from sage.matrix.constructor import matrix
    from sage.rings.rational_field import QQ
    first = int(problem.intercept)
    if problem.has_squares:
        columns = [j for j in columns if not problem.factors[j]]
    try:
        table = matrix(QQ, [[1] * first + list(row) for row in problem.of_columns(columns).points])
    except (TypeError, ValueError):
        return None
    reduced = table.echelon_form()
    pivots = reduced.pivots()
    others = [k for k in range(table.ncols()) if k not in pivots]
    if not others:
        return None
    involved = {*others, *(pivots[i] for i in range(len(pivots)) if any(reduced[i, k] for k in others))}
    return Dependence([columns[k - first] for k in others], {columns[k - first] for k in involved if k >= first},
                      bool(first and 0 in involved))
