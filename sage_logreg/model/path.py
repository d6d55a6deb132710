r"""
Regularization paths: the models of all penalties, from none of the columns on

EXAMPLES::

    sage: from sage_logreg import *
    sage: path = regularization_path(ex2data1(), count=5)
    sage: path
    Elastic net of P(y = 1), l1_ratio = 1, 100 rows, 2 columns
      lambda        degrees of freedom   deviance ratio   gap
    ...
      0.281229      0                    0                ...
      0.0281229     2                    0.639453         ...
    ...
    sage: path.model(path.lambdas()[2]).boundary()  # rel tol 1e-3
    -1.02752*x1 + 125.09828

Of more than two classes a column has a weight for each, and by default all of these are zero or none::

    sage: path = regularization_path(penguins(label='species', variables='bill_length_mm, body_mass_g'), count=4)
    sage: path
    Elastic net of species (Adelie, Chinstrap, Gentoo), grouped, l1_ratio = 1, 342 rows, 2 columns
      lambda        degrees of freedom   deviance ratio   gap
    ...
      0.51051      0                    0                ...
      0.0236958    2                    0.822616         ...
    ...
    sage: path.model(0.2).boundary('Gentoo', 'Adelie')  # rel tol 1e-3
    -157.553*bill_length_mm + 11328.77
"""
import functools

import numpy

from sage_logreg.dataset.observations import groups_of_rows
from sage_logreg.model.logistic import LogisticModel
from sage_logreg.model.multinomial import MultinomialModel
from sage_logreg.solvers.folds import folds_of
from sage_logreg.solvers.penalties import deviations_of
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import listed, real_number, shown, whole_number
from sage_logreg.support.interrupt import interrupts_explained, is_interrupt
from sage_logreg.support.progress import progress_bar
from sage_logreg.support.tables import Shown, Table
from sage_logreg.support.warned import warn

# a penalty that differs less from one of the path is that one
SAME = 1e-12
# folds get rows by this seed
SEED = 0
LENGTHS = ['log lambda', "length of the scaled column's weights"]


def net_of(data, options):
    r"""
    Return the solver of all penalties, of two classes or of more.
    """
    # what is compiled is not needed by others
    if data.classes == 2:
        from sage_logreg.solvers.elastic_net import ElasticNet
        return ElasticNet(data, options)
    from sage_logreg.solvers.softmax_net import ElasticNetOfClasses
    return ElasticNetOfClasses(data, options)


class Path(Shown):
    r"""
    The elastic net of some data for falling penalties, as :func:`~sage_logreg.training.regularization_path` returns it.

    INPUT:

    - ``data`` -- the :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``options`` -- dictionary of ``l1_ratio``, ``standardize``, ``penalty_factors``, ``tol``, and of more than two classes ``grouped``
    - ``points`` -- list of :class:`~sage_logreg.solvers.elastic_net.PathPoint`

    EXAMPLES: see :mod:`sage_logreg.model.path`.
    """

    def __init__(self, data, options, points):
        self.data, self._options, self._points = data, options, points

    def __getstate__(self):
        return {name: value for name, value in self.__dict__.items() if name != '_net'}

    @functools.cached_property
    def _net(self):
        return self._net_of(self.data)

    def _net_of(self, data):
        return net_of(data, self._options)

    @property
    def note(self):
        data = self.data
        what = f'P({data.label_text(1)})'
        if data.classes > 2:
            what = f'{data.label_name} ({listed(map(str, data.label_names), "classes")})' + ', grouped' * self._options['grouped']
        rows = f'{len(data)} rows' if data.trials is None else f'{len(data.trials)} groups with {data.trials.sum():g} trials'
        return f'Elastic net of {what}, l1_ratio = {self._options["l1_ratio"]:g}, {rows}, {data.design.width} column{"s" * (data.design.width > 1)}'

    def _columns(self):
        points = self._points
        return {'lambda': [point.lambda_ for point in points],
                'degrees of freedom': [point.degrees for point in points],
                'deviance ratio': [point.explained for point in points],
                'gap': [point.gap for point in points]}

    def _rows(self):
        return Table(self._columns())._rows()

    def __len__(self):
        return len(self._points)

    def lambdas(self):
        r"""
        Return the penalties of the path, the largest first, as a vector over ``RDF``.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, regularization_path
            sage: regularization_path(ex2data1(), count=3).lambdas()  # abs tol 1e-6
            (0.281229, 0.00281229, 0.0000281229)
        """
        return self._vector('lambda')

    def degrees_of_freedom(self):
        r"""
        Return how many weights besides the bias are not zero, for each penalty; of more than two classes, how many columns have any.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, regularization_path
            sage: regularization_path(ex2data1(), count=3).degrees_of_freedom()
            [0, 2, 2]
        """
        return [sage_objects.integer(point.degrees) for point in self._points]

    def deviance_ratio(self):
        r"""
        Return which part of the deviance of the model without penalised weights is explained, for each penalty; of grouped data
        that of the groups, as by :meth:`~sage_logreg.model.logistic.LogisticModel.deviance`.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, regularization_path
            sage: regularization_path(ex2data1(), lambdas=[0.1, 0.01]).deviance_ratio()  # abs tol 1e-5
            (0.457711, 0.684138)
        """
        return self._vector('deviance ratio')

    def gaps(self):
        r"""
        Return the duality gaps, beside the cost of the model without penalised weights: by so much the objective is above its minimum at most.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, regularization_path
            sage: max(regularization_path(ex2data1(), count=5).gaps()) < 1e-6
            True
        """
        return self._vector('gap')

    def _vector(self, title):
        return sage_objects.real_vector(numpy.array(self._columns()[title]))

    def _point_at(self, lambda_):
        # On the path, or a new fit from the nearest larger penalty on.
        lambda_ = real_number('lambda_', lambda_, above=0)
        larger = None
        for point in self._points:
            if abs(point.lambda_ - lambda_) <= SAME * lambda_:
                return point
            if point.lambda_ > lambda_:
                larger = point
        net = self._net
        begun = (None, None) if larger is None else (net.start(larger), larger.lambda_)
        point, = net.path([lambda_], False, *begun)
        return point

    def weights(self, lambda_):
        r"""
        Return the weights at a penalty, in the units of the data, the bias first.

        INPUT:

        - ``lambda_`` -- positive real number; between two penalties of the path it is fitted, not interpolated

        OUTPUT: a vector over ``RDF``; of K > 2 classes a K x (n + 1) matrix, a row a class. There the biases sum to zero, and the weights
        of a column as well if the penalty is grouped; otherwise they are those with the least penalty, see
        :func:`~sage_logreg.training.regularization_path`

        EXAMPLES::

            sage: from sage_logreg import ex2data1, penguins, regularization_path
            sage: regularization_path(ex2data1()).weights(1/10)  # abs tol 1e-4
            (-5.60835, 0.049315, 0.043878)
            sage: data = penguins(label='species', variables='bill_length_mm, body_mass_g')
            sage: regularization_path(data).weights(1/2)  # abs tol 1e-5
            [ 0.516269 -0.004144 0.0]
            [-0.542372  0.001797 0.0]
            [ 0.026103  0.002347 0.0]
        """
        weights = self._weights_at(self._point_at(lambda_))
        return (sage_objects.real_vector if weights.ndim == 1 else sage_objects.real_matrix)(weights)

    def _weights_at(self, point):
        return point.weights(self.data.design.width, self.data.intercept)

    def model(self, lambda_):
        r"""
        Return the model at a penalty.

        INPUT: as for :meth:`weights`

        OUTPUT: a :class:`~sage_logreg.model.logistic.LogisticModel`, of more than two classes a
        :class:`~sage_logreg.model.multinomial.MultinomialModel`; its cost is with the penalty

        EXAMPLES::

            sage: from sage_logreg import ex2data1, regularization_path
            sage: model = regularization_path(ex2data1()).model(1/10)
            sage: model
            Logistic model in x1, x2 by regularization_path, lambda = 0.1, l1_ratio = 1: ... iterations, cost 0.54157..., largest gradient entry ...
            sage: model.accuracy()
            0.9...
        """
        point = self._point_at(lambda_)
        kind = LogisticModel if self.data.classes == 2 else MultinomialModel
        return kind(self.data, self._weights_at(point).ravel(), (), point.steps, point.converged, 'regularization_path',
                    {'lambda_': point.lambda_, **self._options}, solver='coordinate descent')

    def plot(self, names=10, by_class=None, **options):
        r"""
        Return the weights against the penalty, on a logarithmic axis, with the degrees of freedom on top.

        INPUT:

        - ``names`` -- (default: 10) how many weights are named, the largest at the end, in units of their columns' deviations
        - ``by_class`` -- of more than two classes: whether there is a picture of each class' weights, or one of
          the lengths of the columns' weights (default: where they are grouped, these)
        - ``options`` -- options of Sage's ``line`` and of ``show``

        OUTPUT: a ``Graphics``, with ``by_class`` a ``GraphicsArray``; the weights are those of columns of deviation 1, so that they can be compared

        EXAMPLES::

            sage: from sage_logreg import ex2data1, penguins, regularization_path
            sage: regularization_path(ex2data1()).plot()
            Graphics object consisting of ... graphics primitives
            sage: path = regularization_path(penguins(label='species', variables='bill_length_mm, body_mass_g'), count=20)
            sage: path.plot()
            Graphics object consisting of ... graphics primitives
            sage: path.plot(by_class=True)
            Graphics Array of size 1 x 3

        TESTS::

            sage: regularization_path(ex2data1(), count=3).plot(by_class=True)
            Traceback (most recent call last):
            ...
            ValueError: by_class = True is of more than two classes; the data have 2, and one weight for each column
            sage: path.plot(by_class='Gentoo')
            Traceback (most recent call last):
            ...
            TypeError: by_class = 'Gentoo'; expected True or False
        """
        from sage_logreg.plot.coefficients_path import plot_path, plot_paths_of_classes
        names, classes = whole_number('names', names), self.data.classes
        if not (by_class is None or isinstance(by_class, (bool, numpy.bool_))):
            raise TypeError(f'by_class = {shown(by_class)}; expected True or False')
        if by_class is not None and classes == 2:
            raise ValueError(f'by_class = {shown(by_class)} is of more than two classes; the data have 2, and one weight for each column')
        columns = numpy.unique(numpy.concatenate([point.columns for point in self._points]))
        scale = deviations_of(self.data.counted())[columns]
        table = numpy.array([point.weights(self.data.design.width, False)[..., columns] * scale for point in self._points])
        rest = [self.data.design.variables[j] for j in columns], [point.degrees for point in self._points], names
        lambdas = [point.lambda_ for point in self._points]
        if classes == 2:
            return plot_path(lambdas, table, *rest, **options)
        if not self._options['grouped'] if by_class is None else by_class:
            titles = list(map(self.data.label_text, range(classes)))
            return plot_paths_of_classes(lambdas, table, titles, *rest, **options)
        return plot_path(lambdas, numpy.sqrt((table**2).sum(axis=1)), *rest, **{'axes_labels': LENGTHS, **options})

    @interrupts_explained('cross_validate: interrupted')
    def cross_validate(self, folds=10, seed=SEED, progress=None):
        r"""
        Return how well the models of the path predict rows that they have not seen.

        INPUT:

        - ``folds`` -- (default: 10) into how many parts the rows are divided; each in turn is predicted by a path of the others.
          The classes are divided equally among them
        - ``seed`` -- (default: 0) whole number below `2^{32}` that determines the division
        - ``progress`` -- (default: in a terminal or a notebook) show a bar

        OUTPUT: a :class:`PathValidation`

        EXAMPLES::

            sage: from sage_logreg import ex2data1, regularization_path
            sage: validation = regularization_path(ex2data1(), count=20).cross_validate(folds=5)
            sage: validation.lambda_min() <= validation.lambda_1se()
            True

        TESTS::

            sage: regularization_path(ex2data1(), count=3).cross_validate(folds=1)
            Traceback (most recent call last):
            ...
            ValueError: folds = 1; expected a whole number from 2 to 100
            sage: regularization_path(([[1], [2], [3]], [0, 1, 1]), count=3).cross_validate(folds=3)
            Traceback (most recent call last):
            ...
            ValueError: without fold 1 of 3 there are no points with y = 0; expected some of each of the 2 classes, or of_classes() of the data, which leaves out those without
        """
        data = self.data
        place = self._folds(folds, whole_number('seed', seed, maximum=2**32 - 1))
        folds = place.max() + 1
        lambdas = [point.lambda_ for point in self._points]
        deviances, totals = numpy.empty((folds, len(lambdas))), numpy.empty(folds)
        for fold in progress_bar(range(folds), desc='cross_validate', disable=None if progress is None else not progress):
            train, test = data.take((place != fold) & (place >= 0)), data.take(place == fold)
            try:
                train.check_all_there()
            except ValueError as error:
                raise ValueError(f'without fold {fold + 1} of {folds} {error}') from None
            totals[fold] = test.total()
            for k, point in enumerate(self._net_of(train).path(lambdas)):
                deviances[fold, k] = _deviance(test, self._weights_at(point))
        return PathValidation(self, numpy.array(lambdas), deviances, totals)

    def _folds(self, folds, seed):
        # The number of a fold for each row, in each class as often, -1 where the weight is zero; the trials of one group are kept together.
        data, counted = self.data, self.data.rows_that_count()
        groups = None if data.trials is None else numpy.unique(groups_of_rows(data)[counted], return_inverse=True)[1].ravel()
        units = len(counted) if groups is None else int(groups.max()) + 1
        place = numpy.full(len(data), -1)
        place[counted] = folds_of(data.labels[counted], groups, whole_number('folds', folds, 2, units), True, numpy.random.RandomState(seed))
        return place


def _deviance(data, weights):
    # The mean deviance of rows.
    if weights.ndim == 2:
        z = data.design.products(weights) + (0.0 if data.offset is None else data.offset)
        losses = numpy.logaddexp.reduce(z, axis=1) - z[numpy.arange(len(z)), data.labels.astype(int)]
    else:
        z = data.log_odds(weights)
        losses = numpy.logaddexp(0.0, numpy.where(data.labels > 0.5, -z, z))
    weights = numpy.ones(len(data)) if data.weights is None else data.weights
    return 2 * float(weights @ losses / weights.sum())


class PathValidation(Shown):
    r"""
    The deviances of rows that were left out, for each penalty of a path.

    INPUT:

    - ``path`` -- a :class:`Path`
    - ``lambdas`` -- array of its penalties
    - ``deviances`` -- array, folds x penalties: the mean deviance of the rows left out
    - ``totals`` -- array of the folds' sums of weights

    EXAMPLES::

        sage: from sage_logreg import ex2data1, regularization_path
        sage: validation = regularization_path(ex2data1(), count=10).cross_validate(folds=5, seed=1)
        sage: len(validation.deviances()), validation.lambda_min() in list(validation.path.lambdas())
        (9, True)
    """

    def __init__(self, path, lambdas, deviances, totals):
        self.path, self._lambdas, self._deviances, self._totals = path, lambdas, deviances, totals
        share = totals / totals.sum()
        self._means = share @ deviances
        # of the mean of the folds, as glmnet estimates it
        self._errors = numpy.sqrt(share @ (deviances - self._means)**2 / (len(totals) - 1))

    @property
    def note(self):
        return (f'Deviance of rows left out, {len(self._totals)} folds; least at lambda = {self.lambda_min():.6g}, '
                f'within one standard error up to lambda = {self.lambda_1se():.6g}')

    def _columns(self):
        return {'lambda': list(self._lambdas), 'deviance': list(self._means), 'std. error': list(self._errors),
                'degrees of freedom': [point.degrees for point in self.path._points]}

    def _rows(self):
        return Table(self._columns())._rows()

    def deviances(self):
        r"""
        Return the mean deviances of the rows left out, a vector over ``RDF`` with a number for each penalty.
        """
        return sage_objects.real_vector(self._means)

    def standard_errors(self):
        r"""
        Return the standard errors of :meth:`deviances`, by their differences between the folds.
        """
        return sage_objects.real_vector(self._errors)

    def lambda_min(self):
        r"""
        Return the penalty with the least deviance of rows left out.
        """
        return sage_objects.real_number(self._lambdas[self._means.argmin()])

    def lambda_1se(self):
        r"""
        Return the largest penalty whose deviance is within one standard error of the least.
        """
        best = self._means.argmin()
        return sage_objects.real_number(self._lambdas[numpy.flatnonzero(self._means <= self._means[best] + self._errors[best])[0]])

    def plot(self, **options):
        r"""
        Return the deviances with their standard errors against the penalty, and both choices as dashed lines.

        INPUT:

        - ``options`` -- options of Sage's ``point`` and of ``show``

        EXAMPLES::

            sage: from sage_logreg import ex2data1, regularization_path
            sage: regularization_path(ex2data1(), count=10).cross_validate(folds=3).plot()
            Graphics object consisting of ... graphics primitives
        """
        from sage_logreg.plot.coefficients_path import plot_validation
        return plot_validation(self._lambdas, self._means, self._errors, float(self.lambda_min()), float(self.lambda_1se()),
                               [point.degrees for point in self.path._points], **options)


def fitted_path(net, lambdas, ends, progress):
    r"""
    Return the points of a path, and what kept it from its end, or ``None``.
    """
    points = []
    with progress_bar(total=len(lambdas), desc='regularization_path', unit=' lambdas',
                      disable=None if progress is None else not progress) as bar:
        try:
            for point in net.path(lambdas, ends):
                points.append(point)
                bar.update()
        except (KeyboardInterrupt, SystemError) as error:
            if not is_interrupt(error) or not points:
                raise
            return points, f'interrupted after {len(points)} of {len(lambdas)} penalties'
    missed = sum(not point.converged for point in points)
    return points, f'at {missed} of {len(points)} penalties the gap is larger than tol' if missed else None


def warned_path(data, options, net, lambdas, ends, progress):
    r"""
    Return the :class:`Path`, with a warning where it is not what was asked for.
    """
    points, message = fitted_path(net, lambdas, ends, progress)
    if message:
        warn(f'regularization_path: {message}')
    return Path(data, options, points)
