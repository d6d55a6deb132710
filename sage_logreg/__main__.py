r"""
The worksheet's complete output in a terminal: ``python -m sage_logreg [folder]``

Prints what the worksheet prints, and saves its pictures in ``folder``.

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
from sage_logreg.training import gradient_descent, stochastic_gradient_descent


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
    try:
        main(parser.parse_args().folder)
    except ImportError as error:
        sys.exit(str(error))
