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
# A hundred applicants took two exams; 60 of them were admitted. Given the two scores of a new applicant, how likely is
# this applicant to be admitted? And where is the line between yes and no?
#
# *Aim:* to express how badly a model fits as a *cost*, to let Theano differentiate it, and to walk downhill until we have
# the line and the probabilities. At the end, a single line of code does all of this. About 20 minutes.
#
# The program, cell by cell, is the one with which these worksheets began: a
# [notebook](https://github.com/take-pwave/notebook/blob/master/DeepLearning/02-theano_tutorial_logistic.ipynb) of Hiroshi
# Takemoto, author of the [TakeWiki](http://www.pwv.co.jp/~take/TakeWiki/), after a
# [post](http://aidiary.hatenablog.com/entry/20150519/1432038633) of the blog
# [人工知能に関する断創録](http://aidiary.hatenablog.com/). Only what has been renamed since then is called by today's name.
# The data are those of the second programming exercise of Andrew Ng's course *Machine Learning* (Stanford and Coursera,
# 2011).

# %% [markdown]
# ## Two classes
#
# Each applicant is a point $(x_1, x_2)$, the two scores, with a label: $y = 1$ for admitted, $y = 0$ for not. Finding
# a rule that gives the label of a new point is called *two-class classification*. The file has one applicant in each line:

# %%
import numpy as np
from sage_logreg.dataset.examples import data_file

data = np.genfromtxt(data_file('ex2data1.txt'), delimiter=',')
data_x = data[:, (0, 1)]
data_y = data[:, 2]
m = len(data_y)
data[:5]

# %% [markdown]
# A red point for each applicant who was admitted, a blue one for each who was not:

# %% alt="A hundred points, the two exam scores of each applicant: red ones, admitted, towards the upper right, blue ones towards the lower left"
data_plt = Graphics()
for i in range(m):
    if data_y[i] == 1:
        data_plt += point(data_x[i], rgbcolor='red')
    else:
        data_plt += point(data_x[i], rgbcolor='blue')
show(data_plt, figsize=4)

# %% [markdown]
# Red and blue can be separated fairly well by a straight line
#
# $$w_0 + w_1 x_1 + w_2 x_2 = 0.$$
#
# On one side $z = w_0 + w_1 x_1 + w_2 x_2$ is positive, on the other it is negative. Three *weights*
# $w = (w_0, w_1, w_2)$ say where the line is; $w_0$ is called the *bias*.

# %% [markdown]
# ## From a side to a probability
#
# Near the line we are unsure, far away we are sure. The *sigmoid* function
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# turns $z$, any real number, into a probability between 0 and 1:

# %% alt="The sigmoid function, an S-shaped curve that rises from 0 to 1 and passes through one half at z = 0"
z = var('z')
show(plot(1/(1 + exp(-z)), (z, -8, 8), axes_labels=['$z$', r'$\sigma(z)$'],
          frame=True, axes=False), figsize=4)

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
# the *likelihood* of $w$. Good weights give a high probability to what actually happened. A product of a hundred numbers
# below 1 is awkward, so we take the logarithm, change its sign so that smaller is better, and divide by $m$:
#
# $$E(w) = -\frac{1}{m} \sum_{i=1}^{m} \Bigl( y_i \log h_w(x_i) + (1 - y_i) \log (1 - h_w(x_i)) \Bigr).$$
#
# This is the (mean) *negative log-likelihood*, our cost. With $w = 0$ every probability is $\frac12$ and the cost is
# $\log 2 \approx 0.693$, the cost of guessing.

# %% [markdown]
# ## The cost in Theano
#
# In Theano one first describes a computation and then has it compiled. Theano itself is no longer developed; it lives on
# as *PyTensor*. Either can be used for what follows:
#
# | | |
# |:---|:---|
# | PyTensor | `import pytensor as theano`, `import pytensor.tensor as T`, `from pytensor.tensor import sigmoid` |
# | Theano 1.0.5 | `import theano`, `import theano.tensor as T`, `from theano.tensor.nnet import sigmoid` |
#
# This package has a module that imports whichever is installed (with two more functions, for later):

# %%
from sage_logreg.engine import theano, T, sigmoid, softplus, scan

# %% [markdown]
# The bias gets a column of its own, a column of ones in front of the scores, so that all of $w_0 + w_1 x_1 + w_2 x_2$ is
# one product:

# %%
data_x = np.hstack((np.ones((m, 1)), data_x))
data_x[:5]

# %% [markdown]
# The data and the weights are *shared variables*: they live outside the compiled function, which can read and change
# them. The weights start from zero.

# %%
X = theano.shared(np.asarray(data_x, dtype=theano.config.floatX), name='X')
y = theano.shared(np.asarray(data_y, dtype=theano.config.floatX), name='y')
w = theano.shared(np.zeros(3, dtype=theano.config.floatX), name='w')

# %% [markdown]
# The formula for $E(w)$ is written as it stands above.

# %%
h = sigmoid(T.dot(X, w))
cost = -(1.0/m)*T.sum(y*T.log(h) + (1 - y)*T.log(1 - h))

# %% [markdown]
# ## The gradient, by automatic differentiation
#
# To walk downhill we need the gradient $\nabla E(w)$. Nobody has to work it out by hand: Theano knows how `cost` is
# put together, and differentiates it.

# %%
g_w = T.grad(cost=cost, wrt=w)

# %% [markdown]
# On paper one finds $\nabla E(w) = \frac{1}{m} \sum_i (h_w(x_i) - y_i) (1, x_i)$. At $w = 0$, where $h = \frac12$, the
# two must agree:

# %%
print(theano.function(inputs=[], outputs=g_w)())
print(np.mean((1/2 - data_y)[:, None]*data_x, axis=0))

# %% [markdown]
# ## The loop
#
# Gradient descent takes small steps against the gradient,
#
# $$w \leftarrow w - \eta \nabla E(w),$$
#
# with the *learning rate* $\eta$. In Theano that is an *update* of a shared variable: each call of `train_model` returns
# the cost and then changes `w`.

# %%
learning_rate = 0.001
updates = [(w, w - learning_rate*g_w)]
train_model = theano.function(inputs=[], outputs=cost, updates=updates)

# %% [markdown]
# Now 300,000 of these steps, with the cost printed every 20,000 steps. This takes a few seconds.

# %%
iterations = 300000
for iter in range(iterations):
    current_cost = train_model()
    if iter % 20000 == 0:
        print(iter, '%.12g' % current_cost)

# %%
t = w.get_value()
print('w:', t)

# %% [markdown]
# ## The boundary
#
# The line is where both labels are equally probable: $w_0 + w_1 x_1 + w_2 x_2 = 0$. Solved for $x_2$ it is
#
# $$x_2 = -\frac{w_0}{w_2} - \frac{w_1}{w_2} x_1.$$
#
# In Sage that is an expression in the variable $x_1$:

# %%
x1 = var('x1')
boundary = -t[0]/t[2] - t[1]/t[2]*x1
show(boundary)

# %% alt="The hundred points with the boundary, a line that falls from the upper left to the lower right and separates most red points from the blue ones"
xmin, xmax = min(data_x[:, 1]), max(data_x[:, 1])
show(data_plt + plot(boundary, (x1, xmin, xmax)), figsize=4)

# %% [markdown]
# ## Faster
#
# The cost falls, though not at every single step: with this learning rate the first steps jump back and forth across
# the valley, and only then settle into it.

# %%
w.set_value(np.zeros(3))
for iter in range(5):
    print(iter, '%.6f' % train_model())

# %% [markdown]
# The valley is long and flat, and many steps are needed. Two changes make them fast.
#
# First, since $\log h = -\log(1 + e^{-z})$ and $\log(1 - h) = -\log(1 + e^z)$, the cost of one point is
# $\log(1 + e^z) - y z$. This is the same number with one function call instead of three, and it does not fail where
# $h$ is so near to 0 or 1 that $\log$ gives $-\infty$. Theano calls $\log(1 + e^z)$ `softplus`.
#
# Second, the loop itself goes into the compiled function: `scan` repeats a step, and the update stores the end of the
# path in `w`.

# %%
def negative_log_likelihood(w):
    z = T.dot(X, w)
    return T.mean(softplus(z) - y*z)

def step(w):
    return w - learning_rate*T.grad(negative_log_likelihood(w), w)

steps = T.lscalar('steps')
path = scan(step, outputs_info=[w], n_steps=steps)
train_model = theano.function([steps], updates={w: path[-1]})

# %% [markdown]
# The same 300,000 steps from zero lead to the same weights, in a fraction of the time:

# %%
w.set_value(np.zeros(3))
train_model(300000)
print('w:', w.get_value())

# %% [markdown]
# ## The same in one line
#
# `gradient_descent` does all of this and returns a model that answers in Sage's own terms.

# %%
from sage_logreg import *
data = ex2data1()
model = gradient_descent(data, learning_rate=0.001, iterations=300000, report=20000)

# %%
model.weights()

# %%
show(model.boundary(x1))

# %%
show(model.posterior())

# %% alt="The hundred points, now crosses for admitted and dots for not, with the boundary of the model after 300,000 steps, the same falling line"
show(model.plot(legend_label='300,000 steps'), figsize=5)

# %% [markdown]
# How likely is someone with the scores 45 and 85 to be admitted? How many of the hundred does the model get right, and
# what kind of mistakes does it make? (The upper row is for those who were not admitted, the lower row for those who
# were; the left column counts those whom the model rejects, the right column those whom it admits.)

# %%
model.probability([45, 85])

# %%
model.accuracy()

# %%
model.confusion_matrix()

# %% [markdown]
# How the cost fell:

# %% alt="The cost against the number of steps: it falls from 0.69 to 0.28, ever more slowly"
show(model.plot_history(axes_labels=['steps', 'cost']), figsize=[6, 4])

# %% [markdown]
# ## Try it yourself
#
# `explore` is a page with sliders. Run the cell, move the learning rate and the number of iterations, and watch the line
# and the cost. It begins near the lowest point, thanks to *standardise*, which is what the next section is about: untick
# it, set the rate to 0.001, and compare. (Where nothing runs, you see the picture that the page starts with.)

# %% alt="The page of explore as it starts: the points with the boundary, and the cost, which falls steeply at first and then stays level"
explore(data)

# %% [markdown]
# ## Are we there?
#
# At the lowest point the gradient is zero. After 300,000 steps it is small, but not zero, and the cost is still
# falling:

# %%
model.gradient()

# %% [markdown]
# The two scores are around 65, but the column of ones is 1; that makes the valley narrow and the progress slow. If the
# scores are first brought to mean 0 and standard deviation 1, a few hundred steps reach the bottom. `scale=True` does
# that, and converts the weights back to the units of the scores; `tol` stops the descent as soon as no entry of the
# gradient is larger than this in absolute value.

# %%
bottom = gradient_descent(data, learning_rate=5, iterations=10000, scale=True,
                          tol=1e-11)
bottom.converged(), bottom.cost()

# %%
bottom.weights()

# %% alt="The data with two lines: that of the minimum is a little flatter than the dashed one after 300,000 steps"
after_descent = plot(model.boundary(x1), (x1, 30, 100), color='gray', linestyle='--',
                     legend_label='300,000 steps')
at_bottom = plot(bottom.boundary(x1), (x1, 30, 100), color='black',
                 legend_label='minimum')
show(data.plot() + after_descent + at_bottom, figsize=5)

# %% [markdown]
# ## Exercises
#
# 1. Change the scores in `model.probability([45, 85])`. What are the chances of someone with 60 in both exams? With 65?
# 2. Another applicant has 50 in the first exam. With which score in the second one does `model` find both outcomes equally
#    likely? Put it into the cell below.
# 3. Where are applicants admitted with a probability of 80%? Draw that line too (`boundary` has an argument `threshold`).
#    Why is it parallel to the other one?
# 4. Let Sage differentiate the cost of one point with respect to the three weights, and check the formula for the gradient.
# 5. Take another 300,000 steps from where the first ones ended (`initial=model`). How far do they get?

# %%
# exercise 2: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif abs(answer - model.boundary(50)) < 0.1:
    print('Right.')
else:
    print('Not yet. The point (50, answer) lies on the boundary.')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. With 60 in both exams the probability is 0.48, with 65 in both it is 0.66.
#
# 2. `model.boundary(50)` is about 71.97.

# %% [markdown]
# 3. The probability is $0.8$ where $w_0 + w_1 x_1 + w_2 x_2 = \log \frac{0.8}{0.2}$; only the constant is different.

# %% alt="The boundary and, parallel to it further to the upper right, the dashed line of a probability of 80%"
likely = plot(model.boundary(x1, threshold=0.8), (x1, 38, 100), color='black',
              linestyle='--', legend_label='80%')
show(model.plot(legend_label='50%') + likely, figsize=5)

# %% [markdown]
# 4. The gradient of one point is $(h_w(x) - y) (1, x_1, x_2)$. The differences are zero:

# %%
a, b, label = var('a, b, label')
weights = var('weight0, weight1, weight2')
h = 1/(1 + exp(-(weights[0] + weights[1]*a + weights[2]*b)))
E = -label*log(h) - (1 - label)*log(1 - h)
[(diff(E, weight) - (h - label)*factor).simplify_full()
 for weight, factor in zip(weights, [1, a, b])]

# %% [markdown]
# 5. The bias goes from -9.26 to -12.68, little more than a third of what the first 300,000 steps achieved. The further
#    down, the slower; at the lowest point the bias is -25.16 and the cost 0.2035.

# %%
longer = gradient_descent(data, learning_rate=0.001, iterations=300000, initial=model)
longer.weights(), longer.cost()

# %% [markdown]
# ## Summary
#
# * Logistic regression gives the probability of a label, $\sigma(w_0 + w_1 x_1 + w_2 x_2)$; the boundary is where it is $\frac12$.
# * Good weights give a high probability to what happened: they minimise the negative log-likelihood.
# * In Theano, which is PyTensor today, one writes the cost as a formula. `T.grad` differentiates it, `updates` make the
#   step, `scan` the loop.
# * `gradient_descent` does this in one line and answers with vectors, expressions and pictures.
# * 300,000 steps are not enough for the scores as they are. Why, and what helps, is the subject of the worksheet on
#   [feature scaling](3_feature_scaling.ipynb).
#
# Next worksheet: [stochastic gradient descent](2_stochastic_gradient_descent.ipynb)

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
    sage: model.boundary(50), model.probability([60, 60]), model.probability([65, 65])  # abs tol 0.005
    (71.97, 0.48, 0.66)
    sage: longer.weights(), longer.cost()  # abs tol 1e-8
    ((-12.68403191, 0.10669959, 0.10066959), 0.24337918)
""";
