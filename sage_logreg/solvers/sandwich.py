r"""
Standard errors that hold up where the model does not: the sandwich covariance, of single observations and of clusters

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: from sage_logreg.solvers.sandwich import Sandwich
    sage: model = maximum_likelihood(ex2data1())
    sage: Sandwich(model._estimate, *model._observations('errors'), 'HC0').errors.tolist()  # rel tol 1e-8
    [4.42188729, 0.0414897779, 0.0390854146]

ALGORITHM:

With the Fisher information `A` and the scores `s_i`, the gradients of the log-likelihoods of single observations, the covariance is
`A^{-1} B A^{-1}`. Of ``'HC0'``, `B = \sum_i s_i s_i^T` [Whi1982]_. ``'HC1'`` multiplies it by `n / (n - k)`, where `n` counts the
observations and `k` the weights; ``'HC2'`` divides `s_i s_i^T` by `1 - h_i` and ``'HC3'`` by `(1 - h_i)^2`, where `h_i` is the
leverage [MW1985]_. Of `G` clusters, `B` is the sum over the clusters of the same of the sums of their scores [LZ1986]_, which
``'HC1'`` multiplies by `G / (G - 1) \cdot (n - 1) / (n - k)`, as Stata and statsmodels do. A QR factorisation of the scores, in the variables in
which the information has its digits, takes the place of `B`.

REFERENCES:

.. [LZ1986] \K.-Y. Liang and S. L. Zeger, *Longitudinal data analysis using generalized linear models*, Biometrika 73 (1986), no. 1, 13-22.

.. [MW1985] \J. G. MacKinnon and H. White, *Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample
   properties*, Journal of Econometrics 29 (1985), no. 3, 305-325.

.. [Whi1982] \H. White, *Maximum likelihood estimation of misspecified models*, Econometrica 50 (1982), no. 1, 1-25.
"""
import functools

import numpy

from sage_logreg.solvers.estimate import Estimate
from sage_logreg.solvers.likelihood import triangle_of
from sage_logreg.solvers.softmax_likelihood import complements
from sage_logreg.support.arguments import shown
from sage_logreg.support.warned import warn

KINDS = ('HC0', 'HC1', 'HC2', 'HC3')
# one less a leverage that is only rounding
NO_LEVERAGE_LEFT = 1e-9


def checked_kind(kind, clustered, classes):
    r"""
    Return the kind of sandwich covariance, checked; of clusters ``'HC1'`` is the default.

    TESTS::

        sage: from sage_logreg.solvers.sandwich import checked_kind
        sage: checked_kind('hc3', False, 2), checked_kind(None, True, 3)
        ('HC3', 'HC1')
        sage: for arguments in (('HC4', False, 2), ('HC2', True, 2), ('HC2', False, 3)):
        ....:     try:
        ....:         checked_kind(*arguments)
        ....:     except ValueError as error:
        ....:         print(error)
        kind = 'HC4'; expected 'HC0', 'HC1', 'HC2' or 'HC3'
        kind = 'HC2' is of single observations, and cluster is given; expected 'HC0' or 'HC1'
        kind = 'HC2' is of two classes, and the model has 3; expected 'HC0' or 'HC1'
    """
    name = kind.upper() if isinstance(kind, str) else 'HC1' if kind is None and clustered else kind
    if name not in KINDS:
        raise ValueError(f"kind = {shown(kind)}; expected 'HC0', 'HC1', 'HC2' or 'HC3'")
    if name in KINDS[2:] and clustered:
        raise ValueError(f"kind = {shown(kind)} is of single observations, and cluster is given; expected 'HC0' or 'HC1'")
    if name in KINDS[2:] and classes > 2:
        raise ValueError(f"kind = {shown(kind)} is of two classes, and the model has {classes}; expected 'HC0' or 'HC1'")
    return name


class Sandwich(Estimate):
    r"""
    An estimate whose covariance is a sandwich.

    INPUT:

    - ``estimate`` -- an :class:`~sage_logreg.solvers.estimate.Estimate`, without a penalty
    - ``found`` -- the :class:`~sage_logreg.dataset.observations.Observations`
    - ``probabilities`` -- array of the fitted probabilities, g x K
    - ``kind`` -- as from :func:`checked_kind`
    - ``clusters`` -- (default: none) int array, the number of the cluster of each observation

    EXAMPLES: see :mod:`sage_logreg.solvers.sandwich`.
    """

    def __init__(self, estimate, found, probabilities, kind, clusters=None):
        super().__init__(estimate.likelihood, estimate.weights, estimate.tol, estimate.finer)
        # both are costly
        self._information = estimate._information
        self._found, self._kind, self._clusters = found, kind, clusters
        # counts less what is expected, without cancellation where a class is nearly certain
        self._residuals = found.counts * complements(probabilities) - probabilities * (found.trials[:, None] - found.counts)
        if kind in KINDS[2:]:
            self._residuals /= self._rests(estimate, probabilities)[:, None] ** (1 if kind == 'HC3' else 0.5)

    def _rests(self, estimate, probabilities):
        # One less the leverage of each observation, of two classes.
        found = self._found
        rests = 1 - found.trials * probabilities.prod(axis=1) * estimate.log_odds_errors(found.design)**2
        for row in found.rows[rests < NO_LEVERAGE_LEFT].tolist():
            raise ValueError(f"kind = {self._kind!r} divides by one less the leverage, and that of row {row + 1} is 1; expected kind='HC0' or "
                             "'HC1'")
        return rests

    def _scores(self):
        # Blocks of observations, and the gradients of their log-likelihoods in the variables of the information.
        likelihood, classes = self._information[0], self.likelihood.data.classes
        residuals = self._residuals[:, 1:] if classes == 2 else self._residuals @ likelihood.contrasts
        for block, rows in likelihood.rows(self._found.design):
            yield block, (residuals[block][:, :, None] * rows[:, None, :]).reshape(len(rows), -1)

    @functools.cached_property
    def _triangle(self):
        # R of the QR factorisation of the scores, or of their sums over the clusters, with the factor for small samples.
        count, weights = len(self._found.trials), len(self._information[1])
        start = numpy.zeros((0, weights))
        if self._clusters is None:
            triangle, factor = triangle_of((scores for _, scores in self._scores()), start), 1.0
        else:
            clusters = int(self._clusters.max()) + 1
            if clusters <= weights:
                warn(f'{clusters} clusters for {weights} weights: the covariance is singular, and errors by few clusters are too small; '
                     'expected more clusters')
            sums, factor = numpy.zeros((clusters, weights)), clusters / (clusters - 1) * (count - 1) / count
            for block, scores in self._scores():
                numpy.add.at(sums, self._clusters[block], scores)
            triangle = triangle_of([sums], start)
        if self._kind != 'HC1':
            return triangle
        if not count > weights:
            raise ValueError(f"kind = 'HC1' divides by the number of observations less that of the weights, and there are {count} for {weights} "
                             "weights; expected kind='HC0'")
        return numpy.sqrt(factor * count / (count - weights)) * triangle

    def half_of(self, columns):
        return self._triangle @ self._divided(columns)

    def _divided(self, columns):
        # By the information.
        from scipy.linalg import solve_triangular
        return solve_triangular(self._information[1], super().half_of(columns), lower=True, trans='T', check_finite=False)

    def influences(self, columns):
        r"""
        Return how much each observation, or each cluster, moves linear functions of the variables, a column each.

        These are the empirical influences, to first order the change by one more observation of the kind, less their mean.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: from sage_logreg.solvers.sandwich import Sandwich
            sage: model = maximum_likelihood(ex2data1())
            sage: sandwich = Sandwich(model._estimate, *model._observations('errors'), 'HC0')
            sage: influences = sandwich.influences(sandwich.to_user_matrix().T)
            sage: ((influences**2r).sum(axis=0)**0.5r / sandwich.errors).tolist()  # rel tol 1e-9
            [1.0, 1.0, 1.0]
        """
        divided = self._divided(columns)
        found = numpy.concatenate([scores @ divided for _, scores in self._scores()])
        if self._clusters is not None:
            sums = numpy.zeros((int(self._clusters.max()) + 1, found.shape[1]))
            numpy.add.at(sums, self._clusters, found)
            found = sums
        return found - found.mean(axis=0)
