r"""
The cost as it falls during a training

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=300000)
    sage: model.plot_history()
    Graphics object consisting of 1 graphics primitive
"""
import itertools

from sage.plot.graphics import Graphics
from sage.plot.line import line

from sage_logreg.plot.legend import set_legend
from sage_logreg.plot.options import options_explained, with_rgbcolor
from sage_logreg.plot.theme import is_dark
from sage_logreg.support.arguments import entries, shown

CURVES = ('blue', 'red', 'green', 'darkorange', 'purple', 'brown', 'deeppink', 'gray')
CURVES_ON_DARK = ('#6a9bff', '#ff5f4a', 'lightgreen', 'orange', 'violet', 'tan', 'hotpink', 'lightgray')
# options of a training that a legend names: always, and where they differ
NAMED = ('learning_rate', 'momentum', 'scale', 'l2')
COMPARED = ('batch_size', 'shuffle', 'seed', 'tol', 'iterations', 'epochs', 'initial')
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
    sampled = {model._sample[1] for model in models if model.data.is_chunked and _has_batches(model)} - {''}
    if sampled:
        options = {'title': f'cost of {" and ".join(sorted(sampled))}', **options}
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


def _has_batches(model):
    return model.unit() == 'epoch' and model.options()['batch_size'] < len(model.data)


def _costs(model):
    # An epoch's record is taken before its last batch, so it is drawn at the epoch's end; the final weights, a batch
    # ahead, are left out. An epoch of one batch is like an iteration.
    batches = _has_batches(model)
    later = 1 if batches else 0
    if model.data.is_chunked and not batches:
        # what was recorded is the cost of all rows
        return [(iteration, cost) for iteration, cost, _ in model._history] + ([(model.iterations(), model.cost())] if model.data.is_bound else [])
    of = model._of_sample() if model.data.is_chunked else model
    points = [(iteration + later, of._evaluate(weights=weights)[0]) for iteration, _, weights in model._history]
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
