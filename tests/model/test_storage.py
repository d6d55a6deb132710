r"""
Saved models: everything comes back to the last bit, also in another process.
"""
import copy
import json
import math
import os
import pickle
import stat
import threading

import numpy
import pytest
from hypothesis import assume, given, settings, strategies as st

from sage_logreg import Dataset, LogisticModel, ex2data1, gradient_descent, load_data, load_model
from sage_logreg import maximum_likelihood, stochastic_gradient_descent
from sage_logreg.model import storage
from sage_logreg.solvers.records import Record

from helpers import arrays, in_a_new_process, stored

pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings('ignore::RuntimeWarning')]


def random_table(count, width, **options):
    random = numpy.random.RandomState(count)
    points = random.standard_normal((count, width)) / 3
    return load_data((points, (points[:, 0] + random.standard_normal(count) > 0) * 1.0), **options)


def given_weights(**options):
    return LogisticModel(ex2data1(), numpy.array([5e-324, -0.0, 1.7976931348623157e308]), **options)


MODELS = {
    'gradient_descent': lambda: gradient_descent(ex2data1(), iterations=100, report=None),
    'options': lambda: gradient_descent(ex2data1(), learning_rate=1/3, iterations=100, tol=0.01, scale=True, l2=1/7),
    'converged': lambda: gradient_descent(ex2data1(), learning_rate=5, scale=True, tol=0.01),
    'diverged': lambda: gradient_descent(ex2data1(), learning_rate=1e306),
    'nothing done': lambda: gradient_descent(ex2data1(), iterations=0),
    'stopped': lambda: gradient_descent(ex2data1(), iterations=100, callback=lambda *record: record[0] >= 50),
    'stochastic': lambda: stochastic_gradient_descent(ex2data1(), epochs=30, batch_size=7, shuffle='epoch', seed=2**32 - 1,
                                                      momentum=0.9, report=10),
    'in order': lambda: stochastic_gradient_descent(ex2data1(), epochs=3, shuffle=None),
    'float32': lambda: gradient_descent(random_table(50, 3, dtype='float32'), iterations=10),
    'long': lambda: gradient_descent(random_table(2000, 6), iterations=10),
    'long in float32': lambda: stochastic_gradient_descent(random_table(11000, 2, dtype='float32'), epochs=1, batch_size=100),
    'long history': lambda: gradient_descent(random_table(5, 2), iterations=11000, report=1),
    'estimate': lambda: maximum_likelihood(ex2data1()),
    'estimate with weights and offset': lambda: maximum_likelihood(
        ex2data1(), weights=numpy.arange(100) / 7, offset=numpy.arange(100) / 9, l2=0.1, tol=1e-9),
    'bias-reduced': lambda: maximum_likelihood([[1, 0], [2, 0], [3, 1]], bias_reduced=True),
    'grouped': lambda: maximum_likelihood(([[1], [2], [3]], [1, 2, 3], [4, 4, 5])),
    'names': lambda: gradient_descent([[1, 2, 'nö "1"'], [3, 1, '合格\n'], [2, 2, 'nö "1"']], iterations=10),
    'variables': lambda: gradient_descent(load_data([[1, 2, -0.5], [3, 1, 2.5]], variables='身長, weight'), iterations=10),
    'given weights': given_weights,
    'given weights, bias-reduced': lambda: MODELS['bias-reduced']().with_weights([1, 2]),
    'given weights, penalised': lambda: MODELS['options']().with_weights([1, 2, 3]),
    'not finite': lambda: given_weights(history=[Record(0, math.nan, numpy.array([math.inf, -math.inf, math.nan])),
                                                 Record(1, math.inf, numpy.array([1.0, 2.0, 3.0]))], iterations=2),
}


@pytest.fixture(params=MODELS.values(), ids=MODELS)
def model(request):
    return request.param()


def test_everything_comes_back(model, tmp_path):
    path = tmp_path / 'model.json'
    again = stored(model, path)
    assert arrays(again) == arrays(model)
    assert again == model and model == again and hash(again) == hash(model) and again.data == model.data
    # the same text again
    text = path.read_bytes()
    again.save(path)
    assert path.read_bytes() == text
    assert [entry.name for entry in tmp_path.iterdir()] == ['model.json']


def test_a_loaded_model_answers_alike(tmp_path):
    for name in ('gradient_descent', 'float32', 'estimate with weights and offset', 'bias-reduced', 'names'):
        model = MODELS[name]()
        again = stored(model, tmp_path / 'model.json')
        assert repr(again) == repr(model)
        assert again.cost() == model.cost() and list(again.gradient()) == list(model.gradient())
        assert again.predict(model.data) == model.predict(model.data)
        assert list(again.probability(model.data)) == list(model.probability(model.data))
        if model.method == 'maximum_likelihood':
            assert list(again.standard_errors()) == list(model.standard_errors())
        else:
            assert again.resume(10) == model.resume(10)


@pytest.mark.parametrize('passage', [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)),
                                     lambda model: pickle.loads(pickle.dumps(model, 2))],
                         ids=['copy', 'deepcopy', 'pickle', 'old pickle'])
def test_python_copies(model, passage):
    again = passage(model)
    assert arrays(again) == arrays(model)
    assert again == model and hash(again) == hash(model) and again is not model


@pytest.mark.lanes
def test_sage_copies(model, tmp_path):
    pytest.importorskip('sage.all')
    from sage.all import TestSuite, dumps, load, loads, save
    assert arrays(loads(dumps(model))) == arrays(model)
    save(model, str(tmp_path / 'model'))
    assert [entry.name for entry in tmp_path.iterdir()] == ['model.sobj']
    assert arrays(load(str(tmp_path / 'model'))) == arrays(model)
    # Sage gives a name with another ending to the object itself
    save(model, str(tmp_path / 'model.json'))
    assert arrays(load_model(tmp_path / 'model.json')) == arrays(model)
    for thing in (model, model.data):
        TestSuite(thing).run(raise_on_failure=True)


def test_what_was_computed_is_not_in_a_pickle(tmp_path):
    model = maximum_likelihood(random_table(1000, 3))
    before = len(pickle.dumps(model))
    model.standard_errors()
    assert '_likelihood' in vars(model)
    assert len(pickle.dumps(model)) == before
    assert list(pickle.loads(pickle.dumps(model)).standard_errors()) == list(model.standard_errors())


# Equality

def test_equality():
    model = gradient_descent(ex2data1(), iterations=100)
    assert model == gradient_descent(ex2data1(), iterations=100)
    for other in (gradient_descent(ex2data1(), iterations=101), gradient_descent(ex2data1(), iterations=100, report=7),
                  gradient_descent(ex2data1(), iterations=100, l2=1e-300), model.with_weights(model.weights()),
                  gradient_descent((ex2data1().points, 1 - ex2data1().labels), iterations=100),
                  gradient_descent(load_data(ex2data1(), variables='a, b'), iterations=100), None, 'model', 1):
        assert model != other and not model == other and other != model
    shifted = copy.deepcopy(model)
    shifted._history[3].weights[1] += 1e-12
    assert shifted != model
    points, labels = ex2data1().points, ex2data1().labels
    data = load_data((points, labels))
    assert data == load_data((points.copy(), labels.copy())) and hash(data) == hash(load_data((points.copy(), labels)))
    moved = points.copy()
    moved[99, 1] += 1e-12
    for other in (load_data((moved, labels)), load_data((points, labels == 0)), load_data((points, labels + 1)),
                  load_data((points[:99], labels[:99])), load_data((points, labels), dtype='float32'),
                  load_data((points, labels), variables='a, b'), None, 7):
        assert not data == other and data != other


# The text

def test_the_text_is_plain_json(model, tmp_path):
    path = tmp_path / 'model.json'
    model.save(path)

    def no_such_number(name):
        raise AssertionError(name)

    content = json.loads(path.read_text(encoding='utf-8'), parse_constant=no_such_number)
    import sage_logreg
    assert list(content) == ['format', 'version', 'package', 'kind', 'method', 'iterations', 'converged', 'weights',
                             'options', 'history', 'descent', 'data', 'checksum']
    assert (content['format'], content['version'], content['package']) == ('sage_logreg model', 1, sage_logreg.__version__)
    assert content['weights'] == model._weights.tolist()
    assert content['data']['variables'] == list(model.data.variables)
    if model.data.points.size <= 10000:
        assert numpy.array(content['data']['points'], model.data.points.dtype).tobytes() == model.data.points.tobytes()


def test_long_arrays_as_the_format_says(tmp_path):
    # read with nothing but the description
    import base64
    import hashlib
    import struct
    model = MODELS['long']()
    model.save(tmp_path / 'model.json')
    content = json.loads((tmp_path / 'model.json').read_bytes())
    points = content['data']['points']
    assert (points['dtype'], points['shape']) == ('<f8', [2000, 6])
    numbers = struct.unpack('<12000d', base64.b64decode(points['base64']))
    assert list(numbers[6*17:6*18]) == model.data.points[17].tolist()
    checksum = content.pop('checksum')
    text = json.dumps(content, sort_keys=True, separators=(',', ':'), ensure_ascii=True)
    assert checksum == 'sha256:' + hashlib.sha256(text.encode('ascii')).hexdigest()


def test_another_layout_of_the_same_text(tmp_path):
    model, path = MODELS['names'](), tmp_path / 'model.json'
    model.save(path)
    content = json.loads(path.read_bytes())
    for text in (json.dumps(content), json.dumps(content, indent=8), json.dumps(content, ensure_ascii=False)):
        path.write_text(text, encoding='utf-8')
        assert load_model(path) == model


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=50, deadline=None)
@given(st.lists(finite, min_size=3, max_size=3), st.lists(finite, min_size=2, max_size=2),
       st.lists(st.tuples(st.floats(), st.lists(st.floats(), min_size=3, max_size=3)), max_size=3),
       st.text(st.characters(codec='utf-8')), st.booleans())
def test_any_numbers_and_names_come_back(tmp_path_factory, weights, point, history, label, single):
    with numpy.errstate(over='ignore'):
        points = numpy.array([point, [1, 2]], 'float32' if single else 'float64')
    assume(numpy.isfinite(points).all())
    data = Dataset(points, numpy.array([1.0, 0.0]), ('a', 'b'), label_names=(label, label + '2'))
    model = LogisticModel(data, numpy.array(weights), [Record(number, cost, numpy.array(numbers))
                                                       for number, (cost, numbers) in enumerate(history)])
    again = stored(model, tmp_path_factory.getbasetemp() / 'any.json')
    # which nan it is does not matter
    assert again == model and again._weights.tobytes() == model._weights.tobytes()
    assert again.data.points.tobytes() == points.tobytes() and again.data.points.dtype == points.dtype


def test_large_data_are_saved_in_a_few_megabytes(tmp_path):
    model = gradient_descent(random_table(100000, 20), iterations=1)
    again = stored(model, tmp_path / 'model.json')
    assert again == model
    # four letters for three bytes, and the rest
    assert (tmp_path / 'model.json').stat().st_size < 100000 * 20 * 8 * 4 / 3 + 200000


# Files

def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path):
    path = tmp_path / 'model.json'
    path.write_text('something else')
    path.chmod(0o640)
    link = tmp_path / 'link.json'
    link.symlink_to(path)
    MODELS['in order']().save(link)
    assert link.is_symlink() and load_model(path) == load_model(str(link))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    # a new file gets those of any new file
    (tmp_path / 'other').touch()
    MODELS['in order']().save(tmp_path / 'new.json')
    assert (tmp_path / 'new.json').stat().st_mode == (tmp_path / 'other').stat().st_mode


def test_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / 'model.json'
    one, two = MODELS['gradient_descent'](), MODELS['stochastic']()
    one.save(path)
    before = path.read_bytes()
    for name in ('fsync', 'replace'):
        with monkeypatch.context() as patch:
            patch.setattr(storage.os, name, lambda *arguments: (_ for _ in ()).throw(OSError(28, 'No space left on device')))
            with pytest.raises(OSError, match='No space left'):
                two.save(path)
        assert path.read_bytes() == before and [entry.name for entry in tmp_path.iterdir()] == ['model.json']


def test_paths(tmp_path, monkeypatch):
    model = MODELS['in order']()
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for path in ('model.json', 'without ending', '~/home.json', b'bytes'.decode(), tmp_path / 'object.json', 'モデル.json'):
        model.save(path)
        assert load_model(path) == model
    assert (tmp_path / 'home.json').exists()


@pytest.mark.parametrize('path, error, text', [
    ('', IsADirectoryError, 'is a directory; expected the path of a file'),
    ('no/model.json', FileNotFoundError, 'no/model.json: there is no directory'),
    ('model.sobj', ValueError, r"model.sobj: files of this name are those of Sage's own save\(model, path\)"),
    ('pipe', ValueError, 'pipe is not a regular file'),
])
def test_places_where_nothing_can_be_saved(path, error, text, tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    with pytest.raises(error, match=text):
        MODELS['in order']().save(tmp_path / path)
    assert [entry.name for entry in tmp_path.iterdir()] == ['pipe']


@pytest.mark.parametrize('path', [7, None, ['model.json'], b'model.json'])
def test_what_is_no_path(path):
    for call in (MODELS['in order']().save, load_model):
        with pytest.raises(TypeError, match='^path = .*; expected the path of a file$'):
            call(path)
        with pytest.raises(ValueError, match='^the path is empty; expected the path of a file$'):
            call('')


def test_a_directory_that_may_not_be_written_to(tmp_path, monkeypatch):
    # for root there is no such directory
    monkeypatch.setattr(storage.os, 'access', lambda path, mode: False)
    with pytest.raises(PermissionError, match='model.json: this user may not write to'):
        MODELS['in order']().save(tmp_path / 'model.json')


def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / 'model.json'
    MODELS['in order']().save(path)
    path.chmod(0)
    if os.geteuid():
        with pytest.raises(PermissionError, match='model.json may not be read by this user'):
            load_model(path)
    else:
        assert load_model(path)


def test_other_things_cannot_be_saved(tmp_path):
    class Mine(LogisticModel):
        pass
    with pytest.raises(TypeError, match='cannot be saved; expected a LogisticModel or a MultinomialModel or a MinimizedCost'):
        Mine(ex2data1(), numpy.zeros(3)).save(tmp_path / 'model.json')


@pytest.mark.lanes
def test_without_sage(tmp_path):
    path = str(tmp_path / 'model.json')
    model = stochastic_gradient_descent(ex2data1(), epochs=30, batch_size=7, learning_rate=1e-6)
    model.save(path)
    printed = in_a_new_process(f'''
        import sys
        sys.modules['sage'] = None
        from sage_logreg import load_model, ex2data1, stochastic_gradient_descent
        model = load_model({path!r})
        assert not [name for name in sys.modules if name in ('pytensor', 'theano', 'numba')]
        print(model.predict([45, 85]), model.data == ex2data1())
        model.resume(30).save({path!r})
        ''', '-W', 'error').stdout
    assert printed == f'{model.predict([45, 85])} True\n'
    assert load_model(path) == model.resume(30)


def test_two_threads_save_to_two_files(tmp_path):
    # the temporary file of one is not that of the other
    models = [MODELS['gradient_descent'](), MODELS['in order']()]
    threads = [threading.Thread(target=lambda number=number: [models[number].save(tmp_path / f'{number}.json') for _ in range(20)])
               for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [load_model(tmp_path / f'{number}.json') for number in (0, 1)] == models
