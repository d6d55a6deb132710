r"""
Existence: whether the maximum-likelihood estimate exists, decided exactly and proved

The estimate exists exactly when the classes overlap [AA1984]_. Where they are
separated, the likelihood still grows while some weights go to infinity, and no
weights attain its supremum. :func:`separation` decides which of the two it is
and returns a certificate that anyone can check: a rational vector that
separates, or rational multipliers that prove that there is none.

EXAMPLES::

    sage: from sage_logreg.exact.separation import separation
    sage: separation([[0, 0], [1, 1], [1 + 1e-7, 0], [2, 1]])
    overlap of 4 points: the estimate exists, proved by 3 of them
    sage: answer = separation([[0, 0], [1, 0], [1 + 1e-7, 1], [2, 1]])
    sage: answer.kind(), answer.directions()
    ('complete', {'bias': -Infinity, 'x1': +Infinity})

Integers, rationals, algebraic numbers and constants such as `\pi` are taken as
themselves, the decimals of a text table as they are written, and a float as the
binary number that it is, or as its shortest decimal (``exact='decimal'``). Nothing here needs Sage except the answers that are Sage objects.

REFERENCES:

.. [AA1984] \A. Albert and J. A. Anderson, *On the existence of maximum likelihood
   estimates in logistic regression models*, Biometrika 71 (1984) 1-10.

.. [Kon2007] \K. Konis, *Linear programming algorithms for detecting separated data in
   binary logistic regression models*, DPhil thesis, University of Oxford, 2007.

.. [Sti1915] \E. Stiemke, *Ueber positive Loesungen homogener linearer Gleichungen*,
   Math. Ann. 76 (1915) 340-342.

.. [Edm1967] \J. Edmonds, *Systems of distinct representatives and linear algebra*,
   J. Res. Nat. Bur. Standards 71B (1967) 241-245.
"""
import operator
from fractions import Fraction

import numpy

from sage_logreg.dataset.load import load_data
from sage_logreg.exact.basis import IntegerBasis, SignedRows, spread
from sage_logreg.exact.certificate import Separation, in_units_of_data, sage_vector
from sage_logreg.exact.chunked_separation import decided_in_chunks, working_set
from sage_logreg.exact.classes import PairRows, SeparationOfClasses, decided_of_classes
from sage_logreg.exact.programme import certificate
from sage_logreg.exact.search import decided as decided_in_floats
from sage_logreg.exact.whitened import overlap_is_proved, whitened
from sage_logreg.solvers.likelihood import surely_exists
from sage_logreg.support.arguments import listed
from sage_logreg.support.constants import Constant, UndecidedError, used_alone
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.progress import progress_bar


# most entries of a table whose separation is decided by whole numbers alone, with short proofs
SMALL = 500
# most entries of a table whose separation is decided after every descent
DECIDED = 20000


@interrupts_explained('separation: interrupted before it was decided; nothing is known of the estimate')
def separation(data, features=None, exact=None, **reading):
    r"""
    Return whether the classes overlap or are separated, with the proof.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, anything that
      :func:`~sage_logreg.dataset.load.load_data` takes, or grouped data: a triple
      ``(points, successes, trials)``; its columns and the bias must be linearly
      independent
    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables, as for :func:`~sage_logreg.dataset.load.load_data`
    - ``intercept`` -- as for :func:`~sage_logreg.dataset.load.load_data`: whether there is a bias
    - ``exact`` -- (default: ``'decimal'`` for text tables, ``'binary'`` for others) what floats stand for, as for
      :func:`~sage_logreg.dataset.load.load_data`
    - ``reading`` -- the other options of :func:`~sage_logreg.dataset.load.load_data`, such as ``label``

    OUTPUT: a :class:`Separation`, of one of three kinds

    - ``'overlap'``: no vector separates, the estimate exists and is unique
    - ``'complete'``: some log-odds are positive on every point of one class
      and negative on every point of the other
    - ``'quasi-complete'``: the same except for points where the log-odds are
      zero, and all log-odds that separate have such points

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.exact.separation import separation
        sage: separation(ex2data1())
        overlap of 100 points: the estimate exists, proved by 4 of them

    At 3/2 both labels were seen, and the second column separates the rest::

        sage: rows = [[0, 0, 0], [1, 1, 0], [2, 3/2, 0], [3, 3/2, 1], [4, 3/2, 0], [0, 2, 1], [1, 3, 1]]
        sage: answer = separation(rows)
        sage: answer
        quasi-complete separation of 7 points: w_x2 goes to +Infinity, the bias to -Infinity along (bias: -3/2, x2: 1)
        sage: answer.rows()
        [2, 3, 4]

    Grouped data; the points with successes come first, then those with failures::

        sage: separation(([[1], [2], [3]], [0, 4, 10], [10, 10, 10]))
        quasi-complete separation of 4 points: w_x1 goes to +Infinity, the bias to -Infinity along (bias: -2, x1: 1)

    Exact numbers stay exact; as floats, or in decimals, these are other points::

        sage: rows = [[1/10, 9/10, 0], [1/5, 4/5, 1], [3/5, 2/5, 0], [7/10, 3/10, 1], [0, 0, 0], [pi, pi, 1]]
        sage: separation(rows)
        quasi-complete separation of 6 points: w_x1 goes to +Infinity, w_x2 to +Infinity, the bias to -Infinity along (bias: -1, x1: 1, x2: 1)
        sage: floats = [[float(x), float(y), label] for x, y, label in rows]
        sage: separation(floats).kind(), separation(floats, exact='decimal').kind()
        ('overlap', 'quasi-complete')

    A curve separates these::

        sage: x1 = var('x1')
        sage: separation([[-2, 1], [-1, 0], [1, 0], [2, 1]], features=[x1, x1^2])
        complete separation of 4 points: w_x1^2 goes to +Infinity, the bias to -Infinity along (bias: -2, x1^2: 1)

    Without a bias fewer vectors can separate::

        sage: separation([[1, 0], [2, 0], [3, 1], [4, 1]], intercept=False)
        overlap of 4 points: the estimate exists, proved by 2 of them
        sage: separation([[-1, 0], [0, 0], [0, 1], [3, 1]], intercept=False)
        quasi-complete separation of 4 points: w_x1 goes to +Infinity along (x1: 1)

    TESTS::

        sage: separation([[1, 2, 0], [2, 4, 1], [3, 6, 0]])
        Traceback (most recent call last):
        ...
        ValueError: the columns x1 and x2 are linearly dependent: x2 = 2*x1; leave one of them out

    A single class is separated by the bias alone::

        sage: import numpy
        sage: from sage_logreg.dataset.dataset import Dataset
        sage: separation(Dataset(numpy.array([[1.0], [2.0]]), numpy.zeros(2), ('x1',)))
        complete separation of 2 points: the bias goes to -Infinity along (bias: -1)

    Numbers of very different size::

        sage: separation([[1e-300, 0], [1e300, 1], [2e-300, 0], [3e-300, 1], [1, 0]]).kind()
        'overlap'
        sage: separation([[1e-300, 0], [1e300, 1], [2e-300, 0], [3e-300, 1], [1, 1]])
        complete separation of 5 points: w_x1 goes to +Infinity, the bias to -Infinity along (bias: -2.5E-300, x1: 1)

    ALGORITHM:

    Let `a_i = s_i (1, x_i)` with `s_i = 1` for the label 1 and `-1` for the label 0. A vector `v` separates if
    `a_i \cdot v \ge 0` for all `i` and not all are zero. Either all these can be positive, or there are multipliers
    `\lambda_i \ge 0`, not all zero, with `\sum \lambda_i a_i = 0`, and then `a_i \cdot v = 0` where
    `\lambda_i > 0`, for every `v` that separates. The rows found in this way, and those in their span, are set
    apart, and the question is asked again for the rest, with `v` orthogonal to the rows set apart. It ends with a `v`
    that is positive on all remaining rows, or, when the rows set apart span the space, with the proof by
    Stiemke's lemma [Sti1915]_ that nothing separates.

    Each question is the linear programme "minimise `\sum_j |\sum_i \lambda_i a_{ij}|` subject to
    `\sum_i \lambda_i = 1`, `\lambda \ge 0`", solved by the simplex method in whole numbers [Edm1967]_ on a few
    rows. Rows that its dual solution `v` does not separate are added until there are none. They are found in
    floating point, with a bound on the rounding error; where it leaves a doubt, in whole numbers.

    Without an intercept all this holds for `a_i = s_i x_i`, of which some may be zero.

    Data in chunks are decided by a few of their rows, and passes over the chunks
    (:mod:`~sage_logreg.exact.chunked_separation`).
    """
    whole = load_data(data, features=features, exact=exact, **reading).dense('separation')
    if whole.is_chunked:
        return decided_in_chunks(whole, _decided, _check_columns_of)
    with used_alone(whole.design.exact):
        return _decided(whole)


def _decided(whole, smallest=None):
    # in floats where the table has more entries than the smallest, else than ``SMALL``, and they can tell
    data = whole.counted()
    numbers = None if data is whole else whole.rows_that_count().tolist()
    check_enough_rows(data)
    if data.classes > 2:
        kind, rows, decide = SeparationOfClasses, PairRows(data), decided_of_classes
    else:
        kind, rows, decide = Separation, SignedRows(data), decided_in_floats
    if data.classes == 2 and data.intercept and data.labels.min() == data.labels.max():
        _check_columns(data)
        sign = 1 if data.labels[0] == 1 else -1
        return Separation(data, [Fraction(sign)] + [Fraction(0)] * data.design.width, {}, [], numbers)
    if _size(data) > (SMALL if smallest is None else smallest) and rows.constants is None:
        decision = decide(rows)
        if decision is not None:
            vector, zeros = decision
            return kind(data, None if vector is None else rows.in_units_of_data(vector), None, zeros, numbers)
    vector, multipliers, zeros = certificate(rows, rows.of_points(_checked_columns(data)))
    multipliers = in_units_of_data(rows, multipliers)
    if vector is None:
        return kind(data, None, multipliers, [], numbers)
    return kind(data, rows.in_units_of_data(vector), multipliers, numpy.flatnonzero(zeros).tolist(), numbers)


class SeparationError(ValueError):
    r"""
    The maximum-likelihood estimate does not exist, as the classes are separated.

    - ``separation`` -- the :class:`Separation`

    EXAMPLES::

        sage: from sage_logreg.exact.separation import SeparationError, separation
        sage: raise SeparationError(separation([[1, 0], [2, 0], [3, 1], [4, 1]]))
        Traceback (most recent call last):
        ...
        SeparationError: the maximum-likelihood estimate does not exist, because of complete separation of 4 points: w_x1 goes to +Infinity, the bias to -Infinity along (bias: -5/2, x1: 1); set a penalty l2, or bias_reduced=True, or leave x1 out

    TESTS::

        sage: error = loads(dumps(SeparationError(separation([[1, 0], [2, 0], [2, 1]]))))
        sage: error.separation.kind()
        'quasi-complete'
        sage: import numpy
        sage: from sage_logreg.dataset.dataset import Dataset
        sage: raise SeparationError(separation(Dataset(numpy.array([[1.0], [2.0]]), numpy.ones(2), ('x1',))))
        Traceback (most recent call last):
        ...
        SeparationError: the maximum-likelihood estimate does not exist, because of complete separation of 2 points: the bias goes to +Infinity along (bias: 1); give points of both classes, or bias_reduced=True
    """

    def __init__(self, separation):
        super().__init__(separation)
        self.separation = separation

    def __str__(self):
        data, vector = self.separation.data, self.separation._vector
        design, unseen = data.design, data.unseen()
        # of K classes the slopes of each but the first, less the first's
        slopes = [design.parts(vector[k:k + design.count])[1] for k in range(0, len(vector), design.count)]
        names = [name for name, entries in zip(design.variables, zip(*slopes)) if any(entries)]
        if data.classes > 2:
            remedies = remedy(data)
            if len(names) == 1 and not unseen:
                remedies += f', or leave {names[0]} out'
            return f'the maximum-likelihood estimate does not exist, because of {self.separation}; {remedies}'
        # a penalty leaves the bias alone, so it does not help where there is one class only
        remedies = 'give points of both classes, or bias_reduced=True'
        if names:
            which = names[0] if len(names) == 1 else 'one of ' + ', '.join(names) if len(names) < 4 else 'variables'
            remedies = f'set a penalty l2, or bias_reduced=True, or leave {which} out'
        return f'the maximum-likelihood estimate does not exist, because of {self.separation}; {remedies}'


# Checks of an estimate that seems to have been found

def check_estimate(likelihood, fit):
    r"""
    Raise an error if the minimum that ``fit`` seems to have found does not exist, or is not the only one.

    Where :func:`~sage_logreg.solvers.likelihood.surely_exists` does not know, columns and classes are checked in exact
    arithmetic.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.exact.separation import check_estimate
        sage: from sage_logreg.solvers.likelihood import Likelihood
        sage: from sage_logreg.solvers.newton import minimize
        sage: likelihood = Likelihood(load_data([[0, 0], [1, 0], [1, 1], [2, 1], [3, 1]]))
        sage: check_estimate(likelihood, minimize(likelihood, likelihood.start()[0], 1e-10r))
        Traceback (most recent call last):
        ...
        SeparationError: ...
    """
    if not (fit.stopped or fit.exists or surely_exists(likelihood, fit) or _is_proved_by_fit(likelihood, fit)):
        check_floats(likelihood.data)


def remedy(data):
    r"""
    Return what helps where classes of some data come apart.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.exact.separation import remedy
        sage: remedy(ex2data1()), remedy(ex2data1().take(slice(2)))
        ('set a penalty l2', 'give points with y = 1')
    """
    unseen = data.unseen()
    # there is no penalty on a bias
    return f'give points with {unseen}' if unseen else 'set a penalty l2'


def check_floats(data):
    r"""
    Raise an error as :func:`check_overlap` does, of the floats where the exact numbers cannot be decided.
    """
    try:
        check_overlap(data)
    except UndecidedError:
        # training takes floats, of which everything can be decided
        check_overlap(load_data(data, exact='binary'))


def _is_proved_by_fit(likelihood, fit):
    # The residuals at the estimate, with the weights of the rows, are multipliers but for rounding.
    if likelihood.data.is_chunked:
        return False
    if likelihood.data.classes > 2:
        # of a pair the probability of the other class
        pairs = PairRows(likelihood.data)
        probabilities = likelihood.frequency[:, None] * fit.objective.probabilities(fit.weights)
        return overlap_is_proved(pairs, probabilities[pairs.places])
    labels, residuals = likelihood.data.labels, numpy.empty(len(likelihood.data))
    for block, _, probabilities, _ in fit.objective.row_terms(fit.weights):
        residuals[block] = likelihood.frequency[block] * numpy.where(labels[block] == 1, 1 - probabilities, probabilities)
    return overlap_is_proved(SignedRows(likelihood.data), residuals)


def check_overlap(data):
    r"""
    Raise an error if the estimate of the data does not exist, or is not the only one, both decided exactly.
    """
    answer = separation(data)
    if not answer.exists():
        raise SeparationError(answer)


def separation_text(data, weights):
    r"""
    Return in words how the classes are separated, ``None`` if they are not or nothing is known.

    Small data are decided exactly; for larger ones, only ``weights`` that separate the classes are a proof.
    """
    if _size(data) > DECIDED:
        separates = data.computed(_separates, weights, combine=operator.and_) if data.is_chunked else _separates(data, weights)
        return 'complete separation of the classes' if separates else None
    try:
        answer = separation(data) if data.is_chunked else _answer_without_proof(data)
    except (ImportError, ValueError):
        # no Sage for the hard cases; linearly dependent columns
        return None
    return None if answer.exists() else f'{answer.kind()} separation of the classes'


def _answer_without_proof(data):
    data = data.dense('separation')
    with used_alone(data.design.exact):
        return _decided(data, smallest=0)


def _separates(data, weights):
    # Whether all points lie on the right side of every boundary, by more than rounding.
    if not len(data):
        # as a chunk may be whose rows were all dropped
        return True
    labels = data.labels.astype(int)
    table = weights.reshape(-1, data.design.count)
    if data.classes == 2:
        table = numpy.vstack([0 * table, table])
    bias, slopes = data.design.parts(abs(table).sum(axis=0))
    bound = numpy.finfo(numpy.float64).eps * (data.design.width + 2) * (
        bias.sum() + slopes @ numpy.maximum(*map(abs, data.design.extremes)))
    for rows in data.design.blocks():
        z, own = data.design.take(rows).products(table), labels[rows, None]
        margins = numpy.take_along_axis(z, own, axis=1) - z
        numpy.put_along_axis(margins, own, numpy.inf, axis=1)
        if not (margins > bound).all():
            return False
    return True


def _size(data):
    # the numbers of the table that is decided: for K classes that of the pairs
    return len(data) * data.design.width * (data.classes - 1)**2


# Rank

@interrupts_explained('interrupted while it was being decided whether the columns are linearly independent')
def dependent_columns(data):
    r"""
    Return a linear relation between the columns 1, x1, ..., xn, or ``None`` if they are independent.

    INPUT:

    - ``data`` -- as for :func:`separation`

    OUTPUT: a vector `r` as of :meth:`Separation.vector`, with n + 1 entries, the bias first, in the order of the data, and
    `r_0 + r_1 x_1 + \dots + r_n x_n = 0` on every row,
    exactly; without an intercept there is no `r_0`. It expresses the first column that depends on those before it, whose
    entry is 1.

    EXAMPLES::

        sage: from sage_logreg.exact.separation import dependent_columns
        sage: dependent_columns([[1, 5, 3, 0], [2, 7, 5, 1], [4, 1, 9, 0], [3, 3, 7, 1]])
        (-1, -2, 0, 1)
        sage: print(dependent_columns([[1, 0], [2, 1]]))
        None

    Floats are taken as they are: 0.1 + 0.2 is not 0.3::

        sage: print(dependent_columns([[0.1, 0.1, 0], [0.2, 0.2, 1], [0.1 + 0.2, 0.3, 0]]))
        None

    ALGORITHM:

    Rows are entered one by one into an integer matrix that is inverted as it grows [Edm1967]_, first a few rows from
    all over the data, then any row that contradicts a remaining relation. Every row is tried, in floating point with a
    bound on the rounding error, and where that leaves a doubt in whole numbers.
    """
    data = load_data(data)
    if data.is_chunked:
        data = _rows_of_full_rank(data)
    data = data.counted().dense('linear dependence')
    with used_alone(data.design.exact):
        relation = _independent_rows(data)[1]
    return None if relation is None else sage_vector(relation)


@interrupts_explained('interrupted while it was being decided whether the columns are linearly independent')
def check_columns(data):
    r"""
    Raise a ``ValueError`` that names the columns if they and the bias are linearly dependent.

    INPUT:

    - ``data`` -- as for :func:`separation`

    EXAMPLES::

        sage: from sage_logreg.exact.separation import check_columns
        sage: from sage_logreg import load_data
        sage: check_columns([[1, 2, 0], [3, 4, 1], [5, 7, 0]])

    TESTS::

        sage: check_columns([[1, 3, 0], [2, 3, 1], [5, 3, 0]])
        Traceback (most recent call last):
        ...
        ValueError: the column x2 is constant (3.0), as the bias is; leave it out
        sage: check_columns([[1, 1, 0], [2, 2, 1], [5, 5, 0]])
        Traceback (most recent call last):
        ...
        ValueError: the columns x1 and x2 are equal; leave one of them out
        sage: check_columns([[1, 0, 3, 0], [0, 1, 2, 1], [0, 0, 4, 1], [0, 1, 1, 0], [1, 0, 0, 1]])
        sage: check_columns([[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 1, 1], [0, 1, 0, 0], [1, 0, 0, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the columns x1, x2, x3 and the bias are linearly dependent: x3 = 1 - x1 - x2; leave one of them out
        sage: check_columns([[1, 2, 0], [3, 5, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the columns x1, x2 and the bias are more than the 2 rows; set a penalty l2, leave columns out, or give at least 3 rows
        sage: check_columns(load_data([[1, 3, 0], [2, 3, 1], [5, 3, 0]], intercept=False))
        sage: check_columns(load_data([[1, 0, 0], [2, 0, 1], [5, 0, 0]], intercept=False))
        Traceback (most recent call last):
        ...
        ValueError: the column x2 is zero; leave it out
        sage: x1 = var('x1')
        sage: check_columns(load_data([[1, 0], [2, 1], [5, 0]], features=[x1, 2*x1]))
        Traceback (most recent call last):
        ...
        ValueError: the columns x1 and 2*x1 are linearly dependent: 2*x1 = 2*(x1); leave one of them out
    """
    data = load_data(data)
    if data.is_chunked:
        _rows_of_full_rank(data, _check_columns_of)
        return
    data = data.counted().dense('linear dependence')
    check_enough_rows(data)
    with used_alone(data.design.exact):
        _check_columns(data)


def _rows_of_full_rank(data, check=lambda count, rows: None):
    # Rows in memory that span what all rows in chunks do.
    with progress_bar(desc='columns', unit=' passes') as bar:
        return working_set(data, check, bar).rows


def _check_columns_of(count, data):
    # An error if so many rows are dependent that have the same span as these.
    _check_count(data, count)
    _check_columns(data)


def check_enough_rows(data):
    r"""
    Raise a ``ValueError`` if the columns and the bias are more than the rows, so that they are linearly dependent.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` whose rows all count, or one in chunks

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.exact.separation import check_enough_rows
        sage: check_enough_rows(load_data([[1, 2, 0], [3, 5, 1], [3, 5, 1]]))
        sage: check_enough_rows(load_data([[1, 2, 0], [3, 5, 1]]))
        Traceback (most recent call last):
        ...
        ValueError: the columns x1, x2 and the bias are more than the 2 rows; set a penalty l2, leave columns out, or give at least 3 rows
    """
    _check_count(data, int(data.totals.counted.sum()) if data.is_chunked else len(data))


def _check_count(data, count):
    variables, width = data.design.variables, data.design.count
    if count < width:
        bias = ' and the bias' * data.intercept
        raise ValueError(f'the columns {listed(variables)}{bias} are more than the {count} '
                         f'row{"s" * (count > 1)}; set a penalty l2, leave columns out, or give at least {width} rows')


def _check_columns(data):
    # in floats, and only where these leave a doubt in whole numbers
    if whitened(SignedRows(data), numpy.ones(len(data))) is None:
        _checked_columns(data)


def _checked_columns(data):
    # The rows that prove that the columns are independent.
    independent, relation = _independent_rows(data)
    if relation is None:
        return independent
    # without an intercept as if its coefficient were zero
    variables, relation = data.design.variables, [0] * (not data.intercept) + relation
    used = [j for j, entry in enumerate(relation) if entry]
    names = [variables[j - 1] for j in used if j]
    if len(names) == 1 and not data.intercept:
        raise ValueError(f'the column {names[0]} is zero; leave it out')
    if len(names) == 1:
        value = data.design.points[0, used[-1] - 1]
        # larger floats are whole numbers that may have been others
        as_floats = ' as floats' if abs(value) * numpy.finfo(value.dtype).eps >= 1 else ''
        raise ValueError(f'the column {names[0]} is constant{as_floats} ({float(value)}), as the bias is; leave it out')
    columns = f'{listed(names)} and the bias' if used[0] == 0 else f'{listed(names[:-1])} and {names[-1]}'
    if len(used) == 2 and relation[used[0]] == -1:
        raise ValueError(f'the columns {columns} are equal; leave one of them out')
    formula = _formula_text([-relation[j] for j in used[:-1]], ['1' if j == 0 else variables[j - 1] for j in used])
    raise ValueError(f'the columns {columns} are linearly dependent{formula}; leave one of them out')


def _independent_rows(data):
    # n + 1 linearly independent rows and None, or as many as there are and a relation between the columns.
    rows = SignedRows(data)
    basis = IntegerBasis(rows.width)
    sample = spread(len(data), 10 * rows.width)
    entered = zip(sample.tolist(), rows.integers(sample))
    for row, integers in progress_bar(entered, total=len(sample), desc='columns', unit=' rows'):
        basis.enter(row, integers, basis.units())
    basis.complete(rows)
    relations = basis.normals()
    return basis.rows(), rows.in_units_of_data(relations[0]) if len(relations) else None


# Texts

def _formula_text(coefficients, names, longest=60):
    # ': x3 = 2*x2 - 1/2', or nothing if the formula or a number in it is long. A feature is in parentheses if it is not
    # a plain name, or if the formula would equate it with itself: 2*x1 = 2*(x1).
    if any(isinstance(value, Constant) or max(abs(value.numerator), value.denominator) >= 10**6 for value in coefficients):
        return ''
    text = _sum_text(coefficients, [name if name == '1' or name.isidentifier() else f'({name})' for name in names])
    if text == names[-1]:
        text = _sum_text(coefficients, [name if name == '1' else f'({name})' for name in names])
    return f': {names[-1]} = {text}' if len(text) <= longest else ''


def _sum_text(coefficients, names):
    text = ''
    for value, name in zip(coefficients, names):
        size = abs(value)
        term = str(size) if name == '1' else name if size == 1 else f'{size}*{name}'
        text += (' - ' if value < 0 else ' + ') + term
    return text[3:] if text.startswith(' + ') else '-' + text[3:]
