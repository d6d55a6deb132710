r"""
Which weights of a lasso are exactly zero, with a proof

:func:`certified_support` proves of each weight that it is zero at the optimum, or encloses it in a ball that excludes zero.
"""
import math

import numpy

from sage_logreg.exact.balls import CertificationError
from sage_logreg.exact.certified_support import CertifiedSupport
from sage_logreg.exact.penalised import PenalisedProblem
from sage_logreg.exact.separation import separation
from sage_logreg.exact.support_proof import proved
from sage_logreg.support.arguments import whole_number
from sage_logreg.support.constants import UndecidedError
from sage_logreg.support.exact_number import exact_number, sage_number
from sage_logreg.support.interrupt import interrupts_explained

# bits beyond the requested digits, and how many precisions are tried, each twice the last
GUARD_BITS, ATTEMPTS = 64, 5
# the duality gap of the start in floats, beside the cost of no weights
GAP = 1e-12


def certified_support(data, lambda_, l1_ratio=1, digits=15, standardize=False, penalty_factors=None, weights=None, offset=None, features=None,
                      exact=None, **reading):
    r"""
    Return which weights of a lasso or an elastic net are exactly zero, and balls that contain the others, with the proof.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, anything that
      :func:`~sage_logreg.dataset.load.load_data` takes: m points in n variables, or
      grouped data: a triple ``(points, successes, trials)``; two classes
    - ``lambda_`` -- the penalty's factor `\lambda > 0`, on glmnet's scale
    - ``l1_ratio`` -- (default: 1, the lasso) `\alpha`, above 0 and at most 1
    - ``digits`` -- (default: 15) how many significant decimal digits of every weight that is not zero are proved
    - ``standardize`` -- (default: ``False``, unlike :func:`~sage_logreg.training.regularization_path`) whether the penalty is on the
      weights of columns of standard deviation 1; the weights are in the units of the data in any case
    - ``penalty_factors`` -- (default: ones) a number at least 0 for each column, by which its penalty is multiplied; with 0 it has
      none. They are divided by their mean
    - ``weights``, ``offset``, ``features``, ``exact``, ``reading`` -- as for
      :func:`~sage_logreg.exact.certified.certified_maximum_likelihood`; every number is taken exactly, `\lambda` and `\alpha` as well

    What is minimised is the mean negative log-likelihood with a penalty on all weights but the bias,

    .. MATH::

        \frac{1}{\sum_i f_i} \sum_i f_i \left(\log(1 + e^{z_i}) - y_i z_i\right)
        + \lambda \sum_{j \ge 1} c_j \left(\alpha s_j |w_j| + \tfrac{1 - \alpha}{2} s_j^2 w_j^2\right),
        \qquad z_i = o_i + w_0 + x_i \cdot w,

    with the frequencies `f_i`, the offset `o_i`, the penalty factors `c_j`, and `s_j = 1`, or with ``standardize`` the standard deviation
    of the column (1 if it is constant; such a column beside a bias has the weight zero, if it has a penalty). This is the objective of
    R's ``glmnet(x, y, family = "binomial", alpha, standardize, penalty.factor)``. In scikit-learn's ``LogisticRegression`` the penalty is
    ``C`` = `1 / (\lambda \sum f_i)`, without standardisation and factors.

    Every number is exactly what it is: the `\lambda` of ``path.lambdas()`` is a float, and so the binary number that this is.
    ``model.certified()`` of a model of a path, or of ``maximum_likelihood(..., l1=...)``, proves the support of the function that the
    model minimises, with its numbers: what was given as 1/3 is 1/3, and a float is a float.

    OUTPUT: a :class:`~sage_logreg.exact.certified_support.CertifiedSupport`

    A :class:`~sage_logreg.exact.balls.CertificationError` is raised if the digits cannot be proved within the precision that is tried.
    A weight of which it cannot be decided whether it is zero is among the ``undecided()``: where its gradient is exactly as large as
    the penalty allows, or where columns are linearly dependent, so that some minima have it and others have not.

    EXAMPLES::

        sage: from sage_logreg import certified_support, ex2data1
        sage: certified_support(ex2data1(), 5)
        Support of 2 weights at lambda = 5, proved to 15 digits
        bias = ...
        x1 = 0.00494739660275967... +/- ...e-...
        zero: x2
        sage: certified_support(ex2data1(), 1/10, l1_ratio=1/2, digits=25).nonzero()['x2']
        [0.17905771049403196348133922... +/- ...e-...]

    With counts, as successes and trials, and more columns than tell something::

        sage: points = [[1, 0, 2], [2, 1, 2], [3, 0, 1], [4, 1, 5], [5, 0, 3]]
        sage: certified_support((points, [1, 3, 4, 7, 9], [10, 10, 10, 10, 10]), 1/20, digits=10)
        Support of 3 weights at lambda = 1/20, proved to 10 digits
        bias = -2.5949094395 +/- ...e-12
        x1 = 0.82955593968 +/- ...e-13
        zero: x2, x3

    The largest `\lambda` at which a weight may be other than zero is decided exactly, by rational numbers: here 1/2::

        sage: [certified_support(zip([0, 1, 2, 3], [0, 0, 1, 1]), lambda_).zero() for lambda_ in (1/2, 1/2 - 10^-20)]
        [('x1',), ()]

    Standardised, with a penalty on the second weight only::

        sage: certified_support(ex2data1(), 1/4, standardize=True, penalty_factors=[0, 1], digits=5)
        Support of 2 weights at lambda = 1/4, proved to 5 digits
        ...

    TESTS::

        sage: certified_support(ex2data1(), 0)
        Traceback (most recent call last):
        ...
        ValueError: lambda_ = 0; expected a real number above 0
        sage: certified_support(ex2data1(), 1, l1_ratio=0)
        Traceback (most recent call last):
        ...
        ValueError: l1_ratio = 0; expected a real number above 0 and at most 1, as squares alone make no weight zero
        sage: certified_support([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'a']], 1, label=-1)
        Traceback (most recent call last):
        ...
        ValueError: the data have 3 classes, and which weights are zero is proved of two; expected data.of_classes(one, other)
        sage: certified_support(ex2data1(), 1, digits=0)
        Traceback (most recent call last):
        ...
        ValueError: digits = 0; expected a whole number from 1

    ALGORITHM:

    With the frequencies divided by their sum, `\kappa_j = \lambda \alpha c_j s_j`, `\rho_j = \lambda (1 - \alpha) c_j s_j^2`,
    `p_i = 1 / (1 + e^{-z_i})` and `q_i = f_i (y_i - p_i)`, the conditions of a minimum are `\sum_i q_i = 0` (without an intercept this is
    left out), and `x_j^T q = \kappa_j\, \mathrm{sign}(w_j) + \rho_j w_j` where `w_j \ne 0`, `|x_j^T q| \le \kappa_j` where `w_j = 0`.
    `s_j` is the root of a rational number, and a ball.

    1. Existence: both labels occur, so that the function is bounded from below, and where all `c_j > 0` its level sets are bounded.
       With columns without a penalty there is a minimum as there is a solution of the equations of step 5.
    2. A candidate, in floats; then Newton's method on the columns whose weights are not zero, in multiple precision, while
       weights with a wrong sign leave and columns whose gradient is too large enter. Nothing depends on where it comes from.
    3. A dual point: `q` near `f (y - p)`, of rational numbers, exactly orthogonal to ones and to the columns without a penalty, for
       which `0 \le p_i \le 1`; for the lasso it is shrunk such that `|x_j^T q| \le \kappa_j` for all `j`. The dual function is

       .. MATH::

            D(q) = \sum_i \left(f_i H(p_i) - q_i o_i\right) - \sum_j \frac{\max(|x_j^T q| - \kappa_j, 0)^2}{2 \rho_j},
            \qquad H(p) = -p \log p - (1 - p) \log(1 - p)

       (without the last sum for the lasso), and `D(q)` is at most the minimum of the function.
    4. As `H'' \le -4`, `D` is 4-strongly concave in the norm `\|q\|^2 = \sum q_i^2 / f_i`: the optimal `\hat q` is unique, and
       `\|\hat q - q\|^2 \le \gamma / 2` with the duality gap `\gamma`, which ball arithmetic [Joh2017]_ bounds: the radius
       is `\sqrt{2 \gamma / \mu}` with `\mu = 4`, as in [NFGS2017]_. So

       .. MATH::

            |x_j^T \hat q| \le |x_j^T q| + \sqrt{\tfrac{\gamma}{2} \sum_i f_i (x_{ij} - c)^2},

       for every `c`, as the sum of `\hat q - q` is zero (`c = 0` without an intercept). If this is less than `\kappa_j`, then
       `w_j = 0` at every minimum: the Gap Safe rule [FGS2015]_. Columns that bounds on rounding errors
       [Hig2002]_ keep away from `\kappa_j` are only computed in floats here;
       :meth:`~sage_logreg.exact.certified_support.CertifiedSupport.check` computes all exactly.
    5. Let `E` be the columns that remain, with the signs `\sigma_j`, which are 0 of those without a penalty. All minima are minima of the
       function of these columns alone. Krawczyk's test [Kra1969]_, [MKC2009]_ proves that a box around the candidate has exactly one
       solution of the equations `\sum_i q_i = 0`, `x_j^T q - \rho_j w_j = \kappa_j \sigma_j` for `j \in E`, that its Hessian is
       nonsingular, and so that the function is strictly convex on `E` everywhere. If the signs in the box are those `\sigma_j`, the
       solution satisfies all conditions: it is the one minimum of the function of these columns, and so the one minimum of all.
    6. Where a column of `E` has a weight of which the box does not exclude zero, its `\kappa_j \sigma_j` gives way to a ball that contains
       `\hat t_j = \min(\max(x_j^T \hat q, -\kappa_j), \kappa_j)`, by the sphere. The minimum is the solution for
       this `\hat t_j`, and so in the box, which the test has proved for all values of the ball.
       Precision is doubled until no such column is left, or it is left undecided.
    7. If the Hessian is singular, exact linear algebra tells which columns of `E` without squares in their penalty depend on others. The
       fitted log-odds are unique in any case, and so are the weights of all columns that do not occur in such a dependence: these are
       enclosed, with balls for the `\hat t_j` of those that do.

    Where all weights are zero, without an offset, `q` is a rational vector, and whether all `(x_j^T q)^2 \le \kappa_j^2` is decided
    exactly, also where `\lambda` is an algebraic number.

    REFERENCES:

    .. [FGS2015] O. Fercoq, A. Gramfort and J. Salmon, *Mind the duality gap: safer rules for the Lasso*, Proceedings of the
       32nd International Conference on Machine Learning (2015), 333-342.

    .. [NFGS2017] E. Ndiaye, O. Fercoq, A. Gramfort and J. Salmon, *Gap safe screening rules for sparsity enforcing penalties*,
       Journal of Machine Learning Research 18 (2017), no. 128.

    .. [Hig2002] N. J. Higham, *Accuracy and stability of numerical algorithms*, second edition, SIAM, 2002, chapter 3.

    .. [MKC2009] R. E. Moore, R. B. Kearfott and M. J. Cloud, *Introduction to interval analysis*, SIAM, 2009, chapter 8.
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    digits = whole_number('digits', digits, minimum=1)
    precision = math.ceil(digits * math.log2(10)) + GUARD_BITS
    reached = 'before the ball arithmetic'
    with interrupts_explained(lambda: f'the proof of the support: interrupted {reached}; nothing is proved yet'):
        problem = PenalisedProblem(data, lambda_, l1_ratio, features, weights, offset, exact, standardize, penalty_factors, **reading)
        start = nearly_minimal(problem)
        proof, reason = None, None
        for attempt in range(ATTEMPTS):
            reached = f'in ball arithmetic of {precision << attempt} bits'
            try:
                proof = proved(problem, *start, precision << attempt)
            except CertificationError as error:
                _refuse_separated(problem)
                reason = error
                continue
            start = proof.start()
            if _has_digits(proof, digits) and proof.undecided <= proof.involved():
                return CertifiedSupport(proof, digits)
    if proof is None or not _has_digits(proof, digits):
        raise CertificationError(f'cannot prove {digits} digits of the weights that are not zero, at up to {precision << attempt} bits: '
                                 f'{reason or "the balls are too wide"}')
    return CertifiedSupport(proof, digits)


def _refuse_separated(problem):
    # without a penalty a direction that separates the labels has no end
    if not problem.free:
        return
    try:
        found = separation(problem.of_columns(problem.free).data)
    except (ValueError, UndecidedError):
        # of dependent columns, or of numbers of which it is not decided
        return
    if not found.exists():
        raise ValueError('the columns without a penalty separate the labels, so that there is no minimum; expected penalty factors above 0')


def nearly_minimal(problem):
    r"""
    Return the bias, a list, and a dictionary of the weights near the minimum, in floats: nothing is proved here.
    """
    # what is compiled is not needed by others
    from sage_logreg.solvers.coordinate import PenalizedCost
    rows = problem.data.take(slice(None))
    rows.weights, rows.offset = problem.f, problem.o
    cost = PenalizedCost(rows, True, problem.free)
    fit = cost.null()
    l1, l2 = (float(problem.lambda_) * units / cost.columns.scale**power for power, units in enumerate(problem.float_units, 1))
    cost.minimize(fit, l1, l2, GAP * fit.cost)
    weights = cost.to_user(fit.bias, fit.w)
    if not numpy.isfinite(weights).all():
        weights = numpy.zeros(len(weights))
    first = int(problem.intercept)
    return weights[:first].tolist(), {j: weights[first + j] for j in numpy.flatnonzero(weights[first:]).tolist()}


def certified_minimum(data, options, digits):
    r"""
    Return the :class:`~sage_logreg.exact.certified_support.CertifiedSupport` of the function that a model with these options minimises:
    those of :func:`~sage_logreg.training.maximum_likelihood` with ``l1``, or of a model of a path.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.exact.support import certified_minimum
        sage: certified_minimum(ex2data1(), {'l1': 500}, 5).zero()
        ('x2',)
    """
    if options.get('lambda_'):
        if not options['l1_ratio']:
            raise ValueError('certified proves which weights are zero, and with l1_ratio = 0, of squares only, none is; expected a path with '
                             'a larger l1_ratio, or maximum_likelihood(..., l2=...).certified()')
        return certified_support(data, options['lambda_'], options['l1_ratio'], digits, options['standardize'], options['penalty_factors'])
    l1, l2 = (sage_number(exact_number(options.get(name, 0))) for name in ('l1', 'l2'))
    total = len(data) if data.exact_weights is None else sum(sage_number(exact_number(weight)) for weight in data.exact_weights)
    return certified_support(data, (l1 + l2) / total, l1 / (l1 + l2) if l2 else 1, digits)


def _has_digits(proof, digits):
    # the promise of CertifiedSupport.nonzero, and of the bias what CertifiedEstimate.weights says
    def is_narrow(ball):
        tolerance = ball.parent()(10)**-digits
        return ball.rad_as_ball() < (tolerance**2 if ball.contains_zero() else tolerance * ball.below_abs())
    bias = [] if proof.dependence and proof.dependence.is_bias_involved else proof.bias or []
    return all(is_narrow(ball) for ball in [*bias, *proof.nonzero().values()])
