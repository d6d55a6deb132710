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
# # The estimate itself: how precise it is, whether it exists, and its proved digits
#
# [All worksheets](index.ipynb) | [日本語](../ja/5_maximum_likelihood.ipynb)
#
# In the worksheet on [gradient descent](1_gradient_descent.ipynb), 300,000 steps led to the weights (-9.26, 0.0796,
# 0.0733). Had we arrived?
#
# *Aim:* to go to the lowest point itself, to ask how precisely the data determine it, to see when there is no lowest point
# at all, and to end with fifty digits of the answer that are *proved*. About 20 minutes.

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
# The table of the fitted model begins by saying so, and therefore has no standard errors, tests or intervals (these are
# explained below). Its last column says the same: not one digit of any weight is correct.

# %%
show(descent.summary())

# %% [markdown]
# ## Newton's method
#
# A gradient says which way is down, not how far. The *Hessian* $H$, the matrix of the second derivatives, says how the
# gradient changes. If $H$ were the same everywhere, one step
#
# $$w \leftarrow w - H^{-1} \nabla E(w)$$
#
# would land exactly at the lowest point. Theano computes second derivatives just as readily.

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
# These weights are the *maximum-likelihood estimate*, the ones that give the hundred results the highest probability:

# %%
w.get_value()

# %% [markdown]
# The package's `maximum_likelihood` does this with care: it scales the columns, shortens steps that would lead too far, and
# checks whether there is a lowest point at all.

# %%
model = maximum_likelihood(data)
model.weights()

# %% alt="The data with two lines: the dashed one of the descent and the solid one of the estimate"
x1 = var('x1')
after_descent = plot(descent.boundary(x1), (x1, 30, 100), color='gray', linestyle='--',
                     legend_label='300,000 steps')
at_estimate = plot(model.boundary(x1), (x1, 30, 100), color='black',
                   legend_label='estimate')
show(data.plot() + after_descent + at_estimate, figsize=5)

# %% [markdown]
# ## How precise is it?
#
# Another hundred applicants would give other weights. The curvature of the cost tells how far these would scatter: not far
# in a narrow valley, far in a flat one. The inverse of the Hessian of the summed cost estimates their covariance; the
# square roots of its diagonal are the *standard errors*.

# %%
show(model.summary())

# %% [markdown]
# A weight divided by its standard error is its *z*. The further it is from zero, the harder it is to believe that the weight
# is really 0: if it were, chance alone would take $z$ that far with the probability in the column `P(>|z|)`. The 95% interval
# extends 1.96 standard errors to either side. This treats the likelihood as bell-shaped. A *profile interval* takes it as it
# is, which makes a difference for a hundred points. Here are both, for the weight of $x_1$:

# %%
(model.confidence_intervals()[1],
 model.confidence_intervals(method='profile')[1])

# %% [markdown]
# Does the second exam matter once we have the first? Without $x_2$ the best likelihood is much smaller; chance alone would
# make a difference as large as this with the probability `p_value`:

# %%
model.likelihood_ratio_test(['x1'])

# %% [markdown]
# And how well does the model tell those who were admitted from the others? The ROC curve lets the threshold of the
# probability fall from 1 to 0; the area under it is the probability that a random admitted applicant scores above a random
# rejected one.

# %% alt="The ROC curve, which rises steeply and has the area 0.973 under it"
show(model.roc(axes_labels=['false positive rate', 'true positive rate'],
               legend_label='area %.3f' % model.area_under_curve()), figsize=4)

# %% [markdown]
# ## When there is no estimate
#
# Five students, the hours they studied for an exam, and whether they passed. Three hours were not enough, five were:

# %%
hours = load_data([[1, 0], [2, 0], [3, 0], [5, 1], [6, 1]], variables='hours')
separation(hours)

# %% [markdown]
# The classes are *completely separated*: some boundary puts every point on its correct side. Doubling the weights then lowers
# the cost, again and again without end: there is no lowest point. The proof is a vector that anyone can check. Its product
# with (1, hours) is negative for those who failed and positive for those who passed:

# %%
separated = separation(hours)
v = separated.vector()
[v[0] + v[1]*hour for hour in (1, 2, 3, 5, 6)]

# %% [markdown]
# So `maximum_likelihood` refuses, and says what can be done.

# %%
try:
    maximum_likelihood(hours)
except ValueError as error:
    print(error)

# %% [markdown]
# With `bias_reduced=True` (Firth's method) there is a lowest point, and with a penalty there is another one:

# %%
(maximum_likelihood(hours, bias_reduced=True).weights(),
 maximum_likelihood(hours, l2=1).weights())

# %% [markdown]
# Rounding must not decide such a question. Here the third point lies $10^{-7}$ beyond the second one, and the classes just
# overlap. A float is a rational number, so the package decides this exactly. (It takes fractions such as `1/3` and the
# decimals of a text table as they are written; only training rounds them.)

# %%
near = load_data([[0, 0], [1, 1], [1 + 1e-7, 0], [2, 1]])
separation(near)

# %% [markdown]
# The proof of an overlap is a handful of positive numbers, one for each of a few points (whose rows are counted from
# 0): multiply each point $(1, x_i)$ by its number, with a minus sign where the label is 0; the sum is exactly zero. No
# boundary can have all of them on the correct side.

# %%
separation(near).multipliers()

# %% [markdown]
# ## Proved digits
#
# The estimate for our exam data exists; which of its digits are correct? A computation with floats cannot say. This one can:

# %%
proof = certified_maximum_likelihood(data, digits=50)
proof

# %% [markdown]
# The numbers come with the reason why they are certain. An interval version of Newton's step maps a small box around the
# approximate weights into itself; so the gradient has a zero in the box, and only one, since the cost is strictly convex.

# %%
print(proof.statement())

# %% [markdown]
# The standard errors are proved as well:

# %%
proof.standard_errors()

# %% [markdown]
# ## Exercises
#
# 1. Change 50 to 100 or to 1000 in `certified_maximum_likelihood(data, digits=50)`. How long does it take?
# 2. How many applicants like these would make the standard errors half as large? Put the number into the cell below.
# 3. Take every second applicant only. By about what factor do the standard errors grow?
# 4. Give all applicants whose two scores add up to more than 130 the label 1, and all others 0. Does the estimate exist?
#    Does the threshold 130 matter?

# %%
# exercise 2: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif answer == 4*len(data):
    print('Right.')
else:
    print('Not yet. With twice as many applicants, the variances are half as large.')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. A hundred digits take hardly longer than fifty, and a thousand about a second.
#
# 2. The variances have to be a quarter of what they are: about 400 applicants.

# %% [markdown]
# 3. With half as many points the variances are about twice as large, the standard errors about $\sqrt 2$ times, though
#    chance plays its part. The factors are

# %%
half = load_data((data.points[::2], data.labels[::2]))
errors = zip(model.standard_errors(), maximum_likelihood(half).standard_errors())
[larger/smaller for smaller, larger in errors]

# %% [markdown]
# 4. The labels follow a straight line, so the classes are separated, whatever the threshold is:

# %%
for threshold in (128, 130, 132):
    labels = [1 if sum(scores) > threshold else 0 for scores in data.points]
    print(threshold, separation((data.points, labels)).kind())

# %% [markdown]
# ## Summary
#
# * Gradient descent approaches the estimate; Newton's method, with Theano's Hessian, gets there in a few steps.
# * The Hessian also says how precisely the data determine it: standard errors, intervals, tests.
# * The estimate exists exactly when the classes overlap, and that is decided exactly, with a proof.
# * `certified_maximum_likelihood` gives as many digits as you like, all of them proved.
#
# Next worksheet: [a real table](6_real_table.ipynb)

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

How precise::

    sage: model.standard_errors()  # rel tol 1e-9
    (5.79855218057, 0.0480006519983, 0.0486250434995)
    sage: model.area_under_curve()  # rel tol 1e-12
    0.973333333333333

Existence::

    sage: separated.kind(), separated.check(), separated.directions()
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
