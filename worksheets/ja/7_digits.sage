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
# # 手書き数字認識：ソフトマックス回帰
#
# [ワークシート一覧](index.ipynb) | [English](../en/7_digits.ipynb)
#
# これまでのロジスティック回帰は、2 つのクラスを見分けるものでした。今度のクラスは 10 個、手書きの数字 0 から 9 です。データは MNIST といい、米国の NIST（国立標準技術研究所）が国勢調査局の職員と高校生に書いてもらった数字を、Yann LeCun、Corinna Cortes、Christopher Burges の三氏が 7 万枚の小さな画像にまとめたものです。このワークシートは、Theano の入門書として広く読まれた *Deep Learning Tutorials*（モントリオール大学 LISA 研究室）のロジスティック回帰の章をたどり、そこに載っている数値にたどり着きます。
#
# **目標：** 2 クラスから多クラスへモデルを広げ、コストを Theano で書きます。データを小分けにして学習し、学習のやめどきは、別に取っておいた画像で決めます。最後に、モデルが何を覚え、どこで間違えるのかを図で確かめます。所要時間は 20 分ほどです。先に[最急降下法](1_gradient_descent.ipynb)のワークシートを読んでおいてください。

# %%
from sage_logreg import *
images, test = mnist()
images

# %% [markdown]
# 最初の 5 万枚で学習します。続く 1 万枚は**検証用**で、学習のやめどきを決めるのに使います。**テスト用**の 1 万枚では何も決めません。できたモデルが初めて見る数字をどれだけ読めるかを、最後に確かめるためだけに使います。

# %% alt="手書き数字の初めの 30 枚"
train, validation = images.take(range(50000)), images.take(range(50000, 60000))
show(train.plot_images(range(30)), figsize=6)

# %% [markdown]
# ## 画像は 1 つの点
#
# 画像は縦横 28 画素ずつで、各画素は 0（白紙）から 255（インク）までの整数です。画素を上の行から順に並べると、1 枚の画像は 784 次元の空間の点 $x$ になります。値は 256 で割って、0 と 1 の間に収めておきます。変数が多いことを除けば、ほかのワークシートの表と同じです。

# %%
train.points.shape, train.labels[:30]

# %% [markdown]
# ## 2 クラスから 10 クラスへ
#
# 2 クラスのときは、1 組の重みから $z = b + x \cdot w$ を計算し、シグモイド関数で一方のクラスの確率に直しました。クラスが $K$ 個あるときは、クラス $k$ ごとに重み $w_k$ とバイアス $b_k$ を用意し、$z_k = b_k + x \cdot w_k$ を計算します。$z_k$ は、画像がどれくらいクラス $k$ らしいかを表す**スコア**です。$K$ 個のスコアを確率に直すのが**ソフトマックス関数**です。
#
# $$P(y = k \mid x) = \frac{e^{z_k}}{e^{z_1} + \dots + e^{z_K}}$$
#
# どの確率も正で、合計は 1 です。$z_k$ が最大のクラスの確率が最も高くなり、ほかを引き離すほど 1 に近づきます。最大値（max）を滑らかにしたもの、というのが名前の由来です。$K = 2$ のときは、これまでと同じものになるのでしょうか。シグモイド関数との差をとってみます。

# %%
z1, z2 = var('z1, z2')
(exp(z1)/(exp(z1) + exp(z2)) - 1/(1 + exp(-(z1 - z2)))).simplify_full()

# %% [markdown]
# たしかに $z_1 - z_2$ のシグモイド関数です。意味があるのはスコアの差だけで、すべての $z_k$ に同じ数を足しても確率は変わりません。
#
# ## コスト
#
# 実際のラベルに高い確率を与える重みほどよい重みである、という考え方は変わりません。負の対数尤度の平均は
#
# $$E(w, b) = -\frac{1}{m} \sum_{i=1}^{m} \log P(y = y_i \mid x_i)$$
#
# です。重みがすべて 0 なら、どのクラスの確率も $\frac{1}{10}$ で、コストは $\log 10 \approx 2.303$ になります。

# %% [markdown]
# ## Theano によるコストの式
#
# 画像とラベルは共有変数にします。こうすれば、関数を呼ぶたびに渡さずに済みます。`W` の 1 列が 1 つのクラスの重みです。

# %%
import numpy
from sage_logreg.engine import theano, T, softmax

X = theano.shared(train.points, name='X')
y = theano.shared(train.labels.astype(int), name='y')
W = theano.shared(numpy.zeros((784, 10)), name='W')
b = theano.shared(numpy.zeros(10), name='b')

def negative_log_likelihood(x, y):
    p_y_given_x = softmax(T.dot(x, W) + b)
    return -T.mean(T.log(p_y_given_x)[T.arange(y.shape[0]), y])

# %% [markdown]
# `T.log(...)[T.arange(...), y]` は、各行からラベルに当たる成分を 1 つずつ取り出します。上の式を、何枚かの画像についてまとめて書いたものです。
#
# ## ミニバッチ
#
# 1 歩のために 5 万枚すべてを見るのは手間がかかりすぎます。かといって 1 枚ずつでは、行列の積をまとめて計算する速さを生かせません。そこで、600 枚ずつの**ミニバッチ**に分けます。83 歩でデータをひととおり見終わり、これを 1 **エポック**と数えます（余った 200 枚は使いません）。`index` は何番目のミニバッチかを表します。

# %%
batch_size, learning_rate = 600, 0.13
index = T.lscalar('index')
batch = slice(index*batch_size, (index + 1)*batch_size)
cost = negative_log_likelihood(X[batch], y[batch])
gradient_W, gradient_b = T.grad(cost, [W, b])
updates = {W: W - learning_rate*gradient_W, b: b - learning_rate*gradient_b}
train_model = theano.function([index], cost, updates=updates)

# %% [markdown]
# 検証用の画像（ちょうど 16 ミニバッチ分の 9,600 枚）で、間違いの割合を調べる関数も作ります。

# %%
x, labels = T.dmatrix('x'), T.lvector('labels')
prediction = T.argmax(T.dot(x, W) + b, axis=1)
mistakes = theano.function([x, labels], T.mean(T.neq(prediction, labels)))

def validation_error():
    seen = slice(0, 9600)
    return float(mistakes(validation.points[seen], validation.labels[seen].astype(int)))

# %%
print('学習前、検証用の誤り率 %f%%' % (100*validation_error()))
for epoch in range(1, 4):
    for k in range(50000 // batch_size):
        train_model(k)
    print('%d エポック、検証用の誤り率 %f%%' % (epoch, 100*validation_error()))

# %% [markdown]
# データを 3 回見ただけで、10 個のうち 9 個は正しく読めるようになりました。
#
# ## 学習のやめどき
#
# 学習に使った画像のコストは、いつまでも下がり続けます。けれども、読みたいのは**ほかの**数字です。そちらの成績は、あるところで頭打ちになります。そこで検証用の画像の誤り率を見ながら、**忍耐**（patience）、つまり何歩まで待つかを決めておきます。少なくとも 5,000 歩は進みます。誤り率がそれまでの最小値の 0.995 倍より小さくなったら、そこまでの 2 倍の歩数まで待つことにします。その歩数に達したら、誤り率が最小だったときの重みを答えにします。これが**早期終了**です。
#
# `stochastic_gradient_descent` には、この機能があります。`shuffle=None` はミニバッチをデータの順に取ること、`drop_last=True` は余りを使わないことを表します。1 エポックごとに、検証用の誤り率（*validation error*）が表示されます。

# %%
options = {'learning_rate': 0.13, 'batch_size': 600, 'epochs': 1000, 'shuffle': None,
           'drop_last': True, 'validation': validation, 'patience': 5000}
model = stochastic_gradient_descent(train, report=1, **options)

# %% [markdown]
# チュートリアルのプログラムが最後に表示するのと同じ数値を、表示してみましょう。

# %%
def error(model, images):
    return 100*(1 - model.accuracy(images))

print('%d エポック：検証用の誤り率の最小値 %f%%、テスト用の誤り率 %f%%' %
      (model.iterations(), error(model, validation.take(range(9600))),
       error(model, test.take(range(9600)))))

# %% [markdown]
# 74 エポック、7.500000%、7.489583% です。公開されている数値とぴったり一致します。

# %% [markdown]
# ## 学習した重みの図
#
# 1 つのクラスの重みは画像の画素と同じ数だけあるので、画像として描けます。赤は、そこにインクがあればその数字らしくなる画素、青は、そこにインクがあればその数字らしくなくなる画素です。

# %% alt="10 個のクラスの重みの画像。0 では青い中心を赤い輪が囲む"
show(model.plot_weights(), figsize=8)

# %% [markdown]
# 0 は、輪があって真ん中が白いことを求めています。数字の形など誰も教えていないのに、です。
#
# ## 間違いの傾向
#
# どの数字をどの数字と読み違えるのでしょうか。縦が書かれた数字、横がモデルの答えです。

# %% alt="混同行列。ほとんどが対角線上にある"
axes_labels = ['モデルの答え', '書かれた数字']
show(model.plot_confusion_matrix(test, axes_labels=axes_labels), figsize=6)

# %% [markdown]
# 4 と 9、7 と 9、それに 3 と 5 と 8 を取り違え、2 を 8 と読むことも多いようです。初めの 30 個の間違いを、「書かれた数字 → モデルの答え」を添えて見てみましょう。

# %%
wrong = model.mistakes(test)
predicted = model.predict(test)
captions = ['%s → %s' % (test.label_names[int(test.labels[i])], predicted[i])
            for i in wrong[:30]]
len(wrong)

# %% alt="モデルが読み違えた 30 枚の数字と、その正解と答え"
show(test.plot_images(wrong[:30], columns=6, captions=captions), figsize=8)

# %% [markdown]
# 人間でも迷いそうなものもありますが、多くは言い訳のできない間違いです。画素ごとに重みを足し合わせるだけでは、線も輪も分からないのです。最初の間違いについて、モデルはどれくらい自信を持っていたのでしょうか。各数字の確率を棒グラフにします。

# %% alt="10 個の数字の確率の棒グラフ"
show(bar_chart(list(model.probability(test.points[wrong[0]]))), figsize=[5, 2.5],
     frame=True, axes=False, ticks=[list(range(10)), None],
     axes_labels=['数字', '確率'])

# %% [markdown]
# ## 最尤推定で分かること
#
# 途中でやめた学習の結果は、学習率、ミニバッチの取り方、やめどきに左右されます。それらによらない「いちばんよい重み」はあるのでしょうか。罰則がなければ、ありません。画像の端のほうには、ただ 1 つの数字の画像でしかインクの付かない画素があるからです。

# %%
inked = numpy.array([(train.points[train.labels == k] > 0).any(axis=0)
                     for k in range(10)])
[int(sum(inked.sum(axis=0) == count)) for count in range(11)]

# %% [markdown]
# 最初の数は一度もインクの付かない画素の個数、次の数は 1 つの数字でしか使われない画素の個数です。そのような画素では、その数字の重みを大きくすればするほど、コストが限りなく下がり続けます。つまり、最尤推定値は存在しません。罰則 $\frac{\lambda}{2m} \sum w_{kj}^2$ を加えて大きな重みに代償を払わせると、コストが最小になる点がただ 1 つに定まり、`maximum_likelihood` がそれを求めます。$\lambda$ は検証用の画像を使って選びます。

# %%
estimates = {l2: maximum_likelihood(train, l2=l2) for l2 in (10, 100)}
for l2, estimate in estimates.items():
    print('罰則 %3d：コスト %.6f、検証用の誤り率 %.2f%%' %
          (l2, estimate.cost(), error(estimate, validation)))

# %%
print('早期終了：テスト用の誤り率 %.2f%%' % error(model, test))
for l2, estimate in estimates.items():
    print('罰則 %3d：テスト用の誤り率 %.2f%%' % (l2, error(estimate, test)))

# %% [markdown]
# 罰則が 10 なら早期終了より少しよく、100 では少し悪くなりました。早期終了にも罰則と似た働きがあります。0 から出発して早めにやめれば、重みは小さいままだからです。違うのは、罰則付きの推定値のほうは、どんな方法で計算しても、誰が計算しても、同じ値になることです。

# %% alt="罰則 10 の推定値の重みの画像。上の画像よりくっきりしている"
show(estimates[10].plot_weights(), figsize=8)

# %% [markdown]
# ## 演習
#
# 1. 棒グラフの `wrong[0]` を `wrong[1]`、`wrong[2]` などに変えてみましょう。モデルが自信を持って間違えているのはどれで、2 つの数字の間で迷っているのはどれですか。
# 2. モデルが学習した数は、重みとバイアスを合わせていくつですか。その数を下のセルに書き込んでください。
# 3. `model.between(4, 9)` は、4 と 9 だけを見分ける 2 クラスのモデルです。その重みを描いてみましょう。9 にはなくて 4 にあるインクはどこでしょうか。
# 4. モメンタム（`momentum=0.9`）を使うと、エポック数は減るでしょうか。結果はよくなるでしょうか。
# 5. 人間はこのような数字の 0.2% ほどしか読み間違えません。それに近づくには、モデルのどの仮定を捨てるべきでしょうか。

# %%
# 演習 2：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif answer == 10*(784 + 1):
    print('正解です。')
else:
    print('まだ違います。クラスごとに、画素の数だけの重みと 1 つのバイアスがあります。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 最初の間違い（`wrong[0]`）では、ほとんど確信しています。ほかの間違いでは、2 つの数字の間で迷っていることのほうが多くあります。
#
# 2. $10 \cdot (784 + 1) = 7{,}850$ 個です。

# %% [markdown]
# 3. 2 つのクラスの重みの差です。赤い部分が、4 にあって 9 にないインクです。上のほうの青い部分は、9 の輪が閉じるところです。

# %% alt="4 と 9 を見分ける重みの画像。9 が閉じている上の部分が青い"
weights = matrix(28, 28, model.between(4, 9).weights()[1:])
show(matrix_plot(weights, cmap='bwr', vmin=-1, vmax=1), figsize=3)

# %% [markdown]
# 4. モメンタムを 0.9 にすると、長い目で見た歩幅は 10 倍になります。エポック数が減り、誤り率も少し下がります。

# %%
faster = stochastic_gradient_descent(train, momentum=0.9, **options)
print('%d エポック、テスト用の誤り率 %.2f%%' %
      (faster.iterations(), error(faster, test)))

# %% [markdown]
# 5. 対数オッズが**画素ごとの和**である、という仮定です。数字を 2 画素ずらしただけで、画素の値はすっかり変わってしまいます。チュートリアルはこのあと隠れ層へ、そして畳み込みへと進みます。

# %% [markdown]
# ## まとめ
#
# * $K$ クラスでは、クラスごとに重みがあり、ソフトマックス関数が $K$ 個のスコアを確率に直します。$K = 2$ ならロジスティック回帰です。
# * コストはやはり負の対数尤度の平均で、`T.grad` が微分してくれます。
# * ミニバッチで 1 歩を軽くし、検証用の画像でやめどきを決めます。
# * 罰則を加えれば「いちばんよい重み」がただ 1 つに定まり、`maximum_likelihood` で求められます。
#
# 次のワークシート：[ひとめぐり](8_tour.ipynb)

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
チュートリアルの数値です::

    sage: model.iterations(), '%f' % error(model, validation.take(range(9600))), '%f' % error(model, test.take(range(9600)))
    (74, '7.500000', '7.489583')

罰則付きの最尤推定です::

    sage: [estimate.cost() for estimate in estimates.values()]  # abs tol 1e-5
    [0.276868, 0.380856]
    sage: all(estimate.converged() for estimate in estimates.values())
    True
""";
