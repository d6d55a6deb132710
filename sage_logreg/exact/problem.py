r"""
What is proved about: the data that count, and the penalty, in exact numbers
"""
import functools

import numpy

from sage_logreg.dataset.exact_numbers import kind_of, numbers_taken_as, taken_as
from sage_logreg.dataset.load import load_data
from sage_logreg.exact.estimates import checked_exact_number
from sage_logreg.support.arguments import entries, shown
from sage_logreg.support.constants import signs
from sage_logreg.support.exact_number import sage_number
from sage_logreg.support.threads import one_at_a_time


class ExactProblem:
    # The data that count, their points, weights and offset as Sage's exact numbers, and the penalty's factor.

    @one_at_a_time
    def __init__(self, data, features, weights, offset, l2, exact, **reading):
        data = load_data(data, features=features, weights=weights, offset=offset, exact=exact, **reading).dense('a proof')
        if data.is_chunked:
            raise ValueError(f'the data are in {len(data.chunks)} chunks, and proved digits are of rows in memory; expected '
                             'data.in_memory(), or data.sample(...) for some of the rows')
        l2 = taken_as(l2, exact)
        self.l2 = checked_exact_number('l2', l2, minimum=0)
        weights = _given('weights', data.exact_weights, len(data))
        # of more than two classes a number for each of them
        each = 1 if data.classes == 2 else data.classes
        offset = data.exact_offset if each == 1 or data.exact_offset is None else numpy.ravel(data.exact_offset)
        offset = _given('offset', offset, each * len(data))
        weights, offset = (numbers_taken_as(numbers, exact) for numbers in (weights, offset))
        self.kinds = {kind_of(number) for number in [*weights, *offset, *[l2] * bool(self.l2)]}
        weights = [checked_exact_number(f'weights[{i}]', value, 0) for i, value in enumerate(weights or [1] * len(data))]
        offset = [checked_exact_number(f'offset[{i // each}]', value) for i, value in enumerate(offset or [0] * (each * len(data)))]
        rows = numpy.flatnonzero(signs(weights))
        if not len(rows):
            raise ValueError('weights are all 0; expected a row that counts')
        self.data = data.take(rows)
        offset = numpy.array(offset, dtype=object).reshape((len(data), each)[:each])
        self.data.weights, self.data.offset = numpy.array(weights, dtype=object)[rows], offset[rows]
        seen = set(self.data.labels)
        if data.classes == 2 and len(seen) < 2:
            label = data.label_text(int(self.data.labels[0]))
            raise ValueError(f'every row that counts has {label}; expected both labels')
        self.data.check_all_there('rows that count')

    @functools.cached_property
    def points(self):
        # rows of numbers of Sage, or of the floats that they are
        exact = self.data.design.exact
        if exact.are_floats():
            return exact.points.tolist()
        return [list(map(sage_number, row)) for row in exact.rows(slice(None))]


def _given(name, values, count):
    # the numbers that were given for the rows, none or one each
    given = [] if values is None else entries(values)
    if given is None:
        raise TypeError(f'{name} = {shown(values)}; expected {count} real numbers')
    if values is not None and len(given) != count:
        raise ValueError(f'{name} has {len(given)} entries; expected {count} real numbers')
    return given
