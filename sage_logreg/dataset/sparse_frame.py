r"""
Frames of pandas whose columns are sparse: read as sparse matrices, with their names

EXAMPLES::

    sage: import pandas
    sage: from scipy.sparse import random
    sage: from sage_logreg import load_data
    sage: frame = pandas.DataFrame.sparse.from_spmatrix(random(2000r, 1000r, 0.01r, random_state=0r)).add_prefix('word')
    sage: frame['spam'] = ['no', 'yes']*1000
    sage: data = load_data(frame, label='spam')
    sage: data.design.is_sparse, data.variables[0], data.label_names
    (True, 'word0', ('no', 'yes'))
"""
import numpy

from sage_logreg.dataset.cells import column_of, is_of
from sage_logreg.dataset.sparse import ENTRY, SparseTable, check_dense, fits_dense, stays_sparse
from sage_logreg.dataset.table import Table
from sage_logreg.support.arguments import listed


class SparseFrame(SparseTable):
    r"""
    A table that is a frame of pandas with sparse columns; those that are no numbers can be its labels only.

    - ``frame`` -- the frame with all its rows, ``None`` where some columns have been selected, which are numbers
    - ``titles`` -- of its columns, ``None`` where they have none
    - ``text`` -- boolean array of the columns that are no numbers, and have no entries in the matrix

    EXAMPLES: see :mod:`sage_logreg.dataset.sparse_frame`.
    """

    titles = None

    def __init__(self, frame, titles, matrix, text):
        super().__init__('the frame', matrix)
        self.frame, self.index, self.text = frame, frame.index, text
        self.titles = None if all(title is None for title in titles) else list(titles)

    def column(self, place):
        title = None if self.titles is None else self.titles[place]
        if self.frame is None:
            column = super().column(place)
            column.title = title
            return column
        column = column_of(title, self.frame.iloc[:, place])
        return column if self.rows is None else column.take(self.rows)

    def unlike_numbers(self, places):
        return [place for place in places if self.text[place]]

    def selected(self, places):
        chosen = super().selected(places)
        chosen.frame, chosen.text = None, self.text[places]
        chosen.titles = None if self.titles is None else [self.titles[place] for place in places]
        return chosen

    def fits_dense(self):
        r"""
        Return whether it is small enough to be written out.
        """
        return fits_dense(len(self), self.width)

    def written_out(self):
        r"""
        Return the same as a dense table, before rows are taken.
        """
        check_dense(self.name, len(self), self.width)
        return Table(self.name, [self.column(place) for place in self.columns], index=self.index)

    def without_text(self, places):
        r"""
        Return the same, as a dense table if some columns are no numbers; an error names them if that is too large.
        """
        text = self.unlike_numbers(places)
        if not text:
            return self
        if self.fits_dense():
            return self.written_out()
        names = [str(place + 1) if self.titles is None else self.titles[place] for place in text]
        raise ValueError(f'{self.name}: the column{"s" * (len(names) > 1)} {listed(names)} {"are" if len(names) > 1 else "is"} no numbers, '
                         'beside sparse columns; expected their indicators, as pandas.get_dummies(frame, sparse=True) makes them')


def sparse_frame(source, titles, always=False):
    r"""
    Return a frame of pandas as a :class:`SparseFrame`, ``None`` where it is none or becomes dense.

    INPUT:

    - ``source`` -- anything
    - ``titles`` -- function of the names of the columns
    - ``always`` -- (default: ``False``) whether it stays sparse whatever its size, where that is the smaller one

    EXAMPLES::

        sage: import pandas
        sage: from sage_logreg.dataset.sparse_frame import sparse_frame
        sage: frame = pandas.DataFrame({'x': pandas.arrays.SparseArray([0.0r, 0.0r, 3.0r], fill_value=0.0r)})
        sage: sparse_frame(frame, list) is None
        True
        sage: sparse_frame(frame, list, always=True).matrix.toarray().tolist()
        [[0.0], [0.0], [3.0]]
    """
    if not is_of(source, 'pandas', 'DataFrame'):
        return None
    import pandas
    if not any(map(_is_sparse, source.dtypes)):
        return None
    columns = [source.iloc[:, j] for j in range(source.shape[1])]
    # before any of them is written out
    nonzero = sum(_count(column, pandas.api.types) for column in columns)
    if not (stays_sparse(*source.shape, nonzero) or always and ENTRY * nonzero < source.size):
        check_dense('the frame', *source.shape)
        return None
    from scipy.sparse import csc_matrix
    entries = [_entries(column, pandas.api.types) for column in columns]
    limits = numpy.concatenate([[0], numpy.cumsum([len(places) for places, _ in entries])])
    rows, values = (numpy.concatenate(parts) for parts in zip(*entries))
    matrix = csc_matrix((values, rows, limits), source.shape)
    text = numpy.array([not _is_number(column.dtype, pandas.api.types) for column in columns])
    return SparseFrame(source, titles(source.columns), matrix, text)


def _is_sparse(dtype):
    return type(dtype).__name__ == 'SparseDtype'


def _is_number(dtype, types):
    if _is_sparse(dtype):
        return dtype.subtype.kind in 'biuf'
    return types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype)


def _fills_with_zero(dtype):
    return _is_sparse(dtype) and dtype.subtype.kind in 'biuf' and dtype.fill_value == 0


def _count(column, types):
    # how many entries a column has at most, without writing it out
    if not _is_number(column.dtype, types):
        return 0
    if not _is_sparse(column.dtype):
        return len(_entries(column, types)[0])
    return column.array.sp_index.npoints if _fills_with_zero(column.dtype) else len(column)


def _entries(column, types):
    # the rows of a column's entries that are not zero, and these; none of a column of text
    if not _is_number(column.dtype, types):
        return numpy.empty(0, dtype=numpy.int32), numpy.empty(0, dtype=bool)
    if _fills_with_zero(column.dtype):
        array = column.array
        return array.sp_index.indices, array.sp_values
    if _is_sparse(column.dtype):
        values = numpy.asarray(column.array)
    else:
        # pandas' own numbers may be missing
        values = column.to_numpy() if isinstance(column.dtype, numpy.dtype) else column.to_numpy(dtype=numpy.float64, na_value=numpy.nan)
    rows = numpy.flatnonzero(values)
    return rows.astype(numpy.int32), values[rows]
