r"""
Training: arguments in, a model out

Each trainer checks its arguments, runs a solver of :mod:`sage_logreg.solvers`, and makes a
model of its result. Theano is imported when the first training begins.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=60000, report=20000)
    0 0.69314718056
    20000 0.547295463694
    40000 0.488295709188
    sage: model.weights()  # abs tol 1e-8
    (-3.29639401, 0.03397985, 0.02627297)
"""
import inspect
import itertools

from sage_logreg.cost.sample_cost import SampleCost
from sage_logreg.dataset.categorical import nearest
from sage_logreg.dataset.grouped import check_both_count
from sage_logreg.dataset.images import Images
from sage_logreg.dataset.in_chunks.workers import same_workers
from sage_logreg.dataset.load import load_data
from sage_logreg.dataset.points import load_data_like
from sage_logreg.dataset.sparse import MOST_DENSE
from sage_logreg.exact.separation import check_columns, check_enough_rows, check_estimate, check_floats
from sage_logreg.model.logistic import LogisticModel
from sage_logreg.model.minimized import MinimizedCost
from sage_logreg.model.multinomial import MultinomialModel
from sage_logreg.model.path import net_of, warned_path
from sage_logreg.model.trained import Trained
from sage_logreg.solvers import truncated
from sage_logreg.solvers.choice import MOST_WEIGHTS, minimize
from sage_logreg.solvers.chunked_problem import problem_of
from sage_logreg.solvers.descent import METHODS as DESCENTS
from sage_logreg.solvers.descent import GradientDescent, StochasticGradientDescent, Watch
from sage_logreg.solvers.likelihood import Likelihood, likelihood_options
from sage_logreg.solvers.newton import Fit
from sage_logreg.solvers.penalties import path_options
from sage_logreg.solvers.problem import SymbolicProblem
from sage_logreg.solvers.softmax_sparse import likelihood_of
from sage_logreg.support.arguments import entries, listed, real_matrix, real_number, real_vector, shown, whole_number
from sage_logreg.support.interrupt import WorkersGone, interrupts_explained, is_interrupt, stopped_by, told
from sage_logreg.support.progress import bars_shown, print_above
from sage_logreg.support.warned import warn


def gradient_descent(data, learning_rate=0.001, iterations=300000, report=None, initial=None, tol=0,
                     scale=False, l2=0, features=None, cost=None, progress=None, callback=None, checkpoint=None,
                     weights=None, offset=None, **reading):
    r"""
    Return the model after full-batch gradient descent on the mean negative log-likelihood.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, or anything that
      :func:`~sage_logreg.dataset.load.load_data` takes
    - ``learning_rate`` -- positive real number (default: 0.001)
    - ``iterations`` -- number of steps (default: 300000)
    - ``report`` -- (default: ``None``) print and record the step and the cost
      before it, once every ``report`` steps; without it nothing is printed and
      about 50 records are made, denser at the beginning
    - ``initial`` -- (default: zeros) the n + 1 weights to start from, the bias
      first (without an intercept n), or a model to continue from; of K > 2 classes K rows of n + 1
    - ``tol`` -- (default: 0) stop before the step where no entry of the
      gradient is larger than this
    - ``scale`` -- (default: ``False``) descend in standardised variables (mean
      0, deviation 1; without an intercept, and where the data are sparse, only divided by their root mean square); the
      weights are returned in the units of the data. ``tol`` then applies to the gradient in the standardised variables
    - ``l2`` -- (default: 0) penalty: `\frac{\lambda}{2m} \sum_{j \ge 1} w_j^2`
      is added to the cost, with the weights in the units of the data and without the bias
    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables, as for :func:`~sage_logreg.dataset.load.load_data`
    - ``cost`` -- (default: the mean negative log-likelihood) any other cost, a
      function of Theano's ``X``, ``y`` and ``w`` that returns a Theano scalar; ``w`` has n + 1 entries, the bias
      first, and without an intercept n; of K > 2 classes it is a K x (n + 1) matrix. With ``scale`` it gets the standardised
      variables and their weights
    - ``progress`` -- ``True``, ``False`` or ``None`` (default: a bar for long
      trainings in a terminal or a notebook)
    - ``callback`` -- called as ``callback(iteration, cost, weights)`` at every
      record (the weights are an array, of K > 2 classes K x (n + 1)); training stops when it returns ``True``
    - ``checkpoint`` -- path of a file to which the model so far is written every
      few seconds, as by :meth:`~sage_logreg.model.trained.Trained.save`. If the
      file exists already and is of the same training, that training is continued
    - ``weights``, ``offset`` -- as for :func:`~sage_logreg.dataset.load.load_data`; the cost is the weighted mean
      over all points
    - ``reading`` -- the other options of :func:`~sage_logreg.dataset.load.load_data`: ``label``, ``variables``, ``formula``,
      ``categorical``, ``reference``, ``positive``, ``missing``, ...

    OUTPUT: a :class:`~sage_logreg.model.logistic.LogisticModel`, of more than two classes a
    :class:`~sage_logreg.model.multinomial.MultinomialModel`. A warning reports a
    learning rate that is too large, or that the classes are separated and the
    cost has no minimum. Ctrl-C returns the model reached so far, whose
    :meth:`~sage_logreg.model.trained.Trained.resume` continues as if nothing had happened

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

    Grouped data, three doses with 1, 4 and 9 successes in ten trials each::

        sage: doses = ([[1], [2], [3]], [1, 4, 9], [10, 10, 10])
        sage: gradient_descent(doses, learning_rate=1, iterations=1000, scale=True).weights()  # abs tol 1e-6
        (-4.672722, 2.219123)

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

    A learning rate that is too large is reported::

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

    `w \leftarrow w - \eta \nabla E(w)`. The cost is a Theano graph, its gradient is taken by ``T.grad``, and the loop is
    inside the compiled function; for the built-in cost numba, where it is installed, compiles loops of the same formulas
    (:mod:`sage_logreg.cost.kernels`).
    """
    data = _loaded('gradient_descent', data, features=features, weights=weights, offset=offset, **reading)
    return _descended(data, (scale, l2, cost), GradientDescent(learning_rate, iterations, tol), Watch(report, progress, callback),
                      checkpoint, initial)


def stochastic_gradient_descent(data, learning_rate=0.0005, epochs=10000, batch_size=1, shuffle='once', seed=None,
                                momentum=0, report=None, initial=None, tol=0, scale=False, l2=0, features=None,
                                cost=None, progress=None, callback=None, checkpoint=None, weights=None, offset=None,
                                drop_last=False, validation=None, patience=None, **reading):
    r"""
    Return the model after stochastic gradient descent, with one sample or one batch per step.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, or anything that
      :func:`~sage_logreg.dataset.load.load_data` takes
    - ``learning_rate`` -- positive real number (default: 0.0005)
    - ``epochs`` -- number of passes over the data (default: 10000)
    - ``batch_size`` -- samples per step (default: 1); the last step of an epoch
      takes the remaining ones
    - ``shuffle`` -- ``'once'`` (default) shuffles before the first epoch and
      keeps that order, ``'epoch'`` shuffles before every epoch, ``None`` keeps
      the order of the data
    - ``seed`` -- (default: ``None``, the same as 0) whole number below `2^{32}`
      that determines the shuffled order: the same seed gives the same weights
    - ``momentum`` -- (default: 0) at least 0 and below 1; this fraction of the
      last change of the weights is added to the next one
    - ``drop_last`` -- (default: ``False``) whether the samples at the end of an epoch that make no whole batch are left out
    - ``validation`` -- (default: none) other data, as for :func:`~sage_logreg.dataset.load.load_data`; the part of them that is
      predicted wrongly is noted after each epoch, with ``drop_last`` of whole batches of them. The model keeps and saves these
      data, so that its training can go on; its
      :meth:`~sage_logreg.model.classifier.Classifier.validation_errors` are by epoch
    - ``patience`` -- (default: ``None``, for ever) stop after so many updates; after an epoch whose error falls below 0.995 of the
      smallest so far, after twice as many as were made. The weights are then those of the smallest error, after
      :meth:`~sage_logreg.model.classifier.Classifier.best_epoch` epochs
    - ``report`` -- (default: ``None``) print and record the epoch and the cost of
      its last batch, before that batch's step, once every ``report`` epochs;
      without it nothing is printed and about 50 records are made, denser at the
      beginning. With ``validation`` the error after these epochs is printed instead
    - ``tol`` -- (default: 0) stop after the epoch at whose end no entry of the
      gradient of the whole cost is larger than this
    - ``initial``, ``scale``, ``l2``, ``features``, ``cost``, ``progress``, ``callback``, ``checkpoint``,
      ``weights``, ``offset``, ``reading`` -- as for :func:`gradient_descent`. The step of a sample with k times the mean
      weight is k times as long

    OUTPUT: a :class:`~sage_logreg.model.logistic.LogisticModel`, of more than two classes a
    :class:`~sage_logreg.model.multinomial.MultinomialModel`

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

    The report shows the epoch and the cost of its last sample::

        sage: model = stochastic_gradient_descent(ex2data1(), epochs=1001, shuffle=None, report=500)
        0 0.0128114061836
        500 0.00960144941734
        1000 0.00709495963788

    Early stopping by the error on other data::

        sage: from sage_logreg import digits
        sage: data = digits()
        sage: model = stochastic_gradient_descent(data.take(slice(1000)), 0.001, 100, 50, shuffle=None, drop_last=True,
        ....:                                     validation=data.take(slice(1000, 1400)), patience=60, report=2)
        epoch 2, validation error 8.250000 %
        epoch 4, validation error 7.250000 %
        sage: model.iterations(), model.best_epoch(), min(model.validation_errors())
        (6, 3, 0.07)

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
    data = _loaded('stochastic_gradient_descent', data, features=features, weights=weights, offset=offset, **reading)
    method = StochasticGradientDescent(learning_rate, epochs, tol, batch_size=batch_size, shuffle=shuffle, seed=seed,
                                       momentum=momentum, drop_last=drop_last, patience=patience)
    if validation is None and patience is not None:
        raise ValueError(f'patience = {shown(patience)} without validation; expected other data, whose error it waits for')
    if validation is not None:
        try:
            validation = load_data_like(validation, data, reading.get('missing', 'error'))
        except (TypeError, ValueError) as error:
            raise type(error)(f'validation: {error}') from None
    return _descended(data, (scale, l2, cost), method, Watch(report, progress, callback), checkpoint, initial, validation)


def _descended(data, options, method, watch, checkpoint, initial, validation=None):
    # The model after a descent, of two or of more classes.
    problem = problem_of(data, *options)
    problem.validation = _whole_batches(validation, method.limited(problem.count))
    return (LogisticModel if data.classes == 2 else MultinomialModel)._descended(problem, method, watch, checkpoint, _weights_of(initial))


def _whole_batches(validation, method):
    # The other data, without those at their end that make no whole batch where such are dropped.
    if validation is None:
        return None
    if validation.is_chunked:
        raise ValueError('validation: the data are in chunks; expected data in memory, such as validation=data.sample(10000)')
    if method.drop_last:
        validation = validation.take(slice(len(validation) // method.batch_size * method.batch_size))
    if not validation.total():
        raise ValueError('validation: there are no points; expected some, with drop_last=True at least a batch of them')
    return validation


# what load_data takes, and so all that train
READING = tuple(inspect.signature(load_data).parameters)[1:]
# Newton's steps to an estimate are fewer; after so many it is decided whether there is one
DRIFTING = 20


def _loaded(trainer, data, **options):
    # The data of a training, with a warning where their exact numbers are more than floats can tell apart.
    for name in options:
        if name in READING:
            continue
        others = [other for other in METHODS if name in inspect.signature(METHODS[other]).parameters]
        if others:
            raise TypeError(f'{trainer} takes no {name}, which is an option of {listed(others)}')
        raise TypeError(f'{trainer} takes no {name}{nearest(name, [*inspect.signature(globals()[trainer]).parameters, *READING])}; '
                        f'expected its own options, or some of load_data: {listed(READING)}')
    with interrupts_explained('interrupted while the data were loaded, before the first step'):
        data = load_data(data, **options)
        if data.is_chunked:
            # of their numbers there are floats only
            return data
        # bytes are told apart
        merged = None if isinstance(data, Images) else data.exact.merged_column
    if data.weights is not None:
        check_both_count(data.weights, data.labels, data.label_text)
    if merged:
        name, (one, other) = data.variables[merged[0]], merged[1:]
        warn(f'training takes floats, and {name} has numbers that are the same float, such as {one} and {other}; '
             'subtract a number near them first')
    return data


def _weights_of(initial):
    # a model to continue from gives its weights
    return initial.weights() if isinstance(initial, Trained) else initial


@interrupts_explained('maximum_likelihood: interrupted')
def maximum_likelihood(data, l2=0, weights=None, offset=None, bias_reduced=False, tol=1e-10, features=None,
                       initial=None, report=None, progress=None, callback=None, check=True, l1=0, **reading):
    r"""
    Return the model of the maximum-likelihood estimate.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, anything that
      :func:`~sage_logreg.dataset.load.load_data` takes, or grouped data: a triple
      ``(points, successes, trials)``
    - ``l2`` -- (default: 0) `\lambda \ge 0`; `\frac{\lambda}{2} \sum_{j \ge 1} w_j^2`
      is subtracted from the log-likelihood, as in the descents
    - ``weights`` -- (default: ones) m numbers at least 0: how often each point counts
    - ``offset`` -- (default: zeros) m numbers that are added to the log-odds
    - ``bias_reduced`` -- (default: ``False``) maximise the likelihood times the
      square root of the determinant of the Fisher information; that estimate is
      less biased in small samples and always finite
    - ``tol`` -- (default: ``1e-10``) stop not before no entry of the gradient of the
      mean cost, in scaled variables, is larger; nor before the weights have their digits, see
      :meth:`~sage_logreg.model.trained.Trained.converged`
    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables, as for :func:`~sage_logreg.dataset.load.load_data`
    - ``intercept`` -- as for :func:`~sage_logreg.dataset.load.load_data`: whether there is a bias
    - ``initial`` -- (default: a bias alone) n + 1 weights (without an intercept n), or a model, to start from; used only if
      better than the default
    - ``report`` -- (default: nothing) print the step and the cost before it, once every ``report`` steps
    - ``progress`` -- (default: in a terminal or a notebook) show a bar
    - ``callback`` -- called as ``callback(step, cost, weights)`` before every
      step over all points; the iteration stops when it returns ``True``
    - ``check`` -- (default: ``True``) whether it is proved that the estimate exists; if not, the model remembers that, and its
      :meth:`~sage_logreg.model.logistic_inference.LogisticInference.summary` says so. With a penalty nothing need be proved
    - ``l1`` -- (default: 0) `\kappa \ge 0`; `\kappa \sum_{j \ge 1} |w_j|` is subtracted from the log-likelihood, by which weights
      become zero, of more than two classes each by itself; scikit-learn's `C = 1/\kappa`. The columns are not standardised, and ``tol`` is the duality gap to come to, as a part of the cost of
      the bias alone; there is no ``initial``, ``report`` and ``callback``. :func:`regularization_path` fits many penalties
    - ``reading`` -- as for :func:`gradient_descent`

    OUTPUT: a :class:`~sage_logreg.model.logistic.LogisticModel`, of more than two classes a
    :class:`~sage_logreg.model.multinomial.MultinomialModel`; Ctrl-C returns the one reached so far,
    also if it comes while it is being proved that the estimate exists.
    If the classes are separated there is no estimate, and a
    :class:`~sage_logreg.exact.separation.SeparationError` says so and proves it

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

    Starting near the estimate takes fewer steps::

        sage: again = maximum_likelihood(ex2data1(), initial=[-25, 0.2, 0.2], report=1)
        0 0.207012277288
        1 0.203525425924
        2 0.20349771388
        3 0.203497701589
        4 0.203497701589
        sage: again.iterations()
        5

    Without an intercept the log-odds are zero at the origin::

        sage: maximum_likelihood(ex2data1(), intercept=False).log_odds()  # abs tol 1e-6
        0.0104253*x1 + 0.000452*x2

    The proof that the estimate exists can be left out::

        sage: maximum_likelihood(ex2data1(), check=False).summary()
        it was not proved that the estimate exists (check=False), which separation(model.data) decides
        P(y = 1) by maximum_likelihood, 100 rows
        ...

    Separated classes have no maximum-likelihood estimate, but a bias-reduced one::

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
        ValueError: successes[1] = 5 is more than the 4 trials
        sage: maximum_likelihood([[1, 2, 0], [2, 4, 1], [3, 6, 0], [4, 8, 1]])
        Traceback (most recent call last):
        ...
        ValueError: ...x1...x2...

    ALGORITHM:

    The method is chosen by the shape of the data, see :mod:`sage_logreg.solvers.choice`;
    :meth:`~sage_logreg.model.logistic.LogisticModel.solver` says which it was. Newton's, with which the others end in doubt:

    1. The columns are centred and scaled, block by block as they are used: no
       copy of the points is made.
    2. With many points, steps 3 to 5 are first done on a sample of them, to start near the estimate.
    3. Newton's direction `d = -H^{-1} g` from the summed cost's gradient and Hessian. With many points
       the Hessian is reused as long as each step reduces `\max |g|` by a factor of ten.
    4. The step is halved until the cost falls by the fraction of `g^T d` that Armijo's condition requires,
       and does not rise more steeply there than `0.9 |g^T d|`.
    5. Stop when `\max |g|` is at most ``tol`` and `d` will leave an error that is small beside every weight, or
       rounding keeps the steps from getting shorter; but not on a plateau, where steps that are short beside the
       weights follow each other without end: `\sqrt{g^T H^{-1} g} \max_i \sqrt{x_i^T H^{-1} x_i}`, which bounds the
       changes of the log-odds, is to be at most 0.1. Where `H` is nearly singular, or rounding of `g` could take the
       eleventh digit, Newton's method first goes on in the variables of
       :class:`~sage_logreg.solvers.whitening.Whitened`, in which it does not. Unless the Hessian
       is far from singular there, or the residuals prove it (:mod:`~sage_logreg.exact.whitened`),
       :func:`~sage_logreg.exact.separation.separation` decides whether there is an estimate at all.
    6. The last direction is added: it costs nothing and doubles the number of correct digits.

    Sparse data (see :func:`~sage_logreg.dataset.load.load_data`) are minimised by
    :mod:`~sage_logreg.solvers.truncated`, of more than two classes by
    :mod:`~sage_logreg.solvers.softmax_newton`: neither are they centred, nor is a Hessian formed. Without a penalty they are
    written out, if they have at most `10^7` entries, to decide whether an estimate exists; of larger ones a warning
    says where that is not known.

    With ``bias_reduced=True`` the gradient is Firth's modified score [Fir1993]_, as if every row had as many trials
    more as its leverage, half of them successes. `H` is the Hessian of all trials, of those added only where a row's leverage
    is high, and is corrected by the changes of the gradient in the last short steps, by the formula of BFGS ([NW2006]_, chapter 6).
    Where the determinant is only rounding, the cost is taken as infinite.

    REFERENCES:

    .. [NW2006] \J. Nocedal and S. J. Wright, *Numerical Optimization*, second edition, Springer, 2006, chapter 3.

    .. [Fir1993] \D. Firth, *Bias reduction of maximum likelihood estimates*,
       Biometrika 80 (1993), no. 1, 27-38.
    """
    with interrupts_explained('maximum_likelihood: interrupted before the first step'):
        data = _loaded('maximum_likelihood', data, features=features, weights=weights, offset=offset, **reading)
        data.check_all_there()
    watch = Watch(report, progress, callback, unit='step')
    options = likelihood_options(l2, bias_reduced, tol, check, l1)
    if options.get('l1'):
        for name, given in (('initial', initial), ('report', report), ('callback', callback)):
            if given is not None:
                raise ValueError(f'{name} = {shown(given)} and l1 = {options["l1"]:g}: the penalty of absolute values is fitted without; expected '
                                 'one of them')
        return _with_l1(data, options)
    with bars_shown(watch.progress):
        with interrupts_explained('maximum_likelihood: interrupted before the first step'):
            data = _as_the_solver_needs(data, options)
            if bias_reduced:
                # with dependent columns the determinant is zero
                check_columns(data)
            likelihood = _likelihood(data, options)
            if not likelihood.is_bounded:
                check_enough_rows(data if data.is_chunked else data.counted())
            if initial is not None:
                shape = (data.design.count,) if data.classes == 2 else (data.classes, data.design.count)
                take = real_vector if data.classes == 2 else real_matrix
                initial = likelihood.better_start(take('initial', _weights_of(initial), *shape).ravel())
            fit, interrupted = _watched(likelihood, initial, options, watch)
        training, interrupted_later = _checked(likelihood, fit, options)
    message = interrupted or interrupted_later or training.message
    if message:
        warn(f'maximum_likelihood: {message}')
    return (LogisticModel if data.classes == 2 else MultinomialModel)(data, *training.arguments())


def _likelihood(data, options):
    if data.classes > 2:
        return likelihood_of(data, options['l2'])
    if data.design.is_sparse:
        return truncated.SparseLikelihood(data, options['l2'])
    return Likelihood(data, options['l2'], options['bias_reduced'])


def _as_the_solver_needs(data, options):
    # Sparse data are written out where it must be decided whether an estimate exists, unless they are too many.
    if data.classes > 2 and options['bias_reduced']:
        raise ValueError(f'bias_reduced=True is of two classes, and the data have {data.classes}; expected l2 instead')
    if data.is_chunked and data.design.count * (data.classes - 1) > MOST_WEIGHTS:
        raise ValueError(f'the data are in chunks, and their {data.design.count * (data.classes - 1)} weights are too many for a Hessian of '
                         f'them; expected at most {MOST_WEIGHTS}, or data.in_memory(), or gradient_descent')
    if data.design.is_sparse and options['bias_reduced']:
        return data.dense('bias_reduced=True')
    if data.design.is_sparse and not options['l2'] and len(data) * data.design.width <= MOST_DENSE:
        return data.dense('maximum_likelihood')
    return data


def _watched(likelihood, initial, options, watch):
    # The fit, shown step by step in the bar, the report and the callback; after Ctrl-C the fit so far, and a message.
    fit = Fit()
    # of two classes all steps take less time than the proof
    may_drift = likelihood.data.classes > 2 and not likelihood.is_bounded and _is_checked(likelihood, options)
    made = itertools.count(1)
    data = likelihood.data
    begun = data.passes if data.is_chunked else 0
    with watch.bar(desc='maximum_likelihood', unit=' passes' if data.is_chunked else ' steps') as bar:
        def stops(step, cost, weights):
            bar.update((data.passes - begun if data.is_chunked else step) - bar.n)
            if watch.report and step % watch.report == 0:
                print_above(bar, f'{step} {cost:.12g}')
            # other methods, of many weights, leave it to Newton's
            if may_drift and fit.hessian is not None and next(made) == DRIFTING:
                check_floats(likelihood.data)
                fit.exists = True
            return watch.stops(step, cost, weights if likelihood.data.classes == 2 else weights.reshape(likelihood.data.classes, -1))

        try:
            with same_workers():
                return minimize(likelihood, options['tol'], initial, stops, fit), None
        except (KeyboardInterrupt, SystemError, WorkersGone) as error:
            if stopped_by(error) is None or not fit.history:
                raise
            fit.stopped, fit.converged = True, False
            return fit, f'{stopped_by(error)} after step {fit.steps}; maximum_likelihood(data, initial=model) goes on from there'


def _is_checked(likelihood, options):
    return options.get('check', True) and not likelihood.data.design.is_sparse


def _checked(likelihood, fit, options):
    # The training after the proof that there is an estimate; after Ctrl-C without it, and a message.
    try:
        if _is_checked(likelihood, options):
            check_estimate(likelihood, fit)
        return likelihood.training(fit, options), None
    except (KeyboardInterrupt, SystemError, WorkersGone) as error:
        if stopped_by(error) is None:
            raise
        fit.stopped, fit.converged = True, False
        return likelihood.training(fit, options), (f'{stopped_by(error)} while it was being proved that the estimate exists; the '
                                                   "weights are those of Newton's last step")


@interrupts_explained('regularization_path: interrupted before the first fit')
def regularization_path(data, l1_ratio=1, lambdas=None, count=100, smallest=None, standardize=True, penalty_factors=None, tol=1e-7,
                        features=None, weights=None, offset=None, progress=None, grouped=None, **reading):
    r"""
    Return the lasso, or the elastic net, of some data for falling penalties.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, or anything that
      :func:`~sage_logreg.dataset.load.load_data` takes; dense or sparse
    - ``l1_ratio`` -- (default: 1, the lasso) `\alpha` from 0 to 1, the part of the penalty that is of absolute values; glmnet's ``alpha``
    - ``lambdas`` -- (default: chosen by the data) positive real numbers
    - ``count`` -- (default: 100) how many penalties are chosen, from the smallest one at which all weights are zero down, at equal
      ratios (with ``l1_ratio`` below 0.001 from where they are with 0.001). As glmnet's, the path ends before where more than 0.999 of
      the deviance is explained, or a step explains less than 0.00001 of it more
    - ``smallest`` -- (default: 0.0001, with fewer rows than columns 0.01) the last of them as a part of the first
    - ``standardize`` -- (default: ``True``) whether the penalty is on the weights of columns of deviation 1; the weights
      are in the units of the data in any case
    - ``penalty_factors`` -- (default: ones) a number at least 0 for each column, by which its penalty is multiplied; with 0 it has
      none. As glmnet does, they are divided by their mean
    - ``tol`` -- (default: ``1e-7``) the duality gap to come to, as a part of the cost without these weights
    - ``features``, ``weights``, ``offset``, ``reading`` -- as for :func:`gradient_descent`
    - ``progress`` -- (default: in a terminal or a notebook) show a bar
    - ``grouped`` -- of more than two classes: whether the penalty chooses columns, of which the weights of all classes are zero or
      none (default: ``True``), or single weights (``False``). glmnet's ``type.multinomial``, whose default is ``"ungrouped"``; to choose
      variables, which is what the path is for, they are grouped here

    OUTPUT: a :class:`~sage_logreg.model.path.Path`; Ctrl-C returns the path so far

    Minimised over the bias `b` and the weights `w` is, in the form of glmnet [FHT2010]_,

    .. MATH::

        \frac{1}{m} \sum_i s_i \left(\log(1 + e^{z_i}) - y_i z_i\right)
        + \lambda \sum_j f_j \left(\alpha |w_j| + \tfrac{1 - \alpha}{2} w_j^2\right), \quad z_i = o_i + b + x_i w,

    with the weights `s_i` of the rows divided by their mean, offsets `o_i`, penalty factors `f_j`, and `w` in standardised columns. The
    bias has no penalty. In the form of scikit-learn it is `C \sum_i s_i (\ldots) + \alpha \|w\|_1 + \tfrac{1 - \alpha}{2} \|w\|_2^2`
    with `C = 1/(m \lambda)`, without standardisation and factors. In that of :func:`maximum_likelihood` it is
    ``l1`` `= m \lambda \alpha` and ``l2`` `= m \lambda (1 - \alpha)`, where `m` is the sum of the weights if there are some.

    Of K > 2 classes the log-odds are `z_{ik} = o_{ik} + b_k + x_i w_k`, a row `w_k` a class, and minimised is

    .. MATH::

        \frac{1}{m} \sum_i s_i \left(\log \sum_k e^{z_{ik}} - z_{i y_i}\right)
        + \lambda \sum_j f_j \left(\alpha \|w_{\cdot j}\| + \tfrac{1 - \alpha}{2} \sum_k w_{kj}^2\right),

    where `\|w_{\cdot j}\|` is `\sqrt{\sum_k w_{kj}^2}` if ``grouped``, otherwise `\sum_k |w_{kj}|`, which is scikit-learn's. What is added to a column's
    weights of all classes changes no probability; the penalty is least where their sum is zero or, ungrouped with
    `\alpha = 1`, their median is: of an even number of classes the mean of the middle two is made zero, as by glmnet. The biases sum to zero,
    and of a column without a penalty the weights.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood, penguins, regularization_path
        sage: path = regularization_path(ex2data1())
        sage: len(path), path.degrees_of_freedom()[0], path.degrees_of_freedom()[-1]
        (70, 0, 2)
        sage: path.weights(path.lambdas()[0])  # abs tol 1e-6
        (0.4054651, 0.0, 0.0)
        sage: path.model(1/100).accuracy()
        0.89

    Three classes, by columns and by single weights::

        sage: data = penguins(label='species', variables='bill_length_mm, body_mass_g')
        sage: regularization_path(data).weights(1/2)  # abs tol 1e-5
        [ 0.516269 -0.004144 0.0]
        [-0.542372  0.001797 0.0]
        [ 0.026103  0.002347 0.0]
        sage: regularization_path(data, grouped=False).weights(1/4)  # abs tol 1e-3
        [ 4.13451 -0.104834 0.0]
        [-1.20423       0.0 0.0]
        [-2.93028       0.0 0.000534]

    The last models are near the estimate without a penalty; a single fit::

        sage: path = regularization_path(ex2data1(), lambdas=[1/10], standardize=False, tol=1e-12)
        sage: single = maximum_likelihood(ex2data1(), l1=100/10)
        sage: abs(path.weights(1/10) - single.weights()) < 1e-5
        True

    TESTS::

        sage: regularization_path(ex2data1(), l1_ratio=2)
        Traceback (most recent call last):
        ...
        ValueError: l1_ratio = 2; expected a real number at least 0 and at most 1
        sage: regularization_path(ex2data1(), lambdas=[])
        Traceback (most recent call last):
        ...
        ValueError: lambdas has 0 entries; expected at least one positive real number
        sage: regularization_path(ex2data1(), grouped=True)
        Traceback (most recent call last):
        ...
        ValueError: grouped = True is of more than two classes; the data have 2, and one weight for each column

    ALGORITHM: see :mod:`sage_logreg.solvers.coordinate`, of more than two classes :mod:`sage_logreg.solvers.coordinate_classes`.

    REFERENCES:

    .. [FHT2010] J. Friedman, T. Hastie and R. Tibshirani, *Regularization paths for generalized linear models via coordinate
       descent*, Journal of Statistical Software 33 (2010), no. 1.
    """
    data = _in_memory('regularization_path', _loaded('regularization_path', data, features=features, weights=weights, offset=offset, **reading))
    options = path_options(data.design.width, l1_ratio, standardize, penalty_factors, tol, data.classes, grouped)
    if lambdas is not None:
        given = entries(lambdas)
        if given is None:
            raise TypeError(f'lambdas = {shown(lambdas)}; expected a list of positive real numbers')
        if not given:
            raise ValueError('lambdas has 0 entries; expected at least one positive real number')
        lambdas = sorted((real_number(f'lambdas[{place}]', value, above=0) for place, value in enumerate(given)), reverse=True)
    count = whole_number('count', count, minimum=1)
    if smallest is None:
        smallest = 1e-2 if len(data) < data.design.width else 1e-4
    smallest = real_number('smallest', smallest, above=0, below=1)
    net = net_of(data, options)
    return warned_path(data, options, net, net.lambdas(count, smallest) if lambdas is None else lambdas, lambdas is None, progress)


def _in_memory(trainer, data):
    # What the elastic net can be fitted to.
    if data.is_chunked:
        raise ValueError(f'{trainer} goes by columns, and the data are in chunks; expected data.in_memory(), or data.sample(...) for some of the rows')
    data.check_all_there()
    return data


def _with_l1(data, options):
    # The model of a single penalised fit; its options say the penalty.
    data = _in_memory('maximum_likelihood', data)
    # what is compiled is not needed by others
    from sage_logreg.solvers.elastic_net import single_fit
    if data.classes == 2:
        training = single_fit(data, options)
    else:
        from sage_logreg.solvers.coordinate_classes import PenalizedCostOfClasses
        training = single_fit(data, options, PenalizedCostOfClasses)
    if training.message:
        warn(f'maximum_likelihood: {training.message}')
    return (LogisticModel if data.classes == 2 else MultinomialModel)(data, *training.arguments())


METHODS = {'gradient_descent': gradient_descent, 'stochastic_gradient_descent': stochastic_gradient_descent}
# options of those functions that minimize_cost does not take, and what to do instead
ELSEWHERE = {'data': 'it stands after the cost',
             'cost': 'it stands first',
             'scale': "the cost is a formula in the data's own variables",
             'features': 'write them into the cost',
             'formula': 'write it into the cost',
             'weights': 'they belong to the data, as load_data(..., weights=...) gives them',
             'offset': 'write it into the cost, as a variable',
             'intercept': 'write the bias into the cost, as a parameter',
             'validation': 'nothing is predicted',
             'patience': 'nothing is predicted, and so there is no error to wait for',
             'l2': 'write the penalty into the cost, such as + l2/(2*m)*(w1^2 + w2^2)'}


def minimize_cost(cost, data, parameters, method='gradient_descent', **options):
    r"""
    Return the result of a descent on the mean of a cost over the data.

    INPUT:

    - ``cost`` -- expression, the cost of one sample, in the parameters, the
      data's variables and the label: ``y``, or its name in the data (``e_`` for
      ``e``, as :func:`~sage_logreg.dataset.names.symbol_name` changes it)
    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, or anything that
      :func:`~sage_logreg.dataset.load.load_data` takes
    - ``parameters`` -- list of the symbols to minimise over, or of their names
    - ``method`` -- ``'gradient_descent'`` (default) or ``'stochastic_gradient_descent'``
    - ``options`` -- those of :func:`~sage_logreg.training.gradient_descent` or
      :func:`~sage_logreg.training.stochastic_gradient_descent`, except
      ``scale``, ``l2``, ``features``, ``cost``, ``weights``, ``offset`` and ``intercept``, which belong to the cost or
      the data.
      ``initial`` is a list in the order of the parameters, a dictionary
      (parameters left out start at 0), or a model to continue from

    OUTPUT: a :class:`MinimizedCost`. Ctrl-C returns the one reached so far, or
    raises ``KeyboardInterrupt`` while the cost is still being compiled

    EXAMPLES:

    A line fitted to the labels, by least squares and with Huber's loss::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.training import minimize_cost
        sage: a, b, x1, y = var('a, b, x1, y')
        sage: data = load_data([[0, 0], [1, 1], [2, 1], [3, 1]])
        sage: r = a + b*x1 - y
        sage: minimize_cost(r^2, data, [a, b], learning_rate=0.1, iterations=3000).values()  # abs tol 1e-10
        {a: 0.3, b: 0.3}
        sage: huber = cases([(abs(r) <= 1/10, 5*r^2), (True, abs(r) - 1/20)])
        sage: model = minimize_cost(huber, data, 'a, b', learning_rate=0.01, iterations=30000)
        sage: model.cost()  # abs tol 1e-10
        0.2

    Probit in place of logistic regression, and a penalty::

        sage: w0, w1, x2 = var('w0, w1, x2')
        sage: data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]])
        sage: p = (1 + erf((w0 + w1*x1)/sqrt(2)))/2
        sage: E = -y*log(p) - (1 - y)*log(1 - p) + w1^2/(2*len(data))
        sage: minimize_cost(E, data, [w0, w1], learning_rate=0.1, tol=1e-10).weights()  # abs tol 1e-6
        (-1.03415978, 0.41366391)

    A starting point, and the other method::

        sage: start = {w0: -1, w1: 1/2}
        sage: model = minimize_cost(E, data, [w0, w1], 'stochastic_gradient_descent', epochs=0, initial=start)
        sage: model.weights()
        (-1.0, 0.5)

    TESTS::

        sage: minimize_cost(E, data, [w0])
        Traceback (most recent call last):
        ...
        ValueError: the cost: the symbol w1 is not a parameter (w0), a variable of the data (x1) or the label y
        sage: minimize_cost(E, data, [w0, w1, x2])
        Traceback (most recent call last):
        ...
        ValueError: the parameter x2 does not occur in the cost
        sage: minimize_cost(E, data, [w0, w1], l2=1)
        Traceback (most recent call last):
        ...
        TypeError: minimize_cost takes no l2: write the penalty into the cost, such as + l2/(2*m)*(w1^2 + w2^2)
        sage: minimize_cost(log(w0), data, [w0])
        Traceback (most recent call last):
        ...
        ValueError: the cost is -inf in row 1 of the data (x1 = 1.0, y = 0.0) at the start (w0 = 0.0); give other weights as initial

    ALGORITHM:

    The cost becomes a Theano graph (:mod:`sage_logreg.symbolic.translation`), whose
    gradient is taken by ``T.grad``.
    """
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f'method = {shown(method)}; expected ' + ' or '.join(map(repr, METHODS)))
    reading = {name: options.pop(name) for name in READING if name in options and name not in ELSEWHERE}
    options = _checked_options(method, options)
    data = _loaded('minimize_cost', data, **reading)
    if data.is_chunked:
        raise ValueError('minimize_cost takes all rows at once, and the data are in chunks; expected data.in_memory(), or data.sample(...) '
                         'for some of the rows')
    # features of the data are not used here
    data = data.without_features()
    initial = options['initial']
    initial = initial.values() if isinstance(initial, MinimizedCost) else _weights_of(initial)
    try:
        problem = SymbolicProblem(SampleCost(cost, data, parameters), data)
        # compiles the cost
        initial = problem.start(initial)
    except (KeyboardInterrupt, SystemError) as error:
        if not is_interrupt(error):
            raise
        raise told('minimize_cost: interrupted while the cost was compiled, before the first step') from None
    descent = DESCENTS[method].of_options(options, options[f'{DESCENTS[method].unit}s'])
    watch = Watch(options['report'], options['progress'], options['callback'])
    return MinimizedCost._descended(problem, descent, watch, options['checkpoint'], initial)


def _checked_options(method, options):
    # All options of the method that minimize_cost takes, by name.
    defaults = {name: parameter.default for name, parameter in inspect.signature(METHODS[method]).parameters.items()
                if parameter.kind is not parameter.VAR_KEYWORD}
    for name in options:
        if name in ELSEWHERE:
            raise TypeError(f'minimize_cost takes no {name}: {ELSEWHERE[name]}')
        if name not in defaults:
            raise TypeError(f'minimize_cost takes no {name}; expected options of {method}: '
                            + ', '.join(name for name in defaults if name not in ELSEWHERE))
    return {name: options.get(name, default) for name, default in defaults.items() if name not in ELSEWHERE}
