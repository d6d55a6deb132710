r"""
Predictions of points that are not in memory: a Dask array or Series, with their chunks, of which nothing is computed yet

EXAMPLES::

    sage: import pandas
    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: model = maximum_likelihood(ex2data1())
    sage: import dask.dataframe  # optional - dask
    sage: points = pandas.DataFrame({'x1': [45.0r, 30.0r], 'x2': [85.0r, 40.0r]})
    sage: frame = dask.dataframe.from_pandas(points, npartitions=2r)  # optional - dask
    sage: p = model.probability(frame); p.npartitions, p.name  # optional - dask
    (2, 'probability')
    sage: frame.assign(p=p, y=model.predict(frame)).compute().y.tolist()  # optional - dask
    [1, 0]
"""
import dataclasses
import typing

import numpy

from sage_logreg.dataset.cells import is_of
from sage_logreg.dataset.columns import read_columns
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.in_chunks.sources import chunks_of
from sage_logreg.dataset.points import check_columns, is_path, load_points
from sage_logreg.model.reduced import light


@dataclasses.dataclass(frozen=True)
class Answer:
    r"""
    What a model says of each point.

    - ``values`` -- function at the top of a module of a model and a design; it returns an array, a row a point
    - ``name`` -- string, or a list of them if there are several values a point
    - ``dtype`` -- of the values
    - ``arguments`` -- what the function takes besides
    - ``labels`` -- tuple of all values, where they are labels
    """

    values: typing.Callable
    name: object
    dtype: object = 'float64'
    arguments: tuple = ()
    labels: tuple = ()

    @property
    def shape(self):
        r"""
        The shape of the values of a point.
        """
        return () if isinstance(self.name, str) else (len(self.name),)

    def none(self):
        r"""
        Return the values of no points.
        """
        return numpy.zeros((0, *self.shape), self.dtype)

    def of(self, model, points, missing):
        r"""
        Return the values at points in memory, a table or a Dataset, and which of its rows they are, ``None`` for all.
        """
        if not len(points):
            return self.none(), None
        new = load_points(points, model.data, missing)
        return numpy.asarray(self.values(model, model._design_of_new(new), *self.arguments), dtype=self.dtype), new.rows

    def of_frame(self, part, values):
        r"""
        Return values as a Series or a frame with the index of a frame of pandas.
        """
        import pandas
        if self.shape:
            return pandas.DataFrame(values, part.index, columns=self.name)
        # texts are of the type that pandas has for them, which files need to know
        dtype = pandas.Series(list(self.labels)).dtype if self.labels else self.dtype
        return pandas.Series(values, part.index, name=self.name, dtype=dtype)


def points_in_chunks(points, data):
    r"""
    Return the points that a model of ``data`` gets, of paths their chunks, if they are answered chunk by chunk; else ``None``.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.model.lazily import points_in_chunks
        sage: [points_in_chunks(points, ex2data1()) for points in ([45, 85], ex2data1(), '3*x')]
        [None, None, None]
    """
    if isinstance(points, Dataset):
        return points if points.is_chunked else None
    if is_of(points, 'dask.array', 'Array') or is_of(points, 'dask.dataframe', 'DataFrame', 'Series'):
        return points
    return chunks_of(points) if is_path(points, data.coding) else None


def lazy_probabilities(model, points, missing, interval=None):
    r"""
    Return the probabilities at points in chunks, of more than two classes a column a class.
    """
    if interval is not None:
        raise ValueError('confidence intervals are of points in memory, and these are in chunks; expected some of them, such as those of '
                         'one partition')
    names = model.data.label_names
    return lazily(model, points, missing, Answer(_probabilities, 'probability' if len(names) == 2 else list(map(str, names))))


def lazy_predictions(model, points, missing, *threshold):
    r"""
    Return the predicted labels at points in chunks.
    """
    names = model.data.label_names
    dtype = numpy.array(names).dtype
    # of labels of several kinds, and of texts, Python's own
    is_plain = dtype.kind in 'biuf' and len(set(map(type, names))) == 1
    return lazily(model, points, missing, Answer(_predictions, model.data.label_name, dtype if is_plain else numpy.dtype(object),
                                                 threshold, names))


def _probabilities(model, design):
    return model._probabilities_of(design)


def _predictions(model, design, *threshold):
    names = numpy.empty(model.data.classes, dtype=object)
    names[:] = model.data.label_names
    return names[model._most_probable(design, *threshold)]


def lazily(model, points, missing, answer):
    r"""
    Return the values of an :class:`Answer` at points in chunks: of a Dask frame a Series, or a frame of several values a point, with
    its partitions and its index; of all others a Dask array with their chunks.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.classifier.Classifier`
    - ``points`` -- as of :func:`points_in_chunks`: Dask array, frame or Series, list of chunks, or a Dataset in chunks
    - ``missing`` -- ``'error'`` or ``'drop'``
    """
    model = light(model)
    if is_of(points, 'dask.dataframe', 'DataFrame', 'Series'):
        return _of_frame(model, points, missing, answer)
    if is_of(points, 'dask.array', 'Array'):
        return _of_array(model, points, missing, answer)
    return _of_chunks(model, points, missing, answer)


def _of_frame(model, frame, missing, answer):
    frame = frame.to_frame() if is_of(frame, 'dask.dataframe', 'Series') else frame
    # what is missing is said at once, and not when it is computed
    check_columns(read_columns(frame._meta, 'the frame'), model.data)
    return frame.map_partitions(_of_partition, model, missing, answer, meta=answer.of_frame(frame._meta, answer.none()))


def _of_partition(part, model, missing, answer, partition_info=None):
    number = '' if partition_info is None else f', partition {partition_info["number"] + 1}'
    values, rows = answer.of(model, read_columns(part, f'the frame{number}'), missing)
    return answer.of_frame(part if rows is None else part.iloc[rows], values)


def _of_array(model, array, missing, answer):
    array = array[:, None] if array.ndim == 1 and len(model.data.coding.columns) == 1 else array
    if array.ndim != 2:
        raise ValueError(f'the array has {array.ndim} dimension{"s" * (array.ndim != 1)}; expected 2, a row a point')
    check_columns(read_columns(numpy.zeros((1, array.shape[1])), 'the array'), model.data)
    array = array.rechunk({1: -1})
    rows = array.chunks[0] if missing == 'error' else (numpy.nan,) * len(array.chunks[0])
    shape = {'chunks': (rows, answer.shape)} if answer.shape else {'chunks': (rows,), 'drop_axis': 1}
    return array.map_blocks(_of_block, model, missing, answer, dtype=answer.dtype, meta=answer.none(), **shape)


def _of_block(block, model, missing, answer, block_info=None):
    number = f', block {block_info[0]["chunk-location"][0] + 1}' if block_info else ''
    return answer.of(model, read_columns(block, f'the array{number}'), missing)[0]


def _of_chunks(model, points, missing, answer):
    try:
        import dask.array
    except ImportError:
        raise ImportError("predictions of points in chunks are lazy, by Dask, which is not here; expected it, as of "
                          "pip install 'sage_logreg[dask]', or points that fit into memory") from None
    chunks, counts, reading = points, [numpy.nan] * len(points), _table_of
    if isinstance(points, Dataset):
        chunks, counts, reading = points.chunks, points.totals.counts.tolist(), points.reading()
    # one of each for all chunks
    given = [dask.delayed(one, traverse=False) for one in (reading, model, answer)]
    blocks = [dask.delayed(_of_chunk)(chunk, missing, *given) for chunk in chunks]
    return dask.array.concatenate([dask.array.from_delayed(block, (count, *answer.shape), answer.dtype)
                                   for block, count in zip(blocks, counts)], allow_unknown_chunksizes=True)


def _table_of(chunk):
    return chunk.source().table


def _of_chunk(chunk, missing, reading, model, answer):
    return answer.of(model, reading(chunk), missing)[0]
