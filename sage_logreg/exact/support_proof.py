r"""
The proof of which weights are zero, and its check

EXAMPLES: see :mod:`sage_logreg.exact.support`.
"""
import dataclasses
from math import lcm

from sage_logreg.exact.active_weights import Dependence, dependent, enclosure, smooth, solved
from sage_logreg.exact.balls import CertificationError, krawczyk, midpoints
from sage_logreg.exact.gap_safe import DualPoint, gradients, is_point, shrunk, sphere
from sage_logreg.exact.penalised import PenalisedProblem, SmoothObjective
from sage_logreg.exact.whole_columns import whole_column
from sage_logreg.support.exact_number import algebraic
from sage_logreg.support.threads import one_at_a_time, one_thread

# bits beyond those of the proof, in which it is checked
GUARD_BITS = 64


@dataclasses.dataclass
class SupportProof:
    # The columns proved to be zero; the box of the other weights, and of the bias (a list), which is None where nothing is enclosed;
    # the columns that are undecided, with the dependence that is the reason if there is one; the primal point, whose weights
    # but these are zero, and the dual point with the gap. is_null says that all weights are proved to be zero by whole numbers.

    problem: PenalisedProblem
    precision: int
    zeros: list
    bias: list
    box: dict
    undecided: set
    dependence: Dependence
    columns: list
    center: list
    dual: DualPoint
    gap: object
    is_null: bool

    def nonzero(self):
        return {j: ball for j, ball in self.box.items() if j not in self.undecided}

    def involved(self):
        return self.dependence.involved if self.dependence else set()

    def start(self):
        # where the next proof begins: with all weights that are not zero
        first = int(self.problem.intercept)
        known = {j: ball.mid() for j, ball in self.nonzero().items()}
        return self.center[:first], {**dict(zip(self.columns, self.center[first:])), **known}


def proved(problem, bias, weights, precision):
    r"""
    Return the :class:`SupportProof` that ball arithmetic of some bits gives, from a start near the minimum.
    """
    solution = solved(problem, bias, weights, precision)
    columns = solution.columns
    dual, found = shrunk(problem, solution.objective, columns, solution.center, solution.dual, solution.gradients)
    with one_thread:
        zeros = [j for j in range(problem.count) if found.is_zero(j)]
    rest = sorted(set(range(problem.count)).difference(zeros))
    is_null = bool(rest) and not columns and is_null_minimal(problem, rest)
    if is_null:
        zeros, rest = list(range(problem.count)), []
    bias, box, undecided, dependence = _enclosed_rest(problem, solution, found, rest)
    if problem.free and bias is None:
        raise CertificationError('it is not proved that there is a minimum, as there are columns without a penalty')
    center = [value.real().mid() for value in solution.center.list()]
    return SupportProof(problem, precision, zeros, bias, box, undecided, dependence, columns, center, dual, found.gap, is_null)


def _enclosed_rest(problem, solution, found, rest):
    # The box of the bias and of the columns that are not proved to be zero, those that remain undecided, and why.
    signs, (bias, weights), precision = solution.signs, solution.weights(), solution.objective.precision
    columns, dependence, uncertain = rest, None, {j for j in rest if j not in signs}
    while True:
        with one_thread:
            slopes = {j: found.slope(j) for j in columns if j in uncertain}
        try:
            same = columns == solution.columns and not slopes
            box = enclosure(solution if same else smooth(problem, columns, signs, bias, weights, precision, slopes))
        except CertificationError:
            box = None
        if box is None:
            dependence = None if dependence else dependent(problem, rest)
            if dependence is None:
                return None, {}, set(rest), None
            uncertain |= dependence.involved
            columns = [j for j in rest if j not in dependence.others]
            continue
        with one_thread:
            wrong = {j for j in columns if j not in uncertain and signs[j] and not box[1][j] * signs[j] > 0}
        if not wrong:
            involved = dependence.involved if dependence else set()
            return *box, {j for j in [*uncertain, *problem.free] if j in involved or box[1][j].contains_zero()}, dependence
        uncertain |= wrong


@one_at_a_time
def null_gradients(problem, columns):
    r"""
    Return `x_j^T q` of some columns where all weights are zero, rational numbers; ``None`` where they are not, there is an offset, or
    there are columns without a penalty.
    """
    from sage.rings.rational_field import QQ
    whole = [whole_column(problem.data.design.exact, j) for j in columns]
    if problem.free or any(column.divisor is None for column in whole):
        return None
    try:
        if any(problem.data.exact_offset):
            return None
        frequencies = list(map(QQ, problem.data.exact_weights))
    except (TypeError, ValueError):
        return None
    labels = [int(label) for label in problem.y]
    share = sum(f for f, label in zip(frequencies, labels) if label) if problem.intercept else QQ((1, 2))
    q = [f * (label - share) for f, label in zip(frequencies, labels)]
    multiple = lcm(*(int(one.denominator()) for one in q))
    q = [int(one * multiple) for one in q]
    return [QQ((sum(map(int.__mul__, q, column.entries)), column.divisor * multiple)) for column in whole]


def lambda_square_of(problem, j, gradient):
    r"""
    Return the square of the `\lambda` at which `\kappa_j` is the size of a rational gradient.
    """
    return (gradient / (problem.l1_ratio * problem.factors[j]))**2 / problem.variances[j]


@one_at_a_time
def is_null_minimal(problem, columns):
    # Whether no gradient of these columns is above kappa where all weights are zero, exactly. Then zero is a minimum, and the
    # only one: the fitted log-odds and so the penalty are the same at every minimum.
    gradients, lambda_, ratio = null_gradients(problem, columns), algebraic(problem.lambda_), algebraic(problem.l1_ratio)
    factors = [algebraic(problem.factors[j]) for j in columns]
    if gradients is None or lambda_ is None or ratio is None or None in factors:
        return False
    return all(gradient**2 <= (lambda_ * ratio * factor)**2 * problem.variances[j] for j, gradient, factor in zip(columns, gradients, factors))


# The check

def is_proved(proof):
    r"""
    Return whether everything that a :class:`SupportProof` says is proved again, in balls only and with more bits.
    """
    problem = proof.problem
    with one_thread:
        parts = sorted([*proof.zeros, *proof.undecided, *proof.nonzero()])
        if parts != list(range(problem.count)) or not is_point(problem, proof.dual) or problem.free and proof.bias is None:
            return False
        objective = SmoothObjective(problem, proof.columns, [0] * len(proof.columns), proof.precision + GUARD_BITS)
    known = gradients(problem, proof.dual, objective.reals, screen=False)
    found = sphere(problem, objective, proof.columns, objective.column(proof.center), proof.dual, known)
    if found is None:
        return False
    with one_thread:
        doubtful = [j for j in proof.zeros if not found.is_zero(j)]
    if doubtful and not (proof.is_null and len(proof.zeros) == problem.count and is_null_minimal(problem, doubtful)):
        return False
    return not proof.box if proof.bias is None else _is_enclosed(proof, found)


@one_at_a_time
def _is_enclosed(proof, found):
    problem, involved, columns = proof.problem, proof.involved(), sorted(proof.box)
    rest = sorted({*proof.undecided, *columns})
    if proof.dependence and (dependent(problem, rest) != proof.dependence or not involved <= proof.undecided):
        return False
    if columns != [j for j in rest if not proof.dependence or j not in proof.dependence.others]:
        return False
    if any(ball.contains_zero() for ball in proof.nonzero().values()):
        return False
    slopes = [found.slope(j) if j in proof.undecided else found.kappas[j] if proof.box[j] > 0 else -found.kappas[j] for j in columns]
    objective = SmoothObjective(problem, columns, slopes, proof.precision + GUARD_BITS)
    balls = [*proof.bias, *(proof.box[j] for j in columns)]
    if not balls:
        return True
    center, radii = objective.box(balls)
    try:
        inverse = midpoints(~objective.hessian(center))
    except ZeroDivisionError:
        return False
    return krawczyk(objective, center, radii, inverse) is not None
