r"""
The proof of which weights are zero, and its check

EXAMPLES: see :mod:`sage_logreg.exact.support`.
"""
import dataclasses

from sage_logreg.exact.active_weights import Dependence, dependent, enclosure, smooth, solved
from sage_logreg.exact.balls import CertificationError, krawczyk, midpoints
from sage_logreg.exact.gap_safe import DualPoint, dual_point, gradients, is_point, shrunk, sphere
from sage_logreg.exact.penalised import PenalisedProblem, SmoothObjective
from sage_logreg.support.threads import one_at_a_time

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


@one_at_a_time
def proved(problem, bias, weights, precision):
    r"""
    Return the :class:`SupportProof` that ball arithmetic of some bits gives, from a start near the minimum.
    """
    solution = solved(problem, bias, weights, precision)
    objective = solution.objective
    point = dual_point(problem, objective.residuals(solution.center), precision)
    dual, found = shrunk(problem, objective, solution.center, point)
    zeros = [j for j in range(problem.count) if found.is_zero(j)]
    rest = sorted(set(range(problem.count)).difference(zeros))
    is_null = bool(rest) and not solution.columns and is_null_minimal(problem, rest)
    if is_null:
        zeros, rest = list(range(problem.count)), []
    bias, box, undecided, dependence = _enclosed_rest(problem, solution, found, rest)
    center = [value.real().mid() for value in solution.center.list()]
    return SupportProof(problem, precision, zeros, bias, box, undecided, dependence, solution.columns, center, dual, found.gap, is_null)


def _enclosed_rest(problem, solution, found, rest):
    # The box of the bias and of the columns that are not proved to be zero, those that remain undecided, and why.
    signs, (bias, weights), precision = solution.signs, solution.weights(), solution.objective.precision
    columns, dependence, uncertain = rest, None, {j for j in rest if j not in signs}
    while True:
        slopes = {j: found.slope(j) for j in columns if j in uncertain}
        try:
            same = columns == solution.columns and not slopes
            box = enclosure(solution if same else smooth(problem, columns, signs, bias, weights, precision, slopes))
        except CertificationError:
            box = None
        if box is None:
            # with a square penalty the weights of dependent columns are determined, and one cannot take the part of others
            dependence = None if dependence or problem.l2 else dependent(problem, rest)
            if dependence is None:
                return None, {}, set(rest), None
            uncertain |= dependence.involved
            columns = [j for j in rest if j not in dependence.others]
            continue
        wrong = {j for j in columns if j not in uncertain and not box[1][j] * signs[j] > 0}
        if not wrong:
            involved = dependence.involved if dependence else set()
            return *box, {j for j in uncertain if j in involved or box[1][j].contains_zero()}, dependence
        uncertain |= wrong


@one_at_a_time
def null_gradients(problem, columns):
    r"""
    Return `x_j^T q` of some columns where all weights are zero, rational numbers; ``None`` where they are not, or there is an offset.
    """
    from sage.rings.rational_field import QQ
    try:
        if any(problem.data.exact_offset):
            return None
        frequencies = list(map(QQ, problem.data.exact_weights))
        labels = [int(label) for label in problem.y]
        share = sum(f for f, label in zip(frequencies, labels) if label) if problem.intercept else QQ((1, 2))
        q = [f * (label - share) for f, label in zip(frequencies, labels)]
        return [sum((one * QQ(x) for one, x in zip(q, column)), QQ.zero()) for column in zip(*problem.of_columns(columns).points)]
    except TypeError:
        return None


def is_null_minimal(problem, columns):
    # Whether no gradient of these columns is above kappa where all weights are zero, exactly. Then zero is a minimum, and the
    # only one: the fitted log-odds and so the penalty are the same at every minimum.
    gradients = null_gradients(problem, columns)
    return gradients is not None and all(abs(gradient) <= problem.kappa for gradient in gradients)


# The check

@one_at_a_time
def is_proved(proof):
    r"""
    Return whether everything that a :class:`SupportProof` says is proved again, in balls only and with more bits.
    """
    problem = proof.problem
    if sorted([*proof.zeros, *proof.undecided, *proof.nonzero()]) != list(range(problem.count)) or not is_point(problem, proof.dual):
        return False
    objective = SmoothObjective(problem, proof.columns, [0] * len(proof.columns), proof.precision + GUARD_BITS)
    known = gradients(problem, proof.dual, objective.reals, screen=False)
    found = sphere(problem, objective, objective.column(proof.center), proof.dual, *known)
    if found is None:
        return False
    doubtful = [j for j in proof.zeros if not found.is_zero(j)]
    if doubtful and not (proof.is_null and len(proof.zeros) == problem.count and is_null_minimal(problem, doubtful)):
        return False
    return proof.bias is None or _is_enclosed(proof, found)


def _is_enclosed(proof, found):
    problem, involved, columns = proof.problem, proof.involved(), sorted(proof.box)
    rest = sorted({*proof.undecided, *columns})
    if proof.dependence and (problem.l2 or dependent(problem, rest) != proof.dependence or not involved <= proof.undecided):
        return False
    if columns != [j for j in rest if not proof.dependence or j not in proof.dependence.others]:
        return False
    if any(ball.contains_zero() for ball in proof.nonzero().values()):
        return False
    kappa = problem.kappa
    slopes = [found.slope(j) if j in proof.undecided else kappa if proof.box[j] > 0 else -kappa for j in columns]
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
