r"""
Random problems of every kind, new ones in every run, whose answers are checked by code that shares nothing with the
package

``ATTACK_SEED`` repeats a run; a failure prints it, and the problem.
"""
import collections
import os

import pytest

pytest.importorskip('mpmath')
pytest.importorskip('sage.all')

from attack.checked import failures_of
from attack.problems import KINDS, draw

SEED = os.environ.get('ATTACK_SEED') or os.urandom(4).hex()
PROBLEMS = 200
# what hardly any of that many problems can miss
SEEN = {'overlap', 'complete', 'quasi-complete', 'dependent', 'proved', 'converged'}


@pytest.mark.slow
@pytest.mark.parametrize('kind', KINDS)
def test_random_problems(kind, monkeypatch):
    # only where a proof begins; most of the thousand steps that it may take change nothing
    monkeypatch.setattr('sage_logreg.exact.certified.FLOAT_STEPS', 60)
    counts, failures = collections.Counter(), []
    for number in range(PROBLEMS):
        failures += failures_of(draw(kind, f'{SEED}/{number}'), counts)
    assert not failures, f'ATTACK_SEED={SEED}: {len(failures)} failures, the first of them\n' + '\n'.join(failures[:3])
    assert SEEN <= set(counts), f'ATTACK_SEED={SEED}: only {dict(counts)}'
    # a proof may be out of reach, but not often
    assert counts['not proved'] < counts['proved'], f'ATTACK_SEED={SEED}: only {dict(counts)}'
