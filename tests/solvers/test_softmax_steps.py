r"""
Steps of more than two classes: compiled, in parts, of images and by the graph, each the same.
"""
import numpy
import pytest

from sage_logreg import load_data
from sage_logreg.cost import pixels, softmax
from sage_logreg.cost.cached import has_numba
from sage_logreg.dataset.images import Images
from sage_logreg.solvers import softmax_likelihood, softmax_steps
from sage_logreg.training import gradient_descent, maximum_likelihood, stochastic_gradient_descent

from helpers import close, weights_of


def without_numba(monkeypatch):
    for module in (pixels, softmax, softmax_steps, softmax_likelihood):
        monkeypatch.setattr(module, 'has_numba', lambda: False)


def images(seed, m=300, n=12, classes=3, filled=0.1):
    random = numpy.random.RandomState(seed)
    labels = random.randint(0, classes, m)
    points = random.randint(0, 256, (m, n)) * (random.uniform(size=(m, n)) < filled)
    points[numpy.arange(m), labels] += 80
    return Images(points.clip(0, 255).astype('uint8'), labels.astype(float), (3, 4), list(range(classes)), 1 / 256)


def table(seed):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(300, 4))
    return load_data((points, (points[:, :3] + random.gumbel(size=(300, 3))).argmax(axis=1)),
                     weights=random.randint(1, 4, 300), offset=random.normal(size=(300, 3)) if seed % 2 else None)


@pytest.mark.skipif(not has_numba(), reason='nothing else is compared without numba')
@pytest.mark.parametrize('data', [images(1), images(2, filled=0.9), table(2)])
@pytest.mark.parametrize('train, options', [
    (gradient_descent, dict(iterations=30)), (gradient_descent, dict(iterations=30, l2=3)),
    *((stochastic_gradient_descent, dict(epochs=4, batch_size=size, shuffle=shuffle, momentum=0.4, l2=1))
      for size in (1, 7, 130) for shuffle in (None, 'once', 'epoch'))])
def test_without_numba(monkeypatch, data, train, options):
    rate = 0.01 if options.get('batch_size') == 1 else 0.2
    compiled = weights_of(train(data, learning_rate=rate, **options))
    without_numba(monkeypatch)
    close(weights_of(train(data, learning_rate=rate, **options)), compiled, 1e-12, 1e-13)


@pytest.mark.skipif(not has_numba(), reason='nothing else is compared without numba')
@pytest.mark.parametrize('data', [images(3), table(4), table(6)])
def test_the_estimate_without_numba(monkeypatch, data):
    compiled = weights_of(maximum_likelihood(data, l2=1))
    without_numba(monkeypatch)
    close(weights_of(maximum_likelihood(data, l2=1)), compiled, 1e-9, 1e-10)


@pytest.mark.parametrize('size', [1, 130, 299])
@pytest.mark.parametrize('shuffle', [None, 'epoch'])
def test_a_split_training_of_images_has_the_same_bits(size, shuffle):
    options = dict(learning_rate=0.05, batch_size=size, momentum=0.3, shuffle=shuffle, seed=3)
    whole = stochastic_gradient_descent(images(5), epochs=5, **options)
    assert weights_of(stochastic_gradient_descent(images(5), epochs=2, **options).resume(3)).tobytes() == weights_of(whole).tobytes()


@pytest.mark.skipif(not has_numba(), reason='a checkpoint of compiled steps')
def test_checkpoints_from_either_path(tmp_path, monkeypatch):
    path = tmp_path / 'checkpoint.json'
    options = dict(learning_rate=0.05, batch_size=130, shuffle='once', seed=3)
    expected = weights_of(stochastic_gradient_descent(table(6), epochs=6, **options))
    stochastic_gradient_descent(table(6), epochs=3, checkpoint=str(path), **options)
    without_numba(monkeypatch)
    close(weights_of(stochastic_gradient_descent(table(6), epochs=6, checkpoint=str(path), **options)), expected, 1e-12, 1e-13)
