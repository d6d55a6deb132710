"""Measure how long Ctrl-C takes to be heard, and what the progress bar costs.

    python benchmarks/interrupt.py
"""
import contest

INTERRUPT = '''
import os, subprocess, sys, time, warnings
from sage_logreg import *
warnings.simplefilter('ignore')
gradient_descent(ex2data1(), iterations=10), stochastic_gradient_descent(ex2data1(), epochs=10)
# another process sends it: a thread of this one would wait for the compiled code to end
SEND = 'import os, time; time.sleep(0.8); print(time.monotonic(), flush=True); os.kill({}, 2)'.format(os.getpid())
late = []
for train, many in [(gradient_descent, {'iterations': 10**9}), (stochastic_gradient_descent, {'epochs': 10**7})] * 5:
    sender = subprocess.Popen([sys.executable, '-c', SEND], stdout=subprocess.PIPE, text=True)
    train(ex2data1(), **many)
    late.append(time.monotonic() - float(sender.communicate()[0]))
print(max(late))
'''
BAR = '''
import statistics, sys, time
from sage_logreg import *
seconds = {True: [], False: []}
gradient_descent(ex2data1(), iterations=100)
for _ in range(9):
    for bar in seconds:
        begun = time.perf_counter()
        gradient_descent(ex2data1(), iterations=3000000, progress=bar)
        seconds[bar].append(time.perf_counter() - begun)
# in pairs, since a machine's speed drifts by more than the bar costs
print(statistics.median(a / b for a, b in zip(seconds[True], seconds[False])))
'''


def results():
    yield contest.figures([('Ctrl-C, longest of ten', '0.2 s', lambda: f'{float(contest.run_python(INTERRUPT)[1]):.2f} s'),
                           ('progress bar, time with / without', '1.02', lambda: f'{float(contest.run_python(BAR)[1]):.3f}')])


if __name__ == '__main__':
    contest.main(results)
