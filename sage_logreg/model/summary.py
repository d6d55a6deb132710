r"""
The summary: everything that is known of a model, in one table

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).summary()
    P(y = 1) by maximum_likelihood, 100 rows
    variables: x1, x2
             weight     std. error   z        P(>|z|)    95% interval           odds ratio   right digits
    ...
      bias   -25.1613   5.79855      -4.339   1.43e-05   -36.5263 .. -13.7964                14
      x1     0.206232   0.0480007    4.296    1.74e-05   0.112152 .. 0.300311   1.22904      14
      x2     0.201472   0.048625     4.143    3.42e-05   0.106168 .. 0.296775   1.2232       14
    <BLANKLINE>
      log-likelihood           -20.3498
      null deviance            134.602        99 degrees of freedom
      residual deviance        40.6995        97 degrees of freedom
      AIC                      46.6995
      BIC                      54.5151
      pseudo-R²                0.697631       McFadden's
      cost                     0.203498
      largest gradient entry   below 1e-12
"""
import math

import numpy

from sage_logreg.dataset.categorical import Factor
from sage_logreg.exact.separation import check_estimate
from sage_logreg.solvers.penalties import has_l1
from sage_logreg.solvers.sandwich import checked_kind
from sage_logreg.support.arguments import listed, real_number
from sage_logreg.support.interrupt import is_interrupt
from sage_logreg.support.tables import Shown, as_sage, cell_text, plain

# the first column of a summary is wide from so many characters on
WIDE = 32

# a summary shows so many of the weights if it would have more rows than MOST_ROWS
MOST_ROWS, SHOWN_ROWS = 100, 20

# why a summary has no right digits after Ctrl-C
INTERRUPTED = 'interrupted while the estimate was being found and proved to exist'

GRADIENT = 'largest gradient entry'
# facts that the lines above the table tell
ABOVE = ('rows', 'dropped rows')


def _on_one_line(value):
    # A title or a level.
    text = ' '.join((value if isinstance(value, str) else f'{value:g}' if isinstance(value, float) else str(value)).split())
    return text if len(text) <= 60 else text[:57] + '...'


def _digits_text(digits):
    # near the last bit a tenth of a digit means nothing
    return '' if digits is None else f'{digits:.1f}' if digits < 10 else f'{math.floor(digits)}'


# how numbers are shown that need other digits than six
TEXTS = {'z': '{:.4g}'.format, 'P(>|z|)': '{:.3g}'.format, 'right digits': _digits_text}


class Summary(Shown):
    r"""
    The summary of a model, shown as a table of its weights and one of what is known of it as a whole.

    INPUT:

    - ``columns`` -- dictionary from titles to lists, an entry a weight
    - ``texts`` -- the rows that are shown of them, the header first
    - ``note`` -- the lines above
    - ``facts`` -- dictionary from names to numbers, of the model as a whole

    EXAMPLES::

        sage: from sage_logreg import ex2data1, maximum_likelihood
        sage: summary = maximum_likelihood(ex2data1()).summary()
        sage: summary.facts()['AIC'], summary.facts()['residual degrees of freedom']  # rel tol 1e-9
        (46.6995403178, 97)
        sage: print(summary.csv().splitlines()[0])
        name,weight,std. error,z,P(>|z|),95% interval lower,95% interval upper,odds ratio,right digits
        sage: loads(dumps(summary)).latex() == summary.latex()
        True
    """

    def __init__(self, columns, texts, note, facts):
        self._numbers, self._texts, self.note, self._facts = columns, texts, note, facts

    def _rows(self):
        return self._texts

    def _columns(self):
        return self._numbers

    def _below(self):
        facts = dict(self._facts)
        remarks = {f'{name} deviance': f'{cell_text(facts.pop(f"{name} degrees of freedom"))} degrees of freedom'
                   for name in ('null', 'residual')}
        remarks['pseudo-R²'] = "McFadden's"
        texts = {name: cell_text(value) for name, value in facts.items()}
        # below this it is only rounding error
        if facts[GRADIENT] <= 1e-12:
            texts[GRADIENT] = 'below 1e-12'
        return [[name, text, remarks.get(name, '')] for name, text in texts.items() if name not in ABOVE]

    def facts(self):
        r"""
        Return what the summary has of the model as a whole, a dictionary from names to numbers.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: maximum_likelihood(ex2data1(), l2=1).summary().facts()['rows']
            100
        """
        return {name: as_sage(value) for name, value in self._facts.items()}


class Summarized:
    def _right_digits(self, wald):
        # How many digits of these weights agree with the estimate, or None if none was found; and why there is none.
        likelihood = self._likelihood
        try:
            fit = self._newton(1e-10)
            check_estimate(likelihood, fit)
        except ValueError as error:
            return None, str(error)
        except (KeyboardInterrupt, SystemError) as error:
            if not is_interrupt(error):
                raise
            return None, INTERRUPTED
        return (wald.right_digits(fit) if fit.converged else None), None

    def _summary(self, level, baseline=None, kind=None, cluster=None):
        # A model of more than two classes shows its weights less those of the baseline, the number of a class.
        level = real_number('level', level, above=0, below=1)
        without_hessian = self._reason_without_hessian()
        if without_hessian:
            if kind is not None or cluster is not None:
                raise ValueError(f'kind and cluster are of standard errors, of which this summary has none: {without_hessian}')
            return self._short_summary(without_hessian, baseline)
        wald = self._wald(baseline, kind, cluster)
        digits, missing = self._right_digits(wald)
        # what was proved when the model was made is not in doubt after Ctrl-C
        is_proved = missing == INTERRUPTED and self.method == 'maximum_likelihood' and self._converged
        doubt = None if is_proved else missing or self._doubt_of_estimate
        has_tests = not doubt and not self._likelihood.l2
        columns = {'weight': wald.weights}
        if not doubt:
            columns['std. error'] = wald.errors
        if has_tests:
            columns['z'], columns['P(>|z|)'] = wald.z_values(), wald.p_values()
            columns[f'{100 * level:g}% interval'] = list(zip(*(ends.tolist() for ends in wald.wald_intervals(level))))
        columns[self.RATIO] = self._ratios(wald.weights)
        columns['right digits'] = [None] * len(wald.weights) if digits is None else digits
        uncounted = 'without right digits: interrupted while they were counted' if is_proved else None
        return self._summary_of(columns, has_tests, [self._kind_text(doubt), uncounted], baseline, kind, cluster)

    def _short_summary(self, reason, baseline):
        # The weights that are too many for the Hessian.
        weights = self._shown_weights(baseline)
        if self.method == 'maximum_likelihood' and not has_l1(self._options):
            reason += f'; the weights are those of the minimum {"to 8 digits" if self._converged else "not to 8 digits"}'
        # a class against itself has none
        ratios = {} if baseline is None and self.data.classes > 2 else {self.RATIO: self._ratios(weights)}
        return self._summary_of({'weight': weights, **ratios}, False, [reason], baseline)

    def _summary_of(self, columns, has_tests, notes, baseline, kind=None, cluster=None):
        # Columns of numbers by their titles, a block a class.
        names, titles = self.weight_names(), self._titles_of_blocks(baseline)
        columns = {title: [plain(cell) for cell in cells] for title, cells in columns.items()}
        texts = self._texts_of(columns, names, titles)
        columns = {'name': len(titles) * list(names), **columns}
        if any(titles):
            columns = {'class': [title for title in titles for _ in names], **columns}
        note = '\n'.join(filter(None, [*notes, *self._heading(baseline), self._errors_text(kind, cluster)]))
        return Summary(columns, texts, note, self._facts(has_tests))

    def _facts(self, has_tests):
        # What is known of the model as a whole.
        data, (cost, gradient) = self.data, self._evaluate()
        degrees, null = self.degrees_of_freedom(), self.null_deviance()
        facts = {'rows': self._count_of_rows(), 'dropped rows': data.dropped, 'log-likelihood': self.log_likelihood(), 'null deviance': null,
                 'null degrees of freedom': degrees.null, 'residual deviance': self.deviance(),
                 'residual degrees of freedom': degrees.residual}
        if has_tests:
            facts.update(AIC=self.aic(), BIC=self.bic())
        facts.update({'pseudo-R²': self.pseudo_r_squared(), 'cost': cost, GRADIENT: abs(gradient).max()})
        return {name: plain(value) for name, value in facts.items()}

    def _texts_of(self, columns, names, titles):
        # What is shown of the columns: the first rows if there are many.
        rows = [['', *columns]]
        texts = list(zip(*(map(TEXTS.get(title, cell_text), cells) for title, cells in columns.items())))
        is_sparse = len(texts) > MOST_ROWS and has_l1(self._options)
        for block, title in enumerate(titles):
            own = [[name, *row] for name, row in zip(names, texts[block * len(names):])]
            if is_sparse:
                own = [row for row, weight in zip(own, columns['weight'][block * len(names):]) if weight]
            rows += [[title] + [''] * len(columns)] * bool(title) + self._in_blocks(own)
        if len(rows) > MOST_ROWS + 1:
            rows = rows[:SHOWN_ROWS + 1] + [[f'... and {len(rows) - 1 - SHOWN_ROWS} more rows'] + [''] * len(columns)]
        if is_sparse:
            rows.append([f'({list(columns["weight"]).count(0)} weights are zero)'] + [''] * len(columns))
        return rows

    def _ratios(self, weights):
        # A bias has none.
        count, biases = self.data.design.count, int(self.data.intercept)
        with numpy.errstate(over='ignore'):
            return [None if place % count < biases else ratio for place, ratio in enumerate(numpy.exp(weights))]

    def _count_of_rows(self):
        # Groups are one row each.
        return len(self.data) if self.data.is_chunked or self.data.trials is None else len(self.data.trials)

    def _heading(self, baseline):
        # What is modelled, how and from what.
        data = self.data
        rows, has_weights = f'{self._count_of_rows()} rows', data.has_weights if data.is_chunked else data.weights is not None
        if not data.is_chunked and data.trials is not None:
            rows = f'{self._count_of_rows()} groups with {data.trials.sum():g} trials'
        elif has_weights:
            rows += f' with weights, {data.total():g} in all'
        if data.is_chunked:
            rows += f' in {len(data.chunks)} chunks'
        if data.dropped:
            rows += f' ({data.dropped} more dropped for missing values)'
        without = '' if data.intercept else ', no intercept'
        yield f'{self._what()} by {self.method}, {rows}{without}'
        if baseline is not None:
            yield f'each class against {data.label_text(baseline)}'
        if self.solver() not in (self.method, 'Newton'):
            yield f'solver: {self.solver()}'
        if data.formula:
            yield f'formula: {" ".join(data.formula.split())}'
        else:
            columns = [column.title if isinstance(column, Factor) else column.variable for column in data.coding.columns]
            yield f'variables: {listed(map(_on_one_line, columns), "variables")}'

    def _in_blocks(self, rows):
        # The rows, those of a factor's levels below what names the factor and its reference.
        levels = {name: (factor, level) for factor in self.data.coding.factors for level, name in factor.indicators.items()}
        result, before = [], None
        for row in rows:
            factor, level = levels.get(row[0], (None, None))
            if factor is not None and factor is not before:
                result += [[text] + [''] * (len(row) - 1) for text in self._factor_texts(factor)]
            result.append(row if factor is None else [f'  {_on_one_line(level)}', *row[1:]])
            before = factor
        return result

    def _factor_texts(self, factor):
        # In one line, or two if it would make the table wide.
        title, own = _on_one_line(factor.title), factor.indicators.get(factor.reference)
        if factor.reference is None or own in self.weight_names():
            # a reference that has a weight of its own is none
            return [title]
        reference = f'(reference {_on_one_line(factor.reference)})'
        return [f'{title} {reference}'] if len(title) + len(reference) < WIDE else [title, f'  {reference}']

    def _errors_text(self, kind, cluster):
        # Which standard errors these are, if they are not those of the likelihood.
        if kind is None and cluster is None:
            return None
        clusters = '' if cluster is None else ' by clusters' + (f' of {cluster}' if isinstance(cluster, str) else '')
        return f'standard errors, tests and intervals: sandwich, {checked_kind(kind, cluster is not None, self.data.classes)}{clusters}'

    def _kind_text(self, doubt):
        # What the model is, if it is not a maximum-likelihood estimate.
        if doubt:
            return f'not an estimate, therefore without standard errors, tests and intervals: {doubt}'
        if self._likelihood.l2:
            return f'not the maximum-likelihood estimate, therefore without tests and intervals: {self._penalty_text()}'
        if self._likelihood.bias_reduced:
            return "a bias-reduced estimate, Firth's; tests and intervals are Wald's, by the Fisher information"
        if not self._options.get('check', True):
            return 'it was not proved that the estimate exists (check=False), which separation(model.data) decides'
        return None
