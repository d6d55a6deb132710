r"""
Descents on more than two classes, against plain loops in NumPy: every option, in any combination.
"""
import numpy
import pytest

from sage_logreg import gradient_descent, load_data, stochastic_gradient_descent

from helpers import array, close, weights_of


def problem(seed, m=60, n=3, classes=4):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(m, n)) * [1, 3, 0.2] + [0, 2, -1]
    labels = random.permutation(numpy.arange(m) % classes)
    return points, labels, random.randint(1, 4, m).astype(float), random.normal(size=(m, classes))


class Plain:
    r"""
    The cost of K classes and its gradient; the penalty is on all weights but the biases, in the units of the data.
    """

    def __init__(self, points, labels, classes, l2=0, weights=None, offset=None, intercept=True):
        m = len(points)
        self.X = numpy.column_stack([numpy.ones(m), points]) if intercept else points
        self.Y, self.offset = numpy.eye(classes)[labels], 0.0 if offset is None else offset
        self.frequency = numpy.ones(m) if weights is None else weights / weights.mean()
        total = m if weights is None else weights.sum()
        self.factors = l2 / total * numpy.array([0.0] * intercept + [1.0] * points.shape[1])

    def gradient(self, w, rows=slice(None)):
        z = self.X[rows] @ w.T + (self.offset if numpy.isscalar(self.offset) else self.offset[rows])
        p = numpy.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        r = self.frequency[rows][:, None] * (p - self.Y[rows])
        return r.T @ self.X[rows] / len(r) + self.factors * w


OPTIONS = [{}, {'l2': 3}, {'weights': True, 'l2': 2}, {'offset': True}, {'intercept': False}, {'initial': True}]


def given(options, counts, offset, classes, count):
    start = numpy.random.RandomState(9).normal(size=(classes, count)) if options.get('initial') else numpy.zeros((classes, count))
    more = {name: value for name, value in options.items() if name in ('l2', 'intercept')}
    more.update({'weights': counts} if options.get('weights') else {}, **({'offset': offset} if options.get('offset') else {}))
    return start, more


@pytest.mark.parametrize('options', OPTIONS)
@pytest.mark.parametrize('classes', [3, 4])
def test_gradient_descent(options, classes):
    points, labels, counts, offset = problem(classes, classes=classes)
    start, more = given(options, counts, offset, classes, 4 - (options.get('intercept') is False))
    plain = Plain(points, labels, classes, **more)
    w, seen, called = start, [], []
    for step in range(25):
        seen.append(w)
        w = w - 0.2 * plain.gradient(w)
    model = gradient_descent((points, labels), 0.2, 25, initial=start, report=None, callback=lambda *record: called.append(record), **more)
    close(weights_of(model), w, 1e-12, 1e-13)
    for (step, cost, weights), record in zip(called, model.history()):
        close(weights, seen[step], 1e-10, 1e-12)
        close(array(record.weights), weights, 0)
    close(array(model.gradient()), plain.gradient(w), 1e-8, 1e-12)


@pytest.mark.parametrize('options', OPTIONS)
@pytest.mark.parametrize('size, momentum, shuffle, drop_last', [(1, 0, 'once', False), (1, 0.4, None, True), (7, 0.6, 'epoch', False),
                                                                (7, 0.3, None, True), (60, 0.9, 'once', False), (60, 0, 'epoch', True)])
def test_stochastic_gradient_descent(options, size, momentum, shuffle, drop_last):
    points, labels, counts, offset = problem(5)
    start, more = given(options, counts, offset, 4, 4 - (options.get('intercept') is False))
    plain = Plain(points, labels, 4, **more)
    w, velocity = start, 0.0
    for epoch in range(4):
        order = {'once': 11, 'epoch': [11, epoch]}.get(shuffle)
        order = numpy.arange(60) if order is None else numpy.random.RandomState(order).permutation(60)
        for first in range(0, 60 - 60 % size if drop_last else 60, size):
            velocity = momentum * velocity - 0.05 * plain.gradient(w, order[first:first + size])
            w = w + velocity
    model = stochastic_gradient_descent((points, labels), 0.05, 4, size, shuffle, 11, momentum, initial=start, drop_last=drop_last, **more)
    close(weights_of(model), w, 1e-12, 1e-13)


@pytest.mark.parametrize('size', [1, 7, 60])
def test_points_of_four_bytes(size):
    points, labels, counts, _ = problem(14)
    points = points.astype('float32')
    # the weights are of eight bytes all the same
    plain, w = Plain(points.astype(float), labels, 4, l2=2, weights=counts), numpy.zeros((4, 4))
    for _ in range(4):
        for first in range(0, 60, size):
            w = w - 0.05 * plain.gradient(w, slice(first, first + size))
    model = stochastic_gradient_descent((points, labels), 0.05, 4, size, None, l2=2, weights=counts, dtype='float32')
    assert model.data.points.dtype == numpy.float32
    close(weights_of(model), w, 1e-12, 1e-13)


@pytest.mark.parametrize('l2', [0, 2])
def test_standardised_variables(l2):
    points, labels, *_ = problem(7)
    mean, deviation = points.mean(axis=0), points.std(axis=0)
    plain = Plain((points - mean) / deviation, labels, 4, l2)
    plain.factors = plain.factors / numpy.concatenate([[1.0], deviation])**2
    w = numpy.zeros((4, 4))
    for _ in range(30):
        w = w - 0.5 * plain.gradient(w)
    slopes = w[:, 1:] / deviation
    expected = numpy.column_stack([w[:, 0] - slopes @ mean, slopes])
    close(weights_of(gradient_descent((points, labels), 0.5, 30, scale=True, l2=l2)), expected, 1e-9, 1e-11)


def test_it_stops_within_tol():
    points, labels, *_ = problem(8)
    plain, w, steps = Plain(points, labels, 4), numpy.zeros((4, 4)), 0
    while abs(plain.gradient(w)).max() > 0.01:
        w, steps = w - 0.2 * plain.gradient(w), steps + 1
    model = gradient_descent((points, labels), 0.2, 10**5, tol=0.01)
    assert model.iterations() == steps and not model.converged()
    close(weights_of(model), w, 1e-9, 1e-11)


def test_from_a_model():
    points, labels, *_ = problem(9)
    half, whole = gradient_descent((points, labels), 0.2, 10), gradient_descent((points, labels), 0.2, 30)
    assert weights_of(gradient_descent((points, labels), 0.2, 20, initial=half)).tobytes() == weights_of(whole).tobytes()


def test_features(sage):
    points, labels, *_ = problem(10)
    x1, x2 = sage.SR.var('x1'), sage.SR.var('x2')
    model = gradient_descent((points, labels), 0.05, 20, features=[x1 * x2, x1**2])
    other = gradient_descent((numpy.column_stack([points[:, 0] * points[:, 1], points[:, 0]**2]), labels), 0.05, 20)
    close(weights_of(model), weights_of(other), 1e-12)


@pytest.mark.parametrize('l2', [0, 2])
@pytest.mark.parametrize('train, options', [(gradient_descent, {'iterations': 20}),
                                            (stochastic_gradient_descent, {'epochs': 4, 'batch_size': 7, 'momentum': 0.3})])
def test_a_cost_of_ones_own(train, options, l2):
    from sage_logreg.engine import T
    points, labels, *_ = problem(11)

    def cost(X, y, w):
        z = T.dot(X, w[:, 1:].T) + w[:, 0]
        z = z - T.max(z, axis=1, keepdims=True)
        return T.mean(T.log(T.sum(T.exp(z), axis=1)) - z[T.arange(y.shape[0]), T.cast(y, 'int64')])

    model, other = (train((points, labels), 0.1, l2=l2, cost=one, **options) for one in (cost, None))
    close(weights_of(model), weights_of(other), 1e-10, 1e-12)
    assert model.cost() == pytest.approx(float(other.cost()), rel=1e-12)


@pytest.mark.parametrize('initial, said', [([[0] * 4] * 3, 'initial has 3 rows; expected 4 rows of 4 real numbers'),
                                           ([[0] * 3] * 4, r'initial\[0\] has 3 entries; expected 4 real numbers'),
                                           ([0] * 16, 'initial has 16 rows; expected 4 rows of 4 real numbers')])
def test_weights_to_start_from_that_are_refused(initial, said):
    points, labels, *_ = problem(12)
    with pytest.raises(ValueError, match=said):
        gradient_descent((points, labels), initial=initial)


def test_divergence_is_told():
    points, labels, *_ = problem(13)
    with pytest.warns(RuntimeWarning, match='gradient_descent: the cost rose from .* with learning_rate=100, which is too large; try'):
        gradient_descent(load_data((points, labels)), 100, 5)
