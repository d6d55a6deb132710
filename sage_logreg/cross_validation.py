r"""
Cross-validation: how well models predict rows that they were not trained on

EXAMPLES::

    sage: from sage_logreg import *
    sage: cross_validate(ex2data1(), folds=5)
    maximum_likelihood, 5 folds, stratified, seed 0
      score         mean        standard deviation   standard error
    ...
"""
import inspect
import math

import numpy

from sage_logreg.dataset.clusters import cluster_numbers
from sage_logreg.dataset.load import load_data
from sage_logreg.dataset.observations import groups_of_rows, observations
from sage_logreg.model.classifier import Classifier
from sage_logreg.solvers.folds import folds_of
from sage_logreg.solvers.roc import area, hand_till, roc_counts
from sage_logreg.support import sage_objects
from sage_logreg.support.arguments import entries, listed, real_number, shown, whole_number
from sage_logreg.support.interrupt import interrupts_noted, is_interrupt, told
from sage_logreg.support.progress import progress_bar
from sage_logreg.support.tables import Table
from sage_logreg.support.warned import warn
from sage_logreg.training import READING, maximum_likelihood

# those of which more is better
SCORES = ('log loss', 'Brier score', 'AUC', 'accuracy')
RISING = ('AUC', 'accuracy')
LARGEST_SEED = 2**32 - 1


def cross_validate(data, folds=10, repeats=1, stratified=True, groups=None, seed=0, train=maximum_likelihood, l2=None, progress=None,
                   **options):
    r"""
    Return how well models predict rows that they were not trained on, by cross-validation.

    The rows are divided into folds. Each fold is predicted by a model that is trained on the rows of all others.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`, or anything that :func:`~sage_logreg.dataset.load.load_data` takes
    - ``folds`` -- (default: 10) how many folds; as many as there are rows for one row each
    - ``repeats`` -- (default: 1) how many times the rows are divided anew
    - ``stratified`` -- (default: ``True``) whether the classes are divided equally among the folds
    - ``groups`` -- (default: each row by itself) what comes into the same fold: a column's title, or a list or array of one value a row.
      The trials of a group of grouped data stay together; the values are then of groups
    - ``seed`` -- (default: 0) whole number below `2^{32}`: the same one gives the same folds
    - ``train`` -- (default: :func:`~sage_logreg.training.maximum_likelihood`) function of data that returns a model, such as
      :func:`~sage_logreg.training.gradient_descent`
    - ``l2`` -- (default: that of ``train``) the penalty; or a list of penalties, which are compared. As in the trainers it is that of
      the summed cost, whatever the number of rows
    - ``progress`` -- (default: in a terminal or a notebook) whether a bar is shown
    - ``options`` -- those of :func:`~sage_logreg.dataset.load.load_data`; all others go to ``train``

    OUTPUT: a :class:`CrossValidation`. After Ctrl-C it has the folds that are done, as a warning says.

    Levels, features and names of variables are those of all rows; numbers, such as the scaling of a descent, are found anew for each
    model from the rows it is trained on. Weights count in the training as well as in the scores. Where there is no estimate without a fold,
    because the other rows are separated, an error names the fold; a penalty ``l2`` helps

    EXAMPLES::

        sage: from sage_logreg import cross_validate, ex2data1, gradient_descent
        sage: validation = cross_validate(ex2data1(), folds=5, repeats=2, seed=1)
        sage: validation
        maximum_likelihood, 5 folds, 2 times, stratified, seed 1
          score         mean        standard deviation   standard error
        ...
          log loss      0.245789    0.110783             0.0495437
          Brier score   0.0767884   0.0401297            0.0179465
          AUC           0.958333    0.0392837            0.0175682
          accuracy      0.885       0.0747217            0.0334166
        sage: validation.scores().rows()[0]  # abs tol 1e-6
        (1, 1, 20, 0.0596215, 0.0076990, 1.0, 1.0)

    Which penalty predicts best::

        sage: validation = cross_validate(ex2data1(), folds=5, l2=[0, 10, 100, 1000, 10000])
        sage: validation['l2'], validation['log loss']  # abs tol 1e-6
        ([0.0, 10.0, 100.0, 1000.0, 10000.0], [0.270875, 0.251157, 0.230856, 0.289995, 0.475438])
        sage: validation.best_l2(), validation.one_standard_error_l2()
        (100.0, 100.0)
        sage: validation.plot()
        Graphics object consisting of 18 graphics primitives

    Any trainer::

        sage: cross_validate(ex2data1(), folds=2, train=gradient_descent, learning_rate=1, iterations=100, scale=True)['mean'][0]  # rel tol 1e-6
        0.229311

    TESTS::

        sage: cross_validate(ex2data1(), folds=101)
        Traceback (most recent call last):
        ...
        ValueError: folds = 101; expected a whole number from 2 to 100
        sage: cross_validate(ex2data1(), groups=[1, 2])
        Traceback (most recent call last):
        ...
        ValueError: groups has 2 entries; expected 100, one for each row of the data
        sage: cross_validate([[1, 0], [2, 0], [3, 1], [4, 1]], folds=2)
        Traceback (most recent call last):
        ...
        ValueError: fold 1 of 2: the maximum-likelihood estimate does not exist, ...

    REFERENCES:

    - M. Stone, *Cross-validatory choice and assessment of statistical predictions*, Journal of the Royal Statistical Society B 36 (1974),
      no. 2, 111-147.
    - T. Hastie, R. Tibshirani and J. Friedman, *The Elements of Statistical Learning*, second edition, Springer, 2009, section 7.10.
    """
    reading = {name: options.pop(name) for name in READING if name in options}
    data = load_data(data, **reading)
    if data.is_chunked:
        raise ValueError(f'the data are in {len(data.chunks)} chunks, and cross_validate takes rows in memory; expected data.sample(...) or '
                         'data.in_memory()')
    if not callable(train):
        raise TypeError(f'train = {shown(train)}; expected a function of data that returns a model, such as maximum_likelihood')
    if 'progress' in inspect.signature(train).parameters:
        # one bar is enough
        options['progress'] = False
    penalties, options = _penalties(l2), options if l2 is None else {**options, 'l2': l2}
    fold, count = _divided(data, folds, repeats, stratified, groups, seed)
    plan = [(repeat, number) for repeat in range(len(fold)) for number in range(count)]
    scores = []
    with progress_bar(total=len(plan), desc='cross_validate', unit=' folds', disable=None if progress is None else not progress) as bar:
        for repeat, number in plan:
            name = f'fold {number + 1} of {count}' + f', repeat {repeat + 1}' * (len(fold) > 1)
            found = _scores_of_fold(data, fold[repeat] == number, name, train, penalties, options)
            if found is None:
                break
            scores.append(found)
            bar.update()
    if len(scores) < len(plan):
        if not scores:
            raise told('cross_validate: interrupted before the first fold was done')
        warn(f'cross_validate: interrupted after {len(scores)} of {len(plan)} folds; the scores are of these')
    rows = [numpy.flatnonzero(fold[repeat] == number) for repeat, number in plan[:len(scores)]]
    how = [f'{count} folds', f'{len(fold)} times' * (len(fold) > 1), 'stratified' * bool(stratified),
           'groups together' * (groups is not None or data.trials is not None), f'seed {seed}']
    name = getattr(train, '__name__', 'a model')
    return CrossValidation(data, rows, numpy.array(scores), count, penalties, f'{name}, ' + ', '.join(filter(None, how)))


def _penalties(l2):
    # Those that are compared, rising; None if they are not.
    given = None if l2 is None else entries(l2)
    if given is None:
        return None
    penalties = sorted({real_number(f'l2[{place}]', value, minimum=0) for place, value in enumerate(given)})
    if len(penalties) < 2:
        raise ValueError(f'l2 = {shown(l2)}; expected a penalty, or a list of at least two different ones')
    return penalties


# The folds

def _divided(data, folds, repeats, stratified, groups, seed):
    # For each repeat the fold of each row, -1 for rows whose weight is zero, which are in none; and the number of folds.
    if not isinstance(stratified, (bool, numpy.bool_)):
        raise TypeError(f'stratified = {shown(stratified)}; expected True or False')
    random = numpy.random.RandomState(whole_number('seed', seed, maximum=LARGEST_SEED))
    counted, together = data.rows_that_count(), _together(data, groups)
    if together is not None:
        together = numpy.unique(together[counted], return_inverse=True)[1].ravel()
    units = len(counted) if together is None else together.max() + 1
    if units < 2:
        raise ValueError(f'there is {"one group" if together is not None else "one row"}; expected at least two, in different folds')
    folds, repeats = whole_number('folds', folds, 2, units), whole_number('repeats', repeats, 1)
    fold = numpy.full((repeats, len(data)), -1)
    for own in fold:
        own[counted] = folds_of(data.labels[counted], together, folds, stratified, random)
    return fold, folds


def _together(data, groups):
    # Numbers of what comes into the same fold, one for each row; None if each row is by itself.
    grouped = None if data.trials is None else groups_of_rows(data)
    if groups is None:
        return grouped
    found = observations(data)
    numbers = cluster_numbers(groups, data, found, 'groups')
    if grouped is not None:
        return numbers[numpy.unique(grouped, return_inverse=True)[1].ravel()]
    together = numpy.zeros(len(data), dtype=int)
    together[found.first] = numbers
    return together


# One fold

def _scores_of_fold(data, tested, name, train, penalties, options):
    # A row of scores for each penalty; None after Ctrl-C.
    others, test, scores = data.take(~tested), data.take(tested), []
    for penalty in penalties or [None]:
        where = name if penalty is None else f'{name}, l2 = {penalty:g}'
        with interrupts_noted() as noted:
            try:
                model = train(others, **(options if penalty is None else {**options, 'l2': penalty}))
                scores.append(_scores(model, test))
            except (KeyboardInterrupt, SystemError) as error:
                if not is_interrupt(error):
                    raise
                return None
            except ValueError as error:
                raise ValueError(f'{where}: {error}') from None
        if noted:
            # a trainer returns the model that it has reached
            return None
    return scores


def _scores(model, test):
    if not isinstance(model, Classifier):
        raise TypeError(f'train returned {shown(model)}; expected a model with probabilities')
    frequency = numpy.ones(len(test)) if test.weights is None else test.weights
    if test.classes == 2:
        score = area(roc_counts(test, model._weights).counts)
    else:
        score = hand_till(model._probabilities_of_classes(test.design, test.offset), test.labels, frequency)
    return [float(model.log_loss(test)), float(model.brier_score(test)), score, float(model.accuracy(test))]


class CrossValidation(Table):
    r"""
    The scores of a cross-validation, a :class:`~sage_logreg.support.tables.Table`.

    Of one model it has a row for each score: the mean over the folds, the standard deviation of the folds, and the standard error of the
    mean. With several penalties it has a row for each of them, with the means and standard errors.

    - log loss: the mean of minus the logarithm of the probability of the label that was seen
    - Brier score: the mean of `(p - y)^2`, of K > 2 classes of their sum over the classes
    - AUC: the area under the ROC curve, of K > 2 classes that of Hand and Till; of a fold in which a class is missing there is none
    - accuracy: how many labels are the most probable ones

    The standard error is the deviation divided by the root of the number of folds, also where these are repeated, as the repeats are of the
    same rows. That the models of different folds share most of their rows is not in it: it is a guide, not a test.

    - ``data`` -- the :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``folds`` -- list of arrays, the numbers of the rows that were tested together, repeat by repeat

    EXAMPLES: see :func:`cross_validate`.
    """

    def __init__(self, data, folds, numbers, count, penalties, note):
        # numbers are folds x penalties x scores
        self.data, self.folds, self._numbers, self._count, self._penalties = data, folds, numbers, count, penalties
        columns = self._of_penalties() if penalties else self._of_scores()
        super().__init__(columns, note)
        if penalties:
            best, simplest = float(self.best_l2()), float(self.one_standard_error_l2())
            self.note += f'\nbest l2 = {best:g}, within one standard error {simplest:g} (log loss)'

    def _of_scores(self):
        means, deviations, errors = (part[0].tolist() for part in self._spread())
        return {'score': list(SCORES), 'mean': means, 'standard deviation': deviations, 'standard error': errors}

    def _of_penalties(self):
        columns, (means, _, errors) = {'l2': self._penalties}, self._spread()
        for place, score in enumerate(SCORES):
            columns[score], columns[f'std. error of {score}'] = means[:, place].tolist(), errors[:, place].tolist()
        return columns

    def _spread(self):
        # Means, standard deviations and standard errors, each penalties x scores; nan where no fold has the score.
        there = ~numpy.isnan(self._numbers)
        count = there.sum(axis=0)
        with numpy.errstate(invalid='ignore', divide='ignore'):
            means = numpy.where(there, self._numbers, 0.0).sum(axis=0) / count
            deviations = numpy.sqrt((numpy.where(there, self._numbers - means, 0.0)**2).sum(axis=0) / (count - 1))
            repeats = max(1.0, len(self._numbers) / self._count)
            return means, deviations, deviations / numpy.sqrt(count / repeats)

    def scores(self):
        r"""
        Return the scores of all folds, a :class:`~sage_logreg.support.tables.Table`: repeat and fold, from 1 on, the penalty if several
        are compared, how many rows were tested, and the scores.

        EXAMPLES::

            sage: from sage_logreg import cross_validate, ex2data1
            sage: cross_validate(ex2data1(), folds=2).scores()
            maximum_likelihood, 2 folds, stratified, seed 0
              repeat   fold   rows   log loss   Brier score   AUC        accuracy
            ...
              1        1      50     0.290981   0.0803711     0.956667   0.88
              1        2      50     0.267877   0.0639303     0.965      0.94
        """
        penalties, columns = self._penalties or [None], {}
        places = [(place, penalty) for place in range(len(self.folds)) for penalty in penalties]
        columns['repeat'] = [1 + place // self._count for place, _ in places]
        columns['fold'] = [1 + place % self._count for place, _ in places]
        if self._penalties:
            columns['l2'] = [penalty for _, penalty in places]
        columns['rows'] = [len(self.folds[place]) for place, _ in places]
        for number, score in enumerate(SCORES):
            columns[score] = [None if math.isnan(value) else value for value in self._numbers[:, :, number].ravel().tolist()]
        return Table(columns, self.note.partition('\n')[0])

    def best_l2(self, score='log loss'):
        r"""
        Return the penalty whose mean score is best, of equals the largest; an element of ``RDF``.

        INPUT:

        - ``score`` -- (default: ``'log loss'``) or ``'Brier score'``, ``'AUC'``, ``'accuracy'``

        EXAMPLES: see :func:`cross_validate`.
        """
        means, _ = self._losses(score)
        return sage_objects.real_number(max(penalty for penalty, mean in zip(self._penalties, means) if mean == numpy.nanmin(means)))

    def one_standard_error_l2(self, score='log loss'):
        r"""
        Return the largest penalty whose mean score is at most one standard error of the best one's worse than that.

        The choice among penalties by the best mean is uncertain; this one prefers the smallest weights that the folds do not speak against.

        INPUT: as for :meth:`best_l2`

        REFERENCES:

        - L. Breiman, J. H. Friedman, R. A. Olshen and C. J. Stone, *Classification and Regression Trees*, Wadsworth, 1984, section 3.4.3.

        EXAMPLES: see :func:`cross_validate`.
        """
        means, errors = self._losses(score)
        best = self._penalties.index(float(self.best_l2(score)))
        most = means[best] + numpy.nan_to_num(errors[best])
        return sage_objects.real_number(max(penalty for penalty, mean in zip(self._penalties, means) if mean <= most))

    def _losses(self, score):
        # Means such that less is better, and standard errors, one for each penalty.
        if not self._penalties:
            raise ValueError('one penalty was used; expected several, as cross_validate(data, l2=[1/10, 1, 10])')
        place = self._place_of(score)
        means, _, errors = self._spread()
        return means[:, place] * (-1 if score in RISING else 1), errors[:, place]

    def plot(self, score='log loss', **options):
        r"""
        Return the scores of the folds; with several penalties against these.

        INPUT:

        - ``score`` -- as for :meth:`best_l2`
        - ``options`` -- options of Sage's ``point`` and of ``show``

        OUTPUT: a ``Graphics``. Points are single folds, grey. With several penalties the means are joined by a line, with bars of one standard
        error; broken lines stand for the best penalty and for the largest one within one standard error of it. Otherwise a line
        stands for the mean, a band for its standard error

        EXAMPLES::

            sage: from sage_logreg import cross_validate, ex2data1
            sage: cross_validate(ex2data1(), folds=3).plot('accuracy')
            Graphics object consisting of 3 graphics primitives
        """
        from sage_logreg.plot.cross_validation import plot_folds, plot_penalties
        place = self._place_of(score)
        means, _, errors = self._spread()
        if self._penalties:
            chosen = [float(self.best_l2(score)), float(self.one_standard_error_l2(score))]
            return plot_penalties(self._penalties, self._numbers[:, :, place], means[:, place], errors[:, place], chosen, score, **options)
        return plot_folds(self._numbers[:, 0, place], float(means[0, place]), float(errors[0, place]), score, **options)

    def _place_of(self, score):
        if score not in SCORES:
            raise ValueError(f'score = {shown(score)}; expected {listed(map(repr, SCORES))}')
        place = SCORES.index(score)
        if numpy.isnan(self._numbers[:, :, place]).all(axis=0).any():
            raise ValueError(f'no fold has the score {score}, as in each of them a class is missing; expected fewer folds')
        return place
