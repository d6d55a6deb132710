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
# # 最急降下法によるロジスティック回帰
#
# [ワークシート一覧](index.ipynb) | [English](../en/1_gradient_descent.ipynb)
#
# 100 人の受験者が 2 つの試験を受け、そのうち 60 人が合格しました。新しい受験者の 2 つの点数が分かったとき、合格する確率はどれくらいでしょうか。また、合否を分ける境界線はどこに引けるでしょうか。
#
# **目標：** 求めたいものを「コスト」という 1 つの式で表し、その微分を Theano に任せ、コストの坂を下って、境界線と確率を求めます。最後に、同じことを 1 行で済ませる方法も紹介します。所要時間は 20 分ほどです。
#
# データは Andrew Ng 氏の講義 *Machine Learning*（スタンフォード大学・Coursera、2011 年）の第 2 回プログラミング演習のものです。

# %% [markdown]
# ## 2 クラス分類
#
# 受験者は 1 人ずつ、2 つの点数からなる点 $(x_1, x_2)$ と、合格なら $y = 1$、不合格なら $y = 0$ というラベルで表されます。新しい点のラベルを当てる規則を見つける問題を **2 クラス分類** といいます。

# %%
from sage_logreg import *
data = ex2data1()
data

# %%
show(data.plot(), figsize=5)

# %% [markdown]
# 赤い点（合格）と青い点（不合格）は、おおよそ 1 本の直線
#
# $$w_0 + w_1 x_1 + w_2 x_2 = 0$$
#
# で分けられそうです。直線の片側では $z = w_0 + w_1 x_1 + w_2 x_2$ が正に、反対側では負になります。直線の位置を決める 3 つの数 $w = (w_0, w_1, w_2)$ を **重み** と呼び、とくに $w_0$ を **バイアス** と呼びます。（点数の前にすべて 1 の列があり、$w_0$ はその列の重みだと考えることもできます。）

# %% [markdown]
# ## 符号から確率へ
#
# 境界線の近くでは合否の判断に迷い、遠く離れるほど自信が持てます。そこで **シグモイド関数**
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# を使って、実数 $z$ を 0 と 1 の間の確率に直します。

# %%
z = var('z')
show(plot(1/(1 + exp(-z)), (z, -8, 8), axes_labels=['$z$', r'$\sigma(z)$']), figsize=4)

# %% [markdown]
# こうしてできるモデル
#
# $$P(y = 1 \mid x) = h_w(x) = \sigma(w_0 + w_1 x_1 + w_2 x_2)$$
#
# を **ロジスティック回帰** といいます。あとは、よい重みを見つけるだけです。

# %% [markdown]
# ## 尤度
#
# モデルが正しいとすると、$i$ 番目の受験者のラベルが $y_i$ になる確率は、$y_i = 1$ なら $h_w(x_i)$、$y_i = 0$ なら $1 - h_w(x_i)$ です。まとめて $h_w(x_i)^{y_i} (1 - h_w(x_i))^{1 - y_i}$ と書けます。$m = 100$ 人全員のラベルが実際のとおりになる確率は
#
# $$L(w) = \prod_{i=1}^{m} h_w(x_i)^{y_i} \, (1 - h_w(x_i))^{1 - y_i}$$
#
# で、これを重み $w$ の **尤度**（ゆうど）といいます。実際に起きたことを起こりやすくする重みほど、よい重みです。ただ、1 より小さい数を 100 個も掛け合わせるのは扱いにくいので、対数をとり、小さいほどよくなるように符号を変え、$m$ で割ります。
#
# $$E(w) = -\frac{1}{m} \sum_{i=1}^{m} \Bigl( y_i \log h_w(x_i) + (1 - y_i) \log (1 - h_w(x_i)) \Bigr)$$
#
# これが **負の対数尤度**（の平均）で、ここで最小にしたいコストです。$w = 0$ のときは確率がすべて $\frac12$ になり、コストは $\log 2 \approx 0.693$ です。つまり、当てずっぽうのときの値です。

# %% [markdown]
# ## Theano でコストを書く
#
# Theano では、まず計算の手順を式として書き、それからコンパイルします。データと重みは **共有変数** にします。共有変数はコンパイルされた関数の外に置かれ、関数から値を書き換えることもできる変数です。`data.points` は 100 行の NumPy 配列、`data.labels` は 0 と 1 が 100 個並んだ配列です。

# %%
import numpy
from sage_logreg.engine import theano, T, scan, softplus

X = theano.shared(data.points, name='X')
y = theano.shared(data.labels, name='y')
w = theano.shared(numpy.zeros(3), name='w')

# %% [markdown]
# $E(w)$ の式を、上のとおりにそのまま書きます。

# %%
h = 1/(1 + T.exp(-(w[0] + T.dot(X, w[1:]))))
cost = T.mean(-y*T.log(h) - (1 - y)*T.log(1 - h))

# %% [markdown]
# ## 自動微分で勾配を求める
#
# 坂を下るには勾配 $\nabla E(w)$ が必要ですが、手で計算する必要はありません。Theano は `cost` がどう組み立てられているかを知っているので、自動的に微分してくれます。

# %%
gradient = T.grad(cost, w)

# %% [markdown]
# 手で計算すると $\nabla E(w) = \frac{1}{m} \sum_i (h_w(x_i) - y_i) (1, x_i)$ となります。$h = \frac12$ になる $w = 0$ で、両者が一致することを確かめましょう。

# %%
print(theano.function([], gradient)())
print(numpy.mean((1/2 - data.labels)[:, None] * numpy.column_stack([numpy.ones(100), data.points]), axis=0))

# %% [markdown]
# ## まず 1 歩
#
# **最急降下法** では、勾配と逆の向きに少しずつ進みます。
#
# $$w \leftarrow w - \eta \nabla E(w)$$
#
# $\eta$ は **学習率** です。Theano ではこれを共有変数の **更新** (`updates`) として書きます。`train_model` は、呼ばれるたびにその時点のコストを返し、それから `w` を更新します。

# %%
learning_rate = 0.001
train_model = theano.function([], cost, updates={w: w - learning_rate*gradient})
for step in range(5):
    print(step, train_model())

# %% [markdown]
# ## 30 万歩
#
# コストは下がっていきますが、1 歩ごとに必ず下がるわけではありません。この学習率では、初めのうちは谷の斜面を行ったり来たりし、それから谷に沿って下り始めます。
#
# コストの谷は細長くてなだらかなので、たくさん歩かなければなりません。速くする工夫を 2 つします。
#
# 1 つ目は式の書きかえです。$\log h = -\log(1 + e^{-z})$、$\log(1 - h) = -\log(1 + e^z)$ ですから、1 点あたりのコストは $\log(1 + e^z) - y z$ と書けます。値は同じで、関数の呼び出しが 3 回から 1 回に減り、$h$ が 0 や 1 に近すぎて $\log$ が $-\infty$ になってしまう心配もなくなります。Theano では $\log(1 + e^z)$ を `softplus` といいます。
#
# 2 つ目は、繰り返しそのものをコンパイルされた関数の中に入れることです。`scan` が 1 歩分の計算を繰り返し、その道のりの終点を `w` の新しい値にします。

# %%
def negative_log_likelihood(w):
    z = w[0] + T.dot(X, w[1:])
    return T.mean(softplus(z) - y*z)

def step(w):
    return w - learning_rate*T.grad(negative_log_likelihood(w), w)

steps = T.lscalar('steps')
path = scan(step, outputs_info=[w], n_steps=steps)
train_model = theano.function([steps], negative_log_likelihood(w), updates={w: path[-1]})

# %% [markdown]
# 重みを 0 に戻して出発し、2 万歩ごとにコストを表示します。

# %%
w.set_value(numpy.zeros(3))
for step_number in range(0, 300000, 20000):
    print(step_number, '%.12g' % train_model(20000))

# %%
print(w.get_value())

# %% [markdown]
# ## 境界線
#
# 境界線は、合格と不合格の確率がちょうど等しくなるところ、つまり $w_0 + w_1 x_1 + w_2 x_2 = 0$ です。$x_2$ について解くと次のようになります。
#
# $$x_2 = -\frac{w_0}{w_2} - \frac{w_1}{w_2} x_1$$

# %%
w0, w1, w2 = w.get_value()
x1 = var('x1')
boundary = -w0/w2 - w1/w2*x1
boundary

# %%
show(data.plot() + plot(boundary, (x1, 30, 100), color='black'), figsize=5)

# %% [markdown]
# ## 同じことを 1 行で
#
# ここまでの計算は、`gradient_descent` がすべて引き受けてくれます。結果は、重みならベクトル、境界線なら式、図なら `Graphics` というように、Sage のオブジェクトとしてモデルから取り出せます。

# %%
model = gradient_descent(data, learning_rate=0.001, iterations=300000, report=20000)

# %%
model.weights()

# %%
model.boundary(x1)

# %%
model.posterior()

# %%
show(model.plot(), figsize=5)

# %% [markdown]
# 45 点と 85 点の受験者が合格する確率はどれくらいでしょうか。また、モデルは 100 人のうち何人の合否を正しく当て、どのような間違いをするでしょうか。（混同行列の上の行は実際に不合格だった人、下の行は合格だった人で、列がモデルの答えです。）

# %%
model.probability([45, 85])

# %%
model.accuracy()

# %%
model.confusion_matrix()

# %% [markdown]
# コストが下がっていく様子です。

# %%
show(model.plot_history(), figsize=5)

# %% [markdown]
# ## 谷底に着いたのか
#
# 谷底では勾配が 0 になります。30 万歩歩いたあとの勾配は小さいものの 0 ではなく、コストはまだ下がり続けています。

# %%
model.gradient()

# %% [markdown]
# 点数は 65 前後なのに、バイアスの列は 1 です。この大きさの違いのせいで谷が細長くなり、1 歩が小さくなっていました。点数をあらかじめ平均 0、標準偏差 1 にそろえておけば、数百歩で谷底に着きます。`scale=True` とすると内部でこの標準化を行い、重みは元の点数の単位に直して返します。`tol` は、勾配のどの成分も絶対値がこの値以下になったら止まる、という指定です。

# %%
bottom = gradient_descent(data, learning_rate=5, iterations=10000, scale=True, tol=1e-11)
bottom.converged(), bottom.cost()

# %%
bottom.weights()

# %%
show(data.plot() + plot(model.boundary(x1), (x1, 30, 100), color='gray', linestyle='--', legend_label='300,000 steps')
     + plot(bottom.boundary(x1), (x1, 30, 100), color='black', legend_label='minimum'), figsize=5)

# %% [markdown]
# ## 演習
#
# 1. 合格する確率が 80% になるのはどこでしょうか。その線も描いてみましょう（`boundary` には引数 `threshold` があります）。なぜ元の境界線と平行になるのですか。
# 2. 1 点あたりのコストを 3 つの重みで Sage に微分させ、勾配の公式を確かめましょう。
# 3. 終わったところから（`initial=model`）、さらに 30 万歩進んでみましょう。どこまで行けますか。

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 確率が $0.8$ になるのは $w_0 + w_1 x_1 + w_2 x_2 = \log \frac{0.8}{0.2}$ のところで、定数項が違うだけです。

# %%
show(model.plot() + plot(model.boundary(x1, threshold=0.8), (x1, 38, 100), color='black', linestyle='--',
                         legend_label='80%'), figsize=5)

# %% [markdown]
# 2. 1 点あたりの勾配は $(h_w(x) - y) (1, x_1, x_2)$ です。差は 0 になります。

# %%
a, b, label, weight0, weight1, weight2 = var('a, b, label, weight0, weight1, weight2')
h = 1/(1 + exp(-(weight0 + weight1*a + weight2*b)))
E = -label*log(h) - (1 - label)*log(1 - h)
[(diff(E, weight) - (h - label)*factor).simplify_full() for weight, factor in [(weight0, 1), (weight1, a), (weight2, b)]]

# %% [markdown]
# 3. これまでの 3 分の 1 あまりの距離しか進めません。下るほど歩みは遅くなります。谷底のバイアスは -25.16、コストは 0.2035 です。

# %%
longer = gradient_descent(data, learning_rate=0.001, iterations=300000, initial=model)
longer.weights(), longer.cost()

# %% [markdown]
# ## まとめ
#
# * ロジスティック回帰は、ラベルの確率 $\sigma(w_0 + w_1 x_1 + w_2 x_2)$ を与えます。それが $\frac12$ になるところが境界線です。
# * よい重みは、実際に起きたことを起こりやすくします。つまり、負の対数尤度を最小にします。
# * Theano では、コストを式のまま書きます。`T.grad` が微分し、`updates` が 1 歩進め、`scan` が繰り返します。
# * `gradient_descent` はこれを 1 行で行い、結果をベクトル、式、図で答えます。
# * 元の点数のままでは、30 万歩でも足りません。その理由と対策は、特徴量の標準化のワークシートで扱います。

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
自分で書いた学習でも 1 行の学習でも、同じ重みにたどり着く::

    sage: w.get_value()  # abs tol 1e-8
    array([-9.25573205,  0.07960975,  0.07329322])
    sage: model.weights()  # abs tol 1e-8
    (-9.25573205, 0.07960975, 0.07329322)
    sage: boundary  # rel tol 1e-7
    -1.0861817*x1 + 126.283606

途中のコスト::

    sage: for record in model.history(): print(record.iteration, '%.12g' % record.cost)
    0 0.69314718056
    20000 0.547295463694
    40000 0.488295709188
    60000 0.445118809496
    80000 0.41259440171
    100000 0.387389522711
    120000 0.367353248365
    140000 0.351070505109
    160000 0.337586093857
    180000 0.326237734121
    200000 0.316554335209
    220000 0.308192817261
    240000 0.300897944917
    260000 0.294476164256
    280000 0.288778154733

谷底::

    sage: bottom.weights()  # abs tol 1e-5
    (-25.161334, 0.206232, 0.201472)
    sage: model.confusion_matrix()
    [34  6]
    [ 3 57]
    sage: longer.weights(), longer.cost()  # abs tol 1e-8
    ((-12.68403191, 0.10669959, 0.10066959), 0.24337918)
""";
