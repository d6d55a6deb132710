r"""
Descent: the loop over the calls, with records, a bar and Ctrl-C

:class:`GradientDescent` and :class:`StochasticGradientDescent` say how to descend, a
:class:`Watch` how to observe it, and :func:`descend` descends on a
:class:`~sage_logreg.solvers.problem.Problem` and returns a :class:`~sage_logreg.solvers.records.Training`.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.descent import GradientDescent, descend
    sage: from sage_logreg.solvers.problem import LogisticProblem
    sage: training = descend(LogisticProblem(ex2data1()), GradientDescent(0.001, 20000))
    sage: training.weights  # abs tol 1e-8
    array([-1.28301202,  0.0194236 ,  0.01046422])
    sage: training.iterations, training.options['learning_rate'], training.message
    (20000, 0.001, None)
"""
import contextlib
import copy
import dataclasses
import itertools
import time
import typing
import warnings

import numpy

from sage_logreg.dataset.in_chunks.workers import same_workers
from sage_logreg.solvers.early_stopping import Validation
from sage_logreg.solvers.records import Descent, Record, State, Training
from sage_logreg.support.arguments import real_number, shown, whole_number
from sage_logreg.support.cores import blas_of_the_user
from sage_logreg.support.interrupt import WorkersGone, interrupts_explained, interrupts_held, stopped_by
from sage_logreg.support.progress import print_above, progress_bar

SECONDS_A_CALL = 0.1


# How to descend

@dataclasses.dataclass
class GradientDescent:
    r"""
    Steps against the gradient of the whole cost; numbers as a Sage user types them.

    INPUT: as for :func:`~sage_logreg.training.gradient_descent`

    EXAMPLES::

        sage: from sage_logreg.solvers.descent import GradientDescent
        sage: GradientDescent(1/1000, 3*10^5)
        GradientDescent(learning_rate=0.001, total=300000, tol=0.0)
    """

    learning_rate: float
    total: int
    tol: float = 0
    name: typing.ClassVar = 'gradient_descent'
    unit: typing.ClassVar = 'iteration'
    # a step uses all the points, and nothing from the last step
    takes_samples: typing.ClassVar = False
    momentum: typing.ClassVar = 0.0

    def __post_init__(self):
        self.learning_rate = real_number('learning_rate', self.learning_rate, above=0)
        self.tol = real_number('tol', self.tol, minimum=0)
        self.total = whole_number(f'{self.unit}s', self.total)

    @classmethod
    def of_options(cls, options, total):
        r"""
        Return the method with these options and ``total`` iterations; options of a problem are ignored.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(total=total, **{name: value for name, value in options.items() if name in names})

    def options(self):
        r"""
        Return the options of the method, except the number of iterations.
        """
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name != 'total'}

    def limited(self, count):
        r"""
        Return the method for ``count`` points: no batch is larger.
        """
        return self

    def updates(self, count):
        r"""
        Return how many updates of the weights an iteration over ``count`` points makes.
        """
        return 1

    def updates_of_chunks(self, counts):
        r"""
        Return the same of chunks with so many points each.
        """
        return 1

    def steps(self, problem):
        r"""
        Return the compiled steps of the method on a problem.
        """
        if problem.is_chunked:
            from sage_logreg.solvers.chunked_steps import ChunkedGradientSteps
            return ChunkedGradientSteps(problem, self)
        if problem.classes > 2 and problem.cost is None:
            from sage_logreg.solvers.softmax_steps import SoftmaxGradientSteps
            return SoftmaxGradientSteps(problem, self)
        from sage_logreg.solvers.sparse_steps import SparseGradientSteps
        from sage_logreg.solvers.steps import gradient_steps
        return (SparseGradientSteps if problem.is_sparse else gradient_steps)(problem, self)


@dataclasses.dataclass
class StochasticGradientDescent(GradientDescent):
    r"""
    Steps against the gradient of a sample, or of a batch.

    INPUT: as for :func:`~sage_logreg.training.stochastic_gradient_descent`

    EXAMPLES::

        sage: from sage_logreg.solvers.descent import StochasticGradientDescent
        sage: StochasticGradientDescent(0.0005, 10^4).updates(100)
        100
    """

    batch_size: int = 1
    shuffle: str = 'once'
    seed: int = 0
    momentum: float = 0
    drop_last: bool = False
    patience: int = None
    name: typing.ClassVar = 'stochastic_gradient_descent'
    unit: typing.ClassVar = 'epoch'
    takes_samples: typing.ClassVar = True

    def __post_init__(self):
        super().__post_init__()
        self.batch_size = whole_number('batch_size', self.batch_size, minimum=1)
        if self.shuffle not in ('once', 'epoch', None):
            raise ValueError(f"shuffle = {shown(self.shuffle)}; expected 'once', 'epoch' or None")
        self.seed = whole_number('seed', 0 if self.seed is None else self.seed, maximum=2**32 - 1)
        self.momentum = real_number('momentum', self.momentum, minimum=0, below=1)
        if not isinstance(self.drop_last, (bool, numpy.bool_)):
            raise TypeError(f'drop_last = {shown(self.drop_last)}; expected True or False')
        if self.patience is not None:
            self.patience = whole_number('patience', self.patience, minimum=1)

    def options(self):
        # as in the files of older versions, what is not asked for is not mentioned
        return {name: value for name, value in super().options().items() if value or name not in ('drop_last', 'patience')}

    def limited(self, count):
        return dataclasses.replace(self, batch_size=min(self.batch_size, count))

    def updates(self, count):
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def updates_of_chunks(self, counts):
        return sum(map(self.updates, counts))

    def steps(self, problem):
        if problem.is_chunked:
            from sage_logreg.solvers.chunked_steps import ChunkedStochasticSteps
            return ChunkedStochasticSteps(problem, self)
        if problem.classes > 2 and problem.cost is None:
            from sage_logreg.solvers.softmax_steps import SoftmaxStochasticSteps
            return SoftmaxStochasticSteps(problem, self)
        from sage_logreg.solvers.sparse_steps import SparseStochasticSteps
        from sage_logreg.solvers.steps import StochasticSteps
        return (SparseStochasticSteps if problem.is_sparse else StochasticSteps)(problem, self)


METHODS = {method.name: method for method in (GradientDescent, StochasticGradientDescent)}


@dataclasses.dataclass
class Watch:
    r"""
    How a training is observed.

    - ``report`` -- print the cost every ``report`` iterations
    - ``progress`` -- ``True``, ``False`` or ``None`` (a bar in a terminal or a notebook)
    - ``callback`` -- function of the iteration, the cost and the weights; training stops when it returns ``True``
    - ``checkpoint`` -- a :class:`~sage_logreg.model.storage.Checkpoint`, or ``None``
    - ``unit`` -- what the callback's first argument counts

    EXAMPLES::

        sage: from sage_logreg.solvers.descent import Watch
        sage: Watch(report=20000).report
        20000
        sage: Watch(progress='always')
        Traceback (most recent call last):
        ...
        TypeError: progress = 'always'; expected True, False or None
    """

    report: int = None
    progress: bool = None
    callback: typing.Callable = None
    checkpoint: object = None
    unit: str = 'iteration'

    def __post_init__(self):
        if self.report is not None:
            self.report = whole_number('report', self.report, minimum=1)
        if self.progress not in (None, True, False):
            raise TypeError(f'progress = {shown(self.progress)}; expected True, False or None')
        if self.callback is not None and not callable(self.callback):
            raise TypeError(f'callback = {shown(self.callback)}; expected a function of ({self.unit}, cost, weights)')

    def bar(self, **options):
        r"""
        Return a progress bar, shown as ``progress`` says.
        """
        return progress_bar(disable=None if self.progress is None else not self.progress, **options)

    def stops(self, iteration, cost, weights):
        r"""
        Return whether the callback wants to stop here.
        """
        # a copy: what the callback does to it changes neither the history nor the training
        with blas_of_the_user():
            answer = self.callback and self.callback(iteration, cost, weights.copy())
        return isinstance(answer, (bool, numpy.bool_)) and bool(answer)


# Descending

def descend(problem, method, watch=None, initial=None, doubt=None):
    r"""
    Return the :class:`~sage_logreg.solvers.records.Training` of a descent from its beginning.

    INPUT:

    - ``problem`` -- a :class:`~sage_logreg.solvers.problem.Problem`
    - ``method`` -- a :class:`GradientDescent` or :class:`StochasticGradientDescent`
    - ``watch`` -- (default: a silent one) a :class:`Watch`
    - ``initial`` -- (default: zeros) the weights to start from, in the user's units
    - ``doubt`` -- (default: none) function of the last weights that says, in words, why there may be no minimum

    EXAMPLES: see :mod:`sage_logreg.solvers.descent`.
    """
    with interrupts_explained(f'{method.name}: interrupted before the first step'):
        watch, start = watch or Watch(), problem.start(initial)
        validation = None if problem.validation is None else Validation(method.patience)
        begun = Descent(start, State(0, start, numpy.zeros_like(start), False), method.total, watch.report, None, validation)
        run = _Run(problem, method, watch, begun, [], doubt)
    return run.run()


def go_on(training, problem, method, watch, doubt=None):
    r"""
    Return the :class:`~sage_logreg.solvers.records.Training` of a descent continued after ``training``.

    INPUT: as for :func:`descend`
    """
    begun = training.descent if watch.report is None else dataclasses.replace(training.descent, report=watch.report)
    return _Run(problem, method, watch, dataclasses.replace(begun, total=method.total), training.history, doubt).run()


class _Run:
    # One training: goes from record to record, and returns what it has
    # when it is done, converged, interrupted or diverged.

    def __init__(self, problem, method, watch, begun, history, doubt):
        self.problem, self.method, self.watch, self.doubt = problem, method.limited(problem.count), watch, doubt
        self.start, self.state, self.report = begun.start, begun.state, begun.report
        self.history, self.stopped, self.converged, self.checkpoint = list(history), None, False, watch.checkpoint
        self.validation = copy.deepcopy(begun.validation)
        # updates in an iteration: one, or the batches of an epoch
        self.size = problem.updates(self.method)
        self.total = method.total * self.size
        if self.checkpoint is not None:
            self._go_on_from_checkpoint()

    def run(self):
        try:
            with same_workers():
                self._descend()
            # within tol the weights need not have their digits
            self.converged = self.stopped == 'converged' and self.problem.is_minimum(self.state.weights,
                                                                                     self.method.learning_rate**0.5)
            message = self._message()
            self._write_checkpoint()
        except (KeyboardInterrupt, SystemError, WorkersGone) as error:
            if stopped_by(error) is None:
                raise
            self.stopped = 'interrupted'
            argument = '' if self.checkpoint is None else f'checkpoint={self.checkpoint.name!r}'
            message = f'{stopped_by(error)} after {self._reached()} of {self.total}; model.resume({argument}) goes on from there'
            # after a second Ctrl-C there is still the model, and the last checkpoint
            with contextlib.suppress(KeyboardInterrupt):
                self._write_checkpoint()
        return dataclasses.replace(self.training(), message=message)

    def training(self):
        descent = Descent(self.start, self.state, self.method.total, self.report, self.stopped, self.validation)
        position, weights = self.state.position, self.state.weights
        if self.validation is not None and self.validation.patience is not None and self.validation.best is not None:
            weights = self.validation.best
        # an epoch in which patience ends counts
        iterations = -(-position // self.size) if self.stopped == 'patience' else position // self.size
        return Training(self.problem.to_user(weights), self.history, iterations, self.converged, self.method.name,
                        {**self.method.options(), **self.problem.options}, descent)

    def _go_on_from_checkpoint(self):
        saved = self.checkpoint.read(self.training())
        if saved is None:
            return
        if saved.descent.state.position > self.total:
            self.checkpoint.refuse(f'{saved.iterations} {self.method.unit}s, more than {self.method.total}')
        if saved.descent.state.position > self.state.position:
            self.state, self.history, self.validation = saved.descent.state, list(saved.history), saved.descent.validation

    def _write_checkpoint(self):
        if self.checkpoint is None:
            return
        try:
            self.checkpoint.write(self.training())
        except (OSError, ValueError) as error:
            # a failed checkpoint must not lose the training
            warnings.warn(f'{self.method.name}: the checkpoint cannot be written: {error}', RuntimeWarning, stacklevel=2)

    def _descend(self):
        with interrupts_held():
            from sage_logreg.solvers import steps  # noqa: F401
            self.bar = self.watch.bar(total=self.total, initial=self.state.position, desc=self.method.name,
                                      unit=' passes' if self.problem.is_chunked and not self.method.takes_samples else ' updates',
                                      unit_scale=True)
        self.begun = self.problem.value(self.start)
        self.steps = self.method.steps(self.problem)
        self.chunk = 1
        with self.bar:
            for iteration in self._recorded():
                # an epoch's record is taken before its last update
                self._advance(iteration * self.size + self.size - 1)
                if self.stopped is None:
                    self._record(iteration)
                if self.stopped:
                    return
            self._advance(self.total)
        if self.stopped is None and self.method.tol:
            # the last step may have reached tol
            gradient = self.problem.evaluate(self.state.weights)[1]
            if abs(gradient).max() <= self.method.tol:
                self.stopped = 'converged'

    def _recorded(self):
        # Without a report, denser at the beginning, where the cost falls fastest.
        total, every = self.method.total, self.report or max(1, -(-self.method.total // 50))
        early = [] if self.report else [digit * 10**power for power in range(len(str(every))) for digit in (1, 2, 5)]
        # iterations that have been recorded or passed before are not recorded again
        first = max(self.history[-1].iteration + 1 if self.history else 0, self.state.position // self.size)
        return itertools.chain((iteration for iteration in [0, *early] if first <= iteration < min(every, total)),
                               range(every * max(1, -(-first // every)), total, every))

    def _advance(self, target):
        # The calls are short enough that Ctrl-C and the bar respond at once.
        if self.state.converged:
            self.stopped = 'converged'
        # an interrupt, or a checkpoint, may have come before this
        self._validate()
        while self.state.position < target and self.stopped is None:
            count = min(self.chunk, target - self.state.position)
            if self.validation is not None:
                count = min(count, self.size - self.state.position % self.size)
                if self.validation.patience is not None:
                    count = min(count, max(1, self.validation.patience + 1 - self.state.position))
            begun = time.perf_counter()
            state = self.steps.run(self.state, count)
            seconds = time.perf_counter() - begun
            if not self.problem.is_finite(state.weights):
                self.state = self._last_finite(count)
                self.stopped = 'diverged'
                return
            self.bar.update(state.position - self.state.position)
            self.state = state
            if state.converged:
                self.stopped = 'converged'
            self._validate()
            if self.checkpoint is not None and self.checkpoint.is_due():
                self._write_checkpoint()
            self.chunk = max(1, min(int(count * SECONDS_A_CALL / max(seconds, 1e-6)), 16 * count, 1 << 20))

    def _validate(self):
        # At the end of an epoch, once.
        if self.validation is None:
            return
        position, weights = self.state.position, self.state.weights
        epoch = position // self.size
        if position % self.size == 0 and epoch > len(self.validation.errors):
            error = self.problem.error(weights)
            self.validation.note(error, weights, position)
            if self.report and epoch % self.report == 0:
                print_above(self.bar, f'epoch {epoch}, validation error {100 * error:.6f} %')
        if self.validation.is_over(position):
            self.stopped = 'patience'

    def _last_finite(self, count):
        # The cost is finite at self.state but not count updates later:
        # bisect for the last finite state.
        state = self.state
        while count > 1:
            middle = self.steps.run(state, count // 2)
            if self.problem.is_finite(middle.weights):
                count -= middle.position - state.position
                state = middle
            else:
                count //= 2
        return state

    def _record(self, iteration):
        cost = self.steps.cost(self.state)
        weights = self.problem.to_user(self.state.weights)
        self.history.append(Record(iteration, cost, weights))
        if self.report and self.validation is None:
            print_above(self.bar, f'{iteration} {cost:.12g}')
        if self.watch.stops(iteration, cost, self.problem.shaped(weights)):
            self.stopped = 'callback'

    def _reached(self, more=0):
        return f'{"step" if self.size == 1 else "update"} {self.state.position + more}'

    def _message(self):
        # What the user should know about how it ended, or None.
        if self.stopped == 'diverged':
            return (f'the cost is no longer finite after {self._reached(1)}; the model holds the weights '
                    f'after {self._reached()}, {self.problem.advice(self.method)}')
        if self.stopped is not None:
            return None
        ended = self.problem.value(self.state.weights)
        # a step on one sample may well raise the whole cost; rounding may raise any cost
        if ended > self.begun + (1 if self.method.takes_samples else 1e-9) * abs(self.begun):
            return f'the cost rose from {self.begun:.6g} to {ended:.6g} {self.problem.advice(self.method)}'
        doubt = self.doubt(self.problem.to_user(self.state.weights)) if self.doubt and self.state.position else None
        if doubt:
            return doubt
        if self.method.tol:
            gradient = self.problem.evaluate(self.state.weights)[1]
            return (f'not converged, the largest entry of the gradient is {abs(gradient).max():.6g} after '
                    f'{self._reached()}, above tol={self.method.tol:g}; try more {self.method.unit}s'
                    + (' or scale=True' if self.problem.scalable else ''))
        return None
