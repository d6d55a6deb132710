r"""
Pages with sliders: a training as its options change, and its path downhill step by step

They need a notebook, or anything else that shows ipywidgets.

EXAMPLES::

    sage: from sage_logreg import ex2data1, explore
    sage: explore(ex2data1())
    ...Interactive function <function ...> with 9 widgets...
"""
import contextlib
import functools
import gc
import io
import warnings

import numpy

from sage_logreg.dataset.load import load_data
from sage_logreg.model.logistic import LogisticModel
from sage_logreg.support.interrupt import is_interrupt
from sage_logreg.training import gradient_descent, maximum_likelihood, stochastic_gradient_descent

METHODS = ('gradient descent', 'stochastic gradient descent', "Newton's method")
# how many products of a data entry with a weight one movement of a slider may cost
MOST_PRODUCTS = 10**8


def explore(data, variables=None, fixed=None, features=None, intercept=None):
    r"""
    Show a page with sliders for the options of a training, and its points, boundary, cost and formula.

    INPUT:

    - ``data`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes
    - ``variables``, ``fixed`` -- as for :meth:`~sage_logreg.model.logistic.LogisticModel.plot`
    - ``features``, ``intercept`` -- as for :func:`~sage_logreg.dataset.load.load_data`

    OUTPUT: none; the page trains again whenever a slider moves

    EXAMPLES::

        sage: from sage_logreg import ex2data2, explore, polynomial_features
        sage: x1, x2 = var('x1, x2')
        sage: explore(ex2data2(), features=polynomial_features(x1, x2, degree=6))
        ...Interactive function <function ...> with ... widgets...

    TESTS::

        sage: explore([[1, 2, 3, 0], [4, 5, 6, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the data have 3 variables (x1, x2, x3); say which two to draw, as variables=[x1, x2]
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    from sage.repl.ipython_kernel.interact import interact
    from sage_logreg.plot.plane import Plane
    data = load_data(data, features=features, intercept=intercept)
    plane = Plane(data, variables, fixed)
    interact(lambda **choices: _page(data, plane, **choices), **_sliders(data))


def explore_descent(data, weights=None, features=None, intercept=None):
    r"""
    Show a page with a slider that goes along the path of a training on its cost surface.

    INPUT:

    - ``data`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes
    - ``weights`` -- as for :meth:`~sage_logreg.model.trained.Trained.plot_cost_surface`
    - ``features``, ``intercept`` -- as for :func:`~sage_logreg.dataset.load.load_data`

    OUTPUT: none

    EXAMPLES::

        sage: from sage_logreg import ex2data1, explore_descent
        sage: explore_descent(ex2data1(), weights=[0, 1])
        ...Interactive function <function ...> with 6 widgets...

    TESTS::

        sage: explore_descent(ex2data1(), weights=[0, 9])
        Traceback (most recent call last):
        ...
        ValueError: weights[1] = 9; expected a whole number from 0 to 2
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    from ipywidgets import IntSlider
    from sage.repl.ipython_kernel.interact import interact
    from sage_logreg.plot.history import two_weights
    data = load_data(data, features=features, intercept=intercept)
    # only its number of weights matters
    pair = two_weights(LogisticModel(data, numpy.zeros(data.design.count)), weights)
    sliders = _sliders(data)
    sliders['method'].options = METHODS[:2]
    sliders = {name: sliders[name] for name in ('method', 'learning_rate', 'iterations', 'standardise', 'l2')}
    sliders['progress'] = IntSlider(value=100, min=0, max=100, description='% of path', continuous_update=False)

    # kept while only the position on the path changes
    @functools.lru_cache(maxsize=1)
    def trained(**choices):
        from sage_logreg.plot.history import draw_contours
        model, warned = train(data, start=numpy.zeros(data.design.count), **choices)
        return model, warned, draw_contours(model, pair, {})

    interact(lambda **choices: _descent_page(trained, pair, **choices), **sliders)


# The sliders

def _sliders(data):
    # The widgets of a page, by the names of the options.
    from ipywidgets import Checkbox, Dropdown, FloatSlider, SelectionSlider

    def chosen_from(values, value, description):
        return SelectionSlider(options=[(f'{number:g}', number) for number in values], value=value,
                               description=description, continuous_update=False)

    points = data.design.points
    most = max(100, MOST_PRODUCTS // (points.size + len(points)))
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
    sliders['threshold'] = FloatSlider(value=0.5, min=0.01, max=0.99, step=0.01, description='threshold',
                                       continuous_update=False)
    return sliders


def _starts(data):
    # The starting weights that have sliders, and their bounds: one slider each, or one for all if there are many.
    names = data.design.variables
    if len(names) > 3:
        return {'start': 5.0}
    deviations = data.design.points.std(axis=0, dtype=numpy.float64)
    slopes = {f'start w{j}': 5 / deviation if deviation else 5.0 for j, deviation in enumerate(deviations, 1)}
    return {**({'start w0': 5.0 * len(names)} if data.intercept else {}), **slopes}


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
    - ``start`` -- the starting weights; Newton's method has a start of its own

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
def _page(data, plane, method, learning_rate, iterations, standardise, l2, threshold, **start):
    from sage_logreg.plot.boundary import draw_boundary
    from sage_logreg.plot.points import draw_points
    start = [start.get(f'start w{j}', start.get('start')) for j in range(1 - data.intercept, data.design.width + 1)]
    try:
        model, warned = train(data, method, learning_rate, iterations, standardise, l2, start)
    except ValueError as error:
        # there is no estimate
        print(error)
        return
    picture = draw_points(plane, {}) + draw_boundary(model, plane, threshold)
    picture.set_axes_range(**plane.frame)
    _show([picture, model.plot_history()], model, warned, threshold)


@_interrupts_shown()
@_no_collection()
def _descent_page(trained, pair, progress, **choices):
    from sage_logreg.plot.history import draw_path, recorded
    model, warned, contours = trained(**choices)
    records = recorded(model)
    count = 1 + round(progress / 100 * (len(records) - 1))
    iteration, weights = records[count - 1]
    print(f'{model.unit()} {iteration}')
    there = model.with_weights(weights)
    pictures = [contours + draw_path(model, pair, count)]
    if len(model.data.variables) <= 2:
        pictures.append(there.plot())
    _show(pictures, there, warned)


def _show(pictures, model, warned, threshold=0.5):
    # Drawn once: Sage's own show draws everything twice, to cut the margins.
    from IPython.display import Image, Math, display
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from sage.misc.latex import latex
    from sage.plot.multigraphics import GraphicsArray
    figure = GraphicsArray([pictures]).matplotlib(figsize=[5.5 * len(pictures), 4.2])
    # finding the margins automatically would take as long as the drawing
    figure.subplots_adjust(left=0.08, right=0.97, bottom=0.15, top=0.93, wspace=0.25)
    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file)
    display(Image(data=file.getvalue()))
    display(Math(latex(model)))
    print(f'cost {float(model.cost()):.6g}, accuracy {float(model.accuracy(threshold=threshold)):.4g}')
    if warned:
        print(warned)
