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
# # 曲がった境界線：特徴量と正則化
#
# [ワークシート一覧](index.ipynb) | [English](../en/4_curved_boundaries.ipynb)
#
# 工場で作られた 118 個のマイクロチップが、2 種類の検査を受けました。合格したものもあれば、捨てられたものもあります。この 2 つは、どんな直線でも分けられません。
#
# **目標：** 同じロジスティック回帰のまま、特徴量を使って曲がった境界線を引きます。特徴量が多すぎると雑音まで丸暗記してしまうこと、罰則を加えるとそれを防げることを見て、学習に使わなかった点を使って罰則の大きさを選びます。所要時間は 20 分ほどです。先に[最急降下法](1_gradient_descent.ipynb)のワークシートを読んでおいてください。
#
# データはここでも Andrew Ng 氏の講義 *Machine Learning*（スタンフォード大学・Coursera、2011 年）の第 2 回プログラミング演習のものです。

# %%
from sage_logreg import *
data = ex2data2()
data

# %% [markdown]
# ## 直線の限界

# %% alt="チップの 2 つの検査結果。合格が真ん中に集まり、直線では分けられない"
linear = maximum_likelihood(data)
linear.plot(legend_label='最もよい直線').show(figsize=5)

# %%
linear.accuracy(), linear.cost(), log(2.0)

# %% [markdown]
# 正解率は 55% です。いつも「不合格」と答えるだけでも 51% は当たります。コストも、当てずっぽうのときの $\log 2$ とほとんど変わりません。これよりよい直線はありません。ここが**谷底**なのです。変えなければならないのは、モデルのほうです。

# %% [markdown]
# ## 特徴量
#
# 合格したチップは、円のような曲線の内側に集まっています。円の方程式は
#
# $$w_0 + w_1 x_1 + w_2 x_2 + w_3 (x_1^2 + x_2^2) = 0$$
#
# です。$x_1$ と $x_2$ については曲がっていますが、**重みについては 1 次式**です。必要なのはそれだけです。$x_1$ と $x_2$ の隣に、3 番目の列として $x_1^2 + x_2^2$ を置けば済みます。このように変数から計算した列を**特徴量**といいます。Sage では式として書きます。

# %%
x1, x2 = var('x1, x2')
circular = maximum_likelihood(ex2data2(features=[x1, x2, x1^2 + x2^2]))
circular.accuracy()

# %%
show(circular.boundary())

# %% alt="チップと、合格したもののほとんどを囲む円"
circular.plot(legend_label='円', aspect_ratio=1).show(figsize=5)

# %% [markdown]
# 境界線は $x_2$ について 1 通りには解けない（解が 2 つある）ので、方程式の形で返ってきます。

# %% [markdown]
# ## たくさんの特徴量
#
# どんな曲線がよいのでしょうか。データに決めてもらいましょう。$x_1$ と $x_2$ の 1 次から 6 次までの単項式をすべて使います。

# %%
monomials = polynomial_features(x1, x2, degree=6)
print(len(monomials), monomials)

# %%
many = ex2data2(features=monomials)
free = maximum_likelihood(many)
free.accuracy()

# %% alt="チップと、島や角のある入り組んだ境界線"
free.plot(legend_label='罰則なし').show(figsize=5)

# %% [markdown]
# 正解率は 89% になりましたが、その代償は大きなものです。1、2 個のチップだけを囲む島が 2 つあり、別のチップのためには角（つの）が生えています。28 個の重みがあると、モデルはチップを雑音ごと丸暗記し始めるのです。これを**過学習**といいます。このような曲線を作るには大きな重みを互いに打ち消し合わせなければならず、それは重みの大きさに現れます。最大のものは次のとおりです。

# %%
print('%.0f' % max(abs(weight) for weight in free.weights()))

# %% [markdown]
# ## 罰則
#
# そこで、大きな重みに罰則を課します。点が $m$ 個、特徴量が $n$ 個のとき、$E(w)$ の代わりに
#
# $$E(w) + \frac{\lambda}{2m} \sum_{j=1}^{n} w_j^2$$
#
# を最小にします。バイアス $w_0$ は、2 つのラベルの割合を表しているだけなので、罰則に含めません。$\lambda$ が大きいほど重みは小さくなり、曲線は滑らかになります。これを**正則化**といいます。
#
# Theano では項が 1 つ増えるだけです。特徴量の列は `many.design.points` に入っています。

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
# 1,000 歩で十分です。罰則は、谷の平らな方向も上向きに曲げてくれるからです。パッケージでは $\lambda$ を `l2` といい、どの学習の関数でも指定できます。

# %%
model = gradient_descent(many, learning_rate=1, iterations=3000, l2=1)
model.cost(), maximum_likelihood(many, l2=1).cost(), model.accuracy()

# %% [markdown]
# 罰則がない場合、1 の場合、100 の場合を並べてみます。

# %% alt="3 つの境界線。罰則なしでは入り組み、罰則 1 では滑らかな閉曲線、罰則 100 では小さくなり、合格したチップの多くが外に出る"
models = [maximum_likelihood(many, l2=penalty) for penalty in (0, 1, 100)]
pictures = [fit.plot(title='罰則 %g' % fit.options()['l2'], axes_labels_size=1,
                     show_legend=False) for fit in models]
show(graphics_array(pictures), figsize=[9, 3])

# %%
[fit.accuracy() for fit in models]

# %% [markdown]
# 罰則が小さすぎると曲線はチップ 1 つ 1 つを追いかけ、大きすぎるとどのチップにも従わなくなります。重みがすべて 0 に近いと、モデルは当てずっぽうとほとんど変わりません。

# %% [markdown]
# ## 確率
#
# 罰則は境界線を滑らかにするだけではありません。罰則がないと、モデルはほとんどどこでも自信満々です。罰則があると、ラベルが混ざっているところでは判断に迷います。

# %% alt="罰則なしの確率（0 から 1 へ急に変わる）と、罰則 1 の確率（なだらかに変わる）"
pictures = [fit.plot_probability(title='罰則 %g' % fit.options()['l2'],
                                 axes_labels_size=1, show_legend=False)
            for fit in models[:2]]
show(graphics_array(pictures), figsize=[7.5, 3])

# %% [markdown]
# 確率を曲面として、チップを高さ 0 と 1 に描きます。（`viewer='matplotlib'` は静止画を作る指定です。これがなければ、曲面をマウスで回して見ることができます。）

# %% alt="確率の曲面。丸い丘の形で、チップは高さ 0 と 1 にある"
show(model.plot3d(), viewer='matplotlib', figsize=5)

# %% [markdown]
# 境界線は $x_1$ と $x_2$ の方程式なので、Sage で計算を続けることができます。項は 28 個あります。曲線は半直線 $x_1 > 0$、$x_2 = 0$ とどこで交わるでしょうか。そこでの確率は $\frac12$ のはずです。

# %%
equation = model.boundary()
crossing = find_root(equation.lhs().subs(x2=0), 0, 1)
len(equation.lhs().operands()), crossing, model.probability([crossing, 0])

# %% [markdown]
# ## 罰則の選び方
#
# 学習に使ったチップでの正解率は、丸暗記したモデルほど高くなります。大切なのは、**まだ見ていない**チップのラベルに、モデルがどれだけの確率を与えるかです。そこで、チップを 5 個に 1 個ずつ取り分けておき、残りで学習し、取り分けたチップのラベルに与えた確率の $-\log$ を平均します。どのチップも 1 度ずつ取り分けられるように、これを 5 回繰り返します。この方法を**交差検証**といいます。（ファイルの中のチップは順に並んでいるので、先に順番をかき混ぜます。）

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
    print('l2 = %-6g 取り分けた点でのコスト %.6f' % (penalty, value))

# %% alt="罰則（対数目盛り）と取り分けた点でのコストのグラフ。0.1 で最小になる"
show(list_plot(list(zip(penalties, costs)), plotjoined=True, marker='o',
               scale='semilogx', frame=True, axes=False, axes_pad=0.1,
               axes_labels=['罰則', '取り分けた点でのコスト']), figsize=4)

# %% [markdown]
# 左のほうは過学習、右のほうは学習不足で、谷底は 0.1 にあります。講義で使われている 1 は、ここでは少し慎重すぎるようです。

# %% alt="チップと、罰則 0.1 のときの境界線（閉曲線）"
best = maximum_likelihood(many, l2=0.1)
best.plot(legend_label='罰則 0.1').show(figsize=5)

# %% [markdown]
# ## ほかの特徴量
#
# 特徴量は単項式でなくてもかまいません。変数の式なら何でも使えます。たとえば、格子の上に 16 個のこぶを置き、対数オッズを山とくぼみの和で表してみましょう。（**対数オッズ**とは、これまで $z$ と書いてきた $\log \frac{p}{1-p}$ のことです。）

# %%
places = [-1/2, 0, 1/2, 1]
bumps = [exp(-4*((x1 - a)^2 + (x2 - b)^2)) for a in places for b in places]
hilly = maximum_likelihood(ex2data2(features=bumps), l2=0.1)
hilly.accuracy(), held_out_cost(bumps, l2=0.1)

# %% alt="チップと、16 個のこぶから作った境界線"
hilly.plot(legend_label='16 個のこぶ').show(figsize=5)

# %% [markdown]
# ## 演習
#
# 1. `polynomial_features(x1, x2, degree=6)` の次数 6 を 2、4、8 に変えて、そこから図のセルまでを実行し直しましょう。曲線はどう変わりますか。8 次のとき、パッケージは何と答えますか。
# 2. 2 変数の 1 次から 8 次までの単項式はいくつありますか。その数を下のセルに書き込んでください。
# 3. 円の中心と半径を求めましょう。
# 4. 6 次まで必要でしょうか。円、2 次まで、3 次までの単項式について、罰則を 0.01、0.1、1 として、取り分けた点でのコストを比べましょう。
# 5. `ex2data1()` の 100 人の受験者に、2 次までの単項式を使ってみましょう。`maximum_likelihood` は何と答えますか。`separation` はどうですか。

# %%
# 演習 2：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif answer == len(polynomial_features(x1, x2, degree=8)):
    print('正解です。')
else:
    print('まだ違います。k 次の単項式は k + 1 個あります。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 2 次なら楕円です。次数が高いほど、曲線はチップの 1 つ 1 つに合わせて曲がります。8 次ではすべてのチップを正しい側に分ける曲線があり、谷底がないので、パッケージは推定を断ります。
#
# 2. $2 + 3 + \dots + 9 = 44$ 個です。

# %% [markdown]
# 3. $w_0 + w_1 x_1 + w_2 x_2 + w_3 (x_1^2 + x_2^2) = 0$ を $w_3$ で割って平方完成すると、中心は $(-\frac{w_1}{2w_3}, -\frac{w_2}{2w_3})$、半径の 2 乗は、原点から中心までの距離の 2 乗から $\frac{w_0}{w_3}$ を引いたものになります。

# %%
w0, w1, w2, w3 = circular.weights()
center = vector([-w1/(2*w3), -w2/(2*w3)])
center, sqrt(center*center - w0/w3)

# %% [markdown]
# 4. 必要ありません。1 次と 2 次の 5 個の単項式（楕円）に小さな罰則を付けたほうが、27 個の単項式よりもわずかによいくらいです。点が少ないときは、特徴量も少なくすべきです。

# %%
families = {'円': [x1, x2, x1^2 + x2^2],
            '2 次まで': polynomial_features(x1, x2, degree=2),
            '3 次まで': polynomial_features(x1, x2, degree=3),
            '6 次まで': monomials}
for name, features in families.items():
    values = [held_out_cost(features, l2=penalty) for penalty in (0.01, 0.1, 1)]
    print(name, *['%.4f' % value for value in values])

# %% [markdown]
# 5. 2 次曲線なら、100 人全員が正しい側に入ります。ですからコストには谷底がなく（[推定値そのもの](5_maximum_likelihood.ipynb)のワークシートを見てください）、パッケージは推定を断ります。ごく小さな罰則を付ければ谷底ができ、曲線は双曲線になります。これは発見でしょうか、それとも丸暗記でしょうか。それに答えられるのは、新しい受験者のデータだけです。

# %%
applicants = load_data(ex2data1(), features=polynomial_features(x1, x2, degree=2))
print(separation(applicants).kind())
try:
    maximum_likelihood(applicants)
except ValueError as error:
    print(type(error).__name__)

# %% alt="双曲線で完全に分けられた 100 人の受験者"
hyperbola = maximum_likelihood(applicants, l2=1e-6)
show(hyperbola.plot(legend_label='双曲線'), figsize=5)

# %% [markdown]
# ## まとめ
#
# * 特徴量について 1 次のモデルは、変数については曲がった境界線を持ちます。特徴量は Sage の式で、単項式は `polynomial_features` で作れます。
# * 特徴量が多いと、雑音まで丸暗記します。罰則 $\frac{\lambda}{2m}\sum_j w_j^2$ は重みを小さく、曲線を滑らかに保ちます。
# * 罰則が小さすぎれば過学習、大きすぎれば学習不足です。それを決めるのは、学習に使わなかった点です。
# * 式や図の取り出し方は直線のときと同じです（`boundary()`、`plot()`、`plot_probability()`、`plot3d()`）。
#
# 次のワークシート：[推定値そのもの](5_maximum_likelihood.ipynb)

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
直線、円、27 個の単項式の正解率です::

    sage: linear.accuracy(), circular.accuracy(), free.accuracy()  # abs tol 1e-4
    (0.5508, 0.8051, 0.8898)
    sage: [type(primitive).__name__ for primitive in circular.plot()]
    ['Point', 'Point', 'Line']

罰則付きのコスト（最急降下法、自分で書いたプログラム、ニュートン法）です::

    sage: model.cost(), float(E), maximum_likelihood(many, l2=1).cost()  # abs tol 1e-7
    (0.52900273, 0.52900273, 0.52900273)
    sage: model.accuracy()  # abs tol 1e-4
    0.8305
    sage: bool(max(abs(w.get_value() - numpy.array(model.weights()))) < 1e-4)
    True
    sage: [fit.accuracy() for fit in models]  # abs tol 1e-4
    [0.8898, 0.8305, 0.6102]

境界線です::

    sage: len(equation.lhs().operands()), crossing  # abs tol 1e-7
    (28, 0.742736590)

罰則の選択と演習の答えです::

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
