r"""
The next `\lambda` at which the support changes, in a ball

Between two such `\lambda` the columns with weights and the signs of these are the same, and the weights are a smooth function of `\lambda`.

EXAMPLES: see :meth:`sage_logreg.exact.certified_support.CertifiedSupport.next_breakpoint`.
"""
import copy
import dataclasses

import numpy

from sage_logreg.exact.active_weights import smooth
from sage_logreg.exact.balls import CertificationError, enclosed, inverted, midpoints, newton
from sage_logreg.exact.estimates import decimal_and_error
from sage_logreg.exact.gap_safe import UNDERFLOW, UNIT
from sage_logreg.exact.penalised import SmoothObjective
from sage_logreg.exact.support_proof import null_gradients
from sage_logreg.support.arguments import listed
from sage_logreg.support.threads import one_at_a_time, one_thread

# steps along the path in floats, how near to the event they end and how far down they look; pieces of the proof
STEPS, NEAR, LEAST = 500, 1e-11, 1e-9
MOST_PIECES = 1000
# how much of the penalty's factor the gradient of a column may be that is not looked at closely
FAR = 1 - 1e-3


@dataclasses.dataclass
class Breakpoint:
    r"""
    A `\lambda` at which the support changes, the ``names`` of the weights that change, and whether they are zero above it.

    - ``lambda_`` -- a ball that contains it, or the rational number that it is
    - ``enters`` -- whether the weights are zero above it and not below, or the other way round

    EXAMPLES::

        sage: from sage_logreg import certified_support, ex2data1
        sage: certified_support(ex2data1(), 5).next_breakpoint()
        x2 enters at lambda = 4... +/- ...e-...
    """

    lambda_: object
    names: tuple
    enters: bool
    digits: int = 15

    def __repr__(self):
        ball = hasattr(self.lambda_, 'rad_as_ball')
        value = decimal_and_error(self.lambda_, self.digits) if ball else self.lambda_
        verb = ('enter' if self.enters else 'leave') + 's' * (len(self.names) == 1)
        return f'{listed(self.names)} {verb} at lambda = {value}'


@dataclasses.dataclass
class Event:
    # A column reaches the gradient kappa of some sign, or its weight of some sign reaches zero.

    column: int
    sign: int
    enters: bool


def next_breakpoint(proof, digits):
    r"""
    Return the :class:`Breakpoint` next below the `\lambda` of a :class:`~sage_logreg.exact.support_proof.SupportProof` that decides all.
    """
    problem, names = proof.problem, proof.problem.data.design.variables
    if not proof.box:
        return _first_breakpoint(proof, digits)
    signs = {j: 1 if ball > 0 else -1 for j, ball in proof.box.items()}
    event, lambda_, bias, weights = _nearly(problem, signs, proof)
    ball = _enclosed_event(problem, signs, event, [*bias, *weights, lambda_], proof.precision)
    if not ball < problem.lambda_:
        raise CertificationError('the next breakpoint is not distinguished from lambda')
    _prove_next(problem, signs, event, ball, proof)
    return Breakpoint(ball, (names[event.column],), event.enters, digits)


@one_at_a_time
def _first_breakpoint(proof, digits):
    # All weights are zero above the largest gradient, by the factor of the absolute values.
    from sage.rings.real_arb import RealBallField
    problem, names = proof.problem, proof.problem.data.design.variables
    gradients = null_gradients(problem, list(range(problem.count)))
    if gradients is not None:
        sizes = list(map(abs, gradients))
        largest = max(sizes)
        if not largest:
            raise ValueError('all weights are zero for every lambda, and there is no breakpoint')
        first = tuple(names[j] for j, size in enumerate(sizes) if size == largest)
        return Breakpoint(largest / problem.l1_ratio, first, True, digits)
    objective = SmoothObjective(problem, [], [], proof.precision)
    q = objective.residuals(objective.column(proof.bias))
    with_q = [abs(ball) for ball in _rows_times(problem, list(range(problem.count)), q, objective)]
    place = max(range(len(with_q)), key=lambda j: with_q[j].mid())
    if not all(with_q[j] < with_q[place] for j in range(len(with_q)) if j != place):
        raise CertificationError('the largest gradient is not distinguished from others')
    return Breakpoint(RealBallField(proof.precision)(with_q[place]) / problem.l1_ratio, (names[place],), True, digits)


@one_at_a_time
def _rows_times(problem, columns, q, objective):
    # balls of x_j^T q
    from sage.matrix.constructor import matrix
    if not columns:
        return []
    points = matrix(objective.field, len(q), len(columns), problem.of_columns(columns).points)
    return [ball.real() for ball in (matrix(objective.field, 1, len(q), q) * points).list()]


# Near the event, in floats

def _nearly(problem, signs, proof):
    # The event, its lambda, and the bias and the weights there.
    columns, alpha = sorted(signs), float(problem.l1_ratio)
    s = numpy.array([signs[j] for j in columns], dtype=float)
    first = int(problem.intercept)
    A = numpy.column_stack([numpy.ones((len(problem.y), first)), problem.X[:, columns]])
    w = numpy.array([float(ball) for ball in [*proof.bias, *(proof.box[j] for j in columns)]])
    start = lambda_ = float(problem.lambda_)
    outside = numpy.setdiff1d(numpy.arange(problem.count), columns)
    with numpy.errstate(all='ignore'):
        for _ in range(STEPS):
            w, dw, q, dq = _at(problem, A, w, lambda_, s, alpha)
            v, dv = q @ problem.X[:, outside], dq @ problem.X[:, outside]
            # the changes of lambda at which a gradient would reach kappa of either sign, or a weight zero
            entering = [-(lambda_ * alpha - sign * v) / (alpha - sign * dv) for sign in (1, -1)]
            changes = numpy.concatenate([*entering, -w[first:] / dw[first:]])
            slopes = numpy.concatenate([alpha - dv, alpha + dv, s * dw[first:]])
            changes[~(slopes > 0)] = -numpy.inf
            place = int(numpy.argmax(changes))
            change = float(changes[place])
            if lambda_ < LEAST * start or not numpy.isfinite(w).all():
                break
            if abs(change) < NEAR * lambda_:
                part, k = divmod(place, max(1, len(outside))) if place < 2 * len(outside) else (2, place - 2 * len(outside))
                event = Event(columns[k], int(s[k]), False) if part == 2 else Event(int(outside[k]), (1, -1)[part], True)
                return event, lambda_, w[:first].tolist(), w[first:].tolist()
            lambda_ = min(max(lambda_ + change, lambda_ / 2), start)
    raise CertificationError(f'no breakpoint has been found below lambda = {problem.lambda_}')


def _at(problem, A, w, lambda_, s, alpha):
    # The solution of the smooth equations, its derivative by lambda, and f (y - p) with that of it.
    first, steps = int(problem.intercept), 30
    slopes = numpy.zeros(len(w))
    for _ in range(steps):
        z = problem.o + A @ w
        q, p = problem.residuals(z), 1 / (1 + numpy.exp(-z))
        D = problem.f * p * (1 - p)
        hessian = (A.T * D) @ A
        hessian[range(first, len(w)), range(first, len(w))] += lambda_ * (1 - alpha)
        slopes[first:] = alpha * s + (1 - alpha) * w[first:]
        move, dw = numpy.linalg.lstsq(hessian, numpy.column_stack([A.T @ q - lambda_ * slopes, -slopes]), rcond=None)[0].T
        change = abs(A @ move).max()
        w = w + move / max(1, change)
        if change < 1e-13:
            break
    return w, dw, q, -D * (A @ dw)


# The event in a ball

class EventObjective(SmoothObjective):
    # The equations of a minimum in the bias, the weights of some columns and lambda, and that of the event.

    def __init__(self, problem, signs, event, precision):
        plain = copy.copy(problem)
        plain.l2 = 0
        columns = sorted(signs)
        super().__init__(plain, columns, [signs[j] * problem.l1_ratio for j in columns], precision)
        self.alpha, self.event = self.field(problem.l1_ratio), event
        first, size = int(problem.intercept), len(columns) + problem.intercept
        self.ridge = copy.copy(self.penalty)
        for j in range(first, size):
            self.ridge[j, j] = 1 - self.alpha
        self.place = None if event.enters else first + columns.index(event.column)
        if event.enters:
            self.entering = self.column([event.sign * self.field(x) for (x,) in problem.of_columns([event.column]).points])

    def parts(self, point):
        size = point.nrows() - 1
        weights, lambda_ = point.submatrix(0, 0, size, 1), point[size, 0]
        return weights, lambda_, self.slopes + self.ridge * weights

    def gradient(self, point):
        weights, lambda_, slopes = self.parts(point)
        q = self.column(self.residuals(weights))
        last = ((self.entering.transpose() * q)[0, 0] - lambda_ * self.alpha) if self.event.enters else weights[self.place, 0]
        return self.column([*(self.transposed * q - lambda_ * slopes).list(), last])

    def hessian(self, point):
        # the Jacobian with its sign changed
        from sage.matrix.constructor import matrix
        weights, lambda_, slopes = self.parts(point)
        rows = [[*row, slope] for row, slope in zip((super().hessian(weights) + lambda_ * self.ridge).rows(), slopes.list())]
        if self.event.enters:
            scaled = self.column([f * z.exp() / (1 + z.exp())**2 * x for f, z, x
                                  in zip(self.frequencies, self.log_odds(weights), self.entering.list())])
            rows.append([*(scaled.transpose() * self.points).list(), self.alpha])
        else:
            rows.append([-self.one if k == self.place else self.field.zero() for k in range(len(rows) + 1)])
        return matrix(self.field, rows)

    def change(self, step):
        return super().change(step.submatrix(0, 0, step.nrows() - 1, 1))


@one_at_a_time
def _enclosed_event(problem, signs, event, start, precision):
    objective = EventObjective(problem, signs, event, precision)
    center, inverse = newton(objective, start)
    units = [sum(abs(inverse[j, k]) for k in range(inverse.ncols())).real() for j in range(inverse.nrows())]
    proved = enclosed(objective, center, inverse, units)
    if proved is None:
        raise CertificationError("Krawczyk's test fails at the next breakpoint")
    return proved[0].list()[-1].real()


# That nothing changes before it

def _prove_next(problem, signs, event, ball, proof):
    # Raise an error if it is not proved that the support is the same above the event. Pieces that fail are halved.
    columns, field = sorted(signs), ball.parent()
    with one_thread:
        bias, weights = [one.mid() for one in proof.bias], {j: proof.box[j].mid() for j in columns}
        pieces = [(field(ball.lower()), field(field(problem.lambda_).upper()))]
    for _ in range(MOST_PIECES):
        low, high = pieces.pop()
        known = _unchanged(problem, columns, signs, event, low, high, bias, weights, proof.precision)
        if known:
            if not pieces:
                return
            bias, weights = known
        else:
            middle = field(((low + high) / 2).mid())
            pieces += [(low, middle), (middle, high)]
    raise CertificationError(f'it is not proved in {MOST_PIECES} pieces that nothing changes between lambda and the next breakpoint')


@one_at_a_time
def _unchanged(problem, columns, signs, event, low, high, bias, weights, precision):
    # Whether no weight becomes zero and no gradient reaches kappa between two lambdas, but at the event's own; then the bias and the
    # weights in the middle.
    field = low.parent()
    middle = field(((low + high) / 2).mid())
    # the middle is rounded
    half = max((high - middle).above_abs(), (middle - low).above_abs())
    around = middle + field.zero().add_error(half)
    try:
        box = Enclosed(problem, columns, signs, around, bias, weights, precision)
        center = Enclosed(problem, columns, signs, middle, bias, weights, precision)
        moves, changes = box.derivatives(problem, columns, signs)
    except CertificationError:
        return None
    first, alpha = int(problem.intercept), problem.l1_ratio
    # each of these must be positive: its value in the middle, and its derivative
    values = [(j, False, signs[j], signs[j] * w, signs[j] * move)
              for j, w, move in zip(columns, center.weights[first:], moves[first:])]
    near = _near_columns(problem, columns, box.residuals(), around * alpha)
    for j, v, dv in zip(near, _rows_times(problem, near, center.residuals(), center.objective),
                        _rows_times(problem, near, changes, box.objective)):
        values += [(j, True, sign, middle * alpha - sign * v, alpha - sign * dv) for sign in (1, -1)]
    for j, enters, sign, value, slope in values:
        is_event = (j, enters, sign) == (event.column, event.enters, event.sign)
        if not (value - half * abs(slope) > 0 or is_event and slope > 0):
            return None
    middles = [w.mid() for w in center.weights]
    return middles[:first], dict(zip(columns, middles[first:]))


class Enclosed:
    # The solutions for all lambdas of a ball, by Krawczyk's test in coordinates u in which the Hessian is nearly the unit matrix:
    # the weights are T u. Boxes of the weights themselves would be much wider where columns are correlated.

    def __init__(self, problem, columns, signs, lambda_, bias, weights, precision):
        here = copy.copy(problem)
        here.set_lambda(lambda_)
        solution = smooth(here, columns, signs, bias, weights, precision)
        objective = self.objective = solution.objective
        self.T = objective.matrix(_root(solution.inverse))
        objective.points = objective.points * self.T
        objective.transposed = objective.points.transpose()
        objective.penalty = self.T.transpose() * objective.penalty * self.T
        objective.slopes = self.T.transpose() * objective.slopes
        center, one = midpoints(inverted(self.T) * solution.center), objective.matrix(numpy.eye(self.T.nrows()))
        proved = enclosed(objective, center, one, [objective.reals.one()] * self.T.nrows())
        if proved is None:
            raise CertificationError("Krawczyk's test fails")
        self.u, self.hessian = proved
        self.weights = [w.real() for w in (self.T * self.u).list()]

    def residuals(self):
        return self.objective.residuals(self.u)

    def derivatives(self, problem, columns, signs):
        # of the weights by lambda, and of f (y - p)
        slopes = [signs[j] * problem.l1_ratio + (1 - problem.l1_ratio) * w for j, w in zip(columns, self.weights[problem.intercept:])]
        slopes = self.objective.column([0] * problem.intercept + slopes)
        moves = inverted(self.hessian) * (self.T.transpose() * slopes)
        curvatures = [f * z.exp() / (1 + z.exp())**2 for f, z in zip(self.objective.frequencies, self.objective.log_odds(self.u))]
        return ([-move.real() for move in (self.T * moves).list()],
                [curvature * z for curvature, z in zip(curvatures, (self.objective.points * moves).list())])


def _root(inverse):
    # T with T T^T near the inverse of the Hessian, in floats
    units = numpy.array([float(abs(inverse[j, j].real()).sqrt().mid()) for j in range(inverse.nrows())])
    scaled = numpy.array([[float(entry.real().mid()) for entry in row] for row in inverse.rows()]) / numpy.outer(units, units)
    try:
        return units[:, None] * numpy.linalg.cholesky(scaled)
    except numpy.linalg.LinAlgError:
        return numpy.diag(units)


def _near_columns(problem, columns, q, kappa):
    # The columns outside of which bounds in floats keep the gradient away from kappa, for all q of the balls.
    middle = numpy.array([float(one.real().mid()) for one in q])
    radius = numpy.array([float(one.real().rad()) for one in q]) * (1 + 1e-9) + UNDERFLOW
    bounds = abs(middle @ problem.X) + (radius + (len(q) + 16) * UNIT * (abs(middle) + radius)) @ abs(problem.X) + len(q) * UNDERFLOW
    far = bounds < FAR * float(kappa.lower())
    far[columns] = True
    return numpy.flatnonzero(~far).tolist()
