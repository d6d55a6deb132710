r"""
The trained model: weights, cost, history, predictions

What is a formula comes from :mod:`sage_logreg.formula`, what is a picture from
:mod:`sage_logreg.plotting`.

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

from sage_logreg import sage_objects
from sage_logreg.arguments import real_number
from sage_logreg.dataset import load_data_like, load_points
from sage_logreg.inference import Inference

Record = collections.namedtuple('Record', 'iteration cost weights')
Record.__doc__ = r"""
One line of a model's history: the iteration, the cost and the weights before its update.
"""


def penalty_factors(l2, points):
    r"""
    Return the factors `c_j = \lambda/m` of the penalty `\tfrac12 \sum_j c_j w_j^2`, or ``None``.

    INPUT:

    - ``l2`` -- float, `\lambda`
    - ``points`` -- array, m x n

    OUTPUT: a float64 array of n factors, ``None`` where there is no penalty

    EXAMPLES::

        sage: from sage_logreg.model import penalty_factors
        sage: import numpy
        sage: penalty_factors(1.0, numpy.zeros((4, 2)))
        array([0.25, 0.25])
        sage: penalty_factors(0.0, numpy.zeros((4, 2)))
    """
    count, width = points.shape
    return numpy.full(width, float(l2) / count) if l2 else None


class LogisticModel(Inference):
    r"""
    A logistic model, `P(y = 1 | x) = 1/(1 + e^{-(w_0 + w_1 x_1 + ... + w_n x_n)})`.

    The training functions make it.

    INPUT:

    - ``data`` -- the :class:`~sage_logreg.dataset.Dataset` that it was trained on
    - ``weights`` -- float64 array of n + 1 weights, the bias first
    - ``history`` -- list of :class:`Record`
    - ``iterations`` -- int; steps done, epochs for stochastic gradient descent
    - ``converged`` -- whether training stopped because ``tol`` was reached
    - ``method`` -- string; the name of the function that trained it
    - ``options`` -- dictionary of the options of that training

    EXAMPLES::

        sage: from sage_logreg import gradient_descent, ex2data1
        sage: gradient_descent(ex2data1(), iterations=1000)
        Logistic model in x1, x2 by gradient_descent: 1000 iterations, cost 0.624986, largest gradient entry 0.0692
    """

    def __init__(self, data, weights, history=(), iterations=0, converged=False, method='given weights', options=None):
        self.data = data
        self._weights = weights
        self._history = list(history)
        self._iterations = iterations
        self._converged = converged
        self.method = method
        self._options = dict(options or {})

    def __repr__(self):
        unit = self.unit() + ('' if self._iterations == 1 else 's')
        return (f'Logistic model in {", ".join(self.data.variables)} by {self.method}: {self._iterations} '
                f'{unit}, cost {self.cost():.6g}, largest gradient entry {abs(self._evaluate()[1]).max():.3g}')

    # What training reached

    def weights(self):
        r"""
        Return the n + 1 weights, the bias first.

        OUTPUT: a vector over ``RDF``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: w = gradient_descent(ex2data1(), iterations=300000).weights()
            sage: w  # abs tol 1e-8
            (-9.25573205, 0.07960975, 0.07329322)
            sage: w.parent()
            Vector space of dimension 3 over Real Double Field
        """
        return sage_objects.real_vector(self._weights)

    def cost(self, data=None):
        r"""
        Return the mean negative log-likelihood, with the penalty if there is one.

        INPUT:

        - ``data`` -- (default: the data trained on, with their weights and
          offset) anything that ``load_data`` takes

        OUTPUT: an element of ``RDF``; `\log 2` is the cost of guessing

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=300000).cost()  # abs tol 1e-10
            0.2836869319592
        """
        return sage_objects.real_number(self._evaluate(data)[0])

    def gradient(self, data=None):
        r"""
        Return the gradient of the cost at the weights; at the minimum it is zero.

        INPUT:

        - ``data`` -- (default: the data trained on) anything that ``load_data`` takes

        OUTPUT: a vector over ``RDF``, n + 1 entries, the bias first

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=0).gradient()  # abs tol 1e-8
            (-0.1, -12.00921659, -11.26284221)
        """
        return sage_objects.real_vector(self._evaluate(data)[1])

    def _evaluate(self, data=None):
        from sage_logreg.cost import evaluate
        if data is None and self._counts_its_own_way():
            cost, gradient, _ = self._terms
            change = numpy.linalg.inv(self._likelihood.to_user_matrix())
            return cost / self._likelihood.total, change.T @ gradient / self._likelihood.total
        data = self._checked(data)
        return evaluate(data.points, data.labels, self._weights,
                        penalty_factors(self._options.get('l2', 0.0), data.points), self._options.get('cost'))

    def _counts_its_own_way(self):
        # Whether the points may have been weighted or shifted, which holds for these points only.
        return self.method == 'maximum_likelihood'

    def _checked(self, data):
        # Other data, read in the sense of the model's own: its labels, its order of variables.
        return self.data if data is None else load_data_like(data, self.data)

    def history(self):
        r"""
        Return what training recorded on its way, a triple a record.

        OUTPUT: a list of :class:`Record`, named tuples ``(iteration, cost,
        weights)``: for gradient descent the step, the cost and the weights
        before it; for stochastic gradient descent the epoch, the cost of its
        last batch and the weights before that batch's step

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=40000, report=20000)
            0 0.69314718056
            20000 0.547295463694
            sage: iteration, cost, w = model.history()[1]
            sage: iteration, cost, w  # abs tol 1e-8
            (20000, 0.54729546369, (-1.28301202, 0.0194235976, 0.0104642151))
            sage: model.history()[0].weights
            (0.0, 0.0, 0.0)
        """
        return [Record(sage_objects.integer(iteration), sage_objects.real_number(cost),
                       sage_objects.real_vector(weights)) for iteration, cost, weights in self._history]

    def iterations(self):
        r"""
        Return how many steps were done; for stochastic gradient descent, how many epochs.

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=3*10^2).iterations()
            300
        """
        return sage_objects.integer(self._iterations)

    def unit(self):
        r"""
        Return what an iteration of the training was, ``'iteration'`` or ``'epoch'``.

        EXAMPLES::

            sage: from sage_logreg import stochastic_gradient_descent, ex2data1
            sage: stochastic_gradient_descent(ex2data1(), epochs=1).unit()
            'epoch'
        """
        return 'epoch' if 'batch_size' in self._options else 'iteration'

    def converged(self):
        r"""
        Return whether training stopped because the gradient fell to ``tol``.

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=1000).converged()
            False
            sage: gradient_descent(ex2data1(), tol=1e-6, scale=True, learning_rate=5).converged()
            True
        """
        return self._converged

    def options(self):
        r"""
        Return the options of the training, as a dictionary.

        EXAMPLES::

            sage: from sage_logreg import stochastic_gradient_descent, ex2data1
            sage: sorted(stochastic_gradient_descent(ex2data1(), epochs=1).options())
            ['batch_size', 'cost', 'l2', 'learning_rate', 'momentum', 'scale', 'seed', 'shuffle', 'tol']
        """
        return copy.deepcopy(self._options)

    # What the model says of points

    def probability(self, points):
        r"""
        Return the probability that y = 1 at some points.

        INPUT:

        - ``points`` -- one point (n numbers), or a list, matrix, array or
          frame of them, or a ``Dataset``

        OUTPUT: a vector over ``RDF``, or one element of ``RDF`` for one point

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.probability([45, 85])  # abs tol 1e-6
            0.635673
            sage: model.probability([[45, 85], [30, 40]])  # abs tol 1e-6
            (0.635673, 0.019158)

        TESTS::

            sage: model.probability([45, 85, 60])
            Traceback (most recent call last):
            ...
            ValueError: the point has 3 numbers; expected 2 (x1, x2)
        """
        points, single = load_points(points, self.data.variables)
        probabilities = self._probabilities(points)
        return sage_objects.real_number(probabilities[0]) if single else sage_objects.real_vector(probabilities)

    def _probabilities(self, points, offset=None):
        z = self._weights[0] + points @ self._weights[1:].astype(points.dtype)
        if offset is not None:
            z = z + offset
        # the two forms of 1/(1 + e^-z), each where it cannot overflow
        e = numpy.exp(-abs(z))
        return numpy.where(z >= 0, 1.0, e) / (1.0 + e)

    def _separates(self):
        # Whether all points lie on the right side of the boundary, by more than rounding.
        points, labels = self.data.points, self.data.labels
        slopes = self._weights[1:].astype(points.dtype)
        bound = numpy.finfo(points.dtype).eps * (len(slopes) + 2) * (
            abs(self._weights[0]) + abs(slopes) @ numpy.maximum(points.max(axis=0), -points.min(axis=0)))
        for start in range(0, len(labels), 10000):
            part = slice(start, start + 10000)
            z = self._weights[0] + points[part] @ slopes
            if not ((2 * labels[part] - 1) * z > bound).all():
                return False
        return True

    def predict(self, points, threshold=0.5):
        r"""
        Return the labels that the model predicts at some points.

        INPUT:

        - ``points`` -- as for :meth:`probability`
        - ``threshold`` -- (default: 0.5) the probability from which on it is y = 1

        OUTPUT: a list of labels as they stood in the data (0 and 1, or the
        data's own two names), or one label for one point

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.predict([[45, 85], [30, 40]])
            [1, 0]
            sage: model.predict([45, 85], threshold=0.7)
            0

        Labels with names come back by name::

            sage: model = gradient_descent([[1, 'no'], [2, 'yes'], [3, 'no'], [4, 'yes']], iterations=1000)
            sage: model.predict([[0], [5]])
            ['no', 'yes']
        """
        points, single = load_points(points, self.data.variables)
        threshold = real_number('threshold', threshold, minimum=0, maximum=1)
        ones = self._probabilities(points) >= threshold
        names = [sage_objects.integer(name) if isinstance(name, int) else name for name in self.data.label_names]
        labels = [names[one] for one in ones.astype(int)]
        return labels[0] if single else labels

    def accuracy(self, data=None):
        r"""
        Return the part of the points whose label the model predicts.

        INPUT:

        - ``data`` -- (default: the data trained on) anything that ``load_data`` takes

        OUTPUT: an element of ``RDF`` between 0 and 1

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=300000).accuracy()
            0.91
        """
        table = self._confusion(data)
        return sage_objects.real_number((table[0][0] + table[1][1]) / sum(map(sum, table)))

    def confusion_matrix(self, data=None):
        r"""
        Return how many points of each label are predicted to have each label.

        INPUT:

        - ``data`` -- (default: the data trained on) anything that ``load_data`` takes

        OUTPUT: a 2 x 2 matrix over ``ZZ``, or over ``RDF`` where points have
        weights that are not whole; row i is for the points with the label i,
        column j for the prediction j

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=300000).confusion_matrix()
            [34  6]
            [ 3 57]
        """
        return sage_objects.count_matrix(self._confusion(data))

    def _confusion(self, data):
        own, data = data is None, self._checked(data)
        options = self._options if own else {}
        predicted = self._probabilities(data.points, options.get('offset')) >= 0.5
        weights = options.get('weights')
        counted = numpy.ones(len(data)) if weights is None else weights
        return [[counted[(data.labels == i) & (predicted == bool(j))].sum() for j in (0, 1)] for i in (0, 1)]

    # Formulas

    def log_odds(self, *x):
        r"""
        Return the log-odds `w_0 + w_1 x_1 + ... + w_n x_n` as an expression.

        INPUT:

        - ``x`` -- n symbolic variables, expressions or numbers (default: the
          data's own variables)

        OUTPUT: an element of ``SR``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.log_odds()  # rel tol 1e-6
            0.07960975*x1 + 0.07329322*x2 - 9.25573205
            sage: model.log_odds(45, 85)  # abs tol 1e-6
            0.556630
        """
        from sage_logreg.formula import log_odds
        return log_odds(self, x)

    def posterior(self, *x):
        r"""
        Return the probability `P(y = 1 | x)` as an expression.

        INPUT:

        - ``x`` -- n symbolic variables, expressions or numbers (default: the
          data's own variables)

        OUTPUT: an element of ``SR``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.posterior()  # rel tol 1e-6
            1/(e^(-0.07960975*x1 - 0.07329322*x2 + 9.25573205) + 1)
            sage: model.posterior(45, 85)  # abs tol 1e-6
            0.635673
        """
        from sage_logreg.formula import posterior
        return posterior(self, x)

    def boundary(self, *x):
        r"""
        Return the last variable on the boundary, where both labels are equally probable.

        INPUT:

        - ``x`` -- the other n - 1 variables, or expressions or numbers for
          them (default: the data's own variables)

        OUTPUT: for two variables `-w_0/w_2 - w_1/w_2 x_1`, an element of
        ``SR``. Where the last weight is zero the last variable is free, and
        the boundary is an equation in the others: the vertical line
        `x_1 = -w_0/w_1`

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: x1 = var('x1')
            sage: model.boundary(x1)  # rel tol 1e-6
            -1.08618165*x1 + 126.283596
            sage: plot(model.boundary(x1), (x1, 30, 100))
            Graphics object consisting of 1 graphics primitive
            sage: model.boundary(50)  # rel tol 1e-6
            71.974514

        One variable, or a last weight of zero. Such an equation is drawn by
        ``model.plot()`` or ``implicit_plot``, not by ``plot``::

            sage: from sage_logreg.model import LogisticModel
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
        """
        from sage_logreg.formula import boundary
        return boundary(self, x)

    # Pictures

    def plot(self, point_options=None, **options):
        r"""
        Return the points and the boundary over them, as a Sage ``Graphics``.

        INPUT:

        - ``point_options`` -- dictionary of options of Sage's ``point``
        - ``options`` -- any options of Sage's ``plot`` for the boundary
          (``color``, ``thickness``, ``linestyle``, ...) and of ``show``
          (``figsize``, ``title``, ...)

        OUTPUT: a ``Graphics``. For data in one variable it is the points at
        the heights 0 and 1 and the curve of the posterior

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=300000)
            sage: model.plot(color='green', point_options={'size': 30}, figsize=5)
            Graphics object consisting of 3 graphics primitives

        Without a boundary there are the points alone::

            sage: gradient_descent(ex2data1(), iterations=0).plot()
            Graphics object consisting of 2 graphics primitives

        TESTS::

            sage: path = tmp_filename(ext='.png')
            sage: model.plot().save(path)
            sage: with open(path, 'rb') as file: file.read(8)[1:4]
            b'PNG'
        """
        from sage_logreg.plotting import plot_model
        return plot_model(self, point_options, **options)

    def plot_history(self, **options):
        r"""
        Return the cost against the iteration, as a Sage ``Graphics``.

        INPUT:

        - ``options`` -- any options of Sage's ``line`` and of ``show``

        OUTPUT: a ``Graphics``. The curve is the cost over all the data at the
        recorded weights, also for stochastic gradient descent, whose history
        holds the cost of single batches

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=300000).plot_history()
            Graphics object consisting of 1 graphics primitive
        """
        from sage_logreg.plotting import plot_history
        return plot_history(self, **options)
