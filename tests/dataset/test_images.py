r"""
Images: their files, and models of them in the hands of a user.
"""
import gzip
import json
import struct

import numpy
import pytest

from sage_logreg import digits, gradient_descent, load_data, load_idx, load_model, mnist
from sage_logreg.dataset.images import ImageDesign, Images, read_idx

from helpers import array, close, weights_of

DATA = digits()
PIXELS = DATA.design.pixels


def idx(numbers, kind=0x08):
    return struct.pack('>BBBB', 0, 0, kind, numbers.ndim) + struct.pack(f'>{numbers.ndim}I', *numbers.shape) + numbers.tobytes()


def written(path, content):
    path.write_bytes(content)
    return path


IMAGES, LABELS = numpy.arange(60, dtype='uint8').reshape(5, 3, 4), numpy.array([7, 2, 7, 4, 2], dtype='uint8')


@pytest.mark.parametrize('packed', [False, True])
def test_files(tmp_path, packed):
    pack = gzip.compress if packed else bytes
    data = load_idx(written(tmp_path / 'images', pack(idx(IMAGES))), written(tmp_path / 'labels', pack(idx(LABELS))), scale=1 / 4)
    assert data.shape == (3, 4) and data.label_names == (2, 4, 7) and data.labels.tolist() == [2, 0, 2, 1, 0]
    numpy.testing.assert_array_equal(data.points, IMAGES.reshape(5, 12) / 4)
    assert data.design.pixels.dtype == numpy.uint8
    assert repr(data) == '5 images of 3 x 4 pixels: 2 with y = 2, 1 with y = 4, 2 with y = 7'


@pytest.mark.parametrize('kind, dtype', [(0x09, 'i1'), (0x0B, '>i2'), (0x0C, '>i4'), (0x0D, '>f4'), (0x0E, '>f8')])
def test_other_types_of_numbers(tmp_path, kind, dtype):
    numbers = numpy.array([[-3, 100], [7, 0]], dtype=dtype)
    numpy.testing.assert_array_equal(read_idx(written(tmp_path / 'numbers', idx(numbers, kind))), numbers)


# no time in what is packed: it names the test, and pytest-xdist wants the same names from both of its processes
@pytest.mark.parametrize('images, labels, said', [
    (idx(IMAGES)[:-1], idx(LABELS), 'images has 59 bytes of numbers; expected 60, for 5 x 3 x 4 of them'),
    (idx(IMAGES) + b'7', idx(LABELS), 'images has 61 bytes of numbers; expected 60'),
    (b'', idx(LABELS), 'images is empty; expected an IDX file, plain or gzipped'),
    (idx(IMAGES[:, :0]), idx(LABELS), 'images holds 5 x 0 x 4 numbers; expected images'),
    (b'\0\0\x08\x03\0\0', idx(LABELS), 'images does not begin as an IDX file does'),
    (b'\0\0\x07' + idx(IMAGES)[3:], idx(LABELS), 'images does not begin as an IDX file does'),
    (gzip.compress(idx(IMAGES), mtime=0)[:-9], idx(LABELS), 'images cannot be unpacked'),
    (idx(LABELS), idx(LABELS), 'images holds 5 numbers; expected images, m x height x width bytes'),
    (idx(IMAGES.astype('>i2'), 0x0B), idx(LABELS), 'expected images, m x height x width bytes'),
    (idx(IMAGES), idx(IMAGES), 'labels holds 5 x 3 x 4 numbers; expected labels, m whole numbers'),
    (idx(IMAGES), idx(LABELS.astype('>f4'), 0x0D), 'labels holds 5 numbers; expected labels, m whole numbers'),
    (idx(IMAGES), idx(LABELS[:4]), 'holds 5 images and .*labels 4 labels; expected as many'),
    (idx(IMAGES), idx(0 * LABELS + 3), 'labels: every label is 3; expected at least two different labels')])
def test_files_that_are_refused(tmp_path, images, labels, said):
    with pytest.raises(ValueError, match=said):
        load_idx(written(tmp_path / 'images', images), written(tmp_path / 'labels', labels))


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match='no_images'):
        load_idx(tmp_path / 'no_images', written(tmp_path / 'labels', idx(LABELS)))
    with pytest.raises(FileNotFoundError, match='has no train-images-idx3-ubyte; expected the four files of MNIST there'):
        mnist(tmp_path)
    with pytest.raises(ValueError, match='scale = 0; expected a real number above 0'):
        load_idx(tmp_path / 'no_images', tmp_path / 'no_labels', scale=0)


def test_equal_data():
    plain = load_data((DATA.points, DATA.labels.astype(int)))
    assert DATA == digits() and DATA == plain and plain == DATA and hash(DATA) == hash(digits()) == hash(plain)
    other = DATA.take(slice(None))
    other.design.pixels = PIXELS.copy()
    other.design.pixels[5, 5] += 1
    assert DATA != other and DATA != DATA.take(slice(100)) and DATA != load_data(DATA, weights=numpy.ones(len(DATA)))
    assert DATA != load_data(DATA, intercept=False)


def test_some_of_the_images():
    some = DATA.take([5, 3, 9]).take(numpy.array([False, True, True]))
    assert isinstance(some, Images) and some.row_numbers.tolist() == [3, 9] and some.place(1) == 'the data, row 10'
    numpy.testing.assert_array_equal(some.points, DATA.points[[3, 9]])
    weighted = load_data(DATA, weights=numpy.arange(len(DATA)), offset=numpy.ones((len(DATA), 10)))
    assert isinstance(weighted, Images) and weighted.take([4, 2]).weights.tolist() == [4, 2] and len(weighted.counted()) == len(DATA) - 1


# Models of images

MODEL = gradient_descent(DATA, learning_rate=0.001, iterations=5)


def test_points_are_pixels_or_numbers():
    expected = array(MODEL.probability(DATA.points[:3]))
    for points in (PIXELS[:3], PIXELS[:3].reshape(3, 8, 8), list(PIXELS[:3].reshape(3, 8, 8)), DATA.take(slice(3)),
                   DATA.points[:3].reshape(3, 8, 8), DATA.points[:3].tolist()):
        close(array(MODEL.probability(points)), expected, 1e-15)
    for point in (PIXELS[1], PIXELS[1].reshape(8, 8), DATA.points[1].reshape(8, 8), DATA.points[1].tolist()):
        close(array(MODEL.probability(point)), expected[1], 1e-15)
        assert MODEL.predict(point) == MODEL.predict(PIXELS[:3])[1]


def test_bytes_are_multiplied_by_the_scale():
    data = Images(PIXELS, DATA.labels, (8, 8), DATA.label_names, 1 / 16)
    model = gradient_descent(data, learning_rate=0.1, iterations=5)
    close(array(model.probability(PIXELS[:3])), array(model.probability(PIXELS[:3] / 16)), 1e-15)
    assert model.accuracy((PIXELS.reshape(-1, 8, 8), DATA.labels.astype(int))) == model.accuracy()
    assert model.accuracy((PIXELS.reshape(-1, 8, 8) / 16, DATA.labels.astype(int))) == model.accuracy()


def test_other_images_make_no_floats(monkeypatch):
    monkeypatch.setattr(ImageDesign, 'points', property(lambda design: pytest.fail('the pixels were made floats')))
    model = gradient_descent(DATA, learning_rate=0.001, iterations=2)
    some = DATA.take(DATA.labels < 3)
    assert model.accuracy(some) > 0.8 and len(model.predict(some)) == len(some)
    # fewer labels, and so other numbers of the classes
    fewer = Images(some.design.pixels, some.labels, (8, 8), (0, 1, 2), 1.0)
    assert (array(model.confusion_matrix(fewer)) == array(model.confusion_matrix(some))).all()
    assert model == gradient_descent(digits(), learning_rate=0.001, iterations=2)


@pytest.mark.parametrize('points, said', [
    (numpy.zeros((3, 65), 'uint8'), 'the points have the shape 3 x 65; expected m x 64 numbers, or m x 8 x 8 or 8 x 8 pixels'),
    (numpy.zeros((4, 16)), 'the points have the shape 4 x 16'), (numpy.zeros((3, 7, 8)), 'the points have the shape 3 x 7 x 8'),
    (numpy.zeros((2, 3, 8, 8)), 'the points have the shape 2 x 3 x 8 x 8'),
    (Images(PIXELS[:, :63], DATA.labels, (7, 9), DATA.label_names, 1.0), 'the images have 7 x 9 pixels; those of the model have 8 x 8'),
    (Images(PIXELS, DATA.labels, (8, 8), DATA.label_names, 0.5), 'multiplied by 0.5, those of the model by 1; expected the same scale=')])
def test_points_that_are_refused(points, said):
    with pytest.raises(ValueError, match=said):
        MODEL.probability(points)


def test_files_of_models(tmp_path):
    path = tmp_path / 'model.json'
    MODEL.save(path)
    loaded = load_model(path)
    assert loaded == MODEL and isinstance(loaded.data, Images) and loaded.data.shape == (8, 8)
    # less than the pixels as numbers would take
    assert len(json.dumps(json.loads(path.read_text())['data'])) < PIXELS.size
    assert weights_of(loaded.resume(3)).tobytes() == weights_of(MODEL.resume(3)).tobytes()
    model = gradient_descent(load_data(DATA, weights=numpy.arange(1797) % 3 + 1, intercept=False).take(slice(100, 1000)), 0.001, 3)
    model.save(path)
    assert load_model(path) == model and load_model(path).data.place(0) == 'the data, row 101'
