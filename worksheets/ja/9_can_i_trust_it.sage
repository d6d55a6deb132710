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
# # このモデルは信頼できるか：推定のあとに確かめること
#
# [ワークシート一覧](index.ipynb) | [English](../en/9_can_i_trust_it.ipynb)
#
# [実際の表データ](6_real_table.ipynb)のワークシートでは、ペンギンの雄と雌を見分けるモデルができました。それを統計に詳しい人に見せると、きっと質問が返ってきます。モデルはデータに合っているのか。どのペンギンを間違えたのか。結果は一部のペンギンだけで決まっていないか。体重 1 g で確率はどれだけ変わるのか。標準誤差は信用できるのか。別のペンギンでもうまくいくのか。
#
# **目標：** `summary()` から出発して、こうした質問に根拠を示して答えられるようにします。所要時間は 25 分ほどです。

# %% [markdown]
# ## 要約表
#
# データはパーマー基地のペンギン（K. B. Gorman, T. D. Williams, W. R. Fraser, PLoS ONE 9(3), 2014）、モデルは冒頭で触れたものです。

# %%
from sage_logreg import *

formula = 'sex ~ species + bill_length_mm + bill_depth_mm + body_mass_g'
data = penguins(formula=formula)
model = maximum_likelihood(data)
show(model.summary())

# %% [markdown]
# 上には重みが、下にはモデル全体についての値が並びます。**逸脱度**（deviance）は対数尤度の −2 倍で、小さいほどよく合っています。null deviance は、バイアスだけのモデルの逸脱度です。462 だったものが、127 まで下がりました。同じことを割合で表したのが McFadden の疑似決定係数（pseudo-R²）です。AIC と BIC は、重みの数に応じた分を足したもので、大きさの違うモデルを比べるのに使います。
#
# ただし、これらの値からは、モデルがデータに**合っているか**どうかは分かりません。1 行が 1 羽のときは、正しいモデルでも逸脱度は 0 にならず、その大きさはモデル自身の確率だけで決まってしまうからです。

# %% [markdown]
# ## モデルはデータに合っているか
#
# モデルの確率が 0.8 のペンギンを集めれば、およそ 80% が雄のはずです。`plot_calibration` は、ペンギンを確率の順に並べて組に分け、実際の割合と比べます。

# %% alt="予測した確率と、組ごとの雄の割合（区間付き）。対角線に近い"
model.plot_calibration().show(figsize=5)

# %% [markdown]
# これを 1 つの値にまとめたのが Hosmer-Lemeshow 検定です。p 値が小さければ、モデルは疑わしいことになります。この値なら心配するほどではありませんが、太鼓判を押せるほどでもありません。

# %%
model.hosmer_lemeshow()

# %% [markdown]
# では、雄と雌をどれくらい見分けられるのでしょうか。雄と雌を 1 羽ずつ無作為に選んだとき、雄のほうの確率が高い割合が ROC 曲線の下の面積です。DeLong の信頼区間を添えます。

# %%
model.area_under_curve(interval=0.95)

# %% [markdown]
# しきい値を決めると、おなじみの表ができます。しきい値は 1/2 でなくてもかまいません。雄を見落としたくなければ、もっと小さくします。

# %%
model.classification_table(threshold=1/2)

# %% [markdown]
# ## どのペンギンを間違えたか
#
# **残差**は、実際の値と予測した値の違いです。4 つの図をまとめて描きます。

# %% alt="残差の 4 つの図：対数オッズに対する残差、正規分位点との比較、てこ比、区間ごとの平均"
model.plot_diagnostics().show(figsize=[9, 8])

# %% [markdown]
# 0 と 1 の残差をそのまま描くと、どんなモデルでも 2 本の曲線に並んでしまい、何かおかしいように見えます。そこで、初めの 2 つの図には**無作為化分位残差**を使います。モデルが正しければ、この残差は標準正規分布に従います。最後の図は残差を区間ごとに平均したもので、20 個のうち 19 個ほどが 2 本の線の間に入るはずです。
#
# 3 羽のペンギンに行番号が付いています。`influence` は、重みへの影響が大きい順に行を並べます。

# %%
model.influence(most=4)

# %% [markdown]
# 最初の 293 行目は、くちばしの長さが 58 mm もあるヒゲペンギンの雌です。これほど長いくちばしは、ほかには 1 羽もいません。書き間違いかもしれませんし、本当に長いのかもしれません。この 1 羽で、結果はどれだけ変わるでしょうか。

# %%
without = maximum_likelihood(data.take(data.row_numbers != 293))
for name, one, other in zip(model.weight_names(), model.weights(), without.weights()):
    print('%-18s %11.5f %11.5f' % (name, one, other))

# %% [markdown]
# この 1 羽を除くと、くちばしの長さの重みは 4 分の 1 ほど、標準誤差でいえば 1 つ分より少し多いくらい、大きくなります。符号も結論も変わりません。ですから、この行は残し、報告に書き添えます。合わないからといって行を除けば、結果を選んだことになってしまいます。

# %% [markdown]
# ## 1 g でどれだけ変わるか
#
# 重みは対数オッズの変化です。**限界効果**は確率の変化を表します。変数が 1 増えると確率がどれだけ増えるかを、このデータのペンギンで平均した値です。

# %%
model.marginal_effects()

# %% [markdown]
# 体重が 100 g 重いと、確率は平均で 3.5 ポイントほど高くなります。ただし、これは平均です。曲線は中ほどで急になり、両端では平らです。

# %% alt="体重に対する雄の確率。種ごとの曲線と信頼帯"
model.plot_effect('body_mass_g', by='species', interval=0.95).show(figsize=6)

# %% [markdown]
# この図では、くちばしの大きさを平均に固定しています。オッズ比とその信頼区間も、図にすれば一目で分かります。

# %% alt="オッズ比と信頼区間。対数軸で、1 のところに線がある"
model.plot_coefficients(odds_ratios=True).show(figsize=6)

# %% [markdown]
# ## どの項も必要か
#
# `drop1` は、項を 1 つずつ除いたモデルと比べます。カテゴリ変数は 1 つの項として扱います。

# %%
model.drop1()

# %% [markdown]
# いくつかのモデルを並べることもできます。一方が他方に含まれるときは検定で、そうでなければ AIC で比べます。AIC の重み（weight）は、どのモデルがどれくらい支持されるかを割合で表したものです。

# %%
fewer = 'sex ~ species + bill_depth_mm + body_mass_g'
shorter = maximum_likelihood(penguins(formula=fewer))
more = formula + ' + flipper_length_mm + island'
longer = maximum_likelihood(penguins(formula=more))
compare(shorter, model, longer)

# %% [markdown]
# ## 標準誤差は信用できるか
#
# 標準誤差は、行どうしが独立で、モデルが正しいことを前提にしています。ところが、このペンギンは巣にいるところをつがいで捕まえたものです。表を見ると、0 行目と 1 行目、2 行目と 3 行目、というように 2 羽ずつ並んでいるようです。どこにも書かれてはいませんが、2 羽とも性別の分かる 163 組は、1 つ残らず雄と雌の組です。

# %%
nest = [row // 2 for row in data.row_numbers]
sexes = {}
for own, sex in zip(nest, data.column('sex')):
    sexes.setdefault(own, []).append(sex)
pairs = [sorted(both) for both in sexes.values() if len(both) == 2]
len(pairs), all(both == ['female', 'male'] for both in pairs)

# %% [markdown]
# つまり、知りたいことの半分は初めから決まっていました。片方が雌なら、もう片方は雄です。**サンドイッチ**型の標準誤差（`HC1`）はモデルが正しいことを前提にせず、クラスターの標準誤差はつがいの 2 羽が独立であることを前提にしません。

# %%
for kind, errors in [('要約表と同じもの', model.standard_errors()),
                     ('HC1', model.standard_errors(kind='HC1')),
                     ('巣をクラスターとする', model.standard_errors(cluster=nest))]:
    print('%-18s' % kind, ' '.join('%9.5f' % error for error in errors))

# %% [markdown]
# くちばしの長さとヒゲペンギンの標準誤差は 3 割から 5 割ほど大きくなりますが、その大半は、くちばしの長い 1 羽によるものです。体重の標準誤差は逆に小さくなります。どの結論も変わりません。同じことをブートストラップ法でも確かめられます。巣を重複を許して選び直し、推定し直すことを数百回繰り返します。

# %%
bootstrap = model.bootstrap(samples=300, seed=1, cluster=nest)
bootstrap

# %% [markdown]
# bias の列を見ると、これくらいの数のペンギンから求めた推定値は、平均すると 1 割ほど 0 から離れすぎることが分かります。
#
# ## 尤度の形
#
# Wald の信頼区間（重み ± 1.96 × 標準誤差）は、対数尤度を放物線で置き換えたものです。本当に放物線に近いのか、両方を描いて比べましょう。

# %% alt="くちばしの厚みの重みについての対数尤度のプロファイルと、左右対称な放物線"
model.likelihood_profile('bill_depth_mm').show(figsize=5)

# %% [markdown]
# 少し違います。大きな重みは、放物線が示すほどありえなくはありません。そのため、プロファイル尤度の区間は右のほうに広くなります。2 つの重みをまとめて考えると信頼領域になりますが、これも楕円ではありません。

# %% alt="くちばしの長さと厚みの重みの同時信頼領域。Wald の楕円は破線"
model.plot_confidence_region('bill_length_mm', 'bill_depth_mm').show(figsize=5)

# %% [markdown]
# では、行が少なすぎて、どちらも当てにならないときはどうしましょうか。数え上げればよいのです。2007 年に Torgersen 島で捕まえたペンギンでは、重いほうに雄が多いのは偶然でしょうか。`exact_test` は、性別のありうる組み合わせのすべてを整数の和で数えます。

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
# p 値は分数で得られます。ここでは Fisher の正確検定と同じもので、変数がもっとあれば正確な条件付き検定になります。
#
# ## 別のペンギンでもうまくいくか
#
# 正解率 92% は、重みを決めるのに使ったペンギンでの値です。**交差検証**では、10 分の 1 を取り分けておき、残りで学習して、取り分けたペンギンの性別を当てます。これを 10 回繰り返します。つがいの 2 羽は同じ組に入れます。別々にすると、片方からもう片方が分かってしまうからです。

# %%
scores = cross_validate(data, folds=10, repeats=3, groups=nest, seed=1)
scores

# %% [markdown]
# ほとんど下がりません。偶然に合わせてしまった部分は小さいということです。罰則を付けると、もっとよくなるでしょうか。

# %% alt="罰則に対する、取り分けたペンギンでの対数損失。標準誤差の棒付き。平らで、罰則が大きいところで上がる"
penalties = [10^k for k in range(-4, 3)]
choice = cross_validate(data, folds=10, groups=nest, seed=1, l2=penalties)
choice.plot().show(figsize=5)

# %% [markdown]
# よくなりません。また、最もよい罰則を選ぶ前に、棒の長さを見てください。その罰則で得をする分よりも、棒のほうがずっと長いのです。

# %% [markdown]
# ## もっとよい問い
#
# ここまで調べて、本当に大切なことが 1 つ見つかりました。ペンギンはつがいで捕まえられたのです。それなら「雄か」ではなく「2 羽のうちどちらが雄か」と問うべきでしょう。つがいの片方からもう片方を引くと、種も島も年も消えてしまい、バイアスの出番もなくなります。

# %%
measured = ['bill_length_mm', 'bill_depth_mm', 'body_mass_g']
columns = [data.column(name) for name in measured]
rows, male = {}, data.column('sex')
for row, own in enumerate(nest):
    rows.setdefault(own, []).append(row)
differences = []
for own, both in rows.items():
    if len(both) == 2:
        # ある組では 1 羽目から 2 羽目を、次の組ではその逆を引く
        first, second = both if own % 2 else reversed(both)
        difference = [column[first] - column[second] for column in columns]
        differences.append(difference + [male[first]])
paired = maximum_likelihood(load_data(differences, variables=measured), intercept=False)
paired.coefficients()

# %%
paired.accuracy(), len(paired.mistakes()), len(differences)

# %% [markdown]
# 重みはほとんど同じですが、標準誤差は大きくなり、こちらのほうが正直な値です。163 組のうち逆にしたのは 3 組だけで、98% が当たりました。データの集め方に合った問いのほうが、答えやすい問いでもあったのです。

# %% [markdown]
# ## 演習
#
# 1. 雄の 99% 以上を見つけるには、しきい値をいくつにすればよいですか。そのとき、何羽の雌が雄とされますか。
# 2. 式から `species` を除くと、較正の図と Hosmer-Lemeshow 検定はどうなりますか。尤度比検定ではどうですか。
# 3. くちばしが 1 mm 厚いと、オッズは少なくとも何倍になりますか。プロファイル尤度の区間の下端を小数第 1 位まで求め、下のセルに書き込んでください。
# 4. `sex ~ body_mass_g` を当てはめ、`plot_binned_residuals(by='body_mass_g')` を描きましょう。このモデルには何が足りませんか。

# %%
# 演習 3：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif abs(answer - exp(model.confidence_intervals(method='profile')[4][0])) < 0.051:
    print('正解です。')
elif abs(answer - exp(model.confidence_intervals()[4][0])) < 0.051:
    print("それは Wald の区間です。method='profile' ではどうですか。")
else:
    print('まだ違います。オッズは、重みの指数関数の値だけ倍になります。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. しきい値を 0.1 にすると、168 羽の雄のうち 167 羽（99.4%）が見つかり、42 羽の雌が雄とされます。

# %%
model.classification_table(threshold=1/10)

# %% [markdown]
# 2. 検定の p 値は 0.78 で、図の点も対角線に並び、元のモデルよりよいくらいです。ところが尤度比検定によれば、種は必要です。足りないものがあるモデルでも、平均では合っていることがあります。較正は必要な条件ですが、それだけでは足りません。

# %%
without_species = maximum_likelihood(penguins(
    formula='sex ~ bill_length_mm + bill_depth_mm + body_mass_g'))
without_species.hosmer_lemeshow(), model.likelihood_ratio_test(without_species)

# %% [markdown]
# 3. $e^{1.04}$、およそ 2.8 倍です。Wald の区間の下端は 2.7 倍です。
#
# 4. 残差は波を打ちます。4,000 g くらいでは、雄がモデルの予測より多く、5,000 g くらいでは少なくなっています。前者はアデリーペンギンとヒゲペンギン、後者はジェンツーペンギンです。足りないのは種です。

# %% alt="体重に対する残差の平均。波を打ち、標準誤差 2 つ分の線からはみ出す"
by_mass = maximum_likelihood(penguins(formula='sex ~ body_mass_g'))
by_mass.plot_binned_residuals(by='body_mass_g').show(figsize=5)

# %% [markdown]
# ## まとめ
#
# * `summary()` を見れば、どんなモデルか、値が推定値のものかどうかが分かります。
# * 合っているかどうかは別の問いです。較正、残差、影響の大きい行を調べます。合わない行は、除かずに報告します。
# * 確率の言葉で説明するには、`marginal_effects()` や `plot_effect()` を使います。
# * 検定するのは、重みではなく項です。`drop1()` や `compare()` を使います。
# * 標準誤差が何を前提にしているかを確かめます。`kind='HC1'`、`cluster=`、`bootstrap`、プロファイル尤度があり、行が少なければ `exact_test` があります。
# * 予測のよさは取り分けた行で測り、まとまりのある行は一緒に取り分けます。
# * そして、データがどのように集められたかを考えます。それだけは、どの診断も代わりにやってくれません。

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
当てはまりと見分ける力です::

    sage: model.hosmer_lemeshow().p_value, model.null_deviance(), model.deviance()  # rel tol 1e-8
    (0.0768269420300022, 461.608994860, 127.297594729)
    sage: model.area_under_curve(interval=0.95)  # rel tol 1e-8
    AreaUnderCurve(area=0.9770202020202021, lower=0.9629910656007236, upper=0.9910493384396807)
    sage: model.confusion_matrix(threshold=1/10)
    [123  42]
    [  1 167]

行と効果です::

    sage: model.influence(most=4)['row']
    [293, 114, 297, 284]
    sage: list(zip(model.weights(), without.weights()))[3]  # rel tol 1e-6
    (0.620082430, 0.781252925)
    sage: model.marginal_effects().dict()['body_mass_g'], model.marginal_effects()['std. error'][-1]  # rel tol 1e-6
    (0.000345205798, 4.47165525e-05)

項です::

    sage: model.drop1()['statistic']  # rel tol 1e-8
    [32.5901825282, 33.7265133919, 36.4859988356, 58.8516236876]
    sage: compare(shorter, model, longer)['AIC']  # rel tol 1e-8
    [171.024108121, 139.297594729, 144.047405284]
    sage: without_species.hosmer_lemeshow().p_value, model.likelihood_ratio_test(without_species).p_value  # rel tol 1e-6
    (0.780629405, 8.37783460e-08)

標準誤差、正確検定、つがい、交差検証です::

    sage: model.standard_errors(cluster=nest)[3], model.standard_errors(kind='HC1')[3], model.standard_errors()[3]  # rel tol 1e-8
    (0.185957915, 0.189212064, 0.130740432)
    sage: [exp(model.confidence_intervals(method=method)[4][0]) for method in ('profile', 'wald')]  # rel tol 1e-6
    [2.83407118, 2.70590377]
    sage: exact.p_value, paired.mistakes()
    (1/99, [9, 53, 137])
    sage: [round(score, 2) for score in scores['mean']]
    [0.22, 0.06, 0.97, 0.92]
""";
