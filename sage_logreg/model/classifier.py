r"""
What the models of two and of more classes share: how they read points and other data

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).weight_names()
    ('bias', 'x1', 'x2')
"""
from sage_logreg.dataset.design import Design
from sage_logreg.dataset.names import weight_names
from sage_logreg.dataset.points import image_design, load_data_like, load_points
from sage_logreg.model.trained import Trained
from sage_logreg.support import sage_objects


class Classifier(Trained):
    r"""
    A trained model of the probabilities of labels.

    INPUT: as for :class:`~sage_logreg.model.trained.Trained`; the data have labels.

    EXAMPLES: see :mod:`sage_logreg.model.classifier`.
    """

    def _checked(self, data, missing='error'):
        # Other data, read like the model's own: with its labels and its order of variables.
        return self.data if data is None else load_data_like(data, self.data, missing)

    def _design_of(self, points, missing='error'):
        # Points that a user gives as columns of the weights, and whether a single one was given.
        design, single = image_design(points, self.data)
        if design is not None:
            return design, single
        points, single, place = load_points(points, self.data, missing)
        features = self.data.features
        if features is not None:
            points = features.checked_values(points, place)
        return Design(points, intercept=self.data.intercept), single

    def _label_names(self):
        # The labels as a Sage user sees them.
        return [sage_objects.integer(name) if type(name) is int else name for name in self.data.label_names]

    def weight_names(self):
        r"""
        Return the names of the weights, in the order of all vectors, matrices and lists that this model returns.

        OUTPUT: a tuple of strings: ``'bias'`` (``'w0'``, if a variable is itself called bias), and the variables
        or features. A logistic model's ``coefficients()`` have the weights by name

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
