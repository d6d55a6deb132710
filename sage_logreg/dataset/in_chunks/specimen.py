r"""
The specimen: a few rows that have all levels and labels of a table in chunks

What is decided of all rows, such as variables, levels and labels, is decided by the ordinary code of data in memory, on these rows:
the first ones, and those in which a level or a label occurs for the first times.

EXAMPLES::

    sage: import pandas
    sage: from sage_logreg.dataset.assembly import Asked
    sage: from sage_logreg.dataset.in_chunks.sources import FrameChunk
    sage: from sage_logreg.dataset.in_chunks.specimen import specimen_of
    sage: chunks = [FrameChunk('the frame', 5r*k, 5r, pandas.DataFrame({'sex': list(sexes), 'y': [0r, 0r, 0r, k, 0r]}))
    ....:           for k, sexes in enumerate(['ffffm', 'fffdf'])]
    sage: chunks, plan = specimen_of(chunks, Asked())
    sage: plan.like
    10 points in sex (d, f, m): 1 with y = 1, 9 with y = 0
"""
import functools

import numpy

from sage_logreg.dataset.assembly import assembled, plan_of
from sage_logreg.dataset.categorical import levels_of
from sage_logreg.dataset.in_chunks.joined import joined_sources
from sage_logreg.dataset.in_chunks.workers import computed
from sage_logreg.dataset.roles import complete_rows, names_rows
from sage_logreg.dataset.table import Table
from sage_logreg.support.arguments import as_float, shown

# the first rows, and how often a level occurs: more than once, or it might be a name of its row
FIRST, TIMES = 100, 3
# an identifier has more levels, numbers that are no classes have more values
MOST_LEVELS, MOST_LABELS = 10000, 1000


def specimen_of(chunks, asked):
    r"""
    Return the chunks, which read no more columns than they need, and the :class:`~sage_logreg.dataset.assembly.Plan` of their rows.

    INPUT:

    - ``chunks`` -- list of :class:`~sage_logreg.dataset.in_chunks.chunk.Chunk`
    - ``asked`` -- an :class:`~sage_logreg.dataset.assembly.Asked`
    """
    head = _first_filled(chunks)
    plan = plan_of(head, asked)
    request = plan.request
    others = sorted({*request.of_rows(), *request.counts, *(() if request.label is None else [request.label])})
    # where rows may be dropped all columns decide which levels are left
    levelled = [place for place in request.places if asked.missing == 'drop' or is_levelled(head.table.column(place), place, request)]
    firsts = computed(first_rows, [chunk.reading(levelled, others) for chunk in chunks], (plan,), functools.partial(_both, plan=plan),
                      desc='levels and labels')
    kept = complete_rows(head.table, request.columns(head), 'drop') if asked.missing == 'drop' else None
    few = numpy.arange(len(head.table))[:FIRST] if kept is None else kept[:FIRST]
    source = joined_sources([head.take(few), firsts])
    source.table.names_rows, source.table.is_part = names_rows(head.table), True
    if plan.formula is not None:
        # which columns are factors is known only now; columns of counts are found again
        source.counts = None if request.counts else source.counts
        plan = plan_of(source, asked)
    specimen = assembled(source, plan)
    # as parts of all rows
    return [chunk.reading(request.places, others) for chunk in chunks], plan.of_parts(specimen)


def _first_filled(chunks):
    for chunk in chunks:
        source = chunk.source()
        if len(source.table):
            return source
    raise ValueError(f'{chunks[0].name}: there are no rows; expected at least two')


def is_levelled(column, place, request):
    r"""
    Return whether a column has levels.
    """
    return column.numbers is None or place in request.categorical


def first_rows(chunk, plan):
    r"""
    Return the :class:`~sage_logreg.dataset.source.Source` of the rows in which levels and labels occur for the first times.
    """
    source = chunk.source()
    request, table = plan.request, source.table
    if request.counts:
        source.counts = Table(table.name, list(map(table.column, request.counts)), table.lines)
    rows = complete_rows(table, request.columns(source), 'drop')
    return joined_sources([_picked(source if rows is None else source.take(rows), request)])


def _both(one, other, plan):
    return _picked(joined_sources([one, other]), plan.request)


def _picked(source, request):
    found = [_first_times(codes) for codes in _codes(source, request)]
    return source.take(numpy.unique(numpy.concatenate(found)) if found else numpy.empty(0, dtype=int))


def _first_times(codes):
    # the first rows of each code from 0 on
    order = numpy.argsort(codes, kind='stable')
    ordered = codes[order]
    nth = numpy.arange(len(codes)) - numpy.searchsorted(ordered, ordered)
    return order[(ordered >= 0) & (nth < TIMES)]


def _codes(source, request):
    # Of all that has levels: which one each row has.
    table = source.table
    for place in request.places:
        column = table.column(place)
        if not column.is_unread and (is_levelled(column, place, request) or column.bad is not None):
            codes, levels = levels_of(column)
            if len(levels) > MOST_LEVELS:
                raise ValueError(f'{table.name}, column {place + 1} ({column.title}): more than {MOST_LEVELS} different values, such as '
                                 f'{shown(levels[0])} and {shown(levels[1])}; leave the column out, by variables=[...]')
            yield codes
    if source.is_grouped:
        yield from _codes_of_counts(source)
        return
    column = source.label_column if request.label is None else table.column(request.label)
    codes, levels = levels_of(column)
    if len(levels) > MOST_LABELS and column.numbers is not None:
        if all(float(level).is_integer() for level in levels):
            raise ValueError(f'{table.name}: there are more than {MOST_LABELS} different labels, such as {shown(levels[0])} and '
                             f'{shown(levels[1])}; expected classes' + ', or the name of another column as label=' * bool(table.titles))
        # that they are fractions is said by their first
        codes = numpy.where(codes < MOST_LABELS, codes, -1)
    weights = _weights(source, request)
    # of each label some rows that count
    yield codes if weights is None else numpy.where(codes < 0, -1, 2 * codes + (weights > 0))


def _weights(source, request):
    if source.weights is not None:
        return source.weights
    places = getattr(request.weights, 'places', ())
    return source.table.column(places[0]).numbers if places else None


def _codes_of_counts(source):
    # which groups have some of each class
    if source.counts is not None:
        columns = [column.numbers for column in source.counts.columns]
    else:
        some, every = (numpy.array(list(map(as_float, numbers)), dtype=float) for numbers in (source.successes, source.trials))
        columns = [some, every - some]
    for column in columns:
        if column is not None:
            yield (column > 0).astype(int)
