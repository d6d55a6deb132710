r"""
Saved models: a text file that holds everything and executes nothing

The file is JSON, an object with these entries.

- ``format`` -- ``"sage_logreg model"``, always the first entry
- ``version`` -- of the format, 1
- ``package`` -- the version of this package that wrote it
- ``kind`` -- ``"LogisticModel"`` or ``"MinimizedCost"``; the latter has two more entries, ``cost``, a tree of
  :mod:`sage_logreg.expression_tree`, and ``parameters``, a list of names
- ``method``, ``iterations``, ``converged``, ``weights`` -- as the model says them, the bias first
- ``options`` -- of the training. A cost of one's own is a function, which no
  text can hold: there are its name, and its value at the weights to know it by
- ``history`` -- the columns of the records: ``iterations``, ``costs``, ``weights``
- ``descent`` -- what it takes to go on: the weights that it started from, the
  position in updates, weights and velocity (all in the units of the descent),
  whether ``tol`` was reached, the total that was asked for, the report's
  interval and why it stopped; ``null`` for other trainings
- ``data`` -- ``variables``, ``label_name``, ``label_names``, ``features``
  (such trees, or ``null``), ``dtype`` of the points, ``labels`` (0 and 1) and ``points``
- ``checksum`` -- ``"sha256:"`` and the hash of all other entries, written
  without spaces, in ASCII, their names sorted

Numbers are written so that they come back to the last bit. An array of up to
10,000 finite numbers is a list (of its rows); another one is ``{"dtype": "<f8",
"shape": [100000, 20], "base64": "..."}``, its numbers in memory order, the last
index running fastest, each as ``dtype`` says: little-endian ``<f8`` (float64),
``<f4`` (float32), ``<i8`` or a byte ``|u1``.

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
import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
import stat
import time

import numpy

from sage_logreg.arguments import shown, whole_number
from sage_logreg.dataset import Dataset
from sage_logreg.model import LogisticModel
from sage_logreg.source import symbol_name, variable_names
from sage_logreg.trained import Descent, Record, State

FORMAT, VERSION = 'sage_logreg model', 1
# entries of an array that is written as numbers
PLAIN = 10000
# what every saved model begins with
HEAD = re.compile(rb'\s*\{\s*"format"\s*:\s*"sage_logreg model"')
# options that are arrays, if they are there
ARRAYS = ('weights', 'offset')
# beyond this a float is no longer the whole number that was meant
MOST_ITERATIONS = 2**53
# between two checkpoints: seconds, and how many times what writing one takes
SECONDS, TIMES = 3, 20


def save_model(model, path):
    r"""
    Write a model to a file, whole or not at all.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel` or a
      :class:`~sage_logreg.symbolic_cost.MinimizedCost`
    - ``path`` -- string or path object

    EXAMPLES::

        sage: from sage_logreg import gradient_descent
        sage: from sage_logreg.storage import save_model
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
    _write(_path_to_write(path), _text(_content(model)))


def load_model(path, cost=None):
    r"""
    Return the model in a file that ``model.save(path)`` or a training's ``checkpoint`` has written.

    Nothing in the file is executed.

    INPUT:

    - ``path`` -- string or path object
    - ``cost`` -- the function that the model was trained with, if it was
      trained with a cost of one's own

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
        own = _own_cost(**content['options'])
        model = _model(content, cost)
    except ImportError as error:
        raise ImportError(f'{name}: the model holds expressions of Sage, which is not here: {error}') from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f'{name} does not hold a model: {shown(str(error), 200)}') from None
    if own is not None or cost is not None:
        _check_cost(model, own, cost, name)
    return model


def _own_cost(cost=None, **options):
    # The name and the value of a cost of one's own.
    return None if cost is None else (str(cost['name']), cost['value'] and float(cost['value']))


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
    from sage_logreg import __version__
    iterations, costs, weights = zip(*model._history) if model._history else ((), (), ())
    return {'format': FORMAT, 'version': VERSION, 'package': __version__,
            **_content_of_kind(model), 'method': model.method, 'iterations': model._iterations, 'converged': model._converged,
            'weights': _list(model._weights),
            'options': {option: _option(model, option, value) for option, value in model._options.items()},
            'history': {'iterations': _list(numpy.array(iterations, 'int64')), 'costs': _list(numpy.array(costs, 'float64')),
                        'weights': _list(numpy.array(weights, 'float64'))},
            'descent': model._descent and _content_of_descent(model._descent),
            'data': _content_of_data(model.data)}


def _content_of_kind(model):
    from sage_logreg.symbolic_cost import MinimizedCost
    if type(model) is LogisticModel:
        return {'kind': 'LogisticModel'}
    if type(model) is not MinimizedCost:
        raise TypeError(f'{shown(model)} cannot be saved; expected a LogisticModel or a MinimizedCost')
    from sage_logreg.expression_tree import tree_of
    return {'kind': 'MinimizedCost', 'cost': tree_of(model.symbolic_cost(), 'the cost'),
            'parameters': list(map(str, model.parameters()))}


def _option(model, option, value):
    if option == 'cost' and value is not None:
        at_weights = model._evaluate()[0]
        return {'name': getattr(value, '__name__', type(value).__name__),
                'value': at_weights if numpy.isfinite(at_weights) else None}
    return _list(value) if isinstance(value, numpy.ndarray) else value


def _content_of_descent(descent):
    state = descent.state
    return {'start': _list(descent.start), 'position': state.position, 'weights': _list(state.weights),
            'velocity': _list(state.velocity), 'converged': state.converged, 'total': descent.total,
            'report': descent.report, 'stopped': descent.stopped}


def _content_of_data(data):
    if not _are_two_classes(data.labels):
        raise ValueError(f'{data}: a model of such data cannot be saved; expected two different labels')
    features = None
    if data.features is not None:
        from sage_logreg.expression_tree import tree_of
        features = [tree_of(expression, f'features[{place}]') for place, expression in enumerate(data.features.expressions)]
    return {'variables': list(data.variables), 'label_name': data.label_name, 'label_names': list(data.label_names),
            'features': features, 'dtype': str(data.points.dtype), 'labels': _list(data.labels.astype('uint8')),
            'points': _list(data.points)}


def _list(array):
    # An array as a list; a long one, or one that JSON has no numbers for, in base64.
    if array.size <= PLAIN and numpy.isfinite(array).all():
        return array.tolist()
    array = numpy.ascontiguousarray(array, array.dtype.newbyteorder('<'))
    return {'dtype': array.dtype.str, 'shape': list(array.shape), 'base64': base64.b64encode(array).decode('ascii')}


# From entries to a model

def _model(content, cost):
    data = _data(**content['data'])
    make, count = _kind(content, data)
    options = {option: _array(value, 'float64', data.labels.shape) if option in ARRAYS and value is not None else value
               for option, value in content['options'].items()}
    if 'cost' in options:
        options['cost'] = cost
    history = content['history']
    iterations = _array(history['iterations'], 'int64', (-1,)).tolist()
    records = zip(iterations, _array(history['costs'], 'float64', (len(iterations),)).tolist(),
                  _array(history['weights'], 'float64', (len(iterations), count)))
    descent = content['descent']
    if descent is not None:
        size = -(-len(data) // whole_number('batch_size', options['batch_size'], minimum=1)) if 'batch_size' in options else 1
        descent = _descent(descent, count, size)
    return make(data, _array(content['weights'], 'float64', (count,)), [Record(*record) for record in records],
                whole_number('iterations', content['iterations'], maximum=MOST_ITERATIONS),
                _of_type(bool, 'converged', content['converged']), _of_type(str, 'method', content['method']), options, descent)


def _of_type(kind, name, value):
    if not isinstance(value, kind):
        raise TypeError(f'{name} = {shown(value)}; expected {"text" if kind is str else "true or false"}')
    return value


def _are_two_classes(labels):
    return numpy.array_equal(numpy.unique(labels), [0, 1])


def _kind(content, data):
    # What makes a model of this kind, and how many weights it has.
    if content['kind'] == 'LogisticModel':
        return LogisticModel, len(data.design.variables) + 1
    if content['kind'] != 'MinimizedCost':
        raise ValueError(f"kind = {shown(content['kind'])}; expected 'LogisticModel' or 'MinimizedCost'")
    from sage_logreg.expression_tree import expression_of
    from sage_logreg.symbolic_cost import MinimizedCost, SampleCost
    parameters = variable_names(content['parameters'], len(content['parameters']))
    symbols = (*data.variables, symbol_name(data.label_name), 'y', *parameters)
    cost = SampleCost(expression_of(content['cost'], symbols), data, parameters)
    return functools.partial(MinimizedCost, cost), len(parameters)


def _descent(content, count, size):
    # An iteration has so many updates as size says.
    start, weights, velocity = (_array(content[name], 'float64', (count,)) for name in ('start', 'weights', 'velocity'))
    total = whole_number('total', content['total'])
    position = whole_number('position', content['position'], maximum=total * size)
    report = content['report'] if content['report'] is None else whole_number('report', content['report'], minimum=1)
    stopped = content['stopped'] if content['stopped'] is None else _of_type(str, 'stopped', content['stopped'])
    state = State(position, weights, velocity, _of_type(bool, 'converged', content['converged']))
    return Descent(start, state, total, report, stopped)


def _data(variables, label_name, label_names, features, dtype, labels, points):
    if dtype not in ('float64', 'float32'):
        raise ValueError(f'dtype = {dtype!r}')
    variables = variable_names(variables, len(variables))
    labels = _array(labels, 'uint8', (-1,)).astype('float64')
    points = _array(points, dtype, (len(labels), len(variables)))
    if not (numpy.isfinite(points).all() and _are_two_classes(labels)):
        raise ValueError('a point is not finite, or the labels are not zeros and ones')
    if features is not None:
        from sage_logreg.expression_tree import expression_of
        from sage_logreg.features import Features
        features = Features([expression_of(tree, variables) for tree in features], variables)
    first, second = label_names
    return Dataset(points, labels, variables, label_name, (first, second), features)


def _array(content, dtype, shape):
    if isinstance(content, dict):
        if numpy.dtype(content['dtype']) != numpy.dtype(dtype).newbyteorder('<'):
            raise ValueError(f"dtype = {content['dtype']!r}; expected {dtype}")
        numbers = numpy.frombuffer(base64.b64decode(content['base64'], validate=True), content['dtype'])
        content = numbers.reshape(content['shape'])
        shape = tuple(given if wanted < 0 else wanted for given, wanted in zip(content.shape, shape))
        if content.shape != shape:
            raise ValueError(f'an array has the shape {content.shape}; expected {shape}')
    return numpy.array(content, dtype).reshape(shape)


# Text

def _text(content):
    # One entry a line, one row a line.
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
    # what is given as a path may be anything, and a message is one line
    return name if name.isprintable() and len(name) < 1000 else shown(name)


def _read(path, name):
    # The entries of a saved model, of a version that can be read, undamaged.
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
    try:
        content = json.loads(text)
        version, checksum = content['version'], content.pop('checksum')
        intact = checksum == _checksum(content)
    except (LookupError, RecursionError, ValueError) as error:
        raise ValueError(f'{name} is damaged: {shown(str(error), 200)}') from None
    if type(version) is int and version > VERSION:
        raise ValueError(f'{name} is of version {version} of the format, and this sage_logreg reads up to {VERSION}; '
                         'expected a newer sage_logreg')
    if not intact:
        raise ValueError(f'{name} is damaged: its entries do not match their checksum')
    if type(version) is not int or version != VERSION:
        raise ValueError(f'{name} does not hold a model: version = {shown(version)}; expected {VERSION}')
    return content


def _path_to_write(path):
    # The path of a regular file, there already or not, in a directory that can be written to.
    name = _name(path)
    path = os.path.realpath(os.path.expanduser(os.fsdecode(path)))
    directory = os.path.dirname(path)
    if path.endswith('.sobj'):
        raise ValueError(f"{name}: files of this name are those of Sage's own save(model, path); expected another one, "
                         f'such as {name[:-5]}.json')
    if not os.path.isdir(directory):
        raise FileNotFoundError(f'{name}: there is no directory {directory}')
    if os.path.isdir(path):
        raise IsADirectoryError(f'{name} is a directory; expected the path of a file')
    if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError(f'{name} is not a regular file; expected the path of a file')
    if not os.access(directory, os.W_OK):
        raise PermissionError(f'{name}: this user may not write to {directory}')
    return path


def _write(path, text):
    # Whoever looks at the path, and whenever, sees the old file or the new one.
    directory, base = os.path.split(path)
    part = os.path.join(directory, f'.{base}.{os.getpid()}.part')
    try:
        with open(part, 'wb') as file:
            file.write(text.encode('utf-8'))
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):
            shutil.copymode(path, part)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


class Checkpoint:
    r"""
    The file that a training writes itself to as it goes.

    INPUT:

    - ``path`` -- string or path object

    EXAMPLES::

        sage: from sage_logreg import ex2data1, gradient_descent
        sage: from sage_logreg.storage import Checkpoint
        sage: checkpoint = Checkpoint(tmp_filename(ext='.json'))
        sage: checkpoint.is_due()
        False
        sage: checkpoint.write(gradient_descent(ex2data1(), iterations=10))
        sage: checkpoint.read(None).iterations()
        10
    """

    def __init__(self, path):
        self.name = _name(path)
        self.path = _path_to_write(path)
        self._due = time.monotonic() + SECONDS

    def read(self, cost):
        r"""
        Return the model in the file, or ``None`` where there is no file yet.
        """
        if not os.path.exists(self.path) or not os.path.getsize(self.path):
            return None
        try:
            return load_model(self.path, cost)
        except ValueError as error:
            raise ValueError(f'checkpoint: {error}; the file is left alone') from None

    def is_due(self):
        r"""
        Return whether it is time to write again.
        """
        return time.monotonic() >= self._due

    def write(self, model):
        r"""
        Write a model, and wait longer for the next time if this has taken long.
        """
        begun = time.monotonic()
        _write(self.path, _text(_content(model)))
        now = time.monotonic()
        self._due = now + max(SECONDS, TIMES * (now - begun))
