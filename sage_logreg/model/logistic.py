r"""
The trained model: weights, cost, history, predictions

Formulas come from :mod:`sage_logreg.symbolic.formula`, pictures from
:mod:`sage_logreg.plot.boundary` and the modules beside it.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=300000)
    sage: model.weights()  # abs tol 1e-8
    (-9.25573205, 0.07960975, 0.07329322)
    sage: model.accuracy()
    0.91
    sage: model.boundary()  # rel tol 1e-6
    -1.08618165*x1 + 126.283596
    sage: model.plot()
    Graphics object consisting of 3 graphics primitives
"""
import collections
import copy

import numpy

from sage_logreg.dataset.labels import place_if_label
from sage_logreg.model.classifier import Classifier
from sage_logreg.model.inference import interval_level
from sage_logreg.model.lazily import lazy_predictions, lazy_probabilities, points_in_chunks
from sage_logreg.model.logistic_inference import LogisticInference
from sage_logreg.model.storage import kind_of_model
from sage_logreg.solvers.chunked_problem import problem_of
from sage_logreg.solvers.descent import METHODS
from sage_logreg.solvers.likelihood import Likelihood, likelihood_options
from sage_logreg.solvers.penalties import has_l1, path_options, penalties_of, with_penalties
from sage_logreg.solvers.problem import check_own_cost, penalty_factors, problem_options
from sage_logreg.solvers.whitening import determined
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import entries, real_number, real_vector
from sage_logreg.support.interrupt import interrupts_explained


def expit(z):
    r"""
    Return `1/(1 + e^{-z})` of an array.
    """
    # SciPy takes longer to import than all the rest
    from scipy.special import expit
    return expit(z)


def _ones(probabilities, threshold):
    # Which probabilities are enough for predicting y = 1.
    return probabilities >= real_number('threshold', threshold, minimum=0, maximum=1)


Interval = collections.namedtuple('Interval', 'probability lower upper')
Interval.__doc__ = r"""
A probability and the ends of its confidence interval.
"""

# the options that the cost depends on, which are those of given weights
OF_COST = ('l2', 'bias_reduced', 'cost', 'l1')
# those of a model of a path
OF_PATH = ('lambda_', 'l1_ratio', 'standardize', 'penalty_factors', 'grouped')


def options_of_cost(options):
    r"""
    Return the options of given weights whose cost is that of a model with these options.
    """
    names = OF_PATH if 'lambda_' in options else [name for name in OF_COST if options.get(name)]
    return {'l2': 0.0, **{name: options[name] for name in names if name in options}}


@kind_of_model
class LogisticModel(Classifier, LogisticInference):
    r"""
    A logistic model, `P(y = 1 | x) = 1/(1 + e^{-(w_0 + w_1 x_1 + ... + w_n x_n)})`.

    The training functions return it.

    INPUT:

    - ``data`` -- the :class:`~sage_logreg.dataset.dataset.Dataset` that it was trained on
    - ``weights`` -- float64 array of n + 1 weights, the bias first; of n weights, if the data have no intercept
    - ``history`` -- list of :class:`~sage_logreg.solvers.records.Record`
    - ``iterations`` -- int; steps done, epochs for stochastic gradient descent
    - ``converged`` -- whether the weights have 8 correct digits of the minimum
    - ``method`` -- string; the name of the function that trained it
    - ``options`` -- dictionary of the options of that training
    - ``descent`` -- (default: ``None``) a :class:`~sage_logreg.solvers.records.Descent`, if one trained it
    - ``solver`` -- (default: ``None``) string; how an estimate was found

    EXAMPLES::

        sage: from sage_logreg import gradient_descent, ex2data1
        sage: gradient_descent(ex2data1(), iterations=1000)
        Logistic model in x1, x2 by gradient_descent: 1000 iterations, cost 0.624986, largest gradient entry 0.0692
        sage: from sage_logreg import maximum_likelihood
        sage: maximum_likelihood([[0, 'no'], [1, 'yes'], [2, 'no'], [3, 'yes']])
        Logistic model of P(y = 'yes') in x1 by maximum_likelihood: 5 iterations, cost 0.586872, largest gradient entry ...
        sage: maximum_likelihood(ex2data1(), l2=1, callback=lambda step, *record: step == 2)
        Logistic model in x1, x2 by maximum_likelihood, l2 = 1: 2 iterations, cost 0.245246, largest gradient entry ..., not converged
    """

    def __repr__(self):
        data = self.data
        return f'Logistic model {"" if data.is_plain else f"of {self._what()} "}in {data.model_text()} {self._ending()}'

    def _what(self):
        # What is modelled.
        return f'P({self.data.label_text(1)})'

    def _evaluate(self, data=None, weights=None):
        # The cost and its gradient, by default for the model's own data and weights.
        weights = self._weights if weights is None else weights
        data = self._checked(data)
        if has_l1(self._options):
            biases, slopes = data.design.parts(weights)
            cost, gradient = LogisticModel(self.data, weights)._evaluate(data)
            cost, of_slopes = with_penalties(cost, gradient[len(biases):], slopes, *self._column_penalties(data))
            return cost, numpy.concatenate([gradient[:len(biases)], of_slopes])
        if data.is_chunked and not self._options.get('bias_reduced'):
            return self._evaluate_chunks(data, weights)
        # sparse data are not centred
        if not data.design.is_sparse and self.method == 'maximum_likelihood' or self._options.get('bias_reduced'):
            data = data.dense('the bias-reduced cost')
            # the determinant of Firth's estimate belongs to its own data
            likelihood = self._likelihood if data == self.data else Likelihood(data, self._options.get('l2', 0.0))
            return determined(likelihood, weights).mean_cost(weights)
        own, rows = self._options.get('cost'), (data.relative_weights(), data.offset)
        check_own_cost(own, data)
        penalty = penalty_factors(self._options.get('l2', 0.0), data)
        if data.design.is_sparse and own is None:
            # without Theano
            from sage_logreg.cost.sparse import evaluate_sparse
            return evaluate_sparse(data.design.points, data.labels, weights, penalty, *rows)
        from sage_logreg.cost.evaluation import evaluate
        data = data.dense("a cost of one's own")
        return evaluate(data.design.points, data.labels, weights, penalty, own, *rows)

    def _column_penalties(self, data):
        return penalties_of(self._options, data)

    def _problem(self):
        # The problem it was trained on, to continue with.
        return problem_of(self.data, *(self._options[name] for name in ('scale', 'l2', 'cost')))

    def _entries(self):
        return {}

    @classmethod
    def methods(cls):
        r"""
        Return the names of the trainings that make such a model.
        """
        return (*METHODS, 'maximum_likelihood', 'regularization_path', 'given weights')

    @classmethod
    def checked_options(cls, method, options, data):
        r"""
        Return the options of a training, checked.
        """
        if method == 'maximum_likelihood':
            return likelihood_options(**options)
        if 'lambda_' in options:
            others = {name: options[name] for name in ('l1_ratio', 'standardize', 'penalty_factors')}
            checked = path_options(data.design.width, tol=options.get('tol', 1.0), classes=data.classes, grouped=options.get('grouped'), **others)
            checked = {'lambda_': real_number('lambda_', options['lambda_'], above=0), **checked, 'l2': 0.0}
            names = *OF_PATH, 'tol' if method == 'regularization_path' else 'l2'
            return {name: checked[name] for name in names if name in checked}
        if method == 'given weights':
            # the first is in every file, the others where they have been given
            checked = {**likelihood_options(options.get('l2', 0.0), options.get('bias_reduced', False), 1.0, l1=options.get('l1', 0.0)),
                       **problem_options(data, False, options.get('l2', 0.0), options.get('cost'))}
            return {name: checked[name] for name in OF_COST if name in options}
        problem = {name: options[name] for name in ('scale', 'l2', 'cost')}
        return {**METHODS[method].of_options(options, 0).options(), **problem_options(data, **problem)}

    @classmethod
    def _from_entries(cls, entries, data):
        if data.classes > 2:
            raise ValueError(f'label_names: there are {data.classes} of them; expected two, of a model of two classes')
        return cls, data.design.count

    def options(self):
        r"""
        Return the options of the training, as a dictionary; for an estimate with the rows' weights and offset.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: sorted(maximum_likelihood(ex2data1()).options())
            ['bias_reduced', 'l2', 'offset', 'tol', 'weights']
        """
        rows = {}
        if self.method == 'maximum_likelihood':
            # in chunks as they were given, such as the titles of columns
            given = vars(self.data.plan.asked) if self.data.is_chunked else self.data.of_rows()
            rows = {name: copy.copy(given[name]) for name in ('weights', 'offset')}
        return {**super().options(), **rows}

    def with_weights(self, weights):
        r"""
        Return a model of the same data, with the same cost and penalty, with other weights.

        INPUT:

        - ``weights`` -- as many real numbers as the model has weights, the bias first

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: maximum_likelihood(ex2data1()).with_weights([-25, 0.2, 0.2]).boundary()
            -1.0*x1 + 125.0
            sage: model = maximum_likelihood(ex2data1(), bias_reduced=True)
            sage: model.with_weights(model.weights()).cost() == model.cost()
            True
        """
        weights = real_vector('weights', weights, len(self._weights))
        return LogisticModel(self.data, weights, options=options_of_cost(self._options))

    def _of_classes(self, numbers=None):
        # As of more classes, a row a label; the weights of the first one are zero.
        if numbers is None:
            numbers = numpy.concatenate([0.0 * self._weights, self._weights])
        return numbers.reshape(2, -1)

    def _contrast(self, one, other, data=None):
        rows = self._of_classes()
        return LogisticModel(self.data if data is None else data, rows[one] - rows[other])

    def weights(self, baseline=None):
        r"""
        Return the n + 1 weights, the bias first; without an intercept the n weights.

        INPUT:

        - ``baseline`` -- (default: none) one of the two labels; the result is then as of more classes, a 2 x (n + 1) matrix of the
          differences to its weights, a row a label

        OUTPUT: a vector over ``RDF``; :meth:`~sage_logreg.model.logistic_inference.LogisticInference.coefficients`
        has them by name

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.weights()  # abs tol 1e-8
            (-9.25573205, 0.07960975, 0.07329322)
            sage: model.weights(baseline=1)  # abs tol 1e-8
            [ 9.25573205 -0.07960975 -0.07329322]
            [        0.0         0.0         0.0]
        """
        return super().weights() if baseline is None else self._differences(baseline)

    def _weight_names(self):
        # as labels of axes
        return ['bias'] * self.data.intercept + [f'weight of {name}' for name in self.data.design.variables]

    # Predictions

    @interrupts_explained('probability: interrupted before all were found')
    def probability(self, points, interval=None, missing='error', kind=None, cluster=None):
        r"""
        Return the probability that y = 1 at some points, with a confidence interval if wanted.

        INPUT:

        - ``points`` -- one point (n numbers or levels, or a dictionary of them by name), or a list, matrix, array or
          frame of them, the path of a file, or a ``Dataset``; their offset is zero. Columns with names are found by their names; others
          are left alone. Of a Dask frame or array, a folder or a glob of files, or data in chunks the result is lazy
          (see :mod:`~sage_logreg.model.lazily`), with their chunks
        - ``missing`` -- (default: ``'error'``) ``'drop'`` leaves out the points with missing values, with a warning
        - ``interval`` -- (default: none) the level of confidence intervals, such as 0.95; only of an estimate without
          the penalty ``l2``, as :meth:`confidence_intervals`
        - ``kind``, ``cluster`` -- (default: none) of these intervals, as for :meth:`standard_errors`

        OUTPUT: a vector over ``RDF``, or one element of ``RDF`` for one point. With ``interval`` a list of named tuples
        ``Interval(probability, lower, upper)`` over ``RDF``, or one for one point

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.probability([45, 85])  # abs tol 1e-6
            0.635673
            sage: model.probability([[45, 85], [30, 40]])  # abs tol 1e-6
            (0.635673, 0.019158)

        Of an estimate, with confidence intervals::

            sage: from sage_logreg import maximum_likelihood
            sage: estimate = maximum_likelihood(ex2data1())
            sage: estimate.probability([45, 85], interval=0.95)  # rel tol 1e-6
            Interval(probability=0.776290691, lower=0.458766155, upper=0.934236826)
            sage: [point.lower for point in estimate.probability([[45, 85], [30, 40]], interval=9/10)]  # rel tol 1e-6
            [0.515319690, 2.76728578e-07]

        TESTS::

            sage: model.probability([45, 85, 60])
            Traceback (most recent call last):
            ...
            ValueError: the point has 3 numbers; expected 2 (x1, x2)
            sage: model.probability([45, 85], interval=0.95)
            Traceback (most recent call last):
            ...
            ValueError: confidence intervals are of an estimate, and the weights are where gradient_descent stopped, 3 standard errors short of it by a Newton step; expected a converged model of maximum_likelihood
            sage: estimate.probability([45, 85], interval=95)
            Traceback (most recent call last):
            ...
            ValueError: interval = 95; expected a real number above 0 and below 1

        ALGORITHM:

        The delta method on the log-odds: `x^T w` has the standard error `\sqrt{x^T C x}`, `x` with a one before it and
        `C` the :meth:`covariance`; the ends of its interval are converted to probabilities, so that they stay between
        0 and 1. An interval is of the probability at its own point, not of all at once.

        REFERENCES:

        - D. W. Hosmer, S. Lemeshow and R. X. Sturdivant, *Applied Logistic Regression*, third edition, Wiley, 2013.
        - A. Agresti, *Categorical Data Analysis*, third edition, Wiley, 2013.
        """
        level = interval_level(interval, kind, cluster)
        lazy = points_in_chunks(points, self.data)
        if lazy is not None:
            return lazy_probabilities(self, lazy, missing, interval)
        design, single = self._design_of(points, missing)
        probabilities = self._probabilities_of(design)
        if level is not None:
            ends = self._uncertainty('confidence intervals', kind, cluster).log_odds_intervals(design, level)
            columns = map(sage_objects.real_numbers, (probabilities, *map(expit, ends)))
            intervals = list(map(Interval, *columns))
            return intervals[0] if single else intervals
        return sage_objects.real_number(probabilities[0]) if single else sage_objects.real_vector(probabilities)

    def _log_odds_at(self, points):
        # At points in the data's variables; nan where a feature is undefined.
        with numpy.errstate(all='ignore'):
            return self._design_at(points).log_odds(self._weights)

    def _probabilities_at(self, points):
        return expit(self._log_odds_at(points))

    def _band_at(self, points, level):
        # The ends of the confidence intervals of the probabilities, None unless the weights are an estimate.
        if self.method != 'maximum_likelihood' or self._options.get('l2'):
            return None
        try:
            with numpy.errstate(all='ignore'):
                return tuple(map(expit, self._of_likelihood('confidence intervals').log_odds_intervals(self._design_at(points), level)))
        except ValueError:
            # it has not converged
            return None

    def _probabilities_of(self, design):
        return expit(design.log_odds(self._weights))

    def _probabilities_of_classes(self, design, offset=None):
        # of both classes, a row a point
        log_odds = design.log_odds(self._weights)
        if offset is not None:
            log_odds = log_odds + offset
        # each by itself, as 1 - p would lose the digits of a small one
        return expit(numpy.column_stack([-log_odds, log_odds]))

    def _most_probable(self, design, threshold):
        # The numbers of the predicted classes.
        return _ones(self._probabilities_of(design), threshold).astype(int)

    def predict(self, points, threshold=0.5, missing='error'):
        r"""
        Return the labels that the model predicts at some points.

        INPUT:

        - ``points``, ``missing`` -- as for :meth:`probability`
        - ``threshold`` -- (default: 0.5) the least probability for predicting y = 1; a point just at it is predicted so.
          At 0 all points are, at 1 those whose probability is 1 as a float

        OUTPUT: a list of labels as in the data (0 and 1, or the data's own two
        names), or one label for one point

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.predict([[45, 85], [30, 40]])
            [1, 0]
            sage: model.predict([45, 85], threshold=0.7)
            0

        Labels with names are returned by name::

            sage: model = gradient_descent([[1, 'no'], [2, 'yes'], [3, 'no'], [4, 'yes']], iterations=1000)
            sage: model.predict([[0], [5]])
            ['no', 'yes']
        """
        threshold = real_number('threshold', threshold, minimum=0, maximum=1)
        lazy = points_in_chunks(points, self.data)
        if lazy is not None:
            return lazy_predictions(self, lazy, missing, threshold)
        design, single = self._design_of(points, missing)
        labels = self._names_of(self._most_probable(design, threshold))
        return labels[0] if single else labels

    def accuracy(self, data=None, threshold=0.5, missing='error'):
        r"""
        Return the fraction of the points whose label the model predicts correctly.

        INPUT:

        - ``data`` -- (default: the data trained on) anything that
          :func:`~sage_logreg.dataset.load.load_data` takes
        - ``threshold`` -- (default: 1/2) the least probability for predicting y = 1; a point just at it is predicted so
        - ``missing`` -- (default: ``'error'``) ``'drop'`` leaves out the rows with missing values

        OUTPUT: an element of ``RDF`` between 0 and 1

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.accuracy(), model.accuracy(threshold=3/4)
            (0.91, 0.81)

        TESTS::

            sage: model.accuracy(threshold=75)
            Traceback (most recent call last):
            ...
            ValueError: threshold = 75; expected a real number at least 0 and at most 1
        """
        return self._accuracy(data, missing, threshold)

    def confusion_matrix(self, data=None, threshold=0.5, missing='error'):
        r"""
        Return how many points of each label are predicted to have each label.

        INPUT:

        - ``data`` -- (default: the data trained on) anything that
          :func:`~sage_logreg.dataset.load.load_data` takes
        - ``threshold`` -- (default: 1/2) the least probability for predicting y = 1; a point just at it is predicted so
        - ``missing`` -- (default: ``'error'``) ``'drop'`` leaves out the rows with missing values

        OUTPUT: a 2 x 2 matrix over ``ZZ``, or over ``RDF`` where points have
        weights that are not whole; row i is for the points with the label i,
        column j for the prediction j

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.confusion_matrix()
            [34  6]
            [ 3 57]
            sage: model.confusion_matrix(threshold=0)
            [ 0 40]
            [ 0 60]
        """
        return sage_objects.count_matrix(self._confusion(data, missing, threshold).tolist())

    def mistakes(self, data=None, threshold=0.5, missing='error'):
        r"""
        Return which points are predicted to have another label than they have.

        INPUT: as for :meth:`accuracy`

        OUTPUT: a list of Sage integers, the numbers of the rows, from 0 on; of data in chunks a list of named tuples
        ``Row(source, row)``, the file or partition and the number there

        EXAMPLES::

            sage: from sage_logreg import ex2data1, gradient_descent
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.mistakes()
            [10, 27, 33, 36, 43, 57, 79, 83, 98]
            sage: len(model.mistakes(threshold=3/4))
            19
        """
        return self._mistakes(data, missing, threshold)

    def _predicted(self, data, threshold=0.5):
        return _ones(expit(data.log_odds(self._weights)), threshold).astype(int)

    # Formulas

    def _latex_(self):
        r"""
        Return LaTeX code of the fitted model; ``show(model)`` typesets it.

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: latex(gradient_descent(ex2data1(), iterations=300000))
            P(y = 1 \mid x_{1}, x_{2}) = \frac{1}{1 + e^{-z}}, \quad z = -9.25573 + 0.0796098 \, x_{1} + 0.0732932 \, x_{2}
        """
        from sage_logreg.symbolic.formula import typeset
        return typeset(self)

    def log_odds(self, *x):
        r"""
        Return the log-odds `w_0 + w_1 x_1 + ... + w_n x_n` as an expression.

        INPUT:

        - ``x`` -- n symbolic variables, expressions or numbers, in the order of
          the data's variables (default: these); before them, as of more
          classes, both labels `a` and `b` for `P(y = a | x) / P(y = b | x)`

        OUTPUT: an element of ``SR``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: bool(model.log_odds(0, 1, 45, 85) == -model.log_odds(45, 85))
            True
            sage: model.log_odds()  # rel tol 1e-6
            0.07960975*x1 + 0.07329322*x2 - 9.25573205
            sage: model.log_odds(45, 85)  # abs tol 1e-6
            0.556630
        """
        from sage_logreg.symbolic.formula import log_odds
        model, x = self._of_pair(x, len(self.data.variables))
        return log_odds(model, x)

    def posterior(self, *x):
        r"""
        Return the probability `P(y = 1 | x)` as an expression.

        INPUT:

        - ``x`` -- n symbolic variables, expressions or numbers, in the order of
          the data's variables (default: these)

        OUTPUT: an element of ``SR``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.posterior()  # rel tol 1e-6
            1/(e^(-0.07960975*x1 - 0.07329322*x2 + 9.25573205) + 1)
            sage: model.posterior(45, 85)  # abs tol 1e-6
            0.635673
        """
        from sage_logreg.symbolic.formula import posterior
        return posterior(self, x)

    def boundary(self, *x, solve_for=None, threshold=0.5):
        r"""
        Return the boundary, where both labels are equally probable, solved for a variable where possible.

        INPUT:

        - ``x`` -- the other n - 1 variables, or expressions or numbers for them, in
          the order of the data (default: the data's own variables); a variable of
          the data stands for itself; before them, as of more classes, both labels
        - ``solve_for`` -- (default: the last variable that is no indicator of a level) which one to solve for
        - ``threshold`` -- (default: 1/2) the probability of y = 1 on the boundary, with two labels that of the first of them

        OUTPUT: an element of ``SR``: the value of ``solve_for``, in which the log-odds
        must be linear. Without ``solve_for``, that variable's value if they are
        linear in it, for two variables `-w_0/w_2 - w_1/w_2 x_1`; otherwise an
        equation: solved for another variable if they are linear in that one,
        such as the vertical line `x_1 = -w_0/w_1` if `w_2 = 0`; else it says
        that the log-odds are zero

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: x1, x2 = var('x1, x2')
            sage: model.boundary(x1)  # rel tol 1e-6
            -1.08618165*x1 + 126.283596
            sage: model.boundary(solve_for=x1)  # rel tol 1e-6
            -0.92065634*x2 + 116.263806
            sage: plot(model.boundary(x1), (x1, 30, 100))
            Graphics object consisting of 1 graphics primitive
            sage: model.boundary(50)  # rel tol 1e-6
            71.974514
            sage: model.boundary(x1, threshold=3/4)  # rel tol 1e-6
            -1.08618165*x1 + 141.272897

        One variable, or a last weight of zero. Such an equation is drawn by
        ``model.plot()`` or ``implicit_plot``, not by ``plot``::

            sage: from sage_logreg.model.logistic import LogisticModel
            sage: import numpy
            sage: LogisticModel(ex2data1(), numpy.array([-4.0, 2.0, 0.0])).boundary()
            x1 == 2.0

        TESTS::

            sage: gradient_descent(ex2data1(), iterations=0).boundary()
            Traceback (most recent call last):
            ...
            ValueError: the weights of x1, x2 are zero; the model has no boundary
            sage: model.boundary(1, 2, 3)
            Traceback (most recent call last):
            ...
            TypeError: boundary takes 1 variable (x1), or none; 3 were given
            sage: model.boundary(x2)
            Traceback (most recent call last):
            ...
            ValueError: boundary: x2 is put in the place of x1; expected boundary(solve_for=x1), or a symbol that is no variable of the data
        """
        from sage_logreg.symbolic.formula import boundary
        model, x = self._of_pair(x, len(self.data.variables) - 1)
        return boundary(model, x, solve_for, threshold)

    def _of_pair(self, x, count):
        # The model of two labels that arguments begin with, as of more classes, and the other arguments. Numbers may be the point
        # itself: they are labels only where as values they would be too many; text is what it says.
        places = [place_if_label(label, self.data) for label in x[:2]]
        if sorted(places, key=str) != [0, 1]:
            return self, x
        is_text = all(isinstance(label, str) and label not in self.data.variables for label in x[:2])
        rest = x[2:]
        are_values = len(rest) in (0, count) or len(rest) == 1 and entries(rest[0]) is not None
        return (self._contrast(*places), rest) if is_text or are_values and len(x) != count else (self, x)

    @interrupts_explained('symbolic_cost: interrupted before the sum over all points was written down')
    def symbolic_cost(self, *w):
        r"""
        Return the cost over the data, with its penalty, as an expression in the weights.

        INPUT:

        - ``w`` -- n + 1 symbols, names, expressions or numbers for the weights,
          the bias first (default: ``w0``, ``w1``, ...); without an intercept n (default: ``w1``, ...)

        OUTPUT: an element of ``SR``

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, ex2data1
            sage: model = maximum_likelihood(ex2data1())
            sage: E = model.symbolic_cost()
            sage: E.subs({var(f'w{j}'): weight for j, weight in enumerate(model.weights())})  # abs tol 1e-12
            0.203497701589
            sage: E.diff(var('w1')).subs({var(f'w{j}'): 0 for j in range(3)})
            -30023041473227881/2500000000000000
        """
        from sage_logreg.symbolic.formula import symbolic_cost
        return symbolic_cost(self, w)

    # Pictures

    def plot(self, variables=None, fixed=None, threshold=0.5, point_options=None, **options):
        r"""
        Return the points with the model's boundary over them, as a Sage ``Graphics``.

        INPUT:

        - ``variables`` -- (default: all) the one or two variables to draw; a
          model in more than two needs them
        - ``fixed`` -- (default: at their means, factors at their references)
          dictionary from the other variables to numbers, from titles of factors
          to levels, such as ``{'age': 30, 'sex': 'male'}``; the title says what
          they are
        - ``threshold`` -- (default: 1/2) the probability on the boundary
        - ``point_options`` -- dictionary of options of Sage's ``point``
        - ``options`` -- options of Sage's ``line`` (for the boundary) and of
          ``show``; the boundary extends to ``xmin``, ``xmax``, ``ymin``, ``ymax``. With one variable ``legend_label``
          may be three texts: for the curve, the boundary and the band

        OUTPUT: a ``Graphics``; of data in chunks with 10,000 of the points, the same each time, as the title says;
        with one variable, the curve of the posterior
        over points at the heights 0 and 1, and the boundary as a vertical dashed
        line, of an estimate without a penalty the band of its 95% confidence intervals, and of grouped data the observed
        proportions, with areas by the trials (``plot_effect`` draws one of more variables). The
        more points of a label are in one place, the larger is the marker; where points of
        both labels coincide, there is a ring of one around the other

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.plot()
            Graphics object consisting of 3 graphics primitives
            sage: model.plot(color='green', thickness=2, point_options={'size': 60, 'marker': 's'}, figsize=8)
            Graphics object consisting of 3 graphics primitives

        Without a boundary only the points are drawn, and the title says so. If a straight one misses
        the frame, the title says where it runs, and a wider frame shows it::

            sage: gradient_descent(ex2data1(), iterations=0).plot()
            Graphics object consisting of 2 graphics primitives
            sage: early = gradient_descent(ex2data1(), iterations=1000)
            sage: early.plot()
            Graphics object consisting of 2 graphics primitives
            sage: early.plot(xmin=0)
            Graphics object consisting of 3 graphics primitives

        A curved boundary::

            sage: from sage_logreg import ex2data2, maximum_likelihood, polynomial_features
            sage: x1, x2 = var('x1, x2')
            sage: data = ex2data2(features=polynomial_features(x1, x2, degree=6))
            sage: maximum_likelihood(data, l2=1).plot()
            Graphics object consisting of 3 graphics primitives
        """
        from sage_logreg.plot.boundary import plot_model
        return plot_model(self, variables, fixed, threshold, point_options, **options)

    def plot_probability(self, variables=None, fixed=None, point_options=None, *more, label=None, **options):
        r"""
        Return the contours of the posterior and the line of 1/2 with the points on top, as a Sage ``Graphics``.

        INPUT:

        - ``variables``, ``fixed``, ``point_options`` -- as for :meth:`plot`
        - ``label`` -- (default: that of y = 1) one of the two labels, whose probability is drawn; it may also come first, as of more
          classes
        - ``options`` -- options of Sage's ``contour_plot`` and of ``show``; the
          contours extend to ``xmin``, ``xmax``, ``ymin``, ``ymax``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.plot_probability(), model.plot_probability(0)
            (Graphics object consisting of 4 graphics primitives,
             Graphics object consisting of 4 graphics primitives)
        """
        from sage_logreg.plot.contours import plot_probability
        label, variables, fixed, point_options = self._drawn(label, variables, fixed, point_options, *more)
        return plot_probability(self, variables, fixed, point_options, label, **options)

    def _drawn(self, label, variables, *given):
        # The number of the label whose probability is drawn, and the arguments after it: the label may be the first of these.
        first = place_if_label(variables, self.data)
        if label is None and first is not None and str(variables) not in self.data.variables:
            return first, *given, *[None] * (3 - len(given))
        if len(given) > 2:
            raise TypeError(f'{len(given) + 1} arguments were given; expected variables, fixed and point_options, or a label before them')
        return 1 if label is None else self._place(label), variables, *given

    def plot_confusion_matrix(self, data=None, threshold=0.5, missing='error', **options):
        r"""
        Return the confusion matrix as a picture: the counts, on colours by their shares of the points with a label.

        INPUT:

        - ``data``, ``threshold``, ``missing`` -- as for :meth:`confusion_matrix`
        - ``options`` -- options of Sage's ``matrix_plot`` and of ``show``

        EXAMPLES::

            sage: from sage_logreg import ex2data1, gradient_descent
            sage: gradient_descent(ex2data1(), iterations=300000).plot_confusion_matrix()
            Graphics object consisting of 5 graphics primitives
        """
        return self._plot_confusion(data, missing, options, threshold)

    def plot3d(self, variables=None, fixed=None, point_options=None, *more, label=None, **options):
        r"""
        Return the surface of the posterior over the plane, with the points at the heights 0 and 1.

        INPUT:

        - ``variables``, ``fixed`` -- as for :meth:`plot`
        - ``point_options`` -- dictionary of options of Sage's ``point3d``
        - ``label`` -- as for :meth:`plot_probability`
        - ``options`` -- options of Sage's ``plot3d`` and of ``show``, and
          ``xmin``, ``xmax``, ``ymin``, ``ymax``

        OUTPUT: a ``Graphics3d``; a saved picture of it is drawn by matplotlib, and
        so is the one shown by ``show(..., viewer='matplotlib')``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=300000).plot3d()
            Graphics3d Object
        """
        from sage_logreg.plot.surface import plot_surface
        label, variables, fixed, point_options = self._drawn(label, variables, fixed, point_options, *more)
        return plot_surface(self, variables, fixed, point_options, label, **options)

    def animate(self, variables=None, fixed=None, threshold=0.5, frames=25, point_options=None, **options):
        r"""
        Return an animation of the boundary as it moves in training, from the recorded history.

        INPUT:

        - ``variables``, ``fixed``, ``threshold``, ``point_options`` -- as for :meth:`plot`
        - ``frames`` -- (default: 25) the most records that are shown
        - ``options`` -- options of Sage's ``line`` and of ``show``; a ``title`` may be a function of the iteration and the cost

        OUTPUT: an ``Animation``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: film = gradient_descent(ex2data1(), iterations=300000).animate(frames=10)
            sage: print(film)
            Animation with 10 frames

        TESTS::

            sage: gradient_descent(ex2data1(), iterations=0).animate()
            Traceback (most recent call last):
            ...
            ValueError: the model has no history, so that nothing moves; train it for some iterations
        """
        from sage_logreg.plot.film import animate_boundary
        return animate_boundary(self, variables, fixed, threshold, frames, point_options, **options)
