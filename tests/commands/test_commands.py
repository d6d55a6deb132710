"""The README's commands and lines, as far as they can be tried in seconds."""
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers import ROOT, in_a_new_process


def make(*arguments, cwd=ROOT, **environment):
    return subprocess.run(['make', *arguments], cwd=cwd, capture_output=True, text=True, timeout=120,
                          env={**os.environ, 'MAKEFLAGS': '', **environment})


@pytest.fixture
def bare(tmp_path):
    """A checkout without .venv, and a PATH of the caller's choice."""
    for name in ('Makefile', 'setup.py'):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / 'bin').mkdir()
    for name in ('make', 'bash', 'sh', 'id', 'touch'):
        (tmp_path / 'bin' / name).symlink_to(shutil.which(name))
    return tmp_path


def test_no_python_is_said(bare):
    result = make('run', cwd=bare, PATH=str(bare / 'bin'))
    assert result.returncode != 0
    assert 'needs Python 3.11 to 3.14, and found none' in result.stderr
    assert 'apt-get install python3' in result.stderr


def test_no_venv_module_is_said(bare):
    # a Python of the right version in which 'import venv' fails, as Debian's does without python3-venv
    python = bare / 'bin' / 'python3'
    python.write_text('#!/bin/sh\ncase "$*" in *venv*) exit 1;; *) exit 0;; esac\n')
    python.chmod(0o755)
    result = make('run', cwd=bare, PATH=str(bare / 'bin'))
    assert result.returncode != 0
    assert 'python3 has no venv module' in result.stderr and 'python3-venv' in result.stderr


def test_environment_behind_a_link_is_not_emptied(bare):
    others = bare / 'others'
    others.mkdir()
    (others / 'notes.txt').write_text('precious')
    (bare / '.venv').symlink_to(others)
    (bare / 'bin' / 'readlink').symlink_to(shutil.which('readlink'))
    # a Python that only says what it is asked to do
    python = bare / 'bin' / 'python3'
    python.write_text(f'#!/bin/sh\necho "$*" >>{bare}/asked\n')
    python.chmod(0o755)
    result = make('run', cwd=bare, PATH=str(bare / 'bin'))
    assert result.returncode != 0 and f'.venv is a link to {others}' in result.stderr
    assert not (bare / 'asked').exists() and [path.name for path in others.iterdir()] == ['notes.txt']


def test_run_installs_only_what_it_needs(bare):
    run, test = (make('-n', command, cwd=bare).stdout for command in ('run', 'test'))
    assert "-e '.[sage]'" in run and 'notebook' not in run
    between = test[test.index("-e '.[sage]'"):test.index("-e '.[sage,notebook,dask,test]'")]
    assert 'venv --clear' not in between


@pytest.fixture
def beside(bare):
    """A checkout with a sage that only makes what a venv has, and says what it is given."""
    for name in ('chmod', 'mkdir', 'rm'):
        (bare / 'bin' / name).symlink_to(shutil.which(name))
    sage = bare / 'bin' / 'sage'
    sage.write_text('''#!/bin/bash
case "$*" in
  "-python -m venv"*)
    folder="${@: -1}"
    mkdir -p "$folder/bin" "$folder/lib/python3.11/site-packages" && touch "$folder/pyvenv.cfg"
    printf '#!/bin/sh\\n' >"$folder/bin/python" && chmod +x "$folder/bin/python";;
  "-python -c"*) echo numpy;;
  *) echo "$PYTHONPATH|$JUPYTER_PATH|$*";;
esac
''')
    sage.chmod(0o755)
    return bare


def test_beside_sage_starts_sage_with_the_package(beside):
    folder, path = beside / 'my own' / 'place', str(beside / 'bin')
    for _ in range(2):
        result = make('beside-sage', f'BESIDE={folder}', cwd=beside, PATH=path)
        assert result.returncode == 0, result.stderr
    packages, jupyter = folder / 'lib' / 'python3.11' / 'site-packages', folder / 'share' / 'jupyter'
    for before, after in (({}, ''), ({'PYTHONPATH': '/a', 'JUPYTER_PATH': '/b'}, ':')):
        printed = subprocess.run([folder / 'bin' / 'sage', '-c', '1 + 1'], env={'PATH': path, **before}, check=True,
                                 capture_output=True, text=True).stdout
        # nothing empty, which Python takes for the current folder
        assert printed == f'{packages}{after and ":/a"}|{jupyter}{after and ":/b"}|-c 1 + 1\n'


def test_beside_sage_leaves_a_folder_of_others_alone(beside):
    clone = beside / 'sage-with-logreg'
    clone.mkdir()
    (clone / 'notes.txt').write_text('precious')
    result = make('beside-sage', cwd=beside, PATH=str(beside / 'bin'), HOME=str(beside))
    assert result.returncode != 0
    assert f'{clone} is there already and was not made by make beside-sage' in result.stderr
    assert [path.name for path in clone.iterdir()] == ['notes.txt']


def test_notebook_is_served_on_this_machine_alone():
    for options in ([], ['CLASSIC=1']):
        assert '--ip=127.0.0.1' in make('-n', 'notebook', *options).stdout


def test_notebook_opens_at_the_index_of_a_language():
    for options, address in (([], '/lab/tree/en/index.ipynb'), (['INDEX=ja'], '/lab/tree/ja/index.ipynb'),
                             (['LANG=ja_JP.UTF-8'], '/lab/tree/ja/index.ipynb'), (['LC_ALL=ja_JP.UTF-8'], '/lab/tree/ja/index.ipynb'),
                             (['LANG=ja_JP.UTF-8', 'LC_ALL=en_GB.UTF-8'], '/lab/tree/en/index.ipynb'),
                             (['CLASSIC=1'], '/notebooks/en/index.ipynb'), (['CLASSIC=1', 'INDEX=ja'], '/notebooks/ja/index.ipynb')):
        answer = make('-n', 'notebook', *options, LC_ALL='', LC_MESSAGES='', LANG='C.UTF-8').stdout
        assert f'default_url={address}' in answer, options


def test_tests_are_what_ci_runs():
    assert 'make test' in (ROOT / '.ci' / 'run').read_text()
    printed = make('-n', 'test').stdout
    assert 'sage -t' in printed and '--optional=sage,dask' in printed and 'pytest -n 2' in printed and 'make --no-print-directory html' in printed


def code_under(title):
    section = (ROOT / 'README.md').read_text(encoding='utf-8').split(f'## {title}\n')[1].split('\n## ')[0]
    blocks = re.findall(r'(?:^    .*\n?)+', section, flags=re.MULTILINE)
    return [re.sub(r'^    ', '', block, flags=re.MULTILINE) for block in blocks]


@pytest.mark.lanes
@pytest.mark.slow
def test_readme_script(tmp_path):
    pytest.importorskip('sage')
    (tmp_path / 'data').symlink_to(ROOT / 'data')
    code, = code_under('In a script')
    result = in_a_new_process(code, cwd=tmp_path)
    assert result.stdout.startswith('(-25.16133')
    assert result.stdout.splitlines()[-1] == '[1, 0]'
    assert (tmp_path / 'boundary.png').read_bytes().startswith(b'\x89PNG')


@pytest.mark.lanes
@pytest.mark.slow
def test_readme_notebook_lines(tmp_path):
    pytest.importorskip('sage')
    sage = Path(sys.executable).parent / 'sage'
    code, = code_under('In a notebook')
    script = tmp_path / 'lines.sage'
    # a picture would open a window
    script.write_text(code.replace('show(', 'print(').replace(', figsize=5', ''))
    if not sage.exists():
        pytest.skip('there is no sage beside this Python')
    result = subprocess.run([sage, script], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert '280000 0.288778154733' in result.stdout


def test_gallery_has_every_picture():
    pytest.importorskip('sage')
    code = 'import gallery; print("\\n".join(line for _, _, line in gallery.PICTURES))'
    lines = in_a_new_process(code, cwd=ROOT / 'worksheets').stdout
    from sage_logreg import Dataset, LogisticModel
    methods = [name for kind in (Dataset, LogisticModel) for name in dir(kind) if name.startswith('plot') or name in ('animate', 'roc')]
    assert len(methods) >= 8
    for name in methods:
        assert f'.{name}(' in lines, name


def test_compiling_ahead_says_nothing():
    result = subprocess.run([sys.executable, '-m', 'sage_logreg', '--compile'], cwd=ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, '', '')


def test_run_compiles_ahead_once_after_the_results(bare):
    (bare / '.venv').mkdir()
    for name in ('run', 'compiled'):
        (bare / '.venv' / name).touch()
        time.sleep(0.01)
    once = make('-n', 'run', cwd=bare).stdout
    (bare / '.venv' / 'compiled').unlink()
    first = make('-n', 'run', cwd=bare).stdout
    assert '--compile' not in once and 0 < first.index('sage_logreg results') < first.index('sage_logreg --compile')
