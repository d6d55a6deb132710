"""What the sections share: contenders take turns, their medians make a table."""
import contextlib
import dataclasses
import json
import os
import signal
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
OURS = 'sage_logreg'
# Seconds of all rounds of a contest, and their largest number. A contender is timed once only if it takes so many seconds, or
# more than a second and so many times those of the second fastest.
BUDGET, MOST_ROUNDS, SLOW, FAR = 5, 25, 5, 5


@dataclasses.dataclass
class Contest:
    """
    The outcome for one job.

    - ``seconds`` -- median by contender, in the order of the table
    - ``column``, ``notes`` -- heading and entries of the table's last column
    - ``aside`` -- contenders that are no peers: something of ours, or a peer that did not do the same job
    - ``left_out`` -- contenders without a time, with the reason
    """

    job: str
    seconds: dict
    column: str = ''
    notes: dict = dataclasses.field(default_factory=dict)
    aside: list = dataclasses.field(default_factory=list)
    left_out: dict = dataclasses.field(default_factory=dict)

    def table(self):
        """Return the lines of a Markdown table."""
        ours = self.seconds.get(OURS)
        lines = [f'| contender | seconds | times {OURS} | {self.column} |', '|---|---|---|---|']
        for name, seconds in self.seconds.items():
            ratio = f'{seconds / ours:.2f}' if ours else ''
            lines.append(f'| {name} | {seconds:.3g} | {ratio} | {self.notes.get(name, "")} |')
        return lines + [f'| {name} | {reason} | | |' for name, reason in self.left_out.items()]

    def best_peer(self):
        """Return the name of the fastest peer, ``None`` if there is none."""
        peers = [name for name in self.seconds if name != OURS and name not in self.aside]
        return min(peers, key=self.seconds.get, default=None)

    def summary(self):
        """Return the line of the table of all contests, bold where the best peer is faster."""
        best, ours = self.best_peer(), self.seconds.get(OURS)
        we = f'{ours:.3g}' if ours else self.left_out.get(OURS, '')
        if best is None:
            late = [f'{name}, {reason}' for name, reason in self.left_out.items() if reason.startswith('more than')]
            return f'| {self.job} | {we} | {(late or ["none"])[0]} | |'
        theirs = f'{best}, {self.seconds[best]:.3g}'
        # where ours did not end, it was not faster
        ratio = self.seconds[best] / ours if ours else 0
        bold = '' if ratio >= 1 else '**'
        return f'| {bold}{self.job}{bold} | {we} | {theirs} | {bold}{ratio:.2f}{bold} |'


def race(jobs):
    """Return the median seconds of each job, what it returned in a first round that is not counted, and who failed, with the reason."""
    results, failed = {}, {}
    for name, job in jobs.items():
        try:
            results[name] = job()
        except Exception as error:
            failed[name] = in_short(error)
    return take_turns({name: jobs[name] for name in results}), results, failed


def in_short(error):
    """Return an error as an entry of a table."""
    return f'{type(error).__name__}: {" ".join(str(error).split())[:100]}'


def take_turns(jobs, rounds=None):
    """Return the median seconds of each job, every quick one once a round."""
    # the first of the rounds tells how many there is time for
    seconds = {name: [seconds_of(job)] for name, job in jobs.items()}
    two_fastest = sorted(first for first, in seconds.values())[:2]
    quick = [name for name, (first,) in seconds.items() if first <= min(SLOW, max(1, FAR * two_fastest[-1]))]
    rounds = rounds or max(3, min(MOST_ROUNDS, int(BUDGET / (sum(seconds[name][0] for name in quick) or BUDGET))))
    for _ in range(rounds - 1):
        for name in quick:
            seconds[name].append(seconds_of(jobs[name]))
    return {name: statistics.median(values) for name, values in seconds.items()}


def seconds_of(job):
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun


def prepared(contenders, *arguments):
    """Return the jobs of what is installed, and the other contenders with the reason."""
    jobs, missing = {}, {}
    for name, prepare in contenders.items():
        try:
            jobs[name] = prepare(*arguments)
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            missing[name] = f'missing: {error}'
    return jobs, missing


@contextlib.contextmanager
def limited(seconds):
    """Raise ``TimeoutError`` where the block takes longer, as soon as compiled code returns to Python."""
    late = TimeoutError(f'more than {seconds:.3g} s')

    def stop(*_):
        raise late

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    try:
        yield
    except SystemError as error:
        # Theano's account of what compiled code made of it
        inner = error
        while isinstance(inner, SystemError):
            inner = inner.__cause__ or inner.__context__
        raise inner if inner is late else error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run_python(code, *arguments, **environment):
    """Return the seconds that a new process takes, and what it prints."""
    paths = os.pathsep.join(filter(None, [str(FOLDER.parent), os.environ.get('PYTHONPATH')]))
    begun = time.perf_counter()
    result = subprocess.run([sys.executable, '-c', code, *arguments], capture_output=True, text=True,
                            env={**os.environ, 'PYTHONPATH': paths, **environment})
    seconds = time.perf_counter() - begun
    if result.returncode:
        raise ImportError(result.stderr.strip().splitlines()[-1])
    return seconds, result.stdout


def figures(rows):
    """Return a table of what has no peers: rows of what is measured, the wanted bound, and a function that measures it."""
    lines = ['| what | wanted at most | measured |', '|---|---|---|']
    for what, wanted, measure in rows:
        try:
            measured = measure()
        except Exception as error:
            measured = in_short(error)
        lines.append(f'| {what} | {wanted} | {measured} |')
    return '\n'.join(lines)


def main(results):
    """Print a section: contests, and other tables as text. The contests are also handed to bench.py, which asks for them."""
    warnings.simplefilter('ignore')
    sys.path.insert(0, str(FOLDER.parent))
    for result in results():
        if isinstance(result, Contest):
            if 'BENCH_CONTESTS' in os.environ:
                with open(os.environ['BENCH_CONTESTS'], 'a') as file:
                    print(json.dumps(dataclasses.asdict(result)), file=file)
            result = '\n'.join([f'### {result.job}', '', *result.table()])
        print(f'{result}\n', flush=True)
