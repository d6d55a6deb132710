r"""
Residuals and influence: which observations a model does not fit, and which ones it owes its weights to

An observation is a row, of grouped data a group; rows and groups without any weight are none.

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = maximum_likelihood(ex2data1())
    sage: model.influence(most=3)
    the 3 most influential of 100 observations; rows are numbered from 0
      row   observed   P(y = 1)   deviance residual   standardised   leverage    Cook's distance
    ...
      36    0          0.852268   -1.95569            -2.09529       0.128812    0.326373
      10    0          0.909675   -2.19287            -2.27197       0.068417    0.264652
      27    0          0.865185   -2.00192            -2.08852       0.0812024   0.205768
    sage: model.residuals()[:3]  # rel tol 1e-6
    (-0.436914995, -0.00919343230, -0.299673069)

Of groups, with pictures of what may be wrong::

    sage: groups = maximum_likelihood(([[1], [2], [3], [4]], [1, 2, 2, 5], [4, 5, 3, 6]), variables='dose')
    sage: groups.influence(most=2)
    the 2 most influential of 4 observations; rows are numbered from 0
      row   observed   trials   P(y = 1)   deviance residual   standardised   leverage   Cook's distance
    ...
    sage: groups.plot_diagnostics()
    Graphics Array of size 2 x 2
"""
import numpy

from sage_logreg.solvers.diagnostics import KINDS, OF_CLASSES, OF_ESTIMATE, Diagnostics, binned, pictured, usual_bins
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import entries, listed, real_vector, shown, whole_number
from sage_logreg.support.tables import Table

LARGEST_SEED = 2**32 - 1


class Influence:
    r"""
    The methods of a model about single observations: how far they are from the model, and what it owes to them.

    Residuals are of the weights, whatever they are, but for standardised ones; these and the other methods are of an estimate.

    EXAMPLES: see :mod:`sage_logreg.model.influence`.
    """

    def _diagnostics(self, what, seed=0, estimate=None, of_classes=False):
        # With an estimate by a method that refuses others; of two classes, if not of more as well.
        observations = self._observations(what)
        if self.data.classes > 2 and not of_classes:
            one, other = map(repr, self._label_names()[:2])
            raise ValueError(f'{what} are of two classes, and the model has {self.data.classes}; expected a model of two of them, such as '
                             f'of model.data.of_classes({one}, {other})')
        return Diagnostics(*observations, estimate and estimate(what), whole_number('seed', seed, maximum=LARGEST_SEED))

    def _influences(self, what, seed=0):
        return self._diagnostics(what, seed, self._of_likelihood)

    def residuals(self, kind='deviance', seed=0):
        r"""
        Return how far the observations are from the model.

        INPUT:

        - ``kind`` -- (default: ``'deviance'``) of an observation with the proportion `y` of `n` trials, of which the model says the
          probability `p`:

          - ``'response'`` -- `y - p`
          - ``'pearson'`` -- `\sqrt{n} (y - p) / \sqrt{p (1 - p)}`; their squares sum to Pearson's chi-squared
          - ``'deviance'`` -- the root of what the observation adds to the deviance, with the sign of `y - p`
          - ``'standardised'``, ``'standardised_pearson'`` -- the last two divided by `\sqrt{1 - h}`, `h` the :meth:`leverage`
          - ``'studentised'`` -- an approximation of the root of what the deviance loses when the observation is left out (Williams 1987)
          - ``'quantile'`` -- the standard normal quantile of the binomial distribution at what was observed, where within its step
            being drawn by lot: if the model is right, they are standard normal, which the others are not for few trials
            (Dunn and Smyth 1996)

        - ``seed`` -- (default: 0) a whole number; the same one gives the same quantile residuals

        OUTPUT: a vector over ``RDF``, one number for each observation, in the order of the rows or groups; of K > 2 classes there are
        response and Pearson residuals, a matrix with a row for each observation and a column for each class (Pearson's
        `\sqrt{n} (y_k - p_k) / \sqrt{p_k}`), and deviance residuals, which have no sign. The standardised ones are of an estimate
        by the likelihood alone; they are NaN where the leverage is 1

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood(([[1], [2], [3]], [1, 2, 2], [4, 5, 3]))
            sage: model.residuals()  # rel tol 1e-6
            (0.0774128228, -0.119750961, 0.0800291479)
            sage: model.residuals('response'), model.residuals('standardised')  # rel tol 1e-6
            ((0.0165054420, -0.0264087073, 0.0220072561), (0.162074696, -0.163841771, 0.164162027))
            sage: model.residuals('quantile'), model.residuals('quantile') == model.residuals('quantile', seed=1)  # abs tol 1e-5
            ((0.191748, 0.0960929, 0.141098), False)

        Of three classes::

            sage: classes = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
            sage: classes.residuals('pearson').dimensions(), classes.residuals().norm()^2 / classes.deviance()  # abs tol 1e-9
            ((7, 3), 1.0)

        TESTS::

            sage: model.residuals('raw')
            Traceback (most recent call last):
            ...
            ValueError: kind = 'raw'; expected one of 'response', 'pearson', 'deviance', 'standardised', 'standardised_pearson', 'studentised', 'quantile'
            sage: classes.residuals('quantile')
            Traceback (most recent call last):
            ...
            ValueError: quantile residuals are of two classes, and the model has 3; expected a model of two of them, such as of model.data.of_classes('a', 'b')
            sage: maximum_likelihood([[1, 0], [2, 1], [3, 0], [4, 1]], weights=[1, 1/2, 1, 1]).residuals('quantile')
            Traceback (most recent call last):
            ...
            ValueError: quantile residuals are of whole counts, and row 2 counts 0.5 times; expected whole weights, or kind='deviance'

        REFERENCES:

        - P. K. Dunn and G. K. Smyth, *Randomized quantile residuals*, J. Comput. Graph. Statist. 5 (1996), no. 3, 236-244.
        - D. A. Williams, *Generalized linear model diagnostics using the deviance and single case deletions*, J. Roy. Statist. Soc.
          Ser. C 36 (1987), no. 2, 181-191.
        """
        _check_kind(kind)
        estimate = self._of_likelihood if kind in OF_ESTIMATE else None
        residuals = self._diagnostics(f'{kind.replace("_", " ")} residuals', seed, estimate, kind in OF_CLASSES).residuals(kind)
        return (sage_objects.real_vector if residuals.ndim == 1 else sage_objects.real_matrix)(residuals)

    def leverage(self):
        r"""
        Return the leverages of the observations, the diagonal of the hat matrix of the weighted least squares at the estimate.

        OUTPUT: a vector over ``RDF`` of numbers from 0 to 1, in the order of :meth:`residuals`. They sum to the number of weights; with
        the penalty ``l2``, whose curvature counts as well, to less, the effective degrees of freedom

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: model = maximum_likelihood(ex2data1())
            sage: model.leverage()[:3]  # rel tol 1e-6
            (0.0595317794, 0.000234077773, 0.0360862125)
            sage: sum(model.leverage()), sum(maximum_likelihood(ex2data1(), l2=1).leverage())  # rel tol 1e-9
            (3.0, 2.9954002832)

        REFERENCES:

        - D. Pregibon, *Logistic regression diagnostics*, Ann. Statist. 9 (1981), no. 4, 705-724.
        """
        return sage_objects.real_vector(self._diagnostics('leverages', estimate=self._of_estimate).leverage)

    def cooks_distance(self):
        r"""
        Return Cook's distances: how far each observation moves all weights together.

        It is the change of the weights in the norm of the Hessian, squared and divided by their number, if the observation is left
        out; by one Newton step, as of R's ``cooks.distance``.

        OUTPUT: a vector over ``RDF``, in the order of :meth:`residuals`; NaN where the leverage is 1

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: max(maximum_likelihood(ex2data1()).cooks_distance())  # rel tol 1e-6
            0.326373247

        REFERENCES:

        - D. Pregibon, *Logistic regression diagnostics*, Ann. Statist. 9 (1981), no. 4, 705-724.
        """
        return sage_objects.real_vector(self._influences("Cook's distances").cooks_distance)

    def dfbetas(self):
        r"""
        Return how far each observation moves each weight, in standard errors.

        OUTPUT: a matrix over ``RDF``, a row for each observation in the order of :meth:`residuals`, a column for each weight; positive
        where the weight is smaller without the observation; NaN where the leverage is 1

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: maximum_likelihood(ex2data1()).dfbetas()[:2]  # rel tol 1e-6
            [  -0.0514828118    0.0606282603    0.0337706917]
            [-9.86680384e-05  9.65634394e-05  9.25822126e-05]

        ALGORITHM:

        One Newton step from the estimate without the observation, `C x n (y - p) / (1 - h)`, with `C` the covariance, divided by the
        standard errors of the estimate with all observations (Pregibon 1981), as statsmodels' ``GLMInfluence`` has it. R's ``dfbetas`` is
        of linear models: it takes deviance residuals for `n (y - p)`, and estimates a scale, which is 1 here.

        REFERENCES:

        - D. Pregibon, *Logistic regression diagnostics*, Ann. Statist. 9 (1981), no. 4, 705-724.
        """
        return sage_objects.real_matrix(self._influences('dfbetas').dfbetas())

    def influence(self, most=10):
        r"""
        Return the observations with the largest Cook's distances, with all that says why.

        INPUT:

        - ``most`` -- (default: 10) how many, or ``None`` for all

        OUTPUT: a :class:`~sage_logreg.support.tables.Table`. Its column ``row`` has the numbers of the rows in the source (of the groups,
        if the data are grouped), as they were before any were dropped, from 0 on and without a header, as in
        ``data.row_numbers`` and a frame of pandas. ``observed`` is the label, of more than one trial the proportion of the modelled one

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood
            sage: model = maximum_likelihood([[1, 'no'], [None, 'no'], [2, 'yes'], [3, 'no'], [5, 'yes']], missing='drop')
            sage: table = model.influence(); table
            all 4 observations, the most influential first; rows are numbered from 0
              row   observed   P(y = 'yes')   deviance residual   standardised   leverage   Cook's distance
            ...
            sage: table['row'], table['observed']
            ([2, 3, 4, 0], ['yes', 'no', 'yes', 'no'])

        TESTS::

            sage: model.influence(most=0)
            Traceback (most recent call last):
            ...
            ValueError: most = 0; expected a whole number from 1
        """
        most = None if most is None else whole_number('most', most, minimum=1)
        diagnostics = self._influences('influences')
        found, count = diagnostics.observations, len(diagnostics.observations.rows)
        order = diagnostics.most_influential(most)
        names = self._label_names()
        single = self.data.trials is None
        observed = ([names[place] for place in found.counts[order].argmax(axis=1)] if single else found.proportions[order, 1].tolist())
        columns = {'row': found.rows[order].tolist(), 'observed': observed}
        if not single or self.data.weights is not None:
            columns['trials'] = found.trials[order].tolist()
        columns[f'P({self.data.label_text(1)})'] = diagnostics.probabilities[order, 1].tolist()
        columns['deviance residual'] = diagnostics.residuals('deviance')[order].tolist()
        columns['standardised'] = diagnostics.residuals('standardised')[order].tolist()
        columns['leverage'] = diagnostics.leverage[order].tolist()
        columns["Cook's distance"] = diagnostics.cooks_distance[order].tolist()
        some = f'all {count} observations, the most influential first' if len(order) == count else (
            f'the {len(order)} most influential of {count} observations')
        return Table(columns, f'{some}; rows are numbered from 0')

    # Pictures

    def plot_diagnostics(self, kind='quantile', seed=0, most=3, **options):
        r"""
        Return four pictures that show what may be wrong with the model.

        INPUT:

        - ``kind`` -- (default: ``'quantile'``) which :meth:`residuals` the upper two are of
        - ``seed`` -- (default: 0) of quantile residuals
        - ``most`` -- (default: 3) so many of the most influential observations are named by their numbers, as in :meth:`influence`
        - ``options`` -- options of Sage's ``point`` and of ``show``

        OUTPUT: a ``graphics_array``, whose parts are

        - the residuals over the log-odds, with a smooth line; it should stay near zero. Where it bends, a variable may have a curved
          effect
        - the sorted residuals over normal quantiles, and the band in which 95% of each are, if the model is right. Residuals of few
          trials are normal only if they are quantile residuals
        - standardised Pearson residuals over leverages, with curves of equal Cook's distances
        - :meth:`plot_binned_residuals`

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: picture = maximum_likelihood(ex2data1()).plot_diagnostics()
            sage: picture
            Graphics Array of size 2 x 2
            sage: picture[3]
            Graphics object consisting of 4 graphics primitives

        TESTS::

            sage: maximum_likelihood(ex2data1(), l2=1).plot_diagnostics()
            Traceback (most recent call last):
            ...
            ValueError: diagnostics are of an estimate by the likelihood alone, and the penalty l2 = 1 draws the weights to zero; expected a model without it

        REFERENCES:

        - P. K. Dunn and G. K. Smyth, *Randomized quantile residuals*, J. Comput. Graph. Statist. 5 (1996), no. 3, 236-244.
        - A. Gelman and J. Hill, *Data analysis using regression and multilevel/hierarchical models*, Cambridge University Press, 2007.
        - D. Pregibon, *Logistic regression diagnostics*, Ann. Statist. 9 (1981), no. 4, 705-724.
        """
        from sage_logreg.plot.diagnostics import plot_diagnostics
        _check_kind(kind)
        diagnostics = self._influences('diagnostics', seed)
        drawn = pictured(diagnostics, kind, whole_number('most', most))
        bins = binned(diagnostics, diagnostics.probabilities[:, 1], usual_bins(len(diagnostics.observations.rows)))
        return plot_diagnostics(drawn, bins, self.data, **options)

    def plot_binned_residuals(self, bins=None, by=None, **options):
        r"""
        Return the mean residuals of observations with nearly the same probability, or value of a variable, as a picture.

        Single residuals of trials that are 0 or 1 show little; of the means, with a right model about 95% are
        between the lines, two standard errors from zero (Gelman and Hill 2007).

        INPUT:

        - ``bins`` -- (default: the root of the number of observations, at least ten if there are more than ten) at most how many bins;
          they have about as many trials each, and observations with the same value are in one
        - ``by`` -- (default: the fitted probability) the name of a variable, of a feature or of a factor; or as many real numbers as
          there are :meth:`residuals`, such as of a variable that the model does not have
        - ``options`` -- options of Sage's ``point`` and of ``show``

        OUTPUT: a ``Graphics``

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: model = maximum_likelihood(ex2data1())
            sage: model.plot_binned_residuals(), model.plot_binned_residuals(bins=5, by='x1')
            (Graphics object consisting of 4 graphics primitives,
             Graphics object consisting of 4 graphics primitives)

        TESTS::

            sage: model.plot_binned_residuals(by='x3')
            Traceback (most recent call last):
            ...
            ValueError: by = 'x3'; expected one of x1, x2, or 100 real numbers
            sage: model.plot_binned_residuals(bins=0)
            Traceback (most recent call last):
            ...
            ValueError: bins = 0; expected a whole number from 1

        REFERENCES:

        - A. Gelman and J. Hill, *Data analysis using regression and multilevel/hierarchical models*, Cambridge University Press, 2007.
        """
        from sage_logreg.plot.diagnostics import plot_binned
        diagnostics = self._diagnostics('binned residuals')
        bins = usual_bins(len(diagnostics.observations.rows)) if bins is None else whole_number('bins', bins, minimum=1)
        name, values, levels = self._values_by(by, diagnostics)
        return plot_binned(binned(diagnostics, values, bins if levels is None else len(levels)), self.data, name, levels, **options)

    def _values_by(self, by, diagnostics):
        # The name of what the bins are of, None of the probability; its values; of a factor the levels that they count.
        found, data = diagnostics.observations, self._in_memory('binned residuals')
        if by is None:
            return None, diagnostics.probabilities[:, 1], None
        name = str(by).strip()
        if name in data.variables:
            return name, data.points[found.first, data.variables.index(name)], None
        if name in data.design.variables:
            return name, found.design.points[:, data.design.variables.index(name)], None
        for factor in data.coding.factors:
            if name == str(factor.title).strip():
                return name, _levels_of(factor, data, found.first), list(map(str, factor.levels))
        numbers = entries(by)
        if numbers is None:
            known = dict.fromkeys([*(str(factor.title) for factor in data.coding.factors), *data.variables, *data.design.variables])
            raise ValueError(f'by = {shown(by)}; expected one of {listed(known)}, or {len(found.rows)} real numbers')
        return 'value', real_vector('by', by, len(found.rows)), None


def _check_kind(kind):
    if kind not in KINDS:
        raise ValueError(f'kind = {shown(kind)}; expected one of {listed(map(repr, KINDS))}')


def _levels_of(factor, data, rows):
    # The number of the level of each row; that of the reference where no indicator is 1.
    numbers = numpy.full(len(rows), float(factor.levels.index(factor.reference)))
    for level, name in factor.indicators.items():
        numbers[data.points[rows, data.variables.index(name)] == 1] = factor.levels.index(level)
    return numbers
