r"""
The next `\lambda` at which the support changes, in a ball

Between two such `\lambda` the columns with weights and the signs of these are the same, and the weights are a smooth function of `\lambda`.

EXAMPLES: see :meth:`sage_logreg.exact.certified_support.CertifiedSupport.next_breakpoint`.
"""
import copy
import dataclasses

from sage_logreg.exact.balls import CertificationError, enclosed, newton
from sage_logreg.exact.estimates import decimal_and_error
from sage_logreg.exact.path_piece import FloatPath, Piece, down, up
from sage_logreg.exact.penalised import SmoothObjective, above_text, number_text
from sage_logreg.exact.support_proof import lambda_square_of, null_gradients
from sage_logreg.support.arguments import listed
from sage_logreg.support.cores import one_blas_thread
from sage_logreg.support.exact_number import algebraic, exact_number, sage_number
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.progress import progress_bar
from sage_logreg.support.threads import one_at_a_time, one_thread

# pieces of the proof; the first and the smallest as a part of lambda; how far down is looked, as a part of the lambda above
MOST_PIECES, FIRST, SMALLEST, LEAST = 500, 0.1, 1e-9, 1e-9


@dataclasses.dataclass
class Breakpoint:
    r"""
    A `\lambda` at which the support changes, the ``names`` of the weights that change, and whether they are zero above it.

    - ``lambda_`` -- a ball that contains it, or the rational or algebraic number that it is
    - ``names`` -- tuple of strings; empty if no breakpoint is proved to be the next: then the support does not change down to ``lambda_``
    - ``enters`` -- whether the weights are zero above it and not below, or the other way round; ``None`` without names
    - ``above`` -- the `\lambda` above, from which on the support does not change until there

    EXAMPLES::

        sage: from sage_logreg import certified_support, ex2data1
        sage: certified_support(ex2data1(), 5).next_breakpoint()
        x2 enters at lambda = 4... +/- ...e-...
    """

    lambda_: object
    names: tuple
    enters: bool
    digits: int = 15
    above: object = None

    def __repr__(self):
        if not self.names:
            return f'the support does not change from lambda = {number_text(self.above)} down to {above_text(self.lambda_, 6)}'
        ball = hasattr(self.lambda_, 'rad_as_ball')
        value = decimal_and_error(self.lambda_, self.digits) if ball else self.lambda_
        verb = ('enter' if self.enters else 'leave') + 's' * (len(self.names) == 1)
        return f'{listed(self.names)} {verb} at lambda = {value}'


def next_breakpoint(proof, digits):
    r"""
    Return the :class:`Breakpoint` next below the `\lambda` of a :class:`~sage_logreg.exact.support_proof.SupportProof` that decides all.
    """
    problem, names = proof.problem, proof.problem.data.design.variables
    if not set(proof.box).difference(problem.free):
        return _first_breakpoint(proof, digits)
    search = Search(proof)
    with interrupts_explained(lambda: f'the next breakpoint: interrupted; nothing changes down to lambda = {above_text(search.high, 6)}'):
        found = search.run()
    if found is None:
        return _none_down_to(problem.lambda_ if search.high == up(problem.lambda_) else search.high, proof)
    event, ball = found
    return Breakpoint(ball, (names[event.column],), event.enters, digits, problem.lambda_)


def _none_down_to(lambda_, proof):
    return Breakpoint(sage_number(exact_number(lambda_)), (), None, above=proof.problem.lambda_)


class Search:
    # Down from the lambda of a proof, piece by piece, each as large as can be proved; down to ``high`` nothing changes.

    def __init__(self, proof):
        self.proof, self.problem = proof, proof.problem
        self.path = FloatPath(proof)
        self.high, self.balls = up(proof.problem.lambda_), {}

    @one_blas_thread()
    def run(self):
        # the next event, and the ball of its lambda; None if none is proved to be the next
        start, width = self.high, FIRST
        with progress_bar(desc='breakpoint', unit=' pieces') as bar:
            for _ in range(MOST_PIECES):
                if width < SMALLEST or self.high < LEAST * start:
                    return None
                low = self.high * (1 - width)
                found = self._next_event(low)
                if found and Piece(self.path, down(found[1]), self.high, found[0]).is_proved:
                    return found
                if found:
                    # not into the event, and near it less and less
                    width = min(width, (1 - float(found[1]) / self.high) / 2)
                    low = self.high * (1 - width)
                if Piece(self.path, low, self.high).is_proved:
                    self.high, width = low, min(1.5 * width, 0.5)
                else:
                    width /= 2
                bar.update()
        return None

    def _next_event(self, low):
        # the event that floats expect, if above low, with a ball of its lambda
        event = self.path.next_event(self.high, low)
        if event is None:
            return None
        if event not in self.balls:
            try:
                self.balls[event] = _enclosed_event(self.problem, self.path, event, self.proof.precision)
            except CertificationError:
                self.balls[event] = None
        ball = self.balls[event]
        with one_thread:
            is_between = ball is not None and all(ball < ball.parent()(end) for end in (self.high, self.problem.lambda_)) and ball > ball.parent()(low)
        return (event, ball) if is_between else None


@one_at_a_time
def _first_breakpoint(proof, digits):
    # All weights with a penalty are zero above the largest gradient, by the factor of the absolute values.
    from sage.rings.real_arb import RealBallField
    problem, names = proof.problem, proof.problem.data.design.variables
    penalised = [j for j in range(problem.count) if problem.factors[j]]
    gradients, field = null_gradients(problem, penalised), RealBallField(proof.precision)
    if gradients is not None and all(algebraic(number) is not None for number in [problem.l1_ratio, *problem.factors]):
        squares = [lambda_square_of(problem, j, gradient) for j, gradient in zip(penalised, gradients)]
        largest = max(squares)
        if not largest:
            raise ValueError('all weights are zero for every lambda, and there is no breakpoint')
        first = {j: gradient for j, gradient, square in zip(penalised, gradients, squares) if square == largest}
        if len(first) > 1 and not _enter_together(problem, first, _root(largest), proof):
            return _none_down_to(_root(largest), proof)
        return Breakpoint(_root(largest), tuple(names[j] for j in first), True, digits, problem.lambda_)
    objective = SmoothObjective(problem, sorted(proof.box), [0] * len(proof.box), proof.precision)
    q = objective.residuals(objective.column([*proof.bias, *(proof.box[j] for j in sorted(proof.box))]))
    lambdas = [abs(ball) / unit for ball, unit in zip(_rows_times(problem, penalised, q, objective), problem.l1_units(penalised, field))]
    place = max(range(len(lambdas)), key=lambda k: lambdas[k].mid())
    others = [field.zero(), *lambdas[:place], *lambdas[place + 1:]]
    if not all(other < lambdas[place] for other in others):
        return _none_down_to(max(one.upper() for one in lambdas).exact_rational(), proof)
    return Breakpoint(field(lambdas[place]), (names[penalised[place]],), True, digits, problem.lambda_)


def _enter_together(problem, gradients, lambda_, proof):
    # Whether all of these columns, whose gradients reach their limits at the same lambda, have a weight just below it: if the
    # derivatives of these weights have the signs of the gradients. Of two columns that are alike one may stay zero.
    at, columns = copy.copy(problem), list(gradients)
    at.lambda_, signs = lambda_, [1 if gradient > 0 else -1 for gradient in gradients.values()]
    objective = SmoothObjective(at, columns, [0] * len(columns), proof.precision)
    slopes = [sign * unit for sign, unit in zip(signs, problem.l1_units(columns, objective.field))]
    try:
        inverse = ~objective.hessian(objective.column([*proof.bias, *[0] * len(columns)]))
    except ZeroDivisionError:
        return False
    changes = (inverse * objective.column([0] * len(proof.bias) + slopes)).list()[len(proof.bias):]
    return all(change.real() * sign > 0 for change, sign in zip(changes, signs))


def _root(square):
    # rational if it is
    root = algebraic(square).sqrt()
    try:
        from sage.rings.rational_field import QQ
        return QQ(root)
    except (TypeError, ValueError):
        return root


@one_at_a_time
def _rows_times(problem, columns, q, objective):
    # balls of x_j^T q
    from sage.matrix.constructor import matrix
    if not columns:
        return []
    points = matrix(objective.field, len(q), len(columns), problem.of_columns(columns).points)
    return [ball.real() for ball in (matrix(objective.field, 1, len(q), q) * points).list()]


# The event in a ball

class EventObjective(SmoothObjective):
    # The equations of a minimum in the bias, the weights of some columns and lambda, and that of the event.

    def __init__(self, problem, signs, event, precision):
        plain, columns = copy.copy(problem), sorted(signs)
        plain.has_squares = False
        super().__init__(plain, columns, [0] * len(columns), precision)
        self.event, first = event, int(problem.intercept)
        self.slopes = self.column([0] * first + [signs[j] * unit for j, unit in zip(columns, problem.l1_units(columns, self.reals))])
        self.ridge = copy.copy(self.penalty)
        for j, unit in enumerate(problem.l2_units(columns, self.field), first):
            self.ridge[j, j] = unit
        self.place = None if event.enters else first + columns.index(event.column)
        if event.enters:
            self.unit, = problem.l1_units([event.column], self.field)
            self.entering = self.column([event.sign * self.field(x) for (x,) in problem.of_columns([event.column]).points])

    def parts(self, point):
        size = point.nrows() - 1
        weights, lambda_ = point.submatrix(0, 0, size, 1), point[size, 0]
        return weights, lambda_, self.slopes + self.ridge * weights

    def gradient(self, point):
        weights, lambda_, slopes = self.parts(point)
        q = self.column(self.residuals(weights))
        last = ((self.entering.transpose() * q)[0, 0] - lambda_ * self.unit) if self.event.enters else weights[self.place, 0]
        return self.column([*(self.transposed * q - lambda_ * slopes).list(), last])

    def hessian(self, point):
        # the Jacobian with its sign changed
        from sage.matrix.constructor import matrix
        weights, lambda_, slopes = self.parts(point)
        rows = [[*row, slope] for row, slope in zip((super().hessian(weights) + lambda_ * self.ridge).rows(), slopes.list())]
        if self.event.enters:
            scaled = self.column([f * z.exp() / (1 + z.exp())**2 * x for f, z, x
                                  in zip(self.frequencies, self.log_odds(weights), self.entering.list())])
            rows.append([*(scaled.transpose() * self.points).list(), self.unit])
        else:
            rows.append([-self.one if k == self.place else self.field.zero() for k in range(len(rows) + 1)])
        return matrix(self.field, rows)

    def change(self, step):
        return super().change(step.submatrix(0, 0, step.nrows() - 1, 1))


@one_at_a_time
def _enclosed_event(problem, path, event, precision):
    objective = EventObjective(problem, path.signs, event, precision)
    center, inverse = newton(objective, path.in_data_units())
    units = [sum(abs(inverse[j, k]) for k in range(inverse.ncols())).real() for j in range(inverse.nrows())]
    proved = enclosed(objective, center, inverse, units)
    if proved is None:
        raise CertificationError("Krawczyk's test fails at the next breakpoint")
    return proved[0].list()[-1].real()
