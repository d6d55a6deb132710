r"""
Checkpoints and files of descents on more than two classes: the same call goes on, and what was saved is resumed, to the same bits.
"""
import numpy
import pytest

from sage_logreg import digits, gradient_descent, load_data, load_model, penguins, stochastic_gradient_descent
from sage_logreg.dataset.images import Images
from sage_logreg.model import storage

from helpers import bits, interrupted_at

DATA, BATCHES = digits(), dict(batch_size=40, momentum=0.5, shuffle='epoch')
OFFSET = numpy.random.RandomState(0).normal(size=(333, 3))
PENGUINS = dict(label='species', variables='bill_length_mm, sex, body_mass_g', missing='drop')


def a_frame():
    pandas = pytest.importorskip('pandas')
    table = pandas.DataFrame({'u': numpy.arange(40) % 7, 'v': numpy.arange(40) % 3, 's': [f'kind {row % 4}' for row in range(40)],
                              'y': [('p', 'q', 'r')[row % 5 % 3] for row in range(40)]}).astype({'u': float})
    table.loc[[3, 17], 'u'] = numpy.nan
    return table


# what is given, and which options the descent has beside it
SOURCES = {
    'images': (lambda: DATA.take(slice(200)), {}),
    'images with weights': (lambda: load_data(DATA.take(slice(150)), weights=numpy.arange(150) % 4), {'l2': 1}),
    'images with offsets': (lambda: load_data(DATA.take(slice(150)), offset=numpy.arange(1500).reshape(150, 10) / 1500), {}),
    'images without intercept': (lambda: load_data(DATA.take(slice(150)), intercept=False), {'scale': True}),
    'offsets': (lambda: load_data(penguins(**PENGUINS), offset=OFFSET), {'scale': True}),
    'weights': (lambda: load_data(penguins(**PENGUINS), weights=numpy.arange(333) % 5 / 2), {'scale': True, 'l2': 1}),
    'factors': (lambda: load_data(a_frame(), label='y', missing='drop'), {'l2': 0.5}),
    'formula': (lambda: load_data(a_frame(), formula='y ~ u*s + log(v + 1)', missing='drop'), {}),
    'features': (lambda: load_data(a_frame(), label='y', variables='u, v', features=['u*v', 'u^2'], missing='drop'), {}),
    'counts': (lambda: load_data((numpy.arange(20) % 7, numpy.arange(60).reshape(20, 3) % 5)), {}),
    'float32': (lambda: load_data((numpy.arange(60.0).reshape(30, 2) % 7, numpy.arange(30) % 4), dtype='float32'), {}),
}
DESCENTS = {'gradient descent': (gradient_descent, {'iterations': 12}), 'single samples': (stochastic_gradient_descent, {'epochs': 4}),
            'batches': (stochastic_gradient_descent, {'epochs': 6, **BATCHES})}


@pytest.mark.parametrize('descent', DESCENTS)
@pytest.mark.parametrize('source', SOURCES)
def test_the_same_call_goes_on(source, descent, tmp_path, request):
    if source in ('formula', 'features'):
        request.getfixturevalue('sage')
    make, more = SOURCES[source]
    train, options = DESCENTS[descent]
    options, path = {'learning_rate': 1e-3, 'report': None, **more, **options}, tmp_path / 'run.json'
    whole = train(make(), **options)
    with interrupted_at(2, 3):
        for _ in range(2):
            with pytest.warns(RuntimeWarning, match='interrupted after'):
                half = train(make(), checkpoint=path, **options)
    loaded = load_model(path)
    assert loaded == half and bits(loaded) == bits(half) and type(loaded.data) is type(whole.data) and loaded.data == whole.data
    if isinstance(whole.data, Images):
        assert loaded.data.design.pixels.dtype == numpy.uint8
    # from the file, and by the same call
    assert bits(loaded.resume()) == bits(whole) and bits(half.resume()) == bits(whole)
    assert bits(train(make(), checkpoint=path, **options)) == bits(whole) and load_model(path) == whole
    assert bits(load_model(path).resume(3)) == bits(whole.resume(3))


@pytest.mark.parametrize('source', ['offsets', 'weights', 'images with offsets', 'counts'])
def test_a_checkpoint_of_other_data_is_left_alone(source, tmp_path):
    make, path = SOURCES[source][0], tmp_path / 'run.json'
    stochastic_gradient_descent(make(), 1e-3, 1, checkpoint=path)
    before, other = path.read_bytes(), make()
    name = 'offset' if 'offsets' in source else 'weights'
    numbers = numpy.array(getattr(other, name))
    numbers.flat[-1] += 0.5
    setattr(other, name, numbers)
    with pytest.raises(ValueError, match='holds a model of other data'):
        stochastic_gradient_descent(other, 1e-3, 1, checkpoint=path)
    assert path.read_bytes() == before


# Early stopping

def noted(model):
    return model.validation_errors(), model.best_epoch(), model.iterations(), bits(model)


@pytest.mark.parametrize('patience, data', [(37, 'images'), (120, 'images'), (None, 'images'), (40, 'offsets'), (25, 'counts')])
def test_split_anywhere_within_its_patience(patience, data, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, 'SECONDS', 0)
    monkeypatch.setattr(storage, 'TIMES', 0)
    make, path = SOURCES[data][0], tmp_path / 'run.json'
    rows = make()
    options = dict(learning_rate=1e-3, epochs=14, batch_size=20, momentum=0.3, shuffle='epoch', drop_last=True, report=None,
                   validation=rows.take(slice(40)), patience=patience)
    whole = stochastic_gradient_descent(rows, **options)
    assert whole._descent.stopped == ('patience' if patience else None) or patience == 120
    last = whole._descent.state.position
    # in the middle of an epoch, at its end, and at every step near the end of the patience
    for position in sorted({1, last // 2, last - 2, last - 1}.intersection(range(1, last))):
        path.unlink(missing_ok=True)
        with interrupted_at(position), pytest.warns(RuntimeWarning, match=f'interrupted after update {position} '):
            half = stochastic_gradient_descent(make(), checkpoint=path, **options)
        assert half._descent.state.position == position
        assert noted(load_model(path).resume()) == noted(half.resume()) == noted(whole)
        assert noted(stochastic_gradient_descent(make(), checkpoint=path, **options)) == noted(whole)
