r"""
Observations: what a statistician counts as one row, with the counts of its classes

Of grouped data a group is one binomial observation (of K classes a multinomial one), as R's ``glm`` has it, otherwise each row
is one. A row's weight counts how often it stands for itself.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: from sage_logreg.dataset.observations import observations
    sage: groups = observations(load_data(([[1], [2], [3]], [1, 0, 2], [4, 5, 2])))
    sage: groups.counts, groups.trials
    (array([[3., 1.],
           [5., 0.],
           [0., 2.]]), array([4., 5., 2.]))
    sage: groups.design.points.ravel(), groups.rows
    (array([1., 2., 3.]), array([0, 1, 2]))
    sage: observations(load_data([[1, 0], [2, 1]], weights=[2, 3])).counts
    array([[2., 0.],
           [0., 3.]])
"""
import typing

import numpy

from sage_logreg.dataset.design import Design


class Observations(typing.NamedTuple):
    r"""
    Observations of some data; those without any trial are left out.

    - ``design`` -- a :class:`~sage_logreg.dataset.design.Design` of ``g`` rows
    - ``counts`` -- float64 array, g x K: how often each class was seen
    - ``trials`` -- float64 array, their sums
    - ``offset`` -- ``None``, or float64 array of ``g`` numbers, of more than two classes g x K
    - ``rows`` -- int array, the numbers of the rows in the source, from 0 on
    - ``first`` -- int array, for each the number of a row of the data with its point
    """

    design: Design
    counts: numpy.ndarray
    trials: numpy.ndarray
    offset: numpy.ndarray
    rows: numpy.ndarray
    first: numpy.ndarray

    @property
    def proportions(self):
        r"""
        Which part of the trials each class is, g x K.
        """
        return self.counts / self.trials[:, None]


def observations(data, single=False):
    r"""
    Return the :class:`Observations` of a :class:`~sage_logreg.dataset.dataset.Dataset` with its rows in memory.

    INPUT:

    - ``data`` -- a ``Dataset``
    - ``single`` -- (default: ``False``) whether groups are taken apart: each row is then one observation
    """
    grouped = data.trials is not None and not single
    group = groups_of_rows(data) if grouped else numpy.arange(len(data))
    weights = numpy.ones(len(data)) if data.weights is None else data.weights
    seen, first, place = numpy.unique(group, return_index=True, return_inverse=True)
    counts = numpy.zeros((len(seen), data.classes))
    numpy.add.at(counts, (place, data.labels.astype(int)), weights)
    counted = counts.sum(axis=1) > 0
    first, counts = first[counted], counts[counted]
    rows = group if data.row_numbers is None else data.row_numbers
    return Observations(data.design.take(first), counts, counts.sum(axis=1), None if data.offset is None else data.offset[first],
                        rows[first], first)


def groups_of_rows(data):
    r"""
    Return of grouped data the number of the group that each row belongs to, an int array.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.dataset.observations import groups_of_rows
        sage: groups_of_rows(load_data(([[1], [2], [3]], [1, 0, 2], [4, 5, 2])))
        array([0, 2, 0, 1])
    """
    # they stand class by class, the second of two classes first; of each those groups in which it was seen
    successes = data.successes
    counts = [successes, data.trials - successes] if data.classes == 2 else list(successes.T)
    group = numpy.flatnonzero(numpy.concatenate(counts)) % len(data.trials)
    if len(group) != len(data):
        raise ValueError('the counts of some groups are too small beside their trials for floating-point numbers; expected rows with weights')
    return group
