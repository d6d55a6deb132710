r"""
Existence: the exact decision against enumeration in fractions, its certificate, and the wrong columns' messages.

The oracle enumerates the extreme rays of the cone of separating vectors: it shares no line with the package.
"""
import itertools
import pickle
from fractions import Fraction

import numpy
import pytest
from hypothesis import assume, given, settings, strategies as st

from sage_logreg import Dataset, ex2data1, load_data
from sage_logreg.exact import basis, programme, separation as existence
from sage_logreg.exact.separation import Separation, SeparationError, check_columns, dependent_columns, separation

from helpers import in_a_new_process

few = settings(deadline=None, max_examples=60)
many = settings(deadline=None, max_examples=300)


def dataset(points, labels):
    points = numpy.asarray(points)
    points = points if points.dtype == numpy.float32 else points.astype(numpy.float64)
    return Dataset(points, numpy.asarray(labels, dtype=numpy.float64),
                   tuple(f'x{j + 1}' for j in range(points.shape[1])))


# The oracle, in fractions

def signed_rows(data):
    return [[sign * Fraction(value) for value in [1.0] + row] for sign, row
            in zip((1 if label else -1 for label in data.labels), data.points.tolist())]


def dot(one, two):
    return sum(a * b for a, b in zip(one, two))


def null_space(rows, width):
    rows, pivots = [list(row) for row in rows], []
    for column in range(width):
        place = len(pivots)
        found = next((i for i in range(place, len(rows)) if rows[i][column]), None)
        if found is None:
            continue
        rows[place], rows[found] = rows[found], rows[place]
        rows[place] = [value / rows[place][column] for value in rows[place]]
        for i, row in enumerate(rows):
            if i != place and row[column]:
                rows[i] = [a - row[column] * b for a, b in zip(row, rows[place])]
        pivots.append(column)
    basis = []
    for free in (column for column in range(width) if column not in pivots):
        vector = [Fraction(0)] * width
        vector[free] = Fraction(1)
        for row, pivot in zip(rows, pivots):
            vector[pivot] = -row[free]
        basis.append(vector)
    return basis


def enumerated(data):
    """The kind and the rows that nothing separates: the sum of the cone's extreme rays is in its interior."""
    rows = signed_rows(data)
    width = len(rows[0])
    total = [Fraction(0)] * width
    for chosen in itertools.combinations(rows, width - 1):
        kernel = null_space(chosen, width)
        if len(kernel) != 1:
            continue
        for ray in (kernel[0], [-value for value in kernel[0]]):
            if all(dot(row, ray) >= 0 for row in rows):
                total = [a + b for a, b in zip(total, ray)]
    zeros = [i for i, row in enumerate(rows) if dot(row, total) == 0]
    if not any(total):
        return 'overlap', zeros
    return ('quasi-complete' if zeros else 'complete'), zeros


def proves(answer):
    """Check the certificate in fractions, from what the answer says in public."""
    rows, width = signed_rows(answer.data), len(answer.data.variables) + 1
    if answer.kind() == 'overlap':
        multipliers = {row: Fraction(int(m.numerator()), int(m.denominator()))
                       for row, m in answer.multipliers().items()}
        total = [sum(m * rows[row][j] for row, m in multipliers.items()) for j in range(width)]
        return (answer.vector() is None and len(multipliers) <= 2 * width and all(m > 0 for m in multipliers.values())
                and not any(total) and not null_space([rows[row] for row in multipliers], width))
    vector = [Fraction(int(entry.numerator()), int(entry.denominator())) for entry in answer.vector()]
    values = [dot(row, vector) for row in rows]
    zeros = [i for i, value in enumerate(values) if value == 0]
    return (answer.multipliers() is None and min(values) >= 0 and any(values) and zeros == answer.rows()
            and (answer.kind() == 'quasi-complete') == bool(zeros))


@st.composite
def tables(draw, most_columns=3, size=3, most_rows=9):
    """Small whole numbers: many ties, points with both labels, rows on the boundary."""
    width = draw(st.integers(1, most_columns))
    count = draw(st.integers(width + 1, most_rows))
    numbers = st.integers(-size, size)
    points = draw(st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=count, max_size=count))
    normal = draw(st.lists(st.integers(-2, 2), min_size=width + 1, max_size=width + 1))
    ties = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    values = [normal[0] + dot(normal[1:], point) for point in points]
    data = dataset(points, [value > 0 or value == 0 and tie for value, tie in zip(values, ties)])
    assume(0 < data.labels.sum() < count and not null_space(signed_rows(data), width + 1))
    return data


@many
@given(data=tables())
def test_agrees_with_enumeration(sage, data):
    answer = separation(data)
    assert (answer.kind(), answer.rows()) == enumerated(data)
    assert answer.exists() == (answer.kind() == 'overlap')
    assert answer.check() and proves(answer)


@many
@given(data=tables())
def test_agrees_with_enumeration_when_rows_come_in_one_by_one(sage, data):
    # as with many rows, most of which the search meets only when its vector does not separate them
    with pytest.MonkeyPatch.context() as patch:
        for module in (existence, programme):
            patch.setattr(module, 'spread', lambda count, most: numpy.array([count // 2]))
        for module in (basis, programme):
            patch.setattr(module, 'BLOCK', 2)
        answer = separation(data)
    assert (answer.kind(), answer.rows()) == enumerated(data)
    assert answer.check() and proves(answer)


@few
@given(data=tables(), seed=st.integers(0, 10**6))
def test_agrees_with_enumeration_on_any_floats(sage, data, seed):
    # the ties are broken here and there by some ulps
    random = numpy.random.RandomState(seed)
    points = data.points * 0.1
    points = numpy.where(random.rand(*points.shape) < 0.3, numpy.nextafter(points, 9), points)
    data = dataset(points, data.labels)
    answer = separation(data)
    assert (answer.kind(), answer.rows()) == enumerated(data)
    assert answer.check() and proves(answer)


@few
@given(data=tables(), exponents=st.lists(st.integers(-1000, 1000), min_size=3, max_size=3),
       seed=st.integers(0, 10**6))
def test_what_changes_nothing(sage, data, exponents, seed):
    random = numpy.random.RandomState(seed)
    count, width = data.points.shape
    answer = separation(data)
    scaled = separation(dataset(numpy.ldexp(data.points, exponents[:width]), data.labels))
    flipped = separation(dataset(data.points, 1 - data.labels))
    # a unimodular matrix, so that the rank stays
    affine = numpy.tril(random.randint(-5, 6, size=(width, width)), -1) + numpy.eye(width)
    mapped = separation(dataset(data.points @ affine.T + random.randint(-9, 10, size=width), data.labels))
    doubled = separation(dataset(numpy.repeat(data.points, 2, axis=0), numpy.repeat(data.labels, 2)))
    order = random.permutation(count)
    permuted = separation(dataset(data.points[order], data.labels[order]))
    assert {other.kind() for other in (scaled, flipped, mapped, doubled, permuted)} == {answer.kind()}
    assert scaled.rows() == flipped.rows() == mapped.rows() == answer.rows()
    assert sorted(order[permuted.rows()]) == answer.rows()
    assert all(other.check() for other in (scaled, flipped, mapped, doubled, permuted))


# Near ties

NEAR = [0.1, 1.0, 1 / 3, 1e-300, 1e300, 5e-324, 2.0**53, 123456.789]


@pytest.mark.parametrize('value', NEAR)
@pytest.mark.parametrize('dtype', [numpy.float64, numpy.float32])
def test_one_ulp_decides_in_one_variable(sage, value, dtype):
    with numpy.errstate(over='ignore'):
        value = dtype(value)
    if not (numpy.isfinite(value) and value):
        pytest.skip('no such float32')
    above = numpy.nextafter(value, dtype(numpy.inf))
    kinds = [separation(dataset(numpy.array([[0], [one], [two], [above]], dtype=dtype), [0, 0, 1, 1]))
             for one, two in ((value, above), (value, value), (above, value))]
    assert [answer.kind() for answer in kinds] == ['complete', 'quasi-complete', 'overlap']
    assert all(proves(answer) and answer.check() for answer in kinds)


def test_tolerances_get_this_wrong(sage):
    answer = separation(([0, 1, 1 + 1e-7, 2], [0, 1, 0, 1]))
    assert answer.kind() == 'overlap' and proves(answer)


@pytest.mark.parametrize('shift, kind', [(-1, 'overlap'), (0, 'quasi-complete'), (1, 'complete')])
def test_one_ulp_decides_in_the_plane(sage, shift, kind):
    # the 1s at both ends of a segment through whole numbers, the 0 at a third of it and below
    points = numpy.array([[0.0, 0.0], [3e15, 6e15], [1e15, 2e15], [0.0, -1.0], [2e15, 0.0]])
    points[2, 1] = numpy.nextafter(points[2, 1], points[2, 1] - shift) if shift else points[2, 1]
    answer = separation(dataset(points, [1, 1, 0, 0, 0]))
    assert answer.kind() == kind and answer.check() and proves(answer)
    assert answer.rows() == {'overlap': [0, 1, 2, 3, 4], 'quasi-complete': [0, 1, 2], 'complete': []}[kind]


@few
@given(seed=st.integers(0, 10**6), width=st.integers(1, 4), count=st.integers(6, 12))
def test_numbers_of_every_size(sage, seed, width, count):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(count, width)) * 10.0**random.randint(-307, 300, size=(count, width))
    data = dataset(points, numpy.arange(count) % 2)
    assume(dependent_columns(data) is None)
    answer = separation(data)
    assert answer.check() and proves(answer)
    if width < 3:
        assert (answer.kind(), answer.rows()) == enumerated(data)


def test_large_whole_numbers(sage):
    random = numpy.random.RandomState(3)
    points = random.randint(-2**53, 2**53, size=(300, 3))
    normal = [3, -5, 7]
    values = [dot(normal, point) for point in points.tolist()]
    answer = separation(dataset(points, [value > 0 for value in values]))
    assert answer.kind() == 'complete' and answer.check()


# Many rows, where a few decide

def points_and_values(count, width, seed=0):
    random = numpy.random.RandomState(seed)
    points, weights = random.normal(size=(count, width)), random.normal(size=width)
    return points, points @ weights


def test_one_row_among_many_decides(sage):
    points, values = points_and_values(3000, 3)
    complete = separation(dataset(points, values > 0))
    assert complete.kind() == 'complete' and complete.check()
    labels = values > 0
    labels[numpy.argsort(values)[10]] = True
    overlap = separation(dataset(points, labels))
    assert overlap.kind() == 'overlap' and overlap.check() and proves(overlap)


@pytest.mark.parametrize('dtype', [numpy.float64, numpy.float32])
def test_a_point_with_both_labels_among_separated_ones(sage, dtype):
    points, values = points_and_values(3000, 2)
    points = points.astype(dtype)
    values = points.astype(numpy.float64) @ [1.0, 2.0]
    inside = numpy.argsort(values)[1500]
    twice = separation(dataset(numpy.vstack([points, points[inside]]),
                               numpy.append(values >= values[inside], False)))
    assert twice.kind() == 'quasi-complete' and twice.check()
    assert twice.rows() == [inside, 3000]
    outside = numpy.argsort(values)[-1]
    twice = separation(dataset(numpy.vstack([points, points[outside]]), numpy.append(values > 0, False)))
    assert twice.kind() == 'overlap' and proves(twice)


def test_one_value_of_a_factor_with_one_label(sage):
    # the textbook case: all who have the property have the label, so its weight goes to infinity
    points, values = points_and_values(2000, 6)
    points[:, 2] = numpy.arange(2000) % 7 == 0
    labels = (numpy.random.RandomState(1).rand(2000) < 0.5) | (points[:, 2] == 1)
    answer = separation(dataset(points, labels))
    assert answer.kind() == 'quasi-complete' and answer.check()
    assert answer.rows() == numpy.flatnonzero(points[:, 2] == 0).tolist()
    infinite = {name: direction for name, direction in answer.directions().items() if direction}
    assert infinite == {'x3': sage.Infinity}
    assert list(answer.vector()) == [0, 0, 0, 1, 0, 0, 0]


def test_a_property_of_one_row(sage):
    points, values = points_and_values(5000, 4)
    labels = numpy.random.RandomState(1).rand(5000) < 0.5
    points[:, 1] = 0
    points[4321, 1] = 1e-9
    labels[4321] = False
    answer = separation(dataset(points, labels))
    assert answer.kind() == 'quasi-complete' and answer.check()
    assert answer.rows() == [row for row in range(5000) if row != 4321]
    assert answer.directions()['x2'] == -sage.Infinity


def test_every_point_with_both_labels(sage):
    # n + 1 circuits of two rows each: the most that the multipliers can need
    points = numpy.repeat(numpy.vstack([numpy.zeros(5), numpy.eye(5)]), 2, axis=0)
    answer = separation(dataset(points, numpy.arange(12) % 2))
    assert answer.kind() == 'overlap' and proves(answer)
    assert len(answer.multipliers()) == 12


@pytest.mark.lanes
def test_data_from_the_literature(sage):
    # the UCI repository says of these: linearly separable using all 30 input features;
    # one class of iris is linearly separable from the other two, these are not from each other
    datasets = pytest.importorskip('sklearn.datasets')
    assert separation(datasets.load_breast_cancer(return_X_y=True)).kind() == 'complete'
    points, species = datasets.load_iris(return_X_y=True)
    kinds = [separation((points, (species == k).astype(float))).kind() for k in range(3)]
    assert kinds == ['complete', 'overlap', 'overlap']
    assert separation((points[50:], species[50:].astype(float))).kind() == 'overlap'
    assert separation(ex2data1()).exists()


# Certificates that prove nothing

def cases():
    return {'overlap': separation([[0, 0], [1, 1], [2, 0], [3, 1]]),
            'complete': separation([[0, 0], [1, 0], [2, 1], [3, 1]]),
            'quasi-complete': separation([[0, 0, 0], [1, 1, 0], [2, 1, 1], [3, 1, 0], [0, 2, 1], [1, 3, 1]])}


def test_a_wrong_separating_vector(sage):
    for kind in ('complete', 'quasi-complete'):
        answer = cases()[kind]
        data, vector, multipliers, rows = answer.data, answer._vector, answer._multipliers, answer._rows
        assert Separation(data, vector, multipliers, rows).check()
        assert not Separation(data, [-entry for entry in vector], multipliers, rows).check()
        assert not Separation(data, [0 * entry for entry in vector], multipliers, rows).check()
        assert not Separation(data, [vector[0] - 100] + vector[1:], multipliers, rows).check()
        assert not Separation(data, vector, multipliers, rows + [0]).check()
        assert not Separation(data, None, multipliers, rows).check()
    # it separates, but on the boundary; and nothing proves that the rows there cannot be separated
    data = cases()['complete'].data
    assert not Separation(data, [-1, 1], {}, []).check()
    assert not Separation(data, [-1, 1], {}, [1]).check()


def test_wrong_multipliers(sage):
    answer = cases()['overlap']
    good = answer.multipliers()
    assert Separation(answer.data, None, good, []).check()
    row = next(iter(good))
    for wrong in ({**good, row: good[row] + 1}, {**good, row: -good[row]}, {key: good[key] for key in good if key != row},
                  {key: -value for key, value in good.items()}, {key: 0 * value for key, value in good.items()},
                  {}, {key - 4: value for key, value in good.items()}):
        assert not Separation(answer.data, None, wrong, []).check()
    # the vector 0 separates nothing
    assert not Separation(answer.data, [0, 0], good, [0, 1, 2, 3]).check()
    # rows that cancel, but do not span: they prove nothing of the others
    answer = cases()['quasi-complete']
    assert not Separation(answer.data, None, answer._multipliers, []).check()


def test_changed_data(sage):
    for answer in cases().values():
        assert answer.check()
        answer.data.labels[:] = 1 - answer.data.labels
        assert answer.check() == answer.exists()
        answer.data.points[1] += 0.5
        answer.data.points[2] -= 0.25
        assert not answer.check()


# What is said

@pytest.mark.lanes
def test_texts():
    texts = {kind: str(answer) for kind, answer in cases().items()}
    assert texts == {
        'overlap': 'overlap of 4 points: the estimate exists, proved by 3 of them',
        'complete': 'complete separation of 4 points: w_x1 goes to +Infinity, the bias to -Infinity '
                    'along (bias: -3/2, x1: 1)',
        'quasi-complete': 'quasi-complete separation of 6 points: w_x2 goes to +Infinity, the bias to -Infinity '
                          'along (bias: -1, x2: 1)'}


def test_error_tells_the_remedies():
    error = SeparationError(cases()['quasi-complete'])
    assert isinstance(error, ValueError) and error.separation.kind() == 'quasi-complete'
    assert str(error) == ('the maximum-likelihood estimate does not exist, because of quasi-complete separation of '
                          '6 points: w_x2 goes to +Infinity, the bias to -Infinity along (bias: -1, x2: 1); '
                          'set a penalty l2, or bias_reduced=True, or leave x2 out')
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    points, values = points_and_values(100, 8)
    text = str(SeparationError(separation(dataset(points, values > 0))))
    assert text.count('Infinity') == 5 and ' more along (' in text
    assert text.endswith(', ...); set a penalty l2, or bias_reduced=True, or leave variables out')


@pytest.mark.parametrize('label', [0, 1])
def test_one_class_only(sage, label):
    answer = separation(dataset([[1, 2], [2, 5], [3, 3]], [label] * 3))
    assert answer.kind() == 'complete' and answer.check() and answer.rows() == []
    assert list(answer.vector()) == [2 * label - 1, 0, 0]
    # a penalty would not help, as it leaves the bias alone
    assert str(SeparationError(answer)).endswith('; give points of both classes, or bias_reduced=True')


def test_a_variable_called_bias(sage):
    data = load_data([[1, 0], [2, 1]], variables=['bias'])
    assert separation(data).directions() == {'w0': -sage.Infinity, 'bias': sage.Infinity}


WRONG_COLUMNS = {
    'constant': ([[1, 3], [2, 3], [4, 3], [5, 3]], 'the column x2 is constant (3.0), as the bias is; leave it out'),
    'zero': ([[0, 1], [0, 3], [0, 2]], 'the column x1 is constant (0.0), as the bias is; leave it out'),
    'equal': ([[1, 2, 1], [2, 3, 2], [4, 1, 4], [3, 3, 3]], 'the columns x1 and x3 are equal; leave one of them out'),
    'multiple': ([[1, 0, 0], [2, 1, 2], [4, 5, 10], [3, 3, 6]],
                 'the columns x2 and x3 are linearly dependent: x3 = 2*x2; leave one of them out'),
    'negative': ([[1, 0, -1], [2, 1, -2], [4, 5, -4], [3, 3, -3]],
                 'the columns x1 and x3 are linearly dependent: x3 = -x1; leave one of them out'),
    'affine': ([[1, 4], [2, 4.5], [4, 5.5]],
               'the columns x1, x2 and the bias are linearly dependent: x2 = 7/2 + 1/2*x1; leave one of them out'),
    'dummies': (numpy.eye(3)[[0, 1, 2, 0, 1]],
                'the columns x1, x2, x3 and the bias are linearly dependent: x3 = 1 - x1 - x2; leave one of them out'),
    'one row': ([[7]], 'the columns x1 and the bias are more than the 1 row; set a penalty l2, leave columns out, '
                       'or give at least 2 rows'),
    'more columns than rows': ([[1, 2, 3], [4, 5, 7]], 'the columns x1, x2, x3 and the bias are more than the 2 rows; set a penalty l2, '
                                                       'leave columns out, or give at least 4 rows'),
}


@pytest.mark.parametrize('case', WRONG_COLUMNS)
def test_dependent_columns_are_named(case):
    points, message = WRONG_COLUMNS[case]
    data = dataset(points, numpy.arange(len(points)) % 2)
    for function in (check_columns, separation):
        with pytest.raises(ValueError) as caught:
            function(data)
        assert str(caught.value) == message


def test_named_by_the_variables():
    with pytest.raises(ValueError, match='^the columns age and weight are equal; leave one of them out$'):
        check_columns(load_data([[1, 1, 0], [2, 2, 1], [3, 3, 0]], variables='age, weight'))


def test_long_relations_are_not_written_out():
    random = numpy.random.RandomState(0)
    left, right = random.randint(-2**25, 2**25, size=(2, 9, 4))
    points = numpy.hstack([left, left @ [[10**7 + 1], [3], [5], [7]]])
    with pytest.raises(ValueError, match='^the columns x1, x2, x3, x4 and x5 are linearly dependent; leave one'):
        check_columns(dataset(points, numpy.arange(9) % 2))


# Rank

@many
@given(seed=st.integers(0, 10**6), count=st.integers(1, 12), width=st.integers(1, 5), size=st.sampled_from([1, 2, 9]))
def test_rank_agrees_with_fractions(sage, seed, count, width, size):
    random = numpy.random.RandomState(seed)
    points = numpy.ldexp(random.randint(-size, size + 1, size=(count, width)), random.randint(-99, 99, size=width))
    data = dataset(points, random.randint(0, 2, size=count))
    relation, kernel = dependent_columns(data), null_space(signed_rows(data), width + 1)
    assert (relation is None) == (not kernel)
    if kernel:
        relation = [Fraction(int(entry.numerator()), int(entry.denominator())) for entry in relation]
        assert any(relation) and not any(dot(row, relation) for row in signed_rows(data))
        assert [entry for entry in relation if entry][-1] == 1


def test_one_ulp_makes_columns_independent(sage):
    random = numpy.random.RandomState(0)
    points = random.normal(size=(50000, 3))
    points[:, 2] = 4 * points[:, 0]
    data = dataset(points, numpy.arange(50000) % 2)
    assert list(dependent_columns(data)) == [0, -4, 0, 1]
    data.points[33333, 2] = numpy.nextafter(data.points[33333, 2], 9)
    assert dependent_columns(data) is None


def test_rank_copies_no_data():
    import tracemalloc
    points = numpy.random.RandomState(0).normal(size=(200000, 10))
    data = dataset(points, numpy.arange(200000) % 2)
    tracemalloc.start()
    check_columns(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < points.nbytes / 2


# Grouped data

@pytest.mark.parametrize('successes', [[1, 4, 9], [0, 4, 10], [0, 0, 10], [10, 3, 0], [0, 7, 0]])
def test_grouped_data_are_repeated_rows(successes):
    doses = [[1], [2], [3]]
    labels = numpy.concatenate([[1] * s + [0] * (10 - s) for s in successes])
    one, two = separation((doses, successes, [10, 10, 10])), separation((numpy.repeat(doses, 10, axis=0), labels))
    assert one.kind() == two.kind() and one._vector == two._vector


@pytest.mark.parametrize('successes', [[1, 4, 9], [0, 4, 10], [0, 0, 10]])
def test_the_certificate_of_grouped_data(sage, successes):
    assert separation(([[1], [2], [3]], successes, [10, 10, 10])).check()


# Without Sage

@pytest.mark.lanes
def test_answers_without_sage():
    code = """\
import sys
sys.modules['sage'] = None
from sage_logreg.exact.separation import SeparationError, check_columns, separation
check_columns([[1, 0], [2, 1]])
answer = separation([[0, 0], [1, 0], [2, 1]])
print(answer.kind(), answer.exists(), answer.rows(), SeparationError(answer))
"""
    assert in_a_new_process(code).stdout.startswith('complete False [] the maximum-likelihood estimate does not exist')


def test_the_answer_does_not_change_the_data():
    points, values = points_and_values(200, 3)
    points.setflags(write=False)
    labels = (values > 0).astype(float)
    labels.setflags(write=False)
    assert separation((points, labels)).kind() == 'complete'


def test_the_vector_is_labelled_by_the_datas_names(sage):
    rows = [[0, 0, 0], [1, 1, 0], [2, 1.5, 0], [3, 1.5, 1], [4, 1.5, 0], [0, 2, 1], [1, 3, 1]]
    for variables, names in (('age, dose', ('bias', 'age', 'dose')), ('bias, dose', ('w0', 'bias', 'dose'))):
        answer = separation(load_data(rows, variables=variables))
        assert answer.weight_names() == tuple(answer.directions()) == names
        # what is zero is left out
        entries = {name: entry for name, entry in zip(names, answer.vector()) if entry}
        text = ', '.join(f'{name}: {entry}' for name, entry in entries.items())
        assert repr(answer).endswith(f' along ({text})')
        assert len(entries) == 2
