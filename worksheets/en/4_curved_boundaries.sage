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
# # Curved boundaries: features and a penalty
#
# [All worksheets](index.ipynb) | [日本語](../ja/4_curved_boundaries.ipynb)
#
# 118 microchips have passed two tests in the factory. Some were accepted, some thrown away, and no straight line tells
# them apart.
#
# *Aim:* to get curved boundaries out of the same logistic regression, by features; to see how too many features learn
# the noise by heart, and how a penalty prevents it; to choose the penalty by points that training has not seen. About
# 20 minutes; the worksheet on gradient descent comes first.
#
# The data are again those of the second programming exercise of Andrew Ng's course *Machine Learning* (Stanford and
# Coursera, 2011).

# %%
from sage_logreg import *
data = ex2data2()
data

# %% [markdown]
# ## A straight line fails

# %%
linear = maximum_likelihood(data)
linear.plot().show(figsize=5, legend_loc='upper right')

# %%
linear.accuracy(), linear.cost(), log(2.0)

# %% [markdown]
# 55% right, where always saying "thrown away" gives 51%; the cost is hardly below $\log 2$, that of guessing. The line
# could not be better: this *is* the lowest point of the cost. The model has to change.

# %% [markdown]
# ## Features
#
# The accepted chips lie inside of something round. A circle has the equation
#
# $$w_0 + w_1 x_1 + w_2 x_2 + w_3 (x_1^2 + x_2^2) = 0.$$
#
# It is curved in $x_1$ and $x_2$, but *linear in the weights*, and nothing else is needed: take $x_1^2 + x_2^2$ as a
# third column beside $x_1$ and $x_2$. Such columns, computed from the variables, are called *features*. In Sage they
# are expressions.

# %%
x1, x2 = var('x1, x2')
circular = maximum_likelihood(ex2data2(features=[x1, x2, x1^2 + x2^2]))
circular.accuracy()

# %%
circular.boundary()

# %%
circular.plot(aspect_ratio=1).show(figsize=5, legend_loc='upper right')

# %% [markdown]
# The boundary cannot be solved for $x_2$ (there are two solutions), so it is given as an equation.

# %% [markdown]
# ## Many features
#
# Which curve is the right one? Let the data say: we take all monomials in $x_1$ and $x_2$ of degree 1 to 6.

# %%
monomials = polynomial_features(x1, x2, degree=6)
print(len(monomials), monomials)

# %%
many = ex2data2(features=monomials)
free = maximum_likelihood(many)
free.accuracy()

# %%
free.plot().show(figsize=5, legend_loc='upper right')

# %% [markdown]
# 89% right; but at what price! There are two islands around a chip or two, and a horn for another one. With 28 weights
# the model has begun to learn the chips by heart, the noise included. This is called *overfitting*. One sees it in the
# size of the weights, which have to balance each other to make such a curve. The largest of them:

# %%
print('%.0f' % max(abs(weight) for weight in free.weights()))

# %% [markdown]
# ## A penalty
#
# So large weights shall cost something. For $m$ points and $n$ features one minimises
#
# $$E(w) + \frac{\lambda}{2m} \sum_{j=1}^{n} w_j^2$$
#
# instead of $E(w)$. The bias $w_0$ is left out: it only says how frequent the two labels are. The larger $\lambda$, the
# smaller the weights and the smoother the curve. This is called *regularisation*.
#
# In Theano that is one more term. The features' columns are in `many.design.points`.

# %%
import numpy
from sage_logreg.engine import theano, T, softplus

X = theano.shared(many.design.points, name='X')
y = theano.shared(many.labels, name='y')
w = theano.shared(numpy.zeros(28), name='w')
l2, learning_rate = 1.0, 1.0

z = w[0] + T.dot(X, w[1:])
cost = T.mean(softplus(z) - y*z) + l2/(2*len(many))*T.sum(w[1:]**2)
train_model = theano.function([], cost, updates={w: w - learning_rate*T.grad(cost, w)})
for step in range(1000):
    E = train_model()
    if step % 100 == 0:
        print(step, '%.9g' % E)

# %% [markdown]
# A thousand steps do: the penalty curves the flat directions of the valley upwards too. The package calls $\lambda$
# `l2`, in all its trainings:

# %%
model = gradient_descent(many, learning_rate=1, iterations=3000, l2=1)
model.cost(), maximum_likelihood(many, l2=1).cost(), model.accuracy()

# %% [markdown]
# Here are no penalty, the penalty 1, and 100:

# %%
models = [maximum_likelihood(many, l2=penalty) for penalty in (0, 1, 100)]
pictures = [fit.plot(title='l2 = %g' % fit.options()['l2'], axes_labels_size=1, show_legend=False) for fit in models]
show(graphics_array(pictures), figsize=[9, 3])

# %%
[fit.accuracy() for fit in models]

# %% [markdown]
# Too little, and the curve follows every chip; too much, and it no longer follows any: with all weights near zero the
# model can hardly do more than guess.

# %% [markdown]
# ## Probabilities
#
# The penalty does not only smooth the line. Without it the model is almost everywhere sure of itself, and with it
# unsure where the labels are mixed:

# %%
pictures = [fit.plot_probability(title='l2 = %g' % fit.options()['l2'], axes_labels_size=1, show_legend=False)
            for fit in models[:2]]
show(graphics_array(pictures), figsize=[7.5, 3])

# %% [markdown]
# The probability as a surface, the chips at the heights 0 and 1. (`viewer='matplotlib'` makes a still picture; without it
# one can turn the surface with the mouse.)

# %%
show(model.plot3d(), viewer='matplotlib')

# %% [markdown]
# The boundary is an equation in $x_1$ and $x_2$ with which Sage can go on computing. It has 28 terms; where does the
# curve cross the half-axis $x_1 > 0$, $x_2 = 0$? The probability is $\frac12$ there:

# %%
equation = model.boundary()
crossing = find_root(equation.lhs().subs(x2=0), 0, 1)
len(equation.lhs().operands()), crossing, model.probability([crossing, 0])

# %% [markdown]
# ## Which penalty?
#
# The accuracy on the chips that the model has learnt from only praises the model that has learnt them by heart. What
# counts is how probable it finds the labels of chips that it has *not* seen. So we put every fifth chip aside, train
# with the others, and take the mean of $-\log$ of the probabilities given to the labels of the chips put aside; five
# times, so that each chip is put aside once. This is called *cross-validation*. (The chips stand in an order in the
# file, so they are shuffled first.)

# %%
order = numpy.random.RandomState(int(1)).permutation(len(data))

def held_out_cost(features, l2):
    costs = []
    for k in range(5):
        held_out, others = order[k::5], numpy.delete(order, slice(k, None, 5))
        fit = maximum_likelihood(load_data((data.points[others], data.labels[others]), features=features), l2=l2)
        p = numpy.array(fit.probability(data.points[held_out]))
        costs.append(-numpy.log(numpy.where(data.labels[held_out] == 1, p, 1 - p)).mean())
    return sum(costs)/5

penalties = [0.001, 0.01, 0.1, 1, 10, 100]
costs = [held_out_cost(monomials, l2=penalty) for penalty in penalties]
for penalty, value in zip(penalties, costs):
    print('l2 = %-6g held-out cost %.6f' % (penalty, value))

# %%
show(list_plot(list(zip(penalties, costs)), plotjoined=True, marker='o', scale='semilogx', frame=True, axes=False,
               axes_labels=['l2', 'held-out cost']), figsize=4)

# %% [markdown]
# On the left it overfits, on the right it underfits; the valley is at 0.1. The customary 1 of the course is a little
# too careful here.

# %%
best = maximum_likelihood(many, l2=0.1)
best.plot().show(figsize=5, legend_loc='upper right')

# %% [markdown]
# ## Other features
#
# Nothing says that features are monomials; any expression in the variables will do. For example sixteen bumps on a
# grid, so that the log-odds are a sum of hills and hollows:

# %%
places = [-1/2, 0, 1/2, 1]
bumps = [exp(-4*((x1 - a)^2 + (x2 - b)^2)) for a in places for b in places]
hilly = maximum_likelihood(ex2data2(features=bumps), l2=0.1)
hilly.accuracy(), held_out_cost(bumps, l2=0.1)

# %%
hilly.plot().show(figsize=5, legend_loc='upper right')

# %% [markdown]
# ## Exercises
#
# 1. Find the centre and the radius of the circle.
# 2. Is the degree 6 needed? Compare the held-out costs of the circle, and of the monomials up to the degrees 2 and 3,
#    each with the penalties 0.01, 0.1 and 1.
# 3. Give the hundred applicants of `ex2data1()` the monomials up to degree 2. What does `maximum_likelihood` say? And
#    `separation`?

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. Dividing $w_0 + w_1 x_1 + w_2 x_2 + w_3 (x_1^2 + x_2^2) = 0$ by $w_3$ and completing the squares gives the centre
#    $(-\frac{w_1}{2w_3}, -\frac{w_2}{2w_3})$ and the square of the radius, that of the centre's distance from zero
#    minus $\frac{w_0}{w_3}$.

# %%
w0, w1, w2, w3 = circular.weights()
center = vector([-w1/(2*w3), -w2/(2*w3)])
center, sqrt(center*center - w0/w3)

# %% [markdown]
# 2. It is not: the five monomials of degree 1 and 2, an ellipse, do even a little better with a small penalty than all
#    27 monomials. With few points, use few features.

# %%
families = {'circle': [x1, x2, x1^2 + x2^2], 'degree 2': polynomial_features(x1, x2, degree=2),
            'degree 3': polynomial_features(x1, x2, degree=3), 'degree 6': monomials}
for name, features in families.items():
    print(name, *['%.4f' % held_out_cost(features, l2=penalty) for penalty in (0.01, 0.1, 1)])

# %% [markdown]
# 3. A curve of degree 2 has all hundred applicants on the right side! So the cost has no lowest point (see the
#    worksheet on the estimate), and the package refuses. With a tiny penalty it has one, and the curve is a hyperbola.
#    Found, or learnt by heart? Only more applicants could tell.

# %%
applicants = load_data(ex2data1(), features=polynomial_features(x1, x2, degree=2))
print(separation(applicants).kind())
try:
    maximum_likelihood(applicants)
except ValueError as error:
    print(type(error).__name__)

# %%
hyperbola = maximum_likelihood(applicants, l2=1e-6)
show(hyperbola.plot(), figsize=5)

# %% [markdown]
# ## Summary
#
# * A model that is linear in features is curved in the variables. Features are Sage expressions; `polynomial_features`
#   makes monomials.
# * Many features learn the noise by heart. A penalty $\frac{\lambda}{2m}\sum_j w_j^2$ keeps the weights small and the
#   curve smooth.
# * Too little penalty overfits, too much underfits. Points that training has not seen decide.
# * Formulas and pictures come as with a straight line: `boundary()`, `plot()`, `plot_probability()`, `plot3d()`.

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
Line, circle, 27 monomials::

    sage: linear.accuracy(), circular.accuracy(), free.accuracy()  # abs tol 1e-4
    (0.5508, 0.8051, 0.8898)
    sage: [type(primitive).__name__ for primitive in circular.plot()]
    ['Point', 'Point', 'Line']

The penalty, by hand, by descent and by Newton's method::

    sage: model.cost(), float(E), maximum_likelihood(many, l2=1).cost()  # abs tol 1e-7
    (0.52900273, 0.52900273, 0.52900273)
    sage: model.accuracy()  # abs tol 1e-4
    0.8305
    sage: bool(max(abs(w.get_value() - numpy.array(model.weights()))) < 1e-4)
    True
    sage: [fit.accuracy() for fit in models]  # abs tol 1e-4
    [0.8898, 0.8305, 0.6102]

The boundary::

    sage: len(equation.lhs().operands()), crossing  # abs tol 1e-7
    (28, 0.742736590)

Held out::

    sage: penalties[min(range(6), key=costs.__getitem__)]
    0.100000000000000
    sage: center, sqrt(center*center - w0/w3)  # abs tol 1e-6
    ((0.0817475, 0.1483295), 0.7063124)
    sage: separation(applicants).kind(), hyperbola.accuracy()
    ('complete', 1.0)
    sage: a, b, c = hyperbola.weights()[3:]
    sage: bool(b^2 > 4*a*c)
    True
""";
