"""The sessions in the README and in the guide, typed as they stand."""
import doctest
import inspect
import re
import sys

import numpy
import pytest

from helpers import ROOT

PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs' / 'en' / 'guide').glob('*.md'))]
NUMBER = re.compile(r'[-+]?\d+\.\d+(?:e[-+]?\d+)?')


class Parser(doctest.DocTestParser):
    """Sage's prompts, and Sage's numbers after them."""

    def parse(self, text, name='<string>'):
        from sage.repl.preparse import preparse
        text = re.sub(r'^( *)(sage: |\.\.\.\.: )', lambda found: found[1] + {'s': '>>> ', '.': '... '}[found[2][0]], text, flags=re.MULTILINE)
        parts = super().parse(text, name)
        for part in parts:
            if isinstance(part, doctest.Example):
                part.source = preparse(part.source)
        return parts


class Checker(doctest.OutputChecker):
    """A page may leave out what is printed; the last digits of a number are another processor's."""

    def check_output(self, want, got, options):
        if not want or super().check_output(want, got, options):
            return True
        numbers = [[float(number) for number in NUMBER.findall(text)] for text in (want, got)]
        return super().check_output(NUMBER.sub('#', want), NUMBER.sub('#', got), options) and numbers[1] == pytest.approx(numbers[0], rel=1e-7)


def test_checker_tells_numbers_apart():
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert Checker().check_output('(1.00000000001, 2)\n', '(1.0, 2)\n', options)
    assert not Checker().check_output('(1.001, 2)\n', '(1.0, 2)\n', options)
    assert not Checker().check_output('(1.0, 2)\n', '(1.0, 3)\n', options)


def write_rows(folder):
    """The folder of three Parquet files that pages on large data read."""
    import pandas
    random = numpy.random.RandomState(0)
    folder.mkdir()
    for k in range(3):
        points = random.normal(size=(2000, 2))
        labels = random.uniform(size=2000) < 1 / (1 + numpy.exp(-0.5 - points @ [1, -1]))
        pandas.DataFrame({'x1': points[:, 0], 'x2': points[:, 1], 'y': labels.astype(int)}).to_parquet(folder / f'{k}.parquet')


@pytest.fixture
def no_cluster_left():
    yield
    distributed = sys.modules.get('distributed')
    # other tests in this process may have imported it, and have no client
    if distributed is not None and distributed.client._get_global_client() is not None:
        distributed.default_client().shutdown()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_sessions(page, tmp_path, monkeypatch, no_cluster_left):
    sage = pytest.importorskip('sage.all')
    if page.stem == 'sklearn':
        pytest.importorskip('sklearn')
    text = page.read_text(encoding='utf-8')
    if 'from distributed import' in text:
        pytest.importorskip('distributed')
        write_rows(tmp_path / 'rows')
    (tmp_path / 'data').symlink_to(ROOT / 'data')
    # a file that a page shows after its name is there
    for name, table in re.findall(r'`(\w+\.csv)`, [^`\n]*:\n\n((?:    .*\n)+)', text):
        (tmp_path / name).write_text(re.sub('^    ', '', table, flags=re.MULTILINE))
    monkeypatch.chdir(tmp_path)
    example = Parser().get_doctest(text, dict(vars(sage)), page.name, str(page), 0)
    assert bool(example.examples) == (page.stem not in ('install', 'development'))
    lines = []
    results = doctest.DocTestRunner(Checker(), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS).run(example, out=lines.append)
    assert results.failed == 0, ''.join(lines)


def test_table_of_the_readme_is_that_of_the_file():
    shown = re.search(r'`data/penguins.csv` has .*\n\n((?:    .*\n)+)', (ROOT / 'README.md').read_text(encoding='utf-8'))[1]
    lines = (ROOT / 'data' / 'penguins.csv').read_text().splitlines()
    shown = [line.strip() for line in shown.splitlines()]
    assert len(shown) == 4 and shown == [line for line in lines if line in shown]


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page):
    for address in re.findall(r'\]\(([^)]+)\)', page.read_text(encoding='utf-8')):
        assert '://' in address or (page.parent / address).is_file(), address


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_names_in_the_text_are_of_the_package_or_of_sage(page):
    sage = pytest.importorskip('sage.all')
    import sage_logreg
    from sage_logreg.dataset.in_chunks.chunked import ChunkedDataset
    from sage_logreg.dataset.images import Images
    from sage_logreg.exact.certified_support import CertifiedSupport
    from sage_logreg.exact.estimates import CertifiedEstimate
    from sage_logreg.model.path import Path
    classes = ChunkedDataset, sage_logreg.LogisticModel, sage_logreg.MultinomialModel, Images, CertifiedEstimate, CertifiedSupport, Path
    functions = [getattr(home, name) for home in (sage_logreg, *classes) for name in dir(home) if not name.startswith('_')]
    options = {name for function in functions if inspect.isfunction(function) for name in inspect.signature(function).parameters}
    outside = re.sub(r'^    .*\n', '', page.read_text(encoding='utf-8'), flags=re.MULTILINE)
    code = ' '.join(re.findall(r'`([^`]+)`', outside))
    # cbind stands in formulas, viewer is an option of Sage's pictures in space
    assert [name for name in re.findall(r'\b([a-z]\w*)\(', code)
            if name != 'cbind' and not any(hasattr(home, name) for home in (sage_logreg, *classes, sage))] == []
    assert set(re.findall(r'\b([a-z]\w*)=', code)) <= options | {'viewer'}


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_commands_in_the_text_are_those_of_the_makefile(page):
    targets = set(' '.join(re.findall(r'^([a-z -]+):', (ROOT / 'Makefile').read_text(), flags=re.MULTILINE)).split())
    assert set(re.findall(r'`make ([\w-]+)', page.read_text(encoding='utf-8'))) <= targets


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_every_block_of_code_is_tried(page):
    for block in re.findall(r'(?:^    .*\n)+', page.read_text(encoding='utf-8'), flags=re.MULTILINE):
        block = block.lstrip()
        # the two scripts of the README are run by test_commands.py; else there are tables
        assert (block.startswith(('sage: ', '>>> ')) or page.stem == 'README' and block.startswith('from sage_logreg import')
                or re.match(r'\w+(,\w+)+\n', block)), block
