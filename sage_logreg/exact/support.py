r"""
Which weights of a lasso are exactly zero, with a proof

:func:`certified_support` proves of each weight that it is zero at the optimum, or encloses it in a ball that excludes zero.
"""
import math

import numpy

from sage_logreg.exact.balls import CertificationError
from sage_logreg.exact.candidate import nearly_minimal
from sage_logreg.exact.certified_support import CertifiedSupport
from sage_logreg.exact.penalised import PenalisedProblem
from sage_logreg.exact.support_proof import proved
from sage_logreg.support.arguments import whole_number
from sage_logreg.support.interrupt import interrupts_explained

# bits beyond the requested digits, and how many precisions are tried, each twice the last
GUARD_BITS, ATTEMPTS = 64, 5


def certified_support(data, lambda_, l1_ratio=1, digits=15, weights=None, offset=None, features=None, exact=None, **reading):
    r"""
    Return which weights of a lasso or an elastic net are exactly zero, and balls that contain the others, with the proof.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, anything that
      :func:`~sage_logreg.dataset.load.load_data` takes: m points in n variables, or
      grouped data: a triple ``(points, successes, trials)``; two classes
    - ``lambda_`` -- the penalty's factor `\lambda > 0`, on glmnet's scale
    - ``l1_ratio`` -- (default: 1, the lasso) `\alpha`, above 0 and at most 1
    - ``digits`` -- (default: 15) how many significant decimal digits of every weight that is not zero are proved
    - ``weights``, ``offset``, ``features``, ``exact``, ``reading`` -- as for
      :func:`~sage_logreg.exact.certified.certified_maximum_likelihood`; every number is taken exactly, `\lambda` and `\alpha` as well

    What is minimised is the mean negative log-likelihood with a penalty on all weights but the bias,

    .. MATH::

        \frac{1}{\sum_i f_i} \sum_i f_i \left(\log(1 + e^{z_i}) - y_i z_i\right)
        + \lambda \sum_{j \ge 1} \left(\alpha |w_j| + \tfrac{1 - \alpha}{2} w_j^2\right),
        \qquad z_i = o_i + w_0 + x_i \cdot w,

    with the frequencies `f_i` and the offset `o_i`. This is the objective of R's ``glmnet(x, y, family = "binomial", alpha,
    standardize = FALSE)``: the columns are not standardised. In scikit-learn's ``LogisticRegression`` the penalty is
    ``C`` = `1 / (\lambda \sum f_i)`.

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

    TESTS::

        sage: certified_support(ex2data1(), 0)
        Traceback (most recent call last):
        ...
        ValueError: lambda_ = 0; expected a real number above 0
        sage: certified_support(ex2data1(), 1, l1_ratio=0)
        Traceback (most recent call last):
        ...
        ValueError: l1_ratio = 0; expected a real number above 0 and at most 1
        sage: certified_support([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'a']], 1, label=-1)
        Traceback (most recent call last):
        ...
        ValueError: the data have 3 classes, and which weights are zero is proved of two; expected data.of_classes(one, other)
        sage: certified_support(ex2data1(), 1, digits=0)
        Traceback (most recent call last):
        ...
        ValueError: digits = 0; expected a whole number from 1

    ALGORITHM:

    With the frequencies divided by their sum, `\kappa = \lambda \alpha`, `\rho = \lambda (1 - \alpha)`, `p_i = 1 / (1 + e^{-z_i})`
    and `q_i = f_i (y_i - p_i)`, the conditions of a minimum are `\sum_i q_i = 0` (without an intercept this is left out), and
    `x_j^T q = \kappa\, \mathrm{sign}(w_j) + \rho w_j` where `w_j \ne 0`, `|x_j^T q| \le \kappa` where `w_j = 0`.

    1. Existence: both labels occur and `\lambda > 0`, so that the function is bounded from below and its level sets are bounded.
    2. A candidate, in floats; then Newton's method on the columns whose weights are not zero, in multiple precision, while
       weights with a wrong sign leave and columns whose gradient is too large enter. Nothing depends on where it comes from.
    3. A dual point: `q` near `f (y - p)`, of rational numbers, whose sum is exactly zero and for which `0 \le p_i \le 1`; for the lasso
       it is shrunk such that `|x_j^T q| \le \kappa` for all `j`. The dual function is

       .. MATH::

            D(q) = \sum_i \left(f_i H(p_i) - q_i o_i\right) - \sum_j \frac{\max(|x_j^T q| - \kappa, 0)^2}{2 \rho},
            \qquad H(p) = -p \log p - (1 - p) \log(1 - p)

       (without the last sum for the lasso), and `D(q)` is at most the minimum of the function.
    4. As `H'' \le -4`, `D` is 4-strongly concave in the norm `\|q\|^2 = \sum q_i^2 / f_i`: the optimal `\hat q` is unique, and
       `\|\hat q - q\|^2 \le \gamma / 2` with the duality gap `\gamma`, which ball arithmetic [Joh2017]_ bounds: the radius
       is `\sqrt{2 \gamma / \mu}` with `\mu = 4`, as in [NFGS2017]_. So

       .. MATH::

            |x_j^T \hat q| \le |x_j^T q| + \sqrt{\tfrac{\gamma}{2} \sum_i f_i (x_{ij} - c)^2},

       for every `c`, as the sum of `\hat q - q` is zero (`c = 0` without an intercept). If this is less than `\kappa`, then
       `w_j = 0` at every minimum: the Gap Safe rule [FGS2015]_. Columns that bounds on rounding errors
       [Hig2002]_ keep away from `\kappa` are only computed in floats here;
       :meth:`~sage_logreg.exact.certified_support.CertifiedSupport.check` computes all exactly.
    5. Let `E` be the columns that remain, with the signs `s_j`. All minima are minima of the function of these columns alone. Krawczyk's
       test [Kra1969]_, [MKC2009]_ proves that a box around the candidate has exactly one solution of the equations `\sum_i q_i = 0`,
       `x_j^T q - \rho w_j = \kappa s_j` for `j \in E`, that its Hessian is nonsingular, and so that the function is strictly convex on `E`
       everywhere. If the signs in the box are those `s_j`, the solution satisfies all conditions: it is the one minimum of the
       function of these columns, and so the one minimum of all.
    6. Where a column of `E` has a weight of which the box does not exclude zero, its `\kappa s_j` gives way to a ball that contains
       `\hat t_j = \min(\max(x_j^T \hat q, -\kappa), \kappa)`, by the sphere. The minimum is the solution for
       this `\hat t_j`, and so in the box, which the test has proved for all values of the ball.
       Precision is doubled until no such column is left, or it is left undecided.
    7. If the Hessian is singular, exact linear algebra tells which columns of `E` depend on others. The fitted log-odds are
       unique in any case, and so are the weights of all columns that do not occur in such a dependence: these are enclosed, with
       balls for the `\hat t_j` of those that do.

    Where all weights are zero, without an offset, `q` is a rational vector, and whether all `|x_j^T q| \le \kappa` is decided exactly.

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
        problem = PenalisedProblem(data, lambda_, l1_ratio, features, weights, offset, exact, **reading)
        bias, slopes = nearly_minimal(problem)
        start = [bias] * problem.intercept, {j: slopes[j] for j in numpy.flatnonzero(slopes).tolist()}
        proof, reason = None, None
        for attempt in range(ATTEMPTS):
            reached = f'in ball arithmetic of {precision << attempt} bits'
            try:
                proof = proved(problem, *start, precision << attempt)
            except CertificationError as error:
                reason = error
                continue
            start = proof.start()
            if _has_digits(proof, digits) and proof.undecided <= proof.involved():
                return CertifiedSupport(proof, digits)
    if proof is None or not _has_digits(proof, digits):
        raise CertificationError(f'cannot prove {digits} digits of the weights that are not zero, at up to {precision << attempt} bits: '
                                 f'{reason or "the balls are too wide"}')
    return CertifiedSupport(proof, digits)


def _has_digits(proof, digits):
    # the promise of CertifiedSupport.nonzero, and of the bias what CertifiedEstimate.weights says
    def is_narrow(ball):
        tolerance = ball.parent()(10)**-digits
        return ball.rad_as_ball() < (tolerance**2 if ball.contains_zero() else tolerance * ball.below_abs())
    bias = [] if proof.dependence and proof.dependence.is_bias_involved else proof.bias or []
    return all(is_narrow(ball) for ball in [*bias, *proof.nonzero().values()])
