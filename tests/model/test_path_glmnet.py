"""Paths beside those of R's glmnet, where it is installed, on the examples of its documentation."""
import shutil
import subprocess

import numpy
import pytest

from sage_logreg import load_data, regularization_path

# x, y, and the weights at several penalties, of many fits; then the validation with folds that are read from the input
PROGRAM = r"""
if (!suppressWarnings(suppressMessages(require(glmnet, quietly=TRUE)))) quit(status=3)
show <- function(name, values) cat(name, sprintf('%.17g', as.vector(values)), '\n')
fit <- function(name, ...) {
    found <- glmnet(..., thresh=1e-20, maxit=1e7)
    weights <- coef(found)
    show(name, if (is.list(weights)) sapply(weights, as.matrix) else as.matrix(weights))
}
data(BinomialExample); data(MultinomialExample); data(SparseExample)
xb <- BinomialExample$x; yb <- BinomialExample$y
xm <- MultinomialExample$x; ym <- MultinomialExample$y
xs <- SparseExample$x; ys <- as.integer(SparseExample$y > 0)
for (name in c('xb', 'yb', 'xm', 'ym', 'ys')) show(name, t(get(name)))
show('xs', t(as.matrix(xs)))
lambdas <- c(0.1, 0.03, 0.01)
w <- 1 + (seq_along(yb) - 1) %% 3; o <- xb[, 2] / 2; f <- c(0, 2, rep(1, ncol(xb) - 2))
fit('binomial', xb, yb, family='binomial', lambda=lambdas)
fit('ratio', xb, yb, family='binomial', lambda=lambdas, alpha=0.5, standardize=FALSE)
fit('rows', xb, yb, family='binomial', lambda=lambdas, weights=w, offset=o, penalty.factor=f)
fit('sparse', xs, ys, family='binomial', lambda=lambdas)
for (kind in c('grouped', 'ungrouped')) {
    fit(kind, xm, ym, family='multinomial', lambda=lambdas, type.multinomial=kind)
    fit(paste0(kind, 'ratio'), xm, ym, family='multinomial', lambda=lambdas, type.multinomial=kind, alpha=0.6, standardize=FALSE,
        weights=1 + (seq_along(ym) - 1) %% 3)
    show(paste0(kind, 'lambdas'), glmnet(xm, ym, family='multinomial', type.multinomial=kind, nlambda=10)$lambda)
}
show('binomiallambdas', glmnet(xb, yb, family='binomial', nlambda=10)$lambda)
cat('ready\n')
input <- file('stdin', 'r')
folds <- function() as.integer(strsplit(readLines(input, 1), ' ')[[1]])
validate <- function(name, ...) {
    found <- cv.glmnet(..., foldid=folds(), lambda=0.2 * 0.7^(0:10), thresh=1e-16, maxit=1e7)
    show(name, c(found$lambda.min, found$lambda.1se, found$cvm, found$cvsd))
}
validate('cvbinomial', xb, yb, family='binomial')
validate('cvgrouped', xm, ym, family='multinomial', type.multinomial='grouped')
cat('done\n')
"""
LAMBDAS = [0.1, 0.03, 0.01]


@pytest.fixture(scope='module')
def glmnet():
    if shutil.which('Rscript') is None:
        pytest.skip('no R')
    process = subprocess.Popen(['Rscript', '-e', PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(end):
        found = {}
        for line in iter(process.stdout.readline, ''):
            name, *numbers = line.split()
            if name == end:
                return found
            found[name] = numpy.array(numbers, dtype=float)
        if process.wait() == 3:
            pytest.skip('no glmnet')
        raise RuntimeError(f'R has ended before {end}')

    with process:
        found = read('ready')
        rows = {name: len(found['y' + name]) for name in 'bms'}
        found.update({'x' + name: found['x' + name].reshape(rows[name], -1) for name in 'bms'})
        for which, options in (('b', {}), ('m', {'grouped': True})):
            path = path_of(found, which, lambdas=[0.1], **options)
            process.stdin.write(' '.join(map(str, path._folds(5, 1) + 1)) + '\n')
        process.stdin.flush()
        return {**found, **read('done')}


def path_of(found, which, tol=1e-15, **options):
    return regularization_path(load_data((found['x' + which], found['y' + which].astype(int))), tol=tol, **options)


def rows_of(count):
    return 1 + numpy.arange(count) % 3


@pytest.mark.parametrize('name, which, options', [
    ('binomial', 'b', {}), ('ratio', 'b', {'l1_ratio': 0.5, 'standardize': False}), ('sparse', 's', {}),
    ('grouped', 'm', {'grouped': True}), ('ungrouped', 'm', {'grouped': False}),
    ('groupedratio', 'm', {'grouped': True, 'l1_ratio': 0.6, 'standardize': False, 'weights': True}),
    ('ungroupedratio', 'm', {'grouped': False, 'l1_ratio': 0.6, 'standardize': False, 'weights': True})])
@pytest.mark.parametrize('sparse', [False, True])
def test_weights_are_those_of_glmnet(glmnet, name, which, options, sparse):
    points, labels = glmnet['x' + which], glmnet['y' + which].astype(int)
    if sparse:
        from scipy.sparse import csc_matrix
        points = csc_matrix(points)
    if 'weights' in options:
        options = {**options, 'weights': rows_of(len(labels))}
    path = regularization_path((points, labels), lambdas=LAMBDAS, tol=1e-15, **options)
    found = numpy.array([numpy.array(path.weights(lambda_), dtype=float).T for lambda_ in LAMBDAS])
    # R's columns are a class after the other, of each the penalties one after the other
    expected = glmnet[name].reshape(*([-1] if which == 'm' else []), len(LAMBDAS), found.shape[1])
    if which == 'm':
        expected = expected.transpose(1, 2, 0)
    numpy.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    assert ((found == 0) == (expected == 0)).all()


def test_rows_and_factors_are_those_of_glmnet(glmnet):
    points, count = glmnet['xb'], len(glmnet['yb'])
    path = regularization_path((points, glmnet['yb'].astype(int)), lambdas=LAMBDAS, tol=1e-15, weights=rows_of(count), offset=points[:, 1] / 2,
                               penalty_factors=[0, 2] + [1] * (points.shape[1] - 2))
    found = numpy.array([numpy.array(path.weights(lambda_), dtype=float) for lambda_ in LAMBDAS])
    numpy.testing.assert_allclose(found, glmnet['rows'].reshape(found.shape), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize('name, which, options', [('binomial', 'b', {}), ('grouped', 'm', {'grouped': True}), ('ungrouped', 'm', {'grouped': False})])
def test_penalties_are_those_of_glmnet(glmnet, name, which, options):
    expected = glmnet[name + 'lambdas']
    path = path_of(glmnet, which, 1e-7, count=10, **options)
    common = min(len(path), len(expected))
    numpy.testing.assert_allclose(list(path.lambdas())[:common], expected[:common], rtol=1e-10)
    assert common > 5


@pytest.mark.parametrize('name, which, options', [('cvbinomial', 'b', {}), ('cvgrouped', 'm', {'grouped': True})])
def test_validation_is_that_of_glmnet(glmnet, name, which, options):
    # glmnet takes no probability for less than 1e-5, so that penalties are not much smaller
    lambdas = 0.2 * 0.7**numpy.arange(11)
    validation = path_of(glmnet, which, 1e-13, lambdas=lambdas, **options).cross_validate(folds=5, seed=1)
    expected = glmnet[name]
    numpy.testing.assert_allclose([validation.lambda_min(), validation.lambda_1se()], expected[:2], rtol=1e-10)
    numpy.testing.assert_allclose(list(validation.deviances()), expected[2:2 + len(lambdas)], rtol=1e-6)
    numpy.testing.assert_allclose(list(validation.standard_errors()), expected[2 + len(lambdas):], rtol=1e-5)
