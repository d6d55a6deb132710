r"""
NumPy results as Sage objects

Where there is no Sage, the same functions return NumPy's own objects, so that
a model answers in the words of whoever asks.

EXAMPLES::

    sage: from sage_logreg.sage_objects import real_vector, integer_matrix
    sage: import numpy
    sage: real_vector(numpy.array([1.0, 2.0])).parent()
    Vector space of dimension 2 over Real Double Field
    sage: integer_matrix([[1, 2], [3, 4]]).parent()
    Full MatrixSpace of 2 by 2 dense matrices over Integer Ring
"""
import numpy


def real_vector(values):
    r"""
    Return a float64 array as a vector over ``RDF``.

    EXAMPLES::

        sage: from sage_logreg.sage_objects import real_vector
        sage: import numpy
        sage: real_vector(numpy.array([0.5, 0.25]))
        (0.5, 0.25)
    """
    try:
        from sage.modules.free_module_element import vector
        from sage.rings.real_double import RDF
    except ImportError:
        return numpy.array(values)
    return vector(RDF, values)


def real_number(value):
    r"""
    Return a float as an element of ``RDF``.

    EXAMPLES::

        sage: from sage_logreg.sage_objects import real_number
        sage: real_number(float(0.5)).parent()
        Real Double Field
    """
    try:
        from sage.rings.real_double import RDF
    except ImportError:
        return float(value)
    return RDF(value)


def integer(value):
    r"""
    Return an int as an element of ``ZZ``.

    EXAMPLES::

        sage: from sage_logreg.sage_objects import integer
        sage: integer(int(3)).parent()
        Integer Ring
    """
    try:
        from sage.rings.integer import Integer
    except ImportError:
        return int(value)
    return Integer(value)


def integer_matrix(rows):
    r"""
    Return rows of ints as a matrix over ``ZZ``.

    EXAMPLES::

        sage: from sage_logreg.sage_objects import integer_matrix
        sage: integer_matrix([[int(1), int(2)]])
        [1 2]
    """
    try:
        from sage.matrix.constructor import matrix
        from sage.rings.integer_ring import ZZ
    except ImportError:
        return numpy.array(rows)
    return matrix(ZZ, rows)
