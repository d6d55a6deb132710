r"""
The Theano there is: PyTensor or Theano 1.0.5

This is the only file that knows the difference between the two. Everything
else is written in Theano's own vocabulary and takes from here ``theano``,
``T`` (the tensor module), ``scan``, ``until``, ``sigmoid``, ``softplus``,
``sign``, ``clone_replace`` and ``equal_computations``.

PyTensor is taken first, Theano when there is no PyTensor; the environment
variable ``SAGE_LOGREG_ENGINE`` (``pytensor`` or ``theano``) chooses.

EXAMPLES::

    sage: from sage_logreg.engine import theano, T
    sage: import numpy
    sage: x = theano.shared(numpy.array([1.0, 2.0]), name='x')
    sage: square = theano.function([], T.grad(T.sum(x**2), x))
    sage: square()
    array([2., 4.])
"""
import importlib.util
import inspect
import os

from sage_logreg.interrupt import interrupts_held

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
    if wanted:
        if wanted not in ENGINES:
            raise ValueError(f"SAGE_LOGREG_ENGINE is {wanted!r}; expected 'pytensor' or 'theano'")
        return wanted
    for name in ENGINES:
        if importlib.util.find_spec(name):
            return name
    raise ImportError('neither PyTensor nor Theano is installed; install one with: pip install pytensor')


ENGINE = choose_engine()

with interrupts_held():
    if ENGINE == 'pytensor':
        import pytensor as theano
        import pytensor.tensor as T
        from pytensor.compile.mode import get_default_mode
        from pytensor.graph.basic import equal_computations
        from pytensor.graph.replace import clone_replace
        from pytensor.scan.utils import until
        if type(get_default_mode().linker).__name__ == 'NumbaLinker':
            # which PyTensor would import in the middle of its first compilation
            import pytensor.link.numba.dispatch
        sigmoid, softplus, sign = T.sigmoid, T.softplus, T.sign
    else:
        # Theano 1.0.5 looks for a BLAS where NumPy no longer says which it has
        os.environ['THEANO_FLAGS'] = 'blas.ldflags=,' + os.environ.get('THEANO_FLAGS', '')
        import theano
        import theano.tensor as T
        from theano import clone as clone_replace
        from theano.scan_module import until
        from theano.scan_module.scan_utils import equal_computations
        sigmoid, softplus, sign = T.nnet.sigmoid, T.nnet.softplus, T.sgn

# newer PyTensor returns the outputs alone when told to, and warns when not told
_outputs_alone = ({'return_updates': False}
                  if 'return_updates' in inspect.signature(theano.scan).parameters else {})


def scan(step, **options):
    r"""
    Return what ``theano.scan`` loops over, without its updates.

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
