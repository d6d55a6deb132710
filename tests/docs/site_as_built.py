"""The site that make html built: complete, linked rightly, and read without a network. Run by make test-html."""
import functools
import inspect
import json
import pydoc
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

from helpers import ROOT

SITE = ROOT / 'results' / 'html'
LANGUAGES = 'en', 'ja'
# attributes whose address a browser loads with the page
LOADED = {('script', 'src'), ('img', 'src'), ('iframe', 'src'), ('source', 'src'), ('video', 'src'), ('audio', 'src'), ('embed', 'src'),
          ('object', 'data'), ('img', 'srcset')}
LOADED_LINKS = {'stylesheet', 'icon', 'shortcut icon', 'preload', 'modulepreload', 'preconnect', 'dns-prefetch', 'manifest'}


class Page(HTMLParser):
    """What a page loads, where it leads, the anchors that it has, its pictures and its language."""

    def __init__(self, path):
        super().__init__()
        self.loaded, self.links, self.anchors, self.pictures, self.classes, self.language = [], [], set(), [], [], None
        self.feed(path.read_text(encoding='utf-8'))

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.loaded += [named[name] for kind, name in LOADED if kind == tag and named.get(name)]
        if tag == 'link' and named.get('rel') in LOADED_LINKS:
            self.loaded.append(named['href'])
        if tag == 'a' and 'href' in named:
            self.links.append(named['href'])
        if tag == 'img':
            self.pictures.append(named)
        if tag == 'html':
            self.language = named.get('lang')
        self.anchors.update(named[name] for name in ('id', 'name') if named.get(name))
        self.classes += (named.get('class') or '').split()


@functools.lru_cache(maxsize=None)
def read(path):
    return Page(path)


@pytest.fixture(scope='module')
def pages():
    found = sorted(SITE.rglob('*.html'))
    if not found:
        pytest.skip('make html has not built the site')
    return found


def test_every_worksheet_is_there_in_its_language(pages):
    for worksheet in (ROOT / 'worksheets').glob('*/*.ipynb'):
        language = worksheet.parent.name
        page = SITE / language / 'worksheets' / f'{worksheet.stem}.html'
        assert page in pages and read(page).language == language


def test_nothing_is_loaded_from_elsewhere(pages):
    for page in pages:
        for address in read(page).loaded:
            parts = urlsplit(address)
            assert parts.scheme == 'data' or not (parts.scheme or parts.netloc), (page, address)
            assert parts.scheme == 'data' or (page.parent / unquote(parts.path)).is_file(), (page, address)
        inline = re.findall(r'<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>', page.read_text(encoding='utf-8'), flags=re.DOTALL)
        assert not re.search(r'https?://', ''.join(inline)), page
    for sheet in SITE.rglob('*.css'):
        text = re.sub(r'/\*.*?\*/', '', sheet.read_text(encoding='utf-8'), flags=re.DOTALL)
        assert not re.search(r'(url\(|@import)\s*["\']?\s*(https?:)?//', text), sheet


def test_links_lead_somewhere(pages):
    checked = 0
    for page in pages:
        for address in read(page).links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                assert parts.scheme in ('http', 'https', 'mailto'), (page, address)
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), (page, address)
            if parts.fragment and target.suffix == '.html':
                assert unquote(parts.fragment) in read(target).anchors, (page, address)
                checked += 1
    assert checked > 100


def test_every_picture_of_a_worksheet_has_its_text(pages):
    for language in LANGUAGES:
        pictures = [picture for page in pages if page.parent == SITE / language / 'worksheets' for picture in read(page).pictures]
        assert len(pictures) > 40
        for picture in pictures:
            assert len(picture['alt']) > 10 and '_images' not in picture['alt'], picture
        assert (re.search('[ぁ-ん]', pictures[0]['alt']) is not None) == (language == 'ja')


def test_what_is_folded_in_jupyterlab_is_folded(pages):
    for language in LANGUAGES:
        page = read(SITE / language / 'worksheets' / '1_gradient_descent.html')
        assert page.classes.count('folded') == 1 and page.classes.count('tag_hide-input') == 2


def test_public_names_are_explained(pages):
    import sage_logreg
    for language in LANGUAGES:
        anchors = {anchor.rpartition('.')[2] for page in pages if page.parent == SITE / language / 'reference' for anchor in read(page).anchors}
        assert set(sage_logreg.__all__) <= anchors
        assert {'plot3d', 'relative_risk_ratios', 'SageLogisticRegression', 'statement'} <= anchors


def public_methods(kind):
    """Yield the name of each method and property that a class of ours has from us, and the path of its definition."""
    for name in dir(kind):
        owner = next(base for base in kind.__mro__ if name in vars(base))
        thing = vars(owner)[name]
        if owner.__module__.startswith('sage_logreg') and not name.startswith('_') and (
                inspect.isfunction(thing) or isinstance(thing, (property, functools.cached_property, classmethod, staticmethod))):
            yield name, f'{owner.__module__}.{owner.__qualname__}.{name}'


def test_public_methods_are_explained(pages):
    told = {anchor for page in pages if page.parent == SITE / 'en' / 'reference' for anchor in read(page).anchors}
    sources = ''.join(path.read_text() for path in (ROOT / 'docs' / 'en' / 'reference').glob('*.rst'))
    classes = [entry for entry in re.findall(r'autoclass:: (\S+)\n((?:   .*\n)*)', sources) if ':members:' in entry[1]]
    for path, options in classes:
        # what users have no need of is named there
        told.update(f'{path}.{name}' for name in re.findall(r'\w+', options.partition(':exclude-members:')[2]))
    # what Dataset explains is not told again of Images
    names = [{f'{path}.{name}', defined} for path, _ in classes for name, defined in public_methods(pydoc.locate(path))]
    assert len(names) > 150
    assert [pair for pair in names if not pair & told] == []


def test_docstrings_are_shown_without_tests(pages):
    text = (SITE / 'en' / 'reference' / 'training.html').read_text(encoding='utf-8')
    assert 'EXAMPLES:' in text and 'TESTS:' not in text and 'abs tol' not in text


def test_search_finds_parts_of_japanese_words(pages):
    # what is typed is cut into the same pairs, by language_data.js
    text = (SITE / 'ja' / 'searchindex.js').read_text(encoding='utf-8')
    terms = json.loads(text.removeprefix('Search.setIndex(').removesuffix(')'))['terms']
    assert {'学習', '習率', '標準', 'theano'} <= terms.keys()
    # as const it would be declared twice, and nothing found
    assert 'var splitQuery' in (SITE / 'ja' / '_static' / 'language_data.js').read_text(encoding='utf-8')


def test_formulas_are_set_by_what_is_there(pages):
    page = SITE / 'en' / 'worksheets' / '1_gradient_descent.html'
    mathjax, = (address for address in read(page).loaded if Path(urlsplit(address).path).name == 'tex-svg.js')
    assert (page.parent / urlsplit(mathjax).path).stat().st_size > 1e6


def as_seen(address, folder):
    """Return the HTML of a page after its scripts ran, in a browser without a network."""
    browser = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
    if browser is None:
        pytest.skip('there is no chromium')
    return subprocess.run([browser, '--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run',
                           '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND',
                           f'--user-data-dir={folder}', '--virtual-time-budget=20000', '--dump-dom', address],
                          check=True, capture_output=True, text=True, timeout=120).stdout


def test_formulas_are_set_in_a_browser(pages, tmp_path):
    shown = [page for page in pages if page.parent in (SITE / 'ja' / 'worksheets', SITE / 'en' / 'reference')]
    formulas = 0
    for page in shown:
        text = as_seen(page.as_uri(), tmp_path)
        # what MathJax cannot read, and macros that it does not know
        assert 'data-mjx-error' not in text and not re.search('mtext"[^>]* fill="red"', text), page
        formulas += text.count('<mjx-container')
    assert formulas > 300


@pytest.mark.parametrize('language, words, page', [('en', 'standardised', '3_feature_scaling'), ('ja', '学習率', '3_feature_scaling'),
                                                   ('ja', 'certified_maximum_likelihood', 'exact')])
def test_search_in_a_browser(pages, tmp_path, language, words, page):
    text = as_seen(f'{(SITE / language / "search.html").as_uri()}?q={quote(words)}', tmp_path)
    results = text.partition('id="search-results"')[2]
    assert f'{page}.html' in results.partition('</ul>')[0]
    assert re.search(r'class="search-summary">[^<]*\b\d+ (pages|ページ)', results)
