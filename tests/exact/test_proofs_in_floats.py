r"""
Decisions in floats with proved bounds: the same answers as in whole numbers, and doubt where they cannot know.
"""
import numpy
import pytest

from sage_logreg import Dataset, load_data, load_model, maximum_likelihood
from sage_logreg.exact import separation as existence
from sage_logreg.exact.basis import SignedRows
from sage_logreg.exact.search import decided
from sage_logreg.exact.separation import SeparationError, check_columns, separation
from sage_logreg.exact.whitened import overlap_is_proved, whitened


def dataset(points, labels):
    points = numpy.asarray(points, dtype=numpy.float64)
    return Dataset(points, numpy.asarray(labels, dtype=numpy.float64), tuple(f'x{j + 1}' for j in range(points.shape[1])))


def random_problem(random):
    # whole numbers with ties, indicators, decimals or any floats; with duplicates, separated or nearly so
    width, count = random.randint(1, 6), random.randint(8, 40)
    points = [random.randint(-2, 3, size=(count, width)), random.rand(count, width) < 0.3,
              random.normal(size=(count, width)).round(1), random.normal(size=(count, width))][random.randint(4)] * 1.0
    values = points @ random.randint(-2, 3, size=width) + random.randint(-1, 2)
    labels = (values > 0) | ((values == 0) & (random.rand(count) < 0.5))
    if random.rand() < 0.3:
        labels ^= random.rand(count) < 0.1
    return dataset(numpy.vstack([points, points[:3]]), numpy.append(labels, labels[:3] ^ (random.rand(3) < 0.3)))


@pytest.mark.parametrize('seed', range(4))
def test_the_same_answers_as_in_whole_numbers(sage, monkeypatch, seed):
    random, answers = numpy.random.RandomState(seed), 0
    for _ in range(30):
        data = random_problem(random)
        monkeypatch.setattr(existence, 'SMALL', 10**9)
        try:
            expected = separation(data, exact='decimal')
        except ValueError:
            # dependent columns
            continue
        monkeypatch.setattr(existence, 'SMALL', 0)
        answer = separation(data, exact='decimal')
        assert (answer.kind(), answer.rows()) == (expected.kind(), expected.rows())
        assert answer.check() and len(answer._multipliers) <= 2 * data.design.count
        answers += answer.kind() != 'complete'
    assert answers > 5


def test_residuals_prove_nothing_where_the_classes_are_separated():
    random = numpy.random.RandomState(1)
    points = random.normal(size=(200, 3))
    rows = SignedRows(dataset(points, points[:, 0] > 0))
    for steepness in (0, 1, 5, 20):
        assert not overlap_is_proved(rows, 1 / (1 + numpy.exp(steepness * abs(points[:, 0]))))


@pytest.mark.parametrize('error', [0, 1e-17, 1e-15])
def test_dependence_is_left_to_whole_numbers(error):
    points = numpy.random.RandomState(2).normal(size=(60, 4))
    points[:, 3] = points[:, :3].sum(axis=1) * (1 + error)
    assert whitened(SignedRows(dataset(points, numpy.arange(60) % 2)), numpy.ones(60)) is None


def test_nearly_dependent_columns_are_proved_independent(monkeypatch):
    monkeypatch.setattr(existence, '_independent_rows', None)
    points = numpy.random.RandomState(3).normal(size=(500, 10))
    points[:, 5:] = points[:, :5] + 1e-8 * points[:, 5:]
    data = dataset(points, numpy.random.RandomState(4).rand(500) < 0.5)
    check_columns(data)
    monkeypatch.setattr(existence, 'certificate', None)
    assert separation(data).exists()


def test_levels_of_factors(sage, monkeypatch):
    # three levels with one label only
    random = numpy.random.RandomState(5)
    points = numpy.hstack([numpy.eye(size)[random.randint(size, size=400)][:, 1:] for size in (8, 5)])
    labels = random.rand(400) < 0.5
    for level in (0, 2, 5):
        labels[points[:, level] == 1] = level == 2
    monkeypatch.setattr(existence, 'certificate', None)
    answer = separation(dataset(points, labels))
    assert answer.kind() == 'quasi-complete' and answer.check()
    assert answer.rows() == numpy.flatnonzero(~points[:, [0, 2, 5]].any(axis=1)).tolist()


@pytest.mark.parametrize('count, width', [(80, 60), (200, 120)])
def test_few_rows_of_many_columns(sage, monkeypatch, count, width):
    monkeypatch.setattr(existence, 'certificate', None)
    random = numpy.random.RandomState(6)
    points, labels = random.randint(-9, 10, size=(count, width)), numpy.arange(count) % 2
    assert separation(dataset(points, labels)).kind() == 'complete'
    # all rows with their signs add up to zero
    signs = 2 * labels - 1
    points[-1] = -signs[-1] * (signs[:-1] @ points[:-1])
    assert separation(dataset(points, labels)).kind() == 'overlap'


def test_rows_of_zeros_without_an_intercept(sage, monkeypatch):
    # orthogonal to every vector, so that all other rows can be separated and these not
    random = numpy.random.RandomState(11)
    points = random.normal(size=(30, 3))
    points[[4, 9]] = 0.0
    monkeypatch.setattr(existence, 'SMALL', 0)
    monkeypatch.setattr(existence, 'certificate', None)
    data = load_data(numpy.column_stack([points, points[:, 0] > 0]), intercept=False)
    answer = separation(data)
    assert answer.kind() == 'quasi-complete' and answer.rows() == [4, 9] and answer.check()


def test_a_decision_proved_by_residuals_finds_its_rows_when_asked(sage):
    random = numpy.random.RandomState(7)
    answer = separation(dataset(random.normal(size=(500, 3)), random.rand(500) < 0.5))
    assert str(answer) == 'overlap of 500 points: the estimate exists, proved by the residuals of a fit'
    assert answer.check() and 5 <= len(answer.multipliers()) <= 8
    assert decided(SignedRows(answer.data)) == (None, [])


# The check of an estimate

def nearly_dependent():
    random = numpy.random.RandomState(8)
    points = random.normal(size=(400, 6))
    points[:, 3:] = points[:, :3] + 1e-6 * points[:, 3:]
    return dataset(points, random.rand(400) < 0.5)


def test_the_residuals_prove_the_estimate(monkeypatch):
    monkeypatch.setattr(existence, 'separation', None)
    assert maximum_likelihood(nearly_dependent()).converged()


def test_without_the_check(sage, monkeypatch, tmp_path):
    separated = [[0, 0], [1, 0], [1, 1], [2, 1], [3, 1]]
    with pytest.raises(SeparationError):
        maximum_likelihood(separated)
    monkeypatch.setattr('sage_logreg.training.check_estimate', None)
    model = maximum_likelihood(nearly_dependent(), check=False)
    model.save(tmp_path / 'model.json')
    for one in (model, load_model(tmp_path / 'model.json')):
        assert one.options()['check'] is False
        assert 'it was not proved that the estimate exists (check=False)' in str(one.summary())
    with pytest.raises(TypeError, match='check = 1; expected True or False'):
        maximum_likelihood(separated, check=1)


def test_more_columns_than_rows_are_refused_at_once(monkeypatch):
    monkeypatch.setattr('sage_logreg.training.minimize', None)
    data = dataset(numpy.random.RandomState(9).normal(size=(30, 600)), numpy.arange(30) % 2)
    with pytest.raises(ValueError, match='more than the 30 rows; set a penalty l2, leave') as caught:
        maximum_likelihood(data)
    assert len(str(caught.value)) < 200


def test_a_summary_of_many_weights_shows_the_first(sage):
    model = maximum_likelihood(dataset(numpy.random.RandomState(10).normal(size=(50, 300)), numpy.arange(50) % 2), l2=1)
    text = str(model.summary())
    assert 'x19 ' in text and 'x20 ' not in text and '... and 281 more rows' in text and 'log-likelihood' in text
