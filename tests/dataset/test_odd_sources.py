"""Containers of kinds that are seldom seen: read by their names and indexes, or refused in one sentence."""
import collections
import io
import types

import numpy
import pandas
import pytest

from sage_logreg.dataset.columns import read_columns
from sage_logreg.dataset.load import load_data


def refused(source, **options):
    with pytest.raises((TypeError, ValueError)) as caught:
        load_data(source, **options)
    assert type(caught.value) in (TypeError, ValueError) and '\n' not in str(caught.value)
    return str(caught.value)


def test_indexes_of_other_levels():
    pairs = pandas.MultiIndex.from_product([['u', 'v'], [1, 2]])
    points, labels = pandas.Series([1.5, 2, 4, 3]), pandas.Series([0, 1, 0, 1], index=pairs)
    for source in ((points, labels), (pandas.Series([1.5, 2, 4, 3], index=pairs), pandas.Series([0, 1, 0, 1]))):
        assert "the indexes of the points and of the labels differ" in refused(source)
    three = pandas.MultiIndex.from_product([['u', 'v'], [1, 2], ['z']])
    assert 'differ' in refused((labels.rename('x'), pandas.Series([0, 1, 0, 1], index=three)))
    # of the same levels they are matched
    assert load_data((pandas.Series([1.5, 2, 4, 3], index=pairs[::-1]), labels)).labels.tolist() == [1, 0, 1, 0]


def test_mappings():
    columns = {'a': [1, 2, 3], 'y': ['no', 'yes', 'no']}
    for source in (types.MappingProxyType(columns), collections.UserDict(columns), collections.ChainMap(columns)):
        assert load_data(source).variables == ('a',)


def test_rows_with_names():
    rows = [pandas.Series({'a': 1.0, 'y': 0.0}), pandas.Series({'y': 1.0, 'a': 2.0})]
    table = read_columns(rows)
    assert table.titles == ['a', 'y'] and [column.numbers.tolist() for column in table.columns] == [[1, 2], [0, 1]]
    assert read_columns([pandas.Series([1.0, 0.0]), pandas.Series([2.0, 1.0])]).titles is None


def test_frames_in_a_dictionary():
    frame = pandas.DataFrame({'x': [1.5, 2, 4], 'y': [0, 1, 0]})
    assert "'x' is" in refused({'x': frame[['x']], 'y': frame.y})
    polars = pytest.importorskip('polars')
    assert "'x' is" in refused({'x': polars.from_pandas(frame), 'y': frame.y})


def test_names_that_are_missing():
    frame = pandas.DataFrame([[1, 2, 0], [3, 4, 1]], columns=['a', None, 'y'])
    assert load_data(frame).variables == ('a', 'x2')
    frame.columns = pandas.MultiIndex.from_tuples([('a', 'p'), ('a', 'q'), ('y', '')])
    data = load_data(frame)
    assert data.variables == ('a_p', 'a_q') and data.label_name == 'y'
    frame.columns = ['a', 'nan', 'y']
    assert load_data(frame).variables == ('a', 'nan')


def test_what_is_no_table():
    assert refused(numpy.zeros((2, 2), dtype=[('a', 'f4'), ('y', 'f4')])) == 'the structured array has 2 dimensions; expected 1'
    assert 'is an open file; expected its path' in refused(io.StringIO('a,y\n1,0\n2,1\n'))


def test_types_that_arrow_does_not_know():
    polars = pytest.importorskip('polars')
    if not hasattr(polars, 'Int128'):
        pytest.skip('no such type')
    frame = polars.DataFrame({'a': polars.Series([1, 2, 2**70], dtype=polars.Int128), 'y': [0, 1, 0]})
    assert 'a: Int128' in refused(frame)
