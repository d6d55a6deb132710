r"""
Kernels: the logistic cost and its descents in numba code

Where numba is installed, these loops compute the numbers of the graphs of the same names in
:mod:`sage_logreg.cost.graphs`: they go through the data once per step and store nothing but the
gradient. Without numba the graphs themselves are compiled. Only this file knows the loops.

Loops are written out even where an array expression would do: numba compiles a
loop in a tenth of a second, and takes seconds for some expressions.

EXAMPLES::

    sage: from sage_logreg.cost.cached import has_numba
    sage: from sage_logreg.cost.kernels import gradient_path
    sage: import numpy
    sage: X, y = numpy.array([[1.0], [2.0]]), numpy.array([0.0, 1.0])
    sage: def descend():
    ....:     return gradient_path(X, y, numpy.zeros(2), numpy.zeros(1), int(1), 0.5r, -1.0r)
    sage: not has_numba() or [numpy.asarray(value).tolist() for value in descend()] == [[0.0, 0.125], 1]
    True
"""
import math

import numpy

from sage_logreg.cost.cached import compiled_for, without_overlap
from sage_logreg.engine import compiling, kept
from sage_logreg.support.cores import in_parallel

# Most rows, and most entries, of a block of the data, so that it stays in a core's cache for both products
BLOCK, ENTRIES = 4096, 1 << 15
# Most numbers of a part of the data, which one core works through in some tenths of a millisecond
PART = 1 << 19
# The same of a batch, whose rows lie apart
BATCH_PART = 1 << 17
# Most rows of a block for the Hessian, where they are copied and multiplied by themselves
HESSIAN_BLOCK = 512
# Multiplications of a product above which BLAS shares it among threads. These wait for each other, and where others use the
# cores too they take twenty times as long. Only of so many columns that few rows have as many, there are more.
PRODUCT, FEW_ROWS, MANY_ROWS = 1 << 18, 16, 4096
# Samples of a batch whose rows are worth a copy
MANY_SAMPLES = 64
# Leverage of one trial above which a row counts for the Hessian of Firth's term
HIGH_LEVERAGE = 0.1
# Most entries of a small table, which is stored by columns for a descent
SMALL = 1 << 14

LOG2_E = 1 / math.log(2)
# log 2 in two parts; the first has so few digits that its product with a whole number is exact
LOG_2, LOG_2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# so large that adding it rounds to a whole number, which is then in the last bits
SHIFT = 1.5 * 2.0**52
EXP_SERIES = tuple(1 / math.factorial(k) for k in range(13, -1, -1))
ROOTS_OF_2 = 2.0**(numpy.arange(512) / 512)
# log-odds of which no exponential overflows or is subnormal
FAR = 700.0
ARTANH_SERIES = tuple(1 / (2 * k + 1) for k in range(10, -1, -1))


def exponentials(z, e):
    r"""
    Write `e^{-|z|}` into ``e``; unlike the C library's ``exp``, by vector instructions.

    ALGORITHM:

    `x = k \log 2 + r` with `|r| \le \tfrac12 \log 2`; `e^r` by its Taylor
    polynomial of degree 13, whose error is below half a unit in the last
    place; `k` goes into the bits of the exponent.

    EXAMPLES::

        sage: from sage_logreg.cost.kernels import exponentials
        sage: import numpy
        sage: e = numpy.empty(4)
        sage: exponentials(numpy.array([0.0, -1.0, 1e9, float('nan')]), e)
        sage: e  # rel tol 1e-15
        array([1.        , 0.36787944, 0.        ,        nan])
    """
    for i in range(len(z)):
        x = -abs(z[i])
        shifted = x * LOG2_E + SHIFT
        k = shifted - SHIFT
        r = x - k * LOG_2 - k * LOG_2_REST
        power = 0.0
        for coefficient in EXP_SERIES:
            power = power * r + coefficient
        bits = numpy.int64((numpy.float64(shifted).view(numpy.int64) + 1023) << 52)
        # subnormal results become zero; NaN stays NaN
        e[i] = 0.0 if x < -708.0 else power * bits.view(numpy.float64)


def scaled_sigmoid(z, factor):
    r"""
    Return ``factor`` times `1/(1 + e^{-z})` of one number, soon: few operations wait for one another.

    ALGORITHM:

    `-z = k \log 2 + l \tfrac1{512} \log 2 + r` with `0 \le l < 512` and `|r| \le \tfrac1{1024} \log 2`; `2^{l/512}` from a
    table; `e^r` by its Taylor polynomial of degree 3, whose error is below `10^{-14}`. Far out by the C library.

    EXAMPLES::

        sage: from sage_logreg.cost.kernels import scaled_sigmoid
        sage: [float(scaled_sigmoid(z, 2.0r)) for z in (0.0r, -1.0r, 1000.0r, float('-inf'))]  # rel tol 1e-13
        [1.0, 0.5378828427399902, 2.0, 0.0]
    """
    if not abs(z) < FAR:
        return factor / (1.0 + numpy.exp(-z))
    shifted = SHIFT - z * (512.0 * LOG2_E)
    r = -z - (shifted - SHIFT) * (math.log(2) / 512.0)
    whole = numpy.float64(shifted).view(numpy.int64)
    bits = numpy.int64(((whole >> 9) + 1023) << 52)
    series = (1.0 + r) + r * r * (1 / 2 + 1 / 6 * r)
    return factor / (1.0 + series * (bits.view(numpy.float64) * ROOTS_OF_2[numpy.uint64(whole & 511)]))


def residuals(z, y, e):
    r"""
    Replace ``z`` by `1/(1 + e^{-z}) - y`, and ``e`` by `e^{-|z|}`.
    """
    exponentials(z, e)
    for i in range(len(z)):
        z[i] = (1.0 if z[i] >= 0.0 else e[i]) / (1.0 + e[i]) - y[i]


def losses(z, y, e):
    r"""
    Write `\log(1 + e^z) - y z` into ``e``.

    ALGORITHM:

    `\log(1 + e^z) = \max(z, 0) + \log(1 + t)` with `t = e^{-|z|} \le 1`. For
    `t \le \sqrt 2 - 1`, `\log(1 + t) = 2 \operatorname{artanh}(t/(2 + t))` by
    its series; beyond that, the same for `\log((1 + t)/2)`. The argument is at
    most 0.172.
    """
    exponentials(z, e)
    for i in range(len(z)):
        t = e[i]
        near_one = t > 0.41421356237309503
        s = (t - 1.0 if near_one else t) / (t + 3.0 if near_one else t + 2.0)
        square = s * s
        series = 0.0
        for coefficient in ARTANH_SERIES:
            series = series * square + coefficient
        loss = (LOG_2 + (2.0 * s * series + LOG_2_REST)) if near_one else 2.0 * s * series
        e[i] = (z[i] if z[i] >= 0.0 else 0.0) + loss - y[i] * z[i]


def biases(w, X):
    r"""
    Return how many of the weights ``w`` are no column's: 1 with a bias, 0 without one.

    EXAMPLES::

        sage: from sage_logreg.cost.kernels import biases
        sage: import numpy
        sage: [biases(numpy.zeros(count), numpy.zeros((5r, 2r))) for count in (2r, 3r)]
        [0, 1]
    """
    # so that the compiler knows that it is not negative
    return 1 if len(w) > X.shape[1] else 0


def row_log_odds(row, w):
    r"""
    Return the log-odds of one row.
    """
    bias = 1 if len(w) > len(row) else 0
    z = w[0] if bias else 0.0
    for j in range(len(row)):
        z += row[j] * w[j + bias]
    return z


def log_odds(rows, w, z, offset):
    r"""
    Write the log-odds of ``rows`` at the weights ``w`` into ``z``, with their ``offset`` if that is not ``None``.
    """
    for i in range(len(z)):
        z[i] = row_log_odds(rows[i], w)
    if offset is not None:
        for i in range(len(z)):
            z[i] += offset[i]


def add_gradient(rows, residual, gradient):
    r"""
    Add to ``gradient`` each of the ``rows``, with a one before it for the bias, times its residual.
    """
    first, fours = biases(gradient, rows), len(rows) // 4 * 4
    # added up in any case: with a branch around it the loop is not fast
    total = 0.0
    for i in range(len(rows)):
        total += residual[i]
    if first:
        gradient[0] += total
    # four rows at a time, so that the gradient is read and written less often
    for i in range(0, fours, 4):
        for j in range(rows.shape[1]):
            gradient[j + first] += ((residual[i] * rows[i, j] + residual[i + 1] * rows[i + 1, j])
                                    + (residual[i + 2] * rows[i + 2, j] + residual[i + 3] * rows[i + 3, j]))
    for i in range(fours, len(rows)):
        for j in range(rows.shape[1]):
            gradient[j + first] += residual[i] * rows[i, j]


def rows_at_a_time(columns):
    r"""
    Return how many rows of a table make a block.
    """
    return max(64, min(BLOCK, ENTRIES // columns))


def weigh(values, frequency):
    r"""
    Multiply values by the frequencies of their samples, if these are not ``None``.
    """
    if frequency is not None:
        for i in range(len(values)):
            values[i] *= frequency[i]


def part_of(numbers, start, stop):
    r"""
    Return a slice of an array; ``None`` for ``None``.
    """
    if numbers is None:
        return None
    return numbers[start:stop]


def gradient_of_columns(columns, y, w, z, e, gradient, frequency, offset):
    r"""
    Write the sum of the samples' gradients into ``gradient``, column by column.

    INPUT: ``columns`` is n x m; ``z`` and ``e`` are work arrays of m numbers.
    """
    n, m = columns.shape
    first = biases(w, columns.T)
    bias = w[0] if first else 0.0
    for i in range(m):
        z[i] = bias
    for j in range(n):
        for i in range(m):
            z[i] += w[j + first] * columns[j, i]
    if offset is not None:
        for i in range(m):
            z[i] += offset[i]
    residuals(z, y, e)
    weigh(z, frequency)
    total = 0.0
    for i in range(m):
        total += z[i]
    if first:
        gradient[0] = total
    for j in range(n):
        total = 0.0
        for i in range(m):
            total += z[i] * columns[j, i]
        gradient[j + first] = total


def cost_and_gradient(X, y, w, penalty, frequency=None, offset=None, costly=True):
    r"""
    The numba code of :func:`sage_logreg.cost.graphs.cost_and_gradient`; without the cost, if that is not wanted.
    """
    m, n = X.shape
    first, block = biases(w, X), rows_at_a_time(n)
    z, e = numpy.empty(min(m, block)), numpy.empty(min(m, block))
    cost, gradient = 0.0, numpy.zeros(len(w))
    for start in range(0, m, block):
        rows, labels = X[start:start + block], y[start:start + block]
        residual, loss = z[:len(rows)], e[:len(rows)]
        log_odds(rows, w, residual, part_of(offset, start, start + block))
        if costly:
            losses(residual, labels, loss)
            weigh(loss, part_of(frequency, start, start + block))
            for i in range(len(rows)):
                cost += loss[i]
        residuals(residual, labels, loss)
        weigh(residual, part_of(frequency, start, start + block))
        add_gradient(rows, residual, gradient)
    cost /= m
    gradient /= m
    squares = 0.0
    for j in range(n):
        # with a penalty of zero, the square of a large weight must not count
        if penalty[j] != 0.0:
            squares += penalty[j] * w[j + first]**2
            gradient[j + first] += penalty[j] * w[j + first]
    return cost + squares / 2, gradient


def rows_of_a_product(count):
    r"""
    Return of how many rows of ``count`` numbers a product is summed up at a time, as for a Hessian.
    """
    few = PRODUCT // count**2
    return min(few, MANY_ROWS) if few >= FEW_ROWS else MANY_ROWS


def newton_terms(X, y, w, frequency, offset, center, scale, curved):
    r"""
    The numba code of :func:`sage_logreg.cost.graphs.newton_terms`.
    """
    m, n = X.shape
    first, count = biases(w, X), len(w)
    cost, gradient, hessian = 0.0, numpy.zeros(count), numpy.zeros((count, count))
    block = min(HESSIAN_BLOCK, rows_of_a_product(count))
    room = min(m, block)
    # rows of a one for the bias and the scaled point, and the same times the curvature
    whole, scaled = numpy.ones((room, count)), numpy.empty((room, count))
    e, inverse, zeros = numpy.empty(room), 1.0 / scale, numpy.zeros(room)
    for start in range(0, m, block):
        size = min(block, m - start)
        rows, loss = whole[:size], e[:size]
        for i in range(size):
            for j in range(n):
                rows[i, j + first] = (X[start + i, j] - center[j]) * inverse[j]
        residual = numpy.dot(rows, w)
        # changing the sign turns label 1 into label 0, so that nothing cancels where the log-odds are large
        sign = 1.0 - 2.0 * y[start:start + size]
        for i in range(size):
            residual[i] = sign[i] * (residual[i] + offset[start + i])
        losses(residual, zeros[:size], loss)
        # summed block by block, which rounds less than one long sum
        block_cost = 0.0
        for i in range(size):
            block_cost += frequency[start + i] * loss[i]
        cost += block_cost
        residuals(residual, zeros[:size], loss)
        for i in range(size):
            residual[i] *= sign[i] * frequency[start + i]
        gradient += numpy.dot(residual, rows)
        if curved:
            for i in range(size):
                curvature = frequency[start + i] * (loss[i] / (1.0 + loss[i])) / (1.0 + loss[i])
                for j in range(count):
                    scaled[i, j] = curvature * rows[i, j]
            hessian += numpy.dot(rows.T, scaled[:size])
    return cost, gradient, hessian


def firth_terms(X, w, frequency, offset, center, scale, whitening):
    r"""
    Return what Firth's term adds to the gradient of :func:`newton_terms`, and about what it adds to the Hessian.

    To the Hessian only rows with a leverage of ``HIGH_LEVERAGE`` add something, of which there are few, as the sum of all
    leverages is the number of weights. What the others would add is a smaller part of what they have there already.

    INPUT: ``whitening`` -- the transposed inverse of the Cholesky factor of the information; the rows times it have the square
    roots of their leverages as lengths, but for their curvatures
    """
    m, n = X.shape
    first, count = biases(w, X), len(w)
    gradient, hessian = numpy.zeros(count), numpy.zeros((count, count))
    block = min(HESSIAN_BLOCK, rows_of_a_product(count))
    room = min(m, block)
    whole, scaled = numpy.ones((room, count)), numpy.empty((room, count))
    e, inverse = numpy.empty(room), 1.0 / scale
    for start in range(0, m, block):
        size = min(block, m - start)
        rows = whole[:size]
        for i in range(size):
            for j in range(n):
                rows[i, j + first] = (X[start + i, j] - center[j]) * inverse[j]
        z, white = numpy.dot(rows, w), numpy.dot(rows, whitening)
        for i in range(size):
            z[i] += offset[start + i]
        exponentials(z, e[:size])
        high = 0
        for i in range(size):
            square = 0.0
            for j in range(count):
                square += white[i, j] * white[i, j]
            curvature = (e[i] / (1.0 + e[i])) / (1.0 + e[i])
            leverage = frequency[start + i] * curvature * square
            # half the difference of the two labels' probabilities
            z[i] = leverage * (0.5 if z[i] >= 0.0 else -0.5) * (1.0 - e[i]) / (1.0 + e[i])
            if leverage > HIGH_LEVERAGE * frequency[start + i]:
                root = math.sqrt(leverage * curvature)
                for j in range(count):
                    scaled[high, j] = root * rows[i, j]
                high += 1
        gradient += numpy.dot(z, rows)
        if high:
            hessian += numpy.dot(scaled[:high].T, scaled[:high])
    return gradient, hessian


def step_against(gradient, w, penalty, rate, tol):
    r"""
    Change ``w`` by one step against the ``gradient``, to which the penalty is added, and return whether it was made.
    """
    first = len(w) - len(penalty)
    for j in range(len(penalty)):
        gradient[j + first] += penalty[j] * w[j + first]
    # if this is NaN it stays so
    largest = abs(gradient[0])
    for j in range(1, len(w)):
        largest = max(largest, abs(gradient[j]))
    if largest <= tol:
        return False
    for j in range(len(w)):
        w[j] -= rate * gradient[j]
    return True


def steps_by_columns(X, y, w, penalty, count, rate, tol, frequency, offset):
    r"""
    Change ``w`` by at most ``count`` steps against the gradient, and return how many were made; for small tables.
    """
    m, gradient = len(y), numpy.empty(len(w))
    z, e, columns = numpy.empty(m), numpy.empty(m), numpy.empty((X.shape[1], m), X.dtype)
    for i in range(m):
        for j in range(X.shape[1]):
            columns[j, i] = X[i, j]
    for made in range(count):
        gradient_of_columns(columns, y, w, z, e, gradient, frequency, offset)
        for j in range(len(w)):
            gradient[j] /= m
        if not step_against(gradient, w, penalty, rate, tol):
            return made
    return count


def steps_by_rows(X, y, w, penalty, count, rate, tol, frequency, offset):
    r"""
    The same, row by row.
    """
    none = numpy.zeros(len(penalty))
    for made in range(count):
        gradient = cost_and_gradient(X, y, w, none, frequency, offset, False)[1]
        if not step_against(gradient, w, penalty, rate, tol):
            return made
    return count


def single_samples(X, y, w, penalty, velocity, orders, first, count, rate, momentum, frequency, offset, ahead):
    r"""
    Change ``w`` and ``velocity`` by ``count`` updates, each of one sample.

    INPUT: ``ahead`` -- array of one number, the first sample's log-odds as the updates before have left them, or NaN; it is
    changed to those of the sample after the last one

    ALGORITHM:

    An update is the sample's row `x` times one number `c`, which takes long: an exponential and a quotient. All else is
    computed meanwhile, also `z = w \cdot x'` and `x \cdot x'` with the next row `x'`, whose log-odds are then `z - c (x \cdot x')`.
    Nothing is known before of the first sample of an epoch, nor where numbers may overflow.
    """
    m, n, bias = len(y), X.shape[1], biases(w, X)
    epoch, place = first // m % len(orders), first % m
    moves = momentum != 0.0
    for j in range(n):
        moves = moves or penalty[j] != 0.0
    i, z = orders[epoch, place], ahead[0]
    for _ in range(count):
        row, label = X[i], y[i]
        if not abs(z) < FAR:
            # not by row_log_odds, with which two columns are slower
            z = w[0] if bias else 0.0
            for j in range(n):
                z += row[j] * w[j + bias]
            if offset is not None:
                z += offset[i]
        factor = rate
        if frequency is not None:
            factor *= frequency[i]
        place += 1
        if place == m:
            place, epoch = 0, (epoch + 1) % len(orders)
        i = orders[epoch, place]
        following = X[i]
        if moves:
            if bias:
                velocity[0] *= momentum
                w[0] += velocity[0]
            for j in range(n):
                known = momentum * velocity[j + bias] - rate * penalty[j] * w[j + bias]
                velocity[j + bias] = known
                w[j + bias] += known
        before, product = (w[0], 1.0) if bias else (0.0, 0.0)
        for j in range(n):
            before += following[j] * w[j + bias]
            # not in single precision, which rounds more and overflows
            product += numpy.float64(following[j]) * row[j]
        if offset is not None:
            before += offset[i]
        change = scaled_sigmoid(z, factor) - factor * label
        z = before - change * product if place else math.nan
        if moves:
            if bias:
                velocity[0] -= change
                w[0] -= change
            for j in range(n):
                velocity[j + bias] -= change * row[j]
                w[j + bias] -= change * row[j]
        else:
            if bias:
                velocity[0] = -change
                w[0] -= change
            for j in range(n):
                velocity[j + bias] = -change * row[j]
                w[j + bias] -= change * row[j]
    ahead[0] = z


def gradient_of_samples(X, y, w, samples, frequency, offset):
    r"""
    Return the sum of the gradients of some samples, whose rows are copied block by block.
    """
    n, gradient = X.shape[1], numpy.zeros(len(w))
    block = min(len(samples), rows_at_a_time(n))
    whole, labels, z, e = numpy.empty((block, n), X.dtype), numpy.empty(block), numpy.empty(block), numpy.empty(block)
    for start in range(0, len(samples), block):
        size = min(block, len(samples) - start)
        rows, residual = whole[:size], z[:size]
        for place in range(size):
            i = samples[start + place]
            labels[place] = y[i]
            for j in range(n):
                rows[place, j] = X[i, j]
        log_odds(rows, w, residual, None)
        if offset is not None:
            for place in range(size):
                residual[place] += offset[samples[start + place]]
        residuals(residual, labels[:size], e[:size])
        if frequency is not None:
            for place in range(size):
                residual[place] *= frequency[samples[start + place]]
        add_gradient(rows, residual, gradient)
    return gradient


def batches(X, y, w, penalty, velocity, orders, first, count, size, rate, momentum, frequency, offset):
    r"""
    Change ``w`` and ``velocity`` by ``count`` updates, each of a batch of ``size`` samples, the last of an epoch of fewer.
    """
    m, n = orders.shape[1], X.shape[1]
    bias, number, gradient = biases(w, X), (m + size - 1) // size, numpy.empty(len(w))
    epoch, batch = first // number % len(orders), first % number
    for _ in range(count):
        start, stop = batch * size, min(batch * size + size, m)
        samples = stop - start
        if samples >= MANY_SAMPLES:
            gradient[:] = gradient_of_samples(X, y, w, orders[epoch, start:stop], frequency, offset)
        else:
            gradient[:] = 0.0
            for place in range(start, stop):
                i = orders[epoch, place]
                row = X[i]
                z = row_log_odds(row, w) + (0.0 if offset is None else offset[i])
                residual = scaled_sigmoid(z, 1.0) - y[i]
                if frequency is not None:
                    residual *= frequency[i]
                if bias:
                    gradient[0] += residual
                for j in range(n):
                    gradient[j + bias] += residual * row[j]
        for j in range(len(w)):
            slope = gradient[j] / samples + (penalty[j - bias] * w[j] if j >= bias else 0.0)
            velocity[j] = momentum * velocity[j] - rate * slope
            w[j] += velocity[j]
        batch += 1
        if batch == number:
            batch, epoch = 0, (epoch + 1) % len(orders)


def batches_in_parts(X, y, w, penalty, velocity, orders, first, count, size, rate, momentum, frequency, offset):
    r"""
    The same, where the samples of a batch are so many that all cores share them; no numba code itself.
    """
    number, bias, rows = -(-orders.shape[1] // size), len(w) - X.shape[1], rows_of_a_part(X.shape[1], BATCH_PART)
    kernel = compiled(gradient_of_samples, X, y, w, orders[0], frequency, offset)
    # weights that are no longer finite are told of by whoever asked for the steps
    with numpy.errstate(all='ignore'):
        for update in range(first, first + count):
            epoch, batch = divmod(update, number)
            samples = orders[epoch % len(orders), batch * size:(batch + 1) * size]
            parts = [samples[start:start + rows] for start in range(0, len(samples), rows)]
            gradient = sum(in_parallel(lambda part: kernel(X, y, w, part, frequency, offset), parts)) / len(samples)
            gradient[bias:] += penalty * w[bias:]
            velocity *= momentum
            velocity -= rate * gradient
            w += velocity


def gradient_path(X, y, w, penalty, count, rate, tol, frequency=None, offset=None):
    r"""
    Return the numbers of :func:`sage_logreg.cost.graphs.gradient_path`.

    EXAMPLES: see :mod:`sage_logreg.cost.kernels`.
    """
    w = w.copy()
    arguments = X, y, w, penalty, count, float(rate), float(tol), frequency, offset
    return w, compiled(steps_by_columns if X.size <= SMALL else steps_by_rows, *arguments)(*arguments)


def stochastic_path(X, y, w, penalty, velocity, orders, first, count, size, rate, momentum, frequency=None, offset=None,
                    ahead=None):
    r"""
    Return the numbers of :func:`sage_logreg.cost.graphs.stochastic_path`; ``ahead`` as for :func:`single_samples`.
    """
    w, velocity = w.copy(), velocity.copy()
    rest = float(rate), float(momentum), frequency, offset
    if size > rows_of_a_part(X.shape[1], BATCH_PART):
        batches_in_parts(X, y, w, penalty, velocity, orders, first, count, size, *rest)
        return w, velocity
    if size == 1:
        rest = *rest, numpy.array([math.nan]) if ahead is None else ahead
        arguments = X, y, w, penalty, velocity, orders, first, count, *rest
    else:
        arguments = X, y, w, penalty, velocity, orders, first, count, size, *rest
    compiled(single_samples if size == 1 else batches, *arguments)(*arguments)
    return w, velocity


# A product and a sum may be rounded together. The sums of the descents may also be reordered, so that
# they use vector instructions; infinities and NaN keep their meaning. The cost is not reordered, nor is
# exponentials, where adding SHIFT must not be optimised away.
CONTRACT, REORDER = {'contract'}, {'contract', 'reassoc'}
FASTMATH = {exponentials: CONTRACT, scaled_sigmoid: CONTRACT, residuals: CONTRACT, losses: CONTRACT, biases: CONTRACT,
            row_log_odds: REORDER, log_odds: CONTRACT, add_gradient: REORDER, rows_at_a_time: CONTRACT, weigh: CONTRACT,
            gradient_of_samples: CONTRACT, rows_of_a_product: CONTRACT, part_of: CONTRACT, gradient_of_columns: REORDER,
            cost_and_gradient: CONTRACT, newton_terms: CONTRACT, firth_terms: REORDER, step_against: CONTRACT,
            steps_by_columns: CONTRACT, steps_by_rows: CONTRACT, single_samples: REORDER, batches: REORDER}


# those whose arrays never overlap, where this is worth saying
APART = set()
# those that other kernels may call
_registered = set()


def _prepare_numba():
    from numba.extending import register_jitable
    # error_model: division by zero gives infinity; raising an error would prevent vector instructions
    for function in [*FASTMATH]:
        if function not in _registered:
            options = without_overlap() if function in APART else {}
            register_jitable(fastmath=FASTMATH[function], error_model='numpy', **options)(function)
            _registered.add(function)


def _kind(value):
    # what numba's type of an argument depends on; numba itself takes ten times as long to tell
    if not isinstance(value, numpy.ndarray):
        return type(value)
    flags = value.flags
    return value.dtype, value.ndim, flags.c_contiguous, flags.f_contiguous, flags.writeable, flags.aligned


# for every kernel and every kind of its arguments
_functions = {}


@kept()
def _compiled(kernel, types):
    _prepare_numba()
    with compiling(kernel.__name__, *types) as first:
        function = compiled_for(types, kernel, fastmath=FASTMATH[kernel], error_model='numpy', nogil=True)
        first.done()
    return function


def compiled(kernel, *arguments):
    r"""
    Return a kernel as a function of numba for arguments of the types of these, which lets go of Python's lock.

    It is compiled once and kept on disk. What several threads call is asked for before they begin.
    """
    key = kernel, *map(_kind, arguments)
    if key not in _functions:
        import numba
        _functions[key] = _compiled(kernel, tuple(map(numba.typeof, arguments)))
    return _functions[key]


def rows_of_a_part(columns, part=PART):
    r"""
    Return how many rows of a table one core works through before it takes the next ones.
    """
    # the exponential of a row takes as long as some of its products
    return max(1, part // (columns + 8))
