r"""
Regions of two weights

EXAMPLES::

    sage: from sage_logreg import ex2data1, maximum_likelihood
    sage: maximum_likelihood(ex2data1()).plot_confidence_region('x1', 'x2')
    Graphics object consisting of 3 graphics primitives
"""
import numpy

from sage_logreg.model.profiles import Profiles
from sage_logreg.solvers.confidence_region import directions, likelihood_region
from sage_logreg.support.arguments import entries, real_number
from sage_logreg.support.interrupt import interrupts_explained

# points of a border
RAYS = 90


class Regions(Profiles):
    r"""
    The method of a model that draws confidence regions of two weights.

    EXAMPLES: see :mod:`sage_logreg.model.regions`.
    """

    @interrupts_explained('plot_confidence_region: interrupted before the region was found')
    def plot_confidence_region(self, first, second, level=0.95, label=None, baseline=None, **options):
        r"""
        Return the joint confidence region of two weights by the likelihood, with Wald's ellipse dashed beside it.

        INPUT:

        - ``first``, ``second`` -- two weights, by their names as in ``weight_names()`` or by their numbers there
        - ``level`` -- (default: 0.95) above 0 and below 1, or a list of levels
        - ``label`` -- of more than two classes, the class whose weights they are
        - ``baseline`` -- (default: the first class) of more than two classes the class it is compared with; the region is of differences
        - ``options`` -- options of Sage's ``line`` and of ``show``

        OUTPUT: a ``Graphics``: for each level Wald's ellipse and the border of the region, and the estimate. The region has the pairs
        that a likelihood-ratio test with two degrees of freedom does not reject, all other weights re-estimated

        EXAMPLES::

            sage: from sage_logreg import ex2data1, maximum_likelihood
            sage: model = maximum_likelihood(ex2data1())
            sage: picture = model.plot_confidence_region('x1', 'x2', level=[0.5, 0.95])
            sage: picture
            Graphics object consisting of 5 graphics primitives
            sage: picture[1].options()['legend_label'], picture._extra_kwds['axes_labels']
            ('50% and 95% regions', ['weight of x1', 'weight of x2'])
            sage: model.plot_confidence_region(0, 1, color='purple')
            Graphics object consisting of 3 graphics primitives

        TESTS::

            sage: model.plot_confidence_region('x1', 'x1')
            Traceback (most recent call last):
            ...
            ValueError: first and second are both weight of x1; expected two different weights
            sage: model.plot_confidence_region('x1', 'x3')
            Traceback (most recent call last):
            ...
            ValueError: second = 'x3'; expected one of bias, x1, x2, or its number
            sage: model.plot_confidence_region('x1', 'x2', level=95)
            Traceback (most recent call last):
            ...
            ValueError: level = 95; expected a real number above 0 and below 1

        ALGORITHM:

        The cost with all other weights re-estimated is convex, so that every ray from the estimate leaves the region once: the border is
        found on as many rays as divide Wald's ellipse evenly.

        REFERENCES:

        - D. R. Cox and D. V. Hinkley, *Theoretical Statistics*, Chapman and Hall, 1974, section 9.3.
        """
        from scipy.special import chdtri
        from sage_logreg.plot.confidence_region import plot_region
        levels = _levels(level)
        weights = self._weights_of_profile('confidence regions', {'first': first, 'second': second}, label, baseline)
        estimate, pair = weights.estimate, weights.places
        if pair[0] == pair[1]:
            raise ValueError(f'first and second are both {weights.titles[0]}; expected two different weights')
        # other weights are re-estimated as for profile intervals
        self._estimate._check_penalty()
        half = numpy.linalg.qr(weights.wald.half_covariance[:, pair], 'r')
        quantiles = [float(chdtri(2, 1 - level)) for level in levels]
        borders = likelihood_region(estimate, pair, half, quantiles, RAYS)
        center = weights.wald.weights[pair]
        ellipses = [center + numpy.sqrt(quantile) * directions(half, RAYS) for quantile in quantiles]
        return plot_region(weights.titles, center, levels, borders, ellipses, **options)


def _levels(level):
    given = entries(level)
    if given is None:
        return [real_number('level', level, above=0, below=1)]
    if not given:
        raise ValueError('level has 0 entries; expected a level, or a list of levels')
    return sorted({real_number(f'level[{place}]', one, above=0, below=1) for place, one in enumerate(given)})
