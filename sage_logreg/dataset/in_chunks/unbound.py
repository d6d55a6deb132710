r"""
Data in chunks that are elsewhere: those of a model that was loaded without them

EXAMPLES::

    sage: import os, pandas
    sage: from sage_logreg import load_data
    sage: from sage_logreg.dataset.in_chunks.unbound import UnboundDataset, bound
    sage: path = os.path.join(tmp_dir(), '*.parquet')
    sage: pandas.DataFrame({'x': [1r, 2r, 3r], 'y': [0r, 1r, 0r]}).to_parquet(path.replace('*', '0'))
    sage: data = load_data(path)
    sage: unbound = UnboundDataset(data.chunks, data.plan.like, data.totals)
    sage: unbound
    3 points in x: 1 with y = 1, 2 with y = 0, in 1 chunk
    sage: unbound.sample(2)
    Traceback (most recent call last):
    ...
    ValueError: the 3 rows of the model's data are not in its file; expected load_model(path, data=...), with the data it was trained on
    sage: bound(path, unbound, 'model.json') == unbound
    True
"""
import numpy

from sage_logreg.dataset.assembly import Asked, Plan
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.in_chunks.chunked import ChunkedDataset
from sage_logreg.dataset.in_chunks.like import data_like

# sums may be added up in another order
SUMS = 1e-9


class UnboundDataset(ChunkedDataset):
    r"""
    The names and totals of data in chunks, without the rows.

    INPUT: ``chunks``, ``specimen``, ``totals`` -- see :class:`~sage_logreg.dataset.in_chunks.chunked.ChunkedDataset`
    """

    is_bound = False

    def __init__(self, chunks, specimen, totals):
        super().__init__(chunks, Plan(Asked(), None, None, specimen), totals)

    def computed(self, *arguments, **options):
        raise ValueError(f"the {len(self)} rows of the model's data are not in its file; expected load_model(path, data=...), "
                         'with the data it was trained on')

    reading = sample = in_memory = computed


def bound(source, unbound, name):
    r"""
    Return the data that a model was trained on, checked to be the same.

    INPUT:

    - ``source`` -- anything that :func:`~sage_logreg.dataset.load.load_data` takes
    - ``unbound`` -- an :class:`UnboundDataset`
    - ``name`` -- of the model's file, for error messages
    """
    if not isinstance(source, Dataset) and (unbound.has_weights or unbound.has_offset):
        raise ValueError(f'{name}: the rows have weights or an offset; expected data=load_data(..., weights=..., offset=...), as where the '
                         'model was trained')
    data = data_like(source, unbound)
    given, known = _facts(data), _facts(unbound)
    for what, value in known.items():
        if given[what] != value:
            raise ValueError(f'{name}: the data have {_text(given[what])} {what}; expected {_text(value)}, as where the model was trained')
    if data.is_chunked and not numpy.allclose(data.totals.sums, unbound.totals.sums, rtol=SUMS, atol=SUMS * abs(_far(unbound)).max()):
        raise ValueError(f'{name}: the columns of the data have other sums than where the model was trained; expected the same rows')
    return data


def _far(data):
    # what the sums are at most
    return numpy.maximum(abs(data.totals.low), abs(data.totals.high)) * len(data)


def _facts(data):
    counts = data._rows_of_classes().tolist()
    facts = {'rows': sum(counts), **{f'rows with {data.label_text(k)}': count for k, count in enumerate(counts)}}
    low, high = (data.totals.low, data.totals.high) if data.is_chunked else data.design.extremes
    for name, *ends in zip(data.design.variables, low.tolist(), high.tolist()):
        facts[f'as the range of {name}'] = tuple(ends)
    return {**facts, 'as the sum of the weights': round(data.total(), 6)}


def _text(value):
    return f'{value[0]:g} .. {value[1]:g}' if isinstance(value, tuple) else f'{value:g}' if isinstance(value, float) else str(value)
