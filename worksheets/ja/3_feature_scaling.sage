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
# # 30 万歩で足りなかったわけ：学習率と特徴量の標準化
#
# [ワークシート一覧](index.ipynb) | [English](../en/3_feature_scaling.ipynb)
#
# [最急降下法](1_gradient_descent.ipynb)のワークシートでは、30 万歩進んでも谷底に着きませんでした。
#
# **目標：** コストがどんな形だと最急降下法が遅くなるのかを見て、使える学習率の範囲と必要な歩数をその形から計算します。次に、特徴量を標準化して形そのものを変えれば、4,000 歩で十分になることを確かめます。所要時間は 15 分ほどです。先に[最急降下法](1_gradient_descent.ipynb)のワークシートを読んでおいてください。

# %%
from sage_logreg import *
data = ex2data1()
model = gradient_descent(data, learning_rate=0.001, iterations=300000)
estimate = maximum_likelihood(data)
model.weights(), estimate.weights()

# %% [markdown]
# 2 つ目のベクトルが谷底で、ニュートン法で求めたものです。30 万歩進んだあとのコストは、まだ最小値よりずっと大きい値です。

# %%
model.cost(), estimate.cost()

# %% [markdown]
# ## 細い谷
#
# コストは 3 つの重みの関数です。そのうち 2 つの重みの平面に、コストを等高線で描いてみましょう。$x_2$ の重みは、それぞれの場所でコストが最も小さくなる値にします。色が濃いほどコストは大きくなります。黒い線が学習の道のりで、点は途中で記録した位置です。

# %% alt="バイアスと 1 つ目の点数の重みの平面に描いたコスト。細長い谷に沿って、記録した点が並ぶ"
show(model.plot_cost_surface([0, 1], title='コスト（x2 の重みについて最小）',
                             labels=['学習の道のり', '出発点', '終点'],
                             axes_labels=['バイアス', 'x1 の重み']), figsize=5)

# %% [markdown]
# 座標軸の目盛りに注意してください。縦軸は横軸の約 100 倍に引き伸ばされています。同じ目盛りで描けば、谷は髪の毛のように細くなります。
#
# 最初の数歩は谷の斜面を下ります。$x_1$ の重みには 65 前後の点数が掛かり、バイアスには 1 しか掛からないので、$x_1$ の重みを少し変えるだけでコストが大きく変わるのです。残りはすべて、ほとんど平らな谷に沿って這うように進むのに使われています。
#
# `explore_descent` では、この道のりをたどれます。セルを実行して、スライダー *% of path*（道のりの何パーセントまで進むか）を動かしてください。*standardise*（標準化）を選んで学習率（*rate*）を 1 にすると、数百歩で終点の近くに着きます。赤い丸（*now*）が現在の位置で、右の図はそのときの境界線（*boundary*）です。（実行していないときは、最初の画面の図だけが見えます。）

# %% alt="explore_descent の最初の画面。コストの平面の上の道のりと、そこでの境界線"
explore_descent(data, weights=[0, 1])

# %% [markdown]
# ## 急な向きと平らな向き
#
# コストが最小になる点 $w^*$ の近くでは、コストはほぼ 2 次関数です。
#
# $$E(w) \approx E(w^*) + \tfrac12 (w - w^*)^T H (w - w^*)$$
#
# $H$ は 2 階微分を並べた**ヘッセ行列**で、対称行列です。その固有ベクトルの 1 つの方向を考え、固有値を $\lambda$ とします。$w^*$ からその方向に $d$ だけ離れた点での勾配は $\lambda d$ ですから、学習率 $\eta$ で 1 歩進むと、$d$ は
#
# $$d - \eta \lambda d = (1 - \eta\lambda) \, d$$
#
# に変わります。ここから 2 つのことが分かります。
#
# * $d$ が縮むのは $|1 - \eta\lambda| < 1$、つまり $\eta < 2/\lambda$ のときだけです。学習率の上限は**最大固有値**で決まります。
# * $\eta\lambda$ が小さいとき、$k$ 歩で $d$ はおよそ $e^{-\eta\lambda k}$ 倍になります。正しい桁を 1 つ増やすには $\ln 10/(\eta\lambda)$ 歩かかります。どれだけ時間がかかるかは**最小固有値**で決まります。
#
# $\eta$ を上限の近くに取ると、必要な歩数は $\kappa = \lambda_{\max}/\lambda_{\min}$ に比例します。この比を**条件数**といいます。
#
# Theano は 2 階微分も自動で求めてくれます。点の座標は、あとで入れ替えられるように共有変数にしておきます。

# %%
import numpy
from sage_logreg.engine import theano, T, softplus

X = theano.shared(data.points, name='X')
y = theano.shared(data.labels, name='y')
w = T.dvector('w')
z = w[0] + T.dot(X, w[1:])
cost = T.mean(softplus(z) - y*z)
hessian = theano.function([w], theano.gradient.hessian(cost, w))

def eigenvalues(weights):
    H = matrix(RDF, hessian(numpy.array(weights, dtype=float)))
    return sorted(H.eigenvalues(algorithm='symmetric'))

steepness = eigenvalues(estimate.weights())
print('固有値', *['%.4g' % value for value in steepness])
print('条件数 %.4g' % (steepness[2]/steepness[0]))
print('学習率の上限 %.4g' % (2/steepness[2]))
print('学習率 0.001 で 1 桁に必要な歩数 %.3g' % (log(10.0)/(0.001*steepness[0])))

# %% [markdown]
# これが理由です。$\eta = 0.001$ では、正しい桁を 1 つ増やすたびに 700 万歩以上かかります。
#
# では、最初の数歩が行ったり来たりしたのはなぜでしょうか。出発点の $w = 0$ では谷がさらに急で、0.001 は上限を少し超えているのです。

# %%
print('出発点での学習率の上限 %.4g' % (2/eigenvalues([0, 0, 0])[2]))

# %% [markdown]
# ## 大きすぎる学習率
#
# 0.001 の半分なら滑らかに下り、0.001 ならかろうじて下り、0.002 では何度も斜面の上に放り出されます。（このときパッケージが出す警告は、次のセルで見ます。）

# %% alt="初めの 40 歩のコストの図が 2 つ。左では、0.0005 は滑らかに、0.001 はぎざぎざに下がる。右の 0.002 では何度も大きく跳ね上がる"
import warnings
rates = [0.0005, 0.001, 0.002]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    models = [gradient_descent(data, learning_rate=rate, iterations=40)
              for rate in rates]
labels = ['学習率 %g' % rate for rate in rates]
axes = {'axes_labels': ['歩数', 'コスト']}
pictures = [models[0].plot_history(models[1], labels=labels[:2], **axes),
            models[2].plot_history(title=labels[2], **axes)]
show(graphics_array(pictures), figsize=[9, 3.5])

# %% [markdown]
# 終わりのコストが初めより大きいと、パッケージは警告を出し、うまくいく学習率を教えてくれます。次の文は「コストが 0.693147 から 2.21031 に増えた。学習率 0.002 は大きすぎる。0.00042 か `scale=True` を試すこと」という意味です。

# %%
print(caught[0].message)

# %% [markdown]
# ## 特徴量の標準化
#
# 学習率をこれ以上大きくできないのなら、谷の形を変えるしかありません。**標準化**した点数
#
# $$z_j = \frac{x_j - \mu_j}{s_j} \qquad (\mu_j \text{ は平均、} s_j \text{ は標準偏差})$$
#
# は、平均が 0、標準偏差が 1 です。どの列も同じくらいの大きさになり、すべて 1 の列とも釣り合います。Theano の書き方は変わりません。新しい列に対応する重みを $v$ とします。4,000 歩ならわずかな時間で終わるので、ふつうの繰り返しで十分です。

# %%
mean, deviation = data.points.mean(axis=0), data.points.std(axis=0)
Z = theano.shared((data.points - mean)/deviation, name='Z')
v = theano.shared(numpy.zeros(3), name='v')
log_odds = v[0] + T.dot(Z, v[1:])
cost = T.mean(softplus(log_odds) - y*log_odds)

learning_rate = 1
train_model = theano.function([], cost, updates={v: v - learning_rate*T.grad(cost, v)})
for step in range(4000):
    value = train_model()
    if step % 500 == 0:
        print(step, '%.12g' % value)

# %% [markdown]
# 2,000 歩を過ぎると、コストの最初の 11 桁はもう変わりません。重みは元の点数の単位に直せます。
#
# $$v_0 + v_1 \frac{x_1 - \mu_1}{s_1} + v_2 \frac{x_2 - \mu_2}{s_2} = w_0 + w_1 x_1 + w_2 x_2$$
#
# の両辺を比べると $w_j = v_j/s_j$、$w_0 = v_0 - w_1 \mu_1 - w_2 \mu_2$ です。たしかに谷底の重みになっています。

# %%
v0, slopes = v.get_value()[0], v.get_value()[1:]/deviation
vector(RDF, [v0 - slopes @ mean, *slopes])

# %% [markdown]
# パッケージでは、`scale=True` とするだけで、これをすべて内部で行います。重みは元のデータの単位で返ってきます。

# %%
scaled = gradient_descent(data, learning_rate=1, iterations=4000, scale=True)
scaled.weights()

# %% alt="データと 2 本の線。破線は 30 万歩後、実線は標準化して 4,000 歩後の境界線"
x1 = var('x1')
before = plot(model.boundary(x1), (x1, 30, 100), color='gray', linestyle='--',
              legend_label='30 万歩')
after = plot(scaled.boundary(x1), (x1, 30, 100), color='black',
             legend_label='標準化して 4,000 歩')
show(data.plot() + before + after, figsize=5)

# %% [markdown]
# もう一度、バイアスと $x_1$ の重みの平面にコストを描き、元の点数（左）と標準化した点数（右）で比べてみましょう。左では縦軸が約 100 倍に引き伸ばされていて、道のりは谷に沿って這うように進みます。右では 2 つの軸の目盛りがほぼ同じで、目標に向かってまっすぐ進みます。

# %% alt="バイアスと 1 つ目の点数の重みの平面に描いたコスト。左は細長い谷を這う道のり、右は丸い谷の短い道のり"
standardised = load_data((Z.get_value(), data.labels), variables='z1, z2')
round_valley = gradient_descent(standardised, learning_rate=1, iterations=4000)
titles = ['元の点数（x2 の重みについて最小）',
          '標準化した点数（z2 の重みについて最小）']
pictures = [fit.plot_cost_surface([0, 1], title=title, axes_labels_size=1,
                                  labels=['学習の道のり', '出発点', '終点'],
                                  axes_labels=['バイアス', '1 つ目の点数の重み'])
            for fit, title in zip((model, round_valley), titles)]
show(graphics_array(pictures), figsize=[10, 4])

# %% [markdown]
# 標準化した点数について、固有値を計算してみます。（共有変数の値を入れ替えるだけで、コンパイルしたヘッセ行列はそのまま使えます。）

# %%
X.set_value(Z.get_value())
roundness = eigenvalues(round_valley.weights())
print('固有値', *['%.4g' % value for value in roundness])
print('条件数 %.4g' % (roundness[2]/roundness[0]))
print('学習率の上限 %.4g' % (2/roundness[2]))
print('学習率 1 で 1 桁に必要な歩数 %.3g' % (log(10.0)/roundness[0]))

# %% [markdown]
# 条件数は 160 万から 17 になりました。「1 桁につき 398 歩」という予想は当たるでしょうか。`tol` を指定すると、勾配のどの成分の絶対値もその値以下になったところで降下が止まります。

# %%
for power in range(4, 10):
    stopped = gradient_descent(data, learning_rate=1, iterations=10000, scale=True,
                               tol=10^-power)
    print('10^-%d' % power, stopped.iterations())

# %% [markdown]
# 予想どおり、2 行目からは、1 桁増えるごとに 395 歩から 397 歩かかっています。
#
# ## 学習率の選び方
#
# いくつかの学習率を 1 つの図で比べます。標準化したものはどれも谷底に向かい、学習率が大きいほど早く着きます。最後の曲線は、標準化せずに同じ歩数だけ進んだものです。

# %% alt="学習率 0.01、0.1、1 と標準化なしのコスト。学習率が大きいほど早く下がり、標準化なしは高いまま"
rates = [0.01, 0.1, 1]
models = [gradient_descent(data, learning_rate=rate, iterations=4000, scale=True)
          for rate in rates]
unscaled = gradient_descent(data, learning_rate=0.001, iterations=4000)
labels = ['学習率 %g' % rate for rate in rates] + ['学習率 0.001、標準化なし']
show(models[0].plot_history(*models[1:], unscaled, labels=labels,
                            axes_labels=['歩数', 'コスト']), figsize=5)

# %% [markdown]
# 実際には、次のようにするとよいでしょう。まず標準化します。次に、10 倍ずつ違う学習率を数百歩ずつ試し、コストが滑らかに下がるもののうち、最大のものを選びます。

# %% [markdown]
# ## 演習
#
# 1. 「大きすぎる学習率」の節のセルで、0.002 を 0.0012、0.005、0.02 に変えてみましょう。コストはどうなりますか。警告はどんな学習率を勧めますか。
# 2. 標準化した点数では、出発点での学習率の上限はいくつですか（`X.set_value(Z.get_value())` で点数を入れ替えます。出発点の重みはすべて 0 です）。答えを 2 桁で下のセルに書き込んでください。
# 3. 標準化した点数では、谷底の近くで学習率をどこまで大きくできますか。上限のすぐ下とすぐ上で試してみましょう。
# 4. 単位だけを変えます。2 つの点数を 100 で割って、0.3 から 1 までの数にしましょう。条件数はいくつになりますか。標準化したときほど小さくならないのはなぜですか。
# 5. 重みが 0 のとき、確率はすべて $\frac12$ です。そこでのヘッセ行列が $\frac{1}{4m} \tilde X^T \tilde X$ であることを示し、学習率の上限を計算しましょう。$\tilde X$ は、点数の左にすべて 1 の列を置いた行列です。

# %%
# 演習 2：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif abs(answer - 8/(1 + abs(numpy.corrcoef(data.points.T)[0, 1]))) < 0.1:
    print('正解です。')
else:
    print('まだ違います。点数を標準化して、2/eigenvalues([0, 0, 0])[2] を計算します。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 学習率が大きいほど、コストは高く跳ね上がります。勧められる学習率はいつも 0.0004 ほどです。それを決めるのは、試した学習率ではなく、谷の形だからです。
#
# 2. 標準化した点数では、出発点での上限は約 7.8 です。

# %% [markdown]
# 3. 上限は、上で表示した 20.5 です。そのすぐ下では収束し、すぐ上では収束しません。1 つの方向で、谷の片側から反対側へいつまでも飛び移り続けます。

# %%
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    largest = [gradient_descent(data, learning_rate=rate, iterations=4000, scale=True,
                                tol=1e-11) for rate in (20.4, 20.6)]
[attempt.converged() for attempt in largest]

# %% [markdown]
# 4. 単位を変えるだけで、条件数は 160 万から約 850 に下がります。点数の大きさはすべて 1 の列と釣り合いましたが、まだすべて正で、0.65 前後にあります。そのため、バイアスを増やして 2 つの重みを減らしてもコストはほとんど変わらず、その向きの谷は平らなままです。平均を引けば、この問題はなくなります。

# %%
X.set_value(data.points/100)
small_scores = load_data((data.points/100, data.labels))
hundredths = eigenvalues(maximum_likelihood(small_scores).weights())
print('条件数 %.4g' % (hundredths[2]/hundredths[0]))

# %% [markdown]
# 5. $\log(1 + e^z) - yz$ を $z$ で 2 回微分すると $\sigma(z)(1 - \sigma(z))$ で、$z = 0$ では $\frac14$ です。$z_i = \tilde x_i \cdot w$ ですから、合成関数の微分により $H = \frac1m \sum_i \frac14 \tilde x_i^T \tilde x_i = \frac{1}{4m} \tilde X^T \tilde X$ となります。

# %%
ones = matrix(RDF, 100, 1, [1]*100)
tilde_X = ones.augment(matrix(RDF, data.points))
H = tilde_X.transpose()*tilde_X/400
largest_eigenvalue = max(H.eigenvalues(algorithm='symmetric'))
print('出発点での学習率の上限 %.4g' % (2/largest_eigenvalue))

# %% [markdown]
# ## まとめ
#
# * 最急降下法が遅いのは、コストの谷が細長いとき、つまり谷を横切る向きには急で、谷に沿う向きには平らなときです。
# * 学習率の上限はヘッセ行列の最大固有値で決まり、$\eta < 2/\lambda_{\max}$ です。必要な歩数は条件数 $\lambda_{\max}/\lambda_{\min}$ で決まります。
# * 列の大きさがばらばらだったり、値が 0 から離れていたりすると、条件数は大きくなります。標準化すると条件数は 160 万から 17 に下がり、4,000 歩で谷底に着きます。
# * `scale=True` とすれば、これを内部で行います。重みも式も元のデータの単位のままです。
#
# 次のワークシート：[曲がった境界線](4_curved_boundaries.ipynb)

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
谷底、30 万歩、標準化した 4,000 歩（パッケージでも、自分で書いたプログラムでも）です::

    sage: estimate.weights()  # rel tol 1e-9
    (-25.1613335666, 0.206231713294, 0.201471600442)
    sage: model.cost() - estimate.cost()  # abs tol 1e-8
    0.08018923
    sage: bool(max(abs(numpy.array(scaled.weights() - estimate.weights()))) < 1e-6)
    True
    sage: bool(abs(scaled.weights() - vector(RDF, [v0 - slopes @ mean, *slopes])) < 1e-9)
    True

元の点数と標準化した点数での、谷の形と学習率の上限です::

    sage: steepness[2]/steepness[0]  # rel tol 1e-6
    1608662.94
    sage: 2/steepness[2], 2/roundness[2], roundness[2]/roundness[0]  # rel tol 1e-6
    (0.00418080870, 20.4965240, 16.8542087)
    sage: 8/(1 + abs(numpy.corrcoef(data.points.T)[0, 1]))  # abs tol 0.05
    7.8
    sage: [attempt.converged() for attempt in largest]
    [True, False]
    sage: hundredths[2]/hundredths[0]  # rel tol 1e-6
    849.050011

大きすぎる学習率への警告です::

    sage: print(caught[0].message)
    gradient_descent: the cost rose from 0.693147 to 2.21031 with learning_rate=0.002, which is too large; try learning_rate=0.00042 or scale=True
""";
