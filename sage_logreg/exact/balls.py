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
        l2 = self.field(problem.l2)
        self.penalty = matrix(self.field, columns, columns, {(j, j): l2 for j in range(first, columns)}, sparse=False)
        self.offset = self._offset(problem.data.exact_offset.tolist())

    def _offset(self, numbers):
        return self.column(numbers)

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

    def change(self, step):
        # the largest change of a log-odds by the step
        return max(z.real().above_abs() for z in (self.points * step).list())

    def box(self, balls):
        # its center and its radii
        return self.column([ball.squash() for ball in balls]), [self.reals(ball.rad_as_ball()) for ball in balls]

    def are_in(self, enclosure, balls):
        # whether weights in the enclosure, which is in the box of the balls, are in the balls
        return True

    def start(self, weights):
        # from floats
        return self.column(weights.tolist())


class SoftmaxBallObjective(BallObjective):
    # The same of K classes. The weights are those of all classes but the first, one after the other, less the first's.

    @one_at_a_time
    def __init__(self, problem, precision):
        from sage.matrix.constructor import matrix
        self.classes = problem.data.classes
        super().__init__(problem, precision)
        self.labels = [int(label) for label in self.labels]
        self.count = self.points.ncols()
        # of the symmetric form, whose rows are these combinations: for classes a and b the product of two is [a = b] - 1/K
        share = self.one / self.classes
        self.symmetric = matrix(self.field, self.classes, self.classes - 1, lambda k, a: (k == a + 1) - share)
        self.penalty = (self.symmetric.transpose() * self.symmetric).tensor_product(self.penalty, subdivide=False)

    def _offset(self, numbers):
        from sage.matrix.constructor import matrix
        return matrix(self.field, len(numbers), self.classes - 1, [[other - row[0] for other in row[1:]] for row in numbers])

    def of_classes(self, weights):
        # a row a class, without the first
        from sage.matrix.constructor import matrix
        return matrix(self.field, self.classes - 1, self.count, weights.list())

    def odds(self, weights):
        # against the first class, of all classes: a list for each row
        z = self.offset + self.points * self.of_classes(weights).transpose()
        return [[self.one, *(entry.exp() for entry in row)] for row in z]

    def log_likelihood(self, weights):
        return -sum((frequency * (_without(odds, label) / odds[label]).log1p() for label, frequency, odds
                     in zip(self.labels, self.frequencies, self.odds(weights))), self.field.zero()).real()

    def gradient(self, weights):
        from sage.matrix.constructor import matrix
        residuals = []
        for label, frequency, odds in zip(self.labels, self.frequencies, self.odds(weights)):
            unit = frequency / sum(odds)
            # without cancellation, of the own class as well
            residuals.append([unit * _without(odds, label) if k == label else -unit * odds[k] for k in range(1, self.classes)])
        slopes = self.transposed * matrix(self.field, residuals)
        return self.column(slopes.transpose().list()) - self.penalty * weights

    def hessian(self, weights):
        odds = self.odds(weights)
        totals = [sum(row) for row in odds]
        hessian = copy.copy(self.penalty)
        for a in range(self.classes - 1):
            for b in range(a + 1):
                scaled = copy.copy(self.points)
                for i, (frequency, row, total) in enumerate(zip(self.frequencies, odds, totals)):
                    other = _without(row, a + 1) if a == b else -row[b + 1]
                    scaled.rescale_row(i, frequency * row[a + 1] * other / total**2)
                self._add(hessian, self.transposed * scaled, a, b)
        return hessian

    def _add(self, hessian, part, a, b):
        for one, other, block in ((a, b, part), (b, a, part.transpose()))[:1 + (a != b)]:
            place = one * self.count, other * self.count
            hessian.set_block(*place, hessian.submatrix(*place, self.count, self.count) + block)

    def change(self, step):
        # of those between any two classes
        changes = self.points * self.of_classes(step).transpose()
        return 2 * max(z.real().above_abs() for z in changes.list())

    def box(self, balls):
        return super().box([ball - balls[i % self.count] for i, ball in enumerate(balls)][self.count:])

    def are_in(self, enclosure, balls):
        return all(weight.real() in ball for weight, ball in zip((self.symmetric * self.of_classes(enclosure)).list(), balls))

    def start(self, weights):
        return super().start((weights.reshape(self.classes, -1)[1:] - weights[:self.count]).ravel())


def _without(odds, k):
    return sum(odds[:k] + odds[k + 1:])


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
    change = objective.change(step)
    near = 8 * change < 1
    if not near:
        step = objective.field((1 + change).log() / change) * step
    return midpoints(weights + step), inverse, change, near


def newton(objective, start):
    # Approximately the maximiser, and approximately the inverse of the Hessian near it.
    with one_thread:
        weights, last = objective.start(start), None
        half = objective.reals(2)**-(objective.precision // 2)
    with progress_bar(desc='proof', unit=' steps') as bar:
        for _ in range(STEPS):
            # other threads may go on between the steps
            weights, inverse, change, near = _step(objective, weights)
            # The remaining error is about the square of this step; or the step is only rounding.
            if change < half or (near and last is not None and change > last / 2):
                return weights, inverse
            last = change
            bar.update()
    raise CertificationError(f"Newton's method has not converged after {STEPS} steps")


# The proof

def krawczyk(objective, center, radii, inverse):
    # K(B) and Y H(B) for the box B of these radii around the center, or None if
    # K(B) is not in the interior of B.
    around = objective.column([objective.reals.zero().add_error(radius) for radius in radii])
    product = inverse * objective.hessian(center + around)
    move = inverse * objective.gradient(center) + (1 - product) * around
    if all(shift.real().above_abs() < radius for shift, radius in zip(move.list(), radii)):
        return center + move, product
    return None


def enclosed(objective, center, inverse, units):
    # The same for a box around the center that is as wide as needed, in these units of its coordinates, to hold K(B).
    step = (inverse * objective.gradient(center)).list()
    size = max((move.real() / unit).above_abs() for move, unit in zip(step, units))
    size = 4 * size + objective.reals(2)**-objective.precision
    return krawczyk(objective, center, [(size * unit).above_abs() for unit in units], inverse)
