r"""
Images: the pixels that are not zero, found once, and the sums over them

Four of five pixels of handwritten digits are zero. Which are not is kept for blocks of rows, by rows for the log-odds and by
columns for the gradient, in some five bytes a pixel, so that either is a sum of a table's lines, each times a byte. Images with
fewer zeros are multiplied as they are.

EXAMPLES::

    sage: from sage_logreg.cost.cached import has_numba
    sage: from sage_logreg.cost.pixels import Pixels
    sage: import numpy
    sage: def sums():
    ....:     pixels = Pixels(numpy.array([[0, 2], [4, 0], [0, 0]], dtype='uint8'), int(3))
    ....:     weights = numpy.zeros((3, 3))
    ....:     return pixels.sums(1/2r, numpy.array([0.0, 1.0, 2.0]), weights, None, None, int(0))
    sage: not has_numba() or numpy.allclose(sums()[1], [[0, 2/3, -2/3], [0, -4/3, 1/3], [0, 2/3, 1/3]])
    True
"""
import math

import numpy

from sage_logreg.cost.cached import has_numba
from sage_logreg.cost.kernels import APART, CONTRACT, FASTMATH, compiled
from sage_logreg.cost.softmax import residuals_of_block
from sage_logreg.dataset.design import row_blocks
from sage_logreg.support.cores import in_parallel

# Most rows of a block, whose residuals stay in the cache and whose numbers are bytes; fewest of a batch that is worth an index;
# most parts for the cores
BLOCK, FEWEST, MOST_PARTS = 256, 128, 32
# largest share of pixels that are not zero for which the index is sooner, and not much larger than the pixels
MOST_FILLED = 0.25
# classes in a vector register: the lines of a table are filled up with zeros to a multiple of it
LANES = 8
# pixels that are added at once
GROUP = 8


def note_filled(pixels, starts, places, numbers):
    r"""
    Note where in each row the pixels are not zero, and which they are, from the row's first group of ``GROUP`` on.
    """
    for i in range(pixels.shape[0]):
        group, member = starts[i], 0
        for j in range(pixels.shape[1]):
            if pixels[i, j] != 0:
                places[group, member], numbers[group, member] = j, pixels[i, j]
                member += 1
                if member == GROUP:
                    group, member = group + 1, 0


def filled(pixels):
    r"""
    Return where the groups of each row begin, their places and their numbers; the last group of a row ends with zeros.

    EXAMPLES::

        sage: from sage_logreg.cost.cached import has_numba
        sage: from sage_logreg.cost.pixels import filled
        sage: import numpy
        sage: not has_numba() or filled(numpy.array([[0, 7], [3, 2]], dtype='uint8'))[2].tolist()
        [[7, 0, 0, 0, 0, 0, 0, 0], [3, 2, 0, 0, 0, 0, 0, 0]]
    """
    pixels = numpy.ascontiguousarray(pixels)
    groups = -(-numpy.count_nonzero(pixels, axis=1) // GROUP)
    starts = numpy.concatenate([[0], numpy.cumsum(groups)])
    places = numpy.zeros((starts[-1], GROUP), numpy.min_scalar_type(max(0, pixels.shape[1] - 1)))
    arguments = pixels, starts, places, numpy.zeros(places.shape, numpy.uint8)
    compiled(note_filled, *arguments)(*arguments)
    return arguments[1:]


def add_lines(starts, places, numbers, table, totals):
    r"""
    Add to each line of ``totals`` lines of a table, each times its number.

    EXAMPLES::

        sage: from sage_logreg.cost.pixels import add_lines
        sage: import numpy
        sage: totals = numpy.zeros((2, 1))
        sage: places = numpy.array([[0, 1, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]])
        sage: add_lines([int(0), int(1), int(2)], places, numpy.array([2, 3])[:, None] * (places == 1), numpy.array([[1.0], [10.0]]), totals)
        sage: totals
        array([[20.],
               [30.]])
    """
    for i in range(totals.shape[0]):
        for p in range(starts[i], starts[i + 1]):
            # the group at once, so that the total is loaded and stored less often
            a, b, c, d = places[p, 0], places[p, 1], places[p, 2], places[p, 3]
            e, f, g, h = places[p, 4], places[p, 5], places[p, 6], places[p, 7]
            s, t, u, v = float(numbers[p, 0]), float(numbers[p, 1]), float(numbers[p, 2]), float(numbers[p, 3])
            w, x, y, z = float(numbers[p, 4]), float(numbers[p, 5]), float(numbers[p, 6]), float(numbers[p, 7])
            for k in range(table.shape[1]):
                totals[i, k] += (((s * table[a, k] + t * table[b, k]) + (u * table[c, k] + v * table[d, k]))
                                 + ((w * table[e, k] + x * table[f, k]) + (y * table[g, k] + z * table[h, k])))


def sums_of_block(row_starts, columns, row_numbers, column_starts, rows, column_numbers, order, start, stop, unit,
                   y, w, classes, frequency, offset, z, gradient):
    r"""
    Add the gradient of a block, from ``start`` to ``stop`` of an order, and return its cost.

    INPUT: ``w`` and ``gradient`` have a line a column, ``z`` is written over and has a line a row
    """
    first, size, cost = len(w) + 1 - len(column_starts), stop - start, 0.0
    residuals, e, labels, weights = numpy.empty((size, classes)), numpy.empty((size, classes)), numpy.empty(size), numpy.ones(size)
    z[:] = 0.0
    add_lines(row_starts, columns, row_numbers, w[first:], z)
    for row in range(size):
        i = start + row if order is None else order[start + row]
        labels[row] = y[i]
        if frequency is not None:
            weights[row] = frequency[i]
        for k in range(classes):
            residuals[row, k] = unit * z[row, k] + (w[0, k] if first == 1 else 0.0) + (0.0 if offset is None else offset[i, k])
    costs = residuals_of_block(residuals, labels, e)
    for row in range(size):
        cost += weights[row] * costs[row]
        for k in range(classes):
            residual = weights[row] * residuals[row, k]
            if first == 1:
                gradient[0, k] += residual
            z[row, k] = unit * residual
    add_lines(column_starts, rows, column_numbers, z, gradient[first:])
    return cost


def curved_sums_of_block(row_starts, columns, row_numbers, column_starts, rows, column_numbers, start, stop, unit,
                         probabilities, w, frequency, z, product):
    r"""
    Add the Hessian of a block times a vector, in the form of weights ``w``; ``z`` as for :func:`sums_of_block`.
    """
    first, classes = len(w) + 1 - len(column_starts), probabilities.shape[1]
    z[:] = 0.0
    add_lines(row_starts, columns, row_numbers, w[first:], z)
    for row in range(stop - start):
        i, mean = start + row, 0.0
        for k in range(classes):
            z[row, k] = unit * z[row, k] + (w[0, k] if first == 1 else 0.0)
            mean += probabilities[i, k] * z[row, k]
        for k in range(classes):
            z[row, k] = frequency[i] * probabilities[i, k] * (z[row, k] - mean)
            if first == 1:
                product[0, k] += z[row, k]
            z[row, k] *= unit
    add_lines(column_starts, rows, column_numbers, z, product[first:])


def step_of_parts(gradients, size, rate, momentum, penalty, velocity, w):
    r"""
    Change ``w`` and ``velocity`` by the gradient of a batch, the sum of those of its parts, which are set to zero.
    """
    for j in range(w.shape[0]):
        for k in range(w.shape[1]):
            total = 0.0
            for part in range(len(gradients)):
                total += gradients[part, j, k]
                gradients[part, j, k] = 0.0
            velocity[j, k] = momentum * velocity[j, k] - rate * (total / size + penalty[j, k] * w[j, k])
            w[j, k] += velocity[j, k]


FASTMATH.update({note_filled: CONTRACT, add_lines: CONTRACT, sums_of_block: CONTRACT, curved_sums_of_block: CONTRACT,
                 step_of_parts: CONTRACT})
APART.add(add_lines)


def lines_of_zeros(*shape):
    r"""
    Return an array of zeros whose lines begin where those of the cache do, as a vector register should not take two of them.

    EXAMPLES::

        sage: from sage_logreg.cost.pixels import lines_of_zeros
        sage: lines_of_zeros(2, 8).shape, lines_of_zeros(2, 8).ctypes.data % 64
        ((2, 8), 0)
    """
    count = math.prod(shape)
    numbers = numpy.zeros(count + LANES)
    first = -numbers.ctypes.data // numbers.itemsize % LANES
    return numbers[first:first + count].reshape(shape)


def in_lines(weights, classes):
    r"""
    Return weights, class by class, as a table with a line a column, filled up to whole vector registers.

    EXAMPLES::

        sage: from sage_logreg.cost.pixels import in_lines
        sage: import numpy
        sage: in_lines(numpy.arange(6.0), int(3))
        array([[0., 2., 4., 0., 0., 0., 0., 0.],
               [1., 3., 5., 0., 0., 0., 0., 0.]])
    """
    rows = weights.reshape(classes, -1)
    lines = lines_of_zeros(rows.shape[1], -(-classes // LANES) * LANES)
    lines[:, :classes] = rows.T
    return lines


def of_lines(lines, classes):
    r"""
    Return the weights of :func:`in_lines`.
    """
    return lines[:, :classes].T.ravel()


class Pixels:
    r"""
    The pixels of images that are not zero; only where there is numba.

    INPUT:

    - ``points`` -- uint8 array, m x n
    - ``size`` -- how many rows a batch has; the last one may have fewer
    - ``order`` -- (default: that of the rows) int64 array of the rows, in the order of the batches

    EXAMPLES: see :mod:`sage_logreg.cost.pixels`.
    """

    def __init__(self, points, size, order=None):
        m, self.order = len(points) if order is None else len(order), order
        self.batches = [self._blocks(batch) for batch in row_blocks(m, size)]
        blocks = [block for batch in self.batches for block in batch]

        def index(block):
            pixels = points[block if order is None else order[block]]
            return *filled(pixels), *filled(pixels.T)
        self._indices = dict(zip([block.start for block in blocks], in_parallel(index, blocks)))

    def _blocks(self, batch):
        # Of equal sizes, and as many for each of two cores.
        count = batch.stop - batch.start
        blocks = 1 if count < FEWEST else 2 * -(-count // (2 * BLOCK))
        return [slice(batch.start + block.start, batch.start + block.stop) for block in row_blocks(count, -(-count // blocks))]

    def _parts(self, batch):
        # The blocks of a batch, in runs for the cores; their number depends on the data only.
        blocks = self.batches[batch]
        return [blocks[run] for run in row_blocks(len(blocks), -(-len(blocks) // MOST_PARTS))]

    def sums(self, unit, y, of_classes, frequency, offset, batch=0):
        r"""
        Return the cost and its gradient, K x (n + 1), summed over a batch by all cores.
        """
        classes, lines, parts = len(of_classes), in_lines(of_classes, len(of_classes)), self._parts(batch)
        gradients = lines_of_zeros(len(parts), *lines.shape)
        cost = self._add(parts, gradients, unit, y, lines, classes, frequency, offset)
        return cost, gradients.sum(axis=0)[:, :classes].T

    def _add(self, parts, gradients, unit, y, lines, classes, frequency, offset):
        arguments = float(unit), y, lines, classes, frequency, offset
        run = compiled(sums_of_block, *self._indices[parts[0][0].start], self.order, 0, 0, *arguments, lines, gradients[0])

        def of_part(number):
            z = lines_of_zeros(BLOCK, lines.shape[1])
            return sum(run(*self._indices[block.start], self.order, block.start, block.stop, *arguments,
                           z[:block.stop - block.start], gradients[number]) for block in parts[number])
        return sum(in_parallel(of_part, range(len(parts))))

    def curved_sums(self, unit, probabilities, of_classes, frequency):
        r"""
        Return the sum over all rows of their Hessians times a vector, K x (n + 1), where they have these probabilities.
        """
        classes, lines, parts = len(of_classes), in_lines(of_classes, len(of_classes)), self._parts(0)
        products, arguments = lines_of_zeros(len(parts), *lines.shape), (float(unit), probabilities, lines, frequency)
        run = compiled(curved_sums_of_block, *self._indices[parts[0][0].start], 0, 0, *arguments, lines, products[0])

        def of_part(number):
            z = lines_of_zeros(BLOCK, lines.shape[1])
            for block in parts[number]:
                run(*self._indices[block.start], block.start, block.stop, *arguments, z[:block.stop - block.start], products[number])
        in_parallel(of_part, range(len(parts)))
        return products.sum(axis=0)[:, :classes].T

    def descend(self, first, count, unit, y, weights, penalty, velocity, classes, rate, momentum, frequency, offset):
        r"""
        Return weights and velocity, class by class, after ``count`` steps against the gradient of one batch each.
        """
        w, factors, velocity = (in_lines(numbers, classes) for numbers in (weights, penalty, velocity))
        gradients = lines_of_zeros(len(self._parts(0)), *w.shape)
        step = compiled(step_of_parts, gradients, 1, float(rate), float(momentum), factors, velocity, w)
        for batch in range(first, first + count):
            parts = self._parts(batch)
            self._add(parts, gradients, unit, y, w, classes, frequency, offset)
            step(gradients, sum(block.stop - block.start for part in parts for block in part), float(rate), float(momentum), factors, velocity, w)
        return of_lines(w, classes), of_lines(velocity, classes)


def is_indexed(points, rows):
    r"""
    Return whether batches of so many rows go by :class:`Pixels`.
    """
    return has_numba() and points.dtype == numpy.uint8 and rows >= FEWEST and numpy.count_nonzero(points) <= MOST_FILLED * points.size
