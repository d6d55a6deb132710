r"""
Importing: silent, light, in any order, and without Sage.
"""
import numpy
import pytest

from sage_logreg.support.sage_objects import is_old_sage

from helpers import IN_A_CHILD, in_a_new_process


# Importing

@pytest.mark.lanes
@pytest.mark.skipif(is_old_sage(), reason='an old Sage is loaded as a whole')
def test_import_is_silent_and_light():
    result = in_a_new_process('''
        import sys
        import sage_logreg
        heavy = ('sage', 'pytensor', 'theano', 'numba', 'pandas', 'tqdm', 'matplotlib')
        assert not [name for name in heavy if name in sys.modules], sys.modules.keys()
        ''', '-W', 'error')
    assert result.stdout == result.stderr == ''


def test_star_import_gives_the_public_names():
    names = {}
    exec('from sage_logreg import *', names)
    import sage_logreg
    assert set(names) - {'__builtins__'} == set(sage_logreg.__all__)
    assert sage_logreg.__all__ == sorted(sage_logreg.__all__)


@pytest.mark.lanes
@pytest.mark.slow
def test_everything_but_formulas_works_without_sage():
    result = in_a_new_process('''
        import sys
        sys.modules['sage'] = None
        import numpy
        from sage_logreg import *
        data = ex2data1()
        model = gradient_descent(data, iterations=1000)
        assert type(model.weights()) is numpy.ndarray
        assert type(model.cost()) is float and type(model.iterations()) is int
        assert type(model.confusion_matrix()) is numpy.ndarray
        assert model.predict([45, 85]) in (0, 1)
        assert len(model.history()) == 54
        assert stochastic_gradient_descent(data, epochs=10).iterations() == 10
        print(repr(model))
        ''')
    assert result.stdout == ('Logistic model in x1, x2 by gradient_descent: 1000 iterations, '
                             'cost 0.624986, largest gradient entry 0.0692\n')
    assert result.stderr == ''


FIRST = ['model.plot()', 'model.certified()', 'separation(data).multipliers()', 'model.covariance()',
         'model.summary()', 'model.roc()', 'separation([[1, 0], [2, 1]]).vector()',
         'maximum_likelihood(ex2data1()).plot3d()', 'model.animate()', 'model.plot_cost_surface()',
         'load_data([[1, 0], [2, 1]], features=["log(x1)*heaviside(x1)"])']


@pytest.mark.slow
def test_in_plain_python_anything_may_come_first():
    pytest.importorskip('sage')
    # Sage's modules depend on the order in which they are loaded, outside of a running Sage
    in_a_new_process(f'''
        from sage_logreg import *
        data = load_data([[1, 0], [2, 1], [3, 0], [4, 1]])
        model = maximum_likelihood(data)

        def come(first):
            eval(first)
            model.plot().matplotlib()
            separation(data).multipliers()

        for first in {FIRST!r}:
            in_a_child(come, first)
        ''', before=IN_A_CHILD)


@pytest.mark.slow
def test_text_in_plain_python():
    # Sage's functions must be there before its symbolic ring, or they are never found, not even by sage.all later
    code = ('from sage_logreg import *\n'
            'print(load_data([[1, 0], [2, 1]], features=["x1^2*heaviside(x1)", "log(x1)"]).design.points.tolist())\n'
            'polynomial_features("x1"); import sage.all; print(sage.all.sin(sage.all.SR.var("t")).operator())')
    assert in_a_new_process(code).stdout.split('\n')[:2] == [f'[[1.0, 0.0], [4.0, {numpy.log(2)}]]', 'sin']
