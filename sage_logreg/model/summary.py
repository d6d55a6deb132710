r"""
The summary: everything that is known of a model, in one table

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).summary()
    P(y = 1) by maximum_likelihood, 100 rows
    ...
"""
import math

from sage_logreg.exact.separation import check_estimate
from sage_logreg.model.coefficients import odds_ratio
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import real_number
from sage_logreg.support.interrupt import is_interrupt
from sage_logreg.support.tables import interval_text

# the first column of a summary is wide from so many characters on
WIDE = 32

# a summary shows so many of the weights if it would have more rows than MOST_ROWS
MOST_ROWS, SHOWN_ROWS = 100, 20

# why a summary has no right digits after Ctrl-C
INTERRUPTED = 'interrupted while the estimate was being found and proved to exist'


def _on_one_line(value):
    # A title or a level.
    text = ' '.join((value if isinstance(value, str) else f'{value:g}' if isinstance(value, float) else str(value)).split())
    return text if len(text) <= 60 else text[:57] + '...'


def _digits_text(digits):
    # near the last bit a tenth of a digit means nothing
    return f'{digits:.1f}' if digits < 10 else f'{math.floor(digits)}'


class Summarized:
    r"""
    What makes the summary of a model; of two classes :meth:`LogisticModel.summary`, of more :meth:`MultinomialModel.summary`.
    """

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

    def _summary(self, level, baseline=None):
        # A model of more than two classes shows its weights less those of the baseline, the number of a class.
        level = real_number('level', level, above=0, below=1)
        without_hessian = self._reason_without_hessian()
        if without_hessian:
            return self._short_summary(without_hessian, baseline)
        wald = self._wald(baseline)
        digits, missing = self._right_digits(wald)
        # what was proved when the model was made is not in doubt after Ctrl-C
        is_proved = missing == INTERRUPTED and self.method == 'maximum_likelihood' and self._converged
        doubt = None if is_proved else missing or self._doubt_of_estimate
        columns = {'weight': [f'{weight:.6g}' for weight in wald.weights]}
        if not doubt:
            columns['std. error'] = [f'{error:.6g}' for error in wald.errors]
        if not doubt and not self._likelihood.l2:
            columns['z'] = [f'{z:.4g}' for z in wald.z_values()]
            columns['P(>|z|)'] = [f'{p_value:.3g}' for p_value in wald.p_values()]
            columns[f'{100 * level:g}% interval'] = list(map(interval_text, zip(*wald.wald_intervals(level))))
        columns[self.RATIO] = self._ratio_texts(wald.weights)
        columns['right digits'] = [''] * len(wald.weights) if digits is None else list(map(_digits_text, digits))
        cost, gradient = self._evaluate()
        largest = abs(gradient).max()
        facts = {'cost': f'{cost:.6g}',
                 # below this it is only rounding error
                 'largest gradient entry': f'{largest:.6g}' if largest > 1e-12 else 'below 1e-12',
                 'log-likelihood': f'{self._log_likelihood():.6g}'}
        if not doubt and not self._likelihood.l2:
            facts['AIC'] = f'{float(self.aic()):.6g}'
        uncounted = 'without right digits: interrupted while they were counted' if is_proved else None
        return self._table(columns, facts, '; '.join(filter(None, [self._kind_text(doubt), uncounted])), baseline)

    def _short_summary(self, reason, baseline):
        # The weights that are too many for the Hessian, the first few of them.
        weights = self._shown_weights(baseline)
        cost, gradient = self._evaluate()
        facts = {'cost': f'{cost:.6g}', 'largest gradient entry': f'{abs(gradient).max():.3g}',
                 'log-likelihood': f'{self._log_likelihood():.6g}'}
        if self.method == 'maximum_likelihood':
            reason += f'; the weights are those of the minimum {"to 8 digits" if self._converged else "not to 8 digits"}'
        first = weights[:SHOWN_ROWS]
        columns = {'weight': [f'{weight:.6g}' for weight in first], self.RATIO: self._ratio_texts(first)}
        return self._table(columns, facts, reason, baseline)

    def _table(self, columns, facts, note, baseline):
        # Columns of texts by their titles, a block a class, the first rows if there are many, and facts below.
        names, titles, rows = self.weight_names(), self._titles_of_blocks(baseline), [['', *columns]]
        texts = list(zip(*columns.values()))
        for block, title in enumerate(titles):
            own = [[name, *row] for name, row in zip(names, texts[block * len(names):])]
            rows += [[title] + [''] * len(columns)] * bool(title) + self._in_blocks(own)
        left_out = len(titles) * len(names) - len(texts)
        if left_out or len(rows) > MOST_ROWS + 1:
            more = f'... and {len(rows) - 1 - SHOWN_ROWS + left_out} more rows'
            rows = rows[:SHOWN_ROWS + 1] + [[more] + [''] * len(columns)]
        rows += [[name, text] + [''] * (len(columns) - 1) for name, text in facts.items()]
        return sage_objects.text_table(rows, '\n'.join(filter(None, [*self._heading(baseline), note])))

    def _ratio_texts(self, weights):
        # A bias has none.
        count, biases = self.data.design.count, int(self.data.intercept)
        return ['' if place % count < biases else f'{float(odds_ratio(weight)):.6g}' for place, weight in enumerate(weights)]

    def _heading(self, baseline):
        # What is modelled, how and from what.
        data = self.data
        rows, has_weights = f'{len(data)} rows', data.has_weights if data.is_chunked else data.weights is not None
        if not data.is_chunked and data.trials is not None:
            rows = f'{len(data.trials)} groups with {data.trials.sum():g} trials'
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

    def _kind_text(self, doubt):
        # What the model is, if it is not a maximum-likelihood estimate.
        if doubt:
            return f'not an estimate, therefore without standard errors, tests and intervals: {doubt}'
        if self._likelihood.l2:
            return f'an estimate with a penalty, therefore without tests and intervals: {self._penalty_text()}'
        if self._likelihood.bias_reduced:
            return "a bias-reduced estimate, Firth's; tests and intervals are Wald's, by the Fisher information"
        if not self._options.get('check', True):
            return 'it was not proved that the estimate exists (check=False), which separation(model.data) decides'
        return None
