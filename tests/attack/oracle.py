r"""
What is true of a problem: decided in fractions and solved in many digits, by code that shares no line with the package

A problem has ``points``, ``labels`` (class numbers), ``weights``, ``offset`` and ``l2``, all whole numbers or
fractions, and ``intercept``, whether there is a bias.
"""
from fractions import Fraction

import mpmath

# more are asked for where a ball has more
DIGITS = 150
# how many of these are lost at most, and how many steps Newton's method may take from far away
LOST, MOST_STEPS = 60, 2000
# Log-odds to which only a step that went astray leads; the exponential of its successor fills the memory
ASTRAY = mpmath.mpf(10)**1000


def counted(problem):
    return [i for i, weight in enumerate(problem.weights) if weight]


def signed_rows(problem):
    r"""
    Return the rows s (1, x) that count, or s x without an intercept, by number; this alone knows that there are two classes.
    """
    return {i: [(1 if problem.labels[i] else -1) * x for x in [Fraction(1)] * problem.intercept + list(problem.points[i])]
            for i in counted(problem)}


# In fractions

def dot(one, two):
    return sum(a * b for a, b in zip(one, two))


def rank(rows):
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            if factor:
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found])]
        found += 1
    return found


def are_independent(problem):
    rows = signed_rows(problem).values()
    return rank(rows) == len(problem.points[0]) + problem.intercept


def overlap(rows):
    r"""
    Return whether multipliers of at least 1 make the sum of all rows zero: then no vector separates any of them.

    Phase one of the simplex method for the multipliers less 1, with the least index first, so that it ends.
    """
    rows = list(rows)
    count, width = len(rows), len(rows[0])
    table = [[*column, -sum(column)] for column in zip(*rows)]
    table = [[-x for x in line] if line[-1] < 0 else line for line in table]
    costs, basis = [-sum(column) for column in zip(*table)], list(range(count, count + width))
    while True:
        entering = next((i for i in range(count) if costs[i] < 0), None)
        if entering is None:
            return costs[-1] == 0
        leaving = min((line[-1] / line[entering], basis[j], j) for j, line in enumerate(table) if line[entering] > 0)[2]
        basis[leaving] = entering
        pivot = table[leaving] = [x / table[leaving][entering] for x in table[leaving]]
        for line in [*table[:leaving], *table[leaving + 1:], costs]:
            factor = line[entering]
            if factor:
                line[:] = [a - factor * b for a, b in zip(line, pivot)]


def has_estimate(problem):
    r"""
    Return whether exactly one vector of weights maximises the likelihood, with its penalty.
    """
    if problem.l2:
        return len({problem.labels[i] for i in counted(problem)}) > 1
    return are_independent(problem) and overlap(signed_rows(problem).values())


# In many digits

def number(value):
    value = Fraction(value)
    return mpmath.mpf(value.numerator) / value.denominator


class Likelihood:
    r"""
    The log-likelihood less its penalty, in plain loops over the rows.
    """

    def __init__(self, problem, digits=DIGITS):
        self.digits = digits
        with mpmath.workdps(digits):
            rows = counted(problem)
            self.first = int(problem.intercept)
            self.rows = [[mpmath.mpf(1)] * self.first + list(map(number, problem.points[i])) for i in rows]
            self.labels = [problem.labels[i] for i in rows]
            self.weights = [number(problem.weights[i]) for i in rows]
            self.offset = [number(problem.offset[i]) for i in rows]
            self.l2 = number(problem.l2)

    def log_odds(self, w):
        found = [o + mpmath.fdot(row, w) for row, o in zip(self.rows, self.offset)]
        if any(abs(z) > ASTRAY for z in found):
            raise OverflowError('log-odds beyond any estimate')
        return found

    def value(self, w, penalty=True):
        total = mpmath.fsum(-f * mpmath.log1p(mpmath.exp(-z if y else z))
                            for f, y, z in zip(self.weights, self.labels, self.log_odds(w)))
        return total - (self.l2 / 2 * mpmath.fsum(x * x for x in w[self.first:]) if penalty else 0)

    def gradient(self, w):
        residuals = [f * (1 / (1 + mpmath.exp(z)) if y else -1 / (1 + mpmath.exp(-z)))
                     for f, y, z in zip(self.weights, self.labels, self.log_odds(w))]
        return [mpmath.fdot(residuals, column) - (self.l2 * w[j] if j >= self.first else 0)
                for j, column in enumerate(zip(*self.rows))]

    def information(self, w):
        curvatures = [f / (2 + mpmath.exp(z) + mpmath.exp(-z)) for f, z in zip(self.weights, self.log_odds(w))]
        columns = list(zip(*self.rows))
        return mpmath.matrix([[mpmath.fsum(c * a * b for c, a, b in zip(curvatures, one, two))
                               + (self.l2 if j == k >= self.first else 0) for k, two in enumerate(columns)]
                              for j, one in enumerate(columns)])

    def step(self, w):
        return list(mpmath.lu_solve(self.information(w), mpmath.matrix(self.gradient(w))))


def root(problem, start=None, digits=DIGITS):
    r"""
    Return the estimate, and its likelihood for more questions; ``None`` if Newton's method does not arrive.

    With a start it is tried a few steps in full; without, or if that fails, it goes uphill from zero.
    """
    likelihood = Likelihood(problem, digits)
    with mpmath.workdps(digits):
        w = None if start is None else newton(likelihood, list(map(number, start)), 12, full=True)
        if w is None:
            w = newton(likelihood, [mpmath.mpf(0)] * len(likelihood.rows[0]), MOST_STEPS)
    return w, likelihood


def newton(likelihood, w, most, full=False):
    small = mpmath.mpf(10)**(LOST - likelihood.digits)
    try:
        for _ in range(most):
            step = likelihood.step(w)
            size = 1 if full else uphill(likelihood, w, step)
            w = [a + size * b for a, b in zip(w, step)]
            if size == 1 and all(abs(b) <= small * (abs(a) + 1) for a, b in zip(w, step)):
                return w
    except (ZeroDivisionError, OverflowError):
        return None
    return None


def uphill(likelihood, w, step):
    # a quarter of what the slope promises, or half of the step
    value, slope, size = likelihood.value(w), mpmath.fdot(likelihood.gradient(w), step), mpmath.mpf(1)
    while slope > mpmath.mpf(10)**-40 and not (
            likelihood.value([a + size * b for a, b in zip(w, step)]) > value + size * slope / 4):
        size /= 2
    return size


def standard_errors(likelihood, w):
    with mpmath.workdps(likelihood.digits):
        inverse = mpmath.inverse(likelihood.information(w))
        return [mpmath.sqrt(inverse[j, j]) for j in range(len(w))]


def fraction(value):
    numerator, denominator = mpmath.libmp.to_rational(value._mpf_)
    return Fraction(int(numerator), int(denominator))
