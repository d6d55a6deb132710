r"""
Data in chunks: a Dataset whose rows stay where they are

EXAMPLES::

    sage: import numpy, os, pandas
    sage: from sage_logreg import load_data
    sage: folder = tmp_dir()
    sage: for k in range(3):
    ....:     x = numpy.arange(4r*k, 4r*k + 4r)
    ....:     pandas.DataFrame({'x': x, 'y': x*x % 3r % 2r}).to_parquet(os.path.join(folder, f'{k}.parquet'))
    sage: data = load_data(os.path.join(folder, '*.parquet'))
    sage: data
    12 points in x: 8 with y = 1, 4 with y = 0, in 3 chunks
    sage: data.sample(5)
    5 points in x: 3 with y = 1, 2 with y = 0
"""
import dataclasses

import numpy

from sage_logreg.dataset.assembly import assembled, plan_of
from sage_logreg.dataset.chunks import added
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.workers import computed


@dataclasses.dataclass(frozen=True)
class Totals:
    r"""
    What is known of all rows.

    - ``counts`` -- int array, the number of rows of each chunk (those that are kept)
    - ``rows``, ``weights`` -- float64 arrays, of each class the number of rows and the sum of their weights
    - ``low``, ``high`` -- float64 arrays, the least and the largest number of each column of the design
    - ``sums`` -- float64 array, the sums of the columns of the design (of rows, not of weights)
    - ``offset`` -- float, the largest size of an offset
    - ``dropped`` -- int
    """

    counts: numpy.ndarray
    rows: numpy.ndarray
    weights: numpy.ndarray
    low: numpy.ndarray
    high: numpy.ndarray
    sums: numpy.ndarray
    offset: float
    dropped: int


def _totals_of(data):
    points, labels = data.design.points, data.labels.astype(int)
    weights = numpy.ones(len(data)) if data.weights is None else data.weights
    return Totals(numpy.array([len(data)]), numpy.bincount(labels, minlength=data.classes).astype(float),
                  numpy.bincount(labels, weights, data.classes), points.min(axis=0).astype(float), points.max(axis=0).astype(float),
                  points.sum(axis=0, dtype=float), 0.0 if data.offset is None else float(abs(data.offset).max()), data.dropped)


def _both(one, other):
    return Totals(numpy.append(one.counts, other.counts), one.rows + other.rows, one.weights + other.weights,
                  numpy.minimum(one.low, other.low), numpy.maximum(one.high, other.high), one.sums + other.sums,
                  max(one.offset, other.offset), one.dropped + other.dropped)


class ChunkedDesign:
    r"""
    What is known of the columns of a design without its rows.
    """

    is_sparse = False

    def __init__(self, design, totals):
        self._count, self.variables, self.intercept, self.extremes = int(totals.counts.sum()), design.variables, design.intercept, (
            totals.low, totals.high)
        self.width, self.count, self.parts = design.width, design.count, design.parts

    def __len__(self):
        return self._count


def _in_memory(name):
    # what only data in memory have
    def refuse(data):
        raise ValueError(f'the data are in {len(data.chunks)} chunks, and their {name} are not in memory; expected data.sample(...) '
                         'for some of the rows, or data.in_memory() for all of them')
    return property(refuse, lambda data, value: None)


class ChunkedDataset(Dataset):
    r"""
    Points with labels that are not in memory. :func:`~sage_logreg.dataset.load.load_data` makes and checks them.

    - ``chunks`` -- list of :class:`~sage_logreg.dataset.chunks.Chunk`
    - ``plan`` -- the :class:`~sage_logreg.dataset.assembly.Plan` by which a chunk is read; its ``like`` is a specimen, a Dataset of
      some rows in memory
    - ``totals`` -- a :class:`Totals`
    """

    is_chunked = True

    points, labels, weights, offset, exact, successes, trials = map(_in_memory, (
        'points', 'labels', 'weights', 'offset', 'exact numbers', 'successes', 'trials'))

    def __init__(self, chunks, plan, totals=None):
        self.chunks, self.plan = chunks, plan
        specimen = plan.like
        for name in ('variables', 'label_name', 'label_names', 'features', 'coding', 'formula'):
            setattr(self, name, getattr(specimen, name))
        self.has_weights, self.has_offset = specimen.weights is not None, specimen.offset is not None
        self.row_numbers = None
        self.totals = totals or self.computed(_totals_of, combine=_both)
        self.dropped = self.totals.dropped
        self.design = ChunkedDesign(specimen.design, self.totals)

    def computed(self, function, *arguments, combine=added):
        r"""
        Return ``function(data, *arguments)`` of the data of every chunk, combined in a fixed tree.

        INPUT:

        - ``function`` -- at the top of a module, as it is sent to other processes; it gets the rows of one chunk, a Dataset
        - ``arguments`` -- small; they are sent to every chunk
        - ``combine`` -- (default: sums) function of two values; ``None`` for a list of them, in the order of the chunks
        """
        return computed(_of_chunk, self.chunks, (self.plan, function, arguments), combine)

    def __len__(self):
        return len(self.design)

    def __repr__(self):
        return f'{super().__repr__()}, in {len(self.chunks)} chunks'

    def _rows_of_classes(self):
        return self.totals.rows.astype(int)

    def _counts_of_classes(self):
        return self.totals.weights

    def total(self):
        return float(self.totals.weights.sum())

    def counted(self):
        # the rows of weight zero are left out where chunks are decided
        return self

    def rows_counted(self):
        r"""
        Return how many rows have a weight above zero, for which data with weights are read.
        """
        return self.computed(_rows_counted) if self.has_weights else len(self)

    def as_floats(self):
        r"""
        Return the data with all numbers taken as the floats that they are.
        """
        asked = dataclasses.replace(self.plan.asked, exact='binary')
        return ChunkedDataset(self.chunks, dataclasses.replace(self.plan, asked=asked), self.totals)

    def sample(self, count=10000, seed=0):
        r"""
        Return some of the rows, a Dataset in memory: chosen at random, the same for the same seed.
        """
        raise NotImplementedError

    def in_memory(self):
        r"""
        Return all rows, a Dataset in memory.
        """
        raise NotImplementedError


def _rows_counted(data):
    return len(data.rows_that_count())


def _of_chunk(chunk, plan, function, arguments):
    return function(assembled(chunk.source(), plan), *arguments)


def load_chunks(chunks, asked):
    r"""
    Return the :class:`ChunkedDataset` of chunks.

    INPUT:

    - ``chunks`` -- list of :class:`~sage_logreg.dataset.chunks.Chunk`
    - ``asked`` -- an :class:`~sage_logreg.dataset.assembly.Asked`
    """
    source = chunks[0].source()
    plan = plan_of(source, asked)
    return ChunkedDataset(chunks, plan.of_parts(assembled(source, plan)))
