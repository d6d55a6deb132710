"""Steps that reuse a Hessian, which many rows have: their sums are those of the rows of a chunk."""
import numpy
import pandas
import pytest

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.solvers import likelihood


@pytest.mark.parametrize('classes', [2, 3])
def test_chunks_of_many_rows(tmp_path, monkeypatch, classes):
    monkeypatch.setattr(likelihood, 'MANY', 100)
    random = numpy.random.RandomState(0)
    x = random.normal(size=(5000, 3))
    noise = random.gumbel(size=(5000, classes))
    frame = pandas.DataFrame(x, columns=['a', 'b', 'c']).assign(y=(x[:, :classes] + noise).argmax(axis=1))
    for k, rows in enumerate((frame[:500], frame[500:3000], frame[3000:])):
        rows.to_parquet(tmp_path / f'{k}.parquet')
    whole, model = maximum_likelihood(frame), maximum_likelihood(load_data(tmp_path / '*.parquet'), check=False)
    assert model.cost() == pytest.approx(whole.cost(), rel=1e-13)
    assert numpy.array(model.weights()) == pytest.approx(numpy.array(whole.weights()), rel=1e-10)
    assert [record.cost for record in model.history()] == pytest.approx([record.cost for record in whole.history()], rel=1e-12)
