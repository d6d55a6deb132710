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
# # Logistic regression by gradient descent
#
# [All worksheets](index.ipynb) | [日本語](../ja/1_gradient_descent.ipynb)
#
# A hundred applicants took two exams; 60 of them were admitted. Given the two scores of a new applicant, how
# probable is it that this one is admitted too? And where is the line between yes and no?
#
# *Aim:* to write down what we want as a *cost*, to let Theano differentiate it, and to walk downhill, until we have the
# line and the probabilities. At the end, a single line of code does all of this. About 20 minutes.
#
# The data are those of the second programming exercise of Andrew Ng's course *Machine Learning* (Stanford and
# Coursera, 2011).

# %% [markdown]
# ## Two classes
#
# Each applicant is a point $(x_1, x_2)$, the two scores, with a label: $y = 1$ for admitted, $y = 0$ for not. Finding
# a rule that gives the label of a new point is called *two-class classification*.

# %%
from sage_logreg import *
data = ex2data1()
data

# %%
show(data.plot(), figsize=5)

# %% [markdown]
# Red and blue can be separated fairly well by a straight line
#
# $$w_0 + w_1 x_1 + w_2 x_2 = 0.$$
#
# On one side $z = w_0 + w_1 x_1 + w_2 x_2$ is positive, on the other it is negative. Three *weights*
# $w = (w_0, w_1, w_2)$ say where the line is; $w_0$ is called the *bias*. (One may think of a column of ones in front
# of the two scores, whose weight is $w_0$.)

# %% [markdown]
# ## From a side to a probability
#
# Near the line we are unsure, far away we are sure. The *sigmoid* function
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# turns $z$, any real number, into a probability between 0 and 1:

# %%
z = var('z')
show(plot(1/(1 + exp(-z)), (z, -8, 8), axes_labels=['$z$', r'$\sigma(z)$']), figsize=4)

# %% [markdown]
# So the model is
#
# $$P(y = 1 \mid x) = h_w(x) = \sigma(w_0 + w_1 x_1 + w_2 x_2).$$
#
# It is called logistic regression. What remains is to find good weights.

# %% [markdown]
# ## The likelihood
#
# If the model is right, applicant $i$ gets the label $y_i$ with probability $h_w(x_i)$ when $y_i = 1$, and with
# probability $1 - h_w(x_i)$ when $y_i = 0$. In one expression: $h_w(x_i)^{y_i} (1 - h_w(x_i))^{1 - y_i}$. All
# $m = 100$ labels together have the probability
#
# $$L(w) = \prod_{i=1}^{m} h_w(x_i)^{y_i} \, (1 - h_w(x_i))^{1 - y_i},$$
#
# the *likelihood* of $w$. Good weights make what has happened likely. A product of a hundred numbers below 1 is awkward,
# so we take the logarithm, change its sign so that smaller is better, and divide by $m$:
#
# $$E(w) = -\frac{1}{m} \sum_{i=1}^{m} \Bigl( y_i \log h_w(x_i) + (1 - y_i) \log (1 - h_w(x_i)) \Bigr).$$
#
# This is the (mean) *negative log-likelihood*, our cost. With $w = 0$ every probability is $\frac12$ and the cost is
# $\log 2 \approx 0.693$: that is guessing.

# %% [markdown]
# ## The cost in Theano
#
# In Theano one first describes a computation and then has it compiled. The data and the weights are *shared
# variables*: they live beside the compiled function, and it may change them. `data.points` is a NumPy array of 100
# rows, `data.labels` the hundred zeros and ones.

# %%
import numpy
from sage_logreg.engine import theano, T, scan, softplus

X = theano.shared(data.points, name='X')
y = theano.shared(data.labels, name='y')
w = theano.shared(numpy.zeros(3), name='w')

# %% [markdown]
# The formula for $E(w)$ is written as it stands above.

# %%
h = 1/(1 + T.exp(-(w[0] + T.dot(X, w[1:]))))
cost = T.mean(-y*T.log(h) - (1 - y)*T.log(1 - h))

# %% [markdown]
# ## The gradient, by automatic differentiation
#
# To walk downhill we need the gradient $\nabla E(w)$. Nobody has to work it out by hand: Theano knows how `cost` is
# put together, and differentiates it.

# %%
gradient = T.grad(cost, w)

# %% [markdown]
# On paper one finds $\nabla E(w) = \frac{1}{m} \sum_i (h_w(x_i) - y_i) (1, x_i)$. At $w = 0$, where $h = \frac12$, both
# must agree:

# %%
print(theano.function([], gradient)())
print(numpy.mean((1/2 - data.labels)[:, None] * numpy.column_stack([numpy.ones(100), data.points]), axis=0))

# %% [markdown]
# ## One step
#
# Gradient descent takes small steps against the gradient,
#
# $$w \leftarrow w - \eta \nabla E(w),$$
#
# with the *learning rate* $\eta$. In Theano that is an *update* of a shared variable. Each call of `train_model`
# returns the cost and then changes `w`.

# %%
learning_rate = 0.001
train_model = theano.function([], cost, updates={w: w - learning_rate*gradient})
for step in range(5):
    print(step, train_model())

# %% [markdown]
# ## 300,000 steps
#
# The cost falls, though not at every single step: with this learning rate the first steps jump back and forth across
# the valley, and only then settle into it.
#
# The valley is long and flat, and many steps are needed. Two things make them fast.
#
# First, since $\log h = -\log(1 + e^{-z})$ and $\log(1 - h) = -\log(1 + e^z)$, the cost of one point is
# $\log(1 + e^z) - y z$. This is the same number with one function call instead of three, and it does not fail where
# $h$ is so near to 0 or 1 that $\log$ gives $-\infty$. Theano calls $\log(1 + e^z)$ `softplus`.
#
# Second, the loop itself goes into the compiled function: `scan` repeats a step, and the update takes the end of its
# path.

# %%
def negative_log_likelihood(w):
    z = w[0] + T.dot(X, w[1:])
    return T.mean(softplus(z) - y*z)

def step(w):
    return w - learning_rate*T.grad(negative_log_likelihood(w), w)

steps = T.lscalar('steps')
path = scan(step, outputs_info=[w], n_steps=steps)
train_model = theano.function([steps], negative_log_likelihood(w), updates={w: path[-1]})

# %% [markdown]
# Now from zero, with the cost every 20,000 steps:

# %%
w.set_value(numpy.zeros(3))
for step_number in range(0, 300000, 20000):
    print(step_number, '%.12g' % train_model(20000))

# %%
print(w.get_value())

# %% [markdown]
# ## The boundary
#
# The line is where both labels are equally probable: $w_0 + w_1 x_1 + w_2 x_2 = 0$. Solved for $x_2$ it is
#
# $$x_2 = -\frac{w_0}{w_2} - \frac{w_1}{w_2} x_1.$$

# %%
w0, w1, w2 = w.get_value()
x1 = var('x1')
boundary = -w0/w2 - w1/w2*x1
boundary

# %%
show(data.plot() + plot(boundary, (x1, 30, 100), color='black'), figsize=5)

# %% [markdown]
# ## The same in one line
#
# `gradient_descent` does all of this and returns a model that answers in Sage's own terms.

# %%
model = gradient_descent(data, learning_rate=0.001, iterations=300000, report=20000)

# %%
model.weights()

# %%
model.boundary(x1)

# %%
model.posterior()

# %%
show(model.plot(), figsize=5)

# %% [markdown]
# How probable is admission with the scores 45 and 85? How many of the hundred does the model get right, and what
# kind of mistakes does it make? (Row 0 is for those not admitted, row 1 for those admitted; the columns are what the
# model says.)

# %%
model.probability([45, 85])

# %%
model.accuracy()

# %%
model.confusion_matrix()

# %% [markdown]
# The cost on its way down:

# %%
show(model.plot_history(), figsize=5)

# %% [markdown]
# ## Are we there?
#
# At the lowest point the gradient is zero. After 300,000 steps it is small, but not zero, and the cost is still
# falling:

# %%
model.gradient()

# %% [markdown]
# The two scores are around 65, while the column of ones is 1; that makes the valley narrow and the steps small. If
# the scores are first brought to mean 0 and standard deviation 1, a few hundred steps reach the bottom. `scale=True`
# does that and gives the weights back in the units of the scores; `tol` stops the descent as soon as no entry of the
# gradient is larger than this in absolute value.

# %%
bottom = gradient_descent(data, learning_rate=5, iterations=10000, scale=True, tol=1e-11)
bottom.converged(), bottom.cost()

# %%
bottom.weights()

# %%
show(data.plot() + plot(model.boundary(x1), (x1, 30, 100), color='gray', linestyle='--', legend_label='300,000 steps')
     + plot(bottom.boundary(x1), (x1, 30, 100), color='black', legend_label='minimum'), figsize=5)

# %% [markdown]
# ## Exercises
#
# 1. Where are applicants admitted with a probability of 80%? Draw that line too (`boundary` has an argument `threshold`).
#    Why is it parallel to the other one?
# 2. Let Sage differentiate the cost of one point with respect to the three weights, and check the formula for the gradient.
# 3. Take another 300,000 steps from where the first ones ended (`initial=model`). How far do they get?

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. The probability is $0.8$ where $w_0 + w_1 x_1 + w_2 x_2 = \log \frac{0.8}{0.2}$; only the constant is different.

# %%
show(model.plot() + plot(model.boundary(x1, threshold=0.8), (x1, 38, 100), color='black', linestyle='--',
                         legend_label='80%'), figsize=5)

# %% [markdown]
# 2. The gradient of one point is $(h_w(x) - y) (1, x_1, x_2)$. The differences are zero:

# %%
a, b, label, weight0, weight1, weight2 = var('a, b, label, weight0, weight1, weight2')
h = 1/(1 + exp(-(weight0 + weight1*a + weight2*b)))
E = -label*log(h) - (1 - label)*log(1 - h)
[(diff(E, weight) - (h - label)*factor).simplify_full() for weight, factor in [(weight0, 1), (weight1, a), (weight2, b)]]

# %% [markdown]
# 3. Little more than a third as far again. The further down, the slower; the lowest point has the bias -25.16 and the cost 0.2035.

# %%
longer = gradient_descent(data, learning_rate=0.001, iterations=300000, initial=model)
longer.weights(), longer.cost()

# %% [markdown]
# ## Summary
#
# * Logistic regression gives the probability of a label, $\sigma(w_0 + w_1 x_1 + w_2 x_2)$; the boundary is where it is $\frac12$.
# * Good weights make what has happened likely: they minimise the negative log-likelihood.
# * In Theano one writes the cost as a formula. `T.grad` differentiates it, `updates` make the step, `scan` the loop.
# * `gradient_descent` does this in one line and answers with vectors, expressions and pictures.
# * 300,000 steps are not enough for the scores as they are. Why, and what helps, is the subject of the worksheet on feature
#   scaling.

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
Written by hand or in one line, the training ends at the same weights::

    sage: w.get_value()  # abs tol 1e-8
    array([-9.25573205,  0.07960975,  0.07329322])
    sage: model.weights()  # abs tol 1e-8
    (-9.25573205, 0.07960975, 0.07329322)
    sage: boundary  # rel tol 1e-7
    -1.0861817*x1 + 126.283606

The costs on the way::

    sage: for record in model.history(): print(record.iteration, '%.12g' % record.cost)
    0 0.69314718056
    20000 0.547295463694
    40000 0.488295709188
    60000 0.445118809496
    80000 0.41259440171
    100000 0.387389522711
    120000 0.367353248365
    140000 0.351070505109
    160000 0.337586093857
    180000 0.326237734121
    200000 0.316554335209
    220000 0.308192817261
    240000 0.300897944917
    260000 0.294476164256
    280000 0.288778154733

The bottom::

    sage: bottom.weights()  # abs tol 1e-5
    (-25.161334, 0.206232, 0.201472)
    sage: model.confusion_matrix()
    [34  6]
    [ 3 57]
    sage: longer.weights(), longer.cost()  # abs tol 1e-8
    ((-12.68403191, 0.10669959, 0.10066959), 0.24337918)
""";
