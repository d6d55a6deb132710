r"""
Fonts, and what pictures refuse.
"""
import numpy
import pytest

sage = pytest.importorskip('sage.all')

from matplotlib.backends.backend_agg import FigureCanvasAgg

from sage_logreg import LogisticModel, digits, ex2data1, load_data, maximum_likelihood

pytestmark = pytest.mark.usefixtures('no_show', 'no_names_are_injected')
x1, x2, x3 = sage.SR.var('x1, x2, x3')


@pytest.fixture
def fonts(monkeypatch):
    import matplotlib
    from sage_logreg.plot import fonts
    monkeypatch.setitem(matplotlib.rcParams, 'font.family', ['sans-serif'])
    fonts._font_with.cache_clear()
    yield fonts
    fonts._font_with.cache_clear()


@pytest.mark.lanes
def test_names_in_japanese(fonts, tmp_path, recwarn):
    import matplotlib
    if fonts._font_with(frozenset('数学英語合格不一二回目'), ('sans-serif',)) is None:
        pytest.skip('no font with Japanese characters is installed')
    points = numpy.random.RandomState(0).uniform(-2, 2, (40, 2))
    labels = ['合格' if label else '不合格' for label in numpy.arange(40) % 2]
    model = LogisticModel(load_data((points, labels), variables='数学, 英語'), numpy.array([0.0, 1, 1]))
    for name, picture in {'plot': model.plot(), 'probability': model.plot_probability(), 'surface': model.plot3d(),
                          'one': model.plot(['数学']), 'history': model.plot_history(model, labels=['一回目', '二回目'])}.items():
        picture.save(str(tmp_path / f'{name}.png'))
    assert [warning for warning in recwarn if 'missing from' in str(warning.message)] == []
    # nor in boxes
    assert not any(family.startswith('Last Resort') for family in matplotlib.rcParams['font.family'])


def test_characters_have_their_japanese_forms(fonts):
    from matplotlib.font_manager import fontManager
    names = {font.name for font in fontManager.ttflist}
    if not {'Noto Sans CJK HK', 'Noto Sans CJK JP'} <= names:
        pytest.skip('no font with forms of several countries is installed')
    assert fonts.have_fonts(['直角'])[-1].endswith('JP')


@pytest.mark.lanes
def test_words_of_a_worksheet_in_japanese(fonts, recwarn):
    import matplotlib
    if fonts._font_with(frozenset('万歩学習率反復谷底予測点数回目'), ('sans-serif',)) is None:
        pytest.skip('no font with Japanese characters is installed')
    drawn = {
        # the legend of a sum, whichever comes first
        'sum': lambda: two().data.plot() + sage.line([(1, 2), (4, 5)], legend_label='30 万歩'),
        'other sum': lambda: sage.line([(1, 2), (4, 5)], legend_label='30 万歩') + two().data.plot(),
        'points': lambda: two().data.plot(title='学習率', axes_labels=['一回目の点数', '二回目']),
        'model': lambda: two().plot(title='学習率'), 'probability': lambda: two().plot_probability(title='学習率', plot_points=9),
        'history': lambda: maximum_likelihood(ex2data1()).plot_history(axes_labels=['反復', '予測']),
        'confusion': lambda: two().plot_confusion_matrix(axes_labels=['予測', '点数']),
        'images': lambda: digits().plot_images(range(2), title='谷底'), 'roc': lambda: maximum_likelihood(ex2data1()).roc(title='谷底')}
    for name, draw in drawn.items():
        matplotlib.rcParams['font.family'] = ['sans-serif']
        picture = draw()
        FigureCanvasAgg(picture.matplotlib(**picture._extra_kwds)).draw()
        assert not [warning for warning in recwarn if 'missing from' in str(warning.message)], name


def test_a_font_of_the_users_own_stays(fonts):
    picture = two().data.plot() + sage.line([(1, 2), (4, 5)], legend_label='数学')
    picture.set_legend_options(font_family='serif')
    (legend,) = [axes.get_legend() for axes in picture.matplotlib().axes]
    assert {text.get_fontfamily()[0] for text in legend.get_texts()} == {'serif'}


def test_no_font_has_a_name(fonts, monkeypatch):
    monkeypatch.setattr(fonts, '_installed', lambda: [])
    assert fonts.have_fonts(['数学']) == ['sans-serif']
    # matplotlib's own font has these
    assert fonts.have_fonts(['x1', 'взвешенный', 'αβγ', 'größe']) == ['sans-serif']


def three():
    return LogisticModel(load_data([[1, 2, 3, 0], [4, 5, 7, 1]]), numpy.array([1.0, 2.0, 3.0, 4.0]))


def two():
    return LogisticModel(load_data([[1, 2, 0], [4, 5, 1]], features=[x1, x1*x2]), numpy.array([1.0, 2.0, 3.0]))


SAY_WHICH = 'the model has 3 variables (x1, x2, x3); say which two to draw, as variables=[x1, x2]'
OVER_TWO = 'the picture is drawn over two variables, and 1 is given (x1); draw one variable by plot()'
WRONG = [
    (lambda: three().plot(), ValueError, SAY_WHICH), (lambda: three().plot_probability(), ValueError, SAY_WHICH),
    (lambda: three().plot3d(), ValueError, SAY_WHICH),
    (lambda: maximum_likelihood(([[1, 2, 3], [4, 5, 7]]*3, [0, 1, 1]*2), l2=1).animate(), ValueError, SAY_WHICH),
    (lambda: three().data.plot(), ValueError, SAY_WHICH.replace('the model has', 'the data have')),
    (lambda: three().plot(['x1', 'x4']), ValueError, 'variables[1] = x4; expected one of x1, x2, x3'),
    (lambda: three().plot([x1, x2**2]), ValueError, 'variables[1] = x2^2; expected one of x1, x2, x3'),
    (lambda: three().plot([x1, x2, x3]), ValueError, 'variables has 3 entries; a picture shows 1 or 2'),
    (lambda: three().plot([]), ValueError, 'variables has 0 entries; a picture shows 1 or 2'),
    (lambda: three().plot([x1, x1]), ValueError, 'variables has x1 twice; expected two different ones'),
    (lambda: three().plot(7), TypeError, 'variables = 7; expected one or two of x1, x2, x3'),
    (lambda: three().plot(x1 + x2), TypeError, 'variables = x1 + x2; expected one or two of x1, x2, x3'),
    (lambda: three().plot([x1, x2], {x1: 1}), ValueError, 'fixed has x1, which is drawn; expected other variables'),
    (lambda: three().plot([x1, x2], {'z': 1}), ValueError, 'fixed has z; expected one of x1, x2, x3'),
    (lambda: three().plot([x1, x2], {x3: 'a'}), TypeError, "fixed[x3] = 'a'; expected a real number"),
    (lambda: three().plot([x1, x2], [1]), TypeError, 'fixed = [1]; expected a dictionary from variables to numbers'),
    (lambda: two().plot(threshold=1), ValueError, 'threshold = 1; expected a real number above 0 and below 1'),
    (lambda: two().plot(point_options=3), TypeError, 'point_options = 3; expected a dictionary of options'),
    (lambda: two().plot_probability(point_options=3), TypeError, 'point_options = 3; expected a dictionary of options'),
    (lambda: two().plot3d(point_options=3), TypeError, 'point_options = 3; expected a dictionary of options'),
    (lambda: two().plot(plot_points=1), ValueError, 'plot_points = 1; expected a whole number from 2'),
    (lambda: two().plot_probability(plot_points=sage.QQ(5)/2), ValueError, 'plot_points = 5/2; expected a whole number from 2'),
    (lambda: two().plot_probability(plot_points=(9, 9)), TypeError, 'plot_points = (9, 9); expected one number for both directions'),
    (lambda: two().plot3d(plot_points=1), ValueError, 'plot_points = 1; expected a whole number from 2'),
    (lambda: two().plot_probability([x1]), ValueError, OVER_TWO), (lambda: two().plot3d('x1'), ValueError, OVER_TWO),
    (lambda: two().animate(), ValueError, 'the model has no history, so that nothing moves; train it for some iterations'),
    (lambda: two().animate(frames=1), ValueError, 'frames = 1; expected a whole number from 2'),
    (lambda: two().plot_cost_surface([0]), ValueError, 'weights = [0]; expected the numbers of two different weights'),
    (lambda: two().plot_cost_surface([1, 1]), ValueError, 'weights = [1, 1]; expected the numbers of two different weights'),
    (lambda: two().plot_cost_surface([0, 3]), ValueError, 'weights[1] = 3; expected a whole number from 0 to 2'),
    (lambda: two().plot_cost_surface(7), ValueError, 'weights = 7; expected the numbers of two different weights'),
    (lambda: two().plot_history(labels=['a', 'b']), ValueError, 'labels has 2 entries; expected one for each of the 1 models'),
    (lambda: two().plot_history(two(), labels='SGD'), TypeError,
     "labels = 'SGD'; expected a list of 2 texts, one for each model"),
    (lambda: two().plot_history(labels=7), TypeError, 'labels = 7; expected a text'),
    (lambda: two().plot(xmin='left'), TypeError, "xmin = 'left'; expected a real number"),
    (lambda: two().plot(ymin=2, ymax=1), ValueError, 'the picture would go from ymin = 2 to ymax = 1; expected ymin below ymax'),
    (lambda: two().data.plot(xmax=0), ValueError,
     'the picture would go from xmin = 0.85 to xmax = 0; expected xmin below xmax'),
    (lambda: two().plot_probability(xmin=sage.oo), ValueError, 'xmin = +Infinity; expected a real number'),
    (lambda: two().plot3d(xmin=9), ValueError, 'the picture would go from xmin = 9 to xmax = 4.15; expected xmin below xmax'),
    (lambda: two().plot_cost_surface(ymin=99), ValueError,
     'the picture would go from ymin = 99 to ymax = 6; expected ymin below ymax'),
    (lambda: two().plot(point_options={'size': 'big'}), TypeError, "size = 'big'; expected a real number at least 0"),
    (lambda: two().data.plot(size=-1), ValueError, 'size = -1; expected a real number at least 0'),
    (lambda: two().plot3d(point_options={'size': 'big'}), TypeError, "size = 'big'; expected a real number at least 0"),
    (lambda: two().plot_probability(contours='a'), TypeError, "contours = 'a'; expected a number of levels, or a list of levels"),
    (lambda: two().plot_cost_surface(contours=[1, 'a']), TypeError, "contours[1] = 'a'; expected a real number"),
    (lambda: two().plot_probability(contours=[0.5]), ValueError,
     'contours has 1 entry; expected two levels or more, or fill=False'),
    (lambda: two().plot_probability(contours=[], fill=False), ValueError,
     'contours has 0 entries; expected a number of levels, or a list of levels'),
    (lambda: two().plot_history('fast'), TypeError, "'fast' is not a trained model; expected models, and options by name"),
]


@pytest.mark.parametrize('ask, error, message', WRONG, ids=[f'{place} {row[2]}' for place, row in enumerate(WRONG)])
def test_wrong_use(ask, error, message):
    with pytest.raises(error) as caught:
        ask()
    assert caught.type is error
    assert str(caught.value) == message
