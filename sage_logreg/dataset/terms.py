r"""
Terms: which columns of a design a statistician takes as one, and in which other terms they are

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.dataset.terms import terms
    sage: table = {'age': [3, 5, 8, 9], 'port': ['C', 'Q', 'S', 'Q'], 'y': [0, 1, 0, 1]}
    sage: [(term.name, term.columns) for term in terms(load_data(table))]
    [('age', (0,)), ('port', (1, 2))]
    sage: [(term.name, term.columns) for term in terms(load_data(table, formula='y ~ port*log(age)'))]
    [('port', (0, 1)), ('log(age)', (2,)), ('port:log(age)', (3, 4))]
"""
import itertools
import typing
import warnings

from sage_logreg.dataset.formula import parse_formula
from sage_logreg.dataset.formula_factors import name_tokens
from sage_logreg.dataset.names import names_of_titles


class Term(typing.NamedTuple):
    r"""
    A term of a model.

    - ``name`` -- as the formula has it, else a variable's, a factor's title or a feature
    - ``columns`` -- tuple of the numbers of its columns of the design, from 0 on
    - ``parts`` -- set of what is multiplied in it
    """

    name: str
    columns: tuple
    parts: frozenset


def terms(data):
    r"""
    Return the terms of a :class:`~sage_logreg.dataset.dataset.Dataset`, a list of :class:`Term` in the order of their columns.

    Of a formula they are its terms, otherwise the variables, a factor as one. Of features that are given as expressions each is
    one, and those that differ only in the level of a factor are one together.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.terms import terms
        sage: table = {'age': [3, 5, 8, 9], 'port': ['C', 'Q', 'S', 'Q'], 'y': [0, 1, 0, 1]}
        sage: age, port_Q, port_S = var('age, port_Q, port_S')
        sage: data = load_data(table, features=[age, age^2, age*port_Q, age*port_S])
        sage: [(term.name, term.columns) for term in terms(data)]
        [('age', (0,)), ('age^2', (1,)), ('age*port', (2, 3))]

    TESTS:

    A formula is read again, though columns that it leaves out are gone::

        sage: data = load_data({**table, 'id': [1, 4, 2, 8]}, formula='y ~ . - id + I(pi*age^2) + C(port):age')
        sage: [term.name for term in terms(data)]
        ['age', 'C(port)', 'I(pi*age^2)', 'C(port):age']
    """
    if data.features is None:
        named = [(column.title, len(column.variables), frozenset([column.title])) for column in data.coding.columns]
    else:
        named = None if data.formula is None else _of_formula(data)
        if named is None:
            return _of_features(data)
    places = itertools.accumulate((count for _, count, _ in named), initial=0)
    return [Term(str(name), tuple(range(first, first + count)), parts)
            for first, (name, count, parts) in zip(places, named) if count]


def _of_formula(data):
    # Name, number of columns and factors of each term; None if the features are not those of the formula.
    titles = [str(column.title) for column in data.coding.columns]
    others = {name: title for name, title in zip(names_of_titles(titles), titles) if name not in titles}
    # columns that are gone: the label, and those that the formula takes away
    tokens = name_tokens(data.formula, 0)
    gone = [name for (kind, name, _), (_, after, _) in zip(tokens, [*tokens[1:], (None, '', None)])
            if kind in ('name', 'column') and after != '(' and name not in ('.', 'pi', *titles, *others)]
    with warnings.catch_warnings():
        # what it warns of was said when the data were loaded
        warnings.simplefilter('ignore')
        formula = parse_formula(data.formula, [*titles, *gone], left_out=gone, names=others,
                                levels=[str(factor.title) for factor in data.coding.factors])
    for formula.intercept in {formula.intercept, data.intercept}:
        counts = formula.columns_of_terms(data.coding)
        if sum(counts) == data.design.width:
            return [(':'.join(factor.text for factor in term), count, frozenset(factor.key for factor in term))
                    for term, count in zip(formula.terms, counts)]
    return None


def _of_features(data):
    # What is the same but for the level of a factor is one term.
    from sage_logreg.symbolic.expression import SR
    factor_of = {SR.var(name): SR.var(names_of_titles([str(factor.title)])[0])
                 for factor in data.coding.factors for name in factor.variables}
    columns = {}
    for place, expression in enumerate(data.features.expressions):
        columns.setdefault(str(expression.subs(factor_of)), []).append(place)
    return [Term(name, tuple(places), frozenset([name])) for name, places in columns.items()]
