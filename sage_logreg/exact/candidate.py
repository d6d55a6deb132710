r"""
Where the weights are nearly, in floats: nothing here is proved

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.exact.candidate import nearly_minimal
    sage: from sage_logreg.exact.penalised import PenalisedProblem
    sage: bias, weights = nearly_minimal(PenalisedProblem(ex2data1(), 1, 1, None, None, None, None))
    sage: bias, weights  # abs tol 1e-8
    (-9.17955758, array([0.07808875, 0.07181245]))

ALGORITHM:

Proximal Newton steps, each by coordinate descent on the quadratic model with its Gram matrix and now and then by a Newton step of
the weights that are not zero, over a working set of columns that grows by those whose gradient is too large.
"""
import numpy

# of the gradient beside lambda, at which a minimum is near enough for Newton's steps in ball arithmetic
NEAR = 1e-11
# rounds of the working set, Newton's steps of each, sweeps over the columns of a step and between two jumps, halvings of a step
ROUNDS, STEPS, SWEEPS, JUMP, HALVINGS = 100, 50, 1000, 20, 40
# columns that enter at once
ENTER = 20


def nearly_minimal(problem):
    r"""
    Return a bias and n weights near the minimum of a :class:`~sage_logreg.exact.penalised.PenalisedProblem`; zeros if floats fail.
    """
    kappa, rho = float(problem.kappa), float(problem.l2)
    X, center = problem.X, problem.f @ problem.X if problem.intercept else numpy.zeros(problem.count)
    bias, weights = 0.0, numpy.zeros(problem.count)
    working = numpy.zeros(problem.count, dtype=bool)
    with numpy.errstate(all='ignore'):
        for _ in range(ROUNDS):
            inside = numpy.flatnonzero(working)
            bias, weights[inside] = _minimal(problem, X[:, inside] - center[inside], bias, weights[inside], kappa, rho)
            residuals = problem.residuals(problem.o + bias + X[:, inside] @ weights[inside] - center[inside] @ weights[inside])
            gradient = abs(residuals @ X - residuals.sum() * center)
            gradient[working] = 0
            worst = numpy.argsort(-gradient)[:ENTER]
            worst = worst[gradient[worst] > kappa * (1 + NEAR)]
            if not len(worst):
                break
            working[worst] = True
    bias -= center @ weights
    return (float(bias), weights) if numpy.isfinite(bias) and numpy.isfinite(weights).all() else (0.0, numpy.zeros(problem.count))


def _minimal(problem, X, bias, weights, kappa, rho):
    # over the bias and the weights of centred columns
    first = int(problem.intercept)
    A = numpy.column_stack([numpy.ones((len(X), first)), X])
    w = numpy.concatenate([[bias] * first, weights])
    penalty = numpy.array([0.0] * first + [1.0] * X.shape[1])

    def cost(w):
        z = problem.o + A @ w
        return problem.f @ (numpy.logaddexp(0, z) - problem.y * z) + penalty @ (kappa * abs(w) + rho / 2 * w**2)
    for _ in range(STEPS if len(w) else 0):
        z = problem.o + A @ w
        p = 1 / (1 + numpy.exp(-z))
        gram = (A.T * (problem.f * p * (1 - p))) @ A + numpy.diag(rho * penalty)
        gradient = rho * penalty * w - problem.residuals(z) @ A
        step = _descended(gram, gradient, w, kappa * penalty) - w
        # near the minimum costs are rounding only, and the whole step is right
        if abs(A @ step).max() < 1e-6:
            w = w + step
            if abs(A @ step).max() < NEAR:
                break
            continue
        now, length = cost(w), 1.0
        for _ in range(HALVINGS):
            if cost(w + length * step) < now:
                break
            length /= 2
        w = w + length * step
    return (w[0], w[1:]) if first else (0.0, w)


def _descended(gram, gradient, w, kappa):
    # The minimum of the quadratic model at w, coordinate by coordinate.
    new, slope, scale = w.copy(), gradient.copy(), numpy.sqrt(numpy.diag(gram))
    for sweep in range(1, SWEEPS + 1):
        largest = 0.0
        for j in numpy.flatnonzero(scale):
            curvature = gram[j, j]
            goal = curvature * new[j] - slope[j]
            changed = numpy.sign(goal) * max(abs(goal) - kappa[j], 0) / curvature
            move = changed - new[j]
            if move:
                slope += move * gram[j]
                new[j] = changed
                largest = max(largest, abs(move) * scale[j])
        if not largest > 1e-14 * (1 + scale @ abs(new)):
            break
        if sweep % JUMP == 0:
            new = _jumped(gram, slope, new, kappa)
            slope = gradient + gram @ (new - w)
    return new


def _jumped(gram, slope, w, kappa):
    # Newton's step of the weights that are not zero, as far as all have their signs: where columns are nearly dependent,
    # coordinates alone would take very many sweeps.
    free = numpy.flatnonzero((w != 0) | (kappa == 0))
    part = gram[numpy.ix_(free, free)]
    shifted = part + 1e-14 * numpy.diag(numpy.diag(part))
    step = numpy.zeros(len(w))
    step[free] = -numpy.linalg.lstsq(shifted, slope[free] + kappa[free] * numpy.sign(w[free]), rcond=None)[0]
    crossing = numpy.where((kappa > 0) & (w * (w + step) < 0), -w / step, 1.0)
    length = min(1.0, crossing.min())
    return numpy.where((kappa > 0) & (crossing <= length) & (length < 1), 0.0, w + length * step)
