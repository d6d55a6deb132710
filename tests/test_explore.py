"""The pages with sliders: what moves, and what is then seen. (The browser is in tests/browser.)"""
import gc
import re
import signal
import sys
from types import SimpleNamespace

import numpy
import pytest

pytest.importorskip('sage')
pytest.importorskip('ipywidgets')

from scipy.interpolate import RectBivariateSpline  # noqa: E402
from sage.misc.latex import latex  # noqa: E402
from sage_logreg import digits, ex2data1, ex2data2, explore, explore_descent, gradient_descent, load_data  # noqa: E402
from sage_logreg import maximum_likelihood, penguins, polynomial_features, stochastic_gradient_descent  # noqa: E402
from sage_logreg.explore import MOST_PRODUCTS  # noqa: E402
from sage_logreg.plot import path  # noqa: E402

from helpers import symbolic_ring  # noqa: E402

explorer = sys.modules['sage_logreg.explore']


# as the trainings in one line
PLAIN = {'learning_rate': 0.001, 'standardise': False}


class Page:
    """A page without a browser: its widgets, and what a movement shows."""

    def __init__(self, monkeypatch, capsys, open_page):
        import IPython.display
        import sage.repl.ipython_kernel.interact as interacts
        monkeypatch.setattr(interacts, 'interact', lambda function, **widgets: vars(self).update(function=function, widgets=widgets))
        monkeypatch.setattr(IPython, 'get_ipython', lambda: SimpleNamespace(kernel=None))
        monkeypatch.setattr(IPython.display, 'display', lambda thing: self.shown.append(thing))
        self.capsys = capsys
        open_page()

    def move(self, **values):
        self.shown = []
        for name, value in values.items():
            # a widget refuses a value that its slider does not have
            self.widgets[name].value = value
            assert self.widgets[name].value == value
        self.capsys.readouterr()
        self.function(**{name: widget.value for name, widget in self.widgets.items()})
        self.printed = self.capsys.readouterr().out
        return self

    @property
    def picture(self):
        png = self.shown[0].data
        assert png.startswith(b'\x89PNG')
        return png

    @property
    def formula(self):
        return self.shown[1].data


@pytest.fixture
def opened(monkeypatch, capsys):
    return lambda open_page: Page(monkeypatch, capsys, open_page)


@pytest.mark.lanes
def test_page_shows_the_training_of_its_sliders(opened):
    page = opened(lambda: explore(ex2data1()))
    page.move(iterations=20000, **PLAIN)
    model = gradient_descent(ex2data1(), iterations=20000)
    assert page.formula == latex(model)
    assert page.printed == f'cost {float(model.cost()):.6g}, accuracy 0.65\n'

    page.move(learning_rate=0.0005, method='stochastic gradient descent', iterations=100000)
    assert page.formula == latex(stochastic_gradient_descent(ex2data1(), learning_rate=0.0005, epochs=1000))
    page.move(method="Newton's method", iterations=20)
    assert page.formula == latex(maximum_likelihood(ex2data1()))
    page.move(method='gradient descent', learning_rate=1.0, iterations=2000, standardise=True)
    assert page.formula == latex(gradient_descent(ex2data1(), learning_rate=1, iterations=2000, scale=True))
    page.move(l2=10, **{'start w0': 1.5})
    assert page.formula == latex(gradient_descent(ex2data1(), learning_rate=1, iterations=2000, scale=True, l2=10,
                                                  initial=[1.5, 0, 0]))


@pytest.mark.parametrize('data', [
    lambda: ex2data1(), lambda: ex2data2(features=polynomial_features(*symbolic_ring().var('x1, x2'), degree=6)),
    lambda: penguins(label='species', variables=BILLS), lambda: load_data(([[1e6], [3e6], [2e6], [4e6]], [0, 0, 1, 1])),
], ids=['exams', 'chips', 'penguins', 'millions'])
def test_page_begins_near_the_minimum(opened, data):
    data = data()
    page = opened(lambda: explore(data)).move()
    cost = float(re.match('cost (.*),', page.printed)[1])
    least = float(maximum_likelihood(data, l2=page.widgets['l2'].value).cost())
    assert cost - least < 0.02 * (float(numpy.log(data.classes)) - least)
    assert 'too large' not in page.printed


def test_what_a_method_ignores_cannot_be_moved(opened):
    page = opened(lambda: explore(ex2data1()))
    for method in ("Newton's method", 'gradient descent', 'stochastic gradient descent', "Newton's method"):
        before = page.move(method=method).picture
        disabled = {name for name, widget in page.widgets.items() if widget.disabled}
        assert disabled == ({'learning_rate', 'standardise', 'start w0', 'start w1', 'start w2'} if 'Newton' in method else set())
    # and nothing else is disabled than what changes nothing
    for name in disabled:
        widget = page.widgets[name]
        page.move(**{name: not widget.value if name == 'standardise' else 0.5 if name == 'learning_rate' else widget.max})
        assert page.picture == before


def test_every_slider_changes_the_picture(opened):
    page = opened(lambda: explore(ex2data1()))
    before = page.move(iterations=5000, **PLAIN).picture
    first_start = page.widgets['start w1']
    for values in ({'iterations': 20000}, {'learning_rate': 0.0005}, {'threshold': 0.6}, {'l2': 100},
                   {'start w1': first_start.max}, {'standardise': True}, {'method': 'stochastic gradient descent'}):
        after = page.move(**values).picture
        assert after != before, values
        before = after
    # and the same choices give the same picture
    assert page.move().picture == before


def test_the_accuracy_is_that_of_the_threshold(opened):
    page = opened(lambda: explore(ex2data1()))
    model = gradient_descent(ex2data1(), iterations=20000)
    for threshold in (0.5, 0.6, 0.25, 0.99):
        page.move(iterations=20000, threshold=threshold, **PLAIN)
        predicted = model.predict(model.data.points, threshold=threshold)
        assert page.printed.endswith(f', accuracy {numpy.mean(predicted == model.data.labels):.4g}\n')


def test_warnings_and_errors_stand_on_the_page(opened):
    page = opened(lambda: explore(ex2data1()))
    page.move(learning_rate=0.5, iterations=1000, standardise=False)
    assert 'which is too large' in page.printed and page.picture
    page = opened(lambda: explore([[1, 0], [2, 0], [3, 1]]))
    page.move(method="Newton's method")
    assert 'separation' in page.printed and page.shown == [] and gc.isenabled()


def test_features_start_alike(opened, sage_variables):
    x1, x2 = sage_variables
    data = ex2data2(features=polynomial_features(x1, x2, degree=6))
    page = opened(lambda: explore(data))
    assert [name for name in page.widgets if name.startswith('start')] == ['start']
    page.move(learning_rate=1.0, iterations=100, start=0.5, standardise=False)
    assert page.formula == latex(gradient_descent(data, learning_rate=1, iterations=100, l2=1, initial=[0.5]*28))


def test_newtons_method_is_not_begun_where_a_step_takes_long(opened):
    page = opened(lambda: explore(digits()))
    page.move(method="Newton's method", l2=0)
    assert 'move penalty l2' in page.printed and page.shown == []
    page.move(l2=10)
    assert page.picture and 'accuracy' in page.printed
    page.move(method='gradient descent', l2=0, iterations=10)
    assert page.picture


def test_a_descent_whose_cost_does_not_change_is_drawn(opened):
    page = opened(lambda: explore_descent(load_data([[1, 2, 0], [1, 2, 1], [2, 3, 0], [2, 3, 1]])))
    page.move(iterations=10)
    assert page.picture


@pytest.fixture
def sage_variables():
    return symbolic_ring().var('x1, x2')


def test_large_data_get_few_iterations(opened):
    points = numpy.random.RandomState(0).standard_normal((100000, 5))
    data = load_data((points, (points[:, 0] > 0).astype(float)))
    page = opened(lambda: explore(data, variables=['x1', 'x2']))
    most = max(number for _, number in page.widgets['iterations'].options)
    assert 100 <= most and most * points.size <= MOST_PRODUCTS


def test_steps_along_the_path(opened, monkeypatch):
    calls, trainings = [], []
    contours, gradient = path.draw_contours, explorer.gradient_descent
    monkeypatch.setattr(path, 'draw_contours', lambda *arguments, **options: calls.append(contours(*arguments, **options)) or calls[-1])
    monkeypatch.setattr(explorer, 'gradient_descent', lambda *arguments, **options: trainings.append(options) or
                        gradient(*arguments, **options))
    page = opened(lambda: explore_descent(ex2data1()))
    page.move(iterations=1000, progress=0)
    assert page.printed.startswith('iteration 0\n')
    start = gradient_descent(ex2data1(), iterations=0)
    assert page.formula == latex(start)
    before = page.picture
    page.move(progress=100)
    assert page.printed.startswith('iteration 1000\n')
    end = gradient_descent(ex2data1(), iterations=1000)
    assert page.formula == latex(end)
    assert page.picture != before
    # the slice through where it is now: the colour there is its cost
    for model, drawn in zip((start, end), calls):
        now = numpy.array(model.weights())
        x, y = (numpy.linspace(*ends, 50) for ends in (drawn[0].xrange, drawn[0].yrange))
        level = RectBivariateSpline(y, x, numpy.array(drawn[0].xy_data_array, dtype=float))(now[2], now[1])[0, 0]
        assert level == pytest.approx(float(model.cost()), rel=1e-4)
        assert drawn._extra_kwds['title'] == f'cost where bias = {now[0]:.4g}'
    # it is trained again only for other options
    assert len(calls) == 2 and len(trainings) == 1
    page.move(iterations=2000)
    assert len(calls) == 3 and len(trainings) == 2


@pytest.mark.parametrize('explored', [explore, explore_descent])
def test_no_search_for_garbage_while_drawing(opened, monkeypatch, explored):
    page = opened(lambda: explored(ex2data1()))
    enabled = []
    monkeypatch.setattr('IPython.display.display', lambda thing: enabled.append(gc.isenabled()))
    page.move()
    assert set(enabled) == {False} and gc.isenabled()


@pytest.mark.parametrize('open_page, message', [
    (lambda: explore([[1, 2, 3, 0], [4, 5, 6, 1]]), 'the data have 3 variables (x1, x2, x3); say which two to draw, '
     'as variables=[x1, x2]'),
    (lambda: explore_descent(ex2data1(), weights=[0, 9]), 'weights[1] = 9; expected a whole number from 0 to 2'),
    (lambda: explore_descent(ex2data1(), weights=[1, 1]), 'weights = [1, 1]; expected the numbers of two different weights'),
    (lambda: explore(42), '42 is not data; expected a path, a matrix, rows, an array, a frame or a pair (points, labels)'),
])
def test_wrong_use(open_page, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        open_page()
    assert str(caught.value) == message


# Ctrl-C

def test_an_interrupted_training_is_shown(monkeypatch, capsys):
    explore = sys.modules['sage_logreg.explore']

    def interrupted(*arguments, train=explore.gradient_descent, **options):
        return train(*arguments, callback=lambda iteration, cost, weights: iteration == 100
                     and signal.raise_signal(signal.SIGINT), **options)

    choices = {'method': 'gradient descent', 'learning_rate': 0.001, 'iterations': 1000, 'standardise': False, 'l2': 0,
               'threshold': 0.5, 'start': 0.0}
    data = ex2data1()
    draw = explore._drawing(data, None, None)
    monkeypatch.setattr(explore, 'gradient_descent', interrupted)
    explore._page(data, draw, **choices)
    assert 'interrupted after step 100 of 1000' in capsys.readouterr().out
    monkeypatch.undo()
    monkeypatch.setattr(explore, '_show', lambda *arguments: signal.raise_signal(signal.SIGINT))
    explore._page(data, draw, **choices)
    assert capsys.readouterr().out == 'interrupted before the picture was drawn; move a slider to draw it\n'


def test_pages_without_an_intercept(opened):
    page = opened(lambda: explore(ex2data1(), intercept=False))
    assert [name for name in page.widgets if name.startswith('start')] == ['start w1', 'start w2']
    page.move(method="Newton's method", iterations=20)
    assert page.formula == latex(maximum_likelihood(ex2data1(), intercept=False))
    bound = page.widgets['start w2'].max
    page.move(method='gradient descent', iterations=20000, **{**PLAIN, 'start w2': bound})
    assert page.formula == latex(gradient_descent(ex2data1(), iterations=20000, initial=[0, bound], intercept=False))
    page = opened(lambda: explore_descent(load_data(ex2data1(), intercept=False)))
    page.move(iterations=1000)
    assert page.formula == latex(gradient_descent(ex2data1(), iterations=1000, intercept=False))


# More than two classes

BILLS = 'bill_length_mm, bill_depth_mm'


def score(model):
    """What a page prints of a model of more than two classes."""
    lines = str(model.confusion_matrix())
    return f'cost {float(model.cost()):.6g}, accuracy {float(model.accuracy()):.4g}\n', lines


@pytest.mark.lanes
def test_page_of_three_classes(opened):
    data = penguins(label='species', variables=BILLS)
    page = opened(lambda: explore(data))
    assert [name for name in page.widgets if name.startswith(('start', 'threshold'))] == ['start']
    page.move(iterations=200, **PLAIN)
    model, before = gradient_descent(data, iterations=200), page.picture
    assert page.formula == latex(model)
    first, matrix = score(model)
    assert page.printed == first + f'labels (rows) and predictions, Adelie, Chinstrap, Gentoo:\n{matrix}\n'

    page.move(learning_rate=1.0, standardise=True, l2=10, start=1.5)
    start = [[0, 0, 0], [0, 0, 0], [1.5, 1.5, 1.5]]
    assert page.formula == latex(gradient_descent(data, learning_rate=1, iterations=200, scale=True, l2=10, initial=start))
    assert page.picture != before
    page.move(method='stochastic gradient descent', iterations=1000, learning_rate=0.05)
    model = stochastic_gradient_descent(data, learning_rate=0.05, epochs=3, scale=True, l2=10, initial=start)
    assert page.formula == latex(model)
    page.move(method="Newton's method", iterations=50)
    assert page.formula == latex(maximum_likelihood(data, l2=10))


@pytest.mark.parametrize('options', [
    {'variables': 'bill_length_mm, body_mass_g', 'fixed': {'sex': 'male'}},
    {'variables': 'body_mass_g'},
    {'variables': ['bill_depth_mm', 'bill_length_mm'], 'intercept': False},
])
def test_pages_of_some_of_the_variables(opened, options):
    data = penguins(label='species')
    page = opened(lambda: explore(data, **options))
    page.move(method="Newton's method", iterations=30, l2=1)
    model = maximum_likelihood(data, l2=1, intercept=options.get('intercept'))
    assert page.formula == latex(model) and page.picture and page.printed.startswith(score(model)[0])


def test_page_of_classes_that_come_apart(opened):
    page = opened(lambda: explore([[1, 0], [2, 0], [3, 1], [4, 1], [5, 2], [6, 2]]))
    page.move(method="Newton's method")
    assert 'separation' in page.printed and page.shown == []


def test_page_of_images_shows_their_weights(opened, monkeypatch):
    from sage_logreg.model.multinomial import MultinomialModel
    drawn, plot_weights = [], MultinomialModel.plot_weights
    monkeypatch.setattr(MultinomialModel, 'plot_weights', lambda model: drawn.append(model) or plot_weights(model))
    page = opened(lambda: explore(digits()))
    page.move(iterations=10, learning_rate=0.01, standardise=False)
    assert drawn == [gradient_descent(digits(), learning_rate=0.01, iterations=10)]
    assert page.printed.count('\n[') == 10
    # two of its pixels
    page = opened(lambda: explore(digits(), variables='x20, x30'))
    page.move(iterations=10)
    assert page.picture and len(drawn) == 1


def test_many_classes_have_no_confusion_matrix(opened):
    random = numpy.random.RandomState(0)
    labels = numpy.arange(240) % 12
    data = load_data((random.normal(size=(240, 2)) + random.normal(size=(12, 2))[labels], labels))
    page = opened(lambda: explore(data))
    page.move(iterations=50, **PLAIN)
    assert page.printed == score(gradient_descent(data, iterations=50))[0]


def test_steps_along_the_path_of_three_classes(opened):
    data = penguins(label='species', variables=BILLS)
    page = opened(lambda: explore_descent(data, weights=[1, 8]))
    page.move(iterations=100, progress=0, l2=1)
    start = gradient_descent(data, iterations=0, l2=1).with_weights([[0, 0, 0]] * 3)
    assert page.printed.startswith('iteration 0\n') and page.formula == latex(start)
    before = page.picture
    page.move(progress=100)
    model = gradient_descent(data, iterations=100, l2=1)
    assert page.printed.startswith('iteration 100\n' + score(model)[0]) and page.picture != before
    with pytest.raises(ValueError, match=r'weights\[1\] = 9; expected a whole number from 0 to 8'):
        explore_descent(data, weights=[0, 9])
    # what is drawn beside the contours are the weights of images
    page = opened(lambda: explore_descent(digits(), weights=[20, 30]))
    assert page.move(iterations=10).picture


@pytest.mark.parametrize('open_page', [explore, explore_descent])
def test_without_a_notebook_a_line_says_what_to_do(capsys, open_page):
    assert open_page(ex2data1()) is None
    printed = capsys.readouterr().out
    assert printed.count('\n') == 1 and 'need a notebook' in printed
