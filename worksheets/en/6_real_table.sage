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
# # A real table: from the file to conclusions
#
# [All worksheets](index.ipynb) | [日本語](../ja/6_real_table.ipynb)
#
# On the islands near Palmer Station, Antarctica, K. B. Gorman, T. D. Williams and W. R. Fraser caught 344 nesting penguins
# from 2007 to 2009, measured them, and had their sex determined from blood samples (*Ecological sexual dimorphism and
# environmental variability within a community of Antarctic penguins*, PLoS ONE 9(3), 2014). Male and female penguins
# look alike. Can a scale and calipers tell them apart?
#
# *Aim:* to start from a file with text, missing cells and the label somewhere in the middle, and to end with conclusions
# in plain words, and with what these data do not allow us to conclude. About 20 minutes. Standard errors and tests are
# explained in the worksheet on [the estimate itself](5_maximum_likelihood.ipynb).

# %% [markdown]
# ## The file
#
# Look at the file itself first:

# %%
from sage_logreg import *
from sage_logreg.dataset.examples import data_file

path = data_file('penguins.csv')
with open(path) as file:
    for number in range(6):
        print(next(file), end='')

# %% [markdown]
# A header, then one penguin in each line. There are three species on three islands. The length and depth of the bill are
# in millimetres, as is the length of the flipper; the body mass is in grams. The label is the sex, the last column but
# one. And about the fourth penguin hardly anything is known.

# %% [markdown]
# ## Missing cells
#
# Nothing is filled in silently. `load_data` counts the missing cells and says where the first one is (only the name of the
# folder is cut off here):

# %%
try:
    load_data(path, label='sex')
except ValueError as error:
    print(str(error).replace(path, 'penguins.csv'))

# %% [markdown]
# Two penguins were not measured, and for these and nine more the sex is not known. `missing='drop'` leaves these rows
# out. The data say how many they were, and `row_numbers` which rows remain, counted from 0:

# %%
data = load_data(path, label='sex', missing='drop')
data

# %%
sorted(set(range(344)) - set(data.row_numbers))

# %% [markdown]
# Leaving out 3% of the rows seems a small thing. It is harmless as long as the reason why a cell is empty has nothing to
# do with the sex. Exercise 4 comes back to that.
#
# Females come first in the alphabet, so `P(sex = 'male')` is modelled; `positive='female'` would turn it round.

# %% alt="The penguins by mass and bill depth: two clouds, in each of which the males, red, are to the upper right of the females"
axes_labels = ['body mass (g)', 'bill depth (mm)']
picture = data.plot(variables=['body_mass_g', 'bill_depth_mm'], axes_labels=axes_labels)
picture.show(figsize=5)

# %% [markdown]
# No single line separates red from blue. But there are two clouds, and in each of them the males are at the upper right:
# where the boundary lies depends on the species.

# %% [markdown]
# ## Columns of text
#
# A model needs numbers. A column of text becomes *indicator variables*: `species_Gentoo` is 1 for a Gentoo and 0 for all
# others. The first level in the alphabet needs none, since it is where all indicators are 0; it is the *reference* with
# which the others are compared.

# %%
data.variables

# %% [markdown]
# The year is a number, but not a quantity: 2008 is not more than 2007, it is another season. `categorical=` says so. Then
# the way from the file to the model is one line:

# %%
everything = maximum_likelihood(path, label='sex', missing='drop', categorical=['year'])
show(everything.summary())

# %% [markdown]
# ## What matters?
#
# The column `P(>|z|)` asks of each weight whether it might be zero. For the islands and the years that is the wrong
# question: whether the *island* matters is a question about both of its weights at once. A likelihood-ratio test
# compares the model with the one without them:

# %%
for title in ['species', 'island', 'year', 'bill_length_mm', 'bill_depth_mm',
              'flipper_length_mm', 'body_mass_g']:
    test = everything.likelihood_ratio_test(without=title)
    print('%-18s p = %.2g' % (title, test.p_value))

# %% [markdown]
# As far as these data can tell, the island, the year or the flipper could be left out. Each p-value is for leaving out
# that one alone; all three together are another question.

# %%
everything.likelihood_ratio_test(without=['island', 'year', 'flipper_length_mm'])

# %% [markdown]
# A difference as large as this arises by chance nine times in ten. That does not show that flippers are the same in
# both sexes, only that they add nothing noticeable once the mass and the bill are known.
#
# ## The model as a formula
#
# The label, a tilde, the columns: this is how statisticians write a model, and `formula=` reads it.

# %%
formula = 'sex ~ species + bill_length_mm + bill_depth_mm + body_mass_g'
model = maximum_likelihood(path, formula=formula, missing='drop')
model.coefficients()

# %% [markdown]
# The table is a dictionary as well: `model.coefficients()['body_mass_g']` is a weight. The model itself is a formula in
# the columns:

# %%
model.log_odds()

# %% [markdown]
# ## In plain words
#
# Weights are log-odds, and nobody talks in log-odds. If $p$ is the probability, the *odds* are $\frac{p}{1-p}$; a probability
# of $\frac34$ means odds of 3 to 1. One unit more of a variable multiplies the odds by $e^w$, where $w$ is its weight.
# A gram makes hardly any difference between penguins, so take 100 g as the unit of mass:

# %%
coefficients = model.coefficients()
for name, amount in [('body_mass_g', 100), ('bill_length_mm', 1), ('bill_depth_mm', 1)]:
    weights = [coefficients[name], *coefficients.intervals[name]]
    ratios = [exp(amount*weight) for weight in weights]
    print('%-14s %3d more: odds times %.2f, 95%% interval %.2f to %.2f' %
          (name, amount, *ratios))

# %% [markdown]
# In words:
#
# * Of two penguins of the same species with equal bills, the one that is 100 g heavier has 1.8 times the odds of being
#   male (95% interval 1.5 to 2.2).
# * With everything else equal, a bill that is 1 mm longer multiplies the odds by 1.9 (1.4 to 2.4), and one that is 1 mm
#   deeper by 5.2 (2.7 to 9.9). That does not make the depth more important: bills differ more in length than in depth.
#
# And the species? Its weights are large, and its p-value is tiny. But without the measurements it tells us nothing:

# %%
species_alone = maximum_likelihood(path, formula='sex ~ species', missing='drop')
species_alone.likelihood_ratio_test()

# %% [markdown]
# Both are true. Every species is half male and half female. But a Gentoo is 1.4 kg heavier than an Adelie on average,
# so at *the same mass* the Gentoo is a small one, and probably a female:
#
# * The species alone does not tell the sex; it tells which mass counts as heavy.

# %% [markdown]
# ## Is it the same in every species?
#
# So far a gram counts the same for an Adelie and for a Gentoo. In a formula, `*` gives each species weights of its own:

# %%
own_weights = 'sex ~ species*(bill_length_mm + bill_depth_mm + body_mass_g)'
own = maximum_likelihood(path, formula=own_weights, missing='drop')
own.likelihood_ratio_test(model)

# %% [markdown]
# A hint, and no more: chance does that three times in a hundred, and this is the tenth test on the same data. We keep the
# simpler model, and say so in the report. Terms may also be expressions, such as `log(body_mass_g)`. Would the logarithm of
# the mass do better? Neither of these two models contains the other, so compare their AIC; the smaller one is better:

# %%
with_log = 'sex ~ species + bill_length_mm + bill_depth_mm + log(body_mass_g)'
logarithmic = maximum_likelihood(path, formula=with_log, missing='drop')
model.aic(), logarithmic.aic()

# %% [markdown]
# It does not.
#
# ## A picture
#
# The boundary is a formula too, solved here for the depth of the bill. For each species, put in its indicators and the
# average length of its bill, and draw what remains. The table is now read with pandas, to pick out rows; `load_data` and
# the training functions take pandas' frames just like files.

# %% alt="Three pictures, one for each species, with parallel boundaries between females and males"
import pandas
frame = pandas.read_csv(path)
body_mass_g = var('body_mass_g')
boundary = model.boundary(solve_for='bill_depth_mm')
pictures = []
for species in ['Adelie', 'Chinstrap', 'Gentoo']:
    rows = frame[frame.species == species]
    line = boundary.subs(species_Chinstrap=int(species == 'Chinstrap'),
                         species_Gentoo=int(species == 'Gentoo'),
                         bill_length_mm=RDF(rows.bill_length_mm.mean()))
    points = load_data(rows, label='sex', variables='body_mass_g, bill_depth_mm',
                       missing='drop')
    picture = points.plot(title=species, axes_labels=axes_labels, axes_labels_size=1,
                          ticks=[1000, 2], show_legend=species == 'Gentoo')
    picture += plot(line, (body_mass_g, 2700, 6300), color='black')
    picture.set_axes_range(2500, 6500, 12.5, 22)
    pictures.append(picture)
show(graphics_array(pictures), figsize=[10, 3.5])

# %% [markdown]
# The three lines are parallel, because the weights are the same. A point on the wrong side of its line is not always
# predicted wrongly: its bill may be longer or shorter than the average for which the line is drawn.

# %% [markdown]
# ## New penguins
#
# Next season's file has its columns in another order, and one column more:

# %%
new = tmp_filename(ext='.csv')
with open(new, 'w') as file:
    file.write('ring,body_mass_g,bill_depth_mm,bill_length_mm,species\n'
               'A17,4100,19.1,39.6,Adelie\n'
               'A18,3650,18.4,38.2,Adelie\n'
               'G05,4700,14.3,45.9,Gentoo\n'
               'C11,3800,18.5,49.3,Chinstrap\n')
model.predict(new)

# %% [markdown]
# Columns are found by their names. How certain is each answer?

# %%
for sex, interval in zip(model.predict(new), model.probability(new, interval=0.95)):
    print('%-6s  P(male) = %.3f, 95%% interval %.3f to %.3f' % (sex, *interval))

# %% [markdown]
# The model is sure of the first and the third penguin. It is not sure of the second and the fourth: their intervals contain
# 1/2. A species that it has never seen is refused, and so is a table that lacks a column:

# %%
for penguin in [{'species': 'Emperor', 'bill_length_mm': 80, 'bill_depth_mm': 20,
                 'body_mass_g': 30000},
                {'species': 'Adelie', 'bill_length_mm': 39, 'bill_depth': 18,
                 'body_mass_g': 3700}]:
    try:
        model.predict(penguin)
    except ValueError as error:
        print(error)

# %% [markdown]
# ## How good are the predictions?

# %%
model.accuracy(), model.confusion_matrix()

# %% [markdown]
# 92% are correct (guessing: 50%). In the matrix, the upper row is for the females, the lower one for the males. But these
# are the penguins to which the weights were fitted. An honest test needs others: take the first two seasons for the
# weights, and the third for the test.

# %%
earlier = maximum_likelihood(frame[frame.year < 2009], formula=formula, missing='drop')
latest = frame[frame.year == 2009]
(earlier.accuracy(latest, missing='drop'),
 earlier.confusion_matrix(latest, missing='drop'))

# %% [markdown]
# 104 of 117 are correct, 89%: a little less, as expected.

# %% [markdown]
# ## What cannot be said
#
# * *"Half of all penguins are male."* The birds were caught in pairs at their nests, so half of them are male by design.
#   The bias of the model, and with it every probability, presupposes that half.
# * *"The weights are known as precisely as the standard errors say."* These assume that the penguins are independent of
#   each other. Mates may not be: large ones may well choose large ones.
# * *"It holds for Adelie penguins."* It holds for those near Palmer Station in three seasons. Elsewhere they may be
#   larger or smaller.
# * *"Whether the island matters."* Gentoos were caught on Biscoe only, Chinstraps on Dream only. Only the Adelies can tell
#   one island from another.
# * *"Fatten a penguin and it becomes a male."* Of course not; but in other tables the same mistake is not as easy to
#   see. A weight compares two penguins. It does not say what happens when one of them changes.

# %% [markdown]
# ## Exercises
#
# 1. Change the mass 3650 of A18 in the new file to 3500 and to 3800. What does the model say now, and how certainly?
# 2. By what factor do the odds of being male grow with 200 g more, everything else being equal? Put it into the cell below,
#    to two digits.
# 3. Make Gentoo the reference, `reference={'species': 'Gentoo'}`. Which weights change, and which do not? And the
#    probabilities?
# 4. Nine penguins were measured, but their sex is unknown. What does the model say about them? Was it harmless to leave
#    them out?
# 5. Compare the formulas `sex ~ bill_depth_mm` and `sex ~ species + bill_depth_mm`. By what factor do the odds grow with a
#    millimetre of depth, and why does it depend on whether the species is there?

# %%
# exercise 2: your answer in place of None
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('No answer yet: put it into the cell above, and run both cells.')
elif abs(answer - exp(200*coefficients['body_mass_g'])) < 0.06:
    print('Right.')
else:
    print('Not yet. For 100 g it is 1.8; what happens when that is done twice?')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## Solutions

# %% [markdown]
# 1. With 3500 g the probability of a male is 0.21, and the interval ends below 1/2. With 3800 g it is 0.62: a male, but not for
#    certain, since the interval contains 1/2.
#
# 2. $1.815^2$, about 3.3.

# %% [markdown]
# 3. The bias and the weights of the species change: they now compare with Gentoos. The model is the same, written down
#    in another way; so all other weights and all probabilities are the same, up to rounding.

# %%
turned = maximum_likelihood(path, formula=formula, reference={'species': 'Gentoo'},
                            missing='drop')
for name, weight in turned.coefficients().items():
    print('%-18s %10.6f %10.6f' % (name, weight, coefficients.get(name, 0)))
print((turned.probability(new) - model.probability(new)).norm() < 1e-9)

# %% [markdown]
# 4. One male and eight females, and no interval contains 1/2. If the sex had been lost regardless of what it was, about
#    half of them should be females; eight or more of nine happen by chance two times in a hundred. Perhaps the test failed more
#    often for females. Nine birds cannot settle that, and cannot have changed much; but it is worth a sentence in a report.

# %%
unknown = frame[frame.sex.isna() & frame.body_mass_g.notna()]
intervals = model.probability(unknown, interval=0.95)
for species, interval in zip(unknown.species, intervals):
    print('%-7s  P(male) = %.3f, 95%% interval %.3f to %.3f' % (species, *interval))

# %% [markdown]
# 5. Without the species, each millimetre multiplies the odds by 1.5; with it, by 10. Gentoos have much shallower
#    bills than the others, males as well as females. Without the species a male Gentoo looks like a female by its bill,
#    and that blurs the difference which is clear within each species.

# %%
for shorter in ['sex ~ bill_depth_mm', 'sex ~ species + bill_depth_mm']:
    ratios = maximum_likelihood(path, formula=shorter, missing='drop').odds_ratios()
    print(shorter, ratios[-1])

# %% [markdown]
# ## Summary
#
# * Text becomes indicators against a reference, and missing cells are counted, then dropped if you say so.
# * `label=`, `categorical=`, `missing='drop'` or a `formula=` lead from a file to a model in one line.
# * Test a factor as a whole, with `likelihood_ratio_test(without='island')`.
# * Report odds ratios with their unit, their interval, and what is held equal.
# * New tables are matched by name. `probability(..., interval=0.95)` says how certain each answer is.
# * Accuracy is honest on rows that the weights have not seen. What the rows stand for, no computation can tell.
#
# Next worksheet: [handwritten digits](7_digits.ipynb)

# %% [markdown]
# ## Check
#
# These examples pin the numbers of this worksheet; `sage -t` runs them.

# %% jupyter={"source_hidden": true}
r"""
The data, and what was left out::

    sage: len(data), data.dropped, sorted(set(range(344)) - set(data.row_numbers))
    (333, 11, [3, 8, 9, 10, 11, 47, 178, 218, 256, 268, 271])
    sage: data.variables
    ('species_Chinstrap', 'species_Gentoo', 'island_Dream', 'island_Torgersen', 'bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g', 'year')

Tests::

    sage: [everything.likelihood_ratio_test(without=title).p_value for title in ('species', 'island', 'year')]  # rel tol 1e-7
    [1.0548176396e-7, 0.53786536256, 0.82346981728]
    sage: everything.likelihood_ratio_test(without=['island', 'year', 'flipper_length_mm'])  # rel tol 1e-9
    LikelihoodRatio(statistic=1.6386462084, degrees_of_freedom=5, p_value=0.89653681721)
    sage: own.likelihood_ratio_test(model)  # rel tol 1e-9
    LikelihoodRatio(statistic=13.7713136235, degrees_of_freedom=6, p_value=0.0322976927891)
    sage: model.aic(), logarithmic.aic()  # abs tol 1e-6
    (139.297595, 142.361418)

The model, as other packages have it::

    sage: names = ['bias', 'species_Chinstrap', 'species_Gentoo', 'bill_length_mm', 'bill_depth_mm', 'body_mass_g']
    sage: [coefficients[name] for name in names]  # rel tol 1e-10
    [-76.093935526154, -6.8976936275057, -7.8752121960468, 0.62008243022670, 1.6436130789973, 0.0059616712443916]
    sage: dict(zip(model.weight_names(), model.standard_errors()))['body_mass_g']  # rel tol 1e-9
    0.00106025956121
    sage: model.log_likelihood()  # rel tol 1e-12
    -63.6487973646295

Predictions::

    sage: model.predict(new)
    ['male', 'female', 'female', 'male']
    sage: A18 = {'species': ['Adelie']*2, 'bill_length_mm': [38.2]*2, 'bill_depth_mm': [18.4]*2, 'body_mass_g': [3500, 3800]}
    sage: model.probability(A18), exp(200*coefficients['body_mass_g'])  # abs tol 0.006
    ((0.21, 0.62), 3.3)
    sage: [interval.upper < 0.5 for interval in model.probability(A18, interval=0.95)]
    [True, False]
    sage: model.confusion_matrix(), earlier.confusion_matrix(latest, missing='drop')
    (
    [152  13]  [51  7]
    [ 14 154], [ 6 53]
    )
    sage: [type(picture).__name__ for picture in pictures]
    ['Graphics', 'Graphics', 'Graphics']
""";
