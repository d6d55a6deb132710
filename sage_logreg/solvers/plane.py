r"""
The cost over a plane of two weights: a slice through given weights, or the profile, for which all others are minimised

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.plane import LikelihoodPlane
    sage: import numpy
    sage: plane = LikelihoodPlane(ex2data1(), 0.0, [1r, 2r])
    sage: zero = numpy.zeros(1)
    sage: plane.slice(numpy.zeros(3), zero, zero), plane.profile(numpy.zeros(3), zero, zero)  # abs tol 1e-9
    (array([[0.69314718]]), array([[0.67301167]]))

ALGORITHM:

The weights are linear in the coordinates `u = (1, a, b, c_1, \ldots, c_r)`: where the two are zero, the two, and what is minimised.
So are the log-odds, and the penalty is quadratic in `u`. Newton's method is done for all places `(a, b)` of a group at once.
"""
import numpy

from sage_logreg.solvers.problem import penalty_factors
from sage_logreg.support.progress import progress_bar

# about as many multiplications may one step of Newton's method at all places need, and those of one of its groups
WORK, GROUP = 1e9, 3e5
# exponentials, maxima and means of several classes, beside one of two classes
CLASSES_WORK = 2
# places per side of a grid, the most for which the work is not too much; a cost is so smooth that it looks the same on a coarse one
SIDES = (50, 25, 17)
# where all other weights would be too much work, so many main directions in which the training has moved them
FEWEST_DIRECTIONS, MOST_DIRECTIONS = 2, 8
MOST_STEPS, MOST_HALVINGS = 30, 40
# what the last step at a place may gain, as a share of its cost and that of the given weights; then the error is about its square
GAIN = 1e-6
# share of the curvature that is added to it, so that directions that change nothing can be solved for
RIDGE = 1e-10
# least share of the largest possible curvature with which a step is made, where all is so far from the data that there is none
FLATTEST = 1e-6
# steps at each place for a cost whose derivatives are known one place at a time
MOST_OWN_STEPS = 30


def _with_pair(weights, pair, values):
    changed = weights.copy()
    changed[pair] = values
    return changed


class EvaluatedPlane:
    r"""
    The plane of a cost that is evaluated at one place after the other.

    INPUT:

    - ``evaluate`` -- function of weights that returns the cost and its gradient
    - ``pair`` -- list of the indices of the two weights

    EXAMPLES::

        sage: from sage_logreg.solvers.plane import EvaluatedPlane
        sage: import numpy
        sage: plane = EvaluatedPlane(lambda w: (w @ w + w.sum()^2, 2*w + 2*w.sum()), [0r, 2r])
        sage: x, y = numpy.array([0.0, 1.0]), numpy.array([2.0])
        sage: plane.slice(numpy.zeros(3), x, y), plane.profile(numpy.zeros(3), x, y)  # abs tol 1e-9
        (array([[ 8., 14.]]), array([[6. , 9.5]]))
    """

    # whether the others are minimised in some directions only, and such that their sums over the classes stay
    is_narrow = keeps_sums = False
    # which part of the points the cost is of, in words; empty for all
    sampled = ''

    def __init__(self, evaluate, pair, rows=0):
        self.evaluate, self.pair = evaluate, pair
        self.side = SIDES[0] if rows * SIDES[0]**2 < WORK / 100 else SIDES[1]

    def slice(self, weights, x, y):
        r"""
        Return the costs over a grid, row by row; the other weights stay.
        """
        with numpy.errstate(all='ignore'):
            return numpy.array([[self.evaluate(_with_pair(weights, self.pair, (a, b)))[0] for a in x]
                                for b in progress_bar(y, desc='cost surface')])

    def profile(self, weights, x, y):
        r"""
        Return the lowest costs over a grid, row by row; each place starts where its neighbour ended.
        """
        costs = numpy.empty((len(y), len(x)))
        others = numpy.setdiff1d(numpy.arange(len(weights)), self.pair)
        if not len(others):
            return self.slice(weights, x, y)
        rows = range(len(y))
        for row in progress_bar(rows, desc='cost surface'):
            for column in range(len(x))[::1 if row % 2 == 0 else -1]:
                costs[row, column], weights = self._lowest(_with_pair(weights, self.pair, (x[column], y[row])), others)
        return costs

    def _lowest(self, weights, others):
        from scipy.optimize import minimize

        def terms(values):
            there = weights.copy()
            there[others] = values
            cost, gradient = self.evaluate(there)
            return (cost, gradient[others]) if numpy.isfinite(cost) else (numpy.inf, numpy.zeros(len(others)))

        with numpy.errstate(all='ignore'):
            start = terms(weights[others])[0]
            found = minimize(terms, weights[others], jac=True, method='BFGS', options={'maxiter': MOST_OWN_STEPS})
        if not found.fun < start:
            return start, weights
        lowest = weights.copy()
        lowest[others] = found.x
        return found.fun, lowest


class LikelihoodPlane:
    r"""
    The plane of the mean negative log-likelihood of two classes or more, with its penalty.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``l2`` -- float, the penalty
    - ``pair`` -- list of the indices of the two weights
    - ``path`` -- (default: none) array of the weights that a training has gone through

    EXAMPLES: see :mod:`sage_logreg.solvers.plane`.
    """

    sampled = ''

    def __init__(self, data, l2, pair, path=()):
        self.data = data = data.counted()
        self.pair, self.classes, self.keeps_sums = pair, data.classes, data.classes > 2
        count = data.design.count * (1 if data.classes == 2 else data.classes)
        share = numpy.ones(len(data)) if data.weights is None else data.relative_weights()
        self.share, self.labels = share / len(data), data.labels.astype(int)
        slopes = penalty_factors(l2, data)
        each = None if slopes is None else numpy.concatenate([numpy.zeros(int(data.design.intercept)), slopes])
        self.penalty = numpy.zeros(count) if each is None else numpy.tile(each, count // len(each))
        self.numbers = len(data) * (1 if data.classes == 2 else data.classes)
        others = numpy.setdiff1d(numpy.arange(count), pair)
        self.is_narrow = len(others) > MOST_DIRECTIONS and self._work(len(others), SIDES[-1]) > WORK
        most = next((r for r in range(MOST_DIRECTIONS, FEWEST_DIRECTIONS, -1) if self._work(r, SIDES[-1]) <= WORK), FEWEST_DIRECTIONS)
        free, self.moves = _free(count, pair, data.classes)
        self.directions = _directions(numpy.array(path), pair, self.moves, most) if self.is_narrow else free
        self.side = next((side for side in SIDES if self._work(len(self.directions), side) <= WORK), SIDES[-1])

    def _work(self, directions, side):
        return side**2 * self.numbers * (directions**2 + 60) * (1 if self.classes == 2 else CLASSES_WORK)

    def slice(self, weights, x, y):
        r"""
        Return the costs over a grid, row by row; the other weights stay.
        """
        return self._over_grid(weights, x, y, numpy.eye(len(weights))[self.pair], self.directions[:0])

    def profile(self, weights, x, y):
        r"""
        Return the lowest costs over a grid, row by row.
        """
        return self._over_grid(weights, x, y, self.moves, self.directions)

    def _over_grid(self, weights, x, y, moves, directions):
        # the origin is where both are zero
        vectors = numpy.array([weights - weights[self.pair] @ moves, *moves, *directions])
        cost = _CostOfCoordinates(self, vectors, weights[self.pair])
        places = numpy.column_stack([numpy.tile(x, len(y)), numpy.repeat(y, len(x))])
        size = max(1, int(GROUP / (self.numbers * max(1, len(directions)))))
        groups = [places[start:start + size] for start in range(0, len(places), size)]
        costs = [cost.lowest(group) for group in progress_bar(groups, desc='cost surface')]
        return numpy.concatenate(costs).reshape(len(y), len(x))

    def log_odds(self, weights):
        r"""
        Return the log-odds, one row of numbers for all points and classes, without the offset.
        """
        design = self.data.design
        return design.log_odds(weights) if self.classes == 2 else design.products(weights.reshape(self.classes, -1)).T.ravel()


def _free(count, pair, classes):
    # The directions that all others may go in, as rows, and those of the pair. What is added to the weights of all classes
    # changes nothing, so that the others could undo any move of the pair: the sum over the classes stays.
    unit = numpy.eye(count)
    others = numpy.setdiff1d(numpy.arange(count), pair)
    if classes == 2:
        return unit[others], unit[pair]
    columns, moves = count // classes, unit[pair]
    free = []
    for column in range(columns):
        own = others[others % columns == column]
        free += [unit[one] - unit[own[0]] for one in own[1:]]
        for move, place in zip(moves, pair):
            if place % columns == column:
                move[own] = -1 / len(own)
    return numpy.array(free).reshape(-1, count), moves


def _directions(path, pair, moves, most):
    # The main directions of a path, beside those of the pair, as rows.
    if len(path) < 2:
        return numpy.zeros((0, path.shape[-1]))
    changes = path - path[-1]
    changes -= changes[:, pair] @ moves
    _, sizes, rows = numpy.linalg.svd(changes, full_matrices=False)
    return rows[:most][sizes[:most] > 1e-9 * sizes[0]]


class _CostOfCoordinates:
    # The cost as a function of the coordinates u = (1, a, b, c), of a row of them for each place.

    def __init__(self, plane, vectors, given):
        self.plane, self.origin = plane, given
        self.penalty = (vectors * plane.penalty) @ vectors.T
        self.rows = numpy.array([plane.log_odds(vector) for vector in vectors])
        share = numpy.tile(plane.share, len(self.rows[0]) // len(plane.share))
        self.flattest = FLATTEST * (self.rows[3:]**2 @ share) / 4
        self.pairs = (self.rows[3:, None] * self.rows[3:]).reshape(-1, plane.numbers)
        # how the minimised ones undo what the two do to the log-odds
        self.undone = -numpy.linalg.lstsq(self.rows[3:].T, self.rows[1:3].T, rcond=None)[0] if len(vectors) > 3 else numpy.zeros((0, 2))
        if plane.data.offset is not None:
            self.rows[0] += plane.data.offset.T.ravel()
        u = numpy.append([1.0, *given], numpy.zeros(len(vectors) - 3))[None]
        self.given = self._costs(u, u @ self.rows)

    def lowest(self, places):
        # Newton's method at all places, with halved steps where the cost does not fall; those that are done are left out.
        u = numpy.column_stack([numpy.ones(len(places)), places, (places - self.origin) @ self.undone.T])
        costs = self._costs(u, u @ self.rows)
        if not len(self.undone):
            return costs
        rest, least = numpy.arange(len(u)), GAIN * self.given
        for _ in range(MOST_STEPS):
            gradient, step = self._newton(u[rest])
            gain = (gradient * step).sum(axis=1)
            moved = self._descend(u, costs, rest, step, gain)
            rest = rest[moved & (gain > GAIN * costs[rest] + least)]
            if not len(rest):
                break
        return costs

    def _descend(self, u, costs, rest, step, gain):
        # Goes down from the places with the numbers ``rest``, and returns which of them have moved.
        left, size = numpy.arange(len(rest)), 1.0
        for _ in range(MOST_HALVINGS):
            tried = u[rest[left]]
            tried[:, 3:] -= size * step[left]
            there = self._costs(tried, tried @ self.rows)
            lower = there <= costs[rest[left]] - 1e-4 * size * gain[left]
            u[rest[left[lower]]], costs[rest[left[lower]]] = tried[lower], there[lower]
            left, size = left[~lower], size / 2
            if not len(left):
                break
        return ~numpy.isin(numpy.arange(len(rest)), left)

    def _newton(self, u):
        gradient, hessian = self._derivatives(u @ self.rows)
        gradient += u @ self.penalty[:, 3:]
        hessian += self.penalty[3:, 3:]
        # in units in which all curvatures are one
        diagonal = numpy.einsum('gii->gi', hessian)
        numpy.maximum(diagonal, self.flattest, out=diagonal)
        scale = numpy.sqrt(numpy.maximum(diagonal, numpy.finfo(float).tiny))
        hessian /= scale[:, :, None] * scale[:, None]
        hessian += RIDGE * numpy.eye(len(self.undone))
        return gradient, numpy.linalg.solve(hessian, (gradient / scale)[..., None])[..., 0] / scale

    def _costs(self, u, z):
        plane = self.plane
        penalty = ((u @ self.penalty) * u).sum(axis=1) / 2
        if plane.classes == 2:
            # log(1 + e^z) - y z, with one e^(-|z|), many times faster than logaddexp
            losses = numpy.log1p(numpy.exp(-abs(z)))
            losses += numpy.maximum(numpy.where(plane.labels == 1, -z, z), 0)
            return losses @ plane.share + penalty
        z = z.reshape(len(z), plane.classes, -1)
        own = z[:, plane.labels, numpy.arange(len(plane.labels))]
        top = z.max(axis=1)
        return (top - own + numpy.log(numpy.exp(z - top[:, None]).sum(axis=1))) @ plane.share + penalty

    def _derivatives(self, z):
        plane, columns = self.plane, self.rows[3:]
        shape = len(z), len(columns), len(columns)
        if plane.classes == 2:
            with numpy.errstate(over='ignore'):
                p = 1 / (1 + numpy.exp(-z))
            return ((p - plane.labels) * plane.share) @ columns.T, ((p * (1 - p) * plane.share) @ self.pairs.T).reshape(shape)
        z = z.reshape(len(z), plane.classes, -1)
        p = numpy.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        # the mean of each column over the classes, of each point
        by_class = columns.reshape(len(columns), plane.classes, -1)
        means = numpy.matmul(p.transpose(2, 0, 1), by_class.transpose(2, 1, 0))
        p *= plane.share
        hessian = (p.reshape(len(p), -1) @ self.pairs.T).reshape(shape)
        hessian -= numpy.matmul(means.transpose(1, 2, 0) * plane.share, means.transpose(1, 0, 2))
        p[:, plane.labels, numpy.arange(len(plane.labels))] -= plane.share
        return p.reshape(len(p), -1) @ columns.T, hessian
