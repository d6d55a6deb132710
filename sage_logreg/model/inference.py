r"""
Inference: how well the data determine the weights

:class:`Inference` holds what models of two and of more classes share of it; the methods of a
:class:`~sage_logreg.model.logistic.LogisticModel` alone are in :mod:`sage_logreg.model.logistic_inference`, those of a
:class:`~sage_logreg.model.multinomial.MultinomialModel` in :mod:`sage_logreg.model.multinomial_inference`.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(ex2data1())
    sage: model.aic()  # rel tol 1e-9
    46.6995403178
    sage: model.likelihood_ratio_test('x1').statistic  # rel tol 1e-6
    56.3026013
"""
import collections
import functools

import numpy

from sage_logreg.dataset.clusters import cluster_numbers
from sage_logreg.dataset.observations import observations
from sage_logreg.exact.certified import certified_maximum_likelihood
from sage_logreg.exact.support import certified_minimum
from sage_logreg.exact.separation import check_enough_rows, check_estimate
from sage_logreg.model.bootstrap import Bootstrapped
from sage_logreg.model.coefficients import Coefficients, CoefficientsOfClasses
from sage_logreg.model.effects import Effects
from sage_logreg.model.goodness import GoodnessOfFit
from sage_logreg.model.influence import Influence
from sage_logreg.model.regions import Regions
from sage_logreg.model.summary import Summarized
from sage_logreg.model.terms import Terms
from sage_logreg.solvers.estimate import Contrasts, Estimate
from sage_logreg.solvers.likelihood import surely_exists
from sage_logreg.solvers.newton import minimize
from sage_logreg.solvers.penalties import has_l1
from sage_logreg.solvers.sandwich import Sandwich, checked_kind
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import entries, listed, real_number, shown, whole_number

# weights are the estimate if a Newton step from them is at most this long, in standard errors
SHORT_STEP = 1e-3

# most columns of sparse data, and most weights of more than two classes, whose Hessian is formed
MOST_COLUMNS = 2000

LikelihoodRatio = collections.namedtuple('LikelihoodRatio', 'statistic degrees_of_freedom p_value')
LikelihoodRatio.__doc__ = r"""
A likelihood-ratio test: twice the difference of the log-likelihoods, its degrees of freedom, the p-value.
"""


def level_and_method(level, method, kind=None, cluster=None):
    r"""
    Return the first two arguments of confidence intervals, checked.
    """
    if method not in ('wald', 'profile'):
        raise ValueError(f"method = {shown(method)}; expected 'wald' or 'profile'")
    for name, given in (('kind', kind), ('cluster', cluster)):
        if method == 'profile' and given is not None:
            raise ValueError(f"{name} = {shown(given)} is of Wald's intervals, and method = 'profile' has no standard errors; expected "
                             "method='wald'")
    return real_number('level', level, above=0, below=1), method


def interval_level(interval, kind=None, cluster=None):
    r"""
    Return the level of the intervals that are asked for, checked; ``None`` if none are.
    """
    for name, given in (('kind', kind), ('cluster', cluster)):
        if interval is None and given is not None:
            raise ValueError(f'{name} = {shown(given)} is of confidence intervals; expected their level as well, such as interval=0.95')
    return None if interval is None else real_number('interval', interval, above=0, below=1)


def _same_columns(design, other):
    # For each column of the one the first name of an equal column of the other, or None.
    columns = list(zip(other.variables, other.points.T))
    return [next((name for name, values in columns if numpy.array_equal(values, column)), None)
            for column in design.points.T]


def _names_in_chunks(its, mine):
    # The columns of a smaller model whose data are in the same chunks: of rows that are not compared the names tell which they are.
    same = its.is_chunked and mine.is_chunked and [(chunk.name, chunk.first) for chunk in its.chunks] == [
        (chunk.name, chunk.first) for chunk in mine.chunks]
    if not same or not (its.totals.counts.tolist() == mine.totals.counts.tolist() and numpy.array_equal(its.totals.rows, mine.totals.rows)):
        raise ValueError('the smaller model is of other points, in other chunks; expected the same points')
    for name, equal in (('weights', numpy.array_equal(its.totals.weights, mine.totals.weights)),
                        ('offset', its.totals.offset == mine.totals.offset)):
        if not equal:
            raise ValueError(f'the smaller model was estimated with other {name}; expected the same')
    for name in its.design.variables:
        if name not in mine.design.variables:
            raise ValueError(f"the column {name} of the model given is none of this model; expected a model in some of this model's columns, "
                             'on the same points')
    return list(its.design.variables)


class Inference(Summarized, GoodnessOfFit, Influence, Effects, Terms, Regions, Bootstrapped):
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
    :meth:`log_likelihood`, :meth:`deviance` and the odds ratios are of the weights, whatever they are.

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
    # A subclass defines _own_likelihood(), the finer variables of it, _log_likelihood(), and for the summary which weights it shows.

    @functools.cached_property
    def _likelihood(self):
        if self._options.get('cost') is not None:
            raise ValueError('the model was trained on a cost of its own; inference needs the likelihood')
        return self._own_likelihood()

    @functools.cached_property
    def _estimate(self):
        # other weights are re-estimated to this tolerance
        tol = self._options['tol'] if self.method == 'maximum_likelihood' else 1e-10
        return Estimate(self._likelihood, self._weights, tol, self._finer)

    @functools.cached_property
    def _doubt_of_estimate(self):
        # Why the weights are not those of the largest likelihood, with its penalty; None if they are.
        if has_l1(self._options):
            without_curvature = self._options.get('l1') or self._options.get('l1_ratio')
            return f'the penalty {self._penalty()} makes weights zero, where it has no curvature' if without_curvature else self._penalty_text()
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
            check_enough_rows(self.data if self.data.is_chunked else self.data.counted())
        return minimize(self._likelihood, self._likelihood.from_user(self._weights), tol, finer=self._finer, **options)

    def _of_estimate(self, what):
        # The estimate, if the weights are one.
        if self._doubt_of_estimate:
            raise ValueError(f'{what} are of an estimate, and {self._doubt_of_estimate}; '
                             'expected a converged model of maximum_likelihood' + ' without l1' * has_l1(self._options))
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

    def _uncertainty(self, what, kind=None, cluster=None, penalized=False):
        # What knows how sure the weights are: weights, errors, covariance(), half_covariance in the units of the data; an Estimate,
        # with ``penalized`` also one with the penalty l2.
        if kind is None and cluster is None:
            return self._of_estimate(what) if penalized else self._of_likelihood(what)
        kind, what = checked_kind(kind, cluster is not None, self.data.classes), f'robust {what}'
        estimate = self._of_likelihood(what)
        if self._likelihood.bias_reduced:
            raise ValueError(f"{what} are of an estimate by the likelihood alone, and bias_reduced=True adds Firth's penalty; expected a model "
                             'without it')
        found, probabilities = self._observations(what)
        clusters = None if cluster is None else cluster_numbers(cluster, self._in_memory(what), found)
        return Sandwich(estimate, found, probabilities, kind, clusters)

    # The observations

    def _in_memory(self, what, data=None):
        # The data, the model's own or others, whose rows are looked at one by one.
        data = self.data if data is None else data
        if data.is_chunked:
            raise ValueError(f'the data are in {len(data.chunks)} chunks, and {what} are of rows in memory; expected a model of '
                             'data.sample(...) or data.in_memory()')
        return data.dense(what)

    def _observations(self, what, data=None):
        # Groups or rows, and the probabilities of the classes there, g x K.
        found = observations(self._in_memory(what, data))
        return found, self._probabilities_of_classes(found.design, found.offset)

    # Against a class

    def _against(self, estimate, baseline):
        # An estimate, or its differences to a class given by its name.
        if baseline is None:
            return estimate
        return Contrasts(estimate, self._place(baseline), list(range(self.data.classes)))

    def _matrix(self, numbers):
        return sage_objects.real_matrix(self._of_classes(numbers))

    def _coefficients_of_classes(self, level, method, place, **robust):
        names, labels = self.weight_names(), self._label_names()

        def of_classes(numbers):
            # or why there are none
            try:
                return [dict(zip(names, row)) for row in numbers()]
            except ValueError as error:
                if any(given is not None for given in robust.values()):
                    # who asks for robust errors wants no table without
                    raise
                return [str(error)] * len(labels)

        def errors():
            return map(sage_objects.real_numbers, self._of_classes(
                self._against(self._uncertainty('standard errors', penalized=True, **robust), labels[place]).errors))

        rows = self._of_classes()
        weights = of_classes(lambda: map(sage_objects.real_numbers, rows - rows[place]))
        errors = of_classes(errors)
        intervals = of_classes(lambda: self.confidence_intervals(level, method, labels[place], **robust))
        return CoefficientsOfClasses({
            labels[k]: (self.data.label_text(k), Coefficients(weights[k], self.data.design.variables, errors[k], intervals[k], level, self.RATIO))
            for k in self._others(place)})

    def _wald_of(self, kind, cluster):
        # What a summary shows; that of weights which are no estimate is not shown, but for its weights.
        return self._estimate if kind is None and cluster is None else self._uncertainty('standard errors', kind, cluster)

    def _wald(self, baseline, kind=None, cluster=None):
        return Contrasts(self._wald_of(kind, cluster), baseline, self._others(baseline))

    def _shown_weights(self, baseline):
        rows = self._of_classes()
        return (rows - rows[baseline])[self._others(baseline)].ravel()

    def _titles_of_blocks(self, baseline):
        return [self.data.label_text(k) for k in self._others(baseline)]

    # The model against a smaller one

    def likelihood_ratio_test(self, smaller=(), without=None):
        r"""
        Return the likelihood-ratio test of this model against a smaller one.

        INPUT:

        - ``smaller`` -- (default: none) the variables of the smaller model, which has a bias if this one has: a
          list of names; or a model in them by
          :func:`~sage_logreg.training.maximum_likelihood` on the same points, with or without a bias.
          The title of a factor stands for the indicators of all its levels.
          Without any variable and without a bias its classes are equally probable (with an offset, as it says)
        - ``without`` -- in place of ``smaller``, the names that the smaller model leaves out; the title of a factor
          stands for all in which its levels are, and so tests them at once

        OUTPUT: a named tuple :class:`LikelihoodRatio` of the statistic, its
        degrees of freedom and the p-value, by the chi-squared distribution. Of K classes each column has K - 1 degrees

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
        free = numpy.array([biased] * intercept + [name in names for name in variables], dtype=bool)
        statistic, degrees, p_value = estimate.likelihood_ratio(numpy.tile(free, self._parameters() // len(free)))
        return LikelihoodRatio(sage_objects.real_number(statistic), sage_objects.integer(degrees),
                               sage_objects.real_number(p_value))

    def _names_in(self, smaller):
        # The variables of the smaller model, by this model's names.
        if not isinstance(smaller, Inference):
            return self._weights_of('smaller', smaller, 'has')
        smaller._of_likelihood('likelihood-ratio tests')
        mine, its = self.data, smaller.data
        if smaller._likelihood.bias_reduced != self._likelihood.bias_reduced:
            raise ValueError('the smaller model was estimated with other bias_reduced; expected the same')
        if mine.is_chunked or its.is_chunked:
            return _names_in_chunks(its, mine)
        if not numpy.array_equal(its.labels, mine.labels):
            raise ValueError('the smaller model is of other points, with other labels; expected the same points')
        for name, one, other in [('weights', its.weights, mine.weights), ('offset', its.offset, mine.offset)]:
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

    def _weights_of(self, argument, given, has=None):
        # The variables or features that are given by their names, and by titles of factors.
        titles = self._names_of_titles(involved=argument != 'smaller')
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
                what = f'the smaller model {has} the variable {name}' if has else f'{argument} = {shown(name)}'
                raise ValueError(f'{what}; expected some of {listed(variables)}{factors}')
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

    # The proof

    def certified(self, digits=15):
        r"""
        Return the estimate that this model approximates, in balls that provably contain it.

        INPUT:

        - ``digits`` -- (default: 15) how many digits of every weight are wanted

        OUTPUT: a :class:`~sage_logreg.exact.certified.CertifiedEstimate`, for the model's
        data, ``l2``, ``weights`` and ``offset``. With a penalty of absolute values, of ``maximum_likelihood(..., l1=...)`` or of a path, a
        :class:`~sage_logreg.exact.certified_support.CertifiedSupport`, which proves as well which weights are zero

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.certified()
            Maximum-likelihood estimate, proved to 15 digits
            bias = -25.16133356663957 +/- 3e-15
            x1 = 0.2062317132939833 +/- 4e-17
            x2 = 0.2014716004419638 +/- 5e-17

        Of a path, whose `\lambda` is a float::

            sage: from sage_logreg import regularization_path
            sage: path = regularization_path(ex2data1())
            sage: path.model(path.lambdas()[0]).certified(digits=5)
            Support of 2 weights at lambda = 0.28..., proved to 5 digits
            bias = 0.405465 +/- ...e-...
            zero: x1, x2
            sage: path.model(0.25).certified(digits=5)
            Support of 2 weights at lambda = 1/4, proved to 5 digits
            bias = -0.0608189 +/- ...e-...
            x1 = 0.00674001 +/- ...e-...
            x2 = 0.000385453 +/- ...e-...
        """
        if self.data.is_chunked:
            raise ValueError(f'the data are in {len(self.data.chunks)} chunks, and proved digits are of rows in memory; expected a model of '
                             'data.in_memory()')
        if self._options.get('cost') is not None or self._options.get('bias_reduced'):
            raise ValueError('certified proves maximum-likelihood estimates; the model minimises another function')
        digits = whole_number('digits', digits, minimum=1)
        if has_l1(self._options):
            return certified_minimum(self.data, self._options, digits)
        return certified_maximum_likelihood(self.data, digits, l2=self._options.get('l2', 0))
