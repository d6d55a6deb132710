# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .sage
#       format_name: percent
#   kernelspec:
#     display_name: SageMath
#     language: sage
#     name: sagemath
# ---

# %% [markdown]
# # Choosing variables, and what "zero" means
#
# [All worksheets](index.ipynb) | [日本語](../ja/10_choosing_variables.ipynb)
#
# The worksheet on [curved boundaries](4_curved_boundaries.ipynb) gave a model 27 monomials, and a penalty that kept their weights small. Small, but
# there were still 27 of them. Which of these columns does the model need? There is a penalty that answers by setting weights to zero: the
# *lasso*. And once a program prints a zero, a mathematician asks whether it is one.
#
# *Aim:* to choose variables by a path of penalties; to see a zero that well-known programs miss, and its proof; and to know what a zero does *not* say. About
# 25 minutes.

# %% [markdown]
# ## Too many columns
#
# The 118 microchips are those of the second programming exercise of Andrew Ng's course *Machine Learning* (Stanford and Coursera, 2011), with all
# monomials in the two test results of degree 1 to 6:

# %%
from sage_logreg import *
import numpy

x1, x2 = var('x1, x2')
chips = ex2data2(features=polynomial_features(x1, x2, degree=6))
ridge = maximum_likelihood(chips, l2=1)
names, weights = ridge.weight_names()[1:], ridge.weights()[1:]
print(len(weights), 'weights,', list(weights).count(0), 'of them zero')
for weight, name in sorted(zip(map(abs, weights), names))[:3]:
    print('%-10s %.4f' % (name, weight))

# %% [markdown]
# The penalty on *squares*, called ridge, makes the boundary smooth, but chooses nothing. The weight of $x_1^3 x_2^3$ is almost zero. Nobody would
# say that it is.

# %% [markdown]
# ## The corner
#
# To add a penalty on squares is the same as to allow only weights in a disc, $w_1^2 + w_2^2 \le r^2$; with absolute values, $|w_1| + |w_2| \le r$, the disc
# becomes a square that stands on a corner. Here are both, for a model of the chips with $x_1^2$ and $x_1 x_2$ alone. The curves are those of
# equal cost around the estimate (black). Where the lowest one that still reaches the allowed weights touches them, there is the
# penalised estimate (red). The bias stays as it is, for the sake of the picture.

# %% alt="Curves of equal cost: they touch a disc beside the axis, and a square at its corner on the axis"
w1, w2 = var('w1, w2')
two = maximum_likelihood(ex2data2(features=[x1^2, x1*x2]))
bias, best = two.weights()[0], two.weights()[1:]
cost = two.symbolic_cost(bias, w1, w2)
f = fast_callable(cost, vars=[w1, w2], domain=RDF)
angles = [RDF(2*pi*k/720) for k in range(720)]
disc = [(2*cos(t), 2*sin(t)) for t in angles]
square = [(2*x/(abs(x) + abs(y)), 2*y/(abs(x) + abs(y))) for x, y in disc]
pictures, touched = [], []
for edge in [disc, square]:
    touch = min(edge, key=lambda w: f(*w))
    levels = [0.605, 0.62, f(*touch), 0.68]
    picture = contour_plot(cost, (w1, -6.5, 2.5), (w2, -4, 2.5), contours=levels,
                           fill=False, cmap=['gray'], plot_points=60, aspect_ratio=1,
                           axes_labels=['w1', 'w2'])
    picture += polygon(edge, alpha=0.3, color='orange')
    picture += point(best, color='black', size=30)
    pictures.append(picture + point(touch, color='red', size=50, zorder=5))
    touched.append(touch)
graphics_array(pictures).show(figsize=[9, 4])

# %%
for touch in touched:
    print('%.3f %.3f' % touch)

# %% [markdown]
# The disc is touched *beside* the axis: a small second weight. The square is touched *at its corner*, where the second weight is zero; and it stays there if
# the curves are shifted or turned a little. In 27 dimensions there are many such corners and edges. That is all there is to it.

# %% [markdown]
# ## The path
#
# How hard should we squeeze? The lasso minimises
#
# $$\frac{1}{m} \sum_i \left(\log(1 + e^{z_i}) - y_i z_i\right) + \lambda \sum_j |w_j|, \qquad z_i = b + x_i \cdot w,$$
#
# and `regularization_path` does so for many $\lambda$, downwards from the one at which all weights are zero. The bias has no penalty. Usually the columns
# are *standardised* first, as a penalty in millimetres is not one in metres; our monomials are all numbers between $-1$ and $1$ or hardly
# larger, so we leave them as they are.

# %% alt="The weights against the logarithm of lambda: from the right, one monomial after the other leaves zero"
path = regularization_path(chips, standardize=False, count=50, smallest=1/100,
                           tol=1e-12)
path.plot(names=8).show(figsize=6)

# %% [markdown]
# Read it from right to left. At first nothing is there; then $x_1^2$ comes in, then $x_2^4$, then $x_2^2$. The numbers on top count them. A weight may also
# leave again, as that of $x_1^4$ does when $x_1^6$ takes its place.
#
# Which $\lambda$ is the best? The one whose model predicts best what it has not seen. `cross_validate` leaves out a tenth of the chips, fits the whole path to the
# rest, and so on ten times:

# %% alt="Deviance of chips left out against the logarithm of lambda, with bars; two dashed lines mark the least and the sparser choice"
validation = path.cross_validate(folds=10, seed=1)
validation.plot().show(figsize=6)

# %% [markdown]
# The least deviance is at `lambda_min`. But see how long the bars are: the points next to it are as good. `lambda_1se` is the largest penalty within one
# standard error of the best: the *simplest model that can hardly be told from the best one*.

# %%
for lambda_ in [validation.lambda_min(), validation.lambda_1se()]:
    model = path.model(lambda_)
    chosen = [name for name, weight in zip(names, model.weights()[1:]) if weight]
    print('%.5f %.3f' % (lambda_, model.accuracy()), *chosen)

# %% [markdown]
# Six of 27 monomials. The boundary can be written down and looked at:

# %%
terms = [round(weight, 2)*monomial for weight, monomial
         in zip(model.weights(), [1] + polynomial_features(x1, x2, degree=6)) if weight]
show(sum(terms) == 0)

# %% alt="The chips with an egg-shaped boundary around the accepted ones"
model.plot(legend_label='six monomials', aspect_ratio=1).show(figsize=5)

# %% [markdown]
# ## Is it zero?
#
# The program prints 21 zeros. A zero in a float is a claim about a minimum which the program has only come near to. `certified_support` takes the data as
# exact numbers and *proves* which weights are zero:

# %%
support = certified_support(chips, 1/140)
support

# %% [markdown]
# Each of the others stands there in fifteen proved digits. The solver was right. Then why prove? Because it is not always. Here are five readings of
# one quantity, in hundredths, in 24 cases, and whether it turned out to be above a limit. (The numbers are made up.)

# %%
readings = [[8, 4, 11, 2, -2], [52, 47, 51, 53, 59], [-12, -10, -8, -7, -12],
            [-4, -14, -12, -12, -10], [53, 50, 55, 43, 47], [55, 50, 49, 41, 54],
            [29, 37, 29, 32, 42], [-147, -147, -143, -151, -142],
            [-57, -58, -61, -57, -60], [-32, -35, -28, -33, -26], [70, 72, 70, 76, 79],
            [8, 12, 7, -3, 5], [-34, -36, -39, -39, -39], [29, 34, 40, 43, 34],
            [30, 34, 34, 31, 29], [-111, -110, -121, -122, -112], [55, 50, 53, 55, 59],
            [-40, -40, -39, -42, -42], [21, 25, 19, 15, 26], [49, 58, 50, 45, 44],
            [-87, -92, -103, -99, -96], [126, 118, 110, 124, 113],
            [-103, -110, -104, -101, -110], [81, 87, 83, 89, 83]]
above = [0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1]
table = [[reading/100 for reading in row] + [y] for row, y in zip(readings, above)]
data = load_data(table)

# %% [markdown]
# A lasso solver is a loop of two lines: a step downhill, and all weights moved towards zero by a fixed amount, where they stop. Let us run one at
# $\lambda = 1/100$, without a bias, and look at the weights now and then:

# %%
X, y, small, step = data.points, data.labels, float(1/100), float(3/2)
w = numpy.zeros(5)
for k in range(1, 20001):
    w = w + step*X.T @ (y - 1/(1 + numpy.exp(-X @ w)))/24
    w = numpy.sign(w)*numpy.maximum(abs(w) - step*small, 0)
    if k in [100, 1000, 3000, 10000, 20000]:
        print('%6d' % k, ' '.join('%8.4f' % weight for weight in w))

# %% [markdown]
# Three of the readings are out soon. The first one is not: after a thousand steps its weight is 0.76, after ten thousand 0.03, and only then it goes away.
# When should a program stop? These are the weights of the first two readings, as reported with default settings by
# `glmnet 4.1-6` of `R 4.2.2`, for this $\lambda$ alone and along a path, and by two solvers of `scikit-learn 1.9.1` (the other three are zero); beside
# them by how much the cost exceeds its minimum:

# %%
reported = {'glmnet': [0.087988975, 2.041114152],
            'glmnet, path': [0.046832067, 2.081246491],
            'liblinear': [0.018745471764486384, 2.108344960467519],
            'saga': [0.18728831, 1.94340502]}

def penalised(w):
    z = X[:, :len(w)] @ numpy.array(w, dtype=float)
    return numpy.mean(numpy.logaddexp(0, z) - y*z) + small*sum(map(abs, w))

for name, weights in reported.items():
    excess = penalised(weights) - penalised(w)
    print('%-12s %9.6f %9.6f %8.1e' % (name, *weights, excess))

# %% [markdown]
# Four programs that a lot of people rely on say that the first reading matters. They are not even wrong by their own standards: all have come within a
# hundred-thousandth of the minimum. Now the proof:

# %%
support = certified_support(data, 1/100, intercept=False)
support

# %% [markdown]
# At the minimum the first weight *is* zero; near the minimum it need not be. Draw the cost on the line from the minimum to the last of these
# reports, and you see why nobody noticed:

# %% alt="The cost against the weight of the first reading: steep to the left of zero, nearly flat to the right"
end = vector(reported['saga']) - vector(w[:2])
line_cost = lambda t: 10^6*(penalised(vector(w[:2]) + t/end[0]*end) - penalised(w))
plot(line_cost, (-1/100, 1/5), ymin=-1, ymax=10, frame=True, axes=False, thickness=2,
     axes_labels=['w1', 'millionths above the minimum']).show(figsize=5)

# %% [markdown]
# A wall to the left, a plain to the right, and a corner between them. On the plain one walks for a long time.

# %% [markdown]
# ## What the proof is
#
# Let $p_i$ be the probabilities at the minimum, and $g_j = \frac{1}{m} \sum_i x_{ij} (y_i - p_i)$. A weight that is not zero needs the whole force of
# the data against the penalty: $g_j = \pm\lambda$. Where $|g_j| < \lambda$, *strictly*, the weight is zero; the penalty holds it there. And since all minima have
# the same $p_i$, it is zero in every one. So look at the five $g_j$, in ball arithmetic: each result is an interval which contains the true number.

# %%
points = matrix(QQ, [row[:5] for row in table])
z = points*vector(support.weights())
residuals = vector([y - 1/(1 + exp(-s)) for y, s in zip(above, z)])
for ball in residuals*points/24:
    print(RBF(ball), abs(ball) < 1/100)

# %% [markdown]
# The second one is $\lambda$ itself. The first one is 0.009995, smaller than $\lambda$ by one part in two thousand. That is little, but it is not
# nothing: ball arithmetic tells them apart, a tolerance does not.
#
# For the weights to be in these intervals, they must have been proved to be there. `statement` says what was proved, and how:

# %%
print(support.statement())

# %% [markdown]
# The *dual point* is a witness. Any probabilities $p_i$, however found, whose $|g_j|$ are all at most $\lambda$ give a lower bound of the cost, by a
# formula; any weights give an upper one. If these are close, the true probabilities are in a small ball around the $p_i$; and if $|g_j| < \lambda$
# on the whole ball, then $w_j = 0$. You need not trust the solver that found them, nor its rounding: you check the witness. `check` does so, with
# more digits:

# %%
support.check()

# %% [markdown]
# ## Where it begins and where it ends
#
# With all weights zero, each $p_i$ is $1/2$, and so the largest $\lambda$ at which anything happens is a fraction, which you can compute in your head if you have the time:

# %%
halves = vector(QQ, [y - 1/2 for y in above])
max(map(abs, halves*points))/24

# %%
certified_support(data, 1, intercept=False).next_breakpoint()

# %% [markdown]
# And at which $\lambda$ does the first reading really come in?

# %%
support.next_breakpoint()

# %% [markdown]
# At 0.0098, hardly below our 1/100. With a penalty only a little smaller, the first reading *would* matter. "Zero" is an answer to a question with a
# $\lambda$ in it.

# %% [markdown]
# ## What a zero does not say
#
# *It does not say that the column has no effect.* The five readings are nearly the same. Leave out the second one:

# %%
others = load_data([row[:1] + row[2:] for row in table], variables='x1, x3, x4, x5')
certified_support(others, 1/100, intercept=False)

# %% [markdown]
# Now the first one has a weight of 2.17: the same role, another actor. The zero said only that beside $x_2$ nothing was left for $x_1$ to do, at this price.
#
# *It does not say what the model would be without the choice.* The chosen columns were chosen because they looked good on these rows, and then they look good
# on these rows. Let us see what a usual test makes of it. A hundred tables of pure noise, twenty columns each; the lasso chooses, then
# the chosen columns go into a model without a penalty, and we count its p-values below 5%. Then the same columns on fresh rows:

# %%
random = numpy.random.RandomState(int(1))

def noise():
    return random.normal(size=(100, 20)), random.randint(2, size=100)

same, fresh = [], []
for repetition in range(100):
    rows, labels = noise()
    lasso = regularization_path((rows, labels), lambdas=[0.06], tol=1e-12)
    columns = numpy.flatnonzero(lasso.weights(0.06)[1:])
    same += maximum_likelihood((rows[:, columns], labels)).p_values()[1:]
    rows, labels = noise()
    fresh += maximum_likelihood((rows[:, columns], labels)).p_values()[1:]
for values in [same, fresh]:
    few = sum(p < 0.05 for p in values)
    print('%d of %d = %.1f%%' % (few, len(values), 100*few/len(values)))

# %% [markdown]
# There is nothing to be found, and yet 27.6% of the chosen columns are "significant". On rows that had no part in the choice it is 5.4%, as it should
# be. That is why a lasso has no standard errors here, and why the tests of [Can I trust it?](9_can_i_trust_it.ipynb) are for a model that was
# decided on before anybody looked. If you have rows enough, choose on one half and test on the other.

# %% [markdown]
# ## Exercises
#
# 1. The *elastic net* takes some of both penalties. Prove the support of the five readings with `l1_ratio=1/2`. How many weights are not zero now, and why?
# 2. Which exam score of `ex2data1()` enters first, and at which $\lambda$? Why is that so much larger than for the microchips?
# 3. Find a $\lambda$ at which exactly three of the five readings have a weight, and put it into the cell below. The judge asks for a proof.
# 4. Let `regularization_path` standardise the 27 monomials. Which does it choose at its `lambda_1se`? Is one of the two answers wrong?

# %%
# exercise 3: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif not 0 < answer < 1:
    print('Not yet. Try a number between 0 and 1/100.')
elif len(certified_support(data, answer, intercept=False).nonzero()) == 3:
    print('Right, and proved.')
elif len(certified_support(data, answer, intercept=False).nonzero()) < 3:
    print('There are fewer than three. Take a smaller one.')
else:
    print('There are more than three. Take a larger one.')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. Four. Squares make it expensive to give one column everything, so relatives share:

# %%
certified_support(data, 1/100, l1_ratio=1/2, intercept=False)

# %% [markdown]
# 2. The first one, at a fraction of about 5.44. A score is a number up to 100, so that a small weight does much, and small weights are cheap. A penalty means
#    something only for columns whose units are comparable.

# %%
certified_support(ex2data1(), 10).next_breakpoint()

# %% [markdown]
# 3. For example $1/500$: three weights, one of them negative, though all five readings measure the same. Between which $\lambda$ it is so, the
#    breakpoints say:

# %%
three = certified_support(data, 1/500, intercept=False)
print(three)
print(three.next_breakpoint())

# %% [markdown]
# 4. Other ones, and more of them. Neither is wrong: they are minima of different functions. High powers are small numbers on these chips, and need large
#    weights; standardised, they are as cheap as low ones.

# %%
standardised = regularization_path(chips, count=50, smallest=1/100, tol=1e-12)
largest = standardised.cross_validate(folds=10, seed=1).lambda_1se()
weights = standardised.weights(largest)[1:]
print(*[name for name, weight in zip(names, weights) if weight])

# %% [markdown]
# ## Summary
#
# * Squares shrink; absolute values choose, because of their corners.
# * `regularization_path` for all $\lambda$, `cross_validate` to pick one: `lambda_min` for predictions, `lambda_1se` for a short model.
# * A solver's zero, and its 0.02, are guesses. `certified_support` proves which weights are zero, and hands over the witness.
# * A zero belongs to a $\lambda$, to the units of the columns, and to the other columns of the table.
# * Whoever has chosen columns by the labels may not test them on the same rows.

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
Corners, path and choice::

    sage: touched  # abs tol 1e-3
    [(-1.983, -0.261), (-2.0, 0.0)]
    sage: [[name for name, weight in zip(names, path.weights(path.lambdas()[k])[1:]) if weight] for k in (1, 3, 6)]
    [['x1^2'], ['x1^2', 'x2^4'], ['x1^2', 'x2^2', 'x2^4']]
    sage: validation.lambda_min(), validation.lambda_1se()  # abs tol 1e-5
    (0.00217, 0.00736)
    sage: certified_support(chips, 1/140).zero() == tuple(name for name, weight in zip(names, model.weights()[1:]) if not weight)
    True

What is reported and what is proved::

    sage: [float(penalised(weights) - penalised(w)) for weights in reported.values()]  # abs tol 1e-8
    [2.09e-06, 7.0e-07, 1.7e-07, 8.43e-06]
    sage: support.zero(), support.nonzero()
    (('x1', 'x3', 'x4', 'x5'), {'x2': [2.1269164823083...]})
    sage: RDF(support.next_breakpoint().lambda_), support.check()  # rel tol 1e-10
    (0.009798219332830864, True)
    sage: certified_support(others, 1/100, intercept=False).nonzero()
    {'x1': [2.16538230027929...]}
    sage: sum(p < 0.05 for p in same), sum(p < 0.05 for p in fresh), len(same)
    (123, 24, 445)

Exercises::

    sage: RDF(certified_support(ex2data1(), 10).next_breakpoint().lambda_)  # rel tol 1e-10
    5.44478918355884
    sage: tuple(three.nonzero()), certified_support(data, 1/100, l1_ratio=1/2, intercept=False).zero()
    (('x1', 'x2', 'x4'), ('x4',))
""";
