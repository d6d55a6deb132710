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
# # A tour: what else the package does
#
# [All worksheets](index.ipynb) | [日本語](../ja/8_tour.ipynb)
#
# *Aim:* to see, in short examples, how to load your own data; how precise an answer is, and how its digits are proved; how
# any other cost is written as a formula; films and sliders; how a training is stopped, saved and resumed; data larger
# than the memory; and how to use it all from scikit-learn. About 15 minutes.

# %% [markdown]
# ## Your own data
#
# On 28 January 1986 the space shuttle Challenger broke apart after its launch: a joint of a booster, sealed by rubber
# rings, had failed. The forecast for that morning was 31 °F (-0.6 °C). Rings had already been damaged on 7 of the 23
# earlier flights whose boosters had been recovered, and on each of the four coolest of these days (S. R. Dalal, E. B.
# Fowlkes, B. Hoadley, *Risk analysis of the space shuttle*, Journal of the American Statistical Association 84, 1989).
# Here are the temperatures at these launches in °F, written to a file, the way such data usually come:

# %%
damaged = [53, 57, 58, 63, 70, 70, 75]
sound = [66, 67, 67, 67, 68, 69, 70, 70, 72, 73, 75, 76, 76, 78, 79, 81]
path = tmp_filename(ext='.csv')
with open(path, 'w') as file:
    file.write('temperature,damage\n')
    file.writelines('%d,yes\n' % degrees for degrees in damaged)
    file.writelines('%d,no\n' % degrees for degrees in sound)

# %% [markdown]
# `load_data` takes the path of a text table, a Sage matrix, rows, a NumPy array or a pandas frame. The last column is the
# label; if the labels are text, the later one in the alphabet becomes 1.

# %%
from sage_logreg import *
flights = load_data(path)
flights

# %% [markdown]
# Errors in a table are reported with their place:

# %%
try:
    load_data([[66, 'no'], ['7O', 'yes']])
except ValueError as error:
    print(error)

# %% [markdown]
# ## How precise, and proved
#
# The estimate with its standard errors, tests and intervals:

# %%
estimate = maximum_likelihood(flights)
show(estimate.summary())

# %% [markdown]
# In one variable the picture is the curve of the probability. Being a formula, it can be drawn beyond the data, where it is
# a guess that the data cannot check.

# %%
temperature = var('temperature')
show(estimate.posterior())

# %% alt="The flights at 0 and 1 by temperature, and the curve of the probability of damage, which falls from almost 1 at 30 °F to almost 0 at 80 °F"
curve = plot(estimate.posterior(), (temperature, 30, 82), color='black')
axes_labels = ['temperature (°F)', 'probability of damage']
(flights.plot(axes_labels=axes_labels) + curve).show(figsize=5)

# %%
estimate.probability([31]), estimate.boundary()

# %% [markdown]
# Does the estimate exist at all? That is decided exactly, in rational numbers; and its digits can be proved, in ball
# arithmetic:

# %%
separation(flights)

# %%
certified_maximum_likelihood(flights, digits=30)

# %% [markdown]
# The worksheet on [the estimate itself](5_maximum_likelihood.ipynb) says more about both.

# %% [markdown]
# ## A cost as a formula
#
# The logistic function is one way from a number to a probability. *Probit* regression uses the distribution function of the
# normal distribution instead. `minimize_cost` takes the cost of one sample as a Sage expression in the parameters, the
# data's variables and the label; Theano differentiates it. (The label's column is called `damage` here, so that is its
# symbol.)

# %%
w0, w1, damage = var('w0, w1, damage')
p = (1 + erf((w0 + w1*(temperature - 70)/10)/sqrt(2)))/2
E = -damage*log(p) - (1 - damage)*log(1 - p)
show(p)
probit = minimize_cost(E, flights, [w0, w1], learning_rate=1, iterations=1000,
                       tol=1e-9)
probit.converged(), probit.cost(), probit.values()

# %% [markdown]
# The minimum is a dictionary to put into any formula:

# %% alt="The logistic and the probit curve, which almost coincide where there are data"
probability = p.subs(probit.values())
print('damage at 31 degrees: probit %.6f, logistic %.6f' %
      (probability.subs(temperature=31), estimate.posterior(31)))
logistic_curve = plot(estimate.posterior(), (temperature, 30, 82), color='black',
                      legend_label='logistic')
probit_curve = plot(probability, (temperature, 30, 82), color='green',
                    legend_label='probit')
picture = flights.plot(axes_labels=axes_labels)
show(picture + logistic_curve + probit_curve, figsize=5)

# %% [markdown]
# The other way round, the cost of a logistic model over all its data is an expression in the weights. Sage
# differentiates it, Theano differentiates it, and both agree:

# %%
cost = estimate.symbolic_cost(w0, w1)
by_sage = vector(RDF, [diff(cost, weight).subs(w0=0, w1=0) for weight in (w0, w1)])
by_theano = estimate.with_weights([0, 0]).gradient()
by_sage, by_theano

# %% [markdown]
# ## Films and sliders
#
# `animate()` shows how the boundary moves during training. `show(film)` plays the film; here are some of its pictures:

# %% alt="Six pictures of a boundary that grows from nothing to a closed curve around the accepted chips"
x1, x2 = var('x1, x2')
chips = ex2data2(features=polynomial_features(x1, x2, degree=6))
training = gradient_descent(chips, learning_rate=1, iterations=100, l2=0.1)
film = training.animate(frames=6, show_legend=False,
                        title='step {}, cost {:.4f}'.format,
                        point_options={'size': 10, 'axes_labels_size': 1})
show(film.graphics_array(ncols=3), figsize=[9, 5.4])

# %% [markdown]
# `explore` is a page with sliders and menus: the method, the learning rate, the number of steps, standardising, the
# penalty, the weights to start from, the threshold. Whenever you move one, it trains again, and shows points and
# boundary, the cost as it went down, and the formula. `explore_descent` goes along the path of a training on its cost
# surface, step by step. Both need a running notebook; where nothing runs, you see the pictures that they start with.

# %% alt="The page of explore as it starts: the points with the boundary, and the cost, which falls steeply at first and then stays level"
explore(ex2data1())

# %% alt="The page of explore_descent as it starts: the path on the cost surface, and the boundary it has reached"
explore_descent(ex2data1(), weights=[0, 1])

# %% [markdown]
# ## Stop, save, resume
#
# Ctrl-C (in a notebook, *Kernel > Interrupt*) stops a training without losing anything: the model reached so far is
# returned. Here a `callback` stops it. `resume()` goes on from there, to exactly the weights at which an uninterrupted
# training ends:

# %%
def far_enough(iteration, cost, weights):
    return iteration >= 100000

stopped = gradient_descent(ex2data1(), iterations=300000, callback=far_enough)
resumed = stopped.resume()
print(stopped.iterations(), resumed.iterations())
resumed.weights() == gradient_descent(ex2data1(), iterations=300000).weights()

# %% [markdown]
# A model is saved as a text file, with its data and its history. With `checkpoint=` a training writes such a file every few
# seconds, so that even a power cut costs no more than those few seconds.

# %%
path = tmp_filename(ext='.json')
stopped.save(path)
load_model(path).resume().weights() == resumed.weights()

# %% [markdown]
# ## Larger than the memory
#
# A table that the memory does not hold can stay in its files. `load_data` takes a folder or a pattern of their names (or a Dask
# array or frame), reads the rows in chunks, and adds up what each chunk contributes. Here 200,000 rows stand for millions. The labels
# are drawn from a model that we know: the log-odds of `y = 1` are $1 + 2 x_1 - x_2$.

# %%
import numpy, os, pandas
folder = tmp_dir()
for part in range(4):
    random = numpy.random.default_rng(part)
    points = random.normal(size=(50000, 2))
    log_odds = 1 + 2*points[:, 0] - points[:, 1]
    labels = random.uniform(size=50000) < 1/(1 + numpy.exp(-log_odds))
    pandas.DataFrame({'x1': points[:, 0], 'x2': points[:, 1], 'y': labels.astype(int)}
                     ).to_parquet(os.path.join(folder, 'part-%d.parquet' % part))
large = maximum_likelihood(os.path.join(folder, '*.parquet'))
large.data

# %% [markdown]
# The training is the same, and so is what the model says of itself. The weights that we drew from are within the intervals:

# %%
large.coefficients()

# %% [markdown]
# Who computes? Without more, the threads of this session. After `Client(n_workers=2)` from `distributed`, two processes would, and after
# `Client(address)` those of other machines; the bits of the weights are the same. Pictures draw a random part of the rows.

# %% alt="Some of the points, and the boundary, a straight line between the two kinds"
large.plot(figsize=5)

# %% [markdown]
# ## With scikit-learn
#
# `SageLogisticRegression` is the same training as a scikit-learn estimator, for pipelines, cross-validation and
# searches. Its default penalty is scikit-learn's own, `l2=1`. Which penalty suits the standardised exam scores?

# %%
from sage_logreg.sklearn import SageLogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

scores = ex2data1()
pipeline = Pipeline([('scale', StandardScaler()),
                     ('regression', SageLogisticRegression())])
search = GridSearchCV(pipeline, {'regression__l2': [0.01, 0.1, 1, 10]},
                      scoring='neg_log_loss', cv=5)
search.fit(scores.points, scores.labels)
search.best_params_, search.best_score_

# %% [markdown]
# Inside there is a model of this package, here in the standardised scores:

# %%
inside = search.best_estimator_['regression'].model_
show(inside.log_odds())

# %% [markdown]
# ## Exercises
#
# 1. Change 31 in `estimate.probability([31])` to 53, 65 and 81. How does the probability of damage fall as it gets warmer?
# 2. Up to which temperature, in whole degrees Fahrenheit, is the probability of damage above 10%? (`boundary` has an argument
#    `threshold`.) Put it into the cell below.
# 3. Let the model be in degrees Celsius, by `features`. What becomes of the weights, and of the probability at 31 °F?
# 4. Minimise the cost of a third way from a number to a probability, $1 - e^{-e^z}$, and compare the costs. Do the data
#    prefer one of the three?

# %%
# exercise 2: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif answer == floor(estimate.boundary(threshold=0.1).rhs()):
    print('Right.')
else:
    print('Not yet. Round the number in estimate.boundary(threshold=0.1) down.')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. From 94% at 53 °F through about one half at 65 °F to 2% at 81 °F.
#
# 2. `estimate.boundary(threshold=0.1)` is at 74.26, so up to 74 °F.

# %% [markdown]
# 3. A degree Celsius is 9/5 degrees Fahrenheit, so the weight is 9/5 times as large; the bias, the log-odds at zero, is
#    now that at 32 °F. The probabilities are the same.

# %%
celsius = maximum_likelihood(load_data(flights, features=[(temperature - 32)*5/9]))
(celsius.weights()[1]/estimate.weights()[1],
 celsius.probability([31]), estimate.probability([31]))

# %% [markdown]
# 4. Hardly. The third cost is the lowest, but the log-likelihood of all 23 flights is higher by only 0.4, a difference that
#    easily arises by chance.

# %%
q = 1 - exp(-exp(w0 + w1*(temperature - 70)/10))
F = -damage*log(q) - (1 - damage)*log(1 - q)
third = minimize_cost(F, flights, [w0, w1], learning_rate=0.5, iterations=2000,
                      tol=1e-9)
print('logistic %.6f, probit %.6f, way 3 %.6f' %
      (estimate.cost(), probit.cost(), third.cost()))
len(flights)*(estimate.cost() - third.cost())

# %% [markdown]
# ## Summary
#
# * `load_data` reads tables as they come, and reports errors with their place.
# * `maximum_likelihood` tells how precise the answer is, `separation` whether there is one; `certified_maximum_likelihood`
#   proves it.
# * `minimize_cost` minimises whatever cost can be written in Sage; `symbolic_cost` writes the cost of a model in Sage.
# * `animate`, `explore` and `explore_descent` show a training in motion.
# * A folder of files is trained on in chunks, whether or not the memory holds it.
# * `resume`, `save`, `load_model` and `checkpoint` preserve what has been trained; `SageLogisticRegression` brings it to
#   scikit-learn.
#
# Back to [all worksheets](index.ipynb)

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
The estimate is that of the textbooks, 15.043 and -0.2322::

    sage: flights
    23 points in temperature: 7 with damage = 'yes', 16 with damage = 'no'; P(damage = 'yes') is modelled
    sage: estimate.weights(), estimate.standard_errors()  # abs tol 1e-5
    ((15.04290, -0.23216), (7.37864, 0.10824))
    sage: estimate.probability([53])[0], estimate.probability([81])[0], estimate.boundary(threshold=0.1).rhs()  # abs tol 0.005
    (0.94, 0.02, 74.26)
    sage: certified_maximum_likelihood(flights, digits=30)
    Maximum-likelihood estimate, proved to 30 digits
    bias = 15.04290164770244071053339640628 +/- 3e-30
    temperature = -0.2321627442185964714573431852370 +/- 2e-32

Formulas::

    sage: probit.converged(), probit.cost(), third.converged(), third.cost()  # abs tol 1e-7
    (True, 0.44299433, True, 0.42459686)
    sage: bool(abs(by_sage - by_theano) < 1e-12)
    True

The curve and the search::

    sage: probability.subs(temperature=31).n()  # abs tol 1e-6
    0.999998
    sage: search.best_params_
    {'regression__l2': 0.100000000000000}

The rows in chunks::

    sage: large.data
    200000 points in x1, x2: 127418 with y = 1, 72582 with y = 0, in 4 chunks
    sage: large.weights()  # abs tol 1e-6
    (0.9925322, 2.0106260, -1.0070691)
    sage: all(low < true < high for (low, high), true in zip(large.confidence_intervals(), (1, 2, -1)))
    True

Stop and go on::

    sage: stopped.iterations(), resumed.iterations()
    (102000, 300000)
    sage: bool(load_model(path).resume().weights() == resumed.weights())
    True
""";
