"""The notebooks, run again on the SageMath kernel and compared with what is stored."""
import io
import json
import re
import subprocess
import sys
import tokenize
from importlib.util import find_spec
from pathlib import Path
from unicodedata import east_asian_width

import pytest

from helpers import ROOT

# not imported here: it takes seconds in each process of tests
if not all(map(find_spec, ('jupytext', 'nbclient'))):
    pytest.skip('needs jupytext and nbclient', allow_module_level=True)

FOLDER = ROOT / 'worksheets'
WORKSHEETS = sorted(FOLDER.glob('*/[0-9]*.sage'), key=lambda path: (path.parent.name, int(path.name.split('_')[0])))
ENGLISH = [path for path in WORKSHEETS if path.parent.name == 'en']
INDICES = sorted(FOLDER.glob('*/index.sage'))
TEXTS = {'text/plain', 'text/html', 'text/latex'}
JAPANESE = re.compile('[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]')


def name_of(worksheet):
    return f'{worksheet.parent.name}-{worksheet.stem}'


def translated(worksheet):
    return FOLDER / 'ja' / worksheet.name


def cells(worksheet, kind):
    import jupytext
    return [cell for cell in jupytext.read(worksheet).cells if cell.cell_type == kind]


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
@pytest.mark.parametrize('worksheet', ENGLISH, ids=name_of)
def test_notebook_says_what_is_stored(worksheet):
    # in a process of its own: the client of a kernel must not have imported Sage
    result = subprocess.run([sys.executable, FOLDER / 'build.py', '--check', worksheet],
                            capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_pictures_of_the_readme_are_as_stored(sage, build, tmp_path):
    # as make worksheets draws them
    for command in (['-m', 'sage_logreg', tmp_path], [FOLDER / 'gallery.py', tmp_path, 'curved_probability', 'surface']):
        subprocess.run([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=600)
    stored = {path.name: path for path in (FOLDER / 'pictures').glob('*.png')}
    assert set(stored) == {path.name for path in tmp_path.iterdir()}
    for name, path in stored.items():
        assert build.difference((tmp_path / name).read_bytes(), path.read_bytes()) == '', name


@pytest.mark.lanes
def test_kernel_names_its_python_in_full():
    if not has_sage_kernel():
        pytest.skip('there is no SageMath kernel')
    from jupyter_client.kernelspec import get_kernel_spec
    assert Path(get_kernel_spec('sagemath').argv[0]).is_absolute(), 'set up by make, not by pip alone'


def test_worksheets_stand_in_both_languages():
    names = [path.name for path in ENGLISH]
    assert names == [path.name for path in WORKSHEETS if path.parent.name == 'ja'] and len(names) >= 8
    assert [name.split('_')[0] for name in names] == [str(number) for number in range(1, len(names) + 1)]


def links(worksheet):
    return [link for cell in cells(worksheet, 'markdown') for link in re.findall(r'\]\(([^)\s]+)\)', cell.source)]


@pytest.mark.parametrize('worksheet', WORKSHEETS + INDICES, ids=name_of)
def test_links_lead_somewhere(worksheet):
    found = [link for link in links(worksheet) if not link.startswith(('http://', 'https://'))]
    assert found and all((worksheet.parent / link).is_file() for link in found), found
    other = 'ja' if worksheet.parent.name == 'en' else 'en'
    assert f'../{other}/{worksheet.stem}.ipynb' in found


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=name_of)
def test_named_worksheets_are_links(worksheet):
    # "the worksheet on gradient descent", whose link is somewhere else, is one that a reader has to look for
    index = '\n'.join(cell.source for cell in cells(worksheet.parent / 'index.sage', 'markdown'))
    titles = re.findall(r'\[([^]]+)\]\(\d+_', index)
    texts = ' '.join(' '.join(cell.source.split()) for cell in cells(worksheet, 'markdown')).lower()
    assert len(titles) == len(ENGLISH)
    for title in titles:
        assert f'worksheet on {title.lower()}' not in texts and f'{title}のワークシート' not in texts
    assert not re.search('(first|second|last|previous) worksheet|(最初|前)のワークシート', texts)


@pytest.mark.parametrize('index', INDICES, ids=name_of)
def test_index_leads_to_all_worksheets_in_their_order(index):
    names = [path.with_suffix('.ipynb').name for path in ENGLISH]
    assert [link for link in links(index) if link in names] == names


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=name_of)
def test_worksheet_has_aim_exercises_solutions_and_summary(worksheet):
    texts = [cell.source for cell in cells(worksheet, 'markdown')]
    aim, *headings = {'en': ['*Aim:*', '## Exercises', '## Solutions', '## Summary'],
                      'ja': ['**目標：**', '## 演習', '## 解答', '## まとめ']}[worksheet.parent.name]
    assert aim in texts[0] and '(index.ipynb)' in texts[0]
    lines = [line for text in texts for line in text.splitlines() if line.startswith('#')]
    # only the check comes after these
    assert lines[-4:-1] == headings


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=name_of)
def test_solutions_and_checks_are_folded(worksheet):
    solutions, = [cell for cell in cells(worksheet, 'markdown') if cell.source in ('## Solutions', '## 解答')]
    assert solutions.metadata['jp-MarkdownHeadingCollapsed'] is True
    code = cells(worksheet, 'code')
    assert code[-1].metadata['jupyter']['source_hidden'] is True
    # an exercise asks for an answer, and the folded cell below it judges it
    (exercise, judge), = [pair for pair in zip(code, code[1:]) if pair[0].source.endswith('answer = None')]
    assert judge.source.startswith('if answer is None:') and judge.metadata['jupyter']['source_hidden'] is True


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=name_of)
def test_code_is_as_wide_as_a_page(worksheet):
    # a Japanese character is as wide as two letters
    lines = [line for cell in cells(worksheet, 'code')[:-1] for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) + sum(east_asian_width(character) in 'WF' for character in line) > 88] == []


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=name_of)
def test_stored_pictures_have_a_text(worksheet):
    notebook = json.loads(worksheet.with_suffix('.ipynb').read_text(encoding='utf-8'))
    stored = [cell for cell in notebook['cells'] if cell['cell_type'] == 'code']
    for cell, source in zip(stored, cells(worksheet, 'code'), strict=True):
        for output in cell['outputs']:
            if 'image/png' in output.get('data', {}):
                text = output['metadata']['image/png']['alt']
                assert text == source.metadata['alt'] and bool(JAPANESE.search(text)) == (worksheet.parent.name == 'ja')


@pytest.mark.parametrize('worksheet', WORKSHEETS + INDICES, ids=name_of)
def test_stored_notebook_says_its_language(worksheet):
    notebook = json.loads(worksheet.with_suffix('.ipynb').read_text(encoding='utf-8'))
    assert set(notebook['metadata']) == {'kernelspec', 'language_info'}
    assert notebook['metadata']['language_info']['name'] == 'sage' and notebook['metadata']['kernelspec']['name'] == 'sagemath'


@pytest.mark.parametrize('worksheet', [path for path in WORKSHEETS if path.parent.name == 'ja'], ids=name_of)
def test_japanese_worksheets_print_japanese(worksheet):
    lines = '\n'.join(cell.source for cell in cells(worksheet, 'code')[:-1])
    for statement in re.findall(r'(?m)^ *print\((?:.|\n {5,})*', lines):
        for text in re.findall(r"'([^'\n]*)'", statement):
            assert JAPANESE.search(text) or not re.search('[a-z]{3,} [a-z]{2,}', text), text


@pytest.mark.parametrize('worksheet', WORKSHEETS + INDICES, ids=name_of)
def test_paragraphs_are_not_broken(worksheet):
    for cell in cells(worksheet, 'markdown'):
        # a number and a dot at the beginning of a line make a list, also where a sentence ended with "the 27."
        numbers = [(indent, int(number)) for indent, number in re.findall(r'(?m)^( *)(\d+)\. ', cell.source)]
        assert all(pair == ('', number) for number, pair in enumerate(numbers, numbers[0][1] if numbers else 1)), cell.source
        # nor does a line begin what nobody meant: another kind of list, a quotation, a heading by underlining
        prose = re.sub(r'(?s)\$\$.*?\$\$', '', cell.source)
        assert not re.search(r'(?m)^ *(?:[-+>]|\d+\)|=+|-+)(?: |$)', prose), cell.source
        # the end of a line between Japanese characters shows as a blank
        assert not re.search(f'{JAPANESE.pattern}\n *(?![#*|$]|\\d+\\. ){JAPANESE.pattern}', cell.source), cell.source


@pytest.mark.parametrize('worksheet', [path for path in WORKSHEETS + INDICES if path.parent.name == 'ja'], ids=name_of)
def test_blanks_stand_only_between_japanese_and_other_characters(worksheet):
    # also around bold words: where they end in a bracket or a colon, Markdown needs the blank
    letter, other = '[\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff]', '[A-Za-z0-9$`]'
    for cell in cells(worksheet, 'markdown'):
        text = re.sub(r'「\[[^]]*\]', '', cell.source)
        assert not re.search(rf'{letter}(\*\*)? +(\*\*)?{letter}', text), cell.source
        assert not re.search(rf'{letter}(\*\*)?{other}|{other}(\*\*)?{letter}', text), cell.source


def printed_numbers(worksheet):
    """The numbers of the code and of what the stored notebook prints, the check at the end included."""
    texts = []
    for cell in json.loads(worksheet.with_suffix('.ipynb').read_text(encoding='utf-8'))['cells']:
        if cell['cell_type'] == 'code':
            texts += [''.join(output.get('text', '')) for output in cell['outputs']]
            texts += [''.join(text) for output in cell['outputs'] for kind, text in output.get('data', {}).items() if kind in TEXTS]
    texts += [cell.source for cell in cells(worksheet, 'code')]
    return [float(number) for text in texts for number in re.findall(r'\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+', text)]


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=name_of)
def test_decimals_of_the_text_are_printed(worksheet):
    # or pinned by the check; a text may round, and may say per cent or million. These are not computed by any cell:
    given = {'1.96', '0.995', '0.2', '0.6', '0.0012', '0.005'}
    printed = [scale*number for number in printed_numbers(worksheet) for scale in (1, 100, 1e-6)]
    for cell in cells(worksheet, 'markdown'):
        prose = re.sub(r'(?s)`[^`]*`|\]\([^)]*\)|\$\$.*?\$\$|\$[^$]*\$', ' ', cell.source)
        for number in set(re.findall(r'(?<![\d.])\d+\.\d+(?!\.?\d)', prose)) - given:
            digits = len(number.split('.')[1])
            assert any(abs(round(value, digits) - float(number)) < 1e-9 for value in printed), (number, prose)


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=name_of)
def test_stored_notebook_is_small_and_of_no_machine(worksheet):
    notebook = worksheet.with_suffix('.ipynb')
    assert notebook.stat().st_size < 700_000
    outputs = [output for cell in json.loads(notebook.read_text(encoding='utf-8'))['cells']
               for output in cell.get('outputs', [])]
    for output in outputs:
        assert output['output_type'] != 'error' and output.get('name') != 'stderr'
        # a bar would stay as it was, and a page with sliders be gone
        assert not [kind for kind in output.get('data', {}) if 'widget' in kind]
        texts = [output.get('text', '')] + [content for kind, content in output.get('data', {}).items() if kind in TEXTS]
        assert not re.search(r'/(tmp|home|root|work|Users)/', ''.join(map(''.join, texts)))


def words(code):
    """The tokens of a program, and of what is written for people, texts and comments, only that it is there."""
    text = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, 'FSTRING_MIDDLE', tokenize.STRING)}
    layout = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    return [(token.type in text, token.string) for token in tokenize.generate_tokens(io.StringIO(code).readline)
            if token.type not in layout]


@pytest.mark.parametrize('worksheet', ENGLISH, ids=name_of)
def test_both_languages_compute_the_same(worksheet):
    # so the English ones are executed and doctested for both; the Japanese ones run in a browser
    english, japanese = ([cell.source for cell in cells(path, 'code')] for path in (worksheet, translated(worksheet)))
    # the prose of the check at the end is translated as well, its examples are indented
    assert examples(english.pop()) == examples(japanese.pop()) != []
    for one, two in zip(english, japanese, strict=True):
        for (is_text, said), (_, other) in zip(words(one), words(two), strict=True):
            assert said == other or is_text and JAPANESE.search(other), other


def examples(check):
    return [line for line in check.splitlines() if line.startswith('    ')]


@pytest.mark.parametrize('worksheet', ENGLISH, ids=name_of)
def test_both_languages_are_stored_alike(worksheet, build):
    # the same code says the same, and where it says so in Japanese the same numbers; what is executed is the English one
    import nbformat
    english, japanese = (nbformat.read(path.with_suffix('.ipynb'), as_version=4) for path in (worksheet, translated(worksheet)))
    assert [cell.source for cell in japanese.cells] == [
        cell.source for cell in build.jupytext.read(translated(worksheet)).cells]
    # what was made in a cell with Japanese words: a picture with such words looks different
    worded = set()
    for one, two in zip(english.cells, japanese.cells, strict=True):
        said = [build.said(cell) for cell in (one, two)]
        code = re.sub('#.*', '', two.source)
        if JAPANESE.search(code):
            worded.update(re.findall(r'(?m)^(\w+) = ', code))
        if JAPANESE.search(code) or worded & set(re.findall(r'\w+', code)):
            said = [[thing for thing in things if thing[0] != build.PICTURE] for things in said]
        if JAPANESE.search(str(said[1])):
            said = [[(kind, text and ' '.join(re.findall(r'\d+(?:\.\d+)?', text))) for kind, text in things] for things in said]
        assert one.cell_type == two.cell_type and not build.unlike(*said)


@pytest.mark.parametrize('worksheet', WORKSHEETS, ids=name_of)
def test_worksheet_is_a_script(sage, worksheet):
    # as load and sage -t read it, the text around the code included
    from sage.repl.preparse import preparse_file
    compile(preparse_file(worksheet.read_text(encoding='utf-8')), str(worksheet), 'exec')


def test_comparison_finds_differences(build):
    # the check itself must be able to fail
    from nbformat import NotebookNode
    old = [('stdout', '20000 0.547295463694\n')]
    assert not build.unlike([('stdout', '20000 0.547295463694\n')], old)
    assert build.unlike([('stdout', '20000 0.547296463694\n')], old)
    assert build.unlike([('stdout', '20001 0.547295463694\n')], old)
    assert build.unlike([('image/png', '')], old)
    assert build.unlike([], old)
    formula, older, other = (build.said({'outputs': [NotebookNode(output_type='display_data', data={'text/latex': text})]})
                             for text in (r'$\displaystyle -1.5 \, x_{1}$', r'$$\newcommand{\Bold}[1]{\mathbf{#1}}-1.5 \, x_{1}$$',
                                          r'$\displaystyle -1.6 \, x_{1}$'))
    assert not build.unlike(formula, older) and build.unlike(formula, other)
    ball = [('text/plain', '[0.0486250434994999015208158 +/- 9.48e-64]')]
    assert not build.unlike([('text/plain', '[0.04862504349949990152081581 +/- 9.52e-64]')], ball)
    assert build.unlike([('text/plain', '[0.0486250434994999015208158 +/- 9.48e-62]')], ball)
    assert build.unlike([('text/plain', '[0.0486251434994999015208158 +/- 9.48e-64]')], ball)
    assert build.unlike([('text/plain', '0.0486250434994999015208158')], ball)


def drawn(size=(4.9, 3.65), legend='upper right', limits=(0, 100), colours=('red', 'blue', 'black'), curve=True, **options):
    """A picture like those of the worksheets, as bytes; the options are matplotlib's."""
    import numpy
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    ones, zeros, line = colours
    with rc_context(options):
        figure = Figure(figsize=size)
        axes = figure.add_subplot()
        points = numpy.random.RandomState(0).uniform(20, 80, (100, 2))
        axes.scatter(*points[:60].T, color=ones, marker='x', label='y = 1')
        axes.scatter(*points[60:].T, color=zeros, label='y = 0')
        axes.plot([0, 100], [70, 30] if curve else [-1, -1], color=line, label='boundary')
        axes.set(xlim=limits, ylim=(0, 100), xlabel='x1', ylabel='x2')
        axes.legend(loc=legend)
        file = io.BytesIO()
        figure.savefig(file, dpi=100, transparent=True)
    return file.getvalue()


def test_comparison_sees_what_a_person_sees(build):
    pytest.importorskip('matplotlib')
    old = drawn()
    for now in (drawn(), drawn(**{'text.hinting': 'none'}), drawn(**{'text.antialiased': False}), drawn(size=(4.91, 3.64))):
        assert build.difference(now, old) == ''
    assert build.difference(drawn(size=(5.2, 3.65)), old) == 'now 520 x 365 pixels, stored 490 x 365'
    for changed in ({'legend': 'lower left'}, {'limits': (0, 110)}, {'limits': (-5, 100)}, {'curve': False},
                    {'colours': ('red', 'blue', 'orange')}, {'colours': ('blue', 'red', 'black')}, {'axes.spines.top': False},
                    {'axes.facecolor': 'lightyellow'}):
        assert 'of the picture look different' in build.difference(drawn(**changed), old), changed


def test_comparison_of_pictures_is_part_of_the_check(build):
    from base64 import b64encode
    stored, same, moved = ([('image/png', b64encode(drawn(legend=place)).decode()), ('text/plain', None)]
                           for place in ('upper right', 'upper right', 'lower left'))
    assert not build.unlike(same, stored) and build.unlike(moved, stored)
