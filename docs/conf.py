"""The site: worksheets with their stored outputs, guide and reference; make html builds it, once a language.

make html copies into the folder of each language its worksheets, and what both languages have in English. Nothing is executed
but the package's imports, and no page loads anything from another machine.
"""
import gettext
import json
import pydoc
import re
from pathlib import Path

import mathjax
import sphinx.locale
from docutils import nodes
from pygments.lexers.python import PythonConsoleLexer
from pygments.token import Generic
from sphinx.search.ja import SearchJapanese
from sphinx.util.nodes import make_refnode

from sage_logreg.version import __version__

LANGUAGES = {'en': 'English', 'ja': '日本語'}
# what Furo says, and Sphinx has no Japanese for
FURO = {'On this page': 'このページの内容', 'Back to top': 'ページの先頭へ', 'Home': 'ホーム', 'Next': '次', 'Previous': '前'}
# what Sphinx's own Japanese leaves empty, said by its scripts
FOUND = '''Documentation.TRANSLATIONS["Search finished, found one page matching the search query."] =
  ["検索が終わりました。${resultCount} ページ見つかりました。"];'''

project = 'sage_logreg'
release = __version__
extensions = ['myst_nb', 'sphinx.ext.autodoc', 'sphinx.ext.mathjax', 'sphinx_copybutton']
nitpicky = True
add_module_names = False
# as Sage's docstrings have it: `x` is a formula
default_role = 'math'
autodoc_member_order = 'bysource'
highlight_language = 'sage'
pygments_style, pygments_dark_style = 'friendly', 'monokai'

nb_execution_mode = 'off'
# a formula by MathJax, not Sage's HTML of it
nb_mime_priority_overrides = [('html', 'text/latex', 5)]
myst_enable_extensions = ['amsmath', 'dollarmath']
myst_heading_anchors = 3
# the same page in the other language, as of a worksheet
myst_url_schemes = {'http': None, 'https': None, 'mailto': None,
                    **{language: f'../../{language}/worksheets/{{{{path}}}}.html' for language in LANGUAGES}}
copybutton_prompt_text = r'sage: |\.\.\.\.: |>>> |\.\.\. |\$ '
copybutton_prompt_is_regexp = True

html_theme = 'furo'
html_theme_options = {'sidebar_hide_name': False, 'navigation_with_keys': True}
html_title = 'sage_logreg'
html_static_path = ['static', str(Path(mathjax.__file__).parent / 'static' / 'mathjax' / 'es5' / 'tex-svg.js')]
html_css_files = ['site.css']
mathjax_path = 'tex-svg.js'
templates_path = ['templates']
html_sidebars = {'**': ['sidebar/brand.html', 'language.html', 'sidebar/search.html', 'sidebar/scroll-start.html',
                        'sidebar/navigation.html', 'sidebar/scroll-end.html']}
html_copy_source = False
# a browser lets no page that is read from a disk load others to quote from them
html_show_search_summary = False
exclude_patterns = ['**/.ipynb_checkpoints']
html_show_copyright = False


def as_site(app, docname, source):
    """Change what a notebook says to JupyterLab into what it says to MyST-NB."""
    if Path(app.env.doc2path(docname)).suffix != '.ipynb':
        return
    notebook = json.loads(source[0])
    for cell in notebook['cells']:
        metadata = cell['metadata']
        if metadata.get('jupyter', {}).get('source_hidden'):
            metadata.setdefault('tags', []).append('hide-input')
        for output in cell.get('outputs', []):
            alt = output.get('metadata', {}).get('image/png', {}).get('alt')
            if alt:
                metadata['mystnb'] = {'image': {'alt': alt}}
        if cell['cell_type'] == 'markdown':
            text = ''.join(cell['source'])
            cell['source'] = re.sub(r'\(\.\./(en|ja)/(\w+)\.ipynb\)', r'(\1:\2)', text)
            if metadata.get('jp-MarkdownHeadingCollapsed'):
                cell['source'] = f'```{{rst-class}} folded\n```\n\n{cell["source"]}'
    source[0] = json.dumps(notebook)


def finished(app, doctree):
    """Put what follows a folded heading into an element that opens, and colour the sessions of the guide."""
    for section in doctree.findall(nodes.section):
        if 'folded' in section['classes']:
            summary = '開く' if app.config.language == 'ja' else 'Show'
            section.insert(1, nodes.raw('', f'<details><summary>{summary}</summary>', format='html'))
            section.append(nodes.raw('', '</details>', format='html'))
    for block in doctree.findall(nodes.literal_block):
        if block.astext().startswith(('sage: ', '>>> ')):
            block['language'] = 'sage'


def as_shown(app, what, name, thing, options, lines):
    """Leave out a docstring's TESTS, and the tolerances of its examples; its headings are bold."""
    shown, inside = [], False
    for line in lines:
        heading = re.fullmatch(r'([A-Z]+:)(:?)( .*)?', line)
        if heading:
            inside = heading.group(1) == 'TESTS:'
            line = f'**{heading.group(1)}**{heading.group(3) or ""}'
        if not inside:
            shown.append(re.sub(r'  # (abs|rel) tol \S+$', '', line))
            if heading and heading.group(2):
                shown += ['', '::']
    lines[:] = shown


class SageSession(PythonConsoleLexer):
    """Sage's prompts are read as Python's."""

    prompts = {'>>> ': 'sage: ', '... ': '....: '}

    def get_tokens_unprocessed(self, text):
        for prompt, ours in self.prompts.items():
            text = re.sub(rf'^{re.escape(ours)}', prompt, text, flags=re.MULTILINE)
        for place, token, value in super().get_tokens_unprocessed(text):
            yield place, token, self.prompts[value] if token is Generic.Prompt and value in self.prompts else value


def documented(app, env, node, contnode):
    """
    Return the link to what a docstring names by the place where it is defined, or by its name alone.

    A method of a base class is found in the class that inherits it. What is there but not documented is no link.
    """
    if node.get('refdomain') != 'py':
        return None
    domain, target = env.domains['py'], node['reftarget']
    names = target.split('.')
    for place in (names[-2:], names[-1:]):
        found = sorted((name for name in domain.objects if name.split('.')[-len(place):] == place),
                       key=lambda name: ('LogisticModel' not in name, name))
        if found:
            entry = domain.objects[found[0]]
            return make_refnode(app.builder, node['refdoc'], entry.docname, entry.node_id, contnode, found[0])
    module, kind = node.get('py:module'), node.get('py:class')
    try:
        return contnode if any(map(pydoc.locate, (target, f'{module}.{target}', f'{module}.{kind}.{target}'))) else None
    except pydoc.ErrorDuringImport:
        # a module that needs Sage, which is not installed here
        return contnode


def other_language(app, pagename, templatename, context, doctree):
    """Give the templates the same page in the other language."""
    other, = LANGUAGES.keys() - {app.config.language}
    up = '../' * (pagename.count('/') + 1)
    context.update(other_name=LANGUAGES[other], other_code=other, other_page=f'{up}{other}/{pagename}.html')


class Bigrams(SearchJapanese):
    """Japanese is found by pairs of characters: no dictionary is needed, and what is typed is cut as the text is."""

    js_splitter_code = r'''
var splitQuery = (query) => [...query.matchAll(/([\u3040-\u30ff\u3400-\u9fff]+)|[\p{Letter}\p{Number}_]+/gu)]
  .flatMap(([word, japanese]) => japanese && word.length > 2
    ? [...Array(word.length - 1).keys()].map((start) => word.slice(start, start + 2)) : [word]);
'''

    def split(self, text):
        found = []
        for word, japanese in re.findall(r'(([\u3040-\u30ff\u3400-\u9fff]+)|\w+?(?=[\u3040-\u30ff\u3400-\u9fff]|\b))', text):
            pairs = [word[start:start + 2] for start in range(len(word) - 1)] if japanese else []
            found += pairs or [word]
        return found


def japanese(app, config):
    """Let Furo and MyST-NB speak Japanese too."""
    if config.language == 'ja':
        config.nb_code_prompt_show, config.nb_code_prompt_hide = 'コードを表示', 'コードを隠す'

        class Fallback(gettext.NullTranslations):
            def gettext(self, message):
                return FURO.get(message, message)
        sphinx.locale.translators['general', 'sphinx'].add_fallback(Fallback())
        # after Sphinx's translations.js
        app.add_js_file(None, body=FOUND, priority=900)


def setup(app):
    app.add_search_language(Bigrams)
    app.add_lexer('sage', SageSession)
    app.connect('config-inited', japanese)
    app.connect('source-read', as_site)
    app.connect('doctree-read', finished)
    app.connect('autodoc-process-docstring', as_shown)
    app.connect('missing-reference', documented)
    app.connect('html-page-context', other_language)
