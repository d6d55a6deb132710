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
# # Handwritten digits by softmax regression
#
# [All worksheets](index.ipynb) | [日本語](../ja/7_digits.ipynb)
#
# Logistic regression tells two classes apart. Here there are ten: the digits 0 to 9, written by hand. The data are
# MNIST, 70,000 small images that Yann LeCun, Corinna Cortes and Christopher Burges compiled from forms filled in, for
# the US standards institute NIST, by employees of the Census Bureau and by high-school students. This worksheet follows
# the chapter on logistic regression of the *Deep Learning Tutorials* (LISA lab, University of Montreal), from which
# many people learnt Theano, and arrives at the figures printed there.
#
# *Aim:* to go from two classes to many, to write the cost in Theano, to train on batches until a second set of images says
# that it is time to stop, and to see what the model has learnt and where it fails. About 20 minutes; the worksheet on
# [gradient descent](1_gradient_descent.ipynb) comes first.

# %%
from sage_logreg import *
images, test = mnist()
images

# %% [markdown]
# The model learns from the first 50,000 images. The next 10,000, the *validation* images, will tell when to stop. Another
# 10,000, the *test* images, decide nothing: they only show, in the end, how well the result reads digits that are new to it.

# %% alt="The first thirty handwritten digits in three rows, each with its label above it"
train, validation = images.take(range(50000)), images.take(range(50000, 60000))
show(train.plot_images(range(30)), figsize=6)

# %% [markdown]
# ## An image is a point
#
# An image has 28 x 28 pixels, each a whole number from 0 (paper) to 255 (ink). Row by row, they are the coordinates of a
# point $x$ in a space of 784 dimensions; divided by 256, they lie between 0 and 1. Apart from the number of variables, this
# is a table like those of the other worksheets.

# %%
train.points.shape, train.labels[:30]

# %% [markdown]
# ## From two classes to ten
#
# With two classes, one vector of weights gave a number $z = b + x \cdot w$, and the sigmoid function turned it into the
# probability of one class. With $K$ classes, each class $k$ has its own weights $w_k$ and its own bias $b_k$, and gets a
# number $z_k = b_k + x \cdot w_k$: how much the image looks like class $k$. The *softmax* function turns the $K$ numbers into
# probabilities,
#
# $$P(y = k \mid x) = \frac{e^{z_k}}{e^{z_1} + \dots + e^{z_K}}.$$
#
# They are positive and add up to 1. The largest $z_k$ wins, and the further it is ahead, the more certain the model is; hence
# the name, a soft maximum. Are two classes still what they were? The difference from the sigmoid function of $z_1 - z_2$ is

# %%
z1, z2 = var('z1, z2')
(exp(z1)/(exp(z1) + exp(z2)) - 1/(1 + exp(-(z1 - z2)))).simplify_full()

# %% [markdown]
# There is none. Only differences count: add the same number to all $z_k$, and no probability
# changes.
#
# ## The cost
#
# As before, good weights give a high probability to what is observed. The mean negative log-likelihood is
#
# $$E(w, b) = -\frac{1}{m} \sum_{i=1}^{m} \log P(y = y_i \mid x_i).$$
#
# With all weights zero, every class has the probability $\frac{1}{10}$, and the cost is $\log 10 \approx 2.303$.

# %% [markdown]
# ## In Theano
#
# The images and their labels are shared variables, so that they are handed over once and not with every call; `W` has a
# column for each class.

# %%
import numpy
from sage_logreg.engine import theano, T, softmax

X = theano.shared(train.points, name='X')
y = theano.shared(train.labels.astype(int), name='y')
W = theano.shared(numpy.zeros((784, 10)), name='W')
b = theano.shared(numpy.zeros(10), name='b')

def negative_log_likelihood(x, y):
    p_y_given_x = softmax(T.dot(x, W) + b)
    return -T.mean(T.log(p_y_given_x)[T.arange(y.shape[0]), y])

# %% [markdown]
# `T.log(...)[T.arange(...), y]` picks the entry of its label out of each row. That is the formula above, for a *batch* of
# images.
#
# ## Batches
#
# Fifty thousand images are a lot for one step, and a single one, as in
# [stochastic gradient descent](2_stochastic_gradient_descent.ipynb), wastes the speed of matrix products. In between are
# batches, here of 600 images: 83 steps go through the data once, an *epoch*. (The last 200 images do not make a whole
# batch and are left out.) `index` is the number of the batch.

# %%
batch_size, learning_rate = 600, 0.13
index = T.lscalar('index')
batch = slice(index*batch_size, (index + 1)*batch_size)
cost = negative_log_likelihood(X[batch], y[batch])
gradient_W, gradient_b = T.grad(cost, [W, b])
updates = {W: W - learning_rate*gradient_W, b: b - learning_rate*gradient_b}
train_model = theano.function([index], cost, updates=updates)

# %% [markdown]
# We count the mistakes on the validation images, on 16 whole batches of them:

# %%
x, labels = T.dmatrix('x'), T.lvector('labels')
prediction = T.argmax(T.dot(x, W) + b, axis=1)
mistakes = theano.function([x, labels], T.mean(T.neq(prediction, labels)))

def validation_error():
    seen = slice(0, 9600)
    return float(mistakes(validation.points[seen], validation.labels[seen].astype(int)))

# %%
print('before training, validation error %f %%' % (100*validation_error()))
for epoch in range(1, 4):
    for k in range(50000 // batch_size):
        train_model(k)
    print('epoch %d, validation error %f %%' % (epoch, 100*validation_error()))

# %% [markdown]
# Three times through the data, and nine out of ten digits are read correctly.
#
# ## When to stop
#
# The cost on the training images would go on falling for a very long time. What we want is to read *other* digits, and for
# those there comes a time when nothing improves any more. So we watch the validation error, and have some *patience*: at
# least 5,000 steps. Whenever the error falls clearly, below 0.995 of its best value so far, we are willing to go on to twice
# as many steps as up to then. When patience runs out, we take the weights that had the smallest error. This is called *early
# stopping*.
#
# `stochastic_gradient_descent` does all of this. `shuffle=None` takes the batches in the order of the data, `drop_last=True`
# leaves the incomplete one out.

# %%
options = {'learning_rate': 0.13, 'batch_size': 600, 'epochs': 1000, 'shuffle': None,
           'drop_last': True, 'validation': validation, 'patience': 5000}
model = stochastic_gradient_descent(train, report=1, **options)

# %% [markdown]
# The final line of the tutorial, with its figures:

# %%
def error(model, images):
    return 100*(1 - model.accuracy(images))

print('epoch %d: best validation error %f %%, test error %f %%' %
      (model.iterations(), error(model, validation.take(range(9600))),
       error(model, test.take(range(9600)))))

# %% [markdown]
# They are the published ones: epoch 74, 7.500000 % and 7.489583 %.

# %% [markdown]
# ## What it has learnt
#
# A class has as many weights as an image has pixels, so they can be drawn as an image: red where ink speaks for the digit,
# blue where it speaks against it.

# %% alt="The weights of the ten classes as images: the 0 has a red ring around a blue middle"
show(model.plot_weights(), figsize=8)

# %% [markdown]
# The 0 wants a ring, with no ink in the middle. Nobody has told the model what a digit looks like.
#
# ## Where it fails
#
# Which digits does it confuse? A row is for what was written, a column for what the model reads.

# %% alt="The confusion matrix: more than nine out of ten images on its diagonal; the most frequent mistakes are a 5 read as 3 and a 2 read as 8, 39 times each"
axes_labels = ['answer of the model', 'digit as written']
show(model.plot_confusion_matrix(test, axes_labels=axes_labels), figsize=6)

# %% [markdown]
# 4 and 9, 7 and 9, and 3, 5 and 8 are mistaken for one another, and many a 2 is read as an 8. Here are the first thirty
# mistakes, as "written → read":

# %%
wrong = model.mistakes(test)
predicted = model.predict(test)
captions = ['%s → %s' % (test.label_names[int(test.labels[i])], predicted[i])
            for i in wrong[:30]]
len(wrong)

# %% alt="Thirty digits that the model misreads, each with what was written and what it read"
show(test.plot_images(wrong[:30], columns=6, captions=captions), figsize=8)

# %% [markdown]
# Some of them would make us hesitate as well. For many others, the model has no excuse: a sum over pixels knows neither
# lines nor loops. How sure was it of its first mistake? A bar for each digit shows its probability:

# %% alt="A bar for the probability of each of the ten digits: nearly 1 for the 6, nothing for the others"
show(bar_chart(list(model.probability(test.points[wrong[0]]))), figsize=[5, 2.5],
     frame=True, axes=False, ticks=[list(range(10)), None],
     axes_labels=['digit', 'probability'])

# %% [markdown]
# ## What an estimate adds
#
# The training above stopped early, so its weights depend on the learning rate, on the batches and on when we stopped. Is
# there a best set of weights that depends on none of these? Not without a penalty. Some pixels near the edge have ink in the
# images of one digit only:

# %%
inked = numpy.array([(train.points[train.labels == k] > 0).any(axis=0)
                     for k in range(10)])
[int(sum(inked.sum(axis=0) == count)) for count in range(11)]

# %% [markdown]
# The first number counts the pixels that are never inked, the second those that only one digit uses. The larger the
# weight of such a pixel for its digit, the smaller the cost, without end: the maximum-likelihood estimate does not
# exist. The penalty $\frac{\lambda}{2m} \sum w_{kj}^2$ makes large weights cost something; then there is exactly one
# lowest point (once the biases, of which only the differences count, add up to zero), and `maximum_likelihood` finds
# it. The validation images choose $\lambda$:

# %%
estimates = {l2: maximum_likelihood(train, l2=l2) for l2 in (10, 100)}
for l2, estimate in estimates.items():
    print('penalty %3d: cost %.6f, validation error %.2f %%' %
          (l2, estimate.cost(), error(estimate, validation)))

# %%
print('early stopping: test error %.2f %%' % error(model, test))
for l2, estimate in estimates.items():
    print('penalty %3d: test error %.2f %%' % (l2, error(estimate, test)))

# %% [markdown]
# The penalty 10 does a little better than early stopping, 100 a little worse. Early stopping itself works like a penalty:
# weights that start from zero and do not walk for long stay small. The estimate, however, is one that anybody can compute
# again, by whatever method, to all its digits.

# %% alt="The weights of the estimate with the penalty 10 as images: the same shapes as above, but more speckled"
show(estimates[10].plot_weights(), figsize=8)

# %% [markdown]
# ## Exercises
#
# 1. Change `wrong[0]` in the bar chart to `wrong[1]`, `wrong[2]` and so on. Which mistakes is the model sure of, and
#    where does it hesitate between two digits?
# 2. How many numbers has the model learnt, weights and biases together? Put it into the cell below.
# 3. Between 4 and 9 alone: `model.between(4, 9)` is a model of two classes. Draw its weights. Where does a 4 have ink and a 9
#    none?
# 4. Does momentum (`momentum=0.9`) need fewer epochs? Is the result better?
# 5. People misread about 0.2 % of such digits. Which of our assumptions would you drop first to get closer to that?

# %%
# exercise 2: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif answer == 10*(784 + 1):
    print('Right.')
else:
    print('Not yet. Each class has a weight for every pixel, and a bias.')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. It was almost certain of the first one, and fairly sure of `wrong[6]` and `wrong[7]`. In the others of the first ten
#    it hesitates between two or three digits.
#
# 2. $10 \cdot (784 + 1) = 7850$.

# %% [markdown]
# 3. The weights are the differences of those of the two classes: red speaks for the 4, blue for the 9. A 9 is closed at the
#    top, where a 4 has no ink; the 4 has it to the right and to the left of that, at the upper ends of its strokes.

# %% alt="The weights between 4 and 9 as an image: blue in the middle of the top, where a 9 is closed, red to the right and to the left of it"
weights = matrix(28, 28, model.between(4, 9).weights()[1:])
show(matrix_plot(weights, cmap='bwr', vmin=-1, vmax=1), figsize=3)

# %% [markdown]
# 4. With momentum 0.9 a step is, in the long run, ten times as long. It takes fewer epochs, and gets a little further.

# %%
faster = stochastic_gradient_descent(train, momentum=0.9, **options)
print('%d epochs, test error %.2f %%' % (faster.iterations(), error(faster, test)))

# %% [markdown]
# 5. That the logarithm of the odds is a *sum over pixels*. Shift a digit by two pixels, and all its pixels change. The
#    tutorial goes on with a hidden layer, and then with convolutions.

# %% [markdown]
# ## Summary
#
# * With $K$ classes each has its own weights; softmax turns $K$ numbers into probabilities. For $K = 2$ this is logistic regression.
# * The cost is still the mean negative log-likelihood, and `T.grad` still differentiates it.
# * Batches make steps cheap; validation images say when to stop.
# * With a penalty there is one best set of weights, and `maximum_likelihood` finds it.
#
# Next worksheet: [a tour](8_tour.ipynb)

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
The figures of the tutorial::

    sage: model.iterations(), '%f' % error(model, validation.take(range(9600))), '%f' % error(model, test.take(range(9600)))
    (74, '7.500000', '7.489583')

The estimates::

    sage: [estimate.cost() for estimate in estimates.values()]  # abs tol 1e-5
    [0.276868, 0.380856]
    sage: all(estimate.converged() for estimate in estimates.values())
    True
""";
