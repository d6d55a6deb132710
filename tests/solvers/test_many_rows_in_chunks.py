"""Many rows in chunks: a training begins with some rows of some chunks, and takes few passes."""
import numpy
import pandas
import pytest

from sage_logreg import load_data, maximum_likelihood
from sage_logreg.dataset.in_chunks import chunked
from sage_logreg.solvers import likelihood


@pytest.mark.parametrize('classes', [2, 3])
def test_chunks_of_many_rows(tmp_path, monkeypatch, classes):
    random = numpy.random.RandomState(0)
    x = random.normal(size=(5000, 3))
    noise = random.gumbel(size=(5000, classes))
    frame = pandas.DataFrame(x, columns=['a', 'b', 'c']).assign(y=(x[:, :classes] + noise).argmax(axis=1))
    for k, rows in enumerate((frame[:500], frame[500:3000], frame[3000:])):
        rows.to_parquet(tmp_path / f'{k}.parquet')
    whole = maximum_likelihood(frame)
    monkeypatch.setattr(likelihood, 'MANY', 1000)
    monkeypatch.setattr(chunked, 'LOOK', 900)
    data = load_data(tmp_path / '*.parquet')
    before = data.passes
    model = maximum_likelihood(data, check=False)
    assert model.solver() == 'Newton, from the estimate of a sample of the rows' and data.passes - before <= 5
    assert model.cost() == pytest.approx(whole.cost(), rel=1e-13)
    assert numpy.array(model.weights()) == pytest.approx(numpy.array(whole.weights()), rel=1e-10)
