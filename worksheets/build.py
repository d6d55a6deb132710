# nodoctest: this runs kernels
"""Make the notebooks from the worksheets, or check that they still say the same.

    python worksheets/build.py [--check] [worksheet.sage ...]

A worksheet is a .sage script in jupytext's percent format; the .ipynb beside it
is made from it and executed on the SageMath kernel. A cell's alt="..." becomes
the alternative text of its picture. Where a page with sliders would be, the
picture it begins with is stored. With --check the worksheet
is executed again and compared with the stored notebook: the texts (numbers to
a relative 1e-7, the radius of a ball to its magnitude), and how the pictures
look. Sage is not imported here, only in the kernel.
"""
import argparse
import base64
import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.output_widget import OutputWidget

from compare_pictures import difference

FOLDER = Path(__file__).resolve().parent
SECONDS_A_CELL = 300
WIDGET = 'application/vnd.jupyter.widget-view+json'
PICTURE = 'image/png'
# what the kernel says of itself, but for the version of its Python
LANGUAGE = {'name': 'sage', 'file_extension': '.py', 'mimetype': 'text/x-python', 'pygments_lexer': 'ipython3',
            'codemirror_mode': {'name': 'ipython', 'version': 3}, 'nbconvert_exporter': 'python'}
# the metadata of folded cells, which JupyterLab understands
FOLDED = 'jupyter', 'jp-MarkdownHeadingCollapsed'
NUMBER = re.compile(r'[-+]?\d+\.\d*(?:e[-+]?\d+)?')
# what stands around a formula, in Sage today and in 9.5
AROUND = re.compile(r'^\$+(\\displaystyle|\\newcommand\{\\Bold\}\[1\]\{\\mathbf\{#1\}\})? ?|\$+$')
RADIUS = re.compile(r'\+/- (\d+(?:\.\d*)?(?:e[-+]?\d+)?)')


class SilentOutput(OutputWidget):
    """
    A slider's page, which takes pictures and tells the kernel nothing.

    nbclient sends on the socket on which it awaits the kernel's reply; ZeroMQ
    then may announce the reply to the sender only, and the wait has no end.
    """

    def send(self, *arguments, **options):
        pass


def executed(worksheet):
    """Return the notebook of a worksheet with the outputs of a new kernel."""
    notebook = jupytext.read(worksheet)
    # on a busy machine what a cell has printed comes later than the four seconds that nbclient waits for it
    client = NotebookClient(notebook, timeout=SECONDS_A_CELL, startup_timeout=SECONDS_A_CELL, iopub_timeout=SECONDS_A_CELL,
                            kernel_name='sagemath', resources={'metadata': {'path': str(worksheet.parent)}}, record_timing=False,
                            coalesce_streams=True)
    client.widget_registry = {'@jupyter-widgets/output': {'OutputModel': SilentOutput}}
    if any(cell.cell_type == 'code' for cell in notebook.cells):
        client.execute()
    notebook.metadata = {'kernelspec': notebook.metadata['kernelspec'], 'language_info': LANGUAGE}
    for number, cell in enumerate(notebook.cells):
        cell.id = f'cell-{number}'
        alt = cell.metadata.pop('alt', None)
        cell.metadata = {name: cell.metadata[name] for name in FOLDED if name in cell.metadata}
        if cell.cell_type == 'code':
            cell.outputs = [shown for output in cell.outputs for shown in still(output, client)]
            for output in cell.outputs:
                data = output.get('data', {})
                if PICTURE in data:
                    data['text/plain'] = alt or ''
                    output.metadata = {PICTURE: {'alt': alt or ''}}
                if 'text/latex' in data:
                    # Sage's HTML of a formula is the same for MathJax alone, and VS Code, which has none, would take it first
                    data.pop('text/html', None)
    return notebook


def still(output, client):
    """Return what to store of an output: of a page with sliders what it shows first, of a progress bar nothing."""
    if WIDGET not in output.get('data', {}):
        return [output]
    found, models = [], [output.data[WIDGET]['model_id']]
    for model in models:
        state = client.widget_state.get(model, {})
        models += [name.removeprefix('IPY_MODEL_') for name in state.get('children', [])]
        found += getattr(client.comm_objects.get(model), 'outputs', [])
    return found


def said(cell):
    """Return what a code cell showed, its texts and pictures, as pairs of a type and a content; beside a picture no text counts."""
    things = []
    for output in cell.get('outputs', []):
        if output.output_type == 'stream':
            if output.name == 'stderr' and output.text.startswith('\r'):
                # a progress bar, where there is no widget for it
                continue
            before = things.pop()[1] if things and things[-1][0] == output.name else ''
            things.append((output.name, before + output.text))
        elif output.output_type == 'error':
            things.append(('error', '\n'.join(output.traceback)))
        else:
            things += [(kind, None if PICTURE in output.data and kind != PICTURE else
                        AROUND.sub('', content) if kind == 'text/latex' else content)
                       for kind, content in sorted(output.data.items())]
    return things


def close(one, other):
    """
    Return whether two texts agree but for the last digits of their numbers.

    A sum is rounded in another way on another processor, and a descent may
    enlarge that; a relative 1e-7 is beyond what any of them does. The radius
    of a ball is a bound of such rounding errors: only its magnitude holds.
    """
    radii = [list(map(float, RADIUS.findall(text))) for text in (one, other)]
    one, other = (RADIUS.sub('+/-', text) for text in (one, other))
    numbers = [list(map(float, NUMBER.findall(text))) for text in (one, other)]
    return (NUMBER.sub('#', one) == NUMBER.sub('#', other) and list(map(len, radii)) == [len(radii[0])] * 2
            and all(a == b or 0.1 < a / b < 10 for a, b in zip(*radii))
            and all(abs(a - b) <= 1e-7 * max(abs(a), abs(b)) for a, b in zip(*numbers)))


def unlike(new, old):
    """Return in words in what two outputs differ; nothing, if they agree as far as they can on different machines."""
    kinds = [[kind for kind, _ in things] for things in (new, old)]
    if kinds[0] != kinds[1]:
        return 'now {}, stored {}'.format(*kinds)
    found = []
    for (kind, one), (_, other) in zip(new, old):
        if kind == PICTURE:
            found.append(difference(*map(base64.b64decode, (one, other))))
        elif one != other and not close(one, other):
            found.append(f'now\n{one}\nstored\n{other}')
    return '\n'.join(filter(None, found))


def differences(new, old):
    """Return a text a difference between a fresh notebook and the stored one."""
    if [cell.source for cell in new.cells] != [cell.source for cell in old.cells]:
        return ['the cells are not those of the worksheet; run make worksheets']
    found = [unlike(said(one), said(other)) for one, other in zip(new.cells, old.cells)]
    return [f'cell {number}:\n{new.cells[number].source}\n--- {text}' for number, text in enumerate(found) if text]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('worksheets', nargs='*', type=Path, default=sorted(FOLDER.glob('*/*.sage')))
    parser.add_argument('--check', action='store_true', help='compare, write nothing')
    arguments = parser.parse_args()
    failed = False
    for worksheet in arguments.worksheets:
        stored = worksheet.with_suffix('.ipynb')
        notebook = executed(worksheet.resolve())
        if not arguments.check:
            whole = stored.with_suffix('.ipynb.new')
            nbformat.write(notebook, whole)
            os.replace(whole, stored)
            print(f'{stored}: written')
            continue
        found = differences(notebook, nbformat.read(stored, as_version=4))
        failed = failed or bool(found)
        print(f'{stored}: {len(found)} differences' if found else f'{stored}: the same', *found, sep='\n')
    sys.exit(failed)


if __name__ == '__main__':
    main()
