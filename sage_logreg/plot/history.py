r"""
Pictures of a training: the cost as it falls, its path downhill, the boundary as it moves

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=300000)
    sage: model.plot_history()
    Graphics object consisting of 1 graphics primitive
    sage: print(model.animate())
    Animation with 25 frames
"""
import itertools
import math

import numpy
from sage.plot.animate import Animation
from sage.plot.contour_plot import contour_plot
from sage.plot.graphics import Graphics
from sage.plot.line import Line, line
from sage.plot.point import point

from sage_logreg.plot.boundary import draw_boundary
from sage_logreg.plot.fonts import have_fonts, in_lines
from sage_logreg.plot.legend import fixed_place, set_legend
from sage_logreg.plot.looks import name_text, plain
from sage_logreg.plot.options import checked_contours, options_explained, taken_limits, with_limits, with_rgbcolor, within
from sage_logreg.plot.plane import Plane, looked_up, with_margin
from sage_logreg.plot.points import draw_points
from sage_logreg.plot.regions import class_plane, draw_regions
from sage_logreg.plot.theme import ink, is_dark
from sage_logreg.support.arguments import entries, listed, shown, whole_number
from sage_logreg.support.progress import progress_bar

CURVES = ('blue', 'red', 'green', 'darkorange', 'purple', 'brown', 'deeppink', 'gray')
CURVES_ON_DARK = ('#6a9bff', '#ff5f4a', 'lightgreen', 'orange', 'violet', 'tan', 'hotpink', 'lightgray')
# low to high
COSTS_ON_DARK = ('#08101c', '#3d7fb8')
LEVELS = 14
# the texts of a path
PATH = ('training', 'start', 'end')
# options of a training that a legend names: always, and where they differ
NAMED = ('learning_rate', 'momentum', 'scale', 'l2')
COMPARED = ('batch_size', 'shuffle', 'seed', 'tol', 'iterations', 'epochs', 'initial')
TICKS = 5
# share of a cost that is no difference
FLAT = 1e-6
# letters in a line of a title, and of an axis' name
LONGEST, BESIDE = 60, 26
# where one training is more than so many times longer than another one, the axis of steps is logarithmic; that of the costs is
# where one has risen to more than so many times its first
LONGER = HIGHER = 20
# multiple of the first cost at which such an axis ends, and the most that is drawn at all
HIGHEST, FINITE = 1e6, 1e100


@options_explained
def plot_history(models, labels=None, **options):
    r"""
    Return the costs of the recorded weights against the iteration.

    INPUT:

    - ``models`` -- sequence of :class:`~sage_logreg.model.trained.Trained`
    - ``labels`` -- (default: how they were trained) sequence of texts for the legend, or the one text of one model
    - ``options`` -- options of Sage's ``line`` and of ``show``

    OUTPUT: a ``Graphics``. An epoch's record has the weights before its last batch; the weights after the last epoch's
    last batch are left out, as they would make a jump at the end of the curve. Where one training is more than 20 times
    longer than another one, the axis of steps is logarithmic, without step 0, and where a cost has risen to more than 20 times its
    first the axis of costs is; ``scale='linear'`` keeps them as they are

    EXAMPLES::

        sage: from sage_logreg import ex2data1, gradient_descent, stochastic_gradient_descent
        sage: from sage_logreg.plot.history import plot_history
        sage: one = stochastic_gradient_descent(ex2data1(), epochs=1000)
        sage: picture = plot_history([one])
        sage: picture[0]
        Line defined by 54 points
        sage: picture = plot_history([one, gradient_descent(ex2data1(), learning_rate=1/2000, iterations=1000)])
        sage: [curve.options()['legend_label'] for curve in picture]
        ['stochastic_gradient_descent, learning_rate=0.0005', 'gradient_descent, learning_rate=0.0005']

    Of the other options, those in which the models differ are named::

        sage: two = stochastic_gradient_descent(ex2data1(), epochs=1000, batch_size=10)
        sage: [curve.options()['legend_label'] for curve in plot_history([one, two])]
        ['stochastic_gradient_descent, learning_rate=0.0005, batch_size=1',
         'stochastic_gradient_descent, learning_rate=0.0005, batch_size=10']

    A short training is seen beside a long one::

        sage: short = gradient_descent(ex2data1(), iterations=10)
        sage: picture = plot_history([one, short])
        sage: picture._extra_kwds['scale'], picture[1].xdata[0] == 1
        ('semilogx', True)

    So is one that has not gone down, beside one that has::

        sage: import warnings
        sage: with warnings.catch_warnings():
        ....:     warnings.simplefilter('ignore')
        ....:     away = gradient_descent(ex2data1(), learning_rate=1, iterations=1000)
        sage: plot_history([one, away])._extra_kwds['scale']
        'semilogy'

    TESTS::

        sage: plot_history([one], labels=['a', 'b'])
        Traceback (most recent call last):
        ...
        ValueError: labels has 2 entries; expected one for each of the 1 models
        sage: plot_history([one, two], labels='SGD')
        Traceback (most recent call last):
        ...
        TypeError: labels = 'SGD'; expected a list of 2 texts, one for each model
        sage: one.plot_history(7)
        Traceback (most recent call last):
        ...
        TypeError: 7 is not a trained model; expected models, and options by name
    """
    for model in models:
        if not hasattr(model, 'history'):
            raise TypeError(f'{shown(model)} is not a trained model; expected models, and options by name')
    if labels is not None:
        labels = _checked_labels(labels, len(models))
    else:
        labels = _training_texts(models) if len(models) > 1 else [None]
    units = ' or '.join(sorted({model.unit() for model in models}))
    # of a descent that has gone too far the last cost may be infinite
    curves = [[point for point in _costs(model) if abs(point[1]) < FINITE] for model in models]
    if 'scale' not in options:
        options = {**_scales(curves, options), **options}
    # iteration 0 has no logarithm
    start = 1 if options.get('scale') in ('semilogx', 'loglog') else 0
    picture = Graphics()
    for curve, label, color in zip(curves, labels, itertools.cycle(CURVES_ON_DARK if is_dark() else CURVES)):
        picture += line([point for point in curve if point[0] >= start],
                        **{'axes_labels': [units, 'cost'], 'frame': True, 'axes': False, 'legend_label': label,
                           'rgbcolor': color, **with_rgbcolor(options)})
    set_legend(picture, labels)
    return picture


def _scales(curves, options):
    # Options of show with which all curves can be seen.
    curves = [curve for curve in curves if curve]
    lengths = [curve[-1][0] for curve in curves if curve[-1][0] > 0]
    longer = bool(lengths) and max(lengths) > LONGER * min(lengths) and not {'xmin', 'xmax'} & set(options)
    costs = [[cost for _, cost in curve] for curve in curves]
    risen = [max(curve) / curve[0] for curve in costs if min(curve) > 0]
    higher = 0 < len(risen) == len(costs) and max(risen) > HIGHER and not {'ymin', 'ymax'} & set(options)
    scale = {(True, False): 'semilogx', (False, True): 'semilogy', (True, True): 'loglog'}.get((longer, higher))
    return {**({'scale': scale} if scale else {}),
            **({'ymax': HIGHEST * max(curve[0] for curve in costs)} if higher and max(risen) > HIGHEST else {})}


def _checked_labels(labels, count):
    if isinstance(labels, str) and count == 1:
        return [labels]
    texts = entries(labels)
    if texts is None:
        expected = 'a text' if count == 1 else f'a list of {count} texts, one for each model'
        raise TypeError(f'labels = {shown(labels)}; expected {expected}')
    if len(texts) != count:
        raise ValueError(f'labels has {len(texts)} entries; expected one for each of the {count} models')
    return texts


def _costs(model):
    # An epoch's record is taken before its last batch, so it is drawn at the epoch's end; the final weights, a batch
    # ahead, are left out. An epoch of one batch is like an iteration.
    batches = model.unit() == 'epoch' and model.options()['batch_size'] < len(model.data)
    later = 1 if batches else 0
    points = [(iteration + later, model._evaluate(weights=weights)[0]) for iteration, _, weights in model._history]
    return points if batches and len(points) > 1 else points + [(model.iterations(), model.cost())]


def _training_texts(models):
    # What tells the trainings apart.
    trainings = [_training(model) for model in models]
    texts = []
    for model, training in zip(models, trainings):
        others = [other for one, other in zip(models, trainings) if one.method == model.method]
        told = [f'{name}={_value_text(value)}' for name, value in training.items()
                if (value if name in NAMED else any(other.get(name) != value for other in others))]
        texts.append(', '.join([model.method, *told]))
    return [f'{text} ({texts[:place].count(text) + 1})' if texts.count(text) > 1 else text
            for place, text in enumerate(texts)]


def _training(model):
    # The options of a training, where it started and its total of iterations.
    options, descent = model.options(), model._descent
    training = {name: options[name] for name in (*NAMED, *COMPARED) if name in options}
    if descent is not None:
        training[f'{model.unit()}s'] = descent.total
        # the conversion to the user's units rounds
        training['initial'] = tuple(float(f'{weight:.12g}') for weight in model._problem().to_user(descent.start))
    return training


def _value_text(value):
    if isinstance(value, tuple):
        return f'({", ".join(format(number, "g") for number in value[:3])}{", ..." if len(value) > 3 else ""})'
    return str(value) if value is None or isinstance(value, (bool, str)) else format(value, 'g')


@options_explained
def plot_cost_surface(model, weights=None, labels=None, **options):
    r"""
    Return the contours of the cost over two weights, with the path of the training.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.trained.Trained`
    - ``weights`` -- (default: the first two after a bias) the indices of two weights
    - ``labels`` -- (default: ``PATH``) three texts for the legend: the path, its start and its end
    - ``options`` -- options of Sage's ``contour_plot`` and of ``show``

    OUTPUT: a ``Graphics``: contours of the profile, for which all other weights are minimised at each place; path, its start and its end
    """
    pair, limits = two_weights(model, weights), taken_limits(options)
    labels = PATH if labels is None else _texts_of_path(labels)
    return with_limits(draw_contours(model, pair, options, limits) + draw_path(model, pair, labels=labels), limits)


def _texts_of_path(labels):
    texts = None if isinstance(labels, str) else entries(labels)
    if texts is None or len(texts) != len(PATH):
        raise ValueError(f'labels = {shown(labels)}; expected three texts: for the path, its start and its end')
    return list(map(str, texts))


def draw_contours(model, pair, options, limits=None, through=None, plane=None):
    r"""
    Return the contours of the cost over two weights, in a frame around the path of the training.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.trained.Trained`
    - ``pair`` -- the indices of two weights
    - ``options`` -- dictionary of options of Sage's ``contour_plot`` and of ``show``
    - ``limits`` -- (default: around the path) as for :func:`~sage_logreg.plot.options.within`
    - ``through`` -- (default: none, the others are minimised at each place) weights at which the others stay
    - ``plane`` -- (default: made from the model) where several are drawn, what its ``_plane`` returns
    """
    options, ranges = checked_contours(options), _ranges(model, pair, limits)
    plane = plane or model._plane(pair)
    x, y = (numpy.linspace(*limits, plane.side) for limits in ranges)
    costs = plane.profile(model._weights, x, y) if through is None else plane.slice(through, x, y)
    low, high = costs[numpy.isfinite(costs)].min(), costs[numpy.isfinite(costs)].max()
    # the levels must differ where the cost does not
    high = max(high, low + FLAT * abs(low)) or 1.0
    names = list(map(plain, model._weight_names()))
    axes_labels = [name_text(model._weight_names()[j], BESIDE) for j in pair]
    have_fonts(names)
    title = _others_text(names, pair, through, plane)
    # enough to tell one level from the next but one
    digits = max(3, math.ceil(math.log10(high / (high - low) * (LEVELS / 2)**2))) if 0 < low < high else 3
    # near the minimum the cost is flat, so the levels are closer together there
    options = {'contours': [low + (high - low) * (level / LEVELS)**2 for level in range(LEVELS + 1)], 'cmap': _colors(),
               'colorbar': True, 'colorbar_format': f'%.{digits}g', 'aspect_ratio': 'automatic', 'linewidths': 1, 'axes_pad': 0,
               'axes_labels': axes_labels, 'ticks': [_ticks(*ranges[0]), None],
               **({'title': title} if title else {}), **options, 'plot_points': plane.side}
    return contour_plot(looked_up(x, y, costs), *ranges, **options)


def _colors():
    from matplotlib.colors import LinearSegmentedColormap
    return LinearSegmentedColormap.from_list('costs', COSTS_ON_DARK) if is_dark() else 'Blues'


def _others_text(names, pair, through, plane):
    # What the picture says of the weights that are not drawn.
    others = [j for j in range(len(names)) if j not in pair]
    few = len(others) <= 3
    if not others:
        return ''
    if through is not None:
        return 'cost where ' + (listed([f'{names[j]} = {through[j]:.4g}' for j in others]) if few
                                else f'the {len(others)} other weights are as now')
    what = listed([names[j] for j in others]) if few else f'the {len(others)} other weights'
    how = [', moved along the path'] * plane.is_narrow + [', with the same sums over the classes'] * plane.keeps_sums
    return in_lines(f'lowest cost over {what}{"".join(how)}', LONGEST)


def _ticks(low, high):
    # few enough for the numbers not to overlap
    from matplotlib.ticker import MaxNLocator
    return [place for place in MaxNLocator(TICKS).tick_values(low, high).tolist() if low <= place <= high]


def draw_path(model, pair, records=None, labels=PATH):
    r"""
    Return the path of the training over two weights: a line, its start and its end.

    INPUT:

    - ``model``, ``pair`` -- as for :func:`draw_contours`
    - ``records`` -- (default: all) how many records are shown
    - ``labels`` -- as for :func:`plot_cost_surface`
    """
    path = _path(model, pair)
    # a start is beside the records, if there is one
    path = path[:None if records is None else records + len(path) - len(recorded(model))].tolist()
    picture = line(path, rgbcolor=ink(), thickness=1.5, marker='.', legend_label=labels[0], zorder=3)
    for place, color, label in ((path[0], 'white', labels[1]), (path[-1], 'red', labels[2])):
        picture += point([place], rgbcolor=color, markeredgecolor=ink(), size=60, legend_label=label, zorder=4)
    set_legend(picture, labels)
    return picture


def recorded(model):
    r"""
    Return the iterations and weights of a model's history, with its last ones.
    """
    return [(record.iteration, record.weights) for record in model._history] + [(model._iterations, model._weights)]


def _path(model, pair):
    path = [weights for _, weights in recorded(model)]
    if model._descent is not None and model.unit() == 'epoch':
        # the first record is that of an epoch's end
        path.insert(0, model._problem().to_user(model._descent.start))
    return numpy.array([numpy.ravel(weights)[pair] for weights in path])


def two_weights(model, weights):
    r"""
    Return the indices of two weights of ``model``, by default those of the first two variables.
    """
    count = len(model._weights)
    if count < 2:
        raise ValueError('the cost has one parameter only; a surface needs two')
    if weights is None:
        return [1, 2] if count > 2 and model._has_bias else [0, 1]
    chosen = entries(weights)
    if chosen is None or len(chosen) != 2 or chosen[0] == chosen[1]:
        raise ValueError(f'weights = {shown(weights)}; expected the numbers of two different weights')
    return [whole_number(f'weights[{place}]', value, maximum=count - 1) for place, value in enumerate(chosen)]


def _ranges(model, pair, limits):
    # room around the path, so that one sees where else it could have gone
    return within([with_margin(values, 0.3, max(1.0, abs(values[0]))) for values in _path(model, pair).T], limits or {})


class Film(Animation):
    r"""
    An animation that can be shown without ImageMagick and ffmpeg as well, as an animated PNG.

    EXAMPLES::

        sage: from sage_logreg.plot.history import Film
        sage: film = Film([point((k, k)) for k in range(3)], xmin=0, xmax=3, ymin=0, ymax=3)
        sage: path = tmp_filename(ext='.png')
        sage: film.save(path)
        sage: with open(path, 'rb') as file:
        ....:     b'acTL' in file.read()
        True
    """

    def png(self, dir=None):
        r"""
        Draw the frames, see Sage's ``Animation.png``.
        """
        frames = self._frames
        self._frames = progress_bar(frames, desc='frames')
        try:
            return super().png(dir)
        finally:
            self._frames = frames

    def save(self, filename=None, **options):
        r"""
        Save the animation, see Sage's ``Animation.save``; a name in ``.png`` makes an animated PNG.
        """
        if filename is not None and str(filename).endswith('.png'):
            self.apng(filename, **options)
        else:
            super().save(filename, **options)

    def _rich_repr_(self, display_manager, **options):
        types = display_manager.types
        try:
            return super()._rich_repr_(display_manager, **options)
        except OSError:
            # there is neither ImageMagick nor ffmpeg, though another program may be called convert
            if 'format' in options or types.OutputImagePng not in display_manager.supported_output():
                raise
        from sage.misc.temporary_file import tmp_filename
        from sage.repl.rich_output.buffer import OutputBuffer
        path = tmp_filename(ext='.png')
        self.apng(path, **options)
        return types.OutputImagePng(OutputBuffer.from_file(path))


@options_explained
def animate_boundary(model, variables=None, fixed=None, threshold=0.5, frames=25, point_options=None, **options):
    r"""
    Return an animation of the boundaries of the recorded weights.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel` with a history
    - ``variables``, ``fixed``, ``threshold``, ``point_options``, ``options`` -- as for
      :func:`~sage_logreg.plot.boundary.plot_model`
    - ``frames`` -- the most records that are shown, evenly spaced, the last weights among them

    OUTPUT: an ``Animation``; the title of a frame has its iteration and its cost, or is what the option ``title`` says: a text, or
    a function of the two that returns one
    """
    records = chosen_records(model, frames)
    plane = Plane(model.data, variables, fixed, 'the model has', taken_limits(options))
    boundaries = [draw_boundary(model.with_weights(weights), plane, threshold, _without_title(options)) for _, weights in records]
    return film(model, plane, records, boundaries, point_options, options)


@options_explained
def animate_regions(model, variables=None, fixed=None, frames=25, point_options=None, **options):
    r"""
    Return an animation of the regions of more than two classes, as :func:`animate_boundary` does of a boundary.
    """
    records = chosen_records(model, frames)
    plane = class_plane(model, variables, fixed, taken_limits(options))
    regions = [draw_regions(type(model)(model.data, weights), plane, _without_title(options), point_options)
               for _, weights in records]
    return film(model, plane, records, regions, point_options, options)


def _without_title(options):
    # Each frame has its own.
    return {name: value for name, value in options.items() if name != 'title'}


def chosen_records(model, frames):
    r"""
    Return at most ``frames`` of a model's records, evenly spaced, its last weights among them.
    """
    frames = whole_number('frames', frames, minimum=2)
    if not model._history:
        raise ValueError('the model has no history, so that nothing moves; train it for some iterations')
    records = recorded(model)
    chosen = numpy.unique(numpy.linspace(0, len(records) - 1, frames).round().astype(int))
    return [records[number] for number in chosen]


def _with_the_same_entries(pictures, frame):
    # Beside the frame legends of different widths would move it: what some pictures lack is a line of no length in the corner.
    corner, entries = (frame['xmin'], frame['ymin']), {}
    for primitive in itertools.chain(*pictures):
        if isinstance(primitive, Line) and primitive.options().get('legend_label'):
            entries.setdefault(primitive.options()['legend_label'], primitive.options())
    whole = []
    for picture in pictures:
        labels = {primitive.options().get('legend_label') for primitive in picture}
        for label, options in entries.items():
            if label not in labels:
                look = {name: options[name] for name in ('rgbcolor', 'linestyle', 'thickness') if name in options}
                picture += line([corner, corner], legend_label=label, axes=False, **look)
        whole.append(picture)
    return whole


def film(model, plane, records, boundaries, point_options, options):
    r"""
    Return the animation of what is drawn over the points for each record; the legend's place is free in the first and the last.
    """
    points, title_of = draw_points(plane, point_options), options.get('title')
    pictures = [points + boundary for boundary in boundaries]
    shown = {**plane.frame, 'frame': True, 'aspect_ratio': 'automatic', 'axes_pad': pictures[0]._extra_kwds.get('axes_pad', 0),
             # all frames of one size
             'fig_tight': False, **Graphics._extract_kwds_for_show(dict(options), ignore=['title'])}
    place = fixed_place(pictures[0] + pictures[-1], **plane.frame, figsize=shown.get('figsize'))
    if 'bbox_to_anchor' in place:
        pictures = _with_the_same_entries(pictures, plane.frame)
    for picture, (iteration, weights) in zip(pictures, records):
        picture.set_legend_options(**place)
        cost = model._evaluate(weights=weights)[0]
        title = f'{model.unit()} {iteration}, cost {cost:.4f}'
        own = title_of(iteration, cost) if callable(title_of) else title_of
        picture._extra_kwds['title'] = own or ', '.join(filter(None, [title, plane.text]))
    have_fonts([picture._extra_kwds['title'] for picture in pictures])
    return Film(pictures, **shown)
