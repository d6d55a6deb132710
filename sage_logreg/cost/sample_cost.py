r"""
The cost of a sample as a Sage expression, and its mean as a function of Theano's ``X, y, w``

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: from sage_logreg.training import minimize_cost
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
import numpy

from sage_logreg.dataset.names import symbol_name
from sage_logreg.support.arguments import entries, listed, shown


class SampleCost:
    r"""
    The cost of a sample as an expression, and the mean of it as a function of Theano's ``X, y, w``.

    INPUT: as for :func:`~sage_logreg.training.minimize_cost`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.cost.sample_cost import SampleCost
        sage: from sage_logreg.cost.evaluation import evaluate
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
        from sage_logreg.symbolic.expression import as_expression
        self.expression = as_expression(expression, 'the cost')
        self.variables = data.variables
        # the symbols of the label: its name in the data, and y
        self.labels = [name for name in dict.fromkeys((symbol_name(data.label_name), 'y'))
                       if name.isidentifier() and name not in data.variables]
        self.parameters = tuple(self._parameter(place, value) for place, value in enumerate(_listed(parameters)))
        self.names = tuple(map(str, self.parameters))
        for place, name in enumerate(self.names):
            self._check(place, name)
        self._check_symbols(data)

    def __eq__(self, other):
        # two expressions are compared as they are written, not as functions
        from sage_logreg.symbolic.tree import same_expression
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
        Return the graph of the costs of all samples; a scalar if they do not depend on the sample.

        INPUT:

        - ``X``, ``y``, ``w`` -- Theano matrix, vector and vector

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.engine import T
            sage: from sage_logreg.cost.sample_cost import SampleCost
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
        from sage_logreg.symbolic.translation import theano_graph
        graphs = {name: T.cast(X[:, j], 'float64') for j, name in enumerate(self.variables)}
        graphs.update((name, y) for name in self.labels)
        graphs.update((name, w[j]) for j, name in enumerate(self.names))
        known = (f'a parameter ({listed(self.names)}), a variable of the data ({listed(self.variables)})'
                 + (f' or the label {" or ".join(self.labels)}' if self.labels else ''))
        return theano_graph(self.expression, graphs, 'the cost', known)

    def __call__(self, X, y, w):
        from sage_logreg.engine import T
        return T.mean(self.graph(X, y, w))

    def mean_over(self, data):
        r"""
        Return the mean over the rows of ``data`` that count, each as often as it does, and the ``X`` and ``y`` it takes.
        """
        if data.offset is not None:
            raise ValueError('the data have an offset, which only the log-odds have; write it into the cost, as a variable')
        data = data.counted().dense("a cost of one's own")
        if data.weights is None:
            return self, data.points, data.labels
        return WeightedMean(self), numpy.column_stack([data.points, data.relative_weights()]), data.labels

    def costs(self, points, labels, weights):
        r"""
        Return the costs of all samples, an array.

        INPUT: float64 arrays, ``points`` may be float32
        """
        from sage_logreg.engine import T, function, one_thread
        inputs = [T.matrix('X', dtype=str(points.dtype)), T.dvector('y'), T.dvector('w')]
        # computed once: compiling for speed would take longer
        with one_thread:
            compiled = function(inputs, self.graph(*inputs), mode='FAST_COMPILE', on_unused_input='ignore')
        with numpy.errstate(all='ignore'):
            return numpy.broadcast_to(compiled(points, labels, weights), len(labels))


class WeightedMean:
    r"""
    The mean of a :class:`SampleCost` over samples whose relative weights stand behind the variables, in ``X``.
    """

    def __init__(self, cost):
        self.cost = cost

    def __eq__(self, other):
        return isinstance(other, WeightedMean) and self.cost == other.cost

    def __hash__(self):
        return hash(self.cost)

    def __call__(self, X, y, w):
        from sage_logreg.engine import T
        return T.mean(X[:, -1] * self.cost.graph(X, y, w))


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


def values_text(names, numbers):
    return listed([f'{name} = {float(number)!r}' for name, number in zip(names, numbers)])
