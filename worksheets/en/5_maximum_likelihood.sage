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
# # The estimate: how sure, whether it exists, and its proved digits
#
# [All worksheets](index.ipynb) | [日本語](../ja/5_maximum_likelihood.ipynb)
#
# In the worksheet on gradient descent, 300,000 steps led to the weights (-9.26, 0.0796, 0.0733). Were we there?
#
# *Aim:* to go to the lowest point itself, to ask how sure the data are of it, to see when there is no lowest point at
# all, and to end with fifty digits of the answer that are *proved*. About 20 minutes.

# %% [markdown]
# ## Where the descent stopped
#
# At the lowest point the gradient is zero. After 300,000 steps it is not:

# %%
from sage_logreg import *
data = ex2data1()
descent = gradient_descent(data, learning_rate=0.001, iterations=300000)
descent.gradient()

# %% [markdown]
# The table of the fitted model says so first, and that it therefore has no standard errors, tests and intervals, which are
# explained below. Its last column says the same: of none of the weights is a single digit right.

# %%
show(descent.summary())

# %% [markdown]
# ## Newton's method
#
# A gradient says which way is down, not how far. The *Hessian* $H$, the matrix of the second derivatives, says how the
# gradient changes; if it changed no further, one step
#
# $$w \leftarrow w - H^{-1} \nabla E(w)$$
#
# would land exactly at the lowest point. Theano differentiates twice as willingly as once.

# %%
import numpy
from sage_logreg.engine import theano, T, softplus

X = theano.shared(data.points, name='X')
y = theano.shared(data.labels, name='y')
w = theano.shared(numpy.zeros(3), name='w')
z = w[0] + T.dot(X, w[1:])
cost = T.mean(softplus(z) - y*z)
gradient = T.grad(cost, w)
hessian = theano.gradient.hessian(cost, w)
derivatives = theano.function([], [cost, gradient, hessian])

# %% [markdown]
# Eight steps instead of 300,000. Watch the last column, the largest entry of the gradient: near the goal the number of its
# zeros doubles at every step.

# %%
for step in range(8):
    E, g, H = derivatives()
    print(step, '%.12g' % E, '%.1e' % abs(g).max())
    w.set_value(w.get_value() - numpy.linalg.solve(H, g))

# %% [markdown]
# These are the weights of the *maximum-likelihood estimate*, the weights that make the hundred admissions most likely:

# %%
w.get_value()

# %% [markdown]
# The package's `maximum_likelihood` does this with care: it scales the columns, shortens steps that would lead too far, and
# checks whether there is a lowest point at all.

# %%
model = maximum_likelihood(data)
model.weights()

# %%
x1 = var('x1')
show(data.plot() + plot(descent.boundary(x1), (x1, 30, 100), color='gray', linestyle='--', legend_label='300,000 steps')
     + plot(model.boundary(x1), (x1, 30, 100), color='black', legend_label='estimate'), figsize=5)

# %% [markdown]
# ## How sure are we?
#
# With another hundred applicants we would get other weights. The curvature of the cost tells how far they would scatter: in
# a narrow valley not far, in a flat one far. The inverse of the summed cost's Hessian estimates their covariance; the roots of its
# diagonal are the *standard errors*.

# %%
show(model.summary())

# %% [markdown]
# A weight divided by its standard error is its *z*; far from zero, it is hard to believe that the weight is really 0, and the
# column `P(>|z|)` says how hard. The 95% interval goes 1.96 standard errors to both sides. This takes the likelihood for a
# bell. A *profile interval* takes it as it is, which for a hundred points makes a difference:

# %%
model.confidence_intervals()[1], model.confidence_intervals(method='profile')[1]

# %% [markdown]
# Does the second exam matter, when we have the first? Without $x_2$ the best likelihood is much smaller; chance alone would
# make such a difference with the probability `p_value`:

# %%
model.likelihood_ratio_test(['x1'])

# %% [markdown]
# And how well are the admitted told from the others? The ROC curve lets the threshold of the probability fall from 1 to 0;
# the area under it is the probability that of an admitted and a rejected applicant the admitted one is given the better chance.

# %%
show(model.roc(), figsize=4)

# %% [markdown]
# ## When there is no estimate
#
# Five students, the hours they studied for an exam, and whether they passed. Three hours were not enough, five were:

# %%
hours = load_data([[1, 0], [2, 0], [3, 0], [5, 1], [6, 1]], variables='hours')
separation(hours)

# %% [markdown]
# The classes are *completely separated*: some rule has all points on their right sides. Then twice the weights are better
# than the weights, and so on without end: there is no lowest point. The proof is a vector that anyone can check. Its values are negative for
# those who failed and positive for those who passed:

# %%
answer = separation(hours)
v = answer.vector()
[(v[0] + v[1]*hour) for hour in (1, 2, 3, 5, 6)]

# %% [markdown]
# So `maximum_likelihood` refuses, and says what can be done.

# %%
try:
    maximum_likelihood(hours)
except ValueError as error:
    print(error)

# %% [markdown]
# `bias_reduced=True` (Firth's method) and a penalty both have a lowest point, each its own:

# %%
maximum_likelihood(hours, bias_reduced=True).weights(), maximum_likelihood(hours, l2=1).weights()

# %% [markdown]
# Rounding must not decide such a question. Here the third point lies $10^{-7}$ beyond the second one, and the
# classes just overlap. A float is a rational number, so the package decides this exactly. (Fractions such as `1/3` and the decimals
# of a text table it takes as they are written; only training rounds them.)

# %%
near = load_data([[0, 0], [1, 1], [1 + 1e-7, 0], [2, 1]])
separation(near)

# %% [markdown]
# The proof of an overlap is a handful of positive numbers, one for each of a few points: the points $(1, x_i)$, taken with the sign of
# their label and so many times, cancel to exactly zero. No rule can have all of them on the right side.

# %%
separation(near).multipliers()

# %% [markdown]
# ## Proved digits
#
# The estimate of our exam data exists; which digits of it are right? A computation with floats cannot say. This one can:

# %%
proof = certified_maximum_likelihood(data, digits=50)
proof

# %% [markdown]
# The numbers come with the reason why they are certain. A small box was found around the approximate weights that an
# interval version of Newton's step maps into itself; so the gradient has a zero in there, and since the cost is strictly convex, only one.

# %%
print(proof.statement())

# %% [markdown]
# The standard errors are proved as well:

# %%
proof.standard_errors()

# %% [markdown]
# ## Exercises
#
# 1. Take every second applicant only. By about what factor do the standard errors grow?
# 2. Give all applicants whose two scores add up to more than 130 the label 1, and all others 0. Does the estimate exist? Does the bound matter?

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. With half as many points the variances are about twice as large, the standard errors about $\sqrt 2$ times, with a good deal of chance:

# %%
half = load_data((data.points[::2], data.labels[::2]))
maximum_likelihood(half).standard_errors()

# %% [markdown]
# 2. The labels follow a straight line, so the classes are separated, whatever the bound is:

# %%
for bound in (64, 65, 66):
    labels = [1 if x + y > 2*bound else 0 for x, y in data.points]
    print(bound, separation((data.points, labels)).kind())

# %% [markdown]
# ## Summary
#
# * Gradient descent approaches the estimate; Newton's method, with Theano's Hessian, gets there in a few steps.
# * The Hessian also says how sure the data are: standard errors, intervals, tests.
# * The estimate exists exactly when the classes overlap, and that is decided exactly, with a proof.
# * `certified_maximum_likelihood` gives as many digits as you like, all of them proved.

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
Newton by hand and the package agree::

    sage: w.get_value()  # rel tol 1e-9
    array([-25.16133357,   0.20623171,   0.2014716 ])
    sage: model.weights()  # rel tol 1e-12
    (-25.1613335666395, 0.206231713293983, 0.201471600441964)

How sure::

    sage: model.standard_errors()  # rel tol 1e-9
    (5.79855218057, 0.0480006519983, 0.0486250434995)
    sage: model.area_under_curve()  # rel tol 1e-12
    0.973333333333333

Existence::

    sage: answer.kind(), answer.check(), answer.directions()
    ('complete', True, {'bias': -Infinity, 'hours': +Infinity})
    sage: separation(near).kind(), separation(near).check()
    ('overlap', True)

Proof::

    sage: proof
    Maximum-likelihood estimate, proved to 50 digits
    bias = -25.1613335666395672268157010741216326561950917214114 +/- 5e-50
    x1 = 0.206231713293983267823067039319289930570801588476868 +/- 4e-52
    x2 = 0.201471600441963751702110608107798808474681337495287 +/- 3e-52
""";
