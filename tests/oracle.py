r"""
Logistic regression in many digits: Newton's method by mpmath, with weights, an offset, l2 and Firth's penalty

It is written for itself, from the formulas, and shares no code with the package. Every number is the float's own.
"""
import mpmath
import numpy

DIGITS = 60


class Oracle:
    r"""
    The estimate, its standard errors and the likelihood, in ``DIGITS`` digits.

    INPUT: arrays as the package takes them, labels 0 and 1; ``start`` -- weights to begin at, to make fewer steps;
    ``intercept`` -- whether a one stands before each row
    """

    def __init__(self, points, labels, weights=None, offset=None, l2=0.0, firth=False, start=None, intercept=True):
        points = numpy.asarray(points, dtype=float)
        points = points.reshape(len(points), -1)
        count, self.width = points.shape[0], points.shape[1] + intercept
        self.l2, self.firth, self.first = l2, firth, int(intercept)
        with mpmath.workdps(DIGITS):
            ones = numpy.ones(count)
            self.X = mpmath.matrix([[1] * intercept + row for row in points.tolist()])
            self.rows = [[self.X[i, j] for j in range(self.width)] for i in range(count)]
            self.y = [mpmath.mpf(float(y)) for y in labels]
            self.frequency = [mpmath.mpf(float(f)) for f in (ones if weights is None else weights)]
            self.offset = [mpmath.mpf(float(z)) for z in (0 * ones if offset is None else offset)]
            self.w = self._minimum(mpmath.zeros(self.width, 1) if start is None
                                   else mpmath.matrix([mpmath.mpf(float(x)) for x in start]))
            covariance = self.information(self.w, True) ** -1
            self.errors = [mpmath.sqrt(covariance[j, j]) for j in range(self.width)]
        self.weights = list(self.w)

    def probabilities(self, w):
        z = [offset + mpmath.fdot(row, w) for offset, row in zip(self.offset, self.rows)]
        return z, [1 / (1 + mpmath.exp(-value)) for value in z]

    def information(self, w, penalised=False, extra=None):
        _, h = self.probabilities(w)
        total = mpmath.zeros(self.width)
        for i, (row, f) in enumerate(zip(self.rows, self.frequency)):
            curvature = (f + (extra[i] if extra else 0)) * h[i] * (1 - h[i])
            for j in range(self.width):
                for k in range(j + 1):
                    total[j, k] += curvature * row[j] * row[k]
        for j in range(self.width):
            for k in range(j):
                total[k, j] = total[j, k]
        if penalised:
            for j in range(self.first, self.width):
                total[j, j] += self.l2
        return total

    def cost(self, w):
        z, _ = self.probabilities(w)
        total = mpmath.fsum(f * mpmath.log1p(mpmath.exp(-value if y else value))
                            for f, y, value in zip(self.frequency, self.y, z))
        total += self.l2 * mpmath.fsum(x**2 for x in list(w)[self.first:]) / 2
        if self.firth:
            determinant = mpmath.det(self.information(w))
            total = total - mpmath.log(determinant) / 2 if determinant > 0 else mpmath.inf
        return total

    def step(self, w):
        _, h = self.probabilities(w)
        leverages = None
        if self.firth:
            inverse = self.information(w) ** -1
            leverages = []
            for row, f, value in zip(self.rows, self.frequency, h):
                column = mpmath.matrix(row)
                leverages.append(f * value * (1 - value) * (column.T * inverse * column)[0])
        gradient = mpmath.zeros(self.width, 1)
        for i, row in enumerate(self.rows):
            residual = self.frequency[i] * (h[i] - self.y[i])
            if leverages:
                residual += leverages[i] * (h[i] - mpmath.mpf(1) / 2)
            for j in range(self.width):
                gradient[j] += residual * row[j]
        for j in range(self.first, self.width):
            gradient[j] += self.l2 * w[j]
        return gradient, -mpmath.lu_solve(self.information(w, True, leverages), gradient)

    def _minimum(self, w):
        cost = self.cost(w)
        for _ in range(1000):
            gradient, step = self.step(w)
            size = mpmath.fsum(abs(x * s) for x, s in zip(gradient, step))
            # the steps of Firth's estimate converge linearly, so that they are made until half of the digits are right
            if all(abs(s) <= mpmath.mpf(10)**(-DIGITS / 2) * (abs(x) + mpmath.mpf(10)**-20) for x, s in zip(w, step)):
                return w + step
            while True:
                there = w + step
                new = self.cost(there)
                if new <= cost or size < mpmath.mpf(10)**-30:
                    break
                step /= 2
            w, cost = there, new
        raise AssertionError('Newton in 60 digits does not arrive')


def error(values, exact, units):
    r"""
    Return the largest error of values, relative to the unit of each.
    """
    with mpmath.workdps(DIGITS):
        return max(float(abs(mpmath.mpf(float(value)) - one) / unit) for value, one, unit in zip(values, exact, units))


def weight_error(weights, oracle):
    r"""
    Return the largest error relative to the weight, or to a tenth of its standard error where this is more.
    """
    units = [max(abs(w), deviation / 10) for w, deviation in zip(oracle.weights, oracle.errors)]
    return error(weights, oracle.weights, units)
