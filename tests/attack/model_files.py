r"""
Mutated model files: each is loaded, and used if it loads, by a process with a limit on memory and time

    python -m attack.model_files SECONDS SEED      from the folder tests

A file may be refused in one sentence of ``load_model``; whatever loads can be used. The first failure ends the run, and
prints the file. Nothing of the package is imported but in the process that reads the files.
"""
import copy
import hashlib
import json
import math
import random
import resource
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# beyond what the process takes at its start
BYTES = 1 << 30
# for one file: of computing while it loads, and of waiting until it has been used (on a busy machine)
SECONDS_TO_LOAD, SECONDS = 15, 180
NUMBERS = [0, 1, -1, 2, 0.5, -0.0, 1e-300, 1e308, 2**31, 2**53, 2**63, 2**64, 10**30, 10**400, 10**4000, 10**10, 1000.5,
           12345678.5, True, False, None, '1', 'nan', '', '\ud800', [], {}, [[]], [1], 'x1', 'all', 'diverged']
LEAVES = ['x1', 'x2', 'a', 'y', ['pi'], ['golden_ratio'], ['khinchin'], 0, 1, 2, -1, 3, 0.5, 1e308, 1e10, -1e300, 10**9, 10**30, 10**400,
          10**3000, '1/3', '-7/2', '1000001/2', f'1/{10**3000}', f'{10**2999}/{10**2999 + 1}', ['real', 53, '1e999999999999'],
          ['real', 53, '1e9999999999'], ['real', 53, '-1e308'], ['real', 53, '1e-9999'], ['real', 10000, '0.3'],
          ['real', 10**6, '0.3'], ['real', 2, '3'], ['I'], ['oo'], 'x1 + 1', True, None,
          # complex ones, which Sage neither compares nor rounds
          ['gamma', ['arccos', 2]], ['log', ['gamma', ['arccos', '355/113']]], ['log', -0.5], ['arcsin', 2.0], ['^', -2.5, '1/2'],
          ['log', -2], ['log_gamma', '-1/2'], ['log_gamma', ['pi']]]
NAMES = ['exp', 'log', 'factorial', 'gamma', 'log_gamma', 'psi', 'floor', 'ceil', 'abs', 'sgn', 'heaviside', 'unit_step', 'real_part',
         'imag_part', 'conjugate', 'sin', 'cos', 'tan', 'cot', 'sec', 'csc', 'arcsin', 'arccos', 'arctan', 'arccot', 'sinh', 'cosh',
         'tanh', 'coth', 'sech', 'csch', 'arcsinh', 'arccosh', 'arctanh', 'arccoth', 'arcsech', 'arccsch', 'erf', 'erfc', 'zeta']
OF_MANY = ['+', '*', '^', '^', '^', 'max', 'min', 'arctan2', 'real_nth_root', 'psi']
SIGNS = ['<', '<=', '>', '>=', '==', '!=']


# Mutations

def tree(rng, depth):
    r"""
    Return a random expression tree, valid or not.
    """
    kind = rng.random()
    if depth == 0 or kind < 0.2:
        return copy.deepcopy(rng.choice(LEAVES))
    if kind < 0.55:
        return [rng.choice(NAMES), tree(rng, depth - 1)]
    if kind < 0.9:
        return [rng.choice(OF_MANY), *(tree(rng, depth - 1) for _ in range(rng.choice([2, 2, 2, 2, 1, 3, 12])))]
    if kind < 0.95:
        condition = [rng.choice(SIGNS), tree(rng, depth - 1), tree(rng, depth - 1)]
        return ['cases', condition, tree(rng, depth - 1), rng.choice([1, 1, 0, 'x1', True]), tree(rng, depth - 1)]
    name = rng.choice(NAMES)
    grown = tree(rng, depth - 1)
    for _ in range(rng.choice([3, 10, 40, 300])):
        grown = [name, ['log', grown]] if rng.random() < 0.3 else [name, grown]
    return grown


def places(value):
    r"""
    Return all containers within a value and their keys.
    """
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *places(value[key]))]


def with_checksum(content):
    r"""
    Return the text of a file with these entries, and the checksum that belongs to them.
    """
    text = json.dumps(content, sort_keys=True, separators=(',', ':'))
    return json.dumps({**content, 'checksum': 'sha256:' + hashlib.sha256(text.encode('ascii')).hexdigest()}, indent=1)


def of_entries(rng, content):
    container, key = rng.choice(places(content))
    kind = rng.random()
    if kind < 0.15:
        del container[key]
    elif kind < 0.3 and isinstance(container, list):
        container.insert(key, copy.deepcopy(container[key]))
    elif kind < 0.4 and isinstance(container, dict):
        container[str(rng.choice(NUMBERS))] = copy.deepcopy(rng.choice(NUMBERS))
    elif kind < 0.5:
        other, name = rng.choice(places(content))
        container[key] = copy.deepcopy(other[name])
    else:
        container[key] = copy.deepcopy(rng.choice(NUMBERS))


def of_trees(rng, content):
    if 'cost' in content and rng.random() < 0.7:
        content['cost'] = ['+', content['cost'], tree(rng, rng.randint(1, 4))]
        return
    trees = content['data'].get('features')
    if not isinstance(trees, list) or not trees:
        content['data']['features'] = trees = ['x1']
        content['weights'] = content['weights'][:2] if isinstance(content.get('weights'), list) else [0, 1]
    container, key = rng.choice(places(trees))
    old = container[key]
    container[key] = rng.choice([tree(rng, rng.randint(1, 4)), ['+', old, tree(rng, 3)], ['*', old, tree(rng, 2)], ['^', old, tree(rng, 1)],
                                 [rng.choice(NAMES), old]])


def mutated(rng, text):
    r"""
    Return another text: of a model's file, with one to three changes that its checksum does not give away.
    """
    if rng.random() < 0.05:
        place, length = rng.randrange(len(text)), rng.randrange(5)
        return text[:place] + ''.join(rng.choice('0123456789e-[]{}",:nul') for _ in range(length)) + text[place + rng.randrange(5):]
    content = json.loads(text)
    content.pop('checksum')
    change = rng.choice([of_entries, of_trees])
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        try:
            change(rng, content)
        except (AttributeError, IndexError, KeyError, TypeError):
            # an earlier change has taken away what this one would change
            break
    return with_checksum(content)


# The process that reads the files

def begin(folder):
    r"""
    Save a model of each kind, and return the texts.
    """
    from sage.all import SR, cases, exp, log, pi, sqrt
    from sage_logreg import gradient_descent, load_data, maximum_likelihood, stochastic_gradient_descent
    from sage_logreg.training import minimize_cost
    x1, x2, a, b, y = SR.var('x1, x2, a, b, y')
    rows = [[0.5, 2, 0], [1.25, 3, 1], [2, 1, 1], [3, 0.25, 0], [1, 1, 1]]
    features = [x1, log(x2) * pi, sqrt(2) * exp(-x1**2 / 2), cases([(x1 < 1, x2), (True, x1**3)]), 0.25 * x1 * x2]
    r = a + b * x1 - y
    models = [gradient_descent(rows, features=features, iterations=20), stochastic_gradient_descent(rows, epochs=5, momentum=0.5),
              maximum_likelihood(([[1], [2], [3]], [1, 4, 9], [10, 10, 10])), maximum_likelihood(rows, l2=1, weights=[1, 2, 1, 1, 3]),
              minimize_cost(cases([(abs(r) <= 1, r**2 / 2), (True, abs(r) - 0.5)]), load_data(rows), [a, b], iterations=20)]
    texts = []
    for number, model in enumerate(models):
        use(model, folder)
        model.save(folder / f'{number}.json')
        texts.append((folder / f'{number}.json').read_text())
    return texts


def use(model, folder):
    r"""
    Use a model once in each way, and return what went wrong.
    """
    from sage_logreg import load_model
    repr(model), model.weights(), model.options(), model.history(), hash(model)
    model.save(folder / 'again.json')
    assert load_model(folder / 'again.json') == model, 'it is another one when it is saved and loaded'
    point = [1.0] * len(model.data.variables)
    ways = [lambda: model.resume(1), model.cost]
    if hasattr(model, 'predict'):
        ways += [lambda: model.predict(point), lambda: model.summary(), model.boundary, model.accuracy]
    for way in ways:
        try:
            repr(way())
        except ValueError as error:
            # such as that of separated classes; it is one sentence
            assert one_sentence(error), f'{error!r}'


def one_sentence(error):
    return len(str(error).splitlines()) == 1 and 10 < len(str(error)) < 2000


def outcome(path, folder):
    r"""
    Return ``'loaded'`` or ``'refused'``, or what went wrong.
    """
    from sage_logreg import load_model
    begun = time.process_time()
    try:
        model = load_model(path)
    except ValueError as error:
        if not one_sentence(error) or not str(error).startswith(str(path)):
            return f'a strange sentence: {error}'
        model = None
    seconds = time.process_time() - begun
    if seconds > SECONDS_TO_LOAD:
        return f'{seconds:.0f} s to load'
    if model is not None:
        use(model, folder)
    return 'refused' if model is None else 'loaded'


def read_files(folder):
    r"""
    Answer each path on a line with a line.
    """
    import traceback
    import warnings
    warnings.simplefilter('ignore')
    # what a resumed training prints is no answer
    answers, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(begin(folder)), file=answers, flush=True)
    taken = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + BYTES, taken + BYTES))
    for line in sys.stdin:
        try:
            answer = outcome(Path(line.strip()), folder)
        except Exception:
            answer = traceback.format_exc()
        print(json.dumps(answer), file=answers, flush=True)


# The process that mutates them

class Reader:
    r"""
    The other process, started again when it ends.
    """

    def __init__(self, folder):
        self.process = subprocess.Popen([sys.executable, __file__, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.texts = self.answer()
        assert isinstance(self.texts, list), self.texts

    def answer(self):
        if not select.select([self.process.stdout], [], [], SECONDS)[0]:
            return f'no answer for {SECONDS} s'
        line = self.process.stdout.readline()
        return json.loads(line) if line else f'the process ended with {self.process.wait()}'

    def outcome(self, path):
        print(path, file=self.process.stdin, flush=True)
        return self.answer()

    def close(self):
        # without more paths it ends, and takes Sage's temporary files with it
        try:
            self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


def main(seconds, seed, texts=(), files=math.inf):
    r"""
    Return how many of so many files, or of those within some seconds, were refused and how many were loaded; raise an error
    that holds the file.
    """
    rng, counts = random.Random(seed), {'refused': 0, 'loaded': 0}
    with tempfile.TemporaryDirectory() as folder:
        path, reader = Path(folder) / 'mutated.json', Reader(Path(folder))
        try:
            texts, ends = [*reader.texts, *texts], time.monotonic() + seconds
            while sum(counts.values()) < files and time.monotonic() < ends:
                text = mutated(rng, rng.choice(texts))
                path.write_text(text, errors='surrogatepass')
                answer = reader.outcome(path)
                if answer not in counts:
                    raise AssertionError(f'{answer}\nseed {seed}, file {sum(counts.values())}:\n{text}')
                counts[answer] += 1
        finally:
            reader.close()
    return counts


if __name__ == '__main__':
    if len(sys.argv) == 2:
        read_files(Path(sys.argv[1]))
    else:
        print(main(float(sys.argv[1]), int(sys.argv[2])))
