"""Time reading tables beside their peers, and measure how much memory it takes.

    python benchmarks/reading.py

A table is read by every contender in turn, in one process; the medians and their ratios are printed. Memory is the peak
of a new process above what it had before reading, as a part of the final array (on Linux).
"""
import os
import tempfile

import contest
from contest import OURS, Contest

ROWS, COLUMNS = 500000, 10
# as many digits as floats have, as spreadsheets have, and as NumPy writes by default
FORMS = {'shortest decimals, as pandas writes them': None, '4 decimals': '%.4f', '19 digits, as NumPy writes them': '%.18e'}
PEAK = '''
import re, sys
def status(name):
    with open('/proc/self/status') as file:
        return 1024 * int(re.search(name + ':\\s*(\\d+)', file.read())[1])
# the loop is compiled, and what is imported once is not counted
read(small)
# the peak begins anew
with open('/proc/self/clear_refs', 'w') as file:
    file.write('5')
before = status('VmRSS')
size = read(sys.argv[1])
print((status('VmHWM') - before) / size)
'''
READERS = {'text': 'from sage_logreg.dataset.text import read_text as reader',
           'formats': 'from sage_logreg.dataset.formats import read_file as reader'}


def write_tables(folder):
    """Write the tables and return their paths by title."""
    import numpy
    import pandas
    random = numpy.random.RandomState(0)
    frame = pandas.DataFrame(random.normal(size=(ROWS, COLUMNS)), columns=[f'x{j + 1}' for j in range(COLUMNS)])
    frame['y'] = random.randint(0, 2, ROWS)
    paths = {}
    for number, (title, form) in enumerate(FORMS.items()):
        paths[title] = os.path.join(folder, f'table{number}.csv')
        frame.to_csv(paths[title], index=False, float_format=form)
    paths['parquet'] = os.path.join(folder, 'table.parquet')
    frame.to_parquet(paths['parquet'], index=False)
    frame.head(20000).to_csv(os.path.join(folder, 'small.csv'), index=False)
    frame.head(20000).to_parquet(os.path.join(folder, 'small.parquet'), index=False)
    return paths


def contenders(path):
    """Return the jobs of a file by name, and the missing ones with the reason."""
    def ours(path):
        if path.endswith('.csv'):
            from sage_logreg.dataset.text import read_text as reader
        else:
            from sage_logreg.dataset.formats import read_file as reader
        return lambda: reader(path)

    def pandas_reader(path):
        import pandas
        return lambda: pandas.read_csv(path, engine='c')

    def polars_reader(path):
        import polars
        return lambda: polars.read_csv(path)

    def arrow(path):
        import pyarrow.parquet
        return lambda: pyarrow.parquet.read_table(path)

    peers = {'pandas, C engine': pandas_reader, 'polars': polars_reader} if path.endswith('.csv') else {'pyarrow': arrow}
    return contest.prepared({OURS: ours, **peers}, path)


def peak_memory(path):
    """Return the peak memory of reading a file, as a part of the final array."""
    small = os.path.join(os.path.dirname(path), 'small' + os.path.splitext(path)[1])
    reader = READERS['text' if path.endswith('.csv') else 'formats']
    code = f'{reader}\nsmall = {small!r}\ndef read(path):\n    table = reader(path)\n    return 8 * len(table) * len(table.columns)\n'
    try:
        return f'{float(contest.run_python(code + PEAK, path)[1]):.2f}'
    except ImportError as error:
        return f'missing: {error}'


def results():
    with tempfile.TemporaryDirectory() as folder:
        for title, path in write_tables(folder).items():
            jobs, missing = contenders(path)
            seconds, _, failed = contest.race(jobs)
            yield Contest(f'Reading {ROWS:,} x {COLUMNS + 1}, {title}', seconds, 'peak memory / array',
                          {OURS: peak_memory(path)}, [], {**missing, **failed})


if __name__ == '__main__':
    contest.main(results)
