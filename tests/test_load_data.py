r"""
load_data: what it refuses, with the whole message, and what it accepts.

An error names what was given, where it stands (file, line, column; or row,
column, counted from 1) and what is expected, in one sentence on one line.
"""
import csv
import decimal
import fractions
import os
import pathlib
import re
import time
import warnings

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import Dataset, ex2data1, load_data

NAN, INFINITY = float('nan'), float('inf')
KINDS = 'a path, a matrix, rows, an array, a frame or a pair (points, labels)'


def sage():
    return pytest.importorskip('sage.all')


def pandas():
    return pytest.importorskip('pandas')


# Wrong text tables: the file's content and what is said of it; FILE stands for the path

NUMBER = 'expected a number, as in every column but the last, the label'
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
    'text in a number column': (b'a,b,y\n1,2,0\n3,high,1\n', "FILE, line 3, column 2: 'high' is not a number; " + NUMBER),
    'comments and blanks counted as lines': (b'# origin\n\na,b,y\n\n1,2,0\n# half way\nx,4,1\n',
                                             "FILE, line 7, column 1: 'x' is not a number; " + NUMBER),
    'text in the first row, a number as label': (b'NA,NA,0\n1,2,1\n', "FILE, line 1, column 1: 'NA' is not a number; " + NUMBER),
    'long text': (b'1,2,0\n' + b'z' * 500 + b',4,1\n', f"FILE, line 2, column 1: '{'z' * 56}... is not a number; " + NUMBER),
    'empty cell': (b'1,2,0\n3,,1\n', 'FILE, line 2, column 2: the cell is empty; ' + NUMBER),
    'empty cells in the first row': (b',,0\n1,2,1\n', 'FILE, line 1, column 1: the cell is empty; ' + NUMBER),
    'only delimiters': (b'1,2,0\n,,\n', 'FILE, line 2, column 1: the cell is empty; ' + NUMBER),
    'NaN': (b'1,2,0\nnan,4,1\n', 'FILE, line 2, column 1: nan is not a finite number'),
    'inf': (b'1,2,0\n3,inf,1\n', 'FILE, line 2, column 2: inf is not a finite number'),
    '-inf': (b'1,2,0\n3,-Infinity,1\n', 'FILE, line 2, column 2: -inf is not a finite number'),
    'a number too large': (b'1,2,0\n3,1e400,1\n', 'FILE, line 2, column 2: inf is not a finite number'),
    'complex': (b'1,2,0\n1+2j,4,1\n', "FILE, line 2, column 1: '1+2j' is not a number; " + NUMBER),
    'complex in Sage': (b'1;2;0\n3;4*I;1\n', "FILE, line 2, column 2: '4*I' is not a number; " + NUMBER),
    'a fraction': (b'1,2,0\n1/3,4,1\n', "FILE, line 2, column 1: '1/3' is not a number; " + NUMBER),
    'one class': (b'1,2,1\n3,4,1\n', 'FILE: every label is 1; expected two different labels'),
    'one class by name': (b'1,2,no\n3,4,no\n', "FILE: every label is 'no'; expected two different labels"),
    'a single row': (b'1,2,0\n', 'FILE: every label is 0; expected two different labels'),
    'three classes': (b'a,b,y\n1,2,0\n3,4,1\n5,6,0\n7,8,2.5\n',
                      'FILE, line 5: the label 2.5 is a third one after 0 and 1; expected two different labels'),
    'three names': (b'1,2,no\n3,4,yes\n5,6,perhaps\n',
                    "FILE, line 3: the label 'perhaps' is a third one after 'no' and 'yes'; "
                    'expected two different labels'),
    'a long third name': (b'1,a\n2,b\n3,' + b'c' * 500 + b'\n',
                          f"FILE, line 3: the label '{'c' * 56}... is a third one after 'a' and 'b'; "
                          'expected two different labels'),
    'missing label': (b'1,2,0\n3,4,\n5,6,1\n', 'FILE, line 2: the label is missing'),
    'NaN as label': (b'1,2,0\n3,4,nan\n5,6,1\n', 'FILE, line 2: the label is missing'),
    'infinite label': (b'1,2,0\n3,4,inf\n', 'FILE, line 2: the label is inf; expected a finite number'),
    'one column': (b'1\n2\n', "FILE, line 1 has one column, '1'; expected at least two, the label last, "
                              'separated by comma, semicolon, tab or space'),
    'unclosed quote': (b'a,b,y\n# here\n1,2,0\n\n3,"4,1\n5,6,0\n',
                       'FILE, line 5: a quote is not closed in its line; expected a text table'),
    'unclosed quote in the header': (b'a,"b,y\n1,2,0\n3,4,1\n',
                                     'FILE, line 1: a quote is not closed in its line; expected a text table'),
    'quoted cell over two lines': (b'1,2,0\n"3\n4",5,1\n',
                                   'FILE, line 2: a quote is not closed in its line; expected a text table'),
    'a cell too long': (b'1,2,0\n' + b'1' * 200_000 + b',1,1\n',
                        'FILE, line 2: field larger than field limit (131072); expected a text table'),
    'binary file': (b'\x7fELF\x02\x01\x00\x00', 'FILE is a binary file; expected a text table'),
    'picture': (b'\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR', 'FILE is a binary file; expected a text table'),
    'not UTF-8': ('1,2,0\n3,4,1\n5,é,0\n'.encode('latin-1'),
                  'FILE, line 3 is not UTF-8 text; expected a text table, saved as UTF-8'),
    'not UTF-8, far down': (b'1,2,0\n3,4,1\n' * 10_000 + b'5,\xe9,0\n',
                            'FILE, line 20001 is not UTF-8 text; expected a text table, saved as UTF-8'),
    'one endless line': (b'1' * (1 << 21), 'FILE, line 1 is longer than 1048576 bytes; expected a text table'),
}


def refused(source, error, message, variables=None):
    r"""
    Check that load_data refuses ``source`` with ``message`` whole, and says nothing else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with pytest.raises(error) as caught:
            load_data(source, variables)
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
    'directory': ('/', IsADirectoryError, '/ is a directory; expected a file'),
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
    refused(tmp_path, IsADirectoryError, f'{tmp_path} is a directory; expected a file')


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
    with pytest.raises(MemoryError) as caught:
        load_data(path)
    assert time.perf_counter() - begun < 1
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9
    assert str(caught.value) == (f'{path} (2000.0 GB) is too large for the memory of this machine ({memory:.1f} GB); '
                                 'expected a table that fits')


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
    'dict': (lambda: {'x1': [1, 2], 'y': [0, 1]}, TypeError,
             f"{{'x1': [1, 2], 'y': [0, 1]}} is not data; expected {KINDS}"),
    'set': (lambda: {(1, 0)}, TypeError, f'{{(1, 0)}} is not data; expected {KINDS}'),
    'function': (lambda: len, TypeError, f'<built-in function len> is not data; expected {KINDS}'),
    'class': (lambda: Dataset, TypeError, f"<class 'sage_logreg.dataset.dataset.Dataset'> is not data; expected {KINDS}"),
    'bytes': (lambda: b'table.csv', TypeError, f"b'table.csv' is not data; expected {KINDS}"),
    '0-d array': (lambda: numpy.array(3.0), TypeError, f'array(3.) is not data; expected {KINDS}'),
    'structured array': (structured_array, TypeError,
                         f"array([(1., 0)], dtype=[('a', '<f8'), ('y', '<i4')]) is not data; expected {KINDS}"),
    '1-d array': (lambda: numpy.array([1.0, 0.0]), ValueError, 'the array has 1 dimension; expected 2'),
    '3-d array': (lambda: numpy.zeros((2, 2, 2)), ValueError, 'the array has 3 dimensions; expected 2'),
    'list of numbers': (lambda: [1, 2, 0], TypeError, 'the rows, row 1 is 1; expected a list of numbers'),
    'list of lines': (lambda: ['1,2,0', '3,4,1'], TypeError,
                      "the rows, row 1 is '1,2,0'; expected a list of numbers"),
    'a row that is no list': (lambda: [[1, 0], None], TypeError,
                              'the rows, row 2 is None; expected a list of numbers'),
    'pandas series': (lambda: pandas().Series([1, 2]), TypeError,
                      'the rows, row 1 is 1; expected a list of numbers'),
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
    'matrix of one column': (lambda: sage().matrix([[0], [1]]), ValueError,
                             'the matrix: there is one column; expected at least two, the label last'),
    'matrix without rows': (lambda: sage().matrix(0, 3), ValueError,
                            'the matrix: there are no rows; expected at least two'),
    'empty frame': (lambda: pandas().DataFrame(), ValueError,
                    'the frame: there are no columns; expected at least two, the label last'),
    'short row': (lambda: [[1, 2, 0], [3, 1]], ValueError, 'the rows, row 2 has 2 columns; expected 3 as in row 1'),
    'long row': (lambda: [[1, 0], [2, 1], [3, 4, 0]], ValueError,
                 'the rows, row 3 has 3 columns; expected 2 as in row 1'),
    # numbers
    'None in a row': (lambda: [[1, 2, 0], [3, None, 1]], ValueError,
                      'the rows, row 2, column 2: None is not a number'),
    'text in a row': (lambda: [[1, 2, 0], ['3', 4, 1]], ValueError, "the rows, row 2, column 1: '3' is not a number"),
    'list in a row': (lambda: [[1, 0], [2, 1], [[3], 1]], ValueError,
                      'the rows, row 3, column 1: [3] is not a real number'),
    'NaN in a row': (lambda: [[1, 2, 0], [3, NAN, 1]], ValueError,
                     'the rows, row 2, column 2: nan is not a finite number'),
    'inf in an array': (lambda: numpy.array([[1, INFINITY, 0], [3, 4, 1]]), ValueError,
                        'the array, row 1, column 2: inf is not a finite number'),
    '-inf in a row': (lambda: [[-INFINITY, 0], [3, 1]], ValueError,
                      'the rows, row 1, column 1: -inf is not a finite number'),
    'an integer too large': (lambda: [[1, 0], [10**400, 1]], ValueError,
                             'the rows, row 2, column 1: inf is not a finite number'),
    'a negative integer too large': (lambda: [[1, 0], [-10**400, 1]], ValueError,
                                     'the rows, row 2, column 1: -inf is not a finite number'),
    'a Sage integer too large': (lambda: sage().matrix([[1, 0], [sage().ZZ(10)**400, 1]]), ValueError,
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
    'Sage complex matrix': (lambda: sage().matrix(sage().CC, [[1, sage().I, 0], [2, 3, 1]]), ValueError,
                            'the matrix, row 1, column 2: 1.00000000000000*I is not a real number'),
    'Sage I in a row': (lambda: [[1, 0], [2 + 3*sage().I, 1]], ValueError,
                        'the rows, row 2, column 1: 3*I + 2 is not a real number'),
    'symbol without a value': (lambda: [[1, 0], [sage().SR.var('t') + 1, 1]], ValueError,
                               'the rows, row 2, column 1: t + 1 is not a real number'),
    'symbolic matrix': (lambda: sage().matrix([[1, sage().SR.var('t'), 0], [1, 2, 1]]), ValueError,
                        'the matrix, row 1, column 2: t is not a real number'),
    'Sage infinity': (lambda: [[1, 0], [sage().oo, 1]], ValueError,
                      'the rows, row 2, column 1: inf is not a finite number'),
    'array of text': (lambda: numpy.array([['1', '0'], ['2', '1']]), ValueError,
                      "the array, row 1, column 1: '1' is not a number"),
    'array of dates': (lambda: numpy.array([['2020-01-01', '2020-01-02']] * 2, dtype='M8[ns]'), ValueError,
                       'the array, row 1, column 1: 2020-01-01T00:00:00.000000000 is not a real number'),
    'array of times': (lambda: numpy.array([[1, 0], [2, 1]], dtype='m8[ns]'), ValueError,
                       'the array, row 1, column 1: 1 nanoseconds is not a real number'),
    'masked array': (lambda: numpy.ma.array([[1.0, 2, 0], [3, 4, 1]], mask=[[0, 0, 0], [0, 1, 0]]), ValueError,
                     'the array, row 2, column 2: nan is not a finite number'),
    'masked array of integers': (lambda: numpy.ma.array([[1, 0], [3, 1]], mask=[[0, 0], [1, 0]]), ValueError,
                                 'the array, row 2, column 1: nan is not a finite number'),
    'masked number in a row': (lambda: [[1, 0], [numpy.ma.masked, 1]], ValueError,
                               'the rows, row 2, column 1: masked is not a real number'),
    'text in a frame': (lambda: pandas().DataFrame({'a': [1, 'x'], 'y': [0, 1]}), ValueError,
                        "the frame, row 2, column 1: 'x' is not a number"),
    'NA in a frame': (lambda: pandas().DataFrame({'a': pandas().array([1, None], dtype='Int64'), 'y': [0, 1]}),
                      ValueError, 'the frame, row 2, column 1: nan is not a finite number'),
    'dates in a frame': (lambda: pandas().DataFrame({'a': pandas().to_datetime(['2020-01-01'] * 2).astype('M8[s]'),
                                                     'y': [0, 1]}), ValueError,
                         'the frame, row 1, column 1: 2020-01-01T00:00:00 is not a real number'),
    # labels
    'one class': (lambda: [[1, 1], [2, 1]], ValueError, 'the rows: every label is 1; expected two different labels'),
    'one class, True': (lambda: ([[1], [2]], [True, True]), ValueError,
                        'the rows: every label is 1; expected two different labels'),
    'one row': (lambda: [[1, 2, 0]], ValueError, 'the rows: every label is 0; expected two different labels'),
    'three classes': (lambda: numpy.array([[1, 0], [2, 0], [3, 1], [4, 7]]), ValueError,
                      'the array, row 4: the label 7 is a third one after 0 and 1; expected two different labels'),
    'three classes by name': (lambda: [[1, 'a'], [2, 'c'], [3, 'b']], ValueError,
                              "the rows, row 3: the label 'b' is a third one after 'a' and 'c'; "
                              'expected two different labels'),
    'measurements for labels': (lambda: sage().matrix(sage().RDF, [[1, 0.5], [2, 0.25], [3, 0.125]]), ValueError,
                                'the matrix, row 3: the label 0.125 is a third one after 0.5 and 0.25; '
                                'expected two different labels'),
    'label None': (lambda: [[1, 0], [2, None], [3, 1]], ValueError, 'the rows, row 2: the label is missing'),
    'label NaN': (lambda: [[1, 0], [2, NAN], [3, 1]], ValueError, 'the rows, row 2: the label is missing'),
    'label NaN among texts': (lambda: [[1, 'no'], [2, NAN], [3, 'yes']], ValueError,
                              'the rows, row 2: the label is missing'),
    'label NaN in an array': (lambda: numpy.array([[1, 0], [2, NAN], [3, 1]]), ValueError,
                              'the array, row 2: the label is nan; expected a finite number'),
    'label pandas.NA': (lambda: ([[1], [2], [3]], [0, pandas().NA, 1]), ValueError,
                        'the rows, row 2: the label is missing'),
    'label missing in a frame of texts': (lambda: pandas().DataFrame({'a': [1, 2, 3], 'y': ['no', 'yes', None]}),
                                          ValueError, 'the frame, row 3: the label is missing'),
    'label missing among categories': (
        lambda: pandas().DataFrame({'a': [1, 2, 3], 'y': pandas().Categorical(['no', None, 'yes'])}),
        ValueError, 'the frame, row 2: the label is missing'),
    'masked label': (lambda: ([[1], [2], [3]], [0, 1, numpy.ma.masked]), ValueError,
                     'the rows, row 3: the label is missing'),
    'empty label': (lambda: [[1, 'no'], [2, '']], ValueError, 'the rows, row 2: the label is missing'),
    'infinite label': (lambda: [[1, 0], [2, INFINITY]], ValueError,
                       'the rows, row 2: the label is inf; expected a finite number'),
    'complex label': (lambda: [[1, 0], [2, 1j]], ValueError,
                      'the rows, row 2: the label 1j is neither a real number nor text'),
    'NumPy complex label': (lambda: ([[1], [2]], numpy.array([0, 1 + 2j])), ValueError,
                            'the rows, row 1: the label 0j is neither a real number nor text'),
    'bytes as label': (lambda: [[1, 0], [2, b'yes']], ValueError,
                       "the rows, row 2: the label b'yes' is neither a real number nor text"),
    'text after numbers': (lambda: [[1, 0], [2, 0], [3, 'yes']], ValueError,
                           "the rows, row 3: the label 'yes' is text, the ones before are not; "
                           'expected two values of one kind'),
    'a number after texts': (lambda: ([[1], [2]], ['no', 1]), ValueError,
                             'the rows, row 2: the label 1 is a number, the ones before are not; '
                             'expected two values of one kind'),
    # pairs
    'fewer labels than points': (lambda: ([[1], [2], [3]], [0, 1]), ValueError,
                                 'there are 3 points and 2 labels; expected one label a point'),
    'more labels than points': (lambda: (sage().matrix([[1], [2]]), sage().vector([0, 1, 0])), ValueError,
                                'there are 2 points and 3 labels; expected one label a point'),
    '2-d labels': (lambda: ([[1], [2]], numpy.eye(2)), ValueError,
                   'the labels have the shape (2, 2); expected one label a point'),
    'labels as lists': (lambda: ([[1], [2]], [[0], [1]]), ValueError,
                        'the rows, row 1: the label [0] is neither a real number nor text'),
    'labels as a number': (lambda: ([[1], [2]], 7), TypeError,
                           'the pair ([[1], [2]], 7) is not data; expected points and labels'),
    'labels as one text': (lambda: ([[1], [2]], 'ab'), TypeError,
                           "the pair ([[1], [2]], 'ab') is not data; expected points and labels"),
    'points wrong in a pair': (lambda: (numpy.array([[1, NAN], [2, 3]]), [0, 1]), ValueError,
                               'the array, row 1, column 2: nan is not a finite number'),
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


# Right text tables: all say the same four rows

POINTS, LABELS = numpy.array([[34.5, -78.25], [60.0, 0.125], [1e-3, 2e5], [-7.0, 8.0]]), [0.0, 1.0, 1.0, 0.0]
PLAIN = '34.5,-78.25,0\n60,.125,1\n1e-3,+2E5,1\n-7,8,0\n'
RIGHT_TEXT = {
    'comma': PLAIN,
    'comma and space': PLAIN.replace(',', ' , '),
    'semicolon': PLAIN.replace(',', ';'),
    'semicolon and decimal comma': PLAIN.replace(',', ';').replace('.', ','),
    'semicolon, as Excel says': 'sep=;\n' + PLAIN.replace(',', ';').replace('.', ','),
    'comma, as Excel says, and a header': 'SEP=,\r\nx1,x2,y\r\n' + PLAIN,
    'tab, as Excel says': 'sep=\t\n' + PLAIN.replace(',', '\t'),
    'a bar, as Excel says': 'sep=|\n' + PLAIN.replace(',', '|'),
    'tab': PLAIN.replace(',', '\t'),
    'tab and space': PLAIN.replace(',', ' \t '),
    'space': PLAIN.replace(',', ' '),
    'columns aligned by spaces': '  34.5   -78.25 0\n  60       .125 1\n   1e-3   2e5  1  \n  -7     8      0',
    'header': 'x1,x2,y\n' + PLAIN,
    'header of words': 'x1;x2;y\n' + PLAIN.replace(',', ';'),
    'header with an empty name': ',x2,y\n' + PLAIN,
    'no end of the last line': PLAIN.rstrip('\n'),
    'comments': '# from 2011\n' + PLAIN.replace('60,.125,1\n', '# half\n60,.125,1  # the second\n'),
    'comments and header': '# from 2011\n   # by hand\nx1,x2,y\n' + PLAIN,
    'blank lines': '\n\n' + PLAIN.replace('\n', '\n\n \n'),
    'CRLF': PLAIN.replace('\n', '\r\n'),
    'CR': PLAIN.replace('\n', '\r'),
    'quotes': '"x1","x2","y"\n' + ''.join(
        ','.join(f'"{cell}"' for cell in line.split(',')) + '\n' for line in PLAIN.splitlines()),
    'float labels': PLAIN.replace(',0\n', ',0.0\n').replace(',1\n', ',1.0\n'),
}


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16'])
@pytest.mark.parametrize('text', RIGHT_TEXT.values(), ids=RIGHT_TEXT)
def test_right_text(tmp_path, text, encoding):
    path = tmp_path / 'table.txt'
    path.write_bytes(text.encode(encoding))
    data = load_data(path)
    assert data.points.tolist() == POINTS.tolist()
    assert data.labels.tolist() == LABELS
    assert data.points.dtype == data.labels.dtype == numpy.float64
    assert data.variables == ('x1', 'x2')
    assert (data.label_name, data.label_names) == ('y', (0, 1))


HEADERS = {
    'names': ('height,weight,ill', ('height', 'weight'), 'ill'),
    'sentences': ('exam #1,exam (2),admitted?', ('exam_1', 'exam_2'), 'admitted?'),
    'quoted, with the delimiter': ('"exam, first","exam, second","was, or not"', ('exam_first', 'exam_second'),
                                   'was, or not'),
    'other scripts': ('身長,体重,合格', ('身長', '体重'), '合格'),
    'a digit first': ('1st,2nd,y', ('x1st', 'x2nd'), 'y'),
    'a keyword': ('lambda,mu,y', ('lambda_', 'mu'), 'y'),
    'constants': ('pi,e,I', ('pi_', 'e_'), 'I'),
    'another constant': ('I,pie,e', ('I_', 'pie'), 'e'),
    "after Excel's line": ('sep=,\nexam #1,exam #2,y', ('exam_1', 'exam_2'), 'y'),
    'signs only': ('?,!,y', ('x1', 'x2'), 'y'),
    'the same twice': ('a,a,y', ('x1', 'x2'), 'y'),
    'no name for the label': ('a,b,', ('a', 'b'), 'y'),
}


@pytest.mark.parametrize('header, variables, label_name', HEADERS.values(), ids=HEADERS)
def test_header(tmp_path, header, variables, label_name):
    path = tmp_path / 'table.csv'
    path.write_text(header + '\n1,2,0\n3,4,1\n', encoding='utf-8')
    data = load_data(path)
    assert data.variables == variables
    assert data.label_name == label_name
    assert len(data) == 2
    assert load_data(path, variables='u v').variables == ('u', 'v')


def test_comments_and_quotes(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('3,"C # 2"\n4,"C # 1" # not the "second" one\n5,"C # 2"#"\n6,"C # 1"  # it\'s 6" long\n')
    data = load_data(path)
    assert data.label_names == ('C # 1', 'C # 2') and data.labels.tolist() == [1, 0, 1, 0]
    path.write_text('3,0\n4,"1 # 1\n')
    refused(path, ValueError, f'{path}, line 2: a quote is not closed in its line; expected a text table')


def test_lines_are_counted_after_excels(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('sep=;\n1;2;0\n3;4\n')
    refused(path, ValueError, f'{path}, line 3 has 2 columns; expected 3 as in the lines before')
    # only the first line is Excel's
    path.write_text('1;0\nsep=;\n')
    refused(path, ValueError, f"{path}, line 2, column 1: 'sep=' is not a number; {NUMBER}")


def test_text_labels_of_a_file(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text('1;2;yes, sure\n3;4;no\n5;6;yes, sure\n')
    data = load_data(path)
    # the comma in a text is none of a number
    assert data.label_names == ('no', 'yes, sure')
    assert data.labels.tolist() == [1, 0, 1]


def test_path_with_odd_name(tmp_path):
    path = tmp_path / 'a table\nof two lines.csv'
    path.write_text('1,2,0\n3,x,1\n')
    with pytest.raises(ValueError) as caught:
        load_data(path)
    # the name is quoted, and shortened where it is long
    assert '\n' not in str(caught.value)
    assert str(caught.value).endswith(f", line 2, column 2: 'x' is not a number; {NUMBER}")
    path.write_text('1,2,0\n3,4,1\n')
    assert len(load_data(path)) == 2


def test_worksheet_data():
    data = ex2data1()
    source = pathlib.Path(__file__).parent.parent / 'data' / 'ex2data1.txt'
    expected = numpy.loadtxt(source, delimiter=',')
    assert data.points.shape == (100, 2)
    assert numpy.array_equal(data.points, expected[:, :2])
    assert numpy.array_equal(data.labels, expected[:, 2])
    assert repr(data) == '100 points in x1, x2: 60 with y = 1, 40 with y = 0'


# Right objects

REAL_TYPES = ['bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64',
              'float16', 'float32', 'float64', 'longdouble', '>f8', '>i4', 'object']


@pytest.mark.parametrize('order', ['C', 'F'])
@pytest.mark.parametrize('dtype', REAL_TYPES)
def test_numpy_types(dtype, order):
    array = numpy.array([[1, 0, 0], [0, 1, 1], [1, 1, 0]], dtype=dtype, order=order)
    for source in (array, (array[:, :2], array[:, 2]), [list(row) for row in array], list(array), array.tolist()):
        data = load_data(source)
        assert data.points.tolist() == [[1, 0], [0, 1], [1, 1]]
        assert data.labels.tolist() == [0, 1, 0]
        assert data.points.dtype == data.labels.dtype == numpy.float64
        assert data.label_names == (0, 1)


def test_values_are_converted_not_rounded_twice():
    third = numpy.longdouble(1) / 3
    data = load_data([[third, 0], [fractions.Fraction(1, 3), 1], [decimal.Decimal('0.1'), 1], [numpy.float32(0.1), 0]])
    assert data.points[:, 0].tolist() == [1/3, 1/3, 0.1, float(numpy.float32(0.1))]


def test_sliced_and_read_only_arrays():
    array = numpy.arange(24.0).reshape(4, 6)
    array[:, 4] = [0, 1, 0, 1]
    view = array[::-1, ::2]
    view.flags.writeable = False
    data = load_data(view)
    assert data.points.tolist() == view[:, :2].tolist()
    assert data.labels.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize('ring', ['ZZ', 'QQ', 'RR', 'RDF', 'AA', 'SR', 'QQbar', 'CC', 'RIF'])
def test_sage_matrices(ring):
    sage_all = sage()
    table = sage_all.matrix(getattr(sage_all, ring), [[1, 2, 0], [3, 4, 1], [5, 7, 1]])
    for source in (table, sage_all.matrix(table, sparse=True), table.rows(), [list(row) for row in table],
                   (table[:, :2], table.column(2)), (table[:, :2], table[:, 2]), (table[:, :2].rows(), [0, 1, 1])):
        data = load_data(source)
        assert data.points.tolist() == [[1, 2], [3, 4], [5, 7]]
        assert data.labels.tolist() == [0, 1, 1]
        assert all(type(name) is int for name in data.label_names)


def test_sage_numbers():
    sage_all = sage()
    sqrt, pi, Rational = sage_all.sqrt, sage_all.pi, sage_all.Rational
    data = load_data([[sqrt(2), Rational('1/3'), 0], [pi, sage_all.RealField(200)(1) / 3, 1],
                      [sage_all.AA(2).sqrt(), sage_all.exp(1), 1], [sage_all.golden_ratio, sage_all.RDF(0.1), 0]])
    expected = [[2**0.5, 1/3], [numpy.pi, 1/3], [2**0.5, numpy.e], [(1 + 5**0.5) / 2, 0.1]]
    assert numpy.allclose(data.points, expected, rtol=1e-15, atol=0)
    assert data.points[0, 1] == data.points[1, 1] == 1/3


def test_labels_over_a_finite_field():
    sage_all = sage()
    data = load_data((sage_all.matrix([[1], [2], [3]]), sage_all.vector(sage_all.GF(2), [0, 1, 1])))
    assert data.labels.tolist() == [0, 1, 1]


def test_frames():
    pd = pandas()
    frame = pd.DataFrame({'height': pd.array([1, 2, 3], dtype='Int64'), 'exam (2)': pd.array([0.5, 1, 2], 'Float32'),
                          'smokes': [True, False, True], 'ill': pd.array([True, False, True], dtype='boolean')},
                         index=[7, 7, 9])
    data = load_data(frame)
    assert data.points.tolist() == [[1, 0.5, 1], [2, 1, 0], [3, 2, 1]]
    assert data.labels.tolist() == [1, 0, 1]
    assert data.variables == ('height', 'exam_2', 'smokes')
    assert (data.label_name, data.label_names) == ('ill', (0, 1))
    assert load_data(frame, ['a', 'b', 'c']).variables == ('a', 'b', 'c')


@pytest.mark.parametrize('labels', [
    lambda pd: pd.Categorical(['no', 'yes', 'no']), lambda pd: pd.array(['no', 'yes', 'no'], dtype='string'),
    lambda pd: numpy.array(['no', 'yes', 'no'], dtype=object)], ids=['categorical', 'string', 'object'])
def test_frames_with_named_labels(labels):
    pd = pandas()
    labels = pd.Series(labels(pd), name='answer')
    points = pd.DataFrame({'a': [1, 2, 3]})
    for source in (points.assign(answer=labels), (points, labels), [points, labels]):
        data = load_data(source)
        assert data.labels.tolist() == [0, 1, 0]
        assert (data.variables, data.label_name, data.label_names) == (('a',), 'answer', ('no', 'yes'))
        assert repr(data) == "3 points in a: 1 with answer = 'yes', 2 with answer = 'no'"


def test_frame_without_names():
    pd = pandas()
    data = load_data(pd.DataFrame([[1, 2, 0], [3, 4, 1]]))
    assert (data.variables, data.label_name) == (('x1', 'x2'), 'y')


def test_pairs_of_every_mixture():
    points = [[1, 2.5], [3, 4], [5, 6]]
    labels = [1, 0, 1]
    all_points = [points, tuple(map(tuple, points)), numpy.array(points), list(map(numpy.array, points))]
    all_labels = [labels, tuple(labels), numpy.array(labels), numpy.array(labels, dtype=bool),
                  numpy.array(labels).reshape(3, 1), (label for label in labels)]
    pd = pandas()
    all_points.append(pd.DataFrame(points))
    all_labels.extend([pd.Series(labels), pd.DataFrame({'y': labels})])
    sage_all = sage()
    all_points.extend([sage_all.matrix(sage_all.QQ, points), [sage_all.vector(row) for row in points]])
    all_labels.extend([sage_all.vector(labels), sage_all.matrix(3, 1, labels)])
    for given_labels in all_labels:
        if not hasattr(given_labels, '__len__') and not hasattr(given_labels, 'nrows'):
            # a generator can be read once
            assert load_data((points, given_labels)).labels.tolist() == [1, 0, 1]
            continue
        for given_points in all_points:
            data = load_data((given_points, given_labels))
            assert data.points.tolist() == points
            assert data.labels.tolist() == [1, 0, 1]


def test_generators():
    data = load_data([x, x % 2] for x in range(4))
    assert data.points.tolist() == [[0], [1], [2], [3]]
    assert data.labels.tolist() == [0, 1, 0, 1]
    assert load_data(zip([5, 6], [7, 8], ['a', 'b'])).points.tolist() == [[5, 7], [6, 8]]


LABELS_BY_NAME = {
    '0 and 1': ([1, 0, 1], (0, 1)),
    'True and False': ([True, False, True], (0, 1)),
    '1 and 2': ([2, 1, 2], (1, 2)),
    '-1 and 1': ([1, -1, 1], (-1, 1)),
    '0 and 2': ([2, 0, 2], (0, 2)),
    'halves': ([0.5, -0.5, 0.5], (-0.5, 0.5)),
    'texts': (['yes', 'no', 'yes'], ('no', 'yes')),
    'digits as texts': (['2', '10', '2'], ('10', '2')),
    'capitals': (['b', 'A', 'b'], ('A', 'b')),
}


@pytest.mark.parametrize('labels, names', LABELS_BY_NAME.values(), ids=LABELS_BY_NAME)
def test_labels_are_mapped_in_sorted_order(labels, names):
    points = [[1], [2], [3]]
    rows = [[*point, label] for point, label in zip(points, labels)]
    for source in (rows, (points, labels), (points, numpy.array(labels)), (points, numpy.array(labels, dtype=object))):
        data = load_data(source)
        assert data.labels.tolist() == [1, 0, 1]
        assert data.label_names == names
        assert [type(name) for name in data.label_names] == [type(name) for name in names]
        assert data.label_text(1) == f'y = {names[1]!r}'


@pytest.mark.parametrize('variables', ['a, b', 'a b', 'a,b', ['a', 'b'], ('a', 'b'), numpy.array(['a', 'b']),
                                       (name for name in 'ab')])
def test_variables(variables):
    assert load_data([[1, 2, 0], [3, 4, 1]], variables).variables == ('a', 'b')


def test_symbolic_variables():
    sage_all = sage()
    a, b = sage_all.SR.var('a, b')
    assert load_data([[1, 2, 0], [3, 4, 1]], [a, b]).variables == ('a', 'b')
    assert load_data([[1, 2, 0], [3, 4, 1]], sage_all.SR.var('a, b')).variables == ('a', 'b')
    assert load_data([[1, 0], [3, 1]], a).variables == ('a',)


def test_dataset_is_returned_itself_or_renamed():
    data = load_data([[1, 'no'], [3, 'yes']])
    assert load_data(data) is data
    renamed = load_data(data, 'hours')
    assert (renamed.variables, data.variables) == (('hours',), ('x1',))
    assert renamed.label_names == ('no', 'yes')


def test_data_are_a_copy():
    table = numpy.array([[1.0, 2.0, 0.0], [3.0, 4.0, 1.0]])
    points, labels = table[:, :2].astype(numpy.float32), numpy.array([0, 1])
    sources = [load_data(table), load_data((points, labels)), load_data((table[:, :2], labels))]
    table[:], points[:], labels[:] = -1, -1, -1
    for data in sources:
        assert data.points.tolist() == [[1, 2], [3, 4]]
        assert data.labels.tolist() == [0, 1]


def test_large_arrays_are_not_copied():
    # a pair of arrays of the right type: twice the memory is more than some have
    for dtype in ('float64', 'float32'):
        points, labels = numpy.array([[1.0, 2.0], [3.0, 4.0]], dtype), numpy.array([0.0, 1.0])
        data = load_data((points, labels), dtype=dtype)
        assert data.points is points or data.points.base is points
        assert numpy.shares_memory(data.labels, labels)


# Any table at all

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw):
    # rows of finite numbers, the last one 0 or 1, both present
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(NUMBERS, min_size=width, max_size=width), min_size=2, max_size=8))
    labels = draw(st.lists(st.sampled_from([0, 1]), min_size=len(rows) - 2, max_size=len(rows) - 2)) + [0, 1]
    return [[*row, label] for row, label in zip(rows, draw(st.permutations(labels)))]


def same_bits(one, two):
    # -0.0 and 0.0 are equal, but not the same
    return one.tobytes() == two.tobytes()


@settings(deadline=None, max_examples=60)
@given(table=tables(), delimiter=st.sampled_from([',', ';', '\t', ' ', ' , ', ';  ']), header=st.booleans(),
       ending=st.sampled_from(['\n', '\r\n', '\r']), quoted=st.booleans())
def test_written_and_read_back(tmp_path_factory, table, delimiter, header, ending, quoted):
    path = tmp_path_factory.getbasetemp() / 'hypothesis.csv'
    quote = '"' if quoted and delimiter != ' ' else ''
    lines = [delimiter.join(quote + repr(cell) + quote for cell in row) for row in table]
    if header:
        lines.insert(0, delimiter.join(f'column_{j}' for j in range(len(table[0]))))
    path.write_bytes((ending.join(lines) + ending).encode())
    data = load_data(path)
    expected = numpy.array(table, dtype=numpy.float64)
    assert same_bits(data.points, numpy.ascontiguousarray(expected[:, :-1]))
    assert same_bits(data.labels, numpy.ascontiguousarray(expected[:, -1]))
    assert (data.variables[0] == 'column_0') == header


@settings(deadline=None, max_examples=30)
@given(table=tables())
def test_csv_module_writes_what_is_read(tmp_path_factory, table):
    path = tmp_path_factory.getbasetemp() / 'hypothesis2.csv'
    with open(path, 'w', newline='') as file:
        csv.writer(file).writerows(table)
    assert same_bits(load_data(path).points, load_data(table).points)


@settings(deadline=None, max_examples=40)
@given(table=tables())
def test_every_kind_of_source_gives_the_same(table):
    array = numpy.array(table, dtype=numpy.float64)
    sources = [table, list(map(tuple, table)), array, array.astype(object), list(array), iter(table),
               (array[:, :-1], array[:, -1]), ([row[:-1] for row in table], [row[-1] for row in table])]
    try:
        from sage.matrix.constructor import matrix
        from sage.rings.real_double import RDF
        sources.append(matrix(RDF, table))
        sources.append(matrix(RDF, table).rows())
    except ImportError:
        pass
    try:
        import pandas
        sources.append(pandas.DataFrame(table))
    except ImportError:
        pass
    if len(table) != 2:
        sources.append(tuple(map(tuple, table)))  # a tuple of two would be a pair
    for source in sources:
        data = load_data(source)
        assert same_bits(data.points, numpy.ascontiguousarray(array[:, :-1]))
        assert same_bits(data.labels, numpy.ascontiguousarray(array[:, -1]))
        assert data.variables == tuple(f'x{j + 1}' for j in range(array.shape[1] - 1))


def test_a_flat_pair_is_one_variable():
    points, labels = numpy.array([1.5, 2.5, 3.5]), numpy.array([0, 1, 0])
    for source in [(points, labels), (points.tolist(), labels.tolist()), (list(points), labels)]:
        data = load_data(source)
        assert data.points.tolist() == [[1.5], [2.5], [3.5]]
        assert data.labels.tolist() == [0, 1, 0]


@settings(deadline=None, max_examples=60)
@given(table=tables(), data=st.data(), bad=st.sampled_from(['', 'x', 'nan', '-inf', '1+2j', '1e999']))
def test_a_bad_cell_is_named(tmp_path_factory, table, data, bad):
    # whichever cell is bad, the message says where it stands
    row = data.draw(st.integers(0, len(table) - 1))
    column = data.draw(st.integers(0, len(table[0]) - 2))
    cells = [[repr(cell) for cell in line] for line in table]
    cells[row][column] = bad
    path = tmp_path_factory.getbasetemp() / 'hypothesis3.csv'
    path.write_text('header,' * (len(table[0]) - 1) + 'y\n' + ''.join(','.join(line) + '\n' for line in cells))
    with pytest.raises(ValueError) as caught:
        load_data(path)
    assert re.fullmatch(re.escape(f'{path}, line {row + 2}, column {column + 1}: ')
                        + rf"(('.*' is not a number|the cell is empty); {NUMBER}|(nan|inf|-inf) is not a finite number)",
                        str(caught.value))
