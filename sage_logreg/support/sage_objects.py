r"""
NumPy results as Sage objects

Without Sage, the same functions return NumPy's own objects.

EXAMPLES::

    sage: from sage_logreg.support.sage_objects import real_vector, count_matrix
    sage: import numpy
    sage: real_vector(numpy.array([1.0, 2.0])).parent()
    Vector space of dimension 2 over Real Double Field
    sage: count_matrix([[1, 2], [3, 4]]).parent()
    Full MatrixSpace of 2 by 2 dense matrices over Integer Ring
"""
import functools
import html
import importlib.util
import pathlib
import re
import sys
import types
import unicodedata

import numpy

from sage_logreg.support.interrupt import interrupts_held
from sage_logreg.support.main_thread import in_main_thread
from sage_logreg.support.threads import one_thread

# LaTeX code of characters that are special to it, or that its text fonts replace by others.
LATEX = str.maketrans({**{character: '\\' + character for character in '%_&#${}'},
                       **{character: f'${character}$' for character in '<>|'},
                       '\\': r'\textbackslash{}', '^': r'\^{}', '~': r'\~{}', '²': '$^2$'})

FILLER = '\0'


def is_old_sage():
    r"""
    Return whether the installed Sage is older than 10, whose parts cannot be loaded separately.

    EXAMPLES::

        sage: from sage_logreg.support.sage_objects import is_old_sage
        sage: from sage.version import version
        sage: is_old_sage() == (int(version.split('.')[0]) < 10)
        True
    """
    # read as text, since importing it would load a part of Sage
    spec = importlib.util.find_spec('sage')
    for folder in spec.submodule_search_locations if spec else ():
        path = pathlib.Path(folder, 'version.py')
        if path.exists():
            version = re.search(r"^version = '(\d+)", path.read_text(encoding='utf-8'), re.MULTILINE)
            return bool(version) and int(version[1]) < 10
    return False


def load_old_sage():
    r"""
    Load all of an old Sage, unless it is loaded already.
    """
    if 'sage.all' not in sys.modules and is_old_sage():
        in_main_thread(_load_all)


def _load_all():
    with interrupts_held():
        # first, as it installs a handler of its own
        import cysignals  # noqa: F401
    with interrupts_held():
        import sage.all  # noqa: F401


def _objects():
    # The constructors of answers: Sage's, or without it Python's and NumPy's.
    try:
        from sage_logreg.support import needs_sage  # noqa: F401
        from sage.matrix.constructor import matrix
        from sage.modules.free_module_element import vector
        from sage.rings.integer import Integer
        from sage.rings.integer_ring import ZZ
        from sage.rings.real_double import RDF
    except ImportError:
        return types.SimpleNamespace(number=float, numbers=functools.partial(_each, float), integer=int,
                                     vector=numpy.array, matrix=numpy.array, counts=numpy.array)
    return types.SimpleNamespace(number=RDF, numbers=functools.partial(_each, RDF), integer=Integer,
                                 vector=functools.partial(vector, RDF), matrix=functools.partial(matrix, RDF),
                                 counts=functools.partial(matrix, ZZ))


def _each(number, values):
    return list(map(number, values.tolist()))


def _made(kind, value):
    # The answer of this kind; loading Sage may have to wait for the main thread, and is not done with the lock.
    objects = _objects()
    with one_thread:
        return vars(objects)[kind](value)


def real_vector(values):
    r"""
    Return a float64 array as a vector over ``RDF``.
    """
    return _made('vector', values)


def real_number(value):
    r"""
    Return a float as an element of ``RDF``.
    """
    return _made('number', value)


def real_numbers(values):
    r"""
    Return a float64 array as a list of elements of ``RDF``.

    EXAMPLES::

        sage: from sage_logreg.support.sage_objects import real_numbers
        sage: import numpy
        sage: real_numbers(numpy.array([1.0, 2.0]))[1].parent()
        Real Double Field
    """
    return _made('numbers', values)


def integer(value):
    r"""
    Return an int as an element of ``ZZ``.
    """
    return _made('integer', value)


def real_matrix(rows):
    r"""
    Return a float64 array as a matrix over ``RDF``.
    """
    return _made('matrix', rows)


def count_matrix(rows):
    r"""
    Return rows of counts as a matrix over ``ZZ``, over ``RDF`` if some are not whole.

    EXAMPLES::

        sage: from sage_logreg.support.sage_objects import count_matrix
        sage: count_matrix([[float(1), float(2)]])
        [1 2]
        sage: count_matrix([[float(1), float(1.5)]])
        [1.0 1.5]
    """
    if not all(float(value).is_integer() for row in rows for value in row):
        return real_matrix(rows)
    return _made('counts', [[int(value) for value in row] for row in rows])


def text_table(rows, note=None, below=None):
    r"""
    Return rows of strings, the first one the header, as a Sage ``table``, with a note above, and rows of another table below.

    EXAMPLES::

        sage: from sage_logreg.support.sage_objects import text_table
        sage: text_table([['', 'a'], ['b', '1']])
              a
        ...
          b   1

    Sage puts strings into LaTeX unescaped, where % begins a comment; here they are escaped::

        sage: latex(text_table([['', '95%'], ['exam_1', '1']]))
        \begin{tabular}{ll}
         & 95\% \\ \hline
        exam\_1 & 1 \\
        \end{tabular}

    A cell that begins with a blank is indented, and in HTML strings are escaped as well::

        sage: blocks = text_table([['', 'a'], ['income', ''], ['  <50K', '1']])
        sage: blocks
                   a
        ...
          income
            <50K   1
        sage: latex(blocks).count(r'\quad $<$50K & 1'), blocks._html_().count('&emsp;&lt;50K<')
        (1, 1)

    Japanese letters are as wide as two::

        sage: text_table([['', 'a'], ['男性', '1'], ['male', '1']])
                 a
        ...
          男性   1
          male   1

    A note, of one or more lines::

        sage: noted = text_table([['', 'a'], ['b', '1']], '95% of it')
        sage: noted
        95% of it
              a
        ...
          b   1
        sage: latex(noted)
        \begin{tabular}{l}
        95\% of it \\
        \begin{tabular}{ll}
        ...
        \end{tabular}
        \end{tabular}

    A table of its own below, without a header::

        sage: text_table([['', 'a'], ['b', '1']], 'above', [['cost', '2'], ['largest', '3']])
        above
              a
        ...
          b   1
        <BLANKLINE>
          cost      2
          largest   3
    """
    try:
        from sage_logreg.support import needs_sage  # noqa: F401
        from sage.misc.table import table
    except ImportError:
        return [[note]] * (note is not None) + rows + (below or [])
    result = table(rows, header_row=True)
    vars(result).update(_latex_=functools.partial(_table_as_latex, rows, note, below),
                        _html_=functools.partial(_table_as_html, rows, note, below))
    text = '\n'.join(filter(None, [note, _as_text(rows, True)])) + (f'\n\n{_as_text(below, False)}' if below else '')
    # as str of a text is that text, and is pickled
    result._repr_ = functools.partial(str, text)
    return result


def _as_text(rows, has_header):
    from sage.misc.table import table
    # Sage pads cells by their number of characters; this one stands for the other half of a wide one
    filled = [[''.join(sign + FILLER * _is_wide(sign) for sign in cell) for cell in row] for row in rows]
    return table(filled, header_row=has_header)._repr_().replace(FILLER, '')


def _is_wide(character):
    return unicodedata.east_asian_width(character) in 'WF'


def _table_as_latex(rows, note, below):
    parts = [_in_tabular(part, part is rows) for part in (rows, below) if part]
    lines = [] if note is None else list(map(_cell_as_latex, note.split('\n')))
    if len(parts) == 1 and not lines:
        return parts[0]
    return '\\begin{tabular}{l}\n' + ' \\\\\n'.join(lines + parts) + '\n\\end{tabular}'


def _in_tabular(rows, has_header):
    from sage.misc.table import table
    return table([list(map(_cell_as_latex, row)) for row in rows], header_row=has_header)._latex_()


def _cell_as_latex(text):
    return r'\quad ' * _indented(text) + text.lstrip().translate(LATEX)


def _table_as_html(rows, note, below):
    from sage.misc.table import table
    parts = [] if note is None else ['<p>' + '<br>'.join(map(_cell_as_html, note.split('\n'))) + '</p>']
    for part in filter(None, [rows, below]):
        parts.append(str(table([list(map(_cell_as_html, row)) for row in part], header_row=part is rows)._html_()))
    return '\n'.join(parts)


def _cell_as_html(text):
    # Sage would read what is between dollars as a formula
    return '&emsp;' * _indented(text) + html.escape(text.lstrip()).replace('$', '&#36;')


def _indented(text):
    return text.startswith(' ')
