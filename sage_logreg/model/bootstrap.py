r"""
The bootstrap: how sure the weights are, by refitting to samples of the data

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).bootstrap(samples=50, method='bca')
    50 bootstrap samples, bias-corrected and accelerated intervals
      name   weight     bias         std. error   95% interval
    ...
      bias   -25.1613   ...
"""
import numpy

from sage_logreg.dataset.clusters import cluster_numbers
from sage_logreg.exact.separation import check_estimate
from sage_logreg.solvers.bootstrap import cases, corrected_ends, parametric, percentile_ends, replicates
from sage_logreg.solvers.estimate import Contrasts
from sage_logreg.solvers.sandwich import Sandwich
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import real_number, shown, whole_number
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.tables import Table
from sage_logreg.support.warned import warn

METHODS = {'percentile': 'percentile', 'bca': 'bias-corrected and accelerated'}


def _checked_method(method, kind):
    if method not in METHODS:
        raise ValueError(f"method = {shown(method)}; expected 'percentile' or 'bca'")
    if method == 'bca' and kind == 'parametric':
        raise ValueError("method = 'bca' corrects by the influence of the observations drawn, and kind = 'parametric' draws labels; expected "
                         "method='percentile', or kind='cases'")
    return method


class Bootstrap(Table):
    r"""
    The replicates of the weights, with the intervals that they give; a table.

    :meth:`~sage_logreg.model.bootstrap.Bootstrapped.bootstrap` makes it.

    INPUT:

    - ``names`` -- dictionary from titles to lists of texts, which name the weights
    - ``weights`` -- array of the weights
    - ``numbers`` -- array with a row for each sample
    - ``influences`` -- array with a row for each observation or cluster, ``None`` where labels were drawn
    - ``drawn``, ``asked`` -- how many samples were drawn, and how many were to be
    - ``level``, ``method`` -- of the intervals of the table

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: bootstrap = maximum_likelihood(ex2data1()).bootstrap(samples=20)
        sage: bootstrap.replicates().dimensions(), bootstrap.failed()
        ((20, 3), 0)
        sage: len(bootstrap.standard_errors()), len(bootstrap.intervals(level=0.5, method='bca'))
        (3, 3)
        sage: loads(dumps(bootstrap)) == bootstrap
        True
    """

    def __init__(self, names, weights, numbers, influences, drawn, asked, level, method):
        self._weights, self._replicates, self._influences, self._drawn, self._asked = weights, numbers, influences, drawn, asked
        self._level, self._method = level, method
        ends = list(map(tuple, self._ends(level, method).T.tolist()))
        super().__init__({**names, 'weight': weights.tolist(), 'bias': (numbers.mean(axis=0) - weights).tolist(),
                          'std. error': self._errors().tolist(), f'{100 * level:g}% interval': ends}, '\n'.join(self._notes(method)))

    def _notes(self, method):
        yield f'{self._drawn} bootstrap samples, {METHODS[method]} intervals'
        if self._drawn < self._asked:
            yield f'interrupted; {self._asked} samples were asked for'
        if self.failed():
            yield f'{self.failed()} of the samples have no estimate, and are left out: the intervals are too short'

    def _errors(self):
        return self._replicates.std(axis=0, ddof=1)

    def _ends(self, level, method):
        if method == 'percentile':
            return percentile_ends(self._replicates, level)
        ends = corrected_ends(self._replicates, self._weights, self._influences, level)
        if numpy.isnan(ends).any():
            raise ValueError("method = 'bca' needs samples on both sides of every weight; expected more samples, or method='percentile'")
        return ends

    def failed(self):
        r"""
        Return how many of the samples drawn have no estimate, because of separation or dependent columns.
        """
        return sage_objects.integer(self._drawn - len(self._replicates))

    def replicates(self):
        r"""
        Return the weights of the samples, a matrix over ``RDF`` with a row for each that has an estimate.
        """
        return sage_objects.real_matrix(self._replicates)

    def standard_errors(self):
        r"""
        Return the standard deviations of the replicates, a vector over ``RDF``.
        """
        return sage_objects.real_vector(self._errors())

    def intervals(self, level=None, method=None):
        r"""
        Return a list of pairs over ``RDF``, an interval for each weight, of the same samples.

        INPUT:

        - ``level``, ``method`` -- (default: those of the table) as for :meth:`~sage_logreg.model.bootstrap.Bootstrapped.bootstrap`
        """
        level = self._level if level is None else real_number('level', level, above=0, below=1)
        method = self._method if method is None else _checked_method(method, 'parametric' if self._influences is None else 'cases')
        return [tuple(map(sage_objects.real_number, pair)) for pair in self._ends(level, method).T.tolist()]


class Bootstrapped:
    r"""
    The method of a model that draws samples.

    EXAMPLES: see :mod:`sage_logreg.model.bootstrap`.
    """

    @interrupts_explained('bootstrap: interrupted before two samples had an estimate')
    def bootstrap(self, samples=1000, level=0.95, method='percentile', kind='cases', cluster=None, seed=0, baseline=None):
        r"""
        Return bootstrap intervals of the weights: the model is estimated again from samples of the data.

        INPUT:

        - ``samples`` -- (default: 1000) how many samples are drawn
        - ``level`` -- (default: 0.95) above 0 and below 1
        - ``method`` -- ``'percentile'`` (default): the quantiles of the replicates; or ``'bca'``: other quantiles, corrected for bias and
          for a standard error that changes with the weight
        - ``kind`` -- ``'cases'`` (default) draws rows (of grouped data groups, a row with its weight) with replacement; or
          ``'parametric'`` keeps the points and draws the labels by the model's probabilities
        - ``cluster`` -- (default: none) draws whole clusters, given as for :meth:`standard_errors`
        - ``seed`` -- (default: 0) a whole number; the same one draws the same samples
        - ``baseline`` -- (default: none, of more classes the first one) a class; of more classes, or if given, the weights are the
          differences to those of this class

        OUTPUT: a :class:`~sage_logreg.model.bootstrap.Bootstrap`, a table of the weights with their bias (the mean of the replicates less
        the weight), standard errors and intervals; it has the replicates too. Samples that have no estimate are counted, a
        warning says how many. Ctrl-C returns what there is of the samples drawn so far

        EXAMPLES::

            sage: from sage_logreg import load_data, maximum_likelihood
            sage: data = load_data(([[1], [2], [3], [4]], [2, 4, 6, 9], [10, 10, 10, 10]))
            sage: bootstrap = maximum_likelihood(data).bootstrap(samples=100, kind='parametric')
            sage: bootstrap
            100 bootstrap samples, percentile intervals
              name   weight     bias        std. error   95% interval
            ...
              bias   -2.62157   ...
              x1     1.10321    ...
            sage: bootstrap.intervals()[1] == maximum_likelihood(data).bootstrap(samples=100, kind='parametric')['95% interval'][1]
            True

        TESTS::

            sage: maximum_likelihood(data).bootstrap(kind='parametric', method='bca')
            Traceback (most recent call last):
            ...
            ValueError: method = 'bca' corrects by the influence of the observations drawn, and kind = 'parametric' draws labels; expected method='percentile', or kind='cases'
            sage: maximum_likelihood(data).bootstrap(samples=1)
            Traceback (most recent call last):
            ...
            ValueError: samples = 1; expected a whole number from 2

        ALGORITHM:

        Newton's method starts at the model's weights, on rows that count as often as they are drawn. Where a short proof does not show
        that the estimate of a sample exists, it is decided exactly.

        With ``'bca'`` the share of samples below the weight is `\Phi(z_0)`, the acceleration is `a = \sum u_i^3 / (6 (\sum u_i^2)^{3/2})`
        with the empirical influences `u_i` of the observations or clusters, and an end is the quantile of the replicates at
        `\Phi(z_0 + (z_0 + z) / (1 - a (z_0 + z)))` with the normal quantile `z`.

        REFERENCES:

        - B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap*, Chapman and Hall, 1993.
        - T. J. DiCiccio and B. Efron, *Bootstrap confidence intervals*, Statistical Science 11 (1996), no. 3, 189-228.
        """
        samples, level = whole_number('samples', samples, minimum=2), real_number('level', level, above=0, below=1)
        seed = whole_number('seed', seed)
        if kind not in ('cases', 'parametric'):
            raise ValueError(f"kind = {shown(kind)}; expected 'cases' or 'parametric'")
        method, estimate = _checked_method(method, kind), self._of_estimate('bootstrap samples')
        found, probabilities = self._observations('bootstrap samples')
        if kind == 'parametric':
            _check_parametric(found, cluster)
        clusters = None if cluster is None else cluster_numbers(cluster, self._in_memory('bootstrap samples'), found)
        if kind == 'cases':
            draw, sandwich = cases(found, seed, clusters), Sandwich(estimate, found, probabilities, 'HC0', clusters)
        else:
            draw, sandwich = parametric(found, seed, probabilities), None
        weights, drawn = replicates(estimate, found, draw, samples, _exists)
        of_classes = self.data.classes > 2 or baseline is not None
        place = (0 if baseline is None else self._place(baseline)) if of_classes else None
        shown_ones = Contrasts(estimate, place, self._others(place)) if of_classes else estimate
        if len(weights) < 2:
            raise ValueError(f'{len(weights)} of {drawn} samples have an estimate, the others are separated or their columns dependent; '
                             'expected more data, or bias_reduced=True')
        influences = None if sandwich is None else sandwich.influences(shown_ones.differences(estimate.to_user_matrix().T))
        found = Bootstrap(self._names_of_weights(place), shown_ones.weights, shown_ones.differences(weights), influences, drawn, samples,
                          level, method)
        for note in found.note.split('\n')[1:]:
            warn(f'bootstrap: {note}')
        return found

    def _names_of_weights(self, place):
        names = list(self.weight_names())
        if place is None:
            return {'name': names}
        others = self._others(place)
        return {'class': [self.data.label_text(k) for k in others for _ in names], 'name': names * len(others)}


def _check_parametric(found, cluster):
    if cluster is not None:
        raise ValueError("cluster is of kind='cases', and kind = 'parametric' draws labels that are independent; expected one of them")
    for row, trials in zip(found.rows.tolist(), found.trials.tolist()):
        if trials % 1:
            raise ValueError(f"the weight of row {row + 1} is {trials:g}, and kind = 'parametric' draws that many labels; expected whole "
                             "numbers, or kind='cases'")


def _exists(likelihood, fit):
    # Whether a sample has an estimate.
    try:
        check_estimate(likelihood, fit)
    except ValueError:
        return False
    return True
