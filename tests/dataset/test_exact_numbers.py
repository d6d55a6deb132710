"""Exact numbers beside the floats: of every kind of cell, as the table has them, through every way of the data."""
import pickle
import random
from decimal import Decimal
from fractions import Fraction

import numpy
import pytest

from sage_logreg import load_data, load_model, maximum_likelihood
from sage_logreg.dataset import exact_numbers


def first_column(data):
    return data.exact.rows(slice(None))[:, 0].tolist()


def table(path, cells):
    path.write_text(''.join(f'{cell},{row % 2}\n' for row, cell in enumerate(cells)))
    return path


def random_decimal(rng):
    digits = ''.join(rng.choices('0123456789', k=rng.randint(1, 30)))
    point = rng.randint(0, len(digits))
    text = rng.choice(['', '-', '+']) + digits[:point] + '.' + digits[point:] if rng.random() < 0.8 else digits
    return text + rng.choice(['', '', f'e{rng.randint(-340, 200)}'])


def test_decimals_are_read_as_they_are_written(tmp_path):
    rng = random.Random(20261128)
    cells = [random_decimal(rng) for _ in range(2000)] + ['0.1', '1e-400', '5e-324', '2.2250738585072011e-308', '-0.0']
    data = load_data(table(tmp_path / 'a.csv', cells))
    assert first_column(data) == [Fraction(Decimal(cell)) for cell in cells]
    assert data.exact.kinds == ('decimal',)
    binary = load_data(tmp_path / 'a.csv', exact='binary')
    assert first_column(binary) == [Fraction(float(cell)) for cell in cells]
    assert numpy.array_equal(binary.points, data.points)


def test_decimals_of_a_spreadsheet_with_commas(tmp_path):
    (tmp_path / 'a.csv').write_text('0,1;0\n0,12345678901234567890;1\n')
    assert first_column(load_data(tmp_path / 'a.csv')) == [Fraction(1, 10), Fraction(Decimal('0.12345678901234567890'))]


@pytest.mark.parametrize('cell', ['1e-5000', '0.' + '1' * 5000])
def test_decimals_of_too_many_digits(tmp_path, cell):
    with pytest.raises(ValueError, match=r'a\.csv, line 2: .* has more than 4000 digits'):
        load_data(table(tmp_path / 'a.csv', ['1', cell]))


def test_more_decimals_than_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(exact_numbers, 'MOST_KEPT', 3)
    cells = [f'0.1000000000000000000{k}' for k in range(8)]
    data = load_data(table(tmp_path / 'a.csv', cells))
    with pytest.raises(ValueError, match="too many to be kept as they are written; load it with exact='binary'"):
        data.exact.rows([0])
    assert first_column(load_data(tmp_path / 'a.csv', exact='binary')) == list(map(Fraction, data.points[:, 0].tolist()))


CELLS = [7, 2**60 + 1, -2**70 - 1, True, Fraction(1, 3), Decimal('0.1'), Decimal(2)**-1074, numpy.int64(2**62 - 1), numpy.uint8(3)]


@pytest.mark.parametrize('exact', [None, 'decimal'])
def test_exact_numbers_of_python_and_numpy(exact):
    data = load_data([[cell, row % 2] for row, cell in enumerate(CELLS)], exact=exact)
    assert first_column(data) == [Fraction(int(cell) if isinstance(cell, numpy.integer) else cell) for cell in CELLS]
    assert data.exact.kinds == ('exact',)


def test_exact_numbers_of_sage(sage):
    cells = [sage.QQ(1) / 3, sage.ZZ(2)**60 + 1, sage.AA(4).sqrt(), sage.SR(1) / 7, sage.RealField(200)(1) / 3,
             sage.GF(7)(5), sage.sqrt(sage.SR(9)) / 2]
    expected = [Fraction(1, 3), Fraction(2**60 + 1), Fraction(2), Fraction(1, 7),
                Fraction(*map(int, (sage.RealField(200)(1) / 3).exact_rational().as_integer_ratio())), Fraction(5), Fraction(3, 2)]
    assert first_column(load_data([[cell, row % 2] for row, cell in enumerate(cells)])) == expected
    rows = [[sage.sqrt(2), 0], [sage.pi, 1], [sage.QuadraticField(5).gen(), 1]]
    for value, row in zip(first_column(load_data(rows)), rows):
        assert value is row[0]


def test_a_matrix_keeps_its_rationals(sage):
    data = load_data(sage.matrix(sage.QQ, 3, 2, [sage.QQ(1) / 3, 0, sage.QQ(2) / 7, 1, 5, 1]))
    assert first_column(data) == [Fraction(1, 3), Fraction(2, 7), Fraction(5)]
    assert load_data(data, exact='binary').exact.are_floats()


def test_floats_are_what_is_asked_for():
    rows = [[0.1, 0], [Fraction(1, 3), 1], [0.30000000000000004, 1]]
    binary = [Fraction(0.1), Fraction(1, 3), Fraction(0.30000000000000004)]
    assert first_column(load_data(rows)) == first_column(load_data(rows, exact=None)) == binary
    decimals = [Fraction(1, 10), Fraction(1, 3), Fraction('0.30000000000000004')]
    assert first_column(load_data(rows, exact='decimal')) == first_column(load_data(load_data(rows), exact='decimal')) == decimals
    assert first_column(load_data(rows, exact='binary')) == [Fraction(row[0]) if row[0] != Fraction(1, 3) else Fraction(1 / 3)
                                                            for row in rows]
    array = numpy.array([[0.1], [0.2], [0.3]])
    assert load_data((array, [0, 1, 1])).exact.are_floats()
    assert first_column(load_data((array, [0, 1, 1]), exact='decimal')) == [Fraction(k, 10) for k in (1, 2, 3)]


@pytest.mark.parametrize('exact', ['float', 1, ['decimal'], True])
def test_what_floats_can_be_taken_as(exact):
    with pytest.raises(ValueError, match=r"exact = .*; expected 'decimal' or 'binary'"):
        load_data([[1, 0], [2, 1]], exact=exact)


def test_float32_holds_no_decimals(tmp_path):
    path = table(tmp_path / 'a.csv', ['0.1', '0.2'])
    data = load_data(path, dtype='float32')
    assert first_column(data) == [Fraction(float(numpy.float32(0.1))), Fraction(float(numpy.float32(0.2)))]
    with pytest.raises(ValueError, match="exact='decimal' needs float64"):
        load_data(path, dtype='float32', exact='decimal')


@pytest.mark.parametrize('dtype', ['int64', 'uint64', object])
def test_whole_numbers_beyond_floats(dtype):
    column = numpy.array([2**62 + k for k in range(4)], dtype=dtype)
    assert first_column(load_data((column[:, None], [0, 1, 0, 1]))) == [2**62 + k for k in range(4)]
    # a table whose width is that of floats has nothing beside it
    assert not load_data((numpy.arange(8).reshape(4, 2), [0, 1, 0, 1])).exact.columns


def test_a_frame_keeps_exact_columns():
    pandas = pytest.importorskip('pandas')
    frame = pandas.DataFrame({'a': [Fraction(1, 3), Decimal('0.1')], 'b': [0.1, 0.2], 'c': [2**60 + 1, 5], 'y': [0, 1]})
    data = load_data(frame)
    assert data.exact.kinds == ('exact', 'binary', 'exact')
    assert data.exact.rows([0])[0].tolist() == [Fraction(1, 3), Fraction(0.1), 2**60 + 1]


def test_the_ways_of_the_data(tmp_path):
    rows = [[Fraction(1, 3), 0], [Fraction(2, 3), 1], [Fraction(5, 7), 0], [4, 1]]
    data = load_data(rows, weights=[1, 0, 2, 3])
    third = Fraction(1, 3)
    assert first_column(data.take([2, 0])) == [Fraction(5, 7), third]
    assert first_column(data.counted()) == [third, Fraction(5, 7), 4]
    assert first_column(load_data(data, variables='a')) == first_column(data) == first_column(data.without_features())
    assert first_column(load_data(([row[:1] for row in rows], [1, 0, 2, 3], [1, 2, 4, 3]))) == [
        third, Fraction(5, 7), 4, Fraction(2, 3), Fraction(5, 7)]
    again = pickle.loads(pickle.dumps(data))
    assert again == data and first_column(again) == first_column(data)
    assert load_data(rows) != load_data([[float(x), y] for x, y in rows])


def test_a_model_file_keeps_them(tmp_path):
    path = table(tmp_path / 'a.csv', ['0.1', '0.30000000000000000000000001', '0.2', '0.7'])
    for source in (path, [[Fraction(1, 3), 0], [2**60 + 1, 1], [5, 0], [10**20 + 1, 1]]):
        data = load_data(source)
        model = maximum_likelihood(data, l2=1)
        model.save(tmp_path / 'model.json')
        saved = load_model(tmp_path / 'model.json')
        assert saved == model and first_column(saved.data) == first_column(data)
        assert saved.data.exact.kinds == data.exact.kinds


def test_a_model_file_keeps_weights_and_offset(tmp_path):
    given = {'weights': [Fraction(1, 3), 2, 2**60 + 1, Decimal('0.1')], 'offset': [0.1, Fraction(1, 7), 0, 1]}
    model = maximum_likelihood(load_data([[1, 0], [2, 1], [3, 0], [4, 1]], **given))
    model.save(tmp_path / 'model.json')
    saved = load_model(tmp_path / 'model.json')
    assert saved == model
    assert saved.data.exact_weights.tolist() == [Fraction(1, 3), 2, 2**60 + 1, Fraction(1, 10)]
    assert saved.data.exact_offset.tolist() == [Fraction(0.1), Fraction(1, 7), 0, 1]


def test_a_model_file_keeps_constants(sage, tmp_path):
    rows = [[sage.sqrt(2), 0], [sage.pi, 1], [sage.QQ(1) / 3, 0], [sage.AA(3).sqrt(), 1]]
    model = maximum_likelihood(load_data(rows, weights=[1, sage.AA(2).sqrt(), 1, sage.sqrt(3)]), l2=sage.QQ(1) / 3)
    model.save(tmp_path / 'model.json')
    saved = load_model(tmp_path / 'model.json')
    assert saved == model and saved.options()['l2'].exact == Fraction(1, 3)
    assert saved.certified(20).statement() == model.certified(20).statement()


def test_a_model_file_keeps_roots_of_polynomials(sage, tmp_path):
    t = sage.QQ['t'].gen()
    root = sage.AA.polynomial_root(t**5 - t - 1, sage.RIF(1, 2))
    model = maximum_likelihood([[root, 0], [1, 1], [2, 0], [3, 1]])
    model.save(tmp_path / 'model.json')
    saved = load_model(tmp_path / 'model.json')
    assert saved == model and saved.data.exact.rows([0])[0, 0] == root


def test_features_of_exact_numbers(sage):
    x1, x2 = sage.SR.var('x1, x2')
    rows = [[Fraction(1, 3), 0.1, 0], [Fraction(2, 3), 0.2, 1], [3, 0.4, 1]]
    design = load_data(rows, features=[x1**2, x1 / (x1 + 1), x2**2, x1 * x2, sage.exp(x1), x1 - sage.QQ(1) / 3]).design
    exact, floats = design.exact, design.points[0].tolist()
    assert exact.kinds == ('exact', 'exact', 'feature', 'exact', 'feature', 'exact')
    first = exact.rows([0])[0].tolist()
    assert first == [Fraction(1, 9), Fraction(1, 4), Fraction(floats[2]), Fraction(1, 3) * Fraction(0.1), Fraction(floats[4]), 0]
    # the floats beside exact features are theirs, not those that training saw
    assert exact.points[0, 5] == 0


def test_features_of_decimals(sage, tmp_path):
    x1 = sage.SR.var('x1')
    data = load_data(table(tmp_path / 'a.csv', ['0.1', '0.2', '0.3']), features=[x1**2, x1**3])
    assert data.take([0, 2]).design.exact.rows([1])[0].tolist() == [Fraction(9, 100), Fraction(27, 1000)]


def test_features_of_whole_numbers_and_constants(sage):
    x1 = sage.SR.var('x1')
    data = load_data([[1, 0], [2, 1]], features=[x1 / 3, sage.sqrt(2) * x1])
    assert data.design.exact.kinds == ('exact', 'feature')
    assert data.design.exact.rows([0, 1])[:, 0].tolist() == [Fraction(1, 3), Fraction(2, 3)]
    data = load_data([[sage.sqrt(2), 0], [sage.pi, 1], [2, 0]], features=[x1, x1**2])
    assert data.design.exact.rows([0, 1, 2])[:, 1].tolist() == [Fraction(2), sage.pi**2, Fraction(4)]
    # of floats the values are floats
    assert load_data([[0.1, 0], [0.2, 1]], features=[x1**2]).design.exact.kinds == ('feature',)


def test_floats_in_expressions_are_floats(sage):
    data = load_data(sage.matrix(sage.SR, [[0.1, sage.sqrt(2), 0], [0.2, 1, 1]]))
    assert data.exact.kinds == ('binary', 'exact')
    assert load_data(data, exact='decimal').exact.rows([0])[0, 0] == Fraction(1, 10)
    assert load_data([[0.1 * sage.pi, 0], [1, 1]]).exact.kinds == ('binary',)


def test_numbers_beside_the_points_are_taken_alike():
    rows = [[1, 0], [2, 1], [3, 0]]
    data = load_data(rows, weights=[0.1, 1, Fraction(1, 3)], offset=[0.3, 0, 0], exact='decimal')
    assert data.exact_weights.tolist() == [Fraction(1, 10), 1, Fraction(1, 3)] and data.exact_offset[0] == Fraction(3, 10)
    data = load_data(rows, weights=[0.1, 1, Fraction(1, 3)], exact='binary')
    assert data.exact_weights.tolist() == [0.1, 1.0, 1 / 3]
    data = load_data(([[1], [2]], [0.1, 1], [0.3, 2]), exact='decimal')
    assert data.exact_weights.tolist() == [Fraction(1, 10), 1, Fraction(1, 5), 1]


@pytest.mark.parametrize('successes, trials', [([Fraction(1, 3), 1], [1.0, 2]), ([Decimal('0.1'), 1], [Fraction(1, 3), 2]),
                                               ([2**53, 1], [2.0**53, numpy.uint8(2)])])
def test_counts_of_mixed_kinds(successes, trials):
    data = load_data(([[0], [1]], successes, trials))
    expected = [*map(Fraction, successes), *(Fraction(float(t) if isinstance(t, float) else int(t) if isinstance(t, numpy.integer) else t)
                                             - Fraction(s) for s, t in zip(successes, trials))]
    assert list(map(Fraction, data.exact_weights)) == [x for x in expected if x]


def test_more_successes_than_trials_beyond_floats():
    with pytest.raises(ValueError, match=r'successes\[0\] = 9007199254740993 is more than the 9007199254740992 trials'):
        load_data(([[0], [1]], [2**53 + 1, 1], [2**53, 2]))


def test_float32_tells_when_it_merges_numbers():
    with pytest.warns(RuntimeWarning, match='the rows, column 1: float32 cannot tell some of the numbers apart'):
        load_data([[2**24 + k, k % 2] for k in range(5)], dtype='float32')


def test_a_feature_that_divides_by_an_exact_zero(sage):
    x1 = sage.SR.var('x1')
    data = load_data([[Fraction(1, 3), 0], [Fraction(2, 3), 1]], features=[1 / (x1 - sage.QQ(1) / 3 + sage.QQ(1) / 10**30)])
    assert data.design.exact.rows([0])[0, 0] == 10**30
    data = load_data([[Fraction(1, 49), 0], [2, 1]], features=[1 / (49 * x1 - 1)])
    with pytest.raises(ValueError, match='divides by zero at the exact numbers of the data'):
        data.design.exact


def test_labels_beyond_floats(tmp_path):
    data = load_data([[1, 2**60], [2, 2**60 + 1], [3, 2**60]])
    assert data.label_names == (2**60, 2**60 + 1) and data.labels.tolist() == [0, 1, 0]
    (tmp_path / 'a.csv').write_text(f'1,{2**60}\n2,{2**60 + 1}\n')
    assert load_data(tmp_path / 'a.csv').label_names == (2**60, 2**60 + 1)
    assert load_data([[1, 2**60], [2, 2**60 + 1], [3, 2**60 + 2], [4, 2**60]]).label_names == (2**60, 2**60 + 1, 2**60 + 2)


def test_training_tells_when_floats_merge_numbers():
    rows = [[2**60 + k, k % 3 == 0] for k in range(6)]
    rows = [[x, int(y)] for x, y in rows]
    with pytest.warns(RuntimeWarning, match='training takes floats, and x1 has numbers that are the same float, such as '
                                            f'{2**60} and {2**60 + 1}'):
        maximum_likelihood(rows, l2=1)


def test_rounded_whole_numbers_are_told_of_though_they_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(exact_numbers, 'MOST_KEPT', 3)
    path = table(tmp_path / 'a.csv', [2**53 + 2 * k + 1 for k in range(8)])
    with pytest.warns(RuntimeWarning, match='a.csv, line 1, column 1: 9007199254740992 is beyond 2\\^53, where floats'):
        assert load_data(path).exact.lost
