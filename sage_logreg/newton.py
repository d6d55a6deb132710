r"""
The maximum-likelihood estimate, by Newton's method

:func:`maximum_likelihood` goes to the minimum of the cost itself, where a
descent stops on its way. The gradient and the Hessian are Theano graphs
(:func:`sage_logreg.cost.newton_terms`).

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(ex2data1())
    sage: model.weights()  # rel tol 1e-12
    (-25.1613335666395, 0.206231713293983, 0.201471600441963)
    sage: model.converged()
    True
"""
import warnings

import numpy

from sage_logreg.arguments import check_not_negative, real_number, real_vector, shown, whole_number
from sage_logreg.dataset import Dataset
from sage_logreg.existence import SeparationError, check_columns, separation
from sage_logreg.grouped import ungrouped
from sage_logreg.interrupt import is_interrupt
from sage_logreg.model import LogisticModel
from sage_logreg.progress import print_above, progress_bar
from sage_logreg.trained import Record, Trained

# Rows that the columns are scaled by, and rows of the sample that a fit of many more begins with
SAMPLE = 25000
MANY = 4 * SAMPLE
MOST_STEPS = 200
# what a last step may be beside the weights: each of Newton's doubles the digits, one with an older Hessian does not
SMALL_STEP = {False: 1e-7, True: 1e-4}
# and how long a step may be beside them
LONG_STEP = 100.0


def maximum_likelihood(data, l2=0, weights=None, offset=None, bias_reduced=False, tol=1e-10, features=None,
                       initial=None, report=None, progress=None, callback=None):
    r"""
    Return the model of the maximum-likelihood estimate.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`, anything that
      :func:`~sage_logreg.dataset.load_data` takes, or grouped data: a triple
      ``(points, successes, trials)``
    - ``l2`` -- (default: 0) `\lambda \ge 0`; `\frac{\lambda}{2} \sum_{j \ge 1} w_j^2`
      is taken off the log-likelihood, as in the descents
    - ``weights`` -- (default: ones) m numbers from 0: how often each point counts
    - ``offset`` -- (default: zeros) m numbers that are added to the log-odds
    - ``bias_reduced`` -- (default: ``False``) maximise the likelihood times the
      square root of the determinant of the Fisher information; that estimate is
      less biased in small samples and always finite
    - ``tol`` -- (default: ``1e-10``) stop where no entry of the gradient of the
      mean cost, in scaled variables, is larger
    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables, as for :func:`~sage_logreg.dataset.load_data`
    - ``initial`` -- (default: nothing but a bias) n + 1 weights, or a model, to begin with, if
      they are better than the default
    - ``report`` -- (default: nothing) print the cost before every so many steps
    - ``progress`` -- (default: where there is a terminal or a notebook) show a bar
    - ``callback`` -- called as ``callback(step, cost, weights)`` before every
      step over all points; the iteration stops when it returns ``True``

    OUTPUT: a :class:`~sage_logreg.model.LogisticModel`; Ctrl-C hands over what has been reached.
    Where the classes are separated there is no estimate, and a
    :class:`~sage_logreg.existence.SeparationError` says so and proves it

    EXAMPLES::

        sage: from sage_logreg import maximum_likelihood, ex2data1
        sage: model = maximum_likelihood(ex2data1())
        sage: model
        Logistic model in x1, x2 by maximum_likelihood: 9 iterations, cost 0.203498, largest gradient entry ...
        sage: max(abs(entry) for entry in model.gradient()) < 1e-12
        True

    Grouped data, three doses with 1, 4 and 9 successes in ten trials each::

        sage: model = maximum_likelihood(([[1], [2], [3]], [1, 4, 9], [10, 10, 10]))
        sage: model.weights()  # abs tol 1e-6
        (-4.672722, 2.219123)

    With features, here the logarithm of the dose::

        sage: x1 = var('x1')
        sage: maximum_likelihood(([[1], [2], [3]], [1, 4, 9], [10, 10, 10]), features=[log(x1)]).log_odds()  # abs tol 1e-5
        3.9505091*log(x1) - 2.7226468

    From weights that are nearly right fewer steps are needed::

        sage: again = maximum_likelihood(ex2data1(), initial=[-25, 0.2, 0.2], report=1)
        0 0.207012277288
        1 0.203525425924
        2 0.20349771388
        3 0.203497701589
        4 0.203497701589
        sage: again.iterations()
        5

    Separated classes have no estimate, and a bias-reduced one::

        sage: maximum_likelihood([[1, 0], [2, 0], [3, 1], [4, 1]])
        Traceback (most recent call last):
        ...
        SeparationError: ...
        sage: maximum_likelihood([[1, 0], [2, 0], [3, 1], [4, 1]], bias_reduced=True).weights()  # abs tol 1e-5
        (-3.274757, 1.309903)

    TESTS::

        sage: maximum_likelihood(ex2data1(), weights=[1, 2])
        Traceback (most recent call last):
        ...
        ValueError: weights has 2 entries; expected 100 real numbers
        sage: maximum_likelihood(([[1], [2]], [1, 5], [10, 4]))
        Traceback (most recent call last):
        ...
        ValueError: successes[1] = 5.0 is more than the 4.0 trials
        sage: maximum_likelihood([[1, 2, 0], [2, 4, 1], [3, 6, 0], [4, 8, 1]])
        Traceback (most recent call last):
        ...
        ValueError: ...x1...x2...

    ALGORITHM:

    1. The columns are centred and scaled, block by block as they are used: no
       copy of the points is made.
    2. With many points, steps 3 to 5 are first done on a sample of them, to begin nearby.
    3. Newton's direction `d = -H^{-1} g` from the summed cost's gradient and Hessian. With many points
       the Hessian of before serves as long as `\max |g|` falls by a factor of ten.
    4. The step is halved until the cost falls by the part of `g^T d` that Armijo asks for,
       and does not rise more steeply there than `0.9 |g^T d|`.
    5. Stop where `\max |g|` is at most ``tol`` and `d` is small beside the weights. Unless the Hessian is
       far from singular there, :func:`~sage_logreg.existence.separation` decides exactly whether there is
       an estimate at all.
    6. The last direction is added: it costs nothing and doubles the number of right digits.

    With ``bias_reduced=True`` the gradient is Firth's modified score, `H` the
    Fisher information [Fir1993]_.

    REFERENCES:

    - J. Nocedal and S. J. Wright, *Numerical Optimization*, second edition, Springer, 2006, chapter 3.

    .. [Fir1993] \D. Firth, *Bias reduction of maximum likelihood estimates*,
       Biometrika 80 (1993), no. 1, 27-38.
    """
    data, weights, offset = ungrouped(data, weights, offset, features)
    if not isinstance(bias_reduced, (bool, numpy.bool_)):
        raise TypeError(f'bias_reduced = {shown(bias_reduced)}; expected True or False')
    if callback is not None and not callable(callback):
        raise TypeError(f'callback = {shown(callback)}; expected a function of (step, cost, weights)')
    report = None if report is None else whole_number('report', report, minimum=1)
    options = {'l2': real_number('l2', l2, minimum=0), 'weights': _frequencies(weights, data),
               'offset': None if offset is None else real_vector('offset', offset, len(data)),
               'bias_reduced': bool(bias_reduced), 'tol': real_number('tol', tol, above=0)}
    if options['l2'] and bias_reduced:
        raise ValueError('l2 and bias_reduced=True are two penalties; expected one of them')
    if bias_reduced:
        # without independent columns there is no determinant to begin with
        check_columns(counted(data.design, options))
    likelihood = Likelihood(data.design, options)
    initial = _initial(initial, likelihood)
    disable = None if progress is None else not progress
    with progress_bar(desc='maximum_likelihood', unit=' steps', disable=disable) as bar:
        fit = _watched(likelihood, initial, options['tol'], bar, report, callback)
    check_estimate(likelihood, fit)
    weights = _weights_in_float64(likelihood, fit)
    dependent = '' if fit.stopped or options['l2'] else _nearly_dependent(likelihood, fit)
    fit.converged = fit.converged and not dependent
    model = LogisticModel(data, weights, fit.history, fit.steps, fit.converged,
                          'maximum_likelihood', options)
    if not fit.converged and not fit.stopped:
        reached = f'not converged after {fit.steps} steps, '
        if fit.largest > options['tol']:
            reached += (f'the largest entry of the gradient is {fit.largest:.3g} in scaled variables, '
                        f'above tol={options["tol"]:g}')
        else:
            reached += 'the gradient is within tol, but the steps are not small beside the weights'
        warnings.warn(f'maximum_likelihood: {dependent or reached}', RuntimeWarning, stacklevel=2)
    return model


def _watched(likelihood, initial, tol, bar, report, callback):
    # The fit, step by step in the bar, the report and the callback; after Ctrl-C what there is of it.
    def watch(step, cost, weights):
        bar.update(step - bar.n)
        if report and step % report == 0:
            print_above(bar, f'{step} {cost:.12g}')
        return callback is not None and callback(step, cost, weights)

    fit = Fit(initial)
    try:
        start, hessian = likelihood.start() if initial is None else (initial, None)
        return minimise(likelihood, start, tol, watch, hessian=hessian, fit=fit)
    except (KeyboardInterrupt, SystemError) as error:
        if not is_interrupt(error) or not fit.history:
            raise
        fit.stopped, fit.converged = True, False
        # as if it came from the line that called maximum_likelihood
        warnings.warn(f'maximum_likelihood: interrupted after step {fit.steps}; maximum_likelihood(data, initial=model) '
                      'goes on from there', RuntimeWarning, stacklevel=3)
        return fit


def check_estimate(likelihood, fit):
    r"""
    Raise an error where the minimum that ``fit`` seems to have found does not exist, or is not alone.

    Where Newton's last step is short in units of all rows, the estimate exists for certain;
    otherwise columns and classes are looked at in exact arithmetic.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.newton import Likelihood, check_estimate, minimise
        sage: likelihood = Likelihood(load_data([[0, 0], [1, 0], [1, 1], [2, 1], [3, 1]]), {})
        sage: check_estimate(likelihood, minimise(likelihood, likelihood.start()[0], 1e-10r))
        Traceback (most recent call last):
        ...
        SeparationError: ...

    ALGORITHM:

    Let `g` and `H` be gradient and Hessian at the last weights, and `u` any direction of length 1 in the norm of `H`.
    The logistic function's curvature changes at most as `e^{-t |x_i u|}` does, so the slope `t` further along `u` is at least
    `g u + (1 - e^{-\rho t}) / \rho` with `\rho = \max |x_i u|`. The cost rises in the end in every direction, and the minimum
    exists, if `\sqrt{g^T H^{-1} g} \, \rho < 1` for all `u`, where `\rho^2` is at most the longest row's squared length over
    the smallest eigenvalue of `H`. Asked for is 1/100 in place of 1, as `H` may be that of a few steps before. Where the
    classes are separated it is at least 1, wherever the iteration stopped.
    """
    if likelihood.bias_reduced or likelihood.options.get('l2') or fit.stopped:
        return
    values = numpy.linalg.eigvalsh(fit.hessian)
    if values[0] > 1e-6 * max(values[-1], likelihood.total / 4) and any(
            fit.decrement * length < 0.01 * numpy.sqrt(values[0]) for length in likelihood.row_lengths()):
        return
    data = counted(likelihood.data, likelihood.options)
    check_columns(data)
    answer = separation(data)
    if not answer.exists():
        raise SeparationError(answer)


def _weights_in_float64(likelihood, fit):
    with numpy.errstate(over='ignore', invalid='ignore'):
        weights = likelihood.to_user(fit.weights)
    # of a scale below 2^-1021 not even the inverse is a float
    wrong = numpy.flatnonzero(~numpy.isfinite(weights[1:]) | (likelihood.scale < 2.0**-1021))
    if len(wrong):
        raise ValueError(f'the weight of {likelihood.data.variables[wrong[0]]} is too large for a float, as its values are '
                         'so small; give it in other units')
    return weights


def _nearly_dependent(likelihood, fit):
    # The columns that float64 cannot tell apart, in words: a total that was computed and rounded, say.
    values = numpy.linalg.eigvalsh(fit.hessian)
    if values[0] > 1e-12 * values[-1]:
        return ''
    # it may be the estimate, not the columns: where all weights are zero the curvature is the columns' own
    values, vectors = numpy.linalg.eigh(likelihood.terms(numpy.zeros(likelihood.width + 1))[2])
    if values[0] > 1e-13 * values[-1]:
        return ''
    share = abs(vectors[1:, 0])
    names = [name for name, part in zip(likelihood.data.variables, share) if part > 1e-3 * share.max()]
    return f'the columns {", ".join(names)} are so nearly dependent that their weights cannot be told apart'


# Arguments

def _initial(initial, likelihood):
    # In scaled variables; None where nothing but a bias is better to begin with.
    if initial is None:
        return None
    weights = initial.weights() if isinstance(initial, Trained) else initial
    weights = real_vector('initial', weights, likelihood.width + 1)
    with numpy.errstate(over='ignore', invalid='ignore'):
        cost, begun = (likelihood.terms(v)[0] for v in (likelihood.from_user(weights), likelihood.bias()))
        return likelihood.from_user(weights) if cost < begun else None


def _frequencies(weights, data):
    if weights is None:
        return None
    weights = real_vector('weights', weights, len(data))
    check_not_negative('weights', weights)
    for label in (0, 1):
        if not weights[data.labels == label].any():
            raise ValueError(f'weights: all points with {data.label_text(label)} have the weight 0; '
                             'expected some of each label to count')
    return weights


def counted(data, options):
    r"""
    Return the data without the points whose weight is zero.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.newton import counted
        sage: import numpy
        sage: data = load_data([[1, 0], [2, 1], [3, 1]])
        sage: counted(data, {'weights': numpy.array([1.0, 1.0, 0.0])})
        2 points in x1: 1 with y = 1, 1 with y = 0
    """
    weights = options.get('weights')
    if weights is None or (weights > 0).all():
        return data
    seen = weights > 0
    return Dataset(data.points[seen], data.labels[seen], data.variables, data.label_name, data.label_names)


# The function that is minimised

class Likelihood:
    r"""
    The negative log-likelihood, with its penalty, in scaled variables.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`
    - ``options`` -- dictionary with ``l2``, ``weights``, ``offset`` and ``bias_reduced``, those that there are
    - ``scaling`` -- (default: from the data) a pair of arrays, center and scale of the columns

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.newton import Likelihood
        sage: import numpy
        sage: likelihood = Likelihood(ex2data1(), {})
        sage: cost, gradient, hessian = likelihood.terms(numpy.zeros(3))
        sage: cost  # abs tol 1e-12
        69.31471805599453
        sage: hessian.shape
        (3, 3)
    """

    def __init__(self, data, options, scaling=None):
        self.data = data
        self.options = options
        count, self.width = data.points.shape
        frequency, offset = options.get('weights'), options.get('offset')
        # views of a single number: no memory
        self.frequency = numpy.broadcast_to(1.0, count) if frequency is None else frequency
        self.offset = numpy.broadcast_to(0.0, count) if offset is None else offset
        self.total = float(count) if frequency is None else float(frequency.sum())
        self.center, self.scale = _scaling(data.points) if scaling is None else scaling
        # the penalty of a weight in the data's units is that of the scaled weight divided by the scale
        l2 = options.get('l2', 0.0)
        with numpy.errstate(over='ignore'):
            penalty = numpy.minimum(l2 / self.scale / self.scale, 1e300) if l2 else 0.0 * self.scale
        self.penalty = numpy.concatenate([[0.0], penalty])
        self.bias_reduced = options.get('bias_reduced', False)
        # whether the unscaled variables lose no digits, and the cost of the descents can be used
        self._plain = (frequency is None and offset is None and data.points.dtype == numpy.float64
                       and bool((abs(self.center) <= 4 * self.scale).all()))

    def terms(self, v, curved=True):
        r"""
        Return the summed cost at the scaled weights ``v``, its gradient and its Hessian (if ``curved``).
        """
        from sage_logreg.evaluation import evaluate, evaluate_newton
        if not curved and self._plain:
            cost, gradient = evaluate(self.data.points, self.data.labels, self.to_user(v))
            cost, gradient, hessian = self.total * cost, self.total * (self.to_user_matrix().T @ gradient), None
        else:
            cost, gradient, hessian = evaluate_newton(self.data.points, self.data.labels, v, self.frequency, self.offset,
                                                      self.center, self.scale, curved)
        if self.bias_reduced:
            sign, logarithm = numpy.linalg.slogdet(hessian)
            if not sign > 0 or not numpy.isfinite(logarithm):
                return numpy.inf, gradient, hessian
            # in the units of the data the determinant has the squares of the scales as factors
            cost -= logarithm / 2 + numpy.log(self.scale).sum()
            gradient = gradient - self._firth(v, hessian)
        return (cost + self.penalty @ v**2 / 2, gradient + self.penalty * v,
                hessian + numpy.diag(self.penalty) if curved else None)

    def _firth(self, v, information):
        # The gradient of log det(information)/2: half of each leverage times the change of the curvature.
        inverse, gradient = numpy.linalg.inv(information), numpy.zeros(self.width + 1)
        for rows, frequency, offset in self._blocks():
            z = rows @ v + offset
            e = numpy.exp(-abs(z))
            leverage = frequency * e / (1 + e)**2 * numpy.einsum('ij,jk,ik->i', rows, inverse, rows, optimize=True)
            gradient += (leverage * (0.5 - numpy.where(z >= 0, 1.0, e) / (1 + e))) @ rows
        return gradient

    def _blocks(self):
        for start in range(0, len(self.data), SAMPLE):
            part = slice(start, start + SAMPLE)
            points = (self.data.points[part] - self.center) / self.scale
            yield numpy.column_stack([numpy.ones(len(points)), points]), self.frequency[part], self.offset[part]

    def row_lengths(self):
        r"""
        Yield bounds of the lengths of all rows (1, x) in scaled variables, one made in a moment and a closer one.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.newton import Likelihood
            sage: list(Likelihood(ex2data1(), {}).row_lengths())  # abs tol 0.01
            [3.32, 3.30]
        """
        points = self.data.points
        for axis in (None, 0):
            low, high = (numpy.asarray(ends, dtype=numpy.float64) for ends in (points.min(axis=axis), points.max(axis=axis)))
            with numpy.errstate(over='ignore'):
                far = numpy.maximum(high - self.center, self.center - low) / self.scale
                yield float(numpy.sqrt(1 + (far**2).sum()))

    def start(self):
        r"""
        Return scaled weights to begin with, and the Hessian there or ``None``.

        The bias that fits all points alike; with many points, the estimate of a sample of them.
        """
        v = self.bias()
        if not self.many():
            return v, None
        sample = _some_rows(len(self.data))
        data = Dataset(numpy.ascontiguousarray(self.data.points[sample]), self.data.labels[sample], self.data.variables)
        options = {**self.options, **{name: self.options[name][sample] for name in ('weights', 'offset')
                                      if self.options.get(name) is not None}}
        likelihood = Likelihood(data, {**options, 'l2': 0.0}, (self.center, self.scale))
        if not all(likelihood.frequency[data.labels == label].any() for label in (0, 1)):
            return v, None
        share = likelihood.total / self.total
        likelihood.penalty = share * self.penalty
        fit = minimise(likelihood, v, 1e-3)
        return (fit.weights, fit.hessian / share) if fit.converged else (v, None)

    def bias(self):
        r"""
        Return scaled weights that are zero, with the bias that fits all points alike.
        """
        ones, zeros = (float(self.frequency[self.data.labels == label].sum()) for label in (1, 0))
        v = numpy.zeros(self.width + 1)
        v[0] = numpy.log(ones) - numpy.log(zeros) - (0.0 if self.options.get('offset') is None
                                                     else numpy.median(self.offset))
        return v

    def size(self, cost):
        r"""
        Return the number beside which a change of the summed cost is a rounding error or not.
        """
        # with bias_reduced the cost is a difference, and may be anywhere near zero; with many points the cost of the
        # descents is used as well, in which large log-odds cancel
        return max(abs(cost), 0.01 * self.total) if self.bias_reduced or self.many() else abs(cost)

    def many(self):
        r"""
        Return whether there are so many points that a Hessian is used more than once.
        """
        return len(self.data) > MANY and not self.bias_reduced

    def to_user(self, v):
        r"""
        Return the weights in the units of the data.
        """
        slopes = v[1:] / self.scale
        return numpy.concatenate([[v[0] - slopes @ self.center], slopes])

    def from_user(self, w):
        r"""
        Return the scaled weights.
        """
        return numpy.concatenate([[w[0] + w[1:] @ self.center], w[1:] * self.scale])

    def to_user_matrix(self):
        r"""
        Return the matrix of :meth:`to_user`.
        """
        matrix = numpy.diag(numpy.concatenate([[1.0], 1 / self.scale]))
        matrix[0, 1:] = -self.center / self.scale
        return matrix


def _some_rows(count):
    return slice(None, None, -(-count // SAMPLE))


def _scaling(points):
    # The scale is a power of two, so that it rounds nothing. Where the sample is constant, or
    # its squares overflow, the whole range counts.
    sample = points[_some_rows(len(points))].astype(numpy.float64)
    with numpy.errstate(over='ignore', invalid='ignore'):
        center, deviation = sample.mean(axis=0), sample.std(axis=0)
    for j in numpy.flatnonzero(~(numpy.isfinite(center) & numpy.isfinite(deviation) & (deviation > 0))):
        column = points[:, j].astype(numpy.float64)
        low, high = column.min(), column.max()
        center[j], deviation[j] = low / 2 + high / 2, (high / 2 - low / 2) or 1.0
    return center, 2.0**numpy.round(numpy.log2(deviation))


# Newton's method

class Fit:
    r"""
    Where Newton's method ended.

    ``weights``, ``steps``, ``converged``, ``stopped`` (by the callback or Ctrl-C), ``cost``, ``largest`` entry of the mean
    gradient, ``hessian`` that the last direction came from, ``decrement`` (the last direction's length in the norm of
    the Hessian), ``history``.
    """

    def __init__(self, weights):
        self.weights, self.steps, self.converged, self.stopped = weights, 0, False, False
        self.cost, self.largest, self.decrement, self.hessian, self.history = numpy.inf, numpy.inf, numpy.inf, None, []


def minimise(likelihood, start, tol, callback=None, free=None, hessian=None, fit=None):
    r"""
    Return the :class:`Fit` that minimises ``likelihood``, by Newton's method with a line search.

    INPUT:

    - ``likelihood`` -- a :class:`Likelihood`
    - ``start`` -- float64 array of n + 1 scaled weights
    - ``tol`` -- float; bound for the gradient of the mean cost
    - ``callback`` -- as for :func:`maximum_likelihood`
    - ``free`` -- (default: all) boolean array, the weights that may change
    - ``hessian`` -- (default: that of ``start``) for the first step
    - ``fit`` -- (default: a new one) what is filled, for who wants to have it after an interrupt

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.newton import Likelihood, minimise
        sage: likelihood = Likelihood(ex2data1(), {})
        sage: fit = minimise(likelihood, likelihood.start()[0], 1e-10r)
        sage: fit.converged, fit.largest < 1e-10
        (True, True)
    """
    fit, v, last = fit or Fit(start), start, numpy.inf
    free = numpy.ones(len(v), dtype=bool) if free is None else free
    terms = likelihood.terms(v, hessian is None)
    fit.hessian = terms[2] if hessian is None else hessian
    for fit.steps in range(MOST_STEPS):
        fit.cost, gradient, before = terms[0], terms[1], fit.largest
        fit.weights, fit.largest = v, float(abs(gradient[free]).max()) / likelihood.total
        fit.history.append(Record(fit.steps, fit.cost / likelihood.total, likelihood.to_user(v)))
        if callback is not None:
            answer = callback(fit.steps, fit.cost / likelihood.total, likelihood.to_user(v))
            if isinstance(answer, (bool, numpy.bool_)) and answer:
                fit.stopped = True
                return fit
        gradient = numpy.where(free, gradient, 0.0)
        # 3. the direction
        direction, singular = _newton_direction(fit.hessian, gradient, free)
        fit.decrement = float(numpy.sqrt(max(0.0, -gradient @ direction)))
        small = fit.decrement**2 <= 1e-9 * likelihood.size(terms[0])
        size, length = max(1.0, abs(v).max()), abs(direction).max()
        if length > LONG_STEP * size:
            direction *= LONG_STEP * size / length
        # 5. stop, though rounding may keep the steps from getting small
        noise = length >= last / 2 and length <= 0.01 * size and small
        last = length
        if fit.largest <= tol and (length <= SMALL_STEP[likelihood.many()] * size or noise):
            fit.converged = not singular
            # 6. the Hessian doubles the digits, Fisher's information gains one or so a step
            if singular or not likelihood.bias_reduced or length <= 1e-13 * size or noise:
                fit.weights = v + direction
                fit.steps += 1
                return fit
        # 4. the line search; a Hessian serves as long as the gradient falls by a factor of ten
        curved = not likelihood.many() or fit.largest > before / 10
        moved = _line_search(likelihood, v, (terms[0], gradient), direction, curved, free)
        if moved is None:
            fit.converged = fit.largest <= tol and length <= 0.01 * size and small and not singular
            return fit
        v, terms = moved
        if curved:
            fit.hessian = terms[2]
    return fit


def _newton_direction(hessian, gradient, free):
    # -H^-1 g among the free weights, and whether H is singular; then with as much on its diagonal as it takes.
    part = numpy.ix_(free, free)
    direction, damping = numpy.zeros(len(gradient)), 0.0
    largest = numpy.diag(hessian)[free].max()
    if not (numpy.isfinite(hessian).all() and numpy.isfinite(gradient).all()):
        # no way down from here; the line search says so
        return direction, True
    while True:
        damped = hessian[part] + damping * numpy.eye(int(free.sum()))
        try:
            numpy.linalg.cholesky(damped)
            direction[free] = -numpy.linalg.solve(damped, gradient[free])
            if numpy.isfinite(direction).all():
                return direction, damping > 0
        except numpy.linalg.LinAlgError:
            pass
        damping = max(100 * damping, 1e-14 * largest, 1e-300)


def _line_search(likelihood, v, terms, direction, curved, free):
    # The point and its terms after the longest of the steps 1, 1/2, 1/4, ... that goes down enough,
    # and does not go so far beyond the valley that it rises there as steeply as it fell here.
    cost, gradient = terms
    slope = float(gradient @ direction)
    if not slope < 0:
        return None
    step, size = 1.0, likelihood.size(cost)
    for _ in range(100):
        there = v + step * direction
        with numpy.errstate(over='ignore', invalid='ignore'):
            new = likelihood.terms(there, curved)
        new_gradient = numpy.where(free, new[1], 0.0)
        if new[0] <= cost + 1e-4 * step * slope and new_gradient @ direction <= -0.9 * slope:
            return there, new
        # where the cost falls by less than its rounding the gradient tells
        if -slope <= 1e-9 * size and abs(new_gradient).max() < abs(gradient).max():
            return there, new
        if step < 1e-3 and -slope <= 1e-16 * size:
            return None
        step /= 2
    return None
