r"""
Goodness of fit: how well a model fits the data it was trained on, and predicts others

EXAMPLES: doses of a drug with 10 trials each::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(([[1], [2], [3], [4]], [1, 4, 6, 9], [10, 10, 10, 10]))
    sage: model.deviance(), model.null_deviance(), model.degrees_of_freedom()  # abs tol 1e-6
    (0.394636, 15.527989, DegreesOfFreedom(residual=2, null=3))
    sage: model.pearson_chi_squared(), model.dispersion()  # abs tol 1e-6
    (0.398697, 0.199348)
    sage: model.aic(), model.aic(rows='trials')  # abs tol 1e-6
    (13.719651, 44.318421)

Of single rows::

    sage: model = maximum_likelihood(ex2data1())
    sage: model.pseudo_r_squared(), model.pseudo_r_squared('tjur')  # abs tol 1e-6
    (0.697631, 0.732573)
    sage: model.area_under_curve(interval=0.95)  # abs tol 1e-6
    AreaUnderCurve(area=0.973333, lower=0.948671, upper=0.997996)
"""
import collections
import functools
import math

import numpy

from sage_logreg.dataset.observations import observations
from sage_logreg.model.reduced import (
    costs, counts_of_log_odds, frequencies, log_probabilities, null_terms, pearson, reduced, squared_errors, summed_probabilities)
from sage_logreg.solvers import goodness
from sage_logreg.solvers.penalties import has_l1
from sage_logreg.solvers.roc import RocCounts, roc_curve
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import real_number, shown, whole_number
from sage_logreg.support.tables import Table

DegreesOfFreedom = collections.namedtuple('DegreesOfFreedom', 'residual null')
DegreesOfFreedom.__doc__ = r"""
The degrees of freedom of the deviance and of the null deviance.
"""
HosmerLemeshow = collections.namedtuple('HosmerLemeshow', 'statistic degrees_of_freedom p_value')
HosmerLemeshow.__doc__ = r"""
A Hosmer-Lemeshow test: the statistic, its degrees of freedom, the p-value by the chi-squared distribution.
"""
AreaUnderCurve = collections.namedtuple('AreaUnderCurve', 'area lower upper')
AreaUnderCurve.__doc__ = r"""
The area under a ROC curve and the ends of its confidence interval.
"""

PSEUDO_R_SQUARED = ('mcfadden', 'nagelkerke', 'cox_snell', 'tjur')


def _count(number):
    # An integer, or a real number where weights are not whole.
    return sage_objects.integer(int(number)) if float(number).is_integer() else sage_objects.real_number(number)


class GoodnessOfFit:
    r"""
    The methods of a model that say how well it fits the data it was trained on, and predicts others.

    Of grouped data (successes and trials, or counts) a group is one binomial observation, as R's ``glm`` has it, of K classes a
    multinomial one: log-likelihood, deviance, AIC and BIC are those of the groups, with the binomial coefficients in the likelihood and the
    deviance from the model with a probability for each group. With ``rows='trials'`` they are those of the single trials. The weights of
    rows count how often these stand for themselves; degrees of freedom and BIC count their sum.

    EXAMPLES: see :mod:`sage_logreg.model.goodness`.
    """

    # The likelihood

    def _groups(self, rows):
        # The observations of grouped data, unless single trials are wanted.
        if rows not in (None, 'groups', 'trials'):
            raise ValueError(f"rows = {shown(rows)}; expected 'groups' or 'trials'")
        is_grouped = not self.data.is_chunked and self.data.trials is not None and rows != 'trials'
        return observations(self.data) if is_grouped else None

    def _deviance_of(self, groups):
        if groups is None:
            return -2 * self._likelihood_of_trials
        return goodness.deviance(groups.counts, log_probabilities(groups.design.products(self._of_classes()), groups.offset))

    @functools.cached_property
    def _likelihood_of_trials(self):
        return self._log_likelihood()

    @functools.cached_property
    def _null_model(self):
        # The log-odds of the classes where only they are estimated, and the log-likelihood there, of single trials.
        data, counts = self.data, self._frequencies()
        if data.has_offset if data.is_chunked else data.offset is not None:
            def terms(biases):
                return reduced(null_terms, self, data, biases)
            biases = goodness.null_biases(counts, terms) if data.intercept else numpy.zeros(data.classes)
            return biases, float(terms(biases)[0])
        biases = goodness.null_biases(counts) if data.intercept else numpy.zeros(data.classes)
        seen = counts > 0
        return biases, float(counts[seen] @ log_probabilities(biases[None], None)[0, seen])

    def _frequencies(self):
        return self.data.totals.weights if self.data.is_chunked else frequencies(self.data)

    def _null_deviance_of(self, groups):
        biases, likelihood = self._null_model
        if groups is None:
            return -2 * likelihood
        return goodness.deviance(groups.counts, log_probabilities(numpy.tile(biases, (len(groups.counts), 1)), groups.offset))

    def _likelihood_of(self, deviance, groups):
        # The log-likelihood of groups is that of the proportions seen, less half the deviance.
        return -deviance / 2 + (0.0 if groups is None else goodness.saturated_log_likelihood(groups.counts))

    def _observed(self, groups):
        # How many observations there are.
        return self.data.total() if groups is None else float(len(groups.trials))

    def _parameters(self):
        # of more than two classes a vector of weights less than there are classes
        return (self.data.classes - 1) * self.data.design.count

    def _nonzero(self):
        # How many of them are free where a penalty makes weights zero: of K classes at most K - 1 in each column.
        weights = self._weights.reshape(-1, self.data.design.count)
        return int(numpy.minimum(numpy.count_nonzero(weights, axis=0), self.data.classes - 1).sum())

    def _log_likelihood_of_chunks(self):
        return -float(reduced(costs, self, self.data)[0])

    def log_likelihood(self, rows=None):
        r"""
        Return the log-likelihood of the weights, without any penalty.

        INPUT:

        - ``rows`` -- (default: ``'groups'``) of grouped data: ``'groups'`` counts each group as one observation, with its binomial (of K
          classes multinomial) coefficient; ``'trials'`` counts single trials. Rows that are not grouped are single ones anyway

        OUTPUT: an element of ``RDF``

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).log_likelihood()  # rel tol 1e-9
            -20.3497701589
            sage: model = maximum_likelihood(([[1], [2], [3], [4]], [1, 4, 6, 9], [10, 10, 10, 10]))
            sage: model.log_likelihood(), model.log_likelihood(rows='trials')  # abs tol 1e-6
            (-4.859825, -20.159211)

        TESTS::

            sage: model.log_likelihood(rows='single')
            Traceback (most recent call last):
            ...
            ValueError: rows = 'single'; expected 'groups' or 'trials'
        """
        groups = self._groups(rows)
        return sage_objects.real_number(self._likelihood_of(self._deviance_of(groups), groups))

    def deviance(self, rows=None):
        r"""
        Return the residual deviance: twice what the largest possible log-likelihood of the data is above that of the weights.

        The largest possible one has a probability for each observation. That of single rows is zero, so that their deviance is minus
        twice the log-likelihood; that of groups has the proportions seen.

        INPUT:

        - ``rows`` -- as for :meth:`log_likelihood`

        OUTPUT: an element of ``RDF``; of groups, many trials each, it is about :meth:`degrees_of_freedom` if the model fits

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).deviance()  # rel tol 1e-9
            40.6995403178
            sage: model = maximum_likelihood(([[1], [2], [3], [4]], [1, 4, 6, 9], [10, 10, 10, 10]))
            sage: model.deviance(), model.deviance(rows='trials')  # abs tol 1e-6
            (0.394636, 40.318421)

        REFERENCES:

        - P. McCullagh and J. A. Nelder, *Generalized Linear Models*, second edition, Chapman and Hall, 1989.
        """
        return sage_objects.real_number(self._deviance_of(self._groups(rows)))

    def null_deviance(self, rows=None):
        r"""
        Return the deviance of the model with the bias alone, and with the offset; without an intercept of that without any weight.

        INPUT:

        - ``rows`` -- as for :meth:`log_likelihood`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1())
            sage: model.null_deviance()  # rel tol 1e-9
            134.602333401
            sage: model.null_deviance() - model.deviance() - model.likelihood_ratio_test().statistic  # abs tol 1e-9
            0.0
        """
        return sage_objects.real_number(self._null_deviance_of(self._groups(rows)))

    def degrees_of_freedom(self, rows=None):
        r"""
        Return how many degrees of freedom :meth:`deviance` and :meth:`null_deviance` have.

        INPUT:

        - ``rows`` -- as for :meth:`log_likelihood`

        OUTPUT: a named tuple :class:`DegreesOfFreedom` of the residual ones, the number of observations less the number of weights, and
        those of the null model, whose only weight is the bias; of K classes each observation has K - 1. Of a model with a penalty of
        absolute values the weights that are not zero count, which for the lasso estimates its degrees of freedom without bias

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).degrees_of_freedom()
            DegreesOfFreedom(residual=97, null=99)
            sage: maximum_likelihood(ex2data1(), l1=500).degrees_of_freedom()
            DegreesOfFreedom(residual=98, null=99)

        REFERENCES:

        - H. Zou, T. Hastie and R. Tibshirani, *On the "degrees of freedom" of the lasso*, The Annals of Statistics 35 (2007),
          no. 5, 2173-2192.
        """
        count = (self.data.classes - 1) * self._observed(self._groups(rows))
        used = self._nonzero() if has_l1(self._options) else self._parameters()
        return DegreesOfFreedom(_count(count - used), _count(count - (self.data.classes - 1) * self.data.intercept))

    def aic(self, rows=None):
        r"""
        Return Akaike's information criterion: twice the number of weights, less twice the log-likelihood.

        INPUT:

        - ``rows`` -- as for :meth:`log_likelihood`

        OUTPUT: an element of ``RDF``; of K classes the weights of K - 1 count

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).aic()  # rel tol 1e-9
            46.6995403178

        REFERENCES:

        - H. Akaike, *A new look at the statistical model identification*, IEEE Transactions on Automatic Control 19 (1974), no. 6, 716-723.
        """
        return self._criterion(rows, lambda count: 2.0)

    def bic(self, rows=None):
        r"""
        Return Schwarz's information criterion: `k \log m`, less twice the log-likelihood.

        INPUT:

        - ``rows`` -- as for :meth:`log_likelihood`

        OUTPUT: an element of ``RDF``; ``k`` is the number of weights, of K classes those of K - 1, ``m`` the number of groups, or of
        single trials or rows, which count as often as their weights say

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).bic()  # rel tol 1e-9
            54.5150508758

        REFERENCES:

        - G. Schwarz, *Estimating the dimension of a model*, Annals of Statistics 6 (1978), no. 2, 461-464.
        """
        return self._criterion(rows, math.log)

    def _criterion(self, rows, price):
        # A price for each weight, by the number of observations.
        self._of_likelihood('information criteria')
        groups = self._groups(rows)
        likelihood = self._likelihood_of(self._deviance_of(groups), groups)
        return sage_objects.real_number(self._parameters() * price(self._observed(groups)) - 2 * likelihood)

    def pearson_chi_squared(self, rows=None):
        r"""
        Return Pearson's chi-squared: the sum of `(c - n p)^2 / (n p)` over the observations and classes.

        INPUT:

        - ``rows`` -- as for :meth:`log_likelihood`

        OUTPUT: an element of ``RDF``; here ``c`` is how often a class was seen in ``n`` trials, and ``p`` is its probability. Of
        groups, many trials each, it has about the distribution of chi-squared with :meth:`degrees_of_freedom` if the model fits

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood(([[1], [2], [3], [4]], [1, 4, 6, 9], [10, 10, 10, 10]))
            sage: model.pearson_chi_squared()  # abs tol 1e-6
            0.398697
        """
        self._groups(rows)
        data = self.data.dense("Pearson's chi-squared")
        return sage_objects.real_number(reduced(pearson, self, data, rows == 'trials'))

    def dispersion(self, rows=None):
        r"""
        Return :meth:`pearson_chi_squared` by its degrees of freedom: about 1 of groups whose trials are independent.

        INPUT:

        - ``rows`` -- as for :meth:`log_likelihood`

        OUTPUT: an element of ``RDF``, that of R's ``quasibinomial``; where groups scatter more than by chance, standard errors are too
        small by its square root

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: maximum_likelihood(([[1], [2], [3], [4]], [1, 4, 6, 9], [10, 10, 10, 10])).dispersion()  # abs tol 1e-6
            0.199348

        TESTS::

            sage: maximum_likelihood(([[1], [2]], [1, 4], [10, 10])).dispersion()
            Traceback (most recent call last):
            ...
            ValueError: the dispersion is by the residual degrees of freedom, and there are 0; expected more observations than weights
        """
        degrees = self.degrees_of_freedom(rows).residual
        if degrees <= 0:
            raise ValueError(f'the dispersion is by the residual degrees of freedom, and there are {degrees}; expected more observations '
                             'than weights')
        return self.pearson_chi_squared(rows) / degrees

    def pseudo_r_squared(self, kind='mcfadden', rows='trials'):
        r"""
        Return a measure of how much better the model is than the one with the bias alone, 0 if it is not.

        INPUT:

        - ``kind`` -- with the log-likelihoods `l` and, of the bias alone, `l_0`, of `m` trials:

          - ``'mcfadden'`` (default): `1 - l / l_0`
          - ``'cox_snell'``: `1 - e^{2 (l_0 - l) / m}`
          - ``'nagelkerke'``: this by the largest value that it can have, `1 - e^{2 l_0 / m}`
          - ``'tjur'``: the mean probability of y = 1 where it was seen, less that where it was not; of two classes

        - ``rows`` -- (default: ``'trials'``) as for :meth:`log_likelihood`. That of groups is larger, as it is of their proportions,
          and R's where it is computed from ``logLik``; Tjur's is of trials

        OUTPUT: an element of ``RDF``

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1())
            sage: [model.pseudo_r_squared(kind) for kind in ('mcfadden', 'nagelkerke', 'cox_snell', 'tjur')]  # abs tol 1e-6
            [0.697631, 0.823266, 0.608992, 0.732573]

        TESTS::

            sage: model.pseudo_r_squared('adjusted')
            Traceback (most recent call last):
            ...
            ValueError: kind = 'adjusted'; expected 'mcfadden', 'nagelkerke', 'cox_snell' or 'tjur'

        REFERENCES:

        - D. McFadden, *Conditional logit analysis of qualitative choice behavior*, in P. Zarembka (editor), *Frontiers in
          Econometrics*, Academic Press, 1974, 105-142.
        - D. R. Cox and E. J. Snell, *Analysis of Binary Data*, second edition, Chapman and Hall, 1989.
        - N. J. D. Nagelkerke, *A note on a general definition of the coefficient of determination*, Biometrika 78 (1991), no. 3, 691-692.
        - T. Tjur, *Coefficients of determination in logistic regression models*, American Statistician 63 (2009), no. 4, 366-372.
        """
        if kind not in PSEUDO_R_SQUARED:
            *first, last = map(repr, PSEUDO_R_SQUARED)
            raise ValueError(f'kind = {shown(kind)}; expected {", ".join(first)} or {last}')
        groups = self._groups(rows)
        if kind == 'tjur':
            self._of_two("Tjur's pseudo-R²", "pseudo_r_squared('tjur')")
            zeros, ones = reduced(summed_probabilities, self, self.data) / self._frequencies()
            return sage_objects.real_number(ones - zeros)
        own, null = (self._likelihood_of(deviance, groups) for deviance in (self._deviance_of(groups), self._null_deviance_of(groups)))
        if null == 0:
            # one class alone leaves nothing to explain
            return sage_objects.real_number(math.nan)
        if kind == 'mcfadden':
            return sage_objects.real_number(1 - own / null)
        count = self._observed(groups)
        largest = -math.expm1(2 * null / count) if kind == 'nagelkerke' else 1.0
        return sage_objects.real_number(-math.expm1(2 * (null - own) / count) / largest)

    def hosmer_lemeshow(self, groups=10):
        r"""
        Return the Hosmer-Lemeshow test of the model: whether in groups of like probability each label is seen as often as expected.

        INPUT:

        - ``groups`` -- (default: 10) how many groups, at least 3

        OUTPUT: a named tuple :class:`HosmerLemeshow` of the statistic, its degrees of freedom (the number of groups less 2, of K classes
        times K - 1) and the p-value; a small one speaks against the model

        The groups are between the quantiles of the probabilities of y = 1 (of K classes, of all but the first), as R's ``quantile`` has
        them. Equal probabilities are in the same group, so that there may be fewer groups; then the degrees of freedom are fewer as
        well. Trials of grouped data and weights of rows count as so many rows.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1())
            sage: model.hosmer_lemeshow()  # abs tol 1e-6
            HosmerLemeshow(statistic=4.032400, degrees_of_freedom=8, p_value=0.854188)

        TESTS::

            sage: maximum_likelihood([[1, 0], [2, 1], [1, 1], [2, 0], [1, 0]]).hosmer_lemeshow(5)
            Traceback (most recent call last):
            ...
            ValueError: the model has 2 different probabilities, too few for 5 groups; expected at least 3 groups, and as many probabilities

        REFERENCES:

        - D. W. Hosmer and S. Lemeshow, *Goodness of fit tests for the multiple logistic regression model*, Communications in
          Statistics - Theory and Methods 9 (1980), no. 10, 1043-1069.
        - M. W. Fagerland, D. W. Hosmer and A. M. Bofin, *Multinomial goodness-of-fit tests for logistic regression models*, Statistics in
          Medicine 27 (2008), no. 21, 4238-4253.
        """
        from scipy.special import chdtrc
        groups = whole_number('groups', groups, minimum=3)
        self._of_likelihood('Hosmer-Lemeshow tests')
        found, probabilities = self._observations('Hosmer-Lemeshow tests')
        scores = probabilities[:, 1:].sum(axis=1)
        different = len(numpy.unique(scores.round(goodness.TIED)))
        group = goodness.quantile_groups(scores, found.trials, groups)
        count = group.max() + 1
        if different < groups or count < 3:
            raise ValueError(f'the model has {different} different probabilities, too few for {groups} groups; expected at least 3 groups, '
                             'and as many probabilities')
        counts, expected = (goodness.sums_of_groups(numbers, group) for numbers in (found.counts, found.trials[:, None] * probabilities))
        statistic, degrees = goodness.pearson(counts, expected / expected.sum(axis=1, keepdims=True)), int((count - 2) * (self.data.classes - 1))
        return HosmerLemeshow(sage_objects.real_number(statistic), sage_objects.integer(degrees),
                              sage_objects.real_number(float(chdtrc(degrees, statistic))))

    # The probabilities, of these data or of others

    def brier_score(self, data=None, missing='error'):
        r"""
        Return the mean of `(p - y)^2`, 0 at best.

        INPUT:

        - ``data`` -- (default: the data trained on) anything that :func:`~sage_logreg.dataset.load.load_data` takes
        - ``missing`` -- (default: ``'error'``) ``'drop'`` leaves out the rows with missing values

        OUTPUT: an element of ``RDF``. Guessing 1/2 has 1/4. Of K > 2 classes it is the sum of the squares over all classes, which for two
        would be twice as much

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).brier_score()  # abs tol 1e-6
            0.066183

        REFERENCES:

        - G. W. Brier, *Verification of forecasts expressed in terms of probability*, Monthly Weather Review 78 (1950), no. 1, 1-3.
        """
        read = self._checked(data, missing)
        return sage_objects.real_number(float(reduced(squared_errors, self, read)) / read.total())

    def log_loss(self, data=None, missing='error'):
        r"""
        Return the mean of minus the logarithm of the probability of the label that was seen, 0 at best.

        INPUT: as for :meth:`brier_score`

        OUTPUT: an element of ``RDF``; the :meth:`cost` without any penalty. Guessing has `\log K`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1(), l2=1)
            sage: model.log_loss(), model.cost()  # abs tol 1e-6
            (0.203499, 0.203912)
        """
        plain = type(self)(self.data, self._weights)
        return sage_objects.real_number(plain._evaluate(self._checked(data, missing))[0])

    def calibration(self, groups=10, level=0.95, data=None, missing='error'):
        r"""
        Return how often y = 1 was seen where the model says how often to expect it.

        INPUT:

        - ``groups`` -- (default: 10) how many groups of like probability, by their quantiles as for :meth:`hosmer_lemeshow`; of no more
          different probabilities each is one
        - ``level`` -- (default: 0.95) of the confidence intervals, Wilson's
        - ``data``, ``missing`` -- as for :meth:`brier_score`

        OUTPUT: a :class:`~sage_logreg.support.tables.Table` with a row a group: the mean of the probabilities, the proportion of y = 1
        with its interval, and how many rows, trials or weights there are

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).calibration(groups=4)
              mean probability   proportion   95% interval           count
            ...
              0.0219984          0            0 .. 0.133192          25
              0.429229           0.48         0.300313 .. 0.665015   25
              0.949117           0.92         0.750339 .. 0.97778    25
              0.999656           1            0.866808 .. 1          25

        REFERENCES:

        - E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, Journal of the American Statistical
          Association 22 (1927), 209-212.
        """
        level = real_number('level', level, above=0, below=1)
        shares, seen, ends, trials = self._calibrated(groups, level, data, missing)
        return Table({'mean probability': shares.tolist(), 'proportion': seen.tolist(),
                      f'{100 * level:g}% interval': list(zip(*(end.tolist() for end in ends))),
                      'count': [int(count) if count.is_integer() else count for count in trials.tolist()]})

    def _calibrated(self, groups, level, data, missing):
        # Of each group the mean probability, the proportion, the ends of its intervals, and the trials.
        from scipy.special import ndtri
        groups = whole_number('groups', groups, minimum=1)
        self._of_two('a calibration curve', 'calibration()')
        found, probabilities = self._observations('calibration curves', data=self._checked(data, missing))
        values, group = numpy.unique(probabilities[:, 1].round(goodness.TIED), return_inverse=True)
        if len(values) > groups:
            group = goodness.quantile_groups(probabilities[:, 1], found.trials, groups)
        trials, successes, expected = (goodness.sums_of_groups(numbers, group) for numbers in (
            found.trials, found.counts[:, 1], found.trials * probabilities[:, 1]))
        return expected / trials, successes / trials, goodness.wilson_intervals(successes, trials, ndtri((1 + level) / 2)), trials

    def plot_calibration(self, groups=10, level=0.95, data=None, missing='error', **options):
        r"""
        Return the proportions of y = 1 with their intervals against the probabilities of the model.

        INPUT:

        - ``groups``, ``level``, ``data``, ``missing`` -- as for :meth:`calibration`
        - ``options`` -- options of Sage's ``point`` and of ``show``

        OUTPUT: a ``Graphics``; a dashed line stands for probabilities that come true. The larger a point, the more rows are in its group

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).plot_calibration(groups=5)
            Graphics object consisting of 11 graphics primitives
        """
        from sage_logreg.plot.calibration import plot_calibration
        from sage_logreg.plot.looks import class_text
        level = real_number('level', level, above=0, below=1)
        return plot_calibration(*self._calibrated(groups, level, data, missing), class_text(self.data, 1), level, **options)

    def classification_table(self, threshold=None, data=None, missing='error'):
        r"""
        Return how well labels are told apart at a threshold: sensitivity, specificity and the rest of the usual table.

        INPUT:

        - ``threshold`` -- (default: 1/2) the least probability for predicting y = 1; of K > 2 classes the most probable one is predicted
        - ``data``, ``missing`` -- as for :meth:`brier_score`

        OUTPUT: a :class:`~sage_logreg.support.tables.Table` with a row a measure; of K > 2 classes with a column a class, that against all
        others. What is not defined, such as the predictive value of what is never predicted, is left empty

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: table = maximum_likelihood(ex2data1()).classification_table(threshold=3/4)
            sage: table
            predicted where the probability is at least 0.75
              measure                     y = 1
            ...
              true positives              50
              false positives             3
              false negatives             10
              true negatives              37
              prevalence                  0.6
              accuracy                    0.87
              sensitivity                 0.833333
              specificity                 0.925
              positive predictive value   0.943396
              negative predictive value   0.787234
              F1                          0.884956
              positive likelihood ratio   11.1111
              negative likelihood ratio   0.18018
              Youden's index              0.758333
              kappa                       0.736842
            sage: dict(table.rows())['kappa']  # abs tol 1e-6
            0.736842

        REFERENCES:

        - D. G. Altman and J. M. Bland, *Diagnostic tests 1: sensitivity and specificity*, BMJ 308 (1994), 1552, and the two parts after it.
        - J. Cohen, *A coefficient of agreement for nominal scales*, Educational and Psychological Measurement 20 (1960), no. 1, 37-46.
        """
        classes = self.data.classes
        if classes == 2:
            threshold = real_number('threshold', 0.5 if threshold is None else threshold, minimum=0, maximum=1)
            confusion = self._confusion(data, missing, threshold)
            note = f'predicted where the probability is at least {threshold:g}'
        else:
            self._refuse_threshold(threshold)
            confusion = self._confusion(data, missing)
            note = (f'each class against the others; of all classes the accuracy is {numpy.trace(confusion) / confusion.sum():.6g}, '
                    f'kappa {goodness.kappa(confusion):.6g}')
        columns = {}
        for label in range(1 if classes == 2 else 0, classes):
            is_it = numpy.arange(classes) == label
            sums = numpy.array([[confusion[numpy.ix_(row, column)].sum() for column in (~is_it, is_it)] for row in (~is_it, is_it)])
            columns[self.data.label_text(label)] = list(map(_cell, goodness.rates(sums).items()))
        return Table({'measure': list(goodness.rates(sums)), **columns}, note)

    # The ROC curve

    def _roc_counts(self, data=None, missing='error'):
        return reduced(counts_of_log_odds, self, self._checked(data, missing), combine=RocCounts.joined)

    def area_under_curve(self, interval=None, data=None, missing='error'):
        r"""
        Return the area under the ROC curve, with a confidence interval if wanted.

        It is the probability that of two points with different labels the one
        with y = 1 has the larger probability; ties count half. Of data in chunks with more than a million different
        probabilities, neighbours are joined, as if they were ties.

        INPUT:

        - ``interval`` -- (default: none) the level of DeLong's confidence interval, such as 0.95
        - ``data``, ``missing`` -- as for :meth:`brier_score`

        OUTPUT: an element of ``RDF``; with ``interval`` a named tuple :class:`AreaUnderCurve` of the area and the ends of the interval,
        which is within 0 and 1. Of the data trained on, the area is rather too large. The weights of rows count how often they are there

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).area_under_curve()  # abs tol 1e-12
            0.973333333333333
            sage: model = maximum_likelihood(ex2data1().take(slice(50)))
            sage: model.area_under_curve(interval=0.9, data=ex2data1().take(slice(50, 100)))  # abs tol 1e-6
            AreaUnderCurve(area=0.985294, lower=0.966188, upper=1.0)

        TESTS::

            sage: maximum_likelihood([[1, 0], [2, 1], [3, 0]]).area_under_curve(interval=0.95)
            Traceback (most recent call last):
            ...
            ValueError: DeLong's interval is of at least two rows of each label; expected more rows, or the area without interval=

        REFERENCES:

        - E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, *Comparing the areas under two or more correlated receiver operating
          characteristic curves: a nonparametric approach*, Biometrics 44 (1988), no. 3, 837-845.
        """
        self._of_two('the area under the ROC curve', 'area_under_curve()')
        level = None if interval is None else real_number('interval', interval, above=0, below=1)
        area, error = goodness.area_and_error(self._roc_counts(data, missing).counts)
        if level is None:
            return sage_objects.real_number(area)
        if not math.isfinite(error):
            raise ValueError("DeLong's interval is of at least two rows of each label; expected more rows, or the area without interval=")
        from scipy.special import ndtri
        half = float(ndtri((1 + level) / 2)) * error
        return AreaUnderCurve(*map(sage_objects.real_number, (area, max(0.0, area - half), min(1.0, area + half))))

    def roc(self, **options):
        r"""
        Return the ROC curve: the true against the false positive rate over all thresholds.

        INPUT:

        - ``options`` -- options of Sage's ``line`` and of ``show``

        OUTPUT: a ``Graphics``; the legend has the area under the curve, a dashed line stands for guessing

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: picture = maximum_likelihood(ex2data1()).roc()
            sage: picture
            Graphics object consisting of 2 graphics primitives
            sage: picture[1].options()['legend_label']
            'area 0.973'

        It is of two classes::

            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.roc()
            Traceback (most recent call last):
            ...
            ValueError: a ROC curve is of two classes, and the model has 3; expected that of two of them, as model.between('a', 'b').roc()
        """
        self._of_two('a ROC curve', 'roc()')
        from sage_logreg.plot.roc import plot_roc
        counts = self._roc_counts()
        return plot_roc(*roc_curve(counts), goodness.area_and_error(counts.counts)[0], **options)

    def _of_two(self, what, of_pair):
        # Raise an error for more than two classes.
        if self.data.classes > 2:
            one, other = map(repr, self._label_names()[:2])
            raise ValueError(f'{what} is of two classes, and the model has {self.data.classes}; expected that of two of them, as '
                             f'model.between({one}, {other}).{of_pair}')


def _cell(measure):
    # Counts as whole numbers where they are; nothing where it is not defined.
    name, value = measure
    if name.endswith(('positives', 'negatives')) and float(value).is_integer():
        return int(value)
    return None if math.isnan(value) else float(value)
