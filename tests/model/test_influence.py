r"""
Residuals, leverages, Cook's distances and dfbetas: those of R and of statsmodels, what they sum to, and whose they are.
"""
import math

import mpmath
import numpy
import pytest
from scipy import special, stats
from scipy.sparse import csr_matrix

from sage_logreg import ex2data1, gradient_descent, maximum_likelihood

from helpers import array, close, random_data, sigmoid

pytestmark = pytest.mark.filterwarnings('error::RuntimeWarning')

# MASS::menarche: age, trials, successes
MENARCHE = numpy.array('''
9.21 376 0  10.21 200 0  10.58 93 0  10.83 120 2  11.08 90 2  11.33 88 5  11.58 105 10  11.83 111 17  12.08 100 16  12.33 93 29
12.58 100 39  12.83 108 51  13.08 99 47  13.33 106 67  13.58 105 81  13.83 117 88  14.08 98 79  14.33 97 90  14.58 120 113
14.83 102 95  15.08 122 117  15.33 111 107  15.58 94 92  15.83 114 112  17.58 1049 1049'''.split(), dtype=float).reshape(-1, 3)
X = numpy.column_stack([range(1, 13), [2, 1, 3, 1, 2, 2, 1, 4, 1, 3, 2, 1]])
Y = numpy.array([0, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1])
WEIGHTS, OFFSET = [1, 2, 1, 3, 1, 1, 2, 1, 0.5, 1, 2, 1.5], numpy.arange(1, 13) % 3 / 4
MODELS = {
    'groups': lambda: maximum_likelihood((MENARCHE[:, :1], MENARCHE[:, 2], MENARCHE[:, 1])),
    'weighted': lambda: maximum_likelihood((X, Y), weights=WEIGHTS, offset=OFFSET),
    'no intercept': lambda: maximum_likelihood((X, Y), weights=WEIGHTS, offset=OFFSET, intercept=False),
    'bias-reduced': lambda: maximum_likelihood((X, Y), bias_reduced=True, tol=1e-14)}
METHODS = {**{kind: lambda model, kind=kind: model.residuals(kind) for kind in
              ('response', 'pearson', 'deviance', 'standardised', 'standardised_pearson', 'studentised')},
           'leverage': lambda model: model.leverage(), 'cooks_distance': lambda model: model.cooks_distance()}

# R 4.2.2: for m <- glm(cbind(Menarche, Total - Menarche) ~ Age, binomial, MASS::menarche, control=glm.control(epsilon=1e-15, maxit=100)),
# glm(y ~ x + z, binomial, weights=w, offset=o, control=...), the same with y ~ x + z - 1, and, of brglm2 0.9,
# glm(y ~ x + z, binomial, method=brglmFit, type="AS_mean", epsilon=1e-14, maxit=1000), glm's after three times
# m <- update(m, start=coef(m)), as its leverages are those of the step before: residuals(m, type="response"), "pearson",
# "deviance", rstandard(m), rstandard(m, type="pearson"), rstudent(m), hatvalues(m), cooks.distance(m), and dfbetas by Pearson residuals:
# inf <- influence(m); inf$coefficients * inf$pear.res / inf$dev.res over the roots of diag(summary(m)$cov.unscaled), column by column;
# sprintf("%.15g") of the rows whose numbers from 0 on stand first
R = {
    'groups': ([0, 3, 9, 16, 24], '''
-0.00203348953714363 -0.0111968589099565 0.0628788950670535 -0.0460470931398058 0.000573253761345649 -0.875299962312201
-0.745255476754072 1.40235004337002 -1.28431126594852 0.77568557781296 -1.23723119621367 -0.804382661454524 1.36753877428156
-1.23581202975422 1.09682781025583 -1.26387257781833 -0.833015239212296 1.44049880404685 -1.30015933419222 1.12275635207525
-0.894147854594476 -0.771783379964941 1.47716730108132 -1.35118386957545 0.794022454171295 -1.25063639589469 -0.829020703002543
1.44416061793954 -1.30517194056715 1.10987151844337 0.0417140034468231 0.0675629781867453 0.0987329501127356 0.0965342768062171
0.0456539826150094 0.0174010483154927 0.0215799346318899 0.119519287469199 0.0975368611304681 0.0150802442598596
-0.183151609770882 -0.193618342770558 0.299974379006895 0.282650047185754 -0.165235499045141 0.179634012296782
0.186803616895725 -0.26736387102669 -0.309483267787434 0.169056948904424'''),
    'weighted': (range(12), '''
-0.0490157544333371 -0.176772703242437 0.948641301133117 -0.30911301416662 -0.321440623065863 0.680291122161459
0.338076423739801 -0.345045452723577 0.196869456108429 -0.685280740695503 0.0992902463166218 0.0530443522942544
-0.227028920762692 -0.655334026679043 4.2977782925777 -1.15855262709 -0.688266215992062 1.45871367260418 1.01069127288062
-0.725826087182706 0.350091125122561 -1.47561344286542 0.469543528262933 0.289868074490214 -0.317041898650404
-0.882095087131925 2.43676874303248 -1.48952144034204 -0.880662581780408 1.5101949900743 1.28468700223047 -0.91998852082603
0.4682285852256 -1.52057507401013 0.646752537676214 0.404362540612471 -0.333668262678206 -1.08363426179541 2.5862713718865
-1.95782662599965 -0.936827379960853 1.58493472705033 1.57024834224919 -1.42756089824147 0.495390412788771 -1.80749020026847
0.76002990179825 0.461855017413426 -0.238934809219416 -0.805063325472924 4.56145910135748 -1.5228012967828 -0.732160817528853
1.53090559280676 1.23534860476607 -1.12627594532951 0.370399827051543 -1.75404482353489 0.551783102325206 0.331081668416902
-0.325673575369416 -0.998376689551811 2.87643056377605 -1.7875552357857 -0.915377332905191 1.580036475367 1.46799523838476
-1.26017969934633 0.483601327554628 -1.79203425355247 0.708718782076958 0.434857028003029 0.0971751172714584 0.337378763206596
0.112270922424508 0.421177963750083 0.116310004736411 0.0920889789674052 0.33064274769547 0.58468699642939 0.106652034973216
0.292276149980913 0.275872693514446 0.233467627050106 0.00204827916619494 0.10999962942949 0.877148573145334 0.562452439943928
0.0235184582009022 0.0792391730190962 0.251280525450933 0.595273115149671 0.00545970012546886 0.423535352185828
0.0386642267299999 0.0111287191757557 -0.0482652627140842 -0.539770463835869 0.360130898391748 -1.16219819291941
-0.115139701250212 0.129942855089751 0.299072586154079 0.535319811461809 0.00108362268191006 0.643724144893013
-0.14867887150243 -0.0435458140907457 0.070255211861118 0.40966874528206 -1.18919886235821 0.474535448034658 0.127604799839664
-0.0861669050895346 0.415404756530686 0.186285312190276 0.0972774603116313 -0.520758351492403 0.291796392212039
0.165070808192196 -0.0386934909653809 0.0460676293303303 1.30245500974368 0.45118124399217 -0.117180609273561 0.168223667012064
-0.580362039382688 -1.18974849067842 -0.0848219315869123 -0.518383491926702 -0.0723096549112539 -0.110310732524327'''),
    'no intercept': ([0, 2, 8], '''
-0.131471301504932 0.939349444936514 0.171207062227068 -0.38906610257762 3.93546633459828 0.321382939663165 -0.530951316222102
2.36754154840906 0.433341584134376 -0.576938638719915 2.54136689141286 0.451929932087322 -0.422764311406845 4.22440900846652
0.335168780042488 -0.556117371624325 2.82187689020974 0.44366208509261 0.153064859885465 0.132118395693242 0.0805703168655995
0.0161507236673786 1.35832824912792 0.00492213671945865 0.149972135602526 -1.28203723127005 0.0946680344028726
-0.179229179757918 1.62438374095437 -0.0681721106175621'''),
    'bias-reduced': ([0, 2, 7], '''
-0.211602518267648 0.795294356663248 -0.333871876692145 -0.518069233593798 1.97105636020443 -0.707963771810675
-0.689569282753233 1.78111325741983 -0.901413611617635 -0.801241585020774 2.05335851193164 -1.27836316133967 -0.601967959213373
2.27233464119276 -1.00401723890292 -0.754635997577544 2.10969333843072 -1.14864459822323 0.259323011855346 0.247591822880121
0.50279014343729 0.0422900016368515 0.566377659245193 0.339788057381984 -0.237005581500547 0.197919442129388 0.541828443447073
0.306668137548518 -0.836886336343357 -0.0572920912173817 -0.065222720112109 0.875812062523606 -0.890563748581891''')}


@pytest.mark.parametrize('name', MODELS)
def test_as_of_r(name):
    rows, text = R[name]
    numbers = numpy.array(text.split(), dtype=float).reshape(-1, len(rows))
    model = MODELS[name]()
    for method, expected in zip(METHODS.values(), numbers):
        close(array(method(model))[rows], expected, 2e-11)
    close(array(model.dfbetas())[rows], numbers[len(METHODS):].T, 2e-11)


@pytest.mark.parametrize('seed', range(3))
def test_as_of_statsmodels(seed):
    api = pytest.importorskip('statsmodels.api')
    points, labels = random_data(seed, 80, 3)
    glm = api.GLM(labels, api.add_constant(points), family=api.families.Binomial())
    # its leverages are those of the step before
    result = glm.fit(start_params=glm.fit(tol=1e-14, maxiter=100).params, tol=1e-14)
    model, influence = maximum_likelihood((points, labels)), result.get_influence()
    for ours, theirs in [(model.leverage(), influence.hat_matrix_diag), (model.cooks_distance(), influence.cooks_distance[0]),
                         (model.dfbetas(), influence.dfbetas), (model.residuals('standardised_pearson'), influence.resid_studentized),
                         (model.residuals(), result.resid_deviance), (model.residuals('pearson'), result.resid_pearson),
                         (model.residuals('response'), result.resid_response)]:
        close(ours, theirs, 1e-10, 1e-13)


@pytest.mark.parametrize('name', MODELS)
def test_what_they_sum_to(name):
    model = MODELS[name]()
    close(array(model.leverage()).sum(), len(array(model.weights())), 1e-12)
    H = numpy.linalg.inv(array(model.covariance()))
    changes = array(model.dfbetas()) * array(model.standard_errors())
    close(numpy.einsum('ij,jk,ik->i', changes, H, changes) / len(H), model.cooks_distance(), 1e-9)


def test_badly_scaled_columns_have_the_same_leverages():
    points, labels = random_data(7, 50, 2)
    points = numpy.round(points, 3)
    plain, model = (maximum_likelihood((points * scale + shift, labels)) for scale, shift in ((1, 0), ([2.0**-40, 2.0**30], [0, 2.0**55])))
    close(model.leverage(), plain.leverage(), 1e-8)
    close(model.cooks_distance(), plain.cooks_distance(), 1e-8)
    # two columns that differ by hardly anything
    twins = maximum_likelihood((numpy.column_stack([points[:, 0], points[:, 0] + 2.0**-30 * points[:, 1]]), labels))
    close(twins.leverage(), plain.leverage(), 1e-6)


def test_the_leverages_of_a_penalty():
    points, labels = random_data(3, 40, 2)
    model = maximum_likelihood((points, labels), l2=2)
    rows = numpy.column_stack([numpy.ones(40), points])
    p = sigmoid(rows @ array(model.weights()))
    H = rows.T @ (rows * (p * (1 - p))[:, None]) + numpy.diag([0, 2, 2])
    close(model.leverage(), p * (1 - p) * numpy.einsum('ij,jk,ik->i', rows, numpy.linalg.inv(H), rows), 1e-10)


def test_small_probabilities_and_small_differences_keep_their_digits():
    model = maximum_likelihood(ex2data1()).with_weights([-40, 0.5, 0.5])
    z = -40 + ex2data1().points.sum(axis=1) / 2
    with mpmath.workdps(40):
        p = [1 / (1 + mpmath.exp(-mpmath.mpf(x))) for x in z]
        pairs = list(zip(p, ex2data1().labels.tolist()))
        close(model.residuals('pearson'), [(y - q) / mpmath.sqrt(q * (1 - q)) for q, y in pairs], 1e-13)
        close(model.residuals(), [(1 if y else -1) * mpmath.sqrt(-2 * mpmath.log(q if y else 1 - q)) for q, y in pairs], 1e-13)
    # a group that is fitted to eight digits: its deviance residual is nearly Pearson's
    groups = maximum_likelihood(([[0], [1], [2]], [1000001, 2000000, 3000001], [4000000] * 3))
    assert 0 < abs(array(groups.residuals('response'))).max() < 1e-6
    close(groups.residuals(), groups.residuals('pearson'), 1e-5)


# Quantile residuals

def test_quantile_residuals_are_within_their_step():
    random = numpy.random.RandomState(2)
    trials = random.randint(1, 30, 60)
    points = random.normal(size=(60, 1)) * 3
    groups = (points, random.binomial(trials, sigmoid(points[:, 0])), trials)
    model = maximum_likelihood(groups)
    p = groups[1] / trials - array(model.residuals('response'))
    for seed in range(3):
        residuals = array(model.residuals('quantile', seed))
        assert (stats.norm.cdf(residuals) <= stats.binom.cdf(groups[1], trials, p) + 1e-14).all()
        assert (stats.norm.cdf(residuals) >= stats.binom.cdf(groups[1] - 1, trials, p) - 1e-14).all()


def test_quantile_residuals_of_a_right_model_are_normal():
    random = numpy.random.RandomState(0)
    points = random.normal(size=(4000, 2))
    model = maximum_likelihood((points, random.uniform(size=4000) < sigmoid(points[:, 0] - 1)))
    residuals = array(model.residuals('quantile'))
    assert stats.kstest(residuals, 'norm').pvalue > 0.01
    assert array(model.residuals('quantile')).tobytes() == residuals.tobytes() != array(model.residuals('quantile', seed=1)).tobytes()
    # and of a wrong one they are not
    assert stats.kstest(array(model.with_weights([1, 1, 0]).residuals('quantile')), 'norm').pvalue < 1e-10


def test_quantile_residuals_far_in_the_tails():
    # so many successes at a probability of e^-20, and as many failures at the other one
    model = maximum_likelihood(([[-1], [1]], [5, 1], [10, 4])).with_weights([0, 20])
    other = maximum_likelihood(([[-1], [1]], [5, 3], [10, 4])).with_weights([0, -20])
    for residual, sign in ((array(model.residuals('quantile'))[0], 1), (array(other.residuals('quantile'))[0], -1)):
        tail = math.log(252) - 100
        assert sign * residual > 0
        # at least the share of the step that one in a million lots has
        assert tail - 14 < special.log_ndtr(-abs(residual)) < tail + 1e-6


# Whose they are

@pytest.mark.parametrize('name', ['groups', 'weighted'])
def test_rows_without_weight_are_left_out(name):
    if name == 'groups':
        model = maximum_likelihood(([[1], [2], [3], [4]], [1, 0, 2, 2], [4, 0, 3, 5]))
    else:
        model = maximum_likelihood([[1, 0], [2, 1], [3, 1], [4, 0]], weights=[1, 0, 2, 2])
    table = model.influence(most=None)
    assert sorted(table['row']) == [0, 2, 3]
    assert len(array(model.residuals())) == len(array(model.leverage())) == 3


def test_the_table_names_rows_of_the_source():
    points, labels = random_data(11, 40, 2)
    rows = [[*point, 'yes' if label else 'no'] for point, label in zip(points.tolist(), labels)]
    rows[3][0] = rows[20][1] = None
    model = maximum_likelihood(rows, missing='drop')
    table, distances = model.influence(most=5), array(model.cooks_distance())
    assert len(table) == 5 and len(model.influence(None)) == 38 and len(model.influence(500)) == 38
    order = numpy.argsort(-distances)[:5]
    assert [int(row) for row in table['row']] == numpy.delete(numpy.arange(40), [3, 20])[order].tolist()
    assert table['observed'] == [rows[int(row)][-1] for row in table['row']]
    close(table["Cook's distance"], distances[order], 0)
    close(table['leverage'], array(model.leverage())[order], 0)
    close(table['deviance residual'], array(model.residuals())[order], 0)
    close(table["P(y = 'yes')"], array(model.probability([rows[int(row)][:-1] for row in table['row']])), 1e-13)


def test_rows_apart_and_their_groups():
    # a group of one trial is a row; groups of several are other observations with the same fit
    rows = maximum_likelihood((X, Y))
    single = maximum_likelihood((X, Y, numpy.ones(12)))
    for method in METHODS.values():
        close(method(single), method(rows), 1e-9)
    close(single.dfbetas(), rows.dfbetas(), 1e-9)
    assert 'trials' in single.influence().columns and 'trials' not in rows.influence().columns


def test_the_same_points_in_other_forms():
    points, labels = random_data(8, 40, 2)
    points[:, 1] = points[:, 1] > 0
    plain = maximum_likelihood((points, labels))
    for source in ((csr_matrix(points), labels), {'x': points[:, 0], 'z': numpy.where(points[:, 1] > 0, 'yes', 'no'), 'y': labels}):
        close(maximum_likelihood(source).dfbetas(), plain.dfbetas(), 1e-9)


def test_a_leverage_of_one():
    # the last row alone has a weight, which fits it exactly only in the limit of its group
    model = maximum_likelihood(([[0, 0], [1, 0], [2, 0], [3, 1]], [1, 3, 2, 1], [4, 5, 3, 2]))
    close(array(model.leverage())[3], 1, 0)
    for numbers in (model.cooks_distance(), model.residuals('standardised'), model.residuals('studentised')):
        assert numpy.isnan(array(numbers)).tolist() == [False, False, False, True]
    assert numpy.isnan(array(model.dfbetas())).any(axis=1).tolist() == [False, False, False, True]
    assert int(model.influence()['row'][0]) == 3


def test_three_classes():
    random = numpy.random.RandomState(5)
    points, counts = random.normal(size=(20, 2)), random.multinomial(6, [0.2, 0.3, 0.5], 20) + [1, 1, 1]
    model = maximum_likelihood((points, counts))
    p = array(model.probability(points))
    n = counts.sum(axis=1, keepdims=True)
    close(model.residuals('response'), counts / n - p, 0, 1e-14)
    close((array(model.residuals('pearson'))**2).sum(), ((counts - n * p)**2 / (n * p)).sum(), 1e-12)
    close(array(model.residuals())**2, 2 * (counts * numpy.log(counts / n / p)).sum(axis=1), 1e-10)


def test_what_is_not_defined_is_refused():
    points, labels = random_data(1, 30, 2)
    stopped, penalised = gradient_descent((points, labels), iterations=5), maximum_likelihood((points, labels), l2=1)
    three = maximum_likelihood([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b'], [2, 'a'], [3, 'a'], [2, 'c']])
    of_estimate = [lambda model: model.residuals('standardised'), lambda model: model.residuals('studentised'),
                   lambda model: model.cooks_distance(), lambda model: model.dfbetas(), lambda model: model.influence()]
    for method in of_estimate:
        with pytest.raises(ValueError, match='where gradient_descent stopped'):
            method(stopped)
        with pytest.raises(ValueError, match='the penalty l2 = 1 draws the weights to zero'):
            method(penalised)
    for method in [*of_estimate, lambda model: model.leverage(), lambda model: model.residuals('quantile')]:
        with pytest.raises(ValueError, match=r"are of two classes, and the model has 3; expected .*of_classes\('a', 'b'\)"):
            method(three)
    with pytest.raises(ValueError, match='where gradient_descent stopped'):
        stopped.leverage()
    for kind in ('response', 'pearson', 'deviance', 'quantile'):
        assert numpy.isfinite(array(stopped.residuals(kind))).all() and numpy.isfinite(array(penalised.residuals(kind))).all()
    for arguments in (('quantile', -1), ('quantile', 2**32), ('quantile', 0.5)):
        with pytest.raises(ValueError, match='seed'):
            stopped.residuals(*arguments)
    with pytest.raises(ValueError, match="kind = 7; expected one of 'response'"):
        stopped.residuals(7)
