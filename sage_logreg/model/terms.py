r"""
Tests of terms

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(penguins(formula='sex ~ species + bill_depth_mm + body_mass_g'))
    sage: model.drop1()
    likelihood-ratio tests of the model without one term; AIC of the whole model 171.024
      term            degrees of freedom   statistic   p-value       AIC
    ...
      species         2                    3.31369     0.19074       170.338
      bill_depth_mm   1                    51.0692     8.91677e-13   220.093
      body_mass_g     1                    99.5768     1.88699e-23   268.601
    sage: model.anova()
    likelihood-ratio tests of terms, one after the other
      term            degrees of freedom   deviance    residual degrees of freedom   residual deviance   p-value
    ...
      (bias)                                           332                           461.609
      species         2                    0.0486109   330                           461.56              0.975988
      bill_depth_mm   1                    200.959     329                           260.601             1.28962e-45
      body_mass_g     1                    99.5768     328                           161.024             1.88699e-23
"""
import numpy

from sage_logreg.dataset.terms import terms
from sage_logreg.solvers.nested import score_statistic, wald_statistic
from sage_logreg.solvers.newton import STEP_ERROR
from sage_logreg.support.arguments import shown
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.progress import progress_bar
from sage_logreg.support.tables import Table

TESTS = {'lr': 'likelihood-ratio tests', 'score': "Rao's score tests", 'wald': "Wald's tests"}


class Terms:
    r"""
    The methods of a model that test its variables, a factor as one.

    EXAMPLES: see :mod:`sage_logreg.model.terms`.
    """

    @interrupts_explained('drop1: interrupted before all terms were tested')
    def drop1(self, test='lr', kind=None, cluster=None):
        r"""
        Return a test of each term: of the model without it against this one.

        INPUT:

        - ``test`` -- (default: ``'lr'``) the likelihood-ratio test, for which the smaller models are estimated; ``'score'``, Rao's
          test, by the gradient of the log-likelihood at their estimates; or ``'wald'``, Wald's, by the covariance of this one's
        - ``kind``, ``cluster`` -- of Wald's test, which covariance it is by, as for ``standard_errors``

        OUTPUT: a :class:`~sage_logreg.support.tables.Table` with a row for each term: the degrees of freedom (of K classes K - 1
        for each column), the statistic, its p-value by the chi-squared distribution, and Akaike's information criterion of the
        model without the term (but of Wald's test, for which no other model is estimated, and of bias-reduced estimates).

        The terms are those of the formula; without one they are the variables, and the columns of a factor are one term. As in R's
        ``drop1``, a term that is part of another one in a formula, such as ``a`` beside ``a:b``, is not tested: without it the model
        would be the same, or depend on the origin of ``b``. Of ``features`` that are given as expressions each is tested

        EXAMPLES::

            sage: from sage_logreg import ex2data1, load_data, maximum_likelihood
            sage: model = maximum_likelihood(ex2data1())
            sage: model.drop1()
            likelihood-ratio tests of the model without one term; AIC of the whole model 46.6995
              term   degrees of freedom   statistic   p-value       AIC
            ...
              x1     1                    64.8251     8.18489e-16   109.525
              x2     1                    56.3026     6.21332e-14   101.002
            sage: model.drop1('score')['statistic']  # rel tol 1e-6
            [44.6960214, 40.6824829]
            sage: model.drop1('wald')['p-value'], model.p_values()[1:]  # rel tol 1e-8
            ([1.735663083e-05, 3.422374527e-05], (1.735663083e-05, 3.422374527e-05))

        TESTS::

            sage: model.drop1('f')
            Traceback (most recent call last):
            ...
            ValueError: test = 'f'; expected 'lr', 'score' or 'wald'
            sage: model.drop1(kind='HC1')
            Traceback (most recent call last):
            ...
            ValueError: kind and cluster are of the covariance, and test = 'lr' does without it; expected test='wald'
            sage: maximum_likelihood(ex2data1(), l2=1).drop1()
            Traceback (most recent call last):
            ...
            ValueError: likelihood-ratio tests are of an estimate by the likelihood alone, and the penalty l2 = 1 draws the weights to zero; expected a model without it

        REFERENCES:

        - J. M. Chambers and T. J. Hastie (editors), *Statistical Models in S*, Wadsworth and Brooks/Cole, 1992, chapter 6.
        - A. Agresti, *Categorical Data Analysis*, third edition, Wiley, 2013, sections 1.3 and 5.2.
        """
        what = self._checked_test(test, TESTS)
        if test != 'wald' and (kind is not None or cluster is not None):
            raise ValueError(f"kind and cluster are of the covariance, and test = {shown(test)} does without it; expected test='wald'")
        estimate = self._uncertainty(what, kind, cluster) if test == 'wald' else self._of_likelihood(what)
        dropped = _droppable(terms(self.data))
        degrees = [self._weights_a_column() * len(term.columns) for term in dropped]
        if test == 'wald':
            statistics = [self._wald_statistic(estimate, list(term.columns)) for term in dropped]
            return _tested(dropped, degrees, statistics, {}, what)
        columns, left = {}, [self._smaller(estimate, test, [term]) for term in progress_bar(dropped, desc='drop1', unit=' terms')]
        ratios = [_ratio(smaller, estimate) for smaller in left]
        note = f'{what} of the model without one term'
        if not self._likelihood.bias_reduced:
            whole = float(self.aic())
            note += f'; AIC of the whole model {whole:.6g}'
            columns['AIC'] = [whole + ratio - 2 * lost for ratio, lost in zip(ratios, degrees)]
        return _tested(dropped, degrees, ratios if test == 'lr' else list(map(score_statistic, left)), columns, note)

    @interrupts_explained('anova: interrupted before all terms were tested')
    def anova(self, test='lr'):
        r"""
        Return the analysis of deviance: the terms are added one after the other, and each is tested against those before it.

        INPUT:

        - ``test`` -- (default: ``'lr'``) the likelihood-ratio test, whose statistic is the deviance that a term takes away; or
          ``'score'``, Rao's test

        OUTPUT: a :class:`~sage_logreg.support.tables.Table`, first with a row of the model that has no term, then with one for each,
        in the order of the formula, as of R's ``anova(model, test='Chisq')``: the degrees of freedom of a term, the deviance
        that it takes away, those that remain, and the p-value by the chi-squared distribution; of Rao's test also its statistic. See
        :meth:`drop1` for what the terms are. The result depends on their order

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: maximum_likelihood(ex2data1()).anova()
            likelihood-ratio tests of terms, one after the other
              term     degrees of freedom   deviance   residual degrees of freedom   residual deviance   p-value
            ...
              (bias)                                   99                            134.602
              x1       1                    37.6002    98                            97.0021             8.68359e-10
              x2       1                    56.3026    97                            40.6995             6.21332e-14

        TESTS::

            sage: maximum_likelihood(ex2data1(), bias_reduced=True).anova()
            Traceback (most recent call last):
            ...
            ValueError: the analysis of deviance is of maximum-likelihood estimates, and this one is bias-reduced; expected drop1()

        REFERENCES: as for :meth:`drop1`.
        """
        what = self._checked_test(test, ['lr', 'score'])
        estimate = self._of_likelihood(what)
        if self._likelihood.bias_reduced:
            raise ValueError('the analysis of deviance is of maximum-likelihood estimates, and this one is bias-reduced; expected drop1()')
        added = terms(self.data)
        models = [self._smaller(estimate, test, added[place:])
                  for place in progress_bar(range(len(added)), desc='anova', unit=' terms')]
        degrees = [self._weights_a_column() * len(term.columns) for term in added]
        # rounding may leave less than zero
        remaining = [float(self.deviance()) + change for change in [*(_ratio(model, estimate) for model in models), 0.0]]
        taken = [max(0.0, before - after) for before, after in zip(remaining, remaining[1:])]
        left = self.degrees_of_freedom().residual + sum(degrees)
        columns = {'term': ['(bias)' if self.data.intercept else '(none)', *(term.name for term in added)],
                   'degrees of freedom': [None, *degrees], 'deviance': [None, *taken],
                   'residual degrees of freedom': [left - sum(degrees[:place]) for place in range(len(degrees) + 1)],
                   'residual deviance': remaining}
        statistics = taken
        if test == 'score':
            statistics = [score_statistic(model, self._free(added[place + 1:])) for place, model in enumerate(models)]
            columns['score statistic'] = [None, *statistics]
        return Table({**columns, 'p-value': [None, *_p_values(degrees, statistics)]}, f'{what} of terms, one after the other')

    def _checked_test(self, test, tests):
        if test not in tests:
            *others, last = map(repr, tests)
            raise ValueError(f'test = {shown(test)}; expected {", ".join(others)} or {last}')
        if test == 'score' and self._options.get('bias_reduced'):
            raise ValueError("test = 'score' is by the gradient of the likelihood, and the estimate is bias-reduced; expected "
                             "test='lr' or test='wald'")
        return TESTS[test]

    def _weights_a_column(self):
        return self._parameters() // self.data.design.count

    def _free(self, without):
        # Which variables of the likelihood remain without some terms.
        gone = {column for term in without for column in term.columns}
        of_columns = [column not in gone for column in range(self.data.design.width)]
        return numpy.tile([True] * self.data.intercept + of_columns, self._weights_a_column())

    def _smaller(self, estimate, test, without):
        # For Rao's statistic the weights must have all their digits, the cost has them before.
        options = {'step_error': STEP_ERROR} if test == 'score' else {}
        return estimate.restricted(self._free(without), **options)

    def _wald_statistic(self, uncertainty, columns):
        places = numpy.array(columns) + int(self.data.intercept)
        if self.data.classes > 2:
            # the differences to a class determine all
            uncertainty = self._against(uncertainty, self._label_names()[0])
            places = (numpy.arange(1, self.data.classes)[:, None] * self.data.design.count + places).ravel()
        return wald_statistic(uncertainty.weights[places], uncertainty.half_covariance[:, places])


def _droppable(given):
    return [term for term in given if not any(term.parts < other.parts for other in given)]


def _ratio(smaller, estimate):
    return max(0.0, 2 * (smaller.cost - estimate.terms[0]))


def _p_values(degrees, statistics):
    from scipy.special import chdtrc
    return [float(chdtrc(count, statistic)) for count, statistic in zip(degrees, statistics)]


def _tested(tested, degrees, statistics, columns, note):
    return Table({'term': [term.name for term in tested], 'degrees of freedom': degrees, 'statistic': statistics,
                  'p-value': _p_values(degrees, statistics), **columns}, note)
