r"""
Exact tests: what is known of some weights when all others are conditioned away

The sums `T_j = \sum_i x_{ij} y_i` are sufficient for the weights. Given those of all other weights, the distribution of those of a term
is free of the other weights, and where the term's own weights are zero it is a matter of counting: each value `t` has the
probability `c(t) / \sum_s c(s)`, with `c(t)` the number of ways to give the labels that lead to it [CS1989]_. Nothing is
approximated, however small the table is, and it does not matter whether the estimate exists.

EXAMPLES:

The lady who tells whether tea or milk was first in her cup, and is right in three of four of each [Fis1935]_::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.exact.conditional import exact_test
    sage: tea = load_data(([[1], [0]], [3, 1], [4, 4]), variables='milk')
    sage: exact_test(tea, ['milk'])
    Exact test that the weight of milk is zero, given the sum of bias
    two-sided by probability, by counting 70 ways to give the labels, with 5 values of the sum
      term   sum   p-value    mid-p value   conditional estimate   95% interval
    ...
      milk   3     0.485714   0.371429      1.8576                 -1.55242 .. 6.43974
    sage: exact_test(tea, ['milk'], 'greater').p_value
    17/70

REFERENCES:

.. [CS1989] \D. R. Cox and E. J. Snell, *Analysis of binary data*, 2nd edition, Chapman and Hall, 1989.

.. [Fis1935] \R. A. Fisher, *The design of experiments*, Oliver and Boyd, 1935.

.. [Tri1984] \D. Tritchler, *An algorithm for exact logistic regression*, J. Amer. Statist. Assoc. 79 (1984) 709-711.

.. [HMP1987] \K. F. Hirji, C. R. Mehta and N. R. Patel, *Computing distributions for exact logistic regression*,
   J. Amer. Statist. Assoc. 82 (1987) 1110-1117.

.. [MP1995] \C. R. Mehta and N. R. Patel, *Exact logistic regression: theory and examples*, Statistics in Medicine 14 (1995)
   2143-2160.

.. [HTP1989] \K. F. Hirji, A. A. Tsiatis and C. R. Mehta, *Median unbiased estimation for binary data*, The American Statistician 43
   (1989) 7-11.
"""
import functools
import math
from fractions import Fraction

import numpy

from sage_logreg.exact.basis import IntegerBasis
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import listed, real_number, shown
from sage_logreg.support.exact_number import exact_number, sage_number
from sage_logreg.support.progress import progress_bar
from sage_logreg.support.tables import Table

ALTERNATIVES, METHODS = ('two-sided', 'greater', 'less'), ('probability', 'score')
# most numbers of 64 bits in which the ways are counted
MOST_STATES = 1000000
# sums must be whole numbers of 64 bits
LARGEST = 2**62
# log-odds beyond which a conditional estimate is not looked for, in units of the smallest distance of the sums
FARTHEST = 1e6


def exact_test(data, names, alternative='two-sided', method='probability', exact=None, most_states=MOST_STATES):
    r"""
    Return the exact conditional test that the weights of some columns are zero.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset` of two classes, in memory and dense
    - ``names`` -- list of columns of its design
    - ``alternative``, ``method``, ``exact``, ``most_states`` -- as for :meth:`~sage_logreg.model.profiles.Profiles.exact_test`

    OUTPUT: an :class:`ExactTest`

    ALGORITHM:

    The labels are given pattern after pattern of the columns, `n` points with the same `x` at once: of them `y` have the label 1 in
    `\binom{n}{y}` ways. The sums so far are the states, with how many ways lead to each, and where two ways meet the numbers are
    added [Tri1984]_. A state is left when what remains cannot bring the sums that are conditioned on to those observed: for
    each of them the smallest and the largest sum of the labels that remain are known [HMP1987]_, [MP1995]_. All numbers are whole.
    """
    for name, value, known in (('alternative', alternative, ALTERNATIVES), ('method', method, METHODS)):
        if value not in known:
            raise ValueError(f'{name} = {shown(value)}; expected {" or ".join(map(repr, known))}')
    if alternative != 'two-sided' and len(names) > 1:
        raise ValueError(f'alternative = {alternative!r} is of one weight, and the term has {len(names)}: {listed(names)}; '
                         "expected 'two-sided'")
    if data.offset is not None and data.offset.any():
        raise ValueError('with an offset the labels are not equally probable where the weights are zero; expected data without one')
    patterns = _Patterns(data.counted(), names, exact)
    values, counts = _counted(patterns, most_states)
    given = ['bias'] * data.intercept + [name for name in data.design.variables if name not in names]
    return ExactTest(names, given, patterns.in_units_of_data(values), counts.tolist(),
                     patterns.in_units_of_data(patterns.free_sums)[0], alternative, method)


class _Patterns:
    # The different rows of the data in whole numbers, g x k of the columns that are conditioned on (first the bias, if there is one)
    # and g x d of the others, with their points (trials), the sums of both that were observed.

    def __init__(self, data, names, exact):
        rows, self.trials, successes = _different_rows(data, exact)
        variables = data.design.variables
        places = [j for j, name in enumerate(variables) if name not in names] + [variables.index(name) for name in names]
        columns = [_whole_numbers([row[j] for row in rows], data.intercept) for j in places]
        for place, (numbers, _, _) in zip(places, columns):
            if sum(abs(number) * int(count) for number, count in zip(numbers, self.trials)) >= LARGEST:
                raise ValueError(f'the numbers of the column {variables[place]} have too many digits for their sums to be counted; '
                                 "expected few decimals, whole numbers or rationals, floats with exact='decimal'")
        table = numpy.array([[1] * len(rows)] * data.intercept + [numbers for numbers, _, _ in columns], dtype=numpy.int64).T
        split = table.shape[1] - len(names)
        # what has few different values comes first: its sum is complete early
        different = [len(numpy.unique(column)) for column in table.T]
        order = numpy.lexsort([table[:, j] for j in sorted(range(split), key=different.__getitem__, reverse=True)] or [table[:, 0]])
        table, self.trials, successes = table[order], self.trials[order], successes[order]
        self.fixed, self.free, self.biased = table[:, :split], table[:, split:], data.intercept
        self.fixed_sums, self.free_sums = successes @ self.fixed, (successes @ self.free)[None]
        # the way back to the units of the data
        self.scales, self.shifts = zip(*[(scale, shift * int(successes.sum())) for _, scale, shift in columns[-len(names):]])

    def in_units_of_data(self, sums):
        return [tuple(scale * value + shift for scale, value, shift in zip(self.scales, row, self.shifts)) for row in sums.tolist()]


def _different_rows(data, exact):
    # With their points, and how many of these have the label 1.
    if exact is None:
        exact = 'decimal' if data.points.dtype == numpy.float64 else 'binary'
    numbers, patterns = data.design.exact.taken_as(exact).rows(slice(None)), {}
    for place in numpy.argwhere(~numpy.frompyfunc(lambda number: isinstance(number, Fraction), 1, 1)(numbers).astype(bool)):
        raise ValueError(f'the column {data.design.variables[place[1]]} has {numbers[tuple(place)]}; an exact test expects rational '
                         'numbers')
    for row, label, count in zip(map(tuple, numbers), data.labels.astype(int).tolist(), _whole_weights(data)):
        patterns.setdefault(row, [0, 0])[label] += count
    counts = numpy.array(list(patterns.values()), dtype=numpy.int64)
    return list(patterns), counts.sum(axis=1), counts[:, 1]


def _whole_weights(data):
    if data.exact_weights is None:
        return [1] * len(data)
    weights = list(map(exact_number, data.exact_weights))
    for place, weight in enumerate(weights):
        if not (isinstance(weight, Fraction) and weight.denominator == 1):
            raise ValueError(f'{data.place(place)}: weight = {weight}; an exact test counts points, and expects whole numbers')
    return list(map(int, weights))


def _whole_numbers(column, shifted):
    # Numbers, scale and shift, such that numbers * scale + shift is the column; the numbers start with 0 if they are shifted.
    shift = min(column) if shifted else Fraction(0)
    column = [number - shift for number in column]
    whole = math.lcm(*(number.denominator for number in column))
    numbers = [int(number * whole) for number in column]
    common = math.gcd(*numbers) or 1
    return [number // common for number in numbers], Fraction(common, whole), shift


def _counted(patterns, most_states):
    # The sums of the free columns that are possible, an array, and how many ways lead to each.
    fixed, trials = patterns.fixed, patterns.trials.tolist()
    columns, width = numpy.hstack([fixed, patterns.free]), fixed.shape[1]
    words = 1 + sum(trials) // 64
    states, counts = numpy.zeros((1, columns.shape[1]), dtype=numpy.int64), numpy.array([1], dtype=object)

    def merged(parts):
        found = _merged(*map(numpy.concatenate, zip(*parts)))
        if len(found[0]) * words > most_states:
            raise ValueError(f'the table is too large for an exact test: after {place + 1} of {len(trials)} different rows '
                             f'{len(found[0])} sums of {sum(trials)} points are possible, counted in {len(found[0]) * words} '
                             f'numbers of 64 bits, and most_states = {most_states}; expected fewer points or fewer different values, or '
                             'likelihood_ratio_test')
        return found

    with progress_bar(total=len(trials), desc='exact_test') as bar:
        for place, count in enumerate(trials):
            can_end, parts, size = _reach(fixed[place + 1:], patterns.trials[place + 1:], patterns.biased), [], 0
            for successes in range(count + 1):
                moved = states + successes * columns[place]
                kept = can_end(patterns.fixed_sums - moved[:, :width])
                parts.append((moved[kept], counts[kept] * math.comb(count, successes)))
                size += int(kept.sum())
                # many points of one pattern lead to many states twice
                if size * words > 2 * most_states:
                    parts = [merged(parts)]
                    size = len(parts[0][0])
            states, counts = merged(parts)
            bar.update()
    return states[:, width:], counts


def _merged(states, counts):
    # Each state once, with the sum of its counts.
    order = _order(states)
    states, counts = states[order], counts[order]
    starts = numpy.flatnonzero(numpy.concatenate([[True], (states[1:] != states[:-1]).any(axis=1)]))
    return states[starts], numpy.add.reduceat(counts, starts)


def _order(states):
    # In which equal rows are neighbours: by one number for each row, if that is not too large.
    low = states.min(axis=0)
    sizes = (states.max(axis=0) - low + 1).tolist()
    if math.prod(sizes) >= LARGEST:
        return numpy.lexsort(states.T)
    return numpy.argsort((states - low) @ numpy.array([math.prod(sizes[:place]) for place in range(len(sizes))]))


def _reach(columns, trials, biased):
    # The function that tells which sums, S x k, some of the points that remain can have, as far as bounds for each column tell.
    values = numpy.sort(numpy.repeat(columns, trials, axis=0), axis=0)
    zeros = numpy.zeros((1, columns.shape[1]), dtype=numpy.int64)
    # of the smallest and of the largest ones, by how many they are
    low, high = (numpy.concatenate([zeros, numpy.cumsum(ordered, axis=0)]) for ordered in (values, values[::-1]))

    def can_end(left):
        if not biased:
            return ((low.min(axis=0) <= left) & (left <= high.max(axis=0))).all(axis=1)
        points = left[:, 0].clip(0, len(values))
        return ((low[points] <= left) & (left <= high[points])).all(axis=1)

    return can_end


class ExactTest(Table):
    r"""
    An exact conditional test, and the distribution that it is by. It is shown as a table.

    - ``names`` -- list of strings, the columns whose weights are zero by the hypothesis
    - ``given`` -- list of strings, the weights whose sums are conditioned on
    - ``alternative``, ``method`` -- of the test

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.exact.conditional import exact_test
        sage: test = exact_test(load_data(([[0], [1], [2]], [0, 1, 3], [3, 3, 3]), variables='dose'), ['dose'])
        sage: test.p_value, test.mid_p_value, test.statistic, test.given
        (1/21, 1/28, 7, ['bias'])
        sage: test.distribution
        {1: 3, 2: 12, 3: 30, 4: 36, 5: 30, 6: 12, 7: 3}
        sage: test['p-value']  # abs tol 1e-12
        [0.0476190476190476]
    """

    def __init__(self, names, given, values, counts, observed, alternative='two-sided', method='probability'):
        self.names, self.given, self.alternative, self.method = names, given, alternative, method
        # tuples of fractions, and ints
        self._values, self._counts = map(list, zip(*sorted(zip(values, counts))))
        self._observed, self._total = observed, sum(counts)
        self._p_value, self._same = self._probabilities()
        super().__init__(self._columns_of_test(), self._text())

    def _text(self):
        many = len(self.names) > 1
        given = f', given the sum{"s" * (len(self.given) > 1)} of {listed(self.given)}' if self.given else ''
        lines = [f'Exact test that the weight{"s" * many} of {listed(self.names)} {"are" if many else "is"} zero{given}',
                 f'{self.alternative} by {self.method}, by counting {_count_text(self._total)} to give the labels, with '
                 f'{len(self._values)} value{"s" * (len(self._values) > 1)} of the sum{"s" * many}']
        return '\n'.join(lines + ['the estimate is median unbiased, as the sum is the '
                                  f'{"smallest" if self._is_least() else "largest"} possible'] * self._is_infinite())

    def _columns_of_test(self):
        columns = {'term': [listed(self.names)], 'sum': [', '.join(f'{float(value):.6g}' for value in self._observed)],
                   'p-value': [float(self._p_value)], 'mid-p value': [float(self._mid_p_value())]}
        if len(self.names) == 1 and len(self._values) > 1:
            columns['conditional estimate'] = [self._median() if self._is_infinite() else self._estimate()]
            columns['95% interval'] = [self._interval(0.95)]
        return columns

    # What is exact

    def _probabilities(self):
        # The p-value, and the probability of what is as extreme as the observed.
        place, counts = self._values.index(self._observed), self._counts
        if self.alternative == 'two-sided':
            extremes = [-count for count in counts] if self.method == 'probability' else _scores(self._values, counts)
        else:
            sign = 1 if self.alternative == 'greater' else -1
            extremes = [sign * value for value, in self._values]
        as_extreme = sum(count for count, extreme in zip(counts, extremes) if extreme >= extremes[place])
        return Fraction(as_extreme, self._total), Fraction(counts[place], self._total)

    def _mid_p_value(self):
        return self._p_value - self._same / 2

    @property
    def p_value(self):
        r"""
        The p-value, an element of ``QQ``.
        """
        return _rational(self._p_value)

    @property
    def mid_p_value(self):
        r"""
        The p-value less half of the probability of the sums that were observed, an element of ``QQ``.
        """
        return _rational(self._mid_p_value())

    @property
    def statistic(self):
        r"""
        The sum `\sum_i x_i y_i` of the term's column, an element of ``QQ``; of several columns a tuple of them.
        """
        return self._key(self._observed)

    @property
    def distribution(self):
        r"""
        How many ways of giving the labels lead to each value of :attr:`statistic`, a dictionary of elements of ``ZZ``.
        """
        return dict(zip(map(self._key, self._values), map(sage_objects.integer, self._counts)))

    def _key(self, value):
        return _rational(value[0]) if len(value) == 1 else tuple(map(_rational, value))

    # Estimates, in floating point

    def estimate(self):
        r"""
        Return the conditional maximum-likelihood estimate of the weight, an element of ``RDF``.

        It is infinite where the sum is the smallest or the largest one that is possible.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.exact.conditional import exact_test
            sage: exact_test(load_data(([[1], [0]], [3, 1], [4, 4])), ['x1']).estimate().exp()  # rel tol 1e-9
            6.40831965820
            sage: exact_test(load_data(([[1], [0]], [4, 1], [4, 4])), ['x1']).estimate()
            +infinity
        """
        self._check_one()
        return sage_objects.real_number(self._estimate())

    def median_unbiased_estimate(self):
        r"""
        Return the median unbiased estimate of the weight, an element of ``RDF``, which is finite [HTP1989]_.

        It is the mean of the two weights with which the sum is as probable as not to be at least, and at most, that observed; where
        this is the smallest or the largest one, the only one of these weights.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.exact.conditional import exact_test
            sage: test = exact_test(load_data(([[1], [0]], [4, 1], [4, 4])), ['x1'])
            sage: test.median_unbiased_estimate()  # rel tol 1e-9
            1.93031357205
        """
        self._check_one()
        return sage_objects.real_number(self._median())

    def confidence_interval(self, level=0.95):
        r"""
        Return the exact confidence interval of the weight: all values that neither of two one-sided exact tests rejects.

        INPUT:

        - ``level`` -- (default: 0.95) above 0 and below 1; each of the two tests is at half of what is left to 1

        OUTPUT: a pair over ``RDF``; an end is infinite where the sum is the smallest or the largest one that is possible

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: from sage_logreg.exact.conditional import exact_test
            sage: test = exact_test(load_data(([[1], [0]], [3, 1], [4, 4])), ['x1'])
            sage: [end.exp() for end in test.confidence_interval()]  # rel tol 1e-9
            [0.211735595447, 626.243530589]
        """
        self._check_one()
        return tuple(map(sage_objects.real_number, self._interval(real_number('level', level, above=0, below=1))))

    def _check_one(self):
        if len(self.names) > 1:
            raise ValueError(f'a conditional estimate is of one weight, and the term has {len(self.names)}: {listed(self.names)}')
        if len(self._values) == 1:
            raise ValueError(f'given the other sums, that of {self.names[0]} has one value only, which tells nothing of its weight')

    def _is_least(self):
        return self._observed == self._values[0]

    def _is_infinite(self):
        return len(self.names) == 1 and len(self._values) > 1 and self._observed in (self._values[0], self._values[-1])

    @functools.cached_property
    def _tilted(self):
        # The sums less that observed, divided by the smallest distance, and the logarithms of their counts; the distance.
        sums = [value - self._observed[0] for value, in self._values]
        unit = min(b - a for a, b in zip(sums, sums[1:]))
        return (numpy.array([float(value / unit) for value in sums]), numpy.array(list(map(math.log, self._counts))), float(unit))

    def _weight_where(self, excess):
        # The weight at which a function of the sums' probabilities, which rises with it, is zero.
        from scipy.optimize import brentq
        sums, logarithms, unit = self._tilted

        def at(weight):
            exponents = logarithms + weight * sums
            probabilities = numpy.exp(exponents - exponents.max())
            return excess(sums, probabilities / probabilities.sum())

        end = 1.0
        while at(-end) > 0 or at(end) < 0:
            end *= 2
            if end > FARTHEST:
                return math.nan
        return brentq(at, -end, end, xtol=1e-14, rtol=1e-14) / unit

    def _estimate(self):
        if self._is_infinite():
            return -math.inf if self._is_least() else math.inf
        return self._weight_where(lambda sums, probabilities: sums @ probabilities)

    def _ends(self, tail):
        # The weights at which the sum is at least, and at most, that observed with a given probability.
        low = self._weight_where(lambda sums, probabilities: probabilities[sums >= 0].sum() - tail) if not self._is_least() else -math.inf
        high = (self._weight_where(lambda sums, probabilities: tail - probabilities[sums <= 0].sum())
                if self._observed != self._values[-1] else math.inf)
        return low, high

    def _interval(self, level):
        return self._ends((1 - level) / 2)

    def _median(self):
        ends = [end for end in self._ends(0.5) if math.isfinite(end)]
        return sum(ends) / len(ends)


def _scores(values, counts):
    # The squares of the values' distances from their mean, by the inverse of their covariance, times a positive number: whole.
    wholes = [math.lcm(*(Fraction(entry).denominator for entry in column)) for column in zip(*values)]
    table = numpy.array([[int(entry * whole) for entry, whole in zip(value, wholes)] for value in values], dtype=object)
    counts = numpy.array(counts, dtype=object)
    distances = sum(counts) * table - counts @ table
    covariance, basis = (distances.T * counts) @ distances, IntegerBasis(len(wholes))
    for k in range(len(wholes)):
        # a column that depends on those before it adds nothing
        basis.enter(k, covariance[:, k], basis.units())
    coordinates = basis.inverse @ distances.T
    return sum((distances[:, k] * coordinates[place] for place, k in enumerate(basis.members) if k >= 0), 0 * counts).tolist()


def _count_text(count):
    if count < 10**12:
        return f'{count} way{"s" * (count > 1)}'
    digits = len(str(count)) - 1
    return f'{str(count)[0]}.{str(count)[1:3]}e{digits} ways'


def _rational(value):
    from sage_logreg.support import needs_sage  # noqa: F401
    return sage_number(Fraction(value))
