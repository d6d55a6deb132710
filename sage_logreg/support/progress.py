r"""
Progress: a bar for long work, as a widget in a notebook or a line in a terminal

EXAMPLES::

    sage: from sage_logreg.support.progress import progress_bar
    sage: list(progress_bar(range(3), desc='counting'))
    [0, 1, 2]
"""
import contextlib
import functools
import threading

from sage_logreg.support.interrupt import interrupts_held

_chosen = threading.local()


@contextlib.contextmanager
def bars_shown(choice):
    r"""
    Return a context in which bars are shown as a user has chosen: ``True``, ``False``, or ``None`` for the default.

    EXAMPLES::

        sage: from sage_logreg.support.progress import bars_shown, progress_bar
        sage: import io
        sage: with bars_shown(True), progress_bar(total=10, file=io.StringIO()) as bar:
        ....:     bar.disable
        False
    """
    before, _chosen.choice = getattr(_chosen, 'choice', None), choice
    try:
        yield
    finally:
        _chosen.choice = before


def progress_bar(*iterable, disable=None, **options):
    r"""
    Return tqdm's bar; it appears after half a second, and disappears when the work is done.

    INPUT:

    - ``iterable`` -- as for ``tqdm``
    - ``disable`` -- (default: as :func:`bars_shown` says, or where output is
      neither a terminal nor a notebook) ``True`` or ``False``
    - ``options`` -- of ``tqdm``

    EXAMPLES::

        sage: from sage_logreg.support.progress import progress_bar
        sage: with progress_bar(total=10) as bar:
        ....:     bar.update(5)
        ....:     bar.disable
        True

    What is left early without an error is done::

        sage: import io
        sage: with progress_bar(total=10, disable=False, file=io.StringIO()) as bar:
        ....:     _ = bar.update(5)
        sage: bar.n == bar.total
        True
    """
    choice = getattr(_chosen, 'choice', None)
    if disable is None and choice is not None:
        disable = not choice
    tqdm, is_shown = _bars()
    if is_shown:
        disable = bool(disable)
    return tqdm(*iterable, disable=disable, **{'delay': 0.5, 'leave': False, **options})


@functools.lru_cache(maxsize=None)
def _bars():
    # the class of bars, and whether they are shown by default wherever output goes
    with interrupts_held():
        from tqdm.auto import tqdm
    is_shown = False
    if any(kind.__module__ == 'tqdm.notebook' for kind in tqdm.__mro__):
        import ipywidgets
        if int(ipywidgets.__version__.split('.')[0]) < 7:
            # Sage 9.5's widgets are too old for tqdm: a line of text instead
            from tqdm.std import tqdm
            is_shown = True

    class Bar(tqdm):
        # A notebook's bar that ends below its total stays, in red, as if something had gone wrong.
        def __exit__(self, error_type, error, traceback):
            if error_type is None:
                self.total = self.n
            super().__exit__(error_type, error, traceback)

    return Bar, is_shown


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
