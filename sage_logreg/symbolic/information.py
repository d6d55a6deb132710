r"""
Fisher's information as a matrix of formulas in the weights

EXAMPLES::

    sage: from sage_logreg import load_data, maximum_likelihood
    sage: from sage_logreg.symbolic.information import fisher_information
    sage: information = fisher_information(maximum_likelihood([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1]]))
    sage: information[0, 1]
    3/((e^(w0 + w1) + 1)*(e^(-w0 - w1) + 1))
    sage: w0 = var('w0')
    sage: bool(information[0, 0] == information[0, 1] + 2*e^w0/(1 + e^w0)^2)
    True
"""
import itertools

from sage.functions.log import exp
from sage.matrix.constructor import matrix
from sage.symbolic.ring import SR

from sage_logreg.symbolic.formula import exact_rows, sum_of, symbols_of_classes, weight_symbols

# most terms in all entries together
MOST_TERMS = 20000


def fisher_information(model, w=()):
    r"""
    Return Fisher's information of the weights of a model over its data, a matrix over ``SR``.

    INPUT:

    - ``model``, ``w`` -- as for :func:`~sage_logreg.symbolic.formula.symbolic_cost`, of more than two classes
      :func:`~sage_logreg.symbolic.formula.symbolic_cost_of_classes`

    EXAMPLES: see :mod:`sage_logreg.symbolic.information`.

    TESTS::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: from sage_logreg.symbolic.information import fisher_information
        sage: fisher_information(maximum_likelihood(ex2data1()), (1, 2))
        Traceback (most recent call last):
        ...
        TypeError: fisher_information takes 3 weights, the bias first, or none; 2 were given
    """
    data, what = model.data.counted(), 'fisher_information'
    points, width = _different_points(data, what), data.design.count
    size = width if data.classes == 2 else width * data.classes
    if len(points) * size**2 > MOST_TERMS:
        raise ValueError(f'the information of {size} weights has up to {len(points) * size**2} terms over {len(points)} different points; '
                         f'expected at most {MOST_TERMS}, or covariance(), its inverse at the estimate')
    of_classes = [weight_symbols(w, data.design, what)] if data.classes == 2 else symbols_of_classes(w, data, what)
    terms = {}
    for (row, offset), times in points.items():
        variances = _variances([sum_of([value * symbol for value, symbol in zip(row, symbols)] + ([] if offset is None else [offset[k]]))
                                for k, symbols in enumerate(of_classes)])
        for (j, one), (k, other) in itertools.product(enumerate(row), repeat=2):
            for (a, b), variance in variances.items() if one and other else ():
                terms.setdefault((a * width + j, b * width + k), []).append(times * one * other * variance)
    # of a dictionary Sage would ask Maxima whether entries are zero
    return matrix(SR, [[sum_of(terms.get((j, k), [])) for k in range(size)] for j in range(size)])


def _different_points(data, what):
    # By their numbers in the design and their offset, with how often they count.
    points = {}
    for times, row, offset in exact_rows(data, what):
        point = ((1,) * data.design.intercept + tuple(row), offset if offset is None else tuple(offset) if data.classes > 2 else (offset,))
        points[point] = points.get(point, 0) + times
    return points


def _variances(z):
    # Of the indicators of the classes, and their covariances, at the log-odds; of two classes that of the second one.
    if len(z) == 1:
        # p (1 - p), in two factors of which one is never too small
        return {(0, 0): 1 / ((1 + exp(z[0])) * (1 + exp(-z[0])))}
    p = [1 / (1 + sum_of([exp(other - own) for place, other in enumerate(z) if place != k])) for k, own in enumerate(z)]
    return {(a, b): p[a] * ((a == b) - p[b]) for a, b in itertools.product(range(len(z)), repeat=2)}
