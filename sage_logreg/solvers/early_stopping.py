r"""
Early stopping: how long a stochastic descent goes on without a smaller error on other data

EXAMPLES::

    sage: from sage_logreg.solvers.early_stopping import Validation
    sage: import numpy
    sage: validation = Validation(patience=10)
    sage: for epoch, error in enumerate([0.5r, 0.4r, 0.4r, 0.399r], 1):
    ....:     validation.note(error, numpy.array([epoch]), 10 * epoch)
    sage: validation.best_epoch, validation.patience, validation.is_over(38), validation.is_over(39)
    (4, 38, False, True)
"""
import dataclasses

import numpy

# where the error falls below this part of the smallest so far, it is waited for as many updates again
IMPROVEMENT, AGAIN = 0.995, 2


@dataclasses.dataclass
class Validation:
    r"""
    What the errors on other data, one at the end of each epoch, have been.

    - ``patience`` -- (default: ``None``, for ever) how many updates to make at least; more after an improvement
    - ``errors`` -- list of floats
    - ``best`` -- the weights of the smallest error, in the units of the descent; ``best_epoch`` -- the number of epochs before it

    REFERENCES:

    - L. Prechelt, *Early stopping -- but when?*, in: Neural Networks: Tricks of the Trade, Springer, 1998. The rule is that of the
      *Deep Learning Tutorials* of the LISA lab, University of Montreal, chapter on logistic regression.

    EXAMPLES: see :mod:`sage_logreg.solvers.early_stopping`.
    """

    patience: int = None
    errors: list = dataclasses.field(default_factory=list)
    best: numpy.ndarray = None
    best_epoch: int = 0

    def note(self, error, weights, updates):
        r"""
        Note the error of some weights after an epoch, and after so many updates.
        """
        smallest = min(self.errors, default=numpy.inf)
        if error < smallest:
            if self.patience is not None and error < IMPROVEMENT * smallest:
                # updates are counted from 0
                self.patience = max(self.patience, AGAIN * (updates - 1))
            self.best, self.best_epoch = weights, len(self.errors) + 1
        self.errors.append(float(error))

    def is_over(self, updates):
        r"""
        Return whether there is no patience left after so many updates.
        """
        return self.patience is not None and self.patience <= updates - 1
