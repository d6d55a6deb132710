r"""
Models of more than two classes, against statsmodels, scikit-learn and plain arithmetic.
"""
import numpy
import pytest

from sage_logreg import gradient_descent, load_data, load_model, maximum_likelihood, penguins, stochastic_gradient_descent

from helpers import array, close, weights_of


def random_data(seed, m=200, n=4, classes=3, **more):
    random = numpy.random.RandomState(seed)
    points = random.normal(size=(m, n)) * [1, 100, 0.01, 1][:n] + [0, 500, 0, -3][:n]
    scores = (points - points.mean(axis=0)) / points.std(axis=0) @ random.normal(size=(n, classes))
    return load_data((points, (scores + random.gumbel(size=(m, classes))).argmax(axis=1)), **more)


@pytest.mark.parametrize('classes', [3, 5])
@pytest.mark.parametrize('l2', [0, 0.5, 100])
def test_the_estimate_is_scikit_learns(classes, l2):
    linear_model = pytest.importorskip('sklearn.linear_model')
    data = random_data(classes, classes=classes).without_features()
    # in columns of one size, where scikit-learn arrives
    points = (data.points - data.points.mean(axis=0)) / data.points.std(axis=0)
    model = maximum_likelihood((points, data.labels), l2=l2)
    other = linear_model.LogisticRegression(C=1 / l2 if l2 else numpy.inf, tol=1e-12, max_iter=10000).fit(points, data.labels)
    assert model.converged()
    rows = weights_of(model)
    close(rows[:, 1:], other.coef_ - other.coef_.mean(axis=0), 1e-6, 1e-7)
    close(rows[:, 0], other.intercept_ - other.intercept_.mean(), 1e-6, 1e-7)
    assert abs(rows.sum(axis=0)).max() < 1e-12 * abs(rows).max()


def test_the_estimate_is_statsmodels():
    api = pytest.importorskip('statsmodels.api')
    voters = api.datasets.anes96.load()
    expected = api.MNLogit(voters.endog, api.add_constant(voters.exog)).fit(method='newton', tol=1e-14, disp=0, maxiter=100)
    frame = voters.exog.assign(PID=voters.endog.astype(int))
    model = maximum_likelihood(frame, label='PID')
    assert model.converged() and model.data.classes == 7
    close(array(model.weights(baseline=0))[1:].T, expected.params.to_numpy(), 1e-10, 1e-12)


@pytest.mark.parametrize('options', [{}, {'l2': 1}, {'scale': True, 'l2': 1}])
def test_descents_go_to_the_estimate(options):
    data = random_data(1).take(slice(None))
    points = (data.points - data.points.mean(axis=0)) / data.points.std(axis=0)
    data = load_data((points * [1, 2, 3, 4], data.labels))
    expected = weights_of(maximum_likelihood(data, l2=options.get('l2', 0)))
    far, near = (gradient_descent(data, learning_rate=0.2, iterations=20000, tol=tol, **options) for tol in (1e-8, 1e-12))
    close(weights_of(near), expected, 1e-8, 1e-10)
    # the weights have 8 digits or not, whatever tol was
    assert not far.converged() and near.converged()


def test_a_descent_that_keeps_what_the_classes_have_in_common_has_not_converged():
    data, common = load_data([[0, 0], [1, 1], [2, 2], [3, 1], [1, 0], [2, 0], [1, 2]]), 1e-3
    start = weights_of(maximum_likelihood(data, l2=1)) + [0, common]
    model = gradient_descent(data, learning_rate=0.1, iterations=100, tol=common, l2=1, initial=start)
    assert model.iterations() == 0 and not model.converged()
    # where there is no penalty it changes nothing
    start = weights_of(maximum_likelihood(data)) + [0, common]
    assert gradient_descent(data, learning_rate=0.1, iterations=100, tol=1e-9, initial=start).converged()


def test_a_split_training_has_the_same_bits(tmp_path):
    data, path = penguins(label='species', variables='bill_length_mm, body_mass_g'), tmp_path / 'model.json'
    options = dict(scale=True, learning_rate=0.02, batch_size=7, momentum=0.3, shuffle='epoch', seed=3)
    whole = stochastic_gradient_descent(data, epochs=12, **options)
    half = stochastic_gradient_descent(data, epochs=5, **options)
    half.save(path)
    assert weights_of(load_model(path).resume(7)).tobytes() == weights_of(whole).tobytes()
    assert load_model(path) == half
    whole = gradient_descent(data, scale=True, learning_rate=1, iterations=700)
    assert weights_of(gradient_descent(data, scale=True, learning_rate=1, iterations=300).resume(400)).tobytes() == weights_of(whole).tobytes()


def test_weights_of_rows_are_repetitions():
    random, data = numpy.random.RandomState(5), random_data(2, m=60)
    counts = random.randint(0, 4, 60)
    once = maximum_likelihood((data.points, data.labels), weights=counts, l2=1)
    repeated = maximum_likelihood((numpy.repeat(data.points, counts, axis=0), numpy.repeat(data.labels, counts)), l2=1)
    close(weights_of(once), weights_of(repeated), 1e-9, 1e-12)


def test_predictions():
    data = random_data(3)
    model = maximum_likelihood(data)
    rows = weights_of(model)
    z = numpy.column_stack([numpy.ones(len(data)), data.points]) @ rows.T
    e = numpy.exp(z - z.max(axis=1, keepdims=True))
    close(array(model.probability(data.points)), e / e.sum(axis=1, keepdims=True), 1e-10, 1e-14)
    assert model.predict(data.points) == z.argmax(axis=1).tolist()
    table = array(model.confusion_matrix())
    assert table.sum() == len(data) and model.accuracy() == numpy.trace(table) / len(data)
    assert table[1, 2] == ((data.labels == 1) & (z.argmax(axis=1) == 2)).sum()


def test_a_cost_of_ones_own():
    from sage_logreg.engine import T
    data = penguins(label='species', variables='bill_length_mm, body_mass_g')

    def cost(X, y, w):
        z = T.dot(X, w[:, 1:].T) + w[:, 0]
        z = z - T.max(z, axis=1, keepdims=True)
        return T.mean(T.log(T.sum(T.exp(z), axis=1)) - z[T.arange(y.shape[0]), T.cast(y, 'int64')])

    options = dict(scale=True, learning_rate=0.5, iterations=50)
    close(weights_of(gradient_descent(data, cost=cost, **options)), weights_of(gradient_descent(data, **options)), 1e-8, 1e-10)


def test_formulas(sage):
    model = maximum_likelihood(penguins(label='species', variables='bill_length_mm, body_mass_g'))
    point = [44, 4000]
    probabilities = array(model.probability(point))
    close([float(p) for p in model.posterior(*point)], probabilities, 1e-10)
    assert float(model.log_odds('Gentoo', 'Adelie', *point)) == pytest.approx(numpy.log(probabilities[2] / probabilities[0]), rel=1e-9)
    x, = model.boundary('Gentoo', 'Adelie').variables()
    on = [44, float(model.boundary('Gentoo', 'Adelie').subs({x: 44}))]
    assert float(model.log_odds('Gentoo', 'Adelie', *on)) == pytest.approx(0, abs=1e-8)


def test_early_stopping_by_its_rule():
    data = random_data(4, m=300)
    points = (data.points - data.points.mean(axis=0)) / data.points.std(axis=0)
    train, other = load_data((points[:200], data.labels[:200])), load_data((points[200:], data.labels[200:]))
    model = stochastic_gradient_descent(train, 0.05, 500, 30, shuffle=None, drop_last=True, validation=other, patience=40)
    # written anew: six whole batches an epoch, three of the other data
    weights, best, patience, update, epoch = numpy.zeros((3, 5)), numpy.inf, 40, 0, 0
    X, V = (numpy.column_stack([numpy.ones(len(p)), p]) for p in (points[:200], points[200:290]))
    done = False
    while not done:
        epoch += 1
        for batch in range(6):
            rows, labels = X[batch * 30:batch * 30 + 30], data.labels[batch * 30:batch * 30 + 30].astype(int)
            e = numpy.exp(rows @ weights.T)
            weights = weights - 0.05 / 30 * (e / e.sum(axis=1, keepdims=True) - numpy.eye(3)[labels]).T @ rows
            if batch == 5:
                error = ((V @ weights.T).argmax(axis=1) != data.labels[200:290]).mean()
                if error < best:
                    if error < best * 0.995:
                        patience = max(patience, update * 2)
                    best, chosen = error, weights
            if patience <= update:
                done = True
                break
            update += 1
    assert model.iterations() == epoch < 500
    close(weights_of(model), chosen, 1e-9, 1e-12)


def test_what_is_refused():
    data = penguins(label='species', variables='bill_length_mm, body_mass_g')
    with pytest.raises(ValueError, match='bias_reduced=True is of two classes, and the data have 3; expected l2 instead'):
        maximum_likelihood(data, bias_reduced=True)
    with pytest.raises(ValueError, match='initial has 2 rows; expected 3 rows of 3 real numbers'):
        gradient_descent(data, initial=[[1, 2, 3], [4, 5, 6]])
    with pytest.raises(ValueError, match='patience = 3 without validation'):
        stochastic_gradient_descent(data, patience=3)
    with pytest.raises(ValueError, match="'Emperor' is no label of the data; expected 'Adelie' or 'Chinstrap' or 'Gentoo'"):
        maximum_likelihood(data).log_odds('Emperor', 'Adelie')


@pytest.mark.parametrize('train', [lambda data, **options: gradient_descent(data, learning_rate=0.1, iterations=20, **options),
                                   lambda data, **options: stochastic_gradient_descent(data, learning_rate=0.1, epochs=5, **options)])
def test_descents_warn_where_classes_come_apart(train, recwarn):
    points = numpy.arange(40.0)[:, None] % 20
    apart, overlap = load_data((points, points[:, 0] // 7)), load_data((points, numpy.arange(40) % 3))
    train(overlap, scale=True)
    train(apart, scale=True, l2=1)
    assert not recwarn
    with pytest.warns(RuntimeWarning, match='complete separation of the classes, so that there is no minimum: .*; set a penalty l2$'):
        train(apart, scale=True)
