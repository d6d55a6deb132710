r"""
Training: from a Dataset to a LogisticModel, by descent

:func:`gradient_descent` and :func:`stochastic_gradient_descent` check their
arguments, let the compiled steps of :mod:`sage_logreg.descent` run, and record
the cost on the way. Theano is imported when the first training begins.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=60000, report=20000)
    0 0.69314718056
    20000 0.547295463694
    40000 0.488295709188
    sage: model.weights()  # abs tol 1e-8
    (-3.29639401, 0.03397985, 0.02627297)
"""
import contextlib
import itertools
import time
import warnings

import numpy

from sage_logreg.arguments import real_number, shown, whole_number
from sage_logreg.dataset import load_data
from sage_logreg.interrupt import interrupts_held, is_interrupt
from sage_logreg.problem import LogisticProblem
from sage_logreg.progress import print_above, progress_bar
from sage_logreg.storage import Checkpoint
from sage_logreg.trained import Descent, Record, State

SECONDS_A_CALL = 0.1


def gradient_descent(data, learning_rate=0.001, iterations=300000, report=None, initial=None, tol=0,
                     scale=False, l2=0, features=None, cost=None, progress=None, callback=None, checkpoint=None):
    r"""
    Return the model after full-batch gradient descent on the mean negative log-likelihood.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`, or anything that
      :func:`~sage_logreg.dataset.load_data` takes
    - ``learning_rate`` -- positive real number (default: 0.001)
    - ``iterations`` -- number of steps (default: 300000)
    - ``report`` -- (default: ``None``) print the step and the cost before it
      every so many steps, and record them; without it about 50 records are
      made, closer at the beginning, and nothing is printed
    - ``initial`` -- (default: zeros) the n + 1 weights to begin with, the bias
      first, or a model to go on from
    - ``tol`` -- (default: 0) stop before the step where no entry of the
      gradient is larger than this
    - ``scale`` -- (default: ``False``) descend in standardised variables (mean
      0, deviation 1); the weights come back in the units of the data. ``tol``
      then measures the gradient in the standardised variables
    - ``l2`` -- (default: 0) penalty: `\frac{\lambda}{2m} \sum_{j \ge 1} w_j^2`
      is added to the cost, on the weights in the units of the data
    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables, as for :func:`~sage_logreg.dataset.load_data`
    - ``cost`` -- (default: the mean negative log-likelihood) any other cost, a
      function of Theano's ``X``, ``y`` and ``w`` that returns a Theano scalar;
      with ``scale`` it gets the standardised variables and their weights
    - ``progress`` -- ``True``, ``False`` or ``None`` (default: a bar on long
      work in a terminal or a notebook)
    - ``callback`` -- called as ``callback(iteration, cost, weights)`` at every
      record; training stops when it returns ``True``
    - ``checkpoint`` -- path of a file that the model so far is written to every
      few seconds, as by :meth:`~sage_logreg.trained.Trained.save`. Where the
      file exists, and is of the same training, the training goes on from it

    OUTPUT: a :class:`~sage_logreg.model.LogisticModel`. A warning tells of a
    learning rate that is too large, and of classes that are separated, where
    the cost has no minimum. Ctrl-C returns the model reached so far, whose
    :meth:`~sage_logreg.trained.Trained.resume` goes on as if nothing had happened

    EXAMPLES::

        sage: from sage_logreg import gradient_descent, ex2data1
        sage: gradient_descent(ex2data1(), learning_rate=1/1000, iterations=2*10^4)
        Logistic model in x1, x2 by gradient_descent: 20000 iterations, cost 0.547295, largest gradient entry 0.0588

    The whole worksheet::

        sage: model = gradient_descent(ex2data1(), learning_rate=0.001, iterations=300000, report=20000)
        0 0.69314718056
        20000 0.547295463694
        40000 0.488295709188
        60000 0.445118809496
        80000 0.41259440171
        100000 0.387389522711
        120000 0.367353248365
        140000 0.351070505109
        160000 0.337586093857
        180000 0.326237734121
        200000 0.316554335209
        220000 0.308192817261
        240000 0.300897944917
        260000 0.294476164256
        280000 0.288778154733
        sage: model.weights()  # abs tol 1e-8
        (-9.25573205, 0.07960975, 0.07329322)

    In standardised variables a few hundred steps reach the minimum itself::

        sage: model = gradient_descent(ex2data1(), learning_rate=5, iterations=10000, scale=True, tol=1e-12)
        sage: model.converged()
        True
        sage: model.iterations() < 1000
        True
        sage: model.weights()  # abs tol 1e-6
        (-25.161333, 0.206232, 0.201472)

    Features are expressions in the data's variables; with all 27 monomials of
    degree 1 to 6 the boundary is a curve::

        sage: from sage_logreg import ex2data2, polynomial_features
        sage: x1, x2 = var('x1, x2')
        sage: model = gradient_descent(ex2data2(), features=polynomial_features(x1, x2, degree=6),
        ....:                          learning_rate=1, iterations=3000, l2=1)
        sage: model.cost()  # abs tol 1e-6
        0.529003
        sage: model.accuracy()  # abs tol 1e-4
        0.8305

    A cost of one's own, here the squared distance of the probability from the label::

        sage: from sage_logreg.engine import T, sigmoid
        sage: def squares(X, y, w):
        ....:     return T.mean((sigmoid(w[0] + T.dot(X, w[1:])) - y)**2)
        sage: model = gradient_descent(ex2data1(), learning_rate=20, iterations=3000, scale=True, cost=squares)
        sage: model.cost()  # abs tol 1e-3
        0.06450825
        sage: model.accuracy()  # abs tol 0.02
        0.90

    TESTS:

    A learning rate that is too large is told::

        sage: import warnings
        sage: with warnings.catch_warnings(record=True) as caught:
        ....:     warnings.simplefilter('always')
        ....:     model = gradient_descent(ex2data1(), learning_rate=0.1, iterations=100)
        sage: print(caught[0].message)
        gradient_descent: the cost rose from 0.693147 to ... with learning_rate=0.1, which is too large; try learning_rate=0.00042 or scale=True

        sage: gradient_descent(ex2data1(), iterations=-1)
        Traceback (most recent call last):
        ...
        ValueError: iterations = -1; expected a whole number from 0

    ALGORITHM:

    `w \leftarrow w - \eta \nabla E(w)`, the gradient by Theano's ``T.grad``, the
    loop inside the compiled function.
    """
    data = load_data(data, features=features)
    return descend(LogisticProblem(data, scale, l2, cost), learning_rate, iterations, report, initial, tol, progress,
                   callback, checkpoint)


def stochastic_gradient_descent(data, learning_rate=0.0005, epochs=10000, batch_size=1, shuffle='once', seed=None,
                                momentum=0, report=None, initial=None, tol=0, scale=False, l2=0, features=None,
                                cost=None, progress=None, callback=None, checkpoint=None):
    r"""
    Return the model after stochastic gradient descent: one sample, or one batch, a step.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`, or anything that
      :func:`~sage_logreg.dataset.load_data` takes
    - ``learning_rate`` -- positive real number (default: 0.0005)
    - ``epochs`` -- number of passes over the data (default: 10000)
    - ``batch_size`` -- samples a step (default: 1); the last step of an epoch
      takes what is left
    - ``shuffle`` -- ``'once'`` (default) shuffles before the first epoch and
      keeps that order, ``'epoch'`` shuffles before every epoch, ``None`` keeps
      the order of the data
    - ``seed`` -- (default: ``None``, the same as 0) whole number below `2^{32}`
      that the shuffled order depends on: the same seed gives the same weights
    - ``momentum`` -- (default: 0) at least 0 and below 1; this part of the last
      change of the weights is added to the next one
    - ``report`` -- (default: ``None``) print the epoch and the cost of its last
      batch, before that batch's step, every so many epochs, and record them;
      without it about 50 records are made, closer at the beginning, and
      nothing is printed
    - ``tol`` -- (default: 0) stop after the epoch at whose end no entry of the
      gradient of the whole cost is larger than this
    - ``initial``, ``scale``, ``l2``, ``features``, ``cost``, ``progress``, ``callback``, ``checkpoint`` --
      as for :func:`gradient_descent`

    OUTPUT: a :class:`~sage_logreg.model.LogisticModel`

    EXAMPLES:

    In the order of the data, the worksheet's 1,000,000 steps end here::

        sage: from sage_logreg import stochastic_gradient_descent, ex2data1
        sage: model = stochastic_gradient_descent(ex2data1(), shuffle=None)
        sage: model.weights()  # abs tol 1e-8
        (-14.60213966, 0.14766833, 0.13163536)

    The same seed gives the same weights to the last bit::

        sage: one, two = (stochastic_gradient_descent(ex2data1(), epochs=100, seed=7) for _ in range(2))
        sage: one.weights() == two.weights()
        True

    The report names the epoch and the cost of its last sample::

        sage: model = stochastic_gradient_descent(ex2data1(), epochs=1001, shuffle=None, report=500)
        0 0.0128114061836
        500 0.00960144941734
        1000 0.00709495963788

    TESTS::

        sage: stochastic_gradient_descent(ex2data1(), shuffle='always')
        Traceback (most recent call last):
        ...
        ValueError: shuffle = 'always'; expected 'once', 'epoch' or None
        sage: stochastic_gradient_descent(ex2data1(), momentum=1)
        Traceback (most recent call last):
        ...
        ValueError: momentum = 1; expected a real number at least 0 and below 1

    ALGORITHM:

    `v \leftarrow \mu v - \eta \nabla E_B(w)`, `w \leftarrow w + v`, where `E_B`
    is the mean cost of the batch (with the whole penalty) [Pol1964]_.

    REFERENCES:

    .. [Pol1964] \B. T. Polyak, *Some methods of speeding up the convergence of
       iteration methods*, USSR Computational Mathematics and Mathematical
       Physics 4 (1964), no. 5, 1-17.
    """
    data = load_data(data, features=features)
    return descend_stochastically(LogisticProblem(data, scale, l2, cost), learning_rate, epochs, batch_size, shuffle,
                                  seed, momentum, report, initial, tol, progress, callback, checkpoint)


# The same for any problem, a LogisticProblem or another one

def descend(problem, learning_rate, iterations, report, initial, tol, progress, callback, checkpoint):
    r"""
    Return what gradient descent makes of a :class:`~sage_logreg.problem.Problem`.

    INPUT: as for :func:`gradient_descent`

    EXAMPLES::

        sage: from sage_logreg import ex2data1, gradient_descent
        sage: from sage_logreg.problem import LogisticProblem
        sage: from sage_logreg.training import descend
        sage: model = descend(LogisticProblem(ex2data1()), 0.001, 1000, None, None, 0, None, None, None)
        sage: model.weights() == gradient_descent(ex2data1(), iterations=1000).weights()
        True
    """
    options = _common_options(learning_rate, tol)
    descent = _beginning(problem.start(initial), whole_number('iterations', iterations), report)
    return _Run('gradient_descent', problem, options, descent, (), progress, callback, checkpoint).run()


def descend_stochastically(problem, learning_rate, epochs, batch_size, shuffle, seed, momentum, report, initial, tol,
                           progress, callback, checkpoint):
    r"""
    Return what stochastic gradient descent makes of a :class:`~sage_logreg.problem.Problem`.

    INPUT: as for :func:`stochastic_gradient_descent`

    EXAMPLES::

        sage: from sage_logreg import ex2data1, stochastic_gradient_descent
        sage: from sage_logreg.problem import LogisticProblem
        sage: from sage_logreg.training import descend_stochastically
        sage: problem = LogisticProblem(ex2data1())
        sage: model = descend_stochastically(problem, 0.0005, 10, 1, None, None, 0, None, None, 0, None, None, None)
        sage: model.weights() == stochastic_gradient_descent(ex2data1(), epochs=10, shuffle=None).weights()
        True
    """
    options = _common_options(learning_rate, tol)
    options['batch_size'] = min(whole_number('batch_size', batch_size, minimum=1), len(problem.labels))
    if shuffle not in ('once', 'epoch', None):
        raise ValueError(f"shuffle = {shown(shuffle)}; expected 'once', 'epoch' or None")
    options['shuffle'] = shuffle
    options['seed'] = whole_number('seed', 0 if seed is None else seed, maximum=2**32 - 1)
    options['momentum'] = real_number('momentum', momentum, minimum=0, below=1)
    descent = _beginning(problem.start(initial), whole_number('epochs', epochs), report)
    return _Run('stochastic_gradient_descent', problem, options, descent, (), progress, callback, checkpoint).run()


def resumed(model, iterations=None, report=None, progress=None, callback=None, checkpoint=None):
    r"""
    Return the model after more of the training that led to ``model``.

    INPUT: as for :meth:`sage_logreg.trained.Trained.resume`

    EXAMPLES::

        sage: from sage_logreg import gradient_descent, ex2data1
        sage: from sage_logreg.training import resumed
        sage: resumed(gradient_descent(ex2data1(), iterations=100), iterations=50).iterations()
        150
    """
    descent = model._descent
    if descent is None:
        how = 'with given weights' if model.method == 'given weights' else f'by {model.method}'
        raise ValueError(f'a model {how} cannot be resumed; expected one that a descent has trained')
    if descent.stopped == 'diverged':
        raise ValueError(f'the training has diverged after {model.iterations()} {model.unit()}s; train again, with a '
                         f'smaller learning_rate than {model._options["learning_rate"]:g}')
    if descent.stopped == 'converged':
        raise ValueError(f'the training has converged; for a smaller tol than {model._options["tol"]:g} train again, with '
                         'this model as initial')
    if iterations is not None:
        descent = descent._replace(total=model._iterations + whole_number('iterations', iterations, minimum=1))
    elif descent.stopped is None and model._iterations >= descent.total:
        raise ValueError(f'the training is complete after {descent.total} {model.unit()}s; resume({model.unit()}s) goes on '
                         'for more of them')
    if report is not None:
        descent = descent._replace(report=_report(report))
    problem = model._problem()
    options = {name: value for name, value in model._options.items() if name not in problem.options}
    return _Run(model.method, problem, options, descent, model._history, progress, callback, checkpoint).run()


# Arguments

def _common_options(learning_rate, tol):
    return {'learning_rate': real_number('learning_rate', learning_rate, above=0),
            'tol': real_number('tol', tol, minimum=0)}


def _report(report):
    return None if report is None else whole_number('report', report, minimum=1)


def _beginning(start, total, report):
    return Descent(start, State(0, start, numpy.zeros_like(start), False), total, _report(report), None)


# The loop over the calls

class _Run:
    # One training: goes from record to record, and hands over what it has
    # when it is done, converged, interrupted or diverged.

    def __init__(self, method, problem, options, descent, history, progress, callback, checkpoint):
        if progress not in (None, True, False):
            raise TypeError(f'progress = {shown(progress)}; expected True, False or None')
        if callback is not None and not callable(callback):
            raise TypeError(f'callback = {shown(callback)}; expected a function of (iteration, cost, weights)')
        self.method, self.problem, self.options = method, problem, options
        self.start, self.state, self.total, self.report, _ = descent
        self.history = list(history)
        self.progress, self.callback = progress, callback
        # updates in an iteration: one, or the batches of an epoch
        self.size = -(-len(problem.data) // options['batch_size']) if 'batch_size' in options else 1
        self.stopped = self.checkpoint = None
        if checkpoint is not None:
            self._go_on_from(Checkpoint(checkpoint))

    def run(self):
        try:
            self._descend()
            message = self._message()
            self._write_checkpoint()
        except (KeyboardInterrupt, SystemError) as error:
            if not is_interrupt(error):
                raise
            self.stopped = 'interrupted'
            argument = '' if self.checkpoint is None else f'checkpoint={self.checkpoint.name!r}'
            message = (f'interrupted after {self._reached()} of {self.total * self.size}; '
                       f'model.resume({argument}) goes on from there')
            # whoever is impatient has the model, and the last checkpoint
            with contextlib.suppress(KeyboardInterrupt):
                self._write_checkpoint()
        model = self.model()
        if message:
            # as if it came from the line that called gradient_descent
            warnings.warn(f'{self.method}: {message}', RuntimeWarning, stacklevel=4)
        return model

    def model(self):
        descent = Descent(self.start, self.state, self.total, self.report, self.stopped)
        return self.problem.model(self.problem.to_user(self.state.weights), self.history,
                                  self.state.position // self.size, self.stopped == 'converged', self.method, self.options,
                                  descent)

    def _go_on_from(self, checkpoint):
        saved = checkpoint.read(self.problem.options.get('cost'))
        if saved is not None:
            difference = self._difference(saved)
            if difference:
                raise ValueError(f'checkpoint: {checkpoint.name} holds {difference}; the file is left alone')
            if saved._descent.state.position > self.state.position:
                self.state, self.history = saved._descent.state, saved._history
        self.checkpoint = checkpoint

    def _difference(self, saved):
        # What makes a saved model another one than this training passes through, in words.
        if saved.method != self.method:
            return f'a model by {saved.method}'
        if getattr(saved, '_sample_cost', None) != getattr(self.problem, 'sample_cost', None):
            return 'a model of another cost'
        if saved.data != self.problem.data:
            return f'a model of other data ({saved.data})'
        for option, value in {**self.options, **self.problem.options}.items():
            if saved._options[option] != value:
                return f'a training with {option}={shown(saved._options[option])}, not {shown(value)}'
        if not numpy.array_equal(saved._descent.start, self.start):
            return 'a training from other initial weights'
        if saved._descent.state.position > self.total * self.size:
            return f'{saved.iterations()} {saved.unit()}s, more than {self.total}'
        return None

    def _write_checkpoint(self):
        if self.checkpoint is None:
            return
        try:
            self.checkpoint.write(self.model())
        except (OSError, ValueError) as error:
            # the training is worth more than its copy
            warnings.warn(f'{self.method}: the checkpoint cannot be written: {error}', RuntimeWarning, stacklevel=2)

    def _descend(self):
        with interrupts_held():
            from sage_logreg import cost, descent
            self.bar = progress_bar(total=self.total * self.size, initial=self.state.position, desc=self.method,
                                    disable=None if self.progress is None else not self.progress,
                                    unit=' updates', unit_scale=True)
        self.problem.cost = cost.known_cost(self.problem.cost, str(self.problem.points.dtype))
        make = (descent.StochasticSteps if 'batch_size' in self.options
                else descent.LoopedSteps if self.problem.cost is not None and descent.HAS_LOOPS else descent.GradientSteps)
        self.begun = self.problem.evaluate(self.start)[0]
        self.steps = make(self.problem.points, self.problem.labels, penalty=self.problem.penalty, cost=self.problem.cost,
                          **{name: self.options[name] for name in make.options})
        self.chunk = 1
        try:
            with self.bar:
                for iteration in self._recorded():
                    # an epoch's record stands before its last update
                    self._advance(iteration * self.size + self.size - 1)
                    if self.stopped is None:
                        self._record(iteration)
                    if self.stopped:
                        return
                self._advance(self.total * self.size)
        finally:
            self.steps.close()
        if self.stopped is None and self.options['tol']:
            # the last step may have reached tol
            gradient = self.problem.evaluate(self.state.weights)[1]
            if abs(gradient).max() <= self.options['tol']:
                self.stopped = 'converged'

    def _recorded(self):
        # Without a report closer at the beginning, where the cost falls fastest.
        total, every = self.total, self.report or max(1, -(-self.total // 50))
        early = [] if self.report else [digit * 10**power for power in range(len(str(every))) for digit in (1, 2, 5)]
        # what has been recorded before, or passed by, is not recorded again
        first = max(self.history[-1].iteration + 1 if self.history else 0, self.state.position // self.size)
        return itertools.chain((iteration for iteration in [0, *early] if first <= iteration < min(every, total)),
                               range(every * max(1, -(-first // every)), total, every))

    def _advance(self, target):
        # Calls short enough that Ctrl-C and the bar answer at once.
        if self.state.converged:
            self.stopped = 'converged'
        while self.state.position < target and self.stopped is None:
            count = min(self.chunk, target - self.state.position)
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
            if self.checkpoint is not None and self.checkpoint.is_due():
                self._write_checkpoint()
            self.chunk = max(1, min(int(count * SECONDS_A_CALL / max(seconds, 1e-6)), 16 * count, 1 << 20))

    def _last_finite(self, count):
        # The cost is finite at self.state and no longer so count updates later:
        # halve until the one update between is found.
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
        if self.report:
            print_above(self.bar, f'{iteration} {cost:.12g}')
        if self.callback is not None:
            # a copy: what the callback does to it changes neither the history nor the descent
            answer = self.callback(iteration, cost, weights.copy())
            if isinstance(answer, (bool, numpy.bool_)) and answer:
                self.stopped = 'callback'

    def _reached(self, more=0):
        return f'{"step" if self.size == 1 else "update"} {self.state.position + more}'

    def _message(self):
        # What the user should know of how it ended, or None.
        if self.stopped == 'diverged':
            return (f'the cost is no longer finite after {self._reached(1)}; the model holds the weights '
                    f'after {self._reached()}, {self.problem.advice(self.options)}')
        if self.stopped is not None:
            return None
        ended, gradient = self.problem.evaluate(self.state.weights)
        # one sample's step may well raise the cost of all; rounding may raise any
        if ended > self.begun + (1e-9 if self.method == 'gradient_descent' else 1) * abs(self.begun):
            return f'the cost rose from {self.begun:.6g} to {ended:.6g} {self.problem.advice(self.options)}'
        model = self.model()
        warning = self.problem.warning(model) if self.state.position else None
        if warning:
            return warning
        if self.options['tol']:
            return (f'not converged, the largest entry of the gradient is {abs(gradient).max():.6g} after '
                    f'{self._reached()}, above tol={self.options["tol"]:g}; try more {model.unit()}s'
                    + (' or scale=True' if self.problem.scalable else ''))
        return None
