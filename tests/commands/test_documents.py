"""The sessions in the README and in the guide, typed as they stand."""
import doctest
import re

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


@pytest.mark.slow
@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_sessions(page, tmp_path, monkeypatch):
    sage = pytest.importorskip('sage.all')
    if page.stem == 'sklearn':
        pytest.importorskip('sklearn')
    text = page.read_text(encoding='utf-8')
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
