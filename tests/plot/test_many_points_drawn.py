r"""
Many points in a picture.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage_logreg import load_data

from helpers import BLUE, GREEN, RED, count_pixels, drawn_model, pixels

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2, x3 = sage.SR.var('x1, x2, x3')


def test_many_points_in_the_plane(tmp_path):
    random = numpy.random.RandomState(0)
    model = drawn_model([x1**2, x2**2], [-1, 1, 1], random.uniform(-2, 2, (20000, 2)))
    picture = model.plot(color='green', thickness=3)
    assert sum(len(cloud.xdata) for cloud in picture if type(cloud).__name__ == 'ManyPoints') == 20000
    image = pixels(picture, tmp_path / 'many.png')
    # neither colour buries the other
    assert 0.5 < count_pixels(image, RED) / count_pixels(image, BLUE) < 2 and count_pixels(image, GREEN) > 300


def test_dots_of_two_colours_show_how_many_there_are_of_each(tmp_path):
    random = numpy.random.RandomState(0)
    points = random.uniform(-2, 2, (80000, 2))
    data = load_data((points, random.uniform(size=80000) < 0.25))
    image = pixels(data.plot(), tmp_path / 'dense.png')
    # the share of red in a mixture of red, blue and white; whichever were drawn last would be nearly all that is seen
    dots = image[image.max(axis=2) - image.min(axis=2) > 60]
    share = (1 + (dots[:, 0] - dots[:, 2]).sum() / (255 - dots[:, 1]).sum()) / 2
    assert len(dots) > 20000 and 0.15 < share < 0.3


@pytest.mark.parametrize('shown', [{}, {'dpi': 150}, {'figsize': [2, 1.5]}, {'fontsize': 20}, {'aspect_ratio': 3}, {'fig_tight': False},
                                   {'title': 'a title longer than the picture ' * 5}, {'axes': True, 'frame': False},
                                   {'axes_labels': ['across', 'a label longer than the picture ' * 5]}, {'legend_loc': (1.05, 0.4)}],
                         ids=lambda shown: ','.join(shown))
def test_a_picture_saved_in_less_time_looks_as_sage_saves_it(shown, tmp_path):
    random = numpy.random.RandomState(0)
    picture = load_data((random.uniform(-2, 2, (20000, 2)), random.uniform(size=20000) < 0.25)).plot()
    ours = pixels(picture, tmp_path / 'ours.png', **shown)
    picture.__class__ = sage.Graphics
    sages = pixels(picture, tmp_path / 'sages.png', **shown)
    if 'dpi' in shown:
        # the margins were measured in other pixels, with letters of other widths
        assert abs(numpy.array(ours.shape) - sages.shape).max() <= 0.02 * shown['dpi']
    else:
        assert (ours == sages).all()
