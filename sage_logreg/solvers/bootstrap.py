r"""
The bootstrap: the estimate of many samples that are drawn from the data, or from the model

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.dataset.observations import observations
    sage: from sage_logreg.solvers.bootstrap import cases
    sage: found = observations(ex2data1())
    sage: draw = cases(found, 1r)
    sage: draw().sum(axis=0), draw().sum(axis=0)
    (array([37., 63.]), array([32., 68.]))

REFERENCES:

.. [DE1996] \T. J. DiCiccio and B. Efron, *Bootstrap confidence intervals*, Statistical Science 11 (1996), no. 3, 189-228.

.. [ET1993] \B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap*, Chapman and Hall, 1993.
"""
import copy
import math

import numpy

from sage_logreg.solvers.newton import minimize
from sage_logreg.support.interrupt import stopped_by
from sage_logreg.support.progress import progress_bar


def cases(found, seed, clusters=None):
    r"""
    Return a function that draws observations, or whole clusters of them, with replacement: it returns the new counts, g x K.

    INPUT:

    - ``found`` -- :class:`~sage_logreg.dataset.observations.Observations`
    - ``seed`` -- whole number
    - ``clusters`` -- (default: none) int array, the number of the cluster of each observation
    """
    random, place = numpy.random.default_rng(seed), numpy.arange(len(found.trials)) if clusters is None else clusters
    units = int(place.max()) + 1

    def draw():
        times = numpy.bincount(random.integers(units, size=units), minlength=units)
        return times[place][:, None] * found.counts
    return draw


def parametric(found, seed, probabilities):
    r"""
    Return a function that draws the labels of all trials by the probabilities of the model, g x K: it returns the new counts.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.observations import observations
        sage: from sage_logreg.solvers.bootstrap import parametric
        sage: import numpy
        sage: groups = observations(load_data(([[1], [2]], [1, 2], [4, 5])))
        sage: parametric(groups, 1r, numpy.array([[0.5, 0.5], [0.0, 1.0]]))()[1]
        array([0., 5.])
    """
    random = numpy.random.default_rng(seed)
    trials, shares = found.trials.astype(int), probabilities / probabilities.sum(axis=1, keepdims=True)
    return lambda: random.multinomial(trials, shares).astype(float)


def replicates(estimate, found, draw, samples, exists):
    r"""
    Return the weights of samples, in the units of the data, a row a sample, and how many have been drawn.

    Samples without an estimate have none, and Ctrl-C ends the drawing.

    INPUT:

    - ``estimate`` -- an :class:`~sage_logreg.solvers.estimate.Estimate`, from which Newton's method starts
    - ``found`` -- the :class:`~sage_logreg.dataset.observations.Observations`
    - ``draw`` -- function as from :func:`cases` or :func:`parametric`
    - ``samples`` -- how many to draw
    - ``exists`` -- function of a likelihood and its fit: whether there is an estimate
    """
    whole, fits = estimate.likelihood, []
    rows, start = _rows_of_all_classes(whole.data, found), whole.from_user(estimate.weights)
    try:
        for _ in progress_bar(range(samples), desc='bootstrap', unit=' samples'):
            fits.append(_refitted(estimate, rows, start, draw(), exists))
    except (KeyboardInterrupt, SystemError) as error:
        if stopped_by(error) is None or sum(weights is not None for weights in fits) < 2:
            raise
    weights = [weights for weights in fits if weights is not None]
    return numpy.array(weights).reshape(len(weights), len(estimate.weights)), len(fits)


def _refitted(estimate, rows, start, counts, exists):
    # The weights of a sample, None if it has no estimate.
    whole = estimate.likelihood
    # the bias has no penalty but Firth's
    if not (counts.sum(axis=0).all() or whole.bias_reduced):
        return None
    # a copy, as a likelihood keeps what is the same for all weights
    sample = copy.copy(rows)
    sample.weights = counts.T.ravel()
    likelihood = whole.of_rows(sample, whole.l2)
    fit = minimize(likelihood, start, estimate.tol, finer=estimate.finer)
    return fit.objective.to_user(fit.weights) if exists(likelihood, fit) and fit.converged else None


def _rows_of_all_classes(data, found):
    # Data in which each observation stands once for each class, as samples may have other labels there; class by class.
    rows = data.take(numpy.tile(found.first, data.classes))
    rows.labels = numpy.repeat(numpy.arange(float(data.classes)), len(found.first))
    return rows


def percentile_ends(numbers, level):
    r"""
    Return the lower and the upper ends of the percentile intervals of the columns, two arrays.

    EXAMPLES::

        sage: from sage_logreg.solvers.bootstrap import percentile_ends
        sage: import numpy
        sage: percentile_ends(numpy.arange(101.0)[:, None], 0.9r)
        array([[ 5.],
               [95.]])
    """
    return numpy.quantile(numbers, [(1 - level) / 2, (1 + level) / 2], axis=0)


def corrected_ends(numbers, values, influences, level):
    r"""
    Return the ends of the bias-corrected and accelerated intervals (BCa) of the columns, two arrays.

    INPUT:

    - ``numbers`` -- array with a row for each sample
    - ``values`` -- array of the same for the data
    - ``influences`` -- array with a row for each observation or cluster, how much it moves the values
    - ``level`` -- of the intervals

    OUTPUT: nan where all samples lie on one side

    ALGORITHM:

    The share of samples below the value (those equal to it count half) is `\Phi(z_0)`, the acceleration is
    `a = \sum u_i^3 / (6 (\sum u_i^2)^{3/2})` with the empirical influences `u_i`. An end is the quantile of the samples at
    `\Phi(z_0 + (z_0 + z) / (1 - a (z_0 + z)))` with the normal quantile `z` ([ET1993]_, chapter 14; [DE1996]_).

    EXAMPLES::

        sage: from sage_logreg.solvers.bootstrap import corrected_ends
        sage: import numpy
        sage: symmetric, numbers = numpy.array([[1.0], [-1.0]]), numpy.arange(101.0)[:, None]
        sage: corrected_ends(numbers, numpy.array([50.0]), symmetric, 0.9r)  # abs tol 1e-12
        array([[ 5.],
               [95.]])
    """
    from scipy.special import ndtr, ndtri
    share = ((numbers < values).mean(axis=0) + (numbers <= values).mean(axis=0)) / 2
    middle = ndtri(share)
    spread = (influences**2).sum(axis=0)
    acceleration = (influences**3).sum(axis=0) / (6 * numpy.where(spread == 0, 1.0, spread)**1.5)
    ends = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        with numpy.errstate(invalid='ignore'):
            moved = middle + ndtri(tail)
            places = ndtr(middle + moved / (1 - acceleration * moved))
        ends.append([math.nan if math.isnan(place) else numpy.quantile(column, place) for column, place in zip(numbers.T, places)])
    return numpy.array(ends)
