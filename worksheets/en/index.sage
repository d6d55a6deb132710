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
# # Worksheets on logistic regression in Sage
#
# [日本語](../ja/index.ipynb)
#
# These worksheets start from a hundred exam scores and lead, step by step, to estimates with proved digits, to real tables and to handwritten digits. Each takes 10 to 20 minutes. The first one is where to begin; the others build on it, but not much on each other.

# %% [markdown]
# | | worksheet | what it is about |
# |---|:---|:---|
# | 1 | [Gradient descent](1_gradient_descent.ipynb) | the model, the cost, automatic differentiation, the loop, the boundary |
# | 2 | [Stochastic gradient descent](2_stochastic_gradient_descent.ipynb) | one point at a time, and why the solutions scatter |
# | 3 | [Feature scaling](3_feature_scaling.ipynb) | why 300,000 steps were not enough, and how few are |
# | 4 | [Curved boundaries](4_curved_boundaries.ipynb) | features, overfitting, and the penalty that prevents it |
# | 5 | [The estimate itself](5_maximum_likelihood.ipynb) | how precise it is, whether it exists, and its proved digits |
# | 6 | [A real table](6_real_table.ipynb) | from a file with text and gaps to conclusions in plain words |
# | 7 | [Handwritten digits](7_digits.ipynb) | ten classes, batches, and when to stop |
# | 8 | [A tour](8_tour.ipynb) | everything else: your own data, your own cost, films, sliders, saving, scikit-learn |
# | 9 | [Can I trust it?](9_can_i_trust_it.ipynb) | from the summary to an answer that can be defended: fit, influential rows, robust errors, other rows |
# | 10 | [Choosing variables](10_choosing_variables.ipynb) | penalties that set weights to zero: which of 27 monomials, when a zero is proved, and what it does not say |

# %% [markdown]
# ## How to use them
#
# * *Shift-Enter* runs a cell and goes on to the next one; *Run > Run All Cells* runs them all. Change anything and run it again: you cannot break anything.
# * Each worksheet ends with exercises. Their solutions are folded (though not in the classic notebook): click the button under the heading *Solutions* to open them.
# * Where an exercise asks for an answer, put it into the cell, run that cell and the one below, and you are told whether it is right.
# * At the Sage prompt, `load('worksheets/en/1_gradient_descent.sage')` runs the same worksheet.

# %% [markdown]
# ## Where they come from
#
# It all began with a notebook by Hiroshi Takemoto, [SageでTheanoのロジスティック回帰を試す](https://github.com/take-pwave/notebook/blob/master/DeepLearning/02-theano_tutorial_logistic.ipynb) (Trying logistic regression with Theano in Sage), one of the many pages on Sage of his [TakeWiki](http://www.pwv.co.jp/~take/TakeWiki/). It follows a post of the blog [人工知能に関する断創録](http://aidiary.hatenablog.com/), [Theanoによる2クラスロジスティック回帰の実装](http://aidiary.hatenablog.com/entry/20150519/1432038633) (Two-class logistic regression with Theano, 2015). The first two worksheets show their programs in today's names, and the first one ends at the same weights, digit for digit.
#
# The exam scores and the microchips are from the second programming exercise of Andrew Ng's course *Machine Learning* (Stanford and Coursera, 2011); the penguins and the digits are credited in their worksheets.
