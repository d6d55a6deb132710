r"""
Pictures that are saved without being drawn twice

To save a picture, Sage lets matplotlib fit the axes with their texts into the figure, and then draw all of it once for
nothing, to find where the margins are to be cut. Where the fit has left nothing outside of the figure, this is known.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: picture = load_data([[i % 5, i % 7, i % 2] for i in range(20000)]).plot()
    sage: isinstance(picture, Graphics), type(picture).__name__, type(picture + point((1, 2))).__name__
    (True, 'FittedGraphics', 'Graphics')
"""
import matplotlib
from matplotlib.figure import Figure
from sage.plot.graphics import Graphics

from sage_logreg.plot.legend import is_outside

# margins that matplotlib's tight_layout leaves, in heights of its font
MARGINS = 1.08


class FittedGraphics(Graphics):
    r"""
    A ``Graphics`` that is saved by a :class:`FittedFigure`; its sum with another one is Sage's own.
    """

    def save(self, filename, **options):
        r"""
        Save the picture, see Sage's ``Graphics.save``.
        """
        super().save(filename, saved=True, **options)

    def matplotlib(self, *args, saved=False, **options):
        r"""
        Return the figure, see Sage's ``Graphics.matplotlib``; ``saved``: after ``tight_layout``, and as it is.
        """
        figure = super().matplotlib(*args, **options)
        # without a frame, the axes' labels stand anywhere; the user may have given another figure
        if saved and options.get('frame') and type(figure) is Figure:
            figure.__class__ = FittedFigure
        return figure


class FittedFigure(Figure):
    r"""
    A figure of one pair of axes that knows its margins after ``tight_layout``.
    """

    def savefig(self, fname, **options):
        r"""
        Save the figure, see matplotlib's ``Figure.savefig``.
        """
        if options.get('bbox_inches') == 'tight' and 'bbox_extra_artists' not in options and self._is_fitted():
            margins = MARGINS * matplotlib.rcParams['font.size'] / 72
            options['bbox_inches'] = self.bbox_inches.padded(matplotlib.rcParams['savefig.pad_inches'] - margins)
            # a layout would be drawn for as well; before 3.6 matplotlib has none
            if hasattr(self, 'set_layout_engine'):
                self.set_layout_engine(None)
        super().savefig(fname, **options)

    def _is_fitted(self):
        # tight_layout fits all but the length of texts, and axes of a given shape do not fill the figure
        if len(self.axes) > 1 or self.axes[0].get_aspect() != 'auto' or not hasattr(self.canvas, 'get_renderer'):
            return False
        axes, renderer = self.axes[0], self.canvas.get_renderer()
        # a legend beside the frame moves when this is made narrower for it
        if is_outside(axes.get_legend(), renderer):
            return False
        outermost = [axes.title, axes.xaxis.label, axes.yaxis.label, *filter(None, [axes.get_legend()])]
        boxes = [artist.get_window_extent(renderer) for artist in outermost]
        return all(self.bbox.x0 <= box.x0 and box.x1 <= self.bbox.x1 and self.bbox.y0 <= box.y0 and box.y1 <= self.bbox.y1
                   for box in boxes)
