r"""
Progress: a bar on long work, a widget in a notebook and a line in a terminal

EXAMPLES::

    sage: from sage_logreg.support.progress import progress_bar
    sage: list(progress_bar(range(3), desc='counting'))
    [0, 1, 2]
"""
from sage_logreg.support.interrupt import interrupts_held


def progress_bar(*iterable, disable=None, **options):
    r"""
    Return tqdm's bar; it comes after half a second, and goes when the work is done.

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
            # Sage 9.5 has older widgets than those that tqdm knows: a line of text in their place
            from tqdm.std import tqdm
            disable = bool(disable)
    return tqdm(*iterable, disable=disable, **{'delay': 0.5, 'leave': False, **options})


def print_above(bar, line):
    r"""
    Print a line while a bar may be there.

    INPUT:

    - ``bar`` -- as :func:`progress_bar` has returned it
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
