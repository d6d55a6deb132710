r"""
Text tables with mistakes: load_data gives a Dataset, or one sentence of TypeError or ValueError
"""
import os
import random
import tempfile

import numpy

from sage_logreg import Dataset, load_data, separation

CELLS = [
    '', ' ', 'nan', 'inf', '-inf', 'NA', 'None', '1e999', '-1e999', '1e-999', '1e99999999999', '1e-99999999999',
    '0x10', '1_000', '--1', '+-1', '1e', 'e1', '.', '-', '1.2.3', '1,5', '1;5', '1/3', '1+2j', 'True', 'yes', "'",
    '"', '""', '"a', 'a"b', '#', '# x', 'sep=;', '1' * 400, '9' * 5000, '0.' + '0' * 5000 + '1', '1' + '0' * 5000,
    '٣', '１', '½', '∞', '−1', 'é', '\u2028', '\x85', '\x0b', '\x1c', '\ufeff', '\0', '\x1a', '\r', '\n', '\t',
    '=1+1', '$1', '50%', '1 000', '1\xa0000', '2026-11-28', '12:30', '(1)', '[1]', '{1}', '\\', '%s', '{0}',
    '\ud7ff', '🙂', 'x' * 10**5]


BYTES = [b'\0', b'\xff', b'"', b',', b'\n', b'#', b'e', b'.', b'-']


def table(rng):
    r"""
    Return a table as text, its mark between the cells, and its rows.
    """
    mark = rng.choice([',', ';', '\t', ' '])
    width, count = rng.randint(1, 4), rng.randint(2, 12)
    write = rng.choice(['{:.3f}', '{!r}', '{:.0f}', '{:e}'])
    names = rng.choice([('0', '1'), ('no', 'yes'), ('-1', '1')])
    rows = [[*(write.format(rng.gauss(0, 10)) for _ in range(width)), rng.choice(names)] for _ in range(count)]
    if rng.random() < 0.4:
        rows.insert(0, [f'x{j}' for j in range(width)] + ['label'])
    return rows, mark


def mutated(rng):
    r"""
    Return the bytes of a table after a few mistakes in its cells, its lines or its bytes.
    """
    rows, mark = table(rng)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 5])):
        row = rng.choice(rows)
        rng.choice([lambda: row.__setitem__(rng.randrange(len(row)), rng.choice(CELLS)),
                    lambda: row.insert(rng.randrange(len(row)), rng.choice(CELLS)),
                    lambda: len(row) > 1 and row.pop(rng.randrange(len(row))),
                    lambda: rows.insert(rng.randrange(len(rows)), [rng.choice(CELLS)])])()
    end = rng.choice(['\n', '\n', '\r\n', '\r'])
    text = end.join(map(mark.join, rows)) + rng.choice(['', end, end * 3])
    encoding = rng.choices(['utf-8', 'utf-8-sig', 'utf-16', 'utf-16-le', 'utf-32'], [8, 1, 1, 0.3, 0.3])[0]
    content = bytearray(text.encode(encoding, 'surrogatepass'))
    for _ in range(rng.choice([0, 0, 0, 1, 3, 30])):
        at = rng.randrange(len(content) + 1)
        rng.choice([lambda: content.insert(at, rng.randrange(256)),
                    lambda: content.__delitem__(slice(at, at + rng.randint(1, 4))),
                    lambda: content.__setitem__(slice(at, at), content[at:at + 40]),
                    lambda: content.__setitem__(slice(at, at + 1), rng.choice(BYTES)),
                    lambda: content.__delitem__(slice(at, None))])()
    return bytes(content)


def is_sentence(text, longest=600):
    return 0 < len(text) <= longest and not set(text) & set('\n\r\0\x0b\x0c\x85\u2028')


def attempt(seed):
    r"""
    Return what is wrong with the answers to a mutated table, and which it was.
    """
    content = mutated(random.Random(f'table {seed}'))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'table.csv')
        with open(path, 'wb') as file:
            file.write(content)
        try:
            answer, wrong = used(load_data(path))
        except (TypeError, ValueError) as error:
            answer, wrong = 'refused', None if is_sentence(str(error)) else f'no sentence: {error!r}'
        except Exception as error:
            answer, wrong = 'failed', f'{type(error).__name__}: {error}'
    return ([] if wrong is None else [f'{wrong[:500]}\n  tables.attempt({seed!r}): {content[:2000]!r}']), {answer: 1}


def used(data):
    # what the table was taken as, and what is wrong with that
    if not isinstance(data, Dataset) or not numpy.isfinite(data.points).all() or set(data.labels) != {0.0, 1.0}:
        return 'failed', f'not a Dataset of finite numbers and two labels: {data!r}'
    repr(data)
    try:
        return str(separation(data).kind()), None
    except ValueError as error:
        return 'dependent', None if is_sentence(str(error)) else f'no sentence: {error!r}'
