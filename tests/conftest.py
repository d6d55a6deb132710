"""Fixtures of several folders. The browser's tests read this too, in an environment without NumPy and Sage."""
import contextlib
import os
import signal

import pytest

# a shell that puts the tests into the background has them ignore Ctrl-C, which some of them send
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A Sage before 10 is loaded here, before mpmath is: mpmath then computes with Sage's numbers, which that Sage needs.
with contextlib.suppress(ImportError):
    import sage_logreg  # noqa: F401

# The same examples in every run, so that a change fails by what it changed; HYPOTHESIS_PROFILE=default draws new ones.
with contextlib.suppress(ImportError):
    import hypothesis
    hypothesis.settings.register_profile('same', derandomize=True)
    hypothesis.settings.load_profile(os.environ.get('HYPOTHESIS_PROFILE', 'same'))


@pytest.fixture
def sixty_digits():
    """mpmath computes with 60 digits, also where a test itself uses it."""
    import mpmath
    with mpmath.workdps(60):
        yield


@pytest.fixture(scope='session')
def sage():
    """Everything that Sage has, or a skipped test."""
    return pytest.importorskip('sage.all')


@pytest.fixture
def no_show(sage, monkeypatch):
    """Sage; a picture is returned, and any that is shown is an error."""
    from sage.repl.rich_output.display_manager import DisplayManager
    import matplotlib.pyplot

    def shown(*arguments, **options):
        raise AssertionError('a picture was shown')

    # what every show comes to
    monkeypatch.setattr(DisplayManager, 'display_immediately', shown)
    monkeypatch.setattr(matplotlib.pyplot, 'show', shown)
    return sage


@pytest.fixture
def no_names_are_injected():
    """Nothing is written into the user's names."""
    from sage.repl import user_globals
    before, names = user_globals.user_globals, {}
    user_globals.set_globals(names)
    yield
    user_globals.user_globals = before
    assert names == {}
