r"""
The installed Theano: PyTensor or Theano 1.0.5

This is the only file that knows the difference between the two. Everything
else is written in Theano's own vocabulary and imports from here ``theano``,
``T`` (the tensor module), ``function``, ``scan``, ``until``, ``sigmoid``,
``softplus``, ``softmax``, ``sign``, ``clone_replace``, ``equal_computations``
and the flag ``COMPILES_WITH_NUMBA``. What it compiles may be
used in several threads, and by processes that start at the same time; graphs
are built with the lock ``one_thread``.

PyTensor is preferred to Theano; the environment variable
``SAGE_LOGREG_ENGINE`` (``pytensor`` or ``theano``) overrides this.

EXAMPLES::

    sage: from sage_logreg.engine import theano, T
    sage: import numpy
    sage: x = theano.shared(numpy.array([1.0, 2.0]), name='x')
    sage: square = theano.function([], T.grad(T.sum(x**2), x))
    sage: square()
    array([2., 4.])
"""
import builtins
import contextlib
import functools
import hashlib
import importlib.util
import inspect
import logging
import operator
import os
import pickle
import shutil
import sys
import warnings

import numpy

from sage_logreg.support.files import write_whole
from sage_logreg.support.interrupt import interrupts_held, is_interrupt
from sage_logreg.support.processes import FirstTime
from sage_logreg.support.threads import one_thread
from sage_logreg.version import __version__

ENGINES = ('pytensor', 'theano')


def choose_engine():
    r"""
    Return the name of the engine to use, ``'pytensor'`` or ``'theano'``.

    EXAMPLES::

        sage: from sage_logreg.engine import choose_engine
        sage: choose_engine() in ('pytensor', 'theano')
        True

    TESTS::

        sage: import os
        sage: before = os.environ.pop('SAGE_LOGREG_ENGINE', None)
        sage: os.environ['SAGE_LOGREG_ENGINE'] = 'torch'
        sage: choose_engine()
        Traceback (most recent call last):
        ...
        ValueError: SAGE_LOGREG_ENGINE is 'torch'; expected 'pytensor' or 'theano'
        sage: del os.environ['SAGE_LOGREG_ENGINE']
        sage: if before: os.environ['SAGE_LOGREG_ENGINE'] = before
    """
    wanted = os.environ.get('SAGE_LOGREG_ENGINE')
    if wanted and wanted not in ENGINES:
        raise ValueError(f"SAGE_LOGREG_ENGINE is {wanted!r}; expected 'pytensor' or 'theano'")
    engine = wanted or next(filter(importlib.util.find_spec, ENGINES), None)
    if not engine:
        raise ImportError('neither PyTensor nor Theano is installed; install one with: pip install pytensor')
    return engine


ENGINE = choose_engine()


@contextlib.contextmanager
def explain_compiler_errors():
    r"""
    Return a context that explains the error of a missing or broken compiler in one sentence.

    EXAMPLES::

        sage: from sage_logreg.engine import explain_compiler_errors
        sage: with explain_compiler_errors():
        ....:     raise Exception('Compilation failed (return status=1): no Python.h')
        Traceback (most recent call last):
        ...
        RuntimeError: ... cannot compile its C code, see above; it needs a C++ compiler and Python's header files,
        with Debian or Ubuntu: apt-get install g++ python3-dev
        sage: with explain_compiler_errors():
        ....:     raise ValueError('dimension mismatch')
        Traceback (most recent call last):
        ...
        ValueError: dimension mismatch
    """
    try:
        yield
    except Exception as error:
        if 'Compilation failed' not in str(error):
            raise
        raise RuntimeError(f"{'PyTensor' if ENGINE == 'pytensor' else 'Theano'} cannot compile its C code, see above; it "
                           "needs a C++ compiler and Python's header files, with Debian or Ubuntu: apt-get install g++ "
                           'python3-dev') from error


def prepare_theano():
    r"""
    Make Theano 1.0.5 importable alongside newer versions of NumPy and Python.

    EXAMPLES: see :mod:`sage_logreg.engine`.
    """
    # otherwise Theano asks NumPy for its BLAS, which NumPy no longer reports; and logs that it falls back to slower
    # code, and every wait for another process to compile
    flags = 'blas.ldflags=,'
    for name in ('tensor.blas', 'gof.compilelock'):
        logging.getLogger(f'theano.{name}').setLevel(logging.ERROR)
    if not shutil.which('g++'):
        # told that there is no compiler, Theano does not add three warnings of its own
        flags += 'cxx=,'
        warnings.warn('Theano finds no C++ compiler, and is many times slower without; install one, with Debian or '
                      'Ubuntu: apt-get install g++', RuntimeWarning)
    os.environ['THEANO_FLAGS'] = flags + os.environ.get('THEANO_FLAGS', '')
    # Theano uses NumPy's former aliases of Python's types
    for name in ('bool', 'complex', 'float', 'int', 'object', 'str'):
        if name not in vars(numpy):
            setattr(numpy, name, getattr(builtins, name))
    if sys.version_info >= (3, 11):
        # the C code of Theano's scan does not compile there; without it Theano uses the Python version
        sys.modules['theano.scan_module.scan_perform_ext'] = None


def take_any_integer(getitem):
    r"""
    Return Theano's indexing for any kind of integer: Theano 1.0.5 mistakes Sage's integers for arrays.

    EXAMPLES::

        sage: from sage_logreg.engine import T, theano
        sage: w = T.dvector('w')
        sage: theano.function([w], w[0] + w[-1])([1, 2, 3])
        array(4.)
    """
    def plain(item):
        if isinstance(item, tuple):
            return tuple(map(plain, item))
        is_integer = hasattr(item, '__index__') and not isinstance(item, (bool, numpy.bool_, numpy.ndarray))
        return operator.index(item) if is_integer else item

    return lambda self, item: getitem(self, plain(item))


def save_key_atomically(key_data):
    r"""
    Write a compiled module's key, as Theano and PyTensor do, but so that no other process ever sees half of it.

    A process that starts at that moment would take a half-written key for a broken one and delete the module; so would
    the next process after an interrupt.

    INPUT:

    - ``key_data`` -- the engine's ``KeyData``; written to its ``key_pkl``, a path

    EXAMPLES::

        sage: from sage_logreg.engine import save_key_atomically
        sage: import os, pickle, tempfile, types
        sage: folder = tempfile.TemporaryDirectory()
        sage: key_data = types.SimpleNamespace(key_pkl=os.path.join(folder.name, 'key.pkl'), keys={'first'})
        sage: save_key_atomically(key_data)

    TESTS:

    A failed write keeps the old file and leaves no partial one::

        sage: key_data.keys = [b'second'*100000, lambda: None]
        sage: save_key_atomically(key_data)
        Traceback (most recent call last):
        ...
        PicklingError: ...
        sage: with open(key_data.key_pkl, 'rb') as file: print(pickle.load(file).keys)
        {'first'}
        sage: os.listdir(folder.name)
        ['key.pkl']
        sage: folder.cleanup()
    """
    write_whole(key_data.key_pkl, pickle.dumps(key_data, protocol=pickle.HIGHEST_PROTOCOL))


def shorten_shape_error():
    r"""
    Let numba's error of an assigned array that does not fit be one that is quick to compile.

    It names the shapes, as text; the code that writes this text takes seconds to compile, in every first gradient.

    EXAMPLES: see :mod:`sage_logreg.engine`.
    """
    import numba.np.arrayobj
    from numba.extending import overload

    def raise_without_shapes(source, destination):
        pass

    @overload(raise_without_shapes)
    def compiled(source, destination):
        def error(source, destination):
            raise ValueError('cannot assign an array to a slice of another shape')
        return error
    # its name in numba is private, and may go
    if hasattr(numba.np.arrayobj, 'raise_with_shape_context'):
        numba.np.arrayobj.raise_with_shape_context = raise_without_shapes


def accurate_softplus(x):
    r"""
    Return Theano's ``softplus`` of a graph, accurate also above 16, where Theano 1.0.5 rounds it to `x`.

    EXAMPLES::

        sage: from sage_logreg.engine import T, softplus, theano
        sage: x = T.dscalar('x')
        sage: float(theano.function([x], softplus(x) - x)(20))  # rel tol 1e-5
        2.06115362e-9
    """
    # at least 16 in the other branch too: a gradient through infinity would be nan
    far = T.maximum(x, 16.0)
    return T.switch(T.gt(x, 16.0), far + T.log1p(T.exp(-far)), T.nnet.softplus(x))


with interrupts_held(), explain_compiler_errors():
    if ENGINE == 'pytensor':
        import pytensor as theano
        import pytensor.tensor as T
        from pytensor.compile.mode import get_default_mode
        from pytensor.graph.basic import equal_computations
        from pytensor.graph.replace import clone_replace
        from pytensor.link.c.cmodule import KeyData
        from pytensor.scan.utils import until
        COMPILES_WITH_NUMBA = type(get_default_mode().linker).__name__ == 'NumbaLinker'
        if COMPILES_WITH_NUMBA:
            # otherwise PyTensor imports this in the middle of its first compilation
            import pytensor.link.numba.dispatch
            shorten_shape_error()
        from pytensor.tensor.special import softmax as softmax_along
        sigmoid, softplus, sign = T.sigmoid, T.softplus, T.sign
        # of each row, as in Theano
        softmax = functools.partial(softmax_along, axis=-1)
    else:
        prepare_theano()
        with warnings.catch_warnings():
            # Theano uses deprecated Python modules; its scan would import imp later
            warnings.simplefilter('ignore', DeprecationWarning)
            import imp  # noqa: F401
            import theano
            import theano.tensor as T
            from theano import clone as clone_replace
            from theano.gof.cmodule import KeyData
            from theano.scan_module import until
            from theano.scan_module.scan_utils import equal_computations
        from theano.tensor.var import _tensor_py_operators
        _tensor_py_operators.__getitem__ = take_any_integer(_tensor_py_operators.__getitem__)
        COMPILES_WITH_NUMBA = False
        sigmoid, softplus, softmax, sign = T.nnet.sigmoid, accurate_softplus, T.nnet.softmax, T.sgn

KeyData.save_pkl = save_key_atomically

# newer PyTensor returns the outputs alone if asked to, and warns if not asked
_outputs_alone = {'return_updates': False} if 'return_updates' in inspect.signature(theano.scan).parameters else {}


def scan(step, **options):
    r"""
    Return the outputs of ``theano.scan``, without its updates.

    INPUT: as ``theano.scan``; ``step`` must not return updates.

    OUTPUT: the outputs of all steps, one tensor or a list of tensors

    EXAMPLES::

        sage: from sage_logreg.engine import scan, theano, T
        sage: n = T.lscalar('n')
        sage: powers = scan(lambda power: 2*power, outputs_info=[T.constant(1.0)], n_steps=n)
        sage: theano.function([n], powers)(5)
        array([ 2.,  4.,  8., 16., 32.])
    """
    result = theano.scan(step, **options, **_outputs_alone)
    return result if _outputs_alone else result[0]


def kept(most=None):
    r"""
    Return a decorator of a function that builds and compiles: one thread at a time does, once for the same arguments.

    INPUT:

    - ``most`` -- (default: all) how many results are kept

    EXAMPLES::

        sage: from sage_logreg.engine import kept
        sage: @kept(1r)
        ....: def build(number):
        ....:     return [number]
        sage: build(1) is build(1), build(2) == build(1)
        (True, False)
    """
    def decorate(build):
        cached = functools.lru_cache(maxsize=most)(build)

        @functools.wraps(build)
        def find(*arguments, **options):
            with one_thread:
                return cached(*arguments, **options)
        return find
    return decorate


@contextlib.contextmanager
def compiling(*key):
    r"""
    Return a context for what is compiled and then cached on disk: one thread, and of several new processes the first one.

    INPUT:

    - ``key`` -- what says, in text, what is compiled

    OUTPUT: the context's value has a method ``done()``, to be called when everything is in the cache

    EXAMPLES::

        sage: from sage_logreg.engine import compiling
        sage: with compiling('nothing') as first:
        ....:     first.done()
    """
    digest = hashlib.sha256(repr((__version__, *map(str, key))).encode()).hexdigest()[:32]
    with one_thread, FirstTime(os.path.join(str(theano.config.compiledir), f'sage_logreg_{digest}')) as first:
        yield first


class Compiled:
    r"""
    The compiled function of a graph, which one thread at a time calls: its arguments are kept in it meanwhile.

    INPUT: as :func:`function`
    """

    def __init__(self, inputs, outputs, updates=(), **options):
        graphs = [*(outputs if isinstance(outputs, (list, tuple)) else [outputs]), *(graph for _, graph in updates)]
        text = theano.printing.debugprint(graphs, file='str', print_type=True)
        # until the first call, where numba compiles
        self._key = text, options.get('mode')
        with compiling(*self._key), explain_compiler_errors():
            self._function = theano.function(inputs, outputs, updates=list(updates), **options)

    def __call__(self, *arguments):
        try:
            return self._called(*arguments)
        except SystemError as error:
            if not is_interrupt(error):
                raise
        # what compiled code makes of Ctrl-C is an error of its own, which nobody catches; its traceback is of no use
        raise KeyboardInterrupt

    def _called(self, *arguments):
        with one_thread:
            if self._key is None:
                return self._function(*arguments)
            with compiling(*self._key) as first:
                result = self._function(*arguments)
                first.done()
            self._key = None
            return result

    def __getattr__(self, name):
        return getattr(vars(self)['_function'], name)


def function(inputs, outputs, **options):
    r"""
    Return the compiled function of a graph, for all threads.

    INPUT: as ``theano.function``

    EXAMPLES::

        sage: from sage_logreg.engine import function, T
        sage: x = T.dscalar('x')
        sage: function([x], T.grad(x**3, x))(2)
        array(12.)
    """
    return Compiled(inputs, outputs, **options)
