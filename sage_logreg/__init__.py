r"""
Logistic regression inside Sage, trained by Theano

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), learning_rate=0.001, iterations=300000)
    sage: model.weights()  # abs tol 1e-8
    (-9.25573205, 0.07960975, 0.07329322)
    sage: x1 = var('x1')
    sage: model.boundary(x1)  # rel tol 1e-6
    -1.08618165*x1 + 126.283596
    sage: model.plot()
    Graphics object consisting of 3 graphics primitives

The data come in through :func:`load_data`; :func:`gradient_descent`,
:func:`stochastic_gradient_descent` and :func:`maximum_likelihood` return a
:class:`LogisticModel`, which answers with vectors, expressions and
``Graphics``. :func:`separation` decides exactly whether the estimate exists,
:func:`certified_maximum_likelihood` proves its digits,
:func:`certified_support` which weights of a lasso are zero.
"""
from sage_logreg.support.interrupt import interrupts_held

with interrupts_held():
    from sage_logreg.support.whole_imports import finish_imports
    finish_imports()
    from sage_logreg.dataset.dataset import Dataset
    from sage_logreg.dataset.examples import ex2data1, ex2data2, penguins
    from sage_logreg.dataset.features import polynomial_features
    from sage_logreg.dataset.images import digits, load_idx, mnist
    from sage_logreg.dataset.load import load_data
    from sage_logreg.exact.certified import certified_maximum_likelihood
    from sage_logreg.exact.separation import separation
    from sage_logreg.exact.support import certified_support
    from sage_logreg.explore import explore, explore_descent
    from sage_logreg.model.comparison import compare
    from sage_logreg.model.logistic import LogisticModel
    from sage_logreg.model.multinomial import MultinomialModel
    from sage_logreg.model.storage import load_model
    from sage_logreg.cross_validation import cross_validate
    from sage_logreg.support import sage_objects
    from sage_logreg.training import (gradient_descent, maximum_likelihood, minimize_cost, regularization_path,
                                      stochastic_gradient_descent)
    from sage_logreg.version import __version__

    sage_objects.load_old_sage()

__all__ = ['Dataset', 'LogisticModel', 'MultinomialModel', 'certified_maximum_likelihood', 'certified_support', 'compare',
           'cross_validate', 'digits', 'ex2data1', 'ex2data2', 'explore', 'explore_descent', 'gradient_descent', 'load_data',
           'load_idx', 'load_model', 'maximum_likelihood', 'minimize_cost', 'mnist', 'penguins', 'polynomial_features',
           'regularization_path', 'separation', 'stochastic_gradient_descent']


def __dir__():
    # for tab completion: without the package's modules
    return [*__all__, '__version__']
