"""Proved digits: values computed afresh by mpmath lie inside, what is not the estimate is refused."""
from fractions import Fraction

import numpy
import pytest

mpmath = pytest.importorskip('mpmath')
pytest.importorskip('sage.all')
from hypothesis import assume, given, settings, strategies as st
from sage.matrix.constructor import matrix
from sage.rings.integer import Integer
from sage.rings.rational import Rational
from sage.rings.real_arb import RealBallField
import sage.rings.polynomial.laurent_polynomial_ring  # a matrix of balls needs it loaded

import sage_logreg.exact.certified
from sage_logreg import ex2data1, load_data, maximum_likelihood
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.exact.separation import SeparationError
from sage_logreg.exact.balls import CertificationError
from sage_logreg.exact.certified import certified_maximum_likelihood, certify
from sage_logreg.solvers.likelihood import Likelihood
from sage_logreg.solvers.newton import minimize
from sage_logreg.solvers.whitening import Whitened
from sage_logreg.support.sage_objects import is_old_sage

from helpers import in_a_new_process

R = RealBallField(2000)


# An oracle of its own: mpmath, rows in plain loops

class Oracle:

    def __init__(self, points, labels, l2=0, weights=None, offset=None, digits=400):
        self.digits = digits
        with mpmath.workdps(digits):
            self.rows = [[mpmath.mpf(1), *map(mpmath.mpf, map(float, row))] for row in points]
            self.labels = [int(label) for label in labels]
            self.l2 = number(l2)
            self.weights = [number(value) for value in ([1] * len(labels) if weights is None else weights)]
            self.offset = [number(value) for value in ([0] * len(labels) if offset is None else offset)]

    def log_odds(self, w):
        return [o + mpmath.fdot(row, w) for row, o in zip(self.rows, self.offset)]

    def gradient(self, *w):
        total = [-self.l2 * value if j else mpmath.mpf(0) for j, value in enumerate(w)]
        for row, y, f, z in zip(self.rows, self.labels, self.weights, self.log_odds(w)):
            residual = f * (y - 1 / (1 + mpmath.exp(-z)))
            total = [value + residual * x for value, x in zip(total, row)]
        return total

    def hessian(self, w):
        size = len(w)
        total = mpmath.diag([self.l2 if j else 0 for j in range(size)])
        for row, f, z in zip(self.rows, self.weights, self.log_odds(w)):
            curvature = f / (2 + mpmath.exp(z) + mpmath.exp(-z))
            for j in range(size):
                for k in range(size):
                    total[j, k] += curvature * row[j] * row[k]
        return total

    def solve(self, start):
        with mpmath.workdps(self.digits):
            root = mpmath.findroot(self.gradient, [mpmath.mpf(value) for value in start], tol=mpmath.mpf(10)**-700,
                                   J=lambda *w: -self.hessian(w), maxsteps=40)
            return list(root)

    def log_likelihood(self, w):
        with mpmath.workdps(self.digits):
            return mpmath.fsum(f * (y * z - mpmath.log(1 + mpmath.exp(z))) for y, f, z
                               in zip(self.labels, self.weights, self.log_odds(w)))

    def covariance(self, w):
        with mpmath.workdps(self.digits):
            return mpmath.inverse(self.hessian(w))


def number(value):
    # A float as the number that it is, a rational as the quotient.
    if isinstance(value, (Rational, Fraction)):
        value = Fraction(str(value))
        return mpmath.mpf(value.numerator) / value.denominator
    return mpmath.mpf(float(value))


def exact(value):
    numerator, denominator = mpmath.libmp.to_rational(value._mpf_)
    return Rational((int(numerator), int(denominator)))


def middle(ball):
    return Rational(ball.mid().exact_rational())


def radius(ball):
    return Rational(ball.rad_as_ball().mid().exact_rational())


def check_against_oracle(points, labels, digits=40, start=None, **options):
    estimate = certified_maximum_likelihood((points, labels), digits=digits, **options)
    oracle = Oracle(points, labels, **options)
    start = [float(ball) for ball in estimate.weights()] if start is None else start
    root = oracle.solve(start)
    assert estimate.contains([exact(value) for value in root])
    assert estimate.log_likelihood().contains_exact(exact(oracle.log_likelihood(root)))
    covariance, count = oracle.covariance(root), len(root)
    for j in range(count):
        with mpmath.workdps(oracle.digits):
            assert estimate.standard_errors()[j].contains_exact(exact(mpmath.sqrt(covariance[j, j])))
        for k in range(count):
            assert estimate.covariance()[j, k].contains_exact(exact(covariance[j, k]))
    return estimate


def random_table(seed, rows, columns):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(rows, columns))
    odds = points @ random.normal(size=columns) + 0.3
    return random, points, (random.uniform(size=rows) < 1 / (1 + numpy.exp(-odds))).astype(float)


# Values computed independently

@pytest.mark.lanes
def test_ex2data1():
    data = ex2data1()
    # not from the estimate, from a rounded value of it
    estimate = check_against_oracle(data.points, data.labels, digits=50, start=[-25, 0.2, 0.2])
    text = repr(estimate).splitlines()
    for line, digits in zip(text[1:], ['-25.161333566639', '0.20623171329398', '0.20147160044196']):
        assert line.split(' = ')[1].startswith(digits)


@pytest.mark.parametrize('options', [
    {}, {'l2': 0.1}, {'l2': Rational((1, 3))},
    {'weights': True}, {'offset': True}, {'weights': True, 'offset': True, 'l2': 2}])
def test_random_problem(options):
    random, points, labels = random_table(5, 30, 3)
    options = dict(options)
    if 'weights' in options:
        options['weights'] = [Rational((k % 4, 3)) for k in range(30)]
    if 'offset' in options:
        options['offset'] = random.normal(size=30)
    check_against_oracle(points, labels, **options)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_small_tables(data):
    rows, columns = data.draw(st.integers(4, 12)), data.draw(st.integers(1, 2))
    values = st.floats(-1e3, 1e3).map(lambda x: round(x, 2)) | st.integers(-3, 3).map(float)
    points = data.draw(st.lists(st.lists(values, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    labels = data.draw(st.lists(st.sampled_from([0, 1]), min_size=rows, max_size=rows))
    l2 = data.draw(st.sampled_from([0, Rational((1, 7)), 3]))
    assume(len(set(labels)) == 2)
    try:
        estimate = certified_maximum_likelihood((points, labels), digits=20, l2=l2)
    except ValueError:
        # separated, or columns that depend on each other
        assert l2 == 0
        return
    oracle = Oracle(points, labels, l2=l2)
    weights = estimate.weights()
    root = [mpmath.mpf(int(middle(w).numerator())) / int(middle(w).denominator()) for w in weights]
    for _ in range(3):
        with mpmath.workdps(oracle.digits):
            step = mpmath.lu_solve(oracle.hessian(root), mpmath.matrix(oracle.gradient(*root)))
            root = [value + move for value, move in zip(root, step)]
    assert estimate.contains([exact(value) for value in root])


def test_float32_points_are_taken_as_they_are():
    _, points, labels = random_table(2, 30, 2)
    estimate = certified_maximum_likelihood(load_data((points.astype('float32'), labels), dtype='float32'), digits=30)
    root = Oracle(points.astype('float32').astype('float64'), labels).solve([float(w) for w in estimate.weights()])
    assert estimate.contains([exact(value) for value in root])


# Closed forms

@pytest.mark.parametrize('repeated', [False, True])
@pytest.mark.parametrize('digits', [15, 100])
def test_odds_ratio(repeated, digits):
    zeros0, ones0, zeros1, ones1 = counts = [3, 7, 5, 2]
    points, labels = numpy.array([[0.0], [0], [1], [1]]), numpy.array([0.0, 1, 0, 1])
    if repeated:
        estimate = certified_maximum_likelihood((points.repeat(counts, axis=0), labels.repeat(counts)), digits=digits)
    else:
        estimate = certified_maximum_likelihood((points, labels), weights=counts, digits=digits)
    bias = (R(ones0) / zeros0).log()
    assert estimate.contains([bias, (R(ones1) / zeros1).log() - bias])
    # the textbook's standard error of a log odds ratio
    variance = sum(1 / R(count) for count in counts)
    assert estimate.standard_errors()[1].contains_exact(variance.sqrt())
    halves = [(ones0, zeros0), (ones1, zeros1)]
    likelihood = sum(a * (R(a) / (a + b)).log() + b * (R(b) / (a + b)).log() for a, b in halves)
    assert estimate.log_likelihood().contains_exact(likelihood)


def test_weights_and_offset_are_exact():
    _, points, labels = random_table(7, 40, 2)
    plain = certified_maximum_likelihood((points, labels), digits=60)
    # a third of each row has the same maximiser, three times the variance
    thirds = certified_maximum_likelihood((points, labels), digits=60, weights=[Rational((1, 3))] * 40)
    shifted = certified_maximum_likelihood((points, labels), digits=60, offset=[Rational((1, 3))] * 40)
    assert all(a.overlaps(b) for a, b in zip(plain.weights(), thirds.weights()))
    assert all((3 * a).overlaps(b) for a, b in zip(plain.covariance().list(), thirds.covariance().list()))
    third = plain.weights().base_ring()(1) / 3
    assert (shifted.weights()[0] + third).overlaps(plain.weights()[0])
    assert shifted.weights()[1].overlaps(plain.weights()[1])
    for third in ([Fraction(1, 3)] * 40, numpy.ones(40, dtype=int)):
        same = certified_maximum_likelihood((points, labels), digits=60, weights=third)
        assert all(a.overlaps(b) for a, b in zip(plain.weights(), same.weights()))
    # a float is not the decimal number that it prints as
    tenth, near = ([value] * 40 for value in (Rational((1, 10)), 0.1))
    by_value = [certified_maximum_likelihood((points, labels), digits=60, offset=offset).weights()[0]
                for offset in (tenth, near)]
    assert not by_value[0].overlaps(by_value[1])


def test_rows_of_weight_zero_are_left_out():
    _, points, labels = random_table(7, 40, 2)
    weights = [0] * 10 + [1] * 30
    # a point far out that would change everything
    points[0] = 1e8
    left = certified_maximum_likelihood((points, labels), weights=weights)
    rest = certified_maximum_likelihood((points[10:], labels[10:]))
    assert [str(w) for w in left.weights()] == [str(w) for w in rest.weights()]
    assert '30 points' in left.statement()


def test_grouped_data_are_repeated_rows():
    doses, successes, trials = [1, 2, 3, 4], [1, 0, 6, 6], [10, 3, 9, 6]
    points = numpy.repeat(doses, trials)[:, None]
    labels = numpy.concatenate([[1] * s + [0] * (t - s) for s, t in zip(successes, trials)])
    # thirds cannot be written as floats: the offset must get there as it is
    thirds = [Rational((dose, 3)) for dose in doses]
    grouped = ([[dose] for dose in doses], successes, trials)
    estimate = certified_maximum_likelihood(grouped, digits=40, offset=thirds)
    oracle = Oracle(points, labels, offset=[third for third, count in zip(thirds, trials) for _ in range(count)])
    root = oracle.solve([float(ball) for ball in estimate.weights()])
    assert estimate.contains([exact(value) for value in root])
    assert estimate.log_likelihood().contains_exact(exact(oracle.log_likelihood(root)))
    assert certify(grouped, estimate.weights(), offset=thirds)
    with pytest.raises(SeparationError):
        certified_maximum_likelihood((grouped[0], [0, 0, 9, 6], trials))


# The exact zero of the gradient, by change of sign at the ends of the ball itself

def sign_of(value):
    assert not value.contains_zero()
    return 1 if value > 0 else -1


@pytest.mark.parametrize('digits', [15, 50])
def test_gradient_changes_sign_with_the_bias_alone(digits):
    random = numpy.random.RandomState(1)
    labels, offset, weights = random.randint(2, size=20), random.normal(size=20), random.uniform(size=20)
    # no columns: with a penalty on nothing this is a problem in one unknown
    data = Dataset(numpy.zeros((20, 0)), labels.astype(float), ())
    ball, = certified_maximum_likelihood(data, digits=digits, l2=1, weights=weights, offset=offset).weights()

    def gradient(w):
        return sum(R(f) * (int(y) - 1 / (1 + (-(R(w) + R(o))).exp())) for y, o, f
                   in zip(labels, offset.tolist(), weights.tolist()))

    low, high = middle(ball) - radius(ball), middle(ball) + radius(ball)
    assert (sign_of(gradient(low)), sign_of(gradient(high))) == (1, -1)


@pytest.mark.parametrize('l2', [0, 0.25])
def test_gradient_changes_sign_with_the_slope_alone(l2):
    # Turned about the origin the data are the same, so the bias is exactly 0
    points, labels = [0.3, 1.1, 2.7, 0.2, 5.1], [1, 1, 0, 1, 1]
    mirrored = (points + [-x for x in points], labels + [1 - y for y in labels])
    bias, slope = certified_maximum_likelihood(mirrored, digits=30, l2=l2).weights()
    assert bias.contains_exact(Integer(0)) and radius(bias) < Rational((1, 10**60))

    def gradient(w):
        return sum(2 * R(x) * (y - 1 / (1 + (-R(w) * R(x)).exp())) for x, y in zip(points, labels)) - R(l2) * R(w)

    low, high = middle(slope) - radius(slope), middle(slope) + radius(slope)
    assert (sign_of(gradient(low)), sign_of(gradient(high))) == (1, -1)


# What is not the estimate is refused

@pytest.mark.parametrize('options', [{}, {'l2': 1}])
def test_certify(options):
    _, points, labels = random_table(3, 50, 3)
    balls = list(certified_maximum_likelihood((points, labels), digits=20, **options).weights())
    field = balls[0].parent()
    assert certify((points, labels), balls, **options)
    # a wider box is as good, as long as Newton's method contracts it
    wide = [ball.add_error(field(1e-9)) for ball in balls]
    assert certify((points, labels), wide, **options)
    # ... and until the estimate is outside
    for shift, inside in [(field(0.9e-9), True), (field(1.1e-9), False), (field(1.9e-9), False)]:
        for j in range(4):
            moved = wide[:j] + [wide[j] + shift] + wide[j + 1:]
            assert certify((points, labels), moved, **options) == inside
    for sign in (-1, 1):
        for shifted in [{0}, {1}, {2}, {3}, {0, 1, 2, 3}]:
            moved = [ball + sign * 3 * field(ball.rad()) if j in shifted else ball for j, ball in enumerate(balls)]
            assert not any(moved[j].contains_exact(balls[j]) for j in shifted)
            assert not certify((points, labels), moved, **options)
    assert not certify((points, labels), [ball.squash() for ball in balls], **options)
    assert not certify((points, labels), [ball.add_error(field(100)) for ball in balls], **options)
    if options:
        assert not certify((points, labels), balls)


def test_certify_refuses_separated_data():
    balls = [RealBallField(60)(w).add_error(1) for w in (-40, 30)]
    assert not certify(([0, 1, 2, 3], [0, 0, 1, 1]), balls)


def test_certify_wants_balls():
    with pytest.raises(TypeError, match='balls = .*expected 3 elements of a RealBallField'):
        certify(ex2data1(), [RealBallField(60)(1)] * 2)


@pytest.mark.lanes
def test_contains():
    estimate = certified_maximum_likelihood(ex2data1(), digits=15)
    for values in ([middle(w) for w in estimate.weights()], [w.mid() for w in estimate.weights()], estimate.weights()):
        assert estimate.contains(values)
    assert not estimate.contains([float(w) for w in estimate.weights()])
    assert not estimate.contains([middle(w) + 2 * radius(w) for w in estimate.weights()])
    with pytest.raises(ValueError, match='expected 3 numbers'):
        estimate.contains(7)


# Digits

@pytest.mark.lanes
@pytest.mark.parametrize('digits', [1, 15, 50, 200])
@pytest.mark.parametrize('scale', [[1, 1, 1], [1e6, 1e-6, 1], [1e200, 1e-200, 1]])
def test_digits(digits, scale):
    _, points, labels = random_table(4, 60, 3)
    estimate = certified_maximum_likelihood((points * scale, labels), digits=digits)
    assert estimate.digits() == digits
    tolerance = Rational((1, 10**digits))
    for ball in [*estimate.weights(), *estimate.standard_errors(), estimate.log_likelihood()]:
        assert 0 < radius(ball) < tolerance * abs(middle(ball))
    # what is shown is true of all of the ball
    for line, ball in zip(repr(estimate).splitlines()[1:], estimate.weights()):
        shown, error = map(Fraction, line.split(' = ')[1].split(' +/- '))
        ends = [Fraction(str(middle(ball) + sign * radius(ball))) for sign in (-1, 1)]
        assert all(abs(end - shown) <= error for end in ends)
        assert error < Fraction(1, 10**digits) * abs(shown)


def test_precision_is_raised_until_the_digits_are_there(monkeypatch):
    monkeypatch.setattr(sage_logreg.exact.certified, 'GUARD_BITS', -20)
    _, points, labels = random_table(4, 60, 3)
    estimate = certified_maximum_likelihood((points, labels), digits=15)
    assert estimate.precision() > 30
    assert all(radius(ball) < Rational((1, 10**15)) * abs(middle(ball)) for ball in estimate.weights())


@pytest.mark.parametrize('weight, error, log_likelihood, enough', [
    ((7, 6e-5), 1, -5, True), ((7, 8e-5), 1, -5, False), ((-7, 6e-5), 1, -5, True), ((-7, 8e-5), 1, -5, False),
    ((0, 0.9e-10), 1, -5, True), ((0, 1.1e-10), 1, -5, False),
    # where the ball contains zero: of 1, and of the standard error
    ((0, 0.9e-10), 100, -5, True), ((0, 1.1e-10), 100, -5, False), ((0, 0.9e-10), 0.01, -5, False),
    ((7, 6e-5), (1, 4e-5), -5, False), ((7, 6e-5), 1, (-5, 6e-5), False)])
def test_what_counts_as_digits(weight, error, log_likelihood, enough):
    field = RealBallField(100)
    weight, error, log_likelihood = (field(*value) if isinstance(value, tuple) else field(value)
                                     for value in (weight, error, log_likelihood))
    estimate = sage_logreg.exact.certified.CertifiedEstimate([weight], matrix([[error**2]]), log_likelihood, 5, 100, '')
    assert sage_logreg.exact.certified._has_digits(estimate, 5) == enough


def test_more_digits_than_python_writes():
    # Python refuses to make text of integers of more than 4300 digits
    estimate = certified_maximum_likelihood(([0, 0, 1, 1], [0, 1, 0, 1]), digits=5000, weights=[1, 2, 1, 6])
    assert estimate.contains([RealBallField(20000)(2).log(), RealBallField(20000)(3).log()])
    assert len(repr(estimate)) > 10000


def test_columns_scaled_by_powers_of_two():
    _, points, labels = random_table(4, 60, 2)
    plain = certified_maximum_likelihood((points, labels), digits=30).weights()
    scaled = certified_maximum_likelihood((points * [2.0**20, 2.0**-20], labels), digits=30).weights()
    factors = [1, 2**20, Rational((1, 2**20))]
    assert all((factor * a).overlaps(b) for factor, a, b in zip(factors, scaled, plain))


@pytest.mark.parametrize('shift', [[1e6, 0], [1e6, -1e12]])
def test_columns_far_from_zero(shift):
    _, points, labels = random_table(4, 60, 2)
    check_against_oracle(points + shift, labels, digits=20)


def test_precision_is_raised_for_nearly_dependent_columns():
    random, points, labels = random_table(4, 60, 1)
    twin = points * (1 + 2.0**-40 * random.randint(2, size=points.shape))
    estimate = check_against_oracle(numpy.hstack([points, twin]), labels, digits=20)
    assert estimate.precision() > certified_maximum_likelihood((points, labels), digits=20).precision()


@pytest.mark.parametrize('size', [1e6, -1e6])
def test_large_offset(size):
    _, points, labels = random_table(4, 60, 2)
    check_against_oracle(points, labels, digits=20, offset=[size] * 60)


@pytest.mark.parametrize('apart', [1e-3, 1e-12])
def test_nearly_separated(apart):
    points = [[x] for x in [-3.0, -2, -1, 1, 2, 3, -apart / 2, apart / 2]]
    labels = [0, 0, 0, 1, 1, 1, 1, 0]
    bias, slope = certified_maximum_likelihood((points, labels), digits=20).weights()
    assert bias.contains_zero()
    oracle = Oracle(points, labels)
    root = oracle.solve([0, float(slope)])
    assert slope.contains_exact(exact(root[1]))
    assert float(slope) > -numpy.log(apart)


def test_weights_that_are_zero():
    # the slope is zero by symmetry; the bias is log 2
    table = ([0, 0, 0, 1, 1, 1], [0, 1, 1, 0, 1, 1])
    estimate = certified_maximum_likelihood(table, digits=25)
    assert estimate.contains([R(2).log(), 0])
    assert radius(estimate.weights()[1]) < Rational((1, 10**50))
    assert repr(estimate).splitlines()[2].startswith('x1 = 0 +/- ')
    assert 'the weight of x1 may be zero, with a radius less than 10^-50' in estimate.statement()


# Where there is nothing to prove

def test_separated_data():
    for labels in ([0, 0, 1, 1], [1, 1, 0, 0]):
        with pytest.raises(SeparationError):
            certified_maximum_likelihood(([0, 1, 2, 3], labels))
    # a penalty makes an estimate of it
    check_against_oracle([[0], [1], [2], [3]], [0, 0, 1, 1], l2=1e-3)


def test_dependent_columns():
    table = ([[0, 1], [1, 3], [2, 5], [3, 7]], [0, 1, 0, 1])
    with pytest.raises(ValueError):
        certified_maximum_likelihood(table)
    check_against_oracle(*table, l2=1)


def test_no_ball_without_a_proof(monkeypatch):
    tried = []

    def refuse(objective, *arguments):
        tried.append(objective.precision)

    monkeypatch.setattr(sage_logreg.exact.balls, 'krawczyk', refuse)
    with pytest.raises(CertificationError, match="cannot prove 15 digits.*at up to 3648 bits: Krawczyk's test fails"):
        certified_maximum_likelihood(ex2data1(), digits=15)
    assert tried == [114 << k for k in range(6)]


def test_a_wrong_start_is_no_wrong_proof(monkeypatch):
    _, points, labels = random_table(4, 60, 2)
    expected = certified_maximum_likelihood((points, labels), digits=30)
    for start in ([0, 0, 0], [5, -3, 8]):
        monkeypatch.setattr(sage_logreg.exact.certified, '_float_estimate',
                            lambda problem: (numpy.array(start, dtype=float), True))
        found = certified_maximum_likelihood((points, labels), digits=30)
        assert all(a.overlaps(b) for a, b in zip(found.weights(), expected.weights()))
    # a point of Newton's that is not the zero: the test is what decides
    monkeypatch.setattr(sage_logreg.exact.certified, 'newton', lambda objective, start: (
        objective.column([1, 1, 1]), sage_logreg.exact.balls.midpoints(~objective.hessian(objective.column([1, 1, 1])))))
    with pytest.raises(CertificationError):
        certified_maximum_likelihood((points, labels), digits=30)


@pytest.mark.parametrize('points, labels, weights', [
    ([0, 1, 2, 3, 1e6], [0, 1, 0, 1, 1], None),
    ([0, 1, 2, 3, 4], [0, 0, 1, 1, 0], [1e300] * 4 + [1])])
def test_far_away(points, labels, weights):
    # many times the log-odds that one careful step gains
    estimate = certified_maximum_likelihood((points, labels), digits=20, weights=weights)
    assert certify((points, labels), estimate.weights(), weights=weights)
    assert not certify((points, labels), [2 * ball for ball in estimate.weights()], weights=weights)


@pytest.mark.parametrize('rows, options', [
    ([[0.0, -3e-9, 0], [-2.0, -9.0, 0], [1.0, 3.0, 1], [1.0, -3e9, 0]], {'l2': 0.1}),
    ([[0.0, -3e-9, 0], [-2.0, -9.0, 0], [1.0, 3.0, 1], [1.0, -3e9, 0]], {'l2': 1}),
    ([[-8, 0], [9, 0], [Rational((1, 14)), 1], [8, 1], [2**60, 0], [-14, 1]], {})])
def test_far_rows(rows, options):
    # where floats have small gradients long before the curvatures are those of the estimate
    estimate = certified_maximum_likelihood(rows, digits=10, **options)
    assert certify(rows, estimate.weights(), **options)


def test_plateaus_are_leaped_over():
    # in single steps this takes about seven hundred
    data = load_data(([0, 1, 2, 3, 4], [0, 0, 1, 1, 0]), weights=[1.0] * 4 + [1e-300])
    likelihood = Likelihood(data)
    fit = minimize(likelihood, numpy.zeros(2), 1e-6, finer=Whitened, leaps=True, most_steps=100)
    assert fit.converged and fit.steps < 30


def test_too_far_away():
    with pytest.raises(CertificationError, match='cannot prove 5 digits'):
        certified_maximum_likelihood(([0, 1], [0, 1]), digits=5, l2=Rational((1, 10**400)))


# Arguments

@pytest.mark.parametrize('options, error, message', [
    ({'digits': 0}, ValueError, 'digits = 0; expected a whole number from 1'),
    ({'digits': 'x'}, TypeError, "digits = 'x'; expected a whole number from 1"),
    ({'digits': 1.5}, ValueError, 'digits = 1.5'),
    ({'l2': -1}, ValueError, 'l2 = -1; expected a real number at least 0'),
    ({'l2': Rational((-1, 10**400))}, ValueError, 'l2 = .*; expected a real number at least 0'),
    ({'l2': 'x'}, TypeError, "l2 = 'x'"),
    ({'l2': float('nan')}, ValueError, 'l2 = nan'),
    ({'weights': [1, 2, 3]}, ValueError, 'weights has 3 entries; expected 4 real numbers'),
    ({'weights': [1, 2, 3, -1]}, ValueError, r'weights\[3\] = -1.0; expected a real number from 0'),
    ({'weights': 3}, TypeError, 'weights = 3; expected 4 real numbers'),
    ({'weights': [0, 0, 0, 0]}, ValueError, 'all points with y = 0 have the weight 0'),
    ({'weights': [1, 0, 0, 1]}, ValueError, 'weights: all points with y = 1 have the weight 0'),
    ({'weights': [1, 0, 0, 1], 'l2': 1}, ValueError, 'weights: all points with y = 1 have the weight 0'),
    ({'offset': [1, 2, 3]}, ValueError, 'offset has 3 entries; expected 4 real numbers'),
    ({'offset': [1, 2, 3, 'x']}, TypeError, r"offset\[3\] = 'x'"),
    ({'offset': [1, 2, 3, float('inf')]}, ValueError, r'offset\[3\] = inf'),
])
def test_wrong_arguments(options, error, message):
    with pytest.raises(error, match=message):
        certified_maximum_likelihood(([0, 1, 2, 3], [0, 1, 1, 0]), **options)


def test_statement():
    estimate = certified_maximum_likelihood(ex2data1(), digits=10)
    for fact in ('Exactly one vector of 3 weights', '100 points', 'Krawczyk', f'{estimate.precision()} bits',
                 'columns 1, x1, x2 are linearly independent', 'overlap', 'less than 10^-10 of its weight'):
        assert fact in estimate.statement()
    penalised = certified_maximum_likelihood(ex2data1(), digits=10, l2=Rational((2, 3))).statement()
    assert 'less 1/3 times' in penalised and 'overlap' not in penalised


@pytest.mark.lanes
@pytest.mark.skipif(is_old_sage(), reason='an old Sage is loaded as a whole')
def test_import_needs_no_sage():
    code = "import sys, sage_logreg.exact.certified; sys.exit(any(name.startswith('sage.') for name in sys.modules))"
    in_a_new_process(code)


# Labels

@pytest.mark.parametrize('variables, features, names', [
    ('exam1, exam2', None, ('bias', 'exam1', 'exam2')), ('bias, exam', None, ('w0', 'bias', 'exam')),
    ('w0, bias', None, ('the bias', 'w0', 'bias')), ('a, b', ['a', 'a*b'], ('bias', 'a', 'a*b'))])
def test_answers_are_labelled_by_the_datas_names(variables, features, names):
    data = load_data(ex2data1(), variables=variables, features=features)
    estimate, model = certified_maximum_likelihood(data, digits=8), maximum_likelihood(data)
    assert estimate.weight_names() == model.weight_names() == names
    lines = repr(estimate).splitlines()[1:]
    assert [line.split(' = ')[0] for line in lines] == list(names)
    shown = [float(line.split(' = ')[1].split()[0]) for line in lines]
    numpy.testing.assert_allclose(shown, list(model.weights()), rtol=1e-7)
    assert f'The columns 1, {", ".join(names[1:])} are linearly independent' in estimate.statement()


def test_many_weights_are_shown_in_part():
    random = numpy.random.RandomState(0)
    points = random.normal(size=(200, 24))
    estimate = certified_maximum_likelihood((points, random.uniform(size=200) < 0.5), digits=3)
    lines = repr(estimate).splitlines()
    assert len(lines) == 8 and lines[6] == '... (25 weights)' and lines[7].startswith('x24 = ')
    assert 'x1, x2, x3, x4, ..., x24 ' in estimate.statement()
