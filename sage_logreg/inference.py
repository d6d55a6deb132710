r"""
Inference: how sure the data are of the weights

:class:`Inference` holds those methods of a
:class:`~sage_logreg.model.LogisticModel` that need the Hessian of the
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

from sage_logreg import sage_objects
from sage_logreg.arguments import entries, real_number, shown, whole_number

LikelihoodRatio = collections.namedtuple('LikelihoodRatio', 'statistic degrees_of_freedom p_value')
LikelihoodRatio.__doc__ = r"""
A likelihood-ratio test: twice the difference of the log-likelihoods, its degrees of freedom, the p-value.
"""
MOST_DIGITS = 15


def _digits_text(digits):
    # near the last bit a tenth of a digit says nothing
    return f'{digits:.1f}' if digits < 10 else f'{math.floor(digits)}'


class Inference:
    r"""
    The methods of a model that say how sure the data are of it.

    They are those of maximum likelihood. On a model that a descent has left
    before the estimate, they describe the likelihood where it stands;
    :meth:`summary` says how far that is.
    """

    # The likelihood where the model stands

    @functools.cached_property
    def _likelihood(self):
        from sage_logreg.newton import Likelihood
        if self._options.get('cost') is not None:
            raise ValueError('the model was trained on a cost of its own; inference needs the likelihood')
        return Likelihood(self.data.design, self._options)

    @functools.cached_property
    def _terms(self):
        # The summed cost, its gradient and its Hessian, in scaled variables.
        return self._likelihood.terms(self._likelihood.from_user(self._weights))

    @functools.cached_property
    def _half_covariance(self):
        # A matrix whose transpose times itself is the covariance.
        change = self._likelihood.to_user_matrix()
        # whether it is singular must not depend on the units, nor on a penalty in other units
        unit = 1 / numpy.sqrt(numpy.maximum(numpy.diag(self._terms[2]), 1e-300))
        values = numpy.linalg.eigvalsh(unit[:, None] * self._terms[2] * unit)
        if not values[0] > 1e-14 * values[-1]:
            raise ValueError('the Hessian of the likelihood is singular at the weights; the data do not determine them')
        root = numpy.linalg.cholesky(self._terms[2])
        return numpy.linalg.solve(root, change.T)

    @functools.cached_property
    def _errors(self):
        # the root of the sum of the squares of each column, none of which may overflow
        largest = abs(self._half_covariance).max(axis=0)
        return largest * numpy.sqrt(((self._half_covariance / largest)**2).sum(axis=0))

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
        with numpy.errstate(over='ignore', under='ignore'):
            return sage_objects.real_matrix(self._half_covariance.T @ self._half_covariance)

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
        return sage_objects.real_vector(self._errors)

    def z_values(self):
        r"""
        Return the weights divided by their standard errors.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).z_values()  # rel tol 1e-6
            (-4.33924414, 4.29643567, 4.14337111)
        """
        return sage_objects.real_vector(self._weights / self._errors)

    def p_values(self):
        r"""
        Return the two-sided p-values of the hypotheses that single weights are zero (Wald's test).

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).p_values()  # rel tol 1e-6
            (1.42973619e-05, 1.73566308e-05, 3.42237453e-05)
        """
        return sage_objects.real_vector(self._p_values())

    def _p_values(self):
        return numpy.array([math.erfc(abs(z) / math.sqrt(2)) for z in self._weights / self._errors])

    def confidence_intervals(self, level=0.95, method='wald'):
        r"""
        Return a confidence interval of every weight, the bias first.

        INPUT:

        - ``level`` -- (default: 0.95) above 0 and below 1
        - ``method`` -- ``'wald'`` (default): the weight and so many standard
          errors; or ``'profile'``: all values of the weight that a
          likelihood-ratio test does not reject, the other weights estimated anew

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
        ends = self._wald(level) if method == 'wald' else self._profile(level)
        return [tuple(map(sage_objects.real_number, pair)) for pair in ends]

    def _wald(self, level):
        from scipy.special import ndtri
        half = ndtri((1 + level) / 2) * self._errors
        return list(zip((self._weights - half).tolist(), (self._weights + half).tolist()))

    def _profile(self, level):
        self._expect_estimate('a profile interval')
        from scipy.special import ndtri
        return [tuple(self._profile_end(j, sign, ndtri((1 + level) / 2)) for sign in (-1, 1))
                for j in range(len(self._weights))]

    def _profile_end(self, j, sign, quantile):
        # Where twice the rise of the cost is the square of the quantile, to one side of the weight.
        from scipy.optimize import brentq
        from sage_logreg.newton import Likelihood, minimise
        scaling = self._likelihood.center * (j > 0), self._likelihood.scale
        likelihood = Likelihood(self.data.design, self._options, scaling)
        estimate = likelihood.from_user(self._weights)
        lowest, free = likelihood.terms(estimate)[0], numpy.arange(len(estimate)) != j
        error = self._errors[j] * (likelihood.scale[j - 1] if j else 1.0)
        nearest = [estimate, likelihood.terms(estimate)[2]]
        # what rounding must not change where brentq asks again
        rises = {0.0: -quantile**2}

        def rise(distance):
            if distance in rises:
                return rises[distance]
            # from the last fit along the tangent of the path of fits, on which the others follow this weight
            start, hessian = nearest[0].copy(), nearest[1]
            change = estimate[j] + sign * distance - start[j]
            start[free] -= change * numpy.linalg.lstsq(hessian[numpy.ix_(free, free)], hessian[free, j], rcond=None)[0]
            start[j] += change
            fit = minimise(likelihood, start, self._options['tol'], free=free)
            if fit.converged:
                nearest[:] = fit.weights, fit.hessian
            rises[distance] = 2 * (fit.cost - lowest) - quantile**2
            return rises[distance]

        near, far = 0.0, quantile * error
        for _ in range(60):
            if rise(far) >= 0:
                end = brentq(rise, near, far, xtol=1e-12 * far, rtol=1e-13)
                return (estimate[j] + sign * end) / (likelihood.scale[j - 1] if j else 1.0)
            near, far = far, 1.5 * far
        return sign * math.inf

    def odds_ratios(self):
        r"""
        Return `e^{w_j}` for every variable: what the odds are multiplied by where `x_j` grows by 1.

        OUTPUT: a vector over ``RDF`` of n numbers, without the bias

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).odds_ratios()  # rel tol 1e-6
            (1.22903796, 1.22320150)
        """
        with numpy.errstate(over='ignore'):
            return sage_objects.real_vector(numpy.exp(self._weights[1:]))

    # Of the model as a whole

    def _log_likelihood(self):
        from sage_logreg.newton import Likelihood
        plain = {name: self._options[name] for name in ('weights', 'offset') if name in self._options}
        likelihood = Likelihood(self.data.design, plain, (self._likelihood.center, self._likelihood.scale))
        return -likelihood.terms(likelihood.from_user(self._weights))[0]

    def log_likelihood(self):
        r"""
        Return the log-likelihood of the weights, without any penalty.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).log_likelihood()  # rel tol 1e-9
            -20.3497701589
        """
        return sage_objects.real_number(self._log_likelihood())

    def deviance(self):
        r"""
        Return the deviance, minus twice the log-likelihood of the single trials.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).deviance()  # rel tol 1e-9
            40.6995403178
        """
        return sage_objects.real_number(-2 * self._log_likelihood())

    def aic(self):
        r"""
        Return Akaike's information criterion, `2 (n + 1)` more than the deviance.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).aic()  # rel tol 1e-9
            46.6995403178
        """
        return sage_objects.real_number(2 * len(self._weights) - 2 * self._log_likelihood())

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
                                        - 2 * self._log_likelihood())

    def likelihood_ratio_test(self, smaller=()):
        r"""
        Return the likelihood-ratio test of this model against a smaller one.

        INPUT:

        - ``smaller`` -- (default: none) the variables of the smaller model: a
          list of names, or a model of them by
          :func:`~sage_logreg.newton.maximum_likelihood` on the same points

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
        from scipy.special import chdtrc
        from sage_logreg.newton import minimise
        self._expect_estimate('a likelihood-ratio test')
        names = self._names_in(smaller)
        for name in names:
            if name not in self.data.design.variables:
                raise ValueError(f'the smaller model has the variable {name}; expected some of '
                                 f'{", ".join(self.data.design.variables)}')
        free = numpy.array([True] + [name in names for name in self.data.design.variables])
        start = numpy.where(free, self._likelihood.from_user(self._weights), 0.0)
        statistic = max(0.0, 2 * (minimise(self._likelihood, start, self._options['tol'], free=free).cost
                                  - self._terms[0]))
        degrees = int((~free).sum())
        return LikelihoodRatio(sage_objects.real_number(statistic), sage_objects.integer(degrees),
                               sage_objects.real_number(chdtrc(degrees, statistic) if degrees else 1.0))

    def _names_in(self, smaller):
        # The variables of the smaller model, by this model's names.
        if not isinstance(smaller, Inference):
            names = smaller.split(',') if isinstance(smaller, str) else entries(smaller)
            if names is None:
                raise TypeError(f'smaller = {shown(smaller)}; expected a list of variables, or a model')
            return [str(name).strip() for name in names]
        smaller._expect_estimate('a likelihood-ratio test')
        for name in ('weights', 'offset', 'l2', 'bias_reduced'):
            if not numpy.array_equal(smaller._options[name], self._options[name]):
                raise ValueError(f'the smaller model was estimated with other {name}; expected the same')
        names, mine, its = [], self.data.design, smaller.data.design
        for column, name in zip(its.points.T, its.variables):
            same = [own for own, values in zip(mine.variables, mine.points.T) if numpy.array_equal(values, column)]
            if not same or not numpy.array_equal(its.labels, mine.labels):
                raise ValueError(f'the smaller model is of other points, its column {name} is none of this model; '
                                 'expected the same points')
            names += same[:1]
        return names

    def _expect_estimate(self, what):
        if self.method != 'maximum_likelihood' or not self._converged:
            raise ValueError(f'{what} is of an estimate, and this model is where {self.method} stopped; '
                             'expected a converged model of maximum_likelihood')

    # What it tells apart

    def _curve(self):
        # False and true positive rates as the threshold falls, a point a distinct probability.
        frequency = self._likelihood.frequency
        z = self._weights[0] + self.data.design.points @ self._weights[1:] + self._likelihood.offset
        order = numpy.argsort(-z, kind='stable')
        last = numpy.append(numpy.flatnonzero(numpy.diff(z[order])), len(z) - 1)
        rates = []
        for label in (0.0, 1.0):
            counted = numpy.cumsum((frequency * (self.data.labels == label))[order])[last]
            rates.append(numpy.concatenate([[0.0], counted / counted[-1]]))
        return rates

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
        false, true = self._curve()
        return sage_objects.real_number(numpy.sum(numpy.diff(false) * (true[1:] + true[:-1])) / 2)

    def roc(self, **options):
        r"""
        Return the ROC curve: the true against the false positive rate over all thresholds.

        INPUT:

        - ``options`` -- options of Sage's ``line`` and of ``show``

        OUTPUT: a ``Graphics``; the legend has the area under the curve, a dashed line is guessing

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: picture = maximum_likelihood(ex2data1()).roc()
            sage: picture
            Graphics object consisting of 2 graphics primitives
            sage: picture[1].options()['legend_label']
            'area 0.973'
        """
        from sage_logreg.plotting import plot_roc
        return plot_roc(*self._curve(), float(self.area_under_curve()), **options)

    # All of it in one table, and its proof

    def _right_digits(self):
        # How many decimal digits of each weight are those of the estimate (log relative error), or None.
        from sage_logreg.newton import check_estimate, minimise
        likelihood = self._likelihood
        fit = minimise(likelihood, likelihood.from_user(self._weights), 1e-10)
        try:
            check_estimate(likelihood, fit)
        except ValueError:
            return None
        if not fit.converged:
            return None
        estimate = likelihood.to_user(fit.weights)
        # the estimate itself is known as well as rounding lets the gradient be zero
        rounding = 2.0**-53 * likelihood.total / 4 / numpy.linalg.eigvalsh(fit.hessian)[0] / abs(fit.weights).max()
        with numpy.errstate(divide='ignore', invalid='ignore'):
            error = abs(self._weights - estimate) / numpy.where(estimate == 0, 1.0, abs(estimate))
            return numpy.clip(-numpy.log10(error + rounding), 0, MOST_DIGITS) + 0.0

    def summary(self, level=0.95):
        r"""
        Return the weights with their standard errors and tests, as a Sage ``table``.

        INPUT:

        - ``level`` -- (default: 0.95) of the confidence intervals

        OUTPUT: a ``table``, which prints as text and is typeset by ``show``.
        "Right digits" is how many decimal digits of a weight are those of the
        maximum-likelihood estimate, so that a descent that has not arrived is
        seen at once; nothing stands there where no estimate was found

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
        digits, errors, p_values = self._right_digits(), self._errors, self._p_values()
        rows = [['', 'weight', 'std. error', 'z', 'P(>|z|)', f'{100 * level:g}% interval', 'right digits']]
        for j, (name, weight, (low, high)) in enumerate(zip(('bias',) + self.data.design.variables, self._weights,
                                                            self._wald(level))):
            rows.append([name, f'{weight:.6g}', f'{errors[j]:.6g}', f'{weight / errors[j]:.4g}', f'{p_values[j]:.3g}',
                         f'{low:.6g} .. {high:.6g}', '' if digits is None else _digits_text(digits[j])])
        evaluated = self._evaluate()
        largest = abs(evaluated[1]).max()
        for name, text in (('cost', f'{evaluated[0]:.6g}'),
                           # what is left by rounding says nothing more
                           ('largest gradient entry', f'{largest:.6g}' if largest > 1e-12 else 'below 1e-12'),
                           ('log-likelihood', f'{self._log_likelihood():.6g}'), ('AIC', f'{float(self.aic()):.6g}')):
            rows.append([name, text] + [''] * 5)
        return sage_objects.text_table(rows)

    def certified(self, digits=15):
        r"""
        Return the estimate that this model approximates, in balls that provably contain it.

        INPUT:

        - ``digits`` -- (default: 15) how many digits of every weight are wanted

        OUTPUT: a :class:`~sage_logreg.proof.CertifiedEstimate`, for the model's
        data, ``l2``, ``weights`` and ``offset``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.certified()
            Maximum-likelihood estimate, proved to 15 digits
            w0 = -25.16133356663957 +/- 2e-15
            w1 = 0.2062317132939833 +/- 3e-17
            w2 = 0.2014716004419638 +/- 5e-17
        """
        from sage_logreg.proof import certified_maximum_likelihood
        options = {name: self._options[name] for name in ('l2', 'weights', 'offset') if self._options.get(name) is not None}
        if self._options.get('cost') is not None or self._options.get('bias_reduced'):
            raise ValueError('certified proves maximum-likelihood estimates; the model minimises another function')
        return certified_maximum_likelihood(self.data, whole_number('digits', digits, minimum=1), **options)
