r"""
Random problems of every kind, whose answers are checked by code that shares nothing with the package

They are the same in every run, so that a change fails by what it changed; ``make attack`` and another ``ATTACK_SEED`` draw
new ones. A failure prints the seed, and the problem.
"""
import collections
import os
from fractions import Fraction

import pytest

pytest.importorskip('mpmath')
pytest.importorskip('sage.all')

from attack import checked, oracle
from attack.checked import failures_of
from attack.problems import KINDS, draw

SEED = os.environ.get('ATTACK_SEED') or 'bda7ab42'
PROBLEMS = 80
# what hardly any of that many problems can miss
SEEN = {'overlap', 'complete', 'quasi-complete', 'dependent', 'proved', 'converged'}


@pytest.mark.slow
@pytest.mark.parametrize('kind', KINDS)
def test_random_problems(kind):
    counts, failures = collections.Counter(), []
    for number in range(PROBLEMS):
        failures += failures_of(draw(kind, f'{SEED}/{number}'), counts)
    assert not failures, f'ATTACK_SEED={SEED}: {len(failures)} failures, the first of them\n' + '\n'.join(failures[:3])
    assert SEEN <= set(counts), f'ATTACK_SEED={SEED}: only {dict(counts)}'
    # a proof may be out of reach, but not often
    assert counts['not proved'] < counts['proved'], f'ATTACK_SEED={SEED}: only {dict(counts)}'


@pytest.mark.filterwarnings('ignore::RuntimeWarning')
@pytest.mark.parametrize('kind, seed', [('grouped', '6d42132b/50'), ('grouped', 'd2a/10'), ('floats', 'base1/380'),
                                        ('decimals', 'base1/1005'), ('grouped', 'new2/352'),
                                        ('grouped', 'new2/1279'), ('no intercept', 'bda7ab42/171')])
def test_a_plateau_is_no_estimate(kind, seed):
    # the steps are short beside the weights, but each is as long as the last, until they are only rounding
    assert checked.check_training(draw(kind, seed)) == 'not converged'


# What checks is checked

def overlapping():
    problems = (draw('floats', f'overlap {number}') for number in range(100))
    return next(problem for problem in problems if oracle.has_estimate(problem))


def moved(problem):
    # the same data, but for a first column that is bent a little
    points = [[float(x) + 1e-6 * i**2 * (j == 0) for j, x in enumerate(point)] for i, point in enumerate(problem.points)]
    return points, problem.labels


@pytest.mark.parametrize('name, check', [('separation', checked.check_separation),
                                         ('certified_maximum_likelihood', checked.check_proof),
                                         ('maximum_likelihood', checked.check_training)])
def test_answers_to_other_data_are_noticed(monkeypatch, name, check):
    problem = overlapping()
    check(problem)
    answer = getattr(checked, name)
    monkeypatch.setattr(checked, name, lambda data, **options: answer(moved(problem), **options))
    with pytest.raises(AssertionError):
        check(problem)


def test_the_oracle_knows_what_is_known():
    # at 0 and at 1: 1 of 3 and 4 of 5 are log-odds of -log 2 and log 4
    problem = draw('floats', 'any')
    problem.points, problem.labels = [[Fraction(x)] for x in (0, 0, 1, 1)], [1, 0, 1, 0]
    problem.weights, problem.offset = list(map(Fraction, (1, 2, 4, 1))), [Fraction(0)] * 4
    assert oracle.has_estimate(problem)
    w, _ = oracle.root(problem)
    with oracle.mpmath.workdps(100):
        assert abs(w[0] + oracle.mpmath.log(2)) < 1e-80 and abs(w[1] - oracle.mpmath.log(8)) < 1e-80
    problem.labels = [0, 0, 0, 1]
    assert oracle.are_independent(problem) and not oracle.has_estimate(problem)
    problem.points = [[Fraction(1, 3)]] * 4
    assert not oracle.are_independent(problem)
