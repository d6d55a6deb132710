"""The benchmarks' own rules: who counts as a peer, and that what fails does not lose the rest."""
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent.parent / 'benchmarks'


@pytest.fixture
def modules(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import bench
    import contest
    yield bench, contest
    for name in ('bench', 'contest'):
        sys.modules.pop(name, None)


def test_a_failing_contender_is_named_with_its_reason(modules):
    contest = modules[1]
    seconds, results, failed = contest.race({'good': lambda: 7, 'bad': lambda: [][0]})
    assert list(seconds) == ['good'] and results == {'good': 7}
    assert failed == {'bad': 'IndexError: list index out of range'}


def test_nobody_runs(modules):
    assert modules[1].race({'bad': lambda: 1 / 0}) == ({}, {}, {'bad': 'ZeroDivisionError: division by zero'})


def test_slow_contenders_are_timed_once(modules, monkeypatch):
    contest = modules[1]
    calls, clock = [], [0.0]
    monkeypatch.setattr(contest.time, 'perf_counter', lambda: clock[0])

    def job(name, seconds):
        def run():
            calls.append(name)
            clock[0] += seconds
        return run

    seconds = contest.take_turns({'slow': job('slow', 2 * contest.SLOW), 'quick': job('quick', contest.BUDGET / 4)})
    assert calls == ['slow'] + ['quick'] * 4
    assert seconds == {'slow': 2 * contest.SLOW, 'quick': contest.BUDGET / 4}


@pytest.mark.parametrize('seconds, line', [
    ({'sage_logreg': 2, 'peer': 4, 'aside': 1}, '| job | 2 | peer, 4 | 2.00 |'),
    ({'sage_logreg': 2, 'peer': 1}, '| **job** | 2 | peer, 1 | **0.50** |'),
    ({'sage_logreg': 2, 'aside': 1}, '| job | 2 | none | |'),
    ({'peer': 1}, '| **job** | failed | peer, 1 | **0.00** |')])
def test_the_line_in_the_table_at_the_top(modules, seconds, line):
    contest = modules[1]
    left_out = {} if 'sage_logreg' in seconds else {'sage_logreg': 'failed'}
    assert contest.Contest('job', seconds, aside=['aside'], left_out=left_out).summary() == line


SECTION = '''
import contest
def results():
    yield contest.Contest('first', {'sage_logreg': 1.0})
    raise ValueError('no second one')
contest.main(results)
'''


def test_a_failing_section_keeps_what_it_had_and_tells_why(modules, monkeypatch, tmp_path, capfd):
    bench = modules[0]
    monkeypatch.setenv('PYTHONPATH', str(FOLDER))
    monkeypatch.setattr(bench, 'FOLDER', tmp_path)
    (tmp_path / 'broken.py').write_text(SECTION)
    text, contests = bench.run('broken', None)
    assert [each.job for each in contests] == ['first']
    assert text.endswith('**Ended with an error** (1): ValueError: no second one')


def test_a_section_that_does_not_end_is_ended(modules, monkeypatch, tmp_path, capfd):
    bench = modules[0]
    monkeypatch.setattr(bench, 'FOLDER', tmp_path)
    monkeypatch.setattr(bench, 'LONGEST', 1)
    (tmp_path / 'endless.py').write_text('while True: pass')
    text, contests = bench.run('endless', None)
    assert contests == [] and text.endswith('more than 1 s')
