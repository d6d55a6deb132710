r"""
Progress: a bar for long work, as a widget in a notebook or a line in a terminal

EXAMPLES::

    sage: from sage_logreg.support.progress import progress_bar
    sage: list(progress_bar(range(3), desc='counting'))
    [0, 1, 2]
"""
from sage_logreg.support.interrupt import interrupts_held


def progress_bar(*iterable, disable=None, **options):
    r"""
    Return tqdm's bar; it appears after half a second, and disappears when the work is done.

    INPUT:

    - ``iterable`` -- as for ``tqdm``
    - ``disable`` -- (default: where output is neither a terminal nor a
      notebook) ``True`` or ``False``
    - ``options`` -- of ``tqdm``

    EXAMPLES::

        sage: from sage_logreg.support.progress import progress_bar
        sage: with progress_bar(total=10) as bar:
        ....:     bar.update(5)
        ....:     bar.disable
        True
    """
    with interrupts_held():
        from tqdm.auto import tqdm
    if any(kind.__module__ == 'tqdm.notebook' for kind in tqdm.__mro__):
        import ipywidgets
        if int(ipywidgets.__version__.split('.')[0]) < 7:
            # Sage 9.5's widgets are too old for tqdm: a line of text instead
            from tqdm.std import tqdm
            disable = bool(disable)
    return tqdm(*iterable, disable=disable, **{'delay': 0.5, 'leave': False, **options})


def print_above(bar, line):
    r"""
    Print a line, above the bar if one is shown.

    INPUT:

    - ``bar`` -- as returned by :func:`progress_bar`
    - ``line`` -- string

    EXAMPLES::

        sage: from sage_logreg.support.progress import print_above, progress_bar
        sage: with progress_bar(total=10) as bar:
        ....:     print_above(bar, '0 0.69314718056')
        0 0.69314718056
    """
    # tqdm's own write would draw a bar that is not due yet, and leave it there
    if bar.disable or bar.last_print_t < bar.start_t + bar.delay:
        print(line, flush=True)
    else:
        bar.write(line)
