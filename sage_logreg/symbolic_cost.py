r"""
Costs as Sage expressions

:func:`minimize_cost` minimises any cost that is written in Sage; Theano
differentiates it. :func:`symbolic_cost` goes the other way: the cost of a
logistic model over all its data, as an expression in the weights.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.symbolic_cost import minimize_cost
    sage: w0, w1, w2, x1, x2, y = var('w0, w1, w2, x1, x2, y')
    sage: h = 1/(1 + exp(-(w0 + w1*x1 + w2*x2)))
    sage: E = -(y*log(h) + (1 - y)*log(1 - h))
    sage: model = minimize_cost(E, ex2data1(), [w0, w1, w2], learning_rate=0.001, iterations=300000)
    sage: model
    Minimum of a cost in w0, w1, w2 by gradient_descent: 300000 iterations, cost 0.283687, largest gradient entry 0.0155
    sage: model.weights()  # abs tol 1e-8
    (-9.25573205, 0.07960975, 0.07329322)
    sage: h.subs(model.values()).subs(x1=45, x2=85)  # abs tol 1e-6
    0.635673
"""
import functools
import inspect

import numpy

from sage_logreg.arguments import entries, real_number, real_vector, shown
from sage_logreg.dataset import Dataset, load_data, load_data_like
from sage_logreg.interrupt import is_interrupt
from sage_logreg.problem import Problem
from sage_logreg.source import symbol_name
from sage_logreg.trained import Trained
from sage_logreg.training import descend, descend_stochastically, gradient_descent, stochastic_gradient_descent

METHODS = {'gradient_descent': (gradient_descent, descend),
           'stochastic_gradient_descent': (stochastic_gradient_descent, descend_stochastically)}
# options of those functions that have no place here, and where they went
ELSEWHERE = {'data': 'it stands after the cost',
             'cost': 'it stands first',
             'scale': "the cost is a formula in the data's own variables",
             'features': 'write them into the cost',
             'l2': 'write the penalty into the cost, such as + l2/(2*m)*(w1^2 + w2^2)'}
# parameters or variables named in a message
SHOWN = 6


def minimize_cost(cost, data, parameters, method='gradient_descent', **options):
    r"""
    Return where descent on the mean of a cost over the data has come to.

    INPUT:

    - ``cost`` -- expression, the cost of one sample, in the parameters, the
      data's variables and the label: ``y``, or its name in the data (``e_`` for
      ``e``, as :func:`~sage_logreg.source.symbol_name` bends it)
    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset`, or anything that
      :func:`~sage_logreg.dataset.load_data` takes
    - ``parameters`` -- list of symbols, or of their names: what is sought
    - ``method`` -- ``'gradient_descent'`` (default) or ``'stochastic_gradient_descent'``
    - ``options`` -- those of :func:`~sage_logreg.training.gradient_descent` or
      :func:`~sage_logreg.training.stochastic_gradient_descent`, except
      ``scale``, ``l2``, ``features`` and ``cost``: the cost says it all.
      ``initial`` is a list in the order of the parameters, a dictionary (what
      it leaves out begins at 0), or a model to go on from

    OUTPUT: a :class:`MinimizedCost`. Ctrl-C returns the one reached so far;
    while the cost is compiled there is none yet, and it is a ``KeyboardInterrupt``

    EXAMPLES:

    The distance of the labels from a line, in the least squares and in Huber's sense::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.symbolic_cost import minimize_cost
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

    A start, and another method::

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

    The cost becomes a Theano graph (:mod:`sage_logreg.expression`), whose
    gradient ``T.grad`` makes.
    """
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f'method = {shown(method)}; expected ' + ' or '.join(map(repr, METHODS)))
    data = load_data(data)
    # the features of the data, if there are any, are of no use here
    data = Dataset(data.points, data.labels, data.variables, data.label_name, data.label_names)
    values = _checked_options(method, options)
    try:
        problem = SymbolicProblem(SampleCost(cost, data, parameters), data)
        # compiles the cost
        values['initial'] = problem.start(values['initial'])
    except (KeyboardInterrupt, SystemError) as error:
        if not is_interrupt(error):
            raise
        raise KeyboardInterrupt('minimize_cost: interrupted while the cost was compiled, before the first step') from None
    return METHODS[method][1](problem, **values)


def _checked_options(method, options):
    # All options of the method that have a place here, by name.
    defaults = {name: parameter.default for name, parameter in inspect.signature(METHODS[method][0]).parameters.items()}
    for name in options:
        if name in ELSEWHERE:
            raise TypeError(f'minimize_cost takes no {name}: {ELSEWHERE[name]}')
        if name not in defaults:
            raise TypeError(f'minimize_cost takes no {name}; expected options of {method}: '
                            + ', '.join(name for name in defaults if name not in ELSEWHERE))
    return {name: options.get(name, default) for name, default in defaults.items() if name not in ELSEWHERE}


class SampleCost:
    r"""
    The cost of a sample as an expression, and the mean of it as a function of Theano's ``X, y, w``.

    INPUT: as for :func:`minimize_cost`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.symbolic_cost import SampleCost
        sage: from sage_logreg.evaluation import evaluate
        sage: a, x1, y = var('a, x1, y')
        sage: cost = SampleCost((a*x1 - y)^2, load_data([[1, 0], [3, 1]]), [a])
        sage: cost.parameters
        (a,)
        sage: import numpy
        sage: evaluate(numpy.array([[1.0], [3.0]]), numpy.array([0.0, 1.0]), numpy.array([1.0]), cost=cost)
        (2.5, array([7.]))

    TESTS::

        sage: data = load_data([[1, 0], [3, 1]])
        sage: SampleCost(a*x1, data, [])
        Traceback (most recent call last):
        ...
        ValueError: parameters = []; expected at least one symbol of the cost
        sage: SampleCost(a*x1, data, [a, a])
        Traceback (most recent call last):
        ...
        ValueError: parameters[1] = a is parameters[0] again
        sage: SampleCost(a*x1, data, [a, x1])
        Traceback (most recent call last):
        ...
        ValueError: parameters[1] = x1 is a variable of the data
        sage: SampleCost(a*x1, data, [y, a])
        Traceback (most recent call last):
        ...
        ValueError: parameters[0] = y is the label of the data
        sage: SampleCost(a*x1, data, [a + 1])
        Traceback (most recent call last):
        ...
        TypeError: parameters[0] = a + 1; expected a symbol
        sage: SampleCost(a*x1, data, 7)
        Traceback (most recent call last):
        ...
        TypeError: parameters = 7; expected a list of symbols
    """

    def __init__(self, expression, data, parameters):
        from sage_logreg.expression import as_expression
        self.expression = as_expression(expression, 'the cost')
        self.variables = data.variables
        # by the name in the data, or as y
        self.labels = [name for name in dict.fromkeys((symbol_name(data.label_name), 'y'))
                       if name.isidentifier() and name not in data.variables]
        self.parameters = tuple(self._parameter(place, value) for place, value in enumerate(_listed(parameters)))
        self.names = tuple(map(str, self.parameters))
        for place, name in enumerate(self.names):
            self._check(place, name)
        self._check_symbols(data)

    def __eq__(self, other):
        # two expressions are compared as they are written, not as functions
        from sage_logreg.expression_tree import same_expression
        return (isinstance(other, SampleCost) and self._names() == other._names()
                and same_expression(self.expression, other.expression))

    def __hash__(self):
        return hash((self._names(), str(self.expression)))

    def _names(self):
        return self.names, self.variables, tuple(self.labels)

    def _parameter(self, place, value):
        from sage.symbolic.ring import SR
        symbol = SR.var(value) if isinstance(value, str) and value.isidentifier() else value
        if not (hasattr(symbol, 'is_symbol') and symbol.is_symbol()):
            raise TypeError(f'parameters[{place}] = {shown(value)}; expected a symbol')
        return symbol

    def _check(self, place, name):
        if name in self.names[:place]:
            raise ValueError(f'parameters[{place}] = {name} is parameters[{self.names.index(name)}] again')
        if name in self.variables:
            raise ValueError(f'parameters[{place}] = {name} is a variable of the data')
        if name in self.labels:
            raise ValueError(f'parameters[{place}] = {name} is the label of the data')

    def _check_symbols(self, data):
        symbols = set(map(str, self.expression.variables()))
        for name in self.names:
            if name not in symbols:
                raise ValueError(f'the parameter {name} does not occur in the cost')
        label = symbol_name(data.label_name)
        if label in symbols and label in data.variables:
            raise ValueError(f'{label} is a variable of the data and the name of their label; '
                             'expected variables with other names, as load_data(..., variables=...) gives them')

    def graph(self, X, y, w):
        r"""
        Return the graph of the costs of all samples; of one number where no sample matters.

        INPUT:

        - ``X``, ``y``, ``w`` -- Theano matrix, vector and vector

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.engine import T
            sage: from sage_logreg.symbolic_cost import SampleCost
            sage: w, x1, y, t = var('w, x1, y, t')
            sage: SampleCost((w*x1 - y)^2, load_data([[1, 0], [3, 1]]), [w]).graph(T.dmatrix(), T.dvector(), T.dvector()).ndim
            1

        TESTS::

            sage: SampleCost((w*x1 - t)^2, load_data([[1, 0], [3, 1]]), [w]).graph(T.dmatrix(), T.dvector(), T.dvector())
            Traceback (most recent call last):
            ...
            ValueError: the cost: the symbol t is not a parameter (w), a variable of the data (x1) or the label y
        """
        from sage_logreg.engine import T
        from sage_logreg.expression import theano_graph
        graphs = {name: T.cast(X[:, j], 'float64') for j, name in enumerate(self.variables)}
        graphs.update((name, y) for name in self.labels)
        graphs.update((name, w[j]) for j, name in enumerate(self.names))
        known = (f'a parameter ({_some(self.names)}), a variable of the data ({_some(self.variables)})'
                 + (f' or the label {" or ".join(self.labels)}' if self.labels else ''))
        return theano_graph(self.expression, graphs, 'the cost', known)

    def __call__(self, X, y, w):
        from sage_logreg.engine import T
        return T.mean(self.graph(X, y, w))

    def costs(self, points, labels, weights):
        r"""
        Return the costs of all samples, one after the other.

        INPUT: float64 arrays, ``points`` may be float32

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.symbolic_cost import SampleCost
            sage: w, x1, y = var('w, x1, y')
            sage: data = load_data([[1, 0], [3, 1]])
            sage: import numpy
            sage: SampleCost((w*x1 - y)^2, data, [w]).costs(data.points, data.labels, numpy.array([1.0]))
            array([1., 4.])
        """
        from sage_logreg.engine import T, function
        inputs = [T.matrix('X', dtype=str(points.dtype)), T.dvector('y'), T.dvector('w')]
        # computed once: compiling for speed would take longer
        compiled = function(inputs, self.graph(*inputs), mode='FAST_COMPILE', on_unused_input='ignore')
        with numpy.errstate(all='ignore'):
            return numpy.broadcast_to(compiled(points, labels, weights), len(labels))


def _listed(parameters):
    # A list, names in one string, or a single symbol.
    if isinstance(parameters, str):
        parameters = parameters.replace(',', ' ').split()
    elif hasattr(parameters, 'is_symbol'):
        parameters = [parameters]
    listed = entries(parameters)
    if listed is None:
        raise TypeError(f'parameters = {shown(parameters)}; expected a list of symbols')
    if not listed:
        raise ValueError('parameters = []; expected at least one symbol of the cost')
    return listed


def _some(texts):
    return ', '.join(texts if len(texts) <= SHOWN else [*texts[:SHOWN - 1], '...', texts[-1]])


def _values(names, numbers):
    return _some([f'{name} = {float(number)!r}' for name, number in zip(names, numbers)])


class SymbolicProblem(Problem):
    r"""
    A :class:`SampleCost` as a problem of descent.

    INPUT:

    - ``cost`` -- a :class:`SampleCost`
    - ``data`` -- a :class:`~sage_logreg.dataset.Dataset` without features

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.symbolic_cost import SampleCost, SymbolicProblem
        sage: a, b, x1, y = var('a, b, x1, y')
        sage: data = load_data([[1, 0], [3, 1]])
        sage: problem = SymbolicProblem(SampleCost((a + b*x1 - y)^2, data, [a, b]), data)
        sage: problem.start({b: 2}), problem.start(None)
        (array([0., 2.]), array([0., 0.]))

    TESTS::

        sage: problem.start({'c': 2})
        Traceback (most recent call last):
        ...
        ValueError: initial: c is not a parameter (a, b)
        sage: problem.start({b: 'two'})
        Traceback (most recent call last):
        ...
        TypeError: initial[b] = 'two'; expected a real number
    """

    def __init__(self, cost, data):
        super().__init__(data, data.points, cost)
        self.sample_cost = cost

    def start(self, initial):
        r"""
        Return the weights to begin with; the cost and its gradient are finite there.
        """
        names = self.sample_cost.names
        if isinstance(initial, MinimizedCost):
            initial = initial.values()
        if initial is None:
            weights = numpy.zeros(len(names))
        elif isinstance(initial, dict):
            given = {str(name): real_number(f'initial[{name}]', value) for name, value in initial.items()}
            for name in given:
                if name not in names:
                    raise ValueError(f'initial: {name} is not a parameter ({_some(names)})')
            weights = numpy.array([given.get(name, 0.0) for name in names])
        else:
            weights = real_vector('initial', initial.weights() if isinstance(initial, Trained) else initial, len(names))
        self._check_start(weights)
        return weights

    def _check_start(self, weights):
        names = self.sample_cost.names
        value, gradient = self.evaluate(weights)
        if numpy.isfinite(value) and numpy.isfinite(gradient).all():
            return
        where = f'at the start ({_values(names, weights)}); give other weights as initial'
        if numpy.isfinite(value):
            worst = int(numpy.argmin(numpy.isfinite(gradient)))
            raise ValueError(f'the derivative of the cost in {names[worst]} is {float(gradient[worst])} {where}')
        costs = self.sample_cost.costs(self.points, self.labels, weights)
        if numpy.isfinite(costs).all():
            raise ValueError(f'the mean of the cost is {float(value)} {where}')
        row = int(numpy.argmin(numpy.isfinite(costs)))
        sample = _values([*self.data.variables, self.data.label_name], [*self.points[row], self.labels[row]])
        raise ValueError(f'the cost is {float(costs[row])} in row {row + 1} of the data ({sample}) {where}')

    def model(self, weights, history, iterations, converged, method, options, descent):
        r"""
        Return the :class:`MinimizedCost` of the last weights.
        """
        return MinimizedCost(self.sample_cost, self.data, weights, history, iterations, converged, method, options, descent)


class MinimizedCost(Trained):
    r"""
    What :func:`minimize_cost` returns: the parameters' values, the cost, its gradient and history.

    INPUT:

    - ``cost`` -- a :class:`SampleCost`
    - the rest as for :class:`~sage_logreg.trained.Trained`

    The weights and the gradient are in the order of the parameters; the cost
    is the mean of the expression over the data.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.symbolic_cost import minimize_cost
        sage: a, x1, y = var('a, x1, y')
        sage: model = minimize_cost((a*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a], learning_rate=0.1, tol=1e-12)
        sage: model.weights(), model.cost(), model.converged()  # abs tol 1e-9
        ((0.4), 0.1, True)
        sage: model.gradient(load_data([[1, 0], [1, 1]]))  # abs tol 1e-9
        (-0.2)
        sage: len(model.history()) > 1
        True
        sage: model = minimize_cost((a*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a], iterations=10)
        sage: model.resume(20).iterations()
        30
    """

    def __init__(self, cost, *arguments, **options):
        super().__init__(*arguments, **options)
        self._sample_cost = cost

    def __repr__(self):
        return f'Minimum of a cost in {_some(self._sample_cost.names)} {self._ending()}'

    def _latex_(self):
        r"""
        Return LaTeX code of the cost, a mean over the samples, and of the parameters' values; ``show(model)`` typesets it.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.symbolic_cost import minimize_cost
            sage: a, x1, y = var('a, x1, y')
            sage: latex(minimize_cost((a*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a], learning_rate=0.1))
            \operatorname{mean}\left({\left(a x_{1} - y\right)}^{2}\right), \quad a = 0.4
        """
        from sage_logreg.formula import typeset_cost
        return typeset_cost(self)

    def _identity(self):
        return (*super()._identity(), self._sample_cost)

    def _problem(self):
        return SymbolicProblem(self._sample_cost, self.data)

    @functools.cached_property
    def _known_cost(self):
        from sage_logreg.cost import known_cost
        return known_cost(self._sample_cost, str(self.data.points.dtype))

    def _evaluate(self, data=None, weights=None):
        from sage_logreg.evaluation import evaluate
        data = self.data if data is None else load_data_like(data, self.data)
        return evaluate(data.points, data.labels, self._weights if weights is None else weights, cost=self._known_cost)

    def _weight_names(self):
        return list(self._sample_cost.names)

    def symbolic_cost(self):
        r"""
        Return the cost of one sample, as it was given.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.symbolic_cost import minimize_cost
            sage: a, x1, y = var('a, x1, y')
            sage: minimize_cost((a*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a], iterations=10).symbolic_cost()
            (a*x1 - y)^2
        """
        return self._sample_cost.expression

    def parameters(self):
        r"""
        Return the symbols of what was sought.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.symbolic_cost import minimize_cost
            sage: a, b, x1, y = var('a, b, x1, y')
            sage: minimize_cost((a + b*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a, b], iterations=10).parameters()
            (a, b)
        """
        return self._sample_cost.parameters

    def values(self):
        r"""
        Return the parameters' values, a dictionary for ``subs``.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.symbolic_cost import minimize_cost
            sage: a, x1, y = var('a, x1, y')
            sage: model = minimize_cost((a*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a], learning_rate=0.1)
            sage: (a*x1).subs(model.values())  # abs tol 1e-12
            0.4*x1
        """
        return dict(zip(self.parameters(), self.weights()))


# The other way

def symbolic_cost(model, w=()):
    r"""
    Return the cost of a logistic model over its data, an expression in the weights.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel`
    - ``w`` -- n + 1 symbols, names, expressions or numbers for the weights, the
      bias first (default: ``w0``, ``w1``, ...)

    OUTPUT: an element of ``SR``, the mean of `\log(1 + e^{-z_i})` over the
    samples with `y_i = 1` and of `\log(1 + e^{z_i})` over those with `y_i = 0`,
    and the penalty. Where `z_i` is beyond 700 Sage finds infinity for it; the
    model's own ``cost`` does not

    EXAMPLES::

        sage: from sage_logreg import gradient_descent, ex2data1, load_data
        sage: from sage_logreg.symbolic_cost import symbolic_cost
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
    from sage_logreg import needs_sage  # noqa: F401
    from sage.functions.log import exp, log
    from sage.rings.rational_field import QQ
    from sage.rings.real_double import RDF
    options = model.options()
    if options.get('cost') is not None:
        raise ValueError('the cost of the model is a function for Theano; expected a model with the logistic cost')
    if options.get('bias_reduced'):
        raise ValueError("the cost of the model has Firth's term, a determinant; expected a model that is not bias_reduced")
    points, labels = model.data.design.points, model.data.labels
    w = _weight_symbols(w, points.shape[1] + 1)
    weights, offset = options.get('weights'), options.get('offset')
    total = QQ(len(labels)) if weights is None else RDF(weights.sum())
    terms = []
    for i, row in enumerate(points.tolist()):
        if weights is not None and not weights[i]:
            continue
        sign = -1.0 if labels[i] else 1.0
        z = _sum([sign * w[0]] + [RDF(sign * value) * symbol for value, symbol in zip(row, w[1:])]
                 + ([] if offset is None else [RDF(sign * offset[i])]))
        terms.append((1 if weights is None else RDF(weights[i])) / total * log(1 + exp(z)))
    if options.get('l2'):
        terms += [RDF(options['l2'] / (2 * float(total))) * symbol**2 for symbol in w[1:]]
    return _sum(terms)


def _sum(terms):
    # all at once: one by one they would be sorted again each time
    from sage.symbolic.ring import SR
    return SR(0).add(*terms)


def _weight_symbols(w, count):
    from sage.symbolic.ring import SR
    from sage_logreg.expression import as_expression
    if len(w) == 1 and entries(w[0]) is not None:
        w = entries(w[0])
    if not w:
        return [SR.var(f'w{j}') for j in range(count)]
    if len(w) != count:
        raise TypeError(f'symbolic_cost takes {count} weights, the bias first, or none; '
                        f'{len(w)} {"was" if len(w) == 1 else "were"} given')
    return [SR.var(value) if isinstance(value, str) else as_expression(value, f'w[{j}]') for j, value in enumerate(w)]
