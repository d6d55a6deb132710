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
# # ひとめぐり：パッケージでできるほかのこと
#
# [ワークシート一覧](index.ipynb) | [English](../en/8_tour.ipynb)
#
# **目標：** 自分のデータの読み込み方、答えの確かさと桁の証明、自分で決めたコストを式で書く方法、動く図とスライダー、学習の中断と保存と再開、メモリーに収まらないデータ、scikit-learn との連携を、それぞれ短い例で見ていきます。所要時間は 15 分ほどです。

# %% [markdown]
# ## 自分のデータ
#
# 1986 年 1 月 28 日、スペースシャトル「チャレンジャー」が打ち上げ直後に空中分解しました。補助ロケットの継ぎ目をふさぐゴムの輪（O リング）が壊れたのです。その朝の予想気温は 31 °F（-0.6 °C）でした。それ以前の飛行のうち、補助ロケットが回収された 23 回を調べると、7 回で O リングに損傷があり、気温の最も低かった 4 回ではすべて損傷していました（S. R. Dalal, E. B. Fowlkes, B. Hoadley, *Risk analysis of the space shuttle*, Journal of the American Statistical Association 84, 1989）。打ち上げ時の気温（°F）を、よくあるデータのようにファイルに書いておきます。

# %%
damaged = [53, 57, 58, 63, 70, 70, 75]
sound = [66, 67, 67, 67, 68, 69, 70, 70, 72, 73, 75, 76, 76, 78, 79, 81]
path = tmp_filename(ext='.csv')
with open(path, 'w') as file:
    file.write('temperature,damage\n')
    file.writelines('%d,yes\n' % degrees for degrees in damaged)
    file.writelines('%d,no\n' % degrees for degrees in sound)

# %% [markdown]
# `load_data` には、表のファイル名、Sage の行列、行のリスト、NumPy の配列、pandas の表を渡せます。最後の列がラベルです。ラベルが文字列のときは、アルファベット順で後のほうが 1 になります。

# %%
from sage_logreg import *
flights = load_data(path)
flights

# %% [markdown]
# 表に誤りがあれば、その場所を教えてくれます。（2 行目に、70 のつもりで書かれた `7O` があります。0 ではなく、文字の O です。）

# %%
try:
    load_data([[66, 'no'], ['7O', 'yes']])
except ValueError as error:
    print(error)

# %% [markdown]
# ## 確かさと証明
#
# 推定値を、標準誤差、検定、信頼区間とともに求めます。

# %%
estimate = maximum_likelihood(flights)
show(estimate.summary())

# %% [markdown]
# 変数が 1 つのときは、確率の曲線を描きます。確率は式なので、データのない範囲まで描くこともできます。ただし、そこでの値は、データでは確かめようのない推測です。

# %%
temperature = var('temperature')
show(estimate.posterior())

# %% alt="気温と損傷の有無（0 と 1）。損傷の確率の曲線は、30 °F でほぼ 1、80 °F でほぼ 0"
curve = plot(estimate.posterior(), (temperature, 30, 82), color='black')
axes_labels = ['気温（°F）', '損傷の確率']
(flights.plot(axes_labels=axes_labels) + curve).show(figsize=5)

# %%
estimate.probability([31]), estimate.boundary()

# %% [markdown]
# そもそも推定値は存在するのでしょうか。これは有理数の計算で厳密に判定されます。さらに、区間演算の一種である球演算（ball arithmetic）によって、各桁を証明できます。

# %%
separation(flights)

# %%
certified_maximum_likelihood(flights, digits=30)

# %% [markdown]
# どちらも[推定値そのもの](5_maximum_likelihood.ipynb)のワークシートで詳しく説明しています。

# %% [markdown]
# ## 自分で書くコスト
#
# 数を確率に直す方法は、ロジスティック関数だけではありません。**プロビット**回帰は正規分布の分布関数を使います。`minimize_cost` には、1 点あたりのコストを、パラメーター、データの変数、ラベルについての Sage の式で渡します。微分するのは Theano です。（ここではラベルの列の名前が `damage` なので、それがラベルの記号になります。）

# %%
w0, w1, damage = var('w0, w1, damage')
p = (1 + erf((w0 + w1*(temperature - 70)/10)/sqrt(2)))/2
E = -damage*log(p) - (1 - damage)*log(1 - p)
show(p)
probit = minimize_cost(E, flights, [w0, w1], learning_rate=1, iterations=1000,
                       tol=1e-9)
probit.converged(), probit.cost(), probit.values()

# %% [markdown]
# `values()` は辞書なので、そのままどんな式にも代入できます。

# %% alt="ロジスティック曲線とプロビット曲線。データのある範囲ではほとんど重なる"
probability = p.subs(probit.values())
print('31 °F での損傷の確率：プロビット %.6f、ロジスティック %.6f' %
      (probability.subs(temperature=31), estimate.posterior(31)))
logistic_curve = plot(estimate.posterior(), (temperature, 30, 82), color='black',
                      legend_label='ロジスティック')
probit_curve = plot(probability, (temperature, 30, 82), color='green',
                    legend_label='プロビット')
picture = flights.plot(axes_labels=axes_labels)
show(picture + logistic_curve + probit_curve, figsize=5)

# %% [markdown]
# 逆に、ロジスティックモデルのデータ全体のコストを、重みの式として取り出すこともできます。Sage で微分しても Theano で微分しても、同じ値になります。

# %%
cost = estimate.symbolic_cost(w0, w1)
by_sage = vector(RDF, [diff(cost, weight).subs(w0=0, w1=0) for weight in (w0, w1)])
by_theano = estimate.with_weights([0, 0]).gradient()
by_sage, by_theano

# %% [markdown]
# ## 動く図とスライダー
#
# `animate()` は、学習中に境界線が動いていく様子を見せます。`show(film)` で動かせますが、ここでは何コマかを並べてみます。

# %% alt="境界線が学習とともに変わり、合格したチップを囲む閉曲線になるまでの 6 枚の図"
x1, x2 = var('x1, x2')
chips = ex2data2(features=polynomial_features(x1, x2, degree=6))
training = gradient_descent(chips, learning_rate=1, iterations=100, l2=0.1)
film = training.animate(frames=6, show_legend=False,
                        title='{} 歩、コスト {:.4f}'.format,
                        point_options={'size': 10, 'axes_labels_size': 1})
show(film.graphics_array(ncols=3), figsize=[9, 5.4])

# %% [markdown]
# `explore` は、スライダーとメニューの付いたページを表示します。学習の方法、学習率、歩数、標準化、罰則、出発点の重み、しきい値を動かすたびに学習し直し、点と境界線、コストが下がる様子、モデルの式を見せます。`explore_descent` は、コストの等高線の上で、学習の道のりをたどります。どちらもノートブックを実行しているときに使えます。実行していないときは、最初の画面の図だけが見えます。

# %% alt="explore の最初の画面。点と境界線、歩数とコストのグラフ"
explore(ex2data1())

# %% alt="explore_descent の最初の画面。コストの平面の上の道のりと、そこでの境界線"
explore_descent(ex2data1(), weights=[0, 1])

# %% [markdown]
# ## 中断、保存、再開
#
# Ctrl-C（ノートブックでは *Kernel > Interrupt*）で学習を止めても、何も失われません。それまでに得られたモデルが返ってきます。ここでは `callback` で止めてみます。`resume()` はそこから学習を続け、中断しなかった場合とまったく同じ重みに到達します。

# %%
def far_enough(iteration, cost, weights):
    return iteration >= 100000

stopped = gradient_descent(ex2data1(), iterations=300000, callback=far_enough)
resumed = stopped.resume()
print(stopped.iterations(), resumed.iterations())
resumed.weights() == gradient_descent(ex2data1(), iterations=300000).weights()

# %% [markdown]
# モデルは、データや履歴とともにテキストファイルに保存できます。学習に `checkpoint=` を指定すると、数秒ごとにこのファイルが書かれるので、停電があっても失うのはその数秒分だけです。

# %%
path = tmp_filename(ext='.json')
stopped.save(path)
load_model(path).resume().weights() == resumed.weights()

# %% [markdown]
# ## メモリーに収まらないデータ
#
# メモリーに収まらない表は、ファイルに置いたまま使えます。`load_data` にフォルダーやファイル名のパターン（または Dask の配列や表）を渡すと、行をいくつかのチャンク（まとまり）に分けて読み、チャンクごとの寄与を足し合わせます。ここでは 20 万行を、もっと大きな表の代わりにします。ラベルは、分かっているモデルから乱数で作ります。`y = 1` の対数オッズは $1 + 2 x_1 - x_2$ です。

# %%
import numpy, os, pandas
folder = tmp_dir()
for part in range(4):
    random = numpy.random.default_rng(part)
    points = random.normal(size=(50000, 2))
    log_odds = 1 + 2*points[:, 0] - points[:, 1]
    labels = random.uniform(size=50000) < 1/(1 + numpy.exp(-log_odds))
    pandas.DataFrame({'x1': points[:, 0], 'x2': points[:, 1], 'y': labels.astype(int)}
                     ).to_parquet(os.path.join(folder, 'part-%d.parquet' % part))
large = maximum_likelihood(os.path.join(folder, '*.parquet'))
large.data

# %% [markdown]
# 学習のしかたも、モデルから分かることも、ほかのデータと同じです。もとのモデルの重みは、信頼区間に入っています。

# %%
large.coefficients()

# %% [markdown]
# 計算するのは、何も指定しなければこのセッションのスレッドです。`distributed` の `Client(n_workers=2)` を実行しておくと 2 つのプロセスが、`Client(address)` ならほかのコンピューターが計算します。どれでも、重みは最後のビットまで同じです。図には、無作為に選んだ一部の行だけが描かれます。

# %% alt="一部の点と、2 種類の点を分ける直線の境界"
large.plot(figsize=5)

# %% [markdown]
# ## scikit-learn との連携
#
# `SageLogisticRegression` は、同じ学習を scikit-learn の推定器にしたもので、パイプライン、交差検証、探索に使えます。既定の罰則は scikit-learn と同じ `l2=1` です。標準化した試験の点数には、どの罰則が合うでしょうか。

# %%
from sage_logreg.sklearn import SageLogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

scores = ex2data1()
pipeline = Pipeline([('scale', StandardScaler()),
                     ('regression', SageLogisticRegression())])
search = GridSearchCV(pipeline, {'regression__l2': [0.01, 0.1, 1, 10]},
                      scoring='neg_log_loss', cv=5)
search.fit(scores.points, scores.labels)
search.best_params_, search.best_score_

# %% [markdown]
# 選ばれた推定器の中には、このパッケージのモデルが入っています。

# %%
inside = search.best_estimator_['regression'].model_
show(inside.log_odds())

# %% [markdown]
# ## 演習
#
# 1. `estimate.probability([31])` の 31 を 53、65、81 に変えてみましょう。暖かくなると、損傷の確率はどのように下がりますか。
# 2. 損傷の確率が 10% を超えるのは、何 °F までですか（`boundary` には引数 `threshold` があります）。整数の答えを下のセルに書き込んでください。
# 3. `features` を使って、モデルを摂氏で表してみましょう。重みはどう変わりますか。31 °F での確率はどうですか。
# 4. 数を確率に直す 3 番目の方法 $1 - e^{-e^z}$ でもコストを最小にし、3 つのコストを比べましょう。データから優劣が分かるでしょうか。

# %%
# 演習 2：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif answer == floor(estimate.boundary(threshold=0.1).rhs()):
    print('正解です。')
else:
    print('まだ違います。estimate.boundary(threshold=0.1) の小数点以下を切り捨てます。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 53 °F では 94%、65 °F では約半分、81 °F では 2% です。
#
# 2. `estimate.boundary(threshold=0.1)` は 74.26 のところなので、74 °F までです。

# %% [markdown]
# 3. 摂氏の 1 度は華氏の 9/5 度なので、重みは 9/5 倍になります。バイアスは 0 度での対数オッズですから、32 °F での値になります。確率は変わりません。

# %%
celsius = maximum_likelihood(load_data(flights, features=[(temperature - 32)*5/9]))
(celsius.weights()[1]/estimate.weights()[1],
 celsius.probability([31]), estimate.probability([31]))

# %% [markdown]
# 4. ほとんど分かりません。3 番目のコストが最も小さいものの、23 回の飛行全体の対数尤度の差は 0.4 しかなく、偶然でも簡単に生じる大きさです。

# %%
q = 1 - exp(-exp(w0 + w1*(temperature - 70)/10))
F = -damage*log(q) - (1 - damage)*log(1 - q)
third = minimize_cost(F, flights, [w0, w1], learning_rate=0.5, iterations=2000,
                      tol=1e-9)
print('ロジスティック %.6f、プロビット %.6f、3 番目 %.6f' %
      (estimate.cost(), probit.cost(), third.cost()))
len(flights)*(estimate.cost() - third.cost())

# %% [markdown]
# ## まとめ
#
# * `load_data` はさまざまな形の表を読み、誤りがあればその場所を教えます。
# * `maximum_likelihood` は答えの確かさを、`separation` は答えが存在するかどうかを教え、`certified_maximum_likelihood` は答えを証明します。
# * `minimize_cost` は Sage で書けるどんなコストも最小にし、`symbolic_cost` はモデルのコストを Sage の式で書きます。
# * `animate`、`explore`、`explore_descent` では図が動きます。
# * ファイルの入ったフォルダーは、メモリーに収まらなくても、チャンクに分けて学習できます。
# * `resume`、`save`、`load_model`、`checkpoint` で学習の結果を残し、続けられます。`SageLogisticRegression` は scikit-learn の中で使えます。
#
# [ワークシート一覧](index.ipynb)に戻る

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
推定値は教科書のとおり、15.043 と -0.2322 です::

    sage: flights
    23 points in temperature: 7 with damage = 'yes', 16 with damage = 'no'; P(damage = 'yes') is modelled
    sage: estimate.weights(), estimate.standard_errors()  # abs tol 1e-5
    ((15.04290, -0.23216), (7.37864, 0.10824))
    sage: estimate.probability([53])[0], estimate.probability([81])[0], estimate.boundary(threshold=0.1).rhs()  # abs tol 0.005
    (0.94, 0.02, 74.26)
    sage: certified_maximum_likelihood(flights, digits=30)
    Maximum-likelihood estimate, proved to 30 digits
    bias = 15.04290164770244071053339640628 +/- 3e-30
    temperature = -0.2321627442185964714573431852370 +/- 2e-32

式で書いたコストです::

    sage: probit.converged(), probit.cost(), third.converged(), third.cost()  # abs tol 1e-7
    (True, 0.44299433, True, 0.42459686)
    sage: bool(abs(by_sage - by_theano) < 1e-12)
    True

曲線と探索です::

    sage: probability.subs(temperature=31).n()  # abs tol 1e-6
    0.999998
    sage: search.best_params_
    {'regression__l2': 0.100000000000000}

チャンクに分けたデータです::

    sage: large.data
    200000 points in x1, x2: 127418 with y = 1, 72582 with y = 0, in 4 chunks
    sage: large.weights()  # abs tol 1e-6
    (0.9925322, 2.0106260, -1.0070691)
    sage: all(low < true < high for (low, high), true in zip(large.confidence_intervals(), (1, 2, -1)))
    True

中断と再開です::

    sage: stopped.iterations(), resumed.iterations()
    (102000, 300000)
    sage: bool(load_model(path).resume().weights() == resumed.weights())
    True
""";
