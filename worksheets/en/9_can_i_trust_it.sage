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
# # Can I trust it? What a statistician asks next
#
# [All worksheets](index.ipynb) | [日本語](../ja/9_can_i_trust_it.ipynb)
#
# The worksheet on [a real table](6_real_table.ipynb) ended with a model that tells male penguins from female ones. Now
# somebody who knows statistics looks over our shoulder and asks: does it fit? Which penguins does it get wrong, and do a
# few of them decide everything? How much does a gram change? How sure are you of the standard errors? And would it work
# on other penguins?
#
# *Aim:* to get from `summary()` to an answer that you can defend. About 25 minutes.

# %% [markdown]
# ## The summary
#
# The data are the penguins of Palmer Station (K. B. Gorman, T. D. Williams, W. R. Fraser, PLoS ONE 9(3), 2014), the model is
# the one of that worksheet.

# %%
from sage_logreg import *

formula = 'sex ~ species + bill_length_mm + bill_depth_mm + body_mass_g'
data = penguins(formula=formula)
model = maximum_likelihood(data)
show(model.summary())

# %% [markdown]
# Above the line stand the weights, below it the model as a whole. The *deviance* is minus twice the log-likelihood: the
# smaller, the better. The null deviance is that of a model with nothing but a bias; from 462 it has come down to 127.
# McFadden's pseudo-R² says the same as a fraction. AIC and BIC add a price for each weight, so that models of different
# sizes can be compared.
#
# None of these says whether the model *fits*. With one penguin a row, even a perfect model has a deviance, and it
# depends on nothing but its own probabilities.

# %% [markdown]
# ## Does it fit?
#
# Of the penguins to which the model gives a probability of 0.8, about 80% should be male. `plot_calibration` sorts the
# penguins by their probability, puts them into groups, and compares:

# %% alt="Observed part of males against the predicted probability, in groups with intervals: close to the diagonal"
model.plot_calibration().show(figsize=5)

# %% [markdown]
# The Hosmer-Lemeshow test makes one number of it. A small p-value would speak against the model; this one is no reason for alarm, and no
# praise either.

# %%
model.hosmer_lemeshow()

# %% [markdown]
# And how well does it tell them apart? Of a male and a female, picked at random, the male has the larger probability in
# all but a few cases; that is the area under the ROC curve, here with DeLong's interval:

# %%
model.area_under_curve(interval=0.95)

# %% [markdown]
# At a threshold the usual table can be made. 1/2 is not sacred: whoever wants to miss no male takes a smaller one.

# %%
model.classification_table(threshold=1/2)

# %% [markdown]
# ## Which penguins does it get wrong?
#
# A *residual* compares what was seen with what was expected. Four pictures at once:

# %% alt="Four pictures of residuals: against the log-odds, quantiles against the normal ones, leverage, binned residuals"
model.plot_diagnostics().show(figsize=[9, 8])

# %% [markdown]
# Residuals of zeros and ones lie on two curves, whatever the model, which frightens people for no reason. That is why the first
# two pictures show *randomised quantile residuals*: if the model is right, they are a sample of the normal distribution. The
# last one averages the residuals in bins; nineteen of twenty should lie between the lines.
#
# Three penguins are marked by their rows. `influence` lists those on which the weights depend most:

# %%
model.influence(most=4)

# %% [markdown]
# The first is a female Chinstrap in row 293 with a bill of 58 mm, longer than that of any other penguin in the table. Perhaps
# somebody's pencil slipped; perhaps she has such a bill. How much does she matter?

# %%
without = maximum_likelihood(data.take(data.row_numbers != 293))
for name, one, other in zip(model.weight_names(), model.weights(), without.weights()):
    print('%-18s %11.5f %11.5f' % (name, one, other))

# %% [markdown]
# Without her the weight of the bill's length grows by a quarter, a little more than one standard error. No sign changes, no
# conclusion does. So she stays in the table, and is mentioned in the report. To leave out a row because it does not fit is
# to choose one's result.

# %% [markdown]
# ## What does a gram change?
#
# A weight speaks of log-odds. A *marginal effect* speaks of probabilities: by how much does the probability rise with one
# unit more, on average over these penguins?

# %%
model.marginal_effects()

# %% [markdown]
# A hundred grams more: three and a half percentage points, on average. On average only, for the curve is steep in the middle and
# flat at its ends:

# %% alt="The probability of a male against the body mass, a curve with its band for each species"
model.plot_effect('body_mass_g', by='species', interval=0.95).show(figsize=6)

# %% [markdown]
# Here the bill has its average size throughout. And at a glance, the odds ratios with their intervals:

# %% alt="Odds ratios of all variables on a logarithmic axis, with intervals, and a line at 1"
model.plot_coefficients(odds_ratios=True).show(figsize=6)

# %% [markdown]
# ## Is every term needed?
#
# `drop1` leaves out one term after the other, a factor as one:

# %%
model.drop1()

# %% [markdown]
# And models side by side. Where one is part of the other they are compared by a test, otherwise by AIC, whose *weights* say
# how the evidence is shared out among them:

# %%
fewer = 'sex ~ species + bill_depth_mm + body_mass_g'
shorter = maximum_likelihood(penguins(formula=fewer))
more = formula + ' + flipper_length_mm + island'
longer = maximum_likelihood(penguins(formula=more))
compare(shorter, model, longer)

# %% [markdown]
# ## How sure are the standard errors?
#
# They assume that the rows are independent, and that the model is right. The birds were caught in pairs at their nests.
# Look at the table: rows 0 and 1 are one pair, rows 2 and 3 the next. It is not written there, but of 163 such pairs whose sexes
# are both known, every single one is a male and a female:

# %%
nest = [row // 2 for row in data.row_numbers]
sexes = {}
for own, sex in zip(nest, data.column('sex')):
    sexes.setdefault(own, []).append(sex)
pairs = [sorted(both) for both in sexes.values() if len(both) == 2]
len(pairs), all(both == ['female', 'male'] for both in pairs)

# %% [markdown]
# So half of what the model is to find out was known before: if one is a female, the other is a male. *Sandwich* errors do
# not assume that the model is right (`HC1`), and those of clusters do not assume that mates are independent:

# %%
for kind, errors in [('as in the summary', model.standard_errors()),
                     ('HC1', model.standard_errors(kind='HC1')),
                     ('nests as clusters', model.standard_errors(cluster=nest))]:
    print('%-18s' % kind, ' '.join('%9.5f' % error for error in errors))

# %% [markdown]
# Those of the bill's length and of the Chinstraps grow by a third to a half, mostly because of the one long bill; that of the mass
# shrinks. No conclusion depends on it. The bootstrap asks the same in another way: draw nests with replacement, estimate again, a
# few hundred times.

# %%
bootstrap = model.bootstrap(samples=300, seed=1, cluster=nest)
bootstrap

# %% [markdown]
# The column *bias* says that estimates from so few penguins are on average too far from zero, by about a tenth.
#
# ## The likelihood itself
#
# Wald's intervals, `weight ± 1.96 errors`, replace the log-likelihood by a parabola. Is it one? Draw both:

# %% alt="The profile of the log-likelihood in the weight of the bill depth, and the parabola beside it, which is too symmetric"
model.likelihood_profile('bill_depth_mm').show(figsize=5)

# %% [markdown]
# Not quite: a large weight is less implausible than the parabola says, which is why the profile's interval reaches further to
# the right. For two weights at once there is a region. It is no ellipse either:

# %% alt="The joint region of the weights of bill length and bill depth, and Wald's ellipse dashed"
model.plot_confidence_region('bill_length_mm', 'bill_depth_mm').show(figsize=5)

# %% [markdown]
# And if there are so few rows that neither can be trusted? Then count. Of the penguins caught on Torgersen in 2007, is it chance that
# the heavy ones are the males? `exact_test` sums over all ways in which the sexes could have been distributed, in whole numbers:

# %%
birds = zip(*map(data.column, ['island', 'year', 'body_mass_g', 'sex']))
heavy = [[mass > 3700, sex] for island, year, mass, sex in birds
         if island == 'Torgersen' and year == 2007]
few = maximum_likelihood(load_data(heavy, variables='heavy'), bias_reduced=True)
exact = few.exact_test('heavy')
exact

# %%
exact.p_value

# %% [markdown]
# The p-value is a fraction, with one variable that of Fisher's exact test; with more variables it is that of the exact
# conditional test.
#
# ## Would it work on others?
#
# The accuracy of 92% was measured on the penguins that the weights were fitted to. *Cross-validation* leaves out a tenth of them, fits
# to the rest, predicts the tenth, and so on ten times. Mates stay together, or one would give away the other:

# %%
scores = cross_validate(data, folds=10, repeats=3, groups=nest, seed=1)
scores

# %% [markdown]
# Hardly worse, so little is fitted to chance here. Would a penalty help?

# %% alt="Log loss on left-out penguins against the penalty, with bars of one standard error: flat, and rising for large penalties"
penalties = [10^k for k in range(-4, 3)]
choice = cross_validate(data, folds=10, groups=nest, seed=1, l2=penalties)
choice.plot().show(figsize=5)

# %% [markdown]
# No. And look at the bars before you believe in the best of these penalties: they are wider than what it gains.

# %% [markdown]
# ## A better question
#
# All that checking has found one thing which matters: the penguins came in pairs. Then do not ask "is it a male?" but "which of the two is?"
# Subtract one mate from the other, and the species, the island and the year fall out; there is nothing left for a bias to do, either:

# %%
measured = ['bill_length_mm', 'bill_depth_mm', 'body_mass_g']
columns = [data.column(name) for name in measured]
rows, male = {}, data.column('sex')
for row, own in enumerate(nest):
    rows.setdefault(own, []).append(row)
differences = []
for own, both in rows.items():
    if len(both) == 2:
        # the first against the second in one pair, the other way round in the next
        first, second = both if own % 2 else reversed(both)
        difference = [column[first] - column[second] for column in columns]
        differences.append(difference + [male[first]])
paired = maximum_likelihood(load_data(differences, variables=measured), intercept=False)
paired.coefficients()

# %%
paired.accuracy(), len(paired.mistakes()), len(differences)

# %% [markdown]
# The weights are much the same, their errors are larger and honest, and of 163 pairs three are taken the wrong way round: 98%. The
# question that fits how the data were collected was the easier one to answer.

# %% [markdown]
# ## Exercises
#
# 1. Which threshold finds at least 99% of the males? How many females does it call males?
# 2. Leave out `species` from the formula. What do the calibration and the Hosmer-Lemeshow test say now? And a likelihood-ratio test?
# 3. With a millimetre more of bill depth, by what factor do the odds grow at least? Take the lower end of the profile's interval, to one digit
#    after the point, and put it into the cell below.
# 4. Fit `sex ~ body_mass_g` and draw `plot_binned_residuals(by='body_mass_g')`. What is missing in this model?

# %%
# exercise 3: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif abs(answer - exp(model.confidence_intervals(method='profile')[4][0])) < 0.051:
    print('Right.')
elif abs(answer - exp(model.confidence_intervals()[4][0])) < 0.051:
    print("That is Wald's; now by method='profile'.")
else:
    print('Not yet. The odds grow by the exponential of the weight.')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. A threshold of 0.1 finds 167 of the 168 males, 99.4%, and calls 42 females males.

# %%
model.classification_table(threshold=1/10)

# %% [markdown]
# 2. The test has a p-value of 0.78, and the points lie on the diagonal: a better record than that of the full model. But the likelihood-ratio
#    test says that the species belongs in. A model that lacks something can still be right on average; calibration is necessary, and
#    not enough.

# %%
without_species = maximum_likelihood(penguins(
    formula='sex ~ bill_length_mm + bill_depth_mm + body_mass_g'))
without_species.hosmer_lemeshow(), model.likelihood_ratio_test(without_species)

# %% [markdown]
# 3. $e^{1.04}$, about 2.8; Wald's interval begins at 2.7.
#
# 4. The residuals go up and down in a wave: males among birds of 4,000 g are more frequent than the model says, among those of 5,000 g less. The
#    former are Adelies and Chinstraps, the latter Gentoos; the species is missing.

# %% alt="Mean residuals against the body mass: a wave that leaves the lines of two standard errors"
by_mass = maximum_likelihood(penguins(formula='sex ~ body_mass_g'))
by_mass.plot_binned_residuals(by='body_mass_g').show(figsize=5)

# %% [markdown]
# ## Summary
#
# * `summary()` says what the model is, and whether its numbers are those of an estimate.
# * Fit is a question of its own: calibration, residuals, influential rows. Name what does not fit, and keep it.
# * Speak of probabilities: `marginal_effects()`, `plot_effect()`.
# * Test terms, not weights: `drop1()`, `compare()`.
# * Ask what the standard errors assume: `kind='HC1'`, `cluster=`, `bootstrap`, the profile; for few rows `exact_test`.
# * Measure predictions on rows that were left out, and leave out together what belongs together.
# * And ask how the data came about. No diagnostic does it for you.

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
Fit and discrimination::

    sage: model.hosmer_lemeshow().p_value, model.null_deviance(), model.deviance()  # rel tol 1e-8
    (0.0768269420300022, 461.608994860, 127.297594729)
    sage: model.area_under_curve(interval=0.95)  # rel tol 1e-8
    AreaUnderCurve(area=0.9770202020202021, lower=0.9629910656007236, upper=0.9910493384396807)
    sage: model.confusion_matrix(threshold=1/10)
    [123  42]
    [  1 167]

Rows and effects::

    sage: model.influence(most=4)['row']
    [293, 114, 297, 284]
    sage: list(zip(model.weights(), without.weights()))[3]  # rel tol 1e-6
    (0.620082430, 0.781252925)
    sage: model.marginal_effects().dict()['body_mass_g'], model.marginal_effects()['std. error'][-1]  # rel tol 1e-6
    (0.000345205798, 4.47165525e-05)

Terms::

    sage: model.drop1()['statistic']  # rel tol 1e-8
    [32.5901825282, 33.7265133919, 36.4859988356, 58.8516236876]
    sage: compare(shorter, model, longer)['AIC']  # rel tol 1e-8
    [171.024108121, 139.297594729, 144.047405284]
    sage: without_species.hosmer_lemeshow().p_value, model.likelihood_ratio_test(without_species).p_value  # rel tol 1e-6
    (0.780629405, 8.37783460e-08)

Errors, exact test, pairs and other rows::

    sage: model.standard_errors(cluster=nest)[3], model.standard_errors(kind='HC1')[3], model.standard_errors()[3]  # rel tol 1e-8
    (0.185957915, 0.189212064, 0.130740432)
    sage: [exp(model.confidence_intervals(method=method)[4][0]) for method in ('profile', 'wald')]  # rel tol 1e-6
    [2.83407118, 2.70590377]
    sage: exact.p_value, paired.mistakes()
    (1/99, [9, 53, 137])
    sage: [round(score, 2) for score in scores['mean']]
    [0.22, 0.06, 0.97, 0.92]
""";
