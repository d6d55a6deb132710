r"""
Sums over rows that are not in memory

A method that is a sum over the rows of its object's data is marked with :func:`over_chunks`. Of data in memory it is the method
itself; of data in chunks each chunk's share is what the same method says of the same object with the rows of that chunk alone, and
the shares are combined (:meth:`~sage_logreg.dataset.in_chunks.chunked.ChunkedDataset.computed`). All else that is done with the sums, such as
Newton's method, does not know the difference.

EXAMPLES::

    sage: import numpy, os, pandas
    sage: from sage_logreg import load_data
    sage: from sage_logreg.solvers.likelihood import Likelihood
    sage: folder = tmp_dir()
    sage: for k in range(3):
    ....:     x = numpy.arange(4r*k, 4r*k + 4r)
    ....:     pandas.DataFrame({'x': x, 'y': x*x % 3r % 2r}).to_parquet(os.path.join(folder, f'{k}.parquet'))
    sage: data = load_data(os.path.join(folder, '*.parquet'))
    sage: Likelihood(data).likelihood_terms(numpy.zeros(2))[0]  # abs tol 1e-12
    8.317766166719343
"""
import functools

import numpy

from sage_logreg.dataset.in_chunks.chunk import added


def over_chunks(combine=added):
    r"""
    Mark a method as a sum over the rows of ``self.data``, or as what else ``combine`` makes of the values of two parts of them.

    Its object has ``without_rows()``, a copy that can be sent, and ``with_rows(data)``, a copy with the rows of a chunk.

    EXAMPLES: see :mod:`sage_logreg.solvers.chunked`.
    """
    def marked(method):
        @functools.wraps(method)
        def reduced(self, *arguments, **options):
            if not self.data.is_chunked:
                return method(self, *arguments, **options)
            return self.data.computed(_of_rows, self.without_rows(), method.__name__, arguments, options, combine=combine)
        return reduced
    return marked


def _of_rows(data, likelihood, name, arguments, options):
    # a chunk without rows has no share
    return getattr(likelihood.with_rows(data), name)(*arguments, **options) if len(data) else None


def larger(one, other):
    r"""
    Return the larger of two numbers; ``None`` counts as nothing.

    EXAMPLES::

        sage: from sage_logreg.solvers.chunked import larger
        sage: larger(1, 2), larger(None, 2)
        (2, 2)
    """
    return max((value for value in (one, other) if value is not None), default=None)


def triangle_of_both(one, other):
    r"""
    Return R of the QR factorisation of rows of which some have the one R, the rest the other; ``None`` is that of no rows.

    EXAMPLES::

        sage: from sage_logreg.solvers.chunked import triangle_of_both
        sage: import numpy
        sage: abs(triangle_of_both(numpy.array([[3.0]]), numpy.array([[4.0]])))
        array([[5.]])
    """
    if one is None or other is None:
        return other if one is None else one
    return numpy.linalg.qr(numpy.concatenate([one, other]), 'r')
