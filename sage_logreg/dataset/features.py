r"""
Features: expressions in the data's variables, and their values over the data

A model is linear in its features. By default these are the variables
themselves; with ``features=[x1, x2, x1^2, ...]`` they are Sage expressions,
evaluated at all points at once by one compiled Theano function.

EXAMPLES::

    sage: from sage_logreg import load_data, polynomial_features
    sage: x1, x2 = var('x1, x2')
    sage: polynomial_features(x1, x2, degree=2)
    [x1, x2, x1^2, x1*x2, x2^2]
    sage: data = load_data([[1, 2, 0], [3, 4, 1]], features=[x1, x1*x2])
    sage: data
    2 points in x1, x2 (2 features): 1 with y = 1, 1 with y = 0
    sage: data.design.points
    array([[ 1.,  2.],
           [ 3., 12.]])
"""
import functools
import itertools
import operator
import pickle
from fractions import Fraction

import numpy

from sage_logreg.dataset.design import row_blocks
from sage_logreg.dataset.exact_numbers import ExactNumbers
from sage_logreg.support.arguments import entries, listed, shown, whole_number
from sage_logreg.support.exact_number import exact_number, is_float, sage_number


def polynomial_features(*variables, degree=2):
    r"""
    Return the monomials of degree 1 to ``degree`` in some variables.

    INPUT:

    - ``variables`` -- symbolic variables, or any expressions
    - ``degree`` -- (default: 2) whole number at least 1

    OUTPUT: a list of `\binom{n + d}{d} - 1` expressions, the lower degrees first

    EXAMPLES::

        sage: from sage_logreg import polynomial_features
        sage: x1, x2, x3 = var('x1, x2, x3')
        sage: polynomial_features(x1, x2, degree=3)
        [x1, x2, x1^2, x1*x2, x2^2, x1^3, x1^2*x2, x1*x2^2, x2^3]
        sage: polynomial_features(x1, x2, x3)
        [x1, x2, x3, x1^2, x1*x2, x1*x3, x2^2, x2*x3, x3^2]
        sage: len(polynomial_features(x1, x2, degree=6))
        27

    The names of variables work too, and so does a list of them::

        sage: from sage_logreg import ex2data1
        sage: polynomial_features(ex2data1().variables)
        [x1, x2, x1^2, x1*x2, x2^2]

    TESTS::

        sage: polynomial_features(degree=2)
        Traceback (most recent call last):
        ...
        TypeError: polynomial_features takes the variables; none was given
        sage: polynomial_features(x1, degree=0)
        Traceback (most recent call last):
        ...
        ValueError: degree = 0; expected a whole number from 1
        sage: polynomial_features(x1, x2, 6)
        Traceback (most recent call last):
        ...
        ValueError: variables[2] = 6 is constant; expected a variable (the degree is given by name, as degree=6)
    """
    if len(variables) == 1:
        variables = variables[0].split(',') if isinstance(variables[0], str) else entries(variables[0]) or variables
    if not variables:
        raise TypeError('polynomial_features takes the variables; none was given')
    degree = whole_number('degree', degree, minimum=1)
    variables = [_expression(variable, f'variables[{place}]') for place, variable in enumerate(variables)]
    for place, variable in enumerate(variables):
        if not variable.variables():
            raise ValueError(f'variables[{place}] = {variable} is constant; expected a variable (the degree is given by '
                             f'name, as degree={variable})')
    from sage.misc.misc_c import prod
    return [prod(factors) for power in range(1, degree + 1)
            for factors in itertools.combinations_with_replacement(variables, power)]


class Features:
    r"""
    Expressions in the data's variables, as functions of the points.

    INPUT:

    - ``expressions`` -- list of elements of ``SR``, or what converts to them
    - ``variables`` -- tuple of the names of the data's variables

    EXAMPLES::

        sage: from sage_logreg.dataset.features import Features
        sage: a, b = var('a, b')
        sage: features = Features([a^2, log(b)], ('a', 'b'))
        sage: features.expressions, features.names
        ((a^2, log(b)), ('a^2', 'log(b)'))
        sage: import numpy
        sage: features.values(numpy.array([[3.0, 1.0], [4.0, -1.0]]))
        array([[ 9.,  0.],
               [16., nan]])

    TESTS::

        sage: Features([a, 2], ('a', 'b'))
        Traceback (most recent call last):
        ...
        ValueError: features[1] = 2 is constant; leave it out, the bias is there already, with intercept=True
        sage: Features([a, var('c')], ('a', 'b'))
        Traceback (most recent call last):
        ...
        ValueError: features[1] = c: c is not a variable of the data (a, b)
        sage: Features([a, a*b, b*a], ('a', 'b'))
        Traceback (most recent call last):
        ...
        ValueError: features[2] = a*b is features[1] again; leave it out
        sage: Features([], ('a', 'b'))
        Traceback (most recent call last):
        ...
        ValueError: features = []; expected at least one expression in a, b
        sage: Features(7, ('a', 'b'))
        Traceback (most recent call last):
        ...
        TypeError: features = 7; expected a list of expressions in a, b
        sage: Features([a, 'b^'], ('a', 'b'))
        Traceback (most recent call last):
        ...
        TypeError: features[1] = 'b^'; expected an expression
    """

    def __init__(self, expressions, variables):
        names = listed(variables)
        given = [expressions] if hasattr(expressions, 'variables') else entries(expressions)
        if given is None:
            raise TypeError(f'features = {shown(expressions)}; expected a list of expressions in {names}')
        if not given:
            raise ValueError(f'features = []; expected at least one expression in {names}')
        self.variables = variables
        self.expressions = tuple(_expression(expression, f'features[{place}]') for place, expression in enumerate(given))
        self.names = tuple(str(expression) for expression in self.expressions)
        for place, expression in enumerate(self.expressions):
            text = f'features[{place}] = {shown(expression)}'
            if not expression.variables():
                _refuse_constant(expression, text)
            for symbol in expression.variables():
                if str(symbol) not in variables:
                    raise ValueError(f'{text}: {symbol} is not a variable of the data ({names})')
            for before, other in enumerate(self.expressions[:place]):
                if expression.is_trivially_equal(other):
                    raise ValueError(f'{text} is features[{before}] again; leave it out')

    def __eq__(self, other):
        # == between expressions would ask whether they are equal as functions
        if not isinstance(other, Features):
            return NotImplemented
        from sage_logreg.symbolic.tree import same_expression
        return self is other or ((self.variables, self.names) == (other.variables, other.names)
                                 and all(map(same_expression, self.expressions, other.expressions)))

    def __hash__(self):
        return hash((self.variables, self.names))

    def __getstate__(self):
        # compiled functions are not pickled, but made again when needed
        return {'variables': self.variables, 'names': self.names, 'expressions': pickle.dumps(self.expressions)}

    def __setstate__(self, state):
        # outside of a running Sage, expressions can be unpickled only after the functions in them are loaded
        import sage.functions.all  # noqa: F401
        self.__dict__.update(state, expressions=pickle.loads(state['expressions']))

    @functools.cached_property
    def _function(self):
        return self._compiled()

    def _compiled(self, by=None):
        # One function for all features, or their derivatives by a variable. Compiling for speed would take longer than using it ever does.
        from sage_logreg.engine import T, function, one_thread
        from sage_logreg.symbolic.translation import theano_graph
        X = T.dmatrix('X')
        columns = {name: X[:, j] for j, name in enumerate(self.variables)}
        with one_thread:
            graphs = [theano_graph(expression, columns, name=f'features[{place}] = {shown(expression)}')
                      for place, expression in enumerate(self.expressions)]
            if by is not None:
                graphs = [T.grad(T.sum(graph), columns[by], disconnected_inputs='ignore') for graph in graphs]
            return function([X], graphs, mode='FAST_COMPILE')

    def values(self, points, dtype='float64'):
        r"""
        Return the features' values at some points; nan where one is undefined.

        INPUT:

        - ``points`` -- array, m x n
        - ``dtype`` -- (default: ``'float64'``) of the output

        OUTPUT: an array, m x k
        """
        values = numpy.empty((len(points), len(self.expressions)), dtype)
        with numpy.errstate(all='ignore'):
            for rows in row_blocks(len(points)):
                for j, column in enumerate(self._function(points[rows].astype(numpy.float64))):
                    values[rows, j] = column
        return values

    def slopes(self, points, variable):
        r"""
        Return the features' derivatives by a variable at some points, by automatic differentiation.

        INPUT:

        - ``points`` -- array, m x n
        - ``variable`` -- name of one of the variables

        OUTPUT: an array, m x k

        EXAMPLES::

            sage: from sage_logreg.dataset.features import Features
            sage: import numpy
            sage: a, b = var('a, b')
            sage: Features([a, a^2*b, log(b)], ('a', 'b')).slopes(numpy.array([[3.0, 5.0]]), 'a')
            array([[ 1., 30.,  0.]])

        TESTS::

            sage: Features([sqrt(a)], ('a',)).slopes(numpy.array([[0.0]]), 'a')
            Traceback (most recent call last):
            ...
            ValueError: the feature sqrt(a) has no finite derivative by a at a = 0.0
        """
        points = numpy.asarray(points, dtype=numpy.float64)
        with numpy.errstate(all='ignore'):
            slopes = numpy.column_stack(self._compiled(variable)(points))
        bad = numpy.argwhere(~numpy.isfinite(slopes))
        if len(bad):
            row, j = bad[0]
            raise ValueError(f'the feature {self.names[j]} has no finite derivative by {variable} at {self._where(points[row], j)}')
        return slopes

    def _where(self, point, j):
        # The values of the variables of a feature.
        used = map(str, self.expressions[j].variables())
        return ', '.join(f'{name} = {float(point[self.variables.index(name)])!r}' for name in sorted(used, key=self.variables.index))

    def exact_values(self, given, points):
        r"""
        Return the features' values exactly, an :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`.

        INPUT:

        - ``given`` -- the variables' numbers exactly
        - ``points`` -- float array, m x k: the features' values, rounded

        Rational functions of numbers that are not just floats are evaluated in ``QQ``; of other features the float64
        values are taken.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: x1 = var('x1')
            sage: exact = load_data([[1/3, 0], [2, 1]], features=[x1^2, exp(x1)]).design.exact
            sage: exact.kinds, exact.rows([0])[0, 0]
            (('exact', 'feature'), Fraction(1, 9))
        """
        exact = [self._is_exact(expression, given) for expression in self.expressions]
        if not any(exact):
            return ExactNumbers(points, ('feature',) * len(exact))
        rows = [list(map(sage_number, row)) for row in given.rows(slice(None))]
        points, columns = numpy.array(points, dtype=numpy.float64), {}
        for j, expression in enumerate(self.expressions):
            if exact[j]:
                columns[j] = numpy.empty(len(rows), dtype=object)
                try:
                    columns[j][:] = list(map(self._function_of_a_row(expression), rows))
                except (ZeroDivisionError, ValueError):
                    raise ValueError(f'the feature {self.names[j]} divides by zero at the exact numbers of the data') from None
                points[:, j] = columns[j]
        return ExactNumbers(points, tuple('exact' if yes else 'feature' for yes in exact), columns)

    def _function_of_a_row(self, expression):
        # Fast on rationals; other constants are put into the expression.
        from sage.ext.fast_callable import fast_callable
        from sage.rings.rational_field import QQ
        from sage.symbolic.ring import SR
        fast = fast_callable(expression, vars=list(self.variables), domain=QQ)
        symbols = list(map(SR.var, self.variables))

        def function(row):
            if all(value.parent() is QQ for value in row):
                return fast(*row)
            return expression.subs(dict(zip(symbols, map(SR, row))))

        return function

    def _is_exact(self, expression, given):
        # Whether the feature is a rational function of columns of which some are more than floats.
        used = [self.variables.index(str(symbol)) for symbol in expression.variables()]
        return any(given.kinds[j] != 'binary' or j in given.columns for j in used) and _is_rational_function(expression)

    def checked_values(self, points, place, dtype='float64'):
        r"""
        Return the features' values at some points, and raise an error where one is not a finite number.

        INPUT:

        - ``points``, ``dtype`` -- as for :meth:`values`
        - ``place`` -- function of a row's index that says where it stands, in words

        EXAMPLES::

            sage: from sage_logreg.dataset.features import Features
            sage: import numpy
            sage: features = Features([log(var('a'))], ('a',))
            sage: features.checked_values(numpy.array([[1.0], [-2.0]]), 'row {}'.format)
            Traceback (most recent call last):
            ...
            ValueError: row 1: the feature log(a) is undefined at a = -2.0
        """
        values = self.values(points, dtype)
        finite = numpy.isfinite(values)
        if not finite.all():
            row = int(numpy.argmin(finite.all(axis=1)))
            j = int(numpy.argmin(finite[row]))
            what = 'undefined' if numpy.isnan(values[row, j]) else f'not finite ({values[row, j]})'
            raise ValueError(f'{place(row)}: the feature {self.names[j]} is {what} at {self._where(points[row], j)}')
        return values


def _is_rational_function(expression):
    from sage.symbolic.operators import add_vararg, mul_vararg
    operation, operands = expression.operator(), expression.operands()
    if operation is None:
        return expression.is_symbol() or isinstance(exact_number(expression), Fraction) and not is_float(expression.pyobject())
    if operation is operator.pow:
        return operands[1].is_integer() and not operands[1].variables() and _is_rational_function(operands[0])
    return operation in (add_vararg, mul_vararg) and all(map(_is_rational_function, operands))


def _refuse_constant(expression, text):
    from sage_logreg.symbolic.bounded import value_of
    if isinstance(value_of(expression), complex):
        raise ValueError(f'{text} is not real; expected an expression with real values')
    raise ValueError(f'{text} is constant; leave it out, the bias is there already, with intercept=True')


def _expression(value, name):
    from sage_logreg.symbolic.expression import SR, as_expression
    # a name such as e means a variable, not the constant
    is_name = isinstance(value, str) and value.strip().isidentifier()
    return SR.var(value.strip()) if is_name else as_expression(value, name, 'an expression')
