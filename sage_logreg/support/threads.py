r"""
One thread at a time: the lock for what is not safe in two

Neither graphs are built nor compiled functions called by two threads at once, nor may they use Sage: each new parent
of Sage has a category, whose place among the others two threads would give it twice. Long proofs let other threads go
on between their steps.

EXAMPLES::

    sage: from sage_logreg.support.threads import one_at_a_time, one_thread
    sage: @one_at_a_time
    ....: def is_held():
    ....:     return one_thread._is_owned()
    sage: is_held()
    True
"""
import functools
import os
import threading

one_thread = threading.RLock()
# a forked process has the lock free
os.register_at_fork(before=one_thread.acquire, after_in_parent=one_thread.release, after_in_child=one_thread.release)


def one_at_a_time(function):
    r"""
    Return the function, for which other threads wait until it is done.

    EXAMPLES: see :mod:`sage_logreg.support.threads`.
    """
    @functools.wraps(function)
    def alone(*arguments, **options):
        with one_thread:
            return function(*arguments, **options)
    return alone
