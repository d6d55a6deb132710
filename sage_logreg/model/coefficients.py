r"""
The coefficients of a model, by name

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: coefficients = maximum_likelihood(ex2data1()).coefficients()
    sage: coefficients
      name   weight     std. error   95% interval           odds ratio   95% interval of the odds ratio
    ...
      bias   -25.1613   5.79855      -36.5263 .. -13.7964
      x1     0.206232   0.0480007    0.112152 .. 0.300311   1.22904      1.11868 .. 1.35028
      x2     0.201472   0.048625     0.106168 .. 0.296775   1.2232       1.11201 .. 1.34551
    sage: coefficients['x1'], coefficients.odds_ratios['x1']  # rel tol 1e-6
    (0.206231713, 1.22903796)
"""
import math

from sage_logreg.support import sage_objects
from sage_logreg.support.tables import Shown, cell_text


def odds_ratio(weight):
    r"""
    Return `e^w`, infinity where it is too large for a float.

    EXAMPLES::

        sage: from sage_logreg.model.coefficients import odds_ratio
        sage: odds_ratio(0), odds_ratio(1000), odds_ratio(-oo)
        (1.0, +infinity, 0.0)
    """
    try:
        return sage_objects.real_number(math.exp(weight))
    except OverflowError:
        return sage_objects.real_number(math.inf)


class Coefficients(Shown, dict):
    r"""
    A dictionary from the names of the weights to the weights, shown as a table with what is known of each.

    :meth:`~sage_logreg.model.logistic_inference.LogisticInference.coefficients` makes it.

    INPUT:

    - ``weights`` -- dictionary from names to weights, in the order of the model
    - ``variables`` -- the names without the bias, which have an odds ratio
    - ``standard_errors``, ``intervals`` -- dictionaries from names to numbers and to pairs; or why there are none, in a
      sentence
    - ``level`` -- of the intervals
    - ``ratio`` -- (default: ``'odds ratio'``) what `e^w` is called

    Besides the items there are, as dictionaries by name, ``odds_ratios``, and of an estimate ``standard_errors``,
    ``intervals`` (of the weights) and ``odds_ratio_intervals``.

    EXAMPLES::

        sage: from sage_logreg import gradient_descent, maximum_likelihood
        sage: rows = [[0, 0], [1, 1], [2, 0], [3, 1]]
        sage: coefficients = maximum_likelihood(rows).coefficients(level=0.9)
        sage: list(coefficients), dict(coefficients) == coefficients
        (['bias', 'x1'], True)
        sage: coefficients.intervals['x1']  # rel tol 1e-6
        (-0.876797919, 2.69316644)

    Weights where a descent stopped have no intervals::

        sage: coefficients = gradient_descent(rows, iterations=0).coefficients()
        sage: coefficients
          name   weight   odds ratio
        ...
          bias   0
          x1     0        1
        sage: coefficients.intervals
        Traceback (most recent call last):
        ...
        ValueError: confidence intervals are of an estimate, and the weights are where gradient_descent stopped, ... standard errors short of it by a Newton step; expected a converged model of maximum_likelihood

    TESTS::

        sage: copy(coefficients) == loads(dumps(coefficients)) == coefficients
        True
        sage: repr(loads(dumps(coefficients))) == repr(coefficients)
        True
    """

    # also of those that were pickled before there was a choice
    _ratio = 'odds ratio'

    def __init__(self, weights, variables, standard_errors, intervals, level, ratio=_ratio):
        super().__init__(weights)
        self._ratio = ratio
        self.odds_ratios = {name: odds_ratio(weights[name]) for name in variables}
        self._errors, self._intervals, self._level = standard_errors, intervals, level

    @property
    def standard_errors(self):
        r"""
        The standard errors of the weights.
        """
        return _unless_refused(self._errors)

    @property
    def intervals(self):
        r"""
        The confidence intervals of the weights.
        """
        return _unless_refused(self._intervals)

    @property
    def odds_ratio_intervals(self):
        r"""
        The confidence intervals of the odds ratios, without one of the bias.
        """
        return {name: tuple(map(odds_ratio, self.intervals[name])) for name in self.odds_ratios}

    def table(self):
        r"""
        Return the coefficients as a Sage ``table`` of texts, numbers to six digits; without Sage its rows.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: maximum_likelihood(ex2data1(), l2=1).coefficients().table()
              name   weight     std. error   odds ratio
            ...
              bias   -25.0521   5.75378
              x1     0.205354   0.0476452    1.22796
              x2     0.200584   0.0482665    1.22212
        """
        return super().table()

    def _columns(self):
        interval = f'{100 * self._level:g}% interval'
        columns = {'name': {name: name for name in self}, 'weight': self}
        if not isinstance(self._errors, str):
            columns['std. error'] = self._errors
        if not isinstance(self._intervals, str):
            columns[interval] = self._intervals
        columns[self._ratio] = self.odds_ratios
        if not isinstance(self._intervals, str):
            columns[f'{interval} of the {self._ratio}'] = self.odds_ratio_intervals
        return {title: [column.get(name) for name in self] for title, column in columns.items()}

    def _rows(self):
        columns = self._columns()
        return [list(columns), *(list(map(cell_text, row)) for row in zip(*columns.values()))]


class CoefficientsOfClasses(Shown, dict):
    r"""
    A dictionary from classes to the :class:`Coefficients` of each, shown as one table.

    INPUT:

    - ``classes`` -- dictionary from classes to pairs, the title of the class and its coefficients

    EXAMPLES::

        sage: from sage_logreg import maximum_likelihood
        sage: coefficients = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a']], l2=1, label=-1).coefficients()
        sage: list(coefficients), list(coefficients['c'])
        (['b', 'c'], ['bias', 'x1'])
        sage: repr(loads(dumps(coefficients))) == repr(coefficients)
        True
    """

    def __init__(self, classes):
        super().__init__({label: coefficients for label, (_, coefficients) in classes.items()})
        self._titles = {label: title for label, (title, _) in classes.items()}

    def _rows(self):
        rows = []
        for label, coefficients in self.items():
            header, *own = coefficients._rows()
            rows += [[self._titles[label]] + [''] * (len(header) - 1), *own]
        return [header, *rows]

    def _columns(self):
        tables = {self._titles[label]: coefficients._columns() for label, coefficients in self.items()}
        columns = {'class': [title for title, own in tables.items() for _ in own['name']]}
        for title in next(iter(tables.values())):
            columns[title] = [cell for own in tables.values() for cell in own[title]]
        return columns


def _unless_refused(values):
    if isinstance(values, str):
        raise ValueError(values)
    return dict(values)
