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
from sage.functions.log import exp
from sage.symbolic.ring import SR

from sage_logreg.arguments import entries


def _variables(model, x, count, name):
    # What stands for the first variables: the data's own ones if nothing is given.
    names = model.data.variables[:count]
    if not x:
        return [SR.var(name) for name in names]
    if len(x) == 1 and entries(x[0]) is not None:
        x = entries(x[0])
    if len(x) != count:
        given = f'{len(x)} {"was" if len(x) == 1 else "were"} given'
        if not names:
            raise TypeError(f'{name} takes no variables; {given}')
        plural = '' if count == 1 else 's'
        raise TypeError(f'{name} takes {count} variable{plural} ({", ".join(names)}), or none; {given}')
    return [SR(value) for value in x]


def log_odds(model, x=()):
    r"""
    Return the log-odds of ``model`` at ``x``.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel`
    - ``x`` -- n variables, expressions or numbers (default: the data's variables)

    OUTPUT: an element of ``SR``

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.formula import log_odds
        sage: from sage_logreg.model import LogisticModel
        sage: import numpy
        sage: model = LogisticModel(ex2data1(), numpy.array([-1.0, 0.5, 0.25]))
        sage: log_odds(model)
        0.5*x1 + 0.25*x2 - 1.0
        sage: log_odds(model, (2, 4)), log_odds(model, (vector([2, 4]),))
        (1.0, 1.0)

    TESTS::

        sage: log_odds(model, (2,))
        Traceback (most recent call last):
        ...
        TypeError: log_odds takes 2 variables (x1, x2), or none; 1 was given
    """
    weights = model.weights()
    x = _variables(model, x, len(weights) - 1, 'log_odds')
    return SR(weights[0]) + sum(weight * value for weight, value in zip(weights[1:], x))


def posterior(model, x=()):
    r"""
    Return the probability of y = 1 of ``model`` at ``x``.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel`
    - ``x`` -- n variables, expressions or numbers (default: the data's variables)

    OUTPUT: an element of ``SR``

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: from sage_logreg.formula import posterior
        sage: from sage_logreg.model import LogisticModel
        sage: import numpy
        sage: model = LogisticModel(ex2data1(), numpy.array([-1.0, 0.5, 0.25]))
        sage: posterior(model)
        1/(e^(-0.5*x1 - 0.25*x2 + 1.0) + 1)

    TESTS:

    Far out on both sides::

        sage: RDF(posterior(model, (4000, 0))), RDF(posterior(model, (-4000, 0)))
        (1.0, 0.0)
    """
    return 1 / (1 + exp(-log_odds(model, _variables(model, x, len(model.data.variables), 'posterior'))))


def boundary(model, x=()):
    r"""
    Return the boundary of ``model``, solved for the last variable.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.LogisticModel`
    - ``x`` -- n - 1 variables, expressions or numbers (default: the data's variables)

    OUTPUT: an element of ``SR``, an equation where the last weight is zero or
    there is one variable only

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.formula import boundary
        sage: from sage_logreg.model import LogisticModel
        sage: import numpy
        sage: data = load_data([[1, 2, 3, 0], [3, 2, 1, 1]], variables='a, b, c')
        sage: boundary(LogisticModel(data, numpy.array([4.0, 2.0, 1.0, -2.0])))
        1.0*a + 0.5*b + 2.0
        sage: boundary(LogisticModel(data, numpy.array([4.0, 2.0, 1.0, 0.0])))
        2.0*a + 1.0*b + 4.0 == 0
        sage: boundary(LogisticModel(load_data([[1, 0], [2, 1]]), numpy.array([-3.0, 2.0])))
        x1 == 1.5
    """
    weights, names = model.weights(), model.data.variables
    count = len(names)
    x = _variables(model, x, count - 1, 'boundary')
    if all(weight == 0 for weight in weights[1:]):
        raise ValueError(f'the weights of {", ".join(names)} are zero; the model has no boundary')
    if count > 1 and weights[count]:
        last = weights[count]
        return SR(-weights[0] / last) - sum(weight / last * value for weight, value in zip(weights[1:count], x))
    if count == 1:
        x = [SR.var(names[0])]
    free = [(weight, value) for weight, value in zip(weights[1:], x) if weight]
    if len(free) == 1:
        weight, value = free[0]
        return value == SR(-weights[0] / weight)
    return SR(weights[0]) + sum(weight * value for weight, value in free) == 0
