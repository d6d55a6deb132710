r"""
Plain data from a training: records, states, and all of it together

No file below the models knows what a model is; a solver returns a :class:`Training`.

EXAMPLES::

    sage: from sage_logreg.solvers.records import Record
    sage: Record(int(0), float(0.5), [1, 2]).cost
    0.5
"""
import collections
import dataclasses

import numpy

Record = collections.namedtuple('Record', 'iteration cost weights')
Record.__doc__ = r"""
One line of a model's history: the iteration, the cost and the weights before its update.
"""

State = collections.namedtuple('State', 'position weights velocity converged log_odds', defaults=[None])
State.__doc__ = r"""
Where a descent stands: updates done, weights, velocity, whether ``tol`` was reached.

In the middle of an epoch of single samples also the next sample's log-odds, as the updates have left them: computed from the
weights, they could differ in the last bit. Otherwise ``None``.
"""


@dataclasses.dataclass(frozen=True)
class Descent:
    r"""
    What is needed to continue a descent, with weights in the units of the descent (standardised with ``scale``).

    - ``start`` -- the weights that it started from
    - ``state`` -- its :class:`State`
    - ``total`` -- how many iterations were requested
    - ``report`` -- the report's interval, or ``None``
    - ``stopped`` -- why it stopped before its total: ``'converged'``, ``'diverged'``, ``'interrupted'``,
      ``'callback'``, ``'patience'``, or ``None``
    - ``validation`` -- a :class:`~sage_logreg.solvers.early_stopping.Validation`, if there were other data
    """

    start: numpy.ndarray
    state: State
    total: int
    report: int
    stopped: str
    validation: object = None


@dataclasses.dataclass
class Training:
    r"""
    The result of a solver, in the user's units.

    - ``weights`` -- float64 array, in the order of the cost
    - ``history`` -- list of :class:`Record`
    - ``iterations`` -- int; steps done, epochs for stochastic gradient descent
    - ``converged`` -- whether the weights have 8 correct digits
    - ``method`` -- string; the name of the training function
    - ``options`` -- dictionary of the options of the training
    - ``descent`` -- a :class:`Descent`, if it was one
    - ``solver`` -- string; how an estimate was found, ``None`` for a descent
    - ``message`` -- what the user should know about how it ended, or ``None``
    """

    weights: numpy.ndarray
    history: list
    iterations: int
    converged: bool
    method: str
    options: dict
    descent: Descent = None
    solver: str = None
    message: str = None

    def arguments(self):
        r"""
        Return what a model takes after its data.
        """
        return self.weights, self.history, self.iterations, self.converged, self.method, self.options, self.descent, self.solver
