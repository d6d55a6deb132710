r"""
Which column is what: labels and variables by name, counters of rows, duplicates, indexes.
"""
import re
import warnings

import numpy
import pytest

from sage_logreg import load_data, maximum_likelihood

from helpers import needed_pandas, needed_sage

TABLE = {'age': [34.0, 60.0, 19.0, 41.0], 'survived': [0, 1, 1, 0], 'fare': [7.5, 8.0, 2.0, 3.0], 'twice': [1, 0, 1, 1]}
TEXT = 'age,survived,fare,twice\n34,0,7.5,1\n60,1,8,0\n19,1,2,1\n41,0,3,1\n'


@pytest.fixture(autouse=True)
def no_other_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter('error', RuntimeWarning)
        yield


def refused(message, *arguments, error=ValueError, **options):
    r"""
    Check that load_data refuses its arguments with the whole message.
    """
    with pytest.raises(error) as caught:
        load_data(*arguments, **options)
    assert str(caught.value) == message
    assert '\n' not in message and len(message) < 500


def written(tmp_path, text, name='table.csv'):
    path = tmp_path / name
    path.write_text(text, encoding='utf-8')
    return path


# The label

def sources(tmp_path):
    pandas = needed_pandas()
    frame = pandas.DataFrame(TABLE)
    array = numpy.array([tuple(row) for row in frame.values], dtype=[(title, 'f8') for title in TABLE])
    return [written(tmp_path, TEXT), TABLE, frame, array, frame.to_dict('records')]


@pytest.mark.parametrize('label, variables', [
    (None, ['age', 'survived', 'fare']), ('twice', ['age', 'survived', 'fare']), ('survived', ['age', 'fare', 'twice']),
    (1, ['age', 'fare', 'twice']), (-3, ['age', 'fare', 'twice']), (-1, ['age', 'survived', 'fare']), (3, ['age', 'survived', 'fare'])])
def test_the_label_anywhere(tmp_path, label, variables):
    name = {None: 'twice', 'twice': 'twice', -1: 'twice', 3: 'twice'}.get(label, 'survived')
    for source in sources(tmp_path):
        data = load_data(source, label=label)
        assert (data.label_name, data.variables) == (name, tuple(variables))
        assert data.labels.tolist() == TABLE[name]
        assert data.points.T.tolist() == [TABLE[variable] for variable in variables]
        assert load_data(source, label).label_name == name


@pytest.mark.lanes
def test_positions_of_every_kind():
    sage = needed_sage()
    for kind in (int, numpy.int64, numpy.uint8, float, sage.ZZ, sage.QQ, sage.RR, sage.RDF, sage.AA, sage.SR):
        assert load_data(TABLE, label=kind(1)).label_name == 'survived'
        assert load_data([[0, 5, 2], [1, 3, 4]], label=kind(0)).points.tolist() == [[5, 2], [3, 4]]
        assert load_data([[0, 5, 2], [1, 3, 4]], positive=kind(0), label=0).labels.tolist() == [1, 0]
    assert load_data(TABLE, label=sage.ZZ(-3)).label_name == 'survived'
    # a symbol is a name
    assert load_data(TABLE, label=sage.SR.var('survived')).label_name == 'survived'


ONE_OF = 'expected one of age, survived, fare, twice'
WRONG_LABELS = {
    'misspelt': ('Survived', ValueError, f"label = 'Survived' is no column of the columns (is it 'survived'?); {ONE_OF}"),
    'another': ('y', ValueError, f"label = 'y' is no column of the columns; {ONE_OF}"),
    'empty': ('', ValueError, f"label = '' is no column of the columns; {ONE_OF}"),
    'too far': (4, ValueError, 'label = 4; expected a whole number from -4 to 3'),
    'too far from the end': (-5, ValueError, 'label = -5; expected a whole number from -4 to 3'),
    'a half': (0.5, ValueError, 'label = 0.5; expected a whole number from -4 to 3'),
    'a truth': (True, TypeError, 'label = True; expected a whole number from -4 to 3'),
    'a list of one': (['age'], TypeError, "label = ['age']; expected the title or the position of one column"),
    'no label': ('age', ValueError, 'the columns: every row has a label of its own, such as 34; expected classes, or the name of another '
                                    'column as label='),
}


@pytest.mark.parametrize('label, error, message', WRONG_LABELS.values(), ids=WRONG_LABELS)
def test_wrong_label(label, error, message):
    refused(message, TABLE, label=label, error=error)


def test_label_without_names_or_beside():
    refused("label = 'y', but the columns of the rows have no names; expected a position, such as 0 or -1", [[1, 0], [2, 1]], label='y')
    refused("label = 'x', but the labels are given beside the points; expected one of them", ([[1], [2]], [0, 1]), label='x')
    refused('label = 0, but successes and trials are given beside the points; expected one of them', ([[1], [2]], [0, 1], [3, 3]), label=0)


def test_label_and_formula():
    refused("label = 'survived' and formula = 'twice ~ age', whose label is 'twice'; expected one of them", TABLE, label='survived', formula='twice ~ age')
    for label in ('survived', 1, -3):
        assert load_data(TABLE, label=label, formula='survived ~ age').label_name == 'survived'
        assert load_data(TABLE, label=label, formula='~ age').label_name == 'survived'


# Which label is 1

ORDERS = {
    'numbers': ([1, 0, 1], (0, 1)), 'other numbers': ([2, 1, 2], (1, 2)), 'signs': ([1, -1, 1], (-1, 1)),
    'truths': ([True, False, True], (False, True)), 'no and yes': (['yes', 'no', 'yes'], ('no', 'yes')),
    'No and YES': (['YES', 'No', 'YES'], ('No', 'YES')), 'no and Yes': (['Yes', 'no', 'Yes'], ('no', 'Yes')),
    'YES before no in the alphabet': (['yes', 'NO', 'yes'], ('NO', 'yes')), 'truths as text': (['TRUE', 'FALSE', 'TRUE'], ('FALSE', 'TRUE')),
    'truths in two cases': (['True', 'false', 'True'], ('false', 'True')),
    'others are sorted': (['dead', 'alive', 'dead'], ('alive', 'dead')), 'signs as text': (['-', '+', '-'], ('+', '-')),
    'incomes': (['>50K', '<=50K', '>50K'], ('<=50K', '>50K')), 'other scripts': (['男', '女', '男'], ('女', '男')),
    'digits as text': (['2', '1', '2'], ('1', '2')),
}


@pytest.mark.parametrize('labels, names', ORDERS.values(), ids=ORDERS)
def test_orders_of_labels(labels, names):
    for source in ({'y': labels, 'x': [3, 1, 2]}, needed_pandas().DataFrame({'y': labels, 'x': [3, 1, 2]})):
        data = load_data(source, label='y')
        assert data.label_names == names and data.labels.tolist() == [1, 0, 1]
        assert repr(data) == (f'3 points in x: 2 with y = {names[1]!r}, 1 with y = {names[0]!r}'
                              + f'; P(y = {names[1]!r}) is modelled' * (list(map(str, names)) != ['0', '1']))
        # each of them can be asked for
        for positive in names:
            asked = load_data(source, label='y', positive=positive)
            assert asked.label_names[1] == positive and asked.labels.tolist() == [label == positive for label in labels]


@pytest.mark.parametrize('ordered', [False, True])
@pytest.mark.parametrize('categories, names', [(['b', 'a'], ('b', 'a')), (['a', 'b'], ('a', 'b')), (['c', 'b', 'x', 'a'], ('b', 'a'))])
def test_categories_decide(ordered, categories, names):
    pandas = needed_pandas()
    labels = pandas.Categorical(['b', 'a', 'a', 'b'], categories=categories, ordered=ordered)
    data = load_data(pandas.DataFrame({'y': labels, 'x': [3, 1, 2, 5]}), label='y')
    assert data.label_names == names and data.labels.tolist() == [label == names[1] for label in 'baab']
    assert load_data(([3, 1, 2, 5], pandas.Series(labels))).label_names == names


@pytest.mark.parametrize('positive', [True, 1, 1.0, numpy.int8(1), numpy.True_, 'True'])
def test_truths_and_ones(positive):
    for labels in ([False, True, True], [0, 1, 1]):
        if positive == 'True' and labels[0] is not False:
            continue
        assert load_data({'y': labels, 'x': [3, 1, 2]}, label='y', positive=positive).labels.tolist() == [0, 1, 1]


@pytest.mark.parametrize('positive', ['maybe', 'Yes', 1, [1], ['yes'], True, {'yes'}])
def test_wrong_positive(positive):
    source = {'y': ['yes', 'no'], 'x': [3, 1]}
    refused(f"positive = {positive!r} is no label of the columns; expected 'no' or 'yes'", source, label='y', positive=positive)


def test_positive_of_three_labels_comes_last():
    data = load_data({'y': ['a', 'b', 'c', 'a'], 'x': [3, 1, 2, 4]}, label='y', positive='b')
    assert data.label_names == ('a', 'c', 'b') and data.labels.tolist() == [0, 2, 1, 0]


def test_the_other_label_changes_the_signs():
    random = numpy.random.RandomState(3)
    table = {'ill': numpy.where(random.rand(40) < 0.5, 'yes', 'no').tolist(), 'x': random.normal(size=40).tolist()}
    one, other = (maximum_likelihood(table, label='ill', positive=positive, progress=False) for positive in ('yes', 'no'))
    numpy.testing.assert_allclose(list(map(float, one.weights())), [-float(weight) for weight in other.weights()], rtol=1e-9)
    assert "P(ill = 'no')" in repr(other) and "P(ill = 'no')" in str(other.summary()) and '40 rows' in str(other.summary())


# The variables

@pytest.mark.parametrize('variables, places', [
    (['age', 'fare'], [0, 2]), ('fare, age', [2, 0]), ('fare age', [2, 0]), ('fare', [2]), (('age',), [0]), (numpy.array(['fare', 'age']), [2, 0]),
    ([2], [2]), (0, [0]), ([-2, 0], [2, 0])])
def test_variables_are_selected(tmp_path, variables, places):
    for source in sources(tmp_path):
        data = load_data(source, label='survived', variables=variables)
        assert data.variables == tuple(list(TABLE)[place] for place in places)
        assert data.points.T.tolist() == [list(TABLE.values())[place] for place in places]
        # the last column is the label by default
        assert load_data(source, variables=variables).variables == data.variables


@pytest.mark.lanes
def test_symbols_select():
    sage = needed_sage()
    assert load_data(TABLE, 'survived', list(sage.SR.var('fare, age'))).variables == ('fare', 'age')


def test_titles_that_are_no_names():
    table = {'body mass': [1.0, 5.0, 2.0], 'exam #1, oral': [4.0, 2.0, 7.0], 'lambda': [0.5, 0.25, 3.0], 'y': [0, 1, 0]}
    for variables in ('body mass, lambda', ['body mass', 'lambda'], 'body_mass lambda_', 'body_mass, lambda', [' body_mass'.strip(), 'lambda_']):
        data = load_data(table, variables=variables)
        assert data.variables == ('body_mass', 'lambda_') and data.points.tolist() == [[1, 0.5], [5, 0.25], [2, 3]]
    for variables in ('exam #1, oral', ['exam #1, oral'], 'exam_1_oral'):
        assert load_data(table, variables=variables).points.tolist() == [[4], [2], [7]]


SELECTS = ('where columns have titles, variables selects some of them (to give them other names, load the data first, then '
           'load_data(data, variables=[...]))')
WRONG_VARIABLES = {
    'both readings': (['a', 'b', 'c'], f"variables = 'a' is no column of the columns; {ONE_OF}; {SELECTS}"),
    'misspelt': ('age, Fare', f"variables = 'Fare' is no column of the columns (is it 'fare'?); {ONE_OF}; {SELECTS}"),
    'twice': (['age', 'age'], "variables: 'age' is there twice; expected different columns"),
    'by two readings': (['age', 0], "variables: '0' is there twice; expected different columns"),
    'the label': (['age', 'twice'], "variables: 'twice' is the label, or the weights or the offset of the rows; expected other columns"),
    'none': ([], 'variables = []; expected at least one column'),
    'too far': ([4], 'variables = 4; expected a whole number from -4 to 3'),
}


@pytest.mark.parametrize('variables, message', WRONG_VARIABLES.values(), ids=WRONG_VARIABLES)
def test_wrong_variables(variables, message):
    refused(message, TABLE, variables=variables)


def test_names_where_there_are_none():
    assert load_data([[1, 2, 0], [3, 4, 1]], variables=['b', 'a']).points.tolist() == [[1, 2], [3, 4]]
    data = load_data(TABLE, label='survived')
    assert load_data(data, variables='a, b, c').variables == ('a', 'b', 'c')


# Columns that count the rows

LEFT_OUT = ('{}: the first column{} numbers or names the rows and is left out; to keep it, name it in variables=[{!r}, ...]')
COUNTERS = {
    "R's write.csv": ('"","age","ill"\n"1",34,0\n"2",60,1\n"3",19,1\n', ''),
    "R's write.table": ('"age" "ill"\n"1" 34 0\n"2" 60 1\n"3" 19 1\n', ''),
    "R's write.table, tabs": ('age\till\n1\t34\t0\n2\t60\t1\n3\t19\t1\n', ''),
    'names of the rows': ('"","age","ill"\n"Mazda RX4",34,0\n"Datsun 710",60,1\n"Fiat 128",19,1\n', ''),
    "pandas' index": (',age,ill\n0,34,0\n1,60,1\n2,19,1\n', ''),
    'some rows of a larger table': (',age,ill\n17,34,0\n4,60,1\n150,19,1\n', ''),
    'Unnamed: 0': ('Unnamed: 0,age,ill\n0,34,0\n1,60,1\n2,19,1\n', 'Unnamed: 0'),
    'rownames': ('rownames,age,ill\n1,34,0\n2,60,1\n3,19,1\n', 'rownames'),
    'index': ('index;age;ill\n0;34;0\n1;60;1\n2;19;1\n', 'index'),
}


@pytest.mark.parametrize('text, title', COUNTERS.values(), ids=COUNTERS)
def test_counters_are_left_out(tmp_path, text, title):
    path = written(tmp_path, text)
    name = title or 'x1'
    message = LEFT_OUT.format(path, f' ({title!r})' if title else ', which has no title,', name)
    for options in ({}, {'label': 'ill'}, {'label': 2}, {'label': -1}):
        with pytest.warns(RuntimeWarning) as caught:
            data = load_data(path, **options)
        assert [str(warning.message) for warning in caught] == [message]
        assert (data.variables, data.points.tolist(), data.labels.tolist()) == (('age',), [[34], [60], [19]], [0, 1, 1])
    # said and left out by hand
    assert load_data(path, variables=['age']).points.tolist() == [[34], [60], [19]]


@pytest.mark.parametrize('text, title', [pair for pair in COUNTERS.values() if 'Mazda' not in pair[0]],
                         ids=[name for name in COUNTERS if name != 'names of the rows'])
def test_counters_are_kept_where_they_are_named(tmp_path, text, title):
    path = written(tmp_path, text)
    rows = [float(re.match(r'"?(\d+)', line)[1]) for line in text.splitlines()[1:]]
    data = load_data(path, variables=[title or 'x1', 'age'])
    assert data.points.tolist() == [[row, age] for row, age in zip(rows, [34, 60, 19])]


def test_counters_of_frames():
    pandas = needed_pandas()
    frame = pandas.DataFrame({'age': [34, 60, 19], 'ill': [0, 1, 1]}, index=[5, 3, 9])
    # an index is no column
    assert load_data(frame).variables == ('age',)
    with pytest.warns(RuntimeWarning, match=r"^the frame: the first column \('index'\) numbers or names the rows and is left out"):
        assert load_data(frame.reset_index(drop=True).reset_index()).variables == ('age',)


def test_counters_before_a_label_in_front(tmp_path):
    path = written(tmp_path, '"","ill","age"\n"1",0,34\n"2",1,60\n"3",1,19\n')
    for label in ('ill', 1, -2):
        with pytest.warns(RuntimeWarning, match='which has no title, numbers or names the rows and is left out'):
            data = load_data(path, label=label)
        assert (data.variables, data.points.tolist(), data.labels.tolist()) == (('age',), [[34], [60], [19]], [0, 1, 1])


def test_what_is_no_counter(tmp_path):
    # a title that says something else, numbers that do not count, the only variable
    for text, variables, warns in [('id,age,ill\n1,34,0\n2,60,1\n3,19,1\n', ('id', 'age'), 'column 1 (id) counts the rows, from 1 on'),
                                   ('age,day,ill\n34,0,0\n60,1,1\n19,2,1\n', ('age', 'day'), 'column 2 (day) counts the rows, from 0 on'),
                                   (',ill\n1,0\n2,1\n3,1\n', ('x1',), 'column 1 counts the rows, from 1 on'),
                                   ('index,age,ill\n1,34,0\n3,60,1\n2,19,1\n', ('index', 'age'), None),
                                   (',age,ill\n1.5,34,0\n2,60,1\n3,19,1\n', ('x1', 'age'), None),
                                   (',age,ill\n1,34,0\n1,60,1\n2,19,1\n', ('x1', 'age'), None),
                                   ('id,age,ill\n2,34,0\n3,60,1\n4,19,1\n', ('id', 'age'), None)]:
        path = written(tmp_path, text)
        if warns is None:
            assert load_data(path).variables == variables
            continue
        with pytest.warns(RuntimeWarning) as caught:
            assert load_data(path).variables == variables
        assert [str(warning.message) for warning in caught] == [
            f'{path}, {warns}; if it is no variable, leave it out, by variables=[...]']
        assert load_data(path, variables=[0]).points[:, 0].tolist() == [float(line.split(',')[0]) for line in text.splitlines()[1:]]


def test_counters_without_titles():
    rows = [[row + 1, row % 3, row % 2] for row in range(20)]
    with pytest.warns(RuntimeWarning, match=r'^the rows, column 1 counts the rows, from 1 on; if it is no variable'):
        assert load_data(rows).variables == ('x1', 'x2')
    # a few are chance
    assert load_data(rows[:10]).variables == ('x1', 'x2')


# Duplicates

def test_duplicate_titles(tmp_path):
    pandas = needed_pandas()
    path = written(tmp_path, 'a,b,a,y\n1,2,0,0\n3,4,1,1\n')
    refused(f"{path}: the columns 1 and 3 are both called 'a'; expected different titles", path)
    refused("the frame: the columns 2 and 3 are both called 'y'; expected different titles",
            pandas.DataFrame([[1, 0, 0], [3, 1, 1]], columns=['a', 'y', 'y']))
    path = written(tmp_path, 'a,b,a,b,y\n1,2,0,1,0\n3,4,1,1,1\n')
    refused(f"{path}: the columns 1 and 3 are both called 'a' (and b is there twice); expected different titles", path)


def test_similar_titles_are_told_apart():
    data = load_data({'a b': [1, 3], 'a-b': [5, 4], 'a_b': [7, 7], 'y': [0, 1]})
    # the title that is a name already keeps it
    assert data.variables == ('a_b_2', 'a_b_3', 'a_b')
    assert load_data({'a b': [1, 3], 'a-b': [5, 4], 'a_b': [7, 7], 'y': [0, 1]}, variables='a_b').points.tolist() == [[7], [7]]


# Indexes of pandas

ORDER = ['c', 'b', 'e', 'a', 'd', 'f']


def test_labels_by_their_index():
    pandas = needed_pandas()
    points = pandas.DataFrame({'x': [6.0, 1.0, 4.0, 2.0, 3.0, 9.0]}, index=list('abcdef'))
    labels = pandas.Series([1, 0, 1, 1, 0, 0], index=ORDER, name='ill')
    expected = [dict(zip(ORDER, labels))[row] for row in 'abcdef']
    for source in ((points, labels), [points, labels], (points.x, labels), (points, labels.to_frame())):
        data = load_data(source)
        assert data.labels.tolist() == expected and data.points.ravel().tolist() == points.x.tolist()
    # an array has no index, and rows without one are taken by position
    assert load_data((points, labels.to_numpy())).labels.tolist() == labels.tolist()
    assert load_data((points.to_numpy(), labels)).labels.tolist() == labels.tolist()


@pytest.mark.parametrize('name', ['weights', 'offset'])
def test_numbers_of_rows_by_their_index(name):
    pandas = needed_pandas()
    frame = pandas.DataFrame({'x': [6.0, 1.0, 4.0, 2.0, 3.0, 9.0], 'y': [0, 1, 0, 1, 0, 1]}, index=list('abcdef'))
    numbers = pandas.Series([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], index=ORDER)
    expected = [dict(zip(ORDER, numbers))[row] for row in 'abcdef']
    assert getattr(load_data(frame, **{name: numbers}), name).tolist() == expected
    assert getattr(load_data((frame[['x']], frame.y), **{name: numbers}), name).tolist() == expected
    assert getattr(load_data(frame.assign(w=expected), variables='x', label='y', **{name: 'w'}), name).tolist() == expected
    assert getattr(load_data(frame, **{name: numbers.to_numpy()}), name).tolist() == numbers.tolist()
    # and with rows left out
    frame.loc['c', 'x'] = numpy.nan
    assert getattr(load_data(frame, missing='drop', **{name: numbers}), name).tolist() == expected[:2] + expected[3:]


def test_counts_by_their_index():
    pandas = needed_pandas()
    points = pandas.Series([6.0, 1.0, 4.0], index=list('abc'), name='dose')
    data = load_data((points, pandas.Series([3, 2, 1], index=list('cba')), pandas.Series([10, 30, 20], index=list('acb'))))
    assert (data.successes.tolist(), data.trials.tolist(), data.variables) == ([1, 2, 3], [10, 20, 30], ('dose',))


def test_other_indexes_are_refused():
    pandas = needed_pandas()
    frame = pandas.DataFrame({'x': [6.0, 1.0, 4.0]}, index=list('abc'))
    labels = pandas.Series([1, 0, 1], index=list('abd'))
    expected = 'expected the same entries in both, or an array, which is taken by position'
    refused(f"the indexes of the points and of the labels differ: 'c' is only in that of the points; {expected}", (frame, labels))
    refused(f'the indexes of the points and of the labels differ: 0 is only in that of the points; {expected}',
            (frame.reset_index(drop=True), labels))
    refused(f"the indexes of the points and of the weights differ: 'c' is only in that of the points; {expected}",
            frame.assign(y=[0, 1, 0]), weights=labels)
    refused("the indexes of the points and of the labels differ in order, and 'a' stands more than once in that of the points; "
            f'{expected}', (frame.set_axis(list('aab')), pandas.Series([1, 0, 1], index=list('aba'))))
    refused('there are 3 points and 2 labels; expected one label a point', (frame, labels[:2]))


def test_truths_say_which_is_modelled():
    data = load_data({'x': [1.5, 5, 2, 4], 'y': [False, True, True, False]})
    assert repr(data) == '4 points in x: 2 with y = True, 2 with y = False; P(y = True) is modelled'
    assert repr(maximum_likelihood(data, l2=1)).startswith('Logistic model of P(y = True) in x by')
    assert 'modelled' not in repr(load_data([[1.5, 0], [5, 1]]))
