"""Proved digits of more than two classes: values computed afresh by mpmath lie inside, what is not the estimate is refused."""
from fractions import Fraction

import numpy
import pytest

mpmath = pytest.importorskip('mpmath')
pytest.importorskip('sage.all')
from sage.calculus.var import var
from sage.matrix.constructor import matrix
from sage.rings.rational import Rational
from sage.rings.real_arb import RealBallField
import sage.rings.polynomial.laurent_polynomial_ring  # a matrix of balls needs it loaded

from sage_logreg import certified_maximum_likelihood, load_data, maximum_likelihood
from sage_logreg.exact.certified import certify
from sage_logreg.exact.separation import SeparationError


class Oracle:
    r"""
    All K(n + 1) weights by Newton's method; half the square of their sums over the classes, which is zero at the maximum, makes
    it the only one.
    """

    def __init__(self, rows, labels, classes, l2=0, weights=None, offset=None, intercept=True, digits=120):
        self.digits, self.classes, self.first = digits, classes, int(intercept)
        with mpmath.workdps(digits):
            self.rows = [[mpmath.mpf(1)] * self.first + [number(value) for value in row] for row in rows]
            self.labels, self.count = labels, len(self.rows[0])
            self.weights = [number(value) for value in ([1] * len(labels) if weights is None else weights)]
            self.offset = [[number(value) for value in row] for row in ([[0] * classes] * len(labels) if offset is None else offset)]
            self.penalties = [number(l2) if j >= self.first else mpmath.mpf(0) for j in range(self.count)]

    def probabilities(self, w):
        for row, offset in zip(self.rows, self.offset):
            odds = [mpmath.exp(offset[k] + mpmath.fdot(row, w[k * self.count:(k + 1) * self.count])) for k in range(self.classes)]
            yield [one / mpmath.fsum(odds) for one in odds]

    def terms(self, w):
        size = self.classes * self.count
        gradient, hessian, total = mpmath.zeros(size, 1), mpmath.zeros(size), mpmath.mpf(0)
        for row, label, frequency, p in zip(self.rows, self.labels, self.weights, self.probabilities(w)):
            total += frequency * mpmath.log(p[label])
            for a in range(self.classes):
                for j in range(self.count):
                    gradient[a * self.count + j] += frequency * ((a == label) - p[a]) * row[j]
                    for b in range(self.classes):
                        for k in range(self.count):
                            hessian[a * self.count + j, b * self.count + k] += frequency * p[a] * ((a == b) - p[b]) * row[j] * row[k]
        for j in range(self.count):
            places = range(j, size, self.count)
            for a in places:
                gradient[a] -= self.penalties[j] * w[a] + mpmath.fsum(w[b] for b in places)
                hessian[a, a] += self.penalties[j]
                for b in places:
                    hessian[a, b] += 1
        return total, gradient, hessian

    def solved(self):
        r"""
        The weights, the log-likelihood and the covariance of the weights.
        """
        with mpmath.workdps(self.digits):
            w = mpmath.zeros(self.classes * self.count, 1)
            for _ in range(60):
                _, gradient, hessian = self.terms(list(w))
                step = mpmath.lu_solve(hessian, gradient)
                w += step * min(1, 1 / mpmath.norm(step))
                if mpmath.norm(step) < mpmath.mpf(10)**-(self.digits // 2):
                    break
            total, gradient, hessian = self.terms(list(w))
            assert mpmath.norm(gradient) < mpmath.mpf(10)**-(self.digits - 10)
            covariance = mpmath.inverse(hessian)
            # without the part of the sums
            for a in range(len(w)):
                for b in range(a % self.count, len(w), self.count):
                    covariance[a, b] -= 1 / (self.classes * (self.classes + self.penalties[a % self.count]))
            return list(w), total, covariance


def number(value):
    if isinstance(value, (Rational, Fraction)):
        value = Fraction(str(value))
        return mpmath.mpf(value.numerator) / value.denominator
    return mpmath.mpf(float(value))


def is_in(ball, value):
    # the oracle's value, which is wrong by less than its last digits
    numerator, denominator = mpmath.libmp.to_rational(value._mpf_)
    exact = Rational((int(numerator), int(denominator)))
    return abs(Rational(ball.mid().exact_rational()) - exact) <= Rational(ball.rad_as_ball().mid().exact_rational())


def check(estimate, oracle):
    weights, total, covariance = oracle.solved()
    classes, count = oracle.classes, oracle.count
    with mpmath.workdps(oracle.digits):
        assert all(map(is_in, estimate.weights().list(), weights))
        assert is_in(estimate.log_likelihood(), total)
        assert all(map(is_in, estimate.covariance().list(), list(covariance)))
        errors = [mpmath.sqrt(covariance[a, a]) for a in range(len(weights))]
        assert all(map(is_in, estimate.standard_errors().list(), errors))
        for ball, value in zip(estimate.weights().list(), weights):
            assert float(ball.rad()) < 10.0 ** -estimate.digits() * abs(value)
        # the differences to the last class
        name, last = estimate.label_names[-1], (classes - 1) * count
        differences = [weights[a] - weights[last + a % count] for a in range(len(weights))]
        assert all(map(is_in, estimate.weights(baseline=name).list(), differences))
        for a in range(last):
            b = last + a % count
            variance = covariance[a, a] + covariance[b, b] - 2 * covariance[a, b]
            assert is_in(estimate.standard_errors(baseline=name).list()[a], mpmath.sqrt(variance))
            assert is_in(estimate.covariance(baseline=name)[a, a], variance)
    assert all(ball == 0 for ball in estimate.standard_errors(baseline=name)[-1])


def random_table(seed, classes, columns, rows=25):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(rows, columns))
    scores = points @ random.normal(size=(columns, classes)) + random.gumbel(size=(rows, classes))
    labels = scores.argmax(axis=1)
    labels[:2 * classes] = numpy.tile(range(classes), 2)
    return random, points, labels


@pytest.mark.parametrize('classes, columns', [(3, 1), (3, 2), (4, 1), (4, 2)])
@pytest.mark.parametrize('options', ['', 'l2', 'weights', 'offset', 'no intercept', 'l2 weights offset', 'l2 no intercept'])
def test_against_newton_in_many_digits(classes, columns, options):
    random, points, labels = random_table(10 * classes + columns, classes, columns)
    given = {}
    if 'l2' in options:
        given['l2'] = Rational((1, 3))
    if 'weights' in options:
        given['weights'] = [Rational((int(weight), 7)) for weight in random.randint(1, 20, len(labels))]
    offset = random.normal(size=(len(labels), classes)) if 'offset' in options else None
    data = load_data((points, labels), intercept='no intercept' not in options)
    data.offset = offset
    estimate = certified_maximum_likelihood(data, digits=30, **given)
    check(estimate, Oracle(points, labels, classes, offset=offset, intercept=data.intercept, **given))


@pytest.mark.parametrize('classes, columns, digits', [(5, 2, 20), (7, 1, 50), (3, 2, 200)])
def test_more_classes_and_digits(classes, columns, digits):
    random, points, labels = random_table(classes + columns, classes, columns, rows=10 * classes - 10)
    weights = [Rational((int(weight), 7)) for weight in random.randint(0, 4, len(labels))]
    estimate = certified_maximum_likelihood((points, labels), digits=digits, weights=weights)
    check(estimate, Oracle(points, labels, classes, weights=weights, digits=2 * digits + 80))


def test_counts():
    points, counts = [[0], [1], [2]], [[3, 2, 1], [1, 4, 2], [2, 1, 5]]
    oracle = Oracle([point for point in points for _ in range(3)], [0, 1, 2] * 3, 3, weights=numpy.ravel(counts))
    check(certified_maximum_likelihood((points, counts), digits=30), oracle)


def test_factors():
    pandas = pytest.importorskip('pandas')
    random = numpy.random.RandomState(3)
    groups, dose, labels = random.choice(list('uvw'), 40), random.randint(0, 9, 40), random.randint(0, 3, 40)
    table = pandas.DataFrame({'g': groups, 'dose': dose, 'y': numpy.array(['a', 'b', 'c'])[labels]})
    estimate = certified_maximum_likelihood(table, formula='y ~ C(g) + dose', digits=30)
    assert estimate.weight_names() == ('bias', 'g_v', 'g_w', 'dose')
    check(estimate, Oracle(numpy.column_stack([groups == 'v', groups == 'w', dose]), labels, 3))


def test_columns_that_depend():
    _, points, labels = random_table(6, 3, 1)
    twice = numpy.column_stack([points, 2 * points])
    with pytest.raises(ValueError, match='x2 = 2[*]x1'):
        certified_maximum_likelihood((twice, labels), digits=20)
    check(certified_maximum_likelihood((twice, labels), digits=20, l2=Rational((1, 2))), Oracle(twice, labels, 3, l2=Rational((1, 2))))


def test_columns_of_very_different_size():
    _, points, labels = random_table(9, 4, 2)
    powers = Rational(2)**100, Rational(2)**-80
    plain, scaled = (certified_maximum_likelihood((table, labels), digits=30) for table in (points, points * list(map(float, powers))))
    for one, other in ((plain.weights(), scaled.weights()), (plain.standard_errors(), scaled.standard_errors())):
        for row, of_scaled in zip(one, other):
            assert row[0].overlaps(of_scaled[0])
            assert all(ball.overlaps(power * small) for ball, small, power in zip(row[1:], of_scaled[1:], powers))


def test_many_weights_take_no_more_bits_than_few():
    # 36 and 4, of columns far from zero
    precisions = []
    for classes, columns in ((7, 5), (3, 1)):
        _, points, labels = random_table(1, classes, columns, rows=150)
        precisions.append(certified_maximum_likelihood((points + 100, labels), digits=120).precision())
    assert precisions[0] == precisions[1]


def test_exact_offsets():
    random, points, labels = random_table(5, 3, 1, rows=12)
    data = load_data((points, labels))
    data.offset = numpy.array([[Rational((int(value), 3)) for value in row] for row in random.randint(-3, 4, (12, 3))], dtype=object)
    check(certified_maximum_likelihood(data, digits=20), Oracle(points, labels, 3, offset=data.exact_offset))


def test_features_and_rationals():
    x1 = var('x1')
    xs = [Rational((i, 7)) for i in range(14)]
    labels = [0, 1, 2, 0, 1, 1, 2, 2, 0, 1, 2, 2, 1, 2]
    data = load_data(([[x] for x in xs], labels), features=[x1, x1**2])
    check(certified_maximum_likelihood(data, digits=25), Oracle([[x, x**2] for x in xs], labels, 3))


def test_iris_to_50_digits():
    iris = pytest.importorskip('sklearn.datasets').load_iris()
    data = load_data((iris.data, iris.target_names[iris.target]))
    estimate = certified_maximum_likelihood(data, digits=50, l2=1)
    weights = Oracle(iris.data, iris.target, 3, l2=1, digits=60)
    # Newton's step of an independent computation from the middle of the balls is shorter than their radii
    with mpmath.workdps(80):
        middle = [mpmath.mpf(str(ball.mid())) for ball in estimate.weights().list()]
        _, gradient, hessian = weights.terms(middle)
        step = mpmath.lu_solve(hessian, gradient)
        assert max(map(abs, step)) < mpmath.mpf(10)**-50
    model = maximum_likelihood(data, l2=1)
    assert numpy.allclose(model.weights().numpy(), [[float(ball) for ball in row] for row in estimate.weights()], rtol=1e-9)
    assert 'setosa' in repr(estimate) and repr(estimate).startswith('Maximum-likelihood estimate of 3 classes, proved to 50 digits')


def test_voters():
    statsmodels = pytest.importorskip('statsmodels.api')
    table = statsmodels.datasets.anes96.load_pandas().data
    points, labels = table[['logpopul', 'selfLR', 'age', 'educ', 'income']].to_numpy(), table['PID'].to_numpy().astype(int)
    fit = statsmodels.MNLogit(labels, statsmodels.add_constant(points)).fit(disp=0, maxiter=100)
    estimate = certified_maximum_likelihood((points, labels), digits=20)
    for balls, floats in ((estimate.weights(baseline=0), fit.params.T), (estimate.standard_errors(baseline=0), fit.bse.T)):
        numpy.testing.assert_allclose([[float(ball) for ball in row] for row in balls[1:]], floats, rtol=1e-9)
    assert abs(float(estimate.log_likelihood()) - fit.llf) < 1e-8


def test_what_is_not_the_estimate_is_refused():
    _, points, labels = random_table(8, 3, 2)
    balls = certified_maximum_likelihood((points, labels), digits=20).weights()
    assert certify((points, labels), balls) and certify((points, labels), balls.list())
    field = balls.base_ring()
    for place in ((0, 0), (1, 2), (2, 1)):
        moved = matrix(balls)
        moved[place] += 4 * field(moved[place].rad())
        assert not certify((points, labels), moved)
        # with another radius it is in the ball
        moved[place] = moved[place].add_error(5 * field(moved[place].rad()))
        assert certify((points, labels), moved)
    assert not certify((points, labels), balls, l2=1)
    # all weights of a column moved by the same: the same probabilities, and rows whose sum is not zero
    for k in range(3):
        balls[k, 1] += 1
    assert not certify((points, labels), balls)
    with pytest.raises(TypeError, match='expected 9 elements of a RealBallField'):
        certify((points, labels), balls[:2])


def test_no_estimate():
    rows = [[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']]
    with pytest.raises(SeparationError, match="'a' comes apart from 'b'"):
        certified_maximum_likelihood(rows)
    R = RealBallField(200)
    assert not certify(rows, matrix(R, 3, 2, [R(1).add_error(0.01)] * 6))
    estimate = certified_maximum_likelihood(rows, digits=5, l2=Rational((1, 10)))
    check(estimate, Oracle([row[:1] for row in rows], [0, 0, 1, 2, 1, 2], 3, l2=Rational((1, 10))))


def test_the_statement_says_what_is_proved():
    _, points, labels = random_table(3, 4, 1)
    text = certified_maximum_likelihood((points, labels), digits=6).statement()
    assert text.startswith('Exactly one matrix of 4 x 2 weights whose rows have the sum zero maximises the log-likelihood of these 25 points,')
    assert 'the classes overlap' in text
    assert 'All 4 labels occur' in certified_maximum_likelihood((points, labels), digits=6, l2=1).statement()
