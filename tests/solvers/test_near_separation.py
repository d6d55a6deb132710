r"""
Maximum likelihood at the edge of existence.
"""
import warnings

import numpy
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy import special

from sage_logreg import maximum_likelihood, separation
from sage_logreg.exact.separation import SeparationError

from helpers import Exact, array, close, design, fitted, nearly_separated, separated

# What is computed must not overflow on its way either.
pytestmark = [pytest.mark.filterwarnings('error::RuntimeWarning'), pytest.mark.usefixtures('sixty_digits')]


# At the edge of existence

@pytest.mark.parametrize('gap, rtol', [(1e-2, 1e-12), (1e-4, 1e-10), (1e-6, 1e-8)])
def test_nearly_separated(gap, rtol):
    points, labels = numpy.array([[0.0], [1], [1 + gap], [2]]), numpy.array([0.0, 1, 0, 1])
    assert separation((points, labels)).exists()
    model = fitted((points, labels))
    exact = Exact(points, labels)
    assert max(abs(x) for x in exact.gradient(array(model.weights()))) < 1e-13
    close(model.weights(), exact.estimate(array(model.weights())), rtol)


@pytest.mark.parametrize('gap', [1e-3, 1e-6, 1e-9, 1e-15])
def test_nearly_separated_is_right_or_says_that_it_is_not(gap):
    points, labels = nearly_separated(gap)
    assert separation((points, labels)).exists()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        model = maximum_likelihood((points, labels))
    if model.converged():
        assert not caught
        # an overlap of g leaves digits of 1e-16/g
        close(model.weights(), Exact(points, labels).estimate(array(model.weights())), 1e-14 / gap)
    else:
        assert any('not converged' in str(warning.message) for warning in caught)


def test_completely_separated():
    pytest.importorskip('sage.rings.rational_field')
    with pytest.raises(SeparationError) as caught:
        maximum_likelihood([[1, 0], [2, 0], [3, 1], [4, 1]])
    answer, text = caught.value.separation, str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert answer.kind() == 'complete' and not answer.exists() and answer.check()
    v = [float(x) for x in answer.vector()]
    assert v[0] + 2 * v[1] < 0 < v[0] + 3 * v[1]
    for remedy in ('l2', 'bias_reduced=True', 'leave x1 out'):
        assert remedy in text


def test_every_way_to_label_eight_points():
    x = numpy.array([3.0, 1, -1, 0, -2, 2, -1, 0])
    wrong = []
    for bits in range(1, 255):
        labels = numpy.array([bits >> i & 1 for i in range(8)], dtype=float)
        low, high = x[labels == 0], x[labels == 1]
        exists = not (low.max() <= high.min() or high.max() <= low.min())
        try:
            found = maximum_likelihood((x[:, None], labels)).converged()
        except SeparationError:
            found = False
        if found != exists:
            wrong.append(labels.astype(int).tolist())
    assert not wrong


@pytest.mark.parametrize('points, labels', [
    pytest.param([[0], [1], [1], [2], [3]], [0, 0, 1, 1, 1], id='five points'),
    pytest.param([[3], [1], [-1], [0], [-2], [2], [-1], [0]], [1, 1, 0, 1, 0, 1, 0, 0], id='quasi-complete'),
    pytest.param([[1, -1, 2], [1, 3, 3], [2, -1, 0], [2, -1, -1], [-3, -1, 1], [0, -3, 2], [-3, -2, 2], [-2, -3, 0],
                  [-1, 0, -2]], [0, 1, 0, 1, 1, 1, 1, 1, 1], id='complete'),
    pytest.param([[0, 1], [2, 2], [-2, 3], [2, 2], [0, -3], [3, 0], [-1, -3], [-1, 0]], [1, 1, 1, 1, 1, 1, 0, 1],
                 id='complete-2')])
def test_separated_data_have_no_estimate(points, labels):
    points, labels = numpy.array(points, dtype=float), numpy.array(labels, dtype=float)
    assert separated(points, labels) and not separation((points, labels)).exists()
    try:
        model = maximum_likelihood((points, labels))
    except SeparationError:
        return
    assert not model.converged(), f'an estimate that does not exist: {model.weights()}'


@pytest.mark.parametrize('count, tol', [(300, 1e-2), (20000, 1e-6)])
def test_a_column_that_few_rows_have_does_not_hide_a_separation(count, tol):
    # its one row is long in scaled variables, so that gradient and steps are short, and the curvature is not
    random = numpy.random.RandomState(1)
    points = random.normal(size=(count, 2))
    labels = (random.uniform(size=count) < special.expit(points[:, 0] + 0.3)).astype(float)
    points[:, 1] = numpy.arange(count) == 7
    labels[7] = 1
    with pytest.raises(SeparationError, match='quasi-complete.*w_x2 goes to .Infinity'):
        maximum_likelihood((points, labels), tol=tol)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_where_the_estimate_exists_it_is_found(seed):
    random = numpy.random.RandomState(seed)
    count, width = random.randint(6, 16), random.randint(1, 4)
    points = random.randint(-3, 4, size=(count, width)).astype(float)
    labels = (random.uniform(size=count) < 0.5).astype(float)
    assume(0 < labels.sum() < count and numpy.linalg.matrix_rank(design(points)) == width + 1)
    assume(not separated(points, labels))
    model = maximum_likelihood((points, labels))
    assert model.converged()
    X = design(points)
    gradient = X.T @ (special.expit(X @ array(model.weights())) - labels) / count
    assert abs(gradient).max() < 1e-10


def test_points_without_weight_neither_separate_nor_overlap():
    rows = [[1, 0], [2, 0], [3, 1], [4, 1], [5, 0]]
    assert fitted(rows, weights=[1, 1, 1, 1, 1e-3]).converged()
    with pytest.raises(SeparationError, match='4 points'):
        maximum_likelihood(rows, weights=[1, 1, 1, 1, 0])
    # an offset moves the estimate, not whether there is one
    with pytest.raises(SeparationError):
        maximum_likelihood(rows[:4], offset=[5, -5, 5, -5])
    fitted(rows, offset=[5, -5, 5, -5, 1])
