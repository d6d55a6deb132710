r"""
Reading: from a chunk to its rows, with errors that name it

EXAMPLES::

    sage: from sage_logreg.dataset.in_chunks.chunk import Chunk
    sage: from sage_logreg.dataset.in_chunks.reading import name_of
    sage: name_of(Chunk('rows.csv', 0))
    'rows.csv'
"""
from sage_logreg.dataset.assembly import assembled
from sage_logreg.dataset.in_chunks.kept import check_same, stamp_of_file


def read(chunk, plan, first=None):
    r"""
    Return the Dataset of a chunk; an error names the chunk.

    INPUT:

    - ``first`` -- (default: not checked) the stamp of the file when it was first read
    """
    check_same(chunk, stamp_of_file(chunk), first)
    try:
        source = chunk.source()
    except (OSError, ValueError) as error:
        if chunk.name in str(error):
            raise
        raise OSError(f'{chunk.name} cannot be read: {error}') from None
    return assembled(source, plan)


def name_of(chunk):
    r"""
    Return the name of a chunk for a message.
    """
    return getattr(chunk, 'name', 'a chunk')


def too_large(chunk):
    r"""
    Return what to tell where the memory is not enough for a chunk.
    """
    return f'{name_of(chunk)}: the memory is not enough for the rows of this chunk; expected smaller row groups or partitions, or more memory'
