r"""
Models side by side

EXAMPLES::

    sage: from sage_logreg import *
    sage: data = penguins(label='sex', missing='drop')
    sage: models = [maximum_likelihood(load_data(data, formula=text))
    ....:           for text in ('~ bill_depth_mm', '~ bill_depth_mm + body_mass_g', '~ bill_depth_mm + flipper_length_mm')]
    sage: compare(*models)
    model 1: ~ bill_depth_mm
    model 2: ~ bill_depth_mm + body_mass_g
    model 3: ~ bill_depth_mm + flipper_length_mm
      model     weights   log-likelihood   deviance   AIC       delta AIC   Akaike weight   BIC       against   statistic   degrees of freedom   p-value
    ...
      model 1   2         -206.444         412.888    416.888   246.55      2.89986e-54     424.504
      model 2   3         -82.1689         164.338    170.338   0           1               181.762   model 1   248.55      1                    5.37756e-56
      model 3   3         -128.443         256.887    262.887   92.5489     8.00306e-21     274.311   model 1   156.001     1                    8.46179e-36
"""
import collections
import math

import numpy

from sage_logreg.dataset.formula_factors import shortened
from sage_logreg.model.inference import Inference
from sage_logreg.solvers.nested import are_spanned
from sage_logreg.support.arguments import entries, listed, shown
from sage_logreg.support.tables import Table

WHAT = 'comparisons'


def compare(*models, names=None):
    r"""
    Return models of the same points side by side, with tests of those that are nested.

    INPUT:

    - ``models`` -- two or more models by :func:`~sage_logreg.training.maximum_likelihood`, in any order; or a list of them
    - ``names`` -- (default: ``'model 1'``, ``'model 2'``, ...) list of texts

    OUTPUT: a :class:`~sage_logreg.support.tables.Table` with a row for each model (what it is in stands above): the number of weights,
    log-likelihood, deviance, AIC, how much that is above the smallest one, Akaike's weight, which is `e^{-\Delta/2}` over the sum of these of
    all models, and BIC. Then the likelihood-ratio test against the largest one of the other models that is nested within it; of
    several as large, that which fits best. Of models that are each nested in the next one these are the tests of R's ``anova``.
    Models in which none of the others is nested have no test, and of bias-reduced estimates, whose penalties differ, none has one.

    A model is nested within another one if its columns are linear combinations of the other's: the same factor with another
    reference makes no difference, and a model with `x + z` is nested within one with `x` and `z`.

    EXAMPLES::

        sage: from sage_logreg import compare, ex2data1, load_data, maximum_likelihood
        sage: x1, x2 = var('x1, x2')
        sage: large = maximum_likelihood(ex2data1())
        sage: small = maximum_likelihood(load_data(ex2data1(), features=[x1 + x2]))
        sage: table = compare(large, small, names=['scores', 'sum'])
        sage: table
        scores: x1, x2
        sum: x1 + x2
          model    weights   log-likelihood   deviance   AIC       delta AIC   Akaike weight   BIC       against   statistic   degrees of freedom   p-value
        ...
          scores   3         -20.3498         40.6995    46.6995   1.96169     0.272724        54.5151   sum       0.0383134   1                    0.844815
          sum      2         -20.3689         40.7379    44.7379   0           0.727276        49.9482
        sage: sum(table['Akaike weight'])  # abs tol 1e-12
        1.0

    TESTS::

        sage: compare(large)
        Traceback (most recent call last):
        ...
        ValueError: there is one model; expected at least two
        sage: compare(large, maximum_likelihood(ex2data1().take(slice(90))))
        Traceback (most recent call last):
        ...
        ValueError: model 2 is of 90 other rows than model 1, which is of 100; expected models of the same points
        sage: compare(large, maximum_likelihood(ex2data1(), l2=1))
        Traceback (most recent call last):
        ...
        ValueError: model 2: comparisons are of an estimate by the likelihood alone, and the penalty l2 = 1 draws the weights to zero; expected a model without it
        sage: compare(large, 7)
        Traceback (most recent call last):
        ...
        TypeError: model 2 = 7; expected a model by maximum_likelihood

    REFERENCES:

    - H. Akaike, *A new look at the statistical model identification*, IEEE Transactions on Automatic Control 19 (1974), no. 6, 716-723.
    - K. P. Burnham and D. R. Anderson, *Model Selection and Multimodel Inference*, second edition, Springer, 2002, section 2.9.
    """
    if len(models) == 1 and isinstance(models[0], (list, tuple)):
        models = models[0]
    names = _checked_names(names, len(models))
    _check_models(models, names)
    columns = collections.defaultdict(list)
    criteria = [float(model.aic()) for model in models]
    likelihoods = [math.exp((min(criteria) - aic) / 2) for aic in criteria]
    for place, model in enumerate(models):
        columns['model'].append(names[place])
        columns['weights'].append(model._parameters())
        columns['log-likelihood'].append(float(model.log_likelihood()))
        columns['deviance'].append(float(model.deviance()))
        columns['AIC'].append(criteria[place])
        columns['delta AIC'].append(criteria[place] - min(criteria))
        columns['Akaike weight'].append(likelihoods[place] / sum(likelihoods))
        columns['BIC'].append(float(model.bic()))
        for title, cell in zip(('against', 'statistic', 'degrees of freedom', 'p-value'), _test(place, models, names)):
            columns[title].append(cell)
    return Table(columns, '\n'.join(f'{name}: {_text(model.data)}' for name, model in zip(names, models)))


def _text(data):
    # What a model of the data is in, on one line.
    features = data.features is not None and listed(data.design.variables, 'features') + ', no intercept' * (not data.intercept)
    return shortened(data.formula or features or data.model_text(), 100)


def _checked_names(names, count):
    if count < 2:
        raise ValueError(f'there is {"one model" if count else "no model"}; expected at least two')
    if names is None:
        return [f'model {place + 1}' for place in range(count)]
    given = names.split(',') if isinstance(names, str) else entries(names) or []
    given = [str(name).strip() for name in given]
    if len(given) != count or len(set(given)) < count:
        raise ValueError(f'names = {shown(names)}; expected {count} different texts, one for each model')
    return given


def _check_models(models, names):
    # All are estimates of the same likelihood, of the same points.
    for name, model in zip(names, models):
        if not isinstance(model, Inference):
            raise TypeError(f'{name} = {shown(model)}; expected a model by maximum_likelihood')
        try:
            model._of_likelihood(WHAT)
        except ValueError as error:
            raise ValueError(f'{name}: {error}') from None
    first = models[0]
    for name, model in zip(names[1:], models[1:]):
        if model._likelihood.bias_reduced != first._likelihood.bias_reduced:
            raise ValueError(f'{name} was estimated with other bias_reduced than {names[0]}; expected the same')
        difference = _difference(model.data, first.data)
        if difference:
            raise ValueError(f'{name} is of {difference[0]} than {names[0]}{difference[1]}; expected models of the same points')


def _difference(data, other):
    # What differs between the observations, and what more there is to say; None if they are the same.
    if data.is_chunked != other.is_chunked:
        return 'points in chunks rather' if data.is_chunked else 'points in memory rather', ''
    if data.label_names != other.label_names or data.label_name != other.label_name:
        return 'other labels', f', {other.label_name} = {listed(map(repr, other.label_names))}'
    if data.is_chunked:
        same = [(chunk.name, chunk.first) for chunk in data.chunks] == [(chunk.name, chunk.first) for chunk in other.chunks]
        mine, its = data.totals, other.totals
        if not same or not numpy.array_equal(mine.rows, its.rows):
            return 'other chunks', ''
        return next(((f'other {name}', '') for name in ('counts', 'weights', 'offset')
                     if not numpy.array_equal(getattr(mine, name), getattr(its, name))), None)
    if len(data) != len(other):
        return f'{len(data)} other rows', f', which is of {len(other)}'
    if not numpy.array_equal(_numbers(data), _numbers(other)):
        return 'other rows', ' (where some were dropped for missing values, others were)'
    return next(((f'other {name}', '') for name in ('labels', 'weights', 'offset', 'successes', 'trials')
                 if not numpy.array_equal(getattr(data, name), getattr(other, name))), None)


def _numbers(data):
    return numpy.arange(len(data)) if data.row_numbers is None else data.row_numbers


def _test(place, models, names):
    # Which model a model is tested against, the statistic, its degrees of freedom and the p-value; four times None if there is none.
    from scipy.special import chdtrc
    model = models[place]
    if model._likelihood.bias_reduced:
        return [None] * 4
    largest = max((other for other in range(len(models)) if _is_nested(models[other], model)),
                  key=lambda other: (models[other]._parameters(), models[other].log_likelihood()), default=None)
    if largest is None:
        return [None] * 4
    smaller = models[largest]
    statistic = max(0.0, 2 * float(model.log_likelihood() - smaller.log_likelihood()))
    degrees = model._parameters() - smaller._parameters()
    return names[largest], statistic, degrees, float(chdtrc(degrees, statistic))


def _is_nested(smaller, model):
    # Whether the columns of a smaller model, a bias as one of them, are combinations of those of this one.
    if smaller._parameters() >= model._parameters() or smaller.data.intercept and model.data.is_chunked and not model.data.intercept:
        return False
    if model.data.is_chunked:
        # of rows that are not compared the names tell which they are
        return set(smaller.data.design.variables) <= set(model.data.design.variables)
    return are_spanned(_columns(smaller), _columns(model))


def _columns(model):
    data = model._likelihood.data.counted()
    ones = numpy.ones((len(data), int(data.intercept)))
    return numpy.column_stack([ones, data.design.points.astype(numpy.float64)])
