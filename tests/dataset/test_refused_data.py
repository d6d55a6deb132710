r"""
load_data: what it refuses, with the whole message.

An error names what was given, where it stands (file, line, column; or row,
column, counted from 1) and what is expected, in one sentence on one line.
"""
import os
import time
import warnings

import numpy
import pytest

from sage_logreg import Dataset, load_data

from helpers import needed_pandas, needed_sage


NAN, INFINITY = float('nan'), float('inf')
KINDS = 'a path, a matrix, rows, an array, a frame or a pair (points, labels)'


# Wrong text tables: the file's content and what is said of it; FILE stands for the path

def number_in(column):
    return f'expected a number, as in the rest of column {column}, or the column in categorical='


def missing(where, *counts, what='value', rows=1):
    r"""
    Return what is said of missing values: where the first is, how many there are by column, and what can be done.
    """
    drops = f'{rows} row{"s" * (rows > 1)} that {"have" if rows > 1 else "has"} any'
    return f"{where}: the {what} is missing (in all: {', '.join(counts)}); expected none, or missing='drop', which drops the {drops}"


WRONG_TEXT = {
    'empty file': (b'', 'FILE is empty; expected a table, the label in the last column'),
    'only comments': (b'# one\n# two\n', 'FILE has no rows of numbers; expected a table, the label in the last column'),
    'only blank lines': (b'\n  \n\r\n', 'FILE has no rows of numbers; expected a table, the label in the last column'),
    'header only': (b'exam1,exam2,admitted\n',
                    'FILE has no rows of numbers; expected a table, the label in the last column'),
    'short row': (b'1,2,0\n3,4\n5,6,1\n', 'FILE, line 2 has 2 columns; expected 3 as in the lines before'),
    'long row': (b'1,2,0\n3,4,1,5\n', 'FILE, line 2 has 4 columns; expected 3 as in the lines before'),
    'row of one cell': (b'1,2,0\n\n3\n', 'FILE, line 3 has one column; expected 3 as in the lines before'),
    'row shorter than the header': (b'a,b,c,y\n1,2,0\n',
                                    'FILE, line 2 has 3 columns; expected 4 as in the lines before'),
    'ragged, by spaces': (b'1 2 0\n3 4 1 1\n', 'FILE, line 2 has 4 columns; expected 3 as in the lines before'),
    'another delimiter below': (b'1,2,0\n3;4;1\n', 'FILE, line 2 has one column; expected 3 as in the lines before'),
    'text in a number column': (b'a,b,y\n1,2,0\n3,high,1\n', "FILE, line 3, column 2: 'high' is not a number; " + number_in('b')),
    'comments and blanks counted as lines': (b'# origin\n\na,b,y\n\n1,2,0\n# half way\nx,4,1\n',
                                             "FILE, line 7, column 1: 'x' is not a number; " + number_in('a')),
    'text in the first row, a number as label': (b'NA,NA,0\n1,2,1\n', missing('FILE, line 1, column 1', '1 in column 1', '1 in column 2')),
    'long text': (b'1,2,0\n' + b'z' * 500 + b',4,1\n', f"FILE, line 2, column 1: '{'z' * 56}... is not a number; " + number_in(1)),
    'empty cell': (b'1,2,0\n3,,1\n', missing('FILE, line 2, column 2', '1 in column 2')),
    'empty cells in the first row': (b',,0\n1,2,1\n', missing('FILE, line 1, column 1', '1 in column 1', '1 in column 2')),
    'only delimiters': (b'1,2,0\n,,\n', missing('FILE, line 2, column 1', '1 in column 1', '1 in column 2', '1 in column 3')),
    'NaN': (b'1,2,0\nnan,4,1\n', missing('FILE, line 2, column 1', '1 in column 1')),
    'two columns, three rows': (b'1,2,0\nnan,4,1\n,?,0\n5,NA,1\n',
                                missing('FILE, line 2, column 1', '2 in column 1', '2 in column 2', rows=3)),
    'missing by title': (b'age,dose,y\n1,2,0\n3,.,1\n<NA>,4,0\nNULL,4,1\n',
                         missing('FILE, line 3, column 2', '2 in age', '1 in dose', rows=3)),
    'inf': (b'1,2,0\n3,inf,1\n', "FILE, line 2, column 2: 'inf' is not a number; " + number_in(2)),
    '-inf': (b'1,2,0\n3,-Infinity,1\n', "FILE, line 2, column 2: '-Infinity' is not a number; " + number_in(2)),
    'a number too large': (b'1,2,0\n3,1e400,1\n', 'FILE, line 2, column 2: inf is not a finite number'),
    'complex': (b'1,2,0\n1+2j,4,1\n', "FILE, line 2, column 1: '1+2j' is not a number; " + number_in(1)),
    'complex in Sage': (b'1;2;0\n3;4*I;1\n', "FILE, line 2, column 2: '4*I' is not a number; " + number_in(2)),
    'a fraction': (b'1,2,0\n1/3,4,1\n', "FILE, line 2, column 1: '1/3' is not a number; " + number_in(1)),
    'one class': (b'1,2,1\n3,4,1\n', 'FILE: every label is 1; expected at least two different labels'),
    'one class by name': (b'1,2,no\n3,4,no\n', "FILE: every label is 'no'; expected at least two different labels"),
    'a single row': (b'1,2,0\n', 'FILE: every label is 0; expected at least two different labels'),
    'fractions': (b'a,b,y\n1,2,0\n3,4,1\n5,6,0\n7,8,2.5\n', 'FILE, line 5: the label 2.5 is a fraction; expected classes'),
    'names of rows': (b'1,2,no\n3,4,yes\n5,6,perhaps\n',
                      "FILE: every row has a label of its own, such as 'no'; expected classes"),
    'measurements': (b'age,y\n1,30\n2,34\n3,61\n4,30\n',
                     'FILE, line 4: the label 61 is a third one after 30 and 34, and they are not numbered one after the other; '
                     "if these are classes say so, as label='y', or the name of another column as label="),
    'many names': (b'1,a\n2,b\n3,' + b'c' * 500 + b'\n4,a\n',
                   f"FILE, line 3: the label '{'c' * 56}... is a third one after 'a' and 'b', and there are 3 different ones in 4 rows; "
                   'if these are classes say so, as label=-1'),
    'missing label': (b'1,2,0\n3,4,\n5,6,1\n', missing('FILE, line 2, column 3', '1 in column 3', what='label')),
    'NaN as label': (b'1,2,0\n3,4,nan\n5,6,1\n', missing('FILE, line 2, column 3', '1 in column 3', what='label')),
    'infinite label': (b'1,2,0\n3,4,1e400\n', 'FILE, line 2: the label is inf; expected a finite number'),
    'inf as label': (b'1,2,0\n3,4,inf\n',
                     "FILE, line 2: the label 'inf' is text, others are numbers; expected values of one kind"),
    'one column': (b'1\n2\n', 'FILE: there is one column; expected at least two, the label last, '
                              'separated by comma, semicolon, tab, bar or blanks'),
    'unclosed quote': (b'a,b,y\n# here\n1,2,0\n\n3,"4,1\n5,6,0\n',
                       'FILE, line 5: a quote is not closed; expected a text table'),
    'unclosed quote in the header': (b'a,"b,y\n1,2,0\n3,4,1\n',
                                     'FILE, line 1: a quote is not closed; expected a text table'),
    'quoted cell over two lines': (b'1,2,0\n"3\n4",5,1\n',
                                   "FILE, line 2, column 1: '3 4' is not a number; " + number_in(1)),
    'a cell too long': (b'1,2,0\n' + b'1' * 200_000 + b',1,1\n',
                        'FILE, line 2: field larger than field limit (131072); expected a text table'),
    'binary file': (b'\x7fELF\x02\x01\x00\x00', 'FILE is a binary file; expected a text table'),
    'picture': (b'\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR', 'FILE is a binary file; expected a text table'),
    'not UTF-8': ('1,2,0\n3,4,1\n5,é,0\n'.encode('latin-1'),
                  "FILE, line 3 is not UTF-8 text; expected a text table, saved as UTF-8, or its encoding: try encoding='cp1252'"),
    'not UTF-8, far down': (b'1,2,0\n3,4,1\n' * 10_000 + b'5,\xe9,0\n',
                            "FILE, line 20001 is not UTF-8 text; expected a text table, saved as UTF-8, or its encoding: "
                            "try encoding='cp1252'"),
    'one endless line': (b'1' * (1 << 21), 'FILE, line 1 is longer than 1048576 bytes; expected a text table'),
}


def refused(source, error, message, variables=None):
    r"""
    Check that load_data refuses ``source`` with ``message`` whole, and says nothing else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with pytest.raises(error) as caught:
            load_data(source, variables=variables)
    assert caught.type is error
    assert str(caught.value) == message
    assert '\n' not in message and len(message) < 500


@pytest.mark.parametrize('content, message', WRONG_TEXT.values(), ids=WRONG_TEXT)
def test_wrong_text(tmp_path, content, message):
    path = tmp_path / 'table.csv'
    path.write_bytes(content)
    for source in (str(path), path):
        refused(source, ValueError, message.replace('FILE', str(path)))


# Wrong paths

WRONG_PATHS = {
    'missing file': ('no/such/file.csv', FileNotFoundError, 'no/such/file.csv: there is no such file'),
    'a table instead of its path': ('1,2,0\n3,4,1', FileNotFoundError, r"'1,2,0\n3,4,1': there is no such file"),
    'empty path': ('', FileNotFoundError, "'': there is no such file"),
    'file as a directory': ('/dev/null/table.csv', OSError,
                            '/dev/null/table.csv: Not a directory; expected the path of a file'),
    'device': ('/dev/null', ValueError, '/dev/null is not a regular file; expected a text table'),
    'endless device': ('/dev/zero', ValueError, '/dev/zero is not a regular file; expected a text table'),
    'null character': ('a\0b', ValueError,
                       r"'a\x00b': a path has no null characters; expected the path of a file"),
    'endless path': ('a' * 5000, OSError,
                     f"'{'a' * 56}...: File name too long; expected the path of a file"),
}


@pytest.mark.parametrize('path, error, message', WRONG_PATHS.values(), ids=WRONG_PATHS)
def test_wrong_path(path, error, message):
    # NotADirectoryError is an OSError of its own kind; the message counts
    refused(path, error, message)


def test_directory_of_the_user(tmp_path):
    refused(tmp_path, IsADirectoryError, f'{tmp_path} is a directory without files; expected a file, or Parquet files or text tables in it')


def test_fifo_is_not_opened(tmp_path):
    # to open a FIFO without a writer would wait for ever
    path = tmp_path / 'pipe'
    os.mkfifo(path)
    refused(path, ValueError, f'{path} is not a regular file; expected a text table')


def test_file_of_another_user(tmp_path):
    if os.geteuid() == 0:
        pytest.skip('root may read everything')
    path = tmp_path / 'secret.csv'
    path.write_text('1,2,0\n3,4,1\n')
    path.chmod(0)
    refused(path, PermissionError, f'{path} may not be read by this user')


def sparse_file(path, content, size):
    # Takes no room on the disk; a file system without holes or with a lower limit is no place for this test.
    path.write_bytes(content)
    try:
        os.truncate(path, size)
    except OSError:
        pytest.skip('the file system makes no file of this size')


def test_too_large_for_memory(tmp_path):
    path = tmp_path / 'large.csv'
    sparse_file(path, b'34.62365962,78.02469282,0\n60.18259939,86.3085521,1\n' * 30_000, 2 * 10**12)
    begun = time.perf_counter()
    # read in parts, up to where it is no text
    with pytest.raises(ValueError) as caught:
        load_data(path)
    assert time.perf_counter() - begun < 1
    assert str(caught.value) == f'{path}, line 60001 has null characters; expected a text table'


def test_too_large_and_without_lines(tmp_path):
    path = tmp_path / 'large.csv'
    sparse_file(path, b'1' * (2 << 20), 2 * 10**12)
    begun = time.perf_counter()
    refused(path, ValueError, f'{path}, line 1 is longer than 1048576 bytes; expected a text table')
    assert time.perf_counter() - begun < 1


def test_large_and_binary_after_some_rows(tmp_path):
    path = tmp_path / 'large.csv'
    sparse_file(path, b'1,2,0\n3,4,1\n', 2 * 10**12)
    begun = time.perf_counter()
    refused(path, ValueError, f'{path} is a binary file; expected a text table')
    assert time.perf_counter() - begun < 1


# Wrong objects: made when the test runs, for some need Sage or pandas

def structured_array():
    return numpy.array([(1.0, 0)], dtype=[('a', 'f8'), ('y', 'i4')])


WRONG_OBJECTS = {
    # what is no data at all
    'int': (lambda: 42, TypeError, f'42 is not data; expected {KINDS}'),
    'float': (lambda: 0.5, TypeError, f'0.5 is not data; expected {KINDS}'),
    'None': (lambda: None, TypeError, f'None is not data; expected {KINDS}'),
    'dict of numbers': (lambda: {'x1': 1, 'y': 0}, TypeError, "the columns, 'x1' is 1; expected a list of its cells"),
    'dict of unequal columns': (lambda: {'x1': [1, 2], 'y': [0, 1, 0]}, ValueError,
                                "the columns, 'y' has 3 rows; expected 2 as 'x1'"),
    'empty dict': (lambda: {}, ValueError, 'the columns: there are no columns; expected at least two, the label last'),
    'set': (lambda: {(1, 0)}, TypeError, f'{{(1, 0)}} is not data; expected {KINDS}'),
    'function': (lambda: len, TypeError, f'<built-in function len> is not data; expected {KINDS}'),
    'class': (lambda: Dataset, TypeError, f"<class 'sage_logreg.dataset.dataset.Dataset'> is not data; expected {KINDS}"),
    'bytes': (lambda: b'table.csv', TypeError, f"b'table.csv' is not data; expected {KINDS}"),
    '0-d array': (lambda: numpy.array(3.0), TypeError, f'array(3.) is not data; expected {KINDS}'),
    'structured array': (structured_array, ValueError, 'the array: every label is 0; expected at least two different labels'),
    '1-d array': (lambda: numpy.array([1.0, 0.0]), ValueError, 'the array has 1 dimension; expected 2'),
    '3-d array': (lambda: numpy.zeros((2, 2, 2)), ValueError, 'the array has 3 dimensions; expected 2'),
    'list of numbers': (lambda: [1, 2, 0], TypeError, 'the rows, row 1 is 1; expected a list of numbers'),
    'list of lines': (lambda: ['1,2,0', '3,4,1'], TypeError,
                      "the rows, row 1 is '1,2,0'; expected a list of numbers"),
    'a row that is no list': (lambda: [[1, 0], None], TypeError,
                              'the rows, row 2 is None; expected a list of numbers'),
    'pandas series': (lambda: needed_pandas().Series([1, 2]), ValueError,
                      'the series: there is one column; expected at least two, the label last'),
    # shapes
    'empty list': (lambda: [], ValueError, 'the rows: there are no rows; expected at least one'),
    'empty rows': (lambda: [[], [], []], ValueError,
                   'the rows: there are no columns; expected at least two, the label last'),
    'array without rows': (lambda: numpy.zeros((0, 3)), ValueError,
                           'the array: there are no rows; expected at least two'),
    'array without columns': (lambda: numpy.zeros((3, 0)), ValueError,
                              'the array: there are no columns; expected at least two, the label last'),
    'array of one column': (lambda: numpy.array([[0], [1]]), ValueError,
                            'the array: there is one column; expected at least two, the label last'),
    'rows of one column': (lambda: [[0], [1]], ValueError,
                           'the rows: there is one column; expected at least two, the label last'),
    'matrix of one column': (lambda: needed_sage().matrix([[0], [1]]), ValueError,
                             'the matrix: there is one column; expected at least two, the label last'),
    'matrix without rows': (lambda: needed_sage().matrix(0, 3), ValueError,
                            'the matrix: there are no rows; expected at least two'),
    'empty frame': (lambda: needed_pandas().DataFrame(), ValueError,
                    'the frame: there are no columns; expected at least two, the label last'),
    'short row': (lambda: [[1, 2, 0], [3, 1]], ValueError, 'the rows, row 2 has 2 columns; expected 3 as in row 1'),
    'long row': (lambda: [[1, 0], [2, 1], [3, 4, 0]], ValueError,
                 'the rows, row 3 has 3 columns; expected 2 as in row 1'),
    # numbers
    'None in a row': (lambda: [[1, 2, 0], [3, None, 1]], ValueError,
                      missing('the rows, row 2, column 2', '1 in column 2')),
    'text in a row': (lambda: [[1, 2, 0], ['3', 4, 1]], ValueError,
                      "the rows, row 2, column 1: '3' is not a number; " + number_in(1)),
    'list in a row': (lambda: [[1, 0], [2, 1], [[3], 1]], ValueError,
                      'the rows, row 3, column 1: [3] is not a real number'),
    'NaN in a row': (lambda: [[1, 2, 0], [3, NAN, 1]], ValueError,
                     missing('the rows, row 2, column 2', '1 in column 2')),
    'inf in an array': (lambda: numpy.array([[1, INFINITY, 0], [3, 4, 1]]), ValueError,
                        'the array, row 1, column 2: inf is not a finite number'),
    '-inf in a row': (lambda: [[-INFINITY, 0], [3, 1]], ValueError,
                      'the rows, row 1, column 1: -inf is not a finite number'),
    'an integer too large': (lambda: [[1, 0], [10**400, 1]], ValueError,
                             'the rows, row 2, column 1: inf is not a finite number'),
    'a negative integer too large': (lambda: [[1, 0], [-10**400, 1]], ValueError,
                                     'the rows, row 2, column 1: -inf is not a finite number'),
    'a Sage integer too large': (lambda: needed_sage().matrix([[1, 0], [needed_sage().ZZ(10)**400, 1]]), ValueError,
                                 'the matrix, row 2, column 1: inf is not a finite number'),
    'a long double too large': (lambda: numpy.array([['1', '0'], ['1e4000', '1']], dtype=numpy.longdouble), ValueError,
                                'the array, row 2, column 1: inf is not a finite number'),
    'complex in a row': (lambda: [[1, 0], [1 + 2j, 1]], ValueError,
                         'the rows, row 2, column 1: (1+2j) is not a real number'),
    'complex without imaginary part': (lambda: [[1, 0], [complex(3), 1]], ValueError,
                                       'the rows, row 2, column 1: (3+0j) is not a real number'),
    'complex array': (lambda: numpy.array([[1, 2, 0], [3, 4, 1]], dtype=complex), ValueError,
                      'the array, row 1, column 1: (1+0j) is not a real number'),
    'NumPy complex in a row': (lambda: [[numpy.complex64(1 + 2j), 0], [2, 1]], ValueError,
                               'the rows, row 1, column 1: (1+2j) is not a real number'),
    'Sage complex matrix': (lambda: needed_sage().matrix(needed_sage().CC, [[1, needed_sage().I, 0], [2, 3, 1]]), ValueError,
                            'the matrix, row 1, column 2: 1.00000000000000*I is not a real number'),
    'Sage I in a row': (lambda: [[1, 0], [2 + 3*needed_sage().I, 1]], ValueError,
                        'the rows, row 2, column 1: 3*I + 2 is not a real number'),
    'symbol without a value': (lambda: [[1, 0], [needed_sage().SR.var('t') + 1, 1]], ValueError,
                               'the rows, row 2, column 1: t + 1 is not a real number'),
    'symbolic matrix': (lambda: needed_sage().matrix([[1, needed_sage().SR.var('t'), 0], [1, 2, 1]]), ValueError,
                        'the matrix, row 1, column 2: t is not a real number'),
    'Sage infinity': (lambda: [[1, 0], [needed_sage().oo, 1]], ValueError,
                      'the rows, row 2, column 1: inf is not a finite number'),
    'array of text': (lambda: numpy.array([['1', '0'], ['2', '1']]), ValueError,
                      "the array, row 1, column 1: '1' is text that reads as a number; expected numbers, or the column in "
                      'categorical= if they are names'),
    'rows of text': (lambda: [['07', 3, 0], ['05', 4, 1]], ValueError,
                     "the rows, row 1, column 1: '07' is text that reads as a number; expected numbers, or the column in "
                     'categorical= if they are names'),
    'array of dates': (lambda: numpy.array([['2020-01-01', '2020-01-02']] * 2, dtype='M8[ns]'), ValueError,
                       'the array, column 1: dates; expected numbers or text'),
    'array of times': (lambda: numpy.array([[1, 0], [2, 1]], dtype='m8[ns]'), ValueError,
                       'the array, column 1: durations; expected numbers or text'),
    'masked array': (lambda: numpy.ma.array([[1.0, 2, 0], [3, 4, 1]], mask=[[0, 0, 0], [0, 1, 0]]), ValueError,
                     missing('the array, row 2, column 2', '1 in column 2')),
    'masked array of integers': (lambda: numpy.ma.array([[1, 0], [3, 1]], mask=[[0, 0], [1, 0]]), ValueError,
                                 missing('the array, row 2, column 1', '1 in column 1')),
    'masked number in a row': (lambda: [[1, 0], [numpy.ma.masked, 1]], ValueError,
                               missing('the rows, row 2, column 1', '1 in column 1')),
    'text in a frame': (lambda: needed_pandas().DataFrame({'a': [1, 'x'], 'y': [0, 1]}), ValueError,
                        "the frame, row 2, column 1: 'x' is not a number; " + number_in('a')),
    'NA in a frame': (lambda: needed_pandas().DataFrame({'a': needed_pandas().array([1, None], dtype='Int64'), 'y': [0, 1]}),
                      ValueError, missing('the frame, row 2, column 1', '1 in a')),
    'dates in a frame': (lambda: needed_pandas().DataFrame({'a': needed_pandas().to_datetime(['2020-01-01'] * 2).astype('M8[s]'),
                                                     'y': [0, 1]}), ValueError,
                         "the frame, column 1, 'a': dates; expected numbers or text"),
    # labels
    'one class': (lambda: [[1, 1], [2, 1]], ValueError, 'the rows: every label is 1; expected at least two different labels'),
    'one class, True': (lambda: ([[1], [2]], [True, True]), ValueError,
                        'the rows: every label is 1; expected at least two different labels'),
    'one row': (lambda: [[1, 2, 0]], ValueError, 'the rows: every label is 0; expected at least two different labels'),
    'numbers with gaps': (lambda: numpy.array([[1, 0], [2, 0], [3, 1], [4, 7]]), ValueError,
                          'the array, row 4: the label 7 is a third one after 0 and 1, and they are not numbered one after the other; '
                          'if these are classes say so, as label=-1'),
    'a name for every row': (lambda: [[1, 'a'], [2, 'c'], [3, 'b']], ValueError,
                             "the rows: every row has a label of its own, such as 'a'; expected classes"),
    'measurements for labels': (lambda: needed_sage().matrix(needed_sage().RDF, [[1, 0.5], [2, 0.25], [3, 0.125]]), ValueError,
                                'the matrix, row 1: the label 0.5 is a fraction; expected classes, or for shares of trials a triple '
                                '(points, successes, trials)'),
    'measurements beyond one': (lambda: needed_sage().matrix(needed_sage().RDF, [[1, 0.5], [2, 2.5], [3, 1]]), ValueError,
                                'the matrix, row 1: the label 0.5 is a fraction; expected classes'),
    'label None': (lambda: [[1, 0], [2, None], [3, 1]], ValueError, 
                   missing('the rows, row 2, column 2', '1 in column 2', what='label')),
    'label NaN': (lambda: [[1, 0], [2, NAN], [3, 1]], ValueError, 
                   missing('the rows, row 2, column 2', '1 in column 2', what='label')),
    'label NaN among texts': (lambda: [[1, 'no'], [2, NAN], [3, 'yes']], ValueError,
                              missing('the rows, row 2, column 2', '1 in column 2', what='label')),
    'label NaN in an array': (lambda: numpy.array([[1, 0], [2, NAN], [3, 1]]), ValueError,
                              missing('the array, row 2, column 2', '1 in column 2', what='label')),
    'label pandas.NA': (lambda: ([[1], [2], [3]], [0, needed_pandas().NA, 1]), ValueError,
                        missing('the rows, row 2', '1 in the labels', what='label')),
    'label missing in a frame of texts': (lambda: needed_pandas().DataFrame({'a': [1, 3, 2], 'y': ['no', 'yes', None]}),
                                          ValueError, missing('the frame, row 3, column 2', '1 in y', what='label')),
    'label missing among categories': (
        lambda: needed_pandas().DataFrame({'a': [1, 3, 2], 'y': needed_pandas().Categorical(['no', None, 'yes'])}),
        ValueError, missing('the frame, row 2, column 2', '1 in y', what='label')),
    'masked label': (lambda: ([[1], [2], [3]], [0, 1, numpy.ma.masked]), ValueError,
                     missing('the rows, row 3', '1 in the labels', what='label')),
    'empty label': (lambda: [[1, 'no'], [2, '']], ValueError, missing('the rows, row 2, column 2', '1 in column 2', what='label')),
    'infinite label': (lambda: [[1, 0], [2, INFINITY]], ValueError,
                       'the rows, row 2: the label is inf; expected a finite number'),
    'complex label': (lambda: [[1, 0], [2, 1j]], ValueError,
                      'the rows, row 2: the label 1j is not a real number; expected numbers or text'),
    'NumPy complex label': (lambda: ([[1], [2]], numpy.array([0, 1 + 2j])), ValueError,
                            'the rows, row 1: the label 0j is not a real number; expected numbers or text'),
    'bytes as label': (lambda: [[1, 0], [2, b'yes']], ValueError,
                       "the rows, row 2: the label b'yes' is not a number; expected numbers or text"),
    'text after numbers': (lambda: [[1, 0], [2, 0], [3, 'yes']], ValueError,
                           "the rows, row 3: the label 'yes' is text, others are numbers; expected values of one kind"),
    'dates as labels': (lambda: ([[1], [2]], numpy.array(['2020-01-01', '2020-01-02'], 'M8[D]')), ValueError,
                        'the rows, the labels: dates; expected numbers or text'),
    'a number after texts': (lambda: ([[1], [2]], ['no', 1]), ValueError,
                             "the rows, row 1: the label 'no' is text, others are numbers; expected values of one kind"),
    # pairs
    'fewer labels than points': (lambda: ([[1], [2], [3]], [0, 1]), ValueError,
                                 'there are 3 points and 2 labels; expected one label a point'),
    'more labels than points': (lambda: (needed_sage().matrix([[1], [2]]), needed_sage().vector([0, 1, 0])), ValueError,
                                'there are 2 points and 3 labels; expected one label a point'),
    '2-d labels': (lambda: ([[1], [2]], numpy.eye(2)), ValueError,
                   'the labels have 2 columns; expected one label a point, or for successes and failures a triple (points, successes, '
                   'trials)'),
    '3-d labels': (lambda: ([[1], [2]], numpy.ones((2, 2, 2))), ValueError,
                   'the labels have the shape (2, 2, 2); expected one label a point'),
    'labels as lists': (lambda: ([[1], [2]], [[0], [1]]), ValueError,
                        'the rows, row 1: the label [0] is not a real number; expected numbers or text'),
    'labels as a number': (lambda: ([[1], [2]], 7), TypeError,
                           'the pair ([[1], [2]], 7) is not data; expected points and labels'),
    'labels as one text': (lambda: ([[1], [2]], 'ab'), TypeError,
                           "the pair ([[1], [2]], 'ab') is not data; expected points and labels"),
    'points wrong in a pair': (lambda: (numpy.array([[1, NAN], [2, 3]]), [0, 1]), ValueError,
                               missing('the array, row 1, column 2', '1 in column 2')),
}


@pytest.mark.parametrize('make, error, message', WRONG_OBJECTS.values(), ids=WRONG_OBJECTS)
def test_wrong_object(make, error, message):
    refused(make(), error, message)


WRONG_VARIABLES = {
    'too few': ('a', 'variables has 1 name (a); expected 2, one a feature column'),
    'too many': (['a', 'b', 'y'], 'variables has 3 names (a, b, y); expected 2, one a feature column'),
    'none': ([], 'variables has 0 names (); expected 2, one a feature column'),
    'a number': (5, 'variables has 1 name (5); expected 2, one a feature column'),
    'the same twice': ('a a', 'variables = a, a; expected different names'),
    'two words': (['exam 1', 'b'], "variables: 'exam 1' cannot name a variable; expected a name such as x1"),
    'a digit first': ('1a, b', "variables: '1a' cannot name a variable; expected a name such as x1"),
    'a keyword': ('lambda mu', "variables: 'lambda' cannot name a variable; expected a name such as x1"),
    'numbers': ([1, 2], "variables: '1' cannot name a variable; expected a name such as x1"),
}


@pytest.mark.parametrize('variables, message', WRONG_VARIABLES.values(), ids=WRONG_VARIABLES)
def test_wrong_variables(variables, message):
    rows = [[1, 2, 0], [3, 4, 1]]
    refused(rows, ValueError, message, variables)
    refused(load_data(rows), ValueError, message, variables)


def test_comments_and_quotes(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('3,"C # 2"\n4,"C # 1" # not the "second" one\n5,"C # 2"#"\n6,"C # 1"  # it\'s 6" long\n')
    data = load_data(path)
    assert data.label_names == ('C # 1', 'C # 2') and data.labels.tolist() == [1, 0, 1, 0]
    path.write_text('3,0\n4,"1 # 1\n')
    refused(path, ValueError, f'{path}, line 2: a quote is not closed; expected a text table')


def test_lines_are_counted_after_excels(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('sep=;\n1;2;0\n3;4\n')
    refused(path, ValueError, f'{path}, line 3 has 2 columns; expected 3 as in the lines before')
    # only the first line is Excel's
    path.write_text('1;0\nsep=;\n')
    refused(path, ValueError, f"{path}, line 2, column 1: 'sep=' is not a number; {number_in(1)}")


def test_path_with_odd_name(tmp_path):
    path = tmp_path / 'a table\nof two lines.csv'
    path.write_text('1,2,0\n3,x,1\n')
    with pytest.raises(ValueError) as caught:
        load_data(path)
    # the name is quoted, and shortened where it is long
    assert '\n' not in str(caught.value)
    assert str(caught.value).endswith(f", line 2, column 2: 'x' is not a number; {number_in(2)}")
    path.write_text('1,2,0\n3,4,1\n')
    assert len(load_data(path)) == 2
