r"""
Attempts in child processes: what hangs, crashes or takes all the memory ends there, and is one of the failures
"""
import collections
import contextlib
import functools
import json
import os
import resource
import signal
import sys
import time
import traceback

# a child makes so many attempts, so that what they leave behind does not add up
BATCH = 50
MEMORY = 6 << 30


def attempts(attempt, name, seed, seconds, limit):
    r"""
    Return what came of an attempt, made again and again for some seconds: texts of failures, and a ``Counter``.

    ``attempt`` takes the text of a seed and returns such a pair; it may take ``limit`` seconds, and a bounded memory.
    """
    failures, counts, number, until = [], collections.Counter(), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        with child(functools.partial(batch, attempt, seed, number, until, limit)) as (process, answers):
            for found, seen in map(json.loads, answers):
                failures += found
                counts.update({'tries': 1, **seen})
                number += 1
            status = os.waitpid(process, 0)[1]
        if status:
            failures.append(f'{ending(status, limit)}\n  {name}, seed {seed}/{number}')
            counts['tries'] += 1
            number += 1
    return failures, counts


def batch(attempt, seed, first, until, limit, write):
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (in_use() + MEMORY,) * 2)
    for number in range(first, first + BATCH):
        if time.monotonic() > until:
            break
        # what takes longer is ended, also in compiled code
        signal.alarm(limit)
        found, seen = attempt(f'{seed}/{number}')
        signal.alarm(0)
        write([found, seen])


def in_use():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def ending(status, limit):
    number = os.WTERMSIG(status)
    if not number:
        return f'the process ended with status {os.WEXITSTATUS(status)}'
    return f'longer than {limit} s' if number == signal.SIGALRM else f'ended by {signal.Signals(number).name}'


@contextlib.contextmanager
def child(function):
    r"""
    Return a context with the number of a forked process, and the lines of JSON that ``function(write)`` writes there.
    """
    read, write = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if not process:
        status = 1
        try:
            os.close(read)
            function(lambda answer: os.write(write, (json.dumps(answer) + '\n').encode()))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as answers:
        yield process, answers
