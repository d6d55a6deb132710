r"""
Evaluation: the numbers of the cost and of its derivatives

EXAMPLES:

The cost and its gradient where the worksheet starts, at zero weights::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.cost.evaluation import evaluate
    sage: data = ex2data1()
    sage: import numpy
    sage: cost, gradient = evaluate(data.points, data.labels, numpy.zeros(3))
    sage: cost  # abs tol 1e-15
    0.6931471805599453
    sage: gradient  # abs tol 1e-12
    array([ -0.1       , -12.00921659, -11.26284221])
"""
import numpy

from sage_logreg.cost.graphs import cost_and_gradient, known_cost, newton_terms
from sage_logreg.cost.kernels import fused, has_numba
from sage_logreg.cost.loops import compiled_cost
from sage_logreg.dataset.design import ROWS, row_blocks
from sage_logreg.engine import COMPILES_WITH_NUMBA, T, function, kept


@kept(8)
def _evaluation(dtype, penalized, weighted):
    # The compiled cost and gradient, with a penalty if penalized, of samples with frequencies and offsets if weighted.
    X, y, w, penalty = T.matrix('X', dtype=dtype), T.dvector('y'), T.dvector('w'), T.dvector('penalty')
    rows = [T.dvector('frequency'), T.dvector('offset')] if weighted else []
    if has_numba():
        # evaluate gives it arrays of these types
        compiled = function([X, y, w, penalty, *rows], fused(cost_and_gradient, X, y, w, penalty, *rows)).trusting()
        return compiled if penalized else lambda X, y, w, *rows: compiled(X, y, w, numpy.zeros(X.shape[1]), *rows)
    inputs = [X, y, w] + ([penalty] if penalized else [])
    return function([*inputs, *rows], cost_and_gradient(X, y, w, penalty if penalized else None, *rows))


@kept(8)
def _own_evaluation(penalized, dtype, cost, **options):
    inputs = [T.matrix('X', dtype=dtype), T.dvector('y'), T.dvector('w')] + ([T.dvector('penalty')] if penalized else [])
    # a user's cost may not use X or y
    return function(inputs, cost_and_gradient(*inputs, cost=cost), on_unused_input='ignore', **options)


def _evaluate_own(points, labels, weights, penalty, cost):
    # A user's cost, by the compiled functions of the descents where there are any.
    dtype = str(points.dtype)
    rest = (weights,) if penalty is None else (weights, penalty)
    if not COMPILES_WITH_NUMBA:
        value, gradient = _own_evaluation(penalty is not None, dtype, cost)(points, labels, *rest)
        return float(value), gradient
    compiled = compiled_cost(dtype, cost)
    try:
        value, gradient = (evaluate(points, labels, weights) for evaluate in (compiled.value, compiled.gradient))
    except Exception:
        # run operation by operation, the graph gives a clearer error
        _own_evaluation(penalty is not None, dtype, cost, mode='FAST_COMPILE')(points, labels, *rest)
        raise
    if penalty is None:
        return float(value), gradient
    first = len(weights) - len(penalty)
    gradient = numpy.append(gradient[:first], gradient[first:] + penalty * weights[first:])
    return float(value) + float(penalty @ weights[first:]**2) / 2, gradient


@kept(2)
def _newton_evaluation(dtype):
    X, (y, w, frequency, offset, center, scale) = T.matrix('X', dtype=dtype), [T.dvector() for _ in range(6)]
    inputs = [X, y, w, frequency, offset, center, scale, T.lscalar('curved')]
    compiled = function(inputs, fused(newton_terms, *inputs))
    # evaluate_newton gives it arrays of these types
    return compiled.trusting() if has_numba() else compiled


def evaluate_newton(points, labels, weights, frequency, offset, center, scale, curved=True):
    r"""
    Return the numbers of :func:`sage_logreg.cost.graphs.newton_terms`.

    INPUT: float64 arrays, ``points`` may be float32; and a boolean

    OUTPUT: a ``float``, a float64 array of n + 1 and one of (n + 1) x (n + 1) numbers; of n and n x n, where there are
    only n weights and no bias
    """
    compiled = _newton_evaluation(str(points.dtype))
    # the fused code splits the rows into blocks itself
    size = max(1, len(points)) if has_numba() else ROWS
    total = None
    for rows in row_blocks(len(points), size):
        counts = frequency[rows], offset[rows]
        if not has_numba():
            # Theano's C code cannot take a view that repeats one number
            counts = map(numpy.array, counts)
        terms = compiled(points[rows], labels[rows], weights, *counts, center, scale, numpy.asarray(int(curved)))
        total = terms if total is None else [old + new for old, new in zip(total, terms)]
    return float(total[0]), total[1], total[2]


def evaluate(points, labels, weights, penalty=None, cost=None, frequency=None, offset=None):
    r"""
    Return the cost at ``weights`` and its gradient, as numbers.

    INPUT:

    - ``points`` -- float64 or float32 array, m x n
    - ``labels`` -- float64 array of m zeros and ones
    - ``weights`` -- float64 array of n + 1 weights, the bias first, or of n without a bias
    - ``penalty``, ``cost``, ``frequency``, ``offset`` -- as for :func:`sage_logreg.cost.graphs.training_cost`, as float64
      arrays; a cost of one's own has neither frequencies nor an offset

    OUTPUT: a ``float`` and a float64 array of as many numbers as weights

    EXAMPLES::

        sage: from sage_logreg.cost.evaluation import evaluate
        sage: import numpy
        sage: points, labels = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0])
        sage: evaluate(points, labels, numpy.zeros(2))[1]
        array([ 0.  , -0.25])
        sage: evaluate(points, labels, numpy.array([0.0, 2.0]), penalty=numpy.array([3.0]))[0]  # abs tol 1e-12
        7.072538969480391

    TESTS:

    No penalty differs from a penalty of zero where the squares of the weights overflow::

        sage: evaluate(points, labels, numpy.array([0.0, 1e200]))[0]
        5e+199

    Many rows are processed in blocks::

        sage: many = numpy.repeat(points, 100000, axis=0), numpy.repeat(labels, 100000)
        sage: evaluate(*many, numpy.array([0.0, 2.0]), penalty=numpy.array([3.0]))[0]  # abs tol 1e-12
        7.072538969480391
    """
    if cost is not None:
        return _evaluate_own(points, labels, weights, penalty, known_cost(cost, str(points.dtype)))
    rows = weighted_rows(len(points), frequency, offset)
    compiled = _evaluation(str(points.dtype), penalty is not None, bool(rows))
    at = (weights,) if penalty is None else (weights, penalty)
    total, total_gradient = 0.0, numpy.zeros(len(weights))
    for part in row_blocks(len(points)):
        value, gradient = compiled(points[part], labels[part], *at, *(numbers[part] for numbers in rows))
        share = len(labels[part]) / len(labels)
        total += share * float(value)
        total_gradient += share * gradient
    return total, total_gradient


def weighted_rows(count, frequency, offset):
    r"""
    Return the frequencies and the offsets of ``count`` samples, both if either is given, else an empty tuple.

    EXAMPLES::

        sage: from sage_logreg.cost.evaluation import weighted_rows
        sage: import numpy
        sage: weighted_rows(2, None, None), weighted_rows(2, numpy.array([1.0, 3.0]), None)
        ((), (array([1., 3.]), array([0., 0.])))
    """
    if frequency is None and offset is None:
        return ()
    return (numpy.ones(count) if frequency is None else frequency, numpy.zeros(count) if offset is None else offset)
