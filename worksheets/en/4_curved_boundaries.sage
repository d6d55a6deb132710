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
# 118 microchips went through two tests in the factory. Some were accepted, some thrown away, and no straight line tells
# them apart.
#
# *Aim:* to get curved boundaries out of the same logistic regression, by features; to see how a model with too many
# features learns the noise by heart, and how a penalty prevents it; to choose the penalty by points that training has not
# seen. About 20 minutes; the worksheet on [gradient descent](1_gradient_descent.ipynb) comes first.
#
# The data are again those of the second programming exercise of Andrew Ng's course *Machine Learning* (Stanford and
# Coursera, 2011).

# %%
from sage_logreg import *
data = ex2data2()
data

# %% [markdown]
# ## A straight line fails

# %% alt="The chips, accepted ones in the middle of rejected ones, and a straight line that does not separate them"
linear = maximum_likelihood(data)
linear.plot(legend_label='best line').show(figsize=5)

# %%
linear.accuracy(), linear.cost(), log(2.0)

# %% [markdown]
# 55% are correct, where always saying "thrown away" gives 51%; the cost is hardly below $\log 2$, that of guessing. No
# line has a lower cost: this *is* the lowest point. The model has to change.

# %% [markdown]
# ## Features
#
# The accepted chips lie inside something round. A circle has the equation
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
show(circular.boundary())

# %% alt="The chips and a circle around most of the accepted ones"
circular.plot(legend_label='circle', aspect_ratio=1).show(figsize=5)

# %% [markdown]
# Solving for $x_2$ would give two solutions, an upper and a lower half, so the boundary is given as an equation.

# %% [markdown]
# ## Many features
#
# Which curve is the right one? Let the data decide: we take all monomials in $x_1$ and $x_2$ of degree 1 to 6.

# %%
monomials = polynomial_features(x1, x2, degree=6)
print(len(monomials), monomials)

# %%
many = ex2data2(features=monomials)
free = maximum_likelihood(many)
free.accuracy()

# %% alt="The chips and a wild boundary with islands and a horn"
free.plot(legend_label='no penalty').show(figsize=5)

# %% [markdown]
# 89% are correct, but at what price! There are two islands around a chip or two, and a horn for another one. With 28
# weights the model has begun to learn the chips by heart, the noise included. This is called *overfitting*. It shows in
# the size of the weights, which have to balance each other to make such a curve. The largest of them:

# %%
print('%.0f' % max(abs(weight) for weight in free.weights()))

# %% [markdown]
# ## A penalty
#
# So we make large weights cost something. For $m$ points and $n$ features one minimises
#
# $$E(w) + \frac{\lambda}{2m} \sum_{j=1}^{n} w_j^2$$
#
# instead of $E(w)$. The bias $w_0$ is left out: it only says how frequent the two labels are. The larger $\lambda$, the
# smaller the weights and the smoother the curve. This is called *regularisation*.
#
# In Theano that is one more term. The columns of the features are in `many.design.points`.

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
# A thousand steps are enough: the penalty curves the flat directions of the valley upwards too. The package calls
# $\lambda$ `l2`, in all its training functions:

# %%
model = gradient_descent(many, learning_rate=1, iterations=3000, l2=1)
model.cost(), maximum_likelihood(many, l2=1).cost(), model.accuracy()

# %% [markdown]
# Here are the fits with no penalty, with 1 and with 100:

# %% alt="Three boundaries: wild without a penalty, a smooth closed curve with the penalty 1, and with 100 a smaller one that leaves many accepted chips outside"
models = [maximum_likelihood(many, l2=penalty) for penalty in (0, 1, 100)]
pictures = [fit.plot(title='l2 = %g' % fit.options()['l2'], axes_labels_size=1,
                     show_legend=False) for fit in models]
show(graphics_array(pictures), figsize=[9, 3])

# %%
[fit.accuracy() for fit in models]

# %% [markdown]
# Too little, and the curve follows every chip; too much, and it no longer follows any: with all weights near zero the
# model can hardly do more than guess.

# %% [markdown]
# ## Probabilities
#
# The penalty smooths more than the boundary. Without it the model is sure of itself almost everywhere; with it, the model
# is unsure where the labels are mixed:

# %% alt="The probability without a penalty, which jumps from 0 to 1, and with the penalty 1, which changes gradually"
pictures = [fit.plot_probability(title='l2 = %g' % fit.options()['l2'],
                                 axes_labels_size=1, show_legend=False)
            for fit in models[:2]]
show(graphics_array(pictures), figsize=[7.5, 3])

# %% [markdown]
# The probability as a surface, the chips at the heights 0 and 1. (`viewer='matplotlib'` makes a still picture; without it
# one can turn the surface with the mouse.)

# %% alt="The probability as a surface, a rounded hill, with the chips at the heights 0 and 1"
show(model.plot3d(), viewer='matplotlib', figsize=5)

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
# The accuracy on the chips that the model has learnt from only rewards learning by heart. What counts is how probable it
# finds the labels of chips that it has *not* seen. So we put every fifth chip aside, train on the others, and take the
# mean of $-\log$ of the probabilities given to the labels of the chips put aside; five times, so that each chip is put
# aside once. This is called *cross-validation*. (The file lists the accepted chips first, so they are all shuffled.)

# %%
order = numpy.random.RandomState(int(1)).permutation(len(data))

def held_out_cost(features, l2):
    costs = []
    for k in range(5):
        held_out, others = order[k::5], numpy.delete(order, slice(k, None, 5))
        seen = load_data((data.points[others], data.labels[others]), features=features)
        fit = maximum_likelihood(seen, l2=l2)
        p = numpy.array(fit.probability(data.points[held_out]))
        given = numpy.where(data.labels[held_out] == 1, p, 1 - p)
        costs.append(-numpy.log(given).mean())
    return sum(costs)/5

penalties = [0.001, 0.01, 0.1, 1, 10, 100]
costs = [held_out_cost(monomials, l2=penalty) for penalty in penalties]
for penalty, value in zip(penalties, costs):
    print('l2 = %-6g held-out cost %.6f' % (penalty, value))

# %% alt="The held-out cost against the penalty on a logarithmic scale: it is lowest at 0.1"
show(list_plot(list(zip(penalties, costs)), plotjoined=True, marker='o',
               scale='semilogx', frame=True, axes=False, axes_pad=0.1,
               axes_labels=['l2', 'held-out cost']), figsize=4)

# %% [markdown]
# On the left the model overfits, on the right it underfits; the valley is at 0.1. The 1 that is customary in the course is
# a little too cautious here.

# %% alt="The chips and the boundary with the penalty 0.1, a smooth closed curve without islands or horns"
best = maximum_likelihood(many, l2=0.1)
best.plot(legend_label='l2 = 0.1').show(figsize=5)

# %% [markdown]
# ## Other features
#
# Features need not be monomials; any expression in the variables will do. For example sixteen bumps on a grid, so that
# the log-odds are a sum of hills and hollows:

# %%
places = [-1/2, 0, 1/2, 1]
bumps = [exp(-4*((x1 - a)^2 + (x2 - b)^2)) for a in places for b in places]
hilly = maximum_likelihood(ex2data2(features=bumps), l2=0.1)
hilly.accuracy(), held_out_cost(bumps, l2=0.1)

# %% alt="The chips and the boundary from sixteen bumps, a smooth closed curve around most of the accepted chips"
hilly.plot(legend_label='16 bumps').show(figsize=5)

# %% [markdown]
# ## Exercises
#
# 1. Change the degree 6 in `polynomial_features(x1, x2, degree=6)` to 2, 4 and 8, and run the cells from there to the
#    picture again. What becomes of the curve? What does the package say about degree 8?
# 2. How many monomials in two variables have a degree from 1 to 8? Put the number into the cell below.
# 3. Find the centre and the radius of the circle.
# 4. Is the degree 6 needed? Compare the held-out costs of the circle, and of the monomials up to the degrees 2 and 3,
#    each with the penalties 0.01, 0.1 and 1.
# 5. Give the hundred applicants of `ex2data1()` the monomials up to degree 2. What does `maximum_likelihood` say? And
#    `separation`?

# %%
# exercise 2: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif answer == len(polynomial_features(x1, x2, degree=8)):
    print('Right.')
else:
    print('Not yet. There are k + 1 monomials of the degree k.')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. With degree 2 it is an ellipse; the higher the degree, the more the curve bends around single chips. With degree 8
#    some curve has all chips on its correct side, and the package refuses: there is no lowest point.
#
# 2. $2 + 3 + \dots + 9 = 44$.

# %% [markdown]
# 3. Dividing $w_0 + w_1 x_1 + w_2 x_2 + w_3 (x_1^2 + x_2^2) = 0$ by $w_3$ and completing the squares gives the centre
#    $c = (-\frac{w_1}{2w_3}, -\frac{w_2}{2w_3})$ and the radius $\sqrt{c \cdot c - \frac{w_0}{w_3}}$.

# %%
w0, w1, w2, w3 = circular.weights()
center = vector([-w1/(2*w3), -w2/(2*w3)])
center, sqrt(center*center - w0/w3)

# %% [markdown]
# 4. It is not: with a small penalty the five monomials of degree 1 and 2, an ellipse, do even a little better than all 27
#    at their best. With few points, use few features.

# %%
families = {'circle': [x1, x2, x1^2 + x2^2],
            'degree 2': polynomial_features(x1, x2, degree=2),
            'degree 3': polynomial_features(x1, x2, degree=3),
            'degree 6': monomials}
for name, features in families.items():
    values = [held_out_cost(features, l2=penalty) for penalty in (0.01, 0.1, 1)]
    print(name, *['%.4f' % value for value in values])

# %% [markdown]
# 5. A curve of degree 2 has all hundred applicants on the correct side! So the cost has no lowest point (see the
#    worksheet on [the estimate itself](5_maximum_likelihood.ipynb)), and the package refuses. With a tiny penalty it has
#    one, and the curve is a hyperbola. Found, or learnt by heart? Only more applicants could tell.

# %%
applicants = load_data(ex2data1(), features=polynomial_features(x1, x2, degree=2))
print(separation(applicants).kind())
try:
    maximum_likelihood(applicants)
except ValueError as error:
    print(type(error).__name__)

# %% alt="The hundred applicants, separated by a hyperbola"
hyperbola = maximum_likelihood(applicants, l2=1e-6)
show(hyperbola.plot(legend_label='hyperbola'), figsize=5)

# %% [markdown]
# ## Summary
#
# * A model that is linear in features is curved in the variables. Features are Sage expressions; `polynomial_features`
#   makes monomials.
# * Many features learn the noise by heart. A penalty $\frac{\lambda}{2m}\sum_j w_j^2$ keeps the weights small and the
#   curve smooth.
# * With too small a penalty a model overfits, with too large a one it underfits. Points that training has not seen decide.
# * Formulas and pictures come as with a straight line: `boundary()`, `plot()`, `plot_probability()`, `plot3d()`.
#
# Next worksheet: [the estimate itself](5_maximum_likelihood.ipynb)

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
