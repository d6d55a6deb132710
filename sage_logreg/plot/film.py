r"""
The boundary as it moves during a training

EXAMPLES::

    sage: from sage_logreg import *
    sage: model = gradient_descent(ex2data1(), iterations=300000)
    sage: print(model.animate())
    Animation with 25 frames
"""
import itertools

import numpy
from sage.plot.animate import Animation
from sage.plot.graphics import Graphics
from sage.plot.line import Line, line

from sage_logreg.plot.boundary import draw_boundary
from sage_logreg.plot.fonts import have_fonts
from sage_logreg.plot.legend import fixed_place
from sage_logreg.plot.options import options_explained, taken_limits
from sage_logreg.plot.path import recorded
from sage_logreg.plot.plane import Plane
from sage_logreg.plot.points import draw_points
from sage_logreg.plot.regions import class_plane, draw_regions
from sage_logreg.support.arguments import whole_number
from sage_logreg.support.progress import progress_bar


class Film(Animation):
    r"""
    An animation that can be shown without ImageMagick and ffmpeg as well, as an animated PNG.

    EXAMPLES::

        sage: from sage_logreg.plot.film import Film
        sage: film = Film([point((k, k)) for k in range(3)], xmin=0, xmax=3, ymin=0, ymax=3)
        sage: path = tmp_filename(ext='.png')
        sage: film.save(path)
        sage: with open(path, 'rb') as file:
        ....:     b'acTL' in file.read()
        True
    """

    def png(self, dir=None):
        r"""
        Draw the frames, see Sage's ``Animation.png``.
        """
        frames = self._frames
        self._frames = progress_bar(frames, desc='frames')
        try:
            return super().png(dir)
        finally:
            self._frames = frames

    def save(self, filename=None, **options):
        r"""
        Save the animation, see Sage's ``Animation.save``; a name in ``.png`` makes an animated PNG.
        """
        if filename is not None and str(filename).endswith('.png'):
            self.apng(filename, **options)
        else:
            super().save(filename, **options)

    def _rich_repr_(self, display_manager, **options):
        types = display_manager.types
        try:
            return super()._rich_repr_(display_manager, **options)
        except OSError:
            # there is neither ImageMagick nor ffmpeg, though another program may be called convert
            if 'format' in options or types.OutputImagePng not in display_manager.supported_output():
                raise
        from sage.misc.temporary_file import tmp_filename
        from sage.repl.rich_output.buffer import OutputBuffer
        path = tmp_filename(ext='.png')
        self.apng(path, **options)
        return types.OutputImagePng(OutputBuffer.from_file(path))


@options_explained
def animate_boundary(model, variables=None, fixed=None, threshold=0.5, frames=25, point_options=None, **options):
    r"""
    Return an animation of the boundaries of the recorded weights.

    INPUT:

    - ``model`` -- a :class:`~sage_logreg.model.logistic.LogisticModel` with a history
    - ``variables``, ``fixed``, ``threshold``, ``point_options``, ``options`` -- as for
      :func:`~sage_logreg.plot.boundary.plot_model`
    - ``frames`` -- the most records that are shown, evenly spaced, the last weights among them

    OUTPUT: an ``Animation``; the title of a frame has its iteration and its cost, or is what the option ``title`` says: a text, or
    a function of the two that returns one
    """
    records = chosen_records(model, frames)
    plane = Plane(model.data, variables, fixed, 'the model has', taken_limits(options))
    boundaries = [draw_boundary(model.with_weights(weights), plane, threshold, _without_title(options)) for _, weights in records]
    return film(model, plane, records, boundaries, point_options, options)


@options_explained
def animate_regions(model, variables=None, fixed=None, frames=25, point_options=None, **options):
    r"""
    Return an animation of the regions of more than two classes, as :func:`animate_boundary` does of a boundary.
    """
    records = chosen_records(model, frames)
    plane = class_plane(model, variables, fixed, taken_limits(options))
    regions = [draw_regions(type(model)(model.data, weights), plane, _without_title(options), point_options)
               for _, weights in records]
    return film(model, plane, records, regions, point_options, options)


def _without_title(options):
    # Each frame has its own.
    return {name: value for name, value in options.items() if name != 'title'}


def chosen_records(model, frames):
    r"""
    Return at most ``frames`` of a model's records, evenly spaced, its last weights among them.
    """
    frames = whole_number('frames', frames, minimum=2)
    if not model._history:
        raise ValueError('the model has no history, so that nothing moves; train it for some iterations')
    records = recorded(model)
    chosen = numpy.unique(numpy.linspace(0, len(records) - 1, frames).round().astype(int))
    return [records[number] for number in chosen]


def _with_the_same_entries(pictures, frame):
    # Beside the frame legends of different widths would move it: what some pictures lack is a line of no length in the corner.
    corner, entries = (frame['xmin'], frame['ymin']), {}
    for primitive in itertools.chain(*pictures):
        if isinstance(primitive, Line) and primitive.options().get('legend_label'):
            entries.setdefault(primitive.options()['legend_label'], primitive.options())
    whole = []
    for picture in pictures:
        labels = {primitive.options().get('legend_label') for primitive in picture}
        for label, options in entries.items():
            if label not in labels:
                look = {name: options[name] for name in ('rgbcolor', 'linestyle', 'thickness') if name in options}
                picture += line([corner, corner], legend_label=label, axes=False, **look)
        whole.append(picture)
    return whole


def film(model, plane, records, boundaries, point_options, options):
    r"""
    Return the animation of what is drawn over the points for each record; the legend's place is free in the first and the last.
    """
    points, title_of = draw_points(plane, point_options), options.get('title')
    pictures = [points + boundary for boundary in boundaries]
    shown = {**plane.frame, 'frame': True, 'aspect_ratio': 'automatic', 'axes_pad': pictures[0]._extra_kwds.get('axes_pad', 0),
             # all frames of one size
             'fig_tight': False, **Graphics._extract_kwds_for_show(dict(options), ignore=['title'])}
    place = fixed_place(pictures[0] + pictures[-1], **plane.frame, figsize=shown.get('figsize'))
    if 'bbox_to_anchor' in place:
        pictures = _with_the_same_entries(pictures, plane.frame)
    for picture, (iteration, weights) in zip(pictures, records):
        picture.set_legend_options(**place)
        cost = model._evaluate(weights=weights)[0]
        title = f'{model.unit()} {iteration}, cost {cost:.4f}'
        own = title_of(iteration, cost) if callable(title_of) else title_of
        picture._extra_kwds['title'] = own or ', '.join(filter(None, [title, plane.text]))
    have_fonts([picture._extra_kwds['title'] for picture in pictures])
    return Film(pictures, **shown)
