r"""
Loops: gradient descent on a user's own cost as one numba function

:func:`looped_descent` compiles the graph that :func:`sage_logreg.cost.graphs.gradient_path`
builds, a ``scan``, and the cost and its gradient at the end of it. Where PyTensor
compiles with numba, it is compiled to one function, which serves as evaluation too.
Its text is written from the gradient, as ``T.grad`` and Theano's rewrites leave it:

- what does not depend on the weights is computed once, before the loop;
- every other node becomes a plain loop over memory that is taken once, a node
  without axes a number, and a node that has no form here a call of PyTensor's
  own function;
- the exponential is arithmetic, many at a time by vector instructions.

A gradient that cannot be written so goes through ``scan``. Only this file
knows of it.

EXAMPLES::

    sage: from sage_logreg.cost.graphs import known_cost
    sage: from sage_logreg.engine import T
    sage: from sage_logreg.cost.codegen import HAS_LOOPS, looped_descent
    sage: def squares(X, y, w):
    ....:     return T.mean((w[0] + T.dot(X, w[1:]) - y)**2)
    sage: import numpy
    sage: arguments = map(numpy.array, ([[1.0], [2.0]], [0.0, 1.0], [0.0, 0.0], [0.0], int(1), 0.5, -1.0))
    sage: def descend():
    ....:     return looped_descent('float64', known_cost(squares, 'float64'))(*arguments)
    sage: not HAS_LOOPS or [value.tolist() for value in descend()] == [[0.5, 1.0], 1, 2.25, [3.0, 4.5]]
    True
"""
import functools
import hashlib
import inspect

import numpy

from sage_logreg.cost import kernels as fused
from sage_logreg.cost.graphs import training_cost
from sage_logreg.engine import COMPILES_WITH_NUMBA, T, clone_replace, function, theano
from sage_logreg.cost.kernels import EXP_SERIES, LOG2_E, LOG_2, LOG_2_REST, SHIFT, SMALL
from sage_logreg.cost.graphs import gradient_path

# PyTensor's operations change from version to version; newer ones than tests/test_loops.py has seen go through scan
NEWEST_KNOWN = (3, 3)
HAS_LOOPS = COMPILES_WITH_NUMBA and tuple(map(int, theano.__version__.split('.')[:2])) <= NEWEST_KNOWN
SHIFT_BITS = int(numpy.float64(SHIFT).view(numpy.int64))


# What the text calls

def exponential(x):
    r"""
    Return `e^x`.

    ALGORITHM: as for :func:`sage_logreg.cost.kernels.exponentials`, over the whole range.

    EXAMPLES::

        sage: from sage_logreg.cost.codegen import exponential
        sage: [float(exponential(float(x))) for x in (0, 1, -700, -1000)]  # rel tol 1e-15
        [1.0, 2.718281828459045, 9.85967654375977e-305, 0.0]
    """
    # beyond these it is 0 or infinite; a NaN passes both
    x = -746.0 if x < -746.0 else x
    x = 710.0 if x > 710.0 else x
    shifted = x * LOG2_E + SHIFT
    k = shifted - SHIFT
    r = x - k * LOG_2 - k * LOG_2_REST
    power = 0.0
    for coefficient in EXP_SERIES:
        power = power * r + coefficient
    # 2^k in two factors: at the ends of the range it is no float64 itself
    whole = numpy.float64(shifted).view(numpy.int64) - SHIFT_BITS
    half = whole >> 1
    return (power * numpy.int64((half + 1023) << 52).view(numpy.float64)
            * numpy.int64((whole - half + 1023) << 52).view(numpy.float64))


def sigmoid(x):
    r"""
    Return `1/(1 + e^{-x})`.

    EXAMPLES::

        sage: from sage_logreg.cost.codegen import sigmoid
        sage: [float(sigmoid(float(x))) for x in (0, -700, 700)]  # rel tol 1e-15
        [0.5, 9.85967654375977e-305, 1.0]
    """
    return 1.0 / (1.0 + exponential(-x))


def along(matrix):
    r"""
    Return a copy of a small matrix whose rows are its longer side; of a large one, nothing.

    EXAMPLES::

        sage: from sage_logreg.cost.codegen import along
        sage: import numpy
        sage: along(numpy.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
        array([[1., 3., 5.],
               [2., 4., 6.]])
    """
    m, n = matrix.shape
    if m * n > SMALL:
        return numpy.empty((0, 0))
    rows = numpy.empty((min(m, n), max(m, n)))
    for i in range(m):
        for j in range(n):
            if m > n:
                rows[j, i] = matrix[i, j]
            else:
                rows[i, j] = matrix[i, j]
    return rows


def product(matrix, rows, vector, out):
    r"""
    Write the product of a matrix and a vector into ``out``; ``rows`` is ``along(matrix)``.

    EXAMPLES::

        sage: from sage_logreg.cost.codegen import along, product
        sage: import numpy
        sage: matrix, out = numpy.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), numpy.empty(3)
        sage: product(matrix, along(matrix), numpy.array([1.0, 10.0]), out)
        sage: out
        array([21., 43., 65.])
    """
    m, n = matrix.shape
    if len(vector) != n or len(out) != m:
        raise ValueError('a matrix and a vector of different lengths')
    if m * n > SMALL:
        numpy.dot(matrix, vector, out)
    elif m > n:
        for i in range(m):
            out[i] = 0.0
        for j in range(n):
            for i in range(m):
                out[i] += rows[j, i] * vector[j]
    else:
        for i in range(m):
            total = 0.0
            for j in range(n):
                total += rows[i, j] * vector[j]
            out[i] = total


# by the names of Theano's operations on numbers
SCALARS = {'Exp': exponential, 'Sigmoid': sigmoid}
# The order of a sum is free, as it is for PyTensor's own numba code; infinities and NaN stay what they
# are. exponential keeps to its order: adding SHIFT must not be left out.
CONTRACT, REORDER = {'contract'}, {'contract', 'reassoc', 'arcp'}
FASTMATH = {exponential: CONTRACT, sigmoid: CONTRACT, along: CONTRACT, product: REORDER}

TEXT = '''
def descend(X, y, w, penalty, count, rate, tol):
    steps, rate, tol = count.item(), rate.item(), tol.item()
    w = w.copy()
    {once}
    made = 0
    while True:
        {step}
        small = made == steps
        if not small:
            small = True
            for i0 in range(len(w)):
                if not abs({gradient}) <= tol:
                    small = False
        if small:
            break
        for i0 in range(len(w)):
            w[i0] -= rate * {gradient}
        made += 1
    {last}
    slopes = np.empty_like(w)
    for i0 in range(len(w)):
        slopes[i0] = {gradient}
    return w, np.asarray(made), np.asarray(np.{dtype}({cost})), slopes
'''


class Unsuited(Exception):
    r"""
    A gradient that only ``scan`` can follow.
    """


class Text:
    r"""
    The text of a descent along a gradient, and of the cost at its end.

    INPUT:

    - ``inputs`` -- the Theano variables ``X``, ``y``, ``w`` and ``penalty``
    - ``gradient``, ``cost`` -- the graphs of both in them

    ``places`` says where the text keeps a variable: the name of an array or of a
    number, how many axes that has, and for each axis of the variable which of
    these it is, or ``None`` for one of length 1 that is not kept.

    EXAMPLES::

        sage: from sage_logreg.engine import theano, T
        sage: from sage_logreg.engine import COMPILES_WITH_NUMBA
        sage: from sage_logreg.cost.codegen import Text
        sage: X, y, w, penalty = T.dmatrix(), T.dvector(), T.dvector(), T.dvector()
        sage: if COMPILES_WITH_NUMBA: print('\n'.join(Text([X, y, w, penalty], w * T.sum(y), T.sum(w)).step))  # random
        for i0 in range(v9.shape[0]):
            t10 = f11(w[i0], v7)
            v9[i0] = t10
    """

    def __init__(self, inputs, gradient, cost):
        self.once, self.step, self.last, self.lines = [], [], [], None
        self.environment, self.keys, self.functions, self.names = {}, [], {}, 0
        self.steady, self.places = {}, {}
        self.writers = self._writers()
        self.gradient = self._follow(inputs, gradient, self.step)
        # on its own: a rewrite that joins the two would compute the cost in every step
        self.cost, self.dtype = self._follow(inputs, cost, self.last), cost.type.dtype

    def _follow(self, inputs, result, lines):
        # Write the graph of the result; return the text of its entry.
        from pytensor.compile.mode import get_default_mode
        from pytensor.graph.fg import FunctionGraph
        graph = FunctionGraph(list(inputs), [result], clone=True)
        get_default_mode().excluding('inplace').optimizer.rewrite(graph)
        self.w, self.length, self.unsteady = graph.inputs[2], graph.shape_feature.get_shape, lines
        self.steady[self.w] = False
        for variable, name in zip(graph.inputs, ('X', 'y', 'w', 'penalty')):
            self.places[variable] = name, variable.type.ndim, tuple(range(variable.type.ndim))
        for node in graph.toposort():
            self.write(node)
        return self.element(graph.outputs[0])

    def _writers(self):
        from pytensor.tensor.basic import Alloc, ScalarFromTensor, TensorFromScalar
        from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise
        from pytensor.tensor.math import Dot
        from pytensor.tensor.shape import Shape_i
        from pytensor.tensor.subtensor import IncSubtensor, Subtensor
        from pytensor.tensor.type import TensorType
        self.TensorType = TensorType
        return {Elemwise: self.write_elementwise, DimShuffle: self.write_axes, Dot: self.write_product,
                CAReduce: self.write_sum, Alloc: self.write_alloc, Subtensor: self.write_part,
                IncSubtensor: self.write_change, Shape_i: self.write_length,
                ScalarFromTensor: self.write_same, TensorFromScalar: self.write_same}

    # Where a variable is

    def is_steady(self, variable):
        # Whether it does not depend on the weights; how many they are stays the same.
        if variable not in self.steady:
            node = variable.owner
            self.steady[variable] = (node is None or self._writer(node) == self.write_length and node.inputs[0] is self.w
                                     or all(map(self.is_steady, node.inputs)))
        return self.steady[variable]

    def place(self, variable):
        if variable not in self.places:
            if variable.owner is not None:
                # a length, which is not in the graph itself
                self.write(variable.owner)
            else:
                self.places[variable] = self._constant(variable)
        return self.places[variable]

    def _constant(self, variable):
        value = numpy.asarray(variable.data)
        if value.dtype.kind not in 'biuf':
            raise Unsuited(f'{variable} is not of numbers')
        name, rank = self.name('c'), getattr(variable.type, 'ndim', 0)
        self.keys.append((name, value.dtype.str, value.shape, value.tobytes()))
        if value.size != 1:
            self.environment[name] = value
            return name, rank, tuple(range(rank))
        self.environment[name] = value.dtype.type(value.item())
        return name, 0, (None,) * rank

    def room(self, variable, axes=None):
        # The name of an array, taken once, for these axes of the variable.
        ndim = variable.type.ndim
        axes = tuple(range(ndim)) if axes is None else axes
        sizes = [self.length(variable, axis) for axis in axes]
        if not all(map(self.is_steady, sizes)):
            raise Unsuited('a length depends on the weights')
        shape = ''.join(f'{self.place(size)[0]},' for size in sizes)
        name = self.name('v')
        self.once.append(f'{name} = np.empty(({shape}), np.{numpy.dtype(variable.type.dtype).type.__name__})')
        self.places[variable] = name, len(axes), tuple(axes.index(axis) if axis in axes else None for axis in range(ndim))
        return name

    # Pieces of text

    def name(self, letter):
        self.names += 1
        return f'{letter}{self.names}'

    def element(self, variable):
        # An entry of the variable, within the loops over its axes.
        name, rank, axes = self.place(variable)
        index = ['0'] * rank
        for axis, kept in enumerate(axes):
            if kept is not None and not variable.type.broadcastable[axis]:
                index[kept] = f'i{axis}'
        return f'{name}[{", ".join(index)}]' if rank else name

    def array(self, variable):
        # The variable as PyTensor's own functions take it.
        name, rank, axes = self.place(variable)
        if not isinstance(variable.type, self.TensorType) or rank and axes == tuple(range(rank)):
            return name
        if rank == 0:
            return f'np.full({(1,) * len(axes)}, {name})' if axes else f'np.asarray({name})'
        if self._writer(variable.owner) == self.write_axes:
            return f'{self.function(variable.owner.op, variable.owner)}({self.array(variable.owner.inputs[0])})'
        return f'{name}.reshape({tuple(1 if kept is None else -1 for kept in axes)})'

    def function(self, op, node):
        # The name of PyTensor's own function, or of one of those above in its place.
        from pytensor.link.numba.dispatch.basic import numba_funcify_ensure_cache
        types = tuple(str(variable.type) for variable in (*node.inputs, *node.outputs))
        if (op, types) not in self.functions:
            ours = SCALARS.get(type(op).__name__) if set(types) == {'float64'} else None
            function, key = (ours, ours.__name__) if ours else numba_funcify_ensure_cache(op, node=node)
            name = self.functions[op, types] = self.name('f')
            self.environment[name] = function
            self.keys.append(key and (name, key))
        return self.functions[op, types]

    def loop(self, axes, array, lines):
        # The lines, within loops over the axes of an array.
        for axis in reversed(range(axes)):
            lines = [f'for i{axis} in range({array}.shape[{axis}]):', *('    ' + line for line in lines)]
        self.lines += lines

    def refuse(self, condition):
        # PyTensor's functions would say more, and have: the cost is evaluated by them before a descent.
        self.lines += [f'if {condition}:', "    raise ValueError('lengths or an index that do not fit')"]

    def check(self, variable, array):
        # Nothing is read beyond its end.
        name, rank, axes = self.place(variable)
        for axis, kept in enumerate(axes):
            if kept is not None and not variable.type.broadcastable[axis]:
                self.refuse(f'{name}.shape[{kept}] != {array}.shape[{axis}]')

    # A node each

    def _writer(self, node):
        return next((write for kind, write in self.writers.items() if isinstance(node.op, kind)), None)

    def write(self, node):
        if node.outputs[0] in self.places:
            return
        for variable in node.inputs:
            self.place(variable)
        before, self.lines = self.lines, self.once if self.is_steady(node.outputs[0]) else self.unsteady
        write = self._writer(node)
        if not (write and write(node)):
            self.write_call(node)
        self.lines = before

    def write_call(self, node):
        # whatever has no form of its own
        if not all(hasattr(variable.type, 'dtype') for variable in (*node.inputs, *node.outputs)):
            raise Unsuited(f'{node.op} is not of numbers')
        if node.op.destroy_map:
            # of a rewrite that is not among PyTensor's 'inplace' ones
            raise Unsuited(f'{node.op} writes over its argument')
        names = [self.name('v') for _ in node.outputs]
        arguments = ', '.join(map(self.array, node.inputs))
        self.lines.append(f'{", ".join(names)} = {self.function(node.op, node)}({arguments})')
        for name, variable in zip(names, node.outputs):
            rank = getattr(variable.type, 'ndim', 0)
            if rank == 0:
                self.lines.append(f'{name}_ = np.asarray({name}).item()')
                name += '_'
            self.places[variable] = name, rank, tuple(range(rank))

    def write_same(self, node):
        self.places[node.outputs[0]] = self.place(node.inputs[0])
        return True

    def write_axes(self, node):
        # the same array with other axes
        name, rank, axes = self.place(node.inputs[0])
        self.places[node.outputs[0]] = name, rank, tuple(None if axis == 'x' else axes[axis] for axis in node.op.new_order)
        return True

    def write_length(self, node):
        name, rank, axes = self.place(node.inputs[0])
        kept = axes[node.op.i]
        length = self.name('v')
        self.lines.append(f'{length} = {"1" if kept is None else f"{name}.shape[{kept}]"}')
        self.places[node.outputs[0]] = length, 0, ()
        return True

    def write_elementwise(self, node):
        ndim = node.outputs[0].type.ndim
        rooms = [self.room(output) for output in node.outputs] if ndim else [None]
        if ndim:
            for variable in (*node.inputs, *node.outputs[1:]):
                self.check(variable, rooms[0])
        lines = []
        results = self._results(node.op.scalar_op, node.op.make_scalar_node(*node.inputs),
                                [self.element(variable) for variable in node.inputs], lines)
        for output, result in zip(node.outputs, results):
            if not ndim:
                self.places[output] = self.name('v'), 0, ()
                result = f'np.{numpy.dtype(output.type.dtype).type.__name__}({result})'
            lines.append(f'{self.element(output)} = {result}')
        self.loop(ndim, rooms[0], lines)
        return True

    def _results(self, op, node, arguments, lines):
        # The names of an operation's results on numbers, after the lines that compute them.
        if hasattr(op, 'fgraph'):
            values = dict(zip(op.fgraph.inputs, arguments))
            for inner in op.fgraph.toposort():
                inputs = [values[variable] if variable in values else self.element(variable) for variable in inner.inputs]
                values.update(zip(inner.outputs, self._results(inner.op, inner, inputs, lines)))
            return [values[variable] for variable in op.fgraph.outputs]
        names = [self.name('t') for _ in node.outputs]
        lines.append(f'{", ".join(names)} = {self.function(op, node)}({", ".join(arguments)})')
        return names

    def write_product(self, node):
        # a steady matrix and a vector, which is a column after it or a row before it
        output = node.outputs[0]
        column = node.inputs[1].type.broadcastable[1]
        matrix, vector = node.inputs if column else reversed(node.inputs)
        name, rank, axes = self.place(vector)
        if not (self.is_steady(matrix) and rank == 1 and axes == ((0, None) if column else (None, 0))
                and {variable.type.dtype for variable in (matrix, vector, output)} == {'float64'}):
            return False
        factor, rows = self.name('k'), self.name('k')
        self.once += [f'{factor} = {self.array(matrix)}{"" if column else ".T"}', f'{rows} = along({factor})']
        room = self.room(output, (0,) if column else (1,))
        self.lines.append(f'product({factor}, {rows}, {name}, {room})')
        return True

    def write_sum(self, node):
        variable, output = node.inputs[0], node.outputs[0]
        name, rank, axes = self.place(variable)
        if not (type(node.op.scalar_op).__name__ == 'Add' and output.type.ndim == 0 and rank and axes == tuple(range(rank))
                and variable.type.dtype == output.type.dtype == 'float64'):
            return False
        total = self.name('v')
        self.lines.append(f'{total} = 0.0')
        self.loop(rank, name, [f'{total} += {self.element(variable)}'])
        self.places[output] = total, 0, ()
        return True

    def write_alloc(self, node):
        value, output = node.inputs[0], node.outputs[0]
        ndim = output.type.ndim
        if ndim == 0 or value.type.ndim not in (0, ndim):
            return False
        room = self.room(output)
        self.check(value, room)
        self.loop(ndim, room, [f'{self.element(output)} = {self.element(value)}'])
        return True

    def write_part(self, node):
        # an entry or a slice of a vector
        vector, output = node.inputs[0], node.outputs[0]
        name, rank, axes = self.place(vector)
        index = self._index(node.op, node.inputs)
        if index is None or axes != (0,):
            return False
        self._check_index(name, index)
        part = self.name('v')
        self.lines.append(f'{part} = {name}[{index}]')
        self.places[output] = part, output.type.ndim, tuple(range(output.type.ndim))
        return True

    def write_change(self, node):
        # an entry or a slice of a vector set, or added to
        vector, change = node.inputs[:2]
        output = node.outputs[0]
        index = self._index(node.op, node.inputs[1:])
        if index is None or output.type.ndim != 1:
            return False
        room, sign = self.room(output), '=' if node.op.set_instead_of_inc else '+='
        self.check(vector, room)
        self.loop(1, room, [f'{self.element(output)} = {self.element(vector)}'])
        self._check_index(room, index)
        if ':' not in index:
            self.lines.append(f'{room}[{index}] {sign} {self.element(change)}')
            return True
        part = self.name('v')
        self.lines.append(f'{part} = {room}[{index}]')
        self.check(change, part)
        self.loop(1, part, [f'{part}[i0] {sign} {self.element(change)}'])
        return True

    def _index(self, op, inputs):
        # The text of an index that is one known number or slice, or None.
        from pytensor.tensor.exceptions import NotScalarConstantError
        from pytensor.tensor.subtensor import get_constant_idx
        try:
            index = get_constant_idx(op.idx_list, inputs)
        except NotScalarConstantError:
            return None
        if len(index) != 1:
            return None
        if not isinstance(index[0], slice):
            return str(int(index[0]))
        return ':'.join('' if end is None else str(int(end)) for end in (index[0].start, index[0].stop, index[0].step))

    def _check_index(self, name, index):
        if ':' not in index:
            self.refuse(f'not -len({name}) <= {index} < len({name})')

    def compiled(self):
        r"""
        Return the numba function, and the key that PyTensor keeps it by on the disk; ``None`` for not to.
        """
        from pytensor.link.numba.cache import compile_numba_function_src
        from pytensor.link.numba.dispatch.basic import numba_njit
        text = TEXT.format(once='\n    '.join(self.once), step='\n        '.join(self.step), last='\n    '.join(self.last),
                           gradient=self.gradient, cost=self.cost, dtype=numpy.dtype(self.dtype).type.__name__)
        environment = {'np': numpy, 'along': along, 'product': product, **self.environment}
        function = numba_njit(compile_numba_function_src(text, 'descend', environment), fastmath=REORDER,
                              error_model='numpy')
        # the source in the key: what was compiled from older code is not taken for it
        source = [inspect.getsource(module) for module in (fused, inspect.getmodule(looped_descent))]
        key = hashlib.sha256(repr((source, text, self.keys)).encode()).hexdigest()
        return function, None if None in self.keys else f'sage_logreg_descend_{key}'


@functools.lru_cache(maxsize=None)
def _looped_operation():
    # made when it is first needed: without numba there is nothing to import
    from numba.extending import register_jitable
    from pytensor.compile.builders import OpFromGraph
    from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key, register_funcify_and_cache_key

    class LoopedDescent(OpFromGraph):
        r"""
        The graph of a descent, whose numba code is written from its gradient.
        """

    for function, flags in FASTMATH.items():
        # only what stands inside a loop itself is computed many at a time
        register_jitable(fastmath=flags, error_model='numpy', forceinline=function in SCALARS.values())(function)

    @register_funcify_and_cache_key(LoopedDescent)
    def numba_code(op, node=None, **options):
        inputs = op.fgraph.inputs[:4]
        try:
            return text_of(inputs, op.cost).compiled()
        except Unsuited:
            return numba_funcify_and_cache_key.dispatch(OpFromGraph)(op, node=node, **options)

    return LoopedDescent


def text_of(inputs, cost):
    r"""
    Return the :class:`Text` of the descent on a cost, with its penalty; the cost at the end is without.

    INPUT:

    - ``inputs`` -- the Theano variables ``X``, ``y``, ``w`` and ``penalty``
    - ``cost`` -- as for :func:`sage_logreg.cost.graphs.training_cost`

    EXAMPLES: see :class:`Text`.
    """
    return Text(inputs, T.grad(training_cost(*inputs, cost=cost), inputs[2]), training_cost(*inputs[:3], cost=cost))


@functools.lru_cache(maxsize=16)
def looped_descent(dtype, cost):
    r"""
    Return the compiled function of gradient descent on a user's own cost; only where there are loops, see ``HAS_LOOPS``.

    INPUT:

    - ``dtype`` -- the points' type, ``'float64'`` or ``'float32'``
    - ``cost`` -- a :class:`sage_logreg.cost.graphs.KnownCost`

    OUTPUT: a function of arrays ``(X, y, w, penalty, count, rate, tol)``, which are those of
    :func:`sage_logreg.cost.graphs.gradient_path`. It returns the weights after the steps, how many were made, and at these
    weights the cost without its penalty and the gradient with it

    EXAMPLES: see :mod:`sage_logreg.cost.codegen`.
    """
    X, y, w, penalty = T.matrix('X', dtype=dtype), T.dvector('y'), T.dvector('w'), T.dvector('penalty')
    inputs = [X, y, w, penalty, T.lscalar('count'), T.dscalar('learning_rate'), T.dscalar('tol')]
    end, made = gradient_path(*inputs, cost=cost)
    reached = clone_replace([training_cost(X, y, w, cost=cost), T.grad(training_cost(X, y, w, penalty, cost=cost), w)], {w: end})
    operation = _looped_operation()(inputs, [end, made, *reached], name='looped_descent')
    operation.cost = cost
    outer = [variable.type() for variable in inputs]
    compiled = function(outer, operation(*outer))
    # it is given arrays of these types, which need no checking
    compiled.trust_input = True
    return compiled
