r"""
What is proved of the weights of a lasso: which are zero, and balls that contain the others

EXAMPLES::

    sage: from sage_logreg import certified_support, ex2data1
    sage: certified_support(ex2data1(), 4, digits=5).nonzero()
    {'x1': [0.01... +/- ...e-...], 'x2': [0.00... +/- ...e-...]}
"""
from sage_logreg.dataset.names import weight_names
from sage_logreg.exact.breakpoint import next_breakpoint
from sage_logreg.exact.estimates import MOST_LINES, decimal_and_error
from sage_logreg.exact.penalised import above_text, number_text
from sage_logreg.exact.support_proof import is_proved
from sage_logreg.support.arguments import listed
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.threads import one_at_a_time


class CertifiedSupport:
    r"""
    A proved support. :func:`~sage_logreg.exact.support.certified_support` makes it.

    EXAMPLES::

        sage: from sage_logreg import certified_support, load_data
        sage: data = load_data([[1, 0, 3, 0], [2, 1, 1, 0], [3, 0, 0, 1], [4, 1, 2, 0], [5, 1, 3, 1], [6, 0, 1, 1]])
        sage: support = certified_support(data, 1/5, digits=8)
        sage: support
        Support of 3 weights at lambda = 1/5, proved to 8 digits
        bias = -2.10582050 +/- ...e-9
        x1 = 0.601663000 +/- ...e-10
        zero: x2, x3
        sage: support.check()
        True
    """

    def __init__(self, proof, digits):
        self._proof, self._digits = proof, digits
        self._problem = proof.problem
        design = self._problem.data.design
        self._variables, self._names = design.variables, weight_names(design.variables, self._problem.intercept)

    @one_at_a_time
    def __repr__(self):
        lines = [f'{name} = {decimal_and_error(ball, self._digits)}' for name, ball in self._shown().items()]
        if len(lines) > MOST_LINES:
            lines[5:-1] = [f'... ({len(lines)} weights)']
        others = {'zero': self.zero(), 'undecided': self.undecided()}
        lines += [f'{what}: {listed(names, "weights")}' for what, names in others.items() if names]
        plural, count = '' if self._digits == 1 else 's', len(self._variables)
        return '\n'.join([f'Support of {count} weight{"s" * (count > 1)} at lambda = {number_text(self._problem.lambda_)}, '
                          f'proved to {self._digits} digit{plural}', *lines])

    def _shown(self):
        bias = self.bias()
        return {**({} if bias is None else {self._names[0]: bias}), **self.nonzero()}

    def zero(self):
        r"""
        Return the names of the weights that are proved to be zero at every minimum.

        OUTPUT: a tuple of strings

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: [certified_support(ex2data1(), lambda_).zero() for lambda_ in (1, 5, 10)]
            [(), ('x2',), ('x1', 'x2')]
        """
        return tuple(self._variables[j] for j in sorted(self._proof.zeros))

    def nonzero(self):
        r"""
        Return balls that contain the weights that are proved not to be zero; each has the sign of its weight.

        OUTPUT: a dictionary from names to balls that exclude zero, each of a radius less than `10^{-d}` times the weight

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: certified_support(ex2data1(), 5, digits=20).nonzero()
            {'x1': [0.00494739660275967483... +/- ...e-...]}
            sage: {name: sign(ball.mid()) for name, ball in certified_support(ex2data1(), 1).nonzero().items()}
            {'x1': 1, 'x2': 1}
        """
        return {self._variables[j]: ball for j, ball in sorted(self._proof.nonzero().items())}

    def undecided(self):
        r"""
        Return the names of the other weights: of each it is open whether it is zero, or it is zero at some minima only.

        OUTPUT: a tuple of strings; :meth:`statement` has the reason

        EXAMPLES:

        Of two equal columns each may have the weight, or a part of it::

            sage: from sage_logreg import certified_support
            sage: points = [[1, 1, 3], [2, 2, 1], [3, 3, 0], [4, 4, 2], [5, 5, 3], [6, 6, 1]]
            sage: support = certified_support((points, [0, 0, 1, 0, 1, 1]), 1/5)
            sage: support.undecided(), support.zero(), support.check()
            (('x1', 'x2'), ('x3',), True)
        """
        return tuple(self._variables[j] for j in sorted(self._proof.undecided))

    def bias(self):
        r"""
        Return the ball that contains the bias; ``None`` if there is none, or none is known.

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: bias = certified_support(ex2data1(), 10).bias()
            sage: log(RealBallField(100)(60/40)).overlaps(bias)
            True
        """
        dependence = self._proof.dependence
        return self._proof.bias[0] if self._proof.bias and not (dependence and dependence.is_bias_involved) else None

    def weight_names(self):
        r"""
        Return the names of all weights, in the order of :meth:`weights`, as for
        :meth:`~sage_logreg.exact.estimates.CertifiedEstimate.weight_names`.

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: certified_support(ex2data1(), 10).weight_names()
            ('bias', 'x1', 'x2')
        """
        return self._names

    @one_at_a_time
    def weights(self):
        r"""
        Return balls that contain the weights of every minimum, the bias first.

        OUTPUT: a vector of balls, in the order of :meth:`weight_names`; those of weights that are proved to be zero are exactly zero

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: weights = certified_support(ex2data1(), 5).weights()
            sage: weights[1], weights[2]
            ([0.004947396602759... +/- ...e-...], 0)

        TESTS::

            sage: certified_support(([[1, 1], [2, 2], [3, 3], [4, 4]], [0, 1, 0, 1]), 1/10).weights()
            Traceback (most recent call last):
            ...
            ValueError: the weights of x1, x2 are undecided, and there are no balls that contain them
        """
        from sage.modules.free_module_element import vector
        from sage.rings.real_arb import RealBallField
        field, box, involved = RealBallField(self._proof.precision), self._proof.box, self._proof.involved()
        missing = [self._variables[j] for j in sorted(self._proof.undecided) if j in involved or j not in box]
        first = self._names[:self._problem.intercept]
        missing = [*first, *missing] if first and self.bias() is None else missing
        if missing:
            raise ValueError(f'the weights of {listed(missing)} are undecided, and there are no balls that contain them')
        return vector(field, [*(self._proof.bias or []), *(box.get(j, field.zero()) for j in range(self._problem.count))])

    def gap(self):
        r"""
        Return a ball with the duality gap of the two points of the proof, of the mean negative log-likelihood with its penalty.

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: certified_support(ex2data1(), 1).gap() < 10^-28
            True
        """
        return self._proof.gap

    def digits(self):
        r"""
        Return how many significant decimal digits were requested, and are proved of the weights that are not zero.

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: certified_support(ex2data1(), 1, digits=7).digits()
            7
        """
        return self._digits

    def precision(self):
        r"""
        Return the precision, in bits, of the ball arithmetic of the proof.

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: certified_support(ex2data1(), 1, digits=7).precision()
            88
        """
        return self._proof.precision

    @one_at_a_time
    def statement(self):
        r"""
        Return what was proved, and by which facts.

        OUTPUT: a string

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: print(certified_support(ex2data1(), 5, digits=10).statement())
            The mean negative log-likelihood of these 100 points plus 5 times the sum of the absolute weights has exactly one minimum.
            1 weight is zero: x2. A dual point whose gap is less than ...e-... has a sphere around it, of all points that may be optimal, on which the absolute gradient is less than 5.
            1 weight is not zero, and has the sign of its ball: x1. Krawczyk's operator, in ball arithmetic of 98 bits, maps the box of these balls and that of the bias into its interior, and the Hessian is nonsingular there.
            The radius of each ball is less than 10^-10 of its weight.
            Exact input: decimals as they are written, integers, rationals and other exact numbers as themselves.

        Of weights that are undecided::

            sage: points = [[1, 1, 3], [2, 2, 1], [3, 3, 0], [4, 4, 2], [5, 5, 3], [6, 6, 1]]
            sage: print(certified_support((points, [0, 0, 1, 0, 1, 1]), 1/5).statement())
            The mean negative log-likelihood of these 6 points plus 1/5 times the sum of the absolute weights has a minimum.
            1 weight is zero at every minimum: x3. ...
            2 weights are undecided: x1, x2. x2 is a linear combination of the other columns that are not proved to be zero, in which x1 occurs: the weights of these may be exchanged for each other.
            ...
        """
        proof = self._proof
        unique = 'has exactly one minimum' if self._is_unique() else 'has a minimum'
        lines = [f'The mean negative log-likelihood of these {len(self._problem.y)} points plus {self._penalty()} {unique}.']
        if proof.zeros:
            every = '' if self._is_unique() else ' at every minimum'
            lines.append(f'{_are(len(proof.zeros), f"zero{every}")}: {listed(self.zero(), "weights")}. {self._why_zero()}')
        if proof.nonzero():
            box = ' and that of the bias' if proof.bias else ''
            lines.append(f'{_are(len(self.nonzero()), "not zero")}, and {"has" if len(self.nonzero()) == 1 else "have"} the sign of '
                         f'{"its ball" if len(self.nonzero()) == 1 else "their balls"}: {listed(self.nonzero(), "weights")}. '
                         f"Krawczyk's operator, in ball arithmetic of {proof.precision} bits, maps the box of these balls{box} "
                         'into its interior, and the Hessian is nonsingular there.')
            lines.append(f'The radius of each ball is less than 10^-{self._digits} of its weight.')
        if proof.undecided:
            lines.append(f'{_are(len(proof.undecided), "undecided")}: {listed(self.undecided(), "weights")}. {self._why_undecided()}')
        lines.append(f'Exact input: {self._problem.data.design.exact.statement(self._problem.kinds)}.')
        return '\n'.join(lines)

    def _is_unique(self):
        return self._proof.bias is not None and not self._proof.dependence

    def _penalty(self):
        problem = self._problem
        kappa, rho = problem.lambda_ * problem.l1_ratio, problem.lambda_ * (1 - problem.l1_ratio)
        squares = f' and {number_text(rho / 2)} times the sum of the squared weights' if problem.has_squares else ''
        columns = ' of standardised columns' * problem.standardize
        factors = ', with penalty factors of mean 1,' if any(factor != 1 for factor in problem.factors) else ''
        return f'{number_text(kappa)} times the sum of the absolute weights{squares}{columns}{factors}'

    def _limit(self):
        # what gradients are compared with
        problem = self._problem
        is_one = not problem.standardize and all(factor == 1 for factor in problem.factors)
        return number_text(problem.lambda_ * problem.l1_ratio) if is_one else "the factor of the weight's absolute value"

    def _why_zero(self):
        if self._proof.is_null:
            return (f'All absolute gradients are at most {self._limit()} where all weights are zero: decided in exact arithmetic, but for '
                    'those that are less on a sphere around a dual point, of all points that may be optimal.')
        return (f'A dual point whose gap is less than {above_text(self._proof.gap, 1)} has a sphere around it, of all points that may be '
                f'optimal, on which the absolute gradient is less than {self._limit()}.')

    def _why_undecided(self):
        proof = self._proof
        if not proof.dependence:
            sizes = [proof.box[j].above_abs() for j in proof.undecided if j in proof.box]
            less = f', and absolute weights of less than {above_text(max(sizes), 1)}' if sizes else ''
            if proof.undecided <= set(self._problem.free):
                return f'They have no penalty, and up to {proof.precision} bits are not distinguished from zero{less}.'
            return (f'Up to {proof.precision} bits, their absolute gradients are not distinguished from {self._limit()}{less}.')
        others = [self._variables[j] for j in proof.dependence.others]
        inside = [self._variables[j] for j in sorted(proof.involved().difference(proof.dependence.others))]
        inside = [*self._names[:1] * proof.dependence.is_bias_involved, *inside]
        one = len(others) == 1
        return (f'{listed(others)} {"is a linear combination" if one else "are linear combinations"} of the other columns that are not '
                f'proved to be zero, in which {listed(inside)} occur{"s" * (len(inside) == 1)}: the weights of these may be exchanged '
                'for each other.')

    def next_breakpoint(self):
        r"""
        Return the largest `\lambda` below this one at which a weight that has a penalty becomes other than zero, or becomes zero.

        OUTPUT: a :class:`~sage_logreg.exact.breakpoint.Breakpoint`, with a ball that contains this `\lambda`; with the `\lambda`
        itself, a rational or algebraic number, where all weights are zero and there is no offset. If it is too far, or not
        distinguished from another one, the breakpoint is of no weights, and says down to which `\lambda` it is proved that
        nothing changes.

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: certified_support(ex2data1(), 10).next_breakpoint()
            x1 enters at lambda = ...
            sage: breakpoint = certified_support(ex2data1(), 5).next_breakpoint()
            sage: breakpoint
            x2 enters at lambda = 4... +/- ...e-...
            sage: ends = breakpoint.lambda_.upper(), breakpoint.lambda_.lower()
            sage: [certified_support(ex2data1(), lambda_).zero() for lambda_ in ends]
            [('x2',), ()]

        Both weights are other than zero for all smaller `\lambda`::

            sage: certified_support(ex2data1(), 1).next_breakpoint()
            the support does not change from lambda = 1 down to ...e-...

        ALGORITHM:

        1. Below this `\lambda` the signs of the weights are the same at first, and the weights, by their equations, a smooth
           function of `\lambda`. A column enters where `x_j^T q = \pm \kappa_j`, a weight leaves where it is zero. Krawczyk's
           test encloses the solution of all these equations in the weights, the bias and `\lambda`.
        2. Between the two `\lambda` nothing else happens: see :mod:`sage_logreg.exact.path_piece`.
        """
        if self._proof.undecided:
            raise ValueError(f'{listed(self.undecided())} are undecided at lambda = {number_text(self._problem.lambda_)}; expected a lambda at which '
                             'all weights are decided')
        return next_breakpoint(self._proof, self._digits)

    @interrupts_explained('the check of the support: interrupted; nothing is proved again')
    def check(self):
        r"""
        Return whether the proof holds, computed again from the data as exact numbers and with more bits.

        All columns are multiplied exactly with the dual point here, those as well that bounds on rounding errors have decided, so that
        this takes longer where the columns are many.

        EXAMPLES::

            sage: from sage_logreg import certified_support, ex2data1
            sage: certified_support(ex2data1(), 5).check()
            True
        """
        return is_proved(self._proof)


def _are(count, what):
    return f'{count} weight is {what}' if count == 1 else f'{count} weights are {what}'
