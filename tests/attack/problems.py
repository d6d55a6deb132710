r"""
Random problems of every kind, and each as it is handed to the package

A problem is the same exact numbers twice: as fractions, for the oracle, and as a user would give them.

EXAMPLES::

    from attack.problems import draw
    print(draw('rationals', '7/31'))
"""
import dataclasses
import decimal
import os
import random
import tempfile
from fractions import Fraction

import numpy

# of text tables, until this process ends
FOLDER = tempfile.TemporaryDirectory()

KINDS = ['floats', 'rationals', 'decimals', 'grouped', 'weighted', 'l2', 'offsets', 'no intercept']


@dataclasses.dataclass
class Problem:
    r"""
    Exact numbers; ``data`` and ``options`` are what the package gets of them.
    """

    kind: str
    seed: str
    points: list
    labels: list
    weights: list
    offset: list
    l2: Fraction = Fraction(0)
    intercept: bool = True
    data: object = None
    options: dict = dataclasses.field(default_factory=dict)
    sizes: dict = dataclasses.field(default_factory=dict)

    def __str__(self):
        given = self.data
        if isinstance(given, str):
            with open(given) as file:
                given = file.read()
        sizes = ''.join(f', {name}={value!r}' for name, value in self.sizes.items())
        return (f"draw({self.kind!r}, {self.seed!r}{sizes})\n  data = {given!r}\n  options = {self.options!r}\n  "
                + '\n  '.join(f'{", ".join(map(str, point))} -> {label}, weight {weight}, offset {offset}' for
                              point, label, weight, offset in zip(self.points, self.labels, self.weights, self.offset)))

    def rounded(self):
        r"""
        Return the problem with every number rounded to a float, as training takes it.
        """
        def floats(values):
            return [Fraction(float(value)) for value in values]

        return dataclasses.replace(self, points=[floats(point) for point in self.points], weights=floats(self.weights),
                                   offset=floats(self.offset), l2=Fraction(float(self.l2)))


def draw(kind, seed, rows=(3, 12), columns=(1, 3)):
    r"""
    Return the problem of a kind that belongs to a seed, any string.
    """
    rng = random.Random(f'{kind} {seed}')
    width = rng.randint(*columns)
    # few rows are mostly separated
    count = max(rng.randint(*rows), rng.randint(*rows), width + 1)
    bases = [kind] if kind in COLUMNS else list(COLUMNS)
    base = rng.choice(bases)
    points = draw_points(rng, base, count, width)
    labels = draw_labels(rng, points)
    problem = Problem(kind, seed, points, labels, [Fraction(1)] * count, [Fraction(0)] * count,
                      sizes={'rows': rows, 'columns': columns})
    GIVEN.get(kind, give_points)(rng, problem, base)
    return problem


# Points and labels, with the corners that are hard

def in_99ths(rng):
    return Fraction(rng.randint(-150, 150), 99)


COLUMNS = {
    'decimals': [lambda rng: Fraction(rng.randint(-3, 3)),
                 lambda rng: Fraction(rng.randint(-30, 30), 10),
                 lambda rng: Fraction(rng.randint(-10**6, 10**6), 10**6),
                 lambda rng: Fraction(2**60 + rng.randint(-4, 4)),
                 lambda rng: rng.randint(-2, 2) + Fraction(rng.randint(-2, 2), 10**30),
                 lambda rng: rng.randint(-9, 9) * Fraction(10)**rng.choice([-9, 0, 0, 9])],
    'rationals': [in_99ths,
                  lambda rng: Fraction(rng.randint(-9, 9), 3),
                  lambda rng: Fraction(rng.randint(-50, 50), rng.randint(1, 99))],
    # some ulps from a few numbers
    'floats': [lambda rng: Fraction(rng.choice([0.1, 1.0, 1/3]) * (1 + rng.randint(-2, 2) * 2.0**-52)),
               lambda rng: Fraction(rng.gauss(0, 1)),
               lambda rng: Fraction(rng.gauss(1e6, 1))]}


def draw_points(rng, base, count, width):
    styles = COLUMNS['decimals'] + ([] if base == 'decimals' else COLUMNS[base])
    columns = [[style(rng) for _ in range(count)] for style in rng.choices(styles, k=width)]
    if rng.random() < 0.2:
        on_a_plane(rng, columns, rng.sample(range(count), rng.randint(count // 2, count)))
    if rng.random() < 0.05:
        # all rows: such columns are dependent
        on_a_plane(rng, columns, range(count))
    if base == 'floats':
        columns = [[Fraction(float(x)) for x in column] for column in columns]
    points = [list(point) for point in zip(*columns)]
    if rng.random() < 0.3:
        points = [rng.choice(points[:max(2, count // 2)]) if rng.random() < 0.5 else point for point in points]
    return points


def on_a_plane(rng, columns, rows):
    # the last column becomes a sum of whole multiples of the others: tenths are not on it once they are floats
    factors = [rng.randint(-2, 2) for _ in columns[:-1]]
    constant = rng.choice([0, 1, Fraction(1, 2)])
    for i in rows:
        columns[-1][i] = constant + sum((f * column[i] for f, column in zip(factors, columns)), Fraction(0))


def draw_labels(rng, points):
    count, width = len(points), len(points[0])
    sides = [None] * count
    for _ in range(20):
        through = rng.choice(points)
        normal = [rng.randint(-2, 2) for _ in range(width)]
        values = [sum(n * (x - t) for n, x, t in zip(normal, point, through)) for point in points]
        sides = [rng.random() < 0.5 if value == 0 else value > 0 for value in values]
        if any(normal):
            break
    how = rng.choices(['any', 'separated', 'nearly separated', 'almost absent'], [6, 1, 2, 1])[0]
    labels = {'any': [rng.random() < 0.5 for _ in points], 'separated': sides, 'nearly separated': list(sides),
              'almost absent': [False] * count}[how]
    if how == 'nearly separated':
        nearest = min(range(count), key=lambda i: (abs(values[i]), rng.random()))
        labels[nearest] = not labels[nearest]
    if how == 'almost absent' or len(set(labels)) < 2:
        rare = rng.randrange(count)
        labels = [i == rare for i in range(count)]
    flip = rng.random() < 0.5
    return [int(label != flip) for label in labels]


# As a user gives it

def sage_rational(x):
    from sage.rings.rational import Rational
    from sage.rings.integer import Integer
    return Rational((Integer(x.numerator), Integer(x.denominator)))


def as_decimal(x):
    # exact: x has no other primes than 2 and 5 below its line
    with decimal.localcontext(decimal.Context(prec=2000)):
        return decimal.Decimal(x.numerator) / decimal.Decimal(x.denominator)


def is_decimal(x):
    return 10**400 % x.denominator == 0


def given_number(rng, x):
    r"""
    Return an exact number in one of the types that hold it exactly.
    """
    forms = [sage_rational, Fraction]
    if x.denominator == 1:
        forms.append(int)
    if is_decimal(x):
        forms.append(as_decimal)
    if Fraction(float(x)) == x:
        forms.append(float)
    return rng.choice(forms)(x)


def give_points(rng, problem, base):
    problem.data = points_of(rng, problem, base)


def points_of(rng, problem, base, labels=True):
    if base == 'floats':
        points = [[float(x) for x in point] for point in problem.points]
        if not labels:
            return points
        return rng.choice([lambda: (points, problem.labels), lambda: (numpy.array(points), numpy.array(problem.labels)),
                           lambda: [[*point, label] for point, label in zip(points, problem.labels)]])()
    if base == 'decimals' and labels:
        return text_table(rng, problem)
    from sage.matrix.constructor import matrix
    from sage.rings.rational_field import QQ
    form = rng.choice(['matrix', 'Sage', 'any'])
    if form == 'any':
        rows = [[given_number(rng, x) for x in point] for point in problem.points]
    else:
        rows = [[sage_rational(x) for x in point] for point in problem.points]
    if labels and rng.random() < 0.5:
        rows = [[*row, label] for row, label in zip(rows, problem.labels)]
        return matrix(QQ, rows) if form == 'matrix' else rows
    rows = matrix(QQ, rows) if form == 'matrix' else rows
    return (rows, problem.labels) if labels else rows


def text_table(rng, problem):
    mark, write = rng.choice([',', ';', '\t', ' ']), rng.choice(['{:f}', '{:e}', '{}'])
    lines = [mark.join([*(write.format(as_decimal(x)) for x in point), str(label)])
             for point, label in zip(problem.points, problem.labels)]
    if rng.random() < 0.3:
        lines.insert(0, mark.join([*(f'column{j}' for j in range(len(problem.points[0]))), 'label']))
    file, path = tempfile.mkstemp('.csv', dir=FOLDER.name)
    with os.fdopen(file, 'w') as table:
        table.write('\n'.join(lines) + '\n')
    return path


def give_grouped(rng, problem, base):
    # the rows are the groups that have successes, then those that have failures
    points = problem.points
    draw_count = rng.choice([lambda: Fraction(rng.randint(0, 5)), lambda: Fraction(rng.randint(0, 7), 3),
                             lambda: Fraction(rng.choice([0, 1, 2, 2**53, 2**53 + 1, 10**20])),
                             lambda: Fraction(rng.choice([0, 1, 2, 1000, 10**6]))])
    successes, failures = ([draw_count() for _ in points] for _ in range(2))
    if rng.random() < 0.4:
        # each group is of one label, as hardly any are by chance
        successes = [x * label for x, label in zip(successes, problem.labels)]
        failures = [x * (1 - label) for x, label in zip(failures, problem.labels)]
    if not any(successes):
        successes[0] = Fraction(1)
    if not any(failures):
        failures[-1] = Fraction(1)
    trials = [a + b for a, b in zip(successes, failures)]
    problem.data = (points_of(rng, problem, base, labels=False), [given_number(rng, x) for x in successes],
                    [given_number(rng, x) for x in trials])
    rows = [(i, label) for label, counts in ((1, successes), (0, failures)) for i, x in enumerate(counts) if x]
    problem.weights = [(successes if label else failures)[i] for i, label in rows]
    problem.points, problem.labels = [points[i] for i, _ in rows], [label for _, label in rows]
    problem.offset = [Fraction(0)] * len(rows)


def give_weights(rng, problem, base):
    give_points(rng, problem, base)
    draw_weight = rng.choice([lambda: Fraction(rng.randint(0, 3)), lambda: Fraction(rng.randint(0, 9), 3),
                              lambda: Fraction(rng.choice([0, 0.1, 0.7, 1.5])),
                              lambda: rng.choice([0, 1, 1]) * Fraction(10)**rng.randint(-9, 9),
                              lambda: Fraction(rng.choice([0, 1, 2**53 + 1, 10**9]))])
    weights = [draw_weight() for _ in problem.labels]
    for label in (0, 1):
        rows = [i for i, y in enumerate(problem.labels) if y == label]
        if not any(weights[i] for i in rows):
            weights[rng.choice(rows)] = Fraction(1)
    problem.weights = weights
    problem.options['weights'] = [given_number(rng, x) for x in weights]


def give_l2(rng, problem, base):
    give_points(rng, problem, base)
    problem.l2 = rng.choice([Fraction(1), Fraction(1, 3), Fraction(0.1), Fraction(7, 99), Fraction(1, 10**30),
                             Fraction(10**6), Fraction(1, 10)])
    problem.options['l2'] = given_number(rng, problem.l2)


def give_offset(rng, problem, base):
    give_points(rng, problem, base)
    draw_offset = rng.choice([lambda: Fraction(rng.randint(-3, 3), 3), lambda: Fraction(rng.randint(-3, 3), 10**30),
                              lambda: Fraction(rng.gauss(0, 2)), lambda: Fraction(rng.choice([-20, 0, 0, 1, 20])),
                              lambda: Fraction(rng.randint(-50, 50), 10)])
    problem.offset = [draw_offset() for _ in problem.labels]
    problem.options['offset'] = [given_number(rng, x) for x in problem.offset]


def give_no_intercept(rng, problem, base):
    # alone, or together with what else there may be
    rng.choice([give_points, give_points, give_grouped, give_weights, give_l2, give_offset])(rng, problem, base)
    problem.intercept = problem.options['intercept'] = False


GIVEN = {'grouped': give_grouped, 'weighted': give_weights, 'l2': give_l2, 'offsets': give_offset,
         'no intercept': give_no_intercept}
