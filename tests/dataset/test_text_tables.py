r"""
Text tables: the grammar by many small tables, what is refused and where, and the reader of blocks beside the other one.
"""
import bz2
import collections
import decimal
import gzip
import io
import lzma
import math
import warnings
import zipfile

import numpy
import pytest
from hypothesis import assume, given, settings, strategies as st

from sage_logreg.dataset import exact_numbers, text, text_blocks, text_file
from sage_logreg.dataset.text import read_text

from helpers import needed_pandas

NO = None


def cells_of(table):
    # a column as a list: floats, texts, None for what is missing
    columns = []
    for column in table.columns:
        if column.numbers is None:
            values = [None if code < 0 else column.levels[code] for code in column.codes]
        else:
            missing = numpy.zeros(len(column), dtype=bool) if column.missing is None else column.missing
            values = [None if gone else value for gone, value in zip(missing, column.numbers.tolist())]
        columns.append(values)
    return columns


def read(tmp_path, content, ending='.csv', **options):
    path = tmp_path / f'table{ending}'
    path.write_bytes(content if isinstance(content, bytes) else content.encode('utf-8'))
    return read_text(path, **options)


def refusal(tmp_path, content, ending='.csv', **options):
    with pytest.raises(ValueError) as caught:
        read(tmp_path, content, ending, **options)
    message = str(caught.value)
    assert '\n' not in message and len(message) < 500
    return message.replace(str(tmp_path / f'table{ending}'), 'FILE')


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        yield


# Numbers, marks, missing values

@pytest.mark.parametrize('cell', ['0', '-12', '+2', '.5', '-.5', '1.', '1.5', '1e5', '1E-5', '+2.5E+3', '007', '1e400', '-0.0',
                                  '1e-320', '1e-400', '9007199254740993', '0.1000000000000000055511151231257827', '1' * 400])
def test_numbers(tmp_path, cell):
    for given_cell in (cell, f'"{cell}"', f' {cell} ', f'" {cell}" '):
        column = read(tmp_path, f'x,y\n{given_cell},0\n7,1\n').columns[0]
        assert column.bad is None and column.missing is None and column.kind == 'decimal'
        assert [value.hex() for value in column.numbers.tolist()] == [float(cell).hex(), float(7).hex()]


@pytest.mark.parametrize('cell', ['44_33', '5_3.78', 'inf', '-Infinity', 'NAN', '0x1f', '1,234', '1 234', '1e', 'e5', '1e5.0', '1.2.3', '--1',
                                  '- 1', '+', '1+2j', '1/3', '٣', '１', '1\u00a0', '1d5', '1.5f', '½', 'True', '1\u200b'])
def test_what_is_no_number(tmp_path, cell):
    column = read(tmp_path, f'x,y\n7,0\n"{cell}",1\n').columns[0]
    assert column.bad == 1 and column.cells == ['7', cell] and column.missing is None
    assert column.numbers[0] == 7 and math.isnan(column.numbers[1])
    # alone it is a level, as it is written
    assert read(tmp_path, f'x,y\n"{cell}",1\n').columns[0].levels == [cell]


@pytest.mark.parametrize('cell', ['', '  ', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', '<NA>', '#N/A', '?', '.', ' NA ', '"NA"', '""'])
def test_missing(tmp_path, cell):
    for first in ('x,t,y\n', ''):
        table = read(tmp_path, f'{first}5,a,0\n{cell},{cell},1\n6,b,1\n')
        assert cells_of(table) == [[5, NO, 6], ['a', NO, 'b'], [0, 1, 1]]
        assert table.columns[0].missing.tolist() == table.columns[1].missing.tolist() == [False, True, False]
        assert table.columns[2].missing is None


def test_a_column_of_missing_cells(tmp_path):
    table = read(tmp_path, 'a,b\n1,NA\n2,?\n')
    assert numpy.isnan(table.columns[1].numbers).all() and table.columns[1].missing.all()


def test_what_is_almost_missing_is_text(tmp_path):
    for cell in ('na', 'Na', 'NAN', 'None', '-', '..', 'NULL.', '<na>', '?!'):
        assert read(tmp_path, f'x,y\n{cell},1\n').columns[0].levels == [cell]


def test_mixed_columns(tmp_path):
    column = read(tmp_path, 'x,y\n1.50,0\nNA,1\nlow,1\nhigh,0\n').columns[0]
    assert (column.bad, column.cells, column.missing.tolist()) == (2, ['1.50', 'NA', 'low', 'high'], [False, True, False, False])


DELIMITERS = {
    'comma': 'a,b,y\n1.5,2,0\n3,4,1\n', 'semicolon': 'a;b;y\n1.5;2;0\n3;4;1\n', 'tab': 'a\tb\ty\n1.5\t2\t0\n3\t4\t1\n',
    'bar': 'a|b|y\n1.5|2|0\n3|4|1\n', 'blank': 'a b y\n1.5 2 0\n3 4 1\n', 'blanks': '  a    b  y\n1.5\t 2  0\n  3   4  1 \n',
    'comma and blank': 'a, b, y\n1.5, 2, 0\n3, 4, 1\n', 'semicolon, decimal comma': 'a;b;y\n1,5;2;0\n3;4;1\n',
    'tab, decimal comma': 'a\tb\ty\n1,5\t2\t0\n3\t4\t1\n', 'bar, decimal comma': 'a|b|y\n1,5|2|0\n3|4|1\n',
    'blank, decimal comma': 'a b y\n1,5 2 0\n3 4 1\n', 'Excel': 'sep=;\na;b;y\n1,5;2;0\n3;4;1\n', 'another': 'sep=^\na^b^y\n1.5^2^0\n3^4^1\n',
    'trailing': 'a,b,y,\n1.5,2,0,\n3,4,1,\n', 'trailing but in the header': 'a;b;y\n1,5;2;0;\n3;4;1;\n',
    'CRLF': 'a,b,y\r\n1.5,2,0\r\n3,4,1\r\n', 'CR': 'a,b,y\r1.5,2,0\r3,4,1\r', 'no last end': 'a,b,y\n1.5,2,0\n3,4,1',
    'empty lines': '\n\na,b,y\n  \n1.5,2,0\n\n3,4,1\n\n', 'comments': '# a, b\na,b,y\n#1,1,1\n1.5,2,0 # one, "two"\n  # three\n3,4,1\n',
    'quotes': '"a","b","y"\n"1.5","2","0"\n"3",4,"1" # "x"\n',
}


@pytest.mark.parametrize('content', DELIMITERS.values(), ids=DELIMITERS)
@pytest.mark.parametrize('encoding', [None, 'utf-8-sig', 'utf-16'])
def test_delimiters(tmp_path, content, encoding):
    table = read(tmp_path, content.encode(encoding or 'utf-8'))
    assert table.titles == ['a', 'b', 'y']
    assert table.block.tolist() == [[1.5, 2], [3, 4]] and table.columns[2].numbers.tolist() == [0, 1]
    assert all(numpy.shares_memory(column.numbers, table.block) for column in table.columns[:2])


CHOSEN = {
    'texts with commas': ('1;2;yes, sure\n3;4;no, never\n', [[1, 3], [2, 4], ['yes, sure', 'no, never']]),
    'texts with blanks': ('a,b\nNew York,8\nLos Angeles,4\n', [['New York', 'Los Angeles'], [8, 4]]),
    'times': ('t,n\n2020-01-01 10:00,5\n2020-01-02 11:30,6\n', [['2020-01-01 10:00', '2020-01-02 11:30'], [5, 6]]),
    'quoted commas': ('n,v\n"Smith, J",1\n"Doe, A",2\n', [['Smith, J', 'Doe, A'], [1, 2]]),
    'one column': ('age\n35\n40\n', [[35, 40]]), 'one column of words': ('full name\nJohn\nJane\n', [['John', 'Jane']]),
    'tabs in a table of blanks': ('1 2\t3\n4\t5 6\n', [[1, 4], [2, 5], [3, 6]]),
    'a text as Excel says': ('sep=,\na;b,c\nd;e,f\n', [['d;e'], ['f']]),
}


@pytest.mark.parametrize('content, columns', CHOSEN.values(), ids=CHOSEN)
def test_the_delimiter_is_chosen(tmp_path, content, columns):
    assert cells_of(read(tmp_path, content)) == columns


AMBIGUOUS = {
    'a;b,c\nd;e,f\n': 'semicolons (2 columns) or with commas (2 columns)',
    'a b,c\nfoo,1 2\nbar,3 4\n': 'commas (2 columns) or with blanks (2 columns)',
    '1 ,2\n3 ,4\n': 'commas (2 columns) or with blanks (2 columns)',
    'a\tb\n1\t\t2\n': 'tabs (3 columns) or with blanks (2 columns)',
}


@pytest.mark.parametrize('content, readings', AMBIGUOUS.items())
def test_an_ambiguous_delimiter(tmp_path, content, readings):
    assert refusal(tmp_path, content).startswith(f'FILE can be read with {readings}; expected a first line that says which')


def test_a_name_above_decimal_commas(tmp_path):
    assert refusal(tmp_path, 'age\n1,5\n2,5\n').startswith('FILE can be read as a title above two columns or as the name of one column')
    assert cells_of(read(tmp_path, 'sep=;\nage\n1,5\n2,5\n')) == [[1.5, 2.5]]
    assert cells_of(read(tmp_path, 'a,b\n1,5\n2,5\n')) == cells_of(read(tmp_path, '1,5\n2,5\n')) == [[1, 2], [5, 5]]


# Headers and titles

HEADERS = {
    'names': ('a,b,y\n1,2,0\n', ['a', 'b', 'y']),
    'none': ('1,2,0\n3,4,1\n', NO),
    'years': ('2019,2020,y\n1.5,2,0\n3,4,1\n', ['2019', '2020', 'y']),
    'numbers from 0': ('0,1,label\n2.5,3,0\n3.5,4,1\n', ['0', '1', 'label']),
    'a row number': (',sex,y\n1,m,0\n2,f,1\n', ['', 'sex', 'y']),
    "R's write.table": ('"age" "y"\n"1" 34 "no"\n"2" 60 "yes"\n', ['', 'age', 'y']),
    "R's write.table with names": ('age y\nAnn 34 0\nBob 60 1\n', ['', 'age', 'y']),
    'over two lines': ('"first\nname","y"\n1,0\n2,1\n', ['first name', 'y']),
    'over two lines, CRLF': ('"first\r\nname","y"\r\n1,0\r\n2,1\r\n', ['first name', 'y']),
    'a quote in it': ('a,"say ""hi""",y\n1,2,0\n', ['a', 'say "hi"', 'y']),
    'the same twice': ('a,a,y\n1,2,0\n', ['a', 'a', 'y']),
    'signs': ('?,!,y\n1,2,0\n', ['?', '!', 'y']),
    'numbered': ('exam #1,exam #2,y\n1,2,0\n', ['exam #1', 'exam #2', 'y']),
    'missing values': ('NA,NA,0\n1,2,1\n', NO), 'only missing values': ('?,NA\n1,2\n', NO), 'empty cells': (',\n1,2\n', NO),
    'a missing value and a level': ('NA,yes\n1,no\n2,yes\n', NO), 'levels': ('yes,no\nno,yes\nyes,no\n', NO),
    'only texts': ('sex,smoker\nm,yes\nf,no\n', ['sex', 'smoker']),
    'a bad cell above numbers that stand again': ('x,2,0\n3,4,1\n5,6,0\n', NO), 'a bad cell that is almost a number': ('1_0,2\n3,4\n', NO),
    'infinity': ('inf,0\n2,1\n', NO), 'a decimal beside text': ('high,2.5,3\n3,4,1\n', NO), 'a bad cell with digits first': ('3x,2\n5,4\n', NO),
}


@pytest.mark.parametrize('content, titles', HEADERS.values(), ids=HEADERS)
def test_header(tmp_path, content, titles):
    table = read(tmp_path, content)
    assert table.titles == titles
    rows = content.replace('"', '').rstrip().count('\n') + (titles is None) - content.count('name"')
    assert len(table) == rows


def test_the_header_as_it_is_said(tmp_path):
    assert read(tmp_path, '1,2\n3,4\n', header=True).titles == ['1', '2']
    table = read(tmp_path, 'a,b\n3,4\n', header=False)
    assert table.titles is None and [column.bad for column in table.columns] == [0, 0]
    assert read(tmp_path, 'yes,no\nno,yes\nyes,no\n', header=True).titles == ['yes', 'no']


TITLES = {
    'alone': ('Exam scores 2011\na,b,y\n1,2,0\n3,4,1\n', 'Exam scores 2011'),
    'empty lines below': ('Exam scores\n\na,b,y\n1,2,0\n3,4,1\n', 'Exam scores'),
    'cells of a sheet': ('Exam scores,,\na,b,y\n1,2,0\n3,4,1\n', 'Exam scores'),
    'words in a table of blanks': ('Scores of all exams\na b y\n1 2 0\n3 4 1\n', 'Scores of all exams'),
    'with a comma': ('Table 1, scores\na,b,y\n1,2,0\n3,4,1\n', 'Table 1,scores'),
    'semicolons below': ('Notes; 2011\na;b;y\n1,0;2;0\n3;4;1\n', 'Notes;2011'),
}


@pytest.mark.parametrize('content, title', TITLES.values(), ids=TITLES)
def test_a_title_is_left_out(tmp_path, content, title):
    with pytest.warns(UserWarning) as caught:
        table = read(tmp_path, content)
    assert [str(entry.message) for entry in caught] == [f'{tmp_path}/table.csv, line 1: the title {title!r} above the table is left out']
    assert table.titles == ['a', 'b', 'y'] and table.block.tolist() == [[1, 2], [3, 4]]
    assert table.place(1) == f'{tmp_path}/table.csv, line {content.count(chr(10))}'


def test_what_is_no_title(tmp_path):
    # a longer header, and R's names of rows beside texts
    assert refusal(tmp_path, 'a,b,c\nx,y\nz,1\n') == 'FILE, line 2 has 2 columns; expected 3 as in the lines before'
    table = read(tmp_path, '"sex" "city"\n"Ann" "f" NA\n"Bob" "m" "Bonn"\n')
    assert table.titles == ['', 'sex', 'city'] and cells_of(table)[2] == [NO, 'Bonn']
    # a number is none: these are decimals
    assert cells_of(read(tmp_path, '3\n1,2\n3,4\n')) == [[3, 1.2, 3.4]]


# Comments and quotes

COMMENTS = {
    'text with a #': ('3,yes#1\n4,yes#2\n', ['yes#1', 'yes#2']), 'text with a # and blanks': ('3,C # 1\n4,C # 2\n', ['C # 1', 'C # 2']),
    'behind a number': ('yes,3 # "one", two\nno,4\t# x\n', [3, 4]), 'not at once behind a number': ('3,4#1\n5,6#2\n', ['4#1', '6#2']),
    'behind quotes': ('3,"C # 1"  # it\'s 6" long\n4,"D"#\n', ['C # 1', 'D']), 'Excel: not available': ('3,#N/A\n4,1\n5,2\n', [NO, 1, 2]),
    'by blanks': ('3 1 # one\n4 0 # two words\n', [1, 0]),
}


@pytest.mark.parametrize('content, column', COMMENTS.values(), ids=COMMENTS)
def test_comments(tmp_path, content, column):
    assert cells_of(read(tmp_path, content))[1] == column


def test_a_missing_value_of_excel_begins_no_comment(tmp_path):
    table = read(tmp_path, '#N/A,2,0\n3,4,1\n#DIV/0!,5,1\n# no row\n')
    assert cells_of(table)[1] == [2, 4, 5] and table.columns[0].bad == 2


def test_quoted_cells(tmp_path):
    content = 'name,y\n"a ""b"" c",0\n"two\nlines, and more",1\n"",1\n" x ",0\n"NA",1\n'
    table = read(tmp_path, content)
    assert cells_of(table)[0] == ['a "b" c', 'two lines, and more', NO, 'x', NO]
    assert table.place(2) == f'{tmp_path}/table.csv, line 5'


REFUSED = {
    'a digit behind quotes': ('"1"5,0\n2,1\n', "FILE, line 1, column 1: '5,0' after a closed quote; expected quotes around whole cells"),
    'a digit before quotes': ('a,b\n1,0\n5"1",0\n', 'FILE, line 3, column 1: a quote within \'5"1"\'; expected quotes around whole cells'),
    'inches': ('a,b\n6",0\n', "FILE, line 2, column 1: a quote within '6\"'; expected quotes around whole cells"),
    'not closed': ('a,b\n1,0\n\n2,"x\n3,4\n', 'FILE, line 4: a quote is not closed; expected a text table'),
    'not closed in the second line of a row': ('a,b,c\n"x\ny","z,1\n', 'FILE, line 3: a quote is not closed; expected a text table'),
    'a control character': ('a,b\n1,2\n\x013,4\n', r"FILE, line 3, column 1: '\x013' has a control character; expected text"),
    'a control character in a header': ('a,b\x07\n1,2\n', r"FILE, line 1, column 2: 'b\x07' has a control character; expected text"),
    'a control character of Unicode': ('a,b\n1,x\x85\n', r"FILE, line 2, column 2: 'x\x85' has a control character; expected text"),
    'two marks': ('a;b\n53,78;0\nNA;1\n55.86;1\n', "FILE, line 4, column 1: '55.86' has a decimal point, numbers before it a decimal "
                                                     'comma; expected one of them'),
    'two marks, tabs': ('53.78\t0\n1\t55,86\n', "FILE, line 2, column 2: '55,86' has a decimal comma, numbers before it a decimal point; "
                                                'expected one of them'),
    'a long row': ('a,b\n1,2\n# x\n3,4,5\n', 'FILE, line 4 has 3 columns; expected 2 as in the lines before'),
    'a short row': ('a,b\n1,2\n"3\n"\n', 'FILE, line 3 has one column; expected 2 as in the lines before'),
    'a cell behind the last delimiter': ('a,b,\n1,2,\n' + '1,2,\n' * 30_000 + '3,4,5\n',
                                         'FILE, line 30003 has 3 columns; expected 2 as in the lines before'),
    'no rows': ('a,b\n', 'FILE has no rows of numbers; expected a table, the label in the last column'),
    'too many digits': ('1,0\n0.' + '1' * 5000 + ',1\n', "FILE, line 2: '0." + '1' * 54 + "... has more than 4000 digits"),
    'an exponent too large': ('1,0\n1e-99999999999999999999,1\n', "FILE, line 2: '1e-99999999999999999999' has more than 4000 digits"),
}


@pytest.mark.parametrize('content, message', REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path, content, message):
    assert refusal(tmp_path, content) == message


# Encodings and archives

JAPANESE = '性別,身長,合格\n男,170,はい\n女,160,いいえ\n'


@pytest.mark.parametrize('encoding', ['shift_jis', 'cp932', 'euc_jp', 'iso2022_jp', 'utf-16', 'utf-16-le', 'utf-8'])
def test_encoding(tmp_path, encoding):
    table = read(tmp_path, JAPANESE.encode(encoding), encoding=encoding)
    assert table.titles == ['性別', '身長', '合格'] and cells_of(table) == [['男', '女'], [170, 160], ['はい', 'いいえ']]


def test_bytes_of_delimiters_in_letters(tmp_path):
    # the second byte of these is \ or |
    content = 'ソ,表|示,y\nソ能,1,0\n予定表,2,1\n'
    assert b'\x5c' in content.encode('cp932')
    assert read(tmp_path, content.encode('cp932'), encoding='cp932').titles == ['ソ', '表|示', 'y']
    assert '|'.encode() in 'ポ'.encode('shift_jis')
    assert cells_of(read(tmp_path, 'ポ|1\nン|2\n'.encode('shift_jis'), encoding='shift_jis'))[0] == ['ポ', 'ン']


@pytest.mark.parametrize('content, encoding, suggested', [
    ('合格,はい\n男,いいえ\n', 'shift_jis', 'shift_jis'), ('合格,はい\n男,いいえ\n', 'euc_jp', 'euc_jp'), ('男,1\n女,2\n', 'shift_jis', 'shift_jis'),
    ('男,1\n女,2\n', 'euc_jp', 'euc_jp'), ('①,1\n表,2\n', 'cp932', 'cp932'), ('アイウ,1\n', 'shift_jis', 'shift_jis'),
    ('Müller,1\nCafé,2\n', 'cp1252', 'cp1252'), ('é,1\nà,2\n', 'cp1252', 'cp1252'), ('naïve été,1\n', 'cp1252', 'cp1252')])
def test_a_suggested_encoding(tmp_path, content, encoding, suggested):
    assert refusal(tmp_path, b'a,b\n' + content.encode(encoding)) == (
        f'FILE, line 2 is not UTF-8 text; expected a text table, saved as UTF-8, or its encoding: try encoding={suggested!r}')
    assert len(read(tmp_path, b'a,b\n' + content.encode(encoding), encoding=suggested)) == content.count('\n')


@pytest.mark.parametrize('encoding', ['klingon', 'rot13', 'base64', '', 5, b'utf-8'])
def test_an_unknown_encoding(tmp_path, encoding):
    assert refusal(tmp_path, '1,2\n', encoding=encoding) == (f"encoding = {encoding!r}; expected the name of an encoding, such as 'utf-8' "
                                                             "or 'shift_jis'")


def test_another_encoding_than_said(tmp_path):
    assert refusal(tmp_path, 'a,b\n1,é\n', encoding='ascii') == ("FILE, line 2 is not ascii text; expected a text table, saved as UTF-8, or "
                                                                 "its encoding: try encoding='utf-8'")


def zipped(names, content=b'a,y\n1,no\n2,yes\n'):
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


COMPRESS = {'.csv.gz': gzip.compress, '.txt.BZ2': bz2.compress, '.xz': lzma.compress, '.zip': lambda content: zipped(['a.csv'], content)}


@pytest.mark.parametrize('ending', COMPRESS)
def test_archives(tmp_path, ending):
    table = read(tmp_path, COMPRESS[ending](b'a,y\n1,no\n2,yes\n'), ending)
    assert table.titles == ['a', 'y'] and cells_of(table) == [[1, 2], ['no', 'yes']]
    # lines are those of the text
    assert refusal(tmp_path, COMPRESS[ending](b'a,y\n1,no\n\n2\n'), ending) == 'FILE, line 4 has one column; expected 2 as in the lines before'
    kind = text_file.ARCHIVES[ending[ending.rindex('.'):].lower()]
    whole = COMPRESS[ending](b'a,y\n' + b''.join(b'%d,%d\n' % (i * i, i % 2) for i in range(9999)))
    for damaged in (b'a,y\n1,2\n', whole[:-30], whole[:len(whole) // 2]):
        message = refusal(tmp_path, damaged, ending)
        assert message.startswith(f'FILE is not a whole {kind} archive (') and message.endswith('); expected a compressed text table')
    assert refusal(tmp_path, COMPRESS[ending](b''), ending) == 'FILE is empty; expected a table, the label in the last column'


def test_members_of_an_archive(tmp_path):
    assert refusal(tmp_path, zipped(['a.csv', 'b/c.csv']), '.zip') == 'FILE holds a.csv, b/c.csv; expected an archive of one text table'
    assert refusal(tmp_path, zipped([]), '.zip') == 'FILE holds no file; expected an archive of one text table'
    assert len(read(tmp_path, zipped(['b/', 'b/c.csv', '__MACOSX/._c.csv']), '.zip')) == 2


# Decimals as they are written

def test_decimals_beside_floats(tmp_path):
    cells = ['0.1', '0.30000000000000004', '9007199254740993', '0.10000000000000000000001', '1e-400', '0.30', '1e400']
    column = read(tmp_path, 'x,y\n' + ''.join(f'{cell},0\n' for cell in cells)).columns[0]
    assert list(column.beside) == [None, None, decimal.Decimal('9007199254740993'), decimal.Decimal('0.10000000000000000000001'),
                                   decimal.Decimal('1e-400'), None, None]
    assert (column.kind, column.lost, column.numbers[6]) == ('decimal', False, math.inf)
    column = read(tmp_path, 'x,y\n' + ''.join(f'{cell},0\n' for cell in cells), exact='binary').columns[0]
    assert (column.kind, column.lost, column.beside) == ('binary', False, None)


def test_too_many_decimals(tmp_path, monkeypatch):
    monkeypatch.setattr(exact_numbers, 'MOST_KEPT', 4)
    content = 'a,b,y\n' + ''.join(f'0.10000000000000000000{i},{i},{i}.{"1" * (20 * (i > 6))}\n' for i in range(1, 9))
    for readings in in_both_ways(tmp_path, content, monkeypatch):
        assert [(column.lost, column.beside) for column in readings.columns] == [(True, None), (False, None), (True, None)]


# The reader of blocks beside the other one, and both beside pandas

def everything(table):
    # all there is, equal only if all bits are
    columns = [(column.title, None if column.numbers is None else column.numbers.tobytes(), column.kind, column.lost,
                None if column.beside is None else list(map(str, column.beside)), None if column.codes is None else column.codes.tolist(),
                column.levels, None if column.missing is None else column.missing.tolist(), column.bad, column.cells)
               for column in table.columns]
    return columns, list(map(int, table.lines)), None if table.block is None else (table.block.shape, table.block.tobytes())


def in_both_ways(tmp_path, content, monkeypatch, block=64, **options):
    # The table by each reader, or the error; the one of blocks says whether it could.
    pytest.importorskip('numba')
    monkeypatch.setattr(text, 'SMALL', 0)
    monkeypatch.setattr(text_blocks, 'BLOCK', block)
    taken = []
    for are_blocks in (True, False):
        with monkeypatch.context() as patch:
            if are_blocks:
                def noted(*arguments):
                    found = text_blocks.read_blocks(*arguments)
                    taken.append(found is not None)
                    return found
                patch.setattr(text, 'read_blocks', noted)
            else:
                patch.setattr(text, 'has_numba', lambda: False)
            yield read(tmp_path, content, **options)
    assert taken == [True]


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr), st.integers(-10**25, 10**25).map(str), st.integers(-99, 99).map(str),
    st.floats(-1e30, 1e30).map('{:.18e}'.format), st.floats(-1e9, 1e9).map('{:.17g}'.format), st.floats(-1e9, 1e9).map('{:.16g}'.format),
    st.integers(-300, 300).map(lambda k: repr(2.0**k)),
    st.from_regex(r'\A[+-]?([0-9]{1,22}(\.[0-9]{0,22})?|\.[0-9]{1,22})([eE][+-]?[0-9]{1,3})?\Z', fullmatch=False).map(lambda cell: cell.strip()),
    st.sampled_from(['1e-320', '1e400', '-0.0', '+1', '1.', '.5', '1e23', '9007199254740993', '18014398509481984', '5e-324']))
TEXTS = st.sampled_from(['yes', 'no', 'maybe not', 'Ünal', '男', 'x-1', "it's", 'a#1'])
ODD = st.sampled_from(['a"b', 'x # y', '12 # z', 'inf', 'NaN ', '1_0', '5', '\x01', '\x85', 'two\nlines', '"', '1,5', '2.5', '#x', 'e5', '٣',
                       '"q"', 'x' * 300, ''])


@st.composite
def contents(draw, odd=False):
    width = draw(st.integers(1, 4))
    delimiter = draw(st.sampled_from([',', ',', ';', '\t', '|', ' ']))
    comma = delimiter != ',' and width > 1 and draw(st.booleans())
    kinds = draw(st.lists(st.booleans(), min_size=width, max_size=width))

    def cell(is_number):
        if draw(st.integers(0, 9)) == 0:
            value = draw(st.sampled_from(sorted(text.MISSING)))
        elif odd and draw(st.integers(0, 19)) == 0:
            value = draw(ODD)
        else:
            value = draw(NUMBERS if is_number else TEXTS)
            if is_number and comma:
                # a comma stands before a digit
                value = value.replace('.', ',') if not value.partition('e')[0].partition('E')[0].endswith('.') else '0'
        # what begins with # is left to the other reader, and a line without anything is no row
        quoted = delimiter in value or '\n' in value or value[:1] in ('', '#') or draw(st.integers(0, 5)) == 0
        value = '"' + value.replace('"', '""') + '"' if quoted else value
        return value if delimiter == ' ' else draw(st.sampled_from(['', '', ' '])) + value + draw(st.sampled_from(['', '', ' ']))

    rows = [[cell(kind) for kind in kinds] for _ in range(draw(st.integers(1, 8)))]
    # the header says which delimiter it is; a table of one column has none
    lines = ([f'sep={delimiter}'] if delimiter != ' ' else []) + [delimiter.join(f'c{j}' for j in range(width))]
    lines += [delimiter.join(row) for row in rows]
    if draw(st.booleans()):
        lines.insert(draw(st.integers(2, len(lines))), draw(st.sampled_from(['', '  '])))
    end = draw(st.sampled_from(['\n', '\r\n']))
    return end.join(lines) + (end if draw(st.booleans()) else '')


@settings(deadline=None, max_examples=300)
@given(content=contents(), block=st.sampled_from([7, 64, 1 << 19]), exact=st.sampled_from([None, 'binary']))
def test_blocks_are_read_as_rows_are(tmp_path_factory, content, block, exact):
    # rows of numbers or of texts with quotes, blanks and missing values are what blocks know
    with pytest.MonkeyPatch.context() as patch:
        try:
            first, second = in_both_ways(tmp_path_factory.getbasetemp(), content, patch, block, exact=exact)
        except ValueError as error:
            # blanks around decimal commas, in few rows
            assume('expected a first line that says which delimiter it is' not in str(error))
            raise
    assert everything(first) == everything(second)


@settings(deadline=None, max_examples=300)
@given(content=contents(odd=True), block=st.sampled_from([7, 64, 1 << 19]))
def test_odd_blocks_are_left_to_rows(tmp_path_factory, content, block):
    pytest.importorskip('numba')
    folder = tmp_path_factory.getbasetemp()
    found = []
    for are_blocks in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text, 'SMALL', 0)
            patch.setattr(text_blocks, 'BLOCK', block)
            if not are_blocks:
                patch.setattr(text, 'has_numba', lambda: False)
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')
                try:
                    found.append(everything(read(folder, content)))
                except ValueError as error:
                    found.append(str(error))
    assert found[0] == found[1]


@pytest.mark.parametrize('seed', range(8))
def test_beside_pandas(tmp_path, monkeypatch, seed):
    # as pandas writes it, and as it reads it with all types pinned
    pandas = needed_pandas()
    random = numpy.random.RandomState(seed)
    count = 3000
    frame = pandas.DataFrame({'a': random.normal(size=count), 'b': random.normal(size=count).astype(numpy.float32),
                              'c': random.randint(-10**6, 10**6, count), 'd': random.uniform(size=count) * 10.0**random.randint(-300, 300, count),
                              's': random.choice(['yes', 'no', 'it, is', 'Ünal', 'x y'], count), 'y': random.randint(0, 2, count)})
    frame.loc[random.uniform(size=count) < 0.05, ['a', 's']] = None
    options = [{}, {'sep': ';'}, {'sep': '\t'}, {'sep': ';', 'decimal': ','}, {'float_format': '%.4f'}, {'quoting': 1}, {'na_rep': 'NA'},
               {'float_format': '%.16e', 'sep': '|', 'lineterminator': '\r\n'}][seed]
    path = tmp_path / 'pandas.csv'
    frame.to_csv(path, index=False, **options)
    expected = pandas.read_csv(path, sep=options.get('sep', ','), dtype=str)
    for table in in_both_ways(tmp_path, path.read_bytes(), monkeypatch, 1 << 14):
        assert table.titles == list('abcdsy')
        for title, column, cells in zip(table.titles, table.columns, cells_of(table)):
            wanted = [None if isinstance(cell, float) else cell for cell in expected[title]]
            if title != 's':
                wanted = [cell if cell is None else float(cell.replace(',', '.')) for cell in wanted]
            assert cells == wanted
            # pandas writes the shortest decimals of its floats
            assert column.bad is None and (column.beside is None or 'float_format' in options or title == 'b')


@pytest.mark.parametrize('form', ['{!r}', '{:.15g}', '{:.16g}', '{:.17g}', '{:.18e}', '{:.20f}', '{:.3f}'])
def test_decimals_of_blocks(tmp_path, monkeypatch, form):
    # each number, and each decimal that is not the shortest one for it, against Python's own
    random = numpy.random.RandomState(1)
    values = [float(value) for value in random.normal(size=2000) * 10.0**random.randint(-20, 20, 2000)] + [2.0**k for k in range(-80, 80)]
    cells = [form.format(value) for value in values]
    first, second = in_both_ways(tmp_path, 'x\n' + '\n'.join(cells), monkeypatch, 1 << 12)
    for table in (first, second):
        column = table.columns[0]
        assert column.numbers.tolist() == list(map(float, cells))
        beside = [None] * len(cells) if column.beside is None else column.beside
        assert list(beside) == [None if decimal.Decimal(cell) == decimal.Decimal(repr(float(cell))) else decimal.Decimal(cell) for cell in cells]


def test_a_late_bad_row_is_named(tmp_path, monkeypatch):
    # what blocks cannot read is explained
    pytest.importorskip('numba')
    monkeypatch.setattr(text, 'SMALL', 0)
    good = 'a,b,y\n' + '1.5,x,0\n2.5,y,1\n' * 500
    for bad, message in {'3,x\n': 'FILE, line 1002 has 2 columns; expected 3 as in the lines before',
                         '"1"5,x,0\n': "FILE, line 1002, column 1: '5,x,0' after a closed quote; expected quotes around whole cells"}.items():
        assert refusal(tmp_path, good + bad + '4,y,1\n') == message
    column = read(tmp_path, good + '1_0,y,1\n').columns[0]
    assert column.bad == 1000 and column.cells[1000] == '1_0'
    assert read(tmp_path, good + '1,5,1\n').columns[1].bad == 0


def test_lines_of_blocks(tmp_path, monkeypatch):
    content = '# x\n\na,y\n1,0\n\n2,1\n\n\n3,1\n'
    for table in in_both_ways(tmp_path, content, monkeypatch, 8):
        assert [table.place(row) for row in range(3)] == [f'{tmp_path}/table.csv, line {line}' for line in (4, 6, 9)]
    counts = collections.Counter(len(table) for table in in_both_ways(tmp_path, 'a,y\n' + '1,2\n' * 999, monkeypatch, 100))
    assert counts == {999: 2}
