r"""
Existence decided on data in chunks: floats find the few rows that matter, and exact passes over the chunks prove it

EXAMPLES::

    sage: import os
    sage: from sage_logreg import separation
    sage: folder = tmp_dir()
    sage: for k in range(3):
    ....:     with open(os.path.join(folder, f'{k}.csv'), 'w') as file:
    ....:         _ = file.write('x,y\n' + ''.join(f'{(1000*k + i)/1000.},{int(1000*k + i > 1500)}\n' for i in range(1000)))
    sage: answer = separation(folder)
    sage: answer.kind(), answer.passes <= 4, answer.check()
    ('complete', True, True)

ALGORITHM:

A working set of rows is in memory: some of each chunk, chosen at random, and rows of all chunks that bring it to the rank that
all rows have. It is decided as any data in memory.

- If it overlaps, so do all rows: its multipliers prove it, as they are of full rank.
- If not, there is a vector `v` that separates it, and rows of it that no vector separates. A pass over the chunks finds, exactly, the
  rows of which `v` is on the wrong side, and those that are orthogonal to `v` but not in the span of the rows that no
  vector separates. If there are none, `v` separates all rows, and nothing separates those in the span. Else the worst of
  them join the working set, and the question is asked again.

As each time rows join on which the answer was wrong, it ends; in practice after a few passes, as a vector that
separates some thousand rows, chosen at random or the worst, leaves few others on its wrong side.
"""
import contextlib
import copy
import dataclasses
import functools
import itertools
import math

import numpy

from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.design import row_blocks
from sage_logreg.dataset.in_chunks.joined import joined_data
from sage_logreg.exact.basis import BLOCK, IntegerBasis, SignedRows, spread
from sage_logreg.exact.certificate import CHECKED, Separation, whole_rows
from sage_logreg.exact.classes import PairRows, SeparationOfClasses
from sage_logreg.support.arguments import whole_number
from sage_logreg.support.constants import UndecidedError, constants_of
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.progress import progress_bar
from sage_logreg.support.threads import one_at_a_time, one_thread

# rows of the first working set, about, and rows at most that join it after a pass
FIRST, MOST_JOINING = 2000, 5000


def decided_in_chunks(data, decide, check_columns):
    r"""
    Return the :class:`ChunkedSeparation` of data in chunks.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.in_chunks.chunked.ChunkedDataset`
    - ``decide`` -- function that returns the :class:`~sage_logreg.exact.certificate.Separation` of a Dataset in memory
    - ``check_columns`` -- as for :func:`working_set`
    """
    with progress_bar(desc='separation', unit=' passes') as bar:
        work = working_set(data, check_columns, bar)
        while True:
            core = decide(work.rows)
            if core.exists():
                return work.answer(core, [], 0)
            normals = _normals(core)
            chunks = work.computed(_on_the_wrong_side, core._vector, normals, 5 * core._width())
            if not any(len(found.values) for found, _ in chunks):
                return work.answer(core, normals, sum(tight for _, tight in chunks))
            work.join([found for found, _ in chunks])


def working_set(data, check_columns, bar):
    r"""
    Return a :class:`WorkingSet` that has the rank of all rows; an error says that the columns are dependent.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.in_chunks.chunked.ChunkedDataset`
    - ``check_columns`` -- function of a number of rows and a Dataset in memory that has the same rank as these; it raises an error
      if this is less than that of the columns
    - ``bar`` -- a progress bar of passes
    """
    work = WorkingSet(data, bar)
    some = max(1, FIRST // (len(data.chunks) * data.classes))
    work.join(work.computed(_some_of_each_class, some), most=None)
    rows = SignedRows(work.rows, data.design.extremes)
    basis, sample = IntegerBasis(rows.width), spread(len(rows), 10 * rows.width)
    for row, integers in zip(sample.tolist(), rows.integers(sample)):
        basis.enter(row, integers, basis.units())
    basis.complete(rows)
    if basis.units():
        work.join(work.computed(_outside_of_the_span, basis), most=None)
    check_columns(int(data.totals.counted.sum()), work.rows)
    return work


@dataclasses.dataclass(frozen=True)
class Found:
    # Rows of a chunk: a Dataset, their numbers in the chunk, and how badly each is needed, the least value first.
    rows: Dataset
    numbers: numpy.ndarray
    values: numpy.ndarray


class WorkingSet:
    r"""
    Rows of data in chunks that are in memory, and the passes that found them.

    - ``rows`` -- a Dataset
    - ``numbers`` -- list of their numbers among all rows
    - ``passes`` -- int, how often all chunks were read

    EXAMPLES: see :mod:`sage_logreg.exact.chunked_separation`.
    """

    def __init__(self, data, bar):
        self.data, self.bar, self.rows, self.numbers, self.passes = data, bar, None, [], 0

    def computed(self, function, *arguments):
        r"""
        Return the list of a function's values for all chunks, one pass over them.
        """
        values = self.data.computed(function, self.data.design.extremes, *arguments, combine=None)
        self.passes += 1
        self.bar.update()
        return values

    def join(self, chunks, most=MOST_JOINING):
        r"""
        Add rows that were found in the chunks, those with the least values.
        """
        values, ends = numpy.concatenate([found.values for found in chunks]), numpy.cumsum([len(found.values) for found in chunks])
        chosen = numpy.zeros(len(values), dtype=bool)
        chosen[numpy.argsort(values, kind='stable')[:most]] = True
        parts = [] if self.rows is None else [self.rows]
        for first, found, kept in zip(self.data.starts, chunks, numpy.split(chosen, ends[:-1])):
            if kept.any():
                parts.append(found.rows.take(kept))
                self.numbers += (first + found.numbers[kept]).tolist()
        self.rows = joined_data(parts, self.data.plan.like)

    def answer(self, core, normals, tight):
        r"""
        Return the answer for all rows, which that of the working set was proved to be.
        """
        core._numbers = self.numbers
        kind = ChunkedSeparation if self.data.classes == 2 else ChunkedSeparationOfClasses
        return kind(self.data, core, normals, tight, self.passes)


def _normals(core):
    # Vectors that span what is orthogonal to the rows that are not separated.
    rows, left = core._signed_rows(), numpy.array(core._rows, dtype=numpy.int64)
    basis = IntegerBasis(rows.width)
    while len(left):
        for row, integers in zip(left.tolist(), rows.integers(left[:2 * rows.width])):
            basis.enter(row, integers, basis.units())
        left = left[(rows.products(left, basis.normals().T) != 0).any(axis=1)]
    return [rows.in_units_of_data(normal) for normal in basis.normals()]


# Of one chunk

def _counting(data):
    # The rows of a chunk that count, and their numbers in it.
    counted, numbers = data.counted().dense('separation'), data.rows_that_count()
    # their features are computed by Sage
    with one_thread if data.features is not None else contextlib.nullcontext():
        constants = constants_of(counted.design.exact)
    if constants is not None:
        raise UndecidedError("data in chunks have features with irrational numbers, by which nothing is decided exactly; expected rational "
                             "ones, or exact='binary'")
    return counted, numbers


def _some_of_each_class(data, extremes, most):
    data, numbers = _counting(data)
    random, chosen = numpy.random.default_rng(0), []
    for label in range(data.classes):
        which = numpy.flatnonzero(data.labels == label)
        chosen.append(random.choice(which, min(most, len(which)), replace=False))
    chosen = numpy.sort(numpy.concatenate(chosen))
    return Found(data.take(chosen), numbers[chosen], numpy.zeros(len(chosen)))


def _outside_of_the_span(data, extremes, basis):
    # Rows that together with those of the basis span all rows.
    data, numbers = _counting(data)
    basis = copy.deepcopy(basis)
    chosen = numpy.sort(numpy.array(basis.complete(SignedRows(data, extremes)), dtype=numpy.int64))
    return Found(data.take(chosen), numbers[chosen], numpy.zeros(len(chosen)))


def _signs(data, extremes, vector, normals):
    # The products of the rows with the vector, with exact signs, and which rows are orthogonal to all normals.
    rows = SignedRows(data, extremes) if data.classes == 2 else PairRows(data, extremes)
    tight = numpy.zeros(len(rows), dtype=bool)
    values = rows.signed_values(rows.whole_numbers(vector), tight)
    normals, zeros = numpy.array(list(map(rows.whole_numbers, normals))).T, numpy.flatnonzero(values == 0)
    if normals.shape[1] == 1:
        # it is the vector
        tight[zeros] = True
        return values, tight
    for block in row_blocks(len(zeros), BLOCK):
        tight[zeros[block]] = ~(rows.products(zeros[block], normals) != 0).any(axis=1)
    return values, tight


def _on_the_wrong_side(data, extremes, vector, normals, most):
    # The worst of the rows that are not separated though they may be, and how many rows no vector separates.
    data, numbers = _counting(data)
    values, tight = _signs(data, extremes, vector, normals)
    wrong = numpy.flatnonzero((values <= 0) & ~tight)
    wrong = wrong[numpy.argsort(values[wrong], kind='stable')[:most]]
    points, places = numpy.unique(wrong // (data.classes - 1), return_index=True)
    return Found(data.take(points), numbers[points], values[wrong[places]]), _pairs_of_classes(data, tight)


def _pairs(data, rows):
    # The points, and the other classes, of numbers of rows.
    points, others = numpy.divmod(rows, data.classes - 1)
    return points, others + (others >= data.labels[points])


def _pairs_of_classes(data, tight):
    # How many of the rows are of each class and each other one.
    points, others = _pairs(data, numpy.flatnonzero(tight))
    counts = numpy.zeros((data.classes, data.classes), dtype=int)
    numpy.add.at(counts, (data.labels[points].astype(int), others), 1)
    return counts


def _rows_not_separated(data, extremes, vector, normals):
    # The rows that no vector separates, and from which class; without a vector these are all.
    data, numbers = _counting(data)
    if vector is None:
        tight = numpy.ones(len(data) * (data.classes - 1), dtype=bool)
    else:
        tight = _signs(data, extremes, vector, normals)[1]
    points, others = _pairs(data, numpy.flatnonzero(tight))
    return numbers[points], others


def _zeros(data, extremes, columns):
    # How many rows are orthogonal to all columns, or -1 if one is on the wrong side of the first, or is orthogonal to it but not to all
    # others. Products of Python's whole numbers, without bounds.
    data, classes, count = _counting(data)[0], data.classes, 0
    weights = numpy.concatenate([numpy.zeros_like(columns[:data.design.count]), columns]).reshape(classes, data.design.count, -1)
    for some in row_blocks(len(data), CHECKED):
        table, labels = _whole_rows(data, some), data.labels[some]
        scores = numpy.array([table.dot(part[:, 0]) for part in weights])
        for own, other in itertools.permutations(range(classes), 2):
            which = numpy.flatnonzero(labels == own)
            margins = (scores[own] - scores[other])[which]
            zeros = which[margins == 0]
            if (margins < 0).any() or (table[zeros].dot(weights[own] - weights[other]) != 0).any():
                return -1
            count += len(zeros)
    return count


def _whole_rows(data, some):
    # Rows with a one for the bias, each times the least number that makes it whole.
    rows = []
    for row in data.design.exact.rows(some).tolist():
        whole = math.lcm(*(number.denominator for number in row))
        rows.append([whole] * int(data.intercept) + [number.numerator * (whole // number.denominator) for number in row])
    return numpy.array(rows, dtype=object)


def _zeros_of_both(one, other):
    return -1 if min(one, other) < 0 else one + other


# The answer

class InChunks:
    # What the answers of two classes and of more have in common: the proof is in a working set, and holds for the data.

    def __init__(self, data, core, normals, tight, passes):
        self.data, self.core, self.passes = data, core, passes
        self._vector, self._given_multipliers, self._normals, self._tight = core._vector, core._given_multipliers, normals, tight

    @functools.cached_property
    def _numbers(self):
        # of the rows that count
        return self._computed(_rows_not_separated, None, None)[0].tolist() if self.data.has_weights else range(len(self.data))

    def _computed(self, function, *arguments):
        # arrays that the chunks have, one after the other, with the numbers of the rows in front
        chunks = self.data.computed(function, self.data.design.extremes, *arguments, combine=None)
        numbers = numpy.concatenate([first + numbers for first, (numbers, _) in zip(self.data.starts, chunks)])
        return numbers, numpy.concatenate([others for _, others in chunks])

    @functools.cached_property
    def _not_separated(self):
        return self._computed(_rows_not_separated, self._vector, self._normals)

    @property
    def _multipliers(self):
        return self.core._multipliers

    def _number_of_points(self):
        return int(self.data.totals.counted.sum())

    def _tight_count(self):
        return int(numpy.sum(self._tight))

    def multipliers(self):
        return self.core.multipliers()

    def place(self, row):
        r"""
        Return where a row stands in the source, in words: the chunk, and its row counted from 1.

        INPUT:

        - ``row`` -- number of a row of the data, counted from 0

        EXAMPLES::

            sage: import os
            sage: from sage_logreg import separation
            sage: folder = tmp_dir()
            sage: for name, text in (('a.csv', 'x,y\n1,0\n2,0\n'), ('b.csv', 'x,y\n2,1\n5,1\n')):
            ....:     with open(os.path.join(folder, name), 'w') as file:
            ....:         _ = file.write(text)
            sage: answer = separation(folder)
            sage: answer
            quasi-complete separation of 4 points: w_x goes to +Infinity, the bias to -Infinity along (bias: -2, x: 1)
            sage: [os.path.basename(answer.place(row)) for row in answer.rows()]
            ['a.csv, row 2', 'b.csv, row 1']

        TESTS::

            sage: answer.place(4)
            Traceback (most recent call last):
            ...
            ValueError: row = 4; expected a whole number from 0 to 3
        """
        row, totals = whole_number('row', row, 0, len(self.data) - 1), self.data.totals
        number = int(numpy.searchsorted(self.data.starts, row, side='right')) - 1
        chunk, before = self.data.chunks[number], (totals.counts + totals.dropped)[:number].sum()
        return f'{chunk.name}, row {chunk.first + int(self.data._rows(numpy.array([row])).row_numbers[0] - before) + 1}'

    @interrupts_explained('check: interrupted; the certificate is not checked yet')
    def check(self):
        r"""
        Return whether the certificate proves the answer, checked anew in rational numbers by a pass over the chunks.
        """
        if not self._has_rows_of_the_proof():
            return False
        kernel = self._kernel()
        if kernel is None or self._vector is None:
            return kernel == []
        whole = math.lcm(*(entry.denominator for entry in self._vector))
        columns = numpy.array([[int(entry * whole) for entry in self._vector], *kernel], dtype=object).T
        zeros = self.data.computed(_zeros, self.data.design.extremes, columns, combine=_zeros_of_both)
        return zeros == self._tight_count() < self._count()

    def _has_rows_of_the_proof(self):
        # Whether the rows with multipliers are rows of the data that count.
        points = sorted({row // (self.data.classes - 1) for row in self._multipliers}, key=self.core._numbers.__getitem__)
        if not points:
            return True
        given, own = self.data._rows(numpy.array([self.core._numbers[point] for point in points])).counted(), self.core.data.take(points)
        return numpy.array_equal(given.labels, own.labels) and given.design.exact == own.design.exact

    @one_at_a_time
    def _kernel(self):
        # Vectors that span what is orthogonal to the rows with multipliers; None if these do not add up to zero.
        support = self.core._support(None)
        if support is None:
            return None
        kernel = whole_rows(support.base_ring(), support.right_kernel_matrix(basis='computed').rows(), support.ncols())
        return [list(map(int, row)) for row in kernel]


class ChunkedSeparation(InChunks, Separation):
    r"""
    What :func:`~sage_logreg.exact.separation.separation` found for data in chunks, and its certificate.

    - ``core`` -- the :class:`~sage_logreg.exact.certificate.Separation` of the working set, which decided it
    - ``passes`` -- int, how often all chunks were read for it

    EXAMPLES: see :mod:`sage_logreg.exact.chunked_separation`.
    """

    def rows(self):
        r"""
        Return the rows that no vector separates, counted from 0 through all chunks, which are read for it.
        """
        return list(self._numbers) if self._vector is None else self._not_separated[0].tolist()


class ChunkedSeparationOfClasses(InChunks, SeparationOfClasses):
    r"""
    What :func:`~sage_logreg.exact.separation.separation` found for data of K classes in chunks, and its certificate.

    EXAMPLES: see :mod:`sage_logreg.exact.chunked_separation`.
    """

    def pairs(self):
        r"""
        Return the pairs of a row and another class's label that no weights separate; the chunks are read for it.
        """
        numbers, others = self._not_separated
        return [(number, self.data.label_names[int(other)]) for number, other in zip(numbers.tolist(), others)]

    def _met(self):
        return set(map(frozenset, numpy.argwhere(self._tight).tolist()))
