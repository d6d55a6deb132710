r"""
Columns by their titles, also those that are no variables
"""
import pickle

import numpy
import pytest

from sage_logreg import load_data, penguins

pandas = pytest.importorskip('pandas')

TABLE = {'nest': ['a', 'a', None, 'b', 'b'], 'mass': [3.0, 4.0, 5.0, numpy.nan, 7.0], 'species': ['x', 'y', 'z', 'x', 'z'],
         'sex': ['f', 'm', 'f', 'm', 'm'], 'year': [2007, 2008, 2007, 2009, 2009]}


def kinds(tmp_path):
    frame = pandas.DataFrame(TABLE)
    frame.to_csv(tmp_path / 'birds.csv', index=False)
    return [frame, str(tmp_path / 'birds.csv')]


def test_columns_of_frames_and_files(tmp_path):
    for source in kinds(tmp_path):
        data = load_data(source, formula='sex ~ mass + species', missing='drop')
        assert data.column('nest') == ['a', 'a', None, 'b']
        assert data.column('year') == [2007, 2008, 2007, 2009]
        assert data.column('mass') == [3, 4, 5, 7]
        assert data.column('species') == ['x', 'y', 'z', 'z']
        assert data.column('sex') == ['f', 'm', 'f', 'm']
        # of some rows, and after a pickle
        for some in (data.take([3, 0]), pickle.loads(pickle.dumps(data)).take([3, 0])):
            assert [some.column(title) for title in ('nest', 'year', 'species')] == [['b', 'a'], [2009, 2007], ['z', 'x']]
        renamed = load_data(data, features=['mass', 'species_y'])
        assert renamed.column('nest') == data.column('nest')


def test_groups_have_those_of_their_rows():
    frame = pandas.DataFrame({'pen': ['a', 'b', 'c'], 'dose': [1.0, 2.0, 3.0], 'dead': [0, 2, 5], 'alive': [5, 3, 0]})
    data = load_data(frame, label=['alive', 'dead'], variables='dose')
    pens = {1: 'a', 2: 'b', 3: 'c'}
    assert data.column('dose') == data.points.ravel().tolist() and len(data) == 4
    assert data.column('pen') == [pens[dose] for dose in data.column('dose')]


@pytest.mark.parametrize('given', ['islands', 3, ''])
def test_other_titles_are_refused(given):
    with pytest.raises(ValueError, match='the data have no column'):
        penguins(formula='sex ~ body_mass_g').column(given)
