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
    5 points in x: ...
"""
import copy
import dataclasses
import functools

import numpy

from sage_logreg.dataset.assembly import titles_among
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.design import over_rows
from sage_logreg.dataset.grouped import check_both_count
from sage_logreg.dataset.in_chunks.chunk import Chunk, added
from sage_logreg.dataset.in_chunks.dask_chunks import is_dask
from sage_logreg.dataset.in_chunks.joined import joined_data
from sage_logreg.dataset.in_chunks.reading import read
from sage_logreg.dataset.in_chunks.sources import with_beside
from sage_logreg.dataset.in_chunks.specimen import specimen_of
from sage_logreg.dataset.in_chunks.workers import computed, rows_of
from sage_logreg.support.arguments import shown, whole_number
from sage_logreg.support.paths import memory

# rows that a training looks at first, and in how many chunks at most
LOOK, LOOKED_AT = 25000, 16


@dataclasses.dataclass(frozen=True)
class Totals:
    r"""
    What is known of all rows.

    - ``counts`` -- int array, the number of rows of each chunk (those that are kept)
    - ``counted`` -- int array, of them those whose weight is not zero
    - ``rows``, ``weights`` -- float64 arrays, of each class the number of rows and the sum of their weights
    - ``low``, ``high`` -- float64 arrays, the least and the largest number of each column of the design
    - ``sums`` -- float64 array, the sums of the columns of the design (of rows, not of weights)
    - ``offset`` -- float, the largest size of an offset
    - ``dropped`` -- int array, the number of rows of each chunk that are dropped for missing values
    """

    counts: numpy.ndarray
    counted: numpy.ndarray
    rows: numpy.ndarray
    weights: numpy.ndarray
    low: numpy.ndarray
    high: numpy.ndarray
    sums: numpy.ndarray
    offset: float
    dropped: numpy.ndarray

    def are(self, other):
        r"""
        Return whether all are the same as others.
        """
        return all(numpy.array_equal(*(getattr(totals, field.name) for totals in (self, other))) for field in dataclasses.fields(self))


def totals_of(data):
    r"""
    Return the :class:`Totals` of a :class:`ChunkedDataset`, in a pass over its chunks.
    """
    return data.computed(_totals_of, combine=_both, desc='totals')


def _totals_of(data):
    points, labels = data.design.points, data.labels.astype(int)
    weights = numpy.ones(len(data)) if data.weights is None else data.weights
    nothing = numpy.full(data.design.width, numpy.inf)
    low, high = (over_rows(ufunc, points).astype(float) if len(data) else empty for ufunc, empty in (
        (numpy.minimum, nothing), (numpy.maximum, -nothing)))
    return Totals(numpy.array([len(data)]), numpy.array([len(data.rows_that_count())]),
                  numpy.bincount(labels, minlength=data.classes).astype(float),
                  numpy.bincount(labels, weights, data.classes), low, high, over_rows(numpy.add, points, float),
                  0.0 if data.offset is None else float(abs(data.offset).max(initial=0)), numpy.array([data.dropped]))


def _both(one, other):
    return Totals(numpy.append(one.counts, other.counts), numpy.append(one.counted, other.counted), one.rows + other.rows,
                  one.weights + other.weights,
                  numpy.minimum(one.low, other.low), numpy.maximum(one.high, other.high), one.sums + other.sums,
                  max(one.offset, other.offset), numpy.append(one.dropped, other.dropped))


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
    return property(refuse)


class ChunkedDataset(Dataset):
    r"""
    Points with labels that are not in memory. :func:`~sage_logreg.dataset.load.load_data` makes and checks them.

    - ``chunks`` -- list of :class:`~sage_logreg.dataset.in_chunks.chunk.Chunk`
    - ``plan`` -- the :class:`~sage_logreg.dataset.assembly.Plan` by which a chunk is read; its ``like`` is a specimen, a Dataset of
      some rows in memory
    - ``totals`` -- a :class:`Totals`
    """

    is_chunked = True
    # how often all chunks were gone through
    passes = 0
    # whether the rows are anywhere
    is_bound = True

    points, labels, weights, offset, exact, successes, trials = map(_in_memory, (
        'points', 'labels', 'weights', 'offset', 'exact numbers', 'successes', 'trials'))
    exact_weights, exact_offset = map(_in_memory, ('weights', 'offset'))

    def __init__(self, chunks, plan, totals=None):
        self.chunks, self.plan = chunks, plan
        self.take_names(plan.like)
        self.totals = totals or totals_of(self)
        if self.has_weights and not self.totals.weights.all():
            check_both_count(self.totals.weights, numpy.arange(self.classes), self.label_text)
        self.dropped = int(self.totals.dropped.sum())
        self.design = ChunkedDesign(plan.like.design, self.totals)

    def take_names(self, specimen):
        r"""
        Take from a specimen what data in chunks have in common with it.
        """
        for name in ('variables', 'label_name', 'label_names', 'features', 'coding', 'formula'):
            setattr(self, name, getattr(specimen, name))
        self.has_weights, self.has_offset = specimen.weights is not None, specimen.offset is not None
        self.row_numbers = None

    def __eq__(self, other):
        r"""
        Return whether data are in the same chunks with the same totals, names and features; the rows are not compared.
        """
        if not isinstance(other, ChunkedDataset):
            return False if isinstance(other, Dataset) else NotImplemented
        return self is other or self._identity() == other._identity() and self.totals.are(other.totals)

    def __hash__(self):
        return hash((self.variables, self.label_names, len(self.chunks)))

    def _identity(self):
        return ([(chunk.name, chunk.first) for chunk in self.chunks], self.variables, self.label_name, self.label_names, self.features,
                self.intercept, self.coding.columns, self.has_weights, self.has_offset)

    @functools.cached_property
    def starts(self):
        r"""
        The number, among the rows that are left, of the first one of each chunk, and behind the last one.
        """
        return numpy.cumsum([0, *self.totals.counts])

    @functools.cached_property
    def firsts(self):
        r"""
        The number, among all rows of the source, of the first one of each chunk.
        """
        return numpy.cumsum([0, *(self.totals.counts + self.totals.dropped)])[:-1]

    def computed(self, function, *arguments, combine=added, desc=None):
        r"""
        Return ``function(data, *arguments)`` of the data of every chunk, combined in a fixed tree.

        INPUT:

        - ``function`` -- at the top of a module, as it is sent to other processes; it gets the rows of one chunk, a Dataset
        - ``arguments`` -- small; they are sent to every chunk
        - ``combine`` -- (default: sums) function of two values; ``None`` for a list of them, in the order of the chunks
        - ``desc`` -- (default: none is shown) string, of a bar over the chunks
        """
        self.passes += 1
        return computed(function, self.chunks, arguments, combine, self.plan, desc)

    def part(self, number):
        r"""
        Return the rows of one chunk, a Dataset in memory.
        """
        return rows_of(self.chunks[number], self.plan)

    def reading(self):
        r"""
        Return a function of a chunk that returns its data; it can be sent to where the chunk is.
        """
        return functools.partial(read, plan=self.plan)

    def __len__(self):
        return len(self.design)

    def __repr__(self):
        return f'{super().__repr__()}, in {len(self.chunks)} chunk{"s" * (len(self.chunks) > 1)}'

    def _rows_of_classes(self):
        return self.totals.rows.astype(int)

    def _counts_of_classes(self):
        return self.totals.weights

    def total(self):
        return float(self.totals.weights.sum())

    def like(self, specimen, **asked):
        r"""
        Return the data whose chunks are read like another specimen; ``asked`` replaces arguments of ``load_data``.
        """
        plan = dataclasses.replace(self.plan, like=specimen, asked=dataclasses.replace(self.plan.asked, **asked))
        is_same = specimen.features is self.features or specimen.features == self.features
        return ChunkedDataset(self.chunks, plan, self.totals if is_same else None)

    def with_beside(self, weights, offset):
        r"""
        Return the data with weights or an offset of all rows, which they do not have yet.
        """
        for name, given in (('weights', weights), ('offset', offset)):
            if given is not None and getattr(self, f'has_{name}'):
                raise ValueError(f'the data have {name} already; expected them once')
            if not is_dask(given) and titles_among(given):
                raise ValueError(f'{name} = {shown(given)}, but the data are loaded already; expected numbers, one a row, or the title '
                                 'where they are loaded from their source')
        if weights is not None and self.plan.like.trials is not None:
            raise ValueError('weights and grouped data are the same thing; expected one of them')
        specimen = copy.copy(self.plan.like)
        if weights is not None:
            specimen.weights = numpy.ones(len(specimen))
        if offset is not None:
            specimen.offset = numpy.zeros(len(specimen) if self.classes == 2 else (len(specimen), self.classes))
        return ChunkedDataset(with_beside(self.chunks, weights, offset), dataclasses.replace(self.plan, like=specimen))

    def without_features(self):
        return self.like(self.plan.like.without_features())

    def with_intercept(self, intercept):
        return self if intercept == self.intercept else self.like(self.plan.like.with_intercept(intercept))

    def counted(self):
        if not self.has_weights or self.plan.counted:
            return self
        counted = ChunkedDataset(self.chunks, dataclasses.replace(self.plan, counted=True))
        counted.firsts = self.firsts
        return counted

    def dense(self, what):
        return self

    def of_classes(self, *labels):
        if not labels:
            return self
        raise ValueError(f'of_classes: the data are in {len(self.chunks)} chunks; expected data.in_memory().of_classes(...), or these '
                         'classes chosen where the data are loaded')

    def take(self, rows):
        raise ValueError(f'take: the data are in {len(self.chunks)} chunks, whose rows have no numbers; expected data.sample(...) for some '
                         'of the rows, or data.in_memory() for all of them')

    # Rows in memory

    def sample(self, count=10000, seed=0):
        r"""
        Return some of the rows, a Dataset in memory: chosen at random, the same for the same seed, in their order; all classes remain.

        INPUT:

        - ``count`` -- (default: 10000) how many rows, or all if there are no more
        - ``seed`` -- (default: 0) a whole number

        EXAMPLES: see :mod:`sage_logreg.dataset.in_chunks.chunked`.

        TESTS::

            sage: import os
            sage: from sage_logreg import load_data
            sage: folder = tmp_dir()
            sage: with open(os.path.join(folder, 'a.csv'), 'w') as file:
            ....:     _ = file.write('x,y\n1,0\n2,1\n3,0\n')
            sage: load_data(folder).sample(0)
            Traceback (most recent call last):
            ...
            ValueError: count = 0; expected a whole number from 1
        """
        count, seed = whole_number('count', count, 1), whole_number('seed', seed)
        chosen = numpy.arange(len(self))
        if count < len(self):
            chosen = numpy.sort(numpy.random.default_rng(seed).choice(len(self), count, replace=False))
        return self._rows(chosen)

    @functools.cached_property
    def first_look(self):
        r"""
        About ``LOOK`` rows of some chunks that are spread over all, a Dataset in memory: what a training begins with.
        """
        starts, filled = self.starts, numpy.flatnonzero(self.totals.counts)
        some = filled[numpy.linspace(0, len(filled) - 1, min(len(filled), LOOKED_AT)).round().astype(int)].tolist()
        step = max(1, -(-int(self.totals.counts[some].sum()) // LOOK))
        return self._rows(numpy.concatenate([numpy.arange(starts[k], starts[k + 1], step) for k in some]))

    def in_memory(self):
        r"""
        Return all rows, a Dataset in memory; they may take half of it.

        EXAMPLES::

            sage: import os
            sage: from sage_logreg import load_data
            sage: folder = tmp_dir()
            sage: with open(os.path.join(folder, 'a.csv'), 'w') as file:
            ....:     _ = file.write('x,y\n1,0\n2,1\n3,0\n')
            sage: load_data(folder).in_memory() == load_data(os.path.join(folder, 'a.csv'))
            True
        """
        width = len(self.variables) * numpy.dtype(self.plan.asked.dtype).itemsize + 8 * (1 + self.has_weights + self.has_offset)
        size = width * len(self)
        if 2 * size > memory():
            raise MemoryError(f'the data are {len(self)} rows x {len(self.variables)} variables, {size / 1e9:.1f} GB, more than half of '
                              f'the memory ({memory() / 1e9:.1f} GB); expected data.sample(...) for some of the rows')
        return self._rows(None)

    def _rows(self, chosen):
        # these rows, all if that is None
        if chosen is None:
            parts, firsts = self.computed(copy.copy, combine=None), self.firsts
        else:
            starts = self.starts
            ends = numpy.searchsorted(chosen, starts)
            some = numpy.flatnonzero(numpy.diff(ends))
            picked = [_Picked(self.chunks[k].name, self.chunks[k].first, self.chunks[k], chosen[ends[k]:ends[k + 1]] - starts[k])
                      for k in some.tolist()]
            parts, firsts = computed(_taken, picked, (self.reading(),)), self.firsts[some]
        numbers = [part.row_numbers for part in parts]
        if all(number is None for number in numbers):
            return joined_data(parts, self.plan.like)
        return joined_data(parts, self.plan.like, numpy.concatenate([
            first + (numpy.arange(len(part)) if number is None else number) for first, number, part in zip(firsts, numbers, parts)]))


@dataclasses.dataclass(frozen=True)
class _Picked(Chunk):
    # a chunk, and those of its rows that are chosen
    chunk: Chunk
    rows: numpy.ndarray = dataclasses.field(compare=False)

    def source(self):
        return self.chunk.source()


def _taken(picked, reading):
    return reading(picked.chunk).take(picked.rows)


def load_chunks(chunks, asked):
    r"""
    Return the :class:`ChunkedDataset` of chunks.

    INPUT:

    - ``chunks`` -- list of :class:`~sage_logreg.dataset.in_chunks.chunk.Chunk`
    - ``asked`` -- an :class:`~sage_logreg.dataset.assembly.Asked`
    """
    beside = {name: given for name, given in (('weights', asked.weights), ('offset', asked.offset))
              if given is not None and (is_dask(given) or not titles_among(given))}
    chunks = with_beside(chunks, beside.get('weights'), beside.get('offset'))
    return ChunkedDataset(*specimen_of(chunks, dataclasses.replace(asked, **dict.fromkeys(beside))))
