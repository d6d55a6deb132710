r"""
Effects: what a variable changes in the probabilities

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(ex2data1())
    sage: model.marginal_effects()
    marginal effects on P(y = 1), averaged over 100 rows
      variable   change       effect      std. error    z         P(>|z|)        95% interval
    ...
      x1         derivative   0.0128238   0.000554144   23.1417   1.76299e-118   0.0117377 .. 0.0139099
      x2         derivative   0.0125278   0.000986053   12.705    5.54514e-37    0.0105952 .. 0.0144605
    sage: model.plot_effect('x1', by='x2')
    Graphics object consisting of 6 graphics primitives
    sage: model.plot_coefficients(odds_ratios=True)
    Graphics object consisting of 4 graphics primitives

REFERENCES:

- W. H. Greene, *Econometric Analysis*, eighth edition, Pearson, 2018, sections 17.3.2 and 18.2.3.
- J. Fox and J. Hong, *Effect displays in R for multinomial and proportional-odds logit models*, Journal of Statistical Software 32
  (2009), no. 1, 1-24.
- D. W. Hosmer, S. Lemeshow and R. X. Sturdivant, *Applied Logistic Regression*, third edition, Wiley, 2013, chapter 3.
"""
import typing

import numpy

from sage_logreg.dataset.categorical import Factor
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.design import Design
from sage_logreg.dataset.names import unlike
from sage_logreg.dataset.typical import column_name, column_of, columns_in_use, columns_of, numbers_of, points_with, typical_values
from sage_logreg.model.coefficients import odds_ratio
from sage_logreg.solvers.effects import Effects as EffectsFound
from sage_logreg.solvers.effects import average_probabilities, average_slopes, probability_intervals
from sage_logreg.solvers.estimate import Contrasts
from sage_logreg.support.arguments import entries, one_of, real_number, shown
from sage_logreg.support.interrupt import interrupts_explained
from sage_logreg.support.tables import Table

# places on a curve, and on one of averages, which takes longer
CURVE, CURVE_OF_AVERAGES = 201, 51
# most variables whose values are named
NAMED = 3


class MarginalEffects(Table):
    r"""
    The table of :meth:`Effects.marginal_effects`.

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: effects = maximum_likelihood(ex2data1()).marginal_effects()
        sage: effects.dict()  # rel tol 1e-6
        {'x1': 0.0128238219, 'x2': 0.0125278303}
        sage: loads(dumps(effects)) == effects
        True
    """

    def __init__(self, columns, note, keys):
        super().__init__(columns, note)
        self._keys = keys

    def dict(self):
        r"""
        Return the effects by the names of the variables, of a factor's levels by those of their indicators.

        OUTPUT: a dictionary to elements of ``RDF``; of more than two classes from these to such dictionaries
        """
        result = {}
        for (label, name), effect in zip(self._keys, self['effect']):
            (result if label is None else result.setdefault(label, {}))[name] = effect
        return result


class Rows(typing.NamedTuple):
    r"""
    Where probabilities are averaged: rows of the data, or one point.

    - ``data`` -- the :class:`~sage_logreg.dataset.dataset.Dataset`, in memory
    - ``points`` -- float64 array, g x n, in the data's variables
    - ``offset`` -- ``None``, or float64 array of their offsets
    - ``shares`` -- float64 array of g numbers whose sum is 1
    """

    data: Dataset
    points: numpy.ndarray
    offset: numpy.ndarray
    shares: numpy.ndarray

    def with_numbers(self, numbers):
        r"""
        Return the same with other numbers in some columns.
        """
        return self._replace(points=points_with(self.points, numbers))

    def mean(self):
        r"""
        Return the one point of the means.
        """
        offset = None if self.offset is None else self.shares[None] @ self.offset
        return self._replace(points=self.shares[None] @ self.points, offset=offset, shares=numpy.ones(1))


class Curve(typing.NamedTuple):
    r"""
    Averaged probabilities over values of a variable.

    - ``level`` -- the value of another variable, or ``None``
    - ``values`` -- list of V numbers, or levels of a factor
    - ``probabilities`` -- float64 array, V x K
    - ``ends`` -- two such arrays, those of the intervals, or ``None``
    """

    level: object
    values: list
    probabilities: numpy.ndarray
    ends: tuple


class Effects:
    r"""
    The methods of a model that say what a variable changes in the probabilities.

    EXAMPLES: see :mod:`sage_logreg.model.effects`.
    """

    def marginal_effects(self, at='overall', variables=None, level=0.95, discrete=(), kind=None, cluster=None):
        r"""
        Return the marginal effects of the variables on the probability of y = 1, or on those of all classes.

        The effect of a variable is the derivative of the probability by it, through all features in which it is; that of a level of a
        factor is the change of the probability from the reference level.

        INPUT:

        - ``at`` -- (default: ``'overall'``) average of the effects in all rows, weighted by their trials; or ``'mean'``, the effects at
          the point of the means (of a factor's levels their frequencies; of the offset its mean)
        - ``variables`` -- (default: all in the model) list of names, of a factor its title
        - ``level`` -- (default: 0.95) of the confidence intervals; ``None`` leaves out what needs standard errors, as it must be for
          weights that are not an estimate of the likelihood alone
        - ``discrete`` -- (default: none) names of columns of numbers 0 and 1 whose effect is the change from 0 to 1, or ``True`` for
          all such columns; it is the derivative otherwise
        - ``kind``, ``cluster`` -- of the standard errors, as for ``standard_errors``

        OUTPUT: a :class:`MarginalEffects`, a table with columns ``'variable'``, ``'change'``, ``'effect'``, ``'std. error'``, ``'z'``,
        ``'P(>|z|)'`` and that of the intervals, of more than two classes also ``'class'``; its ``dict()`` has the effects by name

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: model = maximum_likelihood(ex2data1())
            sage: model.marginal_effects().dict()['x1']  # rel tol 1e-6
            0.0128238219
            sage: model.marginal_effects(at='mean', variables='x2', level=0.9)
            marginal effects on P(y = 1) at the means
              variable   change       effect      std. error   z         P(>|z|)       90% interval
            ...
              x2         derivative   0.0259788   0.00736113   3.52919   0.000416835   0.0138708 .. 0.0380868

        Of a factor the changes from its reference level, and of a variable with features the derivatives through all of them::

            sage: from sage_logreg import penguins
            sage: data = penguins(formula='sex ~ species + body_mass_g + I(body_mass_g^2)', missing='drop')
            sage: effects = maximum_likelihood(data).marginal_effects()
            sage: effects['variable'], effects['change'][:2r]
            (['species_Chinstrap', 'species_Gentoo', 'body_mass_g'], ['Adelie to Chinstrap', 'Adelie to Gentoo'])

        TESTS::

            sage: model.marginal_effects(at='median')
            Traceback (most recent call last):
            ...
            ValueError: at = 'median'; expected 'overall' or 'mean'
            sage: model.marginal_effects(variables=['x1', 'x3'])
            Traceback (most recent call last):
            ...
            ValueError: variables[1] = x3; expected one of x1, x2
            sage: model.marginal_effects(discrete='x1')
            Traceback (most recent call last):
            ...
            ValueError: discrete has x1, which has other values than 0 and 1; expected columns of these
            sage: maximum_likelihood(ex2data1(), l2=1).marginal_effects()
            Traceback (most recent call last):
            ...
            ValueError: standard errors of effects are of an estimate by the likelihood alone, and the penalty l2 = 1 draws the weights to zero; expected a model without it, or level=None for the numbers alone

        ALGORITHM:

        Derivatives of features are those of automatic differentiation. The standard errors are by the delta method, see
        :mod:`sage_logreg.solvers.effects`.

        REFERENCES:

        - W. H. Greene, *Econometric Analysis*, eighth edition, Pearson, 2018, sections 17.3.2 and 18.2.3.
        """
        columns = columns_of(self.data, variables, 'variables')
        level, uncertainty = self._uncertainty_of('standard errors of effects', 'level', level, kind, cluster)
        rows = self._rows_of_effects('marginal effects')
        where = f', averaged over {_count_text(rows)}' if _is_overall(at) else ' at the means'
        rows = rows if _is_overall(at) else rows.mean()
        discrete = _discrete(discrete, columns, self.data)
        effects = [effect for column in columns for effect in self._effects_of(column, rows, column in discrete)]
        return self._table_of_effects(effects, level, uncertainty, f'marginal effects on {self._what_is_affected()}{where}')

    def _what_is_affected(self):
        return f'P({self.data.label_text(1)})' if self.data.classes == 2 else f'the probabilities of {self.data.label_name}'

    def _uncertainty_of(self, what, argument, level, kind, cluster):
        # The level, checked, and what knows how sure the weights are; neither where only the numbers are wanted.
        if level is None:
            if kind is not None or cluster is not None:
                raise ValueError(f'{argument} = None leaves out the standard errors, and kind or cluster is given; expected a level such as '
                                 '0.95')
            return None, None
        level = real_number(argument, level, above=0, below=1)
        try:
            return level, self._uncertainty(what, kind, cluster)
        except ValueError as error:
            raise ValueError(f'{error}, or {argument}=None for the numbers alone') from None

    def _rows_of_effects(self, what):
        found = self._observations(what)[0]
        data = self._in_memory(what)
        points = numpy.asarray(data.points[found.first], dtype=numpy.float64)
        return Rows(data, points, found.offset, found.trials / found.trials.sum())

    def _design_of_effects(self, rows):
        features = self.data.features
        points = rows.points if features is None else features.checked_values(rows.points, lambda row: 'where effects are taken')
        design = Design(points, intercept=self.data.intercept)
        return design, self._probabilities_of_classes(design, rows.offset)

    def _average(self, rows):
        return average_probabilities(*self._design_of_effects(rows), rows.shares)

    def _average_slopes(self, rows, variable):
        design, probabilities = self._design_of_effects(rows)
        if self.data.features is None:
            slopes = numpy.zeros(rows.points.shape)
            slopes[:, self.data.variables.index(variable)] = 1.0
        else:
            slopes = self.data.features.slopes(rows.points, variable)
        return average_slopes(design, slopes, probabilities, self._of_classes(), rows.shares)

    def _effects_of(self, column, rows, is_discrete):
        # Triples of a name, the change, and the average over the rows of what it does.
        if not isinstance(column, Factor) and not is_discrete:
            yield column.variable, 'derivative', self._average_slopes(rows, column.variable)
            return
        is_factor = isinstance(column, Factor)
        first, others = (column.reference, [level for level in column.levels if level != column.reference]) if is_factor else (0, [1])

        def average(value):
            return self._average(rows.with_numbers(numbers_of(self.data, column, value, column_name(column))))

        reference = average(first)
        for value in others:
            yield column.indicators[value] if is_factor else column.variable, f'{first} to {value}', average(value) - reference

    def _table_of_effects(self, effects, level, uncertainty, note):
        # Of more than two classes one after the other.
        labels = {None: 1} if self.data.classes == 2 else {label: place for place, label in enumerate(self._label_names())}
        places = [(label, place, number) for label, place in labels.items() for number in range(len(effects))]
        order = [number * self.data.classes + place for _, place, number in places]
        columns = {} if self.data.classes == 2 else {'class': [str(label) for label, _, _ in places]}
        columns['variable'] = [effects[number][0] for _, _, number in places]
        columns['change'] = [effects[number][1] for _, _, number in places]
        columns['effect'] = numpy.concatenate([average.values for _, _, average in effects])[order].tolist()
        if uncertainty is not None:
            found = EffectsFound([average for _, _, average in effects], uncertainty)
            columns['std. error'] = found.errors[order].tolist()
            columns['z'] = found.z_values()[order].tolist()
            columns['P(>|z|)'] = found.p_values()[order].tolist()
            columns[_interval_title(level)] = list(zip(*(ends[order].tolist() for ends in found.wald_intervals(level))))
        return MarginalEffects(columns, note, [(label, effects[number][0]) for label, _, number in places])

    # Probabilities over a variable

    @interrupts_explained('effect_table: interrupted before all probabilities were found')
    def effect_table(self, variable, by=None, values=None, interval=0.95, fixed=None, at='mean', kind=None, cluster=None):
        r"""
        Return the probabilities at some values of a variable, with confidence intervals: the numbers of :meth:`plot_effect`.

        INPUT:

        - ``variable`` -- name of a variable, of a factor its title
        - ``by`` -- (default: none) another one, for whose levels they are found one after the other; of numbers for the
          different ones, of more than five for the quartiles. A dictionary from the name to a list says which
        - ``values`` -- (default: as those of ``by``, and the smallest and the largest) list of values of the variable
        - ``interval`` -- (default: 0.95) level of the confidence intervals; ``None`` leaves them out, as it must be for weights that are
          not an estimate of the likelihood alone
        - ``fixed`` -- (default: none) dictionary from other variables to numbers, from titles of factors to levels
        - ``at`` -- (default: ``'mean'``) the other variables are at their means, factors at their references, as in the other pictures,
          the offset at its mean; or ``'overall'``: the probabilities are averages over all rows, weighted by their trials, whose other
          variables are what they are
        - ``kind``, ``cluster`` -- of the standard errors, as for ``standard_errors``

        OUTPUT: a :class:`~sage_logreg.support.tables.Table` with a column for the variable, for ``by``, ``'class'`` of more than two
        classes, ``'probability'`` and that of the intervals

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: model = maximum_likelihood(ex2data1())
            sage: model.effect_table('x1', values=[40, 60, 80])
            P(y = 1) at x2 = 66.22
              x1   probability   95% interval
            ...
              40   0.0273791     0.00421799 .. 0.157592
              60   0.635161      0.428056 .. 0.801966
              80   0.990798      0.921374 .. 0.99899

        TESTS::

            sage: model.effect_table('x1', by='x1')
            Traceback (most recent call last):
            ...
            ValueError: by = x1 is the variable itself; expected another one
            sage: model.effect_table('x1', fixed={'x1': 3})
            Traceback (most recent call last):
            ...
            ValueError: fixed has x1, which varies; expected other variables

        ALGORITHM:

        The intervals are Wald's of the log-odds, by the delta method, whose ends are converted to probabilities; of more
        than two classes those of each class against all others.

        REFERENCES:

        - J. Fox and J. Hong, *Effect displays in R for multinomial and proportional-odds logit models*, Journal of Statistical
          Software 32 (2009), no. 1, 1-24.
        """
        level, uncertainty = self._uncertainty_of('intervals of effects', 'interval', interval, kind, cluster)
        plan = self._plan(variable, by, fixed, at)
        values = _values_of(plan.column, values, 'values') or typical_values(plan.rows.points, plan.rows.shares, plan.column, self.data)
        curves = self._curves(plan, values, level, uncertainty)
        return self._table_of_curves(plan, curves, level)

    @interrupts_explained('plot_effect: interrupted before all probabilities were found')
    def plot_effect(self, variable, by=None, interval=0.95, fixed=None, at='mean', kind=None, cluster=None, **options):
        r"""
        Return the curve of the probability of y = 1 over a variable with its confidence band, or those of all classes.

        INPUT:

        - ``variable``, ``by``, ``interval``, ``fixed``, ``at``, ``kind``, ``cluster`` -- as for :meth:`effect_table`
        - ``options`` -- options of Sage's ``line`` (of a factor ``point``) and of ``show``

        OUTPUT: a ``Graphics``: a curve with its band for each level of ``by``, or for each class; of a factor points with
        intervals. The title says what the other variables are. With ``by`` and more than two classes, an array of such pictures

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, penguins
            sage: model = maximum_likelihood(penguins(formula='sex ~ species + body_mass_g', missing='drop'))
            sage: model.plot_effect('body_mass_g')
            Graphics object consisting of 2 graphics primitives
            sage: model.plot_effect('body_mass_g', by='species')
            Graphics object consisting of 6 graphics primitives
            sage: model.plot_effect('species', by={'body_mass_g': [4000, 5000]})
            Graphics object consisting of 8 graphics primitives
        """
        from sage_logreg.plot.effects import plot_effect
        level, uncertainty = self._uncertainty_of('intervals of effects', 'interval', interval, kind, cluster)
        plan = self._plan(variable, by, fixed, at)
        if isinstance(plan.column, Factor):
            values = list(plan.column.levels)
        else:
            column = plan.rows.points[:, self.data.variables.index(plan.column.variable)]
            values = numpy.linspace(column.min(), column.max(), CURVE if len(plan.base.points) == 1 else CURVE_OF_AVERAGES).tolist()
        curves = self._curves(plan, values, level, uncertainty)
        by = None if plan.by is None else column_name(plan.by)
        return plot_effect(self.data, column_name(plan.column), by, curves, plan.text, **options)

    def _plan(self, variable, by, fixed, at):
        # What varies, over which rows, and what is said of the others.
        column = column_of(self.data, variable, 'variable')
        levels = None
        if isinstance(by, dict):
            if len(by) != 1:
                raise ValueError(f'by = {shown(by)}; expected one name, or a dictionary from it to a list of values')
            [(by, levels)] = by.items()
        other = None if by is None else column_of(self.data, by, 'by')
        if other == column:
            raise ValueError(f'by = {column_name(column)} is the variable itself; expected another one')
        numbers, given = self._fixed(fixed, (column, other))
        rows = self._rows_of_effects('effects')
        if levels is not None:
            levels = _values_of(other, levels, f'by[{column_name(other)}]')
        elif other is not None:
            levels = typical_values(rows.points, rows.shares, other, self.data, ends=False)
        base = rows if _is_overall(at) else self._at_references(rows.mean())
        base = base.with_numbers(numbers)
        text = self._text_of_others((column, other), given, base)
        if _is_overall(at):
            text = ', '.join(filter(None, [f'averaged over {_count_text(rows)}', text]))
        return Plan(column, other, levels, rows, base, text)

    def _fixed(self, fixed, varying):
        # The numbers of the given values, by their places, and the names for which they are given.
        fixed = {} if fixed is None else fixed
        if not isinstance(fixed, dict):
            raise TypeError(f'fixed = {shown(fixed)}; expected a dictionary from variables to numbers')
        numbers, names = {}, []
        for name, value in fixed.items():
            column = column_of(self.data, name, 'fixed')
            if column in varying:
                raise ValueError(f'fixed has {column_name(column)}, which varies; expected other variables')
            numbers.update(numbers_of(self.data, column, value, f'fixed[{column_name(column)}]'))
            names.append(column_name(column))
        return numbers, names

    def _at_references(self, rows):
        for factor in self.data.coding.factors:
            rows = rows.with_numbers(numbers_of(self.data, factor, factor.reference, column_name(factor)))
        return rows

    def _text_of_others(self, varying, given, base):
        # What the other variables are; where rows differ in them, those that are given.
        others = [column for column in columns_in_use(self.data) if column not in varying]
        if len(base.points) > 1 or len(others) > NAMED:
            named = [column for column in others if column_name(column) in given]
        else:
            named = others
        texts, rest = [self._fixed_text(column, base) for column in named], len(others) - len(named)
        if rest and len(base.points) == 1:
            texts.append(f'{rest} other variable{"s" * (rest > 1)} at mean or reference')
        return f'at {", ".join(texts)}' if texts else ''

    def _fixed_text(self, column, rows):
        if isinstance(column, Factor):
            value = next(level for level in column.levels
                         if all(rows.points[0, j] == number for j, number in numbers_of(self.data, column, level, '').items()))
        else:
            value = f'{rows.points[0, self.data.variables.index(column.variable)]:.4g}'
        return f'{column_name(column)} = {value}'

    def _curves(self, plan, values, level, uncertainty):
        curves = []
        for own in [None] if plan.by is None else plan.levels:
            rows = plan.base if plan.by is None else plan.base.with_numbers(numbers_of(self.data, plan.by, own, column_name(plan.by)))
            averages = [self._average(rows.with_numbers(numbers_of(self.data, plan.column, value, column_name(plan.column))))
                        for value in values]
            ends = None
            if uncertainty is not None:
                ends = probability_intervals(averages, uncertainty, level)
            curves.append(Curve(own, values, numpy.array([average.values for average in averages]), ends))
        return curves

    def _table_of_curves(self, plan, curves, level):
        classes = [1] if self.data.classes == 2 else range(self.data.classes)
        interval, columns = _interval_title(level), {}
        taken = {'class', 'probability', interval}
        places = [(curve, j, k) for curve in curves for j in range(len(curve.values)) for k in classes]
        if plan.by is not None:
            columns[unlike(column_name(plan.by), taken)] = [_cell(plan.by, curve.level) for curve, _, _ in places]
        columns[unlike(column_name(plan.column), taken)] = [_cell(plan.column, curve.values[j]) for curve, j, _ in places]
        if self.data.classes > 2:
            columns['class'] = [str(self.data.label_names[k]) for _, _, k in places]
        columns['probability'] = [float(curve.probabilities[j, k]) for curve, j, k in places]
        if level is not None:
            columns[interval] = [tuple(float(end[j, k]) for end in curve.ends) for curve, j, k in places]
        return Table(columns, f'{self._what_is_affected()} {plan.text}'.strip())

    # The weights themselves

    def _ratios_table(self, level, baseline, kind, cluster):
        # The exponentials of the weights with intervals, the bias left out.
        blocks, names = self._intervals_of_weights('interval', level, baseline, kind, cluster), self.data.design.variables
        columns = {'class': [title for title, _ in blocks for _ in names]} if blocks[0][0] else {}
        columns['variable'] = [name for _ in blocks for name in names]
        columns[self.RATIO] = [odds_ratio(row[0]) for _, rows in blocks for row in rows]
        columns[_interval_title(level)] = [tuple(map(odds_ratio, row[1:])) for _, rows in blocks for row in rows]
        return Table(columns)

    def _intervals_of_weights(self, argument, level, baseline, kind, cluster):
        # For each other class (of two classes for the only one) its title, and of each variable the weight and the ends of its interval.
        level, uncertainty = self._uncertainty_of('confidence intervals', argument, level, kind, cluster)
        place = None if baseline is None and self.data.classes == 2 else self._baseline(baseline)
        if level is None:
            weights = self._weights if place is None else self._shown_weights(place)
            columns = [weights] * 3
        else:
            wald = uncertainty if place is None else Contrasts(uncertainty, place, self._others(place))
            columns = [wald.weights, *wald.wald_intervals(level)]
        rows = numpy.column_stack(columns).reshape(-1, self.data.design.count, 3)[:, int(self.data.intercept):]
        titles = [''] if place is None else [self.data.label_text(k) for k in self._others(place)]
        return list(zip(titles, rows.tolist()))

    def plot_coefficients(self, level=0.95, odds_ratios=False, baseline=None, kind=None, cluster=None, **options):
        r"""
        Return a forest plot: the weights with their confidence intervals, a line each, the bias left out.

        INPUT:

        - ``level`` -- (default: 0.95) of the confidence intervals; ``None`` leaves them out, as it must be for weights that are
          not an estimate of the likelihood alone
        - ``odds_ratios`` -- (default: ``False``) whether their exponentials are drawn, on a logarithmic axis
        - ``baseline`` -- (default: of more than two classes the first) the class with which the others are compared
        - ``kind``, ``cluster`` -- of the standard errors, as for ``standard_errors``
        - ``options`` -- options of Sage's ``point`` and of ``show``

        OUTPUT: a ``Graphics``; the levels of a factor stand below its title and its reference. Of more than two classes each has a colour

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, penguins
            sage: model = maximum_likelihood(penguins(formula='sex ~ species + body_mass_g', missing='drop'))
            sage: model.plot_coefficients(odds_ratios=True)
            Graphics object consisting of 5 graphics primitives
        """
        from sage_logreg.plot.forest import plot_forest
        from sage_logreg.plot.looks import class_text
        blocks = self._intervals_of_weights('level', level, baseline, kind, cluster)
        titles = [title and class_text(self.data, k) for k, (title, _) in zip(self._others(self._baseline(baseline)), blocks)]
        rows = zip(self.data.design.variables, zip(*(rows for _, rows in blocks)))
        return plot_forest(titles, self._in_blocks(list(map(list, rows))), self.RATIO if odds_ratios else None, **options)


class Plan(typing.NamedTuple):
    r"""
    What varies in a picture of effects.

    - ``column``, ``by`` -- the columns that vary, the second or ``None``
    - ``levels`` -- the values of ``by``
    - ``rows`` -- :class:`Rows` of the data
    - ``base`` -- :class:`Rows` in which these columns are changed
    - ``text`` -- what the others are, in words
    """

    column: object
    by: object
    levels: list
    rows: Rows
    base: Rows
    text: str


def _is_overall(at):
    if at not in ('overall', 'mean'):
        raise ValueError(f"at = {shown(at)}; expected 'overall' or 'mean'")
    return at == 'overall'


def _count_text(rows):
    return f'{len(rows.points)} {"rows" if rows.data.trials is None else "groups"}'


def _interval_title(level):
    return None if level is None else f'{100 * float(level):g}% interval'


def _discrete(discrete, columns, data):
    # The columns of the numbers 0 and 1 whose effect is the change between them.
    def is_binary(column):
        return not isinstance(column, Factor) and set(numpy.unique(data.points[:, data.variables.index(column.variable)])) <= {0.0, 1.0}

    if isinstance(discrete, bool):
        return [column for column in columns if discrete and is_binary(column)]
    given = columns_of(data, discrete, 'discrete')
    for column in given:
        if not isinstance(column, Factor) and not is_binary(column):
            raise ValueError(f'discrete has {column.variable}, which has other values than 0 and 1; expected columns of these')
    return given


def _values_of(column, values, text):
    # The values that are given, checked; None if none are.
    if values is None:
        return None
    given = entries(values)
    if not given:
        raise TypeError(f'{text} = {shown(values)}; expected a list of values')
    if isinstance(column, Factor):
        return [one_of(f'{text}[{place}]', value, column.levels) for place, value in enumerate(given)]
    return [real_number(f'{text}[{place}]', value) for place, value in enumerate(given)]


def _cell(column, value):
    return str(value) if isinstance(column, Factor) else float(value)
