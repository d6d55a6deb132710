r"""
Pictures of histories, and films.
"""
import os
import warnings

import numpy
import pytest

sage = pytest.importorskip('sage.all')

from matplotlib.backends.backend_agg import FigureCanvasAgg

from sage_logreg import ex2data1, ex2data2, gradient_descent, maximum_likelihood, polynomial_features
from sage_logreg import stochastic_gradient_descent

from helpers import GREEN, RED, axes_labels, count_pixels, drawn, kinds, legend_texts

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2, x3 = sage.SR.var('x1, x2, x3')
MICROCHIPS = polynomial_features(x1, x2, degree=6)


# Histories

@pytest.mark.lanes
def test_several_histories():
    data = ex2data1()
    models = [gradient_descent(data, iterations=1000), gradient_descent(data, learning_rate=1, iterations=500, scale=True),
              stochastic_gradient_descent(data, epochs=100), maximum_likelihood(data)]
    picture = models[0].plot_history(*models[1:], thickness=2)
    assert kinds(picture) == ['Line'] * 4
    assert len({line.options()['rgbcolor'] for line in picture}) == 4
    assert legend_texts(picture) == ['gradient_descent, learning_rate=0.001, iterations=1000',
                                     'gradient_descent, learning_rate=1, scale=True, iterations=500',
                                     'stochastic_gradient_descent, learning_rate=0.0005', 'maximum_likelihood']
    assert axes_labels(picture) == ['epoch or iteration', 'cost']
    for line, model in zip(picture, models):
        assert line.options()['thickness'] == 2
        end, cost = model.iterations(), model.cost()
        if model.unit() == 'epoch':
            # before the last batch
            iteration, _, weights = model.history()[-1]
            end, cost = iteration + 1, model._evaluate(weights=numpy.array(weights))[0]
        assert (line.xdata[-1], float(line.ydata[-1])) == (end, pytest.approx(float(cost), rel=1e-12))
    named = models[0].plot_history(models[1], labels=['slow', 'fast'])
    assert legend_texts(named) == ['slow', 'fast']
    logarithmic = models[0].plot_history(models[1], scale='semilogx')
    assert min(min(line.xdata) for line in logarithmic) > 0
    logarithmic.matplotlib(**logarithmic._extra_kwds)
    assert legend_texts(models[2].plot_history(labels='SGD')) == ['SGD']


def test_a_short_training_is_seen_beside_a_long_one():
    models = [gradient_descent(ex2data1(), iterations=count) for count in (2000, 100, 99, 0)]
    cases = [((0, 1), {}, None), ((0, 2), {}, 'semilogx'), ((2, 0), {}, 'semilogx'), ((0,), {}, None), ((0, 3), {}, None),
             ((0, 2), {'scale': 'linear'}, 'linear'), ((0, 2), {'xmin': 0}, None), ((0, 1), {'scale': 'loglog'}, 'loglog')]
    for numbers, options, scale in cases:
        picture = models[numbers[0]].plot_history(*[models[number] for number in numbers[1:]], **options)
        assert picture._extra_kwds.get('scale') == scale
        assert picture[0].xdata[0] == (scale in ('semilogx', 'loglog'))
        FigureCanvasAgg(picture.matplotlib(**picture._extra_kwds)).draw()


@pytest.mark.filterwarnings('ignore:gradient_descent:RuntimeWarning')
def test_a_descent_that_has_gone_too_far_is_drawn_as_far_as_it_is_finite():
    model = gradient_descent(ex2data2(features=MICROCHIPS), learning_rate=1, iterations=1000, scale=True, l2=1)
    assert not numpy.isfinite(float(model.cost()))
    picture = model.plot_history()
    FigureCanvasAgg(picture.matplotlib(**picture._extra_kwds)).draw()
    assert 3 < len(picture[0].ydata) and numpy.isfinite(picture[0].ydata).all()
    # it leaves the picture, in which others can be seen
    assert max(picture[0].ydata) > picture._extra_kwds['ymax'] > 1e5


@pytest.mark.filterwarnings('ignore:stochastic_gradient_descent:RuntimeWarning')
def test_labels_of_a_history_tell_the_trainings_apart():
    def labels(*options):
        models = [stochastic_gradient_descent(ex2data1(), **{'epochs': 2, **option}) for option in options]
        texts = legend_texts(models[0].plot_history(*models[1:]))
        start = 'stochastic_gradient_descent, learning_rate=0.0005'
        assert all(text.startswith(start) for text in texts)
        return [text[len(start):] for text in texts]

    assert labels({'batch_size': 5}, {}) == [', batch_size=5', ', batch_size=1']
    assert labels({'shuffle': None}, {'shuffle': 'epoch', 'seed': 3}) == [', shuffle=None, seed=0', ', shuffle=epoch, seed=3']
    assert labels({'tol': 1e-9}, {}) == [', tol=1e-09', ', tol=0']
    assert labels({'epochs': 3}, {}) == [', epochs=3', ', epochs=2']
    # in the user's units
    assert labels({'initial': [1, 0, 0.3], 'scale': True}, {}) == [', scale=True, initial=(1, 0, 0.3)', ', initial=(0, 0, 0)']
    assert labels({'initial': [1, 0, 0.3], 'scale': True}, {'initial': [1, 0, 0.3]}) == [', scale=True', '']
    assert labels({}, {'momentum': 0.5}, {}) == [' (1)', ', momentum=0.5', ' (2)']


@pytest.mark.parametrize('batch_size', [1, 40, 100])
def test_no_jump_at_the_end_of_a_stochastic_history(batch_size):
    model = stochastic_gradient_descent(ex2data1(), epochs=200, batch_size=batch_size)
    line = model.plot_history()[0]
    records = [record.iteration for record in model.history()]
    # an epoch of one batch is an iteration, whose records are in step with the end
    assert list(line.xdata) == (records + [200] if batch_size == 100 else [record + 1 for record in records])
    steps = numpy.diff(numpy.array(line.ydata[-10:], dtype=float)) / numpy.diff(numpy.array(line.xdata[-10:], dtype=float))
    assert (steps < 0).all() and steps.min() > 2 * steps.max()


def test_history_of_features():
    model = gradient_descent(ex2data2(features=MICROCHIPS), learning_rate=1, iterations=300, l2=1)
    line = model.plot_history()[0]
    points, y = model.data.points, model.data.labels
    columns = numpy.column_stack([points[:, 0]**(i - j) * points[:, 1]**j for i in range(1, 7) for j in range(i + 1)])
    for cost, record in zip(line.ydata, model.history()):
        w = numpy.array(record.weights)
        z = w[0] + columns @ w[1:]
        expected = numpy.logaddexp(0, numpy.where(y == 1, -z, z)).mean() + w[1:] @ w[1:] / 2 / 118
        assert float(cost) == pytest.approx(expected, rel=1e-10)


# Films

@pytest.fixture(scope='module')
def trained():
    return gradient_descent(ex2data2(features=polynomial_features(x1, x2)), learning_rate=1, iterations=300, l2=1)


def test_film_of_the_boundary(trained):
    film = trained.animate(frames=6)
    records = [(int(record.iteration), record.weights) for record in trained.history()] + [(300, trained.weights())]
    frames = list(film._frames)
    titles = [picture._extra_kwds['title'] for picture in frames]
    shown = [next(record for record in records if f'iteration {record[0]},' in title) for title in titles]
    assert len(film) == len(frames) == 6
    # evenly spaced among the records, the first and the last with them
    places = [records.index(record) for record in shown]
    assert places[0] == 0 and places[-1] == len(records) - 1
    assert max(numpy.diff(places)) - min(numpy.diff(places)) <= 1
    for (iteration, weights), title, picture in zip(shown, titles, frames):
        model = trained.with_weights(weights)
        assert title == f'iteration {iteration}, cost {float(model.cost()):.4f}'
        own = model.plot()
        # beside the frame the legend has the same entries in all frames, by a line of no length
        assert kinds(picture)[:len(own)] == kinds(own)
        assert all(numpy.ptp(drawn(part), axis=0).tolist() == [0, 0] for part in list(picture)[len(own):])
        for one, two in zip(picture, own):
            assert drawn(one).tolist() == drawn(two).tolist()


def test_frames_of_a_film_are_alike(trained, tmp_path):
    image = pytest.importorskip('PIL.Image')
    film = trained.animate(frames=4, figsize=[4, 3], color='green', thickness=3, threshold=0.6, point_options={'size': 9})
    folder = film.png(str(tmp_path))
    images = [numpy.asarray(image.open(os.path.join(folder, name)).convert('RGB')).astype(int) for name in sorted(os.listdir(folder))]
    assert len(images) == 4 and len({picture.shape for picture in images}) == 1
    # no boundary yet at zero weights, one at the end; the points stay
    width = images[0].shape[1]
    # the legend beside the frame is the same in all of them
    assert count_pixels(images[0][:, :int(0.6 * width)], GREEN) == 0 and count_pixels(images[-1][:, :int(0.6 * width)], GREEN) > 100
    red = abs(images[0] - RED).max(axis=2) < 30
    kept = (abs(images[-1] - RED).max(axis=2) < 30)[red].mean()
    assert red.sum() > 50 and kept > 0.8


@pytest.mark.lanes
def test_animated_png(trained, tmp_path):
    path = tmp_path / 'film.png'
    trained.animate(frames=3, figsize=2).save(str(path))
    content = path.read_bytes()
    assert content.startswith(b'\x89PNG') and content.count(b'acTL') == 1 and content.count(b'fcTL') == 3


def test_film_shows_itself_without_programs(trained, monkeypatch):
    from sage.plot.animate import Animation
    from sage.repl.rich_output import get_display_manager
    manager, film = get_display_manager(), trained.animate(frames=2, figsize=2)
    types = manager.types

    class Manager:
        def __init__(self, *supported):
            self.types, self.supported = types, frozenset(supported)

        def supported_output(self):
            return self.supported

    def without(self, display_manager, **options):
        raise OSError('Error: Neither ImageMagick nor ffmpeg appear to be installed.')

    with monkeypatch.context() as patched:
        patched.setattr(Animation, '_rich_repr_', lambda self, display_manager, **options: ('gif', options))
        assert film._rich_repr_(Manager(), delay=3) == ('gif', {'delay': 3})
        patched.setattr(Animation, '_rich_repr_', without)
        # also where something else is called convert
        shown = film._rich_repr_(Manager(types.OutputImageGif, types.OutputImagePng), delay=50)
        assert isinstance(shown, types.OutputImagePng)
        content = shown.png.get()
        assert b'acTL' in content and content.count(b'fcTL') == 2
        for supported, options in [((types.OutputImageGif,), {}), ((types.OutputImagePng,), {'format': 'mp4'})]:
            with pytest.raises(OSError, match='Neither ImageMagick'):
                film._rich_repr_(Manager(*supported), **options)


def test_films_of_every_training():
    data = ex2data1()
    for model, unit in ((stochastic_gradient_descent(data, epochs=30), 'epoch'), (maximum_likelihood(data), 'iteration')):
        film = model.animate(frames=sage.Integer(3))
        titles = [picture._extra_kwds['title'] for picture in film._frames]
        assert len(titles) == 3 and titles[0].startswith(f'{unit} 0, cost')
        assert titles[-1] == f'{unit} {model.iterations()}, cost {float(model.cost()):.4f}'
    points = numpy.random.RandomState(0).normal(size=(40, 3))
    model = gradient_descent((points, (points[:, 0] > points[:, 1] / 2 + numpy.sin(5 * points[:, 2])).astype(int)), iterations=50)
    film = model.animate(['x1', 'x3'], {'x2': 1}, frames=2)
    assert film._frames[1]._extra_kwds['title'].endswith(', at x2 = 1')


@pytest.mark.parametrize('rate, scale', [(0.001, None), (1, 'semilogy'), (100, 'semilogy')])
def test_costs_that_have_risen_far_have_a_logarithmic_axis(rate, scale):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        model = gradient_descent(ex2data1(), learning_rate=rate, iterations=100)
    assert model.plot_history()._extra_kwds.get('scale') == scale
    assert model.plot_history(scale='linear')._extra_kwds['scale'] == 'linear'
    assert 'scale' not in model.plot_history(ymax=2)._extra_kwds
    low = model.plot_history().matplotlib(**model.plot_history()._extra_kwds).axes[0].get_ylim()[0]
    assert low > 0 or scale is None


@pytest.mark.parametrize('initial', [[0, 0, 0], [1, 0.5, -0.25]])
def test_the_path_of_epochs_begins_at_the_start(initial):
    model = stochastic_gradient_descent(ex2data1(), epochs=20, seed=1, initial=initial)
    path, start = [part for part in model.plot_cost_surface() if type(part).__name__ in ('Line', 'Point')][:2]
    assert [start.xdata[0], start.ydata[0]] == [path.xdata[0], path.ydata[0]] == pytest.approx(initial[1:])
    assert len(path.xdata) == len(model._history) + 2
