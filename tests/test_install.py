"""The data are found after any kind of install."""
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = 'import sage_logreg; print(sage_logreg.__file__); print(len(sage_logreg.ex2data1()))'


def installed_in(folder, tmp_path):
    result = subprocess.run([sys.executable, '-c', CODE], capture_output=True, text=True, cwd=tmp_path,
                            env={'PYTHONPATH': str(folder), 'PATH': '/usr/bin:/bin', 'HOME': str(tmp_path)})
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def pip(*arguments):
    result = subprocess.run([sys.executable, '-m', 'pip', *arguments], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.timeout(300)
def test_wheel_holds_the_data(tmp_path):
    # a copy, so that building leaves nothing in the checkout; no isolation, so that it needs no network
    source = tmp_path / 'source'
    tracked = subprocess.run(['git', 'ls-files', '-z', 'setup.py', 'README.md', 'LICENSE', 'sage_logreg', 'data'],
                             capture_output=True, text=True, cwd=ROOT, check=True).stdout.split('\0')
    for name in filter(None, tracked):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    pip('wheel', '--no-deps', '--no-build-isolation', '-w', str(tmp_path), str(source))
    wheel, = tmp_path.glob('*.whl')
    target = tmp_path / 'site'
    pip('install', '--no-deps', '--target', str(target), str(wheel))
    where, count = installed_in(target, tmp_path)
    assert Path(where).is_relative_to(target)
    assert count == '100'


def test_checkout_finds_the_data(tmp_path):
    where, count = installed_in(ROOT, tmp_path)
    assert Path(where).is_relative_to(ROOT)
    assert count == '100'


def test_data_are_the_original_figures():
    import hashlib
    assert hashlib.sha256((ROOT / 'data' / 'ex2data1.txt').read_bytes()).hexdigest() == \
        'ed7298995232c17a7f1bc50c9807cb7216337563e4a7c00bfcaa8f5d6bd32f02'
