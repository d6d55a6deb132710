r"""
Tables as R and pandas write them, from the file to the data and the model
"""
import warnings

import numpy
import pandas
import pytest

from sage_logreg.dataset.load import load_data
from sage_logreg.dataset.names import names_of_titles


def written(path, text, **options):
    path.write_text(text, encoding='utf-8')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return load_data(path, **options)


def test_names_of_rows_take_no_name_of_a_column(tmp_path):
    data = written(tmp_path / 'anscombe.csv', '"","x1","x2","y"\n"1",10,8,"a"\n"2",8,13,"b"\n"3",13,9,"a"\n')
    assert data.variables == ('x1', 'x2')


@pytest.mark.parametrize('titles, names', [
    (['a b', 'a_b'], ('a_b_2', 'a_b')),
    ([None, 'x1'], ('x1_2', 'x1')),
    (['?', '', 'x2'], ('x1', 'x2_2', 'x2')),
    (['x1', 'x1'], ('x1', 'x1_2')),
    (['a b', 'a-b'], ('a_b', 'a_b_2')),
])
def test_a_title_that_is_a_name_keeps_it(titles, names):
    assert names_of_titles(titles) == names
