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
# # 実際の表データ：ファイルから結論まで
#
# [ワークシート一覧](index.ipynb) | [English](../en/6_real_table.ipynb)
#
# K. B. Gorman、T. D. Williams、W. R. Fraser は 2007 年から 2009 年にかけて、南極のパーマー基地に近い島々で、営巣中のペンギン 344 羽を捕まえて体の大きさを測り、血液から性別を調べました（*Ecological sexual dimorphism and environmental variability within a community of Antarctic penguins*, PLoS ONE 9(3), 2014）。ペンギンの雄と雌は、見た目ではほとんど区別がつきません。はかりとノギスがあれば、見分けられるでしょうか。
#
# **目標：** 文字の列や欠けた値があり、ラベルが途中の列に入っているファイルから出発して、言葉で説明できる結論を導きます。あわせて、このデータからは言えないことも確かめます。所要時間は 20 分ほどです。標準誤差と検定は、[推定値そのもの](5_maximum_likelihood.ipynb)のワークシートで説明しています。

# %% [markdown]
# ## ファイルの中身
#
# まず、ファイルそのものを見てみましょう。

# %%
from sage_logreg import *
from sage_logreg.dataset.examples import data_file

path = data_file('penguins.csv')
with open(path) as file:
    for number in range(6):
        print(next(file), end='')

# %% [markdown]
# 1 行目は見出しで、そのあとは 1 行が 1 羽です。3 種のペンギン（Adelie はアデリーペンギン、Chinstrap はヒゲペンギン、Gentoo はジェンツーペンギン）が 3 つの島にいます。くちばしの長さ（`bill_length_mm`）と厚み（`bill_depth_mm`）、翼の長さ（`flipper_length_mm`）の単位は mm、体重（`body_mass_g`）の単位は g です。ラベルにする性別は、最後から 2 番目の列にあります。4 羽目については、ほとんど何も分かっていません。

# %% [markdown]
# ## 欠けている値
#
# 欠けた値が、知らないうちに補われることはありません。`load_data` は欠けている値を列ごとに数え、最初の場所を教えます（ここではフォルダーの名前だけを省いて表示します）。

# %%
try:
    load_data(path, label='sex')
except ValueError as error:
    print(str(error).replace(path, 'penguins.csv'))

# %% [markdown]
# 2 羽は測定されておらず、その 2 羽を含む 11 羽は性別が分かりません。`missing='drop'` とすると、これらの行を除きます。除いた行の数はデータの表示に出ます。残った行の番号（0 から数えます）は `row_numbers` にあります。

# %%
data = load_data(path, label='sex', missing='drop')
data

# %%
sorted(set(range(344)) - set(data.row_numbers))

# %% [markdown]
# 全体の 3% を除くだけなら、たいしたことではないように思えます。値が欠けた理由が性別と関係なければ、問題はありません。これについては演習 4 で改めて考えます。
#
# アルファベット順では `female`（雌）が `male`（雄）より先なので、モデルは `P(sex = 'male')`、つまり雄である確率を表します。`positive='female'` とすれば逆になります。

# %% alt="体重とくちばしの厚み。2 つの群れがあり、どちらでも雄（赤）が雌（青）の右上にいる"
axes_labels = ['体重（g）', 'くちばしの厚み（mm）']
picture = data.plot(variables=['body_mass_g', 'bill_depth_mm'], axes_labels=axes_labels)
picture.show(figsize=5)

# %% [markdown]
# 赤と青を 1 本の直線で分けることはできません。ただし、点は大きく 2 つの群れに分かれていて、どちらの群れでも雄は右上にいます。境目は種によって違うのです。

# %% [markdown]
# ## カテゴリ変数
#
# モデルに必要なのは数です。文字の列（**カテゴリ変数**）は**指示変数**（ダミー変数）に直されます。たとえば `species_Gentoo` は、ジェンツーペンギンなら 1、ほかの種なら 0 です。アルファベット順で最初の値（種では `Adelie`）には指示変数がありません。すべての指示変数が 0 のときがそれに当たるからです。これを**基準**とし、ほかの値は基準と比べます。

# %%
data.variables

# %% [markdown]
# 年は数字で書かれていますが、量ではありません。2008 年は 2007 年より「大きい」のではなく、別のシーズンです。そのことを `categorical=` で伝えます。すると、ファイルからモデルまでは 1 行です。

# %%
everything = maximum_likelihood(path, label='sex', missing='drop', categorical=['year'])
show(everything.summary())

# %% [markdown]
# ## 関係のある列
#
# `P(>|z|)` の列は、重みの 1 つ 1 つについて、0 かもしれないかどうかを示します。ですが、島や年について知りたいのはそれではありません。**島**が関係するかどうかは、2 つの重みの両方に関わる問いです。尤度比検定では、その列を除いたモデルと比べます。

# %%
for title in ['species', 'island', 'year', 'bill_length_mm', 'bill_depth_mm',
              'flipper_length_mm', 'body_mass_g']:
    test = everything.likelihood_ratio_test(without=title)
    print('%-18s p = %.2g' % (title, test.p_value))

# %% [markdown]
# このデータから分かる限りでは、島、年、翼の長さは、どれか 1 つなら除いてもよさそうです。それぞれの p 値は、その列だけを除いたときのものだからです。3 つとも除いてよいかどうかは、別に調べます。

# %%
everything.likelihood_ratio_test(without=['island', 'year', 'flipper_length_mm'])

# %% [markdown]
# この程度の差は、偶然だけでも 10 回に 9 回は生じます。といっても、翼の長さに雌雄の差がないと分かったわけではありません。体重とくちばしが分かっていれば、翼の長さから新しく分かることはほとんどない、というだけです。
#
# ## モデルの式
#
# ラベル、`~`、列の名前。統計ではモデルをこのように書きます。`formula=` には、この書き方がそのまま使えます。

# %%
formula = 'sex ~ species + bill_length_mm + bill_depth_mm + body_mass_g'
model = maximum_likelihood(path, formula=formula, missing='drop')
model.coefficients()

# %% [markdown]
# この表は辞書でもあり、`model.coefficients()['body_mass_g']` で重みを取り出せます。モデルそのものは、列についての式です。

# %%
model.log_odds()

# %% [markdown]
# ## 言葉による説明
#
# 重みは対数オッズで表されているので、そのままでは人に伝わりません。確率を $p$ とするとき $\frac{p}{1-p}$ を**オッズ**といいます。たとえば、確率 $\frac34$ はオッズ 3（3 対 1）です。重み $w$ の変数が 1 増えると、オッズは $e^w$ 倍になります。体重は 1 g では違いが小さすぎるので、100 g を単位にします。

# %%
coefficients = model.coefficients()
for name, amount in [('body_mass_g', 100), ('bill_length_mm', 1), ('bill_depth_mm', 1)]:
    weights = [coefficients[name], *coefficients.intervals[name]]
    ratios = [exp(amount*weight) for weight in weights]
    print('%-14s +%d：オッズは %.2f 倍、95%% 信頼区間は %.2f 倍から %.2f 倍' %
          (name, amount, *ratios))

# %% [markdown]
# 言葉で説明すると、次のようになります。
#
# * 種とくちばしの大きさが同じ 2 羽を比べると、体重が 100 g 重いほうは、雄であるオッズが 1.8 倍です（95% 信頼区間は 1.5 倍から 2.2 倍）。
# * ほかの条件がすべて同じなら、くちばしが 1 mm 長いとオッズは 1.9 倍（1.4 倍から 2.4 倍）、1 mm 厚いと 5.2 倍（2.7 倍から 9.9 倍）です。だからといって、厚みのほうが大切だとは言えません。くちばしの個体差は、厚みよりも長さのほうが大きいからです。
#
# では、種はどうでしょうか。重みは大きく、p 値はごく小さい値でした。ところが、測定値を使わないと、種からは何も分かりません。

# %%
species_alone = maximum_likelihood(path, formula='sex ~ species', missing='drop')
species_alone.likelihood_ratio_test()

# %% [markdown]
# どちらも正しいのです。どの種も、半分は雄、半分は雌です。一方、ジェンツーペンギンはアデリーペンギンより平均で 1.4 kg 重いので、**体重が同じ**なら、そのジェンツーペンギンは小柄で、おそらく雌です。
#
# * 種だけでは性別は分かりません。種から分かるのは、何 g なら重いと言えるかです。

# %% [markdown]
# ## 種による違い
#
# ここまでのモデルでは、体重 1 g の違いの意味は、アデリーペンギンでもジェンツーペンギンでも同じでした。式の中で `*` を使うと、種ごとに別の重みになります。

# %%
own_weights = 'sex ~ species*(bill_length_mm + bill_depth_mm + body_mass_g)'
own = maximum_likelihood(path, formula=own_weights, missing='drop')
own.likelihood_ratio_test(model)

# %% [markdown]
# 違いがありそうですが、はっきりしたことは言えません。この程度の差は偶然でも 100 回に 3 回は生じ、しかも同じデータに対する検定はこれで 10 回目です。簡単なほうのモデルを使い続け、そのことも報告に書いておきます。項には `log(body_mass_g)` のような式も使えます。体重は対数にしたほうがよいでしょうか。この 2 つのモデルは一方が他方を含む関係にないので、AIC で比べます。小さいほうがよいモデルです。

# %%
with_log = 'sex ~ species + bill_length_mm + bill_depth_mm + log(body_mass_g)'
logarithmic = maximum_likelihood(path, formula=with_log, missing='drop')
model.aic(), logarithmic.aic()

# %% [markdown]
# 対数のほうがよいとは言えません。
#
# ## 種ごとの図
#
# 境界も式です。ここでは、くちばしの厚みについて解きます。種ごとに、指示変数の値とくちばしの長さの平均を代入し、残った式を描きます。行を選び出すために、今度は表を pandas で読みます。`load_data` や学習の関数には、ファイルと同じように pandas の表も渡せます。

# %% alt="種ごとの 3 つの図。雌と雄を分ける境界線は平行"
import pandas
frame = pandas.read_csv(path)
body_mass_g = var('body_mass_g')
boundary = model.boundary(solve_for='bill_depth_mm')
pictures = []
for species in ['Adelie', 'Chinstrap', 'Gentoo']:
    rows = frame[frame.species == species]
    line = boundary.subs(species_Chinstrap=int(species == 'Chinstrap'),
                         species_Gentoo=int(species == 'Gentoo'),
                         bill_length_mm=RDF(rows.bill_length_mm.mean()))
    points = load_data(rows, label='sex', variables='body_mass_g, bill_depth_mm',
                       missing='drop')
    picture = points.plot(title=species, axes_labels=axes_labels, axes_labels_size=1,
                          ticks=[1000, 2], show_legend=species == 'Gentoo')
    picture += plot(line, (body_mass_g, 2700, 6300), color='black')
    picture.set_axes_range(2500, 6500, 12.5, 22)
    pictures.append(picture)
show(graphics_array(pictures), figsize=[10, 3.5])

# %% [markdown]
# 重みが共通なので、3 本の直線は平行です。直線の反対側にある点が、いつも間違って予測されるわけではありません。直線はくちばしの長さが平均のときのもので、実際のくちばしはそれより長かったり短かったりするからです。

# %% [markdown]
# ## 新しいペンギン
#
# 次のシーズンのファイルでは列の順序が違い、余分な列が 1 つあります。

# %%
new = tmp_filename(ext='.csv')
with open(new, 'w') as file:
    file.write('ring,body_mass_g,bill_depth_mm,bill_length_mm,species\n'
               'A17,4100,19.1,39.6,Adelie\n'
               'A18,3650,18.4,38.2,Adelie\n'
               'G05,4700,14.3,45.9,Gentoo\n'
               'C11,3800,18.5,49.3,Chinstrap\n')
model.predict(new)

# %% [markdown]
# 列は名前で対応づけられます。それぞれの答えは、どれくらい確かなのでしょうか。

# %%
for sex, interval in zip(model.predict(new), model.probability(new, interval=0.95)):
    print('%-6s  P(male) = %.3f、95%% 信頼区間は %.3f から %.3f' % (sex, *interval))

# %% [markdown]
# 1 羽目と 3 羽目は、ほぼ確実です。2 羽目と 4 羽目は、信頼区間に 1/2 が入っているので、どちらとも言えません。学習に使ったデータにない種や、必要な列のない表は受け付けません。

# %%
for penguin in [{'species': 'Emperor', 'bill_length_mm': 80, 'bill_depth_mm': 20,
                 'body_mass_g': 30000},
                {'species': 'Adelie', 'bill_length_mm': 39, 'bill_depth': 18,
                 'body_mass_g': 3700}]:
    try:
        model.predict(penguin)
    except ValueError as error:
        print(error)

# %% [markdown]
# ## 予測の正解率

# %%
model.accuracy(), model.confusion_matrix()

# %% [markdown]
# 92% が当たりました（当てずっぽうなら 50% です）。行列の上の行が雌、下の行が雄です。しかし、これは重みを決めるのに使ったペンギンでの結果です。公平に確かめるには、別のペンギンが必要です。初めの 2 シーズンで重みを決め、3 シーズン目で試してみましょう。

# %%
earlier = maximum_likelihood(frame[frame.year < 2009], formula=formula, missing='drop')
latest = frame[frame.year == 2009]
(earlier.accuracy(latest, missing='drop'),
 earlier.confusion_matrix(latest, missing='drop'))

# %% [markdown]
# 117 羽のうち 104 羽、89% が当たりました。予想どおり、少し下がります。

# %% [markdown]
# ## このデータからは言えないこと
#
# * **「ペンギンの半分は雄である」** 巣にいたつがいを捕まえたので、半分が雄になるのは調べ方によるものです。モデルのバイアスも、したがってどの確率も、雄が半分であることを前提にしています。
# * **「重みは標準誤差のとおりに確かである」** 標準誤差は、ペンギンどうしが互いに独立だと仮定しています。つがいの 2 羽はそうではないかもしれません。大きいものどうしがつがいになることもありえます。
# * **「アデリーペンギンはこうである」** 言えるのは、パーマー基地付近の、3 シーズンのアデリーペンギンについてだけです。ほかの場所では、もっと大きかったり小さかったりするかもしれません。
# * **「島は関係する」「島は関係しない」** ジェンツーペンギンは Biscoe 島だけ、ヒゲペンギンは Dream 島だけで捕まえています。島どうしを比べられるのは、アデリーペンギンだけです。
# * **「太らせれば雄になる」** もちろん誤りですが、ほかの表では同じ誤りにこれほど簡単には気づけません。重みは 2 羽を比べたときの違いを表すもので、1 羽を変えたときに何が起こるかを表すものではありません。

# %% [markdown]
# ## 演習
#
# 1. 新しいファイルの A18 の体重 3650 を、3500 や 3800 に変えてみましょう。モデルの答えはどう変わりますか。どれくらい確かですか。
# 2. ほかがすべて同じで体重が 200 g 重いと、雄であるオッズは何倍になりますか。答えを 2 桁で下のセルに書き込んでください。
# 3. `reference={'species': 'Gentoo'}` として、ジェンツーペンギンを基準にしましょう。どの重みが変わり、どの重みが変わりませんか。確率はどうですか。
# 4. 測定値はあるのに性別が分からないペンギンが 9 羽います。モデルによると、この 9 羽の性別は何ですか。9 羽を除いたことに、問題はなかったでしょうか。
# 5. `sex ~ bill_depth_mm` と `sex ~ species + bill_depth_mm` を比べましょう。くちばしが 1 mm 厚いと、オッズは何倍になりますか。種を入れるかどうかでそれが変わるのは、なぜですか。

# %%
# 演習 2：None を答えに書き換える
answer = None

# %% jupyter={"source_hidden": true}
if answer is None:
    print('まだ答えがありません。上のセルに書き込んで、両方のセルを実行してください。')
elif abs(answer - exp(200*coefficients['body_mass_g'])) < 0.06:
    print('正解です。')
else:
    print('まだ違います。100 g なら 1.8 倍です。それを 2 度繰り返すとどうなりますか。')

# %% [markdown] {"jp-MarkdownHeadingCollapsed": true}
# ## 解答

# %% [markdown]
# 1. 3500 g なら雌である見込みがさらに高くなり、3800 g なら雄という答えに変わります。ただし信頼区間には 1/2 が入っていて、確かとは言えません。
#
# 2. $1.815^2$、およそ 3.3 倍です。

# %% [markdown]
# 3. バイアスと種の重みが変わります。ジェンツーペンギンと比べる値になるからです。同じモデルを別の書き方で表しただけなので、ほかの重みと確率は、丸め誤差を除いて変わりません。

# %%
turned = maximum_likelihood(path, formula=formula, reference={'species': 'Gentoo'},
                            missing='drop')
for name, weight in turned.coefficients().items():
    print('%-18s %10.6f %10.6f' % (name, weight, coefficients.get(name, 0)))
print((turned.probability(new) - model.probability(new)).norm() < 1e-9)

# %% [markdown]
# 4. 雄が 1 羽、雌が 8 羽で、どの信頼区間にも 1/2 は入っていません。性別と無関係に記録が失われたのなら、およそ半分が雌のはずです。9 羽のうち 8 羽以上が雌になるのは、100 回に 2 回ほどです。雌のほうが検査に失敗しやすかったのかもしれません。9 羽だけではそうとは言い切れず、結果が大きく変わることもないでしょう。それでも、報告には一言書いておくべきです。

# %%
unknown = frame[frame.sex.isna() & frame.body_mass_g.notna()]
intervals = model.probability(unknown, interval=0.95)
for species, interval in zip(unknown.species, intervals):
    print('%-7s  P(male) = %.3f、95%% 信頼区間は %.3f から %.3f' % (species, *interval))

# %% [markdown]
# 5. 1 mm 厚いと、種を入れなければ 1.5 倍、入れれば 10 倍になります。ジェンツーペンギンのくちばしは、雄も雌も、ほかの種よりずっと薄いのです。種を無視すると、ジェンツーペンギンの雄もくちばしだけでは雌のように見え、それぞれの種の中でははっきりしている違いがぼやけてしまいます。

# %%
for shorter in ['sex ~ bill_depth_mm', 'sex ~ species + bill_depth_mm']:
    ratios = maximum_likelihood(path, formula=shorter, missing='drop').odds_ratios()
    print(shorter, ratios[-1])

# %% [markdown]
# ## まとめ
#
# * カテゴリ変数（文字の列）は、基準と比べる指示変数になります。欠けた値は数えられ、指定すればその行が除かれます。
# * `label=`、`categorical=`、`missing='drop'` または `formula=` を使えば、ファイルからモデルまで 1 行です。
# * カテゴリ変数が関係するかどうかは、`likelihood_ratio_test(without='island')` のように列ごとにまとめて検定します。
# * オッズ比を述べるときは、単位、信頼区間、何を同じにして比べたかを添えます。
# * 新しい表の列は名前で対応づけられます。それぞれの答えの確かさは `probability(..., interval=0.95)` で分かります。
# * 正解率は、重みを決めるのに使わなかった行で確かめます。それらの行が何を代表しているかは、計算では分かりません。
#
# 次のワークシート：[手書き数字認識](7_digits.ipynb)

# %% [markdown]
# ## 検算
#
# このワークシートの数値を確かめる例です。`sage -t` で実行されます。

# %% jupyter={"source_hidden": true}
r"""
データと、除かれた行です::

    sage: len(data), data.dropped, sorted(set(range(344)) - set(data.row_numbers))
    (333, 11, [3, 8, 9, 10, 11, 47, 178, 218, 256, 268, 271])
    sage: data.variables
    ('species_Chinstrap', 'species_Gentoo', 'island_Dream', 'island_Torgersen', 'bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g', 'year')

検定です::

    sage: [everything.likelihood_ratio_test(without=title).p_value for title in ('species', 'island', 'year')]  # rel tol 1e-7
    [1.0548176396e-7, 0.53786536256, 0.82346981728]
    sage: everything.likelihood_ratio_test(without=['island', 'year', 'flipper_length_mm'])  # rel tol 1e-9
    LikelihoodRatio(statistic=1.6386462084, degrees_of_freedom=5, p_value=0.89653681721)
    sage: own.likelihood_ratio_test(model)  # rel tol 1e-9
    LikelihoodRatio(statistic=13.7713136235, degrees_of_freedom=6, p_value=0.0322976927891)
    sage: model.aic(), logarithmic.aic()  # abs tol 1e-6
    (139.297595, 142.361418)

モデル（ほかの統計パッケージと同じ値）です::

    sage: names = ['bias', 'species_Chinstrap', 'species_Gentoo', 'bill_length_mm', 'bill_depth_mm', 'body_mass_g']
    sage: [coefficients[name] for name in names]  # rel tol 1e-10
    [-76.093935526154, -6.8976936275057, -7.8752121960468, 0.62008243022670, 1.6436130789973, 0.0059616712443916]
    sage: dict(zip(model.weight_names(), model.standard_errors()))['body_mass_g']  # rel tol 1e-9
    0.00106025956121
    sage: model.log_likelihood()  # rel tol 1e-12
    -63.6487973646295

予測です::

    sage: model.predict(new)
    ['male', 'female', 'female', 'male']
    sage: A18 = {'species': ['Adelie']*2, 'bill_length_mm': [38.2]*2, 'bill_depth_mm': [18.4]*2, 'body_mass_g': [3500, 3800]}
    sage: model.probability(A18), exp(200*coefficients['body_mass_g'])  # abs tol 0.006
    ((0.21, 0.62), 3.3)
    sage: [interval.upper < 0.5 for interval in model.probability(A18, interval=0.95)]
    [True, False]
    sage: model.confusion_matrix(), earlier.confusion_matrix(latest, missing='drop')
    (
    [152  13]  [51  7]
    [ 14 154], [ 6 53]
    )
    sage: [type(picture).__name__ for picture in pictures]
    ['Graphics', 'Graphics', 'Graphics']
""";
