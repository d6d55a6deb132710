r"""
Formulas: the design is formulaic's and patsy's, column by column
"""
import pickle
import random
import time

import formulaic
import numpy
# as people write it in formulas
import numpy as np  # noqa: F401
import pandas
import pytest

pytest.importorskip('sage.all')
patsy = pytest.importorskip('patsy')

from sage_logreg.dataset.formula import parse_formula
from sage_logreg.support.sage_objects import is_old_sage
from formula_coding import Coding, design
from helpers import in_a_new_process

numbers = numpy.random.default_rng(15)
ROWS = 60
FRAME = pandas.DataFrame({
    'y': numbers.integers(0, 2, ROWS),
    'x': numbers.uniform(0.5, 4, ROWS), 'z': numbers.normal(size=ROWS), 'n': numbers.integers(1, 4, ROWS),
    'g': numbers.choice(['a', 'b', 'c'], ROWS), 'h': numbers.choice(['u', 'v'], ROWS),
    't': numbers.random(ROWS) < 0.5,
    'k': pandas.Categorical(numbers.choice(['low', 'mid', 'high'], ROWS), ['low', 'mid', 'high']),
})
TITLES = list(FRAME.columns)
# formulaic takes booleans as numbers; here they are categories, as in patsy and R
THEIRS = FRAME.assign(t=pandas.Categorical(FRAME['t'], [False, True]))


def parsed(right):
    return parse_formula(f'y ~ {right}', TITLES)


def same_columns(ours, theirs):
    # patsy puts terms without numbers first
    assert ours.shape == theirs.shape
    order = [numpy.lexsort(columns.round(9)) for columns in (ours, theirs)]
    numpy.testing.assert_allclose(ours[:, order[0]], theirs[:, order[1]], rtol=1e-13, atol=1e-13)


def check(ours, theirs=None):
    matrix = design(FRAME, parsed(ours))
    numpy.testing.assert_allclose(matrix, formulaic.model_matrix(theirs or ours, THEIRS).to_numpy(float), rtol=1e-13, atol=1e-13)
    same_columns(matrix, numpy.asarray(patsy.dmatrix((theirs or ours).replace('contr.treatment(base=', 'Treatment('), FRAME)))


@pytest.mark.parametrize('right', [
    'x', 'x + g', 'x + g - 1', 'g + h - 1', '0 + x + g', 'x + g + 0', 'x*g', 'g*h', 'g*h - 1', 'x:g', 'g:h', '0 + g:h', 'x + g:h',
    'g + x:g', 'g*h*t', '(g + h + t)**2', '(x + g + k)**2 - x:g', 'g/h', 'x/g', '(g + h)/k', 'g/x/h', 'x*g*h - x:g:h', 'g:h + h', 'k',
    'k:x - 1', 't', 't - 1', 't:x', 'C(n)', 'C(n) - 1', 'C(n)*x', 'C(n):g', 'C(n, Treatment(2))', 'C(g, Treatment("b"))*x',
    "C(g, Treatment(reference='c')) + h", "C(g, contr.treatment(base='b')):h", 'x + x + x:x', 'x + g + h - g', '-1 + x', 'x*z*g', 'h:g:k',
    'x + (g + h)', '((x))', 'x\n  + g', 'g:h:t - 1', 'n + x:n', 'k*t + z'])
def test_same_design(right):
    check(right)


@pytest.mark.parametrize('ours, theirs', [
    ('log(x)', 'np.log(x)'), ('np.log(x)', 'np.log(x)'), ('numpy.exp(z) + x', 'np.exp(z) + x'), ('I(x^2)', 'I(x**2)'),
    ('I(x**2)', 'I(x**2)'), ('I(x/z) + x', 'I(x/z) + x'), ('sqrt(x)*g', 'np.sqrt(x)*g'), ('I((x + z)*n^2)', 'I((x + z)*n**2)'),
    ('I((x*z)^2) + I(x*z^2)', 'I((x*z)**2) + I(x*z**2)'), ('{x + z}', 'I(x + z)'), ('log(x):g + h', 'np.log(x):g + h'),
    ('log2(x)', 'np.log2(x)'), ('log10(x)', 'np.log10(x)'), ('log1p(x)', 'np.log1p(x)'), ('expm1(x)', 'np.expm1(x)'),
    ('log(x + n)/g', 'np.log(x + n)/g'), ('abs(z)', 'np.abs(z)'), ('square(z)', 'np.square(z)'), ('cbrt(x)', 'np.cbrt(x)'),
    ('sign(z)', 'np.sign(z)'), ('I(-z + 2.5*x)', 'I(-z + 2.5*x)'), ('I(x^-2)', 'I(x**-2.0)'), ('I(1/(1 + exp(-z)))', 'I(1/(1 + np.exp(-z)))'),
    ('arctan(z) + tanh(z)', 'np.arctan(z) + np.tanh(z)'), ('atan(z)', 'np.arctan(z)'), ('floor(x)', 'np.floor(x)'),
    ('ceiling(x)', 'np.ceil(x)'), ('pmax(x, z)', 'np.maximum(x, z)'), ('np.minimum(x, z)', 'np.minimum(x, z)'),
    ('I(2 ** n ** 0.5)', 'I(2 ** n ** 0.5)'), ('I(-x^2)', 'I(-x**2)'), ('I(x - z - n)', 'I(x - z - n)'), ('I(x/z/n)', 'I(x/z/n)'),
    ('I(pi*x)', 'I(np.pi*x)'), ('sin(2*pi*x)', 'np.sin(2*np.pi*x)'), ('log(I(x + 1))', 'np.log(x + 1)'), ('I(x)', 'x'), ('Q("x")', 'x'),
    ('log(Q("x"))', 'np.log(x)'), ('`x` + `g`', 'x + g'), ('I(1e-3*x + .5)', 'I(1e-3*x + .5)'), ('(x + g)^2', '(x + g)**2'),
    ("relevel(g, ref='b')", "C(g, Treatment('b'))"), ('factor(n)', 'C(n)'), ('as.factor(n):x', 'C(n):x'), ('I(x*1)', 'x'),
    ('C(g, Treatment)', 'g'), ('C(`g`, contr.treatment("b"))', "C(g, Treatment('b'))"), ('C(t, Treatment(True))', 'C(t, Treatment(True))'),
    ('C(n, Treatment(reference=3))', 'C(n, Treatment(3))'), ('x + C(n) + g - g', 'x + C(n)')])
def test_same_expressions(ours, theirs):
    check(ours, theirs)


def random_formula(choice):
    # A sum of random products, with parentheses.
    def part(depth):
        if depth == 0 or choice.random() < 0.5:
            return choice.choice(['x', 'z', 'g', 'h', 't', 'k', 'C(n)'])
        if choice.random() < 0.15:
            return f'({part(depth - 1)} + {part(depth - 1)})**2'
        return f'({part(depth - 1)} {choice.choice("++**:/-")} {part(depth - 1)})'

    return ' + '.join(part(3) for _ in range(choice.randint(1, 3))) + choice.choice(['', '', ' - 1', ' + 0'])


@pytest.mark.parametrize('seed', range(150))
def test_random_formulas(seed):
    right = random_formula(random.Random(seed))
    theirs = formulaic.Formula(right, _ordering='degree')
    if all(str(term) == '1' for term in theirs):
        with pytest.raises(ValueError, match='no column is left'):
            parsed(right)
        return
    ours = parsed(right)
    coding = Coding(FRAME, ours)
    features, values = ours.features(coding), coding.values()
    names = coding.columns() if features is None else [str(feature).replace('^', '**') for feature in features]
    columns = [eval(name, {}, values) for name in names]
    matrix = numpy.column_stack([numpy.ones(ROWS)] * ours.intercept + columns)
    numpy.testing.assert_allclose(matrix, theirs.get_model_matrix(THEIRS).to_numpy(float), rtol=1e-12, atol=1e-12)
    same_columns(matrix, numpy.asarray(patsy.dmatrix(right, FRAME)))


def test_names():
    formula = parse_formula('sex ~ `bill length` + x.1 + 年齢*性別 + log(年齢) + I(`bill length`/x.1) + bill_depth_mm',
                            ['bill length', 'x.1', '年齢', '性別', 'sex', 'bill_depth_mm', 'pi', 'other'])
    assert formula.columns == ['bill length', 'x.1', '年齢', '性別', 'bill_depth_mm']

    class Names:
        def is_factor(self, title):
            return title == '性別'

        def variable(self, title):
            return {'bill length': 'bill_length', 'x.1': 'x_1'}.get(title, title)

        def indicators(self, title, full):
            return ['性別_男']

    # Sage orders the factors of a product
    assert [sorted(map(str, feature.variables())) for feature in formula.features(Names())] == [
        ['bill_length'], ['x_1'], ['年齢'], ['性別_男'], ['年齢'], ['bill_length', 'x_1'], ['bill_depth_mm'], ['年齢', '性別_男']]
    assert str(formula.features(Names())[4]) == 'log(年齢)'


@pytest.mark.parametrize('title', ['1', '0', '2019', '.', 'f0', 'a:b', 'a + b', 'C(x)', 'x~y', "it's", 'a "b"', 'pi', 'e', 'I', 'in',
                                   'log', 'a<b', 'x=1', '<50K, >=50K'])
def test_any_title(title):
    formula = parse_formula(f'y ~ `{title}` + log(`{title}`) + g:`{title}` - 1', ['y', 'g', 'f1', title])
    assert (formula.columns, formula.intercept, formula.label) == ([title, 'g'], False, 'y')
    assert [len(term) for term in formula.terms] == [1, 1, 2]
    assert parse_formula(f'`{title}` ~ g', ['g', title]).label == title


def test_names_of_columns_come_before_constants():
    assert parse_formula('y ~ I(2*pi)', ['y', 'pi']).columns == ['pi']
    assert parse_formula('y ~ log(e)', ['y', 'e']).columns == ['e']


def test_other_names():
    formula = parse_formula('y ~ bill_length + log(bill_length)', ['y', 'bill length'], names={'bill_length': 'bill length'})
    assert formula.columns == ['bill length']


def test_dot():
    assert parsed('.').columns == ['x', 'z', 'n', 'g', 'h', 't', 'k']
    assert parsed('. - x - g').columns == ['z', 'n', 'h', 't', 'k']
    assert parsed('log(x) + . - x').columns == ['x', 'z', 'n', 'g', 'h', 't', 'k']
    assert parse_formula('~ .', TITLES, label='g').columns == ['y', 'x', 'z', 'n', 'h', 't', 'k']
    assert parse_formula('y ~ .', TITLES, left_out=['x', 'k']).columns == ['z', 'n', 'g', 'h', 't']
    assert len(parse_formula('y ~ .^2', ['y', 'a', 'b', 'c']).terms) == 6
    # categories where C(...) says so, as one term
    formula = parsed('. + C(n)')
    assert (formula.categorical, len(formula.terms)) == (['n'], 7)
    assert parsed('. - n + C(n)').columns == ['x', 'z', 'g', 'h', 't', 'k', 'n']


@pytest.mark.parametrize('left, label', [('y', 'y'), ('`y`', 'y'), ('C(y)', 'y'), ('I(y)', 'y'), ('Q("y")', 'y'), ('factor(y)', 'y'),
                                         ('as.factor(y)', 'y'), ('', None), ('  ', None)])
def test_left_side(left, label):
    formula = parse_formula(left + '~ x', TITLES)
    assert (formula.label, formula.columns) == (label, ['x'])


def test_text_is_categorical_within_C_or_without():
    formula = parse_formula("y ~ 0 + C(g, Treatment('b')):x + g + (C(g) + h)^2", TITLES, levels=['g', 'h'])
    assert (formula.categorical, formula.reference, len(formula.terms)) == (['g'], {'g': 'b'}, 4)
    theirs = formulaic.model_matrix('0 + g:x + g + h + g:h', FRAME.assign(g=pandas.Categorical(FRAME['g'], ['b', 'a', 'c'])))
    same_columns(design(FRAME, formula), theirs.to_numpy(float))


@pytest.mark.parametrize('right, intercept', [('x', True), ('x - 1', False), ('x + 0', False), ('0 + x', False), ('-1 + x', False),
                                              ('x + -1', False), ('1 + x', True), ('x - 0', True), ('x - 1 + 1', True)])
def test_intercept(right, intercept):
    assert parsed(right).intercept is intercept


def test_reference():
    assert parsed("C(g, Treatment('b')) + C(n, Treatment(-2)) + C(t, contr.treatment(base=TRUE)) + C(h)").reference == {
        'g': 'b', 'n': -2, 't': True}
    assert parsed(r"C(g, Treatment('it\'s (b)')):x + C(g)").reference == {'g': "it's (b)"}


def test_plain_data():
    formula = parsed('log(x)*C(g, Treatment("b")) - 1')
    again = pickle.loads(pickle.dumps(formula))
    assert repr(again) == formula.text == 'y ~ log(x)*C(g, Treatment("b")) - 1'
    assert design(FRAME, again).tolist() == design(FRAME, formula).tolist()


def test_no_sage_without_expressions():
    program = """
        import sys
        from sage_logreg.dataset.formula import parse_formula
        class Coding:
            def is_factor(self, title):
                return title == 'g'
        formula = parse_formula('y ~ x + g - 1', ['y', 'x', 'g'])
        print(formula.features(Coding()), formula.needs_full(Coding()), 'sage.symbolic.ring' in sys.modules)
        """
    # an old Sage is loaded as a whole
    assert in_a_new_process(program).stdout == f"None ['g'] {is_old_sage()}\n"
    assert parsed('x + g*h').features(Coding(FRAME, parsed('x + g*h'))) is not None


@pytest.mark.parametrize('right, message', [('x^2', r'x\^2 is x itself, .* I\(x\^2\)'), ('z + x**3', r'10: x\*\*3 is x itself, .* I\(x\^3\)')])
def test_a_power_of_a_column_is_the_column(right, message):
    with pytest.warns(UserWarning, match=message):
        assert parsed(right).columns[-1:] == ['x']


REFUSED = {
    'x': 'there is no ~', '': 'there is no ~', 'y ~ x ~ z': 'a second ~', 'y ~': 'no column is left', 'y ~ 1': 'no column is left',
    'y ~ x - x': 'no column is left', 'log(y) ~ x': "'log(y)' on the left side; expected the label, one column",
    'cbind(y) ~ x': 'cbind(a, b, c) of different columns of counts', 'cbind(n, x) ~ x': 'the label x is on the right side too',
    'y + n ~ x': "'y + n' on the left side", "I(y == 'yes') ~ x": "positive='yes'",
    "y == 'yes' ~ x": "positive='yes'", 'y[yes] ~ x': "positive='yes'", "C(y, Treatment('no')) ~ x": "positive='yes'", '1 ~ x': 'left side',
    '. ~ x': 'left side', '-y ~ x': 'left side', 'yy ~ x': 'yy is not a column; expected one of y, x, z, n, g, h, t, k (the nearest: y)',
    'y ~ x + w': 'character 9: w is not a column', 'y ~ log(w)': 'character 9: w is not a column', 'y ~ x - w': 'w is not a column',
    'y ~ C(w)': 'character 7: w is not a column', 'y ~ offset(x)': 'offset=...', 'y ~ poly(x, 2)': 'expected powers, such as x + I(x^2)',
    'y ~ bs(x, df=3)': 'bs is not known here', 'y ~ center(x)': 'center is not known', 'y ~ foo(x)': 'foo is not a known function',
    'y ~ np.foo(x)': 'np.foo is not a known function', 'y ~ x.mean()': 'x.mean is not a known function', 'y ~ I(x > 2)': "'>' compares",
    'y ~ I(x == 2)': "'==' compares", "y ~ I(g == 'a')": "'==' compares", 'y ~ x[0]': 'arithmetic of columns', 'y ~ I(x // 2)': 'expect',
    'y ~ I(x % 2)': 'arithmetic', 'y ~ I(x, z)': 'expected', 'y ~ I(x z)': 'z follows x at once', 'y ~ I(2x)': 'x follows 2 at once',
    'y ~ I(2(x))': '( follows 2 at once', 'y ~ I(1_000*x)': 'at once', 'y ~ I(x * * 2)': 'not an expression', 'y ~ log(x)(z)': 'at once',
    'y ~ log()': 'expected', 'y ~ I()': 'not an expression', 'y ~ {}': 'expected', 'y ~ I(3)': 'is constant', 'y ~ I(x - x)': 'is constant',
    'y ~ log(g)': 'g in log(g) is a column of categories; expected a column of numbers', 'y ~ I(t*x)': 'column of categories',
    'y ~ C(g, Sum)': 'Sum is not known here; expected Treatment', 'y ~ C(g, Treatment(["a"]))': 'names no reference',
    'y ~ C(g, Treatment(a))': 'names no reference', 'y ~ C(g, levels=["a"])': 'not a column as categories', 'y ~ C(g:h)': 'not a column',
    'y ~ C(g, "a")': 'not a column as categories', 'y ~ C(log(x))': 'not a column', 'y ~ C()': 'not a column', 'y ~ C(x > 2)': 'not a column',
    "y ~ C(g, Treatment('a')) + C(g, Treatment('b')):x": "g has two references, 'a' and 'b'", 'y ~ relevel(g)': 'not a column',
    'y ~ x + y': 'character 9: the label y is on the right side', 'y ~ log(y)': 'the label y', 'y ~ x | g': "'|' is not known",
    'y ~ x + (1 | g)': "'|' is not known", 'y ~ 2*x': 'the number 2', 'y ~ 2:x': 'the number 2', 'y ~ x:1': 'the number 1', 'y ~ x*0': 'number 0',
    'y ~ x + 3': 'the number 3', 'y ~ "x"': "in quotes; expected a column, which is written `x`", 'y ~ (x - 1)': 'in parentheses',
    'y ~ (0 + x)*g': 'in parentheses', 'y ~ x^0': 'the power 0', 'y ~ x^1.5': 'the power 1.5', 'y ~ x^z': 'the power z', 'y ~ x^21': 'power 21',
    'y ~ (x + z)^99999999999999999999': 'the power', 'y ~ x^-1': "'^-' is not known here", 'y ~ x +': '+ without what', 'y ~ * x': 'expected', 'y ~ x z': 'expected',
    'y ~ x * - z': 'expected', 'y ~ x *-- z': "'*--' is not known here", 'y ~ x ** ** 2': 'expected', 'y ~ x + (z': 'expected', 'y ~ x)': 'pairs',
    'y ~ )x(': 'not closed', 'y ~ ) + x': 'pairs', 'y ~ ()': 'expected', 'y ~ x + ()': 'expected', 'y ~ [x]': 'expected', 'y ~ log(x': 'not closed', 'y ~ `x': 'not closed', 'y ~ x$z': "'$' is not known",
    'y ~ x == 2': "'==' is not known", 'y ~ x %>% z': 'not known', 'y ~ x, z': "',' is not known here", 'y ~ x; z': "not known here", 'y ~ x:(z': 'expected',
    'y ~ I(x*z) + x:z': 'x:z and I(x*z) are the same column', 'y ~ n + C(n)': 'n is written with and without C(...)',
    'y ~ C(n) + log(n)': 'n is written with and without C(...)', 'y ~ __import__("os").system("x")': 'not a known function',
    'y ~ I(__import__("os"))': 'not a known function', 'y ~ {exec("x")}': 'not a known function', 'y ~ I(lambda: x)': 'expected',
    'y ~ I(10^10^10*x)': 'too large to compute', 'y ~ factorial(10^9)*x': 'too large', 'y ~ log(x, 2, 3)': 'cannot be computed',
    'y ~ I(x*1e999999)': 'out of range', 'y ~ log(-1):x': 'constant'}


@pytest.mark.parametrize('text', REFUSED)
def test_refused(text):
    with pytest.raises(ValueError) as caught:
        formula = parse_formula(text, TITLES)
        formula.features(Coding(FRAME, formula))
    message = str(caught.value)
    assert message.startswith('formula') and REFUSED[text] in message
    assert '; expected ' in message and '\n' not in message and '\x1b' not in message


@pytest.mark.parametrize('given', [7, None, b'y ~ x', ['y ~ x'], formulaic.Formula('y ~ x')])
def test_only_text(given):
    with pytest.raises(TypeError, match='^formula = .*; expected a text such as'):
        parse_formula(given, TITLES)


@pytest.mark.parametrize('right', [
    '(' * 3000 + 'x' + ')' * 3000, 'I(' + '(' * 3000 + 'x' + ')' * 3000 + ')', 'x' + ' + x' * 10000, '-' * 5000 + 'x', '- ' * 4000 + 'x',
    '(x + z + n + g + h)^20', '((x + z + n + g + h)^5)^5', '*'.join(f'c{j}' for j in range(40)), ':'.join(f'c{j}' for j in range(40)),
    '*'.join(['(x + z + n + g + h)'] * 40), '.^3', 'I(' + '-' * 5000 + 'x)', 'I(' + 'x^' * 2000 + 'x)', 'exp(' * 90 + 'x' + ')' * 90,
    'I(' + '+'.join(['x'] * 3000) + ')', 'I((x + 1)^9999999)', ' + '.join(f'c{j}:c{j + 1}' for j in range(39)) + ' + w' * 100,
    'x' + ' / z' * 2000, 'x' + ' %in% z' * 1000])
def test_long_formulas_end(right):
    titles = [*TITLES, *(f'c{j}' for j in range(200))]

    class Numbers:
        def is_factor(self, title):
            return False

        def variable(self, title):
            return title

    started = time.monotonic()
    try:
        features = parse_formula('y ~ ' + right, titles).features(Numbers())
    except ValueError as error:
        assert '; expected ' in str(error) and len(str(error)) < 500
    else:
        assert features is None or len(features) < 100
    assert time.monotonic() - started < 10


def test_many_categories_in_one_interaction_end():
    class Levels:
        def is_factor(self, title):
            return True

        def indicators(self, title, full):
            return [f'{title}_1', f'{title}_2'][0 if full else 1:]

    titles = [f'c{j}' for j in range(10)]
    started = time.monotonic()
    assert len(parse_formula('y ~ 0 + ' + ':'.join(titles), ['y', *titles]).features(Levels())) == 2**10
    assert len(parse_formula('y ~ ' + ':'.join(titles), ['y', *titles]).features(Levels())) == 2**10 - 1
    assert len(parse_formula('y ~ ' + '*'.join(titles[:8]), ['y', *titles]).features(Levels())) == 2**8 - 1
    assert time.monotonic() - started < 20


@pytest.mark.parametrize('seed', range(5))
def test_noise_is_read_or_refused_in_a_sentence(seed):
    choice = random.Random(seed)
    parts = ['y', '~', '~', 'x', 'z', 'g', '+', '-', '*', ':', '/', '^', '**', '2', '1', '0', '.', '(', ')', '`', '"', "'", 'log(', 'I(', 'C(',
             'Q(', '{', '}', '[', ']', ',', '=', 'Treatment', '%in%', '%', ' ', '\n', '\\', '年', '\x00', '1e5', 'x.1', '|', '!']
    for _ in range(400):
        text = choice.choice(['', 'y ~ ', 'y ~ x + ']) + ''.join(choice.choices(parts, k=choice.randint(1, 8)))
        try:
            formula = parse_formula(text, TITLES)
            formula.features(Coding(FRAME, formula))
        except ValueError as error:
            assert str(error).startswith('formula') and '; expected ' in str(error), (text, error)
