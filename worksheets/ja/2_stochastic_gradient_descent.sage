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
# # 確率的勾配降下法によるロジスティック回帰
#
# [ワークシート一覧](index.ipynb) | [English](../en/2_stochastic_gradient_descent.ipynb)
#
# 最急降下法は、1 歩進むたびにすべてのデータを見渡します。データが 100 万件あれば、たった 1 歩のために 100 万件すべてを見なければなりません。**確率的勾配降下法**は、データを 1 件見るごとに 1 歩進みます。1 歩ごとの向きは大ざっぱですが、同じ計算量でずっと多くの歩数を進めます。
#
# 題材は[最急降下法](1_gradient_descent.ipynb)のワークシートと同じで、2 つの試験の点数から合否を予測します。ここでもまず、そこで紹介したノートブックのプログラムを、関数などの名前だけを現在のものに改めて使います。
#
# **目標：** 確率的勾配降下法を Theano で書き、点の順番が結果をどう変えるかを見ます。解が最急降下法の解のまわりに散らばるのはなぜか、どうすれば散らばりが小さくなるかを調べます。所要時間は 20 分ほどです。

# %% alt="100 人の 2 つの点数を表す点。合格（赤）は右上に、不合格（青）は左下に多い"
from sage_logreg import *
data = ex2data1()
show(data.plot(), figsize=5)

# %% [markdown]
# ## モデルとコスト
#
# 点 $x = (x_1, x_2)$ に $y = 1$（合格）か $y = 0$（不合格）のラベルを付ける問題を **2 クラス分類**といいます。ロジスティック回帰では、$y = 1$ である確率を
#
# $$P(y = 1 \mid x) = h_w(x) = \sigma(w_0 + w_1 x_1 + w_2 x_2), \qquad \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# と考えます。$\sigma$ は、実数を 0 と 1 の間の確率に移す**シグモイド関数**です。

# %% alt="シグモイド関数のグラフ。0 から 1 へ上がる S 字形の曲線"
z = var('z')
show(plot(1/(1 + exp(-z)), (z, -8, 8), axes_labels=['$z$', r'$\sigma(z)$'],
          frame=True, axes=False), figsize=4)

# %% [markdown]
# 重み $w = (w_0, w_1, w_2)$ の**尤度**とは、その重みのもとで、実際のラベルがすべて得られる確率のことです。
#
# $$L(w) = \prod_{i=1}^{m} h_w(x_i)^{y_i} \, (1 - h_w(x_i))^{1 - y_i}$$
#
# コストには**負の対数尤度**を使います。これは 1 点ごとの項の和になります。
#
# $$-\log L(w) = \sum_{i=1}^{m} E_i(w), \qquad
# E_i(w) = - y_i \log h_w(x_i) - (1 - y_i) \log (1 - h_w(x_i))$$
#
# $z_i = w_0 + w_1 x_{i1} + w_2 x_{i2}$ とおくと、各項は $E_i(w) = \log(1 + e^{z_i}) - y_i z_i$ と書けます。最急降下法では $E_i$ 全部の平均 $E(w) = \frac{1}{m} \sum_i E_i(w)$ の勾配を使いましたが、確率的勾配降下法では $i$ を 1 つずつ取り出して
#
# $$w \leftarrow w - \eta \nabla E_i(w)$$
#
# と進みます。

# %% [markdown]
# ## Theano による 1 点ずつの学習
#
# ここでも、点数の左にすべて 1 の列を置いて、バイアスをほかの重みと同じように扱います。（`theano` は PyTensor か Theano 1.0.5 です。読み込み方は[最急降下法](1_gradient_descent.ipynb)のワークシートで説明しました。）

# %%
import numpy as np
from sage_logreg.engine import theano, T, sigmoid, softplus, scan

data_x, data_y = data.points, data.labels
m = len(data_y)
data_x = np.hstack((np.ones((m, 1)), data_x))

# %% [markdown]
# 実際のデータは、しばしば何かの順に並んでいます。同じラベルの点が長く続くと、重みは一方に引っ張られてしまいます。そこで最初に一度だけ順番をかき混ぜ（シャッフル）、その順番で何度も全体を回ります。乱数の種（シード）を決めておけば、いつでも同じ順番になります。

# %%
p = np.random.RandomState(int(1)).permutation(m)
X = theano.shared(np.asarray(data_x[p], dtype=theano.config.floatX), name='X')
y = theano.shared(np.asarray(data_y[p], dtype=theano.config.floatX), name='y')
w = theano.shared(np.zeros(3, dtype=theano.config.floatX), name='w')
p[:10]

# %% [markdown]
# コンパイルする関数の引数 `index` は、何番目の点の番かを表します。コストはその点だけのもので、それを `T.grad` が微分します。

# %%
index = T.lscalar('index')
h = sigmoid(T.dot(X[index, :], w))
cost = -y[index]*T.log(h) - (1 - y[index])*T.log(1 - h)
g_w = T.grad(cost=cost, wrt=w)

# %%
learning_rate = 0.0005
updates = [(w, w - learning_rate*g_w)]
train_model = theano.function(inputs=[index], outputs=cost, updates=updates)

# %% [markdown]
# 全体をひと回りすることを**エポック**といいます。1,000 エポック、つまり 10 万歩には数秒かかります。表示するのは各エポックの最後の 1 点だけのコストなので、いつも下がっていくとは限りません。

# %%
max_epoch = 1000
for epoch in range(max_epoch):
    for i in range(m):
        current_cost = train_model(i)
    if epoch % 100 == 0:
        print(epoch, '%.12g' % current_cost)
print('w:', w.get_value())

# %% [markdown]
# ## 1 万エポック
#
# 全部で 100 万歩です。最急降下法のときと同じように、`scan` を使って繰り返しをコンパイルされた関数の中に入れます。今度は、点の番号の列に沿って繰り返します。関数は、列の最後の点のコスト（その点で重みを更新する前の値）を返します。これを 500 エポックごとに表示します。

# %%
def step(i, w):
    z = T.dot(X[i], w)
    cost = softplus(z) - y[i]*z
    return [w - learning_rate*T.grad(cost, w), cost]

numbers = T.lvector('numbers')
path, costs = scan(step, sequences=[numbers], outputs_info=[w, None])
train_model = theano.function([numbers], costs[-1], updates={w: path[-1]})

# %%
w.set_value(np.zeros(3))
for epoch in range(0, 10000, 500):
    print(epoch, '%.12g' % train_model(np.arange(m)))
    train_model(np.tile(np.arange(m), 499))
print('w:', w.get_value())

# %% [markdown]
# ## 境界線

# %%
w0, w1, w2 = w.get_value()
x1 = var('x1')
boundary = -w0/w2 - w1/w2*x1
show(boundary)

# %% alt="データと、プログラムで求めた境界線"
show(data.plot() + plot(boundary, (x1, 30, 100), color='black'), figsize=5)

# %% [markdown]
# ## 同じことを 1 行で

# %%
model = stochastic_gradient_descent(data, learning_rate=0.0005, epochs=10000, seed=1,
                                    report=500)

# %%
model.weights()

# %%
show(model.boundary(x1))

# %% alt="データと、モデルの境界線"
show(model.plot(legend_label='1 万エポック'), figsize=5)

# %%
model.accuracy()

# %%
model.confusion_matrix()

# %% [markdown]
# ## 順番の影響
#
# 1 エポックの最後のほうに来る点は、重みを自分に都合のよいほうへ引き寄せ、次のエポックがまたそれを引き戻します。そのため、結果は点の順番によって変わります。シャッフルした 30 通りの順番（灰色）、データの並びのままの順番（緑）、同じ学習率で同じ歩数だけ進んだ最急降下法（黒）の境界線を比べてみましょう。

# %% alt="最急降下法の境界線（黒）とデータの順の境界線（緑の破線）のまわりに散らばる、30 本の灰色の境界線"
options = {'learning_rate': 0.0005, 'epochs': 10000}
orders = [stochastic_gradient_descent(data, seed=seed, **options)
          for seed in range(1, 31)]
unshuffled = stochastic_gradient_descent(data, shuffle=None, **options)
full = gradient_descent(data, learning_rate=0.0005, iterations=10^6)

picture = data.plot()
for shuffled in orders:
    picture += plot(shuffled.boundary(x1), (x1, 30, 100), color='gray', alpha=0.5)
picture += plot(unshuffled.boundary(x1), (x1, 30, 100), color='green', linestyle='--',
                thickness=2, legend_label='データの順')
picture += plot(full.boundary(x1), (x1, 30, 100), color='black', thickness=2,
                legend_label='最急降下法')
show(picture, figsize=5, ymin=25, ymax=100)

# %%
unshuffled.weights()

# %% [markdown]
# ## 散らばる理由
#
# 谷底では勾配 $\nabla E_i(w)$ の**平均**が 0 になりますが、1 つ 1 つの勾配は 0 ではありません。ですから確率的勾配降下法は決して静止しません。どの点も、自分に都合のよい向きに $-\eta \nabla E_i(w)$ だけ重みを動かします。
#
# もし 1 エポックの間に重みが動かなければ、100 回分の更新の合計は順番によらず $-\eta \, m \nabla E(w)$ になり、谷底では打ち消し合います。実際には、重みは $\eta$ に比例する分だけ少しずつ動き、後の点の勾配もその分だけ変わります。そのため 1 エポックの後には、$\eta^2$ に比例し、順番によって変わる量が残ります。重みは、谷底へ引き戻す力 $\eta \, m \nabla E(w)$ がこれと釣り合うところ、つまり谷底から $\eta$ に比例する距離のところに落ち着きます。こうして解は最急降下法の境界線のまわりに散らばり、学習率を 10 分の 1 にすれば散らばりも 10 分の 1 になるはずです。
#
# 確かめてみましょう。元の点数のままでは谷が細長く平らで、100 万歩進んでも落ち着きません（[特徴量の標準化](3_feature_scaling.ipynb)のワークシートを見てください）。そこで点数を標準化し（`scale=True`）、学習率ごとに 30 回ずつ学習して、$x_1 = 50$ での境界線の高さを比べます。

# %%
estimate = maximum_likelihood(data)
pictures = []
for learning_rate in (1, 0.1, 0.01):
    options = {'learning_rate': learning_rate, 'epochs': 1000, 'scale': True}
    models = [stochastic_gradient_descent(data, seed=seed, **options)
              for seed in range(1, 31)]
    heights = [shuffled.boundary(50) for shuffled in models]
    print('学習率 %-4g  平均 %.3f、標準偏差 %.4f' %
          (learning_rate, np.mean(heights), np.std(heights)))
    picture = data.plot(title='学習率 %g' % learning_rate, show_legend=False,
                        size=15, axes_labels_size=1)
    for shuffled in models:
        picture += plot(shuffled.boundary(x1), (x1, 30, 100), color='gray', alpha=0.5)
    picture += plot(estimate.boundary(x1), (x1, 30, 100), color='black')
    picture.set_axes_range(ymin=25, ymax=100)
    pictures.append(picture)
print('谷底：%.3f' % estimate.boundary(50))

# %% alt="30 本の境界線の図が 2 つ。学習率 1 では大きく散らばり、0.1 ではほとんど重なる"
show(graphics_array(pictures[:2]), figsize=[9, 3.5])

# %% [markdown]
# 学習率を 0.1 から 0.01 にすると、予想どおり散らばりが 10 分の 1 になりました。1 から 0.1 では 7 分の 1 です。学習率が 1 では、重みの動きが「少し」とは言えないからです。速さと正確さのどちらを取るかです。学習率が大きければ谷底の近くに早く着き、小さければ谷底のもっと近くまで行けます。
#
# ## 歩みを安定させる
#
# エポックごとに順番を変え（`shuffle='epoch'`）、1 点ではなく 10 点の平均で 1 歩進む（`batch_size=10`）と、歩みは安定します。標準化した点数なら、200 エポックで十分です。

# %%
steady = stochastic_gradient_descent(data, learning_rate=0.1, epochs=200,
                                     shuffle='epoch', batch_size=10, seed=1, scale=True)
steady.cost(), steady.accuracy()

# %% alt="エポックとコストのグラフ。初めに急に下がり、その後は最小値の近くにとどまる"
show(steady.plot_history(axes_labels=['エポック', 'コスト']), figsize=5)

# %% [markdown]
# ## 演習
#
# 1. `stochastic_gradient_descent(data, learning_rate=0.0005, epochs=10000, seed=1, report=500)` の `seed` を変えてみましょう。重みの何桁目が変わりますか。正解率は変わりますか。
# 2. `steady` は 200 エポックで何歩進みましたか。その数を下のセルに書き込んでください。
# 3. 1、2、5、10、20 点ずつの平均（バッチ）で 1 歩進むとき、散らばりはバッチの大きさによってどう変わりますか。
# 4. 解は境界線の**まわりに**散らばります。30 個の重みを平均すると、1 つの解よりよくなるでしょうか。

# %%
# 演習 2：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif answer == 200*len(data)/10:
    print('正解です。')
else:
    print('まだ違います。1 エポックは何歩でしょうか。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. すべての桁が変わり、シードによっては最初の桁も変わります。シード 1 から 30 では、$x_1$ の重みは 0.079 から 0.154 までさまざまです。正解率は、3 回に 2 回は 0.87 から 0.92 の間ですが、境界線が大きくずれて終わる順番もあり、そのときは 0.67 まで下がります。
#
# 2. 10 点で 1 歩なので 1 エポックは 10 歩、全部で 2,000 歩です。

# %% [markdown]
# 3. バッチの大きさに反比例します。効いているのは、学習率をバッチの大きさで割った値です。

# %%
for batch_size in (1, 2, 5, 10, 20):
    options = {'learning_rate': 0.1, 'epochs': 1000, 'scale': True,
               'batch_size': batch_size}
    heights = [stochastic_gradient_descent(data, seed=seed, **options).boundary(50)
               for seed in range(1, 31)]
    print('%2d  標準偏差 %.4f' % (batch_size, np.std(heights)))

# %% [markdown]
# 4. ずっとよくなります。順番による偏りが打ち消し合うからです。（`with_weights` は、重みを取り替えたモデルを返します。）

# %%
options = {'learning_rate': 0.1, 'epochs': 1000, 'scale': True}
models = [stochastic_gradient_descent(data, seed=seed, **options)
          for seed in range(1, 31)]
average = sum(shuffled.weights() for shuffled in models)/len(models)
costs = [shuffled.cost() for shuffled in models]
print('コストの最小値との差：個々の解では平均 %.6f、重みの平均では %.6f' %
      (np.mean(costs) - estimate.cost(),
       models[0].with_weights(average).cost() - estimate.cost()))
average, estimate.weights()

# %% [markdown]
# ## まとめ
#
# * 確率的勾配降下法は、点を 1 つ見るごとに、その点だけのコストの勾配と逆向きに 1 歩進みます。
# * 静止することはなく、どこで終わるかは点の順番によります。いろいろな順番の解は、最急降下法の解のまわりに、学習率に比例して散らばります。
# * 学習率を小さくする、バッチを使う、エポックごとに順番を変える、いくつかの解を平均する、といった方法で、谷底にもっと近づけます。
# * `stochastic_gradient_descent` に `seed` を指定すれば、いつでも同じ重みになります。
#
# 次のワークシート：[特徴量の標準化](3_feature_scaling.ipynb)

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
自分で書いたプログラムでもパッケージでも、同じ重みにたどり着きます::

    sage: bool(max(abs(w.get_value() - np.array(model.weights()))) < 1e-9)
    True
    sage: model.weights()  # abs tol 1e-8
    (-13.79770799, 0.13755851, 0.10609739)
    sage: [record.iteration for record in model.history()] == list(range(0, 10000, 500))
    True

データの並びのままの順番::

    sage: unshuffled.weights()  # abs tol 1e-8
    (-14.60213966, 0.14766833, 0.13163536)

30 通りにシャッフルした順番::

    sage: accuracies = [float(shuffled.accuracy()) for shuffled in orders]
    sage: min(accuracies), max(accuracies), sum(accuracy > 0.865 for accuracy in accuracies)
    (0.67, 0.92, 20)
    sage: slopes = [shuffled.weights()[1] for shuffled in orders]
    sage: min(slopes), max(slopes)  # abs tol 0.0005
    (0.079, 0.154)

散らばりは学習率が小さいほど小さく、解の平均は 1 つの解よりずっと谷底に近くなります::

    sage: [float(np.std([shuffled.boundary(50) for shuffled in models]))]  # abs tol 1e-4
    [0.5846]
    sage: bool(models[0].with_weights(average).cost() - estimate.cost() < (np.mean(costs) - estimate.cost())/10)
    True

歩みを安定させると、コストの最小値 0.20349770 の近くに着きます::

    sage: 0.20349770 < steady.cost() < 0.206
    True
""";
