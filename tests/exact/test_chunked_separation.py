"""
Existence on data in chunks: the same kind, rows and errors as of the same data in memory, and few passes
"""
import dataclasses
import pickle
from fractions import Fraction

import numpy
import pandas
import pytest

from sage_logreg import certified_maximum_likelihood, load_data
from sage_logreg.dataset.assembly import Asked, assembled, plan_of
from sage_logreg.dataset.in_chunks.chunked import ChunkedDataset
from sage_logreg.dataset.in_chunks.chunk import Chunk
from sage_logreg.dataset.source import read_source
from sage_logreg.exact import chunked_separation
from sage_logreg.exact.separation import (SeparationError, check_columns, check_enough_rows, check_overlap, dependent_columns, separation,
                                          separation_text)


@pytest.fixture(autouse=True)
def small_working_sets(monkeypatch):
    # so that most rows are judged by passes alone
    monkeypatch.setattr(chunked_separation, 'FIRST', 6)
    monkeypatch.setattr(chunked_separation, 'MOST_JOINING', 4)


@dataclasses.dataclass(frozen=True)
class Rows(Chunk):
    """Some rows of a table in memory."""
    table: object

    def source(self):
        source = read_source(self.table)
        source.table.name, source.table.rows = self.name, range(self.first, self.first + len(self.table))
        return source


def both(points, labels, sizes, **options):
    """The same data in chunks and in memory."""
    table = pandas.DataFrame({f'x{j + 1}': column for j, column in enumerate(numpy.asarray(points, dtype=float).T)})
    if options.get('weights') is not None:
        table['often'], options['weights'] = options['weights'], 'often'
    table['y'] = numpy.asarray(labels, dtype=int)
    asked = Asked(label='y', **options)
    plan, ends = plan_of(read_source(table), asked), numpy.cumsum((0, *sizes))
    whole = assembled(read_source(table), plan)
    chunks = [Rows('the table', int(first), table.iloc[first:last]) for first, last in zip(ends[:-1], ends[1:])]
    return ChunkedDataset(chunks, plan.of_parts(whole)), whole


def cut(random, count, most=5):
    ends = numpy.sort(random.choice(numpy.arange(1, count), min(most, count - 1) - 1, replace=False))
    return tuple(numpy.diff([0, *ends.tolist(), count]).tolist())


def answered(data):
    try:
        return separation(data)
    except ValueError as error:
        return str(error)


def table(random, classes=2):
    """Whole numbers, with ties; some are separated, some nearly so, some have dependent columns."""
    count, width = int(random.integers(6, 25)), int(random.integers(1, 4))
    points = random.integers(-3, 4, (count, width))
    if width > 1 and random.random() < 0.2:
        points[:, -1] = points[:, 0]
    scores = points @ random.integers(-2, 3, (width, classes)) + random.integers(-2, 3, classes)
    labels = (scores + 0.4 * random.random((count, classes))).argmax(axis=1)
    for row in random.choice(count, int(random.integers(0, 3)), replace=False):
        labels[row] = random.integers(0, classes)
    # the first rows have all classes
    labels[random.choice(count, classes, replace=False)] = range(classes)
    return points, labels, cut(random, count)


@pytest.mark.parametrize('classes, count', [(2, 140), (3, 40), (4, 20)])
def test_is_the_answer_in_memory(sage, classes, count):
    random, kinds = numpy.random.default_rng(classes), set()
    for _ in range(count):
        points, labels, sizes = table(random, classes)
        intercept, weights = bool(random.random() < 0.7), None
        if classes == 2 and random.random() < 0.3:
            weights = random.integers(0, 3, len(labels))
            weights[[numpy.argmax(labels == 0), numpy.argmax(labels == 1)]] = 1
        chunked, whole = both(points, labels, sizes, intercept=intercept, weights=weights)
        answer, one = answered(chunked), answered(whole)
        if isinstance(one, str):
            assert answer == one
            kinds.add('error')
            continue
        assert (answer.kind(), answer.rows()) == (one.kind(), one.rows()) and answer.check()
        assert answer._number_of_points() == one._number_of_points()
        if classes > 2:
            assert answer.pairs() == one.pairs() and (answer.apart() == one.apart() or one.kind() == 'complete')
        kinds.add(one.kind())
    assert kinds == {'overlap', 'complete', 'quasi-complete', 'error'}


def normal(count, width, seed=0):
    random = numpy.random.default_rng(seed)
    return random.normal(size=(count, width)), random


@pytest.fixture
def usual_working_sets(monkeypatch):
    monkeypatch.undo()


def test_separated_but_for_one_row_in_the_last_chunk(sage, usual_working_sets):
    points, _ = normal(20000, 4)
    labels = points @ [1, 2, -1, 0.5] > 0.25
    chunked, whole = both(points, labels, (4000,) * 5)
    answer = separation(chunked)
    assert answer.kind() == separation(whole).kind() == 'complete' and answer.check() and answer.passes <= 10
    labels[numpy.argmax(points @ [1, 2, -1, 0.5] * (numpy.arange(20000) > 19000))] = False
    answer = separation(both(points, labels, (4000,) * 5)[0])
    assert answer.kind() == 'overlap' and answer.passes <= 10 and answer.check()


def test_quasi_complete_by_a_rare_level(sage, usual_working_sets):
    points, random = normal(20000, 3)
    points[:, 1] = 0
    points[[7, 15001, 15007], 1] = 1
    labels = random.random(20000) < 0.5
    labels[[7, 15001, 15007]] = True
    answer = separation(both(points, labels, (3000, 17000))[0])
    assert repr(answer) == 'quasi-complete separation of 20000 points: w_x2 goes to +Infinity along (x2: 1)'
    assert answer.passes <= 4 and sorted({*range(20000)} - {*answer.rows()}) == [7, 15001, 15007] and answer.check()
    labels[15007] = False
    assert separation(both(points, labels, (3000, 17000))[0]).exists()


def test_many_rows_on_the_boundary(sage, usual_working_sets):
    random = numpy.random.default_rng(3)
    points = random.integers(-15, 16, (20000, 3))
    sums = points @ [1, 2, -1]
    chunked, _ = both(points, (sums > 0) | (sums == 0) & (points[:, 0] > 0), (5000,) * 4)
    answer = separation(chunked)
    assert answer.kind() == 'complete' and answer.check() and answer.passes <= 10
    chunked, whole = both(points, (sums > 0) | (sums == 0) & (random.random(20000) < 0.5), (5000,) * 4)
    answer = separation(chunked)
    assert answer.kind() == 'quasi-complete' and list(map(int, answer.vector())) == [0, -1, -2, 1] or answer.vector() == separation(whole).vector()
    assert answer.rows() == numpy.flatnonzero(sums == 0).tolist() and answer.passes <= 10 and answer.check()


@pytest.mark.parametrize('shift, kind', [(1e-12, 'complete'), (0, 'quasi-complete'), (-1e-12, 'overlap')])
def test_a_gap_of_a_trillionth(sage, usual_working_sets, shift, kind):
    points = numpy.linspace(0, 1, 4001)[:, None]
    labels = points[:, 0] > 0.5
    points[2001:, 0] -= points[2001, 0] - 0.5 - shift
    chunked, whole = both(points, labels, (1000, 1000, 2001))
    answer = separation(chunked)
    assert answer.kind() == separation(whole).kind() == kind and answer.check()


def test_decimals_of_text_in_other_chunks(sage, usual_working_sets):
    # as floats these are separated or overlap by rounding: x + y is 1 as written
    points = numpy.array([[k / 10, 1 - k / 10] for k in range(1, 10)]).round(1)
    chunked, whole = both([*points, [0.0, 0.1], [1.0, 0.9]], [k % 2 for k in range(9)] + [0, 1], (4, 4, 3), exact='decimal')
    answer = separation(chunked)
    assert answer.kind() == separation(whole).kind() == 'quasi-complete' and answer.rows() == list(range(9)) and answer.check()
    chunked, whole = both([*points, [0.0, 0.1], [1.0, 0.9]], [k % 2 for k in range(9)] + [0, 1], (4, 4, 3))
    assert separation(chunked).kind() == separation(whole).kind() == 'overlap'


def test_features_and_their_exact_numbers(sage, usual_working_sets):
    from sage.symbolic.ring import SR
    x1 = SR.var('x1')
    points, labels = numpy.arange(-10, 11)[:, None], abs(numpy.arange(-10, 11)) > 4
    for features in ([x1, x1**2], [x1**2]):
        chunked, whole = both(points, labels, (8, 8, 5), features=features)
        answer = separation(chunked)
        assert answer.kind() == separation(whole).kind() == 'complete' and answer.weight_names() == separation(whole).weight_names()
        assert answer.check()


def test_errors_are_those_in_memory(sage):
    points, random = normal(60, 2)
    labels = numpy.arange(60) % 2
    for third in (2 * points[:, 0], numpy.full(60, 3.0), points[:, 1], (points[:, 0] > 0) * 0.0):
        wrong = numpy.column_stack([points, third])
        for intercept in (True, False):
            chunked, whole = both(wrong, labels, (20, 40), intercept=intercept)
            for function in (check_columns, separation, check_overlap, dependent_columns):
                assert outcome_of(function, chunked) == outcome_of(function, whole)
    chunked, whole = both(points[:2], labels[:2], (1, 1))
    for function in (check_columns, separation, check_enough_rows):
        assert outcome_of(function, chunked) == outcome_of(function, whole)
        assert 'are more than the 2 rows' in outcome_of(function, chunked)
    weights = numpy.zeros(60)
    weights[[0, 31]] = 1
    chunked, whole = both(points, labels, (20, 40), weights=weights)
    assert outcome_of(check_enough_rows, chunked) == outcome_of(check_enough_rows, whole.counted())


def outcome_of(function, data):
    try:
        value = function(data)
    except ValueError as error:
        return f'{type(error).__name__}: {error}'
    return repr(value) if value is None or function is dependent_columns else value.kind()


def test_a_row_that_only_one_chunk_has_makes_columns_independent(sage):
    points, random = normal(60, 2)
    points = numpy.column_stack([points, points[:, 0]])
    points[53, 2] += 1e-9
    chunked, whole = both(points, random.random(60) < 0.5, (20, 20, 20))
    check_columns(chunked)
    assert dependent_columns(chunked) is None
    answer = separation(chunked)
    assert (answer.kind(), answer.rows()) == (separation(whole).kind(), separation(whole).rows())


def test_the_error_of_an_estimate_has_the_answer(sage):
    chunked, whole = both(numpy.arange(12)[:, None], numpy.arange(12) > 5, (5, 7))
    with pytest.raises(SeparationError) as error:
        check_overlap(chunked)
    with pytest.raises(SeparationError) as expected:
        check_overlap(whole)
    assert str(error.value) == str(expected.value)
    again = pickle.loads(pickle.dumps(error.value))
    assert again.separation.check() and repr(again.separation) == repr(error.value.separation)


def test_rows_are_named_by_number_and_place(sage):
    points = [0, 1, 2, 3, 3, 4, 5, 6]
    chunked, whole = both(numpy.array(points)[:, None], [0, 0, 0, 0, 1, 1, 1, 1], (2, 2, 4))
    answer = separation(chunked)
    assert answer.rows() == separation(whole).rows() == [3, 4]
    assert [answer.place(row) for row in answer.rows()] == ['the table, row 4', 'the table, row 5']
    with pytest.raises(ValueError, match='row = 8'):
        answer.place(8)


def test_multipliers_name_rows_of_the_data(sage):
    points, labels = [5, 1, 2, 3, 4, 2, 7], [1, 0, 1, 0, 1, 0, 0]
    answer = separation(both(numpy.array(points)[:, None], labels, (3, 2, 2))[0])
    multipliers = {row: Fraction(int(m.numerator()), int(m.denominator())) for row, m in answer.multipliers().items()}
    for power in (0, 1):
        assert sum(m * (2 * labels[row] - 1) * points[row]**power for row, m in multipliers.items()) == 0
    assert answer.vector() is None and set(answer.directions().values()) == {0}


def test_a_wrong_certificate_is_refused(sage):
    points, labels = numpy.array([0, 1, 2, 3, 4, 4, 5, 6.0])[:, None], [0, 0, 0, 0, 0, 1, 1, 1]
    chunked = both(points, labels, (3, 5))[0]
    answer = separation(chunked)
    assert answer.check()
    answer._vector = [Fraction(-9, 2), Fraction(1)]
    assert not answer.check()
    # other data than were decided
    for row in (0, 4, 5):
        other = points.copy()
        other[row] += 0.5 - 5 * (row == 5)
        answer = separation(chunked)
        answer.data = both(other, labels, (3, 5))[0]
        assert answer.check() == (row == 0)
    answer = separation(chunked)
    answer.data = both(points, [0, 0, 0, 1, 0, 1, 1, 1], (3, 5))[0]
    assert not answer.check()


def test_descents_are_told_of_separation(sage, monkeypatch):
    chunked, whole = both(numpy.arange(12)[:, None], numpy.arange(12) > 5, (5, 7))
    assert separation_text(chunked, None) == separation_text(whole, None) == 'complete separation of the classes'
    monkeypatch.setattr('sage_logreg.exact.separation.DECIDED', 0)
    for weights in ([-11, 2], [-11.0, 2.2]):
        assert separation_text(chunked, numpy.array(weights, dtype=float)) == separation_text(whole, numpy.array(weights, dtype=float))
    assert separation_text(chunked, numpy.array([-11.0, 2.0])) == 'complete separation of the classes'
    assert separation_text(chunked, numpy.array([-10.0, 2.0])) is None


def test_parquet_files_name_their_rows(sage, tmp_path):
    for k, (x, y) in enumerate([([0, 9, 1], [0, 1, 0]), ([2, 3, 8, 7], [0, 0, 1, 1]), ([3, 5], [1, 1])]):
        pandas.DataFrame({'x': x, 'y': y}).to_parquet(tmp_path / f'{k}.parquet')
    answer = separation(load_data(str(tmp_path / '*.parquet')))
    assert answer.kind() == 'quasi-complete' and answer.rows() == [4, 7] and answer.check()
    assert [answer.place(row).rpartition('/')[2] for row in answer.rows()] == ['1.parquet, row 2', '2.parquet, row 1']


def test_dask_arrays(sage):
    dask = pytest.importorskip('dask.array')
    points, labels = numpy.array([[0, 5, 2, 3, 3, 4, 1, 6]]).T, numpy.array([0, 1, 0, 0, 1, 1, 0, 1])
    answer = separation((dask.from_array(points, chunks=(3, 1)), dask.from_array(labels, chunks=3)))
    assert answer.kind() == 'quasi-complete' and answer.rows() == [3, 4] and answer.check()
    assert answer.place(4) == 'the array, row 5'


def test_proved_digits_are_refused_in_one_sentence():
    data, _ = both([[1], [2], [3], [4]], [0, 1, 0, 1], [2, 2])
    with pytest.raises(ValueError, match=r'the data are in 2 chunks, and proved digits are of rows in memory; expected data.in_memory\(\)'):
        certified_maximum_likelihood(data)
