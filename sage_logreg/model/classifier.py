r"""
What the models of two and of more classes share: how they read points and other data

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).weight_names()
    ('bias', 'x1', 'x2')
"""
import functools

import numpy

from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.design import Design
from sage_logreg.dataset.images import Images
from sage_logreg.dataset.in_chunks.like import data_like, of_classes
from sage_logreg.dataset.labels import place_of_label
from sage_logreg.dataset.names import weight_names
from sage_logreg.dataset.points import image_design, load_points
from sage_logreg.exact.separation import remedy, separation_text
from sage_logreg.model.reduced import Row, confusion, costs, mistakes, mistakes_at, reduced
from sage_logreg.model.trained import Trained
from sage_logreg.solvers.penalties import has_l1
from sage_logreg.solvers.plane import LikelihoodPlane
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import listed


class Classifier(Trained):
    r"""
    A trained model of the probabilities of labels.

    INPUT: as for :class:`~sage_logreg.model.trained.Trained`; the data have labels.

    EXAMPLES: see :mod:`sage_logreg.model.classifier`.
    """

    @classmethod
    def _doubt(cls, problem):
        if problem.options['l2'] or problem.cost is not None:
            return None
        remedies = remedy(problem.data)
        if problem.data.classes == 2:
            remedies += ', or see maximum_likelihood(..., bias_reduced=True)'

        def doubt(weights):
            separated = separation_text(problem.data, weights)
            return separated and f'{separated}, so that there is no minimum: the weights grow as long as training goes on; {remedies}'
        return doubt

    def _plane(self, pair):
        if self._options.get('cost') is not None or self._options.get('bias_reduced') or has_l1(self._options):
            return super()._plane(pair)
        path, l2 = [record.weights for record in self._history] + [self._weights], float(self._options.get('l2', 0))
        if not self.data.is_chunked:
            return LikelihoodPlane(self.data, l2, pair, path)
        some, told = self._sample
        plane = LikelihoodPlane(some, l2 * some.total() / self.data.total(), pair, path)
        plane.sampled = told
        return plane

    @functools.cached_property
    def _sample(self):
        # Some rows of data in chunks, and which part of all they are in words.
        from sage_logreg.plot.plane import sampled
        return sampled(self.data)

    def _of_sample(self):
        # The same of these rows, with as much of the penalty as is theirs.
        some, options = self._sample[0], dict(self._options)
        options['l2'] = options.get('l2', 0.0) * some.total() / self.data.total()
        return type(self)(some, self._weights, options=options)

    def _checked(self, data, missing='error'):
        # Other data, read like the model's own: with its labels and its order of variables.
        return self.data if data is None else data_like(data, self.data, missing)

    def _design_of(self, points, missing='error'):
        # Points that a user gives as columns of the weights, and whether a single one was given.
        data = self.data.plan.like if self.data.is_chunked else self.data
        design, single = image_design(points, data)
        if design is not None:
            return design, single
        new = load_points(points, data, missing)
        return self._design_of_new(new), new.single

    def _design_of_new(self, new):
        points, features = new.points, self.data.features
        if features is not None:
            points = features.checked_values(points, new.place)
        return Design(points, intercept=self.data.intercept)

    def _names_of(self, places):
        # The labels of classes, given by their numbers.
        names = self._label_names()
        return [names[place] for place in places]

    def _label_names(self):
        # The labels as a Sage user sees them.
        return [sage_objects.integer(name) if type(name) is int else name for name in self.data.label_names]

    def _design_at(self, points):
        # Points in the data's variables as columns of the weights, also where a feature is undefined.
        features = self.data.features
        return Design(points if features is None else features.values(points), intercept=self.data.intercept)

    # What is predicted of labelled data, by the classes' numbers that a model finds in _predicted(data)

    def _confusion(self, data, missing='error', *threshold):
        # How many points of each label, a row, have each prediction, an array.
        return reduced(confusion, self, self._checked(data, missing), *threshold)

    def _accuracy(self, data, missing, *threshold):
        table = self._confusion(data, missing, *threshold)
        return sage_objects.real_number(numpy.trace(table) / table.sum())

    def _mistakes(self, data, missing, *threshold):
        read = self._checked(data, missing)
        if read.is_chunked:
            rows = reduced(mistakes_at, self, read, *threshold, combine=None)
            return [Row(chunk.name, sage_objects.integer(chunk.first + row)) for chunk, own in zip(read.chunks, rows) for row in own.tolist()]
        # of what is read here, the rows as they were given
        rows = (mistakes if data is None or isinstance(data, Dataset) else mistakes_at)(read, self, *threshold)
        return [sage_objects.integer(row) for row in rows.tolist()]

    def _evaluate_chunks(self, data, weights):
        # The cost and its gradient, from sums over the chunks; those at the model's own weights, which are asked for often, once.
        if data is not self.data or weights is not self._weights:
            return self._sums_over_chunks(data, weights)
        return self._at_own_weights

    @functools.cached_property
    def _at_own_weights(self):
        return self._sums_over_chunks(self.data, self._weights)

    def _sums_over_chunks(self, data, weights):
        if self._options.get('cost') is not None:
            raise ValueError("the data are in chunks, and a cost of one's own is of rows in memory; expected data.sample(...) for some of "
                             'them, or data.in_memory() for all')
        cost, gradient, total = reduced(costs, type(self)(self.data, weights), data)
        l2, slopes = self._options.get('l2', 0.0), weights.reshape(-1, data.design.count).copy()
        slopes[:, :int(data.intercept)] = 0.0
        slopes = slopes.ravel()
        return float((cost + l2 * (slopes @ slopes) / 2) / total), (gradient + l2 * slopes) / total

    def _plot_confusion(self, data, missing, options, *threshold):
        from sage_logreg.plot.confusion import plot_confusion
        return plot_confusion(self._confusion(data, missing, *threshold), self.data.label_names, **options)

    # Two of the classes, or one against the others

    def _place(self, name):
        return place_of_label(name, self.data)

    def _others(self, place):
        return [k for k in range(self.data.classes) if k != place]

    def _differences(self, baseline):
        # The weights less those of a class.
        rows = self._of_classes()
        return sage_objects.real_matrix(rows - rows[self._place(baseline)])

    def between(self, one, other):
        r"""
        Return the logistic model of one of two classes, where no other is possible.

        INPUT:

        - ``one``, ``other`` -- labels; ``one`` is that whose probability is modelled

        OUTPUT: a :class:`~sage_logreg.model.logistic.LogisticModel` of the points of these classes. Its weights are the differences
        of those of the two classes, as `P(y = a | x) / P(y = b | x) = e^{z_a - z_b}`

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[0, 'no'], [1, 'yes'], [2, 'no'], [3, 'yes']])
            sage: model.between('no', 'yes').weights() == -model.weights()
            True
        """
        one, other = self._place(one), self._place(other)
        if one == other:
            raise ValueError(f'{self.data.label_text(one)} is given twice; expected two different labels')
        names = self.data.label_names
        return self._contrast(one, other, of_classes(self.data, names[other], names[one]))

    def relative_risk_ratios(self, baseline=None):
        r"""
        Return by which factor `P(y = k | x) / P(y = a | x)` grows when `x_j` grows by 1, for each class `k` and every variable.

        INPUT:

        - ``baseline`` -- (default: the first class) the class `a`

        OUTPUT: a K x n matrix over ``RDF``, the exponentials of ``weights(baseline)`` without the biases; the row of the baseline has ones.
        Of more than two classes ``odds_ratios`` is the same, and
        :meth:`~sage_logreg.model.logistic_inference.LogisticInference.coefficients`
        has them by name

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: model.relative_risk_ratios()  # rel tol 1e-6
            [1.00000000]
            [4.37908086]
            [2.17569418]
            sage: model.relative_risk_ratios(baseline='b')[0]  # rel tol 1e-6
            (0.22835842)
        """
        rows = self._of_classes()[:, int(self.data.intercept):]
        with numpy.errstate(over='ignore'):
            return sage_objects.real_matrix(numpy.exp(rows - rows[self._baseline(baseline)]))

    def _baseline(self, name):
        # The class that tables compare with, by its number.
        return 0 if name is None else self._place(name)

    def plot_weights(self, columns=5, captions=None, **options):
        r"""
        Return the weights of a model of images as images: red where a pixel speaks for a class, blue where against it.

        INPUT:

        - ``columns`` -- (default: 5) how many stand side by side
        - ``captions`` -- (default: the classes) list of texts
        - ``options`` -- options of Sage's ``matrix_plot`` and of ``show``

        OUTPUT: a ``Graphics``, with one scale of colours for all, symmetric about zero; the biases are left out. Of two classes
        there is one image, that of the second

        EXAMPLES::

            sage: from sage_logreg import digits, maximum_likelihood
            sage: model = maximum_likelihood(digits(), l2=1)
            sage: model.plot_weights()
            Graphics object consisting of 11 graphics primitives

        TESTS::

            sage: maximum_likelihood([[1, 0], [2, 1], [3, 0]]).plot_weights()
            Traceback (most recent call last):
            ...
            ValueError: plot_weights draws weights of pixels, and the model is in x1; expected a model of images, as from load_idx
        """
        from sage_logreg.plot.images import plot_weights
        data = self.data
        if not isinstance(data, Images):
            raise ValueError(f'plot_weights draws weights of pixels, and the model is in {listed(data.variables)}; '
                             'expected a model of images, as from load_idx')
        slopes = self._weights.reshape(-1, data.design.count)[:, int(data.intercept):]
        names = data.label_names if len(slopes) > 1 else data.label_names[1:]
        return plot_weights(slopes.reshape(-1, *data.shape), names, columns, captions, **options)

    def weight_names(self):
        r"""
        Return the names of the weights, in the order of all vectors, matrices and lists that this model returns.

        OUTPUT: a tuple of strings: ``'bias'`` (``'w0'``, if a variable is itself called bias), and the variables
        or features. A logistic model's :meth:`~sage_logreg.model.logistic_inference.LogisticInference.coefficients`
        has the weights by name

        EXAMPLES::

            sage: from sage_logreg import load_data, maximum_likelihood
            sage: model = maximum_likelihood(load_data([[0, 0], [1, 1], [2, 0], [3, 1]], variables='dose'))
            sage: dict(zip(model.weight_names(), model.weights()))  # abs tol 1e-6
            {'bias': -1.362276, 'dose': 0.908184}
        """
        return weight_names(self.data.design.variables, self.data.intercept)

    def validation_errors(self):
        r"""
        Return the part of the other data that was predicted wrongly, after each epoch of a training with ``validation``.

        OUTPUT: a list of elements of ``RDF``

        EXAMPLES::

            sage: from sage_logreg import ex2data1, stochastic_gradient_descent
            sage: data = ex2data1()
            sage: model = stochastic_gradient_descent(data.take(slice(80)), 0.001, epochs=3, validation=data.take(slice(80, 100)))
            sage: model.validation_errors(), model.best_epoch()
            ([0.15, 0.15, 0.15], 1)

        TESTS::

            sage: stochastic_gradient_descent(data, epochs=1).best_epoch()
            Traceback (most recent call last):
            ...
            ValueError: the training had no other data; expected one with validation=
        """
        return [sage_objects.real_number(error) for error in self._noted().errors]

    def best_epoch(self):
        r"""
        Return after how many epochs the error on the other data was smallest, the first time, in a training with ``validation``.

        With ``patience`` the weights of the model are those after this epoch, else those after the last one.

        EXAMPLES: see :meth:`validation_errors`.
        """
        return sage_objects.integer(self._noted().best_epoch)

    def _noted(self):
        if self._descent is None or self._descent.validation is None:
            raise ValueError('the training had no other data; expected one with validation=')
        return self._descent.validation

    @property
    def _has_bias(self):
        return self.data.intercept
