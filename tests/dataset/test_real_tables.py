r"""
Tables as R and pandas write them, from the file to the data and the model
"""
import csv
import warnings

import numpy
import pandas
import pytest

from sage_logreg import maximum_likelihood
from sage_logreg.dataset.load import load_data
from sage_logreg.dataset.names import names_of_titles
from sage_logreg.dataset.text import read_text


def written(path, text, **options):
    path.write_text(text, encoding='utf-8')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return load_data(path, **options)


def test_names_of_rows_take_no_name_of_a_column(tmp_path):
    data = written(tmp_path / 'anscombe.csv', '"","x1","x2","y"\n"1",10,8,"a"\n"2",8,13,"b"\n"3",13,9,"a"\n')
    assert data.variables == ('x1', 'x2')


@pytest.mark.parametrize('titles, names', [
    (['a b', 'a_b'], ('a_b_2', 'a_b')),
    ([None, 'x1'], ('x1_2', 'x1')),
    (['?', '', 'x2'], ('x1', 'x2_2', 'x2')),
    (['x1', 'x1'], ('x1', 'x1_2')),
    (['a b', 'a-b'], ('a_b', 'a_b_2')),
])
def test_a_title_that_is_a_name_keeps_it(titles, names):
    assert names_of_titles(titles) == names


# The names of rows

@pytest.mark.parametrize('title, cells', [
    ('rownames', ['Mazda RX4', 'Datsun 710', 'Fiat 128', 'Valiant']),
    ('rownames', ['4', '5', '11', '16']),
    ('row.names', ['b', 'a', 'd', 'c']),
    ('Unnamed: 0', ['3', '1', '4', '2']),
    ('Unnamed: 0.1', ['0', '1', '2', '3']),
    ('...1', ['1', '2', '3', '4']),
    ('', ['x', 'y', 'z', 'w']),
])
def test_a_first_column_that_can_only_name_rows_is_left_out(tmp_path, title, cells):
    path = tmp_path / 'cars.csv'
    path.write_text('\n'.join([f'"{title}",mpg,am'] + [f'"{cell}",{20 + i * i},{i % 2}' for i, cell in enumerate(cells)]))
    with pytest.warns(RuntimeWarning, match='numbers or names the rows and is left out'):
        data = load_data(path)
    assert data.variables == ('mpg',) and data.points[:, 0].tolist() == [20, 21, 24, 29]


def test_numbers_that_repeat_name_no_rows(tmp_path):
    data = written(tmp_path / 'a.csv', 'rownames,x,y\n1,5,0\n1,7,1\n2,8,0\n2,3,1\n')
    assert data.variables == ('rownames', 'x')


# Frames

BORN = pandas.DataFrame({'age': [34, 60, 19, 23], 'born': pandas.to_datetime(['2020-01-01', '2021-01-01'] * 2), 'y': [0, 1, 1, 0]})


def test_dates_are_no_categories():
    with pytest.raises(ValueError, match="the frame, column 2, 'born': dates; expected numbers or text"):
        load_data(BORN, categorical=['born'])


def test_a_column_without_a_title_is_numbered():
    frame = pandas.DataFrame([[1, 2, 0], [3, 5, 1]], columns=['a', None, 'y'])
    assert load_data(frame).variables == ('a', 'x2')


def test_a_year_is_a_title(tmp_path):
    data = written(tmp_path / 'years.csv', '2019,2020,y\n0,2,a\n1,4,b\n3,1,a\n1,1,b\n1,0,b\n', label='y')
    assert data.variables == ('x2019', 'x2020')
    frame = pandas.DataFrame([[0, 2, 'a'], [1, 4, 'b']], columns=[2019, 2020, 'y'])
    assert load_data(frame, label=2019) == load_data(frame, label='2019') == load_data(frame, label=0)


def test_a_whole_number_that_is_a_title_and_another_position_is_refused():
    frame = pandas.DataFrame(numpy.eye(5)[:, [1, 2, 4]], columns=['y', 2, 4])
    with pytest.raises(ValueError, match="label = 2 is the title of column 2 of the frame and the position, from 0, of column 3; expected "
                                         "the title as text, '2', or another position, -1"):
        load_data(frame, label=2)
    assert load_data(frame, label='2').label_name == '2'
    assert load_data(frame, label=4).label_name == '4'


@pytest.mark.parametrize('text, titled', [
    ('2019,2020,y\n0,2,a\n1,4,b\n3,1,a\n', True),
    ('name,2010,2015,2020,sick\nA,5,2,3.5,yes\nB,1,4,2,no\nA,1,1,1,no\n', True),
    # rows of data
    ('1999,2000,a\n2001,2002,b\n2003,2004,b\n', False),
    ('2019,2020,a\n0,2,a\n1,4,b\n', False),
    ('1,2,c\n5,6,a\n7,8,b\n', False),
])
def test_years_above_numbers_are_titles(tmp_path, text, titled):
    path = tmp_path / 'years.csv'
    path.write_text(text)
    assert (read_text(path).titles is not None) is titled


# R's TRUE, a frame's True

TRUE = 'age,smoker,ill\n34,TRUE,FALSE\n60,FALSE,TRUE\n19,TRUE,TRUE\n23,FALSE,FALSE\n44,TRUE,FALSE\n'


def test_truths_of_text_and_of_frames_are_the_same_levels_and_labels(tmp_path):
    path = tmp_path / 'r.csv'
    path.write_text(TRUE)
    frame = pandas.read_csv(path)
    assert frame.smoker.dtype == bool
    of_text, of_frame = maximum_likelihood(path), maximum_likelihood(frame)
    assert of_text.predict(frame) == of_text.predict(path) == [str(label).upper() for label in of_frame.predict(path)]
    assert of_frame.predict(path) == of_frame.predict(frame) and set(of_frame.predict(path)) == {False, True}
    right = numpy.mean([str(label) == 'TRUE' for label in of_text.predict(path)] == frame.ill)
    assert of_text.accuracy(frame) == of_frame.accuracy(path) == of_text.accuracy() == right
    # some BLAS add up a single row in another order than that row of a table
    assert of_text.probability({'age': 34, 'smoker': True}) == pytest.approx(of_text.probability(path)[0], rel=1e-15)
    assert load_data(path, positive=False, reference={'smoker': True}).variables == ('age', 'smoker_FALSE')
    assert load_data(frame, positive='FALSE').label_names == (True, False)


# Workbooks

def workbook(path, rows):
    pytest.importorskip('openpyxl')
    pandas.DataFrame(rows).to_excel(path, index=False, header=False)
    return load_data(path)


def test_blanks_around_the_text_of_a_workbook_do_not_count(tmp_path):
    rows = [[' age', 'sex', 'ill '], [1, 'm ', ' no'], [2, ' f', 'yes'], [3, 'm', 'no'], [4, 'f', ' NA ']]
    data = workbook(tmp_path / 'a.xlsx', rows[:-1] + [[4, 'f', 'yes']])
    assert (data.variables, data.label_name, data.label_names) == (('age', 'sex_m'), 'ill', ('no', 'yes'))
    with pytest.raises(ValueError, match='line 5, column 3: the label is missing'):
        workbook(tmp_path / 'a.xlsx', rows)


def test_years_above_numbers_of_a_workbook_are_titles(tmp_path):
    assert workbook(tmp_path / 'a.xlsx', [[2019, 2020, 'y'], [0, 2, 'a'], [1, 4, 'b']]).variables == ('x2019', 'x2020')
    assert workbook(tmp_path / 'b.xlsx', [[1999, 2000, 'a'], [2001, 2002, 'b'], [2003, 2004, 'b']]).variables == ('x1', 'x2')


# Rows and levels

def test_long_whole_numbers_are_levels_of_their_own(tmp_path):
    path = tmp_path / 'ids.csv'
    path.write_text('id,age,y\n' + ''.join(f'{9007199254740992 + i % 3},{i},{i // 3 % 2}\n' for i in range(9)))
    for source in (path, pandas.read_csv(path)):
        data = load_data(source, categorical='id', reference={'id': 9007199254740993})
        assert data.coding['id'].levels == (9007199254740992, 9007199254740993, 9007199254740994)
        assert data.variables[:2] == ('id_9007199254740992', 'id_9007199254740994')
        assert data.points[:, :2].tolist() == [[1, 0], [0, 0], [0, 1]] * 3


def test_no_rows_have_no_predictions():
    frame = pandas.DataFrame({'age': [34, 60, 19, 23, 41], 'sex': list('mfmff'), 'y': [0, 1, 0, 0, 0]})
    model = maximum_likelihood(frame, l2=1)
    assert model.predict(frame.iloc[:0]) == [] and len(model.probability(frame.iloc[:0])) == 0


def test_rows_that_all_lack_something(tmp_path):
    with pytest.raises(ValueError, match=r'a.csv: there are no rows without missing values \(of 3 cells in dose, 2 are missing, more than '
                                         r'in other columns; leave such columns out, by variables=\[...\]\); expected at least two'):
        written(tmp_path / 'a.csv', 'age,dose,y\n,2,0\n3,,1\n4,,1\n', missing='drop')


def test_labels_are_not_among_the_points_too():
    frame = pandas.DataFrame({'age': [34, 60, 19, 23], 'y': [0, 1, 1, 0], 'out': list('abba')})
    for label in 'y', 'out':
        with pytest.raises(ValueError, match=f'the frame, column [23] \\({label}\\) is the labels, which are given beside the points too; '
                                             f"expected one of them: the table alone and label='{label}', or the points without it"):
            load_data((frame, frame[label]))
        assert load_data((frame, frame[label]), variables=['age']).variables == ('age',)
        assert load_data((frame, frame[label]), formula=f'{label} ~ age') == load_data(frame, label=label, formula='~ age')
    # a coordinate
    assert load_data((frame, frame.age.rename('y') % 2)).variables == ('age', 'y', 'out_b')
    model = maximum_likelihood(frame, label='y', variables='age', l2=1)
    assert model.accuracy((frame, frame.y)) == model.accuracy()


# One table, written in many ways

def people():
    cells = [(i % 5 + i / 8, 'abc'[i * i % 3], ['never', 'now', 'once'][i % 3], [None, 2.5, -1.0, 7.0][i % 4], ['no', 'yes'][i * i // 7 % 2]) for i in range(40)]
    return pandas.DataFrame(cells, columns=['dose (mg)', 'group', 'smoker', 'bmi', 'ill'])[['dose (mg)', 'ill', 'group', 'smoker', 'bmi']]


WRITTEN = {
    'index.csv': lambda frame, path: frame.to_csv(path),
    'plain.csv': lambda frame, path: frame.to_csv(path, index=False),
    'semicolons.csv': lambda frame, path: frame.to_csv(path, sep=';', decimal=',', na_rep='NA'),
    'tabs.tsv': lambda frame, path: frame.to_csv(path, sep='\t', na_rep='.'),
    'commas.txt': lambda frame, path: frame.to_csv(path, sep='\t', decimal=',', index=False, na_rep='?'),
    'bars.txt': lambda frame, path: frame.to_csv(path, sep='|', na_rep='NULL'),
    'quoted.csv': lambda frame, path: frame.to_csv(path, quoting=csv.QUOTE_ALL, lineterminator='\r\n'),
    'mark.csv': lambda frame, path: frame.to_csv(path, encoding='utf-8-sig', index=False),
    'words.csv': lambda frame, path: frame.to_csv(path, encoding='utf-16', index=False),
    'small.csv.gz': lambda frame, path: frame.to_csv(path, index=False),
    'small.zip': lambda frame, path: frame.to_csv(path, index=False),
    'r.txt': lambda frame, path: path.write_text(r_table(frame)),
    'a.parquet': lambda frame, path: frame.to_parquet(path),
    'a.feather': lambda frame, path: frame.to_feather(path),
    'a.xlsx': lambda frame, path: frame.to_excel(path),
}


def r_table(frame):
    # as write.table does
    frame = frame.set_axis(range(1, len(frame) + 1))
    return frame.to_csv(sep=' ', na_rep='NA', quoting=csv.QUOTE_NONNUMERIC).replace('"" ', '', 1)


@pytest.mark.parametrize('name', WRITTEN)
def test_a_table_is_the_same_however_it_is_written(tmp_path, name):
    if name.endswith('xlsx'):
        pytest.importorskip('openpyxl')
    frame = people()
    WRITTEN[name](frame, tmp_path / name)
    kept = frame[frame.bmi.notna()]
    points = numpy.column_stack([kept['dose (mg)'], kept.group == 'b', kept.smoker == 'now', kept.smoker == 'once', kept.bmi]).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        data = load_data(tmp_path / name, label='ill', missing='drop', exact='decimal')
    assert data == load_data(frame, label='ill', missing='drop', exact='decimal')
    assert data.variables == ('dose_mg', 'group_b', 'smoker_now', 'smoker_once', 'bmi')
    assert numpy.array_equal(data.points, points) and numpy.array_equal(data.labels, kept.ill == 'yes')
    assert data.row_numbers.tolist() == kept.index.tolist() and data.label_names == ('no', 'yes')
