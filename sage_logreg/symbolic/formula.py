r"""
The model as formulas: log-odds, posterior and boundary in Sage's symbolic ring

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=300000)
    sage: x1, x2 = var('x1, x2')
    sage: bool(model.posterior(x1, x2) == 1/(1 + exp(-model.log_odds(x1, x2))))
    True

On the boundary the posterior is 1/2::

    sage: RDF(model.posterior(50, model.boundary(50)))  # abs tol 1e-12
    0.5
"""
import re
from fractions import Fraction

from sage.functions.log import exp, log
from sage.functions.other import cases, sqrt
from sage.misc.latex import latex, latex_variable_name
from sage.rings.rational_field import QQ
from sage.rings.real_double import RDF
from sage.symbolic.operators import add_vararg
from sage.symbolic.ring import SR

from sage_logreg.symbolic.expression import as_expression
from sage_logreg.support.arguments import as_float, entries, listed, real_number, shown, threshold_log_odds
from sage_logreg.support.exact_number import exact_number, is_float


def _variables(x, names, name):
    # What to put in for the variables of these names: themselves if nothing is given.
    if not x:
        return [SR.var(own) for own in names]
    x = _spread(x)
    count = len(names)
    takes = f'{count} variable{"" if count == 1 else "s"} ({listed(names)}), or none' if names else 'no variables'
    _check_count(x, count, f'{name} takes {takes}')
    return [_value(value, f'{name}: x[{place}]') for place, value in enumerate(x)]


def _value(value, name):
    # A relation is an expression for Sage, and would make one of the formula that it is put into.
    expected = 'a variable, an expression or a number'
    expression = as_expression(value, name, expected)
    if expression.is_relational():
        raise TypeError(f'{name} = {shown(expression)}; expected {expected}')
    return expression


def _check_places(others, names, unknown):
    # Raises an error where a variable of the data stands for another one and not for itself: the boundary would read as
    # a formula in that variable.
    own = {**dict(zip(map(SR.var, names), others)), unknown: SR(0)}
    for place, value in zip(names, others):
        if any(symbol in own and not own[symbol].has(symbol) for symbol in value.variables()):
            free = [variable for variable in own if not any(given.has(variable) for given in others)]
            solved = (free or [unknown])[0]
            raise ValueError(f'boundary: {value} is put in the place of {place}; expected boundary(solve_for={solved})'
                             ', or a symbol that is no variable of the data')


def _spread(x):
    # One list, tuple or vector stands for its entries.
    values = entries(x[0]) if len(x) == 1 else None
    return x if values is None else values


def _check_count(x, count, takes):
    if len(x) != count:
        raise TypeError(f'{takes}; {len(x)} {"was" if len(x) == 1 else "were"} given')


def _features(model, x):
    # The expressions that the weights belong to, at x.
    if model.data.features is None:
        return x
    values = dict(zip(map(SR.var, model.data.variables), x))
    return [expression.subs(values) for expression in model.data.features.expressions]


def _log_odds(model, x, level=0):
    # at x, less a number
    bias, slopes = model.data.design.parts(model.weights())
    constant = sum(bias) - level
    # without an intercept no zero is written
    return sum_of([SR(constant)] * bool(len(bias) or constant)
                + [slope * feature for slope, feature in zip(slopes, _features(model, x))])


def log_odds(model, x=()):
    r"""
    Return the log-odds of ``model`` at ``x``.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``x`` -- n variables, expressions or numbers (default: the data's variables), in the order of the data

    OUTPUT: an element of ``SR``

    EXAMPLES::

        sage: from sage_logreg import ex2data1, load_data
        sage: from sage_logreg.symbolic.formula import log_odds
        sage: from sage_logreg.model.logistic import LogisticModel
        sage: import numpy
        sage: model = LogisticModel(ex2data1(), numpy.array([-1.0, 0.5, 0.25]))
        sage: log_odds(model)
        0.5*x1 + 0.25*x2 - 1.0
        sage: log_odds(model, (2, 4)), log_odds(model, (vector([2, 4]),)), log_odds(model, ((2*k for k in (1, 2)),))
        (1.0, 1.0, 1.0)

    With features::

        sage: x1, x2 = var('x1, x2')
        sage: data = load_data([[1, 2, 0], [3, 4, 1]], features=[sin(x1), x1*x2])
        sage: log_odds(LogisticModel(data, numpy.array([1.0, 2.0, 3.0])))
        3.0*x1*x2 + 2.0*sin(x1) + 1.0

    TESTS::

        sage: log_odds(model, (2,))
        Traceback (most recent call last):
        ...
        TypeError: log_odds takes 2 variables (x1, x2), or none; 1 was given
        sage: log_odds(model, (2, 't+'))
        Traceback (most recent call last):
        ...
        TypeError: log_odds: x[1] = 't+'; expected a variable, an expression or a number
    """
    return _at_numbers(model, x, 'log_odds')


def _at_numbers(model, x, name):
    # The log-odds, as a float if there are no variables: from a constant with pi in it Sage's exp would make cosh and
    # sinh that cannot be evaluated.
    z = _log_odds(model, _variables(x, model.data.variables, name))
    value = None if z.variables() else as_float(z)
    return z if value is None else SR(RDF(value))


def posterior(model, x=()):
    r"""
    Return the probability of y = 1 of ``model`` at ``x``.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``x`` -- n variables, expressions or numbers (default: the data's variables)

    OUTPUT: an element of ``SR``

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.symbolic.formula import posterior
        sage: from sage_logreg.model.logistic import LogisticModel
        sage: import numpy
        sage: model = LogisticModel(ex2data1(), numpy.array([-1.0, 0.5, 0.25]))
        sage: posterior(model)
        1/(e^(-0.5*x1 - 0.25*x2 + 1.0) + 1)

    TESTS:

    Far out on both sides::

        sage: RDF(posterior(model, (4000, 0))), RDF(posterior(model, (-4000, 0)))
        (1.0, 0.0)

    Features with constants::

        sage: from sage_logreg import load_data
        sage: x1 = var('x1')
        sage: data = load_data([[1, 0], [2, 1]], features=[pi*x1 + e])
        sage: posterior(LogisticModel(data, numpy.array([70.0, 1.0])), (0.5,))
        1.0
    """
    return 1 / (1 + exp(-_at_numbers(model, x, 'posterior')))


def posteriors(model, x=()):
    r"""
    Return the probabilities of the classes of ``model`` at ``x``.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.multinomial.MultinomialModel`
    - ``x`` -- n variables, expressions or numbers (default: the data's variables)

    OUTPUT: a vector of K elements of ``SR``, `e^{z_k} / \sum_j e^{z_j}` with the same denominator for all; at numbers their values

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.symbolic.formula import posteriors
        sage: from sage_logreg.model.multinomial import MultinomialModel
        sage: import numpy
        sage: model = MultinomialModel(load_data([[1, 0], [2, 1], [3, 2], [4, 0]]), numpy.array([0.0, 1.0, 0.0, 0.0, 1.0, -1.0]))
        sage: posteriors(model)[0]
        e^(1.0*x1)/(e^(1.0*x1) + e^(-1.0*x1 + 1.0) + 1)
        sage: sum(posteriors(model)).normalize()
        1
        sage: sum(posteriors(model, (7,)))  # abs tol 1e-12
        1.0

    TESTS:

    Far out on both sides::

        sage: [[RDF(value) for value in posteriors(model, (x,))] for x in (4000, -4000)]
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    from sage.modules.free_module_element import vector
    x, classes = list(x), range(model.data.classes)
    z = [_at_numbers(contrast, x, 'posterior') for contrast in model._own_log_odds()]
    # of numbers the differences: powers may be too large for floats
    if not any(value.variables() for value in z):
        return vector(SR, [1 / (1 + sum(exp(z[j] - z[k]) for j in classes if j != k)) for k in classes])
    powers = list(map(exp, z))
    return vector(SR, powers) / sum_of(powers)


def boundary(model, x=(), solve_for=None, threshold=0.5):
    r"""
    Return where the probability of ``model`` is ``threshold``, solved for a variable where that is possible.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``x`` -- n - 1 variables, expressions or numbers (default: the data's variables)
    - ``solve_for`` -- (default: the last one that is possible, but for indicators of levels) a variable
    - ``threshold`` -- (default: 1/2) above 0 and below 1

    OUTPUT: an element of ``SR``: the value of ``solve_for``, or of the last
    variable, if the log-odds are linear in it; without ``solve_for`` otherwise
    an equation, solved for one of the other variables if they are linear in
    that one

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.symbolic.formula import boundary
        sage: from sage_logreg.model.logistic import LogisticModel
        sage: import numpy
        sage: data = load_data([[1, 2, 3, 0], [3, 2, 1, 1]], variables='a, b, c')
        sage: boundary(LogisticModel(data, numpy.array([4.0, 2.0, 1.0, -2.0])))
        1.0*a + 0.5*b + 2.0
        sage: boundary(LogisticModel(data, numpy.array([4.0, 2.0, 1.0, 0.0])))
        b == -2.0*a - 4.0
        sage: boundary(LogisticModel(load_data([[1, 0], [2, 1]]), numpy.array([-3.0, 2.0])))
        x1 == 1.5

    Features may be linear in the last variable, in another one, or in none::

        sage: x1, x2 = var('x1, x2')
        sage: points = [[1, 2, 0], [3, 4, 1]]
        sage: boundary(LogisticModel(load_data(points, features=[x1^2, x2]), numpy.array([1.0, 2.0, 4.0])))
        -0.5*x1^2 - 0.25
        sage: boundary(LogisticModel(load_data(points, features=[x1, x2^2]), numpy.array([1.0, 2.0, 4.0])))
        x1 == -2.0*x2^2 - 0.5
        sage: boundary(LogisticModel(load_data(points, features=[x1^2, x2^2]), numpy.array([-4.0, 1.0, 1.0])))
        1.0*x1^2 + 1.0*x2^2 - 4.0 == 0

    Without a choice it is not solved for the indicator of a level::

        sage: from sage_logreg.dataset.categorical import Coding, Factor
        sage: data = load_data([[1, 0, 0], [3, 1, 1], [2, 1, 0]], variables='age, sex_male')
        sage: data.coding = Coding((Factor('sex', ('female', 'male'), 'female', {'male': 'sex_male'}),))
        sage: boundary(LogisticModel(data, numpy.array([-3.0, 2.0, 1.0])))
        -0.5*sex_male + 1.5

    Solved for a variable of one's choice::

        sage: model = LogisticModel(load_data(points), numpy.array([1.0, 2.0, 4.0]))
        sage: boundary(model, solve_for=x1), boundary(model, (7,), solve_for='x1')
        (-2.0*x2 - 0.5, -14.5)
        sage: data = load_data(points, features=[x1^2, x2])
        sage: boundary(LogisticModel(data, numpy.array([1.0, 2.0, 4.0])), solve_for=x1)
        Traceback (most recent call last):
        ...
        ValueError: the log-odds are not linear in x1, so that the boundary is not solved for it; boundary() is solved for another variable, or an equation

    TESTS:

    The variable that is solved for does not stand for another one::

        sage: boundary(model, (x2,))
        Traceback (most recent call last):
        ...
        ValueError: boundary: x2 is put in the place of x1; expected boundary(solve_for=x1), or a symbol that is no variable of the data
        sage: boundary(model, solve_for='x3')
        Traceback (most recent call last):
        ...
        ValueError: solve_for = 'x3'; expected one of x1, x2

    Linear in the last variable, though no feature is::

        sage: model = LogisticModel(load_data(points, features=[(x1 + x2)^2, x2^2]), numpy.array([-4.0, 1.0, -1.0]))
        sage: boundary(model)
        0.5*(-1.0*x1^2 + 4.0)/x1

    With ``cases``, which Sage differentiates wrongly with respect to a variable not in them::

        sage: step = cases([(x1 < 2, 1), (True, 2)])
        sage: boundary(LogisticModel(load_data(points, features=[step, x2]), numpy.array([1.0, 2.0, 4.0])))
        -0.5*cases(((x1 < 2, 1), (1, 2))) - 0.25
        sage: boundary(LogisticModel(load_data(points, features=[x1, step*x2]), numpy.array([1.0, 2.0, 4.0])), (3,))
        -0.875
        sage: boundary(LogisticModel(load_data(points, features=[x1, step*x2]), numpy.array([1.0, 2.0, 4.0]))).subs(x1=3)
        -0.875

    ::

        sage: boundary(LogisticModel(load_data(points), numpy.array([1.0, 2.0, 4.0])), threshold=1)
        Traceback (most recent call last):
        ...
        ValueError: threshold = 1; expected a real number above 0 and below 1
    """
    threshold = real_number('threshold', threshold, above=0, below=1)
    names = list(model.data.variables)
    if solve_for is not None and str(solve_for) not in names:
        raise ValueError(f'solve_for = {shown(solve_for)}; expected one of {listed(names)}')
    place = _last_number(model.data) if solve_for is None else names.index(str(solve_for))
    name = names.pop(place)
    others, unknown = _variables(x, names, 'boundary'), SR.var(name)
    _check_places(others, names, unknown)
    level = _level(model, others[:place] + [unknown] + others[place:], threshold)
    solved = _solved(level, unknown)
    if solve_for is not None:
        if solved is None:
            depend = 'are not linear in' if level.has(unknown) else 'do not depend on'
            raise ValueError(f'the log-odds {depend} {name}, so that the boundary is not solved for it; boundary() is '
                             'solved for another variable, or an equation')
        return solved
    if solved is not None:
        return solved if names else unknown == solved
    # next, the variables before it, from the last to the first
    for variable in reversed(others):
        solved = _solved(level, variable) if variable.is_symbol() else None
        if solved is not None:
            return variable == solved
    _check_meets(level, names, others, name)
    return level == 0


def _last_number(data):
    # The place of the last variable that is no indicator of a level, if there is one.
    indicators = {name for factor in data.coding.factors for name in factor.indicators.values()}
    return max((place for place, name in enumerate(data.variables) if name not in indicators), default=len(data.variables) - 1)


def _check_meets(level, names, others, unknown):
    # Where the log-odds are the same number everywhere, no equation has to say that it is not zero.
    if not level.variables() and bool(level != 0):
        where = f' at {listed([f"{place} = {value}" for place, value in zip(names, others)])}' if names else ''
        raise ValueError(f'the model has no boundary{where}, where the log-odds do not depend on {unknown}')


def _level(model, x, threshold):
    # The expression that is zero on the boundary.
    if all(weight == 0 for weight in model.data.design.parts(model.weights())[1]):
        raise ValueError(f'the weights of {listed(model.data.design.variables)} are zero; the model has no boundary')
    return _log_odds(model, x, threshold_log_odds(threshold))


def _solved(level, variable):
    # The value of the variable where level is zero, if level is linear in it.
    if variable not in level.variables():
        return None
    # Sage differentiates cases wrongly, even with respect to a variable not in them: symbols stand for those
    held = {}
    level = _without_cases(level, variable, held)
    slope = level.diff(variable)
    if slope.has(variable):
        return None
    # a term may have parts with the variable and parts without, as (x1 + x2)^2 has
    rest = sum_of(term.subs({variable: 0}) if term.has(variable) else term for term in _terms(level))
    if slope.is_numeric():
        return sum_of(-term / slope for term in _terms(rest)).subs(held)
    return (-rest / slope).subs(held)


def _without_cases(expression, variable, held):
    # The expression with symbols for the cases without the variable; held maps the symbols to the cases.
    operation = expression.operator()
    if operation == cases:
        if expression.has(variable):
            return expression
        symbol = SR.symbol()
        held[symbol] = expression
        return symbol
    if operation is None:
        return expression
    return operation(*(_without_cases(operand, variable, held) for operand in expression.operands()))


def _terms(expression):
    return expression.operands() if expression.operator() is add_vararg else [expression]


def typeset(model):
    r"""
    Return LaTeX code of the fitted model, its weights to 6 digits.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.symbolic.formula import typeset
        sage: from sage_logreg.model.logistic import LogisticModel
        sage: import numpy
        sage: print(typeset(LogisticModel(ex2data1(), numpy.array([-1.0, 0.5, 1/3]))))
        P(y = 1 \mid x_{1}, x_{2}) = \frac{1}{1 + e^{-z}}, \quad z = -1.0 + 0.5 \, x_{1} + 0.333333 \, x_{2}

    TESTS::

        sage: from sage_logreg import load_data
        sage: x1 = var('x1')
        sage: data = load_data([[1, 0], [3, 1]], features=[-x1, x1 + 1, 2*x1^2])
        sage: print(typeset(LogisticModel(data, numpy.array([1.0, -2.0, 3.0, 4.0]))).split('quad ')[1])
        z = 1.0 - 2.0 \, \left(-x_{1}\right) + 3.0 \, \left(x_{1} + 1\right) + 4.0 \, \left(2 \, x_{1}^{2}\right)

    Labels with names, and the indicator of a level::

        sage: data = load_data([[20, 0, 'no'], [30, 1, '50% of'], [50, 1, 'no']], variables='age, sex_male')
        sage: print(typeset(LogisticModel(data, numpy.array([1.0, -2.0, 3.0]))))
        P(y = \text{no} \mid \mathit{age}, \mathit{sex_{male}}) = \frac{1}{1 + e^{-z}}, \quad z = 1.0 - 2.0 \, \mathit{age} + 3.0 \, \mathit{sex_{male}}
        sage: from sage_logreg.symbolic.formula import _typeset_label
        sage: [_typeset_label(label) for label in ('y', 'sick', '50% of_it', 'はい', '<50K', 1, 0.5r, True)]
        ['y', '\\text{sick}', '\\text{50}\\%\\text{ of}\\_\\text{it}', '\\text{はい}', '< \\text{50K}', '1', '0.5', '\\text{True}']

    Of many variables and terms some are typeset::

        sage: data = load_data([[j + y for j in range(100)] + [y] for y in (0, 1)])
        sage: print(typeset(LogisticModel(data, numpy.arange(101.0))).replace(r'\,', '').split(r'\quad ')[1])
        z = \begin{aligned}[t] & 0.0 + 1.0  x_{1} + 2.0  x_{2} + 3.0  x_{3} + 4.0  x_{4} \\ & + \cdots + 100.0  x_{100} \end{aligned}
    """
    data = model.data
    name, label = map(_typeset_label, (data.label_name, data.label_names[1]))
    z = _typeset_log_odds(data, model.weights())
    return rf'P({name} = {label} \mid {_typeset_variables(data)}) = \frac{{1}}{{1 + e^{{-z}}}}, \quad z = {z}'


def typeset_classes(model):
    r"""
    Return LaTeX code of the fitted model of more than two classes, its weights to 6 digits.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.multinomial.MultinomialModel`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.symbolic.formula import typeset_classes
        sage: from sage_logreg.model.multinomial import MultinomialModel
        sage: import numpy
        sage: data = load_data([[1, 'one'], [2, 'two'], [3, 'few'], [4, 'one']], variables='dose', label=-1)
        sage: print(typeset_classes(MultinomialModel(data, numpy.array([0.0, 1.0, 0.0, -2.0, 1.0, -1.0]))))
        P(y = k \mid \mathit{dose}) = \frac{e^{z_{k}}}{\sum_{j} e^{z_{j}}}, \quad \begin{aligned}[t] z_{\text{few}} & = 0.0 + 1.0 \, \mathit{dose} \\ z_{\text{one}} & = 0.0 - 2.0 \, \mathit{dose} \\ z_{\text{two}} & = 1.0 - 1.0 \, \mathit{dose} \end{aligned}
    """
    data = model.data
    lines = [f'z_{{{_typeset_label(label)}}} & = {_typeset_log_odds(data, weights)}'
             for label, weights in zip(data.label_names, model.weights().rows())]
    z = r' \\ '.join(_some(lines, MOST_CLASSES, r'& \;\, \vdots'))
    softmax = r'\frac{e^{z_{k}}}{\sum_{j} e^{z_{j}}}'
    return (rf'P({_typeset_label(data.label_name)} = k \mid {_typeset_variables(data)}) = {softmax}, \quad '
            rf'\begin{{aligned}}[t] {z} \end{{aligned}}')


def _typeset_variables(data):
    return ', '.join(_some([_latex(SR.var(name)) for name in data.variables], 10, r'\ldots'))


def _typeset_log_odds(data, weights):
    expressions = data.features.expressions if data.features is not None else map(SR.var, data.variables)
    bias, slopes = data.design.parts(weights)
    terms = list(map(_decimal, bias))
    for weight, expression in zip(slopes, expressions):
        factor = _latex(expression)
        # parentheses around a factor that is a sum, or begins with a sign or a number
        if expression.operator() is add_vararg or factor[0] in '-0123456789':
            factor = rf'\left({factor}\right)'
        sign = '- ' if weight < 0 else '+ '
        # the first term has a sign of its own
        number = sign + _decimal(abs(weight)) if terms else _decimal(weight)
        terms.append(rf'{number} \, {factor}')
    return _aligned(_some(terms, MOST_TERMS, r'+ \cdots'), ' ')


# signs that text in a formula does not show, in every TeX and in MathJax
SIGNS = {**{sign: '\\' + sign for sign in '%_&#${}'}, '\\': r'\backslash ', '^': r'{\wedge}', '~': r'{\sim}',
         '<': '< ', '>': '> ', '|': '|', '`': r'\text{‘}'}


def _latex(expression):
    # LaTeX code of an expression, with the names of its variables as people read them
    names = {latex(variable): _latex_of_name(variable) for variable in expression.variables()}
    # only names with subscripts are found for certain; those that stay as they are belong to the search, as others may be parts of them
    written = sorted((name for name in names if '_{' in name), key=len, reverse=True)
    return re.sub('|'.join(map(re.escape, written)) or '$^', lambda found: names[found[0]], latex(expression))


def _latex_of_name(variable):
    # sex_{male} as one word, not as two; with more underscores than one as it is written, where Sage nests subscripts
    name, written = str(variable), latex(variable)
    if written != latex_variable_name(name):
        # of the user's own
        return written
    if written.count('_') > 1 or written.startswith('_'):
        escaped = name.replace('_', r'\_')
        return rf'\mathit{{{escaped}}}'
    return re.sub(r'\\mathit\{([^{}]+)\}_\{\\mathit\{([^{}]+)\}\}', r'\\mathit{\1_{\2}}', written)


def _typeset_label(label):
    # The label's name or its value; letters stand as they are, words as text.
    if not isinstance(label, str):
        return rf'\text{{{label}}}' if isinstance(label, bool) else str(label)
    if len(label) == 1 and label.isalnum():
        return label
    parts = re.split(f'([{re.escape("".join(SIGNS))}])', ' '.join(label.split()))
    return ''.join(SIGNS.get(part) or rf'\text{{{part}}}' for part in parts if part)


def typeset_cost(model):
    r"""
    Return LaTeX code of a cost of one's own, a mean over the samples, and of the parameters' values to 6 digits.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.minimized.MinimizedCost`

    EXAMPLES::

        sage: from sage_logreg import minimize_cost
        sage: from sage_logreg.symbolic.formula import typeset_cost
        sage: a, b, x1, y = var('a, b, x1, y')
        sage: start = {a: 1/3, b: -2}
        sage: print(typeset_cost(minimize_cost((a + b*x1 - y)^2, [[1, 0], [2, 1]], [a, b], iterations=0, initial=start)))
        \operatorname{mean}\left({\left(b x_{1} + a - y\right)}^{2}\right), \quad a = 0.333333, \; b = -2.0
    """
    values = [f'{_latex(symbol)} = {_decimal(value)}' for symbol, value in model.values().items()]
    values = _aligned(_some(values, MOST_TERMS, r'\ldots'), r', \; ', ',')
    return rf'\operatorname{{mean}}\left({_latex(model.symbolic_cost())}\right), \quad {values}'


def _some(texts, most, dots):
    return texts if len(texts) <= most else [*texts[:5], dots, texts[-1]]


def _aligned(terms, between, end=''):
    # a few terms to a line; a single line stays as it is
    lines = [between.join(terms[start:start + TERMS]) for start in range(0, len(terms), TERMS)]
    if len(lines) == 1:
        return lines[0]
    return r'\begin{aligned}[t] & ' + (end + r' \\ & ').join(lines) + r' \end{aligned}'


def _decimal(weight):
    text = f'{float(weight):.{DIGITS}g}'
    if 'e' in text:
        mantissa, exponent = text.split('e')
        return rf'{mantissa} \cdot 10^{{{int(exponent)}}}'
    return text if '.' in text else text + '.0'


# The cost in the weights

def symbolic_cost(model, w=()):
    r"""
    Return the cost of a logistic model over its data, an expression in the weights.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel`
    - ``w`` -- n + 1 symbols, names, expressions or numbers for the weights, the
      bias first (default: ``w0``, ``w1``, ...); without an intercept n (default: ``w1``, ...)

    OUTPUT: an element of ``SR``, the mean of `\log(1 + e^{-z_i})` over the
    samples with `y_i = 1` and of `\log(1 + e^{z_i})` over those with `y_i = 0`,
    and the penalty. Where `z_i` is beyond 700 Sage finds infinity for it; the
    model's own ``cost`` does not

    EXAMPLES::

        sage: from sage_logreg import gradient_descent, ex2data1, load_data
        sage: from sage_logreg.symbolic.formula import symbolic_cost
        sage: model = gradient_descent([[1, 0], [3, 1], [2, 1], [3, 0]], l2=2, iterations=10)
        sage: E = symbolic_cost(model)
        sage: len(E.operands())
        5
        sage: w0, w1 = var('w0, w1')
        sage: E.subs(w0=0, w1=0)
        log(2)
        sage: E.subs(w0=0, w1=10.0)  # abs tol 1e-8
        35.00001135

    Sage's derivatives and Theano's are the same::

        sage: model = gradient_descent(ex2data1(), iterations=1000)
        sage: E = model.symbolic_cost(var('a, b, c'))
        sage: gradient = [fast_callable(E.diff(v), vars=[a, b, c], domain=RDF) for v in (a, b, c)]
        sage: set_random_seed(1)
        sage: for _ in range(5):
        ....:     w = [uniform(-1/10, 1/10) for _ in range(3)]
        ....:     theano = model.with_weights(w).gradient()
        ....:     assert all(abs(theano[j] - gradient[j](*w)) < 1e-10 for j in range(3))

    TESTS::

        sage: symbolic_cost(model, (a, b))
        Traceback (most recent call last):
        ...
        TypeError: symbolic_cost takes 3 weights, the bias first, or none; 2 were given
    """
    data = _data_of_cost(model)
    bias, slopes = data.design.parts(weight_symbols(w, data.design))
    terms = []
    for label, share, row, offset in _rows_of_cost(data):
        sign = -1 if label else 1
        z = sum_of([sign * symbol for symbol in bias] + [sign * value * symbol for value, symbol in zip(row, slopes)]
                 + ([] if offset is None else [sign * offset]))
        terms.append(share * log(1 + exp(z)))
    return sum_of(terms + _penalty_terms(model, data, [slopes]))


def symbolic_cost_of_classes(model, w=()):
    r"""
    Return the cost of a model of more than two classes over its data, an expression in the weights.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.multinomial.MultinomialModel`
    - ``w`` -- K (n + 1) symbols, names, expressions or numbers, class by class, or a matrix of them (default: ``w0_0``, ``w0_1``, ...)

    OUTPUT: an element of ``SR``, the mean of `\log(1 + \sum_{k \neq y_i} e^{z_{ik} - z_{iy_i}})` over the samples, and the penalty

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.symbolic.formula import symbolic_cost_of_classes
        sage: from sage_logreg.model.multinomial import MultinomialModel
        sage: import numpy
        sage: model = MultinomialModel(load_data([[1, 0], [2, 1], [3, 2], [4, 0]]), numpy.zeros(int(6)))
        sage: symbolic_cost_of_classes(model, (0, 1, 0, 1, 0, 1))
        log(3)

    TESTS::

        sage: symbolic_cost_of_classes(model, var('a, b'))
        Traceback (most recent call last):
        ...
        TypeError: symbolic_cost takes 6 weights, class by class and the bias first, or none; 2 were given
    """
    data = _data_of_cost(model)
    of_classes = [data.design.parts(symbols) for symbols in symbols_of_classes(w, data)]
    terms = []
    for label, share, row, offset in _rows_of_cost(data):
        z = [sum_of([*bias, *(value * symbol for value, symbol in zip(row, slopes))] + ([] if offset is None else [offset[k]]))
             for k, (bias, slopes) in enumerate(of_classes)]
        own = z.pop(int(label))
        terms.append(share * log(1 + sum_of([exp(other - own) for other in z])))
    return sum_of(terms + _penalty_terms(model, data, [slopes for _, slopes in of_classes]))


def _data_of_cost(model):
    options = model.options()
    if options.get('cost') is not None:
        raise ValueError('the cost of the model is a function for Theano; expected a model with the logistic cost')
    if options.get('bias_reduced'):
        raise ValueError("the cost of the model has Firth's term, a determinant; expected a model that is not bias_reduced")
    return model.data.counted()


def _total(data):
    return QQ(len(data)) if data.exact_weights is None else sum(map(_coefficient, data.exact_weights))


def _rows_of_cost(data):
    # The label of each row, its share of the mean, its numbers and its offset, of more than two classes one of each.
    total = _total(data)
    for label, (weight, row, offset) in zip(data.labels, exact_rows(data, 'symbolic_cost')):
        yield label, weight / total, row, offset


def exact_rows(data, what):
    r"""
    Yield the weight of each row of some data, its numbers in the design and its offset (of more than two classes one of each), as Sage
    numbers: floats as floats, all others exactly.
    """
    weights, offset = data.exact_weights, data.exact_offset
    for i, row in enumerate(_coefficients(data.dense(what).design)):
        yield QQ(1) if weights is None else _coefficient(weights[i]), row, _offset_of_row(offset, i)


def _offset_of_row(offset, i):
    if offset is None:
        return None
    return list(map(_coefficient, offset[i])) if getattr(offset, 'ndim', 1) == 2 else _coefficient(offset[i])


def _penalty_terms(model, data, of_classes):
    # of_classes: the weights of each class, of two those of the second only
    options = model.options()
    if options.get('l1') or options.get('lambda_'):
        absolute, squares = model._column_penalties(data)
        return [RDF(one) * size + RDF(two) / 2 * sum_of([symbol**2 for symbol in column])
                for one, two, column in zip(absolute, squares, zip(*of_classes)) for size in [_size(column, options.get('grouped'))]]
    l2 = options.get('l2')
    return [_coefficient(l2) / (2 * _total(data)) * symbol**2 for slopes in of_classes for symbol in slopes] if l2 else []


def _size(column, grouped):
    return sqrt(sum_of([symbol**2 for symbol in column])) if grouped else sum_of(list(map(abs, column)))


def _coefficients(design):
    # Rows of Sage numbers: columns of floats as floats, all others exactly.
    floats, exact = design.points.tolist(), design.exact
    for i, row in enumerate(floats):
        given = exact.rows([i])[0]
        yield [RDF(value) if exact.kinds[j] in ('binary', 'feature') and isinstance(given[j], Fraction) and given[j] == value
               else _coefficient(given[j]) for j, value in enumerate(row)]


def _coefficient(value):
    # A float as a float, any other number exactly.
    if is_float(value):
        return RDF(value)
    exact = exact_number(value)
    return QQ((exact.numerator, exact.denominator)) if isinstance(exact, Fraction) else exact


def sum_of(terms):
    r"""
    Return a sum of expressions.
    """
    # all at once: added one by one they would be sorted again each time
    return SR(0).add(*terms)


def weight_symbols(w, design, what='symbolic_cost'):
    r"""
    Return the symbols of the weights of a design: those given to a method of this name, or ``w0``, ``w1``, ...
    """
    w, count = _spread(w), design.count
    if not w:
        return [SR.var(f'w{j}') for j in range(1 - design.intercept, design.width + 1)]
    first = ', the bias first' * design.intercept
    _check_count(w, count, f'{what} takes {count} weight{"s" * (count > 1)}{first}, or none')
    return _symbols(w)


def _symbols(w):
    return [SR.var(value) if isinstance(value, str) else _value(as_expression(value, f'w[{j}]'), f'w[{j}]')
            for j, value in enumerate(w)]


def symbols_of_classes(w, data, what='symbolic_cost'):
    r"""
    Return the same of more than two classes, a list for each class.
    """
    count, classes, first = data.design.count, data.classes, 1 - data.design.intercept
    if not w:
        return [[SR.var(f'w{k}_{j}') for j in range(first, data.design.width + 1)] for k in range(classes)]
    w = _spread(w)
    # the rows of a matrix
    w = [value for row in w for value in ([row] if entries(row) is None else entries(row))] if len(w) == classes else w
    bias = ' and the bias first' * data.design.intercept
    _check_count(w, classes * count, f'{what} takes {classes * count} weights, class by class{bias}, or none')
    symbols = _symbols(w)
    return [symbols[k * count:(k + 1) * count] for k in range(classes)]


# digits of typeset weights, terms per line, and the most terms and classes typeset
DIGITS, TERMS, MOST_TERMS, MOST_CLASSES = 6, 5, 60, 20
