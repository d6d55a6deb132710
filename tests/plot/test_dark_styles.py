"""Pictures in matplotlib's dark styles: light axes, texts and lines, also in sums, arrays and films."""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from sage_logreg import digits, ex2data1, gradient_descent, load_data, maximum_likelihood, penguins

from helpers import exam_model

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')


def birds():
    return maximum_likelihood(penguins(label='species', variables='bill_length_mm, body_mass_g', missing='drop'), l2=1)


PICTURES = {
    'data': lambda: ex2data1().plot(), 'model': lambda: exam_model().plot(), 'probability': lambda: exam_model().plot_probability(plot_points=30),
    'sum': lambda: exam_model().plot() + sage.line([(30, 30), (60, 60)]), 'sum from the left': lambda: sage.line([(30, 30), (60, 60)]) + exam_model().plot(),
    'sum of a list': lambda: sum([ex2data1().plot(), exam_model().plot()]), 'regions': lambda: birds().plot(),
    'history': lambda: gradient_descent(ex2data1(), iterations=100).plot_history(labels='a'), 'roc': lambda: exam_model().roc(),
    'calibration': lambda: exam_model().plot_calibration(),
    'cost': lambda: gradient_descent(ex2data1(), iterations=100).plot_cost_surface([0, 1]),
    'confusion': lambda: exam_model().plot_confusion_matrix(), 'images': lambda: digits().plot_images(4),
    'many': lambda: load_data((numpy.random.RandomState(0).normal(size=(12000, 2)), numpy.arange(12000) % 2)).plot(),
    'frame of a film': lambda: gradient_descent(ex2data1(), iterations=100).animate(frames=2)._frames[1]}


def brightness(color):
    return sum(to_rgb(color)) / 3


@pytest.mark.parametrize('style, dark', [('dark_background', True), ('default', False), ('ggplot', False)])
@pytest.mark.parametrize('name', PICTURES)
def test_axes_texts_and_lines_can_be_read(name, style, dark):
    with matplotlib.style.context(style):
        picture = PICTURES[name]()
        figure = picture.matplotlib(**picture._extra_kwds)
        FigureCanvasAgg(figure).draw()
        axes = figure.axes[0]
        ground = brightness(matplotlib.rcParams['axes.facecolor'])
        seen = [label.get_color() for label in (axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels(), *axes.get_yticklabels())]
        seen += [line.get_color() for line in axes.lines if 'sum' not in name] + [text.get_color() for text in axes.texts if name == 'images']
        assert all(abs(brightness(color) - ground) > 0.25 for color in seen)
        legend = axes.get_legend()
        if legend is not None:
            back = brightness(legend.get_frame().get_facecolor()[:3])
            assert all(abs(brightness(text.get_color()) - back) > 0.5 for text in legend.get_texts())
            assert (back < 0.5) == dark


def test_arrays_of_pictures():
    with matplotlib.style.context('dark_background'):
        figure = sage.graphics_array([exam_model().plot(), exam_model().roc()]).matplotlib()
        FigureCanvasAgg(figure).draw()
        assert {to_rgb(axes.xaxis.label.get_color()) for axes in figure.axes} == {(1, 1, 1)}


def test_a_users_colours_stay():
    with matplotlib.style.context('dark_background'):
        picture = exam_model().plot(color='green', point_options={'color': {0: 'teal'}})
        assert [part.options()['rgbcolor'] for part in picture][::2] == ['teal', 'green']
    # and nothing is changed elsewhere
    assert type(exam_model().plot()) is sage.Graphics and exam_model().plot()[2].options()['rgbcolor'] == 'black'
