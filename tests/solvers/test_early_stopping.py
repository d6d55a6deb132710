r"""
Other data during a stochastic descent: the rule of patience, what is kept, and the published training of the Theano tutorial.
"""
import numpy
import pytest

from sage_logreg import (digits, ex2data1, gradient_descent, load_data, load_model, maximum_likelihood, minimize_cost, mnist,
                         stochastic_gradient_descent)
from sage_logreg.model import storage

from helpers import bits, close, random_data, weights_of

DATA = digits()
TRAIN, OTHER = DATA.take(slice(1000)), DATA.take(slice(1000, 1400))
OPTIONS = dict(learning_rate=0.001, batch_size=50, shuffle='epoch', seed=3, momentum=0.5, drop_last=True, validation=OTHER, patience=60)


def noted(model):
    return bits(model), model.validation_errors(), model.best_epoch(), model._descent.validation.patience


def plain(points, labels, other, classes, rate, epochs, size, momentum, order, patience):
    r"""
    The rule written anew: the weights after the best epoch, the errors by epoch, and the epoch in which patience ended.
    """
    X, V = (numpy.column_stack([numpy.ones(len(p)), p]) for p in (points, other[0]))
    weights = velocity = numpy.zeros((classes, X.shape[1]))
    chosen, best, update, errors = weights, numpy.inf, 0, []
    for epoch in range(1, epochs + 1):
        rows = order(epoch - 1)
        for batch in range(len(X) // size):
            x, y = X[rows[batch * size:(batch + 1) * size]], labels[rows[batch * size:(batch + 1) * size]].astype(int)
            z = x @ weights.T
            p = numpy.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            velocity = momentum * velocity - rate / size * (p - numpy.eye(classes)[y]).T @ x
            weights = weights + velocity
            if batch == len(X) // size - 1:
                kept = len(V) // size * size
                errors.append(((V[:kept] @ weights.T).argmax(axis=1) != other[1][:kept]).mean())
                if errors[-1] < best:
                    patience = max(patience, 2 * update) if errors[-1] < 0.995 * best else patience
                    best, chosen = errors[-1], weights
            if patience <= update:
                return chosen, errors, epoch
            update += 1
    return chosen, errors, epochs


@pytest.mark.parametrize('shuffle, momentum, patience', [(None, 0, 40), ('epoch', 0.5, 60), ('once', 0.9, 25)])
def test_the_rule(shuffle, momentum, patience):
    def order(epoch):
        key = {'once': 3, 'epoch': [3, epoch]}.get(shuffle)
        return numpy.arange(1000) if shuffle is None else numpy.random.RandomState(key).permutation(1000)

    model = stochastic_gradient_descent(TRAIN, **{**OPTIONS, 'shuffle': shuffle, 'momentum': momentum, 'patience': patience}, epochs=60)
    weights, errors, epochs = plain(TRAIN.points, TRAIN.labels, (OTHER.points, OTHER.labels), 10, 0.001, 60, 50, momentum, order, patience)
    close(model.validation_errors(), errors, 1e-12)
    assert model.iterations() == epochs < 60 and model.best_epoch() == errors.index(min(errors)) + 1
    close(weights_of(model), weights, 1e-8, 1e-10)


def test_split_anywhere_it_has_the_same_bits(tmp_path):
    whole, path = stochastic_gradient_descent(TRAIN, epochs=100, **OPTIONS), tmp_path / 'model.json'
    assert whole._descent.stopped == 'patience'
    for epochs in (1, 3, int(whole.iterations()) - 1):
        half = stochastic_gradient_descent(TRAIN, epochs=epochs, **OPTIONS)
        half.save(path)
        loaded = load_model(path)
        assert loaded == half and noted(loaded) == noted(half)
        assert noted(loaded.resume(100 - epochs))[1:] == noted(whole)[1:]
        assert weights_of(loaded.resume(100 - epochs)).tobytes() == weights_of(whole).tobytes()
    whole.save(path)
    assert noted(load_model(path)) == noted(whole)
    with pytest.raises(ValueError, match='as its patience was over'):
        load_model(path).resume(3)


class Killed(Exception):
    pass


@pytest.mark.parametrize('last', [1, 4])
def test_killed_and_begun_again(tmp_path, monkeypatch, last):
    monkeypatch.setattr(storage, 'SECONDS', 0)
    monkeypatch.setattr(storage, 'TIMES', 0)
    path, options = tmp_path / 'model.json', dict(epochs=100, report=1, **OPTIONS)

    def callback(epoch, cost, weights):
        assert weights.shape == (10, 65)
        if epoch == last:
            raise Killed

    whole = stochastic_gradient_descent(TRAIN, **options)
    with pytest.raises(Killed):
        stochastic_gradient_descent(TRAIN, **options, checkpoint=path, callback=callback)
    again = stochastic_gradient_descent(TRAIN, **options, checkpoint=path)
    assert noted(again) == noted(whole)
    # it has ended
    assert noted(stochastic_gradient_descent(TRAIN, **options, checkpoint=path)) == noted(whole)
    for changed, said in [({'validation': OTHER.take(slice(200))}, 'other validation data'), ({'patience': 61}, 'patience=60, not 61'),
                          ({'drop_last': False}, 'drop_last=True, not False')]:
        with pytest.raises(ValueError, match=said):
            stochastic_gradient_descent(TRAIN, **{**options, **changed}, checkpoint=path)


def test_two_classes(capsys):
    points, labels = random_data(5, 90, 3)
    data, other = load_data((points[:60], labels[:60])), (points[60:], labels[60:])
    model = stochastic_gradient_descent(data, 0.05, 6, 7, validation=other, report=2)
    errors = [1 - stochastic_gradient_descent(data, 0.05, epochs, 7).accuracy(other) for epochs in range(1, 7)]
    close(model.validation_errors(), errors, 1e-12)
    assert capsys.readouterr().out == ''.join(f'epoch {epoch}, validation error {100 * errors[epoch - 1]:.6f} %\n' for epoch in (2, 4, 6))
    # without patience the weights are the last
    assert weights_of(model).tobytes() == weights_of(stochastic_gradient_descent(data, 0.05, 6, 7)).tobytes()


def test_weights_of_the_other_rows():
    counts = numpy.arange(400) % 3
    one = stochastic_gradient_descent(TRAIN, 0.001, 2, 50, validation=load_data(OTHER, weights=counts))
    other = stochastic_gradient_descent(TRAIN, 0.001, 2, 50, validation=OTHER.take(numpy.repeat(numpy.arange(400), counts)))
    close(one.validation_errors(), other.validation_errors(), 1e-12)


def test_what_is_refused():
    data = ex2data1()
    for train in (gradient_descent, maximum_likelihood):
        with pytest.raises(TypeError, match=f'{train.__name__} takes no validation, which is an option of stochastic_gradient_descent'):
            train(data, validation=data)
    with pytest.raises(TypeError, match='minimize_cost takes no validation: nothing is predicted'):
        minimize_cost('(w0 + w1*x1 - y)^2', data, 'w0, w1', 'stochastic_gradient_descent', validation=data)
    with pytest.raises(ValueError, match='patience = 3 without validation'):
        stochastic_gradient_descent(data, patience=3)
    with pytest.raises(ValueError, match=r'validation: the data have 1 column; expected 2 \(x1, x2\)'):
        stochastic_gradient_descent(data, validation=[[1, 0], [2, 1]])
    with pytest.raises(ValueError, match='validation: the rows, row 2: the label is 7; the model expects 0 or 1'):
        stochastic_gradient_descent(data, validation=([[1, 2], [3, 4]], [0, 7]))
    with pytest.raises(ValueError, match='validation: there are no points; expected some, with drop_last=True at least a batch'):
        stochastic_gradient_descent(data, batch_size=50, drop_last=True, validation=data.take(slice(49)))
    with pytest.raises(ValueError, match='the training had no other data'):
        maximum_likelihood(data).best_epoch()


def test_the_last_incomplete_batch():
    points, labels = random_data(6, 50, 2)
    one = stochastic_gradient_descent((points, labels), 0.1, 9, 8, shuffle=None, drop_last=True)
    other = stochastic_gradient_descent((points[:48], labels[:48]), 0.1, 9, 8, shuffle=None)
    close(weights_of(one), weights_of(other), 1e-13)
    # a batch is never larger than the data
    whole = stochastic_gradient_descent((points, labels), 0.1, 9, 600, shuffle=None, drop_last=True)
    close(weights_of(whole), weights_of(gradient_descent((points, labels), 0.1, 9)), 1e-12)


def test_the_tutorial():
    r"""
    The figures published in the Deep Learning Tutorials, chapter on logistic regression: 74 epochs, 7.500000 %, 7.489583 %.
    """
    try:
        images, test = mnist()
    except FileNotFoundError:
        pytest.skip('the files of MNIST are in the clone only')
    model = stochastic_gradient_descent(images.take(slice(50000)), 0.13, 1000, 600, shuffle=None, drop_last=True,
                                        validation=images.take(slice(50000, None)), patience=5000)
    assert model.iterations() == 74 and f'{100 * float(min(model.validation_errors())):.6f}' == '7.500000'
    assert f'{100 * (1 - float(model.accuracy(test.take(slice(9600))))):.6f}' == '7.489583'
