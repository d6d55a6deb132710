r"""
The minimum of a user's own cost
"""
import functools

from sage_logreg.cost.sample_cost import SampleCost
from sage_logreg.dataset.points import load_data_like
from sage_logreg.dataset.names import symbol_name, variable_names
from sage_logreg.model.storage import kind_of_model
from sage_logreg.model.trained import Trained
from sage_logreg.solvers.descent import METHODS
from sage_logreg.solvers.problem import SymbolicProblem
from sage_logreg.support.arguments import listed, shown


@kind_of_model
class MinimizedCost(Trained):
    r"""
    What :func:`~sage_logreg.training.minimize_cost` returns: the parameters' values, the cost, its gradient and history.

    INPUT:

    - ``cost`` -- a :class:`~sage_logreg.cost.sample_cost.SampleCost`
    - the rest as for :class:`~sage_logreg.model.trained.Trained`

    The weights and the gradient are in the order of the parameters; the cost
    is the mean of the expression over the data.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.training import minimize_cost
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

    @classmethod
    def _of(cls, problem, training):
        return cls(problem.sample_cost, problem.data, *training.arguments())

    def _entries(self):
        from sage_logreg.symbolic.tree import tree_of
        return {'cost': tree_of(self.symbolic_cost(), 'the cost'), 'parameters': list(map(str, self.parameters()))}

    @classmethod
    def methods(cls):
        r"""
        Return the names of the trainings that make such a model.
        """
        return tuple(METHODS)

    @classmethod
    def checked_options(cls, method, options, data):
        r"""
        Return the options of a training, checked.
        """
        return METHODS[method].of_options(options, 0).options()

    @classmethod
    def _from_entries(cls, entries, data):
        from sage_logreg.engine import T
        from sage_logreg.symbolic.tree import loaded_expression
        parameters = entries['parameters']
        if not isinstance(parameters, list):
            raise TypeError(f'parameters = {shown(parameters)}; expected a list')
        parameters = variable_names(parameters, len(parameters))
        symbols = (*data.variables, symbol_name(data.label_name), 'y', *parameters)
        cost = SampleCost(loaded_expression(entries['cost'], symbols), data, parameters)
        # what cannot be computed is found now
        w = T.dvector('w')
        T.grad(T.mean(cost.graph(T.matrix('X', dtype=str(data.points.dtype)), T.dvector('y'), w)), w)
        return functools.partial(cls, cost), len(parameters)

    def __repr__(self):
        return f'Minimum of a cost in {listed(self._sample_cost.names, "parameters")} {self._ending()}'

    def _latex_(self):
        r"""
        Return LaTeX code of the cost, a mean over the samples, and of the parameters' values; ``show(model)`` typesets it.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.training import minimize_cost
            sage: a, x1, y = var('a, x1, y')
            sage: latex(minimize_cost((a*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a], learning_rate=0.1))
            \operatorname{mean}\left({\left(a x_{1} - y\right)}^{2}\right), \quad a = 0.4
        """
        from sage_logreg.symbolic.formula import typeset_cost
        return typeset_cost(self)

    def _identity(self):
        return (*super()._identity(), self._sample_cost)

    def _problem(self):
        return SymbolicProblem(self._sample_cost, self.data)

    def _mean_over(self, data):
        # what is evaluated, compiled once
        from sage_logreg.cost.graphs import known_cost
        mean, points, labels = self._sample_cost.mean_over(data)
        return known_cost(mean, str(points.dtype)), points, labels

    @functools.cached_property
    def _own_mean(self):
        return self._mean_over(self.data)

    def _evaluate(self, data=None, weights=None):
        from sage_logreg.cost.evaluation import evaluate
        mean, points, labels = (self._own_mean if data is None
                                else self._mean_over(load_data_like(data, self.data)))
        return evaluate(points, labels, self._weights if weights is None else weights, cost=mean, is_mean=True)

    def _weight_names(self):
        return list(self._sample_cost.names)

    def symbolic_cost(self):
        r"""
        Return the cost of one sample, as it was given.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.training import minimize_cost
            sage: a, x1, y = var('a, x1, y')
            sage: minimize_cost((a*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a], iterations=10).symbolic_cost()
            (a*x1 - y)^2
        """
        return self._sample_cost.expression

    def parameters(self):
        r"""
        Return the parameters, as symbols.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.training import minimize_cost
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
            sage: from sage_logreg.training import minimize_cost
            sage: a, x1, y = var('a, x1, y')
            sage: model = minimize_cost((a*x1 - y)^2, load_data([[1, 0], [2, 1]]), [a], learning_rate=0.1)
            sage: (a*x1).subs(model.values())  # abs tol 1e-12
            0.4*x1
        """
        return dict(zip(self.parameters(), self.weights()))
