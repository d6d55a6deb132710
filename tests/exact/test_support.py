"""Proved supports: values computed afresh by mpmath lie inside, what is wrong is refused, ties are left undecided."""
import copy
import dataclasses
from fractions import Fraction

import numpy
import pytest

mpmath = pytest.importorskip('mpmath')
pytest.importorskip('sage.all')
from hypothesis import given, settings, strategies as st
from sage.misc.functional import log
from sage.rings.rational import Rational
from sage.rings.real_arb import RealBallField

from sage_logreg import certified_support, ex2data1, load_data, load_model, maximum_likelihood, penguins, regularization_path
from sage_logreg.exact.breakpoint import Breakpoint
from sage_logreg.exact.gap_safe import DualPoint, balanced, dual_point, float_bounds, gradients, limits, sphere
from sage_logreg.exact.penalised import PenalisedProblem, SmoothObjective
from sage_logreg.exact.path_piece import Event, FloatPath, Piece
from sage_logreg.exact.support_proof import is_proved
from sage_logreg.exact.whole_columns import whole_column

Q = Rational


# An oracle of its own: rows in plain loops, in 60 digits, from the conditions of the minimum

class Oracle:

    def __init__(self, points, labels, lambda_, l1_ratio=1, weights=None, offset=None, intercept=True, standardize=False, penalty_factors=None):
        columns = [[mpmath.mpf(float(x)) for x in column] for column in numpy.transpose(points)]
        self.rows = [[mpmath.mpf(1)] * intercept + list(row) for row in zip(*columns)]
        self.labels = [int(label) for label in labels]
        given = [number(f) for f in ([1] * len(self.labels) if weights is None else weights)]
        self.f = [f / mpmath.fsum(given) for f in given]
        self.offset = [mpmath.mpf(float(o)) for o in ([0] * len(self.labels) if offset is None else offset)]
        factors = [number(factor) for factor in penalty_factors or [1] * len(columns)]
        factors = [factor * len(columns) / mpmath.fsum(factors) for factor in factors]
        scales = [self.deviation(column) if standardize else 1 for column in columns]
        self.first, l1_ratio, lambda_ = int(intercept), number(l1_ratio), number(lambda_)
        self.l1 = [0] * self.first + [lambda_ * l1_ratio * factor * scale for factor, scale in zip(factors, scales)]
        self.l2 = [0] * self.first + [lambda_ * (1 - l1_ratio) * factor * scale**2 for factor, scale in zip(factors, scales)]

    def deviation(self, column):
        mean = mpmath.fdot(self.f, column)
        return mpmath.sqrt(mpmath.fsum(f * (x - mean)**2 for f, x in zip(self.f, column)))

    def residuals(self, w):
        return [f * (y - 1 / (1 + mpmath.exp(-o - mpmath.fdot(row, w))))
                for f, y, o, row in zip(self.f, self.labels, self.offset, self.rows)]

    def gradient(self, w):
        q = self.residuals(w)
        return [mpmath.fdot(q, [row[k] for row in self.rows]) for k in range(len(w))]

    def solve(self, start):
        """The weights, where those that start at zero stay there and the others keep their signs."""
        free = [k for k, value in enumerate(start) if k < self.first or value]
        signs = [1 if start[k] > 0 else -1 for k in free]

        def weights(*values):
            w = [mpmath.mpf(0)] * len(start)
            for k, value in zip(free, values):
                w[k] = value
            return w

        def equations(*values):
            w = weights(*values)
            v = self.gradient(w)
            return [v[k] - self.l1[k] * sign - self.l2[k] * w[k] for k, sign in zip(free, signs)]
        if not free:
            return weights()
        root = mpmath.findroot(equations, [mpmath.mpf(start[k]) for k in free], tol=mpmath.mpf(10)**-100, maxsteps=30,
                               multidimensional=True, solver='mdnewton')
        return weights(*root)

    def are_conditions_met(self, w):
        """Whether no gradient is too large and all weights have the signs of theirs."""
        tiny = mpmath.mpf(10)**-40
        slopes = [(v - l2 * weight, weight, l1) for v, weight, l1, l2 in zip(self.gradient(w), w, self.l1, self.l2)]
        return all(abs(t) <= l1 + tiny and (not weight or not l1 or (weight > 0) == (t > 0)) for t, weight, l1 in slopes)


def number(value):
    if isinstance(value, float):
        return mpmath.mpf(value)
    value = Q(value)
    return mpmath.mpf(int(value.numerator())) / int(value.denominator())


def exact(value):
    numerator, denominator = mpmath.libmp.to_rational(value._mpf_)
    return Rational((int(numerator), int(denominator)))


def is_in(value, ball):
    return abs(exact(value) - ball.mid().exact_rational()) <= ball.rad_as_ball().mid().exact_rational() + Q(10)**-50


def random_data(seed, m=30, n=6):
    random = numpy.random.default_rng(seed)
    points = random.integers(-4, 5, (m, n)) / 2
    labels = (points[:, 0] - points[:, 1] / 2 + random.standard_normal(m) > 0).astype(int)
    labels[:2] = 0, 1
    return points, labels


OPTIONS = {
    'lasso': {}, 'no intercept': {'intercept': False}, 'elastic net': {'l1_ratio': Q((1, 3))},
    'weights': {'weights': [Q((1 + k % 4, 3)) for k in range(30)]}, 'offset': {'offset': [k / 16 - 1 for k in range(30)]},
    'all': {'intercept': False, 'l1_ratio': Q((3, 4)), 'weights': [1 / 2 + k % 2 for k in range(30)],
            'offset': [k % 5 / 4 for k in range(30)]},
    'standardised': {'standardize': True, 'weights': [Q((1 + k % 4, 3)) for k in range(30)]},
    'factors': {'penalty_factors': [0, 1, 2, Q((1, 3)), 0, 1]},
    'standardised, with factors': {'standardize': True, 'penalty_factors': [1, 0, 2, 1, 1, 3], 'l1_ratio': Q((1, 2)),
                                   'offset': [k / 16 - 1 for k in range(30)]},
    'no intercept, with factors': {'standardize': True, 'penalty_factors': [1, 0, 2, 1, 1, 3], 'intercept': False},
}


@pytest.mark.parametrize('options', OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize('seed', [0, 1])
def test_solutions_of_sixty_digits_are_inside(options, seed, sixty_digits):
    points, labels = random_data(seed)
    support = certified_support((points, labels), Q((1, 15)), digits=25, **options)
    assert support.check()
    assert not support.undecided() and support.nonzero()
    balls = support.weights()
    oracle = Oracle(points, labels, Q((1, 15)), **options)
    root = oracle.solve([float(ball) for ball in balls])
    assert oracle.are_conditions_met(root)
    assert all(is_in(value, ball) for value, ball in zip(root, balls))
    assert {name for name, ball in zip(support.weight_names(), balls) if ball == 0} == set(support.zero())
    assert all(ball.rad_as_ball() < Q(10)**-25 * abs(ball) for ball in support.nonzero().values())


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_random_problems(data):
    m, n = data.draw(st.integers(4, 8)), data.draw(st.integers(1, 4))
    points = data.draw(st.lists(st.lists(st.integers(-5, 5), min_size=n, max_size=n), min_size=m, max_size=m))
    labels = [0, 1, *data.draw(st.lists(st.integers(0, 1), min_size=m - 2, max_size=m - 2))]
    lambda_ = Q((data.draw(st.integers(1, 40)), 40))
    support = certified_support((points, labels), lambda_)
    assert support.check()
    assert sorted([*support.zero(), *support.nonzero(), *support.undecided()]) == sorted(f'x{j + 1}' for j in range(n))
    if support.undecided():
        return
    with mpmath.workdps(60):
        oracle = Oracle(points, labels, lambda_)
        root = oracle.solve([float(ball) for ball in support.weights()])
        assert oracle.are_conditions_met(root)
        assert all(is_in(value, ball) for value, ball in zip(root, support.weights()))


# What is wrong is refused

def altered(support, **changes):
    changed = copy.copy(support)
    changed._proof = dataclasses.replace(support._proof, **changes)
    return changed


@pytest.fixture(scope='module', params=['lasso', 'standardised', 'factors', 'standardised, with factors'])
def proof(request):
    return certified_support(random_data(0), Q((1, 15)), **OPTIONS[request.param])


def test_shifted_balls_are_refused(proof):
    assert proof.check()
    box, bias = proof._proof.box, proof._proof.bias
    for j, ball in box.items():
        for factor in (4, -4):
            assert not altered(proof, box={**box, j: ball + factor * ball.parent()(ball.rad())}).check()
    assert not altered(proof, bias=[bias[0] + 4 * bias[0].parent()(bias[0].rad())]).check()


def test_wrong_signs_are_refused(proof):
    box = proof._proof.box
    for j, ball in box.items():
        assert not altered(proof, box={**box, j: -ball}).check()


def test_wrong_supports_are_refused(proof):
    box, zeros = proof._proof.box, proof._proof.zeros
    for j in box:
        # a weight that is not zero among the zeros
        assert not altered(proof, box={k: ball for k, ball in box.items() if k != j}, zeros=sorted([*zeros, j])).check()
        # or nowhere
        assert not altered(proof, box={k: ball for k, ball in box.items() if k != j}).check()
    for j in zeros:
        # a weight that is zero in a ball that excludes it
        ball = RealBallField(200)(Q((1, 10**6)), Q((1, 10**9)))
        for one in (ball, -ball):
            assert not altered(proof, box={**box, j: one}, zeros=[k for k in zeros if k != j]).check()


def test_wrong_dual_points_are_refused(proof):
    dual, point = proof._proof.dual, proof._proof
    q = list(dual.wholes)
    moved = [q[0] + 1, *q[1:]]
    assert not altered(proof, dual=dataclasses.replace(dual, wholes=moved)).check()  # the sum is not zero
    far = [2 * one for one in q]
    assert not altered(proof, dual=dataclasses.replace(dual, wholes=far)).check()  # the gradients are too large
    near = balanced(proof._proof.problem, [one // 10 for one in q], limits(proof._proof.problem, dual.divisor), dual.divisor)
    assert not altered(proof, dual=near).check()  # the sphere is too wide
    assert not altered(proof, dual=dataclasses.replace(dual, divisor=-dual.divisor)).check()
    assert not altered(proof, center=[value / 2 for value in point.center]).check()
    assert not altered(proof, is_null=True, zeros=list(range(6)), box={}).check()


def test_balls_without_that_of_the_bias_are_refused(proof):
    assert not altered(proof, bias=None).check()


def test_a_proof_of_another_problem_is_refused():
    points, labels = random_data(0)
    proof = certified_support((points, labels), Q((1, 15)))
    assert is_proved(dataclasses.replace(proof._proof, problem=PenalisedProblem((points, labels), Q((1, 15)))))
    for data, lambda_, options in (((points + numpy.eye(30, 6) / 1024, labels), Q((1, 15)), {}),
                                   ((points, labels), Q((1, 15)) + Q((1, 10**20)), {}),
                                   ((points, labels), Q((1, 15)), {'standardize': True}),
                                   ((points, labels), Q((1, 15)), {'penalty_factors': [1, 1, 1, 1, 1, 1 + Q((1, 10**20))]}),
                                   ((points, labels), Q((1, 15)), {'penalty_factors': [0, 1, 1, 1, 1, 1]})):
        assert not is_proved(dataclasses.replace(proof._proof, problem=PenalisedProblem(data, lambda_, **options)))


def test_a_dual_point_is_orthogonal_to_what_has_no_penalty():
    for options in (OPTIONS['factors'], OPTIONS['no intercept, with factors']):
        proof = certified_support(random_data(0), Q((1, 15)), **options)._proof
        points = [[Q((int(2 * x), 2)) for x in row] for row in random_data(0)[0]]
        for j in proof.problem.free:
            assert sum(whole * row[j] for whole, row in zip(proof.dual.wholes, points)) == 0
        # not orthogonal, though the sum is zero
        wholes = list(proof.dual.wholes)
        wholes[0], wholes[1] = wholes[0] - 1, wholes[1] + 1
        assert not is_proved(dataclasses.replace(proof, dual=dataclasses.replace(proof.dual, wholes=wholes)))


# The sphere

@pytest.mark.parametrize('l1_ratio', [1, Q((1, 2))])
@pytest.mark.parametrize('options', [{}, {'intercept': False, 'offset': [k / 16 - 1 for k in range(30)]}])
def test_the_optimal_dual_point_lies_in_every_sphere(l1_ratio, options):
    points, labels = random_data(3, 20, 4)
    options = {**options, **({'offset': options['offset'][:20]} if options else {})}
    support = certified_support((points, labels), Q((1, 15)), l1_ratio=l1_ratio, digits=40, **options)
    problem, precise = support._proof.problem, support._proof
    objective = SmoothObjective(problem, precise.columns, [0] * len(precise.columns), 200)
    best = objective.residuals(objective.column(precise.center))
    gap_of_best = None
    for shift in (Q((1, 2)), Q((1, 20)), Q((1, 1000)), 0):
        # a primal point that is moved away, and the dual point shrunk into its conditions
        center = objective.column([value.exact_rational() * (1 + shift) for value in precise.center])
        q = [one * (1 - Q((1, 10)) * shift) for one in best]
        scale = Q((2, 3)) if shift and l1_ratio == 1 else 1 - Q(10)**-20
        dual = dual_point(problem, [one * scale for one in q], 200)
        found = sphere(problem, objective, precise.columns, center, dual, gradients(problem, dual, objective.reals, screen=False))
        assert found is not None and found.gap > -Q(10)**-30
        distance = sum(((one - other).real()**2 / f.real() for one, other, f
                        in zip(best, dual.balls(objective.field), objective.frequencies)))
        assert distance <= found.gap / 2 + Q(10)**-30
        moved = gradients(problem, dual_point(problem, best, 200), objective.reals, screen=False).signed
        for j in range(4):
            assert abs(moved[j] - found.signed[j]) < found.moves[j] + Q(10)**-15
            assert abs(moved[j]) <= found.sizes[j] + found.moves[j] + Q(10)**-15
        assert gap_of_best is None or found.gap < gap_of_best
        gap_of_best = found.gap


def test_bounds_in_floats_hold(proof):
    problem, dual = proof._proof.problem, proof._proof.dual
    field = RealBallField(300)
    rough, fine = (gradients(problem, dual, field, screen=screen) for screen in (True, False))
    assert len(fine.signed) == 6
    assert all(bound.upper() >= abs(ball).lower() for bound, ball in zip(rough.sizes, fine.signed.values()))


def test_bounds_in_floats_hold_where_a_dual_point_underflows():
    dual = DualPoint([-1, 1], 1 << 1080)
    bound, = float_bounds(PenalisedProblem(([[0.0], [1e200]], [0, 1]), 1), dual.floats())
    assert Fraction(bound) >= Fraction(1e200) / (1 << 1080)


# Corners

def test_the_largest_lambda_is_decided_exactly():
    points, labels = random_data(5)
    share = Q((int(labels.sum()), 30))
    slopes = [abs(sum(Q(float(x)) * (int(y) - share) for x, y in zip(column, labels))) / 30 for column in points.T]
    largest = max(slopes)
    above = certified_support((points, labels), largest)
    assert len(above.zero()) == 6 and above.check() and 'exact arithmetic' in above.statement()
    odds = share / (1 - share)
    assert above.bias().overlaps(log(RealBallField(200)(odds)))
    point = above.next_breakpoint()
    assert point.lambda_ == largest and point.names == (f'x{slopes.index(largest) + 1}',) and point.enters
    below = certified_support((points, labels), largest * (1 - Q(10)**-30))
    assert tuple(below.nonzero()) == point.names and below.check()
    half = certified_support((points, labels), 3 * largest, l1_ratio=Q((1, 2)))
    assert half.next_breakpoint().lambda_ == 2 * largest


def test_the_largest_lambda_of_standardised_columns_is_decided_exactly():
    points, labels = random_data(5)
    above = certified_support((points, labels), 1, standardize=True)
    point = above.next_breakpoint()
    # the root of a rational number
    assert point.lambda_.minpoly().degree() == 2 and point.enters
    at, below = (certified_support((points, labels), lambda_, standardize=True) for lambda_ in (point.lambda_, point.lambda_ * (1 - Q(10)**-30)))
    assert len(at.zero()) == 6 and at.check() and 'exact arithmetic' in at.statement()
    assert tuple(below.nonzero()) == point.names and below.check()


def test_columns_without_a_penalty():
    points, labels = random_data(0)
    separating, sums = numpy.column_stack([points, labels]), numpy.column_stack([points, points[:, 0] + points[:, 1]])
    with pytest.raises(ValueError, match='without a penalty separate the labels'):
        certified_support((separating, labels), Q((1, 15)), penalty_factors=[1] * 6 + [0])
    # the weights of dependent ones may be exchanged, with squares as well; a penalised column takes no part of theirs
    for ratio in (1, Q((1, 2))):
        support = certified_support((sums, labels), Q((1, 15)), l1_ratio=ratio, penalty_factors=[0, 0, 1, 1, 1, 1, 0])
        assert support.undecided() == ('x1', 'x2', 'x7') and 'linear combination' in support.statement() and support.check()
    plain = certified_support((points, labels), Q((1, 15)), penalty_factors=[0, 0, 1, 1, 1, 1])
    support = certified_support((sums, labels), Q((1, 15)) * Q((6, 4)) * Q((5, 7)), penalty_factors=[0, 0, 1, 1, 1, 1, 1])
    assert support.zero() == (*plain.zero(), 'x7') and support.check()
    assert all(ball.overlaps(plain.nonzero()[name]) for name, ball in support.nonzero().items())


def test_a_weight_without_a_penalty_may_be_zero_by_symmetry():
    points = [[1, 1], [-1, 1], [1, 0], [-1, 0], [1, 0], [-1, 0], [1, 1], [-1, 1]]
    support = certified_support((points, [1, 1, 0, 0, 1, 1, 0, 0]), Q((1, 20)), penalty_factors=[0, 1], digits=5)
    assert support.undecided() == ('x1',) and support.zero() == ('x2',) and support.check()
    assert 'no penalty, and up to' in support.statement() and support.weights()[1].contains_zero()


def test_long_fractions_are_shown_as_floats_if_they_are():
    lambdas = [Q((1, 10)), Q(10)**30, 10**-30, 0.1, Q(10)**-30]
    shown = [repr(certified_support(ex2data1(), value, digits=2)).split(' at lambda = ')[1].split(', ')[0] for value in lambdas]
    assert shown == ['1/10', str(10**30), '1e-30', '0.1', f'1/{10**30}']


def test_constant_columns():
    points, labels = random_data(0)
    for standardize in (False, True):
        plain = certified_support((points, labels), Q((1, 15)), standardize=standardize)
        constant = certified_support((numpy.column_stack([points, numpy.full(30, 3.0)]), labels), Q((1, 15)), standardize=standardize)
        assert constant.zero() == (*plain.zero(), 'x7') and constant.check()


def test_the_support_of_a_fitted_model(tmp_path):
    points, labels = random_data(0)
    weights = [Q((1 + k % 4, 3)) for k in range(30)]
    single = maximum_likelihood((points, labels), l1=Q((3, 2)), l2=Q((1, 3)), weights=weights)
    total = sum(weights)
    support = single.certified(digits=20)
    direct = certified_support((points, labels), Q((11, 6)) / total, l1_ratio=Q((9, 11)), digits=20, weights=weights)
    assert repr(support) == repr(direct) and support.check()
    single.save(tmp_path / 'model.json')
    assert repr(load_model(tmp_path / 'model.json').certified(digits=20)) == repr(support)
    assert [float(ball) for ball in support.weights()] == pytest.approx(list(single.weights()), abs=1e-4)
    factors = [1, 0, 2, 1, 1, 3]
    path = regularization_path((points, labels), l1_ratio=0.5, penalty_factors=factors, count=5, tol=1e-12)
    for lambda_ in path.lambdas()[1:]:
        model = path.model(lambda_)
        support = model.certified()
        assert [float(ball) for ball in support.weights()] == pytest.approx(list(model.weights()), abs=1e-5)
        assert all((ball == 0) == (not weight) for ball, weight in zip(support.weights(), model.weights()))
        # the float is a binary number
        assert support.statement().startswith('The mean') and Fraction(str(support._problem.lambda_)) == Fraction(float(lambda_))
    assert repr(maximum_likelihood((points, labels), l2=1).certified()).startswith('Maximum-likelihood estimate')
    with pytest.raises(ValueError, match='of squares only, none is'):
        regularization_path((points, labels), l1_ratio=0, count=3).model(1).certified()


@pytest.mark.parametrize('kind', ['whole', 'decimal', 'binary', 'tiny', 'huge', 'mixed', 'zero'])
def test_whole_columns_are_the_exact_numbers(kind):
    random = numpy.random.default_rng(0)
    column = {'whole': random.integers(-9, 9, 20), 'decimal': random.standard_normal(20).round(3), 'binary': random.standard_normal(20),
              'tiny': random.standard_normal(20) * 1e-310, 'huge': random.standard_normal(20) * 1e300,
              'mixed': random.standard_normal(20) * 10.0**random.integers(-300, 300, 20), 'zero': numpy.zeros(20)}[kind]
    for exact in ('binary', 'decimal'):
        numbers = load_data((numpy.column_stack([column]), [0, 1] * 10), exact=exact).design.exact
        whole = whole_column(numbers, 0)
        assert [Fraction(x, whole.divisor) for x in whole.entries] == list(numbers.rows(slice(None))[:, 0])


def test_duplicated_columns_are_undecided():
    points, labels = random_data(1)
    plain = certified_support((points, labels), Q((1, 15)))
    name = next(iter(plain.nonzero()))
    j = int(name[1:]) - 1
    # a copy, a copy with its sign changed, and one of a column whose weight is zero
    zero = int(plain.zero()[0][1:]) - 1
    for column in (points[:, j], 3 - points[:, j]):
        more = certified_support((numpy.column_stack([points, column, points[:, zero]]), labels), Q((1, 15)))
        assert set(more.undecided()) == {name, 'x7'}
        assert set(more.zero()) == {*plain.zero(), 'x8'}
        assert more.check() and 'linear combination' in more.statement() and 'exactly one' not in more.statement()
        assert all(ball.overlaps(plain.nonzero()[one]) for one, ball in more.nonzero().items())
        with pytest.raises(ValueError, match=f'the weights of .*{name}.* are undecided'):
            more.weights()
        with pytest.raises(ValueError, match='undecided at lambda'):
            more.next_breakpoint()
    # the squares of an elastic net share the weight
    shared = certified_support((numpy.column_stack([points, points[:, j]]), labels), Q((1, 15)), l1_ratio=Q((1, 2)))
    assert not shared.undecided() and shared.nonzero()[name].overlaps(shared.nonzero()['x7']) and shared.check()
    # however small they are: there is one minimum, and no weight can be exchanged
    nearly = certified_support((numpy.column_stack([points, points[:, j]]), labels), Q((1, 15)), l1_ratio=1 - Q(10)**-18)
    assert not nearly.undecided() and nearly.nonzero()[name].overlaps(nearly.nonzero()['x7']) and nearly.check()
    assert 'exactly one minimum' in nearly.statement() and 'linear combination' not in nearly.statement()


@pytest.mark.parametrize('options', [{'l1_ratio': 1 + Q(10)**-20}, {'l1_ratio': -Q(10)**-20}, {'l1_ratio': Q(10)**-320, 'lambda_': Q(10)**-10}])
def test_penalties_are_checked_exactly(options):
    with pytest.raises(ValueError, match='l1_ratio = .*; expected|too small for floating-point numbers'):
        certified_support(ex2data1(), **{'lambda_': Q((1, 10)), **options})


def test_a_tie_is_undecided():
    # the second column is the first plus one that is orthogonal to the residuals of the first, whatever its weight is
    column, labels = [1, 1, -1, -1, 1, -1], [1, 0, 1, 0, 1, 0]
    one = certified_support(([[x] for x in column], labels), Q((1, 10)), intercept=False)
    assert one.nonzero()
    tie = [[x, x + d] for x, d in zip(column, (1, 0, 0, -1, -1, 1))]
    support = certified_support((tie, labels), Q((1, 10)), intercept=False, digits=10)
    assert support.undecided() == ('x2',) and set(support.nonzero()) == {'x1'}
    assert support.check() and 'not distinguished from 1/10' in support.statement() and 'exactly one minimum' in support.statement()
    assert support.weights()[1].contains_zero() and support.weights()[1].rad() < Q(10)**-100
    assert support.nonzero()['x1'].overlaps(one.nonzero()['x1'])


def test_features_groups_and_decimals():
    import sage.all
    x1 = sage.all.SR.var('x1')
    data = load_data(([[1], [2], [3], [4]], [1, 4, 6, 9], [10, 10, 10, 10]), features=[x1, x1**2])
    support = certified_support(data, Q((1, 20)), digits=12)
    written_out = certified_support(([[x, x * x] for x in (1, 2, 3, 4) for _ in range(2)], [0, 1] * 4), Q((1, 20)), digits=12,
                                    weights=[9, 1, 6, 4, 4, 6, 1, 9])
    assert support.weight_names() == ('bias', 'x1', 'x1^2') and support.check()
    assert all(one.overlaps(other) for one, other in zip(support.weights(), written_out.weights()))
    # 0.1 is a float, the decimal, and a rational number
    binary, decimal, rational = (certified_support(ex2data1(), value, exact=exact).weights()[1]
                                 for value, exact in ((0.1, None), (0.1, 'decimal'), (Q((1, 10)), None)))
    assert decimal.overlaps(rational) and not binary.overlaps(certified_support(ex2data1(), 0.1, digits=40, exact='decimal').weights()[1])


@pytest.mark.parametrize('exponent', [-200, 200])
def test_far_units(exponent):
    points, labels = random_data(0)
    factor = Q(2)**exponent
    plain = certified_support((points, labels), Q((1, 15)))
    scaled = certified_support((points * 2.0**exponent, labels), Q((1, 15)) * factor)
    assert scaled.zero() == plain.zero() and scaled.check()
    assert all((ball * factor).overlaps(plain.nonzero()[name]) for name, ball in scaled.nonzero().items())


def test_large_means_and_irrational_numbers():
    import sage.all
    points, labels = random_data(0)
    plain = certified_support((points, labels), Q((1, 15)))
    shifted = certified_support((points + 2.0**40, labels), Q((1, 15)))
    assert shifted.zero() == plain.zero()
    assert all(ball.overlaps(plain.nonzero()[name]) for name, ball in shifted.nonzero().items())
    root = sage.all.sqrt(2)
    rows = [[root * Q(float(x)) for x in row] for row in points[:, :3]]
    irrational = certified_support((rows, labels), root / 15)
    few = certified_support((points[:, :3], labels), Q((1, 15)))
    assert irrational.check() and irrational.zero() == few.zero()
    assert all((ball * ball.parent()(2).sqrt()).overlaps(few.nonzero()[name]) for name, ball in irrational.nonzero().items())


def test_numbers_whose_floats_lose_their_digits():
    import sage.all
    # about 5e-11, and 0 where it is computed in floats
    small = sage.all.sqrt(sage.all.SR(10)**20 + 1) - 10**10
    support = certified_support(([[k * small, 0] for k in (1, 3, 2, 5)], [0, 1, 0, 1]), Q(10)**-14, digits=5)
    assert tuple(support.nonzero()) == ('x1',) and support.check()


def test_algebraic_numbers():
    import sage.all
    root = sage.all.AA(2).sqrt()
    support = certified_support(([[1], [2], [3], [5]], [0, 1, 0, 1]), 10, weights=[root, 1, 1, 1])
    assert support.zero() == ('x1',) and support.check() and support.next_breakpoint().names == ('x1',)
    same = certified_support(([[k * root, k * root] for k in (1, 2, 3, 5)], [0, 1, 0, 1]), Q((1, 10)))
    assert same.undecided() == ('x1', 'x2')


# Where solvers in floats report another support

# Five measurements of one thing, rounded to two digits, and whether it was above a noisy limit.
MEASURED = [[8, 4, 11, 2, -2], [52, 47, 51, 53, 59], [-12, -10, -8, -7, -12], [-4, -14, -12, -12, -10], [53, 50, 55, 43, 47],
            [55, 50, 49, 41, 54], [29, 37, 29, 32, 42],
            [-147, -147, -143, -151, -142], [-57, -58, -61, -57, -60], [-32, -35, -28, -33, -26], [70, 72, 70, 76, 79],
            [8, 12, 7, -3, 5], [-34, -36, -39, -39, -39], [29, 34, 40, 43, 34], [30, 34, 34, 31, 29], [-111, -110, -121, -122, -112],
            [55, 50, 53, 55, 59], [-40, -40, -39, -42, -42], [21, 25, 19, 15, 26], [49, 58, 50, 45, 44], [-87, -92, -103, -99, -96],
            [126, 118, 110, 124, 113], [-103, -110, -104, -101, -110], [81, 87, 83, 89, 83]]
ABOVE = [0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1]

# The weights of the five columns at lambda = 1/100, each solver with its default tolerance.
REPORTED = {
    # R 4.2.2, glmnet 4.1-6: coef(glmnet(X, y, family = "binomial", standardize = FALSE, intercept = FALSE, lambda = 0.01))
    'glmnet': [0.087988975, 2.041114152, 0, 0, 0],
    # the same without lambda = 0.01, along its own path, and then coef(..., s = 0.01, exact = TRUE, x = X, y = y)
    'glmnet, its path': [0.046832067, 2.081246491, 0, 0, 0],
    # scikit-learn 1.9.1: LogisticRegression(C=100/24, penalty='l1', solver='liblinear', fit_intercept=False, random_state=1).fit(X, y)
    'liblinear': [0.018745471764486384, 2.108344960467519, 0, 0, 0],
    # the same with solver='saga', max_iter=100000, which ends after 1708 iterations
    'saga': [0.18728831, 1.94340502, 0, 0, 0]}
# glmnet with thresh = 1e-14
GLMNET_TIGHT = [0, 2.1269165, 0, 0, 0]


def test_a_weight_that_solvers_report_is_zero(sixty_digits):
    points = [[Q((x, 100)) for x in row] for row in MEASURED]
    support = certified_support((points, ABOVE), Q((1, 100)), intercept=False)
    assert support.check() and support.zero() == ('x1', 'x3', 'x4', 'x5') and set(support.nonzero()) == {'x2'}
    assert all(weights[0] and weights[1] for weights in REPORTED.values())
    weights = [float(ball) for ball in support.weights()]
    assert weights == pytest.approx(GLMNET_TIGHT, abs=1e-6)
    # the same by the conditions in 60 digits, which the reported weights fail
    oracle = Oracle([[float(x) for x in row] for row in points], ABOVE, Q((1, 100)), intercept=False)
    assert oracle.are_conditions_met(oracle.solve(weights))
    for reported in REPORTED.values():
        with_these = oracle.solve(reported)
        assert not oracle.are_conditions_met(with_these) and with_these[0] < 0


# Breakpoints

@pytest.mark.parametrize('lambda_, options', [
    (Q((1, 5)), {}), (Q((2, 5)), {'l1_ratio': Q((1, 2))}), (Q((1, 5)), {'intercept': False, 'offset': [k / 16 - 1 for k in range(30)]}),
    (Q((1, 5)), {'standardize': True, 'penalty_factors': [1, 0, 2, 1]})],
    ids=['lasso', 'elastic net', 'no intercept', 'standardised, with factors'])
def test_the_support_changes_at_the_breakpoint(lambda_, options):
    data = random_data(0, 30, 4)
    for _ in range(2):
        above = certified_support(data, lambda_, **options)
        point = above.next_breakpoint()
        low, high = (end.exact_rational() for end in (point.lambda_.lower(), point.lambda_.upper()))
        just_above, just_below = (certified_support(data, end, **options) for end in (high * (1 + Q(10)**-15), low * (1 - Q(10)**-12)))
        assert set(above.nonzero()) == set(just_above.nonzero())
        assert set(just_below.nonzero()) ^ set(just_above.nonzero()) == set(point.names)
        assert point.enters == (set(point.names) <= set(just_below.nonzero()))
        lambda_ = low * (1 - Q(10)**-6)


def test_a_weight_that_leaves():
    # a column between two others has their weight at first, and gives it up
    random = numpy.random.default_rng(4)
    a, b = random.integers(-3, 4, (2, 40))
    points = numpy.column_stack([a, b, a + b + random.integers(0, 2, 40)])
    labels = (a + b + 2 * random.standard_normal(40) > 0).astype(int)
    support = certified_support((points, labels), Q((1, 65)))
    point = support.next_breakpoint()
    assert point.names == ('x3',) and not point.enters and repr(point).startswith('x3 leaves at lambda = 0.01508692482810024')
    after = certified_support((points, labels), point.lambda_.lower().exact_rational() * (1 - Q(10)**-9))
    assert set(support.nonzero()) == {'x1', 'x2', 'x3'} and after.zero() == ('x3',)


def test_no_breakpoint_is_passed_over():
    # from the largest lambda down, between any two the support is the same as just below the upper one
    data, lambda_, options = random_data(7, 40, 8), Q(1), {'standardize': True}
    support = certified_support(data, lambda_, **options)
    for _ in range(6):
        point = support.next_breakpoint()
        top, low = (Q(end.exact_rational()) for end in (point.lambda_.upper(), point.lambda_.lower())) if hasattr(
            point.lambda_, 'rad_as_ball') else (Q(float(point.lambda_)) * (1 + Q(10)**-14), Q(float(point.lambda_)) * (1 - Q(10)**-14))
        for part in (Q((1, 10)), Q((1, 2)), Q((9, 10))):
            between = certified_support(data, top + part * (lambda_ - top), **options)
            assert set(between.nonzero()) == set(support.nonzero())
        lambda_ = low * (1 - Q(10)**-6)
        before, support = support, certified_support(data, lambda_, **options)
        assert set(support.nonzero()) ^ set(before.nonzero()) == set(point.names)


def test_a_far_breakpoint_in_raw_units():
    # the weights change much before the support does
    point = certified_support(penguins(), Q((1, 5))).next_breakpoint()
    assert len(point.names) == 1 and point.lambda_ < Q((1, 5))
    just_below, just_above = (certified_support(penguins(), end.exact_rational() * (1 + tiny)) for end, tiny in
                              ((point.lambda_.lower(), -Q(10)**-9), (point.lambda_.upper(), Q(10)**-9)))
    assert set(just_below.nonzero()) ^ set(just_above.nonzero()) == set(point.names)


def test_where_no_breakpoint_is_found_it_is_said_how_far():
    points, labels = random_data(0, 40, 2)
    support = certified_support((points, labels), Q((1, 1000)))
    assert len(support.nonzero()) == 2
    point = support.next_breakpoint()
    assert not point.names and point.enters is None and point.lambda_ < Q((1, 10**6))
    assert repr(point).startswith('the support does not change from lambda = 1/1000 down to')
    # two columns that enter at once
    doubled = numpy.column_stack([points, points[:, 1]])
    for above in (certified_support((doubled, labels), 5, penalty_factors=[0, 1, 1]), certified_support((doubled, labels), Q((1, 5)))):
        assert above.zero() == ('x2', 'x3')
        point, lambda_ = above.next_breakpoint(), above._problem.lambda_
        assert not point.names and point.lambda_ < lambda_
        # hardly below, both have a weight
        below = certified_support((doubled, labels), point.lambda_ * (1 - Q(10)**-4), penalty_factors=[0, 1, 1] if above._problem.free else None)
        assert set(below.undecided()) == {'x2', 'x3'}


@pytest.mark.parametrize('points, names', [
    # as far from each other as from zero, and both enter
    ([[0, 1], [1, 0], [2, 3], [3, 2]], ('x1', 'x2')),
    # the second is the first plus what is orthogonal to the residuals: its gradient falls faster than its limit
    ([[0, -1], [1, 2], [2, 1], [3, 4]], ()),
    # each may have the weight
    ([[x, x] for x in range(4)], ())], ids=['both', 'one', 'the same'])
@pytest.mark.parametrize('l1_ratio', [1, Q((1, 2))])
def test_columns_of_one_largest_lambda(points, names, l1_ratio):
    labels = [0, 0, 1, 1]
    point = certified_support((points, labels), 3, l1_ratio=l1_ratio).next_breakpoint()
    below = certified_support((points, labels), point.lambda_ * (1 - Q(10)**-6), l1_ratio=l1_ratio, digits=2)
    # squares share the weight
    assert point.lambda_ == Q((1, 2)) / l1_ratio and point.names == (names if l1_ratio == 1 else ('x1', 'x2'))
    assert not point.names or tuple(below.nonzero()) == point.names
    assert point.names or 'x2' in (*below.zero(), *below.undecided())


def test_a_gradient_of_zero_has_no_breakpoint():
    # an offset, so that it is a ball that contains zero
    point = certified_support(([[-1], [1], [-1], [1]], [0, 0, 1, 1]), 1, offset=[Q((1, 2))] * 4).next_breakpoint()
    assert not point.names and 0 <= point.lambda_ < Q(10)**-30


def test_what_is_shown_is_not_below():
    shown = repr(Breakpoint(Q((1234564, 10**7)), (), None, above=1))
    assert shown == 'the support does not change from lambda = 1 down to 0.123457'
    assert repr(Breakpoint(Q((1, 10)), (), None, above=1)).endswith('down to 0.1')


def test_an_interrupted_search_says_how_far_it_came(monkeypatch):
    support, count = certified_support(penguins(), Q((1, 5))), 0

    class Interrupted(Piece):
        def _bounds(self, low):
            nonlocal count
            count += 1
            if count == 5:
                raise KeyboardInterrupt
            return super()._bounds(low)
    monkeypatch.setattr('sage_logreg.exact.breakpoint.Piece', Interrupted)
    with pytest.raises(KeyboardInterrupt, match=r'interrupted; nothing changes down to lambda = 0\.1'):
        support.next_breakpoint()


def test_bounds_of_pieces_are_the_same_in_all_units():
    points, labels = random_data(0, 30, 4)
    bounds = []
    for exponent in (0, -400, 400):
        path = FloatPath(certified_support((points * 2.0**exponent, labels), Q((1, 5)) * Q(2)**exponent)._proof)
        piece = Piece(path, path.lambda_ * 0.95, path.lambda_)
        bounds.append((piece.r, piece.eta * path.lambda_, piece.is_proved))
    assert bounds[0][0] > 1e-8 and all(bound == pytest.approx(bounds[0]) for bound in bounds)


def test_a_piece_beyond_the_event_is_not_proved():
    support = certified_support(random_data(0, 30, 4), Q((1, 5)))
    point = support.next_breakpoint()
    event_at, high = float(point.lambda_), 0.2
    column, = (j for j in range(4) if f'x{j + 1}' in point.names)
    path = FloatPath(support._proof)
    signs = [sign for sign in (1, -1) if Piece(path, event_at, high, Event(column, sign, point.enters)).is_proved]
    assert len(signs) == 1
    assert not Piece(path, event_at, high).is_proved
    near = event_at * (1 + 1e-4)
    assert Piece(path, event_at * (1 + 1e-6), near).is_proved
    for event in (None, Event(column, -signs[0], True), Event((column + 1) % 4, signs[0], True)):
        assert not Piece(path, event_at * (1 - 1e-6), near, event).is_proved
