r"""
Inference of a model of more than two classes

Vectors and matrices are of the symmetric form, whose rows sum to zero, or with ``baseline`` of the differences to a class;
tables and ratios, which are read by name, are of the differences to a class, without its own.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(penguins(label='island', variables='bill_length_mm, body_mass_g'))
    sage: model.standard_errors(baseline='Biscoe')  # rel tol 1e-6
    [         0.0            0.0            0.0]
    [  1.41592741   0.0409179991 0.000359909994]
    [  1.85128971   0.0585191529 0.000441605649]
    sage: model.summary()
    island by maximum_likelihood, 342 rows (2 more dropped for missing values)
    each class against island = 'Biscoe'
    variables: bill_length_mm, body_mass_g
                           weight        std. error    z        P(>|z|)    95% interval                  relative risk ratio   right digits
    ...
      island = 'Dream'
      bias                 4.34989       1.41593       3.072    0.00213    1.57472 .. 7.12506                                  13
      bill_length_mm       0.206999      0.040918      5.059    4.22e-07   0.126801 .. 0.287197          1.22998               13
      body_mass_g          -0.00331534   0.00035991    -9.212   3.21e-20   -0.00402075 .. -0.00260993    0.99669               14
    ...
"""
import numpy

from sage_logreg.model.inference import MOST_COLUMNS, Inference, level_and_method
from sage_logreg.solvers.estimate import Estimate
from sage_logreg.solvers.penalties import has_l1
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
from sage_logreg.solvers.softmax_sparse import likelihood_of
from sage_logreg.solvers.softmax_whitening import WhitenedSoftmax
from sage_logreg.support import sage_objects
from sage_logreg.support.interrupt import interrupts_explained


class MultinomialInference(Inference):
    r"""
    The methods of a :class:`~sage_logreg.model.multinomial.MultinomialModel` that say how well the data determine it.

    Which models have them says :class:`~sage_logreg.model.inference.Inference`. With ``baseline=`` they are of the differences to
    a class, whose own row is that of a difference which is surely zero: its errors and z-values are 0, its p-values 1.

    EXAMPLES::

        sage: from sage_logreg import gradient_descent, penguins
        sage: model = gradient_descent(penguins(label='island', variables='bill_length_mm'), scale=True, iterations=10)
        sage: model.standard_errors()
        Traceback (most recent call last):
        ...
        ValueError: standard errors are of an estimate, and the weights are where gradient_descent stopped, ... standard errors short of it by a Newton step; expected a converged model of maximum_likelihood
        sage: model.roc()
        Traceback (most recent call last):
        ...
        ValueError: a ROC curve is of two classes, and the model has 3; expected that of two of them, as model.between('Biscoe', 'Dream').roc()
    """

    RATIO = 'relative risk ratio'
    _finer = WhitenedSoftmax

    def _own_likelihood(self):
        count = (self.data.classes - 1) * self.data.design.count
        if count > MOST_COLUMNS:
            raise ValueError(f'the Hessian of {count} weights is too large for standard errors and tests; expected at most {MOST_COLUMNS}')
        return self._likelihood_with(self._options.get('l2', 0.0))

    def _likelihood_with(self, l2=0.0, **options):
        return SoftmaxLikelihood(self.data.dense('standard errors and tests'), l2, **options)

    def _log_likelihood(self):
        if self.data.is_chunked:
            return self._log_likelihood_of_chunks()
        # without the Hessian, which may be too large
        likelihood = likelihood_of(self.data)
        return -likelihood.likelihood_terms(likelihood.from_user(self._weights), False)[0]

    def covariance(self, baseline=None, kind=None, cluster=None):
        r"""
        Return the estimated covariance of all weights, class by class.

        INPUT:

        - ``baseline`` -- (default: none) a class; the covariance is then that of the differences to its weights
        - ``kind``, ``cluster`` -- (default: none) as for :meth:`standard_errors`

        OUTPUT: a K (n + 1) x K (n + 1) matrix over ``RDF``, without an intercept K n x K n. That of the symmetric form is singular, as
        the weights of all classes sum to zero; with ``baseline`` the rows and columns of that class are zero. With ``l2`` it is the
        inverse of the Hessian of the penalised likelihood

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.covariance(baseline='a')[2:4]  # rel tol 1e-6
            [        0.0         0.0 12.57597694 -4.51476011  4.14310643 -1.82596742]
            [        0.0         0.0 -4.51476011  1.78622518 -1.77401563  0.85470628]
            sage: C = model.covariance()
            sage: C.dimensions(), bool(max(map(abs, (C[0] + C[2] + C[4]))) < 1e-12)
            ((6, 6), True)
        """
        return sage_objects.real_matrix(self._against(self._uncertainty('covariances', kind, cluster, penalized=True), baseline).covariance())

    def standard_errors(self, baseline=None, kind=None, cluster=None):
        r"""
        Return the standard errors of the weights, a row a class.

        They have eight correct digits at least; if they cannot, an error says that the Hessian is singular.

        INPUT:

        - ``baseline`` -- (default: none) a class; they are then those of the differences to its weights
        - ``kind``, ``cluster`` -- (default: none) of robust errors, as for two classes; ``'HC2'`` and ``'HC3'`` are of two classes only

        OUTPUT: a K x (n + 1) matrix over ``RDF``, as :meth:`~sage_logreg.model.multinomial.MultinomialModel.weights`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.standard_errors()  # rel tol 1e-6
            [1.80348858 0.74173024]
            [2.16390675 0.75879375]
            [1.81497933 0.68237688]
            sage: model.standard_errors(baseline='a')[1]  # rel tol 1e-6
            (3.54626239, 1.33649736)
            sage: model.standard_errors(baseline='a', kind='HC0')[1]  # rel tol 1e-6
            (3.39399306, 1.18374104)
        """
        return self._matrix(self._against(self._uncertainty('standard errors', kind, cluster, penalized=True), baseline).errors)

    def z_values(self, baseline=None, kind=None, cluster=None):
        r"""
        Return the weights divided by their standard errors.

        INPUT and OUTPUT: as for :meth:`standard_errors`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.z_values(baseline='a')  # abs tol 1e-6
            [       0.0        0.0]
            [-1.1481521  1.1050067]
            [-0.7404601  0.6442568]
        """
        return self._matrix(self._against(self._uncertainty('z-values', kind, cluster), baseline).z_values())

    def p_values(self, baseline=None, kind=None, cluster=None):
        r"""
        Return the two-sided p-values of the hypotheses that single weights are zero (Wald's test).

        INPUT and OUTPUT: as for :meth:`standard_errors`. With ``baseline`` a hypothesis is that a weight is the same as that of this
        class; in the symmetric form, that it is the mean over all classes

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.p_values(baseline='a')  # abs tol 1e-6
            [      1.0       1.0]
            [0.2509058 0.2691567]
            [0.4590209 0.5194090]
        """
        return self._matrix(self._against(self._uncertainty('p-values', kind, cluster), baseline).p_values())

    @interrupts_explained('confidence_intervals: interrupted before all were found')
    def confidence_intervals(self, level=0.95, method='wald', baseline=None, kind=None, cluster=None):
        r"""
        Return a confidence interval of every weight.

        INPUT:

        - ``level``, ``method`` -- as for two classes; the profile likelihood is that of the differences to a class
        - ``baseline`` -- (default: none) a class; the intervals are then those of the differences to its weights
        - ``kind``, ``cluster`` -- (default: none) as for :meth:`standard_errors`; of ``'wald'`` only

        OUTPUT: a list of K lists of pairs over ``RDF``, in the order of :meth:`standard_errors`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.confidence_intervals(baseline='a')[1]  # abs tol 1e-5
            [(-11.022195, 2.878898), (-1.142648, 4.096325)]
            sage: model.confidence_intervals(method='profile', baseline='a')[1]  # abs tol 1e-5
            [(-13.640145, 1.631408), (-0.725746, 5.014240)]

        TESTS::

            sage: model.confidence_intervals(method='profile')
            Traceback (most recent call last):
            ...
            ValueError: profile intervals are of the differences to a class; expected baseline='a', or 'b' or 'c'
        """
        level, method = level_and_method(level, method, kind, cluster)
        wald = self._against(self._uncertainty('confidence intervals', kind, cluster), baseline)
        if method == 'wald':
            pairs = numpy.column_stack(wald.wald_intervals(level))
        elif baseline is None:
            first, *others = map(repr, self._label_names())
            raise ValueError(f'profile intervals are of the differences to a class; expected baseline={first}, or {" or ".join(others)}')
        else:
            pairs = self._profile(level, self._place(baseline))
        pairs = [tuple(map(sage_objects.real_number, pair)) for pair in pairs.tolist()]
        count = self.data.design.count
        return [pairs[start:start + count] for start in range(0, len(pairs), count)]

    def _profile(self, level, place):
        pairs = numpy.zeros((self.data.classes, self.data.design.count, 2))
        found = self._of_differences(place).profile_intervals(level, self._wald(place).errors)
        pairs[self._others(place)] = numpy.reshape(found, (-1, *pairs.shape[1:]))
        return pairs.reshape(-1, 2)

    def _of_differences(self, place):
        # The estimate in variables that are the differences to a class.
        return Estimate(self._likelihood_with(baseline=place), self._weights, self._estimate.tol, self._finer)

    def odds_ratios(self, baseline=None, interval=None, kind=None, cluster=None):
        r"""
        Return the same as :meth:`~sage_logreg.model.classifier.Classifier.relative_risk_ratios`, with the same ``baseline``.

        With ``interval``, the level of confidence intervals such as 0.95, a :class:`~sage_logreg.support.tables.Table` of the classes,
        the variables, their relative risk ratios and the intervals; ``kind`` and ``cluster`` are those of the standard errors.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.odds_ratios('b') == model.relative_risk_ratios('b')
            True
            sage: model.odds_ratios('b', interval=0.9)
              class     variable   relative risk ratio   90% interval
            ...
              y = 'a'   x1         0.228359              0.0253448 .. 2.05753
              y = 'c'   x1         0.496838              0.0648406 .. 3.807
        """
        if interval is not None or kind is not None or cluster is not None:
            return self._ratios_table(interval, baseline, kind, cluster)
        return self.relative_risk_ratios(baseline)

    @interrupts_explained('coefficients: interrupted before all intervals were found')
    def coefficients(self, level=0.95, method='wald', baseline=None, kind=None, cluster=None):
        r"""
        Return the weights by name, with their relative risk ratios, standard errors and confidence intervals.

        INPUT:

        - ``level``, ``method``, ``kind``, ``cluster`` -- as for :meth:`confidence_intervals`
        - ``baseline`` -- (default: the first class) the class with which the others are compared

        OUTPUT: a dictionary from the other classes to dictionaries from names to differences of weights, which is shown as a table;
        these are :class:`~sage_logreg.model.coefficients.Coefficients`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: coefficients = model.coefficients()
            sage: coefficients
              name      weight     std. error   95% interval          relative risk ratio   95% interval of the relative risk ratio
            ...
              y = 'b'
              bias      -4.07165   3.54626      -11.0222 .. 2.8789
              x1        1.47684    1.3365       -1.14265 .. 4.09633   4.37908               0.318973 .. 60.119
              y = 'c'
              bias      -2.14746   2.90016      -7.83167 .. 3.53676
              x1        0.777347   1.20658      -1.58751 .. 3.1422    2.17569               0.204435 .. 23.1548
            sage: coefficients['b']['x1'], coefficients['b'].odds_ratios['x1']  # rel tol 1e-6
            (1.47683849, 4.37908086)
        """
        level, method = level_and_method(level, method, kind, cluster)
        return self._coefficients_of_classes(level, method, self._baseline(baseline), kind=kind, cluster=cluster)

    def summary(self, level=0.95, baseline=None, kind=None, cluster=None):
        r"""
        Return the weights with their standard errors and tests, a block a class, and how well the model fits.

        INPUT:

        - ``level`` -- (default: 0.95) of the confidence intervals
        - ``baseline`` -- (default: the first class) the class with which the others are compared; by default there is none where a penalty
          makes weights zero, as their differences are not
        - ``kind``, ``cluster`` -- as for :meth:`standard_errors`

        OUTPUT: a :class:`~sage_logreg.model.summary.Summary`, as for two classes. The relative risk ratio is the factor of `P(y = k | x) / P(y = a | x)` when the
        variable grows by 1, where `a` is the baseline

        EXAMPLES::

            sage: from sage_logreg import penguins, maximum_likelihood
            sage: data = penguins(label='species', variables='bill_length_mm, body_mass_g')
            sage: maximum_likelihood(data, l2=1).summary(baseline='Gentoo')
            not the maximum-likelihood estimate, therefore without tests and intervals: the penalty l2 = 1 draws the weights to zero
            species by maximum_likelihood, 342 rows (2 more dropped for missing values)
            each class against species = 'Gentoo'
            variables: bill_length_mm, body_mass_g
                                      weight        std. error   relative risk ratio   right digits
            ...
              species = 'Adelie'
              bias                    ...
        """
        is_symmetric = baseline is None and has_l1(self._options)
        return self._summary(level, None if is_symmetric else self._baseline(baseline), kind, cluster)

    def _shown_weights(self, baseline):
        return self._weights if baseline is None else super()._shown_weights(baseline)

    def _titles_of_blocks(self, baseline):
        return super()._titles_of_blocks(baseline) if baseline is not None else list(map(self.data.label_text, range(self.data.classes)))

    def _what(self):
        return self.data.label_name

    def _reason_without_hessian(self):
        if has_l1(self._options):
            return f'without standard errors, tests and intervals: {self._doubt_of_estimate}'
        count = (self.data.classes - 1) * self.data.design.count
        return f'without standard errors and tests, which need the Hessian of {count} weights' if count > MOST_COLUMNS else None
