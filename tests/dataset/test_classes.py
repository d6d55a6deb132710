r"""
Labels of more than two classes, from every source, with weights and offsets, and other data of the same model.
"""
from fractions import Fraction

import numpy
import pytest

from sage_logreg import gradient_descent, load_data, load_model, maximum_likelihood, stochastic_gradient_descent

from helpers import array, close, weights_of

WORDS = ['u', 'v', 'w', 'u', 'v', 'w', 'v', 'u']
A, B = [1.0, 2, 3, 4, 5, 6, 1, 2], [2.0, 1, 4, 3, 6, 5, 1, 1]
OFFSET = numpy.random.RandomState(1).normal(size=(8, 3))


def frame(labels=WORDS, **more):
    pandas = pytest.importorskip('pandas')
    return pandas.DataFrame({'a': A, 'b': B, 's': labels, **more})


@pytest.mark.parametrize('labels, names', [
    (WORDS, ('u', 'v', 'w')),
    ([3, 1, 2, 3, 1, 2, 1, 3], (1, 2, 3)),
    ([3.0, 1, 2, 3, 1, 2, 1, 3], (1, 2, 3)),
    ([-1, 0, 1, -1, 0, 1, 0, -1], (-1, 0, 1)),
    ([10, 300, 20, 10, 300, 20, 300, 10], (10, 20, 300)),
    ([Fraction(3), 1, 2, 3, 1, 2, 1, 3], (1, 2, 3)),
    ([True, False] * 4, (False, True))])
def test_kinds_of_labels(labels, names):
    points = list(zip(A, B))
    for data in (load_data((points, labels)), load_data({'a': A, 'b': B, 's': labels}, label='s'),
                 load_data([[*point, label] for point, label in zip(points, labels)], label=2)):
        assert data.label_names == names and [names[label] for label in data.labels.astype(int)] == labels
        assert data.points.tolist() == list(map(list, points))


def test_order_of_categories():
    pandas = pytest.importorskip('pandas')
    kept = pandas.Categorical(WORDS, categories=['w', 'u', 'unused', 'v'], ordered=True)
    assert load_data(frame(kept), label='s').label_names == ('w', 'u', 'v')
    pyarrow = pytest.importorskip('pyarrow')
    table = pyarrow.table({'a': A, 's': pyarrow.array(WORDS).dictionary_encode()})
    assert load_data(table, label='s').label_names == ('u', 'v', 'w')


def test_which_comes_last():
    assert load_data(frame(), label='s', positive='u').label_names == ('v', 'w', 'u')
    with pytest.raises(ValueError, match="positive = 'x' is no label of the frame; expected 'u' or 'v' or 'w'"):
        load_data(frame(), label='s', positive='x')


def test_missing_labels_and_classes_of_rows_that_are_left_out():
    lacking = ['u', None, *WORDS[2:]]
    with pytest.raises(ValueError, match='row 2, column 3: the label is missing'):
        load_data(frame(lacking), label='s')
    assert len(load_data(frame(lacking), label='s', missing='drop')) == 7
    some = frame()
    some.loc[some.s == 'w', 'a'] = None
    assert load_data(some, label='s', missing='drop').label_names == ('u', 'v')


def test_columns_that_are_no_classes():
    with pytest.raises(ValueError, match='the label 0.5 is a fraction; expected classes'):
        load_data((A, [0, 1, 2, 0.5, 0, 1, 2, 0]))
    with pytest.raises(ValueError, match='every row has a label of its own'):
        load_data((A, list(range(8))))
    with pytest.raises(ValueError, match="the label 19 is a third one after 34 and 61, .* say so, as label='age'"):
        load_data({'x': A, 'age': [34, 61, 19, 34, 61, 19, 34, 61]})
    assert load_data({'x': A, 'age': [34, 61, 19, 34, 61, 19, 34, 61]}, label='age').label_names == (19, 34, 61)
    many = numpy.repeat(numpy.arange(10001), 2)
    with pytest.raises(ValueError, match='there are 10001 different labels; expected classes, at most 10000 of them'):
        load_data((numpy.arange(20002), many))
    assert load_data((numpy.arange(20000), many[:20000])).classes == 10000


def test_formula():
    model, other = (maximum_likelihood(frame(), formula='s ~ b + I(a^2)', l2=1),
                    maximum_likelihood((numpy.column_stack([B, numpy.square(A)]), WORDS), l2=1))
    close(weights_of(model), weights_of(other), 1e-10, 1e-14)
    assert model.predict({'a': 1, 'b': 2}) == other.predict([2, 1])


# Weights and offsets

def log_likelihood(rows, labels, weights, offset, counts):
    z = numpy.column_stack([numpy.ones(len(rows)), rows]) @ weights.T + offset
    return -counts @ (z[numpy.arange(len(z)), labels] - numpy.log(numpy.exp(z).sum(axis=1))) / counts.sum()


@pytest.mark.parametrize('kind', ['array', 'rows', 'frame', 'columns', 'fractions'])
def test_a_table_of_offsets(kind):
    table, counts = frame(o1=OFFSET[:, 0], o2=OFFSET[:, 1], o3=OFFSET[:, 2]), numpy.array([1, 2, 1, 3, 1, 1, 2, 1])
    offset = {'array': OFFSET, 'rows': OFFSET.tolist(), 'frame': table[['o1', 'o2', 'o3']], 'columns': ['o1', 'o2', 'o3'],
              'fractions': [list(map(Fraction, row)) for row in OFFSET.tolist()]}[kind]
    model = gradient_descent(table, label='s', variables='a, b', offset=offset, weights=counts, learning_rate=0.1, iterations=50)
    numpy.testing.assert_array_equal(model.data.offset, OFFSET)
    expected = log_likelihood(numpy.column_stack([A, B]), model.data.labels.astype(int), weights_of(model), OFFSET, counts)
    assert model.cost() == pytest.approx(expected, rel=1e-12)


def test_offsets_of_the_rows_that_are_kept():
    table = frame()
    table.loc[2, 'a'] = None
    data = load_data(table, label='s', offset=OFFSET.tolist(), missing='drop')
    numpy.testing.assert_array_equal(data.offset, numpy.delete(OFFSET, 2, axis=0))


@pytest.mark.parametrize('offset, said', [
    (8 * [1.0], 'offset has one number a row, which added to all 3 classes changes nothing; expected a table, 3 numbers a row'),
    ('b', 'offset has one number a row'),
    (['a', 'b'], r'offset\[0\] has 2 entries; expected 3 real numbers'),
    (OFFSET[:, :2], r'offset\[0\] has 2 entries; expected 3 real numbers'),
    (OFFSET[:7], 'offset has 7 rows; expected 8 rows of 3 real numbers'),
    (['b', 'c', 'd'], "offset = 'c' is no column of the frame")])
def test_offsets_that_are_refused(offset, said):
    with pytest.raises(ValueError, match=said):
        load_data(frame(c1=1.0), label='s', variables='c1', offset=offset)


def test_weights_that_are_refused():
    with pytest.raises(ValueError, match="weights: all points with s = 'w' have the weight 0; expected some of each label to count"):
        load_data(frame(), label='s', weights=[1, 2, 0, 1, 1, 0, 1, 1])
    data = load_data(frame(), label='s')
    with pytest.raises(ValueError, match="there are no points with s = 'v'; expected some of each of the 3 classes"):
        maximum_likelihood(data.take(data.labels != 1), l2=1)


def test_exact_numbers_are_saved(tmp_path):
    offset = [[Fraction(1, 3), 0, Fraction(row, 7)] for row in range(8)]
    model = maximum_likelihood(frame(), label='s', offset=offset, weights=[Fraction(1, 3)] * 8, l2=1)
    model.save(tmp_path / 'model.json')
    loaded = load_model(tmp_path / 'model.json')
    assert loaded == model and loaded.data.exact_offset.tolist() == offset and loaded.data.exact_weights.tolist() == [Fraction(1, 3)] * 8


# Other data

def test_other_data_of_a_model():
    model = maximum_likelihood(frame(), label='s', l2=1)
    for other in (frame()[['s', 'b', 'a']], frame(WORDS).iloc[::-1], load_data(frame(), label='s', positive='u'),
                  load_data(frame(), label='s', variables='b, a')):
        assert model.accuracy(other) == model.accuracy() and model.confusion_matrix(other) == model.confusion_matrix()
    assert model.accuracy(frame().iloc[:1]) in (0, 1)
    close(array(model.probability(frame()[['b', 'a']])), array(model.probability(numpy.column_stack([A, B]))), 1e-15)
    close(array(model.probability({'b': 2, 'a': 1})), array(model.probability([1, 2])), 1e-15)
    for unknown in (frame(WORDS[:5] + ['x', 'v', 'u']), load_data(frame(WORDS[:5] + ['x', 'x', 'u']), label='s')):
        with pytest.raises(ValueError, match="row 6: the label is 'x'; the model expects 'u' or 'v' or 'w'"):
            model.accuracy(unknown)


def test_offsets_of_other_data():
    model, data = maximum_likelihood(frame(), label='s', offset=OFFSET, l2=1), load_data(frame(), label='s', positive='u')
    other = load_data(data, offset=OFFSET[:, [1, 2, 0]])
    assert model.cost(other) == pytest.approx(float(model.cost()), rel=1e-14)
    with pytest.raises(ValueError, match='the offset of the data is of the classes'):
        model.cost(load_data((numpy.column_stack([A, B]), ['u', 'v'] * 4), offset=OFFSET[:, 0]))


# Sparse data

@pytest.mark.parametrize('train, options', [(gradient_descent, {'iterations': 7}),
                                            (stochastic_gradient_descent, {'epochs': 3, 'batch_size': 100, 'momentum': 0.5}),
                                            (stochastic_gradient_descent, {'epochs': 1, 'shuffle': 'epoch'})])
def test_descents_on_sparse_data(train, options):
    from scipy import sparse
    points, labels = sparse.random(600, 2000, 0.02, 'csr', random_state=0), numpy.arange(600) % 3
    options = {**options, 'learning_rate': 0.5, 'l2': 1, 'weights': numpy.arange(600) % 4 + 0.0}
    model, other = train((points, labels), **options), train((points.toarray(), labels), **options)
    assert model.data.design.is_sparse and not other.data.design.is_sparse
    close(weights_of(model), weights_of(other), 1e-10, 1e-14)
    assert model.cost() == pytest.approx(float(other.cost()), rel=1e-12) and model.accuracy() == other.accuracy()
