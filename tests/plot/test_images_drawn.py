r"""
Images, weights of pixels, confusion matrices; and the mistakes that they show.
"""
import numpy
import pytest

from sage_logreg import digits, ex2data1, gradient_descent, load_data, maximum_likelihood, penguins

from helpers import array, exam_model, kinds

species = penguins(label='species', variables='bill_length_mm, body_mass_g')


def shown_images(picture, shape):
    # the blocks between the empty places, row by row
    sheet = picture[0].xy_data_array
    filled = ~numpy.isnan(sheet)
    rows, columns = numpy.flatnonzero(filled.any(axis=1)), numpy.flatnonzero(filled.any(axis=0))
    blocks = [sheet[numpy.ix_(r, c)] for r in rows.reshape(-1, shape[0]) for c in columns.reshape(-1, shape[1])]
    return [block for block in blocks if not numpy.isnan(block).any()]


def captions(picture):
    return [text.string for text in picture[1:]]


@pytest.fixture(scope='module')
def model():
    return maximum_likelihood(digits(), l2=10)


def test_images(no_show, tmp_path):
    data = digits()
    picture = data.plot_images()
    assert kinds(picture) == ['MatrixPlot'] + ['Text'] * 20
    images = data.points.reshape(-1, 8, 8)
    assert numpy.array_equal(shown_images(picture, (8, 8)), images[:20])
    assert captions(picture) == [str(int(label)) for label in data.labels[:20]]
    options = picture[0].options()
    # ink is dark, in one scale
    assert options['cmap'].name == 'gray_r' and (options['vmin'], options['vmax']) == (0, 16)
    assert not picture._extra_kwds['frame'] and not picture._extra_kwds['axes']
    picture.save(str(tmp_path / 'images.png'))


def test_chosen_images(no_show):
    data, integer = digits(), no_show.Integer
    images = data.points.reshape(-1, 8, 8)
    for rows, expected in ((7, [7]), (integer(7), [7]), ([integer(3), 1, 3], [3, 1, 3]), (range(2, 9, 3), [2, 5, 8]), (slice(5), range(5)),
                           (slice(None, None, 500), [0, 500, 1000, 1500]), (numpy.array([4, 2]), [4, 2]), (-1, [1796]),
                           (no_show.srange(3), [0, 1, 2])):
        picture = data.plot_images(rows=rows, columns=integer(3))
        assert numpy.array_equal(shown_images(picture, (8, 8)), images[list(expected)])
    assert captions(data.plot_images([0, 1], captions=['zero', 1])) == ['zero', '1']
    # parts of the data have the same scale, and all their images can be shown
    assert len(data.take(slice(3)).plot_images()) == 4
    for wrong, error, message in ((dict(rows=[0, 1797]), ValueError, r'rows\[1\] = 1797; expected a whole number from -1797 to 1796'),
                                  (dict(rows='all'), TypeError, "rows = 'all'; expected a whole number"),
                                  (dict(rows=[]), ValueError, 'at least one row'),
                                  (dict(columns=0), ValueError, 'columns = 0; expected a whole number from 1'),
                                  (dict(rows=[1, 2], captions=['a']), ValueError, 'captions has 1 entries'),
                                  (dict(rows=[1, 2], captions='ab'), TypeError, "captions = 'ab'; expected a list of 2 texts")):
        with pytest.raises(error, match=message):
            data.plot_images(**wrong)


def test_images_that_are_not_square(no_show):
    from sage_logreg.dataset.images import Images
    pixels = numpy.random.RandomState(0).randint(0, 256, (7, 15)).astype('uint8')
    data = Images(pixels, numpy.arange(7) % 3.0, (3, 5), ('a', 'b', 'c'), 1 / 256)
    assert numpy.array_equal(shown_images(data.plot_images(columns=3), (3, 5)), pixels.reshape(-1, 3, 5))


def test_weights_as_images(no_show, model, tmp_path):
    picture = model.plot_weights()
    rows = array(model.weights())[:, 1:]
    assert numpy.array_equal(shown_images(picture, (8, 8)), rows.reshape(10, 8, 8))
    assert captions(picture) == list('0123456789')
    options = picture[0].options()
    # zero is in the middle of the colours
    assert -options['vmin'] == options['vmax'] == abs(rows).max()
    model.plot_weights(columns=2, colorbar=True).save(str(tmp_path / 'weights.png'))
    # of two of the classes, the difference
    picture = model.between(3, 8).plot_weights()
    numpy.testing.assert_allclose(shown_images(picture, (8, 8))[0].ravel(), rows[3] - rows[8], rtol=1e-12)
    assert captions(picture) == ['3']
    assert len(gradient_descent(digits(), iterations=0).plot_weights()) == 11


@pytest.mark.parametrize('data', [ex2data1(), species], ids=['two classes', 'three classes'])
def test_weights_that_are_no_images(no_show, data):
    with pytest.raises(ValueError, match=f'plot_weights draws weights of pixels, and the model is in {data.variables[0]}'):
        maximum_likelihood(data, l2=1).plot_weights()


def check_confusion(picture, table):
    table = array(table)
    classes = len(table)
    sums = table.sum(axis=1, keepdims=True)
    shares = numpy.divide(table, sums, out=numpy.zeros_like(table), where=sums > 0)
    # the first label stands above
    assert numpy.array_equal(picture[0].xy_data_array[::-1], shares)
    cells = {(text.y, text.x): text for text in picture[1:]}
    assert len(cells) == classes**2
    for i in range(classes):
        for j in range(classes):
            text = cells[classes - 1 - i, j]
            assert float(text.string) == pytest.approx(table[i, j], rel=1e-3)
            assert text.options()['rgbcolor'] == ((1, 1, 1) if shares[i, j] > 0.55 else (0, 0, 0))
    assert picture._extra_kwds['axes_labels'] == ['prediction', 'label']


def test_confusion_matrices(no_show, model, tmp_path):
    two, three = exam_model(), maximum_likelihood(species, l2=1)
    check_confusion(two.plot_confusion_matrix(), two.confusion_matrix())
    check_confusion(two.plot_confusion_matrix(threshold=0.9), two.confusion_matrix(threshold=0.9))
    check_confusion(model.plot_confusion_matrix(), model.confusion_matrix())
    picture = three.plot_confusion_matrix(cmap='Reds', title='penguins')
    check_confusion(picture, three.confusion_matrix())
    axes = picture.matplotlib(**picture._extra_kwds).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ['Adelie', 'Chinstrap', 'Gentoo']
    assert [label.get_text() for label in axes.get_yticklabels()] == ['Gentoo', 'Chinstrap', 'Adelie']
    # a label without points, and weights that are not whole
    check_confusion(three.plot_confusion_matrix([[39, 3700, 'Gentoo'], [39, 3700, 'Adelie']]), [[1, 0, 0], [0, 0, 0], [1, 0, 0]])
    weighted = maximum_likelihood(load_data(species, weights=numpy.arange(1, len(species) + 1) / 7), l2=1)
    check_confusion(weighted.plot_confusion_matrix(), weighted.confusion_matrix())
    picture.save(str(tmp_path / 'confusion.png'))


def test_long_names_do_not_meet(no_show):
    names = [f'a long name of the class {k}' for k in range(4)]
    random = numpy.random.RandomState(0)
    data = load_data((random.normal(size=(40, 2)), numpy.array(names)[numpy.arange(40) % 4]))
    picture = maximum_likelihood(data, l2=1).plot_confusion_matrix()
    check_apart([label for label in drawn_axes(picture).get_xticklabels()])
    check_apart(drawn_axes(digits().plot_images(range(5), captions=['predicted 3, but 5'] * 5)).texts)


def drawn_axes(picture):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    figure = picture.matplotlib(**picture._extra_kwds)
    FigureCanvasAgg(figure).draw()
    return figure.axes[0]


def check_apart(texts):
    boxes = [text.get_window_extent() for text in texts]
    assert len(boxes) > 3 and all(one.x1 < other.x0 for one, other in zip(boxes, boxes[1:]))


def test_mistakes(model):
    two, three = exam_model(), maximum_likelihood(species, l2=1)
    for threshold in (0.5, 0.9):
        predicted = numpy.array(two.predict(two.data.points, threshold=threshold))
        assert two.mistakes(threshold=threshold) == numpy.flatnonzero(predicted != two.data.labels).tolist()
    wrong = three.mistakes()
    assert [three.predict(species.points[row]) != species.label_names[int(species.labels[row])] for row in range(len(species))] == [
        row in wrong for row in range(len(species))]
    assert len(wrong) == len(species) - numpy.trace(array(three.confusion_matrix()))
    # rows as they are given, also where some are dropped
    rows = [[39, 3700, 'Gentoo'], [None, 3700, 'Adelie'], [39, 3700, 'Adelie'], [39, 3700, 'Chinstrap']]
    assert three.mistakes(rows, missing='drop') == [0, 3]
    assert three.mistakes(species.take(wrong)) == list(range(len(wrong)))
    with pytest.raises(ValueError, match='the value is missing'):
        three.mistakes(rows)
    assert model.mistakes(digits().take(slice(200))) == [row for row in model.mistakes() if row < 200]


def test_positions_of_mistakes_are_sages_integers(sage):
    assert all(type(row) is sage.Integer for row in exam_model().mistakes())
