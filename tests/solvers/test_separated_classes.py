r"""
What is said of K classes that come apart, or of which one has no points: one clear sentence, and no warning of NumPy's.
"""
import warnings

import numpy
import pytest

from sage_logreg import gradient_descent, load_data, maximum_likelihood, penguins
from sage_logreg.exact.separation import SeparationError, separation
from sage_logreg.solvers.choice import minimize
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood

from helpers import close


@pytest.fixture(autouse=True)
def no_warning_of_numpy():
    with warnings.catch_warnings():
        warnings.filterwarnings('error', '.*(encountered|divide|overflow)', RuntimeWarning)
        yield


def apart(seed):
    # of two to four variables and three to five classes, the last one apart from the others by some distance
    random = numpy.random.RandomState(seed)
    n, classes = random.randint(2, 5), random.randint(3, 6)
    points, labels = random.normal(size=(60, n)), random.randint(0, classes, 60)
    points[labels == classes - 1, 0] += 10.0**random.randint(1, 3)
    return points * 10.0**random.randint(-3, 4, n), labels


def test_all_that_is_known_of_penguins():
    with pytest.raises(SeparationError, match='set a penalty l2$'):
        maximum_likelihood(penguins(label='species'))


@pytest.mark.parametrize('seed', range(3))
def test_a_class_apart(seed):
    # the proof itself would take seconds
    minimize(SoftmaxLikelihood(load_data(apart(seed))), 1e-10)
    assert maximum_likelihood(apart(seed), l2=1).converged()


@pytest.mark.parametrize('compiled', [True, False])
def test_curvatures_of_what_is_nearly_certain_are_positive(monkeypatch, compiled):
    # of probabilities 1 - p and p the curvature is p (1 - p), however small
    likelihood = SoftmaxLikelihood(load_data([[0, 'a'], [1, 'b'], [0, 'c'], [1, 'a']], label=-1))
    if not compiled:
        monkeypatch.setattr(likelihood, '_is_compiled', False)
    for far in (10.0, 25.0, 40.0, 300.0):
        hessian = likelihood.terms(likelihood.from_user(numpy.array([far, 0, 0, 0, 0, 0])))[2]
        p = numpy.exp(-far) / (1 + 2 * numpy.exp(-far))
        each = numpy.array([1 - 2 * p, p, p])
        # of the biases, over four rows
        curvatures = [4 * each @ (one - each @ one)**2 for one in likelihood.contrasts.T]
        close(numpy.diag(hessian)[::likelihood.count], curvatures, 1e-9)


def test_a_class_without_points():
    data = load_data([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
    none = data.take(numpy.array([0, 1, 3, 4, 5]))
    for options in ({}, {'l2': 1}):
        with pytest.raises(ValueError, match="there are no points with y = 'c'; expected some of each of the 3 classes"):
            maximum_likelihood(none, **options)
    # a penalty would not bound the bias
    error = SeparationError(separation(none))
    assert str(error).endswith("; give points with y = 'c'")
    with pytest.warns(RuntimeWarning, match="give points with y = 'c'$"):
        gradient_descent(none, iterations=10)


def test_a_class_whose_points_do_not_count():
    data = load_data([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']], weights=[1, 1, 0, 1, 1, 1, 2])
    with pytest.raises(ValueError, match="all points with y = 'c' have the weight 0; expected some of each label to count"):
        maximum_likelihood(data.take(slice(6)), l2=1)
    assert data.take(slice(6)).unseen() == "y = 'c'"
