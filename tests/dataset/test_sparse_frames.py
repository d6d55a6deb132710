"""
Frames of pandas with sparse columns: read as the same frames are when they are dense, with the same errors and warnings.
"""
import warnings

import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.dataset import sparse
from sage_logreg.dataset.columns import read_columns

pandas = pytest.importorskip('pandas')
POINTS = numpy.random.RandomState(0).normal(size=(40, 4)) * (numpy.random.RandomState(1).random_sample((40, 4)) < 0.3)
LABELS = numpy.random.RandomState(2).randint(0, 2, 40)


@pytest.fixture
def small(monkeypatch):
    # every sparse frame stays so, whatever its size
    monkeypatch.setattr(sparse, 'LEAST_ENTRIES', 0)
    monkeypatch.setattr(sparse, 'MOST_FILLED', 1.0)


@pytest.fixture
def large(small, monkeypatch):
    # and is too large to be written out
    monkeypatch.setattr(sparse, 'memory', lambda: 0)
    monkeypatch.setattr(sparse, 'MOST_FILLED', 0.5)


def frame(titles=('word a', 'word b', 'c', 'd'), fill=0.0, **more):
    columns = {title: pandas.arrays.SparseArray(numbers, fill_value=fill) for title, numbers in zip(titles, POINTS.T)}
    return pandas.DataFrame(columns).assign(**more)


def dense(given):
    return given.astype({title: dtype.subtype for title, dtype in given.dtypes.items() if isinstance(dtype, pandas.SparseDtype)})


def outcome(call):
    # the data or the error, and the warnings
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            found = call()
        except (ValueError, TypeError) as error:
            found = error
    return found, [str(warning.message) for warning in caught]


def same_as_dense(given, stays=True, pair=False, **options):
    one, told = outcome(lambda: load_data((given, given[pair]) if pair else given, **options))
    other, expected = outcome(lambda: load_data((dense(given), dense(given)[pair]) if pair else dense(given), **options))
    assert told == expected
    if isinstance(other, Exception):
        assert (type(one), str(one)) == (type(other), str(other))
        return other
    assert stays in (one.design.is_sparse, None) and numpy.array_equal(one.dense('tests').points, other.dense('tests').points)
    assert numpy.array_equal(one.labels, other.labels) and (one.label_names, one.label_name) == (other.label_names, other.label_name)
    assert (one.variables, one.coding.named, one.dropped) == (other.variables, other.coding.named, other.dropped)
    for name in ('weights', 'offset', 'row_numbers'):
        assert numpy.array_equal(getattr(one, name), getattr(other, name))
    return told


def test_a_first_column_that_names_the_rows_is_left_out(small):
    given = frame(spam=LABELS)
    for first in ('index', 'Unnamed: 0'):
        told = same_as_dense(given.reset_index().rename(columns={'index': first}), label='spam')
        assert len(told) == 1 and 'is left out' in told[0]
    # and told of where it is no first one
    told = same_as_dense(frame(times=numpy.arange(1, 41), spam=LABELS), label='spam')
    assert len(told) == 1 and 'column 5 (times) counts the rows' in told[0]
    assert same_as_dense(frame(times=numpy.arange(1, 41), spam=LABELS), variables='times, c') == []


@pytest.mark.parametrize('labels', [LABELS, LABELS == 1, pandas.arrays.SparseArray(LABELS, fill_value=0), numpy.array(['no', 'yes'])[LABELS]])
def test_labels_are_no_variable_too(small, labels):
    assert 'is the labels, which are given beside the points too' in str(same_as_dense(frame(spam=labels), pair='spam'))


@pytest.mark.parametrize('options', [{'label': 'spam'}, {'label': 1, 'missing': 'drop'}, {'label': 'spam', 'variables': ['d', 'word a']},
                                     {'label': 'spam', 'weights': 'c'}, {'label': 'c', 'weights': 'c'}, {'label': 'nothing'},
                                     {'label': 'spam', 'variables': 'spam'}, {'label': 'spam', 'positive': 0}])
def test_what_is_asked_for(small, options):
    same_as_dense(frame(spam=LABELS), **options)


@pytest.mark.parametrize('name', ['weights', 'offset'])
@pytest.mark.parametrize('missing', ['drop', 'error'])
def test_weights_and_offsets_may_be_missing(small, name, missing):
    numbers = numpy.random.RandomState(3).randint(1, 5, 40).astype(float)
    numbers[[2, 5]] = numpy.nan
    found = same_as_dense(frame(given=numbers, spam=LABELS), missing=missing, **{name: 'given'})
    assert found == [] if missing == 'drop' else 'in all: 2 in given' in str(found)
    numbers[7] = -numpy.inf
    assert 'row 8, column 5: ' in str(same_as_dense(frame(given=numbers, spam=LABELS), missing='drop', **{name: 'given'}))


def test_errors_name_the_columns_of_the_frame(small):
    given = frame(spam=LABELS)
    given.insert(0, 'ill', LABELS)
    given['d'] = numpy.where(numpy.arange(40) == 3, numpy.inf, 1.0)
    assert 'the frame, row 4, column 5: ' in str(same_as_dense(given, label='ill'))


@pytest.mark.parametrize('options', [{}, {'formula': 'spam ~ c + d'}, {'features': ['c', 'c^2']}, {'categorical': 'd'}])
def test_what_needs_a_dense_table_is_written_out(small, options):
    colour = {} if options else {'colour': ['red', 'blue'] * 20}
    given = frame(**colour, spam=LABELS)
    given['d'] = numpy.arange(40) % 3
    # with indicators, which may be sparse in turn
    same_as_dense(given, stays=None, label='spam', **options)
    model = maximum_likelihood(given, label='spam', l2=1, **options)
    assert model.accuracy(given) == model.accuracy(dense(given))
    assert model.probability(given).list() == model.probability(dense(given)).list()


@pytest.mark.parametrize('column', [LABELS.astype(object), pandas.Categorical(LABELS + 1.5)])
def test_numbers_in_other_columns_are_numbers(small, column):
    given = frame(more=column, spam=LABELS)
    same_as_dense(given, stays=None, label='spam')
    model = maximum_likelihood(frame(more=LABELS, spam=LABELS[::-1]), l2=1)
    assert abs(model.probability(given).numpy() - model.probability(dense(given)).numpy()).max() < 1e-12
    assert model.accuracy(given) == model.accuracy(dense(given))


def test_what_is_too_large_to_be_written_out(large):
    with pytest.raises(ValueError, match='the frame: the column colour is no numbers, beside sparse columns; expected their indicators'):
        load_data(frame(colour=['red', 'blue'] * 20, spam=LABELS))
    with pytest.raises(ValueError, match="formula = 'spam ~ c', but the frame stays sparse"):
        load_data(frame(spam=LABELS), formula='spam ~ c')
    with pytest.raises(MemoryError, match='the frame: 40 rows x 5 columns are'):
        load_data(frame(fill=1.0, spam=LABELS))
    assert load_data(frame(colour=['red', 'blue'] * 20, spam=LABELS), variables='c, d', label='spam').design.is_sparse


@pytest.mark.parametrize('labels', [pandas.arrays.SparseArray(LABELS.astype(float), fill_value=numpy.nan),
                                    pandas.arrays.SparseArray(LABELS, fill_value=1),
                                    pandas.arrays.SparseArray(numpy.array(['no', 'yes'], dtype=object)[LABELS])])
def test_a_label_with_another_fill_value_leaves_the_frame_sparse(large, labels):
    data = load_data(frame(spam=labels), label='spam')
    assert data.design.is_sparse and numpy.array_equal(data.labels, LABELS) and numpy.array_equal(data.points.toarray(), POINTS)


def test_missing_cells_that_are_the_fill_value(small):
    numbers = numpy.where(numpy.arange(40) % 5 == 0, numpy.nan, POINTS[:, 0] + 1)
    given = frame(more=pandas.arrays.SparseArray(numbers, fill_value=numpy.nan), spam=LABELS)
    assert 'in all: 8 in more' in str(same_as_dense(given))
    same_as_dense(given, missing='drop')


def test_variables_with_the_same_title_are_refused(small):
    model = maximum_likelihood((frame(), LABELS), l2=1)
    twice = pandas.concat([frame(), frame()[['c']]], axis=1)
    for given in (twice, twice.sparse.to_dense()):
        with pytest.raises(ValueError, match="the points have two columns 'c'; expected different titles"):
            model.probability(given)
    unused = pandas.concat([frame(), frame(['e'])[['e']], frame(['e'])[['e']]], axis=1)
    assert model.probability(unused).list() == model.probability(frame()).list()


@pytest.mark.parametrize('titles', [['word_a', 'word_b', 'c', 'd'], [' word a', 'word b ', ' c', 'd'], ['d', 'c', 'word_b', 'word a']])
@pytest.mark.parametrize('trained', [['word a', 'word b', 'c', 'd'], ['word_a', 'word_b', 'c', 'd']])
def test_titles_match_as_in_dense_tables(small, trained, titles):
    model = maximum_likelihood((dense(frame(trained)), LABELS), l2=1)
    given = frame(titles)
    assert abs(model.probability(given).numpy() - model.probability(dense(given)).numpy()).max() < 1e-15
    labelled = given.assign(y=LABELS)
    assert model.accuracy(labelled) == model.accuracy(dense(labelled))


def test_labels_and_indicators_in_one_table():
    people = pandas.DataFrame({'age': [20.0, 40, 60, 30, 50, 35], 'sex': list('fmfmmf'), 'ill': [0, 1, 1, 0, 1, 0]})
    model = maximum_likelihood(people, l2=1)
    indicators = pandas.DataFrame({'ill': people['ill'], 'age': people['age'], 'sex_m': (people['sex'] == 'm').astype(int)})
    assert model.accuracy(indicators) == model.accuracy(people)


def test_rows_and_columns_of_a_frame(small):
    table = read_columns(frame(spam=numpy.array(['no', 'yes'])[LABELS]))
    taken = table.take([3, 5])
    assert len(taken) == 2 and taken.column(4).codes.tolist() == LABELS[[3, 5]].tolist()
    assert numpy.array_equal(taken.column(1).numbers, POINTS[[3, 5], 1]) and taken.place(1, 1) == 'the frame, row 6, column 2'
    some = taken.selected([3, 1])
    # the frame itself is needed no longer
    assert some.frame is None and some.titles == ['d', 'word b'] and some.place(0, 0) == 'the frame, row 4, column 4'
    assert numpy.array_equal(some.column(1).numbers, POINTS[[3, 5], 1])
