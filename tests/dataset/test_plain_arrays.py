"""
Arrays of numbers, whose columns are made only when they are asked for: the data are those of the same rows in a list.
"""
import pickle
import tracemalloc
import warnings

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.dataset.columns import read_columns
from sage_logreg.dataset.design import over_rows
from sage_logreg.dataset.points import load_data_like
from sage_logreg.dataset.table import Column, NumberTable

NUMBERS = {'float64': [0.5, -3.0, 1e300, 0.1], 'float32': [0.5, -3.0, 1.0, 0.25], 'int64': [0, 1, -7, 2**53 - 1], 'uint8': [0, 1, 255, 3],
           'bool': [False, True, True, False]}


def loaded(source, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        data = load_data(source, **options)
    return data, [str(warning.message).partition(', ')[2] for warning in caught]


@pytest.mark.parametrize('dtype', NUMBERS)
@pytest.mark.parametrize('options', [{}, {'variables': 'a, b, c'}, {'categorical': [0]}, {'categorical': [1], 'variables': 'a, b, c'},
                                     {'exact': 'decimal'}, {'missing': 'drop'}, {'offset': range(6), 'intercept': False}])
def test_an_array_is_its_rows(dtype, options):
    points = numpy.random.RandomState(0).choice(NUMBERS[dtype], size=(6, 3)).astype(dtype)
    points[:2] = [[points[0, 0]] * 3, [NUMBERS[dtype][1]] * 3]
    labels = [0, 1, 1, 0, 1, 0]
    array, rows = load_data((points, labels), **options), load_data((points.tolist(), labels), **options)
    assert array == rows and array.coding == rows.coding and array.exact.kinds == rows.exact.kinds
    assert pickle.loads(pickle.dumps(array)) == array


@pytest.mark.parametrize('label', [None, 0, 1, -1])
def test_labels_among_the_columns(label):
    table = numpy.array([[0, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 1]], dtype=float)
    assert load_data(table, label=label) == load_data(table.tolist(), label=label)


@pytest.mark.parametrize('wrong, row, column', [(numpy.inf, 2, 1), (-numpy.inf, 0, 0), (numpy.nan, 1, 1)])
def test_what_is_wrong_is_named_by_its_place(wrong, row, column):
    points = numpy.arange(6.0).reshape(3, 2)
    points[row, column] = wrong
    with pytest.raises(ValueError, match=f'the array, row {row + 1}, column {column + 1}: '):
        load_data((points, [0, 1, 1]))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True), st.sampled_from([0, 1]), st.sampled_from([float, int]))
@settings(max_examples=20, deadline=None)
def test_columns_that_count_the_rows_are_told_of(places, first, kind):
    points = numpy.random.RandomState(1).randint(0, 3, size=(25, 5)).astype(kind)
    # from first to last as a count, and yet none
    points[0], points[-1] = first, first + 24
    points[:, places] = numpy.arange(first, first + 25)[:, None]
    labels = [0, 1] * 12 + [0]
    array, told = loaded((points, labels))
    rows, expected = loaded((points.tolist(), labels))
    assert array == rows and told == expected and len(told) == len(places)


def test_long_whole_numbers_are_kept():
    points = numpy.array([[2**53 + 1, 1], [5, 2]])
    data = load_data((points, [0, 1]))
    assert data.exact.rows([0]).tolist() == [[2**53 + 1, 1]] and data.exact.columns.keys() == {0}


def test_columns_that_are_asked_for_are_the_tables():
    table = read_columns(numpy.arange(6).reshape(3, 2))
    assert table.is_plain and (len(table), table.width, table.column(1).kind) == (3, 2, 'exact')
    some = table.take([2, 0])
    assert some.is_plain and some.block.tolist() == [[4, 5], [0, 1]] and some.place(0) == 'the array, row 3'
    table.columns[0].title = 'dose'
    assert not table.is_plain and table.titles == ['dose', None] and table.column(0) is table.columns[0]
    assert table.take([1]).columns[1].numbers.tolist() == [3]


def test_predictions_at_an_array_and_at_its_rows():
    random = numpy.random.RandomState(2)
    points, labels = random.normal(size=(60, 3)), random.randint(0, 2, 60)
    model = maximum_likelihood((points, labels), l2=1)
    assert model.accuracy((points, labels)) == model.accuracy((points.tolist(), labels.tolist()))
    assert numpy.array_equal(model.predict(points[:7]), model.predict(points[:7].tolist()))
    with pytest.raises(ValueError, match='the points have 2 columns; expected 3'):
        model.predict(points[:, :2])


@given(st.integers(1, 6000), st.integers(0, 600), st.sampled_from(['float64', 'float32']))
@settings(max_examples=25, deadline=None)
def test_reductions_over_rows_of_any_length(rows, columns, dtype):
    points = numpy.random.RandomState(rows).normal(size=(rows, columns)).astype(dtype)
    for ufunc in (numpy.minimum, numpy.maximum):
        assert numpy.array_equal(over_rows(ufunc, points), ufunc.reduce(points, axis=0))
    numpy.testing.assert_allclose(over_rows(numpy.add, points, numpy.float64), points.sum(axis=0, dtype=float), rtol=1e-9, atol=1e-9)
    turned = numpy.asfortranarray(points)
    assert numpy.array_equal(over_rows(numpy.minimum, turned), points.min(axis=0))


def test_columns_of_many_variables_are_not_made():
    points = numpy.random.RandomState(3).normal(size=(30, 500))
    model = maximum_likelihood((points, [0, 1] * 15), l2=1)
    assert 'columns' not in vars(model.data.coding)
    # until somebody asks
    assert [column.variable for column in model.data.coding.columns] == [f'x{j}' for j in range(1, 501)] == list(model.data.variables)

@pytest.mark.parametrize('options', [{'categorical': [0]}, {'formula': 'y ~ x1'}, {'categorical': 1, 'reference': {1: 4.0}}])
def test_rows_are_dropped_though_the_columns_were_asked_for(options):
    points = numpy.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [1.0, 2.0], [3.0, 4.0]])
    labels = ['no', None, 'yes', 'no', 'yes']
    data = load_data((points, labels), missing='drop', **options)
    assert data == load_data((points.tolist(), labels), missing='drop', **options) and data.row_numbers.tolist() == [0, 2, 3, 4]


@pytest.mark.parametrize('label', [0, -1, 2])
def test_columns_are_not_made_for_a_label_by_its_position(label, monkeypatch):
    made = []
    monkeypatch.setattr(NumberTable, 'columns', property(lambda table: made.append(table) or [
        Column(None, numbers, table.kind) for numbers in table.block.T]))
    monkeypatch.setattr(NumberTable, 'is_plain', True)
    table = numpy.random.RandomState(0).randint(0, 2, size=(12, 5)).astype(float)
    data = load_data(table, label=label)
    assert not made and data == load_data(table.tolist(), label=label)
    assert load_data_like(table, load_data(table)) == load_data(table) and not made


@pytest.mark.parametrize('dtype', ['int64', 'uint64', 'int8'])
@pytest.mark.parametrize('extreme', ['min', 'max'])
def test_extreme_whole_numbers_are_exact(dtype, extreme):
    number = getattr(numpy.iinfo(dtype), extreme)
    data = load_data((numpy.array([[number, 1], [5, 2]], dtype=dtype), [0, 1]))
    assert data.exact.rows([0]).tolist() == [[int(number), 1]]


def test_whole_numbers_need_one_table_only():
    numbers = numpy.ones((50000, 20), dtype='int64')
    tracemalloc.start()
    table = read_columns(numbers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert table.is_plain and peak < 1.2 * table.block.nbytes
