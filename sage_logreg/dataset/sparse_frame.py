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
import copy

import numpy

from sage_logreg.dataset.cells import column_of, is_of
from sage_logreg.dataset.sparse import SparseTable, stays_sparse
from sage_logreg.dataset.table import Table
from sage_logreg.support.arguments import listed


class SparseFrame(SparseTable):
    r"""
    A table that is a frame of pandas with sparse columns; those that are no numbers can be its labels only.

    - ``frame`` -- the frame, ``titles`` -- of its columns, ``None`` where they have none

    EXAMPLES: see :mod:`sage_logreg.dataset.sparse_frame`.
    """

    titles = None

    def __init__(self, frame, titles, matrix, text):
        super().__init__('the frame', matrix)
        self.frame, self.index, self.text = frame, frame.index, text
        self.titles = None if all(title is None for title in titles) else list(titles)

    def take(self, rows):
        taken = super().take(rows)
        taken.frame = self.frame.iloc[rows]
        return taken

    def column(self, place):
        return column_of(None if self.titles is None else self.titles[place], self.frame.iloc[:, place])

    def selected(self, places):
        r"""
        Return the table of some columns, in this order.
        """
        chosen = copy.copy(self)
        chosen.frame, chosen.matrix, chosen.columns = self.frame.iloc[:, places], self.matrix[:, places], range(len(places))
        chosen.titles, chosen.text = None if self.titles is None else [self.titles[place] for place in places], self.text[places]
        return chosen

    def without(self, place):
        return self.selected(numpy.delete(numpy.arange(len(self.columns)), place))

    def written_out(self):
        r"""
        Return the same as a dense table.
        """
        return Table(self.name, [self.column(place) for place in self.columns], index=self.index)

    def check_numbers(self):
        r"""
        Raise an error that names the columns that are no numbers.
        """
        places = numpy.flatnonzero(self.text).tolist()
        if places:
            names = [str(place + 1) if self.titles is None else self.titles[place] for place in places]
            raise ValueError(f'{self.name}: the column{"s" * (len(names) > 1)} {listed(names)} {"are" if len(names) > 1 else "is"} no numbers, '
                             'beside sparse columns; expected their indicators, as pandas.get_dummies(frame, sparse=True) makes them')


def sparse_frame(source, titles, always=False):
    r"""
    Return a frame of pandas as a :class:`SparseFrame`, ``None`` where it is none or becomes dense.

    INPUT:

    - ``source`` -- anything
    - ``titles`` -- function of the names of the columns
    - ``always`` -- (default: ``False``) whether it stays sparse whatever its size

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
    columns = [source.iloc[:, j] for j in range(source.shape[1])] if any(map(_is_sparse, source.dtypes)) else []
    if not columns or any(_is_sparse(column.dtype) and not _fills_with_zero(column.dtype) for column in columns):
        return None
    entries = [_entries(column, pandas.api.types) for column in columns]
    counts = [len(places) for places, _ in entries]
    if not (always or stays_sparse(*source.shape, sum(counts))):
        return None
    from scipy.sparse import csc_matrix
    rows, values = (numpy.concatenate(parts) for parts in zip(*entries))
    matrix = csc_matrix((values, rows, numpy.concatenate([[0], numpy.cumsum(counts)])), source.shape)
    text = numpy.array([not _is_sparse(column.dtype) and not _is_number(column.dtype, pandas.api.types) for column in columns])
    return SparseFrame(source, titles(source.columns), matrix, text)


def _is_sparse(dtype):
    return type(dtype).__name__ == 'SparseDtype'


def _fills_with_zero(dtype):
    return dtype.subtype.kind in 'biuf' and dtype.fill_value == 0


def _is_number(dtype, types):
    return types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype)


def _entries(column, types):
    # the rows of a column's entries that are not zero, and these; none of a column of text
    if _is_sparse(column.dtype):
        array = column.array
        return array.sp_index.indices, array.sp_values
    if not _is_number(column.dtype, types):
        return numpy.empty(0, dtype=numpy.int32), numpy.empty(0, dtype=bool)
    # pandas' own numbers may be missing
    values = column.to_numpy() if isinstance(column.dtype, numpy.dtype) else column.to_numpy(dtype=numpy.float64, na_value=numpy.nan)
    rows = numpy.flatnonzero(values)
    return rows.astype(numpy.int32), values[rows]
