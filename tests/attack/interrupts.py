r"""
Ctrl-C and kill -9 at random moments: a result or a sentence, a session that goes on, a checkpoint that loads
"""
import contextlib
import functools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import numpy

import sage_logreg
from sage_logreg import certified_maximum_likelihood, ex2data1, gradient_descent, load_data, load_model
from sage_logreg import maximum_likelihood, separation, stochastic_gradient_descent
from sage_logreg.model import storage

from attack.apart import child

PACKAGE = os.path.dirname(sage_logreg.__file__)
AT_WORK = tuple(os.path.join(PACKAGE, folder) for folder in ('solvers', 'exact', 'cost'))
# where an interrupt becomes a sentence there is a moment in which it cannot
EXPLAINS = os.path.join(PACKAGE, 'support', 'interrupt.py')
# the longest that an answer to Ctrl-C may take, where two cores do much else
PATIENCE = 60


# Interrupted

def many_points(count, width, near=False):
    r"""
    Return data with a random boundary; if ``near``, all but two points are on the right side of it.
    """
    random_state = numpy.random.RandomState(7)
    points = random_state.normal(size=(count, width))
    values = points[:, 0] + (0 if near else random_state.logistic(size=count))
    labels = (values > 0).astype(float)
    if near:
        points[:2], labels[:2] = 0, (0, 1)
        points[0, 0] = 1e-7
    return load_data((points, labels))


def cost_of_a_line(iterations):
    from sage.functions.log import exp
    from sage.symbolic.ring import SR
    a, b, x1, y = SR.var('a, b, x1, y')
    return sage_logreg.minimize_cost((y - 1 / (1 + exp(-a - b * x1)))**2, [[1, 0], [2, 1], [3, 0], [4, 1]], [a, b],
                                     learning_rate=0.5, iterations=iterations)


# of which there is nothing to hand over
PICTURE, ASKED = 'picture', 'cost and gradient of a model'
# a sentence is demanded from the first line on, where the data are loaded
DEMANDED = {"Newton's method", 'Firth', 'exact check', 'separation', 'proof'}

# made before, not while the clock runs
EXAM, MANY, NEAR = ex2data1(), many_points(200000, 30), many_points(2000, 20, near=True)
MODEL = gradient_descent(MANY, iterations=1)

# what is interrupted, and something of the same kind that is done quickly, with its answer as a text
ACTIONS = {
    'gradient descent': (lambda: gradient_descent(EXAM, iterations=10**7),
                         lambda: gradient_descent(EXAM, iterations=100).weights()),
    'stochastic descent': (lambda: stochastic_gradient_descent(EXAM, epochs=10**5),
                           lambda: stochastic_gradient_descent(EXAM, epochs=10).weights()),
    "Newton's method": (lambda: maximum_likelihood(MANY),
                        lambda: maximum_likelihood(EXAM).weights()),
    'Firth': (lambda: maximum_likelihood(MANY, bias_reduced=True),
              lambda: maximum_likelihood(EXAM, bias_reduced=True).weights()),
    'exact check': (lambda: maximum_likelihood(NEAR),
                    lambda: maximum_likelihood([[1, 0], [2, 1], [2.001, 0], [3, 1]]).weights()),
    'separation': (lambda: separation(NEAR), lambda: separation(EXAM).multipliers()),
    'proof': (lambda: certified_maximum_likelihood(EXAM, digits=5000),
              lambda: certified_maximum_likelihood(EXAM, digits=20)),
    'minimize_cost': (lambda: cost_of_a_line(10**7), lambda: cost_of_a_line(100).weights()),
    ASKED: (lambda: [(MODEL.cost(), MODEL.gradient()) for _ in range(1000)],
            lambda: gradient_descent(EXAM, iterations=10).gradient()),
    PICTURE: (lambda: gradient_descent(EXAM, iterations=10).plot().matplotlib(),
                lambda: gradient_descent(EXAM, iterations=10).plot())}


@contextlib.contextmanager
def interrupt_after(seconds):
    # from another process, as a terminal does it: no thread has to wait for the interpreter
    session = os.getpid()
    process = os.fork()
    if not process:
        time.sleep(seconds)
        os.kill(session, signal.SIGINT)
        os._exit(0)
    sent = []
    try:
        yield sent
    finally:
        os.kill(process, signal.SIGKILL)
        sent.append(os.WIFEXITED(os.waitpid(process, 0)[1]))


def bare(error, demanded):
    # elsewhere, while arguments are checked, there is nothing to hand over
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if frame.filename.startswith(PACKAGE if demanded else AT_WORK)]
    if frames and frames[-1].filename == EXPLAINS:
        return 'before it began'
    if not frames:
        return 'before it began'
    return f'no sentence: a bare KeyboardInterrupt in {frames[-1].filename}, line {frames[-1].lineno}'


def interrupted(action, seconds, write):
    r"""
    Do an action in this process, interrupted after some seconds; write how it ended, and then its short form's answer.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE + int(seconds))
    long, short = ACTIONS[action]
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            with interrupt_after(seconds) as sent:
                long()
        ended = 'lost' if sent[0] else 'finished'
        said = [str(warning.message) for warning in caught if 'interrupted' in str(warning.message)]
        if said:
            ended = 'handed over'
    except KeyboardInterrupt as error:
        ended = 'told' if str(error) or action in (PICTURE, ASKED) else bare(error, action in DEMANDED)
    except BaseException as error:
        ended = f'no sentence: {type(error).__name__}: {error}'
    write(ended)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        write(str(short()))
    try:
        # not at once: what Python does after a fork swallows it
        with interrupt_after(0.1):
            time.sleep(PATIENCE)
        write('deaf')
    except KeyboardInterrupt:
        write('listens')


@functools.lru_cache(maxsize=None)
def expected(action):
    r"""
    Return what the short form of an action answers where nothing was interrupted.

    This process then has what is compiled for it, and its children too; for a picture they begin anew.
    """
    if action == PICTURE:
        with child(lambda write: write(str(ACTIONS[action][1]()))) as (process, answers):
            text = answers.read()
            os.waitpid(process, 0)
        return text
    return json.dumps(str(ACTIONS[action][1]())) + '\n'


def interrupt(seed):
    r"""
    Return what is wrong after an interrupt at a random moment of a random action, and what came of it.
    """
    rng = random.Random(f'interrupt {seed}')
    action, seconds = rng.choice(list(ACTIONS)), 10**rng.uniform(-2.5, 0.3)
    answer = expected(action)
    begun = time.monotonic()
    with child(lambda write: interrupted(action, seconds, write)) as (process, answers):
        said = answers.read().splitlines(keepends=True)
        status = os.waitpid(process, 0)[1]
    wrong = []
    ended = said[0].strip('"\n').split(':')[0] if said else 'no answer'
    if status or len(said) != 3:
        wrong.append(f'after {time.monotonic() - begun:.0f} s the session ended with status {status}, and said {said}')
    else:
        wrong += [said[0]] if ended == 'no sentence' else []
        wrong += [f'the session then says {said[1]}, not {answer}'] if said[1] != answer else []
        wrong += ['Ctrl-C does nothing after it'] if 'listens' not in said[2] else []
    where = f'{action}, interrupted after {seconds:.4f} s'
    return [f'{where}: {text}\n  interrupts.interrupt({seed!r})' for text in wrong], {ended: 1}


# Interrupted while it is imported

IMPORTED = '''
import os, signal, sys, time
before = {before!r}
if before:
    exec(before)
session, helper = os.getpid(), os.fork()
if not helper:
    time.sleep({seconds})
    os.kill(session, signal.SIGINT)
    os._exit(0)
ended = 'finished'
try:
    from sage_logreg import *
    model = gradient_descent(ex2data1(), iterations=100)
    {picture}
    os.waitpid(helper, 0)
except KeyboardInterrupt:
    ended = 'interrupted'
try:
    os.waitpid(helper, 0)
except (ChildProcessError, KeyboardInterrupt):
    pass
print(ended)
from sage_logreg import *
model = gradient_descent(ex2data1(), iterations=100)
{picture}
print([float(x).hex() for x in model.weights()])
'''


def import_interrupted(seed):
    r"""
    Return what is wrong after an interrupt at a random moment of the import, the first training or the first picture.
    """
    rng = random.Random(f'import {seed}')
    before = rng.choice(['', 'from sage.all import *'])
    picture = rng.choice(['pass', 'model.plot().matplotlib()'])
    program = IMPORTED.format(before=before, picture=picture, seconds=f'{10**rng.uniform(-2, 0.6):.4f}')
    try:
        done = subprocess.run([sys.executable, '-W', 'ignore', '-c', program], capture_output=True, text=True,
                              timeout=2 * PATIENCE)
    except subprocess.TimeoutExpired:
        return [f'the session hangs\n  interrupts.import_interrupted({seed!r})'], {'no answer': 1}
    expected = str([float(x).hex() for x in gradient_descent(ex2data1(), iterations=100).weights()])
    said = done.stdout.splitlines()
    right = done.returncode == 0 and len(said) == 2 and said[1] == expected
    ended = said[0] if said else 'no answer'
    if right:
        return [], {ended: 1}
    return [f'after {ended!r} the session says {said[1:]} {done.stderr[-600:]}\n  '
            f'interrupts.import_interrupted({seed!r})'], {ended: 1}


# Killed

def kill(seed):
    r"""
    Return what is wrong with the checkpoint of a training that is killed a few times and then goes on to its end.
    """
    rng = random.Random(f'kill {seed}')
    train, option, options = rng.choice([
        (gradient_descent, 'iterations', {'learning_rate': 0.001}),
        (gradient_descent, 'iterations', {'learning_rate': 1, 'scale': True, 'l2': 1}),
        (stochastic_gradient_descent, 'epochs', {'batch_size': 7, 'shuffle': 'epoch', 'momentum': 0.9})])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'run.json')

        def training(write):
            # a checkpoint as often as can be
            storage.SECONDS = storage.TIMES = 0
            write('begun')
            train(ex2data1(), checkpoint=path, **{option: 10**9}, **options)

        try:
            reached = [killed(training, path, rng.uniform(0, 0.5)) for _ in range(rng.randint(1, 4))]
            wrong = [] if reached == sorted(reached) else [f'the checkpoints were at {reached}']
            most = int(reached[-1]) + 500
            model = train(ex2data1(), checkpoint=path, **{option: most}, **options)
            whole = train(ex2data1(), **{option: most}, **options)
            if list(model.weights()) != list(whole.weights()):
                wrong.append(f'ends at {model.weights()}, without a kill at {whole.weights()}')
            left = sorted(entry.name for entry in Path(folder).iterdir())
            wrong += [f'leaves {left}'] if left != ['run.json'] else []
        except Exception as error:
            wrong = [f'{type(error).__name__}: {error}']
    return [f'{train.__name__}, {options}: {text}\n  interrupts.kill({seed!r})' for text in wrong], {
        'killed': len(reached) if not wrong else 1}


def killed(training, path, seconds):
    r"""
    Return the iterations in the checkpoint after a training was killed some seconds after it began.
    """
    with child(training) as (process, answers):
        answers.readline()
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    return int(load_model(path).iterations()) if path.exists() else 0
