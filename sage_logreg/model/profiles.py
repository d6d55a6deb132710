r"""
The likelihood itself: its profile as a picture, its information as formulas, and what follows from counting alone

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood([[0, 0], [0, 0], [0, 1], [1, 0], [1, 1], [1, 1], [2, 0], [2, 1], [2, 1]])
    sage: model.likelihood_profile('x1')
    Graphics object consisting of 6 graphics primitives
    sage: information = model.fisher_information()
    sage: at = dict(zip(information[0, 0].variables(), model.weights()))
    sage: (information.subs(at).change_ring(RDF) * model.covariance() - 1).norm() < 1e-9
    True
    sage: model.exact_test('x1').p_value
    5/7
"""
import typing

from sage_logreg.dataset.exact_numbers import checked_exact
from sage_logreg.dataset.labels import any_of
from sage_logreg.exact.conditional import MOST_STATES, exact_test
from sage_logreg.solvers.estimate import Estimate, Wald
from sage_logreg.support.arguments import listed, real_number, shown, whole_number
from sage_logreg.support.interrupt import interrupts_explained

# weights on each side of the estimate at which a profile is drawn
STEPS = 30


class WeightsOfProfile(typing.NamedTuple):
    r"""
    Weights by their ``places`` among those of an ``estimate``, and their ``titles``; ``wald`` has their weights and errors.
    """

    places: list
    titles: list
    estimate: Estimate
    wald: Wald


class Profiles:
    r"""
    The methods of a model that draw or write down the likelihood and what follows from it exactly.

    EXAMPLES: see :mod:`sage_logreg.model.profiles`.
    """

    @interrupts_explained('likelihood_profile: interrupted before the profile was found')
    def likelihood_profile(self, weight, level=0.95, label=None, baseline=None, **options):
        r"""
        Return the profile of the likelihood along a weight: how far the log-likelihood falls, the other weights re-estimated.

        INPUT:

        - ``weight`` -- the name of a weight, as in ``weight_names()``, or its number there
        - ``level`` -- (default: 0.95) of the interval that is marked
        - ``label`` -- of more than two classes, the class whose weight it is
        - ``baseline`` -- (default: the first class) the class that it is compared with; the profile is that of the difference
        - ``options`` -- options of Sage's ``line`` and of ``show``; ``legend_label`` may be three texts: for the profile, the parabola
          and the interval

        OUTPUT: a ``Graphics``. Beside the profile, dashed, is the parabola that Wald's intervals and tests have in its place; where
        the profile is below the dotted line, a likelihood-ratio test rejects the weight, and its ends there are those of
        ``confidence_intervals(method='profile')``

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: model = maximum_likelihood(ex2data1())
            sage: picture = model.likelihood_profile('x1')
            sage: picture
            Graphics object consisting of 6 graphics primitives
            sage: picture._extra_kwds['axes_labels']
            ['weight of x1', 'log-likelihood below its maximum']
            sage: picture[4].options()['legend_label']
            '95% interval 0.127936 .. 0.320452'
            sage: model.likelihood_profile(0, level=0.5)
            Graphics object consisting of 6 graphics primitives

        Of more than two classes the weights are differences to one of them::

            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.likelihood_profile('x1', label='b')._extra_kwds['axes_labels'][0]
            "weight of x1 (y = 'b' against y = 'a')"

        TESTS::

            sage: model.likelihood_profile('x1')
            Traceback (most recent call last):
            ...
            ValueError: likelihood profiles are of one class against another; expected label='b' or 'c', of those against y = 'a'
            sage: model.likelihood_profile('x1', label='b', baseline='b')
            Traceback (most recent call last):
            ...
            ValueError: label and baseline are both y = 'b'; expected two different classes
            sage: model = maximum_likelihood(ex2data1())
            sage: model.likelihood_profile('x3')
            Traceback (most recent call last):
            ...
            ValueError: weight = 'x3'; expected one of bias, x1, x2, or its number
            sage: model.likelihood_profile('x1', label=0)
            Traceback (most recent call last):
            ...
            ValueError: label and baseline are of more than two classes, and the model has two; expected neither
            sage: maximum_likelihood(ex2data1(), l2=1).likelihood_profile('x1')
            Traceback (most recent call last):
            ...
            ValueError: likelihood profiles are of an estimate by the likelihood alone, and the penalty l2 = 1 draws the weights to zero; expected a model without it

        REFERENCES:

        - D. J. Venzon and S. H. Moolgavkar, *A method for computing profile-likelihood-based confidence intervals*, Applied Statistics
          37 (1988), no. 1, 87-94.
        """
        from sage_logreg.plot.profile import plot_profile
        level = real_number('level', level, above=0, below=1)
        weights = self._weights_of_profile('likelihood profiles', {'weight': weight}, label, baseline)
        (j,), error = weights.places, weights.wald.errors[weights.places[0]]
        return plot_profile(*weights.titles, weights.estimate.profile(j, level, error, STEPS), error, level, **options)

    # Weights whose likelihood is drawn, the others re-estimated

    def _weights_of_profile(self, what, given, label, baseline):
        # By the arguments that name them; of more than two classes differences of one class to another.
        names, wald, estimate, place, against = self.weight_names(), self._estimate, self._of_likelihood(what), 0, ''
        numbers = [self._number_of_weight(argument, weight) for argument, weight in given.items()]
        if self.data.classes > 2:
            one, other = self._pair_of_labels(what, label, baseline)
            estimate, wald, place = self._of_differences(other), self._wald(other), self._others(other).index(one)
            against = f' ({self.data.label_text(one)} against {self.data.label_text(other)})'
        elif label is not None or baseline is not None:
            raise ValueError('label and baseline are of more than two classes, and the model has two; expected neither')
        titles = ['weight of ' * (j >= self.data.intercept) + names[j] + against for j in numbers]
        return WeightsOfProfile([j + place * self.data.design.count for j in numbers], titles, estimate, wald)

    def _number_of_weight(self, argument, given):
        names = self.weight_names()
        if isinstance(given, str) or hasattr(given, 'variables'):
            if str(given).strip() not in names:
                raise ValueError(f'{argument} = {shown(given)}; expected one of {listed(names)}, or its number')
            return names.index(str(given).strip())
        return whole_number(argument, given, maximum=len(names) - 1)

    def _pair_of_labels(self, what, label, baseline):
        other = self._baseline(baseline)
        if label is None:
            labels = any_of([self._label_names()[k] for k in self._others(other)])
            raise ValueError(f'{what} are of one class against another; expected label={labels}, of those against {self.data.label_text(other)}')
        if self._place(label) == other:
            raise ValueError(f'label and baseline are both {self.data.label_text(other)}; expected two different classes')
        return self._place(label), other

    @interrupts_explained('fisher_information: interrupted before the sums over all points were written down')
    def fisher_information(self, *w):
        r"""
        Return Fisher's information of the weights over the data, as a matrix of expressions in the weights.

        INPUT:

        - ``w`` -- n + 1 symbols, names, expressions or numbers for the weights, the bias first (default: ``w0``, ``w1``, ...); without
          an intercept n (default: ``w1``, ...); of K classes as for ``symbolic_cost``

        OUTPUT: an (n + 1) x (n + 1) matrix over ``SR``, the expected Hessian of the summed cost without any penalty:
        `\sum_i m_i x_{ij} x_{ik} p_i (1 - p_i)` with `p_i = 1 / (1 + e^{-z_i})`, in exact numbers where the data are exact. It does
        not depend on the labels, only on how often (`m_i`) each point was seen. Of K classes it is K (n + 1) x K (n + 1), class by
        class, in blocks with `p_{ia} ([a = b] - p_{ib})` in place of `p_i (1 - p_i)`; as the weights of all classes can be shifted
        together it is singular

        EXAMPLES::

            sage: from sage_logreg import load_data, maximum_likelihood
            sage: model = maximum_likelihood(load_data(([[0], [1/2]], [1, 2], [3, 5]), variables='dose'))
            sage: model.fisher_information(var('a, b'))[1, 1]
            5/4/((e^(a + 1/2*b) + 1)*(e^(-a - 1/2*b) + 1))

        What is known before any label is seen, where all weights are zero::

            sage: model.fisher_information(0, 0)
            [   2  5/8]
            [ 5/8 5/16]

        At the estimate its inverse is the covariance; of K classes, the pseudo-inverse::

            sage: model.fisher_information(*model.weights()).inverse()  # rel tol 1e-9
            [ 1.5 -3.0]
            [-3.0 9.33333333333]
            sage: model.covariance()  # rel tol 1e-9
            [ 1.5 -3.0]
            [-3.0 9.33333333333]
            sage: maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']]).fisher_information([0]*6)[:2]
            [ 14/9  34/9  -7/9 -17/9  -7/9 -17/9]
            [ 34/9  94/9 -17/9 -47/9 -17/9 -47/9]

        TESTS::

            sage: from sage_logreg import digits, gradient_descent
            sage: gradient_descent(digits().take(range(100)), iterations=1).fisher_information()
            Traceback (most recent call last):
            ...
            ValueError: the information of 650 weights has up to ... terms over 100 different points; expected at most 20000, or covariance(), its inverse at the estimate
        """
        if self._options.get('cost') is not None:
            raise ValueError("the model was trained on a cost of its own; Fisher's information is of the likelihood")
        self._in_memory("Fisher's information")
        from sage_logreg.symbolic.information import fisher_information
        return fisher_information(self, w)

    @interrupts_explained('exact_test: interrupted before all ways to give the labels were counted')
    def exact_test(self, term, alternative='two-sided', method='probability', exact=None, most_states=MOST_STATES):
        r"""
        Return the exact conditional test that the weights of a term are zero, by counting, in whole numbers.

        It is of the data alone, so any model of them has it, also where the classes are separated and no estimate exists.

        INPUT:

        - ``term`` -- a variable or feature, several of them, or the title of a factor, whose weights are tested together
        - ``alternative`` -- (default: ``'two-sided'``) or ``'greater'`` or ``'less'``: what the weight is, of a single one
        - ``method`` -- of two-sided tests, what is as extreme as the sums observed: ``'probability'`` (default), those that are at
          most as probable, as in Fisher's test of a table; or ``'score'``, those that are at least as far from their mean, by the
          inverse of their covariance
        - ``exact`` -- (default: ``'decimal'``) what floats stand for, their shortest ``'decimal'`` or the ``'binary'`` number. Sums
          must be the same where they are meant to be
        - ``most_states`` -- (default: a million) how many numbers of 64 bits may be needed to count the ways at any time; about
          100 bytes each

        OUTPUT: an :class:`~sage_logreg.exact.conditional.ExactTest`, shown as a table, with the rational ``p_value``, the
        ``distribution`` of the sums, and of a single weight its conditional estimate and exact confidence interval

        EXAMPLES:

        A table of two by two, Fisher's test::

            sage: from sage_logreg import load_data, maximum_likelihood
            sage: tea = load_data(([[1], [0]], [3, 1], [4, 4]), variables='milk')
            sage: test = maximum_likelihood(tea).exact_test('milk')
            sage: test.p_value, test.distribution
            (17/35, {0: 1, 1: 16, 2: 36, 3: 16, 4: 1})

        Penicillin given to rabbits at once or after some delay, in five doses, and how many were cured; nobody was with
        the smallest dose, all with the largest, so the likelihood has no maximum::

            sage: doses = ['1/8', '1/4', '1/2', '1', '4']
            sage: rabbits = load_data(([[delayed, dose] for dose in doses for delayed in (0, 1)],
            ....:                      [0, 0, 3, 0, 6, 2, 5, 6, 2, 5], [6, 5, 6, 6, 6, 6, 6, 6, 2, 5]),
            ....:                     variables='delayed, dose', categorical='dose')
            sage: model = maximum_likelihood(rabbits, bias_reduced=True)
            sage: test = model.exact_test('delayed')
            sage: test
            Exact test that the weight of delayed is zero, given the sums of bias, dose_1_2, dose_1_4, dose_1_8, dose_4
            two-sided by probability, by counting 1306800 ways to give the labels, with 9 values of the sum
              term      sum   p-value     mid-p value   conditional estimate   95% interval
            ...
              delayed   13    0.0399449   0.0306474     -2.33805               -6.27573 .. -0.0745394
            sage: test.p_value
            29/726
            sage: model.exact_test('dose', method='score').p_value
            2773103/66294277249200

        TESTS::

            sage: maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']]).exact_test('x1')
            Traceback (most recent call last):
            ...
            ValueError: an exact test is of two classes, and the model has 3; expected that of two of them, as model.between('a', 'b').exact_test('x1')

        ALGORITHM: see :mod:`sage_logreg.exact.conditional`.

        REFERENCES:

        - N. Mantel, *Chi-square tests with one degree of freedom: extensions of the Mantel-Haenszel procedure*, J. Amer. Statist.
          Assoc. 58 (1963) 690-700.
        """
        data = self._in_memory('exact tests')
        self._of_two('an exact test', f'exact_test({shown(term)})')
        names = list(dict.fromkeys(self._weights_of('term', term)))
        if not names:
            raise ValueError('the term has no variable; expected one or more')
        return exact_test(data, names, alternative, method, checked_exact(exact), whole_number('most_states', most_states, minimum=1))
