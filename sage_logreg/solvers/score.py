r"""
How well values tell classes apart: areas under ROC curves of two classes and of more

EXAMPLES::

    sage: from sage_logreg.solvers.score import area_under_curve, hand_till
    sage: import numpy
    sage: labels, once = numpy.array([0, 1, 1, 0]), numpy.ones(4)
    sage: probabilities = numpy.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])
    sage: area_under_curve(probabilities[:, 1], labels, once), hand_till(probabilities, labels, once)
    (0.875, 0.875)
"""
import itertools

import numpy


def area_under_curve(values, labels, frequency):
    r"""
    Return the probability that of two rows with the labels 0 and 1 the second has the larger value, ties count half; nan if there is no
    row of one of them.

    INPUT:

    - ``values`` -- float64 array, such as probabilities
    - ``labels`` -- array of the numbers of classes
    - ``frequency`` -- float64 array, how often each row counts
    """
    values, place = numpy.unique(values, return_inverse=True)
    zeros, ones = (numpy.bincount(place.ravel(), frequency * (labels == label), len(values)) for label in (0, 1))
    pairs = zeros.sum() * ones.sum()
    return float(ones @ (numpy.cumsum(zeros) - zeros / 2) / pairs) if pairs else numpy.nan


def hand_till(probabilities, labels, frequency):
    r"""
    Return the area under the ROC curve of several classes: the mean over all pairs of classes, of rows of these two alone, of the areas by
    the probabilities of either, m x K.

    REFERENCES:

    - D. J. Hand and R. J. Till, *A simple generalisation of the area under the ROC curve for multiple class classification problems*,
      Machine Learning 45 (2001), no. 2, 171-186.
    """
    areas = []
    for one, other in itertools.permutations(range(probabilities.shape[1]), 2):
        both = (labels == one) | (labels == other)
        areas.append(area_under_curve(probabilities[both, one], labels[both] == one, frequency[both]))
    return float(numpy.mean(areas))
