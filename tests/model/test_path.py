"""Regularization paths beside glmnet and scikit-learn; their models, which are saved, and their validation."""
import numpy
import pytest

from sage_logreg import ex2data1, load_data, load_model, maximum_likelihood, penguins, regularization_path
from sage_logreg.dataset.examples import ex2data2

# glmnet 4.1-6 of R 4.2.2: X the nine monomials below, y the labels of ex2data2, m = 118, w <- 1 + (0:(m-1)) %% 3, o <- X[,1]/2,
# f <- c(0,1,1,2,1,1,1,1,3); sprintf('%.12g', coef(glmnet(X, y, family='binomial', thresh=1e-22, maxit=1e8, lambda=, ...)))
GLMNET = [
    (0.02, {}, [2.89920638933, 1.15871102272, 1.72243895613, -6.67988251791, -2.91749474571, -5.96693138808, 0, 0, 0, 0]),
    (0.02, {'standardize': False}, [1.11556110369, 0, 0.125394685696, -2.68725686794, 0, -1.72473748404, 0, 0, 0, 0]),
    (0.05, {'l1_ratio': 0.3}, [1.8053316533, 0.475583727263, 0.80757779148, -4.25144246277, -1.46931300936, -3.39288650329, 0, 0, 0,
                               -0.0337573659613]),
    (0.05, {'l1_ratio': 0}, [1.81832472779, 0.652596494605, 1.16544348407, -4.32779016766, -1.5730000416, -3.2843216632, 0.0422955339576,
                             -0.516770510182, -0.592456251284, -0.658076819498]),
    (0.02, {'weights': True}, [2.84049965865, 1.13080745549, 1.77060150206, -6.36580282031, -2.89271811192, -6.07594357399, 0, 0, 0, 0]),
    (0.02, {'offset': True}, [2.89920638934, 0.658711022728, 1.72243895614, -6.67988251793, -2.91749474573, -5.96693138811, 0, 0, 0, 0]),
    (0.02, {'penalty_factors': [0, 1, 1, 2, 1, 1, 1, 1, 3]}, [3.18358718679, 1.58720278418, 2.01189674258, -7.35545445735, -3.03091280752,
                                                             -6.62156414911, 0, 0, 0, 0]),
    (0.02, {'intercept': False}, [0.0342636852518, 1.19939525489, -1.61031002829, -1.03806519589, -0.22920981456, 0, -0.674197999182, 0,
                                  -1.63717670849]),
    (0.01, {'l1_ratio': 0.7, 'weights': True, 'offset': True, 'penalty_factors': [0, 1, 1, 2, 1, 1, 1, 1, 3]},
     [3.67017761574, 1.92348607496, 2.74049607713, -8.13670051366, -4.39168015123, -8.3144261212, -0.675802918605, 0, -0.382244061441, 0])]
# glmnet(X, y, family='binomial'): lambda[c(1, 2, 75)], of 75; with alpha=0 lambda[1]
LAMBDAS, RIDGE = [0.194953619163, 0.177634476951, 0.000199541077044], 194.953619163


def monomials():
    data = ex2data2()
    x1, x2 = data.points.T
    return numpy.column_stack([x1**(k - b) * x2**b for k in (1, 2, 3) for b in range(k + 1)]), data.labels


def as_given(options):
    points = monomials()[0]
    rows = {'weights': 1 + numpy.arange(len(points)) % 3, 'offset': points[:, 0] / 2}
    return {name: rows.get(name, value) for name, value in options.items()}


@pytest.mark.parametrize('sparse', [False, True])
@pytest.mark.parametrize('place', range(len(GLMNET)))
def test_glmnet_has_the_same_weights(place, sparse):
    points, labels = monomials()
    if sparse:
        from scipy.sparse import csr_matrix
        points = csr_matrix(points)
    lambda_, options, expected = GLMNET[place]
    path = regularization_path((points, labels), lambdas=[lambda_], tol=1e-15, **as_given(options))
    weights = numpy.array(path.weights(lambda_), dtype=float)
    numpy.testing.assert_allclose(weights, expected, rtol=1e-7, atol=1e-7)
    assert ((weights == 0) == (numpy.array(expected) == 0)).all()


def test_glmnet_has_the_same_penalties():
    points, labels = monomials()
    path = regularization_path((points, labels))
    numpy.testing.assert_allclose([path.lambdas()[0], path.lambdas()[1]], LAMBDAS[:2], rtol=1e-10)
    # it ends where the next penalty explains hardly more; with its default thresh=1e-7 glmnet has one more
    gains = numpy.diff(numpy.array(path.deviance_ratio(), dtype=float))
    assert gains[-1] < 1e-5 <= gains[3:-1].min() and len(path) == len(regularization_path((points, labels), tol=1e-14)) == 74
    # length(glmnet(X, y, family='binomial', thresh=1e-14)$lambda) of ex2data1
    assert len(regularization_path(ex2data1())) == 70
    numpy.testing.assert_allclose(regularization_path((points, labels), l1_ratio=0, count=2).lambdas()[0], RIDGE, rtol=1e-10)


@pytest.mark.parametrize('groups', [([[1, 0], [2, 1], [3, 5], [4, 4], [5, 2]], [1, 2, 4, 5, 10], [10] * 5),
                                    ([[1, 0], [2, 1], [3, 5], [4, 4]], [[3, 1, 0], [2, 2, 5], [0, 1, 6], [1, 0, 9]])], ids=['two classes', 'three'])
def test_the_explained_part_is_of_the_deviance_of_groups(groups):
    path = regularization_path(groups, lambdas=[0.1, 0.01])
    assert f'{len(groups[0])} groups with ' in path.note
    for lambda_, ratio in zip(path.lambdas(), path.deviance_ratio()):
        model = path.model(lambda_)
        assert float(ratio) == pytest.approx(1 - float(model.deviance() / model.null_deviance()), rel=1e-10)


def test_glmnet_explains_as_much_of_groups():
    # glmnet 4.1-6, with s <- c(1,2,4,5,10):
    # glmnet(rbind(c(1,0),c(2,1),c(3,5),c(4,4),c(5,2)), cbind(10-s, s), family='binomial', lambda=c(.1, .01), thresh=1e-20)$dev.ratio
    path = regularization_path(([[1, 0], [2, 1], [3, 5], [4, 4], [5, 2]], [1, 2, 4, 5, 10], [10] * 5), lambdas=[0.1, 0.01], tol=1e-15)
    numpy.testing.assert_allclose(numpy.array(path.deviance_ratio(), dtype=float), [0.691875754242, 0.859461330958], rtol=1e-10)


def test_scikit_learn_has_the_same_weights():
    linear_model = pytest.importorskip('sklearn.linear_model')
    points, labels = monomials()
    lambda_, ratio = 0.01, 0.6
    theirs = linear_model.LogisticRegression(penalty='elasticnet', C=1 / (len(labels) * lambda_), l1_ratio=ratio, solver='saga', tol=1e-12,
                                             max_iter=100000).fit(points, labels)
    path = regularization_path((points, labels), ratio, [lambda_], standardize=False, tol=1e-15)
    expected = [theirs.intercept_[0], *theirs.coef_[0]]
    numpy.testing.assert_allclose(numpy.array(path.weights(lambda_), dtype=float), expected, atol=1e-7)
    total = len(labels)
    single = maximum_likelihood((points, labels), l1=total * lambda_ * ratio, l2=total * lambda_ * (1 - ratio), tol=1e-15)
    numpy.testing.assert_allclose(numpy.array(single.weights(), dtype=float), expected, atol=1e-7)
    assert single.converged() and max(map(abs, single.gradient())) < 1e-8


def test_weights_between_two_penalties_are_fitted():
    path = regularization_path(ex2data1(), lambdas=[0.2, 0.05], tol=1e-14)
    alone = regularization_path(ex2data1(), lambdas=[0.1], tol=1e-14)
    numpy.testing.assert_allclose(numpy.array(path.weights(0.1)), numpy.array(alone.weights(0.1)), rtol=1e-6)


@pytest.mark.parametrize('data', [ex2data1(), penguins(label='species')], ids=['two classes', 'three'])
def test_weights_do_not_depend_on_what_was_asked_before(data):
    path = regularization_path(data, count=5)
    first = numpy.array(path.weights(0.05))
    path.weights(1e-6), path.weights(0.2)
    for again in (path, regularization_path(data, count=5)):
        numpy.testing.assert_array_equal(numpy.array(again.weights(0.05)), first)


@pytest.mark.parametrize('make', [lambda: regularization_path(ex2data1(), 0.5, [0.1], penalty_factors=[1, 2]).model(0.1),
                                  lambda: maximum_likelihood(ex2data1(), l1=3, l2=1)])
def test_a_model_is_saved_with_its_penalty(make, tmp_path):
    model = make()
    for one in (model, model.with_weights([1, 0, 2])):
        one.save(tmp_path / 'model.json')
        again = load_model(tmp_path / 'model.json')
        assert again == one and again.cost() == one.cost() and again.options().keys() == one.options().keys()
    # the gradient is that of differences
    other, h = [-5.0, 0.1, 0.2], 1e-6
    rise = [(model.with_weights(numpy.add(other, h * unit)).cost() - model.with_weights(numpy.subtract(other, h * unit)).cost()) / (2 * h)
            for unit in numpy.eye(3)]
    numpy.testing.assert_allclose(numpy.array(model.with_weights(other).gradient()), rise, rtol=1e-6, atol=1e-8)
    assert model.with_weights(other).cost() > model.cost()
    with pytest.raises(ValueError, match='has no curvature'):
        model.standard_errors()


def test_grouped_rows_stay_together_and_folds_decide():
    groups = load_data(([[1, 0], [2, 1], [3, 5], [4, 4], [5, 2], [6, 1]], [1, 2, 4, 5, 8, 9], [10] * 6))
    path = regularization_path(groups, count=8)
    one, two, other = (path.cross_validate(folds=3, seed=seed) for seed in (1, 1, 2))
    assert list(one.deviances()) == list(two.deviances()) != list(other.deviances())
    place = path._folds(3, 1)
    from sage_logreg.dataset.observations import groups_of_rows
    for group in range(6):
        assert len(set(place[groups_of_rows(groups) == group])) == 1
    # what is left out is predicted by a path of the others
    left_out = groups.take(numpy.flatnonzero(place == 0))
    k = 4
    weights = regularization_path(groups.take(numpy.flatnonzero(place != 0)), lambdas=path.lambdas()).weights(path.lambdas()[k])
    from sage_logreg.model.logistic import LogisticModel
    deviance = LogisticModel(left_out, numpy.array(weights, dtype=float)).deviance() / left_out.total()
    numpy.testing.assert_allclose(one._deviances[0, k], deviance, rtol=1e-6)
    assert one.lambda_min() <= one.lambda_1se()


@pytest.mark.parametrize('options, sentence', [
    ({'l1_ratio': -1}, 'l1_ratio = -1; expected a real number at least 0 and at most 1'),
    ({'lambdas': [0.1, 0]}, r'lambdas\[1\] = 0; expected a real number above 0'),
    ({'penalty_factors': [1]}, 'penalty_factors has 1 entries; expected 2 real numbers'),
    ({'penalty_factors': [0, 0]}, 'penalty_factors are all zero'),
    ({'standardize': 1}, 'standardize = 1; expected True or False'),
    ({'smallest': 1}, 'smallest = 1; expected a real number above 0 and below 1')])
def test_what_is_wrong_is_said(options, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        regularization_path(ex2data1(), **options)


def test_an_interrupted_path_is_what_it_is_so_far(monkeypatch):
    from sage_logreg.solvers.coordinate import PenalizedCost
    minimize, calls = PenalizedCost.minimize, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) > 4:
            raise KeyboardInterrupt
        return minimize(*arguments)
    monkeypatch.setattr(PenalizedCost, 'minimize', interrupted)
    with pytest.warns(RuntimeWarning, match='interrupted after 4 of 100 penalties'):
        path = regularization_path(ex2data1())
    assert len(path) == 4


@pytest.mark.parametrize('options', [{'initial': [0, 0, 0]}, {'report': 1}, {'callback': print}])
def test_what_a_single_fit_does_not_have_is_refused(options):
    name, = options
    with pytest.raises(ValueError, match=f'{name} = .* and l1 = 3: '):
        maximum_likelihood(ex2data1(), l1=3, **options)


def test_a_path_of_squares_makes_no_weight_zero():
    model = regularization_path(ex2data1(), l1_ratio=0, lambdas=[0.1]).model(0.1)
    with pytest.raises(ValueError, match='draws the weights to zero'):
        model.standard_errors()


@pytest.mark.parametrize('rows, columns, l1, l2', [(100, 5, 1, 0), (200, 30, 0.1, 1), (60, 100, 2, 0), (40, 8, 1e-4, 0)])
def test_a_single_fit_is_exact(rows, columns, l1, l2):
    # a gap says of the weights only the square of their error; two columns are nearly the same
    random = numpy.random.RandomState(rows)
    points = random.normal(size=(rows, columns))
    points[:, 1] = points[:, 0] + 0.01 * random.normal(size=rows)
    labels = (points[:, :3].sum(axis=1) + random.normal(size=rows) > 0).astype(float)
    bias, *slopes = map(float, maximum_likelihood((points, labels), l1=l1, l2=l2).weights())
    slopes = numpy.array(slopes)
    residuals = labels - 1 / (1 + numpy.exp(-bias - points @ slopes))
    ahead = (points.T @ residuals - l2 * slopes) / rows
    assert abs(residuals.mean()) < 1e-11
    assert abs(ahead - l1 / rows * numpy.sign(slopes))[slopes != 0].max() < 1e-11
    assert abs(ahead[slopes == 0]).max(initial=0.0) < l1 / rows


@pytest.mark.parametrize('make', [lambda: maximum_likelihood(ex2data1(), l1=1), lambda: regularization_path(ex2data1(), lambdas=[0.1]).model(0.1)])
def test_what_needs_an_estimate_says_without_which_penalty(make):
    with pytest.raises(ValueError, match='has no curvature; expected a converged model of maximum_likelihood without l1$'):
        make().confidence_intervals()
