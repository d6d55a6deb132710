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
# **目標：** 当てはまりの悪さを「コスト」という 1 つの式で表し、その微分を Theano に任せ、コストの坂を下って、境界線と確率を求めます。最後に、同じことを 1 行で済ませる方法も紹介します。所要時間は 20 分ほどです。
#
# セルごとに書いていくのは、このワークシートの始まりになったプログラムです。[TakeWiki](http://www.pwv.co.jp/~take/TakeWiki/) の作者、竹本浩さんの[ノートブック](https://github.com/take-pwave/notebook/blob/master/DeepLearning/02-theano_tutorial_logistic.ipynb)にあるもので、ブログ「[人工知能に関する断創録](http://aidiary.hatenablog.com/)」の[記事](http://aidiary.hatenablog.com/entry/20150519/1432038633)をもとにしています。関数などの名前を現在のものに改めたほかは、手順は元のままです。データは Andrew Ng 氏の講義 *Machine Learning*（スタンフォード大学・Coursera、2011 年）の第 2 回プログラミング演習のものです。

# %% [markdown]
# ## 2 クラス分類
#
# 受験者は 1 人ずつ、2 つの点数からなる点 $(x_1, x_2)$ と、合格なら $y = 1$、不合格なら $y = 0$ というラベルで表されます。新しい点のラベルを当てる規則を見つける問題を **2 クラス分類**といいます。ファイルには、1 行に 1 人分のデータが入っています。

# %%
import numpy as np
from sage_logreg.dataset.examples import data_file

data = np.genfromtxt(data_file('ex2data1.txt'), delimiter=',')
data_x = data[:, (0, 1)]
data_y = data[:, 2]
m = len(data_y)
data[:5]

# %% [markdown]
# 合格した人を赤い点、不合格だった人を青い点で表します。

# %% alt="100 人の 2 つの点数を表す点。赤い点（合格）は右上に、青い点（不合格）は左下に多い"
data_plt = Graphics()
for i in range(m):
    if data_y[i] == 1:
        data_plt += point(data_x[i], rgbcolor='red')
    else:
        data_plt += point(data_x[i], rgbcolor='blue')
show(data_plt, figsize=4)

# %% [markdown]
# 赤い点と青い点は、おおよそ 1 本の直線
#
# $$w_0 + w_1 x_1 + w_2 x_2 = 0$$
#
# で分けられそうです。直線の片側では $z = w_0 + w_1 x_1 + w_2 x_2$ が正に、反対側では負になります。直線の位置を決める 3 つの数 $w = (w_0, w_1, w_2)$ を**重み**と呼び、とくに $w_0$ を**バイアス**と呼びます。

# %% [markdown]
# ## 符号から確率へ
#
# 境界線の近くでは合否の判断に迷い、境界線から離れるほど自信が持てます。そこで**シグモイド関数**
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# を使って、実数 $z$ を 0 と 1 の間の確率に直します。

# %% alt="シグモイド関数のグラフ。0 から 1 へ S 字形に上がり、z = 0 で 1/2 になる"
z = var('z')
show(plot(1/(1 + exp(-z)), (z, -8, 8), axes_labels=['$z$', r'$\sigma(z)$'],
          frame=True, axes=False), figsize=4)

# %% [markdown]
# こうしてできるモデル
#
# $$P(y = 1 \mid x) = h_w(x) = \sigma(w_0 + w_1 x_1 + w_2 x_2)$$
#
# を**ロジスティック回帰**といいます。あとは、よい重みを見つけるだけです。

# %% [markdown]
# ## 尤度
#
# モデルが正しいとすると、$i$ 番目の受験者のラベルが $y_i$ になる確率は、$y_i = 1$ なら $h_w(x_i)$、$y_i = 0$ なら $1 - h_w(x_i)$ です。まとめて $h_w(x_i)^{y_i} (1 - h_w(x_i))^{1 - y_i}$ と書けます。$m = 100$ 人全員のラベルが実際のとおりになる確率は
#
# $$L(w) = \prod_{i=1}^{m} h_w(x_i)^{y_i} \, (1 - h_w(x_i))^{1 - y_i}$$
#
# で、これを重み $w$ の**尤度**（ゆうど）といいます。実際の結果に高い確率を与える重みほど、よい重みです。ただ、1 より小さい数を 100 個も掛け合わせた積は扱いにくいので、対数をとり、小さいほどよくなるように符号を変え、$m$ で割ります。
#
# $$E(w) = -\frac{1}{m} \sum_{i=1}^{m} \Bigl( y_i \log h_w(x_i) + (1 - y_i) \log (1 - h_w(x_i)) \Bigr)$$
#
# これが**負の対数尤度**（の平均）で、ここで最小にしたいコストです。$w = 0$ のときは確率がすべて $\frac12$ になり、コストは $\log 2 \approx 0.693$ です。つまり、当てずっぽうのときの値です。

# %% [markdown]
# ## Theano によるコストの式
#
# Theano では、まず計算の手順を式として書き、それからコンパイルします。Theano そのものの開発は終わりましたが、同じ関数を備えた *PyTensor* が後を継いでいます。以下のプログラムは、どちらでも動きます。
#
# | | |
# |:---|:---|
# | PyTensor | `import pytensor as theano`、`import pytensor.tensor as T`、`from pytensor.tensor import sigmoid` |
# | Theano 1.0.5 | `import theano`、`import theano.tensor as T`、`from theano.tensor.nnet import sigmoid` |
#
# このパッケージの `sage_logreg.engine` は、どちらかインストールされているほうを読み込みます。

# %%
from sage_logreg.engine import theano, T, sigmoid, softplus, scan

# %% [markdown]
# 点数の左に、すべて 1 の列を置きます。バイアスをこの列の重みと考えれば、$w_0 + w_1 x_1 + w_2 x_2$ の全体を 1 つの積で書けます。

# %%
data_x = np.hstack((np.ones((m, 1)), data_x))
data_x[:5]

# %% [markdown]
# データと重みは**共有変数**にします。共有変数はコンパイルされた関数の外に置かれ、関数から値を読むことも書き換えることもできる変数です。重みは 0 から始めます。

# %%
X = theano.shared(np.asarray(data_x, dtype=theano.config.floatX), name='X')
y = theano.shared(np.asarray(data_y, dtype=theano.config.floatX), name='y')
w = theano.shared(np.zeros(3, dtype=theano.config.floatX), name='w')

# %% [markdown]
# $E(w)$ の式を、上のとおりにそのまま書きます。

# %%
h = sigmoid(T.dot(X, w))
cost = -(1.0/m)*T.sum(y*T.log(h) + (1 - y)*T.log(1 - h))

# %% [markdown]
# ## 自動微分による勾配
#
# 坂を下るには勾配 $\nabla E(w)$ が必要ですが、手で計算する必要はありません。Theano は `cost` がどう組み立てられているかを知っているので、自動的に微分してくれます。

# %%
g_w = T.grad(cost=cost, wrt=w)

# %% [markdown]
# 手で計算すると $\nabla E(w) = \frac{1}{m} \sum_i (h_w(x_i) - y_i) (1, x_i)$ となります。$w = 0$（このとき $h = \frac12$）で、両者が一致することを確かめましょう。

# %%
print(theano.function(inputs=[], outputs=g_w)())
print(np.mean((1/2 - data_y)[:, None]*data_x, axis=0))

# %% [markdown]
# ## 繰り返し
#
# **最急降下法**（勾配降下法ともいいます）では、勾配と逆向きに少しずつ進みます。
#
# $$w \leftarrow w - \eta \nabla E(w)$$
#
# $\eta$ は**学習率**です。Theano ではこれを共有変数の**更新**（`updates`）として書きます。`train_model` は、呼ばれるたびにその時点のコストを返し、それから `w` を更新します。

# %%
learning_rate = 0.001
updates = [(w, w - learning_rate*g_w)]
train_model = theano.function(inputs=[], outputs=cost, updates=updates)

# %% [markdown]
# これを 30 万回繰り返し、2 万歩ごとにコストを表示します。数秒かかります。

# %%
iterations = 300000
for iter in range(iterations):
    current_cost = train_model()
    if iter % 20000 == 0:
        print(iter, '%.12g' % current_cost)

# %%
t = w.get_value()
print('w:', t)

# %% [markdown]
# ## 境界線
#
# 境界線は、合格と不合格の確率がちょうど等しくなるところ、つまり $w_0 + w_1 x_1 + w_2 x_2 = 0$ です。$x_2$ について解くと次のようになります。
#
# $$x_2 = -\frac{w_0}{w_2} - \frac{w_1}{w_2} x_1$$
#
# Sage では、変数 $x_1$ の式として書けます。

# %%
x1 = var('x1')
boundary = -t[0]/t[2] - t[1]/t[2]*x1
show(boundary)

# %% alt="100 個の点と境界線。境界線は左上から右下へ下がり、赤い点と青い点をおおよそ分けている"
xmin, xmax = min(data_x[:, 1]), max(data_x[:, 1])
show(data_plt + plot(boundary, (x1, xmin, xmax)), figsize=4)

# %% [markdown]
# ## 計算の高速化
#
# コストは下がっていきますが、1 歩ごとに必ず下がるわけではありません。この学習率では、初めのうちは谷の斜面を行ったり来たりし、それから谷に沿って下り始めます。

# %%
w.set_value(np.zeros(3))
for iter in range(5):
    print(iter, '%.6f' % train_model())

# %% [markdown]
# コストの谷は細長くてなだらかなので、谷底までには非常に多くの歩数がかかります。速くするために、2 つの工夫をします。
#
# 1 つ目は式の書き換えです。$\log h = -\log(1 + e^{-z})$、$\log(1 - h) = -\log(1 + e^z)$ ですから、1 点あたりのコストは $\log(1 + e^z) - y z$ と書けます。値は同じで、関数の呼び出しが 3 回から 1 回に減り、$h$ が 0 や 1 に近すぎて $\log$ が $-\infty$ になってしまう心配もなくなります。Theano では $\log(1 + e^z)$ を `softplus` といいます。
#
# 2 つ目は、繰り返しそのものをコンパイルされた関数の中に入れることです。`scan` が 1 歩分の計算を繰り返し、`updates` がその道のりの終点を `w` の新しい値にします。

# %%
def negative_log_likelihood(w):
    z = T.dot(X, w)
    return T.mean(softplus(z) - y*z)

def step(w):
    return w - learning_rate*T.grad(negative_log_likelihood(w), w)

steps = T.lscalar('steps')
path = scan(step, outputs_info=[w], n_steps=steps)
train_model = theano.function([steps], updates={w: path[-1]})

# %% [markdown]
# 0 から同じように 30 万歩進むと、ずっと短い時間で同じ重みにたどり着きます。

# %%
w.set_value(np.zeros(3))
train_model(300000)
print('w:', w.get_value())

# %% [markdown]
# ## 同じことを 1 行で
#
# ここまでの計算は、`gradient_descent` がすべて引き受けてくれます。結果は、重みならベクトル、境界線なら式、図なら `Graphics` というように、Sage のオブジェクトとしてモデルから取り出せます。

# %%
from sage_logreg import *
data = ex2data1()
model = gradient_descent(data, learning_rate=0.001, iterations=300000, report=20000)

# %%
model.weights()

# %%
show(model.boundary(x1))

# %%
show(model.posterior())

# %% alt="データと、30 万歩進んだモデルの境界線"
show(model.plot(legend_label='30 万歩'), figsize=5)

# %% [markdown]
# 45 点と 85 点の受験者が合格する確率はどれくらいでしょうか。また、モデルは 100 人のうち何人の合否を正しく当て、どのような間違いをするでしょうか。（混同行列の上の行は実際に不合格だった人、下の行は合格だった人です。左の列は不合格、右の列は合格とモデルが答えた人数です。）

# %%
model.probability([45, 85])

# %%
model.accuracy()

# %%
model.confusion_matrix()

# %% [markdown]
# コストが下がっていく様子です。

# %% alt="歩数とコストのグラフ。コストは 0.69 から 0.28 まで、しだいにゆっくり下がる"
show(model.plot_history(axes_labels=['歩数', 'コスト']), figsize=[6, 4])

# %% [markdown]
# ## スライダーでの実験
#
# `explore` を実行すると、スライダーの付いたページが表示されます。学習率（*rate*）や歩数（*iterations*）を動かして、境界線（*boundary*）とコスト（*cost*）がどう変わるかを見てください。最初の画面ですでに谷底の近くにいるのは、次の節で説明する標準化（*standardise*）のおかげです。標準化を外して学習率を 0.001 にし、比べてみましょう。（実行していないときは、最初の画面の図だけが見えます。）

# %% alt="explore の最初の画面。点と境界線、歩数とコストのグラフ"
explore(data)

# %% [markdown]
# ## 30 万歩の先
#
# 谷底では勾配が 0 になります。30 万歩進んだあとの勾配は小さいものの 0 ではなく、コストはまだ下がり続けています。

# %%
model.gradient()

# %% [markdown]
# 点数は 65 前後なのに、バイアスに掛かる列はすべて 1 です。この大きさの違いのせいで谷が細長くなり、なかなか先へ進めなかったのです。点数をあらかじめ平均 0、標準偏差 1 にそろえておけば、数百歩で谷底に着きます。`scale=True` とすると内部でこの標準化を行い、重みは元の点数の単位に直して返します。`tol` は、勾配のどの成分も絶対値がこの値以下になったら止まる、という指定です。

# %%
bottom = gradient_descent(data, learning_rate=5, iterations=10000, scale=True,
                          tol=1e-11)
bottom.converged(), bottom.cost()

# %%
bottom.weights()

# %% alt="データと 2 本の線。谷底の境界線（実線）と 30 万歩後の境界線（破線）は少しずれている"
after_descent = plot(model.boundary(x1), (x1, 30, 100), color='gray', linestyle='--',
                     legend_label='30 万歩')
at_bottom = plot(bottom.boundary(x1), (x1, 30, 100), color='black',
                 legend_label='谷底')
show(data.plot() + after_descent + at_bottom, figsize=5)

# %% [markdown]
# ## 演習
#
# 1. `model.probability([45, 85])` の点数を変えてみましょう。2 つとも 60 点の人が合格する確率はどれくらいですか。65 点ならどうですか。
# 2. 1 つ目の試験が 50 点の受験者がいます。`model` によると、2 つ目の試験が何点なら、合格と不合格の確率が等しくなりますか。答えを下のセルに書き込んでください。
# 3. 合格する確率が 80% になるのはどこでしょうか。その線も描いてみましょう（`boundary` には引数 `threshold` があります）。なぜ元の境界線と平行になるのですか。
# 4. 1 点あたりのコストを Sage で 3 つの重みについて微分し、勾配の公式を確かめましょう。
# 5. 終わったところから（`initial=model`）、さらに 30 万歩進んでみましょう。どこまで行けますか。

# %%
# 演習 2：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif abs(answer - model.boundary(50)) < 0.1:
    print('正解です。')
else:
    print('まだ違います。点 (50, answer) は境界線の上にあります。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 2 つとも 60 点なら約 48%、65 点なら約 66% です。
#
# 2. `model.boundary(50)` は約 71.97 です。

# %% [markdown]
# 3. 確率が $0.8$ になるのは $w_0 + w_1 x_1 + w_2 x_2 = \log \frac{0.8}{0.2}$ のところで、定数項が違うだけです。

# %% alt="境界線と、その右上に平行に引かれた確率 80% の破線"
likely = plot(model.boundary(x1, threshold=0.8), (x1, 38, 100), color='black',
              linestyle='--', legend_label='80%')
show(model.plot(legend_label='50%') + likely, figsize=5)

# %% [markdown]
# 4. 1 点あたりの勾配は $(h_w(x) - y) (1, x_1, x_2)$ です。差は 0 になります。

# %%
a, b, label = var('a, b, label')
weights = var('weight0, weight1, weight2')
h = 1/(1 + exp(-(weights[0] + weights[1]*a + weights[2]*b)))
E = -label*log(h) - (1 - label)*log(1 - h)
[(diff(E, weight) - (h - label)*factor).simplify_full()
 for weight, factor in zip(weights, [1, a, b])]

# %% [markdown]
# 5. バイアスは、最初の 30 万歩で動いた量の 3 分の 1 あまりしか動きません。谷底に近づくほど、歩みは遅くなります。谷底のバイアスは -25.16、コストは 0.2035 です。

# %%
longer = gradient_descent(data, learning_rate=0.001, iterations=300000, initial=model)
longer.weights(), longer.cost()

# %% [markdown]
# ## まとめ
#
# * ロジスティック回帰は、ラベルの確率 $\sigma(w_0 + w_1 x_1 + w_2 x_2)$ を与えます。それが $\frac12$ になるところが境界線です。
# * よい重みは、実際の結果に高い確率を与えます。つまり、負の対数尤度を最小にします。
# * Theano（現在の PyTensor）では、コストを式のまま書きます。`T.grad` が微分し、`updates` が 1 歩進め、`scan` が繰り返します。
# * `gradient_descent` はこれを 1 行で行い、結果をベクトル、式、図で返します。
# * 元の点数のままでは、30 万歩でも足りません。その理由と対策は、[特徴量の標準化](3_feature_scaling.ipynb)のワークシートで扱います。
#
# 次のワークシート：[確率的勾配降下法](2_stochastic_gradient_descent.ipynb)

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
自分で書いたプログラムでもパッケージでも、同じ重みにたどり着きます::

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
    sage: model.boundary(50), model.probability([60, 60]), model.probability([65, 65])  # abs tol 0.005
    (71.97, 0.48, 0.66)
    sage: longer.weights(), longer.cost()  # abs tol 1e-8
    ((-12.68403191, 0.10669959, 0.10066959), 0.24337918)
""";
