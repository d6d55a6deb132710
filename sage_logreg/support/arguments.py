r"""
Numbers as a Sage user types them, converted once

Every number that a user can type at the Sage prompt (``Integer``, ``Rational``,
``RealNumber``, elements of ``RDF``, constants such as ``sqrt(2)``, NumPy
scalars) is converted here to a Python ``int`` or ``float``; anything else is
refused in an error that names the argument. Nothing here imports Sage.

EXAMPLES::

    sage: from sage_logreg.support.arguments import real_number, whole_number
    sage: real_number('learning_rate', 1/1000)
    0.001
    sage: whole_number('iterations', 3*10^5)
    300000
"""
import math
import operator

import numpy


def shown(value, length=60):
    r"""
    Return a short text of ``value`` for an error message, on one line.

    EXAMPLES::

        sage: from sage_logreg.support.arguments import shown
        sage: shown('abc')
        "'abc'"
        sage: shown(list(range(100)), length=20)
        '[0, 1, 2, 3, 4, 5...'

    NumPy's own output depends on its version and on Sage's settings::

        sage: import numpy
        sage: shown(numpy.complex128(1)), shown(numpy.str_('1')), shown(numpy.datetime64('2020-01-02'))
        ('(1+0j)', "'1'", '2020-01-02')
    """
    if isinstance(value, (numpy.datetime64, numpy.timedelta64)):
        return str(value)
    if isinstance(value, numpy.generic):
        value = value.item()
    text = ' '.join(repr(value).split())
    return text if len(text) <= length else text[:length - 3] + '...'


def listed(texts, what=None):
    r"""
    Return texts, joined by commas; of more than 20, the first five and the last, and how many there are of ``what``.

    EXAMPLES::

        sage: from sage_logreg.support.arguments import listed
        sage: listed(['a', 'b', 'c'], 'variables')
        'a, b, c'
        sage: listed([f'x{j}' for j in (1..2000)], 'variables'), listed([f'x{j}' for j in (1..2000)])
        ('x1, x2, x3, x4, x5, ..., x2000 (2000 variables)', 'x1, x2, x3, x4, x5, ..., x2000')
    """
    texts = list(texts)
    if len(texts) <= 20:
        return ', '.join(texts)
    return ', '.join([*texts[:5], '...', texts[-1]]) + (f' ({len(texts)} {what})' if what else '')


def one_of(name, value, choices):
    r"""
    Return that of some choices, such as levels of a factor, which is meant.

    EXAMPLES::

        sage: from sage_logreg.support.arguments import one_of
        sage: one_of('year', '2008', (2007, 2008)), one_of('year', 2007.0, (2007r, 2008r))
        (2008, 2007)
        sage: one_of('year', 2009, (2007, 2008))
        Traceback (most recent call last):
        ...
        ValueError: year = 2009; expected one of 2007, 2008
    """
    for choice in choices:
        if choice == value or str(choice) == str(value):
            return choice
    raise ValueError(f'{name} = {shown(value)}; expected one of {listed(map(repr, choices))}')


def entries(value):
    r"""
    Return the entries of a list, tuple, vector, array or generator as a list, or ``None``.

    Strings, dictionaries and sets have no entries here (they are not sequences
    of numbers), nor do numbers, though Sage can iterate over some of them.

    EXAMPLES::

        sage: from sage_logreg.support.arguments import entries
        sage: entries(vector([1, 2])), entries((x for x in 'ab')), entries('ab'), entries(7)
        ([1, 2], ['a', 'b'], None, None)
        sage: entries(1/2)
    """
    if isinstance(value, (str, bytes, dict, set, frozenset)):
        return None
    if not hasattr(value, '__len__') and as_float(value) is not None:
        return None
    try:
        return list(value)
    except TypeError:
        return None


def as_float(value):
    r"""
    Return ``value`` as a ``float``, or ``None`` if it is not a real number.

    Strings, dates and complex numbers are not real numbers here. An element of a
    complex Sage ring with zero imaginary part is one; a Python or NumPy complex
    is not, even with zero imaginary part.

    EXAMPLES::

        sage: from sage_logreg.support.arguments import as_float
        sage: [as_float(x) for x in (1, 1/4, 0.5, RDF(2), sqrt(4), AA(3))]
        [1.0, 0.25, 0.5, 2.0, 2.0, 3.0]

    TESTS::

        sage: x = SR.var('x')
        sage: [as_float(value) for value in ('1', None, 1j, I, x, [1])]
        [None, None, None, None, None, None]
        sage: import numpy
        sage: [as_float(value) for value in (numpy.complex128(1), numpy.datetime64('2020-01-02', 'ns'), numpy.ma.masked)]
        [None, None, None]
        sage: as_float(10^400)
        inf
    """
    # float() may accept each of these, but loses what it means
    if isinstance(value, (str, bytes, numpy.complexfloating, numpy.datetime64, numpy.timedelta64)) \
            or value is numpy.ma.masked:
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError, ArithmeticError):
        return None


def real_number(name, value, minimum=None, maximum=None, above=None, below=None):
    r"""
    Return the argument ``value`` as a finite ``float``.

    INPUT:

    - ``name`` -- string; the argument's name, for the error message
    - ``value`` -- any real number
    - ``minimum``, ``maximum`` -- the least and the greatest value allowed
    - ``above``, ``below`` -- strict bounds

    OUTPUT: a Python ``float``

    EXAMPLES::

        sage: from sage_logreg.support.arguments import real_number
        sage: real_number('l2', 1/2, minimum=0)
        0.5

    TESTS::

        sage: real_number('learning_rate', 0, above=0)
        Traceback (most recent call last):
        ...
        ValueError: learning_rate = 0; expected a real number above 0
        sage: real_number('momentum', 1.5, minimum=0, below=1)
        Traceback (most recent call last):
        ...
        ValueError: momentum = 1.50000000000000; expected a real number at least 0 and below 1
        sage: real_number('tol', 'small', minimum=0)
        Traceback (most recent call last):
        ...
        TypeError: tol = 'small'; expected a real number at least 0
    """
    bounds = [(word, holds, bound) for word, holds, bound in
              (('at least', operator.ge, minimum), ('above', operator.gt, above),
               ('at most', operator.le, maximum), ('below', operator.lt, below)) if bound is not None]
    expected = f'expected a real number {" and ".join(f"{word} {bound}" for word, _, bound in bounds)}'.strip()
    number = None if isinstance(value, (bool, numpy.bool_)) else as_float(value)
    if number is None:
        raise TypeError(f'{name} = {shown(value)}; {expected}')
    if not (math.isfinite(number) and all(holds(number, bound) for _, holds, bound in bounds)):
        raise ValueError(f'{name} = {shown(value)}; {expected}')
    return number


def whole_number(name, value, minimum=0, maximum=None):
    r"""
    Return the argument ``value`` as an ``int``.

    INPUT:

    - ``name`` -- string; the argument's name, for the error message
    - ``value`` -- any whole number: ``300000``, ``3*10^5``, ``3e5``
    - ``minimum``, ``maximum`` -- the least and the greatest value allowed

    OUTPUT: a Python ``int``

    EXAMPLES::

        sage: from sage_logreg.support.arguments import whole_number
        sage: [whole_number('iterations', x) for x in (300000, 3*10^5, 3e5, 600000/2)]
        [300000, 300000, 300000, 300000]

    TESTS::

        sage: whole_number('iterations', 1/2)
        Traceback (most recent call last):
        ...
        ValueError: iterations = 1/2; expected a whole number from 0
        sage: whole_number('seed', 2^40, maximum=2^32 - 1)
        Traceback (most recent call last):
        ...
        ValueError: seed = 1099511627776; expected a whole number from 0 to 4294967295
        sage: whole_number('epochs', None, minimum=1)
        Traceback (most recent call last):
        ...
        TypeError: epochs = None; expected a whole number from 1
    """
    expected = f'expected a whole number from {minimum}' + ('' if maximum is None else f' to {maximum}')
    try:
        number = None if isinstance(value, (bool, numpy.bool_)) else operator.index(value)
    except TypeError:
        number = as_float(value)
    if number is None:
        raise TypeError(f'{name} = {shown(value)}; {expected}')
    # the remainder of an infinite number is nan
    if number % 1 != 0 or number < minimum or (maximum is not None and number > maximum):
        raise ValueError(f'{name} = {shown(value)}; {expected}')
    return int(number)


def real_vector(name, value, length):
    r"""
    Return the argument ``value`` as an array of ``length`` finite floats.

    INPUT:

    - ``name`` -- string; the argument's name, for the error message
    - ``value`` -- a vector, list or array of real numbers
    - ``length`` -- how many there must be

    OUTPUT: a new float64 array

    EXAMPLES::

        sage: from sage_logreg.support.arguments import real_vector
        sage: real_vector('initial', vector(QQ, [1/2, 0, 1]), 3)
        array([0.5, 0. , 1. ])

    TESTS::

        sage: real_vector('initial', [1, 2], 3)
        Traceback (most recent call last):
        ...
        ValueError: initial has 2 entries; expected 3 real numbers
        sage: real_vector('initial', [1, I, 3], 3)
        Traceback (most recent call last):
        ...
        TypeError: initial[1] = I; expected a real number
        sage: real_vector('initial', 7, 3)
        Traceback (most recent call last):
        ...
        TypeError: initial = 7; expected 3 real numbers
        sage: import numpy
        sage: real_vector('initial', numpy.zeros((3, 2)), 3)
        Traceback (most recent call last):
        ...
        TypeError: initial[0] = array([0., 0.]); expected a real number
    """
    # an array can be long, so its numbers are not checked one by one
    numbers = value if isinstance(value, numpy.ndarray) and value.ndim == 1 else entries(value)
    if numbers is None:
        raise TypeError(f'{name} = {shown(value)}; expected {length} real numbers')
    if len(numbers) != length:
        raise ValueError(f'{name} has {len(numbers)} entries; expected {length} real numbers')
    if isinstance(numbers, numpy.ndarray) and numbers.dtype.kind == 'f' and numpy.isfinite(numbers).all():
        return numbers.astype(numpy.float64)
    return numpy.array([real_number(f'{name}[{i}]', number) for i, number in enumerate(numbers)])


def real_matrix(name, value, rows, columns):
    r"""
    Return the argument ``value``, a matrix or a list of rows, as an array of finite floats.

    EXAMPLES::

        sage: from sage_logreg.support.arguments import real_matrix
        sage: real_matrix('initial', matrix(QQ, [[1/2, 0], [1, 2]]), 2, 2)
        array([[0.5, 0. ],
               [1. , 2. ]])

    TESTS::

        sage: real_matrix('initial', [[1, 2], [3]], 2, 2)
        Traceback (most recent call last):
        ...
        ValueError: initial[1] has 1 entries; expected 2 real numbers
        sage: real_matrix('initial', [1, 2, 3], 2, 2)
        Traceback (most recent call last):
        ...
        ValueError: initial has 3 rows; expected 2 rows of 2 real numbers
    """
    given = entries(value)
    if given is None:
        raise TypeError(f'{name} = {shown(value)}; expected {rows} rows of {columns} real numbers')
    if len(given) != rows:
        raise ValueError(f'{name} has {len(given)} rows; expected {rows} rows of {columns} real numbers')
    return numpy.array([real_vector(f'{name}[{place}]', row, columns) for place, row in enumerate(given)])


def check_not_negative(name, values):
    r"""
    Raise an error that names the first number of the array below 0.

    EXAMPLES::

        sage: from sage_logreg.support.arguments import check_not_negative, real_vector
        sage: check_not_negative('weights', real_vector('weights', [1, -1/2], 2))
        Traceback (most recent call last):
        ...
        ValueError: weights[1] = -0.5; expected a real number from 0
    """
    if (values < 0).any():
        place = int(numpy.argmax(values < 0))
        raise ValueError(f'{name}[{place}] = {values[place]}; expected a real number from 0')


def threshold_log_odds(threshold):
    r"""
    Return the log-odds of a probability, exactly zero for 1/2.

    EXAMPLES::

        sage: from sage_logreg.support.arguments import threshold_log_odds
        sage: threshold_log_odds(1/2), threshold_log_odds(0.75r)  # abs tol 1e-12
        (0.0, 1.0986122886681098)
    """
    return math.log(threshold) - math.log1p(-threshold)
