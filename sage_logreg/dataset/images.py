r"""
Images with labels, whose pixels stay bytes

EXAMPLES::

    sage: from sage_logreg import digits
    sage: digits()
    1797 images of 8 x 8 pixels: 178 with y = 0, 182 with y = 1, 177 with y = 2, 183 with y = 3, 181 with y = 4, 182 with y = 5, 181 with y = 6, 179 with y = 7, 174 with y = 8, 180 with y = 9
"""
import functools
import gzip
import math
import os

import numpy

from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.design import Design
from sage_logreg.dataset.exact_numbers import ExactNumbers
from sage_logreg.dataset.examples import data_file
from sage_logreg.dataset.names import numbered_names
from sage_logreg.support.arguments import listed, real_number, shown
from sage_logreg.support.paths import checked_size

# the names of the files of MNIST, of the images to train with and of those to test with
MNIST = {'train': ('train-images-idx3-ubyte', 'train-labels-idx1-ubyte'),
         'test': ('t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte')}
# the type of the numbers in a file, by its third byte
TYPES = {0x08: 'u1', 0x09: 'i1', 0x0B: '>i2', 0x0C: '>i4', 0x0D: '>f4', 0x0E: '>f8'}


class ImageDesign(Design):
    r"""
    A design whose numbers are bytes times a unit; as floats they take eight times the memory, and are made when asked for.

    - ``pixels`` -- uint8 array, m x n
    - ``unit`` -- float

    EXAMPLES::

        sage: from sage_logreg.dataset.images import ImageDesign
        sage: import numpy
        sage: design = ImageDesign(numpy.array([[0, 128]], dtype='uint8'), 1/256r, ('x1', 'x2'))
        sage: design.points, design.log_odds(numpy.array([1.0, 5.0, 4.0]))
        (array([[0. , 0.5]]), array([3.]))
    """

    def __init__(self, pixels, unit, variables, intercept=True):
        self.pixels, self.unit, self.variables, self.intercept, self._features = pixels, unit, variables, intercept, None

    @functools.cached_property
    def points(self):
        r"""
        The numbers as a float64 array.
        """
        return self.pixels * self.unit

    def __getstate__(self):
        # the floats are computed again
        return {name: value for name, value in self.__dict__.items() if name != 'points'}

    @property
    def _given(self):
        return ExactNumbers(self.points)

    def __len__(self):
        return len(self.pixels)

    @property
    def is_sparse(self):
        return False

    @property
    def width(self):
        return self.pixels.shape[1]

    @functools.cached_property
    def extremes(self):
        return self.pixels.min(axis=0) * self.unit, self.pixels.max(axis=0) * self.unit

    def take(self, rows):
        return ImageDesign(numpy.ascontiguousarray(self.pixels[rows]), self.unit, self.variables, self.intercept)

    def log_odds(self, weights):
        return self.products(weights[None])[:, 0]

    def numbers(self, rows):
        # as floats first: BLAS multiplies no bytes
        return self.pixels[rows].astype(numpy.float64) * self.unit

    def sums(self, factors):
        return sum((factors[rows] @ self.numbers(rows) for rows in self.blocks()), numpy.zeros(self.width))


class Images(Dataset):
    r"""
    Images with labels: a :class:`~sage_logreg.dataset.dataset.Dataset` whose variables are pixels.

    INPUT:

    - ``pixels`` -- uint8 array, m x n, an image a row, its pixels row by row
    - ``labels`` -- float64 array of m numbers of classes
    - ``shape`` -- height and width of an image, in pixels
    - ``label_names`` -- the labels, in the order of their numbers
    - ``unit`` -- float; the variables are the pixels times this

    EXAMPLES: see :func:`digits`.
    """

    def __init__(self, pixels, labels, shape, label_names, unit):
        self.labels, self.label_name, self.label_names = labels, 'y', label_names
        self.shape, self.variables = shape, numbered_names(pixels.shape[1])
        self.features = self.formula = self.row_numbers = None
        self.dropped = 0
        self.weights = self.offset = self.successes = self.trials = None
        self.design = ImageDesign(pixels, unit, self.variables)

    @property
    def points(self):
        r"""
        The variables as a float64 array, m x n, which takes eight times the memory of the pixels.
        """
        return self.design.points

    @property
    def exact(self):
        r"""
        The variables exactly, an :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`.
        """
        return self.design.exact

    def __repr__(self):
        counts = numpy.bincount(self.labels.astype(int), minlength=self.classes)
        texts = [f'{count} with {self.label_text(label)}' for label, count in enumerate(counts)]
        return f'{len(self)} images of {_size(self)} pixels: {listed(texts, "classes")}'

    def _take_points(self, rows):
        # they are the design's
        pass

    def __eq__(self, other):
        r"""
        Return whether two datasets are the same images, or have the same numbers and names.

        TESTS::

            sage: from sage_logreg import digits
            sage: digits() == digits(), digits() == digits().take(slice(100)), hash(digits()) == hash(digits())
            (True, False, True)
            sage: TestSuite(digits()).run()
        """
        if not isinstance(other, Images):
            return super().__eq__(other)
        return self is other or (
            (self.shape, self.design.unit, self.label_names, self.intercept) == (other.shape, other.design.unit, other.label_names,
                                                                               other.intercept)
            and numpy.array_equal(self.design.pixels, other.design.pixels) and numpy.array_equal(self.labels, other.labels)
            and all(map(numpy.array_equal, self.of_rows().values(), other.of_rows().values())))

    def __hash__(self):
        return hash((self.variables, self.label_names, self.design.pixels.shape))

    def check_like(self, other, whose='the model'):
        r"""
        Raise an error if other images have another shape or scale.

        TESTS::

            sage: from sage_logreg import digits, mnist
            sage: digits().check_like(mnist()[1])  # long time
            Traceback (most recent call last):
            ...
            ValueError: the images have 28 x 28 pixels; those of the model have 8 x 8
        """
        if tuple(self.shape) != tuple(other.shape):
            raise ValueError(f'the images have {_size(other)} pixels; those of {whose} have {_size(self)}')
        if self.design.unit != other.design.unit:
            raise ValueError(f'the pixels of the images are multiplied by {other.design.unit:.6g}, those of {whose} by '
                             f'{self.design.unit:.6g}; expected the same scale=')

    def pictures(self, numbers):
        r"""
        Return images in an array, or a list of such, as rows of pixels, and whether it is a single image; otherwise as they are.

        INPUT:

        - ``numbers`` -- an array m x height x width, or height x width; anything else is left alone

        EXAMPLES::

            sage: from sage_logreg import digits
            sage: data = digits()
            sage: pixels = data.design.pixels.reshape(-1, 8, 8)
            sage: [data.pictures(numbers)[0].shape for numbers in (pixels, pixels[0], list(pixels[:3]))]
            [(1797, 64), (1, 64), (3, 64)]
        """
        shape, width = tuple(self.shape), self.design.width
        if isinstance(numbers, (list, tuple)) and numbers and all(getattr(one, 'shape', None) == shape for one in numbers):
            numbers = numpy.array(numbers)
        of = getattr(numbers, 'shape', ())
        if not isinstance(numbers, numpy.ndarray) or len(of) < 2 or of[-1] == width and len(of) == 2:
            return numbers, False
        if of[-2:] != shape or len(of) > 3:
            raise ValueError(f'the points have the shape {" x ".join(map(str, of))}; expected m x {width} numbers, or m x {_size(self)} '
                             f'or {_size(self)} pixels')
        return numpy.ascontiguousarray(numbers).reshape(-1, width), len(of) == 2

    def plot_images(self, rows=None, columns=10, captions=None, **options):
        r"""
        Return some of the images, side by side with their labels, as one Sage ``Graphics``.

        INPUT:

        - ``rows`` -- (default: the first 20) a list, range or slice of the numbers of the images, or one number
        - ``columns`` -- (default: 10) how many stand in a row
        - ``captions`` -- (default: their labels) list of texts, one for each image
        - ``options`` -- options of Sage's ``matrix_plot``, such as ``cmap``, and of ``show``

        EXAMPLES::

            sage: from sage_logreg import digits
            sage: digits().plot_images(rows=[0..4], captions=['zero', 'one', 'two', 'three', 'four'])
            Graphics object consisting of 6 graphics primitives

        TESTS::

            sage: digits().plot_images(rows=[0, 1], captions=['zero'])
            Traceback (most recent call last):
            ...
            ValueError: captions has 1 entries; expected one for each of the 2 images
        """
        from sage_logreg.plot.images import chosen_rows, plot_images
        rows = chosen_rows(rows, len(self))
        names = [self.label_names[label] for label in self.labels[rows].astype(int).tolist()]
        # one scale for all pictures of these data
        most = int(self.design.pixels.max()) or 1
        return plot_images(self.design.pixels[rows].reshape(-1, *self.shape), names, captions, columns,
                           **{'vmin': 0, 'vmax': most, **options})


def _size(data):
    return ' x '.join(map(str, data.shape))


def read_idx(path):
    r"""
    Return the array in a file in the IDX format, plain or gzipped.

    ALGORITHM:

    Two zeros, a byte for the type of the numbers and one for how many dimensions there are; the sizes, each of four bytes with
    the highest first; the numbers.

    REFERENCES:

    - Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*, 1998, which describes the format.

    EXAMPLES::

        sage: from sage_logreg.dataset.examples import data_file
        sage: from sage_logreg.dataset.images import read_idx
        sage: read_idx(data_file('digits-images-idx3-ubyte.gz')).shape
        (1797, 8, 8)

    TESTS::

        sage: read_idx(data_file('ex2data1.txt'))
        Traceback (most recent call last):
        ...
        ValueError: ...ex2data1.txt does not begin as an IDX file does; expected two zeros, the type of its numbers and the number of dimensions
        sage: read_idx('no/such/file')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no/such/file: there is no such file
    """
    path = os.fspath(path)
    checked_size(path, 'an IDX file, plain or gzipped', 'an IDX file, plain or gzipped')
    with open(path, 'rb') as file:
        content = file.read()
    if content[:2] == b'\x1f\x8b':
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, ValueError) as error:
            raise ValueError(f'{path} cannot be unpacked ({error}); expected an IDX file, plain or gzipped') from None
    start = 4 + 4 * content[3] if len(content) > 3 else 0
    if content[:2] != b'\0\0' or len(content) < start or content[2] not in TYPES or not content[3]:
        raise ValueError(f'{path} does not begin as an IDX file does; expected two zeros, the type of its numbers and the number of '
                         'dimensions')
    sizes, kind = numpy.frombuffer(content[4:start], '>u4').tolist(), numpy.dtype(TYPES[content[2]])
    if len(content) - start != math.prod(sizes) * kind.itemsize:
        raise ValueError(f'{path} has {len(content) - start} bytes of numbers; expected {math.prod(sizes) * kind.itemsize}, for '
                         f'{" x ".join(map(str, sizes))} of them')
    return numpy.frombuffer(content, kind, offset=start).reshape(sizes)


def load_idx(images, labels, scale=1 / 256):
    r"""
    Return images and their labels from two files in the IDX format, as :class:`Images`.

    INPUT:

    - ``images``, ``labels`` -- paths, plain or gzipped; m images of bytes, and as many whole numbers
    - ``scale`` -- (default: 1/256) positive real number; the variables are the pixels times this

    EXAMPLES::

        sage: from sage_logreg import load_idx
        sage: from sage_logreg.dataset.examples import data_file
        sage: data = load_idx(data_file('digits-images-idx3-ubyte.gz'), data_file('digits-labels-idx1-ubyte.gz'), scale=1/16)
        sage: data.shape, float(data.points.max())
        ((8, 8), 1.0)

    TESTS::

        sage: load_idx(data_file('digits-labels-idx1-ubyte.gz'), data_file('digits-images-idx3-ubyte.gz'))
        Traceback (most recent call last):
        ...
        ValueError: ...digits-labels-idx1-ubyte.gz holds 1797 numbers; expected images, m x height x width bytes
    """
    scale = real_number('scale', scale, above=0)
    pixels, numbers = read_idx(images), read_idx(labels)
    if pixels.ndim != 3 or pixels.dtype != numpy.uint8 or not all(pixels.shape[1:]):
        raise ValueError(f'{images} holds {" x ".join(map(str, pixels.shape))} numbers; expected images, m x height x width bytes')
    if numbers.ndim != 1 or numbers.dtype.kind not in 'ui':
        raise ValueError(f'{labels} holds {" x ".join(map(str, numbers.shape))} numbers; expected labels, m whole numbers')
    if len(pixels) != len(numbers):
        raise ValueError(f'{images} holds {len(pixels)} images and {labels} {len(numbers)} labels; expected as many')
    names, codes = numpy.unique(numbers, return_inverse=True)
    if len(names) < 2:
        raise ValueError(f'{labels}: every label is {shown(names.tolist()[0]) if len(names) else "missing"}; expected at least two '
                         'different labels')
    return Images(pixels.reshape(len(pixels), -1), codes.astype(numpy.float64), pixels.shape[1:], tuple(names.tolist()), scale)


def digits():
    r"""
    Return 1797 handwritten digits of 8 x 8 pixels from 0 to 16, as :class:`Images`; the variables are the pixels themselves.

    EXAMPLES::

        sage: from sage_logreg import digits
        sage: float(digits().points.max()), digits().classes
        (16.0, 10)

    REFERENCES:

    E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998, the test set;
    CC BY 4.0. As scikit-learn ships it.
    """
    return load_idx(*map(data_file, ('digits-images-idx3-ubyte.gz', 'digits-labels-idx1-ubyte.gz')), scale=1)


def mnist(folder=None, scale=1 / 256):
    r"""
    Return the MNIST handwritten digits: 60,000 images to train with and 10,000 to test with, a pair of :class:`Images`.

    INPUT:

    - ``folder`` -- (default: ``data/mnist`` of the project's clone) where the four files are, plain or gzipped
    - ``scale`` -- (default: 1/256) as for :func:`load_idx`

    EXAMPLES::

        sage: from sage_logreg import mnist
        sage: train, test = mnist()  # long time
        sage: len(train), len(test), train.shape  # long time
        (60000, 10000, (28, 28))

    TESTS::

        sage: mnist('no/such/folder')
        Traceback (most recent call last):
        ...
        FileNotFoundError: no/such/folder has no train-images-idx3-ubyte; expected the four files of MNIST there, plain or with .gz: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte

    REFERENCES:

    Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*, 1998; derived from NIST's Special
    Databases 1 and 3; CC BY-SA 3.0.
    """
    folder = data_file('mnist') if folder is None else os.fspath(folder)
    return tuple(load_idx(*(_file_of(folder, name) for name in names), scale=scale) for names in MNIST.values())


def _file_of(folder, name):
    for path in (os.path.join(folder, name), os.path.join(folder, f'{name}.gz')):
        if os.path.exists(path):
            return path
    files = ', '.join(name for names in MNIST.values() for name in names)
    raise FileNotFoundError(f'{folder} has no {name}; expected the four files of MNIST there, plain or with .gz: {files}')
