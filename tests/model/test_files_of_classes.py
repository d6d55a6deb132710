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
    'offset': lambda: gradient_descent(penguin_data(), scale=True, iterations=3, offset=numpy.ones((333, 3)),
                                       weights=numpy.arange(333) + 1),
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
    (change('kind', 'LogisticModel'), 'label_names: there are 10 of them; expected two, of a model of two classes'),
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


# Files of other data than images

def plain():
    offset = numpy.arange(60.0).reshape(20, 3) % 7 / 10
    return load_data((numpy.arange(20) * 3 % 7, numpy.arange(20) % 3), weights=numpy.arange(20) % 4 + 1, offset=offset)


WRITTEN = {
    'estimate': lambda: maximum_likelihood(plain(), l2=1),
    'descent': lambda: stochastic_gradient_descent(plain(), 0.1, 3, 6, momentum=0.5),
    'counts': lambda: maximum_likelihood((numpy.arange(9) % 4, numpy.arange(27).reshape(9, 3) % 4 + 1), l2=1),
    'two classes': lambda: maximum_likelihood((numpy.arange(20) * 3 % 7, numpy.arange(20) % 2), l2=1),
}
FIRST = [lambda values, new=new: [new, *values[1:]] for new in (None, 3, -1, 0.5, "1", 10**400)]
NOTHING, THREE, BELOW, HALF, TEXT, HUGE = FIRST
NANS = {'dtype': '<f8', 'shape': [6], 'base64': base64.b64encode(numpy.full(6, numpy.nan)).decode()}


def both(*changes):
    return lambda content: [one(content) for one in changes]


BROKEN = [
    # weights
    ('estimate', change('weights', lambda w: [w[0] + 0.01, *w[1:]]), 'weights: the sum of the classes is not zero'),
    ('estimate', change('weights', lambda w: [*w[:-1], -w[-1]]), 'weights: the sum of the classes is not zero'),
    ('estimate', change('weights', lambda w: w[:4]), r'weights has the shape \(4,\); expected \(6,\)'),
    ('estimate', change('weights', lambda w: [*w, 0.0, 0.0]), r'weights has the shape \(8,\); expected \(6,\)'),
    ('estimate', change('weights', lambda w: [w[:2], w[2:4], w[4:]]), r'weights has the shape \(3, 2\); expected \(6,\)'),
    ('estimate', change('weights', lambda w: [w[:2], w[2:5]]), 'weights: the rows are not of one length|weights = .*expected numbers'),
    ('estimate', change('weights', NANS), 'weights: a number is not finite'),
    *(('estimate', change('weights', first), r'weights = \[.*expected numbers|weights: the rows') for first in (NOTHING, TEXT, HUGE)),
    ('descent', change('descent', 'start', lambda w: w[:-1]), r'start has the shape \(5,\)'),
    ('descent', change('descent', 'velocity', lambda w: [[number] for number in w]), r'velocity has the shape \(6, 1\)'),
    ('descent', change('descent', 'velocity', NANS), 'velocity: a number is not finite'),
    ('descent', change('history', 'weights', lambda rows: [row[:-1] for row in rows]), 'weights has the shape'),
    ('descent', change('history', 'costs', NOTHING), r'costs = \[None'),
    # classes
    *(('estimate', change('data', 'label_names', names), 'label_names = .*; expected different labels')
      for names in ([0, 1, 1], ['a', 'b', 'a'], [1, 1.0, 2], [True, 1, 2], [1, '1', 2], [1, 2, 2])),
    ('estimate', change('data', 'label_names', [0, None, 2]), 'label_names = None; expected'),
    ('estimate', change('data', 'label_names', [0, [1], 2]), r'label_names = \[1\]; expected'),
    ('estimate', change('data', 'label_names', [0]), r'label_names = \[0\]; expected at least two'),
    ('estimate', change('data', 'label_names', [0, 1]), 'the labels are not the numbers of the classes'),
    ('estimate', change('data', 'label_names', [0, 1, 2, 3]), r'offset has the shape \(20, 3\); expected \(20, 4\)'),
    ('estimate', change('data', 'labels', lambda labels: [label and 2 for label in labels]), 'have the weight 0'),
    ('estimate', change('data', 'labels', THREE), 'the labels are not the numbers of the classes'),
    *(('estimate', change('data', 'labels', first), 'labels = .*expected') for first in (BELOW, HALF, NOTHING, TEXT)),
    ('estimate', change('data', 'labels', lambda labels: labels[:-1]), 'points has the shape'),
    ('two classes', change('data', 'label_names', [0, 1, 2]), 'there are no points with y = 2'),
    ('two classes', change('data', 'labels', lambda labels: [2, *labels[1:]]), 'the labels are not the numbers of the classes'),
    ('two classes', both(change('data', 'label_names', [0, 1, 2]), change('data', 'labels', lambda labels: [2, *labels[1:]])),
     'label_names: there are 3 of them; expected two'),
    ('two classes', change('kind', 'MultinomialModel'), r'weights has the shape \(2,\); expected \(4,\)'),
    ('estimate', change('kind', 'LogisticModel'), 'label_names: there are 3 of them; expected two'),
    ('estimate', change('data', 'classes', 3), "data: 'classes' is none of"),
    ('estimate', change('options', 'bias_reduced', True), 'l2 and bias_reduced=True are two penalties'),
    # numbers of the rows
    ('estimate', change('data', 'offset', lambda rows: [row[:2] for row in rows]), r'offset has the shape \(20, 2\); expected \(20, 3\)'),
    ('estimate', change('data', 'offset', lambda rows: [row[0] for row in rows]), 'offset has one number a row'),
    ('estimate', change('data', 'offset', lambda rows: [rows[0][:2], *rows[1:]]), 'offset: the rows are not of one length|offset = '),
    ('estimate', change('data', 'offset', lambda rows: [[None, 1, 1], *rows[1:]]), 'offset = .*expected numbers'),
    ('estimate', change('data', 'exact_offset', 'columns', [[0, [99], ['1/3']]]), 'exact: columns has the number 99'),
    ('estimate', change('data', 'exact_offset', 'kinds', lambda kinds: kinds[:1]), 'exact: kinds = .*; expected one of each column'),
    ('estimate', change('data', 'weights', lambda weights: weights[:-1]), 'weights has 19 entries|weights'),
    ('estimate', change('data', 'points', lambda rows: [[1.0, 2.0], *rows[1:]]), 'points: the rows are not of one length|points = '),
    # counts
    ('counts', change('data', 'successes', lambda rows: [row[:2] for row in rows]), r'successes has the shape \(9, 2\); expected \(9, 3\)'),
    ('counts', change('data', 'successes', lambda rows: [row[0] for row in rows]), r'successes\[0\] = .*; expected 3 real numbers'),
    ('counts', change('data', 'successes', lambda rows: [[-1.0, *rows[0][1:]], *rows[1:]]),
     r'successes\[0\] = -1.0; expected a real number'),
    ('counts', change('data', 'successes', None), 'successes is missing; expected both'),
    ('counts', change('data', 'trials', None), 'trials is missing; expected both'),
    ('counts', change('data', 'trials', lambda trials: [99.0, *trials[1:]]), 'the counts of the classes are not in all the trials'),
]


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    path, texts = tmp_path_factory.mktemp('models') / 'model.json', {}
    for name, make in WRITTEN.items():
        make().save(path)
        texts[name] = path.read_text()
    return texts


@pytest.mark.parametrize('name, forge, said', BROKEN)
def test_forged_classes(name, forge, said, written, tmp_path):
    test_forged(forge, said, written[name], tmp_path)


@pytest.mark.parametrize('name', WRITTEN)
def test_truncated_and_changed(name, written, tmp_path):
    text, path = written[name], tmp_path / 'model.json'
    for length in range(0, len(text.rstrip()), 97):
        path.write_text(text[:length])
        with pytest.raises(ValueError, match='model.json is (damaged|not a saved model)'):
            load_model(path)
    for place in range(1000, len(text), 211):
        if text[place].isdigit():
            path.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1:])
            with pytest.raises(ValueError, match='model.json is damaged'):
                load_model(path)


@pytest.mark.parametrize('size', [1e-6, 1, 1e9])
def test_estimates_far_from_zero_are_symmetric(size, tmp_path):
    points = numpy.random.RandomState(3).normal(size=(60, 3)) * [size, 1, 1 / size] + [0, 1e7, 3]
    model = maximum_likelihood((points, numpy.arange(60) % 3))
    model.save(tmp_path / 'model.json')
    assert load_model(tmp_path / 'model.json') == model
