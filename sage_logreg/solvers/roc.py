r"""
The ROC curve, from how many rows of each label have the same log-odds

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.roc import roc_counts, roc_curve
    sage: import numpy
    sage: one, other = (roc_counts(load_data(rows), numpy.array([0.0, 1.0])) for rows in ([[1, 0], [2, 1]], [[3, 0], [2, 1]]))
    sage: one.joined(other)
    RocCounts(log_odds=array([1., 2., 3.]), counts=array([[1., 0., 1.],
           [0., 2., 0.]]))
    sage: roc_curve(one.joined(other))
    [array([0. , 0.5, 0.5, 1. ]), array([0., 0., 1., 1.])]
"""
import itertools
import typing

import numpy

# so many different log-odds are told apart where rows in chunks are counted
MOST = 10**6


class RocCounts(typing.NamedTuple):
    r"""
    Different log-odds, rising, and for both labels, a row each, how many rows have them, by their weights.
    """

    log_odds: numpy.ndarray
    counts: numpy.ndarray

    def joined(self, other, most=MOST):
        r"""
        Return the counts of both; of more than ``most`` different log-odds neighbours are joined, as if they were equal.
        """
        return _counted(numpy.append(self.log_odds, other.log_odds), numpy.append(self.counts, other.counts, axis=1)).coarse(most)

    def coarse(self, most):
        r"""
        Return at most ``most`` counts: neighbours are joined two by two until they are.

        EXAMPLES::

            sage: from sage_logreg.solvers.roc import RocCounts
            sage: import numpy
            sage: RocCounts(numpy.arange(5.0), numpy.ones((2, 5))).coarse(3)
            RocCounts(log_odds=array([0., 2., 4.]), counts=array([[2., 2., 1.],
                   [2., 2., 1.]]))
        """
        while len(self.log_odds) > most:
            self = RocCounts(self.log_odds[::2], numpy.add.reduceat(self.counts, range(0, len(self.log_odds), 2), axis=1))
        return self


def _counted(log_odds, counts):
    # Equal log-odds once.
    values, place = numpy.unique(log_odds, return_inverse=True)
    return RocCounts(values, numpy.array([numpy.bincount(place, own, len(values)) for own in counts]))


def roc_counts(data, weights):
    r"""
    Return the :class:`RocCounts` of data at ``weights``.
    """
    frequency = numpy.ones(len(data)) if data.weights is None else data.weights
    return _counted(data.log_odds(weights), [frequency * (data.labels == label) for label in (0, 1)])


def area(counts):
    r"""
    Return the area under the ROC curve: the probability that of two rows with the labels 0 and 1 the second has the larger log-odds,
    ties count half; nan if there is no row of one of them.

    INPUT:

    - ``counts`` -- as of :class:`RocCounts`

    EXAMPLES::

        sage: from sage_logreg.solvers.roc import area
        sage: import numpy
        sage: area(numpy.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])), area(numpy.zeros((2, 3)))
        (0.875, nan)
    """
    zeros, ones = counts
    pairs = zeros.sum() * ones.sum()
    return float(ones @ (numpy.cumsum(zeros) - zeros / 2) / pairs) if pairs else numpy.nan


def hand_till(probabilities, labels, frequency):
    r"""
    Return the area under the ROC curve of several classes: the mean over all pairs of classes, of rows of these two alone, of the areas by
    the probabilities of either, m x K.

    INPUT:

    - ``probabilities`` -- float64 array, m x K
    - ``labels`` -- array of m numbers of classes
    - ``frequency`` -- float64 array, how often each row counts

    EXAMPLES::

        sage: from sage_logreg.solvers.roc import hand_till
        sage: import numpy
        sage: probabilities = numpy.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])
        sage: hand_till(probabilities, numpy.array([0, 1, 1, 0]), numpy.ones(4))
        0.875

    REFERENCES:

    - D. J. Hand and R. J. Till, *A simple generalisation of the area under the ROC curve for multiple class classification problems*,
      Machine Learning 45 (2001), no. 2, 171-186.
    """
    return float(numpy.mean([area(_counted(probabilities[:, one], [frequency * (labels == label) for label in (other, one)]).counts)
                             for one, other in itertools.permutations(range(probabilities.shape[1]), 2)]))


def roc_curve(counts):
    r"""
    Return false and true positive rates as the threshold falls, one point per distinct probability, of :class:`RocCounts`.
    """
    passed = numpy.cumsum(counts.counts[:, ::-1], axis=1)
    return [numpy.concatenate([[0.0], own / own[-1]]) for own in passed]
