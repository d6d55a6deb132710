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
# # 変数を選ぶ：そのゼロは本当にゼロか
#
# [ワークシート一覧](index.ipynb) | [English](../en/10_choosing_variables.ipynb)
#
# [曲がった境界線](4_curved_boundaries.ipynb)のワークシートでは、27 個の単項式を使い、罰則で重みを小さく抑えました。小さくはなりましたが、27 個は 27 個のままです。このうち、本当に必要なのはどれでしょうか。重みを 0 にすることで、この問いに答える罰則があります。**Lasso** です。ただ、プログラムが 0 と表示したら、数学をする人はこう聞きたくなるはずです。それは本当に 0 なのか、と。
#
# **目標：** 罰則を少しずつ緩めながら変数を選びます。よく知られたプログラムが見落とす 0 を見て、それを証明します。そして、0 だからといって言えることと言えないことを区別します。所要時間は 25 分ほどです。

# %% [markdown]
# ## 列が多すぎる
#
# 118 個のマイクロチップのデータは、Andrew Ng 氏の講義 *Machine Learning*（スタンフォード大学・Coursera、2011 年）の第 2 回プログラミング演習のものです。2 つの検査結果から、1 次から 6 次までの単項式をすべて作ります。

# %%
from sage_logreg import *
import numpy

x1, x2 = var('x1, x2')
chips = ex2data2(features=polynomial_features(x1, x2, degree=6))
ridge = maximum_likelihood(chips, l2=1)
names, weights = ridge.weight_names()[1:], ridge.weights()[1:]
print(len(weights), '個の重みのうち、ゼロは', list(weights).count(0), '個')
for weight, name in sorted(zip(map(abs, weights), names))[:3]:
    print('%-10s %.4f' % (name, weight))

# %% [markdown]
# 重みの **2 乗**に掛ける罰則（リッジ）を使うと、境界線は滑らかになりますが、変数は 1 つも選ばれません。$x_1^3 x_2^3$ の重みはほとんど 0 です。しかし、0 だとは誰も言わないでしょう。

# %% [markdown]
# ## 角で触れる
#
# 2 乗の罰則を加えることは、重みを円板 $w_1^2 + w_2^2 \le r^2$ の中に限ることと同じです。絶対値の罰則なら $|w_1| + |w_2| \le r$、つまり円板の代わりに、角を下にして立てた正方形になります。チップのデータに $x_1^2$ と $x_1 x_2$ の 2 つだけを使ったモデルで、両方を描いてみましょう。曲線はコストの等高線で、黒い点が罰則のない推定値です。等高線が低いほうから広がっていって、許された範囲に初めて触れる点（赤）が、罰則付きの推定値です。図にするため、バイアスは推定値のまま動かしません。

# %% alt="コストの等高線。円板には軸から少し外れたところで、正方形には軸の上の角で触れる"
w1, w2 = var('w1, w2')
two = maximum_likelihood(ex2data2(features=[x1^2, x1*x2]))
bias, best = two.weights()[0], two.weights()[1:]
cost = two.symbolic_cost(bias, w1, w2)
f = fast_callable(cost, vars=[w1, w2], domain=RDF)
angles = [RDF(2*pi*k/720) for k in range(720)]
disc = [(2*cos(t), 2*sin(t)) for t in angles]
square = [(2*x/(abs(x) + abs(y)), 2*y/(abs(x) + abs(y))) for x, y in disc]
pictures, touched = [], []
for edge in [disc, square]:
    touch = min(edge, key=lambda w: f(*w))
    levels = [0.605, 0.62, f(*touch), 0.68]
    picture = contour_plot(cost, (w1, -6.5, 2.5), (w2, -4, 2.5), contours=levels,
                           fill=False, cmap=['gray'], plot_points=60, aspect_ratio=1,
                           axes_labels=['w1', 'w2'])
    picture += polygon(edge, alpha=0.3, color='orange')
    picture += point(best, color='black', size=30)
    pictures.append(picture + point(touch, color='red', size=50, zorder=5))
    touched.append(touch)
graphics_array(pictures).show(figsize=[9, 4])

# %%
for touch in touched:
    print('%.3f %.3f' % touch)

# %% [markdown]
# 円板には、軸から**少し外れたところ**で触れます。2 番目の重みは小さいものの、0 ではありません。正方形には**角**で触れ、2 番目の重みは 0 になります。しかも、等高線が少しくらいずれても回っても、触れるのは同じ角です。27 次元になれば、こうした角や辺がたくさんあります。仕掛けはこれだけです。

# %% [markdown]
# ## 重みの経路
#
# 罰則はどれくらい強くすればよいでしょうか。Lasso が最小にするのは
#
# $$\frac{1}{m} \sum_i \left(\log(1 + e^{z_i}) - y_i z_i\right) + \lambda \sum_j |w_j|, \qquad z_i = b + x_i \cdot w$$
#
# です。`regularization_path` は、すべての重みが 0 になる $\lambda$ から始めて、小さいほうへ順に解いていきます。バイアスには罰則を掛けません。単位がミリメートルかメートルかで罰則の意味が変わっては困るので、ふつうは先に列を**標準化**します。ここの単項式はどれもだいたい $-1$ から $1$ までの数なので、そのまま使うことにします。

# %% alt="λ の対数に対する重み。右から左へ、単項式が 1 つずつ 0 から離れる"
path = regularization_path(chips, standardize=False, count=50, smallest=1/100,
                           tol=1e-12)
path.plot(names=8).show(figsize=6)

# %% [markdown]
# 図は右から左へ読みます。初めは何もありません。まず $x_1^2$ が、次に $x_2^4$ が、その次に $x_2^2$ が現れます。上に並ぶ数字は、0 でない重みの個数です。いったん現れた重みが消えることもあります。たとえば、$x_1^4$ は $x_1^6$ と入れ替わるように消えます。
#
# では、どの $\lambda$ がよいのでしょうか。まだ見ていないデータを最もよく予測できるものです。`cross_validate` は、チップの 10 分の 1 を取り分け、残りで経路全体を求めることを 10 回繰り返します。

# %% alt="取り分けたチップでの逸脱度を λ の対数に対して描いた図。標準誤差の棒と、2 つの λ を示す線が付いている"
validation = path.cross_validate(folds=10, seed=1)
validation.plot().show(figsize=6)

# %% [markdown]
# 逸脱度が最も小さいのは `lambda_min` のところです。ただし、棒の長さを見てください。近くの点との差など、ないも同然です。`lambda_1se` は、最小値との差が標準誤差 1 つ分に収まる範囲で最も強い罰則です。言い換えると、**最もよいモデルと区別がつかない中で、最も簡単なモデル**を選びます。

# %%
for lambda_ in [validation.lambda_min(), validation.lambda_1se()]:
    model = path.model(lambda_)
    chosen = [name for name, weight in zip(names, model.weights()[1:]) if weight]
    print('%.5f %.3f' % (lambda_, model.accuracy()), *chosen)

# %% [markdown]
# 27 個のうち 6 個が残りました。これなら、境界線を書き下すことも、眺めることもできます。

# %%
terms = [round(weight, 2)*monomial for weight, monomial
         in zip(model.weights(), [1] + polynomial_features(x1, x2, degree=6)) if weight]
show(sum(terms) == 0)

# %% alt="合格したチップを囲む卵形の境界線"
model.plot(legend_label='6 個の単項式', aspect_ratio=1).show(figsize=5)

# %% [markdown]
# ## それは本当に 0 か
#
# プログラムは 21 個の 0 を返しました。しかし、プログラムがたどり着くのは、最小になる点の近くまでです。浮動小数点数の 0 は、その点についての推測にすぎません。`certified_support` は、データを正確な数として扱い、どの重みが 0 かを**証明**します。

# %%
support = certified_support(chips, 1/140)
support

# %% [markdown]
# 残りの重みは、証明された 15 桁で表示されます。先ほどの答えは合っていました。それなら、なぜ証明するのでしょうか。いつも合っているとは限らないからです。ここに、1 つの量を 5 回測った値（100 分の 1 単位）が 24 組あり、それぞれについて、ある限度を超えていたかどうかが分かっています（説明のために作ったデータです）。

# %%
readings = [[8, 4, 11, 2, -2], [52, 47, 51, 53, 59], [-12, -10, -8, -7, -12],
            [-4, -14, -12, -12, -10], [53, 50, 55, 43, 47], [55, 50, 49, 41, 54],
            [29, 37, 29, 32, 42], [-147, -147, -143, -151, -142],
            [-57, -58, -61, -57, -60], [-32, -35, -28, -33, -26], [70, 72, 70, 76, 79],
            [8, 12, 7, -3, 5], [-34, -36, -39, -39, -39], [29, 34, 40, 43, 34],
            [30, 34, 34, 31, 29], [-111, -110, -121, -122, -112], [55, 50, 53, 55, 59],
            [-40, -40, -39, -42, -42], [21, 25, 19, 15, 26], [49, 58, 50, 45, 44],
            [-87, -92, -103, -99, -96], [126, 118, 110, 124, 113],
            [-103, -110, -104, -101, -110], [81, 87, 83, 89, 83]]
above = [0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1]
table = [[reading/100 for reading in row] + [y] for row, y in zip(readings, above)]
data = load_data(table)

# %% [markdown]
# Lasso を解くプログラムは、2 行の繰り返しで書けます。まず坂を 1 歩下り、次にすべての重みを一定の幅だけ 0 に近づけます。0 に達した重みは、そこで止めます。バイアスなし、$\lambda = 1/100$ で動かし、ときどき重みを見てみましょう。

# %%
X, y, small, step = data.points, data.labels, float(1/100), float(3/2)
w = numpy.zeros(5)
for k in range(1, 20001):
    w = w + step*X.T @ (y - 1/(1 + numpy.exp(-X @ w)))/24
    w = numpy.sign(w)*numpy.maximum(abs(w) - step*small, 0)
    if k in [100, 1000, 3000, 10000, 20000]:
        print('%6d' % k, ' '.join('%8.4f' % weight for weight in w))

# %% [markdown]
# 3 つの重みはすぐに 0 になります。しかし、1 つ目は違います。1,000 歩のあとでも 0.76、10,000 歩のあとでも 0.03 あり、それからやっと 0 になります。では、プログラムはいつ止まればよいのでしょうか。次の表は、既定の設定で報告された 1 つ目と 2 つ目の重みです（ほかの 3 つは 0）。`R 4.2.2` の `glmnet 4.1-6` は、この $\lambda$ だけで解いたときと経路に沿って解いたときの 2 通り、`scikit-learn 1.9.1` は 2 種類の解法です。右端は、コストが最小値をどれだけ上回っているかを表します。

# %%
reported = {'glmnet': [0.087988975, 2.041114152],
            'glmnet, path': [0.046832067, 2.081246491],
            'liblinear': [0.018745471764486384, 2.108344960467519],
            'saga': [0.18728831, 1.94340502]}

def penalised(w):
    z = X[:, :len(w)] @ numpy.array(w, dtype=float)
    return numpy.mean(numpy.logaddexp(0, z) - y*z) + small*sum(map(abs, w))

for name, weights in reported.items():
    excess = penalised(weights) - penalised(w)
    print('%-12s %9.6f %9.6f %8.1e' % (name, *weights, excess))

# %% [markdown]
# 多くの人が頼りにしているプログラムが、4 回とも「1 つ目の測定値は必要だ」と答えました。それぞれの基準に照らせば、間違いとも言えません。どのコストも、最小値との差は 10 万分の 1 に届かないのですから。それでは、証明してみましょう。

# %%
support = certified_support(data, 1/100, intercept=False)
support

# %% [markdown]
# コストが最小になる点では、1 つ目の重みは**ちょうど 0** です。その近くの点では、そうとは限りません。最小の点から最後の報告値に向かう直線の上でコストを描くと、誰も気づかなかったわけが分かります。

# %% alt="1 つ目の重みに対するコスト。0 の左では急で、右ではほとんど平ら"
end = vector(reported['saga']) - vector(w[:2])
line_cost = lambda t: 10^6*(penalised(vector(w[:2]) + t/end[0]*end) - penalised(w))
plot(line_cost, (-1/100, 1/5), ymin=-1, ymax=10, frame=True, axes=False, thickness=2,
     axes_labels=['w1', '最小値との差（100 万分の 1）']).show(figsize=5)

# %% [markdown]
# 左は壁、右は平原で、その境目に角があります。平原に迷い込むと、長く歩くことになります。

# %% [markdown]
# ## 何を証明したのか
#
# 最小の点での確率を $p_i$ とし、$g_j = \frac{1}{m} \sum_i x_{ij} (y_i - p_i)$ と置きます。0 でない重みは、罰則に逆らってデータが押し返しているもので、$g_j = \pm\lambda$ が成り立ちます。$|g_j| < \lambda$ と**真に**小さければ、罰則のほうが勝って、重みは 0 になります。最小の点がいくつあっても $p_i$ は共通なので、どの点でも 0 です。そこで、5 つの $g_j$ を球演算で計算します。結果は、真の値を必ず含む区間です。

# %%
points = matrix(QQ, [row[:5] for row in table])
z = points*vector(support.weights())
residuals = vector([y - 1/(1 + exp(-s)) for y, s in zip(above, z)])
for ball in residuals*points/24:
    print(RBF(ball), abs(ball) < 1/100)

# %% [markdown]
# 2 つ目はちょうど $\lambda$ です。1 つ目は 0.009995 で、$\lambda$ より 2,000 分の 1 だけ小さい値です。わずかな差ですが、差は差です。球演算はこの 2 つを区別できますが、許容誤差では区別できません。
#
# もちろん、そのためには、重みがその区間にあることを先に証明しておかなければなりません。何をどのように証明したかは、`statement` が説明します。

# %%
print(support.statement())

# %% [markdown]
# ここに出てくる**双対点**（dual point）は、証人のようなものです。すべての $|g_j|$ が $\lambda$ 以下になる確率 $p_i$ があれば、どうやって見つけたものであっても、そこからコストの下界が計算できます。一方、どんな重みからも上界が得られます。2 つが近ければ、真の確率は $p_i$ を中心とする小さな球の中にあります。その球のどこでも $|g_j| < \lambda$ なら、$w_j = 0$ です。証人を見つけたプログラムも、その丸め誤差も、信じる必要はありません。証言の中身を確かめればよいのです。`check` は、桁数を増やしてそれを確かめます。

# %%
support.check()

# %% [markdown]
# ## どこで始まり、どこで終わるか
#
# すべての重みが 0 なら、$p_i$ はどれも $1/2$ です。ですから、何かが起こる最大の $\lambda$ は分数になり、時間さえあれば暗算でも求められます。

# %%
halves = vector(QQ, [y - 1/2 for y in above])
max(map(abs, halves*points))/24

# %%
certified_support(data, 1, intercept=False).next_breakpoint()

# %% [markdown]
# では、1 つ目の測定値が本当に現れるのは、どの $\lambda$ でしょうか。

# %%
support.next_breakpoint()

# %% [markdown]
# 0.0098 です。先ほどの 1/100 のすぐ下でした。罰則がほんの少し小さければ、1 つ目の測定値は**必要**だったのです。「ゼロか」という問いは、$\lambda$ を決めて初めて意味を持ちます。

# %% [markdown]
# ## 0 が語らないこと
#
# **「その列に効果がない」とは言っていません。** 5 つの測定値は、互いにほとんど同じです。2 つ目を除いてみましょう。

# %%
others = load_data([row[:1] + row[2:] for row in table], variables='x1, x3, x4, x5')
certified_support(others, 1/100, intercept=False)

# %% [markdown]
# 今度は、1 つ目の重みが 2.17 になりました。同じ役を別の役者が演じているのです。先ほどの 0 は、$x_2$ がいるなら、この罰則を払ってまで $x_1$ を使うことはない、と言っていたにすぎません。
#
# **「初めからその列だけで考えたのと同じ」とも言っていません。** 選ばれた列は、このデータで見栄えがよかったから選ばれたのです。同じデータで調べれば、見栄えがよいに決まっています。ふつうの検定がどうなるかを見てみましょう。20 列の純粋な雑音の表を 100 個作り、Lasso で列を選びます。選んだ列だけで罰則のないモデルを推定し、5% を下回る p 値を数えます。次に、同じ列を新しいデータで調べます。

# %%
random = numpy.random.RandomState(int(1))

def noise():
    return random.normal(size=(100, 20)), random.randint(2, size=100)

same, fresh = [], []
for repetition in range(100):
    rows, labels = noise()
    lasso = regularization_path((rows, labels), lambdas=[0.06], tol=1e-12)
    columns = numpy.flatnonzero(lasso.weights(0.06)[1:])
    same += maximum_likelihood((rows[:, columns], labels)).p_values()[1:]
    rows, labels = noise()
    fresh += maximum_likelihood((rows[:, columns], labels)).p_values()[1:]
for values in [same, fresh]:
    few = sum(p < 0.05 for p in values)
    print('%d 個（全 %d 個のうち %.1f%%）' % (few, len(values), 100*few/len(values)))

# %% [markdown]
# 見つかるものなど何もないのに、選ばれた列の 27.6% が「有意」になりました。選ぶのに使わなかったデータでは 5.4% で、あるべき値です。Lasso に標準誤差が表示されないのは、このためです。[このモデルは信頼できるか](9_can_i_trust_it.ipynb)で使った検定も、データを見る前に決めたモデルのためのものです。行が十分にあれば、半分で選び、残りの半分で検定しましょう。

# %% [markdown]
# ## 演習
#
# 1. **Elastic net** は 2 つの罰則を混ぜたものです。5 つの測定値について、`l1_ratio=1/2` で証明してみましょう。0 でない重みはいくつになりますか。それはなぜですか。
# 2. `ex2data1()` の試験の点数では、どちらが先に、どの $\lambda$ で現れますか。マイクロチップのときよりずっと大きいのはなぜですか。
# 3. 5 つの測定値のうちちょうど 3 つが重みを持つ $\lambda$ を見つけ、下のセルに書き込んでください。判定には証明を使います。
# 4. 27 個の単項式を `regularization_path` に標準化させると、`lambda_1se` ではどれが選ばれますか。どちらかの答えが間違っているのでしょうか。

# %%
# 演習 3：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif not 0 < answer < 1:
    print('まだ違います。0 と 1/100 の間の数を試してください。')
elif len(certified_support(data, answer, intercept=False).nonzero()) == 3:
    print('正解です。証明もできました。')
elif len(certified_support(data, answer, intercept=False).nonzero()) < 3:
    print('3 つより少なくなりました。もっと小さくしてください。')
else:
    print('3 つより多くなりました。もっと大きくしてください。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 4 つです。2 乗の罰則があると、1 つの列にすべてを任せるのは高くつくので、似たものどうしで分け合います。

# %%
certified_support(data, 1/100, l1_ratio=1/2, intercept=False)

# %% [markdown]
# 2. 1 つ目の試験で、$\lambda$ はおよそ 5.44 に等しい分数です。点数は 100 までの数なので、小さな重みでも大きな働きをし、小さな重みには小さな罰則しか掛かりません。罰則に意味があるのは、列の単位が比べられるときだけです。

# %%
certified_support(ex2data1(), 10).next_breakpoint()

# %% [markdown]
# 3. たとえば $1/500$ です。3 つの重みのうち 1 つは負になります。5 つとも同じものを測ったはずなのに、です。どの $\lambda$ までそうなのかは、次の変わり目から分かります。

# %%
three = certified_support(data, 1/500, intercept=False)
print(three)
print(three.next_breakpoint())

# %% [markdown]
# 4. 別のものが、もっと多く選ばれます。どちらも間違いではなく、別の関数を最小にしているのです。このチップのデータでは、高い次数のべきは小さな数なので、大きな重みが必要です。標準化すると、低い次数と条件が同じになります。

# %%
standardised = regularization_path(chips, count=50, smallest=1/100, tol=1e-12)
largest = standardised.cross_validate(folds=10, seed=1).lambda_1se()
weights = standardised.weights(largest)[1:]
print(*[name for name, weight in zip(names, weights) if weight])

# %% [markdown]
# ## まとめ
#
# * 2 乗の罰則は縮めるだけですが、絶対値の罰則は選びます。角があるからです。
# * すべての $\lambda$ について解くのは `regularization_path`、その中から選ぶのは `cross_validate` です。予測には `lambda_min`、短いモデルには `lambda_1se` を使います。
# * プログラムの返す 0 や 0.02 は推測です。`certified_support` は、どの重みが 0 かを証明し、証人も残します。
# * 0 かどうかは、$\lambda$、列の単位、そして表にあるほかの列によって変わります。
# * ラベルを見て選んだ列を、同じデータで検定してはいけません。

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
角と経路と選択です::

    sage: touched  # abs tol 1e-3
    [(-1.983, -0.261), (-2.0, 0.0)]
    sage: [[name for name, weight in zip(names, path.weights(path.lambdas()[k])[1:]) if weight] for k in (1, 3, 6)]
    [['x1^2'], ['x1^2', 'x2^4'], ['x1^2', 'x2^2', 'x2^4']]
    sage: validation.lambda_min(), validation.lambda_1se()  # abs tol 1e-5
    (0.00217, 0.00736)
    sage: certified_support(chips, 1/140).zero() == tuple(name for name, weight in zip(names, model.weights()[1:]) if not weight)
    True

報告された値と証明された値です::

    sage: [float(penalised(weights) - penalised(w)) for weights in reported.values()]  # abs tol 1e-8
    [2.09e-06, 7.0e-07, 1.7e-07, 8.43e-06]
    sage: support.zero(), support.nonzero()
    (('x1', 'x3', 'x4', 'x5'), {'x2': [2.1269164823083...]})
    sage: RDF(support.next_breakpoint().lambda_), support.check()  # rel tol 1e-10
    (0.009798219332830864, True)
    sage: certified_support(others, 1/100, intercept=False).nonzero()
    {'x1': [2.16538230027929...]}
    sage: sum(p < 0.05 for p in same), sum(p < 0.05 for p in fresh), len(same)
    (123, 24, 445)

演習です::

    sage: RDF(certified_support(ex2data1(), 10).next_breakpoint().lambda_)  # rel tol 1e-10
    5.44478918355884
    sage: tuple(three.nonzero()), certified_support(data, 1/100, l1_ratio=1/2, intercept=False).zero()
    (('x1', 'x2', 'x4'), ('x4',))
""";
