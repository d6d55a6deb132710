r"""
The long attack: random problems checked by an oracle, mutated tables and models, interrupts and kills

In tests/: ``python -m attack [seconds] [seed] [kind ...]``. The figures of all kinds go into attack/RESULTS.md, every
failure into results/attack.txt, with what repeats it; one makes the exit status 1.
"""
import datetime
import functools
import importlib.util
import os
import platform
import signal
import sys
import time
import warnings
from collections import Counter
from importlib import metadata
from pathlib import Path

# first, as an old Sage is to be loaded before mpmath
from sage_logreg import ex2data1, gradient_descent
from sage_logreg.engine import ENGINE

from attack import interrupts, tables
from attack.apart import attempts
from attack.checked import failures_of
from attack.problems import KINDS, draw

RESULTS = Path(__file__).with_name('RESULTS.md')
FAILURES = Path(__file__).parents[2] / 'results' / 'attack.txt'


def problem(kind, sizes, seed):
    counts = Counter()
    return failures_of(draw(kind, seed, **sizes), counts), counts


def repeated(attempt, seed, seconds):
    # in this process: these attempts have processes of their own
    failures, counts, number, until = [], Counter(), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        found, seen = attempt(f'{seed}/{number}')
        failures += found
        counts.update({'tries': 1} | seen)
        number += 1
    return failures, counts


def model_file(until, seed):
    from attack import model_files
    try:
        answers = model_files.main(max(1, until - time.monotonic()), seed)
        return [], {**answers, 'tries': sum(answers.values())}
    except Exception as error:
        # its text holds the file; with another seed it goes on
        return [f'{type(error).__name__}: {error}\n  model_files, seed {seed}'], {'failed': 1}


def model_files(seed, seconds):
    return repeated(functools.partial(model_file, time.monotonic() + seconds), seed, seconds)


def parts():
    r"""
    Return what there is to attack: for each kind its share of the time, and a function of seed and seconds.
    """
    def random_problems(kind, sizes, share):
        name = kind + ', larger' * bool(sizes)
        attempt = functools.partial(problem, kind, sizes)
        return {name: (share, lambda seed, seconds: attempts(attempt, name, seed, seconds, limit=120))}

    found = {}
    for kind in KINDS:
        found |= random_problems(kind, {}, 5) | random_problems(kind, {'rows': (12, 60), 'columns': (2, 6)}, 3)
    found['mutated tables'] = 10, lambda seed, seconds: attempts(tables.attempt, 'table', seed, seconds, limit=20)
    for name, attempt, share in (('interrupts', interrupts.interrupt, 10), ('kills', interrupts.kill, 6),
                                 ('interrupted imports', interrupts.import_interrupted, 8)):
        found[name] = share, functools.partial(repeated, attempt)
    if importlib.util.find_spec('attack.model_files'):
        found['mutated model files'] = 10, model_files
    return found


def warm_up():
    # so that not every child compiles anew
    failures_of(draw('l2', 'warm'), Counter())
    gradient_descent(ex2data1(), iterations=100)


def main(seconds='1200', seed='', *kinds):
    seed, known = seed or os.urandom(4).hex(), parts()
    chosen = {name: part for name, part in known.items() if not kinds or name in kinds}
    total, lines, said = sum(share for share, _ in chosen.values()), [], []
    warnings.simplefilter('ignore')
    # where a shell has put this into the background, Ctrl-C would be ignored
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    warm_up()
    for name, (share, attack) in chosen.items():
        begun = time.monotonic()
        failures, counts = attack(seed, float(seconds) * share / total)
        lines.append(line(name, counts, len(failures), time.monotonic() - begun))
        said += [f'{name}: {failure}' for failure in failures]
        print(lines[-1], *(failure.splitlines()[0][:200] for failure in failures[:5]), sep='\n    ', flush=True)
    if len(chosen) == len(known):
        RESULTS.write_text(results(seed, lines))
    FAILURES.parent.mkdir(exist_ok=True)
    FAILURES.write_text('\n\n'.join(said))
    print(f'seed {seed}: {len(said)} failures' + f', all of them in {FAILURES}' * bool(said))
    return bool(said)


def line(name, counts, failures, seconds):
    answers = ', '.join(f'{count} {answer}' for answer, count in sorted(counts.items()) if answer != 'tries')
    return f'| {name} | {counts["tries"]} | {failures} | {seconds:.0f} | {answers} |'


def results(seed, lines):
    today = datetime.date.today()
    versions = ', '.join(f'{name} {metadata.version(name)}' for name in (ENGINE, 'numpy', 'mpmath'))
    return '\n'.join([
        '# The long attack', '',
        f'Written by `make attack` on {today}, with Python {platform.python_version()}, {versions}.',
        f'`make attack SEED={seed}` draws the same problems again.', '',
        'What was done, and what a failure is, stands in `tests/attack/`: `problems.py` and `oracle.py` for the random',
        'problems, `tables.py`, `model_files.py` and `interrupts.py` for the rest.', '',
        '| kind | tries | failures | seconds | what the answers were |', '|---|---|---|---|---|', *lines, ''])


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
