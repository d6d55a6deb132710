"""Exact input stays exact in decisions, proofs and formulas."""
import random
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest

from sage_logreg import gradient_descent, load_data, maximum_likelihood
from sage_logreg.exact.certified import certified_maximum_likelihood, certify
from sage_logreg.exact.separation import check_columns, dependent_columns, separation

pytest.importorskip('sage.all')


def same_answer(one, other):
    """What does not depend on the units of the columns: the kind and the rows, with certificates that hold."""
    return (one.kind(), one.rows(), one.check()) == (other.kind(), other.rows(), True)


def random_rows(rng, denominator, columns=2):
    # often on a few lines, so that what is quasi-complete is not rare
    rows = []
    for _ in range(rng.randint(5, 9)):
        first = rng.randint(0, denominator)
        others = [denominator - first if rng.random() < 0.6 else rng.randint(0, denominator) for _ in range(columns - 1)]
        rows.append([first, *others, rng.randint(0, 1)])
    return rows


def answers(rows, denominator):
    try:
        whole = separation(rows)
    except ValueError:
        return None
    return whole, separation([[Fraction(x, denominator) for x in row[:-1]] + row[-1:] for row in rows])


@pytest.mark.parametrize('denominator', [99, 7, 10**25 + 1])
def test_units_do_not_change_the_answer(denominator):
    rng = random.Random(denominator)
    kinds = set()
    for _ in range(60):
        found = answers(random_rows(rng, denominator), denominator)
        if found is not None:
            assert same_answer(*found)
            kinds.add(found[0].kind())
    assert kinds == {'overlap', 'complete', 'quasi-complete'}


def test_eight_rows_of_tenths(tmp_path):
    rows = [(0, 0, 0), (10, 10, 1), (1, 9, 0), (2, 8, 1), (3, 7, 0), (4, 6, 1), (6, 4, 0), (7, 3, 1)]
    rationals = [[Fraction(a, 10), Fraction(b, 10), label] for a, b, label in rows]
    decimals = [[Decimal(a) / 10, Decimal(b) / 10, label] for a, b, label in rows]
    floats = [[a / 10, b / 10, label] for a, b, label in rows]
    (tmp_path / 'a.csv').write_text(''.join(f'{a / 10},{b / 10},{label}\n' for a, b, label in rows))
    for source in (rationals, decimals, load_data(floats, exact='decimal'), tmp_path / 'a.csv', rows):
        answer = separation(source)
        assert answer.kind() == 'quasi-complete' and answer.rows() == [2, 3, 4, 5, 6, 7] and answer.check()
    for source, options in ((floats, {}), (tmp_path / 'a.csv', {'exact': 'binary'}), (rationals, {'exact': 'binary'})):
        assert separation(source, **options).kind() == 'overlap'


def test_columns_that_depend_exactly():
    thirds = [[Fraction(k, 3), Fraction(2 * k, 3), k % 2] for k in range(5)]
    assert list(dependent_columns(thirds)) == [0, -2, 1]
    with pytest.raises(ValueError, match=r'x2 = 2\*x1'):
        check_columns(thirds)
    # rounded, these would be equal
    assert dependent_columns([[10**20 + k, 10**20 - k * k, k % 2] for k in range(5)]) is None


def test_whole_numbers_beyond_floats():
    rows = [[2**60 + k, label] for k, label in enumerate([0, 0, 1, 0, 1, 1])]
    assert same_answer(separation(rows), separation([[k, label] for k, label in enumerate([0, 0, 1, 0, 1, 1])]))
    estimate = certified_maximum_likelihood(rows, digits=20)
    near = certified_maximum_likelihood([[x - 2**60, label] for x, label in rows], digits=20)
    assert estimate.weights()[1].overlaps(near.weights()[1])


@pytest.mark.parametrize('successes, trials, kind', [([2**53, 3], [2**53 + 1, 5], 'overlap'), ([2**53, 5], [2**53, 6], 'quasi-complete'),
                                                     ([Fraction(1, 3), 1], [Fraction(1, 3) + Fraction(1, 10**30), 2], 'overlap')])
def test_counts_beyond_floats(successes, trials, kind):
    answer = separation(([[1], [2]], successes, trials))
    assert answer.kind() == kind and answer.check()


def test_irrational_numbers(sage):
    rows = [(0, 0, 0), (10, 10, 1), (1, 9, 0), (2, 8, 1), (3, 7, 0), (4, 6, 1), (6, 4, 0), (7, 3, 1)]
    whole = separation(rows)
    for a, b in ((sage.sqrt(2), sage.sqrt(2)), (sage.sqrt(2), sage.pi), (sage.AA(3).sqrt(), 1), (sage.log(2), sage.exp(1)),
                 (sage.QuadraticField(5).gen(), sage.cos(2 * sage.pi / 7))):
        assert same_answer(whole, separation([[a * x, b * y, label] for x, y, label in rows]))
    shifted = separation([[x + sage.pi, y - sage.pi, label] for x, y, label in rows])
    assert same_answer(whole, shifted) and shifted.vector() == whole.vector()


@pytest.mark.parametrize('label, kind', [(0, 'complete'), (1, 'overlap')])
def test_an_irrational_number_between_two_rationals(sage, label, kind):
    below, above = sage.QQ(355) / 113 - sage.QQ(3) / 10**7, sage.QQ(355) / 113
    answer = separation([[below, 0], [sage.pi, label], [above, 1 - label]])
    assert answer.kind() == kind and answer.check()


def test_constants_that_cannot_be_compared(sage):
    one, other = sage.log(sage.SR(6)), sage.log(sage.SR(2)) + sage.log(sage.SR(3))
    with pytest.raises(ValueError, match='cannot be decided'):
        separation([[one, 0], [other, 1], [0, 0], [5, 1]])


@pytest.mark.parametrize('data', ['counts', 'weights'])
def test_counts_and_weights_that_cannot_be_compared(sage, data):
    six, other = sage.log(sage.SR(6)), sage.log(sage.SR(2)) + sage.log(sage.SR(3))
    with pytest.raises(ValueError, match='cannot be decided'):
        if data == 'counts':
            separation(([[1], [2], [3]], [other, 1, 0], [six, 2, 1]))
        else:
            separation(load_data([[0, 0], [1, 1], [2, 1], [3, 0]], weights=[1, 1, 1, six - other]))
    # Sage's algebraic numbers are compared exactly
    one, same = sage.sqrt(2) + sage.sqrt(3), sage.sqrt(5 + 2 * sage.sqrt(6))
    assert separation(([[1], [2], [3]], [one, 1, 0], [same, 2, 1])).kind() == 'quasi-complete'


def test_many_roots_are_not_decided_and_do_not_hang(sage):
    rows = [[sage.sqrt(sage.SR(k)), int(k % 3 == 0)] for k in range(1, 25)]
    with pytest.raises(ValueError, match='generate a field of degree more than 16'):
        separation(rows)
    # training takes floats
    assert maximum_likelihood(rows).converged() and gradient_descent(rows, iterations=10).iterations() == 10


def test_features_in_other_units(sage):
    rows = [(0, 0, 0), (10, 10, 1), (1, 9, 0), (2, 8, 1), (3, 7, 0), (4, 6, 1), (6, 4, 0), (7, 3, 1)]
    x1, x2 = sage.SR.var('x1, x2')
    whole = separation(rows)
    assert same_answer(whole, separation(rows, features=[x1 / 10, x2 / 10]))
    assert same_answer(whole, separation([[sage.sqrt(2) * x, sage.sqrt(2) * y, label] for x, y, label in rows], features=[x1, x2]))
    near = [[10**9 + k, int(k in (2, 3))] for k in range(6)]
    assert separation(near, features=[x1, x1**2]).kind() == separation([[k, k**2, y] for k, (_, y) in enumerate(near)]).kind()


def newton(rows, l2=0, weights=None, offset=None):
    """The estimate of two weights, by mpmath's own Newton at its precision; independent of the package."""
    w = mpmath.matrix([0, 0])
    for _ in range(40):
        gradient, hessian = mpmath.matrix([0, -l2 * w[1]]), mpmath.matrix([[0, 0], [0, l2]])
        for i, (x, y) in enumerate(rows):
            f, o = (1 if weights is None else weights[i]), (0 if offset is None else offset[i])
            p = 1 / (1 + mpmath.exp(-(o + w[0] + w[1] * x)))
            for j, a in enumerate((1, x)):
                gradient[j] += f * (y - p) * a
                for k, b in enumerate((1, x)):
                    hessian[j, k] += f * p * (1 - p) * a * b
        w += mpmath.lu_solve(hessian, gradient)
    return w


def exact_mpf(number):
    return mpmath.mpf(number.numerator) / number.denominator


@pytest.mark.usefixtures('sixty_digits')
def test_proved_digits_are_those_of_the_exact_numbers(sage, tmp_path):
    values = [Fraction(k, 3) for k in (0, 1, 2, 4, 5, 7, 9, 11)]
    labels = [0, 0, 1, 0, 1, 0, 1, 1]
    weights, offset = [Fraction(k, 7) for k in range(1, 9)], [Fraction(1, k) for k in range(3, 11)]
    reals = sage.RealField(250)

    def contains(estimate, expected):
        return estimate.contains([reals(str(value)) for value in expected])

    rows = list(zip(values, labels))
    estimate = certified_maximum_likelihood(rows, digits=40)
    assert contains(estimate, newton([(exact_mpf(x), y) for x, y in rows]))
    floats = certified_maximum_likelihood(rows, digits=40, exact='binary')
    assert not contains(floats, newton([(exact_mpf(x), y) for x, y in rows]))
    given = {'weights': weights, 'offset': offset, 'l2': Fraction(1, 3)}
    expected = newton([(exact_mpf(x), y) for x, y in rows], mpmath.mpf(1) / 3, *(list(map(exact_mpf, given[name])) for name in
                                                                                ('weights', 'offset')))
    assert contains(certified_maximum_likelihood(rows, digits=40, **given), expected)
    assert certify(rows, certified_maximum_likelihood(rows, digits=30, **given).weights(), **given)
    scaled = [(sage.sqrt(2) * x.numerator / x.denominator, y) for x, y in rows]
    expected = newton([(exact_mpf(x) * mpmath.sqrt(2), y) for x, y in rows])
    assert contains(certified_maximum_likelihood(scaled, digits=40), expected)


@pytest.mark.usefixtures('sixty_digits')
def test_proved_digits_of_decimals(sage, tmp_path):
    cells = ['0.1', '0.25', '0.3', '0.70000000000000000000001', '0.9', '1.1']
    labels = [0, 0, 1, 0, 1, 1]
    (tmp_path / 'a.csv').write_text(''.join(f'{cell},{label}\n' for cell, label in zip(cells, labels)))
    estimate = certified_maximum_likelihood(tmp_path / 'a.csv', digits=40)
    reals = sage.RealField(250)
    assert estimate.contains([reals(str(w)) for w in newton([(mpmath.mpf(cell), y) for cell, y in zip(cells, labels)])])
    assert 'decimals as they are written' in estimate.statement()
    binary = certified_maximum_likelihood(tmp_path / 'a.csv', digits=40, exact='binary')
    assert binary.contains([reals(str(w)) for w in newton([(mpmath.mpf(float(cell)), y) for cell, y in zip(cells, labels)])])
    assert 'floats as the binary numbers that they are' in binary.statement()


def test_the_statement_says_what_was_taken_as_what(sage):
    x1 = sage.SR.var('x1')
    rows = [[Fraction(k, 3), k % 2] for k in range(6)]

    def said(rows, **options):
        return certified_maximum_likelihood(rows, digits=5, **options).statement().splitlines()[-1]

    exact = 'integers, rationals and other exact numbers as themselves'
    floats = 'floats as the binary numbers that they are'
    assert said(rows) == f'Exact input: {exact}.'
    assert said(rows, l2=0.1) == said(rows, weights=[0.5] * 6) == f'Exact input: {exact}, {floats}.'
    assert said([[float(x), y] for x, y in rows]) == f'Exact input: {floats}.'
    assert said(rows, features=[x1 + x1**2]) == f'Exact input: {exact}.'
    assert said(rows, features=[sage.exp(x1)]) == 'Exact input: features as their float64 values.'


def test_the_cost_as_a_formula_has_the_exact_numbers(sage):
    w0, w1, w2 = sage.SR.var('w0, w1, w2')
    third = sage.QQ(1) / 3
    data = load_data([[third, 0.5, 0], [2, 0.25, 1], [third + 1, 3, 1]], weights=[1, third, 2], offset=[third, 0, 0])
    cost = gradient_descent(data, iterations=1, l2=third).symbolic_cost()
    total = 1 + third + 2
    expected = (sage.log(1 + sage.exp(w0 + third * w1 + sage.RDF(0.5) * w2 + third)) / total
                + third / total * sage.log(1 + sage.exp(-w0 - 2 * w1 - sage.RDF(0.25) * w2))
                + 2 / total * sage.log(1 + sage.exp(-w0 - (third + 1) * w1 - sage.RDF(3) * w2))
                + third / (2 * total) * (w1**2 + w2**2))
    assert (cost - expected).expand().is_trivial_zero()
    at_zero = cost.subs(w1=0, w2=0)
    assert at_zero.subs(w0=-third) == (sage.log(2) + third * sage.log(1 + sage.exp(third)) + 2 * sage.log(1 + sage.exp(third))) / total
