r"""
The model of more than two classes

EXAMPLES::

    sage: from sage_logreg import maximum_likelihood, penguins
    sage: model = maximum_likelihood(penguins(label='species', variables='bill_length_mm, body_mass_g'), l2=1)
    sage: model
    Multinomial model of species (Adelie, Chinstrap, Gentoo) in bill_length_mm, body_mass_g by maximum_likelihood, l2 = 1: ... iterations, cost 0.12026, largest gradient entry ...
    sage: model.predict([[40, 3800], [50, 3700], [48, 5200]])
    ['Adelie', 'Chinstrap', 'Gentoo']
"""
import numpy

from sage_logreg.model.classifier import Classifier
from sage_logreg.model.inference import interval_level
from sage_logreg.model.lazily import lazy_predictions, lazy_probabilities, points_in_chunks
from sage_logreg.model.logistic import Interval, LogisticModel, expit, options_of_cost
from sage_logreg.model.multinomial_inference import MultinomialInference
from sage_logreg.model.multinomial_pictures import MultinomialPictures
from sage_logreg.model.storage import kind_of_model
from sage_logreg.solvers.chunked_problem import problem_of
from sage_logreg.solvers.descent import METHODS
from sage_logreg.solvers.likelihood import likelihood_options
from sage_logreg.solvers.penalties import has_l1, penalties_of, with_penalties
from sage_logreg.solvers.problem import check_own_cost
from sage_logreg.solvers.records import Record
from sage_logreg.solvers.softmax_problem import SoftmaxProblem
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import listed, real_matrix, shown
from sage_logreg.support.interrupt import interrupts_explained


def softmax(z):
    r"""
    Return the probabilities of the classes, row by row, from log-odds.

    EXAMPLES::

        sage: from sage_logreg.model.multinomial import softmax
        sage: import numpy
        sage: softmax(numpy.array([[0.0, 0.0], [0.0, 800.0]]))
        array([[0.5, 0.5],
               [0. , 1. ]])
    """
    z = numpy.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def _check_symmetric(weights, data):
    # Raise an error if the sum of the rows is not zero, as it is of every estimate.
    bias, slopes = data.design.parts(abs(weights).sum(axis=0))
    # a bias is as exact as what was subtracted from the columns
    shift = slopes @ numpy.maximum(*map(abs, data.design.extremes))
    sizes = numpy.concatenate([bias + shift, slopes])
    if (abs(weights.sum(axis=0)) > 1e-6 * sizes).any():
        raise ValueError('weights: the sum of the classes is not zero, as it is of an estimate')


@kind_of_model
class MultinomialModel(Classifier, MultinomialInference, MultinomialPictures):
    r"""
    A model of K classes, `P(y = k | x) = e^{z_k} / \sum_j e^{z_j}` with `z_k = b_k + x w_k`.

    The training functions return it where the labels have more than two values.

    INPUT: as for :class:`~sage_logreg.model.logistic.LogisticModel`; the weights are K (n + 1), class by class

    EXAMPLES: see :mod:`sage_logreg.model.multinomial`.
    """

    def __repr__(self):
        names = listed(map(str, self.data.label_names), 'classes')
        return f'Multinomial model of {self.data.label_name} ({names}) in {self.data.model_text()} {self._ending()}'

    def _evaluate(self, data=None, weights=None):
        data, weights = self._checked(data), self._weights if weights is None else weights
        if has_l1(self._options):
            return self._evaluate_with_l1(data, weights)
        if data.is_chunked:
            return self._evaluate_chunks(data, weights)
        own = self._options.get('cost')
        check_own_cost(own, data)
        problem = SoftmaxProblem(data, False, self._options.get('l2', 0.0), own)
        return problem.evaluate(weights)

    def _evaluate_with_l1(self, data, weights):
        cost, gradient = MultinomialModel(self.data, weights)._evaluate(data)
        gradient, first = gradient.reshape(data.classes, -1), int(data.intercept)
        cost, of_slopes = with_penalties(cost, gradient[:, first:], self._of_classes(weights)[:, first:], *self._column_penalties(data),
                                         self._options.get('grouped', False))
        return cost, numpy.column_stack([gradient[:, :first], of_slopes]).ravel()

    def _column_penalties(self, data):
        return penalties_of(self._options, data)

    def _problem(self):
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
        return LogisticModel.checked_options(method, options, data)

    @classmethod
    def _from_entries(cls, entries, data):
        def make(data, weights, *rest):
            # the sum of absolute values is not least where that of the weights is zero
            if entries['method'] == 'maximum_likelihood' and not entries['options'].get('l1'):
                _check_symmetric(weights.reshape(data.classes, -1), data)
            return cls(data, weights, *rest)
        return make, data.classes * data.design.count

    def _of_classes(self, weights=None):
        return (self._weights if weights is None else weights).reshape(self.data.classes, -1)

    def weights(self, baseline=None):
        r"""
        Return the weights, a row a class and the bias first, such that the sum of the rows is zero; a descent keeps the sum of those
        that it starts from.

        INPUT:

        - ``baseline`` -- (default: none) a class; the rows are then the differences to its row

        OUTPUT: a K x (n + 1) matrix over ``RDF``; without an intercept K x n. The rows are in the order of ``data.label_names``

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.weights()  # abs tol 1e-6
            [ 2.0730347  -0.7513953]
            [-1.9986140   0.7254432]
            [-0.0744207   0.0259522]
            sage: model.weights(baseline='a')[1]  # abs tol 1e-6
            (-4.0716487, 1.4768385)
        """
        return sage_objects.real_matrix(self._of_classes()) if baseline is None else self._differences(baseline)

    def history(self):
        r"""
        Return what was recorded during training, as for two classes; the weights are matrices.

        OUTPUT: a list of :class:`~sage_logreg.solvers.records.Record`, named tuples ``(iteration, cost, weights)``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent
            sage: model = gradient_descent([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']], iterations=10)
            sage: model.history()[0].weights
            [0.0 0.0]
            [0.0 0.0]
            [0.0 0.0]
        """
        return [Record(sage_objects.integer(iteration), sage_objects.real_number(cost),
                       sage_objects.real_matrix(self._of_classes(weights))) for iteration, cost, weights in self._history]

    def gradient(self, data=None):
        r"""
        Return the gradient of the cost at the weights, as for two classes.

        INPUT:

        - ``data`` -- (default: the data trained on) anything that :func:`~sage_logreg.dataset.load.load_data` takes

        OUTPUT: a K x (n + 1) matrix over ``RDF``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent
            sage: model = gradient_descent([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']], iterations=0)
            sage: model.gradient()  # abs tol 1e-8
            [-0.09523809523 -0.04761904761]
            [ 0.04761904761 -0.04761904761]
            [ 0.04761904761  0.09523809523]
        """
        return sage_objects.real_matrix(self._of_classes(self._evaluate(data)[1]))

    def with_weights(self, weights):
        r"""
        Return a model of the same data, with the same cost and penalty, with other weights.

        INPUT:

        - ``weights`` -- a matrix, or a list of rows: a row for each class, the bias first

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.with_weights([[0, 0], [0, 0], [0, 0]]).cost()  # abs tol 1e-12
            1.09861228866811
        """
        weights = real_matrix('weights', weights, self.data.classes, self.data.design.count).ravel()
        return MultinomialModel(self.data, weights, options=options_of_cost(self._options))

    # Predictions

    def _log_odds_of(self, design, offset=None):
        z = design.products(self._of_classes())
        return z if offset is None else z + offset

    def _log_odds_at(self, points):
        # At points in the data's variables; nan where a feature is undefined.
        with numpy.errstate(all='ignore'):
            return self._log_odds_of(self._design_at(points))

    def _probabilities_at(self, points):
        with numpy.errstate(all='ignore'):
            return softmax(self._log_odds_at(points))

    @interrupts_explained('probability: interrupted before all were found')
    def probability(self, points, interval=None, missing='error', kind=None, cluster=None):
        r"""
        Return the probabilities of all classes at some points, with confidence intervals if wanted.

        INPUT:

        - ``points``, ``missing`` -- as for two classes; for a model of images also an array of them, m x height x width, or a single
          one. Arrays of bytes are pixels, other numbers the variables, which are pixels times the scale of the data
        - ``interval`` -- (default: none) the level of confidence intervals, such as 0.95; only of an estimate without
          the penalty ``l2``, as :meth:`confidence_intervals`
        - ``kind``, ``cluster`` -- (default: none) of these intervals, as for :meth:`standard_errors`

        OUTPUT: a matrix over ``RDF``, a row a point and a column a class, in the order of ``data.label_names``; a vector for one point.
        With ``interval`` a list of lists of named tuples ``Interval(probability, lower, upper)`` over ``RDF``, for one point
        one of these lists

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.probability(2)  # abs tol 1e-6
            (0.531988, 0.173929, 0.294083)
            sage: model.probability(2, interval=0.95)[0]  # abs tol 1e-5
            Interval(probability=0.531988, lower=0.164367, upper=0.867880)

        ALGORITHM:

        An interval is that of the log-odds of its class against all others, by the delta method, whose ends are converted to
        probabilities; for two classes it is that of a logistic model.
        """
        level = interval_level(interval, kind, cluster)
        lazy = points_in_chunks(points, self.data)
        if lazy is not None:
            return lazy_probabilities(self, lazy, missing, interval)
        design, single = self._design_of(points, missing)
        probabilities = self._probabilities_of(design)
        if level is not None:
            ends = self._uncertainty('confidence intervals', kind, cluster).class_intervals(design, level)
            rows = zip(probabilities, *map(expit, ends))
            intervals = [list(map(Interval, *map(sage_objects.real_numbers, row))) for row in rows]
            return intervals[0] if single else intervals
        return sage_objects.real_vector(probabilities[0]) if single else sage_objects.real_matrix(probabilities)

    def predict(self, points, threshold=None, missing='error'):
        r"""
        Return the most probable class at some points.

        INPUT:

        - ``points``, ``missing`` -- as for :meth:`probability`
        - ``threshold`` -- is of two classes, and refused

        OUTPUT: a list of labels as in the data, or one label for one point; of equally probable ones the first

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.predict([[1], [4]])
            ['a', 'b']
        """
        self._refuse_threshold(threshold)
        lazy = points_in_chunks(points, self.data)
        if lazy is not None:
            return lazy_predictions(self, lazy, missing)
        design, single = self._design_of(points, missing)
        labels = self._names_of(self._most_probable(design))
        return labels[0] if single else labels

    def _probabilities_of(self, design):
        return softmax(self._log_odds_of(design))

    def _probabilities_of_classes(self, design, offset=None):
        return softmax(self._log_odds_of(design, offset))

    def _most_probable(self, design):
        # The numbers of the predicted classes.
        return self._log_odds_of(design).argmax(axis=1)

    def accuracy(self, data=None, threshold=None, missing='error'):
        r"""
        Return the fraction of the points whose label the model predicts correctly, an element of ``RDF``.

        INPUT:

        - ``data`` -- (default: the data trained on) anything that
          :func:`~sage_logreg.dataset.load.load_data` takes
        - ``threshold`` -- is of two classes, and refused
        - ``missing`` -- (default: ``'error'``) ``'drop'`` leaves out the rows with missing values

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.accuracy() == RDF(3/7)
            True
        """
        self._refuse_threshold(threshold)
        return self._accuracy(data, missing)

    def confusion_matrix(self, data=None, threshold=None, missing='error'):
        r"""
        Return how many points of each label are predicted to have each label.

        INPUT: as for :meth:`accuracy`

        OUTPUT: a K x K matrix over ``ZZ``, or over ``RDF`` where points have weights that are not whole; row i is for the points
        with the label i, column j for the prediction j

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.confusion_matrix()
            [2 1 0]
            [1 1 0]
            [1 1 0]
        """
        self._refuse_threshold(threshold)
        return sage_objects.count_matrix(self._confusion(data, missing).tolist())

    def _predicted(self, data):
        return self._log_odds_of(data.design, data.offset).argmax(axis=1)

    def _refuse_threshold(self, threshold):
        if threshold is not None:
            raise ValueError(f'threshold = {shown(threshold)} is of two classes, and the model has {self.data.classes}, of which the most '
                             'probable is predicted; probability() has the probabilities of all')

    # Formulas

    def _contrast(self, one, other, data=None):
        # The logistic model of the difference of two classes, given by their numbers.
        weights = self._of_classes()
        return LogisticModel(self.data if data is None else data, weights[one] - weights[other])

    def _own_log_odds(self):
        # For each class the logistic model with its row of weights.
        return [LogisticModel(self.data, weights) for weights in self._of_classes()]

    def log_odds(self, one, other, *x):
        r"""
        Return the logarithm of `P(y = a | x) / P(y = b | x)` of two classes as an expression.

        INPUT:

        - ``one``, ``other`` -- labels `a` and `b`
        - ``x`` -- n symbolic variables, expressions or numbers, in the order of the data's variables (default: these)

        OUTPUT: an element of ``SR``

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.log_odds('b', 'a')  # rel tol 1e-6
            1.47683851*x1 - 4.07164865
        """
        return self._contrast(self._place(one), self._place(other)).log_odds(*x)

    def boundary(self, one, other, *x, **options):
        r"""
        Return the boundary on which two classes are equally probable.

        INPUT:

        - ``one``, ``other`` -- labels of the two classes
        - ``x``, ``options`` -- as for :meth:`~sage_logreg.model.logistic.LogisticModel.boundary` of two classes, and so is the OUTPUT

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.boundary('b', 'a')  # rel tol 1e-6
            x1 == 2.75700331
        """
        return self._contrast(self._place(one), self._place(other)).boundary(*x, **options)

    def posterior(self, *x):
        r"""
        Return the probabilities of the classes as expressions.

        INPUT:

        - ``x`` -- n symbolic variables, expressions or numbers, in the order of the data's variables (default: these)

        OUTPUT: a vector of K elements of ``SR``, fractions `e^{z_k} / \sum_j e^{z_j}` with the same denominator. They add up to 1, as
        ``normalize`` finds at once; ``simplify_full``, and ``bool`` of an equation, multiply the floats out and need not find it.
        Where powers are too large for floats, the fractions have no value, while ``posterior`` of numbers and
        :meth:`probability` have

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: sum(model.posterior()).normalize()
            1
            sage: model.posterior(2)  # abs tol 1e-6
            (0.531988, 0.173929, 0.294083)
        """
        from sage_logreg.symbolic.formula import posteriors
        return posteriors(self, x)

    @interrupts_explained('symbolic_cost: interrupted before the sum over all points was written down')
    def symbolic_cost(self, *w):
        r"""
        Return the cost over the data, with its penalty, as an expression in the weights.

        INPUT:

        - ``w`` -- K (n + 1) symbols, names, expressions or numbers for the weights, class by class and the bias first, or a matrix of
          them (default: ``w0_0``, ``w0_1``, ...: the number of the class, and the place); without an intercept K n (default: ``w0_1``, ...)

        OUTPUT: an element of ``SR``

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: E = model.symbolic_cost()
            sage: E.variables()
            (w0_0, w0_1, w1_0, w1_1, w2_0, w2_1)
            sage: model.symbolic_cost(model.weights()) - model.cost()  # abs tol 1e-12
            0.0
            sage: E.diff(var('w1_1')).subs({w: 0 for w in E.variables()})
            -1/21
        """
        from sage_logreg.symbolic.formula import symbolic_cost_of_classes
        return symbolic_cost_of_classes(self, w)

    def _latex_(self):
        r"""
        Return LaTeX code of the fitted model; ``show(model)`` typesets it.

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: print(latex(model))
            P(y = k \mid x_{1}) = \frac{e^{z_{k}}}{\sum_{j} e^{z_{j}}}, \quad \begin{aligned}[t] z_{a} & = 2.07303 - 0.751395 \, x_{1} \\ z_{b} & = -1.99861 + 0.725443 \, x_{1} \\ z_{c} & = -0.0744207 + 0.0259522 \, x_{1} \end{aligned}
        """
        from sage_logreg.symbolic.formula import typeset_classes
        return typeset_classes(self)
