"""Progress bars of a notebook: red is for what went wrong."""
import pytest

pytest.importorskip('ipywidgets')
notebook = pytest.importorskip('tqdm.notebook')

from sage_logreg.support import progress  # noqa: E402


@pytest.fixture
def in_a_notebook(monkeypatch):
    monkeypatch.setattr('tqdm.auto.tqdm', notebook.tqdm)
    monkeypatch.setattr(notebook.TqdmHBox, '_ipython_display_', lambda self: None, raising=False)
    progress._bars.cache_clear()
    yield
    progress._bars.cache_clear()


def styles(bar):
    return {getattr(child, 'bar_style', '') for child in bar.container.children}


def test_a_bar_left_early_is_done(in_a_notebook):
    with progress.progress_bar(total=100, delay=0, disable=False) as bar:
        bar.update(2)
    assert 'danger' not in styles(bar)


def test_a_bar_left_by_an_error_is_red(in_a_notebook):
    with pytest.raises(ZeroDivisionError), progress.progress_bar(total=100, delay=0, disable=False) as bar:
        bar.update(2)
        1 / 0
    assert 'danger' in styles(bar)
