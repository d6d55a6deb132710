r"""
Progress: a bar on long work, a widget in a notebook and a line in a terminal

EXAMPLES::

    sage: from sage_logreg.progress import progress_bar
    sage: list(progress_bar(range(3), desc='counting'))
    [0, 1, 2]
"""


def progress_bar(*iterable, disable=None, **options):
    r"""
    Return tqdm's bar; it comes after half a second, and goes when the work is done.

    INPUT:

    - ``iterable`` -- as for ``tqdm``
    - ``disable`` -- (default: where output is neither a terminal nor a
      notebook) ``True`` or ``False``
    - ``options`` -- of ``tqdm``

    EXAMPLES::

        sage: from sage_logreg.progress import progress_bar
        sage: with progress_bar(total=10) as bar:
        ....:     bar.update(5)
        ....:     bar.disable
        True
    """
    from tqdm.auto import tqdm
    options = {'delay': 0.5, 'leave': False, **options}
    try:
        return tqdm(*iterable, disable=disable, **options)
    except AttributeError:
        # widgets before ipywidgets 7, as Sage 9.5 has them, are not those that tqdm knows
        import tqdm
        return tqdm.tqdm(*iterable, disable=bool(disable), **options)
