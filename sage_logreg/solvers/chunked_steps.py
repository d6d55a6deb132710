r"""
Descent steps on data in chunks

A step against the gradient of the whole cost takes a pass over the data. Batches are of one chunk each: the chunks follow each
other in an order that depends on the seed alone, and so do the rows of each; while one is trained on, the next one is read.

EXAMPLES::

    sage: import numpy, os, pandas
    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.chunked_problem import problem_of
    sage: from sage_logreg.solvers.descent import StochasticGradientDescent
    sage: from sage_logreg.solvers.records import State
    sage: folder = tmp_dir()
    sage: for k in range(3):
    ....:     x = numpy.arange(4r*k, 4r*k + 4r)
    ....:     pandas.DataFrame({'x': x, 'y': x*x % 3r % 2r}).to_parquet(os.path.join(folder, f'{k}.parquet'))
    sage: problem = problem_of(load_data(os.path.join(folder, '*.parquet')))
    sage: steps = StochasticGradientDescent(0.1, 10, batch_size=2, shuffle='epoch').steps(problem)
    sage: [steps.order(epoch).tolist() for epoch in range(3)]
    [[0, 2, 1], [1, 2, 0], [2, 0, 1]]

One run gives the same as two shorter ones::

    sage: start = State(0r, numpy.zeros(2), numpy.zeros(2), False)
    sage: whole, parts = steps.run(start, 10r), steps.run(steps.run(start, 3r), 7r)
    sage: bool((whole.weights == parts.weights).all())
    True
"""
import concurrent.futures
import dataclasses

import numpy

from sage_logreg.solvers.records import State
from sage_logreg.solvers.steps import PartedSteps


class ChunkedGradientSteps(PartedSteps):
    r"""
    Steps against the gradient of the whole cost, each a pass over the data.

    INPUT: as for :class:`~sage_logreg.solvers.steps.GradientSteps`

    EXAMPLES: see :mod:`sage_logreg.solvers.chunked_steps`.
    """

    def __init__(self, problem, method):
        self.problem, self.method = problem, method
        self._weights = self._gradient = None

    def _gradient_at(self, weights):
        return self._gradient if weights is self._weights else self.problem.evaluate(weights)[1]


class ChunkedStochasticSteps:
    r"""
    Steps against the gradient of one sample, or of a batch, at a time, chunk by chunk.

    INPUT: as for :class:`~sage_logreg.solvers.steps.StochasticSteps`

    EXAMPLES: see :mod:`sage_logreg.solvers.chunked_steps`.
    """

    def __init__(self, problem, method):
        self.problem, self.method = problem, method
        # whether tol is reached is asked of all chunks
        self._of_chunk = dataclasses.replace(method, tol=0)
        self.updates_per_epoch = problem.updates(method)
        self._reader, self._parts = concurrent.futures.ThreadPoolExecutor(1, 'sage_logreg_reader'), {}
        self._place = self._steps = None

    def order(self, epoch):
        r"""
        Return the order in which an epoch takes the chunks, those of which a batch can be taken.
        """
        numbers = numpy.array([number for number, count in enumerate(self.problem.counts) if self.method.updates(count)])
        return numbers if self.method.shuffle is None else self._random(epoch).permutation(numbers)

    def _random(self, epoch, *more):
        return numpy.random.RandomState([self.method.seed, *([epoch] if self.method.shuffle == 'epoch' else []), *more])

    def _steps_at(self, position):
        # The steps on the chunk that an update is of, the update's number there, and how many follow from it on.
        epoch, number = divmod(position, self.updates_per_epoch)
        order = self.order(epoch)
        ends = numpy.cumsum([self.method.updates(self.problem.counts[chunk]) for chunk in order])
        place = int(numpy.searchsorted(ends, number, 'right'))
        if self._place != (epoch, place):
            self._place = None
            following = order[place + 1] if place + 1 < len(order) else self.order(epoch + 1)[0]
            self._steps = self._begun(epoch, int(order[place]), int(following))
            self._place = epoch, place
        left = int(ends[place]) - number
        return self._steps, self._steps.updates_per_epoch - left, left

    def _begun(self, epoch, chunk, following):
        # The steps on a chunk; the following one is read in the meantime.
        self._parts = {number: part for number, part in self._parts.items() if number in (chunk, following)}
        for number in (chunk, following):
            if number not in self._parts:
                self._parts[number] = self._reader.submit(self.problem.part, number)
        try:
            part = self._parts[chunk].result()
        except BaseException:
            # what could not be read is tried again
            self._parts = {}
            raise
        steps = self._of_chunk.steps(part)
        if self.method.shuffle is not None:
            order = self._random(epoch, chunk).permutation(part.count)
            steps._fixed_order = order
        return steps

    def run(self, state, count):
        r"""
        Return the :class:`~sage_logreg.solvers.records.State` at most ``count`` updates after ``state``.
        """
        if self.method.tol:
            count = min(count, self.updates_per_epoch - state.position % self.updates_per_epoch)
        end = state.position + count
        while state.position < end:
            steps, first, left = self._steps_at(state.position)
            made = min(left, end - state.position)
            there = steps.run(state._replace(position=first), made)
            # the next sample after a chunk is of another one
            state = State(state.position + made, there.weights, there.velocity, False, there.log_odds if made < left else None)
        if self.method.tol and state.position % self.updates_per_epoch == 0:
            converged = bool(abs(self.problem.evaluate(state.weights)[1]).max() <= self.method.tol)
            state = state._replace(converged=converged)
        return state

    def cost(self, state):
        r"""
        Return the cost of the batch that the next update takes.
        """
        steps, first, _ = self._steps_at(state.position)
        return steps.cost(state._replace(position=first))
