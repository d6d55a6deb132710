r"""
The maximum-likelihood estimate with proved digits

:func:`certified_maximum_likelihood` returns balls that provably contain the
estimate, its standard errors and its log-likelihood, to as many digits as are
asked for, together with the proof that there is no other estimate.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.exact.certified import certified_maximum_likelihood
    sage: certified_maximum_likelihood(ex2data1(), digits=30)
    Maximum-likelihood estimate, proved to 30 digits
    bias = -25.16133356663956722681570107412 +/- 2e-30
    x1 = 0.2062317132939832678230670393193 +/- 2e-32
    x2 = 0.2014716004419637517021106081078 +/- 2e-33
"""
import math

import numpy

from sage_logreg.dataset.names import weight_names
from sage_logreg.exact.balls import BallObjective, CertificationError, SoftmaxBallObjective, enclosed, inverted, krawczyk, midpoints, newton
from sage_logreg.exact.estimates import MOST_LINES, CertifiedClasses, CertifiedEstimate, numbers_of_classes
from sage_logreg.exact.problem import ExactProblem
from sage_logreg.exact.separation import check_overlap
from sage_logreg.solvers.likelihood import Likelihood
from sage_logreg.solvers.newton import minimize
from sage_logreg.solvers.softmax_likelihood import SoftmaxLikelihood
from sage_logreg.solvers.whitening import Whitened
from sage_logreg.support.arguments import entries, listed, shown, whole_number
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.threads import one_at_a_time, one_thread

# Bits beyond the requested digits: what rounding may cost before precision is raised.
GUARD_BITS = 64

# Newton's steps in float64, which leap over plateaus: an estimate that is more of them away is beyond float64. It is a
# start only: so near that the steps in ball arithmetic double its digits is near enough, as small gradients are not.
FLOAT_STEPS, NEAR = 100, 1e-6

# How many precisions are tried, each twice the last, before the proof is given up.
ATTEMPTS = 6


@interrupts_explained('the proof of the estimate: interrupted; no digits are proved yet')
def certified_maximum_likelihood(data, digits=50, l2=0, weights=None, offset=None, features=None, exact=None, **reading):
    r"""
    Return the maximum-likelihood estimate in balls, with the proof that it is the only one.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, anything that
      :func:`~sage_logreg.dataset.load.load_data` takes: m points in n variables, or
      grouped data: a triple ``(points, successes, trials)``
    - ``digits`` -- (default: 50) how many significant decimal digits of every
      weight, of its standard error and of the log-likelihood are proved
    - ``l2`` -- (default: 0) `\tfrac{\lambda}{2} \sum_{j \ge 1} w_j^2` is
      subtracted from the log-likelihood; the maximiser is that of the penalty
      `\tfrac{\lambda}{2m} \sum w_j^2` on the mean. Of more than two classes the sum is over all
    - ``weights`` -- (default: all 1) m frequencies, how often each row counts,
      at least 0; a row of frequency 0 is left out
    - ``offset`` -- (default: all 0) m numbers that are added to the log-odds; of K > 2 classes m rows of K numbers
    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables, as for :func:`~sage_logreg.dataset.load.load_data`
    - ``exact`` -- (default: ``'decimal'`` for text tables, ``'binary'`` for others) what floats stand for, as for
      :func:`~sage_logreg.dataset.load.load_data`
    - ``intercept`` -- as for :func:`~sage_logreg.dataset.load.load_data`; without it there are n weights, of which the
      penalty has all

    Every number is taken exactly: integers, rationals, algebraic numbers and symbolic constants as themselves, the
    decimals of a text table as they are written, a float as the binary number that it is. Features that are rational
    functions of exact numbers are exact as well; of others, and of features of floats, the float64 values are taken
    exactly. :meth:`CertifiedEstimate.statement` says what was taken as what.

    OUTPUT: a :class:`~sage_logreg.exact.estimates.CertifiedEstimate`; of more than two classes a
    :class:`~sage_logreg.exact.estimates.CertifiedClasses`, whose weights are a matrix

    A :class:`~sage_logreg.exact.separation.SeparationError` is raised if there is
    no estimate, a :class:`CertificationError` if nothing can be proved within the
    precision that is tried. No ball is returned without a proof: Ctrl-C raises
    a ``KeyboardInterrupt`` that says how far it came.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.exact.certified import certified_maximum_likelihood
        sage: estimate = certified_maximum_likelihood(ex2data1())
        sage: estimate
        Maximum-likelihood estimate, proved to 50 digits
        bias = -25.1613335666395672268157010741216326561950917214114 +/- 5e-50
        x1 = 0.206231713293983267823067039319289930570801588476868 +/- 4e-52
        x2 = 0.201471600441963751702110608107798808474681337495287 +/- 3e-52
        sage: estimate.log_likelihood()
        [-20.3497701589440000607010199235440138573280653338... +/- ...e-...]

    Where the solution has a closed form: 1 of 3 and 4 of 5 counted, an odds
    ratio of 8::

        sage: counts = certified_maximum_likelihood(([0, 0, 1, 1], [0, 1, 0, 1]), weights=[2, 1, 1, 4])
        sage: R = RealBallField(300)
        sage: [exact in ball for exact, ball in zip([-log(R(2)), log(R(8))], counts.weights())]
        [True, True]

    The same counts, as successes and trials at each point::

        sage: grouped = certified_maximum_likelihood(([[0], [1]], [1, 4], [3, 5]))
        sage: [exact in ball for exact, ball in zip([-log(R(2)), log(R(8))], grouped.weights())]
        [True, True]

    With features::

        sage: x1 = var('x1')
        sage: certified_maximum_likelihood(([[1], [2], [3]], [1, 4, 9], [10, 10, 10]), digits=20, features=[x1^2])
        Maximum-likelihood estimate, proved to 20 digits
        bias = -2.64578673036829119139 +/- 5e-21
        x1^2 = 0.544957792378094066090 +/- 4e-22

    With a penalty the estimate exists for separated data as well::

        sage: certified_maximum_likelihood([[0, 0], [1, 1]], digits=10, l2=1/10)
        Maximum-likelihood estimate, proved to 10 digits
        bias = -1.1775052642 +/- 5e-11
        x1 = 2.3550105283 +/- 8e-12

    The penguins of three species: the weights of all classes, whose sum is zero::

        sage: from sage_logreg import penguins
        sage: data = penguins(label='species', variables='bill_length_mm')
        sage: certified_maximum_likelihood(data, digits=12)
        Maximum-likelihood estimate of 3 classes, proved to 12 digits
        species = 'Adelie'
            bias = ...
            bill_length_mm = ...
        species = 'Chinstrap'
            bias = ...
            bill_length_mm = ...
        species = 'Gentoo'
            bias = ...
            bill_length_mm = ...

    TESTS::

        sage: certified_maximum_likelihood([[0, 0], [1, 1], [2, 2], [3, 0]], weights=[1, 1, 0, 1], l2=1)
        Traceback (most recent call last):
        ...
        ValueError: weights: all points with y = 2 have the weight 0; expected some of each label to count
        sage: certified_maximum_likelihood(ex2data1(), digits=0)
        Traceback (most recent call last):
        ...
        ValueError: digits = 0; expected a whole number from 1
        sage: certified_maximum_likelihood(ex2data1(), l2=-1)
        Traceback (most recent call last):
        ...
        ValueError: l2 = -1; expected a real number at least 0
        sage: certified_maximum_likelihood([[0, 0], [1, 1]], weights=[1, -1])
        Traceback (most recent call last):
        ...
        ValueError: weights[1] = -1.0; expected a real number from 0
        sage: certified_maximum_likelihood([[0, 0], [1, 1]], offset=[1])
        Traceback (most recent call last):
        ...
        ValueError: offset has 1 entries; expected 2 real numbers
        sage: certified_maximum_likelihood([[0, 0], [1, 1]], weights=[1, 0], l2=1)
        Traceback (most recent call last):
        ...
        ValueError: weights: all points with y = 1 have the weight 0; expected some of each label to count

    ALGORITHM:

    With `p_i = 1/(1 + e^{-z_i})` the gradient of the maximised function is
    `g(w) = X^T f (y - p) - \lambda w` and the Hessian of its negative is
    `H(w) = X^T \mathrm{diag}(f p (1 - p)) X + \lambda I` (no `\lambda` for the
    bias; the first column of `X` is ones. Without an intercept there is neither).

    1. Existence: exact linear algebra shows that the columns of `X` are
       independent, exact linear programming that the classes overlap. With a
       penalty it suffices that both labels occur.
    2. Newton's method from a float64 estimate, in multiple precision, gives a
       point `c` and an approximate inverse `Y` of `H(c)`. Each step is
       shortened to `\log(1 + \delta)/\delta` of itself, `\delta` the greatest
       change of a log-odds; the function is self-concordant in this sense, so
       that this converges from every start [Bach2010]_.
    3. Krawczyk's test [Kra1969]_: for a box `B` around `c`, and `H(B)` an
       enclosure of `H` over `B` in ball arithmetic [Joh2017]_,

       .. MATH::

            K(B) = c + Y g(c) + (I - Y H(B)) (B - c)

       encloses all `w + Y g(w)`, `w` in `B`, by the mean value theorem. If
       `K(B)` is in the interior of `B`, then `B` has exactly one zero of `g`,
       it is in `K(B)`, and `Y` and all of `H(B)` are nonsingular, whatever `Y`
       is ([Rum2010]_, section 13): for `|I - Y H(B)| r < r` with `r > 0` shows a
       spectral radius below 1.
    4. `H` is positive semidefinite, and its kernel is the same for all `w`
       (the weights `f p (1 - p)` are positive). Nonsingular in `B`, it is
       positive definite everywhere: the function is strictly concave, and its
       one stationary point in `B` is its only maximiser anywhere. So the test
       proves existence and uniqueness a second time, independently of 1.
    5. The covariance is `(Y H(B))^{-1} Y`, by Arb, in ball arithmetic.

    Of K classes the same is done with the differences `u_k = w_k - w_0`, k = 1, ..., K - 1, of which the gradient's blocks are
    `X^T f ([y = k] - p_k)` and the Hessian's `X^T \mathrm{diag}(f p_k ([k = j] - p_j)) X`. The weights whose rows have
    the sum zero are `w_k = u_k - \tfrac{1}{K} \sum_j u_j`, so that the penalty on them is `\lambda ([k = j] - \tfrac{1}{K}) I` in the Hessian.

    If the test fails, or a ball is too wide, precision is doubled.

    REFERENCES:

    .. [Kra1969] R. Krawczyk, *Newton-Algorithmen zur Bestimmung von Nullstellen
       mit Fehlerschranken*, Computing 4 (1969), 187-201.

    .. [Rum2010] S. M. Rump, *Verification methods: rigorous results using
       floating-point arithmetic*, Acta Numerica 19 (2010), 287-449.

    .. [Joh2017] F. Johansson, *Arb: efficient arbitrary-precision
       midpoint-radius interval arithmetic*, IEEE Transactions on Computers 66
       (2017), 1281-1292.

    .. [Bach2010] F. Bach, *Self-concordant analysis for logistic regression*,
       Electronic Journal of Statistics 4 (2010), 384-414.
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    digits = whole_number('digits', digits, minimum=1)
    reached = 'before it was decided whether the estimate exists'
    precision = math.ceil(digits * math.log2(10)) + GUARD_BITS
    with interrupts_explained(lambda: f'the proof of the estimate: interrupted {reached}; no digits are proved yet'):
        problem = ExactProblem(data, features, weights, offset, l2, exact, **reading)
        # both labels occur: with a penalty that suffices
        if not problem.l2:
            check_overlap(problem.data)
        reached = 'before the ball arithmetic; the estimate exists'
        start, found = _float_estimate(problem)
        near = f' and is near {_shown_weights(start)}' if found else ''
        for attempt in range(ATTEMPTS):
            reached = f'in ball arithmetic of {precision << attempt} bits; the estimate exists{near}'
            try:
                return _prove(problem, start, digits, precision << attempt)
            except CertificationError as error:
                reason = error
    raise CertificationError(f'cannot prove {digits} digits of the estimate, at up to {precision << attempt} bits: '
                             f'{reason}')


@interrupts_explained('the proof that balls contain the estimate: interrupted; nothing is proved yet')
def certify(data, balls, l2=0, weights=None, offset=None, exact=None, **reading):
    r"""
    Return whether Krawczyk's test proves that the estimate exists, is the only one, and lies in the given balls.

    INPUT:

    - ``balls`` -- n + 1 elements of a ``RealBallField``, the bias first; n without an intercept. Of K > 2 classes a matrix
      of K such rows, whose sum is zero
    - ``data``, ``l2``, ``weights``, ``offset``, ``exact``, ``reading`` -- as for :func:`certified_maximum_likelihood`

    OUTPUT: a boolean; ``False`` means that nothing was proved

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.exact.certified import certified_maximum_likelihood, certify
        sage: balls = certified_maximum_likelihood(ex2data1(), digits=15).weights()
        sage: certify(ex2data1(), balls)
        True

    Those of more classes::

        sage: rows = [[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']]
        sage: balls = certified_maximum_likelihood(rows, digits=15).weights()
        sage: certify(rows, balls), certify(rows, 2*balls)
        (True, False)

    Balls that miss the estimate are refused::

        sage: balls = certified_maximum_likelihood(ex2data1(), digits=15).weights()
        sage: certify(ex2data1(), [ball + 4*ball.parent()(ball.rad()) for ball in balls])
        False

    TESTS::

        sage: certify(ex2data1(), [1, 2, 3])
        Traceback (most recent call last):
        ...
        TypeError: balls = [1, 2, 3]; expected 3 elements of a RealBallField
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    from sage.rings.real_arb import RealBall
    problem = ExactProblem(data, reading.pop('features', None), weights, offset, l2, exact, **reading)
    count, rows = problem.data.design.count, problem.data.classes
    if rows > 2:
        balls, count = numbers_of_classes(balls), rows * count
    given = entries(balls)
    if given is None or len(given) != count or not all(isinstance(ball, RealBall) for ball in given):
        raise TypeError(f'balls = {shown(balls)}; expected {count} elements of a RealBallField')
    with one_thread:
        return _is_proved(problem, given)


def _is_proved(problem, given):
    objective = _objective(problem, max(ball.parent().precision() for ball in given) + GUARD_BITS)
    center, radii = objective.box(given)
    try:
        inverse = midpoints(~objective.hessian(center))
    except ZeroDivisionError:
        return False
    proved = krawczyk(objective, center, radii, inverse)
    return proved is not None and objective.are_in(proved[0], given)


# The estimate and its proof

def _float_estimate(problem):
    # In float64, and whether it is one; zeros if that overflows.
    # A common factor of the weights and the penalty changes nothing,
    # and without it no float is infinite or all are zero.
    data, largest = problem.data.take(slice(None)), max(problem.data.exact_weights)
    data.weights = numpy.array([float(weight / largest) for weight in problem.data.exact_weights])
    with numpy.errstate(all='ignore'):
        penalty = float(problem.l2 / largest)
        if data.classes > 2:
            likelihood = SoftmaxLikelihood(data, penalty)
            fit = minimize(likelihood, likelihood.start()[0], NEAR, most_steps=FLOAT_STEPS, step_error=NEAR, leaps=True)
            return _finite(likelihood.to_user(fit.weights), fit)
        likelihood = Likelihood(data, penalty)
        # starts where the log-odds are smallest: far out every curvature is rounded to zero
        X = data.design.scaled(slice(None), likelihood.center, likelihood.scale)
        start = numpy.linalg.lstsq(X, -likelihood.offset, rcond=None)[0]
        fit = minimize(likelihood, start, NEAR, most_steps=FLOAT_STEPS, finer=Whitened, step_error=NEAR, leaps=True)
        return _finite(fit.objective.to_user(fit.weights), fit)


def _finite(estimate, fit):
    return (estimate, fit.converged) if numpy.isfinite(estimate).all() else (numpy.zeros(len(estimate)), False)


def _shown_weights(weights):
    # a few of them, to the digits that NEAR promises
    texts = [f'{weight:.6g}' for weight in weights]
    if len(texts) > MOST_LINES:
        texts[5:-1] = ['...']
    return f'({", ".join(texts)})'


def _objective(problem, precision):
    return (BallObjective if problem.data.classes == 2 else SoftmaxBallObjective)(problem, precision)


def _prove(problem, start, digits, precision):
    objective = _objective(problem, precision)
    proved = _enclosed(objective, *newton(objective, start))
    if proved is None:
        raise CertificationError("Krawczyk's test fails")
    return _estimate(problem, objective, *proved, digits)


@one_at_a_time
def _enclosed(objective, center, inverse):
    # The enclosures of the estimate and of the covariance, or None.
    from sage.matrix.special import diagonal_matrix
    errors = [abs(inverse[j, j].real()).sqrt() for j in range(inverse.nrows())]
    proved = enclosed(objective, center, inverse, errors)
    if proved is None:
        return None
    # the inverse of Y H, which is nearly 1 in units of the standard errors, loses no digits, as that of H does with every weight
    units, reciprocals = (diagonal_matrix(objective.field, sizes, sparse=False) for sizes in (errors, [1 / error for error in errors]))
    return proved[0], units * inverted(reciprocals * proved[1] * units) * (reciprocals * inverse)


@one_at_a_time
def _estimate(problem, objective, enclosure, covariance, digits):
    # Sage 10.8 makes a matrix of real balls only where this module is loaded, as in sage.all.
    import sage.rings.polynomial.laurent_polynomial_ring  # noqa: F401
    from sage.matrix.constructor import matrix
    from sage.modules.free_module_element import vector
    data, precision = problem.data, objective.precision
    names = weight_names(data.design.variables, data.intercept)
    log_likelihood = objective.log_likelihood(enclosure)
    if data.classes == 2:
        weights = vector(objective.reals, [ball.real() for ball in enclosure.list()])
        covariance = matrix(objective.reals, *covariance.dimensions(), [ball.real() for ball in covariance.list()])
        estimate = CertifiedEstimate(weights, covariance, log_likelihood, digits, precision,
                                     _statement(problem, names, weights, digits, precision), names)
    else:
        estimate = CertifiedClasses(objective.of_classes(enclosure), covariance, log_likelihood, digits, precision, None, names,
                                    data.label_name, data.label_names)
        of_classes = [f'{name} of {label!r}' for label in data.label_names for name in names]
        estimate._statement = _statement(problem, of_classes, estimate.weights().list(), digits, precision)
    if not _has_digits(estimate, digits):
        raise CertificationError('the balls are too wide')
    return estimate


def _has_digits(estimate, digits):
    # The promise of CertifiedEstimate.weights, .standard_errors and .log_likelihood.
    tolerance = estimate.log_likelihood().parent()(10)**-digits
    pairs = estimate.weights_and_errors()
    relative = [estimate.log_likelihood(), *(error for _, error in pairs)]
    for ball, error in pairs:
        if not ball.contains_zero():
            relative.append(ball)
        elif not (ball.rad_as_ball() < tolerance**2 and ball.rad_as_ball() < tolerance**2 * error):
            return False
    return all(ball.rad_as_ball() < tolerance * ball.below_abs() for ball in relative)


def _statement(problem, names, weights, digits, precision):
    data = problem.data
    both = 'Both labels occur' if data.classes == 2 else f'All {data.classes} labels occur'
    if problem.l2:
        bounded = 'slopes' if data.intercept else 'weights'
        less = f' less {problem.l2 / 2} times the sum of the squared {bounded}'
        exists = f'{both}, and the penalty bounds the {bounded}: a maximiser exists, and the function is ' \
                 'strictly concave.'
    else:
        less, columns = '', ['1'] * data.intercept + list(data.design.variables)
        independent = (f'columns {listed(columns)} are linearly independent' if len(columns) > 1
                       else f'column {columns[0]} is not zero')
        exists = f'The {independent}, and the classes overlap, both ' \
                 'decided in exact arithmetic: the log-likelihood is strictly concave and has a maximiser.'
    zeros = [name for name, ball in zip(names, weights) if ball.contains_zero()]
    less_than = f'10^-{2 * digits}'
    may_be_zero = f'; the weight of {listed(zeros)} may be zero, with a radius less than {less_than}' if zeros else ''
    what = f'vector of {len(weights)} weight{"s" * (len(weights) > 1)}'
    if data.classes > 2:
        what = f'matrix of {data.classes} x {data.design.count} weights whose rows have the sum zero'
    return '\n'.join([
        f'Exactly one {what} maximises the log-likelihood of these {len(data)} '
        f'points{less}, and the balls contain it.',
        f'The radius of each ball is less than 10^-{digits} of its weight{may_be_zero}.',
        f"Krawczyk's operator, in ball arithmetic of {precision} bits, maps a box around the balls into its "
        'interior: the gradient has exactly one zero in it, and the Hessian is nonsingular there.',
        exists,
        f'Exact input: {data.design.exact.statement(problem.kinds)}.'])
