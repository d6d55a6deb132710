"""Text tables as people save them: several titles and trailing delimiters, numbers written for people, marks of encodings."""
import warnings

import numpy
import pytest

from sage_logreg.dataset import text, text_blocks
from sage_logreg.dataset.load import load_data
from sage_logreg.dataset.text import read_text


def written(folder, content, encoding='utf-8'):
    path = folder / 'table.csv'
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize('content', ['a,b,y,,\n1,2,0,,\n3,4,1,,\n', 'a,b,y\n1,2,0,,\n3,4,1,,\n', 'a;b;y;;;\n1;2;0;;;\n3;4;1;;;\n'])
def test_several_trailing_delimiters(tmp_path, content):
    table = read_text(written(tmp_path, content))
    assert table.titles == ['a', 'b', 'y'] and table.block.tolist() == [[1, 2], [3, 4]]


def test_trailing_delimiters_in_blocks(tmp_path, monkeypatch):
    pytest.importorskip('numba')
    content = 'a,s,y,,\n' + '1.5,u,0,,\n2,v,1,,\n' * 20
    rows = read_text(written(tmp_path, content))
    monkeypatch.setattr(text, 'SMALL', 0)
    monkeypatch.setattr(text, '_read_rows', None)
    monkeypatch.setattr(text_blocks, 'BLOCK', 64)
    blocks = read_text(written(tmp_path, content))
    assert blocks.titles == rows.titles == ['a', 's', 'y'] and all(numpy.array_equal(blocks.columns[j].numbers, rows.columns[j].numbers) for j in (0, 2))
    assert blocks.columns[1].codes.tolist() == rows.columns[1].codes.tolist()


def test_columns_with_names_are_kept(tmp_path):
    assert read_text(written(tmp_path, 'a,y,n,\n1,0,,\n3,1,,\n')).titles == ['a', 'y', 'n']
    with pytest.raises(ValueError, match='line 70002 has 5 columns; expected 3'):
        read_text(written(tmp_path, 'a,b,y,,\n' + '1,2,0,,\n' * 70000 + '3,4,1,,x\n'))


def test_several_titles(tmp_path):
    with pytest.warns(UserWarning) as caught:
        table = read_text(written(tmp_path, 'Table of doses\nSource: us\nin 2019\na,b,y\n1,2,0\n3,4,1\n'))
    assert table.titles == ['a', 'b', 'y'] and table.place(0).endswith('line 5')
    assert [str(warning.message).partition('the title ')[2] for warning in caught] == [
        f'{title!r} above the table is left out' for title in ('Table of doses', 'Source: us', 'in 2019')]


def test_several_titles_of_a_sheet(tmp_path):
    openpyxl = pytest.importorskip('openpyxl')
    book = openpyxl.Workbook()
    for row in (['Doses'], ['Source: us'], [], ['a', 's', 'y'], [1, 'u', 0], [2, 'v', 1]):
        book.active.append(row)
    book.save(tmp_path / 'doses.xlsx')
    with pytest.warns(RuntimeWarning, match='Source'), pytest.warns(RuntimeWarning, match='Doses'):
        assert load_data(tmp_path / 'doses.xlsx').variables == ('a', 's_v')


@pytest.mark.parametrize('cells', [('1,234.5', '2,000'), ('12%', '3.5 %'), ('$12', '-$5'), ('¥1200', '980円'), ('１２', '１３．５'), ('१२', '३'),
                                   ('1 234', '12 000'), ('1\u00a0234', '5\u00a0999'), ("1'234", "5'678"), ('−1', '−2'), ('5 €', '€ 7')])
def test_numbers_for_people_are_no_categories(tmp_path, cells):
    path = written(tmp_path, 'a,y\n' + ''.join(f'"{cell}",{j % 2}\n' for j, cell in enumerate(2 * cells)) + f'"{cells[0]}",1\n')
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with pytest.raises(ValueError) as caught:
            load_data(path)
        assert f'line 2, column 1: {cells[0]!r} is text that reads as a number; expected numbers' in str(caught.value)
        assert load_data(path, categorical=['a']).coding.factors


def test_names_that_hold_digits_are_categories(tmp_path):
    for cells in (('10-20', '20-30'), ('<5', '5+'), ('A1', 'B2'), ('2020-01-02', '2021-03-04'), ('1.2.3', '1.2.4'), ('12:30', '13:00'), ('$12', 'x')):
        path = written(tmp_path, 'a;y\n' + ''.join(f'{cell};{j % 2}\n' for j, cell in enumerate(cells + cells[::-1])))
        assert load_data(path).coding.factors[0].levels == tuple(sorted(cells))


def test_a_mark_against_the_encoding(tmp_path):
    path = written(tmp_path, 'a,y\n1,0\n2,1\n', 'utf-8-sig')
    for encoding in ('latin-1', 'shift_jis'):
        with pytest.raises(ValueError, match=f"begins with the mark of UTF-8, but encoding = '{encoding}'; expected no encoding"):
            load_data(path, encoding=encoding)
    for encoding in (None, 'utf-8', 'UTF8', 'utf-8-sig'):
        assert load_data(path, encoding=encoding).variables == ('a',)


def test_large_numbers_that_are_names(tmp_path):
    path = written(tmp_path, 'id,y\n9007199254740993,0\n9007199254740992,1\n9007199254740993,1\n')
    data = load_data(path, categorical=['id'])
    assert data.coding.factors[0].levels == (2**53, 2**53 + 1) and data.points.tolist() == [[1], [0], [1]]
