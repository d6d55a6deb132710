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
# # Sage で学ぶロジスティック回帰
#
# [English](../en/index.ipynb)
#
# 100 人の試験の点数から始めて、証明付きの推定値、実際の表データ、手書き数字の認識まで、順を追って学ぶワークシート集です。1 つにつき 10 分から 20 分かかります。まず最初のワークシートを読んでください。ほかのワークシートはそれを前提にしていますが、どの順に読んでもかまいません。

# %% [markdown]
# | | ワークシート | 内容 |
# |---|:---|:---|
# | 1 | [最急降下法](1_gradient_descent.ipynb) | モデル、コスト、自動微分、繰り返し、境界線 |
# | 2 | [確率的勾配降下法](2_stochastic_gradient_descent.ipynb) | 1 点ずつの学習と、解が散らばる理由 |
# | 3 | [特徴量の標準化](3_feature_scaling.ipynb) | 30 万歩で足りなかった理由と、少ない歩数で済ませる方法 |
# | 4 | [曲がった境界線](4_curved_boundaries.ipynb) | 特徴量、過学習、それを防ぐ罰則 |
# | 5 | [推定値そのもの](5_maximum_likelihood.ipynb) | 推定値の確かさ、存在、証明された 50 桁 |
# | 6 | [実際の表データ](6_real_table.ipynb) | 文字の列や欠けた値のあるファイルから、言葉で説明できる結論まで |
# | 7 | [手書き数字認識](7_digits.ipynb) | 10 個のクラス、ミニバッチ、学習のやめどき |
# | 8 | [ひとめぐり](8_tour.ipynb) | そのほかの機能：自分のデータ、自分のコスト、動く図、スライダー、保存、scikit-learn |
# | 9 | [このモデルは信頼できるか](9_can_i_trust_it.ipynb) | 当てはまり、影響の大きい行、頑健な標準誤差、交差検証：根拠を示して答えるために |
# | 10 | [変数を選ぶ](10_choosing_variables.ipynb) | 重みを 0 にする罰則、27 個の単項式からの選択、0 であることの証明、0 が語らないこと |

# %% [markdown]
# ## 使い方
#
# * *Shift-Enter* でセルを実行し、次のセルに進みます。*Run > Run All Cells* ですべてのセルを実行します。どこを書き換えて実行しても、壊れることはありません。
# * 最後に演習があります。解答は折りたたんであり、見出し「解答」の下のボタンをクリックすると開きます（従来の Jupyter Notebook では初めから開いています）。
# * 答えを書き込むセルがある演習では、その下のセルを実行すると、答えが合っているかどうかが分かります。
# * Sage のプロンプトでも、`load('worksheets/ja/1_gradient_descent.sage')` で同じワークシートを実行できます。

# %% [markdown]
# ## はじまり
#
# これらのワークシートは、竹本浩さんのノートブック「[SageでTheanoのロジスティック回帰を試す](https://github.com/take-pwave/notebook/blob/master/DeepLearning/02-theano_tutorial_logistic.ipynb)」から始まりました。竹本さんは、Sage についての記事が数多くある [TakeWiki](http://www.pwv.co.jp/~take/TakeWiki/) の作者です。そのノートブックは、ブログ「[人工知能に関する断創録](http://aidiary.hatenablog.com/)」の記事「[Theanoによる2クラスロジスティック回帰の実装](http://aidiary.hatenablog.com/entry/20150519/1432038633)」（2015 年）をもとにしています。初めの 2 つのワークシートには、そのプログラムを、関数などの名前だけを現在のものに改めて載せました。最初のワークシートで得られる重みは、元のノートブックの重みとすべての桁が一致します。
#
# 試験の点数とマイクロチップのデータは、Andrew Ng 氏の講義 *Machine Learning*（スタンフォード大学・Coursera、2011 年）の第 2 回プログラミング演習のものです。ペンギンと手書き数字のデータの出典は、それぞれのワークシートに記しています。
