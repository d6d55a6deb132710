"""
Models of data in chunks say what models of the same data in memory say.
"""
import copy
import functools
import inspect
import pickle

import numpy
import pandas
import pytest

from sage_logreg import LogisticModel, load_data, load_model, maximum_likelihood
from sage_logreg.model.multinomial import MultinomialModel
from sage_logreg.solvers.roc import RocCounts

dataframe = pytest.importorskip('dask.dataframe')
pytest.importorskip('sage.all')
pictures, Plane = pytest.importorskip('sage_logreg.plot.points'), pytest.importorskip('sage_logreg.plot.plane').Plane

RANDOM = numpy.random.default_rng(0)
POINTS = RANDOM.normal(size=(600, 2))
LOGISTIC = pandas.DataFrame({'a': POINTS[:, 0], 'b': POINTS[:, 1], 'sex': numpy.where(RANDOM.random(600) < 0.5, 'f', 'm'),
                             'count': RANDOM.integers(1, 4, 600),
                             'y': numpy.where(POINTS @ [1, -2] + RANDOM.logistic(size=600) > 0, 'yes', 'no')})
CLASSES = LOGISTIC.assign(y=numpy.array(['u', 'v', 'w'])[(LOGISTIC.y == 'yes').to_numpy().astype(int) + (RANDOM.random(600) < 0.3)])
FRAMES = {2: LOGISTIC, 3: CLASSES}
OPTIONS = dict(label='y', variables=['a', 'b', 'sex'], weights='count')


def numbers(value):
    """The numbers in what a method returns, as one array."""
    if hasattr(value, 'rows'):
        value = [list(row) for row in value.rows()]
    if isinstance(value, dict):
        value = list(value.values())
    try:
        return numpy.array([float(value)])
    except TypeError:
        return numpy.concatenate(list(map(numbers, value)))


@pytest.fixture(scope='module', params=(2, 3))
def models(request):
    """A model of data in chunks, and that of the same data in memory."""
    frame = FRAMES[request.param]
    return [maximum_likelihood(load_data(source, **OPTIONS)) for source in (dataframe.from_pandas(frame, npartitions=4), frame)]


def frames(model):
    frame = FRAMES[model.data.classes]
    return frame, dataframe.from_pandas(frame, npartitions=3)


# Predictions

def test_probabilities_are_lazy_and_keep_their_partitions(models):
    for model in models:
        frame, lazy = frames(model)
        found = model.probability(lazy)
        assert found.npartitions == 3 and found.divisions == lazy.divisions
        expected = numbers(models[1].probability(frame)).reshape(len(frame), -1)
        assert abs(found.compute().to_numpy().reshape(expected.shape) - numbers(model.probability(frame)).reshape(expected.shape)).max() <= 1e-15
        assert abs(found.compute().to_numpy().reshape(expected.shape) - expected).max() < 1e-10
        if model.data.classes > 2:
            assert list(found.columns) == ['u', 'v', 'w']


def test_predictions_are_written_beside_the_points(models, tmp_path):
    model, other = models
    frame, lazy = frames(model)
    lazy.assign(found=model.predict(lazy)).to_parquet(tmp_path)
    assert pandas.read_parquet(tmp_path).found.tolist() == other.predict(frame)


def test_arrays_and_files_are_answered_by_arrays_with_their_chunks(models, tmp_path):
    model, other = models
    frame, lazy = frames(model)
    expected = numbers(other.probability(frame))
    lazy.to_parquet(tmp_path)
    for points, chunks in ((str(tmp_path / '*.parquet'), None), (model.data, (150,) * 4)):
        found = model.probability(points)
        assert chunks is None or found.chunks[0] == chunks
        assert abs(found.compute().ravel() - expected).max() < 1e-10
    plain = LogisticModel(load_data(frame[['a', 'b']].assign(y=frame.y == frame.y[0])), numpy.array([0.5, 1.0, -2.0]))
    array = lazy[['a', 'b']].to_dask_array(lengths=True)
    assert plain.probability(array).chunks == ((200, 200, 200),)
    assert numpy.array_equal(plain.probability(array).compute(), numbers(plain.probability(frame[['a', 'b']].to_numpy())))
    assert plain.predict(array).compute().tolist() == plain.predict(frame[['a', 'b']])


def test_what_is_wrong_with_points_is_named(models):
    model, _ = models
    frame, lazy = frames(model)
    with pytest.raises(ValueError, match="the points have no column 'sex'; the model expects a, b, sex"):
        model.probability(lazy[['a', 'b']])
    wrong = frame.copy()
    wrong.loc[300, 'sex'] = 'x'
    with pytest.raises(ValueError, match="the frame, partition 2, row 101: sex = 'x' is a level that the model does not know"):
        model.predict(dataframe.from_pandas(wrong, npartitions=3)).compute()
    wrong.loc[300, 'sex'] = None
    holed = dataframe.from_pandas(wrong, npartitions=3)
    with pytest.raises(ValueError, match='the frame, partition 2, row 101, column 3: the value is missing'):
        model.probability(holed).compute()
    with pytest.warns(RuntimeWarning, match='partition 2: 1 of 200 rows with missing values left out'):
        found = model.predict(holed, missing='drop').compute()
    assert len(found) == 599 and 300 not in found.index


# Sums over the rows

SAME = {'accuracy': {}, 'confusion_matrix': {}, 'cost': {}, 'gradient': {}, 'log_likelihood': {}, 'deviance': {}, 'aic': {}, 'bic': {},
        'covariance': {}, 'standard_errors': {}, 'z_values': {}, 'p_values': {}, 'confidence_intervals': {}, 'odds_ratios': {},
        'null_deviance': {}, 'degrees_of_freedom': {}, 'pearson_chi_squared': {}, 'pseudo_r_squared': {}, 'brier_score': {}, 'log_loss': {},
        'likelihood_ratio_test': {'without': 'sex'}, 'weights': {}, 'coefficients': {}, 'relative_risk_ratios': {}}


@pytest.mark.parametrize('name', SAME)
def test_answers_are_those_of_data_in_memory(models, name):
    found, expected = (numbers(getattr(model, name)(**SAME[name])) for model in models)
    if name in ('accuracy', 'confusion_matrix'):
        assert numpy.array_equal(found, expected)
    assert numpy.allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_the_null_model_with_an_offset_is_that_of_data_in_memory():
    frame = LOGISTIC.assign(shift=POINTS[:, 0])
    options = dict(label='y', variables=['b'], offset='shift')
    found, expected = (maximum_likelihood(load_data(source, **options)) for source in (dataframe.from_pandas(frame, npartitions=4), frame))
    assert float(found.null_deviance()) == pytest.approx(float(expected.null_deviance()), rel=1e-12)
    assert numpy.allclose(numbers(found.area_under_curve(0.9)), numbers(expected.area_under_curve(0.9)), rtol=1e-12)
    with pytest.raises(ValueError, match='the data are in 4 chunks, and calibration curves are of rows in memory'):
        found.calibration()


def test_profile_intervals_are_those_of_data_in_memory(models):
    baseline = models[0].data.label_names[0]
    found, expected = (numbers(model.confidence_intervals(method='profile', baseline=baseline)) for model in models)
    assert numpy.allclose(found, expected, rtol=1e-8, atol=1e-10)


def test_summaries_are_those_of_data_in_memory(models):
    found, expected = (repr(model.summary()).splitlines() for model in models)
    assert found[0] == expected[0].replace(' rows', ' rows', 1) + ' in 4 chunks'
    # the digits that are right are counted by rounding
    assert [line.split()[:-1] for line in found[4:]] == [line.split()[:-1] for line in expected[4:]]


def test_other_data_are_read_like_those_of_the_model(models):
    frame, lazy = frames(models[0])
    answers = [model.confusion_matrix(data) for model in models for data in (frame, lazy, lazy.repartition(npartitions=2))]
    assert all(answer == answers[0] for answer in answers)
    costs = [float(model.cost(data)) for model in models for data in (frame, lazy)]
    assert numpy.allclose(costs, costs[0], rtol=1e-12)


def test_mistakes_are_named_by_their_chunks(models):
    chunked, other = models
    assert [int(source.split()[-1]) * 150 - 150 + row for source, row in chunked.mistakes()] == other.mistakes()


def test_two_of_the_classes_have_their_own_model(models):
    one, other = models[0].data.label_names[:2]
    found, expected = (model.between(one, other) for model in models)
    assert found.data.is_chunked and len(found.data) == len(expected.data)
    assert numpy.allclose([found.cost(), found.area_under_curve()], [expected.cost(), expected.area_under_curve()], rtol=1e-10)
    assert numpy.allclose(numbers(found.with_weights(found.weights()).gradient()), numbers(expected.gradient()), atol=1e-12)


def test_smaller_models_are_of_the_same_chunks():
    lazy = dataframe.from_pandas(LOGISTIC, npartitions=4)
    larger, smaller = (maximum_likelihood(load_data(lazy, label='y', variables=names)) for names in (['a', 'b'], ['a']))
    assert larger.likelihood_ratio_test(smaller) == larger.likelihood_ratio_test('a')
    with pytest.raises(ValueError, match='other points, in other chunks'):
        larger.likelihood_ratio_test(maximum_likelihood(load_data(LOGISTIC, label='y', variables=['a'])))


def test_neighbours_are_joined_where_there_are_very_many_log_odds():
    counts = RocCounts(numpy.arange(10.0), numpy.array([numpy.ones(10), numpy.arange(10.0)]))
    joined = counts.joined(counts, 5)
    assert joined.log_odds.tolist() == [0, 2, 4, 6, 8] and joined.counts.tolist() == [[4] * 5, [2, 10, 18, 26, 34]]


# Pictures

def test_pictures_say_which_points_they_draw(models):
    model, other = models
    planes = [Plane(model.data, 'a, b', most=100) for _ in range(2)]
    assert planes[0].sampled == '100 of 600 points' and planes[0].text == 'at sex = f, 100 of 600 points'
    assert len(planes[0].data) == 100 and planes[0].data == planes[1].data
    rows = set(map(tuple, other.data.points.tolist()))
    assert rows.issuperset(map(tuple, planes[0].data.points.tolist()))
    # all points need no words
    assert Plane(model.data, 'a, b').sampled == Plane(other.data, 'a, b').sampled == ''


def test_titles_say_which_points_are_drawn(models, monkeypatch):
    monkeypatch.setattr(pictures, 'Plane', functools.partial(Plane, most=100))
    assert models[0].data.plot('a, b')._extra_kwds['title'] == '100 of 600 points'
    assert 'title' not in models[1].data.plot('a, b')._extra_kwds


# Files

def test_a_saved_model_has_no_rows_and_is_bound_to_them_again(models, tmp_path):
    model, other = models
    frame, lazy = frames(model)
    path = tmp_path / 'model.json'
    model.save(path)
    loaded = load_model(path)
    assert loaded == model and loaded.weights() == model.weights() and 'without its data' in repr(loaded)
    assert numpy.array_equal(loaded.probability(frame.iloc[:5]), model.probability(frame.iloc[:5]))
    assert loaded.accuracy(frame) == other.accuracy(frame)
    for needs_rows in (loaded.cost, loaded.accuracy, loaded.mistakes, loaded.summary, lambda: loaded.plot(variables='a, b')):
        with pytest.raises(ValueError, match=r"the 600 rows of the model's data are not in its file; expected load_model\(path, data=...\)"):
            needs_rows()
    bound = load_model(path, data=load_data(dataframe.from_pandas(frame, npartitions=4), **OPTIONS))
    assert bound == model and bound.cost() == model.cost()
    assert load_model(path, data=load_data(frame, **OPTIONS)).accuracy() == other.accuracy()
    with pytest.raises(ValueError, match='the rows have weights or an offset'):
        load_model(path, data=lazy)
    with pytest.raises(ValueError, match='the data have 300 rows; expected 600'):
        load_model(path, data=load_data(frame.iloc[:300], **OPTIONS))


def test_data_in_memory_are_in_the_file(tmp_path):
    path = tmp_path / 'model.json'
    maximum_likelihood(load_data(LOGISTIC, **OPTIONS)).save(path)
    with pytest.raises(ValueError, match='the file holds the data of the model; expected no data='):
        load_model(path, data=LOGISTIC)


def test_models_of_chunks_are_copied_pickled_and_compared(models):
    model, other = models
    assert pickle.loads(pickle.dumps(model)) == model == copy.copy(model) and model != other and other != model
    assert len({model, copy.copy(model)}) == 1


# All else

PLOTTED = {'variables': 'a, b'}
ARGUMENTS = {'probability': [[0.5, 1, 'f']], 'predict': [[0.5, 1, 'f']], 'posterior': [], 'between': ['first', 'other'], 'with_weights': ['weights'],
             'log_odds': ['first', 'other'], 'boundary': ['first', 'other'], 'exact_test': ['a'], 'effect_table': ['a'], 'plot_effect': ['a'],
             'likelihood_profile': ['a'], 'plot_confidence_region': ['a', 'b']}
KEYWORDS = {'likelihood_profile': {'label': 'of_three'}, 'plot_confidence_region': {'label': 'of_three'}, 'plot': PLOTTED, 'plot_probability': {**PLOTTED, 'label': 'first'}, 'plot3d': {**PLOTTED, 'label': 'first'}, 'animate': {**PLOTTED, 'frames': 2}}
# what is refused, in words of its sentence
REFUSED = {'resume': 'cannot be resumed', 'best_epoch': 'had no other data', 'validation_errors': 'had no other data', 'plot_weights': 'draws weights of pixels',
           'symbolic_cost': 'chunks', 'certified': 'chunks', 'calibration': 'calibration curve', 'plot_calibration': 'calibration curve',
           'hosmer_lemeshow': 'Hosmer-Lemeshow tests are of rows in memory',
           **dict.fromkeys(['residuals', 'leverage', 'cooks_distance', 'dfbetas', 'influence', 'plot_diagnostics', 'plot_binned_residuals',
                            'bootstrap', 'effect_table', 'plot_effect', 'marginal_effects', 'fisher_information', 'exact_test'], 'chunks')}
FILES = {'save'}
METHODS = sorted({(kind, name) for kind, model in ((2, LogisticModel), (3, MultinomialModel))
                  for name, method in inspect.getmembers(model, callable) if not name.startswith('_')
                  and not inspect.ismethod(method) and name not in FILES})


@pytest.mark.parametrize('models, name', METHODS, indirect=['models'])
def test_every_method_works_or_is_refused_in_one_sentence(models, name):
    model, other = models
    first, second = model.data.label_names[:2]
    names = {'first': first, 'other': second, 'weights': model.weights(), 'of_three': second if len(model.data.label_names) > 2 else None}
    arguments = [names.get(one, one) if isinstance(one, str) else one for one in ARGUMENTS.get(name, [])]
    keywords = {key: names.get(value, value) if isinstance(value, str) else value for key, value in KEYWORDS.get(name, {}).items()}

    def called(of):
        try:
            return repr(getattr(of, name)(*arguments, **keywords))
        except ValueError as error:
            assert '\n' not in str(error)
            return error

    found, expected = called(model), called(other)
    if name in REFUSED:
        assert REFUSED[name] in str(found)
    else:
        assert not isinstance(found, Exception) or str(found) == str(expected), found
