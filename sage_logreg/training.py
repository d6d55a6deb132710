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
import itertools
import time
import warnings

import numpy

from sage_logreg.arguments import real_number, real_vector, shown, whole_number
from sage_logreg.dataset import load_data
from sage_logreg.model import LogisticModel, penalty_factors
from sage_logreg.progress import progress_bar
from sage_logreg.trained import Record, Trained

SECONDS_A_CALL = 0.1
# entries of a table whose separation is decided after every descent
DECIDED = 20000


def gradient_descent(data, learning_rate=0.001, iterations=300000, report=None, initial=None, tol=0,
                     scale=False, l2=0, features=None, cost=None, progress=None, callback=None):
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

    OUTPUT: a :class:`~sage_logreg.model.LogisticModel`. A warning tells of a
    learning rate that is too large, and of classes that are separated, where
    the cost has no minimum

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
    options = _common_options(learning_rate, tol, scale, l2, cost, progress, callback)
    total = whole_number('iterations', iterations)
    every = _report_interval(report, total)
    problem = _Problem(data, options['scale'], options['l2'], options['cost'])
    start = problem.from_user(_initial_weights(initial, data))

    from sage_logreg.descent import GradientSteps
    steps = GradientSteps(problem.points, problem.labels, options['learning_rate'], options['tol'], problem.penalty,
                          problem.cost)
    run = _Run('gradient_descent', problem, steps, options, report is not None, progress, callback)
    return run.run(start, total, every)


def stochastic_gradient_descent(data, learning_rate=0.0005, epochs=10000, batch_size=1, shuffle='once', seed=None,
                                momentum=0, report=None, initial=None, tol=0, scale=False, l2=0, features=None,
                                cost=None, progress=None, callback=None):
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
    - ``initial``, ``scale``, ``l2``, ``features``, ``cost``, ``progress``, ``callback`` -- as for
      :func:`gradient_descent`

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
    options = _common_options(learning_rate, tol, scale, l2, cost, progress, callback)
    options['batch_size'] = min(whole_number('batch_size', batch_size, minimum=1), len(data))
    if shuffle not in ('once', 'epoch', None):
        raise ValueError(f"shuffle = {shown(shuffle)}; expected 'once', 'epoch' or None")
    options['shuffle'] = shuffle
    options['seed'] = whole_number('seed', 0 if seed is None else seed, maximum=2**32 - 1)
    options['momentum'] = real_number('momentum', momentum, minimum=0, below=1)
    total = whole_number('epochs', epochs)
    every = _report_interval(report, total)
    problem = _Problem(data, options['scale'], options['l2'], options['cost'])
    start = problem.from_user(_initial_weights(initial, data))

    from sage_logreg.descent import StochasticSteps
    steps = StochasticSteps(problem.points, problem.labels, options['learning_rate'], options['momentum'],
                            options['batch_size'], shuffle, options['seed'], options['tol'], problem.penalty,
                            problem.cost)
    run = _Run('stochastic_gradient_descent', problem, steps, options, report is not None, progress, callback)
    return run.run(start, total, every)


# Arguments

def _common_options(learning_rate, tol, scale, l2, cost, progress, callback):
    if not isinstance(scale, (bool, numpy.bool_)):
        raise TypeError(f'scale = {shown(scale)}; expected True or False')
    if progress not in (None, True, False):
        raise TypeError(f'progress = {shown(progress)}; expected True, False or None')
    if callback is not None and not callable(callback):
        raise TypeError(f'callback = {shown(callback)}; expected a function of (iteration, cost, weights)')
    if cost is not None and not callable(cost):
        raise TypeError(f"cost = {shown(cost)}; expected a function of Theano's X, y and w")
    return {'learning_rate': real_number('learning_rate', learning_rate, above=0),
            'tol': real_number('tol', tol, minimum=0),
            'scale': bool(scale),
            'l2': real_number('l2', l2, minimum=0),
            'cost': cost}


def _report_interval(report, total):
    if report is None:
        return max(1, -(-total // 50))
    return whole_number('report', report, minimum=1)


def _initial_weights(initial, data):
    count = len(data.design.variables) + 1
    if initial is None:
        return numpy.zeros(count)
    return real_vector('initial', initial.weights() if isinstance(initial, Trained) else initial, count)


# The numbers that are descended on

class _Problem:
    # Points and penalty in the units of the descent (standardised, or the
    # user's), and the way between the two kinds of weights.

    def __init__(self, data, scale, l2, cost):
        from sage_logreg.cost import known_cost
        self.data, self.cost = data, known_cost(cost, str(data.points.dtype))
        self.points, self.labels = data.design.points, data.labels
        self._mean = self._deviation = None
        self.penalty = penalty_factors(l2, self.points)
        if scale:
            self._standardise()
            if l2:
                self.penalty /= self._deviation**2
        self._largest = numpy.concatenate([[1.0], numpy.maximum(self.points.max(axis=0), -self.points.min(axis=0))])

    def _standardise(self):
        # Each column is divided by its largest entry first, so that no square
        # overflows. A constant column becomes zeros, exactly.
        with numpy.errstate(over='ignore', invalid='ignore'):
            points = self.points
            constant = points.max(axis=0) == points.min(axis=0)
            self._mean = numpy.where(constant, points[0], points.mean(axis=0, dtype=numpy.float64))
            self.points = points - self._mean.astype(points.dtype)
            largest = numpy.where(constant, 1.0, abs(self.points).max(axis=0))
            self.points /= largest
            relative = numpy.sqrt(numpy.einsum('ij,ij->j', self.points, self.points) / len(points))
            relative[constant] = 1.0
            self.points /= relative
            self._deviation = largest * relative
        for name, mean, deviation in zip(self.data.design.variables, self._mean, self._deviation):
            if not (numpy.isfinite(mean) and numpy.isfinite(deviation)):
                raise ValueError(f'scale=True: the values of {name} are too large to standardise; expected at most 1e300')

    def evaluate(self, weights):
        # The cost and its gradient, in the units of the descent.
        from sage_logreg.cost import evaluate
        return evaluate(self.points, self.labels, weights, self.penalty, self.cost)

    def to_user(self, weights):
        if self._mean is None:
            return weights
        slopes = weights[1:] / self._deviation
        return numpy.concatenate([[weights[0] - slopes @ self._mean], slopes])

    def from_user(self, weights):
        if self._mean is None:
            return weights
        return numpy.concatenate([[weights[0] + weights[1:] @ self._mean], weights[1:] * self._deviation])

    def is_finite(self, weights):
        # Whether the cost is finite. A bound that costs nothing answers
        # nearly always; the cost itself is asked only at the edge of overflow,
        # or where it is a user's own.
        with numpy.errstate(over='ignore', invalid='ignore'):
            bound = len(self.data) * (abs(weights) @ self._largest)
            if self.penalty is not None:
                bound += self.penalty @ weights[1:]**2
        return bool((self.cost is None and numpy.isfinite(bound)) or numpy.isfinite(self.evaluate(weights)[0]))

    def advice(self, options):
        # A step of gradient descent is sure to go down at the rate 1/L, where L bounds the curvature:
        # the trace of X^T X / (4 m) bounds its eigenvalues; the penalty's comes on top. A step of
        # stochastic gradient descent meets single points, and momentum lengthens it.
        rate = options['learning_rate']
        with numpy.errstate(over='ignore'):
            squares = 1 + numpy.einsum('ij,ij->i', self.points, self.points)
            curvature = (squares.max() if 'batch_size' in options else squares.mean()) / 4
        if self.penalty is not None:
            curvature += self.penalty.max()
        smaller = min((1 - options.get('momentum', 0)) / curvature, rate / 2)
        tries = [f'learning_rate={smaller:.2g}'] if numpy.isfinite(curvature) and self.cost is None else []
        tries += [] if options['scale'] else ['scale=True']
        return f'with learning_rate={rate:g}, which is too large' + ('; try ' + ' or '.join(tries) if tries else '')


def _separation_text(data, model):
    # How the classes are separated, or None. Decided exactly where that takes no time to speak of;
    # beyond, a model that has separated them is its own proof.
    if data.design.points.size <= DECIDED:
        from sage_logreg.existence import separation
        try:
            answer = separation(data)
        except (ImportError, ValueError):
            # no Sage for the hard cases; columns that depend on each other
            return None
        return None if answer.exists() else f'{answer.kind()} separation of the classes'
    return 'complete separation of the classes' if model._separates() else None


# The loop over the calls

class _Run:
    # One training: goes from record to record, and hands over what it has
    # when it is done, converged, interrupted or diverged.

    def __init__(self, method, problem, steps, options, printing, progress, callback):
        self.method, self.problem, self.steps, self.options = method, problem, steps, options
        self.printing, self.progress, self.callback = printing, progress, callback
        self.history = []
        self.stopped = None

    def run(self, start, total, every):
        from sage_logreg.descent import State
        self.state = State(0, start, numpy.zeros_like(start), False)
        self.chunk = 1
        size = self.steps.updates_per_epoch
        begun = self.problem.evaluate(start)[0]
        try:
            with self._bar(total * size) as self.bar:
                for iteration in self._recorded(total, every):
                    # an epoch's record stands before its last update
                    self._advance(iteration * size + size - 1)
                    if self.stopped is None:
                        self._record(iteration)
                    if self.stopped:
                        break
                else:
                    self._advance(total * size)
        except KeyboardInterrupt:
            self.stopped = 'interrupted'
        finally:
            self.steps.close()
        if self.stopped is None and self.options['tol']:
            # the last step may have reached tol
            gradient = self.problem.evaluate(self.state.weights)[1]
            if abs(gradient).max() <= self.options['tol']:
                self.stopped = 'converged'
        model = LogisticModel(self.problem.data, self.problem.to_user(self.state.weights), self.history,
                              self.state.position // size, self.stopped == 'converged', self.method, self.options)
        message = self._message(model, begun, total, size)
        if message:
            # as if it came from the line that called gradient_descent
            warnings.warn(f'{self.method}: {message}', RuntimeWarning, stacklevel=3)
        return model

    def _recorded(self, total, every):
        # Without a report closer at the beginning, where the cost falls fastest.
        early = [] if self.printing else [digit * 10**power for power in range(len(str(every))) for digit in (1, 2, 5)]
        return itertools.chain([0] if total else [], (iteration for iteration in early if iteration < min(every, total)),
                               range(every, total, every))

    def _bar(self, total):
        return progress_bar(total=total, disable=None if self.progress is None else not self.progress,
                            unit=' updates', unit_scale=True, desc=self.method)

    def _advance(self, target):
        # Calls short enough that Ctrl-C and the bar answer at once.
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
        if self.printing:
            line = f'{iteration} {cost:.12g}'
            print(line, flush=True) if self.bar.disable else self.bar.write(line)
        if self.callback is not None:
            # a copy: what the callback does to it changes neither the history nor the descent
            answer = self.callback(iteration, cost, weights.copy())
            if isinstance(answer, (bool, numpy.bool_)) and answer:
                self.stopped = 'callback'

    def _message(self, model, begun, total, size):
        # What the user should know of how it ended, or None.
        position, unit = self.state.position, 'step' if size == 1 else 'update'
        if self.stopped == 'diverged':
            return (f'the cost is no longer finite after {unit} {position + 1}; the model holds the weights '
                    f'after {unit} {position}, {self.problem.advice(self.options)}')
        if self.stopped == 'interrupted':
            return f'interrupted after {unit} {position} of {total * size}; to go on from there, give this model as initial'
        if self.stopped is not None:
            return None
        ended, gradient = self.problem.evaluate(self.state.weights)
        # one sample's step may well raise the cost of all; rounding may raise any
        if ended > begun * (1 + 1e-9 if self.method == 'gradient_descent' else 2):
            return f'the cost rose from {begun:.6g} to {ended:.6g} {self.problem.advice(self.options)}'
        if position and not self.options['l2'] and self.options['cost'] is None:
            separated = _separation_text(self.problem.data, model)
            if separated:
                return (f'{separated}, so that there is no minimum: the weights grow as long as training goes on; set a penalty '
                        'l2, or see maximum_likelihood(..., bias_reduced=True)')
        if self.options['tol']:
            return (f'not converged, the largest entry of the gradient is {abs(gradient).max():.6g} after {unit} '
                    f'{position}, above tol={self.options["tol"]:g}; try more {model.unit()}s'
                    + ('' if self.options['scale'] else ' or scale=True'))
        return None
