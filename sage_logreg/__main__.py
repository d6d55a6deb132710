r"""
The worksheet's complete output in a terminal: ``python -m sage_logreg [folder]``

Prints what the worksheet prints, and saves its pictures in ``folder``; with ``--compile`` it compiles ahead instead.

EXAMPLES::

    sage: from sage_logreg.__main__ import main
    sage: folder = tmp_dir()
    sage: main(folder, iterations=20000, epochs=500)
    100 points in x1, x2: 60 with y = 1, 40 with y = 0
      picture: ...data.png
    <BLANKLINE>
    Gradient descent, 20000 steps: step and cost
    0 0.69314718056
    w = [-1.28301202  0.0194236   0.01046422]
    boundary: x2 = -1.85619...*x1 + 122.609...
      picture: ...gradient_descent.png
    <BLANKLINE>
    Stochastic gradient descent, 500 epochs: epoch and cost of its last sample
    0 ...
    w = [...]
    boundary: x2 = ...
      picture: ...stochastic_gradient_descent.png
"""
import argparse
import os
import sys

import numpy

from sage_logreg.dataset.examples import ex2data1
from sage_logreg.training import gradient_descent, maximum_likelihood, stochastic_gradient_descent


def main(folder, iterations=300000, epochs=10000):
    r"""
    Print the worksheet's result and save its pictures.

    INPUT:

    - ``folder`` -- where the pictures go; created if missing
    - ``iterations`` -- steps of gradient descent
    - ``epochs`` -- epochs of stochastic gradient descent

    EXAMPLES: see :mod:`sage_logreg.__main__`.
    """
    from sage_logreg.support import needs_sage  # noqa: F401
    os.makedirs(folder, exist_ok=True)
    data = ex2data1()
    print(data)
    save(data.plot(figsize=5), folder, 'data.png')
    print(f'\nGradient descent, {iterations} steps: step and cost')
    tell(gradient_descent(data, learning_rate=0.001, iterations=iterations, report=20000), folder)
    print(f'\nStochastic gradient descent, {epochs} epochs: epoch and cost of its last sample')
    tell(stochastic_gradient_descent(data, learning_rate=0.0005, epochs=epochs, report=500), folder)


def compile_ahead():
    r"""
    Train for a moment in every way, so that what is compiled for it is on disk when a training in a new process needs it.

    Of a cost of one's own that is most of what is compiled, whatever the cost: its products, sums and the loop around them.

    EXAMPLES::

        sage: from sage_logreg.__main__ import compile_ahead
        sage: compile_ahead()  # long time
    """
    # what else is printed needs no Theano
    from sage_logreg.engine import T

    def own(X, y, w):
        z = w[0] + T.dot(X, w[1:])
        return T.mean(T.log(1 + T.exp(z)) - y * z)

    data = ex2data1()
    maximum_likelihood(data)
    for cost in (None, own):
        gradient_descent(data, learning_rate=1e-4, iterations=1, cost=cost)
        stochastic_gradient_descent(data, epochs=1, cost=cost)


def tell(model, folder):
    r"""
    Print the weights and the boundary of a model and save its picture.
    """
    print('w =', numpy.array(model.weights()))
    print('boundary: x2 =', model.boundary())
    save(model.plot(figsize=5), folder, f'{model.method}.png')


def save(picture, folder, name):
    r"""
    Save a picture and print its path.
    """
    path = os.path.abspath(os.path.join(folder, name))
    picture.save(path)
    print('  picture:', path)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(prog='python -m sage_logreg',
                                     description="Print the worksheet's result and save its pictures.")
    parser.add_argument('folder', nargs='?', default='results', help='where the pictures go (default: results)')
    parser.add_argument('--compile', action='store_true', help='only compile what trainings need, for all later processes')
    arguments = parser.parse_args()
    try:
        if arguments.compile:
            compile_ahead()
        else:
            main(arguments.folder)
    except ImportError as error:
        sys.exit(str(error))
