r"""
Other data, read like a model's own: in memory, or in chunks

EXAMPLES::

    sage: import numpy, os, pandas
    sage: from sage_logreg import ex2data1, load_data
    sage: from sage_logreg.dataset.in_chunks.like import data_like
    sage: folder = tmp_dir()
    sage: for k in range(2):
    ....:     pandas.DataFrame({'x2': [30r*k, 40r], 'y': [1r, 0r], 'x1': [1r, 2r]}).to_parquet(os.path.join(folder, f'{k}.parquet'))
    sage: other = data_like(os.path.join(folder, '*.parquet'), load_data(ex2data1(), variables='x1, x2'))
    sage: other
    4 points in x1, x2: 2 with y = 1, 2 with y = 0, in 2 chunks
"""
import functools

from sage_logreg.dataset.assembly import Asked, Plan
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.in_chunks.chunk import added
from sage_logreg.dataset.in_chunks.chunked import ChunkedDataset, ChunkedDesign, totals_of
from sage_logreg.dataset.in_chunks.sources import chunks_of
from sage_logreg.dataset.in_chunks.workers import computed
from sage_logreg.dataset.points import load_data_like


class ChangedChunks(ChunkedDataset):
    r"""
    Data in chunks that are changed as they are read.

    INPUT:

    - ``chunks`` -- list of :class:`~sage_logreg.dataset.in_chunks.chunk.Chunk`
    - ``before`` -- what is changed, with methods ``computed`` and ``reading`` as a :class:`~sage_logreg.dataset.in_chunks.chunked.ChunkedDataset`
    - ``change``, ``arguments`` -- function at the top of a module that makes the Dataset of a chunk, and what it takes besides
    - ``specimen`` -- a Dataset of some of the rows, changed already
    """

    def __init__(self, chunks, before, change, arguments, specimen):
        self.chunks, self.plan = chunks, Plan(Asked(), None, None, specimen)
        self._before, self._change, self._arguments = before, change, arguments
        self.take_names(specimen)

    def computed(self, function, *arguments, combine=added, desc=None):
        return self._before.computed(_of_changed, self._change, self._arguments, function, arguments, combine=combine, desc=desc)

    def reading(self):
        return functools.partial(_read_changed, reading=self._before.reading(), change=self._change, arguments=self._arguments)

    @functools.cached_property
    def totals(self):
        r"""
        What is known of all rows, a :class:`~sage_logreg.dataset.in_chunks.chunked.Totals`, where it is asked for.
        """
        return totals_of(self)

    @functools.cached_property
    def design(self):
        r"""
        What is known of the columns.
        """
        return ChunkedDesign(self.plan.like.design, self.totals)

    @property
    def dropped(self):
        r"""
        How many rows were dropped for missing values.
        """
        return int(self.totals.dropped.sum())

    @property
    def intercept(self):
        return self.plan.like.intercept

    def counted(self):
        return changed(self, Dataset.counted) if self.has_weights else self

    def with_intercept(self, intercept):
        return self if intercept == self.intercept else changed(self, Dataset.with_intercept, intercept)

    def without_features(self):
        return changed(self, Dataset.without_features)

    def with_beside(self, weights, offset):
        raise ValueError('the data are read like those of a model; expected weights and offset where they are loaded from their source')


def _of_changed(data, change, changing, function, arguments):
    return function(change(data, *changing), *arguments)


def _read_changed(chunk, reading, change, arguments):
    return change(reading(chunk), *arguments)


class _Sources:
    # Chunks whose rows are not assembled yet.

    def __init__(self, chunks):
        self.chunks = chunks

    def computed(self, function, *arguments, combine=added, desc=None):
        return computed(_of_source, self.chunks, (function, arguments), combine, desc=desc)

    def reading(self):
        return _source_of


def _of_source(chunk, function, arguments):
    return function(chunk.source(), *arguments)


def _source_of(chunk):
    return chunk.source()


def specimen_of(data):
    r"""
    Return a Dataset in memory with the names, levels and labels of some data: of those in chunks the specimen, else the first row.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.dataset.in_chunks.like import specimen_of
        sage: len(specimen_of(ex2data1()))
        1
    """
    return data.plan.like if data.is_chunked else data.take(slice(1))


def changed(data, change, *arguments):
    r"""
    Return ``change(data, *arguments)``, of data in chunks chunk by chunk as they are read.

    INPUT:

    - ``change`` -- function at the top of a module that makes a Dataset of a Dataset
    """
    if not data.is_chunked:
        return change(data, *arguments)
    return ChangedChunks(data.chunks, data, change, arguments, change(data.plan.like, *arguments))


def of_classes(data, *names):
    r"""
    Return the data of some classes, as :meth:`~sage_logreg.dataset.dataset.Dataset.of_classes`.
    """
    return changed(data, Dataset.of_classes, *names)


def data_like(source, reference, missing='error'):
    r"""
    Return data read like other data, as :func:`~sage_logreg.dataset.points.load_data_like`; what comes in chunks stays in chunks.

    INPUT:

    - ``source`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes
    - ``reference`` -- the :class:`~sage_logreg.dataset.dataset.Dataset` that a model was trained on, in chunks or not
    - ``missing`` -- ``'error'`` (default) or ``'drop'``

    EXAMPLES: see :mod:`sage_logreg.dataset.in_chunks.like`.
    """
    if source is reference:
        return source
    specimen = specimen_of(reference)
    if isinstance(source, Dataset):
        return changed(source, load_data_like, specimen)
    chunks = chunks_of(source)
    if chunks is None:
        return load_data_like(source, specimen, missing)
    return ChangedChunks(chunks, _Sources(chunks), load_data_like, (specimen, missing), specimen)
