r"""
Saved models: damage is seen, nothing is executed.
"""
import json
import math
import re

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import Dataset, LogisticModel, ex2data1, load_model, stochastic_gradient_descent
from sage_logreg.model import storage

from helpers import cost_of_a_line, x1_and_x2

pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings('ignore::RuntimeWarning')]


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
    lambda content: content['descent'].update(log_odds='one'),
    lambda content: content['descent'].update(log_odds=[0.5]),
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
    with pytest.raises(ValueError, match='a model of such data cannot be saved; expected points of every class$'):
        model.save(tmp_path / 'model.json')
    assert not list(tmp_path.iterdir())


def test_the_forger_is_able(text, tmp_path):
    # what is not changed is loaded
    assert load_model(forged(text, tmp_path / 'model.json', lambda content: None))


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
