r"""
Inference: how well the data determine the weights

:class:`Inference` holds those methods of a
:class:`~sage_logreg.model.logistic.LogisticModel` that need the Hessian of the
likelihood.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(ex2data1())
    sage: model.standard_errors()  # rel tol 1e-9
    (5.79855218057, 0.0480006519983, 0.0486250434995)
    sage: model.summary()
                               weight        std. error   z        P(>|z|)    95% interval           right digits
    ...
      bias                     -25.1613      5.79855      -4.339   1.43e-05   -36.5263 .. -13.7964   14
      x1                       0.206232      0.0480007    4.296    1.74e-05   0.112152 .. 0.300311   14
      x2                       0.201472      0.048625     4.143    3.42e-05   0.106168 .. 0.296775   14
      cost                     0.203498
      largest gradient entry   below 1e-12
      log-likelihood           -20.3498
      AIC                      46.6995
"""
import collections
import functools
import math

import numpy

from sage_logreg.exact.certified import certified_maximum_likelihood
from sage_logreg.exact.separation import check_estimate
from sage_logreg.solvers.estimate import Estimate, roc_curve
from sage_logreg.solvers.likelihood import Likelihood
from sage_logreg.solvers.newton import minimize
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import entries, real_number, shown, whole_number

LikelihoodRatio = collections.namedtuple('LikelihoodRatio', 'statistic degrees_of_freedom p_value')
LikelihoodRatio.__doc__ = r"""
A likelihood-ratio test: twice the difference of the log-likelihoods, its degrees of freedom, the p-value.
"""


def _digits_text(digits):
    # near the last bit a tenth of a digit means nothing
    return f'{digits:.1f}' if digits < 10 else f'{math.floor(digits)}'


class Inference:
    r"""
    The methods of a model that say how well the data determine it.

    They are those of maximum likelihood. For a model whose descent stopped
    before the estimate, they describe the likelihood at its weights;
    :meth:`summary` says how far off these are.
    """

    @functools.cached_property
    def _likelihood(self):
        if self._options.get('cost') is not None:
            raise ValueError('the model was trained on a cost of its own; inference needs the likelihood')
        return Likelihood(self.data, self._options.get('l2', 0.0), self._options.get('bias_reduced', False))

    @functools.cached_property
    def _estimate(self):
        return Estimate(self._likelihood, self._weights, self._options.get('tol'))

    def covariance(self):
        r"""
        Return the estimated covariance of the weights: the inverse of the Hessian of the summed cost.

        OUTPUT: an (n + 1) x (n + 1) matrix over ``RDF``. With ``l2`` the
        Hessian is that of the penalised likelihood; with ``bias_reduced`` it is the
        Fisher information

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).covariance()  # rel tol 1e-6
            [    33.6232074   -0.268955917   -0.272053685]
            [  -0.268955917  0.00230406259  0.00203929879]
            [  -0.272053685  0.00203929879  0.00236439486]
        """
        return sage_objects.real_matrix(self._estimate.covariance())

    def standard_errors(self):
        r"""
        Return the standard errors of the weights, the bias first.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).standard_errors()  # rel tol 1e-9
            (5.79855218057, 0.0480006519983, 0.0486250434995)

        TESTS::

            sage: from sage_logreg import gradient_descent
            sage: from sage_logreg.engine import T
            sage: gradient_descent(ex2data1(), iterations=1, cost=lambda X, y, w: T.sum(w**2r)).standard_errors()
            Traceback (most recent call last):
            ...
            ValueError: the model was trained on a cost of its own; inference needs the likelihood
        """
        return sage_objects.real_vector(self._estimate.errors)

    def z_values(self):
        r"""
        Return the weights divided by their standard errors.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).z_values()  # rel tol 1e-6
            (-4.33924414, 4.29643567, 4.14337111)
        """
        return sage_objects.real_vector(self._weights / self._estimate.errors)

    def p_values(self):
        r"""
        Return the two-sided p-values of the hypotheses that single weights are zero (Wald's test).

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).p_values()  # rel tol 1e-6
            (1.42973619e-05, 1.73566308e-05, 3.42237453e-05)
        """
        return sage_objects.real_vector(self._estimate.p_values())

    def confidence_intervals(self, level=0.95, method='wald'):
        r"""
        Return a confidence interval of every weight, the bias first.

        INPUT:

        - ``level`` -- (default: 0.95) above 0 and below 1
        - ``method`` -- ``'wald'`` (default): the weight plus or minus a multiple
          of its standard error; or ``'profile'``: all values of the weight that a
          likelihood-ratio test does not reject, the other weights re-estimated

        OUTPUT: a list of n + 1 pairs over ``RDF``; an end of a profile interval may be infinite

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

        REFERENCES:

        - D. J. Venzon and S. H. Moolgavkar, *A method for computing
          profile-likelihood-based confidence intervals*, Applied Statistics 37 (1988), no. 1, 87-94.
        """
        level = real_number('level', level, above=0, below=1)
        if method not in ('wald', 'profile'):
            raise ValueError(f"method = {shown(method)}; expected 'wald' or 'profile'")
        if method == 'wald':
            ends = zip(*self._estimate.wald_intervals(level))
        else:
            self._expect_estimate('a profile interval')
            ends = self._estimate.profile_intervals(level)
        return [tuple(map(sage_objects.real_number, pair)) for pair in ends]

    def odds_ratios(self):
        r"""
        Return `e^{w_j}` for every variable: the factor of the odds when `x_j` grows by 1.

        OUTPUT: a vector over ``RDF`` of n numbers, without the bias

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).odds_ratios()  # rel tol 1e-6
            (1.22903796, 1.22320150)
        """
        with numpy.errstate(over='ignore'):
            return sage_objects.real_vector(numpy.exp(self._weights[1:]))

    # The model as a whole

    def log_likelihood(self):
        r"""
        Return the log-likelihood of the weights, without any penalty.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).log_likelihood()  # rel tol 1e-9
            -20.3497701589
        """
        return sage_objects.real_number(self._estimate.log_likelihood())

    def deviance(self):
        r"""
        Return the deviance, minus twice the log-likelihood of the single trials.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).deviance()  # rel tol 1e-9
            40.6995403178
        """
        return sage_objects.real_number(-2 * self._estimate.log_likelihood())

    def aic(self):
        r"""
        Return Akaike's information criterion, `2 (n + 1)` more than the deviance.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).aic()  # rel tol 1e-9
            46.6995403178
        """
        return sage_objects.real_number(2 * len(self._weights) - 2 * self._estimate.log_likelihood())

    def bic(self):
        r"""
        Return Schwarz's information criterion, `(n + 1) \log m` more than the deviance.

        ``m`` is the number of points, or the sum of their weights.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).bic()  # rel tol 1e-9
            54.5150508758
        """
        return sage_objects.real_number(len(self._weights) * math.log(self._likelihood.total)
                                        - 2 * self._estimate.log_likelihood())

    def likelihood_ratio_test(self, smaller=()):
        r"""
        Return the likelihood-ratio test of this model against a smaller one.

        INPUT:

        - ``smaller`` -- (default: none) the variables of the smaller model: a
          list of names, or a model in them by
          :func:`~sage_logreg.training.maximum_likelihood` on the same points

        OUTPUT: a named tuple :class:`LikelihoodRatio` of the statistic, its
        degrees of freedom and the p-value, by the chi-squared distribution

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1())
            sage: model.likelihood_ratio_test(['x1'])  # rel tol 1e-6
            LikelihoodRatio(statistic=56.3026013, degrees_of_freedom=1, p_value=6.21331691e-14)
            sage: model.likelihood_ratio_test().degrees_of_freedom
            2

        TESTS::

            sage: model.likelihood_ratio_test(['x3'])
            Traceback (most recent call last):
            ...
            ValueError: the smaller model has the variable x3; expected some of x1, x2
        """
        self._expect_estimate('a likelihood-ratio test')
        names, variables = self._names_in(smaller), self.data.design.variables
        for name in names:
            if name not in variables:
                raise ValueError(f'the smaller model has the variable {name}; expected some of {", ".join(variables)}')
        statistic, degrees, p_value = self._estimate.likelihood_ratio(
            numpy.array([True] + [name in names for name in variables]))
        return LikelihoodRatio(sage_objects.real_number(statistic), sage_objects.integer(degrees),
                               sage_objects.real_number(p_value))

    def _names_in(self, smaller):
        # The variables of the smaller model, by this model's names.
        if not isinstance(smaller, Inference):
            names = smaller.split(',') if isinstance(smaller, str) else entries(smaller)
            if names is None:
                raise TypeError(f'smaller = {shown(smaller)}; expected a list of variables, or a model')
            return [str(name).strip() for name in names]
        smaller._expect_estimate('a likelihood-ratio test')
        mine, its = self.data, smaller.data
        for name, one, other in [('weights', its.weights, mine.weights), ('offset', its.offset, mine.offset),
                                 *((name, smaller._options[name], self._options[name]) for name in ('l2', 'bias_reduced'))]:
            if not numpy.array_equal(one, other):
                raise ValueError(f'the smaller model was estimated with other {name}; expected the same')
        names = []
        for column, name in zip(its.design.points.T, its.design.variables):
            same = [own for own, values in zip(mine.design.variables, mine.design.points.T) if numpy.array_equal(values, column)]
            if not same or not numpy.array_equal(its.labels, mine.labels):
                raise ValueError(f'the smaller model is of other points, its column {name} is none of this model; '
                                 'expected the same points')
            names += same[:1]
        return names

    def _expect_estimate(self, what):
        if self.method != 'maximum_likelihood' or not self._converged:
            raise ValueError(f'{what} is of an estimate, and this model is where {self.method} stopped; '
                             'expected a converged model of maximum_likelihood')

    # How well it tells the labels apart

    def area_under_curve(self):
        r"""
        Return the area under the ROC curve.

        It is the probability that of two points with different labels the one
        with y = 1 has the larger probability; ties count half.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).area_under_curve()  # abs tol 1e-12
            0.973333333333333
        """
        false, true = roc_curve(self.data, self._weights)
        return sage_objects.real_number(numpy.sum(numpy.diff(false) * (true[1:] + true[:-1])) / 2)

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
        """
        from sage_logreg.plot.roc import plot_roc
        return plot_roc(*roc_curve(self.data, self._weights), float(self.area_under_curve()), **options)

    # Everything in one table, and the proof

    def _right_digits(self):
        # How many digits of each weight agree with the estimate, or None if none was found.
        fit = minimize(self._likelihood, self._likelihood.from_user(self._weights), 1e-10)
        try:
            check_estimate(self._likelihood, fit)
        except ValueError:
            return None
        return self._estimate.right_digits(fit) if fit.converged else None

    def summary(self, level=0.95):
        r"""
        Return the weights with their standard errors and tests, as a Sage ``table``.

        INPUT:

        - ``level`` -- (default: 0.95) of the confidence intervals

        OUTPUT: a ``table``, which prints as text and is typeset by ``show``.
        "Right digits" is how many decimal digits of a weight agree with the
        maximum-likelihood estimate, which shows at once whether a descent has
        arrived; it is empty if no estimate was found

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=300000).summary()
                                       weight      std. error   z        P(>|z|)    95% interval            right digits
            ...
              bias                     -9.25573    1.93982      -4.771   1.83e-06   -13.0577 .. -5.45376    0.2
              x1                       0.0796098   0.0177778    4.478    7.53e-06   0.0447659 .. 0.114454   0.2
              x2                       0.0732932   0.0179133    4.092    4.28e-05   0.0381839 .. 0.108403   0.2
              cost                     0.283687
              largest gradient entry   0.015524
              log-likelihood           -28.3687
              AIC                      62.7374
        """
        level = real_number('level', level, above=0, below=1)
        digits, errors, p_values = self._right_digits(), self._estimate.errors, self._estimate.p_values()
        rows = [['', 'weight', 'std. error', 'z', 'P(>|z|)', f'{100 * level:g}% interval', 'right digits']]
        for j, (name, weight, low, high) in enumerate(zip(('bias', *self.data.design.variables), self._weights,
                                                          *self._estimate.wald_intervals(level))):
            rows.append([name, f'{weight:.6g}', f'{errors[j]:.6g}', f'{weight / errors[j]:.4g}', f'{p_values[j]:.3g}',
                         f'{low:.6g} .. {high:.6g}', '' if digits is None else _digits_text(digits[j])])
        evaluated = self._evaluate()
        largest = abs(evaluated[1]).max()
        for name, text in (('cost', f'{evaluated[0]:.6g}'),
                           # below this it is only rounding error
                           ('largest gradient entry', f'{largest:.6g}' if largest > 1e-12 else 'below 1e-12'),
                           ('log-likelihood', f'{self._estimate.log_likelihood():.6g}'), ('AIC', f'{float(self.aic()):.6g}')):
            rows.append([name, text] + [''] * 5)
        return sage_objects.text_table(rows)

    def certified(self, digits=15):
        r"""
        Return the estimate that this model approximates, in balls that provably contain it.

        INPUT:

        - ``digits`` -- (default: 15) how many digits of every weight are wanted

        OUTPUT: a :class:`~sage_logreg.exact.certified.CertifiedEstimate`, for the model's
        data, ``l2``, ``weights`` and ``offset``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.certified()
            Maximum-likelihood estimate, proved to 15 digits
            w0 = -25.16133356663957 +/- 3e-15
            w1 = 0.2062317132939833 +/- 4e-17
            w2 = 0.2014716004419638 +/- 5e-17
        """
        if self._options.get('cost') is not None or self._options.get('bias_reduced'):
            raise ValueError('certified proves maximum-likelihood estimates; the model minimises another function')
        return certified_maximum_likelihood(self.data, whole_number('digits', digits, minimum=1),
                                            l2=self._options.get('l2', 0))
