"""The data are found after any kind of install."""
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from helpers import ROOT, in_a_new_process

CODE = 'import sage_logreg; print(sage_logreg.__file__); print(len(sage_logreg.ex2data1()))'


def installed_in(folder, tmp_path):
    result = subprocess.run([sys.executable, '-c', CODE], capture_output=True, text=True, cwd=tmp_path,
                            env={'PYTHONPATH': str(folder), 'PATH': '/usr/bin:/bin', 'HOME': str(tmp_path)})
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def pip(*arguments):
    result = subprocess.run([sys.executable, '-m', 'pip', *arguments], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """The folder of an sdist and of the wheel made from it."""
    folder = tmp_path_factory.mktemp('built')
    # a copy, so that building leaves nothing in the checkout; no isolation, so that it needs no network
    source = folder / 'source'
    tracked = subprocess.run(['git', 'ls-files', '-z'], capture_output=True, text=True, cwd=ROOT,
                             check=True).stdout.split('\0')
    for name in filter(None, tracked):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    result = subprocess.run([sys.executable, '-m', 'build', '--no-isolation', '--outdir', str(folder), str(source)],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.mark.lanes
@pytest.mark.timeout(300)
def test_wheel_holds_the_data(built, tmp_path):
    wheel, = built.glob('*.whl')
    assert wheel.name.endswith('-py3-none-any.whl')
    target = tmp_path / 'site'
    pip('install', '--no-deps', '--target', str(target), str(wheel))
    where, count = installed_in(target, tmp_path)
    assert Path(where).is_relative_to(target)
    assert count == '100'


def test_wheel_and_sdist_hold_nothing_else(built):
    tracked = {path.relative_to(ROOT).as_posix() for path in (ROOT / 'sage_logreg').rglob('*.py')}
    # the files of MNIST are in the clone only
    data = {path.name for path in (ROOT / 'data').iterdir() if path.is_file()}
    wheel, = built.glob('*.whl')
    names = {name for name in zipfile.ZipFile(wheel).namelist() if '.dist-info/' not in name}
    assert names == tracked | {f'sage_logreg/data/{name}' for name in data}
    sdist, = built.glob('*.tar.gz')
    names = {name.partition('/')[2] for name in tarfile.open(sdist).getnames()}
    names = {name for name in names if '.' in Path(name).name or name == 'LICENSE'} - {'PKG-INFO', 'setup.cfg'}
    names = {name for name in names if '.egg-info' not in name}
    assert names == tracked | {f'data/{name}' for name in data} | {
        'CHANGELOG.md', 'CITATION.cff', 'LICENSE', 'MANIFEST.in', 'README.md', 'setup.py'}


def test_metadata_are_strictly_right(built):
    pytest.importorskip('twine')
    result = subprocess.run([sys.executable, '-m', 'twine', 'check', '--strict', *map(str, built.glob('*-*'))],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    wheel, = built.glob('*.whl')
    metadata, = (name for name in zipfile.ZipFile(wheel).namelist() if name.endswith('/METADATA'))
    text = zipfile.ZipFile(wheel).read(metadata).decode()
    for line in ('License', 'Classifier: Programming Language :: Python :: 3.14', 'Requires-Dist: pytensor'):
        assert f'\n{line}' in text
    assert f'\nversion: {text.split("Version: ")[2].split()[0]}\n' in (ROOT / 'CITATION.cff').read_text()


@pytest.mark.lanes
def test_checkout_finds_the_data(tmp_path):
    where, count = installed_in(ROOT, tmp_path)
    assert Path(where).is_relative_to(ROOT)
    assert count == '100'


def test_data_are_the_original_figures():
    import hashlib
    assert hashlib.sha256((ROOT / 'data' / 'ex2data1.txt').read_bytes()).hexdigest() == \
        'ed7298995232c17a7f1bc50c9807cb7216337563e4a7c00bfcaa8f5d6bd32f02'


def test_what_needs_sage_says_so():
    code = """\
import sys
sys.modules['sage'] = None
from sage_logreg import *
data = ex2data1()
model = maximum_likelihood(data)
for needed in (model.plot, model.plot3d, model.plot_probability, model.plot_history, model.plot_cost_surface, model.animate,
               model.roc, model.boundary, model.posterior, model.log_odds, model.symbolic_cost, model.certified, data.plot,
               lambda: certified_maximum_likelihood(data), lambda: polynomial_features('x1'), lambda: explore(data),
               lambda: minimize_cost('a*x1', data, ['a']), lambda: load_data(data, features=['x1']),
               lambda: explore_descent(data), separation([[1, 0], [2, 1]]).vector):
    try:
        print('nothing is said by', needed, needed())
    except ImportError as error:
        print(error)
"""
    assert set(in_a_new_process(code).stdout.splitlines()) == {'formulas, pictures and proofs need Sage, and this Python has none; '
                                               "install it with: pip install 'sage_logreg[sage]'"}


def make_beside_sage(beside, **environment):
    # not as a part of the make that may run these tests
    outside = {name: value for name, value in os.environ.items() if not name.startswith('MAKE') and name != 'MFLAGS'}
    return subprocess.run(['make', 'beside-sage', f'BESIDE={beside}'], cwd=ROOT, capture_output=True, text=True,
                          env={**outside, **environment})


@pytest.mark.parametrize('made', [False, True], ids=['somebody else', 'make beside-sage'])
def test_beside_sage_empties_only_what_it_has_made(tmp_path, made):
    # a sage that only says what it would do
    (tmp_path / 'bin').mkdir()
    sage = tmp_path / 'bin' / 'sage'
    sage.write_text('#!/bin/sh\necho "sage $*"\nexit 3\n')
    sage.chmod(0o755)
    beside = tmp_path / 'an environment'
    beside.mkdir()
    for name in ['pyvenv.cfg', 'thesis.tex', *(['.made-by-make-beside-sage'] if made else [])]:
        (beside / name).touch()
    result = make_beside_sage(beside, PATH=f'{tmp_path / "bin"}:{os.environ["PATH"]}')
    assert result.returncode == 2 and (beside / 'thesis.tex').exists()
    assert (f'sage -python -m venv --clear --system-site-packages {beside}' in result.stdout) is made
    assert ('was not made by make beside-sage' in result.stderr) is not made


@pytest.mark.parametrize('beside', ['', ' '], ids=['empty', 'a space'])
def test_beside_sage_of_no_place(beside):
    result = make_beside_sage(beside)
    assert result.returncode and result.stderr.startswith('BESIDE is empty; give a place: make beside-sage BESIDE=...')
    assert not result.stdout
