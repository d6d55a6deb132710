r"""
Saved models of more than two classes, of images and of early stopping: whole to the last bit, and forged ones refused.
"""
import base64
import json
import zlib

import numpy
import pytest

from sage_logreg import (digits, gradient_descent, load_data, load_model, maximum_likelihood, penguins, stochastic_gradient_descent)
from sage_logreg.model import storage

from helpers import bits

DATA = digits()


def penguin_data(**options):
    return penguins(label='species', variables='bill_length_mm, sex, body_mass_g', missing='drop', **options)


def sparse_data():
    from scipy import sparse
    return load_data((sparse.random(600, 2000, 0.02, 'csr', random_state=0), numpy.arange(600) % 3))


MADE = {
    'gradient descent': lambda: gradient_descent(penguin_data(), scale=True, learning_rate=0.1, iterations=30),
    'stochastic': lambda: stochastic_gradient_descent(penguin_data(), scale=True, learning_rate=0.1, epochs=3, shuffle='epoch'),
    'tol': lambda: gradient_descent(penguin_data(), scale=True, learning_rate=1, tol=1e-2),
    'estimate': lambda: maximum_likelihood(penguin_data(), l2=0.5),
    'given': lambda: maximum_likelihood(penguin_data(), l2=1).with_weights(numpy.arange(12).reshape(3, 4)),
    'no intercept': lambda: maximum_likelihood(penguin_data(), l2=1, intercept=False),
    'float32': lambda: gradient_descent((numpy.arange(9.0, dtype='float32')[:, None], numpy.arange(9) % 3), iterations=3, dtype='float32'),
    'many classes': lambda: gradient_descent((numpy.arange(900.0), numpy.arange(900) % 300), iterations=2),
    'sparse': lambda: gradient_descent(sparse_data(), iterations=3),
    'offset': lambda: gradient_descent(penguin_data(), scale=True, iterations=3, offset=numpy.ones((333, 3)), weights=numpy.arange(333) + 1),
    'images': lambda: stochastic_gradient_descent(DATA.take(slice(900)), epochs=2, batch_size=40, drop_last=True,
                                                  validation=DATA.take(DATA.labels < 4)),
}


@pytest.mark.parametrize('kind', MADE)
def test_whole(kind, tmp_path):
    model, path = MADE[kind](), tmp_path / 'model.json'
    model.save(path)
    loaded = load_model(path)
    assert loaded == model and bits(loaded) == bits(model) and repr(loaded) == repr(model) and loaded.options() == model.options()
    loaded.save(tmp_path / 'again.json')
    assert (tmp_path / 'again.json').read_bytes() == path.read_bytes()
    if kind in ('gradient descent', 'stochastic', 'float32', 'sparse', 'offset', 'images'):
        assert bits(loaded.resume(4)) == bits(model.resume(4))


@pytest.mark.parametrize('features', [None, 'log'])
def test_features_and_formulas(features, tmp_path, sage):
    model = (maximum_likelihood(penguin_data(), l2=1, features=[sage.SR.var('bill_length_mm').log(), 'sex_male']) if features else
             maximum_likelihood(penguins(formula='species ~ log(bill_length_mm) + sex', missing='drop'), l2=1))
    model.save(tmp_path / 'model.json')
    assert load_model(tmp_path / 'model.json') == model


@pytest.fixture(scope='module')
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp('models') / 'model.json'
    stochastic_gradient_descent(DATA.take(slice(200)), 0.001, epochs=4, batch_size=40, drop_last=True, patience=100,
                                validation=DATA.take(slice(200, 300))).save(path)
    return path.read_text()


def packed(count):
    return base64.b64encode(zlib.compress(bytes(count))).decode()


def change(*names):
    *names, value = names

    def changed(content):
        for name in names[:-1]:
            content = content[name]
        if value is None:
            del content[names[-1]]
        else:
            content[names[-1]] = value(content[names[-1]]) if callable(value) else value
    return changed


FORGED = [
    (change('data', 'points', 'zlib', packed(200 * 64 - 1)), 'points has other than 12800 bytes'),
    # gigabytes from a few bytes are not made
    (change('data', 'points', 'zlib', packed(10**8)), 'points has other than 12800 bytes'),
    (change('data', 'points', 'zlib', 'AAAA'), 'points cannot be unpacked'),
    (change('data', 'points', 'dtype', '<f8'), r'points: dtype = .<f8.; expected .u1'),
    (change('data', 'points', 'shape', [64, 200]), r'points has the shape \(64, 200\)'),
    (change('data', 'dtype', 'float64'), "dtype = 'float64'; expected uint8"),
    (change('data', 'images', 'shape', [8, 9]), r'images: the shape is \(8, 9\); expected height and width of 64 pixels'),
    (change('data', 'images', 'shape', [64]), 'expected height and width of 64 pixels'),
    (change('data', 'images', 'scale', -1), 'images: scale = -1; expected a real number above 0'),
    (change('data', 'images', 'scale', None), "the entry 'scale' is missing"),
    (change('data', 'images', None), "dtype = 'uint8'; expected float64 or float32"),
    (change('data', 'labels', lambda labels: [*labels[:-1], 10]), 'the labels are not the numbers of the classes'),
    (change('data', 'labels', lambda labels: [0] * len(labels)), 'there are no points with y = 1: a model of such data'),
    (change('data', 'label_names', lambda names: [*names, 10]), 'there are no points with y = 10: a model of such data'),
    (change('data', 'label_name', 'z'), 'expected those of images'),
    (change('validation', None), 'validation: the data and what was noted of them do not belong together'),
    (change('validation', 'label_names', lambda names: [*names, 10]), 'validation: the data and what was noted'),
    (change('descent', 'validation', None), 'patience = 100 without what was noted of other data'),
    (change('descent', 'validation', 'errors', lambda errors: errors[:-1]), r'errors has the shape \(3,\); expected \(4,\)'),
    (change('descent', 'validation', 'errors', lambda errors: [2.0, *errors[1:]]), 'expected numbers from 0 to 1'),
    (change('descent', 'validation', 'best', lambda best: best[:-1]), r'best has the shape \(649,\); expected \(650,\)'),
    (change('descent', 'validation', 'best_epoch', 1), 'best_epoch = 1; expected'),
    (change('descent', 'validation', 'patience', 99), 'patience = 99; expected a whole number from 100'),
    (change('descent', 'validation', 'patience', 'long'), 'patience = '),
    (change('descent', 'validation', 'more', 1), "validation: 'more' is none of patience, errors, best, best_epoch"),
    (change('descent', 'stopped', 'bored'), "stopped = 'bored'; expected None, 'converged'"),
    (change('descent', 'position', 21), 'position = 21; expected'),
    (change('options', 'patience', 101), 'patience = 100; expected a whole number from 101'),
    (change('options', 'drop_last', 1), 'drop_last = 1; expected'),
    (change('weights', lambda weights: weights[:-1]), r'weights has the shape \(649,\); expected \(650,\)'),
    (change('history', 'weights', lambda rows: [row[:-1] for row in rows]), 'weights has the shape'),
    (change('kind', 'LogisticModel'), r'has the shape \(650,\); expected \(65,\)'),
]


@pytest.mark.parametrize('forge, said', FORGED)
def test_forged(forge, said, content, tmp_path):
    entries, path = json.loads(content), tmp_path / 'model.json'
    forge(entries)
    entries.pop('checksum')
    path.write_text(json.dumps({**entries, 'checksum': storage._checksum(entries)}))
    with pytest.raises(ValueError, match=f'model.json does not hold a model: .*({said})'):
        load_model(path)


def test_an_untouched_copy_is_read(content, tmp_path):
    (tmp_path / 'model.json').write_text(content)
    assert load_model(tmp_path / 'model.json').best_epoch() >= 1
