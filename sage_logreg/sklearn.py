r"""
For scikit-learn users: the training as an estimator

:class:`SageLogisticRegression` has the interface of scikit-learn's classifiers,
and works in its pipelines, searches and cross-validations.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.sklearn import SageLogisticRegression
    sage: from sklearn.model_selection import GridSearchCV, cross_val_score
    sage: from sklearn.pipeline import make_pipeline
    sage: from sklearn.preprocessing import PolynomialFeatures, StandardScaler
    sage: data = ex2data1()
    sage: cross_val_score(SageLogisticRegression(), data.points, data.labels)
    array([0.85, 0.9 , 0.9 , 0.9 , 0.9 ])
    sage: curved = make_pipeline(PolynomialFeatures(2, include_bias=False), StandardScaler(), SageLogisticRegression())
    sage: search = GridSearchCV(curved, {'sagelogisticregression__l2': [1/100, 1/10, 1]}, cv=5)
    sage: search.fit(data.points, data.labels).best_params_
    {'sagelogisticregression__l2': 1/100}

The fitted model is a :class:`~sage_logreg.model.logistic.LogisticModel`, with its formulas
and pictures::

    sage: classifier = SageLogisticRegression().fit(data.points, data.labels)
    sage: classifier.model_.boundary()  # rel tol 1e-6
    -1.02378513*x1 + 124.896320

Nothing here imports Sage.
"""
import threading

import numpy

from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.design import Design
from sage_logreg.dataset.names import name_of_label, names_of_titles
from sage_logreg.dataset.sparse import canonical, is_sparse, stays_sparse
from sage_logreg.model.multinomial import softmax
from sage_logreg.support.arguments import as_float, check_not_negative, real_number, shown, whole_number
from sage_logreg.support.interrupt import interrupts_noted
from sage_logreg.training import gradient_descent, maximum_likelihood, stochastic_gradient_descent

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils.class_weight import compute_class_weight
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_array, check_is_fitted, validate_data
except ImportError as error:
    raise ImportError("sage_logreg.sklearn needs scikit-learn 1.6 or later; "
                      "install it with: pip install 'sage_logreg[sklearn]'") from error

# what penalty says of l1_ratio, whose own values they may be beside
RATIOS = {'l1': (1.0, (0.0, 1.0)), 'l2': (0.0, (0.0,))}
DESCENTS = ('gradient_descent', 'stochastic_gradient_descent')
METHODS = ('maximum_likelihood', *DESCENTS)
FLOATS = (numpy.float64, numpy.float32)

# A compiled Theano function holds the data of one training at a time.
_training = threading.Lock()


class _FitOfMethod:
    # The signature of fit depends on the method: scikit-learn reads from it
    # whether the samples can have weights.

    def __get__(self, estimator, owner):
        if estimator is None:
            return owner._fit_weighted
        return estimator._fit_unweighted if str(estimator.method) in DESCENTS else estimator._fit_weighted


class SageLogisticRegression(ClassifierMixin, BaseEstimator):
    r"""
    Logistic regression, as a scikit-learn estimator: of two classes, or multinomial of more.

    One model a class against all others together is ``OneVsRestClassifier(SageLogisticRegression())`` of scikit-learn.

    INPUT:

    - ``method`` -- (default: ``'maximum_likelihood'``) the training function of
      this package; the others are ``'gradient_descent'`` and
      ``'stochastic_gradient_descent'``, which descend in standardised variables
    - ``l2`` -- (default: 1) penalty: `\frac{\lambda}{2} \sum_{j \ge 1} w_j^2`, of more than two classes
      summed over all of them, is subtracted from the log-likelihood. This is the penalty of scikit-learn's
      ``LogisticRegression`` with `C = 1/\lambda`, and its default, so that this
      estimator can replace it; the functions of this package have no penalty by
      default. It applies in the units of the data: scale columns of very
      different sizes with a ``StandardScaler`` first, above all for the descents
    - ``penalty``, ``C``, ``l1_ratio`` -- (default: ``'elasticnet'``, `1/\lambda`, 0) the same as in ``LogisticRegression``:
      `\frac{1}{C} \sum_{j \ge 1} \left(\alpha |w_j| + \tfrac{1 - \alpha}{2} w_j^2\right)` is subtracted from the log-likelihood,
      with `\alpha` = ``l1_ratio`` from 0 to 1, of more than two classes summed over all of them. Above 0 it makes weights exactly zero. ``'l1'`` says ``l1_ratio=1``, ``'l2'`` says ``l1_ratio=0``,
      and ``None`` that there is no penalty. With a part of absolute values, the method is ``'maximum_likelihood'``
    - ``bias_reduced`` -- (default: ``False``) Firth's estimate; for
      ``'maximum_likelihood'`` of two classes with ``l2=0`` only
    - ``tol`` -- (default: ``1e-10`` for ``'maximum_likelihood'``, ``1e-4`` for
      ``'gradient_descent'``, never for ``'stochastic_gradient_descent'``) stop
      when no entry of the gradient of the mean cost is larger, in standardised
      variables; with ``l1_ratio`` above 0 the duality gap to come to, as a part of the cost of the bias alone
    - ``learning_rate`` -- positive real number (default: 0.1); not used by
      ``'maximum_likelihood'``
    - ``max_iter`` -- the largest number of passes over the data in a descent: steps
      of ``'gradient_descent'`` or epochs of ``'stochastic_gradient_descent'``
      (default: 1000); not used by ``'maximum_likelihood'``, which needs about ten
    - ``batch_size`` -- samples per step of ``'stochastic_gradient_descent'``
      (default: 32); not used by the other methods
    - ``fit_intercept`` -- (default: ``True``) whether the model has a bias; without it ``intercept_`` is zero
    - ``class_weight`` -- (default: ``None``, ones) how often the points of each class count: a dictionary from classes to
      positive numbers, 1 for the others, or ``'balanced'``, by which all classes count alike
    - ``random_state`` -- (default: ``None``, the same as 0) whole number, or NumPy's
      ``RandomState``, that determines the order of the samples in
      ``'stochastic_gradient_descent'``; not used by the other methods

    After :meth:`fit` it has these attributes:

    - ``model_`` -- the :class:`~sage_logreg.model.logistic.LogisticModel`, or of more than two classes the
      :class:`~sage_logreg.model.multinomial.MultinomialModel`, which holds the data as well
    - ``classes_`` -- array of the K labels, in sorted order
    - ``coef_``, ``intercept_`` -- float64 arrays, K x n and K, a row a class, whose sum is zero; of two classes
      1 x n and 1, those of the second
    - ``n_iter_`` -- array of 1 whole number, the steps or epochs made
    - ``n_features_in_``, and ``feature_names_in_`` if the data were a frame

    A descent that did not converge, diverged or was interrupted warns, and the
    attributes hold the weights that it reached. After an interrupt ``fit``
    ends in a ``KeyboardInterrupt`` as well.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.sklearn import SageLogisticRegression
        sage: data = ex2data1()
        sage: classifier = SageLogisticRegression(l2=1/10).fit(data.points, data.labels)
        sage: classifier.coef_, classifier.intercept_  # abs tol 1e-6
        (array([[0.2061432, 0.201382 ]]), array([-25.15031679]))
        sage: classifier.score(data.points, data.labels)
        0.89
        sage: classifier.predict_proba([[45, 85]])  # abs tol 1e-6
        array([[0.2238105, 0.7761895]])

    The formulas use the names of a frame's columns::

        sage: import pandas
        sage: frame = pandas.DataFrame(data.points, columns=['first', 'second'])
        sage: SageLogisticRegression().fit(frame, data.labels).model_.log_odds()  # rel tol 1e-6
        0.20535446*first + 0.20058356*second - 25.05214805

    The lasso chooses columns; of the last six ones, which are noise, it takes none::

        sage: import numpy
        sage: from sklearn.preprocessing import StandardScaler
        sage: noise = numpy.random.RandomState(0).normal(size=(100, 6))
        sage: points = StandardScaler().fit_transform(numpy.column_stack([data.points, noise]))
        sage: lasso = SageLogisticRegression(penalty='l1', C=1/10).fit(points, data.labels)
        sage: lasso.coef_.round(6)  # abs tol 1e-5
        array([[0.954774, 0.811294, 0.      , 0.      , 0.      , 0.      ,
                0.      , 0.      ]])
        sage: SageLogisticRegression(l1_ratio=1/2, C=1/10).fit(points, data.labels).coef_.astype(bool).sum()
        2

    More than two classes, with names::

        sage: from sage_logreg import penguins
        sage: data = penguins(label='species', variables='bill_length_mm, bill_depth_mm')
        sage: classifier = SageLogisticRegression().fit(data.points, [data.label_names[int(y)] for y in data.labels])
        sage: classifier.coef_  # abs tol 1e-6
        array([[-1.02460666,  2.21661142],
               [ 0.3352299 ,  0.37384604],
               [ 0.68937676, -2.59045745]])
        sage: classifier.predict_proba([[45, 15]])  # abs tol 1e-6
        array([[8.48278909e-06, 1.45099175e-02, 9.85481600e-01]])
        sage: classifier.model_.boundary('Gentoo', 'Adelie')  # rel tol 1e-6
        0.356554788*x1 + 1.381221193

    If the classes are separated there is an estimate only with a penalty, or
    with ``bias_reduced=True``::

        sage: points, labels = [[1], [2], [3], [4]], ['no', 'no', 'yes', 'yes']
        sage: SageLogisticRegression().fit(points, labels).predict([[0], [5]]).tolist()
        ['no', 'yes']
        sage: SageLogisticRegression(l2=0).fit(points, labels)
        Traceback (most recent call last):
        ...
        SeparationError: ...

    TESTS::

        sage: SageLogisticRegression(method='newton').fit(points, labels)
        Traceback (most recent call last):
        ...
        ValueError: method = 'newton'; expected 'maximum_likelihood', 'gradient_descent' or 'stochastic_gradient_descent'
        sage: SageLogisticRegression(l2=0, bias_reduced=True).fit(points, [1, 2, 3, 3])
        Traceback (most recent call last):
        ...
        ValueError: bias_reduced=True is of two classes, and the data have 3; expected l2 instead
        sage: SageLogisticRegression('gradient_descent', bias_reduced=True).fit(points, labels)
        Traceback (most recent call last):
        ...
        ValueError: bias_reduced = True with method='gradient_descent'; expected method='maximum_likelihood'
        sage: SageLogisticRegression('gradient_descent', l1_ratio=1).fit(points, labels)
        Traceback (most recent call last):
        ...
        ValueError: l1_ratio=1 with method='gradient_descent'; expected method='maximum_likelihood'
        sage: SageLogisticRegression(l2=3, penalty='l1').fit(points, labels)
        Traceback (most recent call last):
        ...
        ValueError: l2 = 3 with penalty='l1'; expected C, 1 divided by the whole penalty
        sage: SageLogisticRegression(l2=3, C=1/2).fit(points, labels)
        Traceback (most recent call last):
        ...
        ValueError: l2 = 3 and C = 1/2 are two penalties; expected one of them
        sage: SageLogisticRegression(penalty='l1', l1_ratio=1/2).fit(points, labels)
        Traceback (most recent call last):
        ...
        ValueError: l1_ratio = 1/2 with penalty='l1'; expected penalty='elasticnet'
    """

    def __init__(self, method='maximum_likelihood', l2=1.0, bias_reduced=False, tol=None, learning_rate=0.1,
                 max_iter=1000, batch_size=32, random_state=None, fit_intercept=True, class_weight=None,
                 penalty='elasticnet', C=None, l1_ratio=0.0):
        self.method = method
        self.l2 = l2
        self.bias_reduced = bias_reduced
        self.tol = tol
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.random_state = random_state
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    # Training

    fit = _FitOfMethod()

    def _fit_weighted(self, X, y, sample_weight=None):
        r"""
        Train on the points ``X`` with the labels ``y``, and return the estimator itself.

        INPUT:

        - ``X`` -- m x n table of finite numbers: array, frame, list of rows
        - ``y`` -- m labels with at least two values
        - ``sample_weight`` -- (default: ones) m numbers at least 0, how often each
          point counts; for the method ``'maximum_likelihood'`` only

        EXAMPLES::

            sage: from sage_logreg.sklearn import SageLogisticRegression
            sage: classifier = SageLogisticRegression()
            sage: classifier.fit([[1], [2], [3]], [0, 1, 1], sample_weight=[2, 1, 0]).coef_  # abs tol 1e-6
            array([[0.57901912]])
            sage: classifier.fit([[1], [1], [2]], [0, 0, 1]).coef_  # abs tol 1e-6
            array([[0.57901912]])

        TESTS::

            sage: classifier.fit([[1], [2]], [0, 1], sample_weight=[1, 0])
            Traceback (most recent call last):
            ...
            ValueError: sample_weight: all points of the class 1 have the weight zero; expected some of each class to count
            sage: classifier.fit([[1], [2]], [0, 1], sample_weight=[1, -1])
            Traceback (most recent call last):
            ...
            ValueError: sample_weight[1] = -1.0; expected a real number from 0
        """
        data = self._dataset(X, y)
        if sample_weight is not None:
            data.weights = _checked_weights(sample_weight, data)
        return self._train(data)

    def _fit_unweighted(self, X, y, **options):
        r"""
        Train on the points ``X`` with the labels ``y`` by a descent, and return the estimator itself.

        INPUT:

        - ``X`` -- m x n table of finite numbers: array, frame, list of rows
        - ``y`` -- m labels with at least two values

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.sklearn import SageLogisticRegression
            sage: data = ex2data1()
            sage: classifier = SageLogisticRegression('stochastic_gradient_descent', random_state=7)
            sage: classifier.fit(data.points, data.labels).score(data.points, data.labels)  # abs tol 0.02
            0.89

        TESTS::

            sage: classifier.fit(data.points, data.labels, sample_weight=data.labels)
            Traceback (most recent call last):
            ...
            TypeError: fit got sample_weight with method='stochastic_gradient_descent'; only 'maximum_likelihood' takes it
        """
        if any(value is not None for value in options.values()):
            raise TypeError(f"fit got {', '.join(options)} with method={self.method!r}; only 'maximum_likelihood' takes it")
        return self._train(self._dataset(X, y))

    def _dataset(self, X, y):
        # Checks the data as scikit-learn does, with its messages, and finds the classes.
        X, y = validate_data(self, X, y, accept_sparse='csr', dtype=FLOATS, order='C')
        if is_sparse(X):
            X = canonical(X) if stays_sparse(*X.shape, X.nnz) else X.toarray()
        check_classification_targets(y)
        self.classes_, labels = numpy.unique(y, return_inverse=True)
        names = [str(label) if as_float(label) is None else name_of_label(label) for label in self.classes_.tolist()]
        if len(names) < 2:
            raise ValueError(f'y has one class only, {shown(names[0])}; expected at least two')
        variables = names_of_titles(getattr(self, 'feature_names_in_', [None] * X.shape[1]))
        if not isinstance(self.fit_intercept, (bool, numpy.bool_)):
            raise TypeError(f'fit_intercept = {shown(self.fit_intercept)}; expected True or False')
        return Dataset(X, labels.astype(numpy.float64), variables, label_names=tuple(names),
                       intercept=bool(self.fit_intercept))

    def _set_class_weight(self, data):
        # Multiplies the weights of the points by those of their classes.
        labels = data.labels.astype(int)
        if isinstance(self.class_weight, str) and self.class_weight == 'balanced':
            counts = numpy.bincount(labels, data.weights)
            of_classes = counts.sum() / (len(counts) * counts)
        else:
            of_classes = compute_class_weight(self.class_weight, classes=self.classes_, y=self.classes_[labels])
        if not (numpy.isfinite(of_classes) & (of_classes > 0)).all():
            raise ValueError(f'class_weight = {shown(self.class_weight)}; expected a number above 0 for each class')
        data.weights = of_classes[labels] * (1.0 if data.weights is None else data.weights)

    def _train(self, data):
        if self.class_weight is not None:
            self._set_class_weight(data)
        with _training, interrupts_noted() as interrupts:
            self.model_ = self._trained(data)
        # not weights(), which would import Sage
        rows = self.model_._weights.reshape(1 if data.classes == 2 else data.classes, -1)
        biases, slopes = data.design.parts(rows.T)
        self.coef_, self.intercept_ = slopes.T.copy(), biases.sum(axis=0)
        self.n_iter_ = numpy.array([self.model_._iterations])
        if interrupts:
            # end a search over many fits here
            raise KeyboardInterrupt
        return self

    def _trained(self, data):
        if not isinstance(self.method, str) or self.method not in METHODS:
            raise ValueError(f'method = {shown(self.method)}; expected {", ".join(map(repr, METHODS[:-1]))} '
                             f'or {METHODS[-1]!r}')
        options = self._penalties()
        if self.tol is not None:
            options['tol'] = self.tol
        if self.method == 'maximum_likelihood':
            return maximum_likelihood(data, bias_reduced=self.bias_reduced, progress=False, **options)
        if self.bias_reduced:
            raise ValueError(f"bias_reduced = {shown(self.bias_reduced)} with method={self.method!r}; "
                             "expected method='maximum_likelihood'")
        if options.pop('l1', 0):
            raise ValueError(f"{self._says_ratio()} with method={self.method!r}; expected method='maximum_likelihood'")
        options.update(learning_rate=self.learning_rate, scale=True, progress=False)
        most = whole_number('max_iter', self.max_iter, minimum=1)
        if self.method == 'gradient_descent':
            return gradient_descent(data, iterations=most, **{'tol': 1e-4, **options})
        return stochastic_gradient_descent(data, epochs=most, batch_size=self.batch_size,
                                           seed=_seed(self.random_state), **options)

    def _penalties(self):
        # What the trainers call l1 and l2, of what LogisticRegression calls penalty, C and l1_ratio. Who says two things is asked which.
        ratio, l2 = self._ratio(), self.l2
        is_l2_given = as_float(l2) != 1
        if self.penalty is None:
            for name, value, is_given in (('C', self.C, self.C is not None), ('l2', l2, is_l2_given and as_float(l2) != 0)):
                if is_given:
                    raise ValueError(f"{name} = {shown(value)} with penalty=None, no penalty; expected one of them")
            return {'l2': 0}
        if self.C is not None:
            if is_l2_given:
                raise ValueError(f'l2 = {shown(l2)} and C = {shown(self.C)} are two penalties; expected one of them')
            l2 = 0.0 if as_float(self.C) == numpy.inf else 1 / real_number('C', self.C, above=0)
        elif ratio and is_l2_given:
            raise ValueError(f'l2 = {shown(l2)} with {self._says_ratio()}; expected C, 1 divided by the whole penalty')
        return {'l1': ratio * l2, 'l2': (1 - ratio) * l2} if ratio else {'l2': l2}

    def _ratio(self):
        # The part of absolute values.
        ratio = real_number('l1_ratio', self.l1_ratio, minimum=0, maximum=1)
        if self.penalty is None or self.penalty == 'elasticnet':
            return ratio
        if not isinstance(self.penalty, str) or self.penalty not in RATIOS:
            raise ValueError(f"penalty = {shown(self.penalty)}; expected 'l1', 'l2', 'elasticnet' or None")
        said, beside = RATIOS[self.penalty]
        if ratio not in beside:
            raise ValueError(f"l1_ratio = {shown(self.l1_ratio)} with penalty={self.penalty!r}; expected penalty='elasticnet'")
        return said

    def _says_ratio(self):
        return "penalty='l1'" if self.penalty == 'l1' else f'l1_ratio={shown(self.l1_ratio)}'

    # Prediction

    def decision_function(self, X):
        r"""
        Return the log-odds of the classes at the points ``X``.

        OUTPUT: a float64 array, m x K, whose rows have the sum zero; of two classes m numbers, the log-odds of the second

        EXAMPLES::

            sage: from sage_logreg.sklearn import SageLogisticRegression
            sage: classifier = SageLogisticRegression().fit([[1], [2], [3], [4]], [0, 0, 1, 1])
            sage: classifier.decision_function([[2], [3]])  # abs tol 1e-6
            array([-0.47914297,  0.47914297])
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse='csr', dtype=FLOATS, reset=False)
        rows = numpy.column_stack([self.intercept_, self.coef_])
        return Design(X).log_odds(rows[0]) if len(rows) == 1 else Design(X).products(rows)

    def predict(self, X):
        r"""
        Return the most probable class at the points ``X``.

        OUTPUT: an array of m labels, from ``classes_``

        EXAMPLES::

            sage: from sage_logreg.sklearn import SageLogisticRegression
            sage: classifier = SageLogisticRegression().fit([[1], [2], [3], [4]], ['no', 'no', 'yes', 'yes'])
            sage: classifier.predict([[2], [3]]).tolist()
            ['no', 'yes']
        """
        z = self.decision_function(X)
        return self.classes_[(z > 0).astype(int) if z.ndim == 1 else z.argmax(axis=1)]

    def predict_proba(self, X):
        r"""
        Return the probabilities of the classes at the points ``X``.

        OUTPUT: a float64 array, m x K, in the order of ``classes_``

        EXAMPLES::

            sage: from sage_logreg.sklearn import SageLogisticRegression
            sage: classifier = SageLogisticRegression().fit([[1], [2], [3], [4]], [0, 0, 1, 1])
            sage: classifier.predict_proba([[2], [3]])  # abs tol 1e-6
            array([[0.61754548, 0.38245452],
                   [0.38245452, 0.61754548]])
        """
        from scipy.special import expit
        z = self.decision_function(X)
        return numpy.column_stack([expit(-z), expit(z)]) if z.ndim == 1 else softmax(z)

    def predict_log_proba(self, X):
        r"""
        Return the logarithms of the probabilities of the classes at the points ``X``.

        OUTPUT: a float64 array, m x K, in the order of ``classes_``; finite where a probability is too small for a float

        EXAMPLES::

            sage: from sage_logreg.sklearn import SageLogisticRegression
            sage: classifier = SageLogisticRegression().fit([[1], [2], [3], [4]], [0, 0, 1, 1])
            sage: classifier.predict_log_proba([[2], [3000]])  # abs tol 1e-5
            array([[-4.82002561e-01, -9.61145536e-01],
                   [-2.87246213e+03, -0.00000000e+00]])
        """
        from scipy.special import log_softmax
        z = self.decision_function(X)
        return -numpy.logaddexp(0.0, numpy.column_stack([z, -z])) if z.ndim == 1 else log_softmax(z, axis=1)


def _checked_weights(sample_weight, data):
    weights = check_array(sample_weight, ensure_2d=False, dtype=numpy.float64, input_name='sample_weight')
    if weights.shape != (len(data),):
        raise ValueError(f'sample_weight has the shape {weights.shape}; expected {(len(data),)}, a number for every point')
    check_not_negative('sample_weight', weights)
    for label, name in enumerate(data.label_names):
        if not weights[data.labels == label].any():
            raise ValueError(f'sample_weight: all points of the class {shown(name)} have the weight zero; '
                             'expected some of each class to count')
    return weights


def _seed(random_state):
    if isinstance(random_state, numpy.random.RandomState):
        return random_state.randint(2**32, dtype=numpy.uint32)
    return whole_number('random_state', 0 if random_state is None else random_state, maximum=2**32 - 1)
