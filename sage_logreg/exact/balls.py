r"""
The log-likelihood in ball arithmetic, with Newton's method and Krawczyk's test
"""
import copy

from sage_logreg.support.progress import progress_bar
from sage_logreg.support.threads import one_at_a_time, one_thread

STEPS = 100


class CertificationError(ArithmeticError):
    r"""
    The estimate cannot be proved; the message says why.

    EXAMPLES:

    Separated data, and a penalty so small that the weights are hundreds of
    steps away::

        sage: from sage_logreg.exact.certified import certified_maximum_likelihood
        sage: certified_maximum_likelihood([[0, 0], [1, 1]], digits=2, l2=10^-400)
        Traceback (most recent call last):
        ...
        sage_logreg.exact.balls.CertificationError: cannot prove 2 digits of the estimate, at up to 2272 bits: Newton's method has not converged after 100 steps
    """


# The maximised function in ball arithmetic

class BallObjective:
    # Real numbers are complex balls of imaginary part zero here: for these Sage
    # has Arb's own matrices, for real balls generic ones, a hundred times slower.

    @one_at_a_time
    def __init__(self, problem, precision):
        # outside of a running Sage, symbolic functions loaded after the balls are not found
        import sage.functions.log  # noqa: F401
        from sage.matrix.constructor import matrix
        from sage.rings.complex_arb import ComplexBallField
        from sage.rings.real_arb import RealBallField
        self.field, self.reals = ComplexBallField(precision), RealBallField(precision)
        self.precision, self.one = precision, self.field.one()
        rows, columns, first = len(problem.data), problem.data.design.count, int(problem.data.intercept)
        self.points = matrix(self.field, rows, columns, [[1] * first + list(point) for point in problem.points])
        self.transposed = self.points.transpose()
        self.labels = problem.data.labels.tolist()
        self.frequencies = list(map(self.field, problem.data.exact_weights))
        self.offset = self.column(problem.data.exact_offset.tolist())
        l2 = self.field(problem.l2)
        self.penalty = matrix(self.field, columns, columns, {(j, j): l2 for j in range(first, columns)}, sparse=False)

    def column(self, values):
        from sage.matrix.constructor import matrix
        return matrix(self.field, len(values), 1, values)

    def log_odds(self, weights):
        return (self.offset + self.points * weights).list()

    def log_likelihood(self, weights):
        return -sum((frequency * (-z if label else z).exp().log1p() for label, frequency, z
                     in zip(self.labels, self.frequencies, self.log_odds(weights))), self.field.zero()).real()

    def gradient(self, weights):
        # y - p without cancellation
        residuals = [frequency / (self.one + z.exp()) if label else -frequency / (self.one + (-z).exp())
                     for label, frequency, z in zip(self.labels, self.frequencies, self.log_odds(weights))]
        return self.transposed * self.column(residuals) - self.penalty * weights

    def hessian(self, weights):
        # of the function with its sign changed: positive definite
        scaled = copy.copy(self.points)
        for i, (frequency, z) in enumerate(zip(self.frequencies, self.log_odds(weights))):
            exponential = z.exp()
            scaled.rescale_row(i, frequency * exponential / (self.one + exponential)**2)
        return self.transposed * scaled + self.penalty


def midpoints(balls):
    return balls.parent()([ball.squash() for ball in balls.list()])


def inverted(hessian):
    try:
        return ~hessian
    except ZeroDivisionError:
        raise CertificationError('the Hessian is singular within its rounding errors') from None


@one_at_a_time
def _step(objective, weights):
    # The next weights, the inverse of the Hessian, the largest change of a log-odds, and whether it is near.
    inverse = midpoints(inverted(objective.hessian(weights)))
    step = midpoints(inverse * objective.gradient(weights))
    change = max(z.real().above_abs() for z in (objective.points * step).list())
    near = 8 * change < 1
    if not near:
        step = objective.field((1 + change).log() / change) * step
    return midpoints(weights + step), inverse, change, near


def newton(objective, start):
    # Approximately the maximiser, and approximately the inverse of the Hessian near it.
    with one_thread:
        weights, last = objective.column(start.tolist()), None
        half = objective.reals(2)**-(objective.precision // 2)
    for _ in progress_bar(range(STEPS), desc='proof'):
        # other threads may go on between the steps
        weights, inverse, change, near = _step(objective, weights)
        # The remaining error is about the square of this step; or the step is only rounding.
        if change < half or (near and last is not None and change > last / 2):
            return weights, inverse
        last = change
    raise CertificationError(f"Newton's method has not converged after {STEPS} steps")


# The proof

def krawczyk(objective, center, radii, inverse):
    # K(B) and H(B) for the box B of these radii around the center, or None if
    # K(B) is not in the interior of B.
    around = objective.column([objective.reals.zero().add_error(radius) for radius in radii])
    hessian = objective.hessian(center + around)
    move = inverse * objective.gradient(center) + (1 - inverse * hessian) * around
    if all(shift.real().above_abs() < radius for shift, radius in zip(move.list(), radii)):
        return center + move, hessian
    return None
