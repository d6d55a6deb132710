"""SageLogisticRegression against scikit-learn's own checks, its tools, and its LogisticRegression."""
import os
import pickle
import signal
import sys

import numpy
import pytest
import scipy
from hypothesis import given, settings, strategies as st

# the estimator works with 1.6, whose check of sample weights makes two labels of three wrongly
sklearn = pytest.importorskip('sklearn', minversion='1.7')

from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import has_fit_parameter

from sage_logreg import ex2data1, gradient_descent, load_data, maximum_likelihood, stochastic_gradient_descent
from sage_logreg.exact.separation import SeparationError
from sage_logreg.model.multinomial import MultinomialModel
from sage_logreg.support.sage_objects import is_old_sage
from sage_logreg.sklearn import DESCENTS, METHODS, SageLogisticRegression

from helpers import array, in_a_new_process

CANCER = load_breast_cancer()


@parametrize_with_checks([SageLogisticRegression(method=method) for method in METHODS])
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


ALL_CHECKS = '''
from sklearn.utils.estimator_checks import check_estimator
from sage_logreg.sklearn import METHODS, SageLogisticRegression
for method in METHODS:
    print({check['status'] for check in check_estimator(SageLogisticRegression(method))})
'''


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(tuple(map(int, scipy.__version__.split('.')[:2])) < (1, 14),
                    reason='scikit-learn checks array_api input with SciPy 1.14 or later')
def test_no_check_is_skipped():
    # SciPy reads the variable once, when it is imported
    assert in_a_new_process(ALL_CHECKS, SCIPY_ARRAY_API='1').stdout.splitlines() == ["{'passed'}"] * 3


# The same model as scikit-learn's

def overlapping(seed, count=80, width=3):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, width)) * random.uniform(0.3, 3, width) + random.uniform(-2, 2, width)
    labels = random.uniform(size=count) < 1 / (1 + numpy.exp(-points[:, 0]))
    # both labels at the middle and at the vertices of a simplex around it: no plane separates them
    simplex = points.mean(axis=0) + numpy.vstack([numpy.zeros(width), numpy.eye(width), -numpy.ones(width)])
    return (numpy.concatenate([points, simplex, simplex]),
            numpy.concatenate([labels, numpy.zeros(width + 2), numpy.ones(width + 2)]).astype(int))


def of_scikit_learn(l2=1.0):
    return LogisticRegression(C=1 / l2 if l2 else numpy.inf, solver='newton-cholesky', tol=1e-12, max_iter=1000)


def assert_same_model(one, other, tolerance=1e-6):
    numpy.testing.assert_allclose(one.coef_, other.coef_, rtol=tolerance, atol=tolerance)
    numpy.testing.assert_allclose(one.intercept_, other.intercept_, rtol=tolerance, atol=tolerance)
    assert (one.coef_.shape, one.intercept_.shape) == (other.coef_.shape, other.intercept_.shape)
    assert one.n_iter_.shape == other.n_iter_.shape and one.n_iter_.dtype.kind == 'i'


@pytest.mark.lanes
@given(st.integers(0, 10**6), st.sampled_from([0, 1e-3, 0.1, 1, 30]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_coefficients_of_logistic_regression(seed, l2, weighted):
    points, labels = overlapping(seed)
    weights = numpy.random.RandomState(seed).randint(1, 4, len(labels)) / 2 if weighted else None
    ours = SageLogisticRegression(l2=l2).fit(points, labels, sample_weight=weights)
    theirs = of_scikit_learn(l2).fit(points, labels, sample_weight=weights)
    assert_same_model(ours, theirs)
    numpy.testing.assert_allclose(ours.predict_proba(points), theirs.predict_proba(points), atol=1e-7)
    assert (ours.predict(points) == theirs.predict(points)).all()
    assert ours.score(points, labels) == theirs.score(points, labels)


def test_default_is_the_default_of_logistic_regression():
    scaled = StandardScaler().fit_transform(CANCER.data)
    assert LogisticRegression().C == 1 == SageLogisticRegression().l2
    assert_same_model(SageLogisticRegression().fit(scaled, CANCER.target), of_scikit_learn().fit(scaled, CANCER.target))


def test_zero_weights_leave_out():
    points, labels = overlapping(3)
    weights = numpy.arange(len(labels)) % 3
    ours = SageLogisticRegression().fit(points, labels, sample_weight=list(weights))
    assert_same_model(ours, SageLogisticRegression().fit(points.repeat(weights, axis=0), labels.repeat(weights)))
    assert abs(ours.coef_ - SageLogisticRegression().fit(points, labels).coef_).max() > 0.01


# The same model as the package's

def test_model_of_maximum_likelihood():
    data = ex2data1()
    ours = SageLogisticRegression(l2=0.5).fit(data.points, data.labels)
    model = maximum_likelihood(data, l2=0.5)
    assert list(ours.model_.weights()) == list(model.weights())
    assert ours.n_iter_[0] == model.iterations()
    assert ours.model_.summary() is not None
    assert list(ours.model_.predict(data.points)) == list(ours.predict(data.points))
    numpy.testing.assert_allclose(ours.predict_proba(data.points)[:, 1], numpy.array(ours.model_.probability(data.points)),
                                  rtol=1e-12)


def test_model_of_gradient_descent():
    data = ex2data1()
    ours = SageLogisticRegression('gradient_descent', max_iter=300, learning_rate=0.5, l2=2, tol=0)
    model = gradient_descent(data, learning_rate=0.5, iterations=300, l2=2, scale=True)
    assert list(ours.fit(data.points, data.labels).model_.weights()) == list(model.weights())
    assert ours.n_iter_ == [300]


@pytest.mark.parametrize('seed', [0, 5])
def test_model_of_stochastic_gradient_descent(seed):
    data = ex2data1()
    ours = SageLogisticRegression('stochastic_gradient_descent', max_iter=30, batch_size=7, random_state=seed)
    model = stochastic_gradient_descent(data, learning_rate=0.1, epochs=30, batch_size=7, l2=1, seed=seed, scale=True)
    assert list(ours.fit(data.points, data.labels).model_.weights()) == list(model.weights())
    assert ours.n_iter_ == [30]


def test_descents_come_to_the_estimate():
    points, labels = overlapping(1)
    estimate = SageLogisticRegression().fit(points, labels)
    descent = SageLogisticRegression('gradient_descent', tol=1e-12, max_iter=100000).fit(points, labels)
    assert descent.model_.converged() and descent.n_iter_[0] < 100000
    numpy.testing.assert_allclose(descent.coef_, estimate.coef_, atol=1e-6)
    # a batch of all points makes the steps of gradient descent
    batch = SageLogisticRegression('stochastic_gradient_descent', tol=1e-9, max_iter=100000, batch_size=len(labels))
    numpy.testing.assert_allclose(batch.fit(points, labels).coef_, estimate.coef_, atol=1e-6)


def test_random_state():
    points, labels = overlapping(2)

    def trained(random_state):
        estimator = SageLogisticRegression('stochastic_gradient_descent', max_iter=20, random_state=random_state)
        return estimator.fit(points, labels).coef_
    assert (trained(None) == trained(0)).all()
    assert (trained(numpy.random.RandomState(1)) == trained(numpy.random.RandomState(1))).all()
    different = numpy.array([trained(state) for state in (0, 1, numpy.random.RandomState(1))])
    assert len(numpy.unique(different, axis=0)) == 3


# More than two classes

DIGITS = load_digits()


def groups(seed, classes=3, count=90, width=3):
    """Points in overlapping groups, one for each class."""
    random = numpy.random.RandomState(seed)
    labels = random.randint(classes, size=count)
    return random.normal(size=(classes, width))[labels] + random.normal(size=(count, width)) * [0.5, 1, 2], labels


@pytest.mark.lanes
def test_digits_of_logistic_regression():
    ours, theirs = SageLogisticRegression().fit(DIGITS.data, DIGITS.target), of_scikit_learn().fit(DIGITS.data, DIGITS.target)
    assert_same_model(ours, theirs)
    numpy.testing.assert_allclose(ours.predict_proba(DIGITS.data), theirs.predict_proba(DIGITS.data), atol=1e-9)
    assert (ours.predict(DIGITS.data) == theirs.predict(DIGITS.data)).all()
    assert isinstance(ours.model_, MultinomialModel) and ours.model_.converged()
    # a pixel that is always white has no part
    assert (ours.coef_[:, 0] == 0).all() and abs(ours.coef_.sum(axis=0)).max() < 1e-12


@pytest.mark.lanes
@given(st.integers(0, 10**6), st.integers(3, 6), st.sampled_from([1e-3, 0.1, 1, 30]), st.booleans(), st.booleans())
@settings(max_examples=30, deadline=None)
def test_classes_of_logistic_regression(seed, classes, l2, weighted, fit_intercept):
    points, labels = groups(seed, classes)
    weights = numpy.random.RandomState(seed).randint(1, 4, len(labels)) / 2 if weighted else None
    ours = SageLogisticRegression(l2=l2, fit_intercept=fit_intercept).fit(points, labels, sample_weight=weights)
    theirs = of_scikit_learn(l2).set_params(fit_intercept=fit_intercept).fit(points, labels, sample_weight=weights)
    assert_same_model(ours, theirs)
    assert fit_intercept or not ours.intercept_.any()
    for method in ('decision_function', 'predict_proba', 'predict_log_proba'):
        numpy.testing.assert_allclose(getattr(ours, method)(points), getattr(theirs, method)(points), rtol=1e-5, atol=1e-6)
    assert ours.score(points, labels, weights) == theirs.score(points, labels, weights)


@pytest.mark.parametrize('weighted', [False, True])
@pytest.mark.parametrize('class_weight', ['balanced', {'a': 3}, {'a': 0.25, 'b': 2}])
@pytest.mark.parametrize('classes', [2, 4])
def test_class_weight(classes, class_weight, weighted):
    points, labels = groups(6, classes)
    labels = numpy.array(['a', 'b', 'c', 'd'])[labels]
    weights = numpy.random.RandomState(1).randint(1, 4, len(labels)) / 2 if weighted else None
    ours, theirs = (one.set_params(class_weight=class_weight).fit(points, labels, sample_weight=weights)
                    for one in (SageLogisticRegression(), of_scikit_learn()))
    assert_same_model(ours, theirs)
    numpy.testing.assert_allclose(ours.predict_log_proba(points), theirs.predict_log_proba(points), rtol=1e-5, atol=1e-8)
    same = clone(ours).fit(points, labels, sample_weight=weights)
    assert same.class_weight == class_weight and (same.coef_ == ours.coef_).all()


@pytest.mark.parametrize('method', METHODS)
def test_class_weight_of_every_method(method):
    points, labels = groups(7)
    ours = SageLogisticRegression(method, class_weight={0: 5, 2: 0.5}, max_iter=20).fit(points, labels)
    numpy.testing.assert_array_equal(ours.model_.data.weights, numpy.array([5, 1, 0.5])[labels])
    assert (ours.predict(points) == 0).sum() > (SageLogisticRegression(method, max_iter=20).fit(points, labels).predict(points) == 0).sum()


@pytest.mark.parametrize('wrong', [{0: 0}, {0: -1}, {0: numpy.nan}, 'even', {0: 'two'}, 3])
def test_class_weights_that_are_refused(wrong):
    with pytest.raises((ValueError, TypeError), match='class_weight|could not convert|ufunc|not supported'):
        SageLogisticRegression(class_weight=wrong).fit(*groups(8))


@pytest.mark.parametrize('far', [1, 1e3, 1e6])
@pytest.mark.parametrize('classes', [2, 4])
def test_probabilities_far_away(classes, far):
    points, labels = groups(1, classes)
    ours = SageLogisticRegression().fit(points, labels)
    p, logarithms = ours.predict_proba(far * points), ours.predict_log_proba(far * points)
    assert p.shape == logarithms.shape == (90, classes)
    numpy.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    assert numpy.isfinite(logarithms).all() and (logarithms <= 0).all()
    numpy.testing.assert_allclose(numpy.exp(logarithms), p, rtol=1e-9, atol=1e-300)
    assert (ours.classes_[p.argmax(axis=1)] == ours.predict(far * points)).all()


@pytest.mark.parametrize('names', [(3, 7, 10), (-1, 0, 1), ('ant', 'bee', 'cat'), (1.0, 2.0, 4.0), (2**40, 2**41, 2**42)])
@pytest.mark.parametrize('method', METHODS)
def test_names_of_classes(names, method):
    points, labels = groups(2)
    plain, ours = (SageLogisticRegression(method).fit(points, given) for given in (labels, numpy.array(names)[labels]))
    assert ours.classes_.tolist() == list(names) and (ours.coef_ == plain.coef_).all()
    assert ours.predict(points).tolist() == [names[label] for label in plain.predict(points)]
    assert list(ours.model_.predict(points)) == ours.predict(points).tolist()
    assert pickle.loads(pickle.dumps(ours)).predict_proba(points).tolist() == ours.predict_proba(points).tolist()


def test_models_of_the_package_of_classes():
    points, labels = groups(3)
    data = load_data((points, labels))
    options = dict(learning_rate=0.1, l2=2, scale=True)
    for ours, model in (
            (SageLogisticRegression(l2=2), maximum_likelihood(data, l2=2)),
            (SageLogisticRegression('gradient_descent', 2, max_iter=50, tol=0), gradient_descent(data, iterations=50, **options)),
            (SageLogisticRegression('stochastic_gradient_descent', 2, max_iter=9, batch_size=8, random_state=5),
             stochastic_gradient_descent(data, epochs=9, batch_size=8, seed=5, **options))):
        ours.fit(points, labels)
        rows = array(model.weights())
        assert (ours.coef_ == rows[:, 1:]).all() and (ours.intercept_ == rows[:, 0]).all()
        assert ours.n_iter_ == [model.iterations()]


def test_descents_come_to_the_estimate_of_classes():
    points, labels = groups(4)
    estimate = SageLogisticRegression().fit(points, labels)
    for descent in (SageLogisticRegression('gradient_descent', tol=1e-10, max_iter=20000),
                    SageLogisticRegression('stochastic_gradient_descent', tol=1e-9, max_iter=20000, batch_size=len(labels))):
        numpy.testing.assert_allclose(descent.fit(points, labels).coef_, estimate.coef_, atol=1e-6)


def test_classes_that_come_apart():
    points, labels = numpy.arange(9.0)[:, None], numpy.repeat(['a', 'b', 'c'], 3)
    with pytest.raises(SeparationError, match='each class comes apart from all others'):
        SageLogisticRegression(l2=0).fit(points, labels)
    assert SageLogisticRegression().fit(points, labels).score(points, labels) == 1
    with pytest.raises(ValueError, match='bias_reduced=True is of two classes, and the data have 3'):
        SageLogisticRegression(l2=0, bias_reduced=True).fit(points, labels)
    with pytest.raises(ValueError, match="sample_weight: all points of the class 'b' have the weight zero"):
        SageLogisticRegression().fit(points, labels, (labels != 'b').astype(float))


@pytest.mark.parametrize('method', METHODS)
def test_sparse_points_of_classes(method):
    sparse = pytest.importorskip('scipy.sparse')
    points = sparse.random(300, 40, 0.05, random_state=0, format='csr')
    labels = numpy.arange(300) % 4
    dense, ours = (SageLogisticRegression(method, max_iter=20).fit(one, labels) for one in (points.toarray(), points))
    numpy.testing.assert_allclose(ours.coef_, dense.coef_, rtol=1e-8, atol=1e-9)
    numpy.testing.assert_allclose(ours.predict_proba(points), dense.predict_proba(points.toarray()), rtol=1e-8)


def test_tools_of_scikit_learn_of_classes():
    pandas = pytest.importorskip('pandas')
    wine = load_wine(as_frame=True)
    names = numpy.array(['barolo', 'grignolino', 'barbera'])[wine.target]
    ours, theirs = (make_pipeline(StandardScaler(), estimator) for estimator in (SageLogisticRegression(), of_scikit_learn()))
    for scoring in ('accuracy', 'neg_log_loss', 'roc_auc_ovr'):
        numpy.testing.assert_allclose(cross_val_score(ours, wine.data, names, scoring=scoring),
                                      cross_val_score(theirs, wine.data, names, scoring=scoring), rtol=1e-6)
    search = GridSearchCV(ours.set_output(transform='pandas'), {'sagelogisticregression__l2': [0.01, 1, 100]}, scoring='neg_log_loss')
    best = search.fit(wine.data, names).best_estimator_[-1]
    assert best.model_.data.variables[:2] == ('alcohol', 'malic_acid') and best.model_.data.label_names[0] == 'barbera'
    calibrated = [CalibratedClassifierCV(one).fit(wine.data, names).predict_proba(wine.data) for one in (ours, theirs)]
    numpy.testing.assert_allclose(*calibrated, atol=1e-5)
    series = pandas.Series(names, dtype='category')
    assert (clone(ours).fit(wine.data, series).predict(wine.data) == ours.fit(wine.data, names).predict(wine.data)).all()


# Where there is no estimate

def test_separated_classes():
    points, labels = [[1.0], [2.0], [3.0], [4.0]], ['no', 'no', 'yes', 'yes']
    with pytest.raises(SeparationError, match='set a penalty l2, or bias_reduced=True'):
        SageLogisticRegression(l2=0).fit(points, labels)
    assert SageLogisticRegression().fit(points, labels).score(points, labels) == 1
    reduced = SageLogisticRegression(l2=0, bias_reduced=True).fit(points, labels)
    assert list(reduced.model_.weights()) == list(maximum_likelihood((points, labels), bias_reduced=True).weights())
    with pytest.raises(ValueError, match='l2 and bias_reduced=True are two penalties'):
        SageLogisticRegression(bias_reduced=True).fit(points, labels)


def test_search_goes_on_where_there_is_no_estimate():
    points = numpy.arange(20.0)[:, None]
    search = GridSearchCV(SageLogisticRegression(), {'l2': [0, 1]}, error_score=-1.0)
    with pytest.warns(FitFailedWarning, match='SeparationError'):
        search.fit(points, points[:, 0] > 9)
    assert search.cv_results_['mean_test_score'][0] == -1 and search.best_params_ == {'l2': 1}


def test_dependent_and_constant_columns():
    points, labels = overlapping(4)
    dependent = numpy.column_stack([points, points[:, 0], numpy.ones(len(labels))])
    assert_same_model(SageLogisticRegression().fit(dependent, labels), of_scikit_learn().fit(dependent, labels))
    with pytest.raises(ValueError, match='x1.*x4'):
        SageLogisticRegression(l2=0).fit(dependent, labels)


# What data may be

@pytest.mark.parametrize('names', [(0, 1), (-1, 1), (False, True), ('no', 'yes'), (1.0, 2.0), (2**40, 2**41)])
@pytest.mark.parametrize('method', METHODS)
def test_labels(names, method):
    points, labels = overlapping(5)
    ours = SageLogisticRegression(method).fit(points, numpy.array(names)[labels])
    assert ours.classes_.tolist() == list(names)
    plain = SageLogisticRegression(method).fit(points, labels)
    assert (ours.coef_ == plain.coef_).all()
    assert ours.predict(points).tolist() == [names[label] for label in plain.predict(points)]
    assert list(ours.model_.predict(points)) == ours.predict(points).tolist()


def test_labels_in_objects_dates_and_categories():
    pandas = pytest.importorskip('pandas')
    points, labels = overlapping(5)
    words = numpy.array(['a', 'b'])[labels]
    for given_labels in (words.astype(object), list(words), pandas.Series(words), pandas.Series(words, dtype='category')):
        ours = SageLogisticRegression().fit(points, given_labels)
        assert ours.model_.data.label_names == ('a', 'b') and set(ours.predict(points)) == {'a', 'b'}
    dates = numpy.array(['2020-01-01', '2021-01-01'], dtype='datetime64[D]')
    ours = SageLogisticRegression().fit(points, dates[labels])
    assert ours.predict(points).dtype == dates.dtype and ours.model_.data.label_names == ('2020-01-01', '2021-01-01')


def test_frame_names_the_variables():
    pandas = pytest.importorskip('pandas')
    points, labels = overlapping(6)
    frame = pandas.DataFrame(points, columns=['exam #1', 'height', 'lambda'])
    ours = SageLogisticRegression().fit(frame, labels)
    assert ours.feature_names_in_.tolist() == ['exam #1', 'height', 'lambda'] and ours.n_features_in_ == 3
    assert ours.model_.data.variables == ('exam_1', 'height', 'lambda_')
    assert (ours.predict(frame) == SageLogisticRegression().fit(points, labels).predict(points)).all()
    with pytest.raises(ValueError, match='feature names'):
        ours.predict(frame[['height', 'exam #1', 'lambda']])


def test_float32_stays_so():
    points, labels = overlapping(7)
    half = points.astype(numpy.float32)
    for method in METHODS:
        ours = SageLogisticRegression(method, tol=1e-6).fit(half, labels)
        assert ours.model_.data.points.dtype == numpy.float32 and ours.coef_.dtype == numpy.float64
        assert ours.predict_proba(half).dtype == numpy.float64
        numpy.testing.assert_allclose(ours.coef_, SageLogisticRegression(method, tol=1e-6).fit(points, labels).coef_,
                                      rtol=1e-4, atol=1e-4)


def test_fit_changes_nothing_it_was_given():
    points, labels = overlapping(8)
    weights = numpy.ones(len(labels))
    for array in (points, labels, weights):
        array.flags.writeable = False
    for layout in (points, numpy.asfortranarray(points), points[:, ::-1][:, ::-1]):
        ours = SageLogisticRegression().fit(layout, labels, weights)
        assert_same_model(ours, of_scikit_learn().fit(points, labels))
        assert ours.model_.data.points.flags.c_contiguous
        for method in DESCENTS:
            SageLogisticRegression(method).fit(layout, labels)


@given(st.integers(0, 10**6), st.floats(1e-3, 1e6))
@settings(max_examples=30, deadline=None)
def test_probabilities(seed, size):
    points, labels = overlapping(seed)
    ours = SageLogisticRegression().fit(points, labels)
    there = size * points
    z, p = ours.decision_function(there), ours.predict_proba(there)
    assert numpy.isfinite(p).all() and (p >= 0).all()
    numpy.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-15)
    with numpy.errstate(over='ignore'):
        numpy.testing.assert_allclose(p[:, 1], 1 / (1 + numpy.exp(-z)), rtol=1e-12)
        numpy.testing.assert_allclose(p[:, 0], 1 / (1 + numpy.exp(z)), rtol=1e-12)
    assert (ours.predict(there) == (z > 0)).all()


BAD_DATA = {
    'one class': ([[1], [2]], [1, 1], 'one class only, 1; expected at least two'),
    'two labels a point': ([[1], [2], [3]], [[1, 0], [0, 1], [1, 1]], '1d array'),
    'numbers for labels': ([[1], [2], [3]], [0.1, 0.2, 0.3], 'Unknown label type'),
    'one sample': ([[1, 2]], [1], 'one class'),
    'no samples': (numpy.empty((0, 2)), [], '0 sample'),
    'no columns': (numpy.empty((2, 0)), [0, 1], '0 feature'),
    'NaN': ([[1], [numpy.nan]], [0, 1], 'NaN'),
    'infinite': ([[1], [numpy.inf]], [0, 1], 'infinity'),
    'missing label': ([[1], [2], [3]], [0, 1, numpy.nan], 'NaN'),
    'text': ([['a'], ['b']], [0, 1], 'could not convert string to float'),
    'flat': ([1, 2], [0, 1], 'Expected 2D array'),
    'too few labels': ([[1], [2]], [0], 'inconsistent numbers of samples'),
    'no labels': ([[1], [2]], None, 'requires y to be passed'),
}


@pytest.mark.parametrize('name', BAD_DATA)
@pytest.mark.parametrize('method', METHODS)
def test_bad_data(name, method):
    points, labels, message = BAD_DATA[name]
    with pytest.raises(ValueError, match=message):
        SageLogisticRegression(method).fit(points, labels)


@pytest.mark.parametrize('stays', [True, False])
def test_sparse_points(monkeypatch, stays):
    sparse = pytest.importorskip('scipy.sparse')
    monkeypatch.setattr('sage_logreg.dataset.sparse.LEAST_ENTRIES', 0 if stays else 10**6)
    points = sparse.random(200, 30, 0.05, random_state=0).tocsr()
    labels = numpy.arange(200) % 2
    dense, model = (SageLogisticRegression(l2=1).fit(one, labels) for one in (points.toarray(), points))
    assert model.model_.data.design.is_sparse == stays
    assert numpy.allclose(model.coef_, dense.coef_, rtol=1e-8, atol=1e-9)
    assert numpy.allclose(model.predict_proba(points), dense.predict_proba(points.toarray()), rtol=1e-8)


BAD_PARAMETERS = {
    'method': ({'method': 'newton'}, ValueError, "method = 'newton'; expected 'maximum_likelihood', "),
    'no method': ({'method': None}, ValueError, 'method = None; expected '),
    'l2': ({'l2': -1}, ValueError, 'l2 = -1; expected a real number at least 0'),
    'tol': ({'tol': 'small'}, TypeError, "tol = 'small'; expected a real number"),
    'bias_reduced': ({'bias_reduced': 1}, TypeError, 'bias_reduced = 1; expected True or False'),
    'reduced descent': ({'method': 'gradient_descent', 'bias_reduced': True}, ValueError, 'bias_reduced = True with '),
    'learning_rate': ({'method': 'gradient_descent', 'learning_rate': 0}, ValueError, 'learning_rate = 0; expected'),
    'max_iter': ({'method': 'gradient_descent', 'max_iter': 0}, ValueError, 'max_iter = 0; expected a whole number from 1'),
    'batch_size': ({'method': 'stochastic_gradient_descent', 'batch_size': 0}, ValueError, 'batch_size = 0; expected'),
    'random_state': ({'method': 'stochastic_gradient_descent', 'random_state': 'x'}, TypeError, "random_state = 'x'; expected"),
}


@pytest.mark.parametrize('name', BAD_PARAMETERS)
def test_bad_parameters(name):
    parameters, error, message = BAD_PARAMETERS[name]
    with pytest.raises(error, match=f'^{message}'):
        SageLogisticRegression(**parameters).fit([[1.0], [2.0], [3.0]], [0, 1, 0])


BAD_WEIGHTS = {
    'negative': ([1, -2, 1], 'sample_weight[1] = -2.0; expected a real number from 0'),
    'all zero': ([0, 0, 0], "sample_weight: all points of the class 'a' have the weight zero"),
    'a class without': ([1, 0, 1], "sample_weight: all points of the class 'b' have the weight zero"),
    'too few': ([1, 1], 'sample_weight has the shape (2,); expected (3,)'),
    'infinite': ([1, 1, numpy.inf], 'Input sample_weight contains infinity'),
}


@pytest.mark.parametrize('name', BAD_WEIGHTS)
def test_bad_weights(name):
    weights, message = BAD_WEIGHTS[name]
    with pytest.raises(ValueError) as caught:
        SageLogisticRegression().fit([[1.0], [2.0], [3.0]], ['a', 'b', 'a'], sample_weight=weights)
    assert message in str(caught.value)


# Sample weights, where the method has them

def test_fit_shows_whether_it_takes_weights():
    estimator = SageLogisticRegression()
    assert has_fit_parameter(estimator, 'sample_weight')
    for method in DESCENTS:
        estimator.set_params(method=method)
        assert not has_fit_parameter(estimator, 'sample_weight')
        with pytest.raises(TypeError, match=f"fit got sample_weight with method='{method}'"):
            estimator.fit([[1.0], [2.0]], [0, 1], sample_weight=[1, 1])
        estimator.fit([[1.0], [2.0]], [0, 1], sample_weight=None)


def test_ensembles_weigh_or_sample():
    data = ex2data1()
    boosted = AdaBoostClassifier(SageLogisticRegression(l2=0.01), n_estimators=5).fit(data.points, data.labels)
    assert boosted.score(data.points, data.labels) > 0.85
    with pytest.raises(ValueError, match="doesn't support sample_weight"):
        AdaBoostClassifier(SageLogisticRegression('gradient_descent')).fit(data.points, data.labels)
    bag = BaggingClassifier(SageLogisticRegression('stochastic_gradient_descent'), n_estimators=5, random_state=0)
    assert bag.fit(data.points, data.labels).score(data.points, data.labels) > 0.85


def test_weights_are_routed():
    data = ex2data1()
    weights = numpy.where(data.labels, 9.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = SageLogisticRegression().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        found = cross_validate(estimator, data.points, data.labels, params={'sample_weight': weights},
                               return_estimator=True, cv=[(numpy.arange(100), numpy.arange(100))])
    direct = SageLogisticRegression().fit(data.points, data.labels, sample_weight=weights)
    assert (found['estimator'][0].coef_ == direct.coef_).all()
    assert found['test_score'][0] == direct.score(data.points, data.labels, weights)


# scikit-learn's tools

@pytest.mark.parametrize('scoring', ['accuracy', 'neg_log_loss', 'roc_auc'])
def test_cross_validation(scoring):
    pipelines = [make_pipeline(StandardScaler(), estimator) for estimator in (SageLogisticRegression(), of_scikit_learn())]
    ours, theirs = (cross_val_score(pipeline, CANCER.data, CANCER.target, scoring=scoring) for pipeline in pipelines)
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_grid_search_in_a_pipeline():
    data = ex2data1()
    strengths = [0.001, 0.1, 10, 1000]

    def searched(estimator, name, values):
        pipeline = make_pipeline(PolynomialFeatures(3, include_bias=False), StandardScaler(), estimator)
        search = GridSearchCV(pipeline, {f'{type(estimator).__name__.lower()}__{name}': values}, scoring='neg_log_loss')
        return search.fit(data.points, data.labels)
    ours = searched(SageLogisticRegression(), 'l2', strengths)
    theirs = searched(of_scikit_learn(), 'C', [1 / l2 for l2 in strengths])
    numpy.testing.assert_allclose(ours.cv_results_['mean_test_score'], theirs.cv_results_['mean_test_score'], rtol=1e-6)
    assert ours.best_index_ == theirs.best_index_
    assert ours.best_estimator_[-1].model_.converged()


def test_search_over_methods():
    data = ex2data1()
    search = GridSearchCV(SageLogisticRegression(), {'method': METHODS}).fit(data.points, data.labels)
    assert (search.cv_results_['mean_test_score'] > 0.85).all()


def test_more_classes_one_against_the_rest():
    iris = load_iris(return_X_y=True)
    ours = OneVsRestClassifier(SageLogisticRegression()).fit(*iris)
    theirs = OneVsRestClassifier(of_scikit_learn()).fit(*iris)
    numpy.testing.assert_allclose(ours.predict_proba(iris[0]), theirs.predict_proba(iris[0]), rtol=1e-5)


@pytest.mark.parametrize('class_weight', [None, 'balanced'])
def test_digits_one_against_the_rest(class_weight):
    points, labels = DIGITS.data[:500] / 16, numpy.array([f'digit {label}' for label in DIGITS.target[:500]])
    ours, theirs = (OneVsRestClassifier(one.set_params(class_weight=class_weight)).fit(points, labels)
                    for one in (SageLogisticRegression(), of_scikit_learn()))
    numpy.testing.assert_allclose(ours.predict_proba(points), theirs.predict_proba(points), atol=1e-6)
    assert (ours.predict(points) == theirs.predict(points)).all()


def test_calibration():
    data = ex2data1()
    ours, theirs = (CalibratedClassifierCV(estimator).fit(data.points, data.labels).predict_proba(data.points)
                    for estimator in (SageLogisticRegression(), of_scikit_learn()))
    numpy.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.lanes
def test_numbers_of_sage():
    rings = pytest.importorskip('sage.all')
    data = ex2data1()
    estimator = SageLogisticRegression('stochastic_gradient_descent', l2=rings.QQ('1/2'), learning_rate=rings.RealNumber('0.1'),
                                       max_iter=rings.Integer(50), batch_size=rings.Integer(5), random_state=rings.Integer(3))
    plain = SageLogisticRegression('stochastic_gradient_descent', 0.5, learning_rate=0.1, max_iter=50, batch_size=5,
                                   random_state=3)
    assert (clone(estimator).fit(data.points, data.labels).coef_ == plain.fit(data.points, data.labels).coef_).all()
    search = GridSearchCV(SageLogisticRegression(), {'l2': [rings.QQ('1/10'), rings.Integer(1)]}, cv=rings.Integer(3))
    assert search.fit(data.points, data.labels).best_params_['l2'] in (rings.QQ('1/10'), 1)


@pytest.mark.parametrize('method', METHODS)
def test_clone_and_pickle(method):
    data = ex2data1()
    estimator = SageLogisticRegression(method, l2=2).fit(data.points, data.labels)
    copy = clone(estimator)
    assert copy.get_params() == estimator.get_params() and not hasattr(copy, 'coef_')
    again = pickle.loads(pickle.dumps(estimator))
    assert (again.predict_proba(data.points) == estimator.predict_proba(data.points)).all()
    assert list(again.model_.weights()) == list(estimator.model_.weights())
    # the method of an unfitted one goes to another process too
    assert pickle.loads(pickle.dumps(copy.fit))(data.points, data.labels).coef_.tolist() == estimator.coef_.tolist()


def coefficients(method, seed):
    points, labels = overlapping(seed, count=30 + seed)
    return SageLogisticRegression(method, max_iter=20, tol=1e-12 if method == METHODS[0] else 0).fit(points, labels).coef_


@pytest.mark.parametrize('method', METHODS)
def test_threads(method):
    # threads that change places all the time: without the lock they take each other's data
    alone = [coefficients(method, seed) for seed in range(40)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        together = Parallel(n_jobs=4, prefer='threads')(delayed(coefficients)(method, seed) for seed in range(40))
    finally:
        sys.setswitchinterval(interval)
    assert numpy.array_equal(alone, together)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_processes():
    data = ex2data1()
    for method in METHODS:
        one, two = (cross_val_score(SageLogisticRegression(method), data.points, data.labels, scoring='neg_log_loss',
                                    n_jobs=jobs) for jobs in (1, 2))
        assert (one == two).all()


@pytest.mark.parametrize('method', METHODS)
def test_interrupt_ends_a_search(monkeypatch, method):
    fits, trained = [], SageLogisticRegression._trained

    def interrupted(estimator, data):
        fits.append(estimator)
        return trained(estimator, data)

    def interrupt(function):
        def interrupting(*arguments, **options):
            result = function(*arguments, **options)
            os.kill(os.getpid(), signal.SIGINT)
            return result
        return interrupting

    from sage_logreg.solvers import steps as descent
    from sage_logreg.solvers import quasi_newton
    monkeypatch.setattr(SageLogisticRegression, '_trained', interrupted)
    for steps in (descent.GradientSteps, descent.StochasticSteps):
        monkeypatch.setattr(steps, 'run', interrupt(steps.run))
    # 31 weights
    monkeypatch.setattr(quasi_newton, 'line_search', interrupt(quasi_newton.line_search))
    search = GridSearchCV(SageLogisticRegression(method), {'l2': [1, 10, 100]}, cv=5)
    with pytest.raises(KeyboardInterrupt), pytest.warns(RuntimeWarning, match='interrupted'):
        search.fit(CANCER.data, CANCER.target)
    # and what the one fit has reached is there
    assert len(fits) == 1 and fits[0].coef_.shape == (1, 30) and not fits[0].model_.converged()


# The environment

NO_SAGE = '''
import sys
sys.modules['sage'] = None
from sage_logreg.sklearn import METHODS, SageLogisticRegression
for method in METHODS:
    estimator = SageLogisticRegression(method).fit([[1.0], [2.0], [3.0]], [0, 1, 1])
    print(type(estimator.model_.weights()).__name__, estimator.predict([[0.0], [9.0]]))
'''


@pytest.mark.lanes
@pytest.mark.slow
def test_without_sage():
    assert in_a_new_process(NO_SAGE).stdout.splitlines() == ['ndarray [0 1]'] * 3


def test_without_scikit_learn():
    code = """\
import sys
sys.modules['sklearn'] = None
import sage_logreg
try:
    import sage_logreg.sklearn
except ImportError as error:
    print(error)
"""
    assert in_a_new_process(code).stdout == ('sage_logreg.sklearn needs scikit-learn 1.6 or later; '
                                             "install it with: pip install 'sage_logreg[sklearn]'\n")


@pytest.mark.slow
@pytest.mark.skipif(is_old_sage(), reason='an old Sage is loaded as a whole')
def test_fit_imports_no_sage():
    code = ("import sys; from sage_logreg.sklearn import SageLogisticRegression; "
            "SageLogisticRegression().fit([[1.0], [2.0], [3.0]], [0, 1, 1]).predict([[2.0]]); "
            "print([name for name in sys.modules if name.split('.')[0] == 'sage'])")
    assert in_a_new_process(code).stdout == '[]\n'
