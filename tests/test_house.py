r"""
The house: imports go downwards only, lazy ones included, and the start brings in neither Theano nor Sage nor matplotlib
"""
import ast
import pathlib
import subprocess
import sys

import pytest

from sage_logreg.support.sage_objects import is_old_sage

PACKAGE = pathlib.Path(__file__).resolve().parent.parent / 'sage_logreg'
# from the bottom to the top; what stands on one line knows nothing of each other but within a folder
FLOORS = ['version', 'support', 'engine', 'plot', 'symbolic', 'dataset', 'cost', 'solvers', 'exact', 'model', 'training',
          'cross_validation', 'explore sklearn', '__init__', '__main__']
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms.split()}


def modules():
    return {'.'.join(path.relative_to(PACKAGE).with_suffix('').parts).removesuffix('.__init__'): path
            for path in sorted(PACKAGE.rglob('*.py')) if 'data' not in path.parts}


def imported(path, known):
    # the modules of the package that a file imports, at its top or within a function
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: a relative import'
            names = [f'{node.module}.{alias.name}' for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition('.')
            if package != 'sage_logreg':
                continue
            # a name in a module, a module, or a folder; on the way its folders are imported as well
            while rest and rest not in known:
                rest = rest.rpartition('.')[0]
            yield rest or '__init__'
            while '.' in rest:
                rest = rest.rpartition('.')[0]
                yield rest


def room(module):
    return module.split('.')[0]


@pytest.mark.lanes
def test_every_module_has_a_floor():
    assert {room(module) for module in modules()} == set(FLOOR)


@pytest.mark.lanes
def test_imports_go_downwards():
    known = modules()
    upwards = [f'{module} imports {other}' for module, path in known.items() for other in imported(path, known)
               if room(other) != room(module) and FLOOR[room(other)] >= FLOOR[room(module)]]
    assert not upwards, '\n'.join(upwards)


@pytest.mark.lanes
def test_no_circle_within_a_folder():
    known = modules()
    below = {module: {other for other in imported(path, known) if room(other) == room(module) and other != module}
             for module, path in known.items()}
    # what imports nothing that is left is taken away, until nothing is left
    while below:
        free = [module for module, others in below.items() if not others & below.keys()]
        assert free, f'a circle among {sorted(below)}'
        for module in free:
            del below[module]


@pytest.mark.lanes
def test_nothing_is_imported_by_a_string():
    for module, path in modules().items():
        called = {getattr(node.func, 'attr', getattr(node.func, 'id', None))
                  for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
        assert not called & {'import_module', '__import__', 'exec', 'eval'}, module


@pytest.mark.lanes
def test_the_start_is_light():
    code = ('import sys, sage_logreg; '
            'print([name for name in ("theano", "pytensor", "sage.all", "sage.symbolic.ring", "matplotlib", "scipy", "pandas", '
            '"numba") if name in sys.modules])')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    # an old Sage is loaded as a whole
    assert done.stdout.strip() == '[]' or is_old_sage()
