"""The notebooks, run again on the SageMath kernel and compared with what is stored."""
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import ROOT

pytest.importorskip('jupytext')
pytest.importorskip('nbclient')

FOLDER = ROOT / 'worksheets'
WORKSHEETS = sorted(FOLDER.glob('*.sage'))
ENGLISH = [path for path in WORKSHEETS if path.stem.endswith('_en')]
TEXTS = {'text/plain', 'text/html', 'text/latex'}


def has_sage_kernel():
    from jupyter_client.kernelspec import KernelSpecManager
    return 'sagemath' in KernelSpecManager().find_kernel_specs()


needs_kernel = pytest.mark.skipif(not has_sage_kernel(), reason='there is no SageMath kernel')


@pytest.fixture
def build():
    sys.path.insert(0, str(FOLDER))
    try:
        import build
    finally:
        sys.path.pop(0)
    return build


@pytest.mark.lanes
@needs_kernel
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize('worksheet', ENGLISH, ids=lambda path: path.stem)
def test_notebook_says_what_is_stored(worksheet):
    # in a process of its own: the client of a kernel must not have imported Sage
    result = subprocess.run([sys.executable, FOLDER / 'build.py', '--check', worksheet],
                            capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.lanes
def test_kernel_names_its_python_in_full():
    if not has_sage_kernel():
        pytest.skip('there is no SageMath kernel')
    from jupyter_client.kernelspec import get_kernel_spec
    assert Path(get_kernel_spec('sagemath').argv[0]).is_absolute(), 'set up by make, not by pip alone'


def test_worksheets_stand_in_both_languages():
    names = {path.stem for path in WORKSHEETS}
    assert {name[:-3] for name in names if name.endswith('_en')} == {name[:-3] for name in names if name.endswith('_ja')}
    assert len(names) >= 14


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=lambda path: path.stem)
def test_worksheet_has_aim_exercises_solutions_and_summary(worksheet):
    import jupytext
    texts = [cell.source for cell in jupytext.read(worksheet).cells if cell.cell_type == 'markdown']
    aim, *headings = {'en': ['*Aim:*', '## Exercises', '## Solutions', '## Summary'],
                      'ja': ['*目標：*', '## 演習', '## 解答', '## まとめ']}[worksheet.stem[-2:]]
    assert aim in texts[0]
    lines = [line for text in texts for line in text.splitlines() if line.startswith('#')]
    # only the check comes after these
    assert lines[-4:-1] == headings


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=lambda path: path.stem)
def test_stored_notebook_is_small_and_of_no_machine(worksheet):
    notebook = worksheet.with_suffix('.ipynb')
    assert notebook.stat().st_size < 700_000
    outputs = [output for cell in json.loads(notebook.read_text(encoding='utf-8'))['cells']
               for output in cell.get('outputs', [])]
    for output in outputs:
        assert output['output_type'] != 'error' and output.get('name') != 'stderr'
        texts = [output.get('text', '')] + [content for kind, content in output.get('data', {}).items() if kind in TEXTS]
        assert not re.search(r'/(tmp|home|root|work|Users)/', ''.join(map(''.join, texts)))


@pytest.mark.parametrize('worksheet', ENGLISH, ids=lambda path: path.stem)
def test_both_languages_compute_the_same(worksheet):
    # so the English ones are executed and doctested for both; the Japanese ones run in a browser
    import jupytext

    def code(path):
        *cells, check = [cell.source for cell in jupytext.read(path).cells if cell.cell_type == 'code']
        # the prose of the check is translated, its examples are indented
        examples = [line for line in check.splitlines() if line.startswith('    ')]
        assert any(line.startswith('    sage: ') for line in examples)
        return cells, examples

    assert code(worksheet) == code(worksheet.with_name(worksheet.name.replace('_en', '_ja')))


@pytest.mark.parametrize('worksheet', ENGLISH, ids=lambda path: path.stem)
def test_both_languages_are_stored_alike(worksheet, build):
    # the same code says the same: what is executed is the English one
    import jupytext
    import nbformat
    other = worksheet.with_name(worksheet.name.replace('_en', '_ja'))
    english, japanese = (nbformat.read(path.with_suffix('.ipynb'), as_version=4) for path in (worksheet, other))
    assert [cell.source for cell in japanese.cells] == [cell.source for cell in jupytext.read(other).cells]
    for one, two in zip(english.cells, japanese.cells, strict=True):
        assert one.cell_type == two.cell_type and build.same(build.said(two), build.said(one))


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=lambda path: path.stem)
def test_worksheet_is_a_script(sage, worksheet):
    # as load and sage -t read it, the text around the code included
    from sage.repl.preparse import preparse_file
    compile(preparse_file(worksheet.read_text(encoding='utf-8')), str(worksheet), 'exec')


def test_comparison_finds_differences(build):
    # the check itself must be able to fail
    old = [('stdout', '20000 0.547295463694\n')]
    assert build.same([('stdout', '20000 0.547295463694\n')], old)
    assert not build.same([('stdout', '20000 0.547296463694\n')], old)
    assert not build.same([('stdout', '20001 0.547295463694\n')], old)
    assert not build.same([('image/png', None)], old)
    assert not build.same([], old)
    ball = [('text/plain', '[0.0486250434994999015208158 +/- 9.48e-64]')]
    assert build.same([('text/plain', '[0.04862504349949990152081581 +/- 9.52e-64]')], ball)
    assert not build.same([('text/plain', '[0.0486250434994999015208158 +/- 9.48e-62]')], ball)
    assert not build.same([('text/plain', '[0.0486251434994999015208158 +/- 9.48e-64]')], ball)
    assert not build.same([('text/plain', '0.0486250434994999015208158')], ball)
