r"""
What a picture tells beside its points: the line of 1/2, the band of a curve, that there is no boundary; and on dark pages.
"""
import io

import numpy
import pytest

sage = pytest.importorskip('sage.all')

from matplotlib.backends.backend_agg import FigureCanvasAgg

from sage_logreg import LogisticModel, ex2data1, gradient_descent, load_data, maximum_likelihood, penguins
from sage_logreg import stochastic_gradient_descent

from helpers import drawn, drawn_model, exam_model, kinds, legend_texts, microchips, sigmoid

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2 = sage.SR.var('x1, x2')


@pytest.mark.parametrize('weights, features, log_odds', [
    ([-1, 1, 2], None, lambda u, v: -1 + u + 2 * v), ([-1, 1, 1], [x1**2, x2**2], lambda u, v: u**2 + v**2 - 1)])
def test_the_line_of_one_half(weights, features, log_odds):
    picture = drawn_model(features, weights).plot_probability()
    lines = [part for part in picture if type(part).__name__ == 'Line']
    assert lines and abs(log_odds(*numpy.concatenate(list(map(drawn, lines))).T)).max() < 0.01
    assert legend_texts(picture) == ['y = 0', 'y = 1', 'P = 1/2']
    # there is none where the probability is nowhere 1/2
    assert kinds(drawn_model(None, [50, 1, 1]).plot_probability(plot_points=20))[3:] == []


def test_the_bar_of_colours_has_a_name():
    model = maximum_likelihood(penguins(label='species', variables='bill_length_mm, body_mass_g', missing='drop'), l2=1)
    for picture, name in ((exam_model().plot_probability(), 'P(y = 1)'), (model.plot_probability('Gentoo'), 'P(species = Gentoo)')):
        figure = picture.matplotlib(**picture._extra_kwds)
        assert figure.axes[1].get_ylabel() == name


def test_the_band_of_a_curve():
    data = load_data((ex2data1().points[:, :1], ex2data1().labels))
    model = maximum_likelihood(data)
    picture = model.plot()
    (band,) = [part for part in picture if type(part).__name__ == 'Polygon']
    x, y = numpy.array(band.xdata, dtype=float), numpy.array(band.ydata, dtype=float)
    # Wald's interval of the log-odds, by NumPy
    X, w = numpy.column_stack([numpy.ones(100), data.points]), numpy.array(model.weights())
    p = sigmoid(X @ w)
    covariance = numpy.linalg.inv(X.T @ (X * (p * (1 - p))[:, None]))
    rows = numpy.column_stack([numpy.ones(len(x)), x])
    errors = 1.959963984540054 * numpy.sqrt(numpy.einsum('ij,jk,ik->i', rows, covariance, rows))
    signs = numpy.where(numpy.arange(len(x)) < len(x) // 2, -1, 1)
    numpy.testing.assert_allclose(y, sigmoid(rows @ w + signs * errors), rtol=1e-6)
    assert legend_texts(picture)[-1] == '95% confidence'
    # there are no standard errors of what is no estimate
    for other in (gradient_descent(data, iterations=10), maximum_likelihood(data, l2=1), LogisticModel(data, w)):
        assert 'Polygon' not in kinds(other.plot())


@pytest.mark.parametrize('bias, text', [(0, '1/2'), (2, '0.8808')])
def test_no_boundary_is_said(bias, text):
    model = exam_model([bias, 0, 0])
    assert model.plot()._extra_kwds['title'] == f'no boundary: P(y = 1) = {text} everywhere'
    assert model.plot(title='T')._extra_kwds['title'] == 'T'
    of_features = drawn_model([x1**2, x1*x2], [bias, 0, 0])
    assert of_features.plot()._extra_kwds['title'] == f'no boundary: P(y = 1) = {text} everywhere'
    assert 'title' not in exam_model().plot()._extra_kwds


def test_a_roc_curve_has_one_pair_of_axes():
    picture = maximum_likelihood(ex2data1()).roc()
    figure = picture.matplotlib(**picture._extra_kwds)
    # Sage's own axes within a frame are spines that are moved to the origin
    assert picture._extra_kwds['axes'] is False and not figure.axes[0].texts
    assert len(figure.axes[0].lines) == 2


def test_pictures_are_readable_on_a_dark_page(tmp_path):
    # dark texts on a white ground of their own, not on a transparent one
    image = pytest.importorskip('PIL.Image')
    data = ex2data1()
    model = maximum_likelihood(data)
    for number, picture in enumerate([data.plot(), model.plot(), model.plot_probability(plot_points=20),
                                      model.plot3d(plot_points=9), model.roc(),
                                      model.plot_history(), model.plot_cost_surface(), microchips().plot(), model.plot_confusion_matrix()]):
        picture.save(str(tmp_path / f'{number}.png'))
        page = image.new('RGBA', image.open(tmp_path / f'{number}.png').size, '#111111')
        page.alpha_composite(image.open(tmp_path / f'{number}.png').convert('RGBA'))
        assert page.getpixel((1, 1)) == (255, 255, 255, 255)


def test_a_sheet_of_pictures_is_drawn_whole():
    figure = sage.graphics_array([exam_model().plot(), maximum_likelihood(ex2data1()).roc()]).matplotlib(figsize=[9, 4])
    FigureCanvasAgg(figure).print_png(io.BytesIO())
    assert len(figure.axes) == 2


def words(picture):
    # all that is written in a picture but numbers
    figure = picture.matplotlib(**picture._extra_kwds)
    FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    texts = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel(), *(bar.get_ylabel() for bar in figure.axes[1:])]
    return texts + [text.get_text() for text in (axes.get_legend().get_texts() if axes.get_legend() else [])]


def no_english(picture):
    return [text for text in words(picture) if any(map(str.isascii, filter(str.isalpha, text)))] == []


@pytest.mark.filterwarnings('ignore::UserWarning')
def test_all_words_can_be_given_in_another_language():
    scores, one_score = ex2data1(), load_data((ex2data1().points[:, :1], ex2data1().labels), variables=['国語'])
    data = load_data((scores.points, scores.labels), variables=['国語', '算数'])
    for table in (data, one_score):
        table.label_name, table.label_names = '結果', ('不合格', '合格')
    model, slow, one = maximum_likelihood(data), gradient_descent(data, iterations=50), maximum_likelihood(one_score)
    epochs = stochastic_gradient_descent(data, epochs=3, seed=0)
    pictures = [
        data.plot(legend_label={'合格': '赤', '不合格': '青'}),
        model.plot(legend_label='境界', point_options={'legend_label': {'合格': '赤', '不合格': '青'}}),
        model.plot(legend_label='境界', title='題', axes_labels=['横', '縦'], point_options={'legend_label': {'合格': '赤', '不合格': '青'}}),
        one.plot(legend_label=['確率', '境界', '信頼区間'], axes_labels=['横', '縦'], point_options={'legend_label': {'合格': '赤', '不合格': '青'}}),
        slow.plot_history(epochs, labels=['甲', '乙'], axes_labels=['回数', '費用']),
        slow.plot_cost_surface(labels=['道', '始', '終'], title='題', axes_labels=['横', '縦']),
        model.roc(legend_label='面積', axes_labels=['偽', '真']), model.plot_confusion_matrix(axes_labels=['予測', '正解'])]
    assert all(map(no_english, pictures)), list(map(words, pictures))
    frames = slow.animate(frames=2, title=lambda step, cost: f'{step}回、費用{cost:.3f}')._frames
    assert words(frames[0])[0] == '0回、費用0.693'
    assert slow.animate(frames=2, title='題')._frames[0]._extra_kwds['title'] == '題'
    assert slow.animate(frames=2)._frames[0]._extra_kwds['title'] == 'iteration 0, cost 0.6931'


@pytest.mark.parametrize('call, message', [
    (lambda: exam_model().plot('x1', legend_label=['a', 'b']), r"legend_label = \['a', 'b'\]; expected a text, or three: for the curve"),
    (lambda: gradient_descent(ex2data1(), iterations=5).plot_cost_surface(labels='path'), "labels = 'path'; expected three texts"),
    (lambda: gradient_descent(ex2data1(), iterations=5).plot_cost_surface(labels=['a']), r"labels = \['a'\]; expected three texts")])
def test_texts_that_are_too_few(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize('weights, text', [([0, 0, 0], '1/2'), ([1, 0, 0], '0.7311'), ([0, 1, 0], None)])
def test_a_probability_without_contours_says_what_it_is(weights, text):
    picture = exam_model(weights).plot_probability(plot_points=9)
    assert picture._extra_kwds.get('title') == (text and f'P(y = 1) = {text} everywhere')
    assert exam_model(weights).plot_probability(plot_points=9, title='T')._extra_kwds['title'] == 'T'


def test_long_names_of_weights_are_within_the_picture():
    birds = penguins(label='species', variables='bill_length_mm, bill_depth_mm', missing='drop')
    picture = gradient_descent(birds, iterations=20, scale=True).plot_cost_surface()
    figure = picture.matplotlib(**{**picture._extra_kwds, 'figsize': [5.5, 4.2]})
    FigureCanvasAgg(figure).draw()
    box = figure.axes[0].yaxis.label.get_window_extent()
    assert box.y0 >= 0 and box.y1 <= figure.bbox.y1
    assert figure.axes[0].get_ylabel().replace('\n', ' ').replace('_ ', '_') == 'weight of bill_depth_mm (Adelie)'
