"""Fit one contender's path to the data in a folder: seconds are printed, and the weights are written there.

    python benchmarks/lasso_peer.py folder contender tolerance

A process of its own, since some peers live in an environment of their own. What is compiled is compiled before, by a path of a part of
the data. The seconds are those of one thread, of the processor.
"""
import os
import sys
import time
import warnings

for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMBA_NUM_THREADS'):
    os.environ[name] = '1'


def shape_of(folder):
    """Return the numbers of rows and columns, whether they are sparse, and whether there is an intercept."""
    with open(os.path.join(folder, 'shape')) as file:
        return tuple(map(int, file.read().split()))


def read(folder):
    """Return the points, column by column, the labels and the penalties."""
    import numpy
    import scipy.sparse
    m, n, is_sparse, _ = shape_of(folder)

    def array(name, kind=float):
        return numpy.fromfile(os.path.join(folder, name), kind)
    if is_sparse:
        points = scipy.sparse.csc_matrix((array('points'), array('rows', numpy.int32), array('pointers', numpy.int32)), shape=(m, n))
    else:
        points = array('points').reshape(n, m).T
    return points, array('labels'), array('lambdas')


def write(folder, biases, weights):
    """Write the weights of a path, a matrix of lambdas x columns."""
    import numpy
    import scipy.sparse
    weights = scipy.sparse.csr_matrix(numpy.array(weights))
    numpy.array(biases, dtype=float).tofile(os.path.join(folder, 'biases'))
    weights.data.astype(float).tofile(os.path.join(folder, 'weights'))
    weights.indices.astype(numpy.int32).tofile(os.path.join(folder, 'columns'))
    weights.indptr.astype(numpy.int32).tofile(os.path.join(folder, 'starts'))


# Contenders: each yields the bias and the weights at every penalty.

def sage_logreg(X, y, lambdas, tol, intercept):
    from sage_logreg import regularization_path
    path = regularization_path((X, y), lambdas=lambdas.tolist(), standardize=False, tol=tol, intercept=intercept, progress=False)
    for point in path._points:
        yield point.bias, point.weights(X.shape[1], False)


def skglm(X, y, lambdas, tol, intercept):
    import numpy
    from skglm import SparseLogisticRegression
    model = SparseLogisticRegression(tol=tol, max_iter=1000, fit_intercept=intercept, warm_start=True)
    for alpha in lambdas:
        model.alpha = alpha
        model.fit(X, y)
        yield float(numpy.ravel(model.intercept_)[0]), model.coef_[0].copy()


def celer(X, y, lambdas, tol, intercept):
    from celer import celer_path
    if intercept:
        raise ImportError('has no intercept')
    # its objective is the sum; its tolerance is relative to the cost of no weights
    weights = celer_path(X, 2 * y - 1, 'logreg', alphas=lambdas * len(y), tol=tol, max_iter=1000)[1]
    yield from ((0.0, w) for w in weights.T)


def saga(X, y, lambdas, tol, intercept):
    import numpy
    from sklearn.linear_model import LogisticRegression
    model = LogisticRegression(l1_ratio=1, solver='saga', tol=tol, max_iter=100000, fit_intercept=intercept, warm_start=True)
    for alpha in lambdas:
        model.C = 1 / (len(y) * alpha)
        model.fit(X, y)
        yield float(numpy.ravel(model.intercept_)[0]), model.coef_[0].copy()


def liblinear(X, y, lambdas, tol, intercept):
    import numpy
    from sklearn.linear_model import LogisticRegression
    for alpha in lambdas:
        # it penalises the bias, which is made so large a column that this does not matter
        model = LogisticRegression(l1_ratio=1, solver='liblinear', tol=tol, max_iter=100000, C=1 / (len(y) * alpha),
                                   fit_intercept=intercept, intercept_scaling=1e3)
        model.fit(X, y)
        yield float(numpy.ravel(model.intercept_)[0]), model.coef_[0].copy()


CONTENDERS = {each.__name__: each for each in (sage_logreg, skglm, celer, saga, liblinear)}


def main(folder, name, tol):
    import numpy
    warnings.simplefilter('ignore')
    X, y, lambdas = read(folder)
    intercept, path = shape_of(folder)[3] == 1, CONTENDERS[name]
    # with both labels
    part = numpy.concatenate([numpy.flatnonzero(y == label)[:20] for label in (0, 1)])
    small = X[part][:, :50]
    list(path(small.tocsc() if hasattr(small, 'tocsc') else numpy.asfortranarray(small), y[part], lambdas[:60], 1e-4, intercept))
    begun = time.process_time()
    found = list(path(X, y, lambdas, tol, intercept))
    seconds = time.process_time() - begun
    write(folder, *zip(*found))
    print(seconds)


if __name__ == '__main__':
    main(*sys.argv[1:3], float(sys.argv[3]))
