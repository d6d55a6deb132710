r"""
Cross-validation, beside scikit-learn's on the same folds, and what the folds are
"""
import os
import signal
import warnings

import numpy
import pytest
from hypothesis import given, settings, strategies as st

from sage_logreg import cross_validate, ex2data1, gradient_descent, load_data, maximum_likelihood, penguins
from sage_logreg.cross_validation import SCORES
from sage_logreg.solvers.folds import folds_of

from helpers import close, list_of, random_data


def three_classes(count=90):
    rng = numpy.random.RandomState(3)
    points = rng.normal(size=(count, 2))
    return points, (points @ [1.0, -1.0] + rng.normal(size=count) > 0).astype(int) + (rng.uniform(size=count) > 0.6)


# scikit-learn

@pytest.mark.parametrize('l2', [0, 2])
def test_scores_are_those_of_scikit_learn(l2):
    linear, selection = pytest.importorskip('sklearn.linear_model'), pytest.importorskip('sklearn.model_selection')
    points, labels = random_data(5, 120, 3)
    found = cross_validate((points, labels), folds=4, repeats=2, l2=l2)
    folds = [(numpy.setdiff1d(numpy.arange(120), rows), rows) for rows in found.folds]
    model = linear.LogisticRegression(C=1 / l2 if l2 else numpy.inf, tol=1e-12, solver='newton-cholesky', max_iter=1000)
    for score, other, sign in zip(SCORES, ('neg_log_loss', 'neg_brier_score', 'roc_auc', 'accuracy'), (-1, -1, 1, 1)):
        expected = sign * selection.cross_val_score(model, points, labels, cv=folds, scoring=other)
        close(found.scores()[score], expected, 1e-9)
        row = found['score'].index(score)
        close(found['mean'][row], expected.mean(), 1e-9)
        close(found['standard deviation'][row], expected.std(ddof=1), 1e-8, 1e-12)
        # the repeats are of the same rows
        close(found['standard error'][row], expected.std(ddof=1) / 2, 1e-8, 1e-12)


def test_scores_of_more_classes_are_those_of_scikit_learn():
    linear, metrics = pytest.importorskip('sklearn.linear_model'), pytest.importorskip('sklearn.metrics')
    points, labels = three_classes()
    found = cross_validate((points, labels), folds=3, l2=1)
    for row, tested in zip(found.scores().rows(), found.folds):
        rest = numpy.setdiff1d(numpy.arange(len(labels)), tested)
        model = linear.LogisticRegression(C=1.0, tol=1e-10, solver='newton-cg', max_iter=1000).fit(points[rest], labels[rest])
        probabilities = model.predict_proba(points[tested])
        seen = labels[tested][:, None] == numpy.arange(3)
        close(row[3:], [metrics.log_loss(labels[tested], probabilities), ((probabilities - seen)**2).sum(axis=1).mean(),
                        metrics.roc_auc_score(labels[tested], probabilities, multi_class='ovo'),
                        (probabilities.argmax(axis=1) == labels[tested]).mean()], 1e-6)


def test_weights_and_offset_count_in_training_and_in_scores():
    # a row with weight 3 is as good as three rows that stay together
    points, labels = random_data(9, 40, 2)
    counts, offset = 1 + numpy.arange(40) % 3, numpy.linspace(-1, 1, 40)
    weighted = cross_validate((points, labels), weights=counts, offset=offset, folds=4, stratified=False)
    rows = numpy.repeat(numpy.arange(40), counts)
    written = cross_validate((points[rows], labels[rows]), offset=offset[rows], groups=rows, folds=4, stratified=False)
    close(weighted.scores()['log loss'], written.scores()['log loss'], 1e-9)
    for score in SCORES[1:]:
        close(weighted.scores()[score], written.scores()[score], 1e-9)


def test_groups_of_trials_stay_together_and_score_as_trials():
    points, successes, trials = numpy.arange(1.0, 9)[:, None], [1, 3, 2, 4, 5, 6, 8, 7], [10] * 8
    grouped = cross_validate((points, successes, trials), folds=4, stratified=False)
    group = numpy.repeat(numpy.arange(8), 10)
    labels = numpy.concatenate([[1] * count + [0] * (10 - count) for count in successes])
    single = cross_validate((points[group], labels), groups=group, folds=4, stratified=False)
    for score in SCORES:
        close(grouped.scores()[score], single.scores()[score], 1e-9)


# Folds

@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 7), st.integers(2, 4), st.booleans(), st.booleans())
def test_folds(seed, folds, classes, stratified, grouped):
    rng = numpy.random.RandomState(seed)
    count = rng.randint(3 * folds, 60)
    labels = rng.randint(classes, size=count)
    groups = numpy.unique(rng.randint(2 * folds, size=count), return_inverse=True)[1] if grouped else None
    if grouped and groups.max() + 1 < folds:
        return
    fold = folds_of(labels, groups, folds, stratified, numpy.random.RandomState(seed))
    # each row is in one fold, none is empty, and the same seed makes the same
    assert fold.shape == (count,) and set(fold) == set(range(folds))
    assert (fold == folds_of(labels, groups, folds, stratified, numpy.random.RandomState(seed))).all()
    if grouped:
        assert len(set(zip(groups, fold))) == groups.max() + 1
        return
    sizes = numpy.bincount(fold, minlength=folds)
    assert sizes.max() - sizes.min() <= 1
    if stratified:
        for label in range(classes):
            own = numpy.bincount(fold[labels == label], minlength=folds)
            assert own.max() - own.min() <= 1


def test_stratified_groups_are_as_even_as_those_of_scikit_learn():
    selection = pytest.importorskip('sklearn.model_selection')
    rng = numpy.random.RandomState(1)
    labels, groups = (rng.uniform(size=400) < 0.2).astype(int), rng.randint(40, size=400)
    fold = folds_of(labels, groups, 5, True, numpy.random.RandomState(0))
    spread = numpy.bincount(fold, labels, 5).std()
    theirs = numpy.std([labels[test].sum() for _, test in selection.StratifiedGroupKFold(5, shuffle=True, random_state=0).split(
        labels, labels, groups)])
    assert spread <= theirs + 1 and numpy.bincount(fold).std() < 10


def test_groups_by_the_title_of_a_column():
    data = penguins(label='sex', variables='body_mass_g, bill_depth_mm', missing='drop')
    found = cross_validate(data, folds=3, groups='species')
    species = numpy.array(data.column('species'))
    assert sorted(len(set(species[rows])) for rows in found.folds) == [1, 1, 1]
    assert sorted(numpy.concatenate(found.folds)) == list(range(len(data)))
    # by an array, of the rows that are used or of all rows of the file
    every_row = penguins(label='species', variables='year').column('species')
    assert len(every_row) > len(data)
    for groups in (species, every_row):
        assert cross_validate(data, folds=3, groups=groups).scores() == found.scores()


def test_the_seed_decides():
    one, again, other = (cross_validate(ex2data1(), folds=3, seed=seed) for seed in (4, 4, 5))
    assert one == again and one != other and one.scores().csv() == again.scores().csv()


# Nothing is learnt from the fold that is tested

def test_a_trainer_sees_the_other_rows_alone():
    points, labels = random_data(5, 30, 2)
    seen = []

    def train(data, **options):
        seen.append((data, options))
        return maximum_likelihood(data, **options)

    found = cross_validate((points, labels), folds=3, train=train, l2=1, tol=1e-8)
    assert found.note.startswith('train, 3 folds')
    for (data, options), rows in zip(seen, found.folds):
        assert options == {'l2': 1, 'tol': 1e-8}
        assert sorted(map(tuple, data.points)) == sorted(map(tuple, numpy.delete(points, rows, axis=0)))


def test_a_level_that_is_missing_among_the_others_keeps_its_column():
    table = {'kind': list('aabb' * 10) + ['c'], 'x': numpy.random.RandomState(0).normal(size=41), 'y': [0, 1] * 20 + [1]}
    found = cross_validate(load_data(table, label='y'), folds=4, l2=1)
    assert len(found.folds) == 4
    # without a penalty there is no estimate of its weight
    with pytest.raises(ValueError, match=r'fold \d of 4: .*kind_c'):
        cross_validate(load_data(table, label='y'), folds=4)


def test_any_trainer():
    options = {'learning_rate': 1, 'iterations': 500, 'scale': True}
    found = cross_validate(ex2data1(), folds=3, train=gradient_descent, **options)
    data = ex2data1()
    others = data.take(numpy.setdiff1d(numpy.arange(100), found.folds[1]))
    model = gradient_descent(others, **options)
    close(found.scores()['log loss'][1], model.cost(data.take(found.folds[1])), 1e-12)


# The choice of a penalty

def test_penalties():
    points, labels = random_data(2, 60, 3)
    penalties = [100, 0, 1, 10]
    found = cross_validate((points, labels), folds=5, l2=penalties)
    single = [cross_validate((points, labels), folds=5, l2=l2) for l2 in sorted(penalties)]
    assert list_of(found['l2']) == sorted(penalties)
    for score in SCORES:
        row = SCORES.index(score)
        close(found[score], [one['mean'][row] for one in single], 1e-14)
        close(found[f'std. error of {score}'], [one['standard error'][row] for one in single], 1e-14)
        losses = [(-1 if score in ('AUC', 'accuracy') else 1) * mean for mean in map(float, found[score])]
        best = min(range(4), key=lambda place: (losses[place], -place))
        assert found.best_l2(score) == found['l2'][best]
        error = float(found[f'std. error of {score}'][best])
        assert found.one_standard_error_l2(score) == max(l2 for l2, loss in zip(found['l2'], losses) if loss <= losses[best] + error)
    assert found.scores()['l2'] == 5 * found['l2'] and len(found.pandas()) == 4
    with pytest.raises(ValueError, match='one penalty'):
        single[0].best_l2()
    with pytest.raises(ValueError, match='score = '):
        found.best_l2('deviance')


# What goes wrong

def test_a_fold_without_a_class_has_no_area():
    points, labels = random_data(2, 12, 1)
    found = cross_validate((points, labels), folds=12, l2=1)
    with pytest.raises(ValueError, match='no fold has the score AUC'):
        found.plot('AUC')
    assert found.scores()['AUC'] == [None] * 12 and numpy.isnan(float(found['mean'][2]))
    assert found.scores()['rows'] == [1] * 12


@pytest.mark.parametrize('options, error, message', [
    ({'folds': 1}, ValueError, 'folds = 1; expected a whole number from 2 to 100'),
    ({'repeats': 0}, ValueError, 'repeats = 0'),
    ({'seed': -1}, ValueError, 'seed = -1'),
    ({'stratified': 'yes'}, TypeError, "stratified = 'yes'; expected True or False"),
    ({'groups': 7}, TypeError, 'groups = 7; expected the title of a column, or one value for each of the 100 rows'),
    ({'groups': [1, 2]}, ValueError, 'groups has 2 entries; expected 100, one for each row of the data'),
    ({'groups': [1] * 99 + [None]}, ValueError, r'groups is missing in row 100; expected a value'),
    ({'groups': [1] * 100}, ValueError, 'groups has the same value for all rows; expected at least two'),
    ({'l2': [1]}, ValueError, 'expected a penalty, or a list of at least two'),
    ({'l2': [1, -1]}, ValueError, r'l2\[1\] = -1'),
    ({'train': 'newton'}, TypeError, "train = 'newton'; expected a function"),
    ({'train': lambda data: 7}, TypeError, 'train returned 7; expected a model with probabilities'),
    ({'fold': 3}, TypeError, 'maximum_likelihood takes no fold')])
def test_bad_arguments(options, error, message):
    with pytest.raises(error, match=message):
        cross_validate(ex2data1(), **options)


def test_data_in_chunks_are_refused(tmp_path):
    points, labels = random_data(1, 20, 1)
    for part in (0, 1):
        numpy.savetxt(tmp_path / f'{part}.csv', numpy.column_stack([points, labels])[part::2], delimiter=',')
    with pytest.raises(ValueError, match='in 2 chunks, and cross_validate takes rows in memory'):
        cross_validate(str(tmp_path / '*.csv'), folds=2)


@pytest.mark.parametrize('done', [0, 2])
def test_after_ctrl_c_the_folds_that_are_done_remain(done):
    calls = []

    def train(data, **options):
        calls.append(data)
        if len(calls) == done + 1:
            # a trainer that returns what it has reached
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                pass
        return maximum_likelihood(data, **options)

    if not done:
        with pytest.raises(KeyboardInterrupt, match='interrupted before the first fold was done'):
            cross_validate(ex2data1(), folds=4, train=train)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        found = cross_validate(ex2data1(), folds=4, train=train)
    assert 'interrupted after 2 of 4 folds' in str(caught[-1].message)
    assert found.scores().rows() == cross_validate(ex2data1(), folds=4).scores().rows()[:2]
