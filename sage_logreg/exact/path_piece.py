r"""
That nothing changes between two `\lambda`: the weights as a smooth function of `\lambda`, with bounds on how far it may be from a line

EXAMPLES: see :meth:`sage_logreg.exact.certified_support.CertifiedSupport.next_breakpoint`.

ALGORITHM:

Let `F_\lambda` be the function in the bias and the weights that are not zero, `A` the table of their columns, `s` the vector of
`\kappa_j \sigma_j` and `B` the diagonal matrix of `\rho_j`, both at `\lambda = 1`, and let `w` be near the minimum of `F_\mu`, `H` the
Hessian there, `D` the curvatures `f_i p_i (1 - p_i)`, and `d` near the derivative of the minimum by `\lambda`. Write
`\zeta = A d`, `\lambda = \mu + t` with `|t| \le h`, and `\|x\|_*^2 = x^T H^{-1} x`, `\|x\|_H^2 = x^T H x`. As
`p'(z + \delta) \le e^{|\delta|} p'(z)`, `|p''| \le p'` and `H \ge A^T D A` ([Bach2010]_):

1. The gradient of `F_\lambda` at `w + t d` has a norm `\|\cdot\|_*` of at most `\gamma = \|g\|_* + h \|g'\|_* + \tfrac{h^2}{2}
   \left(e^{\tau_0} (\sum D_i \zeta_i^4)^{1/2} + 2 \|B d\|_*\right)`, with the gradient `g` and its derivative `g' = H d + s + B w` at `t = 0`,
   and `\tau_0 = h \max |\zeta_i|`.
2. Where the log-odds differ by `\tau` at most from those at `w`, `F_\lambda'' \ge c H` with `c = \min(e^{-\tau}, 1 - h/\mu)`. So the minimum
   of `F_\lambda` is within `r` of `w + t d` in the norm `\|\cdot\|_H`, if `c r > \gamma` for `\tau = \tau_0 + r \max_i \|a_i\|_*`.
3. Its derivative is within `\eta` of `d`, with `c \eta = \|g'\|_* + (e^\tau - 1) (\sum D_i \zeta_i^2)^{1/2} + 2 h \|B d\|_* + r/\mu`, the last
   without squares left out.
4. By this, and by Cauchy and Schwarz, the weights, the gradients of all other columns, and the derivatives of both are bounded on the piece:
   `w_j` by `w_j + t d_j \pm r \|e_j\|_*`, and `x_j^T q` by `x_j^T q - t x_j^T D \zeta \pm \left(\tfrac{h^2}{2} e^{\tau_0} \sum_i |x_{ij}| D_i \zeta_i^2
   + e^\tau (\sum_i D_i x_{ij}^2)^{1/2} r\right)`; as the sum of `q` is zero, any number may be subtracted from a column.

A weight does not become zero, and a gradient does not reach its limit, if the bound on its value says so, or if it moves away from there
as `\lambda` falls. The event itself moves towards it, on the pieces next to it.

REFERENCES:

.. [Bach2010] F. Bach, *Self-concordant analysis for logistic regression*, Electronic Journal of Statistics 4 (2010), 384-414.
"""
import dataclasses

import numpy

from sage_logreg.exact.balls import CertificationError
from sage_logreg.exact.gap_safe import UNDERFLOW, UNIT
from sage_logreg.exact.penalised import SmoothObjective
from sage_logreg.support.threads import one_at_a_time

# makes up for the rounding of sums of numbers that are not negative, and of exponential functions, in floats
SLACK = 1 + 1e-9
# Newton's steps in floats; how far the next event may be expected above or below where it is
STEPS, NEAR = 50, 1e-11


@dataclasses.dataclass(frozen=True)
class Event:
    # A column reaches the gradient kappa of some sign, or its weight of some sign reaches zero.

    column: int
    sign: int
    enters: bool


def up(number):
    # a float that is not below
    return _rounded(number, 1)


def down(number):
    return _rounded(number, -1)


@one_at_a_time
def _rounded(number, sign):
    from sage.rings.real_arb import RealBallField
    ball = RealBallField(200)(number)
    end = ball.upper() if sign > 0 else ball.lower()
    return float(numpy.nextafter(float(end), sign * numpy.inf))


class FloatPath:
    # The smooth path in floats, with columns centred and scaled: A (m x k, ones first if there is an intercept).

    def __init__(self, proof):
        problem = self.problem = proof.problem
        self.precision = proof.precision
        self.columns = sorted(proof.box)
        self.signs = {j: 0 if j in problem.free else 1 if proof.box[j] > 0 else -1 for j in self.columns}
        self.first, columns = int(problem.intercept), self.columns
        self.scale, self.center = numpy.array(problem.norms)[columns], problem.center[columns]
        self.A = numpy.column_stack([numpy.ones((len(problem.y), self.first)), (problem.X[:, columns] - self.center) / self.scale])
        units = [unit[columns] / self.scale**power for power, unit in enumerate(problem.float_units, 1)]
        self.s = numpy.concatenate([numpy.zeros(self.first), units[0] * [self.signs[j] for j in columns]])
        self.B = numpy.concatenate([numpy.zeros(self.first), units[1]])
        weights = numpy.array([float(proof.box[j].mid()) for j in columns])
        bias = [float(ball.mid()) + self.center @ weights for ball in proof.bias]
        self.w, self.lambda_ = numpy.concatenate([bias, weights * self.scale]), float(problem.lambda_)
        self.outside = numpy.setdiff1d(numpy.arange(problem.count), columns)
        self.limits = problem.float_units[0][self.outside]
        # of these not all bits are known: with them nothing is proved
        self.limits[self.limits < UNDERFLOW] = 0.0
        self.X = problem.X[:, self.outside] - problem.center[self.outside]
        self.sizes, self.rounding = problem.sizes[:, self.outside], problem.rounding[:, self.outside]
        # exactly in units of the columns, so that no square underflows
        units = numpy.ldexp(1.0, numpy.frexp(self.sizes.max(axis=0))[1] - 1)
        self.limits, self.X, self.sizes, self.rounding = self.limits / units, self.X / units, self.sizes / units, self.rounding / units
        self.squares = self.sizes**2
        self.penalised = numpy.array([k for k, j in enumerate(columns) if self.signs[j]])
        self.exact = _Exact(self)

    def solve(self, lambda_):
        # Newton's method from where it was; the derivative by lambda and the Hessian stay.
        for _ in range(STEPS):
            z = self.problem.o + self.A @ self.w
            q, p = self.problem.residuals(z), 1 / (1 + numpy.exp(-z))
            D = self.problem.f * p * (1 - p)
            hessian = (self.A.T * D) @ self.A + numpy.diag(lambda_ * self.B)
            slopes = self.s + self.B * self.w
            move, self.d = _solution(hessian, numpy.column_stack([self.A.T @ q - lambda_ * slopes, -slopes])).T
            change = abs(self.A @ move).max()
            self.w = self.w + move / max(1, change)
            if not change > 1e-12:
                break
        self.lambda_, self.hessian, self.q, self.dq = lambda_, hessian, q, -D * (self.A @ self.d)

    def next_event(self, high, low):
        # The event that is expected between two lambdas, by steps of Newton's method; None if there is none.
        lambda_ = high
        with numpy.errstate(all='ignore'):
            for _ in range(STEPS):
                self.solve(lambda_)
                event, change = self._nearest()
                if event is None or not lambda_ + change > low:
                    return None
                if abs(change) < NEAR * lambda_:
                    return event
                lambda_ = min(lambda_ + change, high)
        return None

    def _nearest(self):
        # by the derivatives, how far the next event is
        first, columns = self.first, numpy.array(self.columns)[self.penalised]
        signs, place = numpy.array([self.signs[j] for j in columns.tolist()]), first + self.penalised
        v, dv = self.q @ self.X, self.dq @ self.X
        values = numpy.concatenate([signs * self.w[place], *(self.lambda_ * self.limits - sign * v for sign in (1, -1))])
        slopes = numpy.concatenate([signs * self.d[place], *(self.limits - sign * dv for sign in (1, -1))])
        changes = numpy.where(slopes > 0, -values / slopes, -numpy.inf)
        if not numpy.isfinite(self.w).all() or not numpy.isfinite(changes).any():
            return None, 0.0
        k = int(numpy.argmax(changes))
        if k < len(columns):
            return Event(int(columns[k]), int(signs[k]), False), float(changes[k])
        side, j = divmod(k - len(columns), len(self.outside))
        return Event(int(self.outside[j]), (1, -1)[side], True), float(changes[k])

    def in_data_units(self):
        # the bias, the weights and lambda
        weights = self.w[self.first:] / self.scale
        return [*(bias - self.center @ weights for bias in self.w[:self.first]), *weights, self.lambda_]


def _solution(hessian, sides):
    try:
        return numpy.linalg.solve(hessian, sides)
    except numpy.linalg.LinAlgError:
        return numpy.linalg.lstsq(hessian, sides, rcond=None)[0]


class _Exact:
    # The same table and penalties in balls.

    @one_at_a_time
    def __init__(self, path):
        problem, columns = path.problem, path.columns
        objective = self.objective = SmoothObjective(problem, columns, [0] * len(columns), path.precision)
        field, first = objective.field, path.first
        for k, (scale, center) in enumerate(zip(path.scale.tolist(), path.center.tolist()), first):
            if first:
                objective.points.add_multiple_of_column(k, 0, -field(center))
            objective.points.rescale_col(k, 1 / field(scale))
        objective.transposed = objective.points.transpose()
        scales = [objective.reals(scale) for scale in path.scale.tolist()]
        s = [path.signs[j] * unit / scale for j, unit, scale in zip(columns, problem.l1_units(columns, objective.reals), scales)]
        b = [unit / scale**2 for unit, scale in zip(problem.l2_units(columns, objective.reals), scales)]
        self.s, self.b = objective.column([0] * first + s), objective.column([0] * first + b)


class Piece:
    # Whether from one lambda down to another the support is proved not to change, but at an event at the lower one.

    def __init__(self, path, low, high, event=None):
        self.path, self.event = path, event
        self.middle = (low + high) / 2
        self.h = max(high - self.middle, self.middle - low) * SLACK
        self.is_proved = False
        with numpy.errstate(all='ignore'):
            path.solve(self.middle)
            try:
                self._linear()
                if self._bounds(low):
                    self.is_proved = self._inside() and self._outside()
            except (CertificationError, numpy.linalg.LinAlgError):
                pass

    @one_at_a_time
    def _linear(self):
        # What is known in the middle, in balls, rounded upwards to floats.
        path, exact = self.path, self.path.exact
        objective, reals = exact.objective, exact.objective.reals
        middle = objective.field(self.middle)
        w, d = (objective.column(vector.tolist()) for vector in (path.w, path.d))
        ridge = objective.column([b.real() * x.real() for b, x in zip(exact.b.list(), d.list())])
        steady = exact.s + objective.column([b * x for b, x in zip(exact.b.list(), w.list())])
        z = (objective.offset + objective.points * w).list()
        q = objective.residuals(w)
        D = [f * one.exp() / (1 + one.exp())**2 for f, one in zip(objective.frequencies, z)]
        root = numpy.linalg.inv(numpy.linalg.cholesky(path.hessian)).T
        if not numpy.isfinite(root).all():
            raise CertificationError('the Hessian is singular within its rounding errors')
        T = objective.matrix(root)
        table = objective.points * T
        scaled = table.parent()(table.list())
        for i, one in enumerate(D):
            scaled.rescale_row(i, one)
        gram = table.transpose() * scaled
        penalty = objective.matrix(numpy.zeros(root.shape))
        for k, b in enumerate(exact.b.list()):
            penalty[k, k] = b * middle
        gram += T.transpose() * penalty * T
        away = max(sum(abs((entry - (a == k)).real()) for k, entry in enumerate(row)).upper() for a, row in enumerate(gram.rows()))
        if not away < 0.5:
            raise CertificationError('the Hessian is singular within its rounding errors')
        factor = 1 / (1 - reals(away)).sqrt()

        def size(entries):
            return float((sum((abs(entry.real())**2 for entry in entries), reals.zero()).sqrt() * factor).upper()) * SLACK

        def norm(column):
            return size((T.transpose() * column).list())
        zeta = (objective.points * d).list()
        curved = objective.column([one * change for one, change in zip(D, zeta)])
        self.gradient = norm(middle * steady - objective.transposed * objective.column(q))
        self.slope = norm(objective.transposed * curved + middle * ridge + steady)
        self.ridge = norm(ridge)
        self.has_squares = path.problem.has_squares
        self.rows = max(map(size, table.rows()))
        self.units = numpy.array([size(row) for row in T.rows()])
        self.zeta, self.D = (numpy.array([float(abs(one.real()).upper()) for one in balls]) for balls in (zeta, D))
        self.q, self.dq = _middles(q), _middles([-one for one in curved.list()])

    def _bounds(self, low):
        # gamma, r, eta of the algorithm; whether there are such
        h, D, ridge = self.h, self.D, self.h * self.ridge
        # of the log-odds on the piece: in whatever unit lambda is, their powers do not underflow
        self.changes = h * self.zeta * SLACK
        tau = self.changes.max()
        self.curved = numpy.exp(tau) * SLACK
        second = self.curved / 2 * numpy.sqrt(D @ self.changes**4) + h * ridge
        gamma = (self.gradient + h * self.slope + second) * SLACK**4 + UNDERFLOW**0.5
        tau = (tau + self.rows * 2 * gamma) * SLACK
        c = numpy.exp(-tau) / SLACK
        if self.has_squares:
            c = min(c, low / self.middle / SLACK)
        if not c > 0.51:
            return False
        self.r, self.grown = gamma / c * (1 + 1e-6), numpy.exp(tau) * SLACK
        eta = h * self.slope + numpy.expm1(tau) * numpy.sqrt(D @ self.changes**2) + (2 * h * ridge + h / self.middle * self.r) * self.has_squares
        self.eta = (eta + UNDERFLOW**0.5) / h / c * SLACK**4
        return bool(numpy.isfinite(self.eta))

    def _are_kept(self, values, errors, slopes, slope_errors, rest, may_fall):
        # Whether functions of lambda stay positive: their values and slopes in the middle, and what is left out of the line.
        errors, slope_errors = errors * SLACK + UNDERFLOW, slope_errors * SLACK + UNDERFLOW
        least = values - errors - (self.h * abs(slopes) + rest) * SLACK**2 - UNIT * 8 * abs(values)
        left = slope_errors + 8 * UNIT * abs(slopes)
        return (least > 0) | (slopes + left < 0) | may_fall & (slopes - left > 0)

    def _inside(self):
        # that no weight becomes zero
        path, event = self.path, self.event
        place = path.first + path.penalised
        columns = numpy.array(path.columns)[path.penalised]
        signs = numpy.array([path.signs[j] for j in columns.tolist()])
        may_fall = (columns == event.column) & (not event.enters) if event else numpy.zeros(len(columns), dtype=bool)
        units = self.units[place]
        return bool(self._are_kept(signs * path.w[place], 0.0, signs * path.d[place], self.eta * units, self.r * units, may_fall).all())

    def _outside(self):
        # that no gradient reaches its limit
        path, event, D, zeta = self.path, self.event, self.D, self.zeta
        if not len(path.outside):
            return True
        spread = numpy.sqrt(D @ path.squares) * SLACK
        rest = (self.curved / 2 * ((D * self.changes**2) @ path.sizes) + self.grown * spread * self.r) * SLACK**2
        turned = ((numpy.expm1(numpy.log(self.grown)) * (D * zeta)) @ path.sizes + self.grown * spread * self.eta) * SLACK**2
        (v, errors), (dv, slope_errors) = (_products(path, *one) for one in (self.q, self.dq))
        limits = path.limits
        for sign in (1, -1):
            may_fall = path.outside == event.column if event and event.enters and event.sign == sign else numpy.zeros(len(v), dtype=bool)
            kept = self._are_kept(self.middle * limits - sign * v, errors + 8 * UNIT * self.middle * limits,
                                  limits - sign * dv, slope_errors + turned + 8 * UNIT * limits, rest + self.h * slope_errors, may_fall)
            if not kept.all():
                return False
        return True


def _middles(balls):
    # of real parts, and bounds of the errors
    middles = numpy.array([float(ball.real().mid()) for ball in balls])
    return middles, numpy.array([float(ball.real().rad()) for ball in balls]) * SLACK + UNIT * abs(middles) + UNDERFLOW


def _products(path, middles, errors):
    # The products of the centred columns with the balls, and bounds of the errors, whatever the order of summation, and wherever
    # the exact columns are rounded to these.
    sizes = abs(middles) + errors
    bounds = (errors + (len(middles) + 16) * UNIT * sizes) @ path.sizes + sizes @ path.rounding
    return middles @ path.X, bounds * SLACK + len(middles) * UNDERFLOW
