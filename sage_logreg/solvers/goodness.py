r"""
Goodness of fit, as arrays: deviance, Pearson's chi-squared, groups by probability, the area under the ROC curve with its error

``counts`` are g x K: how often each class was seen in each observation; ``trials`` are their sums.

EXAMPLES::

    sage: import numpy
    sage: from sage_logreg.solvers.goodness import deviance, pearson, saturated_log_likelihood
    sage: counts, p = numpy.array([[3.0r, 1.0r], [0.0r, 2.0r]]), numpy.array([[0.5r, 0.5r], [0.25r, 0.75r]])
    sage: deviance(counts, numpy.log(p)), pearson(counts, p)  # rel tol 1e-12
    (2.1972245773362196, 1.6666666666666667)
    sage: saturated_log_likelihood(counts)  # rel tol 1e-12
    -0.8630462173553427
"""
import math

import numpy

from sage_logreg.solvers.roc import area

# numbers whose share of their sum is so small are compared by a series
NEAR = 0.1
# from this number on Stirling's series has all digits
LARGE = 16.0
# probabilities that differ by less are tied
TIED = 12


def deviance(counts, log_probabilities):
    r"""
    Return twice what the largest log-likelihood that counts can have is above that of some probabilities.

    ALGORITHM:

    The sum of `x \log(x/m) - x + m` over all counts `x` and what is expected in their place, `m`; the sums of both are the same. Where
    they are nearly equal, this is `v (x - m) + 2 x (\mathrm{artanh}\,v - v)` with `v = (x - m)/(x + m)`, as large numbers would cancel.

    REFERENCES:

    - C. Loader, *Fast and accurate computation of binomial probabilities*, 2000.
    """
    expected = counts.sum(axis=1, keepdims=True) * numpy.exp(log_probabilities)
    both = counts + expected
    v = (counts - expected) / numpy.where(both > 0, both, 1.0)
    near = v * (counts - expected) + 2 * counts * sum(v**k / k for k in range(3, 19, 2))
    with numpy.errstate(invalid='ignore'):
        shares = counts / counts.sum(axis=1, keepdims=True)
        far = counts * (numpy.log(numpy.where(counts > 0, shares, 1.0)) - numpy.where(counts > 0, log_probabilities, 0.0))
    return 2 * float(numpy.where(abs(v) < NEAR, near, far - counts + expected).sum())


def saturated_log_likelihood(counts):
    r"""
    Return the largest log-likelihood that binomial or multinomial counts can have, with their coefficients.
    """
    return float(_stirling(counts.sum(axis=1)).sum() - _stirling(counts).sum())


def _stirling(n):
    # log(n!) - n log(n) + n
    from scipy.special import gammaln, xlogy
    large = numpy.maximum(n, LARGE)
    series = numpy.log(2 * math.pi * large) / 2 + (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / large**2) / large**2) / large**2) / large
    return numpy.where(n < LARGE, gammaln(n + 1) - xlogy(n, n) + n, series)


def pearson(counts, probabilities):
    r"""
    Return Pearson's chi-squared.
    """
    expected = counts.sum(axis=1, keepdims=True) * probabilities
    with numpy.errstate(divide='ignore', invalid='ignore'):
        return float(numpy.where(counts == expected, 0.0, (counts - expected)**2 / expected).sum())


def null_biases(counts, terms=None):
    r"""
    Return the log-odds of the classes, equal for all rows, for which the likelihood is largest; -infinity of a class without rows.

    INPUT:

    - ``counts`` -- array of K numbers, how often each class was seen
    - ``terms`` -- (default: none, without an offset) function of K log-odds, of the log-likelihood, its gradient and the information

    ALGORITHM:

    Newton's method from the logarithms of the frequencies; the class with the largest one keeps its own. A step is halved while the
    likelihood falls.
    """
    with numpy.errstate(divide='ignore'):
        biases = numpy.log(counts / counts.sum())
    if terms is None:
        return biases
    free = (counts > 0) & (numpy.arange(len(counts)) != counts.argmax())
    value, gradient, information = terms(biases)
    for _ in range(100):
        step = numpy.zeros(len(counts))
        step[free] = numpy.linalg.solve(information[numpy.ix_(free, free)], gradient[free])
        rise = step @ gradient
        for _ in range(60):
            after = terms(biases + step)
            if after[0] >= value - 1e-13 * abs(value):
                break
            step /= 2
        biases, (value, gradient, information) = biases + step, after
        # the next step would change the last digit at most
        if rise <= 1e-13 * abs(value):
            break
    return biases


def quantile_groups(scores, trials, groups):
    r"""
    Return the number of the group of each score, from 0 on: between their quantiles, of which ``groups - 1`` are between the ends.

    A quantile belongs to the group below it, so that equal scores are in one group, and there are fewer groups where quantiles are
    equal.

    INPUT:

    - ``scores`` -- array, compared to twelve decimals
    - ``trials`` -- array, how often each counts
    - ``groups`` -- int

    EXAMPLES::

        sage: import numpy
        sage: from sage_logreg.solvers.goodness import quantile_groups
        sage: quantile_groups(numpy.array([0.1r, 0.4r, 0.2r, 0.3r, 0.3r]), numpy.ones(int(5)), int(2))
        array([0, 1, 0, 0, 0])
    """
    values, place = numpy.unique(scores.round(TIED), return_inverse=True)
    passed = numpy.cumsum(numpy.bincount(place, trials))
    ranks = numpy.floor(max(passed[-1] - 1, 0) * numpy.arange(1, groups) / groups)
    cuts = numpy.unique(numpy.minimum(numpy.searchsorted(passed, ranks, side='right'), len(values) - 1))
    return numpy.searchsorted(cuts, place)


def sums_of_groups(numbers, group):
    r"""
    Return the sums of the rows of each group.
    """
    sums = numpy.zeros((group.max() + 1, *numbers.shape[1:]))
    numpy.add.at(sums, group, numbers)
    return sums


def wilson_intervals(successes, trials, quantile):
    r"""
    Return the lower and the upper ends of Wilson's intervals of proportions.

    EXAMPLES::

        sage: import numpy
        sage: from sage_logreg.solvers.goodness import wilson_intervals
        sage: [ends.tolist() for ends in wilson_intervals(numpy.array([0.0r, 5.0r]), numpy.array([10.0r, 10.0r]), 1.96r)]  # abs tol 1e-9
        [[0.0, 0.236589594], [0.277540169, 0.763410406]]
    """
    share, square = successes / trials, quantile**2 / trials
    middle, half = share + square / 2, quantile * numpy.sqrt(share * (1 - share) / trials + square / trials / 4)
    # exact at the ends
    lower = numpy.where(successes > 0, (middle - half) / (1 + square), 0.0)
    return lower, numpy.where(successes < trials, (middle + half) / (1 + square), 1.0)


def area_and_error(counts):
    r"""
    Return the area under the ROC curve and its standard error by DeLong, DeLong and Clarke-Pearson.

    INPUT:

    - ``counts`` -- of a :class:`~sage_logreg.solvers.roc.RocCounts`: how many rows of both labels, a row each, have each log-odds, rising

    OUTPUT: two floats; the error is infinite where there is at most one row of a label

    ALGORITHM:

    A row of one label wins against the part of the other label's rows that are on the right side of it, a tie counts half; the area
    is the mean of these parts, and their variances are those of its error. By ranks: as X. Sun and W. Xu, *Fast implementation of DeLong's
    algorithm for comparing the areas under correlated receiver operating characteristic curves*, IEEE Signal Processing Letters 21 (2014).
    """
    zeros, ones = counts
    total = counts.sum(axis=1)
    of_ones = (numpy.cumsum(zeros) - zeros / 2) / total[0]
    of_zeros = 1 - (numpy.cumsum(ones) - ones / 2) / total[1]
    found = area(counts)
    if total.min() <= 1:
        return found, math.inf
    variance = sum(own @ (parts - found)**2 / (size - 1) / size for own, parts, size in ((zeros, of_zeros, total[0]), (ones, of_ones, total[1])))
    return found, math.sqrt(variance)


def rates(confusion):
    r"""
    Return the usual measures of a table of two labels, a dictionary; ``nan`` of those that are not defined.

    INPUT:

    - ``confusion`` -- 2 x 2 array; row i is for the label i, column j for the prediction j

    EXAMPLES::

        sage: import numpy
        sage: from sage_logreg.solvers.goodness import rates
        sage: found = rates(numpy.array([[34.0r, 6.0r], [3.0r, 57.0r]]))
        sage: found['sensitivity'], found['specificity'], found['kappa']  # abs tol 1e-12
        (0.95, 0.85, 0.8101265822784811)
    """
    (true_negative, false_positive), (false_negative, true_positive) = confusion
    negative, positive = confusion.sum(axis=1)
    below, above = confusion.sum(axis=0)
    total = confusion.sum()
    sensitivity, specificity = _ratio(true_positive, positive), _ratio(true_negative, negative)
    return {'true positives': true_positive, 'false positives': false_positive, 'false negatives': false_negative,
            'true negatives': true_negative, 'prevalence': _ratio(positive, total), 'accuracy': _ratio(true_negative + true_positive, total),
            'sensitivity': sensitivity, 'specificity': specificity, 'positive predictive value': _ratio(true_positive, above),
            'negative predictive value': _ratio(true_negative, below), 'F1': _ratio(2 * true_positive, positive + above),
            'positive likelihood ratio': _ratio(sensitivity, _ratio(false_positive, negative)),
            'negative likelihood ratio': _ratio(_ratio(false_negative, positive), specificity),
            "Youden's index": sensitivity + specificity - 1, 'kappa': kappa(confusion)}


def kappa(confusion):
    r"""
    Return Cohen's kappa of a table of labels and predictions: how much more they agree than if they were independent, of what is possible.
    """
    total = confusion.sum()
    agreed, expected = numpy.trace(confusion) / total, confusion.sum(axis=0) @ confusion.sum(axis=1) / total**2
    return _ratio(agreed - expected, 1 - expected)


def _ratio(part, whole):
    with numpy.errstate(divide='ignore', invalid='ignore'):
        return float(numpy.divide(part, whole))
