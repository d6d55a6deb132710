"""The package as it is used at the Sage prompt: a real sage in a real terminal."""
import ast
import os
import re
import signal
import sys
from pathlib import Path

import pytest

pexpect = pytest.importorskip('pexpect')

import sage_logreg  # noqa: E402
from helpers import ROOT  # noqa: E402

SAGE = Path(sys.executable).parent / 'sage'
LAST_COST = '280000 0.288778154733'

pytestmark = [pytest.mark.skipif(not SAGE.exists(), reason='there is no sage beside this Python'),
              pytest.mark.timeout(600)]


def started(folder):
    environment = dict(os.environ, TERM='dumb', DOT_SAGE=str(folder))
    child = pexpect.spawn(str(SAGE), ['--simple-prompt'], env=environment, encoding='utf-8', timeout=300,
                          cwd=str(ROOT), dimensions=(60, 250))
    child.expect_exact('sage: ')
    return child


@pytest.fixture(scope='module')
def prompts(tmp_path_factory):
    children = []
    yield children
    for child in children:
        end(child)


@pytest.fixture
def prompt(prompts, tmp_path_factory):
    """A Sage that the tests of this file type into, one after the other: it takes seconds to start."""
    if prompts:
        # not one that another test has left in the middle of something
        prompts[-1].sendline("print('ready', 6*7)")
        if prompts[-1].expect_exact(['ready 42', pexpect.TIMEOUT, pexpect.EOF], timeout=10):
            end(prompts.pop())
        else:
            prompts[-1].expect_exact('sage: ')
    if not prompts:
        prompts.append(started(tmp_path_factory.mktemp('sage')))
    return prompts[-1]


@pytest.fixture
def new_prompt(tmp_path):
    child = started(tmp_path)
    yield child
    end(child)


def end(child):
    # a busy machine lets the polite signals of close() wait too long
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()


def ask(prompt, line):
    """Type a line at the prompt and return what it prints."""
    prompt.sendline(line)
    # docstrings contain 'sage: ' themselves, so the end is marked by an answer
    prompt.sendline("print('done', 6*7)")
    prompt.expect_exact('done 42')
    text = re.sub(r'\x1b\[[0-9;?]*[a-zA-Z]', '', prompt.before).replace('\r', '\n')
    prompt.expect_exact('sage: ')
    echoes = (line, "print('done', 6*7)")
    lines = (text_line.removeprefix('sage: ') for text_line in text.split('\n'))
    return '\n'.join(text_line for text_line in lines if text_line.strip() not in echoes).strip()


@pytest.mark.slow
def test_import_is_silent_and_injects_the_public_names_only(new_prompt):
    ask(new_prompt, 'before = set(globals())')
    assert ask(new_prompt, 'from sage_logreg import *') == ''
    public = sorted(sage_logreg.__all__)
    names = ask(new_prompt, "sorted(n for n in set(globals()) - before if n[0] != '_' and n != 'before')")
    assert ast.literal_eval(names) == public
    assert "name 'x1' is not defined" in ask(new_prompt, 'x1')


@pytest.mark.lanes
@pytest.mark.slow
def test_preparsed_numbers(prompt):
    ask(prompt, 'from sage_logreg import *')
    ask(prompt, 'data = ex2data1()')
    ask(prompt, 'model = gradient_descent(data, learning_rate=1/1000, iterations=3*10^5)')
    assert ask(prompt, "['%.8f' % weight for weight in model.weights()]") == "['-9.25573205', '0.07960975', '0.07329322']"
    ask(prompt, 'again = gradient_descent(data, learning_rate=0.001, iterations=100, initial=vector([0, 1/10, 0.2]))')
    assert ask(prompt, 'again.iterations(), again.iterations().parent()') == '(100, Integer Ring)'
    assert ask(prompt, 'x1 = var("x1")') == ''
    assert ask(prompt, 'len(data.plot() + plot(model.boundary(x1), (x1, 30, 100)))') == '3'


@pytest.mark.lanes
@pytest.mark.slow
def test_help_and_completion(prompt):
    ask(prompt, 'from sage_logreg import *')
    ask(prompt, 'import sage_logreg')
    assert completions(prompt, 'sage_logreg.') == sorted(sage_logreg.__all__)
    ask(prompt, 'model = gradient_descent(ex2data1(), iterations=10)')
    methods = completions(prompt, 'model.')
    assert not any(name.startswith('_') for name in methods)
    assert {'plot', 'plot_history', 'weights', 'boundary', 'resume', 'save'} < set(methods)
    assert completions(prompt, 'gradient_d') == ['gradient_descent']

    text = ask(prompt, 'gradient_descent?')
    assert 'learning_rate' in text and 'EXAMPLES' in text
    text = ask(prompt, 'model.plot?')
    assert 'point_options' in text
    assert re.search(r'EXAMPLES.*sage: model.plot\(\)\s+Graphics object', text, re.DOTALL)


def completions(prompt, text):
    # one line, however many there are
    answer = ask(prompt, f"print(get_ipython().complete({text!r})[1])")
    names = [name.rpartition('.')[2] for name in ast.literal_eval(answer)]
    # older ones have files among them
    return sorted(name for name in names if name.isidentifier())


@pytest.mark.lanes
@pytest.mark.slow
def test_report_leaves_its_lines_alone(prompt):
    ask(prompt, 'from sage_logreg import *')
    call = 'model = gradient_descent(ex2data1(), learning_rate=0.001, iterations=300000, report=%s)'
    *lines, before_prompt = screen(prompt, call % 20000)
    assert lines[0] == '0 0.69314718056' and lines[-1] == LAST_COST and len(lines) == 15
    assert before_prompt == ''
    # compiled by now, and over before a bar is due
    assert screen(prompt, call % 100000) == [lines[0], lines[5], lines[10], '']


def screen(prompt, line):
    """Type a line at the prompt and return what then stands on the screen, up to the next prompt."""
    prompt.sendline(line)
    prompt.expect_exact(f'{line}\r\n')
    prompt.expect_exact('sage: ')
    shown = []
    for text in re.sub(r'\x1b\[[0-9;?]*[a-zA-Z]', '', prompt.before).split('\r\n'):
        cells = ''
        for part in text.split('\r'):
            cells = part + cells[len(part):]
        shown.append(cells.rstrip())
    return shown


# the code of both languages is the same, see test_notebooks.py
@pytest.mark.slow
@pytest.mark.parametrize('how, language', [('load', 'en'), ('attach', 'ja')])
def test_worksheet_at_the_prompt(prompt, how, language):
    text = ask(prompt, f"{how}('worksheets/{language}/1_gradient_descent.sage')")
    assert 'Error' not in text and 'Traceback' not in text
    # once by hand, once by the package
    assert text.count(LAST_COST) == 2
    assert ask(prompt, 'model.accuracy()') == '0.91'


@pytest.mark.lanes
@pytest.mark.slow
def test_interrupt_returns_the_model_so_far(prompt):
    ask(prompt, 'from sage_logreg import *')
    ask(prompt, 'model = gradient_descent(ex2data1(), iterations=100)')
    prompt.sendline('model = gradient_descent(ex2data1(), iterations=10^9)')
    prompt.expect('updates/s')
    prompt.sendintr()
    prompt.expect('interrupted after step [0-9]+ of 1000000000', timeout=5)
    prompt.expect_exact('sage: ')
    assert ask(prompt, '0 < model.iterations() < 10^9, factor(91)') == '(True, 7 * 13)'
    assert ask(prompt, 'model.resume(1000).iterations() - model.iterations()') == '1000'


@pytest.mark.slow
def test_edited_worksheet_runs_again_at_the_next_prompt(tmp_path):
    worksheet = tmp_path / 'worksheet.sage'
    # a fifth of its steps
    text = (ROOT / 'worksheets' / 'en' / '1_gradient_descent.sage').read_text(encoding='utf-8')
    worksheet.write_text(text.replace('300000', '60000'), encoding='utf-8')
    # Sage looks after attached files only at its full prompt
    environment = dict(os.environ, TERM='xterm', PROMPT_TOOLKIT_NO_CPR='1', DOT_SAGE=str(tmp_path))
    child = pexpect.spawn(str(SAGE), env=environment, encoding='utf-8', timeout=300, cwd=str(ROOT), dimensions=(60, 250))
    try:
        child.expect_exact('sage: ')
        child.send(f"attach('{worksheet}')\r")
        # by hand and by the package
        child.expect_exact('40000 0.488295709188')
        child.expect_exact('40000 0.488295709188')
        child.send("print('attached', 6*7)\r")
        child.expect_exact('attached 42')
        with open(worksheet, 'a') as file:
            file.write("\nprint('edited', len(model.weights()))\n")
        child.send('1 + 1\r')
        child.expect_exact('reloading attached file')
        child.expect_exact('edited 3')
    finally:
        end(child)
