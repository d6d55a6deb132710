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
# # Why 300,000 steps were not enough: learning rates and feature scaling
#
# [All worksheets](index.ipynb) | [日本語](../ja/3_feature_scaling.ipynb)
#
# In the worksheet on [gradient descent](1_gradient_descent.ipynb) we took 300,000 steps, and still were not at the lowest
# point.
#
# *Aim:* to see what shape of the cost makes a descent slow, to compute from it which learning rates work and how many
# steps are needed, and to change the shape: with scaled features 4,000 steps are enough. About 15 minutes; the worksheet
# on [gradient descent](1_gradient_descent.ipynb) comes first.

# %%
from sage_logreg import *
data = ex2data1()
model = gradient_descent(data, learning_rate=0.001, iterations=300000)
estimate = maximum_likelihood(data)
model.weights(), estimate.weights()

# %% [markdown]
# The second vector is the lowest point, found by Newton's method. After 300,000 steps the cost is still well above the
# lowest one:

# %%
model.cost(), estimate.cost()

# %% [markdown]
# ## A narrow valley
#
# The cost depends on three weights. We draw it over two of them; the third one, that of $x_2$, is chosen at each place so
# as to make the cost lowest there. Darker is higher. The dots are the weights recorded on the way.

# %% alt="The cost over the bias and the weight of the first score: a long, narrow valley along which the recorded path runs"
show(model.plot_cost_surface([0, 1], title='cost, lowest over the weight of x2',
                             labels=['training', 'start', 'end'],
                             axes_labels=['bias', 'weight of x1']), figsize=5)

# %% [markdown]
# Mind the axes: the vertical one is stretched a hundred-fold. Drawn in equal units the valley would be as thin as a hair.
#
# The first few steps lead down the slope to the floor of the valley. The slope is steep because a small change of the
# weight of $x_1$ makes a big difference: it is multiplied by scores around 65, the bias by 1 only. All the other steps
# creep along the floor.
#
# `explore_descent` goes along this path step by step: run the cell, and move *% of path*. With *standardise* and the
# rate 1, a few hundred iterations get close to the lowest point. (Where nothing runs, you see the picture that the page
# starts with.)

# %% alt="The page of explore_descent as it starts: the path on the cost surface, and the boundary it has reached"
explore_descent(data, weights=[0, 1])

# %% [markdown]
# ## How steep, how flat?
#
# Near the lowest point $w^*$ the cost is almost a quadratic function,
#
# $$E(w) \approx E(w^*) + \tfrac12 (w - w^*)^T H (w - w^*),$$
#
# with the *Hessian* $H$, the matrix of the second derivatives. It is symmetric; take the direction of an eigenvector,
# with the eigenvalue $\lambda$. In that direction the gradient at the distance $d$ from $w^*$ is $\lambda d$, so that
# one step with the learning rate $\eta$ turns $d$ into
#
# $$d - \eta \lambda d = (1 - \eta\lambda) \, d.$$
#
# Two things follow.
#
# * $d$ shrinks only if $|1 - \eta\lambda| < 1$, that is if $\eta < 2/\lambda$. The *largest* eigenvalue bounds the
#   learning rate.
# * Where $\eta\lambda$ is small, $k$ steps multiply $d$ by about $e^{-\eta\lambda k}$: one more correct digit takes
#   $\ln 10/(\eta\lambda)$ steps. The *smallest* eigenvalue decides how long it takes.
#
# With $\eta$ near its bound, the number of steps is proportional to $\kappa = \lambda_{\max}/\lambda_{\min}$, the
# *condition number*.
#
# Theano computes second derivatives just as readily. The points are a shared variable, so that we can exchange them
# later.

# %%
import numpy
from sage_logreg.engine import theano, T, softplus

X = theano.shared(data.points, name='X')
y = theano.shared(data.labels, name='y')
w = T.dvector('w')
z = w[0] + T.dot(X, w[1:])
cost = T.mean(softplus(z) - y*z)
hessian = theano.function([w], theano.gradient.hessian(cost, w))

def eigenvalues(weights):
    H = matrix(RDF, hessian(numpy.array(weights, dtype=float)))
    return sorted(H.eigenvalues(algorithm='symmetric'))

steepness = eigenvalues(estimate.weights())
print('eigenvalues', *['%.4g' % value for value in steepness])
print('condition number %.4g' % (steepness[2]/steepness[0]))
print('learning rate below %.4g' % (2/steepness[2]))
print('with 0.001, 1 digit takes %.3g steps' % (log(10.0)/(0.001*steepness[0])))

# %% [markdown]
# That is why: with $\eta = 0.001$ every further digit takes more than seven million steps.
#
# And why did the first steps jump back and forth? Where training starts, at zero, the valley is even steeper, and 0.001
# is a little more than its bound:

# %%
print('learning rate below %.4g at the start' % (2/eigenvalues([0, 0, 0])[2]))

# %% [markdown]
# ## Too large a learning rate
#
# Half of 0.001 goes down smoothly, 0.001 just manages, 0.002 is thrown up the slopes of the valley again and again.
# (The package's warning about it is kept for the next cell.)

# %% alt="The cost in the first 40 steps in two pictures: on the left it falls smoothly with 0.0005, jaggedly with 0.001; on the right it jumps to high values again and again with 0.002"
import warnings
rates = [0.0005, 0.001, 0.002]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    models = [gradient_descent(data, learning_rate=rate, iterations=40)
              for rate in rates]
labels = ['learning rate %g' % rate for rate in rates]
axes = {'axes_labels': ['steps', 'cost']}
pictures = [models[0].plot_history(models[1], labels=labels[:2], **axes),
            models[2].plot_history(title=labels[2], **axes)]
show(graphics_array(pictures), figsize=[9, 3.5])

# %% [markdown]
# Whenever the cost ends higher than it began, the package warns, and names a learning rate that works:

# %%
print(caught[0].message)

# %% [markdown]
# ## A rounder valley
#
# A larger learning rate is not possible, so the valley itself has to change. *Standardised* scores,
#
# $$z_j = \frac{x_j - \mu_j}{s_j} \qquad (\mu_j \text{ the mean}, \; s_j \text{ the standard deviation}),$$
#
# have the mean 0 and the standard deviation 1: no column is larger than the others, nor than the column of ones. In
# Theano nothing else changes. $v$ are the weights that belong to the new columns, and 4,000 steps are so few that an
# ordinary loop takes them in no time.

# %%
mean, deviation = data.points.mean(axis=0), data.points.std(axis=0)
Z = theano.shared((data.points - mean)/deviation, name='Z')
v = theano.shared(numpy.zeros(3), name='v')
log_odds = v[0] + T.dot(Z, v[1:])
cost = T.mean(softplus(log_odds) - y*log_odds)

learning_rate = 1
train_model = theano.function([], cost, updates={v: v - learning_rate*T.grad(cost, v)})
for step in range(4000):
    value = train_model()
    if step % 500 == 0:
        print(step, '%.12g' % value)

# %% [markdown]
# After 2,000 steps the first eleven digits of the cost no longer change. The weights can be converted back to the units
# of the scores: from
#
# $$v_0 + v_1 \frac{x_1 - \mu_1}{s_1} + v_2 \frac{x_2 - \mu_2}{s_2} = w_0 + w_1 x_1 + w_2 x_2$$
#
# one reads off $w_j = v_j/s_j$ and $w_0 = v_0 - w_1 \mu_1 - w_2 \mu_2$. They are those of the lowest point:

# %%
v0, slopes = v.get_value()[0], v.get_value()[1:]/deviation
vector(RDF, [v0 - slopes @ mean, *slopes])

# %% [markdown]
# The package does all of this with `scale=True`, and gives the weights back in the units of the data:

# %%
scaled = gradient_descent(data, learning_rate=1, iterations=4000, scale=True)
scaled.weights()

# %% alt="The data with two lines: dashed after 300,000 steps, solid after 4,000 scaled steps"
x1 = var('x1')
before = plot(model.boundary(x1), (x1, 30, 100), color='gray', linestyle='--',
              legend_label='300,000 steps')
after = plot(scaled.boundary(x1), (x1, 30, 100), color='black',
             legend_label='scaled, 4,000 steps')
show(data.plot() + before + after, figsize=5)

# %% [markdown]
# The cost over the bias and the weight of $x_1$ once more, with the scores as they are and standardised. On the left the
# vertical axis is stretched a hundred-fold, and the path creeps along the valley. On the right both axes have about the
# same unit, and the path makes straight for the goal.

# %% alt="The cost over the bias and the weight of the first score: on the left a long valley along which the path creeps, on the right a round one with a short path"
standardised = load_data((Z.get_value(), data.labels), variables='z1, z2')
round_valley = gradient_descent(standardised, learning_rate=1, iterations=4000)
titles = ['original scores, lowest over weight of x2',
          'standardised scores, lowest over weight of z2']
pictures = [fit.plot_cost_surface([0, 1], title=title, axes_labels_size=1,
                                  labels=['training', 'start', 'end'],
                                  axes_labels=['bias', 'weight of the first score'])
            for fit, title in zip((model, round_valley), titles)]
show(graphics_array(pictures), figsize=[10, 4])

# %% [markdown]
# In numbers, for the standardised scores (the shared variable gets a new value, the compiled Hessian stays):

# %%
X.set_value(Z.get_value())
roundness = eigenvalues(round_valley.weights())
print('eigenvalues', *['%.4g' % value for value in roundness])
print('condition number %.4g' % (roundness[2]/roundness[0]))
print('learning rate below %.4g' % (2/roundness[2]))
print('with 1, 1 digit takes %.3g steps' % (log(10.0)/roundness[0]))

# %% [markdown]
# The condition number has fallen from 1.6 million to 17. Does the prediction of 398 steps for a digit come true? `tol`
# stops a descent as soon as no entry of the gradient is larger:

# %%
for power in range(4, 10):
    stopped = gradient_descent(data, learning_rate=1, iterations=10000, scale=True,
                               tol=10^-power)
    print('10^-%d' % power, stopped.iterations())

# %% [markdown]
# It does: from the second line on, each further digit takes 395 to 397 steps more.
#
# ## Which learning rate?
#
# Several rates in one picture: all of them lead to the lowest point, the larger ones sooner. The last curve is the
# descent without scaling, over the same number of steps.

# %% alt="The cost against the iteration for the rates 0.01, 0.1, 1 and for the descent without scaling: the larger the rate, the sooner it falls; the unscaled one stays high"
rates = [0.01, 0.1, 1]
models = [gradient_descent(data, learning_rate=rate, iterations=4000, scale=True)
          for rate in rates]
unscaled = gradient_descent(data, learning_rate=0.001, iterations=4000)
labels = ['%g' % rate for rate in rates] + ['0.001, not scaled']
show(models[0].plot_history(*models[1:], unscaled, labels=labels,
                            axes_labels=['steps', 'cost']), figsize=5)

# %% [markdown]
# A good habit: scale; try learning rates that differ by a factor of 10, for a few hundred steps each; take the largest
# one that goes down smoothly.

# %% [markdown]
# ## Exercises
#
# 1. Where the learning rate is too large, change 0.002 into 0.0012, 0.005 and 0.02. What happens to the cost? What does the
#    warning recommend?
# 2. How large may the learning rate be at the start, for standardised scores? (`X.set_value(Z.get_value())` puts them in;
#    all weights are zero at the start.) Put the bound into the cell below, to two digits.
# 3. How large may it be near the lowest point, for the standardised scores? Try one just below and one just above the bound.
# 4. Change the unit only: divide both scores by 100, so that they lie between 0.3 and 1. What is the condition number
#    now? Why is it not as small as for standardised scores?
# 5. At zero weights all probabilities are $\frac12$. Show that the Hessian there is $\frac{1}{4m} \tilde X^T \tilde X$,
#    where $\tilde X$ is the matrix of the scores with a column of ones before them, and compute the bound of the
#    learning rate from it.

# %%
# exercise 2: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif abs(answer - 8/(1 + abs(numpy.corrcoef(data.points.T)[0, 1]))) < 0.1:
    print('Right.')
else:
    print('Not yet. Put the scores into X, then 2/eigenvalues([0, 0, 0])[2].')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. The larger the learning rate, the higher the cost is thrown. The recommended rate is always about 0.0004: it depends
#    on the valley, not on the rate that was tried.
#
# 2. With standardised scores the bound at the start is about 7.8.

# %% [markdown]
# 3. The bound is the 20.5 printed above. Just below it the descent converges, just above it does not: in one direction it jumps
#    forever from one side of the valley to the other.

# %%
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    largest = [gradient_descent(data, learning_rate=rate, iterations=4000, scale=True,
                                tol=1e-11) for rate in (20.4, 20.6)]
[attempt.converged() for attempt in largest]

# %% [markdown]
# 4. The unit alone takes the condition number from 1.6 million to about 850. The scores are now as large as the column
#    of ones, but still all positive, about 0.65: raising the bias and lowering both weights has almost no effect, and
#    in that direction the valley is flat. Subtracting the means removes this.

# %%
X.set_value(data.points/100)
small_scores = load_data((data.points/100, data.labels))
hundredths = eigenvalues(maximum_likelihood(small_scores).weights())
print('condition number %.4g' % (hundredths[2]/hundredths[0]))

# %% [markdown]
# 5. The second derivative of $\log(1 + e^z) - yz$ in $z$ is $\sigma(z)(1 - \sigma(z))$, which is $\frac14$ at $z = 0$.
#    With $z_i = \tilde x_i \cdot w$, the chain rule gives $H = \frac1m \sum_i \frac14 \tilde x_i^T \tilde x_i =
#    \frac{1}{4m} \tilde X^T \tilde X$.

# %%
ones = matrix(RDF, 100, 1, [1]*100)
tilde_X = ones.augment(matrix(RDF, data.points))
H = tilde_X.transpose()*tilde_X/400
largest_eigenvalue = max(H.eigenvalues(algorithm='symmetric'))
print('learning rate below %.4g at the start' % (2/largest_eigenvalue))

# %% [markdown]
# ## Summary
#
# * Gradient descent is slow where the valley of the cost is narrow: steep across, flat along.
# * The largest eigenvalue of the Hessian bounds the learning rate, $\eta < 2/\lambda_{\max}$; the condition number
#   $\lambda_{\max}/\lambda_{\min}$ says how many steps are needed.
# * Columns of very different sizes, or far from zero, make the condition number large. Standardised scores bring it
#   from 1.6 million down to 17, and 4,000 steps reach the lowest point.
# * `scale=True` does this internally; weights and formulas stay in the units of the data.
#
# Next worksheet: [curved boundaries](4_curved_boundaries.ipynb)

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
The lowest point, 300,000 steps, and 4,000 scaled ones, in one line and by hand::

    sage: estimate.weights()  # rel tol 1e-9
    (-25.1613335666, 0.206231713294, 0.201471600442)
    sage: model.cost() - estimate.cost()  # abs tol 1e-8
    0.08018923
    sage: bool(max(abs(numpy.array(scaled.weights() - estimate.weights()))) < 1e-6)
    True
    sage: bool(abs(scaled.weights() - vector(RDF, [v0 - slopes @ mean, *slopes])) < 1e-9)
    True

The valley and its bounds, as they are and standardised::

    sage: steepness[2]/steepness[0]  # rel tol 1e-6
    1608662.94
    sage: 2/steepness[2], 2/roundness[2], roundness[2]/roundness[0]  # rel tol 1e-6
    (0.00418080870, 20.4965240, 16.8542087)
    sage: 8/(1 + abs(numpy.corrcoef(data.points.T)[0, 1]))  # abs tol 0.05
    7.8
    sage: [attempt.converged() for attempt in largest]
    [True, False]
    sage: hundredths[2]/hundredths[0]  # rel tol 1e-6
    849.050011

Too large::

    sage: print(caught[0].message)
    gradient_descent: the cost rose from 0.693147 to 2.21031 with learning_rate=0.002, which is too large; try learning_rate=0.00042 or scale=True
""";
