r"""
What is proved of an estimate: balls that contain its weights, of two classes and of more

EXAMPLES::

    sage: from sage_logreg import certified_maximum_likelihood, ex2data1
    sage: certified_maximum_likelihood(ex2data1(), digits=5).contains([-25.1613, 0.206232, 0.201472])
    False
"""
import decimal
import fractions
import operator

from sage_logreg.dataset.labels import place_of_label
from sage_logreg.support.arguments import entries, real_number, shown
from sage_logreg.support.exact_number import exact_number, sage_number
from sage_logreg.support.threads import one_at_a_time

# Of more weights than these the representation shows some.
MOST_LINES = 20


class CertifiedEstimate:
    r"""
    A proved maximum-likelihood estimate. :func:`certified_maximum_likelihood` makes it.

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.exact.certified import certified_maximum_likelihood
        sage: estimate = certified_maximum_likelihood(ex2data1(), digits=10)
        sage: estimate
        Maximum-likelihood estimate, proved to 10 digits
        bias = -25.161333567 +/- 4e-10
        x1 = 0.20623171329 +/- 4e-12
        x2 = 0.20147160044 +/- 2e-12
        sage: estimate.digits(), estimate.precision()
        (10, 98)
    """

    def __init__(self, weights, covariance, log_likelihood, digits, precision, statement, names=()):
        self._weights = weights
        self._covariance = covariance
        self._log_likelihood = log_likelihood
        self._digits = digits
        self._precision = precision
        self._statement = statement
        self._names = names

    def __repr__(self):
        lines = [f'{name} = {decimal_and_error(ball, self._digits)}' for name, ball in zip(self._names, self._weights)]
        return self._text('', lines, len(lines))

    def _text(self, what, lines, count):
        if len(lines) > MOST_LINES:
            lines[5:-1] = [f'... ({count} weights)']
        plural = '' if self._digits == 1 else 's'
        return '\n'.join([f'Maximum-likelihood estimate{what}, proved to {self._digits} digit{plural}', *lines])

    def weight_names(self):
        r"""
        Return the names of the weights, in the order of all vectors and matrices here.

        OUTPUT: a tuple of strings: ``'bias'`` (``'w0'``, if a variable is itself called bias), and the variables
        or features

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: data = load_data([[0, 0], [1, 1], [2, 0]], variables='dose')
            sage: estimate = certified_maximum_likelihood(data, digits=5)
            sage: estimate.weight_names()
            ('bias', 'dose')
            sage: dict(zip(estimate.weight_names(), estimate.standard_errors()))['dose']
            [1.5000000000... +/- ...e-...]
        """
        return self._names

    def weights(self):
        r"""
        Return the balls that contain the weights.

        OUTPUT: a vector of balls, one for each weight, in the order of :meth:`weight_names`

        The radius of each ball is less than `10^{-d}` times the weight, `d`
        the digits asked for. A ball around a weight that is exactly zero
        contains zero at every precision: where a ball contains zero, its
        radius is less than `10^{-2d}` times the smaller of 1 and the weight's
        standard error, and nothing more is claimed.

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: weights = certified_maximum_likelihood(ex2data1(), digits=20).weights()
            sage: weights[0]
            [-25.161333566639567226815701074121632... +/- ...e-...]
            sage: weights[1].rad() < 10^-20 * weights[1].mid()
            True

        By symmetry the slope is zero::

            sage: certified_maximum_likelihood([[0, 0], [1, 0], [0, 1], [1, 1]]).weights()[1].contains_zero()
            True
        """
        return self._weights

    def covariance(self):
        r"""
        Return balls that contain the covariance of the weights.

        OUTPUT: a symmetric matrix of balls, in the order of :meth:`weight_names`: the inverse of the
        Hessian of the negative log-likelihood at the estimate; with ``l2``,
        including the penalty

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: covariance = certified_maximum_likelihood(ex2data1(), digits=10).covariance()
            sage: covariance.change_ring(RDF)  # abs tol 1e-6
            [  33.62320739  -0.26895592  -0.27205369]
            [  -0.26895592   0.00230406   0.00203930]
            [  -0.27205369   0.00203930   0.00236440]
        """
        return self._covariance

    @one_at_a_time
    def standard_errors(self):
        r"""
        Return balls that contain the standard errors of the weights.

        OUTPUT: a vector of balls, one for each weight, in the order of :meth:`weight_names`: the square
        roots of the diagonal of :meth:`covariance`, each of relative radius less than `10^{-d}`

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: certified_maximum_likelihood(ex2data1(), digits=10).standard_errors()[0]
            [5.798552180573823131... +/- ...e-...]
        """
        from sage.modules.free_module_element import vector
        return vector([variance.sqrt() for variance in self._covariance.diagonal()])

    def log_likelihood(self):
        r"""
        Return a ball that contains the log-likelihood at the estimate, without the penalty.

        OUTPUT: a ball of relative radius less than `10^{-d}`

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: certified_maximum_likelihood(ex2data1(), digits=10).log_likelihood()
            [-20.34977015894400006070... +/- ...e-...]
        """
        return self._log_likelihood

    def digits(self):
        r"""
        Return how many significant decimal digits were requested, and are proved.

        EXAMPLES::

            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: certified_maximum_likelihood([[0, 0], [1, 1], [2, 0]], digits=7).digits()
            7
        """
        return self._digits

    def precision(self):
        r"""
        Return the precision, in bits, of the ball arithmetic in which the proof succeeded.

        EXAMPLES::

            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: certified_maximum_likelihood([[0, 0], [1, 1], [3, 0]], digits=7).precision()
            88
        """
        return self._precision

    def statement(self):
        r"""
        Return what was proved, and by which facts.

        OUTPUT: a string

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: print(certified_maximum_likelihood(ex2data1(), digits=10).statement())
            Exactly one vector of 3 weights maximises the log-likelihood of these 100 points, and the balls contain it.
            The radius of each ball is less than 10^-10 of its weight.
            Krawczyk's operator, in ball arithmetic of 98 bits, maps a box around the balls into its interior: the gradient has exactly one zero in it, and the Hessian is nonsingular there.
            The columns 1, x1, x2 are linearly independent, and the classes overlap, both decided in exact arithmetic: the log-likelihood is strictly concave and has a maximiser.
            Exact input: decimals as they are written.

        With a penalty::

            sage: print(certified_maximum_likelihood([[0, 0], [1, 1]], digits=5, l2=1/10).statement())
            Exactly one vector of 2 weights maximises the log-likelihood of these 2 points less 1/20 times the sum of the squared slopes, and the balls contain it.
            ...
            Both labels occur, and the penalty bounds the slopes: a maximiser exists, and the function is strictly concave.
            Exact input: integers, rationals and other exact numbers as themselves.
        """
        return self._statement

    @one_at_a_time
    def contains(self, values):
        r"""
        Return whether every one of the values lies in the ball of its weight.

        INPUT:

        - ``values`` -- numbers, one for each weight, the bias first, each taken exactly:
          integers, rationals, floats, elements of a
          ``RealField``, or balls

        OUTPUT: a boolean

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.exact.certified import certified_maximum_likelihood
            sage: data = load_data(([0, 0, 1, 1], [0, 1, 0, 1]))
            sage: estimate = certified_maximum_likelihood(data, weights=[1, 2, 1, 4])
            sage: R = RealField(300)
            sage: estimate.contains([R(2).log(), R(2).log()])
            True
            sage: estimate.contains([R(2).log(), R(2).log() + R(10)^-49])
            False

        TESTS::

            sage: estimate.contains([log(2), log(4) - log(2)]), estimate.contains([pi, log(2)])
            (True, False)
            sage: estimate.contains([1])
            Traceback (most recent call last):
            ...
            ValueError: values = [1]; expected 2 numbers
        """
        return self._are_in(values, self._weights)

    def _are_in(self, values, balls):
        from sage.rings.rational import Rational
        from sage.rings.real_arb import RealBall, RealBallField
        from sage.rings.real_mpfr import RealNumber
        given = entries(values)
        if given is None or len(given) != len(balls):
            raise ValueError(f'values = {shown(values)}; expected {len(balls)} numbers')
        exact = [value if isinstance(value, (RealBall, RealNumber)) else checked_exact_number(f'values[{j}]', value)
                 for j, value in enumerate(given)]
        # a constant as a ball, much smaller than those of the weights
        exact = [value if isinstance(value, (RealBall, RealNumber, Rational)) else RealBallField(4 * self._precision)(value)
                 for value in exact]
        return all(ball.contains_exact(value) for ball, value in zip(balls, exact))

    def weights_and_errors(self):
        r"""
        Return pairs of each weight and its standard error.
        """
        return list(zip(self._weights, self.standard_errors()))


class CertifiedClasses(CertifiedEstimate):
    r"""
    A proved maximum-likelihood estimate of K classes.

    INPUT:

    - ``differences`` -- (K - 1) x (n + 1) matrix of complex balls: the weights of all classes but the first, less the first's
    - ``covariance`` -- of these, one row after the other
    - ``label_name``, ``label_names`` -- as of the data
    - the others as for :class:`CertifiedEstimate`

    EXAMPLES::

        sage: from sage_logreg import certified_maximum_likelihood, load_data
        sage: data = load_data([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']], variables='dose')
        sage: estimate = certified_maximum_likelihood(data, digits=10)
        sage: estimate
        Maximum-likelihood estimate of 3 classes, proved to 10 digits
        y = 'a'
            bias = 2.0730346987 +/- 3e-11
            dose = -0.75139533277 +/- 3e-12
        y = 'b'
            bias = -1.9986139544 +/- 7e-13
            dose = 0.72544317450 +/- 3e-12
        y = 'c'
            bias = -0.074420744275 +/- 4e-13
            dose = 0.025952158276 +/- 4e-13
        sage: sum(estimate.weights())[1].contains_zero()
        True
    """

    def __init__(self, differences, covariance, log_likelihood, digits, precision, statement, names, label_name, label_names):
        self._differences, self.label_name, self.label_names = differences, label_name, label_names
        super().__init__(None, covariance, log_likelihood, digits, precision, statement, names)
        self._weights = self.weights().list()

    def __repr__(self):
        lines = []
        for label, row in zip(self.label_names, self.weights()):
            lines.append(f'{self.label_name} = {label!r}')
            lines += [f'    {name} = {decimal_and_error(ball, self._digits)}' for name, ball in zip(self._names, row)]
        return self._text(f' of {len(self.label_names)} classes', lines, len(self._weights))

    def _combinations(self, baseline):
        # K x (K - 1): what makes weights of the differences
        from sage.matrix.constructor import matrix
        place = None if baseline is None else place_of_label(baseline, self)
        field, classes = self._differences.base_ring(), len(self.label_names)
        share = field.one() / classes
        return matrix(field, classes, classes - 1, lambda k, a: (k == a + 1) - (share if place is None else place == a + 1))

    def weights(self, baseline=None):
        r"""
        Return the balls that contain the weights, a row a class and the bias first, such that the sum of the rows is zero.

        INPUT:

        - ``baseline`` -- (default: none) a class; the rows are then the differences to its row

        OUTPUT: a K x (n + 1) matrix of balls, in the order of ``label_names``, and each row in that of :meth:`weight_names`.
        Without ``baseline`` the radius of each is less than `10^{-d}` times the weight, as for two classes

        EXAMPLES::

            sage: from sage_logreg import certified_maximum_likelihood
            sage: estimate = certified_maximum_likelihood([[0, 'a'], [0, 'b'], [0, 'c'], [1, 'a'], [1, 'b'], [1, 'b'], [1, 'c']])
            sage: estimate.weights(baseline='a')[1, 1].overlaps(log(RealBallField(400)(2)))
            True
        """
        return _real_matrix(self._combinations(baseline) * self._differences)

    def covariance(self, baseline=None):
        r"""
        Return balls that contain the covariance of the weights.

        INPUT:

        - ``baseline`` -- as for :meth:`weights`

        OUTPUT: a symmetric matrix of K (n + 1) rows, class by class: that of the differences to a class from the inverse of the
        Hessian of the negative log-likelihood (with ``l2``, including the penalty) in these. Its rank is (K - 1)(n + 1)

        EXAMPLES::

            sage: from sage_logreg import certified_maximum_likelihood
            sage: rows = [[0, 'a'], [0, 'b'], [0, 'c'], [1, 'a'], [1, 'b'], [1, 'b'], [1, 'c']]
            sage: certified_maximum_likelihood(rows).covariance(baseline='a')[2:4, 2:4].change_ring(RDF)  # abs tol 1e-12
            [ 2.0 -2.0]
            [-2.0  3.5]
        """
        from sage.matrix.special import identity_matrix
        combinations = self._combinations(baseline)
        one = identity_matrix(combinations.base_ring(), self._differences.ncols())
        combinations = combinations.tensor_product(one, subdivide=False)
        return _real_matrix(combinations * self._covariance * combinations.transpose())

    @one_at_a_time
    def standard_errors(self, baseline=None):
        r"""
        Return balls that contain the standard errors of the weights.

        INPUT:

        - ``baseline`` -- as for :meth:`weights`

        OUTPUT: a K x (n + 1) matrix of balls: the square roots of the diagonal of :meth:`covariance`

        EXAMPLES::

            sage: from sage_logreg import certified_maximum_likelihood
            sage: rows = [[0, 'a'], [0, 'b'], [0, 'c'], [1, 'a'], [1, 'b'], [1, 'b'], [1, 'c']]
            sage: errors = certified_maximum_likelihood(rows).standard_errors(baseline='a')
            sage: errors[0], errors[1, 0]^2
            ((0, 0), [2.0000000000... +/- ...e-...])
        """
        from sage.matrix.constructor import matrix
        combinations, count = self._combinations(baseline), self._differences.ncols()
        places = range(len(self.label_names) - 1)

        def error(k, j):
            return sum(combinations[k, a] * combinations[k, b] * self._covariance[a * count + j, b * count + j]
                       for a in places for b in places).real().sqrt()
        return matrix(self.log_likelihood().parent(), len(self.label_names), count, error)

    @one_at_a_time
    def contains(self, values, baseline=None):
        r"""
        Return whether every one of the values lies in the ball of its weight.

        INPUT:

        - ``values`` -- a matrix of K rows of n + 1 numbers, or these one after the other, each taken exactly
        - ``baseline`` -- as for :meth:`weights`

        OUTPUT: a boolean

        EXAMPLES::

            sage: from sage_logreg import certified_maximum_likelihood
            sage: rows = [[0, 'a'], [0, 'b'], [0, 'c'], [1, 'a'], [1, 'b'], [1, 'b'], [1, 'c']]
            sage: estimate = certified_maximum_likelihood(rows)
            sage: estimate.contains([[0, 0], [0, log(2)], [0, 0]], baseline='a'), estimate.contains([[0, 0], [0, log(2)], [0, 0]])
            (True, False)

        TESTS::

            sage: estimate.contains([[1, 2, 3]])
            Traceback (most recent call last):
            ...
            ValueError: values = [1, 2, 3]; expected 6 numbers
        """
        return self._are_in(numbers_of_classes(values), self.weights(baseline).list())

    def weights_and_errors(self):
        r"""
        Return pairs of each weight of the symmetric form and its standard error.
        """
        return list(zip(self._weights, self.standard_errors().list()))


def _real_matrix(balls):
    # Sage 10.8 makes a matrix of real balls only where this module is loaded, as in sage.all.
    import sage.rings.polynomial.laurent_polynomial_ring  # noqa: F401
    from sage.matrix.constructor import matrix
    entries = [ball.real() for ball in balls.list()]
    return matrix(entries[0].parent(), *balls.dimensions(), entries)


def numbers_of_classes(values):
    r"""
    Return a matrix's numbers, row by row; another list as it is.
    """
    given = entries(values)
    rows = None if given is None else list(map(entries, given))
    return values if rows is None or any(row is None for row in rows) else sum(rows, [])


def checked_exact_number(name, value, minimum=None):
    r"""
    Return the number exactly that is given as ``name``, which may not be an interval.

    TESTS::

        sage: from sage_logreg.exact.estimates import checked_exact_number
        sage: checked_exact_number('l2', RBF(1/4)), checked_exact_number('l2', RIF(1/4))
        (1/4, 1/4)
        sage: for interval in (RBF(1/3), RIF(0.1, 0.2)):
        ....:     try:
        ....:         checked_exact_number('lambda_', interval)
        ....:     except ValueError as error:
        ....:         print(error)
        lambda_ = [0.3333333333333333 +/- 7.04e-17] is an interval; expected one of its numbers
        lambda_ = 0.2? is an interval; expected one of its numbers
    """
    real_number(name, value, minimum=minimum)
    # RBF and RIF
    if hasattr(value, 'endpoints') and operator.ne(*value.endpoints()):
        raise ValueError(f'{name} = {value} is an interval; expected one of its numbers')
    exact = sage_number(exact_number(value))
    if minimum is not None and exact < minimum:
        raise ValueError(f'{name} = {shown(value)}; expected a real number at least {minimum}')
    return exact


def decimal_and_error(ball, digits):
    r"""
    Return a decimal number and a bound on its distance from every point of the ball, as text.
    """
    near = decimal.Context(prec=digits + 1, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
    above = decimal.Context(prec=1, rounding=decimal.ROUND_CEILING, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)

    def rounded(number, context):
        return context.divide(decimal.Decimal(number.numerator), decimal.Decimal(number.denominator))

    middle, radius = (fractions.Fraction(int(number.numerator()), int(number.denominator())) for number in
                      (ball.mid().exact_rational(), ball.rad_as_ball().mid().exact_rational()))
    text = decimal.Decimal(0) if ball.contains_zero() else rounded(middle, near)
    error = abs(middle - fractions.Fraction(text)) + radius
    return f'{text} +/- {rounded(error, above)}'.lower()
