r"""
The negative log-likelihood with its penalty, an objective of Newton's method

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: import numpy
    sage: cost, gradient, hessian = Likelihood(ex2data1()).terms(numpy.zeros(3))
    sage: float(cost)  # abs tol 1e-12
    69.31471805599453
    sage: hessian.shape
    (3, 3)
"""
import copy
import functools

import numpy

from sage_logreg.dataset.design import ROWS, over_rows, row_blocks
from sage_logreg.solvers.chunked import larger, over_chunks, triangle_of_both
from sage_logreg.solvers.newton import minimize
from sage_logreg.solvers.records import Training
from sage_logreg.support.arguments import listed, real_number, shown
from sage_logreg.support.cores import inner
from sage_logreg.support.exact_number import checked_penalty

EPSILON = 2.0**-52
# an information with smaller eigenvalues, beside the largest, is of a plateau on which its determinant is only rounding
PLATEAU = 1e-12
# columns that differ less, relative to their size, do so by rounding
DEPENDENT = 1e-13
# the part of a column's curvature that is not also that of the others, below which a step has too few digits; with
# Firth's term, which has the inverse of the information
LEAST_DETERMINED, FIRTH_DETERMINED = 1e-10, 1e-7
# Rows used to scale the columns, and rows of the sample that a fit to more than MANY rows starts with
SAMPLE = 25000
MANY = 4 * SAMPLE


def likelihood_options(l2, bias_reduced, tol, check=True, l1=0):
    r"""
    Return the options of :func:`~sage_logreg.training.maximum_likelihood`, checked.
    """
    for name, value in (('bias_reduced', bias_reduced), ('check', check)):
        if not isinstance(value, (bool, numpy.bool_)):
            raise TypeError(f'{name} = {shown(value)}; expected True or False')
    options = {'l2': checked_penalty(l2), 'bias_reduced': bool(bias_reduced), 'tol': real_number('tol', tol, above=0)}
    if not check:
        # as in the files of older versions, a check that was not left out is not mentioned
        options['check'] = False
    if real_number('l1', l1, minimum=0):
        options['l1'] = checked_penalty(l1, 'l1')
        if bias_reduced:
            raise ValueError('l1 and bias_reduced=True are two penalties; expected one of them')
    if options['l2'] and bias_reduced:
        raise ValueError('l2 and bias_reduced=True are two penalties; expected one of them')
    return options


class Likelihood:
    r"""
    The summed negative log-likelihood, with its penalty, in scaled variables.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, with the weights and the offset of its rows
    - ``l2`` -- (default: 0) float
    - ``bias_reduced`` -- (default: ``False``) whether Firth's term is included
    - ``scaling`` -- (default: from the data) a pair of arrays, center and scale of the columns

    EXAMPLES: see :mod:`sage_logreg.solvers.likelihood`.
    """

    # whether in these variables rounding of the gradient is small beside the information
    is_white = False

    def __init__(self, data, l2=0.0, bias_reduced=False, scaling=None):
        self.l2, self.bias_reduced = l2, bias_reduced
        self.take_rows(data)
        self.total = data.total()
        self.largest_offset = (data.totals.offset if data.is_chunked else 0.0 if data.offset is None else
                               float(abs(data.offset).max()))
        self.center, self.scale = _scaling(data) if scaling is None else scaling
        # the penalty is on the weight in the data's units, the scaled weight divided by the scale
        with numpy.errstate(over='ignore'):
            penalty = numpy.minimum(l2 / self.scale / self.scale, 1e300) if l2 else 0.0 * self.scale
        ones = numpy.ones(int(data.design.intercept))
        self.penalty = numpy.concatenate([0.0 * ones, penalty])
        # what weights are divided by in the units of the data
        self.units = numpy.concatenate([ones, self.scale])
        # whether a penalty bounds the weights, whatever the points are
        self.is_bounded = bool(l2) or bias_reduced
        self.starts_with_sample = len(data) > MANY and not bias_reduced
        # where rows are read again and again, a step that needs no further one is worth its Hessian
        self.keeps_hessian = self.starts_with_sample and not data.is_chunked
        self.exact_hessian = not bias_reduced
        # see :mod:`sage_logreg.solvers.newton`
        self.least_determined = FIRTH_DETERMINED if bias_reduced else LEAST_DETERMINED

    def take_rows(self, data):
        r"""
        Set the rows, and nothing that depends on all of them.
        """
        self.data, self.parts = data, data.design.parts
        if not data.is_chunked:
            # views of a single number, which take no memory
            self.frequency = numpy.broadcast_to(1.0, len(data)) if data.weights is None else data.weights
            self.offset = numpy.broadcast_to(0.0, len(data)) if data.offset is None else data.offset

    def with_rows(self, data):
        r"""
        Return a copy with these rows, which are some of all.
        """
        likelihood = copy.copy(self)
        likelihood.take_rows(data)
        return likelihood

    def without_rows(self):
        r"""
        Return a copy without the data, to be sent to where rows are.
        """
        likelihood = copy.copy(self)
        del likelihood.data, likelihood.parts
        return likelihood

    @functools.cached_property
    def _unscaled(self):
        # whether unscaled variables lose no digits, so that the cost of the descents can be used
        return (self.data.weights is None and self.data.offset is None and self.data.points.dtype == numpy.float64
                and bool((abs(self.center) <= 4 * self.scale).all()))

    @functools.cached_property
    def basis(self):
        r"""
        A matrix: rows (1, x/scale) times this are those of the variables.
        """
        basis = numpy.eye(len(self.penalty))
        if self.data.design.intercept:
            basis[0, 1:] = -self.center / self.scale
        return basis

    def scaled_gradient(self, gradient):
        r"""
        Return the gradient in scaled variables.
        """
        return gradient

    def with_scaling(self, center, scale):
        r"""
        Return the same likelihood with its columns scaled differently.
        """
        return Likelihood(self.data, self.l2, self.bias_reduced, (center, scale))

    def terms(self, v, curved=True):
        r"""
        Return the summed cost at the weights ``v``, its gradient and its Hessian (if ``curved``).
        """
        cost, gradient, hessian = self.likelihood_terms(v, curved)
        if self.bias_reduced:
            try:
                cost, gradient, hessian = self._with_firth(v, cost, gradient, hessian)
            except numpy.linalg.LinAlgError:
                return numpy.inf, gradient, hessian
        if not self.l2:
            return cost, gradient, hessian if curved else None
        with_penalty = self.penalty_terms(v)
        return (cost + with_penalty[0], gradient + with_penalty[1], hessian + self.penalty_matrix() if curved else None)

    def penalty_terms(self, v):
        r"""
        Return the penalty and its gradient.
        """
        return inner(self.penalty, v**2) / 2, self.penalty * v

    def penalty_matrix(self):
        r"""
        Return the Hessian of the penalty.
        """
        return numpy.diag(self.penalty)

    @over_chunks()
    def likelihood_terms(self, v, curved=True):
        r"""
        Return the same without any penalty; the Hessian is the Fisher information.
        """
        if not curved and self._unscaled:
            from sage_logreg.cost.evaluation import evaluate
            cost, gradient = evaluate(self.data.design.points, self.data.labels, self.to_user(v))
            return len(self.data) * cost, len(self.data) * self._from_user_gradient(gradient), None
        return self._newton_terms(v, curved)

    @functools.cached_property
    def _newton_terms(self):
        # what is the same at all weights is prepared once
        from sage_logreg.cost.evaluation import newton_evaluation
        return newton_evaluation(self.data.design.points, self.data.labels, len(self.penalty), self.frequency, self.offset,
                                 self.center, self.scale)

    def information(self, v):
        r"""
        Return the Fisher information, with the penalty ``l2``.
        """
        information = self.likelihood_terms(v)[2]
        return information + self.penalty_matrix() if self.l2 else information

    @functools.cached_property
    def _plateau(self):
        # columns that nearly depend on each other are no plateau, but an eigenvalue that is only rounding is
        at_zero = determinacy(self.likelihood_terms(numpy.zeros(len(self.penalty)))[2])
        return min(PLATEAU, max(1e-6 * at_zero, len(self.penalty) * EPSILON))

    def rows(self, design=None, most=None):
        r"""
        Yield slices of rows of the data, or of another design, with their rows (1, x), in the variables.

        INPUT:

        - ``most`` -- (default: as suits the memory) how many rows at a time
        """
        design = self.data.design if design is None else design
        for block in row_blocks(len(design), most) if most else design.blocks():
            yield block, design.scaled(block, self.center, self.scale)

    def row_terms(self, v, most=None):
        r"""
        Yield slices of rows, at most ``most`` at a time, with these rows, their probabilities and their curvatures at ``v``.
        """
        from scipy.special import expit
        for block, rows in self.rows(most=most):
            z = rows @ v + self.offset[block]
            h = expit(z)
            yield block, rows, h, h * expit(-z)

    def log_of_factor(self):
        r"""
        Return the logarithm of the determinant of the map from scaled variables.
        """
        return 0.0

    def _with_firth(self, v, cost, gradient, information):
        from scipy.linalg.lapack import dtrtri
        half = numpy.linalg.cholesky(information)
        # the inverse, as BLAS solves with a triangle in threads that wait for each other, however small it is
        whitening = dtrtri(half.T)[0]
        # A pivot may be exactly zero where an eigenvalue, by its rounding, is not. The trace of the inverse bounds that ratio.
        trace = numpy.diag(information) @ (whitening**2).sum(axis=1)
        if not 1 / (len(v) * trace) > self._plateau and not determinacy(information) > self._plateau:
            raise numpy.linalg.LinAlgError('the information is singular')
        # in the units of the data the determinant has the squares of the scales, and of the factor, as factors
        cost -= numpy.log(numpy.diag(half)).sum() + numpy.log(self.scale).sum() + self.log_of_factor()
        # The gradient of -log det(information)/2 is that of as many trials a row as its leverage, half of them
        # successes. With their Hessian a step is exact for a saturated model, where the leverages do not change, and are high.
        added = self._firth_terms(v, whitening)
        return cost, gradient + added[0], information + added[1]

    @over_chunks()
    def _firth_terms(self, v, whitening):
        # What this adds to the gradient and the Hessian, by the compiled loop where the rows are the scaled points.
        from sage_logreg.cost.evaluation import evaluate_firth
        from sage_logreg.cost.kernels import HIGH_LEVERAGE, rows_of_a_product
        points, gradient, hessian = self.data.design.points, 0.0, 0.0
        if not self.is_white:
            added = evaluate_firth(points, v, self.frequency, self.offset, self.center, self.scale, whitening)
            if added is not None:
                return added
        for block, rows, h, curvature in self.row_terms(v, rows_of_a_product(len(v))):
            white = rows @ whitening
            leverage = self.frequency[block] * curvature * numpy.einsum('ij,ij->i', white, white)
            # only of rows that add much to what they have there already, see the kernel
            high = leverage > HIGH_LEVERAGE * self.frequency[block]
            weighted = numpy.sqrt(leverage * curvature)[high, None] * rows[high]
            gradient, hessian = gradient + (leverage * (h - 0.5)) @ rows, hessian + weighted.T @ weighted
        return gradient, hessian

    def accuracy(self, v, direction, hessian):
        r"""
        Return how well Newton's ``direction`` at ``v`` and rounding let the minimum be known.

        OUTPUT: four arrays, the weights, their standard errors, the step, and about how far rounding of the gradient
        and of the weights moves the minimum; all in the units of the data times the scale

        ALGORITHM:

        Where labels are as probable as the model says, the sum of `|r_i x_{ij}|` over the rows, `r_i` their residuals,
        is at most about twice the root of the sum of the curvatures times `h_{jj}`. It is rounded by some EPSILON of
        that.
        """
        inverse = self.basis @ numpy.linalg.inv(hessian)
        # where rounding has made entries of the diagonal negative, all that follows from them is NaN
        with numpy.errstate(all='ignore'):
            errors = numpy.sqrt(numpy.einsum('ij,ij->i', inverse, self.basis))
            lengths = numpy.sqrt(numpy.diag(hessian))
            rounding = abs(inverse) @ lengths * self._rounded(v, hessian) + abs(self.basis) @ abs(v)
        return self.basis @ v, errors, abs(self.basis @ direction), EPSILON * rounding

    def _rounded(self, v, hessian):
        # What of the gradient is rounded by EPSILON, beside the roots of the Hessian's diagonal.
        curvature = numpy.sqrt(self.sum_of_curvatures(hessian) if self.data.design.intercept else self._curvature_of_rows(v))
        # what is added up in the log-odds
        size = 2 + numpy.sqrt(numpy.diag(hessian)) @ abs(v) / curvature + self.largest_offset
        return curvature * size

    @over_chunks()
    def _curvature_of_rows(self, v):
        return sum(self.frequency[block] @ curvatures for block, _, _, curvatures in self.row_terms(v))

    def sum_of_curvatures(self, hessian):
        r"""
        Return the entry of the bias in the Hessian of scaled variables.
        """
        return hessian[0, 0]

    def bias_and_its_terms(self, v):
        r"""
        Return the bias in the units of the data, and the sum of the sizes of what is added up for it; 0, 0 without one.
        """
        bias, slopes = self.parts(v)
        terms = self.center * (slopes / self.scale)
        return float((bias - terms.sum()).sum()), float((abs(bias) + abs(terms).sum()).sum())

    def noises(self, v, cost, hessian):
        r"""
        Yield two bounds of about the length of a Newton step that is only rounding of the gradient, the second a closer one.

        The norm is that of the Hessian, which is taken as nearly diagonal.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.solvers.likelihood import Likelihood
            sage: import numpy
            sage: likelihood, zeros = Likelihood(ex2data1()), numpy.zeros(3)
            sage: cost, _, hessian = likelihood.terms(zeros)
            sage: bool(max(likelihood.noises(zeros, cost, hessian)) < 1e-13)
            True

        ALGORITHM:

        What is rounded in the gradient's entries are the log-odds and the sums of `|r_i x_{ij}|`, `r_i` the residuals. Where
        the model is right these are not larger than the first, but rows that lie far on the wrong side have a residual of 1
        and no curvature. No residual is larger than the row's cost.
        """
        lengths = numpy.sqrt(numpy.diag(hessian))
        with numpy.errstate(all='ignore'):
            rounded = self._rounded(v, hessian) * numpy.sqrt(len(v))
            yield EPSILON * (rounded + cost * self.longest_row() / lengths.min())
            yield EPSILON * (rounded + numpy.sqrt(((self._sizes_of_gradients(v) / lengths)**2).sum()))

    @over_chunks()
    def _sizes_of_gradients(self, v):
        # The sums of the sizes of what is added up in the entries of the gradient.
        return sum((self.frequency[block] * abs(h - self.data.labels[block])) @ abs(rows) for block, rows, h, _ in self.row_terms(v))

    def mean_cost(self, weights):
        r"""
        Return the mean cost and its gradient at weights in the units of the data.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.solvers.likelihood import Likelihood
            sage: import numpy
            sage: Likelihood(ex2data1()).mean_cost(numpy.zeros(3))[1]  # abs tol 1e-8
            array([ -0.1       , -12.00921659, -11.26284221])
        """
        cost, gradient, _ = self.terms(self.from_user(weights))
        bias, slopes = self.parts(self.scaled_gradient(gradient))
        return cost / self.total, numpy.concatenate([bias, bias.sum() * self.center + self.scale * slopes]) / self.total

    def longest_row(self):
        r"""
        Return a bound on the lengths of all rows (1, x) in scaled variables.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.solvers.likelihood import Likelihood
            sage: Likelihood(ex2data1()).longest_row()  # abs tol 0.01
            3.30
        """
        return self._longest_row

    @functools.cached_property
    def _longest_row(self):
        low, high = self.data.design.extremes
        with numpy.errstate(over='ignore'):
            far = numpy.maximum(high - self.center, self.center - low) / self.scale
            return float(numpy.sqrt(self.data.design.intercept + (far**2).sum()))

    def reaches(self, hessian, free):
        r"""
        Yield closer and closer bounds on the norms of the rows that count, in the free variables.

        The norm is that of the inverse of the Hessian.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.solvers.likelihood import Likelihood
            sage: import numpy
            sage: likelihood, zeros = Likelihood(ex2data1()), numpy.zeros(3)
            sage: list(likelihood.reaches(likelihood.terms(zeros)[2], zeros == 0))  # abs tol 0.001
            [0.660, 0.517]
        """
        from scipy.linalg.lapack import dtrtri
        try:
            half = numpy.linalg.cholesky(hessian if free.all() else hessian[numpy.ix_(free, free)])
        except numpy.linalg.LinAlgError:
            return
        least = self._least_singular(half)
        with numpy.errstate(over='ignore', divide='ignore'):
            reach = float(self.longest_row() / least)
        yield reach
        yield self._longest_of(dtrtri(half.T)[0], free)

    @over_chunks(larger)
    def _longest_of(self, whitening, free):
        # Of the rows that count, in the free variables times a matrix.
        longest = 0.0
        for block, rows in self.rows():
            rows = rows[self.frequency[block] > 0][:, free]
            if len(rows):
                longest = max(longest, float(numpy.sqrt(((rows @ whitening)**2).sum(axis=1).max())))
        return longest

    def _least_singular(self, half):
        # by the eigenvalues of the square where it has them, which takes a twentieth of the time
        if len(half) > 20:
            values = numpy.linalg.eigvalsh(half @ half.T)
            if values[0] > 1e-6 * values[-1]:
                return numpy.sqrt(values[0])
        return numpy.linalg.svd(half, compute_uv=False)[-1]

    def start(self):
        r"""
        Return scaled weights to start from, and the Hessian there or ``None``.

        The weights are zero but for a bias; with many points, the estimate from a sample of them.
        """
        v = self.bias()
        if not self.starts_with_sample:
            return v, None
        rows = some_rows(self.data)
        if not numpy.bincount(rows.labels.astype(int), rows.weights, rows.classes).all():
            return v, None
        share = rows.total() / self.total
        fit = minimize(self.sample(rows, share), v, 1e-3, step_error=1e-6)
        return (fit.weights, fit.hessian / share) if fit.converged else (v, None)

    def of_rows(self, rows, l2):
        r"""
        Return the likelihood of some rows, which are data, with a penalty, in the same variables.
        """
        return Likelihood(rows, l2, self.bias_reduced, (self.center, self.scale))

    def sample(self, rows, share):
        r"""
        Return the likelihood of some rows, data with this share of the weights, with as much of the penalty, in the same variables.
        """
        sample = Likelihood(rows, scaling=(self.center, self.scale))
        sample.penalty = share * self.penalty
        return sample

    def better_start(self, weights):
        r"""
        Return weights, given in the units of the data, as scaled ones if better than a bias alone, else ``None``.
        """
        with numpy.errstate(over='ignore', invalid='ignore'):
            v = self.from_user(weights)
            # Firth's term needs the information
            there, default = (self.terms(one, self.bias_reduced)[0] for one in (v, self.bias()))
            return v if there < default else None

    def bias(self):
        r"""
        Return scaled weights that are zero but for the bias, if there is one, which fits the frequencies of the labels.
        """
        v = numpy.zeros(self.data.design.count)
        if not self.data.design.intercept:
            return v
        zeros, ones = self.counts()
        v[0] = numpy.log(ones) - numpy.log(zeros) - self._middle_offset()
        return v

    def counts(self):
        r"""
        Return how many rows each class has, with their weights.
        """
        data = self.data
        return data.totals.weights if data.is_chunked else numpy.bincount(data.labels.astype(int), self.frequency, data.classes)

    def _middle_offset(self):
        offset = (some_rows(self.data) if self.data.is_chunked else self.data).offset
        return 0.0 if offset is None else numpy.median(offset, axis=0)

    def size(self, cost):
        r"""
        Return the size relative to which a change of the summed cost may be a rounding error.
        """
        # with bias_reduced the cost is a difference, and may be near zero; with many points the cost of the descents is
        # used as well, in which large log-odds cancel
        return max(abs(cost), 0.01 * self.total) if self.bias_reduced or self.keeps_hessian else abs(cost)

    def to_user(self, v):
        r"""
        Return the weights in the units of the data.
        """
        bias, slopes = self.parts(v)
        slopes = slopes / self.scale
        return numpy.concatenate([bias - inner(slopes, self.center), slopes])

    def from_user(self, w):
        r"""
        Return the scaled weights.
        """
        bias, slopes = self.parts(w)
        return numpy.concatenate([bias + inner(slopes, self.center), slopes * self.scale])

    def _from_user_gradient(self, gradient):
        bias, slopes = self.parts(gradient)
        return numpy.concatenate([bias, (slopes - bias.sum() * self.center) / self.scale])

    def to_user_matrix(self):
        r"""
        Return the matrix of :meth:`to_user`.
        """
        return self.basis / self.units[:, None]

    def training(self, fit, options):
        r"""
        Return the :class:`~sage_logreg.solvers.records.Training` of a :class:`~sage_logreg.solvers.newton.Fit`.
        """
        weights = self._weights_in_float64(fit)
        dependent = '' if fit.stopped or self.l2 else self._nearly_dependent(fit)
        converged, message = fit.converged and not dependent, None
        if not converged and not fit.stopped:
            message = dependent or f'not converged after {fit.steps} steps, {self._shortcoming(fit, options["tol"])}'
        return Training(weights, fit.history, fit.steps, converged, 'maximum_likelihood', options, solver=fit.solver,
                        message=message)

    def _shortcoming(self, fit, tol):
        if fit.largest > tol:
            return f'the largest entry of the gradient is {fit.largest:.3g} in scaled variables, above tol={tol:g}'
        if fit.error < numpy.inf:
            return f'the gradient is within tol, but rounding moves the weights by up to {fit.error:.1g} of themselves'
        return 'the gradient is within tol, but the steps are not small beside the weights'

    def _weights_in_float64(self, fit):
        with numpy.errstate(over='ignore', invalid='ignore'):
            weights = fit.objective.to_user(fit.weights)
        # the inverse of a scale below 2^-1021 may not be a float
        wrong = numpy.flatnonzero(~numpy.isfinite(self.parts(weights)[1]) | (self.scale < 2.0**-1021))
        if len(wrong):
            raise ValueError(f'the weight of {self.data.design.variables[wrong[0]]} is too large for a float, as its values are '
                             'so small; give it in other units')
        return weights

    def _nearly_dependent(self, fit):
        # Names the columns that float64 cannot tell apart, such as a total that was computed and rounded.
        if fit.determined > 1e-10 and not fit.objective.is_white:
            return ''
        # the estimate may be the cause, not the columns: at zero weights the curvature is that of the columns alone
        triangle = self._triangle_of_columns()
        norms = numpy.sqrt((triangle**2).sum(axis=0))
        if not norms.all():
            # as whole numbers beyond 2^53 may be
            names = [name for name, norm in zip(self.data.design.variables, self.parts(norms)[1]) if norm == 0]
            are = 'columns {} are {} as floats, so that their weights' if len(names) > 1 else (
                'column {} is {} as floats, so that its weight')
            what = 'constant' if self.data.design.intercept else 'zero'
            return f'the {are.format(listed(names), what)} cannot be told'
        triangle = triangle / norms
        _, values, vectors = numpy.linalg.svd(triangle)
        if values[-1] > DEPENDENT * values[0]:
            return ''
        share = abs(self.parts(vectors[-1])[1])
        names = [name for name, part in zip(self.data.design.variables, share) if part > 1e-3 * share.max()]
        return f'the columns {listed(names)} are so nearly dependent that their weights cannot be told apart'

    @over_chunks(triangle_of_both)
    def _triangle_of_columns(self):
        return triangle_of(((self.frequency[block] > 0)[:, None] * rows for block, rows in self.rows()),
                           numpy.zeros((0, self.data.design.count)))


def triangle_of(blocks, start):
    r"""
    Return R of the QR factorisation of all rows, block after block, with those of ``start`` above them.

    EXAMPLES::

        sage: from sage_logreg.solvers.likelihood import triangle_of
        sage: import numpy
        sage: abs(triangle_of([numpy.array([[3.0, 0.0]]), numpy.array([[4.0, 2.0]])], numpy.zeros((0, 2))))
        array([[5. , 1.6],
               [0. , 1.2]])
    """
    for rows in blocks:
        start = numpy.linalg.qr(numpy.concatenate([start, rows]), 'r')
    return start


def surely_exists(likelihood, fit):
    r"""
    Return whether the minimum certainly exists near which ``fit`` has stopped; if not, it may exist as well.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, load_data
        sage: from sage_logreg.solvers.likelihood import Likelihood, surely_exists
        sage: from sage_logreg.solvers.newton import minimize
        sage: for data in (ex2data1(), load_data([[0, 0], [1, 0], [1, 1], [2, 1], [3, 1]])):
        ....:     likelihood = Likelihood(data)
        ....:     surely_exists(likelihood, minimize(likelihood, likelihood.start()[0], 1e-10r))
        True
        False

    ALGORITHM:

    Let `g` and `H` be gradient and Hessian at the last weights, and `u` any direction of length 1 in the norm of `H`.
    The curvature of the logistic function changes at most as `e^{-t |x_i u|}` does, so the slope `t` further along `u`
    is at least `g u + (1 - e^{-\rho t}) / \rho` with `\rho = \max |x_i u|`. The cost rises in the end in every
    direction, and the minimum exists, if `\sqrt{g^T H^{-1} g} \, \rho < 1` for all `u`, where `\rho^2` is at most the
    longest row's squared length over the smallest eigenvalue of `H`. The bound used is 1/100 in place of 1, as `H` may
    be from a few steps before. If the classes are separated the product is at least 1, wherever the iteration stopped.
    """
    if likelihood.is_bounded:
        return True
    if fit.hessian is None:
        # there are too many weights for one
        return False
    values = numpy.linalg.eigvalsh(fit.hessian)
    # rounding of the gradient, see Likelihood.noises
    noise = 1e-13 * numpy.sqrt(likelihood.total) if fit.objective.is_white else 0.0
    large = values[-1] if fit.objective.is_white else max(values[-1], likelihood.total / 4)
    if not values[0] > 1e-6 * large:
        return False
    least, longest = numpy.sqrt(values[0]), fit.objective.longest_row()
    return bool((fit.decrement + noise + EPSILON * fit.cost * longest / least) * longest < 0.01 * least)


def determinacy(hessian):
    r"""
    Return the smallest eigenvalue beside the largest, of variables with a curvature of one; NaN where there is none.

    EXAMPLES::

        sage: from sage_logreg.solvers.likelihood import determinacy
        sage: import numpy
        sage: float(determinacy(numpy.array([[1.0, 50.0], [50.0, 1e4]])))  # abs tol 1e-12
        0.3333333333333333
    """
    with numpy.errstate(all='ignore'):
        unit = 1 / numpy.sqrt(numpy.diag(hessian))
        hessian = unit[:, None] * hessian * unit
    if not numpy.isfinite(hessian).all():
        return numpy.nan
    values = numpy.linalg.eigvalsh(hessian)
    return values[0] / values[-1]


def some_rows(data):
    r"""
    Return some rows of all, at most ``SAMPLE``, data in memory.
    """
    return data.first_look if data.is_chunked else data.take(_places_of_some(len(data)))


def _places_of_some(count):
    return slice(None, None, -(-count // SAMPLE))


def _scaling(data):
    # The scale is a power of two, so that scaling does not round. Where the sample is constant but for rounding of its
    # mean, or its squares overflow, the range of the whole column is used. Without an intercept nothing is centred.
    design = data.design
    some = some_rows(data).design.points if data.is_chunked else design.numbers(_places_of_some(len(data)))
    sample = numpy.ascontiguousarray(some)
    with numpy.errstate(over='ignore', invalid='ignore'):
        center = over_rows(numpy.add, sample, numpy.float64) / len(sample) * design.intercept
        squares = 0.0
        # blocks that stay in the cache
        for rows in row_blocks(len(sample), max(1, ROWS // max(1, design.width))):
            squares = squares + over_rows(numpy.add, (sample[rows] - center)**2)
        deviation = numpy.sqrt(squares / len(sample))
    for j in numpy.flatnonzero(~(numpy.isfinite(center) & numpy.isfinite(deviation)
                                 & (deviation > len(sample) * EPSILON * abs(center)))):
        low, high = (end[j] for end in design.extremes)
        if not design.intercept:
            high = max(high, -low)
            low = -high
        center[j], deviation[j] = low / 2 + high / 2, (high / 2 - low / 2) or 1.0
    return center, 2.0**numpy.round(numpy.log2(deviation))
