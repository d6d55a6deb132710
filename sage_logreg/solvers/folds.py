r"""
Folds of a cross-validation

EXAMPLES::

    sage: from sage_logreg.solvers.folds import folds_of
    sage: import numpy
    sage: labels = numpy.array([0, 0, 0, 0, 1, 1])
    sage: folds_of(labels, None, 2, True, numpy.random.RandomState(0)).tolist()
    [1, 1, 0, 0, 1, 0]
    sage: folds_of(labels, numpy.array([0, 0, 1, 1, 2, 2]), 3, True, numpy.random.RandomState(0)).tolist()
    [2, 2, 1, 1, 0, 0]
"""
import numpy


def folds_of(labels, groups, folds, stratified, random):
    r"""
    Return for each row the number of the fold that it is tested in, an int array.

    INPUT:

    - ``labels`` -- array of the numbers of classes
    - ``groups`` -- int array, from 0 on: rows with the same number come into the same fold; or ``None``
    - ``folds`` -- int
    - ``stratified`` -- whether each fold gets as many rows of each class as can be
    - ``random`` -- a ``RandomState``

    ALGORITHM:

    Rows are shuffled, and dealt out one by one; stratified ones class by class. Stratified groups are dealt out as scikit-learn's
    ``StratifiedGroupKFold`` has it, those whose classes differ most in number first, each into the fold where the shares of the classes
    in the folds then vary least.
    """
    if groups is None:
        order = random.permutation(len(labels))
        if stratified:
            order = order[numpy.argsort(labels[order], kind='stable')]
        return _dealt(order, folds)
    count = groups.max() + 1
    if not stratified:
        return _dealt(random.permutation(count), folds)[groups]
    counts = numpy.zeros((count, int(labels.max()) + 1))
    numpy.add.at(counts, (groups, labels.astype(int)), 1.0)
    return _balanced(counts / numpy.maximum(counts.sum(axis=0), 1.0), folds, random)[groups]


def _dealt(order, folds):
    fold = numpy.empty(len(order), dtype=int)
    fold[order] = numpy.arange(len(order)) % folds
    return fold


def _balanced(shares, folds, random):
    # The folds of groups with these shares of the classes.
    order = random.permutation(len(shares))
    order = order[numpy.argsort(-shares[order].std(axis=1), kind='stable')]
    fold, held, sizes = numpy.empty(len(shares), dtype=int), numpy.zeros((folds, shares.shape[1])), numpy.zeros(folds)
    for place, group in enumerate(order.tolist()):
        # what the sum of squares grows by; of equals the fold with fewest groups, as none may remain empty
        growth = held @ shares[group]
        if len(order) - place <= numpy.count_nonzero(sizes == 0):
            growth[sizes > 0] = numpy.inf
        fold[group] = chosen = min(range(folds), key=lambda k: (round(growth[k], 12), sizes[k]))
        held[chosen] += shares[group]
        sizes[chosen] += 1
    return fold
