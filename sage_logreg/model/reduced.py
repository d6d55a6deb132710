r"""
What a model says of all rows, from sums over them: rows in chunks are counted where they are

A function of this module gets the rows, a Dataset of all of them or of a chunk, and a model of few rows with the same weights.

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: from sage_logreg.model.reduced import confusion, reduced
    sage: model = maximum_likelihood(ex2data1())
    sage: reduced(confusion, model, model.data)
    array([[34.,  6.],
           [ 5., 55.]])
"""
import collections

import numpy

from sage_logreg.dataset.in_chunks.chunk import added
from sage_logreg.dataset.in_chunks.like import specimen_of
from sage_logreg.solvers.roc import roc_counts

Row = collections.namedtuple('Row', 'source row')
Row.__doc__ = r"""
A row of data in chunks: its file or partition, and its number there, from 0 on.
"""


def light(model):
    r"""
    Return a model with the same weights and hardly any rows, which can be sent to where the rows are.
    """
    return type(model)(specimen_of(model.data), model._weights)


def reduced(function, model, data, *arguments, combine=added):
    r"""
    Return ``function(data, model, *arguments)``; of data in chunks its values, combined two by two.
    """
    if not data.is_chunked:
        return function(data, model, *arguments)
    return data.computed(function, light(model), *arguments, combine=combine)


def confusion(data, model, *threshold):
    r"""
    Return how many points of each label, a row, have each prediction, an array.
    """
    table = numpy.zeros((data.classes, data.classes))
    numpy.add.at(table, (data.labels.astype(int), model._predicted(data, *threshold)), 1.0 if data.weights is None else data.weights)
    return table


def mistakes(data, model, *threshold):
    r"""
    Return the numbers of the rows that are predicted to have another label, an array.
    """
    return numpy.flatnonzero(model._predicted(data, *threshold) != data.labels)


def mistakes_at(data, model, *threshold):
    r"""
    Return the same as they are counted in the chunk that the data are read from.
    """
    rows = mistakes(data, model, *threshold)
    return rows if data.row_numbers is None else data.row_numbers[rows]


def costs(data, model):
    r"""
    Return the summed cost without any penalty, its gradient, and the sum of the rows' weights.
    """
    total = data.total()
    cost, gradient = model._evaluate(data) if total else (0.0, 0.0 * model._weights)
    return total * cost, total * gradient, total


def counts_of_log_odds(data, model):
    r"""
    Return how many rows of both labels have the same log-odds, a :class:`~sage_logreg.solvers.roc.RocCounts`.
    """
    return roc_counts(data, model._weights)
