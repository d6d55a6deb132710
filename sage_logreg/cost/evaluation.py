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

from sage_logreg.cost import kernels
from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.graphs import cost_and_gradient, known_cost, newton_terms
from sage_logreg.cost.kernels import compiled, rows_of_a_part
from sage_logreg.cost.loops import compiled_cost
from sage_logreg.cost.small import SMALL, small_newton, small_terms
from sage_logreg.cost.sparse import evaluate_sparse
from sage_logreg.dataset.design import ROWS, row_blocks
from sage_logreg.dataset.sparse import is_sparse
from sage_logreg.engine import COMPILES_WITH_NUMBA, T, function, kept
from sage_logreg.support.cores import in_parallel, products_in_parallel

# into how many parts the rows are divided for Hessians, each of which is kept until they are added up, and their least numbers
PIECES, LEAST = 4, 1 << 18


@kept(8)
def _evaluation(dtype, penalized, weighted):
    # The compiled cost and gradient, with a penalty if penalized, of samples with frequencies and offsets if weighted.
    X, y, w, penalty = T.matrix('X', dtype=dtype), T.dvector('y'), T.dvector('w'), T.dvector('penalty')
    rows = [T.dvector('frequency'), T.dvector('offset')] if weighted else []
    inputs = [X, y, w] + ([penalty] if penalized else [])
    return function([*inputs, *rows], cost_and_gradient(X, y, w, penalty if penalized else None, *rows))


@kept(8)
def _own_evaluation(penalized, dtype, cost, **options):
    inputs = [T.matrix('X', dtype=dtype), T.dvector('y'), T.dvector('w')] + ([T.dvector('penalty')] if penalized else [])
    # a user's cost may not use X or y
    return function(inputs, cost_and_gradient(*inputs, cost=cost), on_unused_input='ignore', **options)


def _evaluate_own(points, labels, weights, penalty, cost, derived, parts):
    # A user's cost, by the compiled functions of the descents where there are any; of several parts it is the mean.
    dtype = str(points.dtype)
    rest = (weights,) if penalty is None else (weights, penalty)
    if not COMPILES_WITH_NUMBA:
        value, gradient = _own_evaluation(penalty is not None, dtype, cost)(points, labels, *rest)
        return float(value), gradient
    own = compiled_cost(dtype, cost)
    try:
        if len(parts) == 1:
            value = float(own.value(points, labels, weights))
            gradient = own.gradient(points, labels, weights) if derived else None
        else:
            value = float(_mean_of_own(own, points, labels, weights, False, parts))
            gradient = _mean_of_own(own, points, labels, weights, True, parts) if derived else None
    except Exception:
        # run operation by operation, the graph gives a clearer error
        _own_evaluation(penalty is not None, dtype, cost, mode='FAST_COMPILE')(points, labels, *rest)
        raise
    if penalty is None:
        return value, gradient
    first = len(weights) - len(penalty)
    value += float(penalty @ weights[first:]**2) / 2
    return value, numpy.append(gradient[:first], gradient[first:] + penalty * weights[first:]) if derived else None


def _mean_of_own(own, points, labels, weights, derived, parts):
    # The mean of a cost, or of its gradient, over the parts, by all cores.
    function = own.unlocked(derived)

    def of_part(part):
        # it is compiled for arrays that may be written to
        return [function(*(numpy.require(array, requirements='CAW') for array in (points[part], labels[part], weights)))]
    return _mean(in_parallel(of_part, parts), parts)[0]


def own_gradient_in_parts(points, labels, weights, cost):
    r"""
    Return the gradient of a cost of one's own that is a mean over the rows, computed by all cores.

    INPUT: as for :func:`evaluate`; ``cost`` -- a :class:`~sage_logreg.cost.graphs.KnownCost`; only where PyTensor compiles
    with numba, and only for tables of several parts
    """
    return _mean_of_own(compiled_cost(str(points.dtype), cost), points, labels, weights, True, parts_of_rows(points))


@kept(2)
def _newton_evaluation(dtype):
    X, (y, w, frequency, offset, center, scale) = T.matrix('X', dtype=dtype), [T.dvector() for _ in range(6)]
    inputs = [X, y, w, frequency, offset, center, scale, T.lscalar('curved')]
    return function(inputs, newton_terms(*inputs))


def evaluate_newton(points, labels, weights, frequency, offset, center, scale, curved=True):
    r"""
    Return the numbers of :func:`sage_logreg.cost.graphs.newton_terms`.

    INPUT: float64 arrays, ``points`` may be float32; and a boolean

    OUTPUT: a ``float``, a float64 array of n + 1 and one of (n + 1) x (n + 1) numbers; of n and n x n, where there are
    only n weights and no bias
    """
    return newton_evaluation(points, labels, len(weights), frequency, offset, center, scale)(weights, curved)


def newton_evaluation(points, labels, count, frequency, offset, center, scale):
    r"""
    Return :func:`evaluate_newton` as a function of ``count`` weights and of ``curved``, for many of them.

    EXAMPLES::

        sage: from sage_logreg.cost.evaluation import newton_evaluation
        sage: import numpy
        sage: points, labels, zeros, ones = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0]), numpy.zeros(2), numpy.ones(2)
        sage: newton_evaluation(points, labels, 2r, ones, zeros, zeros[:1], ones[:1])(zeros)[1]
        array([ 0. , -0.5])
    """
    if has_numba() and points.size <= SMALL:
        return small_newton(points, labels, count, frequency, offset, center, scale)
    # neither the kernels nor Theano's C code take a view that repeats one number
    frequency, offset = map(numpy.ascontiguousarray, (frequency, offset))
    if has_numba():
        parts = list(row_blocks(len(points), max(count, LEAST // count, -(-len(points) // PIECES))))
        rows = [(points[part], labels[part]) for part in parts]
        rest = [(frequency[part], offset[part], center, scale) for part in parts]
        kernel = compiled(kernels.newton_terms, *rows[0], numpy.zeros(count), *rest[0], True)
        # products of few columns are so small that BLAS has no threads for them
        run = in_parallel if kernels.PRODUCT // count**2 >= kernels.FEW_ROWS else products_in_parallel

        def in_parts(weights, curved=True):
            weights = numpy.ascontiguousarray(weights)
            terms = run(lambda k: kernel(*rows[k], weights, *rest[k], bool(curved)), range(len(parts)))
            return terms[0] if len(parts) == 1 else tuple(map(sum, zip(*terms)))
        return in_parts
    graph = _newton_evaluation(str(points.dtype))

    def terms(weights, curved=True):
        total = None
        for rows in row_blocks(len(points), ROWS):
            part = graph(points[rows], labels[rows], weights, frequency[rows], offset[rows], center, scale, curved)
            total = part if total is None else [old + new for old, new in zip(total, part)]
        return float(total[0]), total[1], total[2]
    return terms


def evaluate_firth(points, weights, frequency, offset, center, scale, whitening):
    r"""
    Return the numbers of :func:`sage_logreg.cost.kernels.firth_terms`; ``None`` for small tables, and where there is no numba.

    INPUT: as for :func:`evaluate_newton`; and a triangular float64 matrix
    """
    if not has_numba() or points.size <= SMALL:
        return None
    arguments = points, weights, *map(numpy.ascontiguousarray, (frequency, offset)), center, scale, numpy.ascontiguousarray(whitening)
    return compiled(kernels.firth_terms, *arguments)(*arguments)


def parts_of_rows(points):
    r"""
    Return the parts of a table that the cores share, a list of slices.
    """
    return list(row_blocks(len(points), rows_of_a_part(points.shape[1])))


def evaluate(points, labels, weights, penalty=None, cost=None, frequency=None, offset=None, derived=True, is_mean=False):
    r"""
    Return the cost at ``weights`` and its gradient, as numbers.

    INPUT:

    - ``points`` -- float64 or float32 array, m x n; or a CSR matrix, for the logistic cost
    - ``labels`` -- float64 array of m zeros and ones
    - ``weights`` -- float64 array of n + 1 weights, the bias first, or of n without a bias
    - ``penalty``, ``cost``, ``frequency``, ``offset`` -- as for :func:`sage_logreg.cost.graphs.training_cost`, as float64
      arrays; a cost of one's own has neither frequencies nor an offset
    - ``derived`` -- (default: ``True``) whether the gradient is wanted; otherwise it may be ``None``
    - ``is_mean`` -- (default: ``False``) whether a cost of one's own is known to be a mean over the rows; of many rows it is
      then computed in parts, by all cores

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
    if is_sparse(points):
        return evaluate_sparse(points, labels, weights, penalty, frequency, offset)
    if cost is not None:
        parts = parts_of_rows(points) if is_mean else [slice(None)]
        return _evaluate_own(points, labels, weights, penalty, known_cost(cost, str(points.dtype)), derived, parts)
    rows = weighted_rows(len(points), frequency, offset)
    if has_numba():
        if points.size <= SMALL:
            return small_terms(points, labels, weights, penalty, *rows, derived=derived)
        return evaluate_in_parts(points, labels, weights, penalty, rows)
    graph = _evaluation(str(points.dtype), penalty is not None, bool(rows))
    at = (weights,) if penalty is None else (weights, penalty)
    parts = list(row_blocks(len(points)))
    return _mean([graph(points[part], labels[part], *at, *(numbers[part] for numbers in rows)) for part in parts], parts)


def _mean(terms, parts):
    # The mean cost and the mean gradient of all rows, of those of the parts.
    if len(parts) == 1:
        return float(terms[0][0]), terms[0][1]
    shares = numpy.array([part.stop - part.start for part in parts]) / parts[-1].stop
    return tuple(sum(share * values for share, values in zip(shares, column)) for column in zip(*terms))


def evaluate_in_parts(points, labels, weights, penalty, rows, costly=True):
    r"""
    Return the logistic cost and its gradient, computed by all cores; only where there is numba.

    The same numbers whatever the number of cores: how many parts there are depends on the data alone.

    INPUT: as for :func:`evaluate`; ``rows`` as :func:`weighted_rows` returns them; ``costly`` -- whether the cost is wanted
    """
    penalty = numpy.zeros(points.shape[1]) if penalty is None else penalty

    def arguments(part):
        each = [numbers[part] for numbers in rows] or [None, None]
        return points[part], labels[part], weights, penalty, *each, costly

    parts = parts_of_rows(points)
    kernel = compiled(kernels.cost_and_gradient, *arguments(parts[0]))
    cost, gradient = _mean(in_parallel(lambda part: kernel(*arguments(part)), parts), parts)
    return float(cost), gradient


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
