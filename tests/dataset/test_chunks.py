r"""
Data in chunks: the same as the same table in memory, whatever the chunks are made of
"""
import gzip
import itertools
import pathlib
import pickle

import numpy
import pandas
import pytest

from sage_logreg import load_data
from sage_logreg.dataset.in_chunks import chunked, parquet_chunks, sources, specimen
from sage_logreg.dataset.in_chunks.text_parts import text_chunks

sage = pytest.importorskip('sage.all')

ROWS = 600
AGE, COST = sage.SR.var('age, cost')


@pytest.fixture(scope='module')
def frame():
    rng = numpy.random.default_rng(0)
    frame = pandas.DataFrame({'age': rng.normal(40, 9, ROWS).round(3), 'sex': rng.choice(['m', 'f'], ROWS), 'ward': rng.integers(1, 5, ROWS),
                              'cost': rng.exponential(size=ROWS), 'dose': rng.integers(0, 9, ROWS) / 4, 'ill': rng.choice(['no', 'yes'], ROWS)})
    # a level and a label that only the last chunk has
    frame.loc[ROWS - 2, 'sex'] = 'd'
    return frame


@pytest.fixture(scope='module', params=['parquet', 'csv', 'csv.gz', 'feather'])
def folder(request, frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp('rows')
    write_parts(frame, folder, request.param)
    return folder


def write_parts(frame, folder, ending, parts=4):
    # one of the parts has its columns in another order
    for k, rows in enumerate(numpy.array_split(numpy.arange(len(frame)), parts)):
        part = frame.iloc[rows]
        part = part[part.columns[::-1]] if k == 2 else part
        path = folder / f'part-{k + 8}.{ending}'
        if ending == 'parquet':
            part.to_parquet(path, row_group_size=70)
        elif ending == 'feather':
            part.reset_index(drop=True).to_feather(path)
        else:
            part.to_csv(path, index=False)


def alike(data, expected):
    # the rows in memory, and what is said of them; of a text floats stand for decimals
    assert data.is_chunked and not expected.is_chunked
    assert repr(data).startswith(repr(expected) + ', in ')
    rows = data.in_memory()
    assert load_data(rows, exact='binary') == load_data(expected, exact='binary')
    assert rows.coding == expected.coding and rows.formula == expected.formula and rows.dropped == expected.dropped
    for one, other in ((rows.row_numbers, expected.row_numbers),):
        assert (one is None) == (other is None) and (one is None or numpy.array_equal(one, other))
    assert data.design.width == expected.design.width and data.design.count == expected.design.count
    assert numpy.array_equal(data.totals.low, expected.design.points.min(axis=0))


ASKED = [{}, {'label': 'sex'}, {'variables': 'dose, age'}, {'categorical': ['ward'], 'reference': {'ward': 3, 'sex': 'm'}},
         {'positive': 'no', 'intercept': False}, {'weights': 'dose', 'offset': 'cost'}, {'dtype': 'float32', 'exact': 'binary'},
         {'formula': 'ill ~ age*sex + C(ward) + log(cost)'}, {'formula': 'sex ~ age - 1'},
         {'variables': ['age', 'cost'], 'features': [AGE, AGE**2 / COST]}]


@pytest.mark.parametrize('asked', ASKED, ids=str)
def test_folders_are_like_the_table_in_memory(folder, frame, asked):
    alike(load_data(folder, **asked), load_data(frame, **asked))


def test_patterns_of_names(frame, tmp_path):
    write_parts(frame, tmp_path, 'parquet')
    write_parts(frame, tmp_path, 'csv')
    (tmp_path / '_SUCCESS').touch()
    (tmp_path / '.hidden.csv').write_text('nothing')
    for pattern in ('*.parquet', '*.csv', 'part-*.csv'):
        alike(load_data(str(tmp_path / pattern)), load_data(frame))
    # part-8, part-9, part-10, part-11
    assert [chunk.name[-10:] for chunk in load_data(tmp_path / '*.csv').chunks] == ['part-8.csv', 'part-9.csv', 'art-10.csv', 'art-11.csv']
    alike(load_data(tmp_path / 'part-8.c*'), load_data(tmp_path / 'part-8.csv'))


def test_a_folder_that_holds_no_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path = pathlib.Path('rows')
    tmp_path.mkdir()

    def said(source):
        with pytest.raises((ValueError, OSError)) as caught:
            load_data(source)
        return str(caught.value)
    assert said(tmp_path) == 'rows is a directory without files; expected a file, or Parquet files or text tables in it'
    (tmp_path / '_SUCCESS').touch()
    assert said(tmp_path) == 'rows is a directory without files; expected a file, or Parquet files or text tables in it'
    (tmp_path / 'year=2020').mkdir()
    assert said(tmp_path) == ("rows is a directory of directories; expected a file, or a pattern of the names of files, such as "
                              "'rows/*/*.parquet'")
    assert said(tmp_path / '*.csv') == 'rows/*.csv: there is no such file; expected a pattern of the names of some files'
    (tmp_path / 'a.csv').write_text('x,y\n')
    assert said(tmp_path) == 'rows: there are no rows; expected at least two'
    pandas.DataFrame({'x': [1.0], 'y': [0]}).to_parquet(tmp_path / 'b.parquet')
    assert said(tmp_path) == ("rows has files of different kinds (.csv, .parquet); expected one kind, as the pattern '*.parquet' would "
                              "choose")


# What is wrong in a file

GOOD = 'x,sex,y\n' + '1,m,0\n2,f,1\n' * 20


@pytest.mark.parametrize('wrong, message', [
    ('x,sex,y\n1,m,0\ntwo,m,1\n', "b.csv, line 3, column 1: 'two' is not a number; expected a number, as in the rest of column x, or the "
                                  'column in categorical='),
    ('x,sex,y\none,m,0\ntwo,m,1\n', "b.csv, line 2, column 1: 'one' is not a number; expected a number, as in the rest of column x, or the "
                                    'column in categorical='),
    ('x,sex,y\n1,m,0\n,m,1\n', "b.csv, line 3, column 1: the value is missing (in this chunk: 1 in x); expected none, or missing='drop', "
                               'which drops the 1 row that has any'),
    ('x,sex,y\n1,m,0\n1e999,m,1\n', 'b.csv, line 3, column 1: inf is not a finite number'),
    # as where the table is one: m is the first text among numbers
    ('x,sex,y\n1,7,0\n2,m,1\n', "a.csv, line 2, column 2: 'm' is not a number; expected a number, as in the rest of column sex, or the "
                                'column in categorical='),
    ('x,sex,y\n1,m,0\n2,m\n', 'b.csv, line 3 has 2 columns; expected 3 as in the lines before'),
    ('x,gender,y\n1,m,0\n', 'b.csv has the columns x, gender, y; expected x, sex, y, in any order, as in the files before it'),
    ('x,y\n1,0\n', 'b.csv has 2 columns; expected 3, as in the files before it'),
    ('1,m,0\n2,m,1\n', 'b.csv has the columns 1, m, 0; expected x, sex, y, in any order, as in the files before it'),
    ('x,sex,y\n1,m,0\n3,m,2.5\n', 'b.csv, line 3: the label 2.5 is a fraction; expected classes')])
def test_the_file_and_the_line_of_what_is_wrong(tmp_path, wrong, message):
    for name, text in (('a', GOOD), ('b', wrong), ('c', wrong)):
        (tmp_path / f'{name}.csv').write_text(text)
    with pytest.raises(ValueError) as caught:
        load_data(tmp_path)
    assert str(caught.value).replace(f'{tmp_path}/', '') == message


@pytest.mark.parametrize('name, value, message', [
    ('x', numpy.nan, "b.parquet, row 8, column 1: the value is missing (in this chunk: 1 in x); expected none, or missing='drop', which "
                     'drops the 1 row that has any'),
    ('x', numpy.inf, 'b.parquet, row 8, column 1: inf is not a finite number'),
    ('w', -1.0, 'b.parquet, row 8, column 2: weights = -1.0; expected a real number from 0'),
    ('w', numpy.inf, 'b.parquet, row 8, column 2: weights = inf; expected a real number from 0')])
def test_the_row_of_what_is_wrong(tmp_path, name, value, message):
    frame = pandas.DataFrame({'x': numpy.arange(20) % 7.0, 'w': numpy.ones(20), 'y': [0, 1] * 10})
    frame.to_parquet(tmp_path / 'a.parquet')
    frame.loc[7, name] = value
    for later in 'bc':
        frame.to_parquet(tmp_path / f'{later}.parquet', row_group_size=5)
    with pytest.raises(ValueError) as caught:
        load_data(tmp_path, weights='w')
    assert str(caught.value).replace(f'{tmp_path}/', '') == message


def test_a_file_that_is_none(tmp_path):
    pandas.DataFrame({'x': [1.0, 2.0], 'y': [0, 1]}).to_parquet(tmp_path / 'a.parquet')
    (tmp_path / 'b.parquet').write_text('x,y\n1,0\n')
    with pytest.raises(ValueError, match='b.parquet cannot be read .*; expected a Parquet file'):
        load_data(tmp_path)


def test_missing_rows_are_dropped(frame, tmp_path):
    frame = frame.copy()
    frame.loc[[3, 200, 599], 'age'] = numpy.nan
    frame.loc[[4, 200], 'ill'] = None
    # its only row: the level is none of the data in memory either
    frame.loc[ROWS - 2, 'age'] = numpy.nan
    write_parts(frame, tmp_path, 'parquet')
    data = load_data(tmp_path, missing='drop')
    alike(data, load_data(frame, missing='drop'))
    assert data.dropped == 5 and 'd' not in data.coding['sex'].levels


@pytest.mark.parametrize('labels, message', [
    ([3] * 12, 'every label is 3; expected at least two different labels'),
    ([1, 2, 2.5] * 4, 'the label 2.5 is a fraction; expected classes'),
    ([1, 2, 7] * 4, "the label 7 is a third one after 1 and 2, and they are not numbered one after the other; if these are classes say so, as "
                    "label='y', or the name of another column as label=")])
def test_labels_that_are_none(tmp_path, labels, message):
    frame = pandas.DataFrame({'x': numpy.arange(12) % 5.0, 'y': labels})
    frame.iloc[:2].to_parquet(tmp_path / 'a.parquet')
    frame.iloc[2:].to_parquet(tmp_path / 'b.parquet')
    with pytest.raises(ValueError) as caught:
        load_data(tmp_path)
    assert str(caught.value).endswith(message)


def test_too_many_levels_and_labels(tmp_path, monkeypatch):
    monkeypatch.setattr(specimen, 'MOST_LEVELS', 50)
    monkeypatch.setattr(specimen, 'MOST_LABELS', 50)
    frame = pandas.DataFrame({'id': [f'n{k}' for k in range(60)], 'x': numpy.arange(60) % 7.0, 'y': [0, 1] * 30, 'z': range(60)})
    frame[['id', 'x', 'y']].to_parquet(tmp_path / 'a.parquet', row_group_size=30)
    with pytest.raises(ValueError) as caught:
        load_data(tmp_path)
    assert str(caught.value).partition('column ')[2] == ("1 (id): more than 50 different values, such as 'n0' and 'n1'; leave the column out, "
                                                         'by variables=[...]')
    frame[['x', 'y', 'z']].to_parquet(tmp_path / 'a.parquet', row_group_size=30)
    with pytest.raises(ValueError, match='there are more than 50 different labels, such as 0 and 1; expected classes, or the name of another'):
        load_data(tmp_path)


def test_weights_of_a_class_that_are_all_zero(tmp_path):
    frame = pandas.DataFrame({'x': numpy.arange(40) % 7.0, 'w': [1.0, 0.0] * 20, 'y': [0, 1] * 20})
    write_parts(frame, tmp_path, 'parquet')
    message = 'weights: all points with y = 1 have the weight 0; expected some of each label to count'
    for asked in ({'weights': 'w'}, {'variables': 'x', 'weights': frame['w']}):
        with pytest.raises(ValueError, match=message):
            load_data(tmp_path, label='y', **asked)
    with pytest.raises(ValueError, match=message):
        load_data(load_data(tmp_path, variables='x'), weights=frame['w'].to_numpy())


def test_a_first_column_that_counts_the_rows_is_left_out(frame, tmp_path):
    frame = frame.assign(index=range(ROWS))[['index', *frame.columns]]
    write_parts(frame, tmp_path, 'csv')
    with pytest.warns(RuntimeWarning, match="part-8.csv: the first column \\('index'\\) numbers or names the rows and is left out"):
        data = load_data(tmp_path)
    with pytest.warns(RuntimeWarning):
        alike(data, load_data(frame))


# Text in parts

@pytest.mark.parametrize('size', [1, 50, 1000])
def test_a_text_is_divided_at_ends_of_rows(tmp_path, size):
    path = tmp_path / 'a.csv'
    path.write_text('# two\nage,sex,y\n' + ''.join(f'{k}.5,"{"fe" * (k % 2)}\nmale",{k % 3 % 2}\n' for k in range(90)))
    whole = load_data(path)
    chunks = text_chunks(str(path), None, None, None, size=size)
    assert len(chunks) == {1: 90, 50: 23, 1000: 2}[size]
    tables = [chunk.source().table for chunk in chunks]
    assert list(itertools.chain(*(table.lines for table in tables))) == list(range(3, 183, 2))
    assert numpy.array_equal(numpy.concatenate([table.columns[0].numbers for table in tables]), whole.points[:, 0])


def test_quotes_that_are_never_closed(tmp_path, monkeypatch):
    path = tmp_path / 'a.csv'
    path.write_text('x,y\n' + '1,0\n2,1\n' * 100 + '3,"0\n' + '1,0\n' * 40000)
    with pytest.raises(ValueError, match='a.csv, line .* and after: quotes that are not closed for 300 bytes; expected a text table that can '):
        text_chunks(str(path), None, None, None, size=300)


@pytest.fixture
def little_memory(monkeypatch):
    # a chunk is a kilobyte, as large as the memory
    for module in (sources, chunked):
        monkeypatch.setattr(module, 'memory', lambda: 1 << 10)
    for module in (sources, parquet_chunks):
        monkeypatch.setattr(module, 'CHUNK', 1 << 10)
    monkeypatch.setattr(sources.text_chunks, '__defaults__', (None, 1 << 10))


@pytest.mark.parametrize('ending', ['parquet', 'csv'])
def test_a_file_larger_than_half_of_the_memory(frame, tmp_path, monkeypatch, little_memory, ending):
    path = tmp_path / f'a.{ending}'
    frame.to_parquet(path, row_group_size=250) if ending == 'parquet' else frame.to_csv(path, index=False)
    data = load_data(path)
    assert len(data.chunks) > 10
    with pytest.raises(MemoryError, match='the data are 600 rows x 6 variables, 0.0 GB, more than half of the memory .0.0 GB.; expected data.sa'):
        data.in_memory()
    monkeypatch.undo()
    alike(data, load_data(path))


def test_a_frame_larger_than_half_of_the_memory(frame, monkeypatch, little_memory):
    import pyarrow
    of_pandas, of_arrow = load_data(frame), load_data(pyarrow.table(frame))
    monkeypatch.undo()
    alike(of_pandas, load_data(frame))
    alike(of_arrow, load_data(frame))
    assert numpy.shares_memory(of_pandas.chunks[3].frame['age'], frame['age'])


def test_a_table_that_fits_is_read_at_once(frame, tmp_path):
    frame.to_parquet(tmp_path / 'a.parquet')
    assert not load_data(tmp_path / 'a.parquet').is_chunked and not load_data(frame).is_chunked


# Data of a class of their own

def test_samples(folder, frame):
    data, whole = load_data(folder), load_data(frame)
    sample = data.sample(50, seed=1)
    assert len(sample) == 50 and sample.label_names == whole.label_names
    assert sample == data.sample(50, seed=1) and sample != data.sample(50, seed=2)
    assert numpy.array_equal(sample.points, whole.points[sample.row_numbers]) and list(sample.row_numbers) == sorted(set(sample.row_numbers))
    assert numpy.array_equal(data.sample().points, whole.points)


def test_other_data_of_the_same_rows(frame, tmp_path):
    write_parts(frame, tmp_path, 'parquet')
    data, whole = (load_data(source, label='ill', variables='age, cost') for source in (tmp_path, frame))
    weights, offset = frame['ward'].to_numpy() - 1, frame['dose'].to_numpy()
    for more in ({'intercept': False}, {'variables': 'a, c'}, {'features': [AGE, AGE * COST]}, {'formula': '~ age + log(cost)'},
                 {'weights': weights}, {'offset': offset}, {'exact': 'decimal'}):
        alike(load_data(data, **more), load_data(whole, **more))
    alike(load_data(load_data(data, features=[AGE]), intercept=False).without_features(), load_data(whole, intercept=False))
    alike(load_data(data, weights=weights).counted(), load_data(whole, weights=weights).counted())
    assert data.counted() is data and data.of_classes() is data and data.dense('separation') is data and data.unseen() == ''
    for refused, message in ((lambda: load_data(data, weights='dose'), "weights = 'dose', but the data are loaded already; expected numbers"),
                             (lambda: load_data(data, label='dose'), "label = 'dose', but the data are loaded already"),
                             (lambda: data.take([1]), 'take: the data are in 4 chunks, whose rows have no numbers; expected data.sample'),
                             (lambda: data.of_classes('yes', 'no'), 'of_classes: the data are in 4 chunks; expected data.in_memory'),
                             (lambda: data.points, 'the data are in 4 chunks, and their points are not in memory; expected data.sample')):
        with pytest.raises(ValueError) as caught:
            refused()
        assert str(caught.value).startswith(message)


def test_data_are_equal_that_have_the_same_chunks(folder, frame):
    data = load_data(folder)
    assert data == load_data(folder) and hash(data) == hash(load_data(folder)) and data == pickle.loads(pickle.dumps(data))
    assert data != load_data(folder, intercept=False) and data != load_data(frame) and load_data(frame) != data


def test_a_compressed_text_is_one_chunk(frame, tmp_path):
    with gzip.open(tmp_path / 'a.csv.gz', 'wt') as file:
        frame.to_csv(file, index=False)
    data = load_data(tmp_path)
    alike(data, load_data(frame))
    assert len(data.chunks) == 1 and repr(data).endswith('in 1 chunk')


def test_only_columns_that_are_needed_are_read(frame, tmp_path):
    write_parts(frame, tmp_path, 'parquet')
    data = load_data(tmp_path, formula='ill ~ cost + age')
    table = data.chunks[2].source().table
    assert [column.title for column in table.columns if not column.is_unread] == ['age', 'cost', 'ill']
    # the points are the array that was read, not a copy
    assert numpy.shares_memory(data.computed(_itself, combine=None)[2].points, table.block) is False
    assert table.block.shape == (150, 2) and table.block.flags.c_contiguous


def _itself(data):
    return data


# Grouped data

def test_counts(tmp_path):
    rng = numpy.random.default_rng(1)
    frame = pandas.DataFrame({'dose': numpy.arange(40) % 9.0, 'mild': rng.integers(0, 4, 40), 'severe': rng.integers(0, 3, 40),
                              'none': rng.integers(0, 5, 40)})
    write_parts(frame, tmp_path, 'parquet')
    for asked in ({'label': ['none', 'mild', 'severe']}, {'label': ['mild', 'none'], 'variables': 'dose'},
                  {'formula': 'cbind(none, mild, severe) ~ dose'}):
        alike(load_data(tmp_path, **asked), load_data(frame, **asked))


# Dask

@pytest.fixture(scope='module')
def dask():
    pytest.importorskip('dask')
    import dask.array
    import dask.dataframe
    return dask


@pytest.mark.parametrize('asked', ASKED[:-1], ids=str)
def test_dask_frames(dask, frame, asked):
    alike(load_data(dask.dataframe.from_pandas(frame, npartitions=3), **asked), load_data(frame, **asked))


def test_columns_of_a_dask_frame(dask, frame, tmp_path):
    # some of them alone, Dask would read two files as one partition
    write_parts(frame, tmp_path, 'parquet')
    whole = dask.dataframe.read_parquet(tmp_path)
    points = ['age', 'cost']
    pair = whole[points], whole['ill']
    assert len(load_data(pair, weights=whole['dose']).chunks) == whole.npartitions
    alike(load_data(pair, weights=whole['dose']), load_data((frame[points], frame['ill']), weights=frame['dose']))


def test_dask_arrays(dask):
    rng = numpy.random.default_rng(2)
    points, labels, weights = rng.normal(size=(200, 3)), rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    successes, trials = labels, labels + weights
    some, most = (lambda array: dask.array.from_array(array, chunks=(60, 2)[:array.ndim])), (
        lambda array: dask.array.from_array(array, chunks=(90, 3)[:array.ndim]))
    alike(load_data((some(points), some(labels))), load_data((points, labels)))
    alike(load_data((some(points), most(labels))), load_data((points, labels)))
    alike(load_data((some(points), labels)), load_data((points, labels)))
    alike(load_data(some(numpy.column_stack([points, labels]))), load_data(numpy.column_stack([points, labels])))
    alike(load_data((some(points), some(successes), most(trials))), load_data((points, successes, trials)))
    for given in ((lambda array: array), some, most):
        alike(load_data((some(points), most(labels)), weights=given(weights), offset=given(points)),
              load_data((points, labels), weights=weights, offset=points))
    # the numbers of rows are not known
    chosen = points[:, 0] > 0
    alike(load_data((some(points)[some(chosen)], some(labels)[some(chosen)])), load_data((points[chosen], labels[chosen])))
    alike(load_data((some(points)[some(chosen)], labels[chosen]), weights=weights[chosen]),
          load_data((points[chosen], labels[chosen]), weights=weights[chosen]))


def test_empty_partitions(dask, frame):
    whole = dask.dataframe.from_pandas(frame, npartitions=4)
    alike(load_data(whole[whole['age'] > 45]), load_data(frame[frame['age'] > 45]))
    alike(load_data(whole.loc[400:]), load_data(frame[frame.index >= 400]))


def test_wrong_dask_arrays(dask):
    points = numpy.ones((20, 2))
    points[:, 0] = range(20)
    points[17, 1] = numpy.nan
    labels = numpy.array([0, 1] * 10)
    some = dask.array.from_array(points, chunks=(8, 2))
    for source, message in (
            ((some, labels), "the array, row 18, column 2: the value is missing (in this chunk: 1 in column 2); expected none, or "
                             "missing='drop', which drops the 1 row that has any"),
            ((some, labels[:7]), 'there are 20 points and 7 labels; expected as many, one a point'),
            (dask.array.ones((4, 3, 2)), 'the Dask array has 3 dimensions; expected 2'),
            (dask.array.ones(5), 'the array has 1 dimension; expected 2')):
        with pytest.raises(ValueError) as caught:
            load_data(source)
        assert str(caught.value) == message
    with pytest.raises(TypeError, match='is not data; expected points of Dask'):
        load_data((points, dask.array.from_array(labels)))
    with pytest.raises(ValueError) as caught:
        load_data((some[:16], labels[:16]), weights=dask.array.from_array(numpy.arange(16) - 3.0, chunks=8))
    assert str(caught.value) == 'the array, row 1: weights = -3.0; expected a real number from 0'
