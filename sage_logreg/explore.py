r"""
Pages with sliders: a training as its options change, and its path downhill step by step

They need a notebook, or anything else that shows ipywidgets; at the Sage prompt a line says so.

EXAMPLES::

    sage: from sage_logreg import ex2data1, explore
    sage: explore(ex2data1())
    the sliders of this page need a notebook; here, a model's plot and plot_history draw the same
"""
import contextlib
import functools
import gc
import io
import warnings

import numpy

from sage_logreg.dataset.images import Images
from sage_logreg.dataset.load import load_data
from sage_logreg.model.logistic import LogisticModel
from sage_logreg.model.multinomial import MultinomialModel
from sage_logreg.solvers.problem import LogisticProblem
from sage_logreg.solvers.softmax_problem import SoftmaxProblem
from sage_logreg.support.arguments import listed
from sage_logreg.support.interrupt import is_interrupt
from sage_logreg.training import gradient_descent, maximum_likelihood, stochastic_gradient_descent

METHODS = ('gradient descent', 'stochastic gradient descent', "Newton's method")
# how many products of a data entry with a weight one movement of a slider may cost; of more than two classes one costs several
MOST_PRODUCTS, SEVERAL = 10**8, 5
# with so many steps a page begins, so that one sees the cost fall
FIRST = 2000
# classes whose confusion matrix a page has room for
MOST_CLASSES = 10


def explore(data, variables=None, fixed=None, features=None, intercept=None):
    r"""
    Show a page with sliders for the options of a training, and its points, boundary, cost and formula.

    Of more than two classes it has their regions and the confusion matrix; of images, the weights as images. It begins near
    the minimum, if there is one: in standardised variables, pixels as they are, at a learning rate that is sure to go down.
    What Newton's method does not use cannot be moved with it.

    INPUT:

    - ``data`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes; of data in chunks a sample of 10,000 points
    - ``variables``, ``fixed`` -- as for :meth:`~sage_logreg.model.logistic.LogisticModel.plot`
    - ``features``, ``intercept`` -- as for :func:`~sage_logreg.dataset.load.load_data`

    OUTPUT: none; the page trains again whenever a slider moves

    EXAMPLES::

        sage: from sage_logreg import ex2data2, explore, polynomial_features
        sage: x1, x2 = var('x1, x2')
        sage: explore(ex2data2(), features=polynomial_features(x1, x2, degree=6))
        the sliders of this page need a notebook; here, a model's plot and plot_history draw the same

    Of three classes one slider moves the starting weights of the last one, beside which the others are zero::

        sage: from sage_logreg import penguins
        sage: explore(penguins(label='species', variables='bill_length_mm, bill_depth_mm'))
        the sliders of this page need a notebook; here, a model's plot and plot_history draw the same

    TESTS::

        sage: explore([[1, 2, 3, 0], [4, 5, 6, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the data have 3 variables (x1, x2, x3); say which two to draw, as variables=[x1, x2]
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    data = _in_memory(load_data(data, features=features, intercept=intercept))
    draw, sliders = _drawing(data, variables, fixed), _sliders(data)
    _begin_near_the_minimum(data, sliders)
    _disable_what_is_ignored(sliders)
    _with_sliders(lambda **choices: _page(data, draw, **choices), sliders, 'plot and plot_history')


def explore_descent(data, weights=None, features=None, intercept=None):
    r"""
    Show a page with a slider that goes along the path of a training, and the cost over two weights from where it is now.

    The other weights are those of that moment, as the title says, so that the colour where the training is now is its cost.

    INPUT:

    - ``data`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes
    - ``weights`` -- as for :meth:`~sage_logreg.model.trained.Trained.plot_cost_surface`
    - ``features``, ``intercept`` -- as for :func:`~sage_logreg.dataset.load.load_data`

    OUTPUT: none

    EXAMPLES::

        sage: from sage_logreg import ex2data1, explore_descent
        sage: explore_descent(ex2data1(), weights=[0, 1])
        the sliders of this page need a notebook; here, a model's plot and plot_cost_surface draw the same

    TESTS::

        sage: explore_descent(ex2data1(), weights=[0, 9])
        Traceback (most recent call last):
        ...
        ValueError: weights[1] = 9; expected a whole number from 0 to 2
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    from ipywidgets import IntSlider
    from sage_logreg.plot.path import two_weights
    data = _in_memory(load_data(data, features=features, intercept=intercept))
    # only its number of weights matters
    kind, vectors = (LogisticModel, 1) if data.classes == 2 else (MultinomialModel, data.classes)
    pair = two_weights(kind(data, numpy.zeros(vectors * data.design.count)), weights)
    sliders = _sliders(data)
    sliders['method'].options = METHODS[:2]
    sliders = {name: sliders[name] for name in ('method', 'learning_rate', 'iterations', 'standardise', 'l2')}
    sliders['progress'] = IntSlider(value=100, min=0, max=100, description='% of path', continuous_update=False)

    # kept while only the position on the path changes
    @functools.lru_cache(maxsize=1)
    def trained(**choices):
        model, warned = train(data, start=None, **choices)
        return model, warned, model._plane(pair)

    _with_sliders(lambda **choices: _descent_page(trained, pair, **choices), sliders, 'plot and plot_cost_surface')


def _in_memory(data):
    # A page trains again and again, of data in chunks on some of the rows.
    if not data.is_chunked:
        return data
    some = data.sample()
    if len(some) < len(data):
        print(f'this page is of {len(some):,} of {len(data):,} points')
    return some


# The sliders

def _with_sliders(page, sliders, without):
    # Show the page; where there is no kernel, as at the Sage prompt, it would be the widgets' names and options as text.
    from IPython import get_ipython
    from sage.repl.ipython_kernel.interact import interact
    if hasattr(get_ipython(), 'kernel'):
        interact(page, **sliders)
    else:
        print(f"the sliders of this page need a notebook; here, a model's {without} draw the same")


def _sliders(data):
    # The widgets of a page, by the names of the options.
    from ipywidgets import Checkbox, Dropdown, FloatSlider, SelectionSlider

    def chosen_from(values, value, description):
        return SelectionSlider(options=[(f'{number:g}', number) for number in values], value=value,
                               description=description, continuous_update=False)

    points = data.design.points
    vectors = 1 if data.classes == 2 else SEVERAL * data.classes
    most = max(100, MOST_PRODUCTS // (vectors * (points.size + len(points))))
    steps = [0] + [digit * 10**power for power in range(6) for digit in (1, 2, 3, 5) if digit * 10**power <= most]
    sliders = {
        'method': Dropdown(options=METHODS, description='method'),
        'learning_rate': chosen_from([digit * 10.0**power for power in range(-6, 2) for digit in (1, 2, 5)], 0.001, 'rate'),
        'iterations': chosen_from(steps, max(step for step in steps if step <= 20000), 'iterations'),
        'standardise': Checkbox(value=False, description='standardise'),
        # with features, a model without a penalty overfits
        'l2': chosen_from([0, 0.001, 0.01, 0.1, 1, 10, 100], 0 if data.features is None else 1, 'penalty l2')}
    for name, bound in _starts(data).items():
        sliders[name] = FloatSlider(value=0, min=-bound, max=bound, step=bound / 20, description=name,
                                    readout_format='.3g', continuous_update=False)
    if data.classes == 2:
        sliders['threshold'] = FloatSlider(value=0.5, min=0.01, max=0.99, step=0.01, description='threshold',
                                           continuous_update=False)
    return sliders


def _begin_near_the_minimum(data, sliders):
    # pixels have one scale, and as bytes they take little room
    sliders['standardise'].value = not isinstance(data, Images)
    sliders['iterations'].value = min(FIRST, sliders['iterations'].value)
    kind = LogisticProblem if data.classes == 2 else SoftmaxProblem
    problem = kind(data, sliders['standardise'].value, sliders['l2'].value)
    rates = [rate for _, rate in sliders['learning_rate'].options]
    sliders['learning_rate'].value = max((rate for rate in rates if rate <= problem.sure_rate()), default=rates[0])


def _disable_what_is_ignored(sliders):
    def disable(change):
        for name, slider in sliders.items():
            if name in ('learning_rate', 'standardise') or name.startswith('start'):
                slider.disabled = change.new == METHODS[2]

    sliders['method'].observe(disable, 'value')


def _newton_products(data):
    # Products for all second derivatives, which a step needs where no penalty bounds them.
    return len(data) * (data.design.count * (1 if data.classes == 2 else data.classes))**2


def _starts(data):
    # The starting weights that have sliders, and their bounds: one slider each, or one for all if there are many.
    names = data.design.variables
    if len(names) > 3 or data.classes > 2:
        return {'start': 5.0}
    deviations = data.design.points.std(axis=0, dtype=numpy.float64)
    slopes = {f'start w{j}': 5 / deviation if deviation else 5.0 for j, deviation in enumerate(deviations, 1)}
    return {**({'start w0': 5.0 * len(names)} if data.intercept else {}), **slopes}


def _start(data, values):
    # The starting weights of these sliders; of more than two classes those of the last one, as only differences matter.
    weights = [values.get(f'start w{j}', values.get('start')) for j in range(1 - data.intercept, data.design.width + 1)]
    return weights if data.classes == 2 else [[0.0] * len(weights)] * (data.classes - 1) + [weights]


def train(data, method, learning_rate, iterations, standardise, l2, start):
    r"""
    Return the model trained with these options, and the text of its warnings.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``method`` -- one of ``METHODS``
    - ``learning_rate`` -- float
    - ``iterations`` -- steps; for stochastic gradient descent samples, rounded up to whole epochs
    - ``standardise`` -- boolean
    - ``l2`` -- float
    - ``start`` -- the starting weights, ``None`` for zeros; Newton's method has a start of its own

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.explore import train
        sage: train(ex2data1(), 'gradient descent', 0.001, 20000, False, 0, [0, 0, 0])
        (Logistic model in x1, x2 by gradient_descent: 20000 iterations, cost 0.547295, largest gradient entry 0.0588, '')
        sage: train(ex2data1(), 'gradient descent', 0.1, 200, False, 0, [0, 0, 0])[1]
        'gradient_descent: the cost rose from 0.693147 to ..., which is too large; try learning_rate=0.00042 or scale=True'
        sage: train(ex2data1(), "Newton's method", 1, 3, False, 0, [0, 0, 0])[0].iterations()
        3
    """
    options = {'learning_rate': learning_rate, 'initial': start, 'scale': standardise, 'l2': l2, 'progress': False}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        if method == METHODS[0]:
            model = gradient_descent(data, iterations=iterations, **options)
        elif method == METHODS[1]:
            model = stochastic_gradient_descent(data, epochs=-(-iterations // len(data)), **options)
        else:
            model = maximum_likelihood(data, l2=l2, callback=lambda step, cost, weights: step >= iterations)
    return model, ' '.join(str(warning.message) for warning in caught)


# The page

def _drawing(data, variables, fixed):
    # A function that draws a model, with its boundary at a threshold.
    from sage_logreg.plot.boundary import draw_boundary
    from sage_logreg.plot.options import with_limits
    from sage_logreg.plot.plane import Plane
    from sage_logreg.plot.points import draw_points
    if isinstance(data, Images) and variables is None:
        return lambda model, threshold: model.plot_weights()
    # what is wrong with the variables is said before there is a page
    plane = Plane(data, variables, fixed)

    def draw(model, threshold):
        return with_limits(draw_points(plane, {}) + draw_boundary(model, plane, threshold), {}, plane.frame)

    return draw if data.classes == 2 else lambda model, threshold: model.plot(variables, fixed)


@contextlib.contextmanager
def _no_collection():
    # A picture has so many objects that about every fifth would start a garbage collection over all of Sage's objects,
    # which takes longer than the drawing.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _interrupts_shown():
    # The page would show nothing at all; a training hands over what it has reached, and its warning is shown.
    try:
        yield
    except (KeyboardInterrupt, SystemError) as error:
        if not is_interrupt(error):
            raise
        print(str(error) or 'interrupted before the picture was drawn; move a slider to draw it')


@_interrupts_shown()
@_no_collection()
def _page(data, draw, method, learning_rate, iterations, standardise, l2, threshold=0.5, **start):
    if method == METHODS[2] and not l2 and _newton_products(data) > MOST_PRODUCTS:
        print("Newton's method would take long here without a penalty; move penalty l2")
        return
    try:
        model, warned = train(data, method, learning_rate, iterations, standardise, l2, _start(data, start))
    except ValueError as error:
        # there is no estimate
        print(error)
        return
    _show([draw(model, threshold), model.plot_history()], model, warned, threshold)


@_interrupts_shown()
@_no_collection()
def _descent_page(trained, pair, progress, **choices):
    from sage_logreg.plot.path import PATH, draw_contours, draw_path, recorded
    model, warned, plane = trained(**choices)
    records = recorded(model)
    count = 1 + round(progress / 100 * (len(records) - 1))
    iteration, weights = records[count - 1]
    print(f'{model.unit()} {iteration}')
    there = model.with_weights(weights if model.data.classes == 2 else weights.reshape(model.data.classes, -1))
    pictures = [draw_contours(model, pair, {}, through=weights, plane=plane) + draw_path(model, pair, count, (*PATH[:2], 'now'))]
    if isinstance(model.data, Images):
        pictures.append(there.plot_weights())
    elif len(model.data.variables) <= 2:
        pictures.append(there.plot())
    _show(pictures, there, warned)


def _show(pictures, model, warned, threshold=0.5):
    # Drawn once: Sage's own show draws everything twice, to cut the margins.
    from IPython.display import Image, Math, display
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from sage.misc.latex import latex
    from sage.plot.multigraphics import GraphicsArray
    from sage_logreg.plot.legend import is_outside
    figure = GraphicsArray([pictures]).matplotlib(figsize=[5.5 * len(pictures), 4.2])
    # they would take as long as the curves
    for axes in figure.axes:
        axes.minorticks_off()
    # finding the margins automatically would take as long as the drawing
    figure.subplots_adjust(left=0.08, right=0.97, bottom=0.15, top=0.93, wspace=0.25)
    canvas = FigureCanvasAgg(figure)
    if any(is_outside(axes.get_legend(), canvas.get_renderer()) for axes in figure.axes):
        figure.tight_layout()
    file = io.BytesIO()
    canvas.print_png(file)
    display(Image(data=file.getvalue()))
    display(Math(latex(model)))
    data = model.data
    accuracy = model.accuracy(threshold=threshold) if data.classes == 2 else model.accuracy()
    print(f'cost {float(model.cost()):.6g}, accuracy {float(accuracy):.4g}')
    if 2 < data.classes <= MOST_CLASSES:
        print(f'labels (rows) and predictions, {listed(map(str, data.label_names))}:\n{model.confusion_matrix()}')
    if warned:
        print(warned)
