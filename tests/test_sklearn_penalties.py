"""The penalties of SageLogisticRegression: scikit-learn's checks, its LogisticRegression, and the conditions of the minimum."""
import pickle

import numpy
import pytest

sklearn = pytest.importorskip('sklearn', minversion='1.7')

from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sage_logreg import maximum_likelihood
from sage_logreg.sklearn import DESCENTS, SageLogisticRegression

CANCER = load_breast_cancer()
POINTS = StandardScaler().fit_transform(CANCER.data)


@parametrize_with_checks([SageLogisticRegression(penalty='l1'), SageLogisticRegression(l1_ratio=0.5, C=2.0),
                          SageLogisticRegression(penalty='l2', C=0.5)])
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


def test_without_a_penalty():
    # the data of the checks come apart, so that only a penalty passes them
    points, labels = problem(0)
    model = SageLogisticRegression(penalty=None).fit(points, labels).model_
    assert list(model.weights()) == list(maximum_likelihood((points, labels)).weights())
    for same in ({'l2': 0}, {'C': numpy.inf}, {'C': numpy.inf, 'l1_ratio': 1}, {'penalty': None, 'l2': 0}, {'penalty': None, 'l1_ratio': 1}):
        assert list(SageLogisticRegression(**same).fit(points, labels).model_.weights()) == list(model.weights())


# Beside LogisticRegression

def problem(seed, count=120, width=8):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, width)) * random.uniform(0.5, 2, width) + random.uniform(-1, 1, width)
    return points, (random.uniform(size=count) < 1 / (1 + numpy.exp(points[:, 1] - points[:, 0]))).astype(int)


def of_scikit_learn(C, l1_ratio, **options):
    return LogisticRegression(C=C, l1_ratio=l1_ratio, solver='saga', tol=1e-10, max_iter=100000, random_state=0, **options)


@pytest.mark.parametrize('words, C, l1_ratio', [
    ({'penalty': 'l1'}, 1, 1), ({'penalty': 'l1', 'C': 0.05}, 0.05, 1), ({'l1_ratio': 1, 'C': 0.3}, 0.3, 1),
    ({'penalty': 'elasticnet', 'l1_ratio': 0.5, 'C': 0.05}, 0.05, 0.5), ({'l1_ratio': 0.2}, 1, 0.2),
    ({'penalty': 'l2', 'C': 0.5}, 0.5, 0), ({'penalty': 'l2', 'l2': 4}, 0.25, 0), ({'C': 10}, 10, 0)])
@pytest.mark.parametrize('options, weighted', [({}, False), ({'fit_intercept': False}, True), ({'class_weight': 'balanced'}, True)],
                         ids=['plain', 'without a bias', 'class weights'])
def test_coefficients_of_logistic_regression(words, C, l1_ratio, options, weighted):
    points, labels = problem(1)
    weights = numpy.random.RandomState(1).randint(0, 4, len(labels)) / 2 if weighted else None
    ours = SageLogisticRegression(**words, **options).fit(points, labels, sample_weight=weights)
    theirs = of_scikit_learn(C, l1_ratio, **options).fit(points, labels, sample_weight=weights)
    numpy.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    numpy.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-5)
    numpy.testing.assert_allclose(ours.predict_proba(points), theirs.predict_proba(points), atol=1e-5)
    # a zero is a zero, and what is not is away from it
    assert ((ours.coef_ == 0) == (theirs.coef_ == 0)).all()
    assert ours.n_iter_.shape == (1,) and ours.n_iter_.dtype.kind == 'i'


def test_breast_cancer_meets_the_conditions():
    # liblinear and saga with their default tolerances miss these by 1e-4
    estimator = SageLogisticRegression(penalty='l1', C=0.1, tol=1e-13).fit(POINTS, CANCER.target)
    gradient = POINTS.T @ (CANCER.target - estimator.predict_proba(POINTS)[:, 1])
    slopes, = estimator.coef_
    assert 0 < numpy.count_nonzero(slopes) < 15
    numpy.testing.assert_allclose(gradient[slopes != 0], 10 * numpy.sign(slopes[slopes != 0]), atol=1e-5)
    assert (abs(gradient[slopes == 0]) < 10).all()


def test_rows_that_weigh_are_rows_repeated():
    points, labels = problem(2)
    weights = numpy.random.RandomState(2).randint(0, 4, len(labels))
    weighed = SageLogisticRegression(penalty='l1', C=0.2).fit(points, labels, sample_weight=weights)
    repeated = SageLogisticRegression(penalty='l1', C=0.2).fit(points.repeat(weights, axis=0), labels.repeat(weights))
    numpy.testing.assert_allclose(weighed.coef_, repeated.coef_, atol=1e-6)


@pytest.mark.parametrize('stays', [True, False])
def test_sparse_points(monkeypatch, stays):
    sparse = pytest.importorskip('scipy.sparse')
    monkeypatch.setattr('sage_logreg.dataset.sparse.LEAST_ENTRIES', 0 if stays else 10**6)
    points, labels = problem(3)
    points *= numpy.random.RandomState(3).uniform(size=points.shape) < 0.08
    for words in ({'penalty': 'l1', 'C': 0.5, 'tol': 1e-13}, {'l1_ratio': 0.3, 'C': 0.5, 'tol': 1e-13}):
        dense = SageLogisticRegression(**words).fit(points, labels)
        for form in (sparse.csr_matrix, sparse.csc_matrix, sparse.coo_array):
            ours = SageLogisticRegression(**words).fit(form(points), labels)
            assert ours.model_.data.design.is_sparse == stays
            numpy.testing.assert_allclose(ours.coef_, dense.coef_, atol=1e-6)
            assert (ours.predict(form(points)) == dense.predict(points)).all()


def test_more_columns_than_rows():
    random = numpy.random.RandomState(4)
    points = random.normal(size=(60, 300))
    labels = (points[:, 0] + 0.3 * random.normal(size=60) > 0).astype(int)
    ours = SageLogisticRegression(penalty='l1', C=0.1).fit(points, labels)
    slopes, = ours.coef_
    assert slopes[0] > 0.3 and numpy.count_nonzero(slopes) < 5 and abs(slopes[1:]).max() < 0.05


# Its tools

def test_grid_search_in_a_pipeline():
    grid = [0.01, 0.1, 1.0]

    def searched(estimator):
        pipeline = make_pipeline(StandardScaler(), estimator)
        search = GridSearchCV(pipeline, {f'{type(estimator).__name__.lower()}__C': grid}, scoring='neg_log_loss', cv=3)
        return search.fit(CANCER.data, CANCER.target)
    ours = searched(SageLogisticRegression(penalty='l1'))
    theirs = searched(LogisticRegression(l1_ratio=1, solver='liblinear', tol=1e-6, intercept_scaling=1e4, max_iter=1000, random_state=0))
    numpy.testing.assert_allclose(ours.cv_results_['mean_test_score'], theirs.cv_results_['mean_test_score'], rtol=1e-3)
    assert ours.best_index_ == theirs.best_index_ and ours.best_estimator_[-1].model_.converged()


def test_search_over_the_kinds_of_penalty():
    grid = [{'penalty': ['l1', 'l2'], 'C': [0.1, 1.0]}, {'penalty': ['elasticnet'], 'l1_ratio': [0.0, 0.5, 1.0], 'C': [0.1]}]
    search = GridSearchCV(SageLogisticRegression(), grid, cv=3, scoring='neg_log_loss').fit(POINTS, CANCER.target)
    scores = dict(zip(map(str, search.cv_results_['params']), search.cv_results_['mean_test_score']))
    for one, other in (("{'C': 0.1, 'l1_ratio': 0.0, 'penalty': 'elasticnet'}", "{'C': 0.1, 'penalty': 'l2'}"),
                       ("{'C': 0.1, 'l1_ratio': 1.0, 'penalty': 'elasticnet'}", "{'C': 0.1, 'penalty': 'l1'}")):
        assert scores[one] == scores[other]
    assert len(set(scores.values())) == 5


def test_clone_pickle_and_names():
    pandas = pytest.importorskip('pandas')
    frame = pandas.DataFrame(POINTS[:, :4], columns=['radius', 'texture', 'mean perimeter', 'area'])
    estimator = SageLogisticRegression(penalty='elasticnet', l1_ratio=0.9, C=0.01).fit(frame, CANCER.target)
    copy = clone(estimator)
    assert copy.get_params() == estimator.get_params() and not hasattr(copy, 'coef_')
    again = pickle.loads(pickle.dumps(estimator))
    assert (again.coef_ == estimator.coef_).all() and again.model_.cost() == estimator.model_.cost()
    assert estimator.feature_names_in_.tolist() == list(frame.columns)
    assert estimator.model_.data.variables == ('radius', 'texture', 'mean_perimeter', 'area')
    assert 0 < numpy.count_nonzero(estimator.coef_) < 4


def test_model_of_the_package():
    estimator = SageLogisticRegression(l1_ratio=0.5, C=0.1).fit(POINTS, CANCER.target)
    model = maximum_likelihood((POINTS, CANCER.target), l1=5, l2=5)
    assert list(estimator.model_.weights()) == list(model.weights()) and estimator.model_.cost() == model.cost()


def test_numbers_of_sage():
    rings = pytest.importorskip('sage.all')
    points, labels = problem(5)
    estimator = SageLogisticRegression(C=rings.QQ('1/10'), l1_ratio=rings.Integer(1))
    plain = SageLogisticRegression(C=0.1, l1_ratio=1)
    assert (clone(estimator).fit(points, labels).coef_ == plain.fit(points, labels).coef_).all()
    assert SageLogisticRegression(C=rings.oo).fit(points, labels).model_.options()['l2'] == 0


REFUSED = {
    'penalty': ({'penalty': 'lasso'}, "penalty = 'lasso'; expected 'l1', 'l2', 'elasticnet' or None"),
    'no penalty': ({'penalty': 1}, "penalty = 1; expected 'l1'"),
    'ratio above 1': ({'l1_ratio': 1.5}, 'l1_ratio = 1.5; expected a real number at least 0 and at most 1'),
    'no ratio': ({'l1_ratio': None}, 'l1_ratio = None; expected a real number'),
    'ratio beside l1': ({'penalty': 'l1', 'l1_ratio': 0.5}, "l1_ratio = 0.5 with penalty='l1'; expected penalty='elasticnet'"),
    'ratio beside l2': ({'penalty': 'l2', 'l1_ratio': 1}, "l1_ratio = 1 with penalty='l2'; expected penalty='elasticnet'"),
    'C of zero': ({'C': 0}, 'C = 0; expected a real number above 0'),
    'C of words': ({'C': 'big', 'penalty': 'l1'}, "C = 'big'; expected a real number above 0"),
    'C beside l2': ({'C': 2, 'l2': 3}, 'l2 = 3 and C = 2 are two penalties'),
    'l2 beside l1': ({'penalty': 'l1', 'l2': 0}, "l2 = 0 with penalty='l1'; expected C"),
    'l2 beside a ratio': ({'l1_ratio': 0.5, 'l2': 2}, 'l2 = 2 with l1_ratio=0.5; expected C'),
    'C without a penalty': ({'penalty': None, 'C': 2}, 'C = 2 with penalty=None'),
    'l2 without a penalty': ({'penalty': None, 'l2': 2}, 'l2 = 2 with penalty=None'),
    'Firth': ({'penalty': 'l1', 'bias_reduced': True}, 'l1 and bias_reduced=True are two penalties'),
    **{method: ({'method': method, 'penalty': 'l1'}, f"penalty='l1' with method='{method}'; expected method='maximum_likelihood'")
       for method in DESCENTS}}


@pytest.mark.parametrize('name', REFUSED)
def test_what_is_refused(name):
    words, message = REFUSED[name]
    with pytest.raises((TypeError, ValueError)) as caught:
        SageLogisticRegression(**words).fit([[1.0], [2.0], [3.0]], [0, 1, 0])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize('words, C, l1_ratio', [({'penalty': 'l1', 'C': 0.2}, 0.2, 1), ({'l1_ratio': 0.5, 'C': 0.2}, 0.2, 0.5)])
@pytest.mark.parametrize('options, weighted', [({}, False), ({'fit_intercept': False}, True), ({'class_weight': 'balanced'}, False)],
                         ids=['plain', 'without a bias', 'class weights'])
def test_more_classes(words, C, l1_ratio, options, weighted):
    random = numpy.random.RandomState(7)
    labels = random.randint(3, size=100)
    points = random.normal(size=(3, 5))[labels] + random.normal(size=(100, 5))
    names = numpy.array(['a', 'b', 'c'])[labels]
    weights = random.randint(0, 3, 100) / 2 if weighted else None
    ours = SageLogisticRegression(**words, **options).fit(points, names, sample_weight=weights)
    theirs = of_scikit_learn(C, l1_ratio, **options).fit(points, names, sample_weight=weights)
    numpy.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    assert ((ours.coef_ == 0) == (theirs.coef_ == 0)).all() and 0 < numpy.count_nonzero(ours.coef_) < 15
    # their shift is open
    numpy.testing.assert_allclose(ours.intercept_, theirs.intercept_ - theirs.intercept_.mean(), atol=1e-4)
    numpy.testing.assert_allclose(ours.predict_proba(points), theirs.predict_proba(points), atol=1e-4)
    assert ours.coef_.shape == (3, 5) and ours.n_iter_.shape == (1,)


def test_a_gap_that_is_not_reached_is_told():
    points, labels = problem(6)
    with pytest.warns(RuntimeWarning, match='the duality gap is'):
        estimator = SageLogisticRegression(penalty='l1', tol=1e-300).fit(points, labels)
    assert not estimator.model_.converged()
