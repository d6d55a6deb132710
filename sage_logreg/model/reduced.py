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
from sage_logreg.dataset.observations import observations
from sage_logreg.solvers import goodness
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


def frequencies(data):
    r"""
    Return how many rows each class has, by their weights, an array.
    """
    return numpy.bincount(data.labels.astype(int), data.weights, data.classes).astype(float)


def pearson(data, model, *single):
    r"""
    Return Pearson's chi-squared.
    """
    found = observations(data, *single)
    return goodness.pearson(found.counts, model._probabilities_of_classes(found.design, found.offset))


def squared_errors(data, model):
    r"""
    Return the sum over rows and classes of the squared differences of label and probability, of two classes over one of them.
    """
    wrong = model._probabilities_of_classes(data.design, data.offset)
    wrong[numpy.arange(len(data)), data.labels.astype(int)] -= 1
    squares = (wrong**2).sum(axis=1) / (2 if data.classes == 2 else 1)
    return squares.sum() if data.weights is None else data.weights @ squares


def summed_probabilities(data, model):
    r"""
    Return the sums of the probability of y = 1 over the rows of both labels.
    """
    probabilities = model._probabilities_of_classes(data.design, data.offset)[:, 1]
    return numpy.bincount(data.labels.astype(int), probabilities if data.weights is None else data.weights * probabilities, 2)


def null_terms(data, model, biases):
    r"""
    Return the log-likelihood, its gradient and the information by the classes' log-odds ``biases``, with the offset, in which all rows
    have the same.
    """
    logs = log_probabilities(biases, data.offset)
    weights = numpy.ones(len(data)) if data.weights is None else data.weights
    labels, p = data.labels.astype(int), numpy.exp(logs)
    counted = weights > 0
    value = weights[counted] @ logs[counted, labels[counted]]
    weighted = weights[:, None] * p
    return value, frequencies(data) - weighted.sum(axis=0), numpy.diag(weighted.sum(axis=0)) - weighted.T @ p


def log_probabilities(log_odds, offset):
    r"""
    Return the logarithms of the probabilities of the classes, a row a row, from their log-odds and an offset of the data.
    """
    from scipy.special import log_softmax
    if offset is not None and offset.ndim == 1:
        offset = numpy.column_stack([0.0 * offset, offset])
    return log_softmax(log_odds if offset is None else log_odds + offset, axis=1)
