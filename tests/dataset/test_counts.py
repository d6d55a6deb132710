r"""
Groups with a count for each class: from every source, the same as one row a trial.
"""
from fractions import Fraction

import numpy
import pytest

from sage_logreg import (certified_maximum_likelihood, gradient_descent, load_data, load_model, maximum_likelihood, separation,
                         stochastic_gradient_descent)

from helpers import array, close, weights_of

NAMES = ['calm', 'dull', 'wild']


def groups(seed, count=20, classes=3, most=5):
    """Points, counts, and the same as one row a trial."""
    random = numpy.random.RandomState(seed)
    points, counts = random.normal(size=(count, 2)), random.randint(0, most, (count, classes))
    rows, labels = numpy.tile(numpy.arange(count), classes), numpy.repeat(numpy.arange(classes), count)
    times = counts.T.ravel()
    return points, counts, (points[numpy.repeat(rows, times)], numpy.repeat(labels, times))


def frame(points, counts, names=NAMES):
    pandas = pytest.importorskip('pandas')
    return pandas.DataFrame({'u': points[:, 0], 'v': points[:, 1], **dict(zip(names, counts.T))})


POINTS, COUNTS, SINGLE = groups(0)


# Sources

@pytest.mark.parametrize('counts', [COUNTS, COUNTS.astype(float), COUNTS.tolist(), list(map(tuple, COUNTS.tolist())),
                                    [list(map(Fraction, row)) for row in COUNTS.tolist()]])
def test_tables_without_names(counts):
    for source in ((POINTS, counts), (POINTS.tolist(), counts)):
        data = load_data(source)
        assert data.label_names == (0, 1, 2) and data.label_name == 'y' and len(data) == (COUNTS > 0).sum()
        numpy.testing.assert_array_equal(data.successes, COUNTS)
        numpy.testing.assert_array_equal(data.trials, COUNTS.sum(axis=1))
        assert data.weights.sum() == COUNTS.sum() and (data.weights > 0).all()
        # class by class
        assert (numpy.diff(data.labels) >= 0).all()
        numpy.testing.assert_array_equal(data.points[data.labels == 1], POINTS[COUNTS[:, 1] > 0])


def test_matrices_of_sage(sage):
    data = load_data((sage.matrix(sage.QQ, POINTS.round(3).tolist()), sage.matrix(sage.ZZ, COUNTS.tolist())))
    numpy.testing.assert_array_equal(data.successes, COUNTS)


def test_tables_with_names():
    table = frame(POINTS, COUNTS)
    path_of = {'frame': table, 'dictionary': {name: table[name].to_numpy() for name in table},
               'records': [dict(row) for _, row in table.iterrows()]}
    expected = load_data((table[['u', 'v']], table[NAMES]))
    assert expected.label_names == tuple(NAMES) and expected.variables == ('u', 'v')
    for source in path_of.values():
        assert load_data(source, label=NAMES) == expected
        assert load_data(source, formula='cbind(calm, dull, wild) ~ u + v') == expected
    assert load_data(table, label=(2, 3, -1)) == expected
    # in another order, and matched by the index
    other = load_data((table[['u', 'v']], table[['wild', 'calm', 'dull']].iloc[::-1]))
    numpy.testing.assert_array_equal(other.successes, COUNTS[:, [2, 0, 1]])
    assert load_data(table, label=NAMES, positive='calm').label_names == ('dull', 'wild', 'calm')


def test_a_text_table(tmp_path):
    path = tmp_path / 'counts.csv'
    path.write_text('dose,none,mild,severe\n1,5,1,0\n2,2,2,3\n4,0,1,7\n')
    data = load_data(str(path), label=['none', 'mild', 'severe'])
    assert data.variables == ('dose',) and data.successes.tolist() == [[5, 1, 0], [2, 2, 3], [0, 1, 7]]
    path.write_text('dose,none,mild,severe\n1,5,1,0\n2,2,,3\n4,0,1,7\n')
    with pytest.raises(ValueError, match='counts.csv, line 3, column 3: the value is missing'):
        load_data(str(path), label=['none', 'mild', 'severe'])
    data = load_data(str(path), label=['none', 'mild', 'severe'], missing='drop')
    assert data.trials.tolist() == [6, 8] and data.dropped == 1 and data.row_numbers.tolist() == [0, 0, 2, 2]


def test_cross_tables():
    pandas = pytest.importorskip('pandas')
    for names in ([3, 5, 70], ['a', 'b', 'c']):
        x, y = [1, 2, 3, 1, 2, 3, 1], [names[place] for place in (0, 1, 2, 2, 1, 0, 0)]
        table = pandas.crosstab(pandas.Series(x), pandas.Series(y))
        model, other = (maximum_likelihood(source, l2=1) for source in ((table.index.to_numpy(float), table), (x, y)))
        assert model.data.label_names == other.data.label_names == tuple(names)
        close(weights_of(model), weights_of(other), 1e-10, 1e-12)


def test_names_in_formulas(tmp_path):
    pytest.importorskip('sage.all')
    path = tmp_path / 'counts.csv'
    path.write_text('dose,none,mild,severe\n1,5,1,0\n2,2,2,3\n4,0,1,7\n')
    assert load_data(str(path), formula='cbind(none, mild, severe) ~ log(dose)').trials.tolist() == [6, 7, 8]
    table = frame(POINTS, COUNTS, ['very calm', 'b', 'c.d'])
    data = load_data(table, formula='cbind(`very calm`, Q("b"), `c.d`) ~ .')
    assert data.label_names == ('very calm', 'b', 'c.d') and data.variables == ('u', 'v')
    # on data that are loaded, too
    assert load_data(data, formula='cbind(b, `very calm`, `c.d`) ~ u:v').design.width == 1
    with pytest.raises(ValueError, match="the label of the data is 'y'"):
        load_data(data, formula='cbind(b, `very calm`) ~ u:v')


@pytest.mark.parametrize('names, order', [(['cured', 'ill'], [1, 0]), (['no', 'yes'], [0, 1]), (['yes', 'no'], [1, 0]),
                                          (['0', '1'], [0, 1]), (['False', 'True'], [0, 1])])
def test_two_classes_are_successes_and_trials(names, order):
    points, counts, _ = groups(3, classes=2)
    data = load_data(frame(points, counts, names), label=names)
    assert [str(name) for name in data.label_names] == [names[place] for place in order]
    other = load_data((points, counts[:, order[1]], counts.sum(axis=1)))
    for name in ('points', 'labels', 'weights', 'successes', 'trials'):
        numpy.testing.assert_array_equal(getattr(data, name), getattr(other, name))
    assert load_data(frame(points, counts, names), label=names, positive=names[1]).label_names[1] == data.label_names[order[1]]


# What they say

@pytest.mark.parametrize('l2', [0, 1.5])
@pytest.mark.parametrize('seed, classes', [(1, 3), (2, 4), (3, 6)])
def test_the_estimate_of_single_trials(seed, classes, l2):
    points, counts, single = groups(seed, 30, classes)
    model, other = maximum_likelihood((points, counts), l2=l2), maximum_likelihood(single, l2=l2)
    close(weights_of(model), weights_of(other), 1e-10, 1e-12)
    assert model.cost() == pytest.approx(float(other.cost()), rel=1e-12)
    assert model.accuracy() == other.accuracy() and (array(model.confusion_matrix()) == array(other.confusion_matrix())).all()
    if not l2:
        close(array(model.standard_errors()), array(other.standard_errors()), 1e-10)
        assert model.deviance(rows='trials') == pytest.approx(float(other.deviance()), rel=1e-12)


def test_the_estimate_of_statsmodels():
    discrete = pytest.importorskip('statsmodels.discrete.discrete_model')
    points, labels = SINGLE
    fit = discrete.MNLogit(labels, numpy.column_stack([numpy.ones(len(points)), points])).fit(method='newton', tol=1e-14, disp=False)
    model = maximum_likelihood((POINTS, COUNTS))
    close(array(model.weights(baseline=0))[1:], fit.params.T, 1e-8)
    close(array(model.standard_errors(baseline=0))[1:], fit.bse.T, 1e-7)


@pytest.mark.parametrize('train, options', [
    (gradient_descent, {'iterations': 30, 'l2': 1}), (gradient_descent, {'iterations': 30, 'scale': True}),
    (stochastic_gradient_descent, {'epochs': 20, 'batch_size': 10**6, 'momentum': 0.5})])
def test_descents(train, options):
    model, other = (train(source, learning_rate=0.2, **options) for source in ((POINTS, COUNTS), SINGLE))
    close(weights_of(model), weights_of(other), 1e-10, 1e-12)


def test_the_rows_are_those_with_weights():
    options = dict(learning_rate=0.1, epochs=4, batch_size=7, shuffle='epoch', seed=3)
    data = load_data((POINTS, COUNTS))
    model, other = (stochastic_gradient_descent(source, **options, **more) for source, more in
                    ((data, {}), ((data.points, data.labels.astype(int)), {'weights': data.weights})))
    assert weights_of(model).tobytes() == weights_of(other).tobytes()


def test_offsets_features_and_float32():
    offset = numpy.random.RandomState(1).normal(size=(20, 3))
    times = COUNTS.T.ravel()
    model = maximum_likelihood((POINTS, COUNTS), offset=offset)
    other = maximum_likelihood(SINGLE, offset=numpy.repeat(numpy.tile(offset, (3, 1)), times, axis=0))
    close(weights_of(model), weights_of(other), 1e-10, 1e-12)
    with pytest.raises(ValueError, match='offset has one number a row'):
        load_data((POINTS, COUNTS), offset=offset[:, 0])
    model, other = (maximum_likelihood(source, dtype='float32', intercept=False) for source in ((POINTS, COUNTS), SINGLE))
    close(weights_of(model), weights_of(other), 1e-10, 1e-12)


def test_features(sage):
    x1, x2 = sage.SR.var('x1'), sage.SR.var('x2')
    model, other = (maximum_likelihood(source, features=[x1 * x2, x1.exp()]) for source in ((POINTS, COUNTS), SINGLE))
    close(weights_of(model), weights_of(other), 1e-10, 1e-12)
    table = frame(POINTS, COUNTS)
    model = maximum_likelihood(table, formula='cbind(calm, dull, wild) ~ u:v + exp(u)')
    assert sorted(weights_of(model).ravel()) == pytest.approx(sorted(weights_of(other).ravel()), rel=1e-9)


def test_factors():
    table = frame(POINTS, COUNTS)
    table['s'] = ['p', 'q', 'r', 'p'] * 5
    model = maximum_likelihood(table, formula='cbind(calm, dull, wild) ~ u + s')
    levels = numpy.array([[s == 'q', s == 'r'] for s in table.s], dtype=float)
    other = maximum_likelihood((numpy.column_stack([POINTS[:, 0], levels]), COUNTS))
    close(weights_of(model), weights_of(other), 1e-10, 1e-12)


def test_sparse_points():
    sparse = pytest.importorskip('scipy.sparse')
    points = sparse.random(600, 2000, 0.02, 'csr', random_state=0)
    counts = numpy.random.RandomState(0).randint(0, 3, (600, 3))
    model, other = (gradient_descent((one, counts), 0.5, 5, l2=1) for one in (points, points.toarray()))
    assert model.data.design.is_sparse
    close(weights_of(model), weights_of(other), 1e-10, 1e-14)
    assert model.accuracy((points, counts)) == other.accuracy()


def test_separation_and_proof(sage):
    assert separation((POINTS, COUNTS)).exists()
    apart = separation(([1, 2, 3, 4], [[3, 0, 0], [1, 0, 0], [0, 2, 1], [0, 1, 5]]))
    assert not apart.exists() and apart.check()
    points, counts = [1, 2, 3], [[3, 1, 2], [1, 2, 2], [1, 3, 1]]
    rows = [(x, label) for x, row in zip(points, counts) for label, times in enumerate(row) for _ in range(times)]
    one, other = certified_maximum_likelihood((points, counts)), certified_maximum_likelihood(tuple(zip(*rows)))
    assert all(a.overlaps(b) for a, b in zip(one.weights().list(), other.weights().list()))


def test_exact_counts():
    third = Fraction(1, 3)
    data = load_data(([1, 2, 3], [[third, 2, 1], [1, third, 3], [2, 1, 2]]))
    assert data.exact_weights.tolist() == [third, 1, 2, 2, third, 1, 1, 3, 2]


# Files, other data, pictures

def test_saved_and_resumed(tmp_path):
    table, path = frame(POINTS, COUNTS), tmp_path / 'model.json'
    for model in (maximum_likelihood(table, label=NAMES), gradient_descent(table, label=NAMES, iterations=5)):
        model.save(path)
        loaded = load_model(path)
        assert loaded == model and loaded.data == model.data and loaded.data.successes.shape == (20, 3)
        assert str(loaded.summary()) == str(model.summary()) if loaded.method == 'maximum_likelihood' else \
            weights_of(loaded.resume(5)).tobytes() == weights_of(model.resume(5)).tobytes()


def test_fractional_counts_of_many_classes_are_saved(tmp_path):
    counts = numpy.random.RandomState(0).random_sample((30, 11))
    model = maximum_likelihood((numpy.arange(30.0), counts), l2=1)
    model.save(tmp_path / 'model.json')
    assert load_model(tmp_path / 'model.json') == model


def test_the_summary_counts_trials():
    assert f'20 groups with {COUNTS.sum()} trials' in str(maximum_likelihood((POINTS, COUNTS)).summary())


def test_other_data():
    table = frame(POINTS, COUNTS)
    model = maximum_likelihood(table, label=NAMES)
    for other in (table, table[[*NAMES[::-1], 'v', 'u']], (table[['u', 'v']], table[NAMES]), (POINTS, COUNTS), model.data,
                  (POINTS[numpy.repeat(numpy.arange(20), COUNTS.sum(axis=1))],
                   [name for row in COUNTS for name, times in zip(NAMES, row) for _ in range(times)])):
        assert model.cost(other) == pytest.approx(float(model.cost()), rel=1e-12)
        assert model.accuracy(other) == model.accuracy()
        assert (array(model.confusion_matrix(other)) == array(model.confusion_matrix())).all()
    # some of the rows, without some of the classes
    assert 0 <= model.accuracy(table.iloc[:2]) <= 1
    lacking = table.copy().astype(float)
    lacking.loc[3, 'dull'] = numpy.nan
    assert (array(model.confusion_matrix(lacking, missing='drop')) == array(model.confusion_matrix(table.drop(index=3)))).all()
    with pytest.raises(ValueError, match='the value is missing|the label is missing'):
        model.accuracy(lacking)
    with pytest.raises(ValueError, match="counts of 'a' or 'b' or 'c'; the model expects 'calm' or 'dull' or 'wild'"):
        model.accuracy((POINTS, frame(POINTS, COUNTS, ['a', 'b', 'c'])[['a', 'b', 'c']]))
    with pytest.raises(ValueError, match='has 4 counts a row; the model expects'):
        model.accuracy((POINTS, numpy.ones((20, 4))))
    with pytest.raises(ValueError, match='successes and trials are of two classes, and the model has 3'):
        model.accuracy((POINTS, [1] * 20, [2] * 20))
    # a model of single trials
    close(float(maximum_likelihood(SINGLE).cost((POINTS, COUNTS))), float(model.cost()), 1e-12)


def test_early_stopping():
    data, other = load_data((POINTS, COUNTS)), groups(4)
    options = dict(learning_rate=0.1, epochs=5, batch_size=5)
    one, two = (stochastic_gradient_descent(data, validation=source, **options) for source in (other[:2], other[2]))
    close(one.validation_errors(), two.validation_errors(), 1e-12)


def test_pictures(sage):
    model = maximum_likelihood((POINTS, COUNTS))
    assert len(model.data.plot()) == 3 and len(model.plot()) > 3 and len(model.plot_confusion_matrix()) > 0


# What is refused

@pytest.mark.parametrize('counts, said', [
    (COUNTS[:19], 'there are 20 points and 19 rows of counts; expected one row a point'),
    (COUNTS * [1, -1, 1], 'the count of 1 is -[1-9]; expected a number from 0'),
    (COUNTS * [1, 0, 1], 'counts: those of 1 are all 0; expected some of each class'),
    (numpy.where(numpy.arange(20)[:, None] == 3, numpy.nan, COUNTS), 'row 4: the label is missing'),
    (numpy.where(numpy.arange(20)[:, None] == 3, numpy.inf, COUNTS), 'row 4: the count of 0 is inf; expected a number from 0'),
    (COUNTS[:, :2], r'the labels have 2 columns; expected one label a point, or for successes and failures a triple'),
    ([['a', 'b', 'c']] * 20, "row 1: the count of 0 is 'a'; expected a number from 0"),
    ([[1, 2, 3], [1, 2]] * 10, 'row 2 has 2 columns; expected 3')])
def test_counts_that_are_refused(counts, said):
    with pytest.raises(ValueError, match=said):
        load_data((POINTS, counts))


@pytest.mark.parametrize('options, said', [
    ({'label': ['calm', 'dull', 'mild']}, "label = 'mild' is no column of the frame"),
    ({'label': ['calm', 'dull', 'calm']}, 'has a column twice; expected different columns of counts'),
    ({'label': NAMES, 'weights': numpy.ones(20)}, 'weights and grouped data are the same thing; expected one of them'),
    ({'label': NAMES[:2], 'weights': 'wild'}, 'weights and grouped data are the same thing; expected one of them'),
    ({'label': NAMES, 'offset': ['u', 'v', 'wild']}, "'wild' is given as label and as weights or offset; expected different columns"),
    ({'label': NAMES, 'variables': 'u, wild'}, "variables: 'wild' is the label"),
    ({'label': NAMES, 'positive': 'u'}, "positive = 'u' is no label"),
    ({'label': ['calm', 'u', 'wild']}, "the count of 'u' is -"),
    ({'formula': 'cbind(calm, dull, mild) ~ u'}, 'mild is not a column'),
    ({'formula': 'cbind(calm) ~ u'}, 'different columns of counts, one for each class'),
    ({'formula': 'cbind(calm, dull, dull) ~ u'}, 'different columns of counts, one for each class'),
    ({'formula': 'cbind(calm, dull - calm) ~ u'}, 'different columns of counts, one for each class'),
    ({'formula': 'cbind(calm, dull, wild) ~ u + wild'}, 'the label wild is on the right side too'),
    ({'formula': 'cbind(calm, dull, wild) ~ u', 'label': 'v'}, 'expected one of them')])
def test_columns_of_counts_that_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        load_data(frame(POINTS, COUNTS), **options)


def test_labels_beside_counts():
    for options, said in (({'label': NAMES}, 'but the counts are given beside the points'),
                          ({'weights': [1] * 20}, 'weights and grouped data are the same thing')):
        with pytest.raises(ValueError, match=said):
            load_data((POINTS, COUNTS), **options)
    with pytest.raises(ValueError, match='the successes are a table; expected one number a point, or for counts of all classes a pair'):
        load_data((POINTS, COUNTS, [1] * 20))
