r"""
Inference of a model of two classes

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(ex2data1())
    sage: model.standard_errors()  # rel tol 1e-9
    (5.79855218057, 0.0480006519983, 0.0486250434995)
    sage: model.summary()
    P(y = 1) by maximum_likelihood, 100 rows
    variables: x1, x2
             weight     std. error   z        P(>|z|)    95% interval           odds ratio   right digits
    ...
      bias   -25.1613   5.79855      -4.339   1.43e-05   -36.5263 .. -13.7964                14
      x1     0.206232   0.0480007    4.296    1.74e-05   0.112152 .. 0.300311   1.22904      14
      x2     0.201472   0.048625     4.143    3.42e-05   0.106168 .. 0.296775   1.2232       14
    ...
"""
import numpy

from sage_logreg.dataset.sparse import MOST_DENSE
from sage_logreg.model.coefficients import Coefficients
from sage_logreg.model.inference import MOST_COLUMNS, Inference, level_and_method
from sage_logreg.model.summary import MOST_ROWS
from sage_logreg.solvers.likelihood import Likelihood
from sage_logreg.solvers.penalties import has_l1
from sage_logreg.solvers.whitening import Whitened
from sage_logreg.support import sage_objects
from sage_logreg.support.interrupt import interrupts_explained


class LogisticInference(Inference):
    r"""
    The methods of a :class:`~sage_logreg.model.logistic.LogisticModel` that say how well the data determine it.

    Which models have them says :class:`~sage_logreg.model.inference.Inference`.

    EXAMPLES: see :mod:`sage_logreg.model.logistic_inference`.
    """

    RATIO = 'odds ratio'
    _finer = Whitened

    def _own_likelihood(self):
        return Likelihood(self._data_of_inference(), self._options.get('l2', 0.0), self._options.get('bias_reduced', False))

    def _data_of_inference(self):
        # the Hessian of sparse data is formed only of few columns
        if self.data.design.is_sparse and self.data.design.width > MOST_COLUMNS:
            raise ValueError(f'the Hessian of {self.data.design.width} sparse columns is too large for standard errors and tests; expected '
                             f'at most {MOST_COLUMNS} columns')
        return self.data.dense('standard errors and tests')

    def covariance(self, baseline=None, kind=None, cluster=None):
        r"""
        Return the estimated covariance of the weights: the inverse of the Hessian of the summed cost.

        INPUT:

        - ``baseline`` -- (default: none) one of the two labels; the covariance is then as of more classes, of the differences to
          its weights
        - ``kind``, ``cluster`` -- (default: none) of a sandwich covariance, as for :meth:`standard_errors`

        OUTPUT: an (n + 1) x (n + 1) matrix over ``RDF``, the bias first; n x n without an intercept. With ``l2`` the
        Hessian is that of the penalised likelihood; with ``bias_reduced`` it is the
        Fisher information

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).covariance()  # rel tol 1e-6
            [    33.6232074   -0.268955917   -0.272053685]
            [  -0.268955917  0.00230406259  0.00203929879]
            [  -0.272053685  0.00203929879  0.00236439486]
        """
        return sage_objects.real_matrix(self._against(self._uncertainty('covariances', kind, cluster, penalized=True), baseline).covariance())

    def standard_errors(self, baseline=None, kind=None, cluster=None):
        r"""
        Return the standard errors of the weights, in their order.

        They have eight correct digits at least, however nearly the columns depend on each other; if they cannot, an error
        says that the Hessian is singular.

        INPUT:

        - ``baseline`` -- (default: none) one of the two labels; the result is then a matrix as of more classes, a row a label, of
          the differences to its weights
        - ``kind`` -- (default: none) ``'HC0'``, ``'HC1'``, ``'HC2'`` or ``'HC3'``: the errors hold up where the observations do not
          vary as the model says, by the sandwich covariance of White, or those of MacKinnon and White for small samples (statsmodels has only
          ``'HC0'`` of these models, whichever is asked for). Of clusters ``'HC0'`` is without a factor for small samples
        - ``cluster`` -- (default: none) which observations may depend on each other: an array (or list, vector, Series) of numbers or
          texts, one for each row of the data, of grouped data for each group, or for each row of the source where rows were dropped;
          or the title of a column of the source, a variable or not. The errors are then those of Liang and Zeger, with the
          factor `G / (G - 1) \cdot (n - 1) / (n - k)` of `G` clusters, `n` observations and `k` weights

        An observation is a row, of grouped data a group. A row with a weight is one observation of so many trials, as R's prior weights
        make it: its residual counts with the square of the weight, which is right for weights of a survey; of rows that stand for
        several equal ones, write these out. Of a penalised or a bias-reduced estimate there are no robust errors

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1())
            sage: model.standard_errors()  # rel tol 1e-9
            (5.79855218057, 0.0480006519983, 0.0486250434995)
            sage: model.standard_errors(kind='HC3')  # rel tol 1e-8
            (4.81956803, 0.0446725969, 0.0439248857)
            sage: model.standard_errors(cluster=[row // 10 for row in range(100)])  # rel tol 1e-8
            (2.87636379, 0.0269910353, 0.0302126000)

        Clusters by a column that is no variable::

            sage: from sage_logreg import load_data
            sage: table = {'school': list('aabbccddee'), 'hours': [1, 2, 1, 3, 2, 4, 3, 5, 4, 5], 'passed': [0, 1, 0, 0, 1, 1, 0, 1, 0, 1]}
            sage: maximum_likelihood(load_data(table, variables='hours')).standard_errors(cluster='school')  # rel tol 1e-6
            (1.45573579, 0.254966269)

        TESTS::

            sage: maximum_likelihood(ex2data1(), l2=1).standard_errors(kind='HC0')
            Traceback (most recent call last):
            ...
            ValueError: robust standard errors are of an estimate by the likelihood alone, and the penalty l2 = 1 draws the weights to zero; expected a model without it
            sage: model.standard_errors(kind='white')
            Traceback (most recent call last):
            ...
            ValueError: kind = 'white'; expected 'HC0', 'HC1', 'HC2' or 'HC3'

        ALGORITHM:

        With the Fisher information `A` and the scores `s_i` of the observations, the covariance is `A^{-1} B A^{-1}` with
        `B = \sum_i s_i s_i^T`. ``'HC1'`` multiplies it by `n / (n - k)`; ``'HC2'`` divides `s_i s_i^T` by `1 - h_i` and ``'HC3'`` by
        `(1 - h_i)^2`, with the leverages `h_i`. Of clusters `B` has the sums of their scores in place of the scores.

        REFERENCES:

        - H. White, *Maximum likelihood estimation of misspecified models*, Econometrica 50 (1982), no. 1, 1-25.
        - J. G. MacKinnon and H. White, *Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample
          properties*, Journal of Econometrics 29 (1985), no. 3, 305-325.
        - K.-Y. Liang and S. L. Zeger, *Longitudinal data analysis using generalized linear models*, Biometrika 73 (1986), no. 1, 13-22.

            sage: from sage_logreg import gradient_descent
            sage: from sage_logreg.engine import T
            sage: gradient_descent(ex2data1(), iterations=1, cost=lambda X, y, w: T.sum(w**2r)).standard_errors()
            Traceback (most recent call last):
            ...
            ValueError: the model was trained on a cost of its own; inference needs the likelihood
        """
        return self._shaped(self._against(self._uncertainty('standard errors', kind, cluster, penalized=True), baseline).errors, baseline)

    def z_values(self, baseline=None, kind=None, cluster=None):
        r"""
        Return the weights divided by their standard errors.

        INPUT: as for :meth:`standard_errors`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).z_values()  # rel tol 1e-6
            (-4.33924414, 4.29643567, 4.14337111)
        """
        return self._shaped(self._against(self._uncertainty('z-values', kind, cluster), baseline).z_values(), baseline)

    def p_values(self, baseline=None, kind=None, cluster=None):
        r"""
        Return the two-sided p-values of the hypotheses that single weights are zero (Wald's test).

        INPUT: as for :meth:`standard_errors`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).p_values()  # rel tol 1e-6
            (1.42973619e-05, 1.73566308e-05, 3.42237453e-05)
        """
        return self._shaped(self._against(self._uncertainty('p-values', kind, cluster), baseline).p_values(), baseline)

    @interrupts_explained('confidence_intervals: interrupted before all were found')
    def confidence_intervals(self, level=0.95, method='wald', baseline=None, kind=None, cluster=None):
        r"""
        Return a confidence interval of every weight, the bias first.

        INPUT:

        - ``level`` -- (default: 0.95) above 0 and below 1
        - ``method`` -- ``'wald'`` (default): the weight plus or minus a multiple
          of its standard error; or ``'profile'``: all values of the weight that a
          likelihood-ratio test does not reject, the other weights re-estimated
        - ``baseline`` -- (default: none) one of the two labels; the result is then as of more classes, a list of pairs for each
          label, of the differences to its weights
        - ``kind``, ``cluster`` -- (default: none) of robust standard errors, as for :meth:`standard_errors`; of ``'wald'`` only

        OUTPUT: a list of pairs over ``RDF``, one for each weight; an end of a profile interval may be infinite.
        :meth:`coefficients` has them by name

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1())
            sage: model.confidence_intervals()[1]  # rel tol 1e-6
            (0.112152105, 0.300311321)
            sage: model.confidence_intervals(method='profile')[1]  # rel tol 1e-6
            (0.127935617, 0.320451903)

        TESTS::

            sage: model.confidence_intervals(level=95)
            Traceback (most recent call last):
            ...
            ValueError: level = 95; expected a real number above 0 and below 1
            sage: model.confidence_intervals(method='bayes')
            Traceback (most recent call last):
            ...
            ValueError: method = 'bayes'; expected 'wald' or 'profile'
            sage: model.confidence_intervals(method='profile', kind='HC1')
            Traceback (most recent call last):
            ...
            ValueError: kind = 'HC1' is of Wald's intervals, and method = 'profile' has no standard errors; expected method='wald'

        REFERENCES:

        - D. J. Venzon and S. H. Moolgavkar, *A method for computing
          profile-likelihood-based confidence intervals*, Applied Statistics 37 (1988), no. 1, 87-94.
        """
        level, method = level_and_method(level, method, kind, cluster)
        place = None if baseline is None else self._place(baseline)
        estimate = self._uncertainty('confidence intervals', kind, cluster)
        ends = list(zip(*estimate.wald_intervals(level)) if method == 'wald' else estimate.profile_intervals(level))
        if place == 1:
            ends = [(-upper, -lower) for lower, upper in ends]
        pairs = [tuple(map(sage_objects.real_number, pair)) for pair in ends]
        if place is None:
            return pairs
        zero = [tuple(map(sage_objects.real_number, (0.0, 0.0)))] * len(pairs)
        return [zero, pairs] if place == 0 else [pairs, zero]

    @interrupts_explained('coefficients: interrupted before all intervals were found')
    def coefficients(self, level=0.95, method='wald', baseline=None, kind=None, cluster=None):
        r"""
        Return the weights by name, with their odds ratios, standard errors and confidence intervals.

        INPUT:

        - ``level``, ``method``, ``kind``, ``cluster`` -- as for :meth:`confidence_intervals`
        - ``baseline`` -- (default: none) one of the two labels; the result is then as of more classes, a dictionary from the other
          label

        OUTPUT: a dictionary from names to weights over ``RDF``, the bias first, which is shown as a ``table``; a
        :class:`~sage_logreg.model.coefficients.Coefficients`. What only an estimate has
        (see :class:`~sage_logreg.model.inference.Inference`) is left out of the table for other weights

        EXAMPLES::

            sage: from sage_logreg import ex2data1, load_data, maximum_likelihood
            sage: coefficients = maximum_likelihood(load_data(ex2data1(), variables='first, second')).coefficients()
            sage: coefficients
              name     weight     std. error   95% interval           odds ratio   95% interval of the odds ratio
            ...
              bias     -25.1613   5.79855      -36.5263 .. -13.7964
              first    0.206232   0.0480007    0.112152 .. 0.300311   1.22904      1.11868 .. 1.35028
              second   0.201472   0.048625     0.106168 .. 0.296775   1.2232       1.11201 .. 1.34551
            sage: coefficients['second'], coefficients.odds_ratios['second']  # rel tol 1e-6
            (0.201471600, 1.22320150)
            sage: coefficients.intervals['second'], coefficients.odds_ratio_intervals['second']  # rel tol 1e-5
            ((0.106168270, 0.296774931), (1.11200893, 1.34551247))

        TESTS::

            sage: maximum_likelihood(ex2data1(), l2=1).coefficients(level=95)
            Traceback (most recent call last):
            ...
            ValueError: level = 95; expected a real number above 0 and below 1
        """
        level, method = level_and_method(level, method, kind, cluster)
        if baseline is not None:
            return self._coefficients_of_classes(level, method, self._place(baseline), kind=kind, cluster=cluster)
        names = self.weight_names()

        def by_name(numbers):
            try:
                return dict(zip(names, numbers()))
            except ValueError as error:
                if kind is not None or cluster is not None:
                    # who asks for robust errors wants no table without
                    raise
                return str(error)

        weights = dict(zip(names, sage_objects.real_numbers(self._weights)))
        errors = by_name(lambda: sage_objects.real_numbers(self._uncertainty('standard errors', kind, cluster, penalized=True).errors))
        intervals = by_name(lambda: self.confidence_intervals(level, method, kind=kind, cluster=cluster))
        return Coefficients(weights, self.data.design.variables, errors, intervals, level)

    def odds_ratios(self, baseline=None, interval=None, kind=None, cluster=None):
        r"""
        Return `e^{w_j}` for every variable: the factor of the odds when `x_j` grows by 1.

        INPUT:

        - ``baseline`` -- (default: none) one of the two labels; the result is then as of more classes, as ``relative_risk_ratios``
        - ``interval`` -- (default: none) the level of confidence intervals, such as 0.95; Wald's of the weights, their ends as powers of e
        - ``kind``, ``cluster`` -- of the standard errors, as for :meth:`standard_errors`

        OUTPUT: a vector over ``RDF`` of n numbers, without the bias. With ``interval`` a
        :class:`~sage_logreg.support.tables.Table` of the variables, their odds ratios and the intervals.
        :meth:`coefficients` has them by name

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).odds_ratios()  # rel tol 1e-6
            (1.22903796, 1.22320150)
            sage: maximum_likelihood(ex2data1()).odds_ratios(interval=0.95)
              variable   odds ratio   95% interval
            ...
              x1         1.22904      1.11868 .. 1.35028
              x2         1.2232       1.11201 .. 1.34551
        """
        if interval is not None or kind is not None or cluster is not None:
            return self._ratios_table(interval, baseline, kind, cluster)
        if baseline is not None:
            return self.relative_risk_ratios(baseline)
        with numpy.errstate(over='ignore'):
            return sage_objects.real_vector(numpy.exp(self.data.design.parts(self._weights)[1]))

    def _log_likelihood(self):
        if self.data.is_chunked:
            return self._log_likelihood_of_chunks()
        if not self.data.design.is_sparse:
            return self._estimate.log_likelihood()
        from sage_logreg.cost.sparse import SparseCost
        data = self.data
        return -SparseCost(data.design.points, data.labels, data.weights, data.offset, data.intercept).terms(self._weights, False)[0]

    # Everything in one table

    def summary(self, level=0.95, baseline=None, kind=None, cluster=None):
        r"""
        Return the weights with their standard errors and tests, and how well the model fits.

        INPUT:

        - ``level`` -- (default: 0.95) of the confidence intervals
        - ``baseline`` -- (default: the first label) the label that the other one is compared with
        - ``kind``, ``cluster`` -- as for :meth:`standard_errors`; z-values, tests and intervals are then by these errors

        OUTPUT: a :class:`~sage_logreg.model.summary.Summary`, which prints as text and is typeset by ``show``; ``csv()`` and
        ``pandas()`` have the weights with all digits, ``facts()`` the numbers of the model as a whole. Lines above say which
        probability is modelled, how, and from how many rows. What is
        not the maximum-likelihood estimate says so in the first one, and
        tests and intervals are left out (see :class:`~sage_logreg.model.inference.Inference`).
        Of more than a hundred weights the first ones are shown.
        The levels of a factor stand below a line with its title and its reference, the level that the others are
        compared with. The odds ratio is the factor of the odds when the variable grows by 1.
        "Right digits" is how many decimal digits of a weight agree with the
        estimate, with the penalty if there is one, which shows at once whether a descent has
        arrived; it is empty if no estimate was found, or Ctrl-C came meanwhile.
        The standard errors have eight correct digits at least

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1, maximum_likelihood
            sage: gradient_descent(ex2data1(), iterations=300000).summary()
            not an estimate, therefore without standard errors, tests and intervals: the weights are where gradient_descent stopped, 3 standard errors short of it by a Newton step
            P(y = 1) by gradient_descent, 100 rows
            variables: x1, x2
                     weight      odds ratio   right digits
            ...
              bias   -9.25573                 0.2
              x1     0.0796098   1.08286      0.2
              x2     0.0732932   1.07605      0.2
            <BLANKLINE>
              log-likelihood           -28.3687
              null deviance            134.602    99 degrees of freedom
              residual deviance        56.7374    97 degrees of freedom
              pseudo-R²                0.578481   McFadden's
              cost                     0.283687
              largest gradient entry   0.015524
            sage: maximum_likelihood(ex2data1(), l2=1).summary()
            not the maximum-likelihood estimate, therefore without tests and intervals: the penalty l2 = 1 draws the weights to zero
            P(y = 1) by maximum_likelihood, 100 rows
            variables: x1, x2
                     weight     std. error   odds ratio   right digits
            ...
              bias   -25.0521   5.75378                   14
              x1     0.205354   0.0476452    1.22796      14
              x2     0.200584   0.0482665    1.22212      14
            ...
        """
        return self._summary(level, None if baseline is None else self._place(baseline), kind, cluster)

    def _shaped(self, numbers, baseline):
        return sage_objects.real_vector(numbers) if baseline is None else self._matrix(numbers)

    def _wald(self, baseline, kind=None, cluster=None):
        return self._wald_of(kind, cluster) if baseline is None else super()._wald(baseline, kind, cluster)

    def _shown_weights(self, baseline):
        return self._weights if baseline is None else super()._shown_weights(baseline)

    def _titles_of_blocks(self, baseline):
        return [''] if baseline is None else super()._titles_of_blocks(baseline)

    def _reason_without_hessian(self):
        if has_l1(self._options):
            return f'without standard errors, tests and intervals: {self._doubt_of_estimate}'
        design = self.data.design
        if design.is_sparse and (design.width > MOST_ROWS or len(design) * design.width > MOST_DENSE):
            return ('sparse data, without standard errors and tests, which need the Hessian (standard_errors() has those of few '
                    'columns)')
        return None
