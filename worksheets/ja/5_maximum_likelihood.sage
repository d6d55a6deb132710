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
# # 推定値そのもの：確かさ、存在、そして証明された 50 桁
#
# [ワークシート一覧](index.ipynb) | [English](../en/5_maximum_likelihood.ipynb)
#
# [最急降下法](1_gradient_descent.ipynb)のワークシートでは、30 万歩で重み (-9.26, 0.0796, 0.0733) にたどり着きました。そこは谷底だったのでしょうか。
#
# **目標：** 谷底そのものまで行き、データがその値をどれだけ確かに決めているのか、谷底が存在しないのはどんなときかを調べ、最後に**証明された** 50 桁の答えを手に入れます。所要時間は 20 分ほどです。

# %% [markdown]
# ## 最急降下法の到達点
#
# 谷底では勾配が 0 になります。30 万歩進んだあとの勾配は、まだ 0 ではありません。

# %%
from sage_logreg import *
data = ex2data1()
descent = gradient_descent(data, learning_rate=0.001, iterations=300000)
descent.gradient()

# %% [markdown]
# 学習したモデルの表（英語）は、まずそのことを述べます。推定値ではないので、後で説明する標準誤差、検定、信頼区間はこの表にはありません。最後の列（*right digits*、正しい桁数）も同じことを示しています。どの重みも、まだ 1 桁も正しくありません。

# %%
show(descent.summary())

# %% [markdown]
# ## ニュートン法
#
# 勾配は下る向きを教えてくれますが、どこまで進めばよいかは教えてくれません。2 階微分を並べた**ヘッセ行列** $H$ は、勾配がどう変わっていくかを表します。もし $H$ が一定なら、1 歩
#
# $$w \leftarrow w - H^{-1} \nabla E(w)$$
#
# でちょうど谷底に着きます。Theano は 2 階微分も、1 階微分と同じように自動で求めてくれます。

# %%
import numpy
from sage_logreg.engine import theano, T, softplus

X = theano.shared(data.points, name='X')
y = theano.shared(data.labels, name='y')
w = theano.shared(numpy.zeros(3), name='w')
z = w[0] + T.dot(X, w[1:])
cost = T.mean(softplus(z) - y*z)
gradient = T.grad(cost, w)
hessian = theano.gradient.hessian(cost, w)
derivatives = theano.function([], [cost, gradient, hessian])

# %% [markdown]
# 30 万歩ではなく、8 歩です。最後の列（勾配の成分の絶対値の最大）を見てください。谷底に近づくと、1 歩ごとに、小数点以下に並ぶ 0 の数がほぼ倍になっていきます。

# %%
for step in range(8):
    E, g, H = derivatives()
    print(step, '%.12g' % E, '%.1e' % abs(g).max())
    w.set_value(w.get_value() - numpy.linalg.solve(H, g))

# %% [markdown]
# これが**最尤推定値**、つまり 100 人の合否という実際の結果に最も高い確率を与える重みです。

# %%
w.get_value()

# %% [markdown]
# パッケージの `maximum_likelihood` は、同じことをもっと慎重に行います。列の大きさをそろえ、行き過ぎそうなときは 1 歩を短くし、そもそも谷底があるかどうかも確かめます。

# %%
model = maximum_likelihood(data)
model.weights()

# %% alt="データと 2 本の線。破線は最急降下法、実線は最尤推定値の境界線"
x1 = var('x1')
after_descent = plot(descent.boundary(x1), (x1, 30, 100), color='gray', linestyle='--',
                     legend_label='30 万歩')
at_estimate = plot(model.boundary(x1), (x1, 30, 100), color='black',
                   legend_label='最尤推定値')
show(data.plot() + after_descent + at_estimate, figsize=5)

# %% [markdown]
# ## 推定値の確かさ
#
# 別の 100 人のデータなら、重みも変わるでしょう。どれくらいばらつくかは、コストの谷の曲がり方から分かります。谷が狭ければばらつきは小さく、平らなら大きくなります。合計したコストのヘッセ行列の逆行列が重みの共分散行列の推定値で、その対角成分の平方根を**標準誤差**といいます。

# %%
show(model.summary())

# %% [markdown]
# 重みを標準誤差で割った値が $z$ です。$z$ が 0 から遠いほど「本当の重みは 0 だ」とは考えにくくなり、その度合いを表すのが `P(>|z|)` の列（p 値）です。95% 信頼区間は、重みの両側に標準誤差の 1.96 倍をとったものです。これは尤度を釣り鐘形とみなした近似で、**プロファイル尤度**による区間は尤度の形をそのまま使います。100 点のデータでは、はっきりした違いが出ます。

# %%
(model.confidence_intervals()[1],
 model.confidence_intervals(method='profile')[1])

# %% [markdown]
# 1 つ目の試験の点数があれば、2 つ目の試験は要らないのでしょうか。$x_2$ を除くと尤度はずっと小さくなります。$x_2$ が本当は合否に関係しないとき、これほどの差が偶然に生じる確率が `p_value`（p 値）です。

# %%
model.likelihood_ratio_test(['x1'])

# %% [markdown]
# 合格者と不合格者は、どれくらいよく見分けられるのでしょうか。**ROC 曲線**は、合格と判定する確率のしきい値を 1 から 0 まで下げていき、誤って合格と判定される不合格者の割合（偽陽性率）を横軸に、正しく合格と判定される合格者の割合（真陽性率）を縦軸にとったものです。曲線の下の面積は、合格者と不合格者を 1 人ずつ選んだとき、合格者のほうに高い確率が付く確率を表します。

# %% alt="ROC 曲線。急に立ち上がり、曲線の下の面積は 0.973"
show(model.roc(axes_labels=['偽陽性率', '真陽性率'],
               legend_label='面積 %.3f' % model.area_under_curve()), figsize=4)

# %% [markdown]
# ## 推定値が存在しない場合
#
# 5 人の学生の勉強時間と、試験に受かったかどうかの表があります。3 時間では足りず、5 時間なら受かりました。

# %%
hours = load_data([[1, 0], [2, 0], [3, 0], [5, 1], [6, 1]], variables='hours')
separation(hours)

# %% [markdown]
# 2 つのクラスは**完全に分離**しています。すべての点を正しい側に分ける境界があるのです。すると、重みを 2 倍にすればコストが小さくなり、それがどこまでも続くので、谷底はありません。証拠は、誰でも確かめられる 1 本のベクトルです。このベクトルと (1, 時間) の内積は、落ちた人では負、受かった人では正になります。

# %%
separated = separation(hours)
v = separated.vector()
[v[0] + v[1]*hour for hour in (1, 2, 3, 5, 6)]

# %% [markdown]
# そのため `maximum_likelihood` は推定を断り、どうすればよいか（罰則 `l2` か `bias_reduced=True` を指定するか、`hours` を外す）を教えてくれます。

# %%
try:
    maximum_likelihood(hours)
except ValueError as error:
    print(error)

# %% [markdown]
# `bias_reduced=True`（Firth の方法）でも罰則 `l2` でも、コストに谷底ができます。

# %%
(maximum_likelihood(hours, bias_reduced=True).weights(),
 maximum_likelihood(hours, l2=1).weights())

# %% [markdown]
# このような問いを、丸め誤差に決めさせてはいけません。次の 4 点では、3 番目の点が 2 番目の点より $10^{-7}$ だけ先にあり、2 つのクラスはわずかに重なっています。浮動小数点数は有理数ですから、パッケージはこれを厳密に判定します。（`1/3` のような分数や、テキストの表に書かれた小数は、書かれたとおりの値として扱います。丸めるのは学習のときだけです。）

# %%
near = load_data([[0, 0], [1, 1], [1 + 1e-7, 0], [2, 1]])
separation(near)

# %% [markdown]
# 重なりの証拠は、いくつかの点に付けた正の数です。点 $(1, x_i)$ にラベルの符号を付け、その数を掛けて足し合わせると、ちょうど 0 になります。ですから、すべての点を正しい側に分ける境界はありえません。

# %%
separation(near).multipliers()

# %% [markdown]
# ## 証明された桁
#
# 試験のデータの推定値は存在します。では、何桁目まで正しいのでしょうか。浮動小数点数の計算だけでは分かりませんが、次の計算なら分かります。

# %%
proof = certified_maximum_likelihood(data, digits=50)
proof

# %% [markdown]
# 結果には、それが正しい理由（英語）も付いています。近似した重みのまわりに小さな箱をとると、区間演算によるニュートン法の 1 歩がその箱を箱自身の中に写します。ですから箱の中には勾配の零点があり、コストは狭義凸なので、零点はただ 1 つです。

# %%
print(proof.statement())

# %% [markdown]
# 標準誤差も、証明付きで求まります。

# %%
proof.standard_errors()

# %% [markdown]
# ## 演習
#
# 1. `certified_maximum_likelihood(data, digits=50)` の `50` を `100` や `1000` に変えてみましょう。どれくらい時間がかかりますか。
# 2. 同じような受験者が何人いれば、標準誤差は半分になりますか。その数を下のセルに書き込んでください。
# 3. 受験者を 1 人おきに選んでみましょう。標準誤差はおよそ何倍になりますか。
# 4. 2 つの点数の合計が 130 を超える受験者のラベルを 1、ほかを 0 としてみましょう。推定値は存在しますか。しきい値によって変わりますか。

# %%
# 演習 2：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif answer == 4*len(data):
    print('正解です。')
else:
    print('まだ違います。受験者が 2 倍になると、分散が半分になります。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 100 桁でも 50 桁とほとんど変わりません。1,000 桁でも 1 秒ほどです。
#
# 2. 分散を 4 分の 1 にしなければならないので、およそ 400 人です。

# %% [markdown]
# 3. 受験者が半分になると、分散はおよそ 2 倍、標準誤差はおよそ $\sqrt 2$ 倍になります。ただし、偶然の影響もかなりあります。

# %%
half = load_data((data.points[::2], data.labels[::2]))
errors = zip(model.standard_errors(), maximum_likelihood(half).standard_errors())
[larger/smaller for smaller, larger in errors]

# %% [markdown]
# 4. ラベルが 1 本の直線で決まっているので、しきい値によらず、クラスは分離しています。

# %%
for threshold in (128, 130, 132):
    labels = [1 if sum(scores) > threshold else 0 for scores in data.points]
    print(threshold, separation((data.points, labels)).kind())

# %% [markdown]
# ## まとめ
#
# * 最急降下法は推定値に少しずつ近づき、Theano のヘッセ行列を使うニュートン法は数歩でそこに着きます。
# * ヘッセ行列からは、データがどれだけ確かに重みを決めているかも分かります（標準誤差、信頼区間、検定）。
# * 推定値が存在するのは、クラスが重なっているとき、そのときに限ります。これは厳密に、証拠付きで判定できます。
# * `certified_maximum_likelihood` は、望むだけの桁を、すべて証明付きで求めます。
#
# 次のワークシート：[実際の表データ](6_real_table.ipynb)

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
自分で書いたニュートン法とパッケージの結果は一致します::

    sage: w.get_value()  # rel tol 1e-9
    array([-25.16133357,   0.20623171,   0.2014716 ])
    sage: model.weights()  # rel tol 1e-12
    (-25.1613335666395, 0.206231713293983, 0.201471600441964)

推定値の確かさです::

    sage: model.standard_errors()  # rel tol 1e-9
    (5.79855218057, 0.0480006519983, 0.0486250434995)
    sage: model.area_under_curve()  # rel tol 1e-12
    0.973333333333333

推定値の存在です::

    sage: separated.kind(), separated.check(), separated.directions()
    ('complete', True, {'bias': -Infinity, 'hours': +Infinity})
    sage: separation(near).kind(), separation(near).check()
    ('overlap', True)

証明された桁です::

    sage: proof
    Maximum-likelihood estimate, proved to 50 digits
    bias = -25.1613335666395672268157010741216326561950917214114 +/- 5e-50
    x1 = 0.206231713293983267823067039319289930570801588476868 +/- 4e-52
    x2 = 0.201471600441963751702110608107798808474681337495287 +/- 3e-52
""";
