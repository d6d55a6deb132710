r"""
Saved models: everything comes back to the last bit, damage is seen, nothing is executed.
"""
import copy
import json
import math
import os
import pickle
import re
import stat
import subprocess
import sys
import textwrap
import threading

import numpy
import pytest
from hypothesis import assume, given, settings, strategies as st

from sage_logreg import (Dataset, LogisticModel, ex2data1, gradient_descent, load_data, load_model, maximum_likelihood,
                         stochastic_gradient_descent)
from sage_logreg.model import storage
from sage_logreg.support.arguments import as_float
from sage_logreg.engine import T
from sage_logreg.solvers.records import Record

pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings('ignore::RuntimeWarning')]


def arrays(model):
    """All arrays of a model, and the numbers beside them, in a form that is equal only if all bits are."""
    def exactly(value):
        if isinstance(value, numpy.ndarray):
            return value.dtype.str, value.shape, value.tobytes()
        if isinstance(value, dict):
            return {name: exactly(entry) for name, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value).__name__, [exactly(entry) for entry in value]
        return ('float', float(value).hex()) if isinstance(value, float) else (type(value).__name__, repr(value))

    data = model.data
    return exactly([model._weights, model._history, model._iterations, model._converged, model.method, model._options,
                    model._descent, data.points, data.labels, data.variables, data.label_name, data.label_names,
                    data.design.points])


def stored(model, path):
    model.save(path)
    return load_model(path)


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
    with pytest.raises(TypeError, match='cannot be saved; expected a LogisticModel or a MinimizedCost'):
        Mine(ex2data1(), numpy.zeros(3)).save(tmp_path / 'model.json')


# Damage

@pytest.fixture(scope='module')
def text():
    from tempfile import TemporaryDirectory
    from pathlib import Path
    with TemporaryDirectory() as directory:
        stochastic_gradient_descent([[0.5, 2, 0], [1.25, 3, 1], [2, 1, 1], [3, 0.1, 0]], epochs=5, momentum=0.5).save(
            Path(directory) / 'model.json')
        return (Path(directory) / 'model.json').read_bytes()


def test_files_that_are_no_models(tmp_path):
    path = tmp_path / 'model.json'
    for content in (b'', b'hello', b'{}', b'[]', b'null', b'{"format": "sage_logreg"}', b'1,2,0\n3,4,1\n', b'\x80\x04K\x01.',
                    b'{"version": 1, "format": "sage_logreg model"}', bytes(range(256))):
        path.write_bytes(content)
        with pytest.raises(ValueError, match='^.*model.json is not a saved model; expected a file that model.save'):
            load_model(path)
    with pytest.raises(FileNotFoundError, match='^no/such.json: there is no such file$'):
        load_model('no/such.json')
    with pytest.raises(IsADirectoryError, match='is a directory; expected the path of a saved model$'):
        load_model(tmp_path)


def test_a_huge_file_of_garbage(tmp_path):
    # 8 GB of zeros that take no place; only their beginning is read
    path = tmp_path / 'model.json'
    with open(path, 'wb') as file:
        file.truncate(8 << 30)
    with pytest.raises(ValueError, match='is not a saved model'):
        load_model(path)


def test_every_truncation_is_seen(text, tmp_path):
    path = tmp_path / 'model.json'
    # what is left of the last line is the newline
    for length in range(len(text.rstrip())):
        path.write_bytes(text[:length])
        with pytest.raises(ValueError, match='is damaged: |is not a saved model; '):
            load_model(path)


def test_every_changed_digit_is_seen(text, tmp_path):
    path = tmp_path / 'model.json'
    path.write_bytes(text)
    whole = load_model(path)
    for match in re.finditer(rb'[0-9]', text):
        digit = str((int(match.group()) + 5) % 10).encode()
        path.write_bytes(text[:match.start()] + digit + text[match.end():])
        # ... unless it is beyond what a float64 holds
        if json.loads(path.read_bytes()) != json.loads(text):
            with pytest.raises(ValueError, match='is damaged: its entries do not match|is of version 6 of the format, and this'):
                load_model(path)
        else:
            assert load_model(path) == whole


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_damage_is_seen(data, text, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / 'damaged.json'
    damaged = bytearray(text)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place:place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    path.write_bytes(bytes(damaged))
    try:
        same = json.loads(bytes(damaged)) == json.loads(text)
    except (ValueError, RecursionError):
        same = False
    try:
        load_model(path)
    except ValueError as error:
        assert re.match('.*damaged.json (is damaged: |is not a saved model; |is of version )', str(error))
    else:
        # spaces, or the same number in other digits
        assert same


def test_the_version(text, tmp_path):
    path = tmp_path / 'model.json'
    path.write_bytes(text.replace(b'"version": 1,', b'"version": 2,'))
    with pytest.raises(ValueError, match='^.*model.json is of version 2 of the format, and this sage_logreg reads up to 1; '
                                         'expected a newer sage_logreg$'):
        load_model(path)


@pytest.mark.parametrize('version', [0, -1, '1', '2', 1.5, 1.0, True, None, [1], {}], ids=repr)
def test_versions_that_never_were(version, text, tmp_path):
    path = tmp_path / 'model.json'
    forged(text, path, lambda content: content.update(version=version))
    with pytest.raises(ValueError, match='^.*model.json does not hold a model: version = .*; expected 1$'):
        load_model(path)


def forged(text, path, change):
    # a file that is what it says it is, and yet wrong
    content = json.loads(text)
    change(content)
    content.pop('checksum')
    content['checksum'] = storage._checksum(content)
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize('change', [
    lambda content: content.pop('weights'),
    lambda content: content.update(weights=[1.0, 2.0]),
    lambda content: content.update(weights=['__import__("os")', 0, 0]),
    lambda content: content.update(weights={'dtype': '<f8', 'shape': [3], 'base64': '????'}),
    lambda content: content.update(weights={'dtype': '|O', 'shape': [3], 'base64': 'AAAA' * 8}),
    lambda content: content.update(weights={'dtype': '<f8', 'shape': [3], 'base64': ''}),
    lambda content: content.update(kind='os.system'),
    lambda content: content.update(data=None),
    lambda content: content.update(options=[]),
    lambda content: content['data'].update(points=[[1.0], [2.0], [3.0], [4.0]]),
    lambda content: content['data'].update(labels=[0, 1, 2, 1]),
    lambda content: content['data'].update(labels=[0, 1]),
    lambda content: content['data'].update(dtype='object'),
    lambda content: content['data'].update(variables=['x1', 'x1']),
    lambda content: content['data'].update(variables=['x1', '__import__("os")']),
    lambda content: content['data'].update(variables='ab'),
    lambda content: content['data'].update(label_names=['one']),
    lambda content: content['data'].update(surprise=1),
    lambda content: content['history'].pop('costs'),
    lambda content: content['history'].update(costs=[1.0]),
    lambda content: content['descent'].update(start=[]),
    lambda content: content['descent'].pop('position'),
    lambda content: content['options'].update(cost='squares'),
    lambda content: content.update(iterations='abc'),
    lambda content: content.update(iterations=-5),
    lambda content: content.update(iterations=True),
    lambda content: content.update(iterations=0.5),
    lambda content: content.update(iterations=10**30),
    lambda content: content.update(method=5),
    lambda content: content.update(converged=3),
    lambda content: content.update(descent=[]),
    lambda content: content['descent'].update(position='1'),
    lambda content: content['descent'].update(position=-1),
    lambda content: content['descent'].update(position=10**30),
    lambda content: content['descent'].update(total=None),
    lambda content: content['descent'].update(total=[7]),
    lambda content: content['descent'].update(converged='no'),
    lambda content: content['descent'].update(report='often'),
    lambda content: content['descent'].update(report=0),
    lambda content: content['descent'].update(stopped=1),
    lambda content: content['data'].update(labels=[1] * len(content['data']['labels'])),
    lambda content: content['data'].update(labels=[], points=[]),
])
def test_forged_files(change, text, tmp_path):
    path = forged(text, tmp_path / 'model.json', change)
    with pytest.raises(ValueError, match='^.*model.json does not hold a model: '):
        load_model(path)


def test_forged_batches(tmp_path):
    path = tmp_path / 'model.json'
    model = stochastic_gradient_descent(ex2data1(), epochs=3, batch_size=30)
    model.save(path)
    # three epochs of four batches
    assert json.loads(path.read_text())['descent']['position'] == 12 and load_model(path) == model
    text = path.read_text()
    for change in (lambda content: content['descent'].update(position=13),
                   lambda content: content['options'].update(batch_size=0),
                   lambda content: content['options'].update(batch_size='all')):
        with pytest.raises(ValueError, match='does not hold a model: '):
            load_model(forged(text, path, change))


def test_one_class_is_not_saved(tmp_path):
    # it could not be loaded
    model = LogisticModel(Dataset(numpy.array([[1.0], [2.0]]), numpy.ones(2), ('x1',)), numpy.zeros(2))
    with pytest.raises(ValueError, match='a model of such data cannot be saved; expected two different labels$'):
        model.save(tmp_path / 'model.json')
    assert not list(tmp_path.iterdir())


def test_the_forger_is_able(text, tmp_path):
    # what is not changed is loaded
    assert load_model(forged(text, tmp_path / 'model.json', lambda content: None))


# Features

def x1_and_x2():
    return pytest.importorskip('sage.symbolic.ring').SR.var('x1, x2')


def test_features_come_back(tmp_path):
    x1, x2 = x1_and_x2()
    from sage.all import QQ, RDF, RealField, cases, cos, exp, log, max_symbolic, pi, sqrt
    tiny = RealField(200)(1) / 3
    features = [x1, x1**2 * x2, sqrt(x1) / 3, log(x1 + pi), exp(-x2 / QQ(100)), RDF(0.1) * x1, tiny * x2, 0.1 * x1 * x2,
                max_symbolic(x1, x2, 50), cases([(x1 <= 50, x2), (True, cos(x1))])]
    model = gradient_descent(load_data((ex2data1().points, ex2data1().labels), features=features), iterations=50, scale=True)
    again = stored(model, tmp_path / 'model.json')
    assert again == model and arrays(again) == arrays(model)
    assert again.data.features.names == model.data.features.names
    assert all(one.is_trivially_equal(two) for one, two in zip(again.data.features.expressions, features))
    assert again.log_odds().is_trivially_equal(model.log_odds())
    assert again.predict([45, 85]) == model.predict([45, 85])
    assert again.resume(20) == model.resume(20)
    content = json.loads((tmp_path / 'model.json').read_text())
    assert content['data']['features'][1] == ['*', ['^', 'x1', 2], 'x2']
    for copied in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert copied == model and hash(copied) == hash(model) and arrays(copied) == arrays(model)
    from sage.all import TestSuite, dumps, loads
    assert loads(dumps(model)) == model
    TestSuite(model).run(raise_on_failure=True)
    other = load_data((ex2data1().points, ex2data1().labels), features=[2 * feature for feature in features])
    assert other != model.data and other.features != model.data.features and model.data.features != 7


def cost_of_a_line(**options):
    a, b, x1, y = pytest.importorskip('sage.symbolic.ring').SR.var('a, b, x1, y')
    from sage_logreg import minimize_cost
    from sage.all import abs_symbolic, cases, exp
    r = y - 1 / (1 + exp(-a - b * x1))
    cost = cases([(abs_symbolic(r) <= 0.3, r**2), (True, 0.6 * abs_symbolic(r) - 0.09)]) + b**2 / 100
    table = load_data([[1, 'no'], [2, 'yes'], [3, 'no'], [4, 'yes']])
    return minimize_cost(cost, table, [a, b], **{'learning_rate': 0.5, 'iterations': 50, **options})


def test_minimized_costs_come_back(tmp_path):
    model = cost_of_a_line(report=None)
    again = stored(model, tmp_path / 'model.json')
    assert arrays(again) == arrays(model) and again == model and hash(again) == hash(model) and repr(again) == repr(model)
    assert again.parameters() == model.parameters() and again.values() == model.values()
    assert again.symbolic_cost().is_trivially_equal(model.symbolic_cost())
    assert again.resume(10) == model.resume(10)
    content = json.loads((tmp_path / 'model.json').read_text())
    assert (content['kind'], content['parameters'], content['cost'][0]) == ('MinimizedCost', ['a', 'b'], '+')
    for copied in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert copied == model and arrays(copied) == arrays(model)
    from sage.all import TestSuite
    TestSuite(model).run(raise_on_failure=True)
    with pytest.raises(ValueError, match='not trained with a cost of its own; expected cost=None'):
        load_model(tmp_path / 'model.json', cost=lambda X, y, w: T.mean(y * w[0]))


@pytest.mark.parametrize('change', [
    lambda content: content.update(cost=['system', "'ls'"]),
    lambda content: content.update(cost='t'),
    lambda content: content.update(cost='a'),
    lambda content: content.update(parameters=['a']),
    lambda content: content.update(parameters=['a', '__import__("os")']),
    lambda content: content.update(parameters=[]),
    lambda content: content.pop('cost'),
    lambda content: content.update(kind='LogisticModel', weights=[1.0]),
])
def test_forged_costs(change, tmp_path):
    path = tmp_path / 'model.json'
    cost_of_a_line().save(path)
    forged(path.read_text(), path, change)
    with pytest.raises(ValueError, match='^.*model.json does not hold a model: '):
        load_model(path)


def test_checkpoint_of_a_minimized_cost(tmp_path):
    path = tmp_path / 'run.json'
    half = cost_of_a_line(checkpoint=path, callback=lambda iteration, cost, weights: iteration == 25)
    assert half.iterations() == 25 and load_model(path) == half
    assert cost_of_a_line(checkpoint=path) == cost_of_a_line() == load_model(path)
    with pytest.raises(ValueError, match='holds a model of another cost; the file is left alone'):
        gradient_descent(load_model(path).data, learning_rate=0.5, checkpoint=path)
    gradient_descent(half.data, learning_rate=0.5, iterations=50).save(path)
    with pytest.raises(ValueError, match='holds a model of another cost; the file is left alone'):
        cost_of_a_line(checkpoint=path)


@pytest.mark.parametrize('tree', [
    "__import__('os').system('touch executed')", 'os', 'x3', '', 'x1; x2', 'x1+x2', '1/0', '1 /2', '٣/٤', True, None, math.pi * 1e400,
    [], [[]], ['x1'], ['eval', 'x1'], ['__class__', 'x1'], ['exec', "touch('executed')"], ['sin'], ['sin', 'x1', 'x2'], ['+'], ['^', 'x1'],
    ['^', 'x1', 'x2', 'x1'], ['real', 53, "__import__('os')"], ['real', 53, 'nan'], ['real', 53], ['real', 53, '1', '2'], ['real', -1, '1'],
    ['real', 10**9, '1'], ['pi', 'x1'], ['I'], ['oo'], ['NaN'], ['cases', 'x1'], ['cases'], ['^', 10, 10**9], ['^', ['^', 10, -10], -10**9],
    ['factorial', 10**9], ['gamma', 10**9], {'+': 1}, [1, 2], ['zeta', 'x1'], ['+', 'x1', ['system', "'ls'"]], ['<', 'x1', 1],
], ids=repr)
def test_features_that_are_none(tree, text, tmp_path, monkeypatch):
    x1_and_x2()
    monkeypatch.chdir(tmp_path)
    path = tmp_path / 'model.json'

    def change(content):
        content['data']['features'] = ['x1', tree]
    if isinstance(tree, float):
        path.write_bytes(text.replace(b'"features": null', b'"features": ["x1", 1e999]'))
        assert b'1e999' in path.read_bytes()
    else:
        forged(text, path, change)
    with pytest.raises(ValueError, match='^.*model.json (does not hold a model|is damaged): '):
        load_model(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ['model.json']


def test_a_tree_too_deep(text, tmp_path):
    x1_and_x2()
    path = tmp_path / 'model.json'
    deep = b'["sin", ' * 100000 + b'"x1"' + b']' * 100000
    path.write_bytes(text.replace(b'"features": null', b'"features": [' + deep + b']'))
    with pytest.raises(ValueError, match='is damaged: |does not hold a model: '):
        load_model(path)


def expression_strategy():
    from sage.all import QQ, RDF, RR, RealField, SR, cases, catalan, euler_gamma, golden_ratio, pi
    from sage_logreg.symbolic.translation import FUNCTIONS, FUNCTIONS_OF_TWO
    from sage_logreg.symbolic.tree import _function
    x1, x2 = SR.var('x1, x2')
    # not so small that a product underflows, and leaves a sum with 0.0 in it
    finite = st.floats(-1e30, 1e30).filter(lambda x: abs(x) > 1e-30 or x == 0)
    rationals = st.builds(lambda p, q: SR(QQ((p, q))), st.integers(-10**25, 10**25), st.integers(1, 10**25))
    reals = st.builds(lambda bits, m, e: SR(RealField(bits)(m) * RealField(bits)(2)**e), st.integers(2, 300),
                      st.integers(1, 2**300), st.integers(-400, -200))
    leaves = st.one_of(st.sampled_from([x1, x2, SR(pi), SR(catalan), SR(euler_gamma), SR(golden_ratio)]),
                       st.integers(-10, 10).map(SR), rationals, finite.map(SR), finite.map(lambda x: SR(RDF(x))),
                       finite.map(lambda x: SR(RR(x))), reals)
    # a number in the exponent is a small one
    exponents = st.one_of(st.integers(-6, 6).map(SR), st.sampled_from([SR(QQ((1, 2))), SR(QQ((-2, 3))), x1, x2, SR(0.5)]))
    conditions = [lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b, lambda a, b: a == b,
                  lambda a, b: a != b]

    def sized(number):
        # Sage would compute the factorial of anything, or try
        assume(number.variables() or abs(as_float(number) or 1e99) < 100)
        return number

    def larger(smaller):
        function = st.sampled_from(sorted(FUNCTIONS) + ['log']).map(_function)
        of_two = st.sampled_from(sorted(FUNCTIONS_OF_TWO)).map(_function)
        condition = st.builds(lambda relation, a, b: relation(a, b), st.sampled_from(conditions),
                              st.sampled_from([x1, x2, x1 + x2]), st.integers(-9, 9).map(SR))
        smaller = smaller.map(SR)
        return st.one_of(st.builds(lambda a, b: a + b, smaller, smaller), st.builds(lambda a, b: a * b, smaller, smaller),
                         st.builds(lambda a, b: sized(a)**b, smaller, exponents), st.builds(lambda f, a: f(sized(a)), function, smaller),
                         st.builds(lambda f, a, b: f(a, b), of_two, smaller, smaller),
                         st.builds(lambda c, a, b: cases([(c, a), (True, b)]), condition, smaller, smaller))

    # Sage's functions return numbers of their own kind, now and then
    return st.recursive(leaves, larger, max_leaves=8).map(SR)


try:
    EXPRESSIONS = expression_strategy()
except ImportError:
    EXPRESSIONS = st.nothing()


def can_be_trained_on(expression):
    # Sage makes complex numbers and imaginary parts of some real ones, and infinite ones
    if not expression.operands():
        number = as_float(expression)
        return expression.is_symbol() or (number is not None and math.isfinite(number)
                                          and 'omplex' not in type(expression.pyobject()).__name__)
    return str(expression.operator()) != 'imag_part' and all(map(can_be_trained_on, expression.operands()))


def evaluated_again(expression):
    # whether Sage makes another expression of a part of one, out of the same operands
    operands = expression.operands()
    if not operands or expression.is_relational() or expression.operator() is tuple or str(expression.operator()) == 'cases':
        return any(map(evaluated_again, operands))
    again = expression.operator()(*operands)
    return (not again.is_trivially_equal(expression)) or any(map(evaluated_again, operands))


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_expression_comes_back(data):
    x1_and_x2()
    from sage_logreg.symbolic.tree import expression_of, tree_of
    try:
        expression = data.draw(EXPRESSIONS)
    except (ArithmeticError, RuntimeError, TypeError, ValueError):
        # 1/0, and what Sage cannot compute
        assume(False)
    assume(can_be_trained_on(expression))
    try:
        tree = tree_of(expression)
    except ValueError as error:
        # a sum or product that Sage writes otherwise when it sees it a second time
        assert 'expected it as Sage would simplify it' in str(error)
        assert evaluated_again(expression)
        return
    again = expression_of(json.loads(json.dumps(tree, allow_nan=False)), ('x1', 'x2'))
    assert again.is_trivially_equal(expression) or tree_of(again) == tree
    assert str(again) == str(expression) and again.variables() == expression.variables()


# Without Sage, and in another process

def in_a_new_process(program):
    return subprocess.run([sys.executable, '-W', 'error', '-c', textwrap.dedent(program)], check=True, capture_output=True,
                          text=True).stdout


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
        ''')
    assert printed == f'{model.predict([45, 85])} True\n'
    assert load_model(path) == model.resume(30)


def test_features_without_sage(tmp_path):
    x1, x2 = x1_and_x2()
    path = str(tmp_path / 'model.json')
    gradient_descent(ex2data1(), features=[x1, x2, x1 * x2], iterations=1, scale=True).save(path)
    printed = in_a_new_process(f'''
        import sys
        sys.modules['sage'] = None
        from sage_logreg import load_model
        try:
            load_model({path!r})
        except ImportError as error:
            print(error)
        ''')
    assert printed.startswith(f'{path}: the model holds expressions of Sage, which is not here: ')


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
