r"""
Saved models: a text file that holds everything and executes nothing

The file is JSON, an object with these entries.

- ``format`` -- ``"sage_logreg model"``, always the first entry
- ``version`` -- of the format, 1
- ``package`` -- the version of this package that wrote it
- ``kind`` -- ``"LogisticModel"``, ``"MultinomialModel"`` or ``"MinimizedCost"``; the last has two more entries, ``cost``, a tree of
  :mod:`sage_logreg.symbolic.tree`, and ``parameters``, a list of names
- ``method``, ``iterations``, ``converged``, ``weights`` -- as the model returns them, the bias first; of K > 2 classes they are
  K (n + 1), class by class
- ``options`` -- of the training. A user's own cost is a function, which no
  text can hold: its name is stored, and its value at the weights to recognise it by. ``exact_l2`` or ``exact_l1`` beside them is the
  number that the penalty was given as, if it is no float
- ``history`` -- the columns of the records: ``iterations``, ``costs``, ``weights``
- ``descent`` -- what is needed to continue: the weights that it started from,
  the position in updates, weights and velocity (all in the units of the descent), in the middle of an epoch of single samples
  the next one's ``log_odds``, whether ``tol`` was reached, the requested total, the report's interval and
  why it stopped; ``null`` for other trainings. Where there were other data for early stopping, ``validation``: the ``patience``
  that is left, the ``errors`` by epoch, the ``best`` weights and the ``best_epoch``
- ``validation`` -- these other data, as in ``data``; only where there were some
- ``data`` -- ``variables``, ``label_name``, ``label_names``, ``features``
  (such trees, or ``null``), ``dtype`` of the points, ``labels`` (from 0 on), ``points`` and ``exact``, what the floats
  stand for: the columns' ``kinds``, and in ``columns`` lists of a column, rows in it, and fractions as text (other
  constants as such trees) that no float is; ``exact_weights`` and ``exact_offset`` are such tables of one column;
  ``weights``, ``offset``, ``successes`` and ``trials`` if the data have them, of K > 2 classes offsets and successes as rows of K
  numbers; ``intercept`` if there is none (``false``); and where they are not as for a plain table without names: ``coding``
  (``columns``, with ``title`` and ``variable``, or for a factor with ``title``, ``levels``, ``reference`` and ``indicators``, a
  list of levels and names in turn; and ``named``, whether the names are a source's),
  the text of the ``formula``, ``row_numbers`` in the source, and how many rows were ``dropped``. Of images the ``dtype`` is
  ``uint8``, ``points`` are their pixels, nothing is ``exact``, and ``images`` has the ``shape`` and the ``scale`` of one
- ``chunks`` -- only of data in chunks, of which ``data`` has but a few rows, which know all levels and labels: the ``names`` of the chunks
  and how many rows of their source stand before them (``first``), and the ``totals`` (see :class:`~sage_logreg.dataset.in_chunks.chunked.Totals`)
- ``checksum`` -- ``"sha256:"`` and the hash of all other entries, written
  without spaces, in ASCII, their names sorted

Numbers are written so that they are restored to the last bit. An array of up to
10,000 finite numbers is a list (of its rows); any other is ``{"dtype": "<f8",
"shape": [100000, 20], "base64": "..."}``, its numbers in memory order, the last
index running fastest, each as ``dtype`` says: little-endian ``<f8`` (float64),
``<f4`` (float32), ``<i8``, ``<i4`` or a byte ``|u1``. Sparse points are ``{"shape": [20000, 100000], "data": ...,
"indices": ..., "indptr": ...}``, the arrays of compressed rows. Pixels are compressed: ``"zlib"`` in place of ``"base64"`` is
base64 of the bytes as zlib packs them.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=1000)
    sage: path = tmp_filename(ext='.json')
    sage: model.save(path)
    sage: load_model(path)
    Logistic model in x1, x2 by gradient_descent: 1000 iterations, cost 0.624986, largest gradient entry 0.0692
    sage: _ == model
    True
"""
import base64
import hashlib
import json
import os
import math
import re
import time
import zlib

import numpy

from sage_logreg.dataset.categorical import Coding
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.exact_numbers import ExactNumbers, entry_of, number_of_entry
from sage_logreg.dataset.grouped import check_row_numbers
from sage_logreg.dataset.images import Images
from sage_logreg.dataset.in_chunks.chunk import Chunk
from sage_logreg.dataset.in_chunks.chunked import Totals
from sage_logreg.dataset.in_chunks.unbound import UnboundDataset, bound
from sage_logreg.dataset.names import variable_names
from sage_logreg.dataset.sparse import is_sparse
from sage_logreg.solvers.descent import METHODS
from sage_logreg.solvers.early_stopping import Validation
from sage_logreg.solvers.records import Descent, Record, State
from sage_logreg.support.arguments import listed, real_number, shown, whole_number
from sage_logreg.support.exact_number import FloatOf
from sage_logreg.support.files import remove_leftovers, write_whole
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.paths import shown_path
from sage_logreg.version import __version__

FORMAT, VERSION = 'sage_logreg model', 1
# most entries of an array that is written as numbers
PLAIN = 10000
# what every saved model begins with
HEAD = re.compile(rb'\s*\{\s*"format"\s*:\s*"sage_logreg model"')
# what a row of the data may have besides its point and its label; older versions wrote it to the options
OF_ROWS = ('weights', 'offset')
# options that may be numbers that no float is
PENALTIES = ('l1', 'l2')
NUMBERS_OF_ROWS = (*OF_ROWS, 'successes', 'trials')
# those of them that are tables where there are more than two classes
OF_CLASSES = ('offset', 'successes')
# the names of the entries of the data, and of exact numbers
OF_DATA = ('variables', 'label_name', 'label_names', 'features', 'dtype', 'labels', 'points', *NUMBERS_OF_ROWS,
           'exact', *(f'exact_{name}' for name in OF_ROWS), 'intercept', 'coding', 'formula', 'row_numbers', 'dropped', 'images')
OF_EXACT = ('kinds', 'columns', 'lost')
TOTALS = ('counts', 'counted', 'rows', 'weights', 'low', 'high', 'sums', 'offset', 'dropped')
# the arrays of a sparse matrix
OF_SPARSE = ('data', 'indices', 'indptr')
# beyond this a float is no longer the whole number that was meant
MOST_ITERATIONS = 2**53
# least time between two checkpoints: in seconds, and as a multiple of the time that writing one takes
SECONDS, TIMES = 3, 20
# why a descent may have stopped
STOPPED = (None, 'converged', 'diverged', 'interrupted', 'callback', 'patience')
OF_VALIDATION = ('patience', 'errors', 'best', 'best_epoch')

# the kinds of models, by name
KINDS = {}


def kind_of_model(kind):
    r"""
    Register a class of models that can be saved.

    Its ``_entries()`` returns a dictionary of the entries that only such a model has. Its class methods: ``methods()``
    returns the names of the trainings that may have made one; ``checked_options(method, options, data)`` the options of such
    a training, checked as they are when a user gives them; ``_from_entries(entries, data)`` a function that makes one from
    the arguments of :class:`~sage_logreg.model.trained.Trained`, and how many weights it has.
    """
    KINDS[kind.__name__] = kind
    return kind


@interrupts_explained('save: interrupted; the file is whole, or as it was before')
def save_model(model, path):
    r"""
    Write a model to a file, whole or not at all.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel` or a
      :class:`~sage_logreg.model.minimized.MinimizedCost`
    - ``path`` -- string or path object

    EXAMPLES::

        sage: from sage_logreg import gradient_descent
        sage: from sage_logreg.model.storage import save_model
        sage: model = gradient_descent([[1/2, 0], [1, 1], [2, 0], [3, 1]], iterations=1, scale=True)
        sage: path = tmp_filename(ext='.json')
        sage: save_model(model, path)
        sage: with open(path) as file:
        ....:     print(file.read())
        {
         "format": "sage_logreg model",
         "version": 1,
         ...
         "data": {
          "variables": ["x1"],
          "label_name": "y",
          "label_names": [0, 1],
          "features": null,
          "dtype": "float64",
          "exact": {
           "kinds": ["exact"],
           "columns": [],
           "lost": false
          },
          "labels": [0, 1, 0, 1],
          "points": [
           [0.5],
           [1.0],
           [2.0],
           [3.0]
          ]
         },
         "checksum": "sha256:..."
        }

    TESTS::

        sage: save_model(model, '/no/such/directory/model.json')
        Traceback (most recent call last):
        ...
        FileNotFoundError: /no/such/directory/model.json: there is no directory /no/such/directory
        sage: save_model(model, '/tmp')
        Traceback (most recent call last):
        ...
        IsADirectoryError: /tmp is a directory; expected the path of a file
        sage: save_model(model, 'model.sobj')
        Traceback (most recent call last):
        ...
        ValueError: model.sobj: files of this name are those of Sage's own save(model, path); expected another one, such as model.json
        sage: save_model(model, 7)
        Traceback (most recent call last):
        ...
        TypeError: path = 7; expected the path of a file
        sage: save_model(model, '')
        Traceback (most recent call last):
        ...
        ValueError: the path is empty; expected the path of a file
    """
    path = _path_to_write(path)
    remove_leftovers(path)
    _write(path, _text(_content(model)))


@interrupts_explained('load_model: interrupted before the model was read')
def load_model(path, cost=None, data=None):
    r"""
    Return the model in a file that ``model.save(path)`` or a training's ``checkpoint`` has written.

    Nothing in the file is executed.

    INPUT:

    - ``path`` -- string or path object
    - ``cost`` -- the cost function that the model was trained with, if that was
      a user's own
    - ``data`` -- (default: those in the file) of a model of data in chunks, whose rows are in no file, these data: anything that
      :func:`~sage_logreg.dataset.load.load_data` takes. Without them the model predicts, and has its formulas, but nothing that
      needs the rows

    OUTPUT: the model, equal to the one that was saved

    EXAMPLES::

        sage: from sage_logreg import ex2data1, load_model, stochastic_gradient_descent
        sage: model = stochastic_gradient_descent(ex2data1(), epochs=10)
        sage: path = tmp_filename(ext='.json')
        sage: model.save(path)
        sage: load_model(path).weights() == model.weights()
        True
        sage: load_model(path).resume(90).weights() == stochastic_gradient_descent(ex2data1(), epochs=100).weights()
        True

    A cost of one's own::

        sage: from sage_logreg.engine import T
        sage: from sage_logreg import gradient_descent
        sage: def squares(X, y, w):
        ....:     return T.mean((w[0] + T.dot(X, w[1:]) - y)**2)
        sage: gradient_descent(ex2data1(), learning_rate=1e-5, iterations=10, cost=squares).save(path)
        sage: load_model(path, cost=squares).iterations()
        10

    TESTS::

        sage: load_model(path)
        Traceback (most recent call last):
        ...
        ValueError: ...json: the model was trained with a cost of its own, 'squares', which no file can hold; give it, as load_model(path, cost=squares)
        sage: load_model(path, cost=lambda X, y, w: T.mean((w[0] - y)**2))
        Traceback (most recent call last):
        ...
        ValueError: ...json: the model was trained with another cost, 'squares', which is 0.168141 at its weights; this one is 0.599938
        sage: load_model('no/such/model.json')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no/such/model.json: there is no such file
        sage: load_model('/tmp')
        Traceback (most recent call last):
        ...
        IsADirectoryError: /tmp is a directory; expected the path of a saved model
        sage: with open(path, 'r+') as file:
        ....:     _ = file.seek(200), file.write('7')
        sage: load_model(path)
        Traceback (most recent call last):
        ...
        ValueError: ...json is damaged: ...
    """
    name = _name(path)
    content = _read(os.path.expanduser(path), name)
    try:
        own = _own_cost(_of_type(dict, 'options', content['options']).get('cost'))
        model = _model(content, cost)
    except ImportError as error:
        raise ImportError(f'{name}: the model holds expressions of Sage, which is not here: {error}') from None
    except KeyError as error:
        raise ValueError(f'{name} does not hold a model: the entry {error} is missing') from None
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(f'{name} does not hold a model: {shown(str(error) or type(error).__name__, 200)}') from None
    if own is not None or cost is not None:
        _check_cost(model, own, cost, name)
    if data is not None:
        if not model.data.is_chunked:
            raise ValueError(f'{name}: the file holds the data of the model; expected no data=, which is of a model of data in chunks')
        model.data = bound(data, model.data, name)
    return model


def _own_cost(cost):
    # The name and the value of a cost of one's own.
    if cost is None:
        return None
    value = _of_type(dict, 'cost', cost)['value']
    return _of_type(str, 'the name of the cost', cost['name']), None if value is None else real_number('the value of the cost', value)


def _check_cost(model, own, cost, name):
    if own is None:
        raise ValueError(f'{name}: the model was not trained with a cost of its own; expected cost=None')
    called, expected = own
    if cost is None:
        raise ValueError(f'{name}: the model was trained with a cost of its own, {called!r}, which no file can hold; '
                         f'give it, as load_model(path, cost={called if called.isidentifier() else "..."})')
    value = model._evaluate()[0]
    if expected is not None and not abs(value - expected) <= 1e-6 * max(1.0, abs(expected)):
        raise ValueError(f'{name}: the model was trained with another cost, {called!r}, which is {expected:.6g} at its '
                         f'weights; this one is {value:.6g}')


# From a model to entries

def _content(model):
    kind = type(model).__name__
    if KINDS.get(kind) is not type(model):
        raise TypeError(f'{shown(model)} cannot be saved; expected a {" or a ".join(KINDS)}')
    iterations, costs, weights = zip(*model._history) if model._history else ((), (), ())
    options = dict(model._options)
    if options.get('cost') is not None:
        value = model._evaluate()[0]
        options['cost'] = {'name': getattr(options['cost'], '__name__', type(options['cost']).__name__),
                           'value': value if numpy.isfinite(value) else None}
    return {'format': FORMAT, 'version': VERSION, 'package': __version__,
            'kind': kind, **model._entries(), 'method': model.method, 'iterations': model._iterations, 'converged': model._converged,
            'weights': _list(model._weights), 'options': options, **_exact_penalty(options),
            **({} if model.solver() in ('Newton', model.method) else {'solver': model._solver}),
            'history': {'iterations': _list(numpy.array(iterations, 'int64')), 'costs': _list(numpy.array(costs, 'float64')),
                        'weights': _list(numpy.array(weights, 'float64'))},
            'descent': model._descent and _content_of_descent(model._descent),
            **({} if model._validation is None else {'validation': _content_of_data(model._validation)}),
            **_content_of_rows(model.data)}


def _content_of_rows(data):
    # The data, and of those in chunks a few rows.
    if not data.is_chunked:
        return {'data': _content_of_data(_of_every_class(data))}
    chunks = {'names': [chunk.name for chunk in data.chunks], 'first': [int(chunk.first) for chunk in data.chunks],
              'totals': {name: _list(value) if isinstance(value, numpy.ndarray) else value for name, value in vars(data.totals).items()}}
    return {'data': _content_of_data(data.plan.like), 'chunks': chunks}


def _exact_penalty(options):
    # the numbers that the floats l1 and l2 were made from
    return {f'exact_{name}': entry_of(options[name]) for name in PENALTIES if options.get(name) and isinstance(options[name], FloatOf)}


def _content_of_descent(descent):
    state = descent.state
    more = {} if state.log_odds is None else {'log_odds': state.log_odds}
    noted = descent.validation
    if noted is not None:
        more['validation'] = {'patience': noted.patience, 'errors': noted.errors, 'best_epoch': noted.best_epoch,
                              'best': None if noted.best is None else _list(noted.best)}
    return {'start': _list(descent.start), 'position': state.position, 'weights': _list(state.weights),
            'velocity': _list(state.velocity), **more, 'converged': state.converged, 'total': descent.total,
            'report': descent.report, 'stopped': descent.stopped}


def _of_every_class(data):
    counts = numpy.bincount(data.labels.astype(int), minlength=data.classes)
    if not counts.all():
        raise ValueError(f'there are no points with {data.label_text(int(counts.argmin()))}: a model of such data cannot be saved; '
                         'expected points of every class')
    return data


def _content_of_data(data):
    features = None
    if data.features is not None:
        from sage_logreg.symbolic.tree import tree_of
        features = [tree_of(expression, f'features[{place}]') for place, expression in enumerate(data.features.expressions)]
    more = {name: _list(numbers) for name, numbers in data.of_rows().items() if numbers is not None}
    if not data.intercept:
        more['intercept'] = False
    for name in OF_ROWS:
        if getattr(data, name) is not None:
            more[f'exact_{name}'] = ExactNumbers.of_columns(getattr(data, f'exact_{name}'), getattr(data, name)).entries()
    if isinstance(data, Images):
        kind = {'dtype': 'uint8', 'images': {'shape': list(map(int, data.shape)), 'scale': data.design.unit}}
        points = _compressed(data.design.pixels)
    else:
        kind, points = {'dtype': str(data.points.dtype), 'exact': data.exact.entries()}, _content_of_points(data.points)
    return {'variables': list(data.variables), 'label_name': data.label_name, 'label_names': list(data.label_names),
            'features': features, **_content_of_coding(data), **kind, **more,
            'labels': _list(data.labels.astype('uint8' if data.classes <= 256 else 'uint32')), 'points': points}


def _content_of_points(points):
    if not is_sparse(points):
        return _list(points)
    return {'shape': list(points.shape), **{name: _list(getattr(points, name)) for name in OF_SPARSE}}


def _content_of_coding(data):
    content = {}
    if data.coding != Coding.of_variables(data.variables):
        content['coding'] = data.coding.entries()
    if data.formula is not None:
        content['formula'] = data.formula
    if data.row_numbers is not None:
        content.update(row_numbers=_list(data.row_numbers), dropped=data.dropped)
    return content


def _list(array):
    # An array as a list; in base64 if it is long, or has numbers that JSON cannot express.
    if array.size <= PLAIN and numpy.isfinite(array).all():
        return array.tolist()
    array = numpy.ascontiguousarray(array, array.dtype.newbyteorder('<'))
    return {'dtype': array.dtype.str, 'shape': list(array.shape), 'base64': base64.b64encode(array).decode('ascii')}


def _compressed(array):
    packed = zlib.compress(numpy.ascontiguousarray(array), 1)
    return {'dtype': array.dtype.str, 'shape': list(array.shape), 'zlib': base64.b64encode(packed).decode('ascii')}


# From entries to a model

def _model(content, cost):
    options = dict(content['options'])
    older = {name: options.pop(name, None) for name in OF_ROWS}
    data = _data({**older, **_entries('data', content['data'], OF_DATA)})
    data = _unbound(data, content['chunks']) if 'chunks' in content else _of_every_class(data)
    validation = _data(_entries('validation', content['validation'], OF_DATA)) if 'validation' in content else None
    if _of_type(str, 'kind', content['kind']) not in KINDS:
        raise ValueError(f"kind = {shown(content['kind'])}; expected {' or '.join(map(repr, KINDS))}")
    kind = KINDS[content['kind']]
    if 'cost' in options:
        options['cost'] = cost
    for name in PENALTIES:
        if f'exact_{name}' in content:
            options[name] = FloatOf(number_of_entry(content[f'exact_{name}'], real_number(name, options[name])))
    method, iterations = content['method'], whole_number('iterations', content['iterations'], maximum=MOST_ITERATIONS)
    if not isinstance(method, str) or method not in kind.methods():
        raise ValueError(f"method = {shown(method)}; expected {' or '.join(map(repr, kind.methods()))}")
    _check_names('options', options, kind.checked_options(method, options, data))
    make, count = kind._from_entries(content, data)
    descent = content['descent']
    if (descent is not None) != (method in METHODS):
        raise ValueError(f'descent = {shown(descent)} of a model by {method}; expected '
                         + ('the state of the descent' if descent is None else 'none'))
    if descent is not None:
        # batches are of one chunk each
        rows = data.totals.counted if data.is_chunked else numpy.array([len(data.counted())])
        size = METHODS[method].of_options(options, 0).limited(int(rows.sum())).updates_of_chunks(rows.tolist())
        descent = _descent(descent, count, size, iterations, options.get('patience'))
    if (validation is None) != (descent is None or descent.validation is None) or (
            validation is not None and not _are_alike(validation, data)):
        raise ValueError('validation: the data and what was noted of them do not belong together, or not to the data of the training')
    weights = _finite('weights', content['weights'], count)
    history = _history(content['history'], count, iterations if descent else MOST_ITERATIONS)
    model = make(data, weights, history,
                iterations, _of_type(bool, 'converged', content['converged']), method, options, descent,
                 _of_type(str, 'solver', content['solver']) if 'solver' in content else None)
    model._validation = validation
    return model


def _unbound(specimen, content):
    # Data in chunks that are elsewhere.
    names, first, totals = (_entries('chunks', content, ('names', 'first', 'totals'))[name] for name in ('names', 'first', 'totals'))
    names = [_text_of_one_line('names', name) for name in _of_type(list, 'names', names)]
    chunks = list(map(Chunk, names, _array('first', first, 'int64', (len(names),)).tolist()))
    _entries('totals', totals, TOTALS)
    classes, width = (specimen.classes,), (specimen.design.width,)
    shapes = {'rows': classes, 'weights': classes, 'low': width, 'high': width, 'sums': width}
    arrays = {name: _array(name, totals[name], 'float64', shape) for name, shape in shapes.items()}
    counts, counted, dropped = (_array(name, totals[name], 'int64', (len(names),)) for name in ('counts', 'counted', 'dropped'))
    if not names or min(numbers.min() for numbers in (counts, counted, dropped)) < 0 or counts.sum() != arrays['rows'].sum():
        raise ValueError('chunks: their numbers of rows are not those of the classes together')
    return UnboundDataset(chunks, specimen, Totals(counts, counted, **arrays, offset=real_number('offset', totals['offset'], minimum=0),
                                                   dropped=dropped))


def _are_alike(one, other):
    # Whether a model of one is a model of the other.
    return (type(one), one.variables, one.label_names, one.features, one.intercept) == (type(other), other.variables, other.label_names,
                                                                                      other.features, other.intercept)


def _check_names(of, given, expected):
    # The names of the entries are as expected, and the values those that the checks return.
    for name in {**expected, **given}:
        if name not in given:
            raise ValueError(f'{of}: {name} is missing')
        if name not in expected:
            raise ValueError(f'{of}: {shown(name)} is none of {", ".join(expected) or "them"}')
        if type(given[name]) is not type(expected[name]) and not {type(given[name]), type(expected[name])} <= {int, float}:
            raise TypeError(f'{of}: {name} = {shown(given[name])}; expected a value such as {shown(expected[name])}')


def _history(content, count, last):
    _of_type(dict, 'history', content)
    passed = _array('iterations', content['iterations'], 'int64', (-1,))
    if (numpy.diff(passed) <= 0).any() or (len(passed) and not 0 <= passed[0] <= passed[-1] <= last):
        raise ValueError(f'the iterations of the history do not rise from 0 to {last}')
    return list(map(Record, passed.tolist(), _array('costs', content['costs'], 'float64', passed.shape).tolist(),
                    _array('weights', content['weights'], 'float64', (len(passed), count))))


WORDS = {str: 'text', bool: 'true or false', list: 'a list', dict: 'entries with names'}


def _of_type(kind, name, value):
    if not isinstance(value, kind):
        raise TypeError(f'{name} = {shown(value)}; expected {WORDS[kind]}')
    return value


def _entries(of, content, expected):
    # Entries of which none has another name than these; one that is missing is found where it is used.
    for name in _of_type(dict, of, content):
        if name not in expected:
            raise ValueError(f'{of}: {shown(name)} is none of {", ".join(expected)}')
    return content


def _descent(content, count, size, iterations, patience):
    # size is the number of updates in an iteration.
    _of_type(dict, 'descent', content)
    start, weights, velocity = (_finite(name, content[name], count) for name in ('start', 'weights', 'velocity'))
    total = whole_number('total', content['total'], maximum=MOST_ITERATIONS)
    position = whole_number('position', content['position'], maximum=total * size)
    # the epoch in which patience ends counts
    if (-(-position // size) if content['stopped'] == 'patience' else position // size) != iterations:
        raise ValueError(f'position = {position}; expected {size} updates in each of {iterations} iterations')
    report = content['report']
    report = report if report is None else whole_number('report', report, minimum=1, maximum=MOST_ITERATIONS)
    stopped = content['stopped']
    if stopped not in STOPPED:
        raise ValueError(f"stopped = {shown(stopped)}; expected {', '.join(map(repr, STOPPED))}")
    log_odds = content.get('log_odds')
    log_odds = log_odds if log_odds is None else real_number('log_odds', log_odds)
    # they are known in the middle of an epoch only
    state = State(position, weights, velocity, _of_type(bool, 'converged', content['converged']), log_odds if position % size else None)
    validation = content.get('validation')
    if validation is not None:
        validation = _validation(validation, count, position // size, patience)
    elif patience is not None:
        raise ValueError(f'patience = {patience} without what was noted of other data')
    return Descent(start, state, total, report, stopped, validation)


def _validation(content, count, epochs, patience):
    # What was noted of other data by then.
    left, errors, best, best_epoch = (_entries('validation', content, OF_VALIDATION)[name] for name in OF_VALIDATION)
    errors = _array('errors', errors, 'float64', (epochs,)).tolist()
    if not all(0 <= error <= 1 for error in errors):
        raise ValueError('errors: one is no part of the points; expected numbers from 0 to 1')
    if (left is None) != (patience is None):
        raise ValueError(f'patience = {shown(left)}, but {shown(patience)} in the options')
    left = None if left is None else whole_number('patience', left, minimum=patience, maximum=MOST_ITERATIONS)
    expected = errors.index(min(errors)) + 1 if errors else 0
    if whole_number('best_epoch', best_epoch) != expected or (best is None) != (not errors):
        raise ValueError(f'best_epoch = {best_epoch}; expected {expected}, where the error is smallest, and the best weights of this epoch')
    return Validation(left, errors, None if best is None else _finite('best', best, count), expected)


def _data(entries):
    dtype, variables, labels, points = (entries[name] for name in ('dtype', 'variables', 'labels', 'points'))
    features, label_name, exact = entries['features'], entries['label_name'], entries.get('exact')
    images = entries.get('images')
    if dtype not in (('float64', 'float32') if images is None else ('uint8',)):
        raise ValueError(f'dtype = {shown(dtype)}; expected {"float64 or float32" if images is None else "uint8"}')
    variables = variable_names(_of_type(list, 'variables', variables), len(variables))
    if not variables:
        raise ValueError('there are no variables; expected at least one')
    label_names = tuple(map(_label_name, _of_type(list, 'label_names', entries['label_names'])))
    if len(label_names) < 2:
        raise ValueError(f'label_names = {shown(entries["label_names"])}; expected at least two of them')
    # 1, 1.0 and True are one label, and so are 1 and its text
    if min(len(set(label_names)), len(set(map(str, label_names)))) < len(label_names):
        raise ValueError(f'label_names = {shown(entries["label_names"])}; expected different labels')
    labels = _array('labels', labels, 'uint8' if len(label_names) <= 256 else 'uint32', (-1,)).astype('float64')
    points = _points(points, dtype, (len(labels), len(variables)))
    if not (numpy.isfinite(points.data if is_sparse(points) else points).all() and (labels < len(label_names)).all() and len(labels)):
        raise ValueError('a point is not finite, or the labels are not the numbers of the classes')
    if features is not None:
        from sage_logreg.dataset.features import Features
        from sage_logreg.symbolic.tree import loaded_expression
        features = Features([loaded_expression(tree, variables) for tree in _of_type(list, 'features', features)], variables)
    classes = len(label_names)
    of_rows = {name: _array(name, entries[name], 'float64', (-1, classes) if name in OF_CLASSES and classes > 2 else (-1,))
               for name in NUMBERS_OF_ROWS if entries.get(name) is not None}
    check_row_numbers(labels, classes, **of_rows)
    exact = None if exact is None else ExactNumbers.from_entries(points, **_exact('exact', exact))
    for name in OF_ROWS:
        kept = entries.get(f'exact_{name}')
        if kept is not None:
            floats = of_rows[name].reshape(len(labels), -1)
            numbers = ExactNumbers.from_entries(floats, **_exact(f'exact_{name}', kept))
            if set(numbers.kinds) != {'binary'} or numbers.columns:
                of_rows[name] = numbers.rows(slice(None)).reshape(of_rows[name].shape)
    if images is not None:
        return _images(images, points, labels, label_names, variables, _text_of_one_line('label_name', label_name), of_rows, entries)
    return Dataset(points, labels, variables, _text_of_one_line('label_name', label_name), label_names, features, **of_rows,
                   exact=exact, intercept=_of_type(bool, 'intercept', entries.get('intercept', True)),
                   **_coding(entries, variables, len(labels)))


def _images(content, pixels, labels, label_names, variables, label_name, of_rows, entries):
    shape, scale = (_entries('images', content, ('shape', 'scale'))[name] for name in ('shape', 'scale'))
    shape = tuple(whole_number('images: shape', length, minimum=1) for length in _of_type(list, 'images: shape', shape))
    if len(shape) != 2 or math.prod(shape) != pixels.shape[1]:
        raise ValueError(f'images: the shape is {shown(shape)}; expected height and width of {pixels.shape[1]} pixels')
    data = Images(pixels, labels, shape, label_names, real_number('images: scale', scale, above=0))
    data = data.with_intercept(_of_type(bool, 'intercept', entries.get('intercept', True)))
    if (variables, label_name, entries['features'], entries.get('coding')) != (data.variables, data.label_name, None, None):
        raise ValueError(f'variables = {listed(variables)}; expected those of images, {listed(data.variables)}')
    data.weights, data.offset = (of_rows.get(name) for name in OF_ROWS)
    coding = _coding(entries, variables, len(labels))
    data.row_numbers, data.dropped = coding.get('row_numbers'), coding.get('dropped', 0)
    return data


def _points(content, dtype, shape):
    # A table, or a sparse matrix whose arrays are as they should be.
    if not (isinstance(content, dict) and 'indptr' in content):
        return _array('points', content, dtype, shape)
    from scipy.sparse import csr_matrix
    _entries('points', content, ('shape', *OF_SPARSE))
    if content['shape'] != list(shape):
        raise ValueError(f'points has the shape {shown(content["shape"])}; expected {list(shape)}')
    values = _array('points.data', content['data'], dtype, (-1,))
    kind = 'int32' if max(len(values), shape[1]) < 2**31 else 'int64'
    columns = _array('points.indices', content['indices'], kind, values.shape)
    limits = _array('points.indptr', content['indptr'], kind, (shape[0] + 1,))
    if limits[0] != 0 or limits[-1] != len(values) or (numpy.diff(limits) < 0).any() or not ((columns >= 0) & (columns < shape[1])).all():
        raise ValueError('points: the indices are not those of a matrix of compressed rows')
    points = csr_matrix((values, columns, limits), shape)
    if not points.has_canonical_format:
        raise ValueError('points: the columns of a row do not rise; expected each of them once')
    return points


def _coding(entries, variables, count):
    # The coding of the data, their formula and their rows in the source, where the file has them.
    coding, formula, rows = (entries.get(name) for name in ('coding', 'formula', 'row_numbers'))
    if coding is not None:
        columns, named = (_entries('coding', coding, ('columns', 'named'))[name] for name in ('columns', 'named'))
        coding = Coding.from_entries([_of_type(dict, 'coding', column) for column in _of_type(list, 'coding', columns)], named)
        if coding.variables != variables:
            raise ValueError(f'coding: the variables are {listed(coding.variables)}; expected {listed(variables)}')
    if formula is not None:
        _of_type(str, 'formula', formula).encode('utf-8')
    if rows is None:
        return {'coding': coding, 'formula': formula}
    rows = _array('row_numbers', rows, 'int64', (count,))
    if (rows < 0).any():
        raise ValueError(f'row_numbers: {rows.min()}; expected whole numbers from 0')
    return {'coding': coding, 'formula': formula, 'row_numbers': rows,
            'dropped': whole_number('dropped', entries['dropped'], maximum=MOST_ITERATIONS)}


def _exact(name, content):
    # The entries of exact numbers, all there.
    _entries(name, content, OF_EXACT)
    return {entry: _of_type(bool if entry == 'lost' else list, f'{name}.{entry}', content[entry]) for entry in OF_EXACT}


def _label_name(name):
    if isinstance(name, str):
        return _text_of_one_line('label_names', name)
    if isinstance(name, bool):
        return name
    real_number('label_names', name)
    return name


def _text_of_one_line(name, text):
    # Text that can be printed and saved: half of a surrogate pair cannot be.
    _of_type(str, name, text).encode('utf-8')
    return text


def _finite(name, content, count):
    numbers = _array(name, content, 'float64', (count,))
    if not numpy.isfinite(numbers).all():
        raise ValueError(f'{name}: a number is not finite')
    return numbers


def _unpacked(name, packed, shape):
    # No more bytes than are expected, whatever the file says.
    unpack, count = zlib.decompressobj(), max(0, math.prod(shape))
    try:
        content = unpack.decompress(packed, count + 1)
    except zlib.error as error:
        raise ValueError(f'{name} cannot be unpacked: {error}') from None
    if len(content) != count or not unpack.eof:
        raise ValueError(f'{name} has other than {count} bytes')
    return content


def _array(name, content, dtype, shape):
    if isinstance(content, dict):
        kind = numpy.dtype(dtype).newbyteorder('<')
        if content['dtype'] != kind.str:
            raise ValueError(f"{name}: dtype = {shown(content['dtype'])}; expected {kind.str}")
        lengths = _of_type(list, f'{name}: shape', content['shape'])
        packed = base64.b64decode(_of_type(str, name, content['zlib' if 'zlib' in content else 'base64']), validate=True)
        numbers = numpy.frombuffer(_unpacked(name, packed, shape) if 'zlib' in content else packed, kind)
        numbers = numbers.reshape([whole_number(f'{name}: shape', length, maximum=len(numbers)) for length in lengths])
    else:
        try:
            numbers = numpy.array(_of_type(list, name, content))
        except ValueError:
            raise ValueError(f'{name}: the rows are not of one length; expected as many numbers in each') from None
        if numbers.size and (numbers.dtype.kind not in 'iuf' or (numbers.dtype.kind == 'f' and dtype[0] != 'f')):
            raise TypeError(f'{name} = {shown(content)}; expected {"whole " if dtype[0] != "f" else ""}numbers')
        # without any row there is no second length
        numbers = numbers.reshape([0, *shape[1:]]) if not numbers.size and 0 in numbers.shape[:1] else numbers
    shape = tuple(given if wanted < 0 else wanted for given, wanted in zip(numbers.shape, shape))
    if numbers.shape != shape:
        raise ValueError(f'{name} has the shape {numbers.shape}; expected {shape}')
    converted = numbers.astype(dtype)
    if dtype[0] != 'f' and not numpy.array_equal(converted, numbers):
        raise ValueError(f'{name} = {shown(content)}; expected numbers from {numpy.iinfo(dtype).min} to {numpy.iinfo(dtype).max}')
    return converted


# Text

def _text(content):
    # One entry or one row per line.
    return _lines({**content, 'checksum': _checksum(content)}) + '\n'


def _lines(value, indent=''):
    inner = indent + ' '
    if isinstance(value, dict) and value:
        lines = [f'{inner}{_json(name)}: {_lines(entry, inner)}' for name, entry in value.items()]
        return '{\n' + ',\n'.join(lines) + f'\n{indent}}}'
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        return '[\n' + ',\n'.join(inner + _json(row) for row in value) + f'\n{indent}]'
    return _json(value)


def _json(value):
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def _checksum(content):
    text = json.dumps(content, allow_nan=False, sort_keys=True, separators=(',', ':'))
    return 'sha256:' + hashlib.sha256(text.encode('ascii')).hexdigest()


# Files

def _name(path):
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f'path = {shown(path)}; expected the path of a file')
    name = os.fsdecode(path)
    if not name:
        raise ValueError('the path is empty; expected the path of a file')
    if '\0' in name:
        raise ValueError(f'path = {shown(name)} holds a null character; expected the path of a file')
    return shown_path(name)


def _read(path, name):
    # The entries of a saved model, checked for damage and for a version that can be read.
    try:
        if os.path.isdir(path):
            raise IsADirectoryError(f'{name} is a directory; expected the path of a saved model')
        with open(path, 'rb') as file:
            text = file.read(1000)
            if not HEAD.match(text):
                raise ValueError(f'{name} is not a saved model; expected a file that model.save(path) has written')
            text += file.read()
    except FileNotFoundError:
        raise FileNotFoundError(f'{name}: there is no such file') from None
    except PermissionError:
        raise PermissionError(f'{name} may not be read by this user') from None
    except OSError as error:
        raise _sentence(error, name) from None
    try:
        content = json.loads(text)
        version, checksum = content['version'], content.pop('checksum')
        intact = checksum == _checksum(content)
    except (LookupError, RecursionError, ValueError) as error:
        raise ValueError(f'{name} is damaged: {shown(str(error), 200)}') from None
    if type(version) is int and version > VERSION:
        raise ValueError(f'{name} is of version {shown(version)} of the format, and this sage_logreg reads up to {VERSION}; '
                         'expected a newer sage_logreg')
    if not intact:
        raise ValueError(f'{name} is damaged: its entries do not match their checksum')
    if type(version) is not int or version != VERSION:
        raise ValueError(f'{name} does not hold a model: version = {shown(version)}; expected {VERSION}')
    return content


def _sentence(error, name):
    # The error of the system, such as that of a link to itself, as one of this package.
    if error.errno is None:
        # it is one already
        return error
    return type(error)(f'{name} cannot be used: {error.strerror}; expected the path of a file')


def _path_to_write(path):
    # The path of a regular file, existing or not, in a directory that can be written to.
    name = _name(path)
    path = os.path.realpath(os.path.expanduser(os.fsdecode(path)))
    directory = os.path.dirname(path)
    try:
        os.stat(path)
    except (FileNotFoundError, PermissionError):
        # what is said of these is below
        pass
    except OSError as error:
        raise _sentence(error, name) from None
    if path.endswith('.sobj'):
        raise ValueError(f"{name}: files of this name are those of Sage's own save(model, path); expected another one, "
                         f'such as {name[:-5]}.json')
    if not os.path.isdir(directory):
        raise FileNotFoundError(f'{name}: there is no directory {directory}')
    if os.path.isdir(path):
        raise IsADirectoryError(f'{name} is a directory; expected the path of a file')
    if os.path.exists(path) and not os.path.isfile(path):
        raise ValueError(f'{name} is not a regular file; expected the path of a file')
    if not os.access(directory, os.W_OK):
        raise PermissionError(f'{name}: this user may not write to {directory}')
    return path


def _write(path, text):
    try:
        write_whole(path, text.encode('utf-8'))
    except OSError as error:
        raise type(error)(f'{_name(path)}: {error.strerror or error}') from None


class Checkpoint:
    r"""
    The file to which a training is written as it goes.

    INPUT:

    - ``path`` -- string or path object
    - ``of`` -- function that makes a model of a :class:`~sage_logreg.solvers.records.Training`

    EXAMPLES::

        sage: from sage_logreg import ex2data1, gradient_descent
        sage: from sage_logreg.model.storage import Checkpoint
        sage: model = gradient_descent(ex2data1(), iterations=10)
        sage: checkpoint = Checkpoint(tmp_filename(ext='.json'), lambda training: model)
        sage: checkpoint.is_due()
        False
        sage: checkpoint.write(model._training())
        sage: checkpoint.read(model._training()).iterations
        10
    """

    def __init__(self, path, of):
        self.name = _name(path)
        self.path = _path_to_write(path)
        remove_leftovers(self.path)
        self.of = of
        self._due = time.monotonic() + SECONDS

    def read(self, begun):
        r"""
        Return the training in the file, or ``None`` where there is no file yet.

        INPUT:

        - ``begun`` -- the training that is expected there; another one is an error
        """
        if not os.path.exists(self.path) or not os.path.getsize(self.path):
            return None
        try:
            saved = load_model(self.path, begun.options.get('cost'))
        except ValueError as error:
            raise ValueError(f'checkpoint: {error}; the file is left alone') from None
        self._check(saved, self.of(begun))
        return saved._training()

    def _check(self, saved, expected):
        # The saved model must be one of those that the training passes through.
        if saved.method != expected.method:
            self.refuse(f'a model by {saved.method}')
        if type(saved) is not type(expected) or saved._entries() != expected._entries():
            self.refuse('a model of another cost')
        if saved.data != expected.data:
            self.refuse(f'a model of other data ({saved.data})')
        for option in {**expected._options, **saved._options}:
            # what is not asked for need not be there
            default = getattr(METHODS.get(saved.method), option, None)
            value, other = (model._options.get(option, default) for model in (expected, saved))
            if value != other:
                self.refuse(f'a training with {option}={shown(other)}, not {shown(value)}')
        if saved._validation != expected._validation:
            self.refuse('a training with other validation data')
        if not numpy.array_equal(saved._descent.start, expected._descent.start):
            self.refuse('a training from other initial weights')

    def refuse(self, holds):
        r"""
        Raise an error that says what the file holds.
        """
        raise ValueError(f'checkpoint: {self.name} holds {holds}; the file is left alone')

    def is_due(self):
        r"""
        Return whether it is time to write again.
        """
        return time.monotonic() >= self._due

    def write(self, training):
        r"""
        Write a training, and wait longer before the next time if this took long.
        """
        begun = time.monotonic()
        _write(self.path, _text(_content(self.of(training))))
        now = time.monotonic()
        self._due = now + max(SECONDS, TIMES * (now - begun))
