"""The worksheets as a person meets them: make notebook, a real browser, Run All, a slider.

Run by 'make test-browser', in an environment of its own: Sage would use a
Playwright that it finds for its 3D pictures.
"""
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'worksheets'))
from compare_pictures import difference  # noqa: E402

# tests/worksheets/test_notebooks.py executes the English ones, and both have the same code
WORKSHEETS = sorted(f'ja/{path.stem}' for path in (ROOT / 'worksheets' / 'ja').glob('[0-9]*.ipynb'))
SCREENSHOTS = ROOT / 'results' / 'browser'
SECONDS = 300
MODEL = 'from sage_logreg import *\nmodel = gradient_descent(ex2data1(), learning_rate=1, iterations=2000, scale=True)'
# notebooks that no worksheet is, a source a cell
NOTEBOOKS = {
    'explore': ['from sage_logreg import *\nexplore(ex2data1())'],
    'explore_classes': ["from sage_logreg import *\nexplore(penguins(label='species', variables='bill_length_mm, bill_depth_mm'))"],
    'explore_descent': ['from sage_logreg import *\nexplore_descent(ex2data1())'],
    'surface': [MODEL, 'show(model.plot3d())'],
    # a machine with neither ImageMagick nor ffmpeg
    'film': ["import os\nos.environ['PATH'] = ''", MODEL, 'model.animate(frames=4)'],
    'interrupt': ['from sage_logreg import *\nmodel = gradient_descent(ex2data1(), iterations=10^12)',
                  "again = model.resume(1000)\nprint('went on', again.iterations() - model.iterations())"],
}


@pytest.fixture(scope='session')
def server(tmp_path_factory):
    """The address that make notebook prints, and its token; it serves copies."""
    folder = tmp_path_factory.mktemp('served') / 'worksheets'
    shutil.copytree(ROOT / 'worksheets', folder, ignore=shutil.ignore_patterns('*.sage', '*.py'))
    for name, sources in NOTEBOOKS.items():
        cells = [{'cell_type': 'code', 'id': f'cell-{number}', 'execution_count': None, 'metadata': {}, 'outputs': [],
                  'source': source} for number, source in enumerate(sources)]
        kernel = {'display_name': 'SageMath', 'language': 'sage', 'name': 'sagemath'}
        (folder / f'{name}.ipynb').write_text(json.dumps(
            {'cells': cells, 'metadata': {'kernelspec': kernel}, 'nbformat': 4, 'nbformat_minor': 5}))
    home = tmp_path_factory.mktemp('home')
    # all cells of a notebook are in the page, also those out of sight
    settings = home / 'settings' / '@jupyterlab' / 'notebook-extension'
    settings.mkdir(parents=True)
    (settings / 'tracker.jupyterlab-settings').write_text('{"windowingMode": "none"}')
    environment = {**os.environ, 'HOME': str(home), 'JUPYTER_CONFIG_DIR': str(home / 'config'), 'MAKEFLAGS': '',
                   'JUPYTER_RUNTIME_DIR': str(home / 'runtime'), 'JUPYTERLAB_SETTINGS_DIR': str(home / 'settings'),
                   'JUPYTERLAB_WORKSPACES_DIR': str(home / 'workspaces'), 'IPYTHONDIR': str(home / 'ipython'),
                   'DOT_SAGE': str(home / 'sage'), 'BROWSER': 'true',
                   # two servers that start at once would find the same port free, and one of them end
                   'JUPYTER_PORT': str(8888 + 1000 * int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0')[2:]))}
    log = home / 'server.log'
    with open(log, 'wb') as output:
        process = subprocess.Popen(['make', 'notebook', f'WORKSHEETS={folder}'], cwd=ROOT, stdout=output,
                                   stderr=subprocess.STDOUT, env=environment, start_new_session=True)
    try:
        address, token = waited_for(
            lambda: re.search(r'(http://127\.0\.0\.1:\d+)/lab\S*\?token=(\w+)', log.read_text()), log)
        waited_for(lambda: process.poll() is not None or answers(address, token), f'no answer from {address}', 60)
        assert process.poll() is None, log.read_text()
        yield address, token
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def answers(address, token):
    request = urllib.request.Request(f'{address}/api/status', headers={'Authorization': f'token {token}'})
    try:
        with urllib.request.urlopen(request):
            return True
    except OSError:
        return False


def waited_for(found, what, seconds=SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer.groups() if hasattr(answer, 'groups') else answer
        time.sleep(0.2)
    raise TimeoutError(f'{what} after {seconds} s')


@pytest.fixture(scope='session')
def browser():
    executable = next(path for path in map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome')) if path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[
            # 3D without a graphics card
            '--no-sandbox', '--enable-unsafe-swiftshader'])
        yield browser
        browser.close()


@pytest.fixture
def opened(server, browser):
    """A function that opens a notebook and waits until its kernel listens."""
    address, token = server
    context = browser.new_context(viewport={'width': 1100, 'height': 1400})
    # nothing may depend on another machine
    context.route(lambda url: not url.startswith((address, 'data:', 'blob:')), lambda route: route.abort())
    page = context.new_page()

    def sessions():
        request = urllib.request.Request(f'{address}/api/sessions', headers={'Authorization': f'token {token}'})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def kernel_of(name):
        return next((session['kernel'] for session in sessions() if session['path'].endswith(f'{name}.ipynb')), None)

    def open_notebook(name):
        page.goto(f'{address}/lab/tree/{name}.ipynb?reset&token={token}')
        page.wait_for_selector('.jp-Notebook .jp-Cell', timeout=1000 * SECONDS)
        # the page says idle before the kernel is there
        waiting(page, lambda: (kernel_of(name) or {}).get('connections') and kernel_of(name)['execution_state'] == 'idle',
                f'no kernel for {name}')
        return page

    yield open_notebook
    for session in sessions():
        urllib.request.urlopen(urllib.request.Request(f'{address}/api/sessions/{session["id"]}', method='DELETE',
                                                      headers={'Authorization': f'token {token}'}))
    context.close()


def waiting(page, done, what, seconds=SECONDS):
    # the browser goes on only while Playwright waits
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return
        page.wait_for_timeout(200)
    raise TimeoutError(f'{what} after {seconds} s')


def choose(page, menu, entry):
    page.click(f'.lm-MenuBar-itemLabel:text-is("{menu}")')
    page.click(f'.lm-Menu-itemLabel:text-is("{entry}")')


def run_all(page):
    choose(page, 'Run', 'Run All Cells')
    wait_for_cells(page)


def wait_for_cells(page):
    prompts = page.locator('.jp-CodeCell .jp-InputPrompt')

    def done():
        # folded cells show no number
        texts = [text for text in prompts.all_inner_texts() if text.strip()]
        return (texts and all(re.fullmatch(r'\[\d+\]:', text.strip()) for text in texts)
                and page.locator('.jp-Notebook-ExecutionIndicator').first.get_attribute('data-status') == 'idle')

    waiting(page, done, 'cells have not ended')


def stored_pictures(name):
    notebook = json.loads((ROOT / 'worksheets' / f'{name}.ipynb').read_text(encoding='utf-8'))
    return [base64.b64decode(output['data']['image/png']) for cell in notebook['cells'] for output in cell.get('outputs', [])
            if 'image/png' in output.get('data', {})]


def drawn_pictures(page):
    return [base64.b64decode(address.partition('base64,')[2]) for address in page.evaluate(
        """[...document.querySelectorAll('.jp-OutputArea-output img')]
           .filter(image => image.complete && image.naturalWidth > 50).map(image => image.src)""")]


def errors(page):
    return page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()


def screenshot(page, name):
    path = SCREENSHOTS / f'{name}.png'
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)


@pytest.mark.parametrize('name', WORKSHEETS)
def test_all_cells_run(opened, name):
    page = opened(name)
    # outputs that are stored would look like new ones
    choose(page, 'Edit', 'Clear Outputs of All Cells')
    waiting(page, lambda: drawn_pictures(page) == [], 'outputs are not cleared')
    run_all(page)
    stored = stored_pictures(name)
    waiting(page, lambda: len(drawn_pictures(page)) >= len(stored), f'{len(drawn_pictures(page))} pictures', 30)
    assert [difference(*pair) for pair in zip(drawn_pictures(page), stored, strict=True)] == [''] * len(stored)
    # the solutions are folded
    pictures = page.locator('.jp-OutputArea-output img').locator('visible=true')
    if pictures.count():
        pictures.last.scroll_into_view_if_needed()
    screenshot(page, name)
    assert errors(page) == []


def test_index_leads_to_the_worksheets(opened):
    page = opened('ja/index')
    page.locator('a:has-text("最急降下法")').first.click()
    page.locator('.lm-TabBar-tabLabel:text-is("1_gradient_descent.ipynb")').wait_for(timeout=1000 * SECONDS)
    page.locator('h1:has-text("最急降下法によるロジスティック回帰")').wait_for(timeout=1000 * SECONDS)
    screenshot(page, 'index')
    # nothing asks for news
    assert page.locator('.Toastify__toast').count() == 0
    # where the solutions are, there is only their heading
    page.locator('h2:has-text("解答")').scroll_into_view_if_needed()
    assert page.locator('li:has-text("80% になるのはどこ")').is_visible()
    assert not page.locator('li:has-text("定数項が違うだけ")').is_visible()


@pytest.mark.parametrize('name, slider, key', [('explore', 'iterations', 'ArrowLeft'), ('explore_classes', 'iterations', 'ArrowLeft'),
                                               ('explore_descent', '% of path', 'Home')])
def test_slider_changes_the_picture(opened, name, slider, key):
    page = opened(name)
    run_all(page)
    picture = page.locator('.jp-OutputArea-output img')
    picture.first.wait_for(timeout=1000 * SECONDS)
    waiting(page, lambda: len(drawn_pictures(page)) == 1, 'no picture')
    # the first training compiles, and the picture may come again
    page.wait_for_timeout(1000)
    before = picture.first.get_attribute('src')
    screenshot(page, f'{name}_before')
    page.locator(f'.widget-slider:has(> .widget-label:text-is("{slider}")) .noUi-handle').focus()
    page.keyboard.press(key)

    def changed():
        return picture.count() == 1 and picture.first.get_attribute('src') != before and len(drawn_pictures(page)) == 1

    waiting(page, changed, 'the picture has not changed', 60)
    # what comes after the picture
    page.locator('[data-mime-type="application/vnd.jupyter.stdout"]:has-text("accuracy")').wait_for()
    screenshot(page, f'{name}_after')
    assert errors(page) == []


def test_surface_is_drawn(opened):
    page = opened('surface')
    run_all(page)
    frame = page.locator('.jp-OutputArea-output iframe')
    frame.wait_for(timeout=1000 * SECONDS)
    # red and blue points
    waiting(page, lambda: min(coloured_pixels(page, frame.screenshot())) > 100, 'no surface', 60)
    screenshot(page, 'surface')
    assert errors(page) == []


def coloured_pixels(page, png):
    """How many pixels of a picture are red, and how many blue."""
    return page.evaluate("""async address => {
        const image = new Image();
        image.src = address;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
        canvas.drawImage(image, 0, 0);
        const numbers = canvas.getImageData(0, 0, image.width, image.height).data;
        let red = 0, blue = 0;
        for (let k = 0; k < numbers.length; k += 4) {
            red += numbers[k] > 200 && numbers[k + 1] < 60 && numbers[k + 2] < 60;
            blue += numbers[k + 2] > 200 && numbers[k + 1] < 60 && numbers[k] < 60;
        }
        return [red, blue];
    }""", f'data:image/png;base64,{base64.b64encode(png).decode()}')


def test_film_moves(opened):
    page = opened('film')
    run_all(page)
    picture = page.locator('.jp-OutputArea-output img')
    picture.wait_for(timeout=1000 * SECONDS)
    waiting(page, lambda: len(drawn_pictures(page)) == 1, 'no picture')
    first = picture.screenshot()
    waiting(page, lambda: picture.screenshot() != first, 'nothing moves', 60)
    screenshot(page, 'film')
    assert errors(page) == []


def test_interrupt_returns_the_model_so_far(opened):
    page = opened('interrupt')
    choose(page, 'Run', 'Run All Cells')
    page.locator('.jp-OutputArea-output:has-text("updates/s")').wait_for(timeout=1000 * SECONDS)
    choose(page, 'Kernel', 'Interrupt Kernel')
    wait_for_cells(page)
    page.locator('.jp-OutputArea-output:has-text("went on 1000")').wait_for(timeout=1000 * SECONDS)
    screenshot(page, 'interrupt')
    text = ' '.join(page.locator('.jp-OutputArea-output').all_inner_texts())
    assert re.search(r'interrupted after step \d+ of 1000000000000; model.resume\(\) goes on from there', text)
    assert errors(page) == []
