r"""
Files that were written before the weights and the offset of the rows belonged to the data
"""
import pathlib

import numpy
import pytest

from sage_logreg import load_model, maximum_likelihood

FILES = pathlib.Path(__file__).parent / 'older_files'
# the weights and the costs that the models had when they were saved
SAVED = {
    'gradient_descent': (['0x1.f169316f5c43cp-10', '0x1.bdad99b6fb858p-7'], 0.683729, 20),
    'stochastic_gradient_descent': (['-0x1.e0d7777787209p-6', '0x1.42dcd3e4b32cfp-7'], 0.689209, 20),
    'weights_and_offset': (['-0x1.1d443aa8bc95ap+1', '0x1.1ba1b755c979dp+0'], 0.409875, 6),
    'grouped': (['-0x1.05bfb50abb968p+2', '0x1.f109ec257db7dp+0'], 0.407552, 12),
    'features': (['-0x1.69f2e48e9d538p+0', '0x1.1244b9e2084e8p-5', '0x1.80e5c5d9b3ebap-3'], 0.482475, 7),
    'minimized_cost': (['0x1.87f7ef2dbea8fp-5', '0x1.7c9b9199f12a1p-3'], 0.16043, 20)}


@pytest.mark.lanes
@pytest.mark.parametrize('name', SAVED)
def test_they_load_to_the_bit(name):
    if name in ('features', 'minimized_cost'):
        pytest.importorskip('sage.all')
    weights, cost, iterations = SAVED[name]
    model = load_model(FILES / f'{name}.json')
    assert [float(weight).hex() for weight in model.weights()] == weights
    assert float(model.cost()) == pytest.approx(cost, abs=1e-6)
    assert model.iterations() == iterations


def test_weights_and_offset_are_those_of_the_rows(tmp_path):
    model = load_model(FILES / 'weights_and_offset.json')
    assert model.data.weights.tolist() == [1, 2, 1, 2, 1] and model.data.offset.tolist() == [0, 0.5, 0, 0, 0]
    again = maximum_likelihood(model.data)
    numpy.testing.assert_allclose(numpy.array(again.weights()), numpy.array(model.weights()), rtol=1e-12)
    model.save(tmp_path / 'now.json')
    assert load_model(tmp_path / 'now.json') == model


@pytest.mark.parametrize('name', ['gradient_descent', 'stochastic_gradient_descent'])
def test_they_can_be_resumed(name):
    model = load_model(FILES / f'{name}.json')
    resumed = model.resume(10, report=100)
    assert resumed.iterations() == 30
    assert float(resumed.cost()) < float(model.cost())
