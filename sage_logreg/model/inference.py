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
    P(y = 1) by maximum_likelihood, 100 rows
                               weight        std. error   z        P(>|z|)    95% interval           odds ratio   right digits
    ...
      bias                     -25.1613      5.79855      -4.339   1.43e-05   -36.5263 .. -13.7964                14
      x1                       0.206232      0.0480007    4.296    1.74e-05   0.112152 .. 0.300311   1.22904      14
      x2                       0.201472      0.048625     4.143    3.42e-05   0.106168 .. 0.296775   1.2232       14
      cost                     0.203498
      largest gradient entry   below 1e-12
      log-likelihood           -20.3498
      AIC                      46.6995
"""
import collections
import functools
import math

import numpy

from sage_logreg.dataset.sparse import MOST_DENSE
from sage_logreg.exact.certified import certified_maximum_likelihood
from sage_logreg.exact.separation import check_enough_rows, check_estimate
from sage_logreg.model.coefficients import Coefficients, odds_ratio
from sage_logreg.solvers.estimate import Estimate, roc_curve
from sage_logreg.solvers.likelihood import Likelihood, surely_exists
from sage_logreg.solvers.newton import minimize
from sage_logreg.solvers.whitening import Whitened
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import entries, listed, real_number, shown, whole_number
from sage_logreg.support.interrupt import interrupts_explained, is_interrupt

# weights are the estimate if a Newton step from them is at most this long, in standard errors
SHORT_STEP = 1e-3

# most columns of sparse data whose Hessian is formed
MOST_COLUMNS = 2000

# the first column of a summary is wide from so many characters on
WIDE = 32

# a summary shows so many of the weights if it would have more rows than MOST_ROWS
MOST_ROWS, SHOWN_ROWS = 100, 20

# why a summary has no right digits after Ctrl-C
INTERRUPTED = 'interrupted while the estimate was being found and proved to exist'

LikelihoodRatio = collections.namedtuple('LikelihoodRatio', 'statistic degrees_of_freedom p_value')
LikelihoodRatio.__doc__ = r"""
A likelihood-ratio test: twice the difference of the log-likelihoods, its degrees of freedom, the p-value.
"""


def _on_one_line(value):
    # A title or a level.
    text = ' '.join((value if isinstance(value, str) else f'{value:g}' if isinstance(value, float) else str(value)).split())
    return text if len(text) <= 60 else text[:57] + '...'


def _digits_text(digits):
    # near the last bit a tenth of a digit means nothing
    return f'{digits:.1f}' if digits < 10 else f'{math.floor(digits)}'


def _level_and_method(level, method):
    if method not in ('wald', 'profile'):
        raise ValueError(f"method = {shown(method)}; expected 'wald' or 'profile'")
    return real_number('level', level, above=0, below=1), method


def _same_columns(design, other):
    # For each column of the one the first name of an equal column of the other, or None.
    columns = list(zip(other.variables, other.points.T))
    return [next((name for name, values in columns if numpy.array_equal(values, column)), None)
            for column in design.points.T]


class Inference:
    r"""
    The methods of a model that say how well the data determine it.

    They are those of an estimate: of :func:`~sage_logreg.training.maximum_likelihood`
    when it has converged, or of weights by which a descent has come so close
    that a Newton step is at most a thousandth of a standard error long. Any
    other model has no covariance and no standard errors, and these methods
    raise a ``ValueError`` that says why. With a penalty ``l2`` there are both,
    by the curvature of the penalised likelihood, but no z- and p-values, intervals,
    tests and information criteria, since the penalty draws the weights to zero.
    A bias-reduced estimate has them all, by the Fisher information.
    :meth:`summary` says first what the model is, and leaves out what it does not have;
    :meth:`log_likelihood`, :meth:`deviance`, :meth:`odds_ratios`, :meth:`roc` and
    :meth:`area_under_curve` are of the weights, whatever they are.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, gradient_descent, maximum_likelihood
        sage: gradient_descent(ex2data1(), iterations=300000).standard_errors()
        Traceback (most recent call last):
        ...
        ValueError: standard errors are of an estimate, and the weights are where gradient_descent stopped, 3 standard errors short of it by a Newton step; expected a converged model of maximum_likelihood
        sage: maximum_likelihood(ex2data1(), l2=1).p_values()
        Traceback (most recent call last):
        ...
        ValueError: p-values are of an estimate by the likelihood alone, and the penalty l2 = 1 draws the weights to zero; expected a model without it
    """

    @functools.cached_property
    def _likelihood(self):
        if self._options.get('cost') is not None:
            raise ValueError('the model was trained on a cost of its own; inference needs the likelihood')
        return Likelihood(self._data_of_inference(), self._options.get('l2', 0.0), self._options.get('bias_reduced', False))

    def _data_of_inference(self):
        # the Hessian of sparse data is formed only of few columns
        if self.data.design.is_sparse and self.data.design.width > MOST_COLUMNS:
            raise ValueError(f'the Hessian of {self.data.design.width} sparse columns is too large for standard errors and tests; expected '
                             f'at most {MOST_COLUMNS} columns')
        return self.data.dense('standard errors and tests')

    @functools.cached_property
    def _estimate(self):
        # other weights are re-estimated to this tolerance
        tol = self._options['tol'] if self.method == 'maximum_likelihood' else 1e-10
        return Estimate(self._likelihood, self._weights, tol)

    @functools.cached_property
    def _doubt_of_estimate(self):
        # Why the weights are not those of the largest likelihood, with its penalty; None if they are.
        estimated = self.method == 'maximum_likelihood'
        if estimated and self._converged:
            return None
        # of a cost of one's own there is no estimate at all
        likelihood = self._likelihood
        try:
            fit = self._newton(numpy.inf, most_steps=1)
            if estimated and not surely_exists(likelihood, fit):
                # such as after Ctrl-C in the exact check; where the classes are separated a Newton step is short as well
                return ('the weights are where maximum_likelihood stopped, and it is not proved that an estimate exists, '
                        'which separation(model.data) decides')
            # refuses a singular Hessian
            self._estimate.errors
            step = fit.decrement
            if not estimated and step <= SHORT_STEP:
                return check_estimate(likelihood, fit)
        except ValueError as error:
            return str(error)
        where = 'given ones' if self.method == 'given weights' else f'where {self.method} stopped'
        return f'the weights are {where}, {step:.2g} standard errors short of it{self._short_of()} by a Newton step'

    def _short_of(self):
        # With a penalty the estimate is another one.
        penalty = self._penalty()
        return f' (with the penalty {penalty})' if self._likelihood.l2 else f' ({penalty})' if penalty else ''

    def _newton(self, tol, **options):
        # The fit that goes on from the weights; a ValueError where the steps would lead nowhere and only take long.
        if not self._likelihood.is_bounded:
            check_enough_rows(self.data.counted())
        return minimize(self._likelihood, self._likelihood.from_user(self._weights), tol, finer=Whitened, **options)

    def _of_estimate(self, what):
        # The estimate, if the weights are one.
        if self._doubt_of_estimate:
            raise ValueError(f'{what} are of an estimate, and {self._doubt_of_estimate}; '
                             'expected a converged model of maximum_likelihood')
        return self._estimate

    def _of_likelihood(self, what):
        # The estimate, if the weights are one, and without the penalty l2.
        estimate = self._of_estimate(what)
        if self._likelihood.l2:
            raise ValueError(f'{what} are of an estimate by the likelihood alone, and {self._penalty_text()}; '
                             'expected a model without it')
        return estimate

    def _penalty_text(self):
        return f'the penalty {self._penalty()} draws the weights to zero'

    def covariance(self):
        r"""
        Return the estimated covariance of the weights: the inverse of the Hessian of the summed cost.

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
        return sage_objects.real_matrix(self._of_estimate('covariances').covariance())

    def standard_errors(self):
        r"""
        Return the standard errors of the weights, in their order.

        They have eight right digits at least, however nearly the columns depend on each other; if they cannot, an error
        says that the Hessian is singular.

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
        return sage_objects.real_vector(self._of_estimate('standard errors').errors)

    def z_values(self):
        r"""
        Return the weights divided by their standard errors.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).z_values()  # rel tol 1e-6
            (-4.33924414, 4.29643567, 4.14337111)
        """
        return sage_objects.real_vector(self._weights / self._of_likelihood('z-values').errors)

    def p_values(self):
        r"""
        Return the two-sided p-values of the hypotheses that single weights are zero (Wald's test).

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).p_values()  # rel tol 1e-6
            (1.42973619e-05, 1.73566308e-05, 3.42237453e-05)
        """
        return sage_objects.real_vector(self._of_likelihood('p-values').p_values())

    @interrupts_explained('confidence_intervals: interrupted before all were found')
    def confidence_intervals(self, level=0.95, method='wald'):
        r"""
        Return a confidence interval of every weight, the bias first.

        INPUT:

        - ``level`` -- (default: 0.95) above 0 and below 1
        - ``method`` -- ``'wald'`` (default): the weight plus or minus a multiple
          of its standard error; or ``'profile'``: all values of the weight that a
          likelihood-ratio test does not reject, the other weights re-estimated

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

        REFERENCES:

        - D. J. Venzon and S. H. Moolgavkar, *A method for computing
          profile-likelihood-based confidence intervals*, Applied Statistics 37 (1988), no. 1, 87-94.
        """
        level, method = _level_and_method(level, method)
        estimate = self._of_likelihood('confidence intervals')
        ends = zip(*estimate.wald_intervals(level)) if method == 'wald' else estimate.profile_intervals(level)
        return [tuple(map(sage_objects.real_number, pair)) for pair in ends]

    @interrupts_explained('coefficients: interrupted before all intervals were found')
    def coefficients(self, level=0.95, method='wald'):
        r"""
        Return the weights by name, with their odds ratios, standard errors and confidence intervals.

        INPUT:

        - ``level``, ``method`` -- as for :meth:`confidence_intervals`

        OUTPUT: a dictionary from names to weights over ``RDF``, the bias first, which is shown as a ``table``; a
        :class:`~sage_logreg.model.coefficients.Coefficients`. What only an estimate has
        (see :class:`Inference`) is left out of the table for other weights

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
        level, method = _level_and_method(level, method)
        names = self.weight_names()

        def by_name(numbers):
            try:
                return dict(zip(names, numbers()))
            except ValueError as error:
                return str(error)

        weights = dict(zip(names, sage_objects.real_numbers(self._weights)))
        errors = by_name(lambda: sage_objects.real_numbers(self._of_estimate('standard errors').errors))
        intervals = by_name(lambda: self.confidence_intervals(level, method))
        return Coefficients(weights, self.data.design.variables, errors, intervals, level)

    def odds_ratios(self):
        r"""
        Return `e^{w_j}` for every variable: the factor of the odds when `x_j` grows by 1.

        OUTPUT: a vector over ``RDF`` of n numbers, without the bias. :meth:`coefficients` has them by name

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).odds_ratios()  # rel tol 1e-6
            (1.22903796, 1.22320150)
        """
        with numpy.errstate(over='ignore'):
            return sage_objects.real_vector(numpy.exp(self.data.design.parts(self._weights)[1]))

    # The model as a whole

    def log_likelihood(self):
        r"""
        Return the log-likelihood of the weights, without any penalty.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).log_likelihood()  # rel tol 1e-9
            -20.3497701589
        """
        return sage_objects.real_number(self._log_likelihood())

    def _log_likelihood(self):
        if not self.data.design.is_sparse:
            return self._estimate.log_likelihood()
        from sage_logreg.cost.sparse import SparseCost
        data = self.data
        return -SparseCost(data.design.points, data.labels, data.weights, data.offset, data.intercept).terms(self._weights, False)[0]

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
        Return Akaike's information criterion, twice the number of weights more than the deviance.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).aic()  # rel tol 1e-9
            46.6995403178
        """
        log_likelihood = self._of_likelihood('information criteria').log_likelihood()
        return sage_objects.real_number(2 * len(self._weights) - 2 * log_likelihood)

    def bic(self):
        r"""
        Return Schwarz's information criterion, `k \log m` more than the deviance.

        ``k`` is the number of weights, ``m`` is the number of points, or the sum of their weights.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).bic()  # rel tol 1e-9
            54.5150508758
        """
        log_likelihood = self._of_likelihood('information criteria').log_likelihood()
        return sage_objects.real_number(len(self._weights) * math.log(self._likelihood.total) - 2 * log_likelihood)

    def likelihood_ratio_test(self, smaller=(), without=None):
        r"""
        Return the likelihood-ratio test of this model against a smaller one.

        INPUT:

        - ``smaller`` -- (default: none) the variables of the smaller model, which has a bias if this one has: a
          list of names; or a model in them by
          :func:`~sage_logreg.training.maximum_likelihood` on the same points, with or without a bias.
          The title of a factor stands for the indicators of all its levels.
          Without any variable and without a bias its probabilities are 1/2 (with an offset, as it says)
        - ``without`` -- in place of ``smaller``, the names that the smaller model leaves out; the title of a factor
          stands for all in which its levels are, and so tests them at once

        OUTPUT: a named tuple :class:`LikelihoodRatio` of the statistic, its
        degrees of freedom and the p-value, by the chi-squared distribution

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1())
            sage: model.likelihood_ratio_test(['x1'])  # rel tol 1e-6
            LikelihoodRatio(statistic=56.3026013, degrees_of_freedom=1, p_value=6.21331691e-14)
            sage: model.likelihood_ratio_test().degrees_of_freedom
            2
            sage: model.likelihood_ratio_test(without='x2') == model.likelihood_ratio_test('x1')
            True

        TESTS::

            sage: model.likelihood_ratio_test(['x3'])
            Traceback (most recent call last):
            ...
            ValueError: the smaller model has the variable x3; expected some of x1, x2
            sage: model.likelihood_ratio_test(without='x1, x3')
            Traceback (most recent call last):
            ...
            ValueError: the smaller model is without the variable x3; expected some of x1, x2
            sage: model.likelihood_ratio_test('x1', without='x2')
            Traceback (most recent call last):
            ...
            ValueError: smaller and without both say what the smaller model is; expected one of them
        """
        estimate = self._of_likelihood('likelihood-ratio tests')
        variables, intercept = self.data.design.variables, self.data.intercept
        biased = smaller.data.intercept if isinstance(smaller, Inference) else intercept
        if biased and not intercept:
            raise ValueError('the smaller model has an intercept and this one has none; expected one without it, or names')
        if without is None:
            names = self._names_in(smaller)
        elif not isinstance(smaller, tuple) or smaller:
            raise ValueError('smaller and without both say what the smaller model is; expected one of them')
        else:
            left_out = self._weights_of('without', without, 'is without')
            names = [name for name in variables if name not in left_out]
        statistic, degrees, p_value = estimate.likelihood_ratio(
            numpy.array([biased] * intercept + [name in names for name in variables], dtype=bool))
        return LikelihoodRatio(sage_objects.real_number(statistic), sage_objects.integer(degrees),
                               sage_objects.real_number(p_value))

    def _names_in(self, smaller):
        # The variables of the smaller model, by this model's names.
        if not isinstance(smaller, Inference):
            return self._weights_of('smaller', smaller, 'has')
        smaller._of_likelihood('likelihood-ratio tests')
        mine, its = self.data, smaller.data
        if not numpy.array_equal(its.labels, mine.labels):
            raise ValueError('the smaller model is of other points, with other labels; expected the same points')
        for name, one, other in [('weights', its.weights, mine.weights), ('offset', its.offset, mine.offset),
                                 ('bias_reduced', smaller._likelihood.bias_reduced, self._likelihood.bias_reduced)]:
            if not numpy.array_equal(one, other):
                raise ValueError(f'the smaller model was estimated with other {name}; expected the same')
        names = _same_columns(its.design, mine.design)
        if None not in names:
            return names
        column = its.design.variables[names.index(None)]
        if None not in _same_columns(mine.design, its.design):
            raise ValueError(f'the model given is the larger one, its column {column} is none of this model; '
                             'expected the smaller one: swap them, larger.likelihood_ratio_test(smaller)')
        raise ValueError(f'the column {column} of the model given is none of this model: neither model is part of the other, '
                         "or their points differ; expected a model in some of this model's columns, on the same points")

    def _weights_of(self, argument, given, has):
        # The variables or features that are given by their names, and by titles of factors.
        titles = self._names_of_titles(involved=argument == 'without')
        if isinstance(given, str):
            names = [given] if given.strip() in titles else given.split(',')
        else:
            # one expression, or several
            names = [given] if hasattr(given, 'variables') else entries(given)
        if names is None:
            expected = 'a list of variables' + ', or a model' * (argument == 'smaller')
            raise TypeError(f'{argument} = {shown(given)}; expected {expected}')
        variables, found = self.data.design.variables, []
        for name in (str(name).strip() for name in names):
            if name not in variables and name not in titles:
                factors = f', or a factor: {listed(titles)}' if titles else ''
                raise ValueError(f'the smaller model {has} the variable {name}; expected some of {listed(variables)}{factors}')
            found += [name] if name in variables else titles[name]
        return found

    def _names_of_titles(self, involved):
        # By the title of a factor the names of its indicators; with involved those of all features that they are in.
        features, titles = self.data.features, {}
        used = {name: {name} for name in self.data.design.variables}
        if involved and features is not None:
            used = {name: set(map(str, expression.variables()))
                    for name, expression in zip(features.names, features.expressions)}
        for factor in self.data.coding.factors:
            names = [name for name in used if used[name] & set(factor.indicators.values())]
            if names:
                titles[str(factor.title).strip()] = names
        return titles

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
        # How many digits of each weight agree with the estimate, or None if none was found; and why there is none.
        likelihood = self._likelihood
        try:
            fit = self._newton(1e-10)
            check_estimate(likelihood, fit)
        except ValueError as error:
            return None, str(error)
        except (KeyboardInterrupt, SystemError) as error:
            if not is_interrupt(error):
                raise
            return None, INTERRUPTED
        return (self._estimate.right_digits(fit) if fit.converged else None), None

    def summary(self, level=0.95):
        r"""
        Return the weights with their standard errors and tests, as a Sage ``table``.

        INPUT:

        - ``level`` -- (default: 0.95) of the confidence intervals

        OUTPUT: a ``table``, which prints as text and is typeset by ``show``. Lines above say which probability is
        modelled, how, and from how many rows. What is
        not a maximum-likelihood estimate says so there, and
        tests and intervals are left out (see :class:`Inference`).
        Of more than a hundred weights the first ones are shown.
        The levels of a factor stand below a line with its title and its reference, the level that the others are
        compared with. The odds ratio is the factor of the odds when the variable grows by 1.
        "Right digits" is how many decimal digits of a weight agree with the
        estimate, with the penalty if there is one, which shows at once whether a descent has
        arrived; it is empty if no estimate was found, or Ctrl-C came meanwhile.
        The standard errors have eight right digits at least

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1, maximum_likelihood
            sage: gradient_descent(ex2data1(), iterations=300000).summary()
            P(y = 1) by gradient_descent, 100 rows
            not an estimate, therefore without standard errors, tests and intervals: the weights are where gradient_descent stopped, 3 standard errors short of it by a Newton step
                                       weight      odds ratio   right digits
            ...
              bias                     -9.25573                 0.2
              x1                       0.0796098   1.08286      0.2
              x2                       0.0732932   1.07605      0.2
              cost                     0.283687
              largest gradient entry   0.015524
              log-likelihood           -28.3687
            sage: maximum_likelihood(ex2data1(), l2=1).summary()
            P(y = 1) by maximum_likelihood, 100 rows
            an estimate with a penalty, therefore without tests and intervals: the penalty l2 = 1 draws the weights to zero
                                       weight        std. error   odds ratio   right digits
            ...
              bias                     -25.0521      5.75378                   14
              x1                       0.205354      0.0476452    1.22796      14
              x2                       0.200584      0.0482665    1.22212      14
              cost                     0.203912
              largest gradient entry   below 1e-12
              log-likelihood           -20.3499
        """
        level = real_number('level', level, above=0, below=1)
        design = self.data.design
        if design.is_sparse and (design.width > MOST_ROWS or len(design) * design.width > MOST_DENSE):
            return self._sparse_summary()
        digits, missing = self._right_digits()
        # what was proved when the model was made is not in doubt after Ctrl-C
        is_proved = missing == INTERRUPTED and self.method == 'maximum_likelihood' and self._converged
        doubt = None if is_proved else missing or self._doubt_of_estimate
        columns = [['', *self.weight_names()], ['weight', *(f'{weight:.6g}' for weight in self._weights)]]
        if not doubt:
            columns.append(['std. error', *(f'{error:.6g}' for error in self._estimate.errors)])
        if not doubt and not self._likelihood.l2:
            columns += self._test_columns(level)
        columns.append(self._odds_ratio_column())
        columns.append(['right digits', *([''] * len(self._weights) if digits is None else map(_digits_text, digits))])
        rows = self._in_blocks(list(map(list, zip(*columns))))
        if len(rows) > MOST_ROWS + 1:
            more = f'... and {len(rows) - 1 - SHOWN_ROWS} more rows'
            rows = rows[:SHOWN_ROWS + 1] + [[more] + [''] * (len(columns) - 1)]
        (cost, gradient), log_likelihood = self._evaluate(), self._estimate.log_likelihood()
        largest = abs(gradient).max()
        facts = {'cost': f'{cost:.6g}',
                 # below this it is only rounding error
                 'largest gradient entry': f'{largest:.6g}' if largest > 1e-12 else 'below 1e-12',
                 'log-likelihood': f'{log_likelihood:.6g}'}
        if not doubt and not self._likelihood.l2:
            facts['AIC'] = f'{float(self.aic()):.6g}'
        rows += [[name, text] + [''] * (len(columns) - 2) for name, text in facts.items()]
        uncounted = 'without right digits: interrupted while they were counted' if is_proved else None
        notes = [*self._heading(), '; '.join(filter(None, [self._kind_text(doubt), uncounted]))]
        return sage_objects.text_table(rows, '\n'.join(filter(None, notes)))

    def _sparse_summary(self):
        # The weights of sparse data that are too many for the Hessian at once, the first few of them.
        rows = [['', 'weight', 'odds ratio']]
        names, ratios = self.weight_names(), [''] * self.data.intercept
        ratios += [f'{float(odds_ratio(weight)):.6g}' for weight in self._weights[len(ratios):SHOWN_ROWS]]
        rows += [[name, f'{weight:.6g}', ratio] for name, weight, ratio in zip(names, self._weights, ratios)]
        if len(names) > SHOWN_ROWS:
            rows.append([f'... and {len(names) - SHOWN_ROWS} more rows', '', ''])
        cost, gradient = self._evaluate()
        rows += [['cost', f'{cost:.6g}', ''], ['largest gradient entry', f'{abs(gradient).max():.3g}', ''],
                 ['log-likelihood', f'{self._log_likelihood():.6g}', '']]
        digits = 'to 8 digits' if self._converged else 'not to 8 digits'
        note = 'sparse data, without standard errors and tests, which need the Hessian (standard_errors() has those of few columns)'
        if self.method == 'maximum_likelihood':
            note += f'; the weights are those of the minimum {digits}'
        return sage_objects.text_table(rows, '\n'.join([*self._heading(), note]))

    def _heading(self):
        # What is modelled, how and from what.
        data, weights = self.data, self.data.weights
        rows = f'{len(data)} rows'
        if data.trials is not None:
            rows = f'{len(data.trials)} groups with {data.trials.sum():g} trials'
        elif weights is not None:
            rows += f' with weights, {data.total():g} in all'
        if data.dropped:
            rows += f' ({data.dropped} more dropped for missing values)'
        without = '' if len(self._weights) > data.design.width else ', no intercept'
        yield f'{self._what()} by {self.method}, {rows}{without}'
        if self.solver() not in (self.method, 'Newton'):
            yield f'solver: {self.solver()}'
        if data.formula:
            yield f'formula: {" ".join(data.formula.split())}'

    def _odds_ratio_column(self):
        ratios = [f'{float(ratio):.6g}' for ratio in self.odds_ratios()]
        return ['odds ratio', *[''] * (len(self._weights) - len(ratios)), *ratios]

    def _in_blocks(self, rows):
        # The rows, those of a factor's levels below what names the factor and its reference.
        levels = {name: (factor, level) for factor in self.data.coding.factors for level, name in factor.indicators.items()}
        result, before = [], None
        for row in rows:
            factor, level = levels.get(row[0], (None, None))
            if factor is not None and factor is not before:
                result += [[text] + [''] * (len(row) - 1) for text in self._factor_texts(factor)]
            result.append(row if factor is None else [f'  {_on_one_line(level)}', *row[1:]])
            before = factor
        return result

    def _factor_texts(self, factor):
        # In one line, or two if it would make the table wide.
        title, own = _on_one_line(factor.title), factor.indicators.get(factor.reference)
        if factor.reference is None or own in self.weight_names():
            # a reference that has a weight of its own is none
            return [title]
        reference = f'(reference {_on_one_line(factor.reference)})'
        return [f'{title} {reference}'] if len(title) + len(reference) < WIDE else [title, f'  {reference}']

    def _test_columns(self, level):
        errors = self._estimate.errors
        ends = zip(*self._estimate.wald_intervals(level))
        return [['z', *(f'{z:.4g}' for z in self._weights / errors)],
                ['P(>|z|)', *(f'{p_value:.3g}' for p_value in self._estimate.p_values())],
                [f'{100 * level:g}% interval', *(f'{low:.6g} .. {high:.6g}' for low, high in ends)]]

    def _kind_text(self, doubt):
        # What the model is, if it is not a maximum-likelihood estimate.
        if doubt:
            return f'not an estimate, therefore without standard errors, tests and intervals: {doubt}'
        if self._likelihood.l2:
            return f'an estimate with a penalty, therefore without tests and intervals: {self._penalty_text()}'
        if self._likelihood.bias_reduced:
            return "a bias-reduced estimate, Firth's; tests and intervals are Wald's, by the Fisher information"
        if not self._options.get('check', True):
            return 'it was not proved that the estimate exists (check=False), which separation(model.data) decides'
        return None

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
            bias = -25.16133356663957 +/- 3e-15
            x1 = 0.2062317132939833 +/- 4e-17
            x2 = 0.2014716004419638 +/- 5e-17
        """
        if self._options.get('cost') is not None or self._options.get('bias_reduced'):
            raise ValueError('certified proves maximum-likelihood estimates; the model minimises another function')
        return certified_maximum_likelihood(self.data, whole_number('digits', digits, minimum=1),
                                            l2=self._options.get('l2', 0))
