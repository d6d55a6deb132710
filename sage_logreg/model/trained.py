r"""
The result of a training: weights, cost, history

:class:`Trained` is what every training returns, whatever its cost.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=1000)
    sage: from sage_logreg.model.trained import Trained
    sage: isinstance(model, Trained)
    True
    sage: len(model.history()), model.iterations(), model.converged()
    (54, 1000, False)
"""
import copy
import dataclasses
import functools

import numpy

from sage_logreg.model.storage import Checkpoint, save_model
from sage_logreg.solvers.descent import METHODS, Watch, descend, go_on
from sage_logreg.solvers.plane import EvaluatedPlane
from sage_logreg.solvers.records import Record, Training
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import whole_number
from sage_logreg.support.warned import warn


class Trained:
    r"""
    The result of a training.

    INPUT:

    - ``data`` -- the :class:`~sage_logreg.dataset.dataset.Dataset` that it was trained on
    - ``weights`` -- float64 array of the weights, in the order of the cost
    - ``history`` -- list of :class:`~sage_logreg.solvers.records.Record`
    - ``iterations`` -- int; steps done, epochs for stochastic gradient descent
    - ``converged`` -- whether the weights have 8 correct digits of the minimum
    - ``method`` -- string; the name of the function that trained it
    - ``options`` -- dictionary of the options of that training
    - ``descent`` -- (default: ``None``) a :class:`~sage_logreg.solvers.records.Descent`, if one trained it
    - ``solver`` -- (default: ``None``) string; how an estimate was found

    A subclass defines the cost and its gradient in ``_evaluate(data, weights)``, the
    problem of a continued descent in ``_problem()``, and how it is saved in
    ``_entries()`` and ``_from_entries`` (see :mod:`sage_logreg.model.storage`).

    EXAMPLES: see :mod:`sage_logreg.model.trained`.
    """

    # of those that were pickled before there was a choice
    _solver = None
    # other data, for early stopping
    _validation = None
    # whether the first weight is a bias, as far as anybody knows
    _has_bias = True

    def __init__(self, data, weights, history=(), iterations=0, converged=False, method='given weights', options=None,
                 descent=None, solver=None):
        self.data = data
        self._weights = weights
        self._history = list(history)
        self._iterations = iterations
        self._converged = converged
        self.method = method
        self._options = dict(options or {})
        self._descent = descent
        self._solver = solver

    @classmethod
    def _of(cls, problem, training):
        # The model of what a solver has returned.
        model = cls(problem.data, *training.arguments())
        model._validation = problem.validation
        return model

    @classmethod
    def _doubt(cls, problem):
        # A function of the last weights of a descent that says why there may be no minimum; None for no such check.
        return None

    @classmethod
    def _descended(cls, problem, method, watch, checkpoint=None, initial=None, before=None):
        # The model of a descent, from its beginning or continued from the model before.
        of = functools.partial(cls._of, problem)
        if checkpoint is not None:
            watch = dataclasses.replace(watch, checkpoint=Checkpoint(checkpoint, of))
        doubt = cls._doubt(problem)
        training = (descend(problem, method, watch, initial, doubt) if before is None
                    else go_on(before._training(), problem, method, watch, doubt))
        if training.message:
            warn(f'{training.method}: {training.message}')
        return of(training)

    def _training(self):
        return Training(self._weights, self._history, self._iterations, self._converged, self.method, self._options,
                        self._descent, self._solver)

    def __eq__(self, other):
        r"""
        Return whether two models have the same data, training, weights and history.

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), iterations=100)
            sage: model == gradient_descent(ex2data1(), iterations=100), model == gradient_descent(ex2data1(), iterations=101)
            (True, False)
            sage: model == loads(dumps(model))
            True

        TESTS::

            sage: TestSuite(model).run()
            sage: len({model, loads(dumps(model)), copy(model)})
            1
            sage: model == 1
            False
        """
        if type(self) is not type(other):
            return NotImplemented
        return self is other or (self._identity() == other._identity() and self.data == other.data
                                 and self._validation == other._validation
                                 and _same(self._weights, other._weights) and _same(self._options, other._options)
                                 and _same(self._history, other._history))

    def __hash__(self):
        return hash((*self._identity(), *self._weights.tolist()))

    def _identity(self):
        return self.method, self._iterations, self._converged

    def __getstate__(self):
        # what is cached is computed again
        return {name: value for name, value in self.__dict__.items()
                if not isinstance(getattr(type(self), name, None), functools.cached_property)}

    def _ending(self):
        # How training ended, for __repr__.
        unit, penalty = self.unit() + ('' if self._iterations == 1 else 's'), self._penalty()
        # a descent of so many iterations promises nothing else
        missed = self.method == 'maximum_likelihood' and not self._converged
        if self.data.is_chunked and not self.data.is_bound:
            return f'by {self.method}{", " * bool(penalty)}{penalty}: {self._iterations} {unit}, without its data'
        return (f'by {self.method}{", " * bool(penalty)}{penalty}: {self._iterations} {unit}, cost {self.cost():.6g}, '
                f'largest gradient entry {abs(self._evaluate()[1]).max():.3g}{", not converged" * missed}')

    def _penalty(self):
        # What the weights minimise besides the cost, in words.
        options = self._options
        if options.get('lambda_'):
            return f'lambda = {options["lambda_"]:g}, l1_ratio = {options["l1_ratio"]:g}' + ', grouped' * options.get('grouped', False)
        both = ', '.join(f'{name} = {options[name]:g}' for name in ('l1', 'l2') if options.get(name))
        return both or ('bias-reduced' if options.get('bias_reduced') else '')

    def weights(self):
        r"""
        Return the weights, the bias first if there is one; those of an expression in the order of its parameters.

        OUTPUT: a vector over ``RDF``; a logistic model's :meth:`~sage_logreg.model.logistic_inference.LogisticInference.coefficients`
        has them by name

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
        Return the cost: the mean negative log-likelihood, with the penalty if there is one, or what was given in its place.

        INPUT:

        - ``data`` -- (default: the data trained on, with their weights and
          offset) anything that :func:`~sage_logreg.dataset.load.load_data` takes

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

        - ``data`` -- (default: the data trained on) anything that :func:`~sage_logreg.dataset.load.load_data` takes

        OUTPUT: a vector over ``RDF``, with an entry for each weight

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=0).gradient()  # abs tol 1e-8
            (-0.1, -12.00921659, -11.26284221)
        """
        return sage_objects.real_vector(self._evaluate(data)[1])

    def history(self):
        r"""
        Return what was recorded during training, one triple per record.

        OUTPUT: a list of :class:`~sage_logreg.solvers.records.Record`, named tuples ``(iteration, cost,
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
        return METHODS[self.method].unit if self.method in METHODS else 'iteration'

    def converged(self):
        r"""
        Return whether the weights are those of the minimum, to 8 digits.

        Each is right to `10^{-8}` of itself, or where it is smaller than a tenth of its standard error, of that tenth:
        by Newton's last step, and by an estimate of what rounding does to it. A
        descent that has stopped at its ``tol`` without a warning has a small gradient, which need not be
        as much. Then one Newton step tells, and there must be a single minimum as far as a quick check can tell;
        for a cost of one's own the Hessian is that of differences.

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: gradient_descent(ex2data1(), iterations=1000).converged()
            False
            sage: model = gradient_descent(ex2data1(), tol=1e-6, scale=True, learning_rate=5)
            sage: model.converged(), gradient_descent(ex2data1(), tol=1e-12, scale=True, learning_rate=5).converged()
            (False, True)
        """
        return self._converged

    def solver(self):
        r"""
        Return how the weights were found: a descent's name, or what :func:`~sage_logreg.training.maximum_likelihood` did.

        The choice is by the shape of the data, see :mod:`sage_logreg.solvers.choice`.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, gradient_descent, maximum_likelihood
            sage: maximum_likelihood(ex2data1()).solver(), gradient_descent(ex2data1(), iterations=0).solver()
            ('Newton', 'gradient_descent')
            sage: maximum_likelihood([[1, 2] + 40*[0] + [0], [2, 1] + 40*[0] + [1]], l2=1).solver()
            'Newton in the 2 coordinates of the rows, then quasi-Newton'
        """
        return self._solver or ('Newton' if self.method == 'maximum_likelihood' else self.method)

    def options(self):
        r"""
        Return the options of the training, as a dictionary.

        EXAMPLES::

            sage: from sage_logreg import stochastic_gradient_descent, ex2data1
            sage: sorted(stochastic_gradient_descent(ex2data1(), epochs=1).options())
            ['batch_size', 'cost', 'l2', 'learning_rate', 'momentum', 'scale', 'seed', 'shuffle', 'tol']
        """
        return copy.deepcopy(self._options)

    def resume(self, iterations=None, report=None, progress=None, callback=None, checkpoint=None):
        r"""
        Return the model after more of the same training.

        INPUT:

        - ``iterations`` -- (default: the remaining ones of those requested) how
          many more iterations, or epochs, to do after the first
          :meth:`iterations`
        - ``report`` -- (default: as before) as for
          :func:`~sage_logreg.training.gradient_descent`
        - ``progress``, ``callback``, ``checkpoint`` -- as for
          :func:`~sage_logreg.training.gradient_descent`

        OUTPUT: a new model, bit for bit the same as from a training that was
        never interrupted; its history continues the old one

        EXAMPLES:

        Ctrl-C stops a training (here a callback does), and nothing is lost::

            sage: from sage_logreg import stochastic_gradient_descent, ex2data1
            sage: model = stochastic_gradient_descent(ex2data1(), epochs=100, report=25,
            ....:                                     callback=lambda epoch, cost, w: epoch == 50)
            0 2.74496163645
            25 2.58392502838
            50 2.51609243056
            sage: model.iterations()
            50
            sage: resumed = model.resume()
            75 2.44850196536
            sage: resumed.iterations(), len(resumed.history())
            (100, 4)
            sage: resumed.weights() == stochastic_gradient_descent(ex2data1(), epochs=100).weights()
            True

        More than was requested at first::

            sage: resumed.resume(50).iterations()
            100 2.38125149363
            125 2.3144383752
            150

        TESTS::

            sage: resumed.resume()
            Traceback (most recent call last):
            ...
            ValueError: the training is complete after 100 epochs; resume(epochs) goes on for more of them
            sage: from sage_logreg import gradient_descent, maximum_likelihood
            sage: gradient_descent(ex2data1(), learning_rate=5, scale=True, tol=0.001).resume(10)
            Traceback (most recent call last):
            ...
            ValueError: the training has reached tol=0.001; for a smaller one train again, with this model as initial
            sage: maximum_likelihood(ex2data1()).resume()
            Traceback (most recent call last):
            ...
            ValueError: a model by maximum_likelihood cannot be resumed; expected one that a descent has trained
        """
        method, problem = self._method_to_go_on(iterations), self._problem()
        problem.validation = self._validation
        return type(self)._descended(problem, method, Watch(report, progress, callback), checkpoint, before=self)

    def _method_to_go_on(self, iterations):
        # The method as before, with the total of iterations to come to.
        descent, unit = self._descent, self.unit()
        if descent is None:
            how = 'with given weights' if self.method == 'given weights' else f'by {self.method}'
            raise ValueError(f'a model {how} cannot be resumed; expected one that a descent has trained')
        if descent.stopped == 'diverged':
            raise ValueError(f'the training has diverged after {self._iterations} {unit}s; train again, with a '
                             f'smaller learning_rate than {self._options["learning_rate"]:g}')
        if descent.stopped == 'patience':
            raise ValueError(f'the training has ended after {self._iterations} {unit}{"s" * (self._iterations != 1)}, as its patience '
                             'was over; train again, with a larger patience')
        if descent.stopped == 'converged':
            raise ValueError(f'the training has reached tol={self._options["tol"]:g}; for a smaller one train again, '
                             'with this model as initial')
        if iterations is not None:
            total = self._iterations + whole_number('iterations', iterations, minimum=1)
        elif descent.stopped is None and self._iterations >= descent.total:
            raise ValueError(f'the training is complete after {descent.total} {unit}s; resume({unit}s) goes on '
                             'for more of them')
        else:
            total = descent.total
        return METHODS[self.method].of_options(self._options, total)

    def save(self, path):
        r"""
        Write the model to a text file, whole or not at all.

        :func:`~sage_logreg.model.storage.load_model` reads it. The file is JSON: all
        numbers to the last bit, with data, history and options; see
        :mod:`sage_logreg.model.storage`.

        INPUT:

        - ``path`` -- string or path object; an existing file is replaced

        EXAMPLES::

            sage: from sage_logreg import ex2data1, gradient_descent, load_model
            sage: model = gradient_descent(ex2data1(), iterations=1000)
            sage: path = tmp_filename(ext='.json')
            sage: model.save(path)
            sage: load_model(path) == model
            True

        Sage's own ``save`` pickles a model, as it does any object::

            sage: save(model, path[:-5])
            sage: load(path[:-5]) == model
            True
        """
        save_model(self, path)

    def plot_history(self, *others, labels=None, **options):
        r"""
        Return the cost against the iteration, as a Sage ``Graphics``.

        INPUT:

        - ``others`` -- more models, whose curves are drawn as well
        - ``labels`` -- (default: how each was trained) list of texts for the
          legend, or one text for one model; without it there is a legend only
          when several models are drawn
        - ``options`` -- any options of Sage's ``line`` and of ``show``

        OUTPUT: a ``Graphics``. The curve is the cost over all the data at the
        recorded weights, also for stochastic gradient descent, whose history
        holds the cost of single batches; there it ends with the last record, as
        the last weights are one batch ahead. Where one training is more than 20 times
        longer than another one, the axis of steps is logarithmic, unless ``scale='linear'``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: slow = gradient_descent(ex2data1(), iterations=300000)
            sage: slow.plot_history()
            Graphics object consisting of 1 graphics primitive
            sage: fast = gradient_descent(ex2data1(), learning_rate=1, iterations=300000, scale=True, tol=1e-9)
            sage: slow.plot_history(fast)
            Graphics object consisting of 2 graphics primitives
        """
        from sage_logreg.plot.history import plot_history
        return plot_history((self, *others), labels, **options)

    def _plane(self, pair):
        # The cost over a plane of two weights.
        return EvaluatedPlane(lambda weights: self._evaluate(weights=weights), pair, len(self.data))

    def plot_cost_surface(self, weights=None, labels=None, **options):
        r"""
        Return the contours of the cost over two weights, with the path of the training.

        INPUT:

        - ``weights`` -- (default: the first two after a bias) the indices of
          two weights, such as ``[0, 2]``
        - ``labels`` -- (default: in English) three texts for the legend: of the path, its start and its end
        - ``options`` -- options of Sage's ``contour_plot`` and of ``show``

        OUTPUT: a ``Graphics``. Each place has the lowest cost over all other weights, as
        the title says: a training from there would come to it with these two fixed. Of more than two classes the
        sum of each variable's weights over the classes stays, as one could otherwise undo what the two do. Of very many
        weights the others are minimised only in the directions in which the training has moved them

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, ex2data1
            sage: model = gradient_descent(ex2data1(), learning_rate=1, iterations=2000, scale=True)
            sage: model.plot_cost_surface()  # long time
            Graphics object consisting of 4 graphics primitives
        """
        from sage_logreg.plot.path import plot_cost_surface
        return plot_cost_surface(self, weights, labels, **options)


def _same(one, two):
    # Equality of values that may contain arrays, whose == is entry by entry.
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_same(one[name], two[name]) for name in one)
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)):
        return len(one) == len(two) and all(map(_same, one, two))
    if isinstance(one, (numpy.ndarray, float)) and isinstance(two, (numpy.ndarray, float)):
        return numpy.array_equal(one, two, equal_nan=True)
    return one is two or one == two
