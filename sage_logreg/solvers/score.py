r"""
Scores of predicted probabilities

EXAMPLES::

    sage: from sage_logreg.solvers.score import area_under_curve, brier_score, hand_till
    sage: import numpy
    sage: labels, once = numpy.array([0, 1, 1, 0]), numpy.ones(4)
    sage: probabilities = numpy.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])
    sage: area_under_curve(probabilities[:, 1], labels, once), brier_score(probabilities, labels, once)
    (0.875, 0.15625)
    sage: hand_till(probabilities, labels, once)
    0.875
"""
import itertools

import numpy


def brier_score(probabilities, labels, frequency):
    r"""
    Return the mean of `(p - y)^2`, of more than two classes of the sum of these over the classes.

    INPUT:

    - ``probabilities`` -- float64 array, m x K
    - ``labels`` -- array of the numbers of classes
    - ``frequency`` -- float64 array, how often each row counts

    REFERENCES:

    - G. W. Brier, *Verification of forecasts expressed in terms of probability*, Monthly Weather Review 78 (1950), no. 1, 1-3.
    """
    seen = labels[:, None] == numpy.arange(probabilities.shape[1])
    squares = ((probabilities - seen)**2).sum(axis=1)
    return float(frequency @ squares / frequency.sum()) / (2 if probabilities.shape[1] == 2 else 1)


def area_under_curve(values, labels, frequency):
    r"""
    Return the probability that of two rows with the labels 0 and 1 the second has the larger value, ties count half; nan if there is no
    row of one of them.
    """
    values, place = numpy.unique(values, return_inverse=True)
    zeros, ones = (numpy.bincount(place.ravel(), frequency * (labels == label), len(values)) for label in (0, 1))
    pairs = zeros.sum() * ones.sum()
    return float(ones @ (numpy.cumsum(zeros) - zeros / 2) / pairs) if pairs else numpy.nan


def hand_till(probabilities, labels, frequency):
    r"""
    Return the area under the ROC curve of several classes: the mean over all pairs of classes, of rows of these two alone, of the areas by
    the probabilities of either.

    REFERENCES:

    - D. J. Hand and R. J. Till, *A simple generalisation of the area under the ROC curve for multiple class classification problems*,
      Machine Learning 45 (2001), no. 2, 171-186.
    """
    areas = []
    for one, other in itertools.permutations(range(probabilities.shape[1]), 2):
        both = (labels == one) | (labels == other)
        areas.append(area_under_curve(probabilities[both, one], labels[both] == one, frequency[both]))
    return float(numpy.mean(areas))
