"""Measure how much memory training takes beside the data, in a new process.

    python benchmarks/memory.py
"""
import contest

PEAK = '''
import resource, sys
import numpy
from sage_logreg import *
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
TRAIN((numpy.array([[1., 2.], [2., 1.], [3., 1.], [1., 3.], [4., 4.], [2., 5.]]), numpy.array([0., 1., 0., 1., 0., 1.])))
random = numpy.random.RandomState(0)
X = numpy.empty((1000000, 20))
for row in X.reshape(1000, 20000):
    row[:] = random.normal(size=20000)
y = numpy.empty(1000000)
for part, row in zip(y.reshape(1000, 1000), X.reshape(1000, 1000, 20)):
    part[:] = row[:, 0] + row[:, 1] > row[:, 2]
y[::50] = 1 - y[::50]
before = peak()
TRAIN((X, y))
print((peak() - before) / X.nbytes)
'''
TRAINERS = {'gradient_descent': '(lambda data: gradient_descent(data, learning_rate=0.1, iterations=5))',
            'maximum_likelihood': 'maximum_likelihood'}


def results():
    yield contest.figures([
        (f'{name}, peak memory above the data, 1,000,000 x 20, part of X', '10%',
         lambda call=call: f'{100 * float(contest.run_python(PEAK.replace("TRAIN", call))[1]):.1f}%') for name, call in TRAINERS.items()])


if __name__ == '__main__':
    contest.main(results)
