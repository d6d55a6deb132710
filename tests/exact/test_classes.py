r"""
Whether classes are separated, against Sage's exact linear programmes.
"""
import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood, separation
from sage_logreg.exact.separation import SeparationError

pytest.importorskip('sage.all')


def verdict(points, labels, classes):
    r"""
    By PPL: the largest sum of margins, each at most 1, of weights that put no point on the wrong side.
    """
    from sage.numerical.mip import MixedIntegerLinearProgram
    from sage.rings.rational_field import QQ
    programme = MixedIntegerLinearProgram(solver='PPL', maximization=True)
    w, margin = programme.new_variable(real=True), programme.new_variable(nonnegative=True)
    pairs = [(i, j) for i, label in enumerate(labels) for j in range(classes) if j != label]
    for i, j in pairs:
        x = [QQ(1), *map(QQ, points[i])]
        value = sum(entry * (w[labels[i], k] - w[j, k]) for k, entry in enumerate(x))
        programme.add_constraint(value >= margin[i, j])
        programme.set_max(margin[i, j], 1)
    programme.set_objective(sum(margin[pair] for pair in pairs))
    programme.solve()
    margins = [programme.get_values(margin[pair]) for pair in pairs]
    return 'complete' if min(margins) == 1 else 'quasi-complete' if max(margins) > 0 else 'overlap'


def random_tables():
    random = numpy.random.RandomState(0)
    for number in range(60):
        classes, columns = random.randint(3, 5), random.randint(1, 4)
        rows = random.randint(classes * 2, 16)
        points = random.randint(-3, 4, (rows, columns))
        if number % 3:
            # nearly separated
            labels = (points @ random.normal(size=(columns, classes)) + random.normal(size=classes)).argmax(axis=1)
        else:
            labels = random.randint(0, classes, rows)
        names, labels = numpy.unique(labels, return_inverse=True)
        design = numpy.column_stack([numpy.ones(rows), points])
        if len(names) > 2 and len(names) < rows and numpy.linalg.matrix_rank(design) == columns + 1:
            yield points, labels, len(names)


def test_verdicts_are_those_of_linear_programmes():
    seen = set()
    for points, labels, classes in random_tables():
        answer = separation((points, labels))
        assert answer.kind() == verdict(points.tolist(), labels.tolist(), classes)
        assert answer.check()
        seen.add(answer.kind())
    assert seen == {'complete', 'quasi-complete', 'overlap'}


def test_forged_certificates_are_refused():
    answer = separation(([[1], [2], [4], [6], [5], [4]], list('aabcbc')))
    assert answer.check()
    answer._vector = [-entry for entry in answer._vector]
    assert not answer.check()
    answer = separation(([[1], [2], [3], [4], [2], [3], [2]], list('abcbaac')))
    other = separation(([[1], [2], [3], [4], [2], [3], [3]], list('abcbaac')))
    other.data = answer.data
    assert not other.check()


def test_exact_numbers_stay_exact():
    from sage.rings.rational_field import QQ
    # 1/10 + 2/10 is 3/10, but not as floats
    rows = [[QQ(1) / 10, 0], [QQ(2) / 10, 0], [QQ(3) / 10, 1], [QQ(3) / 10, 0], [QQ(6) / 10, 2], [QQ(7) / 10, 2], [QQ(4) / 10, 1]]
    assert separation(rows).kind() == 'quasi-complete' and separation(rows).check()


def test_classes_that_come_apart():
    iris = pytest.importorskip('sklearn.datasets').load_iris()
    data = load_data((iris.data, iris.target_names[iris.target]))
    answer = separation(data)
    assert answer.kind() == 'quasi-complete' and answer.check()
    assert answer.apart() == [('setosa', 'versicolor'), ('setosa', 'virginica')]
    with pytest.raises(SeparationError, match="'setosa' comes apart from 'versicolor', 'setosa' from 'virginica'; set a penalty l2$"):
        maximum_likelihood(data)


def test_rows_that_do_not_count():
    rows = ([[1], [2], [4], [6], [5], [4], [9]], list('aabcbca'))
    assert separation(rows).exists()
    assert separation(load_data(rows, weights=[1, 1, 1, 1, 1, 1, 0])).kind() == 'quasi-complete'
