"""Pictures of a cross-validation: the folds, their mean, and the choice of a penalty."""
import pytest

pytest.importorskip('sage.all')

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from sage_logreg import cross_validate, ex2data1

from helpers import axes_labels, close, legend_texts

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
PENALTIES = [0, 10, 100, 1000]


@pytest.fixture(scope='module')
def compared():
    return cross_validate(ex2data1(), folds=4, l2=PENALTIES)


@pytest.mark.parametrize('score', ['log loss', 'Brier score', 'AUC', 'accuracy'])
def test_folds_means_and_bars(compared, score):
    picture = compared.plot(score)
    assert axes_labels(picture) == ['l2', score]
    points, *lines = picture
    scores = list(map(float, compared.scores()[score]))
    close(points.ydata, scores, 1e-15)
    means = next(line for line in lines if line.options().get('marker'))
    close(means.ydata, list(map(float, compared[score])), 1e-15)
    # zero stands as far to the left of the others as they are apart
    close(means.xdata, [0, 1, 2, 3], 1e-15)
    bars = [line for line in lines if len(line.xdata) == 2 and line.xdata[0] == line.xdata[1] and not line.options().get('legend_label')]
    errors = list(map(float, compared[f'std. error of {score}']))
    close([(bar.ydata[1] - bar.ydata[0]) / 2 for bar in bars], errors, 1e-12)
    best, simplest = compared.best_l2(score), compared.one_standard_error_l2(score)
    texts = ' '.join(legend_texts(picture))
    assert f'{float(best):g}' in texts and f'{float(simplest):g}' in texts


def test_a_single_model():
    found = cross_validate(ex2data1(), folds=4)
    band, mean, points = found.plot('Brier score', color='green')
    assert points.options()['rgbcolor'] == 'green'
    close(points.ydata, list(map(float, found.scores()['Brier score'])), 1e-15)
    close(mean.ydata, [float(found['mean'][1])] * 2, 1e-15)
    close(max(band.ydata) - min(band.ydata), 2 * float(found['standard error'][1]), 1e-12)


@pytest.mark.parametrize('style, ground', [('dark_background', 0), ('default', 1)])
def test_lines_are_seen_in_any_style(compared, style, ground):
    with matplotlib.style.context(style):
        picture = compared.plot()
        figure = picture.matplotlib(**picture._extra_kwds)
        FigureCanvasAgg(figure).draw()
        axes = figure.axes[0]
        assert all(abs(sum(to_rgb(line.get_color())) / 3 - ground) > 0.25 for line in axes.lines)
        assert [label.get_text() for label in axes.get_xticklabels()] == ['0', '10', '100', '1000']
