r"""
Legends of one style, in a place where they hide no data

Where a legend is put is decided when the picture is drawn, as only then its size and that of the picture are known: in a corner,
somewhere along the edges, or else to the right of the frame, and in rows below it where this would take much of a picture or of its
part of an array. The style and the choice of the place are legend options
of a ``Graphics``, so that they stay when other pictures are added, in arrays of pictures and in films. Another place is
had as in Sage, by ``picture.set_legend_options(loc='upper left')``.

EXAMPLES::

    sage: from sage_logreg import ex2data1
    sage: picture = ex2data1().plot() + line([(30, 60), (60, 30)])
    sage: legend = picture.matplotlib().axes[0].get_legend()
    sage: type(legend).__name__, legend.shadow
    ('PlacedLegend', False)
"""
import itertools

import numpy
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerLine2D, HandlerPathCollection
from matplotlib.lines import Line2D
from matplotlib.offsetbox import VPacker
from matplotlib.patches import Polygon

from sage_logreg.plot.fonts import have_fonts
from sage_logreg.plot.theme import in_theme

# the side of a cell in pixels, in which it is counted what is drawn
CELL = 4
# corners first, in lengths of the free space from the left and from below
ANCHORS = {'upper right': (1, 1), 'upper left': (0, 1), 'lower right': (1, 0), 'lower left': (0, 0), 'center right': (1, 0.5),
           'center left': (0, 0.5), 'upper center': (0.5, 1), 'lower center': (0.5, 0)}
OUTSIDE = {'loc': 'upper left', 'bbox_to_anchor': (1.02, 1), 'borderaxespad': 0}
# share of the width of a picture, or of a column of an array, up to which a legend stands to the right of the frame, otherwise below
WIDEST = 0.22


class PlacedLegend(Legend):
    r"""
    A legend that matplotlib would put in the best of nine places: it is put where there is nothing, or else outside.

    EXAMPLES: see :mod:`sage_logreg.plot.legend`.
    """

    # whether the entries stand in rows, once they do not fit beside the frame; then they remain below it
    in_rows = False

    def _find_best_position(self, width, height, renderer, *_):
        # matplotlib's own name; called whenever the legend is measured or drawn
        _, place = self.placed(width, height, renderer)
        return place

    def set_title(self, *arguments, **options):
        # Matplotlib's own name; called when all texts are there, those of other pictures in a sum as well.
        families = have_fonts(text.get_text() for text in self.get_texts())
        for text in self.get_texts():
            # a user's own first
            text.set_family([*(family for family in text.get_fontfamily() if family not in families), *families])
        super().set_title(*arguments, **options)

    def placed(self, width, height, renderer):
        r"""
        Return the name of the place, ``'outside'`` or ``None`` among them, and its left lower corner in pixels.
        """
        pad = self.borderaxespad * renderer.points_to_pixels(self._fontsize)
        frame = self.axes.get_window_extent(renderer)
        free = frame.x1 - frame.x0 - 2 * pad - width, frame.y1 - frame.y0 - 2 * pad - height
        if min(free) >= 0 and not self.in_rows:
            cells = _Cells(_drawn(self.axes), frame)
            for name, x, y in _candidates(*free):
                if not cells.has_any(x + pad, y + pad, width, height):
                    return name, (frame.x0 + pad + x, frame.y0 + pad + y)
        if self.in_rows or width > WIDEST * self._room():
            left = self.axes.yaxis.get_tightbbox(renderer).x0
            width, height = self._set_in_rows(frame.x1 - left, renderer)
            middle, last = (frame.x0 + frame.x1 - width) / 2, self.axes.figure.bbox.x1 - pad - width
            return 'outside', (min(max(left, middle), last), self.axes.xaxis.get_tightbbox(renderer).y0 - pad - height)
        return 'outside', (self._right_of_all(frame, renderer) + pad, frame.y1 - height)

    def _room(self):
        # The width of the picture, or of a column of an array, in pixels.
        part = self.axes.get_subplotspec()
        # a bar of colours stands in a grid within the part
        return self.axes.figure.bbox.width / (1 if part is None else part.get_topmost_subplotspec().get_gridspec().ncols)

    def _set_in_rows(self, room, renderer):
        # As many columns as there is room for, which matplotlib must be told beforehand; the size of the legend then.
        columns = self._legend_handle_box
        if not self.in_rows:
            entries = [entry for column in columns.get_children() for entry in column.get_children()]
            for count in range(len(entries), 0, -1):
                columns._children = [VPacker(pad=0, sep=self.labelspacing * self._fontsize, align='baseline',
                                             children=entries[place::count]) for place in range(count)]
                columns.set_figure(self.axes.figure)
                if _size(self._legend_box, renderer)[0] <= room:
                    break
            self.in_rows = True
        return _size(self._legend_box, renderer)

    def _placed_once(self, renderer):
        # Rows have another size than what is measured when it turns out that they are needed.
        if not self.in_rows and _size(self._legend_box, renderer)[0] > WIDEST * self._room():
            self._legend_box.get_window_extent(renderer)

    def draw(self, renderer):
        # matplotlib's own name, like the next two
        self._placed_once(renderer)
        super().draw(renderer)

    def get_window_extent(self, renderer=None):
        self._placed_once(renderer or self.axes.figure.canvas.get_renderer())
        return super().get_window_extent(renderer)

    def get_tightbbox(self, renderer=None):
        self._placed_once(renderer or self.axes.figure.canvas.get_renderer())
        return super().get_tightbbox(renderer)

    def _right_of_all(self, frame, renderer):
        # the frame, and its bar of colours, if there is one
        bars = [axes for axes in self.axes.figure.axes if axes.get_label() == '<colorbar>']
        boxes = [axes.get_tightbbox(renderer) for axes in bars]
        return max([frame.x1, *(box.x1 for box in boxes if frame.x1 <= box.x0 < frame.x1 + frame.width / 2)])


def _size(box, renderer):
    # of a box of matplotlib's, which older ones measure by another name
    return tuple(box.get_bbox(renderer).size) if hasattr(box, 'get_bbox') else box.get_extent(renderer)[:2]


def _candidates(across, up):
    # The anchors, then all places along the edges, by the free space in pixels.
    for name, (x, y) in ANCHORS.items():
        yield name, x * across, y * up
    for y, x in itertools.product((up, 0), numpy.arange(across, 0, -CELL)):
        yield None, x, y
    for x, y in itertools.product((across, 0), numpy.arange(up, 0, -CELL)):
        yield None, x, y


def _drawn(axes):
    # The places of points, lines, texts and outlines of bands in pixels, each with the half of its width.
    places = []
    unit = axes.figure.dpi / 72
    for artist in axes.get_children():
        if not artist.get_visible():
            continue
        if isinstance(artist, PathCollection) and len(artist.get_sizes()):
            offsets = artist.get_offset_transform().transform(numpy.ma.filled(artist.get_offsets(), numpy.nan))
            places.append((offsets, unit * (artist.get_sizes().max()**0.5 / 2 + 1)))
        elif isinstance(artist, Line2D):
            path = artist.get_transform().transform(numpy.column_stack(artist.get_data(orig=False)))
            places.append((_with_places_between(path), unit * artist.get_linewidth() / 2))
        elif isinstance(artist, Polygon):
            path = artist.get_transform().transform(artist.get_xy())
            places.append((_with_places_between(path), 0))
    for text in axes.texts:
        box = text.get_window_extent()
        middle = (box.y0 + box.y1) / 2
        places.append((_with_places_between(numpy.array([(box.x0, middle), (box.x1, middle)])), box.height / 2))
    return places


def _with_places_between(path):
    # More places, so that there is one in each cell on the way.
    moves = numpy.diff(path, axis=0)
    with numpy.errstate(invalid='ignore'):
        counts = numpy.nan_to_num(abs(moves).max(axis=1, initial=0) // CELL, nan=0, posinf=0)
    counts = numpy.minimum(counts, 1000).astype(int) + 1
    shares = numpy.concatenate([[0], *(numpy.arange(count) / count for count in counts)])[1:] if len(moves) else numpy.zeros(0)
    return numpy.concatenate([numpy.repeat(path[:-1], counts, axis=0) + shares[:, None] * numpy.repeat(moves, counts, axis=0), path[-1:]])


class _Cells:
    # How many cells of a frame with something in them lie to the left and below of each cell.

    def __init__(self, places, frame):
        columns, rows = (int(length // CELL) + 1 for length in (frame.width, frame.height))
        self.taken = numpy.zeros((rows + 1, columns + 1), dtype=int)
        inner = self.taken[1:, 1:]
        for offsets, radius in places:
            # the corners of each marker, and its middle
            for shift in itertools.product((-radius, 0, radius), repeat=2):
                with numpy.errstate(invalid='ignore'):
                    cells = (offsets - (frame.x0, frame.y0) + shift) // CELL
                    cells = cells[((cells >= 0) & (cells < (columns, rows))).all(axis=1)].astype(int)
                inner[cells[:, 1], cells[:, 0]] = 1
        inner[:] = inner.cumsum(axis=0).cumsum(axis=1)

    def has_any(self, x, y, width, height):
        left, right, bottom, top = int(x // CELL), int((x + width) // CELL) + 1, int(y // CELL), int((y + height) // CELL) + 1
        return self.taken[top, right] - self.taken[bottom, right] - self.taken[top, left] + self.taken[bottom, left] > 0


class _Placing:
    # A part of a handler, which matplotlib hands the legend to; Sage makes the legend itself.

    def legend_artist(self, legend, *arguments):
        if type(legend) is Legend:
            legend.__class__ = PlacedLegend
        return super().legend_artist(legend, *arguments)


class PlacingPoints(_Placing, HandlerPathCollection):
    r"""
    Draws the markers of a legend.
    """


class PlacingLines(_Placing, HandlerLine2D):
    r"""
    Draws the lines of a legend.
    """


def set_legend(picture, texts=(), markerscale=1):
    r"""
    Give a picture's legend the style of all, and fonts for some texts.

    EXAMPLES::

        sage: from sage_logreg.plot.legend import set_legend
        sage: picture = line([(0, 0), (1, 1)], legend_label='a')
        sage: set_legend(picture)
        sage: picture.set_legend_options()['shadow'], picture.set_legend_options()['handlelength']
        (False, 1.8)
    """
    picture.set_legend_options(shadow=False, handlelength=1.8, handletextpad=0.6, labelspacing=0.3, columnspacing=1, borderpad=0.5,
                               numpoints=1, framealpha=0.9, markerscale=markerscale, font_family=have_fonts(texts),
                               handler_map={PathCollection: PlacingPoints(), Line2D: PlacingLines()})
    in_theme(picture)


def fixed_place(picture, **options):
    r"""
    Return the legend options that fix a place, the one of a picture as it would be drawn now.

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: from sage_logreg.plot.legend import fixed_place
        sage: fixed_place(load_data([[1, 1, 0], [2, 2, 1]]).plot())
        {'loc': 'upper left'}
    """
    figure = picture.matplotlib(**options)
    FigureCanvasAgg(figure)
    renderer, axes = figure.canvas.get_renderer(), figure.axes[0]
    legend = axes.get_legend()
    if not isinstance(legend, PlacedLegend):
        return {}
    # as it is laid out before it is saved
    figure.tight_layout()
    box, frame = legend.get_window_extent(renderer), axes.get_window_extent(renderer)
    name, place = legend.placed(box.width, box.height, renderer)
    if name == 'outside':
        return dict(OUTSIDE)
    return {'loc': name or tuple((numpy.array(place) - frame.p0) / (frame.p1 - frame.p0))}


def is_outside(legend, renderer):
    r"""
    Return whether a legend stands beside its frame.
    """
    if legend is None:
        return False
    box, frame = legend.get_window_extent(renderer), legend.axes.get_window_extent(renderer)
    return bool(box.x0 >= frame.x1 or box.y1 <= frame.y0)
