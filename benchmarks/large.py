"""Train on tables larger than the memory, beside peers, and write RESULTS-LARGE.md.

    python benchmarks/large.py ROWS FOLDER

The table is made in the folder once, in files of 500,000 rows. README.md beside this file says what is compared and how.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import machine
from contest import FOLDER
from large_jobs import FEATURES, LABEL, largest_gradient

ROWS_OF_A_FILE, ROWS_OF_A_GROUP = 500000, 250000
# the parts of all rows that are measured as well
PARTS = (20, 4, 1)
GIGABYTE = 10**9
PEERS = FOLDER.parent / '.venv-peers' / 'bin' / 'python'
# Seconds that a peer has: so many times ours, but at least so many. One that is not done by then has missed what is asked of ours, five
# times its speed, by a wide margin; stochastic descent, which only gets nearer, has less.
MOST_TIMES, MOST_TIMES_STOCHASTIC, LEAST = 6, 3, 60
# seconds for each million rows, at least ten minutes, after which a job of ours is ended
OURS_AT_MOST = 120


def table(folder, rows):
    """Return the files of the first so many rows, by a folder of their own, and make those that are not there yet."""
    count = max(1, round(rows / ROWS_OF_A_FILE))
    view = folder / f'{count * ROWS_OF_A_FILE}'
    view.mkdir(parents=True, exist_ok=True)
    for k in range(count):
        name = f'part-{k:04}.parquet'
        make(folder / name, k, ROWS_OF_A_FILE)
        if not (view / name).exists():
            (view / name).symlink_to(Path('..', name))
    return sorted(view.glob('*.parquet'))


def make(path, seed, rows):
    """Write a file of rows, if it is not there: columns with a factor in common, whose scales differ by up to 10."""
    if path.exists():
        return
    import numpy
    import pyarrow
    import pyarrow.parquet
    path.parent.mkdir(parents=True, exist_ok=True)
    common, random = numpy.random.default_rng(0), numpy.random.default_rng([1, seed])
    weights, share, scale = common.normal(size=20), common.uniform(0, 1, 20), 10**common.uniform(-0.5, 0.5, 20)
    points = random.normal(size=(rows, 20)) + random.normal(size=(rows, 1)) * share
    # the standard deviation of the log-odds of all rows
    size = numpy.sqrt(weights @ weights + (weights @ share)**2)
    labels = random.uniform(size=rows) < 1 / (1 + numpy.exp(-1.5 * (points @ weights) / size - 0.5))
    columns = {name: points[:, k] * scale[k] for k, name in enumerate(FEATURES)}
    unfinished = path.with_suffix('.unfinished')
    pyarrow.parquet.write_table(pyarrow.table({**columns, LABEL: labels.astype('int8')}), unfinished, row_group_size=ROWS_OF_A_GROUP)
    os.replace(unfinished, path)


def run(job, files, warm, limit, memory=0, workers=0, python=sys.executable):
    """Return what a job did, with its gradient, or what it said last; ``stopped`` where it did not end in so many seconds."""
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, [str(FOLDER.parent), os.environ.get('PYTHONPATH')]))}
    command = [python, FOLDER / 'large_jobs.py', job, str(memory), str(workers), warm, *files]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        printed, errors = process.communicate(timeout=limit)
        stopped = False
    except subprocess.TimeoutExpired:
        process.terminate()
        printed, errors = process.communicate()
        stopped = True
    lines = [line for line in printed.splitlines() if line.startswith('{')]
    result = json.loads(lines[-1]) if lines else {}
    if lines:
        result['gradient'] = largest_gradient(result.pop('weights'), files)
    elif not stopped:
        result['error'] = (errors.strip().splitlines() or [f'ended with {process.returncode}'])[-1][:200]
    return {**result, 'stopped': limit if stopped else None}


class Results:
    """The lines of the table, written after each."""

    def __init__(self, rows, reading):
        self.head = ['# Results on large tables', '',
                     f'Made by `make bench-large`, {rows:,} x 20 at most. All in one run; machines differ, so the ratios are what counts.', '',
                     machine(), '', reading, '',
                     '| rows | who | load, s | train, s | both, times ours in chunks | both, ns a row | passes | outside the kernel | '
                     'peak memory | gradient |', '|---|---|---|---|---|---|---|---|---|---|']
        self.lines, self.times = [], {}

    def add(self, rows, who, result):
        """Return the seconds of both, loading and training, ``None`` of a job without an end."""
        if 'train' not in result:
            said = result.get('error') or f'stopped after {result["stopped"]:.0f} s'
            cells = ['', said, '', '', '', '', '', '']
            both = None
        else:
            both = result['load'] + result['train']
            ours = self.times.setdefault(rows, both)
            passes = f'{result["passes_to_load"]} + {result["passes"]}' if 'empty' in result else str(result.get('passes', ''))
            outside = f'{min(1, result["empty"] * result["passes"] / result["train"]):.0%}' if 'empty' in result else ''
            late = f', stopped after {result["stopped"]:.0f} s' if result['stopped'] else ''
            cells = [f'{result["load"]:.3g}', f'{result["train"]:.3g}{late}', f'{both / ours:.2f}', f'{1e9 * both / rows:.0f}', passes, outside,
                     f'{result["peak"] / GIGABYTE:.2f} GB', f'{result["gradient"]:.1g}']
        self.lines.append(f'| {" | ".join([f"{rows:,}", who, *cells])} |')
        print(self.lines[-1], flush=True)
        (FOLDER / 'RESULTS-LARGE.md').write_text('\n'.join(self.head + self.lines) + '\n')
        return both


def reading(files):
    """Return a sentence on how fast the files are read, the second time, without looking at what is in them."""
    for _ in range(2):
        begun, size = time.perf_counter(), 0
        for path in files:
            with open(path, 'rb', buffering=0) as file:
                while block := file.read(1 << 24):
                    size += len(block)
        seconds = time.perf_counter() - begun
    return f'The files, {size / GIGABYTE:.2f} GB, are read in {seconds:.2g} s where nothing is decoded ({size / seconds / GIGABYTE:.1f} GB/s).'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('rows', type=int)
    parser.add_argument('folder', type=Path)
    wanted = parser.parse_args()
    folder = wanted.folder.resolve()
    warm = folder / 'warm' / 'warm.parquet'
    make(warm, 10**6, 100000)
    results = Results(wanted.rows, reading(table(folder, wanted.rows)))
    for rows in sorted({max(ROWS_OF_A_FILE, wanted.rows // part) for part in PARTS}):
        files = table(folder, rows)
        rows = len(files) * ROWS_OF_A_FILE
        at_most = max(600, OURS_AT_MOST * rows / 10**6)
        ours = results.add(rows, 'sage_logreg, in chunks, 1 GB', run('chunked', files, warm, at_most, memory=GIGABYTE))
        for workers in (1, 2):
            results.add(rows, f'sage_logreg, in chunks, {workers} worker{"s" * (workers > 1)} of 1 GB',
                        run('chunked', files, warm, at_most, workers=workers))
        # the frame that is read and what is made of it
        if 4 * rows * 160 < os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES'):
            results.add(rows, 'sage_logreg, in memory', run('in memory', files, warm, at_most))
        ours, is_first = ours or at_most, rows == max(ROWS_OF_A_FILE, wanted.rows // max(PARTS))
        limit = max(LEAST, MOST_TIMES * ours)
        # the slower one of the two on the fewest rows only
        for solver in ('newton', 'lbfgs')[:1 + is_first] if PEERS.exists() else ():
            results.add(rows, f'dask-ml {solver}, 2 workers, all memory', run(f'dask-ml {solver}', files, warm, limit, workers=2, python=PEERS))
        results.add(rows, 'scikit-learn SGDClassifier.partial_fit',
                    run('scikit-learn', files, warm, max(LEAST, MOST_TIMES_STOCHASTIC * ours)))


if __name__ == '__main__':
    main()
