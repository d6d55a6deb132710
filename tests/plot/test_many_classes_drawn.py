r"""
Many points of many classes, and pictures of images.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from sage_logreg import digits, load_data, maximum_likelihood

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')


def clouds(classes, count=10001):
    labels = numpy.arange(count) % classes
    return load_data((numpy.column_stack([labels, numpy.random.RandomState(0).uniform(size=count)]), labels))


def test_some_of_many_points_have_the_markers_of_their_classes():
    data = clouds(10)
    picture = data.plot()
    dots, markers = picture[:10], picture[10:]
    assert [type(primitive).__name__ for primitive in picture] == 10 * ['ManyPoints'] + 10 * ['Point']
    assert sum(len(cloud.xdata) for cloud in dots) == len(data)
    looks = {(cloud.options()['marker'], cloud.options()['rgbcolor']) for cloud in markers}
    assert len(looks) == 10
    for label, (cloud, some) in enumerate(zip(dots, markers)):
        # points of the class, in the legend once
        assert set(zip(some.xdata, some.ydata)) <= set(zip(cloud.xdata.tolist(), cloud.ydata.tolist())) and len(some.xdata) > 10
        assert some.options()['legend_label'] == f'y = {label}' and cloud.options()['legend_label'] is None
    assert [list(some.xdata) for some in data.plot()[10:]] == [list(some.xdata) for some in markers]


def test_classes_of_different_colours_are_dots_alone():
    assert {type(primitive).__name__ for primitive in clouds(7).plot()} == {'ManyPoints'}


def test_pictures_of_images_are_named():
    data = digits().of_classes(0, 1, 2)
    with pytest.raises(ValueError, match=r'the data have 64 pixels as variables; plot_images\(\) draws images, and plot_weights\(\) the '
                                         r'weights of a model of them; of two pixels say which, as variables=\[x1, x2\]'):
        data.plot()
    with pytest.raises(ValueError, match='the model has 64 pixels as variables; plot_images'):
        maximum_likelihood(data, l2=1).plot()
    assert len(data.plot(['x20', 'x30'])) == 3
