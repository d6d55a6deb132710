"""Time everything beside its peers and write RESULTS.md; with names of sections, only these, and only print them.

    python benchmarks/bench.py [section ...]

README.md beside this file says what is compared and how.
"""
import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from contest import FOLDER, Contest

# Each is a file of this name and prints its tables.
SECTIONS = {'estimate': 'The estimate', 'sparse': 'Sparse data', 'lasso': 'The lasso', 'descent': 'Descents', 'classes': 'More than two classes',
            'exact': 'Exact decisions, Firth', 'first': 'The first answer', 'pictures': 'Pictures', 'reading': 'Reading',
            'memory': 'Memory', 'interrupt': 'Interrupting, the bar', 'growth': 'Growth'}
# numbers of cores, None for all, where it is not all of them once
CORES = {'descent': (None, 1), 'growth': (1,)}
# seconds after which a section is ended, so that the others have their turn
LONGEST = 900
PACKAGES = ('sage_logreg', 'passagemath-standard', 'pytensor', 'numba', 'numpy', 'scipy', 'scikit-learn', 'statsmodels', 'glum',
            'pandas', 'polars', 'pyarrow', 'matplotlib')
THREADS = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMBA_NUM_THREADS')


def machine():
    """Return a line that names the machine and what is installed."""
    def said(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.split('\n')[0]
        except OSError:
            return f'{command[0]} missing'

    def version(package):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return 'missing'

    information = Path('/proc/cpuinfo').read_text() if os.path.exists('/proc/cpuinfo') else ''
    model = next((line.split(':')[1].strip() for line in information.split('\n') if line.startswith('model name')),
                 platform.processor())
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    versions = [f'{package} {version(package)}' for package in PACKAGES]
    return (f'{model} ({platform.machine()}), {os.cpu_count()} cores, {memory:.0f} GB of memory. Python {platform.python_version()}, '
            f'{", ".join(versions)}; {said("R", "--version")}; {said("gcc", "--version")}.')


def run(section, cores):
    """Run a section in a process of its own, print what it prints, and return that and its contests."""
    def pin():
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    path = os.pathsep.join(filter(None, [str(FOLDER.parent), os.environ.get('PYTHONPATH')]))
    environment = {**os.environ, 'PYTHONPATH': path, **({name: str(cores) for name in THREADS} if cores else {})}
    with tempfile.TemporaryDirectory() as folder:
        contests, errors, lines = Path(folder, 'contests'), Path(folder, 'errors'), []
        with open(errors, 'w') as file:
            process = subprocess.Popen([sys.executable, FOLDER / f'{section}.py'], stdout=subprocess.PIPE, stderr=file, text=True,
                                       preexec_fn=pin if cores else None, env={**environment, 'BENCH_CONTESTS': str(contests)})
        limit = threading.Timer(LONGEST, process.kill)
        limit.start()
        for line in process.stdout:
            print(line, end='', flush=True)
            lines.append(line.rstrip())
        if process.wait():
            said = errors.read_text().strip()
            print(said, file=sys.stderr)
            reason = said.split('\n')[-1][:300] if limit.is_alive() else f'more than {LONGEST} s'
            lines.append(f'**Ended with an error** ({process.returncode}): {reason}')
        limit.cancel()
        found = [Contest(**json.loads(line)) for line in contests.read_text().splitlines()] if contests.exists() else []
    return '\n'.join(lines).strip(), found


def head_of(contests):
    """Return the lines of the table at the top."""
    return ['# Results', '', 'Made by `make bench`. Medians; machines differ, so the ratios are what counts. **Bold**: a peer is faster.',
            '', machine(), '', '| job | we, seconds | best peer, seconds | times ours |', '|---|---|---|---|',
            *(each.summary() for each in contests)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('sections', nargs='*', help=f'some of {", ".join(SECTIONS)}')
    there = [section for section in SECTIONS if (FOLDER / f'{section}.py').exists()]
    wanted = parser.parse_args().sections
    texts, summary = [], []
    for section in wanted or there:
        if section not in there:
            parser.error(f'there is no section {section}; expected some of {", ".join(there)}')
        for cores in CORES.get(section, (None,)):
            title = SECTIONS[section] + (', 1 core' if cores else '')
            print(f'\n## {title}\n', flush=True)
            text, contests = run(section, cores)
            texts += ['', f'## {title}', '', text]
            summary += [each for each in contests if not cores]
            head = head_of(summary)
            if not wanted:
                # after each section, so that an interrupted run leaves those before it
                (FOLDER / 'RESULTS.md').write_text('\n'.join(head + texts) + '\n')
    print('\n'.join(['', *head]))


if __name__ == '__main__':
    main()
