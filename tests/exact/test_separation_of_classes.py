"""
Whether classes are separated, against Sage's exact linear programmes, with certificates that are checked anew here.
"""
import pickle
from fractions import Fraction

import numpy
import pytest
from scipy.optimize import linprog

from sage_logreg import digits, load_data, maximum_likelihood, separation, training
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.exact.classes import PairRows, SeparationOfClasses, decided_of_classes
from sage_logreg.exact.margins import guessed
from sage_logreg.exact.programme import certificate
from sage_logreg.exact.separation import SeparationError, _checked_columns, _decided
from sage_logreg.exact.whitened import WhiteRows, whitened

pytest.importorskip('sage.all')


def by_programme(points, labels, classes, intercept=True):
    r"""
    By PPL: the kind, and the pairs that no weights separate.

    The largest sum of margins, each at most 1, of weights that put no point on the wrong side: all margins that can be positive
    are 1 there.
    """
    from sage.numerical.mip import MixedIntegerLinearProgram
    from sage.rings.rational_field import QQ
    programme = MixedIntegerLinearProgram(solver='PPL', maximization=True)
    w, margin = programme.new_variable(real=True), programme.new_variable(nonnegative=True)
    pairs = [(i, j) for i, label in enumerate(labels) for j in range(classes) if j != label]
    for i, j in pairs:
        x = [QQ(1)] * intercept + [QQ((Fraction(value).numerator, Fraction(value).denominator)) for value in points[i]]
        value = sum(entry * (w[labels[i], k] - w[j, k]) for k, entry in enumerate(x))
        programme.add_constraint(value >= margin[i, j])
        programme.set_max(margin[i, j], 1)
    programme.set_objective(sum(margin[pair] for pair in pairs))
    programme.solve()
    tight = [pair for pair in pairs if programme.get_values(margin[pair]) == 0]
    return ('overlap' if len(tight) == len(pairs) else 'quasi-complete' if tight else 'complete'), tight


def is_certified(answer, points, labels, names, intercept=True):
    r"""
    Whether the certificate proves the answer, in fractions.
    """
    rows = [[Fraction(1)] * intercept + [Fraction(value) for value in row] for row in points]
    classes, width = len(names), len(rows[0])
    if not answer.exists():
        V = [[Fraction(str(entry)) for entry in row] for row in answer.vector()]
        scores = [[sum(a * b for a, b in zip(row, weights)) for weights in V] for row in rows]
        margins = {(i, names[j]): scores[i][label] - scores[i][j] for i, label in enumerate(labels) for j in range(classes) if j != label}
        return (all(sum(column) == 0 for column in zip(*V)) and min(margins.values()) >= 0 and max(margins.values()) > 0
                and answer.pairs() == [pair for pair, margin in margins.items() if margin == 0])
    from sage.matrix.constructor import matrix
    from sage.rings.rational_field import QQ
    total, support = [[Fraction(0)] * width for _ in range(classes)], []
    for (i, name), multiplier in answer.multipliers().items():
        own, other, factor = labels[i], names.index(name), Fraction(str(multiplier))
        if factor <= 0 or own == other:
            return False
        for j, entry in enumerate(rows[i]):
            total[own][j] += factor * entry
            total[other][j] -= factor * entry
        support.append([((k == own) - (k == other)) * QQ((entry.numerator, entry.denominator)) for k in range(classes) for entry in rows[i]])
    return not any(map(any, total)) and matrix(QQ, support).rank() == (classes - 1) * width


def data_of(points, labels, intercept=True):
    r"""
    The data, also such of which ``load_data`` doubts that their labels are classes.
    """
    names, labels = numpy.unique(labels, return_inverse=True)
    points = numpy.array(points, dtype=float)
    return Dataset(points, labels.astype(float), tuple(f'x{j + 1}' for j in range(points.shape[1])), label_names=tuple(names.tolist()),
                   intercept=intercept)


def both_ways(data):
    r"""
    The answer in whole numbers, and that in floats where these can tell.
    """
    return [_decided(data, smallest=10**9), _decided(data, smallest=0)]


def random_tables():
    random = numpy.random.RandomState(0)
    for number in range(90):
        classes, columns = random.randint(2, 6), random.randint(1, 4)
        rows = random.randint(classes * 2, 16)
        points = random.randint(-3, 4, (rows, columns))
        if number % 3:
            # nearly separated
            labels = (points @ random.normal(size=(columns, classes)) + random.normal(size=classes)).argmax(axis=1)
        else:
            labels = random.randint(0, classes, rows)
        data = data_of(points, labels, intercept=bool(number % 4))
        design = numpy.column_stack([numpy.ones((rows, int(data.intercept))), points])
        if data.classes > 1 and numpy.linalg.matrix_rank(design) == design.shape[1]:
            yield data


def test_verdicts_are_those_of_linear_programmes():
    seen = []
    for data in random_tables():
        points, labels = data.points.astype(int).tolist(), data.labels.astype(int).tolist()
        kind, tight = by_programme(points, labels, data.classes, data.intercept)
        if data.classes == 2:
            # by the code of more classes
            rows = PairRows(data)
            vector, multipliers, zeros = certificate(rows, rows.of_points(_checked_columns(data)))
            forced = SeparationOfClasses(data, None if vector is None else rows.in_units_of_data(vector),
                                         multipliers, numpy.flatnonzero(zeros).tolist() if vector is not None else [])
            decision = decided_of_classes(rows)
            assert forced.kind() == separation(data).kind() == kind
            assert forced.rows() == separation(data).rows()
            assert decision is None or (decision[0] is None) == (kind == 'overlap')
            continue
        for answer in both_ways(data):
            assert answer.kind() == kind
            assert answer.pairs() == [(i, data.label_names[j]) for i, j in tight]
            assert is_certified(answer, points, labels, data.label_names, data.intercept) and answer.check()
        seen.append((kind, data.classes, data.intercept))
    assert {kind for kind, *_ in seen} == {'complete', 'quasi-complete', 'overlap'}
    assert {classes for _, classes, _ in seen} == {3, 4, 5} and {intercept for *_, intercept in seen} == {True, False}


TINY = Fraction(1, 10**12)
ADVERSARIAL = {
    'one point a class': ([[0], [1], [3]], [0, 1, 2]),
    'one point a class, on a line of which the middle is in the others': ([[0, 0], [1, 1], [2, 2], [0, 1]], [0, 1, 2, 0]),
    'points on the boundary': ([[0], [1], [1], [2], [3], [3]], [0, 0, 1, 1, 1, 2]),
    'coincident points of all classes': ([[0], [0], [0], [5], [6], [7]], [0, 1, 2, 0, 1, 2]),
    'coincident points and one apart': ([[0], [0], [0], [1]], [0, 1, 2, 0]),
    'the same points in each class': ([[0], [1]] * 3, [0, 0, 1, 1, 2, 2]),
    'nearly separated': ([[0], [1], [1 + TINY], [2], [2 + TINY], [3]], [0, 0, 1, 1, 2, 2]),
    'nearly overlapping': ([[0], [1 + TINY], [1], [2 + TINY], [2], [3]], [0, 0, 1, 1, 2, 2]),
    'separated at one boundary by a little': ([[0], [1], [1 + TINY], [2], [1], [3], [2]], [0, 0, 1, 1, 1, 2, 2]),
    'corners of a triangle': ([[0, 0], [3, 0], [0, 3], [1, 1]], [0, 1, 2, 0]),
    'the centre of a triangle is of another class': ([[0, 0], [3, 0], [0, 3], [1, 1]], [0, 1, 2, 3]),
    'a class within the others': ([[-1, 0], [1, 0], [0, -1], [0, 1], [0, 0], [0, Fraction(1, 2)]], [0, 0, 1, 1, 2, 2]),
    'duplicates': ([[0], [0], [0], [1], [1], [4], [4], [4]], [0, 0, 1, 1, 1, 2, 2, 2]),
    'large and small numbers': ([[10**30, 0], [10**30 + 1, 1], [-10**30, 0], [1, Fraction(1, 10**30)], [0, 0]], [0, 1, 2, 0, 1]),
}


@pytest.mark.parametrize('name', ADVERSARIAL)
@pytest.mark.parametrize('intercept', [True, False])
def test_adversarial_tables(name, intercept):
    from sage.rings.rational_field import QQ
    points, labels = ADVERSARIAL[name]
    exact = [[QQ((Fraction(value).numerator, Fraction(value).denominator)) for value in row] for row in points]
    # a label more, so that the labels are not taken for numbers of the rows
    points, exact, labels = points + points[:1], exact + exact[:1], labels + labels[:1]
    classes = max(labels) + 1
    answer = separation((exact, labels), intercept=intercept)
    kind, tight = by_programme(points, labels, classes, intercept)
    assert answer.kind() == kind and answer.pairs() == tight
    assert is_certified(answer, points, labels, list(range(classes)), intercept) and answer.check()
    assert _decided(answer.data, smallest=0).kind() == kind


def test_forged_certificates_are_refused():
    separated = ([[1], [2], [4], [6], [5], [4]], list('aabcbc'))
    overlapping = ([[1], [2], [3], [4], [2], [3], [2]], list('abcbaac'))
    assert separation(separated).check() and separation(overlapping).check()

    def forged(table, **parts):
        answer = separation(table)
        given = {'vector': answer._vector, 'multipliers': answer._multipliers, 'rows': answer._rows, **parts}
        return SeparationOfClasses(answer.data, **given)
    vector, multipliers = separation(separated)._vector, separation(overlapping)._multipliers
    for parts in ({'vector': [-entry for entry in vector]}, {'vector': [0 * entry for entry in vector]}, {'vector': None},
                  {'rows': []}, {'rows': separation(separated)._rows[1:]}, {'multipliers': {}}):
        assert not forged(separated, **parts).check()
    pair = next(iter(multipliers))
    for change in ({pair: -multipliers[pair]}, {pair: multipliers[pair] + 1}, {100: 1}):
        assert not forged(overlapping, multipliers={**multipliers, **change}).check()
    assert not forged(overlapping, multipliers={}).check()
    assert not forged(overlapping, vector=vector).check()
    # the certificate of other data
    other = separation(([[1], [2], [3], [4], [2], [3], [2]], list('abcaacb')))
    assert other.exists() and other.check()
    other.data = separation(overlapping).data
    assert not other.check()


def test_exact_numbers_stay_exact():
    from sage.functions.other import sqrt
    from sage.rings.rational_field import QQ
    # 1/10 + 2/10 is 3/10, but not as floats
    rows = [[QQ(1) / 10, 0], [QQ(2) / 10, 0], [QQ(3) / 10, 1], [QQ(3) / 10, 0], [QQ(6) / 10, 2], [QQ(7) / 10, 2], [QQ(4) / 10, 1]]
    assert separation(rows).kind() == 'quasi-complete' and separation(rows).check()
    root = sqrt(QQ(2))
    rows = [[0, 0], [root, 0], [root, 1], [2, 1], [3, 2], [4, 2], [5, 2]]
    answer = separation(rows)
    assert answer.kind() == 'quasi-complete' and answer.check() and answer.pairs() == [(1, 1), (2, 0)]
    assert separation([[root + 1, 1] if row == [root, 1] else row for row in rows]).kind() == 'complete'
    assert separation([*rows, [root, 2], [0, 1], [5, 0]]).check()


def test_classes_that_come_apart():
    iris = pytest.importorskip('sklearn.datasets').load_iris()
    data = load_data((iris.data, iris.target_names[iris.target]))
    answer = separation(data)
    assert answer.kind() == 'quasi-complete' and answer.check()
    assert answer.apart() == [('setosa', 'versicolor'), ('setosa', 'virginica')]
    assert answer.rows() == list(range(50, 150))
    with pytest.raises(SeparationError, match="'setosa' comes apart from 'versicolor', 'virginica'; set a penalty l2$"):
        maximum_likelihood(data)
    petals = load_data((iris.data[:, 2:], iris.target_names[iris.target]))
    assert separation(petals).apart() == answer.apart()
    without = load_data((iris.data[50:], iris.target_names[iris.target[50:]]))
    assert separation(without).exists()


@pytest.mark.parametrize('places, said', [
    ('a1 b5 c9 a0 c8 b5', 'each class comes apart from all others'),
    ('a1 b2 a2 b1 c5 d6 c6 d5', "'a', 'b' come apart from 'c', 'd'"),
    ('a1 b2 a2 b1 c5 d8', "3 groups come apart from each other: 'a', 'b'; 'c'; 'd'"),
    ('a1 b1 b3 c3 a0 b2 c4', "'a' comes apart from 'c'"),
])
def test_what_comes_apart_in_words(places, said):
    rows = [[int(place[1:]), place[0]] for place in places.split()]
    assert str(separation(load_data(rows, label=-1))).endswith(f'of {len(rows)} points of {len(set(places) & set("abcd"))} classes: {said}')


def test_no_class_comes_apart_as_a_whole():
    # one point of the first class is alone in the second column
    rows = ([[0, 0], [1, 0], [2, 0], [0, 0], [1, 0], [2, 0], [0, 0], [1, 0], [2, 0], [1, 1]], [0, 1, 2, 1, 2, 0, 2, 0, 1, 0])
    answer = separation(rows)
    kind, tight = by_programme(*rows, 3)
    assert answer.kind() == kind == 'quasi-complete' and answer.pairs() == tight and answer.apart() == []
    assert repr(answer).endswith('pairs of a point and another class come apart, but no class from another')


def test_rows_that_do_not_count():
    rows = ([[9], [1], [2], [4], [6], [5], [4]], list('aaabcbc'))
    assert separation(rows).exists()
    answer = separation(load_data(rows, weights=[0, 1, 1, 1, 1, 1, 1]))
    assert answer.kind() == 'quasi-complete' and answer.check()
    # the numbers of the rows in the user's data
    assert answer.rows() == [3, 4, 5, 6] and answer.pairs() == [(3, 'c'), (4, 'b'), (5, 'c'), (6, 'b')]
    rows = ([[9], [1], [2], [3], [4], [2], [3], [2]], list('aabcbaac'))
    answer = separation(load_data(rows, weights=[0, 1, 1, 1, 1, 1, 1, 1]))
    assert answer.exists() and 0 not in {row for row, _ in answer.multipliers()}
    points, names = [row for row in rows[0]], list('abc')
    assert is_certified(answer, points, ['abc'.index(name) for name in rows[1]], names)


def test_a_class_of_which_no_row_counts():
    data = data_of([[0.0], [1.0], [2.0], [0.0], [1.0], [2.0], [5.0]], [0, 0, 0, 1, 1, 1, 2])
    assert by_programme(data.points.tolist(), data.labels.astype(int).tolist(), 3)[0] == separation(data).kind()
    data.weights = numpy.array([1.0, 1, 1, 1, 1, 1, 0])
    answer = separation(data)
    # its bias goes to minus infinity
    assert answer.kind() == 'quasi-complete' and answer.check() and answer.apart() == [(0, 2), (1, 2)]


def test_the_directions_are_those_of_the_vector():
    from sage.rings.infinity import Infinity
    answer = separation(load_data([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']], variables='dose'))
    signs = [[(entry > 0) - (entry < 0) for entry in row] for row in answer.vector()]
    assert answer.directions() == {name: {'bias': bias * Infinity if bias else 0, 'dose': dose * Infinity if dose else 0}
                                   for name, (bias, dose) in zip('abc', signs)}
    assert answer.vector(baseline='b')[1] == 0
    overlap = separation([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
    assert overlap.vector() is None and set(overlap.directions()['c'].values()) == {0} and overlap.apart() == []


def test_columns_that_depend():
    for points in ([[1, 2], [2, 4], [3, 6], [4, 8], [5, 10], [6, 12]], [[1, 3], [2, 3], [3, 3], [4, 3], [5, 3], [6, 3]]):
        messages = []
        for labels in ([0, 1, 2, 0, 1, 2], [0, 1, 0, 0, 1, 1]):
            with pytest.raises(ValueError) as error:
                separation((points, labels))
            messages.append(str(error.value))
        # as of two classes
        assert messages[0] == messages[1]
    with pytest.raises(ValueError, match='more than the 4 rows'):
        separation(([[1, 2, 3, 4], [2, 3, 4, 5], [0, 1, 0, 1], [7, 1, 2, 0]], [0, 1, 2, 0]))


def test_sparse_data_features_and_categories():
    from sage.calculus.var import var
    sparse = pytest.importorskip('scipy.sparse')
    random = numpy.random.RandomState(3)
    points, labels = random.randint(0, 3, (20, 3)).astype(float), numpy.arange(20) % 3
    assert separation((sparse.csr_matrix(points), labels)).kind() == separation((points, labels)).kind() == 'overlap'
    x1 = var('x1')
    rows = ([[-3], [-2], [-1], [0], [1], [2], [3]], [2, 1, 0, 0, 0, 1, 2])
    assert separation(rows).exists() and separation(rows, features=[x1, x1**2]).kind() == 'complete'
    table = {'colour': list('rrggbbrgb'), 'dose': [1, 2, 3, 4, 5, 6, 7, 8, 9], 'kind': list('xyxyzzyxz')}
    answer = separation(table, label='kind', categorical='colour')
    # blue is z always, and nothing else is
    assert answer.kind() == 'quasi-complete' and answer.check() and answer.apart() == [('x', 'z'), ('y', 'z')]


def test_an_offset_does_not_matter():
    data = load_data([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
    data.offset = numpy.random.RandomState(0).normal(size=(7, 3))
    assert separation(data).exists()


def assert_floats_decide(points, labels):
    r"""
    Whether floats decide on a quasi-complete separation, which is then proved by another computation.
    """
    data = data_of(points, labels)
    rows = PairRows(data)
    vector, tight = decided_of_classes(rows)
    margins = rows.integers(numpy.arange(len(rows))).dot(vector)
    assert 0 < len(tight) < len(margins) and min(margins) >= 0 and numpy.flatnonzero(margins == 0).tolist() == tight
    inner = rows.floats(tight)
    programme = linprog(-inner.sum(axis=0), A_ub=-inner, b_ub=numpy.zeros(len(inner)), bounds=(-1, 1))
    # no vector separates them: the sum of what it gives cannot be positive
    assert programme.status == 0 and programme.fun > -1e-6


def test_many_pairs():
    data = digits()
    used = data.points.max(axis=0) > data.points.min(axis=0)
    points, labels = data.points[:, used].astype(float), data.labels.astype(int)
    answer = separation((points, labels))
    assert answer.kind() == 'complete' and len(answer.apart()) == 45
    scores = numpy.array([[float(entry) for entry in row] for row in answer.vector()])
    scores = numpy.column_stack([numpy.ones(len(points)), points]) @ scores.T
    assert (scores.argmax(axis=1) == labels).all()
    # 3 and 7 are mixed up, and of the others some pairs come apart; rows that cannot are not told by their residuals alone
    odd = numpy.arange(len(labels)) % 2 == 1
    mixed = numpy.where(odd | ~numpy.isin(labels, (3, 7)), labels, 10 - labels)
    few = numpy.isin(labels, (0, 1, 3, 4, 6, 7))
    assert_floats_decide(points[few][:, :12], mixed[few])
    few = numpy.isin(labels, (0, 1, 2))
    points, labels = points[few][:, 20:30], labels[few]
    points = points[:, points.max(axis=0) > points.min(axis=0)]
    answer = separation((points, labels))
    assert answer.check()


def test_digits_by_a_few_pixels_are_decided_in_floats_and_proved():
    data = digits()
    for classes, rows, columns in ((10, 900, [0, 1, 2, 29, 38, 42, 51, 60]), (5, 500, [2, 9, 12, 15, 23, 31, 38, 50, 57, 60])):
        few = numpy.flatnonzero(data.labels < classes)[:rows]
        points, labels = data.points[few][:, columns].astype(float), data.labels[few].astype(int)
        points = points[:, points.max(axis=0) > points.min(axis=0)]
        assert_floats_decide(points, labels)
        answer = separation((points, labels))
        assert answer.kind() == 'quasi-complete' and answer.check()
        # a row less, or a wrong sign, proves nothing
        for vector, zeros in ((answer._vector, answer._rows[1:]), ([-entry for entry in answer._vector], answer._rows)):
            assert not SeparationOfClasses(answer.data, vector, answer._multipliers, zeros).check()


def small_tables():
    random = numpy.random.RandomState(1)
    for number in range(25):
        classes, columns = random.randint(3, 11), random.randint(1, 4)
        points = random.randint(-2, 3, (random.randint(classes, 13), columns))
        labels = random.randint(0, classes, len(points))
        if number % 3:
            labels = (points @ random.normal(size=(columns, classes)) + random.normal(size=classes) * (number % 2)).argmax(axis=1)
        if number % 5 == 0:
            # each row again, and one class of a single row
            points, labels = numpy.vstack([points, points, points[:1]]), numpy.concatenate([labels, labels, [classes]])
        data = data_of(points, labels)
        design = numpy.column_stack([numpy.ones(len(points)), points])
        if data.classes > 2 and numpy.linalg.matrix_rank(design) == design.shape[1]:
            yield data


def test_a_linear_programme_in_floats_tells_which_pairs_are_separated():
    kinds = []
    for data in small_tables():
        rows = PairRows(data)
        points = whitened(rows.of_one, numpy.ones(len(data)))
        tight, multipliers, vector = guessed(WhiteRows(rows, numpy.kron(numpy.eye(rows.others), points.matrix)))
        kind, expected = by_programme(data.points.astype(int).tolist(), data.labels.astype(int).tolist(), data.classes)
        own, other = rows.places
        pairs = list(zip(own.tolist(), other.tolist()))
        assert [pair for pair, zero in zip(pairs, tight) if zero] == expected
        floats = rows.floats(slice(0, len(rows)))
        margins = floats @ vector
        assert (margins[~tight] > 1e-3).all() and (abs(margins[tight]) < 1e-6).all()
        assert (multipliers >= 0).all() and not multipliers[~tight].any() and abs(multipliers @ floats).max() < 1e-6
        kinds.append((kind, data.classes))
    assert {kind for kind, _ in kinds} == {'complete', 'quasi-complete', 'overlap'} and max(classes for _, classes in kinds) > 6


@pytest.mark.parametrize('classes', [2, 3, 7])
def test_many_rows_of_zeros_without_an_intercept(classes):
    # the first and the last of those that are tried as multipliers are among them
    points = numpy.zeros((400, 2))
    labels = numpy.arange(400) % classes
    points[[101, 203, 304], 0], labels[[101, 203, 304]] = 1, [0, 1, 2 % classes]
    points[[120, 250], 1], labels[[120, 250]] = [1, 2], 0
    for answer in both_ways(data_of(points, labels, intercept=False)):
        assert answer.kind() == 'quasi-complete' and answer.check()
        assert not {120, 250} & set(answer.rows()) and len(answer.rows()) == 398
        # the proof that nothing separates these
        assert not type(answer)(answer.data, answer._vector, {}, answer._rows).check()


def test_the_error_names_the_one_column_that_separates():
    random = numpy.random.RandomState(0)
    points, labels = random.normal(size=(60, 3)), random.randint(0, 3, 60)
    for column in (labels == 1, (labels == 2) * random.randint(0, 2, 60)):
        for place, name in enumerate(('age', 'dose', 'sex')):
            points[:, place], other = column, points[:, place].copy()
            data = load_data((points, numpy.array(['a', 'b', 'c'])[labels]), variables=['age', 'dose', 'sex'])
            for answer in both_ways(data):
                assert str(SeparationError(answer)).endswith(f'; set a penalty l2, or leave {name} out')
            points[:, place] = other
    # by two columns
    points[:, 0], points[:, 1] = (labels == 1) + points[:, 2], points[:, 2] - 3 * (labels == 1)
    for answer in both_ways(load_data((points[:, :2], labels))):
        assert str(SeparationError(answer)).endswith('; set a penalty l2')


def test_the_error_of_a_class_without_rows():
    data = load_data(([[1.0], [2.0], [3.0], [4.0], [2.5], [3.5]], list('abcbab')))
    for answer in both_ways(data.take(numpy.array([0, 1, 3, 4, 5]))):
        assert "'a', 'b' come apart from 'c'" in str(answer) and str(SeparationError(answer)).endswith("; give points with y = 'c'")


def test_pickles():
    answer = separation([[1, 'a'], [2, 'a'], [4, 'b'], [6, 'c'], [5, 'b'], [4, 'c']])
    again = pickle.loads(pickle.dumps(answer))
    assert again.check() and again.pairs() == answer.pairs() and repr(again) == repr(answer)
    error = pickle.loads(pickle.dumps(SeparationError(answer)))
    assert str(error) == str(SeparationError(answer)) and 'set a penalty l2' in str(error)


def _separated(kind, classes, seed):
    numbers = numpy.random.default_rng(seed)
    points, labels = numbers.normal(size=(60, 4)), numpy.arange(60) % classes
    if kind == 'complete':
        labels = (points @ numbers.normal(size=(4, classes))).argmax(axis=1)
    elif kind == 'quasi-complete':
        # which only the last class has
        points[:, 0] = labels == classes - 1
    return points, labels


@pytest.mark.parametrize('kind', ['complete', 'quasi-complete'])
@pytest.mark.parametrize('classes', [3, 5, 10])
def test_separated_classes_are_told_after_a_few_steps(kind, classes):
    steps = []
    with pytest.raises(SeparationError):
        maximum_likelihood(_separated(kind, classes, 1), callback=lambda step, cost, weights: steps.append(step))
    assert len(steps) <= 25


def test_an_estimate_that_takes_many_steps_is_decided_once(monkeypatch):
    points, labels = numpy.random.default_rng(1).normal(size=(60, 2)), numpy.arange(60) % 3
    decided, check = [], training.check_floats
    monkeypatch.setattr(training, 'DRIFTING', 3, raising=False)
    monkeypatch.setattr(training, 'check_floats', lambda data: decided.append(check(data)))
    model = maximum_likelihood((points, labels))
    assert model.converged() and len(decided) == 1
    assert maximum_likelihood((points, labels), check=False).weights() == model.weights() and len(decided) == 1
