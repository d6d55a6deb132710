r"""
The plane that a picture shows: its variables, ranges and what is fixed
"""
import numpy

from sage_logreg.plot.looks import class_text, name_text, plain
from sage_logreg.plot.options import LIMITS, within
from sage_logreg.support.arguments import entries, listed, one_of, real_number, shown, whole_number

# share of the points' range on either side, more of it if so many points are in one place
MARGIN, WIDER, CROWD = 0.05, 0.1, 5
# letters in a line of an axis' name
BESIDE = 20
# more points than these are drawn as dots, in layers
MANY = 10000
# points per side of the grid on which curves and contours are found
GRID = 250


# What is drawn against what

class Plane:
    r"""
    The one or two variables that a picture shows, and what the others are fixed at.

    INPUT:

    - ``data`` -- a :class:`~sage_logreg.dataset.dataset.Dataset`
    - ``variables`` -- (default: all) one variable, symbol or name, or a list of one or two
    - ``fixed`` -- (default: the means, of factors their references) dictionary from other variables to real numbers,
      from titles of factors to levels
    - ``whose`` -- string; what has the variables, as an error message begins
    - ``limits`` -- (default: those of the data, with a margin) dictionary of limits, as from :func:`~sage_logreg.plot.options.taken_limits`
    - ``most`` -- (default: 10,000) so many points of data in chunks are drawn, the same ones each time, as ``sampled`` says

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.plot.plane import Plane
        sage: data = load_data([[1, 2, 3, 0], [4, 5, 8, 1]], variables='a, b, c')
        sage: plane = Plane(data, ['c', 'a'], {'b': 7/2})
        sage: plane.names, plane.text
        (['c', 'a'], 'at b = 3.5')
        sage: plane.points([10], [20])
        array([[20. ,  3.5, 10. ]])

    A factor is at its reference, or at a level::

        sage: from sage_logreg.dataset.categorical import Coding, Factor
        sage: data = load_data([[20, 0, 5, 0], [30, 1, 8, 1]], variables='age, sex_male, fare')
        sage: data.coding = Coding((Factor('sex', ('female', 'male'), 'female', {'male': 'sex_male'}),))
        sage: Plane(data, 'age, fare').text, Plane(data, 'age', {'sex': 'male'}).text
        ('at sex = female', 'at sex = male, fare = 6.5')

    TESTS::

        sage: Plane(data, whose='the model has')
        Traceback (most recent call last):
        ...
        ValueError: the model has 3 variables (age, sex_male, fare); say which two to draw, as variables=[age, fare], and at which levels, as fixed={'sex': 'female'}
        sage: Plane(data, 'age', {'sex': 'x'})
        Traceback (most recent call last):
        ...
        ValueError: fixed[sex] = 'x'; expected one of 'female', 'male'
        sage: data = load_data([[1, 2, 3, 0], [4, 5, 8, 1]], variables='a, b, c')
        sage: Plane(data)
        Traceback (most recent call last):
        ...
        ValueError: the data have 3 variables (a, b, c); say which two to draw, as variables=[a, b]
        sage: Plane(data, ['a', 'd'])
        Traceback (most recent call last):
        ...
        ValueError: variables[1] = d; expected one of a, b, c
        sage: Plane(data, ['a', 'b', 'c'])
        Traceback (most recent call last):
        ...
        ValueError: variables has 3 entries; a picture shows 1 or 2
        sage: Plane(data, ['a', 'b'], {'a': 1})
        Traceback (most recent call last):
        ...
        ValueError: fixed has a, which is drawn; expected other variables
    """

    def __init__(self, data, variables=None, fixed=None, whose='the data have', limits=None, most=MANY):
        known = data
        self.data, self.sampled = data, ''
        self.axes = self._chosen(variables, whose)
        if data.is_chunked:
            # what is wrong with the variables is said before anything is read
            self.data, self.sampled = sampled(data, most)
        self.data = data = self.data.dense('a picture')
        self.names = [data.variables[j] for j in self.axes]
        self.axes_labels = [name_text(name, BESIDE) for name in [*self.names, data.label_name][:2]]
        others = [j for j in range(len(data.variables)) if j not in self.axes]
        self.base = numpy.zeros(len(data.variables))
        if known.is_chunked and known.features is None:
            self.base[others] = (known.totals.sums / len(known))[others]
        else:
            self.base[others] = [data.points[:, j].mean(dtype=numpy.float64) for j in others]
        for factor in data.coding.factors:
            self._put({j: value for j, value in self._numbers_of_level(factor, factor.reference).items() if j in others})
        given = self._given(fixed)
        self._put(given)
        self.text = ', '.join(filter(None, [plain(self._fixed_text(others, given)), self.sampled]))
        self.horizontal = data.points[:, self.axes[0]]
        self.vertical = data.points[:, self.axes[1]] if len(self.axes) == 2 else data.labels
        self.limits = limits or {}
        # of one variable, all heights from that of the first class to that of the last
        heights = self.vertical if len(self.axes) == 2 else numpy.array([0, data.classes - 1])
        share = self._margin()
        self.ranges = within([with_margin(values, share) for values in (self.horizontal, heights)], self.limits)
        self.frame = dict(zip(LIMITS, (*self.ranges[0], *self.ranges[1])))

    def _chosen(self, variables, whose):
        names = self.data.variables
        if variables is None:
            if hasattr(self.data, 'plot_images'):
                raise ValueError(f'{whose} {len(names)} pixels as variables; plot_images() draws images, and plot_weights() the weights of '
                                 f'a model of them; of two pixels say which, as variables=[{listed(names[:2])}]')
            if len(names) > 2:
                raise ValueError(f'{whose} {len(names)} variables ({listed(names)}); say {self._to_say(whose)}')
            return list(range(len(names)))
        chosen = variables.replace(',', ' ').split() if isinstance(variables, str) else entries(variables)
        if chosen is None and str(variables) in names:
            chosen = [variables]
        if chosen is None:
            raise TypeError(f'variables = {shown(variables)}; expected one or two of {listed(names)}')
        if not 1 <= len(chosen) <= 2:
            raise ValueError(f'variables has {len(chosen)} entries; a picture shows 1 or 2')
        axes = [self._index(f'variables[{place}] = {variable}', variable) for place, variable in enumerate(chosen)]
        if len(set(axes)) < len(axes):
            raise ValueError(f'variables has {chosen[0]} twice; expected two different ones')
        return axes

    def _to_say(self, whose):
        # An example of what to draw: numbers, with factors at a level.
        names, factors = self.data.variables, self.data.coding.factors
        indicators = {name for factor in factors for name in factor.indicators.values()}
        numbers = [name for name in names if name not in indicators][:2] or names[:2]
        text = f'which {"two" if len(numbers) == 2 else "one or two"} to draw, as variables=[{listed(numbers)}]'
        if factors and whose == 'the model has':
            levels = [f'{factor.title!r}: {factor.levels[0]!r}' for factor in factors]
            text += f', and at which levels, as fixed={{{listed(levels)}}}'
        return text

    def _put(self, numbers):
        self.base[list(numbers)] = list(numbers.values())

    def _numbers_of_level(self, factor, level):
        # The numbers of the factor's indicators, by their places.
        return {self.data.variables.index(name): float(own == level) for own, name in factor.indicators.items()}

    def _index(self, text, variable):
        if str(variable) not in self.data.variables:
            raise ValueError(f'{text}; expected one of {listed(self.data.variables)}')
        return self.data.variables.index(str(variable))

    def _given(self, fixed):
        fixed = {} if fixed is None else fixed
        if not isinstance(fixed, dict):
            raise TypeError(f'fixed = {shown(fixed)}; expected a dictionary from variables to numbers')
        factors = {factor.title: factor for factor in self.data.coding.factors if factor.title not in self.data.variables}
        given = {}
        for variable, value in fixed.items():
            factor = factors.get(str(variable))
            if factor is None:
                numbers = {self._index(f'fixed has {variable}', variable): value}
            else:
                numbers = self._numbers_of_level(factor, one_of(f'fixed[{factor.title}]', value, factor.levels))
            if not numbers.keys().isdisjoint(self.axes):
                raise ValueError(f'fixed has {variable}, which is drawn; expected other variables')
            given.update({j: real_number(f'fixed[{variable}]', number) for j, number in numbers.items()})
        return given

    def _fixed_text(self, others, given):
        # Names all of them if that is short.
        texts, levels = {j: f'{self.data.variables[j]} = {self.base[j]:.4g}' for j in others}, set()
        for factor in self.data.coding.factors:
            for level in factor.levels:
                numbers = self._numbers_of_level(factor, level)
                if numbers and numbers.keys() <= texts.keys() and all(self.base[j] == number for j, number in numbers.items()):
                    # one text for all indicators
                    first, *more = numbers
                    texts = {j: text for j, text in texts.items() if j not in more}
                    texts[first] = f'{factor.title} = {level}'
                    levels.add(first)
                    if not numbers.keys().isdisjoint(given):
                        given = {**given, first: level}
                    break
        named = [j for j in texts if len(texts) <= 3 or j in given]
        parts = ['at ' + ', '.join(texts[j] for j in named)] if named else []
        rest = texts.keys() - named
        for count, what, where in ((len(rest - levels), 'other', 'at the mean'),
                                   (len(rest & levels), 'factor', 'at the reference')):
            if count:
                parts.append(f'the {what if count == 1 else f"{count} {what}s"} {where}')
        return ', '.join(parts)

    def _margin(self):
        # Where many points are in one place, its marker is large, and is to stand within the frame.
        if len(self.data) >= MANY:
            return MARGIN
        _, place = numpy.unique(self.horizontal + 1j * self.vertical, return_inverse=True)
        return WIDER if numpy.bincount(place.ravel(), shares(self.data)).max() >= CROWD else MARGIN

    def points(self, *coordinates):
        r"""
        Return points with these coordinates in the drawn variables.
        """
        points = numpy.tile(self.base, (len(coordinates[0]), 1))
        for j, values in zip(self.axes, coordinates):
            points[:, j] = values
        return points

    def grid(self, side):
        r"""
        Return ``side`` places on each axis, and the points of their grid, row by row.
        """
        x, y = (numpy.linspace(low, high, side) for low, high in self.ranges)
        return x, y, self.points(*(values.ravel() for values in numpy.meshgrid(x, y)))

    def texts(self):
        r"""
        Return what is written in a picture.
        """
        return [*self.axes_labels, self.text, *(class_text(self.data, label) for label in range(self.data.classes))]


def shares(data):
    r"""
    Return how many of the lightest points each one stands for.
    """
    if data.weights is None:
        return numpy.ones(len(data))
    weights = numpy.asarray(data.weights, dtype=float)
    return weights / weights[weights > 0].min()


def with_margin(values, share=MARGIN, least=1.0):
    r"""
    Return the range of an array with a share of it on both sides, or with ``least`` if all values are equal.
    """
    low, high = float(values.min()), float(values.max())
    margin = share * (high - low) or least
    return low - margin, high + margin


def sampled(data, most=MANY):
    r"""
    Return some rows of data in chunks, in memory, and which part of all they are, in words that are empty if they are all.
    """
    some = data.sample(most)
    return some, f'{len(some):,} of {len(data):,} points' if len(some) < len(data) else ''


def sample(data, most):
    r"""
    Return the indices of all points, or of ``most`` random ones, the same each time.
    """
    rows = numpy.arange(len(data))
    return rows if len(rows) <= most else numpy.random.RandomState(0).choice(rows, most, replace=False)


def on_grid(model, plane, side, place=1):
    r"""
    Return the probability of a class as a function, computed for all places of a grid at once; its values as an array, row by
    row; and the number of places per side.

    The numbers are the model's own: Sage's formula is complex or unevaluated where a feature is undefined.
    """
    if hasattr(side, '__len__'):
        raise TypeError(f'plot_points = {shown(side)}; expected one number for both directions')
    side = whole_number('plot_points', side, minimum=2)
    x, y, points = plane.grid(side)
    values = model._probabilities_at(points)
    if model.data.classes > 2:
        values = values[:, place]
    elif place == 0:
        values = 1 - values
    values = values.reshape(side, side)
    return looked_up(x, y, values), values, side


def looked_up(x, y, values):
    r"""
    Return the values at the places of an even grid, an array row by row, as the function that Sage's pictures need.
    """
    rows = values.tolist()
    across, up = (len(x) - 1) / (x[-1] - x[0]), (len(y) - 1) / (y[-1] - y[0])
    return lambda a, b: rows[round((b - y[0]) * up)][round((a - x[0]) * across)]


def plane_of_two(model, variables, fixed, limits=None, most=MANY):
    r"""
    Return the :class:`Plane` of a picture that needs two variables.
    """
    plane = Plane(model.data, variables, fixed, 'the model has', limits, most)
    if len(plane.names) == 1:
        raise ValueError(f'the picture is drawn over two variables, and 1 is given ({plane.names[0]}); '
                         'draw one variable by plot()')
    return plane
