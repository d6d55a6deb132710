"""Exact conditional tests: against the enumeration of all labels, and what is published or other software finds"""
import collections
import itertools
import math
from fractions import Fraction

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sage_logreg import load_data
from sage_logreg.exact import conditional
from sage_logreg.exact.conditional import exact_test

# Rabbits cured by penicillin, given at once or delayed, in five doses; mantelhaen.test(Rabbits, exact = TRUE) in R's help
DOSES = ['1/8', '1/4', '1/2', '1', '4']
RABBITS = ([[delayed, *(float(dose == other) for other in DOSES[1:])] for dose in DOSES for delayed in (0, 1)],
           [0, 0, 3, 0, 6, 2, 5, 6, 2, 5], [6, 5, 6, 6, 6, 6, 6, 6, 2, 5])


def enumerated(points, labels, tested, intercept=True):
    """How many ways of giving the labels to single points lead to each sum of the tested columns, with the other sums as observed."""
    rows = [[Fraction(str(number)) for number in row] for row in points]
    fixed = [(*([1] * intercept), *(number for j, number in enumerate(row) if j not in tested)) for row in rows]
    free = [tuple(row[j] for j in tested) for row in rows]

    def sums(numbers, given):
        return tuple(sum(column) for column in zip(*(row for row, label in zip(numbers, given) if label))) or (0,) * len(numbers[0])

    observed = sums(fixed, labels)
    return collections.Counter(sums(free, given) for given in itertools.product((0, 1), repeat=len(rows))
                               if sums(fixed, given) == observed), sums(free, labels)


tables = st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(
    st.tuples(*[st.sampled_from([0, 1, 2, -1, 0.5, 0.3, Fraction(1, 3)])] * width), st.integers(0, 1)), min_size=2, max_size=8))


@settings(max_examples=40, deadline=None)
@given(tables.filter(lambda table: len({label for _, label in table}) == 2), st.booleans(), st.data())
def test_the_distribution_is_that_of_all_ways_to_give_the_labels(table, intercept, more):
    points, labels = map(list, zip(*table))
    width = len(points[0])
    tested = more.draw(st.lists(st.integers(0, width - 1), min_size=1, max_size=width, unique=True))
    test = exact_test(load_data((points, labels), intercept=intercept), [f'x{j + 1}' for j in tested])
    counts, observed = enumerated(points, labels, tested, intercept)
    assert dict(zip(test._values, test._counts)) == counts
    assert test._observed == observed
    total = sum(counts.values())
    assert test._p_value == Fraction(sum(count for count in counts.values() if count <= counts[observed]), total)
    assert test._mid_p_value() == test._p_value - Fraction(counts[observed], 2 * total)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=4)
       .filter(lambda rows: sum(row[2] for row in rows) and sum(row[3] for row in rows)))
def test_groups_and_weights_are_as_many_single_points(rows):
    points = [row[:2] for row in rows]
    successes, failures = ([row[place] for row in rows] for place in (2, 3))
    single = [(point, label) for point, *counts in zip(points, failures, successes) for label in (0, 1) for _ in range(counts[label])]
    expected = exact_test(load_data(([point for point, _ in single], [label for _, label in single])), ['x1'])
    grouped = load_data((points, successes, [one + other for one, other in zip(successes, failures)]))
    weighted = load_data((points * 2, [0] * len(rows) + [1] * len(rows)), weights=failures + successes)
    for data in (grouped, weighted):
        test = exact_test(data, ['x1'])
        assert (test._values, test._counts, test._observed) == (expected._values, expected._counts, expected._observed)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 1)), min_size=4, max_size=8)
       .filter(lambda rows: len({row[2] for row in rows}) == 2))
def test_scores_are_distances_from_the_mean(rows):
    test = exact_test(load_data(([row[:2] for row in rows], [row[2] for row in rows])), ['x1', 'x2'], method='score')
    values, counts = numpy.array(test._values, dtype=float), numpy.array(test._counts, dtype=float)
    distances = values - counts @ values / counts.sum()
    inverse = numpy.linalg.pinv((distances.T * counts) @ distances, hermitian=True, rcond=1e-9)
    scores = numpy.einsum('ij,jk,ik->i', distances, inverse, distances)
    extreme = scores >= scores[test._values.index(test._observed)] - 1e-9
    assert float(test._p_value) == pytest.approx(counts[extreme].sum() / counts.sum(), abs=1e-12)


def test_the_lady_tasting_tea():
    # R. A. Fisher, The design of experiments: 16 + 1 of 70 choices have three or four cups right
    tea = load_data(([[1], [0]], [3, 1], [4, 4]))
    p_values = [exact_test(tea, ['x1'], alternative)._p_value for alternative in ('greater', 'two-sided', 'less')]
    assert p_values == [Fraction(17, 70), Fraction(34, 70), Fraction(69, 70)]


@pytest.mark.parametrize('table', [[[3, 1], [1, 3]], [[7, 12], [0, 5]], [[8, 2], [1, 5]], [[0, 9], [11, 3]], [[13, 8], [15, 5]]])
def test_tables_of_two_by_two_are_as_in_scipy(table):
    stats = pytest.importorskip('scipy.stats')
    contingency = pytest.importorskip('scipy.stats.contingency')
    (a, b), (c, d) = table
    data = load_data(([[1], [0]], [a, c], [a + b, c + d]))
    for alternative in ('two-sided', 'less', 'greater'):
        expected = stats.fisher_exact(table, alternative)[1]
        assert float(exact_test(data, ['x1'], alternative)._p_value) == pytest.approx(expected, rel=1e-10)
    odds, test = contingency.odds_ratio(table), exact_test(data, ['x1'])
    assert math.exp(test._estimate()) == pytest.approx(odds.statistic, rel=1e-9)
    assert numpy.exp(test._interval(0.9)) == pytest.approx(list(odds.confidence_interval(0.9)), rel=1e-9)


def test_several_tables_of_two_by_two_are_as_in_r():
    # R 4.2.2: mantelhaen.test(Rabbits, exact = TRUE)$p.value, and with alternative = 'greater' and 'less', of those not delayed
    data = load_data(RABBITS)
    assert float(exact_test(data, ['x1'])._p_value) == pytest.approx(0.0399449035812672, rel=1e-13)
    assert exact_test(data, ['x1'])._p_value == Fraction(29, 726)
    assert exact_test(data, ['x1'])._observed == (13,)
    assert float(exact_test(data, ['x1'], 'less')._p_value) == pytest.approx(0.0199724517906336, rel=1e-13)
    assert float(exact_test(data, ['x1'], 'greater')._p_value) == pytest.approx(0.99862258953168, rel=1e-13)


def test_a_factor_of_several_levels_is_as_in_r():
    # R 4.2.2: fisher.test(rbind(c(5, 2, 0, 7), c(1, 6, 4, 3)))$p.value
    successes, failures = [5, 2, 0, 7], [1, 6, 4, 3]
    data = load_data(([['a'], ['b'], ['c'], ['d']], successes, [one + other for one, other in zip(successes, failures)]), categorical='x1')
    assert float(exact_test(data, list(data.design.variables))._p_value) == pytest.approx(0.0185438446927206, rel=1e-12)


def test_a_trend_is_the_permutation_of_the_labels():
    # of an ordered score, the Cochran-Armitage test: all ways to give 5 of 12 points the label 1
    scores, successes, trials = [0, 1, 2, 5], [0, 1, 1, 3], [3, 3, 3, 3]
    points = [score for score, count in zip(scores, trials) for _ in range(count)]
    sums = collections.Counter(sum(points[i] for i in chosen) for chosen in itertools.combinations(range(12), 5))
    test = exact_test(load_data(([[score] for score in scores], successes, trials)), ['x1'], 'greater')
    assert dict(zip((value for value, in test._values), test._counts)) == sums
    assert test._p_value == Fraction(sum(count for value, count in sums.items() if value >= 18), math.comb(12, 5))


def test_estimates_solve_their_equations():
    test = exact_test(load_data(RABBITS), ['x1'])
    values, counts = numpy.array([float(value) for value, in test._values]), numpy.array(test._counts, dtype=float)

    def probabilities(weight):
        odds = counts * numpy.exp(weight * (values - 13))
        return odds / odds.sum()

    assert probabilities(test._estimate()) @ values == pytest.approx(13, rel=1e-12)
    low, high = test._interval(0.95)
    assert probabilities(low)[values >= 13].sum() == pytest.approx(0.025, rel=1e-10)
    assert probabilities(high)[values <= 13].sum() == pytest.approx(0.025, rel=1e-10)


@pytest.mark.parametrize('successes, infinite', [([4, 0], math.inf), ([0, 4], -math.inf)])
def test_where_the_classes_are_separated_the_median_unbiased_estimate_is_finite(successes, infinite):
    test = exact_test(load_data(([[1], [0]], successes, [4, 4])), ['x1'])
    assert test._estimate() == infinite
    low, high = test._interval(0.95)
    assert infinite in (low, high) and min(abs(low), abs(high)) < 10
    # the extreme table is as probable as all others together: e^4w = 16 e^3w + 36 e^2w + 16 e^w + 1
    odds = math.exp(abs(test._median()))
    assert odds**4 == pytest.approx(16 * odds**3 + 36 * odds**2 + 16 * odds + 1, rel=1e-10)
    assert 'median unbiased' in repr(test)


def test_decimals_are_what_they_are_meant_to_be():
    # in binary 0.1 + 0.2 is not 0.3
    data = load_data(([[0.1], [0.2], [0.3], [0.3]], [1, 1, 0, 0]))
    assert dict(zip(exact_test(data, ['x1'])._values, exact_test(data, ['x1'])._counts)) == {
        (Fraction(3, 10),): 1, (Fraction(4, 10),): 2, (Fraction(5, 10),): 2, (Fraction(6, 10),): 1}
    rows = [[0.1, 0, 1], [0.2, 0, 1], [0.3, 0, 0], [0.0, 0, 0], [0.1, 1, 1], [0.2, 1, 0]]
    data = load_data(rows)
    assert exact_test(data, ['x2'])._counts != exact_test(data, ['x2'], exact='binary')._counts


@pytest.mark.parametrize('change, said', [
    ({'weights': [1, 1.5, 1, 1]}, r'the data, row 2: weight = 3/2; an exact test counts points'),
    ({'offset': [0, 0, 1, 0]}, 'with an offset the labels are not equally probable'),
])
def test_what_cannot_be_counted_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        exact_test(load_data(([[0], [1], [2], [3]], [0, 1, 0, 1]), **change), ['x1'])


@pytest.mark.parametrize('options, said', [
    ({'alternative': 'larger'}, "alternative = 'larger'; expected 'two-sided' or 'greater' or 'less'"),
    ({'method': 'wald'}, "method = 'wald'; expected 'probability' or 'score'"),
    ({'names': ['x1', 'x2'], 'alternative': 'less'}, "alternative = 'less' is of one weight, and the term has 2: x1, x2"),
    ({'most_states': 1}, 'too large for an exact test: after 2 of 4 different rows 2 sums of 4 points are possible, counted in 2 numbers'),
    ({'exact': 'binary', 'data': [[0.1, 1e5, 0], [3e-300, 7, 1], [0.3, 4, 0]]}, 'the column x1 have too many digits'),
])
def test_bad_arguments_are_named(options, said):
    options = dict(options)
    data, names = load_data(options.pop('data', [[0, 1, 0], [1, 3, 1], [2, 0, 0], [4, 1, 1]])), options.pop('names', ['x1'])
    with pytest.raises(ValueError, match=said):
        exact_test(data, names, **options)


def test_large_tables_are_refused_before_memory_is_full():
    rng = numpy.random.default_rng(1)
    data = load_data((rng.normal(size=(400, 3)).round(3), rng.integers(0, 2, 400)))
    with pytest.raises(ValueError, match='too large for an exact test: after .* expected fewer points'):
        exact_test(data, ['x1'], most_states=20000)


def test_no_state_is_kept_that_cannot_end(monkeypatch):
    # given the number of successes of each of 40 pairs the states are few, whatever their number
    data = load_data(([[pair == other for other in range(1, 40)] + [one] for pair in range(40) for one in (0, 1)],
                      [label for pair in range(40) for label in (pair % 3 == 0, pair % 2)]))
    seen, merged = [], conditional._merged

    def noted(states, counts):
        seen.append(len(states))
        return merged(states, counts)

    monkeypatch.setattr(conditional, '_merged', noted)
    test = exact_test(data, ['x40'])
    # McNemar's test: pairs with different labels, each way as probable as the other
    different = sum((pair % 3 == 0) != pair % 2 for pair in range(40))
    assert test._counts == [math.comb(different, k) for k in range(different + 1)]
    assert max(seen) < 6 * (different + 2)
